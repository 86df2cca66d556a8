"""Code 128 symbols to print, as modules: the only user of python-barcode."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

QUIET: Final = 10
"""Blank modules before and after the bars, as ISO/IEC 15417 requires."""

FINEST: Final = 0.25
"""Width in millimetres of the thinnest bar that handheld scanners still read."""

_GS: Final = "\x1d"


def code128(data: str, *, gs1: bool = False) -> str:
    """The modules of a symbol without its quiet zones: 1 is black.

    Args:
        data: ASCII.
        gs1: whether it is a GS1-128, in which GS stands for FNC1.
    """
    from barcode.codex import Code128, Gs1_128  # type: ignore[import-untyped]  # noqa: PLC0415 - only needed here

    fnc1 = Gs1_128.FNC1_CHAR
    (modules,) = (Gs1_128(data.replace(_GS, fnc1)) if gs1 else Code128(data)).build()
    return str(modules)


def black_runs(modules: str) -> Iterator[tuple[int, int]]:
    """The bars of a symbol: the first module of each, and its width in modules."""
    at = 0
    for colour, run in groupby(modules):
        width = len(list(run))
        if colour == "1":
            yield at, width
        at += width

"""What a station says of scans that wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.text import clip

if TYPE_CHECKING:
    from models.station.lines import Line


def waiting(count: int) -> str:
    """Of scans that could not be saved."""
    if count == 1:
        return "1 scan waits here and is tried again by itself."
    return f"{count:,} scans wait here and are tried again by themselves."


def slow(count: int) -> tuple[str, str]:
    """Of scans that take long to be saved: subject and sentence of the verdict line."""
    scans = "1 scan waits" if count == 1 else f"{count:,} scans wait"
    return f"Wait: {scans}", "The database is busy. They are saved in their order, by themselves."


def not_taken(lines: Sequence[Line]) -> str:
    """`2 scans that were not taken`; one is named."""
    if len(lines) == 1:
        return f"1 scan that was not taken, {clip(lines[0].shown, 24)}"
    return f"{len(lines):,} scans that were not taken"


def it(lines: Sequence[Line]) -> str:
    """It or them."""
    return "it" if len(lines) == 1 else "them"

"""What stands where on the page, in millimetres from its upper left corner."""

from __future__ import annotations

from itertools import groupby
from typing import Final, NamedTuple

from models.barcodes import scanner_check
from models.barcodes.reading import CommandCode
from models.station.task import DRAFT_TASKS

WIDTH: Final = 210.0
HEIGHT: Final = 279.0
"""The part that A4 (210 × 297) and Letter (216 × 279) have in common, so that it prints on both at actual size."""

MODULE: Final = 0.42
"""Width of the thinnest bar; scanners for boxes read from 0.25 on at arm's length."""

QUIET: Final = 10
"""Modules left blank before and behind the bars, as ISO/IEC 15417 asks."""

_LEFT: Final = 18.0
_BARS_LEFT: Final = 104.0
_BAR_HEIGHT: Final = 16.0
_FIRST_ROW: Final = 46.0

MEANINGS: Final = {
    CommandCode.DONE: "Write what was scanned.",
    CommandCode.UNDO: "Take the last scan out.",
    CommandCode.CANCEL: "Throw the draft away. Scan it twice.",
    CommandCode.NEXT: "Go on to the next item or place.",
    CommandCode.HELP: "Say what can be scanned now.",
    **{task.command: f"{task.words.title} what is scanned next." for task in DRAFT_TASKS if task.command is not None},
}
"""One line of what each command does."""

_MARGIN: Final = 16.0
_WITH_WORDS: Final = _BAR_HEIGHT + 4.5
_ROW: Final = (HEIGHT - _MARGIN - _WITH_WORDS - _FIRST_ROW) / len(MEANINGS)
"""From one code to the next, so that the set-up code below the commands ends at the margin."""


class Bar(NamedTuple):
    """A black rectangle."""

    x: float
    y: float
    width: float
    height: float


class Words(NamedTuple):
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    size: float
    """In millimetres."""
    text: str
    """ASCII."""
    bold: bool = False


class Page(NamedTuple):
    """All that is drawn."""

    bars: tuple[Bar, ...]
    words: tuple[Words, ...]


def command_page() -> Page:
    """The page with all commands and the set-up code."""
    bars: list[Bar] = []
    words = [
        Words(_LEFT, 24, 8, "Serialdock commands", bold=True),
        Words(_LEFT, 32, 3.6, "Scan one instead of walking to the keyboard. Print at actual size (100 %)."),
    ]
    y = _FIRST_ROW
    for code, meaning in MEANINGS.items():
        words += [Words(_LEFT, y + 9, 10, code.value, bold=True), Words(_LEFT, y + 15.5, 3.6, meaning)]
        bars += _bars(code.barcode, _BARS_LEFT, y)
        words.append(Words(_BARS_LEFT + QUIET * MODULE, y + _BAR_HEIGHT + 4.5, 3.6, code.barcode))
        y += _ROW
    words += [
        Words(_LEFT, y + 9, 10, "SET-UP", bold=True),
        Words(_LEFT, y + 15.5, 3.6, "Shows what a scanner sends:"),
        Words(_LEFT, y + 20.5, 3.6, "serialdock scanner-check, then scan it."),
    ]
    bars += _bars(scanner_check.DATA, _BARS_LEFT, y, gs1=True)
    words.append(Words(_BARS_LEFT + QUIET * MODULE, y + _BAR_HEIGHT + 4.5, 3.6, scanner_check.PRINTED))
    return Page(tuple(bars), tuple(words))


def _bars(data: str, x: float, y: float, *, gs1: bool = False) -> list[Bar]:
    """The bars of a Code 128 that starts, quiet zone included, at a place."""
    from barcode.codex import Code128, Gs1_128  # type: ignore[import-untyped]  # noqa: PLC0415 - for this page alone

    fnc1 = Gs1_128.FNC1_CHAR
    (modules,) = (Gs1_128(data.replace(scanner_check.GS, fnc1)) if gs1 else Code128(data)).build()
    bars: list[Bar] = []
    at = x + QUIET * MODULE
    for module, run in groupby(modules):
        width = len(list(run)) * MODULE
        if module == "1":
            bars.append(Bar(at, y, width, _BAR_HEIGHT))
        at += width
    return bars

"""The sheet of command barcodes to print: its layout in millimetres, and its output as PDF and SVG.

The page is drawn as bars and words with the origin at the top left.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Final, NamedTuple

from models.barcodes import scanner_check
from models.barcodes.reading import CommandCode
from models.station.task import DRAFT_TASKS

WIDTH: Final = 210.0
HEIGHT: Final = 279.0
"""Page size in millimetres that fits both A4 (210 × 297) and Letter (216 × 279), so both print it at actual size."""

MODULE: Final = 0.42
"""Width of the thinnest bar in millimetres; scanners for boxes read 0.25 or more at arm's length."""

QUIET: Final = 10
"""Blank modules before and after the bars, as ISO/IEC 15417 requires."""

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
"""What each command does, in one line."""

_MARGIN: Final = 16.0
_WITH_WORDS: Final = _BAR_HEIGHT + 4.5
_ROW: Final = (HEIGHT - _MARGIN - _WITH_WORDS - _FIRST_ROW) / len(MEANINGS)
"""Distance between rows, such that the set-up code below the commands ends at the margin."""


class Bar(NamedTuple):
    """A black rectangle, in millimetres from the top left."""

    x: float
    y: float
    width: float
    height: float


class Words(NamedTuple):
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    size: float
    """Font size in millimetres."""
    text: str
    """ASCII only."""
    bold: bool = False


class Page(NamedTuple):
    """All bars and words of a page."""

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
    """The bars of a Code 128 symbol whose quiet zone starts at `x`."""
    from barcode.codex import Code128, Gs1_128  # type: ignore[import-untyped]  # noqa: PLC0415 - only needed here

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


_POINTS: Final = 72 / 25.4
"""Points per millimetre."""


def as_pdf(page: Page) -> bytes:
    """A page as a PDF document."""
    drawing = _drawing(page)
    fonts = "<< /F1 5 0 R /F2 6 0 R >>"
    size = f"{WIDTH * _POINTS:.3f} {HEIGHT * _POINTS:.3f}"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources << /Font {fonts} >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Title (Serialdock commands) >>",
    ]
    document = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += f"{number} 0 obj\n{content}\nendobj\n".encode("ascii")
    start = len(document)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    document += f"xref\n0 {count}\n0000000000 65535 f \n{table}".encode("ascii")
    document += f"trailer\n<< /Size {count} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
    return bytes(document)


def _drawing(page: Page) -> str:
    """The page as PDF operators in millimetres; y is flipped, since a PDF has its origin at the bottom left."""
    lines = [f"q {_POINTS:.6f} 0 0 {_POINTS:.6f} 0 0 cm", "0 g"]
    lines += [f"{bar.x:.3f} {HEIGHT - bar.y - bar.height:.3f} {bar.width:.3f} {bar.height:.3f} re" for bar in page.bars]
    lines += ["f"]
    for words in page.words:
        font = "F2" if words.bold else "F1"
        lines.append(
            f"BT /{font} {words.size:g} Tf {words.x:.3f} {HEIGHT - words.y:.3f} Td ({_text(words.text)}) Tj ET"
        )
    return "\n".join([*lines, "Q"])


def _text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def as_svg(page: Page) -> str:
    """A page as a self-contained SVG document, in millimetres."""
    size = f'width="{WIDTH:g}mm" height="{HEIGHT:g}mm" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        "<title>Serialdock commands</title>",
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#fff"/>',
        '<g fill="#000" shape-rendering="crispEdges">',
        *(
            f'<rect x="{bar.x:.3f}" y="{bar.y:.3f}" width="{bar.width:.3f}" height="{bar.height:.3f}"/>'
            for bar in page.bars
        ),
        "</g>",
        '<g fill="#000" font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif">',
        *(
            f'<text x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size:g}" '
            f'font-weight="{"bold" if words.bold else "normal"}">{escape(words.text)}</text>'
            for words in page.words
        ),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"

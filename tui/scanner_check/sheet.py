"""The sheet of command barcodes to print: its layout in millimetres, and its output as PDF and SVG.

The page is drawn as bars and words with the origin at the top left.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from models.barcodes import scanner_check
from models.barcodes.reading import CommandCode
from models.barcodes.symbols import FINEST, QUIET, black_runs, code128
from models.station.task import STATION_TASKS, chosen_by

WIDTH: Final = 210.0
HEIGHT: Final = 279.0
"""Page size in millimetres that fits both A4 (210 × 297) and Letter (216 × 279), so both print it at actual size."""

MODULE: Final = 0.42
"""Width of the thinnest bar in millimetres; scanners for boxes read 0.25 or more at arm's length."""

_LEFT: Final = 15.0
_RIGHT: Final = 104.0
"""Where the two columns begin."""
_FIRST_ROW: Final = 28.0
_ROW: Final = 19.5
_ROWS: Final = 12
_BARS: Final = 6.0
"""Distance of the bars from the top of their row, below the name of the code."""
_BAR_HEIGHT: Final = 8.0
_CAPTION: Final = 17.0
MEANINGS: Final = {
    CommandCode.DONE: "Write what was scanned.",
    CommandCode.UNDO: "Take the last scan out.",
    CommandCode.CANCEL: "Throw all away: scan it twice.",
    CommandCode.NEXT: "Go on to the next item or place.",
    CommandCode.HELP: "Say what can be scanned now.",
    **{task.command: task.words.title for task in STATION_TASKS if task.command is not None},
}
"""What each command does, in a few words."""


class SheetCode(NamedTuple):
    """A code to be printed."""

    name: str
    """ASCII only; shown in large."""
    meaning: str
    data: str
    """What a scanner sends; ASCII only."""


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
    # A task has its title in large: the words of some barcodes are odd, since others have awkward letters.
    codes = [
        SheetCode(code.value, said, code.barcode)
        if chosen_by(code) is None
        else SheetCode(said, code.value, code.barcode)
        for code, said in MEANINGS.items()
    ]
    page = _page("Serialdock commands", "Scan one instead of walking to the keyboard.", codes)
    y = _FIRST_ROW + _ROW * (_ROWS - 1)
    words = (
        Words(_LEFT, y + 6, 6, "SET-UP", bold=True),
        Words(_LEFT, y + 11, 3, "Shows what a scanner sends:"),
        Words(_LEFT, y + 15, 3, "serialdock scanner-check, then scan it."),
        Words(_RIGHT + QUIET * MODULE, y + _CAPTION, 3, scanner_check.PRINTED),
    )
    return Page((*page.bars, *_bars(scanner_check.DATA, _RIGHT, y + _BARS, gs1=True)), (*page.words, *words))


def code_pages(title: str, codes: Sequence[SheetCode]) -> list[Page]:
    """Pages with codes of a warehouse: of its locations, of its customers."""
    parts: list[list[SheetCode]] = [[]]
    for code in codes:
        if _slots([*parts[-1], code])[-1] >= 2 * _ROWS:
            parts.append([])
        parts[-1].append(code)
    pages = [part for part in parts if part]
    numbers = [f" {number} of {len(pages)}" if len(pages) > 1 else "" for number in range(1, len(pages) + 1)]
    return [_page(f"{title}{number}", "", part) for number, part in zip(numbers, pages, strict=True)]


def _slots(codes: Sequence[SheetCode]) -> list[int]:
    """Where each code goes: 0 and 1 are the first row. A code that is too long for a column has a row of its own."""
    slots: list[int] = []
    after = 0
    for code in codes:
        is_long = (len(code128(code.data)) + 2 * QUIET) * FINEST > _RIGHT - _LEFT
        after += after % 2 if is_long else 0
        slots.append(after)
        after += 2 if is_long else 1
    return slots


def _printed(text: str, most: int) -> str:
    """A text of the warehouse in the letters that every printer has, and as long as its column."""
    plain = text.encode("ascii", "replace").decode()
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."


def _page(title: str, hint: str, codes: Sequence[SheetCode]) -> Page:
    bars: list[Bar] = []
    words = [
        Words(_LEFT, 18, 6, title, bold=True),
        Words(_LEFT, 23, 3, f"{hint} Print at actual size (100 %).".strip()),
    ]
    for slot, code in zip(_slots(codes), codes, strict=True):
        row, column = divmod(slot, 2)
        x, y = (_LEFT, _RIGHT)[column], _FIRST_ROW + _ROW * row
        text = x + QUIET * MODULE
        if code.name == code.data:
            below = _printed(code.meaning, 48)
        else:
            below = code.data
            words.append(Words(text + 44, y + 4.5, 3, code.meaning))
        words += [Words(text, y + 4.5, 5, code.name, bold=True), Words(text, y + _CAPTION, 3, below)]
        bars += _bars(code.data, x, y + _BARS)
    return Page(tuple(bars), tuple(words))


def _bars(data: str, x: float, y: float, *, gs1: bool = False) -> list[Bar]:
    """The bars of a Code 128 symbol whose quiet zone starts at `x`; finer ones where it is too long for its column."""
    modules = code128(data, gs1=gs1)
    room = WIDTH - _RIGHT if gs1 else _RIGHT - _LEFT
    module = min(MODULE, max(FINEST, room / (len(modules) + 2 * QUIET)))
    first = x + QUIET * module
    return [Bar(first + at * module, y, width * module, _BAR_HEIGHT) for at, width in black_runs(modules)]


_POINTS: Final = 72 / 25.4
"""Points per millimetre."""


def as_pdf(pages: Sequence[Page]) -> bytes:
    """Pages as a PDF document."""
    fonts = "<< /F1 3 0 R /F2 4 0 R >>"
    paper = f"/MediaBox [0 0 {WIDTH * _POINTS:.3f} {HEIGHT * _POINTS:.3f}]"
    first = 5  # catalog, pages, two fonts and the title come first
    numbers = range(first + 1, first + 1 + 2 * len(pages), 2)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /ViewerPreferences << /PrintScaling /None >> >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{number} 0 R' for number in numbers)}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Title (Serialdock commands) >>",
    ]
    for number, page in zip(numbers, pages, strict=True):
        drawing = _drawing(page)
        objects += [
            f"<< /Type /Page /Parent 2 0 R {paper} /Contents {number + 1} 0 R /Resources << /Font {fonts} >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
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
    document += f"trailer\n<< /Size {count} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
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


def as_svg(pages: Sequence[Page]) -> str:
    """Pages below each other as one self-contained SVG document, in millimetres."""
    height = HEIGHT * len(pages)
    size = f'width="{WIDTH:g}mm" height="{height:g}mm" viewBox="0 0 {WIDTH:g} {height:g}"'
    bars = [bar._replace(y=bar.y + HEIGHT * number) for number, page in enumerate(pages) for bar in page.bars]
    texts = [text._replace(y=text.y + HEIGHT * number) for number, page in enumerate(pages) for text in page.words]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        "<title>Serialdock commands</title>",
        f'<rect width="{WIDTH:g}" height="{height:g}" fill="#fff"/>',
        '<g fill="#000" shape-rendering="crispEdges">',
        *(f'<rect x="{bar.x:.3f}" y="{bar.y:.3f}" width="{bar.width:.3f}" height="{bar.height:.3f}"/>' for bar in bars),
        "</g>",
        '<g fill="#000" font-family="Helvetica, Arial, \'Liberation Sans\', sans-serif">',
        *(
            f'<text x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size:g}" '
            f'font-weight="{"bold" if words.bold else "normal"}">{escape(words.text)}</text>'
            for words in texts
        ),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"

"""Documents to print: their facts and every serial in them, as lines of text or as a PDF with barcodes on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from models import clock
from models.barcodes.symbols import QUIET, black_runs, code128
from models.documents import DocumentRow, NamedSerial, NamedSerials, document, find_document
from models.exporting.files import NewFile
from models.exporting.fonts import Fonts
from models.permissions import Actor, Permission, require
from models.text import counted
from models.verbs import DocumentKind

TO_DO: Final = "print a document"
"""The action, for the message of a missing permission."""
PAGE: Final = 1_000
"""Serials that are read at once."""

Progress = Callable[[int, int], None]
"""Called with the serials done and the serials in all; raises `Cancelled` to stop."""


def facts_of(row: DocumentRow) -> list[tuple[str, str | None]]:
    """The facts of a document, each with its label; None and empty texts are left out by those who show them."""
    source = {DocumentKind.VOID: "Voids", DocumentKind.ARRIVAL: "Transfer"}.get(DocumentKind(row.kind), "Source")
    return [
        ("Document", f"{row.number}, {row.kind}"),
        ("When", _local(row.at)),
        ("Who", f"{row.user} (by {row.login_user})" if row.login_user else row.user),
        ("From", row.from_location),
        ("To", row.to_location),
        ("Customer", row.customer),
        ("Repairer", row.repairer),
        ("Reference", row.reference),
        (source, row.source),
        ("Voided by", f"{row.voided_by} (in part)" if row.is_voided_in_part else row.voided_by),
        ("Note", row.note),
    ]


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A document to print, without its serials."""

    row: DocumentRow
    serials: int

    @property
    def title(self) -> str:
        """Its kind and number: Receipt R-000001."""
        return f"{self.row.kind.capitalize()} {self.row.number}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Its facts below the title, each with its label."""
        return [(label, value) for label, value in facts_of(self.row)[1:] if value]

    @property
    def count(self) -> str:
        """The number of its serials in words."""
        return counted(self.serials, "serial")


def paper(number: str) -> PrintedDocument:
    """A document to print.

    Raises:
        NotFound
    """
    row = document(find_document(number).id)
    return PrintedDocument(row, NamedSerials(row.id).count())


def serials_of_paper(of: PrintedDocument) -> Iterator[Sequence[NamedSerial]]:
    """Its serials, page by page."""
    source = NamedSerials(of.row.id)
    for start in range(0, source.count(), PAGE):
        yield source.fetch(start, PAGE)


def text_head(of: PrintedDocument) -> list[str]:
    """The lines above the serials."""
    width = max(len(label) for label, _ in of.facts)
    lines = [of.title, "=" * len(of.title), ""]
    for label, value in of.facts:
        first, *more = value.split("\n")
        lines += [f"{label:{width}}  {first}", *(f"{'':{width}}  {line}" for line in more)]
    return [*lines, "", of.count, ""]


def text_lines(rows: Sequence[NamedSerial]) -> list[str]:
    """A line for each serial, with its number in the document."""
    serial = max((len(one.serial_number) for one in rows), default=0)
    sku = max((len(one.sku) for one in rows), default=0)
    return [
        f"{number:>6,}  {one.serial_number:<{serial}}  {one.sku:<{sku}}  {one.item_name}".rstrip()
        for number, one in enumerate(rows, 1)
    ]


# ----- PDF


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF that was written."""

    path: str
    serials: int
    pages: int
    missing: str
    """Letters that no font had; a ? stands for each."""
    unshaped: str
    """Letters of scripts that are joined, moved or read from right to left, and were set one by one."""

    @property
    def warnings(self) -> list[str]:
        """Sentences about letters that are missing or set wrongly."""
        found = []
        if self.missing:
            found.append(
                f"No font here has these characters, so a ? stands for each: {self._some(self.missing)}. "
                "Name a font that has them with --font."
            )
        if self.unshaped:
            found.append(
                f"The script of {self._some(self.unshaped)} is not set as it is written: its letters stand unjoined, "
                "from left to right."
            )
        return found

    @staticmethod
    def _some(letters: str) -> str:
        more = len(letters) - _MOST_NAMED
        return " ".join(letters[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


_MOST_NAMED: Final = 20
"""Letters that a warning names."""


def print_pdf(
    actor: Actor,
    number: str,
    path: str,
    *,
    barcodes: bool = False,
    font: str = "",
    force: bool = False,
    progress: Progress,
) -> Printed:
    """Write a document as a PDF.

    Args:
        actor: whoever prints; needs `INV_VIEW`.
        number: of the document.
        path: of the file; `~` is not expanded.
        barcodes: whether each serial, and the number of the document, is a Code 128 barcode too.
        font: path of a TrueType font; empty for those of the system.
        force: replace a file that is there.
        progress: called between pages.

    Raises:
        NotPermitted, NotFound
        BadValue: the font cannot be used, a file that is there already, or it cannot be written.
        Cancelled: `progress` stopped it. In all these cases no file is left.
    """
    require(actor, Permission.VIEW, TO_DO)
    of = paper(number)
    with NewFile(path, force=force) as file:
        sheets = _PdfPages(file.stream, of, Fonts(font), barcodes=barcodes)
        done = 0
        for rows in serials_of_paper(of):
            progress(done, of.serials)
            for row in rows:
                done += 1
                sheets.add(done, row)
        pages = sheets.end()
        progress(of.serials, of.serials)
    fonts = sheets.fonts
    return Printed(path, of.serials, pages, "".join(sorted(fonts.missing)), "".join(sorted(fonts.unshaped)))


_MM: Final = 72 / 25.4
"""Points per millimetre."""

WIDTH: Final = 210.0
HEIGHT: Final = 279.0
"""Page size in millimetres that fits both A4 (210 × 297) and Letter (216 × 279)."""

_LEFT: Final = 15.0
_RIGHT: Final = WIDTH - 15.0
_TOP: Final = 18.0
_BOTTOM: Final = HEIGHT - 16.0
_MODULE: Final = 0.33
"""Width of the thinnest bar in millimetres, where there is room."""
_BAR_HEIGHT: Final = 8.0


class _Place(NamedTuple):
    """The left edges of the columns of a serial's line, in millimetres."""

    serial: float
    item: float
    name: float


_PLACES: Final = _Place(_LEFT + 14, _LEFT + 80, _LEFT + 115)


class _PdfPages:
    """The pages of a PDF; `y` is in millimetres from the top."""

    def __init__(self, stream: Any, of: PrintedDocument, fonts: Fonts, *, barcodes: bool) -> None:
        from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

        self.fonts = fonts
        self._of = of
        self._barcodes = barcodes
        self._canvas = Canvas(stream, pagesize=(WIDTH * _MM, HEIGHT * _MM), pageCompression=1)
        self._canvas.setTitle(of.title)
        self._canvas.setAuthor("Serialdock")
        self._canvas.setViewerPreference("PrintScaling", "None")  # a scaled barcode may be too fine to be read
        self._page = 0
        self._y = 0.0
        self._begin_page()
        self._head()

    def add(self, number: int, one: NamedSerial) -> None:
        """Print a serial."""
        # Only names are cut: a long serial or SKU takes the item to a line of its own.
        width = self.fonts.width
        is_wide = (
            _PLACES.serial + width(one.serial_number, 3.6) + 2 > _PLACES.item
            or _PLACES.item + width(one.sku, 3.2) + 2 > _PLACES.name
        )
        height = (_BAR_HEIGHT + 9.0 if self._barcodes else 5.0) + (4.5 if is_wide else 0)
        if self._y + height > _BOTTOM:
            self._canvas.showPage()
            self._begin_page()
            self._column_heads()
        y = self._y + 4.0
        self._right(_PLACES.serial - 3, y, 3.2, f"{number:,}")
        self._put(_PLACES.serial, y, 3.6, one.serial_number)
        if is_wide:
            y += 4.5
            self._line(_PLACES.serial, y, 3.2, f"{one.sku}  {one.item_name}", _RIGHT)
        else:
            self._put(_PLACES.item, y, 3.2, one.sku)
            self._line(_PLACES.name, y, 3.2, one.item_name, _RIGHT)
        if self._barcodes:
            self._bars(one.serial_number, _PLACES.serial, y + 1.5, _RIGHT)
        self._y += height

    def end(self) -> int:
        """Finish the file; returns the number of pages."""
        self._canvas.showPage()
        self._canvas.save()
        return self._page

    def _begin_page(self) -> None:
        self._page += 1
        self._y = _TOP
        foot = f"{self._of.title} · page {self._page} · printed {_local(clock.now())}"
        self._line(_LEFT, HEIGHT - 9, 2.8, foot, _RIGHT)

    def _head(self) -> None:
        self._line(_LEFT, self._y, 6.5, self._of.title, _RIGHT - 65)
        if self._barcodes:
            self._bars(self._of.row.number, _RIGHT - 65, self._y - 6, _RIGHT)
        self._y += 8
        for label, value in self._of.facts:
            for number, line in enumerate(self._wrapped(value, _RIGHT - _LEFT - 28, 3.6)):
                if self._y > _BOTTOM - 10:
                    self._canvas.showPage()
                    self._begin_page()
                if not number:
                    self._line(_LEFT, self._y, 3.2, label, _LEFT + 27)
                self._line(_LEFT + 28, self._y, 3.6, line, _RIGHT)
                self._y += 5
        self._y += 3
        self._line(_LEFT, self._y, 4.2, self._of.count, _RIGHT)
        self._y += 3
        self._column_heads()

    def _column_heads(self) -> None:
        y = self._y + 3
        for x, text in zip(_PLACES, ("Serial Number", "Item", "Name"), strict=True):
            self._line(x, y, 2.8, text, _RIGHT)
        self._canvas.setLineWidth(0.4)
        under = (HEIGHT - y - 1.5) * _MM
        self._canvas.line(_LEFT * _MM, under, _RIGHT * _MM, under)
        self._y = y + 2

    def _line(self, x: float, y: float, size: float, text: str, end: float) -> None:
        """Print a line of text that ends before `end`; a longer one is cut with an ellipsis."""
        room = end - x - 1
        if self.fonts.width(text, size) > room:
            while text and self.fonts.width(f"{text}…", size) > room:
                text = text[:-1]
            text = f"{text}…"
        self._put(x, y, size, text)

    def _right(self, x: float, y: float, size: float, text: str) -> None:
        self._put(x - self.fonts.width(text, size), y, size, text)

    def _put(self, x: float, y: float, size: float, text: str) -> None:
        line = self._canvas.beginText(x * _MM, (HEIGHT - y) * _MM)
        for piece in self.fonts.pieces(text):
            line.setFont(piece.font, size * _MM)
            line.textOut(piece.text)
        self._canvas.drawText(line)

    def _wrapped(self, text: str, room: float, size: float) -> list[str]:
        """A text in lines that fit; a word that is too long is cut."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split(" "):
                longer = f"{line} {word}" if line else word
                if line and self.fonts.width(longer, size) > room:
                    lines.append(line)
                    longer = word
                while self.fonts.width(longer, size) > room:
                    fits = next(n for n in range(len(longer) - 1, 0, -1) if self.fonts.width(longer[:n], size) <= room)
                    lines.append(longer[:fits])
                    longer = longer[fits:]
                line = longer
            lines.append(line)
        return lines

    def _bars(self, data: str, x: float, y: float, end: float) -> None:
        """A Code 128 symbol whose quiet zone begins before `x`; finer where there is little room."""
        modules = code128(data)
        module = min(_MODULE, (end - x) / (len(modules) + QUIET))
        for at, width in black_runs(modules):
            self._canvas.rect(
                (x + at * module) * _MM,
                (HEIGHT - y - _BAR_HEIGHT) * _MM,
                width * module * _MM,
                _BAR_HEIGHT * _MM,
                stroke=0,
                fill=1,
            )

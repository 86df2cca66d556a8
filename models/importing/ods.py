"""ODS: the rows of one sheet, streamed.

Parsed here because no library has constant memory: odfpy builds the whole document, calamine keeps the whole sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import repeat
from typing import Final, NamedTuple

from models.importing.cells import unguarded
from models.importing.files import with_password
from models.importing.number_formats import CellKind, number_text, percent_text
from models.importing.workbooks import MOST_COLUMNS, MOST_ROWS, NO_ITEM, Package, RawRow, Xml, chosen

_OFFICE, _TABLE, _TEXT, _STYLE = (
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
_CONTENT: Final = "content.xml"
_MANIFEST: Final = "META-INF/manifest.xml"

_SHEET, _NAME, _INNER = f"{_TABLE}table", f"{_TABLE}name", f"{_TABLE}is-sub-table"
_ROW, _GROUP, _ROWS_REPEATED, _COLUMNS_REPEATED, _VISIBILITY, _DISPLAY = (
    f"{_TABLE}{name}"
    for name in (
        "table-row", "table-row-group", "number-rows-repeated", "number-columns-repeated", "visibility", "display",
    )
)  # fmt: skip
_CELLS: Final = frozenset((f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))
_PARAGRAPH, _BLANK, _COUNT, _TABULATOR, _LINE_BREAK = (
    f"{_TEXT}{name}" for name in ("p", "s", "c", "tab", "line-break")
)
_ERROR: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_KIND, _VALUE, _DATE, _TIME, _BOOLEAN, _STRING = (
    f"{_OFFICE}{name}" for name in ("value-type", "value", "date-value", "time-value", "boolean-value", "string-value")
)
_INLINE: Final = frozenset(
    f"{_TEXT}{name}" for name in ("span", "a", "meta", "ruby", "ruby-base", "title", "sheet-name")
)
"""Elements inside a paragraph that contain its text."""
_MOST_BLANKS: Final = 1_000

_SHEET_TAG: Final = re.compile(rb"""<table:table(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_IN_TAG: Final = re.compile(rb"""\stable:(name|style-name)\s*=\s*(["'])(.*?)\2""", re.DOTALL)
_LONGEST_TAG: Final = 1 << 14

_BLANKS: Final = re.compile("[ \t\r\n]+")
_SPACE, _TAB, _LINE = "\x01", "\x02", "\x03"
"""Placeholders for significant whitespace while the rest is collapsed; XML cannot contain these characters."""
_MEANT: Final = str.maketrans({_SPACE: " ", _TAB: "\t", _LINE: "\n"})
_DURATION: Final = re.compile(r"PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,][0-9]+)?S")
_NUMBER_SHOWN: Final = re.compile(r"(\D*)([0-9](?:[0-9/-]*[0-9])?)\D*")
_LETTER: Final = re.compile(r"[^\W\d_]")


class OpenDocument:
    """Reader for one sheet of an ODS file.

    Args:
        package: the file.
        sheet: the name of one; None takes the first visible one.
        hidden: whether hidden and filtered rows are read too.

    Raises:
        BadValue: it is damaged or protected, or the sheet does not exist.
    """

    kind = "ods"
    delimiter = ","
    encoding = ""
    likely = ()
    is_marked = False

    def __init__(self, package: Package, sheet: str | None, *, hidden: bool) -> None:
        self._package = package
        self._fed = 0
        self._hidden = hidden
        self.hidden_rows = 0
        with package.damage():
            protected = _MANIFEST in package and b"encryption-data" in package.read(_MANIFEST)
            if protected or "encrypted-package" in package:
                raise with_password(package.file)
            self._size = package.size(_CONTENT)
            tables = _tables(package)
            invisible = _hidden_styles(package)
        self.sheets = tuple(table.name for table in tables)
        self.hidden_sheets = tuple(table.name for table in tables if table.style in invisible)
        self.sheet = chosen(package.file, self.sheets, self.hidden_sheets, sheet)

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `records`, 0 to 1."""
        return min(1.0, self._fed / max(1, self._size))

    def close(self) -> None:
        """Close the archive."""
        self._package.close()

    def records(self) -> Iterator[RawRow]:
        """Number and cells of each row with text.

        Raises:
            BadValue: it is damaged further on.
        """
        self.hidden_rows = 0
        content = _Content(self.sheet)
        with self._package.damage():
            for fed in content.feed(self._package.chunks(_CONTENT)):
                self._fed = fed
                for row in content.taken():
                    if row.is_hidden and not self._hidden:
                        self.hidden_rows += row.times
                    else:
                        numbers = range(row.number, row.number + row.times)
                        yield from map(RawRow, numbers, repeat(row.cells), repeat(row.kinds))

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header, found in one pass.

        Raises:
            BadValue: it is damaged.
        """
        rows = dict.fromkeys(self.sheets, 0)
        content = _Content(None)
        with self._package.damage():
            for _ in content.feed(self._package.chunks(_CONTENT)):
                for row in content.taken():
                    if self._hidden or not row.is_hidden:
                        rows[row.sheet] += row.times
        return tuple(name for name, count in rows.items() if count > 1)


class _Table(NamedTuple):
    """The start tag of a sheet."""

    name: str
    style: str


class _Rows(NamedTuple):
    """A row with text, and how often it is repeated."""

    sheet: str
    number: int
    times: int
    cells: list[str]
    kinds: dict[int, CellKind]
    is_hidden: bool


class _Content(Xml):
    """The rows with text of a sheet, or of all sheets."""

    def __init__(self, sheet: str | None) -> None:
        self._asked = sheet
        self._done: list[_Rows] = []
        self._sheet = ""
        self._is_read = False
        self._seen: set[str] = set()
        self._number = 1
        self._row: dict[str, str] | None = None
        self._hidden_groups: list[int] = []
        """Depths of the hidden groups of rows around the position."""
        self._cells: list[str] = []
        self._kinds: dict[int, CellKind] = {}
        self._blanks = 0
        self._cell: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._skipped = self._mark = 0
        """Depth of an element in a cell that is skipped, or 0; and how many texts were there before it."""
        super().__init__()

    def taken(self) -> list[_Rows]:
        """The rows since the last call."""
        done, self._done = self._done, []
        return done

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self._cell is not None:
            self._begin_in_cell(name, attributes)
            return
        self.texts.clear()
        if self._row is not None:
            if name in _CELLS:
                self._cell = attributes
                self._paragraphs = []
        elif name == _ROW:
            if self._is_read:
                self.item = self.parser.CurrentByteIndex
                self._row = attributes
                self._cells, self._kinds, self._blanks = [], {}, 0
        elif name == _GROUP:
            if attributes.get(_DISPLAY) == "false":
                self._hidden_groups.append(self.depth)
        elif name == _SHEET:
            self._begin_sheet(attributes)

    def end(self, name: str) -> None:
        if self._cell is not None:
            self._end_in_cell(name)
        elif name == _ROW:
            if self._row is not None:
                self._end_row(self._row)
        elif self._hidden_groups and self._hidden_groups[-1] == self.depth:
            self._hidden_groups.pop()
        self.depth -= 1

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        if _INNER in attributes:
            raise ValueError("a table in a cell")
        self._sheet = attributes.get(_NAME, "")
        # Of two sheets with one name the first is read: the name is all by which a person chooses.
        self._is_read = self._asked in (None, self._sheet) and self._sheet not in self._seen
        self._seen.add(self._sheet)
        self._number = 1

    def _begin_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        texts = self.texts
        if self._skipped:
            return
        if name == _PARAGRAPH:
            texts.clear()
        elif name == _BLANK:
            texts.append(_SPACE * min(int(attributes.get(_COUNT, 1)), _MOST_BLANKS))
        elif name == _TABULATOR:
            texts.append(_TAB)
        elif name == _LINE_BREAK:
            texts.append(_LINE)
        elif name == _SHEET:
            raise ValueError("a table in a cell")
        elif name not in _INLINE:  # a note, a drawing
            self._skipped, self._mark = self.depth, len(texts)

    def _end_in_cell(self, name: str) -> None:
        if self._skipped:
            if self._skipped == self.depth:
                self._skipped = 0
                del self.texts[self._mark :]
        elif name == _PARAGRAPH:
            text = _BLANKS.sub(" ", "".join(self.texts)).strip(" ")
            self._paragraphs.append(text.translate(_MEANT))
            self.texts.clear()
        elif name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None

    def _end_cell(self, cell: dict[str, str]) -> None:
        times = int(cell.get(_COLUMNS_REPEATED, 1))
        text, kind = _value(cell, "\n".join(self._paragraphs)) if self._paragraphs or _KIND in cell else ("", None)
        if not text:  # counted, not kept: the last cell of a row is often empty and repeated to the last column
            self._blanks += times
            return
        cells = self._cells
        if times < 1 or len(cells) + self._blanks + times > MOST_COLUMNS:
            raise ValueError("no such column")
        if self._blanks:
            cells.extend([""] * self._blanks)
            self._blanks = 0
        if kind is not None:
            self._kinds.update(dict.fromkeys(range(len(cells), len(cells) + times), kind))
        cells.extend([text] * times)

    def _end_row(self, row: dict[str, str]) -> None:
        self.item, self._row = NO_ITEM, None
        times = int(row.get(_ROWS_REPEATED, 1))
        if times < 1 or (self._cells and self._number + times > MOST_ROWS):
            raise ValueError("no such row")
        if self._cells:
            is_hidden = bool(self._hidden_groups) or row.get(_VISIBILITY, "visible") != "visible"
            self._done.append(_Rows(self._sheet, self._number, times, self._cells, self._kinds, is_hidden))
        self._number += times


def _value(cell: dict[str, str], text: str) -> tuple[str, CellKind | None]:
    """The text of a cell without surrounding whitespace, and its kind if it is not text.

    Args:
        cell: its attributes.
        text: its paragraphs.
    """
    kind = cell.get(_KIND)
    if cell.get(_ERROR) == "error":
        return text.strip(), CellKind.ERROR
    if kind == "string":
        text = cell.get(_STRING) or text  # the paragraphs may have lost whitespace
    elif kind:
        return _typed(cell, kind, text.strip())
    return unguarded(text.strip()), None


def _typed(cell: dict[str, str], kind: str, text: str) -> tuple[str, CellKind | None]:
    """The text of a number, date or boolean; `text` is its displayed form."""
    if kind in ("float", "currency", "percentage"):
        try:
            return _number(cell.get(_VALUE, ""), kind, text)
        except ValueError:  # only the displayed text is left
            return text, CellKind.NUMBER
    if kind == "date":
        moment = cell.get(_DATE, text).partition(".")[0].removesuffix("T00:00:00")
        return moment.replace("T", " "), CellKind.DATE
    if kind == "time":
        duration = _DURATION.fullmatch(cell.get(_TIME, ""))
        return (":".join(part.zfill(2) for part in duration.groups()) if duration else text), CellKind.TIME
    if kind == "boolean":
        return cell.get(_BOOLEAN, text).upper(), CellKind.BOOLEAN
    return text, None


def _number(value: str, kind: str, text: str) -> tuple[str, CellKind]:
    if kind == "percentage":
        return percent_text(value), CellKind.PERCENT
    number = number_text(value)
    # What is shown is taken only if it is this number with zeros, letters or signs; not if it was rounded.
    if text != number and (shown := _NUMBER_SHOWN.fullmatch(text)):
        before, digits = shown.groups()
        own = digits.replace("-", "").replace("/", "")
        if own.lstrip("0") == number.lstrip("-0"):
            is_padded = own != digits or len(own) > len(number) or _LETTER.search(before)
            return (text, CellKind.PADDED) if is_padded else (number, CellKind.NUMBER)
    return number, CellKind.NUMBER


class _Styles(Xml):
    """The names of the styles of hidden sheets, which stand before the sheets."""

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self.is_over = False
        self._name = ""
        super().__init__()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.texts.clear()
        if name == f"{_STYLE}style":
            self._name = attributes.get(f"{_STYLE}name", "") if attributes.get(f"{_STYLE}family") == "table" else ""
        elif name == f"{_STYLE}table-properties":
            if attributes.get(_DISPLAY) == "false" and self._name:
                self.hidden.add(self._name)
        elif name == f"{_OFFICE}body":
            self.is_over = True

    def end(self, name: str) -> None:
        self.depth -= 1


def _hidden_styles(package: Package) -> set[str]:
    styles = _Styles()
    for _ in styles.feed(package.chunks(_CONTENT)):
        if styles.is_over:
            break
    return styles.hidden


class _Sheets(Xml):
    """The sheets."""

    def __init__(self) -> None:
        self.found: list[_Table] = []
        super().__init__()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.texts.clear()
        if name == _SHEET:
            self.found.append(_Table(attributes.get(_NAME, ""), attributes.get(f"{_TABLE}style-name", "")))

    def end(self, name: str) -> None:
        self.depth -= 1


def _tables(package: Package) -> list[_Table]:
    """The sheets in order: by searching the tags as all programs write them, else by a full parse."""
    found: list[_Table] = []
    rest = b""
    for chunk in package.chunks(_CONTENT):
        rest += chunk
        ends = 0
        for tag in _SHEET_TAG.finditer(rest):
            ends = tag.end()
            said = {name: unescape(text.decode("utf-8")) for name, _, text in _IN_TAG.findall(tag[0])}
            found.append(_Table(said.get(b"name", ""), said.get(b"style-name", "")))
        rest = rest[max(ends, len(rest) - _LONGEST_TAG) :]  # a tag may go on in the next chunk
    if found:
        return found
    sheets = _Sheets()
    for _ in sheets.feed(package.chunks(_CONTENT)):
        pass
    return sheets.found

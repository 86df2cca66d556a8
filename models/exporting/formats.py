"""The formats of an export: CSV, XLSX, JSON lines and text, each written row by row with constant memory."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from html import escape
from itertools import repeat
from pathlib import PurePath
from typing import Any, BinaryIO, Final

from models.importing.cells import GUARDED, guarded
from models.importing.columns import column_letter
from models.text import readable


class ValueKind(StrEnum):
    """The type of the values of a column; any may be None."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    """A timezone-aware datetime. JSON lines have it in UTC, the other formats in the local time of this computer."""
    FLAG = "flag"
    """True or False; `yes` and `no` but in JSON lines."""


_TYPES: Final[Mapping[ValueKind, frozenset[type]]] = {
    ValueKind.TEXT: frozenset({str, type(None)}),
    ValueKind.NUMBER: frozenset({int, type(None)}),
    ValueKind.DATE: frozenset({date, type(None)}),
    ValueKind.MOMENT: frozenset({datetime, type(None)}),
    ValueKind.FLAG: frozenset({bool, type(None)}),
}


@dataclass(frozen=True)
class Column:
    """A column of an export."""

    code: str
    """Its name in JSON lines; public."""
    heading: str
    """Its heading in the other formats."""
    kind: ValueKind = ValueKind.TEXT
    words: Mapping[str, str] = field(default_factory=dict)
    """Words for codes in all formats but JSON lines: In Stock for in_stock."""
    exact: Callable[[str], str] | None = None
    """Converts a text for CSV and workbooks, so that an import reads exactly this text."""
    width: int = 16
    """Width in a workbook, in characters."""


Row = Sequence[Any]
"""A value for each column."""


def check_types(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Refuse values of another type than their column's, which a damaged row has.

    Raises:
        TypeError
    """
    # Column by column: a look at the set of their types takes a fraction of a look at each value.
    for column, values in zip(columns, zip(*rows, strict=True), strict=True) if rows else ():
        if not _TYPES[column.kind].issuperset(map(type, values)):
            odd = next(value for value in values if type(value) not in _TYPES[column.kind])
            msg = f"{odd!r} is no {column.kind} for {column.code}"
            raise TypeError(msg)


class ExportFormat(StrEnum):
    """A format of an export."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    TEXT = "text"

    @property
    def suffix(self) -> str:
        """The end of the names of its files."""
        return ".txt" if self is ExportFormat.TEXT else f".{self.value}"

    @property
    def label(self) -> str:
        """Its name for people."""
        return _LABELS[self]


_LABELS: Final[Mapping[ExportFormat, str]] = {
    ExportFormat.CSV: "CSV, for any program",
    ExportFormat.XLSX: "XLSX, for spreadsheets",
    ExportFormat.JSONL: "JSON lines, for programs",
    ExportFormat.TEXT: "Text, to read and print",
}


def format_of(path: str) -> ExportFormat | None:
    """The format that the end of a file's name says; None if it says none."""
    suffix = PurePath(path).suffix.lower()
    return next((one for one in ExportFormat if one.suffix == suffix), None)


class Writer(ABC):
    """Writes rows in one format to a binary stream; the heading is written at once.

    Args:
        stream: where the bytes go.
        columns: of the rows.
        total: number of rows to come; only the sheets of a workbook depend on it.
        title: name of the sheet of a workbook.
    """

    def __init__(self, stream: BinaryIO, columns: Sequence[Column], total: int, title: str) -> None:
        self._columns = columns
        self._stream = stream
        self.begin(total, title)

    @abstractmethod
    def begin(self, total: int, title: str) -> None:
        """Write the part before the rows."""

    @abstractmethod
    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""

    def end(self) -> None:  # noqa: B027 - most formats need none
        """Write the part after the rows; the stream stays open."""


def writer(
    form: ExportFormat, stream: BinaryIO, columns: Sequence[Column], *, total: int, title: str, is_file: bool = True
) -> Writer:
    """Make the writer of a format.

    Args:
        is_file: whether a CSV begins with a byte order mark, which spreadsheets need and pipes do not.
    """
    if form is ExportFormat.CSV and is_file:
        stream.write(b"\xef\xbb\xbf")
    return _WRITERS[form](stream, columns, total, title)


# ----- texts


def _local(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _flag(value: bool) -> str:
    return "yes" if value else "no"


_AS_TEXT: Final[Mapping[ValueKind, Callable[[Any], str]]] = {
    ValueKind.NUMBER: str,
    ValueKind.DATE: str,
    ValueKind.MOMENT: _local,
    ValueKind.FLAG: _flag,
}


def _texts(column: Column, values: Sequence[Any]) -> list[str]:
    """The values of a column in words; None is blank."""
    if column.words:
        get = column.words.get
        return [get(value, value) or "" for value in values]
    if column.kind is ValueKind.TEXT:
        return [value or "" for value in values]
    shown = _AS_TEXT[column.kind]
    return ["" if value is None else shown(value) for value in values]


def _exact_texts(column: Column, values: Sequence[Any]) -> list[str]:
    texts = _texts(column, values)
    return list(map(column.exact, texts)) if column.exact is not None else texts


_MAY_RUN: Final = frozenset("=+-@\t\r'")
"""Characters with which a cell begins that a spreadsheet may run as a formula, or that `guarded` treats as such."""


class CsvWriter(Writer):
    """UTF-8, commas, CRLF, one line of headings; texts that a spreadsheet would run are guarded by a `'`."""

    def begin(self, total: int, title: str) -> None:
        """Write the headings."""
        self._put([[column.heading for column in self._columns]])

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        cells = [_csv_cells(*each) for each in zip(self._columns, zip(*rows, strict=True), strict=True)] if rows else []
        self._put(zip(*cells, strict=True))

    def _put(self, rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._stream.write(text.getvalue().encode())


def _csv_cells(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind in (ValueKind.NUMBER, ValueKind.DATE):
        return values  # csv writes them as they are, and None as nothing
    texts = _exact_texts(column, values)
    if column.kind is not ValueKind.TEXT:
        return texts
    may_run = _MAY_RUN
    return [guarded(text) if text and text[0] in may_run else text for text in texts]


class JsonLinesWriter(Writer):
    """One JSON object a line, in ASCII, with codes instead of words."""

    def begin(self, total: int, title: str) -> None:
        """Nothing stands before the rows."""
        self._codes = [column.code for column in self._columns]

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        if not rows:
            return
        values = [_plain(*each) for each in zip(self._columns, zip(*rows, strict=True), strict=True)]
        encode = json.JSONEncoder(ensure_ascii=True).encode
        lines = [encode(dict(zip(self._codes, row, strict=True))) for row in zip(*values, strict=True)]
        self._stream.write(("\n".join(lines).replace("\x7f", "\\u007f") + "\n").encode("ascii"))


def _plain(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind is ValueKind.DATE:
        return [value and value.isoformat() for value in values]
    if column.kind is ValueKind.MOMENT:
        return [value and value.isoformat(timespec="microseconds").replace("+00:00", "Z") for value in values]
    return values


class TextWriter(Writer):
    """A table with aligned columns. The first rows set the widths, so that a long list is written as it is read."""

    def begin(self, total: int, title: str) -> None:
        """The headings come with the first rows."""
        self._widths: list[int] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        columns = zip(*rows, strict=True) if rows else repeat((), len(self._columns))
        by_column = [[_visible(text) for text in _texts(*each)] for each in zip(self._columns, columns, strict=True)]
        lines: list[str] = []
        if not self._widths:
            headings = [column.heading for column in self._columns]
            widths = [
                [cells(text) for text in (heading, *texts)] for heading, texts in zip(headings, by_column, strict=True)
            ]
            self._widths = [max(one) for one in widths]
            lines.append(self._line(headings))
        lines += map(self._line, zip(*by_column, strict=True))
        self._stream.write("".join(f"{line}\n" for line in lines).encode())

    def _line(self, texts: Sequence[str]) -> str:
        padded = []
        for text, width, column in zip(texts, self._widths, self._columns, strict=True):
            blanks = " " * (width - cells(text))
            padded.append(blanks + text if column.kind is ValueKind.NUMBER else text + blanks)
        return "  ".join(padded).rstrip()

    def end(self) -> None:
        """Write the headings of an empty list."""
        if not self._widths:
            self.write(())


def _visible(text: str) -> str:
    """A text on one line, with escapes for characters that do not print."""
    return text if text.isprintable() else readable(text.replace("\n", " / "))


def cells(text: str) -> int:
    """The width of a text in columns of a terminal or of a fixed font."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


# ----- workbooks

MOST_ROWS: Final = 1_048_575
"""Most rows of a sheet below its headings; more go to further sheets."""

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff\r]|_(?=x[0-9A-Fa-f]{4}_)")
"""Characters that XML cannot contain or would change, and a `_` that would be read as the escape for one."""

_EPOCH: Final = date(1899, 12, 30)
_FIRST_DATE: Final = date(1900, 3, 1)
"""Earlier days have other numbers in different programs, and are written as text."""

_STYLE: Final[Mapping[ValueKind, int]] = {
    ValueKind.TEXT: 1,
    ValueKind.NUMBER: 2,
    ValueKind.DATE: 3,
    ValueKind.MOMENT: 4,
    ValueKind.FLAG: 1,
}
_HEADING: Final = 5

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class XlsxWriter(Writer):
    """A workbook with typed cells, a frozen line of headings and a filter; its parts go straight into the stream.

    Own code, because a library that writes row by row keeps each sheet in a file of its own, which a kill leaves behind
    and which takes memory where temporary files are in memory.
    """

    def begin(self, total: int, title: str) -> None:
        """Write the parts before the rows."""
        self._count = -(-total // MOST_ROWS) or 1  # rounded up; an empty list has a sheet with its headings
        # A sheet's name has at most 31 characters.
        self._names = [title if not number else f"{title[:26]} {number + 1}" for number in range(self._count)]
        # Speed before size: a person waits while a million rows are compressed.
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, content in _parts(self._names):
            self._zip.writestr(name, content)
        self._letters = [column_letter(number) for number in range(len(self._columns))]
        self._sheet: Any = None
        self._number = 0
        """Number of the sheet that is written, from 1."""
        self._row = 0
        """The last row that was written."""
        self._begin_sheet()

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        while rows:
            if self._row > MOST_ROWS:
                self._end_sheet()
                self._begin_sheet()
            here = rows[: MOST_ROWS + 1 - self._row]
            self._write(here)
            rows = rows[len(here) :]

    def end(self) -> None:
        """End the sheet, write those that were announced and have no rows, and close the workbook."""
        self._end_sheet()
        while self._number < self._count:
            self._begin_sheet()
            self._end_sheet()
        self._zip.close()

    def _begin_sheet(self) -> None:
        self._number += 1
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._number}.xml", "w", force_zip64=True)
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1" style="{_STYLE[column.kind]}"/>'
            for number, column in enumerate(self._columns, 1)
        )
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        shown = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        texts = (column.heading for column in self._columns)
        headings = "".join(
            _text_cell(f"{letter}1", _HEADING, text) for letter, text in zip(self._letters, texts, strict=True)
        )
        self._put(
            f'{_XML}<worksheet xmlns="{_MAIN}">{shown}<cols>{widths}</cols><sheetData><row r="1">{headings}</row>'
        )
        self._row = 1

    def _end_sheet(self) -> None:
        last = f"{self._letters[-1]}{self._row}"
        self._put(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
        self._sheet.close()

    def _write(self, rows: Sequence[Row]) -> None:
        first = self._row + 1
        numbers = range(first, first + len(rows))
        columns = zip(self._letters, self._columns, zip(*rows, strict=True), strict=True)
        by_column = [_sheet_cells(*each, numbers) for each in columns]
        lines = [
            f'<row r="{number}">{"".join(each)}</row>'
            for number, each in zip(numbers, zip(*by_column, strict=True), strict=True)
        ]
        self._put("".join(lines))
        self._row += len(rows)

    def _put(self, text: str) -> None:
        self._sheet.write(text.encode())


def _sheet_cells(letter: str, column: Column, values: Sequence[Any], numbers: Sequence[int]) -> list[str]:
    """The cells of a column; None and empty texts are none."""
    style, kind = _STYLE[column.kind], column.kind
    if kind is ValueKind.NUMBER:
        pairs: Sequence[Any] = values
    elif kind is ValueKind.DATE:
        pairs = [value and _days(value) for value in values]
    elif kind is ValueKind.MOMENT:
        pairs = [value and _days_and_time(value) for value in values]
    else:
        before, after = f'<c r="{letter}', f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        return [
            f"{before}{number}{after}{_in_xml(text)}</t></is></c>" if text else ""
            for text, number in zip(_exact_texts(column, values), numbers, strict=True)
        ]
    return [
        ""
        if value is None
        else _text_cell(f"{letter}{number}", 1, value)
        if isinstance(value, str)
        else f'<c r="{letter}{number}" s="{style}"><v>{value}</v></c>'
        for value, number in zip(pairs, numbers, strict=True)
    ]


def _text_cell(place: str, style: int, text: str) -> str:
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_in_xml(text)}</t></is></c>'


def _in_xml(text: str) -> str:
    if text[0] == "'" and GUARDED.match(text):
        text = f"'{text}"  # the import takes one away; a text cell is never run, so others need none
    if text.isalnum():  # most serials: nothing in them needs an escape
        return text
    if _NOT_IN_XML.search(text):
        text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(text, quote=False)


def _days(day: date) -> int | str:
    """The number of a day in a workbook, or its text."""
    return (day - _EPOCH).days if day >= _FIRST_DATE else day.isoformat()


def _days_and_time(moment: datetime) -> float | str:
    local = moment.astimezone().replace(tzinfo=None)
    if local.date() < _FIRST_DATE:
        return _local(moment)
    whole = timedelta(days=1)
    # Ten decimals are a hundred-thousandth of a second; more are rounding noise.
    return round((local - datetime(_EPOCH.year, _EPOCH.month, _EPOCH.day)) / whole, 10)  # noqa: DTZ001 - local


def _parts(names: Sequence[str]) -> list[tuple[str, str]]:
    """The parts of a workbook but its sheets."""
    numbers = range(1, len(names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    styles = f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return [
        (
            "[Content_Types].xml",
            (
                f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
                f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>'
            ),
        ),
        (
            "_rels/.rels",
            (
                f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
                'Target="xl/workbook.xml"/></Relationships>'
            ),
        ),
        (
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'{_XML}<Relationships xmlns="{_RELATIONS}">{relations}{styles}</Relationships>',
        ),
        ("xl/styles.xml", _STYLES),
    ]


_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6">'
    + "".join(
        f'<xf numFmtId="{form}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for form, font in ((0, 0), (49, 0), (1, 0), (164, 0), (165, 0), (49, 1))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)

_WRITERS: Final[Mapping[ExportFormat, type[Writer]]] = {
    ExportFormat.CSV: CsvWriter,
    ExportFormat.XLSX: XlsxWriter,
    ExportFormat.JSONL: JsonLinesWriter,
    ExportFormat.TEXT: TextWriter,
}

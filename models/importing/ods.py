"""ODS: the rows of one sheet, streamed.

Parsed here because no library has constant memory: odfpy builds the whole document, calamine keeps the whole sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import repeat
from typing import Final
from xml.etree.ElementTree import Element

from models.importing.cells import number_text, percent_text, unguarded
from models.importing.files import bad_file
from models.importing.workbooks import MOST_COLUMNS, MOST_ROWS, Package, chosen, streamed

_OFFICE, _TABLE, _TEXT = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text")
)
_CONTENT: Final = "content.xml"

_SHEET, _NAME, _INNER = f"{_TABLE}table", f"{_TABLE}name", f"{_TABLE}is-sub-table"
_ROW, _ROWS_REPEATED, _COLUMNS_REPEATED = (
    f"{_TABLE}{name}" for name in ("table-row", "number-rows-repeated", "number-columns-repeated")
)
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_PARAGRAPH, _BLANK, _COUNT, _TABULATOR, _LINE_BREAK = (
    f"{_TEXT}{name}" for name in ("p", "s", "c", "tab", "line-break")
)
_KIND, _VALUE = f"{_OFFICE}value-type", f"{_OFFICE}value"
_INLINE: Final = frozenset(
    f"{_TEXT}{name}" for name in ("span", "a", "meta", "ruby", "ruby-base", "title", "sheet-name")
)
"""Elements inside a paragraph that contain its text."""
_MOST_BLANKS: Final = 1_000

_SHEET_TAG: Final = re.compile(rb"<table:table\s[^>]*>")
_NAME_IN_TAG: Final = re.compile(rb"""\stable:name\s*=\s*(["'])(.*?)\1""")
_LONGEST_TAG: Final = 1 << 14

_BLANKS: Final = re.compile("[ \t\r\n]+")
_SPACE, _TAB, _LINE = "\x01", "\x02", "\x03"
"""Placeholders for significant whitespace while the rest is collapsed; XML cannot contain these characters."""
_MEANT: Final = str.maketrans({_SPACE: " ", _TAB: "\t", _LINE: "\n"})


class OpenDocument:
    """Reader for one sheet of an ODS file.

    Raises:
        BadValue: it is damaged or protected, or the sheet does not exist.
    """

    kind = "ods"
    delimiter = ","

    def __init__(self, package: Package, sheet: str | None) -> None:
        self._package = package
        self._fed = 0
        with package.damage():
            protected = "META-INF/manifest.xml" in package and b"encryption-data" in package.read(
                "META-INF/manifest.xml"
            )
            if protected or "encrypted-package" in package:
                raise bad_file(
                    f"{package.file.name} is protected by a password. Open it, save it without a password and choose "
                    "that file."
                )
            self._size = package.size(_CONTENT)
            self.sheets = _names(package)
        self.sheet = chosen(package.file, self.sheets, (), sheet)

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `records`, 0 to 1."""
        return min(1.0, self._fed / max(1, self._size))

    def close(self) -> None:
        """Close the archive."""
        self._package.close()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row with text.

        Raises:
            BadValue: it is damaged further on.
        """
        with self._package.damage():
            chunks = self._package.chunks(_CONTENT)
            sheet, number = "", 1
            done = False
            for element in streamed(chunks, [_ROW], [_SHEET], self._read_so_far):
                if element.tag == _SHEET:
                    if _INNER in element.attrib:
                        raise ValueError("a table in a cell")
                    done = done or sheet == self.sheet
                    sheet = element.get(_NAME, "")
                elif sheet == self.sheet and not done:
                    times = int(element.get(_ROWS_REPEATED, 1))
                    cells = _cells(element)
                    if times < 1 or (cells and number + times > MOST_ROWS):
                        raise ValueError("no such row")
                    if cells:
                        yield from zip(range(number, number + times), repeat(cells), strict=False)
                    number += times

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header, found in one pass.

        Raises:
            BadValue: it is damaged.
        """
        rows = dict.fromkeys(self.sheets, 0)
        sheet = ""
        with self._package.damage():
            for element in streamed(self._package.chunks(_CONTENT), [_ROW], [_SHEET]):
                if element.tag == _SHEET:
                    sheet = element.get(_NAME, "")
                elif rows.get(sheet, 2) < 2 and _cells(element):
                    rows[sheet] += int(element.get(_ROWS_REPEATED, 1))
        return tuple(name for name, count in rows.items() if count > 1)

    def _read_so_far(self, count: int) -> None:
        self._fed = count


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    blanks = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = int(cell.get(_COLUMNS_REPEATED, 1))
        text = _value(cell) if len(cell) or _KIND in cell.attrib else ""
        if not text:
            blanks += times
            continue
        if times < 1 or len(cells) + blanks + times > MOST_COLUMNS:
            raise ValueError("no such column")
        if blanks:
            cells.extend([""] * blanks)
            blanks = 0
        cells.extend([text] * times)
    return cells


def _value(cell: Element) -> str:
    """The text of a cell without surrounding whitespace."""
    if len(cell) == 1 and cell[0].tag == _PARAGRAPH and not len(cell[0]):
        text = _BLANKS.sub(" ", cell[0].text or "")
    else:
        text = "\n".join(_paragraph(child) for child in cell if child.tag == _PARAGRAPH)
    kind = cell.get(_KIND)
    if kind == "string":
        # The paragraphs may have lost whitespace; the cell of an error has nothing else.
        text = cell.get(f"{_OFFICE}string-value") or text
    elif kind:
        text = _typed(cell, kind, text.strip())
    return unguarded(text.strip())


def _paragraph(paragraph: Element) -> str:
    pieces: list[str] = []
    _collect(paragraph, pieces)
    return _BLANKS.sub(" ", "".join(pieces)).strip(" ").translate(_MEANT)


def _collect(element: Element, pieces: list[str]) -> None:
    """Collect the text of an element and its children, without notes and drawings."""
    pieces.append(element.text or "")
    for child in element:
        if child.tag == _BLANK:
            pieces.append(_SPACE * min(int(child.get(_COUNT, 1)), _MOST_BLANKS))
        elif child.tag == _TABULATOR:
            pieces.append(_TAB)
        elif child.tag == _LINE_BREAK:
            pieces.append(_LINE)
        elif child.tag in _INLINE:
            _collect(child, pieces)
        pieces.append(child.tail or "")


def _typed(cell: Element, kind: str, text: str) -> str:
    """The text of a number, date or boolean; `text` is its displayed form."""
    try:
        if kind in ("float", "currency"):
            number = number_text(cell.get(_VALUE, ""))
            padded = text.isascii() and text.isdigit() and text.lstrip("0") == number.lstrip("0")
            return text if padded else number
        if kind == "percentage":
            return percent_text(cell.get(_VALUE, ""))
    except ValueError:  # not a number: only the displayed text is left
        return text
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", text).partition(".")[0].removesuffix("T00:00:00").replace("T", " ")
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value", text).upper()
    return text


def _names(package: Package) -> tuple[str, ...]:
    """Sheet names in order: by searching the tags as all programs write them, else by a full parse."""
    found: list[str] = []
    rest = b""
    for chunk in package.chunks(_CONTENT):
        rest += chunk
        ends = 0
        for tag in _SHEET_TAG.finditer(rest):
            ends = tag.end()
            name = _NAME_IN_TAG.search(tag[0])
            found.append(unescape(name[2].decode("utf-8")) if name else "")
        rest = rest[max(ends, len(rest) - _LONGEST_TAG) :]
    if found:
        return tuple(found)
    return tuple(element.get(_NAME, "") for element in streamed(package.chunks(_CONTENT), [], [_SHEET]))

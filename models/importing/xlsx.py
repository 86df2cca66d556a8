"""XLSX: the rows of one sheet, streamed.

Parsed here because no library has constant memory and keeps the digits as in the file: openpyxl keeps each row's
element and all distinct texts as objects, calamine the whole sheet. The tests read the same files with both of them.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from models.importing.cells import PLAIN, Format, formatted, number_format, unguarded
from models.importing.files import bad_file
from models.importing.workbooks import MOST_COLUMNS, MOST_ROWS, Package, chosen, elements, has_rows, streamed

_NAMESPACES: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # "Strict Open XML"
)


def _named(name: str) -> frozenset[str]:
    return frozenset(f"{{{namespace}}}{name}" for namespace in _NAMESPACES)


_VALUE, _INLINE, _TEXT, _RUN = (_named(name) for name in ("v", "is", "t", "r"))

_MOST_TEXT: Final = 256 << 20
"""Maximum bytes of a workbook's shared strings, which are kept in memory."""

_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_COLUMN: Final = re.compile("[A-Z]{1,3}")


class Workbook:
    """Reader for one sheet of an XLSX file.

    Raises:
        BadValue: it is damaged or not a workbook, or the sheet does not exist.
    """

    kind = "xlsx"
    delimiter = ","

    def __init__(self, package: Package, sheet: str | None) -> None:
        self._package = package
        self._fed = 0
        with package.damage():
            workbook = _workbook_part(package)
            related = _related(package, workbook)
            self._parts: dict[str, str] = {}
            hidden: list[str] = []
            self._epoch_1904 = False
            for name, attributes in elements(package.read(workbook)):
                if name == "workbookPr":
                    self._epoch_1904 = attributes.get("date1904") in ("1", "true")
                elif name == "sheet" and (target := related.get(attributes["id"])) and target[0] == "worksheet":
                    self._parts[attributes["name"]] = target[1]
                    if attributes.get("state", "visible") != "visible":
                        hidden.append(attributes["name"])
            self.sheets = tuple(self._parts)
            self.sheet = chosen(package.file, self.sheets, hidden, sheet)
            self._part = self._parts[self.sheet]
            package.size(self._part)
            by_kind = {kind: part for kind, part in related.values() if part in package}
            self._formats = _formats(package, by_kind.get("styles"))
            self._columns: dict[str, int] = {}
            self._strings = _strings(package, by_kind.get("sharedStrings"))

    @property
    def share_read(self) -> float:
        """Share of the sheet read by the latest `records`, 0 to 1."""
        return min(1.0, self._fed / max(1, self._package.size(self._part)))

    def close(self) -> None:
        """Close the archive."""
        self._package.close()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row in the file.

        Raises:
            BadValue: it is damaged further on.
        """
        return self._records(self._part)

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header.

        Raises:
            BadValue: one of them is damaged.
        """
        return tuple(name for name, part in self._parts.items() if has_rows(self._records(part)))

    def _records(self, part: str) -> Iterator[tuple[int, list[str]]]:
        with self._package.damage():
            chunks = self._package.chunks(part)
            number = 0
            for row in streamed(chunks, _named("row"), told=self._read_so_far):
                number = int(row.get("r") or number + 1)
                if not 0 < number <= MOST_ROWS:
                    raise ValueError("no such row")
                yield number, self._cells(row)

    def _read_so_far(self, count: int) -> None:
        self._fed = count

    def _cells(self, row: Element) -> list[str]:
        cells: list[str] = []
        columns = self._columns
        for cell in row:
            if place := cell.get("r"):
                letters = place.rstrip("0123456789")
                column = columns.get(letters)
                if column is None:
                    column = columns[letters] = _column(letters)
                if column > len(cells):
                    cells.extend([""] * (column - len(cells)))
                elif column < len(cells):
                    raise ValueError("a cell twice")
            cells.append(self._text(cell) if len(cell) else "")
        if len(cells) > MOST_COLUMNS:
            raise ValueError("no such column")
        return cells

    def _text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _read("".join(_joined(child) for child in cell if child.tag in _INLINE))
        text = _content(cell)
        if not text:
            return ""
        if kind == "s":
            return self._strings[int(text)]
        return _read(text) if kind == "str" else self._value(text, kind, cell.get("s", ""))

    def _value(self, text: str, kind: str, style: str) -> str:
        """The text of a cell that is not a string."""
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if kind == "d":
            return text.removesuffix("T00:00:00").replace("T", " ")
        if kind == "e":
            return text
        form = self._formats[int(style)] if style and int(style) < len(self._formats) else PLAIN
        try:
            return formatted(text, form, epoch_1904=self._epoch_1904)
        except (ValueError, OverflowError):  # not a number or not a valid date: the row is rejected later
            return text


class _Strings:
    """A compact list of strings: one byte array and an array of end positions."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """Append a string."""
        self._data += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._data))

    def __getitem__(self, number: int) -> str:
        start, end = self._ends[number : number + 2]
        return self._data[start:end].decode("utf-8", "surrogatepass")

    @property
    def size(self) -> int:
        """Size of all strings in bytes."""
        return len(self._data)


def _workbook_part(package: Package) -> str:
    """The name of the part that lists the sheets."""
    names = [target for kind, target in _related(package, "").values() if kind == "officeDocument"]
    part = names[0] if names else "xl/workbook.xml"
    if part.endswith(".bin"):
        raise bad_file(
            f"{package.file.name} is a binary workbook (.xlsb). Open it, save it as .xlsx and choose that file."
        )
    return part


def _related(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relationships of a part: id → kind and part name."""
    folder, _, name = part.rpartition("/")
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package:
        return {}
    return {
        attributes["Id"]: (
            attributes["Type"].rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/"),
        )
        for name, attributes in elements(package.read(path))
        if name == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _formats(package: Package, part: str | None) -> list[Format]:
    """The number format of each cell style."""
    if part is None:
        return []
    codes: dict[str, str] = {}
    found: list[Format] = []
    inside = False
    for name, attributes in elements(package.read(part)):
        if name == "numFmt":
            codes.setdefault(attributes["numFmtId"], attributes["formatCode"])
        elif name in ("cellXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            found.append(number_format(int(number), codes.get(number, "")))
    return found


def _strings(package: Package, part: str | None) -> _Strings:
    """The shared strings, which cells reference by number."""
    strings = _Strings()
    if part is not None:
        for item in streamed(package.chunks(part), _named("si")):
            strings.append(_read(_joined(item)))
            if strings.size > _MOST_TEXT:
                raise package.bomb()
    return strings


def _content(cell: Element) -> str:
    """The value of a cell; a formula element may precede it."""
    first = cell[0]
    if first.tag in _VALUE:
        return first.text or ""
    return next((child.text or "" for child in cell if child.tag in _VALUE), "")


def _joined(item: Element) -> str:
    """The text of a string, plain or in runs of one style; phonetic text is left out."""
    if len(item) == 1 and item[0].tag in _TEXT:
        return item[0].text or ""
    pieces = []
    for child in item:
        if child.tag in _TEXT:
            pieces.append(child.text or "")
        elif child.tag in _RUN:
            pieces.extend(part.text or "" for part in child if part.tag in _TEXT)
    return "".join(pieces)


def _column(letters: str) -> int:
    """The position of a column letter, from 0."""
    if not _COLUMN.fullmatch(letters):
        raise ValueError("no such column")
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    if position > MOST_COLUMNS:
        raise ValueError("no such column")
    return position - 1


def _read(text: str) -> str:
    """A string with escapes such as `_x000D_` decoded, which stand for characters that XML cannot contain."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return unguarded(text.strip())

"""XLSX: the rows of one sheet, streamed.

Parsed here because no library has constant memory and keeps the digits as in the file: openpyxl keeps each row's
element and all distinct texts as objects, calamine the whole sheet. The tests read the same files with both of them.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from models.importing.cells import unguarded
from models.importing.number_formats import PLAIN, CellKind, Format, formatted, is_whole, number_format
from models.importing.workbooks import (
    MOST_COLUMNS,
    MOST_ROWS,
    NO_KINDS,
    Package,
    RawRow,
    Xml,
    chosen,
    has_rows,
    local,
    namespace,
    tags,
)

_MOST_TEXT: Final = 256 << 20
"""Maximum bytes of a workbook's shared strings, which are kept in memory."""

_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_COLUMN: Final = re.compile("[A-Z]{1,3}")
_WORKBOOK_TYPES: Final = ("sheet.main+xml", "sheet.macroEnabled.main+xml", "template.main+xml", "sheet.binary")
"""Ends of the content types of parts that list sheets."""
_STRING: Final = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')
_STRING_TAGS: Final = 4
"""Tags of one such string: by their number a piece is known to have nothing else in it."""
_ROW: Final = re.compile(r'\s*<row(?: r="([0-9]+)")?((?: [\w:]+="[^"<>&]*")*)(/?)>')
_CELL: Final = re.compile(
    r'<c(?: r="([A-Z]{1,3})[0-9]+")?((?: [\w:]+="[^"<>&]*")*(?:/>|>(?:'
    r"(?:<f[^<>]*>(?:[^<]*</f>)?)?<v>[^<]*</v>"
    r'|<is><t(?: xml:space="preserve")?>[^<]*</t></is>)</c>))'
)
"""A plain cell, as most programs write it: its column, and all that follows."""
_USUAL: Final = re.compile(r'(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?><v>([^<&\s]*)</v></c>')
"""Most of what follows the column of a plain cell: its style, type and value."""
_MOST_KNOWN: Final = 1 << 14
"""Plain cells that are remembered, because values repeat in a column."""
_ATTRIBUTE: Final = re.compile(r' ([\w:]+)="([^"]*)"')
_ENTITY: Final = re.compile("&(?:#([0-9]+)|#x([0-9A-Fa-f]+)|([a-z]+));")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_TRUE: Final = frozenset(("1", "true", "on"))


class Related(NamedTuple):
    """A part to which another part of the package refers."""

    kind: str
    """Last word of the relation's type."""
    part: str


class Workbook:
    """Reader for one sheet of an XLSX file.

    Args:
        package: the file.
        part: the part that lists the sheets.
        sheet: the name of one; None takes the first visible one.
        hidden: whether hidden rows are read too.

    Raises:
        BadValue: it is damaged or not a workbook, or the sheet does not exist.
    """

    kind = "xlsx"
    delimiter = ","
    encoding = ""
    likely = ()
    is_marked = False

    def __init__(self, package: Package, part: str, sheet: str | None, *, hidden: bool) -> None:
        self._package = package
        self._fed = 0
        self._hidden = hidden
        self.hidden_rows = 0
        with package.damage():
            related = _related(package, part)
            self._parts: dict[str, str] = {}
            invisible: list[str] = []
            epoch_1904 = False
            listed = tags(package.read(part))
            main = namespace(listed[0].name)
            for name, attributes in listed:
                if name == f"{main}workbookPr":
                    epoch_1904 = attributes.get("date1904") in _TRUE
                elif name == f"{main}sheet" and (target := related.get(_relation(attributes))):
                    if target.kind != "worksheet":
                        continue
                    self._parts[attributes["name"]] = target.part
                    if attributes.get("state", "visible") != "visible":
                        invisible.append(attributes["name"])
            self.sheets = tuple(self._parts)
            self.hidden_sheets = tuple(invisible)
            self.sheet = chosen(package.file, self.sheets, invisible, sheet)
            package.size(self._parts[self.sheet])  # a missing part is refused here, not at the first row
            by_kind = {target.kind: target.part for target in related.values() if target.part in package}
            self._cells = _Cells(
                _strings(package, by_kind.get("sharedStrings")), _formats(package, by_kind.get("styles")), epoch_1904
            )

    @property
    def share_read(self) -> float:
        """Share of the sheet read by the latest `records`, 0 to 1."""
        return min(1.0, self._fed / max(1, self._package.size(self._parts[self.sheet])))

    def close(self) -> None:
        """Close the archive."""
        self._package.close()

    def records(self) -> Iterator[RawRow]:
        """Number and cells of each row that has cells.

        Raises:
            BadValue: it is damaged further on.
        """
        self.hidden_rows = 0
        sheet = _Sheet(self._cells, hidden=self._hidden)
        for fed in self._fed_to(sheet, self.sheet):
            self._fed = fed
            self.hidden_rows = sheet.hidden_rows
            yield from sheet.taken()

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header.

        Raises:
            BadValue: one of them is damaged.
        """
        return tuple(name for name in self.sheets if has_rows(self._rows(name)))

    def _rows(self, name: str) -> Iterator[RawRow]:
        sheet = _Sheet(self._cells, hidden=self._hidden)
        for _ in self._fed_to(sheet, name):
            yield from sheet.taken()

    def _fed_to(self, sheet: _Sheet, name: str) -> Iterator[int]:
        with self._package.damage():
            yield from sheet.feed(self._package.chunks(self._parts[name]))


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
        if number < 0:  # damage; an array would count from its end
            raise IndexError(number)
        return self._data[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")

    @property
    def size(self) -> int:
        """Size of all strings in bytes."""
        return len(self._data)


_PlainCell = tuple[str, CellKind | None, int]
"""The text and the kind of a cell, and how many tags its text in the file has."""


class _Filled(NamedTuple):
    """The cells of a row."""

    cells: list[str]
    kinds: Mapping[int, CellKind]


class _Cells:
    """Reads cells of all sheets, with the workbook's shared strings, number formats and first day."""

    def __init__(self, strings: _Strings, formats: Mapping[str, Format], epoch_1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._epoch_1904 = epoch_1904
        self._columns: dict[str, int] = {}
        self._known: dict[str, _PlainCell] = {}
        self._letters: tuple[str, ...] = ()
        self._places: list[int] | None = []
        self._kinds: tuple[CellKind | None, ...] = ()
        self._by_place: Mapping[int, CellKind] = NO_KINDS
        """Columns, positions and kinds of the latest plain row; those of the next one are mostly the same."""

    def column(self, place: str) -> int:
        """The position of the column of a place such as `AB12`, from 0."""
        letters = place.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column(letters.upper())
        return column

    def plain_cells(self, piece: str, start: int) -> _Filled | None:
        """The cells of a plain row; None if there is anything else between them.

        This is where most of the time goes: what is called for each cell is written in C.

        Args:
            piece: a part of the sheet in which only this row follows.
            start: where its first cell begins.
        """
        found = _CELL.findall(piece, start)
        if not found:
            return None if "<" in piece[start:] else _Filled([], NO_KINDS)
        letters, said = zip(*found, strict=True)
        cells = list(map(self._known.get, said))
        if None in cells:
            cells = [cell or self._plain_cell(text) for cell, text in zip(cells, said, strict=True)]
        texts, kinds, tags = zip(*cells, strict=True)
        if letters != self._letters:
            self._letters, self._places, self._kinds = letters, self._placed(letters), ()
        # If the cells that were found have all tags of the piece, nothing that is no plain cell is between them.
        if self._places is None or sum(tags) != piece.count("<", start):
            return None
        if kinds != self._kinds:
            self._kinds = kinds
            self._by_place = {at: kind for at, kind in zip(self._places, kinds, strict=True) if kind is not None}
        if self._places[-1] < len(texts):
            return _Filled(list(texts), self._by_place)
        row = [""] * (self._places[-1] + 1)
        for at, text in zip(self._places, texts, strict=True):
            row[at] = text
        return _Filled(row, self._by_place)

    def _placed(self, columns: Sequence[str]) -> list[int] | None:
        """The positions of cells by their columns, of which some may be empty; None if they go back."""
        places: list[int] = []
        for letters in columns:
            at = places[-1] + 1 if places else 0
            column = self.column(letters) if letters else at
            if column < at or column >= MOST_COLUMNS:
                return None
            places.append(column)
        return places

    def _plain_cell(self, said: str) -> _PlainCell:
        text, kind, tags = "", None, said.count("<") + 1
        if usual := _USUAL.fullmatch(said):
            style, named, content = usual.groups()
            if content:
                text, kind = self.value(content, named, style)
        else:
            head, _, body = said.partition(">")
            attributes = dict(_ATTRIBUTE.findall(head))
            if "r" in attributes:
                tags = 0  # the place stands behind another attribute: not plain
            elif body.startswith("<is>"):
                text = _read(_unescaped(body[body.index(">", 4) + 1 : body.index("</t>")]))
            elif body and (content := _unescaped(body[body.rindex("<v>") + 3 : body.rindex("</v>")]).strip()):
                text, kind = self.value(content, attributes.get("t"), attributes.get("s"))
        if len(self._known) >= _MOST_KNOWN:  # all at once: to keep the order of use would cost time for each cell
            self._known.clear()
        cell = self._known[said] = (text, kind, tags)
        return cell

    def value(self, text: str, kind: str | None, style: str | None) -> tuple[str, CellKind | None]:
        """The text of a cell, and its kind if it is not text.

        Args:
            text: the content of its value element.
            kind: its attribute `t`.
            style: its attribute `s`.
        """
        if kind == "s":
            return self._strings[int(text)], None
        if kind is None or kind == "n":
            form = PLAIN if style is None else self._formats.get(style, PLAIN)
            if form is PLAIN and is_whole(text):
                return text, CellKind.NUMBER
            try:
                return formatted(text, form, self._epoch_1904)
            except (ValueError, OverflowError):  # not a number or not a valid date: the row is rejected later
                return text, form.kind
        return _stated(text, kind)


def _stated(text: str, kind: str) -> tuple[str, CellKind | None]:
    """As `_Cells.value`, of a cell whose type says all."""
    if kind == "b":
        return ("TRUE" if text == "1" else "FALSE"), CellKind.BOOLEAN
    if kind == "d":
        return text.removesuffix("T00:00:00").replace("T", " "), CellKind.DATE
    return (text, CellKind.ERROR) if kind == "e" else (_read(text), None)


class _Texts(Xml):
    """The content of a string: plain, or in runs of one style; phonetic text is left out."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.phonetic = 0
        """Depth of the phonetic text that is being read, or 0."""
        super().__init__()

    def begin_text(self, name: str) -> None:
        """An element within a string begins."""
        if name == "rPh" and not self.phonetic:
            self.phonetic = self.depth

    def end_text(self, name: str) -> None:
        """An element within a string ends; the depth is that of its parent."""
        if self.phonetic:
            if self.depth < self.phonetic:
                self.phonetic = 0
        elif name == "t":
            self.pieces += self.texts

    def text(self) -> str:
        """The text of the string, which begins anew."""
        text = "".join(self.pieces)
        self.pieces.clear()
        return _read(text)


class _SharedStrings(_Texts):
    ending = b"</si>"

    def __init__(self) -> None:
        self.space = self.one = ""
        self.done: list[str] = []
        super().__init__()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.texts.clear()
        if name == self.one:
            self.item = self.parser.CurrentByteIndex
        elif self.depth == 1:
            self.space = namespace(name)
            self.one = f"{self.space}si"
        elif name.startswith(self.space):
            self.begin_text(name[len(self.space) :])

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == self.one:
            self.ends_item()
            self.done.append(self.text())
        elif name.startswith(self.space):
            self.end_text(name[len(self.space) :])

    def plain(self, text: str) -> list[str] | None:
        found = _STRING.findall(text)
        return found if len(found) * _STRING_TAGS == text.count("<") else None

    def accept(self, found: list[str]) -> None:
        self.done.extend(map(_read, map(_unescaped, found)))

    def taken(self) -> list[str]:
        """The strings since the last call."""
        done, self.done = self.done, []
        return done


class _PlainRows(NamedTuple):
    """The rows of a piece of a sheet."""

    records: list[RawRow]
    number: int
    """Number of the last row."""
    hidden: int


class _Sheet(_Texts):
    """The rows of a sheet."""

    ending = b"</row>"

    def __init__(self, cells: _Cells, *, hidden: bool) -> None:
        self.hidden_rows = 0
        """Rows with text that were left out."""
        self._shared = cells
        self._with_hidden = hidden
        self._row = self._cell = self._value = self._inline = ""
        self._done: list[RawRow] = []
        self._number = 0
        self._at = 0
        self._cells: list[str] = []
        self._kinds: dict[int, CellKind] = {}
        self._is_hidden = self._in_row = self._in_cell = self._in_inline = False
        self._type: str | None = None
        self._style: str | None = None
        super().__init__()

    def taken(self) -> list[RawRow]:
        """The rows since the last call."""
        done, self._done = self._done, []
        return done

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.texts.clear()
        if name == self._value:
            return
        if name == self._cell and self._in_row and not self._in_cell:
            self._begin_cell(attributes)
        elif name == self._row:
            self._begin_row(attributes)
        elif self._in_inline:
            self.begin_text(local(name))
        elif name == self._inline:
            self._in_inline = self._in_cell
        elif self.depth == 1:
            own = namespace(name)
            self._row, self._cell, self._value, self._inline = f"{own}row", f"{own}c", f"{own}v", f"{own}is"

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == self._value:
            if self._in_cell and self.texts:
                self._fill("".join(self.texts).strip())
        elif name == self._cell:
            self._in_cell = False
        elif name == self._row:
            self._end_row()
        elif self._in_inline:
            if name == self._inline:
                self._in_inline = False
                self._cells[self._at] = self.text()
            else:
                self.end_text(local(name))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if self._in_row:
            raise ValueError("a row in a row")
        self.item = self.parser.CurrentByteIndex
        self._number = _row_number(attributes.get("r"), self._number)
        self._is_hidden = attributes.get("hidden") in _TRUE
        self._cells = []
        self._kinds = {}
        self._in_row = True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        cells = self._cells
        at = len(cells)
        if place := attributes.get("r"):
            column = self._shared.column(place)
            if column < at:  # cells may stand in any order, as long as none comes twice
                if cells[column]:
                    raise ValueError("a cell twice")
            else:
                cells.extend([""] * (column - at + 1))
            at = column
        else:
            if at >= MOST_COLUMNS:
                raise ValueError("no such column")
            cells.append("")
        self._at, self._in_cell = at, True
        self._type = attributes.get("t")
        self._style = attributes.get("s")

    def _fill(self, text: str) -> None:
        if text:
            shown, kind = self._shared.value(text, self._type, self._style)
            self._cells[self._at] = shown
            if kind is not None:
                self._kinds[self._at] = kind

    def _end_row(self) -> None:
        self._in_row = self._in_cell = False
        self.ends_item()
        if self._is_hidden and not self._with_hidden:
            self.hidden_rows += any(self._cells)
        elif self._cells:
            self._done.append(RawRow(self._number, self._cells, self._kinds or NO_KINDS))

    def plain(self, text: str) -> _PlainRows | None:
        records: list[RawRow] = []
        number, hidden = self._number, 0
        for piece in text.split("</row>")[:-1]:
            start, is_open, rest = 0, False, ""
            while not is_open:
                row = _ROW.match(piece, start)
                if row is None:
                    return None
                said, rest, closes = row.groups()
                start, is_open = row.end(), not closes
                number = _row_number(said, number)
            filled = self._shared.plain_cells(piece, start)
            if filled is None or ' r="' in rest:
                return None
            is_hidden = ' hidden="' in rest and dict(_ATTRIBUTE.findall(rest))["hidden"] in _TRUE
            if is_hidden and not self._with_hidden:
                hidden += any(filled.cells)
            elif filled.cells:
                records.append(RawRow(number, *filled))
        return _PlainRows(records, number, hidden)

    def accept(self, found: _PlainRows) -> None:
        self._done += found.records
        self._number = found.number
        self.hidden_rows += found.hidden


def _row_number(said: str | None, before: int) -> int:
    """The number of a row, as it says or by the number of the row before it."""
    number = int(said or before + 1)
    if not 0 < number <= MOST_ROWS:
        raise ValueError("no such row")
    return number


def workbook_part(package: Package) -> str | None:
    """The name of the part that lists the sheets; None if it is no workbook."""
    with package.damage():
        targets = [target.part for target in _related(package, "").values() if target.kind == "officeDocument"]
        # Some programs write no relations of the package, or wrong ones.
        if not any(part in package for part in targets):
            targets = [*_main_by_type(package), "xl/workbook.xml"]
    return next((part for part in targets if part in package and _is_workbook(package, part)), None)


def is_binary(part: str) -> bool:
    """Whether the part that lists the sheets is that of a binary workbook (.xlsb)."""
    return part.lower().endswith(".bin")


def _is_workbook(package: Package, part: str) -> bool:
    with package.damage():
        return is_binary(part) or local(tags(package.read(part))[0].name) == "workbook"


def _main_by_type(package: Package) -> list[str]:
    """Parts that list sheets by the list of content types, for a package without relations."""
    if "[Content_Types].xml" not in package:
        return []
    return [
        attributes.get("PartName", "")
        for name, attributes in tags(package.read("[Content_Types].xml"))
        if local(name) == "Override" and any(kind in attributes.get("ContentType", "") for kind in _WORKBOOK_TYPES)
    ]


def _related(package: Package, part: str) -> dict[str, Related]:
    """Relations of a part by their ids."""
    folder, _, name = part.rpartition("/")
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package:
        return {}
    return {
        attributes["Id"]: Related(
            attributes["Type"].rpartition("/")[2],
            posixpath.join("/", folder, attributes["Target"].replace("\\", "/")),
        )
        for name, attributes in tags(package.read(path))
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _relation(attributes: dict[str, str]) -> str:
    """The id of an element's relation, an attribute in one of two namespaces for relations."""
    return next((value for name, value in attributes.items() if name.endswith("/relationships}id")), "")


def _formats(package: Package, part: str | None) -> dict[str, Format]:
    """The number format of each cell style, by the number of the style."""
    if part is None:
        return {}
    codes: dict[str, str] = {}
    found: list[Format] = []
    listed = tags(package.read(part))
    main = namespace(listed[0].name)
    inside = False
    for name, attributes in listed:
        if name == f"{main}numFmt":
            codes.setdefault(attributes["numFmtId"], attributes["formatCode"])
        elif name in (f"{main}cellXfs", f"{main}cellStyles", f"{main}dxfs"):
            inside = name == f"{main}cellXfs"
        elif name == f"{main}xf" and inside:
            number = attributes.get("numFmtId", "0")
            found.append(number_format(int(number), codes.get(number, "")))
    return {str(number): form for number, form in enumerate(found)}


def _strings(package: Package, part: str | None) -> _Strings:
    """The shared strings, which cells reference by number."""
    strings = _Strings()
    if part is not None:
        parsed = _SharedStrings()
        for _ in parsed.feed(package.chunks(part)):
            for text in parsed.taken():
                strings.append(text)
            if strings.size > _MOST_TEXT:
                raise package.bomb()
    return strings


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


def _unescaped(text: str) -> str:
    """The text of XML without its entities."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    return _ENTITIES[name] if name else chr(int(decimal or hexadecimal, 10 if decimal else 16))


def _read(text: str) -> str:
    """A string with escapes such as `_x000D_` decoded, which stand for characters that XML cannot contain."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return unguarded(text.strip())

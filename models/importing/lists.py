"""Lists of serials in files, for receiving and for every verb: text or workbooks, read by the same code as imports."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, Final, NamedTuple, TypeVar

from models.errors import BadValue
from models.importing import headings
from models.importing.cell_values import literal
from models.importing.columns import Field, field_named, recognise
from models.importing.files import OpenedFile, bad_file
from models.importing.number_formats import CellKind
from models.importing.serial_cells import doubt_about, is_total, made_by_spreadsheet, several
from models.importing.sources import TableReader, open_source
from models.importing.table import encoding_unused
from models.importing.workbooks import RawRow
from models.serials.ranges import BLANKS, MOST, ListLine, first_wrong, refuse_more
from models.text import fold, readable

T = TypeVar("T")
L = TypeVar("L")

LARGEST: Final = 64 * 1024 * 1024
"""Maximum size of a list in bytes."""

SEVERAL: Final = "several"
SPREADSHEET: Final = "spreadsheet"
NO_SERIAL: Final = "no_serial"
OTHER_ITEM: Final = "item"
"""Reasons why a line of a list is no serial; part of the output of commands."""

_BAR: Final = "|"
_SHOWN: Final = 60
"""Characters of a line that a message quotes."""
_COPIED: Final = 1 << 16
"""Bytes copied at once."""


class SerialList(NamedTuple):
    """A list of serials, one a line."""

    lines: tuple[ListLine, ...]
    """In the order of the file; blank lines are left out."""
    notes: tuple[str, ...] = ()
    """Sentences about parts of the file that were not read."""

    @property
    def items(self) -> frozenset[str]:
        """Texts that may name items: those of an item column, and the first of two values in a line."""
        named = {line.sku for line in self.lines if line.sku}
        return frozenset(named | {line.pair[0] for line in self.lines if line.pair is not None})

    def of_items(self, known: Collection[str], strange: Callable[[ListLine], str]) -> tuple[ListLine, ...]:
        """The lines, now that it is known which items can be named.

        Args:
            known: folded names of these items. A line of two values of which the first is one of them is an item and
                its serial.
            strange: the sentence about a line of another item.
        """
        return tuple(_with_item(line, known, strange) for line in self.lines)

    def announced(self, sku: str) -> list[str]:
        """The serials as an announced list of one item, each at the place of its line, so that messages can name it.

        Raises:
            BadValue: a line is no serial of the item.
        """
        lines = self.of_items(
            {fold(sku)},
            lambda line: f"{line.text} is of the item {line.sku} in the list, and not of {sku}. Take it out.",
        )
        if wrong := [(line.line, line.message) for line in lines if line.message]:
            raise BadValue(first_wrong(wrong), field="file")
        texts = [""] * (lines[-1].line if lines else 0)
        for line in lines:
            texts[line.line - 1] = line.text
        return texts


class CorrectionList(NamedTuple):
    """The corrections in a file: the serials as they are called now, and for each the line of its new text."""

    old: SerialList
    new: tuple[ListLine, ...]
    """In the order of `old`."""


def _with_item(line: ListLine, known: Collection[str], strange: Callable[[ListLine], str]) -> ListLine:
    if line.pair is not None and fold(line.pair[0]) in known:
        sku, text = line.pair
        return _one_serial(ListLine(line.line, text, sku))
    if line.sku and not line.message and fold(line.sku) not in known:
        return line._replace(reason=OTHER_ITEM, message=strange(line))
    return line


def read_list(path: str, encoding: str | None = None) -> SerialList:
    """Read the serials of a file: a text file, one a line, or a workbook, one a row.

    A first line with a known heading is a header: then the column of serials is read, with that of items if there is
    one. Any other first line is a serial.

    Args:
        path: a regular file.
        encoding: the codec of a text file that a person chose.

    Raises:
        BadValue: the file cannot be read, has no serial or too many, or its header names no serials.
    """
    return _read(OpenedFile(path), encoding, _serial_list)


def read_list_from(stream: IO[bytes], name: str, encoding: str | None = None) -> SerialList:
    """Read the serials of a pipe or of standard input; see `read_list`.

    Args:
        name: what messages call it.

    Raises:
        BadValue
    """
    return _read_stream(stream, name, encoding, _serial_list)


def read_corrections(path: str, encoding: str | None = None) -> CorrectionList:
    """Read a list of corrections: the old and the new text of a serial in a line, which may have the SKU before them.

    A first line with headings for old and new texts is a header.

    Args:
        path: a regular file.
        encoding: the codec of a text file that a person chose.

    Raises:
        BadValue: the file cannot be read, has no correction or too many, or its header names no old and new texts.
    """
    return _read(OpenedFile(path), encoding, _correction_list)


def read_corrections_from(stream: IO[bytes], name: str, encoding: str | None = None) -> CorrectionList:
    """Read the corrections of a pipe or of standard input; see `read_corrections`.

    Args:
        name: what messages call it.

    Raises:
        BadValue
    """
    return _read_stream(stream, name, encoding, _correction_list)


class _Source(NamedTuple):
    """A file, its reader and the encoding that a person chose."""

    file: OpenedFile
    reader: TableReader
    encoding: str | None


_ListMaker = Callable[[_Source, RawRow, Iterator[RawRow]], T]
"""Makes a list of the first row of a file that is not blank, and of those that follow it."""


def _read_stream(stream: IO[bytes], name: str, encoding: str | None, make: _ListMaker[T]) -> T:
    # The readers seek, and read more than once, which a pipe does not allow.
    with tempfile.NamedTemporaryFile(prefix="serialdock-") as copy:
        try:
            taken = 0
            while taken <= LARGEST and (block := stream.read(_COPIED)):  # one more byte than allowed is refused below
                taken += copy.write(block)
            copy.flush()
        except OSError as error:
            raise bad_file(f"{name} cannot be read: {error.strerror}. Save the list as a file and name that.") from None
        file = OpenedFile(copy.name)
        file.name = file.path = name
        return _read(file, encoding, make)


def _read(file: OpenedFile, encoding: str | None, make: _ListMaker[T]) -> T:
    try:
        if file.size > LARGEST:
            raise bad_file(f"{file.name} has more than {LARGEST >> 20} MB. Give the serials in parts.")
        if not file.size:
            raise _without_serials(file)
        reader, _ = open_source(file, sheet=None, hidden=False, encoding=encoding, progress=None)
        try:
            records = (row for row in reader.records() if any(cell.strip(BLANKS) for cell in row.cells))
            first = next(records, None)
            if first is None:
                raise _without_serials(file)
            return make(_Source(file, reader, encoding), first, records)
        finally:
            reader.close()
    finally:
        file.close()


def _serial_list(source: _Source, first: RawRow, records: Iterator[RawRow]) -> SerialList:
    notes: list[str] = []
    file = source.file
    if any(map(field_named, first.cells)):
        serials, items = _columns(file, first, recognise(first.cells))
        lines = (_of_columns(row, serials, items) for row in records)
        notes += _unread(file, first, {serials, items})
    else:
        sign = _separator(source.reader)
        lines = (_of_line(row, sign) for row in chain((first,), records))
    kept = _checked_lines(file, lines)
    return SerialList(kept, (*notes, *_notes_on(source)))


def _checked_lines(file: OpenedFile, lines: Iterator[L]) -> tuple[L, ...]:
    """The lines of a list, at least one and not too many."""
    kept = tuple(islice(lines, MOST + 1))
    if not kept:
        raise _without_serials(file)
    refuse_more(len(kept), f"{file.name} has more than {MOST:,} serials", field="file")
    return kept


def _separator(reader: TableReader) -> str:
    """The separator of the values of a line."""
    return reader.delimiter if reader.kind in ("csv", "tsv") else ","


def _unread(file: OpenedFile, first: RawRow, read: Collection[int]) -> list[str]:
    """The sentence about columns that are not read."""
    unread = [cell.strip() for column, cell in enumerate(first.cells) if column not in read]
    named = ", ".join(filter(None, unread))
    return [f"Of {file.name} only the serials are read, not {readable(named, 80)}."] if named else []


def _notes_on(source: _Source) -> list[str]:
    """Sentences about other parts of a file that are not read, or not as they are shown."""
    file, reader, encoding = source
    notes = [encoding_unused(file.name)] if encoding is not None and not reader.encoding else []
    if reader.hidden_rows:
        notes.append(f"{reader.hidden_rows:,} hidden or filtered rows of {file.name} are left out.")
    if reader.kind in ("xls", "xlsb"):
        notes.append(
            f"Numbers of an .{reader.kind} file are read without their format: one that is shown as 00042 is 42."
        )
    if len(reader.sheets) > 1 + len(reader.hidden_sheets):
        notes.append(f"Of {file.name} the sheet {readable(reader.sheet, 40)} is read.")
    return notes


def _columns(file: OpenedFile, first: RawRow, header: Mapping[int, Field]) -> tuple[int, int]:
    """The column of the serials, and that of their items or -1.

    Raises:
        BadValue: no heading names serials.
    """
    of = {field: column for column, field in header.items()}
    if Field.SERIAL_NUMBER not in of:
        named = ", ".join(cell.strip() for cell in first.cells if cell.strip())
        raise bad_file(
            f"{file.name} has a header in line {first.number:,}, and none of its columns is the serial number: "
            f"{readable(named, 80)}. Call that column {Field.SERIAL_NUMBER.label}."
        )
    return of[Field.SERIAL_NUMBER], of.get(Field.ITEM, -1)


def _of_columns(row: RawRow, serials: int, items: int) -> ListLine:
    cells = [cell.strip(BLANKS) for cell in row.cells] + [""] * (serials + 1 - len(row.cells))
    sku = cells[items] if 0 <= items < len(cells) else ""
    text = cells[serials]
    if text:
        return _one_serial(ListLine(row.number, text, sku), row.kinds.get(serials))
    whole = readable(", ".join(filter(None, cells)), _SHOWN)
    message = f"{whole} has no serial number. Fill it in, or take the line out."
    return ListLine(row.number, whole, sku, NO_SERIAL, message)


def _of_line(row: RawRow, sign: str) -> ListLine:
    """A line of a file without a header; `sign` separates its values."""
    filled = [(column, cell.strip(BLANKS)) for column, cell in enumerate(row.cells) if cell.strip(BLANKS)]
    if len(filled) == 1:
        ((column, text),) = filled
        return _one_serial(ListLine(row.number, text), row.kinds.get(column))
    text = sign.join(cell.strip(BLANKS) for cell in row.cells).strip(sign)
    if sign == _BAR:  # it may belong to the serials
        return _one_serial(ListLine(row.number, text))
    pair = (filled[0][1], filled[1][1]) if len(filled) == 2 else None
    return ListLine(row.number, text, "", SEVERAL, _several(text), pair)


def _one_serial(line: ListLine, kind: CellKind | None = None) -> ListLine:
    """The line, refused if its only value is not one serial as it was printed, or doubtful if it may not be."""
    text = literal(line.text)
    line = line._replace(text=text)
    if made := made_by_spreadsheet(text, kind):
        return line._replace(reason=SPREADSHEET, message=made)
    if is_total(text) or field_named(text) is Field.SERIAL_NUMBER:
        what = "a row of totals" if is_total(text) else "a heading that is repeated"
        return line._replace(reason=NO_SERIAL, message=f"{readable(text, _SHOWN)} is {what}. Take the line out.")
    if several(text):
        return line._replace(reason=SEVERAL, message=_several(text))
    return line._replace(doubt=doubt_about(text))


def _several(text: str) -> str:
    return (
        f"{readable(text, _SHOWN)} has several values, and a line of a list is one serial. Give each serial a line of "
        "its own."
    )


# ----- corrections


def _correction_list(source: _Source, first: RawRow, records: Iterator[RawRow]) -> CorrectionList:
    notes: list[str] = []
    file = source.file
    sides = [_side(cell) for cell in first.cells]
    if any(sides) or any(map(field_named, first.cells)):
        columns = _sides(file, first, sides)
        rows = (_correction(row, *columns) for row in records)
        notes += _unread(file, first, set(columns))
    else:
        sign = _separator(source.reader)
        rows = (_correction_of_line(row, sign) for row in chain((first,), records))
    kept = _checked_lines(file, rows)
    old = SerialList(tuple(each for each, _ in kept), (*notes, *_notes_on(source)))
    return CorrectionList(old, tuple(new for _, new in kept))


def _words(texts: str) -> frozenset[str]:
    return frozenset(fold(text) for text in texts.split(";"))


_OLD: Final = "old"
_NEW: Final = "new"
_SIDES: Final[Mapping[str, frozenset[str]]] = {_OLD: _words(headings.OLD), _NEW: _words(headings.NEW)}
_TEXTS: Final = _words(headings.TEXTS) | {""}
_HEADING_WORDS: Final = re.compile(r"[^\W_]+")


def _side(heading: str) -> str:
    """Whether a heading is that of old or of new texts; empty if it is neither."""
    words = [fold(word) for word in _HEADING_WORDS.findall(heading)]
    for side, known in _SIDES.items():
        rest = " ".join(word for word in words if word not in known)
        if not known.isdisjoint(words) and (rest in _TEXTS or field_named(rest) is Field.SERIAL_NUMBER):
            return side
    return ""


def _sides(file: OpenedFile, first: RawRow, sides: Sequence[str]) -> tuple[int, int, int]:
    """The columns of old texts, of new ones, and of their items or -1.

    Raises:
        BadValue: the headings do not say which columns those are.
    """
    found = {side: [column for column, each in enumerate(sides) if each == side] for side in _SIDES}
    named = {field: column for column, field in recognise(first.cells).items() if not sides[column]}
    # "Serial Number, New": the column without a word for its side is the other one.
    if Field.SERIAL_NUMBER in named and sorted(map(len, found.values())) == [0, 1]:
        next(columns for columns in found.values() if not columns).append(named[Field.SERIAL_NUMBER])
    if [len(columns) for columns in found.values()] != [1, 1]:
        shown = readable(", ".join(cell.strip() for cell in first.cells if cell.strip()), 80)
        raise bad_file(
            f"{file.name} has a header in line {first.number:,} that does not say which column has the old and which "
            f"the new serial numbers: {shown}. Call them Old and New."
        )
    return found[_OLD][0], found[_NEW][0], named.get(Field.ITEM, -1)


def _correction(row: RawRow, old: int, new: int, items: int) -> tuple[ListLine, ListLine]:
    """The old and the new text in a row."""
    cells = dict(enumerate(cell.strip(BLANKS) for cell in row.cells))
    before = ListLine(row.number, cells.get(old, ""), cells.get(items, ""))
    after = ListLine(row.number, cells.get(new, ""))
    if before.text and after.text:
        return _one_serial(before, row.kinds.get(old)), _one_serial(after, row.kinds.get(new))
    whole = readable(", ".join(filter(None, cells.values())), _SHOWN)
    lacks = "old" if after.text else "new"
    message = f"{whole} has no {lacks} serial number. Fill it in, or take the line out."
    return before._replace(text=before.text or whole), after._replace(reason=NO_SERIAL, message=message)


def _correction_of_line(row: RawRow, sign: str) -> tuple[ListLine, ListLine]:
    """The old and the new text in a line of a file without a header; `sign` separates its values."""
    cells = [cell.strip(BLANKS) for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) in (2, 3):  # of two the place of the SKU is -1, where no cell is
        return _correction(row, len(cells) - 2, len(cells) - 1, len(cells) - 3)
    text = readable(sign.join(cells), _SHOWN)
    message = f"{text} is no correction. Give a line the old and the new serial number, and their SKU before them."
    return ListLine(row.number, text), ListLine(row.number, "", "", SEVERAL if cells[1:] else NO_SERIAL, message)


def _without_serials(file: OpenedFile) -> BadValue:
    return bad_file(f"{file.name} has no serial in it. Give one serial a line.")

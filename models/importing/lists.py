"""Lists of serials in files, for receiving and for every verb: text or workbooks, read by the same code as imports."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from itertools import chain, islice
from typing import IO, Final, NamedTuple

from models.errors import BadValue
from models.importing.cell_values import literal
from models.importing.columns import Field, field_named, recognise
from models.importing.files import OpenedFile, bad_file
from models.importing.number_formats import CellKind
from models.importing.serial_cells import doubt_about, is_total, made_by_spreadsheet, several
from models.importing.sources import TableReader, open_source
from models.importing.workbooks import RawRow
from models.serials.ranges import BLANKS, MOST, ListLine, refuse_more
from models.text import fold, readable

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
    """The serials in a file."""

    lines: tuple[ListLine, ...]
    """In the order of the file; blank lines are left out."""
    notes: tuple[str, ...] = ()
    """What was not read, one sentence each."""

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
        return tuple(_settled(line, known, strange) for line in self.lines)


def _settled(line: ListLine, known: Collection[str], strange: Callable[[ListLine], str]) -> ListLine:
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
    return _read(OpenedFile(path), encoding)


def read_list_from(stream: IO[bytes], name: str, encoding: str | None = None) -> SerialList:
    """Read the serials of a pipe or of standard input; see `read_list`.

    Args:
        name: what messages call it.

    Raises:
        BadValue
    """
    with tempfile.NamedTemporaryFile(prefix="serialdock-") as copy:
        try:
            taken = 0
            while taken <= LARGEST and (block := stream.read(_COPIED)):
                taken += copy.write(block)
            copy.flush()
        except OSError as error:
            raise bad_file(f"{name} cannot be read: {error.strerror}. Save the list as a file and name that.") from None
        file = OpenedFile(copy.name)
        file.name = file.path = name
        return _read(file, encoding)


def _read(file: OpenedFile, encoding: str | None) -> SerialList:
    try:
        if file.size > LARGEST:
            raise bad_file(f"{file.name} has more than {LARGEST >> 20} MB. Give the serials in parts.")
        if not file.size:
            raise _without_serials(file)
        reader, _ = open_source(file, sheet=None, hidden=False, encoding=encoding, progress=None)
        try:
            return _read_rows(file, reader)
        finally:
            reader.close()
    finally:
        file.close()


def _read_rows(file: OpenedFile, reader: TableReader) -> SerialList:
    records = (row for row in reader.records() if any(cell.strip(BLANKS) for cell in row.cells))
    first = next(records, None)
    if first is None:
        raise _without_serials(file)
    notes: list[str] = []
    if any(map(field_named, first.cells)):
        header = recognise(first.cells)
        serials, items = _columns(file, first, header)
        lines = (_of_columns(row, serials, items) for row in records)
        unread = [cell.strip() for column, cell in enumerate(first.cells) if column not in (serials, items)]
        if named := ", ".join(filter(None, unread)):
            notes.append(f"Of {file.name} only the serials are read, not {readable(named, 80)}.")
    else:
        sign = reader.delimiter if reader.kind in ("csv", "tsv") else ","
        lines = (_of_line(row, sign) for row in chain((first,), records))
    kept = tuple(islice(lines, MOST + 1))
    if not kept:
        raise _without_serials(file)
    refuse_more(len(kept), f"{file.name} has more than {MOST:,} serials", field="file")
    if reader.hidden_rows:
        notes.append(f"{reader.hidden_rows:,} hidden or filtered rows of {file.name} are left out.")
    if reader.kind in ("xls", "xlsb"):
        notes.append(
            f"Numbers of an .{reader.kind} file are read without their format: one that is shown as 00042 is 42."
        )
    if len(reader.sheets) > 1 + len(reader.hidden_sheets):
        notes.append(f"Of {file.name} the sheet {readable(reader.sheet, 40)} is read.")
    return SerialList(kept, tuple(notes))


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


def _without_serials(file: OpenedFile) -> BadValue:
    return bad_file(f"{file.name} has no serial in it. Give one serial a line.")

"""A table in a file of any supported kind: a header, and a stream of text rows.

    with open_table("serials.xlsx") as table:
        mapping = recognise(table.header)
        for row in table.rows():
            ...

Errors are found in three places: `open_table` refuses what shows in one pass over the bytes and in the first rows;
`rows` refuses damage further on, so write nothing before it has ended; errors of a single row are left to the caller
(`Row.is_ragged`, `cells.mangled`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from models.errors import BadValue
from models.importing.choices import NO_HEADER, NOTHING_CHOSEN, Choices
from models.importing.columns import REASON, column_letter, field_named
from models.importing.files import OpenedFile, Progress, bad_file
from models.importing.headers import find_header, headings, letters
from models.importing.number_formats import CellKind
from models.importing.sources import LOOKED_AT, Recall, TableReader, open_source
from models.importing.workbooks import NO_KINDS, RawRow, empty
from models.text import readable


class Row(NamedTuple):
    """A row that is not blank."""

    number: int
    """Number as the user sees it: the line on which it begins, or the spreadsheet row; the first is 1."""
    cells: tuple[str, ...]
    """Cell texts without surrounding whitespace, as many as the header has, or more if `is_ragged`."""
    is_ragged: bool = False
    """Whether it has texts beyond the header's last column. A short row is padded with empty cells."""
    kinds: Mapping[int, CellKind] = NO_KINDS
    """Kinds of the cells of a workbook that are not text, by their positions."""


class FileTable:
    """An open table, made by `open_table`. Use it in a `with`.

    Every cell is text: leading zeros and long numbers are as in the file, spreadsheet dates are ISO, and a number that
    a spreadsheet has rounded is in a form that `cells.mangled` recognises. A `'` before a leading `=`, `+`, `-`, `@`,
    TAB or CR is removed, because `imports.Rejects` and other programs add it as a guard against formulas.
    """

    def __init__(
        self, file: OpenedFile, source: TableReader, sha256: str, choices: Choices, recall: Recall | None
    ) -> None:
        self._file = file
        self._source = source
        self.name = file.name
        """File name without the folder."""
        self.path = file.path
        """Path as given."""
        self.size = file.size
        """Size in bytes."""
        self.sha256 = sha256
        """Checksum of the whole file, in hex."""
        self.kind = source.kind
        """`csv`, `tsv`, `xlsx`, `ods`, `xls` or `xlsb`, by content."""
        self.delimiter = source.delimiter
        """Delimiter of a `csv` or `tsv`; a comma for the others."""
        self.sheets = source.sheets
        """Sheet names of a workbook."""
        self.hidden_sheets = source.hidden_sheets
        """Those of `sheets` that a spreadsheet does not show."""
        self.sheet = source.sheet
        """The sheet that is read, if it is a workbook."""
        self.encoding = source.encoding
        """Codec of a text file; empty for a workbook."""
        self.likely = source.likely
        """The encodings in which a text file that is not UTF-8 can be read."""
        self._is_encoding_unused = choices.encoding is not None and not source.encoding
        self.first_rows = self._read_first()
        """The first rows that are not blank, as they stand, whatever the header is."""
        self.header_row = NO_HEADER
        """Number of the header's row; `NO_HEADER` if there is none."""
        self.header: tuple[str, ...] = ()
        """Column headings; a heading may be empty, except the last one. Without a header letters."""
        self.remembered = NOTHING_CHOSEN
        """The choices for an earlier file with this header."""
        self._choose(choices.header_row, recall)
        # At once, so that a person is not asked about the columns of a file with nothing in it.
        if not any(True for _ in islice(self.rows(), 1)):
            raise self._without_rows("has a header and no rows, so there is nothing in it")

    def take_header(self, number: int, recall: Recall | None = None) -> None:
        """Take another row as the header.

        Args:
            number: of the row; `NO_HEADER` takes none.
            recall: tells what is remembered of headers.

        Raises:
            BadValue: there is no text in this row; the header stays.
        """
        self._is_found = False
        self.header = letters(self.first_rows) if number == NO_HEADER else self._headings_of(number)
        self.header_row = number
        found = recall([self.header]) if recall is not None and number != NO_HEADER else {}
        self.remembered = found.get(0, NOTHING_CHOSEN)

    def _choose(self, chosen: int | None, recall: Recall | None) -> None:
        """Find the header: that of a file of rejected rows, the chosen one, a remembered one, or the likeliest."""
        first = self.first_rows[0]
        # A file of rejected rows has its header in its first row, whatever a person chose for its source.
        if self._source.is_marked and len(first.cells) > 1 and headings(first)[-1] == REASON:
            self.take_header(first.number, recall)
        elif chosen is not None:
            self.take_header(chosen, recall)
        else:
            known = recall([headings(row) for row in self.first_rows]) if recall is not None else {}
            # A row that was the header at the same place before comes first, then any that was one, then the likeliest.
            numbers = {self.first_rows[place].number: found for place, found in sorted(known.items())}
            same = [number for number, found in numbers.items() if found.header_row == number]
            self.take_header(next(iter([*same, *numbers]), find_header(self.first_rows)))
            self.remembered = numbers.get(self.header_row, NOTHING_CHOSEN)
            self._is_found = True

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings about the header, one sentence each."""
        counts = Counter(name.casefold() for name in self.header if name)
        first = {name.casefold(): name for name in reversed(self.header)}
        notes = [
            f"{count} columns are named “{first[name]}”; the first of them is taken unless you choose another."
            for name, count in counts.items()
            if count > 1
        ]
        if self._is_encoding_unused:
            notes.append(encoding_unused(self.name))
        if self.kind in ("xls", "xlsb"):
            notes.append(
                f"Numbers of an .{self.kind} file are read without their format: one that is shown as 00042 is 42. "
                "Save it as .xlsx if there are such numbers."
            )
        if self._is_found:
            notes += self._found_notes()
        bare = [column_letter(column) for column, name in enumerate(self.header) if not name]
        if bare:
            columns = f"The columns {', '.join(bare[:10])} have" if len(bare) > 1 else f"The column {bare[0]} has"
            notes.append(f"{columns} no name.")
        return tuple(notes)

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `rows`, 0 to 1, for a progress bar."""
        return self._source.share_read

    @property
    def hidden_rows(self) -> int:
        """Rows that the latest `rows` left out, because a spreadsheet does not show them."""
        return self._source.hidden_rows

    def rows(self) -> Iterator[Row]:
        """The rows below the header; each call reads from the start, with constant memory.

        Raises:
            BadValue: the file is damaged further on, or was changed since it was opened.
        """
        # A loop over up to a million rows: local names, and tuple.__new__ instead of the slower Row().
        width = len(self.header)
        after = self.header_row
        blank = ("",) * width
        strip = str.strip
        new, row = tuple.__new__, Row
        for number, cells, kinds in self._source.records():
            texts = tuple(map(strip, cells))
            ragged = False
            if len(texts) != width:
                if len(texts) > width:
                    ragged = any(texts[width:])
                    if not ragged:
                        texts = texts[:width]
                else:
                    texts += blank[len(texts) :]
            if number > after and any(texts):
                yield new(row, (number, texts, ragged, kinds))

    def close(self) -> None:
        """Close the file."""
        self._source.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_first(self) -> tuple[RawRow, ...]:
        found = (RawRow(row.number, [cell.strip() for cell in row.cells]) for row in self._source.records())
        rows = tuple(islice((row for row in found if any(row.cells)), LOOKED_AT))
        if not rows:
            raise self._without_rows("is empty", " Export it again, or choose another.")
        return rows

    def _found_notes(self) -> Iterator[str]:
        if self.header_row == NO_HEADER:
            yield "The first row looks like the others, so there is no header; the columns are named by letters."
        elif above := [row for row in self.first_rows if row.number < self.header_row]:
            are = "The row above it is" if len(above) == 1 else "The rows above it are"
            yield f"The header is in row {self.header_row:,}. {are} left out."
        elif len(self.header) == 1 and field_named(self.header[0]) is None:
            name = readable(self.header[0], 30)
            yield f"“{name}” in row {self.header_row:,} is taken for the header, not for a unit."

    def _headings_of(self, number: int) -> tuple[str, ...]:
        found = next((row for row in self.first_rows if row.number == number), None)
        if found is None and number > self.first_rows[-1].number:
            below = (row for row in self._source.records() if row.number >= number)
            found = next((row for row in below if row.number == number), None)
        names = headings(found) if found is not None else ()
        if not names:
            raise BadValue(
                f"There is no text in row {number:,} of {self.name}. Choose the row with the names of the columns.",
                field="header_row",
            )
        return names

    def _without_rows(self, wrong: str, step: str = "") -> BadValue:
        if self.hidden_rows:
            return BadValue(
                f"{self.name} shows no rows under a header: {self.hidden_rows} are hidden or filtered out. Show them "
                "and save the file.",
                field="file",
                option="--hidden include",
            )
        if len(self.sheets) > 1:
            return empty(self._file, self.sheet, self._source.filled(), self.hidden_sheets, wrong)
        return bad_file(f"{self.name} {wrong}.{step}")


def encoding_unused(name: str) -> str:
    """The sentence about an encoding that was chosen for a workbook."""
    return f"{name} is a workbook, which has no encoding to choose; the one that was chosen has no effect."


def open_table(
    path: str,
    *,
    sheet: str | None = None,
    hidden: bool = False,
    choices: Choices = NOTHING_CHOSEN,
    recall: Recall | None = None,
    progress: Progress | None = None,
) -> FileTable:
    """Open the table in a file: CSV or TSV with any common delimiter and encoding, or a workbook.

    The whole file is read once, for its checksum and to detect content that is no table.

    Args:
        path: the file; `~` is not expanded.
        sheet: name of a workbook's sheet; None takes the first visible one.
        hidden: whether hidden and filtered rows are read too.
        choices: the header's row and the encoding, where a person chose them.
        recall: tells what is remembered of headers, such as `imports.remembered`.
        progress: called with the bytes read and the total.

    Raises:
        Cancelled: `progress` stopped it.
        BadValue: it cannot be read as a table; `details["field"]` is `file`, or `sheet` for a sheet that is missing or
            has no rows; for the latter `details["sheets"]` are the sheets with rows. `header_row` or `encoding`, if
            what was chosen does not fit. With `details["encodings"]` the encoding is not certain.
    """
    file = OpenedFile(path)
    try:
        source, sha256 = open_source(
            file, sheet=sheet, hidden=hidden, encoding=choices.encoding, recall=recall, progress=progress
        )
        try:
            return FileTable(file, source, sha256, choices, recall)
        except BaseException:
            source.close()
            raise
    except BaseException:
        file.close()
        raise

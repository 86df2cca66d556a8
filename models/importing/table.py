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
from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from models.errors import BadValue
from models.importing.columns import column_letter
from models.importing.files import OpenedFile, Progress, bad_file
from models.importing.ods import OpenDocument
from models.importing.text_files import Delimited, checksum, look
from models.importing.workbooks import Package, empty, is_package, refuse_old
from models.importing.xlsx import Workbook


class Row(NamedTuple):
    """A row that is not blank."""

    number: int
    """Number as the user sees it: the line on which it begins, or the spreadsheet row; the first is 1."""
    cells: tuple[str, ...]
    """Cell texts without surrounding whitespace, as many as the header has, or more if `is_ragged`."""
    is_ragged: bool = False
    """Whether it has texts beyond the header's last column. A short row is padded with empty cells."""


class TableReader(Protocol):
    """A reader for one kind of file, as records of cells."""

    kind: str
    delimiter: str
    sheets: tuple[str, ...]
    sheet: str

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `records`, 0 to 1."""

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each record; each call reads from the start."""

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header."""

    def close(self) -> None:
        """Release resources."""


class FileTable:
    """An open table, made by `open_table`. Use it in a `with`.

    Every cell is text: leading zeros and long numbers are as in the file, spreadsheet dates are ISO, and a number that
    a spreadsheet has rounded is in a form that `cells.mangled` recognises. A `'` before a leading `=`, `+`, `-`, `@`,
    TAB or CR is removed, because `imports.Rejects` and other programs add it as a guard against formulas.
    """

    def __init__(self, file: OpenedFile, source: TableReader, sha256: str) -> None:
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
        """`csv`, `tsv`, `xlsx` or `ods`, by content."""
        self.delimiter = source.delimiter
        """Delimiter of a `csv` or `tsv`; a comma for the others."""
        self.sheets = source.sheets
        """Sheet names of a workbook."""
        self.sheet = source.sheet
        """The sheet that is read, if it is a workbook."""
        self._header_number = 0
        self.header = self._read_header()
        """Column headings; a heading may be empty, except the last one."""
        if not any(True for _ in islice(self.rows(), 1)):
            raise self._without_rows("has a header and no rows, so there is nothing in it")

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings about the header, one sentence each."""
        counts = Counter(name.casefold() for name in self.header if name)
        first = {name.casefold(): name for name in reversed(self.header)}
        told = [
            f"{count} columns are named “{first[name]}”; the first of them is taken unless you choose another."
            for name, count in counts.items()
            if count > 1
        ]
        bare = [column_letter(column) for column, name in enumerate(self.header) if not name]
        if bare:
            columns = f"The columns {', '.join(bare[:10])} have" if len(bare) > 1 else f"The column {bare[0]} has"
            told.append(f"{columns} no name.")
        return tuple(told)

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `rows`, 0 to 1, for a progress bar."""
        return self._source.share_read

    def rows(self) -> Iterator[Row]:
        """The rows below the header; each call reads from the start, with constant memory.

        Raises:
            BadValue: the file is damaged further on, or was changed since it was opened.
        """
        # A hot loop over up to a million rows: local names, and tuple.__new__ instead of the slower Row().
        width = len(self.header)
        after = self._header_number
        blank = ("",) * width
        strip = str.strip
        new, row = tuple.__new__, Row
        for number, cells in self._source.records():
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
                yield new(row, (number, texts, ragged))

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

    def _read_header(self) -> tuple[str, ...]:
        for number, cells in self._source.records():
            names = [" ".join(cell.split()) for cell in cells]
            while names and not names[-1]:
                names.pop()
            if names:
                self._header_number = number
                return tuple(names)
        raise self._without_rows("is empty", " Export it again, or choose another.")

    def _without_rows(self, wrong: str, step: str = "") -> BadValue:
        if len(self.sheets) > 1:
            return empty(self._file, self.sheet, self._source.filled(), wrong)
        return bad_file(f"{self.name} {wrong}.{step}")


def open_table(path: str, *, sheet: str | None = None, progress: Progress | None = None) -> FileTable:
    """Open the table in a file: CSV or TSV with any common delimiter and encoding, XLSX or ODS.

    The whole file is read once, for its checksum and to detect content that is no table.

    Args:
        path: the file; `~` is not expanded.
        sheet: name of a workbook's sheet; None takes the first visible one.
        progress: called with the bytes read and the total.

    Raises:
        Cancelled: `progress` stopped it.
        BadValue: it cannot be read as a table; `details["field"]` is `file`, or `sheet` for a sheet that is missing or
            has no rows; for the latter `details["sheets"]` are the sheets with rows.
    """
    file = OpenedFile(path)
    try:
        source, sha256 = _source(file, sheet, progress)
        return FileTable(file, source, sha256)
    except BaseException:
        file.close()
        raise


def _source(file: OpenedFile, sheet: str | None, progress: Progress | None) -> tuple[TableReader, str]:
    if not file.size:
        raise bad_file(f"{file.name} is empty. Export it again, or choose another file.")
    refuse_old(file)
    if is_package(file):
        return _workbook(file, sheet), checksum(file, progress).sha256
    seen = look(file, progress)
    if sheet is not None:
        raise BadValue(f"{file.name} is a text file and has no sheets. Leave the sheet out.", field="sheet")
    return Delimited(file, seen), seen.sha256


def _workbook(file: OpenedFile, sheet: str | None) -> TableReader:
    package = Package(file)
    try:
        if "content.xml" in package:
            return OpenDocument(package, sheet)
        if any(name.startswith("xl/") for name in package.names):
            return Workbook(package, sheet)
    except BaseException:
        package.close()
        raise
    package.close()
    raise bad_file(f"{file.name} is a ZIP file without a spreadsheet in it. Unpack it and choose a file from it.")

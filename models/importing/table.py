"""A table in a file, whatever kind of file it is: a header, and rows of texts that stream.

    with open_table("serials.xlsx") as table:
        mapping = recognise(table.header)
        for row in table.rows():
            ...

What is wrong with a file is found in three places: `open_table` refuses what can be told by a look at all of its bytes
and its first rows; `rows` refuses damage further on, so write nothing before it ended; what is wrong with one row only
is left to the caller (`Row.is_ragged`, `values.mangled`).
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
    """One row that is not blank."""

    number: int
    """As the person sees it: the line on which it begins, or the row of the spreadsheet; the first is 1."""
    cells: tuple[str, ...]
    """The text of each cell without outer blanks, as many as the header has, or more if `is_ragged`."""
    is_ragged: bool = False
    """Whether it has texts beyond the header's last column. A row that is too short is filled up with blanks."""


class TableReader(Protocol):
    """A kind of file, as records of cells."""

    kind: str
    delimiter: str
    sheets: tuple[str, ...]
    sheet: str

    @property
    def share_read(self) -> float:
        """How much of it the latest `records` took, 0 to 1."""

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The number of each record and its cells, read anew at each call."""

    def filled(self) -> tuple[str, ...]:
        """The sheets that have rows under a header."""

    def close(self) -> None:
        """Give back what is held."""


class FileTable:
    """An open table; `open_table` makes it. Use it in a `with`.

    Every cell is text: leading zeros and long numbers are as they are in the file, dates of spreadsheets are ISO, a
    number that a spreadsheet has rounded is written as `values.mangled` knows it. A `'` before a leading `=`, `+`,
    `-`, `@`, TAB or CR is taken off, because `rejects` and other programs put it there for the sake of spreadsheets.
    """

    def __init__(self, file: OpenedFile, source: TableReader, sha256: str) -> None:
        self._file = file
        self._source = source
        self.name = file.name
        """The file's, without its folder."""
        self.path = file.path
        """As it was given."""
        self.size = file.size
        """Bytes."""
        self.sha256 = sha256
        """Of the whole file, in hex."""
        self.kind = source.kind
        """`csv`, `tsv`, `xlsx` or `ods`, by its content."""
        self.delimiter = source.delimiter
        """Between the cells of a `csv` or `tsv`; a comma for the others."""
        self.sheets = source.sheets
        """The names of a workbook's sheets."""
        self.sheet = source.sheet
        """The one that is read, if it is a workbook."""
        self._header_number = 0
        self.header = self._read_header()
        """The names of the columns; empty where a column has none, but never at the end."""
        if not any(True for _ in islice(self.rows(), 1)):
            raise self._without_rows("has a header and no rows, so there is nothing in it")

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the header and no reason to refuse it, one sentence each."""
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
        """How much of the file the latest `rows` went through, 0 to 1, for a progress bar."""
        return self._source.share_read

    def rows(self) -> Iterator[Row]:
        """The rows below the header, read anew at each call; memory does not grow with the file.

        Raises:
            BadValue: the file is damaged further on, or was changed since it was opened.
        """
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
        """Give the file back."""
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
    """Open the table in a file: CSV or TSV with any usual delimiter and encoding, XLSX or ODS.

    All of the file is read once, for its checksum and to find what no table has.

    Args:
        path: the file; `~` is not expanded.
        sheet: the name of a workbook's sheet instead of its first.
        progress: is told how many bytes are read, and of how many.

    Raises:
        Cancelled: `progress` stopped it.
        BadValue: it cannot be read as a table; `details["field"]` is `file`, or `sheet` for a sheet that is not there
            or has no rows, and then `details["sheets"]` are those that have.
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

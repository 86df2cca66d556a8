"""Choosing the reader of a file by its content, and refusing files that no reader reads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Final, Protocol

from models.errors import BadValue
from models.importing.binary_workbooks import BinaryWorkbook
from models.importing.choices import Choices
from models.importing.columns import field_named
from models.importing.encodings import Likely, certain
from models.importing.files import OpenedFile, Progress, bad_file, with_password
from models.importing.ods import OpenDocument
from models.importing.text_files import Delimited, FileScan, checksum, scan_text, uncertain
from models.importing.workbooks import Package, RawRow, is_package
from models.importing.xlsx import Workbook, is_binary, workbook_part

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Beginning of the container of old Office files, which also wraps newer files with a password."""
_OLDEST: Final = re.compile(rb"\x09[\x00\x02\x04\x08][\x04\x06\x08\x10]\x00", re.DOTALL)
"""Beginning of an Excel file before version 5, which has no container."""

_SAVE: Final = "Open it, save it as .xlsx and choose that file."
_COPY: Final = "Copy its table into a spreadsheet, save it as .xlsx and choose that file."
_UNPACK: Final = "Unpack it and choose the file in it."
_ANOTHER: Final = "Choose a CSV or TSV file or a workbook (XLSX, ODS, XLS, XLSB)."
_OTHERS: Final = (
    (b"%PDF", "a PDF document", "Export the table itself, as CSV or XLSX, and choose that file."),
    (b"{\\rtf", "a text document (RTF)", _COPY),
    (b"\x1f\x8b", "packed (gzip)", _UNPACK),
    (b"BZh", "packed (bzip2)", _UNPACK),
    (b"\xfd7zXZ", "packed (xz)", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "packed (7-Zip)", _UNPACK),
    (b"Rar!\x1a\x07", "packed (RAR)", _UNPACK),
    (b"\x89PNG", "a picture", _ANOTHER),
    (b"\xff\xd8\xff", "a picture", _ANOTHER),
    (b"SQLite format 3\0", "a database (SQLite)", "Export the table as CSV and choose that file."),
)
"""Beginnings of files that are no table, with their names and the next step."""

_PACKAGES: Final = (
    (
        re.compile(r"index\.zip|index/.*\.iwa"),
        "a file of Apple Numbers",
        "Export it there as Excel and choose that file.",
    ),
    (re.compile(r"word/.*"), "a Word document", _COPY),
    (re.compile(r"ppt/.*"), "a presentation", _COPY),
)
"""ZIP files that are no workbook, by one of their parts."""

_LOCK: Final = re.compile(r"\.~lock\.(?P<office>.+)#|~\$(?P<excel>.+)")
"""Names of the files by which a spreadsheet program says that a file is open."""
_LARGEST_LOCK: Final = 1_000


class TableReader(Protocol):
    """A reader for one kind of file, as records of cells."""

    kind: str
    delimiter: str
    encoding: str
    """Codec of a text file; empty for a workbook."""
    is_marked: bool
    """Whether it is a text file that begins with the mark of UTF-8."""
    sheets: tuple[str, ...]
    hidden_sheets: tuple[str, ...]
    """Those of `sheets` that a spreadsheet does not show."""
    sheet: str

    @property
    def likely(self) -> Sequence[Likely]:
        """The encodings that a text file can be in, best first, if its bytes do not tell it."""

    @property
    def hidden_rows(self) -> int:
        """Rows with text that the latest `records` left out, because a spreadsheet does not show them."""

    @property
    def share_read(self) -> float:
        """Share of the file read by the latest `records`, 0 to 1."""

    def records(self) -> Iterator[RawRow]:
        """Number and cells of each record; each call reads from the start."""

    def filled(self) -> tuple[str, ...]:
        """The sheets with rows under a header."""

    def close(self) -> None:
        """Release resources."""


Recall = Callable[[Sequence[Sequence[str]]], Mapping[int, Choices]]
"""Looks up the remembered choices of headers, by their positions among those given."""

LOOKED_AT: Final = 100
"""Number of rows in which the header is looked for."""


def open_source(
    file: OpenedFile,
    *,
    sheet: str | None,
    hidden: bool,
    encoding: str | None = None,
    recall: Recall | None = None,
    progress: Progress | None,
) -> tuple[TableReader, str]:
    """The reader of a file, and the checksum of its bytes in hex.

    Args:
        file: the file.
        sheet: name of a workbook's sheet; None takes the first visible one.
        hidden: whether hidden and filtered rows are read too.
        encoding: the codec of a text file that a person chose.
        recall: tells the encoding of an earlier file with the same header, where the bytes do not.
        progress: called with the bytes read and the total.

    Raises:
        Cancelled: `progress` stopped it.
        BadValue: it is no table; or there is no such sheet; with `details["encodings"]` its encoding is not certain.
    """
    if not file.size:
        raise bad_file(f"{file.name} is empty. Export it again, or choose another file.")
    _refuse_others(file)
    kind = _old_kind(file)
    if kind or is_package(file):
        sha256 = checksum(file, progress).sha256
        return (BinaryWorkbook(file, kind, sheet) if kind else _workbook(file, sheet, hidden=hidden)), sha256
    seen = scan_text(file, progress, encoding=encoding)
    if sheet is not None:
        raise BadValue(f"{file.name} is a text file and has no sheets. Leave the sheet out.", field="sheet")
    return _text(file, seen, recall), seen.sha256


def _text(file: OpenedFile, seen: FileScan, recall: Recall | None) -> Delimited:
    """The reader of a text file, in the encoding that was remembered, or is certain."""
    if not seen.likely:
        if not seen.encoding:
            raise uncertain(file, seen)
        return Delimited(file, seen)
    readers = [Delimited(file, replace(seen, encoding=one.name)) for one in seen.likely]
    rows = [(reader, cells) for reader in readers for cells in _first_cells(reader)]
    remembered = recall([cells for _, cells in rows]) if recall is not None else {}
    # A header names the encoding of an earlier file only if it is read in that one: in others its letters differ.
    for place, choices in remembered.items():
        if choices.encoding == rows[place][0].encoding:
            return rows[place][0]
    known: Counter[str] = Counter()
    for reader, cells in rows:
        headings = sum(1 for cell in cells if not cell.isascii() and field_named(cell) is not None)
        known[reader.encoding] = max(known[reader.encoding], headings)
    most = max(known.values(), default=0)
    best = [one for one in seen.likely if known[one.name] == most]
    found = certain(best) or (best[0].name if most and len(best) == 1 and best[0].fit else "")
    if not found:
        raise uncertain(file, seen)
    return next(reader for reader in readers if reader.encoding == found)


def _first_cells(reader: Delimited) -> Iterator[Sequence[str]]:
    """The cells of the first rows; none from where on a wrong encoding takes a quote for a part of a character."""
    with suppress(BadValue):
        for row in islice(reader.records(), LOOKED_AT):
            yield row.cells


def _workbook(file: OpenedFile, sheet: str | None, *, hidden: bool) -> TableReader:
    package = Package(file)
    try:
        if "content.xml" in package:
            return OpenDocument(package, sheet, hidden=hidden)
        part = workbook_part(package)
        if part is not None and not is_binary(part):
            return Workbook(package, part, sheet, hidden=hidden)
    except BaseException:
        package.close()
        raise
    package.close()
    if part is not None:
        return BinaryWorkbook(file, "xlsb", sheet)
    for pattern, what, step in _PACKAGES:
        if any(map(pattern.fullmatch, package.names)):
            raise bad_file(f"{file.name} is {what}. {step}")
    raise bad_file(f"{file.name} is a ZIP file without a spreadsheet in it. Unpack it and choose a file from it.")


def _refuse_others(file: OpenedFile) -> None:
    lock = _LOCK.fullmatch(file.name)
    if lock and file.size < _LARGEST_LOCK:
        locked = lock["office"] or f"the file whose name ends with {lock['excel']}"
        raise bad_file(
            f"{file.name} only says that a spreadsheet program has a file open. Save the file there and choose it: "
            f"{locked}."
        )
    head = file.read_at(0, 16)
    for beginning, what, step in _OTHERS:
        if head.startswith(beginning):
            raise bad_file(f"{file.name} is {what}. {step}")
    if _OLDEST.match(head):
        raise bad_file(f"{file.name} is an Excel file of before 1995. {_SAVE}")


def _old_kind(file: OpenedFile) -> str:
    """`xls` for an old Excel file; empty for a file of another kind.

    Raises:
        BadValue: it is protected, or it is an old Office file of another kind.
    """
    head = file.read_at(0, 512)
    if not head.startswith(_OLE):
        return ""
    # The header of the container has the size of a sector, as a power of two, and the number of the directory's first
    # one; sectors are numbered from behind the header.
    shift, first = int.from_bytes(head[30:32], "little"), int.from_bytes(head[48:52], "little")
    directory = file.read_at((first + 1) << shift, 4096) if shift in (9, 12) else b""
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise with_password(file)
    if directory and not any(
        name.encode("utf-16-le") in directory for name in ("Workbook", "WORKBOOK", "Book", "BOOK")
    ):
        raise bad_file(f"{file.name} is a file of an older Office program, but no workbook. {_COPY}")
    return "xls"

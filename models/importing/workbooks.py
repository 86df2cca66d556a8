"""Common parts of XLSX and ODS: the ZIP package and its limits, streaming XML, choosing a sheet."""

from __future__ import annotations

import errno
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import Any, Final
from xml.etree.ElementTree import Element, XMLPullParser
from xml.parsers import expat

from models.errors import BadValue
from models.importing.files import OpenedFile, bad_file

LARGEST: Final = 4 << 30
"""Maximum bytes of all parts, unpacked; a million rows of nine columns take a tenth of it."""
LARGEST_SMALL_PART: Final = 64 << 20
"""Maximum bytes of a part that is read as a whole, unpacked."""
SUSPECT: Final = 64 << 20
"""Unpacked size in bytes above which the compression ratio of a part is checked."""
TIGHTEST: Final = 250
"""Maximum compression ratio of a part. Rows with serial numbers reach 30; zeros reach 1,000."""
MOST_PARTS: Final = 10_000

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 16
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, EOFError, KeyError, IndexError, ValueError,
    OSError, OverflowError, RuntimeError, NotImplementedError, struct.error,
)  # fmt: skip
"""Errors of the standard library for a broken package; RuntimeError is for an encrypted part, NotImplementedError for
an unsupported compression."""


def refuse_old(file: OpenedFile) -> None:
    """Refuse the OLE container of old Office files, which also wraps newer files with a password.

    Raises:
        BadValue
    """
    head = file.read_at(0, 512)
    if not head.startswith(_OLE):
        return
    shift, first = int.from_bytes(head[30:32], "little"), int.from_bytes(head[48:52], "little")
    directory = file.read_at((first + 1) << shift, 4096) if shift in (9, 12) else b""
    if "EncryptedPackage".encode("utf-16-le") in directory:
        raise bad_file(
            f"{file.name} is protected by a password. Open it, save it without a password and choose that file."
        )
    raise bad_file(f"{file.name} is an old Excel file (.xls). Open it, save it as .xlsx and choose that file.")


def is_package(file: OpenedFile) -> bool:
    """Whether the file is a ZIP archive."""
    return file.read_at(0, 4) in _ZIP


class Package:
    """The parts of a ZIP archive, with its sizes checked against decompression bombs.

    Raises:
        BadValue: it is damaged, encrypted, or far too large unpacked.
    """

    def __init__(self, file: OpenedFile) -> None:
        self.file = file
        with self.damage():
            _check_directory(file)
            self._zip = zipfile.ZipFile(io.BufferedReader(_Window(file)))  # type: ignore[type-var]
            self._parts = {part.filename.lstrip("/"): part for part in self._zip.infolist()}
        self._check_sizes()

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    @property
    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._parts)

    def read(self, name: str) -> bytes:
        """Read a small part as a whole.

        Raises:
            BadValue: it is damaged or too large.
        """
        with self.damage():
            if self._parts[name].file_size > LARGEST_SMALL_PART:
                raise self.bomb()
            return self._zip.read(self._parts[name])

    def size(self, name: str) -> int:
        """Size of a part in bytes, unpacked."""
        return self._parts[name].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part in unpacked chunks; never more bytes than its directory entry declares."""
        with self._zip.open(self._parts[name]) as part:
            while chunk := part.read(_CHUNK):
                yield chunk

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()

    @contextmanager
    def damage(self) -> Iterator[None]:
        """Turn the standard library's errors for broken files into a refusal."""
        try:
            yield
        except _DAMAGE as trouble:
            self.file.check_unchanged()
            raise bad_file(
                f"{self.file.name} is damaged and cannot be read. Open it in a spreadsheet, save it anew and choose "
                "that file."
            ) from trouble

    def bomb(self) -> BadValue:
        """The error for a decompression bomb."""
        return bad_file(
            f"{self.file.name} is far larger unpacked than a table can be ({LARGEST >> 30} GB is the most, and no part "
            f"may be packed {TIGHTEST}-fold). Copy its rows to a new spreadsheet, or save it as CSV."
        )

    def _check_sizes(self) -> None:
        parts = self._zip.infolist()
        tight = any(part.file_size > max(SUSPECT, part.compress_size * TIGHTEST) for part in parts)
        if tight or sum(part.file_size for part in parts) > LARGEST:
            raise self.bomb()
        if any(part.flag_bits & 1 for part in parts):
            raise bad_file(
                f"{self.file.name} is protected by a password. Open it, save it without one and choose that file."
            )


class _Window(io.RawIOBase):
    """A file object for zipfile, with its own position."""

    def __init__(self, file: OpenedFile) -> None:
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + (0, self._place, self._file.size)[whence]
        if place < 0:
            raise OSError(errno.EINVAL, "before the beginning")  # like a real file; zipfile relies on it
        self._place = place
        return place

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the buffer protocol has no type in 3.11
        data = self._file.read_at(self._place, len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def _check_directory(file: OpenedFile) -> None:
    """Refuse a directory with too many parts, because zipfile keeps all of it in memory."""
    tail = file.read_at(max(0, file.size - (1 << 16) - 22), (1 << 16) + 22)
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0:
        raise zipfile.BadZipFile("no directory")
    if int.from_bytes(tail[at + 10 : at + 12], "little") > MOST_PARTS:
        raise zipfile.BadZipFile("too many parts")


MOST_COLUMNS: Final = 16_384
MOST_ROWS: Final = 1 << 24
"""More than ten times the limit of a spreadsheet; a higher row number means damage."""
LONGEST_ITEM: Final = 64 << 20
"""Maximum bytes of a row, which the parser keeps in memory."""
LONGEST_TAG: Final = 4 << 20
"""Maximum bytes of a tag and the text after it; the parser rescans an unfinished tag with each chunk."""


def streamed(
    chunks: Iterable[bytes], items: Iterable[str], marks: Iterable[str] = (), told: Callable[[int], None] | None = None
) -> Iterator[Element]:
    """Stream elements in document order: `items` when complete, `marks` with at least their attributes.

    Args:
        chunks: the document.
        items: names as `{namespace}name`; these elements must not be nested in each other.
        marks: names of elements of which only the attributes are used.
        told: called with the bytes read so far.

    Raises:
        ValueError: a document type, because a few entities can expand to fill the memory; or an element too long.
        SyntaxError: the XML is not well formed (ElementTree's ParseError is a SyntaxError).
    """
    wanted = frozenset(items)
    wanted_or_marks = wanted | frozenset(marks)
    parser: XMLPullParser[Any] = XMLPullParser(["start"])
    guard = _Prolog()
    root: Element | None = None
    item: Element | None = None
    count = since = tagged = 0
    for chunk in chunks:
        guard.check(chunk)
        parser.feed(chunk)
        count += len(chunk)
        found: list[Element] = []
        for element in _begun(parser):
            tag = element.tag
            tagged = count
            if root is None:
                root = element
            if tag in wanted_or_marks:
                since = count
                if item is not None:
                    found.append(item)
                item = element
        if told is not None:
            told(count)
        yield from found
        if root is not None:
            _let_go(root, wanted)
        if count - since > LONGEST_ITEM or count - tagged > LONGEST_TAG:
            raise ValueError("an element without end")
    parser.close()
    if item is not None:
        yield item


def elements(document: bytes) -> list[tuple[str, dict[str, str]]]:
    """Names and attributes of the elements of a small document in order, both without namespaces.

    Raises:
        ValueError, SyntaxError: as `streamed`.
    """
    guard = _Prolog()
    guard.check(document)
    parser: XMLPullParser[Any] = XMLPullParser(["start"])
    parser.feed(document)
    parser.close()
    return [(_local(element.tag), {_local(key): value for key, value in element.items()}) for element in _begun(parser)]


class _Prolog:
    """Checks the text before the root element for a document type, which can be nowhere else."""

    def __init__(self) -> None:
        self._over = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def check(self, chunk: bytes) -> None:
        if not self._over:
            self._parser.Parse(chunk, False)

    def _end(self, *_: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ValueError("no spreadsheet has a document type")


def _begun(parser: XMLPullParser[Any]) -> Iterator[Element]:
    return map(itemgetter(1), parser.read_events())


def _let_go(root: Element, items: frozenset[str]) -> None:
    """Free parsed elements before the parser's position, except an item that may be incomplete."""
    element = root
    while len(element) and element.tag not in items:
        del element[:-1]
        element = element[0]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def chosen(file: OpenedFile, sheets: Sequence[str], hidden: Sequence[str], asked: str | None) -> str:
    """The name of the requested sheet, or of the first one that is not hidden.

    Raises:
        BadValue: there is no such sheet, or no sheet at all.
    """
    if not sheets:
        raise bad_file(f"{file.name} has no sheet with rows and columns. Choose another file.")
    if asked is None:
        return next((name for name in sheets if name not in hidden), sheets[0])
    for same in (str, str.casefold):
        for name in sheets:
            if same(name) == same(asked):
                return name
    raise BadValue(f"{file.name} has no sheet “{asked}”. It has: {_named(sheets)}.", field="sheet")


def empty(file: OpenedFile, sheet: str, filled: Sequence[str], wrong: str) -> BadValue:
    """The error for a sheet without rows.

    Args:
        file: the workbook.
        sheet: the sheet that was read.
        filled: the sheets with rows.
        wrong: the problem of the sheet, such as "is empty".
    """
    if not filled:
        return bad_file(f"No sheet of {file.name} has rows under a header. Export it again, or choose another file.")
    have = "This one has" if len(filled) == 1 else "These have"
    return BadValue(
        f"The sheet “{sheet}” of {file.name} {wrong}. {have} rows: {_named(filled)}.",
        field="sheet",
        sheets=tuple(filled),
        option="--sheet",
    )


def has_rows(records: Iterable[tuple[int, Sequence[str]]]) -> bool:
    """Whether a sheet's records contain more than a header."""
    return len(list(islice((cells for _, cells in records if any(map(str.strip, cells))), 2))) > 1


def _named(sheets: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in sheets[:20]) + (" …" if len(sheets) > 20 else "")

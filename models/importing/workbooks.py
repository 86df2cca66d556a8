"""What XLSX and ODS have in common: the ZIP package, its XML, its sheets."""

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
"""Bytes of all parts, unpacked; a million rows of nine columns are a tenth of it."""
LARGEST_SMALL_PART: Final = 64 << 20
"""Bytes of a part that is not streamed for its rows, unpacked."""
SUSPECT: Final = 64 << 20
"""Bytes from which on a part is looked at for how far it is packed."""
TIGHTEST: Final = 250
"""Times that a part may be smaller when packed. Rows with serial numbers in them reach 30; zeros reach 1,000."""
MOST_PARTS: Final = 10_000

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 16
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, EOFError, KeyError, IndexError, ValueError,
    OSError, OverflowError, RuntimeError, NotImplementedError, struct.error,
)  # fmt: skip
"""What the standard library raises over a broken package; RuntimeError and NotImplementedError over an encrypted part
and a packing that nobody uses."""


def refuse_old(file: OpenedFile) -> None:
    """Refuse the container of old Office files, in which newer ones with a password are wrapped too.

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
    """Whether it is a ZIP file."""
    return file.read_at(0, 4) in _ZIP


class Package:
    """The parts of a ZIP file, checked.

    Raises:
        BadValue: it is damaged, encrypted, or much larger unpacked than any table.
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
        """Of all parts."""
        return list(self._parts)

    def read(self, name: str) -> bytes:
        """A small part, whole.

        Raises:
            BadValue: it is damaged, or not small.
        """
        with self.damage():
            if self._parts[name].file_size > LARGEST_SMALL_PART:
                raise self.bomb()
            return self._zip.read(self._parts[name])

    def size(self, name: str) -> int:
        """Bytes of a part, unpacked."""
        return self._parts[name].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part in pieces, unpacked; never more than it says of itself."""
        with self._zip.open(self._parts[name]) as part:
            while chunk := part.read(_CHUNK):
                yield chunk

    def close(self) -> None:
        """Give back what is held."""
        self._zip.close()

    @contextmanager
    def damage(self) -> Iterator[None]:
        """Refuse the file for what the standard library says about a broken one."""
        try:
            yield
        except _DAMAGE as trouble:
            self.file.check_unchanged()
            raise bad_file(
                f"{self.file.name} is damaged and cannot be read. Open it in a spreadsheet, save it anew and choose "
                "that file."
            ) from trouble

    def bomb(self) -> BadValue:
        """The refusal of what would fill the memory."""
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
    """The file as zipfile wants it, with a place of its own."""

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
            raise OSError(errno.EINVAL, "before the beginning")  # as a file does, which zipfile reckons with
        self._place = place
        return place

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # the buffer protocol has no type in 3.11
        data = self._file.read_at(self._place, len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def _check_directory(file: OpenedFile) -> None:
    """Refuse a directory of parts that is larger than any: zipfile keeps all of it in memory."""
    tail = file.read_at(max(0, file.size - (1 << 16) - 22), (1 << 16) + 22)
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0:
        raise zipfile.BadZipFile("no directory")
    if int.from_bytes(tail[at + 10 : at + 12], "little") > MOST_PARTS:
        raise zipfile.BadZipFile("too many parts")


MOST_COLUMNS: Final = 16_384
MOST_ROWS: Final = 1 << 24
"""Ten times and more what a spreadsheet takes; a row number beyond is damage."""
LONGEST_ITEM: Final = 64 << 20
"""Bytes of one row; the parser keeps all of it."""
LONGEST_TAG: Final = 4 << 20
"""Bytes of one tag and the text behind it; the parser begins a tag anew with each chunk until it has its end."""


def streamed(
    chunks: Iterable[bytes], items: Iterable[str], marks: Iterable[str] = (), told: Callable[[int], None] | None = None
) -> Iterator[Element]:
    """The elements of some names, each when it is whole, and those of `marks` when they begin, in their order.

    Args:
        chunks: the document.
        items: names as `{namespace}name`, of elements that have none of the same name inside.
        marks: names of elements of which only the attributes are wanted.
        told: is called with the bytes so far.

    Raises:
        ValueError: a document type, because a few entities can fill any memory; or one item without end.
        SyntaxError: it is not well formed, and ElementTree's ParseError is one.
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
    """The elements of a small document in their order: the name without its namespace, and the attributes likewise.

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
    """Looks at what stands before the root element, where alone a document type may be."""

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
    """Drop all that is before the place where the parser is, but for the item that it may be in."""
    element = root
    while len(element) and element.tag not in items:
        del element[:-1]
        element = element[0]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def chosen(file: OpenedFile, sheets: Sequence[str], hidden: Sequence[str], asked: str | None) -> str:
    """The name of the sheet that was asked for, else of the first that is not hidden.

    Raises:
        BadValue: there is none.
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
    """The refusal of a workbook whose sheet has no rows.

    Args:
        file: the workbook.
        sheet: the one that was read.
        filled: those that have rows.
        wrong: what is wrong with the sheet, such as "is empty".
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
    """Whether there is more than a header among the records of a sheet."""
    return len(list(islice((cells for _, cells in records if any(map(str.strip, cells))), 2))) > 1


def _named(sheets: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in sheets[:20]) + (" …" if len(sheets) > 20 else "")

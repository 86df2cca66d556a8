"""Common parts of XLSX and ODS: the ZIP package and its limits, streaming XML, choosing a sheet."""

from __future__ import annotations

import errno
import io
import posixpath
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import unquote
from xml.parsers import expat

from models.errors import BadValue
from models.importing.files import OpenedFile, bad_file, with_password
from models.importing.number_formats import CellKind

LARGEST: Final = 4 << 30
"""Maximum bytes of all parts, unpacked; a million rows of nine columns take a tenth of it."""
LARGEST_SMALL_PART: Final = 64 << 20
"""Maximum bytes of a part that is read as a whole, unpacked."""
SUSPECT: Final = 64 << 20
"""Unpacked size in bytes above which the compression ratio of a part is checked."""
TIGHTEST: Final = 250
"""Maximum compression ratio of a part. Rows with serial numbers reach 30; zeros reach 1,000."""
MOST_PARTS: Final = 10_000

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 16
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, SyntaxError, EOFError, KeyError, IndexError, ValueError,
    OSError, OverflowError, RuntimeError, NotImplementedError, struct.error,
)  # fmt: skip
"""Errors of the standard library for a broken package; RuntimeError is for an encrypted part, NotImplementedError for
an unsupported compression."""


def is_package(file: OpenedFile) -> bool:
    """Whether the file is a ZIP archive."""
    return file.read_at(0, 4) in _ZIP


def part_name(name: str) -> str:
    """One spelling of a part's name: programs write other cases, backslashes, a leading slash or escapes."""
    return posixpath.normpath("/" + unquote(name).replace("\\", "/")).lstrip("/").casefold()


class Package:
    """The parts of a ZIP archive, with its sizes checked against decompression bombs. Any spelling of a name will do.

    Raises:
        BadValue: it is damaged, encrypted, or far too large unpacked.
    """

    def __init__(self, file: OpenedFile) -> None:
        self.file = file
        with self.damage():
            _check_directory(file)  # before zipfile reads all of it
            self._zip = zipfile.ZipFile(io.BufferedReader(_Window(file)))  # type: ignore[type-var]
            self._parts = {part_name(part.filename): part for part in self._zip.infolist()}
        self._check_sizes()

    def __contains__(self, name: str) -> bool:
        return part_name(name) in self._parts

    @property
    def names(self) -> list[str]:
        """Names of all parts, as `part_name` writes them."""
        return list(self._parts)

    def read(self, name: str) -> bytes:
        """Read a small part as a whole.

        Raises:
            BadValue: it is damaged or too large.
        """
        with self.damage():
            part = self._parts[part_name(name)]
            if part.file_size > LARGEST_SMALL_PART:
                raise self.bomb()
            return self._zip.read(part)

    def size(self, name: str) -> int:
        """Size of a part in bytes, unpacked."""
        return self._parts[part_name(name)].file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part in unpacked chunks; never more bytes than its directory entry declares."""
        with self._zip.open(self._parts[part_name(name)]) as part:
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
            self.file.check_unchanged()  # one that was saved meanwhile looks damaged, too
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
            raise with_password(self.file)


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
"""Maximum bytes of a row, whose cells are kept in memory."""
MOST_DEPTH: Final = 100
"""Maximum elements inside each other, which the parser keeps in memory; those of a spreadsheet are ten deep."""
LONGEST_TEXT: Final = 4 << 20
"""Maximum length of a tag, which the parser rescans with each chunk, and of a text."""
NO_ITEM: Final = sys.maxsize
"""Position of the item outside of all items, where a document may go on for long."""

NO_KINDS: Final[Mapping[int, CellKind]] = MappingProxyType({})
"""The kinds of cells that are all text."""


class RawRow(NamedTuple):
    """A row of a file."""

    number: int
    cells: list[str]
    kinds: Mapping[int, CellKind] = NO_KINDS
    """Kinds of the cells that are not text, by their positions."""


class Xml:
    """A document that is parsed in chunks. A subclass takes its data in `begin` and `end`.

    Names are `namespace}name`, as expat gives them; a name without a namespace is bare. `begin` and `end` count the
    depth themselves, and `begin` clears the texts, because both are called for each of many million elements.

    Calls for each element take most of the time, so a subclass may read `plain` pieces itself: whole items, in the
    spelling that most programs write. Expat checks them all the same, but calls nothing.
    """

    ending = b""
    """The end tag of an item, if items can be plain."""

    def __init__(self) -> None:
        self.depth = 0
        self.texts: list[str] = []
        """Texts since they were last cleared."""
        self.item = NO_ITEM
        """Position at which the item began that is being read."""
        self.item_ended = -1
        """Position behind the latest item."""
        self._may_be_plain = True
        self.parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.XmlDeclHandler = self._declared
        parser.StartNamespaceDeclHandler = self._named
        self._call(True)

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends."""
        raise NotImplementedError

    def plain(self, text: str) -> object | None:
        """Read the items of a piece that begins and ends between two items; None if it must be parsed."""
        raise NotImplementedError

    def accept(self, found: Any) -> None:
        """Take the result of `plain`, after the piece was checked."""
        raise NotImplementedError

    def feed(self, chunks: Iterable[bytes]) -> Iterator[int]:
        """Parse the document, and yield after each piece how many bytes were parsed.

        Raises:
            ValueError: a document type, because a few entities can expand to fill the memory; elements nested too
                deep; or an element too long.
            ExpatError: the XML is not well formed.
        """
        count = 0
        for piece in _pieces(chunks, self.ending) if self.ending else chunks:
            found = self._found(piece) if self.item_ended == count else None
            count += len(piece)
            if found is None:
                self.parser.Parse(piece, False)
            else:
                self._call(False)
                self.parser.Parse(piece, False)
                self._call(True)
                self.accept(found)
                self.item_ended = count
            self._check(count)
            yield count
        self.parser.Parse(b"", True)
        yield count

    def ends_item(self) -> None:
        """An item ends: note where, to see whether the next piece begins behind it."""
        self.item = NO_ITEM
        # In another spelling of the tag this is not where it ends, and the next piece is parsed.
        self.item_ended = self.parser.CurrentByteIndex + len(self.ending)

    def _found(self, piece: bytes) -> object | None:
        # Expat makes LF of CR, and a namespace declared inside gives names another meaning: `plain` knows neither.
        if (
            not (self.ending and self._may_be_plain and piece.endswith(self.ending))
            or b"\r" in piece
            or b"xmlns" in piece
        ):
            return None
        try:
            return self.plain(piece.decode("utf-8"))
        except UnicodeDecodeError:  # expat says so
            return None

    def _call(self, on: bool) -> None:
        self.parser.StartElementHandler = self.begin if on else None
        self.parser.EndElementHandler = self.end if on else None
        self.parser.CharacterDataHandler = self.texts.append if on else None

    def _declared(self, _: str, encoding: str | None, __: int) -> None:
        self._may_be_plain = encoding is None or encoding.lower() in ("utf-8", "us-ascii")

    def _named(self, prefix: str | None, _: str) -> None:
        if prefix is None and self.depth:  # then names without a prefix mean one thing here, another there
            self._may_be_plain = False

    def _check(self, count: int) -> None:
        if self.depth > MOST_DEPTH:
            raise ValueError("nested too deep")
        if count - self.item > LONGEST_ITEM or count - self.parser.CurrentByteIndex > LONGEST_TEXT:
            raise ValueError("an element without end")
        if sum(map(len, self.texts)) > LONGEST_TEXT:
            raise ValueError("a text without end")


def _pieces(chunks: Iterable[bytes], ending: bytes) -> Iterator[bytes]:
    """The document in pieces that end behind an item, or at the end of a chunk without one."""
    rest = b""
    for chunk in chunks:
        end = chunk.rfind(ending)
        if end < 0:
            yield rest + chunk
            rest = b""
        else:
            yield rest + chunk[: end + len(ending)]
            rest = chunk[end + len(ending) :]
    yield rest


def _refuse_doctype(*_: object) -> None:
    raise ValueError("no spreadsheet has a document type")


class Tag(NamedTuple):
    """The start tag of an element."""

    name: str
    attributes: dict[str, str]


class _Tags(Xml):
    def __init__(self) -> None:
        self.found: list[Tag] = []
        super().__init__()

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.texts.clear()
        self.found.append(Tag(name, attributes))

    def end(self, name: str) -> None:
        self.depth -= 1


def tags(document: bytes) -> list[Tag]:
    """The start tags of a small document in order.

    Raises:
        ValueError, ExpatError: as `Xml.feed`.
    """
    parsed = _Tags()
    for _ in parsed.feed(document[start : start + _CHUNK] for start in range(0, len(document), _CHUNK)):
        pass
    return parsed.found


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def namespace(name: str) -> str:
    """The namespace of a name, with the sign that ends it."""
    return name[: len(name) - len(local(name))]


def chosen(file: OpenedFile, sheets: Sequence[str], hidden: Sequence[str], asked: str | None) -> str:
    """The name of the requested sheet, or of the first one that is not hidden.

    Raises:
        BadValue: there is no such sheet, or no sheet at all.
    """
    if not sheets:
        raise bad_file(f"{file.name} has no sheet with rows and columns. Choose another file.")
    if asked is None:
        return next((name for name in sheets if name not in hidden), sheets[0])
    for same in (str, str.casefold):  # the exact name first: in ODS names may differ by their case alone
        for name in sheets:
            if same(name) == same(asked):
                return name
    raise BadValue(f"{file.name} has no sheet “{asked}”. It has: {_named(sheets, hidden)}.", field="sheet")


def empty(file: OpenedFile, sheet: str, filled: Sequence[str], hidden: Sequence[str], wrong: str) -> BadValue:
    """The error for a sheet without rows.

    Args:
        file: the workbook.
        sheet: the sheet that was read.
        filled: the sheets with rows.
        hidden: the sheets that a spreadsheet does not show.
        wrong: the problem of the sheet, such as "is empty".
    """
    if not filled:
        return bad_file(f"No sheet of {file.name} has rows under a header. Export it again, or choose another file.")
    have = "This one has" if len(filled) == 1 else "These have"
    return BadValue(
        f"The sheet “{sheet}” of {file.name} {wrong}. {have} rows: {_named(filled, hidden)}.",
        field="sheet",
        sheets=tuple(filled),
        hidden_sheets=tuple(hidden),
        option="--sheet",
    )


def has_rows(records: Iterable[RawRow]) -> bool:
    """Whether a sheet's records contain more than a header."""
    return len(list(islice((record for record in records if any(map(str.strip, record.cells))), 2))) > 1


def _named(sheets: Sequence[str], hidden: Sequence[str]) -> str:
    marked = (f"“{name}”{' (hidden)' if name in hidden else ''}" for name in sheets[:20])
    return ", ".join(marked) + (" …" if len(sheets) > 20 else "")

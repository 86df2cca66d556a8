"""The ZIP file that an XLSX or ODS is: refused before anything is unpacked that could fill the memory."""

from __future__ import annotations

import errno
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
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

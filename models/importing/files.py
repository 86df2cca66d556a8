"""A file that is being read: opened once, looked at by what it is, never waited for."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from models.errors import BadValue
from models.words import storable

CHUNK: Final = 1 << 18
"""Bytes read at once."""

Progress = Callable[[int, int], None]
"""Is told how many bytes are read and how many there are; raises `Cancelled` to stop."""

_CANNOT: Final = {
    errno.ENOENT: "There is no file {path}. Check the folder and the name.",
    errno.ENOTDIR: "There is no file {path}. Check the folder and the name.",
    errno.ENAMETOOLONG: "There is no file {path}. Check the folder and the name.",
    errno.EACCES: "{path} may not be read by you. Ask its owner for the permission, or copy it to a folder of yours.",
    errno.EPERM: "{path} may not be read by you. Ask its owner for the permission, or copy it to a folder of yours.",
    errno.ELOOP: "{path} is a link that leads back to itself. Choose the file it was meant for.",
}


def bad_file(sentence: str) -> BadValue:
    """The refusal of a file, whole."""
    return BadValue(sentence, field="file")


def shown(path: str) -> str:
    """A path as it stands in a sentence and in the database: what no screen and no database takes is replaced."""
    return storable(path)


class OpenedFile:
    """A regular file, open for reading.

    Args:
        path: as the person gave it.

    Raises:
        BadValue: it is missing, may not be read, is a folder or a device, or is empty.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = shown(Path(path).name)
        """Without its folder."""
        try:
            _check_kind(path, os.stat(path))  # noqa: PTH116  a pathlib.Path tells no more
            self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as trouble:
            sentence = _CANNOT.get(trouble.errno or 0, "{path} cannot be read: {why}. Copy it to another place.")
            raise bad_file(sentence.format(path=shown(path), why=trouble.strerror)) from trouble
        except ValueError:  # a NUL in the path
            raise bad_file(f"There is no file {shown(path)}. Check the folder and the name.") from None
        try:
            self._as_opened = os.fstat(self.descriptor)
            _check_kind(path, self._as_opened)
            self.size = self._as_opened.st_size
            """Bytes."""
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back; closing twice does nothing."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on.

        Raises:
            BadValue: the disk or the network gave an error.
        """
        try:
            return os.pread(self.descriptor, count, offset)
        except OSError as trouble:
            raise bad_file(
                f"{self.name} cannot be read: {trouble.strerror}. Copy it to another place and try again."
            ) from trouble

    def chunks(self, offset: int = 0, progress: Progress | None = None) -> Iterator[bytes]:
        """All bytes from `offset` on, as they are now.

        Raises:
            BadValue: it cannot be read to its end, or was changed since it was opened.
            Cancelled: `progress` stopped it.
        """
        while chunk := self.read_at(offset, CHUNK):
            if progress is not None:
                progress(min(offset, self.size), self.size)
            offset += len(chunk)
            yield chunk
        if progress is not None:
            progress(self.size, self.size)
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Refuse what somebody wrote to meanwhile.

        Raises:
            BadValue
        """
        now = os.fstat(self.descriptor)
        if (now.st_size, now.st_mtime_ns) != (self.size, self._as_opened.st_mtime_ns):
            raise bad_file(f"{self.name} was changed while it was read. Wait until it is saved and start again.")


def _check_kind(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise bad_file(f"{shown(path)} is a folder. Choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise bad_file(f"{shown(path)} is a device or a pipe, not a file. Save the table as a file and choose that.")

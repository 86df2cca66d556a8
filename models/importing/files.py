"""Files to import: listing folders, opening one safely, what is wrong with a bad one."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from models.errors import BadValue
from models.text import storable

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


SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".ods"})
"""Ends of the names of files that are listed; any other can be named by its path."""

UP: Final = ".."
"""The name of the entry that leads to the folder above."""

_PATH_BEGINS: Final = ("/", "~", "./", "../", "'", '"', "file:")


class FolderEntry(NamedTuple):
    """A folder, or a file in it."""

    name: str
    """Any text, lone surrogates included."""
    is_folder: bool
    size: int
    """Bytes; 0 for a folder."""
    changed: datetime | None
    """In local time; None where nobody knows."""

    @property
    def key(self) -> str:
        """The name."""
        return self.name


def list_folder(folder: str) -> list[FolderEntry]:
    """The folders and importable files in a folder, hidden ones left out; first the way up, then folders, then files.

    Raises:
        BadValue: it is none, or may not be read.
    """
    found: list[FolderEntry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with suppress(OSError):  # gone meanwhile, or a link to nowhere
                    if entry.is_dir():
                        found.append(FolderEntry(entry.name, True, 0, _moment(entry.stat().st_mtime)))
                    elif Path(entry.name).suffix.lower() in SUFFIXES and entry.is_file():
                        status = entry.stat()
                        found.append(FolderEntry(entry.name, False, status.st_size, _moment(status.st_mtime)))
    except (OSError, ValueError) as trouble:
        why = getattr(trouble, "strerror", None) or "it has no such name"
        raise bad_file(f"The folder {shown(folder)} cannot be listed: {why}. Choose another.") from trouble
    found.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return found if folder == "/" else [FolderEntry(UP, True, 0, None), *found]


def is_path(text: str) -> bool:
    """Whether a text is a path, and not a part of a name in the folder that is shown."""
    text = text.strip()
    return text.startswith(_PATH_BEGINS) or "/" in text


def meant_path(text: str, folder: str) -> str:
    """The path that was typed, pasted or dragged: quotes, `file://`, `~` and escaped blanks are understood.

    Args:
        text: what came in.
        folder: where a relative path begins.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif text.startswith("file:"):
        text = unquote(urlsplit(text).path, errors="surrogateescape")
    elif "\\" in text and not _is_there(text, folder):
        with suppress(ValueError):  # an end of a quotation is missing
            text = "".join(shlex.split(text)[:1]) or text
    return os.path.normpath(os.path.join(folder, os.path.expanduser(text)))  # noqa: PTH111, PTH118 - Path drops `..`


def is_folder(path: str) -> bool:
    """Whether this is a folder; False for what is no path at all."""
    return _is(path, folder=True)


def is_there(path: str) -> bool:
    """Whether there is anything by this path."""
    return _is(path, folder=False)


def _is_there(text: str, folder: str) -> bool:
    return is_there(os.path.join(folder, os.path.expanduser(text)))  # noqa: PTH111, PTH118


def _is(path: str, *, folder: bool) -> bool:
    try:
        return Path(path).is_dir() if folder else Path(path).exists()
    except (OSError, ValueError):
        return False


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, OSError, ValueError):
        return None

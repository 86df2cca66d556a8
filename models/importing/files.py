"""Files to import: opening one safely, listing folders, and paths as typed or dragged."""

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
"""Bytes per read."""

Progress = Callable[[int, int], None]
"""Callback with the bytes read and the total; raises `Cancelled` to stop."""

_CANNOT: Final = {
    errno.ENOENT: "There is no file {path}. Check the folder and the name.",
    errno.ENOTDIR: "There is no file {path}. Check the folder and the name.",
    errno.ENAMETOOLONG: "There is no file {path}. Check the folder and the name.",
    errno.EACCES: "{path} may not be read by you. Ask its owner for the permission, or copy it to a folder of yours.",
    errno.EPERM: "{path} may not be read by you. Ask its owner for the permission, or copy it to a folder of yours.",
    errno.ELOOP: "{path} is a link that leads back to itself. Choose the file it was meant for.",
}


def bad_file(sentence: str) -> BadValue:
    """The error for an unusable file."""
    return BadValue(sentence, field="file")


def with_password(file: OpenedFile) -> BadValue:
    """The error for a file that is encrypted."""
    return bad_file(
        f"{file.name} is protected by a password. Open it, save it without a password and choose that file."
    )


def shown(path: str) -> str:
    """A path for messages and the database, with NUL and lone surrogates replaced: no screen or database takes them."""
    return storable(path)


class OpenedFile:
    """A regular file, open for reading.

    Args:
        path: as given by the user.

    Raises:
        BadValue: it is missing, may not be read, or is a folder or a device.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = shown(Path(path).name)
        """Name without the folder."""
        try:
            # Checked before opening too, as opening a device can have side effects.
            _check_kind(path, os.stat(path))  # noqa: PTH116  a pathlib.Path tells no more
            # Not blocking: a pipe that takes the file's place meanwhile would be waited for.
            self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as trouble:
            sentence = _CANNOT.get(trouble.errno or 0, "{path} cannot be read: {why}. Copy it to another place.")
            raise bad_file(sentence.format(path=shown(path), why=trouble.strerror)) from trouble
        except ValueError:  # a NUL in the path
            raise bad_file(f"There is no file {shown(path)}. Check the folder and the name.") from None
        try:
            self._as_opened = os.fstat(self.descriptor)
            _check_kind(path, self._as_opened)  # again: the path may name another file by now
            self.size = self._as_opened.st_size
            """Bytes."""
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            with suppress(OSError):
                os.close(descriptor)

    def read_at(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes at `offset`.

        Raises:
            BadValue: a disk or network error.
        """
        try:
            return os.pread(self.descriptor, count, offset)
        except OSError as trouble:
            raise bad_file(
                f"{self.name} cannot be read: {trouble.strerror}. Copy it to another place and try again."
            ) from trouble

    def chunks(self, offset: int = 0, progress: Progress | None = None) -> Iterator[bytes]:
        """Read all bytes from `offset` on, in chunks.

        Raises:
            BadValue: it cannot be read to the end, or was changed since it was opened.
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
        """Refuse a file that was modified since it was opened.

        Raises:
            BadValue: size or modification time differ.
        """
        now = os.fstat(self.descriptor)
        if (now.st_size, now.st_mtime_ns) != (self.size, self._as_opened.st_mtime_ns):
            raise bad_file(f"{self.name} was changed while it was read. Wait until it is saved and start again.")


def _check_kind(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise bad_file(f"{shown(path)} is a folder. Choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise bad_file(f"{shown(path)} is a device or a pipe, not a file. Save the table as a file and choose that.")


SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
"""Extensions of the files that are listed; any other file can be given by its path."""

UP: Final = ".."
"""Name of the entry for the parent folder."""

_PATH_BEGINS: Final = ("/", "~", "./", "../", "'", '"', "file:")


class FolderEntry(NamedTuple):
    """A subfolder or file in a listed folder."""

    name: str
    """Any text, including lone surrogates."""
    is_folder: bool
    size: int
    """Size in bytes; 0 for a folder."""
    changed: datetime | None
    """Modification time in local time; None if unknown."""

    @property
    def key(self) -> str:
        """The name."""
        return self.name


def list_folder(folder: str) -> list[FolderEntry]:
    """The parent entry, then subfolders, then importable files, without hidden ones.

    Raises:
        BadValue: it is not a folder, or may not be read.
    """
    found: list[FolderEntry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~$")):  # a "~$" is a note of Excel that it has a file open
                    continue
                with suppress(OSError):  # deleted meanwhile, or a broken link
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
    """Whether a text is a path rather than part of a file name in the listed folder."""
    text = text.strip()
    return text.startswith(_PATH_BEGINS) or "/" in text


def meant_path(text: str, folder: str) -> str:
    """Resolve a path that was typed, pasted or dragged; handles quotes, `file://`, `~` and escaped spaces.

    Args:
        text: the input.
        folder: base of a relative path.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif text.startswith("file:"):
        text = unquote(urlsplit(text).path, errors="surrogateescape")
    # Terminals escape blanks of a file that is dragged in; a name may have a backslash of its own, too.
    elif "\\" in text and not _is_there(text, folder):
        with suppress(ValueError):  # unbalanced quotes
            text = "".join(shlex.split(text)[:1]) or text
    return os.path.normpath(os.path.join(folder, os.path.expanduser(text)))  # noqa: PTH111, PTH118 - Path drops `..`


def first_folder() -> str:
    """The folder in which the choice of a file begins: the current directory, else the home."""
    try:
        return str(Path.cwd())
    except OSError:  # the current directory was removed
        return str(Path.home())


def under_home(path: str) -> str:
    """A path as people read it: with `~` for the home directory."""
    home = str(Path.home())
    return "~" + path[len(home) :] if path == home or path.startswith(f"{home}/") else path


def is_folder(path: str) -> bool:
    """Whether this is a folder; False for an invalid path."""
    return _is(path, folder=True)


def is_there(path: str) -> bool:
    """Whether the path exists; False for an invalid one."""
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

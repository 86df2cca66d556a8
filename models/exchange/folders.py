"""Folders of files that can be imported, and paths as people type, paste and drag them."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from models.importing.files import bad_file, shown

SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".ods"})
"""Ends of the names of files that are listed; any other can be named by its path."""

UP: Final = ".."
"""The name of the entry that leads to the folder above."""

_PATH_BEGINS: Final = ("/", "~", "./", "../", "'", '"', "file:")


class Entry(NamedTuple):
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


def list_folder(folder: str) -> list[Entry]:
    """The folders and importable files in a folder, hidden ones left out; first the way up, then folders, then files.

    Raises:
        BadValue: it is none, or may not be read.
    """
    found: list[Entry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with suppress(OSError):  # gone meanwhile, or a link to nowhere
                    if entry.is_dir():
                        found.append(Entry(entry.name, True, 0, _moment(entry.stat().st_mtime)))
                    elif Path(entry.name).suffix.lower() in SUFFIXES and entry.is_file():
                        status = entry.stat()
                        found.append(Entry(entry.name, False, status.st_size, _moment(status.st_mtime)))
    except (OSError, ValueError) as trouble:
        why = getattr(trouble, "strerror", None) or "it has no such name"
        raise bad_file(f"The folder {shown(folder)} cannot be listed: {why}. Choose another.") from trouble
    found.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return found if folder == "/" else [Entry(UP, True, 0, None), *found]


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

"""Lists of serials as they come from outside: a file or a paste, one serial a line."""

from __future__ import annotations

import os
import stat
from io import StringIO
from pathlib import Path
from typing import Final

from models.errors import BadValue
from models.serials.ranges import refuse_more

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a list."""

BLANKS: Final = " \t\r\n"
"""What may stand around a serial, see `serial_text.clean_serial`; anything else is never taken away."""

_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def split_lines(text: str) -> list[str]:
    """The lines of a text, without their ends; CR, LF and CRLF end one, and nothing else does (GS is of a scan)."""
    return [line.rstrip("\n") for line in StringIO(text, newline=None)]


def decoded(raw: bytes, name: str) -> list[str]:
    """The lines of a list that was read.

    Args:
        raw: at most one byte more than `LARGEST`.
        name: of the list, for sentences.

    Raises:
        BadValue: it is too large, no text, has nothing in it or too much.
    """
    if len(raw) > LARGEST:
        raise BadValue(f"{name} has more than {LARGEST // 1024 // 1024} MB. Give the serials in parts.", field="file")
    if b"\0" in raw:
        raise BadValue(f"{name} is no text file. Name one with one serial a line, in UTF-8.", field="file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(split_lines(raw[: error.start].decode("utf-8-sig") + "."))
        message = f"{name} is not UTF-8 in line {line:,}. Save it as UTF-8, one serial a line."
        raise BadValue(message, field="file") from None
    lines = split_lines(text)
    count = sum(1 for line in lines if line.strip(BLANKS))
    if not count:
        raise BadValue(f"{name} has no serial in it. Give one serial a line.", field="file")
    refuse_more(count, f"{name} has {count:,} serials", field="file")
    return lines


def read_list(path: str) -> list[str]:
    """The lines of a file. Only regular files are opened: a pipe may never end, a device may do anything.

    Args:
        path: `~` is the person's home.

    Raises:
        BadValue: it cannot be read, see also `decoded`.
    """
    try:
        # O_NONBLOCK lets a pipe be opened that nobody writes to, so that what it is can be looked at.
        number = os.open(Path(path).expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            mode = os.fstat(number).st_mode
            if not stat.S_ISREG(mode):
                raise unreadable(path, next((said for is_it, said in _KINDS if is_it(mode)), "it is no file"))
            with open(number, "rb", closefd=False) as file:
                raw = file.read(LARGEST + 1)
        finally:
            os.close(number)
    except (OSError, ValueError, RuntimeError) as error:
        raise unreadable(path, reason_of(error)) from None
    return decoded(raw, path)


def reason_of(error: Exception) -> str:
    """Why a file cannot be opened."""
    return (isinstance(error, OSError) and error.strerror) or "it is no file name"


def unreadable(name: str, reason: str) -> BadValue:
    """What is said of a list that cannot be read."""
    return BadValue(f"{name} cannot be read: {reason}. Name a text file with one serial a line.", field="file")

"""Lists of serials as input of commands: `--from FILE`, a pipe or standard input, and their encoding."""

from __future__ import annotations

import io
import stat
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from models.importing.encodings import codec
from models.importing.lists import (
    CorrectionList,
    SerialList,
    read_corrections,
    read_corrections_from,
    read_list,
    read_list_from,
)
from models.text import readable
from tui.cli.output import MalformedError
from tui.cli.parser import Argument, argument
from tui.cli.session import Session

T = TypeVar("T")


def encoding_name(value: str) -> str:
    """An argument type: an encoding that Python can read.

    Raises:
        argparse.ArgumentTypeError: there is none of this name.
    """
    name = codec(value)
    if name is None:
        raise ArgumentTypeError(f"'{readable(value)}' is no encoding; some are cp1252, cp1250, shift_jis and gb18030")
    return name


def list_arguments(line: str = "one a line") -> tuple[Argument, Argument]:
    """The arguments for a list.

    Args:
        line: what stands in a line of a text file.
    """
    takes = f"a list of serials: {line}, or a table with a heading; text or workbook; - is standard input"
    return (
        argument("--from", metavar="FILE", dest="source", help=takes),
        argument("--encoding", metavar="NAME", type=encoding_name, help="the encoding of a text file, such as cp1252"),
    )


def list_from(session: Session, source: str, encoding: str | None) -> SerialList:
    """The list in a file, in a pipe, or in standard input for `-`; prints what of it is not read.

    Raises:
        BadValue: it cannot be read, or has no serials.
        MalformedError: the name is empty.
    """
    found = _read(source, encoding, read_list, read_list_from)
    _tell(session, found)
    return found


def corrections_from(session: Session, source: str, encoding: str | None) -> CorrectionList:
    """The list of corrections in a file, in a pipe, or in standard input for `-`; prints what of it is not read.

    Raises:
        BadValue: it cannot be read, or has no corrections.
        MalformedError: the name is empty.
    """
    found = _read(source, encoding, read_corrections, read_corrections_from)
    _tell(session, found.old)
    return found


def _tell(session: Session, found: SerialList) -> None:
    for note in found.notes:
        session.out.warn(note)


def _read(
    source: str,
    encoding: str | None,
    read: Callable[[str, str | None], T],
    read_from: Callable[[IO[bytes], str, str | None], T],
) -> T:
    """Read a list by its name; pipes and standard input cannot be read twice, so they have a reader of their own."""
    if not source:
        raise MalformedError("--from names no file. See serialdock receive --help.")
    if source == "-":
        stream = getattr(sys.stdin, "buffer", None)  # None if the program was started without one
        return read_from(stream if stream is not None else io.BytesIO(), "standard input", encoding)
    with suppress(OSError, ValueError):  # a file that is not there is refused as any other
        kind = Path(source).stat().st_mode
        if stat.S_ISFIFO(kind) or stat.S_ISCHR(kind):
            with Path(source).open("rb") as pipe:  # as `<(…)` of a shell is one
                return read_from(pipe, source, encoding)
    return read(source, encoding)

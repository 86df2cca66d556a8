"""Lists of serials that commands are given: `--from FILE`, a pipe or standard input, and their encoding."""

from __future__ import annotations

import io
import stat
import sys
from argparse import ArgumentTypeError
from contextlib import suppress
from pathlib import Path

from models.importing.encodings import codec
from models.importing.lists import SerialList, read_list, read_list_from
from models.text import readable
from tui.cli.output import MalformedError
from tui.cli.parser import Argument, argument
from tui.cli.session import Session


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
    if not source:
        raise MalformedError("--from names no file. See serialdock receive --help.")
    found = _read_standard_input(encoding) if source == "-" else _read_named(source, encoding)
    for note in found.notes:
        session.out.warn(note)
    return found


def _read_standard_input(encoding: str | None) -> SerialList:
    stream = getattr(sys.stdin, "buffer", None)  # None if the program was started without one
    return read_list_from(stream if stream is not None else io.BytesIO(), "standard input", encoding)


def _read_named(source: str, encoding: str | None) -> SerialList:
    """The list in a file, or in a pipe such as <(command) in a shell."""
    with suppress(OSError, ValueError):  # a file that is not there is refused as any other
        kind = Path(source).stat().st_mode
        if stat.S_ISFIFO(kind) or stat.S_ISCHR(kind):
            with Path(source).open("rb") as stream:
                return read_list_from(stream, source, encoding)
    return read_list(source, encoding)

"""What commands answer: an exit code, and lines for people or JSON for programs that can never steer a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final, NamedTuple, TextIO, TypeVar

from tui.text import visible

T = TypeVar("T")

GOOD: Final = 0
REFUSED: Final = 1
"""Also: `check` found something."""
MALFORMED: Final = 2
BROKEN: Final = 70
"""A fault of the program; the other codes are the errors' own, see `models.errors`."""
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""As a shell reports a program that the signal of a closed pipe ended."""


class MalformedError(Exception):
    """The command line cannot be understood, which was seen only when its parts were put together."""


class OutputError(Exception):
    """Standard output cannot be written, for another reason than a closed pipe."""


class OutputColumn(NamedTuple):
    """A column of a table for people."""

    heading: str
    shown: Callable[[Any], object]
    """The value of a row; None is blank."""
    right: bool = False
    """Aligned right, as numbers are."""


class Output:
    """Standard output and standard error of one command.

    Args:
        json: print JSON instead of lines for people.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._shown = ""
        """The progress line as it is on the terminal."""

    def one(self, data: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print one thing.

        Args:
            data: its JSON object.
            lines: what people read; taken only where it is not JSON.
        """
        if self.json:
            self._write(as_json(data))
        else:
            for line in lines:
                self._write(visible(line))

    def many(
        self, pages: Iterable[Sequence[T]], data: Callable[[T], Mapping[str, Any]], columns: Sequence[OutputColumn]
    ) -> None:
        """Print a list as it arrives: one JSON object a line, or a table."""
        if self.json:
            for page in filter(None, pages):
                self._write("\n".join(as_json(data(row)) for row in page))
        else:
            for line in table(pages, columns):
                self._write(line)

    def warn(self, message: str) -> None:
        """Print a message on standard error, which is not part of the answer."""
        gone = f"\r{' ' * len(self._shown)}\r" if self._shown else ""
        self._shown = ""
        print(f"{gone}serialdock: {visible(message)}", file=sys.stderr)

    def refuse(self, code: str, message: str) -> None:
        """Print why the command was not carried out."""
        self.warn(message)
        if self.json:
            self._write(as_json({"error": code, "message": message}))

    def progress(self) -> Callable[[str, int, int], None] | None:
        """A function that shows the progress of long work on one line of standard error, and erases it at the end.

        It takes what is being done, how much of it is done, and the total. None where no person looks.
        """
        if self.json or sys.stderr is None or not sys.stderr.isatty():
            return None

        def show(what: str, done: int, total: int) -> None:
            line = "" if done >= total else f"{what} {100 * done // total} %"
            if line != self._shown:
                print(f"\r{line.ljust(len(self._shown))}\r{line}", end="", file=sys.stderr, flush=True)
                self._shown = line

        return show

    def _write(self, line: str) -> None:
        if (stream := _stdout()) is not None:
            _written(lambda: print(line, file=stream))


def escape_unencodable() -> None:
    """Print a letter that the encoding of the terminal lacks as its code instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def flush() -> None:
    """Flush standard output.

    Raises:
        BrokenPipeError: nobody reads it any more.
        OutputError: it cannot be written.
    """
    if (stream := _stdout()) is not None:
        _written(stream.flush)


def as_json(data: Mapping[str, Any]) -> str:
    """A JSON object on one line, in ASCII without control characters."""
    from json import dumps  # noqa: PLC0415 - the app and people's lists do without

    return dumps(data, ensure_ascii=True).replace("\x7f", "\\u007f")


def iso_time(at: datetime) -> str:
    """A time for programs: ISO 8601 in UTC with `Z`."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def local_time(at: datetime) -> str:
    """A time for people: local date, hour and minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def counted(count: int, what: str) -> str:
    """How many of something there are, such as `1 serial` or `7,000 serials`."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def facts(pairs: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Lines of label and value with aligned values; further lines of a value are aligned below its first."""
    shown = list(pairs)
    width = max(len(label) for label, _ in shown)
    for label, value in shown:
        first, *more = ("–" if value in (None, "") else str(value)).split("\n")
        yield f"{label:{width}}  {first}"
        for line in more:
            yield f"{'':{width}}  {line}"


def table(pages: Iterable[Sequence[T]], columns: Sequence[OutputColumn]) -> Iterator[str]:
    """Lines of a table with headings. The first page sets the widths, so a long list is printed as it arrives."""
    rest = iter(pages)
    first = next(rest, ())
    cells = [_cells(row, columns) for row in first]
    headings = [column.heading for column in columns]
    widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    yield _line(headings, widths, columns)
    for row in chain(cells, (_cells(row, columns) for page in rest for row in page)):
        yield _line(row, widths, columns)


def _cells(row: object, columns: Sequence[OutputColumn]) -> list[str]:
    values = (column.shown(row) for column in columns)
    return ["" if value is None else visible(str(value)) for value in values]


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[OutputColumn]) -> str:
    padded = []
    for cell, width, column in zip(cells, widths, columns, strict=True):
        blanks = " " * (width - _width(cell))
        padded.append(blanks + cell if column.right else cell + blanks)
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - wide letters are rare, and this takes a while

    return cell_len(text)


def _stdout() -> TextIO | None:
    """Standard output; None where the program was started without."""
    return sys.stdout


def _written(act: Callable[[], None]) -> None:
    try:
        act()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"The output cannot be written: {error.strerror}. The command itself may be done.") from error

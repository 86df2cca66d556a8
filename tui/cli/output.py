"""Output of commands: exit codes, and text for people or JSON for programs, both without control characters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from json import dumps
from typing import Any, Final, NamedTuple, TextIO, TypeVar

from models.database.address import hide_passwords
from models.errors import BadValue
from tui.text import visible

T = TypeVar("T")

GOOD: Final = 0
REFUSED: Final = 1
"""Also if `check` found a problem."""
MALFORMED: Final = 2
BROKEN: Final = 70
"""A fault of the program. Further codes belong to the errors, see `models.errors`."""
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""As a shell reports a program ended by SIGPIPE."""


class MalformedError(Exception):
    """The command line is malformed in a way that the parser cannot see, such as options that exclude each other."""


class OutputError(Exception):
    """Standard output cannot be written, for a reason other than a closed pipe."""


class OutputColumn(NamedTuple):
    """A column of a table in text output."""

    heading: str
    shown: Callable[[Any], object]
    """The value of a row; None is blank."""
    right: bool = False
    """Whether it is right-aligned, as for numbers."""


class Output:
    """Standard output and standard error of one command.

    Args:
        json: print JSON instead of text.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self._shown = ""
        """The progress line now on the terminal."""

    def one(self, data: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print one record.

        Args:
            data: its JSON object.
            lines: its text; consumed only if the output is not JSON.
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
            for page in filter(None, pages):  # an empty one would be an empty line, which is no JSON
                self._write("\n".join(as_json(data(row)) for row in page))
        else:
            for line in table(pages, columns):
                self._write(line)

    def warn(self, message: str) -> None:
        """Print a message on standard error."""
        gone = f"\r{' ' * len(self._shown)}\r" if self._shown else ""  # the progress stands in the line of the message
        self._shown = ""
        print(f"{gone}serialdock: {visible(hide_passwords(message))}", file=sys.stderr)

    def refuse(self, code: str, message: str) -> None:
        """Print why the command was refused, on standard error and as JSON."""
        self.warn(message)
        if self.json:
            self._write(as_json({"error": code, "message": hide_passwords(message)}))

    def progress(self) -> Callable[[str, int, int], None] | None:
        """A function that shows progress in one line of standard error, and erases it at the end.

        It takes the name of the work, the amount done and the total. None with JSON, or without a terminal.
        """
        # In a log each step would be a line of its own.
        if self.json or sys.stderr is None or not sys.stderr.isatty():
            return None

        def show(what: str, done: int, total: int) -> None:
            line = "" if done >= total else f"{what} {100 * done // total} %"
            if line != self._shown:  # thousands of calls make a hundred lines
                print(f"\r{line.ljust(len(self._shown))}\r{line}", end="", file=sys.stderr, flush=True)
                self._shown = line

        return show

    def _write(self, line: str) -> None:
        if (stream := _stdout()) is not None:
            _written(lambda: print(line, file=stream))


def escape_unencodable() -> None:
    """Print characters that the terminal's encoding lacks as backslash escapes instead of failing."""
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
    # DEL is ASCII, so `dumps` leaves it, and a terminal would act on it.
    return dumps(data, ensure_ascii=True).replace("\x7f", "\\u007f")


def with_force(refusal: BadValue) -> BadValue:
    """A refusal as commands say it: where a file is there already, it names the option that replaces it."""
    if not refusal.details.get("there"):
        return refusal
    return BadValue(f"{refusal.what} Choose another name, or write over it with --force.", field="file")


def data_of(row: object, *names: str) -> dict[str, Any]:
    """These attributes of a row for JSON, under their names; moments and days are ISO texts."""
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso_time(value)
    return value.isoformat() if isinstance(value, date) else value


def iso_time(at: datetime) -> str:
    """A time for programs: ISO 8601 in UTC with `Z`."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def local_time(at: datetime) -> str:
    """A time for people: local date, hour and minute."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


def facts(pairs: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Lines of label and value, with the values aligned, also over several lines."""
    shown = list(pairs)
    width = max(len(label) for label, _ in shown)
    for label, value in shown:
        # Not `not value`: 0 is a value.
        first, *more = ("–" if value in (None, "") else str(value)).split("\n")
        yield f"{label:{width}}  {first}"
        for line in more:
            yield f"{'':{width}}  {line}"


def table(pages: Iterable[Sequence[T]], columns: Sequence[OutputColumn]) -> Iterator[str]:
    """Lines of a table with headings. Only the first page sets the widths, so that a long list prints as it arrives."""
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
    from rich.cells import cell_len  # noqa: PLC0415 - 2 ms, and ASCII does without

    return cell_len(text)


def _stdout() -> TextIO | None:
    """Standard output; None if the program was started without one."""
    return sys.stdout


def _written(act: Callable[[], None]) -> None:
    try:
        act()
    except BrokenPipeError:  # an OSError too; `main` ends quietly for it
        raise
    except OSError as error:
        raise OutputError(f"The output cannot be written: {error.strerror}. The command itself may be done.") from error

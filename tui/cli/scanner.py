"""`serialdock decode` and `scanner-check`: decode scans, check a scanner. Neither needs a database."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, Any, Final

from models.barcodes.reader import EXPECTED, read
from models.barcodes.reading import Settings
from models.errors import Unreadable
from models.text import readable
from tui.cli.output import GOOD, REFUSED, MalformedError, Output, flush
from tui.cli.parser import Invocation, Opens, argument, command

LONGEST_LINE: Final = 262_144
"""Longest line in bytes; the rest is discarded. What is left is far longer than any scan, so the line is refused."""


class BadLineError(Exception):
    """A line is not a JSON object with a scan and valid settings; the message says why."""


@command(
    "decode",
    summary="say what scans say: lines of standard input to JSON",
    arguments=(
        argument("--jsonl", action="store_true", help="lines are objects with scan and config instead of scans"),
    ),
    examples=("serialdock decode < scans.txt", "serialdock decode --jsonl < scans.jsonl"),
    opens=Opens.NOTHING,
    note=(
        "One JSON object for each line, at once and in order. A refused scan has error and message in it and is "
        "no failure; with --jsonl, exit code 1 says that a line was no object with a scan."
    ),
)
def decode(_: Invocation, *, jsonl: bool) -> int:
    """Decode every line of standard input, at once and in order, always to JSON.

    Args:
        jsonl: lines are objects `{"scan": …, "config": {…}}` instead of scans.

    Returns:
        The exit code: 1 if a line was malformed JSON. A refused scan is a normal answer.
    """
    answers = Output(json=True)
    malformed = 0
    for line in _lines():
        try:
            scan, settings = _scan_and_settings(line) if jsonl else (line, Settings())
        except BadLineError as error:
            malformed += 1
            answers.one({"error": "bad_line", "message": str(error)}, ())
        else:
            answers.one(_reading_data(scan, settings), ())
        flush()  # a program at the other end of the pipe waits for each answer
    return REFUSED if malformed else GOOD


def _reading_data(scan: str, settings: Settings) -> dict[str, Any]:
    try:
        reading = read(scan, settings)
    except Unreadable as error:
        return {"error": error.reason, "message": error.message}
    warnings = {"warnings": list(reading.warnings)} if reading.warnings else {}
    return {"kind": reading.kind.value, **reading.fields, **warnings}


def _lines() -> Iterator[str]:
    """Lines of standard input without LF or CRLF; invalid UTF-8 becomes U+FFFD."""
    stream: IO[bytes] | None = getattr(sys.stdin, "buffer", None)  # None if the program was started without one
    if stream is None:
        return
    next_piece: Callable[[], bytes] = partial(stream.readline, LONGEST_LINE)
    is_first = True
    for line in iter(next_piece, b""):
        piece = line
        while not piece.endswith(b"\n") and len(piece) == LONGEST_LINE:  # the rest of it must not be a scan of its own
            piece = next_piece()
        whole = line.removesuffix(b"\n").removesuffix(b"\r")
        if is_first:  # Windows editors put a byte order mark at the start
            whole = whole.removeprefix(codecs.BOM_UTF8)
            is_first = False
        yield whole.decode("utf-8", "replace")


def _scan_and_settings(line: str) -> tuple[str, Settings]:
    """Parse the scan and the settings of a line of JSON; other names are ignored.

    Raises:
        BadLineError: not JSON, no scan, or an unknown or invalid setting.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:  # deep brackets, and numbers of thousands of digits
        what = str(error) if isinstance(error, json.JSONDecodeError) else "its numbers or brackets are too long"
        raise BadLineError(f"This line is not JSON: {what}.") from None
    if not isinstance(given, dict) or not isinstance(given.get("scan"), str):
        raise BadLineError('This line has no scan. Write an object such as {"scan": "SN-1", "config": {}}.')
    config = given.get("config")
    if config is None:
        return given["scan"], Settings()
    if not isinstance(config, dict):
        raise BadLineError("The config of this line is not an object.")
    return given["scan"], _settings(config)


def _settings(config: Mapping[str, Any]) -> Settings:
    for name, value in config.items():
        takes = _TAKES.get(name)
        if takes is None:
            raise BadLineError(f"There is no setting '{readable(name, 24)}'. There are {', '.join(_TAKES)}.")
        what, is_good = takes
        if not is_good(value):
            raise BadLineError(f"The setting {name} is not {what}.")
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in config.items()}
    return Settings(**given)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_expected(value: object) -> bool:
    return value is None or value in EXPECTED


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) and text for text in value)


_TAKES: Final[Mapping[str, tuple[str, Callable[[object], bool]]]] = {
    "strip_di_s": ("true or false", _is_switch),
    "expect": (f"null, {', '.join(EXPECTED)}", _is_expected),
    "gs_substitutes": ("a list of texts", _are_texts),
    "beyond_ascii": ("true or false", _is_switch),
}
"""The valid values of each setting, in words and as a check."""


@command(
    "scanner-check",
    summary="see what a scanner really sends, and what mends it",
    arguments=(argument("--log", metavar="FILE", help="append every scan to FILE at once, as a line of JSON"),),
    examples=("serialdock scanner-check --log scans.jsonl",),
    opens=Opens.NOTHING,
    note="It needs no database. Scan the set-up code of the page that command-sheet writes.",
)
def scanner_check(invocation: Invocation, *, log: str | None) -> None:
    """Open the scanner check, which appends every scan to the log if one is named."""
    if invocation.out.json:
        raise MalformedError("scanner-check prints nothing. --log FILE writes JSON.")
    invocation.open_scanner_check(log)

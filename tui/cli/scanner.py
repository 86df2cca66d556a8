"""`serialdock decode`: what scans say, one a line in, one JSON object a line out."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, Any, Final

from models.barcodes import Settings, read
from models.barcodes.reader import EXPECTED
from models.errors import Unreadable
from tui.cli.command import GOOD, REFUSED
from tui.cli.output import Output, flush

LONGEST_LINE: Final = 262_144
"""Most bytes of a line; what is beyond is thrown away, and far more than any scan has is left to be refused."""


class BadLineError(Exception):
    """A line that is no JSON object with a scan; its text says what it is instead."""


def decode(out: Output, *, url: str | None, user: str | None, jsonl: bool) -> int:
    """Answer every line of standard input at once, in its order.

    Args:
        out: not used: the answers are JSON always.
        url: not used: no database is opened.
        user: not used.
        jsonl: lines are objects `{"scan": …, "config": {…}}` instead of scans.

    Returns:
        The exit code: 1 where a line of JSON was malformed. A refused scan is an answer like another.
    """
    del out, url, user
    answers = Output(json=True)
    malformed = 0
    for line in _lines():
        try:
            scan, settings = _asked(line) if jsonl else (line, Settings())
        except BadLineError as error:
            malformed += 1
            answers.one({"error": "bad_line", "message": str(error)}, ())
        else:
            answers.one(_answer(scan, settings), ())
        flush()
    return REFUSED if malformed else GOOD


def _answer(scan: str, settings: Settings) -> dict[str, Any]:
    try:
        reading = read(scan, settings)
    except Unreadable as error:
        return {"error": error.reason, "message": error.message}
    warnings = {"warnings": list(reading.warnings)} if reading.warnings else {}
    return {"kind": reading.kind.value, **reading.fields, **warnings}


def _lines() -> Iterator[str]:
    """The lines of standard input without their ends (LF or CRLF), bytes that are not UTF-8 as U+FFFD."""
    stream: IO[bytes] | None = getattr(sys.stdin, "buffer", None)  # None where the program was started without
    if stream is None:
        return
    next_piece: Callable[[], bytes] = partial(stream.readline, LONGEST_LINE)
    is_first = True
    for line in iter(next_piece, b""):
        piece = line
        while not piece.endswith(b"\n") and len(piece) == LONGEST_LINE:
            piece = next_piece()
        whole = line.removesuffix(b"\n").removesuffix(b"\r")
        if is_first:  # Windows' editors begin a file with a mark that is no text
            whole = whole.removeprefix(codecs.BOM_UTF8)
            is_first = False
        yield whole.decode("utf-8", "replace")


def _asked(line: str) -> tuple[str, Settings]:
    """The scan and the settings of a line of JSON; names that are neither `scan` nor `config` are left alone.

    Raises:
        BadLineError: it has none, or they are not what they must be.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
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
            raise BadLineError(f"There is no setting {name[:24]!a}. There are {', '.join(_TAKES)}.")
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
"""Each setting with what it may be, in words and as a check."""

"""What a command is: its words, its arguments and the function that carries it out."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Final, NamedTuple

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


class Opens(Enum):
    """What a command needs of the database before it runs."""

    MIGRATED = "migrated"
    """Up to date, and somebody signed in."""
    AS_IT_IS = "as it is"
    """There and current already; nothing is written to it, not even who came."""
    NOTHING = "nothing"
    """The command opens one itself."""


class Argument(NamedTuple):
    """One argument of a command."""

    names: tuple[str, ...]
    """`--name`, or a single word for one by position."""
    options: dict[str, Any]
    """As `ArgumentParser.add_argument` takes them."""


class Command(NamedTuple):
    """One command of `serialdock`."""

    name: str
    """Its words, such as `item add`."""
    help: str
    """One line that says what it does."""
    run: str
    """Where the function is, `module:name` in this package; the arguments' names are its keywords."""
    arguments: tuple[Argument, ...] = ()
    examples: tuple[str, ...] = ()
    opens: Opens = Opens.MIGRATED
    note: str = ""
    """What else the help says."""


def argument(*names: str, **options: Any) -> Argument:
    """Declare an argument; a value is a text unless `type` or `action` says otherwise."""
    if "action" not in options or options["action"] == "append":
        options.setdefault("type", text)
    return Argument(names, options)


def text(value: str) -> str:
    """A value that can be stored.

    Raises:
        argparse.ArgumentTypeError: bytes that are no UTF-8.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(f"{value!a} is not UTF-8") from None
    return value


def number(value: str) -> int:
    """A whole number in plain digits.

    Raises:
        argparse.ArgumentTypeError: anything else.
    """
    if not re.fullmatch("[-+]?[0-9]{1,18}", value):
        raise _wrong(f"{value!a} is not a whole number")
    return int(value)


def _wrong(message: str) -> Exception:
    from argparse import ArgumentTypeError  # noqa: PLC0415 - the app starts without a parser

    return ArgumentTypeError(message)

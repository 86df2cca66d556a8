"""How a command is declared, and the parser and help pages that are made from all declarations."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from itertools import takewhile
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

from tui.cli.output import MALFORMED, Output
from tui.text import visible

F = TypeVar("F", bound=Callable[..., "int | None"])

ABOUT: Final = """\
Track every unit of an inventory item by its serial number.
Without a command the app opens. Commands never ask anything.
"""

COMMON: Final = """\
Options, before or after the command
  --database URL    sqlite:///path, a bare path, or postgresql://…
                    (else $SERIALDOCK_DATABASE, config.toml, your own file)
  --user NAME       act with NAME's permissions (for administrators)
  --json            one JSON object, or one a line for lists
  --version         the program's version
  -h, --help        this page, or one about a command
"""

EXAMPLES: Final = """\
Examples
  serialdock demo                                      look around
  serialdock item add DR-1800 "Drill" --track-serials  the first item
  serialdock serial add --item DR-1800 SN-0001         its first serial
  serialdock serial add --help                         more about a command
"""

CODES: Final = """\
Exit codes
  0 good · 1 refused · 2 a malformed command line · 3 no usable database
"""


class Opens(Enum):
    """What is done to the database before a command runs."""

    MIGRATED = "migrated"
    """It is brought up to date and somebody is signed in; the function takes a `Session`."""
    AS_IT_IS = "as it is"
    """It must be there and current already; nothing is written to it, not even who came. Also a `Session`."""
    NOTHING = "nothing"
    """No database is opened; the function takes an `Invocation`."""


class Invocation(NamedTuple):
    """What the function of a command takes that opens no database, or opens one itself."""

    out: Output
    database: str | None
    """`--database` as given."""
    user: str | None
    """`--user` as given."""
    require_terminal: Callable[[], None]
    """Refuses where no app can be opened."""
    open_app: Callable[[str, str | None], NoReturn]
    """Opens the app on a database, for a user; the program ends with it."""
    open_scanner_check: Callable[[str | None], NoReturn]
    """Opens the scanner check, with the file of its log; the program ends with it."""


class Argument(NamedTuple):
    """One argument of a command."""

    names: tuple[str, ...]
    """`--name`, or a single word for one by position."""
    options: Mapping[str, Any]
    """As `ArgumentParser.add_argument` takes them."""

    @property
    def keyword(self) -> str:
        """Its name as a keyword of the command's function."""
        name: str = self.options.get("dest") or self.names[0].lstrip("-")
        return name.replace("-", "_")


class Command(NamedTuple):
    """One command of `serialdock`."""

    name: str
    """Its words, such as `item add`."""
    summary: str
    """One line that says what it does."""
    function: Callable[..., int | None]
    """Takes a `Session` or an `Invocation` and the arguments by keyword; returns the exit code, or None for good."""
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]
    opens: Opens
    note: str
    """What else the help says."""

    @property
    def word(self) -> str:
        """Its first word."""
        return self.name.partition(" ")[0]


COMMANDS: Final[dict[str, Command]] = {}
"""The commands of the modules that are imported, by name. Names and arguments are public: other programs call them."""


def command(
    name: str,
    *,
    summary: str,
    arguments: tuple[Argument, ...] = (),
    examples: tuple[str, ...] = (),
    opens: Opens = Opens.MIGRATED,
    note: str = "",
) -> Callable[[F], F]:
    """Declare the function below as a command; see `Command`."""

    def declare(function: F) -> F:
        assert name not in COMMANDS, f"{name} is declared twice"
        COMMANDS[name] = Command(name, summary, function, arguments, examples, opens, note)
        return function

    return declare


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
        raise argparse.ArgumentTypeError(f"{value!a} is not UTF-8") from None
    return value


def number(value: str) -> int:
    """A whole number in plain digits.

    Raises:
        argparse.ArgumentTypeError: anything else.
    """
    if not re.fullmatch("[-+]?[0-9]{1,18}", value):
        raise argparse.ArgumentTypeError(f"{value!a} is not a whole number")
    return int(value)


ITEM: Final = argument("--item", metavar="SKU", required=True, help="the item that the serial belongs to")


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes options by their whole names only and shows nothing raw."""

    page: Callable[[], str] | None = None
    """Makes the whole help, where it is not made of the arguments."""

    complete: Callable[[], None] | None = None
    """Adds the arguments when the parser is first used, so that only the module of the given command is imported."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def parse_known_args(self, args: Sequence[str], namespace: Any = None) -> Any:  # type: ignore[override]
        """Read the words that are this parser's; argparse calls it for the parsers of commands too."""
        for word in takewhile(lambda word: word != "--", args):
            # Python 3.11 reads `--name=--` as an empty list, which no function expects.
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word.removesuffix('=--')}: -- is not a value")
        if self.complete is not None:
            complete, self.complete = self.complete, None
            complete()
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """The help page."""
        return self.page() if self.page else super().format_help()

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and where help is."""
        print(f"serialdock: {visible(message)}", file=sys.stderr)
        print(f"serialdock: see {self.prog} --help", file=sys.stderr)
        self.exit(MALFORMED)


class _Version(argparse.Action):
    """Prints the installed version, which takes a while to find out, only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - costs 20 ms

        print(f"serialdock {version('serialdock')}")
        parser.exit()


def build_parser(headings: Mapping[str, str], commands_of: Callable[[str], Sequence[Command]]) -> Parser:
    """A parser of whole command lines.

    What it reads has `command`, a `Command` or None, `database`, `user` and `json`, and the command's arguments.

    Args:
        headings: the first words of all commands, each with the heading above them in the help.
        commands_of: the commands that begin with such a word; called for the word that is given, or for the help.
    """
    parser = Parser(prog="serialdock")
    parser.page = lambda: help_page(headings, map(commands_of, headings))
    parser.set_defaults(command=None)
    _add_common(parser, default=None)
    parser.add_argument("--version", action=_Version, nargs=0)
    top = _subparsers(parser)
    for word in headings:
        named = top.add_parser(word)
        named.complete = partial(_complete, named, word, commands_of)
    return parser


def help_page(headings: Mapping[str, str], commands: Iterable[Sequence[Command]]) -> str:
    """What `serialdock --help` says.

    Args:
        headings: as `build_parser` takes them.
        commands: for each of their words, the commands that begin with it.
    """
    usage = "usage: serialdock [COMMAND …] [--database URL] [--user NAME] [--json]\n"
    overview: list[str] = []
    above = None
    for heading, named in zip(headings.values(), commands, strict=True):
        if heading != above:
            overview += [""] * bool(overview) + [heading]
            above = heading
        overview += _summaries(named)
    return "\n".join((usage, ABOUT, *overview, "", COMMON, EXAMPLES, CODES)).rstrip() + "\n"


def _group_page(word: str, commands: Sequence[Command]) -> str:
    usage = f"usage: serialdock {word} COMMAND …\n"
    more = f"More about one of them: serialdock {commands[0].name} --help"
    return "\n".join((usage, *_summaries(commands), "", more, ""))


def _summaries(commands: Iterable[Command]) -> list[str]:
    return [f"  {command.name:16}  {command.summary}" for command in commands]


def _subparsers(parser: Parser) -> Any:
    required = parser.prog != "serialdock"
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=required, parser_class=Parser)


def _complete(parser: Parser, word: str, commands_of: Callable[[str], Sequence[Command]]) -> None:
    """Make the parser of a first word that of its command, or of the commands that begin with it."""
    commands = commands_of(word)
    if commands[0].name == word:
        _add_command(parser, commands[0])
        return
    parser.page = partial(_group_page, word, commands)
    _add_common(parser)
    group = _subparsers(parser)
    for command in commands:
        _add_command(group.add_parser(command.name.removeprefix(f"{word} ")), command)


def _add_command(parser: Parser, command: Command) -> None:
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    parser.description = "\n".join(filter(None, (summary, command.note)))
    examples = "".join(f"\n  {example}" for example in command.examples)
    parser.epilog = f"examples:{examples}" if examples else None
    for argument in command.arguments:
        parser.add_argument(*argument.names, **argument.options)
    _add_common(parser)
    parser.set_defaults(command=command)


def _add_common(parser: argparse.ArgumentParser, default: Any = argparse.SUPPRESS) -> None:
    """Let the common options stand here; below the first parser they change only what is given."""
    no = argparse.SUPPRESS if default is argparse.SUPPRESS else False
    common = parser.add_argument_group("common options")
    common.add_argument("--database", metavar="URL", default=default, help="sqlite:///path, a path, or postgresql://…")
    common.add_argument("--user", metavar="NAME", default=default, help="act with NAME's permissions (administrators)")
    common.add_argument("--json", action="store_true", default=no, help="JSON instead of text")

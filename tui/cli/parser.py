"""Declaration of commands (`command`, `argument`), and the parser and help pages built from the declarations."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from itertools import takewhile
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, TypeVar

from models.database.address import hide_passwords
from models.text import readable
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
    """The state in which a command needs its database."""

    MADE = "made"
    """Made if there is none, else as `MIGRATED`: for a command that can be the first write."""
    OWNED = "owned"
    """As `MADE`, for whoever owns the tables: also for an account that is no user, so that nobody is signed in."""
    MIGRATED = "migrated"
    """Existing, migrated, with a user signed in; the function takes a `Session`."""
    AS_IT_IS = "as it is"
    """Existing and not connected yet; nothing is written, not even a sign-in. The function takes a `Session`."""
    NOTHING = "nothing"
    """Not opened; the function takes an `Invocation`."""


class Invocation(NamedTuple):
    """The first argument of a command's function that needs no open database, or opens one itself."""

    out: Output
    database: str | None
    """`--database` as given."""
    user: str | None
    """`--user` as given."""
    require_terminal: Callable[[], None]
    """Refuses if the terminal cannot show an app."""
    open_app: Callable[[str, str | None], NoReturn]
    """Opens the app on a database (URL) for a user; the program ends with it."""
    open_scanner_check: Callable[[str | None], NoReturn]
    """Opens the scanner check with the path of its log; the program ends with it."""
    whole_parser: Callable[[], argparse.ArgumentParser]
    """Builds the parser with the arguments of all commands."""


class Argument(NamedTuple):
    """One argument of a command."""

    names: tuple[str, ...]
    """`--name`, or a single word for a positional argument."""
    options: Mapping[str, Any]
    """Keyword arguments for `ArgumentParser.add_argument`."""
    unless: str = ""
    """The option without which a positional argument is required; empty for none."""

    @property
    def keyword(self) -> str:
        """The keyword of the command's function for this argument."""
        name: str = self.options.get("dest") or self.names[0].lstrip("-")
        return name.replace("-", "_")


class Command(NamedTuple):
    """One command of `serialdock`."""

    name: str
    """The words that call it, such as `item add`."""
    summary: str
    """Its effect, in one line of help."""
    function: Callable[..., int | None]
    """Takes a `Session` or an `Invocation` and the arguments by keyword; returns the exit code, None for success."""
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]
    opens: Opens
    note: str
    """Further text in the help."""

    @property
    def word(self) -> str:
        """The first word of its name."""
        return self.name.partition(" ")[0]


COMMANDS: Final[dict[str, Command]] = {}
"""Commands of the imported modules, by name. Names and arguments are a public interface: other programs use them."""


def command(
    name: str,
    *,
    summary: str,
    arguments: tuple[Argument, ...] = (),
    examples: tuple[str, ...] = (),
    opens: Opens = Opens.MIGRATED,
    note: str = "",
) -> Callable[[F], F]:
    """Declare the decorated function as a command; see `Command`."""

    def declare(function: F) -> F:
        assert name not in COMMANDS, f"{name} is declared twice"
        COMMANDS[name] = Command(name, summary, function, arguments, examples, opens, note)
        return function

    return declare


def argument(*names: str, unless: str = "", **options: Any) -> Argument:
    """Declare an argument; its type is `text` unless `type` or `action` says otherwise.

    Args:
        unless: the option in place of which a positional argument with `nargs="?"` is given.
    """
    if "action" not in options or options["action"] == "append":
        options.setdefault("type", text)
    return Argument(names, options, unless)


def text(value: str) -> str:
    """An argument type: any text that can be stored.

    Raises:
        argparse.ArgumentTypeError: the bytes are not UTF-8.
    """
    try:
        value.encode()  # bytes that are not UTF-8 come as lone surrogates, which no database stores
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"{readable(value)} is not UTF-8") from None
    return value


def number(value: str) -> int:
    """An argument type: a whole number of up to 18 ASCII digits, with or without a sign.

    Raises:
        argparse.ArgumentTypeError: anything else.
    """
    # Not `int` alone: it takes blanks, underscores and digits of other scripts. 18 digits fit any column.
    if not re.fullmatch("[-+]?[0-9]{1,18}", value):
        raise argparse.ArgumentTypeError(f"'{readable(value)}' is not a whole number")
    return int(value)


ITEM: Final = argument("--item", metavar="SKU", required=True, help="the item that the serial belongs to")


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that accepts no abbreviated options and escapes what it prints in errors."""

    page: Callable[[], str] | None = None
    """Makes the whole help page, instead of argparse's own."""

    complete: Callable[[], None] | None = None
    """Adds the arguments at first use, so that only the module of the given command is imported."""

    commands: Any = None
    """The result of `add_subparsers`; its `choices` are the parsers of the next word."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        # Abbreviations would be public too, and a new option could make one of them ambiguous.
        super().__init__(allow_abbrev=False, **options)
        self.unless: list[tuple[argparse.Action, str]] = []
        """Positional arguments, each with the option without which it is required."""

    def parse_known_args(self, args: Sequence[str], namespace: Any = None) -> Any:  # type: ignore[override]
        """Parse arguments; argparse calls this for the subparsers of commands too."""
        words = list(takewhile(lambda word: word != "--", args))  # behind it nothing is an option
        for word in words:
            # Python 3.11 reads `--name=--` as an empty list, which no function expects.
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word.removesuffix('=--')}: -- is not a value")
        if self.complete is not None:  # once: argparse refuses an argument that is there already
            complete, self.complete = self.complete, None
            complete()
        for action, option in self.unless:
            # argparse finds optional ones only where they stand together, and required ones anywhere.
            names = {word.partition("=")[0] for word in words}
            action.required = names.isdisjoint({option, "-h", "--help"})
            action.nargs = None if action.required else "?"
        return super().parse_known_args(args, namespace)

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """The value of an argument; argparse calls this for each."""
        if action.nargs is None and arg_strings[-1:] == ["--"]:
            # Python 3.11 drops a `--` behind an earlier one, and returns a list in place of the value.
            self.error(f"argument {action.metavar or action.dest}: -- is not a value")
        return super()._get_values(action, arg_strings)

    def format_help(self) -> str:
        """The help page."""
        return self.page() if self.page else super().format_help()

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the command line and how to get help, and exit with `MALFORMED`."""
        print(f"serialdock: {visible(hide_passwords(message))}", file=sys.stderr)
        print(f"serialdock: see {self.prog} --help", file=sys.stderr)
        self.exit(MALFORMED)


class _Version(argparse.Action):
    """Prints the installed version; looked up only on demand, since that is slow."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - 13 ms

        print(f"serialdock {version('serialdock')}")
        parser.exit()


def build_parser(
    headings: Mapping[str, str],
    commands_of: Callable[[str], Sequence[Command]],
    other_names: Mapping[str, str] = MappingProxyType({}),
) -> Parser:
    """Build the parser of whole command lines.

    Its namespace has `command` (a `Command` or None), `database`, `user`, `json`, and the arguments of the command.

    Args:
        headings: the first word of every command, each with its heading in the help.
        commands_of: returns the commands that begin with a word; called for the given word only, or for the whole help.
        other_names: other names of first words: name → word.
    """
    parser = Parser(prog="serialdock")
    # Made only when it is asked for: it imports the modules of all commands.
    parser.page = lambda: help_page(headings, map(commands_of, headings))
    parser.set_defaults(command=None)
    _add_common(parser, default=None)
    parser.add_argument("--version", action=_Version, nargs=0)
    top = _subparsers(parser)
    for word in headings:
        others = [name for name, meant in other_names.items() if meant == word]
        named = top.add_parser(word, help=headings[word], aliases=others)
        named.complete = partial(_complete, named, word, commands_of)
    return parser


def whole(parser: Parser) -> Parser:
    """The parser with the arguments of all commands, which otherwise are added when they are needed."""
    if parser.complete is not None:
        complete, parser.complete = parser.complete, None
        complete()
    if parser.commands is not None:
        for below in parser.commands.choices.values():
            whole(below)
    return parser


def help_page(headings: Mapping[str, str], commands: Iterable[Sequence[Command]]) -> str:
    """The page of `serialdock --help`.

    Args:
        headings: as for `build_parser`.
        commands: for each word of `headings`, the commands that begin with it.
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
    parser.commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=required, parser_class=Parser)
    return parser.commands


def _complete(parser: Parser, word: str, commands_of: Callable[[str], Sequence[Command]]) -> None:
    """Add to the parser of a first word the arguments of its only command, or a subparser for each of its commands."""
    commands = commands_of(word)
    if commands[0].name == word:  # a command of one word, such as find, has no others beside it
        _add_command(parser, commands[0])
        return
    parser.page = partial(_group_page, word, commands)
    _add_common(parser)
    group = _subparsers(parser)
    for command in commands:
        _add_command(group.add_parser(command.name.removeprefix(f"{word} "), help=command.summary), command)


def _add_command(parser: Parser, command: Command) -> None:
    # In lists a summary begins small and has no full stop; here it is a sentence.
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    parser.description = "\n".join(filter(None, (summary, command.note)))
    examples = "".join(f"\n  {example}" for example in command.examples)
    parser.epilog = f"examples:{examples}" if examples else None
    for argument in command.arguments:
        action = parser.add_argument(*argument.names, **argument.options)
        if argument.unless:
            parser.unless.append((action, argument.unless))
    _add_common(parser)
    parser.set_defaults(command=command)


def _add_common(parser: argparse.ArgumentParser, default: Any = argparse.SUPPRESS) -> None:
    """Add the common options; in subparsers without defaults, so that values given before the command stay."""
    no = argparse.SUPPRESS if default is argparse.SUPPRESS else False
    common = parser.add_argument_group("common options")
    common.add_argument("--database", metavar="URL", default=default, help="sqlite:///path, a path, or postgresql://…")
    common.add_argument("--user", metavar="NAME", default=default, help="act with NAME's permissions (administrators)")
    common.add_argument("--json", action="store_true", default=no, help="JSON instead of text")

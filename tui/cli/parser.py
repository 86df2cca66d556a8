"""Reads the command line, and says how one is written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

from tui.cli.command import MALFORMED, Command
from tui.cli.commands import COMMANDS, HEADINGS
from tui.text import visible

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


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes options by their whole names only and shows nothing raw."""

    page: str | None = None
    """The whole help, where it is not made of the arguments."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def format_help(self) -> str:
        """The help page."""
        return self.page or super().format_help()

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


def build_parser(commands: Iterable[Command] = COMMANDS) -> Parser:
    """A parser of whole command lines.

    What it reads has `command`, a `Command` or None, `database`, `user` and `json`, and the command's arguments.
    """
    parser = Parser(prog="serialdock")
    parser.page = help_page()
    parser.set_defaults(command=None)
    _add_common(parser, default=None)
    parser.add_argument("--version", action=_Version, nargs=0)
    top = _subparsers(parser)
    groups: dict[str, Any] = {}
    for command in commands:
        first, _, second = command.name.partition(" ")
        if not second:
            _add_command(top, first, command)
            continue
        if first not in groups:
            group = top.add_parser(first)
            group.page = _group_page(first)
            _add_common(group)
            groups[first] = _subparsers(group)
        _add_command(groups[first], second, command)
    return parser


def own_arguments(command: Command) -> list[str]:
    """The names under which the arguments of a command reach its function."""
    names = (argument.options.get("dest") or argument.names[0].lstrip("-") for argument in command.arguments)
    return [name.replace("-", "_") for name in names]


def help_page() -> str:
    """What `serialdock --help` says."""
    usage = "usage: serialdock [COMMAND …] [--database URL] [--user NAME] [--json]\n"
    return "\n".join((usage, ABOUT, _overview(COMMANDS), COMMON, EXAMPLES, CODES)).rstrip() + "\n"


def _overview(commands: Sequence[Command]) -> str:
    lines: list[str] = []
    group = None
    for command in commands:
        first, _, second = command.name.partition(" ")
        heading = HEADINGS.get(first) or (None if second else HEADINGS[""])
        if heading and heading != group:
            lines += [""] * bool(lines) + [heading]
            group = heading
        lines.append(f"  {command.name:16}  {command.help}")
    return "\n".join(lines) + "\n"


def _group_page(first: str) -> str:
    usage = f"usage: serialdock {first} COMMAND …\n"
    chosen = [command for command in COMMANDS if command.name.startswith(f"{first} ")]
    lines = [f"  {command.name:16}  {command.help}" for command in chosen]
    return "\n".join((usage, *lines, "", f"More about one of them: serialdock {chosen[0].name} --help", ""))


def _subparsers(parser: Parser) -> Any:
    required = parser.prog != "serialdock"
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=required, parser_class=Parser)


def _add_command(group: Any, word: str, command: Command) -> None:
    examples = "".join(f"\n  {example}" for example in command.examples)
    parser = group.add_parser(
        word,
        description="\n".join(filter(None, (command.help[0].upper() + command.help[1:] + ".", command.note))),
        epilog=f"examples:{examples}" if examples else None,
    )
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

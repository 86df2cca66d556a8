"""The program's outermost frame: one command, one exit code, and never a traceback at a terminal."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from models.errors import SerialdockError
from tui.cli.command import BROKEN, GOOD, INTERRUPTED, MALFORMED, PIPE_CLOSED, REFUSED, Command, MalformedError, Opens
from tui.cli.output import Output, OutputError, flush, show_every_letter

if TYPE_CHECKING:
    from argparse import Namespace

_OF_APP: Final = {"--database": "database", "--user": "user"}
"""The options of a command line that opens the app, and what they are called."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `serialdock`.

    Args:
        argv: the command line without the program's name; None is the process's own.

    Returns:
        The exit code: 0 good, 1 refused, 2 a malformed command line, 3 the database cannot be used, 70 a fault of the
        program, 130 interrupted, 141 nobody reads the output any more.

    Raises:
        SystemExit: the app was opened and the person has left it.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        show_every_letter()
        return _answer(argv)
    except KeyboardInterrupt:
        _let_go_of_stdout()
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_stdout()
        return PIPE_CLOSED
    except OutputError as error:
        _let_go_of_stdout()
        print(f"serialdock: {error}", file=sys.stderr)
        return REFUSED
    except Exception as error:  # noqa: BLE001 - a fault of the program; there is no further frame
        Output(json="--json" in argv).refuse("fault", _report(error))
        return BROKEN


def _answer(argv: Sequence[str]) -> int:
    code = _obey(argv)
    flush()
    return code


def _obey(argv: Sequence[str]) -> int:
    options = _app_options(argv)
    if options is not None:
        return _answered(Output(json=False), partial(_open_app, **options))
    from tui.cli.parser import build_parser  # noqa: PLC0415 - making the commands known takes 10 ms

    try:
        given = build_parser().parse_args(argv)
    except SystemExit as ending:  # the parser has said everything: help, version, or what is malformed
        return ending.code if isinstance(ending.code, int) else GOOD
    out = Output(json=given.json)
    return _answered(out, partial(_carry_out, given, out))


def _app_options(argv: Sequence[str]) -> dict[str, str] | None:
    """The options of a command line that has nothing but these, as `serialdock` alone: that needs no parser."""
    options: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, sign, value = word.partition("=")
        if name not in _OF_APP:
            return None
        if not sign and (value := next(words, "-")).startswith("-"):
            return None
        if value.encode("utf-8", "ignore").decode() != value:  # of bytes that are no UTF-8 the parser tells
            return None
        options[_OF_APP[name]] = value
    return options


def _answered(out: Output, obey: Callable[[], int]) -> int:
    try:
        return obey()
    except MalformedError as error:
        out.warn(str(error))
        return MALFORMED
    except SerialdockError as error:
        command = error.details.get("command")
        option = error.details.get("option")
        how = f" See {command}." if command else f" Choose with {option}." if option else ""
        out.refuse(error.code, f"{error.message}{how}")
        return error.exit_code


def _open_app(database: str | None = None, user: str | None = None) -> NoReturn:
    from tui.cli.demo import open_app  # noqa: PLC0415

    open_app(_url(database), user)


def _carry_out(given: Namespace, out: Output) -> int:
    from tui.cli.parser import own_arguments  # noqa: PLC0415

    command: Command | None = given.command
    if command is None:
        if given.json:
            raise MalformedError("--json belongs to a command. See serialdock --help.")
        _open_app(given.database, given.user)
    arguments = {name: getattr(given, name) for name in own_arguments(command)}
    if command.opens is Opens.NOTHING:
        return _function(command)(out, url=given.database, user=given.user, **arguments) or GOOD
    from tui.cli.session import opened  # noqa: PLC0415

    with opened(_url(given.database), given.user, out, command.opens) as session:
        return _function(command)(session, **arguments) or GOOD


def _report(error: Exception) -> str:
    import traceback  # noqa: PLC0415 - for the rare case only

    from tui.lifeline import write_crash_report  # noqa: PLC0415

    path = write_crash_report(error)
    kind = traceback.format_exception_only(error)[-1].strip()
    where = f"A report is in {path}; give it" if path else "No report could be written; tell this"
    return f"This should not have happened: {kind}. {where} to whoever looks after Serialdock."


def _url(database: str | None) -> str:
    from models.config import database_url  # noqa: PLC0415 - help needs no settings

    # An empty text is a variable that a script forgot to set; it must not mean the default database.
    return database_url(None) if database is None else database


def _function(command: Command) -> Callable[..., int | None]:
    module, _, name = command.run.partition(":")
    function: Any = getattr(importlib.import_module(f"tui.cli.{module}"), name)
    return function  # type: ignore[no-any-return]


def _let_go_of_stdout() -> None:
    """Keep Python from writing the rest at its end, which would fail or wait again."""
    if sys.stdout is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

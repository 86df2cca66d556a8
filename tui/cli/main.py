"""The entry point of `serialdock`: runs one command and returns its exit code; every error ends as a message.

Imports stand inside functions here: each costs start time that most commands can do without.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from models.errors import DatabaseTrouble, Refusal, SerialdockError
from tui.cli.output import (
    BROKEN,
    GOOD,
    INTERRUPTED,
    MALFORMED,
    PIPE_CLOSED,
    REFUSED,
    MalformedError,
    Output,
    OutputError,
    escape_unencodable,
    flush,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tui.cli.parser import Command


class Subject(NamedTuple):
    """The module of the commands that begin with a word."""

    module: str
    """Name in this package; imported on demand, since importing all modules takes longer than most commands."""
    heading: str
    """Heading above these commands in the help."""
    imports_peewee: bool = True


SUBJECTS: Final = {
    "find": Subject("find", "Find"),
    "item": Subject("items", "Items"),
    "location": Subject("items", "Locations"),
    "serial": Subject("serials", "Serials"),
    **dict.fromkeys(
        (
            *("reserve", "release", "sell", "return", "restock", "defect", "repair", "repaired"),
            *("transfer", "dispatch", "arrive", "lose", "found", "scrap", "reactivate", "change-status"),
            *("correct", "change-item", "remove", "warranty", "void"),
        ),
        Subject("verbs", "A serial's life"),
    ),
    "document": Subject("documents", "Documents and customers"),
    "customer": Subject("documents", "Documents and customers"),
    "status": Subject("documents", "Documents and customers"),
    "user": Subject("people", "People"),
    "role": Subject("people", "People"),
    "receive": Subject("receive", "Stations"),
    "drafts": Subject("receive", "Stations"),
    "import": Subject("importing", "Files"),
    "import-template": Subject("importing", "Files"),
    "export": Subject("exporting", "Files"),
    "decode": Subject("scanner", "Scanners", imports_peewee=False),
    "scanner-check": Subject("scanner", "Scanners", imports_peewee=False),
    "command-sheet": Subject("command_sheet", "Scanners"),
    "completion": Subject("completion", "The shell", imports_peewee=False),
    "check": Subject("upkeep", "The database"),
    "migrate": Subject("upkeep", "The database"),
    "setting": Subject("settings", "The database"),
    "demo": Subject("demo", "The database"),
}
"""Subjects by the first word of their commands, in help order. A new command with a known first word needs no entry.

The codes of verbs stand here once more: `models.verbs` imports Peewee, which takes longer than most commands. A test
names those that are missing.
"""

OTHER_NAMES: Final = {"defective": "defect"}
"""Other names of commands: name → first word."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `serialdock`.

    Args:
        argv: the command line without the program's name; None takes the process's own.

    Returns:
        The exit code: 0 good, 1 refused, 2 a malformed command line, 3 the database cannot be used, 70 a fault of the
        program, 130 interrupted, 141 nobody reads the output any more.

    Raises:
        SystemExit: the app was opened and left.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        escape_unencodable()
        return _answer(argv)
    except KeyboardInterrupt:
        _abandon_stdout()
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return PIPE_CLOSED
    except OutputError as error:
        _abandon_stdout()
        print(f"serialdock: {error}", file=sys.stderr)
        return REFUSED
    except Exception as error:  # noqa: BLE001 - a fault of the program; nothing above would report it
        Output(json="--json" in argv).refuse("fault", _report(error))
        return BROKEN


def _answer(argv: Sequence[str]) -> int:
    code = _run(argv)
    flush()
    return code


def _run(argv: Sequence[str]) -> int:
    if not argv:  # the usual start of the app: skip the parser to start faster
        return _exit_code(Output(json=False), lambda: open_app(_address(None), None))
    from tui.cli.parser import build_parser  # noqa: PLC0415 - slower than all imports above together

    headings = {word: subject.heading for word, subject in SUBJECTS.items()}
    try:
        given = build_parser(headings, partial(commands_of, argv=argv), OTHER_NAMES).parse_args(argv)
    except SystemExit as ending:  # the parser has printed help, version or an error
        return ending.code if isinstance(ending.code, int) else GOOD
    out = Output(json=given.json)
    return _exit_code(out, partial(_carry_out, given, out))


def _whole_parser() -> ArgumentParser:
    from tui.cli.parser import build_parser, whole  # noqa: PLC0415

    headings = {word: subject.heading for word, subject in SUBJECTS.items()}
    return whole(build_parser(headings, commands_of, OTHER_NAMES))


def commands_of(word: str, argv: Sequence[str] = ()) -> list[Command]:
    """Import the module of the commands that begin with a word, and return them."""
    from tui.cli.parser import COMMANDS  # noqa: PLC0415

    subject = SUBJECTS[word]
    if subject.imports_peewee and not _may_name_a_server(argv):
        from models.database.address import leave_out_postgres_driver  # noqa: PLC0415

        leave_out_postgres_driver()
    importlib.import_module(f"tui.cli.{subject.module}")
    return [command for command in COMMANDS.values() if command.word == word]


def all_commands() -> list[Command]:
    """Import all modules, and return all commands in help order."""
    return [command for word in SUBJECTS for command in commands_of(word)]


def _may_name_a_server(argv: Sequence[str]) -> bool:
    """Whether the database may be on a PostgreSQL server.

    Peewee looks for the driver only once, at its import, which the modules of commands trigger; only then is it known
    which words are options. So any word with "postgres" counts: a driver imported in vain only takes time.
    """
    from models.config import database_url  # noqa: PLC0415

    try:
        address = database_url(None)
    except SerialdockError:  # reported when a command needs the settings; help does not
        return True
    return any("postgres" in word for word in (*argv, address))


def _exit_code(out: Output, run: Callable[[], int]) -> int:
    try:
        return run()
    except MalformedError as error:
        out.warn(str(error))
        return MALFORMED
    except SerialdockError as error:
        if isinstance(error, DatabaseTrouble) and error.needs_report:
            from tui.lifeline import report_trouble  # noqa: PLC0415 - rarely needed

            report_trouble(error)
        command = error.details.get("command")
        option = error.details.get("option")
        how = f" See {command}." if command else f" Choose with {option}." if option else ""
        out.refuse(error.code, f"{error.message}{how}")
        return error.exit_code


def _carry_out(given: Namespace, out: Output) -> int:
    command: Command | None = given.command
    if command is None:
        if given.json:
            raise MalformedError("--json belongs to a command. See serialdock --help.")
        open_app(_address(given.database), given.user)
    from tui.cli.parser import Invocation, Opens  # noqa: PLC0415

    arguments = {argument.keyword: getattr(given, argument.keyword) for argument in command.arguments}
    if command.opens is Opens.NOTHING:
        invocation = Invocation(
            out, given.database, given.user, require_terminal, open_app, open_scanner_check, _whole_parser
        )
        return command.function(invocation, **arguments) or GOOD
    from tui.cli.session import opened  # noqa: PLC0415

    with opened(_address(given.database), given.user, out, command.opens) as session:
        for note in session.notes if command.name != "migrate" else ():
            out.warn(note)
        return command.function(session, **arguments) or GOOD


def open_app(url: str, user: str | None) -> NoReturn:
    """Open the app; the program ends with it.

    Raises:
        SystemExit: the app was left.
        Refusal: there is no usable terminal, or the person lacks permission.
        DatabaseTrouble: the database cannot be used.
    """
    require_terminal()
    prepare_for(url)
    from tui.app import run  # noqa: PLC0415 - commands do without Textual

    run(url, user=user)


def open_scanner_check(log: str | None) -> NoReturn:
    """Open the scanner check alone; the program ends with it.

    Args:
        log: path of the file to which every scan is appended.

    Raises:
        SystemExit: the scanner check was left.
        BadValue: a setting is invalid.
        Refusal: there is no usable terminal, or the log cannot be written.
    """
    require_terminal()
    from tui.keymap import load_settings  # noqa: PLC0415
    from tui.scanner_check.app import run  # noqa: PLC0415
    from tui.scanner_check.screen import ScanLog  # noqa: PLC0415

    with ScanLog(Path(log)) if log is not None else nullcontext() as opened:
        run(opened, load_settings())


def require_terminal() -> None:
    """Prepare the terminal and this process for an app.

    Raises:
        Refusal: there is no terminal, or it cannot be used.
    """
    from tui.startup import prepare_environment  # noqa: PLC0415

    if problem := prepare_environment():
        raise Refusal(f"{problem} For commands see serialdock --help.")


def prepare_for(url: str) -> None:
    """Import Peewee without the PostgreSQL driver if the database is a file; call it before anything imports Peewee."""
    from models.database.address import is_sqlite_url, leave_out_postgres_driver  # noqa: PLC0415

    if is_sqlite_url(url):
        leave_out_postgres_driver()


def _report(error: Exception) -> str:
    import traceback  # noqa: PLC0415 - rarely needed

    from tui.lifeline import write_crash_report  # noqa: PLC0415

    path = write_crash_report(error)
    kind = traceback.format_exception_only(error)[-1].strip()
    where = f"A report is in {path}; give it" if path else "No report could be written; tell this"
    return f"This should not have happened: {kind}. {where} to whoever looks after Serialdock."


def _address(given: str | None) -> str:
    from models.config import database_url  # noqa: PLC0415 - help needs no settings

    # An empty string is an unset variable of a script; it must not mean the default database.
    return database_url(None) if given is None else given


def _abandon_stdout() -> None:
    """Redirect standard output to nowhere, so that Python's final flush does not fail or block again."""
    if sys.stdout is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

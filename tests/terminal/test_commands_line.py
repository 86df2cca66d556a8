"""The command line itself: help, mistakes, odd terminals, hostile text, and a list of any length."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from functools import cache
from pathlib import Path

import pytest

import tui.cli
from models.database.connection import call, disconnect, open_database
from models.items.items import create_item
from models.people import account_name, sign_in
from models.serials.add import add_serials
from tests.support.cases import agree, case, each
from tests.support.commands import Commands, in_this_process, installed, program
from tests.support.engines import ON_POSTGRESQL
from tests.support.limits import LIMIT
from tui.cli.main import SUBJECTS, _may_name_a_server, all_commands, commands_of, main
from tui.cli.parser import COMMANDS, Command, build_parser

ALL = all_commands()
NAMES = [command.name for command in ALL]
PUBLIC = """
    find,
    item add, item set, item show, item list, item history, location add, location set, location close, location open,
    location list, serial add, serial list, serial show, serial transfer,
    reserve, release, sell, return, restock, defect, repair, repaired, transfer, dispatch, arrive, lose, found, scrap,
    reactivate, change-status, correct, change-item, remove, warranty, void,
    document list, document show, document print, document void,
    customer add, customer set, customer show, customer list,
    status add, status set, status list, user add, user set, user list, user remove,
    role add, role list, role grant, role revoke,
    receive, drafts list, drafts replay, drafts discard-waiting, drafts show, drafts discard, drafts take-over,
    drafts hand-over,
    import, import-template, export serials, export items, export locations, export customers, export drafts,
    export users, export documents, export document, export history, decode, scanner-check, command-sheet,
    completion, check, migrate,
    setting new-people, setting undo-minutes, setting list, demo
"""
"""What other programs call."""


def _hammers() -> None:
    me = sign_in()
    item = create_item(me, "HT-1", "Hammer", track_serials=True)
    add_serials(me, item.id, [f"SN-{number:05}" for number in range(6_000)])


CONTENTS = {"long_list": _hammers}


@pytest.fixture
def long_list(commands: Commands) -> str:
    """The address of a database with an item of 6,000 serials: more output than a pipe holds."""
    return commands.url


def test_the_commands_are_those_that_other_programs_call() -> None:
    public = [name.strip() for name in PUBLIC.split(",")]
    agree("PUBLIC of tests/terminal/test_commands_line.py", public, NAMES)
    assert public == NAMES


def test_every_module_of_commands_is_found_by_the_first_words_of_its_commands() -> None:
    for module in pkgutil.iter_modules(tui.cli.__path__, "tui.cli."):
        importlib.import_module(module.name)
    words = {command.word for command in COMMANDS.values()}
    agree("SUBJECTS of tui/cli/main.py", SUBJECTS, words)
    assert {command.name for command in COMMANDS.values()} == set(NAMES)
    for command in ALL:
        assert command.function.__module__ == f"tui.cli.{SUBJECTS[command.word].module}"


def test_every_command_is_in_the_help_and_has_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    summaries = capsys.readouterr().out
    for command in ALL:
        with case(command.name):
            assert re.search(rf"^  {command.name} +{re.escape(command.summary)}$", summaries, re.MULTILINE)
            assert main([*command.name.split(), "--help"]) == 0
            _explains(capsys.readouterr().out, command)


def _explains(page: str, command: Command) -> None:
    for argument in command.arguments:
        assert argument.options["help"].partition(";")[0].split("(")[0].split()[0] in page
        assert all(word in page for word in argument.names if word.startswith("-"))
    assert all(option in page for option in ("--database", "--json", "--user"))
    assert all(line in page for line in command.examples)
    for example in command.examples:
        words = example.split(" | ")[0].replace('"', "").split()
        assert words[0] == "serialdock"
        assert " ".join(words[1:]).startswith(command.name)


@each("command", ALL)
def test_every_command_has_a_function_that_takes_its_arguments(command: Command) -> None:
    taken = inspect.signature(command.function).parameters.values()
    keywords = {parameter.name for parameter in taken if parameter.kind is parameter.KEYWORD_ONLY}
    takes_more = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken)  # the filters of the grid
    arguments = {argument.keyword for argument in command.arguments}
    assert keywords == (arguments & keywords if takes_more else arguments)


def test_help_fits_a_terminal_and_groups_have_theirs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    assert all(f"\n{heading}\n" in page for _, heading, *_ in SUBJECTS.values())
    assert main(["serial", "--help"]) == 0
    assert "serial transfer   move serials" in capsys.readouterr().out


def test_the_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"serialdock {version('serialdock')}\n"


@each(
    ("line", "said"),
    [
        ("nonsense", "invalid choice: 'nonsense'"),
        ("item", "required: COMMAND"),
        ("item add HT-1", "required: NAME"),
        ("item list --jso", "unrecognized arguments: --jso"),
        ("item list more", "unrecognized arguments: more"),
        ("serial add SN-1", "required: --item"),
        ("serial transfer --item HT-1 SN-1", "required: --to"),
        ("user set jana", "required: --role"),
        ("demo --serials many", "'many' is not a whole number"),
        ("item show \x1b[31mHT \x1b]0;x\x07", "unrecognized arguments: ␛]0;x␇"),
        ("--json", "--json belongs to a command"),
        ("demo --json", "--database"),
        ("serial list --item=--", "argument --item: -- is not a value"),
        ("item set HT-1 --name=-- --location A", "argument --name: -- is not a value"),
        ("item list --database=--", "argument --database: -- is not a value"),
        ("--database=--", "argument --database: -- is not a value"),
        ("--user=-- item list", "argument --user: -- is not a value"),
    ],
)
def test_a_malformed_command_line_is_told_with_exit_code_2(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split(" ")) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("serialdock: ")
    assert said in err
    assert "\x1b" not in err


def test_the_common_options_stand_before_or_after_the_command(
    migrated_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--user", account_name(), "--database", migrated_url]
    for line in ([*options, "user", "list"], ["user", *options, "list"], ["user", "list", *options]):
        assert main(line) == 0
        assert json.loads(capsys.readouterr().out)["name"] == account_name()


def test_an_option_behind_the_command_goes_before_one_in_front() -> None:
    assert _parsed("--database", "a", "item", "list", "--database", "b").database == "b"


@cache
def _parser() -> ArgumentParser:
    return build_parser({word: subject.heading for word, subject in SUBJECTS.items()}, commands_of)


def _parsed(*words: str) -> Namespace:
    return _parser().parse_args(words)


def test_bytes_that_are_no_text_are_refused(migrated_url: str) -> None:
    ran = installed("item", "show", b"HT-\xff", "--database", migrated_url)
    assert (ran.code, ran.out) == (2, "")
    assert "is not UTF-8" in ran.err


def test_behind_two_dashes_what_looks_like_an_option_is_a_value(commands: Commands) -> None:
    commands.good("item", "add", "HT-1", "Hammer", "--track-serials")
    assert commands.object("serial", "add", "--item", "HT-1", "--", "--item=--")["serial_number"] == "--item=--"


def test_two_dashes_are_never_taken_for_an_option_or_lost(commands: Commands) -> None:
    for words in (("item", "add", "--", "HT-1", "--"), ("user", "add", "--", "--"), ("drafts", "show", "--", "--")):
        ran = commands(*words)
        assert (ran.code, ran.out) == (2, "")
        assert "-- is not a value" in ran.err
    for command in all_commands():
        for argument in command.arguments:
            if argument.names[0].startswith("-"):
                with case(command.name, argument.names[0]), pytest.raises(SystemExit, match="2"):
                    _parsed(*command.name.split(), f"{argument.names[0]}=--")


def test_hostile_text_never_reaches_the_terminal_raw(commands: Commands) -> None:
    nasty = "\x1b]0;owned\x07[red]\u202etxt\x9b31m\x7f"
    commands.good("item", "add", "HT-1", "Hammer")
    database = open_database(commands.url)
    for table, column in (("items", "name"), ("locations", "name")):
        sql = f"UPDATE {table} SET {column} = ?"
        call(database, lambda statement: database.execute_sql(statement, (nasty,)), sql)
    disconnect(database)
    for words in (("item", "list"), ("item", "show", "HT-1"), ("location", "list")):
        for out in (commands.good(*words).out, commands.good(*words, "--json").out):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out)
        assert "␛]0;owned␇[red]‹U+202E›txt‹U+009B›31m␡" in commands.good(*words).out
    assert commands.object("item", "show", "HT-1")["name"] == nasty


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_a_letter_shows_its_code(commands: Commands, encoding: str) -> None:
    commands.good("item", "add", "HT-1", "Bohrer 監 ü")
    environ = {"PYTHONIOENCODING": encoding}
    line = installed("item", "list", "--database", commands.url, environ=environ, errors="replace")
    assert (line.code, line.err) == (0, "")
    assert "Bohrer \\u76e3" in line.out
    assert installed("--help", environ=environ, errors="replace").code == 0
    row = installed("item", "list", "--json", "--database", commands.url, environ=environ)
    assert row.rows[0]["name"] == "Bohrer 監 ü"


def test_a_list_longer_than_a_page_comes_whole_and_in_order(long_list: str) -> None:
    ran = in_this_process("serial", "list", "--item", "HT-1", "--database", long_list, "--json")
    assert [row["serial_number"] for row in ran.rows] == [f"SN-{number:05}" for number in range(6_000)]
    lines = in_this_process("serial", "list", "--item", "HT-1", "--database", long_list).out.splitlines()
    assert len(lines) == 6_001


def _reading(url: str) -> subprocess.Popen[bytes]:
    """A long list that nobody has begun to read."""
    words = [program(), "serial", "list", "--item", "HT-1", "--json", "--database", url]
    # A shell starts what runs in its background with Ctrl+C ignored, and so would these tests pass it on.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_list_whose_reader_goes_away_ends_quietly(long_list: str) -> None:
    with _reading(long_list) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        assert command.stdout.readline().startswith(b'{"serial_number": "SN-00000"')
        command.stdout.close()
        assert (command.wait(60), command.stderr.read()) == (141, b"")


def test_ctrl_c_ends_a_command_quietly(long_list: str) -> None:
    with _reading(long_list) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.read(1)
        time.sleep(0.3)  # now it waits for somebody to read on
        command.send_signal(signal.SIGINT)
        assert (command.wait(60), command.stderr.read()) == (130, b"")
        command.stdout.close()


def test_output_that_cannot_be_written_is_told(migrated_url: str) -> None:
    with Path("/dev/full").open("w") as full:
        ran = installed("role", "list", "--database", migrated_url, stdout=full)
    assert ran.code == 1
    assert ran.err == (
        "serialdock: The output cannot be written: No space left on device. The command itself may be done.\n"
    )


def test_a_command_started_without_standard_output_does_its_work(commands: Commands) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", program(), "location", "add", "DOCK-1", "--database", commands.url],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "DOCK-1" in [row["code"] for row in commands.rows("location", "list")]


def test_a_fault_leaves_a_report_and_no_trace_at_the_terminal(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object, **__: object) -> None:
        raise KeyError("of the program")

    commands.good("location", "list")
    monkeypatch.setattr("tui.cli.items.operations.create_item", defect)
    ran = commands("item", "add", "HT-1", "Hammer", "--on-hand", "1", "--json")
    assert (ran.code, ran.object["error"]) == (70, "fault")
    assert "KeyError: 'of the program'" in ran.err
    assert "Traceback" not in ran.out + ran.err
    (report,) = (tmp_path / ".home").rglob("crash-*.txt")
    assert str(report) in ran.err
    assert "Traceback" in report.read_text()


def test_a_table_that_is_missing_is_no_fault_of_the_program(commands: Commands) -> None:
    database = open_database(commands.url)
    call(database, lambda: database.execute_sql("DROP TABLE stock"))
    disconnect(database)
    commands.good("location", "list")
    ran = commands("item", "add", "HT-1", "Hammer", "--on-hand", "1", "--json")
    assert (ran.code, ran.object["error"]) == (3, "database_not_ready")
    assert "no such table: stock" in ran.err


@pytest.mark.parametrize(
    ("line", "absent"),
    [
        ("--version", "models.database.connection peewee tui.cli.items"),
        ("--help", "textual rich psycopg barcode"),
        ("item list", "textual rich psycopg tui.cli.serials tui.cli.demo"),
    ],
)
def test_a_command_imports_only_what_it_needs(line: str, absent: str, migrated_url: str) -> None:
    program = (
        "import sys\n"
        "from tui.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "print(code, *sys.modules, file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *line.split(), "--database", migrated_url],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
        env=os.environ,
    )
    code, *modules = ran.stderr.split()
    assert code == "0"
    assert set(modules) & set(absent.split()) == set()


@ON_POSTGRESQL
def test_the_driver_of_a_server_is_there_however_the_server_is_named(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def may_name_a_server(*words: str) -> bool:
        return _may_name_a_server(words)

    assert not may_name_a_server("item", "list")
    assert may_name_a_server("--database", migrated_url, "item", "list")
    assert may_name_a_server("item", "list", f"--database={migrated_url}")
    assert installed("item", "list", f"--database={migrated_url}").code == 0
    monkeypatch.setenv("SERIALDOCK_DATABASE", migrated_url)
    assert may_name_a_server("item", "list")
    settings = tmp_path / "serialdock" / "config.toml"
    settings.parent.mkdir()
    settings.write_text(f"database = {json.dumps(migrated_url)}\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("SERIALDOCK_DATABASE", "")
    assert may_name_a_server("item", "list")
    assert installed("item", "list").code == 0
    settings.write_text("database = 7\n")
    assert may_name_a_server("item", "list")
    assert in_this_process("item", "list", "--database", migrated_url).code == 0
    assert in_this_process("item", "list", "--help").code == 0
    assert "database takes a text" in in_this_process("item", "list").err


def test_the_app_says_that_it_needs_a_terminal(migrated_url: str) -> None:
    for words in ((), ("demo",)):
        ran = installed(*words, environ={"SERIALDOCK_DATABASE": migrated_url})
        assert (ran.code, ran.out) == (1, "")
        assert "needs a terminal" in ran.err


@each("shell", ["bash", "zsh", "tcsh"])
def test_a_shell_completes_every_command(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert [name for name in NAMES if name.split()[-1] not in script] == []
    assert shell == "tcsh" or "--skip-errors" in script  # tcsh completes words alone


def test_bash_completes_an_option_of_a_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "bash"])
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out, "utf-8")
    asked = (
        f"source {script}; COMP_WORDS=(serialdock sell --cust); COMP_CWORD=2; _shtab_serialdock; echo ${{COMPREPLY[@]}}"
    )
    ran = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["--customer"], ran.stderr

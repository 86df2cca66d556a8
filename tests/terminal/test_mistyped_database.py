"""A mistyped address makes no database: only the app, `migrate`, `demo` and commands that can be the first write do."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from models.database.connection import connect, disconnect, open_database
from tests.support.cases import each
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES, ON_POSTGRESQL
from tui.cli.main import all_commands
from tui.cli.parser import Opens

MAKE = {
    "item add": "HT-1 Hammer",
    "location add": "DOCK",
    "user add": "jana",
    "role add": "auditor",
    "role grant": "clerk INV_EDIT_ITEMS",
    "role revoke": "clerk INV_SELL_SERIAL",
    "setting new-people": "viewers",
    "setting undo-minutes": "30",
    "migrate": "",
}
"""Commands that make a database, with arguments."""

OTHERS = (
    "item show X",
    "item list",
    "item set X --name Y",
    "location list",
    "serial list --item X",
    "serial show X",
    "serial add --item X SN-1",
    "serial transfer --item X --to MAIN SN-1",
    "user list",
    "user set jana --role clerk",
    "role list",
    "setting list",
    "receive --item X --location MAIN --range A1..A3 --dry-run",
    "drafts list",
    "drafts discard 1",
    "check",
)


def test_the_commands_that_may_make_a_database_are_these() -> None:
    assert {command.name for command in all_commands() if command.opens in (Opens.MADE, Opens.OWNED)} == set(MAKE)


@each("line", OTHERS)
def test_no_other_command_makes_a_file(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mistyped.db"
    ran = Commands(str(path), capsys)(*shlex.split(line), "--json")
    assert (ran.code, ran.object["error"]) == (3, "database_unreachable")
    assert f"There is no database at {path}. Check the path" in ran.object["message"]
    assert not list(tmp_path.glob("mistyped*"))


def test_an_import_makes_no_file_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "serials.csv").write_text("Serial Number\nSN-1\n")
    ran = Commands(str(tmp_path / "mistyped.db"), capsys)("import", str(tmp_path / "serials.csv"), "--item", "X")
    assert ran.code == 3
    assert not (tmp_path / "mistyped.db").exists()


@pytest.mark.parametrize("name", MAKE)
def test_a_first_write_makes_the_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Commands(str(tmp_path / "new.db"), capsys).good(*name.split(), *MAKE[name].split())
    assert (tmp_path / "new.db").stat().st_size


def test_the_default_database_is_not_made_by_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui.cli.main import main

    assert main(["item", "list"]) == 3
    assert "There is no database at " in capsys.readouterr().err
    assert not list((tmp_path / ".home").rglob("*"))


@BOTH_ENGINES
def test_reading_makes_no_tables_in_an_empty_database(
    database_url: str, engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if engine == "sqlite":
        (tmp_path / "stock.sqlite3").touch()
    commands = Commands(database_url, capsys)
    ran = commands("item", "list", "--json")
    assert (ran.code, ran.object["error"]) == (3, "database_not_ready")
    assert "is empty. Check the address, or run serialdock migrate" in ran.object["message"]
    database = open_database(database_url)
    connect(database)
    assert database.get_tables() == []
    disconnect(database)
    commands.good("item", "add", "HT-1", "Hammer")
    assert [row["sku"] for row in commands.rows("item", "list")] == ["HT-1"]


@ON_POSTGRESQL
def test_a_missing_database_of_a_server_is_not_made(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    ran = Commands(database_url.replace("empty_", "mistyped_"), capsys)("item", "add", "HT-1", "Hammer")
    assert ran.code == 3
    assert "does not exist" in ran.err

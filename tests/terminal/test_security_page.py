"""docs/security.md says what is true: its commands are run as they stand."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from models.config import load_config
from models.database.connection import connect, disconnect, open_database
from models.schema import Serial
from tests.support.commands import Commands, in_this_process, installed, program
from tests.support.engines import ON_POSTGRESQL
from tests.support.terminal import Terminal

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)\n```", PAGE, re.DOTALL)
"""Language and text of each example."""


def example(language: str, part: str) -> str:
    """The only example with this text."""
    (found,) = [text for kind, text in BLOCKS if kind == language and part in text]
    return str(found)


@ON_POSTGRESQL
def test_the_two_lines_make_a_role_that_cannot_change_history(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    role = f"stock_app_{re.sub('[^a-z0-9]', '_', database_url.partition('@/')[2].partition('?')[0])}"
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute(example("sql", "CREATE ROLE").replace("stock_app", role))
        try:
            words = example("sh", "--grant").replace("stock_app", role).split()
            assert words[0] == "serialdock"
            Commands(database_url, capsys).good(*words[1 : words.index("--database")])
            app = Commands(database_url.replace("//postgres@", f"//{role}@"), capsys)
            app.good("item", "add", "HT-1", "Hammer", "--track-serials")
            app.good("serial", "add", "--item", "HT-1", "SN-1")
            with psycopg.connect(app.url) as theirs, pytest.raises(psycopg.errors.InsufficientPrivilege):
                theirs.execute("DELETE FROM serial_events")
        finally:
            session.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_the_address_without_a_password_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(example("toml", "database"))
    assert load_config(tmp_path / "config.toml").database == "postgresql://stock_app@db/stock"
    assert re.fullmatch(r"db:5432:stock:stock_app:.+", example("text", "5432"))


@pytest.fixture
def used(stock: str) -> Iterator[Path]:
    """A database in use, whose last serial is in the write-ahead log only."""
    path = Path(stock.removeprefix("sqlite:///"))
    database = open_database(stock)
    connect(database)
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert installed("serial", "add", "--item", "LAP-14", "SN-1", "--database", stock).code == 0
    yield path
    disconnect(database)


def _serials(path: Path) -> int:
    opened = sqlite3.connect(path)
    try:
        return int(opened.execute("SELECT count(*) FROM serials").fetchone()[0])
    finally:
        opened.close()


def test_the_backup_is_whole_where_a_copy_of_the_file_is_not(used: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    shutil.copy(used, folder / "copied.sqlite3")
    assert _serials(folder / "copied.sqlite3") == 0
    statement = re.fullmatch(r'sqlite3 stock\.sqlite3 "(.*)"', example("sh", "VACUUM"))
    assert statement is not None
    assert used.name == "stock.sqlite3"
    opened = sqlite3.connect(used)  # as sqlite3 does; the program need not be installed
    opened.execute(statement[1].replace("backup.sqlite3", str(folder / "backup.sqlite3")))
    opened.close()
    assert _serials(folder / "backup.sqlite3") == 1
    assert installed("check", "--database", str(folder / "backup.sqlite3")).code == 0


def test_a_restored_backup_is_the_database_again(commands: Commands, stock: str, tmp_path: Path) -> None:
    path = Path(stock.removeprefix("sqlite:///"))
    commands.good("serial", "add", "--item", "LAP-14", "SN-1")
    opened = sqlite3.connect(path)
    opened.execute(f"VACUUM INTO '{tmp_path / 'backup.sqlite3'}'")
    opened.close()
    commands.good("serial", "add", "--item", "LAP-14", "SN-2")
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    (tmp_path / "backup.sqlite3").replace(path)
    assert [row["serial_number"] for row in commands.rows("serial", "list", "--item", "LAP-14")] == ["SN-1"]


def test_exec_leaves_no_shell_behind(stock: str, tmp_path: Path) -> None:
    """A login shell that runs the example: what is typed after the end reaches nobody."""
    line = example("sh", "exec").replace("serialdock", program())
    shell = ["/bin/sh", "-c", f"{line}\ntouch {tmp_path / 'shell'}"]
    with Terminal(shell, env={"SERIALDOCK_DATABASE": stock}) as terminal:
        terminal.wait_for("LAP-14")
        terminal.send("\x1bOR\x1b[21~")  # F3, F10
        assert terminal.wait_for_exit() == 0
    assert not (tmp_path / "shell").exists()


def test_as_a_login_shell_it_opens_the_app_and_runs_no_command(stock: str, tmp_path: Path) -> None:
    login = ["/bin/bash", "-c", f'exec -a -serialdock "{program()}"']  # sshd and login start a shell by this name
    with Terminal(login, env={"SERIALDOCK_DATABASE": stock}) as terminal:
        terminal.wait_for("LAP-14")
        terminal.send("\x1bOR\x1b[21~")
        assert terminal.wait_for_exit() == 0
    ran = installed("-c", f"touch {tmp_path / 'shell'}", environ={"SERIALDOCK_DATABASE": stock})
    assert ran.code == 2
    assert not (tmp_path / "shell").exists()


def test_who_writes_the_file_can_change_history_and_check_finds_it(
    stock: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands(stock, capsys)
    commands.good("serial", "add", "--item", "LAP-14", "SN-1")
    opened = sqlite3.connect(stock.removeprefix("sqlite:///"))
    with pytest.raises(sqlite3.IntegrityError, match="can only be added to"):
        opened.execute("DELETE FROM serial_events")
    opened.execute("DROP TRIGGER serial_events_no_delete")
    opened.execute("DELETE FROM serial_events")
    opened.commit()
    opened.close()
    assert commands("check").code == 1
    database: Any = open_database(stock)
    connect(database)
    assert Serial.select().count() == 1
    disconnect(database)


def test_the_page_says_that_badges_are_not_built_as_long_as_they_are_not() -> None:
    assert "planned and **not built yet**" in PAGE
    assert "badge" not in in_this_process("--help").out

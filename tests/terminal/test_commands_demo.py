"""`serialdock demo`, `check` and `migrate`, and the folder that is thrown away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from models import migrations
from models.database.connection import call, disconnect, open_database
from models.migrations import CURRENT, MIGRATIONS
from tests.support.commands import Commands, installed, program
from tests.support.engines import BOTH_ENGINES
from tests.support.fork_server import forked_program
from tests.support.limits import LIMIT
from tests.support.terminal import Terminal

HOLD = """
import signal
import sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # both may be ignored where the tests run
signal.signal(signal.SIGINT, signal.default_int_handler)
from tui.cli.demo import throwaway_folder
with throwaway_folder("thrown-") as folder:
    (folder / "stock.sqlite3").write_text("rows")
    print(folder, flush=True)
    sys.stdin.read()
"""


def gone(folder: Path, within: float = LIMIT) -> bool:
    """Whether a folder disappears."""
    end = time.monotonic() + within
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not folder.exists()


@pytest.mark.parametrize("ending", [None, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_a_folder_to_throw_away_is_gone_however_the_program_ends(tmp_path: Path, ending: signal.Signals | None) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        folder = Path(holder.stdout.readline().strip())
        assert folder.parent == tmp_path
        assert folder.name.startswith("thrown-")
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert (folder / "stock.sqlite3").exists()
        if ending is None:
            holder.stdin.close()
            assert holder.wait(LIMIT) == 0
            assert not folder.exists()
        else:
            holder.send_signal(ending)
            assert holder.wait(LIMIT) != 0
            assert gone(folder)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_demo_opens_the_app_and_leaves_nothing_behind(tmp_path: Path, ending: signal.Signals) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    words = ("demo", "--serials", "20")
    start = [program(), *words] if ending is signal.SIGKILL else forked_program(*words)
    with Terminal(start, env={"TMPDIR": str(temporary)}) as terminal:
        terminal.wait_for("AP-AX-IN")  # the first item of the list
        (folder,) = temporary.glob("serialdock-demo-*")
        modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
        assert modes.pop(folder.name) == 0o700
        assert "demo.sqlite3" in modes
        assert set(modes.values()) == {0o600}
        terminal.signal(ending)
        assert gone(folder)


def test_a_demo_in_a_named_database_is_kept(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = Commands(database_url, capsys)
    made = commands.object("demo", "--serials", "60")
    assert list(made) == ["items", "locations", "customers", "users", "serials", "events", "documents"]
    assert made["serials"] == 60
    items = commands.rows("item", "list")
    assert len(items) == made["items"]
    listed = [
        commands.rows("serial", "list", "--removed", "--item", item["sku"]) for item in items if item["track_serials"]
    ]
    assert sum(map(len, listed)) == 60
    assert len(commands.rows("location", "list")) == made["locations"]
    assert len(commands.rows("user", "list")) == made["users"]
    assert commands.object("check") == {
        "ok": True,
        "findings": [],
        "serials": 60,
        "events": made["events"],
        "documents": made["documents"],
    }


@BOTH_ENGINES
def test_a_demo_never_mixes_with_what_is_there(commands: Commands) -> None:
    commands.good("item", "add", "HT-1", "Hammer")
    assert commands.refused("demo")["error"] == "not_allowed"
    assert [row["sku"] for row in commands.rows("item", "list")] == ["HT-1"]


def test_a_demo_of_fewer_than_no_serials_is_refused(commands: Commands) -> None:
    assert commands.refused("demo", "--serials", "-1")["error"] == "bad_value"


@BOTH_ENGINES
def test_migrating_says_what_ran(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = Commands(database_url, capsys)
    assert commands.object("migrate") == {"migrations": list(MIGRATIONS), "version": CURRENT}
    assert commands.object("migrate") == {"migrations": [], "version": CURRENT}
    assert commands.good("migrate").out == f"Up to date at version {CURRENT}.\n"


def test_migrating_an_empty_database_says_that_it_is_a_new_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Commands(str(tmp_path / "new.sqlite3"), capsys).good("migrate").out.splitlines()
    assert said[1:] == ["It was empty: this is a new database. To restore a backup in its place, remove it first."]


def test_what_a_migration_had_to_rename_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "The customer acme is acme (2) now: an older one has the same name but for case and blanks."
    for migrates in (True, False):
        commands = Commands(f"sqlite:///{tmp_path}/before-{migrates}.sqlite3", capsys)
        database = open_database(commands.url)
        before = MIGRATIONS.index("m0007_customer_keys")
        with monkeypatch.context() as earlier:
            earlier.setattr(migrations, "MIGRATIONS", MIGRATIONS[:before])
            earlier.setattr(migrations, "CURRENT", before)
            call(database, migrations.migrate, database)
        call(database, database.execute_sql, "INSERT INTO customers (name) VALUES ('ACME'), ('acme')")
        disconnect(database)
        if migrates:
            assert commands.object("migrate")["notes"] == [told]
        else:  # another command that migrates says it too
            assert commands("item", "list").err == f"serialdock: {told}\n"


@BOTH_ENGINES
def test_a_database_that_is_whole_is_told_so(commands: Commands) -> None:
    commands.good("item", "add", "HT-1", "Hammer", "--track-serials")
    commands.good("serial", "add", "--item", "HT-1", "SN-1")
    assert commands.good("check").out == "All is well: 1 serial, 1 event, 0 documents.\n"


@BOTH_ENGINES
def test_check_names_what_is_not_whole_and_answers_with_1(commands: Commands) -> None:
    commands.good("item", "add", "HT-1", "Hammer", "--track-serials")
    commands.good("serial", "add", "--item", "HT-1", "SN-1")
    _execute(commands.url, "UPDATE serials SET condition_notes = 'quietly changed'")
    ran = commands("check", "--json")
    assert (ran.code, ran.object["ok"], ran.object["serials"], ran.err) == (1, False, 1, "")
    (finding,) = ran.object["findings"]
    assert set(finding) == {"code", "message"}
    assert "SN-1" in finding["message"]
    told = commands("check")
    assert (told.code, told.err) == (1, "")
    assert told.out.splitlines()[0] == finding["message"]


def test_check_writes_nothing_not_even_who_came(commands: Commands) -> None:
    commands.good("check")
    assert _rows(commands.url, "SELECT login FROM users") == []
    ran = installed("check", "--database", commands.url)
    assert (ran.code, ran.err) == (0, "")
    assert _rows(commands.url, "SELECT login FROM users") == []


def _execute(url: str, sql: str) -> None:
    database = open_database(url)
    call(database, lambda: database.execute_sql(sql))
    disconnect(database)


def _rows(url: str, sql: str) -> list[Any]:
    database = open_database(url)
    rows = call(database, lambda: database.execute_sql(sql).fetchall())
    disconnect(database)
    return list(rows)

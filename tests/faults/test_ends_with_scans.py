"""The ends of a station while the database is locked: every scan whose line was shown is there afterwards, none twice.

The whole program runs on an SQLite file that another process holds.
"""

from __future__ import annotations

import signal
import sqlite3
import sysconfig
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from models.database.connection import call, disconnect, open_database
from models.items.items import create_item
from models.locations import create_location
from models.migrations import migrate
from models.people import sign_in
from tests.support.commands import in_this_process
from tests.support.fork_server import forked, forked_program
from tests.support.terminal import Terminal

PROGRAM = Path(sysconfig.get_path("scripts")) / "serialdock"
F7 = "\x1b[18~"
FORKED = ("SIGKILL", "SIGHUP", "SIGTERM")
"""Ends of which the other one, with a real start, tests the same."""

SCANS = [f"5CG83{number:05}" for number in range(12)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "stock.sqlite3"
    database = open_database(str(file))
    migrate(database)

    def stock() -> None:
        boss = sign_in()
        create_location(boss, "DOCK")
        create_item(boss, "SAW-1", "Saw", track_serials=True)

    call(database, stock)
    disconnect(database)
    return file


@pytest.fixture
def locked(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        yield other


def lines(file: Path) -> list[str]:
    """The good serials of the only draft, in their order."""
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM drafts").fetchone() == (1,)
        rows = database.execute(
            "SELECT serial_number FROM draft_lines WHERE kind = 'serial' AND state = 'good' ORDER BY number"
        )
        return [serial for (serial,) in rows]


def scans_wait(terminal: Terminal, locked: sqlite3.Connection) -> None:
    """Scan two into the draft, lock the database, and scan the others."""
    terminal.wait_for("SAW-1")
    terminal.send(f"{F7}")
    terminal.wait_for("Scan the place")
    terminal.send("".join(f"{scan}\r" for scan in ("DOCK", "SAW-1", *SCANS[:2])))
    terminal.wait_for(f"OK  {SCANS[1]}")
    locked.execute("BEGIN IMMEDIATE")
    terminal.send("".join(f"{scan}\r" for scan in SCANS[2:]))
    terminal.wait_for("10 scans wait since")


@pytest.mark.parametrize("end", ["SIGKILL", "SIGHUP", "SIGTERM", "closed", "a defect"])
def test_what_was_shown_is_there_after_the_next_start(end: str, file: Path, locked: sqlite3.Connection) -> None:
    program = forked_program("--database", str(file)) if end in FORKED else [PROGRAM, "--database", file]
    with Terminal(forked("station_with_defect", file) if end == "a defect" else program) as terminal:
        scans_wait(terminal, locked)
        if end == "closed":
            terminal.hang_up()
        elif end == "a defect":
            terminal.signal(signal.SIGUSR1)
        else:
            terminal.signal(signal.Signals[end])
        terminal.wait_for_exit()
        if end in ("SIGTERM", "a defect"):
            assert "10 scans wait on this machine for the database." in terminal.text
    locked.execute("ROLLBACK")
    with Terminal(forked_program("--database", str(file))) as terminal:
        terminal.wait_for("10 scans that waited are in the draft now.")
        terminal.wait_until(lambda: lines(file) == SCANS)
    assert in_this_process("drafts", "replay", "--database", str(file)).code == 0
    assert lines(file) == SCANS

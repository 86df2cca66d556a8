"""Commands on trouble of every kind end with a sentence and exit code 3, never with a report of a defect."""

from __future__ import annotations

import random
import resource
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from models.database.address import sqlite_path
from models.database.connection import open_database
from models.serials.add import add_serial
from tests.support.commands import Commands, installed
from tests.support.engines import BOTH_ENGINES, ON_SQLITE
from tests.support.faults import FaultMaker, put_into
from tests.support.tampering import three_laptops

READING = (
    ("item", "list"),
    ("item", "show", "LAP"),
    ("location", "list"),
    ("serial", "list", "--item", "LAP"),
    ("serial", "show", "SN-1"),
    ("user", "list"),
    ("role", "list"),
    ("drafts", "list"),
)

PAGE = 4096


CONTENTS = {"commands": three_laptops}


@pytest.fixture
def commands(migrated_url: str, database: object, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on a database with three laptops."""
    return Commands(migrated_url, capsys)


@ON_SQLITE
def test_a_file_with_random_bytes_never_shows_a_defect(commands: Commands) -> None:
    file = sqlite_path(commands.url)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    codes = set()
    for seed in range(12):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(4):
            start = chance.randrange(100, len(damaged) - 64)
            damaged[start : start + 48] = chance.randbytes(48)
        page = chance.randrange(1, len(damaged) // PAGE) * PAGE
        damaged[page : page + 256] = chance.randbytes(256)
        file.write_bytes(damaged)
        for beside in ("-wal", "-shm"):
            Path(f"{file}{beside}").unlink(missing_ok=True)
        for words in READING:
            ran = commands(*words)
            assert ran.code in (0, 1, 3), (seed, words, ran)
            codes.add(ran.code)
    assert 3 in codes


TROUBLE = {
    "sqlite": (
        *(("connect", "SQLITE_CANTOPEN"), ("read", "SQLITE_IOERR_READ"), ("read", "SQLITE_CORRUPT")),
        *(("begin", "SQLITE_BUSY"), ("write", "SQLITE_FULL"), ("write", "SQLITE_ERROR"), ("commit", "SQLITE_READONLY")),
        ("commit", "SQLITE_OF_TOMORROW"),
    ),
    "postgresql": (
        *(("connect", "53300"), ("read", "58030"), ("read", "XX001"), ("begin", "25006"), ("write", "53100")),
        *(("write", "42601"), ("commit", "40001"), ("commit", "ZZ999")),
    ),
}

WRITING = (
    ("serial", "add", "--item", "LAP", "SN-9"),
    ("serial", "transfer", "--item", "LAP", "SN-2", "--to", "DOCK"),
    ("item", "add", "BAG", "Bag"),
    ("location", "add", "YARD"),
    ("user", "add", "ann"),
)


@BOTH_ENGINES
def test_trouble_is_exit_code_3_with_a_sentence_and_a_constraint_1(
    commands: Commands, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = FaultMaker()

    def open_faulty(url: str, *, create: bool = True) -> Any:
        database = open_database(url, create=create)
        put_into(database, maker)
        return database

    monkeypatch.setattr("tui.cli.session.open_database", open_faulty)
    for point, code in TROUBLE[engine]:
        for words in WRITING if point in ("begin", "write", "commit") else (*READING, *WRITING):
            maker.arm(point, code, 10**6)
            ran = commands("--json", *words)
            assert (ran.code, bool(maker.made)) == (3, True), (point, code, words, ran)
            assert ran.object["error"].startswith("database")
            assert ran.object["message"] in ran.err
            maker.disarm()
    refused = "SQLITE_CONSTRAINT_CHECK" if engine == "sqlite" else "23514"
    for words in WRITING:
        maker.arm("write", refused, 10**6)
        assert commands.refused(*words)["error"] == "constraint"
        maker.disarm()
    for words in WRITING:  # nothing of it was written before
        assert commands(*words).code == 0, words
    assert commands("check").code == 0


def test_trouble_after_the_commit_does_not_say_that_nothing_was_written(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = FaultMaker()

    def add_then_break(*args: Any, **named: Any) -> Any:
        added = add_serial(*args, **named)
        maker.arm("read", "SQLITE_BUSY", 10**6)
        return added

    def open_faulty(url: str, *, create: bool = True) -> Any:
        database = open_database(url, create=create)
        put_into(database, maker)
        return database

    monkeypatch.setattr("tui.cli.session.open_database", open_faulty)
    monkeypatch.setattr("tui.cli.serials.add_serial", add_then_break)
    ran = commands("--json", "serial", "add", "--item", "LAP", "SN-9")
    assert (ran.code, ran.object["error"]) == (3, "database_busy")
    assert "Nothing was written" not in ran.err
    assert "What the command had changed before that is saved; look before you repeat it." in ran.err
    maker.disarm()
    assert commands("serial", "show", "SN-9").code == 0


@ON_SQLITE
def test_a_full_disk_is_exit_code_3(commands: Commands) -> None:
    most = 10 * PAGE  # of a file: the write-ahead log is empty and needs more for a serial

    def no_more_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    words = ("--database", commands.url, "serial", "add", "--item", "LAP", "SN-9")
    ran = installed(*words, preexec_fn=no_more_room)
    assert ran.code == 3
    assert "Nothing was written; make room" in ran.err
    assert "Traceback" not in ran.err
    assert commands("serial", "show", "SN-9").code == 1


@ON_SQLITE
def test_a_damaged_row_is_named_with_its_table(commands: Commands) -> None:
    with closing(sqlite3.connect(sqlite_path(commands.url))) as connection:
        connection.execute("DROP TRIGGER serial_events_no_update")
        connection.execute("UPDATE serial_events SET at = 'yesterday' WHERE id = 2")
        connection.commit()
    for words in (("serial", "show", "SN-2"), ("--json", "serial", "show", "SN-2")):
        ran = commands(*words)
        assert ran.code == 3
        assert "is damaged: table serial_events, row 2: at is " in ran.err
        assert "A report for whoever looks after Serialdock is in" in ran.err
    assert commands("serial", "show", "SN-1").code == 0

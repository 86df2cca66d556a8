"""`check` on damaged SQLite files: it never fails itself, and names the table and the row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models.check import CheckReport, check
from models.database.connection import call, disconnect, open_database
from models.errors import DatabaseTrouble
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.record import find_serial, serial_detail
from models.text import serial_key
from tests.support import engines

pytestmark = engines.ON_SQLITE

COPIES = 80
"""Damaged copies; see `test_no_copy_with_random_bytes_makes_the_check_fail`."""


@pytest.fixture
def path(database: Any) -> Path:
    """A closed database file with forty serials."""
    actor = sign_in()
    create_location(actor, "SHELF")
    item = create_item(actor, "LAP", "Laptop", location="SHELF", on_hand=5, track_serials=True)
    texts = [f"SN-{number}" for number in range(40)]
    receive_serials(
        actor,
        [
            ReceiptLine(item.id, text, serial_key(text), item.primary_location_id, note="from the truck")
            for text in texts
        ],
    )
    disconnect(database)
    return Path(database.database)


def _checked(path: Path) -> CheckReport:
    database = open_database(f"sqlite:///{path}")
    try:
        return check(database, login="nobody")
    finally:
        disconnect(database)


@contextmanager
def _file(path: Path) -> Iterator[sqlite3.Connection]:
    """A file without its guards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA ignore_check_constraints = 1")
        triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        for _, sql in triggers:
            file.execute(sql)


VALUES: dict[str, tuple[str, str]] = {
    "an invalid moment": (
        "UPDATE serial_events SET at = '2026-13-45 10:00:00.000000+00:00' WHERE id = 7",
        "The database is damaged: table serial_events, row 7: at is '2026-13-45 10:00:00.000000+00:00'.",
    ),
    "a moment that is no text": (
        "UPDATE documents SET at = 5",
        "The database is damaged: table documents, row 1: at is '5'.",
    ),
    "an invalid date": (
        "UPDATE serials SET date_received = '2026-02-31' WHERE id = 3",
        "The database is damaged: table serials, row 3: date_received is '2026-02-31'.",
    ),
    "text instead of a number": (
        "UPDATE stock SET on_hand = 'many'",
        "The database is damaged: table stock, row 1: on_hand is 'many'.",
    ),
    "bytes instead of a text": (
        "UPDATE serials SET condition_notes = x'00ff' WHERE id = 3",
        "The database is damaged: table serials, row 3: condition_notes is b'\\x00\\xff'.",
    ),
    "text that cannot be decoded": (
        "UPDATE serial_events SET note = CAST(x'ff41' AS text) WHERE id = 12",
        (
            "The database is damaged: table serial_events, row 12: note cannot be read "
            "(Could not decode to UTF-8 column 'note')."
        ),
    ),
    "a truth value that is neither": (
        "UPDATE items SET track_serials = 7",
        "The database is damaged: table items, row 1: track_serials is 7.",
    ),
}


@pytest.mark.parametrize("what", VALUES)
def test_a_value_that_is_none_is_named_with_table_and_row(path: Path, what: str) -> None:
    statement, message = VALUES[what]
    with _file(path) as file:
        assert file.execute(statement).rowcount > 0
    found = [finding.message for finding in _checked(path).findings]
    assert message in found, found


def test_a_row_that_cannot_be_decoded_does_not_hide_the_others(path: Path) -> None:
    with _file(path) as file:
        file.execute("UPDATE serial_events SET note = CAST(x'ff41' AS text) WHERE id IN (5, 9)")
        file.execute("UPDATE serial_events SET at = 'never' WHERE id = 20")
    found = [finding.message for finding in _checked(path).findings if finding.code == "row_damaged"]
    assert [text.partition(":")[2].partition(":")[0] for text in found] == [
        f" table serial_events, row {number}" for number in (5, 9, 20)
    ]


def test_a_serial_with_an_invalid_moment_is_trouble_and_not_the_end(path: Path) -> None:
    with _file(path) as file:
        file.execute("UPDATE serial_events SET at = 'never' WHERE id = 7")
    database = open_database(f"sqlite:///{path}")
    try:
        with pytest.raises(DatabaseTrouble, match="table serial_events, row 7: at is 'never'"):
            call(database, lambda: serial_detail(find_serial("SN-6", "LAP")))
    finally:
        disconnect(database)


def _size_of_page(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:18], "big")


def test_no_copy_with_random_bytes_makes_the_check_fail(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    damaged = troubled = 0
    for seed in range(COPIES):
        random = Random(seed)
        data = bytearray(whole)
        start = 0 if seed % 10 == 0 else 100  # each tenth may lose its header too
        for _ in range(random.choice((1, 8, 64, 512))):
            data[random.randrange(start, len(data))] = random.randrange(256)
        copy = tmp_path / f"copy{seed}.sqlite3"
        copy.write_bytes(data)
        try:
            report = _checked(copy)
        except DatabaseTrouble:
            troubled += 1
        else:
            damaged += not report.good
        copy.unlink()
    assert damaged > COPIES // 2  # a single byte in a free place changes nothing
    assert troubled <= COPIES // 10


def _broken_page(path: Path, number: int) -> None:
    size = _size_of_page(path)
    data = bytearray(path.read_bytes())
    data[(number - 1) * size : number * size] = bytes([0x7F]) * size
    path.write_bytes(data)


def _root(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])


@pytest.mark.parametrize("table", ["serial_events", "serials", "users", "documents"])
def test_a_table_of_nonsense_is_named(path: Path, table: str) -> None:
    _broken_page(path, _root(path, table))
    found = [finding.message for finding in _checked(path).findings]
    assert any(
        message.startswith(f"The database is damaged: table {table}, the first row cannot be read") for message in found
    ), found


def test_the_row_after_which_a_table_cannot_be_read_is_named(path: Path) -> None:
    root = _root(path, "serial_events")
    header = path.read_bytes()[(root - 1) * _size_of_page(path) :][:12]
    assert header[0] == 5  # a page that only refers to others
    _broken_page(path, int.from_bytes(header[8:12], "big"))  # the last of them
    found = [finding.message for finding in _checked(path).findings]
    (named,) = (
        text for text in found if text.startswith("The database is damaged: table serial_events, the rows after")
    )
    number = int(named.partition("rows after ")[2].partition(" ")[0])
    assert 1 < number < 40


def test_a_list_of_tables_of_nonsense_is_damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100 : _size_of_page(path)] = bytes([0xA5]) * (_size_of_page(path) - 100)
    path.write_bytes(data)
    (finding,) = _checked(path).findings
    assert finding.message.startswith("The database is damaged: its list of tables cannot be read")


def test_a_lost_header_is_damage_and_another_file_is_not(path: Path, tmp_path: Path) -> None:
    path.write_bytes(bytes(16) + path.read_bytes()[16:])
    (finding,) = _checked(path).findings
    assert finding.message == "The database is damaged: its header is destroyed. Restore a copy."
    other = tmp_path / "other.txt"
    other.write_text("not a database\n" * 100)
    with pytest.raises(DatabaseTrouble, match="not a Serialdock database"):
        _checked(other)

"""The schema: made once however many start together, refused where it is not ours, strict about what goes in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from models.database.connection import call, connect, disconnect, open_database
from models.errors import NotReady, TooNew, Unreachable
from models.migrations import CURRENT, MIGRATIONS, migrate, require_current, version
from models.schema import Location, Role, RolePermission, SerialEvent, Status, is_sqlite
from tests.support.cases import each
from tests.support.limits import LIMIT
from tests.support.warehouse import open_warehouse

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(database_url: str) -> Iterator[Any]:
    """A connected database without tables."""
    opened = open_database(database_url)
    connect(opened)
    yield opened
    disconnect(opened)


def test_four_programs_that_start_together_on_a_new_database_all_succeed(database_url: str) -> None:
    program = (
        "import sys\n"
        "from models.database.connection import open_database, call\n"
        "from models.migrations import migrate\n"
        "database = open_database(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "done = migrate(database)\n"
        "from models.people import sign_in\n"
        "from models.errors import NotPermitted\n"
        "from models.permissions import may, Permission\n"
        "try:\n"
        "    administers = may(call(database, sign_in, sys.argv[2]), Permission.MANAGE_USERS)\n"
        "except NotPermitted:\n"  # as new people are refused on PostgreSQL
        "    administers = False\n"
        "print(len(done), int(administers))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, database_url, f"person{number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=LIMIT) for process in started]
    assert [err for _, err in answers] == [""] * 4
    migrated, administrators = zip(*(map(int, out.split()) for out, _ in answers), strict=True)
    assert sorted(migrated) == [0, 0, 0, len(MIGRATIONS)]
    assert sorted(administrators) == [0, 0, 0, 1]


def test_migrating_again_changes_nothing(empty: Any) -> None:
    assert version(empty) == 0
    assert migrate(empty) == list(MIGRATIONS)
    assert migrate(empty) == []
    assert version(empty) == CURRENT
    require_current(empty)


def test_a_database_that_was_never_migrated_is_not_read(empty: Any) -> None:
    with pytest.raises(
        NotReady, match=rf"is empty; this program needs version {CURRENT}\. Run serialdock migrate first"
    ):
        require_current(empty)


def test_a_database_of_a_newer_program_is_refused(database: Any) -> None:
    one = database.param
    database.execute_sql(
        f"INSERT INTO serialdock_versions VALUES ({CURRENT + 1}, 'm9999_later', {one})", ("2030-01-01 00:00:00",)
    )
    for refused in (migrate, require_current):
        with pytest.raises(
            TooNew, match=f"version {CURRENT + 1}, made by a newer Serialdock; this one knows {CURRENT}"
        ):
            refused(database)


def test_another_programs_database_is_left_alone(empty: Any) -> None:
    empty.execute_sql("CREATE TABLE users (name text)")
    for refused in (migrate, require_current):
        with pytest.raises(Unreachable, match=r"is another program's database\. Name a new or an empty one\."):
            refused(empty)
    assert empty.get_tables() == ["users"]


def test_a_server_that_lets_nobody_make_tables_says_so(postgres: Any, worker_id: str) -> None:
    with postgres.database(f"guarded_{worker_id}") as url, postgres.session() as session:
        session.execute(f"CREATE ROLE clerk_{worker_id} LOGIN")
        guarded = open_database(url.replace("postgres@", f"clerk_{worker_id}@"))
        try:
            with pytest.raises(Unreachable, match=r"does not let you do this: .*permission denied for schema public"):
                migrate(guarded)
        finally:
            disconnect(guarded)
            session.execute(f"DROP ROLE clerk_{worker_id}")


def test_a_new_database_has_the_built_in_statuses_roles_and_a_place(database: Any) -> None:
    assert [(row.label, row.mark, row.available, row.on_hand) for row in Status.select().order_by(Status.id)] == [
        ("In Stock", "+", True, True),
        ("Reserved", "R", False, True),
        ("Returned", "<", False, True),
        ("Defective", "!", False, True),
        ("In Repair", "~", False, False),
        ("In Transit", ">", False, False),
        ("Sold", "$", False, False),
        ("Lost", "?", False, False),
        ("Scrapped", "x", False, False),
        ("Removed", "-", False, False),
    ]
    held = {role.name: RolePermission.select().where(RolePermission.role == role).count() for role in Role.select()}
    assert held == {"administrator": 10, "clerk": 5, "viewer": 1}
    assert Location.get().code == "MAIN"


def test_history_can_only_be_added_to(database: Any) -> None:
    (serial_id,) = open_warehouse().add("A1")
    attempts = [
        "UPDATE serial_events SET note = 'never happened'",
        "UPDATE serial_events SET number = number + 1",
        "DELETE FROM serial_events",
    ]
    if is_sqlite():
        copied = "SELECT * FROM serial_events"
        attempts += [f"INSERT OR REPLACE INTO serial_events {copied}", f"REPLACE INTO serial_events {copied}"]
        names = ", ".join(field.column_name for field in SerialEvent._meta.sorted_fields if field.column_name != "id")
        attempts.append(f"REPLACE INTO serial_events ({names}) SELECT {names} FROM serial_events")
    else:
        attempts += ["TRUNCATE serial_events", "TRUNCATE serials CASCADE", "TRUNCATE users CASCADE"]
    before = list(SerialEvent.select().tuples().execute())
    for attempt in attempts:
        with pytest.raises(peewee.IntegrityError, match="serial_events can only be added to"):
            database.execute_sql(attempt)
    assert list(SerialEvent.select().tuples().execute()) == before
    assert before[0][1] == serial_id


@pytest.fixture
def two(database: Any) -> Any:
    """A database with two serials."""
    open_warehouse().add("A1", "A2")
    return database


@each(
    "change",
    [
        "UPDATE serials SET serial_key = 'A1'",
        "UPDATE serials SET location_id = NULL",
        "UPDATE serials SET status_id = 99",
        "UPDATE serials SET location_id = 99",
        "UPDATE serials SET serial_key = ''",
        "UPDATE serials SET serial_number = ''",
        "UPDATE serials SET version = 0",
        "UPDATE serials SET warranty_start = '2026-02-01', warranty_end = '2026-01-31'",
        "UPDATE stock SET on_hand = -1",
        "UPDATE serial_counts SET serials = -1",
        "INSERT INTO locations (code, name) VALUES ('main', 'the same in small letters')",
        "INSERT INTO customers (name) VALUES ('')",
        "DELETE FROM serials",
        "DELETE FROM items",
        "DELETE FROM users",
    ],
)
def test_the_database_itself_refuses(two: Any, change: str) -> None:
    with pytest.raises(peewee.IntegrityError):
        two.execute_sql(change)


def test_a_database_that_cannot_be_reached_is_not_migrated(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("Buy milk. " * 100)
    database = open_database(str(text))
    with pytest.raises(Unreachable, match=r"notes\.txt is not a Serialdock database\. Name another file\."):
        call(database, migrate, database)
    assert text.read_text() == "Buy milk. " * 100

"""`check`: a whole database gives nothing to find; whatever is changed behind the program's back is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from models.check import check
from models.check.findings import LISTED
from models.database import connect, disconnect, open_database
from models.errors import NotReady
from models.ledger import EVENT_COLUMNS
from models.operations.add import add_serials
from models.operations.items import create_item
from models.operations.locations import create_location
from models.operations.notes import set_condition_notes
from models.operations.people import sign_in
from models.operations.transfer import transfer_serials
from models.operations.warranty import set_warranty
from models.permissions import Actor
from models.schema import Document, Item, Serial, SerialEvent
from models.schema.base import is_sqlite


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a database with SN-1 (moved, noted, under warranty), SN-2 and SN-3 of the item LAP."""
    actor = sign_in()
    create_location(actor, "SHELF")
    create_location(actor, "DOCK")
    lap = create_item(actor, "LAP", "Laptop", location="SHELF", on_hand=5, track_serials=True)
    first, _, _ = add_serials(actor, lap.id, ["SN-1", "SN-2", "SN-3"]).serial_ids
    transfer_serials(actor, [first], "DOCK")
    set_condition_notes(actor, first, "dented")
    set_warranty(actor, first, date(2026, 1, 1), date(2027, 12, 31))
    return actor


def _found(database: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in check(database).findings:
        found.setdefault(finding.code, []).append(finding.message)
    return found


@contextmanager
def _behind_the_program(database: Any) -> Iterator[None]:
    """Write as somebody with the database's own tools would: guards are off meanwhile and back afterwards."""
    if is_sqlite():
        guards = database.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        database.execute_sql("PRAGMA foreign_keys = 0")
        database.execute_sql("PRAGMA ignore_check_constraints = 1")
        for name, _ in guards:
            database.execute_sql(f"DROP TRIGGER {name}")
        yield
        for _, text in guards:
            database.execute_sql(text)
        database.execute_sql("PRAGMA ignore_check_constraints = 0")
        database.execute_sql("PRAGMA foreign_keys = 1")
    else:
        database.execute_sql("ALTER TABLE serial_events DISABLE TRIGGER USER")
        yield
        database.execute_sql("ALTER TABLE serial_events ENABLE TRIGGER USER")


def _tamper(database: Any, *statements: str) -> None:
    with _behind_the_program(database):
        for statement in statements:
            assert database.execute_sql(statement).rowcount != 0, statement


# ----- nothing to find


def test_a_new_database_is_whole(database: Any) -> None:
    report = check(database)
    assert (report.findings, report.good, report.serials, report.events) == ((), True, 0, 0)


def test_a_database_that_was_worked_with_is_whole(database: Any, actor: Actor) -> None:
    report = check(database)
    assert (report.findings, report.serials, report.events, report.documents) == ((), 3, 6, 1)


def test_a_database_without_tables_cannot_be_checked_yet(database_url: str) -> None:
    database = open_database(database_url)
    try:
        with pytest.raises(NotReady, match="migrate"):
            check(database)
    finally:
        disconnect(database)


def test_a_check_waits_for_nobody_and_does_not_see_unfinished_work(
    database: Any, actor: Actor, migrated_url: str
) -> None:
    other = type(database)(database.database, **database.connect_params)
    connect(other)
    try:
        with other.atomic():
            other.execute_sql("UPDATE serial_counts SET serials = serials + 1")
            assert check(database).good
    finally:
        disconnect(other)
    assert not check(database).good


def test_work_goes_on_after_a_check(database: Any, actor: Actor) -> None:
    check(database)
    add_serials(actor, Item.get().id, ["SN-4"])
    assert check(database).serials == 4


def test_a_check_that_is_stopped_leaves_the_database_usable(database: Any, actor: Actor) -> None:
    class StoppedError(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "Serials":
            raise StoppedError

    with pytest.raises(StoppedError):
        check(database, progress=stop)
    add_serials(actor, Item.get().id, ["SN-4"])


def test_a_document_that_a_serial_left_and_arrived_with_names_it_once(database: Any, actor: Actor) -> None:
    """A transfer that is sent and then received has two events of each of its serials."""
    serial = Serial.get(Serial.serial_number == "SN-1")
    paper = Document.get()
    before = list(SerialEvent.select().where(SerialEvent.serial == serial).order_by(SerialEvent.number))[-1]
    row = {column: getattr(before, column) for column in EVENT_COLUMNS}
    row |= {"number": 5, "kind": "noted", "document_id": paper.id, "changes": None, "note": "arrived"}
    row |= {f"from_{part}_id": row[f"to_{part}_id"] for part in ("status", "location", "customer")}
    SerialEvent.insert(**row).execute()
    Serial.update(version=5).where(Serial.id == serial.id).execute()
    assert check(database).findings == ()


# ----- rows

_SN_1 = "serial_id = (SELECT id FROM serials WHERE serial_number = 'SN-1')"
_SOLD = "(SELECT id FROM statuses WHERE code = 'sold')"
_SHELF = "(SELECT id FROM locations WHERE code = 'SHELF')"

ROWS: dict[str, tuple[list[str], dict[str, str]]] = {
    "a status that no event set": (
        [f"UPDATE serials SET status_id = {_SOLD} WHERE serial_number = 'SN-2'"],
        {
            "serial_state": "LAP SN-2 is Sold at SHELF, but its history ends with event 1, In Stock at SHELF.",
            "count_wrong": "The count of LAP In Stock at SHELF says 2, but there are 1 serials.",
        },
    ),
    "a place that no event set": (
        [f"UPDATE serials SET location_id = {_SHELF} WHERE serial_number = 'SN-1'"],
        {
            "serial_state": "LAP SN-1 is In Stock at SHELF, but its history ends with event 4, In Stock at DOCK.",
            "count_wrong": "The count of LAP In Stock at SHELF says 2, but there are 3 serials.",
        },
    ),
    "a customer that no event set": (
        [
            "INSERT INTO customers (name) VALUES ('Bergmann AG')",
            "UPDATE serials SET customer_id = (SELECT id FROM customers) WHERE serial_number = 'SN-2'",
        ],
        {
            "serial_state": "LAP SN-2 is In Stock at SHELF with Bergmann AG, "
            "but its history ends with event 1, In Stock at SHELF."
        },
    ),
    "a serial number that no event set": (
        ["UPDATE serials SET serial_number = 'SN-9', serial_key = 'SN-9', sort_key = 'SN-019' WHERE id = 2"],
        {"serial_identity": "LAP SN-9 is called that now, but its history ends with event 1, as LAP SN-2."},
    ),
    "a condition note that no event set": (
        ["UPDATE serials SET condition_notes = 'like new' WHERE serial_number = 'SN-1'"],
        {"serial_fields": "LAP SN-1 has condition_notes 'like new', but its history ends with event 4, 'dented'."},
    ),
    "a warranty that no event set": (
        ["UPDATE serials SET warranty_end = '2030-12-31' WHERE serial_number = 'SN-1'"],
        {"serial_fields": "LAP SN-1 has warranty_end '2030-12-31', but its history ends with event 4, '2027-12-31'."},
    ),
    "a void warranty that no event set": (
        ["UPDATE serials SET warranty_void = 'dropped' WHERE serial_number = 'SN-1'"],
        {"serial_fields": "LAP SN-1 has warranty_void 'dropped', but its history ends with event 4, nothing."},
    ),
    "a date received that no event set": (
        ["UPDATE serials SET date_received = '1999-12-31' WHERE serial_number = 'SN-2'"],
        {"serial_fields": "LAP SN-2 has date_received '1999-12-31', but its history ends with event 1, '"},
    ),
    "a version that no event set": (
        ["UPDATE serials SET version = 7 WHERE serial_number = 'SN-2'"],
        {"serial_version": "LAP SN-2 has version 7, but its history ends with event 1."},
    ),
    "a folded key of another text": (
        ["UPDATE serials SET serial_key = 'SN2' WHERE serial_number = 'SN-2'"],
        {"serial_key": "LAP SN-2 is filed as SN2 / SN-012, not SN-2 / SN-012."},
    ),
    "a sort key of another text": (
        ["UPDATE serials SET sort_key = 'SN-2' WHERE serial_number = 'SN-2'"],
        {"serial_key": "LAP SN-2 is filed as SN-2 / SN-2, not SN-2 / SN-012."},
    ),
    "an event that is gone from the middle": (
        [f"DELETE FROM serial_events WHERE number = 3 AND {_SN_1}"],
        {"history_numbers": "LAP SN-1 has events 1, 2, 4, not 1 to 3."},
    ),
    "an event that is gone from the end": (
        [f"DELETE FROM serial_events WHERE number = 4 AND {_SN_1}"],
        {
            "serial_version": "LAP SN-1 has version 4, but its history ends with event 3.",
            "serial_fields": "LAP SN-1 has warranty_start '2026-01-01', but its history ends with event 3, nothing.",
        },
    ),
    "all events gone": (
        ["DELETE FROM serial_events WHERE serial_id = 2"],
        {"history_missing": "LAP SN-2 has no event at all."},
    ),
    "an event that begins elsewhere": (
        [f"UPDATE serial_events SET from_location_id = {_SHELF} WHERE number = 3 AND {_SN_1}"],
        {
            "history_broken": "LAP SN-1 has event 3 (condition_noted) from In Stock at SHELF, "
            "but event 2 left it In Stock at DOCK."
        },
    ),
    "a first event that begins somewhere": (
        ["UPDATE serial_events SET from_location_id = to_location_id WHERE serial_id = 2"],
        {"history_broken": "LAP SN-2 has event 1 (added) from nothing at SHELF, but it is the first."},
    ),
    "a move that is not allowed": (
        [
            f"UPDATE serial_events SET kind = 'returned' WHERE number = 2 AND {_SN_1}",
        ],
        {
            "history_move": "LAP SN-1 has event 2 (returned) from In Stock to In Stock, a move that is not allowed.",
        },
    ),
    "a kind of event that does not exist": (
        ["UPDATE serial_events SET kind = 'teleported' WHERE serial_id = 2"],
        {"history_move": "LAP SN-2 has event 1 (teleported) from nothing to In Stock, a move that is not allowed."},
    ),
    "changes that do not follow those before": (
        [
            (
                'UPDATE serial_events SET changes = \'{"condition_notes":["scratched","dented"]}\' '
                f"WHERE number = 3 AND {_SN_1}"
            )
        ],
        {
            "history_changes": "LAP SN-1 has event 3 (condition_noted) that changes condition_notes from "
            "'scratched', but it was nothing.",
            "serial_fields": "LAP SN-1 has condition_notes 'dented', but its history ends with event 4, nothing.",
        },
    ),
    "changes of a column that no serial has": (
        ["UPDATE serial_events SET changes = '{\"weight\":[1,2]}' WHERE serial_id = 2"],
        {
            "history_changes": "LAP SN-2 has event 1 (added) that changes weight, which no serial has.",
            "serial_fields": "LAP SN-2 has date_received",
        },
    ),
    "changes that cannot be read": (
        ["UPDATE serial_events SET changes = '[1' WHERE serial_id = 2"],
        {
            "history_changes": "LAP SN-2 has event 1 (added) whose changes cannot be read.",
            "serial_fields": "LAP SN-2 has date_received",
        },
    ),
    "a count that counts wrong": (
        [f"UPDATE serial_counts SET serials = 12 WHERE location_id = {_SHELF}"],
        {"count_wrong": "The count of LAP In Stock at SHELF says 12, but there are 2 serials."},
    ),
    "a count that is gone": (
        [f"DELETE FROM serial_counts WHERE location_id = {_SHELF}"],
        {"count_wrong": "The count of LAP In Stock at SHELF says 0, but there are 2 serials."},
    ),
    "a count of nothing": (
        [
            (
                "INSERT INTO serial_counts (item_id, location_id, status_id, serials) "
                f"SELECT id, primary_location_id, {_SOLD}, 4 FROM items"
            )
        ],
        {"count_wrong": "The count of LAP Sold at SHELF says 4, but there are 0 serials."},
    ),
    "a document that names too many": (
        ["UPDATE documents SET serials = 2"],
        {"document_serials": "The document T-000001 says 2 serials, but 1 serials have events that name it."},
    ),
    "a document that nothing names": (
        [
            (
                "INSERT INTO documents (kind, number, at, user_id, serials, note) "
                "SELECT 'sale', 'S-000001', created_at, id, 3, '' FROM users"
            )
        ],
        {"document_serials": "The document S-000001 says 3 serials, but 0 serials have events that name it."},
    ),
    "nobody who may manage users": (
        ["DELETE FROM role_permissions WHERE permission = 'SYS_MANAGE_USERS'"],
        {"no_administrator": "No active user holds SYS_MANAGE_USERS, so nobody can manage users"},
    ),
    "a built-in status that is called otherwise": (
        ["UPDATE statuses SET code = 'vanished' WHERE code = 'lost'"],
        {"status_missing": "The built-in status lost is missing."},
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_what_was_changed_behind_the_program_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, expected = ROWS[what]
    _tamper(database, *statements)
    found = _found(database)
    assert set(found) == set(expected)
    for code, message in expected.items():
        assert any(line.startswith(message) for line in found[code]), found[code]


def test_an_administrators_own_status_may_be_in_a_history(database: Any, actor: Actor) -> None:
    _tamper(
        database,
        "INSERT INTO statuses (code, label, colour, mark, available, on_hand) "
        "VALUES ('refurbished', 'Refurbished', 'green', 'F', TRUE, TRUE)",
        "UPDATE serial_events SET to_status_id = (SELECT id FROM statuses WHERE code = 'refurbished') "
        "WHERE serial_id = 2",
        "UPDATE serials SET status_id = (SELECT id FROM statuses WHERE code = 'refurbished') WHERE id = 2",
        f"UPDATE serial_counts SET serials = 1 WHERE location_id = {_SHELF}",
        "INSERT INTO serial_counts (item_id, location_id, status_id, serials) "
        "SELECT i.id, i.primary_location_id, t.id, 1 FROM items i, statuses t WHERE t.code = 'refurbished'",
    )
    assert _found(database) == {}


def test_many_findings_of_a_kind_are_told_as_some_and_a_number(database: Any, actor: Actor) -> None:
    add_serials(actor, Item.get().id, [f"X{number}" for number in range(LISTED + 5)])
    _tamper(database, "UPDATE serials SET sort_key = 'wrong' WHERE serial_number > 'T'")
    messages = _found(database)["serial_key"]
    assert len(messages) == LISTED + 1
    assert messages[-1] == "There are 5 more findings of the kind serial_key."


# ----- structure


def _rebuilt(table: str, columns: str) -> list[str]:
    return [f"ALTER TABLE {table} RENAME TO {table}_before", f"CREATE TABLE {table} ({columns})"]


ON_BOTH: dict[str, tuple[list[str], dict[str, str]]] = {
    "an index is gone": (
        ["DROP INDEX serials_status"],
        {"index_missing": "The index serials_status on serials is missing."},
    ),
    "an index has other columns": (
        ["DROP INDEX serials_status", "CREATE INDEX serials_status ON serials (item_id, status_id)"],
        {"index_differs": "The index serials_status on serials is not as the migrations make it."},
    ),
    "an index covers only some rows": (
        ["DROP INDEX items_name", "CREATE INDEX items_name ON items (name_key, id) WHERE track_serials"],
        {"index_differs": "The index items_name on items is not as the migrations make it."},
    ),
    "a unique index is not unique": (
        [
            "DROP INDEX locations_code_any_case",
            "CREATE INDEX locations_code_any_case ON locations (upper(code))",
        ],
        {"index_differs": "The index locations_code_any_case on locations is not as the migrations make it."},
    ),
    "a table is gone": (
        ["DROP TABLE item_barcodes"],
        {
            "table_missing": "The table item_barcodes is missing.",
            "index_missing": "The index item_barcodes_item on item_barcodes is missing.",
        },
    ),
    "a column is gone": (
        ["ALTER TABLE documents DROP COLUMN note"],
        {"column_missing": "The table documents has no column note."},
    ),
    "a table is rebuilt without its guards": (
        _rebuilt("item_barcodes", "barcode text, item_id integer"),
        {
            "unique_missing": "The table item_barcodes has no unique constraint on barcode.",
            "not_null_missing": "The column item_barcodes.item_id may be left empty.",
            "foreign_key_missing": "The column item_barcodes.item_id has no foreign key to items.",
            "check_missing": "The table item_barcodes has no constraint CHECK (barcode <> '').",
            "index_differs": "The index item_barcodes_item on item_barcodes is not as the migrations make it.",
        },
    ),
}


@pytest.mark.parametrize("what", ON_BOTH)
def test_a_guard_that_is_gone_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, expected = ON_BOTH[what]
    for statement in statements:
        database.execute_sql(statement)
    found = _found(database)
    assert set(found) == set(expected)
    for code, message in expected.items():
        assert message in found[code]


ON_POSTGRESQL: dict[str, tuple[list[str], str, str]] = {
    "a check constraint is gone": (
        ["ALTER TABLE stock DROP CONSTRAINT stock_on_hand_check"],
        "check_missing",
        "The table stock has no constraint CHECK (on_hand >= 0).",
    ),
    "a unique constraint is gone": (
        ["ALTER TABLE serials DROP CONSTRAINT serials_item_key"],
        "unique_missing",
        "The table serials has no unique constraint on item_id, serial_key.",
    ),
    "a foreign key is gone": (
        ["ALTER TABLE serial_events DROP CONSTRAINT serial_events_serial_id_fkey"],
        "foreign_key_missing",
        "The column serial_events.serial_id has no foreign key to serials.",
    ),
    "a foreign key is not asked any more": (
        ["ALTER TABLE serials DISABLE TRIGGER ALL"],
        "foreign_key_missing",
        "The column serials.item_id has no foreign key to items.",
    ),
    "a column may be left empty": (
        ["ALTER TABLE serials ALTER COLUMN location_id DROP NOT NULL"],
        "not_null_missing",
        "The column serials.location_id may be left empty.",
    ),
    "a trigger is gone": (
        ["DROP TRIGGER serial_events_no_truncate ON serial_events"],
        "trigger_missing",
        "The trigger serial_events_no_truncate is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger is switched off": (
        ["ALTER TABLE serial_events DISABLE TRIGGER serial_events_no_update"],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger does nothing": (
        [
            (
                "CREATE OR REPLACE FUNCTION serial_events_refuse() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NULL; END'"
            )
        ],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", ON_POSTGRESQL)
def test_a_guard_that_is_gone_from_postgresql_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, code, message = ON_POSTGRESQL[what]
    for statement in statements:
        database.execute_sql(statement)
    found = _found(database)
    assert set(found) == {code}
    assert message in found[code]


ON_SQLITE: dict[str, tuple[str, str, str, str, str]] = {
    "a check constraint is gone": (
        *("stock", " CHECK (on_hand >= 0)", ""),
        *("check_missing", "The table stock has no constraint CHECK (on_hand >= 0)."),
    ),
    "a check constraint asks for something else": (
        *("serials", "CHECK (warranty_end >= warranty_start)", "CHECK (warranty_end > warranty_start)"),
        *("check_missing", "The table serials has no constraint CHECK (warranty_end >= warranty_start)."),
    ),
    "a foreign key is gone": (
        *("serial_events", "serial_id bigint NOT NULL REFERENCES serials", "serial_id bigint NOT NULL"),
        *("foreign_key_missing", "The column serial_events.serial_id has no foreign key to serials."),
    ),
    "a column may be left empty": (
        *("serials", "location_id integer NOT NULL", "location_id integer"),
        *("not_null_missing", "The column serials.location_id may be left empty."),
    ),
}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", ON_SQLITE)
def test_a_guard_that_is_gone_from_sqlite_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    table, before, after, code, message = ON_SQLITE[what]
    database.execute_sql("PRAGMA writable_schema = 1")
    changed = database.execute_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)",
        (before, after, table, before),
    )
    assert changed.rowcount == 1
    disconnect(database)
    connect(database)
    assert _found(database) == {code: [message]}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("trigger", ["serial_events_no_update", "serial_events_no_delete", "serial_events_no_replace"])
def test_a_trigger_that_is_gone_or_does_nothing_is_found_on_sqlite(database: Any, trigger: str) -> None:
    database.execute_sql(f"DROP TRIGGER {trigger}")
    gone = f"The trigger {trigger} is not in force: rows of serial_events can be changed or removed."
    assert _found(database) == {"trigger_missing": [gone]}
    database.execute_sql(f"CREATE TRIGGER {trigger} BEFORE UPDATE ON serial_events BEGIN SELECT 1; END")
    other = f"The trigger {trigger} on serial_events is not as the migrations make it."
    assert _found(database) == {"trigger_differs": [other]}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_row_that_refers_to_nothing_is_found_on_sqlite(database: Any, actor: Actor) -> None:
    _tamper(database, "DELETE FROM serials WHERE serial_number = 'SN-2'")
    found = _found(database)
    assert set(found) == {"event_orphan", "count_wrong", "reference_broken"}
    assert found["event_orphan"] == ["There are events of a serial with the id 2, but no such serial."]
    assert found["reference_broken"] == ["The row 2 of serial_events refers to a row of serials that does not exist."]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_events_without_their_serial_are_found_on_postgresql(database: Any, actor: Actor) -> None:
    database.execute_sql("ALTER TABLE serial_events DROP CONSTRAINT serial_events_serial_id_fkey")
    database.execute_sql("DELETE FROM serials WHERE serial_number = 'SN-2'")
    found = _found(database)
    assert set(found) == {"event_orphan", "count_wrong", "foreign_key_missing"}
    assert found["event_orphan"] == ["There are events of a serial with the id 2, but no such serial."]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_quantity_below_zero_is_found_on_sqlite(database: Any, actor: Actor) -> None:
    _tamper(database, f"UPDATE stock SET on_hand = -2 WHERE location_id = {_SHELF}")
    found = _found(database)
    assert found["stock_negative"] == ["The quantity of LAP at SHELF is -2."]
    assert set(found) <= {"stock_negative", "file_damaged"}  # SQLite itself sees the broken constraint as well


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_quantity_below_zero_is_found_on_postgresql(database: Any, actor: Actor) -> None:
    database.execute_sql("ALTER TABLE stock DROP CONSTRAINT stock_on_hand_check")
    database.execute_sql(f"UPDATE stock SET on_hand = -2 WHERE location_id = {_SHELF}")
    found = _found(database)
    assert found["stock_negative"] == ["The quantity of LAP at SHELF is -2."]
    assert set(found) == {"stock_negative", "check_missing"}

"""`check` on rows: whatever was changed behind the program's back is found, and named by item and serial."""

from __future__ import annotations

from typing import Any

import pytest

from models.check.structure import LISTED
from models.permissions import Actor
from models.schema import Item
from models.serials.add import add_serials
from tests.support.tampering import found_in, tamper, three_laptops


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a database with three serials."""
    return three_laptops()


_SN_1 = "serial_id = (SELECT id FROM serials WHERE serial_number = 'SN-1')"
_SOLD = "(SELECT id FROM statuses WHERE code = 'sold')"
_SHELF = "(SELECT id FROM locations WHERE code = 'SHELF')"

ROWS: dict[str, tuple[list[str], dict[str, str]]] = {
    "a status that no event set": (
        [f"UPDATE serials SET status_id = {_SOLD} WHERE serial_number = 'SN-2'"],
        {
            "serial_state": "LAP SN-2 is Sold at SHELF, but its history ends with event 1, In Stock at SHELF.",
            "count_wrong": "The count of LAP In Stock at SHELF says 2, but there is 1 serial.",
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
    tamper(database, *statements)
    found = found_in(database)
    assert set(found) == set(expected)
    for code, message in expected.items():
        assert any(line.startswith(message) for line in found[code]), found[code]


def test_an_administrators_own_status_may_be_in_a_history(database: Any, actor: Actor) -> None:
    tamper(
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
    assert found_in(database) == {}


def test_many_findings_of_a_kind_are_told_as_some_and_a_number(database: Any, actor: Actor) -> None:
    add_serials(actor, Item.get().id, [f"X{number}" for number in range(LISTED + 5)])
    tamper(database, "UPDATE serials SET sort_key = 'wrong' WHERE serial_number > 'T'")
    messages = found_in(database)["serial_key"]
    assert len(messages) == LISTED + 1
    assert messages[-1] == "There are 5 more findings of the kind serial_key."

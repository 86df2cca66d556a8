"""`check` on rows: whatever was changed behind the program's back is found, and named by item and serial."""

from __future__ import annotations

from typing import Any

import pytest

from models.check.findings import LISTED
from models.people import sign_in
from models.permissions import Actor
from models.schema import Item
from models.serials.add import add_serials
from tests.support.tampering import found_in, tamper, three_laptops

CONTENTS = {"actor": three_laptops}


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a database with three serials."""
    assert database
    return sign_in()


_SN_1 = "serial_id = (SELECT id FROM serials WHERE serial_number = 'SN-1')"
_SOLD = "(SELECT id FROM statuses WHERE code = 'sold')"
_EVE = "(SELECT id FROM users WHERE login = 'eve')"
_LONG_AGO = "'2020-01-02 03:04:05.000000+00:00'"
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
            "INSERT INTO customers (name, name_key) VALUES ('Bergmann AG', 'BERGMANNAG')",
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
            "document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the kind.",
        },
    ),
    "a kind of event that does not exist": (
        ["UPDATE serial_events SET kind = 'teleported' WHERE serial_id = 2"],
        {
            "history_move": "LAP SN-2 has event 1 (teleported) from nothing to In Stock, a move that is not allowed.",
            "row_damaged": "The database is damaged: table serial_events, row 2: kind is 'teleported'.",
        },
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
        {
            "document_serials": "The document T-000001 says 2 serials, but 1 serial has events that name it.",
            "document_digest": "The document T-000001 is not as it was written: its digest differs.",
        },
    ),
    "a document that nothing names": (
        [
            (
                "INSERT INTO documents (kind, number, at, user_id, serials, note) "
                f"SELECT 'sale', 'S-000001', created_at, id, 3, '' FROM users WHERE id = {_EVE}"
            )
        ],
        {
            "document_serials": "The document S-000001 says 3 serials, but 0 serials have events that name it.",
            "document_digest": "The document S-000001 has no digest, though older ones have one.",
            "document_number": "The document S-000001 has a number that was never given: the last sale is 0.",
        },
    ),
    "nobody who may manage users": (
        ["DELETE FROM role_permissions WHERE permission = 'SYS_MANAGE_USERS'"],
        {
            "no_administrator": "No active user holds SYS_MANAGE_USERS, so nobody can manage users",
            "role_digest": "The permissions of the role administrator are not those that were granted.",
        },
    ),
    "an event that somebody else shall have written": (
        [f"UPDATE serial_events SET user_id = {_EVE} WHERE number = 3 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 3 (condition_noted) that is not as it was written: its digest differs."},
    ),
    "an event of a document that somebody else shall have written": (
        [f"UPDATE serial_events SET user_id = {_EVE} WHERE number = 2 AND {_SN_1}"],
        {"document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the user."},
    ),
    "an administrator who shall have written an event": (
        [f"UPDATE serial_events SET login_user_id = {_EVE} WHERE number = 3 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 3 (condition_noted) that is not as it was written: its digest differs."},
    ),
    "an event of another day": (
        [f"UPDATE serial_events SET at = {_LONG_AGO} WHERE number = 4 AND {_SN_1}"],
        {"history_moments": "LAP SN-1 has event 4 (warranty_set) that is older than the one before it."},
    ),
    "an event that is older than its document": (
        [f"UPDATE serial_events SET at = {_LONG_AGO} WHERE number IN (1, 2) AND {_SN_1}"],
        {"document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the moment."},
    ),
    "an event with another note": (
        [f"UPDATE serial_events SET note = 'as new' WHERE number = 3 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 3 (condition_noted) that is not as it was written: its digest differs."},
    ),
    "an event of another kind that is allowed too": (
        [f"UPDATE serial_events SET kind = 'noted' WHERE number = 3 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 3 (noted) that is not as it was written: its digest differs."},
    ),
    "an event with another scan": (
        [f"UPDATE serial_events SET scan = '01234' WHERE number = 1 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 1 (added) that is not as it was written: its digest differs."},
    ),
    "an event that shall have moved no unit": (
        [f"UPDATE serial_events SET units = 0 WHERE number = 2 AND {_SN_1}"],
        {
            "document_units": "The document T-000001: its events and the changes of the quantity of LAP at DOCK "
            "differ by 1."
        },
    ),
    "an event without a digest": (
        [f"UPDATE serial_events SET digest = NULL WHERE number = 3 AND {_SN_1}"],
        {"event_digest": "LAP SN-1 has event 3 (condition_noted) without a digest, though older ones have one."},
    ),
    "an event of another document": (
        [
            (
                "INSERT INTO documents (kind, number, at, user_id, serials, note) "
                "SELECT kind, 'T-000002', at, user_id, 1, note FROM documents"
            ),
            (
                "UPDATE serial_events SET document_id = (SELECT id FROM documents WHERE number = 'T-000002') "
                f"WHERE number = 2 AND {_SN_1}"
            ),
        ],
        {
            "document_serials": "The document T-000001 says 1 serial, but 0 serials have events that name it.",
            "document_units": "The document T-000001: its events and the changes",
            "document_digest": "The document T-000002 has no digest, though older ones have one.",
            "document_number": "The document T-000002 has a number that was never given: the last transfer is 1.",
            "event_digest": "LAP SN-1 has event 2 (transferred) that is not as it was written",
        },
    ),
    "a quantity that no change made": (
        [f"UPDATE stock SET on_hand = 7 WHERE location_id = {_SHELF}"],
        {"stock_sum": "The quantity of LAP at SHELF is 7, but its changes add up to 4."},
    ),
    "a quantity that is gone": (
        [f"DELETE FROM stock WHERE location_id = {_SHELF}"],
        {"stock_sum": "The quantity of LAP at SHELF is 0, but its changes add up to 4."},
    ),
    "a quantity and its change": (
        [
            f"UPDATE stock SET on_hand = 7 WHERE location_id = {_SHELF}",
            f"UPDATE stock_changes SET units = 8 WHERE kind = 'created' AND location_id = {_SHELF}",
        ],
        {"stock_digest": "The change 1 of LAP at SHELF is not as it was written: its digest differs."},
    ),
    "a change of a quantity that somebody else shall have made": (
        [f"UPDATE stock_changes SET user_id = {_EVE} WHERE kind = 'created'"],
        {"stock_digest": "The change 1 of LAP at SHELF is not as it was written: its digest differs."},
    ),
    "a change of a quantity of a kind that does not exist": (
        ["UPDATE stock_changes SET kind = 'evaporated' WHERE kind = 'created'"],
        {
            "stock_digest": "The change 1 of LAP at SHELF is not as it was written: its digest differs.",
            "stock_kind": "The change 1 of LAP at SHELF is of the unknown kind evaporated.",
            "row_damaged": "The database is damaged: table stock_changes, row 1: kind is 'evaporated'.",
        },
    ),
    "a change of a quantity that is gone": (
        [f"DELETE FROM stock_changes WHERE document_id IS NOT NULL AND location_id = {_SHELF}"],
        {
            "stock_sum": "The quantity of LAP at SHELF is 4, but its changes add up to 5.",
            "document_units": "The document T-000001: its events and the changes of the quantity of LAP at SHELF "
            "differ by 1.",
        },
    ),
    "a document with another note": (
        ["UPDATE documents SET note = 'as agreed'"],
        {"document_digest": "The document T-000001 is not as it was written: its digest differs."},
    ),
    "a document of another day": (
        [f"UPDATE documents SET at = {_LONG_AGO}"],
        {
            "document_digest": "The document T-000001 is not as it was written: its digest differs.",
            "document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the moment.",
        },
    ),
    "a document that somebody else shall have written": (
        [f"UPDATE documents SET user_id = {_EVE}"],
        {
            "document_digest": "The document T-000001 is not as it was written: its digest differs.",
            "document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the user.",
        },
    ),
    "a document to another place": (
        [f"UPDATE documents SET to_location_id = {_SHELF}"],
        {
            "document_digest": "The document T-000001 is not as it was written: its digest differs.",
            "document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the place.",
        },
    ),
    "a document with the number of another kind": (
        ["UPDATE documents SET number = 'R-000001'"],
        {
            "document_digest": "The document R-000001 is not as it was written: its digest differs.",
            "document_number": "The document R-000001 is a transfer, whose numbers look like T-000001.",
        },
    ),
    "a document of a kind that does not exist": (
        ["UPDATE documents SET kind = 'gift'"],
        {
            "document_digest": "The document T-000001 is not as it was written: its digest differs.",
            "document_kind": "The document T-000001 is of the unknown kind gift.",
            "row_damaged": "The database is damaged: table documents, row 1: kind is 'gift'.",
            "document_events": "The document T-000001 and event 2 of LAP SN-1 differ in the kind.",
        },
    ),
    "a permission that nobody granted": (
        [
            (
                "INSERT INTO role_permissions (role_id, permission) "
                "SELECT id, 'INV_SCRAP_SERIAL' FROM roles WHERE name = 'viewer'"
            )
        ],
        {"role_digest": "The permissions of the role viewer are not those that were granted."},
    ),
    "a permission that does not exist": (
        [("INSERT INTO role_permissions (role_id, permission) SELECT id, 'INV_FLY' FROM roles WHERE name = 'viewer'")],
        {
            "role_digest": "The permissions of the role viewer are not those that were granted.",
            "permission_unknown": "The role viewer has the unknown permission INV_FLY.",
            "row_damaged": "The database is damaged: table role_permissions, row ",
        },
    ),
    "a role that nobody gave": (
        [f"INSERT INTO user_roles (user_id, role_id) SELECT {_EVE}, id FROM roles WHERE name = 'administrator'"],
        {"user_digest": "The user eve or the roles of this user are not those given."},
    ),
    "a user that came back": (
        ["UPDATE users SET active = FALSE WHERE login = 'eve'"],
        {"user_digest": "The user eve or the roles of this user are not those given."},
    ),
    "an item that is filed under another key": (
        ["UPDATE items SET sku_key = 'LAPTOP'"],
        {"item_key": "The item LAP is filed as LAPTOP, not LAP."},
    ),
    "an item whose name is filed otherwise": (
        ["UPDATE items SET name_key = 'TOPLAP'"],
        {"item_key": "The name of the item LAP is filed as TOPLAP, not LAPTOP."},
    ),
    "a customer who is filed otherwise": (
        ["INSERT INTO customers (name, name_key) VALUES ('Bergmann AG', 'BERG')"],
        {"customer_key": "The customer Bergmann AG is filed as BERG, not BERGMANNAG."},
    ),
    "places that are inside each other": (
        [
            "UPDATE locations SET parent_id = (SELECT id FROM locations WHERE code = 'DOCK') WHERE code = 'SHELF'",
            f"UPDATE locations SET parent_id = {_SHELF} WHERE code = 'DOCK'",
        ],
        {"location_circle": "The location DOCK is inside itself: DOCK in SHELF."},
    ),
    "a built-in status that counts otherwise": (
        ["UPDATE statuses SET on_hand = FALSE WHERE code = 'defective'"],
        {"status_differs": "The built-in status defective has the on_hand False, not True."},
    ),
    "a built-in status that is called otherwise": (
        ["UPDATE statuses SET code = 'vanished' WHERE code = 'lost'"],
        {
            "status_missing": "The built-in status lost is missing.",
            "row_damaged": "The database is damaged: table statuses, no row has the code lost.",
        },
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_what_was_changed_behind_the_program_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, expected = ROWS[what]
    tamper(database, *statements)
    found = found_in(database)
    also = {"event_digest"} if any(each.startswith("UPDATE serial_events") for each in statements) else set()
    assert set(found) == set(expected) | also
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
    assert set(found_in(database)) == {"event_digest"}


def test_many_findings_of_a_kind_are_told_as_some_and_a_number(database: Any, actor: Actor) -> None:
    add_serials(actor, Item.get().id, [f"X{number}" for number in range(LISTED + 5)])
    tamper(database, "UPDATE serials SET sort_key = 'wrong' WHERE serial_number > 'T'")
    messages = found_in(database)["serial_key"]
    assert len(messages) == LISTED + 1
    assert messages[-1] == "There are 5 more findings of the kind serial_key."

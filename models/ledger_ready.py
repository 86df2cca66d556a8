"""The ledger's path for very many new serials: from the table of what is ready into `serials` and their events.

The rows never pass through Python, so SQLite's write lock is held for seconds where a million would take a minute.
Keys, constraints and triggers are in force as for a single serial.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models import ledger, ledger_bulk
from models.database import bulk
from models.database.unit import Unit
from models.errors import NotAllowed
from models.schema import Status
from models.schema.base import bound, is_sqlite, moment_value
from models.transitions import allows

CHUNK: Final = 25_000
"""Rows between two reports."""

_CUSTOMER: Final = (
    "CASE customer WHEN '' THEN customer_id "
    f"ELSE (SELECT c.id FROM customers c WHERE c.name = {ledger_bulk.TABLE}.customer) END"
)

_SERIALS: Final = ", ".join(("id", *ledger_bulk.TAKEN, "warranty_void", "version"))
_SERIAL_VALUES: Final = (
    ", ".join(_CUSTOMER if name == "customer_id" else name for name in ledger_bulk.TAKEN) + ", NULL, 1"
)

_EVENTS: Final = ", ".join(ledger.EVENT_COLUMNS)
_EVENT_VALUES: Final = (
    f"item_id, serial_number, NULL, status_id, NULL, location_id, NULL, {_CUSTOMER}, changes, note, scan"
)
"""The rest of `ledger.EVENT_COLUMNS`: an event that makes a serial comes from nothing."""


def add_ready(
    unit: Unit, kind: str, document_id: int, totals: ledger_bulk.Totals, progress: Callable[[int, int], None]
) -> dict[tuple[int, int], int]:
    """Make the serials that are ready, each with its first event, and count them.

    Args:
        kind: of the events.
        document_id: what they belong to.
        totals: of what is ready.
        progress: is told how many are written and how many there are; an error raised there takes all of it back.

    Returns:
        How many of them count as on hand, by (item, location).

    Raises:
        NotAllowed: `transitions` forbids this kind of event to make a serial in one of the statuses.
        peewee.IntegrityError: an item has one of them by now.
    """
    statuses = {status.id: status for status in Status.select()}
    on_hand: dict[tuple[int, int], int] = {}
    for item_id, location_id, status_id, number in totals.counts:
        status = statuses[status_id]
        if not allows(kind, None, status.code):
            raise NotAllowed(f"No serial is {kind} as {status.label}. Give another status.")
        ledger.count(unit, (item_id, location_id, status_id), number)
        if status.on_hand:
            on_hand[item_id, location_id] = on_hand.get((item_id, location_id), 0) + number
    one, total, done = bound.param, totals.serials, 0
    # On PostgreSQL the rows have their ids; on SQLite the lock that is held keeps those behind the last one free.
    serial_id = f"id + {bulk.reserve_ids('serials', 1)[0] - 1}" if is_sqlite() else "id"
    event = (kind, moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id, document_id)
    first, last = ledger_bulk.span()
    for start in range(first, last + 1, CHUNK):
        progress(done, total)
        rows = (
            f"FROM {ledger_bulk.TABLE} WHERE id BETWEEN {start} AND {start + CHUNK - 1} ORDER BY {ledger_bulk.TABLE}.id"
        )
        done += bound.execute_sql(
            f"INSERT INTO serials ({_SERIALS}) SELECT {serial_id}, {_SERIAL_VALUES} {rows}"
        ).rowcount
        bound.execute_sql(
            f"INSERT INTO serial_events ({_EVENTS}) "
            f"SELECT {serial_id}, 1, {one}, {one}, {one}, {one}, {one}, {_EVENT_VALUES} {rows}",
            event,
        )
    progress(total, total)
    return on_hand

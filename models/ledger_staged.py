"""The ledger's path for very many new serials: from a staged table into `serials` and their events, set by set.

The rows never pass through Python, so SQLite's write lock is held for seconds where a million would take a minute.
Keys, constraints and triggers are in force as for a single serial.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from models import bulk, ledger
from models.errors import NotAllowed
from models.exchange import staging
from models.schema import Status
from models.schema.base import bound, is_sqlite, moment_value
from models.transitions import allows
from models.unit import Unit

CHUNK: Final = 25_000
"""Rows between two reports."""

_TAKEN: Final = (
    *("item_id", "serial_number", "serial_key", "sort_key", "status_id", "location_id", "customer_id"),
    *("condition_notes", "warranty_start", "warranty_end"),
)
"""Columns that a serial takes from its staged row as they are."""

_SERIALS: Final = ", ".join(("id", *_TAKEN, "warranty_void", "date_received", "version"))
_SERIAL_VALUES: Final = f"{', '.join(_TAKEN)}, NULL, date_received, 1"


def add_staged(
    unit: Unit, kind: str, document_id: int, progress: Callable[[int, int], None]
) -> dict[tuple[int, int], int]:
    """Make the serials that are staged as new, each with its first event, and count them.

    Args:
        kind: of the events.
        document_id: what they belong to.
        progress: is told how many are written and how many there are; an error raised there takes all of it back.

    Returns:
        How many of them count as on hand, by (item, location).

    Raises:
        NotAllowed: `transitions` forbids this kind of event to make a serial in one of the statuses.
        peewee.IntegrityError: an item has one of them by now.
    """
    statuses = {status.id: status for status in Status.select()}
    on_hand: dict[tuple[int, int], int] = {}
    total = 0
    for item_id, location_id, status_id, number in staging.totals():
        status = statuses[status_id]
        if not allows(kind, None, status.code):
            raise NotAllowed(f"No serial is {kind} as {status.label}. Give another status.")
        ledger.count(unit, (item_id, location_id, status_id), number)
        if status.on_hand:
            on_hand[item_id, location_id] = on_hand.get((item_id, location_id), 0) + number
        total += number
    who = (moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id)
    first_id = bulk.reserve_ids("serials", 1)[0] if is_sqlite() else 0
    last: tuple[int, str] = (0, "")
    done = 0
    while done < total:
        progress(done, total)
        end = _end(last)
        within = f"state = {staging.NEW} AND (item_id, serial_key) > ({bound.param}, {bound.param})"
        values: list[Any] = [*last]
        if end is not None:
            within += f" AND (item_id, serial_key) <= ({bound.param}, {bound.param})"
            values += end
        (_write_on_sqlite if is_sqlite() else _write_on_postgresql)(first_id, within, values, (kind, *who, document_id))
        done = min(done + CHUNK, total)
        if end is None:
            break
        last = end
    progress(total, total)
    return on_hand


def _end(last: tuple[int, str]) -> tuple[int, str] | None:
    """The key of the last row of the next chunk; None where that takes all that is left."""
    found = bound.execute_sql(
        f"SELECT item_id, serial_key FROM {staging.TABLE} WHERE state = {staging.NEW} "
        f"AND (item_id, serial_key) > ({bound.param}, {bound.param}) "
        f"ORDER BY item_id, serial_key LIMIT 1 OFFSET {CHUNK - 1}",
        last,
    ).fetchone()
    return (found[0], found[1]) if found else None


def _write_on_sqlite(first_id: int, within: str, values: list[Any], event: tuple[Any, ...]) -> None:
    """Two statements; the write lock that is held keeps the ids free."""
    rows = f"FROM {staging.TABLE} WHERE {within} ORDER BY item_id, serial_key"
    bound.execute_sql(f"INSERT INTO serials ({_SERIALS}) SELECT row + {first_id}, {_SERIAL_VALUES} {rows}", values)
    bound.execute_sql(
        f"INSERT INTO serial_events ({', '.join(ledger.EVENT_COLUMNS)}) "
        f"SELECT row + {first_id}, 1, ?, ?, ?, ?, ?, {_EVENT_VALUES} {rows}",
        [*event, *values],
    )


def _write_on_postgresql(_: int, within: str, values: list[Any], event: tuple[Any, ...]) -> None:
    """One statement, so that each row keeps the id that the sequence gave it."""
    bound.execute_sql(
        "WITH numbered AS MATERIALIZED (SELECT nextval(pg_get_serial_sequence('serials', 'id')) AS id, r.* FROM "
        f"(SELECT * FROM {staging.TABLE} WHERE {within} ORDER BY item_id, serial_key) AS r), "
        f"made AS (INSERT INTO serials ({_SERIALS}) SELECT id, {_SERIAL_VALUES} FROM numbered) "
        f"INSERT INTO serial_events ({', '.join(ledger.EVENT_COLUMNS)}) "
        f"SELECT id, 1, %s, %s, %s, %s, %s, {_EVENT_VALUES} FROM numbered",
        [*values, *event],
    )


_EVENT_VALUES: Final = (
    "item_id, serial_number, NULL, status_id, NULL, location_id, NULL, customer_id, changes, '', NULL"
)
"""The rest of `ledger.EVENT_COLUMNS`: an event that makes a serial comes from nothing."""

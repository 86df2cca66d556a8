"""Serials to be made, complete and in order: a temporary table of one connection, from which they go in set by set.

Whatever can be done before the write begins is done here, since on SQLite all others wait for a write: keys are folded,
customers looked up, and the rows lie in the order of the indexes, so that the write itself only copies them. The table
belongs to the connection that made it and is gone with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from models import ledger
from models.database import bulk
from models.database.unit import Unit
from models.errors import NotAllowed
from models.schema import Status, bound, is_sqlite, moment_value
from models.verbs import Verb

TABLE: Final = "ready_serials"

TAKEN: Final = (
    *("item_id", "serial_number", "serial_key", "sort_key", "status_id", "location_id", "customer_id"),
    *("condition_notes", "warranty_start", "warranty_end", "date_received"),
)
"""Columns of a serial that its row has."""

COLUMNS: Final = (*TAKEN, "customer", "changes", "note", "scan")
"""`customer` is the name of one that has no id yet, else empty; the last three are for the serial's first event."""

ORDER: Final = "item_id, serial_key"
"""Of the rows, so that writers queue in a line and each index is filled from its beginning to its end."""

_DDL: Final = f"""CREATE TEMPORARY TABLE {TABLE} (
    id {{key}}, item_id integer NOT NULL, serial_number text NOT NULL, serial_key text NOT NULL, sort_key text NOT NULL,
    status_id integer NOT NULL, location_id integer NOT NULL, customer_id integer, condition_notes text NOT NULL,
    warranty_start date, warranty_end date, date_received date NOT NULL, customer text NOT NULL, changes text,
    note text NOT NULL, scan text)"""


class Totals(NamedTuple):
    """What is ready."""

    counts: list[tuple[int, int, int, int]]
    """By item, location and status: those three ids and how many."""
    customers: list[str]
    """Names that have to be made."""

    @property
    def serials(self) -> int:
        """How many in all."""
        return sum(number for *_, number in self.counts)


def begin() -> None:
    """Make the empty table on this thread's connection, in place of an earlier one."""
    end()
    if is_sqlite():  # in a file that has no name, so that a million rows need no memory
        bound.execute_sql("PRAGMA temp_store = file")
        bound.execute_sql(_DDL.format(key="integer PRIMARY KEY"))
        return
    # The serials' own sequence gives the ids; another writer's numbers may lie between them.
    (sequence,) = bound.execute_sql("SELECT pg_get_serial_sequence('serials', 'id')").fetchone()
    bound.execute_sql(_DDL.format(key=f"bigint PRIMARY KEY DEFAULT nextval('{sequence}')"))


def end() -> None:
    """Drop what is ready on this connection."""
    bound.execute_sql(f"DROP TABLE IF EXISTS {'temp' if is_sqlite() else 'pg_temp'}.{TABLE}")


def is_there() -> bool:
    """Whether this connection has the table; after a broken line it is another connection."""
    sql = "SELECT 1 FROM sqlite_temp_master WHERE name = ?" if is_sqlite() else "SELECT to_regclass('pg_temp.' || %s)"
    found = bound.execute_sql(sql, (TABLE,)).fetchone()
    return bool(found and found[0] is not None)


def add(rows: Sequence[Sequence[Any]]) -> None:
    """Add rows, each with a value for each of `COLUMNS`, sorted by `ORDER` and behind those that are there."""
    bulk.insert(TABLE, COLUMNS, rows)


def totals() -> Totals:
    """Count what is ready."""
    counts = bound.execute_sql(
        f"SELECT item_id, location_id, status_id, count(*) FROM {TABLE} "
        "GROUP BY item_id, location_id, status_id ORDER BY item_id, location_id, status_id"
    ).fetchall()
    names = bound.execute_sql(f"SELECT DISTINCT customer FROM {TABLE} WHERE customer <> '' ORDER BY customer")
    return Totals([tuple(row) for row in counts], [name for (name,) in names.fetchall()])


def span() -> tuple[int, int]:
    """The first and the last id."""
    first, last = bound.execute_sql(
        f"SELECT (SELECT min(id) FROM {TABLE}), (SELECT max(id) FROM {TABLE})"  # in one SELECT SQLite reads all rows
    ).fetchone()
    return first, last


CHUNK: Final = 25_000
"""Rows between two reports."""

_CUSTOMER: Final = (
    f"CASE customer WHEN '' THEN customer_id ELSE (SELECT c.id FROM customers c WHERE c.name = {TABLE}.customer) END"
)

_SERIALS: Final = ", ".join(("id", *TAKEN, "warranty_void", "version"))
_SERIAL_VALUES: Final = ", ".join(_CUSTOMER if name == "customer_id" else name for name in TAKEN) + ", NULL, 1"

_EVENTS: Final = ", ".join(ledger.EVENT_COLUMNS)
_EVENT_VALUES: Final = (
    f"item_id, serial_number, NULL, status_id, NULL, location_id, NULL, {_CUSTOMER}, changes, note, scan"
)
"""The rest of `ledger.EVENT_COLUMNS`: an event that makes a serial comes from nothing."""


def add_ready(
    unit: Unit, verb: Verb, document_id: int, totals: Totals, progress: Callable[[int, int], None]
) -> dict[tuple[int, int], int]:
    """Make the serials that are ready, each with its first event, and count them.

    Args:
        verb: what makes them.
        document_id: what they belong to.
        totals: of what is ready.
        progress: is told how many are written and how many there are; an error raised there takes all of it back.

    Returns:
        How many of them count as on hand, by (item, location).

    Raises:
        NotAllowed: the verb makes no serial in one of the statuses.
        peewee.IntegrityError: an item has one of them by now.
    """
    statuses = {status.id: status for status in Status.select()}
    on_hand: dict[tuple[int, int], int] = {}
    for item_id, location_id, status_id, number in totals.counts:
        status = statuses[status_id]
        if not verb.allows(None, status):
            raise NotAllowed(f"No serial is {verb.done} as {status.label}. Give another status.")
        ledger.count(unit, (item_id, location_id, status_id), number)
        if status.on_hand:
            on_hand[item_id, location_id] = on_hand.get((item_id, location_id), 0) + number
    one, total, done = bound.param, totals.serials, 0
    # On PostgreSQL the rows have their ids; on SQLite the lock that is held keeps those behind the last one free.
    serial_id = f"id + {bulk.reserve_ids('serials', 1)[0] - 1}" if is_sqlite() else "id"
    event = (verb.kind, moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id, document_id)
    first, last = span()
    for start in range(first, last + 1, CHUNK):
        progress(done, total)
        rows = f"FROM {TABLE} WHERE id BETWEEN {start} AND {start + CHUNK - 1} ORDER BY {TABLE}.id"
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

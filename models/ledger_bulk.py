"""The staging table for creating many serials: filled before the transaction, then copied with INSERT … SELECT.

All preparation is done before the transaction, since on SQLite other writers wait for it: keys are folded, customers
looked up, and rows sorted in index order, so that the transaction only copies rows. The table is temporary: it belongs
to the connection that created it and disappears with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from models import ledger
from models.database import bulk
from models.database.unit import Unit
from models.errors import NotAllowed
from models.schema import Serial, SerialEvent, Status, bound, columns_of, is_sqlite, moment_value
from models.verbs import Verb

TABLE: Final = "ready_serials"

_CUSTOMER: Final = (
    f"CASE customer WHEN '' THEN customer_id ELSE (SELECT c.id FROM customers c WHERE c.name = {TABLE}.customer) END"
)

SERIAL_VALUES: Final[Mapping[str, str]] = {
    "id": "{serial_id}",  # on SQLite known only in the transaction
    "warranty_void": "NULL",  # a new serial never has a void warranty
    "version": "1",  # the number of its first event
}
"""SQL values of the `serials` columns that the staging table does not have; it has all others."""

EVENT_VALUES: Final[Mapping[str, str]] = {
    "serial_id": "{serial_id}",
    "number": "1",
    # The same in all events of a transaction.
    **dict.fromkeys(("kind", "at", "user_id", "login_user_id", "document_id"), "{one}"),
    # Taken from the serial.
    "item_id": "item_id",
    "serial_number": "serial_number",
    "to_status_id": "status_id",
    "to_location_id": "location_id",
    "to_customer_id": _CUSTOMER,
    # The first event has no previous state.
    **dict.fromkeys(("from_status_id", "from_location_id", "from_customer_id"), "NULL"),
}
"""SQL values of the `serial_events` columns that the staging table does not have; it has all others."""

TAKEN: Final = tuple(name for name in ledger.SERIAL_COLUMNS if name not in SERIAL_VALUES)
"""Columns of `serials` in the staging table."""

SAID: Final = tuple(name for name in ledger.EVENT_COLUMNS if name not in EVENT_VALUES)
"""Columns of `serial_events` in the staging table."""

COLUMNS: Final = (*TAKEN, "customer", *SAID)
"""Columns of the staging table. `customer` is the name of a customer that has no id yet, else empty."""

ORDER: Final = "item_id, serial_key"
"""Order of the rows: concurrent writers wait in line instead of deadlocking, and indexes are filled in order."""

_BYTEWISE: Final = ("serial_key", "sort_key")
"""Columns with byte-wise collation on PostgreSQL, as in `serials`."""

_FIELDS: Final = {**columns_of(SerialEvent), **columns_of(Serial)}


def definition(column: str, *, null: bool | None = None) -> str:
    """The definition of a column of a temporary table, with the type of the column in `serials` or `serial_events`.

    Args:
        null: whether it may be NULL; None means as in that table.
    """
    if column == "customer":
        return "customer text NOT NULL"
    field = _FIELDS[column]
    kind = 'text COLLATE "C"' if column in _BYTEWISE and not is_sqlite() else field.field_type.lower()
    return f"{column} {kind}" if (field.null if null is None else null) else f"{column} {kind} NOT NULL"


class Totals(NamedTuple):
    """The contents of the staging table."""

    counts: list[tuple[int, int, int, int]]
    """(item id, location id, status id, number of serials), sorted."""
    customers: list[str]
    """Names of customers to be created."""

    @property
    def serials(self) -> int:
        """Total number of serials."""
        return sum(number for *_, number in self.counts)


def begin() -> None:
    """Create the empty staging table on this thread's connection; replaces an earlier one."""
    end()
    if is_sqlite():  # in a temporary file, so that a million rows need no memory
        bound.execute_sql("PRAGMA temp_store = file")
        _make("integer PRIMARY KEY")
        return
    # Ids come from the sequence of `serials`; they may have gaps with ids of other writers.
    (sequence,) = bound.execute_sql("SELECT pg_get_serial_sequence('serials', 'id')").fetchone()
    _make(f"bigint PRIMARY KEY DEFAULT nextval('{sequence}')")


def _make(key: str) -> None:
    bound.execute_sql(f"CREATE TEMPORARY TABLE {TABLE} (id {key}, {', '.join(map(definition, COLUMNS))})")


def end() -> None:
    """Drop the staging table of this connection."""
    bound.execute_sql(f"DROP TABLE IF EXISTS {'temp' if is_sqlite() else 'pg_temp'}.{TABLE}")


def is_there() -> bool:
    """Whether this connection has the staging table; after a reconnect it does not."""
    sql = "SELECT 1 FROM sqlite_temp_master WHERE name = ?" if is_sqlite() else "SELECT to_regclass('pg_temp.' || %s)"
    found = bound.execute_sql(sql, (TABLE,)).fetchone()
    return bool(found and found[0] is not None)


def add(rows: Sequence[Sequence[Any]]) -> None:
    """Append rows with values in the order of `COLUMNS`. All rows together must be sorted by `ORDER`."""
    bulk.insert(TABLE, COLUMNS, rows)


def totals() -> Totals:
    """Count the rows of the staging table, and list the customers to be created."""
    counts = bound.execute_sql(
        f"SELECT item_id, location_id, status_id, count(*) FROM {TABLE} "
        "GROUP BY item_id, location_id, status_id ORDER BY item_id, location_id, status_id"
    ).fetchall()
    names = bound.execute_sql(f"SELECT DISTINCT customer FROM {TABLE} WHERE customer <> '' ORDER BY customer")
    return Totals([tuple(row) for row in counts], [name for (name,) in names.fetchall()])


def span() -> tuple[int, int]:
    """The first and last id of the staging table."""
    first, last = bound.execute_sql(
        # SQLite would read all rows for min and max in one SELECT.
        f"SELECT (SELECT min(id) FROM {TABLE}), (SELECT max(id) FROM {TABLE})"
    ).fetchone()
    return first, last


CHUNK: Final = 25_000
"""Rows copied between two progress reports."""


def add_ready(
    unit: Unit, verb: Verb, document_id: int, totals: Totals, progress: Callable[[int, int], None]
) -> dict[tuple[int, int], int]:
    """Create the serials of the staging table, each with its first event, and count them.

    Args:
        verb: the verb that creates them.
        document_id: the document of their first events.
        totals: the result of `totals`.
        progress: called with (written, total); an exception from it rolls the transaction back.

    Returns:
        The number of on-hand serials by (item id, location id).

    Raises:
        NotAllowed: the verb cannot create serials in one of the statuses.
        peewee.IntegrityError: an item already has one of them.
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
    total, done = totals.serials, 0
    # On PostgreSQL the rows have their final ids. On SQLite they are numbered after the last serial id, which no other
    # writer can use while this transaction holds the write lock.
    serial_id = f"id + {bulk.reserve_ids('serials', 1)[0] - 1}" if is_sqlite() else "id"
    event = (verb.kind, moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id, document_id)
    first, last = span()
    serials = _written(ledger.SERIAL_COLUMNS, {**SERIAL_VALUES, "customer_id": _CUSTOMER}, serial_id)
    events = _written(ledger.EVENT_COLUMNS, EVENT_VALUES, serial_id)
    for start in range(first, last + 1, CHUNK):
        progress(done, total)
        rows = f"FROM {TABLE} WHERE id BETWEEN {start} AND {start + CHUNK - 1} ORDER BY {TABLE}.id"
        done += bound.execute_sql(f"INSERT INTO serials {serials} {rows}").rowcount
        bound.execute_sql(f"INSERT INTO serial_events {events} {rows}", event)
    progress(total, total)
    return on_hand


def _written(columns: Sequence[str], values: Mapping[str, str], serial_id: str) -> str:
    """The column list and SELECT of an INSERT: a value of `values`, or the staging column of the same name."""
    selected = ", ".join(values.get(name, name) for name in columns)
    return f"({', '.join(columns)}) SELECT {selected.format(serial_id=serial_id, one=bound.param)}"

"""Serials to be made, complete and in order: a temporary table of one connection, from which they go in set by set.

Whatever can be done before the write begins is done here, since on SQLite all others wait for a write: keys are folded,
customers looked up, and the rows lie in the order of the indexes, so that the write itself only copies them. The table
belongs to the connection that made it and is gone with it.
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
    "id": "{serial_id}",  # on SQLite known only when the write begins
    "warranty_void": "NULL",  # nobody makes a serial whose warranty is void
    "version": "1",  # the number of its first event
}
"""What is written into the columns of a serial that a row does not have; it has all others."""

EVENT_VALUES: Final[Mapping[str, str]] = {
    "serial_id": "{serial_id}",
    "number": "1",
    # The same in all events of one write.
    **dict.fromkeys(("kind", "at", "user_id", "login_user_id", "document_id"), "{one}"),
    # As the serial has them.
    "item_id": "item_id",
    "serial_number": "serial_number",
    "to_status_id": "status_id",
    "to_location_id": "location_id",
    "to_customer_id": _CUSTOMER,
    # An event that makes a serial comes from nothing.
    **dict.fromkeys(("from_status_id", "from_location_id", "from_customer_id"), "NULL"),
}
"""What is written into the columns of a serial's first event that its row does not have; it has all others."""

TAKEN: Final = tuple(name for name in ledger.SERIAL_COLUMNS if name not in SERIAL_VALUES)
"""Columns of a serial that its row has."""

SAID: Final = tuple(name for name in ledger.EVENT_COLUMNS if name not in EVENT_VALUES)
"""Columns of its first event that its row has."""

COLUMNS: Final = (*TAKEN, "customer", *SAID)
"""`customer` is the name of one that has no id yet, else empty."""

ORDER: Final = "item_id, serial_key"
"""Of the rows, so that writers queue in a line and each index is filled from its beginning to its end."""

_BYTEWISE: Final = ("serial_key", "sort_key")
"""Texts that PostgreSQL compares byte by byte, as the ledger has them."""

_FIELDS: Final = {**columns_of(SerialEvent), **columns_of(Serial)}


def definition(column: str, *, null: bool | None = None) -> str:
    """A column of a temporary table, of the type that the ledger's column has.

    Args:
        null: whether it may be empty; None is as in the ledger.
    """
    if column == "customer":
        return "customer text NOT NULL"
    field = _FIELDS[column]
    kind = 'text COLLATE "C"' if column in _BYTEWISE and not is_sqlite() else field.field_type.lower()
    return f"{column} {kind}" if (field.null if null is None else null) else f"{column} {kind} NOT NULL"


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
        _make("integer PRIMARY KEY")
        return
    # The serials' own sequence gives the ids; another writer's numbers may lie between them.
    (sequence,) = bound.execute_sql("SELECT pg_get_serial_sequence('serials', 'id')").fetchone()
    _make(f"bigint PRIMARY KEY DEFAULT nextval('{sequence}')")


def _make(key: str) -> None:
    bound.execute_sql(f"CREATE TEMPORARY TABLE {TABLE} (id {key}, {', '.join(map(definition, COLUMNS))})")


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
    total, done = totals.serials, 0
    # On PostgreSQL the rows have their ids; on SQLite the lock that is held keeps those behind the last one free.
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
    """The columns that are written and what is selected for each: a value, or the row's column of the same name."""
    selected = ", ".join(values.get(name, name) for name in columns)
    return f"({', '.join(columns)}) SELECT {selected.format(serial_id=serial_id, one=bound.param)}"

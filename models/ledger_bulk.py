"""The staging table for creating many serials: filled before the transaction, then copied with INSERT … SELECT.

All preparation is done before the transaction, since on SQLite other writers wait for it: keys are folded, customers
looked up, and rows sorted in index order, so that the transaction only copies rows. The table is temporary: it belongs
to the connection that created it and disappears with it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import peewee

from models import ledger, ngrams
from models.database import bulk
from models.database.unit import Unit
from models.digests import digest_sql, moment_text
from models.errors import NotAllowed
from models.schema import Serial, SerialEvent, Status, bound, columns_of, is_sqlite, moment_value, read_date
from models.statuses import stored_statuses
from models.verbs import StatusCode, Verb

TABLE: Final = "bulk_serials"

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
    "units": "{units}",
    "voids_id": "NULL",
    "reference": "''",
    "digest": "{digest}",
}
"""SQL values of the `serial_events` columns that the staging table does not have; it has all others."""

SERIAL_STAGED: Final = tuple(name for name in ledger.SERIAL_COLUMNS if name not in SERIAL_VALUES)
"""Columns of `serials` in the staging table."""

EVENT_STAGED: Final = tuple(name for name in ledger.EVENT_COLUMNS if name not in EVENT_VALUES)
"""Columns of `serial_events` in the staging table."""

COLUMNS: Final = (*SERIAL_STAGED, "customer", *EVENT_STAGED)
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


def begin(*, in_transaction: bool = False) -> None:
    """Create the empty staging table on this thread's connection; replaces an earlier one.

    Args:
        in_transaction: whether it is only for the transaction that runs, so that the session need not be kept.
    """
    end()
    if is_sqlite():  # in a temporary file, so that a million rows need no memory
        bound.execute_sql("PRAGMA temp_store = file")
        _make("integer PRIMARY KEY")
        return
    # Ids come from the sequence of `serials`; they may have gaps with ids of other writers.
    (sequence,) = bound.execute_sql("SELECT pg_get_serial_sequence('serials', 'id')").fetchone()
    _make(f"bigint PRIMARY KEY DEFAULT nextval('{sequence}')", " ON COMMIT DROP" if in_transaction else "")


def _make(key: str, at_end: str = "") -> None:
    bound.execute_sql(f"CREATE TEMPORARY TABLE {TABLE} (id {key}, {', '.join(map(definition, COLUMNS))}){at_end}")


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


def rename_customer(old: str, new: str) -> None:
    """Spell a customer of the staging table as it is stored."""
    one = bound.param
    bound.execute_sql(f"UPDATE {TABLE} SET customer = {one} WHERE customer = {one}", (new, old))


def span() -> tuple[int, int]:
    """The first and last id of the staging table."""
    first, last = bound.execute_sql(
        # SQLite would read all rows for min and max in one SELECT.
        f"SELECT (SELECT min(id) FROM {TABLE}), (SELECT max(id) FROM {TABLE})"
    ).fetchone()
    return first, last


CHUNK: Final = 25_000
"""Rows copied between two progress reports."""


def add_staged(
    unit: Unit,
    verb: Verb,
    document_id: int,
    totals: Totals,
    progress: Callable[[int, int], None],
    *,
    adds_quantity: Container[int],
) -> dict[tuple[int, int], int]:
    """Create the serials of the staging table, each with its first event, and count them; removed ones come back.

    Args:
        verb: the verb that creates them.
        document_id: the document of their first events.
        totals: the result of `totals`.
        progress: called with (written, total); an exception from it rolls the transaction back.
        adds_quantity: ids of the items of which each serial on hand adds one to the quantity.

    Returns:
        What they add to quantities, by (item id, location id); the caller writes it with `ledger.add_stocks`.

    Raises:
        NotAllowed: the verb cannot create serials in one of the statuses.
        peewee.IntegrityError: an item already has one of them.
    """
    statuses = stored_statuses()
    added: dict[tuple[int, int], int] = {}
    counted: set[tuple[int, int]] = set()
    # By the counts, not by each row: a million serials have some hundred combinations.
    for item_id, location_id, status_id, number in totals.counts:
        status = statuses[status_id]
        if not verb.allows(None, status):
            raise NotAllowed(f"No serial is {verb.done} as {status.label}. Give another status.")
        ledger.count(unit, (item_id, location_id, status_id), number)
        if status.on_hand and item_id in adds_quantity:
            added[item_id, location_id] = added.get((item_id, location_id), 0) + number
            counted.add((item_id, status_id))
    total = totals.serials
    back = ledger.has_removed(sorted({item_id for item_id, *_ in totals.counts}))
    done = _bring_back(unit, verb, document_id, counted) if back else 0
    # On PostgreSQL the rows have their final ids. On SQLite they are numbered after the last serial id, which no other
    # writer can use while this transaction holds the write lock.
    serial_id = f"id + {bulk.reserve_ids('serials', 1)[0] - 1}" if is_sqlite() else "id"
    first, last = span() if done < total else (0, -1)  # all of them were brought back: none is left to copy
    serials = _written(ledger.SERIAL_COLUMNS, {**SERIAL_VALUES, "customer_id": _CUSTOMER}, serial_id)
    events, event = _events(unit, verb, document_id, serial_id, counted)
    for start in range(first, last + 1, CHUNK):
        progress(done, total)
        rows = f"FROM {TABLE} WHERE id BETWEEN {start} AND {start + CHUNK - 1} ORDER BY {TABLE}.id"
        done += bound.execute_sql(f"INSERT INTO serials {serials} {rows}").rowcount
        bound.execute_sql(f"INSERT INTO serial_events {events} {rows}", event)
    if last > 0:  # late, as it waits for a segment of these ids that is being written
        unit.at_end.append(lambda: ngrams.reopen(first, last))
    progress(total, total)
    return added


def _bring_back(unit: Unit, verb: Verb, document_id: int, counted: Container[tuple[int, int]]) -> int:
    """Bring back the staged serials that were removed, and take them out of the staging table; returns how many."""
    sql = (
        f"SELECT r.id, s.id, r.item_id, r.status_id, r.location_id, r.buyer, r.condition_notes, r.warranty_start, "
        f"r.warranty_end, r.note, r.scan FROM (SELECT *, {_CUSTOMER} AS buyer FROM {TABLE}) r "
        "JOIN serials s ON s.item_id = r.item_id AND s.serial_key = r.serial_key "
        f"JOIN statuses t ON t.id = s.status_id WHERE t.code = {bound.param} ORDER BY s.id LIMIT {bulk.BLOCK}"
    )
    done = 0
    while rows := bound.execute_sql(sql, (StatusCode.REMOVED,)).fetchall():
        removed = Status.get(Status.code == StatusCode.REMOVED).id
        states = ledger.lock([row[1] for row in rows])
        if any(state.status_id != removed for state in states):
            raise peewee.IntegrityError("a removed serial was brought back meanwhile")  # `write` looks again
        changes: list[ledger.SerialChange] = []
        for state, row in zip(states, rows, strict=True):
            item_id, status_id, location_id, customer_id, notes, start, end, note, scan = row[2:]
            sets = ledger.values_on_return(
                status_id, location_id, customer_id, (notes, read_date(start), read_date(end))
            )
            units = int((item_id, status_id) in counted)
            changes.append(ledger.SerialChange(state, sets, note, units, scan=scan))
            ledger.count(unit, (item_id, location_id, status_id), -1)  # the caller counts all rows of the table
        ledger.apply(unit, verb, changes, document_id=document_id)
        ids = [row[0] for row in rows]
        bound.execute_sql(f"DELETE FROM {TABLE} WHERE id IN ({bulk.placeholders(len(ids))})", ids)
        done += len(rows)
    return done


def _events(
    unit: Unit, verb: Verb, document_id: int, serial_id: str, counted: Iterable[tuple[int, int]]
) -> tuple[str, list[Any]]:
    """The column list and SELECT of the events, and the values of its placeholders."""
    one, actor = bound.param, unit.actor
    pairs = ", ".join(f"({item_id}, {status_id})" for item_id, status_id in sorted(counted))
    units = f"CASE WHEN (item_id, status_id) IN (VALUES {pairs}) THEN 1 ELSE 0 END" if pairs else "0"
    same = {"kind": verb.kind, "at": moment_value(unit.at), "user_id": actor.user_id, "document_id": document_id}
    same["login_user_id"] = actor.login_user_id
    # The same values twice: for the columns, and as the digest has them, where the moment is a text.
    values = [same[name] for name in ledger.EVENT_DIGESTED if EVENT_VALUES.get(name) == "{one}"]
    expressions = {
        name: EVENT_VALUES.get(name, name).format(serial_id=serial_id, one=one, units=units, digest="")
        for name in ledger.EVENT_DIGESTED
    }
    digest = digest_sql(ledger.EVENT_DIGESTED, expressions, is_new=True)
    selected = ", ".join([expressions[name] for name in ledger.EVENT_DIGESTED] + [digest])
    same["at"] = moment_text(unit.at)
    values += [same[name] for name in ledger.EVENT_DIGESTED if EVENT_VALUES.get(name) == "{one}"]
    return f"({', '.join(ledger.EVENT_COLUMNS)}) SELECT {selected}", values


def _written(columns: Sequence[str], values: Mapping[str, str], serial_id: str) -> str:
    """The column list and SELECT of an INSERT: a value of `values`, or the staging column of the same name."""
    selected = ", ".join(values.get(name, name) for name in columns)
    return f"({', '.join(columns)}) SELECT {selected.format(serial_id=serial_id, one=bound.param)}"

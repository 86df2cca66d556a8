"""The staging table of an import: a temporary table, private to one connection, so that it blocks nobody.

Rows are staged and judged while other users write; good rows are then written by a few set-based statements. The table
disappears with its connection, however the program ends. First the look-alike search, then the table, then the preview.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from models import ledger_bulk
from models.database import bulk
from models.database.connection import keep_session
from models.errors import Changed
from models.importing.columns import Field
from models.ledger import whereabouts
from models.schema import bound, is_sqlite
from models.serials.drafted import drafted_rows
from models.serials.judging import IN_ROW, LOOKS_LIKE, ON_ITEM, already_there
from models.statuses import kept
from models.text import near_sql

_GOOD: Final = "state = 0"
"""Condition for good rows; 0 is `NEW`, defined below. Written as in the indexes, else no database uses these."""

_NAME: Final = re.compile(r"\{(\w+)\}")
_NONE: Final = "CAST(NULL AS bigint)"


def _without_s(table: str) -> str:
    """A subquery of the good rows whose folded key begins with S, with the rest of the key."""
    return (
        f"(SELECT row, item_id, substr(serial_key, 2) AS rest FROM {table} "
        f"WHERE {_GOOD} AND serial_key > 'S' AND serial_key < 'T')"
    )


def index_look_alikes(table: str) -> None:
    """Create the look-alike index of the staging table.

    Args:
        table: the staging table.
    """
    bound.execute_sql(f"CREATE INDEX import_rows_near ON {table} (item_id, ({near_sql()}), row) WHERE {_GOOD}")


def find_look_alikes(table: str, into: str, *, against_items: bool) -> None:
    """Find look-alikes: create a table with `row`, and `serial_id` or `first` (an earlier row) that it resembles.

    Args:
        table: the staging table; good rows must have unique serials that their items do not have yet.
        into: name of the new table.
        against_items: whether to compare with serials in the database too.
    """
    queries = (
        [*_look_alikes_in_serials(table), *_look_alikes_in_rows(table)]
        if against_items
        else _look_alikes_in_rows(table)
    )
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {into} AS SELECT row, min(serial_id) AS serial_id, min(first) AS first "
        f"FROM ({' UNION ALL '.join(queries)}) AS found GROUP BY row"
    )
    bound.execute_sql(f"CREATE INDEX {into}_row ON {into} (row)")


def _look_alikes_in_serials(table: str) -> tuple[str, ...]:
    """Queries for look-alikes in the database.

    By kind of serial: equal to its own look-alike key; different from it; the row's key with an S in front; without
    its S.
    """
    # The cross joins make the staged rows the outer loop: each is looked up by index, instead of scanning a million
    # serials of the item.
    there = f"SELECT r.row AS row, s.id AS serial_id, {_NONE} AS first FROM {table} r CROSS JOIN serials s"
    good = f"r.{_GOOD} AND s.item_id = r.item_id AND {kept('s')}"
    near, its = near_sql("r"), near_sql("s")
    # Without statistics SQLite would read all serials of the item for each row.
    by_near = " INDEXED BY serials_near" if is_sqlite() else ""
    rest = f"SELECT r.row, s.id, {_NONE} FROM {_without_s(table)} r CROSS JOIN serials s"
    return (
        f"{there} WHERE {good} AND s.serial_key = {near} AND {near} <> r.serial_key",
        f"{there}{by_near} WHERE {good} AND {its} = {near} AND {its} <> s.serial_key AND s.serial_key <> r.serial_key",
        f"{there} WHERE {good} AND s.serial_key = 'S' || r.serial_key",
        f"{rest} WHERE s.item_id = r.item_id AND s.serial_key = r.rest AND {kept('s')}",
    )


def _look_alikes_in_rows(table: str) -> tuple[str, ...]:
    """Queries for look-alikes within the file.

    Rows with the same look-alike key point to the first of them; of a pair with and without a leading S, the later row
    points to the earlier.
    """
    groups = (
        f"SELECT item_id, {near_sql()} AS near, min(row) AS first FROM {table} WHERE {_GOOD} "
        f"GROUP BY item_id, {near_sql()} HAVING count(*) > 1"
    )
    same = f"r.item_id = g.item_id AND {near_sql('r')} = g.near"
    alike = f"SELECT r.row AS row, {_NONE} AS serial_id, g.first AS first FROM ({groups}) g JOIN {table} r ON {same}"
    later, earlier = (f"CASE WHEN r.row {sign} p.row THEN r.row ELSE p.row END" for sign in "><")
    pair = f"SELECT {later}, {_NONE}, {earlier} FROM {_without_s(table)} r CROSS JOIN {table} p"
    return (
        f"{alike} WHERE r.{_GOOD} AND r.row > g.first",
        f"{pair} WHERE p.{_GOOD} AND p.item_id = r.item_id AND p.serial_key = r.rest",
    )


def _message_sql(sentence: str, **values: str) -> str:
    """The SQL expression that formats a message template.

    Args:
        values: SQL expressions by placeholder name.
    """
    parts = _NAME.split(sentence)  # literal texts and names alternate
    return " || ".join(values[part] if place % 2 else f"'{part}'" for place, part in enumerate(parts) if part)


def write_look_alikes(table: str, found: str) -> None:
    """Write the look-alike warnings into the column `alike`.

    Args:
        table: the staging table.
        found: the table created by `find_look_alikes`.
    """
    serial = f"{table}.serial_number"
    on_item = _message_sql(LOOKS_LIKE, serial=serial, other="s.serial_number", where=_message_sql(ON_ITEM, sku="i.sku"))
    in_row = _message_sql(
        LOOKS_LIKE, serial=serial, other="o.serial_number", where=_message_sql(IN_ROW, row="o.number")
    )
    said = (
        f"coalesce((SELECT {on_item} FROM serials s JOIN items i ON i.id = s.item_id WHERE s.id = f.serial_id), "
        f"(SELECT {in_row} FROM {table} o WHERE o.row = f.first))"
    )
    bound.execute_sql(
        f"UPDATE {table} SET alike = (SELECT {said} FROM {found} f WHERE f.row = {table}.row) "
        f"WHERE {_GOOD} AND row IN (SELECT row FROM {found})"
    )


TABLE: Final = "import_rows"
_TWICE: Final = "import_twice"
_THERE: Final = "import_there"
_ALIKE: Final = "import_alike"
NEW_RECORDS: Final = "import_new"
"""Table of the records that the import makes, by their ids below 0."""
_FOUND: Final = "import_found"

NEW, ERROR = 0, 1
"""Values of the column `state`."""

NOT_STAGED: Final[Mapping[str, str]] = {"note": "''", "scan": "NULL"}
"""SQL values for those of `ledger_bulk.COLUMNS` that an import file never has."""

LEDGER_COLUMNS: Final = tuple(name for name in ledger_bulk.COLUMNS if name not in NOT_STAGED)
"""Columns of a serial and its first event that are staged."""

COLUMNS: Final = ("row", "number", "state", *LEDGER_COLUMNS, "reason", "doubt", "cells")
"""Columns of a staged row. `row` is its key, `number` its number in the file, which the rows of a cell that was split
share. `reason` is its error; for a good row, the warning about its serial, with `doubt` as the code of the warning. Ids
below 0 are of records that the import makes."""

_ALWAYS: Final = ("serial_number", "customer", "condition_notes")
"""Text columns that are never NULL, not even in a rejected row."""

WARNED: Final = f"state = {NEW} AND (reason <> '' OR alike <> '' OR drafted <> '')"
"""Condition for good rows with a warning."""

ROWS_LOST: Final = (
    "The line to the database broke, and with it what was read of the file. Nothing was written. Import it again."
)


class Counts(NamedTuple):
    """Number of rows by result."""

    rows: int
    new: int
    warned: int
    """New rows with a warning; they can be imported."""

    @property
    def errors(self) -> int:
        """Number of rejected rows."""
        return self.rows - self.new


class Rejected(NamedTuple):
    """A row that cannot be imported."""

    row: int
    """Row number in the file."""
    serial_number: str
    """The text in the file."""
    reason: str
    cells: str
    """The row's cells as JSON."""


class Warned(NamedTuple):
    """A good row with a warning."""

    row: int
    """Row number in the file."""
    serial_number: str
    odd: str
    """Warning about the serial itself, such as a shape unlike its item's other serials; may be empty."""
    alike: str
    """Warning about a look-alike serial; may be empty."""
    doubt: str = ""
    """Code of the warning `odd`; empty for none."""
    key: int = 0
    """Key of the staged row."""
    drafted: str = ""
    """Warning that the serial stands in somebody's open draft; may be empty."""

    @property
    def text(self) -> str:
        """All warnings."""
        return " ".join(filter(None, (self.odd, self.alike, self.drafted)))


def begin() -> None:
    """Create an empty staging table on this thread's connection, replacing an earlier one.

    Raises:
        WrongAddress: the server is reached through a pooler, see `keep_session`.
    """
    keep_session(bound.obj)  # first: it may change to another session, which has none of the tables
    end()
    if is_sqlite():  # in an unnamed temporary file, so that a million rows do not take memory
        bound.execute_sql("PRAGMA temp_store = file")
    columns = [ledger_bulk.definition(name, null=name not in _ALWAYS) for name in LEDGER_COLUMNS]
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {TABLE} (row bigint PRIMARY KEY, number bigint NOT NULL, state smallint NOT NULL, "
        f"{', '.join(columns)}, reason text NOT NULL, doubt text NOT NULL, cells text NOT NULL, "
        "alike text NOT NULL DEFAULT '', drafted text NOT NULL DEFAULT '')"
    )
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {NEW_RECORDS} (id bigint PRIMARY KEY, kind text NOT NULL, code text NOT NULL, "
        "name text NOT NULL, location_id bigint, real_id bigint)"
    )
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {_FOUND} (place integer PRIMARY KEY, kind text NOT NULL, name text NOT NULL, "
        "rows bigint NOT NULL, said text NOT NULL)"
    )


def end() -> None:
    """Drop the staging tables of this connection."""
    for table in (TABLE, _TWICE, _THERE, _ALIKE, NEW_RECORDS, _FOUND):
        bound.execute_sql(f"DROP TABLE IF EXISTS {_temporary(table)}")
    ledger_bulk.end()


def require() -> None:
    """Check that the staging table still exists.

    Raises:
        Changed: the connection was lost and replaced.
    """
    sql = "SELECT 1 FROM sqlite_temp_master WHERE name = ?" if is_sqlite() else "SELECT to_regclass(%s)"
    found = bound.execute_sql(sql, (TABLE if is_sqlite() else _temporary(TABLE),)).fetchone()
    if not found or found[0] is None:
        raise Changed(ROWS_LOST)


def add(rows: Sequence[Sequence[Any]]) -> None:
    """Stage rows of values for `COLUMNS`."""
    with _transaction():
        bulk.insert(TABLE, COLUMNS, rows)


def counts() -> Counts:
    """Count the staged rows."""
    require()
    rows, errors, warned = bound.execute_sql(
        f"SELECT count(*), coalesce(sum(state), 0), (SELECT count(*) FROM {TABLE} WHERE {WARNED}) FROM {TABLE}"
    ).fetchone()
    return Counts(rows, rows - int(errors), warned)


def judge_together(user_id: int, *, against_items: bool = True) -> None:
    """Reject rows whose serial is repeated in the file or exists already, and warn of look-alikes and open drafts.

    Call it after all rows are staged.

    Args:
        user_id: who imports them.
        against_items: whether any of the items had serials when the rows were judged; else rows are only compared
            with each other.
    """
    with _transaction():
        bound.execute_sql(f"CREATE INDEX import_rows_new ON {TABLE} (item_id, serial_key) WHERE state = {NEW}")
        if not is_sqlite():  # nothing else gathers statistics of a temporary table
            bound.execute_sql(f"ANALYZE {TABLE}")
        _mark_repeated()
        bound.execute_sql(f"CREATE INDEX import_rows_wrong ON {TABLE} (row) WHERE state = {ERROR}")
    mark_existing()
    # Last: `find_look_alikes` takes it that good rows have serials that nothing else has.
    with _transaction():
        index_look_alikes(TABLE)
        find_look_alikes(TABLE, _ALIKE, against_items=against_items)
        write_look_alikes(TABLE, _ALIKE)
        bound.execute_sql(f"DROP TABLE {_temporary(_ALIKE)}")
        bound.execute_sql(f"CREATE INDEX import_rows_warned ON {TABLE} (row) WHERE {WARNED}")
    warn_of_drafts(user_id)


def warn_of_drafts(user_id: int) -> None:
    """Warn of good rows whose serials stand in open drafts now, as everywhere else; an import takes them all the same.

    Args:
        user_id: who imports them.
    """
    found = drafted_rows(TABLE, f"r.state = {NEW}")
    said = [(one.draft.sentence(one.serial_number, user_id), one.row) for one in found]
    with _transaction():
        bound.execute_sql(f"UPDATE {TABLE} SET drafted = '' WHERE {WARNED} AND drafted <> ''")
        _write_texts("drafted = {}", said)


def _mark_repeated() -> None:
    """Reject repeated serials: the first row stays good, later ones refer to it."""
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {_TWICE} AS SELECT item_id, serial_key, min(row) AS first FROM {TABLE} "
        f"WHERE state = {NEW} GROUP BY item_id, serial_key HAVING count(*) > 1"
    )
    same = f"t.item_id = {TABLE}.item_id AND t.serial_key = {TABLE}.serial_key AND t.first < {TABLE}.row"
    bound.execute_sql(f"CREATE INDEX import_twice_key ON {_TWICE} (item_id, serial_key)")
    bound.execute_sql(
        f"UPDATE {TABLE} SET state = {ERROR}, doubt = '', reason = serial_number || ' is in row ' || "
        f"(SELECT o.number FROM {_TWICE} t JOIN {TABLE} o ON o.row = t.first WHERE {same}) || "
        "' already. Leave one of them out.' "
        f"WHERE state = {NEW} AND EXISTS (SELECT 1 FROM {_TWICE} t WHERE {same})"
    )
    bound.execute_sql(f"DROP TABLE {_temporary(_TWICE)}")


def has_existing() -> bool:
    """Whether the serial of any good row exists by now."""
    found = bound.execute_sql(
        f"SELECT 1 FROM {TABLE} r CROSS JOIN serials s WHERE r.state = {NEW} AND s.item_id = r.item_id "
        f"AND s.serial_key = r.serial_key AND {kept('s')} LIMIT 1"
    )
    return found.fetchone() is not None


def mark_existing() -> int:
    """Reject rows whose serial exists by now; returns how many."""
    require()
    with _transaction():
        bound.execute_sql(f"DROP TABLE IF EXISTS {_temporary(_THERE)}")
        # The cross join makes the staged rows the outer loop; see `_look_alikes_in_serials`.
        bound.execute_sql(
            f"CREATE TEMPORARY TABLE {_THERE} AS SELECT r.row AS row, s.id AS serial_id FROM {TABLE} r "
            f"CROSS JOIN serials s WHERE r.state = {NEW} AND s.item_id = r.item_id AND s.serial_key = r.serial_key "
            f"AND {kept('s')}"
        )
        bound.execute_sql(f"CREATE INDEX import_there_row ON {_THERE} (row)")
    marked = last = 0
    while rows := bound.execute_sql(
        f"SELECT t.row, t.serial_id, s.serial_number, i.sku, c.code FROM {_THERE} t "
        "JOIN serials s ON s.id = t.serial_id JOIN items i ON i.id = s.item_id JOIN statuses c ON c.id = s.status_id "
        f"WHERE t.row > {bound.param} ORDER BY t.row LIMIT {bulk.BLOCK}",
        (last,),
    ).fetchall():
        where = whereabouts([row[1] for row in rows])
        said = [
            (already_there(text, sku, status, where[serial_id])[1], row) for row, serial_id, text, sku, status in rows
        ]
        with _transaction():
            _write_texts(_SET_REJECTED, said)
        marked += len(rows)
        last = rows[-1][0]
    return marked


_SET_REJECTED: Final = f"state = {ERROR}, reason = {{}}, drafted = ''"


def _write_texts(columns: str, said: Sequence[tuple[str, int]]) -> None:
    """Write a text into rows.

    Args:
        columns: a SET clause with `{}` for the text.
        said: texts and keys of rows.
    """
    if is_sqlite():
        with bulk.errors_of_driver():  # past Peewee, which has no `executemany`
            bound.connection().executemany(f"UPDATE {TABLE} SET {columns.format('?')} WHERE row = ?", said)
        return
    for part in bulk.blocks(said, 1_000):
        values = ", ".join(["(%s, %s::bigint)"] * len(part))
        bound.execute_sql(
            f"UPDATE {TABLE} SET {columns.format('v.said')} FROM (VALUES {values}) AS v (said, row) "
            f"WHERE {TABLE}.row = v.row",
            [value for one in part for value in one],
        )


def rejected(limit: int | None = None) -> Iterator[Rejected]:
    """Rejected rows, in file order."""
    return (Rejected(*row) for _, *row in _rows("number, serial_number, reason, cells", f"state = {ERROR}", limit))


def warned(limit: int | None = None, *, after: int = -1) -> Iterator[Warned]:
    """Good rows with a warning, in file order.

    Args:
        limit: maximum number of rows.
        after: key of the row to start after.
    """
    rows = _rows("number, serial_number, reason, alike, doubt, drafted", WARNED, limit, after)
    return (
        Warned(number, serial, odd, alike, doubt, key, drafted)
        for key, number, serial, odd, alike, doubt, drafted in rows
    )


def _rows(columns: str, where: str, limit: int | None, last: int = -1) -> Iterator[tuple[Any, ...]]:
    # Read in blocks by key, so that a million rows are neither held in memory nor kept in an open cursor.
    require()
    left = limit
    while left is None or left > 0:
        size = bulk.BLOCK if left is None else min(left, bulk.BLOCK)
        rows = bound.execute_sql(
            f"SELECT row, {columns} FROM {TABLE} WHERE {where} AND row > {bound.param} ORDER BY row LIMIT {size}",
            (last,),
        ).fetchall()
        if not rows:
            return
        yield from rows
        last, left = rows[-1][0], None if left is None else left - len(rows)


def stage_serials() -> ledger_bulk.Totals:
    """Copy the good rows into the input table of `ledger_bulk`, in its order.

    Raises:
        Changed: the rows were lost with the connection.
    """
    require()
    with _transaction():
        ledger_bulk.begin()
        # A customer who exists is referred to by id alone; a name means one that is made.
        values = {**NOT_STAGED, "customer": "CASE WHEN customer_id IS NULL THEN customer ELSE '' END"}
        bound.execute_sql(
            f"INSERT INTO {ledger_bulk.TABLE} ({', '.join(ledger_bulk.COLUMNS)}) "
            f"SELECT {', '.join(values.get(name, name) for name in ledger_bulk.COLUMNS)} FROM {TABLE} "
            f"WHERE state = {NEW} ORDER BY {ledger_bulk.ORDER}"
        )
    return ledger_bulk.totals()


def customers() -> list[tuple[str, int]]:
    """Customer names in good rows that do not exist yet, with the number of those rows."""
    rows = bound.execute_sql(
        f"SELECT customer, count(*) FROM {TABLE} WHERE state = {NEW} AND customer <> '' AND customer_id IS NULL "
        "GROUP BY customer ORDER BY customer"
    )
    return [(name, number) for name, number in rows.fetchall()]


# ----- records to be made, and what was found besides


class NewRecord(NamedTuple):
    """An item or location that the import makes, if a good row needs it."""

    id: int
    """Below 0; staged rows refer to it."""
    kind: str
    """item or location."""
    code: str
    """SKU or location code."""
    name: str
    location_id: int | None
    """Primary location of an item; may be below 0."""


class Tally(NamedTuple):
    """Number of rows with the same missing record or the same peculiarity."""

    kind: str
    """Field of a missing record, or a kind of peculiarity, such as `several`; see `rows`."""
    name: str
    """The text that names no record; empty for a peculiarity."""
    rows: int
    said: str
    """Why the record cannot be made although that was asked; else empty."""


def store_findings(new: Sequence[NewRecord], found: Sequence[Tally]) -> None:
    """Store the records to be made and the tallies beside the rows, for as long as those are staged."""
    with _transaction():
        for part in bulk.blocks(new):
            bulk.insert(NEW_RECORDS, NewRecord._fields, part)
        rows = [(place, *one) for place, one in enumerate(found)]
        for block in bulk.blocks(rows):
            bulk.insert(_FOUND, ("place", *Tally._fields), block)


def findings() -> list[Tally]:
    """The tallies that `store_findings` stored."""
    rows = bound.execute_sql(f"SELECT kind, name, rows, said FROM {_FOUND} ORDER BY place")
    return list(map(Tally._make, rows.fetchall()))


def new_records() -> list[NewRecord]:
    """The records to be made, those that good rows need, locations first.

    Raises:
        Changed: the rows were lost with the connection.
    """
    require()
    rows = bound.execute_sql(f"SELECT {', '.join(NewRecord._fields)} FROM {NEW_RECORDS} ORDER BY id DESC")
    records = list(map(NewRecord._make, rows.fetchall()))
    if not records:
        return []
    used = bound.execute_sql(
        f"SELECT DISTINCT item_id, location_id FROM {TABLE} WHERE state = {NEW} AND (item_id < 0 OR location_id < 0)"
    ).fetchall()
    needed = {each for row in used for each in row}
    # The primary location of a new item may be a new one that no good row names.
    needed |= {record.location_id for record in records if record.id in needed}
    return sorted((record for record in records if record.id in needed), key=lambda record: record.kind, reverse=True)


def new_counts() -> list[tuple[str, str, str, int]]:
    """Kind, code, name and number of good rows of each record to be made."""
    (some,) = bound.execute_sql(f"SELECT count(*) FROM {NEW_RECORDS}").fetchone()
    if not some:  # as of most files: the counts below read all rows
        return []
    counts = " UNION ALL ".join(
        f"SELECT {column} AS id, count(*) AS rows FROM {TABLE} WHERE state = {NEW} AND {column} < 0 GROUP BY {column}"
        for column in ("item_id", "location_id")
    )
    rows = bound.execute_sql(
        f"SELECT n.kind, n.code, n.name, c.rows FROM ({counts}) AS c JOIN {NEW_RECORDS} n ON n.id = c.id "
        "ORDER BY n.id DESC"
    )
    return [(kind, code, name, number) for kind, code, name, number in rows.fetchall()]


def replace_new(real: Mapping[int, int]) -> None:
    """Let the rows refer to records that exist by now.

    Args:
        real: ids of the records by those below 0.
    """
    with _transaction():
        set_real(real)
        _refer(TABLE)
        _refer(NEW_RECORDS)
        bound.execute_sql(f"DELETE FROM {NEW_RECORDS} WHERE real_id IS NOT NULL")


def set_real(real: Mapping[int, int]) -> None:
    """Note the ids of records that were made."""
    one = bound.param
    for new_id, real_id in real.items():
        bound.execute_sql(f"UPDATE {NEW_RECORDS} SET real_id = {one} WHERE id = {one}", (real_id, new_id))


def refer_to_made() -> None:
    """Let the input table of `ledger_bulk` refer to the records that were made."""
    _refer(ledger_bulk.TABLE)


def _refer(table: str) -> None:
    columns = ("location_id",) if table == NEW_RECORDS else ("item_id", "location_id")
    real = "coalesce((SELECT n.real_id FROM {0} n WHERE n.id = {1}.{2}), {2})"
    sets = ", ".join(f"{column} = {real.format(NEW_RECORDS, table, column)}" for column in columns)
    bound.execute_sql(f"UPDATE {table} SET {sets} WHERE {' OR '.join(f'{column} < 0' for column in columns)}")


def rows_of(item_id: int) -> Iterator[tuple[int, str]]:
    """Keys and serial numbers of an item's good rows."""
    rows = _rows("serial_number", f"state = {NEW} AND item_id = {int(item_id)}", None)
    return ((key, text) for key, text in rows)


def refuse_rows(said: Sequence[tuple[str, int]]) -> None:
    """Reject rows, each given as its reason and its key."""
    with _transaction():
        _write_texts(_SET_REJECTED, said)


def _temporary(table: str) -> str:
    return f"temp.{table}" if is_sqlite() else f"pg_temp.{table}"


def _transaction() -> Any:
    """A transaction without SQLite's write lock: DEFERRED, as only temporary tables are written."""
    return bound.obj.atomic("DEFERRED") if is_sqlite() else bound.obj.atomic()


class RowsShown(Enum):
    """Filter of the preview."""

    ALL = "true"
    ERRORS = f"state = {ERROR}"
    """Rejected rows."""
    WARNINGS = WARNED
    """Good rows with a warning."""


class Previewed(NamedTuple):
    """SQL source of a preview field."""

    sql: str
    """Expression over the staging table `r` and `join`."""
    join: str = ""


PREVIEWED: Final[Mapping[Field, Previewed]] = {
    Field.SERIAL_NUMBER: Previewed("r.serial_number"),
    Field.ITEM: Previewed(
        "coalesce(i.sku, n.code)",
        f"LEFT JOIN items i ON i.id = r.item_id LEFT JOIN {NEW_RECORDS} n ON n.id = r.item_id",
    ),
    Field.LOCATION: Previewed(
        "coalesce(l.code, m.code)",
        f"LEFT JOIN locations l ON l.id = r.location_id LEFT JOIN {NEW_RECORDS} m ON m.id = r.location_id",
    ),
    Field.STATUS: Previewed("t.label", "LEFT JOIN statuses t ON t.id = r.status_id"),
    Field.CUSTOMER: Previewed("r.customer"),
    Field.DATE_RECEIVED: Previewed("r.date_received"),
}
"""Fields of the preview, in column order."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A preview row; `row[Field.ITEM]` is the value of a field in `PREVIEWED`."""

    row: int
    """Row number in the file."""
    is_new: bool
    """Whether it can be imported."""
    values: Mapping[Field, str]
    """Database values, such as the label of a status; cell texts of the file if there are none."""
    reason: str
    """Why it cannot be imported; empty if it can."""
    warning: str = ""
    """Warnings of a good row; may be empty."""
    staged: int = 0
    """Key of the staged row."""

    @property
    def key(self) -> str:
        """The key as text."""
        return str(self.staged)

    def __getitem__(self, name: Field) -> str:
        return self.values[name]


class ImportRowSource:
    """Source of preview rows, filtered by `RowsShown`; see `models.paging.RowSource`."""

    def __init__(self, mapping: Mapping[int, Field], shown: RowsShown = RowsShown.ALL) -> None:
        """Prepare the source.

        Args:
            mapping: field of each column.
            shown: filter.
        """
        self._columns = {name: column for column, name in mapping.items()}
        self._where = f"WHERE {shown.value}"

    def count(self) -> int:
        """Number of rows.

        Raises:
            Changed: the rows were lost with the connection.
        """
        require()
        return int(bound.execute_sql(f"SELECT count(*) FROM {TABLE} r {self._where}").fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[ImportRow]:
        """Read rows starting at `offset`."""
        require()
        names = ", ".join(field.sql for field in PREVIEWED.values())
        joins = " ".join(field.join for field in PREVIEWED.values() if field.join)
        rows = bound.execute_sql(
            f"SELECT r.row, r.number, r.state, "
            f"trim(trim(r.reason || ' ' || r.alike) || ' ' || r.drafted), "
            f"CASE r.state WHEN {ERROR} THEN r.cells END, "
            f"{names} FROM {TABLE} r {joins} {self._where} ORDER BY r.row LIMIT {int(limit)} OFFSET {int(offset)}"
        )
        return [self._row(*row) for row in rows.fetchall()]

    def index_of(self, key: str) -> int | None:
        """Position of a row from 0; None if it is not in the list."""
        require()
        one, where = bound.param, f"FROM {TABLE} r {self._where}"
        if bound.execute_sql(f"SELECT 1 {where} AND r.row = {one}", (int(key),)).fetchone() is None:
            return None
        return int(bound.execute_sql(f"SELECT count(*) {where} AND r.row < {one}", (int(key),)).fetchone()[0])

    def _row(self, key: int, row: int, state: int, said: str, cells: str | None, *staged: object) -> ImportRow:
        given: list[str] = json.loads(cells) if cells else []

        def as_given(name: Field) -> str:
            column = self._columns.get(name, -1)
            return given[column] if 0 <= column < len(given) else ""

        values = {name: str(value) if value else as_given(name) for name, value in zip(PREVIEWED, staged, strict=True)}
        is_new = state == NEW
        return ImportRow(row, is_new, values, "" if is_new else said, said if is_new else "", key)

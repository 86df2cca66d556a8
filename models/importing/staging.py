"""Rows of a file on their way in: a temporary table of one connection, outside of everybody's locks.

Rows are staged and judged there while others go on writing; what is good goes in by a few set-based statements. The
table belongs to the connection that made it and is gone with it, whatever ends the program.
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
from models.errors import Changed
from models.importing.columns import Field
from models.ledger import whereabouts
from models.schema import bound, is_sqlite
from models.serials.judging import IN_ROW, LOOKS_LIKE, ON_ITEM, already_there
from models.text import near_sql

_GOOD: Final = "state = 0"
"""As `staging.NEW`, which needs this module."""

_NAME: Final = re.compile(r"\{(\w+)\}")
_NONE: Final = "CAST(NULL AS bigint)"


def _without_s(table: str) -> str:
    """Rows whose folded key begins with an S, and what is behind it."""
    return (
        f"(SELECT row, item_id, substr(serial_key, 2) AS rest FROM {table} "
        f"WHERE {_GOOD} AND serial_key > 'S' AND serial_key < 'T')"
    )


def prepare(table: str) -> None:
    """Make the index that the look-up of rows needs.

    Args:
        table: the staged rows.
    """
    bound.execute_sql(f"CREATE INDEX import_rows_near ON {table} (item_id, ({near_sql()}), row) WHERE {_GOOD}")


def find(table: str, into: str, *, against_items: bool) -> None:
    """Make a table of the rows that look like another serial: `row`, and `serial_id` or `first`, which is a row.

    Args:
        table: the staged rows, each of a serial of its own among the good ones, none of which its item has.
        into: the new table.
        against_items: whether serials of the items are looked at too.
    """
    ways = [*_ways_to_serials(table), *_ways_to_rows(table)] if against_items else _ways_to_rows(table)
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {into} AS SELECT row, min(serial_id) AS serial_id, min(first) AS first "
        f"FROM ({' UNION ALL '.join(ways)}) AS found GROUP BY row"
    )
    bound.execute_sql(f"CREATE INDEX {into}_row ON {into} (row)")


def _ways_to_serials(table: str) -> tuple[str, ...]:
    """To a serial that is its own look-alike key, to one that is not, to one with an S in front, to one without."""
    # The cross joins make the staged rows the outer loop: they are looked up, not the item's million others.
    there = f"SELECT r.row AS row, s.id AS serial_id, {_NONE} AS first FROM {table} r CROSS JOIN serials s"
    good = f"r.{_GOOD} AND s.item_id = r.item_id"
    near, its = near_sql("r"), near_sql("s")
    # SQLite, which knows nothing of how many there are, would read all serials of the item for each row.
    by_near = " INDEXED BY serials_near" if is_sqlite() else ""
    rest = f"SELECT r.row, s.id, {_NONE} FROM {_without_s(table)} r CROSS JOIN serials s"
    return (
        f"{there} WHERE {good} AND s.serial_key = {near} AND {near} <> r.serial_key",
        f"{there}{by_near} WHERE {good} AND {its} = {near} AND {its} <> s.serial_key AND s.serial_key <> r.serial_key",
        f"{there} WHERE {good} AND s.serial_key = 'S' || r.serial_key",
        f"{rest} WHERE s.item_id = r.item_id AND s.serial_key = r.rest",
    )


def _ways_to_rows(table: str) -> tuple[str, ...]:
    """From all but the first of the rows that share a look-alike key to the first; from the later one of a pair with
    and without an S to the earlier.
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


def _filled_in(sentence: str, **values: str) -> str:
    """The expression in SQL that fills in a sentence.

    Args:
        values: expressions, by their names in the sentence.
    """
    parts = _NAME.split(sentence)  # texts and names take turns
    return " || ".join(values[part] if place % 2 else f"'{part}'" for place, part in enumerate(parts) if part)


def say(table: str, found: str) -> None:
    """Write what is said of each row that was found into its column `alike`.

    Args:
        table: the staged rows.
        found: what `find` made.
    """
    serial = f"{table}.serial_number"
    on_item = _filled_in(LOOKS_LIKE, serial=serial, other="s.serial_number", where=_filled_in(ON_ITEM, sku="i.sku"))
    in_row = _filled_in(LOOKS_LIKE, serial=serial, other="o.serial_number", where=_filled_in(IN_ROW, row="o.row"))
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

NEW, ERROR = 0, 1
"""The state of a row."""

NOT_SAID: Final[Mapping[str, str]] = {"note": "''", "scan": "NULL"}
"""What is written into those of `ledger_bulk.COLUMNS` about which a file says nothing."""

LEDGER_COLUMNS: Final = tuple(name for name in ledger_bulk.COLUMNS if name not in NOT_SAID)
"""What of a serial and its first event stands in a row."""

COLUMNS: Final = ("row", "state", *LEDGER_COLUMNS, "reason", "cells")
"""What a row is staged with. `reason` is why it cannot be imported; of a good row, how it looks unlike the others."""

_ALWAYS: Final = ("serial_number", "customer", "condition_notes")
"""Texts that a row in error has too."""

WARNED: Final = f"state = {NEW} AND (reason <> '' OR alike <> '')"
"""Which rows are good and have something to be said about them."""

LOST: Final = (
    "The line to the database broke, and with it what was read of the file. Nothing was written. Import it again."
)


class Counts(NamedTuple):
    """How many rows there are of each sort."""

    rows: int
    new: int
    warned: int
    """Of the new ones, those with a warning, which keeps nobody from importing them."""

    @property
    def errors(self) -> int:
        """Rows that cannot be imported."""
        return self.rows - self.new


class Rejected(NamedTuple):
    """A row that cannot be imported."""

    row: int
    """Its number in the file."""
    serial_number: str
    """As it stands there."""
    reason: str
    cells: str
    """JSON of the row's cells."""


class Warned(NamedTuple):
    """A good row about which something is to be said."""

    row: int
    """Its number in the file."""
    serial_number: str
    odd: str
    """How it looks unlike its item's other serials; empty where it does not."""
    alike: str
    """Which other serial it could be misread for; empty where there is none."""

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.odd} {self.alike}".strip()


def begin() -> None:
    """Make the empty table on this thread's connection, in place of an earlier one."""
    end()
    if is_sqlite():  # in a file that has no name, so that a million rows need no memory
        bound.execute_sql("PRAGMA temp_store = file")
    columns = [ledger_bulk.definition(name, null=name not in _ALWAYS) for name in LEDGER_COLUMNS]
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {TABLE} (row bigint PRIMARY KEY, state smallint NOT NULL, {', '.join(columns)}, "
        "reason text NOT NULL, cells text NOT NULL, alike text NOT NULL DEFAULT '')"
    )


def end() -> None:
    """Drop what this connection staged."""
    for table in (TABLE, _TWICE, _THERE, _ALIKE):
        bound.execute_sql(f"DROP TABLE IF EXISTS {_temporary(table)}")
    ledger_bulk.end()


def require() -> None:
    """Make sure that the rows are still there.

    Raises:
        Changed: the connection is another one by now.
    """
    sql = "SELECT 1 FROM sqlite_temp_master WHERE name = ?" if is_sqlite() else "SELECT to_regclass(%s)"
    found = bound.execute_sql(sql, (TABLE if is_sqlite() else _temporary(TABLE),)).fetchone()
    if not found or found[0] is None:
        raise Changed(LOST)


def add(rows: Sequence[Sequence[Any]]) -> None:
    """Stage rows, each with a value for each of `COLUMNS`."""
    with _transaction():
        bulk.insert(TABLE, COLUMNS, rows)


def counts() -> Counts:
    """Count the rows."""
    require()
    rows, errors, warned = bound.execute_sql(
        f"SELECT count(*), coalesce(sum(state), 0), (SELECT count(*) FROM {TABLE} WHERE {WARNED}) FROM {TABLE}"
    ).fetchone()
    return Counts(rows, rows - int(errors), warned)


def judge_together(*, against_items: bool = True) -> None:
    """Mark rows whose serial stands twice in the file, or is on its item already, and warn of those that look like
    another one; after all rows are staged.

    Args:
        against_items: whether any of the rows' items had serials when the rows were judged; else there is nothing
            that a row could look like but another row.
    """
    with _transaction():
        bound.execute_sql(f"CREATE INDEX import_rows_new ON {TABLE} (item_id, serial_key) WHERE state = {NEW}")
        if not is_sqlite():
            bound.execute_sql(f"ANALYZE {TABLE}")
        _mark_repeated()
        bound.execute_sql(f"CREATE INDEX import_rows_wrong ON {TABLE} (row) WHERE state = {ERROR}")
    mark_existing()
    with _transaction():
        prepare(TABLE)
        find(TABLE, _ALIKE, against_items=against_items)
        say(TABLE, _ALIKE)
        bound.execute_sql(f"DROP TABLE {_temporary(_ALIKE)}")
        bound.execute_sql(f"CREATE INDEX import_rows_warned ON {TABLE} (row) WHERE {WARNED}")


def _mark_repeated() -> None:
    """The first row of a serial stays, later ones name it."""
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {_TWICE} AS SELECT item_id, serial_key, min(row) AS first FROM {TABLE} "
        f"WHERE state = {NEW} GROUP BY item_id, serial_key HAVING count(*) > 1"
    )
    same = f"t.item_id = {TABLE}.item_id AND t.serial_key = {TABLE}.serial_key AND t.first < {TABLE}.row"
    bound.execute_sql(f"CREATE INDEX import_twice_key ON {_TWICE} (item_id, serial_key)")
    bound.execute_sql(
        f"UPDATE {TABLE} SET state = {ERROR}, reason = serial_number || ' is in row ' || "
        f"(SELECT t.first FROM {_TWICE} t WHERE {same}) || ' already. Leave one of them out.' "
        f"WHERE state = {NEW} AND EXISTS (SELECT 1 FROM {_TWICE} t WHERE {same})"
    )
    bound.execute_sql(f"DROP TABLE {_temporary(_TWICE)}")


def has_existing() -> bool:
    """Whether a good row's serial is on its item by now."""
    found = bound.execute_sql(
        f"SELECT 1 FROM {TABLE} r CROSS JOIN serials s WHERE r.state = {NEW} AND s.item_id = r.item_id "
        "AND s.serial_key = r.serial_key LIMIT 1"
    )
    return found.fetchone() is not None


def mark_existing() -> int:
    """Mark rows whose serial is on its item by now; how many."""
    require()
    with _transaction():
        bound.execute_sql(f"DROP TABLE IF EXISTS {_temporary(_THERE)}")
        # The cross join makes the staged rows the outer loop: they are looked up, not the item's million others.
        bound.execute_sql(
            f"CREATE TEMPORARY TABLE {_THERE} AS SELECT r.row AS row, s.id AS serial_id FROM {TABLE} r "
            f"CROSS JOIN serials s WHERE r.state = {NEW} AND s.item_id = r.item_id AND s.serial_key = r.serial_key"
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
            _give_reasons(said)
        marked += len(rows)
        last = rows[-1][0]
    return marked


def _give_reasons(said: Sequence[tuple[str, int]]) -> None:
    if is_sqlite():
        with bulk.errors_of_driver():
            bound.connection().executemany(f"UPDATE {TABLE} SET state = {ERROR}, reason = ? WHERE row = ?", said)
        return
    for part in bulk.blocks(said, 1_000):
        values = ", ".join(["(%s, %s::bigint)"] * len(part))
        bound.execute_sql(
            f"UPDATE {TABLE} SET state = {ERROR}, reason = v.reason FROM (VALUES {values}) AS v (reason, row) "
            f"WHERE {TABLE}.row = v.row",
            [value for one in part for value in one],
        )


def rejected(limit: int | None = None) -> Iterator[Rejected]:
    """The rows that cannot be imported, in the order of the file."""
    return map(Rejected._make, _rows("row, serial_number, reason, cells", f"state = {ERROR}", limit))


def warned(limit: int | None = None, *, after: int = -1) -> Iterator[Warned]:
    """The good rows with a warning, in the order of the file.

    Args:
        limit: how many at most.
        after: the row behind which to begin.
    """
    return map(Warned._make, _rows("row, serial_number, reason, alike", WARNED, limit, after))


def _rows(columns: str, where: str, limit: int | None, last: int = -1) -> Iterator[tuple[Any, ...]]:
    require()
    left = limit
    while left is None or left > 0:
        size = bulk.BLOCK if left is None else min(left, bulk.BLOCK)
        rows = bound.execute_sql(
            f"SELECT {columns} FROM {TABLE} WHERE {where} AND row > {bound.param} ORDER BY row LIMIT {size}", (last,)
        ).fetchall()
        if not rows:
            return
        yield from rows
        last, left = rows[-1][0], None if left is None else left - len(rows)


def make_ready() -> ledger_bulk.Totals:
    """Copy the good rows to where they are written from.

    Raises:
        Changed: they are gone with a broken connection.
    """
    require()
    with _transaction():
        ledger_bulk.begin()
        values = {**NOT_SAID, "customer": "CASE WHEN customer_id IS NULL THEN customer ELSE '' END"}
        bound.execute_sql(
            f"INSERT INTO {ledger_bulk.TABLE} ({', '.join(ledger_bulk.COLUMNS)}) "
            f"SELECT {', '.join(values.get(name, name) for name in ledger_bulk.COLUMNS)} FROM {TABLE} "
            f"WHERE state = {NEW} ORDER BY {ledger_bulk.ORDER}"
        )
    return ledger_bulk.totals()


def customers() -> list[str]:
    """Names of customers of good rows that do not exist yet."""
    rows = bound.execute_sql(
        f"SELECT DISTINCT customer FROM {TABLE} WHERE state = {NEW} AND customer <> '' AND customer_id IS NULL "
        "ORDER BY customer"
    )
    return [name for (name,) in rows.fetchall()]


def _temporary(table: str) -> str:
    return f"temp.{table}" if is_sqlite() else f"pg_temp.{table}"


def _transaction() -> Any:
    """One that takes no lock on SQLite: only the connection's own tables are written in it."""
    return bound.obj.atomic("DEFERRED") if is_sqlite() else bound.obj.atomic()


class RowsShown(Enum):
    """Which rows are in the list."""

    ALL = "true"
    ERRORS = f"state = {ERROR}"
    """Those that cannot be imported."""
    WARNINGS = WARNED
    """Those that can, and about which something is to be said."""


class Previewed(NamedTuple):
    """Where the preview finds a field of a row that is staged."""

    sql: str
    """An expression over the staged rows `r` and `join`."""
    join: str = ""


PREVIEWED: Final[Mapping[Field, Previewed]] = {
    Field.SERIAL_NUMBER: Previewed("r.serial_number"),
    Field.ITEM: Previewed("i.sku", "LEFT JOIN items i ON i.id = r.item_id"),
    Field.LOCATION: Previewed("l.code", "LEFT JOIN locations l ON l.id = r.location_id"),
    Field.STATUS: Previewed("t.label", "LEFT JOIN statuses t ON t.id = r.status_id"),
    Field.CUSTOMER: Previewed("r.customer"),
    Field.DATE_RECEIVED: Previewed("r.date_received"),
}
"""The fields that the preview has, in its order."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What would become of one row: `row[Field.ITEM]` is its value of a field in `PREVIEWED`."""

    row: int
    """Its number in the file."""
    is_new: bool
    """Whether it can be imported."""
    values: Mapping[Field, str]
    """What is in the database, such as the label of a status; else what stands in the file."""
    reason: str
    """Why it cannot be imported; empty where it can."""
    warning: str = ""
    """What looks odd about a row that can be imported; empty where nothing does."""

    @property
    def key(self) -> str:
        """The number, as text."""
        return str(self.row)

    def __getitem__(self, name: Field) -> str:
        return self.values[name]


class ImportRowSource:
    """All rows, those in error or those with a warning; see `models.paging.RowSource`."""

    def __init__(self, mapping: Mapping[int, Field], shown: RowsShown = RowsShown.ALL) -> None:
        """Make it.

        Args:
            mapping: what each column of the file is.
            shown: which rows.
        """
        self._columns = {name: column for column, name in mapping.items()}
        self._where = f"WHERE {shown.value}"

    def count(self) -> int:
        """How many there are.

        Raises:
            Changed: the rows are gone with a broken connection.
        """
        require()
        return int(bound.execute_sql(f"SELECT count(*) FROM {TABLE} r {self._where}").fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[ImportRow]:
        """Read rows from the one at `offset` on."""
        require()
        names = ", ".join(field.sql for field in PREVIEWED.values())
        joins = " ".join(field.join for field in PREVIEWED.values() if field.join)
        rows = bound.execute_sql(
            f"SELECT r.row, r.state, trim(r.reason || ' ' || r.alike), CASE r.state WHEN {ERROR} THEN r.cells END, "
            f"{names} FROM {TABLE} r {joins} {self._where} ORDER BY r.row LIMIT {int(limit)} OFFSET {int(offset)}"
        )
        return [self._row(*row) for row in rows.fetchall()]

    def index_of(self, key: str) -> int | None:
        """How many rows stand before this one; None where it is not there."""
        require()
        one, where = bound.param, f"FROM {TABLE} r {self._where}"
        if bound.execute_sql(f"SELECT 1 {where} AND r.row = {one}", (int(key),)).fetchone() is None:
            return None
        return int(bound.execute_sql(f"SELECT count(*) {where} AND r.row < {one}", (int(key),)).fetchone()[0])

    def _row(self, row: int, state: int, said: str, cells: str | None, *staged: object) -> ImportRow:
        given: list[str] = json.loads(cells) if cells else []

        def as_given(name: Field) -> str:
            column = self._columns.get(name, -1)
            return given[column] if 0 <= column < len(given) else ""

        values = {name: str(value) if value else as_given(name) for name, value in zip(PREVIEWED, staged, strict=True)}
        is_new = state == NEW
        return ImportRow(row, is_new, values, "" if is_new else said, said if is_new else "")

"""Bulk statements: `executemany` on SQLite, COPY on PostgreSQL, with ids reserved in advance.

Ten times faster than Peewee's bulk insert. Constraints and triggers stay in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

import peewee

from models.database.connection import tidying
from models.database.faults import driver_errors
from models.schema import bound, is_sqlite, whole_number

T = TypeVar("T")

BLOCK = 5_000
"""Maximum rows, ids or keys per statement."""

ROOM = 64_000
"""SQLite page cache during large writes, in KiB."""

_SINGLE = 4
"""Up to this many rows an INSERT is cheaper than a COPY, which is several messages."""


def blocks(values: Iterable[T], size: int = BLOCK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while block := list(islice(rest, size)):
        yield block


def placeholders(count: int) -> str:
    """`?, ?, ?` in the parameter style of the open database."""
    return ", ".join([bound.param] * count)


def one_of(column: str, ids: Sequence[int]) -> tuple[str, list[Any]]:
    """The condition that a column has one of these ids, and its values.

    PostgreSQL gets them as one array: thousands of placeholders take the driver and the server milliseconds.
    """
    if is_sqlite():
        return f"{column} IN ({placeholders(len(ids))})", list(ids)
    return f"{column} = ANY({bound.param}::bigint[])", [f"{{{','.join(map(str, ids))}}}"]


def one_of_texts(column: str, texts: Sequence[str]) -> tuple[str, list[Any]]:
    """As `one_of`, for texts."""
    if is_sqlite():
        return f"{column} IN ({placeholders(len(texts))})", list(texts)
    return f"{column} = ANY({bound.param}::text[])", [list(texts)]


def sums(table: str, sql: str, ids: Sequence[int]) -> dict[int, int]:
    """The sums that a query finds, by id.

    Args:
        table: of the numbers, for the error.
        sql: selects an id and a sum made by `schema.summed`; `{}` stands for the placeholders of the ids.

    Raises:
        WrongValueError: a row is damaged.
    """
    if not ids:
        return {}
    rows = bound.execute_sql(sql.format(placeholders(len(ids))), list(ids)).fetchall()
    return {row[0]: whole_number(row[1], table) for row in rows}


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows; each has one value per column.

    Raises:
        peewee.IntegrityError: a row violates a constraint.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if is_sqlite():
        with errors_of_driver():  # past Peewee, which has no `executemany`
            sql = f"INSERT INTO {table} ({names}) VALUES ({placeholders(len(columns))})"
            bound.connection().executemany(sql, rows)
    elif len(rows) <= _SINGLE:
        values = ", ".join([f"({placeholders(len(columns))})"] * len(rows))
        bound.execute_sql(f"INSERT INTO {table} ({names}) VALUES {values}", [value for row in rows for value in row])
    else:
        with errors_of_driver(), bound.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def update(table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Give each of these rows its own values, in one statement.

    Args:
        kinds: the SQL type of each column; the last column is the key.
        rows: a value for each column.

    Raises:
        peewee.IntegrityError: a row violates a constraint.
    """
    *columns, key = kinds
    if is_sqlite():
        sets = ", ".join(f"{column} = ?" for column in columns)
        with errors_of_driver():
            bound.connection().executemany(f"UPDATE {table} SET {sets} WHERE {key} = ?", rows)
        return
    sets = ", ".join(f"{column} = v.{column}" for column in columns)
    source, values = arrays(kinds, rows)
    bound.execute_sql(f"UPDATE {table} SET {sets} FROM {source} AS v WHERE {table}.{key} = v.{key}", values)


def arrays(kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Rows as a table of PostgreSQL, one array a column: the SQL without its alias `v`, and its values.

    Args:
        kinds: the SQL type of each column.
        rows: a value for each column.
    """
    values = ", ".join(f"%s::{kind}[]" for kind in kinds.values())
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    return f"(SELECT * FROM unnest({values}) AS a ({', '.join(kinds)}))", columns


@contextmanager
def large_page_cache() -> Iterator[None]:
    """Enlarge SQLite's page cache during large writes, so that the pages of all indexes fit at once.

    With the usual size SQLite rewrites and rereads pages, and the write lock is held twice as long.
    """
    if not is_sqlite():
        yield
        return
    before = bound.execute_sql("PRAGMA cache_size").fetchone()[0]
    bound.execute_sql(f"PRAGMA cache_size = {-ROOM}")
    try:
        yield
    finally:
        with tidying(bound.obj):
            bound.execute_sql(f"PRAGMA cache_size = {before}")
            bound.execute_sql("PRAGMA shrink_memory")


def update_statistics(*tables: str) -> None:
    """Run VACUUM ANALYZE on PostgreSQL after a large write, instead of waiting minutes for autovacuum.

    Until statistics are current, a page of a long list takes a second instead of a millisecond. Not inside a
    transaction. Skipped without an error if the user lacks the right or the server is too busy.
    """
    if not is_sqlite():
        with suppress(*driver_errors()):
            # Directly: VACUUM refuses to share its message with the settings that other statements get.
            bound.connection().execute(
                f"VACUUM (ANALYZE, INDEX_CLEANUP OFF, TRUNCATE OFF, SKIP_LOCKED) {', '.join(tables)}"
            )


def each(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Execute a statement of SQLite for each of these rows of values.

    Raises:
        peewee.IntegrityError: a row violates a constraint.
    """
    with errors_of_driver():
        bound.connection().executemany(sql, rows)


def reserve_ids(table: str, count: int) -> list[int]:
    """Reserve ascending ids for `count` new rows; insert the rows before the next call, in the same transaction."""
    # On SQLite the transaction holds the write lock, so nobody else can take these ids before they are inserted.
    if is_sqlite():
        found = bound.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        first = (found[0] if found else 0) + 1
        return list(range(first, first + count))
    rows = bound.execute_sql(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count)
    )
    return [row[0] for row in rows.fetchall()]


def add_to(table: str, keys: Sequence[str], column: str, amounts: Mapping[tuple[int, ...], int]) -> None:
    """Add each amount to `column` of the row with this key, creating missing rows.

    Existing rows are locked first, in key order, so that two writers cannot deadlock.

    Raises:
        peewee.IntegrityError: a sum fell below zero, or a row to subtract from is missing.
    """
    changed = sorted((key, amount) for key, amount in amounts.items() if amount)
    lock(table, keys, column, [key for key, _ in changed])
    gains = [(*key, amount) for key, amount in changed if amount > 0]
    losses = [(*key, amount) for key, amount in changed if amount < 0]
    names, match = ", ".join((*keys, column)), ", ".join(keys)
    for part in blocks(gains, 500):
        values = ", ".join([f"({placeholders(len(keys) + 1)})"] * len(part))
        bound.execute_sql(
            f"INSERT INTO {table} ({names}) VALUES {values} "
            f"ON CONFLICT ({match}) DO UPDATE SET {column} = {table}.{column} + excluded.{column}",
            [value for row in part for value in row],
        )
    # Not an upsert: the CHECK constraint would refuse the negative amount as a row to insert.
    for part in blocks(losses, 500):
        one = " AND ".join(f"{key} = {bound.param}" for key in keys)
        cases = " ".join([f"WHEN {one} THEN {bound.param}"] * len(part))
        found = bound.execute_sql(
            f"UPDATE {table} SET {column} = {column} + CASE {cases} ELSE 0 END WHERE {_any_of(keys, len(part))}",
            [value for row in part for value in row] + [value for row in part for value in row[:-1]],
        ).rowcount
        if found != len(part):
            msg = f"{table}: a row to be taken from is missing"
            raise peewee.IntegrityError(msg)


def lock(table: str, keys: Sequence[str], column: str, wanted: Iterable[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    """Lock the existing rows with these keys, in key order, until the transaction ends.

    SQLite needs no row locks: its write transaction locks the whole database.

    Returns:
        The value of `column` by key.

    Raises:
        WrongValueError: a row is damaged, and SQLite would add to it as if it were 0.
    """
    names = ", ".join(keys)
    found: dict[tuple[int, ...], int] = {}
    for part in blocks(sorted(wanted), 500):
        rows = bound.execute_sql(
            f"SELECT {column}, {names} FROM {table} WHERE {_any_of(keys, len(part))} ORDER BY {names}"
            + ("" if is_sqlite() else " FOR UPDATE"),
            [value for key in part for value in key],
        )
        found.update((tuple(key), whole_number(value, table)) for value, *key in rows.fetchall())
    return found


def _any_of(keys: Sequence[str], count: int) -> str:
    return f"({', '.join(keys)}) IN (VALUES {', '.join([f'({placeholders(len(keys))})'] * count)})"


class errors_of_driver:  # noqa: N801 - reads as a verb in `with`
    """Translate the driver's errors into Peewee's, as `execute_sql` does."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Translate by the DB-API base class of the error."""
        if kind is None or error is None or issubclass(kind, peewee.PeeweeException):
            return
        for ancestor in kind.__mro__:
            if re.fullmatch(r"sqlite3|psycopg(\.errors)?", ancestor.__module__):
                ours = getattr(peewee, ancestor.__name__, None)
                if isinstance(ours, type) and issubclass(ours, peewee.PeeweeException):
                    raise ours(error, *error.args) from error

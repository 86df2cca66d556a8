"""Many rows at the driver's speed: `executemany` on SQLite, COPY on PostgreSQL, ids reserved first.

Peewee's own bulk insert is ten times slower. Constraints and triggers stay in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

import peewee

from models.schema import bound, is_sqlite

T = TypeVar("T")

BLOCK = 5_000
"""Rows, ids or keys in one statement."""

ROOM = 64_000
"""Kibibytes for pages of SQLite's file while very many rows are written."""

_SINGLE = 4
"""Up to so many rows an INSERT costs less than a COPY."""


def blocks(values: Iterable[T], size: int = BLOCK) -> Iterator[list[T]]:
    """The values in lists of `size`."""
    rest = iter(values)
    while block := list(islice(rest, size)):
        yield block


def placeholders(count: int) -> str:
    """`?, ?, ?` in the open database's spelling."""
    return ", ".join([bound.param] * count)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, each with a value for each column.

    Raises:
        peewee.IntegrityError: a constraint refused one of them.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if is_sqlite():
        with errors_of_driver():
            sql = f"INSERT INTO {table} ({names}) VALUES ({placeholders(len(columns))})"
            bound.connection().executemany(sql, rows)
    elif len(rows) <= _SINGLE:
        values = ", ".join([f"({placeholders(len(columns))})"] * len(rows))
        bound.execute_sql(f"INSERT INTO {table} ({names}) VALUES {values}", [value for row in rows for value in row])
    else:
        with errors_of_driver(), bound.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def roomy() -> Iterator[None]:
    """Give SQLite room for the pages of all indexes at once while very many rows are written.

    With less it writes and reads pages again and again, and the write lock is held for twice as long.
    """
    if not is_sqlite():
        yield
        return
    before = bound.execute_sql("PRAGMA cache_size").fetchone()[0]
    bound.execute_sql(f"PRAGMA cache_size = {-ROOM}")
    try:
        yield
    finally:
        bound.execute_sql(f"PRAGMA cache_size = {before}")
        bound.execute_sql("PRAGMA shrink_memory")


def look_at(*tables: str) -> None:
    """Let PostgreSQL learn what very many new rows are like, as it does by itself some minutes later.

    Until it has, it takes a second for a page of a long list that takes it a millisecond. Not inside a transaction.
    A server that does not let this user, or is too busy, goes without.
    """
    if not is_sqlite():
        with suppress(peewee.DatabaseError):
            bound.execute_sql(f"VACUUM (ANALYZE, INDEX_CLEANUP OFF, TRUNCATE OFF, SKIP_LOCKED) {', '.join(tables)}")


def reserve_ids(table: str, count: int) -> list[int]:
    """Ids for `count` new rows, rising, used by nobody else; insert them before the next call, in one transaction."""
    if is_sqlite():
        found = bound.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
        first = (found[0] if found else 0) + 1
        return list(range(first, first + count))
    rows = bound.execute_sql(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count)
    )
    return [row[0] for row in rows.fetchall()]


def reserve_range(table: str, count: int) -> range:
    """`count` consecutive ids for new rows of a table into which nobody else writes now; inside a transaction."""
    if is_sqlite():
        ids = reserve_ids(table, 1)
        return range(ids[0], ids[0] + count)
    last = bound.execute_sql(
        "SELECT setval(name, nextval(name) + %s) FROM pg_get_serial_sequence(%s, 'id') AS name", (count - 1, table)
    ).fetchone()[0]
    return range(last - count + 1, last + 1)


def add_to(table: str, keys: Sequence[str], column: str, amounts: Mapping[tuple[int, ...], int]) -> None:
    """Add each amount to `column` of the row with these keys, making the row where there is none.

    Rows that are there are locked first, in key order, so that two writers do not wait for each other in a ring.

    Raises:
        peewee.IntegrityError: a sum fell below zero.
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
    # A loss cannot go through the same statement: its row would be checked as if it were to be inserted.
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
    """Lock those of the rows with these keys that are there, in key order, until the transaction ends.

    Returns:
        The value of `column` by key.
    """
    names = ", ".join(keys)
    found: dict[tuple[int, ...], int] = {}
    for part in blocks(sorted(wanted), 500):
        rows = bound.execute_sql(
            f"SELECT {column}, {names} FROM {table} WHERE {_any_of(keys, len(part))} ORDER BY {names}"
            + ("" if is_sqlite() else " FOR UPDATE"),
            [value for key in part for value in key],
        )
        found.update((tuple(key), value) for value, *key in rows.fetchall())
    return found


def _any_of(keys: Sequence[str], count: int) -> str:
    return f"({', '.join(keys)}) IN (VALUES {', '.join([f'({placeholders(len(keys))})'] * count)})"


class errors_of_driver:  # noqa: N801 - reads as a verb in `with`
    """Make the driver's own errors Peewee's, as `execute_sql` does."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Translate by the DB-API class among the error's ancestors."""
        if kind is None or error is None or issubclass(kind, peewee.PeeweeException):
            return
        for ancestor in kind.__mro__:
            if re.fullmatch(r"sqlite3|psycopg(\.errors)?", ancestor.__module__):
                ours = getattr(peewee, ancestor.__name__, None)
                if isinstance(ours, type) and issubclass(ours, peewee.PeeweeException):
                    raise ours(error, *error.args) from error

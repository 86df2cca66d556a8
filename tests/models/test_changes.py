"""The change mark: it differs exactly when another connection has committed something."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from models.changes import change_mark
from models.database.connection import call, connect, disconnect, forget_connection
from models.items.items import create_item
from models.schema import Item
from tests.support.warehouse import Warehouse, together

TRIES = 1000
"""Marks to compare until two are alike: tests of other databases of the server have transactions of their own."""

Execute = Callable[[str], Any]


@contextmanager
def another(database: Any, url: str) -> Iterator[Execute]:
    """Another connection, that of no Serialdock."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(database.database, isolation_level=None)) as connection:
            yield lambda statement: connection.execute(statement).fetchall()
    else:
        import psycopg

        with closing(psycopg.connect(url, autocommit=True)) as connection:
            yield connection.execute


@pytest.fixture
def other(database: Any, migrated_url: str) -> Iterator[Execute]:
    with another(database, migrated_url) as execute:
        yield execute


def stays(database: Any, between: Callable[[], object]) -> bool:
    """Whether what is done between two marks can leave the mark as it is."""
    for _ in range(TRIES):
        before = change_mark(database)
        between()
        if change_mark(database) == before:
            return True
    return False


def write_something(execute: Execute) -> None:
    execute("UPDATE items SET version = version + 1")


def test_it_stays_while_nothing_is_written(database: Any, warehouse: Warehouse, other: Execute) -> None:
    assert stays(database, lambda: None)
    assert stays(database, lambda: list(Item.select())), "this connection has read"

    def read_in_a_transaction() -> None:
        other("BEGIN")
        assert other("SELECT * FROM items")
        other("COMMIT")

    assert stays(database, read_in_a_transaction), "another connection has read"


def test_it_changes_with_each_commit_of_another_connection(database: Any, warehouse: Warehouse, other: Execute) -> None:
    marks = [change_mark(database)]
    for _ in range(3):
        write_something(other)
        marks.append(change_mark(database))
    other("BEGIN")
    write_something(other)
    assert stays(database, lambda: None), "it is not committed"
    marks.append(change_mark(database))
    other("COMMIT")
    marks.append(change_mark(database))
    # The transaction of another Serialdock: a mark from before its commit and one from after differ.
    (made,) = together(database, [lambda: create_item(warehouse.boss, "HAMMER", "Hammer")])
    marks.append(change_mark(database))
    assert made.sku == "HAMMER"
    # Between begin and commit the mark may change on PostgreSQL, where the transaction has got its number.
    pairs = [pair for pair in itertools.pairwise(marks) if pair != (marks[3], marks[4])]
    assert all(before != after for before, after in pairs), marks


def test_a_long_transaction_that_began_before_others_is_noticed_at_its_end(
    database: Any, warehouse: Warehouse, migrated_url: str, other: Execute
) -> None:
    other("BEGIN")
    if migrated_url.startswith("sqlite"):
        other("SELECT * FROM items")  # SQLite has one writer: what is long is the transaction, not its lock
        before = change_mark(database)
    else:
        write_something(other)
        with another(database, migrated_url) as third:
            third("UPDATE settings SET value = '16' WHERE name = 'undo_minutes'")
        before = change_mark(database)
    assert stays(database, lambda: None)
    if migrated_url.startswith("sqlite"):
        write_something(other)
    other("COMMIT")
    assert change_mark(database) != before


def test_after_a_new_connection_it_differs(database: Any, warehouse: Warehouse, other: Execute) -> None:
    """What was committed while this thread had no connection is not missed."""
    for end in (disconnect, forget_connection):
        before = change_mark(database)
        write_something(other)
        end(database)
        connect(database)
        assert change_mark(database) != before


def test_it_is_one_statement_that_reads_no_table(database: Any, warehouse: Warehouse, other: Execute) -> None:
    """No settings come before it, and no question for permission: it carries no data."""
    connection = database.connection()
    if isinstance(connection, sqlite3.Connection):
        sent: list[str] = []
        connection.set_trace_callback(sent.append)
        call(database, change_mark, database)
        connection.set_trace_callback(None)
        assert sent == ["PRAGMA data_version"]
    else:
        call(database, change_mark, database)
        pid = connection.info.backend_pid
        ((sent_last,),) = other(f"SELECT query FROM pg_stat_activity WHERE pid = {pid}")
        assert sent_last == "SELECT pg_current_snapshot()"

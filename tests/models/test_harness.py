"""The test ground itself: each engine answers, and every test's database is its own."""

from __future__ import annotations

from typing import Any

import pytest

from models.database.connection import connect, disconnect, open_database


@pytest.mark.parametrize("turn", [1, 2])
def test_each_engine_answers_with_an_empty_database(engine: str, database_url: str, turn: int) -> None:
    database = open_database(database_url)
    connect(database)
    try:
        assert database.execute_sql("SELECT 1").fetchone() == (1,)
        assert database.get_tables() == []
        assert database_url.startswith(f"{engine}://")
        database.execute_sql(f"CREATE TABLE left_by_turn_{turn} (id integer)")
    finally:
        disconnect(database)


@pytest.mark.parametrize("turn", [1, 2])
def test_a_migrated_database_is_what_the_migrations_make_and_nothing_else(database: Any, turn: int) -> None:
    from models.migrations import migrate

    assert migrate(database) == []
    tables = set(database.get_tables())
    assert tables
    assert not {table for table in tables if table.startswith("left_by_turn")}
    database.execute_sql(f"CREATE TABLE left_by_turn_{turn} (id integer)")

"""Digests of rows: the same in Python, in SQL, in the migrations and in later versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.digests import digest, digest_sql, moment_text
from models.migrations.dialect import row_digest
from models.schema import bound, is_sqlite
from tests.support.cases import each
from tests.support.engines import ON_SQLITE

AT = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)

ROWS: list[tuple[Any, ...]] = [
    (1, "received", 7, None, "SN-1", ""),
    (1, None, None, None, None, None),
    (-5, "", "a\nb", "Ä€😀", "x" * 3_000, 0),
    (0, "'", '"', "\\", "%s ? {one}", "\x1d"),
]


def test_a_digest_never_changes() -> None:
    """Databases have it stored: another way to make it would call every row changed."""
    assert digest((1, "received", AT, None, "Ä")).hex() == "2a31b121b79cec9fda05f2692adbf65a"


def test_columns_that_come_later_and_are_empty_change_nothing() -> None:
    assert digest((1, "x")) == digest((1, "x", None)) == digest((1, "x", "", None))
    assert digest((1, "x")) != digest((1, None, "x"))


def digest_of_database(row: Sequence[Any], *, is_new: bool) -> bytes:
    names = [f"c{number}" for number in range(len(row))]
    sql = digest_sql(names, dict.fromkeys(names, bound.param), is_new=is_new)
    return bytes(bound.execute_sql(f"SELECT {sql}", row).fetchone()[0])


@each("row", ROWS)
def test_the_database_makes_the_same_digest(database: Any, row: tuple[Any, ...]) -> None:
    assert [digest_of_database(row, is_new=is_new) for is_new in (False, True)] == [digest(row)] * 2


@ON_SQLITE
def test_what_stands_behind_a_zero_character_is_digested(database: Any) -> None:
    """PostgreSQL stores no such character."""
    assert digest_of_database(("a\0b", 1), is_new=False) == digest(("a\0b", 1)) != digest(("a", 1))


def test_a_moment_is_digested_as_sqlite_stores_it(database: Any) -> None:
    assert digest((AT,)) == digest((moment_text(AT),)) == row_digest((AT,))
    assert moment_text(AT) == "2026-03-02 08:15:00.000000+00:00"
    assert is_sqlite() or digest((bound.execute_sql("SELECT %s::timestamptz", (AT,)).fetchone()[0],)) == digest((AT,))


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.just(AT))))
def test_migrations_make_the_same_digest(row: list[Any]) -> None:
    assert row_digest(row) == digest(row)

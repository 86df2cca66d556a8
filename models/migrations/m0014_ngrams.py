"""Serials are found by any part of their text without reading all of them: an index of n-grams, written behind them."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

STATEMENTS = (
    "CREATE TABLE serial_segments (segment {big} PRIMARY KEY, complete boolean NOT NULL)",
    "CREATE TABLE serial_ngrams (id {big} PRIMARY KEY, blocks {bytes} NOT NULL)",
)


def up(database: Any, dialect: Dialect) -> None:
    """Make the tables; `models.ngrams` fills them, a segment at a time, since a large database takes minutes."""
    big, binary = ("integer", "blob") if dialect.sqlite else ("bigint", "bytea")
    for statement in STATEMENTS:
        database.execute_sql(statement.format(big=big, bytes=binary))

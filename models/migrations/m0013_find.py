"""Serials and their earlier texts are found by their last characters."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

LAST = 10
"""SQLite has no `reverse`; its expression takes this many characters, since each one costs time in an import."""


def reversed_sql(column: str, dialect: Dialect) -> str:
    """The expression of the index: a key backwards, on SQLite its last characters."""
    if not dialect.sqlite:
        return f"reverse({column})"
    return " || ".join(f"substr({column}, -{place}, 1)" for place in range(1, LAST + 1))


def up(database: Any, dialect: Dialect) -> None:
    """Make the indexes. They are of expressions, so the database itself keeps them right, whatever writes a key."""
    for table, column in (("serials", "serial_key"), ("serial_aliases", "alias_key")):
        database.execute_sql(f"CREATE INDEX {table}_end ON {table} (({reversed_sql(column, dialect)}))")

"""Columns and indexes for the lists of locations and documents: who changed a location last, documents by date."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

STATEMENTS = (
    "ALTER TABLE locations ADD COLUMN version integer NOT NULL DEFAULT 1",
    "ALTER TABLE locations ADD COLUMN changed_at {moment}",
    "ALTER TABLE locations ADD COLUMN changed_by_id integer REFERENCES users",
    "CREATE INDEX documents_at ON documents (at)",
)


def up(database: Any, dialect: Dialect) -> None:
    """Add columns and index."""
    for statement in STATEMENTS:
        database.execute_sql(statement.format(moment=dialect.moment))

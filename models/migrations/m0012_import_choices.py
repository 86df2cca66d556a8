"""Choices remembered for files with the same header: its row, encoding, order of dates, whether cells are split."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

STATEMENTS = (
    "ALTER TABLE import_mappings ADD COLUMN header_row integer",
    "ALTER TABLE import_mappings ADD COLUMN encoding text",
    "ALTER TABLE import_mappings ADD COLUMN dates text",
    "ALTER TABLE import_mappings ADD COLUMN split boolean NOT NULL DEFAULT {no}",
)


def up(database: Any, dialect: Dialect) -> None:
    """Add the columns."""
    for statement in STATEMENTS:
        database.execute_sql(statement.format(no="0" if dialect.sqlite else "false"))

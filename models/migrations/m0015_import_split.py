"""One more choice remembered for files with the same header: a cell with several serials is one serial."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

STATEMENT = "ALTER TABLE import_mappings ADD COLUMN as_one boolean NOT NULL DEFAULT {no}"


def up(database: Any, dialect: Dialect) -> None:
    """Add the column."""
    database.execute_sql(STATEMENT.format(no="0" if dialect.sqlite else "false"))

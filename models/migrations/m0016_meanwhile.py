"""Version and last editor of customers and statuses, so that nobody writes over a change of somebody else unseen."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect


def up(database: Any, dialect: Dialect) -> None:
    """Add the columns; nothing is known of earlier changes."""
    for table in ("customers", "statuses"):
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN version integer NOT NULL DEFAULT 1")
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN changed_at {dialect.moment}")
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN changed_by_id integer REFERENCES users")

"""Settings of the database, the first of them its own id."""

from __future__ import annotations

import uuid
from typing import Any

from models.migrations.dialect import Dialect


def up(database: Any, dialect: Dialect) -> None:
    """Add the table and the settings that every database has.

    `database_id` tells a restored copy from another database. An account that nobody added becomes a viewer on
    SQLite, where whoever can open the file can read it anyway, and is refused on PostgreSQL.
    """
    database.execute_sql("CREATE TABLE settings (name text PRIMARY KEY CHECK (name <> ''), value text NOT NULL)")
    for name, value in (
        ("database_id", uuid.uuid4().hex),
        ("new_people", "viewers" if dialect.sqlite else "refused"),
    ):
        one = database.param
        database.execute_sql(f"INSERT INTO settings (name, value) VALUES ({one}, {one})", (name, value))

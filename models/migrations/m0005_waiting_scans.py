"""The number of the last scan of each station's session in the database, so that scans kept elsewhere come in once."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

STATEMENTS = """
ALTER TABLE drafts ADD COLUMN taken bigint NOT NULL DEFAULT 0;
CREATE TABLE scan_marks (session text PRIMARY KEY, taken bigint NOT NULL)
"""


def up(database: Any, dialect: Dialect) -> None:
    """Add the number of the last scan to a draft, and the table of the sessions that have left their drafts."""
    for statement in STATEMENTS.split(";"):
        database.execute_sql(statement)

"""Answers at a station before the serials: a customer, a reason, a transfer, the result of a repair."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

TABLE = """
CREATE TABLE draft_answers (
    draft_id bigint NOT NULL REFERENCES drafts, number integer NOT NULL CHECK (number > 0),
    ask text NOT NULL CHECK (ask <> ''), value text NOT NULL, shown text NOT NULL, taken_back boolean NOT NULL,
    scan text NOT NULL, user_id integer NOT NULL REFERENCES users, at {moment} NOT NULL,
    PRIMARY KEY (draft_id, number))
"""


def up(database: Any, dialect: Dialect) -> None:
    """Add the table."""
    database.execute_sql(TABLE.format(moment=dialect.moment))

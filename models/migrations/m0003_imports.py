"""Imported files, and how their columns were mapped."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

TABLES = """
CREATE TABLE imported_files (
    document_id bigint PRIMARY KEY REFERENCES documents, name text NOT NULL, size bigint NOT NULL CHECK (size >= 0),
    sha256 text NOT NULL CHECK (length(sha256) = 64), left_out bigint NOT NULL CHECK (left_out >= 0));
CREATE INDEX imported_files_sha256 ON imported_files (sha256, document_id);
CREATE TABLE import_mappings (
    header_key text PRIMARY KEY, columns text NOT NULL, at {moment} NOT NULL,
    user_id integer NOT NULL REFERENCES users)
"""


def up(database: Any, dialect: Dialect) -> None:
    """Add the tables."""
    for statement in TABLES.format(moment=dialect.moment).split(";"):
        database.execute_sql(statement)

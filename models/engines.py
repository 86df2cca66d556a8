"""The two database engines, each with the settings that were chosen for shared terminals."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import peewee

from models.database import LOCK_SECONDS, STATEMENT_SECONDS, wait_for

CONNECT_SECONDS = 8
"""How long a PostgreSQL server has to answer, where the URL does not say."""


class SqliteFile(peewee.SqliteDatabase):
    """A file in WAL mode; a write takes its lock at the beginning, so that two of them queue instead of failing."""

    def _add_conn_hooks(self, conn: sqlite3.Connection) -> None:
        super()._add_conn_hooks(conn)
        # Entering WAL mode is not covered by the busy time-out, and terminals may start together.
        if conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            wait_for(lambda: conn.execute("PRAGMA journal_mode=wal"))


class PostgresServer(peewee.PostgresqlDatabase):
    """A server reached by libpq, spoken to in UTC with time-outs."""

    def _initialize_connection(self, conn: Any) -> None:
        # A just-in-time compiled plan made deep pages five times slower.
        conn.execute(
            f"SET TIME ZONE 'UTC'; SET jit = off; SET statement_timeout = '{STATEMENT_SECONDS}s';"
            f"SET lock_timeout = '{LOCK_SECONDS:.0f}s'; SET idle_in_transaction_session_timeout = '10min';"
            "SET client_min_messages = 'warning'"
        )


def sqlite(path: Path) -> SqliteFile:
    """The database in a file."""
    return SqliteFile(
        str(path),
        pragmas={"foreign_keys": 1, "synchronous": "normal", "cache_size": -8000, "temp_store": "memory"},
        timeout=LOCK_SECONDS,
        lock_type="IMMEDIATE",
        autoconnect=False,
        check_same_thread=False,
    )


def postgresql(url: str) -> PostgresServer:
    """The database behind a libpq URI."""
    options: dict[str, Any] = {"application_name": "serialdock"}
    named = parse_qs(urlsplit(url).query)
    if "connect_timeout" not in named:
        options["connect_timeout"] = CONNECT_SECONDS
    try:
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is used

        # Parameters are sent within the text: typed by their literals, and never prepared into a generic plan.
        options["cursor_factory"] = psycopg.ClientCursor
    except ModuleNotFoundError:
        pass  # connecting says that the driver is missing
    return PostgresServer(url, prefer_psycopg3=True, autoconnect=False, **options)

"""The two database engines, each with the settings that were chosen for shared terminals."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import peewee

from models.address import without_password
from models.database.connection import LOCK_SECONDS, STATEMENT_SECONDS
from models.errors import DriverMissing, WrongAddress

CONNECT_SECONDS = 8
"""How long a PostgreSQL server has to answer, where the URL does not say."""

CACHE_KILOBYTES = 500
"""Pages of a file that a connection keeps. The system keeps the file too: with 8,000, neither a grid over a million
serials was ordered faster nor 100,000 were received faster, and the process was 8 MB larger."""


class SqliteFile(peewee.SqliteDatabase):
    """A file in WAL mode; a write takes its lock at the beginning, so that two of them queue instead of failing."""

    def _initialize_connection(self, conn: sqlite3.Connection) -> None:
        end = time.monotonic() + LOCK_SECONDS
        # Entering WAL mode is not covered by the busy time-out, and terminals may start together.
        # Where there can be no WAL (in memory, on some file systems) SQLite stays as it is and says so.
        while conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                conn.execute("PRAGMA journal_mode=wal")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.02)


class PostgresServer(peewee.PostgresqlDatabase):
    """A server reached by libpq, spoken to in UTC with time-outs."""

    def _initialize_connection(self, conn: Any) -> None:
        # A just-in-time compiled plan made deep pages five times slower.
        conn.execute(
            f"SET TIME ZONE 'UTC'; SET jit = off; SET statement_timeout = {STATEMENT_SECONDS * 1000:.0f};"
            f"SET lock_timeout = {LOCK_SECONDS * 1000:.0f}; SET idle_in_transaction_session_timeout = '10min';"
            "SET client_min_messages = 'warning'"
        )


def sqlite(path: Path) -> SqliteFile:
    """The database in a file."""
    return SqliteFile(
        str(path),
        pragmas={"foreign_keys": 1, "synchronous": "normal", "cache_size": -CACHE_KILOBYTES, "temp_store": "memory"},
        timeout=LOCK_SECONDS,
        lock_type="IMMEDIATE",
        autoconnect=False,
        check_same_thread=False,
    )


def postgresql(url: str) -> PostgresServer:
    """The database behind a libpq URI.

    Raises:
        DriverMissing: psycopg is not installed, or was left out of this process.
        WrongAddress: libpq does not understand the URI.
    """
    try:
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is used
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
    except ImportError as error:  # also where psycopg is there and libpq is not
        raise DriverMissing(
            "The PostgreSQL driver is not installed. Install it with: pip install 'serialdock[postgres]'"
        ) from error
    if peewee.psycopg is None:  # type: ignore[attr-defined]
        raise DriverMissing("The PostgreSQL driver was left out of this process. Start another one for this database.")
    try:
        named = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq's own words may quote a part of the password.
        raise WrongAddress(
            f"{without_password(url)} is no database address. Check it; in names and passwords write @ as %40, "
            "/ as %2F, ? as %3F and % as %25."
        ) from None
    options: dict[str, Any] = {"application_name": "serialdock"} if "application_name" not in named else {}
    if "connect_timeout" not in named:
        options["connect_timeout"] = CONNECT_SECONDS
    # Parameters are sent within the text: typed by their literals, and never prepared into a generic plan.
    options["cursor_factory"] = psycopg.ClientCursor
    return PostgresServer(url, prefer_psycopg3=True, autoconnect=False, **options)

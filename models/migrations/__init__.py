"""The runner of the numbered, hand-written migrations.

They run under a lock, so that programs that start at the same time on one database all succeed.
"""

from __future__ import annotations

import importlib
from typing import Any

from models import clock
from models.database.connection import SqliteFile, address, connect, translated
from models.errors import NotReady, TooNew, Unreachable
from models.migrations.dialect import POSTGRESQL, SQLITE, Dialect
from models.schema import moment_value

MIGRATIONS = ("m0001_serials", "m0002_drafts", "m0003_imports")
"""Module names in this package, in order; position + 1 is the schema version."""

CURRENT = len(MIGRATIONS)
"""The schema version that this program needs."""

_LOCK = 0x5E41A1D0
"""Number of the advisory lock on PostgreSQL."""

_TABLE = "serialdock_versions"
"""Table of applied migrations; its presence identifies a Serialdock database."""

_VERSIONS = f"""CREATE TABLE {_TABLE} (
    version integer PRIMARY KEY, name text NOT NULL, applied_at {{moment}} NOT NULL)"""

_TABLES_OF_OTHERS = """SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"""
"""Counts tables and views, except those of extensions."""


def version(database: Any) -> int:
    """The schema version of a connected database; 0 if it is empty.

    Raises:
        Unreachable: it holds another program's tables.
    """
    if _TABLE in database.get_tables():
        return int(database.execute_sql(f"SELECT coalesce(max(version), 0) FROM {_TABLE}").fetchone()[0])
    sqlite = isinstance(database, SqliteFile)
    others = "SELECT count(*) FROM sqlite_master" if sqlite else _TABLES_OF_OTHERS
    if database.execute_sql(others).fetchone()[0]:
        if _TABLE in database.get_tables():  # another process created them between the two queries
            return version(database)
        raise Unreachable(f"{address(database)} is another program's database. Name a new or an empty one.")
    return 0


def migrate(database: Any) -> list[str]:
    """Update a database to this program's schema version.

    Returns:
        The names of the migrations that were run; empty if it was up to date.

    Raises:
        TooNew: a newer Serialdock migrated it.
        DatabaseTrouble: it cannot be reached, is locked, or is another program's.
    """
    connect(database)
    with translated(database):
        if _checked(database) == CURRENT:
            return []
        done: list[str] = []
        sqlite = isinstance(database, SqliteFile)
        with database.atomic():  # on SQLite this takes the write lock at once
            if not sqlite:
                # No time-outs: another process may hold the lock for a long migration, or this one may be long.
                database.execute_sql("SET LOCAL lock_timeout = 0")
                database.execute_sql("SET LOCAL statement_timeout = 0")
                database.execute_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            # Read again under the lock: another process may have migrated while this one waited.
            start = _checked(database)
            dialect = SQLITE if sqlite else POSTGRESQL
            if start == 0:
                database.execute_sql(_VERSIONS.format(moment=dialect.moment))
            for number, name in enumerate(MIGRATIONS[start:], start + 1):
                _run(name, database, dialect)
                database.execute_sql(
                    f"INSERT INTO {_TABLE} VALUES ({database.param}, {database.param}, {database.param})",
                    (number, name, moment_value(clock.now())),
                )
                done.append(name)
        return done


def make_tables(database: Any, dialect: Dialect) -> None:
    """Run all migrations on an empty database without recording them, to inspect the schema they create."""
    for name in MIGRATIONS:
        _run(name, database, dialect)


def _run(name: str, database: Any, dialect: Dialect) -> None:
    importlib.import_module(f"models.migrations.{name}").up(database, dialect)


def require_current(database: Any) -> None:
    """Refuse a connected database whose schema version is not this program's.

    Raises:
        TooNew, NotReady
        Unreachable: it is another program's.
    """
    with translated(database):
        found = _checked(database)
    if found < CURRENT:
        state = f"has schema version {found}" if found else "is empty"
        raise NotReady(
            f"The database {address(database)} {state}; this program needs version {CURRENT}. "
            "Run serialdock migrate first."
        )


def _checked(database: Any) -> int:
    found = version(database)
    if found > CURRENT:
        raise TooNew(
            f"The database {address(database)} has schema version {found}, made by a newer Serialdock; this one knows "
            f"{CURRENT}. Update Serialdock on this machine."
        )
    return found

"""Numbered migrations, written by hand, run under a lock: programs that start together on one database all succeed."""

from __future__ import annotations

import importlib
from typing import Any

from models import clock
from models.database.connection import SqliteFile, address, connect, translated
from models.errors import NotReady, TooNew, Unreachable
from models.migrations.dialect import POSTGRESQL, SQLITE, Dialect
from models.schema import moment_value

MIGRATIONS = ("m0001_serials", "m0002_drafts", "m0003_imports")
"""Module names in this package, in order; the position + 1 is the schema's version."""

CURRENT = len(MIGRATIONS)
"""The schema version that this program needs."""

_LOCK = 0x5E41A1D0
"""The advisory lock's number on PostgreSQL."""

_TABLE = "serialdock_versions"
"""Which migrations were run; by its name a database of Serialdock is told from another program's."""

_VERSIONS = f"""CREATE TABLE {_TABLE} (
    version integer PRIMARY KEY, name text NOT NULL, applied_at {{moment}} NOT NULL)"""

_TABLES_OF_OTHERS = """SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"""
"""Counts tables and views, those of extensions left out."""


def version(database: Any) -> int:
    """The schema version of a connected database; 0 where it is empty.

    Raises:
        Unreachable: it holds another program's tables.
    """
    if _TABLE in database.get_tables():
        return int(database.execute_sql(f"SELECT coalesce(max(version), 0) FROM {_TABLE}").fetchone()[0])
    sqlite = isinstance(database, SqliteFile)
    others = "SELECT count(*) FROM sqlite_master" if sqlite else _TABLES_OF_OTHERS
    if database.execute_sql(others).fetchone()[0]:
        if _TABLE in database.get_tables():  # another program has just made them all, between the two looks
            return version(database)
        raise Unreachable(f"{address(database)} is another program's database. Name a new or an empty one.")
    return 0


def migrate(database: Any) -> list[str]:
    """Bring a database up to this program's schema.

    Returns:
        The names of the migrations that were run; empty where it was up to date.

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
                database.execute_sql("SET LOCAL lock_timeout = 0")
                database.execute_sql("SET LOCAL statement_timeout = 0")
                database.execute_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
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
    """Run all migrations on an empty database without noting that they were run, to see what they make."""
    for name in MIGRATIONS:
        _run(name, database, dialect)


def _run(name: str, database: Any, dialect: Dialect) -> None:
    importlib.import_module(f"models.migrations.{name}").up(database, dialect)


def require_current(database: Any) -> None:
    """Refuse a connected database that this program cannot read as it is.

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

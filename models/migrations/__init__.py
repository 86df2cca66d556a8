"""The runner of the numbered, hand-written migrations.

They run under a lock, so that programs that start at the same time on one database all succeed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from models import clock
from models.database.connection import SqliteFile, address, connect, translated
from models.database.used_servers import note_used, was_used
from models.errors import NotAllowed, NotReady, TooNew, Unreachable
from models.migrations import grants
from models.migrations.dialect import POSTGRESQL, SQLITE, Dialect
from models.schema import moment_value

MIGRATIONS = (
    "m0001_serials",
    "m0002_drafts",
    "m0003_imports",
    "m0004_settings",
    "m0005_waiting_scans",
    "m0006_stock_changes",
    "m0007_customer_keys",
    "m0008_verbs",
    "m0009_of_customers",
    "m0010_station_answers",
    "m0011_lists",
    "m0012_import_choices",
    "m0013_find",
    "m0014_ngrams",
    "m0015_import_split",
    "m0016_meanwhile",
    "m0017_orders",
)
"""Module names in this package, in order; position + 1 is the schema version."""

CURRENT = len(MIGRATIONS)
"""The schema version that this program needs."""

_LOCK = 0x5E41A1D0
"""Number of the advisory lock on PostgreSQL."""

_TABLE = grants.VERSIONS
"""Table of applied migrations; its presence identifies a Serialdock database."""

_VERSIONS = f"""CREATE TABLE {_TABLE} (
    version integer PRIMARY KEY, name text NOT NULL, applied_at {{moment}} NOT NULL)"""

_TABLES_OF_OTHERS = """SELECT count(*) FROM pg_catalog.pg_class c
    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace
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
    # Tables of another program, beside which ours must not be made.
    if database.execute_sql(others).fetchone()[0]:
        if _TABLE in database.get_tables():  # another process created them between the two queries
            return version(database)
        raise Unreachable(f"{address(database)} is another program's database. Name a new or an empty one.")
    return 0


def migrate(database: Any, tell: Callable[[str], None] | None = None, *, is_asked: bool = True) -> list[str]:
    """Update a database to this program's schema version.

    Args:
        tell: called after the commit with each sentence about data that a migration had to change.
        is_asked: whether a person wants tables there, and all rights to them; else they are not made in a server's
            database that had some when this account used it last, since a backup may be about to be restored into it.

    Returns:
        The names of the migrations that were run; empty if it was up to date.

    Raises:
        TooNew: a newer Serialdock migrated it.
        NotReady: its tables are gone, and nobody asks for new ones.
        DatabaseTrouble: it cannot be reached, is locked, or is another program's.
    """
    connect(database)
    with translated(database):
        done = [] if _checked(database) == CURRENT else _migrated(database, tell, is_asked=is_asked)
        if not isinstance(database, SqliteFile):
            if is_asked and not done and grants.owner(database) is None:
                with database.atomic():
                    grants.grant_anew(
                        database
                    )  # somebody may have taken rights away, or restored a backup without them
            note_used(address(database))
            database.learn()
        return done


def _migrated(database: Any, tell: Callable[[str], None] | None, *, is_asked: bool) -> list[str]:
    """Run the migrations that a database lacks."""
    sqlite = isinstance(database, SqliteFile)
    if not sqlite:
        _refuse_without_rights(database)
    done: list[str] = []
    notes: list[str] = []
    with database.atomic():  # on SQLite this takes the write lock at once
        if not sqlite:
            # No time-outs: another process may hold the lock for a long migration, or this one may be long.
            database.execute_sql("SET LOCAL lock_timeout = 0")
            database.execute_sql("SET LOCAL statement_timeout = 0")
            database.execute_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        # Read again under the lock: another process may have migrated while this one waited.
        start = _checked(database)
        if not (start or is_asked or sqlite):
            _refuse_emptied(database)
        dialect = SQLITE if sqlite else POSTGRESQL
        if start == 0:
            database.execute_sql(_VERSIONS.format(moment=dialect.moment))
        for number, name in enumerate(MIGRATIONS[start:], start + 1):
            notes += _run(name, database, dialect)
            database.execute_sql(
                f"INSERT INTO {_TABLE} VALUES ({database.param}, {database.param}, {database.param})",
                (number, name, moment_value(clock.now())),
            )
            done.append(name)
        if not sqlite:
            grants.grant_anew(database)
    if tell is not None:  # after the commit: what was rolled back changed nothing
        for note in notes:
            tell(note)
    return done


def _refuse_emptied(database: Any) -> None:
    if was_used(address(database)):
        raise NotReady(
            f"The database {address(database)} is empty, and had tables when this account used it last. A backup may "
            "be about to be restored; wait for it, then try again. To begin anew there, run serialdock migrate."
        )


def _refuse_without_rights(database: Any) -> None:
    """Refuse to migrate with a role that may not, instead of failing half-way with the server's words."""
    owner = grants.owner(database)
    if owner is None:
        return
    role = database.execute_sql("SELECT current_user").fetchone()[0]
    raise NotReady(
        f"The database {address(database)} has schema version {version(database)}; this program needs {CURRENT}, and "
        f"the role {role} may not change its tables. Their owner, {owner}, has to run serialdock migrate."
    )


def grant(database: Any, role: str) -> None:
    """Give a role of PostgreSQL the rights that the app needs, now and after later migrations; see `grants`.

    Raises:
        NotAllowed: the database is SQLite, the tables belong to somebody else, or no grant limits the role.
        NotFound: no such role.
    """
    if isinstance(database, SqliteFile):
        raise NotAllowed("Roles are granted on PostgreSQL. Who can write an SQLite file can do everything with it.")
    with translated(database), database.atomic():
        grants.grant(database, role)


def make_tables(database: Any, dialect: Dialect) -> None:
    """Run all migrations on an empty database without recording them, to inspect the schema they create."""
    for name in MIGRATIONS:
        _run(name, database, dialect)


def _run(name: str, database: Any, dialect: Dialect) -> list[str]:
    """Run a migration; it may return sentences about data that it changed."""
    return importlib.import_module(f"models.migrations.{name}").up(database, dialect) or []


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


def require_made(database: Any) -> None:
    """Refuse a connected database without tables, so that a mistyped address makes no new database.

    Raises:
        NotReady
        Unreachable: it is another program's.
    """
    with translated(database):
        if not version(database):
            raise NotReady(
                f"The database {address(database)} is empty. Check the address, or run serialdock migrate to make its "
                "tables."
            )


def _checked(database: Any) -> int:
    found = version(database)
    if found > CURRENT:
        raise TooNew(
            f"The database {address(database)} has schema version {found}, made by a newer Serialdock; this one knows "
            f"{CURRENT}. Update Serialdock on this machine."
        )
    return found

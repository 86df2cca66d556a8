"""Opening a database, one connection per thread, retry of reads, and translation of driver errors.

SQLite: one file in WAL mode, shared by the terminals of one host. PostgreSQL: any libpq URI, for several hosts.
Writes go through `models.database.unit`.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import peewee

from models.config import default_database
from models.database.address import is_sqlite_url, sqlite_path, without_password
from models.errors import Busy, DatabaseTrouble, DriverMissing, Unreachable, WrongAddress
from models.schema import bound

P = ParamSpec("P")
T = TypeVar("T")

LOCK_SECONDS = 10.0
"""How long a write waits for a lock before it fails."""

STATEMENT_SECONDS = 60.0
"""Statement time-out on PostgreSQL; quitting the program waits for the running statement."""


def open_database(url: str, *, create: bool = True) -> Any:
    """Bind the tables to a database. Does not connect; see `connect`.

    Args:
        url: `sqlite:///…`, a bare path, or `postgresql://…` (any libpq URI).
        create: accept a missing SQLite file, to be created, and create the folder of the default one.

    Returns:
        A `peewee.Database`, bound to the tables in this process.

    Raises:
        WrongAddress, DriverMissing, Unreachable
    """
    if is_sqlite_url(url):
        path = sqlite_path(url)
        _check_file(path, create=create)
        database: Any = sqlite(path)
    elif url.startswith(("postgresql://", "postgres://")):
        database = postgresql("postgresql://" + url.partition("://")[2])
    else:
        raise WrongAddress(
            f"{without_password(url)} is no database address. Write sqlite:///path, a bare path, or postgresql://…"
        )
    bound.initialize(database)
    return database


def _check_file(path: Path, *, create: bool) -> None:
    try:
        if path.is_dir():
            raise Unreachable(f"{path} is a folder, not a database file. Name a file in it.")
        if path.exists():
            if not path.is_file():
                raise Unreachable(f"{path} is a device or a pipe, not a database file. Name another file.")
            return
        if not create:
            raise Unreachable(f"There is no database at {path}. Check the path, or run serialdock migrate to make one.")
        if path == default_database():
            path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.is_dir():
            raise Unreachable(
                f"The folder {path.parent} does not exist, so no database can be made there. Make it first."
            )
    except OSError as error:
        raise Unreachable(f"The database {path} cannot be opened: {error.strerror}.") from error


def connect(database: Any) -> None:
    """Connect this thread, unless it has a usable connection.

    Raises:
        Unreachable, Busy
    """
    with translated(database):
        if not database.is_closed() and not database.is_connection_usable():
            forget_connection(database)
        try:
            database.connect(reuse_if_open=True)
        except BaseException:
            forget_connection(database)  # it may be open but not set up
            raise


def disconnect(database: Any) -> None:
    """Close this thread's connection, if it is open."""
    if not database.is_closed():
        database.close()


def forget_connection(database: Any) -> None:
    """Drop a broken connection, whatever state it is in."""
    # Peewee's close() would fail on an open transaction, so its state is reset directly.
    connection = database._state.conn
    database._state.reset()
    if connection is not None:
        with contextlib.suppress(*_driver_errors()):
            connection.close()


_units_begun = threading.local()


def note_unit() -> None:
    """Record that this thread has begun a write, so that `call` does not blindly retry it."""
    _units_begun.count = units_begun() + 1


def units_begun() -> int:
    """Number of write units begun by this thread."""
    return getattr(_units_begun, "count", 0)


_waiting: set[str] = set()


@contextlib.contextmanager
def write_lock(database: Any) -> Iterator[None]:
    """A write transaction; while it waits for SQLite's write lock, `is_waiting` is true for this thread."""
    name = threading.current_thread().name
    with contextlib.ExitStack() as stack:
        _waiting.add(name)
        try:
            stack.enter_context(database.atomic())
        finally:
            _waiting.discard(name)
        yield


def is_waiting(thread: str) -> bool:
    """Whether the thread of this name is waiting for another writer."""
    return thread in _waiting


def call(database: Any, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `function` with a working connection; after a lost connection it is retried once, unless it began a write.

    Raises:
        Refusal: from `function`.
        DatabaseTrouble: the database cannot be reached, is too busy, or refuses the statement.
    """
    before = units_begun()
    connect(database)
    with translated(database):
        try:
            return function(*args, **kwargs)
        except _driver_errors():
            if not is_lost(database) or units_begun() != before:
                raise
            forget_connection(database)
        connect(database)
        return function(*args, **kwargs)


def is_lost(database: Any) -> bool:
    """Whether this thread's connection to PostgreSQL is broken."""
    return not is_sqlite_url_of(database) and not database.is_closed() and not database.is_connection_usable()


def is_sqlite_url_of(database: Any) -> bool:
    """Whether an open database is SQLite."""

    return isinstance(database, SqliteFile)


def address(database: Any) -> str:
    """The database's address for display: a path, or a URL without its password."""
    return without_password(str(database.database))


# ----- driver errors as messages

_BUSY = (Busy, "The database {name} is busy with somebody else's work. Nothing was written; try again in a moment.")
_SLOW = (Busy, "The database {name} took too long to answer. Nothing was written; try again in a moment.")
_READ_ONLY = (
    Unreachable,
    "The database {name} cannot be written. Ask your administrator for write access to it and its folder.",
)
_FULL = (Unreachable, "The disk of the database {name} is full. Nothing was written; make room, then try again.")
_UNREADABLE = (
    Unreachable,
    "The database {name} cannot be read: {text}. Check the file, its folder and the disk.",
)

_KNOWN: dict[str, tuple[type[DatabaseTrouble], str]] = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_FULL": _FULL,
    "SQLITE_NOTADB": (Unreachable, "{name} is not a Serialdock database. Name another file."),
    "SQLITE_CANTOPEN": _UNREADABLE,
    "SQLITE_CORRUPT": _UNREADABLE,
    "SQLITE_IOERR": _UNREADABLE,
    "SQLITE_PERM": _UNREADABLE,
    "40001": _BUSY,  # serialization failure
    "40P01": _BUSY,  # deadlock
    "55P03": _BUSY,  # lock time-out
    "57014": _SLOW,  # statement time-out, or cancelled by the server's administrator
    "25006": _READ_ONLY,
    "53100": _FULL,
    "42501": (Unreachable, "The database {name} does not let you do this: {text}. Ask your administrator."),
    "3F000": (Unreachable, "The database {name} has no schema for the tables: {text}. Ask your administrator."),
}
"""SQLite's primary result code or PostgreSQL's SQLSTATE → error and message. Not by the text, which is localised."""


@contextlib.contextmanager
def translated(database: Any) -> Iterator[None]:
    """Turn driver errors that the user can act on into `DatabaseTrouble`; others pass through."""
    try:
        yield
    except _driver_errors() as error:
        trouble = _trouble(database, error)
        if trouble is None:
            raise
        raise trouble from error


def error_code(error: BaseException) -> str:
    """SQLite's primary result code (`SQLITE_BUSY`) or PostgreSQL's SQLSTATE (`40P01`); empty if there is none."""
    original = getattr(error, "orig", error)
    if isinstance(original, sqlite3.Error):
        return "_".join(str(getattr(original, "sqlite_errorname", "")).split("_")[:2])
    return str(getattr(original, "sqlstate", "") or "")


def _trouble(database: Any, error: Exception) -> DatabaseTrouble | None:
    first, _, _ = str(error).strip().partition("\n")
    if known := _KNOWN.get(error_code(error)):
        kind, sentence = known
        return kind(sentence.format(name=address(database), text=first.rstrip(".")))
    if not is_sqlite_url_of(database) and (database.is_closed() or not database.is_connection_usable()):
        return Unreachable(f"The database {address(database)} cannot be reached: {first or 'no answer'}")
    return None


def _driver_errors() -> tuple[type[Exception], ...]:
    import peewee  # noqa: PLC0415

    errors: tuple[type[Exception], ...] = (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error)
    psycopg = sys.modules.get("psycopg")
    return errors if psycopg is None else (*errors, psycopg.Error)


CONNECT_SECONDS = 8
"""Connect time-out on PostgreSQL, unless the URL sets one."""

CACHE_KILOBYTES = 500
"""SQLite page cache of a connection. The operating system caches the file too: with 8,000, ordering a grid of a million
serials and receiving 100,000 were no faster, and the process was 8 MB larger."""


class SqliteFile(peewee.SqliteDatabase):
    """A file in WAL mode; a write takes its lock at BEGIN, so that two writers queue instead of failing."""

    def _initialize_connection(self, conn: sqlite3.Connection) -> None:
        end = time.monotonic() + LOCK_SECONDS
        # The busy time-out does not cover the switch to WAL mode, and terminals may start at the same moment.
        # Where WAL is not possible (in memory, some file systems) SQLite keeps its mode and raises nothing.
        while conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                conn.execute("PRAGMA journal_mode=wal")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
                time.sleep(0.02)


class PostgresServer(peewee.PostgresqlDatabase):
    """A PostgreSQL server; sessions are in UTC and have time-outs."""

    def _initialize_connection(self, conn: Any) -> None:
        # JIT compilation made deep pages five times slower.
        conn.execute(
            f"SET TIME ZONE 'UTC'; SET jit = off; SET statement_timeout = {STATEMENT_SECONDS * 1000:.0f};"
            f"SET lock_timeout = {LOCK_SECONDS * 1000:.0f}; SET idle_in_transaction_session_timeout = '10min';"
            "SET client_min_messages = 'warning'"
        )


def sqlite(path: Path) -> SqliteFile:
    """A Peewee database for an SQLite file."""
    return SqliteFile(
        str(path),
        pragmas={"foreign_keys": 1, "synchronous": "normal", "cache_size": -CACHE_KILOBYTES, "temp_store": "memory"},
        timeout=LOCK_SECONDS,
        lock_type="IMMEDIATE",
        autoconnect=False,
        check_same_thread=False,
    )


def postgresql(url: str) -> PostgresServer:
    """A Peewee database for a libpq URI.

    Raises:
        DriverMissing: psycopg is not installed, or was left out of this process.
        WrongAddress: libpq cannot parse the URI.
    """
    try:
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is used
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
    except ImportError as error:  # also when psycopg is installed and libpq is not
        raise DriverMissing(
            "The PostgreSQL driver is not installed. Install it with: pip install 'serialdock[postgres]'"
        ) from error
    if peewee.psycopg is None:  # type: ignore[attr-defined]
        raise DriverMissing("The PostgreSQL driver was left out of this process. Start another one for this database.")
    try:
        named = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Not chained: libpq's message may quote part of the password.
        raise WrongAddress(
            f"{without_password(url)} is no database address. Check it; in names and passwords write @ as %40, "
            "/ as %2F, ? as %3F and % as %25."
        ) from None
    options: dict[str, Any] = {"application_name": "serialdock"} if "application_name" not in named else {}
    if "connect_timeout" not in named:
        options["connect_timeout"] = CONNECT_SECONDS
    # Client-side binding: parameters are typed by their literals, and no statement gets a generic plan.
    options["cursor_factory"] = psycopg.ClientCursor
    return PostgresServer(url, prefer_psycopg3=True, autoconnect=False, **options)

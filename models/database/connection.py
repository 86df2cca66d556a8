"""Opening a database, one connection per thread, retry of reads; errors of drivers become ours, see `faults`.

SQLite: one file in WAL mode, shared by the terminals of one host. PostgreSQL: any libpq URI, for several hosts.
Writes go through `models.database.unit`.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, ParamSpec, TypeVar

import peewee

from models.config import IMPORT_VARIABLE, default_database, import_database, make_private_folder
from models.database.address import is_misread, is_sqlite_url, sqlite_path, without_password
from models.database.damage import NotedDamage, find_damage
from models.database.faults import DAMAGED, FaultMeaning, driver_errors, is_not_a_database, understand
from models.database.same_file import ID_OF, SameFile
from models.database.types_read import is_mistyped
from models.errors import (
    Damaged,
    DamagedRow,
    DriverMissing,
    NotReady,
    Replaced,
    SerialdockError,
    Unreachable,
    WrongAddress,
    WrongEncoding,
)
from models.extras import how_to_install
from models.schema import Query, bound

P = ParamSpec("P")
T = TypeVar("T")

LOCK_SECONDS = 10.0
"""Lock time-out: a write that waits longer fails."""

STATEMENT_SECONDS = 60.0
"""Statement time-out on PostgreSQL; quitting the program waits for the running statement."""

IDLE_SECONDS = 600.0
"""Time-out of a transaction on PostgreSQL that is idle, as when this program is stopped; the server then ends it."""


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
    elif is_server(url):
        database = postgresql("postgresql://" + url.partition("://")[2])
    else:
        raise WrongAddress(
            f"{without_password(url)} is no database address. Write sqlite:///path, a bare path, or postgresql://…"
        )
    bound.initialize(database)
    return database


def is_server(url: str) -> bool:
    """Whether an address is one of a PostgreSQL server."""
    return url.startswith(("postgresql://", "postgres://"))


def _check_file(path: Path, *, create: bool) -> None:
    try:
        if path.is_dir():
            raise Unreachable(f"{path} is a folder, not a database file. Name a file in it.")
        if path.exists():
            if not path.is_file():
                raise Unreachable(f"{path} is a device or a pipe, not a database file. Name another file.")
            return
        if not create and (path == default_database() or path.parent.is_dir()):
            raise Unreachable(f"There is no database at {path}. Check the path, or run serialdock migrate to make one.")
        if path == default_database():
            make_private_folder(path.parent)
            path.touch(mode=0o600)  # SQLite makes the files beside it with the same permissions
            return
        if not path.parent.is_dir():
            raise Unreachable(
                f"The folder {path.parent} does not exist, so no database can be made there. Make it first."
            )
    except OSError as error:
        raise Unreachable(f"The database {path} cannot be opened: {error.strerror}.") from error


def connect(database: Any) -> None:
    """Connect this thread, unless it has a usable connection to the file or server of the address.

    Raises:
        DatabaseTrouble
    """
    with translated(database):
        if not database.is_closed() and not database.is_connection_usable():
            database.leave()
        try:
            database.connect(reuse_if_open=True)
        except BaseException:
            forget_connection(database)  # it may be open but not set up
            raise


def disconnect(database: Any) -> None:
    """Close this thread's connection, if it is open; commits are safe, even if closing fails."""
    if database.is_closed():
        return
    try:
        database.close()
    except driver_errors():
        forget_connection(database)


def forget_connection(database: Any) -> None:
    """Drop a broken connection, whatever state it is in."""
    # Peewee's close() would fail on an open transaction, so its state is reset directly.
    connection = database._state.conn
    database._state.reset()
    if connection is not None:
        with contextlib.suppress(*driver_errors()):
            connection.close()


@contextlib.contextmanager
def tidying(database: Any) -> Iterator[None]:
    """Tidy up after work that may have failed: an error here must not hide the one before, but costs the connection."""
    try:
        yield
    except driver_errors():
        if not database.in_transaction():  # else the rollback drops it
            forget_connection(database)


_units = threading.local()
"""Numbers of units that each thread has begun and committed."""


def note_unit() -> None:
    """Record that this thread has begun a write, so that `call` does not blindly retry it."""
    _units.begun = units_begun() + 1


def units_begun() -> int:
    """Number of write units begun by this thread."""
    return getattr(_units, "begun", 0)


def note_commit() -> None:
    """Record that a write of this thread was committed."""
    _units.committed = units_committed() + 1


def units_committed() -> int:
    """Number of write units committed by this thread."""
    return getattr(_units, "committed", 0)


_waiting: set[str] = set()
"""Names of threads that wait for SQLite's write lock; other threads read it to say so on the screen."""


@contextlib.contextmanager
def write_lock(database: Any, *, durable: bool = False) -> Iterator[None]:
    """A write transaction; while it waits for SQLite's write lock, `is_waiting` is true for this thread.

    Args:
        durable: whether its commit waits until the disk has it, so that a power cut cannot undo it. PostgreSQL always
            waits; SQLite in WAL mode keeps the file whole without, but may lose the last commits.
    """
    name = threading.current_thread().name
    with contextlib.ExitStack() as stack:
        if durable and is_sqlite_url_of(database):
            database.connection().execute("PRAGMA synchronous = full")  # only before BEGIN
            stack.callback(_end_durable, database)
        _waiting.add(name)
        try:
            stack.enter_context(database.atomic())
        finally:
            _waiting.discard(name)
        yield


def _end_durable(database: Any) -> None:
    if not database.is_closed():
        database.connection().execute("PRAGMA synchronous = normal")


@contextlib.contextmanager
def snapshot(database: Any) -> Iterator[None]:
    """A read-only transaction in which everything is as it was at its first look."""
    if is_sqlite_url_of(database):
        database.execute_sql("PRAGMA query_only = 1")
        try:
            with database.atomic("DEFERRED"):  # the default, IMMEDIATE, would take the write lock
                yield
        finally:
            with tidying(database):
                database.execute_sql("PRAGMA query_only = 0")
    else:
        with database.atomic("ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            yield


def is_waiting(thread: str) -> bool:
    """Whether the thread of this name is waiting for another writer."""
    return thread in _waiting


def call(database: Any, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `function` with a working connection; after a lost connection it is retried once, unless it began a write.

    It is not retried in a transaction of the caller, such as a `snapshot`, which is lost with the connection.

    Raises:
        Refusal: from `function`.
        DatabaseTrouble: the database cannot be reached, is too busy, or refuses the statement.
    """
    # A write has its own retries, which know whether it was committed.
    before, is_part = units_begun(), database.in_transaction()
    if not is_part:
        connect(database)
    with translated(database):
        try:
            return _undamaged(database, function(*args, **kwargs))
        except driver_errors() as error:
            again = is_lost(database, error) or understand(error).meaning is FaultMeaning.AGAIN
            if not again or is_part or units_begun() != before:
                raise
        connect(database)
        return _undamaged(database, function(*args, **kwargs))


def _undamaged(database: Any, found: T) -> T:
    """Return the result of a look-up, unless it has a damaged value of another type than its column.

    Raises:
        DamagedRow
    """
    if is_sqlite_url_of(database) and is_mistyped(found) and (damage := find_damage(database)) is not None:
        raise damage
    return found


def is_lost(database: Any, error: BaseException) -> bool:
    """Whether an error was the end of this thread's connection to PostgreSQL."""
    is_open = not database.is_closed() and database.is_connection_usable()
    return not is_sqlite_url_of(database) and not is_open and understand(error).is_lost


def is_moved(database: Any) -> bool:
    """Whether the path of an SQLite database names another file than this thread's connection has open."""
    return is_sqlite_url_of(database) and database.same_file.is_moved()


def is_sqlite_url_of(database: Any) -> bool:
    """Whether an open database is SQLite."""

    return isinstance(database, SqliteFile)


def address(database: Any) -> str:
    """The database's address for display: a path, or a URL without its password."""
    return without_password(database.address)


def keep_session(database: Any) -> None:
    """Give this thread a session that is its own, for tables that outlive a transaction. Not inside a transaction.

    A pooler in transaction mode gives each transaction the session of the server that is free. On SQLite each
    connection is a session of its own.

    Raises:
        WrongAddress: the server is reached through a pooler, and no other address is named for imports.
        DatabaseTrouble: the address that is named for imports cannot be used.
    """
    if not is_sqlite_url_of(database):
        database.keep_session()


# ----- errors


_RAISED_BY_DAMAGE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)
"""Errors that code raises when it reads a value that no Serialdock has written."""


@contextlib.contextmanager
def translated(database: Any) -> Iterator[None]:
    """Turn every error of a driver into a refusal or `DatabaseTrouble`, and errors caused by damaged rows too."""
    try:
        yield
    except SerialdockError as refusal:
        _free_cursors(refusal)
        raise
    except driver_errors() as error:
        _free_cursors(error)
        raise problem(database, error) from error
    except (*_RAISED_BY_DAMAGE, peewee.DoesNotExist) as error:
        if (damage := find_damage(database, table=getattr(error, "table", ""))) is None:
            raise
        _free_cursors(error)
        raise _noted(database, damage) from error


def _free_cursors(error: BaseException | None) -> None:
    """Let the frames go that an error holds: somebody may keep it, as a problem that is shown.

    A cursor in them that was not read to its end would hold SQLite's connection at the state of that moment: what is
    written since would not be seen, and nothing could be written.
    """
    while error is not None:
        step = error.__traceback__
        while step is not None:
            with contextlib.suppress(RuntimeError):  # it is still executing
                step.tb_frame.clear()
            step = step.tb_next
        error = error.__cause__ or error.__context__


def problem(database: Any, error: BaseException) -> SerialdockError:
    """The refusal or trouble for an error of a driver; afterwards the connection is usable or closed."""
    fault = understand(error)
    # The row is named where the driver tells a column: other rows can be used on.
    if fault.column is not None and (damage := find_damage(database, fault.column)):
        return _noted(database, damage)
    if is_lost(database, error) or (fault.kind.drops and not database.in_transaction()):
        forget_connection(database)
    name = address(database)
    # A file that this process has worked with was a database: its header is damaged.
    if is_not_a_database(fault) and is_sqlite_url_of(database) and database.same_file.is_known:
        fault = fault._replace(kind=DAMAGED)
    return _noted(database, fault.as_error(name))


def _noted(database: Any, error: SerialdockError) -> SerialdockError:
    """Remember damage, after which this process does not write to the database any more."""
    if isinstance(error, Damaged) and not isinstance(error, DamagedRow):
        database.note_damage(error)
    return error


def require_undamaged(database: Any) -> None:
    """Refuse to write to a database that was found damaged, unless another one is in its place now.

    Raises:
        Damaged
    """
    database.damage.require_none()


CONNECT_SECONDS = 8
"""Connect time-out on PostgreSQL, unless the URL sets one."""

CACHE_KILOBYTES = 500
"""SQLite page cache of a connection. The operating system caches the file too: with 8,000, ordering a grid of a million
serials and receiving 100,000 were no faster, and the process was 8 MB larger."""


def _connection(database: Any) -> Any:
    """This thread's connection of the driver."""
    return database.connection()


class _Database(peewee.Database):
    """The parts that both engines add to Peewee's database."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.damage = NotedDamage(self.what_is_there)

    @property
    def address(self) -> str:
        """The path or URL that this thread connects to, with its password."""
        return str(self.database)

    def note_damage(self, damage: Damaged) -> None:
        """Remember damage, after which `require_undamaged` refuses writes."""
        self.damage.note(damage)

    def what_is_there(self) -> object:
        """An identity of the database that the address names now, to tell when a damaged one was replaced."""
        raise NotImplementedError

    def rows_of(self, queries: Sequence[Query]) -> list[list[tuple[Any, ...]]]:
        """The rows of several queries that do not need each other's; a server gets them in one message."""
        run: Callable[..., Any] = self.execute_sql
        return [run(sql, values).fetchall() for sql, values in queries]

    def leave(self) -> None:
        """Give up this thread's connection, which is not usable any more."""
        forget_connection(self)

    def rollback(self) -> None:
        """Roll back. If that fails the connection is dropped, which rolls back too: nothing hides the error before."""
        try:
            if not self.is_closed() and self.is_in_transaction():
                super().rollback()
        except driver_errors():
            forget_connection(self)

    def is_in_transaction(self) -> bool:
        """Whether the driver still has a transaction open."""
        return True


class SqliteFile(_Database, peewee.SqliteDatabase):
    """A file in WAL mode; a write takes its lock at BEGIN, so that two writers queue instead of failing."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self.same_file = SameFile(path)
        self.opened = 0
        """Number of connections opened so far; see `models.changes`."""

    def _connect(self) -> sqlite3.Connection:
        self.opened += 1
        connect: Callable[[], sqlite3.Connection] = super()._connect  # type: ignore[misc]  # not in the stubs
        return self.same_file.open(connect)

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
        self.same_file.learn(conn)

    def is_connection_usable(self) -> bool:
        """Whether the connection is open, and the path still names its file."""
        return not self.is_closed() and not self.same_file.is_moved()

    def leave(self) -> None:
        """Give up the connection to a file that was replaced, after learning from it which database it was."""
        try:
            if not self.same_file.is_known:
                self.same_file.learn(_connection(self))
            self.same_file.admit()
        finally:
            super().leave()

    def begin(self, lock_type: str | None = None) -> None:
        """Begin a transaction on the file that the path names, once the lock is held."""
        super().begin(lock_type)
        while self.same_file.is_moved():  # replaced while this waited for the lock
            self.leave()
            connect(self)
            super().begin(lock_type)

    def is_in_transaction(self) -> bool:
        """Whether SQLite has not rolled back by itself, as it does when the disk is full."""
        return bool(_connection(self).in_transaction)

    def note_damage(self, damage: Damaged) -> None:
        """Remember damage of the file that is there now."""
        try:
            self.damage.note(damage, self.same_file.found())
        except Unreachable:
            self.damage.note(damage)

    def what_is_there(self) -> object:
        """The inode that the path names."""
        return self.same_file.found()


class _Session(threading.local):
    """The session of a thread on PostgreSQL, where it differs from the database's own address."""

    url: str = ""
    """Another address than the database's, once an import needed one."""
    options: Mapping[str, Any] = MappingProxyType({})
    """The driver's parameters for it."""
    guard: str = ""
    """A statement that fails in every session but this one, as it divides by zero there; empty if the connection
    cannot change its session."""


class _MomentLoader:
    """Reads `timestamptz` as UTC, whatever time zone the session is in: nothing sets that one."""

    format = 0  # text

    def __init__(self, oid: int, context: Any = None) -> None:
        """As psycopg makes it; neither is needed."""

    def load(self, data: Any) -> datetime:
        """Convert what the server sent.

        Raises:
            ValueError: it is outside of Python's range.
        """
        return datetime.fromisoformat(bytes(data).decode()).astimezone(UTC)


class _DateLoader:
    """Reads `date` in the style that `_settings` asks for. The driver would look at the style of the session, which
    holds again before the rows are read."""

    format = 0  # text

    def __init__(self, oid: int, context: Any = None) -> None:
        """As psycopg makes it; neither is needed."""

    def load(self, data: Any) -> date:
        """Convert what the server sent.

        Raises:
            ValueError: it is outside of Python's range.
        """
        return date.fromisoformat(bytes(data).decode())


class PostgresServer(_Database, peewee.PostgresqlDatabase):
    """A database of a PostgreSQL server; transactions have time-outs.

    It works behind a pooler in transaction mode: nothing outlives a transaction in the session. Settings are sent with
    BEGIN, or before a statement that is a transaction of its own, each time in the same message. `keep_session` is the
    exception.

    Another database may take its place at the same address, even under an open session, when its schema is emptied and
    made anew. So each connection and each write ask for its id (`ID_OF`).
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._id = ""
        """The database's id, once it was read."""
        self._session = _Session()

    @property
    def address(self) -> str:
        """The URL that this thread connects to."""
        return self._session.url or str(self.database)

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin a transaction with its time-outs, in one message.

        Args:
            isolation_level: and whether it is read-only, as SQL; None for one in which each statement sees what was
                committed before it, whatever the server's default is: what waits for a lock then looks at what the
                others did.
        """
        isolation_level = isolation_level or "ISOLATION LEVEL READ COMMITTED"
        # The driver asks the session how backslashes are written, and its COPY does so wrongly where it is the old way.
        idle = (
            f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_SECONDS * 1000:.0f}; "
            "SET LOCAL standard_conforming_strings = on"
        )
        with self._guarded(), peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            cursor: Any = self.cursor()  # type: ignore[no-untyped-call]
            cursor.execute(f"BEGIN {isolation_level}; {self._session.guard}{_settings()}{idle}")

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run a statement; outside a transaction with its own settings, in one message."""
        run: Callable[..., Any] = super().execute_sql
        if self.in_transaction():
            return run(sql, params)
        with self._guarded():
            return _last_result(run(f"{self._session.guard}{_settings()}{sql}", params))

    def rows_of(self, queries: Sequence[Query]) -> list[list[tuple[Any, ...]]]:
        """The rows of several queries that do not need each other's: one message there, one back."""
        run: Callable[..., Any] = super().execute_sql
        before = "" if self.in_transaction() else f"{self._session.guard}{_settings()}"
        sql = before + "; ".join(sql for sql, _ in queries)
        with self._guarded():
            cursor = run(sql, [value for _, values in queries for value in values])
        found = [[]] if cursor.description is None else [cursor.fetchall()]
        while cursor.nextset():
            found.append([] if cursor.description is None else cursor.fetchall())
        return found[-len(queries) :]

    def glance(self, sql: str) -> Any:
        """The first row of a query that reads no table and waits for nobody, at the least price: without settings."""
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            return _connection(self).execute(sql).fetchone()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Refuse to go on if the guard of `keep_session` found another session than before."""
        try:
            yield
        except peewee.DataError as error:
            if not self._session.guard or understand(error).code != _GUARD_FAILED:
                raise
            forget_connection(self)
            raise WrongAddress(
                f"The pooler {address(self)} gave the import another session of the server half-way, as in transaction "
                "mode. Nothing was written. Set the pooler to session mode for this address, or name the server itself "
                f"in {IMPORT_VARIABLE}.",
                error="POOLER",
            ) from error

    def keep_session(self) -> None:
        """Give this thread a session of its own, see the function of the same name."""
        if self._session.url or _session_of(connection := _connection(self)) == connection.info.backend_pid:
            return
        url = import_database()
        if url is None:
            raise WrongAddress(
                f"An import needs a session of its own on the server, and {address(self)} is a pooler, which shares "
                "sessions. Nothing was written. Name the server itself, or a pooler in session mode, in "
                f"{IMPORT_VARIABLE}.",
                error="POOLER",
            )
        if not is_server(url):
            raise WrongAddress(
                f"{IMPORT_VARIABLE} is {without_password(url)}. Name the PostgreSQL server there, postgresql://…"
            )
        before, here = _id_in(connection), address(self)
        options = _options(url)
        disconnect(self)
        self._session.url, self._session.options = url, options
        try:
            connect(self)
            if _id_in(_connection(self)) == before:
                return
            disconnect(self)
        except BaseException:
            self._session.url = ""
            raise
        there, self._session.url = address(self), ""
        raise WrongAddress(
            f"{IMPORT_VARIABLE} names {there}, which is another database than {here}. Nothing was written. Name the "
            "same one, by another way.",
            error="POOLER",
        )

    def _connect(self) -> Any:
        if not self._session.url:
            return super()._connect()  # type: ignore[misc]  # not in the stubs
        return peewee.psycopg.connect(self._session.url, autocommit=True, **self._session.options)  # type: ignore[attr-defined]

    def learn(self) -> None:
        """Read the id of the database that the address names now: this process works with that one.

        Databases of the first schemas have none.
        """
        self._id = _id_in(_connection(self)) or self._id

    def require_same(self, found: str | None, connection: Any = None) -> None:
        """Refuse to go on with another database than before.

        Args:
            found: the id of the database that is there; None if it has none.
            connection: one that is not set up yet; None takes this thread's.

        Raises:
            Replaced
            NotReady: its tables are there, and empty.
            ValueError: a row is damaged.
        """
        if found is None:
            if _ask(connection or _connection(self), "SELECT 1 FROM settings LIMIT 1"):
                msg = "no setting is the id of the database"
                raise ValueError(msg)
            raise NotReady(
                f"The tables of the database {address(self)} are empty. A backup may be about to be restored; wait for "
                "it, then try again.",
                error="EMPTY",
            )
        self._id = self._id or found
        if found != self._id:
            raise Replaced(
                f"The database {address(self)} was replaced by another one. Put the right one back; then work goes on. "
                "Start Serialdock again to work with the new one.",
                error="REPLACED",
            )

    def _initialize_connection(self, conn: Any) -> None:
        stored = conn.info.parameter_status("server_encoding")
        if stored != "UTF8":
            raise WrongEncoding(
                f"The database {address(self)} stores texts in {stored}, which cannot hold every serial number. Have a "
                "new one made, CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name that.",
                error=str(stored),
            )
        conn.adapters.register_loader("timestamptz", _MomentLoader)
        conn.adapters.register_loader("date", _DateLoader)
        self._session.guard = ""
        if self._session.url and (session := _session_of(conn)) != conn.info.backend_pid:
            self._session.guard = f"SELECT 1 / (pg_backend_pid() = {session})::int; "
        # Without tables it is empty, or a backup is about to be restored: the first statement says so.
        if self._id and _has_settings(conn):
            self.require_same((_ask(conn, ID_OF) or (None,))[0], conn)

    def what_is_there(self) -> object:
        """The table of units: a restored database has another one."""
        connect(self)
        return _ask(_connection(self), "SELECT to_regclass('work_units')::oid")


_GUARD_FAILED: Final = "22012"
"""SQLSTATE of a division by zero."""


def _settings() -> str:
    """The settings of a transaction on PostgreSQL, each of which takes the server about 2 µs."""
    # JIT compilation made deep pages five times slower. Roles, databases and servers may have another style of dates.
    return (
        "SET LOCAL jit = off; SET LOCAL datestyle = ISO; "
        f"SET LOCAL statement_timeout = {STATEMENT_SECONDS * 1000:.0f}; "
        f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000:.0f}; "
    )


def _last_result(cursor: Any) -> Any:
    """A cursor of psycopg after a message of several statements, at the result of the last one."""
    while cursor.nextset():
        pass
    return cursor


def _ask(connection: Any, sql: str) -> Any:
    """The first row of a query on a connection that may not be set up yet; None if there is none."""
    return _last_result(connection.execute(_settings() + sql)).fetchone()


def _session_of(connection: Any) -> int:
    """The server's number of a session. A pooler tells its clients numbers of its own at their connect."""
    return int(_ask(connection, "SELECT pg_backend_pid()")[0])


def _has_settings(connection: Any) -> bool:
    return _ask(connection, "SELECT to_regclass('settings')")[0] is not None


def _id_in(connection: Any) -> str:
    """The id of the database; empty if it has none, or no tables."""
    found = _ask(connection, ID_OF) if _has_settings(connection) else None
    return str(found[0]) if found else ""


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
    return PostgresServer(url, prefer_psycopg3=True, autoconnect=False, **_options(url))


def _options(url: str) -> dict[str, Any]:
    """The parameters of psycopg for a libpq URI, beside the URI itself.

    Raises:
        DriverMissing, WrongAddress
    """
    try:
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is used
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415
    except ImportError as error:  # also when psycopg is installed and libpq is not
        raise DriverMissing(
            f"The PostgreSQL driver is not installed. Install it with: {how_to_install('postgres')}"
        ) from error
    if peewee.psycopg is None:  # type: ignore[attr-defined]
        raise DriverMissing("The PostgreSQL driver was left out of this process. Start another one for this database.")
    try:
        named = None if is_misread(url) else conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        named = None
    if named is None:
        # Not chained: libpq's message may quote part of the password.
        raise WrongAddress(
            f"{without_password(url)} is no database address. Check it; in names and passwords write @ as %40, "
            "/ as %2F, ? as %3F and % as %25."
        )
    options: dict[str, Any] = {"application_name": "serialdock"} if "application_name" not in named else {}
    if "connect_timeout" not in named:
        options["connect_timeout"] = CONNECT_SECONDS
    options["client_encoding"] = "UTF8"  # whatever the address or the environment says
    # Client-side binding: parameters are typed by their literals, no statement gets a generic plan, and several
    # statements go in one message.
    options["cursor_factory"] = psycopg.ClientCursor
    return options

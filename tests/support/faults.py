"""Faults of databases at a chosen kind of statement: SQLite's by its driver's classes, PostgreSQL's by the server."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from models.database.connection import connect, disconnect, is_sqlite_url_of
from tests.support.warehouse import without_settings

ROLLED_BACK: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_NOMEM", "SQLITE_INTERRUPT", "SQLITE_CORRUPT")
"""Beginnings of results after which SQLite may have rolled back by itself."""

POINTS: Final = {
    "read": r"SELECT (?!to_regclass\(|value FROM settings)",
    "begin": r"BEGIN",
    "write": r"(INSERT|UPDATE|DELETE|WITH|COPY)",
    "commit": r"COMMIT",
    "rollback": r"ROLLBACK",
    "connect": r"(PRAGMA journal_mode|SELECT to_regclass\('settings'\))",
}
"""The beginning of the statement that fails, by kind."""

_RAISE: Final = "DO $$ BEGIN RAISE EXCEPTION 'made on purpose' USING ERRCODE = '{code}'; END $$"


class FaultMaker:
    """Lets statements of one database fail."""

    def __init__(self) -> None:
        self._armed: dict[str, list[Any]] = {}
        self.made: list[str] = []
        """The kinds of statements that failed."""
        self.met: Counter[str] = Counter()
        """The number of statements by kind, from the last `disarm` to the first one that failed."""

    def arm(self, point: str, code: str, times: int = 1, *, after: int = 0) -> None:
        """Let statements of a kind of `POINTS` fail with a code.

        Args:
            times: how many of them.
            after: how many of them succeed before.
        """
        self._armed[point] = [code, times, after]

    def disarm(self) -> None:
        """Let everything succeed again."""
        self._armed.clear()
        self.made.clear()
        self.met.clear()

    def wanted(self, statement: str) -> str | None:
        """The code with which a statement is to fail, if any."""
        code: str | None = None
        statement = without_settings(statement.lstrip())
        for point, beginning in POINTS.items():
            if not re.match(beginning, statement, re.IGNORECASE):
                continue
            self.met[point] += not self.made
            armed = self._armed.get(point)
            if armed and armed[1] and self.met[point] > armed[2]:
                armed[1] -= 1
                self.made.append(point)
                code = str(armed[0])
        return code


class FaultyConnection(sqlite3.Connection):
    """A connection whose statements fail when its maker wants them to."""

    maker: FaultMaker

    def cursor(self, factory: Any = None) -> Any:
        """A cursor whose statements fail too."""
        return super().cursor(factory or FaultyCursor)

    def execute(self, sql: str, *rest: Any) -> Any:
        """Fail, or execute."""
        return self.cursor().execute(sql, *rest)

    def executemany(self, sql: str, *rest: Any) -> Any:
        """Fail, or execute."""
        return self.cursor().executemany(sql, *rest)

    def fail(self, sql: str) -> None:
        """Raise what the maker wants for a statement."""
        if (code := self.maker.wanted(sql)) is not None:
            if code.startswith(ROLLED_BACK) and self.in_transaction and not sql.startswith("ROLLBACK"):
                super().execute("ROLLBACK")
            raise sqlite_error(code)


class FaultyCursor(sqlite3.Cursor):
    """The cursor of a `FaultyConnection`."""

    connection: FaultyConnection

    def execute(self, sql: str, *rest: Any) -> Any:
        """Fail, or execute."""
        self.connection.fail(sql)
        return super().execute(sql, *rest)

    def executemany(self, sql: str, *rest: Any) -> Any:
        """Fail, or execute."""
        self.connection.fail(sql)
        return super().executemany(sql, *rest)


_CLASSES: Final = {
    "SQLITE_CONSTRAINT": sqlite3.IntegrityError,
    "SQLITE_MISMATCH": sqlite3.IntegrityError,
    "SQLITE_INTERNAL": sqlite3.InternalError,
    "SQLITE_NOTFOUND": sqlite3.InternalError,
    "SQLITE_TOOBIG": sqlite3.DataError,
    "SQLITE_MISUSE": sqlite3.InterfaceError,
    "SQLITE_RANGE": sqlite3.InterfaceError,
    "SQLITE_CORRUPT": sqlite3.DatabaseError,
    "SQLITE_NOTADB": sqlite3.DatabaseError,
    "SQLITE_FORMAT": sqlite3.DatabaseError,
    "SQLITE_AUTH": sqlite3.DatabaseError,
    "SQLITE_NOLFS": sqlite3.DatabaseError,
}
"""As Python's driver chooses them; what is missing is an OperationalError."""


def sqlite_error(code: str) -> Exception:
    """The error that Python's driver raises for a result of SQLite, by its name."""
    primary = "_".join(code.split("_")[:2])
    if primary == "SQLITE_NOMEM":
        return MemoryError()
    error = _CLASSES.get(primary, sqlite3.OperationalError)("made on purpose")
    error.sqlite_errorname = code
    error.sqlite_errorcode = getattr(sqlite3, code, 1)
    return error


@contextmanager
def faults_in(database: Any) -> Iterator[FaultMaker]:
    """Make a database's connections fail on demand; this thread's one is opened anew."""
    maker = FaultMaker()
    name = "factory" if is_sqlite_url_of(database) else "cursor_factory"
    before = database.connect_params.get(name)
    put_into(database, maker)
    if not is_sqlite_url_of(database):
        database.learn()  # as the start of the program does: then each connect asks for the id
    disconnect(database)
    connect(database)
    try:
        yield maker
    finally:
        disconnect(database)
        if before is None:
            del database.connect_params[name]
        else:
            database.connect_params[name] = before
        connect(database)


def put_into(database: Any, maker: FaultMaker) -> None:
    """Make the connections that a database opens from now on fail on demand."""
    if is_sqlite_url_of(database):
        database.connect_params["factory"] = _faulty(maker)
    else:
        database.connect_params["cursor_factory"] = _faulty_cursor(maker)


def _faulty(of: FaultMaker) -> type[FaultyConnection]:
    class Made(FaultyConnection):
        maker = of

    return Made


def _faulty_cursor(maker: FaultMaker) -> type[psycopg.ClientCursor[Any]]:
    class Made(psycopg.ClientCursor[Any]):
        def execute(self, query: Any, *rest: Any, **options: Any) -> Any:
            if (code := maker.wanted(str(query))) is not None:
                super().execute(_RAISE.format(code=code))
            return super().execute(query, *rest, **options)

        def copy(self, statement: Any, *rest: Any, **options: Any) -> Any:
            if (code := maker.wanted(str(statement))) is not None:
                super().execute(_RAISE.format(code=code))
            return super().copy(statement, *rest, **options)

    return Made

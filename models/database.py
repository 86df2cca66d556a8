"""Open a database from a URL, keep one connection per thread, and say in words why it cannot be used.

SQLite: one file in WAL mode that many terminals on one host share. PostgreSQL: any libpq URI, for several hosts.
Writes go through `models.unit`; this module only opens, connects, retries reads and translates the drivers' errors.
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
from urllib.parse import unquote, urlsplit

from models.config import default_database
from models.errors import Busy, DatabaseTrouble, DriverMissing, Unreachable, WrongAddress

P = ParamSpec("P")
T = TypeVar("T")

LOCK_SECONDS = 10.0
"""How long a write waits for another before it gives up."""

STATEMENT_SECONDS = 60
"""How long one statement may run on PostgreSQL; quitting the program waits for the running one."""


def leave_out_postgres_driver() -> None:
    """Import Peewee without psycopg, which it would import whenever it is installed: 150 ms and 10 MB that SQLite needs not.

    Call before anything else imports Peewee, and only in a process that will open SQLite alone.
    """
    if "peewee" in sys.modules or "psycopg" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules
    modules["psycopg"] = None  # makes `import psycopg` raise ImportError
    try:
        import peewee  # noqa: F401, PLC0415 - imported for its effect, while the driver is hidden
    finally:
        del modules["psycopg"]


def is_sqlite_url(url: str) -> bool:
    """Whether this URL or bare path names an SQLite file."""
    return "://" not in url or url.startswith("sqlite:")


def sqlite_path(url: str) -> Path:
    """The file that a `sqlite:///…` URL or a bare path names.

    Raises:
        WrongAddress: no file is named, or it is an in-memory database, which threads could not share.
    """
    path = url
    if url.startswith("sqlite:"):
        if not url.startswith("sqlite:///"):
            raise WrongAddress(f"{url} is no database address. Write sqlite:///path/to/file or just the path.")
        path = unquote(url.removeprefix("sqlite:///"))
    if not path or path == ":memory:":
        raise WrongAddress(f"{url or 'An empty text'} names no file. Give the path of a database file.")
    return Path(path).expanduser()


def open_database(url: str, *, create: bool = True) -> Any:
    """Point the tables at a database. Connects nothing yet; see `connect`.

    Args:
        url: `sqlite:///…`, a bare path, or `postgresql://…` (any libpq URI).
        create: make a missing SQLite file, and the folder of the default one.

    Returns:
        A `peewee.Database`, bound to the tables in this process.

    Raises:
        WrongAddress, DriverMissing, Unreachable
    """
    from models import engines  # noqa: PLC0415 - Peewee is imported once the engine is known
    from models.schema.base import bound  # noqa: PLC0415

    if is_sqlite_url(url):
        path = sqlite_path(url)
        _check_file(path, create=create)
        database: Any = engines.sqlite(path)
    elif url.startswith(("postgresql://", "postgres://")):
        try:
            port = urlsplit(url).port
        except ValueError as error:
            raise WrongAddress(f"{without_password(url)} is no database address: {error}.") from error
        del port
        database = engines.postgresql("postgresql://" + url.partition("://")[2])
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
    """Connect this thread, if it is not.

    Raises:
        Unreachable, Busy, DriverMissing
    """
    with translated(database):
        if not database.is_closed() and not database.is_connection_usable():
            forget_connection(database)
        database.connect(reuse_if_open=True)


def disconnect(database: Any) -> None:
    """Close this thread's connection, if it is open."""
    if not database.is_closed():
        database.close()


def forget_connection(database: Any) -> None:
    """Let go of a connection that is broken, whatever state it is in."""
    connection = database._state.conn
    database._state.reset()
    if connection is not None:
        with contextlib.suppress(*_driver_errors()):
            connection.close()


_units_begun = threading.local()


def note_unit() -> None:
    """Tell `call` that this thread has begun a write, so that it must not simply be run again."""
    _units_begun.count = units_begun() + 1


def units_begun() -> int:
    """How many write units this thread has begun."""
    return getattr(_units_begun, "count", 0)


def call(database: Any, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `function` with a working connection; what only read is run once more when the line was lost.

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
    """Whether this thread's connection broke."""
    return not is_sqlite_url_of(database) and not database.is_closed() and not database.is_connection_usable()


def is_sqlite_url_of(database: Any) -> bool:
    """Whether an open database is SQLite."""
    from models import engines  # noqa: PLC0415

    return isinstance(database, engines.SqliteFile)


@contextlib.contextmanager
def translated(database: Any) -> Iterator[None]:
    """Turn the drivers' errors that a person can do something about into `DatabaseTrouble`; others pass."""
    import peewee  # noqa: PLC0415

    try:
        yield
    except (peewee.ImproperlyConfigured, ModuleNotFoundError) as error:
        raise DriverMissing(
            "The PostgreSQL driver is not installed. Install it with: pip install 'serialdock[postgres]'"
        ) from error
    except _driver_errors() as error:
        trouble = _trouble(database, error)
        if trouble is None:
            raise
        raise trouble from error


def _trouble(database: Any, error: Exception) -> DatabaseTrouble | None:
    text = str(error).strip()
    name = address(database)
    low = text.lower()
    if any(sign in low for sign in ("database is locked", "lock timeout", "statement timeout", "canceling statement")):
        return Busy(
            f"The database {name} is busy with somebody else's work. Nothing was written; try again in a moment."
        )
    if "file is not a database" in low:
        return Unreachable(f"{name} is not a Serialdock database. Name another file.")
    if "readonly database" in low or "read-only" in low:
        return Unreachable(f"The database {name} cannot be written. Ask your administrator for write access to it.")
    if "disk is full" in low or "no space left" in low:
        return Unreachable(f"The disk of the database {name} is full. Nothing was written; make room, then try again.")
    if "unable to open database file" in low or "malformed" in low or "disk i/o" in low:
        return Unreachable(f"The database {name} cannot be read: {text}.")
    if not is_sqlite_url_of(database) and (database.is_closed() or not database.is_connection_usable()):
        first = text.splitlines()[0] if text else "no answer"
        return Unreachable(f"The database {name} cannot be reached: {first}")
    return None


def _driver_errors() -> tuple[type[Exception], ...]:
    import peewee  # noqa: PLC0415

    errors: tuple[type[Exception], ...] = (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error)
    psycopg = sys.modules.get("psycopg")
    return errors if psycopg is None else (*errors, psycopg.Error)


def address(database: Any) -> str:
    """The database's name as it may be shown: a path, or a URL without its password."""
    return without_password(str(database.database))


def without_password(url: str) -> str:
    """A URL with the password left out, wherever libpq accepts one."""
    head, found, rest = url.partition("://")
    if not found:
        return url
    place, question, query = rest.partition("?")
    user, at, host = place.rpartition("@")
    kept = "&".join(part for part in query.split("&") if not part.lower().startswith(("password=", "sslpassword=")))
    return f"{head}://{user.partition(':')[0]}{at}{host}{question if kept else ''}{kept}"


def wait_for(attempt: Callable[[], T], seconds: float = LOCK_SECONDS) -> T:
    """Call `attempt` until SQLite is not locked; for the few statements that its own busy time-out does not cover."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)

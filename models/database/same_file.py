"""Checking that the path of an SQLite database still names the file that was opened.

On Unix a deleted or replaced file still exists for the processes that have it open: without this check, writes would go
to a file that nobody can open again. Before each write the device and inode of the path are compared with those of the
opened file. If another file with the same `database_id` is in its place, such as a restored backup, it is opened
instead; any other file is trouble.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from models.errors import Replaced, Unreachable

C = TypeVar("C", bound=sqlite3.Connection)

_TRIES: Final = 5
"""Attempts to open a path whose file is replaced while it is being opened."""

_COMPANIONS: Final = ("-wal", "-shm")
"""Suffixes of SQLite's files beside a database in WAL mode."""

ID_OF: Final = "SELECT value FROM settings WHERE name = 'database_id'"
"""Reads the id of a database."""


class Inode(NamedTuple):
    """Identifies a file, independent of its name."""

    device: int
    number: int


class SameFile:
    """Guards the connections of this process to one path."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._mine = threading.local()
        """The inode of the file that this thread's connection has open."""
        self._opened: Inode | None = None
        """The inode opened last in this process."""
        self._id = ""
        """The database's id, once it was read."""
        self._companions: set[Inode] = set()
        """The write-ahead log and its index as our connections have them open."""

    @property
    def is_known(self) -> bool:
        """Whether this process has opened the file as a Serialdock database before."""
        return bool(self._id)

    def is_moved(self) -> bool:
        """Whether the path names no file, or another one than this thread's connection has open."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - pathlib takes three times as long, before every write
        except OSError:
            return True
        return (found.st_dev, found.st_ino) != getattr(self._mine, "inode", None)

    def found(self) -> Inode | None:
        """The inode that the path names now; None if there is no file.

        Raises:
            Unreachable: the folder cannot be read.
        """
        return self._stat()

    def open(self, connect: Callable[[], C]) -> C:
        """Open a connection and verify which file it has open.

        Raises:
            Replaced: the file is gone, or another database is in its place.
            Unreachable: the folder cannot be read.
        """
        for _ in range(_TRIES):
            before = self._stat()
            if before is None and self._opened is not None:
                raise self._removed()
            self.admit()
            connection = connect()
            after = self._stat()
            if after is not None and before in (None, after):
                self._mine.inode = self._opened = after
                return connection
            connection.close()
        raise self._removed()

    def learn(self, connection: sqlite3.Connection) -> None:
        """Read the database id and the inodes of the WAL files, after a connection was opened or migrated.

        Raises:
            Replaced: it is another database than the one before.
        """
        found = _id_in(connection)
        if self._id and found != self._id:
            raise self._other()
        self._id = found
        self._companions = {inode for suffix in _COMPANIONS if (inode := self._stat(suffix)) is not None}

    def admit(self) -> None:
        """Check a file that has replaced the opened one, and move the old write-ahead log away.

        SQLite finds a write-ahead log by its name alone, so commits of the replaced database that are only in its log
        would be applied to the new one. Call this while the old connection is open, so that the inodes of its files
        are not reused.

        Raises:
            Replaced: it is another database.
            Unreachable: the folder cannot be read.
        """
        there = self._stat()
        if there is None or self._opened in (None, there):
            return
        with self._alone():
            stale = [suffix for suffix in _COMPANIONS if self._stat(suffix) in self._companions]
            # Without the write-ahead log beside it, which belongs to the replaced file.
            options = "mode=ro&immutable=1" if stale else "mode=ro"
            try:
                with closing(sqlite3.connect(f"{self._real.as_uri()}?{options}", uri=True)) as connection:
                    found = _id_in(connection)
            except sqlite3.DatabaseError as error:
                raise self._other() from error
            if not self._id or found != self._id:
                raise self._other()
            for suffix in stale:
                companion = self._beside(suffix)
                if suffix == "-wal" and companion.stat().st_size:
                    companion.rename(f"{companion}-replaced-{self._opened.number}")
                else:
                    companion.unlink()
            self._companions = set()
        self._opened = there

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A lock against other processes that notice the replacement at the same time."""
        folder = os.open(self._real.parent, os.O_RDONLY)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    @property
    def _real(self) -> Path:
        return Path(self._path).resolve()

    def _beside(self, suffix: str) -> Path:
        real = self._real
        return real.with_name(f"{real.name}{suffix}")

    def _stat(self, suffix: str = "") -> Inode | None:
        try:
            found = (self._beside(suffix) if suffix else Path(self._path)).stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unreachable(
                f"The database {self._path} cannot be opened: {error.strerror}.", error=errno_name(error)
            ) from error
        return Inode(found.st_dev, found.st_ino)

    def _removed(self) -> Replaced:
        return Replaced(
            f"The file of the database {self._path} was removed while it was open. Put it back; then work goes on.",
            error="REMOVED",
        )

    def _other(self) -> Replaced:
        return Replaced(
            f"The file {self._path} was replaced by another database. Put the right one back; then work goes on. Start "
            "Serialdock again to work with the new one.",
            error="REPLACED",
        )


def errno_name(error: OSError) -> str:
    """The name of an error of the operating system, such as `EACCES`."""
    return errno.errorcode.get(error.errno or 0, "OSError")


def _id_in(connection: sqlite3.Connection) -> str:
    """The id of the database; empty if it has no settings table, as before its migrations."""
    try:
        found = connection.execute(ID_OF).fetchone()
    except sqlite3.OperationalError as error:
        if str(error).startswith("no such table"):  # SQLite has no code of its own for it
            return ""
        raise
    return str(found[0]) if found else ""

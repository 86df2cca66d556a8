"""Classifying errors of SQLite, PostgreSQL and Peewee: refused, to be run again, or trouble.

The only module that knows error codes of databases. It decides by code, never by a server's message, which may be
localised. An unknown code is trouble, so that no error of a database ends the program.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from enum import Enum, auto
from functools import partial
from typing import Final, NamedTuple

import peewee

from models.errors import (
    Busy,
    Constrained,
    Damaged,
    DatabaseTrouble,
    NotReady,
    ProgramFault,
    Replaced,
    SerialdockError,
    Unreachable,
    UnstorableValue,
)


class FaultMeaning(Enum):
    """The class of an error, by what to do about it."""

    REFUSED = auto()
    """A constraint was violated."""
    AGAIN = auto()
    """The transaction can be retried: serialization failure, deadlock."""
    TROUBLE = auto()
    """The database cannot be used now."""


class Trouble(NamedTuple):
    """A kind of trouble."""

    error: type[DatabaseTrouble]
    sentence: str
    """With `{name}`, `{text}` and `{code}`."""
    drops: bool = False
    """Whether the connection may be the cause, so that the next try needs a new one."""


class Fault(NamedTuple):
    """A classified error of a database."""

    meaning: FaultMeaning
    code: str
    """SQLite's extended name of the result or the server's SQLSTATE; the name of the error's class if it has none."""
    text: str
    """First line of the database's own message."""
    kind: Trouble
    is_lost: bool
    """Whether the code, or its absence, indicates a broken connection."""
    column: str | None = None
    """The column of a value that the driver cannot read; empty if unknown."""

    def as_error(self, name: str) -> SerialdockError:
        """The refusal or trouble to be raised.

        Args:
            name: the database's address for display.
        """
        if self.meaning is FaultMeaning.REFUSED:
            why = _WHY.get(self.code, "a rule of its tables forbids it")
            return Constrained(
                f"The database {name} refuses this, as {why}: {self.text} ({self.code}). Nothing was written; look at "
                "it again.",
                error=self.code,
            )
        said = self.kind.sentence.format(name=name, text=self.text, code=self.code)
        return self.kind.error(said, error=self.code)


_EXISTS = "there is the same already"
_MISSING = "it belongs to something that is not there, or not any more"
_NO_VALUE = "a value is missing"

_WHY: Final = {
    "23502": _NO_VALUE,
    "23503": _MISSING,
    "23505": _EXISTS,
    "SQLITE_CONSTRAINT_FOREIGNKEY": _MISSING,
    "SQLITE_CONSTRAINT_NOTNULL": _NO_VALUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": _EXISTS,
    "SQLITE_CONSTRAINT_UNIQUE": _EXISTS,
}
"""The reason of a violated constraint, by code."""

_BUSY = Trouble(
    Busy, "The database {name} is busy with somebody else's work. Nothing was written; try again in a moment."
)
_SLOW = Trouble(Busy, "The database {name} took too long to answer. Nothing was written; try again in a moment.")
_READ_ONLY = Trouble(
    Unreachable,
    "The database {name} cannot be written. Ask your administrator for write access to it and its folder.",
    drops=True,
)
_STANDBY = Trouble(
    Unreachable,
    "The database {name} is read-only now, as after a fail-over. Nothing was written; try again in a moment, and if it "
    "stays ask your administrator.",
    drops=True,
)
_FULL = Trouble(Unreachable, "The disk of the database {name} is full. Nothing was written; make room, then try again.")
_UNREADABLE = Trouble(
    Unreachable, "The database {name} cannot be read: {text}. Check the file, its folder and the disk.", drops=True
)
_UNWRITABLE = Trouble(
    Unreachable,
    "The database {name} cannot be written: {text}. Nothing was written; make room on its disk and check it, then try "
    "again.",
    drops=True,
)
_NOT_OURS = Trouble(Unreachable, "{name} is not a Serialdock database. Name another file.", drops=True)
_UNREACHABLE = Trouble(Unreachable, "The database {name} cannot be reached: {text}")
_FORBIDDEN = Trouble(Unreachable, "The database {name} does not let you do this: {text}. Ask your administrator.")
_MOVED = Trouble(
    Replaced, "The file {name} was moved or removed while it was open. Put it back; then work goes on.", drops=True
)
_SHORT = Trouble(
    DatabaseTrouble,
    "The database {name} is short of something: {text} ({code}). Nothing was written; try again in a moment, and if it "
    "stays ask your administrator.",
)
_INCOMPLETE = Trouble(
    NotReady,
    "Tables of the database {name} are missing: {text} ({code}). A backup may be about to be restored; wait for it, "
    "then try again.",
    drops=True,
)
DAMAGED: Final = Trouble(
    Damaged,
    "The database {name} is damaged: {text} ({code}). Nothing more is written to it. Restore a backup.",
    drops=True,
)
_PROGRAM_FAULT = Trouble(
    ProgramFault,
    "The database {name} did not understand a request of this program: {text} ({code}). Nothing was written.",
    drops=True,
)
_VALUE = Trouble(
    UnstorableValue,
    "The database {name} cannot store a value of this: {text} ({code}). Nothing was written; correct it or leave it "
    "out. Other values can be saved.",
)
_OTHER = Trouble(
    DatabaseTrouble,
    "The database {name} reports an error: {text} ({code}). Nothing was written; try again in a moment, and if it "
    "stays ask your administrator.",
)

_NO_SCHEMA = Trouble(
    Unreachable, "The database {name} has no schema for the tables: {text}. Ask your administrator.", drops=True
)

_KINDS: Final[dict[str, Trouble]] = {
    # SQLite: extended names first, then their primary ones.
    "SQLITE_READONLY_DBMOVED": _MOVED,
    "SQLITE_IOERR_DIR_FSYNC": _UNWRITABLE,
    "SQLITE_IOERR_FSYNC": _UNWRITABLE,
    "SQLITE_IOERR_SHMSIZE": _UNWRITABLE,
    "SQLITE_IOERR_TRUNCATE": _UNWRITABLE,
    "SQLITE_IOERR_WRITE": _UNWRITABLE,
    "SQLITE_ABORT": _OTHER,
    "SQLITE_AUTH": _FORBIDDEN,
    "SQLITE_BUSY": _BUSY,
    "SQLITE_CANTOPEN": _UNREADABLE,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_ERROR": _PROGRAM_FAULT,
    "SQLITE_FULL": _FULL,
    "SQLITE_INTERRUPT": _SLOW,
    "SQLITE_IOERR": _UNREADABLE,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_MISMATCH": _VALUE,
    "SQLITE_MISUSE": _PROGRAM_FAULT,
    "SQLITE_NOMEM": _SHORT,
    "SQLITE_NOTADB": _NOT_OURS,
    "SQLITE_PERM": _UNREADABLE,
    "SQLITE_PROTOCOL": _UNREADABLE,
    "SQLITE_RANGE": _PROGRAM_FAULT,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_SCHEMA": _BUSY,
    "SQLITE_TOOBIG": _VALUE,
    # PostgreSQL: SQLSTATEs first, then their classes.
    "25006": _STANDBY,
    "25P03": _UNREACHABLE,  # the session was idle in a transaction for too long
    "25P04": _SLOW,  # transaction time-out
    "3D000": _UNREACHABLE,  # no such database
    "3F000": _NO_SCHEMA,
    "42501": _FORBIDDEN,
    "42P01": _INCOMPLETE,  # no such table
    "42P10": _INCOMPLETE,  # no such unique constraint: a restore creates them last
    "53100": _FULL,
    "54000": _VALUE,  # too long for an index
    "55P03": _BUSY,  # lock time-out
    "57014": _SLOW,  # statement time-out, or cancelled by the server's administrator
    "57P01": _UNREACHABLE,
    "57P02": _UNREACHABLE,
    "57P03": _UNREACHABLE,
    "57P04": _UNREACHABLE,
    "57P05": _UNREACHABLE,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "08": _UNREACHABLE,
    "0A": _PROGRAM_FAULT,
    "0L": _FORBIDDEN,
    "0P": _FORBIDDEN,
    "21": _PROGRAM_FAULT,
    "22": _VALUE,
    "24": _PROGRAM_FAULT,
    "25": _PROGRAM_FAULT,
    "26": _PROGRAM_FAULT,
    "28": _FORBIDDEN,
    "2B": _PROGRAM_FAULT,
    "2D": _PROGRAM_FAULT,
    "34": _PROGRAM_FAULT,
    "3B": _PROGRAM_FAULT,
    "40": _BUSY,
    "42": _PROGRAM_FAULT,
    "53": _SHORT,
    "54": _SHORT,
    "55": _BUSY,
}
"""By code, SQLite's primary result or the first two characters of the SQLSTATE; `_OTHER` if none is listed."""

_LOST: Final = ("08", "57P", "25P03")
"""Classes of SQLSTATEs that mean that the connection has ended."""


def driver_errors() -> tuple[type[Exception], ...]:
    """The base classes of all errors of the drivers in use, and of Peewee.

    SQLite's driver raises MemoryError for SQLITE_NOMEM.
    """
    psycopg = sys.modules.get("psycopg")
    known: tuple[type[Exception], ...] = (peewee.PeeweeException, sqlite3.Error, sqlite3.Warning, MemoryError)
    return known if psycopg is None else (*known, psycopg.Error, psycopg.Warning)


def understand(error: BaseException) -> Fault:
    """Classify an error of a driver or of Peewee."""
    original = getattr(error, "orig", None) or error
    text, _, _ = str(original).strip().partition("\n")
    text = text.rstrip(".") or "no answer"
    is_sqlite = isinstance(original, sqlite3.Error | sqlite3.Warning)
    code = _sqlite_code(original) if is_sqlite else str(getattr(original, "sqlstate", None) or "")
    if not code:
        return _without_code(original, text, is_sqlite=is_sqlite)
    kind = _kind(code, text)
    is_lost = not is_sqlite and code.startswith(_LOST)
    return Fault(_meaning(code), code, text, kind, is_lost)


def is_not_a_database(fault: Fault) -> bool:
    """Whether SQLite did not find the header of a database."""
    return fault.kind is _NOT_OURS


def _without_code(error: BaseException, text: str, *, is_sqlite: bool) -> Fault:
    """Classify an error that the driver or Peewee raised itself, without the database."""
    name = type(error).__name__
    trouble = partial(Fault, FaultMeaning.TROUBLE, name, text)
    if isinstance(error, peewee.IntegrityError):
        return Fault(FaultMeaning.REFUSED, name, text, _OTHER, is_lost=False)
    if isinstance(error, MemoryError):
        return Fault(FaultMeaning.TROUBLE, name, "memory", _SHORT, is_lost=False)
    if found := re.match(r"Could not decode to UTF-8 column '(\w+)'", text):
        return trouble(DAMAGED, is_lost=False, column=found[1])
    if name == "DataError":  # a value that cannot be sent, or one that was read and is out of Python's range
        return trouble(_VALUE if "NUL" in text else DAMAGED, is_lost=False, column=None if "NUL" in text else "")
    if name in ("InterfaceError", "NotSupportedError", "ProgrammingError", "Warning"):
        return trouble(_PROGRAM_FAULT, is_lost=not is_sqlite)
    return trouble(_OTHER if is_sqlite else _UNREACHABLE, is_lost=not is_sqlite)


def _meaning(code: str) -> FaultMeaning:
    if code.startswith(("23", "SQLITE_CONSTRAINT")):
        return FaultMeaning.REFUSED
    if code.startswith(("40", "SQLITE_BUSY_SNAPSHOT", "SQLITE_SCHEMA")):
        return FaultMeaning.AGAIN
    return FaultMeaning.TROUBLE


def _kind(code: str, text: str) -> Trouble:
    if code == "SQLITE_ERROR" and text.startswith("no such table"):  # SQLite has no code of its own for it
        return _INCOMPLETE
    short = "_".join(code.split("_")[:2]) if code.startswith("SQLITE_") else code[:2]
    return _KINDS.get(code) or _KINDS.get(short, _OTHER)


_RESULTS: Final = (
    *("OK", "ERROR", "INTERNAL", "PERM", "ABORT", "BUSY", "LOCKED", "NOMEM", "READONLY", "INTERRUPT", "IOERR"),
    *("CORRUPT", "NOTFOUND", "FULL", "CANTOPEN", "PROTOCOL", "EMPTY", "SCHEMA", "TOOBIG", "CONSTRAINT", "MISMATCH"),
    *("MISUSE", "NOLFS", "AUTH", "FORMAT", "RANGE", "NOTADB", "NOTICE", "WARNING"),
)
"""SQLite's primary results, by number."""


def _sqlite_code(error: BaseException) -> str:
    """The extended name of a result; empty if the driver raised the error without asking SQLite."""
    name = str(getattr(error, "sqlite_errorname", None) or "")
    number = getattr(error, "sqlite_errorcode", None)
    if name.startswith("SQLITE_") or number is None:
        return name
    # A result code that this Python version has no name for.
    primary = number & 0xFF
    known = f"SQLITE_{_RESULTS[primary]}" if primary < len(_RESULTS) else "SQLITE"
    return f"{known}_{number}"

"""Results of SQLite and SQLSTATEs, by what becomes of them; all of them are thrown at every kind of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from models.database.damage import NotedDamage
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

SQLITE: Final[dict[type[SerialdockError] | None, tuple[str, ...]]] = {
    Constrained: (
        *("SQLITE_CONSTRAINT", "SQLITE_CONSTRAINT_CHECK", "SQLITE_CONSTRAINT_FOREIGNKEY", "SQLITE_CONSTRAINT_NOTNULL"),
        *("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_TRIGGER", "SQLITE_CONSTRAINT_UNIQUE"),
    ),
    None: ("SQLITE_BUSY_SNAPSHOT", "SQLITE_SCHEMA"),
    Busy: ("SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_LOCKED", "SQLITE_LOCKED_SHAREDCACHE", "SQLITE_INTERRUPT"),
    Unreachable: (
        *("SQLITE_AUTH", "SQLITE_CANTOPEN", "SQLITE_CANTOPEN_ISDIR", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_PERM"),
        *("SQLITE_IOERR_READ", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHORT_READ"),
        *("SQLITE_PROTOCOL", "SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_ROLLBACK"),
    ),
    Replaced: ("SQLITE_READONLY_DBMOVED",),
    Damaged: ("SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "SQLITE_NOTADB"),
    ProgramFault: ("SQLITE_ERROR", "SQLITE_MISUSE", "SQLITE_RANGE"),
    UnstorableValue: ("SQLITE_MISMATCH", "SQLITE_TOOBIG"),
    DatabaseTrouble: (
        *("SQLITE_ABORT", "SQLITE_ABORT_ROLLBACK", "SQLITE_DONE", "SQLITE_EMPTY", "SQLITE_FORMAT", "SQLITE_INTERNAL"),
        *("SQLITE_NOLFS", "SQLITE_NOMEM", "SQLITE_NOTFOUND", "SQLITE_NOTICE", "SQLITE_ROW", "SQLITE_WARNING"),
        "SQLITE_OF_TOMORROW",
    ),
}
"""Every primary result of SQLite and some extended ones, by what becomes of them; None is run again."""

POSTGRESQL: Final[dict[type[SerialdockError] | None, tuple[str, ...]]] = {
    Constrained: ("23000", "23001", "23502", "23503", "23505", "23514", "23P01"),
    None: ("40000", "40001", "40002", "40003", "40P01"),
    Busy: ("55000", "55006", "55P03", "57014", "25P04"),
    Unreachable: (
        *("08000", "08006", "08P01", "57P01", "57P03", "57P05", "25P03", "25006", "28000", "28P01", "42501", "53100"),
        *("0L000", "0P000", "3D000", "3F000"),
    ),
    NotReady: ("42P01", "42P10"),
    Damaged: ("XX001", "XX002"),
    ProgramFault: (
        *("0A000", "21000", "24000", "25000", "25P02", "26000", "2B000", "2D000", "34000"),
        *("3B000", "42601", "42703", "42883", "42804"),
    ),
    UnstorableValue: ("22003", "22021", "22P02", "54000"),
    DatabaseTrouble: (
        *("01000", "02000", "03000", "09000", "0B000", "0F000", "0Z000", "20000", "27000", "2F000", "38000", "39000"),
        *("44000", "53000", "53200", "53300", "54001", "57000", "58000", "58030", "72000", "F0000", "HV000", "P0001"),
        *("XX000", "10608", "ZZ999"),
    ),
}
"""At least one SQLSTATE of each class in PostgreSQL's list, and some of no class in it."""

MORE_OF_SQLITE: Final[dict[type[SerialdockError], str]] = {
    Constrained: "CONSTRAINT_COMMITHOOK CONSTRAINT_FUNCTION CONSTRAINT_PINNED CONSTRAINT_ROWID CONSTRAINT_VTAB",
    Busy: "BUSY_TIMEOUT LOCKED_VTAB",
    Unreachable: (
        "AUTH_USER CANTOPEN_CONVPATH CANTOPEN_DIRTYWAL CANTOPEN_FULLPATH CANTOPEN_NOTEMPDIR CANTOPEN_SYMLINK "
        "IOERR_ACCESS IOERR_AUTH IOERR_BEGIN_ATOMIC IOERR_BLOCKED IOERR_CHECKRESERVEDLOCK IOERR_CLOSE "
        "IOERR_COMMIT_ATOMIC IOERR_CONVPATH IOERR_CORRUPTFS IOERR_DATA IOERR_DELETE IOERR_DELETE_NOENT IOERR_DIR_CLOSE "
        "IOERR_DIR_FSYNC IOERR_FSTAT IOERR_GETTEMPPATH IOERR_LOCK IOERR_MMAP IOERR_NOMEM IOERR_RDLOCK "
        "IOERR_ROLLBACK_ATOMIC IOERR_SEEK IOERR_SHMLOCK IOERR_SHMMAP IOERR_SHMOPEN IOERR_SHMSIZE IOERR_TRUNCATE "
        "IOERR_UNLOCK IOERR_VNODE READONLY_CANTINIT READONLY_CANTLOCK READONLY_RECOVERY"
    ),
    Damaged: "CORRUPT_SEQUENCE CORRUPT_VTAB",
    ProgramFault: "ERROR_MISSING_COLLSEQ ERROR_RETRY ERROR_SNAPSHOT",
    DatabaseTrouble: "NOTICE_RECOVER_ROLLBACK NOTICE_RECOVER_WAL OK_SYMLINK WARNING_AUTOINDEX",
}
"""The other extended results that Python's driver has names for: they only have to be understood as their kind is."""


class ThrownFault(NamedTuple):
    """A code at a kind of statement."""

    point: str
    """One of `tests.support.faults.POINTS`."""
    code: str
    kind: type[SerialdockError] | None
    """What becomes of it; None is run again."""

    @property
    def shown(self) -> str:
        """The code in messages."""
        return "MemoryError" if self.code == "SQLITE_NOMEM" else self.code

    @property
    def is_refused(self) -> bool:
        """Whether it is a refusal; at a rollback another fault came first."""
        return self.kind is Constrained and self.point != "rollback"


def cases(engine: str) -> list[tuple[type[SerialdockError] | None, str]]:
    """All codes of an engine, with what becomes of them."""
    table = SQLITE if engine == "sqlite" else POSTGRESQL
    return [(kind, code) for kind, codes in table.items() for code in codes]


def each_class(engine: str) -> list[tuple[type[SerialdockError] | None, str]]:
    """One code of each class of SQLSTATEs, or of each primary result of SQLite, for each thing that becomes of them."""
    found: dict[tuple[str, object], tuple[type[SerialdockError] | None, str]] = {}
    for kind, code in cases(engine):
        of = "_".join(code.split("_")[:2]) if engine == "sqlite" else code[:2]
        found.setdefault((of, kind), (kind, code))
    return list(found.values())


def in_turn(
    engine: str,
    place: int,
    points: tuple[str, ...] = ("write", "begin", "commit", "read"),
    codes: Callable[[str], list[tuple[type[SerialdockError] | None, str]]] = each_class,
) -> Iterator[ThrownFault]:
    """Codes, each at one of these kinds of statements.

    Args:
        place: another number for each place where they are thrown, so that a code meets each kind at one of them.
        codes: `each_class`, or `cases` where one costs little.
    """
    for number, (kind, code) in enumerate(codes(engine), place):
        yield ThrownFault(points[number % len(points)], code, kind)


def forget_damage(database: Any) -> None:
    """Let a database be written to after damage that was only made up."""
    database.damage = NotedDamage(database.what_is_there)

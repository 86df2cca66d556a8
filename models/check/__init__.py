"""The consistency check of a database: the file, the schema, each serial against its events, quantities, documents.

Read-only. Everything is read from one snapshot, so that concurrent writes are not reported as faults. `damage` reads
every value of an SQLite file, `structure` and `definitions` compare the schema; `rows`, `totals` and `records`
compare the data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peewee

from models.check import damage, definitions, records, structure, totals
from models.check.definitions import ExpectedDefinitions
from models.check.findings import Finding, Findings
from models.check.rows import Histories
from models.database.connection import connect, snapshot, translated
from models.database.damage import ERRORS
from models.errors import Damaged, DamagedRow, DatabaseTrouble, NotPermitted
from models.migrations import require_current
from models.permissions import Actor, looking
from models.schema import User, is_sqlite
from models.text import composed

__all__ = ["CheckReport", "Finding", "Progress", "check"]

Progress = Callable[[str, int, int], None]
"""Callback with the current step, the amount done and the total."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Findings, and how much was checked."""

    findings: tuple[Finding, ...]
    serials: int
    events: int
    documents: int
    warnings: tuple[str, ...] = ()
    """Warnings: not faults, but a person should correct them."""

    @property
    def good(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


def check(database: Any, *, login: str | None = None, progress: Progress | None = None) -> CheckReport:
    """Check a whole database.

    First every value of an SQLite file is read; if one cannot be read or has the wrong type, the check ends there.
    Then all definitions are compared with those of a fresh migration, each serial with its events, and each stored
    count and quantity with the rows that it sums. Memory use does not depend on the number of serials.

    Args:
        database: an opened database, bound to the tables.
        login: the account that runs the check; an unknown account may, since it has never signed in. None: no check.
        progress: called every few thousand serials; an error raised there aborts the check.

    Raises:
        NotPermitted: the user of this account was removed, or may not look.
        NotReady, TooNew: the schema version is not this program's.
        DatabaseTrouble: it cannot be reached or read.
    """
    findings, warnings = Findings(), list[str]()
    try:
        serials, events, documents = _compare(
            database, login, progress or (lambda what, done, total: None), findings, warnings
        )
    except Damaged as found:
        findings.add("row_damaged" if isinstance(found, DamagedRow) else "file_damaged", found.message)
        serials = events = documents = 0
    return CheckReport(findings.all(), serials, events, documents, tuple(warnings))


def _compare(
    database: Any, login: str | None, progress: Progress, findings: Findings, warnings: list[str]
) -> tuple[int, int, int]:
    """Run all comparisons; returns the numbers of serials, events and documents that were compared."""
    sqlite = is_sqlite()
    if login is not None:
        _require_first(database, login)
    if sqlite and not damage.find(Path(database.database), findings, lambda done, total: progress("File", done, total)):
        return 0, 0, 0
    connect(database)
    require_current(database)
    with translated(database):
        whole = _definitions(database, findings)  # it makes tables and rolls back, which a snapshot does not allow
    serials = events = documents = 0
    with translated(database), snapshot(database):
        progress("Structure", 0, 1)
        readable = structure.compare(database, whole, findings)
        progress("Structure", 1, 1)
        if readable and (sqlite or damage.find_on_server(database, findings)):
            records.statuses(findings)
            records.people(findings)
            records.items(findings)
            records.customers(findings)
            warnings += records.names_that_are_codes()
            records.locations(findings)
            totals.stock(findings)
            histories = Histories(findings, lambda done, total: progress("Serials", done, total))
            histories.compare()
            serials, events = histories.serials, histories.events
            totals.counts(histories.counts, findings)
            records.ngrams_of_serials(findings, lambda done, total: progress("Index", done, total))
            documents = totals.documents(findings, lambda done, total: progress("Documents", done, total))
        if sqlite:
            structure.compare_references(database, findings)
    return serials, events, documents


def _require_first(database: Any, login: str) -> None:
    """Check the permission before anything about the database is reported.

    Raises:
        NotPermitted
        DatabaseTrouble: a server cannot be reached or read.
    """
    try:
        connect(database)
        require_current(database)
        with translated(database):
            _require_to_look(login)
    except (DatabaseTrouble, peewee.DatabaseError, *ERRORS):
        # A damaged or older file is no secret from whoever may open it; what follows says what it is.
        if not is_sqlite():
            raise


def _require_to_look(login: str) -> None:
    user = User.select(User.id, User.active).where(User.login == composed(login)).first()
    if user is None:
        return
    if not user.active:
        raise NotPermitted(f"The user {login} was removed from this database. Ask your administrator.", permission="")
    looking(Actor(user.id, login), lambda: None)


def _definitions(database: Any, findings: Findings) -> ExpectedDefinitions | None:
    """The definitions that the migrations make; a finding if they cannot be made here."""
    try:
        return definitions.expected(database)
    except definitions.NotComparableError as error:
        findings.add(
            "definitions_unknown",
            "Conditions, triggers and functions were not compared whole, as this account may not make temporary "
            f"tables here: {error}. GRANT TEMPORARY ON DATABASE lets it, unless the server is read-only.",
        )
        return None

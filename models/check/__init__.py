"""Prove that a database is what it says: every serial the fold of its events, every count right, every guard in force.

Nothing is written. All is read from one snapshot, so that work going on meanwhile is never taken for a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from models.check import rows, structure
from models.check.rows import Histories
from models.check.structure import Finding, Findings
from models.database.connection import connect, translated
from models.migrations import require_current
from models.schema import is_sqlite

__all__ = ["Finding", "Progress", "Report", "check"]

Progress = Callable[[str, int, int], None]
"""What is being looked at, how much of it was, how much there is."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was looked at and what is wrong with it."""

    findings: tuple[Finding, ...]
    serials: int
    events: int
    documents: int

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def check(database: Any, *, progress: Progress | None = None) -> CheckReport:
    """Look at everything in a database.

    Constraints, indexes and triggers are compared with those that a fresh migration makes; then every serial with its
    events, and every count with what it counts. Memory stays the same however many serials there are.

    Args:
        database: opened; the tables are bound to it.
        progress: called every few thousand serials; an error raised there ends the check.

    Raises:
        NotReady, TooNew: the schema is not this program's.
        DatabaseTrouble: it cannot be reached or read.
    """
    connect(database)
    require_current(database)
    tell = progress or (lambda what, done, total: None)
    findings = Findings()
    serials = events = documents = 0
    with translated(database), _snapshot(database):
        tell("Structure", 0, 1)
        readable = structure.compare(database, findings)
        tell("Structure", 1, 1)
        if readable:
            rows.statuses(findings)
            rows.administrator(findings)
            rows.stock(findings)
            histories = Histories(findings, lambda done, total: tell("Serials", done, total))
            histories.compare()
            serials, events = histories.serials, histories.events
            rows.counts(histories.counts, findings)
            documents = rows.documents(findings, lambda done, total: tell("Documents", done, total))
        if is_sqlite():
            tell("File", 0, 1)
            structure.compare_file(database, findings)
            tell("File", 1, 1)
    return CheckReport(findings.all(), serials, events, documents)


@contextmanager
def _snapshot(database: Any) -> Iterator[None]:
    """One transaction that sees one state and can write nothing."""
    if is_sqlite():
        database.execute_sql("PRAGMA query_only = 1")
        try:
            with database.atomic("DEFERRED"):  # the usual way would take the lock of writers
                yield
        finally:
            database.execute_sql("PRAGMA query_only = 0")
    else:
        with database.atomic():
            database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield

"""The consistency check of a database: schema, each serial against its events, counts, documents.

Read-only. Everything is read from one snapshot, so that concurrent writes are not reported as faults. `structure`
compares the schema, `rows` the data.
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

    @property
    def good(self) -> bool:
        """Whether there are no findings."""
        return not self.findings


def check(database: Any, *, progress: Progress | None = None) -> CheckReport:
    """Check a whole database.

    Constraints, indexes and triggers are compared with those of a fresh migration; then each serial with its events,
    and each stored count with the rows it counts. Memory is constant, whatever the number of serials.

    Args:
        database: an opened database, bound to the tables.
        progress: called every few thousand serials; an error raised there aborts the check.

    Raises:
        NotReady, TooNew: the schema version is not this program's.
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
    """A read-only transaction with a consistent snapshot."""
    if is_sqlite():
        database.execute_sql("PRAGMA query_only = 1")
        try:
            with database.atomic("DEFERRED"):  # the default, IMMEDIATE, would take the write lock
                yield
        finally:
            database.execute_sql("PRAGMA query_only = 0")
    else:
        with database.atomic():
            database.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield

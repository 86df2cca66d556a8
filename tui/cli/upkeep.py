"""`serialdock check` and `serialdock migrate`: verify the database's integrity, and bring it up to date."""

from __future__ import annotations

from models.check import check as check_database
from models.migrations import CURRENT
from tui.cli.output import GOOD, REFUSED, counted
from tui.cli.parser import Opens, command
from tui.cli.session import Session


@command(
    "check",
    summary="prove that the database is whole; else exit code 1",
    opens=Opens.AS_IT_IS,
    note="Nothing is written. Every serial is compared with its events, every count with its serials.",
)
def check(session: Session) -> int:
    """Print the integrity problems found; the exit code is 1 if there are any."""
    report = session.run(check_database, session.database, progress=session.out.progress())
    lines = [finding.message for finding in report.findings]
    seen = ", ".join(
        (counted(report.serials, "serial"), counted(report.events, "event"), counted(report.documents, "document"))
    )
    lines.append(f"All is well: {seen}." if report.good else f"The database is not whole. Looked at: {seen}.")
    data = {
        "ok": report.good,
        "findings": [{"code": finding.code, "message": finding.message} for finding in report.findings],
        "serials": report.serials,
        "events": report.events,
        "documents": report.documents,
    }
    session.out.one(data, lines)
    return GOOD if report.good else REFUSED


@command("migrate", summary="bring the database up to date, as most commands do first")
def migrate(session: Session) -> None:
    """Print which migrations ran when the database was opened."""
    done = session.migrations
    said = f"Migrated to version {CURRENT}: {', '.join(done)}." if done else f"Up to date at version {CURRENT}."
    session.out.one({"migrations": done, "version": CURRENT}, [said])

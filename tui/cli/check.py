"""`serialdock check`: whether the database is whole."""

from __future__ import annotations

from models.check import check as check_database
from tui.cli.command import GOOD, REFUSED
from tui.cli.output import counted
from tui.cli.session import Session


def check(session: Session) -> int:
    """Print what is not as it must be; the exit code says whether anything is."""
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

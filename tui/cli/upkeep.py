"""`serialdock check` and `serialdock migrate`: verify the database's integrity, and bring it up to date."""

from __future__ import annotations

from typing import Any

from models.check import check as check_database
from models.migrations import CURRENT
from models.migrations import grant as grant_role
from models.people import account_name
from models.text import counted
from tui.cli.output import GOOD, REFUSED
from tui.cli.parser import Opens, argument, command
from tui.cli.session import Session


@command(
    "check",
    summary="prove that the database is whole; else exit code 1",
    opens=Opens.AS_IT_IS,
    note="Nothing is written. Every value is read, every definition compared with a fresh one, every serial with its "
    "events, every count and quantity with the rows that it adds up.",
)
def check(session: Session) -> int:
    """Print the integrity problems found; the exit code is 1 if there are any."""
    login = session.login or account_name()  # nobody is signed in: that would write
    report = check_database(session.database, login=login, progress=session.out.progress())
    lines = [finding.message for finding in report.findings]
    lines += [f"warning: {said}" for said in report.warnings]
    seen = ", ".join(
        (counted(report.serials, "serial"), counted(report.events, "event"), counted(report.documents, "document"))
    )
    lines.append(f"All is well: {seen}." if report.good else f"The database is not whole. Looked at: {seen}.")
    data: dict[str, Any] = {
        "ok": report.good,
        "findings": [{"code": finding.code, "message": finding.message} for finding in report.findings],
        "serials": report.serials,
        "events": report.events,
        "documents": report.documents,
    }
    data |= {"warnings": list(report.warnings)} if report.warnings else {}
    session.out.one(data, lines)
    return GOOD if report.good else REFUSED


@command(
    "migrate",
    summary="bring the database up to date, as most commands do first",
    arguments=(
        argument("--grant", metavar="ROLE", help="let this PostgreSQL role do what the app does, and nothing more"),
    ),
    examples=("serialdock migrate", "serialdock migrate --grant stock_app --database postgresql://owner@db/stock"),
    opens=Opens.OWNED,
    note="A granted role is remembered: each later migration grants to it anew.",
)
def migrate(session: Session, *, grant: str | None) -> None:
    """Print which migrations ran when the database was opened, and grant the app's rights to a role."""
    done = session.migrations
    lines = [f"Migrated to version {CURRENT}: {', '.join(done)}." if done else f"Up to date at version {CURRENT}."]
    if len(done) == CURRENT:
        lines.append("It was empty: this is a new database. To restore a backup in its place, remove it first.")
    lines += session.notes
    if grant is not None:
        session.run(grant_role, session.database, grant)
        lines.append(f"The role {grant} may do what the app does; it cannot change history, triggers or tables.")
    data: dict[str, Any] = {"migrations": done, "version": CURRENT}
    data |= {"notes": session.notes} if session.notes else {}
    data |= {"granted": grant} if grant is not None else {}
    if session.login is not None:  # the owner of the tables may be no user, and the index is written by one
        session.index()
    session.out.one(data, lines)

"""`serialdock migrate`: whether the database is up to date; opening it has brought it there."""

from __future__ import annotations

from models.migrations import CURRENT
from tui.cli.session import Session


def migrate(session: Session) -> None:
    """Print which migrations ran when the database was opened."""
    done = session.migrations
    said = f"Migrated to version {CURRENT}: {', '.join(done)}." if done else f"Up to date at version {CURRENT}."
    session.out.one({"migrations": done, "version": CURRENT}, [said])

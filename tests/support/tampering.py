"""Tampering with a database, and the findings of the check afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from models.check import check
from models.items.items import create_item
from models.locations import create_location
from models.people import add_user, sign_in
from models.permissions import Actor
from models.schema import is_sqlite
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.serials.record import set_condition_notes
from tests.support.warehouse import set_warranty

GUARDED = ("serial_events", "stock_changes")
"""Tables to which rows can only be added."""


def three_laptops() -> Actor:
    """Make SN-1 (moved, noted, under warranty), SN-2 and SN-3 of the item LAP; return the administrator.

    There is another user, eve.
    """
    actor = sign_in()
    add_user(actor, "eve")
    create_location(actor, "SHELF")
    create_location(actor, "DOCK")
    lap = create_item(actor, "LAP", "Laptop", location="SHELF", on_hand=5, track_serials=True)
    first, _, _ = add_serials(actor, lap.id, ["SN-1", "SN-2", "SN-3"]).serial_ids
    transfer_serials(actor, [first], "DOCK")
    set_condition_notes(actor, first, "dented")
    set_warranty(actor, first, date(2026, 1, 1), date(2027, 12, 31))
    return actor


def found_in(database: Any) -> dict[str, list[str]]:
    """The findings of a check: messages by code."""
    found: dict[str, list[str]] = {}
    for finding in check(database).findings:
        found.setdefault(finding.code, []).append(finding.message)
    return found


@contextmanager
def behind_the_program(database: Any) -> Iterator[None]:
    """Write as if with the database's own tools: triggers and constraints are off inside the block."""
    if is_sqlite():
        guards = database.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        database.execute_sql("PRAGMA foreign_keys = 0")
        database.execute_sql("PRAGMA ignore_check_constraints = 1")
        for name, _ in guards:
            database.execute_sql(f"DROP TRIGGER {name}")
        yield
        for _, text in guards:
            database.execute_sql(text)
        database.execute_sql("PRAGMA ignore_check_constraints = 0")
        database.execute_sql("PRAGMA foreign_keys = 1")
    else:
        for table in GUARDED:
            database.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in GUARDED:
            database.execute_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def tamper(database: Any, *statements: str) -> None:
    """Run statements with triggers and constraints off; each must change something."""
    with behind_the_program(database):
        for statement in statements:
            assert database.execute_sql(statement).rowcount != 0, statement

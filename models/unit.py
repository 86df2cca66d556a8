"""The write unit: one transaction, done wholly or not at all, and once even when the line breaks at the commit.

Each unit carries an id made by the client and stored with its first statement. When the line to PostgreSQL breaks, the
unit is run again on a new connection unless its id is there: then the commit had arrived and its result stands.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import peewee

from models import clock
from models.database import connect, forget_connection, is_lost, note_unit
from models.permissions import Actor
from models.schema.base import bound, moment_value

T = TypeVar("T")

TRIES = 3
"""How often a unit is begun before its error is shown."""


@dataclass(slots=True)
class Unit:
    """One transaction in the name of one person."""

    actor: Actor
    """Who does it."""
    at: datetime = field(default_factory=clock.now)
    """When it counts, in UTC; all its events bear this moment."""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The client-made id."""
    counts: Counter[tuple[int, ...]] = field(default_factory=Counter)
    """How many serials more there are by (item, location, status); see `ledger.count`."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """What is done last, before the commit."""


def write(actor: Actor, work: Callable[[Unit], T]) -> T:
    """Run `work` in one transaction as one unit.

    Raises:
        Refusal: from `work`; nothing was written.
        peewee.IntegrityError: a constraint refused it; nothing was written.
    """
    note_unit()
    unit = Unit(actor)
    database = bound.obj
    for attempt in range(1, TRIES + 1):
        finished = False
        unit.counts.clear()
        unit.at_end.clear()
        try:
            with database.atomic():
                _sign(unit)
                result = work(unit)
                for act in unit.at_end:
                    act()
                finished = True
        except (peewee.OperationalError, peewee.InterfaceError, peewee.DatabaseError) as error:
            lost = is_lost(database)
            if attempt == TRIES or not (lost or "deadlock detected" in str(error)):
                raise
            if lost:
                forget_connection(database)
                connect(database)
                if finished and _is_signed(unit):
                    return result
        else:
            return result
    raise AssertionError("unreachable")  # pragma: no cover


def _sign(unit: Unit) -> None:
    bound.execute_sql(
        f"INSERT INTO work_units (token, at) VALUES ({bound.param}, {bound.param})", (unit.token, moment_value(unit.at))
    )


def _is_signed(unit: Unit) -> bool:
    found = bound.execute_sql(f"SELECT 1 FROM work_units WHERE token = {bound.param}", (unit.token,))
    return found.fetchone() is not None

"""The write unit: one transaction, done wholly or not at all, and once even when the line breaks at the commit.

Each unit carries an id made by the client and stored with its first statement. When the line to PostgreSQL breaks, the
unit is run again on a new connection; an id that is there already says that the commit had arrived, and its result
stands.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import peewee

from models import clock
from models.database.connection import address, connect, error_code, forget_connection, is_lost, note_unit, write_lock
from models.errors import Unreachable
from models.permissions import Actor
from models.schema import bound, is_sqlite, moment_value

T = TypeVar("T")

TRIES = 3
"""How often a unit is begun before its error is shown."""

PATIENCE = 5.0
"""Seconds to wait for a server that went away at the commit, since only it knows whether the unit was saved."""

KEEP_TOKENS = timedelta(days=1)
"""How long the id of a unit is kept; it is asked for within seconds."""

_SWEEP_EVERY = 3600.0
"""Seconds between two removals of old ids by one process."""

_BLOCKED = ("40001", "40P01")
"""SQLSTATEs of a transaction that only has to be run again: serialization failure, deadlock."""


@dataclass(slots=True)
class Unit:
    """One transaction in the name of one person."""

    actor: Actor
    """Who does it."""
    at: datetime
    """When it counts, in UTC; all its events bear this moment."""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The client-made id."""
    counts: Counter[tuple[int, ...]] = field(default_factory=Counter)
    """How many serials more there are by (item, location, status); see `ledger.count`."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """What is done last, before the commit."""


def write(actor: Actor, work: Callable[[Unit], T]) -> T:
    """Run `work` in one transaction as one unit. It may be run more than once, each time on an unchanged database.

    Where a constraint refuses it, somebody else was quicker between its check and its write: it is run once more, so
    that its checks can say so in words.

    Raises:
        Refusal: from `work`; nothing was written.
        Unreachable: the line broke at the commit and stays broken; says that the outcome is not known.
        peewee.IntegrityError: a constraint refused it twice; nothing was written.
        peewee.DatabaseError: nothing was written.
    """
    note_unit()
    database = bound.obj
    if database.in_transaction():
        msg = "a unit is a transaction of its own; it cannot be part of another"
        raise RuntimeError(msg)
    unit = Unit(actor, clock.now())
    finished: list[T] = []  # the result of the last run that reached its commit
    refused = False
    for attempt in range(1, TRIES + 1):
        doubtful = False
        try:
            with write_lock(database):
                unit.at = clock.now()  # SQLite has given the lock by now, so that later units bear later moments
                if not _sign(unit):
                    return finished[-1]
                finished.append(_run(unit, work))
                doubtful = True  # until the server has answered the commit
        except peewee.IntegrityError:
            if refused or attempt == TRIES:
                raise
            refused = True
        except (peewee.DatabaseError, peewee.InterfaceError) as error:
            if is_lost(database):
                _reconnect(database, error, tries_left=TRIES - attempt, doubtful=doubtful)
            elif error_code(error) not in _BLOCKED or attempt == TRIES:
                raise
        else:
            return finished[-1]
    raise AssertionError("unreachable")  # pragma: no cover


def _run(unit: Unit, work: Callable[[Unit], T]) -> T:
    unit.counts.clear()
    unit.at_end.clear()
    result = work(unit)
    for act in unit.at_end:
        act()
    return result


def _sign(unit: Unit) -> bool:
    """Store the unit's id; False where it is there. Waits for an earlier run that the server is still committing."""
    _sweep(unit)
    one = bound.param
    stored = bound.execute_sql(
        f"INSERT INTO work_units (token, at) VALUES ({one}, {one}) ON CONFLICT (token) DO NOTHING",
        (unit.token, moment_value(unit.at)),
    )
    return bool(stored.rowcount == 1)


_next_sweep = 0.0


def _sweep(unit: Unit) -> None:
    global _next_sweep  # noqa: PLW0603 - one clock a process
    if time.monotonic() < _next_sweep:
        return
    _next_sweep = time.monotonic() + _SWEEP_EVERY
    others = "" if is_sqlite() else "FOR UPDATE SKIP LOCKED"
    bound.execute_sql(
        "DELETE FROM work_units WHERE token IN "
        f"(SELECT token FROM work_units WHERE at < {bound.param} ORDER BY at LIMIT 10000 {others})",
        (moment_value(unit.at - KEEP_TOKENS),),
    )


def _reconnect(database: Any, error: Exception, *, tries_left: int, doubtful: bool) -> None:
    """Open a new connection in place of a lost one.

    Args:
        doubtful: whether only the server knows what became of the unit, so that waiting for it is worth while.
    """
    what_now = (
        "It broke off while saving: look whether the change is there before you make it again."
        if doubtful
        else "Nothing was written; try again in a moment."
    )
    forget_connection(database)
    end = time.monotonic() + (PATIENCE if doubtful else 0.0)
    while tries_left:
        try:
            connect(database)
        except Unreachable as trouble:
            if time.monotonic() >= end:
                raise Unreachable(f"{trouble.message.rstrip('.')}. {what_now}") from error
            time.sleep(0.2)
        else:
            return
    raise Unreachable(f"The line to the database {address(database)} keeps breaking. {what_now}") from error

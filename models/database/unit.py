"""The write unit: one transaction, all or nothing, applied once even when the connection breaks during the commit.

Each unit has an id made by the client and stored by its first statement. When the connection to PostgreSQL breaks, the
unit is retried on a new connection; if the id is stored already, the commit had succeeded and its result is returned.
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
"""Attempts at a unit before its error is raised."""

PATIENCE = 5.0
"""Seconds to wait for a server lost during the commit, as only the server knows whether the unit was saved."""

KEEP_TOKENS = timedelta(days=1)
"""How long unit ids are kept; a retry needs them within seconds."""

_SWEEP_EVERY = 3600.0
"""Seconds between two deletions of old ids by one process."""

_BLOCKED = ("40001", "40P01")
"""SQLSTATEs after which the transaction can simply be retried: serialization failure, deadlock."""


@dataclass(slots=True)
class Unit:
    """One write transaction of one user."""

    actor: Actor
    """The user."""
    at: datetime
    """Timestamp in UTC, shared by all its events."""
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    """The unit's id, made by the client."""
    counts: Counter[tuple[int, ...]] = field(default_factory=Counter)
    """Changes of the serial counts by (item, location, status); see `ledger.count`."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """Callbacks that run last, before the commit."""


def write(actor: Actor, work: Callable[[Unit], T]) -> T:
    """Run `work` in one transaction as one unit. It may run more than once, after a rollback each time.

    A constraint violation means that another user wrote between its check and its write: it is retried once, so that
    its checks can refuse with a proper message.

    Raises:
        Refusal: from `work`; nothing was written.
        Unreachable: the connection cannot be restored; the message says whether the outcome is unknown, because it
            broke during the commit.
        peewee.IntegrityError: a constraint refused it twice; nothing was written.
        peewee.DatabaseError: nothing was written.
    """
    note_unit()
    database = bound.obj
    if database.in_transaction():
        msg = "a unit is a transaction of its own; it cannot be part of another"
        raise RuntimeError(msg)
    unit = Unit(actor, clock.now())
    finished: list[T] = []  # results of the runs that reached their commit
    refused = False
    for attempt in range(1, TRIES + 1):
        doubtful = False
        try:
            with write_lock(database):
                unit.at = clock.now()  # after SQLite's lock was taken, so that later units get later timestamps
                if not _sign(unit):
                    # An earlier run was committed, although the connection broke before the server's answer.
                    return finished[-1]
                finished.append(_run(unit, work))
                doubtful = True  # the outcome is unknown until the server has answered the commit
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
    """Store the unit's id; False if it exists. The INSERT waits for an earlier run that is still being committed."""
    _sweep(unit)
    one = bound.param
    stored = bound.execute_sql(
        f"INSERT INTO work_units (token, at) VALUES ({one}, {one}) ON CONFLICT (token) DO NOTHING",
        (unit.token, moment_value(unit.at)),
    )
    return bool(stored.rowcount == 1)


_next_sweep = 0.0


def _sweep(unit: Unit) -> None:
    global _next_sweep  # noqa: PLW0603 - one sweep timer per process
    if time.monotonic() < _next_sweep:
        return
    _next_sweep = time.monotonic() + _SWEEP_EVERY
    # Two processes that sweep at the same time must not wait for each other.
    others = "" if is_sqlite() else "FOR UPDATE SKIP LOCKED"
    bound.execute_sql(
        "DELETE FROM work_units WHERE token IN "
        f"(SELECT token FROM work_units WHERE at < {bound.param} ORDER BY at LIMIT 10000 {others})",
        (moment_value(unit.at - KEEP_TOKENS),),
    )


def _reconnect(database: Any, error: Exception, *, tries_left: int, doubtful: bool) -> None:
    """Replace a lost connection.

    Args:
        doubtful: whether only the server knows the outcome of the unit, so that it pays to wait for it.
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

"""The write unit: one transaction, all or nothing, applied once even when the connection breaks during the commit.

Each unit has an id made by the client and stored by its first statement. When the connection to PostgreSQL breaks, the
unit is retried on a new connection; if the id is stored already, the commit had succeeded and its result is returned.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from models import clock
from models.database.connection import (
    address,
    connect,
    forget_connection,
    is_lost,
    is_moved,
    note_commit,
    note_unit,
    problem,
    require_undamaged,
    write_lock,
)
from models.database.faults import FaultMeaning, driver_errors, understand
from models.database.same_file import ID_OF
from models.errors import Unreachable
from models.permissions import Actor
from models.schema import bound, is_sqlite, moment_value

T = TypeVar("T")

TRIES = 3
"""Attempts at a unit before its error is raised."""

PATIENCE = 5.0
"""Seconds to wait for a server lost during the commit, as only the server knows whether the unit was saved."""

KEEP_TOKENS = timedelta(days=1)
"""Time for which unit ids are kept; a retry needs them within seconds."""

_SWEEP_EVERY = 3600.0
"""Seconds between two deletions of old ids by one process."""

_UNKNOWN_OUTCOME = "It broke off while saving: look whether the change is there before you make it again."


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
    stock_changes: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """Changes of quantities by item, location and why; see `ledger.add_stocks`."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """Callbacks that run last, before the commit."""


_together: Final[ContextVar[bool]] = ContextVar("together", default=False)
"""Whether the writes of this thread are parts of one unit."""


@contextmanager
def together() -> Iterator[None]:
    """Make all that is written in this block part of the unit that runs: it is saved with the unit, or nothing is.

    Each operation in it has its own person and time, as if it stood alone. One that fails ends the whole unit, so let
    its error pass.
    """
    if not bound.obj.in_transaction():
        msg = "operations are parts of a unit only while one runs"
        raise RuntimeError(msg)
    token = _together.set(True)
    try:
        yield
    finally:
        _together.reset(token)


def write(actor: Actor, work: Callable[[Unit], T], *, durable: bool = False) -> T:
    """Run `work` in one transaction as one unit. It may run more than once, after a rollback each time.

    A constraint violation means that another user wrote between its check and its write: it is retried once, so that
    its checks can refuse with a proper message.

    Args:
        durable: wait until the disk has it, see `write_lock`: for all that changes serials, events or quantities. Scans
            of a draft and settings do not wait: it is one fsync each.

    Raises:
        Refusal: from `work`; nothing was written.
        Constrained: a constraint refused it twice; nothing was written.
        Unreachable: the connection cannot be restored; the message says whether the outcome is unknown, because it
            broke during the commit.
        DatabaseTrouble: nothing was written.
    """
    if _together.get():
        return _run(Unit(actor, clock.now()), work)
    return _write_alone(actor, work, durable=durable)


def _write_alone(actor: Actor, work: Callable[[Unit], T], *, durable: bool) -> T:
    note_unit()
    database = bound.obj
    if database.in_transaction():
        msg = "a unit is a transaction of its own; it cannot be part of another"
        raise RuntimeError(msg)
    require_undamaged(database)
    unit = Unit(actor, clock.now())  # one for all attempts: by its id a commit is recognised
    finished: list[T] = []  # results of the runs that reached their commit
    refused = False
    for attempt in range(1, TRIES + 1):
        doubtful = False
        if attempt > 1:
            connect(database)
        try:
            with write_lock(database, durable=durable):
                unit.at = clock.now()  # after SQLite's lock was taken, so that later units get later timestamps
                if not _store_token(unit):
                    # An earlier run was committed, although the connection broke before the server's answer.
                    return finished[-1]
                finished.append(_run(unit, work))
                doubtful = True  # the outcome is unknown until the server has answered the commit
        except driver_errors() as error:
            meaning, is_last = understand(error).meaning, attempt == TRIES
            if is_lost(database, error):
                _reconnect(database, error, tries_left=TRIES - attempt, doubtful=doubtful)
            elif is_last or not (meaning is FaultMeaning.AGAIN or (meaning is FaultMeaning.REFUSED and not refused)):
                raise problem(database, error) from error
            refused = refused or meaning is FaultMeaning.REFUSED
        else:
            if not is_moved(database):  # what was written is in the file that the address names
                note_commit()
                return finished[-1]
            # The file was replaced between the check and the commit; the unit's id tells whether its successor has it.
    raise Unreachable(f"The file of the database {address(database)} is replaced again and again. {_UNKNOWN_OUTCOME}")


def _run(unit: Unit, work: Callable[[Unit], T]) -> T:
    # What an earlier attempt has gathered was rolled back with it.
    unit.counts.clear()
    unit.stock_changes.clear()
    unit.at_end.clear()
    result = work(unit)
    for act in unit.at_end:
        act()
    return result


def _store_token(unit: Unit) -> bool:
    """Store the unit's id; False if it exists. The INSERT waits for an earlier run that is still being committed.

    Raises:
        Replaced: another database is at the server's address now.
    """
    _sweep(unit)
    one, sqlite = bound.param, is_sqlite()
    stored = bound.execute_sql(
        f"INSERT INTO work_units (token, at) VALUES ({one}, {one}) ON CONFLICT (token) DO NOTHING"
        + ("" if sqlite else f" RETURNING ({ID_OF})"),
        (unit.token, moment_value(unit.at)),
    )
    if sqlite:
        return bool(stored.rowcount == 1)
    row = stored.fetchone()
    if row is not None:
        bound.obj.require_same(row[0])
    return row is not None


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
    what_now = _UNKNOWN_OUTCOME if doubtful else "Nothing was written; try again in a moment."
    code = understand(error).code
    forget_connection(database)
    end = time.monotonic() + (PATIENCE if doubtful else 0.0)
    while tries_left:
        try:
            connect(database)
        except Unreachable as trouble:
            if time.monotonic() >= end:
                raise Unreachable(f"{trouble.message.rstrip('.')}. {what_now}", error=code) from error
            time.sleep(0.2)
        else:
            return
    raise Unreachable(f"The line to the database {address(database)} keeps breaking. {what_now}", error=code) from error

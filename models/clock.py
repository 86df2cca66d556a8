"""The clock: event timestamps are in UTC, dates in the local time zone of the host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Final

_set: Final[ContextVar[datetime | None]] = ContextVar("clock", default=None)
"""The time that `set_to` has given to this thread; None means that the clock goes."""


def now() -> datetime:
    """The current time, timezone-aware, in UTC, to the microsecond."""
    return _set.get() or datetime.now(UTC)


def today() -> date:
    """The current local date: the default for *Date Received*, and the date that warranties are compared with."""
    return (_set.get() or datetime.now(UTC)).astimezone().date()


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Stop the clock of this thread at a moment, for operations that belong to an invented past.

    Args:
        moment: in UTC.
    """
    token = _set.set(moment)
    try:
        yield
    finally:
        _set.reset(token)


def day(moment: datetime) -> str:
    """The local date of a timestamp, ISO."""
    return moment.astimezone().date().isoformat()


def clock_time(moment: datetime) -> str:
    """The local time and date of a timestamp: `10:42 on 2026-03-02`."""
    return f"{moment.astimezone():%H:%M} on {day(moment)}"


def short_time(moment: datetime) -> str:
    """The local time of a timestamp, with the date if it is not today."""
    return f"{moment.astimezone():%H:%M}" if day(moment) == day(now()) else clock_time(moment)

"""What time it is: events are stamped in UTC, dates are those of the place where the program runs."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today() -> date:
    """The present date where the program runs: what *Date Received* gets and what warranties are read against."""
    return datetime.now().astimezone().date()

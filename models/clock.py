"""The clock: event timestamps are in UTC, dates in the local time zone of the host."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """The current time, timezone-aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today() -> date:
    """The current local date: the default for *Date Received*, and the date that warranties are compared with."""
    return datetime.now().astimezone().date()

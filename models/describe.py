"""How a serial is named in a sentence: its status, place, customer and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from models.database.bulk import placeholders
from models.schema.base import bound, read_moment


def whereabouts(serial_ids: Sequence[int]) -> dict[int, str]:
    """For each serial a phrase: `In Stock at DOCK-1 since 2026-03-02`, `Sold to Bergmann AG since …, last at …`.

    Sold, lost and scrapped units keep their last place, so theirs is called that.
    """
    if not serial_ids:
        return {}
    rows = bound.execute_sql(
        "SELECT s.id, t.code, t.label, l.code, c.name, max(e.at) FROM serials s "
        "JOIN statuses t ON t.id = s.status_id JOIN locations l ON l.id = s.location_id "
        "LEFT JOIN customers c ON c.id = s.customer_id "
        "JOIN serial_events e ON e.serial_id = s.id "
        "AND (e.from_status_id IS NULL OR e.from_status_id <> e.to_status_id) "
        f"WHERE s.id IN ({placeholders(len(serial_ids))}) GROUP BY s.id, t.code, t.label, l.code, c.name",
        list(serial_ids),
    )
    return {row[0]: _phrase(*row[1:]) for row in rows.fetchall()}


def day(moment: datetime) -> str:
    """The date of a moment where the program runs, ISO."""
    return moment.astimezone().date().isoformat()


def clock_time(moment: datetime) -> str:
    """The time of day and the date of a moment where the program runs: `10:42 on 2026-03-02`."""
    return f"{moment.astimezone():%H:%M} on {day(moment)}"


def so_are(more: int, of: str = "") -> str:
    """` So are 3 more.`, to follow a sentence about the first of several; empty where there are no more."""
    return f" So {'is' if more == 1 else 'are'} {more} more{of}." if more else ""


def _phrase(code: str, label: str, location: str, customer: str | None, since: object) -> str:
    date = day(read_moment(since))
    buyer = f" to {customer}" if customer and code == "sold" else ""
    if code in ("sold", "lost", "scrapped"):
        return f"{label}{buyer} since {date}, last at {location}"
    if code == "in_transit":
        return f"{label} to {location} since {date}"
    return f"{label} at {location} since {date}"

"""Warranties: terms of days, months or years, the texts that people type for them, and the state on a day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from models.errors import BadValue


class TermUnit(StrEnum):
    """The unit of a term; the values are stored."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


MOST: Final = 9_999
"""Largest number in a term."""

_LETTERS: Final = {"d": TermUnit.DAYS, "m": TermUnit.MONTHS, "y": TermUnit.YEARS}
_HOW: Final = "Write 90d, 24m or 2y."


class Term(NamedTuple):
    """The length of a warranty."""

    amount: int
    unit: TermUnit

    @property
    def code(self) -> str:
        """The written form: 24m."""
        return f"{self.amount}{self.unit[0]}"

    @property
    def text(self) -> str:
        """In words: 24 months."""
        return f"{self.amount:,} {self.unit if self.amount > 1 else self.unit.removesuffix('s')}"

    def last_day(self, start: date) -> date:
        """The last day of a warranty that starts on `start`: 12 months from 2 March end on 1 March.

        Raises:
            BadValue: the calendar does not go that far.
        """
        try:
            if self.unit is TermUnit.DAYS:
                return start + timedelta(days=self.amount - 1)
            months = start.month - 1 + self.amount * (12 if self.unit is TermUnit.YEARS else 1)
            year, month = start.year + months // 12, months % 12 + 1
            # From a day that the last month does not have it counts as from that month's last day.
            day = min(start.day, calendar.monthrange(year, month)[1])
            return date(year, month, day) - timedelta(days=1)
        except (ValueError, OverflowError):
            raise self._too_long from None

    def extended(self, end: date) -> date:
        """The last day of a warranty that ended on `end` and goes on for this long.

        Raises:
            BadValue: the calendar does not go that far.
        """
        if end == date.max:
            raise self._too_long
        return self.last_day(end + timedelta(days=1))

    @property
    def _too_long(self) -> BadValue:
        return BadValue(f"A warranty of {self.text} ends after the year 9999. Give a shorter one.", field="warranty")


class Extension(NamedTuple):
    """An extension of a warranty."""

    term: Term


class WarrantyDates(NamedTuple):
    """A warranty by its dates."""

    start: date | None
    """First day; None if it is not known."""
    end: date


def term(text: str) -> Term:
    """Read a term such as 24m.

    Raises:
        BadValue
    """
    found = re.fullmatch(r"([0-9]{1,4}) ?([dmy])", text.strip().lower())
    if found is None or not int(found[1]):
        raise BadValue(f"'{text.strip()}' is not a warranty term. {_HOW}", field="warranty")
    return Term(int(found[1]), _LETTERS[found[2]])


def warranty(text: str) -> Term | WarrantyDates | None:
    """Read a term, `START..END`, `..END`, or `none`, for which the result is None.

    Raises:
        BadValue
    """
    text = text.strip()
    if text.lower() == "none":
        return None
    if ".." not in text:
        return term(text)
    first, _, last = text.partition("..")
    start, end = read_day(first, "first day") if first.strip() else None, read_day(last, "last day")
    if start and end < start:
        raise BadValue(
            f"The warranty would end on {end}, before it starts on {start}. Correct one of the dates.",
            field="warranty",
        )
    return WarrantyDates(start, end)


def warranty_change(text: str) -> Term | WarrantyDates | Extension | None:
    """Read a change of a warranty: as `warranty` reads it, or `+12m`, which extends the present one.

    Behind dates, `+12m` extends these: `START..END+12m`.

    Raises:
        BadValue
    """
    head, plus, more = text.rpartition("+")
    if not plus:
        return warranty(text)
    longer = term(more)
    if not head.strip():
        return Extension(longer)
    dates = warranty(head)
    if not isinstance(dates, WarrantyDates):
        raise BadValue(
            f"'{text.strip()}' extends no dates. Write +{longer.code} to extend the warranty that is there.",
            field="warranty",
        )
    return WarrantyDates(dates.start, longer.extended(dates.end))


_DAY: Final = re.compile(r"([0-9]{4})[-./ ]([0-9]{1,2})[-./ ]([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")


def read_day(text: str, what: str = "date", field: str = "warranty") -> date:
    """Read a day as people type it (year, month, day): 2026-04-11, 2026/4/11 or 20260411.

    Args:
        what: what the day is, to follow "The" in a message.
        field: name of the field, for the refusal.

    Raises:
        BadValue: not a date; the message gives the format, or how many days the month has.
    """
    text = text.strip()
    found = _DAY.fullmatch(text)
    if found is None:
        how = "Type year, month, day, such as 2026-04-11."
        raise BadValue(f"The {what} {text} is no date that can be read. {how}", field=field)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    if not 1 <= month <= 12 or year == 0:
        raise BadValue(f"The {what} {text} has no such month. Type year, month, day, such as 2026-04-11.", field=field)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise BadValue(f"The {what} {text} is not in the calendar: {year}-{month:02} has {last} days.", field=field)
    return date(year, month, day)


class Warranty(StrEnum):
    """The warranty state; the values are part of the public interface."""

    NONE = "none"
    ACTIVE = "active"
    EXPIRED = "expired"
    VOID = "void"


WARRANTY_LABELS: Final[Mapping[Warranty, str]] = {
    Warranty.NONE: "no warranty",
    Warranty.ACTIVE: "under warranty",
    Warranty.EXPIRED: "expired",
    Warranty.VOID: "void",
}
"""Warranty states in words; the serial list shows void as no warranty."""


def warranty_status(start: date | None, end: date | None, void: str | None, day: date) -> Warranty:
    """The warranty state on a day. The end day is still active; before the start day there is no warranty."""
    if end is None:
        return Warranty.NONE
    if void is not None:
        return Warranty.VOID
    if day > end:
        return Warranty.EXPIRED
    return Warranty.NONE if start is not None and day < start else Warranty.ACTIVE

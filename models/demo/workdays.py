"""The demo's time: working hours of the last two and a half years, in slots of five minutes."""

from __future__ import annotations

from array import array
from datetime import UTC, date, datetime, timedelta

YEARS = 2.5
"""How far back the demo begins."""

DAY = 132
"""Slots of a working day, 07:00 to 18:00."""

_SLOT = 300
"""Seconds of a slot."""

_SUNDAY = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Workdays:
    """The working days before today, Sundays left out; slots are numbered from the first on.

    Args:
        today: the present date where the program runs.
    """

    def __init__(self, today: date) -> None:
        first = today - timedelta(days=round(YEARS * 365.25))
        days = [first + timedelta(days=number) for number in range((today - first).days)]
        self.days = [day for day in days if day.weekday() != _SUNDAY]
        self.slots = len(self.days) * DAY
        """How many there are; the last one ends before today."""
        opens = (datetime(day.year, day.month, day.day, 7).astimezone() for day in self.days)
        self._opens = array("q", (int(moment.timestamp()) for moment in opens))
        self._texts = [day.isoformat() for day in self.days]
        self._weeks = [f"{day.isocalendar().year % 10}{day.isocalendar().week:02d}" for day in self.days]

    def moment(self, slot: int, part: int = 0, parts: int = 1) -> datetime:
        """The moment in UTC at which the given part of a slot begins."""
        day, slot_of_day = divmod(slot, DAY)
        seconds = self._opens[day] + slot_of_day * _SLOT
        return _EPOCH + timedelta(seconds=seconds, microseconds=_SLOT * 1_000_000 * part // parts)

    def text(self, slot: int) -> str:
        """The date of a slot, ISO."""
        return self._texts[slot // DAY]

    def week(self, slot: int) -> str:
        """The last digit of the year and the two of the ISO week, as makers print them."""
        return self._weeks[slot // DAY]

    def warranty(self, slot: int, years: int) -> tuple[str, str]:
        """First and last day of a warranty that begins in a slot, ISO."""
        day = self.days[slot // DAY]
        # A warranty from 29 February counts as one from the 28th.
        last = date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day) - timedelta(days=1)
        return self._texts[slot // DAY], last.isoformat()

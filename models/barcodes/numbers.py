"""Dates as barcodes write them: few digits, and sometimes no day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from models.clock import today
from models.errors import Unreadable


def full_year(two_digits: int, this_year: int) -> int:
    """The year from 49 years ago to 50 years ahead that ends with two digits (GS1 General Specifications 7.12)."""
    year = this_year - this_year % 100 + two_digits
    if year - this_year > 50:
        return year - 100
    return year + 100 if this_year - year > 49 else year


def day_of(year: int, month: int, day: int) -> date:
    """A day; day 0 is the last one of its month.

    Raises:
        ValueError: there is no such day.
    """
    if day == 0 and year > 0 and 1 <= month <= 12:
        day = monthrange(year, month)[1]
    return date(year, month, day)


def six_digits(digits: str, what: str, *, day_zero: bool = True) -> str:
    """YYMMDD as YYYY-MM-DD.

    Args:
        digits: six plain digits.
        what: how messages call the date, such as `expiry date`.
        day_zero: whether day 00 stands for the last day of the month.

    Raises:
        Unreadable: there is no such day (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[:2], digits[2:4], digits[4:6], day_zero=day_zero))


def eight_digits(digits: str, what: str) -> str:
    """YYYYMMDD as YYYY-MM-DD.

    Raises:
        Unreadable: there is no such day, or these are not eight digits (`bad_date`).
    """
    return written(digits, what, lambda: day_of(_number(digits[:4]), _number(digits[4:6]), _number(digits[6:], 2)))


def month_year(digits: str, what: str) -> str:
    """MMYY as the last day of that month, YYYY-MM-DD.

    Raises:
        Unreadable: there is no such month (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[2:], digits[:2], "00"))


def month_day_year(digits: str, what: str) -> str:
    """MMDDYY as YYYY-MM-DD.

    Raises:
        Unreadable: there is no such day (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[4:], digits[:2], digits[2:4], day_zero=False))


def day_of_year(digits: str, what: str) -> str:
    """YYJJJ, the year and the day of the year, as YYYY-MM-DD.

    Raises:
        Unreadable: there is no such day (`bad_date`).
    """

    def found() -> date:
        year = _year(digits[:2])
        day = date(year, 1, 1) + timedelta(days=_number(digits[2:], 3) - 1)
        if day.year != year:
            raise ValueError(digits)
        return day

    return written(digits, what, found)


def hour_of(digits: str, what: str) -> str:
    """Two digits that are an hour of the day.

    Raises:
        Unreadable: they are none (`bad_date`).
    """
    if len(digits) == 2 and digits.isdigit() and int(digits) < 24:
        return digits
    raise bad_date(digits, what)


def written(digits: str, what: str, found: Callable[[], date]) -> str:
    """What a function finds, as YYYY-MM-DD.

    Raises:
        Unreadable: it found no day (`bad_date`).
    """
    try:
        day = found()
    except ValueError:
        raise bad_date(digits, what) from None
    return day.isoformat()


def bad_date(digits: str, what: str) -> Unreadable:
    """The refusal of a date that does not exist."""
    return Unreadable(
        "bad_date", f"The {what} {digits[:12]} is not in the calendar. Scan again; if it stays, the label is wrong."
    )


def _two_digit_year(year: str, month: str, day: str, *, day_zero: bool = True) -> date:
    number = _number(day, 2)
    if not (number or day_zero):
        raise ValueError(day)
    return day_of(_year(year), _number(month, 2), number)


def _year(two_digits: str) -> int:
    return full_year(_number(two_digits, 2), today().year)


def _number(digits: str, length: int | None = None) -> int:
    if not digits.isdigit() or not digits.isascii() or length not in (None, len(digits)):
        raise ValueError(digits)
    return int(digits)

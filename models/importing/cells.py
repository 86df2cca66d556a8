"""Cell values: dates, guards against formulas, values mangled by a spreadsheet."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from models.errors import BadValue
from models.text import readable

GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
"""Start of a guarded text, or of an original text that needs one more guard to survive the round trip."""

_UNSAFE: Final = re.compile(r"'*[=+\-@\t\r]")
"""Start of a text that a spreadsheet would execute as a formula, guarded or not."""

_SHORTENED: Final = re.compile(r"[+-]?(?:[0-9]+[.,][0-9]+E[+-][0-9]+|[0-9]E\+[0-9]{2,})", re.IGNORECASE)
"""A long number in a spreadsheet's notation: 1.23E+14. Not `5E10` or `12E4`, which may be serial numbers."""

_HASHES: Final = re.compile("#{2,}")
"""What a spreadsheet shows for a number that is wider than its column."""

_ERROR: Final = re.compile(r"#N/A|#NV|#[A-ZÄÖÜÉÈÀÑ0-9/_ ]{2,30}[!?]|Err:[0-9]{3}", re.IGNORECASE)
"""A spreadsheet error: #REF!, #DIV/0!, #NAME?, Err:502, in any language."""

_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?", re.DOTALL)
_DOTS: Final = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")
_SLASHES: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})")


def mangled(text: str) -> str | None:
    """Why a cell lost its value in a spreadsheet (rounded number, `###`, formula error), or None if it is intact."""
    text = text.strip()
    if _SHORTENED.fullmatch(text):
        return (
            f"{text[:40]} is what a spreadsheet makes of a long number; its digits are lost. "
            "Format the column as text, fill in the whole number and export the file again."
        )
    if _HASHES.fullmatch(text):
        return (
            f"{text[:10]} is what a spreadsheet shows where a column is too narrow. "
            "Format the column as text, widen it and export the file again."
        )
    if _ERROR.fullmatch(text):
        return (
            f"{text[:40]} is what a spreadsheet shows for a formula without a result. "
            "Write the value itself into the cell, formatted as text, and export the file again."
        )
    return None


def read_date(text: str) -> date:
    """The date in a cell; a time of day after an ISO date is ignored.

    Formats: `YYYY-MM-DD`, `YYYY/MM/DD`, `YYYY.MM.DD` and `DD.MM.YYYY`; `DD/MM/YYYY` and `MM/DD/YYYY` only if
    unambiguous.

    Raises:
        BadValue: not a date, one that does not exist, or an ambiguous one.
    """
    text = text.strip()
    if match := _ISO.fullmatch(text):
        _check_time(text)
        return _day(text, *map(int, match.groups()))
    if match := _DOTS.fullmatch(text):
        day, month, year = map(int, match.groups())
        return _day(text, year, month, day)
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(text, *map(int, match.groups()))
    if match := _SLASHES.fullmatch(text):
        first, second, year = map(int, match.groups())
        if first != second and first <= 12 and second <= 12:
            raise BadValue(
                f"{text} can be read as two dates. Write {year:04d}-{first:02d}-{second:02d} or "
                f"{year:04d}-{second:02d}-{first:02d}: the year, the month, the day.",
                field="date",
            )
        return _day(text, year, min(first, second), max(first, second))
    raise BadValue(f"{_shown(text)} is no date. Write it as YYYY-MM-DD, such as 2025-03-31.", field="date")


def guarded(text: str) -> str:
    """The text for a file, with a `'` before anything that a spreadsheet would execute as a formula.

    `unguarded` restores the text; a text that already begins with such a `'` gets another one.
    """
    return "'" + text if _UNSAFE.match(text) else text


def unguarded(text: str) -> str:
    """The text of a cell without one `'` that guards a leading `=`, `+`, `-`, `@`, TAB or CR."""
    return text[1:] if GUARDED.match(text) else text


def _check_time(text: str) -> None:
    if len(text) > 10:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise BadValue(f"{_shown(text)} is no date. Write it as YYYY-MM-DD.", field="date") from None


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise BadValue(
            f"{text} is a day that does not exist. Correct it and write it as YYYY-MM-DD.", field="date"
        ) from None


def _shown(text: str) -> str:
    return readable(text, 30) if text else "An empty cell"

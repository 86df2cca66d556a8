"""Cell values: number formats, numbers and dates as text, guards against formulas, values mangled by a spreadsheet."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from typing import Final, NamedTuple

from models.errors import BadValue

DIGITS: Final = 15
"""Significant digits that a spreadsheet keeps of a number."""

_WHOLE: Final = re.compile(r"-?[0-9]+")
_LITERALS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format without meaning for its kind: quoted and escaped text, colours, currencies."""
_ZEROS: Final = re.compile(r'(?:"([^"]*)")?(0{2,})(?:"([^"]*)")?')
_PER_DAY: Final = 86_400


class NumberKind(Enum):
    """The kind of value that a number format shows."""

    NUMBER = auto()
    PERCENT = auto()
    DATE = auto()
    TIME = auto()
    PADDED = auto()


_BUILT_IN: Final = {
    **dict.fromkeys([9, 10], NumberKind.PERCENT),
    **dict.fromkeys([14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)], NumberKind.DATE),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 45, 46, 47], NumberKind.TIME),
}
"""Built-in formats, which a file references by number only; 27 to 36 and 50 to 58 are those of East Asian versions."""


class Format(NamedTuple):
    """The relevant parts of a number format; the last three are for PADDED."""

    shape: NumberKind
    before: str = ""
    digits: int = 0
    after: str = ""


PLAIN: Final = Format(NumberKind.NUMBER)


def number_format(number: int, code: str) -> Format:
    """Interpret a number format: by its code, such as `dd.mm.yyyy` or `00000`, or a built-in one by its number."""
    if not code:
        return Format(_BUILT_IN.get(number, NumberKind.NUMBER))
    if padded := _ZEROS.fullmatch(code):
        return Format(NumberKind.PADDED, padded[1] or "", len(padded[2]), padded[3] or "")
    return Format(_shape(_LITERALS.sub("", code).partition(";")[0].lower()))


def number_text(text: str) -> str:
    """A number without binary rounding noise; integers keep their digits.

    A number of more than 15 digits has lost some already and is written `1.23456789012346E+17`, as a spreadsheet
    shows it, so that `mangled` recognises it.

    Raises:
        ValueError: it is not a number.
    """
    if _WHOLE.fullmatch(text) and len(text.lstrip("-")) <= DIGITS:
        return text
    value = float(text)
    if abs(value) >= 10**DIGITS:
        return f"{value:.{DIGITS - 1}E}"
    return _plain(Decimal(f"{value:.{DIGITS}g}"))


def formatted(text: str, form: Format, *, epoch_1904: bool) -> str:
    """A number as shown by its format: `2025-03-31`, `50%`, `00123`.

    Raises:
        ValueError: it is not a number, or not a valid date.
    """
    if form.shape is NumberKind.NUMBER:
        return number_text(text)
    if form.shape is NumberKind.PERCENT:
        return f"{_plain(Decimal(number_text(text)) * 100)}%" if abs(float(text)) < 10**DIGITS else number_text(text)
    if form.shape is NumberKind.PADDED:
        whole = number_text(text)
        return f"{form.before}{whole.zfill(form.digits)}{form.after}" if _WHOLE.fullmatch(whole) else whole
    return _moment(float(text), form.shape, epoch_1904=epoch_1904)


def percent_text(text: str) -> str:
    """A fraction as a percentage: `0.5` as `50%`.

    Raises:
        ValueError: it is not a number.
    """
    return formatted(text, Format(NumberKind.PERCENT), epoch_1904=False)


def _moment(days: float, shape: NumberKind, *, epoch_1904: bool) -> str:
    seconds = round(days * _PER_DAY)
    if shape is NumberKind.TIME and seconds >= 0:
        hours, rest = divmod(seconds, 3600)
        return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    eve = datetime(1899, 12, 30 if days >= 60 else 31)  # noqa: DTZ001  Excel has a 29 February 1900; no time zone
    start = datetime(1904, 1, 1) if epoch_1904 else eve  # noqa: DTZ001
    if seconds < 0:
        raise ValueError("before the first day")
    moment = start + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%d") if moment.time() == datetime.min.time() else moment.isoformat(" ")


def _shape(code: str) -> NumberKind:
    """The kind by the letters of a format code; `m` is the month or the minute."""
    if "general" in code:
        return NumberKind.NUMBER
    if "y" in code or "d" in code:
        return NumberKind.DATE
    if "h" in code or "s" in code:
        return NumberKind.TIME
    if "m" in code:
        return NumberKind.DATE
    return NumberKind.PERCENT if "%" in code else NumberKind.NUMBER


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    return ascii(text[:30])[1:-1] + ("…" if len(text) > 30 else "") if text else "An empty cell"

"""Number formats of spreadsheets: kinds of cells, and numbers and dates as text, as a spreadsheet shows them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Final, NamedTuple


class CellKind(Enum):
    """The kind of a cell that is not text."""

    NUMBER = auto()
    PADDED = auto()
    """A number that is shown with zeros or letters: `00042`, `SN-042`."""
    PERCENT = auto()
    DATE = auto()
    TIME = auto()
    BOOLEAN = auto()
    ERROR = auto()


DIGITS: Final = 15
"""Significant digits that a spreadsheet keeps of a number."""

_SECTION: Final = re.compile(r'(?:"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|[^;])*', re.DOTALL)
"""The part of a number format for positive numbers."""
_LITERALS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format without meaning for its kind: quoted and escaped text, colours, currencies."""
_FRACTION_OF_SECONDS: Final = re.compile(r"(s\]?)[.,]0+")
_PIECES: Final = re.compile(r'"([^"]*)"|\\(.)|(0)|([-+/() ])|_.|\*.|\[(?![<>=]|\$[^-])[^\]]*\]')
"""Parts of a format that pads: text, zeros, and invisible parts; no condition and no currency."""
_LETTERS: Final = re.compile(r"\w")
_SLOT: Final = "\0"
_PER_DAY: Final = 86_400
_MOST_HOURS: Final = 100_000
"""From here on a cell that counts hours has a date: nobody counts eleven years in hours."""
_DAYS_1900: Final = date(1899, 12, 30).toordinal()
"""Day 0 from March 1900 on; Excel has a 29 February 1900, so that the days before are one later."""
_DAYS_1904: Final = date(1904, 1, 1).toordinal()
_FIRST_OF_MARCH_1900: Final = 60


class Format(NamedTuple):
    """The relevant parts of a number format."""

    kind: CellKind
    template: str = ""
    """The text of a PADDED format, with a NUL for each digit."""
    elapsed: bool = False
    """Whether the hours of a TIME format count on over midnight."""


PLAIN: Final = Format(CellKind.NUMBER)

_BUILT_IN: Final = {
    **dict.fromkeys([9, 10], Format(CellKind.PERCENT)),
    **dict.fromkeys([14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 59)], Format(CellKind.DATE)),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 45, 47], Format(CellKind.TIME)),
    46: Format(CellKind.TIME, elapsed=True),
}
"""Built-in formats, which a file references by number only; 27 to 36 and 50 to 58 are those of East Asian versions."""


def number_format(number: int, code: str) -> Format:
    """Interpret a number format: by its code, such as `dd.mm.yyyy` or `00000`, or a built-in one by its number."""
    if not code:
        return _BUILT_IN.get(number, PLAIN)
    section = _SECTION.match(code)
    shown = section[0] if section else code
    if template := _template(shown):
        return Format(CellKind.PADDED, template)
    return _format(_LITERALS.sub("", shown).lower())


def _template(code: str) -> str:
    """The template of a format that only adds zeros and text to a whole number; else empty."""
    pieces: list[str] = []
    end = 0
    for piece in _PIECES.finditer(code):
        if piece.start() != end:
            return ""
        end = piece.end()
        text, escaped, zero, plain = piece.groups()
        pieces.append(_SLOT if zero else text or escaped or plain or "")
    template = "".join(pieces)
    if end != len(code) or _SLOT not in template:
        return ""
    begins = template.partition(_SLOT)[0]
    return template if template.count(_SLOT) > 1 or _LETTERS.search(begins) else ""


def _format(code: str) -> Format:
    """The kind by the letters of a format code without literals; `m` is the month or the minute."""
    code = _FRACTION_OF_SECONDS.sub(r"\1", code)
    if any(sign in code for sign in "0#?"):  # also in front of unquoted words
        return Format(CellKind.PERCENT if "%" in code else CellKind.NUMBER)
    if "general" in code or "standard" in code:
        return PLAIN
    if "y" in code or "d" in code:
        return Format(CellKind.DATE)
    if "h" in code or "s" in code:
        return Format(CellKind.TIME, elapsed="[" in code)
    if "m" in code:
        return Format(CellKind.TIME, elapsed=True) if "[" in code else Format(CellKind.DATE)
    return PLAIN


def is_whole(text: str) -> bool:
    """Whether a text is a whole number, none of whose digits a spreadsheet loses."""
    digits = text.removeprefix("-")
    return digits.isdigit() and digits.isascii() and len(digits) <= DIGITS


def number_text(text: str) -> str:
    """A number without binary rounding noise; integers keep their digits.

    A number of more than 15 digits has lost some already and is written `1.23456789012346E+17`, as a spreadsheet
    shows it, so that `cells.mangled` recognises it.

    Raises:
        ValueError: it is not a number.
    """
    if is_whole(text):
        return text
    value = float(text)
    if abs(value) >= 10**DIGITS:
        return f"{value:.{DIGITS - 1}E}"
    return _plain(Decimal(f"{value:.{DIGITS}g}"))


def formatted(text: str, form: Format, epoch_1904: bool) -> tuple[str, CellKind]:
    """A number as its format shows it, and its kind: `2025-03-31`, `50%`, `00123`.

    Raises:
        ValueError: it is not a number, or not a valid date.
    """
    kind = form.kind
    if kind is CellKind.PERCENT:
        large = abs(float(text)) >= 10**DIGITS
        return number_text(text) if large else f"{_plain(Decimal(number_text(text)) * 100)}%", kind
    if kind is CellKind.PADDED:
        whole = number_text(text)
        return _padded(whole, form.template) if is_whole(whole) else whole, kind
    if kind is CellKind.NUMBER:
        return number_text(text), kind
    return _moment(float(text), form, epoch_1904)


def percent_text(text: str) -> str:
    """A fraction as a percentage: `0.5` as `50%`.

    Raises:
        ValueError: it is not a number.
    """
    return formatted(text, Format(CellKind.PERCENT), False)[0]


def _padded(number: str, template: str) -> str:
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    before, *after = template.split(_SLOT)
    digits = digits.zfill(len(after))
    if not any(after):
        return f"{sign}{before}{digits}"
    more = len(digits) - len(after)
    filled = (digit + text for digit, text in zip(digits[more:], after, strict=True))
    return "".join([sign, before, digits[:more], *filled])


def _moment(days: float, form: Format, epoch_1904: bool) -> tuple[str, CellKind]:
    seconds = round(days * _PER_DAY)
    if seconds < 0:
        raise ValueError("before the first day")
    day, second = divmod(seconds, _PER_DAY)
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    if form.elapsed and seconds < _MOST_HOURS * 3600:
        return f"{seconds // 3600:02d}{time[2:]}", CellKind.TIME
    # A date is wrongly formatted as a time more often than a time of more than a day as a time of day.
    if not day and (not epoch_1904 or form.kind is CellKind.TIME):
        return time, CellKind.TIME
    first_day = _DAYS_1904 if epoch_1904 else _DAYS_1900 + (day < _FIRST_OF_MARCH_1900)
    shown = date.fromordinal(first_day + day).isoformat()
    return f"{shown} {time}" if second else shown, CellKind.DATE


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

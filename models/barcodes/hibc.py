"""The Health Industry Bar Code supplier standard (ANSI/HIBC 2.6)."""

from __future__ import annotations

import re
from typing import Any, Final

from models.barcodes.envelope import split_identifier
from models.barcodes.numbers import (
    bad_date,
    day_of_year,
    digits_only,
    eight_digits,
    hibc_alphabet,
    hibc_good,
    hibc_lines,
    hour_of,
    month_day_year,
    month_year,
    six_digits,
)
from models.barcodes.reading import shown
from models.errors import Unreadable

LONGEST: Final = 18
"""Maximum characters of a lot or a serial."""

_CLAIMS: Final = re.compile(r"\+(?:[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9](?:.|/.*|.\+.*)$|\$)")
_PRIMARY: Final = re.compile(r"\+([A-Z][A-Z0-9]{3})([A-Z0-9]{1,18})([0-9])")
_PROVIDER: Final = re.compile(r"\+/[A-Z]{2}[A-Z0-9]")
"""Beginning of a code of the provider standard: its subject and location, then the number of a person or a place."""

_THIRD: Final = re.compile(r"\+(?:S.+|1[46]D[0-9]{8}|Q[0-9]{1,5})..")
"""A separate line of secondary data, which otherwise stand behind a `/`; link and check character end it."""

_JULIAN: Final = re.compile(r"[0-9]{2}(?:[0-2][0-9]{2}|3[0-6][0-9])")
_EXPIRY: Final = "expiry date"
_DATES: Final = {"2": (6, month_day_year), "3": (6, six_digits), "5": (5, day_of_year)}
_DATES_WITH_HOUR: Final = {"4": (6, six_digits), "6": (5, day_of_year)}
_QUANTITIES: Final = {"8": 2, "9": 5}


def claims(text: str) -> bool:
    """Whether a text has the form of an HIBC: `+`, then labeler and product, or `$` and secondary data.

    Secondary data may also be just a date and a lot, or a serial behind an `S`, and a provider's code begins with `+/`;
    only a valid check character distinguishes these from a serial number that begins so.
    """
    if not text.startswith("+") or not hibc_alphabet(text):
        return False
    return _CLAIMS.match(text) is not None or is_dated_lot(text) or _is_lone(text)


def without_stars(text: str) -> str:
    """An HIBC without the stars that are printed around it, and that some scanners send; another text as it is.

    A check character that is a space is printed as `_`.
    """
    inner = text[1:-1]
    inner = inner[:-1] + inner[-1:].replace("_", " ")
    return inner if text[:1] == text[-1:] == "*" and claims(inner) else text


def is_dated_lot(text: str) -> bool:
    """Whether a text is a secondary line in the old form: `+`, year and day of year, lot, link and check character."""
    return len(text) >= 8 and _JULIAN.match(text, 1) is not None and hibc_good(text)


def is_whole(text: str) -> bool:
    """Whether the check characters of a text are valid."""
    return hibc_good(text) or bool(hibc_lines(text))


def read_hibc(text: str) -> dict[str, Any]:
    """Named fields of an HIBC.

    Args:
        text: the whole code; a check character that is a space must still be there.

    Raises:
        Unreadable: `bad_check_digit`, `bad_date`, `truncated`, `too_long` or `repeated_ai`.
    """
    lines = hibc_lines(text)
    if not lines and not hibc_good(text):
        raise Unreadable(
            "bad_check_digit",
            f"The check character of the HIBC code {shown(text)} is wrong, so it was misread. Scan the label again.",
        )
    fields: dict[str, Any] = {}
    if lines:
        _read_primary(lines[0][:-1], fields)
        for line in lines[1:]:
            _read_secondary(line[1:-2], fields)
    elif _PROVIDER.match(text):
        _read_provider(text[2:-1], fields)
    elif _PRIMARY.match(text):
        line, *following = text[:-1].split("/")
        _read_primary(line, fields)
        for part in following:
            _read_secondary(part, fields)
    else:
        _read_secondary(text[1:-2], fields)
    if not fields:
        raise Unreadable("truncated", "This HIBC code has neither a lot nor a serial. Scan the label's other codes.")
    return fields


def _is_lone(text: str) -> bool:
    return hibc_good(text) and (_THIRD.fullmatch(text) is not None or _PROVIDER.match(text) is not None)


def _read_provider(data: str, fields: dict[str, Any]) -> None:
    """A code of the provider standard: nothing in it is a product or a serial of stock."""
    first, *following = data.split("/")
    fields["other"] = [[first[:2], first[2:]], *([part[:1], part[1:]] for part in following if part)]


def _read_primary(line: str, fields: dict[str, Any]) -> None:
    whole = _PRIMARY.fullmatch(line)
    if whole is None:
        raise Unreadable(
            "truncated", f"The product part of the HIBC code {shown(line)} is not whole. Scan the label again."
        )
    fields["lic"], fields["pcn"], fields["um"] = whole.groups()


def _read_secondary(part: str, fields: dict[str, Any]) -> None:
    """Parse one secondary part; its first characters say its form."""
    if part.startswith("$$+"):
        _put(fields, "serial", _dated(part[3:], fields))
    elif part.startswith("$$"):
        rest, counted = _counted(part[2:], fields)
        _put(fields, "lot", _dated(rest, fields, loose=counted))
    elif part.startswith("$+"):
        _put(fields, "serial", part[2:], needed=True)
    elif part.startswith("$"):  # may stand alone before a quantity or a date
        _put(fields, "lot", part[1:])
    elif part.startswith("14D"):
        _put(fields, "expiry", eight_digits(part[3:], _EXPIRY))
    elif part.startswith("16D"):
        _put(fields, "prod_date", eight_digits(part[3:], "production date"))
    elif part.startswith("S"):
        _put(fields, "serial", part[1:], needed=True)
    elif part.startswith("Q") and digits_only(part[1:]):
        _put(fields, "qty", part[1:])
    elif _JULIAN.match(part):
        _put(fields, "expiry", day_of_year(part[:5], _EXPIRY))
        _put(fields, "lot", part[5:])
    else:
        fields.setdefault("other", []).append(list(split_identifier(part)))


def _counted(rest: str, fields: dict[str, Any]) -> tuple[str, bool]:
    """Parse the optional quantity after `$$`; returns the rest and whether there was one."""
    length = _QUANTITIES.get(rest[:1])
    if length is None:
        return rest, False
    quantity = rest[1 : 1 + length]
    if len(quantity) < length or not digits_only(quantity):
        raise Unreadable("truncated", f"The quantity of the HIBC code ends early: {shown(rest)}. Scan the label again.")
    _put(fields, "qty", quantity.lstrip("0") or "0")
    return rest[1 + length :], True


def _dated(rest: str, fields: dict[str, Any], *, loose: bool = False) -> str:
    """Parse the expiry date and return the rest.

    Args:
        rest: a one-digit flag for the date format, the date, and more.
        fields: receives the date.
        loose: after a quantity, flag and date may be missing.
    """
    flag = rest[:1]
    if flag in ("0", "1") and (not loose or (len(rest) >= 4 and digits_only(rest[:4]))):
        _put(fields, "expiry", month_year(rest[:4], _EXPIRY))
        return rest[4:]
    if flag == "7" or not rest:  # the flag for no date
        return rest[1:]
    if flag in _DATES:
        length, read = _DATES[flag]
        digits = rest[1 : 1 + length]
        if not loose or (len(digits) == length and digits_only(digits)):
            _put(fields, "expiry", read(digits, _EXPIRY))
            return rest[1 + length :]
    if flag in _DATES_WITH_HOUR:
        length, read = _DATES_WITH_HOUR[flag]
        digits = rest[1 : 3 + length]
        if not loose or (len(digits) == length + 2 and digits_only(digits)):
            _put(fields, "expiry", read(digits[:length], _EXPIRY))
            _put(fields, "expiry_hour", hour_of(digits[length:], _EXPIRY))
            return rest[3 + length :]
    if loose:
        return rest
    raise bad_date(rest, _EXPIRY)


def _put(fields: dict[str, Any], name: str, value: str, *, needed: bool = False) -> None:
    if not value:
        if needed:
            raise Unreadable("truncated", f"The {name} of the HIBC code is empty. Scan the label again.")
        return
    if name in ("lot", "serial") and len(value) > LONGEST:
        raise Unreadable(
            "too_long",
            f"The {name} {shown(value)} has {len(value)} characters, {LONGEST} is the most in HIBC."
            " Scan one label at a time.",
        )
    if fields.setdefault(name, value) != value:
        raise Unreadable(
            "repeated_ai",
            f"The HIBC code names two: {name} {shown(fields[name])} and {shown(value)}. Type what is meant.",
        )

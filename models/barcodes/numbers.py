"""Dates and check digits in barcodes."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from models.clock import today
from models.errors import Unreadable


def full_year(two_digits: int, this_year: int) -> int:
    """The year with these last two digits between 49 years ago and 50 years ahead (GS1 General Specifications 7.12)."""
    year = this_year - this_year % 100 + two_digits
    if year - this_year > 50:
        return year - 100
    return year + 100 if this_year - year > 49 else year


def day_of(year: int, month: int, day: int) -> date:
    """A date; day 0 is the last day of the month.

    Raises:
        ValueError: the date does not exist.
    """
    if day == 0 and year > 0 and 1 <= month <= 12:
        day = monthrange(year, month)[1]
    return date(year, month, day)


def six_digits(digits: str, what: str, *, day_zero: bool = True) -> str:
    """YYMMDD as YYYY-MM-DD.

    Args:
        digits: six ASCII digits.
        what: the date as messages name it, such as `expiry date`.
        day_zero: whether day 00 is allowed, as the last day of the month.

    Raises:
        Unreadable: the date does not exist (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[:2], digits[2:4], digits[4:6], day_zero=day_zero))


def eight_digits(digits: str, what: str) -> str:
    """YYYYMMDD as YYYY-MM-DD.

    Raises:
        Unreadable: the date does not exist, or these are not eight digits (`bad_date`).
    """
    return written(digits, what, lambda: day_of(_number(digits[:4]), _number(digits[4:6]), _number(digits[6:], 2)))


def month_year(digits: str, what: str) -> str:
    """MMYY as the last day of that month, YYYY-MM-DD.

    Raises:
        Unreadable: the month does not exist (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[2:], digits[:2], "00"))


def month_day_year(digits: str, what: str) -> str:
    """MMDDYY as YYYY-MM-DD.

    Raises:
        Unreadable: the date does not exist (`bad_date`).
    """
    return written(digits, what, lambda: _two_digit_year(digits[4:], digits[:2], digits[2:4], day_zero=False))


def day_of_year(digits: str, what: str) -> str:
    """YYJJJ, year and day of the year, as YYYY-MM-DD.

    Raises:
        Unreadable: the date does not exist (`bad_date`).
    """

    def found() -> date:
        year = _year(digits[:2])
        day = date(year, 1, 1) + timedelta(days=_number(digits[2:], 3) - 1)
        if day.year != year:
            raise ValueError(digits)
        return day

    return written(digits, what, found)


def hour_of(digits: str, what: str) -> str:
    """Two digits checked to be an hour, 00 to 23.

    Raises:
        Unreadable: they are not (`bad_date`).
    """
    if len(digits) == 2 and digits.isdigit() and int(digits) < 24:
        return digits
    raise bad_date(digits, what)


def written(digits: str, what: str, found: Callable[[], date]) -> str:
    """The date that `found` returns, as YYYY-MM-DD.

    Raises:
        Unreadable: `found` raised ValueError (`bad_date`).
    """
    try:
        day = found()
    except ValueError:
        raise bad_date(digits, what) from None
    return day.isoformat()


def bad_date(digits: str, what: str) -> Unreadable:
    """The error for a date that does not exist."""
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


_HIBC_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_HIBC_VALUES: Final = {character: value for value, character in enumerate(_HIBC_CHARACTERS)}

_VIN_VALUES: Final = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "012345678912345678123457923456789"), strict=True)
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

GTIN_LENGTHS: Final = (8, 12, 13, 14)


def digits_only(text: str) -> bool:
    """Whether a text is ASCII digits only, and not empty."""
    return text.isascii() and text.isdigit()


def gs1_good(number: str) -> bool:
    """Whether the last digit is the GS1 check digit (General Specifications 7.9.1)."""
    # The check digit itself has the weight 1, so that a right number adds up to a multiple of 10.
    digits = [int(digit) for digit in number]
    return (sum(digits[-1::-2]) + 3 * sum(digits[-2::-2])) % 10 == 0


def gs1_check_digit(number: str) -> str:
    """The GS1 check digit for digits that have none yet."""
    digits = [int(digit) for digit in number]
    return str(-(3 * sum(digits[-1::-2]) + sum(digits[-2::-2])) % 10)


def begins_as_gs1(body: str) -> bool:
    """Whether a text is recognisable as GS1 without an AIM identifier.

    It is if it begins with a GTIN field with a valid check digit, or is exactly one SSCC field.
    """
    if body.startswith("01"):
        return len(body) >= 16 and digits_only(body[2:16]) and gs1_good(body[2:16])
    return body.startswith("00") and len(body) == 20 and digits_only(body) and gs1_good(body[2:])


def gtin_14(text: str) -> str | None:
    """A GTIN of 8, 12, 13 or 14 digits as 14 digits; None if the length or the check digit is wrong."""
    if len(text) in GTIN_LENGTHS and digits_only(text) and gs1_good(text):
        return text.zfill(14)
    return None


_GTIN_NAMES: Final = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"}


def gtin_name(text: str) -> str:
    """The name of a product code with a right check digit, by its length; empty if the text is none."""
    return _GTIN_NAMES[len(text)] if gtin_14(text) else ""


def upc_a(upc_e: str) -> str:
    """Expand a UPC-E of 8 digits to its UPC-A of 12 (General Specifications 5.2.2.4.2)."""
    system, body, check = upc_e[0], upc_e[1:7], upc_e[7]
    last = body[5]
    if last in "012":
        inner = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        inner = body[:3] + "00000" + body[3:5]
    elif last == "4":
        inner = body[:4] + "00000" + body[4]
    else:
        inner = body[:5] + "0000" + last
    return system + inner + check


def luhn_good(number: str) -> bool:
    """Whether the last digit is the Luhn check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(digit) for digit in number]
    return (sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])) % 10 == 0


def hibc_good(text: str) -> bool:
    """Whether the last character is the HIBC check character, modulo 43 over all before it."""
    values = [_HIBC_VALUES.get(character, -1) for character in text]
    return len(values) > 1 and min(values) >= 0 and sum(values[:-1]) % 43 == values[-1]


def hibc_alphabet(text: str) -> bool:
    """Whether a text has only characters of the HIBC alphabet."""
    return all(character in _HIBC_VALUES for character in text)


_HIBC_PRIMARY: Final = re.compile(r"\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9].")


def hibc_lines(text: str) -> tuple[str, ...]:
    """The lines of an HIBC label that came in one scan: a product, and one or two lines behind it; empty if it is none.

    Each line has its check character, and those behind the first one repeat that of the first as their link.
    """
    for end in _pluses(text):  # a + may also be the check character of a line
        first = text[:end]
        if _HIBC_PRIMARY.fullmatch(first) and hibc_good(first) and (others := _linked(text[end:], first[-1])):
            return first, *others
    return ()


def _linked(text: str, link: str, most: int = 2) -> tuple[str, ...]:
    if text[-2:-1] == link and hibc_good(text):
        return (text,)
    for end in _pluses(text) if most > 1 else ():
        line = text[:end]
        if line[-2:-1] == link and hibc_good(line) and (others := _linked(text[end:], link, most - 1)):
            return line, *others
    return ()


def _pluses(text: str) -> Iterator[int]:
    """The places of all `+` but the first character."""
    place = text.find("+", 1)
    while place > 0:
        yield place
        place = text.find("+", place + 1)


_PAIR_SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PAIR_VALUES: Final = {
    sign: value
    for value, sign in enumerate("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
}
_PAIR_WEIGHTS: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_pair_good(text: str) -> bool:
    """Whether the last two characters are the GS1 check character pair (General Specifications 7.9.5)."""
    values = [_PAIR_VALUES.get(sign, -1) for sign in text[:-2]]
    if not values or min(values) < 0 or len(values) > len(_PAIR_WEIGHTS):
        return False
    total = sum(value * weight for value, weight in zip(reversed(values), _PAIR_WEIGHTS, strict=False)) % 1021
    return text[-2:] == _PAIR_SIGNS[total >> 5] + _PAIR_SIGNS[total & 31]


def ppn_good(text: str) -> bool:
    """Whether the last two digits of a Pharmacy Product Number are its check digits, modulo 97."""
    total = sum(ord(sign) * weight for weight, sign in enumerate(text[:-2], 2))
    return len(text) > 4 and text.isascii() and text[-2:] == f"{total % 97:02}"


def vin_good(vin: str) -> bool:
    """Whether the ninth of 17 upper-case characters is the check digit of 49 CFR 565.15."""
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(vin, _VIN_WEIGHTS, strict=True))
    return vin[8] == "0123456789X"[total % 11]

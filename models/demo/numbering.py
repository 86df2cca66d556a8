"""How makers number their units and boxes: serial numbers of several styles, GTINs with their check digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_NO_VOWELS = "0123456789BCDFGHJKLMNPQRSTVWXYZ"
"""What makers use so that no word appears by chance."""

EXAMPLE_PREFIX = "952"
"""GS1's prefix for demonstrations and examples; no product bears it."""

TEST_TAC = "004999"
"""Begins the IMEIs that no telephone bears: reporting body 00 is for tests."""


def gtin_13(number: int) -> str:
    """The code on one unit's box, from a running number below 10⁹."""
    return _with_check_digit(f"{EXAMPLE_PREFIX}{number:09d}")


def gtin_14(number: int, level: int = 1) -> str:
    """The code on a carton of several units; `level` 1–8 tells cartons apart."""
    return _with_check_digit(f"{level}{EXAMPLE_PREFIX}{number:09d}")


def check_digit(digits: str) -> int:
    """The digit that ends a GTIN: from the right every other digit counts three times (GS1 General Specifications)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def _with_check_digit(digits: str) -> str:
    return f"{digits}{check_digit(digits)}"


def _luhn(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return -total % 10


def _letters(number: int, width: int) -> str:
    text = ""
    while number or len(text) < width:
        number, place = divmod(number, len(_NO_VOWELS))
        text = _NO_VOWELS[place] + text
    return text


def _imei(number: int, _: str) -> str:
    digits = f"{TEST_TAC}{number:08d}"
    return f"{digits}{_luhn(digits)}"


STYLES: Mapping[str, Callable[[int, str], str]] = {
    "notebook": lambda number, week: f"5CG{week}{_letters(number, 4)}",
    "sn": lambda number, _: f"SN-{number:06d}",
    "digits": lambda number, _: f"{number:09d}",
    "tool": lambda number, week: f"{number:07d}{'YGH'[int(week) % 3]}",
    "fd": lambda number, week: f"FD {week}0 {number:06d}",
    "mac": lambda number, _: f"3C5282{number:06X}",
    "imei": _imei,
    "letters": lambda number, week: f"ZT{week}-{_letters(number, 5)}",
    "lower": lambda number, week: f"b{number:06x}-{week}",
}
"""Style → serial number from the maker's running number and the week (last digit of the year, two of the week).

Different running numbers give different keys, whatever the week.
"""

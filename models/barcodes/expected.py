"""Numbers that an item's rule expects as its serials: IMEI, VIN and network addresses."""

from __future__ import annotations

import re
from typing import Any, Final

from models.barcodes.checks import digits_only, luhn_good, vin_good
from models.barcodes.identifiers import plain_mac
from models.barcodes.reading import Kind, Reading, shown
from models.errors import Unreadable

EXPECTED: Final = ("imei", "mac", "vin")
"""What `Settings.expect` may be."""

_IMEI_LENGTH: Final = 15
_NEARLY_IMEI: Final = range(14, 18)
_VIN: Final = re.compile(r"[0-9A-Z]{17}")
_NOT_IN_VINS: Final = re.compile(r"[IOQ]")
_VIN_WITH_CHECK_DIGIT: Final = "12345L"
"""First characters of vehicles for North America and China, where the check digit is law (49 CFR 565, GB 16735)."""
_NEARLY_MAC: Final = re.compile(r"[0-9A-Za-z]{2}(?:[:-][0-9A-Za-z]{2}){3,7}|[0-9A-Za-z]{4}(?:\.[0-9A-Za-z]{4}){1,3}")

_NAMES: Final = {
    "imei": "an IMEI (15 digits)",
    "vin": "a vehicle number (17 letters and digits)",
    "mac": "a network address (12 hexadecimal digits)",
}


def read_expected(text: str, expect: str) -> tuple[Kind, dict[str, Any], list[str]] | None:
    """What a text is that has the form of the number which is expected; None where it has another form.

    Args:
        text: the scan without its AIM identifier.
        expect: one of `EXPECTED`.

    Raises:
        Unreadable: it is meant to be one and is wrong: `bad_check_digit`, `truncated`, `too_long` or `bad_char`.
    """
    if expect == "imei":
        return _imei(text)
    if expect == "vin":
        return _vin(text)
    return _mac(text)


def unexpected(reading: Reading, expect: str) -> Reading:
    """A plain reading with the warning that something else was expected; places and items are scanned as well."""
    name = _NAMES[expect]
    return reading._replace(warnings=(*reading.warnings, f"{shown(reading.text)} is not {name}, as this item expects."))


def _imei(text: str) -> tuple[Kind, dict[str, Any], list[str]] | None:
    if not digits_only(text) or len(text) not in _NEARLY_IMEI:
        return None
    if len(text) != _IMEI_LENGTH:
        raise Unreadable(
            "truncated" if len(text) < _IMEI_LENGTH else "too_long",
            f"{text} has {len(text)} digits and an IMEI has {_IMEI_LENGTH}. Scan the code that says IMEI.",
        )
    if not luhn_good(text):
        raise Unreadable(
            "bad_check_digit", f"The check digit of the IMEI {text} is wrong, so it was misread. Scan it again."
        )
    return Kind.IMEI, {"serial": text}, []


def _vin(text: str) -> tuple[Kind, dict[str, Any], list[str]] | None:
    upper = text.upper()
    if not text.isascii() or not _VIN.fullmatch(upper):
        return None
    if wrong := _NOT_IN_VINS.search(upper):
        raise Unreadable(
            "bad_char", f"The vehicle number {text} has the letter {wrong[0]}, which none has. Scan it again."
        )
    warnings = []
    if not vin_good(upper):
        if upper[0] in _VIN_WITH_CHECK_DIGIT:
            raise Unreadable(
                "bad_check_digit", f"The check digit of the vehicle number {text} is wrong. Scan it again."
            )
        warnings.append(f"The vehicle number {text} has no check digit, which is usual where it was made.")
    return Kind.VIN, {"serial": text}, warnings


def _mac(text: str) -> tuple[Kind, dict[str, Any], list[str]] | None:
    mac = plain_mac(text)
    if mac is not None:
        return Kind.MAC, {"serial": text, "mac": mac}, []
    if _NEARLY_MAC.fullmatch(text):
        digits = re.sub("[:.-]", "", text)
        reason = "bad_char" if len(digits) == 12 else "truncated" if len(digits) < 12 else "too_long"
        raise Unreadable(reason, f"The network address {text} has not 12 hexadecimal digits. Scan it again.")
    return None

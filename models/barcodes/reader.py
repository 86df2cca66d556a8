"""Reading a scan: detect its format, parse it, check the result.

Retail codes and expected numbers (IMEI, VIN, MAC) come first, the entry point `read` after them.
"""

from __future__ import annotations

import re
from typing import Any, Final

from models.barcodes.envelope import HEADER, plain_mac, read_envelope
from models.barcodes.epc import is_epc, read_epc
from models.barcodes.gate import GS, GS1, RETAIL, admit, inverted_case, refuse_separators, restored, split_id
from models.barcodes.gs1 import elements as gs1_elements
from models.barcodes.gs1 import is_address, once_each, printed_elements, read_link
from models.barcodes.gs1 import meaning as gs1_meaning
from models.barcodes.hibc import claims, is_whole, read_hibc, without_stars
from models.barcodes.numbers import begins_as_gs1, digits_only, gtin_14, luhn_good, upc_a, vin_good
from models.barcodes.reading import PREFIX, CommandCode, Kind, Reading, Settings, is_command, shown, without_eci
from models.errors import Unreadable
from models.text import LONGEST as LONGEST_SERIAL

_ADD_ON: Final = (2, 5)
_LENGTHS: Final = {"]E0": (13, 12, 8), "]E3": (13, 12, 8), "]E4": (8,), "]I1": (14,)}


def read_retail(symbology: str, body: str) -> dict[str, Any]:
    """The product code of a retail symbol.

    Args:
        symbology: `]E0` to `]E4`, or `]I1` for an ITF-14.
        body: its digits. A UPC-E has 8 digits and is expanded to its UPC-A of 12.

    Raises:
        Unreadable: `bad_char`, `truncated`, `too_long` or `bad_check_digit`.
    """
    if not digits_only(body):
        raise Unreadable(
            "bad_char",
            f"{shown(body)} came from a product's symbol ({symbology}), which has digits only. Scan again; if it "
            "stays, run the scanner check.",
        )
    if symbology in ("]E1", "]E2"):  # an add-on alone, of two or five digits
        raise Unreadable(
            "truncated", f"{shown(body)} is only what stands beside a product's symbol. Scan the symbol itself as well."
        )
    digits, add_on = _parted(symbology, body)
    allowed = _LENGTHS[symbology]
    if len(digits) not in allowed:
        short = len(digits) < max(allowed)
        raise Unreadable(
            "truncated" if short else "too_long",
            f"{shown(body)} has {len(digits)} digits; a product's symbol ({symbology}) has {_listed(allowed)}. "
            "Scan the symbol again.",
        )
    gtin = _upc_e(digits) if symbology != "]E4" and len(digits) == 8 else gtin_14(digits)
    if gtin is None:
        raise Unreadable(
            "bad_check_digit",
            f"The check digit of the product code {digits} is wrong, so it was misread. Scan the symbol again.",
        )
    return {"gtin": gtin} | ({"add_on": add_on} if add_on else {})


def _parted(symbology: str, body: str) -> tuple[str, str]:
    """The digits of the main symbol and of its add-on."""
    if symbology == "]E3":
        for length in _LENGTHS[symbology]:
            if len(body) - length in _ADD_ON:
                return body[:length], body[length:]
    return body, ""


def _upc_e(digits: str) -> str | None:
    """The GTIN of a UPC-E, which begins with 0 or 1; else of an EAN-8."""
    return gtin_14(upc_a(digits) if digits[0] in "01" else digits)


def _listed(lengths: tuple[int, ...]) -> str:
    return " or ".join(map(str, lengths))


EXPECTED: Final = ("imei", "mac", "vin")
"""Values of `Settings.expect`."""

_IMEI_LENGTH: Final = 15
_NEARLY_IMEI: Final = range(14, 18)
_VIN: Final = re.compile(r"[0-9A-Z]{17}")
_NOT_IN_VINS: Final = re.compile(r"[IOQ]")
_VIN_WITH_CHECK_DIGIT: Final = "12345L"
"""First characters of VINs of North America and China, where the check digit is mandatory (49 CFR 565, GB 16735)."""
_NEARLY_MAC: Final = re.compile(r"[0-9A-Za-z]{2}(?:[:-][0-9A-Za-z]{2}){3,7}|[0-9A-Za-z]{4}(?:\.[0-9A-Za-z]{4}){1,3}")

EXPECTED_NAMES: Final = {
    "imei": "an IMEI (15 digits)",
    "vin": "a vehicle number (17 letters and digits)",
    "mac": "a network address (12 hexadecimal digits)",
}
"""Kinds of numbers that an item's rule may expect, in words."""


def read_expected(text: str, expect: str) -> tuple[Kind, dict[str, Any], list[str]] | None:
    """Read a text as the expected kind of number; None if it has another form.

    Args:
        text: the scan without its AIM identifier.
        expect: one of `EXPECTED`.

    Raises:
        Unreadable: it has nearly that form and is invalid: `bad_check_digit`, `truncated`, `too_long` or `bad_char`.
    """
    if expect == "imei":
        return _imei(text)
    if expect == "vin":
        return _vin(text)
    return _mac(text)


def unexpected(reading: Reading, expect: str) -> Reading:
    """A plain reading with a warning that another kind was expected.

    No error, as locations and items are scanned too.
    """
    name = EXPECTED_NAMES[expect]
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


_COMPOSITE: Final = "]e0"

SN: Final = "SN:"
"""Prefix of a serial on labels printed in-house; the serial is looked up in all items."""

_ITF_14: Final = 14
_EAN_13: Final = 13
_DEFAULT: Final = Settings()


def read(scan: str, settings: Settings = _DEFAULT) -> Reading:
    """Read a scan.

    Only the AIM identifier, surrounding spaces and the format's own identifiers are stripped.

    Args:
        scan: all characters received, without the scanner's suffix.
        settings: settings of the site and the current item.

    Raises:
        Unreadable: it cannot be read; `reason` is the code. A GS1 serial without a product (`needs_product`) has its
            reading in `details["reading"]`, for callers that already know the product.
    """
    symbology, body = split_id(admit(scan, settings))
    body = without_eci(symbology, body).strip(" ")
    if not body:
        raise Unreadable("empty", f"Only the symbol's sign {symbology} came, and no data. Scan the label again.")
    kind, fields, warnings = _understood(symbology, body, scan, settings)
    reading = Reading(kind, fields, scan, symbology, tuple(warnings))
    # In every format: labels of all kinds can hold more than a serial can be stored with.
    for serial in reading.serials:
        _refuse_serial(serial)
    if kind is Kind.GS1:
        _ask_for_product(reading)
    if kind is Kind.PLAIN and settings.expect in EXPECTED:
        return unexpected(reading, settings.expect)
    return reading


_Found = tuple[Kind, dict[str, Any], list[str]]


def _understood(symbology: str, body: str, scan: str, settings: Settings) -> _Found:
    # Order matters: formats that are certain from the AIM identifier or a unique header first, plain text last.
    if symbology in RETAIL or (symbology == "]I1" and len(body) == _ITF_14):
        return _retail(symbology, body)
    if is_address(body):
        return _address(body)
    is_gs1 = symbology in GS1
    body = printed_elements(body) or body
    if settings.gs_substitutes and (is_gs1 or not symbology or body.startswith(HEADER)):
        body = restored(body, settings.gs_substitutes, is_gs1=is_gs1)
    if is_gs1 or (not symbology and (body.startswith(GS) or begins_as_gs1(body))):
        return _gs1(symbology, body)
    if body.startswith(HEADER):
        return Kind.ISO15434, *read_envelope(body)
    refuse_separators(body)
    body = without_stars(body)
    if claims(body + " " * scan.endswith(" ")):
        return Kind.HIBC, read_hibc(_with_its_blank(body, scan)), []
    return _unstructured(symbology, body, settings)


def _address(body: str) -> _Found:
    if is_epc(body):
        fields, warnings = read_epc(body)
        return _kind_of_gs1(fields), fields, warnings
    return Kind.GS1_DL, *read_link(body)


def _retail(symbology: str, body: str) -> _Found:
    # GS1 data after `]E0`, the identifier of EAN: Caps Lock has changed `]e0`, that of GS1 DataBar.
    if symbology == "]E0" and begins_as_gs1(body):
        raise inverted_case(symbology)
    printed, sign, composite = body.partition(_COMPOSITE)
    fields = read_retail(symbology, printed.removesuffix("|"))
    if not sign:
        return Kind.GTIN, fields, []
    # The part above a composite symbol, which belongs to the same product.
    of_gs1, warnings = gs1_meaning(once_each([("01", fields["gtin"]), *gs1_elements(composite)]))
    return Kind.GS1, of_gs1, warnings


def _gs1(symbology: str, body: str) -> _Found:
    # The other way round: an EAN-13 whose `]E0` was changed to `]e0`.
    if symbology == "]e0" and len(body) == _EAN_13 and gtin_14(body):
        raise inverted_case(symbology)
    fields, warnings = gs1_meaning(gs1_elements(body))
    return _kind_of_gs1(fields), fields, warnings


def _kind_of_gs1(fields: dict[str, Any]) -> Kind:
    is_carton = "sscc" in fields and not fields.keys() & {"gtin", "itip_gtin", "serial"}
    return Kind.SSCC if is_carton else Kind.GS1


def _unstructured(symbology: str, body: str, settings: Settings) -> _Found:
    """A command, a known kind of number, or a plain serial."""
    if is_command(body):
        return Kind.COMMAND, {"command": _command(body).value}, []
    # With an AIM identifier a product's symbol is known as one; any other symbol's digits are no product code.
    product = None if symbology else gtin_14(body)
    # Nearly an IMEI is refused, but a product code of 14 digits is scanned at the same station.
    if settings.expect in EXPECTED and not (settings.expect == "imei" and product):
        found = read_expected(body, settings.expect)
        if found:
            return found
    if product:
        return Kind.GTIN, {"gtin": product}, []
    if body.startswith(SN):
        return Kind.DI, {"serial": _behind(SN, body)}, []
    if settings.strip_di_s and body.startswith("S"):
        return Kind.DI, {"serial": _behind("S", body)}, []
    return Kind.PLAIN, {"serial": body}, []


def _behind(identifier: str, body: str) -> str:
    serial = body.removeprefix(identifier).strip(" ")
    if not serial:
        raise Unreadable("truncated", f"Behind {identifier} there is no serial. Scan the label again.")
    return serial


def _command(body: str) -> CommandCode:
    try:
        return CommandCode(body.removeprefix(PREFIX))
    except ValueError:
        pass
    if body != body.upper() and body.upper().removeprefix(PREFIX) in CommandCode.__members__.values():
        raise Unreadable(
            "unknown_command",
            f"{body} is the command {body.upper()} in small letters. Switch Caps Lock off, and the scanner's "
            "conversion of letters, and scan again.",
        )
    raise Unreadable(
        "unknown_command",
        f"{shown(body)} is no command that Serialdock knows, and no serial begins with {PREFIX}. Scan a code of the "
        "command sheet.",
    )


def _with_its_blank(body: str, scan: str) -> str:
    """Restore the check character of an HIBC if it is a space, which was trimmed as a surrounding one."""
    # With J before the space both are whole: what was received decides, since a label's characters are not dropped.
    return body + " " if scan.endswith(" ") and is_whole(body + " ") else body


def _refuse_serial(serial: str) -> None:
    if len(serial) > LONGEST_SERIAL:
        raise Unreadable(
            "too_long",
            f"The serial {shown(serial)} has {len(serial):,} characters, {LONGEST_SERIAL} is the most. Check that two "
            "scans did not run together.",
        )
    if is_command(serial):
        raise Unreadable(
            "unknown_command",
            f"The serial {shown(serial)} begins with {PREFIX}, as only commands do. Type what is printed.",
        )


def _ask_for_product(reading: Reading) -> None:
    fields = reading.fields
    identifiers = {identifier for identifier, _ in fields.get("other", ())}
    if reading.serial is None or fields.keys() & {"gtin", "itip_gtin", "grai", "cage"} or "03" in identifiers:
        return
    raise Unreadable(
        "needs_product",
        f"This code has the serial {shown(reading.serial)} and no product. Scan the product's code first, or a code "
        "with both.",
        reading=reading,
    )

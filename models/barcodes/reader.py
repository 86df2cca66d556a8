"""Says of a scan in which format it is, and has it read."""

from __future__ import annotations

from typing import Any, Final

from models.barcodes import aim, digital_link, envelope, expected, gs1, hibc, retail
from models.barcodes.checks import begins_as_gs1, gtin_14
from models.barcodes.commands import PREFIX, CommandCode, is_command
from models.barcodes.gate import GS, admit, refuse_separators
from models.barcodes.reading import Kind, Reading, Settings, shown
from models.barcodes.substitutes import restored
from models.errors import Unreadable
from models.text import LONGEST as LONGEST_SERIAL

SN: Final = "SN:"
"""In front of a serial on a label of one's own: the serial is looked up in all items."""

_ITF_14: Final = 14
_EAN_13: Final = 13
_DEFAULT: Final = Settings()


def read(scan: str, settings: Settings = _DEFAULT) -> Reading:
    """Say what a scan says.

    Nothing is stripped but an AIM identifier, outer blanks, and identifiers that the format itself sets apart.

    Args:
        scan: all that came, without the scanner's suffix.
        settings: how the site, and the item at hand, want it understood.

    Returns:
        What it says; the scan as it came is in it.

    Raises:
        Unreadable: it cannot be taken; `reason` names why in one word. A serial alone in GS1 (`needs_product`) has
            what it says in `details["reading"]`, for whoever knows the product already.
    """
    symbology, body = aim.split_id(admit(scan, settings))
    body = body.strip(" ")
    if not body:
        raise Unreadable("empty", f"Only the symbol's sign {symbology} came, and no data. Scan the label again.")
    kind, fields, warnings = _understood(symbology, body, scan, settings)
    reading = Reading(kind, fields, scan, symbology, tuple(warnings))
    for serial in reading.serials:
        _refuse_serial(serial)
    if kind is Kind.GS1:
        _ask_for_product(reading)
    if kind is Kind.PLAIN and settings.expect in expected.EXPECTED:
        return expected.unexpected(reading, settings.expect)
    return reading


_Found = tuple[Kind, dict[str, Any], list[str]]


def _understood(symbology: str, body: str, scan: str, settings: Settings) -> _Found:
    if symbology in aim.RETAIL or (symbology == "]I1" and len(body) == _ITF_14):
        return _retail(symbology, body)
    if digital_link.is_address(body):
        return Kind.GS1_DL, *digital_link.read_link(body)
    is_gs1 = symbology in aim.GS1
    if settings.gs_substitutes and (is_gs1 or not symbology or body.startswith(envelope.HEADER)):
        body = restored(body, settings.gs_substitutes, is_gs1=is_gs1)
    if is_gs1 or (not symbology and (body.startswith(GS) or begins_as_gs1(body))):
        return _gs1(symbology, body)
    if body.startswith(envelope.HEADER):
        return Kind.ISO15434, *envelope.read_envelope(body)
    refuse_separators(body)
    if hibc.claims(body + " " * scan.endswith(" ")):
        return Kind.HIBC, hibc.read_hibc(_with_its_blank(body, scan)), []
    return _unstructured(symbology, body, settings)


def _retail(symbology: str, body: str) -> _Found:
    if symbology == "]E0" and begins_as_gs1(body):
        raise aim.inverted_case(symbology)
    return Kind.GTIN, retail.read_retail(symbology, body), []


def _gs1(symbology: str, body: str) -> _Found:
    if symbology == "]e0" and len(body) == _EAN_13 and gtin_14(body):
        raise aim.inverted_case(symbology)
    fields, warnings = gs1.meaning(gs1.elements(body))
    is_carton = "sscc" in fields and not fields.keys() & {"gtin", "itip_gtin", "serial"}
    return Kind.SSCC if is_carton else Kind.GS1, fields, warnings


def _unstructured(symbology: str, body: str, settings: Settings) -> _Found:
    """A text that is a number of its own, or a serial."""
    if is_command(body):
        return Kind.COMMAND, {"command": _command(body).value}, []
    product = None if symbology else gtin_14(body)
    if settings.expect in expected.EXPECTED and not (settings.expect == "imei" and product):
        found = expected.read_expected(body, settings.expect)
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
    """An HIBC whose check character is a blank gets it back: it was trimmed as an outer one."""
    return body + " " if scan.endswith(" ") and not hibc.is_whole(body) and hibc.is_whole(body + " ") else body


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
    if reading.serial is None or fields.keys() & {"gtin", "itip_gtin", "grai"} or "03" in identifiers:
        return
    raise Unreadable(
        "needs_product",
        f"This code has the serial {shown(reading.serial)} and no product. Scan the product's code first, or a code "
        "with both.",
        reading=reading,
    )

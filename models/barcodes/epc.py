"""Electronic Product Codes as readers of RFID tags send them: URNs (GS1 EPC Tag Data Standard, chapters 6 and 12)."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote

from models.barcodes.gate import refuse_separators
from models.barcodes.gs1 import Element, checked, meaning, rule_of
from models.barcodes.numbers import digits_only, gs1_check_digit
from models.barcodes.reading import shown
from models.errors import Unreadable

_EPC: Final = re.compile(r"urn:epc:(id|class|idpat|tag|pat|raw):(.*)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z]+)(?:-[0-9a-z]+)?:(.*)", re.IGNORECASE)
_COMPANY: Final = re.compile(r"[0-9]{6,12}")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ANY: Final = "*"

_GTIN_DIGITS, _SSCC_DIGITS, _GLN_DIGITS, _GSIN_DIGITS = 13, 17, 12, 16
_PARTS: Final = {
    "sgtin": (_GTIN_DIGITS, ("01", "21")),
    "lgtin": (_GTIN_DIGITS, ("01", "10")),
    "upui": (_GTIN_DIGITS, ("01", "235")),
    "itip": (_GTIN_DIGITS, ("8006", "", "", "21")),
    "sscc": (_SSCC_DIGITS, ("00",)),
    "sgln": (_GLN_DIGITS, ("414", "254")),
    "pgln": (_GLN_DIGITS, ("417",)),
    "grai": (_GLN_DIGITS, ("8003", "")),
    "gdti": (_GLN_DIGITS, ("253", "")),
    "sgcn": (_GLN_DIGITS, ("255", "")),
    "gsrn": (_SSCC_DIGITS, ("8018",)),
    "gsrnp": (_SSCC_DIGITS, ("8017",)),
    "gsin": (_GSIN_DIGITS, ("402",)),
    "giai": (0, ("8004",)),
    "ginc": (0, ("401",)),
    "cpi": (0, ("8010", "8011")),
}
"""Scheme → how many digits company and reference have together without their check digit (0: the reference may have
letters, and there is no check digit), and the AIs of the key and of the parts behind it; an empty one continues the
value before it."""

_LEADING: Final = frozenset(("sgtin", "lgtin", "upui", "itip", "sscc"))
"""Schemes whose reference has the first digit of the whole number."""

_CONSTRUCTED: Final = {"usdod": ("cage", "serial"), "adi": ("cage", "part", "serial")}
"""Schemes outside the GS1 keys → the fields of their parts."""


def is_epc(text: str) -> bool:
    """Whether a text is the URN of an EPC."""
    return _EPC.match(text) is not None


def read_epc(text: str) -> tuple[dict[str, Any], list[str]]:
    """Named fields of an EPC, as the GS1 fields that it stands for, and warnings.

    Raises:
        Unreadable: `bad_value`: it names no single thing, is of a scheme that is not read or has a part of a wrong
            form; else the error of a field.
    """
    refuse_separators(text)
    whole = _EPC.fullmatch(text)
    level, rest = (whole[1].lower(), whole[2]) if whole else ("", "")
    if level == "raw":
        raise _refused(text, "is the raw content of a tag. Set the RFID reader to send it as urn:epc:id")
    named = _SCHEME.fullmatch(rest)
    scheme, written = (named[1].lower(), named[2]) if named else ("", "")
    parts = written.split(".", _dots(scheme) + (level in ("tag", "pat")))
    if level in ("tag", "pat"):  # a filter value stands before the company
        parts = parts[1:]
    if scheme in _CONSTRUCTED and len(parts) == len(_CONSTRUCTED[scheme]):
        fields = {name: _text(part, text) for name, part in zip(_CONSTRUCTED[scheme], parts, strict=True) if part}
        if fields.get("serial", _ANY) == _ANY:
            raise _refused(text, "has no serial. Scan the unit's own code, or type its serial")
        return fields, []
    if scheme not in _PARTS:
        raise _refused(text, "is of a kind that is not read. Scan the unit's own barcode, or type its serial")
    return meaning(_elements(text, scheme, parts))


def _dots(scheme: str) -> int:
    """The number of dots between the parts; the last part may have dots of its own."""
    if scheme in _CONSTRUCTED:
        return len(_CONSTRUCTED[scheme]) - 1
    return len(_PARTS[scheme][1]) if scheme in _PARTS else 0


def _elements(text: str, scheme: str, parts: list[str]) -> list[Element]:
    digits, identifiers = _PARTS[scheme]
    if scheme == "cpi":  # the reference may have dots, the serial has none
        company, _, others = ".".join(parts).partition(".")
        parts = [company, *others.rsplit(".", 1)]
    if len(parts) != len(identifiers) + 1:
        raise _refused(text, "is cut off, or has a part too many. Scan again; if it stays, type the serial")
    company, reference = parts[:2]
    if _ANY in (company, reference) or any(part.startswith("[") for part in parts):
        raise _refused(text, "stands for many products. Scan the unit's own code")
    values = {identifiers[0]: _key(text, scheme, digits, company, reference)}
    last = identifiers[0]
    for identifier, part in zip(identifiers[1:], parts[2:], strict=True):
        if part == _ANY or (identifier == "254" and part == "0"):  # any serial of it; no extension
            continue
        last = identifier or last
        values[last] = values.get(last, "") + _text(part, text)
    return [_checked(identifier, value) for identifier, value in values.items()]


def _key(text: str, scheme: str, digits: int, company: str, reference: str) -> str:
    """The number of a GS1 key, with its check digit."""
    if not _COMPANY.fullmatch(company):
        raise _refused(text, f"has the company number {shown(company)}, and these have 6 to 12 digits. Scan it again")
    if not digits:
        return company + _text(reference, text)
    both = company + reference
    if len(both) != digits or not digits_only(both):
        raise _refused(text, f"has {shown(both)} where {digits} digits belong. Scan again, or type the serial")
    number = reference[:1] + company + reference[1:] if scheme in _LEADING else both
    return ("0" if scheme == "grai" else "") + number + gs1_check_digit(number)  # AI 8003 begins with a zero


def _checked(identifier: str, value: str) -> Element:
    rule = rule_of(identifier)
    assert rule is not None, identifier
    return checked(rule, value)


def _text(written: str, text: str) -> str:
    if _BAD_ESCAPE.search(written):
        raise _refused(text, "has a % that stands for nothing. Scan again; if it stays, type the serial", "bad_char")
    return unquote(written)


def _refused(text: str, what: str, reason: str = "bad_value") -> Unreadable:
    return Unreadable(reason, f"The EPC {shown(text)} {what}.")

"""GS1 Digital Links: element strings written as a web address. The address is read, and never fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from models.barcodes.checks import GTIN_LENGTHS, digits_only
from models.barcodes.gate import refuse_separators
from models.barcodes.gs1 import Element, checked, meaning, refuse_repeated
from models.barcodes.gs1_table import rule_of
from models.barcodes.reading import shown
from models.errors import Unreadable

KEYS: Final = {
    "00": (),
    "01": ("22", "10", "21", "235"),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": ("254", "7040"),
    "415": ("8020",),
    "417": ("7040",),
    "8003": (),
    "8004": ("7040",),
    "8006": ("22", "10", "21"),
    "8010": ("8011",),
    "8013": (),
    "8017": ("8019",),
    "8018": ("8019",),
}
"""Identifiers that an address can be about, with those that may follow in its path, in this order (GS1 Digital Link
Standard: URI Syntax)."""

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:mailto|tel|sms|smsto|geo|urn):|www\.[^.]", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9._~:@%\[\]-]+")
_NOT_IN_ADDRESSES: Final = re.compile(r"[ \"<>\\^`{|}]")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def is_address(text: str) -> bool:
    """Whether a text is an address of the web, or of something else that a telephone would open."""
    return _ADDRESS.match(text) is not None


def read_link(text: str) -> tuple[dict[str, Any], list[str]]:
    """What a GS1 Digital Link says, by name, and what is odd about it.

    Raises:
        Unreadable: `url`: another address; else what is wrong with a field.
    """
    refuse_separators(text)
    web = _WEB.match(text)
    pairs = web and _HOST.fullmatch(web["host"]) and _pairs(web["path"])
    if not web or not pairs:
        raise _no_serial(text)
    if wrong := _NOT_IN_ADDRESSES.search(text):
        raise _damaged(f"has {wrong[0]!r} in it")
    key, value = pairs[0]
    rule = rule_of(key)
    if rule and rule.digits and not digits_only(_decoded(value)):
        raise _no_serial(text)
    _refuse_order(key, [identifier for identifier, _ in pairs[1:]])
    found = [_element(identifier, written) for identifier, written in pairs]
    asked = list(_asked(web["query"] or ""))
    found += asked
    refuse_repeated(found)
    fields, oddities = meaning(found)
    if misplaced := [identifier for identifier, _ in asked if identifier in KEYS[key]]:
        oddities.append(f"The address has ({misplaced[0]}) behind the question mark instead of in its path.")
    return fields, oddities


def _pairs(path: str) -> list[Element]:
    """The identifiers of a path with their values, from the last one on that an address can be about; [] without."""
    parts = path.split("/")[1:]
    for end in (len(parts), len(parts) - 1):
        for start in range(end - 2, -1, -2):
            if parts[start] in KEYS:
                if end < len(parts):
                    if not rule_of(parts[end] or "-") and parts[end]:
                        return []
                    raise _damaged("ends before its last value", "truncated")
                return list(zip(parts[start:end:2], parts[start + 1 : end : 2], strict=True))
    return []


def _asked(query: str) -> Iterator[Element]:
    """The fields behind the question mark; what is no field number is somebody else's."""
    for part in re.split("[&;]", query):
        identifier, _, value = part.partition("=")
        if digits_only(identifier):
            yield _element(identifier, value.replace("+", " "))


def _element(identifier: str, written: str) -> Element:
    rule = rule_of(identifier)
    if rule is None or rule.identifier != identifier:
        raise Unreadable(
            "unknown_ai",
            f"The address has a field ({shown(identifier)}) that GS1 does not know. Type the serial instead.",
        )
    value = _decoded(written)
    if identifier == "01" and len(value) in GTIN_LENGTHS and digits_only(value):
        value = value.zfill(14)
    return checked(rule, value)


def _decoded(written: str) -> str:
    if _BAD_PERCENT.search(written):
        raise _damaged("has a % that stands for nothing")
    try:
        return unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        raise _damaged("stands for text that is not UTF-8") from None


def _refuse_order(key: str, following: list[str]) -> None:
    """Refuse fields in a path that are not in the order of the standard."""
    allowed = iter(KEYS[key])
    for identifier in following:
        if identifier not in allowed:  # takes what stands before it, so that the order counts
            raise Unreadable(
                "url",
                f"In this address ({shown(identifier)}) stands where a GS1 Digital Link cannot have it, so it is none. "
                "Scan the serial's own barcode.",
            )


def _damaged(what: str, reason: str = "bad_char") -> Unreadable:
    return Unreadable(reason, f"The GS1 address on this label {what}. Scan again; if it stays, type the serial.")


def _no_serial(text: str) -> Unreadable:
    return Unreadable(
        "url", f"{shown(text)} is a web address and no serial. Scan the serial's own barcode, or type the serial."
    )

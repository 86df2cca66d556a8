"""ISO/IEC 15434 envelopes: first the data and text identifiers in them, then the envelope itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from models.barcodes.gate import EOT, GS, RS
from models.barcodes.gs1 import Element, once_each
from models.barcodes.gs1 import elements as gs1_elements
from models.barcodes.gs1 import meaning as gs1_meaning
from models.barcodes.numbers import digits_only, eight_digits, gtin_14, luhn_good, ppn_good, six_digits
from models.barcodes.reading import shown, with_serials
from models.errors import Unreadable

FIELDS: Final = {
    "P": "customer_part",
    "1P": "part",
    "1T": "lot",
    "Q": "qty",
    "9N": "ppn",
    "17V": "cage",
    "43S": "iccid",
    "MFR": "cage",
    "CAG": "cage",
    "SPL": "cage",
    "PNO": "part",
    "PNR": "part",
    "LOT": "lot",
    "LTN": "lot",
}

SERIALS: Final = frozenset(("S", "SER", "SEQ", "USN", "UCN", "UST"))
"""Identifiers of a plain serial number."""

UNIQUE: Final = frozenset(("25S", "UID"))
"""Identifiers of a globally unique serial, prefixed with its issuer; used as the serial if there is no plain one."""

_DATES: Final = {
    "D": ("expiry", 6, "expiry date"),
    "14D": ("expiry", 8, "expiry date"),
    "16D": ("prod_date", 8, "production date"),
}
_IDENTIFIER: Final = re.compile(r"[0-9]{0,3}[A-Z]")
_TEXT_IDENTIFIER: Final = re.compile(r"([A-Z]{3}) ")
_CAGE_LENGTH: Final = 5
_CAGE: Final = re.compile(r"[A-Z0-9]{5}.")
_MAC: Final = re.compile(r"[0-9A-F]{12}")


def split_identifier(element: str) -> tuple[str, str]:
    """A data identifier, empty if there is none, and its value."""
    found = _IDENTIFIER.match(element)
    end = found.end() if found else 0
    return element[:end], element[end:]


def split_text_identifier(element: str) -> tuple[str, str]:
    """A text identifier, empty if there is none, and its value; a space separates them."""
    found = _TEXT_IDENTIFIER.match(element)
    return (found[1], element[found.end() :]) if found else ("", element)


def meaning(elements: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """Named fields of identified values, and warnings.

    Raises:
        Unreadable: `truncated` (such as an empty serial), `bad_date`, `bad_check_digit`, `bad_char`.
    """
    named: dict[str, list[str]] = {}
    other: list[list[str]] = []
    for identifier, value in elements:
        found = list(_named(identifier, value))
        for name, known in found:
            named.setdefault(name, []).append(known)
        if not found and value:
            other.append([identifier, value])
    oddities = [f"{shown(value)} stands on the label without saying what it is." for name, value in other if not name]
    serials = named.pop("serial", [])
    fields: dict[str, Any] = {}
    for name, values in named.items():
        if len(set(values)) == 1:
            fields[name] = values[0]
        else:  # unlike a serial, of which a label may have several, none of them is the right one
            other += [[name, value] for value in values]
            oddities.append(f"The label gives several values for {name.replace('_', ' ')}, so none was taken.")
    with_serials(fields, serials or named.get("uii", []))
    oddities += _oddities(fields)
    if other:
        fields["other"] = other
    return fields, oddities


def plain_mac(text: str) -> str | None:
    """The 12 hexadecimal digits of a MAC address, upper case without separators; None if the text is none.

    Accepted forms: 001A2B3C4D5E, 00:1A:2B:3C:4D:5E, 00-1A-2B-3C-4D-5E and 001A.2B3C.4D5E.
    """
    upper = text.upper()
    for sign, width in ((":", 2), ("-", 2), (".", 4)):
        if sign in upper:
            parts = upper.split(sign)
            upper = "".join(parts) if {len(part) for part in parts} == {width} else ""
    return upper if _MAC.fullmatch(upper) else None


def _named(identifier: str, value: str) -> Iterator[tuple[str, str]]:
    """The named fields of a value; none if its identifier is unknown or the value is empty."""
    if identifier in SERIALS:
        yield "serial", _serial(identifier, value)
    elif identifier in UNIQUE:
        yield "uii", _serial(identifier, value)
    elif identifier == "18S":
        yield "cage", _cage(value)
        yield "serial", value[_CAGE_LENGTH:]
    elif value:
        yield from _named_other(identifier, value)


def _named_other(identifier: str, value: str) -> Iterator[tuple[str, str]]:
    if identifier == "9N" and not ppn_good(value):
        raise Unreadable(
            "bad_check_digit",
            f"The check digits of the pharmacy product number {shown(value)} are wrong. Scan the label again.",
        )
    if identifier in FIELDS:
        yield FIELDS[identifier], value
    elif identifier in _DATES:
        name, length, called = _DATES[identifier]
        if len(value) == length:
            read = six_digits if length == 6 else eight_digits
            yield name, read(value, called)
    elif identifier == "8P":
        gtin = gtin_14(value)
        if gtin is None:
            raise Unreadable(
                "bad_check_digit", f"The GTIN {shown(value)} on this label is wrong. Scan again; if it stays, type it."
            )
        yield "gtin", gtin
    elif identifier == "23S":
        mac = plain_mac(value)
        if mac is None:
            raise Unreadable(
                "bad_char", f"The network address {shown(value)} has not 12 hexadecimal digits. Scan the label again."
            )
        yield "mac", mac


def _serial(identifier: str, value: str) -> str:
    if not value.strip(" "):
        raise Unreadable("truncated", f"The serial ({identifier}) of this label is empty. Type the serial instead.")
    return value


def _cage(value: str) -> str:
    if not _CAGE.match(value):
        raise Unreadable(
            "truncated",
            f"{shown(value)} is no maker's code of 5 characters with a serial behind it (18S). Scan again.",
        )
    return value[:_CAGE_LENGTH]


def _oddities(fields: dict[str, Any]) -> Iterator[str]:
    iccid = fields.get("iccid")
    if iccid and not (digits_only(iccid) and luhn_good(iccid)):
        yield f"The check digit of the SIM card's number {shown(iccid)} is wrong; compare it with the card."


HEADER: Final = "[)>"

_GS1: Final = "05"
_SPLIT: Final = {
    "06": split_identifier,
    "12": split_text_identifier,
    "DD": split_text_identifier,
}
"""Formats with identified fields; DD is the former name of format 12."""


def read_envelope(text: str) -> tuple[dict[str, Any], list[str]]:
    """Named fields of an envelope, and warnings.

    Raises:
        Unreadable: `bad_envelope`: it is incomplete, or has no field that identifies an item or a serial; else the
            error of a field.
    """
    if text[3:4] != RS:
        lost = "The separator RS is lost" if GS in text else "The separators (RS, GS) are lost"
        raise Unreadable(
            "bad_envelope",
            f"{lost} in this label's code, so its parts run together. Set the scanner to send control characters; the "
            "scanner check shows it. If the label itself lacks them, scan its other codes, or type the serial.",
        )
    oddities: list[str] = []
    content = text[4:]
    if content.endswith(RS + EOT):
        content = content[:-2]
    else:
        content = content.removesuffix(EOT).removesuffix(RS)
        oddities.append("The end of this code is missing; compare its last field with the label.")
    if EOT in content:
        raise Unreadable("bad_envelope", "Two codes ran together in this scan. Scan one label at a time.")
    fields, more = _read_formats(content.split(RS))
    return fields, oddities + more


def _read_formats(formats: list[str]) -> tuple[dict[str, Any], list[str]]:
    of_gs1: list[Element] = []
    identified: list[tuple[str, str]] = []
    oddities: list[str] = []
    for written in formats:
        header, sign, data = written[:2], written[2:3], written[3:]
        if header != _GS1 and header not in _SPLIT:
            oddities.append(f"A part of this code in format {shown(header) or 'none'} was left out.")
        elif sign != GS or "\x1c" in data or "\x1f" in data:
            raise Unreadable(
                "bad_envelope", f"The code's format {header} is damaged: a separator is wrong. Scan the label again."
            )
        elif header == _GS1:
            of_gs1 += gs1_elements(data)
        else:
            identified += map(_SPLIT[header], filter(None, data.split(GS)))
    of_gs1 = once_each(of_gs1)
    fields, more = meaning(identified)
    theirs, oddities_of_gs1 = gs1_meaning(of_gs1)
    fields = _joined(fields, theirs)
    if not fields:
        raise Unreadable(
            "bad_envelope",
            "This label's code has no field that names an item or a serial. Scan the label's other codes, or type.",
        )
    return fields, oddities + more + oddities_of_gs1


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Merge the fields of both kinds of format.

    Raises:
        Unreadable: they contradict each other (`repeated_ai`).
    """
    other = [*first.pop("other", ()), *second.pop("other", ())]
    for name, value in second.items():
        if first.setdefault(name, value) != value:
            raise Unreadable(
                "repeated_ai",
                f"This code names two: {name} {shown(str(first[name]))} and {shown(str(value))}. Type what is meant.",
            )
    return first | ({"other": other} if other else {})

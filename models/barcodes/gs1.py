"""GS1 element strings, strictly: each field whole, in its alphabet, with its check digit and a date that exists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from models.barcodes.checks import digits_only, gs1_good
from models.barcodes.gate import GS, SEPARATORS
from models.barcodes.gs1_table import CHECKED, DATES, DAY_ZERO, MOMENTS, Rule, rule_of
from models.barcodes.numbers import six_digits
from models.barcodes.reading import shown
from models.errors import Unreadable

Element = tuple[str, str]
"""An application identifier and its value."""

FIELDS: Final = {
    "00": "sscc",
    "01": "gtin",
    "02": "content_gtin",
    "10": "lot",
    "11": "prod_date",
    "15": "best_before",
    "17": "expiry",
    "21": "serial",
    "37": "count",
    "235": "tpx",
    "240": "additional_id",
    "250": "secondary_serial",
    "8004": "giai",
}

_GRAI_DIGITS: Final = 14
_NOT_82: Final = re.compile(r"[^!%-?A-Z_a-z\x22]")


def elements(data: str) -> list[Element]:
    """The fields of element strings.

    Data is cut at every GS first; a field without a length of its own ends there or with the data.

    Raises:
        Unreadable: what is wrong with the first bad field, or `repeated_ai`, or `empty`.
    """
    found: list[Element] = []
    parts = data.split(GS)
    for number, part in enumerate(parts):
        if part:
            found += _fields(part)
        elif 0 < number < len(parts) - 1:
            raise Unreadable(
                "truncated", "Two separators stand side by side: a field is missing. Scan the label again."
            )
    if not found:
        raise Unreadable("empty", "The code has no data behind its GS1 sign. Scan the label again.")
    refuse_repeated(found)
    return found


def checked(rule: Rule, value: str) -> Element:
    """One field with its value, once that is whole and right.

    Raises:
        Unreadable: `truncated`, `too_long`, `control_char`, `bad_char`, `bad_check_digit`, `bad_date` or `bad_piece`.
    """
    if not value:
        raise Unreadable("truncated", f"The {rule.name} of this code is empty. Scan again; if it stays, type it.")
    whole = rule.pattern.fullmatch(rule.identifier + value)
    if not whole:
        _refuse_shape(rule, value)
    _check_number(rule, value)
    _check_date(rule, value)
    if not whole:
        raise Unreadable("bad_value", f"The {rule.name} cannot be {shown(value)}. Scan again; if it stays, type it.")
    if rule.identifier in ("8006", "8026"):
        _check_piece(rule, value)
    return rule.identifier, value


def refuse_repeated(found: Iterable[Element]) -> None:
    """Refuse fields of which one comes twice, or two that may not stand together.

    Raises:
        Unreadable: `repeated_ai` or `invalid_pair`.
    """
    seen: set[str] = set()
    for identifier, value in found:
        if identifier in seen:
            name = getattr(rule_of(identifier), "name", identifier)
            raise Unreadable(
                "repeated_ai",
                f"The {name} stands in this code twice, once as {shown(value)}. Scan one label at a time.",
            )
        seen.add(identifier)
    if {"21", "235"} <= seen:
        raise Unreadable(
            "invalid_pair", "This code has two serials, (21) and (235), and may have one. Type the one that is meant."
        )


def meaning(found: Iterable[Element]) -> tuple[dict[str, Any], list[str]]:
    """What fields say, by name, and what is odd about them."""
    fields: dict[str, Any] = {}
    other: list[list[str]] = []
    values = dict(found)
    for identifier, value in values.items():
        if identifier in FIELDS:
            fields[FIELDS[identifier]] = six_digits(value, DATES[identifier]) if identifier in DATES else value
        elif identifier == "8006":
            fields |= {"itip_gtin": value[:14], "piece": int(value[14:16]), "total": int(value[16:])}
        elif identifier == "8003":
            fields["grai"] = value[:_GRAI_DIGITS]
            if value[_GRAI_DIGITS:] and "21" not in values:
                fields["serial"] = value[_GRAI_DIGITS:]
        else:
            other.append([identifier, value])
    if other:
        fields["other"] = other
    return fields, list(_oddities(values))


def _fields(part: str) -> Iterator[Element]:
    rest = part
    while rest:
        rule = rule_of(rest)
        if rule is None:
            raise _unknown(rest)
        start = len(rule.identifier)
        end = start + rule.fixed if rule.fixed else len(rest)
        yield checked(rule, rest[start:end])
        rest = rest[end:]


def _unknown(rest: str) -> Unreadable:
    if rest[0] in SEPARATORS:
        return Unreadable(
            "control_char", "A separator other than GS is in this GS1 code. Scan again, then check the scanner."
        )
    return Unreadable(
        "unknown_ai",
        f"{shown(rest)} begins with no GS1 field number, so the code is cut or a separator is lost. Scan again; if it "
        "stays, run the scanner check.",
    )


def _bad_character(rule: Rule, character: str) -> Unreadable:
    if character in SEPARATORS:
        return Unreadable(
            "control_char", f"A separator other than GS is in the {rule.name}. Scan again, then check the scanner."
        )
    named = "a blank" if character == " " else character
    cure = "Scan again; if it stays, type the serial."
    if character in "|~#^{}":
        cure = "If the scanner sends it for the separator GS, put it into the site's GS substitutes."
    return Unreadable("bad_char", f"The {rule.name} has {named} in it, which GS1 does not allow. {cure}")


def _refuse_shape(rule: Rule, value: str) -> None:
    if wrong := _NOT_82.search(value):
        raise _bad_character(rule, wrong[0])
    if rule.digits and not digits_only(value):
        raise Unreadable(
            "bad_char",
            f"The {rule.name} is {shown(value)}, and it may have digits only. Scan the label again.",
        )
    if len(value) > rule.longest:
        raise Unreadable(
            "too_long",
            f"The {rule.name} has {len(value)} characters, {rule.longest} is the most: {shown(value)}. A separator "
            "(GS) may be lost: run the scanner check.",
        )
    if len(value) < rule.shortest:
        raise Unreadable(
            "truncated",
            f"The {rule.name} ends after {len(value)} of {rule.shortest} characters. Scan the whole label again.",
        )


def _check_number(rule: Rule, value: str) -> None:
    length = CHECKED.get(rule.identifier)
    if length is None:
        return
    number = value[:length]
    if not digits_only(number):
        raise Unreadable(
            "bad_char", f"The {rule.name} is {shown(number)} and may have digits only. Scan the label again."
        )
    if not gs1_good(number):
        raise Unreadable(
            "bad_check_digit",
            f"The check digit of the {rule.name} {number} is wrong, so the code was misread. Scan again; if it stays, "
            "the label is wrong.",
        )


def _check_date(rule: Rule, value: str) -> None:
    name = DATES.get(rule.identifier) or MOMENTS.get(rule.identifier)
    if name:
        six_digits(value[:6], name, day_zero=rule.identifier in DAY_ZERO)
        if rule.identifier == "7007" and len(value) == 12:
            six_digits(value[6:], name, day_zero=False)


def _check_piece(rule: Rule, value: str) -> None:
    piece, total = value[14:16], value[16:]
    if not 0 < int(piece) <= int(total):
        raise Unreadable(
            "bad_piece",
            f"The {rule.name} is piece {piece} of {total}, which cannot be. Scan the label again.",
        )


def _oddities(values: dict[str, str]) -> Iterator[str]:
    if "02" in values and "37" not in values:
        yield "The label names the GTIN of a carton's content and not how many there are."
    if "37" in values and not values.keys() & {"02", "8026"}:
        yield "The label says how many there are in a carton and not of what."
    if "01" in values and "02" in values:
        yield "The label names a product and, as for a carton, the content of it."
    if "250" in values and "21" not in values:
        yield "The label has a secondary serial and no serial."
    if "235" in values and "01" not in values:
        yield "The label has a TPX serial and no product."

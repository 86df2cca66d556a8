"""GS1 data, in three parts: application identifiers (AIs), element strings, Digital Link addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from models.barcodes.gate import GS, SEPARATORS, refuse_separators
from models.barcodes.numbers import GTIN_LENGTHS, bad_date, check_pair_good, digits_only, gs1_good, six_digits
from models.barcodes.reading import shown
from models.errors import Unreadable
from models.text import named_character

LONGEST_IDENTIFIER: Final = 4

CHECKED: Final = {
    "00": 18,
    "01": 14,
    "02": 14,
    "03": 14,
    "253": 13,
    "255": 13,
    "402": 17,
    **{f"41{last}": 13 for last in range(8)},
    "8003": 14,
    "8006": 14,
    "8017": 18,
    "8018": 18,
    "8026": 14,
}
"""AIs whose value begins with a number ending in a GS1 check digit → length of that number (GS1 Syntax Dictionary,
`csum`; AI 8003 has a zero before its 13 digits, which does not change the sum)."""

PAIRED: Final = frozenset(("8013", "8014"))
"""AIs whose value ends in a check character pair (`csumalpha`)."""

DATES: Final = {
    "11": "production date",
    "12": "due date",
    "13": "packaging date",
    "15": "best-before date",
    "16": "sell-by date",
    "17": "expiry date",
}
"""AIs of a date (YYMMDD) whose day may be 00, the last day of the month."""

MOMENTS: Final = {
    "4324": "first delivery date",
    "4325": "last delivery date",
    "4326": "release date",
    "7003": "expiry date",
    "7006": "freezing date",
    "7007": "harvest date",
    "7011": "test-by date",
    "8008": "production date",
}
"""AIs whose value begins with a date (YYMMDD); the first two may have day 00 as well."""

DAY_ZERO: Final = frozenset((*DATES, "4324", "4325"))

TIMED: Final = frozenset(("4324", "4325", "7003", "7011"))
"""AIs with an hour and a minute behind the date; 9999 is no time."""

_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]|9999")

NAMES: Final = {
    "00": "carton number",
    "01": "GTIN",
    "02": "GTIN of the content",
    "10": "lot",
    "21": "serial",
    "37": "count",
    "235": "TPX serial",
    "250": "secondary serial",
    "253": "document number",
    "414": "location number",
    "8003": "asset number",
    "8004": "asset number",
    "8006": "GTIN of the piece",
    "8010": "component number",
    "8011": "component serial",
    "8013": "model number",
    "8017": "service number",
    "8018": "service number",
    "8026": "GTIN of the piece",
    "8030": "digital signature",
    **DATES,
}

_FOREIGN: Final = {
    "X": re.compile(r"[^!%-?A-Z_a-z\x22]"),
    "Y": re.compile(r"[^A-Z0-9/#-]"),
    "Z": re.compile(r"[^A-Za-z0-9_=-]"),
}
"""Characters outside the character sets 82, 39 and 64 with its padding (General Specifications 7.11)."""

_PADDED: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_PADDED_TO: Final = 3
"""Length that a padded value of character set 64 is a multiple of."""

_PART: Final = re.compile(r"N(\d+)\.\.N?(\d+)|[NXYZ]\.\.(\d+)|[NXYZ](\d+)")


class IdentifierRule(NamedTuple):
    """Format of one application identifier."""

    identifier: str
    pattern: re.Pattern[str]
    """Matches a whole field, identifier and value."""
    fixed: int
    """Length of a value that needs no separator after it; 0 if it ends at a separator."""
    shortest: int
    longest: int
    letters: str
    """Its character set, a key of `_FOREIGN`; empty if the value is numeric."""

    @property
    def digits(self) -> bool:
        """Whether the value is numeric."""
        return not self.letters

    @property
    def name(self) -> str:
        """The field as messages name it, such as `serial (21)`."""
        name = NAMES.get(self.identifier)
        return f"{name} ({self.identifier})" if name else f"field ({self.identifier})"


def rule_of(field: str) -> IdentifierRule | None:
    """The rule of the AI at the beginning of a field; None if there is none."""
    return _rule(field[:LONGEST_IDENTIFIER])


@lru_cache(maxsize=2_048)
def _rule(head: str) -> IdentifierRule | None:
    from biip import ParseError  # noqa: PLC0415 - takes a tenth of a second, and many sites have no GS1 labels
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier  # noqa: PLC0415

    try:
        found = GS1ApplicationIdentifier.extract(head)
    except ParseError:
        return None
    shortest, longest = _lengths(found.format.partition("+")[2])
    fixed = 0 if found.separator_required else longest
    letters = re.search("[XYZ-]", found.format)
    charset = letters[0].replace("-", "X") if letters else ""
    # The table leaves the padding out of character set 64.
    pattern = f"{found.ai}{_PADDED.pattern}" if charset == "Z" else found.pattern
    return IdentifierRule(found.ai, re.compile(pattern), fixed, shortest, longest, charset)


def _lengths(value_format: str) -> tuple[int, int]:
    """Minimum and maximum length of a value, from a format such as `N13[+X..17]`."""
    shortest = longest = 0
    for part, optional in re.findall(r"([^\[\]+]+)(\])?", value_format):
        lengths = _PART.fullmatch(part)
        if lengths is None:  # the hyphen of a temperature below zero
            longest += 1
            continue
        low, high, most, exact = (int(group) if group else 0 for group in lengths.groups())
        longest += high or most or exact
        if not optional:
            shortest += low or exact or 1
    return shortest, longest


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


_PRINTED: Final = re.compile(r"\((\d{2,4})\)")
_PRINTED_NUMBER: Final = re.compile(r"\(01\) ?\d{14} ?(?:\(|$)|\(00\) ?\d{18} ?(?:\(|$)")


def printed_elements(text: str) -> str:
    """Element strings as printed below a symbol, `(01)…(21)…`, as a scanner would send them; empty for another text.

    Some codes hold the brackets too, and people type what is printed. One of the elements has to be a GTIN or an SSCC.
    """
    if not (text.startswith("(") and _PRINTED_NUMBER.search(text)):
        return ""
    # As if a separator stood before each element: fields of fixed length may have one, too.
    before, *parts = _PRINTED.split(text)
    values = zip(parts[::2], parts[1::2], strict=True)
    return "" if before else GS + GS.join(f"{identifier}{value.strip(' ')}" for identifier, value in values)


def elements(data: str) -> list[Element]:
    """The fields of element strings.

    Data is split at every GS first; a field of variable length ends there or with the data.

    Raises:
        Unreadable: the error of the first invalid field, or `repeated_ai`, `invalid_pair` or `empty`.
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
    return once_each(found)


def checked(rule: IdentifierRule, value: str) -> Element:
    """Validate the value of a field.

    Raises:
        Unreadable: `truncated`, `too_long`, `control_char`, `bad_char`, `bad_check_digit`, `bad_date`, `bad_value` or
            `bad_piece`.
    """
    if not value:
        raise Unreadable("truncated", f"The {rule.name} of this code is empty. Scan again; if it stays, type it.")
    whole = rule.pattern.fullmatch(rule.identifier + value) and len(value) <= rule.longest
    if not whole:  # first the errors that have a sentence of their own; any other shape is refused below
        _refuse_shape(rule, value)
    _check_number(rule, value)
    _check_date(rule, value)
    if not whole or (rule.letters == "Z" and value.endswith("=") and len(value) % _PADDED_TO):
        raise Unreadable("bad_value", f"The {rule.name} cannot be {shown(value)}. Scan again; if it stays, type it.")
    if rule.identifier in ("8006", "8026"):
        _check_piece(rule, value)
    return rule.identifier, value


def once_each(found: Iterable[Element]) -> list[Element]:
    """The fields without those that only repeat another; a label may give one in several of its parts.

    Raises:
        Unreadable: an AI has two values (`repeated_ai`), or two AIs exclude each other (`invalid_pair`).
    """
    values: dict[str, str] = {}
    for identifier, value in found:
        first = values.setdefault(identifier, value)
        if first != value:
            raise Unreadable(
                "repeated_ai",
                f"The {_name_of(identifier)} stands in this code twice, as {shown(first)} and as {shown(value)}. Scan "
                "one label at a time.",
            )
    if {"21", "235"} <= values.keys():
        raise Unreadable(
            "invalid_pair", "This code has two serials, (21) and (235), and may have one. Type the one that is meant."
        )
    return list(values.items())


def _name_of(identifier: str) -> str:
    return getattr(rule_of(identifier), "name", identifier)


def meaning(found: Iterable[Element]) -> tuple[dict[str, Any], list[str]]:
    """Named fields, and warnings."""
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
            # Behind the asset's number stands a serial, unless the label has one of its own.
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


def _bad_character(rule: IdentifierRule, character: str) -> Unreadable:
    if character in SEPARATORS:
        return Unreadable(
            "control_char", f"A separator other than GS is in the {rule.name}. Scan again, then check the scanner."
        )
    named = "a blank" if character == " " else character
    cure = "Scan again; if it stays, type the serial."
    if character in "|~#^{}":
        cure = "If the scanner sends it for the separator GS, put it into the site's GS substitutes."
    return Unreadable("bad_char", f"The {rule.name} has {named} in it, which GS1 does not allow there. {cure}")


def _refuse_shape(rule: IdentifierRule, value: str) -> None:
    if wrong := _FOREIGN[rule.letters or "X"].search(value):
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


def _check_number(rule: IdentifierRule, value: str) -> None:
    if rule.identifier in PAIRED and not check_pair_good(value):
        raise Unreadable(
            "bad_check_digit",
            f"The check characters of the {rule.name} {shown(value)} are wrong, so the code was misread. Scan again; "
            "if it stays, the label is wrong.",
        )
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


def _check_date(rule: IdentifierRule, value: str) -> None:
    name = DATES.get(rule.identifier) or MOMENTS.get(rule.identifier)
    if name:
        six_digits(value[:6], name, day_zero=rule.identifier in DAY_ZERO)
        if rule.identifier == "7007" and len(value) == 12:
            six_digits(value[6:], name, day_zero=False)
        if rule.identifier in TIMED and value[6:] and not _TIME.fullmatch(value[6:]):
            raise bad_date(value, name)


def _check_piece(rule: IdentifierRule, value: str) -> None:
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
"""Primary keys of a Digital Link → qualifiers that may follow in its path, in this order (GS1 Digital Link Standard:
URI Syntax)."""

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|(?:mailto|tel|sms|smsto|geo|urn):|www\.[^.]", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9._~:@%\[\]-]+")
_NOT_IN_ADDRESSES: Final = re.compile(r"[ \"<>\\^`{|}]")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def is_address(text: str) -> bool:
    """Whether a text is a web address, or another link that a phone would open (mailto, tel, sms …)."""
    return _ADDRESS.match(text) is not None


def read_link(text: str) -> tuple[dict[str, Any], list[str]]:
    """Named fields of a GS1 Digital Link, and warnings.

    Raises:
        Unreadable: `url`: any other address; else the error of a field.
    """
    refuse_separators(text)
    web = _WEB.match(text)
    pairs = web and _HOST.fullmatch(web["host"]) and _pairs(web["path"])
    if not web or not pairs:
        raise _no_serial(text)
    if wrong := _NOT_IN_ADDRESSES.search(text):
        raise _damaged(f"has {named_character(wrong[0])} in it")
    key, value = pairs[0]
    rule = rule_of(key)
    if rule and rule.digits and not digits_only(_decoded(value)):
        raise _no_serial(text)
    _refuse_order(key, [identifier for identifier, _ in pairs[1:]])
    found = [_element(identifier, written) for identifier, written in pairs]
    asked = list(_asked(web["query"] or ""))
    found += asked
    _refuse_repeated(found)
    fields, oddities = meaning(once_each(found))
    if misplaced := [identifier for identifier, _ in asked if identifier in KEYS[key]]:
        oddities.append(f"The address has ({misplaced[0]}) behind the question mark instead of in its path.")
    return fields, oddities


def _pairs(path: str) -> list[Element]:
    """The AIs of a path with their values, from the last primary key on; empty without one."""
    parts = path.split("/")[1:]
    # From the end, for any path may stand before the key and only pairs behind it. One part too many at the end is an
    # identifier whose value was cut off.
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
    """The AIs of the query string; other parameters are ignored."""
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
    if identifier == "01" and len(value) in GTIN_LENGTHS and digits_only(value):  # addresses may leave zeros out
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
    """Refuse qualifiers that are not in the standard's order."""
    allowed = iter(KEYS[key])
    for identifier in following:
        if identifier not in allowed:  # `in` consumes the iterator, so the order is checked too
            raise Unreadable(
                "url",
                f"In this address ({shown(identifier)}) stands where a GS1 Digital Link cannot have it, so it is none. "
                "Scan the serial's own barcode.",
            )


def _refuse_repeated(found: list[Element]) -> None:
    """Refuse an AI that an address has twice, even with one value (GS1 Digital Link Standard: URI Syntax)."""
    for number, (identifier, _) in enumerate(found):
        if identifier in (other for other, _ in found[:number]):
            raise Unreadable(
                "repeated_ai",
                f"The {_name_of(identifier)} stands in this address twice, so it is no GS1 Digital Link. Scan the "
                "serial's own barcode, or type the serial.",
            )


def _damaged(what: str, reason: str = "bad_char") -> Unreadable:
    return Unreadable(reason, f"The GS1 address on this label {what}. Scan again; if it stays, type the serial.")


def _no_serial(text: str) -> Unreadable:
    return Unreadable(
        "url", f"{shown(text)} is a web address and no serial. Scan the serial's own barcode, or type the serial."
    )

"""GS1's application identifiers, as biip has them, with what it takes to check a field."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

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
"""Identifiers whose value begins with a number that ends with GS1's check digit, and how long that number is (GS1
Syntax Dictionary, `csum`; AI 8003 has a zero in front of its 13 digits, which changes no sum)."""

DATES: Final = {
    "11": "production date",
    "12": "due date",
    "13": "packaging date",
    "15": "best-before date",
    "16": "sell-by date",
    "17": "expiry date",
}
"""Identifiers of a date whose day may be 00: the last one of the month."""

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
"""Identifiers whose value begins with a date; the first two of these may have day 00 as well."""

DAY_ZERO: Final = frozenset((*DATES, "4324", "4325"))

NAMES: Final = {
    "00": "carton number",
    "01": "GTIN",
    "02": "GTIN of the content",
    "10": "lot",
    "21": "serial",
    "37": "count",
    "235": "TPX serial",
    "250": "secondary serial",
    "8003": "asset number",
    "8004": "asset number",
    "8006": "GTIN of the piece",
    **DATES,
}

_PART: Final = re.compile(r"N(\d+)\.\.N?(\d+)|[NXYZ]\.\.(\d+)|[NXYZ](\d+)")


class Rule(NamedTuple):
    """One application identifier."""

    identifier: str
    pattern: re.Pattern[str]
    """Of a whole field, identifier and value."""
    fixed: int
    """Characters of the value where no separator follows; 0 where it ends at a separator."""
    shortest: int
    longest: int
    digits: bool
    """Whether the value has digits only."""

    @property
    def name(self) -> str:
        """The field in words, such as `serial (21)`."""
        name = NAMES.get(self.identifier)
        return f"{name} ({self.identifier})" if name else f"field ({self.identifier})"


def rule_of(field: str) -> Rule | None:
    """The rule of the identifier that a field begins with; None where it begins with none."""
    return _rule(field[:LONGEST_IDENTIFIER])


@lru_cache(maxsize=2_048)
def _rule(head: str) -> Rule | None:
    from biip import ParseError  # noqa: PLC0415 - takes a tenth of a second, and many sites have no GS1 labels
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier  # noqa: PLC0415

    try:
        found = GS1ApplicationIdentifier.extract(head)
    except ParseError:
        return None
    shortest, longest = _lengths(found.format.partition("+")[2])
    fixed = 0 if found.separator_required else longest
    digits = not re.search("[XYZ-]", found.format)
    return Rule(found.ai, re.compile(found.pattern), fixed, shortest, longest, digits)


def _lengths(value_format: str) -> tuple[int, int]:
    """Fewest and most characters of a value, from a format such as `N13[+X..17]`."""
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

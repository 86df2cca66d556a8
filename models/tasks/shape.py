"""What the serials of an item look like: learned from those that are there, or set by somebody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

ENOUGH: Final = 10
"""Serials from which on their looks are held against the next one."""

MOST_ALIKE: Final = 0.95
"""The part of them that must be of one length for that length to count."""

SAMPLE: Final = 200
"""How many of an item's serials are looked at."""

_START: Final = re.compile(r"[^0-9]*")
_CLASSES: Final = {"digits": re.compile(r"[0-9]+"), "letters": re.compile(r"[A-Za-z]+")}
_WORDS: Final = {"digits": "digits only", "letters": "letters only", "alphanumeric": "letters and digits only"}
_ALNUM: Final = re.compile(r"[0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the serials of an item have in common; empty values where they have nothing."""

    count: int = 0
    """How many were looked at."""
    length: int = 0
    prefix: str = ""
    characters: str = ""
    """digits, letters, alphanumeric or empty."""

    def odd(self, serial: str) -> str:
        """How a serial differs, as a sentence without its end; empty where it does not."""
        others = f"the other {self.count}" if self.count < SAMPLE else "the others"
        if self.length and len(serial) != self.length:
            return f"{serial} has {len(serial)} characters where {others} have {self.length}"
        if self.prefix and not serial.upper().startswith(self.prefix.upper()):
            return f"{serial} does not begin with {self.prefix} as {others} do"
        if self.characters and class_of(serial) not in (self.characters, *_narrower(self.characters)):
            return f"{serial} is not {_WORDS[self.characters]} as {others} are"
        return ""


class Rule(NamedTuple):
    """What somebody has set for the serials of an item."""

    pattern: str = ""
    """A regular expression for the whole serial."""
    shortest: int = 1
    longest: int = 64
    characters: str = ""
    expects: str = ""
    """imei, vin or mac."""
    strip: str = ""
    """What labels print before the serial."""

    def broken_by(self, serial: str) -> str:
        """What is wrong with a serial, as a sentence without its end; empty where nothing is."""
        if not self.shortest <= len(serial) <= self.longest:
            span = str(self.shortest) if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
            return f"{serial} has {len(serial)} characters; this item's serials have {span}"
        if self.characters and class_of(serial) not in (self.characters, *_narrower(self.characters)):
            return f"{serial} is not {_WORDS[self.characters]}, as this item's serials are"
        if self.pattern and not re.fullmatch(self.pattern, serial, re.IGNORECASE):
            return f"{serial} does not fit this item's pattern {self.pattern}"
        return ""

    def stripped(self, serial: str) -> str:
        """The serial without what labels print before it."""
        return serial[len(self.strip) :] if self.strip and serial.startswith(self.strip) else serial


def learn(serials: Sequence[str]) -> Shape:
    """What serials have in common; nothing where there are fewer than `ENOUGH`."""
    count = len(serials)
    if count < ENOUGH:
        return Shape(count)
    length, alike = Counter(map(len, serials)).most_common(1)[0]
    prefix = _common_start([_start(serial).upper() for serial in serials])
    classes = {class_of(serial) for serial in serials}
    characters = classes.pop() if len(classes) == 1 else "alphanumeric" if "" not in classes else ""
    return Shape(count, length if alike >= MOST_ALIKE * count else 0, prefix if len(prefix) > 1 else "", characters)


def class_of(serial: str) -> str:
    """digits, letters, alphanumeric, or empty where other signs are in it."""
    for name, pattern in _CLASSES.items():
        if pattern.fullmatch(serial):
            return name
    return "alphanumeric" if _ALNUM.fullmatch(serial) else ""


def _start(serial: str) -> str:
    found = _START.match(serial)
    return found[0] if found else ""


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    alike = next((place for place, letter in enumerate(first) if last[place : place + 1] != letter), len(first))
    return first[:alike]


def _narrower(characters: str) -> tuple[str, ...]:
    return ("digits", "letters") if characters == "alphanumeric" else ()

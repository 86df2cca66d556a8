"""What the serials of an item look like: learned from those that are there, or set by somebody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from models.barcodes import Settings, read
from models.errors import Unreadable

ENOUGH: Final = 10
"""Serials from which on their looks are held against the next one."""

MOST_ALIKE: Final = 0.95
"""The part of them that must be of one length for that length to count."""

SAMPLE: Final = 200
"""How many of an item's serials are looked at."""

_START: Final = re.compile(r"[^0-9]*")
_FITTING: Final = {
    "digits": ("digits",),
    "letters": ("letters",),
    "alphanumeric": ("alphanumeric", "digits", "letters"),
}
"""Which classes of serials fit a class."""

_WORDS: Final = {"digits": "digits only", "letters": "letters only", "alphanumeric": "letters and digits only"}
NUMBERS: Final = {
    "imei": "an IMEI (15 digits)",
    "vin": "a vehicle number (17 letters and digits)",
    "mac": "a network address (12 hexadecimal digits)",
}
"""What a rule may expect, in words."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the serials of an item have in common; empty values where they have nothing."""

    count: int = 0
    """How many were looked at."""
    length: int = 0
    prefix: str = ""
    characters: str = ""
    """digits, letters, alphanumeric or empty."""

    def odd(self, serial: str, others: str = "") -> str:
        """How a serial differs, as a sentence without its end; empty where it does not.

        Args:
            others: what to call those that it is held against, instead of their number.
        """
        others = others or (f"the other {self.count}" if self.count < SAMPLE else "the others")
        if self.length and len(serial) != self.length:
            return f"{serial} has {len(serial)} characters where {others} have {self.length}"
        if self.prefix and not serial.upper().startswith(self.prefix.upper()):
            return f"{serial} does not begin with {self.prefix} as {others} do"
        if self.characters and class_of(serial) not in _FITTING[self.characters]:
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
        if self.characters and class_of(serial) not in _FITTING[self.characters]:
            return f"{serial} is not {_WORDS[self.characters]}, as this item's serials are"
        if self.expects and not _is_number(serial, self.expects):
            return f"{serial} is not {NUMBERS[self.expects]}, as this item's serials are"
        if self.pattern and not re.fullmatch(self.pattern, serial, re.IGNORECASE):
            return f"{serial} does not fit this item's pattern {self.pattern}"
        return ""

    def stripped(self, serial: str) -> str:
        """The serial without what labels print before it."""
        return serial[len(self.strip) :] if self.strip and serial.startswith(self.strip) else serial


@dataclass(slots=True)
class Looks:
    """What serials look like, counted as they come, so that the next one is judged at no cost."""

    count: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    classes: set[str] = field(default_factory=set)
    start: str | None = None
    """What stands before the first digit of all of them, in capitals."""
    _shape: Shape | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, serials: Iterable[str]) -> Looks:
        """Those of some serials; at most `SAMPLE` count."""
        looks = cls()
        for serial in serials:
            looks.add(serial)
        return looks

    def add(self, serial: str) -> None:
        """Count one more, unless there are enough."""
        if self.count >= SAMPLE:
            return
        self._shape = None
        self.count += 1
        self.lengths[len(serial)] += 1
        self.classes.add(class_of(serial))
        start = _start(serial).upper()
        self.start = start if self.start is None else _common_start(self.start, start)

    def copy(self) -> Looks:
        """Another one with the same counts."""
        return Looks(self.count, self.lengths.copy(), set(self.classes), self.start)

    @property
    def shape(self) -> Shape:
        """What they have in common; nothing where there are fewer than `ENOUGH`."""
        if self._shape is None:
            self._shape = self._in_common()
        return self._shape

    def _in_common(self) -> Shape:
        if self.count < ENOUGH:
            return Shape(self.count)
        length, alike = self.lengths.most_common(1)[0]
        characters = (
            next(iter(self.classes)) if len(self.classes) == 1 else "" if "" in self.classes else "alphanumeric"
        )
        start = self.start or ""
        return Shape(
            self.count, length if alike >= MOST_ALIKE * self.count else 0, start if len(start) > 1 else "", characters
        )


def class_of(serial: str) -> str:
    """digits, letters, alphanumeric, or empty where other signs are in it."""
    if not serial.isascii():
        return ""
    if serial.isdigit():
        return "digits"
    if serial.isalpha():
        return "letters"
    return "alphanumeric" if serial.isalnum() else ""


def _is_number(serial: str, expects: str) -> bool:
    try:
        return read(serial, Settings(expect=expects)).kind == expects
    except Unreadable:
        return False


def _start(serial: str) -> str:
    found = _START.match(serial)
    return found[0] if found else ""


def _common_start(one: str, other: str) -> str:
    alike = next((place for place, letter in enumerate(one) if other[place : place + 1] != letter), len(one))
    return one[:alike]

"""What a task says about a scan."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from models.barcodes.commands import CommandCode


class Outcome(StrEnum):
    """What a person must see at a glance."""

    OK = "ok"
    """A serial was taken."""
    DUPLICATE = "dup"
    """It was taken before; nothing changed."""
    PROBLEM = "problem"
    """It waits in the problems lane, or could not be taken at all; this one rings."""
    SET = "set"
    """A place or an item was taken; the scans that follow belong to it."""
    OUT = "out"
    """A line was taken out, or there was none."""
    ASK = "ask"
    """The same code once more does it."""
    DONE = "done"
    """The document is written."""
    TELL = "tell"
    """An answer, such as to HELP; nothing changed."""


class Reason(StrEnum):
    """Why a serial waits; unreadable scans have the reasons of `models.barcodes` instead."""

    EXISTS = "exists"
    """The item has it already."""
    SOLD = "sold"
    LOST = "lost"
    NO_ITEM = "no_item"
    """It came before its item."""
    NOT_TRACKED = "not_tracked"
    """Its item does not track serials."""
    UNKNOWN_PRODUCT = "unknown_product"
    """No item carries the product code that came with it."""
    BAD_SERIAL = "bad_serial"
    """It cannot be a serial."""
    RULE = "rule"
    """It breaks the rule that somebody set for its item."""
    SHAPE = "shape"
    """It looks different from the item's other serials."""
    NEAR = "near_duplicate"
    """It could be another one misread: O and 0, I and 1, hyphens, leading zeros."""
    NOT_ANNOUNCED = "not_announced"
    """It is not on the list that was announced."""
    CARTON = "carton"
    """The code of a carton, which is no unit."""
    NO_SERIAL = "no_serial"
    """The code names a product and no serial."""


CONFIRMABLE: Final = frozenset({Reason.SHAPE, Reason.NEAR, Reason.NOT_ANNOUNCED})
"""A warning only: scanning the same code again takes it."""


class Scan(NamedTuple):
    """A line that the scan line took whole."""

    text: str
    how: str = "scanned"
    """scanned, typed, pasted or range."""


class Verdict(NamedTuple):
    """What became of one scan."""

    outcome: Outcome
    scan: str
    """What came."""
    subject: str
    """What stands large: the serial, the place, the item, the number of the document."""
    message: str = ""
    """What is to be said about it, in a sentence; empty where `subject` says all."""
    reason: str = ""
    """A stable word: a `Reason`, or one of `models.barcodes`."""
    number: int = 0
    """Of its line in the draft; 0 where it made none."""
    position: int = 0
    """Of its line among the serials."""
    serial_id: int | None = None
    """The serial that stands in the way, to be opened."""
    command: CommandCode | None = None
    """What is to be done by the screen: HELP."""

    @property
    def rings(self) -> bool:
        """Whether it deserves the bell."""
        return self.outcome is Outcome.PROBLEM

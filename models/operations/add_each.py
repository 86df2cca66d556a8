"""Add scanned serials one after the other, each with its own verdict; good ones are written in as few transactions
as can be.

A scanner delivers faster than a database commits. What has arrived together is tried together; only where that is
refused is it halved, so that one bad scan among many costs a few transactions and holds up none of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.errors import Refusal, SerialdockError
from models.permissions import Actor
from models.serials.add import add_serials


@dataclass(frozen=True, slots=True)
class Wanted:
    """A serial that somebody wants to add."""

    serial: str
    """As typed or scanned."""
    location: str | None = None
    """The code of its place; None is the item's primary location."""
    notes: str = ""
    """Condition notes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it."""

    wanted: Wanted
    serial_id: int | None = None
    """The new serial; None where it was refused."""
    serial_number: str = ""
    """As stored."""
    location: str = ""
    """The code of its place."""
    refusal: SerialdockError | None = None
    """Why it was not added."""


def add_each(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[Verdict], None]) -> None:
    """Add serials in their order; a refused one stops no other.

    Args:
        wanted: in the order in which they came. The same serial twice: the second is a duplicate of the first.
        tell: is given the verdict of each, in that order, as soon as it is in the database or refused. When this
            function raises, those that were not told were not added.

    Raises:
        peewee.PeeweeException: trouble with the database.
    """
    for _, alike in groupby(wanted, key=lambda one: (one.location, one.notes)):
        _add(actor, item_id, list(alike), tell)


def _add(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[Verdict], None]) -> None:
    first = wanted[0]
    try:
        added = add_serials(actor, item_id, [one.serial for one in wanted], location=first.location, notes=first.notes)
    except Refusal as refusal:
        if len(wanted) == 1:
            tell(Verdict(first, refusal=refusal))
            return
        middle = len(wanted) // 2
        _add(actor, item_id, wanted[:middle], tell)
        _add(actor, item_id, wanted[middle:], tell)
        return
    for one, serial_id, text in zip(wanted, added.serial_ids, added.serial_numbers, strict=True):
        tell(Verdict(one, serial_id, text, added.location))

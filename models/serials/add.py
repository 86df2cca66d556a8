"""Add serials by hand: one, several, or one after the other with a verdict each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from models import ledger
from models.database.unit import Unit, write
from models.errors import Refusal, SerialdockError
from models.items.rules import facts_of
from models.locations import find_location
from models.permissions import Actor, require
from models.serials.judging import plain, refuse_existing, refuse_twice, refuse_unfit, tracked_item, warnings_of
from models.text import clean_note, clean_serial
from models.verbs import VERBS

ADD: Final = VERBS["add"]

TO_DO: Final = "add serials"
"""What the permission is asked for."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was added."""

    serial_ids: list[int]
    """In the order in which they were given."""
    serial_numbers: list[str]
    """As stored."""
    location: str
    """The code of their place."""
    warnings: tuple[tuple[str, str], ...] = ()
    """Of one that was added alone: what looks odd about it, a `models.serials.judging.Reason` and a sentence each."""


def add_serials(
    actor: Actor, item_id: int, serials: Sequence[str], *, location: str | None = None, notes: str = ""
) -> Added:
    """Add serials of one item, all or none, In Stock, without changing any quantity.

    Args:
        serials: as typed or scanned.
        location: the code of their place; None is the item's primary location.
        notes: condition notes that all of them get.

    Raises:
        NotPermitted, BadValue
        NotFound: the item or the location.
        NotTracked: the item does not track serials.
        Duplicate: the item has one of them, or one is given twice; says its status, place and date.
    """
    return _add(actor, item_id, serials, location, notes, warns=False)


def add_serial(actor: Actor, item_id: int, serial: str, *, location: str | None = None, notes: str = "") -> Added:
    """Add one serial and say what looks odd about it, which refuses nothing; see `add_serials`."""
    return _add(actor, item_id, [serial], location, notes, warns=True)


def _add(actor: Actor, item_id: int, serials: Sequence[str], location: str | None, notes: str, *, warns: bool) -> Added:
    wanted = [plain(clean_serial(text)) for text in serials or [""]]
    texts = [one.serial_number for one in wanted]
    notes = clean_note(notes, "condition note", field="condition_notes")
    refuse_twice(wanted)

    def work(unit: Unit) -> Added:
        require(actor, ADD.permission, TO_DO)
        item = tracked_item(item_id)
        place = find_location(location) if location else item.primary_location
        facts = facts_of(item, sampled=warns)
        refuse_unfit(facts, texts)
        refuse_existing(facts, wanted)
        warnings = warnings_of(facts, texts[0]) if warns else ()
        entries = [ledger.NewSerial(text, place.id, notes) for text in texts]
        return Added(ledger.add(unit, item.id, entries), texts, place.code, warnings)

    return write(actor, work)


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
class AddResult:
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


def add_each(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
    """Add serials in their order; a refused one stops no other.

    Args:
        wanted: in the order in which they came. The same serial twice: the second is a duplicate of the first.
        tell: is given the verdict of each, in that order, as soon as it is in the database or refused. When this
            function raises, those that were not told were not added.

    Raises:
        peewee.PeeweeException: trouble with the database.
    """
    for _, alike in groupby(wanted, key=lambda one: (one.location, one.notes)):
        _add_one(actor, item_id, list(alike), tell)


def _add_one(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
    first = wanted[0]
    try:
        added = add_serials(actor, item_id, [one.serial for one in wanted], location=first.location, notes=first.notes)
    except Refusal as refusal:
        if len(wanted) == 1:
            tell(AddResult(first, refusal=refusal))
            return
        middle = len(wanted) // 2
        _add_one(actor, item_id, wanted[:middle], tell)
        _add_one(actor, item_id, wanted[middle:], tell)
        return
    for one, serial_id, text in zip(wanted, added.serial_ids, added.serial_numbers, strict=True):
        tell(AddResult(one, serial_id, text, added.location))

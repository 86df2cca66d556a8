"""Add serials by hand: one, several all or none, or one after the other with a result for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from models import ledger
from models.database.unit import Unit, write
from models.errors import Refusal, SerialdockError
from models.items.rules import item_facts
from models.locations import open_location
from models.permissions import Actor, require
from models.serials.drafted import elsewhere, refuse_drafted
from models.serials.judging import (
    Reason,
    plain,
    refuse_asked,
    refuse_existing,
    refuse_twice,
    refuse_unfit,
    tracked_item,
    warnings_of,
)
from models.text import clean_note, clean_serial
from models.verbs import VERBS

ADD: Final = VERBS["add"]

TO_DO: Final = "add serials"
"""The action, for the message of a missing permission."""


@dataclass(frozen=True, slots=True)
class Added:
    """The result of adding serials."""

    serial_ids: list[int]
    """In the order given."""
    serial_numbers: list[str]
    """As stored."""
    location: str
    """Code of their place."""
    warnings: tuple[tuple[str, str], ...] = ()
    """Warnings of `add_serial`: a `models.serials.judging.Reason` and a sentence each; otherwise empty."""


def add_serials(
    actor: Actor, item_id: int, serials: Sequence[str], *, location: str | None = None, notes: str = ""
) -> Added:
    """Add serials of one item, all or none, In Stock, without changing any quantity.

    Args:
        serials: as typed or scanned.
        location: code of their place; None means the item's primary location.
        notes: condition notes for all of them.

    Raises:
        NotPermitted, BadValue
        NotFound: no such item or location.
        NotAllowed: the location is closed.
        NotTracked: the item does not track serials.
        Duplicate: the item already has one of them (says its status, place and date), or one is given twice.
    """
    return _add(actor, item_id, serials, location, notes)


def add_serial(actor: Actor, item_id: int, serial: str, *, location: str | None = None, notes: str = "") -> Added:
    """Add one serial and report its warnings, which do not prevent adding it; see `add_serials`."""
    return _add(actor, item_id, [serial], location, notes, warns=True)


def _add(
    actor: Actor,
    item_id: int,
    serials: Sequence[str],
    location: str | None,
    notes: str,
    *,
    warns: bool = False,
    asks: bool = False,
) -> Added:
    wanted = [plain(clean_serial(text)) for text in serials or [""]]
    texts = [one.serial_number for one in wanted]
    notes = clean_note(notes, "condition note", field="condition_notes")
    refuse_twice(wanted)

    def work(unit: Unit) -> Added:
        require(actor, ADD.permission, TO_DO)
        item = tracked_item(item_id)
        place = open_location(location) if location else item.primary_location
        facts = item_facts(item.id, sampled=warns)
        refuse_unfit(facts, texts)
        refuse_existing(facts, wanted)
        if asks:
            refuse_asked(item, texts)
            refuse_drafted(wanted, item.id, actor.user_id)
        warnings = warnings_of(facts, texts[0]) if warns else ()
        if warns:
            found = elsewhere(wanted, item.id, actor.user_id)
            warnings += tuple((Reason(one.reason), one.sentence) for one in found if one.reason)
        entries = [ledger.NewSerial(text, place.id, notes) for text in texts]
        return Added(ledger.add(unit, item.id, entries), texts, place.code, warnings)

    return write(actor, work, durable=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A serial to be added by `add_each`."""

    serial: str
    """As typed or scanned."""
    location: str | None = None
    """Code of its place; None means the item's primary location."""
    notes: str = ""
    """Condition notes."""
    confirmed: bool = False
    """Whether the person has confirmed a warning about it."""


@dataclass(frozen=True, slots=True)
class AddResult:
    """The result for one serial of `add_each`."""

    wanted: Wanted
    serial_id: int | None = None
    """Id of the new serial; None if it was refused."""
    serial_number: str = ""
    """As stored."""
    location: str = ""
    """Code of its place."""
    refusal: SerialdockError | None = None
    """Why it was not added."""


def add_each(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
    """Add serials in order; a refused serial does not stop the others.

    Args:
        wanted: in the order of entry. Of a repeated serial, the second is refused as a duplicate of the first.
        tell: called with the result of each serial, in order, as soon as it is committed or refused. If this function
            raises, serials without a result were not added.

    Raises:
        DatabaseTrouble
    """
    # Consecutive serials with the same place and notes share a transaction.
    for _, alike in groupby(wanted, key=lambda one: (one.location, one.notes, one.confirmed)):
        _add_one(actor, item_id, list(alike), tell)


def _add_one(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[AddResult], None]) -> None:
    first = wanted[0]
    try:
        serials = [one.serial for one in wanted]
        added = _add(actor, item_id, serials, first.location, first.notes, asks=not first.confirmed)
    except Refusal as refusal:
        if len(wanted) == 1:
            tell(AddResult(first, refusal=refusal))
            return
        # All or none was refused: halve the batch until the refused serials stand alone, so that one bad serial among
        # hundreds costs few transactions.
        middle = len(wanted) // 2
        _add_one(actor, item_id, wanted[:middle], tell)
        _add_one(actor, item_id, wanted[middle:], tell)
        return
    for one, serial_id, text in zip(wanted, added.serial_ids, added.serial_numbers, strict=True):
        tell(AddResult(one, serial_id, text, added.location))

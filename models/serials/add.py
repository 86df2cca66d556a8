"""Add serials by hand: one, several, or one after the other with a verdict each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from models import ledger
from models.database.bulk import blocks
from models.database.unit import Unit, write
from models.errors import BadValue, Duplicate, NotFound, NotTracked, Refusal, SerialdockError
from models.items.rules import barcodes_of, item_facts, own_barcode, rule_of
from models.ledger import so_are, whereabouts
from models.locations import find_location
from models.permissions import Actor, Permission, require
from models.schema import Item, Serial
from models.text import clean_note, clean_serial, serial_key


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
    texts = [clean_serial(text) for text in serials or [""]]
    notes = clean_note(notes, "condition note", field="condition_notes")
    keys: dict[str, str] = {}
    for text in texts:
        if (key := serial_key(text)) in keys:
            raise Duplicate(f"{text} is given twice. Give each serial once.", serial_number=text)
        keys[key] = text

    def work(unit: Unit) -> Added:
        require(actor, Permission.MANAGE_SERIALS, "add serials")
        item = tracked_item(item_id)
        place = find_location(location) if location else item.primary_location
        refuse_odd(item, texts)
        refuse_existing(item, list(keys))
        warnings = _warnings(item.id, texts[0]) if warns else ()
        entries = [ledger.NewSerial(text, place.id, notes) for text in texts]
        return Added(ledger.add(unit, item.id, entries), texts, place.code, warnings)

    return write(actor, work)


def _warnings(item_id: int, serial: str) -> tuple[tuple[str, str], ...]:
    from models.serials.judging import warnings_of  # noqa: PLC0415 - for a single one alone

    return warnings_of(item_facts(item_id), serial)


def tracked_item(item_id: int) -> Item:
    """The item, if it tracks serials.

    Raises:
        NotFound, NotTracked
    """
    item = Item.get_or_none(Item.id == item_id)
    if item is None:
        raise NotFound("The item is not there any more. Go back to the list.")
    if not item.track_serials:
        raise NotTracked(
            f"{item.sku} does not track serials. Check Track Serials in its Item Settings and save, then add them.",
            item_id=item.id,
        )
    return item


def refuse_odd(item: Item, texts: Sequence[str]) -> None:
    """Refuse the item's own barcode, and serials that break the rule that somebody set for it, naming the first.

    Raises:
        BadValue
    """
    rule, barcodes = rule_of(item.id), barcodes_of(item.id)
    if own := next(filter(None, (own_barcode(item.sku, barcodes, text) for text in texts)), ""):
        raise BadValue(own, field="serial_number")
    wrong = next(filter(None, map(rule.broken_by, texts)), "") if rule is not None else ""
    if wrong:
        raise BadValue(f"{wrong}. Check the label, or change the rule of {item.sku}.", field="serial_number")


def refuse_existing(item: Item, keys: Sequence[str]) -> None:
    """Refuse folded keys that the item has already, naming the first with its status, place and date.

    Raises:
        Duplicate
    """
    places = {key: place for place, key in enumerate(keys)}
    for part in blocks(keys):
        there = list(
            Serial.select(Serial.id, Serial.serial_number, Serial.serial_key).where(
                Serial.item == item.id, Serial.serial_key.in_(part)
            )
        )
        if there:
            first = min(there, key=lambda serial: places[serial.serial_key])
            raise Duplicate(
                f"{first.serial_number} is already on {item.sku}: {whereabouts([first.id])[first.id]}."
                f"{so_are(len(there) - 1, ' of these')} Open it, or check the label.",
                serial_id=first.id,
                serial_number=first.serial_number,
                serial_ids=[serial.id for serial in there],
            )


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
        _add_one(actor, item_id, list(alike), tell)


def _add_one(actor: Actor, item_id: int, wanted: Sequence[Wanted], tell: Callable[[Verdict], None]) -> None:
    first = wanted[0]
    try:
        added = add_serials(actor, item_id, [one.serial for one in wanted], location=first.location, notes=first.notes)
    except Refusal as refusal:
        if len(wanted) == 1:
            tell(Verdict(first, refusal=refusal))
            return
        middle = len(wanted) // 2
        _add_one(actor, item_id, wanted[:middle], tell)
        _add_one(actor, item_id, wanted[middle:], tell)
        return
    for one, serial_id, text in zip(wanted, added.serial_ids, added.serial_numbers, strict=True):
        tell(Verdict(one, serial_id, text, added.location))

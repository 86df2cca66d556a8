"""Receive serials: a delivery comes in, or units that are on hand already get their numbers, with a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from models import clock, ledger, ledger_bulk, ledger_ready
from models.database import bulk
from models.database.unit import Unit, write
from models.documents import Kind, new_document
from models.errors import BadValue, Duplicate
from models.permissions import Actor, Permission, require
from models.serials.add import refuse_odd, tracked_item
from models.serials.judging import Judged, existing, named, say_existing
from models.tasks.facts import item_facts
from models.text import near_key, sort_key
from models.words import clean_note

TO_DO = "receive serials"
"""What the permission is asked for."""

MANY: Final = 5_000
"""Serials of one receipt from which on they are laid out before the write begins."""


class ReceiptLine(NamedTuple):
    """One serial to be received."""

    item_id: int
    serial_number: str
    """Clean, see `serial_text.clean_serial`."""
    key: str
    """Folded."""
    location_id: int
    scan: str | None = None
    """The barcode it came from, where that said more than the serial."""
    note: str = ""
    """For the history."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a receipt did."""

    document_id: int
    document: str
    """Its number."""
    serials: int
    units: int
    """By how many units the quantity on hand went up."""


def make_ready(lines: Sequence[ReceiptLine]) -> ledger_bulk.Totals | None:
    """Lay out very many serials for `receive_in` before the write begins; None where they are too few for that.

    Outside of a transaction: on SQLite others wait for a write, and most of the work of a long receipt is done here.
    """
    if len(lines) < MANY:
        return None
    status_id, today = ledger.status_ids()["in_stock"], clock.today()
    changes = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, today))
    ledger_bulk.begin()
    for part in bulk.blocks(sorted(lines, key=lambda line: (line.item_id, line.key))):
        ledger_bulk.add(
            [
                (line.item_id, line.serial_number, line.key, sort_key(line.key), status_id, line.location_id, None)
                + ("", None, None, today, "", changes, line.note, line.scan)
                for line in part
            ]
        )
    return ledger_bulk.totals()


def receive_serials(
    actor: Actor, lines: Sequence[ReceiptLine], *, adds_quantity: bool = True, note: str = ""
) -> Received:
    """Receive serials, all or none, In Stock, with one receipt.

    Args:
        adds_quantity: True for a delivery: the quantity of their places goes up with them. False for units that are
            on hand already (seed: tracking existing stock changes no quantity).
        note: for the receipt.

    Raises:
        NotPermitted, NotFound, NotTracked
        BadValue: there is none, or one breaks the rule that somebody set for its item.
        Duplicate: an item has one of them by now, or it is given twice; `details["serial_ids"]` are those there.
    """
    note = clean_note(note, "note of the receipt", field="note")
    totals = make_ready(lines)

    def work(unit: Unit) -> Received:
        require(actor, Permission.MANAGE_SERIALS, TO_DO)
        for item_id, own in _by_item(lines).items():
            refuse_odd(tracked_item(item_id), [line.serial_number for line in own])
        adds = dict.fromkeys({line.item_id for line in lines}, adds_quantity)
        return receive_in(unit, lines, adds, note, totals)

    return write(actor, work)


def receive_in(
    unit: Unit,
    lines: Sequence[ReceiptLine],
    adds_quantity: Mapping[int, bool],
    note: str = "",
    totals: ledger_bulk.Totals | None = None,
    *,
    checked: bool = False,
) -> Received:
    """Receive serials in a unit whose actor may; see `receive_serials`.

    Args:
        adds_quantity: by item.
        totals: of these lines, where `make_ready` has laid them out on this connection.
        checked: whether the unit has looked already which of them can be received. What another one receives after
            that look is refused by the constraint, so that the unit is run again and looks once more.

    Raises:
        Duplicate, NotTracked, BadValue
        peewee.IntegrityError: an item has one of them by now, though it was `checked`.
    """
    if not lines:
        raise BadValue("There is nothing to receive. Scan or type a serial first.")
    by_item = _by_item(lines)
    if not checked:
        for item_id, own in by_item.items():
            _refuse(item_id, own)
    places = {line.location_id for line in lines}
    document = new_document(
        unit,
        Kind.RECEIPT,
        serials=len(lines),
        to_location_id=places.pop() if len(places) == 1 else None,
        note=note,
    )
    if totals is not None and not ledger_bulk.is_there():
        totals = None
    if totals is not None:
        ledger_ready.add_ready(unit, "received", document.id, totals, lambda done, total: None)
        ledger_bulk.end()  # is there again where the transaction is taken back
    units: Counter[tuple[int, ...]] = Counter()
    for item_id, own in by_item.items():
        if adds_quantity.get(item_id, True):
            units.update((item_id, line.location_id) for line in own)
        if totals is not None:
            continue
        entries = [
            ledger.NewSerial(line.serial_number, line.location_id, note=line.note, scan=line.scan) for line in own
        ]
        ledger.add(unit, item_id, entries, kind="received", document_id=document.id)
    ledger.add_stocks(units)
    return Received(document.id, document.number, len(lines), sum(units.values()))


def _by_item(lines: Sequence[ReceiptLine]) -> dict[int, list[ReceiptLine]]:
    by_item: dict[int, list[ReceiptLine]] = {}
    for line in lines:
        by_item.setdefault(line.item_id, []).append(line)
    return by_item


def _refuse(item_id: int, lines: Sequence[ReceiptLine]) -> None:
    """Refuse serials of one item that cannot be received, by name.

    Raises:
        NotTracked, Duplicate
    """
    tracked_item(item_id)
    twice = [key for key, count in Counter(line.key for line in lines).items() if count > 1]
    if twice:
        text = next(line.serial_number for line in lines if line.key == twice[0])
        raise Duplicate(f"{text} is given twice. Give each serial once.", serial_number=text)
    there = existing(item_id, [line.key for line in lines])
    if not there:
        return
    item = item_facts(item_id)
    judged = say_existing(item, [Judged(line.serial_number, line.key, near_key(line.key)) for line in lines], there)
    raise Duplicate(
        named(judged),
        serial_id=judged[0].serial_id,
        serial_number=judged[0].serial_number,
        serial_ids=list(there.values()),
    )

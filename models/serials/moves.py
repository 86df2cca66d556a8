"""Moves of serials: transfer to another location in one step. The status of the serials does not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from models import ledger
from models.database.unit import Unit, write
from models.documents import new_document
from models.errors import BadValue, NotAllowed
from models.ledger import so_are
from models.locations import find_location
from models.permissions import Actor, require
from models.schema import Status
from models.text import clean_note
from models.verbs import VERBS, DocumentKind

TRANSFER: Final = VERBS["transfer"]


@dataclass(frozen=True, slots=True)
class Transferred:
    """The result of a transfer."""

    document: str
    """Document number."""
    serials: int
    """Number of serials moved."""
    units: int
    """Units of on-hand quantity moved with them."""
    location: str
    """Code of the destination."""
    without_quantity: int
    """On-hand serials whose old place had no quantity left, so that only the serial moved."""


class Going(NamedTuple):
    """A serial to be moved."""

    state: ledger.State
    location_id: int
    """The destination."""
    note: str
    """Note for its history."""


class Carried(NamedTuple):
    """The result of carrying out a verb on serials."""

    document_id: int
    document: str
    """Document number."""
    serials: int
    units: int
    """Units of on-hand quantity moved with them."""
    without_quantity: int
    """On-hand serials whose old place had no quantity left."""


def refuse_unmovable(serial_ids: Sequence[int]) -> None:
    """Refuse serials that cannot be transferred, before the person is asked for a destination.

    Raises:
        NotFound: one of them no longer exists.
        NotAllowed: one is sold, scrapped, lost or in transit.
    """
    ledger.check_moves(ledger.lock(serial_ids), TRANSFER)


def transfer_serials(
    actor: Actor,
    serial_ids: Sequence[int],
    to: str,
    *,
    notes: str = "",
    versions: Mapping[int, int] | None = None,
    move_quantity: bool = True,
) -> Transferred:
    """Move serials, all or none, in one transaction and with one document.

    With each on-hand serial, one unit of the item's on-hand quantity moves, as long as its old place has any; the
    item's total never changes.

    Args:
        to: code of the destination.
        versions: the versions that the person saw, by serial id; None skips the check.
        move_quantity: False moves only the serials.

    Raises:
        NotPermitted, BadValue
        NotFound: no such destination, or one of the serials does not exist.
        NotAllowed: one is sold, scrapped, lost or in transit, or already at the destination.
        Changed: one of them was changed in the meantime.
    """
    notes = clean_note(notes)
    ids = list(dict.fromkeys(serial_ids))
    if not ids:
        raise BadValue("There is no serial to transfer. Choose one first.")

    def work(unit: Unit) -> Transferred:
        require(actor, TRANSFER.permission, "transfer serials")
        place = find_location(to)
        states = ledger.lock(ids, versions)
        ledger.check_moves(states, TRANSFER)
        there = [state for state in states if state.location_id == place.id]
        if there:
            raise NotAllowed(
                f"{there[0].serial_number} is at {place.code} already.{so_are(len(there) - 1)} "
                "Choose another destination.",
                serial_id=there[0].id,
                serial_ids=[state.id for state in there],
            )
        carried = transfer_in(
            unit, [Going(state, place.id, notes) for state in states], notes, move_quantity=move_quantity
        )
        return Transferred(carried.document, carried.serials, carried.units, place.code, carried.without_quantity)

    return write(actor, work)


def transfer_in(unit: Unit, going: Sequence[Going], note: str, *, move_quantity: bool = True) -> Carried:
    """Move serials that are locked and checked in this transaction, with one document; see `transfer_serials`.

    Args:
        note: note of the document; each serial's own note goes into its history.
    """
    sources = {one.state.location_id for one in going}
    places = {one.location_id for one in going}
    document = new_document(
        unit,
        DocumentKind.TRANSFER,
        serials=len(going),
        from_location_id=sources.pop() if len(sources) == 1 else None,
        to_location_id=next(iter(places)) if len(places) == 1 else None,
        note=note,
    )
    units = without = 0
    # Sorted, so that transfers to the same places write in the same order.
    for place_id in sorted(places):
        own = [one for one in going if one.location_id == place_id]
        for said in sorted({one.note for one in own}):  # `change` takes serials with the same place and note
            states = [one.state for one in own if one.note == said]
            ledger.change(unit, states, TRANSFER, location_id=place_id, document_id=document.id, note=said)
        wanted = _units([one.state for one in own]) if move_quantity else Counter()
        moved = ledger.move_stock(wanted, place_id)
        units += moved
        without += wanted.total() - moved
    return Carried(document.id, document.number, len(going), units, without)


def _units(states: Sequence[ledger.State]) -> Counter[tuple[int, int]]:
    on_hand = {status.id for status in Status.select().where(Status.on_hand)}
    return Counter((state.item_id, state.location_id) for state in states if state.status_id in on_hand)

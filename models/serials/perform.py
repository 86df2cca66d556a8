"""Any verb on existing serials, in one call: for the dialog of a verb, the commands and the station.

`form_of` says what a verb asks of certain serials before it is carried out, `perform` carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

from models import clock, ledger
from models.database import bulk
from models.errors import BadValue
from models.items.items import term_of
from models.permissions import Actor, require
from models.schema import Customer, Document, Item, Location, Status
from models.serials.corrections import (
    CHANGE_ITEM,
    CORRECT,
    NEVER_SOLD,
    REMOVE,
    WARRANTY,
    change_item,
    change_warranty,
    correct,
    not_on_hand,
    once_sold,
    remove,
    start_of_warranty,
)
from models.serials.drafted import drafted_serials, said_of
from models.serials.grid import Holding, holdings
from models.serials.moves import (
    Answers,
    Moved,
    entered,
    is_customers,
    move,
    refusals,
)
from models.serials.record import NOTE, add_notes
from models.serials.refused import No, RefusedSerial, named, status_refusal
from models.serials.void import VOID, lacking, not_theirs, nothing_to_void, require_some, standing, void_last
from models.statuses import StatusLook, statuses, stored_statuses
from models.terms import Term
from models.verbs import MOVES, Ask, PlaceMeaning, StatusCode, Verb, done, place_in


def perform(
    actor: Actor,
    verb: Verb,
    serial_ids: Sequence[int],
    answers: Answers,
    *,
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Carry out any verb on existing serials, all or none, in one transaction.

    Args:
        answers: what the verb asks.
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: carry it out on those that allow it, and name the others.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted, BadValue, NotFound, Changed: see the operation of the verb.
        NotAllowed: a serial refuses; if there are several serials, `details["refused"]` lists all refusals.
    """
    ids = list(dict.fromkeys(serial_ids))
    drafted = drafted_serials(ids) if not verb.beside else ()  # read before: nothing may fail after the commit
    if verb.code in MOVES:
        done = move(actor, verb, ids, answers, versions=versions, skip_errors=skip_errors, dry_run=dry_run)
    else:
        done = _OTHERS[verb.code](_Call(actor, ids, answers, versions, skip_errors, dry_run))
    those = set(done.serial_ids)
    said = said_of([one for one in drafted if one.serial_id in those], actor.user_id)
    return replace(done, said=(*done.said, said)) if said else done


class _Call(NamedTuple):
    """The arguments of `perform`."""

    actor: Actor
    ids: Sequence[int]
    answers: Answers
    versions: Mapping[int, int] | None
    skip_errors: bool
    dry_run: bool

    @property
    def how(self) -> dict[str, Any]:
        """The arguments that most operations share."""
        return {"versions": self.versions, "skip_errors": self.skip_errors, "dry_run": self.dry_run}


def _change_item(call: _Call) -> Moved:
    return change_item(call.actor, call.ids, call.answers.item, note=call.answers.note, **call.how)


def _remove(call: _Call) -> Moved:
    return remove(call.actor, call.ids, call.answers.note, **call.how)


def _change_warranty(call: _Call) -> Moved:
    to, void = call.answers.warranty, call.answers.warranty_void
    return change_warranty(call.actor, call.ids, to=to, void=void, note=call.answers.note, **call.how)


def _void(call: _Call) -> Moved:
    return void_last(call.actor, call.ids, call.answers.note, **call.how)


def _note(call: _Call) -> Moved:
    add_notes(call.actor, call.ids, call.answers.note, versions=call.versions, dry_run=call.dry_run)
    return _done(call.ids)


def _correct(call: _Call) -> Moved:
    if len(call.ids) != 1:
        raise BadValue("A text is corrected for one serial at a time. Choose one.")
    (before,) = ledger.states(call.ids)
    version = (call.versions or {}).get(before.id)
    new, note = call.answers.new_serial, call.answers.note
    text = correct(call.actor, before.id, new, note=note, version=version, dry_run=call.dry_run)
    return _done(call.ids, f"{before.serial_number} is {text} now; the old text still finds it.")


_OTHERS: Final[Mapping[str, Callable[[_Call], Moved]]] = {
    CHANGE_ITEM.code: _change_item,
    REMOVE.code: _remove,
    WARRANTY.code: _change_warranty,
    VOID.code: _void,
    NOTE.code: _note,
    CORRECT.code: _correct,
}
"""The verbs on existing serials that are not moves; condition notes are a field of the record."""


def _done(ids: Sequence[int], *said: str) -> Moved:
    return Moved(None, None, tuple(ids), 0, 0, (), said, "")


# ----- before anything is asked


def require_verb(actor: Actor, verb: Verb, serial_ids: Sequence[int]) -> None:
    """Check that a person may carry out a verb on some of these serials; others may refuse, see `refused_before`.

    Raises:
        NotPermitted
    """
    if verb is VOID:
        require_some(actor, serial_ids)
    else:
        require(actor, verb.permission, verb.to_do)


def refused_before(actor: Actor, verb: Verb, serial_ids: Sequence[int]) -> tuple[RefusedSerial, ...]:
    """The serials that refuse a verb, whatever the answers are, each with its message.

    Args:
        actor: the person; which events may be voided depends on who wrote them, and when.

    Raises:
        NotFound: one of the serials does not exist.
    """
    states = ledger.states(serial_ids)
    if verb.code in MOVES:
        return named(refusals(verb, states))
    if verb is VOID:
        events = standing(serial_ids)
        theirs = not_theirs(actor, states, events, lacking(actor, events))
        return named(
            [
                theirs.get(state.id) or nothing_to_void(state)
                for state in states
                if state.id in theirs or state.id not in events
            ]
        )
    rows = stored_statuses()
    sold = once_sold(serial_ids) if verb in NEVER_SOLD else frozenset()
    return named([no for state in states if (no := _refusal(verb, state, rows[state.status_id], sold))])


def _refusal(verb: Verb, state: ledger.State, status: Status, sold: frozenset[int]) -> No | None:
    if verb in NEVER_SOLD:
        return not_on_hand(state, verb, status, sold)
    return None if status in verb.before else status_refusal(state, verb, status.code)


class OpenTransfer(NamedTuple):
    """A transfer with some of the serials in transit."""

    number: str
    to: str
    """Code of the destination."""
    serials: int
    """How many of them."""


@dataclass(frozen=True, slots=True)
class VerbForm:
    """The form of a verb for certain serials: what it asks, and which answers are known."""

    verb: Verb
    serial_ids: tuple[int, ...]
    first: str
    """Serial number of the first one."""
    versions: Mapping[int, int]
    held: Sequence[Holding]
    """Their current places."""
    skus: tuple[str, ...]
    """Their items."""
    customer: str
    """The customer of all of them; empty if there is none, or they differ."""
    targets: tuple[StatusLook, ...]
    """The statuses to choose from, if the verb asks for a result or a status."""
    transfers: tuple[OpenTransfer, ...]
    """The transfers to choose from, if the verb asks for one; most serials first."""
    terms: frozenset[Term | None]
    """The warranty terms of their items."""
    warranty_from: date | None
    """First day of a warranty that is given as a term; None if the serials differ in it."""
    warranty_now: str
    """The warranty of all of them, as `models.terms.warranty` reads it; empty if there is none, or they differ."""
    warranty_void: str
    """Why it is void."""
    stands: str = "now at"
    """The words before their places: now at, last at, on the way to; `at` if they differ."""
    undoes: str = ""
    """What voiding would undo."""
    drafted: str = ""
    """A sentence about those of them that stand in somebody's open draft; empty if none does."""


def form_of(actor: Actor, verb: Verb, serial_ids: Sequence[int]) -> VerbForm:
    """What a verb asks of certain serials.

    Raises:
        NotPermitted
        NotFound: one of the serials does not exist.
    """
    require_verb(actor, verb, serial_ids)
    states = ledger.states(serial_ids)
    items: list[Item] = []
    for part in bulk.blocks(sorted({state.item_id for state in states})):
        items.extend(Item.select().where(Item.id.in_(part)))
    customers = {state.customer_id for state in states}
    customer = Customer.get_or_none(Customer.id == customers.pop()) if len(customers) == 1 else None
    asks_warranty = Ask.WARRANTY in verb.asks
    dated = {(state.warranty_start, state.warranty_end, state.warranty_void) for state in states}
    start, end, void = dated.pop() if len(dated) == 1 else (None, None, None)
    return VerbForm(
        verb=verb,
        serial_ids=tuple(state.id for state in states),
        first=states[0].serial_number,
        versions={state.id: state.version for state in states},
        held=holdings(serial_ids),
        skus=tuple(sorted(item.sku for item in items)),
        customer=customer.name if customer is not None else "",
        targets=_targets(verb, states),
        transfers=_transfers(states) if Ask.TRANSFER in verb.asks else (),
        terms=frozenset(map(term_of, items)) if asks_warranty else frozenset(),
        warranty_from=_warranty_from(verb, states) if asks_warranty else None,
        warranty_now=f"{start or ''}..{end}" if end else "",
        warranty_void=void or "",
        stands=_stands(states),
        undoes=_undoes(states) if verb is VOID else "",
        drafted=said_of(drafted_serials(serial_ids), actor.user_id) if not verb.beside else "",
    )


_STANDS: Final = {
    PlaceMeaning.HERE: "now at",
    PlaceMeaning.LAST: "last at",
    PlaceMeaning.DESTINATION: "on the way to",
}


def _stands(states: Sequence[ledger.State]) -> str:
    codes = {status_id: code for code, status_id in ledger.status_ids().items()}
    meanings = {place_in(codes[state.status_id]) for state in states}
    return _STANDS[meanings.pop()] if len(meanings) == 1 else "at"


def _undoes(states: Sequence[ledger.State]) -> str:
    """What voiding the last events would undo: the verb and its document."""
    events = standing([state.id for state in states]).values()
    kinds, ids = {event.kind for event in events}, {event.document_id for event in events}
    if len(kinds) != 1 or len(ids) != 1:
        return "what was done last to each"
    document = Document.get_or_none(Document.id == ids.pop())
    return f"{done(kinds.pop())}{f' on {document.number}' if document is not None else ''}"


def _targets(verb: Verb, states: Sequence[ledger.State]) -> tuple[StatusLook, ...]:
    """The statuses to choose from, if a verb asks for one; only those that at least one of the serials can get."""
    if not verb.chooses_status or verb.after is None:
        return ()
    known = {status.id: status for status in statuses()}
    now = {known[state.status_id].code for state in states}
    found = [
        status
        for status in known.values()
        if (status in verb.after or status in verb.as_before) and now != {status.code}
    ]
    if Ask.RESULT in verb.asks:
        came, ids = entered([state.id for state in states]), {status.code: status.id for status in known.values()}
        sold = {is_customers(came.get(state.id), state.customer_id, ids[StatusCode.SOLD]) for state in states}
        found = [status for status in found if (status in verb.as_before) in sold]
    return tuple(found)


def _transfers(states: Sequence[ledger.State]) -> tuple[OpenTransfer, ...]:
    counts: dict[int, int] = {}
    for one in entered([state.id for state in states]).values():
        if one.document_id is not None:
            counts[one.document_id] = counts.get(one.document_id, 0) + 1
    found: list[OpenTransfer] = []
    for part in bulk.blocks(sorted(counts)):
        rows = (
            Document.select(Document.id, Document.number, Location.code)
            .join(Location, on=Document.to_location == Location.id)
            .where(Document.id.in_(part))
        )
        found += [OpenTransfer(number, code, counts[key]) for key, number, code in rows.tuples().execute()]
    return tuple(sorted(found, key=lambda one: (-one.serials, one.number)))


def _warranty_from(verb: Verb, states: Sequence[ledger.State]) -> date | None:
    if verb is not WARRANTY:
        return clock.today()
    starts = set(start_of_warranty(states).values())
    return starts.pop() if len(starts) == 1 else None

"""Moves of serials: one function carries out every verb of `verbs.MOVES`, and transfers are callers of it.

A move is planned, then carried out: serials are locked, each is given its state after the verb or the reason why the
verb cannot be carried out on it; then document, serials, events and quantities are written. A block of thousands of
serials needs a constant number of statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from models import clock, ledger
from models.customers import customer_for_sale, customer_or_none
from models.database import bulk
from models.database.unit import Unit, write
from models.documents import find_document, new_document
from models.errors import BadValue
from models.items.items import term_of
from models.ledger import so_are
from models.locations import open_location
from models.permissions import Actor, require
from models.schema import Customer, Document, Item, Location, Status, bound
from models.serials.refused import MoveRefusal, No, RefusedSerial, changed_refusals, named, refusal, status_refusal
from models.statuses import find_status, stored_statuses
from models.terms import Term, WarrantyDates, warranty
from models.text import clean_line, clean_note
from models.verbs import MOVES, ON_HAND, Ask, DocumentKind, Need, PlaceMeaning, StatusCode, Verb, place_in

TRANSFER: Final = MOVES["transfer"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person answers to what a verb asks; empty for no answer."""

    place: str = ""
    """Code of the place or destination."""
    customer: str = ""
    """Name or code; a customer that is not there yet is made."""
    reference: str = ""
    repairer: str = ""
    result: str = ""
    """Status code after a repair."""
    status: str = ""
    """Status code."""
    transfer: str = ""
    """Number of the transfer that arrives."""
    warranty: str = ""
    """See `models.terms.warranty`, and `warranty_change` where it is all that is asked; empty: the item's term."""
    warranty_void: str = ""
    """Why the warranty is void."""
    item: str = ""
    """SKU of the other item."""
    new_serial: str = ""
    note: str = ""
    """Also the reason, for a verb that asks for one."""


_ANSWERED: Final[Mapping[Ask, str]] = {
    Ask.PLACE: "place",
    Ask.CUSTOMER: "customer",
    Ask.REFERENCE: "reference",
    Ask.REPAIRER: "repairer",
    Ask.RESULT: "result",
    Ask.STATUS: "status",
    Ask.TRANSFER: "transfer",
    Ask.WARRANTY: "warranty",
    Ask.ITEM: "item",
    Ask.NEW_SERIAL: "new_serial",
}
"""The answer to each question of a verb; the note answers all others."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The result of a move."""

    document: str | None
    """Document number; None if the verb writes none, or in a dry run."""
    document_id: int | None
    serial_ids: tuple[int, ...]
    """Those that were moved, in the order given; in a dry run, those that would be."""
    units: int
    """Units of quantity that came, went or moved along."""
    without_quantity: int
    """On-hand serials whose old place had no quantity left, so that only the serial moved."""
    refused: tuple[RefusedSerial, ...]
    said: tuple[str, ...]
    """What the person should know besides."""
    location: str
    """Code of the place that was named; empty if none was."""


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
    """A serial on which a verb is to be carried out."""

    state: ledger.State
    place: str
    """Code of its place or destination; empty for none."""
    note: str
    """Note for its history."""


class Carried(NamedTuple):
    """The result of carrying out a verb on serials."""

    document_id: int | None
    document: str | None
    """Document number; None if the verb writes none."""
    serials: int
    units: int
    """Units of quantity that came, went or moved along."""
    without_quantity: int
    """On-hand serials whose old place had no quantity left."""
    came: int = 0
    """Of the units, those that the quantity of a place has more now."""
    went: int = 0
    """Of the units, those that it has less; all others moved along with their serials."""


class Step(NamedTuple):
    """A serial, and what a verb makes of it."""

    state: ledger.State
    sets: Mapping[str, Any]
    """New values of its columns."""
    note: str
    voids_id: int | None = None
    """The event that it undoes."""


@dataclass(frozen=True, slots=True)
class DocumentFields:
    """What a document says besides its serials."""

    note: str = ""
    reference: str = ""
    repairer: str = ""
    customer_id: int | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    source_document_id: int | None = None


def move(
    actor: Actor,
    verb: Verb,
    serial_ids: Sequence[int],
    answers: Answers | None = None,
    *,
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
    move_quantity: bool = True,
) -> Moved:
    """Carry out a verb on serials, all or none, in one transaction and with at most one document.

    A unit that crosses the on-hand line changes the quantity of its place by one, never below zero.

    Args:
        verb: one of `verbs.MOVES`.
        answers: what the verb asks.
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: carry it out on those that allow it, and name the others.
        dry_run: say what would happen, write nothing.
        move_quantity: False leaves all quantities as they are.

    Raises:
        NotPermitted
        BadValue: an answer is missing, or is none.
        NotFound: no such place, status or transfer, or one of the serials does not exist.
        NotAllowed: a serial refuses, or with `skip_errors` all of them do; `details["refused"]` are all that do. Or the
            place is closed.
        Changed: one of them was changed in the meantime.
    """
    given = checked(verb, answers or Answers())
    ids = list(dict.fromkeys(serial_ids))
    if not ids:
        raise BadValue(f"There is no serial to {verb.title.lower()}. Choose one first.")

    def work(unit: Unit) -> Moved:
        require(actor, verb.permission, verb.to_do)
        planning = Planning(verb, given)
        states = ledger.lock(ids, None if skip_errors else versions)
        steps, refused = planning.plan(states, versions or {})
        if refused and not (skip_errors and steps):
            raise refusal(refused)
        said = planning.said()
        moves = stock_moves(steps, planning.on_hand) if move_quantity else {}
        if dry_run:
            return told(not_carried_out(moves), steps, refused, said, planning.location)
        planning.make_customer()
        carried = carry_out(unit, verb, steps, planning.document_fields(steps), moves)
        return told(carried, steps, refused, said, planning.location)

    return write(actor, work, durable=True)


def refusals(verb: Verb, states: Sequence[ledger.State]) -> list[No]:
    """The refusals of serials that refuse a move whatever is answered."""
    return Planning(verb, Answers()).refusals(states)


def not_carried_out(moves: Mapping[int, ledger.StockMove]) -> Carried:
    """What would happen to quantities, for a dry run."""
    units = ledger.units_of(list(moves.values()))
    return Carried(None, None, 0, sum(map(abs, units)), units.count(0))


def told(
    carried: Carried, steps: Sequence[Step], refused: Sequence[No], said: Sequence[str], location: str = ""
) -> Moved:
    """The result for the person."""
    return Moved(
        document=carried.document,
        document_id=carried.document_id,
        serial_ids=tuple(step.state.id for step in steps),
        units=carried.units,
        without_quantity=carried.without_quantity,
        refused=named(refused),
        said=tuple(said),
        location=location,
    )


def checked(verb: Verb, answers: Answers) -> Answers:
    """The answers as they are stored.

    Raises:
        BadValue: one is missing that the verb needs, or given that it does not ask for.
    """
    for ask, name in _ANSWERED.items():
        need, answer = verb.asks.get(ask, Need.NO), getattr(answers, name).strip()
        if answer and need is Need.NO:
            raise BadValue(f"{verb.title} takes no {ask}. Leave it out.", field=name)
        if not answer and need is Need.REQUIRED:
            raise BadValue(f"{verb.title} needs the {ask}. Name it.", field=name)
    note = clean_note(answers.note)
    if not note and verb.needs_reason:
        raise BadValue(f"{verb.title} needs a reason. Type one.", field="note")
    return Answers(
        place=answers.place.strip(),
        customer=clean_line(answers.customer, "customer's name", field="customer", empty=True),
        reference=clean_line(answers.reference, "reference", longest=80, field="reference", empty=True),
        repairer=clean_line(answers.repairer, "repairer", longest=80, field="repairer", empty=True),
        result=answers.result.strip(),
        status=answers.status.strip(),
        transfer=answers.transfer.strip(),
        warranty=answers.warranty.strip(),
        note=note,
    )


class Entered(NamedTuple):
    """The event by which a serial came into its present status."""

    from_status_id: int | None
    from_location_id: int | None
    from_customer_id: int | None
    document_id: int | None


def entered(serial_ids: Sequence[int]) -> dict[int, Entered]:
    """For each serial, the event by which it came into its present status; voided events and voids do not count."""
    found: dict[int, Entered] = {}
    for part in bulk.blocks(serial_ids):
        those, ids = bulk.one_of("serial_id", part)
        rows = bound.execute_sql(
            "SELECT serial_id, id, voids_id, from_status_id, from_location_id, from_customer_id, document_id "
            f"FROM serial_events WHERE {those} AND (voids_id IS NOT NULL OR from_status_id IS NULL "
            "OR from_status_id <> to_status_id) ORDER BY serial_id, number DESC",
            ids,
        )
        voided: set[int] = set()  # a void stands behind the event that it undoes, so it is read before it
        for serial_id, event_id, voids_id, *rest in rows.fetchall():
            if voids_id is not None:
                voided.add(voids_id)
            elif serial_id not in found and event_id not in voided:
                found[serial_id] = Entered(*rest)
    return found


def is_customers(came: Entered | None, customer_id: int | None, sold_id: int) -> bool:
    """Whether a serial in repair was sold before, so that it is its customer's.

    Args:
        came: the event by which it came into repair.
        sold_id: id of the status of sold serials.
    """
    if came is None or came.from_status_id is None:
        return customer_id is not None
    return came.from_status_id == sold_id


def ends_on_hand(verb: Verb) -> bool:
    """Whether every unit is on hand after a verb, whatever is answered; one in repair for a customer refuses that."""
    return verb.after is not None and not verb.chooses_status and frozenset() < verb.after.codes <= ON_HAND


def on_the_way(transfer: str) -> list[int]:
    """The serials that are still on their way on a transfer.

    Raises:
        NotFound: no such document.
    """
    document = find_document(transfer)
    rows = bound.execute_sql(
        "SELECT DISTINCT s.id FROM serial_events e JOIN serials s ON s.id = e.serial_id "
        f"WHERE e.document_id = {bound.param} AND s.status_id = "
        f"(SELECT id FROM statuses WHERE code = {bound.param}) ORDER BY s.id",
        (document.id, StatusCode.IN_TRANSIT),
    )
    ids = [row[0] for row in rows.fetchall()]
    came = entered(ids)
    return [serial_id for serial_id in ids if came[serial_id].document_id == document.id]


_NEW_CUSTOMER: Final = 0
"""Stands for a customer who is made when the move is carried out."""


class Planning:
    """Says what a verb makes of each serial, or why it refuses; used in the transaction that carries it out."""

    def __init__(self, verb: Verb, answers: Answers, customer: Customer | None = None) -> None:
        """Look up what the answers name.

        Args:
            verb: what happens to the serials.
            answers: as stored, see `checked`; at a station, those that were given so far.
            customer: the customer, where that is known already; instead of the one in the answers.
        """
        self._verb, self._answers = verb, answers
        self._statuses = stored_statuses()
        self._ids = {status.code: status.id for status in self._statuses.values()}
        self.on_hand = frozenset(status.id for status in self._statuses.values() if status.on_hand)
        self._place: Location | None = open_location(answers.place) if answers.place else None
        self._target = self._named_status()
        self._transfer = self._named_transfer() if answers.transfer else None
        known = customer or (customer_or_none(answers.customer) if answers.customer else None)
        self._customer_id = known.id if known else _NEW_CUSTOMER if answers.customer else None
        self._warranty: Term | WarrantyDates | None = warranty(answers.warranty) if answers.warranty else None
        self._entered: dict[int, Entered] = {}
        self._names = {known.id: known.name} if known else {}
        self._numbers: dict[int, str] = {}
        self._terms: dict[int, Term | None] = {}
        self._shared: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
        self._kept: dict[int, ledger.State] = {}
        self._spans: dict[Term | WarrantyDates | None, tuple[tuple[str, Any], ...]] = {}

    # ----- what the answers name

    @cached_property
    def _closed(self) -> dict[int, str]:
        """Codes of closed places by id."""
        return {row.id: row.code for row in Location.select().where(Location.closed)}

    @property
    def location(self) -> str:
        """The code of the named place; empty if none was named."""
        return self._place.code if self._place is not None else ""

    def _named_status(self) -> Status | None:
        """The status that the answers name; None if the verb itself says it."""
        code = self._answers.result or self._answers.status
        if not code:
            return None
        found, verb = find_status(code), self._verb
        if verb.after is not None and found not in verb.after and found not in verb.as_before:
            allowed = [row.code for row in self._statuses.values() if row in verb.after or row in verb.as_before]
            raise BadValue(
                f"A serial cannot be {verb.refusal} as {found.label}. Choose one of: {', '.join(allowed)}.",
                field="result" if self._answers.result else "status",
            )
        return found

    def _named_transfer(self) -> Document:
        found = find_document(self._answers.transfer)
        if found.kind != DocumentKind.TRANSFER:
            raise BadValue(f"{found.number} is a document of the kind {found.kind}. Name a transfer.", field="transfer")
        return found

    # ----- one serial after the other

    def plan(self, states: Sequence[ledger.State], versions: Mapping[int, int]) -> tuple[list[Step], list[No]]:
        """The serials that allow the verb, and those that refuse."""
        self._look_up(states)
        steps: list[Step] = []
        refused: list[No] = []
        changed = changed_refusals(states, versions)
        for state in states:
            judged = changed.get(state.id) or self._judge(state)
            if isinstance(judged, No):
                refused.append(judged)
            else:
                steps.append(judged)
        return steps, refused

    def refusals(self, states: Sequence[ledger.State]) -> list[No]:
        """The refusals of serials that refuse whatever is answered, when nothing is answered yet."""
        self._look_up(states)
        refused: list[No] = []
        for state in states:
            status = self._statuses[state.status_id]
            if status not in self._verb.before:
                refused.append(status_refusal(state, self._verb, status.code))
            elif not self._verb.chooses_status and (no := self._belongs_to_somebody(state, status)):
                refused.append(no)
        return refused

    def _look_up(self, states: Sequence[ledger.State]) -> None:
        """Read what the judgement of these serials needs."""
        before = {StatusCode.IN_REPAIR, StatusCode.IN_TRANSIT}
        looked_up = [state.id for state in states if self._statuses[state.status_id].code in before]
        self._entered = entered(looked_up)
        if self._transfer is not None:
            theirs = sorted({one.document_id for one in self._entered.values() if one.document_id is not None})
            for part in bulk.blocks(theirs):
                self._numbers |= {row.id: row.number for row in Document.select().where(Document.id.in_(part))}
        customers = {state.customer_id for state in states if state.customer_id is not None}
        if self._customer_id:
            customers.add(self._customer_id)
        for part in bulk.blocks(sorted(customers - {_NEW_CUSTOMER} - self._names.keys())):
            those, ids = bulk.one_of("id", part)
            self._names |= {row.id: row.name for row in Customer.those(those, *ids)}
        if Ask.WARRANTY in self._verb.asks:
            for part in bulk.blocks(sorted({state.item_id for state in states})):
                those, ids = bulk.one_of("id", part)
                self._terms |= {item.id: term_of(item) for item in Item.those(those, *ids)}

    def _judge(self, state: ledger.State) -> Step | No:
        verb, status = self._verb, self._statuses[state.status_id]
        if status not in verb.before:
            return status_refusal(state, verb, status.code)
        if self._target is None and verb.asks.get(Ask.RESULT) is Need.REQUIRED:
            return Step(state, {}, self._answers.note)  # a station scans before the result is given
        if no := self._belongs_to_somebody(state, status) or self._stranger(state):
            return no
        after = self._after(state, status)
        if not verb.allows(status, after):
            return status_refusal(state, verb, status.code)
        place_id = self._place_id(state, status, after)
        if no := self._is_there(state, status, after) or self._wrong_place(state, status, after, place_id):
            return no
        return Step(state, self._sets(state, status, after, place_id), self._answers.note)

    def _after(self, state: ledger.State, status: Status) -> Status:
        """The status after the verb."""
        if self._target is not None:
            return self._target
        if self._verb.after is None:
            return status
        if not self._verb.after.codes:  # as before the last move
            return self._statuses[self._entered[state.id].from_status_id or state.status_id]
        (code,) = self._verb.after.codes
        return self._statuses[self._ids[code]]

    def _place_id(self, state: ledger.State, status: Status, after: Status) -> int:
        """The place after the verb."""
        if self._place is not None:
            place_id: int = self._place.id
            return place_id
        # What never arrived was last where it was sent from.
        if place_in(status.code) is PlaceMeaning.DESTINATION and place_in(after.code) is PlaceMeaning.LAST:
            return self._entered[state.id].from_location_id or state.location_id
        return state.location_id

    def _sets(self, state: ledger.State, status: Status, after: Status, place_id: int) -> Mapping[str, Any]:
        customer_id = self._customer(state, status, after)
        fields = (
            self._warranty_fields(state) if after.code == StatusCode.SOLD and Ask.WARRANTY in self._verb.asks else ()
        )
        moved = {"status_id": after.id, "location_id": place_id, "customer_id": customer_id}
        key = (*(item for item in moved.items() if item[1] != getattr(state, item[0])), *fields)
        return self._shared.setdefault(key, dict(key))

    def _warranty_fields(self, state: ledger.State) -> tuple[tuple[str, Any], ...]:
        """The warranty that a sale gives."""
        found = self._warranty if self._answers.warranty else self._terms[state.item_id]
        if found is None and not self._answers.warranty:
            return ()
        if found not in self._spans:
            span = WarrantyDates(clock.today(), found.last_day(clock.today())) if isinstance(found, Term) else found
            start, end = span if span is not None else (None, None)
            self._spans[found] = (("warranty_start", start), ("warranty_end", end), ("warranty_void", None))
        return self._spans[found]

    def _customer(self, state: ledger.State, status: Status, after: Status) -> int | None:
        """The customer after the verb: while reserved, sold, or in repair after a sale."""
        if Ask.CUSTOMER in self._verb.asks:
            if self._customer_id is None and state.customer_id is not None:
                self._kept[state.id] = state
            return state.customer_id if self._customer_id is None else self._customer_id
        if status.id == after.id or {status.code, after.code} == {StatusCode.SOLD, StatusCode.IN_REPAIR}:
            return state.customer_id
        if not (self._verb.after is None or self._verb.after.codes):
            return self._entered[state.id].from_customer_id
        return None

    # ----- refusals

    def _belongs_to_somebody(self, state: ledger.State, status: Status) -> No | None:
        """The refusal of a serial that is not ours to move so: reserved for another customer, or in repair for one."""
        serial = state.serial_number
        owner = self._names.get(state.customer_id or 0, "its customer")
        if Ask.CUSTOMER in self._verb.asks:
            mine = (None, state.customer_id)
            if state.customer_id is None or self._customer_id in mine:
                return None
            said = f"it cannot be {self._verb.refusal} to somebody else"
            step = f"Sell it to {owner}, or release it first."
            return No(state, MoveRefusal.CUSTOMER, lambda where: f"{serial} is {where}, for {owner}; {said}", step)
        if status.code != StatusCode.IN_REPAIR or self._verb.after is None:
            return None
        sold = is_customers(self._entered.get(state.id), state.customer_id, self._ids[StatusCode.SOLD])
        after = self._after(state, status)
        if sold and after.on_hand:
            step = "Take it back from repair as sold first; then it can be returned."
            head = f"it was sold to {owner}" if state.customer_id is not None else "it was sold"
            said = f"{head} before, so it cannot be {self._verb.refusal} into stock"
            return No(state, MoveRefusal.CUSTOMER, lambda where: f"{serial} is {where}; {said}", step)
        if not sold and after.code == StatusCode.SOLD:
            step = "Take it back as in_stock, returned or defective."
            return No(
                state,
                MoveRefusal.RESULT,
                lambda where: f"{serial} is {where}; it was not sold before, so it does not go back to a customer",
                step,
            )
        return None

    def _stranger(self, state: ledger.State) -> No | None:
        """The refusal of a serial that is not on the transfer that arrives."""
        own = self._entered[state.id].document_id if self._transfer is not None else None
        if self._transfer is None or own == self._transfer.id:
            return None
        number, other = self._transfer.number, self._numbers.get(own or 0)
        step = f"Receive {other}, the transfer that it is on." if other else "Look at its history."
        return No(
            state,
            MoveRefusal.STRANGER,
            lambda where: f"{state.serial_number} is {where}; it is not on {number}",
            step,
            lambda more: f" Nor {'is' if more == 1 else 'are'} {more:,} more.",
        )

    def _is_there(self, state: ledger.State, status: Status, after: Status) -> No | None:
        """The refusal of a serial that has the status already."""
        if after.id != status.id or self._verb.after is None:
            return None
        head = f"{state.serial_number} is {status.label} already"
        return No(state, MoveRefusal.THERE, lambda _: head, "Choose another status, or leave it out.", so_are)

    def _wrong_place(self, state: ledger.State, status: Status, after: Status, place_id: int) -> No | None:
        """The refusal of a serial that is at the destination already, or whose place is closed."""
        serial = state.serial_number
        if self._verb.destination and self._place is not None and place_id == state.location_id:
            head = f"{serial} is at {self._place.code} already"
            return No(state, MoveRefusal.THERE, lambda _: head, "Choose another destination.", so_are)
        comes = place_id != state.location_id or place_in(status.code) is PlaceMeaning.LAST
        # A place that was named is open.
        if comes and self._place is None and place_id in self._closed and place_in(after.code) is not PlaceMeaning.LAST:
            code = self._closed[place_id]
            step = f"Open {code} again first."
            return No(state, MoveRefusal.CLOSED, lambda where: f"{serial} is {where}; {code} is closed", step)
        return None

    # ----- all together

    def kept_for(self, state: ledger.State) -> str:
        """The customer who keeps a serial because the answers name nobody; empty if there is none."""
        return self._names.get(state.customer_id or 0, "") if state.id in self._kept else ""

    def said(self) -> tuple[str, ...]:
        """What the person should know besides: serials that go to those for whom they were reserved."""
        by_customer: dict[int, list[ledger.State]] = {}
        for state in self._kept.values():
            by_customer.setdefault(state.customer_id or 0, []).append(state)
        return tuple(
            f"{own[0].serial_number} goes to {self._names[customer]}, for whom it was reserved."
            if len(own) == 1
            else f"{own[0].serial_number} and {len(own) - 1:,} more go to {self._names[customer]}, "
            "for whom they were reserved."
            for customer, own in by_customer.items()
        )

    def make_customer(self) -> None:
        """Make the customer of the answers, if there is none of that name yet.

        The steps that were planned have the new customer then: those with equal `sets` share one dict, which is changed
        here, so that nothing is made anew for each of thousands of serials.
        """
        if self._customer_id == _NEW_CUSTOMER:
            self._customer_id = customer_for_sale(self._answers.customer).id
            for sets in self._shared.values():
                if sets.get("customer_id") == _NEW_CUSTOMER:
                    sets["customer_id"] = self._customer_id

    def document_fields(self, steps: Sequence[Step]) -> DocumentFields:
        """What the document of these steps says besides its serials."""
        answers, transfer = self._answers, self._transfer
        places = {step.state.location_id for step in steps}
        codes = {self._statuses[step.state.status_id].code for step in steps}
        is_here = all(place_in(code) is PlaceMeaning.HERE for code in codes)
        came = places.pop() if len(places) == 1 and is_here else None
        if transfer is not None:
            went, source = transfer.to_location_id, transfer.id
        else:
            went, source = self._place.id if self._place is not None else None, None
        concerned = self._verb.document in (DocumentKind.SALE, DocumentKind.RETURN, DocumentKind.REPAIR)
        customers = {step.sets.get("customer_id") or step.state.customer_id for step in steps if concerned}
        return DocumentFields(
            note=answers.note,
            reference=answers.reference,
            repairer=answers.repairer,
            customer_id=customers.pop() if len(customers) == 1 else None,
            from_location_id=came,
            to_location_id=went,
            source_document_id=source,
        )


def stock_moves(steps: Sequence[Step], on_hand: frozenset[int]) -> dict[int, ledger.StockMove]:
    """What the steps do to quantities, by serial id; serials that do nothing to them are not in it."""
    moves: dict[int, ledger.StockMove] = {}
    for state, sets, *_ in steps:
        before = (state.item_id, state.location_id)
        after = (sets.get("item_id", state.item_id), sets.get("location_id", state.location_id))
        source = before if state.status_id in on_hand else None
        target = after if sets.get("status_id", state.status_id) in on_hand else None
        if source != target:
            moves[state.id] = ledger.StockMove(source, target)
    return moves


def carry_out(
    unit: Unit, verb: Verb, steps: Sequence[Step], fields: DocumentFields, moves: Mapping[int, ledger.StockMove]
) -> Carried:
    """Carry out a verb on serials that are locked and allow it: document, serials, events and quantities.

    Args:
        moves: what happens to quantities, by serial id, see `stock_moves`.
    """
    document = None
    if verb.document is not None:
        document = new_document(
            unit,
            verb.document,
            serials=len(steps),
            from_location_id=fields.from_location_id,
            to_location_id=fields.to_location_id,
            customer_id=fields.customer_id,
            note=fields.note,
            reference=fields.reference,
            repairer=fields.repairer,
            source_document_id=fields.source_document_id,
        )
    found = ledger.units_of(list(moves.values()))
    units = dict(zip(moves, found, strict=True))
    reference = fields.reference if document is None else ""
    changes = [
        ledger.SerialChange(step.state, step.sets, step.note, units.get(step.state.id, 0), reference, step.voids_id)
        for step in steps
    ]
    document_id, number = (document.id, document.number) if document is not None else (None, None)
    ledger.apply(unit, verb, changes, document_id=document_id)
    amounts = ledger.amounts_of(list(moves.values()), found)
    ledger.add_stocks(unit, amounts, verb.kind, document_id=document_id)
    came = sum(unit for unit, moved in zip(found, moves.values(), strict=True) if moved.source is None)
    went = -sum(unit for unit in found if unit < 0)
    return Carried(document_id, number, len(steps), sum(map(abs, found)), found.count(0), came, went)


# ----- transfers


def transfer_serials(
    actor: Actor,
    serial_ids: Sequence[int],
    to: str,
    *,
    notes: str = "",
    versions: Mapping[int, int] | None = None,
    move_quantity: bool = True,
) -> Transferred:
    """Transfer serials, all or none, in one transaction and with one document; see `move`.

    With each on-hand serial, one unit of the item's on-hand quantity moves, as long as its old place has any; the
    item's total never changes.

    Args:
        to: code of the destination.
        versions: the versions that the person saw, by serial id; None skips the check.
        move_quantity: False moves only the serials.

    Raises:
        NotPermitted, BadValue
        NotFound: no such destination, or one of the serials does not exist.
        NotAllowed: one is sold, scrapped, lost or in transit, or already at the destination, or that is closed.
        Changed: one of them was changed in the meantime.
    """
    if not serial_ids:
        raise BadValue("There is no serial to transfer. Choose one first.")
    answers = Answers(place=to, note=notes)
    done = move(actor, TRANSFER, serial_ids, answers, versions=versions, move_quantity=move_quantity)
    return Transferred(done.document or "", len(done.serial_ids), done.units, done.location, done.without_quantity)


def move_in(
    unit: Unit, verb: Verb, going: Sequence[Going], answers: Answers, customer: Customer | None, note: str
) -> tuple[Carried, tuple[str, ...]]:
    """Carry out a verb on serials that are locked in this transaction, with at most one document; see `move`.

    Args:
        going: the serials, each with its place.
        answers: all but the place.
        customer: the customer, if one was named.
        note: note of the document; each serial's own note goes into its history.

    Returns:
        What was done, and what the person should know besides.

    Raises:
        NotAllowed: a serial refuses; all that do are named.
    """
    steps: list[Step] = []
    refused: list[No] = []
    said: list[str] = []
    fields: list[DocumentFields] = []
    for place, own in by_place(going).items():
        planning = Planning(verb, checked(verb, replace(answers, place=place)), customer)
        notes = {one.state.id: one.note for one in own}
        planned, no = planning.plan([one.state for one in own], {})
        steps += [step._replace(note=notes[step.state.id]) for step in planned]
        refused += no
        said += planning.said()
        fields.append(planning.document_fields(planned))
    if refused:
        raise refusal(refused)
    moves = stock_moves(steps, on_hand_ids())
    return carry_out(unit, verb, steps, _of_one_document(fields, note), moves), tuple(said)


def by_place(going: Sequence[Going]) -> dict[str, list[Going]]:
    """The serials by the code of their place."""
    places: dict[str, list[Going]] = {}
    for one in going:
        places.setdefault(one.place, []).append(one)
    return places


def _of_one_document(fields: Sequence[DocumentFields], note: str) -> DocumentFields:
    """What one document says where its serials go to several places: only that in which all agree."""

    def agreed(name: str) -> Any:
        values = {getattr(each, name) for each in fields}
        return values.pop() if len(values) == 1 else None

    return replace(
        fields[0],
        note=note,
        customer_id=agreed("customer_id"),
        from_location_id=agreed("from_location_id"),
        to_location_id=agreed("to_location_id"),
    )


def on_hand_ids() -> frozenset[int]:
    """Ids of the statuses that count as on hand."""
    return frozenset(status.id for status in Status.select().where(Status.on_hand))

"""Corrections of records: another text, another item, a record that was entered by mistake, another warranty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from models import ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.errors import BadValue, NotAllowed
from models.items.items import find_item
from models.items.rules import ItemFacts
from models.ledger import whereabouts
from models.permissions import Actor, require
from models.schema import SerialEvent, Status, bound, read_moment
from models.serials.judging import tracked_facts, unfit
from models.serials.moves import (
    Moved,
    Paper,
    Step,
    carry_out,
    not_carried_out,
    on_hand_ids,
    stock_moves,
    told,
)
from models.serials.refused import (
    MoveRefusal,
    No,
    changed_refusal,
    plain_refusal,
    refusal,
    status_refusal,
)
from models.statuses import stored_statuses
from models.terms import Extension, Term, WarrantyDates, warranty_change
from models.text import clean_line, clean_note, clean_serial, serial_key
from models.verbs import COMING, VERBS, StatusCode, Verb

CORRECT: Final = VERBS["correct"]
CHANGE_ITEM: Final = VERBS["change-item"]
REMOVE: Final = VERBS["remove"]
WARRANTY: Final = VERBS["warranty"]

Plan = Callable[[Sequence[ledger.State]], tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]]
"""Says what happens to serials: those that allow it, those that refuse, quantities by serial id, and what to say."""


def _carry_out(
    actor: Actor,
    verb: Verb,
    serial_ids: Sequence[int],
    plan: Plan,
    *,
    versions: Mapping[int, int] | None,
    skip_errors: bool,
    dry_run: bool,
) -> Moved:
    """Carry out a verb without a document on serials, all or none, as `moves.move` does."""
    ids = list(dict.fromkeys(serial_ids))
    if not ids:
        raise BadValue(f"There is no serial to {verb.title.lower()}. Choose one first.")

    def work(unit: Unit) -> Moved:
        require(actor, verb.permission, verb.to_do)
        states = ledger.lock(ids, None if skip_errors else versions)
        seen = versions or {}
        stale = [state for state in states if seen.get(state.id, state.version) != state.version]
        steps, refused, moves, said = plan([one for one in states if seen.get(one.id, one.version) == one.version])
        refused = [*map(changed_refusal, stale), *refused]
        if refused and not (skip_errors and steps):
            raise refusal(refused)
        if dry_run:
            return told(not_carried_out(moves), steps, refused, said)
        return told(carry_out(unit, verb, steps, Paper(), moves), steps, refused, said)

    return write(actor, work, durable=True)


# ----- another text


def correct(
    actor: Actor, serial_id: int, new: str, *, note: str = "", version: int | None = None, dry_run: bool = False
) -> str:
    """Correct the text of a serial; the old one still finds it.

    Args:
        version: the version that the person saw; None skips the check.
        dry_run: refuse what cannot be, write nothing.

    Returns:
        The new text as stored.

    Raises:
        NotPermitted
        BadValue: it cannot be a serial of the item.
        NotAllowed: the serial has that text already, or another serial of the item has it.
        Changed: the serial was changed in the meantime.
    """
    new, note = clean_serial(new), clean_note(note)

    def work(unit: Unit) -> str:
        require(actor, CORRECT.permission, CORRECT.to_do)
        (state,) = ledger.lock([serial_id], None if version is None else {serial_id: version})
        if state.serial_number == new:
            raise NotAllowed(f"{new} is its text already. Give another one.", serial_id=serial_id)
        item = tracked_facts(state.item_id)
        if wrong := unfit(item, new):
            raise BadValue(wrong[1], field="serial_number")
        key = serial_key(new)
        if serial_key(state.serial_number) != key:
            occupied = _occupied([(item.id, key)])
            if occupied:
                raise NotAllowed(_exists(item.sku, new, *occupied[item.id, key]), serial_id=occupied[item.id, key][0])
        if not dry_run:
            ledger.apply(unit, CORRECT, [ledger.SerialChange(state, {"serial_number": new}, note)])
        return new

    return write(actor, work, durable=True)


def _occupied(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], tuple[int, str]]:
    """Which of these (item id, folded key) a serial has: its id and the code of its status."""
    wanted, found = set(keys), {}
    for part in bulk.blocks(sorted({key for _, key in keys})):
        rows = bound.execute_sql(
            "SELECT s.item_id, s.serial_key, s.id, t.code FROM serials s JOIN statuses t ON t.id = s.status_id "
            f"WHERE s.serial_key IN ({bulk.placeholders(len(part))})",
            part,
        )
        found.update({(row[0], row[1]): (row[2], row[3]) for row in rows.fetchall() if (row[0], row[1]) in wanted})
    return found


def _exists(sku: str, serial: str, serial_id: int, status: str) -> str:
    """The refusal of a text that another serial of the item has."""
    if status == StatusCode.REMOVED:
        return f"A removed record of {sku} has this text, {serial}; bring that one back: add it again."
    return f"{sku} has {serial} already: {whereabouts([serial_id])[serial_id]}. Check both labels."


# ----- another item


def change_item(
    actor: Actor,
    serial_ids: Sequence[int],
    sku: str,
    *,
    note: str = "",
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Move serials to another item, with a unit of quantity each as long as the old item has one at their place.

    Args:
        sku: the other item.
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: move those that can be, and name the others.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted, BadValue
        NotFound: no such item, or one of the serials does not exist.
        NotTracked: the item does not track serials.
        NotAllowed: a serial is not on hand, was sold once, or cannot be a serial of the item.
        Changed: one of them was changed in the meantime.
    """
    note = clean_note(note)
    if not sku.strip():
        raise BadValue("Change item needs the other item. Name it by its SKU.", field="item")

    def plan(
        states: Sequence[ledger.State],
    ) -> tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]:
        item = tracked_facts(find_item(sku).id)
        statuses = stored_statuses()
        sold = once_sold([state.id for state in states])
        taken = _occupied([(item.id, serial_key(state.serial_number)) for state in states])
        sets = {"item_id": item.id}
        steps: list[Step] = []
        refused: list[No] = []
        coming: set[str] = set()
        for state in states:
            key = serial_key(state.serial_number)
            no = not_on_hand(state, CHANGE_ITEM, statuses[state.status_id], sold) or _not_of(state, item)
            if no is None and key in coming:
                head = f"{state.serial_number} is given twice"
                no = plain_refusal(state, MoveRefusal.EXISTS, head, "Move one of them.")
            if no is None and (item.id, key) in taken:
                head, _, step = _exists(item.sku, state.serial_number, *taken[item.id, key]).rpartition(". ")
                no = plain_refusal(state, MoveRefusal.EXISTS, head or step.removesuffix("."), step if head else "")
            if no is None:
                coming.add(key)
                steps.append(Step(state, sets, note))
            else:
                refused.append(no)
        return steps, refused, stock_moves(steps, on_hand_ids()), []

    return _carry_out(actor, CHANGE_ITEM, serial_ids, plan, versions=versions, skip_errors=skip_errors, dry_run=dry_run)


def _not_of(state: ledger.State, item: ItemFacts) -> No | None:
    """The refusal of a serial that is on the item already, or cannot be."""
    if state.item_id == item.id:
        head = f"{state.serial_number} is on {item.sku} already"
        return plain_refusal(state, MoveRefusal.THERE, head, "Choose another item.")
    if wrong := unfit(item, state.serial_number):
        head, _, step = wrong[1].rpartition(". ")
        return plain_refusal(state, MoveRefusal.UNFIT, head, step)
    return None


def not_on_hand(state: ledger.State, verb: Verb, status: Status, sold: frozenset[int]) -> No | None:
    """The refusal of a serial that is not on hand, or was sold once."""
    if status not in verb.before:
        return status_refusal(state, verb, status.code)
    if state.id in sold:
        return No(
            state,
            MoveRefusal.SOLD_BEFORE,
            lambda where: f"{state.serial_number} is {where}; it was sold once, so it cannot be {verb.refusal}",
            "Void the sale first if that was the mistake.",
        )
    return None


def once_sold(serial_ids: Sequence[int]) -> frozenset[int]:
    """Which of these serials were sold once; a voided sale does not count."""
    found: set[int] = set()
    for part in bulk.blocks(serial_ids):
        those, ids = bulk.one_of("e.serial_id", part)
        rows = bound.execute_sql(
            f"SELECT DISTINCT e.serial_id FROM serial_events e WHERE {those} "
            f"AND e.to_status_id = (SELECT id FROM statuses WHERE code = {bound.param}) AND e.voids_id IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM serial_events v WHERE v.serial_id = e.serial_id AND v.voids_id = e.id)",
            [*ids, StatusCode.SOLD],
        )
        found.update(row[0] for row in rows.fetchall())
    return frozenset(found)


# ----- entered by mistake


def remove(
    actor: Actor,
    serial_ids: Sequence[int],
    reason: str,
    *,
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Remove records that were entered by mistake; adding the same text brings them back.

    Each takes back what the event that made it gave to the quantity, no more: one that was added by hand gave nothing.

    Args:
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: remove those that can be, and name the others.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted, NotFound
        BadValue: there is no reason.
        NotAllowed: a serial is not on hand, or was sold once.
        Changed: one of them was changed in the meantime.
    """
    reason = clean_note(reason, "reason", field="note")
    if not reason:
        raise BadValue("Remove needs a reason. Type one.", field="note")

    def plan(
        states: Sequence[ledger.State],
    ) -> tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]:
        statuses = stored_statuses()
        sold = once_sold([state.id for state in states])
        sets = {"status_id": ledger.status_ids()[StatusCode.REMOVED], "customer_id": None}
        steps: list[Step] = []
        refused: list[No] = []
        for state in states:
            no = not_on_hand(state, REMOVE, statuses[state.status_id], sold)
            if no is None:
                steps.append(Step(state, sets, reason))
            else:
                refused.append(no)
        made = _units_of_making([step.state.id for step in steps])
        moves = {
            state.id: ledger.StockMove((state.item_id, state.location_id), None)
            for state, *_ in steps
            if made[state.id]
        }
        return steps, refused, moves, quantity_unknown([unit for unit in made.values() if unit is None])

    return _carry_out(actor, REMOVE, serial_ids, plan, versions=versions, skip_errors=skip_errors, dry_run=dry_run)


def quantity_unknown(unknown: Sequence[object]) -> list[str]:
    """What to say about events older than the record of their units."""
    if not unknown:
        return []
    them = "one of them" if len(unknown) == 1 else f"{len(unknown):,} of them"
    return [f"What {them} did to the quantity was not recorded then; the quantity stays as it is."]


def _units_of_making(serial_ids: Sequence[int]) -> dict[int, int | None]:
    """What the event that made each serial, or brought it back, gave to the quantity; None if that is not known."""
    found: dict[int, int | None] = {}
    for part in bulk.blocks(serial_ids):
        found.update((serial_id, units) for serial_id, units, _ in _standing_events(part, COMING))
    return {serial_id: found.get(serial_id) for serial_id in serial_ids}


def _standing_events(serial_ids: Sequence[int], kinds: Iterable[str]) -> Iterator[tuple[int, int | None, Any]]:
    """The events of these kinds that were not voided: serial id, units and moment, in order.

    Raises:
        WrongValueError: a row is damaged: an event of an unknown kind may have been one of them.
    """
    wanted = sorted(kinds)
    names = bulk.placeholders(len(wanted))
    those, ids = bulk.one_of("e.serial_id", serial_ids)
    rows = bound.execute_sql(
        "SELECT e.serial_id, e.units, e.at, e.kind FROM serial_events e "
        f"WHERE {those} AND (e.kind IN ({names}) OR e.kind NOT IN ({SerialEvent.kind.listed})) "
        "AND NOT EXISTS "
        "(SELECT 1 FROM serial_events v WHERE v.serial_id = e.serial_id AND v.voids_id = e.id) "
        "ORDER BY e.serial_id, e.number",
        [*ids, *wanted],
    )
    for serial_id, units, at, kind in rows.fetchall():
        SerialEvent.kind.known(kind)
        yield serial_id, units, at


# ----- another warranty


def change_warranty(
    actor: Actor,
    serial_ids: Sequence[int],
    *,
    to: str = "",
    void: str = "",
    note: str = "",
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Set, extend, void or take away the warranty of serials.

    Args:
        to: a term, dates, an extension or `none`, see `models.terms.warranty_change`. A term counts from the start that
            is there, else from the sale, else from the date received; a void warranty that is set anew holds again. An
            extension counts from the last day that is there; a void warranty stays void.
        void: why the warranty is void; with `to`, the warranty that is set.
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: change those that can be, and name the others.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted, NotFound
        BadValue: neither `to` nor `void` is given, or they cannot be read.
        NotAllowed: a serial has that warranty already, or none that could be void or extended.
        Changed: one of them was changed in the meantime.
    """
    if not to.strip() and not void.strip():
        raise BadValue("Say what to do with the warranty: a term, dates or none, or why it is void.", field="warranty")
    given = warranty_change(to) if to.strip() else None
    keeps = not to.strip() or isinstance(given, Extension)
    why = clean_line(void, "reason why the warranty is void", longest=200, field="warranty_void", empty=True)
    note = clean_note(note)

    def plan(
        states: Sequence[ledger.State],
    ) -> tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]:
        starts = start_of_warranty(states) if isinstance(given, Term) else {}
        steps: list[Step] = []
        refused: list[No] = []
        for state in states:
            sets = _kept(state, given) if keeps else _given(given, starts.get(state.id))
            if sets["warranty_end"] is None and (why or keeps):
                done = "extended" if isinstance(given, Extension) else "void"
                head = f"{state.serial_number} has no warranty that could be {done}"
                refused.append(plain_refusal(state, MoveRefusal.WARRANTY, head, "Give it one first, or leave it out."))
                continue
            if why:
                sets["warranty_void"] = why
            if all(getattr(state, column) == value for column, value in sets.items()):
                head = f"{state.serial_number} has this warranty already"
                refused.append(plain_refusal(state, MoveRefusal.THERE, head, "Leave it out."))
                continue
            steps.append(Step(state, sets, note))
        return steps, refused, {}, []

    return _carry_out(actor, WARRANTY, serial_ids, plan, versions=versions, skip_errors=skip_errors, dry_run=dry_run)


def _kept(state: ledger.State, given: object) -> dict[str, Any]:
    """The warranty that is there, or its extension."""
    end = state.warranty_end
    return {"warranty_end": given.term.extended(end) if isinstance(given, Extension) and end is not None else end}


def _given(given: Term | WarrantyDates | Extension | None, start: date | None) -> dict[str, Any]:
    """New values of the columns of a serial's warranty, which is set anew.

    Args:
        start: from which day a term counts.
    """
    assert not isinstance(given, Extension), "an extension keeps what is there"
    if isinstance(given, Term):
        assert start is not None, "every serial has a date received"
        given = WarrantyDates(start, given.last_day(start))
    first, end = given if given is not None else (None, None)
    return {"warranty_start": first, "warranty_end": end, "warranty_void": None}


def start_of_warranty(states: Sequence[ledger.State]) -> dict[int, date | None]:
    """The day from which a term counts, by serial id: the start that is there, else the sale, else the receipt."""
    sales = _days_of_sale([state.id for state in states if state.warranty_start is None])
    return {state.id: state.warranty_start or sales.get(state.id) or state.date_received for state in states}


def _days_of_sale(serial_ids: Sequence[int]) -> dict[int, date]:
    """The local day of each serial's last sale that was not voided."""
    found: dict[int, date] = {}
    for part in bulk.blocks(serial_ids):
        sales = _standing_events(part, (VERBS["sell"].kind,))
        found.update((serial_id, read_moment(at).astimezone().date()) for serial_id, _, at in sales)
    return found

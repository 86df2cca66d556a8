"""Corrections of records: another text, another item, a record that was entered by mistake, another warranty."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from models import ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.errors import BadValue, NotAllowed, NotTracked, Refusal
from models.items.items import find_item
from models.items.rules import ItemFacts, items_for_rules
from models.ledger import whereabouts
from models.permissions import Actor, require
from models.schema import SerialEvent, Status, bound, read_moment
from models.serials.judging import not_tracked, tracked_facts, unfit
from models.serials.moves import (
    DocumentFields,
    Moved,
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
    changed_refusals,
    named,
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

NEVER_SOLD: Final = (CHANGE_ITEM, REMOVE)
"""The verbs that refuse a serial that was sold once: its sale must not name another item, or nothing."""

Plan = Callable[[Sequence[ledger.State]], tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]]
"""Plans a verb for locked serials: steps, refusals, moves of quantities by serial id, and sentences for the person."""


def _carry_out(
    actor: Actor,
    verb: Verb,
    serial_ids: Sequence[int],
    plan: Plan,
    *,
    versions: Mapping[int, int] | None,
    skip_errors: bool,
    dry_run: bool,
    refuse: Callable[[Sequence[No]], Refusal] = refusal,
) -> Moved:
    """Carry out a verb without a document on serials, all or none, as `moves.move` does.

    Args:
        refuse: makes the refusal of those that refuse.
    """
    ids = list(dict.fromkeys(serial_ids))
    if not ids:
        raise BadValue(f"There is no serial to {verb.title.lower()}. Choose one first.")

    def work(unit: Unit) -> Moved:
        require(actor, verb.permission, verb.to_do)
        # With `skip_errors` those that somebody changed are refused one by one, like all others.
        states = ledger.lock(ids, None if skip_errors else versions)
        stale = changed_refusals(states, versions or {})
        steps, refused, moves, said = plan([one for one in states if one.id not in stale])
        refused = [*stale.values(), *refused]
        if refused and not (skip_errors and steps):
            raise refuse(refused)
        if dry_run:
            return told(not_carried_out(moves), steps, refused, said)
        return told(carry_out(unit, verb, steps, DocumentFields(), moves), steps, refused, said)

    return write(actor, work, durable=True)


# ----- another text


def correct(
    actor: Actor, serial_id: int, new: str, *, note: str = "", version: int | None = None, dry_run: bool = False
) -> str:
    """Correct the text of a serial; the old one still finds it. See `correct_many`.

    Args:
        version: the version that the person saw; None skips the check.
        dry_run: refuse what cannot be, write nothing.

    Returns:
        The new text as stored.

    Raises:
        NotPermitted
        BadValue: it cannot be a serial of the item.
        NotAllowed: the serial has that text already, or another serial of the item has it.
        NotTracked: its item does not track serials.
        Changed: the serial was changed in the meantime.
    """
    versions = None if version is None else {serial_id: version}
    _correct(actor, {serial_id: [new]}, note, versions, refuse=_refusal_of_one, skip_errors=False, dry_run=dry_run)
    return clean_serial(new)


def correct_many(
    actor: Actor,
    corrections: Sequence[tuple[int, str]],
    *,
    note: str = "",
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Correct the texts of serials, all or none; the old ones still find them.

    Serials may take over each other's texts.

    Args:
        corrections: (serial id, new text).
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: correct those that can be, and name the others. One that would take over the text of another one
            which cannot be corrected is refused too.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted, NotFound
        NotAllowed: a serial cannot be corrected so, or with `skip_errors` none can; `details["refused"]` are all.
        Changed: one of them was changed in the meantime.
    """
    wanted: dict[int, list[str]] = {}
    for serial_id, new in corrections:
        wanted.setdefault(serial_id, []).append(new)
    return _correct(actor, wanted, note, versions, refuse=refusal, skip_errors=skip_errors, dry_run=dry_run)


def _correct(
    actor: Actor,
    wanted: Mapping[int, Sequence[str]],
    note: str,
    versions: Mapping[int, int] | None,
    *,
    refuse: Callable[[Sequence[No]], Refusal],
    skip_errors: bool,
    dry_run: bool,
) -> Moved:
    """Correct texts; `wanted` are the new ones by serial id."""
    note = clean_note(note)

    def plan(
        states: Sequence[ledger.State],
    ) -> tuple[list[Step], list[No], dict[int, ledger.StockMove], list[str]]:
        renaming = _Renaming(states, wanted)
        steps = [Step(state, {"serial_number": renaming.new[state.id]}, note) for state in renaming.going]
        return steps, [renaming.refused[state.id] for state in states if state.id in renaming.refused], {}, []

    return _carry_out(
        *(actor, CORRECT, list(wanted), plan),
        versions=versions,
        skip_errors=skip_errors,
        dry_run=dry_run,
        refuse=refuse,
    )


def _refusal_of_one(refused: Sequence[No]) -> Refusal:
    """The refusal of the only serial, with a class of error by its reason."""
    (no,) = refused
    (said,) = named(refused)
    if no.reason is MoveRefusal.UNFIT:
        return BadValue(said.message, field="serial_number", refused=(said,))
    if no.reason is MoveRefusal.NOT_TRACKED:
        return NotTracked(said.message, item_id=no.state.item_id, refused=(said,))
    return NotAllowed(said.message, serial_id=no.state.id, refused=(said,))


class _Renaming:
    """Says which serials get their new texts, and why others do not; a constant number of statements per block."""

    def __init__(self, states: Sequence[ledger.State], wanted: Mapping[int, Sequence[str]]) -> None:
        """Judge the texts alone, then against each other, then against those that are there.

        Args:
            states: the serials, locked.
            wanted: their new texts.
        """
        self._states = states
        self._items = items_for_rules({state.item_id for state in states})
        self.refused: dict[int, No] = {}
        self.new: dict[int, str] = {}
        """The new texts of the others, by serial id."""
        for state in states:
            self._read(state, wanted[state.id])
        self._refuse_doubles()
        self._refuse_occupied()

    @property
    def going(self) -> list[ledger.State]:
        """The serials that get their new texts."""
        return [state for state in self._states if state.id not in self.refused]

    def _refuse(self, state: ledger.State, reason: MoveRefusal, message: str) -> None:
        head, _, step = message.rpartition(". ")
        self.refused[state.id] = plain_refusal(state, reason, head or step.removesuffix("."), step if head else "")

    def _read(self, state: ledger.State, given: Sequence[str]) -> None:
        """Take the new text of a serial, unless it cannot be one."""
        texts: dict[str, str] = {}
        for text in given:
            try:
                texts[clean_serial(text)] = text
            except BadValue as refusal:
                self._refuse(state, MoveRefusal.UNFIT, refusal.message)
                return
        new, *others = texts
        item = self._items[state.item_id]
        if others:
            message = f"{state.serial_number} is given two new texts, {new} and {others[0]}. Leave one of them out."
            self._refuse(state, MoveRefusal.TWICE, message)
        elif not item.track_serials:
            self._refuse(state, MoveRefusal.NOT_TRACKED, not_tracked(item.sku))
        elif state.serial_number == new:
            self._refuse(state, MoveRefusal.THERE, f"{new} is its text already. Give another one.")
        elif wrong := unfit(item, new):
            self._refuse(state, MoveRefusal.UNFIT, wrong[1])
        else:
            self.new[state.id] = new

    def _key(self, state: ledger.State) -> tuple[int, str]:
        """The item and folded key after the correction."""
        return state.item_id, serial_key(self.new[state.id])

    def _refuse_doubles(self) -> None:
        """Refuse serials that would get one text: which of them is right, nobody knows."""
        by_key: dict[tuple[int, str], list[ledger.State]] = {}
        for state in self.going:
            by_key.setdefault(self._key(state), []).append(state)
        for first, *others in by_key.values():
            for state in (first, *others) if others else ():
                other = others[0] if state is first else first
                message = f"{self.new[state.id]} is given to {state.serial_number} and to {other.serial_number}"
                self._refuse(state, MoveRefusal.TWICE, f"{message}. Check both labels.")

    def _refuse_occupied(self) -> None:
        """Refuse serials whose new text another one has and keeps."""
        going = {state.id: self._key(state) for state in self.going}
        by_id = {state.id: state for state in self._states}
        moved = [by_id[each] for each, key in going.items() if serial_key(by_id[each].serial_number) != key[1]]
        there = _occupied([going[state.id] for state in moved])
        holders = {state.id: there[going[state.id]] for state in moved if going[state.id] in there}
        stuck = not_freed({serial_id: holder for serial_id, (holder, _) in holders.items()}, going)
        where = where_are(_not_removed(holders[serial_id] for serial_id in stuck))
        for serial_id in stuck:
            state, (holder, status) = by_id[serial_id], holders[serial_id]
            sku = self._items[state.item_id].sku
            self._refuse(state, MoveRefusal.EXISTS, _exists(sku, self.new[serial_id], status, where.get(holder, "")))


def not_freed(holders: Mapping[int, int], leaving: Container[int]) -> list[int]:
    """Which serials do not get the text that another one has.

    Args:
        holders: who has the text that they would get, by serial id.
        leaving: those that would leave their text. One that does not get another text keeps its own, so whoever waits
            for that gets none either.
    """
    waiting = {holder: serial_id for serial_id, holder in holders.items()}
    stuck: list[int] = []
    for serial_id, holder in holders.items():
        if holder not in leaving:
            stuck.append(serial_id)
            # A chain: who waits for the text of one that is stuck is stuck too.
            while stuck[-1] in waiting:
                stuck.append(waiting[stuck[-1]])
    return stuck


def where_are(serial_ids: Iterable[int]) -> dict[int, str]:
    """The phrase of `whereabouts` for any number of serials."""
    found: dict[int, str] = {}
    for part in bulk.blocks(serial_ids, 500):
        found.update(whereabouts(part))
    return found


def _occupied(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], tuple[int, str]]:
    """Which of these (item id, folded key) a serial has: its id and the code of its status."""
    wanted, found = set(keys), {}
    for part in bulk.blocks(sorted({key for _, key in keys})):
        those, values = bulk.one_of_texts("s.serial_key", part)
        rows = bound.execute_sql(
            "SELECT s.item_id, s.serial_key, s.id, t.code FROM serials s JOIN statuses t ON t.id = s.status_id "
            f"WHERE {those}",
            values,
        )
        found.update({(row[0], row[1]): (row[2], row[3]) for row in rows.fetchall() if (row[0], row[1]) in wanted})
    return found


def _not_removed(holders: Iterable[tuple[int, str]]) -> Iterator[int]:
    """The ids of those that are not removed."""
    return (serial_id for serial_id, status in holders if status != StatusCode.REMOVED)


def _exists(sku: str, serial: str, status: str, where: str) -> str:
    """The refusal of a text that another serial of the item has.

    Args:
        status: code of the status of that one.
        where: see `whereabouts`.
    """
    if status == StatusCode.REMOVED:
        return f"A removed record of {sku} has this text, {serial}; bring that one back: add it again."
    return f"{sku} has {serial} already: {where}. Check both labels."


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
        item = tracked_facts(find_item(sku).id)  # in the unit: its rule may have changed since the person chose it
        statuses = stored_statuses()
        sold = once_sold([state.id for state in states])
        taken = _occupied([(item.id, serial_key(state.serial_number)) for state in states])
        where = where_are(_not_removed(taken.values()))
        sets = {"item_id": item.id}  # one for all of them: the ledger then writes them by one statement
        steps: list[Step] = []
        refused: list[No] = []
        keys: set[str] = set()  # two items may have a serial with this text, of which one can move
        for state in states:
            key = serial_key(state.serial_number)
            no = not_on_hand(state, CHANGE_ITEM, statuses[state.status_id], sold) or _not_of(state, item)
            if no is None and key in keys:
                head = f"{state.serial_number} is given twice"
                no = plain_refusal(state, MoveRefusal.EXISTS, head, "Move one of them.")
            if no is None and (item.id, key) in taken:
                holder, status = taken[item.id, key]
                message = _exists(item.sku, state.serial_number, status, where.get(holder, ""))
                head, _, step = message.rpartition(". ")
                no = plain_refusal(state, MoveRefusal.EXISTS, head or step.removesuffix("."), step if head else "")
            if no is None:
                keys.add(key)
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
        # One for all of them: the ledger then writes them by one statement.
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
    """A sentence about events older than the record of their units."""
    if not unknown:
        return []
    them = "one of them" if len(unknown) == 1 else f"{len(unknown):,} of them"
    return [f"What {them} did to the quantity was not recorded then; the quantity stays as it is."]


def _units_of_making(serial_ids: Sequence[int]) -> dict[int, int | None]:
    """The units that the event by which each serial was made or came back gave to the quantity; None if unknown."""
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

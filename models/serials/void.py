"""Voiding: a serial's last event, or the events of a whole document, undone by new events. Nothing is erased.

A serial gets back its status, place, customer, item and text; its notes and warranty as far as nobody changed them
since; and its quantity what was taken or given. Later notes and warranties do not stand in the way.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from models import clock, ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.documents import find_document, not_voided
from models.errors import BadValue, NotAllowed
from models.permissions import Actor, Permission, may, permissions_held, require
from models.schema import Document, ImportMade, Item, Location, SerialEvent, bound
from models.serials.corrections import not_freed, quantity_unknown, where_are
from models.serials.moves import (
    DocumentFields,
    Moved,
    Step,
    carry_out,
    not_carried_out,
    on_hand_ids,
    told,
)
from models.serials.refused import MoveRefusal, No, plain_refusal, refusal
from models.settings import UNDO_MINUTES, setting
from models.text import clean_note, serial_key, storable
from models.verbs import BESIDE, BY_KIND, VERBS, DocumentKind, PlaceMeaning, StatusCode, done, place_in

VOID: Final = VERBS["void"]

MOST_UNDONE: Final = 3
"""Number of different things undone that the message names."""


class LastEvent(NamedTuple):
    """The last event of a serial that is neither a void nor voided, notes and warranties aside."""

    serial_id: int
    id: int
    number: int
    kind: str
    document_id: int | None
    from_status_id: int | None
    from_location_id: int | None
    from_customer_id: int | None
    changes: str | None
    units: int | None
    item_id: int | None
    """The item before it; None if it made the serial."""
    serial_number: str | None
    """The text before it."""


def standing(serial_ids: Sequence[int]) -> dict[int, LastEvent]:
    """For each serial, the event that voiding it would undo; serials of which nothing is left to void are not in it."""
    found: dict[int, LastEvent] = {}
    beside = sorted(BESIDE)
    for part in bulk.blocks(serial_ids):
        those, ids = bulk.one_of("x.serial_id", part)
        rows = bound.execute_sql(
            "SELECT e.serial_id, e.id, e.number, e.kind, e.document_id, e.from_status_id, e.from_location_id, "
            "e.from_customer_id, e.changes, e.units, p.item_id, p.serial_number FROM serial_events e "
            "JOIN (SELECT x.serial_id, max(x.number) AS number FROM serial_events x "
            f"WHERE {those} AND x.voids_id IS NULL "
            f"AND x.kind NOT IN ({bulk.placeholders(len(beside))}) AND NOT EXISTS "
            "(SELECT 1 FROM serial_events v WHERE v.serial_id = x.serial_id AND v.number > x.number "
            "AND v.voids_id = x.id) GROUP BY x.serial_id) m ON m.serial_id = e.serial_id AND m.number = e.number "
            "LEFT JOIN serial_events p ON p.serial_id = e.serial_id AND p.number = e.number - 1",
            [*ids, *beside],
        )
        for row in rows.fetchall():
            event = found[row[0]] = LastEvent._make(row)
            SerialEvent.kind.known(event.kind)
    return found


def void_last(
    actor: Actor,
    serial_ids: Sequence[int],
    reason: str,
    *,
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Void the last event of each serial, with one document that names the voided one if they have it in common.

    Args:
        versions: the versions that the person saw, by serial id; None skips the check.
        skip_errors: void those that can be, and name the others.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted: all are of other people's documents, or of one's own that are too old.
        BadValue: there is no reason.
        NotFound: one of the serials does not exist.
        NotAllowed: nothing is left to void, what would come back is in the way of something, or some are of other
            people's documents.
        Changed: one of them was changed in the meantime.
    """
    reason = _clean_reason(reason)
    ids = list(dict.fromkeys(serial_ids))
    if not ids:
        raise BadValue("There is no serial to void. Choose one first.")

    def work(unit: Unit) -> Moved:
        require_some(actor, ids)
        states = ledger.lock(ids, versions)
        events = standing(ids)
        theirs = require_some(actor, ids, events)  # again, now that nobody changes them any more
        documents = {event.document_id for serial_id, event in events.items() if serial_id not in theirs}
        source = documents.pop() if len(documents) == 1 else None
        restoring = _Restoring(states, events, reason, refused=not_theirs(actor, states, events, theirs))
        return _void(unit, restoring, states, source, skip_errors=skip_errors, dry_run=dry_run)

    return write(actor, work, durable=True)


def void_document(
    actor: Actor,
    number: str,
    reason: str,
    *,
    versions: Mapping[int, int] | None = None,
    skip_errors: bool = False,
    dry_run: bool = False,
) -> Moved:
    """Void what a document did to all its serials, with a document that names it.

    One's own document may be voided for some minutes without the permission to void, see `UNDO_MINUTES`.

    Args:
        versions: the versions of its serials that the person saw, by id; None skips the check.
        skip_errors: void what still can be, and name the serials that moved on.
        dry_run: say what would happen, write nothing.

    Raises:
        NotPermitted
        BadValue: there is no reason.
        NotFound: no such document.
        NotAllowed: it is a void, was voided, or serials moved on since: `details["refused"]` are those.
        Changed: one of the serials was changed since the person saw it, be it by a void of the same document.
    """
    reason = _clean_reason(reason)

    def work(unit: Unit) -> Moved:
        if not may(actor, VOID.permission):
            _require_own(actor, unit, number)
        document = find_document(number)
        _refuse_void(document)
        ids = not_voided(document.id)
        if not ids:
            raise NotAllowed(_nothing_left(document))
        those = set(ids)
        states = [one for one in ledger.lock([*ids, *(versions or ())], versions) if one.id in those]
        events = standing(ids)
        own = {serial_id: event for serial_id, event in events.items() if event.document_id == document.id}
        if lack := lacking(actor, own):
            require(actor, min(lack.values()), VOID.to_do)
        restoring = _Restoring(states, events, reason, only=document)
        return _void(unit, restoring, states, document.id, skip_errors=skip_errors, dry_run=dry_run)

    return write(actor, work, durable=True)


def _clean_reason(reason: str) -> str:
    reason = clean_note(reason, "reason", field="note")
    if not reason:
        raise BadValue("Void needs a reason. Type one.", field="note")
    return reason


def _nothing_left(document: Document) -> str:
    voids = Document.source_document == document.id, Document.kind == str(DocumentKind.VOID)
    void = Document.select().where(*voids).order_by(Document.id.desc()).first()
    by = f" by {void.number}" if void is not None else ""
    return f"{document.number} was voided already{by}. Look at its serials."


# ----- who may


def lacking(actor: Actor, events: Mapping[int, LastEvent]) -> dict[int, Permission]:
    """The permissions that the actor lacks to void these last events, by serial id; what one may void is not in it.

    Who may not void may still undo what they just did.
    """
    held = permissions_held(actor)
    if VOID.permission in held:
        return {}
    own: set[int] = set()
    for part in bulk.blocks(sorted({event.document_id for event in events.values() if event.document_id is not None})):
        own.update(row.id for row in _recent(actor, clock.now()).where(Document.id.in_(part)))
    needed = {
        serial_id: _permission_of(event.kind) if event.document_id in own else VOID.permission
        for serial_id, event in events.items()
    }
    return {serial_id: permission for serial_id, permission in needed.items() if permission not in held}


def require_some(
    actor: Actor, serial_ids: Sequence[int], events: Mapping[int, LastEvent] | None = None
) -> dict[int, Permission]:
    """Refuse who may void none of the last events of these serials; see `lacking`.

    Args:
        events: as `standing` finds them; None looks them up.

    Raises:
        NotPermitted
    """
    events = standing(serial_ids) if events is None else events
    lack = lacking(actor, events)
    if len(lack) == len(events):
        is_of_others = not lack or VOID.permission in lack.values()
        require(actor, VOID.permission if is_of_others else min(lack.values()), VOID.to_do)
    return lack


def not_theirs(
    actor: Actor, states: Sequence[ledger.State], events: Mapping[int, LastEvent], lack: Mapping[int, Permission]
) -> dict[int, No]:
    """The refusals of the serials whose last event the actor may not void, by serial id.

    Args:
        lack: see `lacking`.
    """
    numbers = _numbers(events[serial_id].document_id for serial_id in lack)
    found: dict[int, No] = {}
    for state in states:
        if state.id in lack:
            event = events[state.id]
            on = f" on {numbers[event.document_id]}" if event.document_id in numbers else ""
            needs = f"to void that, {actor.login} needs the permission {lack[state.id]}"
            head = f"{state.serial_number} was {done(event.kind)}{on}; {needs}"
            found[state.id] = plain_refusal(state, MoveRefusal.PERMISSION, head, "Ask your administrator for it.")
    return found


def _numbers(document_ids: Iterable[int | None]) -> dict[int | None, str]:
    """The numbers of documents, by id."""
    found: dict[int | None, str] = {}
    for part in bulk.blocks(sorted({each for each in document_ids if each is not None})):
        found |= {row.id: row.number for row in Document.select().where(Document.id.in_(part))}
    return found


def _require_own(actor: Actor, unit: Unit, number: str) -> None:
    """Refuse who may not void, unless the document is their own and recent; nobody learns here what there is."""
    wanted = storable(number.strip()).upper()
    if not _recent(actor, unit.at).where(Document.number == wanted).exists():
        require(actor, VOID.permission, VOID.to_do)


def _recent(actor: Actor, now: datetime) -> Any:
    """The documents that the actor wrote just now."""
    since = now - timedelta(minutes=int(setting(UNDO_MINUTES)))
    return Document.select().where(Document.user == actor.user_id, Document.at >= since)


def _permission_of(kind: str) -> Permission:
    return BY_KIND[kind].permission


# ----- what comes back


class _Restoring:
    """Says what voiding makes of each serial, or why it refuses."""

    def __init__(
        self,
        states: Sequence[ledger.State],
        events: dict[int, LastEvent],
        reason: str,
        *,
        only: Document | None = None,
        refused: Mapping[int, No] | None = None,
    ) -> None:
        """Look up what is in the way.

        Args:
            states: the serials, locked.
            events: their last events, see `standing`.
            reason: why they are voided.
            only: the document whose events are voided; None for any.
            refused: those that refuse already, by serial id.
        """
        self.events, self.only, self.reason = events, only, reason
        self._refused = refused or {}
        self._removed = ledger.status_ids()[StatusCode.REMOVED]
        self._codes = {status_id: code for code, status_id in ledger.status_ids().items()}
        self._closed = {row.id: row.code for row in Location.select().where(Location.closed)}
        self._shared: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
        self._taken = self._occupied(states)
        self._numbers = _numbers(event.document_id for event in events.values())

    def _occupied(self, states: Sequence[ledger.State]) -> dict[tuple[int, str], int]:
        """Which (item id, folded key) that would come back another serial has by now."""
        wanted = {
            (event.item_id or state.item_id, serial_key(event.serial_number or state.serial_number)): state.id
            for state in states
            if (event := self.events.get(state.id)) and self._renames(state, event)
        }
        found: dict[tuple[int, str], int] = {}
        for part in bulk.blocks(sorted({key for _, key in wanted})):
            marks = bulk.placeholders(len(part))
            rows = bound.execute_sql(f"SELECT item_id, serial_key, id FROM serials WHERE serial_key IN ({marks})", part)
            for item_id, key, serial_id in rows.fetchall():
                if wanted.get((item_id, key), serial_id) != serial_id:
                    found[item_id, key] = serial_id
        return found

    @staticmethod
    def _renames(state: ledger.State, event: LastEvent) -> bool:
        before = (event.item_id or state.item_id, event.serial_number or state.serial_number)
        return before != (state.item_id, state.serial_number)

    def plan(self, states: Sequence[ledger.State]) -> tuple[list[Step], list[No]]:
        """What voiding makes of serials, and those that refuse."""
        judged = {state.id: self._judge(state) for state in states}
        steps = {serial_id: one for serial_id, one in judged.items() if isinstance(one, Step)}
        judged |= self._not_back(steps)
        return (
            [one for one in judged.values() if isinstance(one, Step)],
            [one for one in judged.values() if isinstance(one, No)],
        )

    def _not_back(self, steps: Mapping[int, Step]) -> dict[int, No]:
        """The refusals of serials whose earlier text another one has and keeps, or gets back too."""
        keys = {serial_id: self._key(step.state, step.sets) for serial_id, step in steps.items()}
        leaving = {serial_id for serial_id, step in steps.items() if keys[serial_id] != self._key(step.state, {})}
        holders = {
            serial_id: holder
            for serial_id, key in keys.items()
            if (holder := self._taken.get(key, serial_id)) != serial_id
        }
        first: dict[tuple[int, str], ledger.State] = {}
        refused: dict[int, No] = {}
        for serial_id, (state, *_) in steps.items():
            if serial_id not in holders or holders[serial_id] in leaving:
                one = first.setdefault(keys[serial_id], state)
                if one is not state:
                    refused[serial_id] = self._both(one, state, steps[serial_id])
        stuck = not_freed(
            {serial_id: holder for serial_id, holder in holders.items() if serial_id not in refused},
            leaving - refused.keys(),
        )
        where = where_are(holders[serial_id] for serial_id in stuck)
        for serial_id in stuck:
            state = steps[serial_id].state
            head = f"{state.serial_number} would get its earlier text or item back, which another serial has: "
            head += where[holders[serial_id]]
            refused[serial_id] = plain_refusal(state, MoveRefusal.EXISTS, head, "Correct that one first.")
        return refused

    @staticmethod
    def _key(state: ledger.State, sets: Mapping[str, Any]) -> tuple[int, str]:
        """The item and folded key of a serial with these values."""
        return sets.get("item_id", state.item_id), serial_key(sets.get("serial_number", state.serial_number))

    def _judge(self, state: ledger.State) -> Step | No:
        """What voiding makes of a serial, the others aside."""
        event = self.events.get(state.id)
        if event is None:
            return nothing_to_void(state)
        if state.id in self._refused:
            return self._refused[state.id]
        if self.only is not None and event.document_id != self.only.id:
            return self._moved_on(state, event, self.only)
        sets = self._sets(state, event)
        place = sets.get("location_id", state.location_id)
        here = place_in(self._codes[sets.get("status_id", state.status_id)]) is not PlaceMeaning.LAST
        if place in self._closed and here:
            code = self._closed[place]
            head = f"{state.serial_number} would come back to {code}, which is closed"
            return plain_refusal(state, MoveRefusal.CLOSED, head, f"Open {code} again first.")
        return Step(state, sets, self.reason, event.id)

    def _both(self, first: ledger.State, state: ledger.State, step: Step) -> No:
        """The refusal of the second of two serials that would get one text back."""
        item_id = step.sets.get("item_id", state.item_id)
        both = " and ".join(self._named(each, item_id) for each in (first, state))
        head = f"{both} would both be {step.sets.get('serial_number', state.serial_number)} again"
        return plain_refusal(state, MoveRefusal.EXISTS, head, "Void only one of them, and correct the other.")

    @staticmethod
    def _named(state: ledger.State, item_id: int) -> str:
        """A serial by its text, with its item if that is another one."""
        return state.serial_number + ("" if state.item_id == item_id else f" of {Item.get_by_id(state.item_id).sku}")

    def _moved_on(self, state: ledger.State, event: LastEvent, only: Document) -> No:
        later = self._numbers.get(event.document_id)
        on = f" on {later}" if later else ""
        head = f"{state.serial_number} moved on after {only.number}: it was {done(event.kind)}{on}"
        step = f"Void {later or 'that'} first, or leave it out."
        return plain_refusal(state, MoveRefusal.MOVED_ON, head, step)

    def _sets(self, state: ledger.State, event: LastEvent) -> dict[str, Any]:
        first = event.from_status_id is None
        before: dict[str, Any] = {
            "status_id": self._removed if first else event.from_status_id,
            "location_id": event.from_location_id or state.location_id,
            "customer_id": event.from_customer_id,
            "item_id": event.item_id or state.item_id,
            "serial_number": event.serial_number or state.serial_number,
        }
        for column, (old, new) in {} if first or not event.changes else json.loads(event.changes).items():
            # What somebody changed since stays.
            if ledger.json_value(getattr(state, column)) == new:
                before[column] = _typed(column, old)
        key = tuple((column, value) for column, value in before.items() if getattr(state, column) != value)
        return self._shared.setdefault(key, dict(key))

    def undone(self, steps: Sequence[Step]) -> list[str]:
        """What is undone, and on which document: `Undoes: sold on S-000001.`"""
        events = (self.events[step.state.id] for step in steps)
        counts = Counter((done(event.kind), self._numbers.get(event.document_id)) for event in events)
        named = [
            f"{kind}{f' on {number}' if number else ''}{f' ({count:,})' if len(counts) > 1 else ''}"
            for (kind, number), count in counts.most_common(MOST_UNDONE)
        ]
        more = f" and {len(counts) - MOST_UNDONE:,} more" if len(counts) > MOST_UNDONE else ""
        return [f"Undoes: {', '.join(named)}{more}."]

    def stock_moves(self, steps: Sequence[Step]) -> dict[int, ledger.StockMove]:
        """What voiding does to quantities: what the event gave or took goes back."""
        on_hand = on_hand_ids()
        moves: dict[int, ledger.StockMove] = {}
        for state, sets, *_ in steps:
            if not self.events[state.id].units:
                continue
            now = (state.item_id, state.location_id) if state.status_id in on_hand else None
            after = (sets.get("item_id", state.item_id), sets.get("location_id", state.location_id))
            back = after if sets.get("status_id", state.status_id) in on_hand else None
            if now != back:
                moves[state.id] = ledger.StockMove(now, back)
        return moves


def nothing_to_void(state: ledger.State) -> No:
    """The refusal of a serial of which nothing is left to void."""
    head = f"{state.serial_number} has nothing left to void"
    return plain_refusal(state, MoveRefusal.NOTHING, head, "Look at its history.")


def _typed(column: str, value: Any) -> Any:
    dated = column in ("warranty_start", "warranty_end", "date_received")
    return date.fromisoformat(value) if dated and value is not None else value


def _void(
    unit: Unit,
    restoring: _Restoring,
    states: Sequence[ledger.State],
    source: int | None,
    *,
    skip_errors: bool,
    dry_run: bool,
) -> Moved:
    steps, refused = restoring.plan(states)
    if refused and not (skip_errors and steps):
        raise refusal(refused)
    said = quantity_unknown([step for step in steps if restoring.events[step.state.id].units is None])
    said += restoring.undone(steps) if restoring.only is None else []
    said += _made(source) if restoring.only is not None and restoring.only.kind == DocumentKind.IMPORT else []
    moves = restoring.stock_moves(steps)
    if dry_run:
        return told(not_carried_out(moves), steps, refused, said)
    fields = DocumentFields(restoring.reason, source_document_id=source)
    return told(carry_out(unit, VOID, steps, fields, moves), steps, refused, said)


_MADE: Final = ("item", "location", "customer")
"""Kinds of what an import makes besides serials, in the order in which they are named."""


def _made(document_id: int | None) -> list[str]:
    """What an import made besides serials, which stays."""
    rows = ImportMade.select().where(ImportMade.document == document_id).order_by(ImportMade.name)
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row.name)
    named = [_list_of(kind, by_kind[kind]) for kind in _MADE if kind in by_kind]
    return [f"What the import made besides stays: {'; '.join(named)}."] if named else []


def _list_of(kind: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    return f"the {kind}{'s' if len(names) > 1 else ''} {', '.join(names[:20])}{more}"


# ----- what can be done now


def voidable(actor: Actor, serial_ids: Sequence[int]) -> int:
    """Of how many serials the actor may void the last event now."""
    events = standing(serial_ids)
    return len(events) - len(lacking(actor, events))


def may_void_document(actor: Actor, number: str) -> bool:
    """Whether the actor may void a document now, and something of it is left to void."""
    document = find_document(number)
    if document.kind == DocumentKind.VOID:
        return False
    ids = not_voided(document.id)
    if not ids or may(actor, VOID.permission):
        return bool(ids)
    own = _recent(actor, clock.now()).where(Document.id == document.id).exists()
    return own and all(may(actor, _permission_of(kind)) for kind in _kinds_of(document.id))


def _kinds_of(document_id: int) -> list[str]:
    one = bound.param
    rows = bound.execute_sql(f"SELECT DISTINCT kind FROM serial_events WHERE document_id = {one}", (document_id,))
    return [row[0] for row in rows.fetchall()]


def _refuse_void(document: Document) -> None:
    """Refuse to void a void.

    Raises:
        NotAllowed
    """
    if document.kind == DocumentKind.VOID:
        raise NotAllowed(f"{document.number} is a void, and a void is not voided. Do again what it undid.")

"""The only write path for stock: a serial's state, its events, counts and quantities change together in a transaction.

Callers say what should happen, `verbs` says whether it is allowed, and only this module and `ledger_bulk` write
`serials`, `serial_events`, `serial_counts`, `stock` and `stock_changes`. Functions take many serials; a single one is a
block of one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final, NamedTuple

from models import clock
from models.clock import day, short_time
from models.database import bulk
from models.database.bulk import placeholders
from models.database.unit import Unit
from models.digests import digested
from models.errors import Changed, NotAllowed, NotFound
from models.schema import (
    Serial,
    SerialEvent,
    StockChange,
    bound,
    columns_of,
    is_sqlite,
    moment_value,
    read_date,
    read_moment,
)
from models.statuses import stored_statuses
from models.text import serial_key, sort_key
from models.verbs import (
    BY_KIND,
    VERBS,
    Need,
    PlaceMeaning,
    StatusCode,
    Verb,
    customer_in,
    place_in,
)


def whereabouts(serial_ids: Sequence[int]) -> dict[int, str]:
    """Whereabouts of serials, a phrase for each: `In Stock at DOCK-1 since 2026-03-02`, `Sold to Bergmann AG since …`.

    Sold, lost and scrapped units keep their last place, hence "last at".
    """
    if not serial_ids:
        return {}
    # "Since" is the last event that changed the status, or the first event: a note or a transfer changes none.
    rows = bound.execute_sql(
        "SELECT s.id, t.code, t.label, l.code, c.name, max(e.at) FROM serials s "
        "JOIN statuses t ON t.id = s.status_id JOIN locations l ON l.id = s.location_id "
        "LEFT JOIN customers c ON c.id = s.customer_id "
        "JOIN serial_events e ON e.serial_id = s.id "
        "AND (e.from_status_id IS NULL OR e.from_status_id <> e.to_status_id) "
        f"WHERE s.id IN ({placeholders(len(serial_ids))}) GROUP BY s.id, t.code, t.label, l.code, c.name",
        list(serial_ids),
    )
    return {row[0]: _phrase(*row[1:]) for row in rows.fetchall()}


def so_are(more: int, of: str = "") -> str:
    """` So are 3 more.`, to follow a sentence about the first of several; empty if there are no more."""
    return f" So {'is' if more == 1 else 'are'} {more} more{of}." if more else ""


def _phrase(code: str, label: str, location: str, customer: str | None, since: object) -> str:
    date = day(read_moment(since))
    buyer = f" to {customer}" if customer and customer_in(code) is Need.REQUIRED else ""
    match place_in(code):
        case PlaceMeaning.LAST:
            return f"{label}{buyer} since {date}, last at {location}"
        case PlaceMeaning.DESTINATION:
            return f"{label} to {location} since {date}"
        case PlaceMeaning.HERE:
            return f"{label} at {location} since {date}"


SERIAL_COLUMNS: Final = tuple(columns_of(Serial))
"""Columns of `serials` in schema order; rows to insert have their values in this order."""
_KINDS: Final = {name: field.field_type.replace("AUTO", "INT") for name, field in columns_of(Serial).items()}
"""SQL types of these columns."""
EVENT_DIGESTED: Final = tuple(name for name in columns_of(SerialEvent) if name not in ("id", "digest"))
"""Columns of `serial_events` in schema order, without `id`, which the database assigns, and without the digest, which
is made of these columns in this order. Tuples of events have their values in this order."""
EVENT_COLUMNS: Final = (*EVENT_DIGESTED, "digest")
"""Columns of a row of `serial_events` to insert."""
STOCK_DIGESTED: Final = tuple(name for name in columns_of(StockChange) if name not in ("id", "digest"))
"""Columns of `stock_changes` of which the digest is made."""
STOCK_COLUMNS: Final = (*STOCK_DIGESTED, "digest")
NOTED = ("condition_notes", "warranty_start", "warranty_end", "warranty_void", "date_received")
"""Columns whose changes are recorded in `serial_events.changes`."""
_NOTED: Final = frozenset(NOTED)
_IDENTITY: Final = frozenset(("item_id", "serial_number"))
"""Columns that identify a serial: no two may be equal in both."""
NOTHING_NOTED = ("", None, None, None, None)
"""Values of the `NOTED` columns before the first event of a serial: all empty."""

STOCK_KEY = ("item_id", "location_id")
"""Columns that identify a row of `stock`."""

KEEP: Final = -1
"""Leaves the customer unchanged; None takes the customer away."""


class StockKind(StrEnum):
    """The reason of a change of quantity without an event of a serial; the values are stored."""

    OPENING = "opening"
    """The quantity when the history of quantities began."""
    CREATED = "created"
    """The item was made with this quantity, or with these units without a serial."""


StockChange.kind.words = frozenset(BY_KIND) | frozenset(map(str, StockKind))


@dataclass(frozen=True, slots=True)
class NewSerial:
    """A serial to be created."""

    serial_number: str
    """Clean, see `models.text.clean_serial`."""
    location_id: int
    condition_notes: str = ""
    warranty_start: date | None = None
    warranty_end: date | None = None
    date_received: date | None = None
    """None means today."""
    note: str = ""
    """Note of its first event."""
    scan: str | None = None
    """The barcode, if it contained more than the serial."""


class State(NamedTuple):
    """The current state of a serial, locked in this transaction."""

    id: int
    item_id: int
    serial_number: str
    status_id: int
    location_id: int
    customer_id: int | None
    condition_notes: str
    warranty_start: date | None
    warranty_end: date | None
    warranty_void: str | None
    date_received: date | None
    version: int


@dataclass(slots=True)
class Block:
    """Rows that are written together."""

    serials: list[tuple[Any, ...]] = field(default_factory=list)
    """Values in the order of `SERIAL_COLUMNS`."""
    events: list[tuple[Any, ...]] = field(default_factory=list)
    """Values in the order of `EVENT_DIGESTED`."""
    stock_changes: list[tuple[Any, ...]] = field(default_factory=list)
    """Values in the order of `STOCK_DIGESTED`."""


def add(
    unit: Unit,
    item_id: int,
    entries: Sequence[NewSerial],
    *,
    verb: Verb = VERBS["add"],
    document_id: int | None = None,
    note: str = "",
    units: int = 0,
) -> list[int]:
    """Create serials of one item, In Stock, each with its first event; a removed one comes back with its history.

    Stock quantities are not changed.

    Args:
        note: note of the first event of entries without their own.
        units: what the caller adds to the quantity with each of them, by `add_stocks`: 1 or 0.

    Returns:
        Their ids, in the order of `entries`.

    Raises:
        peewee.IntegrityError: the item already has one of them.
    """
    status_id = status_ids()[StatusCode.IN_STOCK]
    ids: list[int] = []
    some_removed = has_removed([item_id])  # seldom: then a look for them in each block is saved
    for part in bulk.blocks(entries):
        keyed = {serial_key(entry.serial_number): entry for entry in part}
        back = lock_removed([(item_id, key) for key in keyed]) if some_removed else {}
        made = {key: entry for key, entry in keyed.items() if (item_id, key) not in back}
        new_ids = dict(zip(made, bulk.reserve_ids("serials", len(made)), strict=True))
        first = (verb.kind, *_actor_values(unit), document_id)
        write_block(_first_events(item_id, status_id, made, new_ids, first, note, units))
        for location_id, number in Counter(entry.location_id for entry in made.values()).items():
            count(unit, (item_id, location_id, status_id), number)
        changes = [
            _returning(state, keyed[key], status_id, keyed[key].note or note, units) for (_, key), state in back.items()
        ]
        apply(unit, verb, changes, document_id=document_id)
        ids += [back[item_id, key].id if (item_id, key) in back else new_ids[key] for key in keyed]
    return ids


def _first_events(
    item_id: int,
    status_id: int,
    made: Mapping[str, NewSerial],
    ids: Mapping[str, int],
    first: tuple[Any, ...],
    note: str,
    units: int,
) -> Block:
    """The rows of new serials and their first events, by folded key."""
    block, today = Block(), clock.today()
    changes_of = cache(partial(changes_text, NOTHING_NOTED))  # most entries have the same values
    # In the order of `SERIAL_COLUMNS` and of `EVENT_DIGESTED`, as in `apply`; plain tuples, for they are made by the
    # hundred thousand.
    for key, entry in made.items():
        received = entry.date_received or today
        noted = (entry.condition_notes, entry.warranty_start, entry.warranty_end, None, received)
        identity = (item_id, entry.serial_number)
        block.serials.append((ids[key], *identity, key, sort_key(key), status_id, entry.location_id, None, *noted, 1))
        block.events.append(
            (ids[key], 1, *first, *identity, None, status_id, None, entry.location_id, None, None)
            + (changes_of(noted), entry.note or note, entry.scan, units, None, "")
        )
    return block


def _returning(state: State, entry: NewSerial, status_id: int, note: str, units: int) -> SerialChange:
    noted = (entry.condition_notes, entry.warranty_start, entry.warranty_end)
    return SerialChange(
        state, values_on_return(status_id, entry.location_id, None, noted), note, units, scan=entry.scan
    )


def has_removed(item_ids: Sequence[int]) -> bool:
    """Whether one of these items has removed serials."""
    for part in bulk.blocks(item_ids):
        found = bound.execute_sql(
            "SELECT 1 FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
            f"WHERE c.serials > 0 AND t.code = {bound.param} AND c.item_id IN ({placeholders(len(part))}) LIMIT 1",
            [StatusCode.REMOVED, *part],
        )
        if found.fetchone() is not None:
            return True
    return False


def lock_removed(keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], State]:
    """Lock the removed serials with these (item id, folded key), so that they can be brought back."""
    found: dict[tuple[int, str], State] = {}
    wanted = set(keys)
    for part in bulk.blocks(sorted({key for _, key in keys})):
        rows = bound.execute_sql(
            f"SELECT {', '.join(f's.{name}' for name in State._fields)}, s.serial_key FROM serials s "
            "JOIN statuses t ON t.id = s.status_id "
            f"WHERE t.code = {bound.param} AND s.serial_key IN ({placeholders(len(part))}) ORDER BY s.id"
            + ("" if is_sqlite() else " FOR UPDATE OF s"),
            [StatusCode.REMOVED, *part],
        )
        for *values, key in rows.fetchall():
            state = state_of(values)
            if (state.item_id, key) in wanted:
                found[state.item_id, key] = state
    return found


def values_on_return(status_id: int, location_id: int, customer_id: int | None, noted: Sequence[Any]) -> dict[str, Any]:
    """New values of a removed serial that comes back: nothing but its text and date received is as it was.

    Args:
        noted: condition notes, and first and last day of the warranty.
    """
    new = {"status_id": status_id, "location_id": location_id, "customer_id": customer_id, "warranty_void": None}
    return new | dict(zip(NOTED[:3], noted, strict=True))


def write_block(block: Block) -> None:
    """Insert new serials, events and stock changes; the caller counts them.

    Serials are inserted in key order, so that concurrent writers of the same keys wait in line instead of deadlocking.
    """
    block.serials.sort(key=lambda row: (row[1], row[3]))  # item id and folded key
    bulk.insert("serials", SERIAL_COLUMNS, block.serials)
    bulk.insert("serial_events", EVENT_COLUMNS, digested(block.events))
    bulk.insert("stock_changes", STOCK_COLUMNS, digested(block.stock_changes))


def lock(serial_ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[State]:
    """Read serials and lock them until the transaction ends; each once, in the order given.

    Args:
        versions: the versions that the person saw, by serial id; None skips the check.

    Raises:
        NotFound: one of them does not exist.
        Changed: one of them has another version; see `changed`. `details["versions"]` are the present versions, by id,
            of all those that have another one.
    """
    # SQLite needs no row locks: it has one writer at a time.
    found = states(serial_ids, " FOR UPDATE" if not is_sqlite() else "")
    seen = versions or {}
    if stale := [state for state in found if seen.get(state.id, state.version) != state.version]:
        raise _all_changed(stale, seen)
    return found


def states(serial_ids: Sequence[int], lock: str = "") -> list[State]:
    """Read serials; each once, in the order given.

    Args:
        lock: clause that locks the rows.

    Raises:
        NotFound: one of them does not exist.
    """
    found: dict[int, State] = {}
    for part in bulk.blocks(sorted(set(serial_ids))):  # in id order, so that two writers cannot deadlock
        those, ids = bulk.one_of("id", part)
        rows = bound.execute_sql(f"SELECT {', '.join(State._fields)} FROM serials WHERE {those} ORDER BY id{lock}", ids)
        found.update((state.id, state) for state in map(state_of, rows.fetchall()))
    for serial_id in serial_ids:
        if serial_id not in found:
            raise NotFound("The serial is not there any more. Look for it again.", serial_id=serial_id)
    return [found[serial_id] for serial_id in dict.fromkeys(serial_ids)]


def state_of(row: Sequence[Any]) -> State:
    """The state of a serial from its columns, in the order of `State`."""
    *before, start, end, void, received, version = row
    return State._make((*before, read_date(start), read_date(end), void, read_date(received), version))


class SerialChange(NamedTuple):
    """A change of one serial, which is locked in this transaction."""

    state: State
    sets: Mapping[str, Any]
    """New values of its columns; `serial_number` brings its keys along."""
    note: str = ""
    units: int = 0
    """Units by which the caller changes quantities with it, see `SerialEvent.units`."""
    reference: str = ""
    voids_id: int | None = None
    """The event that this one undoes."""
    scan: str | None = None


def change(
    unit: Unit,
    states: Sequence[State],
    verb: Verb,
    *,
    status_id: int | None = None,
    location_id: int | None = None,
    customer_id: int | None = KEEP,
    fields: Mapping[str, Any] | None = None,
    document_id: int | None = None,
    note: str = "",
) -> None:
    """Make the same change to all serials in `states`, locked by `lock` in this transaction; no quantity changes.

    Args:
        status_id: the new status; None keeps the status.
        location_id: the new location; None keeps it.
        customer_id: the new customer; KEEP keeps it, None removes it.
        fields: new values of `NOTED` columns.

    Raises:
        NotAllowed: the verb does not allow the change for one of them.
    """
    check_moves(states, verb, status_id)
    sets: dict[str, Any] = dict(fields or {})
    if status_id is not None:
        sets["status_id"] = status_id
    if location_id is not None:
        sets["location_id"] = location_id
    if customer_id != KEEP:
        sets["customer_id"] = customer_id
    apply(unit, verb, [SerialChange(state, sets, note) for state in states], document_id=document_id)


def apply(unit: Unit, verb: Verb, changes: Sequence[SerialChange], *, document_id: int | None = None) -> None:
    """Change serials that are locked in this transaction, each in its own way, and write one event for each.

    The caller has found that the verb allows it, and writes what `SerialChange.units` says by `add_stocks`. A block
    takes a few statements, whatever its serials have in common. Serials may take over each other's texts.
    """
    common = (verb.kind, *_actor_values(unit), document_id)
    made_room = _make_room(changes)
    noted_text = cache(changes_text)  # most serials change in the same way
    for part in bulk.blocks(changes):
        _update(part, with_texts=made_room)
        events: list[tuple[Any, ...]] = []
        left: Counter[tuple[int, int, int]] = Counter()
        entered: Counter[tuple[int, int, int]] = Counter()
        for one in part:
            state, now = one.state, one.sets.get
            status, place = now("status_id", state.status_id), now("location_id", state.location_id)
            item, text = now("item_id", state.item_id), now("serial_number", state.serial_number)
            # In the order of `EVENT_DIGESTED`, as in `_first_events`.
            events.append(
                (state.id, state.version + 1, *common, item, text)
                + (state.status_id, status, state.location_id, place)
                + (state.customer_id, now("customer_id", state.customer_id))
                + (_noted(one, noted_text), one.note, one.scan, one.units, one.voids_id, one.reference)
            )
            left[state.item_id, state.location_id, state.status_id] += 1
            entered[item, place, status] += 1
        bulk.insert("serial_events", EVENT_COLUMNS, digested(events))
        for key in left.keys() | entered.keys():
            if number := entered[key] - left[key]:
                count(unit, key, number)


def _make_room(changes: Sequence[SerialChange]) -> bool:
    """Free the texts that some of these serials take over from others of them; returns whether there were any.

    Whatever the order of writing, two would have one text for a moment, which the database refuses. A key with a blank
    is nobody's.
    """
    renamed = [one for one in changes if not _IDENTITY.isdisjoint(one.sets)]
    held = {(one.state.item_id, serial_key(one.state.serial_number)): one.state.id for one in renamed}
    # Only those that lose their text themselves: any other holder is left to the unique constraint.
    in_the_way: set[int] = set()
    for one in renamed:
        now, state = one.sets.get, one.state
        holder = held.get((now("item_id", state.item_id), serial_key(now("serial_number", state.serial_number))))
        if holder is not None and holder != state.id:
            in_the_way.add(holder)
    for part in bulk.blocks(sorted(in_the_way)):
        those, ids = bulk.one_of("id", part)
        bound.execute_sql(f"UPDATE serials SET serial_key = ' ' || id WHERE {those}", ids)
    return bool(in_the_way)


def _noted(one: SerialChange, text: Callable[[Sequence[Any], Sequence[Any]], str | None]) -> str | None:
    """The `changes` of an event, by a cached `changes_text`."""
    if _NOTED.isdisjoint(one.sets):
        return None
    before = tuple(getattr(one.state, column) for column in NOTED)
    return text(before, tuple(one.sets.get(column, value) for column, value in zip(NOTED, before, strict=True)))


def _update(changes: Sequence[SerialChange], *, with_texts: bool) -> None:
    """Write the new values of a block of serials.

    Args:
        with_texts: write the texts of all, also where they stay.
    """
    alike = {id(one.sets): one.sets for one in changes}
    always = ("serial_number",) if with_texts else ()
    columns = sorted({column for sets in alike.values() for column in sets}.union(always))
    if not changes:
        return
    # By far the most frequent: all of them get the same values, and keep their texts.
    if len(alike) == 1 and "serial_number" not in columns:
        (sets,) = alike.values()
        clause = "".join(f"{column} = {bound.param}, " for column in columns)
        those, ids = bulk.one_of("id", [one.state.id for one in changes])
        bound.execute_sql(
            f"UPDATE serials SET {clause}version = version + 1 WHERE {those}",
            [*(sets[column] for column in columns), *ids],
        )
        return
    rows = [[one.sets.get(column, getattr(one.state, column)) for column in columns] for one in changes]
    if "serial_number" in columns:
        _write_aliases(changes)
        keys = [serial_key(row[columns.index("serial_number")]) for row in rows]
        columns += ["serial_key", "sort_key"]
        rows = [[*row, key, sort_key(key)] for row, key in zip(rows, keys, strict=True)]
    rows = [[*row, one.state.version + 1, one.state.id] for row, one in zip(rows, changes, strict=True)]
    bulk.update("serials", {column: _KINDS[column] for column in (*columns, "version", "id")}, rows)


_ALIAS_KINDS: Final = {"serial_id": "bigint", "alias_key": "text", "serial_number": "text"}
"""SQL types of the columns of `serial_aliases`."""


def _write_aliases(changes: Sequence[SerialChange]) -> None:
    """Keep the texts that serials lose, by which they are still found, and drop those that they get back."""
    kept: list[tuple[int, str, str]] = []
    back: list[tuple[int, str]] = []
    for one in changes:
        old, new = one.state.serial_number, one.sets.get("serial_number", one.state.serial_number)
        if serial_key(old) != serial_key(new):  # texts of one key find each other anyway
            kept.append((one.state.id, serial_key(old), old))
            back.append((one.state.id, serial_key(new)))
    into = f"INSERT INTO serial_aliases ({', '.join(_ALIAS_KINDS)})"
    # The deletions first: a serial that gets an earlier text back no longer has it as an alias.
    if is_sqlite():
        bulk.each("DELETE FROM serial_aliases WHERE serial_id = ? AND alias_key = ?", back)
        bulk.each(f"{into} VALUES (?, ?, ?) ON CONFLICT (serial_id, alias_key) DO NOTHING", kept)
    elif kept:
        source, values = bulk.arrays({key: _ALIAS_KINDS[key] for key in ("serial_id", "alias_key")}, back)
        same = "a.serial_id = v.serial_id AND a.alias_key = v.alias_key"
        bound.execute_sql(f"DELETE FROM serial_aliases a USING {source} AS v WHERE {same}", values)
        source, values = bulk.arrays(_ALIAS_KINDS, kept)
        bound.execute_sql(f"{into} SELECT * FROM {source} AS v ON CONFLICT (serial_id, alias_key) DO NOTHING", values)


def check_moves(states: Sequence[State], verb: Verb, status_id: int | None = None) -> None:
    """Refuse serials for which the verb is not allowed, naming the first and how many more there are.

    Args:
        status_id: the status after the verb; None keeps each status.

    Raises:
        NotAllowed
    """
    statuses = stored_statuses()
    refused = [
        state
        for state in states
        if not verb.allows(statuses[state.status_id], statuses[state.status_id if status_id is None else status_id])
    ]
    if not refused:
        return
    first = refused[0]
    more = f" Nor can {len(refused) - 1} more." if len(refused) > 1 else ""
    where, status = whereabouts([first.id])[first.id], statuses[first.status_id].code
    raise NotAllowed(
        verb.refuses(first.serial_number, where, status, more),
        serial_id=first.id,
        serial_ids=[state.id for state in refused],
    )


def add_stocks(
    unit: Unit, units: Mapping[tuple[int, int], int], kind: str, *, reason: str = "", document_id: int | None = None
) -> None:
    """Add units to quantities, and record why.

    Args:
        units: by (item id, location id); a negative number removes units.
        kind: the kind of the serials' events, or a `StockKind`.
        reason: why, in a person's words.
        document_id: the document of those events.
    """
    bulk.add_to("stock", STOCK_KEY, "on_hand", dict[tuple[int, ...], int](units.items()))
    if not unit.stock_changes:
        unit.at_end.append(lambda: _write_stock_changes(unit))
    for key, number in units.items():
        unit.stock_changes[*key, kind, reason, document_id] += number


def _write_stock_changes(unit: Unit) -> None:
    who = _actor_values(unit)
    changes = sorted(unit.stock_changes.items(), key=lambda change: change[0][:2])  # by item and location
    rows = [(*who, *key[:2], units, *key[2:]) for key, units in changes if units]
    bulk.insert("stock_changes", STOCK_COLUMNS, digested(rows))


class StockMove(NamedTuple):
    """A unit of quantity that comes, goes or moves along with a serial; keys are (item id, location id)."""

    source: tuple[int, int] | None
    """The quantity from which it is taken, if there is one; None if it comes from outside."""
    target: tuple[int, int] | None
    """The quantity to which it is added; None if it leaves."""


def units_of(moves: Sequence[StockMove]) -> list[int]:
    """Lock the quantities of these moves, and find the units of each: 1 comes or moves along, -1 leaves, 0 neither.

    A quantity never falls below zero: a serial finds no unit where none is left. The moves are looked at in order: what
    one brings to a place, a later one can take from there. Nothing is written.
    """
    # Sources and targets are locked together in key order, so that opposite transfers cannot deadlock.
    affected = {key for move in moves for key in move if key is not None}
    there = Counter(bulk.lock("stock", STOCK_KEY, "on_hand", affected))
    found: list[int] = []
    for source, target in moves:
        # One that comes from outside brings a unit along; any other only if there is one where it stands.
        units = int(source is None or there[source] > 0)
        if source is not None:
            there[source] -= units
        if target is not None:
            there[target] += units
        found.append(units if target is not None else -units)
    return found


def amounts_of(moves: Sequence[StockMove], units: Sequence[int]) -> Counter[tuple[int, int]]:
    """The changes of quantities by moves, by key, for `add_stocks`.

    Args:
        units: the result of `units_of`.
    """
    amounts: Counter[tuple[int, int]] = Counter()
    for (source, target), number in zip(moves, units, strict=True):
        if source is not None:
            amounts[source] -= abs(number)
        if target is not None:
            amounts[target] += number
    return amounts


def count(unit: Unit, key: tuple[int, ...], number: int) -> None:
    """Add `number` to the count of serials of (item, location, status). Written at the end of the unit.

    All writers of an item share these rows, so they are locked as late and as briefly as possible.
    """
    if not unit.counts:
        unit.at_end.append(lambda: _write_counts(unit.counts))
    unit.counts[key] += number


def _write_counts(counts: Counter[tuple[int, ...]]) -> None:
    bulk.add_to("serial_counts", ("item_id", "location_id", "status_id"), "serials", dict(counts))


def changes_text(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The JSON of the `NOTED` columns that differ; None if none differs."""
    differing = {
        column: [json_value(old), json_value(new)]
        for column, old, new in zip(NOTED, before, after, strict=True)
        if old != new
    }
    return json.dumps(differing, ensure_ascii=False, separators=(",", ":")) if differing else None


def status_ids() -> dict[str, int]:
    """Status ids by code.

    Raises:
        WrongValueError: a row is damaged.
    """
    return {status.code: status.id for status in stored_statuses().values()}


def json_value(value: Any) -> Any:
    """A value of a `NOTED` column as JSON has it: dates are ISO texts."""
    return value.isoformat() if isinstance(value, date) else value


def _actor_values(unit: Unit) -> tuple[Any, ...]:
    return (moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id)


MOST_CHANGES_NAMED: Final = 3
"""Number of changes of one serial that a refusal names, the last ones."""


def changed(states: Sequence[State], seen: Mapping[int, int]) -> list[Changed]:
    """The edit conflict of each serial: a refusal with the changes since the person saw it, by whom and when.

    Args:
        states: as they are now.
        seen: the versions that the person saw, by serial id.
    """
    since: dict[int, list[_UnseenEvent]] = {}
    for part in bulk.blocks([state.id for state in states], 500):
        rows = bound.execute_sql(
            "SELECT e.serial_id, e.number, e.kind, e.at, u.login, s.code, "
            "CASE WHEN e.from_location_id <> e.to_location_id THEN l.code END, "
            "CASE WHEN coalesce(e.from_customer_id, 0) <> e.to_customer_id THEN c.name END, "
            "CASE WHEN p.serial_number <> e.serial_number THEN e.serial_number END, "
            "CASE WHEN p.item_id <> e.item_id THEN i.sku END FROM serial_events e "
            "JOIN users u ON u.id = e.user_id JOIN statuses s ON s.id = e.to_status_id "
            "JOIN locations l ON l.id = e.to_location_id JOIN items i ON i.id = e.item_id "
            "LEFT JOIN customers c ON c.id = e.to_customer_id "
            "LEFT JOIN serial_events p ON p.serial_id = e.serial_id AND p.number = e.number - 1 "
            f"WHERE e.serial_id IN ({placeholders(len(part))}) AND e.number > {bound.param} "
            "ORDER BY e.serial_id, e.number",
            [*part, min(seen[serial_id] for serial_id in part)],
        )
        for serial_id, number, kind, at, *rest in rows.fetchall():
            if number > seen[serial_id]:
                event = _UnseenEvent(SerialEvent.kind.known(kind), read_moment(at), *rest)
                since.setdefault(serial_id, []).append(event)
    return [_changed(state, since.get(state.id, ())) for state in states]


class _UnseenEvent(NamedTuple):
    """An event of a serial that somebody has not seen; values that did not change are None."""

    kind: str
    at: datetime
    login: str
    status: str
    place: str | None
    customer: str | None
    text: str | None
    sku: str | None

    @property
    def sentence(self) -> str:
        """The event without its serial: `was sold to Bergmann AG by dock2 at 14:02`."""
        verb = BY_KIND[self.kind]
        words = [f"{verb.happened}, {self.sku}," if self.sku else verb.happened]
        if self.kind != VERBS["void"].kind:  # it gives back all that the event before it changed
            whom = "for" if self.status == StatusCode.RESERVED else "to"
            words += [f"{whom} {self.customer}"] if self.customer else []
            words += [f"to {self.text}"] if self.text else []
            words += [f"{'to' if verb.destination else 'at'} {self.place}"] if self.place else []
        return f"{' '.join(words)} by {self.login} at {short_time(self.at)}"


def _changed(state: State, since: Sequence[_UnseenEvent]) -> Changed:
    last = since[-1] if since else None
    said = ", then ".join(event.sentence for event in since[-MOST_CHANGES_NAMED:]) or "was changed"
    earlier = len(since) - MOST_CHANGES_NAMED
    more = f", with {earlier:,} other change{'s' if earlier > 1 else ''} before" if earlier > 0 else ""
    return Changed(
        f"{state.serial_number} {said}{more}, after you looked at it. Look again and repeat.",
        serial_id=state.id,
        by=last.login if last else None,
        at=last.at if last else None,
        versions={state.id: state.version},
    )


def changed_too(more: int) -> str:
    """A sentence about further serials that somebody changed."""
    return f" {more:,} more {'was' if more == 1 else 'were'} changed too."


def _all_changed(stale: Sequence[State], seen: Mapping[int, int]) -> Changed:
    """The edit conflict of the first of these serials, with the number of the others."""
    (first,) = changed(stale[:1], seen)
    head, _, step = first.message.rpartition(". ")  # the others are named before what to do next
    more = changed_too(len(stale) - 1) if len(stale) > 1 else ""
    return Changed(f"{head}.{more} {step}", **{**first.details, "versions": {one.id: one.version for one in stale}})

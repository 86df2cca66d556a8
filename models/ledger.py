"""The only write path for stock: a serial's state, its events, counts and quantities change together in a transaction.

Callers say what should happen, `verbs` says whether it is allowed, and only this module and `ledger_bulk` write
`serials`, `serial_events`, `serial_counts` and `stock`. Functions take many serials; a single one is a block of one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final, NamedTuple

from models import clock
from models.database import bulk
from models.database.bulk import placeholders
from models.database.unit import Unit
from models.errors import Changed, NotAllowed, NotFound
from models.schema import (
    Serial,
    SerialEvent,
    Status,
    User,
    bound,
    columns_of,
    is_sqlite,
    moment_value,
    read_date,
    read_moment,
)
from models.text import serial_key, sort_key
from models.verbs import VERBS, Need, PlaceMeaning, StatusCode, Verb, customer_in, place_in


def whereabouts(serial_ids: Sequence[int]) -> dict[int, str]:
    """A phrase for each serial: `In Stock at DOCK-1 since 2026-03-02`, `Sold to Bergmann AG since …, last at …`.

    Sold, lost and scrapped units keep their last place, hence "last at".
    """
    if not serial_ids:
        return {}
    # "Since" is the last event that changed the status, or the first event.
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


def day(moment: datetime) -> str:
    """The local date of a timestamp, ISO."""
    return moment.astimezone().date().isoformat()


def clock_time(moment: datetime) -> str:
    """The local time and date of a timestamp: `10:42 on 2026-03-02`."""
    return f"{moment.astimezone():%H:%M} on {day(moment)}"


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
EVENT_COLUMNS: Final = tuple(name for name in columns_of(SerialEvent) if name != "id")
"""Columns of `serial_events` in schema order, without `id`, which the database assigns."""
NOTED = ("condition_notes", "warranty_start", "warranty_end", "warranty_void", "date_received")
"""Columns whose changes are recorded in `serial_events.changes`."""
NOTHING_NOTED = ("", None, None, None, None)
"""Values of the `NOTED` columns before the first event of a serial: all empty."""

STOCK_KEY = ("item_id", "location_id")

KEEP: Final = -1
"""Leave the customer unchanged."""


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
    """Values in the order of `EVENT_COLUMNS`."""


def add(
    unit: Unit,
    item_id: int,
    entries: Sequence[NewSerial],
    *,
    verb: Verb = VERBS["add"],
    document_id: int | None = None,
    note: str = "",
) -> list[int]:
    """Create serials of one item, In Stock, each with its first event. Stock quantities are not changed.

    Args:
        note: note of the first event of entries without their own.

    Returns:
        Their ids, in the order of `entries`.

    Raises:
        peewee.IntegrityError: the item already has one of them.
    """
    status_id, who, today = status_ids()[StatusCode.IN_STOCK], _who(unit), clock.today()
    changes_of = cache(partial(changes_text, NOTHING_NOTED))  # most entries have the same values
    ids: list[int] = []
    for entries_block in bulk.blocks(entries):
        block = Block()
        block_ids = bulk.reserve_ids("serials", len(entries_block))
        for serial_id, entry in zip(block_ids, entries_block, strict=True):
            key = serial_key(entry.serial_number)
            received = entry.date_received or today
            noted = (entry.condition_notes, entry.warranty_start, entry.warranty_end, None, received)
            identity = (item_id, entry.serial_number)
            block.serials.append(
                (serial_id, *identity, key, sort_key(key), status_id, entry.location_id, None, *noted, 1)
            )
            said = (changes_of(noted), entry.note or note, entry.scan)
            block.events.append(
                (serial_id, 1, verb.kind, *who, document_id, *identity)
                + (None, status_id, None, entry.location_id, None, None, *said)
            )
        for location_id, number in Counter(entry.location_id for entry in entries_block).items():
            count(unit, (item_id, location_id, status_id), number)
        write_block(block)
        ids += block_ids
    return ids


def write_block(block: Block) -> None:
    """Insert new serials and events; the caller counts them.

    Serials are inserted in key order, so that concurrent writers of the same keys wait in line instead of deadlocking.
    """
    block.serials.sort(key=lambda row: (row[1], row[3]))
    bulk.insert("serials", SERIAL_COLUMNS, block.serials)
    bulk.insert("serial_events", EVENT_COLUMNS, block.events)


def lock(serial_ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[State]:
    """Read serials and lock them until the transaction ends; each once, in the order given.

    Args:
        versions: the versions that the person saw, by serial id; None skips the check.

    Raises:
        NotFound: one of them does not exist.
        Changed: one of them has another version; `details["by"]` and `details["at"]` say who and when.
    """
    found: dict[int, State] = {}
    # Locked in id order, so that two writers cannot deadlock. SQLite needs no row locks: it has one writer at a time.
    for ids in bulk.blocks(sorted(set(serial_ids))):
        rows = bound.execute_sql(
            f"SELECT {', '.join(State._fields)} FROM serials WHERE id IN ({bulk.placeholders(len(ids))}) ORDER BY id"
            + ("" if is_sqlite() else " FOR UPDATE"),
            ids,
        )
        for state in map(State._make, rows.fetchall()):
            found[state.id] = state._replace(
                warranty_start=read_date(state.warranty_start),
                warranty_end=read_date(state.warranty_end),
                date_received=read_date(state.date_received),
            )
    for serial_id in serial_ids:
        if serial_id not in found:
            raise NotFound("The serial is not there any more. Look for it again.", serial_id=serial_id)
        state = found[serial_id]
        if versions and versions.get(serial_id, state.version) != state.version:
            raise _changed(state)
    return [found[serial_id] for serial_id in dict.fromkeys(serial_ids)]


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
    """Make the same change to all serials in `states`, locked by `lock` in this transaction; write one event for each.

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
    clause = "".join(f"{column} = {bound.param}, " for column in sets)
    for part in bulk.blocks(states):
        bound.execute_sql(
            f"UPDATE serials SET {clause}version = version + 1 WHERE id IN ({bulk.placeholders(len(part))})",
            [*sets.values(), *(state.id for state in part)],
        )
        events: list[tuple[Any, ...]] = []
        for state in part:
            status = status_id if status_id is not None else state.status_id
            place = location_id if location_id is not None else state.location_id
            customer = state.customer_id if customer_id == KEEP else customer_id
            before = tuple(getattr(state, column) for column in NOTED)
            after = tuple(sets.get(column, value) for column, value in zip(NOTED, before, strict=True))
            events.append(
                (state.id, state.version + 1, verb.kind, *_who(unit), document_id, state.item_id, state.serial_number)
                + (state.status_id, status, state.location_id, place, state.customer_id, customer)
                + (changes_text(before, after), note, None)
            )
            if (status, place) != (state.status_id, state.location_id):
                count(unit, (state.item_id, state.location_id, state.status_id), -1)
                count(unit, (state.item_id, place, status), 1)
        bulk.insert("serial_events", EVENT_COLUMNS, events)


def check_moves(states: Sequence[State], verb: Verb, status_id: int | None = None) -> None:
    """Refuse serials for which the verb is not allowed, naming the first and how many more there are.

    Args:
        status_id: the status after the verb; None keeps each status.

    Raises:
        NotAllowed
    """
    statuses = {status.id: status for status in Status.select()}
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


def add_stock(item_id: int, location_id: int, units: int) -> None:
    """Add units to the quantity of an item at a location; a negative number removes units."""
    add_stocks({(item_id, location_id): units})


def add_stocks(units: Mapping[tuple[int, ...], int]) -> None:
    """Add units to quantities, by (item id, location id)."""
    bulk.add_to("stock", STOCK_KEY, "on_hand", units)


def move_stock(units: Mapping[tuple[int, int], int], to_location_id: int) -> int:
    """Move quantities to another location, at most what each source has; the total of each item stays the same.

    Args:
        units: number of units by (item id, source location id).

    Returns:
        The number of units moved; fewer than requested if a source has fewer.
    """
    # Sources and destination are locked together in key order, so that opposite transfers cannot deadlock.
    affected = units.keys() | {(item_id, to_location_id) for item_id, _ in units}
    there = bulk.lock("stock", STOCK_KEY, "on_hand", affected)
    amounts: Counter[tuple[int, ...]] = Counter()
    moved = 0
    for (item_id, location_id), wanted in units.items():
        number = min(wanted, there.get((item_id, location_id), 0))
        amounts[item_id, location_id] -= number
        amounts[item_id, to_location_id] += number
        moved += number
    bulk.add_to("stock", STOCK_KEY, "on_hand", amounts)
    return moved


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
        column: [_plain(old), _plain(new)] for column, old, new in zip(NOTED, before, after, strict=True) if old != new
    }
    return json.dumps(differing, ensure_ascii=False, separators=(",", ":")) if differing else None


def status_ids() -> dict[str, int]:
    """Status ids by code."""
    return {status.code: status.id for status in Status.select()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _who(unit: Unit) -> tuple[Any, ...]:
    return (moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id)


def _changed(state: State) -> Changed:
    ((at, login),) = (
        SerialEvent.select(SerialEvent.at, User.login)
        .join(User, on=SerialEvent.user)
        .where(SerialEvent.serial == state.id)
        .order_by(SerialEvent.number.desc())
        .limit(1)
        .tuples()
        .execute()
    )
    return Changed(
        f"{state.serial_number} was changed meanwhile, by {login} at {clock_time(at)}; it is now "
        f"{whereabouts([state.id])[state.id]}. Look again and repeat.",
        serial_id=state.id,
        by=login,
        at=at,
    )


class Warranty(StrEnum):
    """The warranty state; the values are part of the public interface."""

    NONE = "none"
    ACTIVE = "active"
    EXPIRED = "expired"
    VOID = "void"


LABELS = {
    Warranty.NONE: "no warranty",
    Warranty.ACTIVE: "under warranty",
    Warranty.EXPIRED: "expired",
    Warranty.VOID: "void",
}
"""Warranty states in words; the serial list shows void as no warranty."""


def warranty_status(start: date | None, end: date | None, void: str | None, day: date) -> Warranty:
    """The warranty state on a day. The end day is still active; before the start day there is no warranty."""
    if end is None:
        return Warranty.NONE
    if void is not None:
        return Warranty.VOID
    if day > end:
        return Warranty.EXPIRED
    return Warranty.NONE if start is not None and day < start else Warranty.ACTIVE

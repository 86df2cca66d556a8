"""The one write path: a serial's state, its events and the quantities beside it, together, in one transaction.

Operations say what should happen, `verbs` says whether it may, and this module alone writes `serials`,
`serial_events`, `serial_counts` and `stock`. All of it takes blocks; a single serial is a block of one.
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
    """For each serial a phrase: `In Stock at DOCK-1 since 2026-03-02`, `Sold to Bergmann AG since …, last at …`.

    Sold, lost and scrapped units keep their last place, so theirs is called that.
    """
    if not serial_ids:
        return {}
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
    """The date of a moment where the program runs, ISO."""
    return moment.astimezone().date().isoformat()


def clock_time(moment: datetime) -> str:
    """The time of day and the date of a moment where the program runs: `10:42 on 2026-03-02`."""
    return f"{moment.astimezone():%H:%M} on {day(moment)}"


def so_are(more: int, of: str = "") -> str:
    """` So are 3 more.`, to follow a sentence about the first of several; empty where there are no more."""
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
"""In the order of the schema, in which rows give their values too."""
EVENT_COLUMNS: Final = tuple(name for name in columns_of(SerialEvent) if name != "id")
"""The database numbers events."""
NOTED = ("condition_notes", "warranty_start", "warranty_end", "warranty_void", "date_received")
"""Columns whose changes stand in `serial_events.changes`; a new serial has them empty before."""
NOTHING_NOTED = ("", None, None, None, None)
"""Those of a serial before its first event."""

STOCK_KEY = ("item_id", "location_id")

KEEP: Final = -1
"""For a customer: leave it as it is."""


@dataclass(frozen=True, slots=True)
class NewSerial:
    """A serial to be made."""

    serial_number: str
    """Clean, see `serial_text.clean_serial`."""
    location_id: int
    condition_notes: str = ""
    warranty_start: date | None = None
    warranty_end: date | None = None
    date_received: date | None = None
    """None is today."""
    note: str = ""
    """For its first event."""
    scan: str | None = None
    """The barcode it came from, where that said more than the serial."""


class State(NamedTuple):
    """A serial as it stands, locked for this transaction."""

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
    """As `SERIAL_COLUMNS`."""
    events: list[tuple[Any, ...]] = field(default_factory=list)
    """As `EVENT_COLUMNS`."""


def add(
    unit: Unit,
    item_id: int,
    entries: Sequence[NewSerial],
    *,
    verb: Verb = VERBS["add"],
    document_id: int | None = None,
    note: str = "",
) -> list[int]:
    """Make serials of one item, In Stock, each with its first event.

    Returns:
        Their ids, in the order of `entries`.

    Raises:
        peewee.IntegrityError: the item has one of them already.
    """
    status_id, who, today = status_ids()[StatusCode.IN_STOCK], _who(unit), clock.today()
    changes_of = cache(partial(changes_text, NOTHING_NOTED))  # most are noted alike
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
    """Write new serials and events; the caller has counted them. Rows go in by key, so that writers queue in a line."""
    block.serials.sort(key=lambda row: (row[1], row[3]))
    bulk.insert("serials", SERIAL_COLUMNS, block.serials)
    bulk.insert("serial_events", EVENT_COLUMNS, block.events)


def lock(serial_ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[State]:
    """Read serials for a change, each once, in the order given; until the transaction ends nobody else can change them.

    Args:
        versions: what the person looked at, by id; a serial that has moved on since is refused.

    Raises:
        NotFound: there is no such serial.
        Changed: one of them is at another version; `details["by"]` and `details["at"]` say who and when.
    """
    found: dict[int, State] = {}
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
    """Change serials that `lock` gave in this transaction, all alike, and write one event for each.

    Args:
        status_id: the new status; None keeps each one's own.
        location_id: the new place; None keeps it.
        customer_id: the new customer; KEEP keeps it, None takes it away.
        fields: new values of columns in `NOTED`.

    Raises:
        NotAllowed: the verb does not allow it for one of them.
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
    """Refuse what the verb does not allow, naming the first serial and how many more stand in the way.

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
    """Put units on hand at a place (or take them away with a negative number)."""
    add_stocks({(item_id, location_id): units})


def add_stocks(units: Mapping[tuple[int, ...], int]) -> None:
    """Put units on hand, by (item, location)."""
    bulk.add_to("stock", STOCK_KEY, "on_hand", units)


def move_stock(units: Mapping[tuple[int, int], int], to_location_id: int) -> int:
    """Move units of items' quantities to another place, as far as there are any; each item's total stays.

    Args:
        units: how many, by (item, location they leave).

    Returns:
        How many moved; less than asked for where a place shows fewer.
    """
    # The destination is locked with the places that are left, so that transfers there and back queue in a line.
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
    """Note that `number` more serials of (item, location, status) exist; written as the unit's last act.

    The counts are the only rows that all writers of an item share, so they are locked as shortly as can be.
    """
    if not unit.counts:
        unit.at_end.append(lambda: _write_counts(unit.counts))
    unit.counts[key] += number


def _write_counts(counts: Counter[tuple[int, ...]]) -> None:
    bulk.add_to("serial_counts", ("item_id", "location_id", "status_id"), "serials", dict(counts))


def changes_text(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The JSON of the `NOTED` columns that differ; None where none does."""
    differing = {
        column: [_plain(old), _plain(new)] for column, old, new in zip(NOTED, before, after, strict=True) if old != new
    }
    return json.dumps(differing, ensure_ascii=False, separators=(",", ":")) if differing else None


def status_ids() -> dict[str, int]:
    """The id of each status, by its code."""
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
    """The warranty's state; the values are public."""

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
"""What people read; the grid shows void as no warranty."""


def warranty_status(start: date | None, end: date | None, void: str | None, day: date) -> Warranty:
    """The state on a day; the end day still counts, and before its start there is none yet."""
    if end is None:
        return Warranty.NONE
    if void is not None:
        return Warranty.VOID
    if day > end:
        return Warranty.EXPIRED
    return Warranty.NONE if start is not None and day < start else Warranty.ACTIVE

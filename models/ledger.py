"""The one write path: a serial's state, its events and the quantities beside it, together, in one transaction.

Operations say what should happen, `transitions` says whether it may, and this module alone writes `serials`,
`serial_events`, `serial_counts` and `stock`. All of it takes blocks; a single serial is a block of one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from models import bulk, clock
from models.describe import whereabouts
from models.errors import Changed, NotAllowed
from models.schema import Serial, Status, Stock
from models.schema.base import bound, is_sqlite, moment_value
from models.serial_text import serial_key, sort_key
from models.transitions import MOVES, allows
from models.unit import Unit

SERIAL_COLUMNS = (
    *("id", "item_id", "serial_number", "serial_key", "sort_key", "status_id", "location_id", "customer_id"),
    *("condition_notes", "warranty_start", "warranty_end", "warranty_void", "date_received", "version"),
)
EVENT_COLUMNS = (
    *("serial_id", "number", "kind", "at", "user_id", "login_user_id", "document_id", "item_id", "serial_number"),
    *("from_status_id", "to_status_id", "from_location_id", "to_location_id", "from_customer_id", "to_customer_id"),
    *("changes", "note"),
)
NOTED = ("condition_notes", "warranty_start", "warranty_end", "warranty_void", "date_received")
"""Columns whose changes stand in `serial_events.changes`; a new serial has them empty before."""

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


@dataclass(frozen=True, slots=True)
class State:
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
    kind: str = "added",
    document_id: int | None = None,
    note: str = "",
) -> list[int]:
    """Make serials of one item, In Stock, each with its first event.

    Returns:
        Their ids, in the order of `entries`.

    Raises:
        peewee.IntegrityError: the item has one of them already.
    """
    status_id = status_ids()["in_stock"]
    ids: list[int] = []
    for entries_block in bulk.blocks(entries):
        block = Block()
        block_ids = bulk.reserve_ids("serials", len(entries_block))
        for serial_id, entry in zip(block_ids, entries_block, strict=True):
            key = serial_key(entry.serial_number)
            received = entry.date_received or clock.today()
            noted = (entry.condition_notes, entry.warranty_start, entry.warranty_end, None, received)
            identity = (item_id, entry.serial_number)
            block.serials.append(
                (serial_id, *identity, key, sort_key(key), status_id, entry.location_id, None, *noted, 1)
            )
            changes = changes_text(("", None, None, None, None), noted)
            block.events.append(
                (serial_id, 1, kind, *_who(unit), document_id, *identity)
                + (None, status_id, None, entry.location_id, None, None, changes, note)
            )
            count(unit, (item_id, entry.location_id, status_id), 1)
        write_block(block)
        ids += block_ids
    return ids


def write_block(block: Block) -> None:
    """Write new serials and events; the caller has counted them. Rows go in by key, so that writers queue in a line."""
    block.serials.sort(key=lambda row: (row[1], row[3]))
    bulk.insert("serials", SERIAL_COLUMNS, block.serials)
    bulk.insert("serial_events", EVENT_COLUMNS, block.events)


def lock(serial_ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[State]:
    """Read serials for a change; until the transaction ends nobody else can change them.

    Args:
        versions: what the person looked at, by id; a serial that has moved on since is refused.

    Raises:
        Changed: one of them is at another version, or gone.
    """
    names = ", ".join(("id", "item_id", "serial_number", *SERIAL_COLUMNS[5:]))
    found: dict[int, State] = {}
    for ids in bulk.blocks(sorted(set(serial_ids))):
        rows = bound.execute_sql(
            f"SELECT {names} FROM serials WHERE id IN ({bulk.placeholders(len(ids))}) ORDER BY id"
            + ("" if is_sqlite() else " FOR UPDATE"),
            ids,
        )
        for row in rows.fetchall():
            *head, start, end, void, received, number = row
            found[row[0]] = State(*head, read_date(start), read_date(end), void, read_date(received), number)
    for serial_id in serial_ids:
        state = found.get(serial_id)
        if state is None or (versions and versions.get(serial_id, state.version) != state.version):
            raise _changed(serial_id, state)
    return [found[serial_id] for serial_id in serial_ids]


def change(
    unit: Unit,
    states: Sequence[State],
    kind: str,
    *,
    status_id: int | None = None,
    location_id: int | None = None,
    customer_id: int | None = KEEP,
    fields: Mapping[str, Any] | None = None,
    document_id: int | None = None,
    note: str = "",
) -> None:
    """Change locked serials alike and write one event for each.

    Args:
        status_id: the new status; None keeps each one's own.
        location_id: the new place; None keeps it.
        customer_id: the new customer; KEEP keeps it, None takes it away.
        fields: new values of columns in `NOTED`.

    Raises:
        NotAllowed: `transitions` forbids the move for one of them.
        Changed: a row was changed in between after all.
    """
    check_moves(states, kind, status_id)
    sets: dict[str, Any] = dict(fields or {})
    if status_id is not None:
        sets["status_id"] = status_id
    if location_id is not None:
        sets["location_id"] = location_id
    if customer_id != KEEP:
        sets["customer_id"] = customer_id
    clause = "".join(f"{column} = {bound.param}, " for column in sets)
    for part in bulk.blocks(states):
        changed = bound.execute_sql(
            f"UPDATE serials SET {clause}version = version + 1 WHERE id IN ({bulk.placeholders(len(part))})",
            [*sets.values(), *(state.id for state in part)],
        ).rowcount
        if changed != len(part):
            raise _changed(part[0].id, None)
        events: list[tuple[Any, ...]] = []
        for state in part:
            status = status_id if status_id is not None else state.status_id
            place = location_id if location_id is not None else state.location_id
            customer = state.customer_id if customer_id == KEEP else customer_id
            before = tuple(getattr(state, column) for column in NOTED)
            after = tuple(sets.get(column, value) for column, value in zip(NOTED, before, strict=True))
            events.append(
                (state.id, state.version + 1, kind, *_who(unit), document_id, state.item_id, state.serial_number)
                + (state.status_id, status, state.location_id, place, state.customer_id, customer)
                + (changes_text(before, after), note)
            )
            if (status, place) != (state.status_id, state.location_id):
                count(unit, (state.item_id, state.location_id, state.status_id), -1)
                count(unit, (state.item_id, place, status), 1)
        bulk.insert("serial_events", EVENT_COLUMNS, events)


def check_moves(states: Sequence[State], kind: str, status_id: int | None = None) -> None:
    """Refuse what `transitions` forbids, naming the first serial and how many more stand in the way.

    Raises:
        NotAllowed
    """
    statuses = {status.id: status for status in Status.select()}
    refused = [
        state
        for state in states
        if not allows(
            kind,
            statuses[state.status_id].code,
            statuses[state.status_id if status_id is None else status_id].code,
            own_on_hand=statuses[state.status_id].on_hand,
        )
    ]
    if not refused:
        return
    first, move = refused[0], MOVES[kind]
    more = f" Nor can {len(refused) - 1} more." if len(refused) > 1 else ""
    next_step = dict(move.why_not).get(statuses[first.status_id].code, "")  # type: ignore[call-overload]
    raise NotAllowed(
        f"{first.serial_number} is {whereabouts([first.id])[first.id]}; it cannot be {move.verb}."
        f"{more} {next_step}".rstrip(),
        serial_id=first.id,
        serial_ids=[state.id for state in refused],
    )


def add_stock(item_id: int, location_id: int, units: int) -> None:
    """Put units on hand at a place (or take them away with a negative number)."""
    bulk.add_to("stock", ("item_id", "location_id"), "on_hand", {(item_id, location_id): units})


def move_stock(item_id: int, units: Mapping[int, int], to_location_id: int) -> int:
    """Move units of one item's quantity to another place, as far as there are any; the item's total stays.

    Args:
        units: how many from each location, by its id.

    Returns:
        How many moved; less than asked for where a place shows fewer.
    """
    query = Stock.select().where(Stock.item == item_id, Stock.location.in_(list(units))).order_by(Stock.location)
    if not is_sqlite():
        query = query.for_update()
    moved = {row.location_id: min(row.on_hand, units[row.location_id]) for row in query}
    amounts: dict[tuple[int, ...], int] = {(item_id, place): -number for place, number in moved.items()}
    amounts[item_id, to_location_id] = sum(moved.values())
    bulk.add_to("stock", ("item_id", "location_id"), "on_hand", amounts)
    return sum(moved.values())


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


def read_date(value: Any) -> date | None:
    """A date as the open database's driver gives it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _who(unit: Unit) -> tuple[Any, ...]:
    return (moment_value(unit.at), unit.actor.user_id, unit.actor.login_user_id)


def _changed(serial_id: int, state: State | None) -> Changed:
    if state is None:
        found = Serial.get_or_none(Serial.id == serial_id)
        name = found.serial_number if found else "The serial"
    else:
        name = state.serial_number
    now = whereabouts([serial_id]).get(serial_id)
    return Changed(
        f"{name} was changed by somebody else meanwhile"
        + (f"; it is now {now}" if now else "")
        + ". Look again and repeat.",
        serial_id=serial_id,
    )

"""The record of one serial: find it, read it with its history and documents, change its notes and warranty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from models import clock, ledger
from models.database.bulk import blocks, placeholders
from models.database.unit import Unit, write
from models.errors import Ambiguous, BadValue, NotFound
from models.items.items import find_item
from models.permissions import Actor, require
from models.schema import Document, Status, bound, read_date, read_moment
from models.statuses import StatusLook, statuses
from models.terms import Warranty, warranty_status
from models.text import clean_note, fold, serial_key, storable
from models.verbs import VERBS, StatusCode, done


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a serial's history."""

    number: int
    kind: str
    """See `models.verbs.Verb.kind`."""
    done: str
    """The kind in words."""
    at: datetime
    """UTC."""
    user: str
    login_user: str | None
    """The administrator who acted for `user`; None if the user acted in person."""
    document: str | None
    """Document number."""
    from_status: str | None
    """Status code; None for the first event."""
    to_status: str
    from_location: str | None
    """Location code; None for the first event."""
    to_location: str
    from_customer: str | None
    to_customer: str | None
    units: int | None
    """Units added to the quantity, see `models.schema.SerialEvent`; None if that was not recorded."""
    voids: int | None
    """The number of the event that it undoes."""
    reference: str
    changes: dict[str, list[Any]]
    """Other changed columns: name → [before, after]."""
    note: str
    item_id: int
    """The item after it."""
    sku: str
    serial_number: str
    """The text after it."""
    was_sku: str | None
    """The item before it; None for the first event."""
    was_serial_number: str | None
    """The text before it; None for the first event."""


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A document that contains the serial."""

    number: str
    kind: str
    at: datetime
    user: str
    from_location: str | None
    to_location: str | None
    customer: str | None
    serials: int
    """Total number of serials in the document."""
    note: str
    id: int


@dataclass(frozen=True, slots=True)
class SerialDetail:
    """The full record of a serial."""

    id: int
    serial_number: str
    item_id: int
    sku: str
    item_name: str
    tracked: bool
    """Whether the item currently tracks serials; records are kept if it does not."""
    status: StatusLook
    location: str
    location_name: str
    customer: str | None
    condition_notes: str
    warranty: Warranty
    warranty_start: date | None
    warranty_end: date | None
    warranty_void: str | None
    days_left: int | None
    """Days of warranty left after today; None if it is not active."""
    date_received: date
    version: int
    events: list[Event]
    """Oldest first."""
    documents: list[LinkedDocument]
    """Oldest first."""
    location_id: int
    customer_id: int | None
    earlier_texts: tuple[str, ...]
    """Its texts before it was corrected, sorted; scans and searches find it by them too."""

    @property
    def earlier_items(self) -> tuple[str, ...]:
        """SKUs of the items that it was on before, the last one first."""
        skus = dict.fromkeys(event.sku for event in reversed(self.events))
        return tuple(sku for sku in skus if sku != self.sku)


def find_serials(text: str, item_id: int | None = None) -> list[tuple[int, str]]:
    """The serials with this text on any item, tracked or not: (serial id, SKU), ordered by SKU.

    A serial whose earlier text this was is found if no other has it now; removed ones are found if there is no other.

    Args:
        item_id: only those of this item.
    """
    one, key = bound.param, serial_key(storable(text))
    mine, of_it = ("", ()) if item_id is None else (f" AND s.item_id = {one}", (item_id,))
    # Ranks: 0 its own text, 1 an earlier one, and 2 more for a removed record; only the best rank is found.
    rows = bound.execute_sql(
        "SELECT f.id, i.sku, f.rank, t.code FROM (SELECT s.id, s.item_id, s.status_id, 0 AS rank FROM serials s "
        f"WHERE s.serial_key = {one}{mine} UNION ALL SELECT s.id, s.item_id, s.status_id, 1 FROM serial_aliases a "
        f"JOIN serials s ON s.id = a.serial_id WHERE a.alias_key = {one}{mine}) f JOIN items i ON i.id = f.item_id "
        "JOIN statuses t ON t.id = f.status_id ORDER BY i.sku_key, f.id",
        (key, *of_it, key, *of_it),
    ).fetchall()
    ranks = [rank + 2 * (status == StatusCode.REMOVED) for _, _, rank, status in rows]
    return [(row[0], row[1]) for row, rank in zip(rows, ranks, strict=True) if rank == min(ranks)]


def find_serial(text: str, sku: str | None = None) -> int:
    """The id of the serial with this text.

    Args:
        sku: its item; required if several items have this serial.

    Raises:
        NotFound: no such item, or no such serial.
        Ambiguous: several items have it and `sku` is None.
    """
    if sku is not None:
        item = find_item(sku)
        return find_on_item(item.id, item.sku, [text])[0]
    found = find_serials(text)
    if not found:
        raise NotFound(f"No item has the serial {text.strip()}. Check the number, or add it to its item.")
    if len(found) > 1:
        skus = [each for _, each in found]
        raise Ambiguous(f"{text.strip()} is on several items: {', '.join(skus)}. Say which with --item.", items=skus)
    return found[0][0]


def find_on_item(item_id: int, sku: str, texts: Sequence[str]) -> list[int]:
    """The ids of serials of one item, in the order of `texts`.

    Raises:
        NotFound: names the first serial that the item does not have.
    """
    keys = [serial_key(storable(text)) for text in texts]
    # Present texts first: an earlier text counts only where no other serial of the item has it now.
    ids: dict[str, int] = {}
    for part in blocks(keys):
        rows = bound.execute_sql(
            f"SELECT serial_key, id FROM serials WHERE item_id = {bound.param} "
            f"AND serial_key IN ({placeholders(len(part))})",
            (item_id, *part),
        )
        ids.update(rows.fetchall())
    ids |= _by_earlier_text(item_id, [key for key in keys if key not in ids])
    for text, key in zip(texts, keys, strict=True):
        if key not in ids:
            raise NotFound(f"{sku} has no serial {text.strip()}. Check the number, or add it first.")
    return [ids[key] for key in keys]


class NamedText(NamedTuple):
    """A serial as a person names it."""

    text: str
    sku: str = ""
    """Its item; empty if the text alone must do."""


class TextHit(NamedTuple):
    """The answer to a `NamedText`."""

    serial_id: int | None
    """None if there is no such serial, or several."""
    reason: str = ""
    """not_found or ambiguous."""
    message: str = ""


def find_many(wanted: Sequence[NamedText]) -> list[TextHit]:
    """Find serials by text, of any items, in a few statements per block of thousands; see `find_serials`.

    Raises:
        NotFound: there is no such item.
    """
    items = {sku: find_item(sku) for sku in dict.fromkeys(one.sku for one in wanted) if sku}
    keys = [serial_key(storable(one.text)) for one in wanted]
    known: dict[str, list[tuple[int, int, str, int]]] = {}
    for part in blocks(dict.fromkeys(keys)):
        marks = placeholders(len(part))
        rows = bound.execute_sql(
            "SELECT f.found, f.id, f.item_id, i.sku, f.rank, t.code FROM ("
            "SELECT s.serial_key AS found, s.id, s.item_id, s.status_id, 0 AS rank FROM serials s "
            f"WHERE s.serial_key IN ({marks}) UNION ALL SELECT a.alias_key, s.id, s.item_id, s.status_id, 1 "
            f"FROM serial_aliases a JOIN serials s ON s.id = a.serial_id WHERE a.alias_key IN ({marks})) f "
            "JOIN items i ON i.id = f.item_id JOIN statuses t ON t.id = f.status_id ORDER BY i.sku_key, f.id",
            [*part, *part],
        )
        for key, serial_id, item_id, sku, rank, status in rows.fetchall():
            known.setdefault(key, []).append((serial_id, item_id, sku, rank + 2 * (status == StatusCode.REMOVED)))
    return [
        _found(one, known.get(key, ()), items[one.sku].id if one.sku else None)
        for one, key in zip(wanted, keys, strict=True)
    ]


def _found(wanted: NamedText, known: Sequence[tuple[int, int, str, int]], item_id: int | None) -> TextHit:
    mine = [row for row in known if item_id in (None, row[1])]
    best = [row for row in mine if row[3] == min(each[3] for each in mine)]
    text = wanted.text.strip()
    if not best:
        whose = (
            f"{wanted.sku.strip()} has no serial {text}" if item_id is not None else f"No item has the serial {text}"
        )
        return TextHit(None, "not_found", f"{whose}. Check the number, or add it first.")
    if len(best) > 1:
        skus = ", ".join(row[2] for row in best)
        return TextHit(None, "ambiguous", f"{text} is on several items: {skus}. Say which with --item.")
    return TextHit(best[0][0])


def items_named(texts: Sequence[str]) -> frozenset[str]:
    """Which of these texts are SKUs of items, folded."""
    found: set[str] = set()
    for part in blocks({fold(text) for text in texts}):
        rows = bound.execute_sql(f"SELECT sku_key FROM items WHERE sku_key IN ({placeholders(len(part))})", part)
        found.update(row[0] for row in rows.fetchall())
    return frozenset(found)


def _by_earlier_text(item_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Serials of an item by texts that they had before they were corrected; a text that several had finds none."""
    found: dict[str, set[int]] = {}
    for part in blocks(keys):
        rows = bound.execute_sql(
            "SELECT a.alias_key, a.serial_id FROM serial_aliases a JOIN serials s ON s.id = a.serial_id "
            f"WHERE s.item_id = {bound.param} AND a.alias_key IN ({placeholders(len(part))})",
            (item_id, *part),
        )
        for key, serial_id in rows.fetchall():
            found.setdefault(key, set()).add(serial_id)
    return {key: next(iter(ids)) for key, ids in found.items() if len(ids) == 1}


def serial_numbers(serial_ids: Sequence[int]) -> list[str]:
    """The serial numbers as stored, in the order of `serial_ids`."""
    found: dict[int, str] = {}
    for part in blocks(serial_ids):
        rows = bound.execute_sql(f"SELECT id, serial_number FROM serials WHERE id IN ({placeholders(len(part))})", part)
        found.update(rows.fetchall())
    return [found[serial_id] for serial_id in serial_ids]


def serial_detail(serial_id: int) -> SerialDetail:
    """Read the full record of one serial.

    Raises:
        NotFound
    """
    row = bound.execute_sql(
        "SELECT s.serial_number, s.item_id, i.sku, i.name, i.track_serials, s.status_id, l.code, l.name, c.name, "
        "s.condition_notes, s.warranty_start, s.warranty_end, s.warranty_void, s.date_received, s.version, "
        "s.location_id, s.customer_id "
        "FROM serials s JOIN items i ON i.id = s.item_id JOIN locations l ON l.id = s.location_id "
        f"LEFT JOIN customers c ON c.id = s.customer_id WHERE s.id = {bound.param}",
        (serial_id,),
    ).fetchone()
    if row is None:
        raise NotFound("The serial is not there any more. Go back to the list.")
    text, item_id, sku, name, tracked, status_id, place, place_name, customer, notes = row[:10]
    start_text, end_text, void, received_text, version, place_id, customer_id = row[10:]
    start, end, received = read_date(start_text), read_date(end_text), read_date(received_text)
    today, looks = clock.today(), {status.id: status for status in statuses()}
    state = warranty_status(start, end, void, today)
    return SerialDetail(
        id=serial_id,
        serial_number=text,
        item_id=item_id,
        sku=sku,
        item_name=name,
        tracked=bool(tracked),
        status=looks[status_id],
        location=place,
        location_name=place_name,
        customer=customer,
        condition_notes=notes,
        warranty=state,
        warranty_start=start,
        warranty_end=end,
        warranty_void=void,
        days_left=(end - today).days if end and state is Warranty.ACTIVE else None,
        date_received=received or today,
        version=version,
        events=history(serial_id),
        documents=documents_of(serial_id),
        location_id=place_id,
        customer_id=customer_id,
        earlier_texts=_earlier_texts(serial_id),
    )


def _earlier_texts(serial_id: int) -> tuple[str, ...]:
    found = bound.execute_sql(
        f"SELECT serial_number FROM serial_aliases WHERE serial_id = {bound.param} ORDER BY alias_key", (serial_id,)
    )
    return tuple(text for (text,) in found.fetchall())


def history(serial_id: int) -> list[Event]:
    """All events of a serial, oldest first."""
    return histories([serial_id])


def histories(serial_ids: Sequence[int]) -> list[Event]:
    """All events of up to some thousand serials, in the order of the ids, those of each oldest first."""
    rows = bound.execute_sql(
        "SELECT e.number, e.kind, e.at, u.login, a.login, d.number, fs.code, ts.code, fl.code, tl.code, "
        "fc.name, tc.name, e.units, z.number, e.reference, e.changes, e.note, "
        "e.item_id, i.sku, e.serial_number, pi.sku, p.serial_number "
        "FROM serial_events e "
        "JOIN users u ON u.id = e.user_id JOIN items i ON i.id = e.item_id "
        "LEFT JOIN serial_events z ON z.id = e.voids_id LEFT JOIN users a ON a.id = e.login_user_id "
        "LEFT JOIN documents d ON d.id = e.document_id "
        "LEFT JOIN statuses fs ON fs.id = e.from_status_id JOIN statuses ts ON ts.id = e.to_status_id "
        "LEFT JOIN locations fl ON fl.id = e.from_location_id JOIN locations tl ON tl.id = e.to_location_id "
        "LEFT JOIN customers fc ON fc.id = e.from_customer_id LEFT JOIN customers tc ON tc.id = e.to_customer_id "
        "LEFT JOIN serial_events p ON p.serial_id = e.serial_id AND p.number = e.number - 1 "
        "LEFT JOIN items pi ON pi.id = p.item_id "
        f"WHERE e.serial_id IN ({placeholders(len(serial_ids))}) ORDER BY e.serial_id, e.number",
        serial_ids,
    )
    return [_event(*row) for row in rows.fetchall()]


def _event(number: int, kind: str, at: Any, *rest: Any) -> Event:
    # In the order of the SELECT in `histories` and of the fields of `Event`.
    *middle, changes, note, item_id, sku, text, was_sku, was_text = rest
    changed = json.loads(changes) if changes else {}
    values = (number, kind, done(kind), read_moment(at), *middle, changed, note, item_id, sku, text, was_sku, was_text)
    found = Event(*values)
    Status.code.known(found.to_status)
    if found.from_status is not None:
        Status.code.known(found.from_status)
    return found


class Owner(NamedTuple):
    """The customer of a sold, reserved, repaired or returned serial."""

    relation: str
    """How: sold *to*, reserved or in repair *for*, returned *by*."""
    name: str
    id: int
    day: date | None = None
    """The local day of the return."""


def owner_of(detail: SerialDetail) -> Owner | None:
    """The customer of a serial: its present one, or the one who returned it."""
    if detail.customer is not None and detail.customer_id is not None:
        return Owner("to" if detail.status.code == StatusCode.SOLD else "for", detail.customer, detail.customer_id)
    if detail.status.code != StatusCode.RETURNED:
        return None
    undone = {event.voids for event in detail.events}
    came = [event for event in detail.events if event.voids is None and event.number not in undone]
    # Returned units have no customer any more; the event by which they came back still names the one of before.
    last = next((event for event in reversed(came) if event.from_status != event.to_status), None)
    if last is None or last.from_customer is None or last.to_status != StatusCode.RETURNED:
        return None
    row = bound.execute_sql(f"SELECT id FROM customers WHERE name = {bound.param}", (last.from_customer,)).fetchone()
    if row is None:  # renamed since the history was read
        return None
    return Owner("by", last.from_customer, row[0], last.at.astimezone().date())


def documents_of(serial_id: int) -> list[LinkedDocument]:
    """The documents that contain a serial, oldest first."""
    rows = bound.execute_sql(
        "SELECT d.number, d.kind, d.at, u.login, f.code, t.code, c.name, d.serials, d.note, d.id FROM documents d "
        "JOIN users u ON u.id = d.user_id LEFT JOIN locations f ON f.id = d.from_location_id "
        "LEFT JOIN locations t ON t.id = d.to_location_id LEFT JOIN customers c ON c.id = d.customer_id "
        f"WHERE d.id IN (SELECT document_id FROM serial_events WHERE serial_id = {bound.param}) ORDER BY d.id",
        (serial_id,),
    )
    return [
        LinkedDocument(number, Document.kind.known(kind), read_moment(at), *rest)
        for number, kind, at, *rest in rows.fetchall()
    ]


NOTE_CONDITION: Final = VERBS["note-condition"]
NOTE: Final = VERBS["note"]


def set_condition_notes(actor: Actor, serial_id: int, notes: str, *, version: int | None = None) -> None:
    """Replace a serial's condition notes; the history keeps the old text.

    Args:
        version: the version that the person saw; None skips the check.

    Raises:
        NotPermitted, BadValue
        Changed: the serial was changed in the meantime.
    """
    notes = clean_note(notes, "condition note", field="condition_notes")

    def work(unit: Unit) -> None:
        require(actor, NOTE_CONDITION.permission, "change condition notes")
        states = ledger.lock([serial_id], None if version is None else {serial_id: version})
        if states[0].condition_notes != notes:
            ledger.change(unit, states, NOTE_CONDITION, fields={"condition_notes": notes})

    write(actor, work, durable=True)


def add_note(actor: Actor, serial_id: int, note: str) -> None:
    """Add a note to a serial's history; see `add_notes`."""
    add_notes(actor, [serial_id], note)


def add_notes(
    actor: Actor,
    serial_ids: Sequence[int],
    note: str,
    *,
    versions: Mapping[int, int] | None = None,
    dry_run: bool = False,
) -> None:
    """Add a note to the history of serials; nothing else changes.

    Args:
        versions: the versions that the person saw, by serial id; None skips the check.
        dry_run: refuse what cannot be, write nothing.

    Raises:
        NotPermitted, BadValue
        NotFound: one of the serials does not exist.
        Changed: one of them was changed in the meantime.
    """
    note = clean_note(note)
    if not note:
        raise BadValue("The note is empty. Type one.", field="note")

    def work(unit: Unit) -> None:
        require(actor, NOTE.permission, "write notes")
        states = ledger.lock(serial_ids, versions)
        if not dry_run:
            ledger.change(unit, states, NOTE, note=note)

    write(actor, work, durable=True)

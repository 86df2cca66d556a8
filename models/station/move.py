"""Station work of tasks that move existing serials: DONE carries out a verb on all of them with one document.

Used by Transfer: scan the destination, then serials of any items. A serial that exists on several items waits until its
item is scanned; after an item scan, only serials of that item are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from models import ledger
from models.database import bulk
from models.database.unit import Unit
from models.errors import BadValue
from models.items.rules import ItemFacts, PlaceFacts
from models.schema import Location, bound, read_moment
from models.serials.judging import Drafted, Judged, Reason, clean, plain
from models.serials.moves import Carried, Going
from models.station.state import DraftState
from models.station.work import Finish, Finished, GoodLine, Judging
from models.text import clean_serial, near_key
from models.verbs import StatusCode, Verb

_SHOWN: Final = 500
"""Serials per statement when reading whereabouts."""

_BLOCK: Final = 1_000
"""Serials per statement when looking up serials."""


class MoveReason(StrEnum):
    """Reasons why a serial cannot be moved, besides those of `judging.Reason`."""

    UNKNOWN = "unknown"
    """No item has this serial."""
    CANNOT = "cannot"
    """Its status does not allow the verb."""
    THERE = "there"
    """It is already at the destination."""
    CHANGED = "changed"
    """Somebody else moved it since it was scanned."""


class Standing(NamedTuple):
    """A serial with its current status and place. It has the traits that `Verb.before` tests."""

    id: int
    item_id: int
    sku: str
    serial_number: str
    key: str
    code: str
    """Code of its status."""
    available: bool
    on_hand: bool
    location_id: int
    location: str
    """Code of its place."""

    def way(self, to: str) -> str:
        """`SAW-1, MAIN → DOCK`, or `SAW-1, from MAIN` without a destination."""
        return f"{self.sku}, {self.location} → {to}" if to else f"{self.sku}, from {self.location}"


class Moving:
    """The `Work` of a task that moves serials with one verb of `models.verbs`."""

    def __init__(self, verb: Verb, carry_out: Callable[[Unit, Sequence[Going], str], Carried]) -> None:
        """Make the work of a verb.

        Args:
            verb: what happens to the serials.
            carry_out: carries it out on locked serials; its text argument is the note of the document.
        """
        self._verb, self._carry_out = verb, carry_out

    def judge(self, state: DraftState, texts: Sequence[str]) -> Judging:
        """Look up serials of the current item, or of any item if none is chosen."""
        return Leaving(self._verb, state, texts)

    def no_longer(self, state: DraftState, ready: Sequence[GoodLine]) -> list[tuple[GoodLine, Judged]]:
        """Serials whose status or place has changed since the scan, so that they cannot be moved as judged."""
        ids = [one.serial_id for one in ready if one.serial_id is not None]
        ledger.lock(ids)
        standing = {row.id: row for row in _read("s.id", ids)}
        places = _codes({one.location_id for one in ready})
        refused = [row for row in standing.values() if row not in self._verb.before]
        where = _whereabouts(refused)
        gone: list[tuple[GoodLine, Judged]] = []
        for one in ready:
            row, to = standing[one.serial_id or 0], places[one.location_id]
            judged = _say(self._verb, row, PlaceFacts(one.location_id, to, ""), where)
            # The line's message names the place where the serial was scanned.
            if judged.good and one.message not in (row.way(""), row.way(to)):
                message = f"{row.serial_number} is at {row.location} by now. Scan it again to take it from there."
                judged = judged._replace(reason=MoveReason.CHANGED, message=message)
            if not judged.good:
                gone.append((one, judged))
        return gone

    def prepare(self, ready: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Return the write. Nothing is prepared ahead: serials are read and locked within the transaction."""

        def finish(unit: Unit, state: DraftState, note: str) -> Finished:
            states = {one.id: one for one in ledger.lock([one.serial_id or 0 for one in ready])}
            going = [Going(states[one.serial_id or 0], one.location_id, one.note) for one in ready]
            done = self._carry_out(unit, going, note)
            serials = f"{done.serials:,} serial{'s' if done.serials != 1 else ''}"
            units = f"{done.units:,} unit{'s' if done.units != 1 else ''}"
            message = f"{serials} {self._verb.done}, {units} of the quantity with them."
            if done.without_quantity:
                message += f" The old place showed no quantity for {done.without_quantity:,}."
            return Finished(done.document_id, done.document, message)

        return finish


class Leaving:
    """The `Judging` of existing serials: whether a verb may move them."""

    def __init__(self, verb: Verb, state: DraftState, texts: Sequence[str]) -> None:
        """Look up all texts together."""
        self._verb, self._item, self._place = verb, state.item, state.place
        cleaned = [_clean(state.item, text) for text in texts]
        found: dict[str, list[Standing]] = {}
        for row in _read("s.serial_key", sorted({key for one in cleaned for key in _forms(one.key)})):
            found.setdefault(row.key, []).append(row)
        self._rows = [_best(found, one.key, state.item) for one in cleaned]
        self._where = _whereabouts([row for rows in self._rows for row in rows if row not in verb.before])
        self._said = [self._judged(one, rows) for one, rows in zip(cleaned, self._rows, strict=True)]
        self._drafted = _drafted(state.draft_id, [one.near for one in self._said if one.key])

    @property
    def cleaned(self) -> Sequence[Judged]:
        """The judged serials, each with its item if that is known."""
        return self._said

    def drafted(self, one: Judged) -> Drafted | None:
        """The draft line of a serial: of its own item, of the current item, or waiting without an item."""
        present = self._item.id if self._item is not None else None
        keys = ((one.item_id, one.key), (present, one.key), (None, one.key)) if one.key else ()
        return next((self._drafted[key] for key in keys if key in self._drafted), None)

    def say(self, one: Judged) -> Judged:
        """The verdict from the lookup; it does not depend on the serials before it."""
        return one

    def note(self, one: Judged, row: Drafted) -> None:
        """Record that a serial now has a draft line, so that later scans find it."""
        if one.key:
            self._drafted[row.item_id, one.key] = row

    def _judged(self, one: Judged, rows: Sequence[Standing]) -> Judged:
        text, item = one.serial_number, self._item
        if not one.key:
            return one
        mine = [row for row in rows if item is None or row.item_id == item.id]
        if len(mine) == 1:
            return _say(self._verb, mine[0], self._place, self._where)
        others = " and ".join(row.sku for row in rows)
        if mine:
            message = f"{text} is a serial of {others}. Scan its item now; it waits for that."
        elif rows and item is not None:
            message = f"{text} is a serial of {others}, not of {item.sku}. Scan its item now; it waits for that."
        else:
            of = "no place, no item and no serial here" if item is None else f"no serial of {item.sku}"
            return one._replace(reason=MoveReason.UNKNOWN, message=f"{text} is {of}. Check the label, or receive it.")
        return Judged(text, "", "", Reason.NO_ITEM, message)


def _say(verb: Verb, row: Standing, place: PlaceFacts | None, where: Mapping[int, str]) -> Judged:
    """Judge whether a verb can move a serial to a place; place None means that none was scanned yet."""
    judged = Judged(row.serial_number, row.key, near_key(row.key), serial_id=row.id, item_id=row.item_id)
    if row not in verb.before:
        reason = _REASONS.get(row.code, MoveReason.CANNOT)
        return judged._replace(reason=reason, message=verb.refuses(row.serial_number, where[row.id], row.code))
    if place is not None and place.id == row.location_id:
        message = f"{row.serial_number} is at {place.code} already. Scan another destination, or leave it out."
        return judged._replace(reason=MoveReason.THERE, message=message)
    return judged._replace(message=row.way(place.code if place is not None else ""))


_REASONS: Final[Mapping[str, str]] = {StatusCode.SOLD: Reason.SOLD, StatusCode.LOST: Reason.LOST}


def _clean(item: ItemFacts | None, text: str) -> Judged:
    """Clean a text to a serial. The item's rule may strip a prefix but refuses nothing: the serial exists already."""
    if item is not None and (one := clean(item, text)).key:
        return plain(one.serial_number)
    try:
        return plain(clean_serial(text))
    except BadValue as refusal:
        return Judged(text.strip(), "", "", Reason.BAD_SERIAL, refusal.message)


def _forms(key: str) -> tuple[str, ...]:
    """The folded keys to look up: as scanned, and without a leading S, which may be the data identifier of a label."""
    return (key, key[1:]) if key.startswith("S") and len(key) > 1 else (key,) if key else ()


def _best(found: Mapping[str, list[Standing]], key: str, item: ItemFacts | None) -> list[Standing]:
    """The serials under the exact key, else under the key without S; a key that the current item has comes first."""
    every = [found[form] for form in _forms(key) if form in found]
    if item is not None:
        every.sort(key=lambda rows: all(row.item_id != item.id for row in rows))
    return every[0] if every else []


def _read(column: str, values: Collection[object]) -> list[Standing]:
    """Read serials by a column, ordered by SKU."""
    rows: list[Standing] = []
    for part in bulk.blocks(list(values), _BLOCK):
        found = bound.execute_sql(
            "SELECT s.id, s.item_id, i.sku, s.serial_number, s.serial_key, t.code, t.available, t.on_hand, "
            "s.location_id, p.code FROM serials s JOIN items i ON i.id = s.item_id "
            "JOIN statuses t ON t.id = s.status_id JOIN locations p ON p.id = s.location_id "
            f"WHERE {column} IN ({bulk.placeholders(len(part))}) ORDER BY i.sku_key, s.id",
            list(part),
        )
        rows += map(Standing._make, found.fetchall())
    return rows


def _whereabouts(rows: Iterable[Standing]) -> dict[int, str]:
    where: dict[int, str] = {}
    for ids in bulk.blocks(sorted({row.id for row in rows}), _SHOWN):
        where.update(ledger.whereabouts(ids))
    return where


def _codes(location_ids: Collection[int]) -> dict[int, str]:
    """Location codes by id."""
    rows = Location.select(Location.id, Location.code).where(Location.id.in_(list(location_ids)))
    return {row.id: row.code for row in rows}


def _drafted(draft_id: int | None, nears: Sequence[str]) -> dict[tuple[int | None, str], Drafted]:
    """Draft lines of serials by (item id, folded key)."""
    drafted: dict[tuple[int | None, str], Drafted] = {}
    for part in bulk.blocks(sorted(set(nears)), _BLOCK) if draft_id is not None else ():
        rows = bound.execute_sql(
            "SELECT number, position, serial_number, serial_key, state, reason, message, serial_id, item_id, at "
            f"FROM draft_lines WHERE draft_id = {bound.param} AND near_key IN ({bulk.placeholders(len(part))}) "
            "AND state <> 'out' ORDER BY number",
            [draft_id, *part],
        )
        for row in rows.fetchall():
            one = Drafted._make((*row[:9], read_moment(row[9])))
            drafted[one.item_id, one.key] = one
    return drafted

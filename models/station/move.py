"""Station work of tasks that move existing serials: DONE carries out a verb on all of them with one document.

Serials of any items are judged by the same rule book as `models.serials.moves.move`. A serial that exists on several
items waits until its item is scanned; after an item scan, only serials of that item are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

from models import ledger
from models.customers import customers_by_key
from models.database import bulk
from models.database.unit import Unit
from models.errors import BadValue, NotAllowed
from models.items.rules import ItemFacts
from models.schema import bound
from models.serials.judging import REASONS, Drafted, Judged, Reason, clean, drafted_lines, is_customer, plain
from models.serials.moves import Carried, Going, Planning, move_in
from models.serials.refused import MoveRefusal, No
from models.station.answers import as_answers, customer_of
from models.station.state import DraftState
from models.station.work import Checked, Finish, Finished, GoodLine, Judging
from models.text import clean_serial, fold, near_key, serial_key
from models.verbs import Ask, PlaceMeaning, StatusCode, Verb, place_in

_SHOWN: Final = 500
"""Serials per statement when reading whereabouts."""

_BLOCK: Final = 1_000
"""Serials per statement when looking up serials."""

_STATE: Final = ", ".join(f"s.{name}" for name in ledger.State._fields)
"""The columns of a serial's state."""


class MoveReason(StrEnum):
    """Reasons why a serial cannot be moved, besides those of `judging.Reason` and `MoveRefusal`."""

    UNKNOWN = "unknown"
    """No item has this serial."""
    CANNOT = "cannot"
    """Its status does not allow the verb."""
    TWICE = "twice"
    """Another label of it was scanned already."""


class Standing(NamedTuple):
    """A serial as it stands now, with the words for it."""

    state: ledger.State
    sku: str
    code: str
    """Code of its status."""
    location: str
    """Code of its place."""

    @property
    def id(self) -> int:
        """The id of the serial."""
        return self.state.id

    @property
    def serial_number(self) -> str:
        """The serial as stored."""
        return self.state.serial_number

    @property
    def item_id(self) -> int:
        """The id of its item."""
        return self.state.item_id

    def way(self, to: str, *, moves: bool) -> str:
        """`SAW-1, MAIN → DOCK`; `SAW-1, from MAIN` before the destination of a move; else `SAW-1, at MAIN`."""
        here = place_in(self.code) is PlaceMeaning.HERE
        if to:
            return f"{self.sku}, {self.location} → {to}" if here else f"{self.sku} → {to}"
        return f"{self.sku}, {'from' if moves else 'at'} {self.location}" if here else self.sku

    def is_as_in(self, message: str) -> bool:
        """Whether it still is where the message of a move says, wherever it is to go."""
        here = place_in(self.code) is PlaceMeaning.HERE
        before = f"{self.sku}, {self.location} → " if here else f"{self.sku} → "
        return message == self.way("", moves=True) or message.startswith(before)


class Moving:
    """The `Work` of a task that moves serials with one verb of `models.verbs`."""

    def __init__(self, verb: Verb) -> None:
        """Make the work of a verb."""
        self._verb = verb

    def judge(self, state: DraftState, texts: Sequence[str], items: Sequence[ItemFacts | None] = ()) -> Judging:
        """Look up serials of their item or the current one, or of any item if there is none."""
        return Leaving(self._verb, state, texts, [item or state.item for item in items or [None] * len(texts)])

    def check(self, state: DraftState, good: Sequence[GoodLine]) -> Checked:
        """Name serials whose status or place has changed since the scan, so that they cannot be moved as judged."""
        states = ledger.lock([one.serial_id or 0 for one in good])
        standing = {row.id: row for row in _standing(states)}
        places = _words("locations", "code", {one.location_id for one in good if one.location_id is not None})
        # Two labels of one serial make two lines: it was corrected, or got another item, between the scans.
        first: dict[int, GoodLine] = {}
        gone: list[tuple[GoodLine, Judged]] = []
        there: dict[str, list[GoodLine]] = {}
        for one in good:
            row = standing[one.serial_id or 0]
            if first.setdefault(row.id, one) is not one:
                message = (
                    f"{one.serial_number} is {first[row.id].serial_number}, which was scanned already. Leave it out."
                )
                gone.append((one, _judged_as(row, MoveReason.TWICE, message)))
            else:
                there.setdefault(places.get(one.location_id or 0, ""), []).append(one)
        for place, own in there.items():
            rows = [standing[one.serial_id or 0] for one in own]
            _, refusals = _planned(self._verb, state, rows, place)
            for one, row in zip(own, rows, strict=True):
                if row.id in refusals:
                    gone.append((one, refusals[row.id]))
                elif self._verb.destination and not row.is_as_in(one.message):
                    message = f"{row.serial_number} is at {row.location} by now. Scan it again to take it from there."
                    gone.append((one, _judged_as(row, MoveRefusal.CHANGED, message)))
        return Checked(sorted(gone, key=lambda pair: pair[0].number), states)

    def prepare(self, good: Sequence[GoodLine], *, ahead: bool) -> Finish:
        """Return the write. Nothing is prepared ahead: serials are read and locked by the check in the transaction."""

        def finish(unit: Unit, state: DraftState, note: str, checked: Checked) -> Finished:
            states = {one.id: one for one in checked.states}
            places = _words("locations", "code", {one.location_id for one in good if one.location_id is not None})
            answers, customer = as_answers(state.answers), customer_of(state.answers)
            going = [
                Going(
                    states[one.serial_id or 0],
                    places.get(one.location_id or 0, ""),
                    ". ".join(filter(None, (answers.note, one.note))),
                )
                for one in good
            ]
            notes = ". ".join(filter(None, (answers.note, note)))
            done, said = move_in(unit, self._verb, going, answers, customer, notes)
            return Finished(done.document_id, done.document or "", " ".join((_sentence(self._verb, done), *said)))

        return finish


def _sentence(verb: Verb, done: Carried) -> str:
    """What DONE says of serials and quantities."""
    message = f"{done.serials:,} serial{'s' if done.serials != 1 else ''} {verb.done}"
    along = done.units - done.came - done.went
    if along or (verb.destination and not (done.came or done.went)):
        message += f", {_units(along)} of the quantity with them"
    if done.went:
        message += f", {_units(done.went)} less on hand"
    if done.came:
        message += f", {_units(done.came)} more on hand"
    if done.without_quantity:
        message += f". The old place showed no quantity for {done.without_quantity:,}"
    return f"{message}."


def _units(number: int) -> str:
    return f"{number:,} unit{'s' if number != 1 else ''}"


def _planned(verb: Verb, state: DraftState, rows: Sequence[Standing], place: str) -> tuple[Planning, dict[int, Judged]]:
    """Plan a verb on serials, with the answers so far. Returns the plan, and those that refuse by serial id."""
    answers = replace(as_answers(state.answers), place=place)
    planning = Planning(verb, answers, customer_of(state.answers))
    _, refused = planning.plan([row.state for row in rows], {})
    where = _whereabouts([no.state.id for no in refused])
    by_id = {row.id: row for row in rows} if refused else {}
    return planning, {
        row.id: _judged_as(row, _reason(no, row), _refusal(verb, no, where[row.id]))
        for no in refused
        for row in (by_id[no.state.id],)
    }


def _judged(verb: Verb, state: DraftState, rows: Sequence[Standing]) -> list[Judged]:
    """Judge whether a verb can be carried out on serials, with the answers so far; in order."""
    if not rows:
        return []
    place = state.place.code if state.place is not None and Ask.PLACE in verb.asks else ""
    try:
        planning, refusals = _planned(verb, state, rows, place)
    except NotAllowed as refusal:  # the place was closed since it was scanned
        return [_judged_as(row, MoveRefusal.CLOSED, f"{refusal.message} Then scan it again.") for row in rows]
    said: list[Judged] = []
    for row in rows:
        if row.id in refusals:
            said.append(refusals[row.id])
            continue
        keeps = planning.kept_for(row.state)
        for_whom = f", reserved for {keeps}" if keeps else ""
        said.append(_judged_as(row, "", f"{row.way(place, moves=verb.destination)}{for_whom}"))
    return said


def _judged_as(row: Standing, reason: str, message: str) -> Judged:
    key = serial_key(row.serial_number)
    return Judged(row.serial_number, key, near_key(key), reason, message, row.id, row.item_id)


def _reason(no: No, row: Standing) -> str:
    return REASONS.get(row.code, MoveReason.CANNOT) if no.reason is MoveRefusal.STATUS else no.reason


def _refusal(verb: Verb, no: No, where: str) -> str:
    """The refusal; at a station the destination is scanned."""
    if no.reason is MoveRefusal.THERE and verb.destination:
        return f"{no.head(where)}. Scan another destination, or leave it out."
    return no.message(where)


class Leaving:
    """The `Judging` of existing serials: whether a verb may move them."""

    def __init__(self, verb: Verb, state: DraftState, texts: Sequence[str], items: Sequence[ItemFacts | None]) -> None:
        """Look up all texts together.

        Args:
            items: the item of each; None means any.
        """
        cleaned = [_clean(item, text) for text, item in zip(texts, items, strict=True)]
        found = _found(cleaned)
        every = [_best(found, one.key, item) for one, item in zip(cleaned, items, strict=True)]
        mine = [_of_item(rows, item) for rows, item in zip(every, items, strict=True)]
        alone = {row.id: row for rows in mine if len(rows) == 1 for row in rows}
        judged = dict(zip(alone, _judged(verb, state, list(alone.values())), strict=True))
        said = [
            judged[own[0].id] if one.key and len(own) == 1 else _unclear(one, rows, own, item)
            for one, rows, own, item in zip(cleaned, every, mine, items, strict=True)
        ]
        self._said = said if Ask.CUSTOMER in verb.asks else _customers_named(verb, said)
        self._drafted = _drafted(state.draft_id, [one.near for one in self._said if one.key])

    @property
    def cleaned(self) -> Sequence[Judged]:
        """The judged serials, each with its item if that is known."""
        return self._said

    def drafted(self, one: Judged) -> Drafted | None:
        """The draft line of a serial: of its item, or waiting without one."""
        keys = ((one.item_id, one.key), (None, one.key)) if one.key else ()
        return next((self._drafted[key] for key in keys if key in self._drafted), None)

    def say(self, one: Judged) -> Judged:
        """The verdict from the lookup; it does not depend on the serials before it."""
        return one

    def note(self, one: Judged, row: Drafted) -> None:
        """Record that a serial now has a draft line, so that later scans find it."""
        if one.key:
            self._drafted[row.item_id, one.key] = row


def _of_item(rows: Sequence[Standing], item: ItemFacts | None) -> list[Standing]:
    """Those of the item; all of them if it may be any."""
    return [row for row in rows if item is None or row.item_id == item.id]


def _unclear(one: Judged, rows: Sequence[Standing], mine: Sequence[Standing], item: ItemFacts | None) -> Judged:
    """Judge a text that is the serial of several items, of another one, or of none."""
    text, item_id = one.serial_number, None if item is None else item.id
    if not one.key:
        return one._replace(item_id=item_id)
    others = " and ".join(row.sku for row in rows)
    if mine:
        message = f"{text} is a serial of {others}. Scan its item now; it waits for that."
    elif rows and item is not None:
        message = f"{text} is a serial of {others}, not of {item.sku}. Scan its item now; it waits for that."
    else:
        of = "no place, no item and no serial here" if item is None else f"no serial of {item.sku}"
        message = f"{text} is {of}. Check the label, or receive it."
        return one._replace(reason=MoveReason.UNKNOWN, message=message, item_id=item_id)
    return Judged(text, "", "", Reason.NO_ITEM, message)


def _customers_named(verb: Verb, said: Sequence[Judged]) -> list[Judged]:
    """The verdicts, where a text that is no serial may be a customer, for whom the verb does not ask."""
    named = customers_by_key({fold(one.serial_number) for one in said if one.reason == MoveReason.UNKNOWN})
    return [
        one._replace(reason=Reason.CUSTOMER, message=is_customer(found.name, verb.title))
        if one.reason == MoveReason.UNKNOWN and (found := named.get(fold(one.serial_number)))
        else one
        for one in said
    ]


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


def _found(cleaned: Sequence[Judged]) -> dict[str, list[Standing]]:
    """The serials by their folded keys, also by those of texts that they had before they were corrected.

    Removed records count only where nothing else has the text: they were entered by mistake.
    """
    found: dict[str, list[Standing]] = {}
    for row in _read("s.serial_key", sorted({key for one in cleaned for key in _forms(one.key)})):
        found.setdefault(serial_key(row.serial_number), []).append(row)
    is_removed = {key: all(row.code == StatusCode.REMOVED for row in rows) for key, rows in found.items()}
    # Most serials are found as scanned, so that nothing else needs to be looked for.
    missing = {key for one in cleaned if is_removed.get(one.key, True) for key in _forms(one.key)}
    earlier: dict[str, list[Standing]] = {}
    for key, row in _read_earlier(sorted(key for key in missing if is_removed.get(key, True))):
        if row.code != StatusCode.REMOVED or key not in found:
            earlier.setdefault(key, []).append(row)
    for key, rows in (found | earlier).items():
        found[key] = [row for row in rows if row.code != StatusCode.REMOVED] or rows
    return found


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
            f"SELECT i.sku, t.code, p.code, {_STATE} FROM serials s JOIN items i ON i.id = s.item_id "
            "JOIN statuses t ON t.id = s.status_id JOIN locations p ON p.id = s.location_id "
            f"WHERE {column} IN ({bulk.placeholders(len(part))}) ORDER BY i.sku_key, s.id",
            list(part),
        )
        rows += [Standing(ledger.state_of(row[3:]), *row[:3]) for row in found.fetchall()]
    return rows


def _standing(states: Sequence[ledger.State]) -> list[Standing]:
    """Serials that are locked, with the words for them."""
    skus = _words("items", "sku", {state.item_id for state in states})
    codes = _words("statuses", "code", {state.status_id for state in states})
    places = _words("locations", "code", {state.location_id for state in states})
    return [Standing(state, skus[state.item_id], codes[state.status_id], places[state.location_id]) for state in states]


def _read_earlier(keys: Sequence[str]) -> list[tuple[str, Standing]]:
    """Serials by folded keys of texts that they had before they were corrected."""
    aliases: list[tuple[str, int]] = []
    for part in bulk.blocks(keys, _BLOCK):
        sql = f"SELECT alias_key, serial_id FROM serial_aliases WHERE alias_key IN ({bulk.placeholders(len(part))})"
        aliases += bound.execute_sql(sql, part).fetchall()
    rows = {row.id: row for row in _read("s.id", [serial_id for _, serial_id in aliases])}
    return [(key, rows[serial_id]) for key, serial_id in aliases]


def _whereabouts(serial_ids: Iterable[int]) -> dict[int, str]:
    where: dict[int, str] = {}
    for ids in bulk.blocks(sorted(serial_ids), _SHOWN):
        where.update(ledger.whereabouts(ids))
    return where


def _words(table: str, column: str, ids: Collection[int]) -> dict[int, str]:
    """A column of a table by id."""
    words: dict[int, str] = {}
    for part in bulk.blocks(sorted(ids)):
        rows = bound.execute_sql(f"SELECT id, {column} FROM {table} WHERE id IN ({bulk.placeholders(len(part))})", part)
        words.update(rows.fetchall())
    return words


def _drafted(draft_id: int | None, nears: Sequence[str]) -> dict[tuple[int | None, str], Drafted]:
    """Draft lines of serials by (item id, folded key)."""
    drafted: dict[tuple[int | None, str], Drafted] = {}
    if draft_id is not None:
        for part in bulk.blocks(sorted(set(nears)), _BLOCK):
            drafted.update(((one.item_id, one.key), one) for one in drafted_lines(draft_id, part))
    return drafted

"""Changes to a draft besides scanning: take lines out, say what is expected, whether quantities go up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models import bulk
from models.barcodes.commands import CommandCode
from models.errors import BadValue, NotFound
from models.schema import DraftAnnounced, DraftItem
from models.schema.base import bound
from models.serial_text import clean_serial, serial_key
from models.tasks import lines
from models.tasks.facts import item_facts, place_facts
from models.tasks.state import enter_item
from models.tasks.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from models.tasks.facts import ItemFacts
    from models.tasks.sitting import Sitting

MOST_EXPECTED = 10_000_000
"""Units of one receipt."""


def undo(sitting: Sitting, scan: str = "") -> Verdict:
    """Take out what the last scan added: a serial, or the change to a place or an item."""
    state = sitting.state
    state.asked = ""
    code = CommandCode.UNDO
    if state.nothing_to_undo:
        state.nothing_to_undo = False
        message = "The last scan added nothing, so nothing was taken out. UNDO again takes out the one before it."
        return Verdict(Outcome.OUT, scan, "Nothing to undo", message, command=code)
    last = lines.last_line(state.draft_id) if state.draft_id is not None else None
    if last is None or state.draft_id is None:
        return Verdict(Outcome.OUT, scan, "Nothing to undo", "Nothing was scanned yet.", command=code)
    if last.kind == "serial":
        return take_out(sitting, last.number)._replace(scan=scan, command=code)
    lines.set_state(state.draft_id, last.number, "out", reason="undone")
    before = lines.last_line(state.draft_id, kind=last.kind)
    if last.kind == "place":
        state.place = place_facts(before.location_id) if before and before.location_id else None
        now = state.place.code if state.place else "none"
        return Verdict(Outcome.OUT, scan, f"Place: {now}", "The change of place was taken back.", command=code)
    if before and before.item_id:
        enter_item(state, item_facts(before.item_id))
    else:
        state.item = None
    now = state.item.sku if state.item else "none"
    return Verdict(Outcome.OUT, scan, f"Item: {now}", "The change of item was taken back.", command=code)


def take_out(sitting: Sitting, number: int) -> Verdict:
    """Take one serial's line out; the serial can be scanned again.

    Raises:
        NotFound: there is no such line, or it is out already.
    """
    state = sitting.state
    state.asked, state.nothing_to_undo = "", False
    line = lines.line(state.draft_id, number) if state.draft_id is not None else None
    if line is None or state.draft_id is None or line.state == "out":
        raise NotFound(f"Line {number} is out already. Look at the list again.", number=number)
    lines.set_state(state.draft_id, number, "out", reason="taken_out")
    if line.state == "problem":
        state.problems -= 1
    elif line.item_id is not None:
        state.good[line.item_id] -= 1
    message = "It was taken out and can be scanned again."
    return Verdict(Outcome.OUT, line.scan, line.shown, message, "", number, line.position)


def expect(sitting: Sitting, units: int | None) -> None:
    """Say how many units of the present item shall come.

    Raises:
        BadValue
    """
    if units is not None and not 1 <= units <= MOST_EXPECTED:
        raise BadValue(f"The expected number is 1 to {MOST_EXPECTED:,}, not {units:,}.", field="expected")
    item = _item(sitting)
    sitting.state.expected[item.id] = units
    _store(sitting, item)


def add_to_quantity(sitting: Sitting, adds: bool) -> None:
    """Say whether the present item's quantity goes up.

    Raises:
        BadValue
    """
    item = _item(sitting)
    sitting.state.adds_quantity[item.id] = adds
    _store(sitting, item)


def announce(sitting: Sitting, serials: Sequence[str]) -> int:
    """Give the list of serials that shall come of the present item; an empty one takes the list away.

    Raises:
        BadValue
    """
    item, draft_id = _item(sitting), sitting.draft_id()
    announced: dict[str, str] = {}
    for text in serials:
        serial = clean_serial(text)
        announced.setdefault(serial_key(serial), serial)
    DraftAnnounced.delete().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item.id)).execute()
    rows = [(draft_id, item.id, key, serial) for key, serial in announced.items()]
    bulk.insert("draft_announced", ("draft_id", "item_id", "serial_key", "serial_number"), rows)
    sitting.state.announced[item.id] = len(rows)
    sitting.state.expected[item.id] = len(rows) or None
    _store(sitting, item)
    return len(rows)


def is_announced(draft_id: int, item_id: int) -> bool:
    """Whether a list of serials was announced for the item."""
    there = DraftAnnounced.select().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item_id))
    return bool(there.exists())


def missing(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Announced serials of an item that no good line has, by name; at most `limit`."""
    one = bound.param
    rows = bound.execute_sql(
        f"SELECT a.serial_number FROM draft_announced a WHERE a.draft_id = {one} AND a.item_id = {one} "
        "AND NOT EXISTS (SELECT 1 FROM draft_lines l WHERE l.draft_id = a.draft_id AND l.item_id = a.item_id "
        "AND l.serial_key = a.serial_key AND l.kind = 'serial' AND l.state = 'good') "
        f"ORDER BY a.serial_key LIMIT {limit}",
        (draft_id, item_id),
    )
    return [row[0] for row in rows.fetchall()]


def unannounced(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Good serials of an item that were not announced, by name; at most `limit`."""
    one = bound.param
    rows = bound.execute_sql(
        f"SELECT l.serial_number FROM draft_lines l WHERE l.draft_id = {one} AND l.item_id = {one} "
        "AND l.kind = 'serial' AND l.state = 'good' AND NOT EXISTS (SELECT 1 FROM draft_announced a "
        "WHERE a.draft_id = l.draft_id AND a.item_id = l.item_id AND a.serial_key = l.serial_key) "
        f"ORDER BY l.number LIMIT {limit}",
        (draft_id, item_id),
    )
    return [row[0] for row in rows.fetchall()]


def _item(sitting: Sitting) -> ItemFacts:
    if sitting.state.item is None:
        raise BadValue("No item is chosen. Scan the item first.", field="item")
    sitting.state.asked = ""
    return sitting.state.item


def _store(sitting: Sitting, item: ItemFacts) -> None:
    draft_id, state = sitting.draft_id(), sitting.state
    expected, adds = state.expected.get(item.id), state.adds_quantity.get(item.id, True)
    DraftItem.insert(draft=draft_id, item=item.id, expected=expected, adds_quantity=adds).on_conflict(
        conflict_target=[DraftItem.draft, DraftItem.item],
        update={DraftItem.expected: expected, DraftItem.adds_quantity: adds},
    ).execute()

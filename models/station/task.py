"""Changes to a draft besides scanning: take lines out, say what is expected, whether quantities go up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from models.barcodes.commands import CommandCode
from models.database import bulk
from models.errors import BadValue, NotFound
from models.schema import DraftAnnounced, DraftItem
from models.schema.base import bound
from models.serials.judging import clean
from models.serials.ranges import no_line, refuse_more
from models.station import lines
from models.station.state import enter_item, looks_of
from models.tasks.facts import item_facts, place_facts
from models.tasks.lists import BLANKS
from models.tasks.verdict import Outcome, Reason, Verdict
from models.tasks.waiting import give_back
from models.text import clean_serial

if TYPE_CHECKING:
    from models.station.lines import Line
    from models.station.state import State
    from models.tasks.facts import ItemFacts
    from models.tasks.sitting import Sitting

MOST_EXPECTED = 10_000_000
"""Units of one receipt."""

_MISSING: Final = (
    "FROM draft_announced a WHERE a.draft_id = ? AND a.item_id = ? "
    "AND NOT EXISTS (SELECT 1 FROM draft_lines l WHERE l.draft_id = a.draft_id AND l.item_id = a.item_id "
    "AND l.serial_key = a.serial_key AND l.kind = 'serial' AND l.state = 'good')"
)
_UNANNOUNCED: Final = (
    "FROM draft_lines l WHERE l.draft_id = ? AND l.item_id = ? "
    "AND l.kind = 'serial' AND l.state = 'good' AND NOT EXISTS (SELECT 1 FROM draft_announced a "
    "WHERE a.draft_id = l.draft_id AND a.item_id = l.item_id AND a.serial_key = l.serial_key)"
)


class Named(NamedTuple):
    """Serials of which there may be very many."""

    total: int
    """How many they are."""
    names: list[str]
    """The first of them."""


def undo(sitting: Sitting, scan: str = "") -> Verdict:  # noqa: PLR0911 - one for each kind of scan
    """Take out all that the last scan added: its serials, the change to a place or an item."""
    state = sitting.state
    state.asked = ""
    sitting.entries.forget()
    if state.nothing_to_undo:
        state.nothing_to_undo = False
        message = "The last scan added nothing, so nothing was taken out. UNDO again takes out the one before it."
        return _undone(scan, "Nothing to undo", message)
    if state.left is not None:
        enter_item(state, item_facts(state.left))
        state.left = None
        return _item_now(scan, state, "NEXT was taken back.")
    if state.kept:
        return take_out(sitting, state.kept)._replace(scan=scan, command=CommandCode.UNDO)
    added = lines.of_last_scan(state.draft_id) if state.draft_id is not None else []
    if not added or state.draft_id is None:
        return _undone(scan, "Nothing to undo", "Nothing was scanned yet.")
    serials = [one.number for one in added if one.kind == "serial"]
    first = added[-1]
    verdict = _take_out(sitting, serials)._replace(scan=scan, command=CommandCode.UNDO) if serials else None
    if first.kind == "serial":
        assert verdict is not None
        return verdict
    lines.set_state(state.draft_id, first.number, "out", reason="undone")
    before = lines.last_line(state.draft_id, kind=first.kind)
    if first.kind == "place":
        state.place = place_facts(before.location_id) if before and before.location_id else None
        now = state.place.code if state.place else "none"
        return _undone(scan, f"Place: {now}", "The change of place was taken back.")
    waiting = give_back(sitting, first, before)
    if before and before.item_id and not waiting:
        enter_item(state, item_facts(before.item_id))
    else:
        state.item = None
    if verdict is None:
        return _item_now(scan, state, f"The change of item was taken back. {waiting}".strip())
    now = f"The item is {state.item.sku} again." if state.item else "No item is chosen now."
    return verdict._replace(message=f"{verdict.message} {now} {waiting}".strip())


def take_out(sitting: Sitting, number: int) -> Verdict:
    """Take one serial's line out; the serial can be scanned again.

    Raises:
        NotFound: there is no such line, or it is out already.
    """
    line = _line(sitting, number)
    return _take_out(sitting, [line.number])


def correct(sitting: Sitting, number: int, text: str) -> Verdict:
    """Put a typed serial in place of a line's, of the same item and at the same place; nothing in it is read as a code.

    Raises:
        NotFound: there is no such line, or it is out already.
        BadValue: it cannot be a serial.
    """
    line, serial = _line(sitting, number), clean_serial(text)
    _take_out(sitting, [number])
    return sitting.take_corrected(serial, line.item_id, line.location_id)


def _line(sitting: Sitting, number: int) -> Line:
    draft_id = sitting.state.draft_id
    line = lines.line(draft_id, number) if draft_id is not None else None
    if line is None or line.state == "out":
        raise NotFound(f"Line {number} is out already. Look at the list again.", number=number)
    return line


def _take_out(sitting: Sitting, numbers: Sequence[int]) -> Verdict:
    """Take serials' lines out; the verdict names the first of them."""
    state = sitting.state
    assert state.draft_id is not None
    state.begin_scan()
    found = lines.these(state.draft_id, numbers)
    for line in found:
        sitting.entries.change(lines.taken_out(line))
        if line.state == "problem":
            state.problems -= 1
        elif line.item_id is not None:
            state.good[line.item_id] -= 1
    sitting.entries.forget()
    if state.item is not None and any(line.state == "good" and line.item_id == state.item.id for line in found):
        state.looks = looks_of(state.item, state.draft_id)
    line = found[0]
    message = "It was taken out and can be scanned again."
    if len(found) > 1:
        message = f"{len(found)} serials were taken out and can be scanned again."
    return Verdict(Outcome.OUT, line.scan, line.shown, message, "", line.number, line.position)


def _undone(scan: str, subject: str, message: str) -> Verdict:
    return Verdict(Outcome.OUT, scan, subject, message, command=CommandCode.UNDO)


def _item_now(scan: str, state: State, message: str) -> Verdict:
    return _undone(scan, f"Item: {state.item.sku if state.item else 'none'}", message)


def expect(sitting: Sitting, units: int | None) -> None:
    """Say how many units of the present item shall come.

    Raises:
        BadValue
    """
    check_expected(units)
    item = _item(sitting)
    sitting.state.expected[item.id] = units
    _store(sitting, item)


def check_expected(units: int | None) -> None:
    """Refuse a number of units that cannot be expected; None is fine.

    Raises:
        BadValue
    """
    if units is not None and not 1 <= units <= MOST_EXPECTED:
        raise BadValue(f"The expected number is 1 to {MOST_EXPECTED:,}, not {units:,}.", field="units")


def add_to_quantity(sitting: Sitting, adds: bool) -> None:
    """Say whether the present item's quantity goes up.

    Raises:
        BadValue
    """
    item = _item(sitting)
    sitting.state.adds_quantity[item.id] = adds
    _store(sitting, item)


def announce(sitting: Sitting, serials: Sequence[str]) -> int:
    """Give the list of serials that shall come of the present item; one without any takes the list away.

    Raises:
        BadValue: see `checked_list`.
    """
    item = _item(sitting)
    announced = checked_list(item, serials)
    if not announced and not sitting.state.announced[item.id]:
        return 0
    draft_id = sitting.entries.draft_id()
    DraftAnnounced.delete().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item.id)).execute()
    rows = [(draft_id, item.id, key, serial) for key, serial in announced.items()]
    bulk.insert("draft_announced", ("draft_id", "item_id", "serial_key", "serial_number"), rows)
    sitting.state.announced[item.id] = len(rows)
    sitting.state.expected[item.id] = len(rows) or None
    _store(sitting, item)
    return len(rows)


def checked_list(item: ItemFacts, texts: Sequence[str]) -> dict[str, str]:
    """The serials of an announced list, by folded key.

    Args:
        texts: the lines of the list; blank ones are left out, and a serial that is given twice counts once.

    Raises:
        BadValue: a line cannot be a serial of the item, or there are too many; says which line and how many more.
    """
    announced: dict[str, str] = {}
    wrong: list[tuple[int, str]] = []
    for number, text in enumerate(texts, 1):
        if not text.strip(BLANKS):
            continue
        if range_of := no_line(text):
            wrong.append((number, range_of))
            continue
        one = clean(item, text)
        if one.reason and one.reason != Reason.RULE:  # a rule may be wrong; whoever receives them will be told
            wrong.append((number, one.message))
        elif one.key:
            announced.setdefault(one.key, one.serial_number)
    if wrong:
        (number, message), rest = wrong[0], len(wrong) - 1
        more = f" and {rest:,} more" if rest else ""
        raise BadValue(f"Line {number:,}{more}: {message}", field="list")
    refuse_more(len(announced), f"The list has {len(announced):,} serials", field="list")
    return announced


def is_announced(draft_id: int, item_id: int) -> bool:
    """Whether a list of serials was announced for the item."""
    there = DraftAnnounced.select().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item_id))
    return bool(there.exists())


def missing(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Announced serials of an item that no good line has, by name; at most `limit`."""
    return _names(f"a.serial_number {_MISSING} ORDER BY a.serial_key LIMIT {limit}", draft_id, item_id)


def unannounced(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Good serials of an item that were not announced, by name; at most `limit`."""
    return _names(f"l.serial_number {_UNANNOUNCED} ORDER BY l.number LIMIT {limit}", draft_id, item_id)


def compare(draft_id: int, item_id: int, limit: int = 1_000) -> tuple[Named, Named]:
    """What is missing of an announced list, and what came that is not on it."""
    return (
        Named(_count(_MISSING, draft_id, item_id), missing(draft_id, item_id, limit)),
        Named(_count(_UNANNOUNCED, draft_id, item_id), unannounced(draft_id, item_id, limit)),
    )


def _names(select: str, draft_id: int, item_id: int) -> list[str]:
    rows = bound.execute_sql(f"SELECT {select}".replace("?", bound.param), (draft_id, item_id))
    return [row[0] for row in rows.fetchall()]


def _count(condition: str, draft_id: int, item_id: int) -> int:
    rows = bound.execute_sql(f"SELECT count(*) {condition}".replace("?", bound.param), (draft_id, item_id))
    return int(rows.fetchone()[0])


def _item(sitting: Sitting) -> ItemFacts:
    if sitting.state.item is None:
        raise BadValue("No item is chosen. Scan the item first.", field="item")
    sitting.state.asked = ""
    return sitting.state.item


def _store(sitting: Sitting, item: ItemFacts) -> None:
    draft_id, state = sitting.entries.draft_id(), sitting.state
    expected, adds = state.expected.get(item.id), state.adds_quantity.get(item.id, True)
    DraftItem.insert(draft=draft_id, item=item.id, expected=expected, adds_quantity=adds).on_conflict(
        conflict_target=[DraftItem.draft, DraftItem.item],
        update={DraftItem.expected: expected, DraftItem.adds_quantity: adds},
    ).execute()

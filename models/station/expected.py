"""What shall come of an item: a number or an announced list, compared with what has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from models.database import bulk
from models.errors import BadValue
from models.items.rules import ItemFacts
from models.schema import DraftAnnounced, DraftItem, bound
from models.serials.judging import Reason, clean
from models.serials.ranges import BLANKS, no_line, refuse_more
from models.station.lines import Entries
from models.station.state import DraftState

CHOOSE_ITEM: Final = "No item is chosen. Scan the item first."

MOST_EXPECTED: Final = 10_000_000
"""Units of one draft."""

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


def expect(state: DraftState, entries: Entries, units: int | None) -> None:
    """Say how many units of the present item shall come.

    Raises:
        BadValue
    """
    check_expected(units)
    item = _item(state)
    state.expected[item.id] = units
    _store(state, entries, item)


def check_expected(units: int | None) -> None:
    """Refuse a number of units that cannot be expected; None is fine.

    Raises:
        BadValue
    """
    if units is not None and not 1 <= units <= MOST_EXPECTED:
        raise BadValue(f"The expected number is 1 to {MOST_EXPECTED:,}, not {units:,}.", field="units")


def add_to_quantity(state: DraftState, entries: Entries, adds: bool) -> None:
    """Say whether the present item's quantity goes up.

    Raises:
        BadValue
    """
    item = _item(state)
    state.adds_quantity[item.id] = adds
    _store(state, entries, item)


def announce(state: DraftState, entries: Entries, serials: Sequence[str]) -> int:
    """Give the list of serials that shall come of the present item; one without any takes the list away.

    Raises:
        BadValue: see `checked_list`.
    """
    item = _item(state)
    announced = checked_list(item, serials)
    if not announced and not state.announced[item.id]:
        return 0
    draft_id = entries.draft_id()
    DraftAnnounced.delete().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item.id)).execute()
    rows = [(draft_id, item.id, key, serial) for key, serial in announced.items()]
    bulk.insert("draft_announced", ("draft_id", "item_id", "serial_key", "serial_number"), rows)
    state.announced[item.id] = len(rows)
    state.expected[item.id] = len(rows) or None
    _store(state, entries, item)
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


def _item(state: DraftState) -> ItemFacts:
    if state.item is None:
        raise BadValue(CHOOSE_ITEM, field="item")
    state.asked = ""
    return state.item


def _store(state: DraftState, entries: Entries, item: ItemFacts) -> None:
    draft_id = entries.draft_id()
    expected, adds = state.expected.get(item.id), state.adds_quantity.get(item.id, True)
    DraftItem.insert(draft=draft_id, item=item.id, expected=expected, adds_quantity=adds).on_conflict(
        conflict_target=[DraftItem.draft, DraftItem.item],
        update={DraftItem.expected: expected, DraftItem.adds_quantity: adds},
    ).execute()

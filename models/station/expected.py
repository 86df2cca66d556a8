"""Expected units of an item in a draft: a number or an announced list, compared with the scanned serials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from models.database import bulk
from models.errors import BadValue
from models.items.rules import ItemFacts
from models.schema import DraftAnnounced, DraftItem, bound
from models.serials.judging import Reason, clean
from models.serials.ranges import BLANKS, first_wrong, no_line, refuse_more
from models.station.lines import Entries, require_known
from models.station.state import DraftState

CHOOSE_ITEM: Final = "No item is chosen. Scan the item first."

MOST_EXPECTED: Final = 10_000_000
"""Maximum expected number of units of an item."""

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
    """A possibly very long set of serials: its size, and the first of them."""

    total: int
    names: list[str]
    """The first serials, up to a limit."""


def expect(state: DraftState, entries: Entries, units: int | None) -> None:
    """Set the expected number of units of the current item; None removes it.

    Raises:
        BadValue
    """
    check_expected(units)
    item = _item(state)
    state.expected[item.id] = units
    _store(state, entries, item)


def check_expected(units: int | None) -> None:
    """Refuse an expected number outside 1 to `MOST_EXPECTED`; None is allowed.

    Raises:
        BadValue
    """
    if units is not None and not 1 <= units <= MOST_EXPECTED:
        raise BadValue(f"The expected number is 1 to {MOST_EXPECTED:,}, not {units:,}.", field="units")


def typed_units(text: str) -> int | None:
    """The expected number that a person typed; None if nothing was typed.

    Raises:
        BadValue: it is no whole number; `check_expected` judges how large it is.
    """
    if text and not text.isdecimal():
        raise BadValue(f"{text} is no number of units. Give a whole number above zero.", field="units")
    return int(text) if text else None


def add_to_quantity(state: DraftState, entries: Entries, adds: bool) -> None:
    """Set whether the current item's quantity goes up at DONE.

    Raises:
        BadValue
    """
    item = _item(state)
    state.adds_quantity[item.id] = adds
    _store(state, entries, item)


def announce(state: DraftState, entries: Entries, serials: Sequence[str]) -> int:
    """Set the announced list of the current item and the expected number with it; an empty list removes both.

    Returns:
        The number of serials on the list.

    Raises:
        BadValue: no item is chosen; see also `checked_list`.
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
    """Check an announced list.

    Args:
        texts: the lines of the list; blank lines are ignored, and a repeated serial counts once.

    Returns:
        Folded key → serial number.

    Raises:
        BadValue: a line cannot be a serial of the item, or there are too many; names the first bad line and how many
            more there are.
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
        if one.reason and one.reason != Reason.RULE:  # the rule may be wrong; the scan checks it again
            wrong.append((number, one.message))
        elif one.key:
            announced.setdefault(one.key, one.serial_number)
    if wrong:
        raise BadValue(first_wrong(wrong), field="list")
    refuse_more(len(announced), f"The list has {len(announced):,} serials", field="list")
    return announced


def is_announced(draft_id: int, item_id: int) -> bool:
    """Whether a list of serials was announced for the item."""
    there = DraftAnnounced.select().where((DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item_id))
    return bool(there.exists())


def missing(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Announced serials of an item without a good line, in key order; at most `limit`."""
    return _names(f"a.serial_number {_MISSING} ORDER BY a.serial_key LIMIT {limit}", draft_id, item_id)


def unannounced(draft_id: int, item_id: int, limit: int = 1_000) -> list[str]:
    """Good serials of an item that were not announced, in scan order; at most `limit`."""
    return _names(f"l.serial_number {_UNANNOUNCED} ORDER BY l.number LIMIT {limit}", draft_id, item_id)


def compare(draft_id: int, item_id: int, limit: int = 1_000) -> tuple[Named, Named]:
    """Compare an announced list with the good lines: (missing, unannounced)."""
    require_known(draft_id)
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
    state.asked = ""  # a changed setting cancels a pending confirmation of DONE or CANCEL
    return state.item


def _store(state: DraftState, entries: Entries, item: ItemFacts) -> None:
    draft_id = entries.draft_id()
    expected, adds = state.expected.get(item.id), state.adds_quantity.get(item.id, True)
    DraftItem.insert(draft=draft_id, item=item.id, expected=expected, adds_quantity=adds).on_conflict(
        conflict_target=[DraftItem.draft, DraftItem.item],
        update={DraftItem.expected: expected, DraftItem.adds_quantity: adds},
    ).execute()

"""The in-memory state of a station's draft: current place and item, counts, expected units; and the view of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from models.database.types_read import typed
from models.items.rules import SAMPLE, ItemFacts, Looks, PlaceFacts, item_facts, place_facts
from models.schema import Draft, DraftAnnounced, DraftItem, DraftLine, bound
from models.station.answers import Given, answers_of, awaited
from models.station.task import First


@dataclass(frozen=True, slots=True)
class View:
    """What the screen shows of a draft."""

    draft_id: int | None
    """None before the first scan."""
    place: PlaceFacts | None
    item: ItemFacts | None
    count: int
    """Good serials of the current item; of all items if none is chosen."""
    expected: int | None
    """Expected units of the current item; None if not set."""
    total: int
    """Good serials of all items."""
    problems: int
    adds_quantity: bool
    """Whether DONE increases the quantity of the current item."""
    announced: int
    """Serials of the current item on the announced list."""
    next: str
    """The prompt for the next scan."""
    answers: Mapping[First, str] = field(default_factory=dict)
    """What was answered besides place and item, in words."""
    given: Mapping[First, Given] = field(default_factory=dict)
    """The same, as stored."""


@dataclass(slots=True)
class DraftState:
    """The state of a draft in memory. `copy` it before a transaction, so that a retry starts from the same state."""

    draft_id: int | None = None
    place: PlaceFacts | None = None
    item: ItemFacts | None = None
    last_number: int = 0
    last_position: int = 0
    looks: Looks = field(default_factory=Looks)
    """The learned shape of the current item's serials, including good lines of this draft."""
    good: Counter[int] = field(default_factory=Counter)
    """Number of good serials by item id."""
    problems: int = 0
    expected: dict[int, int | None] = field(default_factory=dict)
    adds_quantity: dict[int, bool] = field(default_factory=dict)
    announced: Counter[int] = field(default_factory=Counter)
    """Number of announced serials by item id."""
    answers: dict[First, Given] = field(default_factory=dict)
    """What was answered besides place and item."""
    awaited: int = 0
    """Units on their way on the transfer that arrives."""
    asked: str = ""
    """The command that is carried out if it is scanned a second time; empty for none."""
    nothing_to_undo: bool = False
    """The last scan added nothing, so the next UNDO must not take out the scan before it."""
    kept: int = 0
    """Number of the line that the last scan changed from a problem to good; 0 for none."""
    left: int | None = None
    """Id of the item that NEXT ended, until the next scan; UNDO restores it."""

    def begin_scan(self) -> None:
        """Reset what belongs to the previous scan only."""
        self.asked, self.nothing_to_undo, self.kept, self.left = "", False, 0, None

    def copy(self) -> DraftState:
        """An independent copy."""
        return replace(
            self,
            looks=self.looks.copy(),
            good=self.good.copy(),
            expected=dict(self.expected),
            answers=dict(self.answers),
            adds_quantity=dict(self.adds_quantity),
            announced=self.announced.copy(),
        )

    def view(self, next_scan: str) -> View:
        """What the screen shows.

        Args:
            next_scan: the prompt for the next scan.
        """
        item_id = self.item.id if self.item else None
        total = self.good.total()
        return View(
            self.draft_id,
            self.place,
            self.item,
            total if item_id is None else self.good[item_id],
            self.awaited or None if item_id is None else self.expected.get(item_id),
            total,
            self.problems,
            item_id is None or self.adds_quantity.get(item_id, True),
            0 if item_id is None else self.announced[item_id],
            next_scan,
            {first: given.shown for first, given in self.answers.items()},
            self.answers,
        )


def load(draft_id: int) -> DraftState:
    """Load the state of a draft from the database.

    Raises:
        TypeError, ValueError: a row is damaged.
    """
    draft = Draft.get_by_id(draft_id)
    state = DraftState(draft_id)
    state.place = place_facts(draft.location_id) if draft.location_id else None
    one = bound.param
    ends = bound.execute_sql(
        f"SELECT coalesce(max(number), 0), coalesce(max(position), 0) FROM draft_lines WHERE draft_id = {one}",
        (draft_id,),
    ).fetchone()
    state.last_number, state.last_position = ends
    last_answer, state.answers = answers_of(draft_id)
    state.last_number = max(state.last_number, last_answer)
    state.awaited = awaited(state.answers)
    rows = bound.execute_sql(
        f"SELECT kind, state, item_id, count(*) FROM draft_lines WHERE draft_id = {one} GROUP BY kind, state, item_id",
        (draft_id,),
    )
    for kind, name, item_id, count in rows.fetchall():
        is_good = DraftLine.state.known(name) == "good"
        if DraftLine.kind.known(kind) == "serial" and is_good:
            state.good[item_id] += count
        elif kind == "serial" and name == "problem":
            state.problems += count
    for item_id, said in said_of(draft_id).items():
        state.expected[item_id] = said.expected
        state.adds_quantity[item_id] = said.adds_quantity
    lists = bound.execute_sql(
        f"SELECT item_id, count(*) FROM draft_announced WHERE draft_id = {one} GROUP BY item_id", (draft_id,)
    )
    state.announced.update(dict(lists.fetchall()))
    if draft.item_id:
        enter_item(state, item_facts(draft.item_id))
    return typed(state)


def enter_item(state: DraftState, item: ItemFacts) -> None:
    """Make an item the current one."""
    state.item, state.looks = item, looks_of(item, state.draft_id)


def looks_of(item: ItemFacts, draft_id: int | None) -> Looks:
    """The learned shape of an item's serials, including the latest good lines of a draft; at most `SAMPLE` serials."""
    looks = Looks.of(item.texts)
    wanted = SAMPLE - looks.count
    if wanted > 0 and draft_id is not None:
        lines = (
            DraftLine.select(DraftLine.serial_number)
            .where(
                (DraftLine.draft == draft_id)
                & (DraftLine.item == item.id)
                & (DraftLine.kind == "serial")
                & (DraftLine.state == "good")
            )
            .order_by(DraftLine.number.desc())
            .limit(wanted)
        )
        for (text,) in lines.tuples().execute():
            looks.add(text)
    return looks


def announced_among(state: DraftState, keys: list[str]) -> set[str] | None:
    """The keys that were announced for the current item; None if it has no announced list."""
    if state.item is None or state.draft_id is None or not state.announced[state.item.id]:
        return None
    return announced_of(state.draft_id, state.item.id, keys)


def announced_of(draft_id: int, item_id: int, keys: list[str]) -> set[str]:
    """The folded keys that are on the announced list of an item."""
    found = (
        DraftAnnounced.select(DraftAnnounced.serial_key)
        .where(
            (DraftAnnounced.draft == draft_id) & (DraftAnnounced.item == item_id) & DraftAnnounced.serial_key.in_(keys)
        )
        .tuples()
        .execute()
    )
    return {key for (key,) in found}


def said_of(draft_id: int) -> dict[int, DraftItem]:
    """Expected units and quantity choice of a draft, by item id."""
    return {row.item_id: row for row in DraftItem.select().where(DraftItem.draft == draft_id)}

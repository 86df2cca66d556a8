"""What a station knows of its draft without asking: where the next scan goes, and the counts on the screen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from models.items.rules import SAMPLE, ItemFacts, Looks, PlaceFacts, item_facts, place_facts
from models.schema import Draft, DraftAnnounced, DraftItem, DraftLine, bound


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows of a draft."""

    draft_id: int | None
    """None before the first scan."""
    place: PlaceFacts | None
    item: ItemFacts | None
    count: int
    """Good serials of the item; of all items where none is chosen."""
    expected: int | None
    """Of the item."""
    total: int
    """Good serials of all items."""
    problems: int
    adds_quantity: bool
    """Whether the item's quantity goes up."""
    announced: int
    """Serials of the item on the announced list."""
    next: str
    """What to scan next."""


@dataclass(slots=True)
class DraftState:
    """The part of a draft that is kept in memory; `copy` it before a transaction, so that a retry begins anew."""

    draft_id: int | None = None
    place: PlaceFacts | None = None
    item: ItemFacts | None = None
    last_number: int = 0
    last_position: int = 0
    looks: Looks = field(default_factory=Looks)
    """What the serials of the item look like, the good ones of this draft included."""
    good: Counter[int] = field(default_factory=Counter)
    """Good serials by item."""
    problems: int = 0
    expected: dict[int, int | None] = field(default_factory=dict)
    adds_quantity: dict[int, bool] = field(default_factory=dict)
    announced: Counter[int] = field(default_factory=Counter)
    """How many serials of an item were announced."""
    asked: str = ""
    """Which command, or code, does something when it comes once more."""
    nothing_to_undo: bool = False
    """Whether the last scan added nothing, so that UNDO must not take out the one before it."""
    kept: int = 0
    """The line that the last scan confirmed; 0 where it confirmed none."""
    left: int | None = None
    """The id of the item that NEXT left, as long as nothing was scanned since."""

    def begin_scan(self) -> None:
        """Forget what only the scan before this one has to do with."""
        self.asked, self.nothing_to_undo, self.kept, self.left = "", False, 0, None

    def copy(self) -> DraftState:
        """Another one with the same content."""
        return replace(
            self,
            looks=self.looks.copy(),
            good=self.good.copy(),
            expected=dict(self.expected),
            adds_quantity=dict(self.adds_quantity),
            announced=self.announced.copy(),
        )

    def view(self, next_scan: str) -> View:
        """What a screen shows.

        Args:
            next_scan: what to scan next.
        """
        item_id = self.item.id if self.item else None
        total = self.good.total()
        return View(
            self.draft_id,
            self.place,
            self.item,
            total if item_id is None else self.good[item_id],
            None if item_id is None else self.expected.get(item_id),
            total,
            self.problems,
            item_id is None or self.adds_quantity.get(item_id, True),
            0 if item_id is None else self.announced[item_id],
            next_scan,
        )


def load(draft_id: int) -> DraftState:
    """Read the state of a draft that is opened again."""
    draft = Draft.get_by_id(draft_id)
    state = DraftState(draft_id)
    state.place = place_facts(draft.location_id) if draft.location_id else None
    one = bound.param
    ends = bound.execute_sql(
        f"SELECT coalesce(max(number), 0), coalesce(max(position), 0) FROM draft_lines WHERE draft_id = {one}",
        (draft_id,),
    ).fetchone()
    state.last_number, state.last_position = ends
    rows = bound.execute_sql(
        f"SELECT state, item_id, count(*) FROM draft_lines WHERE draft_id = {one} AND kind = 'serial' "
        "GROUP BY state, item_id",
        (draft_id,),
    )
    for name, item_id, count in rows.fetchall():
        if name == "good":
            state.good[item_id] += count
        elif name == "problem":
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
    return state


def enter_item(state: DraftState, item: ItemFacts) -> None:
    """Make an item the one whose serials come next."""
    state.item, state.looks = item, looks_of(item, state.draft_id)


def looks_of(item: ItemFacts, draft_id: int | None) -> Looks:
    """What the serials of an item look like, the good lines of a draft included."""
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
    """Which folded keys were announced for the present item; None where nothing was."""
    if state.item is None or state.draft_id is None or not state.announced[state.item.id]:
        return None
    return announced_of(state.draft_id, state.item.id, keys)


def announced_of(draft_id: int, item_id: int, keys: list[str]) -> set[str]:
    """Which folded keys are on the announced list of an item."""
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
    """What was said about each item of a draft, by the item's id."""
    return {row.item_id: row for row in DraftItem.select().where(DraftItem.draft == draft_id)}

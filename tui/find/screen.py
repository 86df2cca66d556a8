"""The Find screen, which looks everywhere for a typed text and lists the hits by kind while they are found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from models.errors import NotFound, SerialdockError, Unreadable
from models.find import FindGroup, FindHit, FindKind, Match, Search
from models.ngrams import Indexing
from models.verbs import PlaceMeaning
from tui.context import Kind
from tui.kit.changed_rows import CHANGED_SECONDS, CHANGED_SIGN, ChangedRows
from tui.kit.form import Options
from tui.kit.page import Frame
from tui.kit.shown import show
from tui.records.status import status_cell
from tui.routes import CustomerRecord, DocumentRecord, Find, ItemRecord, PlaceRecord, RecordRoute, SerialRecord
from tui.scanning.fields import FindField
from tui.text import clip, plain
from tui.themes import style_sheets

_HEADINGS: Final = {
    FindKind.SERIAL: "Serials",
    FindKind.ITEM: "Items",
    FindKind.LOCATION: "Locations",
    FindKind.CUSTOMER: "Customers",
    FindKind.DOCUMENT: "Documents",
}

_ROUTES: Final[dict[FindKind, type[RecordRoute]]] = {
    FindKind.SERIAL: SerialRecord,
    FindKind.ITEM: ItemRecord,
    FindKind.LOCATION: PlaceRecord,
    FindKind.CUSTOMER: CustomerRecord,
    FindKind.DOCUMENT: DocumentRecord,
}

_HINT: Final = "Type a part of what you remember: a serial, an item, a location, a customer, a document's number."

_WIDEST: Final = 30
"""Cells of a column; on narrow screens a third of the width."""

_INDEX_PAUSE: Final = 0.05
"""Seconds between two steps of the index, in which the database thread is free for everything else."""


class FindScreen(Frame[None]):
    """The Find screen. Each change of the text is a search of its own, and only the newest one is answered."""

    CSS_PATH = style_sheets("records", "find")
    TITLE_TEXT = "Find"
    ROUTE = Find()
    FORGETS = True
    FOLLOWS = True
    HELP = (
        "Finds serials by their whole text, beginning, last characters, any part, or a text that they had before it "
        "was corrected; items by SKU, name or barcode; locations and customers by name or code; documents by number. "
        "Case plays no part. Up and Down move, F4 goes to the next kind and F6 to the one before, Enter opens what is "
        "under the cursor. A scan opens what it names."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "next_kind", "kind_before", "find_anywhere")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear", id="find.clear", tooltip="Empty Find; go back if it is empty", show=False),
        Binding("f4", "next_kind", "Next kind", id="find.next-kind", tooltip="Go to the next kind of hits"),
        Binding("f5", "refresh", "Refresh", id="find.refresh", tooltip="Look again"),
        Binding("f6", "kind_before", "Kind before", id="find.kind-before", tooltip="Go to the kind of hits before"),
    ]

    def __init__(self, text: str = "") -> None:
        """Make the screen.

        Args:
            text: what to look for first; the one thing that it names as a whole is opened at once.
        """
        super().__init__()
        self._first = text
        self._listed_for: str | None = None
        """The text whose hits are listed; None while nothing is listed."""
        self._groups: tuple[FindGroup, ...] = ()
        self._listed: list[FindHit | None] = []
        """The hit of each line; None for a heading."""
        self._is_done = True
        """Whether all hits of the text are listed."""
        self._changes = ChangedRows[FindHit]()
        self._refused_at: str | None = None
        """The text in the field when the present problem was shown; None if no problem is shown."""

    def compose_body(self) -> ComposeResult:
        """The field, the hits, and how many there are."""
        with HorizontalGroup(classes="find"):
            yield Static("Find", classes="find-label")
            yield FindField(placeholder="serial, item, location, customer, document", id="find")
        yield Options(classes="options hits", id="hits", compact=True)
        with HorizontalGroup(classes="list-foot"):
            yield Static("", classes="list-rest")
            yield Static("", classes="list-position")

    @property
    def find(self) -> FindField:
        """The field."""
        return self.query_one("#find", FindField)

    @property
    def hits(self) -> OptionList:
        """The hits."""
        return self.query_one("#hits", OptionList)

    @property
    def gives_way(self) -> bool:
        """Always true: nothing that is typed here is lost."""
        return True

    def on_mount(self) -> None:
        """Focus the field, and look for the first text."""
        self.hits.can_focus = False  # the field keeps the focus, so that typing and scans go on there
        self.find.focus()
        if self._first.strip():
            with self.find.prevent(Input.Changed):  # the next look would end this one, which may open its only hit
                self.find.value = self._first
            self.find.select_all()
            self._look(self._first, opens=True)
        else:
            self.say(_HINT)

    def on_screen_resume(self) -> None:
        """Look again when this screen is in front again; the cursor stays."""
        if self._listed_for is not None:
            self._look(self.find.value)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self._list()

    # ----- looking

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; a problem stays while the same text is looked for again."""
        super().say(text, kind)
        self._refused_at = self.find.value if kind == "problem" else None

    @on(Input.Changed, "#find")
    def _changed(self) -> None:
        self._look(self.find.value)

    @work(exclusive=True, group="look")
    async def _look(self, text: str, *, opens: bool = False) -> None:
        """Answer a question step by step; a newer one ends this worker, so that no older answer is shown after it."""
        if not text.strip():
            self._show("", (), is_done=True)
            self.say(_HINT)
            return
        with self.refusals_shown():
            search = Search(self.context.actor, text)
            is_there = text == self._listed_for and self._is_done  # the list stays until all of it can be replaced
            while True:
                groups = await self.read(search.step)
                if search.is_done or not is_there:
                    self._show(text, groups, is_done=search.is_done)
                if opens and (only := search.only()) is not None:
                    self._open(only)
                    return
                if search.is_done:
                    break
                opens = False  # only the first step has whole texts; later hits are parts, and a person chooses
        await self._index()

    async def _index(self) -> None:
        """While nobody types or scans, write what the index of n-grams lacks; see `models.ngrams`."""
        indexing = Indexing(self.context.actor)
        with suppress(SerialdockError):  # everything is found without it, only later
            while await self.write(indexing.step):
                await asyncio.sleep(_INDEX_PAUSE)
                if not self.is_current:
                    return

    async def follow(self, *, marks: bool) -> None:
        """Look again for the text whose hits are listed, once all of them are; the cursor stays on its hit."""
        text = self._listed_for
        if not text or not self._is_done:
            return
        search = Search(self.context.actor, text)
        groups: Sequence[FindGroup] = ()
        while not search.is_done:
            groups = await self.read(search.step)
        before = {_key(hit): hit for group in self._groups for hit in group.hits}
        found = {_key(hit): hit for group in groups for hit in group.hits}
        # Another text was typed meanwhile, and its look is newer; or nothing has changed, and nothing is drawn.
        if (text, True) != (self._listed_for, self._is_done) or found == before:
            return
        if marks:
            changed = {key: hit for key, hit in found.items() if before.get(key) != hit}
            self.set_timer(CHANGED_SECONDS, partial(self._end_changes, self._changes.add(changed)))
        self._show(text, groups, is_done=True)

    def _end_changes(self, batch: int) -> None:
        self._changes.end(batch)
        self._list()

    def _show(self, text: str, groups: Sequence[FindGroup], *, is_done: bool) -> None:
        if text == self._listed_for:  # groups that stand there keep their places, so that nothing moves under the hand
            places = {group.kind: place for place, group in enumerate(self._groups)}
            groups = sorted(groups, key=lambda group: places.get(group.kind, len(places)))
        else:
            self.hits.highlighted = None
            if text != self._refused_at:
                self.say("")
        self._listed_for, self._groups, self._is_done = text, tuple(groups), is_done
        self._list()
        if is_done and text and not groups and text != self._refused_at:
            self.say(f"Nothing has {clip(' '.join(text.split()), 40)}. Try a shorter part of it.")

    def _list(self) -> None:
        """Draw the hits; the cursor stays on its hit."""
        hits, before = self.hits, self._hit
        listed: list[FindHit | None] = []
        options: list[Option] = []
        for group in self._groups:
            more = f" (the first {len(group.hits)})" if group.has_more else ""
            options.append(Option(plain(f"{_HEADINGS[group.kind]}{more}"), disabled=True))
            options += [Option(line) for line in self._lines(group)]
            listed += [None, *group.hits]
        if before is not None:
            place = next((at for at, hit in enumerate(listed) if hit and (hit.kind, hit.id) == before), None)
        else:
            place = None
        self._listed, top = listed, hits.scroll_offset.y
        hits.clear_options()
        hits.add_options(options)
        hits.highlighted = place if place is not None else 1 if listed else None  # 0 is a heading
        if place is not None:  # new options have scrolled the list to its top
            hits.scroll_to(y=top, animate=False)
        self._show_place()

    @property
    def _hit(self) -> tuple[FindKind, int] | None:
        """Kind and id of the hit under the cursor."""
        hit = self.under_cursor
        return (hit.kind, hit.id) if hit is not None else None

    @property
    def under_cursor(self) -> FindHit | None:
        """The hit under the cursor."""
        place = self.hits.highlighted
        return self._listed[place] if place is not None and place < len(self._listed) else None

    def _lines(self, group: FindGroup) -> list[Content]:
        """The lines of a group, in columns."""
        # Serials have item and status beside them; names of other kinds have more room.
        third_of_width = min(_WIDEST, max(8, self.size.width // 3))
        room = third_of_width if group.kind is FindKind.SERIAL else max(third_of_width, self.size.width // 2)
        texts = [clip(hit.text, room) for hit in group.hits]
        items = [clip(hit.item, room) if hit.item else "" for hit in group.hits]
        states = [hit.state for hit in group.hits]
        first, second, third = (max(map(cell_len, column)) for column in (texts, items, states))
        lines = []
        for text, item, state, hit in zip(texts, items, states, group.hits, strict=True):
            sign, style = (CHANGED_SIGN, "bold underline") if _key(hit) in self._changes else (" ", "")
            parts = [plain(f"{sign} "), plain(_padded(text, first), style), plain("  ")]
            parts += [plain(f"{_padded(item, second)}  ")] if second else []
            if hit.status is not None:
                shown = status_cell(hit.status, self.app.theme, third)
                parts += [Content.from_rich_text(shown), Content(" " * (third + 2 - cell_len(state)))]
            elif third:
                parts += [plain(f"{_padded(state, third)}  ")]
            earlier = "  earlier text" if hit.match is Match.EARLIER else ""
            lines.append(Content.assemble(*parts, plain(f"{_about(hit)}{earlier}")))
        return lines

    @on(OptionList.OptionHighlighted, "#hits")
    def _show_place(self) -> None:
        places = [at for at, hit in enumerate(self._listed) if hit is not None]
        place = self.hits.highlighted
        said = f"hit {places.index(place) + 1} of {len(places)}" if place in places else ""
        show(self.query_one(".list-position", Static), plain(said))
        going = "" if self._is_done else "parts of texts are looked for …"
        show(self.query_one(".list-rest", Static), plain(going))

    # ----- opening

    @on(Input.Submitted, "#find")
    def _entered(self) -> None:
        if self.find.scans:
            self._open_scanned(self.find.scans)
        else:
            self._open_typed(self.find.value)

    @on(OptionList.OptionSelected, "#hits")
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        hit = self._listed[event.option_index]
        if hit is not None:
            self._open(hit)

    @work(exclusive=True, group="open")
    async def _open(self, hit: FindHit) -> None:
        with self.refusals_shown():
            await self.context.open(_route(hit))

    @work(exclusive=True, group="open")
    async def _open_typed(self, text: str) -> None:
        """Open what is under the cursor, once the list answers the text that stands in the field."""
        hit: FindHit | None = None
        with self.refusals_shown():
            with self.context.keyboard.hold():
                if text.strip() and self._listed_for != text:  # Enter right behind the last character
                    search = Search(self.context.actor, text)
                    self._show(text, await self.read(search.step), is_done=False)
                hit = self.under_cursor
            if hit is not None:
                await self.context.open(_route(hit))

    @work(exclusive=True, group="open")
    async def _open_scanned(self, scans: Sequence[str]) -> None:
        """Open what a scan names, or the only thing that it finds; the field is as it was before the scan."""
        hit: FindHit | None = None
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            self.scan_run.begin(self.find.ended)
            try:
                self.find.value = self.find.before[await self.context.open_scanned(self, *scans)]
            except (NotFound, Unreadable):
                self.find.value = self.find.before[scans[-1]]
                groups = await self.read(Search(self.context.actor, scans[-1]).step)
                found = [hit for group in groups for hit in group.hits]
                if len(found) != 1:
                    raise
                hit = found[0]
        if hit is not None:  # outside the hold: it waits until the record is left
            self._open(hit)

    # ----- keys

    def action_find_anywhere(self) -> None:
        """Focus the field and select its text."""
        self.find.focus()
        self.find.select_all()

    def action_clear(self) -> None:
        """Empty the field; go back if it is empty."""
        if self.find.value:
            self.find.value = ""
        else:
            self.action_leave()

    def action_refresh(self) -> None:
        """Look again and redraw the whole screen."""
        self.context.redraw()
        self._look(self.find.value)

    def action_next_kind(self) -> None:
        """Go to the first hit of the next kind; from the last one to the first."""
        self._go(1)

    def action_kind_before(self) -> None:
        """Go to the first hit of the kind before; from the first one to the last."""
        self._go(-1)

    def _go(self, step: int) -> None:
        heads = [place for place, hit in enumerate(self._listed) if hit is None]
        here = self.hits.highlighted
        if heads and here is not None:
            # The cursor stands on hits only, so a heading is always before it.
            present = max(at for at, place in enumerate(heads) if place < here)
            self.hits.highlighted = heads[(present + step) % len(heads)] + 1

    def key_down(self) -> None:
        """Move down in the list; the field keeps the focus."""
        self.hits.action_cursor_down()

    def key_up(self) -> None:
        """Move up in the list."""
        self.hits.action_cursor_up()

    def key_pagedown(self) -> None:
        """Move down a page."""
        self.hits.action_page_down()  # type: ignore[no-untyped-call]

    def key_pageup(self) -> None:
        """Move up a page."""
        self.hits.action_page_up()  # type: ignore[no-untyped-call]


def _key(hit: FindHit) -> str:
    return f"{hit.kind} {hit.id}"


def _route(hit: FindHit) -> RecordRoute:
    return _ROUTES[hit.kind](hit.id)


def _about(hit: FindHit) -> str:
    """The last text of a line: of a serial its place, in brackets where it was last, with an arrow where it goes."""
    match hit.status.place if hit.status is not None else None:
        case PlaceMeaning.LAST:
            return f"({hit.about})"
        case PlaceMeaning.DESTINATION:
            return f"→ {hit.about}"
    return hit.about


def _padded(text: str, width: int) -> str:
    """As `str.ljust`, in cells: wide letters take two."""
    return text + " " * (width - cell_len(text))

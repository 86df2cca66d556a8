"""Serial Detail: one serial with its history, documents, condition notes and warranty.

The layout of the history comes first, then the screen (`SerialScreen`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple

from rich.console import RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static, TabbedContent, TabPane, TextArea

from models.documents import DocumentSource
from models.errors import Changed, SerialdockError
from models.permissions import Actor
from models.serials.drafted import OtherDraft, draft_of
from models.serials.possible import possible
from models.serials.record import Event, Owner, SerialDetail, owner_of, serial_detail, set_condition_notes
from models.serials.void import VOID
from models.statuses import statuses
from models.terms import WARRANTY_LABELS, Warranty
from models.text import counted
from models.verbs import VERBS, DocumentKind, PlaceMeaning, Verb
from tui.kit.changed_lines import changes_marked
from tui.kit.changed_rows import CHANGED_SECONDS
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import Answer, ConfirmDialog
from tui.kit.form import NotesArea
from tui.kit.link import Link
from tui.kit.page import Frame
from tui.kit.scrolled import Scrolled
from tui.kit.shown import show
from tui.records.actions import carry_out, scanned_verb
from tui.records.documents import DocumentsList
from tui.routes import CustomerRecord, DocumentRecord, ExportList, ItemRecord, PlaceRecord, Route, SerialRecord
from tui.scanning.fields import HeardScan
from tui.scanning.screens import LONE_ENTER_WAIT
from tui.text import cell, moment, plain, visible
from tui.themes import status_style, style_sheets

ONE_LINE = 64
"""Width in cells from which date, event and text share a line."""

DAYS_ONLY = 26
"""Width in cells below which an entry omits the time and the user."""


class _Entry(NamedTuple):
    """A line of the history."""

    at: str
    what: str
    text: str
    user: str
    is_new: bool
    """Whether to mark it."""

    @property
    def what_shown(self) -> Text:
        """The action, marked if it is new."""
        return Text(visible(self.what), "bold reverse" if self.is_new else "bold")


def history(
    events: Iterable[Event], labels: Mapping[str, str], width: int, *, newer_than: int | None = None
) -> RenderableType:
    """Lay out the events, newest first.

    Args:
        events: oldest first, as `serial_detail` returns them.
        labels: label of each status, by code.
        width: in cells.
        newer_than: events with a greater number are marked; None marks none.
    """
    known = {event.number: event for event in events}
    rows = [
        _Entry(
            moment(one.at),
            one.done,
            what_happened(one, labels, known),
            who(one),
            newer_than is not None and one.number > newer_than,
        )
        for one in known.values()
    ]
    return _entries(reversed(rows), width)


def who(event: Event) -> str:
    """The user, and the login user if that was somebody else."""
    return f"{event.user} by {event.login_user}" if event.login_user else event.user


def what_happened(event: Event, labels: Mapping[str, str], known: Mapping[int, Event]) -> str:
    """Changes of status, place, customer and values, with document and note; not escaped yet.

    Args:
        labels: label of each status, by code.
        known: all events of the serial, by number.
    """
    parts = []
    if event.voids is not None and event.voids in known:
        parts.append(f"undoes: {known[event.voids].done}")
    # The first event: there is nothing before it to compare with.
    if event.from_status is None:
        parts.append(f"{labels.get(event.to_status, event.to_status)} at {event.to_location}")
    else:
        if event.from_status != event.to_status:
            before, after = (labels.get(code, code) for code in (event.from_status, event.to_status))
            parts.append(f"{before} → {after}")
        if event.from_location != event.to_location:
            parts.append(f"{event.from_location} → {event.to_location}")
    if event.from_customer != event.to_customer:
        parts.append(f"to {event.to_customer}" if event.to_customer else f"from {event.from_customer}")
    pairs = (event.was_sku, event.sku), (event.was_serial_number, event.serial_number)
    parts += [f"{old} → {new}" for old, new in pairs if old not in (None, new)]
    if event.document:
        parts.append(event.document)
    if event.reference:
        parts.append(f"reference {event.reference}")
    parts += _changes(event.changes, is_new=event.from_status is None)
    if event.note:
        parts.append(f"“{event.note}”")
    return " · ".join(parts)


def _changes(changes: Mapping[str, list[Any]], *, is_new: bool) -> list[str]:
    parts = []
    if "condition_notes" in changes:
        before, after = changes["condition_notes"]
        parts.append(f"“{after}”" if after else "condition notes removed")
        if before and not is_new:
            parts.append(f"before “{before}”")
    parts += _warranty(changes)
    return parts


def _warranty(changes: Mapping[str, list[Any]]) -> list[str]:
    """Changes of a warranty, with the earlier dates."""
    parts = []
    start, end = changes.get("warranty_start", [None, None]), changes.get("warranty_end", [None, None])
    if "warranty_end" in changes:
        parts.append(f"warranty {_span(start[1], end[1])}" if end[1] else "warranty taken away")
        if end[0]:
            parts.append(f"before {_span(start[0], end[0])}")
    # Only the start: where the end was changed too, the span has said it.
    elif "warranty_start" in changes:
        parts.append(f"warranty from {start[1] or 'any day'}")
        if start[0]:
            parts.append(f"before from {start[0]}")
    if "warranty_void" in changes:
        reason = changes["warranty_void"][1]
        parts.append(f"void: {reason}" if reason else "no longer void")
    return parts


def _span(start: str | None, end: str) -> str:
    return f"{start} → {end}" if start else f"until {end}"


def _entries(rows: Iterable[_Entry], width: int) -> RenderableType:
    # A grid of Rich, not a DataTable: texts are wrapped, so that each is read whole.
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    if width < ONE_LINE:
        table.add_column(overflow="fold")
        for entry in rows:
            first = Text.assemble((entry.at, "dim"), "  ", entry.what_shown, "  ", (visible(entry.user), "dim"))
            if width < DAYS_ONLY:
                first = Text.assemble(entry.what_shown, " ", (entry.at.partition(" ")[0], "dim"))
            first.no_wrap, first.overflow = True, "ellipsis"
            table.add_row(first)
            if entry.text:  # below, where the whole width is left for it
                table.add_row(Padding(_text(entry.text), (0, 0, 0, 2)))
        return table
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=20, overflow="ellipsis")
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True, max_width=18, overflow="ellipsis", justify="right")
    for entry in rows:
        user = Text(visible(entry.user), "dim")
        table.add_row(Text(entry.at, "dim"), entry.what_shown, _text(entry.text), user)
    return table


def _text(text: str) -> Text:
    return Text(visible(text, lines=True), overflow="fold")


WHY_NO_DOCUMENTS = "No document names this serial yet. A transfer makes one."
"""Message of an empty Documents tab."""


VERB_OF: Final = {
    "note": VERBS["note"],
    "warranty": VERBS["warranty"],
    "save": VERBS["note-condition"],
    "transfer": VERBS["transfer"],
    "void": VOID,
}
"""The verb behind each action: its key is shown while the serial, by this person, can do it."""

WITH_KEYS: Final = frozenset({VERBS["note"], VERBS["warranty"], VOID})
"""Verbs with a function key; the numbered list leaves them out."""

BESIDE_FROM: Final = 76
"""Width in cells from which the possible verbs stand beside the facts; below it the record scrolls as one."""

MOST_NUMBERED: Final = 9
"""Number of verbs in the numbered list; 0 lists the others."""


FOLLOWED: Final = ".serial-header Static, .serial-column Static, #notes-shown"
"""Selector of the texts that are marked for a moment when others have changed them."""


class ShownSerial(NamedTuple):
    """A serial's record, with everything else that the screen shows."""

    detail: SerialDetail
    labels: dict[str, str]
    """Label of each status, by code."""
    can: list[Verb]
    """The verbs that the person can carry out now, the most usual first."""
    owner: Owner | None
    """The customer named beside its status; None for none."""
    draft: OtherDraft | None
    """The open draft of a station that has it as a line; None for none."""


def read_record(actor: Actor, serial_id: int) -> ShownSerial:
    """Read the whole record; for the database thread.

    Raises:
        NotFound
    """
    # One call, so that nothing else runs in the database thread in between.
    detail = serial_detail(serial_id)
    labels = {status.code: status.label for status in statuses()}
    return ShownSerial(detail, labels, possible(actor, serial_id), owner_of(detail), draft_of(serial_id))


class NumberedVerb(Static):
    """A line of the list of possible verbs; a click does the same as its key."""

    def __init__(self, key: int) -> None:
        """Make the line.

        Args:
            key: its digit.
        """
        super().__init__("", classes="numbered hidden")
        self.key = key
        """Its digit."""

    def show(self, words: str) -> None:
        """Show what the key does; nothing for an empty text."""
        self.set_class(not words, "hidden")
        self.update(Content.assemble((str(self.key), "bold $accent"), " ", plain(words)))

    async def on_click(self, event: events.Click) -> None:
        """Do what the key does."""
        event.stop()
        await self.screen.run_action(f"do({self.key})")


class PossibleVerbs(HorizontalGroup):
    """The possible verbs as a numbered list in two columns, without those that have function keys."""

    def __init__(self) -> None:
        super().__init__(classes="serial-can")
        self._listed: list[Verb] = []

    def compose(self) -> ComposeResult:
        """A line for each digit."""
        for digits in ((1, 2, 3, 4, 5), (6, 7, 8, 9, 0)):
            with VerticalGroup(classes="serial-verbs"):
                yield from map(NumberedVerb, digits)

    @property
    def numbered(self) -> list[Verb]:
        """The verbs that have a digit."""
        return self._listed[:MOST_NUMBERED]

    @property
    def others(self) -> list[Verb]:
        """The verbs that 0 lists."""
        return self._listed[MOST_NUMBERED:]

    def show(self, can: Sequence[Verb]) -> None:
        """Show the possible verbs, the most usual first."""
        self._listed = [verb for verb in can if verb not in WITH_KEYS]
        numbered = self.numbered
        self.set_class(not numbered, "hidden")
        for line in self.query(NumberedVerb):
            words = numbered[line.key - 1].title if 1 <= line.key <= len(numbered) else ""
            line.show(f"{len(self.others)} more" if self.others and not line.key else words)
        self.query(".serial-verbs").last().set_class(len(numbered) <= len(self.query(NumberedVerb)) // 2, "hidden")


class History(Scrolled):
    """The scrollable history of the serial."""

    HELP = "What happened to this serial, newest first: when, what, from where to where, with which document, and who."

    def __init__(self) -> None:
        super().__init__(id="history")
        self._events: Sequence[Event] = ()
        self._labels: Mapping[str, str] = {}
        self._newer_than: int | None = None
        """Events after this number are marked; None marks none."""
        self._drawn = 0
        """The width that it is laid out for; 0 to lay it out again."""

    def compose(self) -> ComposeResult:
        """The events."""
        yield Static("", id="events")

    def on_mount(self) -> None:
        """Lay out what was shown before there was a place for it."""
        self.lay_out()

    def show(self, record: ShownSerial, *, newer_than: int | None = None) -> None:
        """Show the history of a serial.

        Args:
            record: the serial.
            newer_than: events after this number are marked for a moment; None marks no others than before.
        """
        self._events, self._labels = record.detail.events, record.labels
        if newer_than is not None and record.detail.version != newer_than:
            # What was marked before stays marked: the person may not have read it yet.
            self._newer_than = newer_than if self._newer_than is None else self._newer_than
            self.set_timer(CHANGED_SECONDS, partial(self._end_marks, record.detail.version))
        self._drawn = 0
        self.lay_out()

    def _end_marks(self, version: int) -> None:
        """Take the marks away, unless others have added to the history since."""
        if self._events[-1].number == version:  # else a later timer ends the marks of both
            self._newer_than, self._drawn = None, 0
            self.lay_out()

    def lay_out(self) -> None:
        """Lay the events out, unless the width is unchanged."""
        width = self.size.width - 2
        for place in self.query("#events").results(Static):  # it may have a size before it has this
            if width > 0 and width != self._drawn:
                self._drawn = width
                place.update(history(self._events, self._labels, width, newer_than=self._newer_than))


class SerialScreen(Frame[None]):
    """The record of one serial."""

    FOLLOWS = True
    FORGETS = True
    CSS_PATH = style_sheets("records", "serials")
    HELP = (
        "The record of one serial. The digits do what stands beside them, and so does the barcode of a command: SELL, "
        "RETURN. F6 writes a remark into its history, F9 sets its warranty, F8 voids what was done to it last. What is "
        "underlined leads to another record: Tab goes to it, Enter opens it."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "transfer", "note", "warranty", "void", "save")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="serial.refresh", tooltip="Read the record again"),
        Binding("f6", "note", "Note", id="serial.note", tooltip="Write a remark into the history"),
        Binding("f7", "transfer", "Transfer", id="serial.transfer", tooltip="Move the serial to another location"),
        Binding("f8", "void", "Void", id="serial.void", tooltip="Void what was done to the serial last"),
        Binding("f9", "warranty", "Warranty", id="serial.warranty", tooltip="Set or extend the warranty, or void it"),
        Binding("f10", "save", "Save", id="serial.save", tooltip="Save the condition notes"),
        Binding("ctrl+t", "next_tab", "Next tab", id="serial.next-tab", tooltip="Go to the next tab"),
        *(Binding(str(digit), f"do({digit})", show=False) for digit in range(10)),
    ]

    def __init__(self, record: ShownSerial) -> None:
        """Make the screen.

        Args:
            record: the serial, just read.
        """
        super().__init__()
        self._record = record
        self._is_left = False
        """Whether another screen is in front."""

    @property
    def detail(self) -> SerialDetail:
        """The serial as shown."""
        return self._record.detail

    def name_if_shown(self, route: Route[Any]) -> str:
        """The serial number if the route leads to this serial, else an empty string."""
        return self.detail.serial_number if route == SerialRecord(self.detail.id) else ""

    @property
    def gives_way(self) -> bool:
        """Whether the next scan may replace this screen: the notes are neither changed nor focused."""
        return not self.is_changed and not isinstance(self.focused, NotesArea)

    @property
    def is_changed(self) -> bool:
        """Whether the condition notes have unsaved changes."""
        areas = self.query(NotesArea)
        return bool(areas) and areas.first().text.strip() != self.detail.condition_notes

    @property
    def focus_chain(self) -> list[Widget]:
        """The widgets in the order of TAB: from the history to the notes, then the links, then the tabs."""
        # By their place in the layout the links would come first.
        chain = super().focus_chain
        links = [node for node in chain if isinstance(node, Link)]
        others = [node for node in chain if node not in links]
        first = 1 if others and isinstance(others[0], NotesArea) else 0
        return [*others[:first], *links, *others[first:]]

    def compose_body(self) -> ComposeResult:
        """Header, facts and possible verbs, condition notes, history and documents."""
        detail = self.detail
        with Scrolled(classes="serial-body", can_focus=False):
            with HorizontalGroup(classes="serial-header"):
                with HorizontalGroup(classes="serial-state"):
                    yield Static("", id="status", classes="serial-status")
                    yield Link("", CustomerRecord(0), classes="serial-customer")
                    yield Static("", id="since", classes="serial-since")
                yield Link("", ItemRecord(detail.item_id), classes="serial-item")
            yield Static("", id="draft", classes="serial-draft hidden", markup=False)
            yield Static(classes="rule")
            with HorizontalGroup(classes="serial-facts"):
                with VerticalGroup(classes="serial-column"):
                    place = Link("", PlaceRecord(detail.location_id), classes="serial-place")
                    receipt = Link("", DocumentRecord(0), classes="serial-receipt")
                    earlier = Link("", ItemRecord(0), classes="serial-earlier")
                    yield from _fact("Location", place, _fact_text("place-name"))
                    yield from _fact("Received", _fact_text("received", "fact-short"), receipt)
                    yield from _fact("Warranty", _fact_text("warranty", "fact-short"))
                    yield _fact_text("warranty-days", "fact fact-more")
                    yield _fact_text("warranty-dates", "fact fact-more")
                    yield from _fact("Was on", earlier)
                    yield from _fact("Corrected", _fact_text("earlier-texts"))
                yield PossibleVerbs()
            with HorizontalGroup(classes="serial-notes"):
                yield Static("Condition", classes="label", id="notes-label")
                # Without the permission a text that cannot take the focus, so that nobody types into it in vain.
                if self.context.may(VERB_OF["save"].permission):
                    yield NotesArea(detail.condition_notes, id="notes", placeholder="notes on this unit")
                else:
                    yield Static(plain(detail.condition_notes or "·", lines=True), id="notes-shown")
            yield Static(classes="rule")
            with TabbedContent(classes="serial-tabs"):
                with TabPane("History", id="history-tab"):
                    yield History()
                with TabPane("Documents", id="documents-tab"):
                    yield DocumentsList(
                        DocumentSource(serial_id=detail.id),
                        self.context.db.run,
                        of=detail.id,
                        why_empty=WHY_NO_DOCUMENTS,
                        remembered="serial's documents",
                        types=False,  # digits carry out verbs
                    )

    def on_mount(self) -> None:
        """Show the record, with the focus on the history, so that arrows scroll it and no scan goes into the notes."""
        self._show()
        self.query_one(History).show(self._record)
        self.query_one(History).focus(scroll_visible=False)
        # The styles of statuses are made for the theme, not by the style sheets.
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())

    def on_resize(self) -> None:
        """Lay facts and history out for the new width."""
        self.set_class(self.size.width < BESIDE_FROM, "-stacked")
        # The history has its new width only after the layout.
        self.call_after_refresh(self.query_one(History).lay_out)

    @property
    def exported(self) -> ExportList:
        """The history of the serial."""
        return ExportList(self.detail.id)

    def line_to_copy(self) -> list[str]:
        """The serial number, and item, status, place and customer."""
        detail = self.detail
        return [detail.serial_number, detail.sku, detail.status.label, detail.location, detail.customer or ""]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions that can be done now."""
        if action == "save":
            return self.context.may(VERB_OF[action].permission)
        if action in VERB_OF:
            return VERB_OF[action] in self._record.can
        return super().check_action(action, parameters)

    @property
    def offered(self) -> Sequence[tuple[str, ...]]:
        """Menu entries: the possible verbs, with their digits, and the links."""
        keys = {verb: str(digit) for digit, verb in enumerate(self.query_one(PossibleVerbs).numbered, 1)}
        verbs = [
            (verb.title, f"carry_out({verb.code!r})", keys.get(verb, ""))
            for verb in self._record.can
            if verb not in WITH_KEYS
        ]
        links = [link for link in self.query(Link) if not link.has_class("hidden")]
        return [*verbs, *((f"Open {link.words}", f"follow({place})") for place, link in enumerate(links))]

    async def action_follow(self, place: int) -> None:
        """Open the target of a link.

        Args:
            place: its position among the shown links.
        """
        [link for link in self.query(Link) if not link.has_class("hidden")][place].action_follow()

    # ----- what is shown

    def _show(self) -> None:
        detail = self.detail
        self.tell_title(detail.serial_number)
        self._show_state()
        tracked = "" if detail.tracked else " (not tracked now)"
        self._show_link("serial-item", f"{detail.sku} · {detail.item_name}{tracked}", ItemRecord(detail.item_id))
        is_last = detail.status.place is PlaceMeaning.LAST
        show(self.query_one("#fact-location .label", Static), "Last place" if is_last else "Location")
        self._show_link("serial-place", detail.location, PlaceRecord(detail.location_id))
        show(self.query_one("#place-name", Static), plain(detail.location_name))
        show(self.query_one("#received", Static), detail.date_received.isoformat())
        receipt = next((one for one in detail.documents if one.kind == DocumentKind.RECEIPT), None)
        self._show_link(
            "serial-receipt", receipt.number if receipt else "", DocumentRecord(receipt.id if receipt else 0)
        )
        # Only the item before this one is a link; the history names all.
        earlier = next((event for event in reversed(detail.events) if event.item_id != detail.item_id), None)
        self._show_link("serial-earlier", earlier.sku if earlier else "", ItemRecord(earlier.item_id if earlier else 0))
        self.query_one("#fact-was-on").set_class(earlier is None, "hidden")
        draft = self._record.draft
        said = draft.sentence(detail.serial_number, self.context.actor.user_id) if draft is not None else ""
        show(self.query_one("#draft", Static), plain(said, "bold"))
        self.query_one("#draft").set_class(not said, "hidden")
        texts = f"from {', '.join(detail.earlier_texts)}" if detail.earlier_texts else ""
        show(self.query_one("#earlier-texts", Static), plain(texts))
        self.query_one("#fact-corrected").set_class(not texts, "hidden")
        self._show_warranty()
        self.query_one(PossibleVerbs).show(self._record.can)
        for shown in self.query("#notes-shown").results(Static):
            shown.update(plain(detail.condition_notes or "·", lines=True))
        self._mark_changed()

    def _show_link(self, name: str, words: str, route: Route[Any]) -> None:
        """Show a link; it is hidden when it has no words."""
        link = self.query_one(f".{name}", Link)
        link.set_class(not words, "hidden")
        link.lead(words, route)

    def _show_state(self) -> None:
        """Show the status as word, mark and colour, and its customer."""
        status, owner = self.detail.status, self._record.owner
        style = status_style(self.app.theme, status.colour)
        word = Content.from_rich_text(_bold(f"{status.mark} {status.label.upper()}", style))
        show(self.query_one("#status", Static), Content.assemble(word, f" {owner.relation} " if owner else ""))
        self._show_link("serial-customer", owner.name if owner else "", CustomerRecord(owner.id if owner else 0))
        show(self.query_one("#since", Static), f" on {owner.day}" if owner and owner.day else "")

    def _show_warranty(self) -> None:
        detail = self.detail
        colour = {Warranty.EXPIRED: "orange", Warranty.VOID: "red"}.get(detail.warranty, "")
        word = WARRANTY_LABELS[detail.warranty]
        if detail.warranty_void:
            word += f": {detail.warranty_void}"
        match detail.days_left:
            case None:
                days = ""
            case 0:
                days = "ends today"
            case left:
                days = f"ends in {counted(left, 'day')}"
        dates = ""
        if detail.warranty_end:
            start = f"{detail.warranty_start.isoformat()} → " if detail.warranty_start else "until "
            dates = f"{start}{detail.warranty_end.isoformat()}"
        style = status_style(self.app.theme, colour) if colour else Style()
        show(self.query_one("#warranty", Static), Content.from_rich_text(cell(word, style)))
        for name, words in (("#warranty-days", days), ("#warranty-dates", dates)):
            show(self.query_one(name, Static), words)
            self.query_one(name).set_class(not words, "hidden")

    @on(TextArea.Changed, "#notes")
    def _mark_changed(self) -> None:
        label = "Condition •" if self.is_changed else "Condition"
        show(self.query_one("#notes-label", Static), label)

    def action_next_tab(self) -> None:
        """Go to the other tab and focus its list, so that arrows move in it."""
        tabs = self.query_one(TabbedContent)
        to_documents = tabs.active == "history-tab"
        tabs.active = "documents-tab" if to_documents else "history-tab"
        if to_documents:
            self.query_one(DocumentsList).enter()
        else:
            self.query_one(History).focus(scroll_visible=False)

    # ----- refreshing

    async def _reload(self) -> None:
        """Read everything again; unsaved notes stay.

        Raises:
            SerialdockError
        """
        await self._read_record()
        await self.context.read_permissions()
        self.query_one(DocumentsList).renew()
        self.renew_keys()

    async def _read_record(self, *, marks: bool = False) -> None:
        """Read the record again; unsaved notes stay.

        Args:
            marks: whether to mark what differs, for a moment.

        Raises:
            SerialdockError
        """
        record = await self.read(read_record, self.context.actor, self.detail.id)
        # Both compare with the record that is replaced; what was typed while the new one was read counts.
        version, was_changed = self.detail.version, self.is_changed
        self._record = record
        with changes_marked(self, FOLLOWED, marks=marks):
            for area in self.query(NotesArea):
                if not was_changed and area.text != self.detail.condition_notes:  # its cursor stays if nothing changed
                    area.text = self.detail.condition_notes
            self._show()
        self.query_one(History).show(self._record, newer_than=version if marks else None)
        self.renew_keys()

    async def follow(self, *, marks: bool) -> None:
        """Show the changes of others; unsaved notes stay, and a message tells the notes as they are saved now."""
        before = self.detail.condition_notes
        await self._read_record(marks=marks)
        theirs = self.detail.condition_notes
        if self.is_changed and theirs != before:
            said = f"The condition says now: “{theirs}”." if theirs else "The condition notes were removed."
            self.say(f"Somebody else changed it. {said} What you typed is kept; F10 saves it instead.", "warning")
        await super().follow(marks=marks)

    @work(exclusive=True, group="refresh")
    async def action_refresh(self) -> None:
        """Read the record again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        with self.refusals_shown():
            await self._reload()

    def on_screen_suspend(self) -> None:
        """Note whether another screen is in front, which may change the serial; a dialog reports its changes itself."""
        self._is_left = self.is_covered

    def on_screen_resume(self) -> None:
        """Read the record again after another screen."""
        if self._is_left:
            self._is_left = False
            self._came_back()

    @work(exclusive=True, group="refresh")
    async def _came_back(self) -> None:
        with self.refusals_shown():
            await self._reload()

    # ----- possible verbs

    @work(exclusive=True, group="do")
    async def action_do(self, digit: int) -> None:
        """Carry out the verb beside a digit, unless the digit is the beginning of a scan.

        Args:
            digit: 1 to 9; 0 lists the other verbs.
        """
        with self.context.keyboard.hold():
            if await self.context.keyboard.text_follows(LONE_ENTER_WAIT):  # a scanner has sent the digit
                return
        verbs = self.query_one(PossibleVerbs)
        if digit and digit <= len(verbs.numbered):
            await self._carry_out(verbs.numbered[digit - 1])
        elif not digit and verbs.others:
            choices = [Choice(verb.code, verb.title) for verb in verbs.others]
            chosen = await self.context.ask(ChooseDialog(f"What happens to {self.detail.serial_number}?", choices))
            if chosen is not None:
                await self._carry_out(VERBS[chosen])

    @work(exclusive=True, group="do")
    async def action_carry_out(self, code: str) -> None:
        """Carry out a verb.

        Args:
            code: see `models.verbs.VERBS`.
        """
        await self._carry_out(VERBS[code])

    async def _carry_out(self, verb: Verb) -> None:
        detail = self.detail
        # The version that is shown: what somebody else did since then is said before anything is written.
        done = await carry_out(self, verb, [detail.id], versions={detail.id: detail.version})
        if done is not None:
            await self._after(done.said)

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Carry out the verb of a scanned command barcode; open whatever another scan names."""
        if found := scanned_verb(scans[-1].texts):
            scans[-1].settle(found.text)
            self.action_carry_out(found.verb.code)
        else:
            super().take_scans(scans)

    # ----- actions

    def action_note(self) -> None:
        """Ask for a note and write it into the history."""
        self.action_carry_out(VERB_OF["note"].code)

    def action_transfer(self) -> None:
        """Move the serial to another location."""
        self.action_carry_out(VERB_OF["transfer"].code)

    def action_warranty(self) -> None:
        """Set or extend the warranty, or void it."""
        self.action_carry_out(VERB_OF["warranty"].code)

    def action_void(self) -> None:
        """Void the serial's last event."""
        self.action_carry_out(VOID.code)

    async def _after(self, done: str) -> None:
        """Show the changed record and the message of a dialog."""
        with self.said_done(done):
            await self._reload()
            self.say(done, "done")

    @work(exclusive=True, group="do")
    async def action_save(self) -> None:
        """Save the condition notes."""
        with self.context.keyboard.hold():
            await self._save()

    async def _save(self) -> bool:
        """Save the condition notes; True on success. The typed text stays in any case."""
        if not self.is_changed:
            self.say("The condition notes are as they were saved.")
            return True
        # As they are now: `detail` is another one after `_reload`, and the person may type on.
        detail, typed = self.detail, self.query_one("#notes", NotesArea).text
        try:
            await self.write(set_condition_notes, self.context.actor, detail.id, typed, version=detail.version)
        except Changed as refusal:
            with self.refusals_shown():
                await self._reload()
                theirs = self.detail.condition_notes
                noted = f" The condition says now: “{theirs}”." if theirs != detail.condition_notes else ""
                self.say(f"{refusal.what}{noted} What you typed is kept; F10 saves it.", "problem")
            return False
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
            return False
        with self.said_done("The condition notes are saved."):
            self.query_one("#notes", NotesArea).text = typed.strip()  # as it is stored: `_reload` leaves it then
            await self._reload()
            self.say("The condition notes are saved.", "done")
        return True

    def action_leave(self) -> None:
        """Go back; ask first if the notes have unsaved changes."""
        if self.is_changed:
            self._ask_and_leave()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        answers = [Answer("stay", "Stay", "f3"), Answer("save", "Save", "f10"), Answer("discard", "Discard", "f8")]
        question = "The condition notes are changed and not saved. Save before you leave?"
        answer = await self.context.ask(ConfirmDialog(f"Leave {self.detail.serial_number}?", question, answers))
        with self.context.keyboard.hold():
            if answer == "discard" or (answer == "save" and await self._save()):
                self.dismiss(None)


def _fact(label: str, *texts: Widget) -> ComposeResult:
    """A label, and widgets beside it."""
    name = label.lower().replace(" ", "-")
    with HorizontalGroup(classes="serial-fact", id=f"fact-{name}"):
        yield Static(label, classes="label")
        with HorizontalGroup(classes="fact-texts"):
            yield from texts


def _fact_text(name: str, classes: str = "fact") -> Static:
    return Static("", id=name, classes=classes, markup=False)


def _bold(text: str, style: Style) -> Text:
    """A text made safe to display, bold, in the style of a status."""
    return cell(text, style + Style(bold=True))

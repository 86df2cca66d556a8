"""Serial Detail: the whole record of one serial, with its history and its documents."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TabbedContent, TabPane, TextArea

from models.documents import DocumentSource
from models.errors import Changed, SerialdockError
from models.ledger import LABELS, Warranty
from models.serials.grid import Holding
from models.serials.moves import refuse_unmovable
from models.serials.record import SerialDetail, serial_detail, set_condition_notes
from models.statuses import statuses
from models.verbs import VERBS, DocumentKind, Need, Place
from tui.dialogs.confirm import Answer, ConfirmDialog
from tui.dialogs.note import NoteDialog
from tui.dialogs.transfer import TransferDialog
from tui.dialogs.warranty import WarrantyDialog
from tui.routes import Route, SerialRecord
from tui.screens.frame import Frame
from tui.text import cell, plain
from tui.themes import status_style
from tui.widgets.documents_list import DocumentsList
from tui.widgets.notes_area import NotesArea
from tui.widgets.serial_history import history

WHY_NO_DOCUMENTS = "No document names this serial yet. A transfer makes one."
"""What an empty Documents tab says."""


VERB_OF = {"note": "note", "warranty": "set-warranty", "save": "note-condition", "transfer": "transfer"}
"""The verb behind each action that changes the serial."""


class ShownSerial(NamedTuple):
    """A serial and the words for what happened to it."""

    detail: SerialDetail
    labels: dict[str, str]
    """The word for each status, by its code."""


def read_record(serial_id: int) -> ShownSerial:
    """The whole record; for the database thread.

    Raises:
        NotFound
    """
    return ShownSerial(serial_detail(serial_id), {status.code: status.label for status in statuses()})


class History(VerticalScroll):
    """What happened to the serial."""

    HELP = "What happened to this serial, newest first: when, what, from where to where, with which document, and who."


class SerialScreen(Frame[None]):
    """One serial."""

    STYLE_SHEETS = ("serial", "documents")
    HELP = "The record of one serial. F6 writes a remark into its history; F7 transfers it; F9 sets its warranty."
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "transfer", "note", "warranty", "save")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="serial.refresh", tooltip="Read the record again"),
        Binding("f6", "note", "Note", id="serial.note", tooltip="Write a remark into the history"),
        Binding("f7", "transfer", "Transfer", id="serial.transfer", tooltip="Move the serial to another location"),
        Binding("f9", "warranty", "Warranty", id="serial.warranty", tooltip="Set the warranty's dates, or void it"),
        Binding("f10", "save", "Save", id="serial.save", tooltip="Save the condition notes"),
        Binding("ctrl+t", "next_tab", "Next tab", id="serial.next-tab", tooltip="Go to the next tab"),
    ]

    def __init__(self, record: ShownSerial) -> None:
        """Make it.

        Args:
            record: the serial as just read.
        """
        super().__init__()
        self._record = record
        self._drawn = 0

    @property
    def detail(self) -> SerialDetail:
        """The serial as it is shown."""
        return self._record.detail

    def name_if_shown(self, route: Route[Any]) -> str:
        """The serial number, where the route leads to this serial."""
        return self.detail.serial_number if route == SerialRecord(self.detail.id) else ""

    @property
    def gives_way(self) -> bool:
        """Unless the notes are being worked with."""
        return not self.is_changed and not isinstance(self.focused, NotesArea)

    @property
    def is_changed(self) -> bool:
        """Whether the condition notes were changed and not saved."""
        areas = self.query(NotesArea)
        return bool(areas) and areas.first().text.strip() != self.detail.condition_notes

    def compose_body(self) -> ComposeResult:
        """Header, block of facts, history and documents."""
        with VerticalScroll(classes="serial-body", can_focus=False):
            with HorizontalGroup(classes="serial-header"):
                yield Static("", id="status", classes="serial-status")
                yield Static("", id="item", classes="serial-item")
            yield Static(classes="rule")
            with HorizontalGroup(classes="serial-facts"):
                with VerticalGroup(classes="serial-column"):
                    yield from self._fact("Location", "place", "place-name")
                    yield from self._fact("Received", "received")
                with VerticalGroup(classes="serial-column"):
                    yield from self._fact("Warranty", "warranty", "warranty-days")
                    yield from self._fact("", "warranty-dates")
            with HorizontalGroup(classes="serial-notes"):
                yield Static("Condition", classes="label", id="notes-label")
                if self.context.may(VERBS[VERB_OF["save"]].permission):
                    yield NotesArea(self.detail.condition_notes, id="notes", placeholder="notes on this unit")
                else:
                    yield Static(plain(self.detail.condition_notes or "·", lines=True), id="notes-shown")
            yield Static(classes="rule")
            with TabbedContent(classes="serial-tabs"):
                with TabPane("History", id="history-tab"), History(id="history"):
                    yield Static("", id="events")
                with TabPane("Documents", id="documents-tab"):
                    yield DocumentsList(DocumentSource(serial_id=self.detail.id), WHY_NO_DOCUMENTS)

    def _fact(self, label: str, *names: str) -> ComposeResult:
        """A label, and one or two texts, under each other where there is room."""
        with HorizontalGroup(classes="serial-fact"):
            yield Static(label, classes="label", id=f"{names[0]}-label")
            with HorizontalGroup(classes="fact-texts"):
                for name in names:
                    yield Static("", id=name, classes="fact", markup=False)

    def on_mount(self) -> None:
        """Show the record; the history has the focus, so that arrows scroll it and no scan goes into the notes."""
        self._show()
        self.query_one(History).focus(scroll_visible=False)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())

    def on_resize(self) -> None:
        """Lay the history out for another width."""
        self.call_after_refresh(self._show_entries)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the person may do."""
        if action in VERB_OF:
            return self.context.may(VERBS[VERB_OF[action]].permission)
        return super().check_action(action, parameters)

    # ----- what is shown

    def _show(self) -> None:
        detail = self.detail
        self.tell_title(detail.serial_number)
        style = status_style(self.app.theme, detail.status.colour)
        buyer = f" to {detail.customer}" if detail.customer and detail.status.customer is Need.REQUIRED else ""
        owner = f" · {detail.customer}" if detail.customer and not buyer else ""
        word = Content.from_rich_text(_bold(f"{detail.status.mark} {detail.status.label.upper()}", style))
        self.query_one("#status", Static).update(Content.assemble(word, plain(f"{buyer}{owner}")))
        tracked = "" if detail.tracked else " (not tracked now)"
        self.query_one("#item", Static).update(plain(f"{detail.sku} · {detail.item_name}{tracked}"))
        is_last = detail.status.place is Place.LAST
        self.query_one("#place-label", Static).update("Last place" if is_last else "Location")
        self.query_one("#place", Static).update(plain(detail.location))
        self.query_one("#place-name", Static).update(plain(detail.location_name))
        receipts = [paper.number for paper in detail.documents if paper.kind == DocumentKind.RECEIPT]
        receipt = f"  {receipts[0]}" if receipts else ""
        self.query_one("#received", Static).update(plain(f"{detail.date_received.isoformat()}{receipt}"))
        self._show_warranty()
        for shown in self.query("#notes-shown").results(Static):
            shown.update(plain(detail.condition_notes or "·", lines=True))
        self._mark_changed()
        self._drawn = 0
        self._show_entries()

    def _show_warranty(self) -> None:
        detail = self.detail
        colour = {Warranty.ACTIVE: "green", Warranty.EXPIRED: "orange", Warranty.VOID: "red"}.get(
            detail.warranty, "dim"
        )
        word = LABELS[detail.warranty]
        if detail.warranty_void:
            word += f": {detail.warranty_void}"
        match detail.days_left:
            case None:
                days = ""
            case 0:
                days = "last day today"
            case left:
                days = "1 day left" if left == 1 else f"{left:,} days left"
        dates = ""
        if detail.warranty_end:
            start = f"{detail.warranty_start.isoformat()} → " if detail.warranty_start else "until "
            dates = f"{start}{detail.warranty_end.isoformat()}"
        style = status_style(self.app.theme, colour)
        self.query_one("#warranty", Static).update(Content.from_rich_text(_bold(word, style)))
        self.query_one("#warranty-days", Static).update(plain(days))
        self.query_one("#warranty-dates", Static).update(plain(dates))

    def _show_entries(self) -> None:
        """Lay the history out, if the width is another one than before."""
        width = self.query_one(History).size.width - 2
        if width > 0 and width != self._drawn:
            self._drawn = width
            self.query_one("#events", Static).update(history(self.detail.events, self._record.labels, width))

    @on(TextArea.Changed, "#notes")
    def _mark_changed(self) -> None:
        label = "Condition •" if self.is_changed else "Condition"
        self.query_one("#notes-label", Static).update(label)

    def action_next_tab(self) -> None:
        """Go to the other tab, so that its list has the arrows."""
        tabs = self.query_one(TabbedContent)
        to_documents = tabs.active == "history-tab"
        tabs.active = "documents-tab" if to_documents else "history-tab"
        if to_documents:
            self.query_one(DocumentsList).enter()
        else:
            self.query_one(History).focus(scroll_visible=False)

    # ----- reading anew

    async def _reload(self) -> None:
        """Read the record again; notes that are being typed stay.

        Raises:
            SerialdockError
        """
        was_changed = self.is_changed
        self._record = await self.read(read_record, self.detail.id)
        await self.context.read_permissions()
        self.query_one(DocumentsList).renew()
        if not was_changed:
            for area in self.query(NotesArea):
                area.text = self.detail.condition_notes
        self._show()
        self.renew_keys()

    @work(exclusive=True, group="refresh")
    async def action_refresh(self) -> None:
        """Read the record again, and draw the whole screen."""
        self.context.redraw()
        with self.refusals_shown():
            await self._reload()

    @on(DocumentsList.CameBack)
    @work(exclusive=True, group="refresh")
    async def _came_back(self) -> None:
        with self.refusals_shown():
            await self._reload()

    # ----- doing

    @work(exclusive=True, group="do")
    async def action_note(self) -> None:
        """Write a remark into the history."""
        await self._after(await self.context.ask(NoteDialog(self.detail.id, self.detail.serial_number)))

    @work(exclusive=True, group="do")
    async def action_transfer(self) -> None:
        """Move the serial to another location."""
        detail = self.detail
        with self.context.keyboard.hold():
            try:
                await self.read(refuse_unmovable, [detail.id])
            except SerialdockError as refusal:
                self.say(refusal.message, "problem")
                return
        held = [Holding(detail.location, 1, int(detail.status.on_hand))]
        dialog = TransferDialog([detail.id], held, detail.serial_number, versions={detail.id: detail.version})
        await self._after(await self.context.ask(dialog))

    @work(exclusive=True, group="do")
    async def action_warranty(self) -> None:
        """Set the warranty."""
        await self._after(await self.context.ask(WarrantyDialog(self.detail)))

    async def _after(self, done: str | None) -> None:
        """Show the record anew after a dialog, and what it did."""
        with self.refusals_shown():
            await self._reload()
            self.say(done or "", "done" if done else "note")

    @work(exclusive=True, group="do")
    async def action_save(self) -> None:
        """Save the condition notes."""
        with self.context.keyboard.hold():
            await self._save()

    async def _save(self) -> bool:
        """Save the condition notes; whether that worked. What was typed stays in any case."""
        if not self.is_changed:
            self.say("The condition notes are as they were saved.")
            return True
        detail, typed = self.detail, self.query_one("#notes", NotesArea).text
        try:
            await self.write(set_condition_notes, self.context.actor, detail.id, typed, version=detail.version)
        except Changed as refusal:
            with self.refusals_shown():
                await self._reload()
                theirs = self.detail.condition_notes
                noted = f" The condition says now: “{theirs}”." if theirs != detail.condition_notes else ""
                self.say(f"{refusal.message}{noted} What you typed is kept; F10 saves it.", "problem")
            return False
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
            return False
        with self.refusals_shown():
            self.query_one("#notes", NotesArea).text = typed.strip()
            await self._reload()
            self.say("The condition notes are saved.", "done")
        return True

    def action_leave(self) -> None:
        """Go back; ask where notes are not saved."""
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


def _bold(text: str, style: Style) -> Text:
    """Any text, bold, in a status's style."""
    return cell(text, style + Style(bold=True))

"""Serial Detail: one serial with its history, documents, condition notes and warranty.

First the layout of the history, then the dialogs for a note and the warranty, then the screen (`SerialScreen`).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, Final, NamedTuple

from rich.console import RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.widgets import Static, TabbedContent, TabPane, TextArea

from models.documents import DocumentSource
from models.errors import BadValue, Changed, SerialdockError
from models.ledger import LABELS, Warranty
from models.serials.grid import Holding
from models.serials.moves import refuse_unmovable
from models.serials.record import Event, SerialDetail, add_note, serial_detail, set_condition_notes, set_warranty
from models.statuses import statuses
from models.verbs import VERBS, DocumentKind, Need, PlaceMeaning
from tui.kit.dialog import Answer, ConfirmDialog, SavingDialog
from tui.kit.form import NotesArea
from tui.kit.page import Frame
from tui.records.documents import DocumentsList
from tui.routes import Route, SerialRecord
from tui.scanning.fields import PlainInput
from tui.serials.move import TransferDialog
from tui.text import cell, moment, plain, visible
from tui.themes import status_style, style_sheets

ONE_LINE = 64
"""Width in cells from which date, event and text share a line."""


DAYS_ONLY = 26
"""Width in cells below which an entry omits the time and the user."""


def history(events: Iterable[Event], labels: Mapping[str, str], width: int) -> RenderableType:
    """Lay out the events, newest first.

    Args:
        events: oldest first, as `serial_detail` returns them.
        labels: label of each status, by code.
        width: in cells.
    """
    rows = [(moment(event.at), event.done, what_happened(event, labels), who(event)) for event in events]
    return _entries(reversed(rows), width)


def who(event: Event) -> str:
    """The user, and the login user if that was somebody else."""
    return f"{event.user} by {event.login_user}" if event.login_user else event.user


def what_happened(event: Event, labels: Mapping[str, str]) -> str:
    """Changes of status, place, customer and values, with document and note; not escaped yet."""
    parts = []
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
    if event.document:
        parts.append(event.document)
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


def _entries(rows: Iterable[tuple[str, str, str, str]], width: int) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    if width < ONE_LINE:
        table.add_column(overflow="fold")
        for at, what, text, user in rows:
            first = Text.assemble((at, "dim"), "  ", (visible(what), "bold"), "  ", (visible(user), "dim"))
            if width < DAYS_ONLY:
                first = Text.assemble((visible(what), "bold"), " ", (at.partition(" ")[0], "dim"))
            first.no_wrap, first.overflow = True, "ellipsis"
            table.add_row(first)
            if text:
                table.add_row(Padding(_text(text), (0, 0, 0, 2)))
        return table
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, max_width=20, overflow="ellipsis")
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True, max_width=18, overflow="ellipsis", justify="right")
    for at, what, text, user in rows:
        table.add_row(Text(at, "dim"), Text(visible(what), "bold"), _text(text), Text(visible(user), "dim"))
    return table


def _text(text: str) -> Text:
    return Text(visible(text, lines=True), overflow="fold")


class NoteDialog(SavingDialog[str]):
    """Writes a note into the history and returns the message to show."""

    WORK = ("note",)
    HELP = "What you type goes into the history of the serial, with your name and the time. It cannot be changed later."

    def __init__(self, serial_id: int, serial_number: str) -> None:
        """Make the dialog.

        Args:
            serial_id: the serial.
            serial_number: its serial number.
        """
        super().__init__(f"Note · {serial_number}")
        self._serial_id = serial_id

    def compose_fields(self) -> ComposeResult:
        """The note."""
        with HorizontalGroup(classes="row"):
            yield Static("Note", classes="label")
            yield PlainInput(id="note", placeholder="for the history")

    def on_mount(self) -> None:
        """Focus the field."""
        self.query_one("#note").focus()

    async def save(self) -> str:
        """Write the note."""
        text = self.query_one("#note", PlainInput).value
        await self.context.db.write(add_note, self.context.actor, self._serial_id, text)
        return "The note is in the history."


_DATE: Final = re.compile(r"(\d{4})[-./ ](\d{1,2})[-./ ](\d{1,2})|(\d{4})(\d{2})(\d{2})")


def read_day(text: str, what: str, field: str) -> date | None:
    """Parse a typed date (year, month, day); None if empty.

    Args:
        text: such as 2026-04-11, 2026/4/11 or 20260411.
        what: what the date is, to follow "The" in a message.
        field: name of the field, for the refusal.

    Raises:
        BadValue: not a date; the message gives the format, or how many days the month has.
    """
    text = text.strip()
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found is None:
        raise BadValue(
            f"The {what} {text} is no date that can be read. Type year, month, day, such as 2026-04-11.", field=field
        )
    year, month, day = (int(part) for part in found.groups() if part is not None)
    if not 1 <= month <= 12 or year == 0:
        raise BadValue(f"The {what} {text} has no such month. Type year, month, day, such as 2026-04-11.", field=field)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise BadValue(f"The {what} {text} is not in the calendar: {year}-{month:02} has {last} days.", field=field)
    return date(year, month, day)


class WarrantyDialog(SavingDialog[str]):
    """Sets the warranty and returns the message to show."""

    CSS_PATH = style_sheets("serials")
    WORK = ("warranty_void", "note")
    HELP = (
        "The first and the last day under warranty, as year-month-day: 2026-04-11. The last day still counts. Both "
        "empty: no warranty. A reason under Void because makes it void, and keeps its dates."
    )

    def __init__(self, detail: SerialDetail) -> None:
        """Make the dialog.

        Args:
            detail: the serial as shown; its version detects an edit conflict.
        """
        super().__init__(f"Warranty · {detail.serial_number}")
        self._detail = detail

    def compose_fields(self) -> ComposeResult:
        """First and last day, the reason if void, a note."""
        start, end = self._detail.warranty_start, self._detail.warranty_end
        for label, name, value, hint in (
            ("First day", "warranty_start", start.isoformat() if start else "", "2026-04-11, or empty"),
            ("Last day", "warranty_end", end.isoformat() if end else "", "2028-04-10; empty: no warranty"),
            ("Void because", "warranty_void", self._detail.warranty_void or "", "empty: it is not void"),
            ("Note", "note", "", "for the history"),
        ):
            with HorizontalGroup(classes="row"):
                yield Static(label, classes="label")
                yield PlainInput(value, placeholder=hint, id=name)

    def on_mount(self) -> None:
        """Focus the first day."""
        self.query_one("#warranty_start").focus()

    async def save(self) -> str:
        """Write the warranty."""
        texts = {field.id: field.value for field in self.query(PlainInput)}
        start = read_day(texts["warranty_start"], "first day", "warranty_start")
        end = read_day(texts["warranty_end"], "last day", "warranty_end")
        try:
            await self.context.db.write(
                set_warranty,
                self.context.actor,
                self._detail.id,
                start,
                end,
                void=texts["warranty_void"] if texts["warranty_void"].strip() else None,
                note=texts["note"],
                version=self._detail.version,
            )
        except Changed:  # a second F10 then saves over the current version
            self._detail = await self.read(serial_detail, self._detail.id)
            raise
        return "The warranty is set." if end else "The serial has no warranty now."


WHY_NO_DOCUMENTS = "No document names this serial yet. A transfer makes one."
"""Message of an empty Documents tab."""


VERB_OF = {"note": "note", "warranty": "set-warranty", "save": "note-condition", "transfer": "transfer"}
"""Code of the verb behind each action, for its permission."""


class ShownSerial(NamedTuple):
    """A serial's record and the status labels for its history."""

    detail: SerialDetail
    labels: dict[str, str]
    """Label of each status, by code."""


def read_record(serial_id: int) -> ShownSerial:
    """Read the whole record; for the database thread.

    Raises:
        NotFound
    """
    return ShownSerial(serial_detail(serial_id), {status.code: status.label for status in statuses()})


class History(VerticalScroll):
    """The scrollable history of the serial."""

    HELP = "What happened to this serial, newest first: when, what, from where to where, with which document, and who."


class SerialScreen(Frame[None]):
    """The record of one serial."""

    CSS_PATH = style_sheets("records", "serials")
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
        """Make the screen.

        Args:
            record: the serial, just read.
        """
        super().__init__()
        self._record = record
        self._drawn = 0

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

    def compose_body(self) -> ComposeResult:
        """Header, facts, condition notes, history and documents."""
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
        """A label with one or two texts."""
        with HorizontalGroup(classes="serial-fact"):
            yield Static(label, classes="label", id=f"{names[0]}-label")
            with HorizontalGroup(classes="fact-texts"):
                for name in names:
                    yield Static("", id=name, classes="fact", markup=False)

    def on_mount(self) -> None:
        """Show the record, with the focus on the history, so that arrows scroll it and no scan goes into the notes."""
        self._show()
        self.query_one(History).focus(scroll_visible=False)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())

    def on_resize(self) -> None:
        """Lay the history out for the new width."""
        self.call_after_refresh(self._show_entries)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions that the permissions allow."""
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
        is_last = detail.status.place is PlaceMeaning.LAST
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
        """Lay the history out, unless the width is unchanged."""
        width = self.query_one(History).size.width - 2
        if width > 0 and width != self._drawn:
            self._drawn = width
            self.query_one("#events", Static).update(history(self.detail.events, self._record.labels, width))

    @on(TextArea.Changed, "#notes")
    def _mark_changed(self) -> None:
        label = "Condition •" if self.is_changed else "Condition"
        self.query_one("#notes-label", Static).update(label)

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
        """Read the record again; unsaved notes stay.

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
        """Read the record again and redraw the whole screen."""
        self.context.redraw()
        with self.refusals_shown():
            await self._reload()

    @on(DocumentsList.CameBack)
    @work(exclusive=True, group="refresh")
    async def _came_back(self) -> None:
        with self.refusals_shown():
            await self._reload()

    # ----- actions

    @work(exclusive=True, group="do")
    async def action_note(self) -> None:
        """Ask for a note and write it into the history."""
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
        """Open the dialog that sets the warranty."""
        await self._after(await self.context.ask(WarrantyDialog(self.detail)))

    async def _after(self, done: str | None) -> None:
        """Show the changed record and the message of a dialog."""
        with self.refusals_shown():
            await self._reload()
            self.say(done or "", "done" if done else "note")

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


def _bold(text: str, style: Style) -> Text:
    """A text made safe to display, bold, in the style of a status."""
    return cell(text, style + Style(bold=True))

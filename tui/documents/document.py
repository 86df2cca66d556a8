"""The screen of one document: its facts, and every serial that it names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Static

from models.documents import DocumentRow, NamedSerial, NamedSerials, document
from models.errors import SerialdockError
from models.serials.void import may_void_document
from models.verbs import DocumentKind
from tui.kit.changed_lines import mark_for_a_moment
from tui.kit.lazy_table import RecordColumn
from tui.kit.link import Link
from tui.kit.list_pane import ListPane
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.records.actions import void
from tui.records.documents import acted
from tui.records.status import status_cell
from tui.routes import CustomerRecord, DocumentRecord, ExportList, PlaceRecord, RecordRoute, Route, SerialRecord
from tui.text import cell, moment, plain
from tui.themes import style_sheets

_SOURCES: Final[Mapping[str, str]] = {DocumentKind.VOID: "Voids", DocumentKind.ARRIVAL: "Transfer"}
"""Labels of the source of a document, by the document's kind."""


class NamedSerialsTable(RecordTable[NamedSerial]):
    """The serials of a document, with their current status and location."""

    REMEMBERED = "document's serials"
    EXPORTS = True

    HELP = (
        "All serials that this document names, with status and place as they are now. Enter opens the one under the "
        "cursor."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="document.open", tooltip="Open the serial under the cursor"),
    ]


class DocumentFacts(VerticalGroup):
    """The facts of a document; those that lead to another record are links."""

    def __init__(self, row: DocumentRow) -> None:
        """Make the facts.

        Args:
            row: the document.
        """
        super().__init__()
        self.row = row
        """The document shown."""

    async def tell(self, row: DocumentRow, *, marks: bool = False) -> None:
        """Show a newer state of the document, such as which one voids it.

        Args:
            row: the document.
            marks: whether to mark what differs, for a moment.
        """
        if row != self.row:
            before = {str(text.content) for text in self.query(Static)}
            self.row = row
            await self.recompose()  # facts come and go, and only those that are not empty have a line
            if marks:
                mark_for_a_moment(text for text in self.query(Static) if str(text.content) not in before)

    def compose(self) -> ComposeResult:
        """The facts that are not empty."""
        row = self.row
        with HorizontalGroup(classes="document-facts"):
            with VerticalGroup(classes="document-column"):
                yield from self._fact("Date", moment(row.at))
                yield from self._fact("By", acted(row))
                yield from self._fact("Customer", row.customer, CustomerRecord, row.customer_id)
                yield from self._fact("Reference", row.reference)
                yield from self._fact("Repairer", row.repairer)
            with VerticalGroup(classes="document-column"):
                yield from self._fact("From", row.from_location, PlaceRecord, row.from_location_id)
                yield from self._fact("To", row.to_location, PlaceRecord, row.to_location_id)
                yield from self._fact(_SOURCES.get(row.kind, "Source"), row.source, DocumentRecord, row.source_id)
                by = f"{row.voided_by} (in part)" if row.is_voided_in_part else row.voided_by
                yield from self._fact("Voided by", by, DocumentRecord, row.voided_by_id)
        with VerticalGroup(classes="document-note"):
            yield from self._fact("Note", row.note)

    def _fact(
        self, label: str, text: str | None, route: type[RecordRoute] | None = None, record_id: int | None = None
    ) -> ComposeResult:
        """A label and a text, which leads to a record if there is a route; nothing for an empty text."""
        if text:
            with HorizontalGroup(classes="document-fact"):
                yield Static(label, classes="label")
                if route is not None and record_id is not None:
                    yield Link(text, route(record_id))
                else:
                    yield Static(plain(text, lines=True), classes="document-text")


class DocumentScreen(Frame[None]):
    """One document with its serials."""

    FOLLOWS = True
    FORGETS = True
    CSS_PATH = style_sheets("documents")
    HELP = (
        "One document, with every serial that it names. Enter opens the serial under the cursor; Shift+Tab goes to its "
        "customer, its places and the documents that belong to it, which Enter opens too. F3 goes back."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "void", "help")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="document.refresh", tooltip="Read the serials again"),
        Binding("f8", "void", "Void", id="document.void", tooltip="Void what this document did to its serials"),
    ]

    def __init__(self, row: DocumentRow, *, may_void: bool) -> None:
        """Make the screen.

        Args:
            row: the document, with its number of serials.
            may_void: whether the person may void it now, and something of it is left to void; known before the first
                key, which may be the one that voids.
        """
        super().__init__()
        self.document = row
        """The document shown."""
        self._may_void = may_void

    def compose_body(self) -> ComposeResult:
        """The facts that are not empty, and the serials."""
        yield DocumentFacts(self.document)
        yield Static(classes="rule")
        table = NamedSerialsTable(
            self._columns(79), NamedSerials(self.document.id), run=self.context.db.run, cell_padding=0
        )
        yield ListPane(table, "serial", of=self.document.id, opens=lambda row: SerialRecord(row.id))

    @property
    def gives_way(self) -> bool:
        """Always true: nothing is typed here."""
        return True

    @property
    def exported(self) -> ExportList | None:
        """Its serials; as a PDF the document itself."""
        route = super().exported
        return replace(route, document=self.document.number) if route is not None else None

    def name_if_shown(self, route: Route[Any]) -> str:
        """The number if the route leads to this document, else an empty string."""
        return self.document.number if route == DocumentRecord(self.document.id) else ""

    @property
    def table(self) -> NamedSerialsTable:
        """The table of serials."""
        return self.query_one(NamedSerialsTable)

    def on_mount(self) -> None:
        """Set the title and focus the serials."""
        self.tell_title(f"{self.document.number} · {self.document.kind}")
        self.table.focus()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._fit())

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self._fit()

    def on_screen_resume(self) -> None:
        """Read the serials again when this screen is in front again."""
        if self.is_mounted:
            self.table.reload()

    def _fit(self) -> None:
        self.table.set_columns(self._columns(self.size.width - self.table.styles.scrollbar_size_vertical))

    def _columns(self, room: int) -> list[RecordColumn[NamedSerial]]:
        column, theme = RecordColumn[NamedSerial], self.app.theme
        serial = column("serial", "Serial Number", 16, lambda row: cell(row.serial_number), grow=1, gap=1)
        sku = column("sku", "Item", 13, lambda row: cell(row.sku), gap=1)
        status = column("status", "Status", 14, lambda row: status_cell(row.status, theme, 13))
        place = column("location", "Location", 14, lambda row: cell(row.location))
        if room >= 70:
            name = column("name", "Name", 14, lambda row: cell(row.item_name), grow=2, gap=1)
            return [serial, sku, name, status, place]
        if room >= 36:
            shorter = column("serial", "Serial Number", 12, serial.cell, grow=1, gap=1)
            return [shorter, column("sku", "Item", 11, sku.cell, gap=1), column("status", "Status", 13, status.cell)]
        mark = column("status", "", 1, lambda row: status_cell(row.status, theme, 1))
        return [column("serial", "Serial", 12, serial.cell, grow=1, gap=1), mark]

    def action_refresh(self) -> None:
        """Read the serials again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self.table.reload()

    # ----- undo after the fact

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to void the document if the person may."""
        return self._may_void if action == "void" else super().check_action(action, parameters)

    @on(RecordTable.Loaded)
    @work(exclusive=True, group="may void")
    async def _look_whether_void(self) -> None:
        """Find out whether the person may void the document now: without the permission only for some minutes."""
        try:
            self._may_void = await self.read(may_void_document, self.context.actor, self.document.number)
        except SerialdockError:
            return  # the person's next action reports the trouble
        self.renew_keys()

    @on(RecordTable.Loaded)
    def _renew_facts(self, event: RecordTable.Loaded) -> None:
        if not event.follows:  # else `follow` reads them too
            self._read_facts()

    @work(exclusive=True, group="facts")
    async def _read_facts(self) -> None:
        """Show the document as it is now: another one may void it meanwhile."""
        with suppress(SerialdockError):  # the person's next action reports the trouble
            await self._show_facts(marks=False)

    async def follow(self, *, marks: bool) -> None:
        """Show the serials, and the document, as they are now."""
        await super().follow(marks=marks)
        await self._show_facts(marks=marks)

    async def _show_facts(self, *, marks: bool) -> None:
        self.document = await self.read(document, self.document.id)
        facts = self.query_one(DocumentFacts)
        if self.focused is not None and facts in self.focused.ancestors and self.document != facts.row:
            self.table.focus()  # the link with the focus is made anew
        await facts.tell(self.document, marks=marks)

    @work(exclusive=True, group="void")
    async def action_void(self) -> None:
        """Ask why, and void the document; serials that moved on since are named and stay."""
        done = await void(self, self.document.number)
        if done is not None:
            self.say(done.said, "done")
            self.table.reload()

"""The screen of one document: its facts, and every serial that it names."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import DataTable, Static

from models.documents import DocumentRow, NamedSerial, NamedSerials
from tui.kit.lazy_table import RecordColumn
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.records.documents import acted
from tui.records.status import status_cell
from tui.routes import SerialRecord
from tui.text import cell, moment, plain
from tui.themes import style_sheets


class NamedSerialsTable(RecordTable[NamedSerial]):
    """The serials of a document, with their current status and location."""

    HELP = (
        "All serials that this document names, with status and place as they are now. Enter opens the one under the "
        "cursor."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="document.open", tooltip="Open the serial under the cursor"),
    ]
    OPENS_BY_DOUBLE_CLICK = True


class DocumentScreen(Frame[None]):
    """One document with its serials."""

    CSS_PATH = style_sheets("documents")
    HELP = "One document, with every serial that it names. Enter opens the serial under the cursor; F3 goes back."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="document.refresh", tooltip="Read the serials again"),
    ]

    def __init__(self, row: DocumentRow) -> None:
        """Make the screen.

        Args:
            row: the document, with its number of serials.
        """
        super().__init__()
        self.document = row
        """The document shown."""

    def compose_body(self) -> ComposeResult:
        """The facts that are not empty, and the serials."""
        row = self.document
        with HorizontalGroup(classes="document-facts"):
            with VerticalGroup(classes="document-column"):
                yield from self._fact("Date", moment(row.at))
                yield from self._fact("By", acted(row))
                yield from self._fact("Customer", row.customer)
            with VerticalGroup(classes="document-column"):
                yield from self._fact("From", row.from_location)
                yield from self._fact("To", row.to_location)
        with VerticalGroup(classes="document-note"):
            yield from self._fact("Note", row.note)
        yield Static(classes="rule")
        yield NamedSerialsTable(
            self._columns(79), NamedSerials(row.id), run=self.context.db.run, marking=False, cell_padding=0
        )
        yield Static("", classes="document-position")

    def _fact(self, label: str, text: str | None) -> ComposeResult:
        if text:
            with HorizontalGroup(classes="document-fact"):
                yield Static(label, classes="label")
                yield Static(plain(text, lines=True), classes="document-text")

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
        serial = column("serial", "Serial Number", 16, lambda row: cell(row.serial_number), grow=1)
        sku = column("sku", "Item", 13, lambda row: cell(row.sku))
        status = column("status", "Status", 14, lambda row: status_cell(row.status, theme, 13))
        place = column("location", "Location", 14, lambda row: cell(row.location))
        if room >= 70:
            return [serial, sku, column("name", "Name", 14, lambda row: cell(row.item_name), grow=2), status, place]
        if room >= 36:
            shorter = column("serial", "Serial Number", 12, serial.cell, grow=1)
            return [shorter, column("sku", "Item", 11, sku.cell), column("status", "Status", 13, status.cell)]
        mark = column("status", "", 1, lambda row: status_cell(row.status, theme, 1))
        return [column("serial", "Serial", 12, serial.cell, grow=1), mark]

    @on(DataTable.RowHighlighted)
    @on(RecordTable.Loaded)
    def _show_position(self) -> None:
        table = self.table
        position = f"serial {table.cursor_row + 1:,} of {table.total:,}" if table.total else ""
        self.query_one(".document-position", Static).update(plain(position))

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self.say(event.error.message, "problem")

    @on(DataTable.RowSelected)
    def _opened(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self._open(int(event.row_key.value))

    @work(exclusive=True, group="open")
    async def _open(self, serial_id: int) -> None:
        with self.refusals_shown():
            await self.context.open(SerialRecord(serial_id))

    def action_refresh(self) -> None:
        """Read the serials again and redraw the whole screen."""
        self.context.redraw()
        self.table.reload()

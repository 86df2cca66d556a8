"""An item's serials as a list: Find, filters, order, the grid, and what is to say about its row."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Final, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.widgets import Button, DataTable, Input, Static

from models.errors import NotFound, SerialdockError, Unreadable
from models.serials.grid import Order
from tui.context import Context, Kind
from tui.routes import SerialRecord
from tui.scanning.fields import FindField
from tui.screens.frame import Frame
from tui.terminal.scanner_keys import NEVER
from tui.text import plain
from tui.widgets.record_table import RecordTable
from tui.widgets.serial_columns import left_out
from tui.widgets.serial_filter import SerialFilter
from tui.widgets.serials_table import SerialsTable

FLAT: Final = 8
"""Lines up to which the grid does without its heading."""

SHORT_BELOW: Final = 60
"""Cells under which the controls say less."""

NOT_TEXT: Final = frozenset(" <>")
"""Keys of the grid that type something; everything else that does goes to Find."""


class SerialsList(Vertical):
    """The serials of one item; a row that is opened shows its Serial Detail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="serials.find", tooltip="Find a serial of this item"),
        Binding("f4", "by_status", "Status", id="serials.status", tooltip="Show only one status", show=False),
        Binding("f5", "refresh", "Refresh", id="serials.refresh", tooltip="Read the grid again"),
        Binding("ctrl+l", "by_location", "Place", id="serials.location", tooltip="Show only one location", show=False),
        Binding("ctrl+o", "order", "Order", id="serials.order", tooltip="Order the grid by a column", show=False),
        Binding("ctrl+r", "reverse", "Reverse", id="serials.reverse", tooltip="Turn the order round", show=False),
        Binding("less_than_sign", "order_beside(-1)", show=False),
        Binding("greater_than_sign", "order_beside(1)", show=False),
        Binding("escape", "ease", "Clear", id="serials.clear", tooltip="Take marks, then filters away", show=False),
    ]

    def __init__(self, item_id: int) -> None:
        """Make the list.

        Args:
            item_id: the item.
        """
        super().__init__(classes="serials")
        self.filter = SerialFilter(item_id)
        """What is shown, in which order."""
        self._was_hidden = False
        self._has_answered = asyncio.Event()
        """Set when the first rows are there, or what keeps them from being read."""

    @property
    def context(self) -> Context:
        """The app, as far as widgets need it."""
        return cast("Context", self.app)

    @property
    def frame(self) -> Frame[object]:
        """The screen around it, as what it is."""
        return cast("Frame[object]", self.screen)

    @property
    def table(self) -> SerialsTable:
        """The grid."""
        return self.query_one(SerialsTable)

    @property
    def find(self) -> FindField:
        """The Find field."""
        return self.query_one("#find-serial", FindField)

    def compose(self) -> ComposeResult:
        """Finding and filtering, the grid, and what else is to say about its row."""
        with HorizontalGroup(classes="serials-tools"):
            with HorizontalGroup(classes="serials-find"):
                yield Static("Find", classes="find-label")
                yield FindField(placeholder="serial", id="find-serial")
            with HorizontalGroup(classes="serials-filters"):
                for name in ("status", "location", "order"):
                    yield Button("", id=f"by-{name}", compact=True, classes="picker")
        yield SerialsTable(self.context.db.run, id="serials")
        yield Static("", classes="serials-empty hidden")
        with HorizontalGroup(classes="serials-foot"):
            yield Static("", classes="serials-rest")
            yield Static("", classes="serials-position")

    def on_mount(self) -> None:
        """Begin to read."""
        self._show_filter()
        self.renew()
        self._await_rows()

    @work(group="first rows")
    async def _await_rows(self) -> None:
        """Keep keys that were typed ahead for the rows that they are meant for."""
        with self.context.keyboard.hold():
            await self._has_answered.wait()

    def on_resize(self) -> None:
        """Say less where there is less room."""
        self._show_filter()
        self.table.show_header = self.size.height > FLAT

    def on_hide(self) -> None:
        """Note that another tab is in front."""
        self._was_hidden = True

    def on_show(self) -> None:
        """Show what changed while another tab was in front."""
        if self._was_hidden:
            self._was_hidden = False
            self.renew()

    def enter(self) -> None:
        """Give the grid the focus, so that arrows move in it and typing finds."""
        self.table.focus()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message above the keys of the screen."""
        self.frame.say(text, kind)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer Clear only where something can be cleared."""
        if action == "ease":
            return bool(self.table.marked or self.filter.narrows)
        return super().check_action(action, parameters)

    # ----- what is shown

    def renew(self, *, keep_cursor: bool = True, cursor_key: str | None = None) -> None:
        """Read the grid again; see `RecordTable.reload`."""
        self.table.reload(self.filter.source(), keep_cursor=keep_cursor, cursor_key=cursor_key)

    def _show_filter(self) -> None:
        for name, label in self.filter.labels(short=self.size.width < SHORT_BELOW).items():
            control = self.query_one(f"#by-{name}", Button)
            if str(control.label) != label:
                control.label = plain(label)
                control.refresh(layout=True)
        self.table.fit(self.filter.order, descending=self.filter.descending)

    def _chosen(self, *, keep_cursor: bool = False) -> None:
        """Show the grid from its top after its filter or its order was changed."""
        self._show_filter()
        self.renew(keep_cursor=keep_cursor)

    @on(Input.Changed, "#find-serial")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self.filter.find:
            self.filter.find = event.value.strip()
            self.renew(keep_cursor=False)

    @on(RecordTable.Loaded)
    def _loaded(self, event: RecordTable.Loaded) -> None:
        self._has_answered.set()
        empty = self.query_one(".serials-empty", Static)
        empty.set_class(event.total > 0, "hidden")
        self.table.set_class(event.total == 0, "-empty")
        if event.total == 0:
            empty.update(plain(self.why_empty))
        self.show_position()

    @property
    def why_empty(self) -> str:
        """What an empty grid says."""
        return f"No serial {self.filter.in_words}. Esc shows all." if self.filter.narrows else "No serials yet."

    @property
    def news(self) -> str:
        """What stands before the position, if anything."""
        return ""

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self._has_answered.set()
        self.say(event.error.message, "problem")

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    @on(SerialsTable.ColumnsChanged)
    def show_position(self) -> None:
        """Show marks, position, and what the columns leave out of the row under the cursor."""
        table = self.table
        parts = [
            f"{len(table.marked):,} marked" if table.marked else "",
            self.news,
            f"row {table.cursor_row + 1:,} of {table.total:,}" if table.total else "",
        ]
        self.query_one(".serials-position", Static).update(plain(" · ".join(filter(None, parts))))
        rest, row = self.query_one(".serials-rest", Static), table.cursor_record
        rest.update(plain(left_out(row, table.shown_of(row), rest.content_size.width) if row else ""))

    # ----- finding

    def on_key(self, event: events.Key) -> None:
        """Let typing or a scan into the grid find."""
        is_text = event.is_printable and event.character is not None and event.character not in NOT_TEXT
        if is_text and self.screen.focused is self.table:
            event.stop()
            event.prevent_default()
            self.find.begin(event)

    def key_down(self) -> None:
        """Go from the tools into the grid."""
        if self.screen.focused is not self.table:
            self.table.focus()

    def action_find(self) -> None:
        """Go to the Find field."""
        self.find.focus()
        self.find.select_all()

    @on(Input.Submitted, "#find-serial")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._open_found(event.value.strip(), self.find.scans)
        else:
            self.table.action_select_cursor()

    @work(exclusive=True, group="open")
    async def _open_found(self, text: str, scans: Sequence[str]) -> None:
        """Open the serial with exactly this text, whatever the filters say, or the only hit; else go to the hits.

        What a scanner sent is a whole code, perhaps of something else: where no serial here has it, that goes before
        a hit that only begins so. What was typed is such a code only where nothing here is hit.

        Args:
            text: what stands in Find.
            scans: what of it came from a scanner.
        """
        run, is_done = self.context.db.run, False
        with self.context.keyboard.hold(), self.frame.scan_refusals_shown():
            try:
                self.frame.scan_run.begin(self.find.ended if scans else NEVER)
                serial_id = await run(self.filter.exact, text, *scans)
                if serial_id is None and scans:
                    with suppress(NotFound, Unreadable):
                        is_done = await self._open_named(text, *scans)
                if serial_id is None and not is_done:
                    serial_id = await run(self.filter.only_hit)
                if serial_id is not None:
                    await self.context.show_scanned(self.frame, SerialRecord(serial_id), self.came_back)
                elif not is_done and await run(lambda: self.filter.source().count()) > 0:
                    self.table.focus()
                elif not is_done:
                    await self._open_named(text, *scans)
                self.find.select_all()
            except SerialdockError:
                self.table.focus()
                raise

    async def _open_named(self, *texts: str) -> bool:
        """Open what is not of this list, and leave Find as it was before the scan; a refusal says why not."""
        found = await self.context.open_scanned(self.frame, *texts, closed=self.came_back)
        self.find.value = self.find.before.get(found, found) if self.find.scans else found
        return True

    @on(DataTable.RowSelected)
    def _row_opened(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value is not None:
            self._open(int(event.row_key.value))

    @work(exclusive=True, group="open")
    async def _open(self, serial_id: int) -> None:
        try:
            await self.context.open(SerialRecord(serial_id))
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")
        else:
            self.came_back()

    def came_back(self) -> None:
        """Show what may have been changed in Serial Detail."""
        self.renew()

    # ----- filters and order

    @on(Button.Pressed, ".picker")
    def _picked(self, event: Button.Pressed) -> None:
        event.stop()
        match event.button.id:
            case "by-status":
                self.action_by_status()
            case "by-location":
                self.action_by_location()
            case _:
                self.action_order()

    @work(exclusive=True, group="choose")
    async def action_by_status(self) -> None:
        """Choose the status that is shown."""
        if await self.filter.choose_status(self.context):
            self._chosen()

    @work(exclusive=True, group="choose")
    async def action_by_location(self) -> None:
        """Choose the location that is shown."""
        if await self.filter.choose_location(self.context):
            self._chosen()

    @work(exclusive=True, group="choose")
    async def action_order(self) -> None:
        """Choose the column that orders the grid; the one that does already turns round."""
        if await self.filter.choose_order(self.context):
            self._chosen()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.filter.order_by(self.filter.order)
        self._chosen()

    def action_order_beside(self, step: int) -> None:
        """Order by the column before or after the present one."""
        orders = list(Order)
        self.filter.order_by(orders[(orders.index(self.filter.order) + step) % len(orders)])
        self._chosen()

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        if event.column_key.value is not None:
            self.filter.order_by(Order(event.column_key.value))
            self._chosen()

    def action_ease(self) -> None:
        """Take marks away; where there are none, filters and the text in Find."""
        if self.table.marked:
            self.table.clear_marks()
            return
        self.filter.clear()
        self.find.value = ""
        self.say("")
        self._chosen(keep_cursor=True)

    def action_refresh(self) -> None:
        """Read the grid again."""
        self.renew()

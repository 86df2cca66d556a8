"""The screen with all lines of a draft, any of which can be taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Input, Static

from models.station.lines import LineRow, LineSource
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.scanning.fields import PlainInput
from tui.scanning.screens import AnswerField, PassesScans
from tui.text import cell, plain

WORDS: Final = {"good": "+ good", "problem": "! problem", "out": "x out"}
"""Mark and word for each state of a line."""

LINE = RecordColumn[LineRow]("line", "Line", 6, lambda row: cell(f"{row.position:,}"), justify="right")
SERIAL = RecordColumn[LineRow]("serial", "Serial Number", 14, lambda row: cell(row.serial_number), grow=1)
STATE = RecordColumn[LineRow]("state", "State", 10, lambda row: cell(WORDS[row.state]))
ITEM = RecordColumn[LineRow]("item", "Item", 13, lambda row: cell(row.sku))
PLACE = RecordColumn[LineRow]("location", "Location", 13, lambda row: cell(row.location))
TIME = RecordColumn[LineRow]("time", "Time", 6, lambda row: cell(f"{row.at.astimezone():%H:%M}"))
BY = RecordColumn[LineRow]("by", "By", 8, lambda row: cell(row.login))

ROOMY = RecordColumn[LineRow]("serial", "Serial Number", 38, SERIAL.cell, grow=1)

COLUMNS = (
    [LINE, ROOMY, STATE, ITEM, PLACE, TIME, BY],
    [LINE, SERIAL, STATE, ITEM, TIME, BY],
    [LINE, SERIAL, STATE],
    [SERIAL, STATE],
    [SERIAL],
)
"""Sets of columns; the first one that fits is shown."""


class LinesTable(RecordTable[LineRow]):
    """The lines, newest first."""

    REMEMBERED = "lines"
    CALLED = "serial"

    HELP = "Every serial that was scanned into this draft, newest first. Enter or F8 takes the line out."


class StationLinesScreen(PassesScans[None], Frame[None]):
    """The lines of a draft."""

    TITLE_TEXT = "Lines"
    HELP = "Every serial of this draft, newest first. F8 takes the line under the cursor out; it can be scanned again."
    CATCHES = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="station-lines.find", tooltip="Find a line by its serial; again, anything"),
        Binding("f5", "refresh", "Refresh", id="station-lines.refresh", tooltip="Read the lines again"),
        Binding("f8", "take_out", "Take out", id="station-lines.take-out", tooltip="Take the line out"),
    ]

    def __init__(self, draft_id: int, take_out: Callable[[int], object]) -> None:
        """Make the screen.

        Args:
            draft_id: the draft.
            take_out: takes out the line with a given number; runs in the database thread.
        """
        super().__init__()
        self._draft_id, self._take_out = draft_id, take_out

    def compose_body(self) -> ComposeResult:
        """The count, the Find field and the lines."""
        with HorizontalGroup(classes="head"):
            yield Static("Scanned", classes="heading")
            yield Static("", id="count", classes="count")
        with HorizontalGroup(classes="find"):
            yield Static("Find", classes="find-label")
            yield AnswerField(placeholder="part of a serial", id="find")
        yield LinesTable(COLUMNS[0], LineSource(self._draft_id), run=self.context.db.run)
        yield from self.compose_hidden_scan_field()

    @property
    def table(self) -> LinesTable:
        """The lines."""
        return self.query_one(LinesTable)

    def on_mount(self) -> None:
        """Focus the list."""
        self.table.focus()

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def answer(self) -> None:
        """Take the line under the cursor out."""
        self.action_take_out()

    @on(Input.Changed, "#find")
    def _narrow(self, event: Input.Changed) -> None:
        self.table.reload(LineSource(self._draft_id, event.value), keep_cursor=False)

    def typed(self, text: str) -> None:
        """Go to the lines that were found."""
        self.table.focus()

    def typed_nothing(self) -> None:
        """Go to the lines."""
        self.table.focus()

    @on(RecordTable.Loaded)
    def _say_count(self, event: RecordTable.Loaded) -> None:
        self.query_one("#count", Static).update(plain(f"{event.total:,} line{'' if event.total == 1 else 's'}"))

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self.say(event.error.message, "problem")

    @on(RecordTable.RowSelected)
    def _chosen(self) -> None:
        self.action_take_out()

    def action_take_out(self) -> None:
        """Take the line under the cursor out."""
        row = self.table.cursor_record
        if row is not None and row.state == "out":
            self.say(f"{row.serial_number} is out already.")
        elif row is not None:
            self._out(row)

    @work(exclusive=True, group="out")
    async def _out(self, row: LineRow) -> None:
        with self.context.keyboard.hold(), self.refusals_shown():
            await self.write(self._take_out, row.number)
            self.say(f"{row.serial_number} was taken out and can be scanned again.", "done")
            self.table.reload()

    def action_find(self) -> None:
        """Go to the Find field; the second time look everywhere."""
        field = self.query_one("#find", PlainInput)
        if field.has_focus:
            self.look_everywhere(field.value)
        else:
            field.focus()

    def action_refresh(self) -> None:
        """Read the lines again."""
        self.context.redraw()
        self.table.reload()

    def key_down(self) -> None:
        """Move from the Find field into the list."""
        self.table.focus()

"""The screen with all lines of a draft, any of which can be taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.errors import Changed
from models.station import drafts
from models.station.lines import LineRow, LineSource
from models.text import counted
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.kit.shown import show
from tui.records.status import status_cell
from tui.scanning.fields import NarrowsList
from tui.scanning.screens import AnswerField, ForwardsScans
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

# The column of the present status is not among these: its cells need the theme, which the screen knows.
COLUMNS = (
    [LINE, ROOMY, STATE, ITEM, PLACE, TIME, BY],
    [LINE, SERIAL, STATE, ITEM, TIME],
    [LINE, SERIAL, STATE],
    [SERIAL, STATE],
    [SERIAL],
)
"""Column sets, widest first, without the column Now; the first that fits is shown."""

NOW: Final = 13
"""Width in cells of the column Now, the present status of the serial."""


class LinesTable(RecordTable[LineRow]):
    """The lines, newest first."""

    REMEMBERED = "lines"
    CALLED = "serial"
    EXPORTS = True

    HELP = (
        "Every serial that was scanned into this draft, newest first unless another column orders them. Now is what "
        "the serial is at this moment, if it is known. Enter or F8 takes the line out."
    )


class LineFindField(NarrowsList, AnswerField):
    """The Find field of the lines: a scan in it goes to the station."""


class StationLinesScreen(ForwardsScans[None], ListScreen[LineRow]):
    """The lines of a draft."""

    TITLE_TEXT = "Lines"
    HELP = (
        "Every serial of this draft, newest first. Type a part of a serial to narrow the list. F8 takes the line under "
        "the cursor out; it can be scanned again. A scan goes to the station."
    )
    CATCHES = False
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "take_out", "find")
    LIST = "lines"
    NOUN = "line"
    FINDS = "part of a serial"
    EMPTY = "This draft has no lines."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="station-lines.find", tooltip="Find a line by its serial; again, anything"),
        Binding("f5", "refresh", "Refresh", id="station-lines.refresh", tooltip="Read the lines again"),
        Binding("f8", "take_out", "Take out", id="station-lines.take-out", tooltip="Take the line out"),
    ]

    def __init__(self, draft_id: int, take_out: Callable[[int], object], *, session: str = "") -> None:
        """Make the screen.

        Args:
            draft_id: the draft.
            take_out: takes out the line with a given number; runs in the database thread.
            session: of the station that has the draft; if empty, a take-over is not reported.
        """
        super().__init__()
        self.of = draft_id  # a text in Find is remembered for this draft only
        self._draft_id, self._take_out, self._session = draft_id, take_out, session
        self._is_lost = False
        """Whether the message was shown that another station has taken the draft over."""

    def compose_body(self) -> ComposeResult:
        """The count, the Find field and the lines."""
        with HorizontalGroup(classes="head"):
            yield Static("Scanned", classes="heading")
            yield Static("", id="count", classes="count")
        yield from super().compose_body()
        yield from self.compose_hidden_scan_field()

    def make_find(self, text: str) -> NarrowsList:
        """Make the Find field."""
        return LineFindField(text, placeholder=self.FINDS, id="find")

    def make_table(self) -> LinesTable:
        """The table of all lines."""
        return LinesTable(COLUMNS[0], self.source(""), run=self.context.db.run)

    def source(self, find: str) -> LineSource:
        """The lines that a text finds."""
        return LineSource(self._draft_id, find)

    def fit_columns(self) -> None:
        """Show the columns that fit, in the present theme."""
        theme = self.app.theme
        now = RecordColumn[LineRow](
            "now", "Now", NOW, lambda row: status_cell(row.status, theme, NOW) if row.status else cell("")
        )
        # narrower sets have no room for it
        sets = [[*each[:3], now, *each[3:]] if ITEM in each else each for each in COLUMNS]
        self.table.set_columns(fitting(sets, self.size.width))

    def left_out(self, row: LineRow) -> str:
        """The reason of a problem, the present status of the serial, and the texts that no column shows."""
        shown = {column.key for column in self.table.record_columns}
        now = f"now {row.status.mark} {row.status.label}" if row.status is not None else ""
        place = f" at {row.status_at}" if now and row.status_at else ""
        told = (("item", row.sku), ("location", row.location), ("by", f"by {row.login}"))
        rest = (text for key, text in told if key not in shown)
        return " · ".join(filter(None, (row.message, f"{now}{place}", *rest)))

    @property
    def gives_way(self) -> bool:
        """Never: the station waits behind it."""
        return False

    def tell_total(self, total: int) -> None:
        """Say how many lines there are."""
        super().tell_total(total)
        show(self.query_one("#count", Static), plain(counted(total, "line")))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go back; what stood in Find before a scan is remembered, not what came of the scan."""
        self.memory.find = self.find.value  # the field has its text of before the scan again
        return super().dismiss(result)

    async def follow(self, *, marks: bool) -> None:
        """Show the lines as they are now, and say that another station has taken the draft over.

        Args:
            marks: as for every screen.
        """
        await super().follow(marks=marks)
        if self._session and not self._is_lost:
            try:
                await self.read(drafts.require_here, self._draft_id, self._session)
            except Changed as refusal:
                self._is_lost = True
                self.say(refusal.message, "problem")

    # ----- keys

    def answer(self) -> None:
        """Take the line under the cursor out."""
        self.action_take_out()

    def typed(self, text: str) -> None:
        """Go to the lines that were found; look everywhere if there are none."""
        if self.table.total or self.table.is_reloading:
            self.table.focus()
        else:
            self.look_everywhere(text)

    def typed_nothing(self) -> None:
        """Go to the lines."""
        self.table.focus()

    def chosen(self, row: LineRow) -> None:
        """Take a line out."""
        self._out_unless(row)

    def action_take_out(self) -> None:
        """Take the line under the cursor out."""
        row = self.table.cursor_record
        if row is not None:
            self._out_unless(row)

    def _out_unless(self, row: LineRow) -> None:
        if row.state == "out":
            self.say(f"{row.serial_number} is out already.")
        else:
            self._out(row)

    @work(exclusive=True, group="out")
    async def _out(self, row: LineRow) -> None:
        # Held: the next F8 is handled only when this one has its message.
        with self.context.keyboard.hold(), self.refusals_shown():
            await self.write(self._take_out, row.number)
            self.say(f"{row.serial_number} was taken out and can be scanned again.", "done")
            self.table.reload()

"""The list of open drafts, whose scans are not stock yet."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from models.clock import short_time
from models.errors import SerialdockError
from models.station.drafts import DraftLook, DraftSource
from models.station.task import draft_task
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.routes import Drafts, Station
from tui.station.dialogs import CONTINUE, confirm_take_over, settle_draft
from tui.station.screen import HEARTBEAT, StationScreen
from tui.text import cell

_DOT = "·"
"""Shown for zero."""


def _where(look: DraftLook) -> str:
    """Place, customer or transfer with its preposition: `at DOCK`, `to Bergmann AG`."""
    return draft_task(look.row.task).words.about(look.row.location, look.row.answers).strip(" :")


def _state(look: DraftLook) -> str:
    return "open" if look.in_use else "left"


TASK = RecordColumn[DraftLook]("task", "Task", 14, lambda look: cell(look.title))
WHERE = RecordColumn[DraftLook]("location", "Where", 11, lambda look: cell(_where(look)), grow=1)
ITEM = RecordColumn[DraftLook]("item", "Item", 11, lambda look: cell(look.row.sku), grow=1)
PROGRESS = RecordColumn[DraftLook]("good", "Good", 10, lambda look: cell(_progress(look)), justify="right")
PROBLEMS = RecordColumn[DraftLook](
    "problems",
    "Problems",
    8,
    lambda look: cell(f"! {look.row.problems:,}" if look.row.problems else _DOT),
    justify="right",
)
BY = RecordColumn[DraftLook]("by", "By", 8, lambda look: cell(look.row.login))
CHANGED = RecordColumn[DraftLook]("changed", "Last scan", 10, lambda look: cell(short_time(look.row.changed_at)))
STATE = RecordColumn[DraftLook]("in_use", "State", 6, lambda look: cell(_state(look)))
STARTED = RecordColumn[DraftLook]("started", "Started", 10, lambda look: cell(short_time(look.row.started_at)))
ID = RecordColumn[DraftLook]("id", "Draft", 6, lambda look: cell(f"{look.row.id}"), justify="right")

COLUMNS = (
    [TASK, WHERE, ITEM, PROGRESS, PROBLEMS, BY, CHANGED, STATE, STARTED, ID],
    [TASK, WHERE, ITEM, PROGRESS, BY, STATE],
    [RecordColumn[DraftLook]("task", "Task", 9, TASK.cell), WHERE, PROGRESS],
    [RecordColumn[DraftLook]("task", "Task", 9, TASK.cell, grow=1)],
)
"""Column sets, widest first; the first that fits is shown."""


def _progress(look: DraftLook) -> str:
    row = look.row
    return f"{row.good:,} of {row.expected:,}" if row.expected else f"{row.good:,}"


class DraftsTable(RecordTable[DraftLook]):
    """The table of drafts, last changed first."""

    EXPORTS = True

    HELP = (
        "What was scanned at stations and is not stock yet, last changed first unless another column orders it. Good "
        "is what DONE will write. A draft that is open is at a station now; one that was left waits for anybody. Enter "
        "goes on with it at the station."
    )

    CALLED = "id"  # commands call a draft by its number; the first column is only its task

    def line_of(self, record: DraftLook) -> list[str]:
        """The number of a draft, by which commands call it, then the texts of its columns."""
        shown = super().line_of(record)
        # Ctrl+Y copies the first text: on narrow terminals no column has the number.
        return shown if ID in self.record_columns else [record.key, *shown]


class DraftsScreen(ListScreen[DraftLook]):
    """The list of open drafts."""

    TITLE_TEXT = "Drafts"
    ROUTE = Drafts()
    HELP = (
        "All open drafts. Type a part of a task, a place, an item, a customer or a name to narrow the list. Enter goes "
        "on with a draft at the station, and asks first where another station has it open; F4 hands it over to "
        "somebody or discards it."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "settle", "station", "find")
    LIST = "drafts"
    NOUN = "draft"
    FINDS = "task, place, item or name"
    EMPTY = "No draft is open: all that was scanned at stations is stock, or was discarded."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "settle", "Settle", id="drafts.settle", tooltip="Continue the draft, hand it over or discard it"),
        Binding("f7", "station", "Station", id="drafts.station", tooltip="Go to the station"),
    ]

    def make_table(self) -> DraftsTable:
        """The table of all drafts."""
        columns = fitting(COLUMNS, self.app.size.width)
        return DraftsTable(columns, self.source(self.memory.find), run=self.context.db.run)

    def source(self, find: str) -> DraftSource:
        """The drafts that a text finds."""
        return DraftSource(find)

    def fit_columns(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def on_mount(self) -> None:
        """Show the scans left on this machine, and read the list now and then: a station that ends writes nothing."""
        if self.context.left_scans:
            self.say(self.context.left_words, "warning")
        # The watcher sees only what is written; that a station is gone follows from the time since its last heartbeat.
        self.set_interval(HEARTBEAT, self._follow_states)

    @work(group="follow")
    async def _follow_states(self) -> None:
        if self.context.screen is self:  # else it is read when this screen is in front again
            with suppress(SerialdockError):  # nobody has asked for it
                await self.follow(marks=True)

    def left_out(self, look: DraftLook) -> str:
        """The texts that no column shows, and the person who began the draft."""
        shown, row = {column.key for column in self.table.record_columns}, look.row
        problems = f"{row.problems:,} problem{'' if row.problems == 1 else 's'}" if row.problems else ""
        told: Sequence[tuple[str, str]] = (
            ("location", _where(look)),
            ("item", row.sku),
            ("problems", problems),
            ("by", f"by {row.login}"),
            ("in_use", "open at a station" if look.in_use else "left"),
            ("changed", f"last scan {short_time(row.changed_at)}"),
            ("started", f"started {short_time(row.started_at)}"),
        )
        began = f"started by {row.started_by}" if row.started_by != row.login else ""
        return " · ".join(filter(None, (*(text for key, text in told if key not in shown), look.said, began)))

    # ----- what is done with a draft

    def chosen(self, look: DraftLook) -> None:
        """Go on with a draft."""
        self._continue(look)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to settle a draft where there is one."""
        if action == "settle":
            return not self.is_mounted or self.table.total > 0
        return super().check_action(action, parameters)

    def action_settle(self) -> None:
        """Ask whether to continue, hand over or discard the draft under the cursor."""
        look = self.table.cursor_record
        if look is not None:
            self._settle(look)

    @work(exclusive=True, group="draft")
    async def _settle(self, look: DraftLook) -> None:
        if self._is_open_here(look):  # its state is in the memory of that station, which would go on with it
            self.say("It is open at the station here. Go back there with F3; F12 there throws it away.", "warning")
            return
        with self.refusals_shown():
            said = await settle_draft(self.context, self.context.ask, look.row)
            if said == CONTINUE:
                await self._go_on(look)  # the dialog has said that another station has it open
            elif said:
                self.say(said, "done")
                self.table.reload()

    @work(exclusive=True, group="draft")
    async def _continue(self, look: DraftLook) -> None:
        with self.refusals_shown():
            if self._is_open_here(look) or not look.in_use or await confirm_take_over(self.context.ask, look.row):
                await self._go_on(look)

    async def _go_on(self, look: DraftLook) -> None:
        """Go on with a draft at the station behind this list, or at a new one.

        Raises:
            SerialdockError
        """
        # Never two stations in the stack of screens: both would have a queue, and one could not be seen.
        below = self._station_below
        if below is not None:
            self.dismiss(None)
            if below.job.session != look.row.session:
                below.continue_draft(look.row, sure=True)  # the question was asked here
        elif self._is_open_here(look):
            self.say("It is open at the station here. F3 goes back there.")
        else:
            await self._open_station(look.row.id)

    async def _open_station(self, draft_id: int | None) -> None:
        said = await self.context.open(Station(draft_id))
        if said:
            self.say(said, "done")

    def _is_open_here(self, look: DraftLook) -> bool:
        """Whether a station behind this list has the draft; if another one takes it over, the session differs."""
        stations = (screen for screen in self.context.screen_stack if isinstance(screen, StationScreen))
        return any(station.job.session == look.row.session for station in stations)

    @property
    def _station_below(self) -> StationScreen | None:
        """The station from which this list was opened; None if it was opened elsewhere."""
        stack = list(self.context.screen_stack)
        behind = stack[stack.index(self) - 1]
        return behind if isinstance(behind, StationScreen) else None

    @work(exclusive=True, group="draft")
    async def action_station(self) -> None:
        """Go to the station, to begin a draft."""
        if self._station_below is not None:
            self.dismiss(None)
            return
        with self.refusals_shown():
            await self._open_station(None)

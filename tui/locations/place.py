"""The screen of one place: the stock there and in the places inside it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.locations import Place, StockRow, StockSource, place
from tui.kit.bars import MessageLine
from tui.kit.changed_lines import changes_marked
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_pane import ListPane
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.routes import ItemRecord, PlaceRecord, Route, StockHistory
from tui.text import cell, plain
from tui.themes import style_sheets

_DASH = "–"
"""Shown where an item tracks no serials."""

_EMPTY = "Nothing is on hand here."


def _serials(row: StockRow) -> str:
    return f"{row.serials:,}" if row.track_serials or row.serials else _DASH


SKU = RecordColumn[StockRow]("sku", "SKU", 13, lambda row: cell(row.sku))
NAME = RecordColumn[StockRow]("name", "Name", 16, lambda row: cell(row.name), grow=1)
PLACE = RecordColumn[StockRow]("location", "Location", 14, lambda row: cell(row.location))
ON_HAND = RecordColumn[StockRow]("on_hand", "On hand", 8, lambda row: cell(f"{row.on_hand:,}"), justify="right")
SERIALS = RecordColumn[StockRow]("serials", "Serials on hand", 8, lambda row: cell(_serials(row)), justify="right")

COLUMNS = (
    [PLACE, SKU, NAME, ON_HAND, SERIALS],
    [
        RecordColumn[StockRow]("location", "Location", 9, PLACE.cell, grow=1),
        RecordColumn[StockRow]("sku", "SKU", 11, SKU.cell, grow=1),
        RecordColumn[StockRow]("on_hand", "On hand", 7, ON_HAND.cell, justify="right"),
    ],
    [
        RecordColumn[StockRow]("location", "Location", 9, PLACE.cell, grow=1),
        RecordColumn[StockRow]("sku", "SKU", 8, SKU.cell, grow=1),
        RecordColumn[StockRow]("on_hand", "#", 4, ON_HAND.cell, justify="right"),
    ],
    [
        RecordColumn[StockRow]("sku", "SKU", 9, SKU.cell, grow=1),
        RecordColumn[StockRow]("on_hand", "#", 4, ON_HAND.cell, justify="right"),
    ],
)
"""Column sets, widest first; the first that fits is shown."""


class PlaceTable(RecordTable[StockRow]):
    """The items at a place and the places inside it."""

    REMEMBERED = "stock"
    CALLED = "sku"  # not the location, which is the first column
    EXPORTS = True

    HELP = "What stands at this place and in the places inside it: units on hand and on-hand serials of each item."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="place.open", tooltip="Open the item under the cursor"),
    ]


class PlaceScreen(Frame[None]):
    """The stock of one place."""

    CSS_PATH = style_sheets()
    FOLLOWS = True
    FORGETS = True
    HELP = "The stock of one place. Enter opens the item under the cursor; F3 goes back."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="place.refresh", tooltip="Read the stock again"),
        Binding(
            "f8",
            "history",
            "History",
            id="place.history",
            tooltip="Show the changes of the quantity under the cursor",
        ),
    ]

    def __init__(self, shown: Place) -> None:
        """Make the screen.

        Args:
            shown: the place.
        """
        super().__init__()
        self.shown = shown
        """The place shown."""

    def compose_body(self) -> ComposeResult:
        """The place's name, the number of rows, the items."""
        with HorizontalGroup(classes="head"):
            yield Static("", classes="heading", id="place")
            yield Static("", id="count", classes="count")
        columns = fitting(COLUMNS, self.app.size.width)
        table = PlaceTable(columns, StockSource(self.shown.id), run=self.context.db.run)
        yield ListPane(table, "item", of=self.shown.id, opens=lambda row: ItemRecord(row.item_id))

    @property
    def table(self) -> PlaceTable:
        """The table of items."""
        return self.query_one(PlaceTable)

    @property
    def gives_way(self) -> bool:
        """Always true: nothing is typed here, so the next scan may replace this screen."""
        return True

    def name_if_shown(self, route: Route[Any]) -> str:
        """The code if the route leads to this place, else an empty string."""
        return self.shown.code if route == PlaceRecord(self.shown.id) else ""

    def on_mount(self) -> None:
        """Show the place and focus the items."""
        self._show_place()
        self.table.focus()

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def on_screen_resume(self) -> None:
        """Read the stock again when this screen is in front again."""
        if self.is_mounted:
            self.table.reload()

    async def follow(self, *, marks: bool) -> None:
        """Show the stock, and the place, as they are now."""
        await super().follow(marks=marks)
        self.shown = await self.read(place, self.shown.id)
        with changes_marked(self, "#place", marks=marks):
            self._show_place()

    def _show_place(self) -> None:
        shown = self.shown
        self.tell_title(f"Location {shown.code}")
        inside = f"in {shown.parent}" if shown.parent else ""
        closed = "closed: it takes nothing new" if shown.closed else ""
        words = ", ".join(filter(None, (shown.name, inside, closed)))
        self.query_one("#place", Static).update(plain(words))

    @on(RecordTable.Loaded)
    def _read_place(self, event: RecordTable.Loaded) -> None:
        if not event.follows:  # else `follow` reads it too
            self._show_now()

    @work(exclusive=True, group="place")
    async def _show_now(self) -> None:
        """Show the place as it is now: somebody may rename, move or close it meanwhile."""
        with self.refusals_shown():
            self.shown = await self.context.db.run(place, self.shown.id)
            self._show_place()

    @on(RecordTable.Loaded)
    def _say_count(self, event: RecordTable.Loaded) -> None:
        word = "row" if event.total == 1 else "rows"
        self.query_one("#count", Static).update(plain(f"{event.total:,} {word}"))
        if event.total == 0 and not self.query_one(ListPane).find.value:  # else the pane says what was looked for
            self.say(_EMPTY)
        elif self.query_one(MessageLine).said == _EMPTY:
            self.say("")

    def action_history(self) -> None:
        """Open the history of the quantity under the cursor."""
        row = self.table.cursor_record
        if row is not None:
            self._open_history(row.item_id, row.location_id)

    @work(exclusive=True, group="open")
    async def _open_history(self, item_id: int, place_id: int) -> None:
        with self.refusals_shown():
            await self.context.open(StockHistory(item_id, place_id))

    def action_refresh(self) -> None:
        """Read the stock again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self.table.reload()

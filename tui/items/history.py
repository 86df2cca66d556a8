"""The screen of an item's stock history: every change of its quantities, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from models.items.stock import StockChangeRow, StockChanges
from tui.kit.lazy_table import RecordColumn
from tui.kit.list_pane import ListPane
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.routes import DocumentRecord
from tui.text import cell, moment
from tui.themes import style_sheets

_WIDE, _NORMAL, _NARROW = 96, 64, 40
"""Widths in cells from which each set of columns fits."""


def _day(row: StockChangeRow) -> Text:
    return cell(moment(row.at).partition(" ")[0])


def _columns(room: int) -> Sequence[RecordColumn[StockChangeRow]]:
    """The columns that fit into `room` cells."""
    column = RecordColumn[StockChangeRow]
    at = column("at", "Date and Time", 17, lambda row: cell(moment(row.at)))
    place = column("location", "Location", 14, lambda row: cell(row.location))
    units = column("units", "Units", 8, lambda row: cell(f"{row.units:+,}"), justify="right")
    # Units are right-aligned and the reason left-aligned: without a gap they would touch.
    gap = column("gap", "", 2, lambda _: cell(""))
    why = column("why", "Why", 14, lambda row: cell(row.why), grow=1)
    document = column("document", "Document", 10, lambda row: cell(row.document))
    by = column("by", "By", 12, lambda row: cell(row.acted))
    if room >= _WIDE:
        return [at, place, units, gap, why, document, by]
    if room >= _NORMAL:
        return [at, column("location", "Location", 10, place.cell), units, gap, why, document]
    if room >= _NARROW:
        return [column("at", "Date", 11, _day), column("location", "Location", 9, place.cell, grow=1), units, gap, why]
    return [column("at", "Date", 11, _day), column("units", "Units", 7, units.cell, justify="right"), gap, why]


class StockChangesTable(RecordTable[StockChangeRow]):
    """The changes of an item's quantities."""

    REMEMBERED = "stock history"
    EXPORTS = True

    HELP = (
        "Every change of the item's quantities, newest first: by how much, where, why and by whom. Enter opens the "
        "document of the change under the cursor."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select_cursor",
            "Open",
            id="stock-history.open",
            tooltip="Open the document of the change under the cursor",
        ),
    ]


def _left_out(row: StockChangeRow) -> str:
    """Document, person and reason of a change, of which narrow tables show none."""
    rest = [row.document or "", row.acted and f"by {row.acted}", row.reason and f"“{row.reason}”"]
    return " · ".join(filter(None, rest))


class StockHistoryScreen(Frame[None]):
    """The changes of an item's quantities, at one location or at all."""

    FOLLOWS = True
    CSS_PATH = style_sheets("items")
    HELP = "The history of an item's quantities. Enter opens the document of a change; F3 goes back."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="stock-history.refresh", tooltip="Read the changes again"),
    ]

    def __init__(self, item_id: int, sku: str, place_id: int | None, place: str) -> None:
        """Make the screen.

        Args:
            item_id: the item.
            sku: its SKU.
            place_id: only changes at this location; None for all.
            place: its code, or an empty string.
        """
        super().__init__()
        self._of = item_id, place_id  # Find of one of these lists is not remembered for another one
        self._source = StockChanges(item_id, place_id)
        self._title = f"{sku} · stock history" + (f" at {place}" if place else "")

    def compose_body(self) -> ComposeResult:
        """The changes, and below them the reason, the person and the position in the list."""
        table = StockChangesTable(_columns(79), self._source, run=self.context.db.run, cell_padding=0)
        yield ListPane(
            table,
            "change",
            of=self._of,
            opens=lambda row: DocumentRecord(row.document_id) if row.document_id is not None else None,
            left_out=_left_out,
            why_empty="No quantity was changed yet.",
            no_screen="This change has no document.",
        )

    @property
    def table(self) -> StockChangesTable:
        """The table of changes."""
        return self.query_one(StockChangesTable)

    @property
    def gives_way(self) -> bool:
        """Always true: nothing is typed here, so the next scan may replace this screen."""
        return True

    def on_mount(self) -> None:
        """Set the title and focus the changes."""
        self.tell_title(self._title)
        self.table.focus()

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(_columns(self.size.width - self.table.styles.scrollbar_size_vertical))

    def on_screen_resume(self) -> None:
        """Read the changes again when this screen is in front again."""
        if self.is_mounted:
            self.table.reload()

    def action_refresh(self) -> None:
        """Read the changes again and redraw the whole screen."""
        self.context.redraw()
        self.table.reload()

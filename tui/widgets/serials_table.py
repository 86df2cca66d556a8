"""The grid of an item's serials."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from models.serials.grid import SERIAL, SerialColumn, SerialRow
from tui.kit.record_table import RecordTable, Run
from tui.serials.columns import columns, shown_whole


class SerialsTable(RecordTable[SerialRow]):
    """One item's serials in the columns that fit; a double click opens a row."""

    HELP = (
        "Every serial of this item, sold ones included. Enter or a double click opens the serial under the cursor. "
        "Space marks it for a transfer. Typing or scanning finds a serial. < and > order the grid by the column before "
        "or after, Ctrl+R turns the order round."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="serials.open", tooltip="Open the serial under the cursor"),
        Binding("space", "toggle_mark", "Mark", id="serials.mark", tooltip="Mark this serial for a transfer"),
    ]

    OPENS_BY_DOUBLE_CLICK = True

    class ColumnsChanged(Message):
        """Other columns are shown, or the same ones in another width, so something else is left out of a row."""

    def __init__(self, run: Run, **options: Any) -> None:
        """Make the grid; `reload` gives it its list.

        Args:
            run: as for `RecordTable`.
            **options: as of every widget.
        """
        # Columns bring their own gaps, so that six of them stand in 80 cells.
        super().__init__(columns(79, "ansi", SERIAL, descending=False), run=run, cell_padding=0, **options)
        self._sorted_by: SerialColumn[Any] = SERIAL
        self._sorted_down = False

    def on_mount(self) -> None:
        """Follow the colours of the app."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit(self._sorted_by, descending=self._sorted_down))

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.fit(self._sorted_by, descending=self._sorted_down)

    def shown_of(self, row: SerialRow) -> list[str]:
        """The codes of the columns that show the whole of a row's text."""
        return shown_whole(row, self.record_columns)

    @property
    def _widths(self) -> list[tuple[str, int]]:
        return [(column.key, column.width) for column in self.record_columns]

    def fit(self, order: SerialColumn[Any], *, descending: bool) -> None:
        """Show the columns that fit, with an arrow at the one that orders the rows."""
        self._sorted_by, self._sorted_down = order, descending
        # Room for the scrollbar is kept always, so that nothing jumps when the list grows over the screen.
        room = self.size.width - self.styles.scrollbar_size_vertical
        if room > 0:
            before = self._widths
            self.set_columns(columns(room, self.app.theme, order, descending=descending))
            self._clear_caches()
            self.refresh()
            if self._widths != before:
                self.post_message(self.ColumnsChanged())

    def action_page_left(self) -> None:
        """Leave the key to the tabs: the columns always fit."""
        raise SkipAction

    def action_page_right(self) -> None:
        """Leave the key to the tabs: the columns always fit."""
        raise SkipAction

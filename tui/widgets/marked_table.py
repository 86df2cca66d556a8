"""MarkedTable: a LazyTable whose rows can be marked, by Space, by Shift with an arrow, by a click into the gutter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from models.paging import Pages, R
from tui.kit.lazy_table import LazyTable, TableMessage
from tui.widgets.marks import Marks
from tui.widgets.record_columns import RecordColumn


class MarkedTable(LazyTable[R]):
    """A LazyTable with marks, which go with their records through filters, orders and reloads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_mark", "Mark", id="table.mark", tooltip="Mark this row, or unmark it", show=False),
        Binding(
            "shift+down",
            "stretch_marks(1)",
            "Mark down",
            id="table.mark-down",
            tooltip="Mark from here downwards",
            show=False,
        ),
        Binding(
            "shift+up",
            "stretch_marks(-1)",
            "Mark up",
            id="table.mark-up",
            tooltip="Mark from here upwards",
            show=False,
        ),
    ]

    OPENS_BY_DOUBLE_CLICK: ClassVar[bool] = False
    """Whether it takes two clicks in a row to open the row under the cursor; DataTable opens it by one."""

    class MarksChanged(TableMessage, namespace="record_table"):
        """Rows were marked or unmarked."""

        def __init__(self, table: LazyTable[Any], marked: frozenset[str]) -> None:
            super().__init__(table)
            self.marked = marked
            """Keys of all marked records, also of those that the present filter hides."""

    def __init__(
        self, record_columns: Sequence[RecordColumn[R]], pages: Pages[R], *, marking: bool = True, **options: Any
    ) -> None:
        """Make the table.

        Args:
            record_columns: What to show of a record.
            pages: The records that are here.
            marking: Whether rows can be marked.
            **options: As of every DataTable.
        """
        super().__init__(record_columns, pages, **options)
        self.marking = marking
        """Whether rows can be marked."""
        self._marks = Marks()

    @property
    def marked(self) -> frozenset[str]:
        """Keys of the marked records, in this list or not."""
        return self._marks.keys

    def is_marked(self, key: str) -> bool:
        """Whether the record with this key has a mark."""
        return key in self._marks

    def clear_marks(self) -> None:
        """Take all marks away."""
        if self._marks:
            self._marks.clear()
            self.refresh()
            self.post_message(self.MarksChanged(self, self.marked))

    def toggle_mark(self, row: int) -> bool:
        """Mark the record in this row, or unmark it.

        Returns:
            Whether its record was here; nothing happens otherwise.
        """
        record = self._pages.peek(row)
        if record is None:
            return False
        self._marks.toggle(record.key)
        self.refresh_row(row)
        self.post_message(self.MarksChanged(self, self.marked))
        return True

    def action_toggle_mark(self) -> None:
        """Mark the record under the cursor, or unmark it, and go on to the next row."""
        if self.toggle_mark(self.cursor_row):
            self.action_cursor_down()

    def action_stretch_marks(self, rows: int) -> None:
        """Move the cursor by one row and mark the record it comes to, or unmark the one left on the way back."""
        row, to_row = self.cursor_row, self.cursor_row + rows
        here, there = self._pages.peek(row), self._pages.peek(to_row)
        if here is not None and there is not None:
            self._marks.stretch(row, here.key, to_row, there.key)
            self.move_cursor(row=to_row)
            self.post_message(self.MarksChanged(self, self.marked))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer marking only where it is wanted."""
        if action in {"toggle_mark", "stretch_marks"}:
            return self.marking
        return super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """Mark a row by a click into the gutter; open the row under the cursor by a double click, where that is so."""
        place = event.style.meta
        row = place.get("row", -1)
        if row < 0 or place.get("out_of_bounds"):
            return
        is_mark = self.marking and place.get("column") == 0
        # DataTable takes a click into another cell of the cursor's row for a move, however often it comes.
        is_ours = is_mark or (self.OPENS_BY_DOUBLE_CLICK and row == self.cursor_row)
        if is_ours:
            event.prevent_default()
            event.stop()
        if is_mark:
            self.toggle_mark(row)
        elif is_ours and event.chain >= 2:
            # The row that was clicked, also while another list is being read.
            DataTable.action_select_cursor(self)

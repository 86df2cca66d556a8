"""RecordTable: a DataTable whose rows stay in the database.

Pages of records are read as they become visible, so that ten million rows open as fast and take as little memory as a
thousand. Keys never wait: a row that is not loaded yet shows `…`, and messages about it (`RowHighlighted`,
`RowSelected`) are posted when it arrives.

```python
columns = [RecordColumn("name", "Name", 14, lambda record: cell(record.name), grow=1), …]
yield RecordTable(columns, People(), run=self.app.db.run)
```
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeAlias, Unpack, cast

from textual import events, work
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import DataTable
from textual.worker import Worker, WorkerCancelled

from models.errors import SerialdockError
from models.paging import (
    KEEP_PAGES,
    PAGE_SIZE,
    ListWindow,
    PageOutcome,
    Pages,
    R,
    Request,
    RowSource,
    Window,
    all_keys,
    keys_between,
    read_again,
    read_window,
    records_of,
    whole_list,
)
from tui.context import Context
from tui.kit.changed_rows import changed_rows
from tui.kit.lazy_table import GUTTER, LazyTable, RecordColumn, TableMessage, TableOptions
from tui.kit.ordering import TableOrder

NEIGHBOURS = 5
"""How far from a record that is gone one is looked for that takes its place, downwards, then upwards."""

Run: TypeAlias = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments in the database thread, as `DatabaseThread.run` does."""


NOT_TEXT: Final = frozenset(" <>")
"""Printable keys with a function in a list; all other characters go to its Find field."""


class Marks:
    """Marked records by key, so that marks survive paging, filtering and sorting."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self.last: str | None = None
        """The record that was marked last, from which a range can be marked; None after a change of all marks."""
        self._anchor: int | None = None
        self._head = 0
        self._before: frozenset[str] = frozenset()

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> frozenset[str]:
        """The marked keys."""
        return frozenset(self._keys)

    def toggle(self, key: str) -> None:
        """Mark or unmark a record."""
        self._anchor = None
        self._keys ^= {key}
        self.last = key if key in self._keys else None

    def add(self, keys: Iterable[str], last: str | None) -> None:
        """Mark records.

        Args:
            keys: any number of them, marked already or not.
            last: the one that counts as marked last.
        """
        self._anchor = None
        self._keys.update(keys)
        self.last = last

    def discard(self, keys: Iterable[str]) -> None:
        """Unmark records."""
        self._anchor = self.last = None
        self._keys.difference_update(keys)

    def clear(self) -> None:
        """Remove all marks."""
        self._anchor = self.last = None
        self._keys.clear()

    def stretch(self, row: int, key: str, to_row: int, to_key: str) -> None:
        """Extend a range of marks by one row, or shrink it when the cursor moves back towards its start.

        A new range starts at `row` unless the last one ended there, and after any other change of marks. Marks older
        than the range stay when it shrinks.

        Args:
            row: The row the cursor leaves.
            key: The key of its record.
            to_row: The row the cursor moves to.
            to_key: The key of its record.
        """
        if self._anchor is None or self._head != row:
            self._anchor = row
            self._before = self.keys
            self._keys.add(key)
        if abs(to_row - self._anchor) < abs(row - self._anchor):
            if key not in self._before:
                self._keys.discard(key)
        else:
            self._keys.add(to_key)
        self._head, self.last = to_row, to_key

    def end_stretch(self) -> None:
        """Let the next `stretch` start a new range, since rows have new numbers."""
        self._anchor = None


class _Order(NamedTuple):
    """A request to read the list again."""

    source: RowSource[Any]
    keep_cursor: bool
    cursor_key: str | None
    row: int = 0
    """Cursor row at the time of the request; later moves are meant for the requested list."""
    follows: bool = False
    """Whether others may have changed the list, and nobody here has asked for it; see `RecordTable.follow`."""
    marks: bool = False
    """Whether to mark the rows that differ from those before."""


class _Seen(NamedTuple):
    """What the screen shows, to detect a change."""

    total: int
    top: int
    cursor: int
    records: Sequence[object]


class RecordTable(LazyTable[R]):
    """A DataTable over a `RowSource`, with a row cursor and marks. Only `reload` changes its rows.

    Marks belong to records: they survive filters, sorting and reloads.
    """

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
        Binding("enter", "select_cursor", "Open", id="table.open", tooltip="Open the row under the cursor", show=False),
        Binding(
            "ctrl+e",
            "mark_rows('to here')",
            "Mark to here",
            id="table.mark-to",
            tooltip="Mark all rows from the last mark to this one",  # not every terminal sends Shift with an arrow
            show=False,
        ),
        Binding(
            "ctrl+k", "mark_rows('all')", "Mark all", id="table.mark-all", tooltip="Mark all rows shown", show=False
        ),
        Binding("ctrl+u", "unmark", "Unmark all", id="table.unmark", tooltip="Take all marks away", show=False),
        Binding("escape", "unmark", "Unmark all", id="table.clear", tooltip="Take all marks away", show=False),
        Binding("less_than_sign", "sort('before')", show=False),
        Binding("greater_than_sign", "sort('after')", show=False),
        Binding("home", "scroll_top", "First", id="table.first", tooltip="Go to the first row", show=False),
        Binding("end", "scroll_bottom", "Last", id="table.last", tooltip="Go to the last row", show=False),
    ]

    REMEMBERED: ClassVar[str] = ""
    """Name under which the order is remembered for the session; empty for a list whose order is not."""

    CALLED: ClassVar[str] = ""
    """Key of the column that says what a row is called, if that is not the first one."""

    EXPORTS: ClassVar[bool] = False
    """Whether the list can be exported, see `tui.routes.ExportList`."""

    class Loaded(TableMessage):
        """The list was read; the rows on the screen are now those of the source."""

        def __init__(self, table: RecordTable[Any], total: int, *, follows: bool = False) -> None:
            super().__init__(table)
            self.total = total
            """Length of the list."""
            self.follows = follows
            """Whether nobody here has asked for it, see `RecordTable.follow`: what is said on the screen stays."""

    class Failed(TableMessage):
        """The source could not be read. The screen stays as it is; scrolling or `reload` retries."""

        def __init__(self, table: RecordTable[Any], error: SerialdockError) -> None:
            super().__init__(table)
            self.error = error
            """A refusal or a database error; any other error ends the app."""

    class NotListed(TableMessage):
        """The record that the cursor should move to is not in the list: filtered out, or deleted."""

        def __init__(self, table: RecordTable[Any], key: str) -> None:
            super().__init__(table)
            self.key = key

    class Sorted(TableMessage):
        """The person has ordered the list by another column, or turned it round."""

    class MarksChanged(TableMessage):
        """Rows were marked or unmarked."""

        def __init__(self, table: RecordTable[Any], marked: frozenset[str]) -> None:
            super().__init__(table)
            self.marked = marked
            """Keys of all marked records, including those that the current filter hides."""

    def __init__(
        self,
        record_columns: Sequence[RecordColumn[R]],
        source: RowSource[R] | None = None,
        *,
        run: Run,
        window: Window[R] | None = None,
        marking: bool = True,
        page_size: int = PAGE_SIZE,
        keep_pages: int = KEEP_PAGES,
        remembered: str = "",
        **options: Unpack[TableOptions],
    ) -> None:
        """Make the table; it starts reading when it is mounted.

        Args:
            record_columns: The columns of a record; `set_columns` changes them.
            source: The list, or None to show nothing until `reload` names one.
            run: Runs a function in the database thread. It raises `SerialdockError` for every error that the person
                can do something about.
            window: The beginning of the list, if it was read already: the first drawing has its rows.
            marking: Whether rows can be marked.
            page_size: Rows in a page.
            keep_pages: Pages kept in memory.
            remembered: Name under which the order is remembered; empty for `REMEMBERED`.
            **options: As for `LazyTable`.
        """
        super().__init__(record_columns, Pages[R](page_size, keep_pages), **options)
        self.marking = marking
        """Whether rows can be marked."""
        self._marks = Marks()
        self.remembered = remembered or self.REMEMBERED
        """Name under which the order is remembered; empty if it is not."""
        self.ordering = TableOrder(lambda: self._source, partial(_reorder, self))
        """How the list is ordered."""
        self._run = run
        self._held: dict[type[Message], int] = {}
        self._opens_next = False
        self._toggles_next: list[int] = []
        """Rows of the next list whose marks to toggle once it is read, relative to its cursor row."""
        self._source = source
        self._shown: RowSource[R] | None = None
        self._order = None if source is None else _Order(source, keep_cursor=False, cursor_key=None)
        self._was_read = window
        self._is_reading = False
        self._reader: Worker[None] | None = None
        self._trouble: SerialdockError | None = None
        """Why `follow` could not read the list."""
        self._is_open = False

    def on_mount(self) -> None:
        """Start reading, or show what was read before."""
        self._is_open = True
        if self.remembered:
            self.ordering.remember(cast("Context", self.app).remembered(self.remembered))
        if self._order is not None and (source := self.ordering.applied(self._order.source)) is not self._source:
            self._source, self._order, self._was_read = source, self._order._replace(source=source), None
        order, window, self._was_read = self._order, self._was_read, None
        if order is not None and window is not None:
            self._order, self._shown = None, order.source
            self._begin(order, window, moved=0)
            self.post_message(self.Loaded(self, self.total))
        self._read_on()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the visible rows, and start reading the missing ones."""
        self._look()
        self._read_on()
        return super().render_lines(crop)

    # The list

    @property
    def source(self) -> RowSource[R] | None:
        """The requested list: shown, being read, or failed to be read."""
        return self._source

    @property
    def is_reloading(self) -> bool:
        """Whether a list was asked for that will replace the rows on the screen."""
        return self._order is not None and not self._order.follows

    def reload(
        self, source: RowSource[R] | None = None, *, keep_cursor: bool = True, cursor_key: str | None = None
    ) -> None:
        """Read the list again, or another one. The old rows stay until `Loaded`; calls until then are merged.

        Args:
            source: Another list; None reads the current one again.
            keep_cursor: Keep the cursor on its record and the record on its line of the screen. Otherwise start at
                the top, plus the cursor moves made until the list is read.
            cursor_key: Move to this record instead; `NotListed` is posted when it is not in the list.
        """
        source = self._source if source is None else source
        if source is None:
            raise ValueError("there is no list to reload: name a source")
        self._source = source = self.ordering.applied(source)
        row = self.cursor_row
        if not keep_cursor:
            self._toggles_next.clear()
        if self._order is not None:
            if keep_cursor and cursor_key is None:
                cursor_key = self._order.cursor_key
            if keep_cursor and not self._order.keep_cursor:
                keep_cursor, row = False, self._order.row
        self._order = _Order(source, keep_cursor, cursor_key, row)
        self._read_on()

    async def follow(self, *, marks: bool = True) -> None:
        """Read the list again because somebody else may have changed it. Nothing jumps, and trouble is not told.

        The cursor stays on its record and the record on its line; from one that is gone the cursor goes to the next.
        With the cursor out of sight the first line stays.

        Args:
            marks: mark the rows that have changed or are new, for a moment.

        Raises:
            SerialdockError: it cannot be read now.
        """
        if self._shown is None or self._source is not self._shown or self._order is not None:
            return  # nothing is there; or what is being read, or is about to be, is newer than what the caller knows
        self._order = _Order(self._shown, keep_cursor=True, cursor_key=None, follows=True, marks=marks)
        self._read_on()
        await self.wait_until_read()
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _read_on(self) -> None:
        """Start the reading worker, if something is requested and it is not running."""
        if self._is_open and not self._is_reading and (self._order or self._pages.next_request()):
            self._is_reading = True
            self._reader = self._read()

    async def wait_until_read(self) -> None:
        """Wait until all that was asked for is read; for workers.

        A worker that waits ends with a table that is removed meanwhile: there is nothing any more that it could show.
        """
        if self._is_reading and self._reader is not None:
            try:
                await self._reader.wait()
            except WorkerCancelled:
                raise CancelledError from None

    @work(group="records")
    async def _read(self) -> None:
        """Read lists and pages, one at a time, until nothing is requested."""
        try:
            while True:
                order = self._order
                try:
                    self._look()
                    if order is not None:
                        await self._read_list(order)
                    elif request := self._pages.next_request():
                        await self._read_page(request)
                    else:
                        return
                except SerialdockError as error:
                    if order is not None and order.follows:
                        self._order = None if self._order is order else self._order
                        self._trouble = error  # `follow` raises it; the rows stay, and reading them goes on
                        continue
                    self._pages.stall()
                    if self._order is order:
                        self._order = None
                        self._opens_next = False
                        self._toggles_next.clear()
                    self.post_message(self.Failed(self, error))
        finally:
            self._is_reading = False

    async def _read_list(self, order: _Order) -> None:
        if order.follows:
            await self._follow_list(order)
            return
        row, here = self.cursor_row, self.cursor_record
        keys = [] if order.cursor_key is None else [order.cursor_key]
        if order.keep_cursor and here is not None:
            keys.append(here.key)
        place = ListWindow(row if order.keep_cursor else 0, keys, *self._lines_around(order))
        window: Window[R] = await self._run(read_window, order.source, place, self._pages.size)
        if self._order is order:  # no newer request came during the read
            self._order = None
        elif self._order is not None and self._order.source is not order.source:
            return
        self._shown = order.source
        self._begin(order, window, moved=self.cursor_row - (row if order.keep_cursor else order.row))
        if self._order is not None and not order.keep_cursor:
            # The same list was requested again meanwhile. It is shown from its top now; keep the cursor from here on.
            self._order = self._order._replace(keep_cursor=True)
        if order.cursor_key is not None and window.found != order.cursor_key:
            self.post_message(self.NotListed(self, order.cursor_key))
        self.post_message(self.Loaded(self, self.total))

    async def _follow_list(self, order: _Order) -> None:
        """Read the list around the line that stays where it is: that of the cursor, else the first one in sight."""
        view, row, here = self._view(), self.cursor_row, self.cursor_record
        still = row if row in view else view.start
        near = (still, *range(still + 1, still + NEIGHBOURS), *range(still - 1, still - NEIGHBOURS, -1))
        rows = {record.key: near_row for near_row in near if (record := self._pages.peek(near_row)) is not None}
        place = ListWindow(still, [*rows], still - view.start, view.stop - still - 1)
        cursor = here.key if here is not None and row != still else None
        window, found = await self._run(read_again, order.source, place, cursor, self._pages.size)
        if self._order is order:
            self._order = None
        elif self._order is not None and self._order.source is not order.source:
            return
        # The next record takes the line of one that is gone.
        shift = window.row - min(still, rows[window.found]) if window.found is not None else 0
        to_row = window.row if row == still else row + shift if found is None else found
        start, known = self._pages.known_around(still)
        changed = changed_rows(start, known, self.total, window) if order.marks else {}
        self._replace(window, to_row + self.cursor_row - row, self.scroll_offset.y + shift)
        if changed:
            self.mark_changed(changed)
        self._let_go()
        self.post_message(self.Loaded(self, self.total, follows=True))

    def _replace(self, window: Window[R], row: int, top: int) -> None:
        """Show a list that was read again, with the cursor in this row and this row in the first line."""
        before, key = self._seen(), self.key_at(self.cursor_row)
        row = max(0, min(row, window.total - 1))
        self._pages.begin(window)
        if self._seen().records != before.records:
            self._marks.end_stretch()  # rows have other numbers
        self._clear_caches()
        self._fit_columns()
        self.scroll_to(y=top, force=True)
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, self.cursor_column))
        self._look()
        if self._seen() != before:
            self.refresh()
        if self.total and self.show_cursor and self.key_at(row) != key:
            self.post_message(DataTable.RowHighlighted(self, row, self.key_at(row)))

    def _lines_around(self, order: _Order) -> tuple[int, int]:
        """Lines to read above and below the cursor, so that the screen is filled."""
        height = len(self._view())
        if order.cursor_key is not None:
            return height, height
        line = self.cursor_row - self.scroll_offset.y
        above = line if order.keep_cursor and 0 <= line < height else 0
        return above, max(0, height - above - 1)

    def _begin(self, order: _Order, window: Window[R], moved: int) -> None:
        """Show a list that was read.

        Args:
            order: The request.
            window: The rows that were read.
            moved: Rows by which the cursor was moved during the read.
        """
        before, top, key = self._seen(), self.scroll_offset.y, self.key_at(self.cursor_row)
        goes_to_key = order.cursor_key is not None and window.found == order.cursor_key
        row = window.row
        if not goes_to_key:
            row = max(0, min(row + moved, window.total - 1))
        self._pages.begin(window)
        self._marks.end_stretch()
        self._held.clear()
        self._clear_caches()
        self._fit_columns()
        if not order.keep_cursor:
            top = 0
        elif not goes_to_key:
            top += row - self.cursor_row
        self.scroll_to(y=top, force=True)
        if (goes_to_key or not order.keep_cursor) and row not in self._view():
            self.scroll_to(y=self._centred(row), force=True)
        # Without the watchers: RowHighlighted is posted below, and only if the record under the cursor has changed.
        self.set_reactive(DataTable.cursor_coordinate, Coordinate(row, self.cursor_column))
        self._look()
        if self._seen() != before:
            self.refresh()
        if self.total and self.show_cursor and self.key_at(row) != key:
            self.post_message(DataTable.RowHighlighted(self, row, self.key_at(row)))
        if self._opens_next and self.total:
            self.post_message(DataTable.RowSelected(self, row, self.key_at(row)))
        for step in self._toggles_next:
            self.toggle_mark(window.row + step)
        self._opens_next = False
        self._toggles_next.clear()

    async def _read_page(self, request: Request) -> None:
        assert self._shown is not None, "only a list that has begun has pages"
        records: Sequence[R] = await self._run(self._shown.fetch, request.offset, request.limit)
        match self._pages.arrived(request, records):
            case PageOutcome.SHORT:  # rows were removed since the list was counted
                self.reload()
            case PageOutcome.STORED:
                self._clear_caches()
                self.refresh_lines(request.offset + self._header_lines, request.limit)
                self._let_go()

    def _look(self) -> None:
        self._pages.look_at(self._view(), self.cursor_row)

    def _seen(self) -> _Seen:
        records = [self._pages.peek(row) for row in self._view()]
        return _Seen(self.total, self.scroll_offset.y, self.cursor_row, records)

    # Order

    def action_sort(self, how: str) -> None:
        """Order the list by the column `before` or `after` the present one, or `turn` it round."""
        self.ordering.step(how)

    def heading_of(self, column: RecordColumn[R]) -> str:
        """The heading, with a sign at the column that orders the list."""
        return self.ordering.heading(column)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        """Order the list by the column whose heading was clicked."""
        clicked = [column for column in self.record_columns if column.key == event.column_key.value]
        for column in clicked:
            self.ordering.by(column.order or column.key)

    # Marks

    @property
    def marked(self) -> frozenset[str]:
        """Keys of all marked records, in this list or not."""
        return self._marks.keys

    @property
    def mark_count(self) -> int:
        """Number of marked records."""
        return len(self._marks)

    def is_marked(self, key: str) -> bool:
        """Whether the record with this key is marked."""
        return key in self._marks

    def mark(self, keys: Iterable[str], last: str | None = None) -> None:
        """Mark records, loaded or not.

        Args:
            keys: their keys.
            last: the one from which the next range begins.
        """
        self._marks.add(keys, last)
        self.refresh()
        self.post_message(self.MarksChanged(self, self.marked))

    def line_of(self, record: R) -> list[str]:
        """What the columns show of a record, as texts; the first one is what the record is called."""
        columns = sorted(self.record_columns, key=lambda column: column.key != self.CALLED)
        return [column.cell(record).plain.strip() for column in columns]

    async def names_of_marked(self) -> list[str]:
        """What the marked records are called, in the order of the list, also those that a filter hides; for workers.

        Raises:
            SerialdockError
        """
        assert self._source is not None, "only records of a list are marked"
        records = await self._run(records_of, whole_list(self._source), self._marks.keys)
        return [self.line_of(record)[0] for record in records]

    def unmark(self, keys: Iterable[str]) -> None:
        """Unmark records, loaded or not."""
        self._marks.discard(keys)
        self.refresh()
        self.post_message(self.MarksChanged(self, self.marked))

    def action_unmark(self) -> None:
        """Take all marks away."""
        if self._marks:
            self._marks.clear()
            self.refresh()
            self.post_message(self.MarksChanged(self, self.marked))

    def toggle_mark(self, row: int) -> bool:
        """Mark or unmark the record in a row.

        Returns:
            Whether the record was loaded; otherwise nothing happens.
        """
        record = self._pages.peek(row)
        if record is None:
            return False
        self._marks.toggle(record.key)
        self.refresh_row(row)
        self.post_message(self.MarksChanged(self, self.marked))
        return True

    def action_toggle_mark(self) -> None:
        """Toggle the mark under the cursor and move down; while another list is being read, toggle it there."""
        if (order := self._order) is not None and not order.keep_cursor:
            self._toggles_next.append(self.cursor_row - order.row)
            self.action_cursor_down()
        elif self.toggle_mark(self.cursor_row):
            self.action_cursor_down()

    def action_mark_rows(self, which: str) -> None:
        """Mark `all` rows that are shown, or all from the last mark `to here`."""
        self.run_worker(_mark_rows(self, all_of_them=which == "all"), group="marks", exclusive=True)

    def action_stretch_marks(self, rows: int) -> None:
        """Move the cursor by one row and mark the record it moves to, or unmark the one it leaves on the way back.

        Does nothing while another list is being read.
        """
        if self._order is not None and not self._order.keep_cursor:
            return
        row, to_row = self.cursor_row, self.cursor_row + rows
        here, there = self._pages.peek(row), self._pages.peek(to_row)
        if here is not None and there is not None:
            self._marks.stretch(row, here.key, to_row, there.key)
            self.move_cursor(row=to_row)
            self.post_message(self.MarksChanged(self, self.marked))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer marking only if the table has it."""
        if action in {"toggle_mark", "stretch_marks", "mark_rows"}:
            return self.marking
        if action == "unmark":
            return self.mark_count > 0
        if action == "sort":
            return len(self.ordering.orders) > 1
        return super().check_action(action, parameters)

    def on_click(self, event: events.Click) -> None:
        """Mark a row on a click in the gutter; open it on a double click elsewhere. DataTable takes a single one."""
        place = event.style.meta
        row = place.get("row", -1)
        if row < 0 or place.get("out_of_bounds"):
            return
        is_mark = self.marking and place.get("column") == 0
        # DataTable takes any click on another cell of the cursor's row for a move, double clicks too.
        is_ours = is_mark or row == self.cursor_row
        if is_ours:
            event.prevent_default()
            event.stop()
        if is_mark:
            self.toggle_mark(row)
        elif is_ours and event.chain >= 2:
            # Not our override: this opens the row that was clicked, even while another list is being read.
            DataTable.action_select_cursor(self)

    # Messages about records that are not loaded yet

    def action_select_cursor(self) -> None:
        """Open the row under the cursor; while another list is being read, the row that the cursor gets there."""
        self._opens_next = self._order is not None and not self._order.keep_cursor
        if not self._opens_next:
            super().action_select_cursor()

    def post_message(self, message: Message) -> bool:
        """Hold back messages about a row until its record is loaded, so that a handler always has a key."""
        match message:
            case DataTable.HeaderSelected(column_key=column) if column.value == GUTTER:
                return False
            case DataTable.RowHighlighted() | DataTable.RowSelected():
                self._held.pop(type(message), None)
                if message.row_key.value is None:
                    self._held[type(message)] = message.cursor_row
                    self._look()
                    self._read_on()
                    return False
        return super().post_message(message)

    def _let_go(self) -> None:
        """Post the messages held back for the row under the cursor, and drop those for other rows."""
        if self.cursor_record is None:
            return
        held, self._held = self._held, {}
        for kind, row in held.items():
            if row == self.cursor_row:
                self.post_message(kind(self, row, self.key_at(row)))  # type: ignore[call-arg]


class Listed(Generic[R]):
    """A `models.paging.RowSource` over a list in memory."""

    def __init__(self, records: Sequence[R]) -> None:
        self.records = records
        """All records, in order."""

    def count(self) -> int:
        """Number of records."""
        return len(self.records)

    def fetch(self, offset: int, limit: int) -> Sequence[R]:
        """A slice of the records."""
        return self.records[offset : offset + limit]

    def index_of(self, key: str) -> int | None:
        """The position of a key; None if it is not in the list."""
        return next((place for place, record in enumerate(self.records) if record.key == key), None)


async def at_once(function: Callable[..., Any], *args: Any) -> Any:
    """A `Run` that calls the function at once, for a `Listed` source."""
    return function(*args)


def _reorder(table: RecordTable[Any]) -> None:
    """Read a list in the order that was chosen, from the top."""
    table.reload(keep_cursor=False)
    table._fit_columns()
    table.post_message(table.Sorted(table))


async def _mark_rows(table: RecordTable[R], *, all_of_them: bool) -> None:
    """Mark all rows, or those from the last mark to the cursor; by query, since most rows are not in memory."""
    context, frame = cast("Context", table.app), cast("Any", table.screen)
    with context.keyboard.hold(), frame.refusals_shown():
        await table.wait_until_read()
        source, run, here = table.source, context.db.run, table.cursor_record
        if source is None:
            return
        if all_of_them:
            table.mark(await run(all_keys, source))
        elif here is not None:
            table.mark(await run(keys_between, source, table._marks.last, here.key), last=here.key)


def position_in(table: RecordTable[Any], noun: str) -> str:
    """Where the cursor stands in a list, and its order if no heading shows it; empty for an empty list.

    Args:
        table: the list.
        noun: what a row is.
    """
    if not table.total:
        return ""
    marked = f"{table.mark_count:,} marked" if table.mark_count else ""
    place = f"{noun} {table.cursor_row + 1:,} of {table.total:,}"
    return " · ".join(filter(None, (table.ordering.unseen(table.record_columns), marked, place)))

"""The list of an item's serials: Find, filters, order, the grid, and a line about the row under the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

from textual import on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.message import Message
from textual.widgets import Button, DataTable, Input, Static

from models.errors import NotFound, SerialdockError, Unreadable
from models.serials.grid import SerialRow
from models.serials.record import serial_numbers
from models.text import serial_key, sort_key
from models.verbs import Verb
from tui.kit.lazy_table import RecordColumn
from tui.kit.list_pane import ListPart
from tui.kit.record_table import RecordTable, Run, position_in
from tui.kit.shown import show
from tui.records.actions import scanned_verb
from tui.routes import SerialRecord
from tui.scanning.fields import FindField
from tui.serials.columns import BY_SERIAL, GRID, ORDER, SerialFilter, columns, filtering, left_out, shown_whole
from tui.terminal.scanner_keys import NEVER
from tui.text import plain


class SerialsTable(RecordTable[SerialRow]):
    """The grid of one item's serials, in the columns that fit; a double click opens a row."""

    REMEMBERED = "serials"
    EXPORTS = True

    HELP = (
        "Every record of this item, sold ones included. Enter or a double click opens the serial under the cursor. "
        "Space marks it with a star, Ctrl+E all rows from the last mark to the cursor, Ctrl+K all rows shown, Ctrl+U "
        "takes all marks away. Typing or scanning finds a serial. < and > order the grid by the column before or "
        "after, Ctrl+R turns the order round; marks stay."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="serials.open", tooltip="Open the serial under the cursor"),
        Binding("space", "toggle_mark", "Mark", id="serials.mark", tooltip="Mark this serial, or unmark it"),
        Binding(
            "ctrl+e",
            "mark_rows('to here')",
            "Mark to here",
            id="serials.mark-to",
            tooltip="Mark all rows from the last mark to this one",  # not every terminal sends Shift with an arrow
            show=False,
        ),
        Binding(
            "ctrl+k", "mark_rows('all')", "Mark all", id="serials.mark-all", tooltip="Mark all rows shown", show=False
        ),
        Binding("ctrl+u", "unmark", "Unmark all", id="serials.unmark", tooltip="Take all marks away", show=False),
    ]

    class ColumnsChanged(Message):
        """The columns or their widths changed, so the line about the row must be updated."""

    def __init__(self, run: Run, **options: Any) -> None:
        """Make the grid; `reload` fills it.

        Args:
            run: as for `RecordTable`.
            **options: as for every widget.
        """
        # The columns include their gaps: with Textual's padding, six would not fit in 80 cells.
        super().__init__(columns(79, "ansi", BY_SERIAL), run=run, cell_padding=0, **options)

    def on_mount(self) -> None:
        """Restyle the cells when the theme changes."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit())

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.fit()

    def heading_of(self, column: RecordColumn[SerialRow]) -> str:
        """The heading, which has the sign of the order already: it is broken into lines for its width."""
        return column.label

    def shown_of(self, row: SerialRow) -> list[str]:
        """Codes of the columns that show a row's text in full."""
        return shown_whole(row, self.record_columns)

    @property
    def _widths(self) -> list[tuple[str, int]]:
        return [(column.key, column.width) for column in self.record_columns]

    def fit(self) -> None:
        """Show the columns that fit, with an arrow on the one that orders the rows."""
        # Always reserve the scrollbar's room, so that the columns do not jump when it appears.
        room = self.size.width - self.styles.scrollbar_size_vertical
        if room > 0:
            before = self._widths
            self.set_columns(columns(room, self.app.theme, self.ordering.now or BY_SERIAL))
            self._clear_caches()  # with equal widths Textual would keep cells in the old theme
            self.refresh()
            if self._widths != before:
                self.post_message(self.ColumnsChanged())

    def action_page_left(self) -> None:
        """Pass the key on to the item form, which changes tabs; the columns always fit."""
        raise SkipAction

    def action_page_right(self) -> None:
        """Pass the key on to the item form, which changes tabs; the columns always fit."""
        raise SkipAction

    async def names_of_marked(self) -> list[str]:
        """The serial numbers of the marked records, in natural order; also those that a filter hides."""
        found: list[str] = await self._run(serial_numbers, sorted(map(int, self.marked)))
        return sorted(found, key=lambda text: sort_key(serial_key(text)))


SHORT_BELOW: Final = 60
"""Width in cells below which the controls have short labels."""


def _filter_keys() -> Iterator[Binding]:
    """A key binding for each column with a filter."""
    for column in GRID:
        if (asked := column.filter) is not None:
            id_, action = f"serials.{column.code}", f"filter_by('{column.code}')"
            yield Binding(asked.key, action, asked.word, id=id_, tooltip=asked.hint, show=False)


class SerialsChanged(Message):
    """Serials were added, imported, transferred or changed; other parts of the form may be out of date."""


class SerialsList(ListPart):
    """The serials of one item: Find, filters, order and grid. Opening a row shows Serial Detail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="serials.find", tooltip="Find a serial of this item"),
        *_filter_keys(),
        Binding(
            "ctrl+o", "sort('choose')", "Order", id="serials.order", tooltip="Order the grid by a column", show=False
        ),
        Binding("ctrl+r", "sort('turn')", "Reverse", id="serials.reverse", tooltip="Turn the order round", show=False),
        Binding("escape", "ease", "Clear", id="serials.clear", tooltip="Take marks, then filters away", show=False),
    ]

    def __init__(self, item_id: int, why_none: Callable[[], str], begin: Callable[[Verb], object]) -> None:
        """Make the list.

        Args:
            item_id: the item.
            why_none: returns the message for an item without serials.
            begin: carries out the verb whose command barcode was scanned.
        """
        super().__init__(classes="serials-list")
        self._why_none, self._begin_verb = why_none, begin
        self.filter = SerialFilter(item_id)
        """The current filters, search text and order."""
        self._cursor_of: dict[str, str] = {}
        """Key of the row under the cursor when the text in Find changed, by the text before the change."""
        self._has_answered = asyncio.Event()
        """Set once the first read has ended, with rows or an error."""

    @property
    def table(self) -> SerialsTable:
        """The grid."""
        return self.query_one(SerialsTable)

    @property
    def find(self) -> FindField:
        """The Find field."""
        return self.query_one("#find-serial", FindField)

    def compose(self) -> ComposeResult:
        """Find and filters, the grid, and the line about its row."""
        self.filter.remember(self.context.remembered(SerialsTable.REMEMBERED))  # not before there is an app
        with HorizontalGroup(classes="serials-tools"):
            with HorizontalGroup(classes="serials-find"):
                yield Static("Find", classes="find-label")
                yield FindField(self.filter.find, placeholder="serial", id="find-serial")
            with HorizontalGroup(classes="serials-filters"):
                for name in (*(column.code for column in filtering()), ORDER):
                    yield Button("", id=f"by-{name}", compact=True, classes="picker")
        yield SerialsTable(self.context.db.run, id="serials")
        yield Static("", classes="serials-empty hidden")
        with HorizontalGroup(classes="serials-foot"):
            yield Static("", classes="serials-rest")
            yield Static("", classes="serials-position")

    def on_mount(self) -> None:
        """Start reading the first rows."""
        self._show_filter()
        self.renew()
        self._await_rows()

    @work(group="first rows")
    async def _await_rows(self) -> None:
        """Hold keys that are typed before the first rows are loaded: they are meant for the grid."""
        with self.context.keyboard.hold():
            await self._has_answered.wait()

    def on_resize(self) -> None:
        """Fit the labels of the controls to the width."""
        self._show_filter()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer Clear only if there are marks or filters."""
        if action == "ease":
            return bool(self.table.mark_count or self.filter.narrows)
        return super().check_action(action, parameters)

    # ----- what is shown

    def renew(self, *, keep_cursor: bool = True, cursor_key: str | None = None) -> None:
        """Read the grid again; see `RecordTable.reload`."""
        self.table.reload(self.filter.source(), keep_cursor=keep_cursor, cursor_key=cursor_key)

    def _show_filter(self) -> None:
        for name, label in self.filter.labels(
            self.table.ordering.now or BY_SERIAL, short=self.size.width < SHORT_BELOW
        ).items():
            control = self.query_one(f"#by-{name}", Button)
            # A new label is laid out, since its width sets that of the button; most changes leave the others as they
            # are.
            if str(control.label) != label:
                control.label = plain(label)
                control.refresh(layout=True)
        self.table.fit()

    def _chosen(self, *, keep_cursor: bool = False) -> None:
        """Apply a changed filter or order; the cursor moves to the top unless kept."""
        self.frame.say("")  # the message was about the previous rows
        self._show_filter()
        self.renew(keep_cursor=keep_cursor)

    @on(Input.Changed, "#find-serial")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self.filter.find:
            # While another list is being read, the cursor stands on a row of the one before.
            if (here := self.table.cursor_record) is not None and not self.table.is_reloading:
                self._cursor_of[self.filter.find] = here.key
            self.filter.find = event.value.strip()
            self.frame.say("")
            self.renew(keep_cursor=False)

    @on(RecordTable.Loaded)
    def _loaded(self, event: RecordTable.Loaded) -> None:
        self._has_answered.set()
        empty = self.query_one(".serials-empty", Static)
        empty.set_class(event.total > 0, "hidden")
        self.table.set_class(event.total == 0, "-empty")
        if event.total == 0:
            show(empty, plain(self.why_empty))
        self.show_position()

    @property
    def why_empty(self) -> str:
        """The message of an empty grid."""
        if self.filter.narrows:
            return f"No serial {self.filter.in_words}. Esc shows all."
        return self._why_none()

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self._has_answered.set()  # the keys that waited must not wait for rows that do not come
        self.frame.say(event.error.message, "problem")

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    @on(SerialsTable.ColumnsChanged)
    def show_position(self) -> None:
        """Show marks, notice and position, and what the columns leave out of the row under the cursor."""
        table = self.table
        show(self.query_one(".serials-position", Static), plain(position_in(table, "row")))
        rest, row = self.query_one(".serials-rest", Static), table.cursor_record
        show(rest, plain(left_out(row, table.shown_of(row), rest.content_size.width) if row else ""))

    # ----- finding

    def action_find(self) -> None:
        """Focus the Find field and select its text; the second time look everywhere."""
        if self.find.ask():
            self.frame.look_everywhere(self.find.value)

    @on(Input.Submitted, "#find-serial")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        scans = self.find.scans or ((event.value,) if self.find.is_pasted else ())
        if found := scanned_verb(scans):
            self._find_again(self.find.before.get(found.text, "") if self.find.scans else "")
            self._begin_verb(found.verb)
        elif event.value.strip():
            self._open_found(event.value.strip(), self.find.scans)
        else:
            self.table.action_select_cursor()

    @work(exclusive=True, group="open")
    async def _open_found(self, text: str, scans: Sequence[str]) -> None:
        """Open the serial with exactly this text, whatever the filters, or the only hit; otherwise go to the hits.

        A scan is a complete code, perhaps of another item, serial or location: if no serial here equals it, that takes
        precedence over a hit that only begins with it. Typed text is tried as such a code only if nothing here matches.

        Args:
            text: the text in Find.
            scans: the parts of it that a scanner may have sent.
        """
        run, is_done = self.context.db.run, False
        with self.context.keyboard.hold(), self.frame.scan_refusals_shown():
            try:
                self.frame.scan_run.begin(self.find.ended if scans else NEVER)
                named, serial_id = await run(self.filter.exact, text, *scans) or (text, None)
                if serial_id is None and scans:  # before the hits: a scan of another item may begin as one of these
                    with suppress(NotFound, Unreadable):
                        is_done = await self._open_named(*scans, text)
                if serial_id is None and not is_done:
                    serial_id = await run(self.filter.only_hit)
                if serial_id is not None:
                    await self.context.show_scanned(self.frame, SerialRecord(serial_id), self.came_back)
                    self._find_again(self.find.before.get(named, self.find.value))
                elif not is_done and await run(lambda: self.filter.source().count()) > 0:
                    self.table.focus()
                elif not is_done:
                    await self._open_unlisted(text, *scans)
                self.find.select_all()  # so that the next scan or typing replaces it
            except SerialdockError:
                self.table.focus()
                raise

    async def _open_unlisted(self, text: str, *scans: str) -> None:
        """Open what a code names outside this list; else look everywhere for typed text, let the screen handle a scan.

        Raises:
            SerialdockError: nothing is named, or it cannot be understood.
        """
        try:
            await self._open_named(*scans, text)
        except NotFound:
            if not (scans or self.find.is_pasted):
                self.frame.look_everywhere(text)
                return
            # Of several readings of a scan nobody knows which is the serial; a pasted text with blanks is more than
            # one.
            if len(scans) > 1 or (not scans and " " in text) or not self.frame.take_unknown(text):
                raise
            self._find_again(self.find.before.get(text, "") if scans else "")

    async def _open_named(self, *texts: str) -> bool:
        """Open what a code outside this list names, and restore Find to its text before the scan.

        Raises:
            SerialdockError: nothing is named, or it cannot be understood.
        """
        found = await self.context.open_scanned(self.frame, *texts, closed=self.came_back)
        self._find_again(self.find.before.get(found, found) if self.find.scans else found)
        return True

    def _find_again(self, text: str) -> None:
        """Put the text before a scan back into Find, and the cursor on its row."""
        self.find.value = text
        if text.strip() != self.filter.find:
            self.filter.find = text.strip()
            self.renew(keep_cursor=False, cursor_key=self._cursor_of.get(self.filter.find))

    @on(DataTable.RowSelected)
    def _row_opened(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value is not None:
            self._open(int(event.row_key.value))

    @work(exclusive=True, group="open")
    async def _open(self, serial_id: int) -> None:
        self.frame.say("")
        try:
            await self.context.open(SerialRecord(serial_id))
        except SerialdockError as refusal:
            self.frame.say(refusal.message, "problem")
        else:
            self.came_back()

    def came_back(self) -> None:
        """Refresh the list and the rest of the form after Serial Detail, where the serial may have been changed."""
        self.renew()
        self.post_message(SerialsChanged())

    # ----- filters and order

    @on(Button.Pressed, ".picker")
    def _picked(self, event: Button.Pressed) -> None:
        event.stop()
        name = (event.button.id or "").removeprefix("by-")
        if name == ORDER:
            self.action_sort("choose")
        else:
            self.action_filter_by(name)

    @work(exclusive=True, group="choose")
    async def action_filter_by(self, code: str) -> None:
        """Choose the value of a column's filter."""
        if await self.filter.choose_by(self.context, code):
            self._chosen()

    def action_sort(self, how: str) -> None:
        """Order the grid; see `Frame.action_sort`."""
        self.frame.action_sort(how)

    @on(RecordTable.Sorted)
    def _sorted(self, event: RecordTable.Sorted) -> None:
        event.stop()
        self.frame.say("")  # the message was about the previous rows
        self._show_filter()

    def action_ease(self) -> None:
        """Clear the marks; if there are none, the filters and the text in Find."""
        if self.table.mark_count:
            self.table.action_unmark()
            return
        self.filter.clear()
        self.find.value = ""
        self._chosen(keep_cursor=True)  # the row that was found is still there among all

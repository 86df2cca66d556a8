"""The Serials tab of the item form.

`SerialsPane` is the tab: the counts, and buttons to add, import and transfer serials. It contains `SerialsList`: Find,
filters, order, the grid (`SerialsTable`), and a line about the row under the cursor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final, cast

from rich.cells import cell_len
from textual import events, on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, DataTable, Input, Static

from models.errors import NotFound, SerialdockError, Unreadable
from models.items.items import ItemForm, item_form
from models.permissions import Permission
from models.serials.add import AddResult
from models.serials.grid import SERIAL, SerialColumn, SerialRow, SerialSource, column_with, count_serials
from models.serials.possible import USUAL, Possible
from models.serials.record import serial_numbers
from models.verbs import VERBS, Verb
from tui.context import Context, Kind
from tui.kit.bars import FIRST
from tui.kit.form import button
from tui.kit.help import Act, ActionsDialog
from tui.kit.page import Frame, is_shown
from tui.kit.record_table import RecordTable, Run
from tui.records.actions import carry_out, possible, scanned_verb
from tui.records.stock import PlacesDialog, head_lines
from tui.routes import Import, SerialRecord
from tui.scanning.fields import FindField
from tui.serials.add import AddSerialDialog
from tui.serials.columns import GRID, ORDER, REMOVED, SerialFilter, columns, filtering, left_out, shown_whole
from tui.serials.intake import Intake, problems_in_words
from tui.terminal.scanner_keys import NEVER
from tui.text import plain


class SerialsTable(RecordTable[SerialRow]):
    """The grid of one item's serials, in the columns that fit; a double click opens a row."""

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
            "mark_to_here",
            "Mark to here",
            id="serials.mark-to",
            tooltip="Mark all rows from the last mark to this one",  # not every terminal sends Shift with an arrow
            show=False,
        ),
        Binding("ctrl+k", "mark_all", "Mark all", id="serials.mark-all", tooltip="Mark all rows shown", show=False),
        Binding("ctrl+u", "unmark", "Unmark all", id="serials.unmark", tooltip="Take all marks away", show=False),
    ]

    OPENS_BY_DOUBLE_CLICK = True

    class ColumnsChanged(Message):
        """The columns or their widths changed, so the line about the row must be updated."""

    def __init__(self, run: Run, **options: Any) -> None:
        """Make the grid; `reload` fills it.

        Args:
            run: as for `RecordTable`.
            **options: as for every widget.
        """
        # The columns include their gaps: with Textual's padding, six would not fit in 80 cells.
        super().__init__(columns(79, "ansi", SERIAL, descending=False), run=run, cell_padding=0, **options)
        self._sorted_by: SerialColumn[Any] = SERIAL
        self._sorted_down = False

    def on_mount(self) -> None:
        """Restyle the cells when the theme changes."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit(self._sorted_by, descending=self._sorted_down))

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.fit(self._sorted_by, descending=self._sorted_down)

    def shown_of(self, row: SerialRow) -> list[str]:
        """Codes of the columns that show a row's text in full."""
        return shown_whole(row, self.record_columns)

    @property
    def _widths(self) -> list[tuple[str, int]]:
        return [(column.key, column.width) for column in self.record_columns]

    def fit(self, order: SerialColumn[Any], *, descending: bool) -> None:
        """Show the columns that fit, with an arrow on the one that orders the rows."""
        self._sorted_by, self._sorted_down = order, descending
        # Always reserve the scrollbar's room, so that the columns do not jump when it appears.
        room = self.size.width - self.styles.scrollbar_size_vertical
        if room > 0:
            before = self._widths
            self.set_columns(columns(room, self.app.theme, order, descending=descending))
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

    # ----- marks: read by query, since most rows of a long list are not in memory

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer marking only to people who can use it."""
        if action in ("mark_to_here", "mark_all"):
            return self.marking
        return self.mark_count > 0 if action == "unmark" else super().check_action(action, parameters)

    def action_mark_to_here(self) -> None:
        """Mark all rows from the one that was marked last to the cursor."""
        self._mark_rows(all_of_them=False)

    def action_mark_all(self) -> None:
        """Mark all rows that the filters show."""
        self._mark_rows(all_of_them=True)

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.clear_marks()

    @work(exclusive=True, group="marks")
    async def _mark_rows(self, *, all_of_them: bool) -> None:
        context, frame = cast("Context", self.app), cast("Frame[object]", self.screen)
        with context.keyboard.hold(), frame.refusals_shown():
            await self.wait_until_read()
            if not isinstance(self.source, SerialSource):
                return
            run, rows, here = context.db.run, SerialSource(self.source.selection), self.cursor_record
            if all_of_them:
                self.mark(await run(rows.all_keys))
                return
            key = await run(rows.key_at, self.cursor_row) if here is None else here.key
            if key is not None:
                self.mark(await run(rows.keys_between, self.last_mark, key), last=key)


FLAT: Final = 8
"""Height in lines up to which the grid hides its heading."""

SHORT_BELOW: Final = 60
"""Width in cells below which the controls have short labels."""

NOT_TEXT: Final = frozenset(" <>")
"""Printable keys with a function in the grid; all other characters go to Find."""


def _filter_keys() -> Iterator[Binding]:
    """A key binding for each column with a filter."""
    for column in GRID:
        if (asked := column.filter) is not None:
            id_, action = f"serials.{column.code}", f"filter_by('{column.code}')"
            yield Binding(asked.key, action, asked.word, id=id_, tooltip=asked.hint, show=False)


class SerialsChanged(Message):
    """Serials were added, imported, transferred or changed; other parts of the form may be out of date."""


class SerialsList(Vertical):
    """The serials of one item: Find, filters, order and grid. Opening a row shows Serial Detail."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="serials.find", tooltip="Find a serial of this item"),
        *_filter_keys(),
        Binding("ctrl+o", "order", "Order", id="serials.order", tooltip="Order the grid by a column", show=False),
        Binding("ctrl+r", "reverse", "Reverse", id="serials.reverse", tooltip="Turn the order round", show=False),
        Binding("less_than_sign", "order_beside(-1)", show=False),
        Binding("greater_than_sign", "order_beside(1)", show=False),
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
        self._news = ""
        self.filter = SerialFilter(item_id)
        """The current filters, search text and order."""
        self._was_hidden = False
        self._cursor_of: dict[str, str] = {}
        """Key of the row under the cursor when another text came into Find, by the text before it."""
        self._has_answered = asyncio.Event()
        """Set once the first read has ended, with rows or an error."""

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def frame(self) -> Frame[object]:
        """The screen, typed as a `Frame`."""
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
        """Find and filters, the grid, and the line about its row."""
        with HorizontalGroup(classes="serials-tools"):
            with HorizontalGroup(classes="serials-find"):
                yield Static("Find", classes="find-label")
                yield FindField(placeholder="serial", id="find-serial")
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
        """Hold keys typed ahead until the first rows are there: they are meant for the grid."""
        with self.context.keyboard.hold():
            await self._has_answered.wait()

    def on_resize(self) -> None:
        """Fit the labels of the controls to the width."""
        self._show_filter()

    def on_hide(self) -> None:
        """Remember that another tab was in front."""
        self._was_hidden = True

    def on_show(self) -> None:
        """Read the grid again when this tab is in front again."""
        if self._was_hidden:
            self._was_hidden = False
            self.renew()

    def enter(self) -> None:
        """Focus the grid, so that arrows move in it and typing finds."""
        self.table.focus()

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
        for name, label in self.filter.labels(short=self.size.width < SHORT_BELOW).items():
            control = self.query_one(f"#by-{name}", Button)
            if str(control.label) != label:
                control.label = plain(label)
                control.refresh(layout=True)
        self.table.fit(self.filter.order, descending=self.filter.descending)

    def _chosen(self, *, keep_cursor: bool = False) -> None:
        """Apply a changed filter or order; the cursor goes to the top unless kept."""
        self.frame.say("")  # it was about what was shown before
        self._show_filter()
        self.renew(keep_cursor=keep_cursor)

    @on(Input.Changed, "#find-serial")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() != self.filter.find:
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
            empty.update(plain(self.why_empty))
        self.show_position()

    @property
    def why_empty(self) -> str:
        """The message of an empty grid."""
        if self.filter.narrows:
            return f"No serial {self.filter.in_words}. Esc shows all."
        return self._why_none()

    def tell(self, news: str) -> None:
        """Show a short notice before the position; empty removes it."""
        self._news = news
        self.show_position()

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self._has_answered.set()
        self.frame.say(event.error.message, "problem")

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    @on(SerialsTable.ColumnsChanged)
    def show_position(self) -> None:
        """Show marks, notice and position, and what the columns leave out of the row under the cursor."""
        table = self.table
        parts = [
            f"{table.mark_count:,} marked" if table.mark_count else "",
            self._news,
            f"row {table.cursor_row + 1:,} of {table.total:,}" if table.total else "",
        ]
        self.query_one(".serials-position", Static).update(plain(" · ".join(filter(None, parts))))
        rest, row = self.query_one(".serials-rest", Static), table.cursor_record
        rest.update(plain(left_out(row, table.shown_of(row), rest.content_size.width) if row else ""))

    # ----- finding

    def on_key(self, event: events.Key) -> None:
        """Send typing or a scan in the grid to the Find field."""
        is_text = event.is_printable and event.character is not None and event.character not in NOT_TEXT
        if is_text and self.screen.focused is self.table:
            event.stop()
            event.prevent_default()
            self.find.begin(event)

    def key_down(self) -> None:
        """Move from Find and filters into the grid."""
        if self.screen.focused is not self.table:
            self.table.focus()

    def action_find(self) -> None:
        """Focus the Find field and select its text."""
        self.find.focus()
        self.find.select_all()

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
                if serial_id is None and scans:
                    with suppress(NotFound, Unreadable):
                        is_done = await self._open_named(text, *scans)
                if serial_id is None and not is_done:
                    serial_id = await run(self.filter.only_hit)
                if serial_id is not None:
                    await self.context.show_scanned(self.frame, SerialRecord(serial_id), self.came_back)
                    self._find_again(self.find.before.get(named, self.find.value))
                elif not is_done and await run(lambda: self.filter.source().count()) > 0:
                    self.table.focus()
                elif not is_done:
                    await self._open_unlisted(text, *scans)
                self.find.select_all()
            except SerialdockError:
                self.table.focus()
                raise

    async def _open_unlisted(self, text: str, *scans: str) -> None:
        """Open what a code names that is nothing in this list, or let the screen act on a scan that names nothing.

        Raises:
            SerialdockError: nothing is named, or it cannot be understood.
        """
        try:
            await self._open_named(text, *scans)
        except NotFound:
            is_scan = len(scans) == 1 or (self.find.is_pasted and " " not in text)
            if not (is_scan and self.frame.take_unknown(text)):
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
            self.action_order()
        else:
            self.action_filter_by(name)

    @work(exclusive=True, group="choose")
    async def action_filter_by(self, code: str) -> None:
        """Choose the value of a column's filter."""
        if await self.filter.choose_by(self.context, code):
            self._chosen()

    @work(exclusive=True, group="choose")
    async def action_order(self) -> None:
        """Choose the column that orders the grid; the current one is reversed."""
        if await self.filter.choose_order(self.context):
            self._chosen()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.filter.order_by(self.filter.order)
        self._chosen()

    def action_order_beside(self, step: int) -> None:
        """Order by the column before or after the current one."""
        orders = [column.column for column in GRID]
        self.filter.order_by(orders[(orders.index(self.filter.order) + step) % len(orders)])
        self._chosen()

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        event.stop()
        if event.column_key.value is not None:
            self.filter.order_by(column_with(event.column_key.value))
            self._chosen()

    def action_ease(self) -> None:
        """Clear the marks; if there are none, the filters and the text in Find."""
        if self.table.mark_count:
            self.table.clear_marks()
            return
        self.filter.clear()
        self.find.value = ""
        self._chosen(keep_cursor=True)


SHOW_AFTER: Final = 0.25
"""Seconds without another scan before the grid shows added serials: drawing takes longer than saving."""

BUTTONS_FROM: Final = 60
"""Screen width in cells from which there are buttons."""

ACTING: Final = frozenset(VERBS[code].permission for code in USUAL)
"""Permissions with any of which something can be done with serials."""

LOOK_AGAIN: Final = 10.0
"""Seconds between polls for serials added by others; a poll reads a few rows and draws nothing."""


class SerialsPane(Vertical):
    """The tab: counts, buttons and the list. `refresh_from` shows a newer form; `enter` focuses the grid."""

    HELP = (
        "The serials of this item. F2 finds one: type how it begins, or * and any part of it. F4, Ctrl+L and Ctrl+O "
        "choose what the grid shows and in which order; Ctrl+F shows what was removed. Ctrl+N shows the numbers by "
        "location. The barcode of a command is about the marked serials, or the one under the cursor."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="serials.refresh", tooltip="Read the grid again"),
        Binding("f6", "add", "Add", id="serials.add", tooltip="Add serials, by typing or scanning"),
        Binding("f9", "import", "Import", id="serials.import", tooltip="Import serials of this item from a file"),
        Binding("f7", "transfer", "Transfer", id="serials.transfer", tooltip="Move the marked serials elsewhere"),
        Binding("ctrl+x", "act", "Do", id="serials.act", tooltip="Do something with the marked serials"),
        Binding("ctrl+f", "removed", "Removed", id="serials.removed", tooltip="Show what was removed, or the others"),
        Binding("ctrl+n", "places", "Places", id="serials.places", tooltip="Show the numbers by location", show=False),
    ]

    def __init__(self, form: ItemForm) -> None:
        """Make the tab.

        Args:
            form: the item.
        """
        super().__init__(classes="serials")
        self._form = form
        self._known = form.records
        self._others_added = False
        self._newest: AddResult | None = None
        self._quiet: Timer | None = None
        self._imported: int | None = None
        self._has_marks = False

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def frame(self) -> Frame[object]:
        """The screen, typed as a `Frame`."""
        return cast("Frame[object]", self.screen)

    @property
    def listing(self) -> SerialsList:
        """The list."""
        return self.query_one(SerialsList)

    @property
    def table(self) -> SerialsTable:
        """Its grid."""
        return self.listing.table

    def enter(self) -> None:
        """Focus the grid, so that arrows move in it and typing finds."""
        self.table.focus()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message above the key bar of the screen."""
        self.frame.say(text, kind)

    def compose(self) -> ComposeResult:
        """Counts and buttons above the list."""
        with HorizontalGroup(classes="serials-head"):
            yield Static("", classes="serials-counts")
            with HorizontalGroup(classes="serials-buttons"):
                # One blank before each key, so that three buttons and the counts fit on a line of 80 cells.
                yield button("Add Serial F6", "add-serial", primary=True)
                yield button("Import F9", "import-serials")
                yield button("Transfer F7", "transfer-serials")
                yield button("Do ^X", "act-serials")
        yield SerialsList(self._form.id, self._why_none, self.begin)

    def on_mount(self) -> None:
        """Make the queue for added serials, and start polling for serials added by others."""
        self.intake = Intake(self.context, self._form.id, self._form.sku)
        self.intake.listen(self._settled)
        self._show_permissions()
        self.set_interval(LOOK_AGAIN, self._look_for_others)

    def on_unmount(self) -> None:
        """Stop listening; the app reports what is still being saved."""
        self.intake.stop_listening(self._settled)

    def refresh_from(self, form: ItemForm) -> None:
        """Show a newer form and read the grid again; the cursor stays."""
        self._form = form
        self._show_head()
        self.listing.renew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the actions that the permissions allow."""
        if action in ("add", "import"):
            return self.context.may(Permission.MANAGE_SERIALS)
        if action == "transfer":
            return self.context.may(Permission.TRANSFER_SERIAL)
        if action in ("act", "removed"):
            return self._may_act if action == "act" else self._form.removed > 0
        return super().check_action(action, parameters)

    @property
    def _may_act(self) -> bool:
        """Whether the person may do anything with serials, so that marks are of use."""
        return any(self.context.may(permission) for permission in ACTING)

    @property
    def keys_first(self) -> tuple[str, ...]:
        """Actions whose keys stay in the key bar; those of the buttons come first where these have no room."""
        marked = ("act",) if self.table.mark_count else ()
        buttons = () if self.context.size.width >= BUTTONS_FROM else ("add", "transfer", "import")
        return (*FIRST, *marked, *buttons, "find", "refresh", "select_cursor", "toggle_mark", "save")

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is being saved or waiting to be shown."""
        return not self.intake.waiting and self._quiet is None and not self.table.is_reloading

    # ----- counts

    def on_resize(self) -> None:
        """Fit the counts to the width; a low grid hides its heading."""
        self._show_head()
        self.table.show_header = self.size.height > FLAT

    def _show_head(self) -> None:
        """Show units on hand, serials, and units without a serial or serials over."""
        self._show_permissions()
        head = self.query_one(".serials-head")
        room = head.content_size.width
        if room == 0:
            return  # not laid out yet
        figures = self._form.on_hand, self._form.serials, self._form.without, self._form.removed
        # If counts and buttons do not fit on one line, the buttons go below.
        beside = room - self._buttons_width
        is_stacked = len(head_lines(*figures, beside)) > 1
        head.set_class(is_stacked, "-stacked")
        lines = head_lines(*figures, room if is_stacked else beside)
        counts = self.query_one(".serials-counts", Static)
        was_high = counts.size.height
        counts.update(plain("\n".join(lines), lines=True), layout=len(lines) != was_high)

    @property
    def _buttons_width(self) -> int:
        """Width of the visible buttons in cells."""
        group = self.query_one(".serials-buttons")
        if not group.display:
            return 0
        buttons = [each for each in group.query(Button) if not each.has_class("hidden")]
        around = sum(each.gutter.width + each.styles.margin.width + 2 * each.styles.line_pad for each in buttons)
        return around + sum(cell_len(str(each.label)) for each in buttons)

    def _show_permissions(self) -> None:
        for name, permission in (
            ("#add-serial", Permission.MANAGE_SERIALS),
            ("#import-serials", Permission.MANAGE_SERIALS),
            ("#transfer-serials", Permission.TRANSFER_SERIAL),
        ):
            self.query_one(name).set_class(not self.context.may(permission), "hidden")
        self.query_one("#act-serials").set_class(not self._may_act, "hidden")
        self.table.marking = self._may_act
        if not self.table.marking:
            self.table.clear_marks()

    @on(RecordTable.Loaded)
    @work(exclusive=True, group="counts")
    async def _read_counts(self) -> None:
        """Read and show the item's current counts."""
        had_removed = self._form.removed
        try:
            self._form = await self.context.db.run(item_form, self._form.id)
        except SerialdockError as trouble:
            self.say(trouble.message, "problem")
            return
        if bool(self._form.removed) != bool(had_removed):
            self.frame.renew_keys()
        self._known, was_told, self._others_added = self._form.records, self._others_added, False
        self._show_head()
        if was_told:
            self.listing.tell("")

    @work(exclusive=True, group="look")
    async def _look_for_others(self) -> None:
        """Announce serials added by others; the rows stay in place under the cursor."""
        if self.app.screen is not self.screen or not self.is_on_screen or self._others_added:
            return
        try:
            count = await self.context.db.run(count_serials, self._form.id)
        except SerialdockError:
            return  # the person's next action reports the trouble
        if count > self._known and not self.intake.waiting:
            self._others_added = True
            self.listing.tell("others added: F5")

    def action_refresh(self) -> None:
        """Read grid, counts and permissions again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self._refresh_all()

    @work(exclusive=True, group="refresh")
    async def _refresh_all(self) -> None:
        try:
            await self.context.read_permissions()
        except SerialdockError as trouble:
            self.say(trouble.message, "problem")
            return
        self._show_permissions()
        self.frame.renew_keys()
        self.listing.renew()

    def action_removed(self) -> None:
        """Show the removed records only, or what was shown before."""
        self.listing.action_filter_by(REMOVED)

    @on(events.Click, ".serials-counts")
    def action_places(self) -> None:
        """Show the counts by location."""
        self.app.push_screen(PlacesDialog(self._form))

    # ----- adding

    def _why_none(self) -> str:
        """The message for an item without serials, with the next step for people who may add some."""
        teaches = self.context.may(Permission.MANAGE_SERIALS)
        return "No serials yet. F6 adds one, F9 imports a file, or just scan." if teaches else "No serials yet."

    @on(Button.Pressed, "#add-serial")
    def action_add(self) -> None:
        """Open the dialog that adds serials."""
        self.say("")
        self.app.push_screen(AddSerialDialog(self._form, self.intake), lambda _: self._added())

    def add_scanned(self, scan: str) -> bool:
        """Add a scanned serial where there is none yet and the list says "or just scan"; return whether it does."""
        if self._known or not self.context.may(Permission.MANAGE_SERIALS):
            return False
        self.say("")
        self.app.push_screen(AddSerialDialog(self._form, self.intake, scan), lambda _: self._added())
        return True

    def _added(self) -> None:
        self.table.focus()
        self.table.reload()
        if self.intake.problems:
            count = len(self.intake.problems)
            said = "1 serial was" if count == 1 else f"{count:,} serials were"
            self.say(f"{said} not added. F6 shows why.", "warning")

    def _settled(self, verdicts: Sequence[AddResult]) -> None:
        """Report refused serials at once; show added ones, the newest under the cursor, after a pause in the scans."""
        if not is_shown(self):  # closing: the app reports them
            self.intake.stop_listening(self._settled)
            return
        added = [verdict for verdict in verdicts if verdict.serial_id is not None]
        if added:
            self._newest = added[-1]
            if self._quiet is None:
                self._quiet = self.set_timer(SHOW_AFTER, self._show_newest)
            else:
                self._quiet.reset()
        refused = [verdict for verdict in verdicts if verdict.refusal is not None]
        if refused and self.app.screen is self.screen:
            self.say(problems_in_words(refused), "problem")

    def _show_newest(self) -> None:
        self._quiet = None
        if self._newest is not None and is_shown(self):
            self.listing.renew(cursor_key=str(self._newest.serial_id))
            self.post_message(SerialsChanged())

    @on(RecordTable.NotListed)
    def _tell_hidden(self, event: RecordTable.NotListed) -> None:
        newest = self._newest
        if newest is not None and event.key == str(newest.serial_id) and self.listing.filter.narrows:
            self.say(f"{newest.serial_number} is added; the filter hides it. Esc shows all.", "warning")
        elif event.key == str(self._imported) and self.listing.filter.narrows:
            self.say("The serials are imported; the filter hides the last of them. Esc shows all.", "warning")

    # ----- importing

    @on(Button.Pressed, "#import-serials")
    @work(exclusive=True, group="import")
    async def action_import(self) -> None:
        """Import serials from a file; then put the cursor on the last one."""
        self.say("")
        with self.frame.refusals_shown():
            self._imported = await self.context.open(Import(self._form.sku))
            if self._imported is not None and is_shown(self):
                self.listing.renew(cursor_key=str(self._imported))
                self.post_message(SerialsChanged())

    # ----- any verb

    @on(Button.Pressed, "#transfer-serials")
    def action_transfer(self) -> None:
        """Transfer the marked serials, or the one under the cursor."""
        self.begin(VERBS["transfer"])

    @work(exclusive=True, group="act")
    async def begin(self, verb: Verb) -> None:
        """Carry out a verb on the marked serials, or on the one under the cursor."""
        with self.context.keyboard.hold():
            await self.table.wait_until_read()  # a scanned command stood in Find, and hid the rows
        if chosen := self._chosen:
            await self._carry_out(verb, chosen)
        else:
            self.say(f"There is no serial to {verb.title.lower()}. F6 adds one.", "warning")

    @on(RecordTable.MarksChanged)
    def _show_marks(self) -> None:
        """Show the key of the menu of verbs in the key bar while there are marks."""
        if self._has_marks != (has := self.table.mark_count > 0):
            self._has_marks = has
            self.frame.renew_keys()

    @property
    def _chosen(self) -> list[int]:
        """Ids of the marked serials, or of the one under the cursor; empty without rows."""
        row = self.table.cursor_record
        return sorted(map(int, self.table.marked)) or ([row.id] if row else [])

    @on(Button.Pressed, "#act-serials")
    @work(exclusive=True, group="act")
    async def action_act(self) -> None:
        """Choose what to do with the marked serials, or with the one under the cursor, and carry it out."""
        chosen = self._chosen
        if not chosen:
            self.say("There is no serial to do anything with. F6 adds one.", "warning")
            return
        with self.frame.refusals_shown():
            with self.context.keyboard.hold():
                can = await possible(self.frame, chosen)
                (first,) = await self.context.db.run(serial_numbers, chosen[:1])
            if not can:
                what = f"{first} as it is" if len(chosen) == 1 else f"these {len(chosen):,} serials as they are"
                self.say(f"You may do nothing with {what} now. Ask your administrator for a permission.", "warning")
                return
            title = first if len(chosen) == 1 else f"{len(chosen):,} serials"
            menu = ActionsDialog([_act(each, len(chosen), self) for each in can], title)
            menu.pass_on = self.frame.taker_of_scans
            act = await self.context.ask(menu)
            if act is not None:
                await self._carry_out(VERBS[act.action], chosen)

    async def _carry_out(self, verb: Verb, chosen: Sequence[int]) -> None:
        """Carry out a verb on serials; those that refused it stay marked."""
        done = await carry_out(self.frame, verb, chosen)
        if done is not None:
            self.table.unmark(map(str, done.moved.serial_ids))
            self.say(done.said, "done")
            self.listing.came_back()


def _act(can: Possible, count: int, node: Widget) -> Act:
    """A verb as an entry of the menu, with how many of the serials allow it."""
    how_many = "" if count == 1 else f"all {count:,}" if can.serials == count else f"{can.serials:,} of {count:,}"
    return Act(can.verb.title, how_many, can.verb.code, node)

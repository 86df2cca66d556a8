"""The screen of a list of records: Find, the table, and below it the rest of the row under the cursor."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import DataTable, Input, Static

from models.errors import NotFound, Unreadable
from models.paging import R, RowSource
from tui.context import Kind, RememberedList
from tui.kit.list_pane import STILL_FILTERED
from tui.kit.page import Frame
from tui.kit.record_table import NOT_TEXT, RecordTable, position_in
from tui.routes import Route
from tui.scanning.fields import FindField
from tui.text import clip, plain
from tui.themes import style_sheets


class ListScreen(Frame[None], Generic[R]):
    """A list. Typing narrows it, wherever the cursor is; a scan opens what it names, of this list or not."""

    FOLLOWS = True
    CSS_PATH = style_sheets()
    FORGETS = True
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "find", "new", "change")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="list.find", tooltip="Find by a part of what stands in the list"),
        Binding("escape", "clear", "Clear", id="list.clear", tooltip="Show all; go back if all are shown", show=False),
        Binding("f5", "refresh", "Refresh", id="list.refresh", tooltip="Read the list again"),
    ]

    LIST: ClassVar[str]
    """Name under which order and filter are remembered for the session."""
    NOUN: ClassVar[str]
    """What one row is, such as customer."""
    FINDS: ClassVar[str]
    """What Find looks at; the hint in the empty field."""
    EMPTY: ClassVar[str]
    """The message where the list is empty and nothing is looked for."""

    _is_empty_said = False
    """Whether the message says that nothing was found."""
    _narrowed_to = ""
    """The text that the list was read for."""
    _refused_at: str | None = None
    """The text in Find when the problem that is shown was said; None if no problem is shown."""

    # ----- what a list is

    @abstractmethod
    def make_table(self) -> RecordTable[R]:
        """Make the table, with the source of what the remembered text finds."""

    @abstractmethod
    def source(self, find: str) -> RowSource[R]:
        """The rows that a text finds; all for an empty one."""

    @abstractmethod
    def fit_columns(self) -> None:
        """Show the columns that fit."""

    def route(self, row: R) -> Route[None] | None:
        """What Enter opens; None where it opens no screen, see `chosen`."""
        return None

    def chosen(self, row: R) -> None:
        """Act on Enter where it opens no screen."""

    def left_out(self, row: R) -> str:
        """What the columns do not show of a row; not escaped yet."""
        return ""

    @property
    def why_empty(self) -> str:
        """The message where nothing is looked for and the list is empty."""
        return self.EMPTY

    def compose_filters(self) -> ComposeResult:
        """What stands beside Find."""
        yield from ()

    def clear_filters(self) -> bool:
        """Take away what besides Find hides rows, and read the list; return whether anything did."""
        return False

    # ----- the screen

    def compose_body(self) -> ComposeResult:
        """Find, the table, and below it the rest of the row under the cursor and its position."""
        with HorizontalGroup(classes="find"):
            yield Static("Find", classes="find-label")
            self._narrowed_to = self.memory.find
            yield FindField(self.memory.find, placeholder=self.FINDS, id="find")
            yield from self.compose_filters()
        table = self.make_table()
        table.remembered = self.LIST
        yield table
        with HorizontalGroup(classes="list-foot"):
            yield Static("", classes="list-rest")
            yield Static("", classes="list-position")

    @property
    def memory(self) -> RememberedList:
        """How the list was narrowed last."""
        return self.context.remembered(self.LIST)

    @property
    def table(self) -> RecordTable[R]:
        """The table."""
        return self.query_one(RecordTable)

    @property
    def find(self) -> FindField:
        """The Find field."""
        return self.query_one("#find", FindField)

    @property
    def gives_way(self) -> bool:
        """Always true: nothing that is typed here is lost."""
        return True

    def on_mount(self) -> None:
        """Focus the list; what is typed there goes into Find."""
        self.table.focus()
        if self.memory.find or self.memory.filters:
            self.say(STILL_FILTERED)
        self._read_rights()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit_columns())

    def on_resize(self) -> None:
        """Fit columns and line to the new width."""
        self.fit_columns()
        self.call_after_refresh(self._show_rest)

    def on_screen_resume(self) -> None:
        """Read the list again when this screen is in front again; the cursor stays."""
        if self.is_mounted:
            self.table.reload()
            self._read_rights()

    @work(exclusive=True, group="rights")
    async def _read_rights(self) -> None:
        with self.refusals_shown():
            await self.context.read_permissions()
            self.renew_keys()

    def narrow(self) -> None:
        """Read the rows that Find and the filters leave, from the top."""
        self._narrowed_to = self.memory.find = self.find.value
        self.table.reload(self.source(self.find.value), keep_cursor=False)

    @on(Input.Changed, "#find")
    def _narrowed(self) -> None:
        if self.find.value == self._narrowed_to:
            return
        if self._refused_at != self.find.value:
            self.say("")  # it was about a row of the list before
        self.narrow()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; a problem stays while the list is read again for the same text in Find."""
        super().say(text, kind)
        self._is_empty_said = False
        self._refused_at = self.find.value if kind == "problem" else None

    @on(RecordTable.Loaded)
    def _loaded(self, event: RecordTable.Loaded) -> None:
        self._show_rest()
        if event.total:
            if self._is_empty_said:
                self.say("")
            return
        if self._refused_at == self.find.value:
            return
        looking = " ".join(self.find.value.split())
        none = f"No {self.NOUN} has {clip(looking, 40)}. Esc shows all, Enter looks everywhere."
        self.say(none if looking else self.why_empty)
        self._is_empty_said = True

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        self.say(event.error.message, "problem")

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    def _show_rest(self) -> None:
        table, row = self.table, self.table.cursor_record
        self.query_one(".list-position", Static).update(plain(position_in(table, self.NOUN)))
        rest = self.query_one(".list-rest", Static)
        rest.update(plain(clip(self.left_out(row), max(1, rest.content_size.width)) if row is not None else ""))
        self.renew_keys()

    def show_row(self, key: str, *, all_rows: bool) -> None:
        """Read the list again with the cursor on a row.

        Args:
            key: of the row.
            all_rows: whether to empty Find first, since a new or changed row may not be among what it finds.
        """
        if all_rows and self.find.value:
            with self.find.prevent(Input.Changed):  # it would read the list from the top
                self.find.value = self._narrowed_to = self.memory.find = ""
            self.table.reload(self.source(""), cursor_key=key)
        else:
            self.table.reload(cursor_key=key)

    # ----- opening

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        row = self.table.cursor_record
        if row is not None:
            self._open_row(row)

    def _open_row(self, row: R) -> None:
        route = self.route(row)
        if route is None:
            self.chosen(row)
        else:
            self._open(route)

    @work(exclusive=True, group="open")
    async def _open(self, route: Route[None]) -> None:
        with self.refusals_shown():
            await self.context.open(route)

    @on(Input.Submitted, "#find")
    def _entered(self) -> None:
        if self.find.scans:
            self._open_scanned(self.find.scans)
        elif self.find.value.strip() and self._is_empty_said:
            self.look_everywhere(self.find.value)
        else:
            self.table.action_select_cursor()

    @work(exclusive=True, group="open")
    async def _open_scanned(self, scans: Sequence[str]) -> None:
        """Open what a scan names, or the only row that it finds; Find is as it was before the scan.

        Args:
            scans: the parts of the text in Find that may be the scan, the longest first.
        """
        row: R | None = None
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            self.scan_run.begin(self.find.ended)
            try:
                found = await self.context.open_scanned(self, *scans)
                self.find.value = self.memory.find = self.find.before[found]
            except (NotFound, Unreadable):
                self.find.value = self.memory.find = self.find.before[scans[-1]]
                rows = await self.read(self._first_two, scans[-1])
                if len(rows) != 1:
                    raise
                row = rows[0]
        if row is not None:
            self._open_row(row)

    def _first_two(self, text: str) -> Sequence[R]:
        source = self.source(text)
        return source.fetch(0, min(source.count(), 2))

    # ----- keys

    def action_find(self) -> None:
        """Focus Find and select its text; the second time look everywhere."""
        if self.find.ask():
            self.look_everywhere(self.find.value)

    def action_clear(self) -> None:
        """Show all rows; go back if all are shown already."""
        if self.find.value:
            self.find.value = ""
            self.clear_filters()
        elif self.clear_filters():
            self.say("")
        else:
            self.action_leave()
            return
        self.table.focus()

    def action_refresh(self) -> None:
        """Read the list again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self.table.reload()
        self._read_rights()

    def on_key(self, event: events.Key) -> None:
        """Send typing or a scan in the list to Find."""
        if event.is_printable and event.character not in NOT_TEXT and self.focused is self.table:
            event.stop()
            event.prevent_default()
            self.find.begin(event)

    def key_down(self) -> None:
        """Move from Find into the list."""
        if self.focused is not self.table:
            self.table.focus()

"""The screen of a list of records: Find, the table, and below it the rest of the row under the cursor."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from models.paging import R, RowSource
from tui.context import Kind, RememberedList
from tui.kit.list_pane import STILL_FILTERED, ListPane
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.routes import Route
from tui.scanning.fields import FindField, NarrowsList
from tui.text import clip
from tui.themes import style_sheets


class WholeList(ListPane[R], inherit_bindings=False):
    """The list of a `ListScreen`, which has its keys: the line of Find is always there."""

    def __init__(self, screen: ListScreen[R]) -> None:
        """Make the list.

        Args:
            screen: whose list it is.
        """
        table = screen.make_table()
        table.remembered = screen.LIST
        super().__init__(
            table, screen.NOUN, of=screen.of, opens=screen.route, left_out=screen.left_out, classes="whole-list"
        )
        self._screen = screen

    def make_find(self, text: str) -> NarrowsList:
        """Make the Find field, with this text and the id `find`."""
        return self._screen.make_find(text)

    def compose_filters(self) -> ComposeResult:
        """What stands beside Find."""
        yield from self._screen.compose_filters()

    def found_by(self, text: str) -> RowSource[R]:
        """The rows that a text finds; all for an empty one."""
        return self._screen.source(text)

    def show_find(self) -> None:
        """Nothing: the line of Find stays."""

    def tell_total(self, total: int) -> None:
        """Say on the screen why there are no rows."""
        self._screen.tell_total(total)

    async def only_row(self, scan: str) -> R | None:
        """The only row that a scan finds which names nothing; None if it finds none, or several."""
        rows = await self._screen.read(_first_two, self.found_by(scan))
        return rows[0] if len(rows) == 1 else None

    def chosen(self, row: R) -> None:
        """Act on Enter where it opens no screen."""
        self._screen.chosen(row)


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

    of: object = None
    """The record whose list it is; None for a list that is of no record. See `RememberedList.find_of`."""

    _is_empty_said = False
    """Whether the message says that nothing was found."""
    _stays_at: str | None = None
    """The text in Find when the problem or the success that is shown was said; None if none is shown."""

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

    def make_find(self, text: str) -> NarrowsList:
        """Make the Find field, with this text and the id `find`."""
        return FindField(text, placeholder=self.FINDS, id="find")

    def compose_filters(self) -> ComposeResult:
        """What stands beside Find."""
        yield from ()

    def clear_filters(self) -> bool:
        """Take away what besides Find hides rows, and read the list; return whether anything did."""
        return False

    # ----- the screen

    def compose_body(self) -> ComposeResult:
        """Find, the table, and below it the rest of the row under the cursor and its position."""
        yield WholeList(self)

    @property
    def memory(self) -> RememberedList:
        """How the list was narrowed last."""
        return self.context.remembered(self.LIST)

    @property
    def pane(self) -> WholeList[R]:
        """The list."""
        return self.query_one(WholeList)

    @property
    def table(self) -> RecordTable[R]:
        """The table."""
        return self.pane.table

    @property
    def find(self) -> NarrowsList:
        """The Find field."""
        return self.pane.find

    @property
    def gives_way(self) -> bool:
        """Always true: nothing that is typed here is lost."""
        return True

    def on_mount(self) -> None:
        """Focus the list; what is typed there goes into Find."""
        self.table.focus()
        if self.memory.filters:
            self.say(STILL_FILTERED)
        self._read_rights()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.fit_columns())

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self.fit_columns()

    def on_screen_resume(self) -> None:
        """Read the list again when this screen is in front again; the cursor stays."""
        if self.is_mounted:
            self.pane.renew()
            self._read_rights()

    @work(exclusive=True, group="rights")
    async def _read_rights(self) -> None:
        with self.refusals_shown():
            await self.context.read_permissions()
            self.renew_keys()

    def narrow(self) -> None:
        """Read the rows that Find and the filters leave, from the top."""
        self.pane.narrow(self.find.value)

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; a problem or a success stays while the list is read again for the same text in Find."""
        super().say(text, kind)
        self._is_empty_said = False
        self._stays_at = self.find.value if kind in ("problem", "done") else None

    def tell_total(self, total: int) -> None:
        """Say why there are no rows, or take that away.

        Args:
            total: length of the list.
        """
        self.renew_keys()
        if total:
            if self._is_empty_said:
                self.say("")
            return
        if self._stays_at == self.find.value:
            return
        looking = " ".join(self.find.value.split())
        none = f"No {self.NOUN} has {clip(looking, 40)}. Esc shows all, Enter looks everywhere."
        self.say(none if looking else self.why_empty)
        self._is_empty_said = True

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    def _row_changed(self) -> None:
        self.renew_keys()

    def show_row(self, key: str, *, all_rows: bool) -> None:
        """Read the list again with the cursor on a row; see `ListPane.show_row`."""
        self.pane.show_row(key, all_rows=all_rows)

    # ----- keys

    def action_find(self) -> None:
        """Focus Find and select its text; the second time look everywhere."""
        self.pane.action_find()

    def action_clear(self) -> None:
        """Show all rows; go back if all are shown already."""
        if self.find.value:
            self.pane.action_clear()
            self.clear_filters()
        elif self.clear_filters():
            self.say("")
            self.table.focus()
        else:
            self.action_leave()

    def action_refresh(self) -> None:
        """Read the list again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self.pane.renew()
        self._read_rights()


def _first_two(source: RowSource[R]) -> Sequence[R]:
    return source.fetch(0, min(source.count(), 2))

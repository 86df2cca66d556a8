"""A list that is a part of a screen, such as the serials of a document: the table, Find, and the rest of its row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Final, Generic

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.widgets import DataTable, Input, Static

from models.errors import NotFound, SerialdockError, Unreadable
from models.paging import R, RowSource
from tui.context import RememberedList
from tui.kit.page import FramePart
from tui.kit.record_table import NOT_TEXT, RecordTable, position_in
from tui.kit.shown import show
from tui.routes import Route
from tui.scanning.fields import FindField, NarrowsList
from tui.text import clip, plain

STILL_FILTERED: Final = "The list is filtered as before. Esc shows all."
"""The message on a list that opens with a remembered filter."""


def _nothing_left(row: Any) -> str:
    return ""


class ListPart(Vertical, FramePart):
    """A list with its Find: what is typed in it goes there. It is read again when its tab is in front again."""

    types = True
    """Whether typing in the list goes to Find; else F2 alone does."""
    _was_hidden = False

    @property
    @abstractmethod
    def table(self) -> RecordTable[Any]:
        """The table."""

    @property
    @abstractmethod
    def find(self) -> NarrowsList:
        """The Find field."""

    @abstractmethod
    def renew(self) -> None:
        """Read the list again; the cursor stays."""

    def begin_find(self, event: events.Key) -> None:
        """Begin to look for what is typed in the list."""
        self.find.begin(event)

    def on_hide(self) -> None:
        """Remember that another tab was in front."""
        self._was_hidden = True

    def on_show(self) -> None:
        """Read the list again when this tab is in front again."""
        if self._was_hidden:
            self._was_hidden = False
            self.renew()

    def enter(self) -> None:
        """Focus the table, so that arrows move in it and typing finds."""
        self.table.focus()

    def on_key(self, event: events.Key) -> None:
        """Send typing or a scan in the list to Find."""
        is_text = event.is_printable and event.character is not None and event.character not in NOT_TEXT
        if self.types and is_text and self.screen.focused is self.table:
            event.stop()
            event.prevent_default()
            self.begin_find(event)

    def key_down(self) -> None:
        """Move from Find into the list."""
        if self.screen.focused is not self.table:
            self.table.focus()


class ListPane(ListPart, Generic[R]):
    """One list of a record. Typing narrows it; the line of Find is hidden while nothing is looked for.

    Its source has `found_by`, which narrows it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="pane.find", tooltip="Find by a part of what stands in the list"),
        Binding("escape", "clear", "Clear", id="pane.clear", tooltip="Show all", show=False),
    ]

    def __init__(
        self,
        table: RecordTable[R],
        noun: str,
        *,
        of: object,
        opens: Callable[[R], Route[None] | None],
        left_out: Callable[[R], str] = _nothing_left,
        why_empty: str = "",
        no_screen: str = "",
        types: bool = True,
        id: str | None = None,  # noqa: A002 - as every widget calls it
        classes: str = "list-pane",
    ) -> None:
        """Make the list.

        Args:
            table: with the source of the whole list.
            noun: what one row is, such as serial.
            of: the record whose list it is; a text is looked for again in the list of the same record only.
            opens: what Enter opens; None for nothing.
            left_out: what the columns do not show of a row; not escaped yet.
            why_empty: the message if there are no rows; a text of the program.
            no_screen: the message where Enter opens nothing.
            types: whether typing in the list goes to Find; else F2 alone does.
            id: as for every widget.
            classes: as for every widget.
        """
        super().__init__(id=id, classes=classes)
        self._table = table
        self.types = types
        self._noun, self._of, self._opens, self._left_out = noun, of, opens, left_out
        self._why_empty, self._no_screen = why_empty, no_screen
        assert table.source is not None, "the list of a record is known"
        self._whole = table.source
        self._narrowed_to = ""
        """The text that the list was read for."""

    def compose(self) -> ComposeResult:
        """Find, the table or why it is empty, and the line about the row under the cursor."""
        self._narrowed_to = self.memory.find if self.memory.find_of == self._of else ""
        if self._narrowed_to:
            self.table.reload(self.found_by(self._narrowed_to))
            self.frame.say(STILL_FILTERED)
        with HorizontalGroup(classes="find pane-line"):
            yield Static("Find", classes="find-label")
            yield self.make_find(self._narrowed_to)
            yield from self.compose_filters()
        yield self.table
        yield Static("", classes="pane-empty hidden", markup=False)
        with HorizontalGroup(classes="list-foot"):
            yield Static("", classes="list-rest")
            yield Static("", classes="list-position")

    def make_find(self, text: str) -> NarrowsList:
        """Make the Find field, with this text and the id `find`."""
        return FindField(text, placeholder=f"part of a {self._noun}", id="find")

    def compose_filters(self) -> ComposeResult:
        """What stands beside Find."""
        yield from ()

    @property
    def table(self) -> RecordTable[R]:
        """The table."""
        return self._table

    @property
    def memory(self) -> RememberedList:
        """How the list was narrowed last."""
        return self.context.remembered(self.table.remembered)

    @property
    def find(self) -> NarrowsList:
        """The Find field."""
        return self.query_one("#find", NarrowsList)

    def found_by(self, text: str) -> RowSource[R]:
        """The rows that a text finds; all for an empty one."""
        found: RowSource[R] = self._whole.found_by(text) if text.strip() else self._whole  # type: ignore[attr-defined]
        return found

    def on_mount(self) -> None:
        """Hide Find while nothing is looked for."""
        self.show_find()

    def on_resize(self) -> None:
        """Fit the line about the row under the cursor to the width."""
        self.call_after_refresh(self._show_position)

    def renew(self) -> None:
        """Read the list again; the cursor stays."""
        self.table.reload()

    # ----- what is shown

    @on(events.DescendantBlur)
    def show_find(self) -> None:
        """Show the line of Find while something is looked for."""
        self.query_one(".pane-line").display = bool(self.find.value or self.find.has_focus)

    @on(RecordTable.Loaded)
    def _loaded(self, event: RecordTable.Loaded) -> None:
        self.tell_total(event.total)
        self._show_position()

    def tell_total(self, total: int) -> None:
        """Say in the place of the rows why there are none."""
        empty, find = self.query_one(".pane-empty", Static), " ".join(self.find.value.split())
        none = f"No {self._noun} here has {clip(find, 40)}. Esc shows all, Enter looks everywhere."
        show(empty, plain(none if find else self._why_empty))
        empty.set_class(total > 0 or not (find or self._why_empty), "hidden")
        self.table.set_class(total == 0, "-empty")

    @on(DataTable.RowHighlighted)
    @on(RecordTable.MarksChanged)
    def _show_position(self) -> None:
        table, row = self.table, self.table.cursor_record
        show(self.query_one(".list-position", Static), plain(position_in(table, self._noun)))
        rest = self.query_one(".list-rest", Static)
        show(rest, plain(clip(self._left_out(row), max(1, rest.content_size.width)) if row else ""))

    @on(RecordTable.Failed)
    def _failed(self, event: RecordTable.Failed) -> None:
        event.stop()
        self.frame.say(event.error.message, "problem")

    # ----- finding

    def begin_find(self, event: events.Key) -> None:
        """Begin to look for what is typed in the list."""
        self.query_one(".pane-line").display = True
        super().begin_find(event)

    def action_find(self) -> None:
        """Focus Find and select its text; the second time look everywhere."""
        self.query_one(".pane-line").display = True
        if self.find.ask():
            self.frame.look_everywhere(self.find.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer Clear where something is looked for."""
        return bool(self.find.value) if action == "clear" else super().check_action(action, parameters)

    def action_clear(self) -> None:
        """Show all."""
        self.find.value = ""
        self.table.focus()

    @on(Input.Changed, "#find")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._narrowed_to:
            self.frame.say("")
        self._narrow_to(event.value)

    def _narrow_to(self, text: str) -> None:
        if text != self._narrowed_to:
            self.narrow(text)
        self.show_find()

    def narrow(self, text: str) -> None:
        """Read the rows that a text finds, from the top."""
        self._remember(text)
        self.table.reload(self.found_by(text), keep_cursor=False)

    def _remember(self, text: str) -> None:
        self._narrowed_to = text
        self.memory.find, self.memory.find_of = text, self._of

    def show_row(self, key: str, *, all_rows: bool) -> None:
        """Read the list again with the cursor on a row.

        Args:
            key: of the row.
            all_rows: whether to empty Find first, since a new or changed row may not be among what it finds.
        """
        if all_rows and self.find.value:
            with self.find.prevent(Input.Changed):  # it would read the list from the top
                self.find.value = ""
            self._remember("")
            self.table.reload(self.found_by(""), cursor_key=key)
        else:
            self.table.reload(cursor_key=key)

    @on(Input.Submitted, "#find")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        find = self.find
        if isinstance(find, FindField) and find.scans:
            self._open_scanned(find)
        elif self.find.value.strip() and not self.table.total and not self.table.is_reloading:
            self.frame.look_everywhere(self.find.value)
        else:
            self.table.focus()
            self.table.action_select_cursor()

    @work(exclusive=True, group="open")
    async def _open_scanned(self, find: FindField) -> None:
        """Open what a scan names, or the only row that it finds; Find is as it was before the scan.

        Args:
            find: the field, with the parts of its text that may be the scan, the longest first.
        """
        scans, before, row = find.scans, find.before, None
        with self.context.keyboard.hold(), self.frame.scan_refusals_shown():
            self.frame.scan_run.begin(find.ended)
            self.table.focus()
            try:
                named = await self.context.open_scanned(self.frame, *scans)
                self._put_back(before[named])
            except (NotFound, Unreadable) as refusal:
                self._put_back(before[scans[-1]])
                if isinstance(refusal, NotFound) and len(scans) == 1 and self.frame.take_unknown(scans[0]):
                    return
                row = await self.only_row(scans[-1])
                if row is None:
                    raise
        if row is not None:
            self._open_row(row)

    async def only_row(self, scan: str) -> R | None:
        """The row that a scan opens which names nothing; None for none.

        Raises:
            SerialdockError
        """
        return None

    def _put_back(self, text: str) -> None:
        """Show the list as it was before a scan; what was said about the scan stays."""
        with self.find.prevent(Input.Changed):
            self.find.value = text
        self._narrow_to(text)

    # ----- opening

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        row = self.table.cursor_record
        if row is not None:
            self._open_row(row)

    def _open_row(self, row: R) -> None:
        route = self._opens(row)
        if route is not None:
            self._open(route)
        else:
            self.chosen(row)

    def chosen(self, row: R) -> None:
        """Act on Enter where it opens no screen."""
        self.frame.say(self._no_screen, "warning")

    @work(exclusive=True, group="open")
    async def _open(self, route: Route[None]) -> None:
        try:
            await self.context.open(route)
        except SerialdockError as refusal:
            self.frame.say(refusal.message, "problem")
            return
        self.renew()

"""The list of items, which is the app's first screen: find, open or make an item; enter the station or an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import DataTable, Input, Static

from models import clock
from models.errors import NotFound, SerialdockError, Unreadable
from models.items.list import ItemRow, ItemSource
from models.paging import Window
from models.permissions import Actor, Permission
from models.station.drafts import DraftRow, open_drafts, sentence
from models.station.task import DRAFT_TASKS, STATION_TASKS
from models.station.working import Working, working
from models.text import counted
from tui.context import Kind, RememberedList
from tui.kit.bars import MessageLine, key_name, offers_of
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.page import Frame
from tui.kit.record_table import NOT_TEXT, RecordTable
from tui.kit.shown import show
from tui.records.working import WorkingLine
from tui.routes import LEAVE, Import, ItemRecord, Items, LeaveProgram, NewItem, Station
from tui.scanning.fields import FindField
from tui.terminal.scanner_keys import NEVER
from tui.text import cell, plain

DOT = "·"
"""Shown for zero: nothing is missing."""
DASH = "–"
"""Shown where a figure does not apply."""


def _without(row: ItemRow) -> Text:
    if not row.track_serials:
        return cell(DASH)
    if row.without < 0:
        return cell(f"{-row.without} over", "bold")
    return cell(f"{row.without:,}" if row.without else DOT)


SKU = RecordColumn[ItemRow]("sku", "SKU", 12, lambda row: cell(row.sku))
NAME = RecordColumn[ItemRow]("name", "Name", 20, lambda row: cell(row.name), grow=1)
PLACE = RecordColumn[ItemRow]("location", "Location", 14, lambda row: cell(row.location))
ON_HAND = RecordColumn[ItemRow]("on_hand", "On hand", 8, lambda row: cell(f"{row.on_hand:,}"), justify="right")
SERIALS = RecordColumn[ItemRow](
    "serials",
    "Serials on hand",
    8,
    lambda row: cell(f"{row.serials:,}" if row.track_serials else DASH),
    justify="right",
)
WITHOUT = RecordColumn[ItemRow]("without", "Without serial", 7, _without, justify="right")

ROOMY_NAME = RecordColumn[ItemRow]("name", "Name", 44, NAME.cell, grow=1)

COLUMNS = (
    [SKU, ROOMY_NAME, PLACE, ON_HAND, SERIALS, WITHOUT],
    [SKU, NAME, ON_HAND, SERIALS, WITHOUT],
    [RecordColumn("sku", "SKU", 11, SKU.cell), RecordColumn("name", "Name", 12, NAME.cell, grow=1), ON_HAND],
    [RecordColumn("sku", "SKU", 14, SKU.cell, grow=1), ON_HAND],
    [RecordColumn("sku", "SKU", 14, SKU.cell, grow=1)],
)
"""Column sets, widest first; the first that fits is shown."""


class ItemsTable(RecordTable[ItemRow]):
    """The table of items, ordered by SKU."""

    REMEMBERED = "items"
    EXPORTS = True

    HELP = (
        "The items, by SKU unless another column orders them. On hand is the quantity, Serials on hand how many of "
        "these units have a serial number, "
        "Without serial how many have none yet. Enter opens the item; F2 or just typing goes to Find."
    )


FIRST_STEPS = (
    ("new", "make the first item"),
    ("import", "import serials of your items from a file"),
    ("station", "open the station: scan what arrives, then DONE"),
)
"""Actions with their purpose, for the first screen of an empty database."""


class Welcome(Static):
    """The first steps, in place of the list of items while there is none."""

    def tell(self, keys: Mapping[str, str]) -> None:
        """Show the first steps.

        Args:
            keys: key by action, for the actions that are possible now.
        """
        steps = Table.grid(padding=(0, 2, 0, 0))
        for action, what in FIRST_STEPS:
            if action in keys:
                steps.add_row(Text(keys[action], "bold"), what)
        steps.add_row("", "")
        steps.add_row("", Text.assemble("To look around first, leave and run ", ("serialdock demo", "bold")))
        self.update(Group(Text("Welcome. Nothing is here yet.", "bold"), "", steps))


class ItemsScreen(Frame[None]):
    """The list of items, the first screen of the app."""

    FOLLOWS = True
    TITLE_TEXT = "Serialdock"
    ROUTE = Items()
    HELP = (
        "All items. Type a part of a SKU, a name or a barcode to narrow the list; Enter opens an item, Down goes into "
        "the list. A scan opens what it names: an item, a serial or a location."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "station", "find", "new", "import")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "find", "Find", id="items.find", tooltip="Find an item by SKU, name or barcode"),
        Binding("f3", "leave", "Leave", id="items.leave", tooltip="Leave Serialdock"),
        Binding("escape", "clear", "Clear", id="items.clear", tooltip="Empty the Find field", show=False),
        Binding("f5", "refresh", "Refresh", id="items.refresh", tooltip="Read the list again"),
        Binding("f7", "station", "Station", id="items.station", tooltip="Go to the station: receive by scanning"),
        Binding("f9", "import", "Import", id="items.import", tooltip="Import serials of any items from a file"),
        Binding("f6", "new", "New item", id="items.new", tooltip="Make a new item"),
    ]

    _problem: tuple[str, str] | None = None
    """The last problem, and the text in Find when it was shown."""

    _none_message = ""
    """The last message that nothing matches; it is removed when something does."""

    _idle_message: tuple[str, Kind] | None = None
    """The idle message above the key bar, about open drafts; None before they were first looked up."""

    _total: int | None = None
    """Length of the list; None before it was first read."""

    def __init__(self, rows: Window[ItemRow] | None = None) -> None:
        """Make the screen.

        Args:
            rows: the first rows, if they were read already.
        """
        super().__init__()
        self._rows = rows

    def compose_body(self) -> ComposeResult:
        """The count, the Find field and the list."""
        run, rows, self._rows = self.context.db.run, self._rows, None  # as old as the start: shown once only
        with HorizontalGroup(classes="head"):
            yield Static("Items", classes="heading")
            yield Static(plain(counted(rows.total, "item")) if rows is not None else "", id="count", classes="count")
        with HorizontalGroup(classes="find"):
            yield Static("Find", classes="find-label")
            yield FindField(self.memory.find, placeholder="SKU, name or barcode", id="find")
        columns = fitting(COLUMNS, self.app.size.width)
        yield ItemsTable(columns, ItemSource(self.memory.find), run=run, window=rows, id="items")
        yield WorkingLine()

    @property
    def memory(self) -> RememberedList:
        """The remembered order and text in Find."""
        return self.context.remembered(ItemsTable.REMEMBERED)

    @property
    def table(self) -> ItemsTable:
        """The list."""
        return self.query_one(ItemsTable)

    @property
    def find(self) -> FindField:
        """The Find field."""
        return self.query_one("#find", FindField)

    def on_mount(self) -> None:
        """Focus the Find field, so that a scan or typing finds at once."""
        self.find.focus()
        self.call_after_refresh(self._begin)  # rows come first

    @work(exclusive=True, group="begin")
    async def _begin(self) -> None:
        """Read permissions, open drafts and who works at the stations; the table reads its rows meanwhile."""
        with self.refusals_shown():
            await self._read_permissions()
            mine = [task.code for task in DRAFT_TASKS if self.context.may(task.permission)]
            left, found = await self.read(_at_stations, self.context.actor, mine)
            self._tell_open_drafts(left)
            self._show_who_works(found)
            said = self.query_one(MessageLine).said
            is_news = said in ("", self._none_message) or (self._idle_message or ("",))[0] or self.context.left_words
            if self._total is not None and is_news:  # else what a key has done meanwhile stays
                self._tell(self._total)

    @work(exclusive=True, group="begin")
    async def _read_again(self) -> None:
        with self.refusals_shown():
            await self._read_permissions()
            self.table.reload(ItemSource(self.find.value))

    async def _read_permissions(self) -> None:
        await self.context.read_permissions()
        self.renew_keys()

    def _tell_open_drafts(self, found: Sequence[DraftRow]) -> None:
        """Announce open drafts that nobody is working on, until the station was opened."""
        self._idle_message = ("", "note")
        left = [row for row in found if not row.is_in_use(clock.now())]
        if left:
            more = f" And {len(left) - 1} more." if len(left) > 1 else ""
            self._idle_message = (f"{sentence(left[0])}.{more} F7: continue, hand over, discard.", "warning")

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))
        self._show_count()

    def on_screen_resume(self) -> None:
        """Show changes made on other screens; the cursor stays."""
        if self._idle_message is not None:  # else `_begin` reads all of it
            self._read_again()

    @on(Input.Changed, "#find")
    def _narrow(self, event: Input.Changed) -> None:
        self.memory.find = event.value
        self.table.reload(ItemSource(event.value), keep_cursor=False)

    @on(Input.Submitted, "#find")
    def _open_found(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._open_code(event.value, self.find.scans)
        else:
            self.table.action_select_cursor()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; a problem stays while the list is read again for the same text in Find."""
        super().say(text, kind)
        self._problem = (text, self.find.value) if kind == "problem" else None

    @on(RecordTable.Loaded)
    def _say_count(self, event: RecordTable.Loaded) -> None:
        self._total = event.total
        self._show_count()
        # Read again for the watcher, the list leaves the message alone, which may answer the person's last key.
        if not event.follows or not event.total or self._none_message:
            self._tell(event.total)
        if self._idle_message is not None:  # else it is read with what waits there
            self._look_who_works()

    @work(exclusive=True, group="working")
    async def _look_who_works(self) -> None:
        with suppress(SerialdockError):  # the list has said it
            self._show_who_works(await self.read(working, self.context.actor))

    @on(DataTable.RowHighlighted)
    def _row_changed(self) -> None:
        self._show_who_works()

    def _show_who_works(self, found: Sequence[Working] | None = None) -> None:
        """Show the work at the stations in the place of the rule, that on the item under the cursor first."""
        row = self.table.cursor_record
        self.query_one(WorkingLine).tell(found, item_id=row.id if row is not None else None)

    @on(RecordTable.MarksChanged)
    @on(RecordTable.Sorted)
    def _show_count(self) -> None:
        """Show the number of items and of marks, and the order if no heading shows it."""
        marks, unseen = self.table.mark_count, self.table.ordering.unseen(self.table.record_columns)
        parts = (unseen, f"{marks:,} marked" if marks else "", counted(self.table.total, "item"))
        show(self.query_one("#count", Static), plain(" · ".join(filter(None, parts))))

    def _tell(self, total: int) -> None:
        """Show the next step where nothing is listed, else the open drafts and left scans."""
        self._welcome(total == 0 and not self.find.value)
        # The same text was only read again, as when a screen above was left: the problem is still true.
        if self._problem == (self.query_one(MessageLine).said, self.find.value):
            return
        told = self.query_one(MessageLine).said
        if total == 0:
            looking = self.find.value
            self._none_message = (
                f"No item has {looking}. Esc shows all items, Enter looks everywhere."
                if looking
                else "There are no items yet." + (f" {self._keys['new']} makes one." if "new" in self._keys else "")
            )
            self.say(self._none_message)
        elif not self.find.value:
            self._none_message = ""
            text, kind = self._idle_message or ("", "note")
            if left := self.context.left_words:
                text, kind = left, "warning" if self.context.left_scans else "done"
            self.say(text, kind)
        elif told in (self._none_message, self._problem[0] if self._problem else ""):  # of another text in Find
            self._none_message = ""
            self.say("")

    @property
    def _keys(self) -> dict[str, str]:
        """Key by action, for the actions that are possible now."""
        return {offer.binding.action: key_name(offer.binding.key) for offer in offers_of(self)}

    def _welcome(self, is_empty: bool) -> None:
        """Show the first steps where there is no item, else the list."""
        if is_empty and not self.query(Welcome):
            self.mount(Welcome(classes="in-place-of-list"), before=self.table)
        for welcome in self.query(Welcome):
            welcome.set_class(not is_empty, "hidden")
        if is_empty and self.focused is self.table:  # a hidden widget takes no keys
            self.find.focus()
        self.table.set_class(is_empty, "hidden")
        if is_empty:
            keys = self._keys
            if not any(self.context.may(task.permission) for task in DRAFT_TASKS):
                keys.pop("station", None)  # nothing is there to be looked up
            self.query_one(Welcome).tell(keys)

    @on(RecordTable.Failed)
    def _say_failure(self, event: RecordTable.Failed) -> None:
        self.say(event.error.message, "problem")
        self._show_who_works(())  # it is as old as the list

    @on(RecordTable.RowSelected)
    def _open_row(self, event: RecordTable.RowSelected) -> None:
        if event.row_key.value is not None:
            self._open(int(event.row_key.value))

    @work(exclusive=True, group="open")
    async def _open_code(self, code: str, scans: Sequence[str] = ()) -> None:
        """Open the item, location or serial with exactly this code; otherwise the item under the cursor.

        A scan is a whole code, so it opens no item that is listed beside others.

        Args:
            code: the text in Find.
            scans: the parts of it that a scanner may have sent after typed text.
        """
        listed: int | None = None
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            try:
                # Typed text begins no run of scans: the screen that it opens has been seen.
                self.scan_run.begin(self.find.ended if scans else NEVER)
                found = await self.context.open_scanned(self, *scans, code)
                self.find.value = self.find.before.get(found, found) if scans else found
            except (NotFound, Unreadable):
                rows = await self.read(ItemSource(code).fetch, 0, 2)  # two tell whether it is the only one
                if len(rows) == 1:
                    listed = rows[0].id
                elif rows and not scans and not self.find.is_pasted:  # typed: the person sees which row it is
                    self.table.action_select_cursor()
                else:
                    if not self.table.has_class("hidden"):  # nothing else takes keys where there is no item yet
                        self.table.focus()
                    if scans:
                        self.find.value = self.find.before[scans[-1]]
                    if not rows and not scans and not self.find.is_pasted:
                        self.look_everywhere(code)
                    elif not rows:
                        raise
            else:
                self.find.select_all()  # so that the next scan replaces this one
        if listed is not None:  # outside the hold: `_show` waits until the item is left
            with self.scan_refusals_shown():
                await self._show(listed)

    @work(exclusive=True, group="open")
    async def _open(self, item_id: int) -> None:
        with self.refusals_shown():
            await self._show(item_id)

    async def _show(self, item_id: int) -> None:
        self.find.select_all()  # so that the next scan replaces this one
        self._problem = None
        await self.context.open(ItemRecord(item_id))

    def action_find(self) -> None:
        """Focus the Find field and select its text; the second time look everywhere."""
        if self.find.ask():
            self.look_everywhere(self.find.value)

    def action_clear(self) -> None:
        """Empty and focus the Find field."""
        self.find.value = ""
        self.find.focus()

    def action_refresh(self) -> None:
        """Read the list again and redraw the whole screen."""
        self.context.redraw()
        self._read_again()

    def action_leave(self) -> None:
        """Leave the app, after a question: the last F3 of a row that goes back too far does not; go back from above."""
        if self.app.screen_stack[0] is self:  # else it was opened from the menu of another screen
            self._ask_and_leave()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        if await self.context.open(LeaveProgram()) == LEAVE:
            self.app.exit(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the permissions allow, and everything before they are known."""
        if action == "new":
            return self.context.may(Permission.EDIT_ITEMS) or not self.context.knows_permissions
        if action == "station":
            some = any(self.context.may(task.permission) for task in STATION_TASKS)
            return some or not self.context.knows_permissions
        if action == "import":
            return self.context.may(Permission.MANAGE_SERIALS) or not self.context.knows_permissions
        return super().check_action(action, parameters)

    @work(exclusive=True, group="station")
    async def action_station(self) -> None:
        """Open the station, which offers open drafts first."""
        with self.refusals_shown():
            self.context.scan_news = ""  # the station shows the drafts that it is about
            said = await self.context.open(Station())
            self._idle_message = (said or "", "done")
            self.say(said or "", "done")

    @work(exclusive=True, group="import")
    async def action_import(self) -> None:
        """Import serials of any items from a file."""
        with self.refusals_shown():
            await self.context.open(Import())

    @work(exclusive=True, group="new")
    async def action_new(self) -> None:
        """Make a new item and open it."""
        with self.refusals_shown():
            item_id = await self.context.open(NewItem())
            if item_id is not None:
                self._open(item_id)

    def on_key(self, event: events.Key) -> None:
        """Send typing or a scan in the list to the Find field."""
        # The keys of `NOT_TEXT` order and mark rows.
        if event.is_printable and event.character not in NOT_TEXT and self.focused is self.table:
            event.stop()
            event.prevent_default()
            self.find.begin(event)

    def key_down(self) -> None:
        """Move from the Find field into the list."""
        if self.focused is not self.table:
            self.table.focus()


def _at_stations(actor: Actor, mine: Sequence[str]) -> tuple[list[DraftRow], list[Working]]:
    """The open drafts of some tasks, and what is done at the stations; for the database thread.

    Args:
        actor: the person.
        mine: codes of the tasks whose drafts are wanted.
    """
    rows = open_drafts()
    # Without drafts nobody works, and the start saves a statement.
    return [row for row in rows if row.task in mine], working(actor) if rows else []

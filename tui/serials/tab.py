"""The Serials tab of the item form: the counts, buttons to add, import and transfer serials, and their list.

What is done with serials here is done with the marked ones, or with the one under the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button, Static

from models.errors import SerialdockError
from models.items.items import ItemForm, item_form
from models.permissions import Permission
from models.serials.add import AddResult
from models.serials.possible import Possible
from models.serials.record import serial_numbers
from models.station.working import of_item, working
from models.verbs import USUAL, VERBS, Verb
from tui.context import Kind
from tui.kit.bars import FIRST
from tui.kit.changed_lines import changes_marked
from tui.kit.form import button
from tui.kit.help import Act, ActionsDialog
from tui.kit.page import FramePart, is_shown
from tui.kit.record_table import RecordTable
from tui.records.actions import carry_out, possible
from tui.records.stock import PlacesDialog, head_lines
from tui.records.working import WorkingLine
from tui.routes import Import
from tui.serials.add import AddSerialDialog
from tui.serials.columns import REMOVED
from tui.serials.intake import Intake, problems_in_words
from tui.serials.list import SerialsChanged, SerialsList, SerialsTable
from tui.text import plain

SHOW_AFTER: Final = 0.25
"""Seconds without another scan before the grid shows added serials: drawing takes longer than saving."""

FLAT: Final = 8
"""Height in lines up to which the grid hides its heading."""

BUTTONS_FROM: Final = 60
"""Screen width in cells from which there are buttons."""

ACTING: Final = frozenset(verb.permission for verb in USUAL)
"""Permissions with any of which something can be done with serials."""


class SerialsPane(Vertical, FramePart):
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
        """Number of records of the item, as far as it is known; a scan adds only to an item without any."""
        self._newest: AddResult | None = None
        """The serial added last, which gets the cursor."""
        self._quiet: Timer | None = None
        """Runs out `SHOW_AFTER` seconds after the last scan; None while none is to be shown."""
        self._imported: int | None = None
        """Id of the serial imported last."""
        self._has_marks = False

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
        yield Static("", classes="serials-working hidden", markup=False)
        yield SerialsList(self._form.id, self._why_none, self.begin)
        yield WorkingLine()

    def on_mount(self) -> None:
        """Make the queue for added serials."""
        # Here and not in the dialog: it goes on saving, and keeps its problems, while the dialog is closed.
        self.intake = Intake(self.context, self._form.id, self._form.sku)
        self.intake.listen(self._settled)
        self._show_permissions()

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
        """Whether the person may carry out any verb, so that marks are useful."""
        return any(self.context.may(permission) for permission in ACTING)

    @property
    def keys_first(self) -> tuple[str, ...]:
        """Actions whose keys stay in the key bar; those of the buttons come first if there is no room for buttons."""
        marked = ("act",) if self.table.mark_count else ()
        buttons = () if self.context.size.width >= BUTTONS_FROM else ("add", "transfer", "import")
        return (*FIRST, *marked, *buttons, "find", "refresh", "select_cursor", "toggle_mark", "save")

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
        # A layout only where the number of lines changes: counts change with each scan.
        was_high = counts.size.height
        counts.update(plain("\n".join(lines), lines=True), layout=len(lines) != was_high)

    @property
    def _buttons_width(self) -> int:
        """Width of the visible buttons in cells."""
        group = self.query_one(".serials-buttons")
        if not group.display:
            return 0
        # From the styles, not from the layout: the buttons that a permission has just shown have no size yet.
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
            self.table.action_unmark()

    @on(RecordTable.Loaded)
    def _renew_counts(self, event: RecordTable.Loaded) -> None:
        if not event.follows:  # else the screen tells them
            self._read_counts()
        self._look_who_works()

    @work(exclusive=True, group="counts")
    async def _read_counts(self) -> None:
        """Read and show the item's current counts."""
        with self.frame.refusals_shown():
            self.show_counts(await self.context.db.run(item_form, self._form.id))

    @work(exclusive=True, group="working")
    async def _look_who_works(self) -> None:
        with suppress(SerialdockError):  # the grid has said it
            found = await self.context.db.run(working, self.context.actor)
            self.query_one(WorkingLine).tell(of_item(found, self._form.id), item_id=self._form.id)

    def show_counts(self, form: ItemForm, *, marks: bool = False) -> None:
        """Show the counts of a newer form.

        Args:
            form: the item.
            marks: whether to mark them for a moment if they differ.
        """
        had_removed, self._form = bool(self._form.removed), form
        self._known = form.records
        # Ctrl+F is offered only while there are removed ones.
        if bool(form.removed) != had_removed:
            self.frame.renew_keys()
        with changes_marked(self, ".serials-counts", marks=marks):
            self._show_head()

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
        # Where there are serials, an unknown scan is more likely a mistake than a new one.
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
        # In the dialog, which is in front otherwise, they stand in the list of problems.
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
            await self.table.wait_until_read()  # a scanned command was in Find and hid the rows
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
        """Choose a verb for the marked serials, or for the one under the cursor, and carry it out."""
        chosen = self._chosen
        if not chosen:
            self.say("There is no serial to do anything with. F6 adds one.", "warning")
            return
        with self.frame.refusals_shown():
            with self.context.keyboard.hold():
                can = await possible(self.frame, chosen)  # from the database: rows on the screen may be older
                (first,) = await self.context.db.run(serial_numbers, chosen[:1])
            if not can:
                what = f"{first} as it is" if len(chosen) == 1 else f"these {len(chosen):,} serials as they are"
                self.say(f"You may do nothing with {what} now. Ask your administrator for a permission.", "warning")
                return
            title = first if len(chosen) == 1 else f"{len(chosen):,} serials"
            menu = ActionsDialog([_act(each, len(chosen), self) for each in can], title)
            menu.forward_to = self.frame.taker_of_scans
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

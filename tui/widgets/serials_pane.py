"""The Serials tab of the item form: every serial of the item, and the way to add and transfer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Button, Static

from models.errors import SerialdockError
from models.items.items import ItemForm, item_form
from models.permissions import Permission
from models.serials.add import AddResult
from models.serials.grid import count_serials, holdings
from models.serials.moves import refuse_unmovable
from models.serials.record import serial_numbers
from tui.dialogs.add_serial import AddSerialDialog
from tui.dialogs.places import PlacesDialog
from tui.dialogs.transfer import TransferDialog
from tui.routes import Import
from tui.serials.intake import Intake, problems_in_words
from tui.text import plain
from tui.widgets.buttons import button
from tui.widgets.key_bar import FIRST
from tui.widgets.record_table import RecordTable
from tui.widgets.serials_list import SerialsList
from tui.widgets.stock_table import head_lines

SHOW_AFTER: Final = 0.25
"""Seconds without another scan after which the grid shows what was added: drawing takes longer than saving."""

BUTTONS_FROM: Final = 60
"""Cells from which on there are buttons."""

LOOK_AGAIN: Final = 10.0
"""Seconds between two looks whether others have added serials; a look reads a few rows and draws nothing."""


class SerialsPane(SerialsList):
    """An item's serials. `refresh_from` shows a newer form; `enter` gives the grid the focus."""

    HELP = (
        "The serials of this item. F2 finds one: type how it begins, or * and any part of it. F4, Ctrl+L and Ctrl+O "
        "choose what the grid shows and in which order. Ctrl+N shows the numbers by location."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "add", "Add", id="serials.add", tooltip="Add serials, by typing or scanning"),
        Binding("f9", "import", "Import", id="serials.import", tooltip="Import serials of this item from a file"),
        Binding("f7", "transfer", "Transfer", id="serials.transfer", tooltip="Move the marked serials elsewhere"),
        Binding("ctrl+n", "places", "Places", id="serials.places", tooltip="Show the numbers by location", show=False),
    ]

    class Changed(Message):
        """Serials were added, transferred or changed, so other parts of the form may be out of date."""

    def __init__(self, form: ItemForm) -> None:
        """Make the tab.

        Args:
            form: the item.
        """
        super().__init__(form.id)
        self._form = form
        self._known = form.records
        self._others_added = False
        self._newest: AddResult | None = None
        self._quiet: Timer | None = None
        self._imported: int | None = None

    def compose(self) -> ComposeResult:
        """Counts and buttons above the list."""
        with HorizontalGroup(classes="serials-head"):
            yield Static("", classes="serials-counts")
            with HorizontalGroup(classes="serials-buttons"):
                # One blank before each key: three buttons and the numbers stand in one line of 80 cells.
                yield button("Add Serial F6", "add-serial", primary=True)
                yield button("Import F9", "import-serials")
                yield button("Transfer F7", "transfer-serials")
        yield from super().compose()

    def on_mount(self) -> None:
        """Make the queue for what is added, and look from time to time what others add."""
        self.intake = Intake(self.context, self._form.id)
        self.intake.listen(self._settled)
        self._show_permissions()
        self.set_interval(LOOK_AGAIN, self._look_for_others)

    def on_unmount(self) -> None:
        """Leave what is still being saved to the app."""
        self.intake.stop_listening(self._settled)

    def refresh_from(self, form: ItemForm) -> None:
        """Show a newer form and read the grid again, the cursor where it was."""
        self._form = form
        self._show_head()
        self.renew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what the person may do."""
        if action in ("add", "import"):
            return self.context.may(Permission.MANAGE_SERIALS)
        if action == "transfer":
            return self.context.may(Permission.TRANSFER_SERIAL)
        return super().check_action(action, parameters)

    @property
    def keys_first(self) -> tuple[str, ...]:
        """Actions whose keys stay in the key bar: first those of the buttons, where there is no room for these."""
        buttons = () if self.context.size.width >= BUTTONS_FROM else ("add", "transfer", "import")
        return (*FIRST, *buttons, "find", "refresh", "select_cursor", "toggle_mark", "save")

    @property
    def is_up_to_date(self) -> bool:
        """Whether nothing is being saved or about to be shown."""
        return not self.intake.waiting and self._quiet is None and not self.table.is_reloading

    # ----- numbers

    def on_resize(self) -> None:
        """Give the numbers the lines that they need in this width."""
        self._show_head()

    def _show_head(self) -> None:
        """Show how many units are on hand, how many have a serial, how many have none or too many."""
        self._show_permissions()
        head = self.query_one(".serials-head")
        room = head.content_size.width
        if room == 0:
            return  # not laid out yet
        figures = self._form.on_hand, self._form.serials, self._form.without
        # Where the numbers leave no room for the buttons, these stand beneath.
        beside = room - self._buttons_width
        is_stacked = len(head_lines(*figures, beside)) > 1
        head.set_class(is_stacked, "-stacked")
        lines = head_lines(*figures, room if is_stacked else beside)
        counts = self.query_one(".serials-counts", Static)
        was_high = counts.size.height
        counts.update(plain("\n".join(lines), lines=True), layout=len(lines) != was_high)

    @property
    def _buttons_width(self) -> int:
        """Cells that the buttons take, those that the person may not use left out."""
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
        self.table.marking = self.context.may(Permission.TRANSFER_SERIAL)  # all that marks are for
        if not self.table.marking:
            self.table.clear_marks()

    @property
    def why_empty(self) -> str:
        """What an empty grid says; it teaches the next step."""
        teaches = not self.filter.narrows and self.context.may(Permission.MANAGE_SERIALS)
        return "No serials yet. F6 adds one, F9 imports a file, or just scan." if teaches else super().why_empty

    @property
    def news(self) -> str:
        """Whether others have added serials."""
        return "others added: F5" if self._others_added else ""

    @on(RecordTable.Loaded)
    @work(exclusive=True, group="counts")
    async def _read_counts(self) -> None:
        """Show the item's numbers as they are now."""
        try:
            self._form = await self.context.db.run(item_form, self._form.id)
        except SerialdockError as trouble:
            self.say(trouble.message, "problem")
            return
        self._known, was_told = self._form.records, self._others_added
        self._others_added = False
        self._show_head()
        if was_told:
            self.show_position()

    @work(exclusive=True, group="look")
    async def _look_for_others(self) -> None:
        """Tell of serials that others added, without moving anything under the cursor."""
        if self.app.screen is not self.screen or not self.is_on_screen or self._others_added:
            return
        try:
            count = await self.context.db.run(count_serials, self._form.id)
        except SerialdockError:
            return  # whoever asks for something next is told
        if count > self._known and not self.intake.waiting:
            self._others_added = True
            self.show_position()

    def action_refresh(self) -> None:
        """Read grid, numbers and permissions again, and draw the whole screen."""
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
        self.renew()

    def came_back(self) -> None:
        """Show what may have been changed, here and in the rest of the form."""
        super().came_back()
        self.post_message(self.Changed())

    @on(events.Click, ".serials-counts")
    def action_places(self) -> None:
        """Show the numbers by location."""
        self.app.push_screen(PlacesDialog(self._form))

    # ----- adding

    @on(Button.Pressed, "#add-serial")
    def action_add(self) -> None:
        """Open the dialog that adds serials."""
        self.say("")
        self.app.push_screen(AddSerialDialog(self._form, self.intake), lambda _: self._added())

    def _added(self) -> None:
        self.table.focus()
        self.table.reload()
        if self.intake.problems:
            count = len(self.intake.problems)
            said = "1 serial was" if count == 1 else f"{count:,} serials were"
            self.say(f"{said} not added. F6 shows why.", "warning")

    def _settled(self, verdicts: Sequence[AddResult]) -> None:
        """Show what was saved once no more comes, the newest under the cursor; tell what was refused."""
        if not self.is_attached:  # on its way out: the app tells
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
        if self._newest is not None and self.is_attached:
            self.renew(cursor_key=str(self._newest.serial_id))
            self.post_message(self.Changed())

    @on(RecordTable.NotListed)
    def _tell_hidden(self, event: RecordTable.NotListed) -> None:
        newest = self._newest
        if newest is not None and event.key == str(newest.serial_id) and self.filter.narrows:
            self.say(f"{newest.serial_number} is added; the filter hides it. Esc shows all.", "warning")
        elif event.key == str(self._imported) and self.filter.narrows:
            self.say("The serials are imported; the filter hides the last of them. Esc shows all.", "warning")

    # ----- importing

    @on(Button.Pressed, "#import-serials")
    @work(exclusive=True, group="import")
    async def action_import(self) -> None:
        """Import serials from a file; the grid shows the last of them then."""
        self.say("")
        with self.frame.refusals_shown():
            self._imported = await self.context.open(Import(self._form.sku))
            if self._imported is not None and self.is_attached:
                self.renew(cursor_key=str(self._imported))
                self.post_message(self.Changed())

    # ----- transferring

    @on(Button.Pressed, "#transfer-serials")
    @work(exclusive=True, group="transfer")
    async def action_transfer(self) -> None:
        """Transfer the marked serials, or the one under the cursor."""
        row = self.table.cursor_record
        chosen = sorted(map(int, self.table.marked)) or ([row.id] if row else [])
        if not chosen:
            self.say("There is no serial to transfer. F6 adds one.", "warning")
            return
        with self.context.keyboard.hold():
            try:
                await self.context.db.run(refuse_unmovable, chosen)
                held = await self.context.db.run(holdings, chosen)
                first = (await self.context.db.run(serial_numbers, chosen[:1]))[0]
            except SerialdockError as trouble:
                self.say(trouble.message, "problem")
                return
        moved = await self.context.ask(TransferDialog(chosen, held, first))
        if moved is not None:
            self.table.clear_marks()
            self.say(moved, "done")
            self.came_back()

"""The list of statuses, where an administrator makes and changes statuses of one's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from models.errors import Changed, SerialdockError
from models.permissions import Actor, Permission, require
from models.statuses import (
    COLOURS,
    StatusLook,
    StatusSource,
    add_status,
    set_status,
    statuses,
    was_used,
)
from tui.kit.choose import Choice, ChooseDialog
from tui.kit.dialog import SavingDialog
from tui.kit.form import CodeInput, FormInput, FormRow, TickBox
from tui.kit.lazy_table import RecordColumn
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.records.status import status_cell
from tui.routes import Statuses
from tui.text import cell
from tui.themes import status_style, style_sheets


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


class StatusDialog(SavingDialog[str | None]):
    """A dialog with the fields of a status; F4 lists the colours, and a line previews the status."""

    CSS_PATH = style_sheets()
    SCAN_ELSEWHERE = "A status has no barcode. F3 leaves; then scan again."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "colours", "Colours", id="status.colours", tooltip="Choose the colour from a list", show=False),
    ]

    def compose_look(self, label: str, colour: str, mark: str) -> ComposeResult:
        """Label, mark and colour, and a preview of them together."""
        yield FormRow("Label", FormInput(label, placeholder="what people read", id="label"))
        yield FormRow("Mark", FormInput(mark, placeholder="one character, unlike any other", id="mark"))
        yield FormRow("Colour", FormInput(colour, placeholder="F4 lists them", id="colour"))
        yield FormRow("Looks like", Static("", id="look"))

    def on_mount(self) -> None:
        """Show the look, and focus the first field."""
        super().on_mount()
        self._show_look()
        self.query(FormInput).first().focus()

    def text(self, name: str) -> str:
        """The text of a field."""
        return self.query_one(f"#{name}", FormInput).value.strip()

    @on(Input.Changed)
    def _show_look(self) -> None:
        label, mark, colour = (self.text(name) for name in ("label", "mark", "colour"))
        look = Content("")  # while the colour is typed there is none of this name
        if (label or mark) and colour in COLOURS:
            look = Content.from_rich_text(cell(f"{mark} {label}", status_style(self.app.theme, colour)))
        self.query_one("#look", Static).update(look)

    @work(exclusive=True, group="colours")
    async def action_colours(self) -> None:
        """Choose the colour from a list."""
        choices = [Choice(colour, colour) for colour in COLOURS]
        chosen = await self.context.ask(ChooseDialog("Colours", choices, present=self.text("colour")))
        if chosen is not None:
            field = self.query_one("#colour", FormInput)
            field.value = chosen
            field.focus()

    @abstractmethod
    async def save(self) -> str:
        """Save the status and return its code."""


class NewStatusDialog(StatusDialog):
    """A dialog that makes a status and returns its code; after a refusal it stays open and keeps the input."""

    HELP = (
        "The code is the name of the status in commands and files: small letters, digits and underscores. The label "
        "and the mark tell it apart from all others, also without colour. Available: units can be issued to a "
        "customer. On hand: units count as part of the quantity. Neither can change once a serial has had the status."
    )
    WORK = ("code", "label", "mark")

    def __init__(self) -> None:
        super().__init__("New status")

    def compose_fields(self) -> ComposeResult:
        """Code, look, and what it counts as."""
        yield FormRow("Code", CodeInput(placeholder="such as refurbished", id="code"))
        yield from self.compose_look("", COLOURS[0], "")
        yield FormRow("Available", TickBox("can be issued to a customer", id="available"))
        yield FormRow("On hand", TickBox("counts as part of the quantity", id="on_hand"))

    async def save(self) -> str:
        """Make the status and return its code."""
        made = await self.context.db.write(
            add_status,
            self.context.actor,
            self.text("code"),
            self.text("label"),
            colour=self.text("colour"),
            mark=self.text("mark"),
            available=self.query_one("#available", TickBox).value,
            on_hand=self.query_one("#on_hand", TickBox).value,
        )
        return str(made.code)


class ChangeStatusDialog(StatusDialog):
    """A dialog that changes a status of one's own and returns its code."""

    HELP = (
        "Label, mark and colour can change at any time: every serial shows the new ones. What the status counts as can "
        "change as long as no serial has had it. The code stays, since commands and files name it."
    )
    WORK = ("label", "mark")

    def __init__(self, look: StatusLook, *, used: bool) -> None:
        """Make the dialog.

        Args:
            look: the status as shown.
            used: whether a serial has or had it, so that what it counts as is not offered.
        """
        super().__init__(f"Status · {look.code}")
        self._look = look
        self._used = used

    def compose_fields(self) -> ComposeResult:
        """The look, and what it counts as."""
        look = self._look
        yield from self.compose_look(look.label, look.colour, look.mark)
        # Shown as text with the reason: a box that can be ticked and is then refused would teach nothing.
        if self._used:
            yield FormRow("Available", Static(f"{_yes(look.available)}, stays: serials have had it"))
            yield FormRow("On hand", Static(f"{_yes(look.on_hand)}, stays: quantities depend on it"))
        else:
            yield FormRow("Available", TickBox("can be issued to a customer", look.available, id="available"))
            yield FormRow("On hand", TickBox("counts as part of the quantity", look.on_hand, id="on_hand"))

    async def save(self) -> str:
        """Save what was edited, and return the code."""
        look = self._look
        typed: dict[str, Any] = {name: self.text(name) for name in ("label", "colour", "mark")}
        typed |= {box.id or "": box.value for box in self.query(TickBox)}
        changed = {name: value for name, value in typed.items() if value != getattr(look, name)}
        try:
            await self.context.db.write(set_status, self.context.actor, look, **changed)
        except Changed:
            await self._show_changed(changed)
            raise
        return look.code

    async def _show_changed(self, edited: Collection[str]) -> None:
        """Show what somebody else changed in the fields that were not edited; another F10 saves the others."""
        code = self._look.code
        self._look = now = next(look for look in await self.read(statuses) if look.code == code)
        for name in {"label", "colour", "mark"} - set(edited):
            self.query_one(f"#{name}", FormInput).value = getattr(now, name)
        for box in self.query(TickBox):
            if box.id not in edited:
                box.value = getattr(now, box.id or "")


class StatusesTable(RecordTable[StatusLook]):
    """The table of statuses, the built-in ones first."""

    EXPORTS = True

    HELP = (
        "The statuses that a serial can have. Available: units can be issued to a customer. On hand: units count as "
        "part of the quantity. Enter changes one of your own; the built-in ones stay as they are."
    )


class StatusesScreen(ListScreen[StatusLook]):
    """The list of statuses."""

    TITLE_TEXT = "Statuses"
    ROUTE = Statuses()
    HELP = (
        "The statuses that a serial can have: the built-in ones, which stay as they are, and your own. F6 makes a "
        "status, F7 or Enter changes one of your own; both need the permission of an administrator."
    )
    LIST = "statuses"
    NOUN = "status"
    FINDS = "label or code"
    EMPTY = "There are no statuses."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "new", "New", id="statuses.new", tooltip="Make a status of your own"),
        Binding("f7", "change", "Change", id="statuses.change", tooltip="Change a status of your own"),
    ]

    def make_table(self) -> StatusesTable:
        """The table of all statuses."""
        return StatusesTable(
            self._columns(79),
            self.source(self.memory.find),
            run=self.context.db.run,
            remembered=self.LIST,
            cell_padding=0,
        )

    def source(self, find: str) -> StatusSource:
        """The statuses that a text finds."""
        return StatusSource(find)

    def fit_columns(self) -> None:
        """Show the columns that fit, in the present theme."""
        self.table.set_columns(self._columns(self.size.width - self.table.styles.scrollbar_size_vertical))

    def _columns(self, room: int) -> Sequence[RecordColumn[StatusLook]]:
        column, theme = RecordColumn[StatusLook], self.app.theme
        label = column("label", "Status", 20, lambda row: status_cell(row, theme, 19), grow=1)
        code = column("code", "Code", 16, lambda row: cell(row.code), grow=1)
        available = column("available", "Available", 11, lambda row: cell(_yes(row.available)))
        on_hand = column("on_hand", "On hand", 9, lambda row: cell(_yes(row.on_hand)))
        kind = column("kind", "Kind", 9, lambda row: cell("built in" if row.is_built_in else "own"))
        if room >= 70:
            return [label, code, available, on_hand, kind]
        if room >= 36:
            return [column("label", "Status", 13, label.cell, grow=1), on_hand, kind]
        return [column("label", "Status", 12, label.cell, grow=1)]

    def left_out(self, row: StatusLook) -> str:
        """The colour by its name, and what no column shows."""
        shown = {column.key for column in self.table.record_columns}
        counts = "available" if row.available else "not available"
        parts = ("" if "code" in shown else row.code, row.colour, "" if "available" in shown else counts)
        why = "built in, stays as it is" if row.is_built_in else ""
        return " · ".join(filter(None, (*parts, why)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer changes to administrators, and of a status of one's own only."""
        if action in ("new", "change"):
            may = self.context.may(Permission.MANAGE_USERS) or not self.context.knows_permissions
            # Asked by the key bar before the table is there, too.
            row = self.table.cursor_record if self.is_mounted and action == "change" else None
            return may and not (row is not None and row.is_built_in)
        return super().check_action(action, parameters)

    def chosen(self, row: StatusLook) -> None:
        """Change a status, or say why it stays as it is."""
        if row.is_built_in:
            how = " Make a status of your own: F6." if self.context.may(Permission.MANAGE_USERS) else ""
            self.say(f"{row.label} is built in and stays as it is.{how}", "warning")
        else:
            self._change(row)

    def action_change(self) -> None:
        """Change the status under the cursor."""
        row = self.table.cursor_record
        if row is not None:
            self.chosen(row)

    @work(exclusive=True, group="change")
    async def _change(self, row: StatusLook) -> None:
        with self.context.keyboard.hold():  # what is typed next is for the dialog
            try:
                used = await self.read(_for_change, self.context.actor, row.id)
            except SerialdockError as refusal:
                self.say(refusal.message, "problem")
                return
        self._show(await self.context.ask(ChangeStatusDialog(row, used=used)), "is saved")

    @work(exclusive=True, group="change")
    async def action_new(self) -> None:
        """Make a status of one's own."""
        self._show(await self.context.ask(NewStatusDialog()), "is made")

    def _show(self, code: str | None, done: str) -> None:
        """Read the list again, with the cursor on a status, and say what was done."""
        if code is not None:
            self.show_row(code, all_rows=True)
            self.say(f"The status {code} {done}.", "done")


def _for_change(actor: Actor, status_id: int) -> bool:
    """Whether a status was used; for the database thread.

    Raises:
        NotPermitted: the person may not change it, which is said before anything is typed.
    """
    require(actor, Permission.MANAGE_USERS, "change statuses")
    return was_used(status_id)

"""Make a location."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Input, Static
from typing import ClassVar

from models.errors import SerialdockError
from models.operations.locations import create_location
from tui.dialogs.frame import Dialog, button
from tui.widgets.form_input import FormInput
from tui.widgets.location_field import LocationField


class NewLocationDialog(Dialog[str | None]):
    """Makes a location and returns its code; stays open, with what was typed, where it is refused."""

    HELP = (
        "A location is a place that holds stock: a site, an aisle, a shelf, a bin. Its code is what its label says. "
        "Enter goes to the next field, F10 saves."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "save", "Save", id="new-location.save", tooltip="Make the location"),
    ]

    def __init__(self, code: str = "") -> None:
        """Make the dialog.

        Args:
            code: a code to begin with.
        """
        super().__init__("New location")
        self._code = code
        self._saving = False

    def compose_fields(self) -> ComposeResult:
        """Code, name, and the place that it is in."""
        with HorizontalGroup(classes="row"):
            yield Static("Code", classes="label")
            yield FormInput(self._code, placeholder="type or scan its label", id="code")
        with HorizontalGroup(classes="row"):
            yield Static("Name", classes="label")
            yield FormInput(placeholder="what people call it", id="name")
        with HorizontalGroup(classes="row"):
            yield Static("Is in", classes="label")
            yield LocationField(id="parent")

    def compose_buttons(self) -> ComposeResult:
        """Save or leave."""
        with HorizontalGroup(classes="buttons"):
            yield button("Save", "save", key="F10", primary=True)
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """Begin in the first field that is empty."""
        self.query_one("#name" if self._code else "#code").focus()

    @on(Input.Submitted)
    @on(LocationField.Submitted)
    def _go_on(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Make the location and return its code."""
        if not self._saving:
            self._saving = True
            self._save()

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close, unless the location is just being made."""
        if not self._saving:
            self.dismiss(None)

    @work(exclusive=True, group="save")
    async def _save(self) -> None:
        code, name = (self.query_one(f"#{field}", FormInput).value for field in ("code", "name"))
        parent = self.query_one("#parent", LocationField)
        with self.dock.keyboard.hold():
            try:
                if problem := await parent.problem():
                    self._refuse(problem, "parent")
                    return
                made = await self.dock.db.write(
                    create_location, self.dock.actor, code, name, parent=parent.code or None
                )
            except SerialdockError as refusal:
                self._refuse(refusal.message, str(refusal.details.get("field", "code")))
            else:
                self.dismiss(made.code)

    def _refuse(self, message: str, field: str) -> None:
        self._saving = False
        self.say(message, "problem")
        for widget in self.query(f"#{field}"):
            widget.focus()

"""A dialog that saves and has a field for a location."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType

from models.errors import SerialdockError
from tui.dialogs.saving import SavingDialog
from tui.widgets.location_field import LocationField, told_on_screen

Result = TypeVar("Result")


class LocationDialog(SavingDialog[Result]):
    """Lists the locations by F4 from any of its fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "list", "List", id="dialog.list", tooltip="Choose the location from a list", show=False),
    ]

    def told(self, refusal: SerialdockError) -> str:
        """A refusal, with the key that lists the right locations where it is about a wrong one."""
        return told_on_screen(refusal)

    @on(LocationField.Changed)
    def _location_corrected(self, event: LocationField.Changed) -> None:
        self.corrected(event.control.id)

    def action_list(self) -> None:
        """Open the list of locations from any field."""
        field = self.query(LocationField).first()
        field.focus()
        field.action_choose()

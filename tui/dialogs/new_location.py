"""Make a location."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from models.errors import BadValue
from models.locations import create_location
from tui.records.location_dialog import LocationDialog
from tui.widgets.form_input import FormInput
from tui.widgets.form_row import FormRow
from tui.widgets.location_field import LocationField


class NewLocationDialog(LocationDialog[str | None]):
    """Makes a location and returns its code; stays open, with what was typed, where it is refused."""

    HELP = (
        "A location is a place that holds stock: a site, an aisle, a shelf, a bin. Its code is what its label says. "
        "Enter goes to the next field and saves behind the last; F10 saves at once."
    )

    def __init__(self, code: str = "") -> None:
        """Make the dialog.

        Args:
            code: a code to begin with.
        """
        super().__init__("New location")
        self._code = code

    def compose_fields(self) -> ComposeResult:
        """Code, name, and the place that it is in."""
        yield FormRow("Code", FormInput(self._code, placeholder="what its label says", id="code"))
        yield FormRow("Name", FormInput(placeholder="what people call it", id="name"))
        yield FormRow("Is in", LocationField(placeholder="nothing", id="parent"))

    def on_mount(self) -> None:
        """Begin in the first field that is empty."""
        self.query_one("#name" if self._code else "#code").focus()

    @on(LocationField.Submitted)
    def _parent_entered(self) -> None:
        self._go_on()

    async def save(self) -> str:
        """Make it."""
        code, name = (self.query_one(f"#{field}", FormInput).value for field in ("code", "name"))
        parent = self.query_one("#parent", LocationField)
        if problem := await parent.problem():
            raise BadValue(problem, field="parent")
        made = await self.context.db.write(create_location, self.context.actor, code, name, parent=parent.code or None)
        return made.code

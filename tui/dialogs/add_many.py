"""Add Serial's way to many serials in one go."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from models.items.items import ItemForm
from models.station.preview import Preview, Progress, add_many, preview
from models.verbs import STATUSES, StatusCode
from tui.dialogs.frame import Dialog
from tui.dialogs.many import ManyDialog
from tui.widgets.location_field import LocationField


class AddsMany(Dialog[None]):
    """A dialog that adds serials of an item at the location in its field."""

    STYLE_SHEETS = ("fields", "serial_dialogs")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "leave", "Leave", id="add.leave", tooltip="Close this; what was added stays"),
        Binding("f12", "leave", "Leave", id="add.cancel", tooltip="Close this; what was added stays", show=False),
        Binding("f6", "many", "Many", id="add.many", tooltip="Enter a range or a list of serials"),
    ]

    _form: ItemForm

    @work(exclusive=True, group="dialog")
    async def action_many(self) -> None:
        """Add a range or a list of serials."""
        item_id, actor = self._form.id, self.context.actor
        location = self.query_one("#location", LocationField).code

        def look(serials: list[str], progress: Progress) -> Preview:
            return preview(item_id, serials, progress)

        def take(serials: list[str], progress: Progress) -> str:
            count = add_many(actor, item_id, serials, location=location, progress=progress)
            return f"{count:,} added, {STATUSES[StatusCode.IN_STOCK].label} at {location}. No quantity changed."

        said = await self.context.ask(ManyDialog(f"Many serials · {self._form.sku}", look, take))
        if said is not None:
            self.say(said, "done")

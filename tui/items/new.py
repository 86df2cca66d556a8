"""The dialog that makes a new item."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult

from models.errors import BadValue, SerialdockError
from models.items.items import create_item, typed_on_hand
from models.locations import list_places
from models.permissions import Permission
from tui.items.form import BarcodesInput
from tui.kit.dialog import Answer, ConfirmDialog
from tui.kit.form import CodeInput, FormInput, FormRow, TickBox
from tui.records.location_field import LocationDialog, LocationField
from tui.themes import style_sheets


class NewItemDialog(LocationDialog[int | None]):
    """The dialog that makes an item and returns its id; after a refusal it stays open and keeps the input."""

    CSS_PATH = style_sheets("records")
    HELP = (
        "SKU is the code of the item in your lists, unlike that of any other. Enter goes to the next field, F10 saves. "
        "Barcodes: scan one after the other. On hand is how many lie at the location now."
    )
    WIDTH = 72
    SCAN_ELSEWHERE = "Scan a code into the empty SKU or into Barcodes."

    def __init__(self) -> None:
        super().__init__("New item")

    def compose_fields(self) -> ComposeResult:
        """The fields of a new item."""
        yield FormRow("SKU", CodeInput(placeholder="type or scan", id="sku"))
        yield FormRow("Name", FormInput(id="name"))
        yield FormRow("Barcodes", BarcodesInput(placeholder="none: scan one", id="barcodes"))
        yield FormRow("Location", LocationField(id="location"))
        yield FormRow("On hand", FormInput("0", id="on_hand"))
        tracking = FormRow("Track Serials", TickBox("unit by unit", id="track_serials"))
        # Hidden, not left out: `save` reads the box in any case.
        tracking.set_class(not self.context.may(Permission.MANAGE_SERIALS), "hidden")
        yield tracking

    def on_mount(self) -> None:
        """Focus the SKU field, and preset the oldest location."""
        self.query_one("#sku").focus()
        self._offer_location()

    @work(exclusive=True, group="offer")
    async def _offer_location(self) -> None:
        with self.context.keyboard.hold():
            try:
                places = await self.read(list_places)
            except SerialdockError as trouble:
                self.say(trouble.message, "problem")
                return
            field = self.query_one(LocationField)
            if places and not field.code:
                # As `create_item` does without a location; shown here, it can be seen to be wrong.
                field.code = min(places, key=lambda place: place.id).code

    @on(LocationField.Submitted)
    def _location_entered(self) -> None:
        self._go_on()

    def action_leave(self) -> None:
        """Close; ask first if SKU, name or barcodes were typed."""
        # Location and On hand are preset, and quickly typed again.
        if any(self.query_one(f"#{field}", FormInput).value for field in ("sku", "name", "barcodes")):
            self._ask_and_leave()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="leave")
    async def _ask_and_leave(self) -> None:
        question = "The item is not made yet. What you typed is gone when you leave."
        answers = [Answer("stay", "Stay", "f3"), Answer("discard", "Leave", "f8")]
        if await self.context.ask(ConfirmDialog("New item", question, answers)) == "discard":
            self.dismiss(None)

    async def save(self) -> int:
        """Make the item and return its id."""
        location = self.query_one(LocationField)
        if problem := await location.problem():
            raise BadValue(problem, field="location")
        item = await self.context.db.write(
            create_item,
            self.context.actor,
            self.query_one("#sku", FormInput).value,
            self.query_one("#name", FormInput).value,
            location=location.code or None,
            on_hand=typed_on_hand(self.query_one("#on_hand", FormInput).value),
            track_serials=self.query_one(TickBox).value,
            barcodes=self.query_one(BarcodesInput).codes,
        )
        return item.id

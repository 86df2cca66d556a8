"""The Item tab of the item form: what an item is, where it lies, how it is handled."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, HorizontalGroup, Vertical, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox, Input, Static

from models.items.items import ItemForm
from tui.kit.form import FormRow
from tui.records.location_field import LocationField
from tui.records.stock import StockTable, head_text
from tui.text import plain, visible
from tui.widgets.barcodes_input import BarcodesInput
from tui.widgets.buttons import button
from tui.widgets.form_input import FormInput
from tui.widgets.item_values import LABELS, ItemValues
from tui.widgets.tick_box import TickBox


class NameInput(FormInput):
    """The item's name."""

    HELP = "What people call the item. It stands in every list beside the SKU."


class PrimaryLocation(LocationField):
    """The item's primary location."""

    HELP = (
        "Where the item usually lies: a new serial number is put there unless you say another place. Changing it moves "
        "no stock. Type or scan the code; F4 lists all locations."
    )


class TrackSerials(TickBox):
    """The switch for serial numbers."""

    HELP = (
        "Ticked, every unit of this item can have a serial number, and the form has a Serials tab. Quantities stay as "
        "they are. Taking the tick away hides the tab and keeps all serial numbers. Space changes it, F10 saves."
    )


class ItemPane(Vertical):
    """The sections, which scroll where the terminal is too low, and under them who saved last, and Save."""

    HELP: ClassVar[str] = "The item. Tab goes from field to field; F10 saves."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "list", "List", id="item.list", tooltip="Choose the primary location from a list", show=False),
    ]

    class Edited(Message):
        """A value is another one now."""

    def __init__(self, form: ItemForm) -> None:
        """Make the fields.

        Args:
            form: what stands in them.
        """
        super().__init__(classes="item-pane")
        self._form = form
        self._may_edit = self._may_track = False

    def compose(self) -> ComposeResult:
        """Identification, stock by location, Item Settings, and the line with Save."""
        form = self._form
        with VerticalScroll(classes="page", can_focus=False), Container(classes="sections"):
            with VerticalGroup(id="identification"):
                yield Static("Identification", classes="heading")
                yield FormRow("SKU", Static(plain(form.sku), classes="fixed"), classes="fixed-row")
                yield FormRow(LABELS["name"], NameInput(form.name, select_on_focus=False, id="name"))
                yield FormRow(
                    LABELS["barcodes"], BarcodesInput(form.barcodes, placeholder="none: scan one", id="barcodes")
                )
            with VerticalGroup(id="stock"):
                with HorizontalGroup(classes="row stock-head"):
                    yield Static("Stock by location", classes="heading")
                    yield Static("", id="figures", classes="count", markup=False)
                yield FormRow(LABELS["location"], PrimaryLocation(form.location, id="location"))
                yield StockTable()
            with VerticalGroup(id="settings"):
                yield Static("Item Settings", classes="heading")
                yield FormRow(LABELS["track_serials"], TrackSerials("", form.track_serials, id="track_serials"))
        with HorizontalGroup(classes="foot"):
            yield Static("", id="saved", classes="beside", markup=False)
            yield button("Save", "save", key="F10", primary=True)

    def on_mount(self) -> None:
        """Fill in what is not a field."""
        self.tell(self._form)

    @property
    def values(self) -> ItemValues:
        """What stands in the fields."""
        return ItemValues(
            name=self.query_one(NameInput).value,
            location=self.query_one(PrimaryLocation).code,
            barcodes=self.query_one(BarcodesInput).codes,
            track_serials=self.query_one(TrackSerials).value,
        )

    @property
    def location(self) -> PrimaryLocation:
        """The field of the primary location."""
        return self.query_one(PrimaryLocation)

    @property
    def changed(self) -> list[str]:
        """The names of the fields that differ from what is saved."""
        return self.values.changed_from(ItemValues.of(self._form))

    def tell(self, form: ItemForm, *, keep: bool = False) -> None:
        """Show another state of the item.

        Args:
            form: what is saved now.
            keep: leave what stands in the fields; else it becomes what is saved.
        """
        self._form = form
        if not keep:
            values = ItemValues.of(form)
            name = self.query_one(NameInput)
            if name.value != values.name:
                name.value = values.name
            self.query_one(BarcodesInput).codes = values.barcodes
            self.query_one(PrimaryLocation).code = values.location
            self.query_one(TrackSerials).value = values.track_serials
        tracked = form.track_serials
        head = head_text(form.on_hand, form.serials, form.without) if tracked else f"{form.on_hand:,} on hand"
        self.query_one("#figures", Static).update(plain(head))
        self.query_one(StockTable).tell(form.places, tracked=tracked)
        self._show_state()

    def give_rights(self, *, edit: bool, track: bool) -> None:
        """Let the person change what may be changed; the rest can be looked at, and Track Serials is not there.

        Args:
            edit: name, barcodes and primary location.
            track: Track Serials.
        """
        self._may_edit, self._may_track = edit, track
        settings = self.query_one("#settings")
        box = self.query_one(TrackSerials)
        if not track:
            box.value = self._form.track_serials
            if box.has_focus:
                self.query_one(NameInput).focus()
        settings.set_class(not track, "hidden")
        self.query_one(NameInput).read_only = not edit
        self.query_one(BarcodesInput).read_only = not edit
        self.query_one(PrimaryLocation).read_only = not edit
        self.query_one("#save").set_class(not (edit or track), "hidden")
        self._show_state()

    def look(self) -> None:
        """Take the focus away from the fields: arrows scroll, and no scan goes into one; Tab begins in the first."""
        page = self.query_one(".page")
        page.can_focus = True
        page.focus()

    def go_to(self, field: str, *, to_correct: bool = False) -> None:
        """Give a field the focus.

        Args:
            field: one of `LABELS`.
            to_correct: select a refused text, so that typing or a scan replaces it.
        """
        self.query_one(f"#{field}").focus()
        if to_correct and field == "name":
            self.query_one(NameInput).select_all()
        elif to_correct and field == "location":
            self.location.input.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the list only to who may change the item."""
        return not self.location.read_only if action == "list" else super().check_action(action, parameters)

    def action_list(self) -> None:
        """Open the list of locations from any field."""
        self.location.focus()
        self.location.action_choose()

    @on(Input.Changed)
    @on(LocationField.Changed)
    @on(Checkbox.Changed)
    def _edited(self) -> None:
        self._show_state()
        self.post_message(self.Edited())

    @on(Input.Submitted)
    @on(LocationField.Submitted)
    def _go_on(self) -> None:
        self.screen.focus_next()

    def _show_state(self) -> None:
        changed = self.changed
        for row in self.query(FormRow):
            row.mark(changed=any(field in changed for field in LABELS if row.query(f"#{field}")))
        box = self.query_one(TrackSerials)
        box.label = self._tracking(box.value)
        self.query_one("#saved", Static).update(self._state(changed))

    def _tracking(self, on_: bool) -> Content:
        records = self._form.records
        word = "record" if records == 1 else "records"
        if on_:
            return plain(f"on · {records:,} {word}" if records else "on")
        return plain(f"off · {records:,} {word} kept" if records else "off")

    def _state(self, changed: list[str]) -> Content:
        if changed:
            names = ", ".join(LABELS[field] for field in changed)
            return Content.assemble(("* ", "bold $text-warning"), (f"Unsaved: {names}", "$text-warning"))
        if not self._may_edit:
            return plain("Read only: to change items you need INV_EDIT_ITEMS. Ask your administrator.")
        at = self._form.changed_at.astimezone()
        return plain(f"Saved {at:%Y-%m-%d %H:%M} by {visible(self._form.changed_by)}")

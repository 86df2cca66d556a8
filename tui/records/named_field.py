"""Fields for a customer and for an item, with the record's name beside the text; F4 opens the list of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, NamedTuple, Self, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.widgets import Button, Input, Static

from models.barcodes.reading import Settings
from models.customers import customer_or_none, customers_like
from models.errors import NotFound, SerialdockError, Unreadable
from models.items.items import find_item, item_form
from models.items.list import ItemSource
from models.permissions import Permission
from models.station.scan import find_scanned
from tui.context import Context
from tui.kit.choose import NEW, Choice, ChooseDialog
from tui.kit.form import FormInput
from tui.kit.shown import show
from tui.records.new_customer import NewCustomerDialog
from tui.text import plain, visible

MOST_LISTED: Final = 2_000
"""Number of values up to which F4 lists all, whatever is typed; of more it lists those like the typed text."""


class Known(NamedTuple):
    """A record that a field names."""

    text: str
    """Its name or code as stored."""
    beside: str
    """Further text, shown beside the field."""


class NamedField(HorizontalGroup):
    """A text that names a record, looked up while it is typed."""

    TITLE: ClassVar[str]
    """Title of the list of values."""
    UNKNOWN: ClassVar[str]
    """The words beside a text that names nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "choose", "List", id="named.choose", tooltip="Choose from a list"),
    ]

    def __init__(self, name: str, *, placeholder: str = "type or scan") -> None:
        """Make the field.

        Args:
            name: id of the input in it.
            placeholder: hint in the empty field.
        """
        super().__init__(classes="named-field")
        self._input = FormInput(id=name, placeholder=plain(placeholder).plain, classes="named-text")
        self._known: Known | None = None
        """The record that `_looked_up` names."""
        self._looked_up = ""
        """The text that was looked up last."""

    @property
    def context(self) -> Context:
        """The app, through the protocol that widgets use."""
        return cast("Context", self.app)

    @property
    def text(self) -> str:
        """The text without outer blanks."""
        return self._input.value.strip()

    @text.setter
    def text(self, text: str) -> None:
        self._input.value = text
        self._input.action_end()

    def compose(self) -> ComposeResult:
        """The text, what it names and the button for the list."""
        yield self._input
        yield Static("", classes="beside named-beside", markup=False)
        choose = Button(plain("F4 ▾"), compact=True, classes="named-list")
        choose.can_focus = False  # Tab goes to the next field; F4 opens the list
        yield choose

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the text."""
        self._input.focus(scroll_visible)
        return self

    # ----- what it names

    def find(self, text: str) -> Known | None:
        """The record that a typed text names; None for none. For the database thread."""
        raise NotImplementedError

    def find_scanned(self, text: str) -> Known | None:
        """The record that a scan names; None for none. For the database thread."""
        return self.find(text)

    def choices(self, text: str) -> list[Choice]:
        """The list of values; for the database thread.

        Args:
            text: what is typed, to narrow the list where it would be too long.
        """
        raise NotImplementedError

    async def make(self) -> str | None:
        """Make a new value; return it, or None."""
        return None

    @property
    def may_make(self) -> bool:
        """Whether the person may make a new value."""
        return False

    async def take_scan(self, text: str, settle: Callable[[], object]) -> str:
        """Put the record that a scan names into the field, in place of its text.

        Args:
            text: the scan.
            settle: called before that, if the scan names a record of this kind.

        Returns:
            The new text; empty if the scan names no record of this kind, and the field is as it was.

        Raises:
            SerialdockError: the database cannot be read.
        """
        known = await self.context.db.run(self.find_scanned, text.strip())
        if known is None:
            return ""
        settle()  # before the text is set: it gives the field back its text of before the scan
        self.text = known.text
        self._tell(known.text, known)
        return known.text

    @on(Input.Changed)
    def _typed(self) -> None:
        if self.text:
            self._look_up(self.text)
        else:
            self._tell("", None)

    @on(Input.Blurred)
    def _left(self) -> None:
        self._show_beside()  # an unknown text is marked now, not while it is typed

    @work(exclusive=True, group="look-up")
    async def _look_up(self, text: str) -> None:
        try:
            known = await self.context.db.run(self.find, text)
        except SerialdockError:
            return  # the save that follows will report the same trouble
        self._tell(text, known)

    def _tell(self, text: str, known: Known | None) -> None:
        self._looked_up, self._known = text, known
        self._show_beside()

    def _show_beside(self) -> None:
        text, beside = self.text, self.query_one(".named-beside", Static)
        if not text or self._looked_up != text:  # the answer is about an older text
            show(beside, "")
        elif self._known is not None:
            show(beside, plain(self._known.beside))
        elif not self._input.has_focus:
            show(beside, Content.assemble(("✱ ", "bold $text-warning"), (self.UNKNOWN, "$text-warning")))

    # ----- the list of values

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.focus()
        self.action_choose()

    @work(exclusive=True, group="choose")
    async def action_choose(self) -> None:
        """Open the list of values and fill the choice in."""
        with self.context.keyboard.hold():
            try:
                choices = await self.context.db.run(self.choices, "")
                if len(choices) >= MOST_LISTED and self.text:
                    choices = await self.context.db.run(self.choices, self.text)
                await self.context.read_permissions()
            except SerialdockError as trouble:
                self.notify(visible(trouble.message), markup=False, severity="error")
                return
        dialog = ChooseDialog(self.TITLE, choices, present=self.text, new=self.may_make, have_labels=True)
        chosen = await self.context.ask(dialog)
        if chosen == NEW:
            chosen = await self.make()
        if chosen is not None:
            self.text = chosen


class CustomerField(NamedField):
    """A customer by name or code. A name that is not there yet makes a customer."""

    HELP = (
        "The customer's name or code: type it, or scan the code. F4 lists all customers; F6 in that list makes a new "
        "one. A name that is not there yet makes a customer too."
    )
    TITLE = "Customers"
    UNKNOWN = "new"

    @property
    def may_make(self) -> bool:
        """Whether the person may make customers."""
        return self.context.may(Permission.SELL_SERIAL) or self.context.may(Permission.EDIT_ITEMS)

    def find(self, text: str) -> Known | None:
        """The customer with this code or name."""
        found = customer_or_none(text)
        if found is None:
            return None
        return Known(found.name, found.name if (found.code or "").upper() == text.upper() else found.code or "")

    def choices(self, text: str) -> list[Choice]:
        """The customers by name."""
        return [Choice(one.name, one.name, one.code) for one in customers_like(text, most=MOST_LISTED)]

    async def make(self) -> str | None:
        """Make a customer, with what is typed as the name unless it is one already."""
        return await self.context.ask(NewCustomerDialog(self.text if self._known is None else ""))


class ItemField(NamedField):
    """An item by SKU, or by a barcode that is scanned."""

    HELP = "The item's SKU: type it, or scan the SKU or a barcode of the item. F4 lists the items."
    TITLE = "Items"
    UNKNOWN = "not there"

    def find(self, text: str) -> Known | None:
        """The item with this SKU, or with this barcode."""
        try:
            item = find_item(text)
        except NotFound:
            return self.find_scanned(text)
        return Known(item.sku, item.name)

    def find_scanned(self, text: str) -> Known | None:
        """The item that a scan names."""
        try:
            found = find_scanned(text, Settings(gs_substitutes=self.context.config.gs_substitutes))
        except (NotFound, Unreadable):
            return None
        if found.item_id is None:
            return None
        form = item_form(found.item_id)
        return Known(form.sku, form.name)

    def choices(self, text: str) -> list[Choice]:
        """The items that track serials."""
        rows = ItemSource(text).fetch(0, MOST_LISTED)
        return [Choice(row.sku, row.sku, row.name) for row in rows if row.track_serials]

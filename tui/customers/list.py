"""The list of customers with the number of their serials."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from models.customers import CustomerRow, CustomerSource, find_customer
from models.permissions import Permission
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.records.new_customer import NewCustomerDialog
from tui.routes import CustomerRecord, Customers
from tui.text import cell

_DOT = "·"
"""Shown for zero."""


def _number(count: int) -> str:
    return f"{count:,}" if count else _DOT


NAME = RecordColumn[CustomerRow]("name", "Name", 24, lambda row: cell(row.name), grow=2)
CODE = RecordColumn[CustomerRow]("code", "Code", 12, lambda row: cell(row.code), grow=1)
REFERENCE = RecordColumn[CustomerRow]("reference", "Reference", 16, lambda row: cell(row.reference), grow=1)
SERIALS = RecordColumn[CustomerRow]("serials", "Serials", 8, lambda row: cell(_number(row.serials)), justify="right")
COVERED = RecordColumn[CustomerRow](
    "warranty", "Under Warranty", 9, lambda row: cell(_number(row.under_warranty)), justify="right"
)

COLUMNS = (
    [NAME, CODE, REFERENCE, SERIALS, COVERED],
    [NAME, CODE, SERIALS, COVERED],
    [RecordColumn[CustomerRow]("name", "Name", 16, NAME.cell, grow=1), SERIALS],
    [RecordColumn[CustomerRow]("name", "Name", 10, NAME.cell, grow=1)],
)
"""Column sets, widest first; the first that fits is shown."""


class CustomersTable(RecordTable[CustomerRow]):
    """The table of customers, by name."""

    EXPORTS = True

    HELP = (
        "The customers, by name. Serials is how many they have now: sold to them, reserved for them, or in repair "
        "after a sale. Enter opens the customer; F2 or just typing goes to Find."
    )


class CustomersScreen(ListScreen[CustomerRow]):
    """The list of customers."""

    TITLE_TEXT = "Customers"
    ROUTE = Customers()
    HELP = (
        "All customers. Type a part of a name, or the beginning of a code or reference, to narrow the list. Enter "
        "opens a customer with its serials and documents; F6 makes a new one."
    )
    LIST = "customers"
    NOUN = "customer"
    FINDS = "name, code or reference"
    EMPTY = "There are no customers yet. F6 makes one; selling to a new name makes one too."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f6", "new", "New", id="customers.new", tooltip="Make a new customer"),
    ]

    def make_table(self) -> CustomersTable:
        """The table of all customers."""
        columns = fitting(COLUMNS, self.app.size.width)
        return CustomersTable(columns, self.source(self.memory.find), run=self.context.db.run)

    def source(self, find: str) -> CustomerSource:
        """The customers that a text finds."""
        return CustomerSource(find)

    def fit_columns(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def route(self, row: CustomerRow) -> CustomerRecord:
        """The customer's record."""
        return CustomerRecord(row.id)

    def left_out(self, row: CustomerRow) -> str:
        """Code, reference and notes, as far as no column shows them."""
        shown = {column.key for column in self.table.record_columns}
        covered = f"{row.under_warranty:,} under warranty" if row.serials and "warranty" not in shown else ""
        parts = ("" if "code" in shown else row.code, "" if "reference" in shown else row.reference, covered)
        return " · ".join(filter(None, (*parts, row.notes.replace("\n", " "))))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a new customer to those who may sell or edit items."""
        if action == "new":
            may = self.context.may
            return may(Permission.SELL_SERIAL) or may(Permission.EDIT_ITEMS) or not self.context.knows_permissions
        return super().check_action(action, parameters)

    @work(exclusive=True, group="new")
    async def action_new(self) -> None:
        """Make a new customer and open it."""
        # A name that was typed into Find, and that nobody has, need not be typed again.
        looked_for = "" if self.table.total else " ".join(self.find.value.split())
        name = await self.context.ask(NewCustomerDialog(looked_for))
        if name is None:
            return
        with self.said_done(f"{name} is made."):
            made = await self.read(find_customer, name)
            await self.context.open(CustomerRecord(made.id))

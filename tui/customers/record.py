"""The record of one customer: its facts, its serials and its documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Static, TabbedContent, TabPane

from models.customers import CustomerRow, CustomerSerial, CustomerSerials, customer, set_customer
from models.documents import EveryDocument
from models.errors import Changed
from models.permissions import Permission
from models.terms import WARRANTY_LABELS, Warranty
from tui.kit.changed_lines import changes_marked
from tui.kit.dialog import SavingDialog
from tui.kit.form import CodeInput, FormInput, FormRow, NotesArea
from tui.kit.lazy_table import RecordColumn
from tui.kit.list_pane import ListPane
from tui.kit.page import Frame
from tui.kit.record_table import RecordTable
from tui.records.documents import DocumentsList
from tui.records.status import status_cell
from tui.routes import CustomerRecord, Route, SerialRecord
from tui.scanning.fields import PlainInput
from tui.text import cell, plain
from tui.themes import style_sheets

WHY_NO_DOCUMENTS = "No document names this customer yet. A sale makes one."
"""Message of an empty Documents tab."""

WHY_NO_SERIALS = "This customer has no serials now. Sales, returns and earlier serials are under Documents: Ctrl+T."
"""Message of an empty Serials tab."""


class ChangeCustomerDialog(SavingDialog[bool | None]):
    """The dialog that changes a customer. Only edited fields are written, so that no change of others is undone."""

    CSS_PATH = style_sheets("customers")
    HELP = (
        "The name is unlike that of any other customer, the code is printed as a barcode, the reference is the "
        "customer's number elsewhere. Enter goes to the next field, F10 saves."
    )
    SCAN_ELSEWHERE = "Scan the customer's code into the empty Code."
    WORK = ("customer", "code", "reference", "notes")

    def __init__(self, row: CustomerRow) -> None:
        """Make the dialog.

        Args:
            row: the customer as shown.
        """
        super().__init__(f"Customer · {row.name}")
        self._row = row

    def compose_fields(self) -> ComposeResult:
        """Name, code, reference and notes."""
        row = self._row
        yield FormRow("Name", FormInput(row.name, id="customer"))
        yield FormRow("Code", CodeInput(row.code or "", placeholder="its barcode, or empty", id="code"))
        yield FormRow("Reference", FormInput(row.reference, placeholder="its number elsewhere", id="reference"))
        yield FormRow("Notes", NotesArea(row.notes, placeholder="what one should know", id="notes"))

    def on_mount(self) -> None:
        """Focus the name."""
        super().on_mount()
        self.query_one("#customer").focus()

    async def save(self) -> bool:
        """Save the edited fields."""
        row = self._row
        before = {"name": row.name, "code": row.code or "", "reference": row.reference, "notes": row.notes}
        typed = {
            "name": self.query_one("#customer", FormInput).value,
            "code": self.query_one("#code", CodeInput).value,
            "reference": self.query_one("#reference", FormInput).value,
            "notes": self.query_one("#notes", NotesArea).text,
        }
        changed = {name: text for name, text in typed.items() if text.strip() != before[name]}
        context = self.context
        try:
            await context.db.write(set_customer, context.actor, row, **changed)
        except Changed:
            # The refusal says what somebody else changed; the dialog then stands on the new version.
            await self._show_changed(before, changed)
            raise
        return True

    async def _show_changed(self, before: Mapping[str, str], edited: Collection[str]) -> None:
        """Show what somebody else changed in the fields that were not edited; another F10 saves the others."""
        self._row = now = await self.read(customer, self._row.id)
        for name, text in {"customer": now.name, "code": now.code or "", "reference": now.reference}.items():
            if (name if name != "customer" else "name") not in edited:  # the field of the name has another id
                self.query_one(f"#{name}", PlainInput).value = text
        if "notes" not in edited and before["notes"] != now.notes:
            self.query_one("#notes", NotesArea).text = now.notes


class CustomerSerialsTable(RecordTable[CustomerSerial]):
    """The serials that a customer has."""

    REMEMBERED = "customer's serials"
    EXPORTS = True

    HELP = (
        "The serials that this customer has now: sold to it, reserved for it, or in repair after a sale. Enter opens "
        "the one under the cursor."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", id="customer.open", tooltip="Open the serial under the cursor"),
    ]


def _warranty(row: CustomerSerial) -> str:
    if row.warranty is Warranty.ACTIVE:
        return f"until {row.warranty_end}"
    return WARRANTY_LABELS[row.warranty]


class CustomerScreen(Frame[None]):
    """One customer."""

    FOLLOWS = True
    FORGETS = True
    CSS_PATH = style_sheets("records", "customers")
    HELP = (
        "One customer: the serials that it has now, and all its documents. Ctrl+T goes to the other tab, Enter opens a "
        "row, F7 changes name, code, reference and notes."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "change", "next_tab")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="customer.refresh", tooltip="Read the customer again"),
        Binding("f7", "change", "Change", id="customer.change", tooltip="Change name, code, reference and notes"),
        Binding("ctrl+t", "next_tab", "Next tab", id="customer.next-tab", tooltip="Go to the next tab"),
    ]

    def __init__(self, row: CustomerRow) -> None:
        """Make the screen.

        Args:
            row: the customer, just read.
        """
        super().__init__()
        self.customer = row
        """The customer as shown."""

    @property
    def gives_way(self) -> bool:
        """Always true: nothing is typed here."""
        return True

    def name_if_shown(self, route: Route[Any]) -> str:
        """The name if the route leads to this customer, else an empty string."""
        return self.customer.name if route == CustomerRecord(self.customer.id) else ""

    def compose_body(self) -> ComposeResult:
        """The facts, and the tabs."""
        with HorizontalGroup(classes="facts"):
            for facts in (("Code", "code"), ("Reference", "reference")), (("Serials", "serials"), ("Notes", "notes")):
                with VerticalGroup(classes="facts-column"):
                    for label, name in facts:  # all are made at once: those without a text are hidden, and may get one
                        with HorizontalGroup(classes="fact-row", id=f"{name}-row"):
                            yield Static(label, classes="label")
                            yield Static("", id=name, classes="fact-text", markup=False)
        yield Static(classes="rule")
        with TabbedContent(id="tabs"):
            with TabPane("Serials", id="serials-tab"):
                table = CustomerSerialsTable(
                    self._columns(79), CustomerSerials(self.customer.id), run=self.context.db.run, cell_padding=0
                )
                yield ListPane(
                    table,
                    "serial",
                    of=self.customer.id,
                    opens=lambda row: SerialRecord(row.id),
                    why_empty=WHY_NO_SERIALS,
                )
            with TabPane("Documents", id="documents-tab"):
                yield DocumentsList(
                    EveryDocument(customer_id=self.customer.id),
                    self.context.db.run,
                    of=self.customer.id,
                    why_empty=WHY_NO_DOCUMENTS,
                    remembered="customer's documents",
                )

    @property
    def table(self) -> CustomerSerialsTable:
        """The serials."""
        return self.query_one(CustomerSerialsTable)

    def on_mount(self) -> None:
        """Show the customer, and focus its serials."""
        # Textual's tab bar can take the focus; the keys of the open tab would not work then.
        self.query_one("#tabs ContentTabs").can_focus = False
        self._show()
        self.table.focus()
        # The cells of statuses have their colours from the theme when they are drawn.
        self.app.theme_changed_signal.subscribe(self, lambda _: self._fit())

    def on_resize(self) -> None:
        """Show the columns that fit."""
        self._fit()

    def on_screen_resume(self) -> None:
        """Read the customer again when this screen is in front again."""
        if self.is_mounted:
            self._refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the change to those who may edit customers."""
        if action == "change":
            return self.context.may(Permission.EDIT_ITEMS)
        return super().check_action(action, parameters)

    # ----- what is shown

    def _show(self) -> None:
        row = self.customer
        self.tell_title(row.name)
        serials = f"{row.serials:,} now, {row.under_warranty:,} under warranty" if row.serials else "none now"
        shown = {"code": row.code or "", "reference": row.reference, "serials": serials, "notes": row.notes}
        for name, text in shown.items():
            self.query_one(f"#{name}", Static).update(plain(text, lines=True))
            self.query_one(f"#{name}-row").set_class(not text, "hidden")

    def _fit(self) -> None:
        self.table.set_columns(self._columns(self.size.width - self.table.styles.scrollbar_size_vertical))

    def _columns(self, room: int) -> list[RecordColumn[CustomerSerial]]:
        column, theme = RecordColumn[CustomerSerial], self.app.theme
        serial = column("serial", "Serial Number", 16, lambda row: cell(row.serial_number), grow=1, gap=1)
        sku = column("sku", "Item", 13, lambda row: cell(row.sku), gap=1)
        status = column("status", "Status", 14, lambda row: status_cell(row.status, theme, 13))
        if room >= 70:
            name = column("name", "Name", 14, lambda row: cell(row.item_name), grow=2, gap=1)
            return [serial, sku, name, status, column("warranty", "Warranty", 17, lambda row: cell(_warranty(row)))]
        if room >= 36:
            shorter = column("serial", "Serial", 12, serial.cell, grow=1, gap=1)
            return [shorter, column("sku", "Item", 11, sku.cell, gap=1), column("status", "Status", 13, status.cell)]
        mark = column("status", "", 1, lambda row: status_cell(row.status, theme, 1))
        return [column("serial", "Serial", 12, serial.cell, grow=1, gap=1), mark]

    # ----- actions

    def action_next_tab(self) -> None:
        """Go to the other tab and focus its list."""
        tabs = self.query_one(TabbedContent)
        to_documents = tabs.active == "serials-tab"
        tabs.active = "documents-tab" if to_documents else "serials-tab"
        if to_documents:
            self.query_one(DocumentsList).enter()
        else:
            self.table.focus()

    @work(exclusive=True, group="change")
    async def action_change(self) -> None:
        """Change name, code, reference and notes."""
        if await self.context.ask(ChangeCustomerDialog(self.customer)):
            self._refresh("Saved.")

    def action_refresh(self) -> None:
        """Read the customer again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self._refresh()

    async def follow(self, *, marks: bool) -> None:
        """Show the customer, and the list in sight, as they are now."""
        self.customer = await self.read(customer, self.customer.id)
        with changes_marked(self, ".fact-text", marks=marks):
            self._show()
        await super().follow(marks=marks)

    @work(exclusive=True, group="refresh")
    async def _refresh(self, done: str = "") -> None:
        """Read the customer again, and say what was done to it before."""
        # After a save a refusal would be taken for one of the save, so the message says first that it was saved.
        with self.said_done(done) if done else self.refusals_shown():
            await self.context.read_permissions()
            self.customer = await self.read(customer, self.customer.id)
            self._show()
            self.table.reload()
            self.query_one(DocumentsList).renew()
            self.renew_keys()
            if done:
                self.say(done, "done")

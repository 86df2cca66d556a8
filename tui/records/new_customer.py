"""The dialog that makes a customer."""

from __future__ import annotations

from textual.app import ComposeResult

from models.customers import add_customer
from tui.kit.dialog import SavingDialog
from tui.kit.form import CodeInput, FormInput, FormRow


class NewCustomerDialog(SavingDialog[str | None]):
    """The dialog that makes a customer and returns its name; after a refusal it stays open and keeps the input."""

    HELP = (
        "The name is what people call the customer. The code is printed as a barcode, the reference is the customer's "
        "number elsewhere, such as in the accounts; both may be empty. Enter goes on and saves behind the last field."
    )
    SCAN_ELSEWHERE = "Scan the customer's code into the empty Code."
    WORK = ("customer",)

    def __init__(self, name: str = "") -> None:
        """Make the dialog.

        Args:
            name: the initial name.
        """
        super().__init__("New customer")
        self._preset = name

    def compose_fields(self) -> ComposeResult:
        """Name, code and reference."""
        yield FormRow("Name", FormInput(self._preset, id="customer"))
        yield FormRow("Code", CodeInput(placeholder="its barcode, or empty", id="code"))
        yield FormRow("Reference", FormInput(placeholder="its number elsewhere", id="reference"))

    def on_mount(self) -> None:
        """Focus the name."""
        super().on_mount()
        self.query_one("#customer").focus()

    async def save(self) -> str:
        """Make the customer and return its name."""
        name, code, reference = (
            self.query_one(f"#{field}", FormInput).value for field in ("customer", "code", "reference")
        )
        context = self.context
        made = await context.db.write(add_customer, context.actor, name, code=code, reference=reference)
        return made.name

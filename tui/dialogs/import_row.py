"""One row of a file, whole."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.lookups.import_rows import ImportRow
from tui.dialogs.frame import Dialog, button
from tui.text import plain
from tui.widgets.import_rows import result


class ImportRowDialog(Dialog[None]):
    """Shows what would become of a row and why; any leaving key closes it."""

    STYLE_SHEETS = ("import",)
    HELP = "What the file says in this row, and why it cannot be imported where it cannot. Up and Down scroll."
    WIDTH = 70

    def __init__(self, row: ImportRow) -> None:
        """Make it.

        Args:
            row: the row.
        """
        super().__init__(f"Row {row.row:,}")
        self._row = row

    def compose_fields(self) -> ComposeResult:
        """The result with its reason, then the fields."""
        row = self._row
        said = f"{result(row)}: {row.reason}" if row.reason else result(row)
        yield Static(plain(said), classes="question")
        facts = (
            ("Serial Number", row.serial_number),
            ("Item", row.item),
            ("Location", row.location),
            ("Status", row.status),
            ("Customer", row.customer),
            ("Date Received", row.date_received),
        )
        for label, value in facts:
            with HorizontalGroup(classes="row"):
                yield Static(label, classes="label")
                yield Static(plain(value or "·"), classes="import-fact")

    def compose_buttons(self) -> ComposeResult:
        """One way out."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Let Enter close it too."""
        self.query_one("#close").focus()

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)

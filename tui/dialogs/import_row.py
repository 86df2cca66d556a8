"""One row of a file, whole."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.importing.staging import PREVIEWED, ImportRow
from tui.dialogs.frame import Dialog
from tui.text import plain
from tui.widgets.buttons import button
from tui.widgets.import_rows import result


class ImportRowDialog(Dialog[None]):
    """Shows what would become of a row and why; any leaving key closes it."""

    STYLE_SHEETS = ("import",)
    HELP = (
        "What the file says in this row, why it cannot be imported where it cannot, and what looks odd about it. "
        "Up and Down scroll."
    )
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
        why = row.reason or (row.warning and f"{row.warning} It is imported all the same.")
        yield Static(plain(f"{result(row)}: {why}" if why else result(row)), classes="question")
        for field in PREVIEWED:
            with HorizontalGroup(classes="row"):
                yield Static(field.label, classes="label")
                yield Static(plain(row[field] or "·"), classes="import-fact")

    def compose_buttons(self) -> ComposeResult:
        """One way out."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Let Enter close it too."""
        self.query_one("#close").focus()

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)

"""A remark for a serial's history."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Static

from models.serials.record import add_note
from tui.dialogs.saving import SavingDialog
from tui.scanning.fields import PlainInput


class NoteDialog(SavingDialog[str]):
    """Writes a remark and returns what to say about it."""

    WORK = ("note",)
    HELP = "What you type goes into the history of the serial, with your name and the time. It cannot be changed later."

    def __init__(self, serial_id: int, serial_number: str) -> None:
        """Make it.

        Args:
            serial_id: the serial.
            serial_number: its text.
        """
        super().__init__(f"Note · {serial_number}")
        self._serial_id = serial_id

    def compose_fields(self) -> ComposeResult:
        """One field."""
        with HorizontalGroup(classes="row"):
            yield Static("Note", classes="label")
            yield PlainInput(id="note", placeholder="for the history")

    def on_mount(self) -> None:
        """Begin in the field."""
        self.query_one("#note").focus()

    async def save(self) -> str:
        """Write the remark."""
        text = self.query_one("#note", PlainInput).value
        await self.context.db.write(add_note, self.context.actor, self._serial_id, text)
        return "The note is in the history."

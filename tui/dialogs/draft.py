"""An open draft: continue it, hand it over, or throw it away."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models import clock
from models.ledger import clock_time
from models.station.drafts import DraftRow, sentence
from tui.kit.dialog import Dialog
from tui.kit.form import button
from tui.text import plain

CONTINUE: Final = "continue"
HAND_OVER: Final = "hand_over"
DISCARD: Final = "discard"


class DraftDialog(Dialog[str | None]):
    """Returns what to do with the draft; None where it was left."""

    HELP = (
        "Continue goes on with the draft here, whoever began it. Hand over gives it to another user. Discard throws it "
        "away; nothing of it becomes stock."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('continue')", "Continue", id="draft.continue", tooltip="Go on with it here"),
        Binding("f4", "give('hand_over')", "Hand over", id="draft.hand-over", tooltip="Give it to another user"),
        Binding("f8", "give('discard')", "Discard", id="draft.discard", tooltip="Throw it away"),
    ]

    def __init__(self, draft: DraftRow) -> None:
        """Make it.

        Args:
            draft: which.
        """
        super().__init__("Open draft")
        self._draft = draft

    def compose_fields(self) -> ComposeResult:
        """What is known of it."""
        row = self._draft
        item = f"Item {row.sku}. " if row.sku else ""
        started = f"Started by {row.started_by} at {clock_time(row.started_at)}."
        yield Static(plain(f"{sentence(row)}\n{item}{started}", lines=True), classes="question")
        if row.is_in_use(clock.now()):
            in_use = f"{row.login} has it open at another station; the next scan there will be refused."
            yield Static(plain(in_use, "bold"))

    def compose_buttons(self) -> ComposeResult:
        """What can be done with it."""
        with HorizontalGroup(classes="buttons"):
            yield button("Continue", CONTINUE, key="F10", primary=True)
            yield button("Hand over", HAND_OVER, key="F4")
            yield button("Discard", DISCARD, key="F8")

    def on_mount(self) -> None:
        """Begin on the answer that loses nothing."""
        self.query_one(f"#{CONTINUE}").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id)

    def action_give(self, what: str) -> None:
        """Return an answer by its key."""
        self.dismiss(what)

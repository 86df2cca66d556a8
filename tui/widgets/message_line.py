"""The line above the keys: what just happened, and what to do next."""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Static

from tui.keyboard.waits_for_end import WaitsForEnd
from tui.text import plain

Kind = Literal["note", "done", "warning", "problem"]
"""How much it matters; each has a mark, so that colour is not needed."""

_LOOKS: dict[str, tuple[str, str]] = {
    "note": ("", ""),
    "done": ("✓ ", "$text-success"),
    "warning": ("! ", "$text-warning"),
    "problem": ("✗ ", "bold $text-error"),
}


class MessageLine(Static):
    """Stays until the next message; a long one takes up to three lines from what is above it."""

    DEFAULT_CSS = """
    MessageLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = ""
        """The present message."""

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; an empty text clears the line.

        Args:
            text: any text; it is shown as it is.
            kind: a problem also rings the bell.
        """
        if text == self.said and kind != "problem":
            return
        self.said = text
        mark, style = _LOOKS[kind]
        self.update(Content.assemble((mark, style), plain(text, style)) if text else "")
        if kind == "problem":
            self.app.bell()

    def tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Speak of a scan without an end, and no more once it is over."""
        if not event.is_over:
            self.say(event.sentence, "warning")
        elif self.said == event.sentence:
            self.say("")

"""The line above the keys: what just happened, and what to do next."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.css.scalar import Unit
from textual.widgets import Static

from tui.context import Kind
from tui.scanning.fields import WaitsForEnd
from tui.text import plain

_LOOKS: dict[str, tuple[str, str]] = {
    "note": ("", ""),
    "done": ("✓ ", "$text-success"),
    "warning": ("! ", "$text-warning"),
    "problem": ("✗ ", "bold $text-error"),
}


_REST: Final = Content.assemble("… ", ("F1", "bold $accent"))
"""Stands at the end of a message that is longer than its lines: the key that shows all of it."""


class MessageLine(Static):
    """Stays until the next message; a long one takes up to three lines, and help shows all of it."""

    DEFAULT_CSS = """
    MessageLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.said = ""
        """The present message."""
        self.is_cut = False
        """Whether there is more of it than fits."""
        self._message = Content("")

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
        self._message = Content.assemble((mark, style), plain(text, style)) if text else Content("")
        self._fit(layout=True)
        if kind == "problem":
            self.app.bell()

    def on_resize(self) -> None:
        """Cut the message to another width."""
        self._fit(layout=False)

    def _fit(self, *, layout: bool) -> None:
        """Show as much as fits, and that there is more."""
        width, most = self.content_size.width, self.styles.max_height
        lines = self._message.wrap(width) if width and self.said else []
        rows = int(most.value) if most is not None and most.unit is Unit.CELLS else len(lines)
        self.is_cut = len(lines) > rows
        shown = self._message
        if self.is_cut:
            room = width - _REST.cell_length - 1
            last = lines[rows - 1].rstrip()
            if last.cell_length > room:
                last = last.truncate(room)
                last = last[: max(last.plain.rfind(" "), 0) or len(last.plain)]  # no half word
            shown = Content("\n").join([*lines[: rows - 1], Content.assemble(last, " ", _REST)])
        self.update(shown, layout=layout)

    def tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Speak of a scan without an end, and no more once it is over."""
        if not event.is_over:
            self.say(event.sentence, "warning")
        elif self.said == event.sentence:
            self.say("")

"""A text area that shows what is in it, whatever it is."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.widgets import TextArea

from tui.text import glyphs


class PlainArea(TextArea):
    """A TextArea without a blinking cursor, safe for any text; Tab leaves it."""

    def __init__(self, text: str = "", **kwargs: Any) -> None:
        """Make a field of some lines.

        Args:
            text: what is in it.
            **kwargs: as for Textual's TextArea; `compact` is on unless said otherwise.
        """
        kwargs.setdefault("compact", True)
        super().__init__(text, tab_behavior="focus", show_line_numbers=False, **kwargs)
        self.cursor_blink = False

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn: a visible sign for every character that has none."""
        return Text(glyphs(self.document.get_line(line_index)), end="", no_wrap=True)

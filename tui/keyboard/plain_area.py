"""A text area that shows what is in it, whatever it is."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.text import glyphs

FOR_THE_SCREEN: Final = ("f6", "f7")
"""Keys with which a stock TextArea selects, and which do something on every screen here."""


class PlainArea(TextArea, inherit_bindings=False):
    """A TextArea without a blinking cursor, safe for any text; Tab leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in TextArea.BINDINGS if not (isinstance(binding, Binding) and binding.key in FOR_THE_SCREEN)
    ]

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

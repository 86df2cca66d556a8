"""A text field that shows what is in it, whatever it is."""

from __future__ import annotations

from typing import Any

from rich.cells import get_character_cell_size
from rich.text import Text
from textual import events
from textual.geometry import Size, clamp
from textual.reactive import Reactive, reactive
from textual.widgets import Input

from tui.keyboard.takes_text import TakesText
from tui.text import glyphs


class PlainInput(Input, TakesText):
    """An Input of one row without a blinking cursor, safe for any text.

    A stock Input writes control and bidi characters of its value to the terminal as they are, and keeps only the
    first line of a paste.
    """

    # A stock Input lays the whole screen out at each character; this one is as wide as its place, whatever is in it.
    value: reactive[str] = reactive("", layout=False, init=False)
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input; `compact` is on unless said otherwise.
        """
        kwargs.setdefault("compact", True)
        super().__init__(*args, **kwargs)
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """What stands in it."""
        return self.value

    @property
    def _value(self) -> Text:
        if self.password:
            return super()._value
        text = Text(glyphs(self.value), no_wrap=True, overflow="ignore", end="")
        return text if self.highlighter is None else self.highlighter(text)

    def _position_to_cell(self, position: int) -> int:
        return self._value[:position].cell_len

    def _cell_offset_to_index(self, offset: int) -> int:
        offset += self.scroll_offset.x
        end = 0
        for index, character in enumerate(self._value.plain):
            end += get_character_cell_size(character)
            if offset < end:
                return index
        return clamp(offset, 0, len(self.value))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.put(" ".join(event.text.splitlines()))

    def action_paste(self) -> None:
        """Insert what was copied inside the app, on one line."""
        self.put(" ".join(self.app.clipboard.splitlines()))

    def put(self, text: str) -> None:
        """Insert text at the cursor, in place of what is selected.

        Args:
            text: One line.
        """
        self.replace(text, *self.selection)

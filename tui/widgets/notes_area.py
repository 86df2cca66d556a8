"""The condition notes of a serial: some lines of free text."""

from __future__ import annotations

from typing import NamedTuple

from textual.widgets.text_area import Selection

from tui.scanning.fields import PlainArea
from tui.widgets.opens_scans import OpensScans


class Written(NamedTuple):
    """What stands in the notes."""

    text: str
    selection: Selection


class NotesArea(OpensScans[Written], PlainArea):
    """Notes of some lines, on a screen where scans are understood."""

    def remember(self) -> Written:
        """The text and what is selected of it."""
        return Written(self.text, self.selection)

    def restore(self, state: Written) -> None:
        """Put the text and the selection back."""
        self.replace(state.text, self.document.start, self.document.end)
        self.selection = state.selection

    async def end_line(self, key: str) -> None:
        """Begin a line behind Enter, go to the next field behind TAB; a line feed does nothing in a form."""
        if key == "enter":
            self.replace("\n", *self.selection)
        elif key == "tab":
            self.screen.focus_next()

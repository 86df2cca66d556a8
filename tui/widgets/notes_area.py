"""The condition notes of a serial: some lines of free text."""

from __future__ import annotations

from tui.scanning.fields import AreaState, OpensScans, PlainArea


class NotesArea(OpensScans[AreaState], PlainArea):
    """Notes of some lines, on a screen where scans are understood."""

    async def end_line(self, key: str) -> None:
        """Begin a line behind Enter, go to the next field behind TAB; a line feed does nothing in a form."""
        if key == "enter":
            self.put("\n")
        elif key == "tab":
            self.screen.focus_next()

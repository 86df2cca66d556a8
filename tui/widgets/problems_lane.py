"""The problems lane: scans that wait for a decision, while the gun goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widgets.option_list import Option

from models.tasks.lines import Line
from tui.text import plain
from tui.widgets.options import Options

MOST: Final = 200
"""Problems that are listed; the others come up as these are settled."""


class ProblemsLane(Options, can_focus=False):
    """The waiting lines, the newest first; the cursor is moved from the scan line."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._waiting: list[Line] = []

    @property
    def lines(self) -> Sequence[Line]:
        """Those that are listed."""
        return self._waiting

    @property
    def chosen(self) -> Line | None:
        """The one under the cursor."""
        place = self.highlighted
        return self._waiting[place] if place is not None and place < len(self._waiting) else None

    def fill(self, lines: Sequence[Line]) -> None:
        """Show other lines; the cursor stays on its line while that is there.

        Args:
            lines: the newest first.
        """
        before = self.chosen
        self._waiting = list(lines[:MOST])
        self.clear_options()
        self.add_options([_option(line) for line in self._waiting])
        numbers = [line.number for line in self._waiting]
        if numbers:
            self.highlighted = numbers.index(before.number) if before is not None and before.number in numbers else 0


def _option(line: Line) -> Option:
    message = line.message.removeprefix(line.shown).strip()
    return Option(Content.assemble(plain(line.shown, "bold"), "  ", plain(message)), id=str(line.number))

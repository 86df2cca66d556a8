"""The problems lane: scans that wait for a decision, while the gun goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widgets.option_list import Option

from models.station.lines import Line
from tui.kit.form import Options
from tui.text import clip, plain

MOST: Final = 200
"""Problems of a draft that are listed; the others come up as these are settled."""

WIDEST: Final = 64
"""Cells of a scan that are shown; one that is no serial may have thousands."""


class ProblemsLane(Options, can_focus=False):
    """The waiting lines; the cursor is moved from the scan line. New ones come to the end, so that nothing moves."""

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
        """Show other lines.

        Those that are listed stay where they are. The cursor stays on its line while that is there, and then goes to
        the one that comes into its place.
        """
        before, place, top = self.chosen, self.highlighted or 0, self.scroll_offset.y
        shown, places = self._waiting, {line.number: place for place, line in enumerate(self._waiting)}
        self._waiting = sorted(lines, key=lambda line: places.get(line.number, len(places)))
        if self._waiting[: len(shown)] == shown:
            self.add_options([_option(line) for line in self._waiting[len(shown) :]])
        else:
            self.clear_options()
            self.add_options([_option(line) for line in self._waiting])
            self.scroll_to(y=top, animate=False, force=True)
        numbers = [line.number for line in self._waiting]
        if before is not None and before.number in numbers:
            self.highlighted = numbers.index(before.number)
        elif numbers:
            self.highlighted = min(place, len(numbers) - 1)


def _option(line: Line) -> Option:
    shown = clip(line.shown, WIDEST)
    message = line.message.removeprefix(line.shown).strip()
    return Option(Content.assemble(plain(shown, "bold"), "  ", plain(message)), id=str(line.number))

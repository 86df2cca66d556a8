"""The line under the title of a station: the item, the running count, how far that is."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

from models.station.state import View
from tui.text import clip

_PARTS: Final = " ▏▎▍▌▋▊▉█"
"""Eighths of a cell."""

_BAR: Final = 20
"""Most cells of the bar."""


class StationHead(Widget):
    """One line; the count always stands at the right, the bar only where there is room."""

    DEFAULT_CSS = """
    StationHead { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._view: View | None = None
        self._problems = 0

    def tell(self, view: View, problems: int = 0) -> None:
        """Show the state of a draft.

        Args:
            view: the draft.
            problems: how many wait; told where the screen is too low to list them.
        """
        if (view, problems) != (self._view, self._problems):
            self._view, self._problems = view, problems
            self.refresh()

    def render(self) -> Content:
        """Item left, count and bar right."""
        view = self._view
        if view is None:
            return Content("")
        width = self.content_size.width
        count = progress(view)
        quantity = "" if view.adds_quantity or view.item is None else " · quantity stays"
        bar = ""
        if view.expected and width >= 60:
            bar = " " + _bar(view.count, view.expected, min(_BAR, width // 4))
        elif width < 40:
            quantity = ""
        problems = f" p{self._problems:,}" if self._problems and self.screen.has_class("-flat") else ""
        right = f"{count}{bar}{problems}"
        item = f"{view.item.sku} · {view.item.name}" if view.item else "No item yet"
        room = max(1, width - len(right) - len(quantity) - 2)
        left = clip(item, room)
        gap = " " * max(1, width - Content(left).cell_length - len(quantity) - len(right))
        return Content.assemble((left, "bold" if view.item else "$quiet"), (quantity, "$text-warning"), gap, right)


def progress(view: View) -> str:
    """`137 of 200`, `137`, and the problems behind it."""
    count = f"{view.count:,} of {view.expected:,}" if view.expected else f"{view.count:,}"
    if view.item is not None and view.total != view.count:
        count += f" ({view.total:,} in all)"
    return count


def _bar(count: int, of: int, width: int) -> str:
    eighths = min(width * 8, count * width * 8 // of)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_PARTS[part] if part else "")).ljust(width, "·")

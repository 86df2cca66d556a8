"""Where somebody is in a work of several steps: done ones ticked, the present one in reverse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.text import clip


class StepLine(Widget):
    """One line; where not all steps fit, the present one and how many there are."""

    DEFAULT_CSS = """
    StepLine { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, steps: Sequence[str]) -> None:
        """Make the line.

        Args:
            steps: texts of the program.
        """
        super().__init__()
        self._steps = list(steps)
        self._present = 0
        self._beside = ""

    def tell(self, present: int, beside: str) -> None:
        """Change what it says.

        Args:
            present: the step, from 0.
            beside: what it is about, at the right; any text.
        """
        self._present, self._beside = present, beside
        self.refresh()

    def render(self) -> Content:
        """Lay it out for the width."""
        width = self.content_size.width
        quiet = "dim" if self.app.native_ansi_color else "$quiet"
        parts: list[tuple[str, str]] = []
        for number, step in enumerate(self._steps):
            if number == self._present:
                parts.append((f" {number + 1} {step} ", "bold reverse"))
            else:
                parts.append((f" {'✓' if number < self._present else number + 1} {step} ", quiet))
        used = sum(cell_len(text) for text, _ in parts)
        if used > width:
            parts = [parts[self._present], (f" of {len(self._steps)}", quiet)]
            used = sum(cell_len(text) for text, _ in parts)
        room = width - used - 2
        if room >= 8 and self._beside:
            beside = clip(self._beside, room)
            parts.append((" " * (width - used - cell_len(beside)), ""))
            parts.append((beside, quiet))
        return Content.assemble(*parts)

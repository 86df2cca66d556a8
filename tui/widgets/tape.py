"""The last scans of a station, the newest on top."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from textual.content import Content
from textual.widget import Widget

from models.tasks.lines import Line
from models.tasks.verdict import Outcome, Verdict
from tui.text import clip, visible

MOST: Final = 60
"""Rows that are kept; more than any screen shows."""

_SAID: Final = {
    Outcome.OK: "",
    Outcome.DUPLICATE: "dup",
    Outcome.PROBLEM: "problem",
    Outcome.SET: "now",
    Outcome.OUT: "out",
    Outcome.ASK: "",
    Outcome.DONE: "done",
    Outcome.TELL: "",
}
_LOOKS: Final = {
    Outcome.DUPLICATE: "$text-warning",
    Outcome.PROBLEM: "bold $text-error",
    Outcome.SET: "bold",
    Outcome.OUT: "dim",
}
_QUIET: Final = (Outcome.TELL, Outcome.ASK)
"""What is only shown in the verdict."""


class Row(NamedTuple):
    """One scan."""

    outcome: Outcome
    position: int
    text: str
    at: datetime


class Tape(Widget):
    """As many of the last scans as fit; old ones leave at the bottom."""

    DEFAULT_CSS = """
    Tape { height: 1fr; width: 1fr; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: deque[Row] = deque(maxlen=MOST)

    @property
    def texts(self) -> list[str]:
        """What stands on it, the newest first."""
        return [row.text for row in self._rows]

    def add(self, verdicts: Iterable[Verdict]) -> None:
        """Put verdicts on top, in their order."""
        now = datetime.now().astimezone()
        for verdict in verdicts:
            if verdict.outcome not in _QUIET:
                self._rows.appendleft(Row(verdict.outcome, verdict.position, verdict.subject, now))
        self.refresh()

    def fill(self, lines: Iterable[Line]) -> None:
        """Show the lines of a draft that is opened again.

        Args:
            lines: the newest first.
        """
        self._rows.clear()
        for line in lines:
            self._rows.append(Row(Outcome.OK, line.position, line.shown, line.at.astimezone()))
        self.refresh()

    def clear(self) -> None:
        """Show nothing."""
        self._rows.clear()
        self.refresh()

    def render(self) -> Content:
        """Number, serial, what it was, when."""
        width, height = self.content_size.width, self.content_size.height
        rows = list(self._rows)[: max(0, height)]
        layout = _Layout.of(rows, width)
        return Content("\n").join([_row(row, width, layout) for row in rows])


class _Layout(NamedTuple):
    """How many cells each column has; a whole serial goes before the time, and the time before the number."""

    number: int
    word: int
    time: int

    @classmethod
    def of(cls, rows: list[Row], width: int) -> _Layout:
        text = max((Content(visible(row.text)).cell_length for row in rows), default=0)
        word = max((len(_SAID[row.outcome]) for row in rows), default=0)
        room = width - text - (word + 2 if word else 0)
        number = 7 if room >= 7 else 0
        return cls(number, word + 2 if word else 0, 7 if room - number >= 7 else 0)


def _row(row: Row, width: int, layout: _Layout) -> Content:
    number = f"{row.position:>{layout.number - 2}}  " if row.position and layout.number else " " * layout.number
    time = f"  {row.at:%H:%M}" if layout.time else ""
    word = f"  {_SAID[row.outcome]}".ljust(layout.word) if layout.word else ""
    look = _LOOKS.get(row.outcome, "")
    text = clip(row.text, max(1, width - layout.number - layout.time - layout.word))
    gap = " " * max(0, width - layout.number - Content(text).cell_length - layout.word - layout.time)
    return Content.assemble((number, "$quiet"), (text, look), gap, (word, look), (time, "$quiet"))

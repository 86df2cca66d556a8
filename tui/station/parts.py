"""The last scans of a station, the newest on top."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from textual.content import Content
from textual.widget import Widget

from models.serials.judging import Outcome, Verdict
from models.station.lines import Line
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
_NUMBER: Final = 7
_WORD: Final = 9
_TIME: Final = 7
"""Cells of the columns beside the text."""

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
        return Content("\n").join([_row(row, width) for row in list(self._rows)[: max(0, height)]])


def _row(row: Row, width: int) -> Content:
    """Lay out one row in columns that are the same for all.

    A text that is too long for its column takes the place of its own row's time, then of its number.
    """
    word = f"  {_SAID[row.outcome]}".ljust(_WORD) if _SAID[row.outcome] else ""
    room = width - Content(visible(row.text)).cell_length - len(word)
    number = f"{row.position or '':>{_NUMBER - 2}}  " if room >= _NUMBER else ""
    time = f"  {row.at:%H:%M}" if room - len(number) >= _TIME else ""
    look = _LOOKS.get(row.outcome, "")
    text = clip(row.text, max(1, width - len(number) - len(time) - len(word)))
    gap = " " * max(0, width - len(number) - Content(text).cell_length - len(word) - len(time))
    return Content.assemble((number, "$quiet"), (text, look), gap, (word, look), (time, "$quiet"))

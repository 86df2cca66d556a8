"""Scans of a station that are in no draft: refused before they were a scan, or not taken at all.

Nothing can be stored for them, but whoever scanned them must see them until they are settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from models import clock
from models.barcodes.reading import PREFIX
from models.errors import Changed
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.station.lines import Line

_TAKEN: Final = (Outcome.OK, Outcome.DUPLICATE, Outcome.SET)


class NotTaken:
    """They wait in the problems lane beside those of the draft, with numbers below zero."""

    def __init__(self) -> None:
        self.lines: Sequence[Line] = ()
        """In the order in which they came."""
        self._refused: set[int] = set()
        self._last = 0

    @property
    def scans(self) -> list[Scan]:
        """Those that could be taken when their cause is gone, in the order in which they came."""
        return [Scan(line.scan, line.how) for line in self.lines if self.is_scan(line)]

    @property
    def has_lost_draft(self) -> bool:
        """Whether one was not taken because the draft is another station's."""
        return any(line.reason == Changed.code for line in self.lines)

    def is_scan(self, line: Line) -> bool:
        """Whether a line's text can be taken as it is."""
        return line.number not in self._refused

    def note(self, actor: Actor, scan: Scan, reason: str, message: str, *, is_scan: bool = True) -> None:
        """Keep one in sight; the same one waits once, and a command is none.

        Args:
            actor: who scanned it.
            scan: what came.
            reason: a stable word.
            message: why it was not taken, in a sentence.
            is_scan: whether it is whole, so that it could be taken later.
        """
        if scan.text.strip().upper().startswith(PREFIX):
            return
        if any((line.scan, line.reason) == (scan.text, reason) for line in self.lines):
            return
        self._last -= 1
        if not is_scan:
            self._refused.add(self._last)
        shown = scan.text.strip() or "Nothing readable"
        said = (actor.login, scan.how, scan.text, "", "", shown, reason, message)
        line = Line(self._last, 0, "problem", clock.now(), *said, None, None, None, actor.user_id)
        self.lines = (*self.lines, line)

    def settle(self, number: int) -> None:
        """Forget one that somebody has settled."""
        self.lines = tuple(line for line in self.lines if line.number != number)

    def take_scans(self) -> list[Scan]:
        """Give those that can be taken back, to be scanned anew, and forget them."""
        scans = self.scans
        self.lines = tuple(line for line in self.lines if not self.is_scan(line))
        return scans

    def settle_taken(self, verdicts: Iterable[Verdict]) -> None:
        """Forget those whose text was scanned again and is in the draft now."""
        if self.lines:
            taken = {one.scan.strip() for one in verdicts if one.number or one.outcome in _TAKEN}
            self.lines = tuple(line for line in self.lines if line.scan.strip() not in taken)

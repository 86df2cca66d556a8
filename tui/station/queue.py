"""The station's way to its draft, and the scans that are in no draft: refused before they were a scan, or not taken.

Nothing can be stored for these, but whoever scanned them must see them until they are settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from textual.timer import Timer

from models import clock
from models.barcodes.reading import PREFIX
from models.errors import Changed, SerialdockError
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.station.engine import ScanStation
from models.station.lines import Line
from tui.context import Context
from tui.scanning.queue import Act, Listener, ScanQueue

SLOW_AFTER: Final = 0.8
"""Seconds without a verdict after which the station says that scans wait, lest the last verdict be taken for theirs."""

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


class StationQueue(ScanQueue[Scan, Verdict]):
    """Feeds a station."""

    keeps_trying = True

    def __init__(self, context: Context, station: ScanStation, listener: Listener[Verdict]) -> None:
        """Make it.

        Args:
            context: the app, whose database thread saves.
            station: judges and keeps the scans.
            listener: is told what became of them.
        """
        super().__init__(context)
        self._station = station
        self._ticking: Timer | None = None
        self._runs_before = 0
        self.is_slow = False
        """Whether the database lets the scans wait."""
        self.not_taken: Final = NotTaken()
        """Scans that are in no draft and wait for somebody to settle them."""
        self.listen(listener)

    def take(self, actor: Actor, scans: Sequence[Scan], tell: Callable[[Verdict], None]) -> None:
        """Judge scans and make them lines of the draft."""
        self._station.scan(actor, scans, tell)

    def refused(self, one: Scan | Act[Verdict], refusal: SerialdockError) -> Verdict:
        """The verdict on one that could not be taken at all; a scan stays in sight."""
        scan = one.text if isinstance(one, Scan) else ""
        if isinstance(one, Scan):
            self.not_taken.note(self._context.actor, one, refusal.code, refusal.message)
        return Verdict(Outcome.PROBLEM, scan, scan.strip() or "Not done", refusal.message, refusal.code)

    def put(self, one: Scan | Act[Verdict]) -> None:
        """Do one more behind the others."""
        super().put(one)
        if self._ticking is None:
            self._runs_before = self._runs
            self._ticking = self._context.set_interval(SLOW_AFTER, self._look_how_slow)

    def pass_over(self, scan: Scan, reason: str, message: str) -> None:
        """Tell in its turn that something came which can be no scan, and keep it in sight until it is settled."""
        self.not_taken.note(self._context.actor, scan, reason, message, is_scan=False)
        subject = scan.text.strip() or "Nothing readable"

        def tell(_: Actor) -> Verdict:
            self._station.pass_over()
            return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason)

        self.put(tell)

    def told(self, verdicts: Sequence[Verdict]) -> None:
        """Tell verdicts; what was not taken before may be among them now."""
        if verdicts:
            self.is_slow = False
            self.not_taken.settle_taken(verdicts)
        super().told(verdicts)

    def _look_how_slow(self) -> None:
        if not self.waiting and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.is_slow = bool(self.waiting) and self.trouble is None and self._runs == self._runs_before
        self._runs_before = self._runs
        if self.is_slow:
            self.told([])

"""Scans on their way to a task, in the order in which they came.

A scan is handed to the database thread at once. While one transaction commits, what arrives meanwhile is gathered for
the next; a key such as Undo waits behind the scans that came before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from models.errors import DatabaseTrouble, SerialdockError
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.station.engine import MOST, ScanStation
from tui.context import Context
from tui.station.queue import NotTaken

RETRY: Final = 2.0
"""Seconds after which scans that could not be saved are tried again."""

SLOW_AFTER: Final = 0.8
"""Seconds without a verdict after which the station says that scans wait, lest the last verdict be taken for theirs."""

Act = Callable[[Actor], Verdict]
"""Something else to do with the draft, such as `Receive.undo`."""

Listener = Callable[[Sequence[Verdict]], None]
"""Is told verdicts in the order of the scans, as soon as they are in the database."""


class ScanQueue:
    """Feeds one task."""

    def __init__(self, context: Context, task: ScanStation, listener: Listener) -> None:
        """Make it.

        Args:
            context: the app, whose database thread saves.
            task: judges and keeps the scans.
            listener: is told what became of them.
        """
        self._context = context
        self._task = task
        self._listener = listener
        self._arrived: deque[Scan | Act] = deque()
        self._is_asked = False
        self._runs = self._runs_before = 0
        self.is_slow = False
        """Whether the database lets the scans wait."""
        self.not_taken: Final = NotTaken()
        """Scans that are in no draft and wait for somebody to settle them."""
        self.trouble: DatabaseTrouble | None = None
        """Why scans wait; they are tried again by themselves."""

    @property
    def waiting(self) -> int:
        """How many scans and keys have no verdict yet."""
        return len(self._arrived)

    def put(self, one: Scan | Act) -> None:
        """Do one more behind the others."""
        self._arrived.append(one)
        if self.trouble is None:
            self._ask()

    def pass_over(self, scan: Scan, reason: str, message: str) -> None:
        """Tell in its turn that something came which can be no scan, and keep it in sight until it is settled."""
        self.not_taken.note(self._context.actor, scan, reason, message, is_scan=False)
        subject = scan.text.strip() or "Nothing readable"

        def tell(_: Actor) -> Verdict:
            self._task.pass_over()
            return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason)

        self.put(tell)

    def retry(self) -> None:
        """Try again what could not be saved."""
        self.trouble = None
        if self._arrived:
            self._ask()

    def _ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            self._context.run_worker(self._save(), group="scans", name="save scans")

    async def _save(self) -> None:
        """Hand over what has arrived; what has no verdict afterwards stays at the head of the queue."""
        ticking = self._context.set_interval(SLOW_AFTER, self._look_how_slow)
        while self._arrived:
            verdicts = await self._hand_over(self._next_run())
            self._runs += 1
            self.is_slow = False
            for _ in verdicts:
                self._arrived.popleft()
            if verdicts:
                self._listener(verdicts)
            if self.trouble is not None:
                break
        ticking.stop()
        self._is_asked = False
        if self.trouble is not None:
            self._context.set_timer(RETRY, self.retry)
            self._listener([])

    def _look_how_slow(self) -> None:
        self.is_slow, self._runs_before = self._runs == self._runs_before, self._runs
        if self.is_slow:
            self._listener([])

    async def _hand_over(self, run: list[Scan] | Act) -> list[Verdict]:
        """What became of the scans at the head of the queue; fewer verdicts than scans where the database failed."""
        verdicts: list[Verdict] = []

        def work() -> None:
            if callable(run):
                verdicts.append(run(self._context.actor))
            elif run[len(verdicts) :]:  # a second time when the connection was lost before anything was written
                self._task.scan(self._context.actor, run[len(verdicts) :], verdicts.append)

        try:
            await self._context.db.write(work)
        except DatabaseTrouble as trouble:
            self.trouble = trouble
        except SerialdockError as refusal:
            if callable(run):
                verdicts.append(refused("", refusal))
            else:
                for one in run[len(verdicts) :]:
                    self.not_taken.note(self._context.actor, one, refusal.code, refusal.message)
                    verdicts.append(refused(one.text, refusal))
        self.not_taken.settle_taken(verdicts)
        return verdicts

    def _next_run(self) -> list[Scan] | Act:
        """The scans at the head of the queue, or the one other thing that stands there."""
        first = self._arrived[0]
        if not isinstance(first, Scan):
            return first
        scans: list[Scan] = []
        for one in self._arrived:
            if not isinstance(one, Scan) or len(scans) == MOST:
                break
            scans.append(one)
        return scans


def refused(scan: str, refusal: SerialdockError) -> Verdict:
    """The verdict on a scan that could not be taken at all."""
    subject = scan.strip() or "Not done"
    return Verdict(Outcome.PROBLEM, scan, subject, refusal.message, refusal.code)

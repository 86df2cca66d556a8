"""The station's scan queue, and the scans that are in no draft: refused by the listener, or not taken by the engine.

The database does not have those, but the person who scanned them must see them until they are settled: an end of the
process in between leaves the complete ones in the spool, and the next start asks about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from textual.timer import Timer

from models import clock
from models.barcodes.reading import PREFIX, CommandCode, is_command
from models.errors import Changed, SerialdockError
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.spool import SpooledScan
from models.station.answers import to_text
from models.station.drafts import new_session
from models.station.engine import ScanStation
from models.station.left import NEVER_KEPT
from models.station.lines import Line
from models.station.task import Commit, Task
from tui.context import Context
from tui.scanning.queue import QueuedAction, QueuedScan, ScanQueue, TellsVerdicts
from tui.terminal.spool_thread import SpoolThread

SLOW_AFTER: Final = 0.8
"""Seconds without a verdict after which waiting scans are reported, so that an old verdict is not taken for theirs."""

_ENDS: Final = (CommandCode.DONE, CommandCode.CANCEL)
"""Commands that end the draft."""

_TAKEN: Final = (Outcome.OK, Outcome.DUPLICATE, Outcome.SET)
"""Outcomes of scans that are settled, so that an earlier refusal of the same text is no problem any more."""


@dataclass(frozen=True, slots=True)
class ContextAct:
    """An action that changes what the scans behind it mean; they are no part of the draft without it."""

    act: QueuedAction[Verdict]
    words: str
    """Its name in messages about what waits, such as `Customer Bergmann AG`; that of DONE is DONE."""
    task: Task | None = None
    """The task that it chooses; None if it is an answer."""

    def __call__(self, actor: Actor) -> Verdict:
        """Carry it out."""
        return self.act(actor)


class NotTaken:
    """Scans in no draft, as lines with negative numbers; shown in the problems lane after those of the draft."""

    def __init__(self, spool: SpoolThread) -> None:
        """Begin without lines.

        Args:
            spool: asks for `unsaved` at the end of the process.
        """
        self.lines: Sequence[Line] = ()
        """The lines, in the order of scanning."""
        self._refused: set[int] = set()
        self._last = 0
        self._spool = spool
        self._records: dict[int, SpooledScan] = {}
        """What is written to the spool at the end of the process, by the number of the line."""

    @property
    def scans(self) -> list[Scan]:
        """The scans that could be retried once their cause is gone, in the order of scanning."""
        return [Scan(line.scan, line.how) for line in self.lines if self.is_scan(line)]

    @property
    def has_lost_draft(self) -> bool:
        """Whether a scan was not taken because another station has the draft now."""
        return any(line.reason == Changed.code for line in self.lines)

    def is_scan(self, line: Line) -> bool:
        """Whether a line is a complete scan that can be retried as it is."""
        return line.number not in self._refused

    @property
    def since(self) -> datetime:
        """Now: no scan of these waits for the database."""
        return clock.now()

    def unsaved(self) -> list[SpooledScan]:
        """The complete scans, as the next start finds them; callable from any thread."""
        return [self._records[line.number] for line in self.lines if line.number in self._records]

    def remaining(self) -> int:
        """The number of `unsaved`; callable from any thread."""
        return len(self.unsaved())

    def note(
        self,
        actor: Actor,
        scan: Scan,
        reason: str,
        message: str,
        *,
        is_scan: bool = True,
        record: Callable[[int], SpooledScan] | None = None,
    ) -> None:
        """Add a scan; repeated ones are added once, command barcodes never.

        Args:
            actor: who scanned it.
            scan: the scan.
            reason: stable code of the reason.
            message: why it was not taken, in a sentence.
            is_scan: whether it is complete, so that it could be retried.
            record: makes its record for the spool, given 1, 2, 3 …; None if it is not kept.
        """
        # Commands are no serials: nothing is lost with them.
        if scan.text.strip().upper().startswith(PREFIX):
            return
        # People scan again what was refused; it is still one unit.
        if any((line.scan, line.reason) == (scan.text, reason) for line in self.lines):
            return
        self._last -= 1  # lines of drafts have positive numbers
        if not is_scan:
            self._refused.add(self._last)
        if record is not None:
            self._records[self._last] = record(-self._last)
        shown = scan.text.strip() or "Nothing readable"
        said = (actor.login, scan.how, scan.text, "", "", shown, reason, message)
        line = Line(self._last, 0, "problem", clock.now(), *said, None, None, None, actor.user_id)
        self._keep([*self.lines, line])

    def settle(self, number: int) -> None:
        """Remove a line that was settled."""
        self._keep(line for line in self.lines if line.number != number)

    def forget(self) -> None:
        """Remove all lines."""
        self._keep(())

    def _keep(self, lines: Iterable[Line]) -> None:
        self.lines = tuple(lines)
        if self.unsaved():
            self._spool.watch(self)
        else:
            self._spool.let_go(self)

    def take_scans(self) -> list[Scan]:
        """Remove and return the scans that can be retried."""
        scans = self.scans
        self._keep(line for line in self.lines if not self.is_scan(line))
        return scans

    def settle_taken(self, verdicts: Iterable[Verdict]) -> None:
        """Remove lines whose text was scanned again and taken."""
        if self.lines:
            taken = {one.scan.strip() for one in verdicts if one.number or one.outcome in _TAKEN}
            self._keep(line for line in self.lines if line.scan.strip() not in taken)


class StationQueue(ScanQueue[Scan, Verdict]):
    """The queue of scans of one station."""

    def __init__(self, context: Context, station: ScanStation, listener: TellsVerdicts[Verdict]) -> None:
        """Make an empty queue.

        Args:
            context: the app, whose database thread saves the scans.
            station: judges and saves the scans.
            listener: called with their verdicts.
        """
        super().__init__(context)
        self._station = station
        self._ticking: Timer | None = None
        """Looks every `SLOW_AFTER` seconds whether the database answers; None while nothing waits."""
        self._runs_before = 0
        """Number of transactions at the last look; if it stays the same, the database is slow."""
        self.is_slow = False
        """Whether scans have waited longer than `SLOW_AFTER` for the database."""
        self.not_taken: Final = NotTaken(context.spool)
        """Scans in no draft, to be settled by a person."""
        self._session_of_not_taken: Final = new_session()
        """Their own: under that of the station a replay would take them for stored, if later ones were."""
        self.listen(listener)

    def numbered(self, one: Scan, number: int) -> Scan:
        """The scan with its number, which its draft stores, so that a replay does not take it twice."""
        return one._replace(number=number)

    def command_of(self, one: Scan | QueuedAction[Verdict]) -> str | None:
        """DONE, UNDO or CANCEL, by key or barcode, or a `ContextAct`; no action is kept, nor what is only looked up."""
        if isinstance(one, ContextAct):
            return one.words
        # Nobody needs the answer to a look-up that comes after the next start.
        if self._task_behind(self.last_command).commits is Commit.NEVER:
            return ""
        if isinstance(one, Scan):
            code = one.text.strip().upper().removeprefix(PREFIX) if is_command(one.text.strip()) else ""
            return code if code in NEVER_KEPT else None
        job = self._station
        keys: dict[QueuedAction[Verdict], str] = {job.done: "DONE", job.undo: "UNDO", job.cancel: "CANCEL"}
        return keys.get(one, "")

    def _task_behind(self, command: QueuedScan[Scan, Verdict] | None) -> Task:
        """The task of what comes behind a command, once all that waits is carried out."""
        chosen = (entry.one.task for entry in _waiting_commands(command) if isinstance(entry.one, ContextAct))
        return next((task for task in chosen if task is not None), self._station.task)

    def record(self, one: Scan, entry: QueuedScan[Scan, Verdict], after: str) -> SpooledScan:
        """The scan with the place and the item of the station."""
        # Place, item and answers are those of the station now: without its draft, a replay begins a new one with them.
        view, actor = self._station.view, entry.actor
        return SpooledScan(
            database=self._context.spool.database,
            session=self._station.session,
            number=entry.number,
            task=self._task_behind(entry.after).code,
            text=one.text,
            how=one.how,
            at=entry.at.isoformat(),
            user_id=actor.user_id,
            login=actor.login,
            login_user_id=actor.login_user_id,
            login_user=actor.login_user,
            place=view.place.code if view.place else "",
            sku=view.item.sku if view.item else "",
            draft_id=view.draft_id,
            answers=to_text(view.given),
            after=after,
            # The scan belongs to a new draft then, whatever becomes of the command.
            ended=next((before.number for before in _waiting_commands(entry.after) if _ends_draft(before)), 0),
        )

    def _record_of_not_taken(self, one: Scan, number: int) -> SpooledScan:
        """A scan of no draft, with the place and the item of the station at its refusal."""
        entry = QueuedScan[Scan, Verdict](one, number, clock.now(), self._context.actor, None, None)
        return replace(self.record(one, entry, ""), session=self._session_of_not_taken, draft_id=None)

    def take(self, actor: Actor, scans: Sequence[Scan], tell: Callable[[Verdict], None]) -> None:
        """Judge scans and write them as lines of the draft."""
        self._station.scan(actor, scans, tell)

    def refused(self, one: Scan | QueuedAction[Verdict], refusal: SerialdockError) -> Verdict:
        """The verdict on a scan or action that failed as a whole; a scan is added to `not_taken`."""
        scan = one.text if isinstance(one, Scan) else ""
        if isinstance(one, Scan):
            is_kept = self._station.task.commits is not Commit.NEVER  # a look-up is made again, not kept
            record = partial(self._record_of_not_taken, one) if is_kept else None
            self.not_taken.note(self._context.actor, one, refusal.code, refusal.message, record=record)
        return Verdict(Outcome.PROBLEM, scan, scan.strip() or "Not done", refusal.message, refusal.code)

    def put(self, one: Scan | QueuedAction[Verdict]) -> None:
        """Append a scan or an action, and watch for a slow database."""
        super().put(one)
        # A timer only while something waits: a station at rest wakes nothing.
        if self._ticking is None:
            self._runs_before = self._runs
            self._ticking = self._context.set_interval(SLOW_AFTER, self._check_slow)

    def pass_over(self, scan: Scan, reason: str, message: str) -> None:
        """Add a refused line to `not_taken`, and give its verdict in order with those of the scans."""
        self.not_taken.note(self._context.actor, scan, reason, message, is_scan=False)
        subject = scan.text.strip() or "Nothing readable"

        def tell(_: Actor) -> Verdict:
            self._station.pass_over()  # else UNDO would take out the scan before it
            return Verdict(Outcome.PROBLEM, scan.text, subject, message, reason)

        self.put(tell)

    def told(self, verdicts: Sequence[Verdict]) -> None:
        """Call the listeners with verdicts, and settle lines of `not_taken` that were taken now."""
        if verdicts:
            self.is_slow = False
            self.not_taken.settle_taken(verdicts)
        super().told(verdicts)

    def _check_slow(self) -> None:
        if not self.waiting and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        # With trouble there is a message that says more.
        self.is_slow = bool(self.waiting) and self.trouble is None and self._runs == self._runs_before
        self._runs_before = self._runs
        if self.is_slow:
            self.told([])


def _waiting_commands(command: QueuedScan[Scan, Verdict] | None) -> Iterator[QueuedScan[Scan, Verdict]]:
    """A command and those before it that have no verdict, the last one first."""
    while command is not None and not command.is_settled:
        yield command
        command = command.after


def _ends_draft(command: QueuedScan[Scan, Verdict]) -> bool:
    return command.command in _ENDS or (isinstance(command.one, ContextAct) and command.one.task is not None)

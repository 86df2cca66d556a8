"""The scan station: one draft of one task. Each scan is committed as a draft line before its verdict is reported.

Scans that arrive together are judged in one transaction, up to `MOST`. Nothing of a draft becomes stock before DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from models.barcodes import Settings
from models.barcodes.reading import CommandCode
from models.database.bulk import blocks
from models.database.unit import Unit, write
from models.errors import BadValue, Refusal
from models.permissions import Actor, require
from models.schema import Draft
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts, expected
from models.station.batch import Batch, next_scan, prepare
from models.station.drafts import new_session
from models.station.scan import understand
from models.station.state import DraftState, View, load
from models.station.task import RECEIVE, Task, chosen_by, draft_task

T = TypeVar("T")

STEP: Final = 2_500
"""Serials of a range or list between two progress reports."""

MOST: Final = 500
"""Maximum number of scans judged in one transaction, so that other writers do not wait long."""

Tell = Callable[[Verdict], None]


class ScanStation:
    """One draft at one station.

    All methods use the database and run in the database thread; `view` and `task` may be read from any thread.
    """

    def __init__(self, task: Task = RECEIVE, session: str | None = None, settings: Settings | None = None) -> None:
        """Make a station without a draft; the first scan creates the draft.

        Args:
            task: the task to begin with.
            session: identifies this station among others; None creates a new session name.
            settings: barcode settings; None means the defaults.
        """
        self.task = task
        self._settings = settings
        self.session: Final = session or new_session()
        self._state = DraftState()
        self.view: View = self._state.view(next_scan(task, self._state))
        """What the screen shows; replaced by a new object after each change."""

    def choose(self, actor: Actor, task: Task, scan: str = "") -> Verdict:
        """Switch to another task. Only possible while nothing was scanned; a started draft stays as it is.

        Args:
            scan: the task barcode that was scanned; empty if the task was chosen another way.

        Returns:
            A verdict SET; TELL if it is the current task; PROBLEM if a draft was started.

        Raises:
            NotPermitted
        """
        require(actor, task.permission, task.words.to_do)
        title = task.words.title
        if task is self.task:
            self.pass_over()
            return Verdict(Outcome.TELL, scan, title, f"This is the task already: {self.view.next}.")
        if self._state.draft_id is not None:
            self.pass_over()
            begun = self._begun(f"A {self.task.words.noun}")
            message = f"{begun} DONE, CANCEL or F3 comes first; then choose {title} again."
            return Verdict(Outcome.PROBLEM, scan, f"{title}?", message, "begun")
        self.task = task
        self._set(DraftState())
        self.pass_over()
        return Verdict(Outcome.SET, scan, title, f"Now: {self.view.next}.")

    def continue_draft(self, actor: Actor, draft_id: int) -> drafts.DraftRow:
        """Take an open draft over, whoever had it; the station switches to its task.

        Raises:
            NotPermitted, NotFound
            BadValue: another draft was started here; it has to be finished or left first.
        """
        if self._state.draft_id not in (None, draft_id):
            message = self._begun(f"Another {self.task.words.noun}")
            raise BadValue(f"{message} Finish it or leave it, then continue this one.", field="draft")
        row = drafts.take_over(actor, draft_id, self.session)
        self.task = draft_task(row.task)
        self._set(load(draft_id))
        return row

    def leave(self, actor: Actor) -> None:
        """Leave the draft; it stays open and anybody can continue it."""
        if self._state.draft_id is not None:
            drafts.let_go(actor, self._state.draft_id, self.session)
        self._set(DraftState())

    def scan(self, actor: Actor, scans: Sequence[Scan], tell: Tell) -> None:
        """Judge scans in order.

        Args:
            tell: called with the verdict of each scan, in order, as soon as its line is committed. If this method
                raises, scans without a verdict left nothing in the database, and UNDO takes out nothing for them.

        Raises:
            NotPermitted
            Changed: another station has the draft.
            peewee.PeeweeException: a database error.
        """
        rest = list(scans)
        while rest:
            part = rest[:MOST]
            try:
                verdicts = self._work(actor, lambda batch, part=part: batch.judge(part))  # type: ignore[misc]
            except Refusal:
                self.pass_over()
                raise
            for verdict in verdicts:
                tell(verdict)
            del rest[: len(verdicts)]
            if rest and len(verdicts) < len(part):  # stopped before a command that needs its own transaction
                tell(self._command(actor, rest.pop(0).text))

    def pass_over(self) -> None:
        """Record that a scan could not be taken, so that UNDO does not take out the scan before it."""
        state = self._state.copy()
        state.begin_scan()
        state.nothing_to_undo = True
        self._set(state)

    def take_many(self, actor: Actor, serials: Sequence[str], progress: Callable[[int, int], None]) -> Counter[Outcome]:
        """Take a range or list of serials of the current item as typed, all or none (one transaction).

        Args:
            serials: as typed; not read as barcodes.
            progress: called with (done, total); may raise to stop.

        Returns:
            The number of serials per outcome; problems become lines of the problems list.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen.
            Cancelled: from `progress`; nothing was taken.
        """

        def work(batch: Batch) -> Counter[Outcome]:
            outcomes: Counter[Outcome] = Counter()
            for number, part in enumerate(blocks(serials, STEP)):
                progress(number * STEP, len(serials))
                outcomes.update(verdict.outcome for verdict in batch.take(part))
            return outcomes

        return self._work(actor, work)

    def undo(self, actor: Actor) -> Verdict:
        """Take the last scan out; see `Batch.undo`.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, Batch.undo)

    def take_out(self, actor: Actor, number: int) -> Verdict:
        """Take a serial line out by its number; the serial can be scanned again.

        Raises:
            NotPermitted, Changed
            NotFound: no such line, or it was already taken out.
        """
        return self._work(actor, lambda batch: batch.take_out(number))

    def correct(self, actor: Actor, number: int, text: str) -> Verdict:
        """Replace the serial of a line with a typed one, for the same item and place; judged like a scan.

        Raises:
            NotPermitted, Changed
            NotFound: no such line, or it was already taken out.
            BadValue: the text cannot be a serial; the line stays as it was.
        """
        return self._work(actor, lambda batch: batch.correct(number, text))

    def expect(self, actor: Actor, units: int | None) -> None:
        """Set the expected number of units of the current item; None removes it.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or the number is not 1 to `expected.MOST_EXPECTED`.
        """
        self._work(actor, lambda batch: expected.expect(batch.state, batch.entries, units))

    def announce(self, actor: Actor, serials: Sequence[str]) -> int:
        """Set the list of announced serials of the current item; it replaces an earlier list.

        Args:
            serials: the lines of the list; blank lines are ignored. An empty list removes the announced list together
                with the expected number.

        Returns:
            The number of serials on the list.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or a line cannot be a serial; says which.
        """
        return self._work(actor, lambda batch: expected.announce(batch.state, batch.entries, serials))

    def add_to_quantity(self, actor: Actor, adds: bool) -> None:
        """Set whether the current item's quantity goes up: True for a delivery, False for units already on hand.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen.
        """
        self._work(actor, lambda batch: expected.add_to_quantity(batch.state, batch.entries, adds))

    def done(self, actor: Actor) -> Verdict:
        """Carry out all good lines with one document; open points need a second DONE. See `Batch.done`.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.DONE.barcode)

    def cancel(self, actor: Actor) -> Verdict:
        """Discard the draft; needs a second CANCEL.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.CANCEL.barcode)

    def _command(self, actor: Actor, scan: str) -> Verdict:
        """Carry out a command that needs its own transaction: DONE, CANCEL or a task barcode."""
        (meaning,) = understand([scan], self._settings)
        command = meaning.reading.command if meaning.reading is not None else None
        if command is not None and (task := chosen_by(command)) is not None:
            return self.choose(actor, task, scan)
        if command is CommandCode.CANCEL:
            verdict = self._work(actor, lambda batch: batch.cancel(scan))
        else:
            prepared = prepare(self.task, self._state, actor)
            verdict = self._work(actor, lambda batch: batch.done(scan, prepared))
        if verdict.outcome in (Outcome.DONE, Outcome.OUT):
            self._set(DraftState())
        return verdict

    def _work(self, actor: Actor, act: Callable[[Batch], T]) -> T:
        """Run `act` on the draft in one transaction. The state in memory changes only after the commit."""
        state, task = self._state, self.task

        def work(unit: Unit) -> T:
            nonlocal state
            state = self._state.copy()  # a new copy for each attempt: `write` may run this again
            require(actor, task.permission, task.words.to_do)
            before = (state.place, state.item)
            if state.draft_id is not None:
                drafts.claim(unit, state.draft_id, self.session)
            batch = Batch(unit, task, state, lambda: drafts.start(unit, task.code, self.session).id, self._settings)
            result = act(batch)
            if state.draft_id is not None and (state.place, state.item) != before:
                Draft.update(
                    location=state.place.id if state.place else None, item=state.item.id if state.item else None
                ).where(Draft.id == state.draft_id).execute()
            return result

        result = write(actor, work)
        self._set(state)
        return result

    def _begun(self, what: str) -> str:
        place = f" {self.task.words.where} {self.view.place.code}" if self.view.place else ""
        return f"{what} was begun at this station, {self.view.total:,} scanned{place}."

    def _set(self, state: DraftState) -> None:
        self._state = state
        self.view = state.view(next_scan(self.task, state))

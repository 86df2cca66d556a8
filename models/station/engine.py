"""A station: one draft being scanned, for one task. Each scan is a line of the draft before it is told.

Scans that have arrived together are judged in one transaction; nothing of a draft is stock before DONE.
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
"""Serials of a range or list between two reports."""

MOST: Final = 500
"""Scans that are judged in one transaction, so that others do not wait long."""

Tell = Callable[[Verdict], None]


class ScanStation:
    """One draft being scanned at one station.

    All of it talks to the database and runs in one thread; `view` and `task` may be read anywhere.
    """

    def __init__(self, task: Task = RECEIVE, session: str | None = None, settings: Settings | None = None) -> None:
        """Make an empty one; its draft begins with the first scan.

        Args:
            task: what the scans are for.
            session: what tells this station from others; None makes one up.
            settings: how scans are understood here; None is the ordinary way.
        """
        self.task = task
        self._settings = settings
        self.session: Final = session or new_session()
        self._state = DraftState()
        self.view: View = self._state.view(next_scan(task, self._state))
        """What a screen shows; a new one after each change."""

    def choose(self, actor: Actor, task: Task, scan: str = "") -> Verdict:
        """Go over to another task, where nothing was scanned yet; a draft that was begun stays as it is.

        Args:
            scan: the barcode that said so.

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
        """Open a draft that was left, whoever had it; the station goes over to its task.

        Raises:
            NotPermitted, NotFound
            BadValue: another one was begun here; whoever scanned it must know that it is left.
        """
        if self._state.draft_id not in (None, draft_id):
            message = self._begun(f"Another {self.task.words.noun}")
            raise BadValue(f"{message} Finish it or leave it, then continue this one.", field="draft")
        row = drafts.take_over(actor, draft_id, self.session)
        self.task = draft_task(row.task)
        self._set(load(draft_id))
        return row

    def leave(self, actor: Actor) -> None:
        """Leave the draft open for anybody."""
        if self._state.draft_id is not None:
            drafts.let_go(actor, self._state.draft_id, self.session)
        self._set(DraftState())

    def scan(self, actor: Actor, scans: Sequence[Scan], tell: Tell) -> None:
        """Judge scans in their order.

        Args:
            tell: is given the verdict of each, in that order, as soon as its line is in the database. When this
                function raises, those that were not told left nothing behind, and UNDO takes out nothing for them.

        Raises:
            NotPermitted
            Changed: another station has the draft now.
            peewee.PeeweeException: trouble with the database.
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
            if rest and len(verdicts) < len(part):  # a command that stands alone is next
                tell(self._command(actor, rest.pop(0).text))

    def pass_over(self) -> None:
        """Note that a scan came that could not be taken, so that UNDO does not take out the one before it."""
        state = self._state.copy()
        state.begin_scan()
        state.nothing_to_undo = True
        self._set(state)

    def take_many(self, actor: Actor, serials: Sequence[str], progress: Callable[[int, int], None]) -> Counter[Outcome]:
        """Take a range or a list of serials of the present item as they are, all or none.

        Args:
            serials: as typed; nothing is read as a barcode.
            progress: is told how many are done and how many there are, and may raise to stop.

        Returns:
            How many had which outcome; problems wait in their lane.

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
        """Take the last scan out; it can be scanned again.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, Batch.undo)

    def take_out(self, actor: Actor, number: int) -> Verdict:
        """Take any line out; it can be scanned again.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, lambda batch: batch.take_out(number))

    def correct(self, actor: Actor, number: int, text: str) -> Verdict:
        """Put a typed serial in place of a line's, of the same item and at the same place; judged like a scan.

        Raises:
            NotPermitted, Changed
            NotFound: the line is out already.
            BadValue: it cannot be a serial; the line stays as it was.
        """
        return self._work(actor, lambda batch: batch.correct(number, text))

    def expect(self, actor: Actor, units: int | None) -> None:
        """Say how many units of the present item shall come; None takes that back.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or no whole number above zero.
        """
        self._work(actor, lambda batch: expected.expect(batch.state, batch.entries, units))

    def announce(self, actor: Actor, serials: Sequence[str]) -> int:
        """Give the list of serials that shall come of the present item, in place of an earlier list.

        Args:
            serials: the lines of the list; blank ones do not count, and without any the list is taken away again,
                together with the expected number.

        Returns:
            How many are on it.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen, or a line cannot be a serial; says which.
        """
        return self._work(actor, lambda batch: expected.announce(batch.state, batch.entries, serials))

    def add_to_quantity(self, actor: Actor, adds: bool) -> None:
        """Say whether the present item's quantity goes up: for a delivery yes, for units on hand already no.

        Raises:
            NotPermitted, Changed
            BadValue: no item is chosen.
        """
        self._work(actor, lambda batch: expected.add_to_quantity(batch.state, batch.entries, adds))

    def done(self, actor: Actor) -> Verdict:
        """Carry out all good lines with one document; asks for a second time where something is open.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.DONE.barcode)

    def cancel(self, actor: Actor) -> Verdict:
        """Throw the draft away; asks for a second time.

        Raises:
            NotPermitted, Changed
        """
        return self._command(actor, CommandCode.CANCEL.barcode)

    def _command(self, actor: Actor, scan: str) -> Verdict:
        """Carry out a command that stands alone."""
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
        """Do something with the draft in one transaction; what is kept in memory changes only when it is saved."""
        state, task = self._state, self.task

        def work(unit: Unit) -> T:
            nonlocal state
            state = self._state.copy()
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

"""The scan station: one draft of one task. Each scan is committed as a draft line before its verdict is reported.

Scans that arrive together are judged in one transaction, up to `MOST`. Nothing of a draft becomes stock before DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from models.barcodes.reading import CommandCode, Settings, bare_command
from models.database.bulk import blocks
from models.database.unit import Unit, write
from models.errors import BadValue, Changed, Refusal
from models.items.rules import ItemFacts
from models.permissions import Actor, looking, require
from models.schema import Draft
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts, expected
from models.station.answers import Given
from models.station.batch import Batch, next_scan
from models.station.drafts import new_session
from models.station.groups import group
from models.station.look_up import look_up
from models.station.preparing import prepare
from models.station.scan import understand
from models.station.state import DraftState, View, load
from models.station.task import RECEIVE_TASK, TASKS, Commit, First, Task, chosen_by, draft_task

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

    def __init__(self, task: Task = RECEIVE_TASK, session: str | None = None, settings: Settings | None = None) -> None:
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

    def choose(self, actor: Actor, task: Task, scan: str = "", *, keep: bool | None = None, taken: int = 0) -> Verdict:
        """Switch to another task. A draft with serials is kept for later only when the person says so.

        Args:
            task: the other task.
            scan: the task barcode that was scanned; empty if the task was chosen another way.
            keep: what becomes of a draft with serials: True keeps it for later, False discards it, None asks.
            taken: number of the scan, if it was one.

        Returns:
            A verdict SET; TELL if it is the current task; ASK if a draft has serials: the same choice again keeps it.

        Raises:
            NotPermitted, Changed
        """
        require(actor, task.permission, task.words.to_do)
        title, state = task.words.title, self._state
        if task is self.task:
            self.pass_over()
            return Verdict(Outcome.TELL, scan, title, f"This is the task already: {self.view.next}.")
        has_serials = state.draft_id is not None and bool(state.good.total() or state.problems)
        if has_serials and keep is None and state.asked != task.code:
            self._set(self._asked(task.code))
            begun = self._begun(self.task.words.a_noun.capitalize())
            message = (
                f"{begun} {title} once more keeps it for later, CANCEL throws it away, any other scan goes on with it."
            )
            return Verdict(Outcome.ASK, scan, f"{title}?", message, "begun", command=task.command)
        kept = ""
        if state.draft_id is not None and (keep is False or not has_serials):
            self._work(actor, lambda batch: drafts.discard_in(batch.unit, state.draft_id or 0), taken)
            kept = f"The {self.task.words.noun} was thrown away. " if has_serials else ""
        elif state.draft_id is not None:
            drafts.let_go(actor, state.draft_id, self.session)
            kept = f"The {self.task.words.noun} is kept for later. "
        self.task = task
        self._set(DraftState())
        self.pass_over()
        return Verdict(Outcome.SET, scan, title, f"{kept}Now: {self.view.next}.")

    def _asked(self, code: str) -> DraftState:
        """The state after a question that the same command answers when it is given again."""
        state = self._state.copy()
        state.begin_scan()
        state.nothing_to_undo, state.asked = True, code
        return state

    def answer(self, actor: Actor, first: First, given: Given) -> Verdict:
        """Answer what the task asks, as chosen from a list or typed into a dialog.

        Raises:
            NotPermitted, Changed
        """
        return self._work(actor, lambda batch: batch.answer(first, given))

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

    def resume(self) -> bool:
        """Go on with the open draft of this session, which its process has left without an end. False: none is open."""
        draft_id = drafts.of_session(self.session)
        if draft_id is not None:
            self.task = draft_task(drafts.find_draft(draft_id).task)
            self._set(load(draft_id))
        return draft_id is not None

    def leave(self, actor: Actor) -> None:
        """Leave the draft; it stays open and anybody can continue it."""
        if self._state.draft_id is not None:
            drafts.let_go(actor, self._state.draft_id, self.session)
        self._set(DraftState())

    def left(self, actor: Actor) -> Verdict:
        """Leave the draft, as an action that waits for the scans before it."""
        self.leave(actor)
        return Verdict(Outcome.TELL, "", "Left")

    def scan(self, actor: Actor, scans: Sequence[Scan], tell: Tell) -> None:
        """Judge scans in order.

        Args:
            tell: called with the verdict of each scan, in order, as soon as its line is committed. If this method
                raises, scans without a verdict left nothing in the database, and UNDO takes out nothing for them.

        Raises:
            NotPermitted
            Changed: another station has the draft.
            DatabaseTrouble
        """
        rest = list(scans)
        while rest:
            if self.task.commits is Commit.NEVER:
                tell(self._look_up(actor, rest.pop(0)))
                continue
            part = rest[:MOST]
            try:
                verdicts = self._work(actor, partial(_judge, part), part[-1].number)
            except Refusal:
                self.pass_over()
                raise
            for verdict in verdicts:
                tell(verdict)
            del rest[: len(verdicts)]
            if rest and len(verdicts) < len(part):  # stopped before a command that needs its own transaction
                tell(self._command(actor, rest.pop(0)))

    def _look_up(self, actor: Actor, scan: Scan) -> Verdict:
        (meaning,) = understand([scan.text], self._settings)
        command = (meaning.reading.command if meaning.reading is not None else None) or (
            bare_command(scan.text) if scan.how == "typed" else None
        )
        if command is not None and (task := chosen_by(command)) is not None:
            return self.choose(actor, task, scan.text)
        return looking(actor, look_up, actor, scan, self._settings)

    def pass_over(self) -> None:
        """Record that a scan could not be taken, so that UNDO does not take out the scan before it."""
        state = self._state.copy()
        state.begin_scan()
        state.nothing_to_undo = True
        self._set(state)

    def take_many(self, actor: Actor, serials: Sequence[str], progress: Callable[[int, int], None]) -> Counter[Outcome]:
        """Take a range or list of serials of the current item as typed, all or none (one transaction, and one UNDO).

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
            before = batch.state.last_number
            for number, part in enumerate(blocks(serials, STEP)):
                progress(number * STEP, len(serials))
                outcomes.update(verdict.outcome for verdict in batch.take(part))
            batch.state.nothing_to_undo, batch.state.kept = batch.state.last_number == before, 0
            return outcomes

        return self._work(actor, work)

    def require_item(self, item: ItemFacts) -> None:
        """Refuse what a person has entered for an item if a scan that still waited has changed the item meanwhile.

        Raises:
            Changed
        """
        now = self.view.item
        if now is None or now.id != item.id:
            is_now = f"The item is {now.sku} now" if now else "No item is chosen now"
            raise Changed(f"{is_now}, no longer {item.sku}. Nothing was taken. Scan {item.sku}, then enter it again.")

    def take_group(self, actor: Actor, text: str) -> Verdict:
        """Take all serials at a place, or of a document, in one transaction.

        Raises:
            NotPermitted, Changed
            BadValue: nothing is named, or there are too many.
            NotFound: no place and no document has this name, or nothing of it can be taken.
        """
        return self._work(actor, lambda batch: batch.take_group(group(self.task, text)))

    def undo(self, actor: Actor) -> Verdict:
        """Take the last scan out; see `Batch.undo`.

        Raises:
            NotPermitted, Changed
        """
        if self.task.commits is Commit.NEVER:
            return self._look_up(actor, Scan(CommandCode.UNDO.barcode))
        return self._work(actor, Batch.undo)

    def take_out(self, actor: Actor, number: int) -> Verdict:
        """Take a serial line out by its number; the serial can be scanned again.

        Raises:
            NotPermitted, Changed
            NotFound: no such line, or it was already taken out.
        """
        return self._work(actor, lambda batch: batch.serials.take_out_line(number))

    def correct(self, actor: Actor, number: int, text: str) -> Verdict:
        """Replace the serial of a line with a typed one, for the same item and place; judged like a scan.

        Raises:
            NotPermitted, Changed
            NotFound: no such line, or it was already taken out.
            BadValue: the text cannot be a serial; the line stays as it was.
        """
        return self._work(actor, lambda batch: batch.serials.correct(number, text))

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
        """Carry out all good lines with one document; open points need a second DONE. See `Ending.done`.

        Raises:
            NotPermitted, Changed
        """
        if self.task.commits is Commit.NEVER:
            return self._look_up(actor, Scan(CommandCode.DONE.barcode))
        return self._command(actor, Scan(CommandCode.DONE.barcode))

    def cancel(self, actor: Actor) -> Verdict:
        """Discard the draft; needs a second CANCEL.

        Raises:
            NotPermitted, Changed
        """
        if self.task.commits is Commit.NEVER:
            return self._look_up(actor, Scan(CommandCode.CANCEL.barcode))
        return self._command(actor, Scan(CommandCode.CANCEL.barcode))

    def _command(self, actor: Actor, made: Scan) -> Verdict:
        """Carry out a command that needs its own transaction: DONE, CANCEL or a task barcode."""
        scan = made.text
        (meaning,) = understand([scan], self._settings)
        command = (meaning.reading.command if meaning.reading is not None else None) or bare_command(scan)
        if command is not None and (task := chosen_by(command)) is not None:
            return self.choose(actor, task, scan, taken=made.number)
        if command is CommandCode.CANCEL and (other := TASKS.get(self._state.asked)) is not None:
            return self.choose(
                actor, other, scan, keep=False, taken=made.number
            )  # the answer to the question of `choose`
        if command is CommandCode.CANCEL:
            verdict = self._work(actor, lambda batch: batch.ending.cancel(scan), made.number)
        else:
            prepared = prepare(self.task, self._state, actor)
            verdict = self._work(actor, lambda batch: batch.ending.done(scan, prepared), made.number, durable=True)
        if verdict.outcome in (Outcome.DONE, Outcome.OUT):
            self._set(DraftState())
        return verdict

    def _work(self, actor: Actor, act: Callable[[Batch], T], taken: int = 0, *, durable: bool = False) -> T:
        """Run `act` on the draft in one transaction. The state in memory changes only after the commit.

        Args:
            taken: number of the last scan that `act` takes; 0 if it takes none.
            durable: as for `models.database.unit.write`.
        """
        state, task = self._state, self.task

        def work(unit: Unit) -> T:
            nonlocal state
            state = self._state.copy()  # a new copy for each attempt: `write` may run this again
            require(actor, task.permission, task.words.to_do)
            before = (state.place, state.item)
            if state.draft_id is not None:
                drafts.claim(unit, state.draft_id, self.session, taken=taken)
            batch = Batch(
                unit, task, state, lambda: drafts.start(unit, task.code, self.session, taken).id, self._settings
            )
            result = act(batch)
            if state.draft_id is not None and (state.place, state.item) != before:
                Draft.update(
                    location=state.place.id if state.place else None, item=state.item.id if state.item else None
                ).where(Draft.id == state.draft_id).execute()
            return result

        result = write(actor, work, durable=durable)
        self._set(state)
        return result

    def _begun(self, what: str) -> str:
        view = self.view
        about = self.task.words.about(view.place.code if view.place else "", view.answers)
        return f"{what} was begun at this station, {view.total:,} scanned{about}."

    def _set(self, state: DraftState) -> None:
        self._state = state
        self.view = state.view(next_scan(self.task, state))


def _judge(part: Sequence[Scan], batch: Batch) -> list[Verdict]:
    """Judge a part of the scans, and correct the draft's number of the last one if not all of them were."""
    verdicts = batch.judge(part)
    if len(verdicts) < len(part) and batch.state.draft_id is not None and (stopped := part[len(verdicts)].number):
        drafts.correct_taken(batch.state.draft_id, stopped - 1)
    return verdicts

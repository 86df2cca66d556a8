"""What can be done at a station besides scanning: settle problems, go through the lines, say what shall come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from textual import work

from models import clock
from models.errors import Changed, NotFound
from models.items.rules import ItemFacts, item_facts
from models.people import list_users
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts, expected
from models.station.drafts import DraftRow
from models.station.engine import ScanStation
from models.station.lines import Line
from models.station.preview import Preview, Progress, preview
from models.station.receive import RECEIVE
from tui.dialogs.choose import Choice, ChooseDialog
from tui.dialogs.confirm import Answer, ConfirmDialog
from tui.dialogs.draft import CONTINUE, DISCARD, DraftDialog
from tui.dialogs.many import ManyDialog
from tui.dialogs.problem import AGAIN, CORRECT, OPEN, ProblemDialog
from tui.routes import SerialRecord
from tui.scanning.screens import Passed, PassesScans
from tui.screens.frame import Frame
from tui.station.dialogs import NAMED, Compared, Expected, ExpectedDialog
from tui.station.lines import StationLinesScreen
from tui.station.queue import SLOW_AFTER, StationQueue
from tui.widgets.open_drafts import OpenDrafts
from tui.widgets.problems_lane import ProblemsLane
from tui.widgets.verdict_line import VerdictLine

OPENING: Final = 120.0
"""Seconds that keys wait at most for a draft to be opened; longer than any database lets a write wait."""

Answered = TypeVar("Answered")


class StationActions(Frame[str]):
    """The actions of a station; its screen has the scan line."""

    STYLE_SHEETS = ("lists", "station")
    job: ScanStation
    """The task."""

    @property
    def queue(self) -> StationQueue:
        """The way to the task."""
        raise NotImplementedError

    def take_passed(self, event: Passed) -> None:
        """Take what was scanned while a dialog stood before the station."""
        raise NotImplementedError

    def show_problems(self) -> None:
        """Show anew what waits."""
        raise NotImplementedError

    def tell_state(self) -> None:
        """Show where the draft stands."""
        raise NotImplementedError

    async def fill(self) -> None:
        """Show the draft as it is in the database."""
        raise NotImplementedError

    def show_draft(self) -> object:
        """Begin to show the draft as it is in the database."""
        raise NotImplementedError

    async def _ask(self, dialog: PassesScans[Answered]) -> Answered | None:
        """Open a dialog and wait for what it returns; a scan closes it unanswered and is taken here."""
        dialog.pass_on = self.take_passed
        return await self.context.ask(dialog)

    @property
    def taker_of_scans(self) -> Callable[[Passed], object]:
        """The station, also while help or the menu stands before it."""
        return self.take_passed

    # ----- drafts that were left

    @work(exclusive=True, group="drafts")
    async def list_open_drafts(self) -> None:
        """Offer the drafts that somebody left open, while this station has none."""
        with self.refusals_shown():
            found = await self.read(drafts.open_drafts, [RECEIVE.code])
            offered = self.query_one(OpenDrafts)
            offered.fill(found if self.job.view.draft_id is None else [])
            self.tell_state()
            if self.has_class("-drafts") and not self.queue.waiting:
                many = "1 open receipt" if len(found) == 1 else f"{len(found)} open receipts"
                said = "Enter continues, F4 hands over or discards, a scan begins a new one."
                self.query_one(VerdictLine).say(many, said)

    @work(exclusive=True, group="drafts")
    async def continue_draft(self, row: DraftRow, *, sure: bool = False) -> None:
        """Go on with a draft here, where nothing else has begun; ask first where another station has it."""
        if not sure and row.is_in_use(clock.now()) and not await self._wants_to_take_over(row):
            return
        with self.context.keyboard.hold(OPENING), self.refusals_shown():
            if self.queue.waiting:
                self.say("A scan has begun a new receipt here. F3 leaves it; then F7 offers both.", "warning")
                return
            await self._open(row.id)
            self.query_one(OpenDrafts).fill([])
            await self.fill()

    async def _open(self, draft_id: int) -> None:
        """Open a draft here; call it in a hold.

        Raises:
            SerialdockError
        """
        wait = "The database is busy. What is scanned meanwhile is taken afterwards."
        timer = self.set_timer(SLOW_AFTER, lambda: self.query_one(VerdictLine).say("Wait", wait))
        try:
            await self.write(self.job.continue_draft, self.context.actor, draft_id)
        finally:
            timer.stop()

    async def _wants_to_take_over(self, row: DraftRow) -> bool:
        question = f"{row.login} has it open at another station. Its next scan there will be refused."
        answers = [Answer("no", "Leave it", "f3"), Answer("yes", "Take it over", "f10")]
        return await self._ask(ConfirmDialog("Take over?", question, answers)) == "yes"

    @work(exclusive=True, group="dialog")
    async def _settle_draft(self, row: DraftRow) -> None:
        what = await self._ask(DraftDialog(row))
        if what == CONTINUE:
            self.continue_draft(row, sure=True)
        elif what == DISCARD:
            await self._discard(row)
        elif what is not None:
            await self._hand_over(row)

    async def _discard(self, row: DraftRow) -> None:
        scanned = row.good + row.problems
        question = f"{scanned:,} scanned serial{'s' if scanned != 1 else ''} will be thrown away; none becomes stock."
        answers = [Answer("no", "Keep it", "f3"), Answer("yes", "Discard", "f10")]
        if await self._ask(ConfirmDialog("Discard?", question, answers)) == "yes":
            with self.refusals_shown():
                await self.write(drafts.discard, self.context.actor, row.id)
                self.say("The draft was discarded.", "done")
            self.list_open_drafts()

    async def _hand_over(self, row: DraftRow) -> None:
        with self.refusals_shown():
            with self.context.keyboard.hold():
                users = await self.read(list_users)
                choices = [Choice(user.login, user.login, ", ".join(user.roles)) for user in users]
                dialog = ChooseDialog("Hand over to", choices, present=row.login)
            login = await self._ask(dialog)
            if login is not None:
                await self.write(drafts.hand_over, self.context.actor, row.id, login)
                self.say(f"The draft is {login}'s now.", "done")
                self.list_open_drafts()

    # ----- problems

    def action_problem(self) -> None:
        """Settle the problem under the cursor, or a draft that was left open."""
        draft, line = self.query_one(OpenDrafts).chosen, self.query_one(ProblemsLane).chosen
        if self.has_class("-drafts") and draft is not None:
            self._settle_draft(draft)
        elif line is not None:
            self._settle_problem(line)
        else:
            self.say("No problems.")

    @work(exclusive=True, group="dialog")
    async def _settle_problem(self, line: Line) -> None:
        not_taken = self.queue.not_taken
        again = len(not_taken.scans) if line.number < 0 and not_taken.is_scan(line) else 0
        settled = await self._ask(ProblemDialog(line, again))
        if settled is None:
            return
        if settled.what == OPEN and line.serial_id is not None:
            with self.refusals_shown():
                await self.context.open(SerialRecord(line.serial_id))
        elif settled.what == AGAIN:
            await self._take_again()
        elif line.number < 0:
            not_taken.settle(line.number)
            if settled.what == CORRECT:
                self.queue.put(Scan(settled.text, "typed"))
            else:
                said = Verdict(Outcome.OUT, line.scan, line.shown, "It was left out; nothing of it was taken.")
                self.query_one(VerdictLine).tell(said)
            self.show_problems()
        elif settled.what == CORRECT:
            self.queue.put(lambda actor: self.job.correct(actor, line.number, settled.text))
        else:
            self.queue.put(lambda actor: self.job.take_out(actor, line.number))

    async def _take_again(self) -> None:
        """Scan anew what was not taken; a draft that another station has is taken over first, knowingly."""
        if await self._has_draft_back():
            for scan in self.queue.not_taken.take_scans():
                self.queue.put(scan)
            self.show_problems()

    async def _has_draft_back(self) -> bool:
        draft_id, has_it = self.job.view.draft_id, False
        if draft_id is None:
            return True
        with self.refusals_shown():
            try:
                with self.context.keyboard.hold():
                    row = await self.read(drafts.find_draft, draft_id)
            except NotFound:  # finished or discarded elsewhere: what was not in it goes into a new one
                await self.write(self.job.leave, self.context.actor)
                return True
            has_it = row.session == self.job.session
            if not has_it and (not row.is_in_use(clock.now()) or await self._wants_to_take_over(row)):
                with self.context.keyboard.hold(OPENING):
                    await self._open(draft_id)
                    await self.fill()
                    has_it = True
        return has_it

    # ----- lines

    @work(exclusive=True, group="dialog")
    async def action_lines(self) -> None:
        """List what was scanned; any line can be taken out."""
        draft_id = self.job.view.draft_id
        if draft_id is None:
            self.say("Nothing was scanned yet.")
            return

        def take_out(number: int) -> Verdict:
            return self.job.take_out(self.context.actor, number)

        await self._ask(StationLinesScreen(draft_id, take_out))
        self.show_draft()

    # ----- without a gun

    def action_many(self) -> None:
        """Take a range or a list of serials of the item."""
        if self._has_item():
            self._ask_many()

    @work(exclusive=True, group="dialog")
    async def _ask_many(self) -> None:
        item = self.job.view.item
        assert item is not None
        item_id, job, actor = item.id, self.job, self.context.actor

        def look(serials: list[str], progress: Progress) -> Preview:
            return preview(item_id, serials, progress, draft_id=job.view.draft_id)

        def take(serials: list[str], progress: Progress) -> str:
            _refuse_other_item(job, item)
            outcomes = job.take_many(actor, serials, progress)
            waiting = outcomes[Outcome.PROBLEM]
            problems = f" {waiting:,} wait under Problems." if waiting else ""
            return f"{outcomes[Outcome.OK]:,} taken.{problems}"

        said = await self.context.ask(ManyDialog(f"Many serials · {item.sku}", look, take))
        if said is not None:
            self.show_draft()
            self.say(said, "done")

    # ----- what shall come

    def _has_item(self) -> bool:
        if self.job.view.item is None:
            self.say("Scan the item first.", "warning")
        return self.job.view.item is not None

    def action_expected(self) -> None:
        """Say what shall come of the item, and compare it with what has come."""
        if self._has_item():
            self._ask_expected()

    @work(exclusive=True, group="dialog")
    async def _ask_expected(self) -> None:
        item = self.job.view.item
        assert item is not None
        with self.refusals_shown():
            with self.context.keyboard.hold():
                compared = await self.read(_compare, self.job)
                dialog = ExpectedDialog(
                    item.sku, compared, lambda lines: expected.checked_list(item_facts(item.id), lines)
                )
            said = await self.context.ask(dialog)
            if said is not None:
                self.queue.put(lambda actor: _expect(self.job, actor, item, said))

    def action_quantity(self) -> None:
        """Switch whether the item's quantity goes up with what is received."""
        if self._has_item():
            self.queue.put(lambda actor: _switch_quantity(self.job, actor))


def _compare(job: ScanStation) -> Compared:
    """How the present item stands; for the database thread."""
    view = job.view
    if view.draft_id is None or view.item is None or not view.announced:
        return Compared(view.expected, 0, view.count)
    missing, unannounced = expected.compare(view.draft_id, view.item.id, NAMED)
    return Compared(view.expected, view.announced, view.count, missing, unannounced)


def _check_list(item_id: int, lines: list[str]) -> None:
    expected.checked_list(item_facts(item_id), lines)


def _refuse_other_item(job: ScanStation, item: ItemFacts) -> None:
    """Refuse what was asked for an item when a scan that was still on its way has changed the item; in its thread.

    Raises:
        Changed
    """
    now = job.view.item
    if now is None or now.id != item.id:
        is_now = f"The item is {now.sku} now" if now else "No item is chosen now"
        raise Changed(f"{is_now}, no longer {item.sku}. Nothing was taken. Scan {item.sku}, then enter it again.")


def _expect(job: ScanStation, actor: Actor, item: ItemFacts, said: Expected) -> Verdict:
    _refuse_other_item(job, item)
    if said.announced is not None:
        count = job.announce(actor, said.announced)
        if not count:
            return Verdict(Outcome.TELL, "", "No list", "The announced list was taken away.")
        twice = len(list(filter(str.strip, said.announced))) - count
        once = f" {twice:,} repeated line{'s' if twice != 1 else ''} left out." if twice else ""
        message = f"Serials that are not on the list will be told.{once}"
        return Verdict(Outcome.TELL, "", f"{count:,} announced", message)
    job.expect(actor, said.units)
    subject = f"{said.units:,} expected" if said.units else "No number expected"
    return Verdict(Outcome.TELL, "", subject, "")


def _switch_quantity(job: ScanStation, actor: Actor) -> Verdict:
    adds = not job.view.adds_quantity
    job.add_to_quantity(actor, adds)
    item = job.view.item
    name = item.sku if item else ""
    if adds:
        return Verdict(Outcome.TELL, "", "Quantity goes up", f"{name}: a delivery, each serial adds one unit on hand.")
    return Verdict(Outcome.TELL, "", "Quantity stays", f"{name}: on hand already, the units only get their numbers.")

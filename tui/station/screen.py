"""The station: a scan becomes a line of a draft, DONE makes it stock. Its first task is to receive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, HorizontalGroup, Vertical
from textual.events import Paste
from textual.widgets import OptionList, Static

from models.errors import DatabaseTrouble, SerialdockError
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts, lines
from models.station.engine import ScanStation
from models.station.lines import Line
from tui.context import Kind
from tui.scanning.scan_field import ScanField
from tui.scanning.screens import Passed, is_alone
from tui.screens import station_words as words
from tui.screens.station_actions import StationActions
from tui.station.parts import Tape
from tui.station.queue import StationQueue
from tui.text import plain
from tui.widgets.key_bar import KeyBar
from tui.widgets.message_line import MessageLine
from tui.widgets.open_drafts import OpenDrafts
from tui.widgets.options import Options
from tui.widgets.problems_lane import MOST, ProblemsLane
from tui.widgets.station_head import StationHead
from tui.widgets.title_bar import TitleBar
from tui.widgets.verdict_line import VerdictLine

SHOW_EVERY: Final = 0.05
"""Seconds between two drawings; drawing takes longer than saving."""

SIGN_OF_LIFE: Final = 30.0
"""Seconds between two of them, so that others see that the draft is open here."""


class StationScreen(StationActions):
    """Scans in, verdicts out; no pop-up comes by itself."""

    TITLE_TEXT = "Receive"
    HELP = (
        "Scan a place, an item, then its serials, and DONE. Each scan is kept at once; what cannot be received waits "
        "under Problems, and the gun goes on. F3 leaves and keeps everything; F7 on the list of items brings it back."
    )
    CATCHES = False
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("done", "undo", "actions", "leave", "problem", "many", "expected")
    """The keys that stay where few fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "lines", "Lines", id="station.lines", tooltip="List the lines; take any of them out", show=False),
        Binding("f3", "leave", "Leave", id="station.leave", tooltip="Leave; the draft is kept"),
        Binding("escape", "empty", "Empty", id="station.empty", tooltip="Empty the scan line", show=False),
        Binding("f4", "problem", "Problem", id="station.problem", tooltip="Settle the problem under the cursor"),
        Binding("f5", "refresh", "Refresh", id="station.refresh", tooltip="Draw anew, and save what waits", show=False),
        Binding("f6", "many", "Many", id="station.many", tooltip="Enter a range or a list of serials"),
        Binding("f7", "expected", "Expected", id="station.expected", tooltip="Say what shall come, and count it"),
        Binding("f8", "undo", "Undo", id="station.undo", tooltip="Take the last scan out"),
        Binding("f9", "quantity", "Quantity", id="station.quantity", tooltip="Does the quantity go up?", show=False),
        Binding("f10", "done", "Done", id="station.done", tooltip="Receive what was scanned"),
        Binding("f12", "cancel", "Cancel", id="station.cancel", tooltip="Throw the draft away", show=False),
    ]

    def __init__(self, task: ScanStation) -> None:
        """Make the screen.

        Args:
            task: empty, or with a draft that was opened again.
        """
        super().__init__()
        self.job = task
        self._queue: StationQueue | None = None
        self._fresh: list[Verdict] = []
        self._is_waiting_to_show = False
        self._shown_at = 0.0
        self._not_leaving: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        """Title, count, verdict, what was scanned beside what waits, the scan line, keys."""
        yield TitleBar(self.TITLE_TEXT, self.context.place)
        yield StationHead()
        yield VerdictLine()
        with Horizontal(classes="station-body"):
            yield Tape()
            with Vertical(classes="station-problems"):
                yield Static("", classes="station-problems-head")
                yield OpenDrafts()
                yield ProblemsLane()
        with HorizontalGroup(classes="station-scan"):
            yield Static("", classes="station-next", id="next")
            yield ScanField(id="scan", runs_on=True)
        yield MessageLine()
        yield KeyBar()

    @property
    def queue(self) -> StationQueue:
        """The way to the task."""
        if self._queue is None:
            self._queue = StationQueue(self.context, self.job, self._settled)
        return self._queue

    def on_mount(self) -> None:
        """Begin in the scan line."""
        self.query_one(ScanField).focus()
        self.tell_state()
        self.set_interval(SIGN_OF_LIFE, self._give_sign_of_life)
        self.list_open_drafts()

    @work(exclusive=True, group="fill")
    async def show_draft(self) -> None:
        """Show the draft as it is in the database."""
        await self.fill()

    async def fill(self) -> None:
        """Show the draft as it is in the database; what is scanned meanwhile is told first and not overwritten."""
        self.tell_state()
        before = self._shown_at
        with self.refusals_shown():
            while (draft_id := self.job.view.draft_id) is not None:
                shown = self._shown_at
                taken, waiting = await self.read(_lines_of, draft_id)
                if shown == self._shown_at and not (self.queue.waiting or self._fresh):
                    self.query_one(Tape).fill(taken)
                    self._fill_lane(waiting)
                    break
                await asyncio.sleep(SHOW_EVERY)
            view = self.job.view
            if view.draft_id is not None and before == self._shown_at:
                self.query_one(VerdictLine).say(f"{view.total:,} scanned", f"Go on: {view.next}.")

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message above the keys; where there is no room for it, in the place of the verdict."""
        super().say(text, kind)
        if self.query_one(MessageLine).is_cut:
            self.query_one(VerdictLine).say("", text)

    # ----- scans in

    @on(ScanField.Scanned)
    def _take(self, event: ScanField.Scanned) -> None:
        event.stop()
        self.queue.put(Scan(event.text, event.how))

    @on(ScanField.Refused)
    def _refuse(self, event: ScanField.Refused) -> None:
        event.stop()
        self.queue.pass_over(
            Scan(event.text, "scanned" if event.in_burst else "typed"), str(event.reason), event.reason.sentence
        )

    @on(ScanField.Repeated)
    def _repeat(self, event: ScanField.Repeated) -> None:
        event.stop()
        self.say(f"{event.text} came twice within a second; it counts once.")

    def take_passed(self, event: Passed) -> None:
        """Take what was scanned while a dialog stood before the station."""
        if isinstance(event, ScanField.Scanned):
            self._take(event)
        elif isinstance(event, ScanField.Refused):
            self._refuse(event)
        elif isinstance(event, ScanField.Repeated):
            self._repeat(event)
        else:
            self.query_one(ScanField).post_message(Paste(event.text))

    @on(ScanField.EmptyEnd)
    def _enter(self, event: ScanField.EmptyEnd) -> None:
        event.stop()
        self._act_when_alone(event)

    @work(exclusive=True, group="enter")
    async def _act_when_alone(self, end: ScanField.EmptyEnd) -> None:
        """Go on with a draft, or open a problem, unless a scan follows the Enter; that one is no answer."""
        with self.context.keyboard.hold():
            if not await is_alone(self, end):
                return
            draft = self.query_one(OpenDrafts).chosen
            if self.has_class("-drafts") and draft is not None:
                self.continue_draft(draft)
            elif self.query_one(ProblemsLane).chosen is not None:
                self.action_problem()

    # ----- verdicts out

    def _settled(self, verdicts: Sequence[Verdict]) -> None:
        """Note what became of some scans; it is drawn a moment later, for all that are settled until then."""
        if not self.is_attached:
            return
        self._fresh += verdicts
        if self._is_waiting_to_show:
            return
        self._is_waiting_to_show = True
        if (since := monotonic() - self._shown_at) >= SHOW_EVERY:
            self.call_later(self._show)
        else:
            self.set_timer(SHOW_EVERY - since, self._show)

    def _show(self) -> None:
        self._is_waiting_to_show = False
        if not self.is_attached:
            return
        fresh, self._fresh = self._fresh, []
        self._shown_at = monotonic()
        if fresh:
            good = self.context.config.bell_on_good and any(verdict.outcome is Outcome.OK for verdict in fresh)
            if good or any(verdict.rings for verdict in fresh):
                self.app.bell()
            last = fresh[-1]
            self.query_one(Tape).add(fresh)
            self.query_one(VerdictLine).tell(last, f"line {last.position}" if last.position else "")
        self.tell_state()
        trouble = self.queue.trouble
        if trouble is not None:
            self.say(f"{words.waiting(self.queue.waiting)} {trouble.message}", "warning")
        elif self.queue.is_slow:
            self.query_one(VerdictLine).say(*words.slow(self.queue.waiting))
        elif any(verdict.outcome is Outcome.DONE for verdict in fresh) and (left := self.queue.not_taken.lines):
            self.say(f"Still to be settled: {words.not_taken(left)}. F4 settles {words.it(left)}.")
        elif self.query_one(MessageLine).said:
            self.say("")
        if any(verdict.outcome is not Outcome.OK or verdict.number for verdict in fresh):
            self._list_problems()

    def tell_state(self) -> None:
        """Show where the draft stands."""
        view = self.job.view
        place = f" at {view.place.code}" if view.place else ""
        self.tell_title(f"{self.TITLE_TEXT}{place}")
        self.query_one("#next", Static).update(plain(f"{view.next[0].upper()}{view.next[1:]}"))
        beside = self.queue.not_taken
        problems = len(beside.lines) + (0 if beside.has_lost_draft else view.problems)
        self.query_one(StationHead).tell(view, problems)
        self.set_class(view.draft_id is None and not problems and bool(self.query_one(OpenDrafts).drafts), "-drafts")
        head = f"Problems {problems:,}" if problems else "No problems"
        head = "Open receipts" if self.has_class("-drafts") else head
        self.query_one(".station-problems-head", Static).update(plain(head, "bold" if problems else ""))
        self.set_class(bool(problems), "-problems")

    def show_problems(self) -> None:
        """Show anew what waits."""
        self.tell_state()
        self._list_problems()

    @work(exclusive=True, group="problems")
    async def _list_problems(self) -> None:
        lane, view = self.query_one(ProblemsLane), self.job.view
        waiting: Sequence[Line] = ()
        with self.refusals_shown():
            if view.draft_id is not None and (view.problems or lane.lines):
                waiting = await self.read(lines.problems, view.draft_id, MOST)
            self._fill_lane(waiting)

    def _fill_lane(self, waiting: Sequence[Line]) -> None:
        """Show what waits in the draft, unless that is another station's now, and beside it."""
        beside = self.queue.not_taken
        self.query_one(ProblemsLane).fill([*(() if beside.has_lost_draft else waiting), *beside.lines])

    @work(exclusive=True, group="life")
    async def _give_sign_of_life(self) -> None:
        draft_id = self.job.view.draft_id
        if draft_id is None:
            return
        try:
            await self.write(drafts.keep_alive, self.context.actor, draft_id, self.job.session)
        except DatabaseTrouble:
            return  # the next scan says so
        except SerialdockError as refusal:
            self.query_one(VerdictLine).say("Not here any more", refusal.message)

    # ----- keys

    def action_empty(self) -> None:
        """Empty the scan line; Esc never leaves a line that scans go into."""
        field = self.query_one(ScanField)
        field.value = ""
        field.focus()
        self.say("")

    def action_undo(self) -> None:
        """Take the last scan out."""
        self.queue.put(self.job.undo)

    def action_done(self) -> None:
        """Receive what was scanned."""
        if self._has_unfinished():
            return
        self.queue.put(self.job.done)

    def action_cancel(self) -> None:
        """Throw the draft away."""
        self.queue.put(self.job.cancel)

    def _has_unfinished(self) -> bool:
        text = self.query_one(ScanField).value.strip()
        if text:
            self.say(f"{text} stands in the scan line. Enter takes it, Esc drops it; then go on.", "warning")
        return bool(text)

    def action_refresh(self) -> None:
        """Draw the whole screen again, and save what waits."""
        self.context.redraw()
        self.queue.go_on()
        self.show_draft()

    @property
    def _listing(self) -> Options:
        return self.query_one(OpenDrafts) if self.has_class("-drafts") else self.query_one(ProblemsLane)

    def key_down(self) -> None:
        """Go down in what waits while the scan line keeps the focus."""
        self._listing.action_cursor_down()

    def key_up(self) -> None:
        """Go up in what waits while the scan line keeps the focus."""
        self._listing.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _click_problem(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_problem()

    def action_leave(self) -> None:
        """Leave; what was scanned is kept, and anybody can go on with it."""
        if not self._has_unfinished():
            self._leave()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        with self.context.keyboard.hold():
            if self.queue.waiting:
                self.say(f"{self.queue.waiting:,} scans are not saved yet. Wait a moment, then F3 again.", "warning")
                return
            left = self.queue.not_taken.lines
            if left and left != self._not_leaving:
                self._not_leaving = left
                self.say(f"F3 again forgets {words.not_taken(left)}. F4 settles {words.it(left)}.", "warning")
                return
            draft_id = self.job.view.draft_id
            with self.refusals_shown():
                await self.write(self.job.leave, self.context.actor)
            self.dismiss("" if draft_id is None else "The receipt is kept. F7 goes on with it.")


def _lines_of(draft_id: int) -> tuple[list[Line], list[Line]]:
    """The last lines that were taken, and those that wait; for the database thread."""
    return lines.newest(draft_id), lines.problems(draft_id, MOST)

"""The station screen: scans in, verdicts out. A scan becomes a line of a draft; DONE carries out the task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import ClassVar, Final, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, HorizontalGroup, Vertical
from textual.events import Paste
from textual.widgets import OptionList, Static

from models import clock
from models.errors import Changed, DatabaseTrouble, NotFound, SerialdockError
from models.items.rules import ItemFacts, item_facts
from models.permissions import Actor
from models.serials.judging import Outcome, Scan, Verdict
from models.station import drafts, expected, lines
from models.station.answers import no_answer
from models.station.drafts import DraftRow
from models.station.engine import ScanStation
from models.station.groups import compare_transfer
from models.station.left import WaitingScans
from models.station.lines import Line
from models.station.preview import Preview, Progress, preview
from models.station.task import DRAFT_TASKS, STATION_TASKS, TASKS, Commit, Extra, First, Task
from tui.context import Kind
from tui.kit.bars import KeyBar, MessageLine, TitleBar
from tui.kit.form import Options
from tui.kit.page import Frame, is_shown
from tui.kit.shown import show
from tui.records.many import ManyDialog
from tui.routes import SerialRecord, Station
from tui.scanning.queue import waiting_words
from tui.scanning.scan_field import ScanField
from tui.scanning.screens import Forwarded, ForwardsScans, is_alone
from tui.station.asking import (
    GO_ON,
    KEEP,
    ArrivedDialog,
    GroupDialog,
    ask_about_draft,
    ask_and_void,
    ask_answer,
    ask_task,
    ask_which_answer,
)
from tui.station.dialogs import (
    AGAIN,
    CONTINUE,
    CORRECT,
    NAMED,
    OPEN,
    Compared,
    Expected,
    ExpectedDialog,
    ProblemDialog,
    confirm_take_over,
    settle_draft,
)
from tui.station.lines import StationLinesScreen
from tui.station.parts import LISTED, OpenDrafts, ProblemsLane, StationHead, Tape, VerdictLine
from tui.station.queue import SLOW_AFTER, ContextAct, NotTaken, StationQueue
from tui.station.waiting import may_leave_words, settle_left, slow_words
from tui.terminal.keys_in_order import WRITE_LIMIT
from tui.text import clip, plain
from tui.themes import style_sheets

SHOW_EVERY: Final = 0.05
"""Least seconds between redraws; drawing takes longer than saving."""

HEARTBEAT: Final = 30.0
"""Seconds between heartbeats, which show other stations that the draft is open here: a third of `drafts.ALIVE`, so that
one that is late or lost changes nothing."""

EXTRA_OF_ACTION: Final = {
    "many": Extra.LISTS,
    "all": Extra.GROUPS,
    "expected": Extra.EXPECTED,
    "arrived": Extra.ARRIVED,
    "quantity": Extra.QUANTITY,
}
"""Actions that only some tasks offer, and the extra that they need."""

DRAFT_ACTIONS: Final = frozenset({"lines", "problem", "undo", "done", "cancel"})
"""Actions that need a draft; the task that looks up serials has none."""

Answered = TypeVar("Answered")


class StationScreen(Frame[str]):
    """The screen for scanning into one draft. Dialogs open only on a key, never by themselves."""

    CSS_PATH = style_sheets("station")
    TITLE_TEXT = "Station"
    ROUTE = Station()
    CATCHES = False
    FOLLOWS = True
    KEYS_FIRST: ClassVar[tuple[str, ...]] = (
        *("done", "undo", "void", "actions", "leave", "problem", "open", "task"),
        *("many", "expected", "all", "arrived", "answers"),
    )
    """Actions whose keys stay in the key bar when few fit."""

    # Where two actions have one key, `check_action` offers one of them at a time.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f2", "lines", "Lines", id="station.lines", tooltip="List the lines, or find anything if there are none"
        ),
        Binding("f3", "leave", "Leave", id="station.leave", tooltip="Leave; the draft is kept"),
        Binding("escape", "empty", "Empty", id="station.empty", tooltip="Empty the scan line", show=False),
        Binding("f4", "problem", "Problem", id="station.problem", tooltip="Settle the problem under the cursor"),
        Binding("f4", "open", "Open", id="station.open", tooltip="Open the serial that was looked up"),
        Binding("f5", "refresh", "Refresh", id="station.refresh", tooltip="Draw anew, and save what waits", show=False),
        Binding("f6", "many", "Many", id="station.many", tooltip="Enter a range or a list of serials"),
        Binding("f6", "all", "All of", id="station.all", tooltip="Take all at a place, or all of a receipt"),
        Binding("f7", "expected", "Expected", id="station.expected", tooltip="Say what shall come, and count it"),
        Binding("f7", "arrived", "Missing", id="station.arrived", tooltip="What of the transfer is missing, by name"),
        Binding("f8", "undo", "Undo", id="station.undo", tooltip="Take the last scan out"),
        Binding("f8", "void", "Void", id="station.void", tooltip="Void the document that DONE has just written"),
        Binding("f9", "quantity", "Quantity", id="station.quantity", tooltip="Does the quantity go up?"),
        Binding("f9", "answers", "Answers", id="station.answers", tooltip="Choose or change what the task asks"),
        Binding("f10", "done", "Done", id="station.done", tooltip="Write what was scanned"),
        Binding("f12", "cancel", "Cancel", id="station.cancel", tooltip="Throw the draft away", show=False),
        Binding("ctrl+t", "task", "Task", id="station.task", tooltip="Choose what to do: sell, return, look up …"),
    ]

    def __init__(self, station: ScanStation) -> None:
        """Make the screen.

        Args:
            station: the engine, empty or with a draft that was continued.
        """
        super().__init__()
        self.job = station
        self.help_text = ""
        """Help text of the current task, for F1."""
        self._queue: StationQueue | None = None
        self._fresh: list[Verdict] = []
        """Verdicts that are not drawn yet."""
        self._is_waiting_to_show = False
        self._shown_at = 0.0
        """Time of the last drawing of verdicts, on the monotonic clock."""
        self._not_leaving: Sequence[Line] = ()
        """Scans not taken that the last F3 warned about; another F3 forgets them."""
        self.offered_to_leave = 0
        """Number of scans and actions that waited when F3 last offered to leave them to the queue."""
        self.shown_serial: int | None = None
        """The serial that was looked up last; F4 opens it."""
        self.written = ""
        """Number of the document that DONE has just written, which F8 voids; empty once another verdict has come."""
        self._lost: int | None = None
        """Id of the draft that was last reported as taken over by another station."""
        self.told_not_saved = ""
        """The last message that scans can neither be saved in the database nor on the disk."""

    def compose(self) -> ComposeResult:
        """Title, head, verdict, tape beside problems or open drafts, scan line, message, keys."""
        yield TitleBar(self.job.task.words.title, self.context.place)
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
            # runs_on: scans do not wait for each other's verdicts, since the queue keeps their order.
            yield ScanField(id="scan", runs_on=True)
        yield MessageLine()
        yield KeyBar()

    @property
    def queue(self) -> StationQueue:
        """The queue of scans for the draft."""
        if self._queue is None:
            self._queue = StationQueue(self.context, self.job, self._settled)
        return self._queue

    def on_mount(self) -> None:
        """Focus the scan line, start the heartbeat and list the open drafts."""
        self.query_one(ScanField).focus()
        self.tell_state()
        self.set_interval(HEARTBEAT, lambda: self.run_worker(_say_alive(self), group="life", exclusive=True))
        self.list_open_drafts()
        # The screen came from the list of drafts, with a draft that the engine has loaded already.
        if self.job.view.draft_id is not None:
            _show_draft(self)

    async def fill(self) -> None:
        """Show the draft as in the database; repeat the read if scans came meanwhile, to overwrite no verdict."""
        self.tell_state()
        before = self._shown_at
        with self.refusals_shown():
            # Each drawing of verdicts sets `_shown_at`: if one came during the read, the lines are older than the
            # screen.
            while (draft_id := self.job.view.draft_id) is not None:
                shown = self._shown_at
                taken, waiting = await self.read(_lines_of, draft_id)
                if shown == self._shown_at and not (self.queue.waiting or self._fresh):
                    self.query_one(Tape).fill(taken)
                    self.query_one(ProblemsLane).fill(_lane_lines(waiting, self.queue.not_taken))
                    break
                await asyncio.sleep(SHOW_EVERY)  # verdicts are drawn no more often
            view = self.job.view
            if view.draft_id is not None and before == self._shown_at:  # else a verdict stands there
                self.query_one(VerdictLine).say(f"{view.total:,} scanned", f"Go on: {view.next}.")

    async def follow(self, *, marks: bool) -> None:
        """Report a take-over of the draft by another station; without a draft, list the open ones as they are now.

        Args:
            marks: as for every screen; nothing is marked here.
        """
        draft_id = self.job.view.draft_id
        if self.queue.waiting or self._fresh:
            return  # their verdicts come next, and say the same
        if draft_id is None:
            await _list_again(self)
        else:
            try:
                await self.read(drafts.require_here, draft_id, self.job.session)
            except Changed as refusal:
                if self._lost != draft_id:  # once: this is called again at each change of the database
                    self._lost = draft_id
                    self.query_one(VerdictLine).say("Not here any more", refusal.message)
            else:
                self._lost = None

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message above the keys; if it does not fit there, in place of the verdict."""
        super().say(text, kind)
        if self.query_one(MessageLine).is_cut:
            self.query_one(VerdictLine).say("", text)

    # ----- scans in

    @on(ScanField.Scanned)
    @on(ScanField.Refused)
    @on(ScanField.Repeated)
    def take(self, event: Forwarded) -> None:
        """Queue a scan made here or in a dialog in front of the station."""
        event.stop()
        if isinstance(event, ScanField.Scanned):
            came_fast = event.in_burst and event.how == "typed"  # too short to be labelled
            self.queue.put(Scan(event.text, "scanned" if came_fast else event.how))
        elif isinstance(event, ScanField.Refused):
            scan = Scan(event.text, "scanned" if event.in_burst else "typed")
            # It takes its turn in the queue, so that its verdict is not shown before those of earlier scans.
            self.queue.pass_over(scan, str(event.reason), event.reason.sentence)
        elif isinstance(event, ScanField.Repeated):
            self.say(f"{event.text} came twice within a second; it counts once.")
        else:
            self.query_one(ScanField).post_message(Paste(event.text))  # a paste into a dialog: its lines are scans

    @property
    def taker_of_scans(self) -> Callable[[Forwarded], object]:
        """Scans go to the station even while help or the menu is in front of it."""
        return self.take

    async def ask_here(self, dialog: ForwardsScans[Answered]) -> Answered | None:
        """Open a dialog and wait for its result; a scan closes it unanswered and is taken here."""
        # A scan is meant for the draft, whatever is open in front of it.
        dialog.forward_to = self.take
        return await self.context.ask(dialog)

    @on(ScanField.EmptyEnd)
    @work(exclusive=True, group="enter")
    async def _enter(self, end: ScanField.EmptyEnd) -> None:
        """Continue a draft or open a problem, unless a scan follows: then the Enter was its leading CR."""
        with self.context.keyboard.hold():
            if not await is_alone(self, end.field, end.time):
                return
            draft = self.query_one(OpenDrafts).chosen
            if self.has_class("-drafts") and isinstance(draft, DraftRow):
                self.continue_draft(draft)
            elif self.has_class("-drafts") and draft is not None:
                self._settle_draft(draft)
            elif self.query_one(ProblemsLane).chosen is not None:
                self.action_problem()

    # ----- verdicts out

    def _settled(self, verdicts: Sequence[Verdict]) -> None:
        """Collect verdicts, and redraw at most once in `SHOW_EVERY` seconds."""
        if not is_shown(self):  # the queue outlives the screen
            return
        self._fresh += verdicts
        if self._is_waiting_to_show:
            return
        self._is_waiting_to_show = True
        # The first verdict after a rest is drawn at once; in a burst all that come within the time are drawn together.
        if (since := monotonic() - self._shown_at) >= SHOW_EVERY:
            self.call_later(self._show)
        else:
            self.set_timer(SHOW_EVERY - since, self._show)

    def _show(self) -> None:
        self._is_waiting_to_show = False
        if not is_shown(self):
            return
        fresh, self._fresh = self._fresh, []
        self._shown_at = monotonic()
        if fresh:
            _show_verdicts(self, fresh)
        self.tell_state()
        _show_message(self, fresh)
        if any(verdict.outcome is not Outcome.OK or verdict.number for verdict in fresh):
            self.show_problems()
        # Only behind a name that was typed, and with nothing scanned behind it: a scan would close the list again.
        if fresh and fresh[-1].reason == no_answer(First.CUSTOMER) and not self.queue.waiting:
            self.run_worker(_ask_for(self, First.CUSTOMER, fresh[-1].subject), group="dialog", exclusive=True)

    def tell_state(self) -> None:
        """Update title, head, prompt and problems heading from the state of the draft."""
        view, words = self.job.view, self.job.task.words
        if self.help_text != words.help:
            self.help_text = words.help
            self.renew_keys()
        about = words.about(view.place.code if view.place else "", view.answers)
        self.tell_title(f"{words.title}{about}")
        self.query_one(VerdictLine).tell_next(view.next, f"{words.title}: {words.steps}.", about.strip(": "))
        show(self.query_one("#next", Static), plain(f"{view.next[0].upper()}{view.next[1:]}"))
        # The problems of a draft that another station has now are settled there; they are not counted here.
        beside = self.queue.not_taken
        problems = len(beside.lines) + (0 if beside.has_lost_draft else view.problems)
        no_item = "No item yet" if First.ITEM in self.job.task.first else "Any item"
        has_quantity = Extra.QUANTITY in self.job.task.extras
        self.query_one(StationHead).tell(view, problems, no_item, has_quantity=has_quantity)
        offered = self.query_one(OpenDrafts)
        listed = bool(offered.drafts or offered.left)
        self.set_class(view.draft_id is None and not problems and listed, "-drafts")
        head = f"Problems {problems:,}" if problems else "No problems"
        head = f"Open {offered.noun}s" if self.has_class("-drafts") else head
        show(self.query_one(".station-problems-head", Static), plain(head, "bold" if problems else ""))
        self.set_class(bool(problems), "-problems")

    @work(exclusive=True, group="problems")
    async def show_problems(self) -> None:
        """Update the problems lane."""
        self.tell_state()
        lane, view = self.query_one(ProblemsLane), self.job.view
        waiting: Sequence[Line] = ()
        with self.refusals_shown():
            # no statement where there is nothing to show
            if view.draft_id is not None and (view.problems or lane.lines):
                waiting = await self.read(_problems_of, view.draft_id)
            self.query_one(ProblemsLane).fill(_lane_lines(waiting, self.queue.not_taken))

    # ----- keys

    def action_empty(self) -> None:
        """Empty the scan line; Esc never leaves a screen with a scan line."""
        field = self.query_one(ScanField)
        field.value = ""
        field.focus()
        self.say("")

    def action_undo(self) -> None:
        """Queue UNDO, which takes the last scan out."""
        self.queue.put(self.job.undo)  # behind the scans that wait: the last of these is meant

    @work(exclusive=True, group="dialog")
    async def action_void(self) -> None:
        """Ask why, and void the document that DONE has just written."""
        with self.refusals_shown():
            done = await ask_and_void(self.context, self.ask_here, self.written)
            if done is not None:
                _show_verdicts(self, [done])

    def action_done(self) -> None:
        """Queue DONE, which writes what was scanned."""
        if _has_unfinished(self):  # DONE would write the draft without it
            return
        self.queue.put(self.job.done)

    def action_cancel(self) -> None:
        """Queue CANCEL, which discards the draft when it is repeated."""
        self.queue.put(self.job.cancel)

    def action_refresh(self) -> None:
        """Redraw the whole screen, and retry scans that could not be saved."""
        self.context.redraw()
        self.queue.go_on()
        _show_draft(self)

    def key_down(self) -> None:
        """Move down in the list beside the scan line, which keeps the focus."""
        _listing(self).action_cursor_down()

    def key_up(self) -> None:
        """Move up in the list beside the scan line, which keeps the focus."""
        _listing(self).action_cursor_up()

    def action_leave(self) -> None:
        """Leave; the draft is kept, and anybody can continue it."""
        if not _has_unfinished(self):
            self._leave()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        with self.context.keyboard.hold():
            if self.queue.waiting and not _may_leave_waiting(self):
                return
            # These stand in no draft, and are gone with the screen.
            left = self.queue.not_taken.lines
            if left and left != self._not_leaving:
                self._not_leaving = left
                self.say(f"F3 again forgets {_not_taken_words(left)}. F4 settles {_pronoun(left)}.", "warning")
                return
            self.queue.not_taken.forget()
            draft_id, noun = self.job.view.draft_id, self.job.task.words.noun
            if waiting := self.queue.waiting:
                # Behind the scans that wait: if the draft were left before them, they would begin a new one.
                self.queue.put(self.job.left)
                self.dismiss(f"{waiting:,} scans of this {noun} wait for the database. They are saved by themselves.")
                return
            with self.refusals_shown():
                await self.write(self.job.leave, self.context.actor)
            self.dismiss("" if draft_id is None else f"The {noun} is kept. F7 goes on with it.")

    # ----- drafts that were left

    @work(exclusive=True, group="drafts")
    async def list_open_drafts(self) -> None:
        """List open drafts while this station has none."""
        with self.refusals_shown():
            # Without them no task would seem permitted, and the list of drafts would be empty.
            if not self.context.knows_permissions:
                await self.context.read_permissions()
            found = await self.read(drafts.open_drafts, _own_tasks(self))
            offered = self.query_one(OpenDrafts)
            # A scan may have begun a draft while the others were read.
            begun = self.job.view.draft_id is not None
            offered.fill([] if begun else found, [] if begun else self.context.left_scans)
            self.tell_state()
            # While scans wait, their verdict comes next, and stands in the same place.
            if self.has_class("-drafts") and not self.queue.waiting and offered.left:
                self.query_one(VerdictLine).say(f"{offered.left[0].sentence}.", "Enter or F4: take them in, discard.")
            elif self.has_class("-drafts") and not self.queue.waiting:
                many = f"1 open {offered.noun}" if len(found) == 1 else f"{len(found)} open {offered.noun}s"
                said = "Enter continues, F4 hands over or discards, a scan begins a new one."
                self.query_one(VerdictLine).say(many, said)

    @work(exclusive=True, group="drafts")
    async def continue_draft(self, row: DraftRow, *, sure: bool = False) -> None:
        """Continue a draft here if no other was begun; confirm first if another station has it open."""
        if not sure and row.is_in_use(clock.now()) and not await confirm_take_over(self.ask_here, row):
            return
        # A scan that is made meanwhile belongs into the draft that is continued, so it is held until that is open.
        with self.context.keyboard.hold(WRITE_LIMIT), self.refusals_shown():
            if self.queue.waiting:
                noun = self.job.task.words.noun
                self.say(f"A scan has begun a new {noun} here. F3 leaves it; then F7 offers both.", "warning")
                return
            await _open_here(self, row.id)
            self.query_one(OpenDrafts).fill([])
            await self.fill()

    @work(exclusive=True, group="dialog")
    async def _settle_draft(self, row: DraftRow | WaitingScans) -> None:
        if isinstance(row, WaitingScans):
            with self.refusals_shown():
                if said := await settle_left(self.context, self.ask_here, row):
                    self.say(said, "done")
            self.list_open_drafts()
            return
        with self.refusals_shown():
            said = await settle_draft(self.context, self.ask_here, row)
            if said == CONTINUE:
                self.continue_draft(row, sure=True)
                return
            if said:
                self.say(said, "done")
        self.list_open_drafts()

    # ----- problems

    @on(OptionList.OptionSelected)
    def action_problem(self) -> None:
        """Settle the problem or the open draft under the cursor."""
        draft, line = self.query_one(OpenDrafts).chosen, self.query_one(ProblemsLane).chosen
        # Drafts may be listed beside a serial that was looked up; its verdict is what the person looks at.
        if self.shown_serial is not None:
            self.run_worker(_open_serial(self, self.shown_serial), group="dialog", exclusive=True)
        elif self.has_class("-drafts") and draft is not None:
            self._settle_draft(draft)
        elif line is not None:
            self.run_worker(_settle_problem(self, line), group="dialog", exclusive=True)
        else:
            self.say("No problems.")

    def action_open(self) -> None:
        """Open the serial that was looked up last, or the open draft under the cursor."""
        self.action_problem()

    # ----- lines

    @work(exclusive=True, group="dialog")
    async def action_lines(self) -> None:
        """Open the list of lines, from which any can be taken out; find anything where there are none."""
        draft_id = self.job.view.draft_id
        if draft_id is None:
            self.look_everywhere("")
            return

        def take_out(number: int) -> Verdict:
            return self.job.take_out(self.context.actor, number)

        await self.ask_here(StationLinesScreen(draft_id, take_out, session=self.job.session))
        _show_draft(self)  # without the lines that were taken out there

    # ----- without a scanner

    @work(exclusive=True, group="dialog")
    async def action_many(self) -> None:
        """Enter a range or a list of serials of the item."""
        if (item := _present_item(self)) is None:
            return
        item_id, job, actor = item.id, self.job, self.context.actor

        def look(serials: list[str], progress: Progress) -> Preview:
            return preview(item_id, serials, progress, draft_id=job.view.draft_id, user_id=actor.user_id)

        def take(serials: list[str], progress: Progress) -> str:
            job.require_item(item)
            outcomes = job.take_many(actor, serials, progress)
            waiting = outcomes[Outcome.PROBLEM]
            problems = f" {waiting:,} wait under Problems." if waiting else ""
            return f"{outcomes[Outcome.OK]:,} taken.{problems}"

        # Not `ask_here`: scans go into the list of this dialog.
        said = await self.context.ask(ManyDialog(f"Many serials · {item.sku}", look, take))
        if said is not None:
            _show_draft(self)
            self.say(said, "done")

    # ----- expected serials

    @work(exclusive=True, group="dialog")
    async def action_expected(self) -> None:
        """Set the expected units or serials of the item, and compare them with the received ones."""
        if (item := _present_item(self)) is None:
            return
        with self.refusals_shown():
            with self.context.keyboard.hold():
                compared = await self.read(_compare, self.job)
                dialog = ExpectedDialog(
                    item.sku, compared, lambda lines: expected.checked_list(item_facts(item.id), lines)
                )
            # Not `ask_here`: scans go into the list of this dialog.
            said = await self.context.ask(dialog)
            if said is not None:
                self.queue.put(lambda actor: _expect(self.job, actor, item, said))

    def action_quantity(self) -> None:
        """Toggle whether receiving raises the item's quantity."""
        if _present_item(self) is not None:
            self.queue.put(lambda actor: _switch_quantity(self.job, actor))

    # ----- tasks

    @property
    def offered(self) -> Sequence[tuple[str, str]]:
        """Menu entries for the other tasks that the person may do."""
        others = [task for task in STATION_TASKS if task is not self.job.task and self.context.may(task.permission)]
        return [(f"Task: {task.words.title}", f"task({task.code!r})") for task in others]

    @work(exclusive=True, group="dialog")
    async def action_task(self, code: str = "") -> None:
        """Switch to another task, after the scans already queued; without a code, choose it from a list."""
        task = TASKS[code] if code else await ask_task(self.context, self.ask_here, self.job)
        if task is not None:
            await _choose(self, task)

    @work(exclusive=True, group="dialog")
    async def action_answers(self) -> None:
        """Choose or change an answer of the task, such as the customer."""
        if (first := await ask_which_answer(self.ask_here, self.job)) is not None:
            await _ask_for(self, first)

    @work(exclusive=True, group="dialog")
    async def action_all(self) -> None:
        """Take all serials at a place, or of a document."""
        # Not `ask_here`: a scan goes into the field of this dialog.
        text = await self.context.ask(GroupDialog())
        if text is not None:
            self.queue.put(lambda actor: self.job.take_group(actor, text))

    @work(exclusive=True, group="dialog")
    async def action_arrived(self) -> None:
        """Show the missing serials of the transfer by name."""
        view = self.job.view
        if view.draft_id is None or First.TRANSFER not in view.answers:
            self.say("Scan the transfer first.", "warning")
            return
        with self.refusals_shown():
            with self.context.keyboard.hold():
                transfer = view.answers[First.TRANSFER]
                compared = await self.read(compare_transfer, view.draft_id, transfer)
                dialog = ArrivedDialog(transfer, compared, view.draft_id)
            await self.ask_here(dialog)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the extras of the current task; when looking up, nothing that needs a draft."""
        if action in EXTRA_OF_ACTION:
            return EXTRA_OF_ACTION[action] in self.job.task.extras
        # F8 is about what was done last: behind DONE the document, behind a scan the scan.
        if action in ("undo", "void") and (action == "void") is not bool(self.written):
            return False
        if action in DRAFT_ACTIONS or action == "open":
            return (action == "open") is (self.job.task.commits is Commit.NEVER)
        if action == "answers":
            return bool(self.job.task.answers)
        return super().check_action(action, parameters)


def _has_unfinished(screen: StationScreen) -> bool:
    text = screen.query_one(ScanField).value.strip()
    if text:
        screen.say(f"{text} stands in the scan line. Enter takes it, Esc drops it; then go on.", "warning")
    return bool(text)


def _present_item(screen: StationScreen) -> ItemFacts | None:
    item = screen.job.view.item
    if item is None:
        screen.say("Scan the item first.", "warning")
    return item


async def _open_here(screen: StationScreen, draft_id: int) -> None:
    """Continue a draft here, with a notice if the database is slow; call it in a hold.

    Raises:
        SerialdockError
    """
    # The keyboard is held, so the screen would answer to nothing and say nothing.
    wait = "The database is busy. What is scanned meanwhile is taken afterwards."
    timer = screen.set_timer(SLOW_AFTER, lambda: screen.query_one(VerdictLine).say("Wait", wait))
    try:
        await screen.write(screen.job.continue_draft, screen.context.actor, draft_id)
    finally:
        timer.stop()


async def _take_again(screen: StationScreen) -> None:
    """Retry scans that were not taken; if another station has the draft, take it over first, after confirmation."""
    draft_id = screen.job.view.draft_id
    with screen.refusals_shown():
        if draft_id is not None:
            with screen.context.keyboard.hold():
                row = await screen.read(_open_draft, draft_id)
            if row is None:  # finished or discarded elsewhere: what was not in it goes into a new one
                await screen.write(screen.job.leave, screen.context.actor)
            elif row.session != screen.job.session:
                if row.is_in_use(clock.now()) and not await confirm_take_over(screen.ask_here, row):
                    return
                with screen.context.keyboard.hold(WRITE_LIMIT):
                    await _open_here(screen, draft_id)
                    await screen.fill()
        for scan in screen.queue.not_taken.take_scans():  # after the take-over, or they would be refused again
            screen.queue.put(scan)
        screen.show_problems()


async def _settle_problem(screen: StationScreen, line: Line) -> None:
    """Ask how to settle a problem, and settle it."""
    not_taken = screen.queue.not_taken
    # Negative numbers are those of `NotTaken`: scans in no draft.
    again = len(not_taken.scans) if line.number < 0 and not_taken.is_scan(line) else 0
    settled = await screen.ask_here(ProblemDialog(line, again))
    if settled is None:
        return
    if settled.what == OPEN and line.serial_id is not None:
        with screen.refusals_shown():
            await screen.context.open(SerialRecord(line.serial_id))
    elif settled.what == AGAIN:
        await _take_again(screen)
    elif line.number < 0:
        not_taken.settle(line.number)
        if settled.what == CORRECT:
            screen.queue.put(Scan(settled.text, "typed"))
        else:
            said = Verdict(Outcome.OUT, line.scan, line.shown, "It was left out; nothing of it was taken.")
            screen.query_one(VerdictLine).tell(said)
        screen.show_problems()
    elif settled.what == CORRECT:
        screen.queue.put(lambda actor: screen.job.correct(actor, line.number, settled.text))
    else:
        screen.queue.put(lambda actor: screen.job.take_out(actor, line.number))


async def _open_serial(screen: StationScreen, serial_id: int) -> None:
    """Open the record of a serial that was looked up."""
    with screen.refusals_shown():
        await screen.context.open(SerialRecord(serial_id))


async def _choose(screen: StationScreen, task: Task) -> None:
    """Switch to another task, after a question about a draft with serials."""
    said = None
    if task is not screen.job.task:
        said = await ask_about_draft(screen.ask_here, screen.job, task, screen.queue.remaining())
    if said != GO_ON:
        # Without an answer, serials that were saved meanwhile make `choose` ask.
        keep = None if said is None else said == KEEP
        screen.queue.put(ContextAct(lambda actor: screen.job.choose(actor, task, keep=keep), task.words.title, task))


async def _ask_for(screen: StationScreen, first: First, text: str = "") -> None:
    """Ask for one answer of the task, and queue it behind the scans that wait."""
    with screen.refusals_shown():
        given = await ask_answer(screen.context, screen.ask_here, screen.job, first, text)
        if given is not None:
            words = f"{str(first).capitalize()} {given.shown}"
            screen.queue.put(ContextAct(lambda actor: screen.job.answer(actor, first, given), words))


def _show_draft(screen: StationScreen) -> None:
    """Show the draft as it is in the database, in a worker."""
    screen.run_worker(screen.fill(), group="fill", exclusive=True)


def _own_tasks(screen: StationScreen) -> list[str]:
    """Codes of the tasks with drafts that the person may do."""
    return [task.code for task in DRAFT_TASKS if screen.context.may(task.permission)]


async def _list_again(screen: StationScreen) -> None:
    """List the open drafts as they are now; the cursor stays on its draft, and what is said stays."""
    found = await screen.read(drafts.open_drafts, _own_tasks(screen))
    offered = screen.query_one(OpenDrafts)
    if screen.job.view.draft_id is None and not screen.queue.waiting and found != list(offered.drafts):
        offered.fill(found, offered.left)
        screen.tell_state()


def _lines_of(draft_id: int) -> tuple[list[Line], list[Line]]:
    """The newest taken lines, and the problems; for the database thread."""
    return lines.newest(draft_id), _problems_of(draft_id)


def _problems_of(draft_id: int) -> list[Line]:
    """The newest problems; for the database thread."""
    return lines.problems(draft_id, LISTED, newest_first=True)


async def _say_alive(screen: StationScreen) -> None:
    """Send a heartbeat; if the draft is not open here any more, show that."""
    job, draft_id = screen.job, screen.job.view.draft_id
    if draft_id is None:
        return
    try:
        await screen.write(drafts.keep_alive, screen.context.actor, draft_id, job.session)
    except DatabaseTrouble:
        return  # the next scan reports it
    except SerialdockError as refusal:
        screen.query_one(VerdictLine).say("Not here any more", refusal.message)


def _listing(screen: StationScreen) -> Options:
    """The list beside the scan line: open drafts or problems."""
    return screen.query_one(OpenDrafts if screen.has_class("-drafts") else ProblemsLane)


def _lane_lines(waiting: Sequence[Line], beside: NotTaken) -> list[Line]:
    """The problems of the draft, unless another station has it now, then the scans in no draft."""
    return [*(() if beside.has_lost_draft else waiting), *beside.lines]


def _tell_waiting(screen: StationScreen) -> bool:
    """Show how many scans wait for the database, and ring when not even the disk takes them; False if none wait."""
    queue, line = screen.queue, screen.query_one(VerdictLine)
    # Once for each message: it is drawn again with every retry.
    rings = bool(queue.not_saved) and queue.not_saved != screen.told_not_saved
    screen.told_not_saved = queue.not_saved
    if rings:
        screen.app.bell()
    if queue.not_saved:
        line.tell(Verdict(Outcome.PROBLEM, "", "NOT SAVED", queue.not_saved))
    elif queue.trouble is not None:
        screen.say(_retry_words(queue, queue.trouble), "warning")
    elif queue.is_slow:
        line.say(*slow_words(queue))
    else:
        return False
    return True


def _may_leave_waiting(screen: StationScreen) -> bool:
    """Whether waiting scans may be left to the queue: they are on the disk, and this is the second F3."""
    queue = screen.queue
    # Only what is on the disk survives a kill; the rest takes a moment.
    if queue.remaining() > queue.on_disk or not queue.is_behind:
        scans = "1 scan is" if queue.waiting == 1 else f"{queue.waiting:,} scans are"
        screen.say(f"{scans} not saved yet. Wait a moment, then F3 again.", "warning")
    elif queue.waiting != screen.offered_to_leave:
        screen.offered_to_leave = queue.waiting
        screen.say(may_leave_words(queue), "warning")
    else:
        return True
    return False


def _open_draft(draft_id: int) -> DraftRow | None:
    try:
        return drafts.find_draft(draft_id)
    except NotFound:
        return None


def _compare(job: ScanStation) -> Compared:
    """The current item's comparison of announced and received serials; for the database thread."""
    view = job.view
    if view.draft_id is None or view.item is None or not view.announced:
        return Compared(view.expected, 0, view.count)
    missing, unannounced = expected.compare(view.draft_id, view.item.id, NAMED)
    return Compared(view.expected, view.announced, view.count, missing, unannounced)


def _expect(job: ScanStation, actor: Actor, item: ItemFacts, said: Expected) -> Verdict:
    job.require_item(item)
    if said.announced is not None:
        count = job.announce(actor, said.announced)
        if not count:
            return Verdict(Outcome.TELL, "", "No list", "The announced list was taken away.")
        twice = len(list(filter(str.strip, said.announced))) - count  # blank lines count as none
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


def _show_verdicts(screen: StationScreen, fresh: Sequence[Verdict]) -> None:
    good = screen.context.config.bell_on_good and any(verdict.outcome is Outcome.OK for verdict in fresh)
    if good or any(verdict.rings for verdict in fresh):
        screen.app.bell()
    # The verdict is that of the last scan, which the person has just made; the others stand on the tape.
    last = fresh[-1]
    screen.query_one(Tape).add(fresh)
    aside = f"line {last.position}" if last.position else ""
    if last.outcome is Outcome.OK:
        aside = f"{screen.job.view.total:,} good"
    screen.query_one(VerdictLine).tell(last, aside)
    screen.shown_serial = last.serial_id if last.outcome is Outcome.FOUND else None
    if screen.written != last.document:
        screen.written = last.document
        screen.renew_keys()


def _show_message(screen: StationScreen, fresh: Sequence[Verdict]) -> None:
    if _tell_waiting(screen):
        return
    # DONE writes the draft, and these are in none: without a word they would be taken for written.
    if any(verdict.outcome is Outcome.DONE for verdict in fresh) and (left := screen.queue.not_taken.lines):
        screen.say(f"Still to be settled: {_not_taken_words(left)}. F4 settles {_pronoun(left)}.")
    elif fresh and screen.query_one(MessageLine).said:  # a drawing without verdicts is no answer to a key
        screen.say("")


def _retry_words(queue: StationQueue, trouble: DatabaseTrouble) -> str:
    """The message about scans that wait for a retry: how many, since when, the database's code, what is wrong."""
    since = f" Since {queue.trouble_since.astimezone():%H:%M:%S}" if queue.trouble_since else ""
    code = f" ({trouble.error})" if trouble.error else ""  # here, where it is never cut off
    return f"{waiting_words(queue)}{since}{code}: {trouble.message}"


def _not_taken_words(lines: Sequence[Line]) -> str:
    """`2 scans that were not taken`; a single one is named."""
    if len(lines) == 1:
        return f"1 scan that was not taken, {clip(lines[0].shown, 24)}"
    return f"{len(lines):,} scans that were not taken"


def _pronoun(lines: Sequence[Line]) -> str:
    """The pronoun for the lines."""
    return "it" if len(lines) == 1 else "them"

"""Scans that wait for the database: the words for them, and the dialog about those that an earlier process has left."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models.barcodes.reading import Settings
from models.clock import clock_time
from models.station import waiting
from models.station.left import WaitingScans
from models.station.waiting import TakenIn
from tui.context import Context
from tui.kit.dialog import Answer, ConfirmDialog, Dialog
from tui.kit.form import button
from tui.kit.pager import Pager
from tui.station.dialogs import DISCARD, Asks
from tui.station.queue import StationQueue
from tui.text import plain

TAKE: Final = "take"

LISTED: Final = 10_000
"""Most scans that are listed by name."""


def slow_words(queue: StationQueue) -> tuple[str, str]:
    """Subject and sentence of the verdict line about scans that take long to save."""
    if not queue.on_disk:
        return "Wait", "The database is busy. What was done last is carried out when it answers."
    scans = "1 scan waits" if queue.on_disk == 1 else f"{queue.on_disk:,} scans wait"
    return f"Wait: {scans}", "The database is busy. They are saved in their order, by themselves."


def may_leave_words(queue: StationQueue) -> str:
    """What the first F3 says while scans wait that are on the disk."""
    count, commands = queue.on_disk, list(dict.fromkeys(queue.commands))
    scans, they = ("1 scan is", "it is") if count == 1 else (f"{count:,} scans are", "they are")
    also = f" {' and '.join(commands)} wait{'s' if len(commands) == 1 else ''} too." if commands else ""
    return f"{scans} not saved yet.{also} F3 again leaves: {they} on the disk here, and saved by themselves."


class LeftScansDialog(Dialog[str | None]):
    """Asks what to do with scans that an earlier process has left: `TAKE` or `DISCARD`; None when it was left."""

    HELP = (
        "These scans were made while the database was away, and the program ended before they were saved. F10 takes "
        "them in, F8 throws them away, F3 leaves them for later."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('take')", "Take in", id="left.take", tooltip="Save these scans now"),
        Binding("f8", "give('discard')", "Discard", id="left.discard", tooltip="Throw these scans away"),
    ]

    def __init__(self, left: WaitingScans) -> None:
        """Make the dialog.

        Args:
            left: the scans.
        """
        super().__init__("Scans that wait")
        self._left = left

    def compose_fields(self) -> ComposeResult:
        """Whose scans they are, what F10 does, and the scans."""
        yield Static(plain(_question(self._left), lines=True), classes="question")
        yield Pager(id="left")

    def compose_buttons(self) -> ComposeResult:
        """Take in, Discard and Leave."""
        with HorizontalGroup(classes="buttons"):
            yield button(_label(self._left), TAKE, key="F10", primary=True)
            yield button("Discard", DISCARD, key="F8")
            yield button("Leave", "leave", key="F3")

    def on_mount(self) -> None:
        """List the scans, and focus the answer that loses nothing."""
        records = self._left.records
        more = [f"and {len(records) - LISTED:,} more"] if len(records) > LISTED else []
        listed = [f"{record.text.strip()}  {clock_time(record.moment)}" for record in records[:LISTED]]
        self.query_one(Pager).fill([f"  {line}" for line in (*listed, *more)])
        self.query_one(f"#{TAKE}").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(None if event.button.id == "leave" else event.button.id)

    def action_give(self, what: str) -> None:
        """Close with the answer of a key."""
        self.dismiss(what)


async def settle_left(context: Context, ask: Asks, left: WaitingScans) -> str:
    """Ask about scans that were left, and take them in or throw them away; return the message to show.

    Raises:
        SerialdockError
    """
    what = await ask(LeftScansDialog(left))
    if what == DISCARD:
        count = len(left.records)
        scans = "1 scan" if count == 1 else f"{count:,} scans"
        question = f"{scans} will be thrown away; nothing of {'it' if count == 1 else 'them'} becomes stock."
        answers = [Answer("no", "Keep them", "f3"), Answer("yes", "Discard", "f10")]
        if await ask(ConfirmDialog("Discard?", question, answers)) != "yes":
            return ""
        await context.db.write(waiting.discard, context.actor, left)
        said = f"{scans} {'was' if count == 1 else 'were'} discarded."
    elif what == TAKE:
        settings = Settings(gs_substitutes=context.config.gs_substitutes)
        said = _settled_words(left, await context.db.write(waiting.take_in, context.actor, left, settings))
    else:
        return ""
    await context.take_up_scans()
    return said


def _label(left: WaitingScans) -> str:
    if left.commit_each:
        return left.task.words.verb.capitalize()
    return "Take in" if left.draft_id is not None else f"New {left.noun}"


def _question(left: WaitingScans) -> str:
    """Whose scans they are, why they were not saved by themselves, and what F10 does with them."""
    first, they = left.records[0], "It" if len(left.records) == 1 else "They"
    after = f" {they} came after {first.after}, which was not carried out." if first.after else ""
    if left.commit_each:
        does = f"{left.task.words.does('to the item')} what it does not have"
    elif left.draft_id is not None:
        does = f"saves {'it' if they == 'It' else 'them'} in the {left.noun}"
    else:
        does = f"begins a new {left.noun}"
    return f"{left.sentence}.{after} F10 {does}."


def _settled_words(left: WaitingScans, settled: TakenIn) -> str:
    """What became of scans that were taken in."""
    first = f" {settled.messages[0]}" if settled.messages else ""
    if left.commit_each:
        stays = f" {settled.problems:,} still wait." if settled.problems else ""
        return f"{settled.good:,} {left.task.verb.done}.{stays}{first}"
    problems = f", {settled.problems:,} wait under Problems" if settled.problems else ""
    again = f" {settled.say_again}" if settled.say_again else ""
    return f"{settled.good:,} taken{problems}.{first}{again} Enter continues the {left.noun}."

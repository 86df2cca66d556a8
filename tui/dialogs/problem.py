"""A problem of the station's lane: what stands in the way, and what can be done about it."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models.ledger import clock_time
from models.serials.judging import CONFIRMABLE
from models.station import lines
from tui.dialogs.frame import Dialog
from tui.scanning.scan_field import ScanField
from tui.scanning.screens import AnswerField, Line
from tui.text import clip, plain
from tui.widgets.buttons import button

OPEN: Final = "open"
CORRECT: Final = "correct"
LEAVE_OUT: Final = "leave_out"
AGAIN: Final = "again"

SHOWN: Final = 160
"""Cells of a scan that are shown; one that is no serial may have thousands."""


class Settled(NamedTuple):
    """What to do."""

    what: str
    """open, correct, leave_out or again."""
    text: str = ""
    """The corrected text."""


class ProblemDialog(Dialog[Settled | None]):
    """Returns what to do with the line. A scan that comes meanwhile closes it and goes to the station."""

    HELP = (
        "The scan that waits, and why. Type another text and press Enter to correct it, F8 leaves it out, F4 opens the "
        "serial that stands in the way, F10 takes again what was not taken. The gun goes on: a scan closes this and is "
        "taken at the station."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "open", "Open", id="problem.open", tooltip="Open the serial that stands in the way"),
        Binding("f8", "leave_out", "Leave out", id="problem.leave-out", tooltip="Take this scan out"),
        Binding("f10", "again", "Take again", id="problem.again", tooltip="Take all again that was not taken"),
    ]

    def __init__(self, line: lines.Line, again: int = 0) -> None:
        """Make it.

        Args:
            line: the problem.
            again: how many scans, this one among them, were not taken and could be taken as they are.
        """
        super().__init__("Problem")
        self._line, self._again = line, again

    def compose_fields(self) -> ComposeResult:
        """What came, why it waits, and the field to correct it."""
        line = self._line
        yield Static(plain(clip(line.shown, SHOWN), "bold"))
        yield Static(plain(line.message, lines=True), classes="question")
        who = f"{line.how} by {line.login} at {clock_time(line.at)}" if line.login else f"{line.how}"
        as_it_came = "" if line.scan.strip() == line.shown else f", as {clip(line.scan, SHOWN)}"
        yield Static(plain(f"{who}{as_it_came}"), classes="quiet")
        if line.reason in CONFIRMABLE:
            yield Static(plain("Scan the same code again to keep it."), classes="quiet")
        elif line.number < 0 and not self._again:
            yield Static(plain("Scan it again, or type its serial here."), classes="quiet")
        with HorizontalGroup(classes="row"):
            yield Static("Correct", classes="label")
            yield AnswerField(line.serial_number if self._is_text else "", id="serial")

    @property
    def _is_text(self) -> bool:
        """Whether what came can be corrected; what no scan can be is typed anew."""
        return self._line.number > 0 or self._again > 0

    def compose_buttons(self) -> ComposeResult:
        """Correct, leave out, open, take again."""
        with HorizontalGroup(classes="buttons"):
            if self._again:
                yield button("Take again" if self._again == 1 else f"Take {self._again:,} again", AGAIN, key="F10")
            if self._line.serial_id is not None:
                yield button("Open", OPEN, key="F4")
            yield button("Leave out", LEAVE_OUT, key="F8")
            yield button("Correct", CORRECT, key="⏎", primary=True)

    def on_mount(self) -> None:
        """Begin in the field, its text selected."""
        field = self.query_one("#serial", ScanField)
        field.focus()
        field.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done."""
        if action == "open":
            return self._line.serial_id is not None
        if action == "again":
            return self._again > 0
        return super().check_action(action, parameters)

    def typed(self, event: Line) -> None:
        """Correct the scan."""
        if isinstance(event, ScanField.Refused):
            self.say(event.reason.sentence, "problem")
        else:
            self._correct(event.text)

    def typed_nothing(self) -> None:
        """Say what to do."""
        self.say("Type the right serial, or F8 leaves this one out.")

    def _correct(self, text: str) -> None:
        if text.strip() == self._line.shown:
            self.query_one("#serial", ScanField).offer(text)
            as_it_is = "F10 takes it again" if self._again else "F8 leaves it out"
            self.say(f"That is what was scanned. Type the right serial, or {as_it_is}.")
        else:
            self.dismiss(Settled(CORRECT, text.strip()))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == OPEN:
            self.action_open()
        elif event.button.id == LEAVE_OUT:
            self.action_leave_out()
        elif event.button.id == AGAIN:
            self.action_again()
        else:
            field = self.query_one("#serial", ScanField)
            text, field.value = field.value, ""
            self._correct(text)

    def action_open(self) -> None:
        """Open what stands in the way."""
        if self._line.serial_id is not None:
            self.dismiss(Settled(OPEN))

    def action_leave_out(self) -> None:
        """Take the line out."""
        self.dismiss(Settled(LEAVE_OUT))

    def action_again(self) -> None:
        """Take again what was not taken."""
        if self._again:
            self.dismiss(Settled(AGAIN))

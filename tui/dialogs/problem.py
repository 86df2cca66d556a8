"""A problem of the station's lane: what stands in the way, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from models.describe import clock_time
from models.tasks.lines import Line
from models.tasks.verdict import CONFIRMABLE, Scan
from tui.dialogs.frame import Dialog, button
from tui.keyboard.scan_field import ScanField
from tui.keyboard.scanner_keys import SCANNER_GAP
from tui.text import plain

OPEN: Final = "open"
CORRECT: Final = "correct"
LEAVE_OUT: Final = "leave_out"


class Settled(NamedTuple):
    """What to do."""

    what: str
    """open, correct or leave_out."""
    text: str = ""
    """The corrected text."""


class ProblemDialog(Dialog[Settled | None]):
    """Returns what to do with the line. A scan that comes meanwhile closes it and goes to the station."""

    HELP = (
        "The scan that waits, and why. Type another text and press Enter to correct it, F8 leaves it out, F4 opens the "
        "serial that stands in the way. The gun goes on: a scan closes this and is taken at the station."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "open", "Open", id="problem.open", tooltip="Open the serial that stands in the way"),
        Binding("f8", "leave_out", "Leave out", id="problem.leave-out", tooltip="Take this scan out"),
    ]

    def __init__(self, line: Line, pass_on: Callable[[Scan], object]) -> None:
        """Make it.

        Args:
            line: the problem.
            pass_on: is given scans that come meanwhile.
        """
        super().__init__("Problem")
        self._line = line
        self._pass_on = pass_on

    def compose_fields(self) -> ComposeResult:
        """What came, why it waits, and the field to correct it."""
        line = self._line
        yield Static(plain(line.shown, "bold"))
        yield Static(plain(line.message, lines=True), classes="question")
        who = f"{line.how} by {line.login} at {clock_time(line.at)}" if line.login else f"{line.how}"
        as_it_came = "" if line.scan.strip() == line.shown else f", as {line.scan}"
        yield Static(plain(f"{who}{as_it_came}"), classes="quiet")
        if line.reason in CONFIRMABLE:
            yield Static(plain("Scan the same code again at the station to keep it."), classes="quiet")
        with HorizontalGroup(classes="row"):
            yield Static("Correct", classes="label")
            yield ScanField(line.shown, id="correct")

    def compose_buttons(self) -> ComposeResult:
        """Correct, leave out, open."""
        with HorizontalGroup(classes="buttons"):
            if self._line.serial_id is not None:
                yield button("Open", OPEN, key="F4")
            yield button("Leave out", LEAVE_OUT, key="F8")
            yield button("Correct", CORRECT, key="⏎", primary=True)

    def on_mount(self) -> None:
        """Begin in the field, its text selected."""
        field = self.query_one(ScanField)
        field.focus()
        field.select_all()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer Open only where something stands in the way."""
        if action == "open":
            return self._line.serial_id is not None
        return super().check_action(action, parameters)

    @on(ScanField.Scanned)
    def _entered(self, event: ScanField.Scanned) -> None:
        event.stop()
        pace = (event.span.ended - event.span.began) / max(1, len(event.text))
        if event.how != "typed" or (len(event.text) > 1 and pace <= SCANNER_GAP):
            self._pass_on(Scan(event.text, event.how))
            self.dismiss(None)
        else:
            self._correct(event.text)

    @on(ScanField.Refused)
    def _refused(self, event: ScanField.Refused) -> None:
        event.stop()
        self.say(event.reason.sentence, "problem")

    @on(ScanField.EmptyEnd)
    def _empty(self) -> None:
        self.say("Type the right serial, or F8 leaves this one out.")

    def _correct(self, text: str) -> None:
        if text.strip() == self._line.shown:
            self.query_one(ScanField).offer(text)
            self.say("That is what was scanned. Type the right serial, or F8 leaves it out.")
        else:
            self.dismiss(Settled(CORRECT, text.strip()))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == OPEN:
            self.action_open()
        elif event.button.id == LEAVE_OUT:
            self.action_leave_out()
        else:
            field = self.query_one(ScanField)
            text, field.value = field.value, ""
            self._correct(text)

    def action_open(self) -> None:
        """Open what stands in the way."""
        if self._line.serial_id is not None:
            self.dismiss(Settled(OPEN))

    def action_leave_out(self) -> None:
        """Take the line out."""
        self.dismiss(Settled(LEAVE_OUT))

"""Screens and dialogs that hear scans while no text field has the focus; a scan never answers a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, Final, TypeVar, cast

from textual import events, on, work
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button

from tui.context import Context, Kind
from tui.scanning.bursts import HAND_GAP, BurstFault
from tui.scanning.everywhere import ListensEverywhere
from tui.scanning.fields import HeardScan, HearsScans, InputState, PlainInput, TakesText
from tui.scanning.listener import LoneEnd, Refused
from tui.scanning.scan_field import ScanField
from tui.terminal.keys_in_order import Keyboard
from tui.terminal.scanner_keys import LINE_END

Result = TypeVar("Result")

Line = ScanField.Scanned | ScanField.Refused | ScanField.Repeated
"""The result of a finished line."""

Passed = Line | events.Paste
"""What a `PassesScans` screen passes on: the result of a line, or a paste of lines."""

MOMENT: Final = 2 * HAND_GAP
"""How long in seconds a lone Enter waits, in case it is the leading CR of a scan."""


class AnswerField(HearsScans[InputState], PlainInput):
    """A text field of a `PassesScans` screen: scans, and pastes of whole lines, are passed on; what is typed stays."""

    async def hear_end(self, end: LoneEnd) -> bool:
        """Handle Enter or a line feed; TAB moves the focus."""
        screen = self.screen
        if end.key == "tab" or not isinstance(screen, PassesScans):
            return False
        if self.value.strip():
            screen.typed(self.value)
        else:
            screen.act_when_alone(self, end.time, screen.typed_nothing)
        return True

    def _on_paste(self, event: events.Paste) -> None:
        if LINE_END.search(event.text) and isinstance(self.screen, PassesScans) and self.screen.passes(event):
            event.prevent_default()


class PassesScans(ListensEverywhere[Result]):
    """A screen in front of one that takes scans; with `pass_on`, a scan closes it without a result and goes there.

    While a button or a list has the focus, a hidden ScanField collects scans then, so that the same rules apply as on
    a scan line. Without `pass_on`, the screen acts on scans itself, or refuses them.
    """

    pass_on: Callable[[Passed], object] | None = None
    """Called with each scan; None leaves scans to this screen."""

    STAYS: ClassVar[bool] = False
    """Whether a scan leaves the screen open, because it asks for scans."""

    def compose_hidden_scan_field(self) -> Iterator[ScanField]:
        """The hidden field that hears scans while no text field has the focus."""
        if self.pass_on is not None:
            yield ScanField(id="gun", classes="hidden")

    @property
    def listens(self) -> bool:
        """Whether keys are collected here; with `pass_on`, the hidden field does that."""
        return self.pass_on is None and super().listens

    def passes(self, event: Passed) -> bool:
        """Pass on a scan and close; return whether it was one."""
        if self.pass_on is None or not _is_from_scanner(event):
            return False
        self._pass(event)
        return True

    def _pass(self, event: Passed) -> None:
        event.stop()
        if self.pass_on is not None:
            self.pass_on(event)
        if self.app.screen is self and not self.STAYS:
            self.dismiss(None)

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Pass scans on."""
        for scan in scans:
            if scan.is_mixed:  # nobody here can look up which part is the scan
                refused = ScanField.Refused(scan.field, scan.text, BurstFault.BEHIND_TYPING, scan.span, in_burst=True)
                self._pass(refused)
            else:
                self._pass(ScanField.Scanned(scan.field, scan.text, scan.how, scan.span, in_burst=True))

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Pass a refused scan on."""
        self._pass(ScanField.Refused(field, refused.text, refused.reason, refused.span, refused.in_burst))

    def answer(self) -> None:
        """Handle Enter while no text field has the focus."""
        if isinstance(self.focused, Button):
            self.focused.press()

    def typed(self, text: str) -> None:
        """Handle Enter behind a text that was typed into an AnswerField."""

    def typed_nothing(self) -> None:
        """Handle Enter in an empty AnswerField."""

    def on_key(self, event: events.Key) -> None:
        """Pass keys that the focused widget did not handle to the hidden scan field."""
        if self.pass_on is None or isinstance(self.focused, TakesText):
            return
        gun = self.query_one("#gun", ScanField)
        gun.forget(event.time)
        if gun.take(event):
            event.stop()
            event.prevent_default()

    @on(ScanField.Scanned, "#gun")
    @on(ScanField.Refused, "#gun")
    @on(ScanField.Repeated, "#gun")
    def _gun_heard(self, event: Passed) -> None:
        self._pass(event)

    def on_paste(self, event: events.Paste) -> None:
        """Pass on a paste that the focused widget did not handle."""
        if self.pass_on is not None:
            self._pass(event)

    @on(ScanField.EmptyEnd, "#gun")
    def _gun_ended(self, event: ScanField.EmptyEnd) -> None:
        event.stop()
        self.act_when_alone(event.field, event.time, self.answer)

    @work(exclusive=True, group="enter")
    async def act_when_alone(self, field: ScanField | AnswerField, time: float, act: Callable[[], None]) -> None:
        """Act on an Enter unless a scan follows at once: then it was its leading CR.

        Args:
            field: where the Enter came.
            time: when it was read, in seconds.
            act: what the Enter does.
        """
        focused = self.focused
        with keyboard_of(self).hold():
            if await is_alone(self, field, time) and focused is self.focused:
                act()


def into_list(say: Callable[[str, Kind], object], add: Callable[[str], None]) -> Callable[[Passed], None]:
    """Make a `pass_on` for a dialog with a list: each scan outside its fields and each pasted line is added.

    Args:
        say: shows a message.
        add: adds a line to the list.
    """

    def take(event: Passed) -> None:
        if isinstance(event, ScanField.Refused):
            say(event.reason.sentence, "problem")
        elif isinstance(event, ScanField.Repeated):
            say(f"{event.text} was scanned twice; it counts once.", "warning")
        for line in _lines_of(event):
            add(line)

    return take


def _lines_of(event: Passed) -> list[str]:
    """The lines of a scan or paste; none for a refused or repeated scan."""
    if isinstance(event, events.Paste):
        return [line for line in LINE_END.split(event.text) if line.strip()]
    return [event.text] if isinstance(event, ScanField.Scanned) else []


def keyboard_of(screen: Screen[Any]) -> Keyboard:
    """The app's key queue."""
    return cast("Context", screen.app).keyboard


async def is_alone(screen: Screen[Any], field: ScanField | AnswerField, time: float) -> bool:
    """Whether an Enter stands alone, pressed by hand, with no scan following at once. Call it in a hold.

    Args:
        screen: the screen in front when it came.
        field: where it came.
        time: when it was read, in seconds.
    """
    follows = await keyboard_of(screen).text_follows(MOMENT)
    return not (follows or field.has_heard_since(time)) and screen.app.screen is screen


def _is_from_scanner(event: Passed) -> bool:
    return event.in_burst if isinstance(event, ScanField.Scanned | ScanField.Refused) else True

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

Forwarded = Line | events.Paste
"""What a `ForwardsScans` screen forwards: the result of a line, or a paste of lines."""

LONE_ENTER_WAIT: Final = 2 * HAND_GAP
"""How long in seconds a lone Enter waits, in case it is the leading CR of a scan."""


class AnswerField(HearsScans[InputState], PlainInput):
    """A text field of a `ForwardsScans` screen: scans and pastes of whole lines are forwarded; what is typed stays."""

    async def hear_end(self, end: LoneEnd) -> bool:
        """Handle Enter or a line feed; TAB moves the focus."""
        screen = self.screen
        if end.key == "tab" or not isinstance(screen, ForwardsScans):
            return False
        if self.value.strip():
            screen.typed(self.value)
        else:
            screen.act_when_alone(self, end.time, screen.typed_nothing)
        return True

    def _on_paste(self, event: events.Paste) -> None:
        if LINE_END.search(event.text) and isinstance(self.screen, ForwardsScans) and self.screen.forwards(event):
            event.prevent_default()


class ForwardsScans(ListensEverywhere[Result]):
    """A screen in front of one that takes scans; with `forward_to`, a scan closes it without a result and goes there.

    While a button or a list has the focus, a hidden ScanField collects scans then, so that the same rules apply as on
    a scan line. Without `forward_to`, the screen acts on scans itself, or refuses them.
    """

    forward_to: Callable[[Forwarded], object] | None = None
    """Called with each scan; None leaves scans to this screen."""

    STAYS: ClassVar[bool] = False
    """Whether a scan leaves the screen open, because it asks for scans."""

    def compose_hidden_scan_field(self) -> Iterator[ScanField]:
        """The hidden field that hears scans while no text field has the focus."""
        if self.forward_to is not None:
            yield ScanField(id="scanner", classes="hidden")

    @property
    def listens(self) -> bool:
        """Whether keys are collected here; with `forward_to`, the hidden field does that."""
        return self.forward_to is None and super().listens

    def forwards(self, event: Forwarded) -> bool:
        """Forward a scan and close; return whether it was one."""
        if self.forward_to is None or not _is_from_scanner(event):
            return False
        self._forward(event)
        return True

    def _forward(self, event: Forwarded) -> None:
        event.stop()
        if self.forward_to is not None:
            self.forward_to(event)
        if self.app.screen is self and not self.STAYS:
            self.dismiss(None)

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Forward scans."""
        for scan in scans:
            if scan.is_mixed:  # nobody here can look up which part is the scan
                refused = ScanField.Refused(scan.field, scan.text, BurstFault.BEHIND_TYPING, scan.span, in_burst=True)
                self._forward(refused)
            else:
                self._forward(ScanField.Scanned(scan.field, scan.text, scan.how, scan.span, in_burst=True))

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Forward a refused scan."""
        self._forward(ScanField.Refused(field, refused.text, refused.reason, refused.span, refused.in_burst))

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
        if self.forward_to is None or isinstance(self.focused, TakesText):
            return
        scanner = self.query_one("#scanner", ScanField)
        scanner.forget(event.time)
        if scanner.take(event):
            event.stop()
            event.prevent_default()

    @on(ScanField.Scanned, "#scanner")
    @on(ScanField.Refused, "#scanner")
    @on(ScanField.Repeated, "#scanner")
    def _scanner_heard(self, event: Forwarded) -> None:
        self._forward(event)

    def on_paste(self, event: events.Paste) -> None:
        """Forward a paste that the focused widget did not handle."""
        if self.forward_to is not None:
            self._forward(event)

    @on(ScanField.EmptyEnd, "#scanner")
    def _scanner_ended(self, event: ScanField.EmptyEnd) -> None:
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


def into_list(say: Callable[[str, Kind], object], add: Callable[[str], None]) -> Callable[[Forwarded], None]:
    """Make a `forward_to` for a dialog with a list: each scan outside its fields and each pasted line is added.

    Args:
        say: shows a message.
        add: adds a line to the list.
    """

    def take(event: Forwarded) -> None:
        if isinstance(event, ScanField.Refused):
            say(event.reason.sentence, "problem")
        elif isinstance(event, ScanField.Repeated):
            say(f"{event.text} was scanned twice; it counts once.", "warning")
        for line in _lines_of(event):
            add(line)

    return take


def _lines_of(event: Forwarded) -> list[str]:
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
    follows = await keyboard_of(screen).text_follows(LONE_ENTER_WAIT)
    return not (follows or field.has_heard_since(time)) and screen.app.screen is screen


def _is_from_scanner(event: Forwarded) -> bool:
    return event.in_burst if isinstance(event, ScanField.Scanned | ScanField.Refused) else True

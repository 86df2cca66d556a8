"""Screens and dialogs that hear scans while no text field has the focus; a scan never answers a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any, ClassVar, Final, TypeVar, cast

from textual import events, on, work
from textual.screen import Screen
from textual.widgets import Button

from tui.context import Context, Kind
from tui.scanning.bursts import HAND_GAP
from tui.scanning.fields import TakesText
from tui.scanning.scan_field import ScanField
from tui.terminal.keys_in_order import Keyboard
from tui.terminal.scanner_keys import LINE_END, NEVER

Result = TypeVar("Result")

Line = ScanField.Scanned | ScanField.Refused | ScanField.Repeated
"""The result of a finished line."""

Passed = Line | events.Paste
"""What a `PassesScans` screen passes on: the result of a line, or a paste of lines."""

MOMENT: Final = 2 * HAND_GAP
"""How long in seconds a lone Enter waits, in case it is the leading CR of a scan."""

SEEN_AFTER: Final = 0.5
"""Seconds after which something on the screen counts as seen."""


class ScanRun:
    """Counts scans in quick succession whose screens nobody could see, for the message on the last one."""

    def __init__(self) -> None:
        self._shown_at = NEVER
        self._passed = 0
        self.is_scan = False
        """Whether the current look-up is of a scan, not of typed text."""

    def begin(self, ended: float) -> None:
        """Start a look-up; count the scan before it as unseen if it was not shown for `SEEN_AFTER` seconds.

        Args:
            ended: when the line end was read, in seconds of the monotonic clock; `NEVER` for typed text.
        """
        was_scan, self.is_scan = self.is_scan, ended != NEVER
        is_unseen = was_scan and self.is_scan and ended - self._shown_at < SEEN_AFTER
        self._passed = self._passed + 1 if is_unseen else 0

    def is_shown_already(self) -> None:
        """Note that the scan before was of the same thing, so that it does not count as unseen."""
        self._passed = max(0, self._passed - 1)

    def shown(self) -> None:
        """Note that the current scan's result is on the screen now."""
        self._shown_at = monotonic()

    @property
    def words(self) -> str:
        """The sentence about unseen scans; empty when there are none."""
        if not self._passed:
            return ""
        others = "the other" if self._passed == 1 else "the others"
        return f"The last of {self._passed + 1:,} scans; {others} came too fast to be shown."

    def told(self, text: str) -> str:
        """A sentence about the current scan, followed by the one about unseen scans."""
        return " ".join(filter(None, (text, self.words)))


class AnswerField(ScanField):
    """A text field of a `PassesScans` screen; scans and pastes of whole lines are passed on."""

    def _on_paste(self, event: events.Paste) -> None:
        if LINE_END.search(event.text) and isinstance(self.screen, PassesScans) and self.screen.passes(event):
            event.prevent_default()


class PassesScans(Screen[Result]):
    """A screen in front of one that takes scans; with `pass_on`, a scan closes it without a result and goes there.

    Its text fields are AnswerFields then. While a button or a list has the focus, a hidden ScanField collects scans,
    so that the same rules apply.
    """

    pass_on: Callable[[Passed], object] | None = None
    """Called with each scan; None leaves scans to the focused widget."""

    STAYS: ClassVar[bool] = False
    """Whether a scan leaves the screen open, because it asks for scans."""

    def compose_hidden_scan_field(self) -> Iterator[ScanField]:
        """The hidden field that hears scans while no text field has the focus."""
        if self.pass_on is not None:
            yield ScanField(id="gun", classes="hidden")

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

    def answer(self) -> None:
        """Handle Enter while no text field has the focus."""
        if isinstance(self.focused, Button):
            self.focused.press()

    def typed(self, event: Line) -> None:
        """Handle a line that was typed into an AnswerField."""

    def typed_nothing(self) -> None:
        """Handle Enter in an empty AnswerField."""

    @on(ScanField.Scanned, "AnswerField")
    @on(ScanField.Refused, "AnswerField")
    @on(ScanField.Repeated, "AnswerField")
    def _answer_ended(self, event: Line) -> None:
        event.stop()
        if not self.passes(event):
            self.typed(event)

    @on(ScanField.EmptyEnd, "AnswerField")
    def _nothing_ended(self, event: ScanField.EmptyEnd) -> None:
        event.stop()
        self._act_when_alone(event, self.typed_nothing)

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
        self._act_when_alone(event, self.answer)

    @work(exclusive=True, group="enter")
    async def _act_when_alone(self, end: ScanField.EmptyEnd, act: Callable[[], None]) -> None:
        focused = self.focused
        with keyboard_of(self).hold():
            if await is_alone(self, end) and focused is self.focused:
                act()


def into_list(say: Callable[[str, Kind], object], add: Callable[[str], None]) -> Callable[[Passed], None]:
    """Make a `pass_on` for a dialog with a list: each scan outside its fields and each pasted line is added.

    Args:
        say: shows a message.
        add: adds a line to the list.
    """

    def take(event: Passed) -> None:
        if said := _why_none(event):
            say(said, "warning")
        for line in _lines_of(event):
            add(line)

    return take


def _lines_of(event: Passed) -> list[str]:
    """The lines of a scan or paste; none for a refused or repeated scan."""
    if isinstance(event, events.Paste):
        return [line for line in LINE_END.split(event.text) if line.strip()]
    return [event.text] if isinstance(event, ScanField.Scanned) else []


def _why_none(event: Passed) -> str:
    """The message about a refused or repeated scan; empty for others."""
    if isinstance(event, ScanField.Refused):
        return event.reason.sentence
    return f"{event.text} was scanned twice; it counts once." if isinstance(event, ScanField.Repeated) else ""


def keyboard_of(screen: Screen[Any]) -> Keyboard:
    """The app's key queue."""
    return cast("Context", screen.app).keyboard


async def is_alone(screen: Screen[Any], end: ScanField.EmptyEnd) -> bool:
    """Whether an Enter stands alone, pressed by hand, with no scan following at once. Call it in a hold."""
    follows = await keyboard_of(screen).text_follows(MOMENT)
    return not (follows or end.field.has_heard_since(end.time)) and screen.app.screen is screen


def _is_from_scanner(event: Passed) -> bool:
    return event.in_burst if isinstance(event, ScanField.Scanned | ScanField.Refused) else True

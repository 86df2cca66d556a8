"""What is scanned while something stands before a station goes to the station; a scan never answers a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, TypeVar, cast

from textual import events, on, work
from textual.screen import Screen
from textual.widgets import Button

from tui.context import Context, Kind
from tui.keyboard.ordered import Keyboard
from tui.keyboard.scan_field import ScanField
from tui.keyboard.scanner_keys import HAND_GAP, LINE_END, NEVER, SCANNER_GAP
from tui.keyboard.takes_text import TakesText

Result = TypeVar("Result")

Line = ScanField.Scanned | ScanField.Refused | ScanField.Repeated
"""What comes of a line."""

Heard = Line | events.Paste
"""What is passed on: what comes of a line, or a paste of lines."""

MOMENT: Final = 2 * HAND_GAP
"""Seconds that an Enter waits for the scan that it may be the stray beginning of."""

FORGOTTEN_AFTER: Final = 1.0
"""Seconds after which letters that a hand typed where nothing takes text are no part of a scan."""


class AnswerField(ScanField):
    """A field of a `PassesScans` screen; a paste of whole lines is for the station."""

    def _on_paste(self, event: events.Paste) -> None:
        if LINE_END.search(event.text) and isinstance(self.screen, PassesScans) and self.screen.passes(event):
            event.prevent_default()


class PassesScans(Screen[Result]):
    """A screen before one that takes scans; with `pass_on`, a scan closes it without a result and goes there.

    Fields of it that take text are AnswerFields then; what is scanned while a button or a list has the focus is heard
    by a field that nobody sees, so that it is put together by the same rules.
    """

    pass_on: Callable[[Heard], object] | None = None
    """Is given what is scanned here; None leaves scans to whatever has the focus."""

    STAYS: ClassVar[bool] = False
    """Whether a scan leaves it open, since scans are what it asks for."""

    _gun_time = NEVER

    def compose_gun(self) -> Iterator[ScanField]:
        """The field that hears scans while nothing that takes text has the focus."""
        if self.pass_on is not None:
            yield ScanField(id="gun", classes="hidden")

    def passes(self, event: Heard) -> bool:
        """Pass on what came from a scanner, and close; says whether it did."""
        if self.pass_on is None or not _is_fast(event):
            return False
        self._pass(event)
        return True

    def _pass(self, event: Heard) -> None:
        event.stop()
        if self.pass_on is not None:
            self.pass_on(event)
        if self.app.screen is self and not self.STAYS:
            self.dismiss(None)

    def answer(self) -> None:
        """Do what Enter does where no text field has the focus."""
        if isinstance(self.focused, Button):
            self.focused.press()

    def typed(self, event: Line) -> None:
        """Do what a line that a hand typed into an AnswerField is for."""

    def typed_nothing(self) -> None:
        """Do what Enter does in an empty AnswerField."""

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
        """Let scans be heard that nothing nearer to the focus takes."""
        if self.pass_on is None or isinstance(self.focused, TakesText):
            return
        gun = self.query_one("#gun", ScanField)
        if event.time - self._gun_time > FORGOTTEN_AFTER and gun.value and not gun.is_unfinished_scan:
            gun.value = ""
        self._gun_time = event.time
        if gun.take(event):
            event.stop()
            event.prevent_default()

    @on(ScanField.Scanned, "#gun")
    @on(ScanField.Refused, "#gun")
    @on(ScanField.Repeated, "#gun")
    def _gun_heard(self, event: Heard) -> None:
        self._pass(event)

    def on_paste(self, event: events.Paste) -> None:
        """Pass a paste on that nothing nearer to the focus takes."""
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


def into_list(say: Callable[[str, Kind], None], add: Callable[[str], None]) -> Callable[[Heard], None]:
    """A `pass_on` for dialogs with a list: each scan beside the fields, and each pasted line, is a line of the list.

    Args:
        say: shows a message.
        add: takes a line.
    """

    def take(event: Heard) -> None:
        if said := _why_none(event):
            say(said, "warning")
        for line in _lines_of(event):
            add(line)

    return take


def _lines_of(event: Heard) -> list[str]:
    """The serials that something scanned or pasted names, each a line; none for what is refused or came twice."""
    if isinstance(event, events.Paste):
        return [line for line in LINE_END.split(event.text) if line.strip()]
    return [event.text] if isinstance(event, ScanField.Scanned) else []


def _why_none(event: Heard) -> str:
    """What to say about something scanned that is no line; empty where there is nothing to say."""
    if isinstance(event, ScanField.Refused):
        return event.reason.sentence
    return f"{event.text} was scanned twice; it counts once." if isinstance(event, ScanField.Repeated) else ""


def keyboard_of(screen: Screen[Any]) -> Keyboard:
    """The app's queue of keys."""
    return cast("Context", screen.app).keyboard


async def is_alone(screen: Screen[Any], end: ScanField.EmptyEnd) -> bool:
    """Whether an Enter was pressed by hand: no text follows it at once. Call it in a hold."""
    follows = await keyboard_of(screen).text_follows(MOMENT)
    return not (follows or end.field.has_heard_since(end.time)) and screen.app.screen is screen


def _is_fast(event: Heard) -> bool:
    """Whether a scanner sent it; a hand can have a line refused as well, by an editing key that comes too fast."""
    if isinstance(event, ScanField.Scanned):
        return event.in_burst
    if isinstance(event, ScanField.Refused):
        return event.span.ended - event.span.began <= SCANNER_GAP * max(1, len(event.text))
    return True

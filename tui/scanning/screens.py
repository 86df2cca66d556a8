"""Screens and dialogs that hear scans while no field of theirs takes text; a scan never answers a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, ClassVar, Final, TypeVar, cast

from textual import events, on, work
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.widgets import Button

from models.errors import SerialdockError
from tui.context import Context, Kind
from tui.routes import Route
from tui.scanning.bursts import HAND_GAP
from tui.scanning.fields import TakesText
from tui.scanning.listener import Heard, KeyAdded, KeyTarget, Listener, Refused, Scanned, UsedUp, nothing
from tui.scanning.scan_field import ScanField
from tui.terminal.keys_in_order import Keyboard
from tui.terminal.scanner_keys import LINE_END, NEVER

Result = TypeVar("Result")

Line = ScanField.Scanned | ScanField.Refused | ScanField.Repeated
"""What comes of a line."""

Passed = Line | events.Paste
"""What is passed on: what comes of a line, or a paste of lines."""

MOMENT: Final = 2 * HAND_GAP
"""Seconds that an Enter waits for the scan that it may be the stray beginning of."""

SEEN_AFTER: Final = 0.5
"""Seconds for which something has to be on the screen to have been looked at."""


class ScanRun:
    """Counts what was passed over, so that the last scan of a burst can say how many came before it."""

    def __init__(self) -> None:
        self._shown_at = NEVER
        self._passed = 0
        self.is_scan = False
        """Whether a scanner sent what is looked for at present, and no hand typed it."""

    def begin(self, ended: float) -> None:
        """Count on where a scan came before the one before it could be looked at.

        Args:
            ended: when its end was read, in seconds of the monotonic clock; `NEVER` for what was typed.
        """
        was_scan, self.is_scan = self.is_scan, ended != NEVER
        is_unseen = was_scan and self.is_scan and ended - self._shown_at < SEEN_AFTER
        self._passed = self._passed + 1 if is_unseen else 0

    def is_shown_already(self) -> None:
        """Note that the scan before was of the same thing, so that it was not passed over."""
        self._passed = max(0, self._passed - 1)

    def shown(self) -> None:
        """Note that the present scan's outcome is on the screen."""
        self._shown_at = monotonic()

    @property
    def words(self) -> str:
        """What is to be said about the scans that were passed over; empty where none was."""
        if not self._passed:
            return ""
        others = "the other" if self._passed == 1 else "the others"
        return f"The last of {self._passed + 1:,} scans; {others} came too fast to be shown."

    def told(self, text: str) -> str:
        """A sentence about the present scan, and about those that were passed over."""
        return " ".join(filter(None, (text, self.words)))


class CatchesScans(Screen[Result]):
    """A screen on which a scan is understood wherever the focus is; fields that take text see to it themselves.

    Keys that come at a scanner's pace are gathered; their end opens what they name. A single key does what it does.
    """

    CATCHES: bool = True
    """Whether scans are gathered; a screen with a scan line of its own has no need."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener = Listener(KeyTarget.SCREEN, nothing)
        self.closed: Callable[[], object] = nothing
        """Called when the person goes back from here."""
        self.is_of_scan = False
        """Whether a scan has opened this screen, and not a hand."""
        self.scan_run = ScanRun()
        """Counts scans that nobody could look at; a screen that is opened by a scan goes on with it."""

    @property
    def context(self) -> Context:
        """The app, as far as screens need it."""
        return cast("Context", self.app)

    @property
    def gives_way(self) -> bool:
        """Whether nothing is lost here when the screen of another scan takes the place of this one."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go back.

        Args:
            result: as for every screen.
        """
        self.closed()
        return super().dismiss(result)

    def name_if_shown(self, route: Route[Any]) -> str:
        """What to call the thing that a route leads to, if it is what this screen shows; else an empty text."""
        return ""

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; any text."""
        raise NotImplementedError

    @contextmanager
    def scan_refusals_shown(self) -> Iterator[None]:
        """Show why a scan is refused, and what was passed over before it, instead of passing the refusal on."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(self.scan_run.told(refusal.message), "problem")
            self.scan_run.shown()

    def on_key(self, event: events.Key) -> None:
        """Gather scans while no field has the focus."""
        if not self.CATCHES or isinstance(self.focused, TakesText):
            return
        heard = self._listener.take(event.key, event.character, event.time)
        if isinstance(heard, KeyAdded | UsedUp | Scanned | Refused):
            event.stop()
            event.prevent_default()
            self._hear(heard)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste outside of fields as a scan; some terminals send scans so. Several lines are none."""
        if not self.CATCHES or isinstance(self.focused, TakesText):
            return
        heard = list(self._listener.paste(event.text, event.time))
        if len(heard) == 1:
            event.stop()
            self._hear(heard[0])

    def _hear(self, heard: Heard[None]) -> None:
        if isinstance(heard, Scanned):
            self.open_scan(heard.span.ended, *(part.text for part in heard.parts))
        elif isinstance(heard, Refused):
            self.say(heard.reason.sentence, "problem")

    @work(exclusive=True, group="scan")
    async def open_scan(self, ended: float, *scans: str) -> None:
        """Open what a scan names, or say why not.

        Args:
            ended: when its end was read, in seconds.
            *scans: what came; and ends of it that may be the scan, where the rest came with a pause before it.
        """
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            self.scan_run.begin(ended)
            await self.context.open_scanned(self, *scans)

    async def open_first(self, ended: float, scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first of some texts names that names anything; call it in a hold.

        Args:
            ended: when the end was read, in seconds.
            scans: the texts.
            found: is told which of them it is, before that is opened.

        Returns:
            Whether one of them names something.
        """
        self.scan_run.begin(ended)
        return await self.context.open_first(self, scans, found)


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

    pass_on: Callable[[Passed], object] | None = None
    """Is given what is scanned here; None leaves scans to whatever has the focus."""

    STAYS: ClassVar[bool] = False
    """Whether a scan leaves it open, since scans are what it asks for."""

    def compose_gun(self) -> Iterator[ScanField]:
        """The field that hears scans while nothing that takes text has the focus."""
        if self.pass_on is not None:
            yield ScanField(id="gun", classes="hidden")

    def passes(self, event: Passed) -> bool:
        """Pass on what came from a scanner, and close; says whether it did."""
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


def into_list(say: Callable[[str, Kind], object], add: Callable[[str], None]) -> Callable[[Passed], None]:
    """A `pass_on` for dialogs with a list: each scan beside the fields, and each pasted line, is a line of the list.

    Args:
        say: shows a message.
        add: takes a line.
    """

    def take(event: Passed) -> None:
        if said := _why_none(event):
            say(said, "warning")
        for line in _lines_of(event):
            add(line)

    return take


def _lines_of(event: Passed) -> list[str]:
    """The serials that something scanned or pasted names, each a line; none for what is refused or came twice."""
    if isinstance(event, events.Paste):
        return [line for line in LINE_END.split(event.text) if line.strip()]
    return [event.text] if isinstance(event, ScanField.Scanned) else []


def _why_none(event: Passed) -> str:
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


def _is_from_scanner(event: Passed) -> bool:
    return event.in_burst if isinstance(event, ScanField.Scanned | ScanField.Refused) else True

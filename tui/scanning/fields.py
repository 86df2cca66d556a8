"""The fields of one line that people type into: safe for any text, and what scanners send into them is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

from rich.cells import get_character_cell_size
from rich.text import Text
from textual import events, work
from textual.geometry import Size, clamp
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.timer import Timer
from textual.widgets import Input
from textual.widgets.input import Selection

from tui.context import Context
from tui.scanning import listener
from tui.scanning.bursts import SCANNER_LENGTH, SHORT_LENGTH, UNFINISHED_AFTER
from tui.scanning.listener import KeyAdded, KeyTarget, Listener, LoneEnd, Part, Scanned
from tui.terminal.scanner_keys import LINE_END, NEVER
from tui.text import glyphs

if TYPE_CHECKING:
    from textual.widget import Widget
else:

    class Widget:
        """Not Textual's, which would take the styles from the first base class alone."""


State = TypeVar("State")


class TakesText:
    """A field that keeps what is typed, so that no screen takes it for a scan or a command; a base of every one."""

    __slots__ = ()

    @property
    def typed(self) -> str:
        """What stands in it."""
        raise NotImplementedError


class InputState(NamedTuple):
    """What stands in a field of one line."""

    text: str
    selection: Selection


class PlainInput(Input, TakesText):
    """An Input of one row without a blinking cursor, safe for any text.

    A stock Input writes control and bidi characters of its value to the terminal as they are, and keeps only the
    first line of a paste.
    """

    # A stock Input lays the whole screen out at each character; this one is as wide as its place, whatever is in it.
    value: reactive[str] = reactive("", layout=False, init=False)
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input; `compact` is on unless said otherwise.
        """
        kwargs.setdefault("compact", True)
        super().__init__(*args, **kwargs)
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """What stands in it."""
        return self.value

    @property
    def _value(self) -> Text:
        if self.password:
            return super()._value
        text = Text(glyphs(self.value), no_wrap=True, overflow="ignore", end="")
        return text if self.highlighter is None else self.highlighter(text)

    def _position_to_cell(self, position: int) -> int:
        return self._value[:position].cell_len

    def _cell_offset_to_index(self, offset: int) -> int:
        offset += self.scroll_offset.x
        end = 0
        for index, character in enumerate(self._value.plain):
            end += get_character_cell_size(character)
            if offset < end:
                return index
        return clamp(offset, 0, len(self.value))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.put(" ".join(event.text.splitlines()))

    def action_paste(self) -> None:
        """Insert what was copied inside the app, on one line."""
        self.put(" ".join(self.app.clipboard.splitlines()))

    def put(self, text: str) -> None:
        """Insert text at the cursor, in place of what is selected.

        Args:
            text: One line.
        """
        self.replace(text, *self.selection)

    def remember(self) -> InputState:
        """The text and what is selected of it."""
        return InputState(self.value, self.selection)

    def restore(self, state: InputState) -> None:
        """Put the text and the selection back."""
        self.value, self.selection = state


# ----- what hears scans


class WaitsForEnd(PlainInput):
    """Tells once of a scan without an end, and when that is over."""

    TAKES: ClassVar[str] = "take"
    """What Enter does with a scan here."""

    _listener: Listener[Any]
    _end_timer: Timer | None = None
    """Of the class, since a field that is made with a text changes its value before it is set up itself."""
    _changed_at = 0.0
    _unfinished: WaitsForEnd.Unfinished | None = None

    @dataclass
    class Unfinished(Message):
        """A line came at a scanner's pace and has no end, or that is over now."""

        field: WaitsForEnd
        """Where."""
        sentence: str
        """What to tell the person who scanned."""
        is_over: bool = False
        """Whether it has been ended or changed; then the sentence is to be taken back."""

        @property
        def control(self) -> WaitsForEnd:
            """The field, for `@on` with a selector."""
            return self.field

    def watch_value(self, value: str) -> None:
        """Begin to wait, or take back what was told."""
        self._changed_at = monotonic()
        if self._unfinished is not None:
            self.post_message(self.Unfinished(self, self._unfinished.sentence, is_over=True))
            self._unfinished = None
        if value and self._end_timer is None and self.is_running:
            self._end_timer = self.set_timer(UNFINISHED_AFTER, self._look)

    def _look(self) -> None:
        """Tell, unless something has come meanwhile; then look again in time."""
        self._end_timer = None
        quiet = monotonic() - self._changed_at
        if quiet < UNFINISHED_AFTER:
            self._end_timer = self.set_timer(UNFINISHED_AFTER - quiet, self._look)
        elif self.value and self._listener.unfinished(quiet):
            what = f"{self.value} has no end yet: press Enter to {self.TAKES} it."
            self._unfinished = self.Unfinished(self, f"{what} Set the scanner to send CR after each scan.")
            self.post_message(self._unfinished)


class HearsScans(Widget, Generic[State]):
    """Gives a field's keys to its listener. Put it before the field's own class."""

    ENDS_ARE_ONE: ClassVar[bool] = True
    """Whether an end right behind another one is a part of it, and not typed ahead."""

    remember: Callable[[], State]
    """The field's own: the text and where the cursor is."""
    restore: Callable[[State], None]
    """The field's own: puts the text and the cursor back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for the field.
            **kwargs: As for the field.
        """
        self._listener: Listener[State] = Listener(
            KeyTarget.TEXT, self.remember, least=lambda: self.scan_length, ends_are_one=self.ENDS_ARE_ONE
        )
        super().__init__(*args, **kwargs)

    @property
    def scan_length(self) -> int:
        """Characters from which on what came at a scanner's pace is a scan."""
        return SHORT_LENGTH

    async def hear_scan(self, scan: Scanned[State]) -> None:
        """Do what a scan does here; what was scanned stands in the field."""
        raise NotImplementedError

    async def hear_end(self, end: LoneEnd) -> bool:
        """Do what an end behind typing does; False where the key does what it always does."""
        return False

    def hear_separator(self, separator: str) -> None:
        """Take a separator inside a scan; where the field does not show it, the scan has it all the same."""

    async def _on_key(self, event: events.Key) -> None:
        heard = self._listener.take(event.key, event.character, event.time)
        if heard is None or (isinstance(heard, LoneEnd) and not await self.hear_end(heard)):
            return
        event.stop()
        event.prevent_default()
        if isinstance(heard, KeyAdded):
            self.hear_separator(heard.text)
        elif isinstance(heard, Scanned):
            await self.hear_scan(heard)

    def on_paste(self, _: events.Paste) -> None:
        """Begin anew: what is pasted is text, and no part of a scan."""
        self._listener.clear()


class FindField(HearsScans[InputState], WaitsForEnd):
    """A field for a part of a text. `Changed` narrows, `Submitted` opens.

    Enter submits, and so do the ends of scanners: CR, LF, CRLF, and TAB behind a burst; TAB after typing moves the
    focus on. A paste that ends with a line end submits too, since some terminals send a scan so.
    """

    TAKES: ClassVar[str] = "open"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input. Focus does not select the text unless said so: `begin` gives the focus
                in the middle of a scan.
        """
        self.ended = NEVER
        """When the last end of a line was read, in seconds."""
        self.scans: tuple[str, ...] = ()
        """What of the text that was submitted last a scanner may have sent, the longest first."""
        self.before: dict[str, str] = {}
        """What stood here before each of these scans."""
        self.is_sure_scan = False
        """Whether even the shortest of them is too long to be typing over a slow line."""
        kwargs.setdefault("select_on_focus", False)
        super().__init__(*args, **kwargs)

    def begin(self, event: events.Key) -> None:
        """Take the focus and begin anew with a character that was typed or scanned elsewhere on the screen."""
        self._listener.clear()
        self._listener.take(event.key, event.character, event.time)
        self.value = event.character or ""
        self.screen.set_focus(self)
        self.action_end()

    def hear_separator(self, separator: str) -> None:
        """Show it."""
        self.put(separator)

    async def hear_scan(self, scan: Scanned[InputState]) -> None:
        """Open what the scan names."""
        self.is_sure_scan = scan.is_sure
        await self._end(scan.span.ended, scan.parts)

    async def hear_end(self, end: LoneEnd) -> bool:
        """Open what is found, or move on."""
        if end.key == "tab":
            return False
        await self._end(end.time)
        return True

    async def _end(self, time: float, parts: tuple[Part[InputState], ...] = ()) -> None:
        self.ended = time
        self.scans = tuple(part.text for part in parts)
        self.before = {part.text: part.before.text for part in parts}
        await self.action_submit()

    async def action_submit(self) -> None:
        """Open what was found."""
        self._listener.clear()
        await super().action_submit()

    async def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        event.stop()
        event.prevent_default()
        self._listener.clear()
        self.scans = ()
        lines = LINE_END.split(event.text)
        is_ended = len(lines) > 1 and not lines[-1]
        self.put(" ".join(lines[:-1] if is_ended else lines))
        if is_ended:
            await self.action_submit()


class NumberInput(HearsScans[InputState], PlainInput):
    """A field for a number. A scan leaves it as it was and is told, lest its digits be taken for the number."""

    @dataclass
    class Scanned(Message):
        """A scan came here."""

        field: NumberInput
        """Where."""
        text: str
        """What was scanned."""

        @property
        def control(self) -> NumberInput:
            """The field, for `@on` with a selector."""
            return self.field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: as for Textual's Input.
            **kwargs: as for Textual's Input.
        """
        super().__init__(*args, type="integer", **kwargs)

    @property
    def scan_length(self) -> int:
        """As where people type; a number of few digits may be held up on its way."""
        return SCANNER_LENGTH

    async def hear_scan(self, scan: listener.Scanned[InputState]) -> None:
        """Put the number back, and pass the scan on."""
        part = scan.behind_typing
        self.restore(part.before)
        self.post_message(self.Scanned(self, part.text))


@runtime_checkable
class OpensWhatIsScanned(Protocol):
    """A screen that opens what a scan names."""

    CATCHES: bool
    """Whether it does."""

    def open_scan(self, ended: float, *scans: str) -> object:
        """Begin to open what a scan names, or say why not.

        Args:
            ended: when its end was read, in seconds.
            *scans: what it may be, the longest first.
        """

    async def open_first(self, ended: float, scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first of some texts names that names anything.

        Args:
            ended: when the end was read, in seconds.
            scans: the texts.
            found: is told which of them it is, before that is opened.

        Returns:
            Whether one of them names something.
        """


class OpensScans(HearsScans[State]):
    """A field for free text, on a screen that opens what is scanned. Put it before the field's own class.

    What came at a scanner's pace is looked up at its end, and the keys behind it wait. Where it names something, the
    field gets back what it had before and that is opened. Else it was typed, over a line that stalled: it stays, and
    the end does what it does in the field. In a dialog, which asks for something, a scan is the field's.
    """

    ENDS_ARE_ONE = False
    TAKES_SCANS: ClassVar[bool] = False
    """Whether a scan is meant for the field, on a screen too."""

    async def end_line(self, key: str) -> None:
        """Do what the end of a line does in this field.

        Args:
            key: one of `LINE_ENDS`.
        """
        raise NotImplementedError

    async def end_scan(self, key: str) -> None:
        """Do what the end of a scan does that is the field's; a line feed is as good as Enter.

        Args:
            key: one of `LINE_ENDS`.
        """
        await self.end_line("enter" if key == "ctrl+j" else key)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be typed here, so that whatever a scanner sends is meant for the screen."""
        return False

    @property
    def scan_length(self) -> int:
        """Where the screen opens scans, typing over a stalled line must not be taken for one."""
        return SCANNER_LENGTH if self._opener and not self.is_closed else SHORT_LENGTH

    @property
    def _opener(self) -> OpensWhatIsScanned | None:
        """The screen that opens scans; None where they are the field's."""
        screen = self.screen
        is_for_screen = self.is_closed or not self.TAKES_SCANS
        return screen if is_for_screen and isinstance(screen, OpensWhatIsScanned) and screen.CATCHES else None

    async def hear_scan(self, scan: Scanned[State]) -> None:
        """Open what the scan names, or take it."""
        opener, ended = self._opener, scan.span
        if opener is None:
            await self.end_scan(ended.end)
        elif self.is_closed:
            opener.open_scan(ended.ended, *(part.text for part in scan.parts))
        else:
            held = ExitStack()
            held.enter_context(cast("Context", self.app).keyboard.hold())
            self._open_or_keep(opener, scan, held)

    @work(group="scan")
    async def _open_or_keep(self, opener: OpensWhatIsScanned, scan: Scanned[State], held: ExitStack) -> None:
        def found(text: str) -> None:
            self.restore(next(part.before for part in scan.parts if part.text == text))

        with held:
            if not await opener.open_first(scan.span.ended, [part.text for part in scan.parts], found):
                await self.end_line(scan.span.end)

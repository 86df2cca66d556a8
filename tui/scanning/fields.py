"""Single-line fields: safe for any text, and with a listener that recognises scans."""

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
        """Empty stand-in: with Textual's Widget, only the first base class's styles would apply."""


State = TypeVar("State")


class TakesText:
    """Base of every text field: no screen takes keys for scans or commands while one has the focus."""

    __slots__ = ()

    @property
    def typed(self) -> str:
        """The text in the field."""
        raise NotImplementedError


class InputState(NamedTuple):
    """Text and selection of a single-line field."""

    text: str
    selection: Selection


class PlainInput(Input, TakesText):
    """An Input of one row without a blinking cursor, safe for any text.

    Textual's Input writes control and bidi characters of its value to the terminal as they are, and keeps only the
    first line of a paste.
    """

    # Textual's Input lays out the screen again for each character; this one's width does not depend on its text.
    value: reactive[str] = reactive("", layout=False, init=False)
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input; `compact` defaults to True.
        """
        kwargs.setdefault("compact", True)
        super().__init__(*args, **kwargs)
        self.cursor_blink = False

    @property
    def typed(self) -> str:
        """The text in the field."""
        return self.value

    # Private parts of Input: it draws `_value`, and the two methods map between characters and cells. They measure the
    # glyphs, since a hidden character and its glyph differ in width.

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
        """Insert the app's clipboard, joined to one line."""
        self.put(" ".join(self.app.clipboard.splitlines()))

    def put(self, text: str) -> None:
        """Insert text at the cursor, replacing the selection.

        Args:
            text: One line.
        """
        self.replace(text, *self.selection)

    def remember(self) -> InputState:
        """The text and the selection."""
        return InputState(self.value, self.selection)

    def restore(self, state: InputState) -> None:
        """Put the text and the selection back."""
        self.value, self.selection = state


# ----- fields that hear scans


class WaitsForEnd(PlainInput):
    """A field that reports a scan without an end, once, and when the report no longer applies."""

    TAKES: ClassVar[str] = "take"
    """The verb for what Enter does with a scan here."""

    _listener: Listener[Any]
    _end_timer: Timer | None = None
    """A class attribute, since an initial text calls `watch_value` before `__init__` has finished."""
    _changed_at = 0.0
    _unfinished: WaitsForEnd.Unfinished | None = None

    @dataclass
    class Unfinished(Message):
        """A line came at a scanner's pace and has no end, or that report no longer applies."""

        field: WaitsForEnd
        """The field with the scan."""
        sentence: str
        """The message for the person who scanned."""
        is_over: bool = False
        """Whether the line was ended or changed since; the message is to be removed."""

        @property
        def control(self) -> WaitsForEnd:
            """The field, for `@on` with a selector."""
            return self.field

    def watch_value(self, value: str) -> None:
        """Start the timer, and withdraw an earlier report."""
        self._changed_at = monotonic()
        if self._unfinished is not None:
            self.post_message(self.Unfinished(self, self._unfinished.sentence, is_over=True))
            self._unfinished = None
        if value and self._end_timer is None and self.is_running:
            self._end_timer = self.set_timer(UNFINISHED_AFTER, self._look)

    def _look(self) -> None:
        """Report the scan; if text came in the meantime, restart the timer instead."""
        self._end_timer = None
        quiet = monotonic() - self._changed_at
        if quiet < UNFINISHED_AFTER:
            self._end_timer = self.set_timer(UNFINISHED_AFTER - quiet, self._look)
        elif self.value and self._listener.unfinished(quiet):
            what = f"{self.value} has no end yet: press Enter to {self.TAKES} it."
            self._unfinished = self.Unfinished(self, f"{what} Set the scanner to send CR after each scan.")
            self.post_message(self._unfinished)


class HearsScans(Widget, Generic[State]):
    """Mixin that passes a field's keys to its listener. Put it before the field's own class."""

    ENDS_ARE_ONE: ClassVar[bool] = True
    """Whether a line end directly after another one belongs to it, and was not typed ahead."""

    remember: Callable[[], State]
    """Provided by the field: its text and cursor."""
    restore: Callable[[State], None]
    """Provided by the field: sets text and cursor."""

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
        """Shortest burst, in characters, that counts as a scan."""
        return SHORT_LENGTH

    async def hear_scan(self, scan: Scanned[State]) -> None:
        """Handle a scan, whose text is in the field."""
        raise NotImplementedError

    async def hear_end(self, end: LoneEnd) -> bool:
        """Handle a line end after typing; False leaves the key to its usual handler."""
        return False

    def hear_separator(self, separator: str) -> None:
        """Handle a separator inside a scan; the scan contains it even if the field does not show it."""

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
        """Reset the listener: a paste is text, and no part of a scan."""
        self._listener.clear()


class FindField(HearsScans[InputState], WaitsForEnd):
    """A search field. `Changed` narrows, `Submitted` opens.

    Enter submits, and so do the line ends of scanners: CR, LF, CRLF, and TAB after a burst; TAB after typing moves
    the focus. A paste that ends with a line end submits too, since some terminals send scans that way.
    """

    TAKES: ClassVar[str] = "open"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input. `select_on_focus` defaults to False: `begin` gives the focus in the
                middle of a scan.
        """
        self.ended = NEVER
        """When the last line end was read, in seconds."""
        self.scans: tuple[str, ...] = ()
        """The parts of the last submitted text that may be a scan, the longest first."""
        self.before: dict[str, str] = {}
        """The text of the field before each of these scans."""
        self.is_sure_scan = False
        """Whether even the shortest of them is too long to be typing over a slow link."""
        kwargs.setdefault("select_on_focus", False)
        super().__init__(*args, **kwargs)

    def begin(self, event: events.Key) -> None:
        """Take the focus and start again with a character that was typed or scanned elsewhere on the screen."""
        self._listener.clear()
        self._listener.take(event.key, event.character, event.time)
        self.value = event.character or ""
        self.screen.set_focus(self)
        self.action_end()

    def hear_separator(self, separator: str) -> None:
        """Insert the separator."""
        self.put(separator)

    async def hear_scan(self, scan: Scanned[InputState]) -> None:
        """Submit the scan."""
        self.is_sure_scan = scan.is_sure
        await self._end(scan.span.ended, scan.parts)

    async def hear_end(self, end: LoneEnd) -> bool:
        """Submit on Enter or a line feed; TAB moves the focus."""
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
        """Submit the text."""
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
    """A number field that rejects scans: it posts them, and their digits never change the number."""

    @dataclass
    class Scanned(Message):
        """A scan was rejected."""

        field: NumberInput
        """The field that was scanned into."""
        text: str
        """The scan."""

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
        """As in places where people type: a short typed number can arrive in one piece after a stall."""
        return SCANNER_LENGTH

    async def hear_scan(self, scan: listener.Scanned[InputState]) -> None:
        """Restore the number, and post the scan."""
        part = scan.behind_typing
        self.restore(part.before)
        self.post_message(self.Scanned(self, part.text))


@runtime_checkable
class OpensWhatIsScanned(Protocol):
    """A screen that opens what a scan names."""

    CATCHES: bool
    """Whether it opens scans at all."""

    def open_scan(self, ended: float, *scans: str) -> object:
        """Start to open what a scan names, or show why it cannot be opened.

        Args:
            ended: when its line end was read, in seconds.
            *scans: the possible texts of the scan, the longest first.
        """

    async def open_first(self, ended: float, scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first known text names.

        Args:
            ended: when the line end was read, in seconds.
            scans: possible texts of the scan, tried in order.
            found: called with the known text before its screen opens.

        Returns:
            Whether one of the texts is known.
        """


class OpensScans(HearsScans[State]):
    """Mixin for a free text field on a screen that opens scans. Put it before the field's own class.

    A burst is looked up at its end while later keys wait. If it names something, the field's earlier text is restored
    and the thing is opened. If not, it was typed over a link that stalled: the text stays, and the line end does what
    it does in the field. In a dialog, which asks for something, a scan is input for the field.
    """

    ENDS_ARE_ONE = False
    TAKES_SCANS: ClassVar[bool] = False
    """Whether scans are input for the field on a screen too."""

    async def end_line(self, key: str) -> None:
        """Handle a line end in this field.

        Args:
            key: one of `LINE_ENDS`.
        """
        raise NotImplementedError

    async def end_scan(self, key: str) -> None:
        """Handle the end of a scan that is input for the field; a line feed counts as Enter.

        Args:
            key: one of `LINE_ENDS`.
        """
        await self.end_line("enter" if key == "ctrl+j" else key)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be typed here, so that every scan is for the screen."""
        return False

    @property
    def scan_length(self) -> int:
        """Longer where the screen opens scans, so that typing over a stalled link is not taken for one."""
        return SCANNER_LENGTH if self._opener and not self.is_closed else SHORT_LENGTH

    @property
    def _opener(self) -> OpensWhatIsScanned | None:
        """The screen that opens scans; None when they are input for the field."""
        screen = self.screen
        is_for_screen = self.is_closed or not self.TAKES_SCANS
        return screen if is_for_screen and isinstance(screen, OpensWhatIsScanned) and screen.CATCHES else None

    async def hear_scan(self, scan: Scanned[State]) -> None:
        """Open what the scan names, or keep it as input."""
        opener, ended = self._opener, scan.span
        if opener is None:
            await self.end_scan(ended.end)
        elif self.is_closed:
            opener.open_scan(ended.ended, *(part.text for part in scan.parts))
        else:
            held = ExitStack()
            held.enter_context(cast("Context", self.app).keyboard.hold())  # here, before the worker has started
            self._open_or_keep(opener, scan, held)

    @work(group="scan")
    async def _open_or_keep(self, opener: OpensWhatIsScanned, scan: Scanned[State], held: ExitStack) -> None:
        def found(text: str) -> None:
            self.restore(next(part.before for part in scan.parts if part.text == text))

        with held:
            if not await opener.open_first(scan.span.ended, [part.text for part in scan.parts], found):
                await self.end_line(scan.span.end)

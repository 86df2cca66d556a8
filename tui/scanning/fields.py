"""Single-line fields: safe for any text, and with a listener that recognises scans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

from rich.cells import get_character_cell_size
from rich.text import Text
from textual import events
from textual.geometry import Size, clamp
from textual.message import Message
from textual.reactive import Reactive, reactive
from textual.timer import Timer
from textual.widgets import Input
from textual.widgets.input import Selection

from tui.context import Context
from tui.scanning.bursts import HAND_GAP, SHORT_LENGTH, UNFINISHED_AFTER, How
from tui.scanning.listener import (
    KeyAdded,
    KeyTarget,
    Listener,
    LoneEnd,
    Part,
    Refused,
    Scanned,
    Unfinished,
)
from tui.terminal.scanner_keys import LINE_END, NEVER, Span
from tui.text import clip, glyphs

if TYPE_CHECKING:
    from textual.widget import Widget

    _InFrontOfField = Widget
else:
    # A mixin stands in front of its field's class, and Textual takes the styles of the first base that is a Widget.
    _InFrontOfField = object

State = TypeVar("State")

SHOWN: Final = 60
"""Most cells of a scan that are quoted in a message."""

SET_END: Final = "Set the scanner to send CR after each scan."
"""What to do about scans without an end."""


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

        field: Widget
        """The field with the scan, or the screen on which it came."""
        sentence: str
        """The message for the person who scanned."""
        is_over: bool = False
        """Whether the line was ended or changed since; the message is to be removed."""

        @property
        def control(self) -> Widget:
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
        elif self.value and (unfinished := self._listener.unfinished(quiet)) is not None:
            what = f"{clip(self.value, SHOWN)} has no end yet: press Enter to {self.TAKES} it."
            sentence = unfinished.reason.sentence if unfinished.reason else f"{what} {SET_END}"
            self._unfinished = self.Unfinished(self, sentence)
            self.post_message(self._unfinished)


class HeardScan(NamedTuple):
    """A scan that a screen is to act on, wherever its keys came."""

    texts: tuple[str, ...]
    """Its possible texts, the longest first, where it came right behind typing; the one that names something is it."""
    span: Span
    field: Widget
    """Where its keys came."""
    settle: Callable[[str], object]
    """Called with the text that was the scan: the field gets back what stood in it before."""
    how: How = "scanned"
    as_typed: Callable[[], object] | None = None
    """Puts the text back as if it had been typed over a slow link, with what its end does; None where it cannot be."""

    @property
    def text(self) -> str:
        """The longest text."""
        return self.texts[0]

    @property
    def is_mixed(self) -> bool:
        """Whether nobody knows which of the texts it is, unless one names something."""
        return len(self.texts) > 1


def leave(_: str) -> None:
    """A `settle` for places in which a scan leaves nothing."""


@runtime_checkable
class TakesScans(Protocol):
    """A screen that acts on scans that came in its fields; each is acted on or refused aloud."""

    def take_scans(self, scans: Sequence[HeardScan]) -> object:
        """Act on scans, in order.

        Args:
            scans: several when they were pasted together.
        """

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> object:
        """Say aloud why a scan was refused.

        Args:
            refused: the scan.
            field: where its keys came; it has its earlier text again.
        """


@runtime_checkable
class FollowsScans(Protocol):
    """A screen that hears keys too, and may get the second line end of a scan that moves the focus."""

    def follow_scan(self, key: str, time: float) -> None:
        """Note a scan in a field.

        Args:
            key: its line end.
            time: when that was read, in seconds.
        """


class HearsScans(Generic[State], _InFrontOfField):
    """Mixin for a text field in which a burst is a scan, never text. Put it before the field's own class.

    The field gets back what stood in it before the scan, and the screen acts on the scan.
    """

    ENDS_ARE_ONE: ClassVar[bool] = True
    """Whether a line end directly after another one belongs to it, and was not typed ahead."""

    remember: Callable[[], State]
    """Provided by the field: its text and cursor."""
    restore: Callable[[State], None]
    """Provided by the field: sets text and cursor."""
    put: Callable[[str], None]
    """Provided by the field: inserts text at the cursor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for the field.
            **kwargs: As for the field.
        """
        self._gathered = ""
        self._listener: Listener[State] = Listener(KeyTarget.TEXT, self._remember, ends_are_one=self.ENDS_ARE_ONE)
        self._heard_at = 0.0
        self._quiet: Timer | None = None
        self._told: WaitsForEnd.Unfinished | None = None
        super().__init__(*args, **kwargs)

    def take_text_run(self, keys: Sequence[events.Key]) -> None:
        """Take characters that arrived together, as if they came one by one; they are put in and drawn once."""
        for event in keys:
            heard = self._listener.take(event.key, event.character, event.time)
            self._gathered += heard.text if isinstance(heard, KeyAdded) else event.character or ""
        self._put_gathered()
        self._watch_for_end()

    def _put_gathered(self) -> None:
        if self._gathered:
            text, self._gathered = self._gathered, ""
            self.put(text)

    def _remember(self) -> State:
        """The state of the field with what is gathered."""
        self._put_gathered()
        return self.remember()

    async def hear_scan(self, scan: Scanned[State]) -> None:
        """Handle a scan, whose text is in the field: take it out, and give it to the screen."""
        befores = {part.text: part.before for part in scan.parts}
        self.restore(scan.behind_typing.before)
        texts = tuple(befores) if scan.is_mixed else (scan.parts[0].text,)

        def as_typed() -> None:
            self.restore(scan.parts[0].before)
            self.put(scan.text)
            self.end_typed(scan.span.end)

        self._give([HeardScan(texts, scan.span, self, lambda text: self.restore(befores[text]), scan.how, as_typed)])

    def end_typed(self, key: str) -> None:
        """Do what a line end does behind typed text.

        Args:
            key: one of `LINE_ENDS`.
        """
        if key == "tab":
            self.screen.focus_next()

    def _give(self, scans: Sequence[HeardScan]) -> None:
        if isinstance(screen := self.screen, TakesScans):
            screen.take_scans(scans)

    def _refuse(self, refused: Refused[State]) -> None:
        if refused.before is not None:
            self.restore(refused.before)
        if isinstance(screen := self.screen, TakesScans):
            screen.refuse_scan(refused, self)

    async def hear_end(self, end: LoneEnd) -> bool:
        """Handle a line end after typing; False leaves the key to its usual handler."""
        return False

    def hear_separator(self, separator: str) -> None:
        """Handle a separator inside a scan."""
        self.put(separator)

    def has_heard_since(self, time: float) -> bool:
        """Whether text was read after `time`."""
        return self._listener.has_heard_since(time)

    async def _on_key(self, event: events.Key) -> None:
        if self._listener.is_inside_burst(event.key, event.character, event.time) and not await self._text_follows():
            self._listener.clear()  # typed ahead, over a slow link: the key acts
            return
        heard = self._listener.take(event.key, event.character, event.time)
        self._watch_for_end()
        if heard is None or (isinstance(heard, LoneEnd) and not await self.hear_end(heard)):
            return
        event.stop()
        event.prevent_default()
        if isinstance(heard, Scanned | Refused) and isinstance(screen := self.screen, FollowsScans):
            screen.follow_scan(event.key, event.time)
        if isinstance(heard, KeyAdded):
            self.hear_separator(heard.text)
        elif isinstance(heard, Scanned):
            await self.hear_scan(heard)
        elif isinstance(heard, Refused):
            self._refuse(heard)

    async def _text_follows(self) -> bool:
        """Whether more of a burst follows the present key."""
        keyboard = cast("Context", self.app).keyboard
        with keyboard.hold():
            return await keyboard.text_follows(2 * HAND_GAP)

    def on_paste(self, _: events.Paste) -> None:
        """Reset the listener: a paste is text, and no part of a scan."""
        self._listener.clear()

    # ----- a scan without an end

    def _watch_for_end(self) -> None:
        """Note the time of a key, and withdraw an earlier report."""
        self._heard_at = monotonic()
        if self._told is not None:
            self.post_message(WaitsForEnd.Unfinished(self, self._told.sentence, is_over=True))
            self._told = None
        if self._quiet is None and self.is_running:
            self._quiet = self.set_timer(UNFINISHED_AFTER, self._look_for_end)

    def _look_for_end(self) -> None:
        self._quiet = None
        quiet = monotonic() - self._heard_at
        if quiet < UNFINISHED_AFTER:
            self._quiet = self.set_timer(UNFINISHED_AFTER - quiet, self._look_for_end)
        elif (unfinished := self._listener.unfinished(quiet)) is not None:
            self._told = WaitsForEnd.Unfinished(self, unfinished_in_words(unfinished))
            self.post_message(self._told)
            if unfinished.reason is not None:  # what is typed from now on is no part of it
                self._listener.clear()


def unfinished_in_words(unfinished: Unfinished) -> str:
    """The report of a burst without an end in a field that people type into."""
    if unfinished.reason is not None:
        return f"{unfinished.reason.sentence} What came of it stands in the field."
    return f"{clip(unfinished.text, SHOWN)} came as fast as a scan, without an end, and stands in the field. {SET_END}"


def pasted_scans(text: str) -> list[str]:
    """The scans in a paste into a free text; none if it is text.

    Some terminals send scans as pastes: every line is one word, and the last one has its end too.
    """
    *lines, rest = LINE_END.split(text)
    words = [line for line in lines if line.strip()]
    is_scans = bool(words) and not rest and all(len(word) >= SHORT_LENGTH and " " not in word for word in words)
    return words if is_scans else []


class HearsPastedScans(HearsScans[State]):
    """Mixin for a free text, whose pastes are text unless they look like scans; see `pasted_scans`."""

    ENDS_ARE_ONE = False

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste of scans as scans; any other is text, and no part of a scan."""
        self._listener.clear()
        if words := pasted_scans(event.text):
            event.stop()
            event.prevent_default()
            span = Span(event.time, event.time, "")
            self._give([HeardScan((word,), span, self, leave, "pasted") for word in words])


class NarrowsList(HearsScans[InputState]):
    """Mixin for the Find field of a list: what is typed in the list goes there. Put it before the field's own class."""

    value: Any
    """Provided by the field."""
    select_all: Callable[[], None]
    """Provided by the field."""
    action_end: Callable[..., None]
    """Provided by the field."""
    _is_asked = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for the field.
            **kwargs: As for the field. `select_on_focus` defaults to False: `begin` gives the focus in the middle of a
                scan.
        """
        kwargs.setdefault("select_on_focus", False)
        super().__init__(*args, **kwargs)
        # Input deletes a word with it: here it is the screen's, which exports what the field finds.
        self._bindings.key_to_bindings.pop("ctrl+w", None)

    def ask(self) -> bool:
        """Take the focus and select the text; return whether it was asked to do so before, and has kept the focus.

        The second time a list has been narrowed by what is typed here, and Find is to look everywhere.
        """
        again = self._is_asked and self.has_focus
        self._is_asked = not again
        self.focus()
        self.select_all()
        return again

    def on_blur(self) -> None:
        """Forget that it was asked."""
        self._is_asked = False

    def begin(self, event: events.Key) -> None:
        """Take the focus and start again with a character that was typed or scanned elsewhere on the screen."""
        self._listener.clear()
        self._listener.take(event.key, event.character, event.time)
        self.value = event.character or ""
        self.screen.set_focus(self)
        self.action_end()


class FindField(NarrowsList, WaitsForEnd):
    """A search field. `Changed` narrows, `Submitted` opens.

    Enter submits, and so do the line ends of scanners: CR, LF, CRLF, and TAB after a burst; TAB after typing moves
    the focus. A paste that ends with a line end submits too, since some terminals send scans that way.
    """

    TAKES: ClassVar[str] = "open"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for `NarrowsList`.
        """
        self.ended = NEVER
        """When the last line end was read, in seconds."""
        self.scans: tuple[str, ...] = ()
        """The parts of the last submitted text that may be a scan, the longest first."""
        self.before: dict[str, str] = {}
        """The text of the field before each of these scans."""
        self.is_sure_scan = False
        """Whether even the shortest of them is too long to be typing over a slow link."""
        self.is_pasted = False
        """Whether a paste submitted the text, which may be a scan too."""
        super().__init__(*args, **kwargs)

    def _watch_for_end(self) -> None:
        """Do nothing: `WaitsForEnd` watches the text."""

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
        self.ended, self.is_pasted = time, False
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
            self.is_pasted = True
            await self.action_submit()


class NumberInput(HearsScans[InputState], PlainInput):
    """A number field: the digits of a scan never change the number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: as for Textual's Input.
            **kwargs: as for Textual's Input.
        """
        super().__init__(*args, type="integer", **kwargs)

    def put(self, text: str) -> None:
        """Insert the characters that make a number."""
        for character in text:
            super().put(character)

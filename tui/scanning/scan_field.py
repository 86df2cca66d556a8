"""The field that takes serial numbers from a scanner, a keyboard or a paste, and never mixes two of them up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from tui.scanning import listener
from tui.scanning.bursts import BurstFault, How
from tui.scanning.fields import WaitsForEnd
from tui.scanning.listener import Ended, Heard, KeyAdded, KeyTarget, Listener, nothing
from tui.terminal.keys_in_order import TakesRuns
from tui.terminal.scanner_keys import NEVER, NO_SPAN, Span


class ScanField(WaitsForEnd, TakesRuns):
    """A field whose lines are serial numbers.

    A line ends with CR, LF, CRLF, or with TAB behind a burst; TAB after typing moves the focus on. The end is
    handled here, in the field's own queue, so that scans never run together. Every line of a paste is a scan; its
    last line stays in the field when it has no end.

    Editing keys edit at hand speed. Within `HAND_GAP` of a character they come from a mis-set scanner: they do
    nothing and the line is refused at its end. Tests that edit through the pilot press `wait:60` before.
    """

    @dataclass
    class Scanned(Message):
        """A line has ended."""

        field: ScanField
        """Where."""
        text: str
        """The line as it came, separators included; never empty or blank."""
        how: How
        """Typed, scanned or pasted."""
        span: Span = NO_SPAN
        """When it came."""
        in_burst: bool = False
        """Whether it came faster than by hand; also said of scans that are too short for a label."""

        @property
        def control(self) -> ScanField:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class Repeated(Message):
        """The same code came again within `REPEAT_WITHIN`: it counts once."""

        field: ScanField
        """Where."""
        text: str
        """The line."""
        span: Span = NO_SPAN
        """When it came."""

        @property
        def control(self) -> ScanField:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class Refused(Message):
        """A line has ended that cannot be a scan."""

        field: ScanField
        """Where."""
        text: str
        """What came, at most `MAX_LENGTH` characters of it."""
        reason: BurstFault
        """Why."""
        span: Span = NO_SPAN
        """When it came."""
        in_burst: bool = False
        """Whether a scanner sent it; a hand can have a line refused as well, by an editing key that comes too fast."""

        @property
        def control(self) -> ScanField:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class EmptyEnd(Message):
        """Enter was pressed in the empty field, by hand, or a scanner sent an end with nothing before it."""

        field: ScanField
        """Where."""
        time: float = NEVER
        """When."""

        @property
        def control(self) -> ScanField:
            """The field, for `@on` with a selector."""
            return self.field

    def __init__(self, *args: Any, runs_on: bool = False, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            runs_on: Whether no scan moves the focus, so that the next one need not wait for what this one sets off.
            **kwargs: As for Textual's Input. Focus does not select the text unless said so: half a scan may be
                in the field when the focus comes back.
        """
        kwargs.setdefault("select_on_focus", False)
        self._gathered = ""
        self._is_gathering = False
        self._listener = Listener(KeyTarget.LINE, nothing, line=self._line)
        super().__init__(*args, **kwargs)
        self.runs_on = runs_on
        """Whether lines that arrive together are taken together; for screens on which no scan moves the focus."""

    @property
    def is_scanning(self) -> bool:
        """Is there a part of a line, or of one that will be refused?"""
        return bool(self.value) or self._listener.trouble is not None

    def has_heard_since(self, time: float) -> bool:
        """Has text come after this time, by the time of reading?"""
        return self._listener.has_heard_since(time)

    def forget(self, time: float) -> None:
        """Drop what a hand typed into this field while nobody saw it, if a key of this time does not belong to it."""
        if self._listener.is_forgotten(time):
            self.value = ""

    def offer(self, text: str) -> bool:
        """Put a refused line back for correction, selected, so that the next scan replaces it.

        Args:
            text: The line.

        Returns:
            False when something else has been typed meanwhile; then the field is left alone.
        """
        if self.value:
            return False
        self._listener.clear()
        self._show_trouble()
        self.value = text
        self.select_all()
        return True

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say which keys are text.

        Args:
            key: Textual's name of the key.
            character: What it types, if anything.

        Returns:
            True for printable characters without Alt.
        """
        return "+" not in key and super().check_consume_key(key, character)

    async def action_submit(self) -> None:
        """End the line, as Enter does."""
        self._do(self._listener.end(self._listener.last_time))

    def action_paste(self) -> None:
        """Take what was copied inside the app like a paste of the terminal."""
        self._do_all(self._listener.paste(self.app.clipboard, self._listener.last_time))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._do_all(self._listener.paste(event.text, event.time))

    async def _on_key(self, event: events.Key) -> None:
        if self.take(event):
            event.stop()
            event.prevent_default()

    def take_run(self, keys: Sequence[events.Key]) -> None:
        """Take keys that arrived together, text and the ends of lines, just as if they came one by one.

        A line whose end is among them is never drawn.
        """
        self._is_gathering = True
        for event in keys:
            self.take(event)
        self._is_gathering = False
        if self._gathered:
            text, self._gathered = self._gathered, ""
            self.put(text)

    def take(self, event: events.Key) -> bool:
        """Take a key, unless it is an editing key or one for the screen; says whether it was taken."""
        heard = self._listener.take(event.key, event.character, event.time)
        if heard is not None:
            self._do(heard)
        return heard is not None

    def _line(self) -> str:
        """The line as far as it has come, drawn or not."""
        return self.value + self._gathered

    def _do_all(self, heard: Iterable[Heard[None]]) -> None:
        for one in heard:
            self._do(one)

    def _do(self, heard: Heard[None]) -> None:
        if isinstance(heard, KeyAdded):
            self._add(heard.text)
        elif isinstance(heard, listener.Scanned | listener.Refused | listener.Repeated | listener.EmptyEnd):
            self._gathered = ""
            self.value = ""
            self._tell(heard)
        self._show_trouble()

    def _add(self, text: str) -> None:
        if self._is_gathering and not self.value:
            self._gathered += text
        else:
            self.put(text)

    def _tell(self, ended: Ended[None]) -> None:
        if isinstance(ended, listener.Scanned):
            self.post_message(self.Scanned(self, ended.text, ended.how, ended.span, ended.in_burst))
        elif isinstance(ended, listener.Refused):
            self.post_message(self.Refused(self, *ended))
        elif isinstance(ended, listener.Repeated):
            self.post_message(self.Repeated(self, *ended))
        elif ended.counts:
            self.post_message(self.EmptyEnd(self, ended.time))

    def _show_trouble(self) -> None:
        self.set_class(self._listener.trouble is not None, "-refused")

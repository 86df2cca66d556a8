"""The scan line: a field for serials from scanner, keyboard or paste that never runs two of them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.widget import Widget

from tui.scanning import listener
from tui.scanning.bursts import BurstFault, How
from tui.scanning.fields import InputState, WaitsForEnd
from tui.scanning.listener import Ended, Heard, KeyAdded, KeyTarget, Listener
from tui.terminal.keys_in_order import TakesRuns
from tui.terminal.scanner_keys import NEVER, NO_SPAN, Span


class ScanField(WaitsForEnd, TakesRuns):
    """A field in which every line is a scan.

    A line ends with CR, LF, CRLF, or with TAB after a burst; TAB after typing moves the focus. The end is handled in
    the field's own message queue, so that scans never run together. Every line of a paste is a scan; a last line
    without an end stays in the field.

    Editing keys edit at hand speed. Within `HAND_GAP` of a character they come from a misconfigured scanner: they do
    nothing and the line is refused at its end. Tests that edit through the pilot press `wait:60` before.
    """

    @dataclass
    class Scanned(Message):
        """A finished line."""

        field: Widget
        """The field it came into."""
        text: str
        """The line as received, separators included; never empty or blank."""
        how: How
        """Typed, scanned or pasted."""
        span: Span = NO_SPAN
        """When it was read."""
        in_burst: bool = False
        """Whether it came faster than by hand; also for scans too short to be labelled "scanned"."""

        @property
        def control(self) -> Widget:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class Repeated(Message):
        """The same code again within `REPEAT_WITHIN`: it counts once."""

        field: Widget
        """The field it came into."""
        text: str
        """The line."""
        span: Span = NO_SPAN
        """When it was read."""

        @property
        def control(self) -> Widget:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class Refused(Message):
        """A finished line that cannot be a scan."""

        field: Widget
        """The field it came into."""
        text: str
        """The first `MAX_LENGTH` characters of it."""
        reason: BurstFault
        """Why it was refused."""
        span: Span = NO_SPAN
        """When it was read."""
        in_burst: bool = False
        """Whether a scanner sent it; a typed line is refused too when an editing key comes too fast."""

        @property
        def control(self) -> Widget:
            """The field, for `@on` with a selector."""
            return self.field

    @dataclass
    class EmptyEnd(Message):
        """Enter in the empty field: pressed by hand, or a stray line end of a scanner."""

        field: ScanField
        """The field it came into."""
        time: float = NEVER
        """When it was read, in seconds."""

        @property
        def control(self) -> ScanField:
            """The field, for `@on` with a selector."""
            return self.field

    def __init__(self, *args: Any, runs_on: bool = False, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            runs_on: Whether no scan moves the focus, so that the next one need not wait for what this one triggers.
            **kwargs: As for Textual's Input. `select_on_focus` defaults to False: half a scan may be in the field
                when the focus comes back.
        """
        kwargs.setdefault("select_on_focus", False)
        self._gathered = ""
        self._is_gathering = False
        self._listener = Listener(KeyTarget.LINE, self.remember, line=self._line, standing=self._standing)
        super().__init__(*args, **kwargs)
        self.runs_on = runs_on
        """Whether lines that arrive together are taken in one call; for screens where no scan moves the focus."""

    @property
    def is_scanning(self) -> bool:
        """Whether there is an unfinished line, or part of one that will be refused."""
        return bool(self.value) or self._listener.trouble is not None

    def has_heard_since(self, time: float) -> bool:
        """Whether text was read after `time`."""
        return self._listener.has_heard_since(time)

    def forget(self, time: float) -> None:
        """Drop old text that was typed while the field was hidden, unless a key read at `time` belongs to it."""
        if self._listener.is_forgotten(time):
            self.value = ""

    def offer(self, text: str) -> bool:
        """Put a refused line back for correction, selected so that the next scan replaces it.

        Args:
            text: The refused line.

        Returns:
            False when the field has text again; it is then left unchanged.
        """
        if self.value:
            return False
        self._listener.clear()
        self._show_trouble()
        self.value = text
        self.select_all()
        return True

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell Textual which keys are text.

        Args:
            key: Textual's name of the key.
            character: The character it types, if any.

        Returns:
            True for printable characters without Alt.
        """
        return "+" not in key and super().check_consume_key(key, character)

    async def action_submit(self) -> None:
        """End the line, as Enter does."""
        self._do(self._listener.end(self._listener.last_time))

    def action_paste(self) -> None:
        """Take the app's clipboard like a paste from the terminal."""
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
        """Take keys that arrived together, text and line ends, as if they came one by one.

        A line that ends among them is never drawn.
        """
        self._is_gathering = True
        for event in keys:
            self.take(event)
        self._is_gathering = False
        self._put_gathered()

    def remember(self) -> InputState:
        """The text and the selection, with what is gathered."""
        self._put_gathered()
        return super().remember()

    def _put_gathered(self) -> None:
        if self._gathered:
            text, self._gathered = self._gathered, ""
            self.put(text)

    def take(self, event: events.Key) -> bool:
        """Take a key unless it edits or is a command; return whether it was taken."""
        heard = self._listener.take(event.key, event.character, event.time)
        if heard is not None:
            self._do(heard)
        return heard is not None

    def _line(self) -> str:
        """The unfinished line, drawn or not."""
        if not self._gathered:
            return self.value
        start, end = sorted(self.selection)
        return f"{self.value[:start]}{self._gathered}{self.value[end:]}"

    def _standing(self) -> str:
        start, end = sorted(self.selection)
        return f"{self.value[:start]}{self._gathered}{self.value[end:]}"

    def _do_all(self, heard: Iterable[Heard[InputState]]) -> None:
        for one in heard:
            self._do(one)

    def _do(self, heard: Heard[InputState]) -> None:
        if isinstance(heard, KeyAdded):
            self._add(heard.text)
        elif isinstance(heard, listener.Scanned | listener.Refused | listener.Repeated | listener.EmptyEnd):
            self._gathered = ""
            if isinstance(heard, listener.Refused) and heard.before is not None:
                self.restore(heard.before)
            else:
                self.value = ""
            self._tell(heard)
        self._show_trouble()

    def _add(self, text: str) -> None:
        if self._is_gathering:
            self._gathered += text
        else:
            self.put(text)

    def _tell(self, ended: Ended[InputState]) -> None:
        if isinstance(ended, listener.Scanned):
            self.post_message(self.Scanned(self, ended.text, ended.how, ended.span, ended.in_burst))
        elif isinstance(ended, listener.Refused):
            self.post_message(self.Refused(self, ended.text, ended.reason, ended.span, ended.in_burst))
        elif isinstance(ended, listener.Repeated):
            self.post_message(self.Repeated(self, *ended))
        elif ended.counts:
            self.post_message(self.EmptyEnd(self, ended.time))

    def _show_trouble(self) -> None:
        self.set_class(self._listener.trouble is not None, "-refused")

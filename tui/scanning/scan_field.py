"""The field that takes serial numbers from a scanner, a keyboard or a paste, and never mixes two of them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from tui.keyboard.ordered import TakesRuns
from tui.keyboard.waits_for_end import WaitsForEnd
from tui.scanning.bursts import (
    HAND_GAP,
    LINE_END,
    MAX_LENGTH,
    NEVER,
    NO_SPAN,
    NOT_IN_A_SCAN,
    REPEAT_WITHIN,
    SCANNER_GAP,
    SCANNER_LENGTH,
    SEPARATORS,
    How,
    KeyKind,
    Reason,
    Span,
    is_burst,
    kind_of,
)


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
        reason: Reason
        """Why."""
        span: Span = NO_SPAN
        """When it came."""

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
        super().__init__(*args, **kwargs)
        self.runs_on = runs_on
        """Whether lines that arrive together are taken together; for screens on which no scan moves the focus."""
        self._times: list[float] = []
        self._gathered = ""
        self._is_gathering = False
        self._began: float | None = None
        self._pasted = False
        self._trouble: Reason | None = None
        self._last_key = ""
        self._last_kind: KeyKind | None = None
        self._last_time = 0.0
        self._command_time = NEVER
        self._last_scan = ("", 0.0)
        self._text_time = NEVER

    @property
    def is_scanning(self) -> bool:
        """Is there a part of a line, or of one that will be refused?"""
        return bool(self.value) or self._trouble is not None

    @property
    def is_unfinished_scan(self) -> bool:
        """Does a line stand here that came too fast to be typed, and whose end has not come?"""
        return bool(self.value) and self._how() != "typed"

    def has_heard_since(self, time: float) -> bool:
        """Has text come after this time, by the time of reading?"""
        return self._text_time > time

    def offer(self, text: str) -> bool:
        """Put a refused line back for correction, selected, so that the next scan replaces it.

        Args:
            text: The line.

        Returns:
            False when something else has been typed meanwhile; then the field is left alone.
        """
        if self.value:
            return False
        self._start_line()
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
        self._end_line(self._last_time)

    def action_paste(self) -> None:
        """Take what was copied inside the app like a paste of the terminal."""
        self._paste(self.app.clipboard, self._last_time)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._paste(event.text, event.time)

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
        character = self._character(event)
        kind = kind_of(event.key, character)
        last_key, last_kind = self._last_key, self._last_kind
        in_burst = event.time - self._last_time <= HAND_GAP
        self._last_key, self._last_kind, self._last_time = event.key, kind, event.time
        if kind is KeyKind.COMMAND:
            self._command_time = event.time
        if character is not None:
            if not (in_burst or self._line):
                self._start_line()
            elif event.time - self._command_time <= HAND_GAP:
                self._refuse(Reason.CONTROL_KEYS)
            self._times.append(event.time)
            self._text_time = event.time
            self._begin(event.time)
            self._add(character)
        elif kind is KeyKind.END:
            is_line_feed_of_crlf = (last_key, event.key) == ("enter", "ctrl+j")
            is_one_more = in_burst and last_kind is KeyKind.END
            if event.key == "tab" and not (is_one_more or self._is_burst(event.time)):
                return False  # to the next field
            if not is_line_feed_of_crlf:
                self._end_line(event.time, event.key, tell_if_empty=not is_one_more)
        elif in_burst and (
            last_kind is KeyKind.TEXT
            or self._trouble is not None
            or (last_key.startswith("alt+") and event.key.startswith("alt+"))
        ):
            self._begin(event.time)
            self._refuse(Reason.CONTROL_KEYS)
        else:
            return False
        return True

    @property
    def _line(self) -> str:
        """The line as far as it has come, drawn or not."""
        return self.value + self._gathered

    def _character(self, event: events.Key) -> str | None:
        """What a key adds to the line, if it is not a command."""
        if (separator := SEPARATORS.get(event.key)) is not None:
            return separator
        return event.character if self.check_consume_key(event.key, event.character) else None

    def _is_burst(self, tab_time: float) -> bool:
        """Does a TAB read at this time belong to the characters before it?"""
        return self._trouble is not None or (self._line != "" and is_burst(self._times, tab_time))

    def _is_fast(self, text: str, time: float) -> bool:
        """Did all of a line that ends now come faster than by hand?"""
        if self._pasted:
            return self._began is not None and time - self._began <= HAND_GAP
        return len(self._times) >= max(2, len(text)) and is_burst(self._times, time)

    def _how(self) -> How:
        if self._pasted:
            return "pasted"
        count = len(self._times)
        if count >= SCANNER_LENGTH and (self._times[-1] - self._times[0]) / (count - 1) <= SCANNER_GAP:
            return "scanned"
        return "typed"

    def _paste(self, text: str, time: float) -> None:
        self._text_time = time
        *lines, rest = LINE_END.split(text)
        for line in lines:
            self._pasted = True
            self._begin(time)
            self._add(line)
            self._end_line(time)
        if rest:
            self._pasted = True
            self._begin(time)
            self._add(rest)

    def _add(self, text: str) -> None:
        if len(self._line) + len(text) > MAX_LENGTH:
            self._refuse(Reason.TOO_LONG)
        elif self._is_gathering and not self.value:
            self._gathered += text
        else:
            self.put(text)

    def _refuse(self, reason: Reason) -> None:
        self._trouble = self._trouble or reason
        self.add_class("-refused")

    def _begin(self, time: float) -> None:
        if self._began is None:
            self._began = time

    def _start_line(self) -> None:
        self._times.clear()
        self._began = None
        self._pasted = False
        self._trouble = None
        self._command_time = NEVER
        self.remove_class("-refused")

    def _end_line(self, time: float, end: str = "", *, tell_if_empty: bool = True) -> None:
        text, how, trouble = self._line, self._how(), self._trouble
        in_burst = how == "scanned" or self._is_fast(text, time)
        self._gathered = ""
        span = Span(time if self._began is None else self._began, time, end)
        self.value = ""
        self._start_line()
        if trouble is None and "\N{REPLACEMENT CHARACTER}" in text:
            trouble = Reason.UNREADABLE
        if trouble is None and NOT_IN_A_SCAN.search(text):
            trouble = Reason.CONTROL_KEYS
        if trouble is not None:
            self.post_message(self.Refused(self, text, trouble, span))
        elif not text.strip(" "):
            if tell_if_empty and how != "pasted":
                self.post_message(self.EmptyEnd(self, time))
        elif how != "pasted" and text == self._last_scan[0] and time - self._last_scan[1] <= REPEAT_WITHIN:
            self.post_message(self.Repeated(self, text, span))
        else:
            self._last_scan = (text, time)
            self.post_message(self.Scanned(self, text, how, span, in_burst))

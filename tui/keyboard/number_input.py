"""A field for a number, which no scan is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from textual import events
from textual.message import Message
from textual.widgets.input import Selection

from tui.keyboard.plain_input import PlainInput
from tui.scanning.bursts import HAND_GAP, LINE_ENDS, NEVER, SCANNER_LENGTH, SEPARATORS
from tui.scanning.listener import Burst, Part

State: TypeAlias = tuple[str, Selection]
"""The text and what is selected of it."""


class NumberInput(PlainInput):
    """A PlainInput for digits. A scan leaves it as it was and is told, lest its digits be taken for the number."""

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
        self._burst: Burst[State] = Burst(lambda: (self.value, self.selection))
        self._ended = NEVER

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in LINE_ENDS:
            if self._burst.follow(event) and event.key in SEPARATORS:
                _use_up(event)
            return
        parts = self._burst.parts(event.time, SCANNER_LENGTH)
        is_second_half = self._burst.is_empty and event.time - self._ended <= HAND_GAP
        self._burst.clear()
        if parts or is_second_half:
            _use_up(event)
        if parts:
            self._ended = event.time
            scan = _behind_typing(parts)
            self.value, self.selection = scan.before
            self.post_message(self.Scanned(self, scan.text))

    async def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        self._burst.clear()


def _behind_typing(parts: Sequence[Part[State]]) -> Part[State]:
    """The scan without what was typed before it: a hand's characters come one by one, those of a stalled line do not.

    Args:
        parts: what the scan may be, the longest first.
    """
    scan = parts[0]
    for shorter in parts[1:]:
        if len(scan.text) - len(shorter.text) > 1:
            break
        scan = shorter
    return scan


def _use_up(event: events.Key) -> None:
    event.stop()
    event.prevent_default()

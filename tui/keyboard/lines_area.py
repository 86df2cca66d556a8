"""A text area for a list that may be scanned: one line a scan."""

from __future__ import annotations

from typing import Any, Final

from textual import events

from tui.scanning.bursts import HAND_GAP, LINE_ENDS, NEVER, SEPARATORS
from tui.scanning.fields import PlainArea
from tui.scanning.listener import Burst, nothing

_LEAST: Final = 2
"""Characters from which on a TAB or a line feed behind a burst is the end of a scan."""


class LinesArea(PlainArea):
    """A PlainArea in which every end of a scanner ends one line: CR, LF, CRLF, and TAB behind a burst.

    TAB behind typing goes to the next field.
    """

    def __init__(self, text: str = "", **kwargs: Any) -> None:
        """Make a field of some lines.

        Args:
            text: what is in it.
            **kwargs: as for `PlainArea`.
        """
        super().__init__(text, **kwargs)
        self._burst: Burst[None] = Burst(nothing)
        self._ended = NEVER

    def add_line(self, text: str) -> None:
        """Put a line behind all others, and the cursor behind it.

        Args:
            text: without its end.
        """
        end = self.document.end
        begin = "\n" if self.document.get_line(end[0]) else ""
        self.replace(f"{begin}{text}\n", end, end)
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in LINE_ENDS:
            is_scanned = bool(self._burst.parts(event.time, _LEAST))
            is_second_half = self._burst.is_empty and event.time - self._ended <= HAND_GAP
            self._burst.clear()
            if event.key == "enter":
                self._ended = event.time  # and the text area begins a line
            elif is_scanned or is_second_half:
                _use_up(event)
                if is_scanned:
                    self._ended = event.time
                    self.replace("\n", *self.selection)
        elif self._burst.follow(event) and event.key in SEPARATORS:
            _use_up(event)
            self.replace(SEPARATORS[event.key], *self.selection)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()  # it has its place here
        self._burst.clear()


def _use_up(event: events.Key) -> None:
    event.stop()
    event.prevent_default()

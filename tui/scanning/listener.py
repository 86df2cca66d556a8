"""Keys that follow each other into a place that also takes typing, and what of them a scanner may have sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from textual import events

from tui.scanning.bursts import HAND_GAP, MAX_LENGTH, NEVER, SEPARATORS, is_burst

State = TypeVar("State")

PAUSE: Final = 2.0
"""Seconds after which what comes is something else; a link may stall in the middle of a scan for less."""


class Part(NamedTuple, Generic[State]):
    """A text that a scanner may have sent."""

    text: str
    """With the separators of barcodes."""
    before: State
    """What there was before its first character."""


class Burst(Generic[State]):
    """Follows text keys up to the end that a scanner sends.

    A scan may come right behind what was typed, and the line may stall in it. So a scan may begin after any gap that
    is longer than those within a scan; which part it is, if any, turns out by what is known here.
    """

    def __init__(self, state: Callable[[], State]) -> None:
        """Begin with nothing.

        Args:
            state: what to remember before a part.
        """
        self._state = state
        self._text = ""
        self._times: list[float] = []
        self._starts: list[tuple[int, State]] = []
        self.last_time = NEVER
        """When the last key came, in seconds."""

    @property
    def is_empty(self) -> bool:
        """Has no text come since the last end?"""
        return not self._text

    def follow(self, event: events.Key) -> bool:
        """Take any key but the end of a line, before it does what it does; one that types nothing begins anew.

        Returns:
            Whether it came right behind another character, faster than by hand.
        """
        gap, self.last_time = event.time - self.last_time, event.time
        is_close = gap <= HAND_GAP and not self.is_empty
        character = SEPARATORS.get(event.key) if is_close else None
        if character is None and event.is_printable and "+" not in event.key[:-1]:
            character = event.character
        if character is None:
            self.clear()
            return False
        if gap > PAUSE or len(self._text) >= MAX_LENGTH:
            self.clear()
        if not is_close or self.is_empty:
            self._starts.append((len(self._text), self._state()))
        self._text += character
        self._times.append(event.time)
        return is_close

    def parts(self, time: float, least: int) -> list[Part[State]]:
        """What a scanner may have sent, if this is the time of its end; the longest first.

        Args:
            time: when the end was read.
            least: characters below which it is typing in any case.
        """
        return [
            Part(self._text[start:], before)
            for start, before in self._starts
            if len(self._text) - start >= least and is_burst(self._times[start:], time)
        ]

    def is_unfinished(self, least: int) -> bool:
        """Was what came last sent by a scanner, as if its end came now?"""
        return bool(self._times) and bool(self.parts(self._times[-1], least))

    def clear(self) -> None:
        """Begin anew."""
        self._text = ""
        self._times.clear()
        self._starts.clear()


def nothing() -> None:
    """The state of a place whose text is not put back."""

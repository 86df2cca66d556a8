"""A field in which a scan may stand whose end did not come: the scanner is set to send none."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final

from textual.message import Message
from textual.timer import Timer

from tui.keyboard.plain_input import PlainInput

UNFINISHED_AFTER: Final = 1.5
"""Seconds after which a scan that has no end is spoken of. It is never taken by itself."""


class WaitsForEnd(PlainInput):
    """Tells once of a scan without an end, and when that is over."""

    TAKES: ClassVar[str] = "take"
    """What Enter does with a scan here."""

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

    @property
    def is_unfinished_scan(self) -> bool:
        """Does a line stand here that came too fast to be typed, and whose end has not come?"""
        raise NotImplementedError

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
        rest = self._changed_at + UNFINISHED_AFTER - monotonic()
        if rest > 0:
            self._end_timer = self.set_timer(rest, self._look)
        elif self.is_unfinished_scan:
            what = f"{self.value} has no end yet: press Enter to {self.TAKES} it."
            self._unfinished = self.Unfinished(self, f"{what} Set the scanner to send CR after each scan.")
            self.post_message(self._unfinished)

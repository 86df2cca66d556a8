"""Scans that follow each other faster than anybody can look at what they opened."""

from __future__ import annotations

from time import monotonic
from typing import Final

from tui.scanning.bursts import NEVER

SEEN_AFTER: Final = 0.5
"""Seconds for which something has to be on the screen to have been looked at."""


class ScanRun:
    """Counts what was passed over, so that the last scan of a burst can say how many came before it."""

    def __init__(self) -> None:
        self._shown_at = NEVER
        self._passed = 0
        self.is_scan = False
        """Whether a scanner sent what is looked for at present, and no hand typed it."""

    def begin(self, ended: float) -> None:
        """Count on where a scan came before the one before it could be looked at.

        Args:
            ended: when its end was read, in seconds of the monotonic clock; `NEVER` for what was typed.
        """
        was_scan, self.is_scan = self.is_scan, ended != NEVER
        is_unseen = was_scan and self.is_scan and ended - self._shown_at < SEEN_AFTER
        self._passed = self._passed + 1 if is_unseen else 0

    def is_shown_already(self) -> None:
        """Note that the scan before was of the same thing, so that it was not passed over."""
        self._passed = max(0, self._passed - 1)

    def shown(self) -> None:
        """Note that the present scan's outcome is on the screen."""
        self._shown_at = monotonic()

    @property
    def words(self) -> str:
        """What is to be said about the scans that were passed over; empty where none was."""
        if not self._passed:
            return ""
        others = "the other" if self._passed == 1 else "the others"
        return f"The last of {self._passed + 1:,} scans; {others} came too fast to be shown."

    def told(self, text: str) -> str:
        """A sentence about the present scan, and about those that were passed over."""
        return " ".join(filter(None, (text, self.words)))

"""Timing of bursts: how fast scanners send, how that is measured; why a scan is refused; scans that nobody saw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from time import monotonic
from typing import Final, Literal

from tui.terminal.scanner_keys import NEVER

How = Literal["typed", "scanned", "pasted"]
"""How a text came. A label only: over a radio link, the gaps inside a scan can be longer than a person's."""

HAND_GAP: Final = 0.05
"""Seconds between times of reading. Keys closer together than this are not separate presses by hand."""

SCANNER_GAP: Final = 0.03
"""Longest gap in seconds between the characters of a scanner."""

SCANNER_LENGTH: Final = 6
"""Shortest burst in characters that counts as a scan in places where people type too."""

SHORT_LENGTH: Final = 2
"""Shortest burst in characters that counts as a scan where scans are expected or nobody types."""

ONE_READ_GAP: Final = 0.01
"""Gap in seconds that only a machine keeps up over `SCANNER_LENGTH` characters, whatever was typed before them."""

TYPED_SINGLY: Final = 3
"""Characters of a line that each came alone, from which on they were typed: no link stalls that often in one scan."""

MOST_STARTS: Final = 32
"""Most pauses of a line behind each of which a scan may begin; what was typed before them is no part of a scan."""

LATE_END: Final = 0.4
"""How late in seconds a scanner's line end may come, when the link stalls just before it."""

PAUSE: Final = 2.0
"""Seconds of silence after which a new text begins; a link that stalls inside a scan stalls for less."""

REPEAT_WITHIN: Final = 1.0
"""Seconds within which the same code again is the trigger pulled twice."""

UNFINISHED_AFTER: Final = 1.5
"""Seconds of silence after which a scan without an end is reported. It is never taken without its end."""

FORGOTTEN_AFTER: Final = 1.0
"""Seconds after which letters typed by hand into a hidden field are no part of the next scan."""

MAX_LENGTH: Final = 8192
"""Most characters of one scan. No barcode holds more; a longer one is refused whole."""

UNREADABLE_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
"""What the driver puts for bytes that are not UTF-8."""

SEEN_AFTER: Final = 0.5
"""Seconds after which something on the screen counts as seen."""

_NOT_IN_A_SCAN: Final = re.compile(r"[\x00-\x03\x05-\x1b\x7f-\x9f]")


class BurstFault(StrEnum):
    """Why a line was refused."""

    CONTROL_KEYS = "control_keys"
    """Control, cursor or function keys inside the burst."""
    UNREADABLE = "unreadable"
    """Bytes that are not UTF-8."""
    TOO_LONG = "too_long"
    """More than `MAX_LENGTH` characters."""
    BEHIND_TEXT = "behind_text"
    """A burst behind a text that stood in the line."""
    BEHIND_TYPING = "behind_typing"
    """A burst so soon after a typed character that this may be a part of it."""

    @property
    def sentence(self) -> str:
        """The message for the person who scanned."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    BurstFault.CONTROL_KEYS: "The scan contained control keys. Nothing was taken; scan again, or check the scanner.",
    BurstFault.UNREADABLE: (
        "The scan contained characters that cannot be read. Set the scanner and the terminal to UTF-8."
    ),
    BurstFault.TOO_LONG: f"The scan is longer than {MAX_LENGTH:,} characters. Nothing was taken.",
    BurstFault.BEHIND_TEXT: (
        "The scan came behind a text that stands in the line. Nothing of the scan was taken: Enter takes what stands "
        "there, Esc drops it; then scan again."
    ),
    BurstFault.BEHIND_TYPING: "The scan came right behind typing. Nothing of the scan was taken: scan again.",
}


def trouble_in(text: str) -> BurstFault | None:
    """Why a text cannot be a scan; None when it can."""
    if UNREADABLE_CHARACTER in text:
        return BurstFault.UNREADABLE
    return BurstFault.CONTROL_KEYS if _NOT_IN_A_SCAN.search(text) else None


def is_burst(times: Sequence[float], end: float) -> bool:
    """Whether a scanner sent these characters and the line end behind them.

    The median gap decides, so that one stall does not make a scan look typed.

    Args:
        times: when each character was read, in seconds.
        end: when the line end was read.
    """
    return 0 in burst_starts(times, end, (0,))


def burst_starts(times: Sequence[float], end: float, starts: Sequence[int]) -> list[int]:
    """Those of the `starts` from which all characters up to the line end came at a scanner's pace.

    Args:
        times: when each character was read, in seconds.
        end: when the line end was read.
        starts: indexes into `times`, ascending.
    """
    if not times or end - times[-1] > LATE_END:
        return []
    slow = [after - before > SCANNER_GAP for before, after in pairwise([*times, end])]
    found: list[int] = []
    count, place = 0, len(slow)  # slow gaps from `start` on, counted backwards so that each gap is looked at once
    for start in reversed(starts):
        count += sum(slow[start:place])
        place = start
        if 2 * count <= len(slow) - start:
            found.append(start)
    return found[::-1]


def is_scanners_pace(times: Sequence[float]) -> bool:
    """Whether characters are labelled "scanned": enough of them, with a short average gap."""
    count = len(times)
    return count >= SCANNER_LENGTH and (times[-1] - times[0]) / (count - 1) <= SCANNER_GAP


class ScanRun:
    """Counts scans in quick succession whose screens nobody could see, for the message on the last one."""

    def __init__(self) -> None:
        self._shown_at = NEVER
        self._passed = 0
        self.is_scan = False
        """Whether the current look-up is of a scan, not of typed text."""

    def begin(self, ended: float) -> None:
        """Start a look-up; count the scan before it as unseen if it was not shown for `SEEN_AFTER` seconds.

        Args:
            ended: when the line end was read, in seconds of the monotonic clock; `NEVER` for typed text.
        """
        was_scan, self.is_scan = self.is_scan, ended != NEVER
        is_unseen = was_scan and self.is_scan and ended - self._shown_at < SEEN_AFTER
        self._passed = self._passed + 1 if is_unseen else 0

    def is_shown_already(self) -> None:
        """Note that the scan before was of the same thing, so that it does not count as unseen."""
        self._passed = max(0, self._passed - 1)

    def shown(self) -> None:
        """Note that the current scan's result is on the screen now."""
        self._shown_at = monotonic()

    @property
    def words(self) -> str:
        """The sentence about unseen scans; empty when there are none."""
        if not self._passed:
            return ""
        others = "the other" if self._passed == 1 else "the others"
        return f"The last of {self._passed + 1:,} scans; {others} came too fast to be shown."

    def told(self, text: str) -> str:
        """A sentence about the current scan, followed by the one about unseen scans."""
        return " ".join(filter(None, (text, self.words)))

"""How fast scanners send, how that is measured, and why a scan is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final, Literal

How = Literal["typed", "scanned", "pasted"]
"""A label only: over a radio link the gaps inside a scan can be longer than a person's."""

HAND_GAP: Final = 0.05
"""Seconds, by the time of reading. Keys closer together than this were not pressed by hand one after the other."""

SCANNER_GAP: Final = 0.03
"""Seconds. Scanners send characters at most this far apart."""

SCANNER_LENGTH: Final = 6
"""Characters from which on the gaps tell a scanner from a person, where people type too."""

SHORT_LENGTH: Final = 2
"""Characters from which on the gaps tell a scanner from a person, where scans are expected or nobody types."""

LATE_END: Final = 0.4
"""Seconds. A scanner's own end may come this late when the link stalls just before it."""

PAUSE: Final = 2.0
"""Seconds after which what comes is something else; a link may stall in the middle of a scan for less."""

REPEAT_WITHIN: Final = 1.0
"""Seconds within which the same code again is a trigger pulled twice."""

UNFINISHED_AFTER: Final = 1.5
"""Seconds of quiet after which a scan without an end is spoken of. It is never taken by itself."""

FORGOTTEN_AFTER: Final = 1.0
"""Seconds after which letters that a hand typed where nothing shows them are no part of a scan."""

MAX_LENGTH: Final = 8192
"""Characters of one scan. No barcode holds more; longer ones are refused whole."""

UNREADABLE_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for bytes that are not UTF-8."""

_NOT_IN_A_SCAN: Final = re.compile(r"[\x00-\x03\x05-\x1b\x7f-\x9f]")


class BurstFault(StrEnum):
    """Why a line was refused."""

    CONTROL_KEYS = "control_keys"
    """Control, cursor or function keys came within the burst."""
    UNREADABLE = "unreadable"
    """Bytes that are not UTF-8."""
    TOO_LONG = "too_long"
    """More than `MAX_LENGTH` characters."""

    @property
    def sentence(self) -> str:
        """What to tell the person who scanned."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    BurstFault.CONTROL_KEYS: "The scan contained control keys. Nothing was taken; scan again, or check the scanner.",
    BurstFault.UNREADABLE: (
        "The scan contained characters that cannot be read. Set the scanner and the terminal to UTF-8."
    ),
    BurstFault.TOO_LONG: f"The scan is longer than {MAX_LENGTH:,} characters. Nothing was taken.",
}


def trouble_in(text: str) -> BurstFault | None:
    """Why this text is no scan; None where nothing in it speaks against that."""
    if UNREADABLE_CHARACTER in text:
        return BurstFault.UNREADABLE
    return BurstFault.CONTROL_KEYS if _NOT_IN_A_SCAN.search(text) else None


def is_burst(times: Sequence[float], end: float) -> bool:
    """Whether an end belongs to the characters before it, so that a scanner sent them all.

    The middle one of the gaps decides, so that one stall does not make a scan look typed.

    Args:
        times: when the characters were read, in seconds.
        end: when the end was read.
    """
    return 0 in burst_starts(times, end, (0,))


def burst_starts(times: Sequence[float], end: float, starts: Sequence[int]) -> list[int]:
    """From which of some characters on all came at a scanner's pace, up to the end.

    Args:
        times: when the characters were read, in seconds.
        end: when the end was read.
        starts: places in `times`, rising.
    """
    if not times or end - times[-1] > LATE_END:
        return []
    slow = [after - before > SCANNER_GAP for before, after in pairwise([*times, end])]
    found: list[int] = []
    count, place = 0, len(slow)
    for start in reversed(starts):
        count += sum(slow[start:place])
        place = start
        if 2 * count <= len(slow) - start:
            found.append(start)
    return found[::-1]


def is_scanners_pace(times: Sequence[float]) -> bool:
    """Whether so many characters came so fast that they are labelled as scanned."""
    count = len(times)
    return count >= SCANNER_LENGTH and (times[-1] - times[0]) / (count - 1) <= SCANNER_GAP

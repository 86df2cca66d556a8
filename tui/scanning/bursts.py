"""What scanners send as keys, how fast, and why a line of them is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, StrEnum, auto
from itertools import pairwise
from typing import Final, Literal, NamedTuple

How = Literal["typed", "scanned", "pasted"]
"""A label only: over a radio link the gaps inside a scan can be longer than a person's."""

HAND_GAP: Final = 0.05
"""Seconds, by the time of reading. Keys closer together than this were not pressed by hand one after the other."""

NEVER: Final = float("-inf")
"""The time of something that has not happened."""

SCANNER_GAP: Final = 0.03
"""Seconds. Scanners send characters at most this far apart."""

SCANNER_LENGTH: Final = 6
"""Characters from which on the gaps tell a scanner from a person."""

LATE_TAB: Final = 0.4
"""Seconds. A scanner's own TAB may come this late when the link stalls just before it."""

REPEAT_WITHIN: Final = 1.0
"""Seconds within which the same code again is a trigger pulled twice."""

MAX_LENGTH: Final = 8192
"""Characters of one scan. No barcode holds more; longer ones are refused whole."""

SEPARATORS: Final = {
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+d": "\x04",
}
"""Control characters that are part of barcodes (GS1: GS; ISO/IEC 15434: FS, GS, RS, US, EOT), by Textual's name."""

LINE_ENDS: Final = frozenset({"enter", "ctrl+j", "tab"})
"""What scanners send behind a scan: CR, LF or TAB."""

EDITS: Final = frozenset({"backspace", "delete", "left", "right", "shift+left", "shift+right"})
"""Keys that people hold down or roll over into the next character, faster than `HAND_GAP`."""

NOT_IN_A_SCAN: Final = re.compile(r"[\x00-\x03\x05-\x1b\x7f-\x9f]")
LINE_END: Final = re.compile(r"\r\n|\r|\n")


class Span(NamedTuple):
    """When a line came, by the time of reading, and which key ended it."""

    began: float
    """Seconds on the monotonic clock: its first key, also one that it was refused for."""
    ended: float
    """The key that ended it."""
    end: str
    """`enter`, `ctrl+j` (a line feed) or `tab`; empty behind a paste. CRLF is `enter`: its second half comes later."""


NO_SPAN: Final = Span(NEVER, NEVER, "")


class KeyKind(Enum):
    """What a key does to a line."""

    TEXT = auto()
    END = auto()
    EDIT = auto()
    COMMAND = auto()


class Reason(StrEnum):
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
    Reason.CONTROL_KEYS: "The scan contained control keys. Nothing was taken; scan again, or check the scanner.",
    Reason.UNREADABLE: "The scan contained characters that cannot be read. Set the scanner and the terminal to UTF-8.",
    Reason.TOO_LONG: f"The scan is longer than {MAX_LENGTH:,} characters. Nothing was taken.",
}


def is_burst(times: Sequence[float], tab_time: float) -> bool:
    """Does a TAB belong to the characters before it, so that a scanner sent it?

    The middle one of the gaps decides, so that one stall does not make a scan look typed.

    Args:
        times: when the characters were read, in seconds.
        tab_time: when the TAB was read.
    """
    if not times or tab_time - times[-1] > LATE_TAB:
        return False
    gaps = sorted(after - before for before, after in pairwise([*times, tab_time]))
    return gaps[(len(gaps) - 1) // 2] <= SCANNER_GAP


def kind_of(key: str, character: str | None) -> KeyKind:
    """What a key does to a line; `character` is what it adds to one."""
    if character is not None:
        return KeyKind.TEXT
    if key in LINE_ENDS:
        return KeyKind.END
    return KeyKind.EDIT if key in EDITS else KeyKind.COMMAND

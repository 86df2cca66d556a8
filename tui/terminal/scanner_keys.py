"""The keys that scanners send, by Textual's names, and when a line of them came."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

NEVER: Final = float("-inf")
"""The time of something that has not happened."""

SEPARATORS: Final = {
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+d": "\x04",
}
"""Control characters that are part of barcodes (GS1: GS; ISO/IEC 15434: FS, GS, RS, US, EOT)."""

LINE_ENDS: Final = frozenset({"enter", "ctrl+j", "tab"})
"""What scanners send behind a scan: CR, LF or TAB."""

EDITS: Final = frozenset({"backspace", "delete", "left", "right", "shift+left", "shift+right"})
"""Keys that people hold down or roll over into the next character, faster than two keys by hand."""

LINE_END: Final = re.compile(r"\r\n|\r|\n")
"""The end of a line in a text; `str.splitlines` also ends one at GS, RS and FS, which are part of barcodes."""


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


def character_of(key: str, character: str | None) -> str | None:
    """What a key adds to a line, separators included; None for a command, also one with Alt or Ctrl.

    Args:
        key: Textual's name of the key.
        character: what it types, if anything.
    """
    if key in SEPARATORS:
        return SEPARATORS[key]
    return character if character is not None and character.isprintable() and "+" not in key[:-1] else None


def kind_of(key: str, character: str | None) -> KeyKind:
    """What a key does to a line; `character` is what it adds to one."""
    if character is not None:
        return KeyKind.TEXT
    if key in LINE_ENDS:
        return KeyKind.END
    return KeyKind.EDIT if key in EDITS else KeyKind.COMMAND

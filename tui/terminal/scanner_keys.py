"""The keys that scanners send, by Textual's names, and the time span of a line."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

NEVER: Final = float("-inf")
"""Time of an event that has not happened."""

SEPARATORS: Final = {
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+d": "\x04",
}
"""Control characters that are part of barcodes (GS1: GS; ISO/IEC 15434: FS, GS, RS, US, EOT)."""

LINE_ENDS: Final = {"enter": b"\r", "ctrl+j": b"\n", "tab": b"\t"}
"""Keys that end a scan, and the byte that each is sent as."""

EDITS: Final = frozenset({"backspace", "delete", "left", "right", "shift+left", "shift+right"})
"""Editing keys that people hold down, or roll over into the next character, faster than two separate presses."""

LINE_END: Final = re.compile(r"\r\n|\r|\n")
"""A line end in text; `str.splitlines` also splits at GS, RS and FS, which are part of barcodes."""


class Span(NamedTuple):
    """When a line was read, and which key ended it."""

    began: float
    """Time of the first key, even one that made the line refused; seconds on the monotonic clock."""
    ended: float
    """Time of the key that ended it."""
    end: str
    """`enter`, `ctrl+j` (a line feed) or `tab`; empty for a paste. CRLF is `enter`, as its LF comes later."""


NO_SPAN: Final = Span(NEVER, NEVER, "")


class KeyKind(Enum):
    """The effect of a key on a line."""

    TEXT = auto()
    END = auto()
    EDIT = auto()
    COMMAND = auto()


def character_of(key: str, character: str | None) -> str | None:
    """The text that a key adds to a line, separators included; None for a command and with Alt or Ctrl.

    Args:
        key: Textual's name of the key.
        character: the character it types, if any.
    """
    if key in SEPARATORS:
        return SEPARATORS[key]
    return character if character is not None and character.isprintable() and "+" not in key[:-1] else None


def kind_of(key: str, character: str | None) -> KeyKind:
    """The effect of a key on a line; `character` is the text it adds, by `character_of`."""
    if character is not None:
        return KeyKind.TEXT
    if key in LINE_ENDS:
        return KeyKind.END
    return KeyKind.EDIT if key in EDITS else KeyKind.COMMAND

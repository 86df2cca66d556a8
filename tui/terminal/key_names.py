"""Keys that the settings may give to an action, by Textual's names, and why not the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import key_to_character

from models.text import readable

FORBIDDEN: Final = frozenset(f"ctrl+{key}" for key in "abcdhijmpqsz") | {
    "ctrl+@",
    *(f"ctrl+{key}" for key in ("left_square_bracket", "right_square_bracket", "backslash", "circumflex_accent")),
    "ctrl+underscore",
}
"""Keys that scanners, terminals and multiplexers send or take."""

_FIELD_KEYS: Final = frozenset(
    ("enter", "tab", "shift+tab", "backspace", "delete", "left", "right", "up", "down", "home", "end")
)
"""Keys that fields and tables need themselves; only actions that have one from the start may have it."""

NO_KEY: Final = "no-key"
"""The key of an action that has lost its own and is left to the menu; no terminal sends it."""

_ALT: Final = re.compile(r"alt\+([a-z]|[0-9])")


def why_not(key: str, usual: Sequence[str]) -> str:
    """Why an action cannot have a key, to follow "gives item.save"; empty if it can.

    Args:
        key: its name as the settings have it.
        usual: the keys that the action has from the start.
    """
    if key in usual:
        return ""
    shown, near = readable(key, 30), key.lower().replace(" ", "")
    is_printable = (key_to_character(key) or "").isprintable() and key_to_character(key) is not None
    hint = f'Did you mean "{near}"?' if near in _sent() else "Names are like f10, ctrl+y and alt+s."
    reasons = (
        (not key, 'no key. Name one, such as "f10".'),
        (key in FORBIDDEN, f"the key {shown}, which scanners or terminals send or take. Choose another one."),
        (is_printable, f"the key {shown}, which is typed or scanned as text. Choose a function key or one with Ctrl."),
        (key in _FIELD_KEYS, f"the key {shown}, which ends or edits a line or moves the cursor. Choose another one."),
        (key not in _sent() and not _ALT.fullmatch(key), f"the key {shown}, which no terminal sends. {hint}"),
    )
    return next((reason for is_so, reason in reasons if is_so), "")


def _sent() -> set[str]:
    """Names of the keys that terminals send as control characters or escape sequences."""
    found = (keys for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple))
    return {key.value for keys in found for key in keys if not key.value.startswith("<")}

"""What came from a scanner, byte by byte, and what stands in it besides the barcode's own text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ALT_DIGITS: Final = 6
"""Digits with Alt from which on a burst is a scanner in ALT mode: two characters."""

_ESCAPES: Final = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|O.|.|$)", re.DOTALL)
_CONTROLS: Final = re.compile("[\x00-\x03\x05-\x1b\x7f-\x9f]")
_ALT: Final = re.compile("(?:\x1b(?:[0-9]|O[p-y]))+")
_FUNCTION_KEYS: Final = {
    f"\x1b[{code}~": f"F{number}"
    for number, code in enumerate((11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24), start=1)
} | {f"\x1bO{letter}": f"F{number}" for number, letter in enumerate("PQRS", start=1)}
_OLD_CHARACTER_SETS: Final = ("cp1252", "cp850")


class Arrival(NamedTuple):
    """One scan as the terminal sent it."""

    data: bytes
    """Without its end."""
    end: bytes
    """CR, LF, CRLF or TAB; nothing where no end has come."""
    seconds: float
    """From the first byte to the last, its end included."""
    is_paste: bool = False
    """It came as a paste, not as keys; `end` and `seconds` say nothing then."""

    @property
    def text(self) -> str:
        """All characters, U+FFFD for bytes that are not UTF-8."""
        return self.data.decode("utf-8", "replace")

    @property
    def foreign_bytes(self) -> bytes:
        """The bytes that are not UTF-8."""
        lost = bytearray()
        rest = self.data
        while rest:
            try:
                rest.decode("utf-8")
            except UnicodeDecodeError as error:
                lost += rest[error.start : error.end]
                rest = rest[error.end :]
            else:
                break
        return bytes(lost)

    @property
    def in_older_character_sets(self) -> tuple[str, ...]:
        """The text as terminals that are not set to UTF-8 mean it; nothing where it is UTF-8."""
        if not self.foreign_bytes:
            return ()
        return tuple(self.data.decode(name, "replace") for name in _OLD_CHARACTER_SETS)

    @property
    def alt_digits(self) -> str:
        """The digits of a scanner that presses Alt and a character's number, or nothing."""
        digits = "".join(_digits(match.group()) for match in _ALT.finditer(self.text))
        return digits if len(digits) >= ALT_DIGITS else ""

    @property
    def in_alt_mode(self) -> tuple[str, ...]:
        """What `alt_digits` may mean, for numbers of three and of four digits."""
        digits = self.alt_digits
        found = []
        for width in (3, 4):
            numbers = [int(digits[at : at + width]) for at in range(0, len(digits), width)]
            if digits and len(digits) % width == 0 and max(numbers) < 256:
                found.append(bytes(numbers).decode("cp1252", "replace"))
        return tuple(found)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the keys that are no characters, in their order, each once."""
        text = self.text
        names = [_FUNCTION_KEYS.get(found, found) for found in _ESCAPES.findall(text)]
        names += _CONTROLS.findall(_ESCAPES.sub("", text))
        return tuple(dict.fromkeys(names))

    @property
    def characters(self) -> str:
        """The text without those keys."""
        return _CONTROLS.sub("", _ESCAPES.sub("", self.text))


def key_names(text: str) -> str:
    """A text with the names of function keys for what they send."""
    return _ESCAPES.sub(lambda found: _FUNCTION_KEYS.get(found.group(), found.group()), text)


def _digits(keys: str) -> str:
    """The digits of keys with Alt; a keypad sends ESC O p for 0 to ESC O y for 9."""
    return "".join(key if key.isdigit() else str(ord(key) - ord("p")) for key in keys if key not in "\x1bO")

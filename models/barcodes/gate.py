"""The gate: which characters may come in at all."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from models.barcodes.mixups import hint, refuse_mix_up
from models.barcodes.reading import Settings, shown
from models.errors import Unreadable

LONGEST: Final = 8_192
"""Most characters of a scan; no symbol holds more (Aztec and QR Code: below 4,300 letters, 7,100 digits)."""

GS: Final = "\x1d"
RS: Final = "\x1e"
EOT: Final = "\x04"
SEPARATORS: Final = frozenset("\x04\x1c\x1d\x1e\x1f")
"""EOT, FS, GS, RS and US: some formats need them."""

_PRINTABLE: Final = re.compile(r"[ -~]+")
_ADMITTED: Final = re.compile("[\x04\x1c-\x1f -~]+")
_NAMES: Final = {"\x04": "EOT", "\x1c": "FS", "\x1d": "GS", "\x1e": "RS", "\x1f": "US", "\x00": "NUL", "\x1b": "ESC"}


def admit(scan: str, settings: Settings) -> str:
    """A scan without outer blanks, once every character in it may be there.

    Separators are let through here; each format refuses those that it has no use for.

    Raises:
        Unreadable: `too_long`, `empty`, `keyboard_layout`, `control_char` or `bad_char`.
    """
    if len(scan) > LONGEST:
        raise Unreadable(
            "too_long",
            f"{len(scan):,} characters came at once, {LONGEST:,} is the most of any barcode. Scan one label at a time.",
        )
    text = scan.strip(" ")
    if not text:
        raise Unreadable("empty", "Nothing was scanned. Scan the label again.")
    refuse_mix_up(text)
    if not _ADMITTED.fullmatch(text):
        for character in text:
            if not _ADMITTED.match(character) and not (settings.beyond_ascii and is_letter(character)):
                raise _refusal(character, text)
    return text


def refuse_separators(text: str) -> None:
    """Refuse a text of a format that has no separators, if there is one in it.

    Raises:
        Unreadable: there is one (`control_char`).
    """
    if not _PRINTABLE.fullmatch(text):
        for character in text:
            if character in SEPARATORS:
                raise Unreadable(
                    "control_char",
                    f"There is a separator ({_NAMES[character]}) in {shown(text)}, which is no GS1 or envelope code. "
                    "Scan again; if it is a GS1 label, switch AIM identifiers on in the scanner.",
                )


def is_letter(character: str) -> bool:
    """Whether a character beyond ASCII is a letter, or an accent that belongs to one."""
    return not character.isascii() and unicodedata.category(character)[0] in "LM"


def _refusal(character: str, text: str) -> Unreadable:
    code = ord(character)
    if unicodedata.category(character) == "Cc":
        name = _NAMES.get(character, f"0x{code:02x}")
        return Unreadable(
            "control_char",
            f"There is a control character ({name}) in the scan. Scan again; if it stays, run the scanner check.",
        )
    if character == "\ufffd":
        return Unreadable(
            "bad_char",
            "A part of the scan is not readable text. Scan again; if it stays, set scanner and terminal to UTF-8.",
        )
    named = f"{character} (U+{code:04X})" if character.isprintable() else f"U+{code:04X}"
    return Unreadable(
        "bad_char",
        f"Character {text.index(character) + 1} of the scan is {named}; serials have plain letters, digits and signs."
        f"{hint(character) or ' Scan again or type what is printed.'}",
    )

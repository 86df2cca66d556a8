"""AIM identifiers: three characters in front of a scan with which a scanner says what kind of symbol it saw."""

from __future__ import annotations

import re
from typing import Final

from models.barcodes.reading import shown
from models.errors import Unreadable

KNOWN: Final = {
    "A": "0134578",  # Code 39
    "B": "0124",  # Telepen
    "C": "0124",  # Code 128
    "E": "01234",  # EAN and UPC
    "F": "0124",  # Codabar
    "G": "0123456789",  # Code 93
    "H": "0138",  # Code 11
    "I": "0137",  # Interleaved 2 of 5
    "J": "012345",  # DotCode
    "K": "0124",  # Code 16K
    "L": "0123456",  # PDF417
    "M": "0123",  # MSI
    "N": "0",  # Anker
    "O": "014567",  # Codablock
    "P": "0",  # Plessey
    "Q": "0123456",  # QR Code
    "R": "013",  # 2 of 5 with two bars at its ends
    "S": "0",  # 2 of 5 with three bars at its ends
    "T": "0124",  # Code 49
    "U": "0123",  # MaxiCode
    "X": "0123456789",  # others
    "Z": "0123456789",  # no barcode at all: typed, magnetic, radio
    "d": "0123456",  # Data Matrix
    "e": "0123",  # GS1 DataBar and composite symbols
    "g": "0123456789",  # Grid Matrix
    "h": "0123",  # Han Xin
    "o": "0123",  # printed letters
    "p": "0123456789",  # PosiCode
    "z": "0123456789ABC",  # Aztec
}
"""Symbol letters with their modifiers (ISO/IEC 15424). Code One (`]D`) and Channel Code (`]c`) are left out: nobody
prints them, and they are what `]d2` and `]C1` look like where Caps Lock is on."""

GS1: Final = frozenset(("]C1", "]d2", "]d5", "]Q3", "]Q4", "]e0", "]J1"))
"""Those that say: what follows are GS1 element strings. `]d5` and `]Q4` are the symbols with a character set named."""

RETAIL: Final = frozenset(("]E0", "]E1", "]E2", "]E3", "]E4"))
"""Those that say: this is the symbol of a product in a shop, or what is printed beside one."""

_LOOKS_LIKE_ONE: Final = re.compile(r"\][A-Za-z][0-9]")
_CUT_OFF: Final = re.compile(r"\][A-Za-z]?")


def split_id(text: str) -> tuple[str, str]:
    """The AIM identifier of a scan, empty without one, and what follows it.

    Raises:
        Unreadable: the scan ends inside the identifier (`truncated`), or no symbol has this one (`unknown_aim`).
    """
    if not text.startswith("]"):
        return "", text
    if len(text) >= 3 and text[2] in KNOWN.get(text[1], ""):
        return text[:3], text[3:]
    if _LOOKS_LIKE_ONE.match(text):
        raise _unknown(text[:3])
    if _CUT_OFF.fullmatch(text):
        raise Unreadable(
            "truncated", f"Only {text} arrived, the beginning of a scanner's symbol identifier. Scan the label again."
        )
    return "", text


def inverted_case(identifier: str) -> Unreadable:
    """The refusal of an identifier whose capitals and small letters are exchanged."""
    return Unreadable(
        "unknown_aim",
        f"The scan begins with {identifier} where {identifier.swapcase()} belongs: capitals and small letters are "
        "exchanged. Switch Caps Lock off and scan again.",
    )


def _unknown(identifier: str) -> Unreadable:
    letter, modifier = identifier[1].swapcase(), identifier[2]
    if modifier in KNOWN.get(letter, ""):
        return inverted_case(identifier)
    return Unreadable(
        "unknown_aim",
        f"The scan begins with {shown(identifier)}, which no kind of symbol has. Scan again; if it stays, check the "
        "scanner's settings for the AIM identifier.",
    )

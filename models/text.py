"""What a serial number's text is: how it is cleaned, compared and ordered.

A serial is text, never a number: leading zeros, hyphens and case are kept as typed. Three columns hold it:
the text itself, the folded key (uniqueness, exact and prefix look-ups) and the sort key (natural order).
"""

from __future__ import annotations

import re
from typing import Final

from models.errors import BadValue

LONGEST = 64
"""Most characters of a serial number."""

COMMAND_PREFIX: Final = "XXSD"
"""What every command barcode begins with, and no serial may."""

_DIGITS = re.compile(r"[0-9]+")
_ALNUM = re.compile(r"[0-9A-Za-z]")
_BLANKS = re.compile(r"\s+")


def clean_serial(text: str) -> str:
    """The serial as it is stored: outer blanks trimmed, everything else as typed.

    Raises:
        BadValue: empty, only separators, longer than 64 characters, or a character outside printable ASCII.
    """
    serial = text.strip(" \t\r\n")
    if not serial:
        raise BadValue("There is no serial number. Scan or type one.", field="serial_number")
    for position, character in enumerate(serial, 1):
        if not " " <= character <= "~":
            raise BadValue(
                f"Character {position} of the serial number {_shown(serial)} is {_named(character)}; a serial number "
                "has letters A–Z, digits and signs only. Scan it again or check the scanner's settings.",
                field="serial_number",
            )
    if not _ALNUM.search(serial):
        raise BadValue(
            f"{serial} has no letter or digit, so it is no serial number. Scan or type the whole number.",
            field="serial_number",
        )
    if serial.upper().startswith(COMMAND_PREFIX):
        raise BadValue(
            f"{serial[:20]} is a command barcode; no serial number begins with {COMMAND_PREFIX}. Scan it at a station.",
            field="serial_number",
        )
    if len(serial) > LONGEST:
        raise BadValue(
            f"The serial number {serial[:20]}… has {len(serial)} characters; {LONGEST} is the most. "
            "Check that two scans did not run together.",
            field="serial_number",
        )
    return serial


def serial_key(serial: str) -> str:
    """The folded key: upper case, no white space. Two serials of one item with the same key are the same serial."""
    return _BLANKS.sub("", serial).upper()


def near_key(key: str) -> str:
    """What look-alikes share: O is 0, I is 1, hyphens and leading zeros do not count.

    The index on look-alikes has the same rule in SQL, see `models.migrations.m0002_drafts`.
    """
    return key.replace("-", "").replace("O", "0").replace("I", "1").lstrip("0")


def sort_key(key: str) -> str:
    """The sort key of a folded key: each run of digits is prefixed by its length, so that SN-9 comes before SN-10.

    Different keys have different sort keys. Compare bytewise (SQLite BINARY, PostgreSQL COLLATE "C").
    """
    return _DIGITS.sub(lambda run: f"{len(run[0]):02d}{run[0]}", key)


def prefix_end(prefix: str) -> str:
    """A text after all texts that begin with `prefix` and before all others, bytewise; for a range instead of LIKE."""
    return prefix + "\U0010ffff"  # the last code point there is; it stands for no character


def _shown(text: str) -> str:
    return ascii(text[:20])[1:-1] + ("…" if len(text) > 20 else "")


def _named(character: str) -> str:
    code = ord(character)
    return f"the control character {code:#04x}" if code < 32 or 127 <= code < 160 else f"{character!a}"

"""Texts as they are stored: serial numbers and their keys, names, notes."""

from __future__ import annotations

import re
import unicodedata
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

    `near_sql` has the same rule in SQL.
    """
    return key.replace("-", "").replace("O", "0").replace("I", "1").lstrip("0")


def near_sql(alias: str = "") -> str:
    """The expression in SQL that makes a `near_key` from the column `serial_key`.

    It is written as in the index on look-alikes, since an engine uses an index only for the very same expression.

    Args:
        alias: of the table, where a statement has several.
    """
    column = f"{alias}.serial_key" if alias else "serial_key"
    return f"ltrim(replace(replace(replace({column}, '-', ''), 'O', '0'), 'I', '1'), '0')"


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


LONGEST_NAME = 120
"""Characters of an item's, a place's or a role's name."""
LONGEST_CODE = 40
"""Characters of a SKU, a location code or a login."""
LONGEST_NOTE = 2_000
"""Characters of a note."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_line(text: str, what: str, *, longest: int = LONGEST_NAME, field: str = "", empty: bool = False) -> str:
    """One line of text: outer blanks trimmed, runs of blanks made one.

    Args:
        what: what it is, as it stands after "The", such as "item's name".
        empty: whether it may be empty.

    Raises:
        BadValue
    """
    line = _BLANKS.sub(" ", text.strip())
    return _checked(line, what, longest, field, empty=empty)


def clean_note(text: str, what: str = "note", *, field: str = "notes") -> str:
    """A note of one or more lines; line ends become LF, blanks at the end go.

    Raises:
        BadValue
    """
    note = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
    _checked(note.replace("\n", " ").replace("\t", " "), what, LONGEST_NOTE, field, empty=True)
    return note.replace("\t", " ")


def clean_code(text: str, what: str, *, field: str = "") -> str:
    """A code that labels carry: printable ASCII, 1–40 characters, outer blanks trimmed, no blanks at all inside.

    Raises:
        BadValue
    """
    code = _checked(text.strip(), what, LONGEST_CODE, field, empty=False)
    if not code.isascii() or " " in code:
        raise BadValue(f"The {what} {code!r} may have letters A-Z, digits and signs, and no blanks.", field=field)
    return code


def fold(text: str) -> str:
    """How codes and names are compared: upper case, no white space."""
    return _BLANKS.sub("", storable(text)).upper()


def storable(text: str) -> str:
    """A text to look up, with what no database can store (NUL, half a character) replaced, so that nothing has it."""
    return _UNSTORABLE.sub("\ufffd", text)


def _checked(text: str, what: str, longest: int, field: str, *, empty: bool) -> str:
    if not text and not empty:
        raise BadValue(f"The {what} is empty. Type one.", field=field)
    if len(text) > longest:
        raise BadValue(f"The {what} has {len(text)} characters; {longest} is the most. Shorten it.", field=field)
    for position, character in enumerate(text, 1):
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise BadValue(
                f"The {what} has a control character ({character!a}) at place {position}. Type it again without.",
                field=field,
            )
    return text

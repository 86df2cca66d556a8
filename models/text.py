"""Normalising text for storage and comparison: serial numbers and their keys, codes, names, notes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from models.errors import BadValue

LONGEST = 64
"""Maximum length of a serial number, in characters."""

COMMAND_PREFIX: Final = "XXSD"
"""Prefix of every command barcode; no serial number may begin with it."""

_DIGITS = re.compile(r"[0-9]+")
_ALNUM = re.compile(r"[0-9A-Za-z]")
_BLANKS = re.compile(r"\s+")


def clean_serial(text: str) -> str:
    """The serial number as stored: surrounding whitespace trimmed, everything else as typed.

    Raises:
        BadValue: empty, no letter or digit, longer than 64 characters, a command barcode, or a character outside
            printable ASCII.
    """
    serial = text.strip(" \t\r\n")
    if not serial:
        raise BadValue("There is no serial number. Scan or type one.", field="serial_number")
    for position, character in enumerate(serial, 1):
        if not " " <= character <= "~":
            raise BadValue(
                f"Character {position} of the serial number {readable(serial, 20)} is {named_character(character)}; a "
                "serial number has letters A–Z, digits and signs only. Scan it again or check the scanner's settings.",
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
    """The folded key: upper case, no whitespace. Within an item, serial numbers with equal keys are duplicates."""
    return _BLANKS.sub("", serial).upper()


def near_key(key: str) -> str:
    """The look-alike key of a folded key: O becomes 0, I becomes 1, hyphens and leading zeros are dropped.

    Keep it equal to `near_sql`, the same rule in SQL.
    """
    return key.replace("-", "").replace("O", "0").replace("I", "1").lstrip("0")


def near_sql(alias: str = "") -> str:
    """The SQL expression that computes `near_key` from the column `serial_key`.

    It must match the expression of the look-alike index exactly: an engine uses an expression index only then.

    Args:
        alias: table alias, for statements with several tables.
    """
    column = f"{alias}.serial_key" if alias else "serial_key"
    return f"ltrim(replace(replace(replace({column}, '-', ''), 'O', '0'), 'I', '1'), '0')"


LAST: Final = 10
"""Characters that `reversed_sql` turns round on SQLite."""


def reversed_sql(column: str, *, sqlite: bool) -> str:
    """The SQL expression of a key backwards, by which its last characters are looked for.

    On SQLite, which has no function for it, it has the last `LAST` characters only. It must match the expression of the
    index exactly.

    Args:
        column: the key, with a table alias for statements with several tables.
    """
    if not sqlite:
        return f"reverse({column})"
    return " || ".join(f"substr({column}, -{place}, 1)" for place in range(1, LAST + 1))


def sort_key(key: str) -> str:
    """The sort key of a folded key: each run of digits is prefixed with its length, so that SN-9 sorts before SN-10.

    Different keys have different sort keys. Compare byte by byte (SQLite BINARY, PostgreSQL COLLATE "C").
    """
    return _DIGITS.sub(lambda run: f"{len(run[0]):02d}{run[0]}", key)  # a serial has at most 64 characters


def prefix_end(prefix: str) -> str:
    """The upper bound of a byte-wise range over all texts that begin with `prefix`; used instead of LIKE."""
    return prefix + "\U0010ffff"  # the highest code point, which is never a character


def readable(text: str, most: int | None = None) -> str:
    """A text as messages quote it: letters of any language as they are, control and invisible characters escaped.

    Args:
        most: longest part that is quoted; a longer text ends with an ellipsis.
    """
    quoted = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:most])
    return f"{quoted}…" if most is not None and len(text) > most else quoted


def named_character(character: str) -> str:
    """A character as messages name it: `Ä`, or its code and name if it cannot be seen alone."""
    code = ord(character)
    if code < 32 or 127 <= code < 160:
        return f"the control character {code:#04x}"
    if character.isprintable() and not character.isspace() and not unicodedata.combining(character):
        return f"'{character}'"
    name = unicodedata.name(character, "").lower()
    return f"U+{code:04X}{f' ({name})' if name else ''}"


def counted(count: int, noun: str) -> str:
    """A count with its noun, such as `1 serial` or `7,000 serials`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


LONGEST_NAME = 120
"""Maximum length of the name of an item, location or role, in characters."""
LONGEST_CODE = 40
"""Maximum length of a SKU, location code or login, in characters."""
LONGEST_NOTE = 2_000
"""Maximum length of a note, in characters."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def composed(text: str) -> str:
    """A text in the Unicode form NFC, in which names are stored and looked for: `Ä` is one character, however typed."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_line(text: str, what: str, *, longest: int = LONGEST_NAME, field: str = "", empty: bool = False) -> str:
    """One line of text in the form NFC: surrounding whitespace trimmed, runs of whitespace collapsed to one space.

    Args:
        what: the field as messages name it after "The", such as "item's name".
        empty: whether it may be empty.

    Raises:
        BadValue
    """
    line = composed(_BLANKS.sub(" ", text.strip()))
    return _checked(line, what, longest, field, empty=empty)


def clean_note(text: str, what: str = "note", *, field: str = "notes") -> str:
    """A note of one or more lines: line ends become LF, tabs become spaces, trailing whitespace is dropped.

    Raises:
        BadValue
    """
    lines = composed(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    note = "\n".join(line.rstrip() for line in lines).strip()
    _checked(note.replace("\n", " ").replace("\t", " "), what, LONGEST_NOTE, field, empty=True)
    return note.replace("\t", " ")


def clean_code(text: str, what: str, *, field: str = "") -> str:
    """A code printed on labels: printable ASCII, 1–40 characters, surrounding whitespace trimmed, none inside.

    Raises:
        BadValue
    """
    code = _checked(text.strip(), what, LONGEST_CODE, field, empty=False)
    if not code.isascii() or " " in code:
        raise BadValue(
            f"The {what} '{readable(code)}' may have letters A-Z, digits and signs, and no blanks.", field=field
        )
    return code


def fold(text: str) -> str:
    """The form in which codes and names are compared: upper case, no whitespace, composed letters."""
    return composed(_BLANKS.sub("", storable(text)).upper())  # some capitals are composed of several characters


def search_key(text: str) -> str:
    """The form in which a part of a name is looked for: upper case, composed letters, blanks as they are."""
    return composed(storable(text).upper())


_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""The full-width forms of ASCII characters, as East Asian input methods type them."""


def narrow(text: str) -> str:
    """A text with full-width digits, letters and signs in their usual width: `１２Ａ` is `12A`."""
    return text if text.isascii() else text.translate(_WIDE)


def storable(text: str) -> str:
    """A text for a look-up: composed, and characters that no database can store (NUL, lone surrogates) are U+FFFD."""
    return composed(_UNSTORABLE.sub("\ufffd", text))


def escaped(text: str) -> str:
    """A text as it was received, to be kept: what no database can store (NUL, lone surrogates) is escaped."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


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

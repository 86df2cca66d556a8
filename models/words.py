"""Free text that people type: names, notes, codes. Cleaned once, here, with one sentence for what cannot be taken."""

from __future__ import annotations

import re
import unicodedata

from models.errors import BadValue

LONGEST_NAME = 120
"""Characters of an item's, a place's or a role's name."""
LONGEST_CODE = 40
"""Characters of a SKU, a location code or a login."""
LONGEST_NOTE = 2_000
"""Characters of a note."""

_BLANKS = re.compile(r"\s+")
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

"""What the serials of an item must look like, where somebody says so."""

from __future__ import annotations

import re
from math import comb
from typing import Any, Final

from models.database.unit import Unit, write
from models.errors import BadValue, NotFound
from models.items.rules import Rule
from models.permissions import Actor, Permission, require
from models.schema import Item
from models.tasks.facts import rule_of, set_rule
from models.text import LONGEST

LONGEST_PATTERN: Final = 100
"""Characters of a pattern."""

LONGEST_STRIP: Final = 8
"""Characters that labels may print before a serial."""

MOST_REPEATS: Final = 3
"""Repeats of varying length in a pattern: with few of them a match of 64 characters can never take long."""

MOST_CHOICES: Final = 1_000_000
"""Ways in which the repeats and alternatives of a pattern may share out 64 characters; the worst match tries all."""

CHARACTERS: Final = ("", "digits", "letters", "alphanumeric")
KINDS: Final = ("", "imei", "vin", "mac")

_ESCAPED: Final = re.compile(r"\\(.)")
_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEAT: Final = re.compile(r"\*|\+|\?|\{\d*,\d*\}")
_REPEATED_GROUP: Final = re.compile(r"\)(?:\*|\+|\{)")
_NOT_TAKEN: Final = frozenset("123456789AbBZ")
"""What may not stand behind a backslash: what an earlier group took, and places between characters."""
_LENGTH: Final = re.compile(r"([0-9]+)(?:-([0-9]+))?")


def set_serial_rule(
    actor: Actor,
    item_id: int,
    *,
    pattern: str | None = None,
    length: str | None = None,
    characters: str | None = None,
    expects: str | None = None,
    strip: str | None = None,
) -> Rule:
    """Change what the serials of an item must look like; what is None stays, an empty text takes a part away.

    Args:
        pattern: a regular expression for the whole serial.
        length: `12`, or `10-12`.
        characters: digits, letters or alphanumeric.
        expects: imei, vin or mac.
        strip: what labels print before the serial.

    Returns:
        The rule as it is now.

    Raises:
        NotPermitted, NotFound, BadValue
    """
    changes: dict[str, Any] = {}
    if pattern is not None:
        changes["pattern"] = _pattern(pattern.strip())
    if length is not None:
        changes["shortest"], changes["longest"] = _length(length.strip())
    if characters is not None:
        changes["characters"] = _one_of("characters", characters, CHARACTERS)
    if expects is not None:
        changes["expects"] = _one_of("kind", expects, KINDS)
    if strip is not None:
        changes["strip"] = _strip(strip)

    def work(unit: Unit) -> Rule:
        require(actor, Permission.EDIT_ITEMS, "change items")
        if Item.get_or_none(Item.id == item_id) is None:
            raise NotFound("The item is not there any more. Go back to the list.")
        rule = (rule_of(item_id) or Rule())._replace(**changes)
        set_rule(item_id, rule)
        return rule

    return write(actor, work)


def _pattern(text: str) -> str:
    if len(text) > LONGEST_PATTERN:
        raise BadValue(f"The pattern has {len(text)} characters; {LONGEST_PATTERN} is the most.", field="pattern")
    try:
        re.compile(text)
    except re.error as error:
        raise BadValue(f"{text} is no regular expression: {error}. Mend it there.", field="pattern") from None
    escaped = _ESCAPED.findall(text)
    bare = _CLASS.sub("x", _ESCAPED.sub("x", text)).replace("(?:", "(")  # only what gives the pattern its form
    if "(?" in bare or not _NOT_TAKEN.isdisjoint(escaped):
        raise BadValue(f"{text} looks around or back, which no pattern here may. Leave that out.", field="pattern")
    if _REPEATED_GROUP.search(bare):
        raise BadValue(f"{text} repeats a group in parentheses. Write what is repeated without them.", field="pattern")
    repeats = len(_REPEAT.findall(bare))
    if repeats > MOST_REPEATS:
        raise BadValue(
            f"{text} has more than {MOST_REPEATS} repeats of varying length. Use counts such as [0-9]{{6}}.",
            field="pattern",
        )
    if comb(LONGEST + repeats, repeats) * 2 ** bare.count("|") > MOST_CHOICES:
        raise BadValue(f"{text} has too many alternatives (|). Leave some of them out.", field="pattern")
    return text


def _length(text: str) -> tuple[int, int]:
    if not text:
        return 1, LONGEST
    found = _LENGTH.fullmatch(text)
    shortest, longest = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= shortest <= longest <= LONGEST:
        raise BadValue(f"A serial has 1 to {LONGEST} characters, not {text}. Give 12, or 10-12.", field="length")
    return shortest, longest


def _one_of(what: str, text: str, known: tuple[str, ...]) -> str:
    value = text.strip().lower().replace("any", "")
    if value not in known:
        raise BadValue(f"There is no {what} {text}. There are: {', '.join(filter(None, known))}, any.", field=what)
    return value


def _strip(text: str) -> str:
    if len(text) > LONGEST_STRIP or not (text.isascii() and (text.isprintable() or not text)):
        most = f"has at most {LONGEST_STRIP} printable characters"
        raise BadValue(f"What labels print before a serial {most}, not {text}.", field="strip")
    return text.strip(" ")

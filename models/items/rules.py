"""Serial rules set for an item, shapes learned from its serials, and the item data needed to judge serials.

A broken rule refuses a serial; a different shape is only a warning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from math import comb
from typing import Any, Final, NamedTuple

from models.barcodes.reader import EXPECTED_NAMES, read
from models.barcodes.reading import Settings
from models.database import bulk
from models.database.types_read import typed
from models.database.unit import Unit, write
from models.errors import BadValue, NotFound, Unreadable
from models.permissions import Actor, Permission, require
from models.schema import Item, ItemBarcode, Location, SerialRule, bound, is_sqlite
from models.statuses import kept
from models.text import LONGEST, counted

ENOUGH: Final = 10
"""Minimum number of serials before their shape is compared with the next one."""

MOST_ALIKE: Final = 0.95
"""Share of the serials that must have the same length for the length to be part of the shape."""

SAMPLE: Final = 200
"""Maximum number of an item's serials from which the shape is learned."""

_START: Final = re.compile(r"[^0-9]*")
_FITTING: Final = {
    "digits": ("digits",),
    "letters": ("letters",),
    "alphanumeric": ("alphanumeric", "digits", "letters"),
}
"""Class of a rule or shape → classes of serials that satisfy it, see `class_of`."""

_WORDS: Final = {"digits": "digits only", "letters": "letters only", "alphanumeric": "letters and digits only"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The common shape of an item's serials; a value is empty if they differ in it."""

    count: int = 0
    """Number of serials that were examined."""
    length: int = 0
    prefix: str = ""
    characters: str = ""
    """digits, letters, alphanumeric, or empty."""

    def odd(self, serial: str, others: str = "") -> str:
        """The difference of a serial from the shape, as a sentence without full stop; empty if there is none.

        Args:
            others: wording for the other serials; empty uses their number.
        """
        others = others or (f"the other {self.count}" if self.count < SAMPLE else "the others")
        if self.length and len(serial) != self.length:
            return f"{serial} has {counted(len(serial), 'character')} where {others} have {self.length}"
        if self.prefix and not serial.upper().startswith(self.prefix.upper()):
            return f"{serial} does not begin with {self.prefix} as {others} do"
        if self.characters and class_of(serial) not in _FITTING[self.characters]:
            return f"{serial} is not {_WORDS[self.characters]} as {others} are"
        return ""


class Rule(NamedTuple):
    """The serial rule of an item: the form that its serials must have."""

    pattern: str = ""
    """A regular expression that the whole serial must match; empty for any."""
    shortest: int = 1
    longest: int = 64
    characters: str = ""
    """digits, letters, alphanumeric, or empty for any."""
    expects: str = ""
    """imei, vin or mac, or empty for any."""
    strip: str = ""
    """Prefix on labels that is not part of the serial."""

    def broken_by(self, serial: str) -> str:
        """The breach of the rule by a serial, as a sentence without full stop; empty if there is none."""
        if not self.shortest <= len(serial) <= self.longest:
            span = str(self.shortest) if self.shortest == self.longest else f"{self.shortest} to {self.longest}"
            return f"{serial} has {counted(len(serial), 'character')}; this item's serials have {span}"
        if self.characters and class_of(serial) not in _FITTING[self.characters]:
            return f"{serial} is not {_WORDS[self.characters]}, as this item's serials are"
        if self.expects and not _is_number(serial, self.expects):
            return f"{serial} is not {EXPECTED_NAMES[self.expects]}, as this item's serials are"
        if self.pattern and not re.fullmatch(self.pattern, serial, re.IGNORECASE):
            return f"{serial} does not fit this item's pattern {self.pattern}"
        return ""

    def stripped(self, serial: str) -> str:
        """The serial without the label prefix."""
        return serial[len(self.strip) :] if self.strip and serial.startswith(self.strip) else serial


@dataclass(slots=True)
class Looks:
    """Running statistics of serials, from which their common shape is derived without reading them again."""

    count: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    classes: set[str] = field(default_factory=set)
    start: str | None = None
    """Common prefix before the first digit, in upper case; None without serials."""
    _shape: Shape | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, serials: Iterable[str]) -> Looks:
        """The statistics of some serials; at most `SAMPLE` are counted."""
        looks = cls()
        for serial in serials:
            looks.add(serial)
        return looks

    def add(self, serial: str) -> None:
        """Count a serial, unless `SAMPLE` is reached."""
        if self.count >= SAMPLE:
            return
        self._shape = None
        self.count += 1
        self.lengths[len(serial)] += 1
        self.classes.add(class_of(serial))
        start = _start(serial).upper()
        self.start = start if self.start is None else _common_start(self.start, start)

    def copy(self) -> Looks:
        """An independent copy."""
        return Looks(self.count, self.lengths.copy(), set(self.classes), self.start)

    @property
    def shape(self) -> Shape:
        """The common shape; an empty shape if there are fewer than `ENOUGH` serials."""
        if self._shape is None:
            self._shape = self._in_common()
        return self._shape

    def _in_common(self) -> Shape:
        if self.count < ENOUGH:
            return Shape(self.count)
        length, alike = self.lengths.most_common(1)[0]
        characters = (
            next(iter(self.classes)) if len(self.classes) == 1 else "" if "" in self.classes else "alphanumeric"
        )
        start = self.start or ""
        return Shape(
            self.count, length if alike >= MOST_ALIKE * self.count else 0, start if len(start) > 1 else "", characters
        )


def class_of(serial: str) -> str:
    """digits, letters, alphanumeric, or empty if the serial has other characters."""
    if not serial.isascii():
        return ""
    if serial.isdigit():
        return "digits"
    if serial.isalpha():
        return "letters"
    return "alphanumeric" if serial.isalnum() else ""


def _is_number(serial: str, expects: str) -> bool:
    try:
        return read(serial, Settings(expect=expects)).kind == expects
    except Unreadable:
        return False


def _start(serial: str) -> str:
    found = _START.match(serial)
    return found[0] if found else ""


def _common_start(one: str, other: str) -> str:
    alike = next((place for place, letter in enumerate(one) if other[place : place + 1] != letter), len(one))
    return one[:alike]


_BOTH_ENDS: Final = SAMPLE // 2
"""Serials of a sample that are taken from each end of the item's order."""
_TOGETHER: Final = 250
"""Items per statement when reading samples; limits the memory used at once."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """The data of a place by which scans are judged."""

    id: int
    code: str
    name: str
    closed: bool = False
    """Whether it takes nothing new."""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """The data of an item by which its serials are judged."""

    id: int
    sku: str
    name: str
    track_serials: bool
    location: str
    """Code of its primary location."""
    barcodes: frozenset[str]
    rule: Rule | None
    """Its serial rule; None if none was set."""
    texts: tuple[str, ...] = ()
    """Sample of its serials, see `samples`."""


def item_gone(step: str = "Go back to the list.") -> NotFound:
    """The refusal of an item that was there when the person chose it.

    Args:
        step: what to do next, as a sentence.
    """
    return NotFound(f"The item is not there any more. {step}")


def item_facts(item_id: int, *, sampled: bool = True) -> ItemFacts:
    """The facts of an item by its id; see `read_facts`.

    Raises:
        NotFound
    """
    facts = read_facts(item_id, sampled=sampled)
    if facts is None:
        raise item_gone("Scan another.")
    return facts


def read_facts(item_id: int, *, sampled: bool = True) -> ItemFacts | None:
    """Read the facts of an item in one statement; None if it is not there.

    Args:
        sampled: also read a sample of its serials, in a second one; only needed for warnings.

    Raises:
        TypeError, ValueError: a row is damaged.
    """
    rows = bound.execute_sql(
        "SELECT b.barcode, i.id, i.sku, i.name, i.track_serials, l.code, r.pattern, r.shortest, r.longest, "
        "r.characters, r.expects, r.strip FROM items i JOIN locations l ON l.id = i.primary_location_id "
        "LEFT JOIN serial_rules r ON r.item_id = i.id LEFT JOIN item_barcodes b ON b.item_id = i.id "
        f"WHERE i.id = {bound.param}",
        (item_id,),
    ).fetchall()
    if not rows:
        return None
    # One row for each barcode, which differ in nothing else.
    _, number, sku, name, tracked, place, *rule = rows[0]
    if rule[0] is not None:
        SerialRule.characters.known(rule[3])
        SerialRule.expects.known(rule[4])
    facts = ItemFacts(
        *(number, sku, name, bool(tracked), place),
        barcodes=frozenset(row[0] for row in rows if row[0] is not None),
        rule=Rule(*rule) if rule[0] is not None else None,
        texts=tuple(samples([item_id]).get(item_id, ())) if sampled else (),
    )
    return typed(facts)


def items_for_rules(item_ids: Collection[int]) -> dict[int, ItemFacts]:
    """The facts of items by id, without samples, in a constant number of statements per block.

    Raises:
        TypeError: a row is damaged.
    """
    found: dict[int, ItemFacts] = {}
    for ids in bulk.blocks(sorted(item_ids)):
        barcodes: dict[int, set[str]] = {}
        for row in ItemBarcode.select().where(ItemBarcode.item.in_(ids)):
            barcodes.setdefault(row.item_id, set()).add(row.barcode)
        rules = {row.item_id: _rule(row) for row in SerialRule.select().where(SerialRule.item.in_(ids))}
        for item in Item.select(Item, Location).join(Location).where(Item.id.in_(ids)):
            codes, place = frozenset(barcodes.get(item.id, ())), item.primary_location.code
            said = (item.sku, item.name, item.track_serials, place, codes, rules.get(item.id))
            found[item.id] = typed(ItemFacts(item.id, *said))
    return found


def barcodes_of(item_id: int) -> frozenset[str]:
    """An item's barcodes as entered."""
    codes = ItemBarcode.select(ItemBarcode.barcode).where(ItemBarcode.item == item_id).tuples().execute()
    return frozenset(code for (code,) in codes)


def place_facts(location_id: int) -> PlaceFacts:
    """Read the facts of a place by its id."""
    place = Location.get_by_id(location_id)
    return typed(PlaceFacts(place.id, place.code, place.name, place.closed))


def samples(item_ids: Iterable[int]) -> dict[int, list[str]]:
    """A sample of the serials of each item: the first and last `SAMPLE` / 2 in serial order.

    Items with fewer serials give all of them, items without serials have no entry. One statement per `_TOGETHER` items.
    """
    ends = " UNION ".join(
        f"SELECT * FROM (SELECT u.id, u.serial_number FROM serials u WHERE u.item_id = i.id AND {kept('u')} "
        f"ORDER BY u.sort_key{order}, u.id{order} LIMIT {_BOTH_ENDS}) AS {name}"
        for order, name in (("", "first"), (" DESC", "last"))
    )
    # Two index reads per item instead of a scan of its serials; SQLite has no LATERAL, so it joins by id.
    if is_sqlite():
        tables = f"items i CROSS JOIN serials s ON s.id IN (SELECT id FROM ({ends}))"
    else:
        tables = f"items i CROSS JOIN LATERAL ({ends}) AS s"
    found: dict[int, list[str]] = {}
    for part in bulk.blocks(item_ids, _TOGETHER):
        rows = bound.execute_sql(
            f"SELECT i.id, s.serial_number FROM {tables} WHERE i.id IN ({bulk.placeholders(len(part))})", part
        )
        for item_id, text in rows.fetchall():
            found.setdefault(item_id, []).append(text)
    return found


def rule_of(item_id: int) -> Rule | None:
    """The serial rule of an item; None if none was set."""
    found = SerialRule.get_or_none(SerialRule.item == item_id)
    return None if found is None else _rule(found)


def _rule(row: SerialRule) -> Rule:
    return Rule(row.pattern, row.shortest, row.longest, row.characters, row.expects, row.strip)


def set_rule(item_id: int, rule: Rule | None) -> None:
    """Store an item's serial rule; None or a rule that allows everything removes it. Call it inside a transaction."""
    SerialRule.delete().where(SerialRule.item == item_id).execute()
    if rule is not None and rule != Rule():
        SerialRule.create(item=item_id, **rule._asdict())


LONGEST_PATTERN: Final = 100
"""Maximum length of a pattern in characters."""

LONGEST_STRIP: Final = 8
"""Maximum length of the label prefix in characters."""

MOST_REPEATS: Final = 3
"""Maximum number of variable-length repeats in a pattern, so that matching 64 characters never takes long."""

MOST_CHOICES: Final = 1_000_000
"""Maximum number of ways to match 64 characters with the repeats and alternatives of a pattern.

The worst case of backtracking tries all of them.
"""

CHARACTERS: Final = ("", "digits", "letters", "alphanumeric")
KINDS: Final = ("", "imei", "vin", "mac")
SerialRule.characters.words, SerialRule.expects.words = frozenset(CHARACTERS), frozenset(KINDS)

_ESCAPED: Final = re.compile(r"\\(.)")
_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEAT: Final = re.compile(r"\*|\+|\?|\{\d*,\d*\}")
_REPEATED_GROUP: Final = re.compile(r"\)(?:\*|\+|\{)")
_NOT_TAKEN: Final = frozenset("123456789AbBZ")
"""Characters refused after a backslash: back references and positions between characters."""
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
    """Change the serial rule of an item; None leaves a part unchanged, an empty text removes it.

    Args:
        pattern: a regular expression that the whole serial must match.
        length: `12`, or `10-12`.
        characters: digits, letters or alphanumeric; any removes it.
        expects: imei, vin or mac; any removes it.
        strip: prefix on labels that is not part of the serial.

    Returns:
        The new rule.

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
            raise item_gone()
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
    # A pattern is matched with each serial of a million, and a person writes it: what can take very long is refused.
    escaped = _ESCAPED.findall(text)
    bare = _CLASS.sub("x", _ESCAPED.sub("x", text)).replace("(?:", "(")  # reduce the pattern to its structure
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
    value = text.strip().lower().replace("any", "")  # which is stored as an empty text
    if value not in known:
        raise BadValue(f"There is no {what} {text}. There are: {', '.join(filter(None, known))}, any.", field=what)
    return value


def _strip(text: str) -> str:
    if len(text) > LONGEST_STRIP or not (text.isascii() and (text.isprintable() or not text)):
        most = f"has at most {LONGEST_STRIP} printable characters"
        raise BadValue(f"What labels print before a serial {most}, not {text}.", field="strip")
    return text.strip(" ")

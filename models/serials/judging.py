"""The rule book: may this serial come in? Whoever adds, receives, imports or scans serials asks here.

What stands in the way is decided here and said here, each in one sentence that names the serial and the next step.
Many serials take a constant number of statements a block. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from models.barcodes import Settings, read
from models.barcodes.numbers import GTIN_LENGTHS, digits_only
from models.barcodes.reading import CommandCode
from models.database import bulk
from models.errors import BadValue, Duplicate, NotFound, NotTracked, Unreadable
from models.items.rules import ItemFacts, Looks, Rule
from models.ledger import so_are, whereabouts
from models.schema import Item, bound, read_moment
from models.text import clean_serial, near_key, near_sql, serial_key
from models.verbs import VERBS, StatusCode


class Outcome(StrEnum):
    """What a person must see at a glance."""

    OK = "ok"
    """A serial was taken."""
    DUPLICATE = "dup"
    """It was taken before; nothing changed."""
    PROBLEM = "problem"
    """It waits in the problems lane, or could not be taken at all; this one rings."""
    SET = "set"
    """A place or an item was taken; the scans that follow belong to it."""
    OUT = "out"
    """A line was taken out, or there was none."""
    ASK = "ask"
    """The same code once more does it."""
    DONE = "done"
    """The document is written."""
    TELL = "tell"
    """An answer, such as to HELP; nothing changed."""


class Reason(StrEnum):
    """Why a serial waits; unreadable scans have the reasons of `models.barcodes` instead."""

    EXISTS = "exists"
    """The item has it already."""
    SOLD = "sold"
    LOST = "lost"
    NO_ITEM = "no_item"
    """It came before its item."""
    NOT_TRACKED = "not_tracked"
    """Its item does not track serials."""
    UNKNOWN_PRODUCT = "unknown_product"
    """No item carries the product code that came with it."""
    BAD_SERIAL = "bad_serial"
    """It cannot be a serial."""
    RULE = "rule"
    """It breaks the rule that somebody set for its item."""
    SHAPE = "shape"
    """It looks different from the item's other serials."""
    NEAR = "near_duplicate"
    """It could be another one misread: O and 0, I and 1, hyphens, leading zeros."""
    NOT_ANNOUNCED = "not_announced"
    """It is not on the list that was announced."""
    CARTON = "carton"
    """The code of a carton, which is no unit."""
    NO_SERIAL = "no_serial"
    """The code names a product and no serial."""


CONFIRMABLE: Final = frozenset({Reason.SHAPE, Reason.NEAR, Reason.NOT_ANNOUNCED})
"""A warning only: scanning the same code again takes it."""


class Scan(NamedTuple):
    """A line that the scan line took whole."""

    text: str
    how: str = "scanned"
    """scanned, typed, pasted or range."""


class Verdict(NamedTuple):
    """What became of one scan."""

    outcome: Outcome
    scan: str
    """What came."""
    subject: str
    """What stands large: the serial, the place, the item, the number of the document."""
    message: str = ""
    """What is to be said about it, in a sentence; empty where `subject` says all."""
    reason: str = ""
    """A stable word: a `Reason`, or one of `models.barcodes`."""
    number: int = 0
    """Of its line in the draft; 0 where it made none."""
    position: int = 0
    """Of its line among the serials."""
    serial_id: int | None = None
    """The serial that stands in the way, to be opened."""
    command: CommandCode | None = None
    """What is to be done by the screen: HELP."""

    @property
    def rings(self) -> bool:
        """Whether it deserves the bell."""
        return self.outcome is Outcome.PROBLEM


_COMES_IN: Final = VERBS["receive"]
"""Adding and importing say the same of a serial that is there already."""
_REASONS: Final[Mapping[str, Reason]] = {StatusCode.SOLD: Reason.SOLD, StatusCode.LOST: Reason.LOST}
"""Of serials that are there already, by status; of all others it is that they exist."""
_SCAN_AGAIN: Final = " Scan it again to keep it."
_SHOWN: Final = 500
"""How many whereabouts are read in one statement."""

LOOKS_LIKE: Final = "{serial} looks like {other}{where}."
"""What is said of a look-alike; the import fills it in by SQL."""
ON_ITEM: Final = ", which is on {sku} already"
HERE: Final = ", which is here already"
IN_ROW: Final = " in row {row}"


class Demands(Protocol):
    """What an item demands of its serials."""

    @property
    def sku(self) -> str: ...  # noqa: D102
    @property
    def barcodes(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def rule(self) -> Rule | None: ...  # noqa: D102


# ----- what is said


def not_tracked(sku: str) -> str:
    """What is said of an item that does not track serials."""
    return f"{sku} does not track serials. Check Track Serials in its Item Settings and save, then go on."


def unfit(item: Demands, serial: str) -> tuple[Reason, str] | None:
    """Why a clean serial cannot be one of the item's, whatever is there; None where it can."""
    if _is_own_barcode(item.barcodes, serial):
        return Reason.BAD_SERIAL, f"{serial} is the barcode of {item.sku} itself. Scan or type the unit's serial."
    if wrong := broken_rule(item, serial):
        return Reason.RULE, wrong
    return None


def broken_rule(item: Demands, serial: str) -> str:
    """What is said of a serial that breaks the rule that somebody set for its item; empty where it does not."""
    wrong = item.rule.broken_by(serial) if item.rule is not None else ""
    return f"{wrong}. Check the label, or change the rule of {item.sku}." if wrong else ""


def already_there(serial: str, sku: str, status: str, where: str) -> tuple[Reason, str]:
    """Why a serial cannot come in that its item has already.

    Args:
        serial: as stored.
        status: its code.
        where: its `whereabouts`.
    """
    reason = _REASONS.get(status, Reason.EXISTS)
    here = "already here: " if reason is Reason.EXISTS else ""
    return reason, f"{serial} of {sku} is {here}{where}. {_COMES_IN.next_step(status)}"


def odd_shape(looks: Looks, serial: str, others: str = "") -> str:
    """What is said of a serial that looks unlike the item's others; empty where it does not.

    Args:
        others: what to call those, instead of their number.
    """
    wrong = looks.shape.odd(serial, others)
    return f"{wrong}." if wrong else ""


def _is_own_barcode(barcodes: frozenset[str], serial: str) -> bool:
    """Whether it is one of these codes, in any length of a GTIN."""
    if serial in barcodes:
        return True
    if len(serial) not in GTIN_LENGTHS or not digits_only(serial):
        return False
    product = serial.zfill(14)
    return any(len(code) in GTIN_LENGTHS and digits_only(code) and code.zfill(14) == product for code in barcodes)


# ----- what is judged


class Judged(NamedTuple):
    """What is to be said of one serial."""

    serial_number: str
    """Clean; what came where it cannot be a serial."""
    key: str
    """Folded; empty where it cannot be a serial."""
    near: str
    reason: str = ""
    """Empty where it is good."""
    message: str = ""
    serial_id: int | None = None
    """The serial that stands in the way."""
    item_id: int | None = None
    """Its item, where that is not the present one anyway."""

    @property
    def good(self) -> bool:
        """Whether it can be received as it is."""
        return not self.reason

    @property
    def is_warning(self) -> bool:
        """Whether it can be received once somebody says so."""
        return self.reason in CONFIRMABLE

    @property
    def sentence(self) -> str:
        """The message without what is done at a station, for where nothing is scanned."""
        return self.message.removesuffix(_SCAN_AGAIN)


class Drafted(NamedTuple):
    """A line of the draft with the same or a similar serial."""

    number: int
    position: int
    serial_number: str
    key: str
    state: str
    reason: str
    message: str
    serial_id: int | None
    item_id: int | None
    at: datetime


class KnownSerials(NamedTuple):
    """What is there already, by folded key and by look-alike key."""

    serials: dict[str, tuple[int, str, str]]
    """Folded key → id, text and status code."""
    alike: dict[str, list[tuple[str, str]]]
    """Look-alike key → folded keys and texts."""
    drafted: dict[str, Drafted]
    """Folded key → line of this draft."""


def plain(serial: str) -> Judged:
    """A clean serial of which nothing is said."""
    key = serial_key(serial)
    return Judged(serial, key, near_key(key))


def clean(item: ItemFacts, text: str) -> Judged:
    """A serial's text as it will be stored, held against what is set and learned for the item, not yet looked up."""
    rule = item.rule
    if rule is not None:
        text = rule.stripped(text.strip(" "))
    try:
        serial = clean_serial(text)
        if rule is not None and rule.expects:
            serial = read(serial, Settings(expect=rule.expects)).serial or serial
    except BadValue as refusal:
        return Judged(text.strip(), "", "", Reason.BAD_SERIAL, refusal.message)
    except Unreadable as refusal:
        return Judged(text.strip(), "", "", refusal.reason, refusal.message)
    judged = plain(serial)
    if wrong := unfit(item, serial):
        reason, message = wrong
        return judged._replace(reason=reason, message=message)
    return judged


def look_up(item_id: int, judged: Sequence[Judged], draft_id: int | None = None) -> KnownSerials:
    """What the item, and a draft, have of these serials and of serials that look alike."""
    known = KnownSerials({}, {}, {})
    for part in bulk.blocks([one for one in judged if one.key], 1_000):
        forms = {key for one in part for key in _with_and_without_s(one.key)}
        keys = sorted({key for one in part for key in (one.key, one.near) if key} | forms)
        _read_serials(known, item_id, keys, sorted({one.near for one in part if one.near}))
        if draft_id is not None:
            _read_drafted(known, draft_id, item_id, sorted({one.near for one in part} | set(map(near_key, forms))))
    return known


class Judge:
    """Judges serials of one item one after the other, all of them looked up before; each good one teaches the next."""

    def __init__(self, item: ItemFacts, looks: Looks, cleaned: Sequence[Judged], known: KnownSerials) -> None:
        """Make it.

        Args:
            looks: of the item's serials; the good ones are added.
            cleaned: what `clean` gave for all that will be judged.
            known: what `look_up` gave for them; the good ones are added.
        """
        self._item, self._looks, self._known = item, looks, known
        self._where: dict[int, str] = {}
        in_the_way = {known.serials[one.key][0] for one in cleaned if one.good and one.key in known.serials}
        for ids in bulk.blocks(sorted(in_the_way), _SHOWN):
            self._where.update(whereabouts(ids))

    def say(self, one: Judged, announced: Set[str] | None = None) -> Judged:
        """Whether the item can receive it.

        Args:
            one: one of those that were looked up.
            announced: the folded keys that were announced; None where nothing was.
        """
        if not self._item.track_serials:
            return one._replace(reason=Reason.NOT_TRACKED, message=not_tracked(self._item.sku))
        if one.good and one.key in self._known.serials:
            return _existing(self._item, one, self._known.serials[one.key], self._where)
        return self._warned(one, announced) if one.good else one

    def _warned(self, one: Judged, announced: Set[str] | None) -> Judged:
        for reason, said in self.warnings(one):
            return one._replace(reason=reason, message=f"{said}{_SCAN_AGAIN}")
        if announced is not None and one.key not in announced:
            message = f"{one.serial_number} is not on the announced list.{_SCAN_AGAIN}"
            return one._replace(reason=Reason.NOT_ANNOUNCED, message=message)
        return one

    def warnings(self, one: Judged) -> Iterator[tuple[Reason, str]]:
        """What looks odd about a good one, each in a sentence."""
        if wrong := odd_shape(self._looks, one.serial_number):
            yield Reason.SHAPE, wrong
        if found := self._look_alike(one):
            key, other = found
            where = ON_ITEM.format(sku=self._item.sku) if key in self._known.serials else HERE
            yield Reason.NEAR, LOOKS_LIKE.format(serial=one.serial_number, other=other, where=where)

    def note(self, one: Judged, *, good: bool) -> None:
        """Let those that follow be held against one that is in the draft, or in the list, now."""
        if good:
            self._looks.add(one.serial_number)
        if one.key:
            self._known.alike.setdefault(one.near, []).append((one.key, one.serial_number))

    def _look_alike(self, one: Judged) -> tuple[str, str] | None:
        """The folded key and the text of another serial that it could be misread for."""
        alike = self._known.alike
        if other := next((other for other in alike.get(one.near, ()) if other[0] != one.key), None):
            return other
        forms = _with_and_without_s(one.key)
        return next((other for form in forms for other in alike.get(near_key(form), ()) if other[0] == form), None)


def judge(item: ItemFacts, texts: Sequence[str], *, announced: Set[str] | None = None) -> list[Judged]:
    """Say of each serial, in its order, whether the item can receive it, in a constant number of statements a block.

    Args:
        texts: as typed or scanned; the same one twice is told by the caller, who knows where it stood.
        announced: the folded keys that were announced; None where nothing was.
    """
    cleaned = [clean(item, text) for text in texts]
    one_by_one = Judge(item, Looks.of(item.texts), cleaned, look_up(item.id, cleaned))
    judged: list[Judged] = []
    seen: set[str] = set()
    for one in cleaned:
        judged.append(one_by_one.say(one, announced))
        if one.key not in seen:
            one_by_one.note(one, good=judged[-1].good)
            seen.add(one.key)
    return judged


def warnings_of(item: ItemFacts, serial: str) -> tuple[tuple[Reason, str], ...]:
    """What looks odd about a serial that is to be added as it is, each in a sentence.

    Args:
        item: the item, as it is before.
        serial: clean, see `serial_text.clean_serial`.
    """
    one = plain(serial)
    return tuple(Judge(item, Looks.of(item.texts), [one], look_up(item.id, [one])).warnings(one))


def existing(item_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Which of these folded keys the item has: key → the serial's id."""
    found: dict[str, int] = {}
    for part in bulk.blocks(keys):
        rows = bound.execute_sql(
            f"SELECT serial_key, id FROM serials WHERE item_id = {bound.param} "
            f"AND serial_key IN ({bulk.placeholders(len(part))})",
            [item_id, *part],
        )
        found.update(rows.fetchall())
    return found


def say_existing(item: Item | ItemFacts, judged: Sequence[Judged], there: dict[str, int]) -> list[Judged]:
    """Those of the serials that the item has by now, each with where it is."""
    known = look_up(item.id, [one for one in judged if one.key in there])
    where: dict[int, str] = {}
    for ids in bulk.blocks(there.values(), _SHOWN):
        where.update(whereabouts(ids))
    return [_existing(item, one, known.serials[one.key], where) for one in judged if one.key in there]


def named(judged: Sequence[Judged]) -> str:
    """The first of several messages, and how many more there are."""
    return judged[0].message + so_are(len(judged) - 1)


# ----- refusals, for those who take all serials or none


def tracked_item(item_id: int) -> Item:
    """The item, if it tracks serials.

    Raises:
        NotFound, NotTracked
    """
    item = Item.get_or_none(Item.id == item_id)
    if item is None:
        raise NotFound("The item is not there any more. Go back to the list.")
    if not item.track_serials:
        raise NotTracked(not_tracked(item.sku), item_id=item.id)
    return item


def refuse_unfit(item: Demands, serials: Sequence[str]) -> None:
    """Refuse clean serials that cannot be the item's, naming the first.

    Raises:
        BadValue
    """
    for wrong in (unfit(item, serial) for serial in serials):
        if wrong is not None:
            raise BadValue(wrong[1], field="serial_number")


def refuse_twice(serials: Sequence[Judged]) -> None:
    """Refuse serials of one item of which one is given twice.

    Raises:
        Duplicate
    """
    seen: set[str] = set()
    for one in serials:
        if one.key in seen:
            raise Duplicate(
                f"{one.serial_number} is given twice. Give each serial once.", serial_number=one.serial_number
            )
        seen.add(one.key)


def refuse_existing(item: Item | ItemFacts, serials: Sequence[Judged]) -> None:
    """Refuse serials that the item has already, naming the first with its status, place and date.

    Raises:
        Duplicate: `details["serial_ids"]` are all that are there.
    """
    there = existing(item.id, [one.key for one in serials])
    if there:
        judged = say_existing(item, serials, there)
        raise Duplicate(
            named(judged),
            serial_id=judged[0].serial_id,
            serial_number=judged[0].serial_number,
            serial_ids=[one.serial_id for one in judged],
        )


# ----- what is there


def _with_and_without_s(key: str) -> tuple[str, ...]:
    """Other forms of a folded key: its leading S may be a data identifier of the label, or was left out as one."""
    return (f"S{key}", key[1:]) if key.startswith("S") and len(key) > 1 else (f"S{key}",)


def _existing(item: Item | ItemFacts, one: Judged, there: tuple[int, str, str], where: dict[int, str]) -> Judged:
    serial_id, text, status = there
    reason, message = already_there(text, item.sku, status, where[serial_id])
    return one._replace(reason=reason, message=message, serial_id=serial_id)


def _read_serials(known: KnownSerials, item_id: int, keys: list[str], nears: list[str]) -> None:
    one = bound.param
    select = "SELECT s.id, s.serial_number, s.serial_key, t.code FROM serials s JOIN statuses t ON t.id = s.status_id"
    sql = f"{select} WHERE s.item_id = {one} AND s.serial_key IN ({bulk.placeholders(len(keys))})"
    values: list[object] = [item_id, *keys]
    if nears:
        near = near_sql("s")
        sql += (
            f" UNION ALL {select} WHERE s.item_id = {one} AND {near} IN ({bulk.placeholders(len(nears))}) "
            f"AND {near} <> s.serial_key"
        )
        values += [item_id, *nears]
    seen: set[str] = set()
    for serial_id, text, key, status in bound.execute_sql(sql, values).fetchall():
        if key not in seen:
            seen.add(key)
            known.serials[key] = (serial_id, text, status)
            known.alike.setdefault(near_key(key), []).append((key, text))


def _read_drafted(known: KnownSerials, draft_id: int, item_id: int, nears: list[str]) -> None:
    rows = bound.execute_sql(
        "SELECT number, position, serial_number, serial_key, state, reason, message, serial_id, item_id, at "
        f"FROM draft_lines WHERE draft_id = {bound.param} AND near_key IN ({bulk.placeholders(len(nears))}) "
        f"AND (item_id = {bound.param} OR item_id IS NULL) AND state <> 'out' ORDER BY number",
        [draft_id, *nears, item_id],
    )
    for row in rows.fetchall():
        drafted = Drafted._make((*row[:9], read_moment(row[9])))
        known.drafted[drafted.key] = drafted
        known.alike.setdefault(near_key(drafted.key), []).append((drafted.key, drafted.serial_number))

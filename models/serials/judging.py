"""The rules for accepting a serial, used by adding, receiving, importing and scanning.

Every reason against a serial is decided here, with a message that names the serial and the next step. Layout: outcomes
and reasons, messages, judging, refusals for all-or-none callers, lookups. A block of serials needs a constant number of
statements; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from models.barcodes.numbers import GTIN_LENGTHS, digits_only, gtin_name
from models.barcodes.reader import read
from models.barcodes.reading import CommandCode, Settings, bare_command
from models.database import bulk
from models.errors import BadValue, Duplicate, NotTracked, Unreadable
from models.items.rules import ENOUGH, ItemFacts, Looks, Rule, item_facts, item_gone, read_facts
from models.ledger import so_are, whereabouts
from models.schema import DraftLine, Item, bound, read_moment
from models.statuses import kept
from models.text import clean_serial, near_key, near_sql, serial_key
from models.verbs import VERBS, StatusCode


class Outcome(StrEnum):
    """The kind of a verdict, to be recognised at a glance."""

    OK = "ok"
    """A serial was taken."""
    DUPLICATE = "dup"
    """The serial was scanned before; nothing changed."""
    PROBLEM = "problem"
    """It is in the problems list, or could not be taken at all; the only outcome that rings the bell."""
    SET = "set"
    """A place or an item was set; it applies to the scans that follow."""
    OUT = "out"
    """A line was taken out, or there was none to take out."""
    ASK = "ask"
    """Scan the same code again to confirm."""
    DONE = "done"
    """The document was written."""
    FOUND = "found"
    """A record is shown; nothing changed."""
    TELL = "tell"
    """An answer, for example to HELP; nothing changed."""


class Reason(StrEnum):
    """Code of the problem of a serial; unreadable scans have reasons of `models.barcodes` instead."""

    EXISTS = "exists"
    """The item already has it."""
    SOLD = "sold"
    LOST = "lost"
    NO_ITEM = "no_item"
    """It was scanned before its item."""
    NOT_TRACKED = "not_tracked"
    """Its item does not track serials."""
    UNKNOWN_PRODUCT = "unknown_product"
    """No item has the product code in the scan."""
    BAD_SERIAL = "bad_serial"
    """It cannot be a serial."""
    RULE = "rule"
    """It breaks the serial rule of its item."""
    SHAPE = "shape"
    """Its shape differs from the item's other serials."""
    NEAR = "near_duplicate"
    """It may be a misreading of another serial: O and 0, I and 1, hyphens, leading zeros."""
    PRODUCT_CODE = "product_code"
    """It may be the code of a product: an item without serials got a number with the check digit of one."""
    COMMAND_WORD = "command_word"
    """It is the word of a command."""
    NOT_ANNOUNCED = "not_announced"
    """It is not on the announced list."""
    OPEN_DRAFT = "open_draft"
    """It stands in another draft that is not finished."""
    CARTON = "carton"
    """The code identifies a carton, not a unit."""
    CUSTOMER = "customer"
    """It is a customer, where none is asked for."""
    NO_SERIAL = "no_serial"
    """The code contains no serial."""


CONFIRMABLE: Final = frozenset(
    {Reason.SHAPE, Reason.PRODUCT_CODE, Reason.COMMAND_WORD, Reason.NEAR, Reason.NOT_ANNOUNCED, Reason.OPEN_DRAFT}
)
"""Warnings: scanning the same code again accepts the serial."""


class Scan(NamedTuple):
    """One complete scan, as taken by the scan field."""

    text: str
    how: str = "scanned"
    """scanned, typed, pasted or range."""
    number: int = 0
    """1, 2, 3 … in the session of its station; 0 if it is not numbered. Stored with what it adds, so that a scan that
    was kept elsewhere meanwhile is taken only once."""


class Verdict(NamedTuple):
    """The result of one scan."""

    outcome: Outcome
    scan: str
    """The raw scan."""
    subject: str
    """Shown in large: serial, place, item or document number."""
    message: str = ""
    """Sentences for the person; empty if `subject` says enough."""
    reason: str = ""
    """A stable code: a `Reason`, or a reason of `models.barcodes`."""
    number: int = 0
    """Number of its draft line; 0 if there is none."""
    position: int = 0
    """Position of its line among the serial lines."""
    serial_id: int | None = None
    """The existing serial that caused the problem; can be opened."""
    command: CommandCode | None = None
    """The command that led to this verdict, such as HELP; the screen reacts to it."""
    document: str = ""
    """Number of the document that DONE has written; empty for none."""

    @property
    def rings(self) -> bool:
        """Whether the bell rings."""
        return self.outcome is Outcome.PROBLEM


_COMES_IN: Final = VERBS["receive"]
"""Supplies the next step for an existing serial; adding and importing use the same."""
REASONS: Final[Mapping[str, Reason]] = {StatusCode.SOLD: Reason.SOLD, StatusCode.LOST: Reason.LOST}
"""Reasons for existing serials by status; any other status gives `Reason.EXISTS`."""
_SCAN_AGAIN: Final = " Scan it again to keep it."
_OR_AGAIN: Final = ": scan it again to keep it."
_SHOWN: Final = 500
"""Serials per statement when reading whereabouts."""

LOOKS_LIKE: Final = "{serial} looks like {other}{where}."
"""Message about a near duplicate; the import fills it in with SQL."""
ON_ITEM: Final = ", which is on {sku} already"
HERE: Final = ", which is here already"
IN_ROW: Final = " in row {row}"


class ItemRules(Protocol):
    """The parts of an item by which `unfit` judges its serials."""

    @property
    def sku(self) -> str: ...  # noqa: D102
    @property
    def barcodes(self) -> frozenset[str]: ...  # noqa: D102
    @property
    def rule(self) -> Rule | None: ...  # noqa: D102


# ----- messages


def not_tracked(sku: str) -> str:
    """The message for an item that does not track serials."""
    return f"{sku} does not track serials. Check Track Serials in its Item Settings and save, then go on."


def unfit(item: ItemRules, serial: str) -> tuple[Reason, str] | None:
    """Why a clean serial cannot belong to the item, regardless of existing serials; None if it can."""
    if _is_own_barcode(item.barcodes, serial):
        return Reason.BAD_SERIAL, f"{serial} is the barcode of {item.sku} itself. Scan or type the unit's serial."
    if wrong := broken_rule(item, serial):
        return Reason.RULE, wrong
    return None


def broken_rule(item: ItemRules, serial: str) -> str:
    """The message for a serial that breaks the item's serial rule; empty if it does not."""
    wrong = item.rule.broken_by(serial) if item.rule is not None else ""
    return f"{wrong}. Check the label, or change the rule of {item.sku}." if wrong else ""


def already_there(serial: str, sku: str, status: str, where: str) -> tuple[Reason, str]:
    """Reason and message for a serial that its item already has.

    Args:
        serial: as stored.
        status: status code.
        where: see `ledger.whereabouts`.
    """
    reason = REASONS.get(status, Reason.EXISTS)
    here = "already here: " if reason is Reason.EXISTS else ""
    return reason, f"{serial} of {sku} is {here}{where}. {_COMES_IN.next_step(status)}"


def odd_shape(looks: Looks, serial: str, others: str = "") -> str:
    """The message for a serial whose shape differs from the item's other serials; empty if it does not.

    Args:
        others: wording for the other serials; empty uses their number.
    """
    wrong = looks.shape.odd(serial, others)
    return f"{wrong}." if wrong else ""


def product_code(looks: Looks, serial: str) -> str:
    """The message for a serial that may be a product code; empty if it is none, or the item has such serials."""
    name = gtin_name(serial)
    has_such = looks.count >= ENOUGH or (len(serial) in looks.lengths and "digits" in looks.classes)
    return f"{serial} looks like a product code ({name})." if name and not has_such else ""


def is_customer(name: str, task: str) -> str:
    """The message for the code or name of a customer where none is asked for.

    Args:
        task: the title of what is done there.
    """
    return f"This is the customer {name}. {task} asks for none: scan the unit's serial."


def command_word(serial: str) -> str:
    """The message for a serial that is the bare word of a command; empty if it is not."""
    return f"{serial} is the word of a command; typed at a station, it acts." if bare_command(serial) else ""


def _is_own_barcode(barcodes: frozenset[str], serial: str) -> bool:
    """Whether a serial is one of these barcodes; GTINs are compared without leading zeros."""
    if serial in barcodes:
        return True
    if len(serial) not in GTIN_LENGTHS or not digits_only(serial):
        return False
    product = serial.zfill(14)
    return any(len(code) in GTIN_LENGTHS and digits_only(code) and code.zfill(14) == product for code in barcodes)


# ----- judging


class Judged(NamedTuple):
    """A serial with the verdict on it."""

    serial_number: str
    """Clean; the raw text if it cannot be a serial."""
    key: str
    """Folded key; empty if it cannot be a serial."""
    near: str
    """Key shared by look-alikes, see `text.near_key`."""
    reason: str = ""
    """A `Reason` or a reason of `models.barcodes`; empty if it is good."""
    message: str = ""
    serial_id: int | None = None
    """The existing serial that caused the problem, or that is to be moved."""
    item_id: int | None = None
    """Its item; None means the current item."""

    @property
    def good(self) -> bool:
        """Whether it can be taken as it is."""
        return not self.reason

    @property
    def is_warning(self) -> bool:
        """Whether it can be taken after a confirmation."""
        return self.reason in CONFIRMABLE

    @property
    def sentence(self) -> str:
        """The message without "Scan it again", for use outside the station."""
        said = self.message.removesuffix(_SCAN_AGAIN)
        return f"{said.removesuffix(_OR_AGAIN)}." if said.endswith(_OR_AGAIN) else said


class Drafted(NamedTuple):
    """A draft line with the same or a similar serial."""

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
    """Existing serials and draft lines, by folded key and by near key."""

    serials: dict[str, tuple[int, str, str]]
    """Folded key → (id, serial number, status code)."""
    alike: dict[str, list[tuple[str, str]]]
    """Near key → (folded key, serial number) of serials and draft lines."""
    drafted: dict[str, Drafted]
    """Folded key → line of the draft."""


def asking(reason: Reason, said: str) -> str:
    """The message of a warning, with the way to confirm it."""
    return f"{said[:-1]}{_OR_AGAIN}" if reason is Reason.PRODUCT_CODE else f"{said}{_SCAN_AGAIN}"


def plain(serial: str) -> Judged:
    """A clean serial without a verdict."""
    key = serial_key(serial)
    return Judged(serial, key, near_key(key))


def clean(item: ItemFacts, text: str) -> Judged:
    """Clean a text as it would be stored, and check it against the item's barcodes and rule; nothing is looked up."""
    rule = item.rule
    if rule is not None:
        text = rule.stripped(text.strip(" "))  # first: what is stripped need not be valid
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
    """Look up which of these serials and their look-alikes the item has, and the draft if one is given."""
    known = KnownSerials({}, {}, {})
    for part in bulk.blocks([one for one in judged if one.key], 1_000):  # each has several keys in the statement
        forms = {key for one in part for key in _with_and_without_s(one.key)}
        keys = sorted({key for one in part for key in (one.key, one.near) if key} | forms)
        _read_serials(known, item_id, keys, sorted({one.near for one in part if one.near}))
        if draft_id is not None:
            _read_drafted(known, draft_id, item_id, sorted({one.near for one in part} | set(map(near_key, forms))))
    return known


class Judge:
    """Judges serials of one item one after the other, looked up together; each good one adds to the learned shape."""

    def __init__(self, item: ItemFacts, looks: Looks, cleaned: Sequence[Judged], known: KnownSerials) -> None:
        """Read the whereabouts of existing serials, for their messages.

        Args:
            looks: shape of the item's serials; good serials are added to it.
            cleaned: the results of `clean` for all serials to be judged.
            known: the result of `look_up` for them; noted serials are added to it.
        """
        self._item, self._looks, self._known = item, looks, known
        self._where: dict[int, str] = {}
        in_the_way = {known.serials[one.key][0] for one in cleaned if one.good and one.key in known.serials}
        for ids in bulk.blocks(sorted(in_the_way), _SHOWN):
            self._where.update(whereabouts(ids))

    def say(self, one: Judged, announced: Set[str] | None = None) -> Judged:
        """Judge whether the item can receive a serial.

        Args:
            one: an element of `cleaned`.
            announced: the announced folded keys; None if there is no announced list.
        """
        if not self._item.track_serials:
            return one._replace(reason=Reason.NOT_TRACKED, message=not_tracked(self._item.sku))
        if one.good and one.key in self._known.serials:
            return _existing(self._item, one, self._known.serials[one.key], self._where)
        return self._warned(one, announced) if one.good else one

    def _warned(self, one: Judged, announced: Set[str] | None) -> Judged:
        for reason, said in self.warnings(one):
            return one._replace(reason=reason, message=asking(reason, said))
        if announced is not None and one.key not in announced:
            message = f"{one.serial_number} is not on the announced list.{_SCAN_AGAIN}"
            return one._replace(reason=Reason.NOT_ANNOUNCED, message=message)
        return one

    def warnings(self, one: Judged) -> Iterator[tuple[Reason, str]]:
        """The warnings about a good serial, each with a sentence."""
        if wrong := odd_shape(self._looks, one.serial_number):
            yield Reason.SHAPE, wrong
        if self._item.rule is None and (wrong := product_code(self._looks, one.serial_number)):
            yield Reason.PRODUCT_CODE, wrong
        if wrong := command_word(one.serial_number):
            yield Reason.COMMAND_WORD, wrong
        if found := self._look_alike(one):
            key, other = found
            where = ON_ITEM.format(sku=self._item.sku) if key in self._known.serials else HERE
            yield Reason.NEAR, LOOKS_LIKE.format(serial=one.serial_number, other=other, where=where)

    def note(self, one: Judged, *, good: bool) -> None:
        """Record a serial that is now in the draft or list, so that later serials are compared with it."""
        if good:
            self._looks.add(one.serial_number)
        if one.key:
            self._known.alike.setdefault(one.near, []).append((one.key, one.serial_number))

    def _look_alike(self, one: Judged) -> tuple[str, str] | None:
        """Another serial that this one may be a misreading of: (folded key, serial number), or None."""
        alike = self._known.alike
        if other := next((other for other in alike.get(one.near, ()) if other[0] != one.key), None):
            return other
        forms = _with_and_without_s(one.key)
        return next((other for form in forms for other in alike.get(near_key(form), ()) if other[0] == form), None)


def judge(item: ItemFacts, texts: Sequence[str], *, announced: Set[str] | None = None) -> list[Judged]:
    """Judge whether the item can receive each serial, in a constant number of statements per block.

    Args:
        texts: as typed or scanned; repeated serials are reported by the caller, who knows their lines.
        announced: the announced folded keys; None if there is no announced list.
    """
    cleaned = [clean(item, text) for text in texts]
    one_by_one = Judge(item, Looks.of(item.texts), cleaned, look_up(item.id, cleaned))
    judged: list[Judged] = []
    seen: set[str] = set()
    for one in cleaned:
        judged.append(one_by_one.say(one, announced))
        # Noted before the next one is judged, as if they were scanned one after the other.
        if one.key not in seen:
            one_by_one.note(one, good=judged[-1].good)
            seen.add(one.key)
    return judged


def warnings_of(item: ItemFacts, serial: str) -> tuple[tuple[Reason, str], ...]:
    """The warnings about a serial that is added without confirmation, each with a sentence.

    Args:
        item: the item before the serial is added.
        serial: clean, see `models.text.clean_serial`.
    """
    one = plain(serial)
    return tuple(Judge(item, Looks.of(item.texts), [one], look_up(item.id, [one])).warnings(one))


def refuse_asked(item: Item, serials: Sequence[str]) -> None:
    """Refuse serials that look like product codes or command words, until they are confirmed; naming the first.

    Raises:
        BadValue: `details["reason"]` is `PRODUCT_CODE` or `COMMAND_WORD`.
    """
    # Nearly always: nothing needs to be read of the item then.
    if not any(gtin_name(serial) or bare_command(serial) for serial in serials):
        return
    facts = item_facts(item.id)
    looks = Looks.of(facts.texts)
    for serial in serials:
        reason, said = Reason.PRODUCT_CODE, "" if facts.rule is not None else product_code(looks, serial)
        if not said:
            reason, said = Reason.COMMAND_WORD, command_word(serial)
        if said:
            raise BadValue(asking(reason, said), field="serial_number", reason=reason)
        looks.add(serial)


def existing(item_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The serials of the item with these folded keys, without removed ones, which come back: key → serial id."""
    found: dict[str, int] = {}
    for part in bulk.blocks(keys):
        rows = bound.execute_sql(
            f"SELECT s.serial_key, s.id FROM serials s WHERE s.item_id = {bound.param} AND {kept('s')} "
            f"AND s.serial_key IN ({bulk.placeholders(len(part))})",
            [item_id, *part],
        )
        found.update(rows.fetchall())
    return found


def say_existing(item: Item | ItemFacts, judged: Sequence[Judged], there: dict[str, int]) -> list[Judged]:
    """The serials that the item already has, each with a message that says where it is."""
    known = look_up(item.id, [one for one in judged if one.key in there])
    where: dict[int, str] = {}
    for ids in bulk.blocks(there.values(), _SHOWN):
        where.update(whereabouts(ids))
    return [_existing(item, one, known.serials[one.key], where) for one in judged if one.key in there]


def named(judged: Sequence[Judged]) -> str:
    """The first message, and how many more there are."""
    return judged[0].message + so_are(len(judged) - 1)


# ----- refusals, for callers that take all serials or none


def tracked_item(item_id: int) -> Item:
    """The item, if it tracks serials.

    Raises:
        NotFound, NotTracked
    """
    item = Item.get_or_none(Item.id == item_id)
    if item is None:
        raise item_gone()
    if not item.track_serials:
        raise NotTracked(not_tracked(item.sku), item_id=item.id)
    return item


def tracked_facts(item_id: int, *, sampled: bool = False) -> ItemFacts:
    """The facts of an item, if it tracks serials.

    Args:
        sampled: see `read_facts`.

    Raises:
        NotFound, NotTracked
    """
    facts = read_facts(item_id, sampled=sampled)
    if facts is None:
        raise item_gone()
    if not facts.track_serials:
        raise NotTracked(not_tracked(facts.sku), item_id=facts.id)
    return facts


def refuse_unfit(item: ItemRules, serials: Sequence[str]) -> None:
    """Refuse clean serials that cannot belong to the item, naming the first.

    Raises:
        BadValue
    """
    for wrong in (unfit(item, serial) for serial in serials):
        if wrong is not None:
            raise BadValue(wrong[1], field="serial_number")


def refuse_twice(serials: Sequence[Judged]) -> None:
    """Refuse repeated serials of one item.

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
    """Refuse serials that the item already has, naming the first with its status, place and date.

    Raises:
        Duplicate: `details["serial_ids"]` are the ids of all of them.
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


# ----- lookups


def _with_and_without_s(key: str) -> tuple[str, ...]:
    """Other forms of a folded key with and without a leading S, which may be the data identifier of a label."""
    return (f"S{key}", key[1:]) if key.startswith("S") and len(key) > 1 else (f"S{key}",)


def _existing(item: Item | ItemFacts, one: Judged, there: tuple[int, str, str], where: dict[int, str]) -> Judged:
    serial_id, text, status = there
    reason, message = already_there(text, item.sku, status, where[serial_id])
    return one._replace(reason=reason, message=message, serial_id=serial_id)


def _read_serials(known: KnownSerials, item_id: int, keys: list[str], nears: list[str]) -> None:
    one = bound.param
    select = "SELECT s.id, s.serial_number, s.serial_key, t.code FROM serials s JOIN statuses t ON t.id = s.status_id"
    select += f" WHERE t.code <> '{StatusCode.REMOVED}' AND"
    sql = f"{select} s.item_id = {one} AND s.serial_key IN ({bulk.placeholders(len(keys))})"
    values: list[object] = [item_id, *keys]
    # Two SELECTs, each with its own index. `near <> serial_key` is the condition of the partial index on near keys; the
    # serials it leaves out are found by the first SELECT, since `keys` contains the near keys.
    if nears:
        near = near_sql("s")
        sql += (
            f" UNION ALL {select} s.item_id = {one} AND {near} IN ({bulk.placeholders(len(nears))}) "
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
    for drafted in drafted_lines(draft_id, nears, f"(item_id = {bound.param} OR item_id IS NULL)", item_id):
        known.drafted[drafted.key] = drafted
        known.alike.setdefault(near_key(drafted.key), []).append((drafted.key, drafted.serial_number))


def drafted_lines(draft_id: int, nears: Sequence[str], only: str = "1 = 1", *values: object) -> list[Drafted]:
    """The lines of a draft with serials that have one of these look-alike keys, by number, without removed lines.

    Args:
        nears: at most `bulk.BLOCK` look-alike keys.
        only: a further condition in SQL, and its values.

    Raises:
        WrongValueError: a row is damaged.
    """
    rows = bound.execute_sql(
        "SELECT number, position, serial_number, serial_key, state, reason, message, serial_id, item_id, at, kind "
        f"FROM draft_lines WHERE draft_id = {bound.param} AND near_key IN ({bulk.placeholders(len(nears))}) "
        f"AND {only} AND state <> 'out' ORDER BY number",
        [draft_id, *nears, *values],
    )
    found: list[Drafted] = []
    for row in rows.fetchall():
        # All their words, also where the caller needs few: damage must not pass for a good line.
        DraftLine.state.known(row[4])
        DraftLine.kind.known(row[10])
        found.append(Drafted._make((*row[:9], read_moment(row[9]))))
    return found

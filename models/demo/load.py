"""Loading the demo into a new database.

The histories are generated twice: first to count the documents, so that numbers and ids can be reserved in order of
time, then to write everything.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice
from random import Random
from typing import Any, NamedTuple

from models import clock, ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.demo.catalogue import ARTICLES, CUSTOMERS, PLACES, ROLES, STYLES, USERS, allot, gtin_13, gtin_14
from models.demo.lives import OWNER, PAPERS, STANDS_IN, LifeStep, Receipt, Workdays, receipts
from models.documents import number_text, reserve_range
from models.errors import BadValue, NotAllowed
from models.migrations import migrate
from models.people import sign_in
from models.permissions import Actor
from models.schema import Customer, Item, Location, Role, Status, User, bound, is_sqlite, moment_value
from models.text import fold, serial_key, sort_key
from models.verbs import VERBS, DocumentKind


@dataclass(frozen=True, slots=True)
class SeedRows:
    """Ids of the demo's records by name."""

    statuses: dict[str, int]
    places: dict[str, int]
    customers: list[int]
    """In the order of `CUSTOMERS`."""
    items: list[int]
    """In the order of `ARTICLES`."""
    users: dict[str, int]
    """By login; `lives.OWNER` is the user who loads the demo."""


def make_ground(owner: Actor, begun: datetime) -> SeedRows:
    """Create everything except serials, documents and quantities; call it inside a transaction.

    Args:
        begun: creation time of the demo's users and items.
    """
    statuses = {status.code: status.id for status in Status.select()}
    places = _places()
    users = _users(begun) | {OWNER: owner.user_id}
    bulk.insert("customers", ("name",), [(name,) for name in CUSTOMERS])
    customers = {row.name: row.id for row in Customer.select()}
    items = _items(places, owner, begun)
    return SeedRows(statuses, places, [customers[name] for name in CUSTOMERS], items, users)


def _places() -> dict[str, int]:
    ids = {row.code: row.id for row in Location.select()}
    for code, name, parent in PLACES:
        ids[code] = Location.create(code=code, name=name, parent=ids[parent] if parent else None).id
    return ids


def _users(begun: datetime) -> dict[str, int]:
    there = {row.login for row in User.select()}
    new = [login for login in USERS if login not in there]
    bulk.insert("users", ("login", "active", "created_at"), [(login, True, moment_value(begun)) for login in new])
    known = {row.name for row in Role.select()}
    bulk.insert("roles", ("name",), [(name,) for name in ROLES if name not in known])
    roles = {row.name: row.id for row in Role.select()}
    granted = [(roles[name], str(right)) for name, rights in ROLES.items() if name not in known for right in rights]
    bulk.insert("role_permissions", ("role_id", "permission"), granted)
    users = {row.login: row.id for row in User.select()}
    bulk.insert("user_roles", ("user_id", "role_id"), [(users[login], roles[USERS[login]]) for login in new])
    return {login: users[login] for login in USERS}


def _items(places: dict[str, int], owner: Actor, begun: datetime) -> list[int]:
    rows: list[tuple[Any, ...]] = []
    for article in ARTICLES:
        sku = (article.sku, fold(article.sku), article.name, article.name.upper())
        rows.append((*sku, places[article.home], bool(article.style), 1, moment_value(begun), owner.user_id))
    columns = ("sku", "sku_key", "name", "name_key", "primary_location_id", "track_serials", "version")
    bulk.insert("items", (*columns, "changed_at", "changed_by_id"), rows)
    ids = {row.sku: row.id for row in Item.select(Item.id, Item.sku)}
    items = [ids[article.sku] for article in ARTICLES]
    bulk.insert("item_barcodes", ("barcode", "item_id"), _barcodes(items))
    return items


def _barcodes(items: Sequence[int]) -> list[tuple[str, int]]:
    """Barcodes: one per item, a second one for every fifth item, and those of cartons."""
    codes: list[tuple[str, int]] = []
    for number, (article, item) in enumerate(zip(ARTICLES, items, strict=True)):
        base = 104_200_010 + 37 * number
        codes.append((gtin_13(base), item))
        if number % 5 == 0:
            codes.append((gtin_13(base + 11), item))
        if article.cartons:
            codes.append((gtin_14(base), item))
            codes.append((gtin_14(base, 2), item))
    return codes


class PlannedDocument(NamedTuple):
    """A document with its id, number and time."""

    id: int
    number: str
    at: datetime


class PlannedDocuments:
    """Allocates ids and numbers of documents in order of time.

    Args:
        time: the calendar.
    """

    def __init__(self, time: Workdays) -> None:
        self._time = time
        self._next = {kind: array("q", bytes(8 * time.slots)) for kind in DocumentKind}
        self._first_ids = array("q")
        self._next_ids = array("q")
        self.count = 0

    def expect(self, kind: DocumentKind, slot: int) -> None:
        """Count a document; the first pass."""
        self._next[kind][slot] += 1
        self.count += 1

    def give_numbers(self) -> None:
        """Reserve ids and numbers for all counted documents; call it inside a transaction."""
        totals = map(sum, zip(*self._next.values(), strict=True))
        first = bulk.reserve_range("documents", self.count).start if self.count else 0
        self._first_ids = array("q", accumulate(totals, initial=first))
        self._next_ids = self._first_ids[:-1]
        for kind, counts in self._next.items():
            total = sum(counts)
            if total:
                numbers = reserve_range(kind, total)
                self._next[kind] = array("q", accumulate(counts[:-1], initial=numbers.start))

    def begin(self, kind: DocumentKind, slot: int) -> PlannedDocument:
        """Give a document its id, number and time; the second pass. Documents are spread evenly over their slot."""
        numbers, ids = self._next[kind], self._next_ids
        number, document_id = numbers[slot], ids[slot]
        numbers[slot] += 1
        ids[slot] += 1
        first = self._first_ids[slot]
        at = self._time.moment(slot, document_id - first, self._first_ids[slot + 1] - first)
        return PlannedDocument(document_id, number_text(kind, number), at)


Progress = Callable[[str, int, int], None]
"""Callback with the current step, the amount done and the total."""

SEED = "serialdock"

_CACHE = 64 * 1024
"""SQLite page cache while loading, in KiB: index entries of many serials are inserted all over the indexes."""

_DOCUMENT_COLUMNS = (
    *("id", "kind", "number", "at", "user_id", "login_user_id", "from_location_id", "to_location_id"),
    *("customer_id", "serials", "note"),
)

_Told = tuple[tuple[Any, ...], tuple[Any, ...]]
"""Values for `ledger.EVENT_COLUMNS` without the serial's id, split before and after the serial number."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """Number of records loaded."""

    items: int
    locations: int
    customers: int
    users: int
    serials: int
    events: int
    documents: int


def load_demo(
    database: Any, serials: int = 5_000, *, seed: str = SEED, progress: Progress | None = None
) -> DemoSummary:
    """Fill a new database with the demo warehouse, all or nothing.

    The account of this process signs in first and becomes the administrator. The same seed on the same day gives the
    same warehouse; its history ends the day before.

    Args:
        database: opened and connected; it is migrated first.
        serials: exact number of serials.
        progress: called every few thousand serials; an error raised there rolls everything back.

    Raises:
        BadValue: a negative number.
        NotAllowed: the database is in use already.
    """
    if serials < 0:
        raise BadValue(f"The demo cannot have {serials} serials. Give 0 or more.", field="serials")
    migrate(database)
    owner = sign_in()
    with _large_cache():
        summary = write(owner, lambda unit: _Load(unit, serials, seed, progress).run())
    if is_sqlite():
        bound.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:  # without statistics the planner takes the tables for empty
        bound.execute_sql("ANALYZE items, stock, documents, serials, serial_events, serial_counts")
    return summary


@contextmanager
def _large_cache() -> Iterator[None]:
    if not is_sqlite():
        yield
        return
    usual = bound.execute_sql("PRAGMA cache_size").fetchone()[0]
    bound.execute_sql(f"PRAGMA cache_size = -{_CACHE}")
    try:
        yield
    finally:
        bound.execute_sql(f"PRAGMA cache_size = {usual}")


class _Load:
    """Loads the demo within one write unit."""

    def __init__(self, unit: Unit, serials: int, seed: str, progress: Progress | None) -> None:
        self._unit = unit
        self._serials = serials
        self._seed = seed
        self._progress = progress
        self._time = Workdays(clock.today())
        self._papers = PlannedDocuments(self._time)
        self._numbers = [_Numbers(seed, place) for place in range(len(ARTICLES))]
        self._block = ledger.Block()
        self._documents: list[tuple[Any, ...]] = []
        self._free_ids: list[int] = []
        self._events = 0

    def run(self) -> DemoSummary:
        """Generate the histories twice: to count the documents, then to write."""
        if Item.select().exists() or Location.select().count() > 1:
            raise NotAllowed("This database is in use. The demo needs a new one; name another file or database.")
        for receipt in self._receipts("Planning"):
            for steps in (receipt.steps, *(lot.steps for lot in receipt.lots)):
                for step in steps:
                    if step.kind in PAPERS:
                        self._papers.expect(PAPERS[step.kind], step.slot)
        self._papers.give_numbers()
        self._ground = make_ground(self._unit.actor, self._time.moment(0))
        for receipt in self._receipts("Loading"):
            self._receive(receipt)
        self._write()
        ledger.add_stocks(self._on_hand())
        return DemoSummary(
            items=len(ARTICLES),
            locations=len(self._ground.places),
            customers=len(self._ground.customers),
            users=User.select().count(),
            serials=self._serials,
            events=self._events,
            documents=self._papers.count,
        )

    def _receipts(self, what: str) -> Iterator[Receipt]:
        done = told = 0
        for receipt in receipts(self._seed, allot(self._serials), self._time):
            yield receipt
            done += receipt.units
            if self._progress and (done == self._serials or done >= told + bulk.BLOCK):
                told = done
                self._progress(what, done, self._serials)

    def _receive(self, receipt: Receipt) -> None:
        item, arrived = self._ground.items[receipt.article], receipt.steps[-1]
        texts = self._numbers[receipt.article].texts(receipt.units, self._time.week(receipt.steps[0].slot))
        units = zip(self._ids(receipt.units), texts, strict=True)
        shared = self._tell(item, None, receipt.steps, receipt.units, 1)
        for lot in receipt.lots:
            told = [*shared, *self._tell(item, arrived, lot.steps, lot.units, len(shared) + 1)]
            self._fill(item, lot.steps[-1] if lot.steps else arrived, told, lot.units, units)

    def _ids(self, count: int) -> list[int]:
        if len(self._free_ids) < count:
            self._write()  # on SQLite, ids may be reserved only after the earlier ones are inserted
            self._free_ids = bulk.reserve_ids("serials", bulk.BLOCK)
        ids, self._free_ids = self._free_ids[:count], self._free_ids[count:]
        return ids

    def _tell(
        self, item: int, before: LifeStep | None, steps: Sequence[LifeStep], units: int, first: int
    ) -> list[_Told]:
        """The common events of some units, numbered from `first`; creates their documents."""
        told: list[_Told] = []
        paper: PlannedDocument | None = None
        for number, step in enumerate(steps, first):
            who = self._who(step)
            document, at = None, None
            if kind := PAPERS.get(step.kind):
                paper = self._papers.begin(kind, step.slot)
                self._document(paper, kind, who, before, step, units)
                document, at = paper.id, paper.at
            elif step.kind == VERBS["arrive"].kind and paper:
                document = paper.id
            moment = moment_value(at or self._time.moment(step.slot, number, first + len(steps)))
            came = (None,) * 3 if before is None else self._state(before)
            went = self._state(step)
            moves = tuple(value for pair in zip(came, went, strict=True) for value in pair)
            fields = ledger.NOTHING_NOTED if before is None else before.fields
            changes = None if step.fields is fields else ledger.changes_text(fields, step.fields)
            told.append(((number, step.kind, moment, *who, document, item), (*moves, changes, step.note, None)))
            before = step
        return told

    def _fill(
        self, item: int, last: LifeStep, told: Sequence[_Told], count: int, units: Iterable[tuple[int, str]]
    ) -> None:
        """Add the next `count` units with these events and the state after the last one."""
        status, place, customer = self._state(last)
        state = (status, place, customer, *last.fields, len(told))
        for serial_id, text in islice(units, count):
            key = serial_key(text)
            self._block.serials.append((serial_id, item, text, key, sort_key(key), *state))
            for head, rest in told:
                self._block.events.append((serial_id, *head, text, *rest))
        self._events += len(told) * count
        ledger.count(self._unit, (item, place, status), count)

    def _state(self, step: LifeStep) -> tuple[int, int, int | None]:
        ground = self._ground
        customer = None if step.customer is None else ground.customers[step.customer]
        return ground.statuses[step.status], ground.places[step.place], customer

    def _who(self, step: LifeStep) -> tuple[int, int | None]:
        users = self._ground.users
        stands_in = step.kind in STANDS_IN and step.login != OWNER
        return users[step.login], users[OWNER] if stands_in else None

    def _document(
        self,
        paper: PlannedDocument,
        kind: DocumentKind,
        who: tuple[int, int | None],
        before: LifeStep | None,
        step: LifeStep,
        units: int,
    ) -> None:
        places = self._ground.places
        came = places[before.place] if before and kind in (DocumentKind.TRANSFER, DocumentKind.SALE) else None
        went = places[step.place] if kind is not DocumentKind.SALE else None
        buyer = step if kind is DocumentKind.SALE else before if kind is DocumentKind.RETURN else None
        customer = self._state(buyer)[2] if buyer else None
        head = (paper.id, str(kind), paper.number, moment_value(paper.at), *who)
        self._documents.append((*head, came, went, customer, units, step.note))

    def _write(self) -> None:
        bulk.insert("documents", _DOCUMENT_COLUMNS, self._documents)
        ledger.write_block(self._block)
        self._documents, self._block = [], ledger.Block()

    def _on_hand(self) -> Counter[tuple[int, ...]]:
        """Quantities by (item, location): serials on hand, and units without a serial."""
        counted = {row.id for row in Status.select().where(Status.on_hand)}
        stock: Counter[tuple[int, ...]] = Counter()
        for (item, place, status), serials in self._unit.counts.items():
            if status in counted:
                stock[item, place] += serials
        for article, item in zip(ARTICLES, self._ground.items, strict=True):
            away = article.spare // 4 if not article.style else 0
            stock[item, self._ground.places[article.home]] += article.spare - away
            stock[item, self._ground.places["MAIN-FRONT"]] += away
        return stock


class _Numbers:
    """The running number for an item's serial numbers."""

    def __init__(self, seed: str, place: int) -> None:
        article = ARTICLES[place]
        self._rng = Random(f"{seed}/{article.sku}/numbers")
        # All "sn" items start at the same number, as in reality: a serial number is unique only within its item.
        self._last = 0 if article.style == "sn" else self._rng.randrange(3_000, 60_000)
        self._style = STYLES.get(article.style, STYLES["sn"])

    def texts(self, count: int, week: str) -> list[str]:
        """Serial numbers of units received together: nearly consecutive."""
        draw, number, texts = self._rng.random, self._last + int(20 * self._rng.random()), []
        for _ in range(count):
            number += 1 if draw() < 0.92 else 2
            texts.append(self._style(number, week))
        self._last = number
        return texts

"""Load the demo: tell the lives of all units, block by block, and hand them to the ledger in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from models import clock, ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.demo.catalogue import ARTICLES, allot
from models.demo.ground import make_ground
from models.demo.lives import Receipt, Step, receipts
from models.demo.numbering import STYLES
from models.demo.papers import Paper, Papers
from models.demo.stories import OWNER, PAPERS, STANDS_IN
from models.demo.workdays import Workdays
from models.documents import Kind
from models.errors import BadValue, NotAllowed
from models.migrations import migrate
from models.people import sign_in
from models.schema import Item, Location, Status, User
from models.schema.base import bound, is_sqlite, moment_value
from models.text import serial_key, sort_key

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, how much there is."""

SEED = "serialdock"

_CACHE = 64 * 1024
"""KiB of SQLite's page cache while loading: the indexes of many serials are filled at many places at once."""

_DOCUMENT_COLUMNS = (
    *("id", "kind", "number", "at", "user_id", "login_user_id", "from_location_id", "to_location_id"),
    *("customer_id", "serials", "note"),
)

_Told = tuple[tuple[Any, ...], tuple[Any, ...]]
"""An event as `ledger.EVENT_COLUMNS` without its serial's id, before and after its serial's text."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """How much there is."""

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
    """Fill a new database with the demo warehouse, all of it or nothing.

    The account behind this process signs in first and so is the administrator. The same seed gives the same warehouse
    on the same day; its history ends the day before.

    Args:
        database: opened and connected; it is migrated first.
        serials: how many, exactly.
        progress: called for every few thousand serials; an error raised there takes everything back.

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
    else:  # until then the planner takes the tables for empty
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
    """One telling of the whole demo within a unit."""

    def __init__(self, unit: Unit, serials: int, seed: str, progress: Progress | None) -> None:
        self._unit = unit
        self._serials = serials
        self._seed = seed
        self._progress = progress
        self._time = Workdays(clock.today())
        self._papers = Papers(self._time)
        self._numbers = [_Numbers(seed, place) for place in range(len(ARTICLES))]
        self._block = ledger.Block()
        self._documents: list[tuple[Any, ...]] = []
        self._free_ids: list[int] = []
        self._events = 0

    def run(self) -> DemoSummary:
        """Tell it once for the numbers of the documents and once for the database."""
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
            self._write()  # what was reserved before is safe only when it is used
            self._free_ids = bulk.reserve_ids("serials", bulk.BLOCK)
        ids, self._free_ids = self._free_ids[:count], self._free_ids[count:]
        return ids

    def _tell(self, item: int, before: Step | None, steps: Sequence[Step], units: int, first: int) -> list[_Told]:
        """The events of units that share them, numbered from `first`; begins their documents."""
        told: list[_Told] = []
        paper: Paper | None = None
        for number, step in enumerate(steps, first):
            who = self._who(step)
            document, at = None, None
            if kind := PAPERS.get(step.kind):
                paper = self._papers.begin(kind, step.slot)
                self._document(paper, kind, who, before, step, units)
                document, at = paper.id, paper.at
            elif step.kind == "arrived" and paper:
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

    def _fill(self, item: int, last: Step, told: Sequence[_Told], count: int, units: Iterable[tuple[int, str]]) -> None:
        """Give the next `count` units these events and the state after the last one."""
        status, place, customer = self._state(last)
        state = (status, place, customer, *last.fields, len(told))
        for serial_id, text in islice(units, count):
            key = serial_key(text)
            self._block.serials.append((serial_id, item, text, key, sort_key(key), *state))
            for head, rest in told:
                self._block.events.append((serial_id, *head, text, *rest))
        self._events += len(told) * count
        ledger.count(self._unit, (item, place, status), count)

    def _state(self, step: Step) -> tuple[int, int, int | None]:
        ground = self._ground
        customer = None if step.customer is None else ground.customers[step.customer]
        return ground.statuses[step.status], ground.places[step.place], customer

    def _who(self, step: Step) -> tuple[int, int | None]:
        users = self._ground.users
        stands_in = step.kind in STANDS_IN and step.login != OWNER
        return users[step.login], users[OWNER] if stands_in else None

    def _document(
        self, paper: Paper, kind: Kind, who: tuple[int, int | None], before: Step | None, step: Step, units: int
    ) -> None:
        places = self._ground.places
        came = places[before.place] if before and kind in (Kind.TRANSFER, Kind.SALE) else None
        went = places[step.place] if kind is not Kind.SALE else None
        buyer = step if kind is Kind.SALE else before if kind is Kind.RETURN else None
        customer = self._state(buyer)[2] if buyer else None
        head = (paper.id, str(kind), paper.number, moment_value(paper.at), *who)
        self._documents.append((*head, came, went, customer, units, step.note))

    def _write(self) -> None:
        bulk.insert("documents", _DOCUMENT_COLUMNS, self._documents)
        ledger.write_block(self._block)
        self._documents, self._block = [], ledger.Block()

    def _on_hand(self) -> Counter[tuple[int, ...]]:
        """Units by (item, location): those with a serial that count there, and the spare ones."""
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
    """The running number of an item's maker."""

    def __init__(self, seed: str, place: int) -> None:
        article = ARTICLES[place]
        self._rng = Random(f"{seed}/{article.sku}/numbers")
        # Two makers begin at the same number, as happens: a serial is unique within its item only.
        self._last = 0 if article.style == "sn" else self._rng.randrange(3_000, 60_000)
        self._style = STYLES.get(article.style, STYLES["sn"])

    def texts(self, count: int, week: str) -> list[str]:
        """The serial numbers of units that came together: nearly in a row."""
        draw, number, texts = self._rng.random, self._last + int(20 * self._rng.random()), []
        for _ in range(count):
            number += 1 if draw() < 0.92 else 2
            texts.append(self._style(number, week))
        self._last = number
        return texts

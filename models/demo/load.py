"""Loading the demo into a new database: its past is played by the verbs of the app, with a clock of its own.

Nothing here writes serials, events, documents or quantities: units come by imports, receipts or by hand, and each step
of a story is the operation that a person would call, with that person's permissions.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Final

from models import clock
from models.database.bulk import large_page_cache
from models.database.unit import together, write
from models.demo.arrivals import (
    SUPPLIER,
    Arrived,
    Cells,
    Delivery,
    Numbers,
    deliveries,
    import_rows,
    in_stock,
    rows_before,
    shares_of,
)
from models.demo.catalogue import ARTICLES, CUSTOMERS, SMALL, allot
from models.demo.lives import (
    CONDITIONS,
    DAY,
    DISPATCHED_TO,
    FIXED_STORIES,
    NEARBY,
    NOTES,
    ON_BEHALF,
    REPAIRERS,
    SHOPS,
    USERS_AT,
    USERS_OF,
    VOIDS,
    Story,
    StoryStep,
    Workdays,
    lot_of,
    read_steps,
    stories,
)
from models.demo.seed_rows import SeedRows, make_seed_rows
from models.errors import BadValue, NotAllowed
from models.importing import staging
from models.migrations import migrate
from models.people import sign_in
from models.permissions import Actor
from models.schema import Customer, Document, Item, Location, Serial, SerialEvent, User, bound, is_sqlite
from models.serials.add import add_serials
from models.serials.corrections import change_item, change_warranty, correct, remove
from models.serials.moves import Answers, move
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.record import add_note, set_condition_notes
from models.serials.void import void_document, void_last
from models.text import serial_key
from models.verbs import MOVES, StatusCode

Progress = Callable[[str, int, int], None]
"""Callback with the name of the work, the serials done and their total."""

SEED = "serialdock"

_ADDED: Final = 4
"""Items of which one unit is added by hand."""

_RECEIPT: Final = 70
"""About how many units a delivery has, among 5,000 serials."""


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
        progress: called from time to time; an error raised there rolls everything back.

    Raises:
        BadValue: a negative number.
        NotAllowed: the database is in use already.
    """
    if serials < 0:
        raise BadValue(f"The demo cannot have {serials} serials. Give 0 or more.", field="serials")
    migrate(database)
    time = Workdays(clock.today())
    owner = sign_in()
    staging.begin()  # SQLite chooses only outside a transaction where temporary tables are kept
    staging.end()
    with large_page_cache():
        summary = write(owner, lambda _: _Past(owner, serials, seed, time, progress).play())
    if is_sqlite():
        bound.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    else:  # without statistics the planner takes the tables for empty
        bound.execute_sql("ANALYZE items, stock, documents, serials, serial_events, serial_counts")
    return summary


@dataclass(slots=True)
class _Lot:
    """Units that have a story together."""

    ids: list[int]
    place: str
    home: str
    """The location where they were in stock."""
    steps: Sequence[StoryStep]
    status: str = StatusCode.IN_STOCK
    earlier: str = StatusCode.IN_STOCK
    """The status before the last step."""
    document: str = ""
    """Number of the last document."""
    by: Actor | None = None
    """The user of the last step."""
    is_fixed: bool = False
    """Whether it stays out of the stock afterwards, because exactly so many of its item are on hand."""


class _Past:
    """Plays the past of the warehouse, within one unit."""

    def __init__(self, owner: Actor, serials: int, seed: str, time: Workdays, progress: Progress | None) -> None:
        self._owner, self._serials, self._time, self._progress = owner, serials, time, progress
        self._rng = Random(seed)
        self._numbers = [Numbers(seed, place) for place in range(len(ARTICLES))]
        self._units = allot(serials)
        self._plan: list[tuple[int, int, Callable[[int], None]]] = []
        self._planned = 0
        self._stock: list[Arrived] = []
        self._records: SeedRows = SeedRows((), {}, {})
        self._last = time.moment(0)

    def play(self) -> DemoSummary:
        """Plan the imports, deliveries and stories, then do everything in the order of time."""
        if Item.select().exists() or Location.select().count() > 1:
            raise NotAllowed("This database is in use. The demo needs a new one; name another file or database.")
        with together():  # each verb writes as a unit; here all of them are parts of one
            with clock.set_to(self._time.moment(0)):
                self._records = make_seed_rows(self._owner)
            self._plan_arrivals()
            self._plan_stories()
            reported = 0
            while self._plan:
                slot, _, act = heapq.heappop(self._plan)
                # Within its slot, and later than the one before: the history is read in the order of its times.
                jitter = timedelta(seconds=300 * self._rng.random())
                self._last = max(self._time.moment(slot) + jitter, self._last + timedelta(seconds=5))
                with clock.set_to(self._last):
                    act(slot)
                reported = self._report(reported, slot)
            if self._progress and self._serials:
                self._progress("Loading", self._serials, self._serials)
        return DemoSummary(
            items=len(ARTICLES),
            locations=len(self._records.places),
            customers=Customer.select().count(),
            users=User.select().count(),
            serials=self._serials,
            events=SerialEvent.select().count(),
            documents=Document.select().count(),
        )

    def _report(self, reported: int, slot: int) -> int:
        """Report the progress of each twentieth."""
        part = 20 * slot // self._time.slots
        if self._progress and part > reported and (done := self._serials * part // 20):
            self._progress("Loading", done, self._serials)
        return max(part, reported)

    def _schedule(self, slot: int, act: Callable[[int], None]) -> None:
        """Plan an act; those of a slot are done in the order in which they were planned."""
        self._planned += 1
        heapq.heappush(self._plan, (min(slot, self._time.slots - 1), self._planned, act))

    def _pick(self, values: Sequence[str]) -> str:
        return values[int(self._rng.random() * len(values))]

    # ----- units that come

    def _plan_arrivals(self) -> None:
        shares = [shares_of(number, units) for number, units in enumerate(self._units)]
        rng, slots = self._rng, self._time.slots
        before = list(rows_before(rng, self._numbers, [share.before for share in shares], self._time.days[0]))
        self._schedule(0, partial(self._import, "stock until now", before))
        (name, place), slot = SUPPLIER, slots // 3
        day = self._time.days[slot // DAY]
        listed: list[Cells] = [
            (text, article.sku, place, StatusCode.IN_STOCK, "", "", "", day.isoformat(), "")
            for article, own, share in zip(ARTICLES, self._numbers, shares, strict=True)
            for text in own.texts(share.listed, day)
        ]
        self._schedule(slot, partial(self._import, name, listed))
        left = [share.delivered for share in shares]
        for number, article in enumerate(ARTICLES):
            if article.on_hand is not None and left[number]:
                delivery = Delivery(slots // 2, article.home, [(number, left[number])])
                left[number] = 0
                self._schedule(delivery.slot, partial(self._receive, delivery, True))
        # Units that are there without a serial get one: adding by hand changes no quantity.
        by_hand = [number for number, units in enumerate(left) if units > 1 and ARTICLES[number].spare]
        for number in sorted(rng.sample(by_hand, min(_ADDED, len(by_hand)))):
            left[number] -= 1
            self._schedule(int(slots * rng.random()), partial(self._add, number))
        each = round(_RECEIPT * max(1.0, self._serials / SMALL) ** 0.7)
        for delivery in deliveries(rng, left, slots, each):
            self._schedule(delivery.slot, partial(self._receive, delivery, False))

    def _import(self, name: str, rows: Sequence[Cells], _: int) -> None:
        if rows:
            self._stock += import_rows(self._owner, name, rows)

    def _add(self, number: int, _: int) -> None:
        article = ARTICLES[number]
        texts = self._numbers[number].texts(1, clock.today())
        actor = self._records.people[self._pick(USERS_OF["add"])]
        notes = self._pick(CONDITIONS)
        added = add_serials(actor, self._records.items[number], texts, location=article.home, notes=notes)
        self._stock.append(Arrived(added.serial_ids, added.location))

    def _receive(self, delivery: Delivery, is_fixed: bool, slot: int) -> None:
        records, to_dock = self._records, not is_fixed and self._rng.random() < 0.2
        place = "MAIN-DOCK" if to_dock else delivery.home
        lines = [
            ReceiptLine(records.items[number], text, serial_key(text), records.places[place])
            for number, units in delivery.units
            for text in self._numbers[number].texts(units, clock.today())
        ]
        actor = records.people[self._pick(USERS_OF["receive"])]
        received = receive_serials(actor, lines, note=self._pick(NOTES["receive"]))
        for ids, at in in_stock(received.document_id):
            if is_fixed:
                self._plan_fixed(ids, at, slot)
            elif to_dock:
                lot = _Lot(ids, at, delivery.home, read_steps("transfer:home"))
                self._schedule(slot + 1 + self._rng.randrange(DAY // 2), partial(self._step, lot, 0))
            else:
                self._stock.append(Arrived(ids, at))

    # ----- stories

    def _plan_fixed(self, ids: Sequence[int], place: str, slot: int) -> None:
        """Plan the stories of an item of which exactly so many are on hand."""
        for text, units in FIXED_STORIES:
            lot, ids = _Lot(list(ids[:units]), place, place, read_steps(text), is_fixed=True), ids[units:]
            if lot.steps and lot.ids:
                self._schedule(slot + DAY + self._rng.randrange(20 * DAY), partial(self._step, lot, 0))

    def _plan_stories(self) -> None:
        """Plan the first step of each story, so that the last one comes when it should."""
        rng, slots = self._rng, self._time.slots
        for story in stories(self._serials):
            total = sum(self._time.delay(step.verb, rng) for step in story.steps[1:])
            latest = slots - 1 - min(2 * total, slots // 2)
            if story.recent is None:
                slot = DAY + int((latest - DAY) * rng.random() ** 0.7)
            else:
                slot = max(DAY, latest - int(story.recent * DAY * rng.random()))
            self._schedule(slot, partial(self._begin, story))

    def _begin(self, story: Story, slot: int) -> None:
        """Take units from the stock; without any there is no story."""
        if not self._stock:
            return
        wanted = lot_of(story, self._serials, self._rng)
        enough = [place for place, arrived in enumerate(self._stock) if len(arrived.ids) >= wanted]
        place = self._rng.choice(enough or range(len(self._stock)))
        chosen = self._stock[place]
        ids, chosen.ids[:] = chosen.ids[:wanted], chosen.ids[wanted:]
        if not chosen.ids:
            self._stock.pop(place)
        self._step(_Lot(ids, chosen.place, chosen.place, story.steps), 0, slot)

    def _step(self, lot: _Lot, number: int, slot: int) -> None:
        """Do one step of a story, and plan the next."""
        step, rng = lot.steps[number], self._rng
        lot.by = self._who(step.verb, lot)
        if step.verb in MOVES:
            if not self._move(lot, step):
                return
        else:
            self._other(lot, step)
        if number + 1 < len(lot.steps):
            delay = self._time.delay(lot.steps[number + 1].verb, rng)
            self._schedule(min(slot + delay, (slot + self._time.slots) // 2), partial(self._step, lot, number + 1))
        elif lot.status == StatusCode.IN_STOCK and lot.ids and not lot.is_fixed:
            was_sold = any(done.verb == "sell" for done in lot.steps)
            if not was_sold:  # what was sold once can be neither removed nor moved to another item
                self._stock.append(Arrived(lot.ids, lot.place))

    def _who(self, verb: str, lot: _Lot) -> Actor:
        if verb == "undo":
            assert lot.by is not None
            return lot.by
        people, site = self._records.people, lot.place.partition("-")[0]  # of NORTH-A-01 the site is NORTH
        actor = people[self._pick(USERS_AT.get((verb, site)) or USERS_OF[verb])]
        if verb not in ON_BEHALF:
            return actor
        return Actor(actor.user_id, actor.login, self._owner.user_id, self._owner.login)

    def _move(self, lot: _Lot, step: StoryStep) -> bool:
        """Carry out a move; False if the story ends before it."""
        verb, ids, answers = MOVES[step.verb], lot.ids, self._answers(lot, step)
        if step.how == "short":
            ids = ids[len(ids) // 4 + 1 :]
            if not ids:
                return False
        assert lot.by is not None
        moved = move(lot.by, verb, ids, answers)
        lot.ids, lot.document, lot.place = list(ids), moved.document or "", answers.place or lot.place
        if verb.code == "arrive":
            after: str = lot.earlier
        elif answers.result or answers.status:
            after = answers.result or answers.status
        else:
            after = lot.status if verb.after is None else next(iter(verb.after.codes))
        lot.earlier, lot.status = lot.status, after
        return True

    def _answers(self, lot: _Lot, step: StoryStep) -> Answers:
        """The answers to the questions of a verb."""
        buys = step.verb in ("reserve", "sell") and lot.status != StatusCode.RESERVED
        return Answers(
            place=self._place(lot, step),
            customer=self._customer() if buys else "",
            reference=f"PO {self._rng.randrange(4_000, 9_999)}" if buys else "",
            transfer=lot.document if step.verb == "arrive" else "",
            repairer=self._pick(REPAIRERS) if step.verb == "repair" else "",
            result=step.how if step.verb == "repaired" else "",
            status=step.how if step.verb == "change-status" else "",
            note=self._pick(NOTES[step.verb]),
        )

    def _place(self, lot: _Lot, step: StoryStep) -> str:
        match step.verb:
            case "transfer":
                return self._near(lot, step.how)
            case "dispatch":
                return self._pick([code for code in DISPATCHED_TO if code != lot.place])
            case "return":
                return self._pick(SHOPS)
            case "restock" | "found":
                return lot.home
            case "repaired" if step.how != StatusCode.SOLD:
                return lot.home
        return ""

    def _customer(self) -> str:
        return CUSTOMERS[int(len(CUSTOMERS) * self._rng.random() ** 2)]

    def _near(self, lot: _Lot, how: str) -> str:
        site = lot.place.partition("-")[0]
        if how == "home":
            return lot.home
        if how == "front":
            place = self._pick(SHOPS)
        elif how == "qc":
            place = "NORTH-QC" if site == "NORTH" else "MAIN-QC"
        elif site in NEARBY:
            place = self._pick(NEARBY[site])
        else:
            place = f"{lot.place[:-1]}{self._pick('1234')}" if lot.place[-1].isdigit() else "MAIN-FRONT"
        if place == lot.place:
            place = "CITY-FRONT" if place == "MAIN-FRONT" else "MAIN-FRONT"
        return place

    def _other(self, lot: _Lot, step: StoryStep) -> None:
        """Carry out a verb that is no move."""
        assert lot.by is not None
        actor, ids, note = lot.by, lot.ids, self._pick(NOTES.get(step.verb, ("",)))
        match step.verb:
            case "undo":
                void_document(actor, lot.document, note)
                lot.status = lot.earlier
            case "void":
                void_last(actor, ids, note)
                lot.status = lot.earlier
            case "remove":
                remove(actor, ids, note)
                lot.status = StatusCode.REMOVED
            case "correct":
                correct(actor, ids[0], f"{Serial.get_by_id(ids[0]).serial_number}A", note=note)
            case "change-item":
                change_item(actor, ids, self._other_item(ids[0]), note=note)
            case "note":
                add_note(actor, ids[0], note)
            case "note-condition":
                set_condition_notes(actor, ids[0], self._pick(CONDITIONS))
            case "warranty" if step.how == "void":
                change_warranty(actor, ids, void=self._pick(VOIDS))
            case "warranty":
                change_warranty(actor, ids, to=step.how)

    def _other_item(self, serial_id: int) -> str:
        """An item whose serials look different, so that it has none with this text."""
        own = ARTICLES[self._records.items.index(Serial.get_by_id(serial_id).item_id)]
        others = [article for article in ARTICLES if article.style not in ("", own.style) and article.on_hand is None]
        return next((article for article in others if article.home == own.home), others[0]).sku

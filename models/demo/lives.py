"""The lives of demo serials: which events, on which days, with which stories."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import ClassVar, Final, NamedTuple

from models.demo.catalogue import ARTICLES, CUSTOMERS, Article
from models.verbs import BY_KIND, ON_HAND, VERBS, DocumentKind, StatusCode, Verb


@dataclass(frozen=True, slots=True)
class Fate:
    """A status that units end in."""

    young: float
    """How many of a hundred units that came lately end so."""
    old: float
    """How many of a hundred that came at the beginning."""
    recent: float | None
    """The last event is at most so many days old; None leaves it open."""
    lot: int
    """Most units that share a fate, so that they stand on one paper."""
    ways: Mapping[str, int]
    """Event kinds that lead there → how often; a place after a colon says where to."""


FATES: Mapping[StatusCode, Fate] = {
    StatusCode.IN_STOCK: Fate(
        *(60.0, 5.0, None, 12),
        {
            "": 46,
            "transferred": 16,
            "dispatched arrived": 7,
            "reserved released": 4,
            "sold returned restocked": 6,
            "sold returned marked_defective sent_to_repair restocked": 3,
            "marked_defective sent_to_repair restocked transferred": 4,
            "dispatched arrived transferred": 3,
            "transferred transferred": 2,
        },
    ),
    StatusCode.RESERVED: Fate(6.0, 0.6, 20.0, 4, {"reserved": 10, "transferred:front reserved": 4}),
    StatusCode.SOLD: Fate(
        *(24.0, 86.0, None, 8),
        {
            "sold": 40,
            "transferred:front sold": 24,
            "reserved sold": 14,
            "dispatched arrived sold": 6,
            "sold returned restocked sold": 4,
            "marked_defective sent_to_repair restocked sold": 2,
            "sold warranty_set": 1,
        },
    ),
    StatusCode.RETURNED: Fate(2.5, 0.5, 30.0, 1, {"sold returned": 10, "transferred:front sold returned": 5}),
    StatusCode.DEFECTIVE: Fate(
        *(2.5, 0.7, 150.0, 2),
        {
            "marked_defective": 6,
            "marked_defective transferred:qc": 6,
            "sold returned marked_defective transferred:qc": 4,
        },
    ),
    StatusCode.IN_REPAIR: Fate(
        *(2.0, 0.5, 60.0, 1),
        {"marked_defective sent_to_repair": 6, "sold returned sent_to_repair": 5, "sent_to_repair condition_noted": 1},
    ),
    StatusCode.IN_TRANSIT: Fate(2.0, 0.3, 9.0, 10, {"dispatched": 10, "transferred dispatched": 2}),
    StatusCode.LOST: Fate(
        0.5, 2.6, None, 1, {"marked_lost": 6, "transferred marked_lost": 3, "dispatched marked_lost": 1}
    ),
    StatusCode.SCRAPPED: Fate(
        *(0.5, 3.8, None, 2),
        {
            "marked_defective scrapped": 6,
            "sold returned scrapped": 3,
            "marked_defective sent_to_repair scrapped": 3,
            "marked_lost scrapped": 1,
        },
    ),
}

AGES = 12
"""Steps between young and old in which fates are weighed."""


def fates_by_age(chosen: Sequence[StatusCode], *, evened: float = 1.0) -> list[list[float]]:
    """Cumulative weights of the chosen fates, for each step of age from young to old.

    Args:
        evened: the power that the weights are raised to; below 1 rare fates come more often.
    """
    return [
        list(accumulate(_weight(FATES[status], age / (AGES - 1)) ** evened for status in chosen)) for age in range(AGES)
    ]


def _weight(fate: Fate, age: float) -> float:
    return fate.young + (fate.old - fate.young) * age


ALL = tuple(FATES)
HERE = tuple(status for status in FATES if status in ON_HAND)
GONE = tuple(status for status in FATES if status not in ON_HAND)

DAYS: Mapping[str, float] = {
    "transferred": 6,
    "dispatched": 10,
    "arrived": 2.5,
    "reserved": 20,
    "released": 6,
    "sold": 34,
    "returned": 16,
    "restocked": 2,
    "marked_defective": 14,
    "sent_to_repair": 2,
    "marked_lost": 80,
    "scrapped": 20,
    "condition_noted": 3,
    "noted": 3,
    "warranty_set": 60,
}
"""How long after the event before it each kind comes, on average."""

PAPERS: Mapping[str, DocumentKind] = {verb.kind: verb.document for verb in VERBS.values() if verb.document is not None}
"""The document that an event of a kind opens; an arrival stands on that of its dispatch."""

OWNER = ""
"""In a list of logins: whoever made the demo."""

HANDS: Mapping[str, tuple[str, ...]] = {
    "received": ("dock1", "dock2"),
    "added": ("dock2",),
    "transferred": ("dock1", "dock2", "front2"),
    "dispatched": ("dock1", "dock2"),
    "arrived": ("north1",),
    "reserved": ("front1", "front2"),
    "released": ("front1", "front2"),
    "sold": ("front1", "front2"),
    "returned": ("front1", "front2"),
    "restocked": ("dock1", "north1"),
    "marked_defective": ("dock2", "north1"),
    "sent_to_repair": ("bench1",),
    "marked_lost": ("dock2", OWNER),
    "scrapped": ("bench1", OWNER),
    "condition_noted": ("dock1", "bench1"),
    "noted": ("dock1", "north1"),
    "warranty_set": ("bench1", OWNER),
}
"""Who does what, by login."""

HANDS_AT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("arrived", "CITY"): ("city1",),
    ("sold", "CITY"): ("city1",),
    ("returned", "CITY"): ("city1",),
    ("transferred", "NORTH"): ("north1",),
}
"""Who does it at a site, where that is somebody else."""

STANDS_IN = frozenset({"marked_lost", "warranty_set"})
"""Kinds that the owner does in the name of another, so that events with two names occur."""

NOTES: Mapping[str, tuple[str, ...]] = {
    "transferred": ("", "", "", "window", "shelf full", "for the weekend"),
    "dispatched": ("", "", "with the Tuesday van", "pallet 2"),
    "arrived": ("", "", "", "checked"),
    "reserved": ("deposit paid", "pick-up on Friday", "for a quotation", "phone order"),
    "released": ("not picked up", "order cancelled", "quotation expired"),
    "sold": ("", "", "", "", "cash sale", "delivered by our van"),
    "returned": ("does not start", "ordered twice", "wrong model", "no reason given", "battery does not charge"),
    "restocked": ("tested, as new", "cleaned and tested", "repaired and tested", "box unopened"),
    "marked_defective": (
        "does not switch on",
        "housing cracked",
        "noisy bearing",
        "display has a stripe",
        "leaks at the hose",
        "fails the safety test",
    ),
    "sent_to_repair": ("", "main board ordered", "waiting for parts", "sent to the bench with its charger"),
    "marked_lost": ("not found at the count", "missing from the pallet", "box was empty"),
    "scrapped": ("not worth a repair", "water damage", "used for parts"),
    "noted": ("customer asked for this one", "checked by phone", "photo taken for the website"),
    "warranty_set": ("seen on the bench",),
}
"""What is written into the history."""

CONDITIONS = (
    "box opened for photo",
    "box dented, unit fine",
    "scratch on the lid",
    "charger missing",
    "demo unit",
    "manual in another language",
    "without its box",
    "label reprinted",
)
"""What is written onto a unit."""

VOIDS = ("opened by the customer", "dropped", "seal broken")
"""Why a warranty is void."""


YEARS = 2.5
"""How far back the demo begins."""

DAY = 132
"""Slots of a working day, 07:00 to 18:00."""

_SLOT = 300
"""Seconds of a slot."""

_SUNDAY = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Workdays:
    """The working days before today, Sundays left out; slots are numbered from the first on.

    Args:
        today: the present date where the program runs.
    """

    def __init__(self, today: date) -> None:
        first = today - timedelta(days=round(YEARS * 365.25))
        days = [first + timedelta(days=number) for number in range((today - first).days)]
        self.days = [day for day in days if day.weekday() != _SUNDAY]
        self.slots = len(self.days) * DAY
        """How many there are; the last one ends before today."""
        opens = (datetime(day.year, day.month, day.day, 7).astimezone() for day in self.days)
        self._opens = array("q", (int(moment.timestamp()) for moment in opens))
        self._texts = [day.isoformat() for day in self.days]
        self._weeks = [f"{day.isocalendar().year % 10}{day.isocalendar().week:02d}" for day in self.days]

    def moment(self, slot: int, part: int = 0, parts: int = 1) -> datetime:
        """The moment in UTC at which the given part of a slot begins."""
        day, slot_of_day = divmod(slot, DAY)
        seconds = self._opens[day] + slot_of_day * _SLOT
        return _EPOCH + timedelta(seconds=seconds, microseconds=_SLOT * 1_000_000 * part // parts)

    def text(self, slot: int) -> str:
        """The date of a slot, ISO."""
        return self._texts[slot // DAY]

    def week(self, slot: int) -> str:
        """The last digit of the year and the two of the ISO week, as makers print them."""
        return self._weeks[slot // DAY]

    def warranty(self, slot: int, years: int) -> tuple[str, str]:
        """First and last day of a warranty that begins in a slot, ISO."""
        day = self.days[slot // DAY]
        # A warranty from 29 February counts as one from the 28th.
        last = date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day) - timedelta(days=1)
        return self._texts[slot // DAY], last.isoformat()


MOST_RECEIVED = 40
"""Units of one receipt."""

SHOPS = ("MAIN-FRONT", "MAIN-FRONT", "CITY-FRONT")
FAR = ("NORTH-DOCK", "NORTH-A-01", "NORTH-A-02", "NORTH-A-03", "CITY-BACK", "NORTH")
"""Where dispatched units go."""

NEARBY: Mapping[str, tuple[str, ...]] = {
    "NORTH": ("NORTH-A-01", "NORTH-A-02", "NORTH-A-03"),
    "CITY": ("CITY-FRONT", "CITY-BACK"),
}
"""Where units are put within a site; in MAIN also elsewhere in the item's aisle."""

Fields = tuple[str, str | None, str | None, str | None, str]
"""The columns `ledger.NOTED`, dates in ISO form."""


class LifeStep(NamedTuple):
    """An event of one or more units, with how it leaves them."""

    slot: int
    """When, see `Workdays`."""
    kind: str
    login: str
    status: str
    place: str
    customer: int | None
    """Its number in `CUSTOMERS`."""
    fields: Fields
    note: str


class Lot(NamedTuple):
    """Units of a receipt that share everything that happened to them."""

    units: int
    steps: list[LifeStep]
    """After those of the receipt."""


class Receipt(NamedTuple):
    """Units of one item that came together."""

    article: int
    """Its number in `ARTICLES`."""
    units: int
    steps: list[LifeStep]
    """What happened to all of them before they went apart; the first makes them."""
    lots: list[Lot]


def receipts(seed: str, numbers: Sequence[int], time: Workdays) -> Iterator[Receipt]:
    """All receipts in the order of time; the same arguments give the same ones.

    Args:
        numbers: how many units of each of `ARTICLES` there are.
    """
    streams = [_of_article(seed, number, time, units) for number, units in enumerate(numbers) if units]
    return heapq.merge(*streams, key=lambda receipt: receipt.steps[0].slot)


def _of_article(seed: str, number: int, time: Workdays, units: int) -> Iterator[Receipt]:
    article = ARTICLES[number]
    rng = Random(f"{seed}/{article.sku}")
    sizes = _sizes(rng, units)
    first = int(time.slots * rng.random() * (0.1 if rng.random() < 0.7 else 0.6))
    last = time.slots - DAY
    fates = _Fates(rng, article, units, time)
    for place, size in enumerate(sizes):
        # More and more comes in: the power bends an even sequence towards today.
        slot = first + int((last - first) * ((place + rng.random()) / len(sizes)) ** 0.6)
        steps = _arrival(rng, article, time, slot, size)
        lots = [Lot(part, _life(rng, article, time, steps[-1], status)) for status, part in fates.lots(slot, size)]
        yield Receipt(number, size, steps, lots)


def _sizes(rng: Random, units: int) -> list[int]:
    most, bend = min(MOST_RECEIVED, 2 + units // 6), 2.0 if units < 500 else 0.7
    sizes: list[int] = []
    while units:
        size = min(units, 1 + int(most * rng.random() ** bend))
        sizes.append(size)
        units -= size
    return sizes


class _Fates:
    """What becomes of an item's units, the older the more of them sold."""

    by_age: ClassVar[dict[tuple[StatusCode, ...], list[list[float]]]] = {
        ALL: fates_by_age(ALL),
        # Where there are few units, the rare fates shall be seen too.
        HERE: fates_by_age(HERE, evened=0.5),
        GONE: fates_by_age(GONE, evened=0.5),
    }

    def __init__(self, rng: Random, article: Article, units: int, time: Workdays) -> None:
        self._rng = rng
        self._here = article.on_hand
        self._units = units
        self._slots = time.slots
        self._made = 0

    def lots(self, slot: int, size: int) -> Iterator[tuple[StatusCode, int]]:
        """The fates of a receipt's units, each with how many share it."""
        rng = self._rng
        age = min(AGES - 1, int((1 - slot / self._slots) * AGES))
        left = size
        while left:
            chosen = self._chosen()
            status = rng.choices(chosen, cum_weights=self.by_age[chosen][age])[0]
            most = 1 if self._here is not None else FATES[status].lot
            units = min(left, 1 + int(most * rng.random() ** 2))
            self._made += units
            left -= units
            yield status, units

    def _chosen(self) -> tuple[StatusCode, ...]:
        if self._here is None:
            return ALL
        # Those on hand stand evenly among the others.
        here = min(self._here, self._units)
        return HERE if (self._made + 1) * here // self._units > self._made * here // self._units else GONE


def _arrival(rng: Random, article: Article, time: Workdays, slot: int, units: int) -> list[LifeStep]:
    """A receipt at the item's home, or at a dock and then put away; now and then units are added by hand."""
    chance = rng.random()
    condition = rng.choice(CONDITIONS) if units < 3 and rng.random() < 0.15 else ""
    fields = (condition, None, None, None, time.text(slot))
    kind = "added" if chance > 0.97 else "received"
    login = rng.choice(HANDS[kind])
    place = "MAIN-DOCK" if chance < 0.25 else article.home
    steps = [LifeStep(slot, kind, login, StatusCode.IN_STOCK, place, None, fields, "")]
    if place != article.home:
        put_away = slot + 1 + int(rng.random() * DAY / 2)
        steps.append(
            LifeStep(put_away, "transferred", login, StatusCode.IN_STOCK, article.home, None, fields, "put away")
        )
    return steps


def _life(rng: Random, article: Article, time: Workdays, start: LifeStep, status: StatusCode) -> list[LifeStep]:
    """What happens to units after their arrival until they are in `status`."""
    fate = FATES[status]
    names = rng.choices(WAYS[status].kinds, cum_weights=WAYS[status].weights)[0]
    if rng.random() < 0.04:
        names = (*names, ("condition_noted" if rng.random() < 0.7 else "noted", ""))
    if not names:
        return []
    life = _Life(rng, article, time, start)
    slots = _slots(rng, start.slot, time.slots, [kind for kind, _ in names], fate.recent)
    return [life.step(slot, kind, where) for slot, (kind, where) in zip(slots, names, strict=True)]


def _slots(rng: Random, start: int, end: int, kinds: Sequence[str], recent: float | None) -> list[int]:
    """When each of some events is, after `start` and before `end`; squeezed where there is little time."""
    delays = [1 + int(DAYS[kind] * DAY * (0.2 + 1.6 * rng.random())) for kind in kinds]
    total, room = sum(delays), end - start - 1
    if total > room:
        spare = room - len(delays)
        delays = [1 + delay * spare // total for delay in delays]
    elif recent is not None:
        delays[0] += max(0, room - total - int(recent * DAY * rng.random()))
    return [start + passed for passed in accumulate(delays)]


class _Ways(NamedTuple):
    kinds: list[tuple[tuple[str, str], ...]]
    """Event kinds, each with where to."""
    weights: list[int]
    """Cumulative."""


def _read_ways(ways: Mapping[str, int]) -> _Ways:
    def read(name: str) -> tuple[str, str]:
        kind, _, where = name.partition(":")
        return kind, where

    kinds = [tuple(read(name) for name in way.split()) for way in ways]
    return _Ways(kinds, list(accumulate(ways.values())))


WAYS: Final[Mapping[StatusCode, _Ways]] = {status: _read_ways(fate.ways) for status, fate in FATES.items()}


class _Life:
    """Units as they stand, and what each kind of event does to them."""

    def __init__(self, rng: Random, article: Article, time: Workdays, start: LifeStep) -> None:
        self.rng = rng
        self.article = article
        self.time = time
        self.status: str = start.status
        self.place = start.place
        self.customer = start.customer
        self.fields = start.fields
        self.note = ""
        self._earlier = self.status
        """The status before the last move that changed it."""

    def step(self, slot: int, kind: str, where: str) -> LifeStep:
        """Let an event happen."""
        texts = NOTES.get(kind)
        self.note = self._one(texts) if texts else ""
        if act := _ACTS.get(kind):
            act(self, slot, where)
        self._change_status(BY_KIND[kind])
        login = self._one(HANDS_AT.get((kind, self.place.partition("-")[0])) or HANDS[kind])
        return LifeStep(slot, kind, login, self.status, self.place, self.customer, self.fields, self.note)

    def _change_status(self, verb: Verb) -> None:
        if verb.after is None:
            return
        if verb.after.codes:
            (after,) = verb.after.codes
        else:
            after = StatusCode(self._earlier)
        self._earlier, self.status = self.status, after

    def _one(self, values: Sequence[str]) -> str:
        return values[int(self.rng.random() * len(values))]

    def transferred(self, _: int, where: str) -> None:
        site = self.place.partition("-")[0]
        if where == "front":
            place = self._one(SHOPS)
        elif where == "qc":
            place = "NORTH-QC" if site == "NORTH" else "MAIN-QC"
        elif site in NEARBY:
            place = self._one(NEARBY[site])
        else:
            place = self._one(("MAIN-FRONT", self.article.home[:-1] + self._one("1234")))
        if place == self.place:
            place = "CITY-FRONT" if place == "MAIN-FRONT" else "MAIN-FRONT"
        self.place = place

    def dispatched(self, _: int, __: str) -> None:
        self.place = self._one(FAR)

    def restocked(self, _: int, __: str) -> None:
        self.place = self.article.home

    def sold(self, slot: int, _: str) -> None:
        self.customer = int(len(CUSTOMERS) * self.rng.random() ** 2)
        if self.article.warranty and self.rng.random() < 0.94:
            self._give_warranty(slot)

    def returned(self, _: int, __: str) -> None:
        self.customer = None
        self.place = self._one(SHOPS)

    def marked_defective(self, _: int, __: str) -> None:
        self._note_condition(self.note)

    def sent_to_repair(self, _: int, __: str) -> None:
        self.place = "MAIN-REPAIR"

    def condition_noted(self, _: int, __: str) -> None:
        self._note_condition(self._one(CONDITIONS))

    def warranty_set(self, slot: int, _: str) -> None:
        """Void it, or give one where there is none."""
        notes, start, end, _void, received = self.fields
        if end is None:
            self._give_warranty(slot)
        else:
            self.fields = (notes, start, end, self._one(VOIDS), received)

    def _give_warranty(self, slot: int) -> None:
        start, end = self.time.warranty(slot, self.article.warranty)
        self.fields = (self.fields[0], start, end, None, self.fields[4])

    def _note_condition(self, text: str) -> None:
        self.fields = (text, *self.fields[1:])


_ACTS: Final[Mapping[str, Callable[[_Life, int, str], None]]] = {
    "transferred": _Life.transferred,
    "dispatched": _Life.dispatched,
    "sold": _Life.sold,
    "returned": _Life.returned,
    "restocked": _Life.restocked,
    "marked_defective": _Life.marked_defective,
    "sent_to_repair": _Life.sent_to_repair,
    "condition_noted": _Life.condition_noted,
    "warranty_set": _Life.warranty_set,
}
"""What some kinds of events do besides changing the status."""

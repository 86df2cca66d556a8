"""Random histories of demo serials: events, their dates, users and notes.

Layout: fates (final statuses with their event sequences), who does what and the notes, the calendar, then the
generation of receipts and lives.
"""

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
    """A final status of units, with its likelihood."""

    young: float
    """Percentage of recently received units with this fate."""
    old: float
    """Percentage of units received at the beginning."""
    recent: float | None
    """Maximum age of the last event in working days; None for any age."""
    lot: int
    """Maximum units that share a history, and so a document."""
    ways: Mapping[str, int]
    """Sequence of event kinds that leads there → weight; a suffix after a colon names the destination."""


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
"""Number of age steps, from young to old, with their own weights."""


def fates_by_age(chosen: Sequence[StatusCode], *, evened: float = 1.0) -> list[list[float]]:
    """Cumulative weights of the chosen fates, for each age step from young to old.

    Args:
        evened: exponent of the weights; below 1 rare fates become more frequent.
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
"""Average delay of each event kind after the previous event, in working days."""

PAPERS: Mapping[str, DocumentKind] = {verb.kind: verb.document for verb in VERBS.values() if verb.document is not None}
"""Kind of document that an event creates; an arrival uses the document of its dispatch."""

OWNER = ""
"""Placeholder login for the user who loads the demo."""

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
"""Event kind → logins that do it."""

HANDS_AT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("arrived", "CITY"): ("city1",),
    ("sold", "CITY"): ("city1",),
    ("returned", "CITY"): ("city1",),
    ("transferred", "NORTH"): ("north1",),
}
"""Event kind and site → logins that do it there instead."""

STANDS_IN = frozenset({"marked_lost", "warranty_set"})
"""Kinds that the owner does on behalf of another user, so that events with two users occur."""

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
"""Notes of events, by kind."""

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
"""Condition notes of units."""

VOIDS = ("opened by the customer", "dropped", "seal broken")
"""Reasons for voiding a warranty."""


YEARS = 2.5
"""Length of the demo's history in years."""

DAY = 132
"""Slots per working day, 07:00 to 18:00."""

_SLOT = 300
"""Length of a slot in seconds."""

_SUNDAY = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Workdays:
    """The calendar of working days before today, without Sundays; slots are numbered from the first day on.

    Args:
        today: the current local date.
    """

    def __init__(self, today: date) -> None:
        first = today - timedelta(days=round(YEARS * 365.25))
        days = [first + timedelta(days=number) for number in range((today - first).days)]
        self.days = [day for day in days if day.weekday() != _SUNDAY]
        self.slots = len(self.days) * DAY
        """Number of slots; the last one ends before today."""
        opens = (datetime(day.year, day.month, day.day, 7).astimezone() for day in self.days)
        self._opens = array("q", (int(moment.timestamp()) for moment in opens))
        self._texts = [day.isoformat() for day in self.days]
        self._weeks = [f"{day.isocalendar().year % 10}{day.isocalendar().week:02d}" for day in self.days]

    def moment(self, slot: int, part: int = 0, parts: int = 1) -> datetime:
        """The start time, in UTC, of one of `parts` equal parts of a slot."""
        day, slot_of_day = divmod(slot, DAY)
        seconds = self._opens[day] + slot_of_day * _SLOT
        return _EPOCH + timedelta(seconds=seconds, microseconds=_SLOT * 1_000_000 * part // parts)

    def text(self, slot: int) -> str:
        """The ISO date of a slot."""
        return self._texts[slot // DAY]

    def week(self, slot: int) -> str:
        """The last digit of the year and two digits of the ISO week, as printed by makers."""
        return self._weeks[slot // DAY]

    def warranty(self, slot: int, years: int) -> tuple[str, str]:
        """First and last day of a warranty that starts in a slot, as ISO dates."""
        day = self.days[slot // DAY]
        # A warranty from 29 February counts as one from the 28th.
        last = date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day) - timedelta(days=1)
        return self._texts[slot // DAY], last.isoformat()


MOST_RECEIVED = 40
"""Maximum units per receipt."""

SHOPS = ("MAIN-FRONT", "MAIN-FRONT", "CITY-FRONT")
FAR = ("NORTH-DOCK", "NORTH-A-01", "NORTH-A-02", "NORTH-A-03", "CITY-BACK", "NORTH")
"""Destinations of dispatched units."""

NEARBY: Mapping[str, tuple[str, ...]] = {
    "NORTH": ("NORTH-A-01", "NORTH-A-02", "NORTH-A-03"),
    "CITY": ("CITY-FRONT", "CITY-BACK"),
}
"""Locations for transfers within a site; in MAIN units also move within the item's aisle."""

Fields = tuple[str, str | None, str | None, str | None, str]
"""Values of the columns `ledger.NOTED`, with ISO dates."""


class LifeStep(NamedTuple):
    """An event of one or more units, and their state after it."""

    slot: int
    """Slot number, see `Workdays`."""
    kind: str
    login: str
    status: str
    place: str
    customer: int | None
    """Index in `CUSTOMERS`."""
    fields: Fields
    note: str


class Lot(NamedTuple):
    """Units of a receipt with a common history."""

    units: int
    steps: list[LifeStep]
    """Events after those of the receipt."""


class Receipt(NamedTuple):
    """Units of one item received together."""

    article: int
    """Index in `ARTICLES`."""
    units: int
    steps: list[LifeStep]
    """Events of all units before they split into lots; the first one creates the serials."""
    lots: list[Lot]


def receipts(seed: str, numbers: Sequence[int], time: Workdays) -> Iterator[Receipt]:
    """All receipts in order of time; deterministic for the same arguments.

    Args:
        numbers: number of units for each of `ARTICLES`.
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
        # Receipts become more frequent over time: the exponent bends an even sequence towards today.
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
    """Chooses the final statuses of an item's units; of older units more are sold."""

    by_age: ClassVar[dict[tuple[StatusCode, ...], list[list[float]]]] = {
        ALL: fates_by_age(ALL),
        # Used for items with few units, so that rare fates occur too.
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
        """Fates for a receipt's units, each with the number of units that share it."""
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
        # Units on hand are spread evenly among the others.
        here = min(self._here, self._units)
        return HERE if (self._made + 1) * here // self._units > self._made * here // self._units else GONE


def _arrival(rng: Random, article: Article, time: Workdays, slot: int, units: int) -> list[LifeStep]:
    """A receipt at the item's home location, or at the dock and then put away; occasionally units are added by hand."""
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
    """The events of units from their arrival to `status`."""
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
    """Slots for events between `start` and `end`; delays are shortened if there is little time."""
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
    """Sequences of event kinds, each with its destination."""
    weights: list[int]
    """Cumulative weights."""


def _read_ways(ways: Mapping[str, int]) -> _Ways:
    def read(name: str) -> tuple[str, str]:
        kind, _, where = name.partition(":")
        return kind, where

    kinds = [tuple(read(name) for name in way.split()) for way in ways]
    return _Ways(kinds, list(accumulate(ways.values())))


WAYS: Final[Mapping[StatusCode, _Ways]] = {status: _read_ways(fate.ways) for status, fate in FATES.items()}


class _Life:
    """The current state of units, and the effect of each event kind on it."""

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
        """Apply an event."""
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
        """Void the warranty, or give one if there is none."""
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
"""Effects of event kinds besides the change of status."""

"""The life of the demo warehouse as data: stories of units, users of the verbs, notes, and the working days."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from models.demo.catalogue import SMALL
from models.verbs import StatusCode


class StoryStep(NamedTuple):
    """One verb of a story."""

    verb: str
    """Code of a verb, or `undo`: void the document of the step before."""
    how: str = ""
    """Destination, result or status, such as `qc` or `in_stock`, see `load`; empty for the usual one."""


@dataclass(frozen=True, slots=True)
class Story:
    """A sequence of verbs for some units, which are taken from the stock."""

    text: str
    """Its steps: verbs, some with a `StoryStep.how` behind a colon, such as `sell return transfer:qc`."""
    number: int
    """Number of such stories among 5,000 serials."""
    units: int
    """The most units of one, among 5,000 serials."""
    recent: float | None = None
    """Most working days since its last step; None for any time."""

    @property
    def steps(self) -> list[StoryStep]:
        """The verbs in order."""
        return read_steps(self.text)


def read_steps(text: str) -> list[StoryStep]:
    """The steps of a story's text."""
    return [StoryStep(verb, how) for verb, _, how in (word.partition(":") for word in text.split())]


STORIES: Final = (
    # Every status and kind of document, so that small demos have them too.
    Story("sell", 12, 24),
    Story("reserve", 3, 12, recent=15),
    Story("sell return", 2, 4, recent=20),
    Story("defect transfer:qc", 1, 9, recent=60),
    Story("repair", 2, 5, recent=40),
    Story("dispatch arrive:short", 1, 16, recent=3),
    Story("lose", 1, 4),
    Story("scrap", 1, 4),
    Story("remove", 2, 1),
    Story("change-status:showroom", 1, 8, recent=80),
    Story("sell undo", 1, 4),
    Story("correct", 2, 1),
    # What comes next.
    Story("transfer", 4, 30),
    Story("dispatch", 1, 20, recent=5),
    Story("dispatch arrive", 2, 25),
    Story("transfer:front sell", 3, 16),
    Story("reserve sell", 2, 8),
    Story("reserve release", 1, 6),
    Story("sell return restock", 1, 5),
    Story("sell return defect", 1, 2),
    Story("defect repair repaired:in_stock transfer", 1, 4),
    Story("sell repair repaired:sold", 1, 2),
    Story("dispatch arrive sell", 1, 10),
    Story("dispatch lose", 1, 1),
    Story("defect scrap", 1, 3),
    Story("lose found", 1, 2),
    Story("lose void", 1, 1),
    Story("scrap reactivate", 1, 1),
    Story("change-item", 1, 1),
    Story("note", 2, 1),
    Story("note-condition", 3, 1),
    Story("sell warranty:void", 1, 1),
    Story("sell warranty:4y", 1, 2),
)

FIXED_STORIES: Final[Sequence[tuple[str, int]]] = (
    ("", 3),
    ("transfer:front", 1),
    ("reserve", 1),
    ("sell return", 1),
    ("defect transfer:qc", 1),
    ("sell", 2),
    ("repair", 1),
    ("dispatch", 1),
    ("sell note", 1),
)
"""Stories of the items of which exactly so many are on hand (`Article.on_hand`), each with its number of units.

The first ones leave their units on hand, seven together, the others do not.
"""


def stories(serials: int) -> list[Story]:
    """All stories of a demo, those that show something new first."""
    more = max(1.0, serials / SMALL) ** 0.3
    numbered = [
        (turn, place, story)
        for place, story in enumerate(STORIES)
        for turn in range(round(story.number * more) if story.number > 2 else story.number)
    ]
    ordered = [story for *_, story in sorted(numbered, key=lambda one: one[:2])]
    return ordered[: serials // 3]


def lot_of(story: Story, serials: int, rng: Random) -> int:
    """A random number of units for a story."""
    size = serials / SMALL if serials < SMALL else (serials / SMALL) ** 0.7
    least = 2 if "short" in story.text else 1  # of one unit none could stay on its way
    return 1 if story.units == 1 else max(least, round((0.25 + 0.75 * rng.random()) * story.units * size))


DELAYS: Final[Mapping[str, float]] = {
    "transfer": 6,
    "dispatch": 8,
    "arrive": 2.5,
    "reserve": 12,
    "release": 6,
    "sell": 10,
    "return": 12,
    "restock": 2,
    "defect": 6,
    "repair": 2,
    "repaired": 9,
    "lose": 20,
    "found": 12,
    "scrap": 12,
    "reactivate": 6,
    "note": 3,
    "warranty": 30,
    "void": 0.1,
    "undo": 0,
}
"""Average time between a verb and the step before it, in working days."""

OWNER: Final = ""
"""Placeholder for the login of the user who loads the demo, which is not known here."""

USERS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "receive": ("dock1", "dock2"),
    "add": ("dock2",),
    "import": (OWNER,),
    "transfer": ("dock1", "dock2", "front2"),
    "dispatch": ("dock1", "dock2"),
    "arrive": ("north1",),
    "reserve": ("front1", "front2"),
    "release": ("front1", "front2"),
    "sell": ("front1", "front2"),
    "return": ("front1", "front2"),
    "restock": ("dock1", "north1"),
    "defect": ("dock2", "north1"),
    "repair": ("bench1",),
    "repaired": ("bench1",),
    "lose": ("dock2",),
    "found": ("dock2",),
    "scrap": ("bench1",),
    "reactivate": ("bench1",),
    "change-status": ("dock1",),
    "change-item": (OWNER,),
    "correct": (OWNER,),
    "remove": (OWNER,),
    "void": (OWNER,),
    "note": ("dock1", "north1"),
    "note-condition": ("dock1", "bench1"),
    "warranty": ("bench1",),
}
"""Verb → logins that do it."""

USERS_AT: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("arrive", "CITY"): ("city1",),
    ("sell", "CITY"): ("city1",),
    ("return", "CITY"): ("city1",),
    ("transfer", "NORTH"): ("north1",),
}
"""Verb and site → logins that do it there instead."""

ON_BEHALF: Final = frozenset({"lose", "warranty"})
"""Verbs that the owner does on behalf of another user, so that events with two users occur."""

NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "receive": ("", "", "", "pallet wrapped", "driver waited"),
    "transfer": ("", "", "", "window", "shelf full", "for the weekend"),
    "dispatch": ("", "", "with the Tuesday van", "pallet 2"),
    "arrive": ("", "", "", "checked"),
    "reserve": ("deposit paid", "pick-up on Friday", "for a quotation", "phone order"),
    "release": ("not picked up", "order cancelled", "quotation expired"),
    "sell": ("", "", "", "", "cash sale", "delivered by our van"),
    "return": ("does not start", "ordered twice", "wrong model", "no reason given", "battery does not charge"),
    "restock": ("tested, as new", "cleaned and tested", "box unopened"),
    "defect": (
        "does not switch on",
        "housing cracked",
        "noisy bearing",
        "display has a stripe",
        "leaks at the hose",
        "fails the safety test",
    ),
    "repair": ("", "main board ordered", "waiting for parts", "sent to the bench with its charger"),
    "lose": ("not found at the count", "missing from the pallet", "box was empty"),
    "found": ("behind the shelf", ""),
    "scrap": ("not worth a repair", "water damage", "used for parts"),
    "repaired": ("tested", "new main board", "cleaned and tested"),
    "reactivate": ("can be repaired after all",),
    "change-status": ("on the sales floor, box in the back room",),
    "change-item": ("was received as the wrong model",),
    "correct": ("the label has one letter more",),
    "remove": ("typed twice", "label of another item"),
    "void": ("it was in the next box",),
    "undo": ("wrong customer",),
    "note": ("customer asked for this one", "checked by phone", "photo taken for the website"),
    "warranty": ("",),
}
"""Notes by verb; the reason of those that need one."""

CONDITIONS: Final = (
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

VOIDS: Final = ("opened by the customer", "dropped", "seal broken")
"""Reasons for voiding a warranty."""

REPAIRERS: Final = ("", "own bench", "Fairweather Service", "Voltline Repairs")

SHOPS: Final = ("MAIN-FRONT", "MAIN-FRONT", "CITY-FRONT")
DISPATCHED_TO: Final = ("NORTH-DOCK", "NORTH-A-01", "NORTH-A-02", "NORTH-A-03", "CITY-BACK", "NORTH")
"""Destinations of dispatched units."""

NEARBY: Final[Mapping[str, tuple[str, ...]]] = {
    "NORTH": ("NORTH-A-01", "NORTH-A-02", "NORTH-A-03"),
    "CITY": ("CITY-FRONT", "CITY-BACK"),
}
"""Locations for transfers within a site; in MAIN units also move within their aisle."""

IMPORTED: Final[Mapping[StatusCode, float]] = {
    StatusCode.SOLD: 62.0,
    StatusCode.IN_STOCK: 34.0,
    StatusCode.SCRAPPED: 1.6,
    StatusCode.LOST: 0.9,
    StatusCode.DEFECTIVE: 0.6,
    StatusCode.IN_REPAIR: 0.4,
    StatusCode.RESERVED: 0.5,
}
"""Statuses in the list that the warehouse kept before, with their weights."""

DELIVERED_SHARE: Final = 0.6
"""Share of an item's serials that were received; the others came with imports."""

YEARS: Final = 0.75
"""Length of the demo's history in years."""

YEARS_BEFORE: Final = 2.5
"""Years before the opening that the old list covers."""

DAY: Final = 132
"""Slots per working day, 07:00 to 18:00."""

_SLOT: Final = 300
"""Length of a slot in seconds."""

_SUNDAY: Final = 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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

    def moment(self, slot: int) -> datetime:
        """The start time of a slot, in UTC."""
        day, slot_of_day = divmod(slot, DAY)
        return _EPOCH + timedelta(seconds=self._opens[day] + slot_of_day * _SLOT)

    def delay(self, verb: str, rng: Random) -> int:
        """A random number of slots between a verb and the step before it."""
        return 1 + int(DELAYS[verb] * DAY * (0.2 + 1.6 * rng.random())) if verb in DELAYS else 1


def week_of(day: date) -> str:
    """The last digit of the year and two digits of the ISO week, as printed by makers."""
    iso = day.isocalendar()
    return f"{iso.year % 10}{iso.week:02d}"


def warranty_from(day: date, years: int) -> tuple[date, date]:
    """First and last day of a warranty that starts on a day."""
    # A warranty from 29 February counts as one from the 28th.
    end = date(day.year + years, day.month, min(day.day, 28) if day.month == 2 else day.day)
    return day, end - timedelta(days=1)

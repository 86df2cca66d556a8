"""What can become of a unit, as data: the fates, the ways that lead to them, and what people write down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from models.documents import Kind
from models.transitions import ON_HAND, S


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


FATES: Mapping[S, Fate] = {
    S.IN_STOCK: Fate(
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
    S.RESERVED: Fate(6.0, 0.6, 20.0, 4, {"reserved": 10, "transferred:front reserved": 4}),
    S.SOLD: Fate(
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
    S.RETURNED: Fate(2.5, 0.5, 30.0, 1, {"sold returned": 10, "transferred:front sold returned": 5}),
    S.DEFECTIVE: Fate(
        *(2.5, 0.7, 150.0, 2),
        {
            "marked_defective": 6,
            "marked_defective transferred:qc": 6,
            "sold returned marked_defective transferred:qc": 4,
        },
    ),
    S.IN_REPAIR: Fate(
        *(2.0, 0.5, 60.0, 1),
        {"marked_defective sent_to_repair": 6, "sold returned sent_to_repair": 5, "sent_to_repair condition_noted": 1},
    ),
    S.IN_TRANSIT: Fate(2.0, 0.3, 9.0, 10, {"dispatched": 10, "transferred dispatched": 2}),
    S.LOST: Fate(0.5, 2.6, None, 1, {"marked_lost": 6, "transferred marked_lost": 3, "dispatched marked_lost": 1}),
    S.SCRAPPED: Fate(
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


def fates_by_age(chosen: Sequence[S], *, evened: float = 1.0) -> list[list[float]]:
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

PAPERS: Mapping[str, Kind] = {
    "received": Kind.RECEIPT,
    "transferred": Kind.TRANSFER,
    "dispatched": Kind.TRANSFER,
    "sold": Kind.SALE,
    "returned": Kind.RETURN,
}
"""The document that an event of a kind opens; `arrived` stands on that of its dispatch."""

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

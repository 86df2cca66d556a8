"""Many serials in one go: looked at before anything is written, then written wholly or not at all.

Both take a while for a hundred thousand; they say how far they are between blocks, where they can also be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from models import ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.errors import Cancelled
from models.items.rules import facts_of
from models.locations import find_location
from models.permissions import Actor, require
from models.serials.add import ADD, TO_DO
from models.serials.judging import Judge, clean, look_up, plain, refuse_existing, refuse_unfit, tracked_item
from models.station.expected import is_announced
from models.station.state import announced_of, looks_of
from models.text import clean_serial

STEP: Final = 2_500
"""Serials between two reports."""

Progress = Callable[[int, int], None]
"""Is told how many are done and how many there are; raises `Cancelled` to stop."""


@dataclass(slots=True)
class Sort:
    """Serials about which something is to be said."""

    sentences: list[str] = field(default_factory=list)
    """One for each of them, which names it; an entry has at most `models.serials.ranges.MOST`."""

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.sentences)

    def add(self, sentence: str) -> None:
        """Count one more."""
        self.sentences.append(sentence)


@dataclass(slots=True)
class Preview:
    """What would become of an entry."""

    first: str
    last: str
    count: int
    new: list[str] = field(default_factory=list)
    """Those that can be taken, as stored."""
    there: Sort = field(default_factory=Sort)
    """Those that the item, or the draft, has already."""
    twice: Sort = field(default_factory=Sort)
    """Those that stand in the entry once more."""
    warned: Sort = field(default_factory=Sort)
    """Those among the new ones that look odd."""
    bad: Sort = field(default_factory=Sort)
    """Those that cannot be serials of this item."""


def preview(item_id: int, texts: Sequence[str], progress: Progress, *, draft_id: int | None = None) -> Preview:
    """Look at serials of one item before anything is written.

    Args:
        draft_id: a draft whose lines count as there, and whose announced list counts.

    Raises:
        NotFound, NotTracked
        Cancelled: `progress` stopped it.
    """
    item = facts_of(tracked_item(item_id))
    looks = looks_of(item, draft_id)
    found = Preview(texts[0], texts[-1], len(texts))
    seen: set[str] = set()
    listed = draft_id if draft_id is not None and is_announced(draft_id, item_id) else None
    for number, part in enumerate(bulk.blocks(texts, STEP)):
        progress(number * STEP, len(texts))
        cleaned = [clean(item, text) for text in part]
        known = look_up(item_id, cleaned, draft_id)
        judge = Judge(item, looks, cleaned, known)
        keys = [one.key for one in cleaned if one.key]
        announced = announced_of(listed, item_id, keys) if listed is not None else None
        for one in cleaned:
            drafted = known.drafted.get(one.key) if one.key else None
            if drafted is not None:
                waits = "waits under Problems" if drafted.state == "problem" else "was scanned"
                found.there.add(f"{one.serial_number} {waits} already, line {drafted.position}.")
                continue
            if one.key in seen:
                found.twice.add(f"{one.serial_number} is taken once.")
                continue
            judged = judge.say(one, announced)
            judge.note(one, good=judged.good)
            if judged.good or judged.is_warning:
                seen.add(one.key)
                found.new.append(one.serial_number)
                if judged.is_warning:
                    found.warned.add(judged.sentence)
            else:
                (found.there if judged.serial_id is not None else found.bad).add(judged.message)
    progress(len(texts), len(texts))
    return found


def add_many(
    actor: Actor, item_id: int, texts: Sequence[str], *, location: str, notes: str = "", progress: Progress
) -> int:
    """Add serials by hand, all or none, without changing any quantity; see `add_serials`.

    Returns:
        How many.

    Raises:
        NotPermitted, NotFound, NotTracked, BadValue
        Duplicate: the item has one of them by now.
        Cancelled: `progress` stopped it; nothing was written.
    """
    serials = [clean_serial(text) for text in texts]

    def work(unit: Unit) -> int:
        require(actor, ADD.permission, TO_DO)
        item, place = facts_of(tracked_item(item_id), sampled=False), find_location(location)
        for number, part in enumerate(bulk.blocks(serials, STEP)):
            progress(number * STEP, len(serials))
            refuse_unfit(item, part)
            refuse_existing(item, [plain(serial) for serial in part])
            ledger.add(unit, item.id, [ledger.NewSerial(serial, place.id, notes) for serial in part])
        progress(len(serials), len(serials))
        return len(serials)

    return write(actor, work)


class Stop:
    """Stops long work from another thread, and knows how far it is."""

    def __init__(self) -> None:
        self.done, self.total = 0, 0
        """How many are done, and of how many."""
        self.wanted = False
        """Whether it shall stop."""

    def __call__(self, done: int, total: int) -> None:
        """Note how far it is.

        Raises:
            Cancelled
        """
        self.done, self.total = done, total
        if self.wanted:
            raise Cancelled("It was stopped. Nothing was written.")

"""Ranges and lists of serials: a preview before anything is written, then an all-or-none write.

Both can take long for 100,000 serials; between blocks they report progress and can be stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from models import ledger
from models.database import bulk
from models.database.unit import Unit, write
from models.locations import open_location
from models.permissions import Actor, require
from models.serials.add import ADD, TO_DO
from models.serials.drafted import also_elsewhere, in_other_drafts
from models.serials.judging import Judge, clean, look_up, plain, refuse_existing, refuse_unfit, tracked_facts
from models.station.expected import is_announced
from models.station.state import announced_of, looks_of
from models.text import clean_serial

STEP: Final = 2_500
"""Serials between two progress reports."""

Progress = Callable[[int, int], None]
"""Called with (done, total); raises `Cancelled` to stop."""


@dataclass(slots=True)
class Sort:
    """One group of the preview, with a sentence for each serial in it."""

    sentences: list[str] = field(default_factory=list)
    """Each names its serial; at most `models.serials.ranges.MOST`."""

    @property
    def count(self) -> int:
        """Number of serials in the group."""
        return len(self.sentences)

    def add(self, sentence: str) -> None:
        """Add a serial by its sentence."""
        self.sentences.append(sentence)


@dataclass(slots=True)
class Preview:
    """What would happen to each serial of an entry."""

    first: str
    last: str
    count: int
    new: list[str] = field(default_factory=list)
    """Serials that can be taken, as they would be stored."""
    there: Sort = field(default_factory=Sort)
    """Serials that the item or the draft already has."""
    twice: Sort = field(default_factory=Sort)
    """Serials repeated within the entry."""
    warned: Sort = field(default_factory=Sort)
    """Serials among `new` with a warning."""
    bad: Sort = field(default_factory=Sort)
    """Serials that this item cannot have."""


def preview(
    item_id: int,
    texts: Sequence[str],
    progress: Progress,
    *,
    draft_id: int | None = None,
    user_id: int | None = None,
) -> Preview:
    """Judge serials of one item before anything is written.

    Args:
        texts: as entered; at least one.
        draft_id: a draft whose lines count as existing and whose announced list is checked; None for no draft.
        user_id: who enters them; other drafts of this user are named as their own.

    Raises:
        NotFound, NotTracked
        Cancelled: `progress` stopped it.
    """
    item = tracked_facts(item_id, sampled=True)
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
        others = in_other_drafts(draft_id, [one.near for one in cleaned if one.key])
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
            judged = also_elsewhere(judged, item_id, others, user_id)
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
        The number of serials added.

    Raises:
        NotPermitted, NotFound, NotTracked, BadValue
        Duplicate: the item already has one of them.
        Cancelled: `progress` stopped it; nothing was written.
    """
    serials = [clean_serial(text) for text in texts]

    def work(unit: Unit) -> int:
        require(actor, ADD.permission, TO_DO)
        item, place = tracked_facts(item_id), open_location(location)
        for number, part in enumerate(bulk.blocks(serials, STEP)):
            progress(number * STEP, len(serials))
            refuse_unfit(item, part)
            refuse_existing(item, [plain(serial) for serial in part])
            ledger.add(unit, item.id, [ledger.NewSerial(serial, place.id, notes) for serial in part])
        progress(len(serials), len(serials))
        return len(serials)

    return write(actor, work, durable=True)

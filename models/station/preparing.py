"""Prepare DONE: the work of each task, the good lines of a draft, and what its task writes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from models.clock import clock_time
from models.locations import closed
from models.permissions import Actor
from models.schema import DraftLine, Location
from models.serials.judging import Judged
from models.serials.refused import MoveRefusal
from models.station import lines
from models.station.move import Moving
from models.station.receive import Receiving
from models.station.state import DraftState
from models.station.task import MOVING, RECEIVE_TASK, First, Task
from models.station.work import Finish, GoodLine, Work
from models.text import near_key

WORKS: Final[Mapping[str, Work]] = {
    RECEIVE_TASK.code: Receiving(),
    **{task.code: Moving(task.verb) for task in MOVING},
}
"""The `Work` of each task, by task code."""


class Prepared(NamedTuple):
    """The good lines and the prepared write of a draft, made before the transaction.

    Safe, because only the station that has the draft open can change it.
    """

    good: list[GoodLine]
    finish: Finish


def prepare(task: Task, state: DraftState, actor: Actor) -> Prepared | None:
    """Do the slow part of DONE before the transaction, while other writers need not wait.

    Returns:
        None if there are no good lines, or a serial has no place.
    """
    if state.draft_id is None or not state.good.total():
        return None
    good = good_lines(task, state.draft_id, actor)
    return None if good is None else Prepared(good, WORKS[task.code].prepare(good, ahead=True))


def good_lines(task: Task, draft_id: int, actor: Actor) -> list[GoodLine] | None:
    """The good lines of a draft; None if a serial has no place, needs one, and none was scanned after it either."""
    lines.require_known(draft_id)
    is_needed, is_asked = task.needs(First.PLACE), First.PLACE in task.first
    first_place, good = _first_place(draft_id) if is_asked else None, list[GoodLine]()
    for page in lines.pages(draft_id):
        for line in page:
            place, item_id = line.location_id or first_place, line.item_id
            if place is None and is_needed:
                return None
            assert item_id is not None
            raw = line.scan if line.scan.strip() != line.serial_number else None
            note = f"scanned by {line.login} at {clock_time(line.at)}" if line.user_id != actor.user_id else ""
            serial = (line.serial_number, lines.key_of(line))
            good.append(GoodLine(line.number, item_id, *serial, place, raw, note, line.serial_id, line.message))
    return good


def at_closed_places(good: Sequence[GoodLine]) -> list[tuple[GoodLine, Judged]]:
    """Good lines whose place was closed since the scan; they can go to another one."""
    ids = {one.location_id for one in good if one.location_id is not None}
    shut = {row.id: row.code for row in Location.select().where(Location.id.in_(ids) & Location.closed)} if ids else {}
    return [
        (
            one,
            Judged(
                *(one.serial_number, one.key, near_key(one.key), MoveRefusal.CLOSED),
                f"{closed(shut[one.location_id])} Then scan its serials again.",
                *(one.serial_id, one.item_id),
            ),
        )
        for one in good
        if one.location_id in shut
    ]


def _first_place(draft_id: int) -> int | None:
    """The first place of the draft: the place of serials scanned before any place."""
    first = (
        DraftLine.select(DraftLine.location_id)
        .where((DraftLine.draft == draft_id) & (DraftLine.kind == "place") & (DraftLine.state == "good"))
        .order_by(DraftLine.number)
        .first()
    )
    return first.location_id if first else None

"""Serials that are taken together: all at a place, all of a document; and what a transfer still has on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from models.database import bulk
from models.documents import find_document
from models.errors import BadValue, NotFound
from models.locations import location_or_none
from models.schema import bound, read_moment
from models.serials.moves import entered, on_the_way
from models.serials.ranges import refuse_more
from models.station.expected import Named
from models.station.lines import require_known
from models.station.move import MoveReason
from models.station.task import Task
from models.verbs import PlaceMeaning, StatusCode, place_in


class Group(NamedTuple):
    """Serials that are taken together."""

    name: str
    """Code of the place or number of the document."""
    serials: dict[int | None, list[str]]
    """Serial numbers by item id; under None, and first, those that only one item has."""


def group(task: Task, text: str) -> Group:
    """All serials at a place that the task's verb may take from there, or all of a document.

    Raises:
        BadValue: nothing is named, or there are too many serials.
        NotFound: no place and no document has this name, or nothing is there.
    """
    place = location_or_none(text) if text.strip() else None
    if not text.strip():
        raise BadValue("Nothing is named. Scan or type a place, or the number of a document.", field="text")
    if place is not None:
        rows = [row for row in _serials("s.location_id", place.id) if _is_taken(task, row)]
        name = place.code
    else:
        try:
            document = find_document(text)
        except NotFound as refusal:
            raise NotFound(f"{text.strip()} is no place and no document here. Look at the label.") from refusal
        name, rows = document.number, _of_document(document.id)
    refuse_more(len(rows), f"{name} has {len(rows):,} serials", field="text")
    if not rows:
        raise NotFound(f"{name} has no serial that could be {task.verb.refusal}. Name another place or document.")
    found: dict[int | None, list[str]] = {None: []}
    shared = _shared([row.key for row in rows])
    for row in rows:
        found.setdefault(row.item_id if row.key in shared else None, []).append(row.serial_number)
    return Group(name, found)


class _Row(NamedTuple):
    item_id: int
    serial_number: str
    key: str
    code: str
    available: bool
    on_hand: bool


_SELECT: Final = (
    "SELECT s.item_id, s.serial_number, s.serial_key, t.code, t.available, t.on_hand FROM serials s "
    "JOIN statuses t ON t.id = s.status_id"
)


def _shared(keys: Sequence[str]) -> set[str]:
    """The folded keys that several items have."""
    shared: set[str] = set()
    for part in bulk.blocks(keys):
        rows = bound.execute_sql(
            f"SELECT serial_key FROM serials WHERE serial_key IN ({bulk.placeholders(len(part))}) "
            "GROUP BY serial_key HAVING count(*) > 1",
            part,
        )
        shared.update(key for (key,) in rows.fetchall())
    return shared


def _is_taken(task: Task, row: _Row) -> bool:
    """Whether it really is at the place, and the verb takes it from there."""
    return place_in(row.code) is PlaceMeaning.HERE and row in task.verb.before


def _serials(column: str, value: int) -> list[_Row]:
    rows = bound.execute_sql(f"{_SELECT} WHERE {column} = {bound.param} ORDER BY s.id", (value,))
    return [_Row._make(row) for row in rows.fetchall()]


def _of_document(document_id: int) -> list[_Row]:
    rows = bound.execute_sql(
        f"{_SELECT} WHERE s.id IN (SELECT serial_id FROM serial_events WHERE document_id = {bound.param}) "
        "ORDER BY s.id",
        (document_id,),
    )
    return [_Row._make(row) for row in rows.fetchall()]


# ----- transfers on their way


class TransferOnItsWay(NamedTuple):
    """A transfer of which serials are still on their way."""

    number: str
    place: str
    """Code of the destination; empty where it has several."""
    serials: int
    """Those still on their way."""
    at: datetime
    """When it was sent."""


def open_transfers() -> list[TransferOnItsWay]:
    """Transfers of which serials are still on their way, newest first."""
    rows = bound.execute_sql(
        f"SELECT s.id FROM serials s JOIN statuses t ON t.id = s.status_id WHERE t.code = {bound.param} ORDER BY s.id",
        (StatusCode.IN_TRANSIT,),
    )
    counts: dict[int, int] = {}
    for came in entered([row[0] for row in rows.fetchall()]).values():
        if came.document_id is not None:
            counts[came.document_id] = counts.get(came.document_id, 0) + 1
    found: list[TransferOnItsWay] = []
    for part in bulk.blocks(sorted(counts, reverse=True)):
        documents = bound.execute_sql(
            "SELECT d.id, d.number, coalesce(l.code, ''), d.at FROM documents d "
            "LEFT JOIN locations l ON l.id = d.to_location_id "
            f"WHERE d.id IN ({bulk.placeholders(len(part))}) ORDER BY d.id DESC",
            part,
        ).fetchall()
        found += [TransferOnItsWay(number, code, counts[key], read_moment(at)) for key, number, code, at in documents]
    return found


def transfers_to_choose() -> list[TransferOnItsWay]:
    """`open_transfers`, to choose one of them.

    Raises:
        BadValue: there is none.
    """
    rows = open_transfers()
    if not rows:
        raise BadValue("No transfer is on its way.")
    return rows


class ComparedTransfer(NamedTuple):
    """What a transfer has on its way, compared with what was scanned."""

    expected: int
    arrived: int
    missing: Named
    strangers: Named


def compare_transfer(draft_id: int, transfer: str, limit: int = 1_000) -> ComparedTransfer:
    """Compare the serials on their way on a transfer with the lines of a draft.

    Args:
        limit: the most names of each kind.
    """
    require_known(draft_id)
    awaited = on_the_way(transfer)
    one = bound.param
    rows = bound.execute_sql(
        f"SELECT serial_id FROM draft_lines WHERE draft_id = {one} AND kind = 'serial' AND state = 'good'", (draft_id,)
    )
    here = {row[0] for row in rows.fetchall()}
    gone = [serial_id for serial_id in awaited if serial_id not in here]
    problems = bound.execute_sql(
        "SELECT serial_id, serial_number, scan FROM draft_lines "
        f"WHERE draft_id = {one} AND kind = 'serial' AND state = 'problem' "
        f"AND (serial_id IS NOT NULL OR reason = {one}) ORDER BY number",
        (draft_id, MoveReason.UNKNOWN),
    ).fetchall()
    expected = set(awaited)
    names = [serial or scan for serial_id, serial, scan in problems if serial_id not in expected]
    missing = Named(len(gone), _names(gone[:limit]))
    return ComparedTransfer(len(awaited), len(awaited) - len(gone), missing, Named(len(names), names[:limit]))


def _names(serial_ids: Sequence[int]) -> list[str]:
    names: list[str] = []
    for part in bulk.blocks(list(serial_ids)):
        rows = bound.execute_sql(
            f"SELECT serial_number FROM serials WHERE id IN ({bulk.placeholders(len(part))}) ORDER BY id", part
        )
        names += [row[0] for row in rows.fetchall()]
    return names

"""How many serials there are: of an item by status and place, and of a choice of serials by place.

An item's numbers come from the ledger's counts, so that a million serials are counted by reading a few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.database.bulk import blocks, placeholders
from models.schema.base import bound


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place that holds serials of an item."""

    id: int
    code: str
    name: str
    serials: int
    """All of them, whatever their status."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What of a choice of serials is at one place."""

    location: str
    """Its code."""
    serials: int
    on_hand: int
    """How many of them count against the quantity there."""


def count_serials(item_id: int) -> int:
    """All serials of an item, sold ones included."""
    found = bound.execute_sql(
        f"SELECT coalesce(sum(serials), 0) FROM serial_counts WHERE item_id = {bound.param}", (item_id,)
    )
    return int(found.fetchone()[0])


def count_by_status(item_id: int) -> dict[int, int]:
    """How many serials of an item are in each status, by its id; statuses without any are left out."""
    rows = bound.execute_sql(
        f"SELECT status_id, sum(serials) FROM serial_counts WHERE item_id = {bound.param} AND serials > 0 "
        "GROUP BY status_id",
        (item_id,),
    )
    return {row[0]: int(row[1]) for row in rows.fetchall()}


def count_by_place(item_id: int) -> list[PlaceCount]:
    """The places that hold serials of an item, by code."""
    rows = bound.execute_sql(
        "SELECT l.id, l.code, l.name, sum(c.serials) FROM serial_counts c JOIN locations l ON l.id = c.location_id "
        f"WHERE c.item_id = {bound.param} AND c.serials > 0 GROUP BY l.id, l.code, l.name ORDER BY l.code",
        (item_id,),
    )
    return [PlaceCount(row[0], row[1], row[2], int(row[3])) for row in rows.fetchall()]


def holdings(serial_ids: Sequence[int]) -> list[Holding]:
    """Where these serials are, by the codes of the places."""
    found: dict[str, tuple[int, int]] = {}
    for part in blocks(serial_ids):
        rows = bound.execute_sql(
            "SELECT l.code, count(*), sum(CASE WHEN t.on_hand THEN 1 ELSE 0 END) FROM serials s "
            "JOIN locations l ON l.id = s.location_id JOIN statuses t ON t.id = s.status_id "
            f"WHERE s.id IN ({placeholders(len(part))}) GROUP BY l.code",
            part,
        )
        for code, serials, on_hand in rows.fetchall():
            before = found.get(code, (0, 0))
            found[code] = (before[0] + int(serials), before[1] + int(on_hand))
    return [Holding(code, *found[code]) for code in sorted(found)]

"""What stands at a place and in the places inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import NotFound
from models.lookups.locations import Place
from models.schema import Location
from models.schema.base import bound


@dataclass(frozen=True, slots=True)
class StockRow:
    """An item at a place."""

    item_id: int
    location_id: int
    sku: str
    name: str
    location: str
    """The code of the place."""
    on_hand: int
    serials: int
    """On-hand serials there."""
    track_serials: bool

    @property
    def key(self) -> str:
        """Item and place."""
        return f"{self.item_id}.{self.location_id}"


class StockSource:
    """The items at a place and inside it that have units or on-hand serials there, by place, then by SKU."""

    def __init__(self, location_id: int) -> None:
        """Make it.

        Args:
            location_id: the outer place.
        """
        self._location_id = location_id

    def count(self) -> int:
        """How many rows there are."""
        found = bound.execute_sql(self._sql("SELECT count(*)"), self._values)
        return int(found.fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[StockRow]:
        """Read rows from the one at `offset` on."""
        columns = "SELECT i.id, l.id, i.sku, i.name, l.code, b.on_hand, b.serials, i.track_serials"
        rows = bound.execute_sql(
            self._sql(columns) + f" ORDER BY l.code, i.sku_key LIMIT {int(limit)} OFFSET {int(offset)}", self._values
        )
        return [
            StockRow(item_id, place_id, sku, name, code, int(on_hand), int(serials), bool(tracked))
            for item_id, place_id, sku, name, code, on_hand, serials, tracked in rows.fetchall()
        ]

    def index_of(self, key: str) -> int | None:
        """How many rows stand before this one; None where it is not there."""
        item_id, _, location_id = key.partition(".")
        one = bound.param
        here = self._sql("SELECT l.code, i.sku_key") + f" AND i.id = {one} AND l.id = {one}"
        row = bound.execute_sql(here, [*self._values, int(item_id), int(location_id)]).fetchone()
        if row is None:
            return None
        before = self._sql("SELECT count(*)") + f" AND (l.code < {one} OR (l.code = {one} AND i.sku_key < {one}))"
        return int(bound.execute_sql(before, [*self._values, row[0], row[0], row[1]]).fetchone()[0])

    @property
    def _values(self) -> list[Any]:
        return [self._location_id]

    def _sql(self, select: str) -> str:
        return (
            f"WITH RECURSIVE inside (id) AS (SELECT id FROM locations WHERE id = {bound.param} "
            "UNION SELECT l.id FROM locations l JOIN inside ON l.parent_id = inside.id), "
            "b (item_id, location_id, on_hand, serials) AS ("
            "SELECT item_id, location_id, sum(on_hand), sum(serials) FROM ("
            "SELECT q.item_id, q.location_id, q.on_hand, 0 AS serials FROM stock q "
            "JOIN inside ON inside.id = q.location_id WHERE q.on_hand > 0 UNION ALL "
            "SELECT c.item_id, c.location_id, 0, c.serials FROM serial_counts c "
            "JOIN inside ON inside.id = c.location_id "
            "JOIN statuses t ON t.id = c.status_id WHERE t.on_hand AND c.serials > 0) AS parts "
            "GROUP BY item_id, location_id) "
            f"{select} FROM b JOIN items i ON i.id = b.item_id JOIN locations l ON l.id = b.location_id WHERE 1 = 1"
        )


def place(location_id: int) -> Place:
    """One place, for the head of a screen.

    Raises:
        NotFound
    """
    found = Location.get_or_none(Location.id == location_id)
    if found is None:
        raise NotFound("The location is not there any more. Go back to the list.")
    parent = Location.get_by_id(found.parent_id).code if found.parent_id else None
    return Place(found.id, found.code, found.name, parent, 0)

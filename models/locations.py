"""Locations: find, list and create them; the stock at a location."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import peewee

from models.database.unit import Unit, write
from models.errors import Duplicate, NotFound
from models.permissions import Actor, Permission, require
from models.schema import Location, bound
from models.text import clean_code, clean_line, storable

LIST_COMMAND: Final = "serialdock location list"
"""The command that lists locations, for error messages."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location in a list."""

    id: int
    code: str
    name: str
    parent: str | None
    """Code of the enclosing location."""
    depth: int
    """Nesting depth: 0 for a top-level location."""

    @property
    def key(self) -> str:
        """The code."""
        return self.code


def location_or_none(code: str) -> Location | None:
    """The location with this code, in any case, or None."""
    return Location.get_or_none(peewee.fn.upper(Location.code) == storable(code.strip()).upper())


def find_location(code: str) -> Location:
    """The location with this code, in any case.

    Raises:
        NotFound
    """
    found = location_or_none(code)
    if not code.strip():
        raise NotFound("No location is named. Choose one.", field="location")
    if found is None:
        raise NotFound(f"There is no location {code.strip()}.", field="location", command=LIST_COMMAND)
    return found


def list_places() -> list[Place]:
    """All locations as a tree in depth-first order; siblings are ordered by code."""
    rows = {row.id: row for row in Location.select().order_by(Location.code)}
    inside: dict[int | None, list[int]] = {}
    for row in rows.values():
        inside.setdefault(row.parent_id, []).append(row.id)
    places: list[Place] = []
    waiting = [(location_id, 0) for location_id in reversed(inside.get(None, []))]
    # Depth first with a stack; children are pushed in reverse, so that they are popped in code order.
    while waiting:
        location_id, depth = waiting.pop()
        row = rows[location_id]
        parent = rows[row.parent_id].code if row.parent_id else None
        places.append(Place(row.id, row.code, row.name, parent, depth))
        waiting += [(child, depth + 1) for child in reversed(inside.get(location_id, []))]
    return places


@dataclass(frozen=True, slots=True)
class StockRow:
    """An item at a location."""

    item_id: int
    location_id: int
    sku: str
    name: str
    location: str
    """Location code."""
    on_hand: int
    serials: int
    """Number of on-hand serials there."""
    track_serials: bool

    @property
    def key(self) -> str:
        """`<item id>.<location id>`."""
        return f"{self.item_id}.{self.location_id}"


class StockSource:
    """A `paging.RowSource` of `StockRow`: items with stock or on-hand serials at or inside a location.

    Ordered by location code, then by SKU.
    """

    def __init__(self, location_id: int) -> None:
        """Make a source.

        Args:
            location_id: the outer location.
        """
        self._location_id = location_id

    def count(self) -> int:
        """Count the rows."""
        found = bound.execute_sql(self._sql("SELECT count(*)"), self._values)
        return int(found.fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[StockRow]:
        """Read a page of rows."""
        columns = "SELECT i.id, l.id, i.sku, i.name, l.code, b.on_hand, b.serials, i.track_serials"
        rows = bound.execute_sql(
            self._sql(columns) + f" ORDER BY l.code, i.sku_key LIMIT {int(limit)} OFFSET {int(offset)}", self._values
        )
        return [
            StockRow(item_id, place_id, sku, name, code, int(on_hand), int(serials), bool(tracked))
            for item_id, place_id, sku, name, code, on_hand, serials, tracked in rows.fetchall()
        ]

    def index_of(self, key: str) -> int | None:
        """The position of a row in the list, or None."""
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
        # `inside`: the location and all below it; `b`: quantity and on-hand serials by item and location.
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
    """One location, for a screen heading; its depth is not computed (0).

    Raises:
        NotFound
    """
    found = Location.get_or_none(Location.id == location_id)
    if found is None:
        raise NotFound("The location is not there any more. Go back to the list.")
    parent = Location.get_by_id(found.parent_id).code if found.parent_id else None
    return Place(found.id, found.code, found.name, parent, 0)


def create_location(actor: Actor, code: str, name: str = "", *, parent: str | None = None) -> Location:
    """Create a location.

    Args:
        code: the code on its label; unique regardless of case.
        parent: code of the enclosing location; None for a top-level location.

    Raises:
        NotPermitted, BadValue
        Duplicate: the code is already used.
        NotFound: no such parent.
    """
    code = clean_code(code, "location code", field="code")
    name = clean_line(name, "location's name", field="name", empty=True)

    def work(_: Unit) -> Location:
        require(actor, Permission.EDIT_ITEMS, "make locations")
        if there := location_or_none(code):
            raise Duplicate(f"The location {there.code} is there already. Choose another code.", field="code")
        return Location.create(code=code, name=name, parent=find_location(parent).id if parent else None)

    return write(actor, work)

"""How a list of serials is laid out: as segments, each a run of rows of one condition in the order of an index.

By status there is a segment for each status, by location one for each place, by customer one for each, by warranty one
for each state. Their lengths come from the ledger's counts where those suffice, so nothing counts a million rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from models.schema.base import bound
from models.text import prefix_end, serial_key
from models.warranty import Warranty, warranty_status
from models.words import storable


class Order(StrEnum):
    """The columns of the grid, in its order; the values name them in settings."""

    SERIAL = "serial_number"
    STATUS = "status"
    LOCATION = "location"
    CUSTOMER = "customer"
    WARRANTY = "warranty_status"
    RECEIVED = "date_received"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which serials of an item, in which order."""

    item_id: int
    status_id: int | None = None
    location_id: int | None = None
    find: str = ""
    """Serials that begin with this, or contain it where none begins so or it starts with `*`."""
    order: Order = Order.SERIAL
    descending: bool = False

    @property
    def text(self) -> str:
        """What is searched, folded; empty where nothing is."""
        return serial_key(storable(self.find)).lstrip("*")


class Condition(NamedTuple):
    """A WHERE clause over `serials s` and its values."""

    where: str
    values: tuple[Any, ...]

    def also(self, where: str, *values: Any) -> Condition:
        """This and more."""
        return Condition(f"{self.where} AND {where}", (*self.values, *values))


class Segment(NamedTuple):
    """A run of rows with one condition, ordered by columns of an index."""

    group: Any
    """What its rows share: the id of their status, place or customer, or the state of their warranty."""
    rows: Condition
    columns: tuple[str, ...]
    """What orders it; the last is the id."""
    length: int


PLAIN = ("s.sort_key", "s.id")
_DATED = ("s.warranty_end", *PLAIN)
_RECEIVED = ("s.date_received", *PLAIN)

GROUPED_BY = ("s.status_id", "s.location_id", "s.customer_id", "s.warranty_start", "s.warranty_end", "s.warranty_void")
"""The columns that `group_of` looks at."""


def chosen(selection: Selection) -> Condition:
    """The rows of a selection, searched text left aside; true of `serial_counts s` as well."""
    rows = Condition(f"s.item_id = {bound.param}", (selection.item_id,))
    if selection.status_id is not None:
        rows = rows.also(f"s.status_id = {bound.param}", selection.status_id)
    if selection.location_id is not None:
        rows = rows.also(f"s.location_id = {bound.param}", selection.location_id)
    return rows


def without_idle_text(selection: Selection) -> Selection:
    """The selection, without its text where all serials of the item begin with that, so that nothing counts them."""
    if not selection.text or selection.find.strip().startswith("*"):
        return selection
    ends = "SELECT serial_key FROM serials WHERE item_id = {one} ORDER BY serial_key {way} LIMIT 1"
    first, last = (
        bound.execute_sql(ends.format(one=bound.param, way=way), (selection.item_id,)).fetchone()
        for way in ("ASC", "DESC")
    )
    if first and last and first[0].startswith(selection.text) and last[0].startswith(selection.text):
        return replace(selection, find="")
    return selection


def searched(selection: Selection) -> Condition:
    """The rows of a selection, as its text finds them now."""
    rows, text, one = chosen(selection), selection.text, bound.param
    if not text:
        return rows
    if not selection.find.strip().startswith("*"):
        begins = rows.also(f"s.serial_key >= {one} AND s.serial_key < {one}", text, prefix_end(text))
        if bound.execute_sql(f"SELECT 1 FROM serials s WHERE {begins.where} LIMIT 1", begins.values).fetchone():
            return begins
    if one == "?":  # the first half is true of all, and makes SQLite read the index that has the keys, not the rows
        return rows.also(f"s.serial_key > '' AND instr(s.serial_key, {one}) > 0", text)
    return rows.also(f"strpos(s.serial_key, {one}) > 0", text)


def along_the_order(rows: Condition) -> Condition:
    """A search with many hits, read along the index of the order: SQLite would take the key's and sort them all."""
    return rows._replace(where=rows.where.replace("s.serial_key", "+s.serial_key")) if bound.param == "?" else rows


def lay_out(selection: Selection, rows: Condition, day: date) -> list[Segment]:
    """The segments of a selection that have rows, in order.

    Args:
        rows: as `searched` gave them.
        day: what warranties are read against.
    """
    counts = not selection.text
    if selection.order is Order.STATUS:
        segments = _grouped(rows, "status_id", "statuses", "id", counts=counts)
    elif selection.order is Order.LOCATION:
        segments = _grouped(rows, "location_id", "locations", "code", counts=counts)
    elif selection.order is Order.CUSTOMER:
        named = _grouped(rows.also("s.customer_id IS NOT NULL"), "customer_id", "customers", "name", counts=False)
        rest = _count(rows, counts=counts) - sum(segment.length for segment in named)
        segments = [*named, Segment(None, rows.also("s.customer_id IS NULL"), PLAIN, rest)]
    elif selection.order is Order.WARRANTY:
        segments = _by_warranty(rows, day, counts=counts)
    else:
        columns = _RECEIVED if selection.order is Order.RECEIVED else PLAIN
        segments = [Segment(None, rows, columns, _count(rows, counts=counts))]
    there = [segment for segment in segments if segment.length > 0]
    return there[::-1] if selection.descending else there


def group_of(order: Order, values: Sequence[Any], day: date) -> Any:
    """The group of a row.

    Args:
        values: as `GROUPED_BY`, dates as dates.
    """
    status_id, location_id, customer_id, start, end, void = values
    if order is Order.WARRANTY:
        state = warranty_status(start, end, void, day)
        return Warranty.NONE if state is Warranty.VOID else state
    return {Order.STATUS: status_id, Order.LOCATION: location_id, Order.CUSTOMER: customer_id}.get(order)


def _grouped(rows: Condition, column: str, table: str, order: str, *, counts: bool) -> list[Segment]:
    """One segment for each value of a column, in the order of its table."""
    number, source = ("sum(s.serials)", "serial_counts") if counts else ("count(*)", "serials")
    found = bound.execute_sql(
        f"SELECT g.grp, g.number FROM (SELECT s.{column} AS grp, {number} AS number FROM {source} s "
        f"WHERE {rows.where} GROUP BY s.{column}) g JOIN {table} t ON t.id = g.grp ORDER BY t.{order}",
        rows.values,
    )
    return [
        Segment(group, rows.also(f"s.{column} = {bound.param}", group), PLAIN, int(length))
        for group, length in found.fetchall()
    ]


def _by_warranty(rows: Condition, day: date, *, counts: bool) -> list[Segment]:
    """Under warranty and expired, each by its last day, then none, void ones among them."""
    one = bound.param
    in_force = rows.also("s.warranty_end IS NOT NULL AND s.warranty_void IS NULL")
    begun = f"(s.warranty_start IS NULL OR s.warranty_start <= {one})"
    dated = {
        Warranty.ACTIVE: in_force.also(f"s.warranty_end >= {one} AND {begun}", day, day),
        Warranty.EXPIRED: in_force.also(f"s.warranty_end < {one}", day),
    }
    segments = [Segment(state, part, _DATED, _count(part, counts=False)) for state, part in dated.items()]
    to_come = f"(s.warranty_start > {one} AND s.warranty_end >= {one})"
    none = rows.also(f"(s.warranty_end IS NULL OR s.warranty_void IS NOT NULL OR {to_come})", day, day)
    rest = _count(rows, counts=counts) - sum(segment.length for segment in segments)
    return [*segments, Segment(Warranty.NONE, none, PLAIN, rest)]


def _count(rows: Condition, *, counts: bool) -> int:
    number, source = ("coalesce(sum(s.serials), 0)", "serial_counts") if counts else ("count(*)", "serials")
    return int(bound.execute_sql(f"SELECT {number} FROM {source} s WHERE {rows.where}", rows.values).fetchone()[0])

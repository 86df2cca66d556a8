"""The rows of the serial grid: pages by keyset in any order, filters, counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from models import clock
from models.database.bulk import blocks, placeholders
from models.ledger import Warranty, warranty_status
from models.paging import Anchors, Start
from models.schema import bound, read_date
from models.statuses import StatusLook, statuses
from models.text import prefix_end, serial_key, sort_key, storable


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


__all__ = ["FEW", "Order", "Selection", "SerialRow", "SerialSource"]

FEW = 2_000
"""Up to so many hits of a search are remembered by id."""

_TOGETHER = 100
"""Segments read by one statement; a page may hold one row of each of many customers."""


@dataclass(frozen=True, slots=True)
class SerialRow:
    """One line of the grid."""

    id: int
    serial_number: str
    status: StatusLook
    location: str
    """The code of the place."""
    customer: str | None
    warranty: Warranty
    date_received: date

    @property
    def key(self) -> str:
        """The id, as text."""
        return str(self.id)


class _Part(NamedTuple):
    """A run of rows to read from one segment."""

    segment: int
    """Its number."""
    offset: int
    """Of the first row, within the segment."""
    start: Start[tuple[Any, ...]]


class SerialSource:
    """A `paging.RowSource` of `SerialRow`; lives on the database thread."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._statuses: dict[int, StatusLook] = {}
        self._rows = Condition("1 = 0", ())
        self._segments: list[Segment] = []
        self._anchors: dict[int, Anchors[tuple[Any, ...]]] = {}
        self._ids: list[int] | None = None
        self._today = clock.today()

    def count(self) -> int:
        """Count the rows and lay out the segments anew."""
        self._anchors.clear()
        self._today = clock.today()
        selection = without_idle_text(self.selection)
        self._rows = searched(selection)
        few = self._few(self._rows) if selection.text else None
        self._ids = few if selection.order is Order.SERIAL else None
        if self._ids is not None:
            return len(self._ids)
        if few is None and selection.text:
            self._rows = along_the_order(self._rows)
        self._segments = lay_out(selection, self._rows, self._today)
        return sum(segment.length for segment in self._segments)

    def fetch(self, offset: int, limit: int) -> Sequence[SerialRow]:
        """Read rows from a position on."""
        if self._ids is not None:
            return self._by_id(self._ids[offset : offset + limit])
        found: list[SerialRow] = []
        for parts in blocks(self._parts(offset, limit), _TOGETHER):
            found += self._read(parts)
        return found

    def index_of(self, key: str) -> int | None:
        """Say how many rows stand before this one."""
        serial_id = int(key)
        if self._ids is not None:
            return self._ids.index(serial_id) if serial_id in self._ids else None
        rows = self._rows.also(f"s.id = {bound.param}", serial_id)
        here = bound.execute_sql(f"SELECT {', '.join(GROUPED_BY)} FROM serials s WHERE {rows.where}", rows.values)
        values = here.fetchone()
        if values is None:
            return None
        group = group_of(self.selection.order, [*values[:3], *map(read_date, values[3:5]), values[5]], self._today)
        before = 0
        for number, segment in enumerate(self._segments):
            if segment.group == group:
                rank = self._rank(number, serial_id)
                return None if rank is None else before + rank
            before += segment.length
        return None

    def after(self, row: SerialRow | None, limit: int) -> list[SerialRow]:
        """Read the rows that follow one, by serial number whatever the order of the selection; None begins.

        For lists read to their end: nothing is counted, and rows that others add meanwhile push none out.
        """
        rows = searched(self.selection)
        if row is not None:
            here = (sort_key(serial_key(row.serial_number)), row.id)
            rows = rows.also(f"({', '.join(PLAIN)}) > ({placeholders(2)})", *here)
        query = f"SELECT s.* FROM serials s WHERE {rows.where} ORDER BY {', '.join(PLAIN)} LIMIT {limit}"
        found = bound.execute_sql(f"{_shown(query)} ORDER BY {', '.join(PLAIN)}", rows.values)
        return [self._row(each) for each in found.fetchall()]

    # ----- pages

    def _parts(self, offset: int, limit: int) -> Iterable[_Part]:
        """The segments that a page reaches over, and the shortest way to its rows in each."""
        end = offset + limit
        first = 0
        for number, segment in enumerate(self._segments):
            inner = max(0, offset - first)
            wanted = min(end - first, segment.length) - inner
            if wanted > 0:
                anchors = self._anchors.setdefault(number, Anchors())
                for way in anchors.ways(inner, wanted, segment.length):
                    yield _Part(number, inner, way)
                    inner += way.limit
            first += segment.length

    def _read(self, parts: Sequence[_Part]) -> list[SerialRow]:
        columns = self._segments[parts[0].segment].columns
        if any(self._segments[part.segment].columns != columns for part in parts):
            return [row for part in parts for row in self._read([part])]
        queries: list[str] = []
        values: list[Any] = []
        for number, part in enumerate(parts):
            query, more = self._run(self._segments[part.segment], part.start)
            queries.append(f"SELECT {number} AS part, s.* FROM ({query}) s")
            values += more
        found = bound.execute_sql(
            _shown(" UNION ALL ".join(queries), f", {', '.join(columns)}, s.part"), values
        ).fetchall()
        rows: list[SerialRow] = []
        for number, part in enumerate(parts):
            here = [row for row in found if row[-1] == number]
            here.sort(key=_position, reverse=self.selection.descending)
            if here:
                anchors = self._anchors[part.segment]
                anchors.note(part.offset, _position(here[0]))
                anchors.note(part.offset + len(here) - 1, _position(here[-1]))
            rows += map(self._row, here)
        return rows

    def _run(self, segment: Segment, start: Start[tuple[Any, ...]]) -> tuple[str, tuple[Any, ...]]:
        rows, down = segment.rows, self.selection.descending != start.backwards
        if start.position is not None:
            sign = ("<" if down else ">") + ("" if start.backwards else "=")
            names, marks = ", ".join(segment.columns), placeholders(len(segment.columns))
            rows = rows.also(f"({names}) {sign} ({marks})", *start.position)
        order = ", ".join(f"{column}{' DESC' if down else ''}" for column in segment.columns)
        tail = f"LIMIT {start.limit} OFFSET {start.skip}"
        return f"SELECT s.* FROM serials s WHERE {rows.where} ORDER BY {order} {tail}", rows.values

    def _rank(self, number: int, serial_id: int) -> int | None:
        """How many rows of a segment stand before one of them; remembers it, since its page is read next."""
        segment = self._segments[number]
        names, sign = ", ".join(segment.columns), ">" if self.selection.descending else "<"
        here = bound.execute_sql(f"SELECT {names} FROM serials s WHERE s.id = {bound.param}", (serial_id,)).fetchone()
        if here is None:
            return None
        rows = segment.rows.also(f"({names}) {sign} ({placeholders(len(here))})", *here)
        found = bound.execute_sql(f"SELECT count(*) FROM serials s WHERE {rows.where}", rows.values)
        rank = int(found.fetchone()[0])
        self._anchors.setdefault(number, Anchors()).note(rank, tuple(here))
        return rank

    def _few(self, rows: Condition) -> list[int] | None:
        """The ids that a search found, in order; None where they are many."""
        found = bound.execute_sql(
            f"SELECT s.sort_key, s.id FROM serials s WHERE {rows.where} LIMIT {FEW + 1}", rows.values
        ).fetchall()
        if len(found) > FEW:
            return None
        return [serial_id for _, serial_id in sorted(found, reverse=self.selection.descending)]

    def _by_id(self, ids: Sequence[int]) -> list[SerialRow]:
        if not ids:
            return []
        query = f"SELECT s.* FROM serials s WHERE s.id IN ({placeholders(len(ids))})"
        found = bound.execute_sql(_shown(query), ids).fetchall()
        by_id = {row[0]: self._row(row) for row in found}
        return [by_id[serial_id] for serial_id in ids if serial_id in by_id]

    def _row(self, row: Sequence[Any]) -> SerialRow:
        serial_id, text, status_id, location, customer, start, end, void, received = row[:_WIDTH]
        state = warranty_status(read_date(start), read_date(end), void, self._today)
        day = read_date(received) or self._today
        return SerialRow(serial_id, text, self._status(status_id), location, customer, state, day)

    def _status(self, status_id: int) -> StatusLook:
        if status_id not in self._statuses:  # an administrator has added it since the list was begun
            self._statuses = {status.id: status for status in statuses()}
        return self._statuses[status_id]


_COLUMNS = (
    "s.id, s.serial_number, s.status_id, l.code, c.name, s.warranty_start, s.warranty_end, s.warranty_void, "
    "s.date_received"
)
_WIDTH = 9


def _shown(query: str, more: str = "") -> str:
    """A statement that gives `_COLUMNS` of the serials that a query chose."""
    return (
        f"SELECT {_COLUMNS}{more} FROM ({query}) s JOIN locations l ON l.id = s.location_id "
        "LEFT JOIN customers c ON c.id = s.customer_id"
    )


def _position(row: Sequence[Any]) -> tuple[Any, ...]:
    """What a row is ordered by within its segment."""
    return tuple(row[_WIDTH:-1])


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

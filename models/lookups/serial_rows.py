"""The serials of an item as one long list: filtered, ordered by any column, read a page at a time.

A list is a row of segments, each a range of an index: by status one for each status, by location one for each place, by
warranty one for each state. Their lengths come from the ledger's counts where those suffice, so nothing counts a
million rows; pages that follow one that was read go by keyset, jumps by offset from the nearer end of a segment.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from models import clock
from models.bulk import placeholders
from models.ledger import read_date
from models.lookups.statuses import StatusLook, statuses
from models.schema.base import bound
from models.serial_text import prefix_end, serial_key, sort_key
from models.warranty import Warranty, warranty_status

FEW = 2_000
"""Up to so many hits of a search are remembered by id."""

ANCHORS = 64
"""How many places a list remembers to go on from by keyset."""


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


class Segment(NamedTuple):
    """A run of rows with one condition, ordered by columns of an index."""

    where: str
    values: tuple[Any, ...]
    columns: tuple[str, ...]
    """What orders it; the last is the id."""


_PLAIN = ("s.sort_key", "s.id")


class SerialSource:
    """A `paging.RowSource` of `SerialRow`; lives on the database thread."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._statuses: dict[int, StatusLook] = {}
        self._segments: list[tuple[Segment, int]] = []
        self._ids: list[int] | None = None
        self._anchors: OrderedDict[tuple[int, int], tuple[Any, ...]] = OrderedDict()
        self._today = clock.today()

    def count(self) -> int:
        """Count the rows and lay out the segments anew."""
        self._statuses = {status.id: status for status in statuses()}
        self._anchors.clear()
        self._today = clock.today()
        self._ids = None
        where, values = self._condition()
        if self.selection.find:
            where, values = self._search(where, values)
            found = self._select("s.id", Segment(where, values, _PLAIN), f"LIMIT {FEW + 1}")
            if len(found) <= FEW and self.selection.order is Order.SERIAL:
                self._ids = [row[0] for row in (reversed(found) if self.selection.descending else found)]
                return len(self._ids)
        self._segments = [(segment, length) for segment, length in self._lengths(where, values) if length]
        if self.selection.descending:
            self._segments.reverse()
        return sum(length for _, length in self._segments)

    def fetch(self, offset: int, limit: int) -> Sequence[SerialRow]:
        """Read rows from a position on."""
        if self._ids is not None:
            return self._by_id(self._ids[offset : offset + limit])
        rows: list[SerialRow] = []
        start = 0
        for number, (segment, length) in enumerate(self._segments):
            if offset < start + length and limit > len(rows):
                inner = max(0, offset - start)
                rows += self._page(number, segment, length, inner, limit - len(rows))
            start += length
        return rows

    def index_of(self, key: str) -> int | None:
        """Say how many rows stand before this one."""
        if not key.isdigit():
            return None
        if self._ids is not None:
            return self._ids.index(int(key)) if int(key) in self._ids else None
        start = 0
        for segment, length in self._segments:
            here = bound.execute_sql(
                f"SELECT {', '.join(segment.columns)} FROM serials s WHERE {segment.where} AND s.id = {bound.param}",
                (*segment.values, int(key)),
            ).fetchone()
            if here is not None:
                less = ">" if self.selection.descending else "<"
                before = bound.execute_sql(
                    f"SELECT count(*) FROM serials s WHERE {segment.where} "
                    f"AND ({', '.join(segment.columns)}) {less} ({placeholders(len(segment.columns))})",
                    (*segment.values, *here),
                ).fetchone()
                return start + int(before[0])
            start += length
        return None

    def after(self, row: SerialRow | None, limit: int) -> list[SerialRow]:
        """Read the rows that follow one, by serial number whatever the order of the selection; None begins.

        For lists read to their end: nothing is counted, and rows that others add meanwhile push none out.
        """
        self._statuses = self._statuses or {status.id: status for status in statuses()}
        where, values = self._condition()
        if self.selection.find:
            where, values = self._search(where, values)
        if row is not None:
            where += f" AND (s.sort_key, s.id) > ({placeholders(2)})"
            values = (*values, sort_key(serial_key(row.serial_number)), row.id)
        found = self._select(_COLUMNS, Segment(where, values, _PLAIN), f"LIMIT {limit}")
        return [self._row(each) for each in found]

    # ----- the layout

    def _condition(self) -> tuple[str, tuple[Any, ...]]:
        chosen = self.selection
        where, values = f"s.item_id = {bound.param}", [chosen.item_id]
        for column, value in (("status_id", chosen.status_id), ("location_id", chosen.location_id)):
            if value is not None:
                where += f" AND s.{column} = {bound.param}"
                values.append(value)
        return where, tuple(values)

    def _search(self, where: str, values: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        anywhere = self.selection.find.startswith("*")
        text = serial_key(self.selection.find.lstrip("*"))
        if not text:
            return where, values
        if not anywhere and text.isascii():
            begins = f"{where} AND s.serial_key >= {bound.param} AND s.serial_key < {bound.param}"
            bounds = (*values, text, prefix_end(text))
            if bound.execute_sql(f"SELECT 1 FROM serials s WHERE {begins} LIMIT 1", bounds).fetchone():
                return begins, bounds
        function = "instr" if bound.param == "?" else "strpos"
        return f"{where} AND {function}(s.serial_key, {bound.param}) > 0", (*values, text)

    def _lengths(self, where: str, values: tuple[Any, ...]) -> list[tuple[Segment, int]]:
        chosen = self.selection
        if chosen.order is Order.STATUS:
            return self._grouped(where, values, "status_id", "statuses", "id")
        if chosen.order is Order.LOCATION:
            return self._grouped(where, values, "location_id", "locations", "code")
        if chosen.order is Order.CUSTOMER:
            blank = Segment(f"{where} AND s.customer_id IS NULL", values, _PLAIN)
            named = self._grouped(f"{where} AND s.customer_id IS NOT NULL", values, "customer_id", "customers", "name")
            total = self._total(where, values)
            return [*named, (blank, total - sum(length for _, length in named))]
        if chosen.order is Order.WARRANTY:
            return self._by_warranty(where, values)
        columns = ("s.date_received", *_PLAIN) if chosen.order is Order.RECEIVED else _PLAIN
        return [(Segment(where, values, columns), self._total(where, values))]

    def _grouped(
        self, where: str, values: tuple[Any, ...], column: str, table: str, order: str
    ) -> list[tuple[Segment, int]]:
        """One segment for each value of a column, in the order of its table."""
        if self.selection.find or column == "customer_id":
            groups = f"SELECT s.{column}, count(*) FROM serials s WHERE {where} GROUP BY s.{column}"
        else:
            groups = f"SELECT s.{column}, sum(s.serials) FROM serial_counts s WHERE {where} GROUP BY s.{column}"
        lengths = {row[0]: int(row[1]) for row in bound.execute_sql(groups, values).fetchall()}
        names = bound.execute_sql(f"SELECT id FROM {table} ORDER BY {order}").fetchall()
        return [
            (Segment(f"{where} AND s.{column} = {bound.param}", (*values, row[0]), _PLAIN), lengths[row[0]])
            for row in names
            if row[0] in lengths
        ]

    def _by_warranty(self, where: str, values: tuple[Any, ...]) -> list[tuple[Segment, int]]:
        """Under warranty, expired, then none; the first two by their last day."""
        one, day = bound.param, self._today
        in_force = f"{where} AND s.warranty_end IS NOT NULL AND s.warranty_void IS NULL"
        dated = ("s.warranty_end", *_PLAIN)
        begun = f"(s.warranty_start IS NULL OR s.warranty_start <= {one})"
        active = Segment(f"{in_force} AND s.warranty_end >= {one} AND {begun}", (*values, day, day), dated)
        expired = Segment(f"{in_force} AND s.warranty_end < {one}", (*values, day), dated)
        none = Segment(
            f"{where} AND (s.warranty_end IS NULL OR s.warranty_void IS NOT NULL"
            f" OR (s.warranty_start > {one} AND s.warranty_end >= {one}))",
            (*values, day, day),
            _PLAIN,
        )
        counted = [(segment, self._counted(segment.where, segment.values)) for segment in (active, expired)]
        rest = self._total(where, values) - sum(length for _, length in counted)
        return [*counted, (none, rest)]

    def _total(self, where: str, values: tuple[Any, ...]) -> int:
        if self.selection.find:
            return self._counted(where, values)
        found = bound.execute_sql(f"SELECT coalesce(sum(s.serials), 0) FROM serial_counts s WHERE {where}", values)
        return int(found.fetchone()[0])

    def _counted(self, where: str, values: tuple[Any, ...]) -> int:
        return int(bound.execute_sql(f"SELECT count(*) FROM serials s WHERE {where}", values).fetchone()[0])

    # ----- pages

    def _page(self, number: int, segment: Segment, length: int, inner: int, limit: int) -> list[SerialRow]:
        limit = min(limit, length - inner)
        columns = _COLUMNS + "".join(f", {column}" for column in segment.columns)
        anchor = self._anchors.get((number, inner))
        backwards = anchor is None and inner > length // 2
        if anchor is not None:
            more = "<" if self.selection.descending else ">"
            further = f"{segment.where} AND ({', '.join(segment.columns)}) {more} ({placeholders(len(anchor))})"
            rows = self._select(
                columns, segment._replace(where=further, values=(*segment.values, *anchor)), f"LIMIT {limit}"
            )
        elif backwards:
            tail = f"LIMIT {limit} OFFSET {length - inner - limit}"
            rows = self._select(columns, segment, tail, reverse=True)[::-1]
        else:
            rows = self._select(columns, segment, f"LIMIT {limit} OFFSET {inner}")
        if rows:
            self._anchors[number, inner + len(rows)] = tuple(rows[-1][_WIDTH:])
            while len(self._anchors) > ANCHORS:
                self._anchors.popitem(last=False)
        return [self._row(row) for row in rows]

    def _select(self, columns: str, segment: Segment, tail: str, *, reverse: bool = False) -> list[tuple[Any, ...]]:
        way = " DESC" if self.selection.descending != reverse else ""
        order = ", ".join(f"{column}{way}" for column in segment.columns)
        inner = f"SELECT s.* FROM serials s WHERE {segment.where} ORDER BY {order} {tail}"
        outer = (
            f"SELECT {columns} FROM ({inner}) s JOIN locations l ON l.id = s.location_id "
            f"LEFT JOIN customers c ON c.id = s.customer_id ORDER BY {order}"
        )
        return list(bound.execute_sql(outer, segment.values).fetchall())

    def _by_id(self, ids: Sequence[int]) -> list[SerialRow]:
        if not ids:
            return []
        segment = Segment(f"s.id IN ({placeholders(len(ids))})", tuple(ids), _PLAIN)
        rows = {row[0]: self._row(row) for row in self._select(_COLUMNS, segment, "")}
        return [rows[serial_id] for serial_id in ids if serial_id in rows]

    def _row(self, row: Sequence[Any]) -> SerialRow:
        serial_id, text, status_id, location, customer, start, end, void, received = row[:_WIDTH]
        state = warranty_status(read_date(start), read_date(end), void, self._today)
        day = read_date(received) or self._today
        return SerialRow(serial_id, text, self._statuses[status_id], location, customer, state, day)


_COLUMNS = (
    "s.id, s.serial_number, s.status_id, l.code, c.name, s.warranty_start, s.warranty_end, s.warranty_void, "
    "s.date_received"
)
_WIDTH = 9

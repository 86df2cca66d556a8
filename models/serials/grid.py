"""The serials of an item as one long list: filtered, ordered by any column, read a page at a time.

The list is a row of segments, see `segments`. Within each a page is reached from the nearest row that was read before
or from the nearer end, so that paging through ten million rows costs the same anywhere, and a jump half the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from models import clock
from models.database.bulk import blocks, placeholders
from models.lookups.anchors import Anchors, Start
from models.lookups.segments import (
    GROUPED_BY,
    PLAIN,
    Condition,
    Order,
    Segment,
    Selection,
    along_the_order,
    group_of,
    lay_out,
    searched,
    without_idle_text,
)
from models.schema.base import bound, read_date
from models.statuses import StatusLook, statuses
from models.text import serial_key, sort_key
from models.warranty import Warranty, warranty_status

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

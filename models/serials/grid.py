"""The rows of the serial list: keyset pages in any order of `columns`, search and counts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Generic, NamedTuple, TypeVar

from models.database.bulk import blocks, one_of, placeholders
from models.errors import NotAllowed
from models.items.items import find_item
from models.ngrams import WITHIN, for_each, in_steps, listed, ranges_with
from models.orders import Condition, Sorting
from models.paging import Anchors, Start
from models.schema import bound, summed, whole_number
from models.serials.columns import (
    COLUMNS,
    PLAIN,
    SERIAL,
    STATUS,
    AlongIndex,
    Filter,
    RowReader,
    Segment,
    SerialColumn,
    V,
    column_with,
    count_rows,
)
from models.statuses import kept
from models.text import prefix_end, serial_key, sort_key, storable
from models.verbs import StatusCode

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which serials of an item are listed, and in which order."""

    item_id: int
    only: Mapping[SerialColumn[Any], Any] = field(default_factory=dict)
    """Filters: column → required value, see `FilterValue.value`."""
    find: str = ""
    """Finds serials that begin with this text; serials that contain it if none begins with it or it starts with `*`."""
    order: SerialColumn[Any] = SERIAL
    descending: bool = False
    removed: bool = False
    """Whether removed ones are listed, too; a filter by status lists what it says."""

    @property
    def text(self) -> str:
        """The folded search text; empty for no search."""
        return serial_key(storable(self.find)).lstrip("*")

    @property
    def counted(self) -> bool:
        """Whether the rows can be counted in `serial_counts`."""
        return not self.text and all(filter_of(column).counted for column in self.only)


def filter_of(column: SerialColumn[Any]) -> Filter:
    """The filter of a column.

    Raises:
        ValueError: the column has none.
    """
    if column.filter is None:
        raise ValueError(f"serials are not filtered by {column.code}")
    return column.filter


def chosen(selection: Selection) -> Condition:
    """The condition of a selection without its search text."""
    rows = Condition(f"s.item_id = {bound.param}", (selection.item_id,))
    if not selection.removed and STATUS not in selection.only and count_removed(selection.item_id):
        rows = rows.also(kept("s"))
    for column, value in selection.only.items():
        rows = rows.also(f"s.{filter_of(column).column} = {bound.param}", value)
    return rows


def without_common_prefix(selection: Selection) -> Selection:
    """Drop the search text if all serials of the item begin with it, so that `serial_counts` can count the rows.

    They do if the first and the last key begin with it.
    """
    if not selection.text or selection.find.strip().startswith("*"):
        return selection
    ends = "SELECT serial_key FROM serials WHERE item_id = {one} ORDER BY serial_key {way} LIMIT 1"
    queries = [(ends.format(one=bound.param, way=way), (selection.item_id,)) for way in ("ASC", "DESC")]
    keys = [key for rows in bound.rows_of(queries) for (key,) in rows]
    return replace(selection, find="") if keys and all(key.startswith(selection.text) for key in keys) else selection


_LONG = 20_000
"""Serials of an item from which on a search for a part uses the index of n-grams; fewer keys are read as quickly."""

_STEP = 40_000
"""Ids that one statement of such a search reads."""

_MOST_EARLIER = 500
"""Most serials that a search finds by an earlier text alone."""


def searched(selection: Selection) -> Condition:
    """The condition of a selection, with its search text as it currently matches: as a prefix, else anywhere."""
    rows, text, one = chosen(selection), selection.text, bound.param
    if not text:
        return rows
    if not selection.find.strip().startswith("*"):
        # A prefix search as a key range, so that both databases use the index on the key.
        span = (text, prefix_end(text))
        begins = _or_earlier(
            rows, f"s.serial_key >= {one} AND s.serial_key < {one}", f"alias_key >= {one} AND alias_key < {one}", *span
        )
        if bound.execute_sql(f"SELECT 1 FROM serials s WHERE {begins.where} LIMIT 1", begins.values).fetchone():
            return begins
    # In another order the ids would have to be sorted by it for each page.
    if selection.order.ordering == AlongIndex() and (ids := _few_with(selection.item_id, text)) is not None:
        # The unary + keeps SQLite from the index on the item, which it would read whole.
        rows = rows._replace(where=rows.where.replace("s.item_id", "+s.item_id")) if one == "?" else rows
        those, values = one_of("s.id", ids)
        return rows.also(those, *values) if ids else rows.also("1 = 0")
    if one == "?":  # the first half is always true; it makes SQLite scan the index on the key instead of the rows
        own, earlier = f"s.serial_key > '' AND instr(s.serial_key, {one}) > 0", f"instr(alias_key, {one}) > 0"
    else:
        own, earlier = f"strpos(s.serial_key, {one}) > 0", f"strpos(alias_key, {one}) > 0"
    return _or_earlier(rows, own, earlier, text)


def _few_with(item_id: int, text: str) -> list[int] | None:
    """The serials of an item that have a text in their key or had it, found by the index of n-grams.

    Returns:
        Their ids; None if there are more than `FEW`, or if reading all keys of the item is as quick.
    """
    ranges = _ranges_worth_it(item_id, text)
    if ranges is None:
        return None
    one = bound.param
    contains = "instr({column}, {one}) > 0" if one == "?" else "strpos({column}, {one}) > 0"
    # The unary + keeps SQLite from reading the index on the item for each range of ids.
    item = "+s.item_id" if one == "?" else "s.item_id"
    mine = f"{item} = {one} AND {contains.format(column='s.serial_key', one=one)}"
    once = for_each("(SELECT DISTINCT serial_id FROM serial_aliases) a", f"s.id = a.serial_id AND {mine}")
    earlier = f"SELECT DISTINCT serial_id FROM serial_aliases WHERE {contains.format(column='alias_key', one=one)}"
    asked: list[tuple[str, Sequence[Any]]] = [
        (f"SELECT s.id FROM {once} LIMIT {FEW + 1}", (item_id, text)),
        (f"{earlier} LIMIT {_MOST_EARLIER}", (text,)),
    ]
    for part in in_steps(ranges, _STEP, _STEP):
        table, its_values = listed(part)
        found = for_each(table, f"{WITHIN} AND {mine}")
        asked.append((f"SELECT s.id FROM {found} LIMIT {FEW + 1}", (*its_values, item_id, text)))
    # A set: a serial may be found by its own text and by an earlier one.
    ids: set[int] = set()
    for sql, values in asked:
        ids.update(row[0] for row in bound.execute_sql(sql, values).fetchall())
        if len(ids) > FEW:
            return None
    return sorted(ids)


def _ranges_worth_it(item_id: int, text: str) -> list[tuple[int, int]] | None:
    """The ranges of ids to be read for a text; None if they have more than a quarter of the item's serials."""
    count = f"SELECT coalesce({summed('serials')}, 0) FROM serial_counts WHERE item_id = {bound.param}"
    serials = whole_number(bound.execute_sql(count, (item_id,)).fetchone()[0], "serial_counts")
    if serials < _LONG:
        return None
    ranges, read = list[tuple[int, int]](), 0
    for first, last in ranges_with(text):
        ranges.append((first, last))
        read += last - first + 1
        if read > serials // 4:
            return None
    return ranges


def _or_earlier(rows: Condition, own: str, earlier: str, *values: str) -> Condition:
    """The condition that a serial's text matches, or one that it had before it was corrected.

    Earlier texts are looked up first and are few: a condition on both tables would keep the databases from the index.
    """
    found = bound.execute_sql(
        f"SELECT DISTINCT serial_id FROM serial_aliases WHERE {earlier} LIMIT {_MOST_EARLIER}", values
    ).fetchall()
    if not found:
        return rows.also(own, *values)
    those, ids = one_of("s.id", [serial_id for (serial_id,) in found])
    return rows.also(f"(({own}) OR {those})", *values, *ids)


def along_the_order(rows: Condition) -> Condition:
    """Make SQLite read a search with many hits along the index of the order (the unary + disables the key index).

    Otherwise it would use the index on the key and sort all hits.
    """
    return rows._replace(where=rows.where.replace("s.serial_key", "+s.serial_key")) if bound.param == "?" else rows


def lay_out(selection: Selection, rows: Condition, day: date) -> list[Segment]:
    """The segments of a selection in list order, without those that are known to be empty.

    Args:
        rows: the result of `searched`.
        day: the date for which warranty states are computed.
    """
    segments = selection.order.ordering.lay_out(rows, day, counts=selection.counted)
    there = [segment for segment in segments if segment.length != 0]
    return there[::-1] if selection.descending else there


MOST_MARKED: Final = 100_000
"""Maximum number of rows that are marked together: a verb changes them in one transaction."""

FEW = 2_000
"""A search with at most this many hits keeps their ids in memory."""

_TOGETHER = 100
"""Maximum segments read in one statement; a page may need many, such as one row for each customer."""


@dataclass(frozen=True, slots=True)
class SerialRow:
    """One row of a list: `row[STATUS]` is its value in a column."""

    id: int
    values: tuple[Any, ...]
    places: Mapping[str, int] = field(repr=False)
    """Index in `values` by column code; shared by all rows of a list."""
    earlier: str = ""
    """The earlier text by which a search found it; empty if its own text was found."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def serial_number(self) -> str:
        """The serial number: its value in `SERIAL`."""
        return self[SERIAL]

    def __getitem__(self, column: SerialColumn[V]) -> V:
        value: V = self.values[self.places[column.code]]
        return value


_LONG_ENOUGH: Final = sys.maxsize
"""The length of a segment that has all rows up to the end of a page: how many follow need not be counted."""


class _Part(NamedTuple):
    """Consecutive rows to read from one segment."""

    segment: int
    """Index of the segment."""
    offset: int
    """Position of the first row within the segment."""
    start: Start[tuple[Any, ...]]
    """The keyset query that reads them."""


class SerialSource:
    """A `paging.RowSource` of `SerialRow`; used only in the database thread."""

    orders: Final[Sequence[SerialColumn[Any]]] = COLUMNS

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._columns = _GridColumns()
        self._rows = Condition("1 = 0", ())
        self._segments: list[Segment] = []
        self._total = 0
        self._anchors: dict[int, Anchors[tuple[Any, ...]]] = {}
        self._ids: list[int] | None = None

    @property
    def sorting(self) -> Sorting:
        """The order, and its direction."""
        return Sorting(self.selection.order.code, self.selection.descending)

    def sorted_by(self, sorting: Sorting) -> SerialSource:
        """The same serials in another order."""
        order = column_with(sorting.code)
        return SerialSource(replace(self.selection, order=order, descending=sorting.descending))

    def whole(self) -> SerialSource:
        """All serials of the item in the same order, removed ones too."""
        asked = self.selection
        return SerialSource(Selection(asked.item_id, order=asked.order, descending=asked.descending, removed=True))

    def count(self) -> int:
        """Count the rows and compute the segments again."""
        self._anchors.clear()
        self._columns.reading.renew()
        selection = without_common_prefix(self.selection)
        self._rows = searched(selection)
        # Few hits are kept as ids: each page of them is then read by key, whatever the search cost.
        few = self._few(self._rows) if selection.text else None
        self._ids = few if selection.order.ordering == AlongIndex() else None
        if self._ids is not None:
            return len(self._ids)
        if few is None and selection.text:  # many hits: nearly each row that is read along the order is one
            self._rows = along_the_order(self._rows)
        self._segments = lay_out(selection, self._rows, self._columns.reading.today)
        known = [segment.length for segment in self._segments if segment.length is not None]
        is_whole = len(known) == len(self._segments)
        self._total = sum(known) if is_whole else count_rows(self._rows, counts=selection.counted)
        return self._total

    def fetch(self, offset: int, limit: int) -> Sequence[SerialRow]:
        """Read a page of rows."""
        return self._with_earlier(self._page(offset, limit, self._columns))

    def select(self, offset: int, limit: int, columns: Selected[T]) -> list[T]:
        """Read other columns of a page of rows."""
        return self._page(offset, limit, columns)

    def _page(self, offset: int, limit: int, columns: Selected[T]) -> list[T]:
        if self._ids is not None:
            return self._by_id(self._ids[offset : offset + limit], columns)
        found: list[T] = []
        for parts in blocks(self._parts(offset, limit), _TOGETHER):
            found += self._read(parts, columns)
        return found

    def _with_earlier(self, rows: list[SerialRow]) -> list[SerialRow]:
        """The rows, each with the earlier text by which it was found if its own text does not match."""
        text, earlier = self.selection.text, dict[int, str]()
        for part in blocks([row.id for row in rows if text not in serial_key(row.serial_number)]):
            found = bound.execute_sql(
                "SELECT serial_id, alias_key, serial_number FROM serial_aliases "
                f"WHERE serial_id IN ({placeholders(len(part))}) ORDER BY alias_key DESC",
                part,
            )
            earlier |= {serial_id: alias for serial_id, key, alias in found.fetchall() if text in key}
        return [replace(row, earlier=earlier[row.id]) if row.id in earlier else row for row in rows]

    def index_of(self, key: str) -> int | None:
        """The position of a row in the list, or None."""
        serial_id = int(key)
        if self._ids is not None:
            return self._ids.index(serial_id) if serial_id in self._ids else None
        rows = self._rows.also(f"s.id = {bound.param}", serial_id)
        ordering = self.selection.order.ordering
        names = ", ".join(("s.id", *ordering.needs))
        here = bound.execute_sql(f"SELECT {names} FROM serials s WHERE {rows.where}", rows.values).fetchone()
        if here is None:
            return None
        group = ordering.group_of(here[1:], self._columns.reading.today)
        before = 0
        for number, segment in enumerate(self._segments):
            if segment.group == group:
                rank = self._rank(number, serial_id)
                return None if rank is None else before + rank
            before += self._length(number)
        return None

    def key_at(self, row: int) -> str | None:
        """The key of the row with this number, as the list is now; None if there is none."""
        found = self.fetch(row, 1) if row < self.count() else []
        return found[0].key if found else None

    def all_keys(self) -> list[str]:
        """The keys of all rows, as they are now.

        Raises:
            NotAllowed: there are more than `MOST_MARKED`.
        """
        return self._keys(0, self.count())

    def keys_between(self, one: str | None, other: str) -> list[str]:
        """The keys of the rows from one to another, both included, as the list is now.

        Args:
            one: None, or a key that is not in the list, is the other row.
            other: if it is not in the list, there are no such rows.

        Raises:
            NotAllowed: there are more than `MOST_MARKED`.
        """
        self.count()
        end = self.index_of(other)
        if end is None:
            return []
        begin = self.index_of(one) if one is not None else None
        first, last = sorted((end if begin is None else begin, end))
        return self._keys(first, last - first + 1)

    def _keys(self, offset: int, limit: int) -> list[str]:
        """The keys of rows of the list that was counted last."""
        if limit > MOST_MARKED:
            raise NotAllowed(
                f"These are {limit:,} serials, and at most {MOST_MARKED:,} are marked together. "
                "Show fewer of them: choose a status or a location first."
            )
        if self._ids is not None:
            return [str(serial_id) for serial_id in self._ids[offset : offset + limit]]
        found: list[str] = []
        for parts in blocks(self._parts(offset, limit), _TOGETHER):
            queries: list[str] = []
            values: list[Any] = []
            for part in parts:
                query, more = self._run(self._segments[part.segment], part.start)
                queries.append(f"SELECT s.id FROM ({query}) s")
                values += more
            rows = bound.execute_sql(" UNION ALL ".join(queries), values).fetchall()
            found += [str(row[0]) for row in rows]
        return found

    def after(self, row: SerialRow | None, limit: int) -> list[SerialRow]:
        """Read the rows after a row (None: from the start), always in order of the serial number.

        For reading a whole list: nothing is counted, and rows added in the meantime cause no gaps or repetitions.
        """
        rows = searched(self.selection)
        if row is not None:
            here = (sort_key(serial_key(row.serial_number)), row.id)
            rows = rows.also(f"({', '.join(PLAIN)}) > ({placeholders(2)})", *here)
        query = f"SELECT s.* FROM serials s WHERE {rows.where} ORDER BY {', '.join(PLAIN)} LIMIT {limit}"
        found = bound.execute_sql(f"{self._columns.of(query)} ORDER BY {', '.join(PLAIN)}", rows.values)
        return [self._columns.row(each) for each in found.fetchall()]

    # ----- pages

    def _length(self, number: int) -> int:
        """The length of a segment, counted when it is needed for the first time."""
        segment = self._segments[number]
        if segment.length is not None:
            return segment.length
        if segment.is_rest:
            others = sum(self._length(other) for other in range(len(self._segments)) if other != number)
            length = max(0, self._total - others)
        else:
            length = count_rows(segment.rows, counts=False)
        self._segments[number] = segment._replace(length=length)
        return length

    def _has(self, number: int, rows: int) -> bool:
        """Whether a segment whose length is not known has at least this many rows; the others are not counted."""
        segment = self._segments[number]
        if segment.length is not None or segment.is_rest or rows > FEW:
            return False
        found = bound.execute_sql(
            f"SELECT count(*) FROM (SELECT 1 FROM serials s WHERE {segment.rows.where} LIMIT {rows}) r",
            segment.rows.values,
        ).fetchone()[0]
        return int(found) == rows

    def _parts(self, offset: int, limit: int) -> Iterable[_Part]:
        """The segments that a page covers, and the shortest way to its rows in each."""
        end = offset + limit
        first = 0
        for number in range(len(self._segments)):
            if end <= first:
                return
            inner = max(0, offset - first)
            length = _LONG_ENOUGH if self._has(number, end - first) else self._length(number)
            wanted = min(end - first, length) - inner
            if wanted > 0:
                anchors = self._anchors.setdefault(number, Anchors())
                for way in anchors.ways(inner, wanted, length):
                    yield _Part(number, inner, way)
                    inner += way.limit
            first += length

    def _read(self, parts: Sequence[_Part], selected: Selected[T]) -> list[T]:
        # One UNION ALL for all parts; parts ordered by different columns are read one by one.
        columns = self._segments[parts[0].segment].columns
        if any(self._segments[part.segment].columns != columns for part in parts):
            return [row for part in parts for row in self._read([part], selected)]
        queries: list[str] = []
        values: list[Any] = []
        for number, part in enumerate(parts):
            query, more = self._run(self._segments[part.segment], part.start)
            queries.append(f"SELECT {number} AS part, s.* FROM ({query}) s")
            values += more
        found = bound.execute_sql(
            selected.of(" UNION ALL ".join(queries), f", {', '.join(columns)}, s.part"), values
        ).fetchall()
        rows: list[T] = []
        for number, part in enumerate(parts):
            # UNION ALL promises no order, and rows read backwards come in the opposite one.
            here = [row for row in found if row[-1] == number]
            here.sort(key=selected.position, reverse=self.selection.descending)
            if here:
                anchors = self._anchors[part.segment]
                anchors.note(part.offset, selected.position(here[0]))
                anchors.note(part.offset + len(here) - 1, selected.position(here[-1]))
            rows += map(selected.row, here)
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
        """The position of a row within its segment; noted as an anchor, since its page is usually read next."""
        segment, one = self._segments[number], bound.param
        names, sign = ", ".join(segment.columns), ">" if self.selection.descending else "<"
        here = bound.execute_sql(f"SELECT {names} FROM serials s WHERE s.id = {one}", (serial_id,)).fetchone()
        if here is None:
            return None
        # Column by column, since SQLite looks at each row twice where several are compared together.
        parts: list[Condition] = []
        alike = segment.rows
        for column, value in zip(segment.columns, here, strict=True):
            parts.append(alike.also(f"{column} {sign} {one}", value))
            alike = alike.also(f"{column} = {one}", value)
        counts = " + ".join(f"(SELECT count(*) FROM serials s WHERE {part.where})" for part in parts)
        found = bound.execute_sql(f"SELECT {counts}", [value for part in parts for value in part.values])
        rank = int(found.fetchone()[0])
        self._anchors.setdefault(number, Anchors()).note(rank, tuple(here))
        return rank

    def _few(self, rows: Condition) -> list[int] | None:
        """The ids found by a search, in order; None if there are more than `FEW`."""
        found = bound.execute_sql(
            f"SELECT s.sort_key, s.id FROM serials s WHERE {rows.where} LIMIT {FEW + 1}", rows.values
        ).fetchall()
        if len(found) > FEW:
            return None
        return [serial_id for _, serial_id in sorted(found, reverse=self.selection.descending)]

    def _by_id(self, ids: Sequence[int], columns: Selected[T]) -> list[T]:
        by_id = rows_by_id(ids, columns)
        return [by_id[serial_id] for serial_id in ids if serial_id in by_id]


class Selected(Generic[T_co]):
    """Builds a SELECT of columns of serials and converts its rows.

    Args:
        names: SQL expressions over `serials s` and what is joined.
        joins: JOIN clauses.
        convert: makes a row from the values of the id and of `names`; there may be further values behind.
    """

    def __init__(self, names: Sequence[str], joins: str, convert: Callable[[Sequence[Any]], T_co]) -> None:
        self._names = ", ".join(("s.id", *names))
        self._joins = joins
        self._width = 1 + len(names)
        self.row: Final = convert
        """Converts a row of the statement."""

    def of(self, query: str, more: str = "") -> str:
        """A statement that selects the columns, and more expressions, of the serials selected by a query."""
        return f"SELECT {self._names}{more} FROM ({query}) s {self._joins}"

    def position(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """The order key of a row in its segment: the expressions after the columns, without the part number."""
        return tuple(row[self._width : -1])


def rows_by_id(ids: Sequence[int], columns: Selected[T]) -> dict[int, T]:
    """Columns of these serials, those that are there, by id."""
    if not ids:
        return {}
    query = f"SELECT s.* FROM serials s WHERE s.id IN ({placeholders(len(ids))})"
    found = bound.execute_sql(columns.of(query), ids).fetchall()
    return {row[0]: columns.row(row) for row in found}


class _GridColumns(Selected[SerialRow]):
    """All `COLUMNS`."""

    def __init__(self) -> None:
        self.reading = RowReader()
        columns = tuple(COLUMNS)
        joins = " ".join(filter(None, dict.fromkeys(column.join for column in columns)))
        super().__init__([name for column in columns for name in column.sql], joins, self._row)
        self._places = {column.code: place for place, column in enumerate(columns)}
        start = 1
        self._reads: list[tuple[Callable[[RowReader, Sequence[Any]], Any], slice]] = []
        for column in columns:
            end = start + len(column.sql)
            self._reads.append((column.read, slice(start, end)))
            start = end

    def _row(self, row: Sequence[Any]) -> SerialRow:
        reading = self.reading
        return SerialRow(row[0], tuple([read(reading, row[part]) for read, part in self._reads]), self._places)


@dataclass(frozen=True, slots=True)
class Holding:
    """The number of some serials at one place."""

    location: str
    """Location code."""
    serials: int
    on_hand: int
    """Number of those that are on hand."""


def count_removed(item_id: int) -> int:
    """The number of removed serials of an item, which lists leave out."""
    one = bound.param
    found = bound.execute_sql(
        f"SELECT coalesce({summed('c.serials')}, 0) FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
        f"WHERE c.item_id = {one} AND t.code = {one}",
        (item_id, StatusCode.REMOVED),
    )
    return whole_number(found.fetchone()[0], "serial_counts")


def holdings(serial_ids: Sequence[int]) -> list[Holding]:
    """The number of these serials at each place, ordered by location code."""
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


def serials_of(sku: str, only: Mapping[str, str | None], *, find: str = "", removed: bool = False) -> SerialSource:
    """The serials of an item, as commands name them.

    Args:
        only: the code of the value that a column must have, by the column's code; None is all.
        find: serials that begin with this, or contain it where none begins so.
        removed: list removed ones, too.

    Raises:
        NotFound: the item, or one of the values.
    """
    item_id = find_item(sku).id
    columns = {column_with(code): value for code, value in only.items() if value is not None}
    values = {column: filter_of(column).find(value) for column, value in columns.items()}
    return SerialSource(Selection(item_id, values, find.strip(), removed=removed))

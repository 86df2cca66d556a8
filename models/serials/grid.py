"""The rows of the serial grid: its columns as data, pages by keyset in any order, filters, counts.

`COLUMNS` is the list of what is known of a serial in a list. Each column says what it reads, how rows are ordered by it
and how they are filtered by it; lists, filters, counts and commands read it there. A column to come is one entry more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from models import clock
from models.database.bulk import blocks, placeholders
from models.errors import NotFound
from models.items.items import find_item
from models.ledger import LABELS, Warranty, warranty_status
from models.locations import find_location
from models.paging import Anchors, Start
from models.schema import bound, read_date
from models.statuses import StatusLook, statuses
from models.text import prefix_end, serial_key, sort_key, storable

V = TypeVar("V")


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


PLAIN: Final = ("s.sort_key", "s.id")
"""The order by serial number, and that of rows which are alike in a column."""

# ----- how rows are ordered by a column


class Ordering(Protocol):
    """Cuts the rows of a list into segments, each of which one index orders, so that a page is read by its keys."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of `serials s` that tell the group of a row."""

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """The segments, rising; empty ones may be among them.

        Args:
            rows: the rows of the list.
            day: what warranties are read against.
            counts: whether `rows` is true of `serial_counts s` as well, which has their number.
        """

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The group of the segment of a row, by its values of `needs`."""


@dataclass(frozen=True, slots=True)
class Along:
    """Along one index: the rows are one segment."""

    columns: tuple[str, ...] = PLAIN
    """Never null, and an index of the item has them in this order; the last two are `PLAIN`."""
    needs: tuple[str, ...] = ()

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """One segment."""
        return [Segment(None, rows, self.columns, _count(rows, counts=counts))]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """All rows are alike."""
        return None


@dataclass(frozen=True, slots=True)
class Grouped:
    """By what a column refers to: a segment for each row of that table that has serials, in the order of the table."""

    column: str
    """Of `serials`; an index has item, this column and `PLAIN`."""
    table: str
    by: str
    """The column that orders the table."""
    counted: bool = False
    """Whether `serial_counts` has the column."""
    nullable: bool = False
    """Whether it may refer to nothing; such rows come last."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The reference."""
        return (f"s.{self.column}",)

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """A segment for each value, and one for none."""
        column = f"s.{self.column}"
        if not self.nullable:
            return self._named(rows, counts=counts)
        named = self._named(rows.also(f"{column} IS NOT NULL"), counts=counts)
        rest = _count(rows, counts=counts) - sum(segment.length for segment in named)
        return [*named, Segment(None, rows.also(f"{column} IS NULL"), PLAIN, rest)]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The id that it refers to."""
        return values[0]

    def _named(self, rows: Condition, *, counts: bool) -> list[Segment]:
        in_counts = counts and self.counted
        number, source = ("sum(s.serials)", "serial_counts") if in_counts else ("count(*)", "serials")
        found = bound.execute_sql(
            f"SELECT g.grp, g.number FROM (SELECT s.{self.column} AS grp, {number} AS number FROM {source} s "
            f"WHERE {rows.where} GROUP BY s.{self.column}) g JOIN {self.table} t ON t.id = g.grp ORDER BY t.{self.by}",
            rows.values,
        )
        return [
            Segment(group, rows.also(f"s.{self.column} = {bound.param}", group), PLAIN, int(length))
            for group, length in found.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class ByWarranty:
    """Under warranty and expired, each by its last day, then none, void ones among them."""

    needs: tuple[str, ...] = ("s.warranty_start", "s.warranty_end", "s.warranty_void")

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """The three."""
        one = bound.param
        in_force = rows.also("s.warranty_end IS NOT NULL AND s.warranty_void IS NULL")
        begun = f"(s.warranty_start IS NULL OR s.warranty_start <= {one})"
        dated = {
            Warranty.ACTIVE: in_force.also(f"s.warranty_end >= {one} AND {begun}", day, day),
            Warranty.EXPIRED: in_force.also(f"s.warranty_end < {one}", day),
        }
        by_day = ("s.warranty_end", *PLAIN)
        segments = [Segment(state, part, by_day, _count(part, counts=False)) for state, part in dated.items()]
        to_come = f"(s.warranty_start > {one} AND s.warranty_end >= {one})"
        none = rows.also(f"(s.warranty_end IS NULL OR s.warranty_void IS NOT NULL OR {to_come})", day, day)
        rest = _count(rows, counts=counts) - sum(segment.length for segment in segments)
        return [*segments, Segment(Warranty.NONE, none, PLAIN, rest)]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The state of the warranty, void as none."""
        state = _warranty(day, values)
        return Warranty.NONE if state is Warranty.VOID else state


def _count(rows: Condition, *, counts: bool) -> int:
    number, source = ("coalesce(sum(s.serials), 0)", "serial_counts") if counts else ("count(*)", "serials")
    return int(bound.execute_sql(f"SELECT {number} FROM {source} s WHERE {rows.where}", rows.values).fetchone()[0])


# ----- how rows are filtered by a column


class FilterValue(NamedTuple):
    """What rows can be filtered by, with how many an item has of it."""

    value: Any
    """What `Filter.column` is compared with."""
    code: str
    label: str
    serials: int
    mark: str = ""
    name: str = ""
    """What more there is to say of it."""

    @property
    def text(self) -> str:
        """Mark and label."""
        return f"{self.mark} {self.label}" if self.mark else self.label


@dataclass(frozen=True, slots=True)
class Filter:
    """Chooses the rows that have one value in a column."""

    column: str
    """Of `serials`."""
    values: Callable[[int], list[FilterValue]]
    """Those that an item has, by its id, in the order in which they are offered."""
    find: Callable[[str], Any]
    """The value with a code; raises `NotFound` where there is none."""
    help: str
    """What the option of a command says."""
    counted: bool = False
    """Whether `serial_counts` has the column."""


def _statuses_of(item_id: int) -> list[FilterValue]:
    counts = _counts_of(item_id, "status_id")
    return [
        FilterValue(look.id, look.code, look.label, counts[look.id], look.mark)
        for look in statuses()
        if look.id in counts
    ]


def _find_status(code: str) -> int:
    known = {status.code: status.id for status in statuses()}
    if code not in known:
        raise NotFound(f"There is no status {code}. There are: {', '.join(known)}.", field="status")
    return known[code]


def _find_place(code: str) -> int:
    place_id: int = find_location(code).id
    return place_id


def _places_of(item_id: int) -> list[FilterValue]:
    rows = bound.execute_sql(
        "SELECT l.id, l.code, l.name, sum(c.serials) FROM serial_counts c JOIN locations l ON l.id = c.location_id "
        f"WHERE c.item_id = {bound.param} AND c.serials > 0 GROUP BY l.id, l.code, l.name ORDER BY l.code",
        (item_id,),
    )
    return [FilterValue(row[0], row[1], row[1], int(row[3]), name=row[2]) for row in rows.fetchall()]


def _counts_of(item_id: int, column: str) -> dict[int, int]:
    rows = bound.execute_sql(
        f"SELECT {column}, sum(serials) FROM serial_counts WHERE item_id = {bound.param} AND serials > 0 "
        f"GROUP BY {column}",
        (item_id,),
    )
    return {row[0]: int(row[1]) for row in rows.fetchall()}


# ----- the columns


class RowReader:
    """What it takes to read the values of rows: the day, and the statuses as they are called."""

    def __init__(self) -> None:
        self.today = clock.today()
        """What warranties are read against."""
        self._statuses: dict[int, StatusLook] = {}

    def status(self, status_id: int) -> StatusLook:
        """A status by its id."""
        if status_id not in self._statuses:  # an administrator has added it since the list was begun
            self._statuses = {status.id: status for status in statuses()}
        return self._statuses[status_id]


def _as_it_is(_: RowReader, values: Sequence[Any]) -> Any:
    return values[0]


def _same(value: Any) -> Any:
    return value


def _text(value: object) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, eq=False)
class SerialColumn(Generic[V]):
    """One column of a list of serials."""

    code: str
    """Names it in JSON, in settings and for the screen."""
    sql: tuple[str, ...]
    """What is read for it: expressions over `serials s` and `join`."""
    ordering: Ordering
    """How rows are ordered by it."""
    join: str = ""
    """Another table that `sql` needs."""
    read: Callable[[RowReader, Sequence[Any]], V] = _as_it_is
    """The value, from those of `sql`."""
    data: Callable[[V], Any] = _same
    """The value as JSON has it."""
    text: Callable[[V], str] = _text
    """The value as a command prints it."""
    filter: Filter | None = None
    """How rows are chosen by it; None where they are not."""

    @property
    def label(self) -> str:
        """Its name for people, as in the seed: "Serial Number"."""
        return self.code.replace("_", " ").title()


def _warranty(day: date, values: Sequence[Any]) -> Warranty:
    start, end, void = values
    return warranty_status(read_date(start), read_date(end), void, day)


def _received(reading: RowReader, values: Sequence[Any]) -> date:
    return read_date(values[0]) or reading.today


SERIAL = SerialColumn[str]("serial_number", ("s.serial_number",), Along())

STATUS = SerialColumn[StatusLook](
    "status",
    ("s.status_id",),
    Grouped("status_id", "statuses", "id", counted=True),
    read=lambda reading, values: reading.status(values[0]),
    data=lambda status: status.code,
    text=lambda status: f"{status.mark} {status.label}",
    filter=Filter("status_id", _statuses_of, _find_status, "only those in this status, such as in_stock", counted=True),
)

LOCATION = SerialColumn[str](
    "location",
    ("l.code",),
    Grouped("location_id", "locations", "code", counted=True),
    join="JOIN locations l ON l.id = s.location_id",
    filter=Filter("location_id", _places_of, _find_place, "only those at this place", counted=True),
)

CUSTOMER = SerialColumn[str | None](
    "customer",
    ("c.name",),
    Grouped("customer_id", "customers", "name", nullable=True),
    join="LEFT JOIN customers c ON c.id = s.customer_id",
)

WARRANTY = SerialColumn[Warranty](
    "warranty_status",
    ByWarranty().needs,
    ByWarranty(),
    read=lambda reading, values: _warranty(reading.today, values),
    text=lambda state: LABELS[state],
)

RECEIVED = SerialColumn[date](
    "date_received",
    ("s.date_received",),
    Along(("s.date_received", *PLAIN)),
    read=_received,
    data=lambda day: day.isoformat(),
)

COLUMNS: Final[list[SerialColumn[Any]]] = [SERIAL, STATUS, LOCATION, CUSTOMER, WARRANTY, RECEIVED]
"""All of them, in the order of the grid."""


def column_with(code: str) -> SerialColumn[Any]:
    """The column with this code."""
    return next(column for column in COLUMNS if column.code == code)


# ----- a list


@dataclass(frozen=True, slots=True)
class Selection:
    """Which serials of an item, in which order."""

    item_id: int
    only: Mapping[SerialColumn[Any], Any] = field(default_factory=dict)
    """The value that a column must have, see `Filter.column`."""
    find: str = ""
    """Serials that begin with this, or contain it where none begins so or it starts with `*`."""
    order: SerialColumn[Any] = SERIAL
    descending: bool = False

    @property
    def text(self) -> str:
        """What is searched, folded; empty where nothing is."""
        return serial_key(storable(self.find)).lstrip("*")

    @property
    def counted(self) -> bool:
        """Whether `serial_counts` knows how many rows there are."""
        return not self.text and all(filter_of(column).counted for column in self.only)


def filter_of(column: SerialColumn[Any]) -> Filter:
    """The filter of a column that has one.

    Raises:
        ValueError: it has none.
    """
    if column.filter is None:
        raise ValueError(f"serials are not filtered by {column.code}")
    return column.filter


def chosen(selection: Selection) -> Condition:
    """The rows of a selection, searched text left aside."""
    rows = Condition(f"s.item_id = {bound.param}", (selection.item_id,))
    for column, value in selection.only.items():
        rows = rows.also(f"s.{filter_of(column).column} = {bound.param}", value)
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
    segments = selection.order.ordering.lay_out(rows, day, counts=selection.counted)
    there = [segment for segment in segments if segment.length > 0]
    return there[::-1] if selection.descending else there


FEW = 2_000
"""Up to so many hits of a search are remembered by id."""

_TOGETHER = 100
"""Segments read by one statement; a page may hold one row of each of many customers."""


@dataclass(frozen=True, slots=True)
class SerialRow:
    """One line of a list: `row[STATUS]` is its value in a column."""

    id: int
    values: tuple[Any, ...]
    places: Mapping[str, int] = field(repr=False)
    """Where the value of a column stands, by its code; all rows of a list share it."""

    @property
    def key(self) -> str:
        """The id, as text."""
        return str(self.id)

    @property
    def serial_number(self) -> str:
        """What the row is called."""
        return self[SERIAL]

    def __getitem__(self, column: SerialColumn[V]) -> V:
        value: V = self.values[self.places[column.code]]
        return value


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
        self._shown = _Shown()
        self._rows = Condition("1 = 0", ())
        self._segments: list[Segment] = []
        self._anchors: dict[int, Anchors[tuple[Any, ...]]] = {}
        self._ids: list[int] | None = None

    def count(self) -> int:
        """Count the rows and lay out the segments anew."""
        self._anchors.clear()
        self._shown.reading.today = clock.today()
        selection = without_idle_text(self.selection)
        self._rows = searched(selection)
        few = self._few(self._rows) if selection.text else None
        self._ids = few if selection.order.ordering == Along() else None
        if self._ids is not None:
            return len(self._ids)
        if few is None and selection.text:
            self._rows = along_the_order(self._rows)
        self._segments = lay_out(selection, self._rows, self._shown.reading.today)
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
        ordering = self.selection.order.ordering
        names = ", ".join(("s.id", *ordering.needs))
        here = bound.execute_sql(f"SELECT {names} FROM serials s WHERE {rows.where}", rows.values).fetchone()
        if here is None:
            return None
        group = ordering.group_of(here[1:], self._shown.reading.today)
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
        found = bound.execute_sql(f"{self._shown.of(query)} ORDER BY {', '.join(PLAIN)}", rows.values)
        return [self._shown.row(each) for each in found.fetchall()]

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
            self._shown.of(" UNION ALL ".join(queries), f", {', '.join(columns)}, s.part"), values
        ).fetchall()
        rows: list[SerialRow] = []
        for number, part in enumerate(parts):
            here = [row for row in found if row[-1] == number]
            here.sort(key=self._shown.position, reverse=self.selection.descending)
            if here:
                anchors = self._anchors[part.segment]
                anchors.note(part.offset, self._shown.position(here[0]))
                anchors.note(part.offset + len(here) - 1, self._shown.position(here[-1]))
            rows += map(self._shown.row, here)
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
        found = bound.execute_sql(self._shown.of(query), ids).fetchall()
        by_id = {row[0]: self._shown.row(row) for row in found}
        return [by_id[serial_id] for serial_id in ids if serial_id in by_id]


class _Shown:
    """Reads `COLUMNS` of rows."""

    def __init__(self) -> None:
        columns = tuple(COLUMNS)
        self.reading = RowReader()
        self._joins = " ".join(filter(None, dict.fromkeys(column.join for column in columns)))
        self._names = ", ".join(("s.id", *(name for column in columns for name in column.sql)))
        self._places = {column.code: place for place, column in enumerate(columns)}
        self._width = 1
        self._reads: list[tuple[Callable[[RowReader, Sequence[Any]], Any], slice]] = []
        for column in columns:
            end = self._width + len(column.sql)
            self._reads.append((column.read, slice(self._width, end)))
            self._width = end

    def of(self, query: str, more: str = "") -> str:
        """A statement that reads the columns, and more, of the serials that a query chose."""
        return f"SELECT {self._names}{more} FROM ({query}) s {self._joins}"

    def row(self, row: Sequence[Any]) -> SerialRow:
        """A row that such a statement gave."""
        reading = self.reading
        return SerialRow(row[0], tuple([read(reading, row[part]) for read, part in self._reads]), self._places)

    def position(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """What it is ordered by within its segment."""
        return tuple(row[self._width : -1])


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


def serials_of(sku: str, only: Mapping[str, str | None], *, find: str = "") -> SerialSource:
    """The serials of an item, as commands name them.

    Args:
        only: the code of the value that a column must have, by the column's code; None is all.
        find: serials that begin with this, or contain it where none begins so.

    Raises:
        NotFound: the item, or one of the values.
    """
    item_id = find_item(sku).id
    columns = {column_with(code): value for code, value in only.items() if value is not None}
    values = {column: filter_of(column).find(value) for column, value in columns.items()}
    return SerialSource(Selection(item_id, values, find.strip()))

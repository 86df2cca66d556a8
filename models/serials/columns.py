"""The columns of the serial list, as data.

Each entry of `COLUMNS` says which SQL expressions a column reads, how rows are ordered by it and how they are filtered
by it; lists, filters, counts and commands take it from there. For a column that `serials` has already, a new entry here
and one in `tui/serials/columns.py` are all. A new column of the table needs more: `models/schema.py` with a migration
(and an index for its order), `ledger` and `ledger_bulk` where serials are made and changed, `exporting/lists.py`, and
`Field` in `importing/columns.py` if files have it.

An order cuts the rows into segments, each ordered by one index, so that `grid` reads any page by index keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from models import clock
from models.errors import NotFound
from models.locations import find_location
from models.orders import Condition
from models.schema import bound, read_date, summed, whole_number
from models.statuses import StatusLook, kept, own_last, statuses
from models.terms import WARRANTY_LABELS, Warranty, warranty_status
from models.verbs import StatusCode

V = TypeVar("V")


class Segment(NamedTuple):
    """A part of the list with one condition, whose order is that of an index."""

    group: Any
    """The value that its rows share: id of the status, place or customer, or warranty state."""
    rows: Condition
    columns: tuple[str, ...]
    """The columns that order it; the last is the id."""
    length: int | None
    """Number of rows; None where counting them takes long, so that it waits until it is needed."""
    is_rest: bool = False
    """Whether it has the rows that no other segment has: its length is what the others leave of the list."""


PLAIN: Final = ("s.sort_key", "s.id")
"""Natural order by serial number; also the order of rows with the same value in another column."""

# ----- orderings


class Ordering(Protocol):
    """Cuts the rows of a list into segments, each ordered by one index, so that a page is read by its keys."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns of `serials s` from which `group_of` finds the group of a row."""

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """The segments in ascending order; some may be empty.

        Args:
            rows: condition of the list.
            day: the date for which warranty states are computed.
            counts: `rows` also applies to `serial_counts s`, so that rows can be counted there.
        """

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The group of a row, from its values of `needs`."""


@dataclass(frozen=True, slots=True)
class AlongIndex:
    """Order along one index: all rows are one segment."""

    columns: tuple[str, ...] = PLAIN
    """Not nullable, and in this order in an index that begins with the item; the last two are `PLAIN`."""
    needs: tuple[str, ...] = ()

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """One segment with all rows."""
        return [Segment(None, rows, self.columns, None, is_rest=True)]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """None: there is only one segment."""
        return None


_HIDDEN: Final = "hidden"
"""The group of rows that do not show their value, see `Grouped.hidden`."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Order by a foreign key: one segment per referenced row that has serials, in the order of the referenced table."""

    column: str
    """Foreign key in `serials`; there is an index on item, this column and `PLAIN`."""
    table: str
    """The referenced table."""
    by: str
    """The SQL expressions over `t`, the table, by which it is ordered."""
    counted: bool = False
    """Whether `serial_counts` has the column."""
    nullable: bool = False
    """Whether the column may be NULL; such rows come last."""
    hidden: str = ""
    """For a nullable column: the condition of rows that do not show their value; they come before those with NULL.
    `serial_counts` has what it asks for."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The foreign key, and whether it is hidden."""
        return (f"s.{self.column}", self.hidden or "NULL")

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """One segment per value, and one for NULL if nullable."""
        column = f"s.{self.column}"
        if not self.nullable:
            return self._named(rows, counts=counts)
        named = self._named(rows.also(f"{column} IS NOT NULL"), counts=counts)
        blank = [Segment(None, rows.also(f"{column} IS NULL"), PLAIN, None, is_rest=True)]
        hides = self.hidden and (not counts or count_rows(rows.also(self.hidden), counts=True))
        return [*(self._hiding(rows, named) if hides else named), *blank]

    def _hiding(self, rows: Condition, named: Sequence[Segment]) -> list[Segment]:
        """The segments without their hidden rows, and these in one of their own."""
        column = f"s.{self.column}"
        # Counted by themselves: they are few, and the index by which all are counted does not have what hides them. The
        # unary + keeps both databases from that index.
        hidden = rows.also(f"{self.hidden} AND +{column} IS NOT NULL")
        found = bound.execute_sql(
            f"SELECT +{column}, count(*) FROM serials s WHERE {hidden.where} GROUP BY +{column}", hidden.values
        )
        counts = {group: int(number) for group, number in found.fetchall()}
        shown = [
            segment._replace(
                rows=segment.rows.also(f"NOT {self.hidden}"),
                length=(segment.length or 0) - counts[segment.group],
            )
            if segment.group in counts
            else segment
            for segment in named
        ]
        return [*shown, Segment(_HIDDEN, hidden, PLAIN, sum(counts.values()))]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The referenced id; that of hidden rows has a group of its own."""
        group, is_hidden = values
        return _HIDDEN if group is not None and is_hidden else group

    def _named(self, rows: Condition, *, counts: bool) -> list[Segment]:
        in_counts = counts and self.counted
        number, source = (summed("s.serials"), "serial_counts") if in_counts else ("count(*)", "serials")
        found = bound.execute_sql(
            f"SELECT g.grp, g.number FROM (SELECT s.{self.column} AS grp, {number} AS number FROM {source} s "
            f"WHERE {rows.where} GROUP BY s.{self.column}) g JOIN {self.table} t ON t.id = g.grp ORDER BY {self.by}",
            rows.values,
        )
        return [
            Segment(
                group,
                rows.also(f"s.{self.column} = {bound.param}", group),
                PLAIN,
                whole_number(length, "serial_counts"),
            )
            for group, length in found.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class ByWarranty:
    """Order by warranty state: active by last day, expired by last day, then none including void."""

    needs: tuple[str, ...] = ("s.warranty_start", "s.warranty_end", "s.warranty_void")

    def lay_out(self, rows: Condition, day: date, *, counts: bool) -> list[Segment]:
        """The three segments."""
        one = bound.param
        in_force = rows.also("s.warranty_end IS NOT NULL AND s.warranty_void IS NULL")
        begun = f"(s.warranty_start IS NULL OR s.warranty_start <= {one})"
        dated = {
            Warranty.ACTIVE: in_force.also(f"s.warranty_end >= {one} AND {begun}", day, day),
            Warranty.EXPIRED: in_force.also(f"s.warranty_end < {one}", day),
        }
        by_day = ("s.warranty_end", *PLAIN)
        # Among a million serials counting takes longer than all else that a screen needs of this order.
        segments = [Segment(state, part, by_day, None) for state, part in dated.items()]
        to_come = f"(s.warranty_start > {one} AND s.warranty_end >= {one})"
        none = rows.also(f"(s.warranty_end IS NULL OR s.warranty_void IS NOT NULL OR {to_come})", day, day)
        return [*segments, Segment(Warranty.NONE, none, PLAIN, None, is_rest=True)]

    def group_of(self, values: Sequence[Any], day: date) -> Any:
        """The warranty state; void counts as none."""
        state = _warranty(day, values)
        return Warranty.NONE if state is Warranty.VOID else state


def count_rows(rows: Condition, *, counts: bool) -> int:
    """Count the rows of a list.

    Args:
        rows: their condition.
        counts: whether it also applies to `serial_counts s`, where they are counted then.
    """
    number, source = (f"coalesce({summed('s.serials')}, 0)", "serial_counts") if counts else ("count(*)", "serials")
    found = bound.execute_sql(f"SELECT {number} FROM {source} s WHERE {rows.where}", rows.values)
    return whole_number(found.fetchone()[0], "serial_counts")


# ----- filters


class FilterValue(NamedTuple):
    """A value to filter by, with the number of serials of the item that have it."""

    value: Any
    """The value compared with `Filter.column`."""
    code: str
    label: str
    serials: int
    mark: str = ""
    name: str = ""
    """A longer name, such as that of a location."""

    @property
    def text(self) -> str:
        """Mark and label."""
        return f"{self.mark} {self.label}" if self.mark else self.label


@dataclass(frozen=True, slots=True)
class Filter:
    """Selects the rows with one value in a column."""

    column: str
    """Column of `serials`."""
    values: Callable[[int], list[FilterValue]]
    """Returns the values that occur on an item (given its id), in the order in which they are offered."""
    find: Callable[[str], Any]
    """Returns the value with a code; raises `NotFound`."""
    help: str
    """Help text of the command-line option."""
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
        f"SELECT l.id, l.code, l.name, {summed('c.serials')} FROM serial_counts c "
        "JOIN locations l ON l.id = c.location_id "
        f"WHERE c.item_id = {bound.param} AND coalesce(c.serials, 1) > 0 AND {kept('c')} "
        "GROUP BY l.id, l.code, l.name ORDER BY l.code",
        (item_id,),
    )
    return [
        FilterValue(row[0], row[1], row[1], whole_number(row[3], "serial_counts"), name=row[2])
        for row in rows.fetchall()
    ]


def _counts_of(item_id: int, column: str) -> dict[int, int]:
    rows = bound.execute_sql(
        f"SELECT {column}, {summed('serials')} FROM serial_counts WHERE item_id = {bound.param} "
        f"AND coalesce(serials, 1) > 0 GROUP BY {column}",
        (item_id,),
    )
    return {row[0]: whole_number(row[1], "serial_counts") for row in rows.fetchall()}


# ----- the columns


class RowReader:
    """Context for reading row values: today's date, and the statuses."""

    def __init__(self) -> None:
        self.today = clock.today()
        """The date for which warranty states are computed."""
        self._statuses: dict[int, StatusLook] = {}

    def renew(self) -> None:
        """Take today's date, and read the statuses again when they are needed: a label may have changed."""
        self.today = clock.today()
        self._statuses = {}

    def status(self, status_id: int) -> StatusLook:
        """A status by its id."""
        if status_id not in self._statuses:  # an administrator added it after the list was opened
            self._statuses = {status.id: status for status in statuses()}
        return self._statuses[status_id]


def _first_value(_: RowReader, values: Sequence[Any]) -> Any:
    return values[0]


def _unchanged(value: Any) -> Any:
    return value


def _text(value: object) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, eq=False)
class SerialColumn(Generic[V]):
    """One column of a list of serials."""

    code: str
    """Its name in JSON, in settings and in screen code."""
    sql: tuple[str, ...]
    """SQL expressions over `serials s` and `join` that are selected for it."""
    ordering: Ordering
    """The order of rows by it."""
    join: str = ""
    """JOIN clause that `sql` needs."""
    read: Callable[[RowReader, Sequence[Any]], V] = _first_value
    """Makes the value from the selected `sql` values."""
    data: Callable[[V], Any] = _unchanged
    """Converts the value for JSON."""
    text: Callable[[V], str] = _text
    """Converts the value to text for commands."""
    filter: Filter | None = None
    """The filter by it; None if rows cannot be filtered by it."""

    @property
    def label(self) -> str:
        """Its heading: "Serial Number"."""
        return self.code.replace("_", " ").title()


def _warranty(day: date, values: Sequence[Any]) -> Warranty:
    start, end, void = values
    return warranty_status(read_date(start), read_date(end), void, day)


def _received(reading: RowReader, values: Sequence[Any]) -> date:
    return read_date(values[0]) or reading.today


SERIAL = SerialColumn[str]("serial_number", ("s.serial_number",), AlongIndex())

STATUS = SerialColumn[StatusLook](
    "status",
    ("s.status_id",),
    Grouped("status_id", "statuses", f"{own_last('t.id')}, t.id", counted=True),
    read=lambda reading, values: reading.status(values[0]),
    data=lambda status: status.code,
    text=lambda status: f"{status.mark} {status.label}",
    filter=Filter("status_id", _statuses_of, _find_status, "only those in this status, such as in_stock", counted=True),
)

LOCATION = SerialColumn[str](
    "location",
    ("l.code",),
    Grouped("location_id", "locations", "t.code", counted=True),
    join="JOIN locations l ON l.id = s.location_id",
    filter=Filter("location_id", _places_of, _find_place, "only those at this place", counted=True),
)

_RESERVED: Final = f"(s.status_id = (SELECT id FROM statuses WHERE code = '{StatusCode.RESERVED}'))"

CUSTOMER = SerialColumn[str | None](
    "customer",
    ("c.name",),
    Grouped("customer_id", "customers", "t.name", nullable=True, hidden=_RESERVED),
    # For whom a serial is reserved stands in its record: the column is blank unless it was sold.
    join=f"LEFT JOIN customers c ON c.id = s.customer_id AND NOT {_RESERVED}",
)

WARRANTY = SerialColumn[Warranty](
    "warranty_status",
    ByWarranty().needs,
    ByWarranty(),
    read=lambda reading, values: _warranty(reading.today, values),
    text=lambda state: WARRANTY_LABELS[state],
)

RECEIVED = SerialColumn[date](
    "date_received",
    ("s.date_received",),
    AlongIndex(("s.date_received", *PLAIN)),
    read=_received,
    data=lambda day: day.isoformat(),
)

COLUMNS: Final[list[SerialColumn[Any]]] = [SERIAL, STATUS, LOCATION, CUSTOMER, WARRANTY, RECEIVED]
"""All columns, in the order of the list."""


def column_with(code: str) -> SerialColumn[Any]:
    """The column with this code."""
    return next(column for column in COLUMNS if column.code == code)

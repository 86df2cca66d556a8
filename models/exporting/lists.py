"""The lists that can be exported: each with its columns, its rows and their order.

A `RowsToExport` reads pages of rows in one snapshot. Serials have more columns than their grid shows, so that the file
is imported again without a mapping; all other lists have the columns of their command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Protocol, TypeVar

from models import clock
from models.customers import CustomerRow, CustomerSerials, CustomerSource, find_customer
from models.database.bulk import blocks, placeholders
from models.documents import (
    DocumentRow,
    DocumentSource,
    EveryDocument,
    NamedSerials,
    find_document,
)
from models.exporting.formats import Column, Row, ValueKind
from models.importing.serial_cells import marked
from models.items.list import ItemRow, ItemSource
from models.items.stock import StockChangeRow, StockChanges
from models.locations import PlaceRow, PlaceSource, StockRow, StockSource
from models.orders import Sorting
from models.paging import Keyed, Record, RowSource, hidden_among, in_order, whole_list
from models.people import UserRow, UserSource
from models.schema import bound, read_date
from models.serials.grid import Selected, SerialSource, rows_by_id, serials_of
from models.serials.record import Event, find_serial, histories
from models.station.drafts import DraftLook, DraftSource
from models.station.lines import LineRow, LineSource
from models.statuses import StatusLook, StatusSource, statuses
from models.terms import WARRANTY_LABELS, Warranty, warranty_status
from models.verbs import BY_KIND

R = TypeVar("R", bound=Keyed)
PAGE: Final = 2_000
"""Rows that are read and written at once."""


class RowsToExport(Protocol):
    """Rows to export; used in one snapshot, on one thread."""

    @property
    def name(self) -> str:
        """The stem of the file's name and the title of the sheet, such as `serials`."""

    def columns(self) -> Sequence[Column]:
        """The columns."""

    def count(self) -> int:
        """The number of rows; called before `pages`."""

    def pages(self) -> Iterator[Sequence[Row]]:
        """The rows, page by page."""


# ----- serials


_SERIAL_SQL: Final = (
    *("s.serial_number", "i.sku", "s.status_id", "l.code", "c.name", "s.warranty_start", "s.warranty_end"),
    *("s.warranty_void", "s.date_received", "s.condition_notes"),
)
_SERIAL_JOINS: Final = (
    "JOIN items i ON i.id = s.item_id JOIN locations l ON l.id = s.location_id "
    "LEFT JOIN customers c ON c.id = s.customer_id"
)
_SELECTED: Final = Selected[Sequence[Any]](_SERIAL_SQL, _SERIAL_JOINS, lambda row: row)


class _Days(dict[Any, Any]):
    """Dates by the values of the driver. Equal values are converted once, since a million serials have few days."""

    def __missing__(self, value: Any) -> Any:
        if len(self) > _MOST_KEPT:
            self.clear()
        found = self[value] = read_date(value)
        return found


class _Warranties(dict[tuple[Any, Any, str | None], str]):
    """States of warranties by start, end and the reason why it is void."""

    def __init__(self) -> None:
        super().__init__({(None, None, None): str(Warranty.NONE)})
        self._today = clock.today()

    def __missing__(self, key: tuple[Any, Any, str | None]) -> str:
        if len(self) > _MOST_KEPT:
            self.clear()
        start, end, void = key
        found = self[key] = str(warranty_status(read_date(start), read_date(end), void, self._today))
        return found


_MOST_KEPT: Final = 50_000
"""Converted values that are kept."""


class _SerialReader:
    """Converts rows of `_SELECTED`."""

    def __init__(self) -> None:
        self._statuses: dict[int, str] = {look.id: look.code for look in statuses()}
        self._days = _Days()
        self._warranties = _Warranties()

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Row]:
        """The rows for `_serial_columns`."""
        days, states, codes = self._days, self._warranties, self._statuses
        # In the order of `_serial_columns`; the rest of a row are keys of its order.
        return [
            (
                text,
                sku,
                codes[status],
                place,
                buyer,
                states[start, end, void],
                days[received],
                notes,
                days[start],
                days[end],
                void,
            )
            for _, text, sku, status, place, buyer, start, end, void, received, notes, *_ in found
        ]


def _serial_columns() -> list[Column]:
    return [
        Column("serial_number", "Serial Number", exact=marked, width=24),
        Column("item", "Item"),
        Column("status", "Status", words=_status_labels()),
        Column("location", "Location"),
        Column("customer", "Customer", width=24),
        Column(
            "warranty_status", "Warranty Status", words={str(state): label for state, label in WARRANTY_LABELS.items()}
        ),
        Column("date_received", "Date Received", ValueKind.DATE, width=14),
        Column("condition_notes", "Condition Notes", width=30),
        Column("warranty_start", "Warranty Start", ValueKind.DATE, width=14),
        Column("warranty_end", "Warranty End", ValueKind.DATE, width=14),
        Column("warranty_void", "Warranty Void Because", width=24),
    ]


def _status_labels() -> dict[str, str]:
    return {look.code: look.label for look in statuses()}


class SerialsExport:
    """Serials of one list or several, one after the other.

    Args:
        *sources: grids.
        keys: only these rows, in the order of the list; None for all.
    """

    name = "serials"

    def __init__(self, *sources: SerialSource, keys: Sequence[str] | None = None) -> None:
        self._sources = sources
        self._keys = keys
        self._counts: list[int] = []

    def columns(self) -> Sequence[Column]:
        """The columns of an import, and the warranty's state."""
        return _serial_columns()

    def count(self) -> int:
        """Count the rows, which also lays the lists out."""
        self._counts = [source.count() for source in self._sources]
        if self._keys is None:
            return sum(self._counts)
        self._keys = [key for source in self._sources for key in in_order(source, self._keys)]
        return len(self._keys)

    def pages(self) -> Iterator[Sequence[Row]]:
        """Read the rows."""
        reader = _SerialReader()
        if self._keys is not None:
            yield from _by_id(map(int, self._keys), reader)
            return
        for source, count in zip(self._sources, self._counts, strict=True):
            for start in range(0, count, PAGE):
                yield reader.rows(source.select(start, PAGE, _SELECTED))


def _by_id(ids: Iterator[int], reader: _SerialReader) -> Iterator[Sequence[Row]]:
    block: list[int] = []
    for serial_id in ids:
        block.append(serial_id)
        if len(block) == PAGE:
            yield _some(block, reader)
            block = []
    if block:
        yield _some(block, reader)


def _some(ids: Sequence[int], reader: _SerialReader) -> list[Row]:
    found = rows_by_id(ids, _SELECTED)
    return reader.rows([found[serial_id] for serial_id in ids if serial_id in found])


def every_serial(
    sku: str | None,
    only: Mapping[str, str | None],
    *,
    find: str = "",
    removed: bool = False,
    sorting: Sorting | None = None,
) -> SerialsExport:
    """The serials of an item, or of all items one after the other; the other arguments are those of `serials_of`.

    Args:
        sorting: the order within each item; by serial unless given.

    Raises:
        NotFound: the item, or one of the values.
    """
    skus = [sku] if sku is not None else _items_with_serials()
    sources = [serials_of(each, only, find=find, removed=removed) for each in skus]
    return SerialsExport(*(source.sorted_by(sorting) if sorting else source for source in sources))


def _items_with_serials() -> list[str]:
    found = bound.execute_sql(
        "SELECT i.sku FROM items i WHERE EXISTS (SELECT 1 FROM serials s WHERE s.item_id = i.id) ORDER BY i.sku_key"
    )
    return [sku for (sku,) in found.fetchall()]


class SerialsOf(Generic[R]):
    """The serials of another list, such as those of a customer or of a document, with the columns of all serials.

    Args:
        source: each row has the id of a serial as its key.
        keys: only these rows, in the order of the list; None for all.
        name: as for `RowsToExport`.
    """

    def __init__(self, source: RowSource[R], keys: Sequence[str] | None = None, *, name: str = "serials") -> None:
        self.name = name
        """The stem of the file's name and the title of the sheet."""
        self._source = source
        self._keys = keys
        self._total = 0

    def columns(self) -> Sequence[Column]:
        """The columns of an import, and the warranty's state."""
        return _serial_columns()

    def count(self) -> int:
        """Count the rows."""
        self._total = self._source.count()
        if self._keys is None:
            return self._total
        self._keys = in_order(self._source, self._keys)
        return len(self._keys)

    def pages(self) -> Iterator[Sequence[Row]]:
        """Read the rows."""
        reader = _SerialReader()
        if self._keys is not None:
            yield from _by_id(map(int, self._keys), reader)
            return
        for start in range(0, self._total, PAGE):
            yield _some([int(row.key) for row in self._source.fetch(start, PAGE)], reader)


# ----- other lists


@dataclass(frozen=True)
class _Field(Generic[R]):
    """A column with the function that gets its value from a row."""

    column: Column
    value: Callable[[R], Any]


class RowsExport(Generic[R]):
    """Any list whose rows have the values themselves."""

    def __init__(
        self, name: str, fields: Sequence[_Field[R]], source: RowSource[R], keys: Sequence[str] | None = None
    ) -> None:
        self.name = name
        """The stem of the file's name and the title of the sheet."""
        self._fields = fields
        self._source = source
        self._keys = frozenset(keys) if keys is not None else None
        self._total = 0

    def columns(self) -> Sequence[Column]:
        """The columns."""
        return [one.column for one in self._fields]

    def count(self) -> int:
        """Count the rows."""
        self._total = self._source.count()
        return self._total if self._keys is None else len(self._keys)

    def pages(self) -> Iterator[Sequence[Row]]:
        """Read the rows."""
        getters = [one.value for one in self._fields]
        for start in range(0, self._total, PAGE):
            found = self._source.fetch(start, PAGE)
            yield [[get(row) for get in getters] for row in found if self._keys is None or row.key in self._keys]


class Fixed(Generic[R]):
    """A `paging.RowSource` of rows that were read already."""

    def __init__(self, rows: Sequence[R]) -> None:
        self._rows = rows

    def count(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def fetch(self, offset: int, limit: int) -> Sequence[R]:
        """A page of them."""
        return self._rows[offset : offset + limit]

    def index_of(self, key: str) -> int | None:
        """The position of a row, or None."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)


_ITEM_FIELDS: Final[Sequence[_Field[ItemRow]]] = (
    _Field(Column("sku", "SKU"), lambda row: row.sku),
    _Field(Column("name", "Name", width=36), lambda row: row.name),
    _Field(Column("location", "Location"), lambda row: row.location),
    _Field(Column("on_hand", "On Hand", ValueKind.NUMBER, width=10), lambda row: row.on_hand),
    _Field(Column("track_serials", "Track Serials", ValueKind.FLAG, width=12), lambda row: row.track_serials),
    _Field(Column("serials", "Serials On Hand", ValueKind.NUMBER), lambda row: row.serials),
    _Field(
        Column("without", "Without Serial", ValueKind.NUMBER), lambda row: row.without if row.track_serials else None
    ),
)


def items(source: ItemSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The items of a list."""
    return RowsExport("items", _ITEM_FIELDS, source, keys)


_PLACE_FIELDS: Final[Sequence[_Field[PlaceRow]]] = (
    _Field(Column("code", "Location"), lambda row: row.place.code),
    _Field(Column("name", "Name", width=36), lambda row: row.place.name),
    _Field(Column("parent", "In"), lambda row: row.place.parent),
    _Field(Column("on_hand", "On Hand", ValueKind.NUMBER, width=10), lambda row: row.on_hand),
    _Field(Column("serials", "Serials On Hand", ValueKind.NUMBER), lambda row: row.serials),
    _Field(Column("closed", "Closed", ValueKind.FLAG, width=8), lambda row: row.place.closed),
)


def locations(source: PlaceSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The locations of a list, each below the one that it is in."""
    return RowsExport("locations", _PLACE_FIELDS, source, keys)


_STOCK_FIELDS: Final[Sequence[_Field[StockRow]]] = (
    _Field(Column("location", "Location"), lambda row: row.location),
    _Field(Column("sku", "SKU"), lambda row: row.sku),
    _Field(Column("name", "Name", width=36), lambda row: row.name),
    _Field(Column("on_hand", "On Hand", ValueKind.NUMBER, width=10), lambda row: row.on_hand),
    _Field(Column("serials", "Serials On Hand", ValueKind.NUMBER), lambda row: row.serials),
    _Field(Column("track_serials", "Track Serials", ValueKind.FLAG, width=12), lambda row: row.track_serials),
)


def stock(source: StockSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The stock at a location and inside it."""
    return RowsExport("stock", _STOCK_FIELDS, source, keys)


_CUSTOMER_FIELDS: Final[Sequence[_Field[CustomerRow]]] = (
    _Field(Column("name", "Name", width=36), lambda row: row.name),
    _Field(Column("code", "Code"), lambda row: row.code),
    _Field(Column("serials", "Serials", ValueKind.NUMBER, width=10), lambda row: row.serials),
    _Field(Column("under_warranty", "Under Warranty", ValueKind.NUMBER), lambda row: row.under_warranty),
    _Field(Column("reference", "Reference"), lambda row: row.reference),
    _Field(Column("notes", "Notes", width=36), lambda row: row.notes),
)


def customers(source: CustomerSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The customers of a list."""
    return RowsExport("customers", _CUSTOMER_FIELDS, source, keys)


_DOCUMENT_FIELDS: Final[Sequence[_Field[DocumentRow]]] = (
    _Field(Column("number", "Document"), lambda row: row.number),
    _Field(Column("kind", "Kind"), lambda row: row.kind),
    _Field(Column("at", "Date And Time", ValueKind.MOMENT, width=20), lambda row: row.at),
    _Field(Column("user", "By"), lambda row: row.user),
    _Field(Column("login_user", "Signed In As"), lambda row: row.login_user),
    _Field(Column("from_location", "From"), lambda row: row.from_location),
    _Field(Column("to_location", "To"), lambda row: row.to_location),
    _Field(Column("customer", "Customer", width=24), lambda row: row.customer),
    _Field(Column("serials", "Serials", ValueKind.NUMBER, width=10), lambda row: row.serials),
    _Field(Column("reference", "Reference"), lambda row: row.reference),
    _Field(Column("repairer", "Repairer"), lambda row: row.repairer),
    _Field(Column("source", "Source"), lambda row: row.source),
    _Field(Column("voided_by", "Voided By"), lambda row: row.voided_by),
    _Field(Column("note", "Note", width=36), lambda row: row.note),
)


def documents(source: EveryDocument | DocumentSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The documents of a list."""
    return RowsExport("documents", _DOCUMENT_FIELDS, source, keys)


_CHANGE_FIELDS: Final[Sequence[_Field[StockChangeRow]]] = (
    _Field(Column("at", "Date And Time", ValueKind.MOMENT, width=20), lambda row: row.at),
    _Field(Column("location", "Location"), lambda row: row.location),
    _Field(Column("units", "Units", ValueKind.NUMBER, width=10), lambda row: row.units),
    _Field(Column("kind", "Kind"), lambda row: row.kind),
    _Field(Column("reason", "Reason", width=36), lambda row: row.reason),
    _Field(Column("document", "Document"), lambda row: row.document),
    _Field(Column("user", "By"), lambda row: row.user),
    _Field(Column("login_user", "Signed In As"), lambda row: row.login_user),
)


def stock_changes(source: StockChanges, keys: Sequence[str] | None = None) -> RowsToExport:
    """The changes of an item's quantity."""
    return RowsExport("quantities", _CHANGE_FIELDS, source, keys)


_STATUS_FIELDS: Final[Sequence[_Field[StatusLook]]] = (
    _Field(Column("code", "Code"), lambda look: look.code),
    _Field(Column("label", "Label", width=24), lambda look: look.label),
    _Field(Column("colour", "Colour"), lambda look: look.colour),
    _Field(Column("mark", "Mark", width=8), lambda look: look.mark),
    _Field(Column("available", "Available", ValueKind.FLAG, width=10), lambda look: look.available),
    _Field(Column("on_hand", "On Hand", ValueKind.FLAG, width=10), lambda look: look.on_hand),
)


def status_list(source: StatusSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The statuses of a list."""
    return RowsExport("statuses", _STATUS_FIELDS, source, keys)


_DRAFT_FIELDS: Final[Sequence[_Field[DraftLook]]] = (
    _Field(Column("id", "Draft", ValueKind.NUMBER, width=8), lambda look: look.row.id),
    _Field(Column("task", "Task"), lambda look: look.row.task),
    _Field(Column("location", "Location"), lambda look: look.row.location),
    _Field(Column("item", "Item"), lambda look: look.row.sku),
    _Field(Column("good", "Good", ValueKind.NUMBER, width=8), lambda look: look.row.good),
    _Field(Column("problems", "Problems", ValueKind.NUMBER, width=10), lambda look: look.row.problems),
    _Field(Column("expected", "Expected", ValueKind.NUMBER, width=10), lambda look: look.row.expected or None),
    _Field(Column("user", "By"), lambda look: look.row.login),
    _Field(Column("started_by", "Started By"), lambda look: look.row.started_by),
    _Field(Column("started_at", "Started", ValueKind.MOMENT, width=20), lambda look: look.row.started_at),
    _Field(Column("changed_at", "Last Scan", ValueKind.MOMENT, width=20), lambda look: look.row.changed_at),
    _Field(Column("in_use", "In Use", ValueKind.FLAG, width=8), lambda look: look.in_use),
    _Field(Column("answers", "Answers", width=36), lambda look: look.said),
)


def drafts(source: DraftSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The open drafts of a list."""
    return RowsExport("drafts", _DRAFT_FIELDS, source, keys)


_LINE_FIELDS: Final[Sequence[_Field[LineRow]]] = (
    _Field(Column("line", "Line", ValueKind.NUMBER, width=8), lambda row: row.position),
    _Field(Column("serial_number", "Serial Number", width=24), lambda row: row.serial_number),
    _Field(Column("state", "State", width=10), lambda row: row.state),
    _Field(Column("item", "Item"), lambda row: row.sku),
    _Field(Column("location", "Location"), lambda row: row.location),
    _Field(Column("at", "Date And Time", ValueKind.MOMENT, width=20), lambda row: row.at),
    _Field(Column("user", "By"), lambda row: row.login),
    _Field(Column("message", "Message", width=36), lambda row: row.message),
    _Field(Column("status", "Status Now", width=14), lambda row: row.status.label if row.status else None),
    _Field(Column("status_at", "Location Now"), lambda row: row.status_at),
)


def lines(source: LineSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The lines of a draft."""
    return RowsExport("lines", _LINE_FIELDS, source, keys)


_USER_FIELDS: Final[Sequence[_Field[UserRow]]] = (
    _Field(Column("name", "User", width=16), lambda row: row.login),
    _Field(Column("roles", "Roles", width=24), lambda row: ", ".join(row.roles)),
    _Field(Column("permissions", "Permissions", width=36), lambda row: ", ".join(row.permissions)),
    _Field(Column("added_at", "Added", ValueKind.MOMENT, width=20), lambda row: row.added_at),
)


def users(source: UserSource, keys: Sequence[str] | None = None) -> RowsToExport:
    """The users of a list."""
    return RowsExport("users", _USER_FIELDS, source, keys)


# ----- lists as screens show them


@dataclass(frozen=True, slots=True)
class ToExport:
    """A list or its marked rows, as a screen offers them for an export; made on the thread of the screen's lists."""

    name: str
    """As `RowsToExport.name`."""
    rows: int
    """Number of rows now; 0 where only the export counts them."""
    source: Any
    """A source of its own, since the export runs on another thread; or the id of a serial."""
    marked: tuple[str, ...]
    """Keys of the rows to export; empty for all."""
    hidden: int = 0
    """Number of marked rows that the list does not show now, since it is narrowed."""

    def make(self) -> RowsToExport:
        """The list, for the thread of the export."""
        return _listed(self.source, self.marked or None)


def to_export(source: object, marked: Sequence[str] = ()) -> ToExport:
    """Prepare the export of a list as a screen shows it, or of its marked rows; used only on the thread of the list.

    Args:
        source: of the list, or the id of a serial, whose history is exported.
        marked: keys of the rows to export; empty for all.

    Raises:
        TypeError: a source that has no columns here.
    """
    # No deep copy of a grid: the columns of its filters are compared by identity.
    own: Any = SerialSource(source.selection) if isinstance(source, SerialSource) else deepcopy(source)
    if not marked:
        listed = _listed(own, None)
        return ToExport(listed.name, listed.count(), own, ())
    hidden = hidden_among(own, marked)
    whole = whole_list(own)  # marks stay while a list is narrowed
    listed = _listed(whole, marked)
    return ToExport(listed.name, listed.count(), whole, tuple(marked), hidden)


def _listed(source: Any, keys: Sequence[str] | None) -> RowsToExport:
    if isinstance(source, int):
        return history_of_id(source)
    if isinstance(source, SerialSource):
        return SerialsExport(source, keys=keys)
    if isinstance(source, CustomerSerials | NamedSerials):
        return SerialsOf(source, keys)
    for kind, make in _ROWS.items():
        if isinstance(source, kind):
            return make(source, keys)
    msg = f"a list of {type(source).__name__} is not exported"
    raise TypeError(msg)


_ROWS: Final[Mapping[type[Any], Callable[[Any, Sequence[str] | None], RowsToExport]]] = {
    ItemSource: items,
    PlaceSource: locations,
    StockSource: stock,
    CustomerSource: customers,
    EveryDocument: documents,
    DocumentSource: documents,
    StockChanges: stock_changes,
    StatusSource: status_list,
    DraftSource: drafts,
    LineSource: lines,
    UserSource: users,
}


# ----- histories


_EVENTS_OF: Final = 500
"""Serials whose events are read at once."""


def _changes(event: Event) -> str:
    """The other changed columns, each before and after."""
    return "; ".join(f"{name}: {_or_none(old)} → {_or_none(new)}" for name, (old, new) in event.changes.items())


def _or_none(value: object) -> str:
    return "none" if value in (None, "") else str(value)


_EVENT_FIELDS: Final[Sequence[tuple[Column, Callable[[Event], Any]]]] = (
    (Column("item", "Item"), lambda event: event.sku),
    (Column("serial_number", "Serial Number", width=24), lambda event: event.serial_number),
    (Column("number", "Number", ValueKind.NUMBER, width=8), lambda event: event.number),
    (Column("at", "Date And Time", ValueKind.MOMENT, width=20), lambda event: event.at),
    (
        Column("kind", "What", words={kind: verb.done for kind, verb in BY_KIND.items()}),
        lambda event: event.kind,
    ),
    (Column("user", "By"), lambda event: event.user),
    (Column("login_user", "Signed In As"), lambda event: event.login_user),
    (Column("document", "Document"), lambda event: event.document),
    (Column("from_status", "Status Before"), lambda event: event.from_status),
    (Column("to_status", "Status After"), lambda event: event.to_status),
    (Column("from_location", "Location Before"), lambda event: event.from_location),
    (Column("to_location", "Location After"), lambda event: event.to_location),
    (Column("from_customer", "Customer Before", width=24), lambda event: event.from_customer),
    (Column("to_customer", "Customer After", width=24), lambda event: event.to_customer),
    (Column("units", "Units", ValueKind.NUMBER, width=8), lambda event: event.units),
    (Column("voids", "Voids Number", ValueKind.NUMBER, width=12), lambda event: event.voids),
    (Column("reference", "Reference"), lambda event: event.reference),
    (Column("changes", "Other Changes", width=36), _changes),
    (Column("note", "Note", width=36), lambda event: event.note),
)


class HistoryExport:
    """The chain of custody: every event of some serials, serial by serial, the oldest event first.

    Args:
        source: each row has the id of a serial as its key.
    """

    name = "history"

    def __init__(self, source: RowSource[Any]) -> None:
        self._source = source
        self._total = 0

    def columns(self) -> Sequence[Column]:
        """The columns of events."""
        labels = _status_labels()
        return [
            replace(column, words=labels) if column.code.endswith("_status") else column for column, _ in _EVENT_FIELDS
        ]

    def count(self) -> int:
        """Count the events."""
        self._total = self._source.count()
        ids = (int(row.key) for start in range(0, self._total, PAGE) for row in self._source.fetch(start, PAGE))
        return sum(_count_events(block) for block in blocks(ids))

    def pages(self) -> Iterator[Sequence[Row]]:
        """Read the events."""
        getters = [get for _, get in _EVENT_FIELDS]
        for start in range(0, self._total, _EVENTS_OF):
            ids = [int(row.key) for row in self._source.fetch(start, _EVENTS_OF)]
            yield [[get(event) for get in getters] for event in histories(ids)]


def _count_events(ids: Sequence[int]) -> int:
    found = bound.execute_sql(f"SELECT count(*) FROM serial_events WHERE serial_id IN ({placeholders(len(ids))})", ids)
    return int(found.fetchone()[0])


def history_of(text: str, sku: str | None = None) -> RowsToExport:
    """The history of one serial; as for `find_serial`.

    Raises:
        NotFound, Ambiguous
    """
    return history_of_id(find_serial(text, sku))


def history_of_id(serial_id: int) -> RowsToExport:
    """The history of one serial."""
    return HistoryExport(Fixed([Record(str(serial_id), ())]))


def history_of_document(number: str) -> RowsToExport:
    """The whole history of all serials of a document, such as a receipt.

    Raises:
        NotFound
    """
    return HistoryExport(NamedSerials(find_document(number).id))


def serials_of_document(number: str) -> RowsToExport:
    """The serials of a document as they are now.

    Raises:
        NotFound
    """
    found = find_document(number)
    return SerialsOf(NamedSerials(found.id), name=found.number)


def serials_of_customer(customer: str) -> RowsToExport:
    """The serials that a customer has now.

    Raises:
        NotFound
    """
    return SerialsOf(CustomerSerials(find_customer(customer).id))

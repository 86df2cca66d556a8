"""Documents: reserving their numbers, creating, reading and listing them, and the serials of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from models.digests import digest
from models.errors import BadValue, NotFound
from models.orders import (
    BYTEWISE,
    BlankLast,
    ByValue,
    Condition,
    KeysetRows,
    Order,
    Sorting,
    blank_last,
    order_with,
    ranked,
    usual,
)
from models.paging import Anchors
from models.schema import (
    Document,
    DocumentNumber,
    bound,
    columns_of,
    is_sqlite,
    moment_value,
    read_moment,
    whole_number,
)
from models.statuses import StatusLook, own_last, statuses
from models.text import fold, prefix_end, serial_key, storable
from models.verbs import DocumentKind

if TYPE_CHECKING:
    from models.database.unit import Unit


DOCUMENT_DIGESTED: Final = tuple(name for name in columns_of(Document) if name not in ("id", "digest"))
"""Columns of `documents` of which the digest is made, in this order."""


def reserve_numbers(kind: DocumentKind, count: int = 1) -> list[str]:
    """Reserve the next `count` document numbers of a kind, such as T-000214. Call it inside a transaction.

    Raises:
        WrongValueError: a row is damaged.
    """
    one = bound.param
    # Two statements, since RETURNING needs SQLite 3.35. The first locks the row until the transaction ends, so that
    # no other transaction gets the same numbers.
    bound.execute_sql(
        f"INSERT INTO document_numbers (kind, last) VALUES ({one}, {one}) "
        "ON CONFLICT (kind) DO UPDATE SET last = document_numbers.last + excluded.last",
        (str(kind), count),
    )
    # All kinds: where the row of this one had become another word, numbers would begin anew.
    rows = bound.execute_sql("SELECT kind, last FROM document_numbers").fetchall()
    given = {DocumentNumber.kind.known(name): whole_number(number, "document_numbers") for name, number in rows}
    last = given[str(kind)]
    return [number_text(kind, number) for number in range(last - count + 1, last + 1)]


def number_text(kind: DocumentKind, number: int) -> str:
    """The document number as text, such as T-000214."""
    return f"{kind.prefix}-{number:06d}"


def new_document(
    unit: Unit,
    kind: DocumentKind,
    *,
    serials: int,
    from_location_id: int | None = None,
    to_location_id: int | None = None,
    customer_id: int | None = None,
    note: str = "",
    reference: str = "",
    repairer: str = "",
    source_document_id: int | None = None,
) -> Document:
    """Create a document in the unit's transaction.

    Args:
        serials: number of serials in the document.
        from_location_id: None also if the units come from several locations.
        reference: the number that somebody else knows it by.
        source_document_id: the transfer that an arrival belongs to, or the document that a void undoes.
    """
    values = {
        "kind": str(kind),
        "number": reserve_numbers(kind)[0],
        "at": unit.at,
        "user_id": unit.actor.user_id,
        "login_user_id": unit.actor.login_user_id,
        "from_location_id": from_location_id,
        "to_location_id": to_location_id,
        "customer_id": customer_id,
        "serials": serials,
        "note": note,
        "reference": reference,
        "repairer": repairer,
        "source_document_id": source_document_id,
    }
    return Document.create(**values, digest=digest(values[name] for name in DOCUMENT_DIGESTED))


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in a list."""

    id: int
    number: str
    kind: str
    """A `models.verbs.DocumentKind`."""
    at: datetime
    """UTC."""
    user: str
    login_user: str | None
    """The administrator who acted for `user`; None if the user acted in person."""
    from_location: str | None
    """Location code; None also if the units came from several locations."""
    to_location: str | None
    customer: str | None
    note: str
    serials: int
    """Number of serials in it: those of the item in an item's list, otherwise all."""
    reference: str = ""
    repairer: str = ""
    source: str | None = None
    """Number of the transfer that an arrival belongs to, or of the document that a void undoes."""
    voided_by: str | None = None
    """Number of the last document that voids it, wholly or in part."""
    customer_id: int | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    source_id: int | None = None
    """Id of `source`."""
    voided_by_id: int | None = None
    is_voided_in_part: bool = False
    """Whether something is left to void though `voided_by` is given; only `document` finds that out."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)


@dataclass(frozen=True, slots=True)
class NamedSerial:
    """A serial of a document, with its current state."""

    id: int
    serial_number: str
    sku: str
    item_name: str
    status: StatusLook
    location: str
    """Location code."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)


_COLUMNS: Final = (
    "d.id, d.number, d.kind, d.at, u.login, a.login, f.code, t.code, c.name, d.note, {serials}, "
    "d.reference, d.repairer, o.number, v.number, d.customer_id, d.from_location_id, d.to_location_id, "
    "d.source_document_id, v.id, v.kind"
)
_JOINS: Final = (
    "JOIN users u ON u.id = d.user_id LEFT JOIN users a ON a.id = d.login_user_id "
    "LEFT JOIN locations f ON f.id = d.from_location_id LEFT JOIN locations t ON t.id = d.to_location_id "
    "LEFT JOIN customers c ON c.id = d.customer_id LEFT JOIN documents o ON o.id = d.source_document_id "
    "LEFT JOIN documents v ON v.id = (SELECT max(w.id) FROM documents w WHERE w.source_document_id = d.id "
    f"AND w.kind <> '{DocumentKind.ARRIVAL}')"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM {{documents}} {_JOINS} "
_OF_PAGE: Final = f"JOIN documents d ON d.id = p.id {_JOINS}"


def _kinds() -> list[str]:
    """The kinds in the order of their prefixes, since the numbers of a kind rise with the ids."""
    return sorted(map(str, DocumentKind), key=lambda kind: DocumentKind(kind).prefix)


_IN_ORDER: Final = ("d.id",)
_OF_CUSTOMER: Final = "JOIN customers c ON c.id = d.customer_id"

DOCUMENT_ORDERS: Final = (
    Order("at", "Date and Time", _IN_ORDER),
    Order(
        *("number", "Number", ("substr(d.number, 1, 2)", "length(d.number)", "d.number")),
        grouping=ByValue("d.kind", _IN_ORDER, _kinds),
    ),
    Order("kind", "Kind", ("d.kind", "d.id")),
    Order(
        *("from", "From", (*blank_last("upper(f.code)"), "d.id"), "LEFT JOIN locations f ON f.id = d.from_location_id"),
        ByValue("d.from_location_id", _IN_ORDER, ranked("locations", "upper(code)")),
        hidden="d.kind",
    ),
    Order(
        *("to", "To", (*blank_last("upper(t.code)"), "d.id"), "LEFT JOIN locations t ON t.id = d.to_location_id"),
        ByValue("d.to_location_id", _IN_ORDER, ranked("locations", "upper(code)")),
        hidden="d.kind",
    ),
    Order(
        *("customer", "Customer", (*blank_last("c.name_key"), "d.id"), f"LEFT {_OF_CUSTOMER}"),
        BlankLast(
            "d.customer_id IS NOT NULL", "d.customer_id IS NULL", ("c.name_key", "d.id"), _IN_ORDER, _OF_CUSTOMER
        ),
        hidden="d.kind",
    ),
    Order("serials", "Serials", ("d.serials", "d.id"), hidden="d.kind"),
    Order(
        *("by", "By", (f"upper(u.login){BYTEWISE}", "d.id"), "JOIN users u ON u.id = d.user_id"),
        ByValue("d.user_id", _IN_ORDER, ranked("users", f"upper(login){BYTEWISE}")),
        hidden="d.kind",
    ),
)
"""The orders of lists of documents; the usual one is the first, newest first."""

NEWEST_FIRST: Final = usual(DOCUMENT_ORDERS, descending=True)


class _Query(NamedTuple):
    """An SQL query and its parameters."""

    sql: str
    values: tuple[Any, ...]


class _EventPages:
    """Keyset pages over the distinct documents or serials in the events of one owner, in one order."""

    def __init__(
        self,
        column: Literal["document_id", "serial_id"],
        owner: Literal["item_id", "serial_id", "document_id"],
        owner_id: int,
        *,
        descending: bool = False,
    ) -> None:
        self._column, self._descending = column, descending
        self._where = f"e.{owner} = {bound.param}"
        self._values: tuple[int, ...] = (owner_id,)
        if column == "document_id":
            self._where += " AND e.document_id IS NOT NULL"
        self._anchors: Anchors[int] = Anchors()
        self._total = 0

    def count(self) -> int:
        """Count the values; drops the anchors, since positions may have changed."""
        self._anchors.forget()
        found = bound.execute_sql(
            f"SELECT count(DISTINCT e.{self._column}) FROM serial_events e WHERE {self._where}", self._values
        )
        self._total = int(found.fetchone()[0])
        return self._total

    def page(self, offset: int, limit: int) -> _Query:
        """The query for the values of a page."""
        way = self._anchors.start(offset, limit, self._total)
        # Read backwards, the rows come in the opposite order; the caller's ORDER BY turns them round again.
        column, falling = f"e.{self._column}", self._descending is not way.backwards
        where, values = self._where, self._values
        if way.position is not None:
            # Forwards, the page begins at or after the known value; backwards, it ends just before it.
            sign = ("<" if falling else ">") + ("" if way.backwards else "=")
            where, values = f"{where} AND {column} {sign} {bound.param}", (*values, way.position)
        return _Query(
            f"SELECT DISTINCT {column} AS id FROM serial_events e WHERE {where} "
            f"ORDER BY {column} {'DESC' if falling else 'ASC'} LIMIT {way.limit} OFFSET {way.skip}",
            values,
        )

    def read(self, offset: int, ids: Sequence[int]) -> None:
        """Note the first and last value of a page as anchors."""
        if ids:
            self._anchors.note(offset, ids[0])
            self._anchors.note(offset + len(ids) - 1, ids[-1])

    def rank(self, value: int) -> int | None:
        """The position of a value, or None if it does not occur."""
        one, column = bound.param, f"e.{self._column}"
        here = bound.execute_sql(
            f"SELECT 1 FROM serial_events e WHERE {self._where} AND {column} = {one} LIMIT 1", (*self._values, value)
        )
        if here.fetchone() is None:
            return None
        before = bound.execute_sql(
            f"SELECT count(DISTINCT {column}) FROM serial_events e WHERE {self._where} "
            f"AND {column} {'>' if self._descending else '<'} {one}",
            (*self._values, value),
        )
        rank = int(before.fetchone()[0])
        self._anchors.note(rank, value)
        return rank


_TYPED_NUMBER: Final = re.compile("(?P<prefix>[A-Z]?)-?(?P<number>[0-9]*)")
_TYPED_DAY: Final = re.compile("([0-9]{4})[-./](?:([0-9]{1,2})(?:[-./]([0-9]{1,2})?)?)?")


def _typed_days(text: str) -> tuple[date, date] | None:
    """The days that a typed day, month or year is: the first one, and the one after the last; None if it is none."""
    found = _TYPED_DAY.fullmatch("".join(text.split()))
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        if day:
            return date(year, month, day), date(year, month, day) + timedelta(days=1)
        if month:
            return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        return date(year, 1, 1), date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None


def _midnight(day: date) -> Any:
    return moment_value(datetime.combine(day, time()).astimezone())


class _NewestNumbers(NamedTuple):
    """The newest numbers of a kind of documents."""

    given: int
    """The last number that was reserved."""
    last: int
    """The number of the newest document; 0 if there is none."""
    up_to: int
    """The number of the newest document up to a certain id; 0 if there is none."""


class _DocumentFilter(NamedTuple):
    """The documents that a typed text names."""

    rows: Condition
    kind: str
    """The kind that they all have; empty for any."""
    is_whole: bool
    """Whether they are all documents of that kind."""


def _documents_like(find: str, kind: str = "") -> _DocumentFilter:
    """The documents with this number, with or without prefix and zeros; a prefix alone is a kind. Or those of a day.

    Args:
        find: as for `EveryDocument`; empty finds all.
        kind: only those of this kind; empty for all.
    """
    one = bound.param
    rows = Condition("1 = 1") if not kind else Condition(f"d.kind = {one}", (kind,))
    if days := _typed_days(find):
        return _DocumentFilter(
            rows.also(f"d.at >= {one} AND d.at < {one}", *map(_midnight, days)), kind, is_whole=False
        )
    if not find.strip():
        return _DocumentFilter(rows, kind, is_whole=True)
    found = _TYPED_NUMBER.fullmatch("".join(find.split()).upper())
    kinds = [each for each in DocumentKind if found and found["prefix"] in ("", each.prefix)]
    if found is None or not kinds or (kind and kind not in kinds):
        return _DocumentFilter(rows.also("1 = 0"), kind, is_whole=False)
    if number := int(found["number"] or 0):
        numbers = [number_text(each, number) for each in kinds]
        return _DocumentFilter(
            rows.also(f"d.number IN ({', '.join([one] * len(numbers))})", *numbers), kind, is_whole=False
        )
    if len(kinds) == 1:  # a prefix, and no digit yet but zeros
        return _DocumentFilter(rows.also(f"d.kind = {one}", kinds[0]), kinds[0], is_whole=True)
    return _DocumentFilter(rows, kind, is_whole=True)


class EveryDocument:
    """A `paging.RowSource` of `DocumentRow`: documents of all items; used only in the database thread.

    The numbers of a kind have no gaps and rise with the ids, so the newest number of a kind says how many documents
    it has: nothing counts a million rows.

    Args:
        kind: only those of this kind; empty for all.
        since: only those of this day and later.
        find: only those with this number, with or without prefix and zeros; a prefix alone is a kind. Or those of this
            day, month or year: 2026-03-02, 2026-03, 2026-.
        customer_id: only those of this customer.
        sorting: one of `DOCUMENT_ORDERS`; newest first unless given.
    """

    orders = DOCUMENT_ORDERS

    def __init__(
        self,
        kind: str = "",
        since: date | None = None,
        *,
        find: str = "",
        customer_id: int | None = None,
        sorting: Sorting = NEWEST_FIRST,
    ) -> None:
        self._asked = kind, since, find, customer_id
        self.sorting = sorting
        one = bound.param
        named = _documents_like(find, kind)
        self._kind, self._where = named.kind, named.rows
        self._is_numbered = named.is_whole and since is None and customer_id is None
        """Whether the newest numbers say how many there are."""
        if since is not None:
            self._where = self._where.also(f"d.at >= {one}", _midnight(since))
        if customer_id is not None:
            self._where = self._where.also(f"d.customer_id = {one}", customer_id)
        order = order_with(DOCUMENT_ORDERS, sorting.code)
        if order.grouping is not None and not self._is_numbered:  # few of all: the indexes do not have them together
            order = replace(order, grouping=None, at_once=True)
        self._pages = KeysetRows(Condition("documents d"), "d.id", order, descending=sorting.descending)

    def sorted_by(self, sorting: Sorting) -> EveryDocument:
        """The same documents in another order."""
        kind, since, find, customer_id = self._asked
        return EveryDocument(kind, since, find=find, customer_id=customer_id, sorting=sorting)

    def whole(self) -> EveryDocument:
        """All documents, those of the customer if there is one, in the same order."""
        return EveryDocument(customer_id=self._asked[3], sorting=self.sorting)

    def found_by(self, find: str) -> EveryDocument:
        """The part of the same list that a text finds."""
        kind, since, _, customer_id = self._asked
        return EveryDocument(kind, since, find=find, customer_id=customer_id, sorting=self.sorting)

    def after(self, last: DocumentRow | None, limit: int) -> list[DocumentRow]:
        """Read the documents after one; from the start for None."""
        key = None if last is None else last.key
        rows = self._pages.after(self._where, key, limit, Condition(_COLUMNS.format(serials="d.serials")), _OF_PAGE)
        return [_row(*row) for row in rows]

    def count(self) -> int:
        """The number of documents.

        Raises:
            WrongValueError: a row is damaged.
        """
        if self._is_numbered:
            newest = self._newest_numbers()
            total = sum(one.last for one in newest)
            self._pages.counted(total)
            # A reserved number without its document means damage: numbers are reserved in its transaction.
            self._is_numbered = all(one.last == one.given for one in newest)
            if self._is_numbered:
                return total
            # A document is missing, or its kind is damaged.
            for (kind,) in bound.execute_sql("SELECT DISTINCT kind FROM documents").fetchall():
                Document.kind.known(kind)
        return self._pages.count(self._where)

    def fetch(self, offset: int, limit: int) -> Sequence[DocumentRow]:
        """Read a page of documents."""
        select = Condition(_COLUMNS.format(serials="d.serials"))
        found = [_row(*row) for row in self._pages.read(self._where, offset, limit, select, _OF_PAGE)]
        # Damage may have taken a document away; the list must still show all others.
        if len(found) < limit and offset + len(found) < self._pages.total:
            self._is_numbered = False  # numbers have gaps, so the rows are counted from now on
        return found

    def index_of(self, key: str) -> int | None:
        """The position of a document in the list, or None."""
        document_id = int(key)
        if not self._is_numbered or self.sorting.code != NEWEST_FIRST.code:
            return self._pages.rank(self._where, document_id)
        here = self._where.also(f"d.id = {bound.param}", document_id)
        if bound.execute_sql(f"SELECT 1 FROM documents d WHERE {here.where}", here.values).fetchone() is None:
            return None
        newest = self._newest_numbers(document_id)
        newer = sum(one.last - one.up_to for one in newest)
        rank = newer if self.sorting.descending else sum(one.last for one in newest) - 1 - newer
        self._pages.note_position(rank, document_id)
        return rank

    def _newest_numbers(self, up_to: int = 0) -> list[_NewestNumbers]:
        """The newest numbers of each kind in the list, with those up to an id."""
        newest = "(SELECT d.number FROM documents d WHERE d.kind = n.kind {} ORDER BY d.id DESC LIMIT 1)"
        rows = bound.execute_sql(
            f"SELECT n.kind, n.last, {newest.format('')}, {newest.format(f'AND d.id <= {bound.param}')} "
            "FROM document_numbers n",
            (up_to,),
        ).fetchall()
        return [
            _NewestNumbers(whole_number(given, "document_numbers"), _without_prefix(last), _without_prefix(there))
            for kind, given, last, there in rows
            if DocumentNumber.kind.known(kind) == self._kind or not self._kind
        ]


def _without_prefix(number: str | None) -> int:
    digits = (number or "").partition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _among(column: str, query: str) -> str:
    """The condition that a query finds a value."""
    # As an array PostgreSQL looks up each value; with IN it would read all rows of the table.
    return f"{column} IN ({query})" if is_sqlite() else f"{column} = ANY (ARRAY({query}))"


def _pages_of_some(sorting: Sorting, serials: str) -> KeysetRows:
    """Pages of the documents of an item or a serial.

    Args:
        sorting: one of `DOCUMENT_ORDERS`.
        serials: the SQL expression for the number of serials.
    """
    order = order_with(DOCUMENT_ORDERS, sorting.code)
    keys = tuple(serials if key == "d.serials" else key for key in order.keys)
    # Neither the groups nor the indexes of all documents help with those of one item: but for the ids, sort them once.
    order = replace(order, keys=keys, grouping=None, hidden="", at_once=keys != _IN_ORDER)
    return KeysetRows(Condition("documents d"), "d.id", order, descending=sorting.descending)


class DocumentSource:
    """A `paging.RowSource` of `DocumentRow`: the documents of either an item or a serial.

    Used only in the database thread.

    Args:
        item_id: the item.
        serial_id: the serial.
        find: as for `EveryDocument`.
        sorting: one of `DOCUMENT_ORDERS`; newest first unless given.
    """

    orders = DOCUMENT_ORDERS

    def __init__(
        self,
        *,
        item_id: int | None = None,
        serial_id: int | None = None,
        find: str = "",
        sorting: Sorting = NEWEST_FIRST,
    ) -> None:
        if (item_id is None) is (serial_id is None):
            raise ValueError("documents are either those of an item or those of a serial")
        self._item_id, self._serial_id, self._find = item_id, serial_id, find
        self.sorting = sorting
        self._walk: _EventPages | None = None
        """Reads the usual list along an index of the events; None for another order, or what a text finds."""
        if sorting.code == NEWEST_FIRST.code and not find.strip():
            if item_id is not None:
                self._walk = _EventPages("document_id", "item_id", item_id, descending=sorting.descending)
            elif serial_id is not None:
                self._walk = _EventPages("document_id", "serial_id", serial_id, descending=sorting.descending)
        self._pages = _pages_of_some(sorting, self._serials)

    @property
    def _serials(self) -> str:
        """The number of serials of a document: in an item's list those of the item."""
        if self._item_id is None:
            return "d.serials"
        of_item = f"n.document_id = d.id AND n.item_id = {int(self._item_id)}"
        return f"(SELECT count(DISTINCT n.serial_id) FROM serial_events n WHERE {of_item})"

    @property
    def _where(self) -> Condition:
        owner = "item_id" if self._serial_id is None else "serial_id"
        mine = f"SELECT e.document_id FROM serial_events e WHERE e.{owner} = {bound.param}"
        return _documents_like(self._find).rows.also(
            _among("d.id", f"{mine} AND e.document_id IS NOT NULL"),
            self._item_id if self._serial_id is None else self._serial_id,
        )

    def sorted_by(self, sorting: Sorting) -> DocumentSource:
        """The same documents in another order."""
        return DocumentSource(item_id=self._item_id, serial_id=self._serial_id, find=self._find, sorting=sorting)

    def found_by(self, find: str) -> DocumentSource:
        """The part of the same list that a text finds."""
        return DocumentSource(item_id=self._item_id, serial_id=self._serial_id, find=find, sorting=self.sorting)

    def count(self) -> int:
        """Count the documents."""
        return self._pages.count(self._where) if self._walk is None else self._walk.count()

    def fetch(self, offset: int, limit: int) -> Sequence[DocumentRow]:
        """Read a page of documents."""
        columns = _COLUMNS.format(serials=self._serials)
        if self._walk is None:
            return [_row(*row) for row in self._pages.read(self._where, offset, limit, Condition(columns), _OF_PAGE)]
        page = self._walk.page(offset, limit)
        falling = "DESC" if self.sorting.descending else "ASC"
        rows = bound.execute_sql(
            f"SELECT {columns} FROM ({page.sql}) p {_OF_PAGE} ORDER BY d.id {falling}", page.values
        )
        found = [_row(*row) for row in rows.fetchall()]
        self._walk.read(offset, [row.id for row in found])
        return found

    def index_of(self, key: str) -> int | None:
        """The position of a document in the list, or None."""
        return self._pages.rank(self._where, int(key)) if self._walk is None else self._walk.rank(int(key))


def serials_like(find: str) -> Condition:
    """The condition on `serials s` that a serial contains a text, or that the SKU of its item begins with it."""
    one, key, sku = bound.param, serial_key(storable(find)).lstrip("*"), fold(find)
    contains = "instr" if is_sqlite() else "strpos"
    return Condition(
        f"({contains}(s.serial_key, {one}) > 0 OR s.item_id IN "
        f"(SELECT i.id FROM items i WHERE i.sku_key >= {one} AND i.sku_key < {one}))",
        (key, sku, prefix_end(sku)),
    )


_OF_ITEM: Final = "JOIN items i ON i.id = s.item_id"
_AT_PLACE: Final = "JOIN locations l ON l.id = s.location_id"

NAMED_ORDERS: Final = (
    Order("entered", "As entered", ("s.id",)),
    Order("serial", "Serial Number", ("s.sort_key", "s.id"), at_once=True),
    Order("sku", "Item", ("i.sku_key", "s.sort_key", "s.id"), _OF_ITEM, at_once=True),
    Order("name", "Name", ("i.name_key", "s.sort_key", "s.id"), _OF_ITEM, at_once=True),
    Order("status", "Status", (own_last("s.status_id"), "s.status_id", "s.sort_key", "s.id"), at_once=True),
    Order("location", "Location", ("upper(l.code)", "s.sort_key", "s.id"), _AT_PLACE, at_once=True),
)
"""The orders of the serials of a document, the usual one first."""


class NamedSerials:
    """A `paging.RowSource` of `NamedSerial`: the serials of a document; used only in the database thread.

    Args:
        document_id: the document.
        find: finds serials that contain it, and all of items whose SKU begins with it; empty finds all.
        sorting: one of `NAMED_ORDERS`; by serial id unless given.
    """

    orders = NAMED_ORDERS

    def __init__(self, document_id: int, find: str = "", sorting: Sorting | None = None) -> None:
        self._document_id, self.find = document_id, find
        self.sorting = sorting = sorting or usual(NAMED_ORDERS)
        self._statuses: dict[int, StatusLook] = {}
        order = order_with(NAMED_ORDERS, sorting.code)
        self._walk: _EventPages | None = None
        """Reads the usual list along an index of the events; None for another order, or what a text finds."""
        if order is NAMED_ORDERS[0] and not find.strip():
            self._walk = _EventPages("serial_id", "document_id", document_id, descending=sorting.descending)
        self._pages = KeysetRows(Condition("serials s"), "s.id", order, descending=sorting.descending)

    def sorted_by(self, sorting: Sorting) -> NamedSerials:
        """The same serials in another order."""
        return NamedSerials(self._document_id, self.find, sorting)

    def found_by(self, find: str) -> NamedSerials:
        """The part of the same list that a text finds."""
        return NamedSerials(self._document_id, find, self.sorting)

    @property
    def _where(self) -> Condition:
        mine = f"SELECT e.serial_id FROM serial_events e WHERE e.document_id = {bound.param}"
        where = Condition(_among("s.id", mine), (self._document_id,))
        return where.narrowed(serials_like(self.find)) if self.find.strip() else where

    def count(self) -> int:
        """Count the serials."""
        return self._pages.count(self._where) if self._walk is None else self._walk.count()

    def fetch(self, offset: int, limit: int) -> Sequence[NamedSerial]:
        """Read a page of serials."""
        select = "s.id, s.serial_number, i.sku, i.name, s.status_id, l.code"
        joins = (
            "JOIN serials s ON s.id = p.id JOIN items i ON i.id = s.item_id JOIN locations l ON l.id = s.location_id"
        )
        if self._walk is None:
            return self._named(self._pages.read(self._where, offset, limit, Condition(select), joins))
        page = self._walk.page(offset, limit)
        falling = "DESC" if self.sorting.descending else "ASC"
        rows = bound.execute_sql(f"SELECT {select} FROM ({page.sql}) p {joins} ORDER BY s.id {falling}", page.values)
        found = self._named(rows.fetchall())
        self._walk.read(offset, [row.id for row in found])
        return found

    def _named(self, rows: Sequence[Sequence[Any]]) -> list[NamedSerial]:
        if any(row[4] not in self._statuses for row in rows):
            self._statuses = {status.id: status for status in statuses()}
        return [
            NamedSerial(serial_id, text, sku, name, self._statuses[status_id], place)
            for serial_id, text, sku, name, status_id, place in rows
        ]

    def index_of(self, key: str) -> int | None:
        """The position of a serial in the list, or None."""
        return self._pages.rank(self._where, int(key)) if self._walk is None else self._walk.rank(int(key))


def document(document_id: int) -> DocumentRow:
    """Read one document, with the total number of its serials.

    Raises:
        NotFound
    """
    head = _SELECT.format(serials="d.serials", documents="documents d")
    row = bound.execute_sql(f"{head} WHERE d.id = {bound.param}", (document_id,)).fetchone()
    if row is None:
        raise NotFound("The document is not there any more. Go back to the list.")
    found = _row(*row)
    return replace(found, is_voided_in_part=bool(found.voided_by and not_voided(document_id)))


def not_voided(document_id: int) -> list[int]:
    """The serials that have an event of the document that is not voided, by id."""
    rows = bound.execute_sql(
        "SELECT DISTINCT e.serial_id FROM serial_events e "
        f"WHERE e.document_id = {bound.param} AND e.voids_id IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM serial_events v WHERE v.serial_id = e.serial_id AND v.number > e.number "
        # The first two conditions are the index by which later events of the serial are found.
        "AND v.voids_id = e.id) ORDER BY e.serial_id",
        (document_id,),
    )
    return [row[0] for row in rows.fetchall()]


def documents_of(kind: str | None, since: str | None, sorting: Sorting | None = None) -> EveryDocument:
    """The documents of a kind, of a day and later, both as they are typed; None for all.

    Raises:
        BadValue: there is no such kind, or no such day.
    """
    if kind is not None and kind not in set(DocumentKind):
        raise BadValue(f"There is no kind of document {kind}. There are: {', '.join(DocumentKind)}.", field="kind")
    day = None
    if since is not None:
        try:
            day = date.fromisoformat(since.strip())
        except ValueError:
            raise BadValue(f"{since.strip()!r} is not a date. Write it as 2026-03-02.", field="since") from None
    return EveryDocument(kind or "", day, sorting=sorting or NEWEST_FIRST)


def find_document(number: str) -> Document:
    """The document with this number, in any case.

    Raises:
        NotFound
    """
    wanted = storable(number.strip()).upper()
    found = Document.get_or_none(Document.number == wanted)
    if found is None:
        raise NotFound(f"There is no document {wanted}.", field="document", command="serialdock document list")
    return found


def has_documents(item_id: int) -> bool:
    """Whether any document contains a serial of the item."""
    found = bound.execute_sql(
        f"SELECT 1 FROM serial_events e WHERE e.item_id = {bound.param} AND e.document_id IS NOT NULL LIMIT 1",
        (item_id,),
    )
    return found.fetchone() is not None


def _row(number: int, name: str, kind: str, at: Any, *rest: Any) -> DocumentRow:
    *middle, kind_of_void = rest  # in the order of `_COLUMNS` and of the fields of `DocumentRow`
    if kind_of_void is not None and kind_of_void != DocumentKind.VOID:
        msg = f"a document of the kind {kind_of_void!r} voids {name}"
        raise ValueError(msg)
    return DocumentRow(number, name, Document.kind.known(kind), read_moment(at), *middle)

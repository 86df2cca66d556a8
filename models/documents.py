"""Documents: reserve their numbers, create them, and list them with their serials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from models.errors import NotFound
from models.paging import Anchors
from models.schema import Document, bound, read_moment
from models.statuses import StatusLook, statuses
from models.verbs import DocumentKind

if TYPE_CHECKING:
    from models.database.unit import Unit


def reserve_numbers(kind: DocumentKind, count: int = 1) -> list[str]:
    """Reserve the next `count` document numbers of a kind, such as T-000214. Call it inside a transaction."""
    return [number_text(kind, number) for number in reserve_range(kind, count)]


def reserve_range(kind: DocumentKind, count: int) -> range:
    """Reserve the next `count` numbers of a kind, without prefix. Call it inside a transaction."""
    one = bound.param
    # Two statements, since RETURNING needs SQLite 3.35. The first locks the row until the transaction ends, so that
    # no other transaction gets the same numbers.
    bound.execute_sql(
        f"INSERT INTO document_numbers (kind, last) VALUES ({one}, {one}) "
        "ON CONFLICT (kind) DO UPDATE SET last = document_numbers.last + excluded.last",
        (str(kind), count),
    )
    found = bound.execute_sql(f"SELECT last FROM document_numbers WHERE kind = {one}", (str(kind),))
    last = int(found.fetchone()[0])
    return range(last - count + 1, last + 1)


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
) -> Document:
    """Create a document in the unit's transaction.

    Args:
        serials: number of serials in the document.
        from_location_id: None also if the units come from several locations.
    """
    return Document.create(
        kind=str(kind),
        number=reserve_numbers(kind)[0],
        at=unit.at,
        user=unit.actor.user_id,
        login_user=unit.actor.login_user_id,
        from_location=from_location_id,
        to_location=to_location_id,
        customer=customer_id,
        serials=serials,
        note=note,
    )


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


_SELECT: Final = (
    "SELECT d.id, d.number, d.kind, d.at, u.login, a.login, f.code, t.code, c.name, d.note, {serials} "
    "FROM {documents} JOIN users u ON u.id = d.user_id LEFT JOIN users a ON a.id = d.login_user_id "
    "LEFT JOIN locations f ON f.id = d.from_location_id LEFT JOIN locations t ON t.id = d.to_location_id "
    "LEFT JOIN customers c ON c.id = d.customer_id "
)


class _Query(NamedTuple):
    """An SQL query and its parameters."""

    sql: str
    values: tuple[Any, ...]


class _Walk:
    """Keyset pages over the distinct values of one event column, for one owner, in one order."""

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


class DocumentSource:
    """A `paging.RowSource` of `DocumentRow`, newest first: the documents of either an item or a serial.

    Used only in the database thread.
    """

    def __init__(self, *, item_id: int | None = None, serial_id: int | None = None) -> None:
        if (item_id is None) is (serial_id is None):
            raise ValueError("documents are either those of an item or those of a serial")
        self._item_id = item_id
        if item_id is not None:
            self._walk = _Walk("document_id", "item_id", item_id, descending=True)
        elif serial_id is not None:
            self._walk = _Walk("document_id", "serial_id", serial_id, descending=True)

    def count(self) -> int:
        """Count the documents."""
        return self._walk.count()

    def fetch(self, offset: int, limit: int) -> Sequence[DocumentRow]:
        """Read a page of documents."""
        page = self._walk.page(offset, limit)
        serials, values = "d.serials", page.values
        if self._item_id is not None:
            serials = (
                "(SELECT count(DISTINCT n.serial_id) FROM serial_events n "
                f"WHERE n.document_id = d.id AND n.item_id = {bound.param})"
            )
            values = (self._item_id, *values)
        head = _SELECT.format(serials=serials, documents=f"({page.sql}) p JOIN documents d ON d.id = p.id")
        found = [_row(*row) for row in bound.execute_sql(f"{head} ORDER BY d.id DESC", values).fetchall()]
        self._walk.read(offset, [row.id for row in found])
        return found

    def index_of(self, key: str) -> int | None:
        """The position of a document in the list, or None."""
        return self._walk.rank(int(key))


class NamedSerials:
    """A `paging.RowSource` of `NamedSerial`: the serials of a document, ordered by serial id."""

    def __init__(self, document_id: int) -> None:
        self._walk = _Walk("serial_id", "document_id", document_id)
        self._statuses: dict[int, StatusLook] = {}

    def count(self) -> int:
        """Count the serials."""
        return self._walk.count()

    def fetch(self, offset: int, limit: int) -> Sequence[NamedSerial]:
        """Read a page of serials."""
        page = self._walk.page(offset, limit)
        rows = bound.execute_sql(
            "SELECT s.id, s.serial_number, i.sku, i.name, s.status_id, l.code "
            f"FROM ({page.sql}) p JOIN serials s ON s.id = p.id JOIN items i ON i.id = s.item_id "
            "JOIN locations l ON l.id = s.location_id ORDER BY s.id",
            page.values,
        ).fetchall()
        if any(row[4] not in self._statuses for row in rows):
            self._statuses = {status.id: status for status in statuses()}
        found = [
            NamedSerial(serial_id, text, sku, name, self._statuses[status_id], place)
            for serial_id, text, sku, name, status_id, place in rows
        ]
        self._walk.read(offset, [row.id for row in found])
        return found

    def index_of(self, key: str) -> int | None:
        """The position of a serial in the list, or None."""
        return self._walk.rank(int(key))


def document(document_id: int) -> DocumentRow:
    """Read one document, with the total number of its serials.

    Raises:
        NotFound
    """
    head = _SELECT.format(serials="d.serials", documents="documents d")
    row = bound.execute_sql(f"{head} WHERE d.id = {bound.param}", (document_id,)).fetchone()
    if row is None:
        raise NotFound("The document is not there any more. Go back to the list.")
    return _row(*row)


def has_documents(item_id: int) -> bool:
    """Whether any document contains a serial of the item."""
    found = bound.execute_sql(
        f"SELECT 1 FROM serial_events e WHERE e.item_id = {bound.param} AND e.document_id IS NOT NULL LIMIT 1",
        (item_id,),
    )
    return found.fetchone() is not None


def _row(number: int, name: str, kind: str, at: Any, *rest: Any) -> DocumentRow:
    return DocumentRow(number, name, kind, read_moment(at), *rest)

"""Documents: reserve their numbers, create them, and list them with their serials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from models.digests import digest
from models.errors import NotFound
from models.paging import Anchors
from models.schema import Document, DocumentNumber, bound, columns_of, moment_value, read_moment, whole_number
from models.statuses import StatusLook, statuses
from models.text import storable
from models.verbs import DocumentKind

if TYPE_CHECKING:
    from models.database.unit import Unit


DOCUMENT_TOLD: Final = tuple(name for name in columns_of(Document) if name not in ("id", "digest"))
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
    return Document.create(**values, digest=digest(values[name] for name in DOCUMENT_TOLD))


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


_SELECT: Final = (
    "SELECT d.id, d.number, d.kind, d.at, u.login, a.login, f.code, t.code, c.name, d.note, {serials}, "
    "d.reference, d.repairer, o.number, v.number, d.customer_id, d.from_location_id, d.to_location_id, "
    "d.source_document_id, v.id, v.kind "
    "FROM {documents} JOIN users u ON u.id = d.user_id LEFT JOIN users a ON a.id = d.login_user_id "
    "LEFT JOIN locations f ON f.id = d.from_location_id LEFT JOIN locations t ON t.id = d.to_location_id "
    "LEFT JOIN customers c ON c.id = d.customer_id LEFT JOIN documents o ON o.id = d.source_document_id "
    "LEFT JOIN documents v ON v.id = (SELECT max(w.id) FROM documents w WHERE w.source_document_id = d.id "
    f"AND w.kind <> '{DocumentKind.ARRIVAL}') "
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


class _Newest(NamedTuple):
    """The newest numbers of a kind of documents."""

    given: int
    """The last number that was given."""
    last: int
    """That of the newest document; 0 if there is none."""
    there: int
    """That of the newest document up to another one."""


class EveryDocument:
    """A `paging.RowSource` of `DocumentRow`: documents of all items, newest first; used only in the database thread.

    The numbers of a kind have no gaps and rise with the ids, so the newest number of a kind says how many documents
    it has: nothing counts a million rows.

    Args:
        kind: only those of this kind; empty for all.
        since: only those of this day and later.
        find: only those with this number, with or without prefix and zeros; a prefix alone is a kind. Or those of this
            day, month or year: 2026-03-02, 2026-03, 2026-.
        customer_id: only those of this customer.
    """

    def __init__(
        self, kind: str = "", since: date | None = None, *, find: str = "", customer_id: int | None = None
    ) -> None:
        self._kind = kind
        self._where = "1 = 1"
        self._values: list[Any] = []
        self._anchors: Anchors[int] = Anchors()
        self._total = 0
        self._is_numbered = since is None and customer_id is None
        """Whether the newest numbers say how many there are."""
        one = bound.param
        if kind:
            self._also(f"d.kind = {one}", kind)
        if since is not None:
            self._also(f"d.at >= {one}", _midnight(since))
        if customer_id is not None:
            self._also(f"d.customer_id = {one}", customer_id)
        if days := _typed_days(find):
            self._also(f"d.at >= {one} AND d.at < {one}", *map(_midnight, days))
            self._is_numbered = False
        elif find.strip():
            self._also_numbered(find)

    def _also_numbered(self, find: str) -> None:
        found = _TYPED_NUMBER.fullmatch("".join(find.split()).upper())
        kinds = [kind for kind in DocumentKind if found and found["prefix"] in ("", kind.prefix)]
        if found is None or not kinds or (self._kind and self._kind not in kinds):
            self._also("1 = 0")
            self._is_numbered = False
        elif number := int(found["number"] or 0):
            numbers = [number_text(kind, number) for kind in kinds]
            self._also(f"d.number IN ({', '.join([bound.param] * len(numbers))})", *numbers)
            self._is_numbered = False
        elif len(kinds) == 1:  # a prefix, and no digit yet but zeros
            self._kind = kinds[0]
            self._also(f"d.kind = {bound.param}", self._kind)

    def _also(self, condition: str, *values: Any) -> None:
        self._where += f" AND {condition}"
        self._values += values

    def after(self, last: DocumentRow | None, limit: int) -> list[DocumentRow]:
        """Read the documents older than one; the newest for None."""
        where, values = self._where, self._values
        if last is not None:
            where, values = f"{where} AND d.id < {bound.param}", [*values, last.id]
        head = _SELECT.format(serials="d.serials", documents="documents d")
        rows = bound.execute_sql(f"{head} WHERE {where} ORDER BY d.id DESC LIMIT {int(limit)}", values)
        return [_row(*row) for row in rows.fetchall()]

    def count(self) -> int:
        """The number of documents.

        Raises:
            WrongValueError: a row is damaged.
        """
        self._anchors.forget()
        if self._is_numbered:
            newest = self._newest_numbers()
            self._total = sum(one.last for one in newest)
            self._is_numbered = all(one.last == one.given for one in newest)
            if not self._is_numbered:  # a document is missing, or its kind is damaged
                for (kind,) in bound.execute_sql("SELECT DISTINCT kind FROM documents").fetchall():
                    Document.kind.known(kind)
        if not self._is_numbered:
            found = bound.execute_sql(f"SELECT count(*) FROM documents d WHERE {self._where}", self._values)
            self._total = int(found.fetchone()[0])
        return self._total

    def fetch(self, offset: int, limit: int) -> Sequence[DocumentRow]:
        """Read a page of documents."""
        way = self._anchors.start(offset, limit, self._total)
        where, values = self._where, self._values
        if way.position is not None:
            where, values = f"{where} AND d.id {'>' if way.backwards else '<='} {bound.param}", [*values, way.position]
        page = (
            f"SELECT d.id FROM documents d WHERE {where} ORDER BY d.id {'ASC' if way.backwards else 'DESC'} "
            f"LIMIT {way.limit} OFFSET {way.skip}"
        )
        head = _SELECT.format(serials="d.serials", documents=f"({page}) p JOIN documents d ON d.id = p.id")
        found = [_row(*row) for row in bound.execute_sql(f"{head} ORDER BY d.id DESC", values).fetchall()]
        if len(found) < way.limit:
            self._is_numbered = False  # numbers have gaps, so the rows are counted from now on
        if found:
            self._anchors.note(offset, found[0].id)
            self._anchors.note(offset + len(found) - 1, found[-1].id)
        return found

    def index_of(self, key: str) -> int | None:
        """The position of a document in the list, or None."""
        document_id, one = int(key), bound.param
        here = f"SELECT 1 FROM documents d WHERE {self._where} AND d.id = {one}"
        if bound.execute_sql(here, [*self._values, document_id]).fetchone() is None:
            return None
        if self._is_numbered:
            rank = sum(one.last - one.there for one in self._newest_numbers(document_id))
        else:
            before = f"SELECT count(*) FROM documents d WHERE {self._where} AND d.id > {one}"
            rank = int(bound.execute_sql(before, [*self._values, document_id]).fetchone()[0])
        self._anchors.note(rank, document_id)
        return rank

    def _newest_numbers(self, up_to: int = 0) -> list[_Newest]:
        """Of each kind in the list: the newest number, and that of the newest document up to this id."""
        newest = "(SELECT d.number FROM documents d WHERE d.kind = n.kind {} ORDER BY d.id DESC LIMIT 1)"
        rows = bound.execute_sql(
            f"SELECT n.kind, n.last, {newest.format('')}, {newest.format(f'AND d.id <= {bound.param}')} "
            "FROM document_numbers n",
            (up_to,),
        ).fetchall()
        return [
            _Newest(whole_number(given, "document_numbers"), _without_prefix(last), _without_prefix(there))
            for kind, given, last, there in rows
            if DocumentNumber.kind.known(kind) == self._kind or not self._kind
        ]


def _without_prefix(number: str | None) -> int:
    digits = (number or "").partition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


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
    found = _row(*row)
    return replace(found, is_voided_in_part=bool(found.voided_by and not_voided(document_id)))


def not_voided(document_id: int) -> list[int]:
    """The serials that have an event of the document that is not voided, by id."""
    rows = bound.execute_sql(
        "SELECT DISTINCT e.serial_id FROM serial_events e "
        f"WHERE e.document_id = {bound.param} AND e.voids_id IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM serial_events v WHERE v.serial_id = e.serial_id AND v.number > e.number "
        "AND v.voids_id = e.id) ORDER BY e.serial_id",
        (document_id,),
    )
    return [row[0] for row in rows.fetchall()]


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
    *middle, kind_of_void = rest
    if kind_of_void is not None and kind_of_void != DocumentKind.VOID:
        msg = f"a document of the kind {kind_of_void!r} voids {name}"
        raise ValueError(msg)
    return DocumentRow(number, name, Document.kind.known(kind), read_moment(at), *middle)

"""The orders of lists, as data, and pages that are read by the keys of an order.

A list names its orders in a tuple of `Order`, one a column, the usual one first. `KeysetRows` reads any page of it: it
compares keys, so that rows that come and go meanwhile shift no page, and no list is read whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from models import clock
from models.errors import BadValue
from models.paging import Anchors, Start
from models.schema import bound, is_sqlite

TODAY: Final = "{today}"
"""Stands for the date of today in the JOIN clauses of an order."""

BYTEWISE: Final = "{bytewise}"
"""Behind a key: its text is compared byte by byte on both engines, as that of most keys already is."""

TURNED: Final = "desc"
"""What follows the colon in `--sort COLUMN:desc`."""


class Condition(NamedTuple):
    """A part of a statement, such as a WHERE clause, and its values."""

    where: str
    values: tuple[Any, ...] = ()

    def also(self, where: str, *values: Any) -> Condition:
        """This condition AND one in SQL."""
        return Condition(f"{self.where} AND {where}", (*self.values, *values))

    def narrowed(self, other: Condition) -> Condition:
        """This condition AND another one."""
        return self.also(other.where, *other.values)


class Sorting(NamedTuple):
    """How a list is ordered."""

    code: str
    """Code of the order."""
    descending: bool = False


class NamedOrder(Protocol):
    """An order as screens and commands name it."""

    @property
    def code(self) -> str:
        """The code of its column."""

    @property
    def label(self) -> str:
        """The heading of its column."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of a list.

    Rows without a value come last, and first when the order is turned round.
    """

    code: str
    label: str
    keys: tuple[str, ...] = ()
    """SQL expressions, none of them NULL, the last one unique: rows are compared by these. Empty for a list that is in
    memory."""
    joins: str = ""
    """JOIN clauses that the expressions need, without values but `TODAY`."""


def blank_last(expression: str, blank: str = "''") -> tuple[str, str]:
    """Two keys for an expression that may be NULL.

    Args:
        expression: in SQL.
        blank: a value of its type, in SQL.
    """
    return f"CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END", f"coalesce({expression}, {blank})"


def usual(orders: Sequence[Order], *, descending: bool = False) -> Sorting:
    """The usual order of a list: the first one."""
    return Sorting(orders[0].code, descending)


def order_with(orders: Sequence[Order], code: str) -> Order:
    """The order with this code."""
    return next(order for order in orders if order.code == code)


def sorting_of(orders: Sequence[NamedOrder], text: str) -> Sorting:
    """What `COLUMN` or `COLUMN:desc` means.

    Raises:
        BadValue: the list is not ordered by that.
    """
    code, colon, way = text.strip().lower().partition(":")
    codes = [order.code for order in orders]
    if code not in codes:
        raise BadValue(f"The list is not ordered by {code or 'nothing'}. Columns: {', '.join(codes)}.", field="sort")
    if colon and way != TURNED:
        raise BadValue(f"After the column stands :{TURNED} or nothing, not :{way}.", field="sort")
    return Sorting(code, descending=bool(colon))


class KeysetRows:
    """Reads pages of one list in one order.

    Args:
        rows: what stands behind FROM, with its values.
        key: the SQL expression that identifies a row.
        order: of the list.
        descending: whether it is turned round.
        more: further columns of a page, such as `l.id AS line_id`, for the joins of `read`.
    """

    def __init__(self, rows: Condition, key: str, order: Order, *, descending: bool, more: Sequence[str] = ()) -> None:
        self._rows, self._order, self._key, self._descending, self._more = rows, order, key, descending, more
        self._anchors: Anchors[tuple[Any, ...]] = Anchors()
        self._total: int | None = None
        self._last: tuple[str, tuple[Any, ...]] | None = None
        """The row that `after` read last, and its position."""

    def count(self, where: Condition) -> int:
        """Count the rows that meet a condition, and forget where others stand."""
        found = self._run("SELECT count(*)", where)
        total = int(found.fetchone()[0])
        self.counted(total)
        return total

    def counted(self, total: int) -> None:
        """Take the number of rows from elsewhere, and forget where they stand."""
        self._anchors.forget()
        self._total = total

    @property
    def total(self) -> int:
        """The number of rows as it was counted last; 0 before."""
        return self._total or 0

    def read(self, where: Condition, offset: int, limit: int, select: Condition, joins: str) -> list[Sequence[Any]]:
        """Read a page; the first ones of a list need no count.

        Args:
            where: the condition of the list.
            offset: number of its first row.
            limit: rows wanted.
            select: the expressions to read, the first one the key, and their values.
            joins: JOIN clauses for `select`; `p.id` is the key.
        """
        if self._total is None:
            way = Start[tuple[Any, ...]](None, backwards=False, skip=offset, limit=limit)
        else:
            way = self._anchors.start(offset, limit, self._total)
        if not way.limit:
            return []
        rows = self._page(where, way, select, joins)
        if rows:
            self._anchors.note(offset, self._position(rows[0]))
            self._anchors.note(offset + len(rows) - 1, self._position(rows[-1]))
        return [row[: -len(self._order.keys)] for row in rows]

    def after(
        self, where: Condition, key: str | None, limit: int, select: Condition, joins: str
    ) -> list[Sequence[Any]]:
        """Read the rows after the one with a key (None: from the start), without counting them; as for `read`."""
        position: tuple[Any, ...] | None = None
        if key is not None:
            position = self._last[1] if self._last is not None and self._last[0] == key else self._of(key)
        way = Start(position, backwards=False, skip=0, limit=limit)
        rows = self._page(where, way, select, joins, after=True)
        if rows:
            self._last = str(rows[-1][0]), self._position(rows[-1])
        return [row[: -len(self._order.keys)] for row in rows]

    def rank(self, where: Condition, key: object) -> int | None:
        """The position of the row with a key, or None; noted, since its page is usually read next."""
        here = self._run(f"SELECT {', '.join(self._keys)}", where.also(f"{self._key} = {bound.param}", key)).fetchone()
        if here is None:
            return None
        before = where.also(f"{self._tuple} {'>' if self._descending else '<'} {self._marks}", *here)
        rank = int(self._run("SELECT count(*)", before).fetchone()[0])
        self._anchors.note(rank, tuple(here))
        return rank

    def stands(self, rank: int, *position: Any) -> None:
        """Note where a row stands that was ranked elsewhere."""
        self._anchors.note(rank, position)

    def _of(self, key: str) -> tuple[Any, ...] | None:
        found = self._run(f"SELECT {', '.join(self._keys)}", Condition(f"{self._key} = {bound.param}", (key,)))
        here: tuple[Any, ...] | None = found.fetchone()
        return here

    @property
    def _keys(self) -> tuple[str, ...]:
        collation = "" if is_sqlite() else ' COLLATE "C"'
        return tuple(key.replace(BYTEWISE, collation) for key in self._order.keys)

    @property
    def _from(self) -> Condition:
        joins = self._order.joins.replace(TODAY, f"'{clock.today().isoformat()}'")
        return Condition(f"{self._rows.where} {joins}", self._rows.values)

    def _position(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(row[-len(self._order.keys) :])

    @property
    def _tuple(self) -> str:
        return f"({', '.join(self._keys)})"

    @property
    def _marks(self) -> str:
        return f"({', '.join([bound.param] * len(self._order.keys))})"

    def _run(self, select: str, where: Condition) -> Any:
        source = self._from
        return bound.execute_sql(f"{select} FROM {source.where} WHERE {where.where}", (*source.values, *where.values))

    def _page(
        self, where: Condition, way: Start[tuple[Any, ...]], select: Condition, joins: str, *, after: bool = False
    ) -> list[Sequence[Any]]:
        down = self._descending is not way.backwards
        if way.position is not None:
            sign = ("<" if down else ">") + ("" if way.backwards or after else "=")
            where = where.also(f"{self._tuple} {sign} {self._marks}", *way.position)
        source = self._from
        names = [f"k{number}" for number in range(len(self._order.keys))]
        keys = [f"{key} AS {name}" for key, name in zip(self._keys, names, strict=True)]
        columns = ", ".join([f"{self._key} AS id", *keys, *self._more])
        inner, outer = (
            ", ".join(f"{alias}{name}{' DESC' if falling else ''}" for name in names)
            for alias, falling in (("", down), ("p.", self._descending))
        )
        page = (
            f"SELECT {columns} FROM {source.where} WHERE {where.where} "
            f"ORDER BY {inner} LIMIT {int(way.limit)} OFFSET {int(way.skip)}"
        )
        found = bound.execute_sql(
            f"SELECT {select.where}, {', '.join(f'p.{name}' for name in names)} FROM ({page}) p {joins} "
            f"ORDER BY {outer}",
            (*select.values, *source.values, *where.values),
        )
        rows: list[Sequence[Any]] = found.fetchall()
        return rows

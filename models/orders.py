"""The orders of lists as data, and pages of lists read by the keys of an order.

A list names its orders in a tuple of `Order`, one a column, the usual one first. `KeysetRows` reads any page of it: it
compares keys, so that rows that come and go meanwhile shift no page, and no list is read whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, NamedTuple, Protocol, Self

from models import clock
from models.errors import BadValue
from models.paging import Anchors, R, Start
from models.schema import bound, is_sqlite
from models.text import search_key

TODAY: Final = "{today}"
"""Stands for the date of today in the keys and JOIN clauses of an order."""

BYTEWISE: Final = "{bytewise}"
"""Suffix of a key whose text is compared byte by byte on both engines, as that of most keys already is."""

DESCENDING: Final = "desc"
"""The word behind the colon in `--sort COLUMN:desc`."""


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
    """The order of a list, and its direction."""

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


class RowGroup(NamedTuple):
    """A part of a list whose order is that of an index."""

    value: Any
    """Value that its rows share, see `Grouping.value`."""
    rows: Condition
    """Condition that only its rows of the list meet."""
    keys: tuple[str, ...]
    """As for an order."""
    joins: str = ""
    """As for an order."""
    length: int = 0
    """Number of rows."""


class Grouping(Protocol):
    """Cuts the rows of a long list into groups, each ordered by one index, so that no page sorts the whole list."""

    @property
    def value(self) -> str:
        """The SQL expression that says to which group a row belongs."""

    def groups(self, source: Condition, where: Condition) -> list[RowGroup]:
        """The groups in ascending order, the one without a value last.

        Args:
            source: the FROM clause.
            where: the condition of the list.
        """


@dataclass(frozen=True, slots=True)
class ByValue:
    """Groups by a column of few values, each with an index of this column and the keys."""

    value: str
    """The column, which may be NULL."""
    keys: tuple[str, ...]
    """The order inside a group."""
    ranks: Callable[[], Sequence[Any]]
    """All values in their order."""

    def groups(self, source: Condition, where: Condition) -> list[RowGroup]:
        """One for each value that occurs."""
        found = bound.execute_sql(
            f"SELECT {self.value}, count(*) FROM {source.where} WHERE {where.where} GROUP BY {self.value}",
            (*source.values, *where.values),
        )
        lengths = {value: int(number) for value, number in found.fetchall()}
        none = lengths.pop(None, 0)
        groups = [
            RowGroup(value, Condition(f"{self.value} = {bound.param}", (value,)), self.keys, "", lengths.pop(value))
            for value in self.ranks()
            if value in lengths
        ]
        if lengths:  # damage: the page would lack these rows
            raise ValueError(f"{self.value} has values that are unknown: {', '.join(map(repr, lengths))}")
        blank = [RowGroup(None, Condition(f"{self.value} IS NULL"), self.keys, "", none)] if none else []
        return [*groups, *blank]


def ranked(table: str, by: str) -> Callable[[], Sequence[int]]:
    """The ids of the rows of a table, in the order of an SQL expression; for `ByValue`."""

    def ids() -> list[int]:
        sql = f"SELECT id FROM {table} ORDER BY {as_compared(by)}"
        return [row[0] for row in bound.execute_sql(sql).fetchall()]

    return ids


@dataclass(frozen=True, slots=True)
class BlankLast:
    """Two groups: the rows that have a value, and those that have none, each with an index of its own."""

    has: str
    """The condition in SQL of rows that have a value."""
    lacks: str
    """The opposite condition."""
    keys: tuple[str, ...]
    """The order of those that have one."""
    blank_keys: tuple[str, ...]
    """The order of the others."""
    joins: str = ""
    """JOIN clauses for `keys`."""

    @property
    def value(self) -> str:
        """0 or 1."""
        return f"CASE WHEN {self.has} THEN 0 ELSE 1 END"

    def groups(self, source: Condition, where: Condition) -> list[RowGroup]:
        """Both groups, each counted."""
        # Counted one by one, each along its own index.
        parts = ((0, self.has, self.keys, self.joins), (1, self.lacks, self.blank_keys, ""))
        groups: list[RowGroup] = []
        for value, condition, keys, joins in parts:
            rows = where.also(condition)
            found = bound.execute_sql(
                f"SELECT count(*) FROM {source.where} WHERE {rows.where}", (*source.values, *rows.values)
            )
            groups.append(RowGroup(value, Condition(condition), keys, joins, int(found.fetchone()[0])))
        return groups


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
    grouping: Grouping | None = None
    """The groups in which a long list is read along indexes; None if there is an index of the keys, or none at
    all."""
    hidden: str = ""
    """A column in the condition of the list whose index SQLite must not take; empty for none."""
    at_once: bool = False
    """Whether no index has this order, of rows with a number as key: these of the whole list are read at once and kept
    until it is counted again, so that only its first page sorts it."""


def blank_last(expression: str, blank: str = "''") -> tuple[str, str]:
    """Two keys for an expression that may be NULL.

    Args:
        expression: in SQL.
        blank: a value of its type, in SQL.
    """
    return f"CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END", f"coalesce({expression}, {blank})"


def blank_last_key(text: str | None) -> tuple[bool, str]:
    """The sort key of a text of rows in memory; blank ones come last, as `blank_last` has it in SQL."""
    return not text, search_key(text or "")


def usual(orders: Sequence[Order], *, descending: bool = False) -> Sorting:
    """The usual order of a list: the first one."""
    return Sorting(orders[0].code, descending)


def order_with(orders: Sequence[Order], code: str) -> Order:
    """The order with this code."""
    return next(order for order in orders if order.code == code)


def sorting_of(orders: Sequence[NamedOrder], text: str) -> Sorting:
    """Parse the value of `--sort`: `COLUMN` or `COLUMN:desc`.

    Raises:
        BadValue: the list is not ordered by that.
    """
    code, colon, way = text.strip().lower().partition(":")
    codes = [order.code for order in orders]
    if code not in codes:
        raise BadValue(f"The list is not ordered by {code or 'nothing'}. Columns: {', '.join(codes)}.", field="sort")
    if colon and way != DESCENDING:
        raise BadValue(f"After the column stands :{DESCENDING} or nothing, not :{way}.", field="sort")
    return Sorting(code, descending=bool(colon))


class MemoryRows(Generic[R]):
    """A `paging.RowSource` of a short list: `count` reads all rows in their order; used only in the database thread.

    A subclass has the orders of the list, the usual one first, and reads the rows.

    Args:
        find: a text that narrows the list; empty finds all.
        sorting: one of `orders`; the usual one unless given.
    """

    orders: ClassVar[Sequence[Order]] = ()

    def __init__(self, find: str = "", sorting: Sorting | None = None) -> None:
        self.find = " ".join(find.split())
        self.sorting = sorting or usual(self.orders)
        self._rows: Sequence[R] = ()

    def sorted_by(self, sorting: Sorting) -> Self:
        """The same rows in another order."""
        return type(self)(self.find, sorting)

    def found_by(self, find: str) -> Self:
        """The rows that another text finds, in the same order."""
        return type(self)(find, self.sorting)

    def read(self) -> list[R]:
        """Read the rows that the text finds, in their order."""
        raise NotImplementedError

    def count(self) -> int:
        """Read the rows and count them."""
        self._rows = self.read()
        return len(self._rows)

    def fetch(self, offset: int, limit: int) -> Sequence[R]:
        """A page of the rows that were counted."""
        return self._rows[offset : offset + limit]

    def index_of(self, key: str) -> int | None:
        """The position of a row in the list, or None."""
        return next((place for place, row in enumerate(self._rows) if row.key == key), None)


_ALL: Final = Condition("1 = 1")

LONG: Final = 20_000
"""Rows of a list from which on it is read in groups; fewer are sorted as quickly."""

SHORTEST: Final = 50
"""Rows that groups have on the average, at least: a page of shorter ones would take too many statements."""


_KEYS_A_STATEMENT: Final = 2_000
"""Rows that one statement reads by their keys."""


class _ListPart:
    """A group of a list, with the positions of rows that were read."""

    def __init__(self, group: RowGroup) -> None:
        self.group = group
        self.anchors: Anchors[tuple[Any, ...]] = Anchors()


class _Position(NamedTuple):
    """The position of a row in a list."""

    part: int
    """Index of its part."""
    keys: tuple[Any, ...]
    """Its keys in that part."""


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
        self._total: int | None = None
        self._parts: list[_ListPart] | None = None
        self._last: tuple[str, _Position] | None = None
        """The row that `after` read last, and its position."""
        self._ids: array[int] | None = None
        """The keys of all rows of an order that is read at once; an array, for there may be a million."""

    def count(self, where: Condition) -> int:
        """Count the rows that meet a condition, and forget where others stand."""
        rows = self._rows
        found = bound.execute_sql(
            f"SELECT count(*) FROM {rows.where} WHERE {where.where}", (*rows.values, *where.values)
        )
        total = int(found.fetchone()[0])
        self.counted(total)
        return total

    def counted(self, total: int) -> None:
        """Take the number of rows from elsewhere, and forget where they stand."""
        self._parts = self._ids = None
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
        if self._order.at_once:
            return self._numbered(self._read_at_once(where)[offset : offset + limit], select, joins)
        parts = self._list_parts(where)
        found: list[Sequence[Any]] = []
        before = 0
        for part in parts:
            first, wanted = max(0, offset - before), limit - len(found)
            before += part.group.length
            if len(parts) > 1 and (first >= part.group.length or not wanted):
                continue
            found += self._read(part, where, first, wanted, select, joins)
            offset = max(offset, before)
        return found

    def _read(
        self, part: _ListPart, where: Condition, offset: int, limit: int, select: Condition, joins: str
    ) -> list[Sequence[Any]]:
        """Read a page of one part."""
        length = self._total if self._parts is None or len(self._parts) == 1 else part.group.length
        if length is None:  # not counted yet: an OFFSET is all that is left, and the first pages have a small one
            way = Start[tuple[Any, ...]](None, backwards=False, skip=offset, limit=limit)
        else:
            way = part.anchors.start(offset, limit, length)
        if not way.limit:
            return []
        rows = self._page(part.group, where, way, select, joins)
        width = len(part.group.keys)
        if rows:
            part.anchors.note(offset, tuple(rows[0][-width:]))
            part.anchors.note(offset + len(rows) - 1, tuple(rows[-1][-width:]))
        return [row[:-width] for row in rows]

    def after(
        self, where: Condition, key: str | None, limit: int, select: Condition, joins: str
    ) -> list[Sequence[Any]]:
        """Read the rows after the one with a key (None: from the start), without counting them; as for `read`."""
        if self._order.at_once:
            ids = self._read_at_once(where)
            start = 0 if key is None else ids.index(int(key)) + 1
            return self._numbered(ids[start : start + limit], select, joins)
        parts = self._list_parts(where)
        here: _Position | None = None
        if key is not None:
            # Mostly the last row of the page before, whose keys are known.
            here = self._last[1] if self._last is not None and self._last[0] == key else self._position(_ALL, key)
        found: list[Sequence[Any]] = []
        for number in range(here.part if here is not None else 0, len(parts)):
            position = here.keys if here is not None and here.part == number else None
            way = Start(position, backwards=False, skip=0, limit=limit - len(found))
            rows = self._page(parts[number].group, where, way, select, joins, after=True) if way.limit else []
            width = len(parts[number].group.keys)
            if rows:
                self._last = str(rows[-1][0]), _Position(number, tuple(rows[-1][-width:]))
            found += [row[:-width] for row in rows]
        return found

    def rank(self, where: Condition, key: object) -> int | None:
        """The position of the row with a key, or None; noted, since its page is usually read next."""
        if self._order.at_once:
            ids, number = self._read_at_once(where), int(str(key))
            return ids.index(number) if number in ids else None
        parts = self._list_parts(where)
        here = self._position(where, key)
        if here is None:
            return None
        part = parts[here.part]
        before = self._from_position(where, part.group, ">" if self._descending else "<", here.keys)
        rank = int(self._run("SELECT count(*)", part.group, before).fetchone()[0])
        part.anchors.note(rank, here.keys)
        return rank + sum(earlier.group.length for earlier in parts[: here.part])

    def note_position(self, rank: int, *position: Any) -> None:
        """Note the keys of a row whose rank the caller knows; not for an order in groups."""
        self._list_parts(_ALL)[0].anchors.note(rank, position)

    def _read_at_once(self, where: Condition) -> array[int]:
        """The keys of all rows in their order."""
        if self._ids is None:
            whole = RowGroup(None, _ALL, self._order.keys, self._order.joins)
            falling = " DESC" if self._descending else ""
            order = ", ".join(f"{key}{falling}" for key in _compared(whole))
            rows = self._run(f"SELECT {self._key}", whole, where, f"ORDER BY {order}").fetchall()
            self._ids = array("q", [row[0] for row in rows])
        return self._ids

    def _numbered(self, ids: Sequence[int], select: Condition, joins: str) -> list[Sequence[Any]]:
        """The rows with these keys, in this order; those that are still there."""
        columns = ", ".join([f"{self._key} AS id", *self._more])
        rows: dict[int, Sequence[Any]] = {}
        for start in range(0, len(ids), _KEYS_A_STATEMENT):
            part = ids[start : start + _KEYS_A_STATEMENT]
            marks = ", ".join([bound.param] * len(part))
            page = f"SELECT {columns} FROM {self._rows.where} WHERE {self._key} IN ({marks})"
            found = bound.execute_sql(
                f"SELECT {select.where} FROM ({page}) p {joins}", (*select.values, *self._rows.values, *part)
            )
            rows.update((row[0], row) for row in found.fetchall())
        return [rows[each] for each in ids if each in rows]

    def _list_parts(self, where: Condition) -> list[_ListPart]:
        """The parts of the list in their order: its groups if it is long, else one."""
        if self._parts is None:
            one = [RowGroup(None, _ALL, self._order.keys, self._order.joins)]
            groups = self._groups(where) or one
            self._parts = [_ListPart(group) for group in (groups[::-1] if self._descending else groups)]
        return self._parts

    def _groups(self, where: Condition) -> list[RowGroup]:
        """The groups of a long list that has a grouping."""
        grouping = self._order.grouping
        # Of a list that was not counted the groups are counted now, which shows whether it is long.
        if grouping is None or (self._total is not None and self._total <= LONG):
            return []
        groups = [group for group in grouping.groups(self._rows, self._unindexed(where)) if group.length]
        # Counted now, as the number of the list may be from before others wrote.
        total = sum(group.length for group in groups)
        return groups if total > LONG and total >= SHORTEST * len(groups) else []

    def _position(self, where: Condition, key: object) -> _Position | None:
        """The position of the row with a key; None if it is not there."""
        parts, mine = self._parts or [], where.also(f"{self._key} = {bound.param}", key)
        number = 0
        if len(parts) > 1 and self._order.grouping is not None:
            any_group = parts[0].group._replace(rows=_ALL, joins="")
            found = self._run(f"SELECT {self._order.grouping.value}", any_group, mine).fetchone()
            values = [part.group.value for part in parts]
            if found is None or found[0] not in values:
                return None
            number = values.index(found[0])
        group = parts[number].group
        here = self._run(f"SELECT {', '.join(_compared(group))}", group._replace(rows=_ALL), mine).fetchone()
        return None if here is None else _Position(number, tuple(here))

    def _source(self, group: RowGroup) -> Condition:
        joins = group.joins.replace(TODAY, _today())
        return Condition(f"{self._rows.where} {joins}", self._rows.values)

    def _narrowed(self, where: Condition, group: RowGroup) -> Condition:
        """The condition of the rows of a group."""
        where = self._unindexed(where)
        return where if group.rows is _ALL else where.narrowed(group.rows)

    def _unindexed(self, where: Condition) -> Condition:
        """The condition of the list without SQLite's use of an index; the unary + keeps SQLite from it."""
        hidden = self._order.hidden
        return (
            where._replace(where=where.where.replace(f"{hidden} ", f"+{hidden} ")) if hidden and is_sqlite() else where
        )

    def _from_position(self, where: Condition, group: RowGroup, sign: str, position: Sequence[Any]) -> Condition:
        """The rows before or after a position."""
        keys = _compared(group)
        if group.rows is not _ALL and len(keys) > 1:
            # The first key by itself lets both databases begin there, also where the others are of another table.
            where = where.also(f"{keys[0]} {sign[0]}= {bound.param}", position[0])
        return where.also(f"({', '.join(keys)}) {sign} ({', '.join([bound.param] * len(keys))})", *position)

    def _run(self, select: str, group: RowGroup, where: Condition, tail: str = "") -> Any:
        source, where = self._source(group), self._narrowed(where, group)
        sql = f"{select} FROM {source.where} WHERE {where.where} {tail}"
        return bound.execute_sql(sql, (*source.values, *where.values))

    def _page(
        self,
        group: RowGroup,
        where: Condition,
        way: Start[tuple[Any, ...]],
        select: Condition,
        joins: str,
        *,
        after: bool = False,
    ) -> list[Sequence[Any]]:
        down = self._descending is not way.backwards
        where = self._narrowed(where, group)
        # A subquery with LIMIT, so that the joins are made for the rows of the page alone.
        if way.position is not None:
            sign = ("<" if down else ">") + ("" if way.backwards or after else "=")
            where = self._from_position(where, group, sign, way.position)
        source = self._source(group)
        names = [f"k{number}" for number in range(len(group.keys))]
        keys = [f"{key} AS {name}" for key, name in zip(_compared(group), names, strict=True)]
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


def _compared(group: RowGroup) -> tuple[str, ...]:
    """The keys of a group, as the database compares them."""
    return tuple(map(as_compared, group.keys))


def as_compared(key: str) -> str:
    """An SQL expression with `BYTEWISE` and `TODAY` replaced."""
    return key.replace(BYTEWISE, "" if is_sqlite() else ' COLLATE "C"').replace(TODAY, _today())


def _today() -> str:
    return f"'{clock.today().isoformat()}'"

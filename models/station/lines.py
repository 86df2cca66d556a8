"""The lines of a draft: read and write them, buffer them for a transaction (`Entries`), list them (`LineSource`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.database import bulk
from models.database.unit import Unit
from models.orders import BYTEWISE, Condition, KeysetRows, Order, Sorting, blank_last, order_with, usual
from models.schema import DraftLine, bound, is_sqlite, moment_value, read_moment
from models.serials import ranges
from models.serials.judging import Scan
from models.station.state import DraftState
from models.statuses import StatusLook, statuses
from models.text import escaped, serial_key

COLUMNS = (
    *("draft_id", "number", "position", "kind", "state", "at", "user_id", "how", "scan", "item_id", "location_id"),
    *("serial_number", "serial_key", "near_key", "reason", "message", "serial_id"),
)


_MOST_OF_ONE_SCAN: Final = ranges.MOST
"""Upper limit of the lines that one scan can make, or one group of serials that were taken together."""


class NewLine(NamedTuple):
    """A new line to be written."""

    number: int
    position: int | None
    kind: str
    state: str
    how: str
    scan: str
    item_id: int | None
    location_id: int | None
    serial_number: str = ""
    key: str | None = None
    near: str | None = None
    reason: str = ""
    message: str = ""
    serial_id: int | None = None


class Change(NamedTuple):
    """New values for an existing serial line."""

    number: int
    state: str
    item_id: int | None
    serial_number: str
    key: str | None = None
    near: str | None = None
    reason: str = ""
    message: str = ""
    serial_id: int | None = None
    location_id: int | None = None
    """Its new place; None keeps the one that it has."""


class Line(NamedTuple):
    """A serial line as it is shown."""

    number: int
    position: int
    state: str
    """good, problem or out."""
    at: datetime
    login: str
    """Login of the user who scanned it."""
    how: str
    scan: str
    sku: str
    """SKU of its item; empty if none was scanned yet."""
    location: str
    """Code of its place; empty if none was scanned yet."""
    serial_number: str
    reason: str
    message: str
    serial_id: int | None
    item_id: int | None
    location_id: int | None
    user_id: int

    @property
    def shown(self) -> str:
        """The serial number, or the raw scan if it contains none."""
        return self.serial_number or self.scan


def key_of(line: Line) -> str:
    """The folded key of the line's serial."""
    return serial_key(line.serial_number)


def write_lines(unit: Unit, draft_id: int, lines: Sequence[NewLine]) -> None:
    """Insert new lines of a draft."""
    at = moment_value(unit.at)
    rows: list[tuple[Any, ...]] = [
        (
            *(draft_id, *line[:4], at, unit.actor.user_id, line.how, escaped(line.scan)),
            *(line.item_id, line.location_id, line.serial_number, line.key, line.near),
            *(line.reason, escaped(line.message), line.serial_id),
        )
        for line in lines
    ]
    bulk.insert("draft_lines", COLUMNS, rows)


def change_lines(draft_id: int, changes: Sequence[Change]) -> None:
    """Update lines in a constant number of statements per block; each line must occur only once."""
    columns = ("state", "item_id", "serial_number", "serial_key", "near_key", "reason", "message", "serial_id")
    if is_sqlite():
        given = ", ".join(f"{name} = ?" for name in columns)
        sql = (
            f"UPDATE draft_lines SET {given}, location_id = coalesce(?, location_id) WHERE draft_id = ? AND number = ?"
        )
        if changes:
            with bulk.errors_of_driver():
                bound.connection().executemany(sql, [(*one[1:], draft_id, one.number) for one in changes])
        return
    # PostgreSQL: one UPDATE per block, joined with VALUES. A VALUES column of NULLs would be text, hence the casts.
    numbers = ("item_id", "serial_id")
    given = ", ".join(f"{name} = {f'v.{name}::bigint' if name in numbers else f'v.{name}'}" for name in columns)
    for part in bulk.blocks(changes, 1_000):
        row = f"({bulk.placeholders(len(columns) + 2)})"
        bound.execute_sql(
            f"UPDATE draft_lines SET {given}, location_id = coalesce(v.location_id::bigint, draft_lines.location_id) "
            f"FROM (VALUES {', '.join([row] * len(part))}) AS v (number, {', '.join(columns)}, location_id) "
            f"WHERE draft_lines.draft_id = {bound.param} AND draft_lines.number = v.number::bigint",
            [*(value for one in part for value in one), draft_id],
        )


def set_state(draft_id: int, number: int, state: str, **columns: Any) -> None:
    """Update the state of one line, and other columns with it."""
    DraftLine.update(state=state, **columns).where(
        (DraftLine.draft == draft_id) & (DraftLine.number == number)
    ).execute()


def last_line(draft_id: int, *, kind: str | None = None) -> DraftLine | None:
    """The newest line that was not taken out; with `kind`, the newest of that kind."""
    query = DraftLine.select().where((DraftLine.draft == draft_id) & (DraftLine.state != "out"))
    if kind is not None:
        query = query.where((DraftLine.kind == kind) | DraftLine.kind.not_in(DraftLine.kind.words))
    found: DraftLine | None = query.order_by(DraftLine.number.desc()).first()
    return found


class LastScan(NamedTuple):
    """What the newest scan added that was not taken out."""

    first: DraftLine
    """Its first line: its place, its item, or its first serial."""
    last_number: int
    """Number of its last line."""
    serials: list[int]
    """Numbers of its serial lines, in ascending order."""


def last_scan(draft_id: int) -> LastScan | None:
    """The newest scan of a draft, or None.

    One code can make several lines with consecutive numbers: its item, then each of its serials. A range, a list or a
    group of serials is one too; its lines have the moment of their transaction.
    """
    newest = last_line(draft_id)
    if newest is None or newest.kind != "serial":
        return None if newest is None else LastScan(newest, newest.number, [])
    is_range = newest.how == "range"
    same = (DraftLine.how == newest.how) & (DraftLine.at == newest.at) if is_range else DraftLine.scan == newest.scan
    query = (
        DraftLine.select(DraftLine.number, DraftLine.kind)
        .where(
            (DraftLine.draft == draft_id)
            & (DraftLine.number < newest.number)
            & (DraftLine.number > newest.number - _MOST_OF_ONE_SCAN)
            & (DraftLine.state != "out")
            & same
        )
        .order_by(DraftLine.number.desc())
    )
    rows: list[tuple[int, str]] = list(query.tuples().execute())
    first, kind, serials = newest.number, newest.kind, [newest.number]
    for number, of_kind in rows:
        if kind != "serial" or (first - number != 1 and not is_range):
            break
        first, kind = number, of_kind
        serials += [number] if of_kind == "serial" else []
    begin = newest if first == newest.number else DraftLine.get(draft=draft_id, number=first)
    return LastScan(begin, newest.number, serials[::-1])


def take_out(draft_id: int, numbers: Sequence[int]) -> Counter[tuple[str, int | None]]:
    """Take serial lines out; returns how many there were of each state and item."""
    found: Counter[tuple[str, int | None]] = Counter()
    one = bound.param
    for part in bulk.blocks(sorted(numbers)):
        which = f"WHERE draft_id = {one} AND number IN ({bulk.placeholders(len(part))})"
        rows = bound.execute_sql(
            f"SELECT state, item_id, count(*) FROM draft_lines {which} GROUP BY state, item_id", [draft_id, *part]
        )
        found.update({(state, item_id): count for state, item_id, count in rows.fetchall()})
        bound.execute_sql(
            f"UPDATE draft_lines SET state = 'out', reason = {one} {which}", ["taken_out", draft_id, *part]
        )
    return found


def line(draft_id: int, number: int) -> Line | None:
    """One serial line by its number, or None."""
    return next(iter(_read("l.number = ?", [draft_id, number], "")), None)


def newest(draft_id: int, limit: int = 50) -> list[Line]:
    """The most recent good serials, newest first."""
    return _read("l.state = 'good'", [draft_id], f"ORDER BY l.number DESC LIMIT {limit}")


def problems(draft_id: int, limit: int | None = None, *, newest_first: bool = False) -> list[Line]:
    """The problems of a draft in scan order, or the newest first; at most `limit`."""
    order = "ORDER BY l.number" + (" DESC" if newest_first else "") + (f" LIMIT {limit}" if limit is not None else "")
    return _read("l.state = 'problem'", [draft_id], order)


def between(draft_id: int, item_id: int, first: int, last: int) -> list[Line]:
    """The lines of an item between two line numbers (exclusive), without lines that were taken out."""
    condition = "l.item_id = ? AND l.number > ? AND l.number < ? AND l.state <> 'out'"
    return _read(condition, [draft_id, item_id, first, last], "ORDER BY l.number")


def without_customer(draft_id: int) -> int:
    """How many good lines are of serials that have no customer."""
    found = bound.execute_sql(
        "SELECT count(*) FROM draft_lines l JOIN serials s ON s.id = l.serial_id WHERE l.kind = 'serial' "
        f"AND l.state = 'good' AND s.customer_id IS NULL AND l.draft_id = {bound.param}",
        (draft_id,),
    )
    return int(found.fetchone()[0])


def require_known(draft_id: int) -> None:
    """Look whether every line of a draft is one of those that are read by kind and state.

    Raises:
        WrongValueError: a row is damaged.
    """
    rows = bound.execute_sql(
        f"SELECT DISTINCT kind, state FROM draft_lines WHERE draft_id = {bound.param}", (draft_id,)
    )
    for kind, state in rows.fetchall():
        DraftLine.kind.known(kind)
        DraftLine.state.known(state)


def every(draft_id: int) -> list[Line]:
    """All serial lines in scan order, including those taken out."""
    require_known(draft_id)
    return _read("1 = 1", [draft_id], "ORDER BY l.number")


def pages(draft_id: int, size: int = bulk.BLOCK) -> Iterator[list[Line]]:
    """The good lines in scan order, page by page."""
    last = 0
    condition, order = "l.state = 'good' AND l.number > ?", f"ORDER BY l.number LIMIT {size}"
    while page := _read(condition, [draft_id, last], order):
        yield page
        last = page[-1].number


def _read(condition: str, values: list[Any], order: str) -> list[Line]:
    sql = (
        "SELECT l.number, l.position, l.state, l.at, u.login, l.how, l.scan, coalesce(i.sku, ''), "
        "coalesce(o.code, ''), l.serial_number, l.reason, l.message, l.serial_id, l.item_id, l.location_id, l.user_id, "
        "l.kind FROM draft_lines l JOIN users u ON u.id = l.user_id LEFT JOIN items i ON i.id = l.item_id "
        "LEFT JOIN locations o ON o.id = l.location_id "
        f"WHERE l.draft_id = ? AND {DraftLine.kind.may_be('serial', 'l.')} AND {condition} {order}"
    )
    rows = bound.execute_sql(sql.replace("?", bound.param), values).fetchall()
    for row in rows:
        DraftLine.state.known(row[2])
        DraftLine.how.known(row[5])
        DraftLine.kind.known(row[-1])
    return [Line._make((*row[:3], read_moment(row[3]), *row[4:-1])) for row in rows]


class Waiting(NamedTuple):
    """A problem without a judged serial: unreadable, an unknown product code, or scanned before its item."""

    number: int
    position: int
    item_id: int | None
    reason: str
    message: str


class Entries:
    """Buffers the new and changed lines of one transaction. Call `write` before reading the draft's lines."""

    def __init__(self, unit: Unit, state: DraftState, start: Callable[[], int]) -> None:
        """Start with an empty buffer.

        Args:
            start: creates the draft at its first line and returns its id.
        """
        self._unit, self._state, self._start = unit, state, start
        self._new: list[NewLine] = []
        self._changes: dict[int, Change] = {}
        self._scans: list[str] = []
        self._waiting: dict[tuple[str, str], Waiting] | None = None

    def draft_id(self) -> int:
        """The id of the draft; creates the draft if there is none."""
        if self._state.draft_id is None:
            self._state.draft_id = self._start()
        return self._state.draft_id

    def expect(self, scans: Iterable[str]) -> None:
        """Set the scans of this batch, so that `waits` can look up all of them together."""
        self._scans = [escaped(scan) for scan in scans]
        self._waiting = None

    def add(self, kind: str, state: str, scan: Scan, **columns: Any) -> int:
        """Buffer a new line. Returns its number."""
        now = self._state
        now.last_number += 1
        if kind == "serial":
            now.last_position += 1
        position = now.last_position if kind == "serial" else None
        values = {"item_id": None, "location_id": now.place.id if now.place else None, **columns}
        line = NewLine(now.last_number, position, kind, state, scan.how, scan.text, **values)
        self._new.append(line)
        if state == "problem" and line.key is None and self._waiting is not None:
            said = Waiting(line.number, position or 0, line.item_id, line.reason, line.message)
            self._waiting[escaped(scan.text), line.serial_number] = said
        return line.number

    def change(self, change: Change) -> None:
        """Buffer a change of an existing line; a later change of the same line replaces it."""
        self._changes[change.number] = change

    def write(self) -> None:
        """Write the buffered lines and changes."""
        if self._new:
            write_lines(self._unit, self.draft_id(), self._new)
            self._new.clear()
        if self._changes:
            change_lines(self.draft_id(), list(self._changes.values()))
            self._changes.clear()

    def forget(self) -> None:
        """Write the buffer and drop the cached problems, because lines are read or changed without this buffer."""
        self.write()
        self._waiting = None

    # ----- problems without a judged serial

    def waits(self, scan: str, serial: str) -> Waiting | None:
        """The open problem that the same scan with this serial has already made, or None."""
        return self._those_waiting().get((escaped(scan), serial))

    def settle(self, scan: str, last: int | None = None) -> None:
        """Take out the open problems of a scan that is now understood.

        Args:
            last: the highest line number to take out; None means any.
        """
        text = escaped(scan)
        waiting = self._those_waiting()
        for key in [key for key, one in waiting.items() if key[0] == text and (last is None or one.number <= last)]:
            one = waiting.pop(key)
            self.change(Change(one.number, "out", one.item_id, key[1], None, None, "settled", one.message))
            self._state.problems -= 1

    def _those_waiting(self) -> dict[tuple[str, str], Waiting]:
        state = self._state
        if not state.problems:  # saves the lookup in the usual case
            return {}
        if self._waiting is None:
            self.write()
            self._waiting = {}
            one = bound.param
            for part in bulk.blocks(sorted(set(self._scans)), 1_000):
                rows = bound.execute_sql(
                    "SELECT scan, serial_number, number, position, item_id, reason, message FROM draft_lines "
                    f"WHERE draft_id = {one} AND state = 'problem' AND serial_key IS NULL "
                    f"AND scan IN ({bulk.placeholders(len(part))}) ORDER BY number DESC",
                    [state.draft_id, *part],
                )
                self._waiting.update(((row[0], row[1]), Waiting(*row[2:])) for row in rows.fetchall())
        return self._waiting


@dataclass(frozen=True, slots=True)
class LineRow:
    """A serial line in the list of a draft's lines."""

    number: int
    position: int
    state: str
    """good, problem or out."""
    at: datetime
    login: str
    sku: str
    location: str
    serial_number: str
    """The raw scan if it contains no serial."""
    message: str
    status: StatusLook | None = None
    """What the serial is now; None for one that is not there, such as one to be received."""
    status_at: str = ""
    """Code of the place where it is now, or was last; empty for none."""

    @property
    def key(self) -> str:
        """The line number as text."""
        return str(self.number)


_LINE_JOINS: Final = (
    "JOIN users u ON u.id = l.user_id LEFT JOIN items i ON i.id = l.item_id "
    "LEFT JOIN locations o ON o.id = l.location_id"
)
_NOW_JOINS: Final = (
    "LEFT JOIN serials s ON s.item_id = l.item_id AND s.serial_key = l.serial_key "
    "LEFT JOIN locations w ON w.id = s.location_id"
)
"""The serial of a line as it is now."""
_TEXT: Final = "CASE WHEN l.serial_number = '' THEN l.scan ELSE l.serial_number END"

LINE_ORDERS: Final = (
    Order("line", "Line", ("l.number",)),
    Order("serial", "Serial Number", (f"upper({_TEXT}){BYTEWISE}", "l.number")),
    Order("state", "State", ("l.state", "l.number")),
    Order("item", "Item", (*blank_last("i.sku_key"), "l.number")),
    Order("location", "Location", (*blank_last("upper(o.code)"), "l.number")),
    Order("time", "Time", ("l.at", "l.number")),
    Order("by", "By", (f"upper(u.login){BYTEWISE}", "l.number")),
)
"""The orders of the lines of a draft; the usual one is the first, newest first."""


class LineSource:
    """A `paging.RowSource` of `LineRow`: the serial lines of a draft.

    Args:
        draft_id: the draft.
        find: a part of the serial or of the scan, in any case; empty for all lines.
        sorting: one of `LINE_ORDERS`; newest first unless given.
    """

    orders = LINE_ORDERS

    def __init__(self, draft_id: int, find: str = "", sorting: Sorting | None = None) -> None:
        self._draft_id, self._find = draft_id, find.strip().upper()
        self._statuses: dict[int, StatusLook] = {}
        self.sorting = sorting = sorting or usual(LINE_ORDERS, descending=True)
        order = order_with(LINE_ORDERS, sorting.code)
        self._pages = KeysetRows(
            Condition(f"draft_lines l {_LINE_JOINS}"),
            "l.number",
            order,
            descending=sorting.descending,
            more=("l.id AS line_id",),
        )

    def sorted_by(self, sorting: Sorting) -> LineSource:
        """The same lines in another order."""
        return LineSource(self._draft_id, self._find, sorting)

    def found_by(self, find: str) -> LineSource:
        """Those of the same lines that a text finds."""
        return LineSource(self._draft_id, find, self.sorting)

    def count(self) -> int:
        """Count the lines."""
        require_known(self._draft_id)
        return self._pages.count(self._where)

    def fetch(self, offset: int, limit: int) -> Sequence[LineRow]:
        """Read a page of lines."""
        select = f"l.number, l.position, l.state, l.at, u.login, coalesce(i.sku, ''), coalesce(o.code, ''), {_TEXT}"
        joins = f"JOIN draft_lines l ON l.id = p.line_id {_LINE_JOINS} {_NOW_JOINS}"
        more = "l.message, s.status_id, coalesce(w.code, '')"
        rows = self._pages.read(self._where, offset, limit, Condition(f"{select}, {more}"), joins)
        if any(row[9] is not None and row[9] not in self._statuses for row in rows):
            self._statuses = {status.id: status for status in statuses()}
        return [
            LineRow(
                *(number, position, DraftLine.state.known(state), read_moment(at), login, sku, place, text, message),
                None if status is None else self._statuses[status],
                now_at,
            )
            for number, position, state, at, login, sku, place, text, message, status, now_at in rows
        ]

    def index_of(self, key: str) -> int | None:
        """The position of a line in the list, or None."""
        return self._pages.rank(self._where, int(key))

    @property
    def _where(self) -> Condition:
        one = bound.param
        where = Condition(f"l.draft_id = {one} AND l.kind = 'serial'", (self._draft_id,))
        contains = "instr" if is_sqlite() else "strpos"
        found = f"{contains}(upper(l.serial_number || l.scan), {one}) > 0"
        return where.also(found, self._find) if self._find else where

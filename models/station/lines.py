"""The lines of a draft: written as scans come in, read for screens and for DONE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.database import bulk
from models.database.unit import Unit
from models.schema import DraftLine, bound, is_sqlite, moment_value, read_moment
from models.serials.judging import Judged, Scan
from models.station.state import DraftState
from models.text import near_key, serial_key

COLUMNS = (
    *("draft_id", "number", "position", "kind", "state", "at", "user_id", "how", "scan", "item_id", "location_id"),
    *("serial_number", "serial_key", "near_key", "reason", "message", "serial_id"),
)


_MOST_OF_ONE_SCAN: Final = 5_000
"""Lines; a scan has fewer characters than twice that."""


class NewLine(NamedTuple):
    """A line to be written."""

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
    """What becomes of a serial's line that was written before."""

    number: int
    state: str
    item_id: int | None
    serial_number: str
    key: str | None = None
    near: str | None = None
    reason: str = ""
    message: str = ""
    serial_id: int | None = None


class Line(NamedTuple):
    """A serial's line as it is shown."""

    number: int
    position: int
    state: str
    """good, problem or out."""
    at: datetime
    login: str
    """Who scanned it."""
    how: str
    scan: str
    sku: str
    """Its item; empty where none was scanned yet."""
    location: str
    """The code of its place; empty where none was scanned yet."""
    serial_number: str
    reason: str
    message: str
    serial_id: int | None
    item_id: int | None
    location_id: int | None
    user_id: int

    @property
    def shown(self) -> str:
        """The serial, or what came where that is none."""
        return self.serial_number or self.scan


def key_of(line: Line) -> str:
    """The folded key of a line's serial."""
    return serial_key(line.serial_number)


def as_judged(line: Line) -> Judged:
    """A line's serial as `judge` takes and gives it."""
    key = key_of(line)
    return Judged(line.serial_number, key, near_key(key))


def taken_out(line: Line) -> Change:
    """A serial's line as it is when it was taken out."""
    key = key_of(line) if line.serial_number else None
    near = near_key(key) if key is not None else None
    said = ("taken_out", line.message, line.serial_id)
    return Change(line.number, "out", line.item_id, line.serial_number, key, near, *said)


def write_lines(unit: Unit, draft_id: int, lines: Sequence[NewLine]) -> None:
    """Write new lines of a draft."""
    at = moment_value(unit.at)
    rows: list[tuple[Any, ...]] = [
        (
            *(draft_id, *line[:4], at, unit.actor.user_id, line.how, storable(line.scan)),
            *(line.item_id, line.location_id, line.serial_number, line.key, line.near),
            *(line.reason, storable(line.message), line.serial_id),
        )
        for line in lines
    ]
    bulk.insert("draft_lines", COLUMNS, rows)


def storable(text: str) -> str:
    """A text that every database takes: NUL and halves of surrogate pairs are escaped, all else is as it was."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


def change_lines(draft_id: int, changes: Sequence[Change]) -> None:
    """Change lines in as many statements for thousands as for a few; each line is given once."""
    columns = ("state", "item_id", "serial_number", "serial_key", "near_key", "reason", "message", "serial_id")
    if is_sqlite():
        sql = f"UPDATE draft_lines SET {', '.join(f'{name} = ?' for name in columns)} WHERE draft_id = ? AND number = ?"
        if changes:
            with bulk.errors_of_driver():
                bound.connection().executemany(sql, [(*one[1:], draft_id, one.number) for one in changes])
        return
    numbers = ("number", "item_id", "serial_id")
    given = ", ".join(f"{name} = {f'v.{name}::bigint' if name in numbers else f'v.{name}'}" for name in columns)
    for part in bulk.blocks(changes, 1_000):
        row = f"({bulk.placeholders(len(columns) + 1)})"
        bound.execute_sql(
            f"UPDATE draft_lines SET {given} FROM (VALUES {', '.join([row] * len(part))}) "
            f"AS v (number, {', '.join(columns)}) "
            f"WHERE draft_lines.draft_id = {bound.param} AND draft_lines.number = v.number::bigint",
            [*(value for one in part for value in one), draft_id],
        )


def set_state(draft_id: int, number: int, state: str, **columns: Any) -> None:
    """Change the state of one line, and other columns with it."""
    DraftLine.update(state=state, **columns).where(
        (DraftLine.draft == draft_id) & (DraftLine.number == number)
    ).execute()


def last_line(draft_id: int, *, kind: str | None = None) -> DraftLine | None:
    """The newest line that was not taken out; of one kind, if that is given."""
    query = DraftLine.select().where((DraftLine.draft == draft_id) & (DraftLine.state != "out"))
    if kind is not None:
        query = query.where(DraftLine.kind == kind)
    found: DraftLine | None = query.order_by(DraftLine.number.desc()).first()
    return found


def of_last_scan(draft_id: int) -> list[DraftLine]:
    """The lines that the newest scan made and that were not taken out, the newest first.

    One code can make several: the change to its item and each of its serials follow each other.
    """
    newest = last_line(draft_id)
    if newest is None:
        return []
    before = (
        DraftLine.select()
        .where(
            (DraftLine.draft == draft_id)
            & (DraftLine.number < newest.number)
            & (DraftLine.number > newest.number - _MOST_OF_ONE_SCAN)
            & (DraftLine.state != "out")
            & (DraftLine.scan == newest.scan)
        )
        .order_by(DraftLine.number.desc())
    )
    found = [newest]
    for one in before if newest.kind == "serial" else ():
        if found[-1].number - one.number != 1 or found[-1].kind != "serial":
            break
        found.append(one)
    return found


def line(draft_id: int, number: int) -> Line | None:
    """One serial's line, or None."""
    return next(iter(_read("l.number = ?", [draft_id, number], "")), None)


def newest(draft_id: int, limit: int = 50) -> list[Line]:
    """The last serials that were taken, the newest first."""
    return _read("l.state = 'good'", [draft_id], f"ORDER BY l.number DESC LIMIT {limit}")


def problems(draft_id: int, limit: int | None = None) -> list[Line]:
    """What waits in the problems lane, in the order of the scans; with a limit the first of it."""
    order = "ORDER BY l.number" + (f" LIMIT {limit}" if limit is not None else "")
    return _read("l.state = 'problem'", [draft_id], order)


def these(draft_id: int, numbers: Sequence[int]) -> list[Line]:
    """Serials' lines by their numbers, in their order."""
    found: list[Line] = []
    for part in bulk.blocks(sorted(numbers)):
        found += _read(f"l.number IN ({', '.join('?' * len(part))})", [draft_id, *part], "ORDER BY l.number")
    return found


def between(draft_id: int, item_id: int, first: int, last: int) -> list[Line]:
    """The serials of an item, those taken out left out, whose lines stand between two others."""
    condition = "l.item_id = ? AND l.number > ? AND l.number < ? AND l.state <> 'out'"
    return _read(condition, [draft_id, item_id, first, last], "ORDER BY l.number")


def every(draft_id: int) -> list[Line]:
    """All serials, those that were taken out included, in the order of the scans."""
    return _read("1 = 1", [draft_id], "ORDER BY l.number")


def pages(draft_id: int, size: int = bulk.BLOCK) -> Iterator[list[Line]]:
    """The good lines, page by page, in the order of the scans."""
    last = 0
    condition, order = "l.state = 'good' AND l.number > ?", f"ORDER BY l.number LIMIT {size}"
    while page := _read(condition, [draft_id, last], order):
        yield page
        last = page[-1].number


def _read(condition: str, values: list[Any], order: str) -> list[Line]:
    sql = (
        "SELECT l.number, l.position, l.state, l.at, u.login, l.how, l.scan, coalesce(i.sku, ''), "
        "coalesce(p.code, ''), l.serial_number, l.reason, l.message, l.serial_id, l.item_id, l.location_id, l.user_id "
        "FROM draft_lines l JOIN users u ON u.id = l.user_id LEFT JOIN items i ON i.id = l.item_id "
        "LEFT JOIN locations p ON p.id = l.location_id "
        f"WHERE l.draft_id = ? AND l.kind = 'serial' AND {condition} {order}"
    )
    rows = bound.execute_sql(sql.replace("?", bound.param), values).fetchall()
    return [Line._make((*row[:3], read_moment(row[3]), *row[4:])) for row in rows]


class Waiting(NamedTuple):
    """A problem that has no serial of an item: unreadable, nobody's product, before its item."""

    number: int
    position: int
    item_id: int | None
    reason: str
    message: str


class Entries:
    """The lines of one transaction. `write` before anything is read from the draft's lines."""

    def __init__(self, unit: Unit, state: DraftState, start: Callable[[], int]) -> None:
        """Begin.

        Args:
            start: makes the draft, at the first line, and gives its id.
        """
        self._unit, self._state, self._start = unit, state, start
        self._new: list[NewLine] = []
        self._changes: dict[int, Change] = {}
        self._scans: list[str] = []
        self._waiting: dict[tuple[str, str], Waiting] | None = None

    def draft_id(self) -> int:
        """The draft, made now where there is none."""
        if self._state.draft_id is None:
            self._state.draft_id = self._start()
        return self._state.draft_id

    def expect(self, scans: Iterable[str]) -> None:
        """Say which scans come, so that `waits` can look for all of them at once."""
        self._scans = [storable(scan) for scan in scans]
        self._waiting = None

    def add(self, kind: str, state: str, scan: Scan, **columns: Any) -> int:
        """Note a line; its number."""
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
            self._waiting[storable(scan.text), line.serial_number] = said
        return line.number

    def change(self, change: Change) -> None:
        """Note what becomes of a line that is there."""
        self._changes[change.number] = change

    def write(self) -> None:
        """Write what was noted."""
        if self._new:
            write_lines(self._unit, self.draft_id(), self._new)
            self._new.clear()
        if self._changes:
            change_lines(self.draft_id(), list(self._changes.values()))
            self._changes.clear()

    def forget(self) -> None:
        """Write, and look again for what waits: lines were changed elsewhere."""
        self.write()
        self._waiting = None

    # ----- problems without a serial of an item

    def waits(self, scan: str, serial: str) -> Waiting | None:
        """The problem that the same scan has made already, with this serial in it."""
        return self._those_waiting().get((storable(scan), serial))

    def settle(self, scan: str, last: int | None = None) -> None:
        """Take out what waited because of a scan that is understood now.

        Args:
            last: the newest line to be taken out; None is any.
        """
        text = storable(scan)
        waiting = self._those_waiting()
        for key in [key for key, one in waiting.items() if key[0] == text and (last is None or one.number <= last)]:
            one = waiting.pop(key)
            self.change(Change(one.number, "out", one.item_id, key[1], None, None, "settled", one.message))
            self._state.problems -= 1

    def _those_waiting(self) -> dict[tuple[str, str], Waiting]:
        state = self._state
        if not state.problems:
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
    """One line."""

    number: int
    position: int
    state: str
    """good, problem or out."""
    at: datetime
    login: str
    sku: str
    location: str
    serial_number: str
    """What came, where that is no serial."""
    message: str

    @property
    def key(self) -> str:
        """The number, as text."""
        return str(self.number)


class LineSource:
    """The serial lines of a draft that begin with a text; see `models.paging.RowSource`."""

    def __init__(self, draft_id: int, find: str = "") -> None:
        """Make it.

        Args:
            draft_id: the draft.
            find: a part of the serial; empty for all.
        """
        self._draft_id, self._find = draft_id, find.strip().upper()

    def count(self) -> int:
        """How many lines there are."""
        return int(bound.execute_sql(f"SELECT count(*) {self._from}", self._values).fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[LineRow]:
        """Read lines from the one at `offset` on, the newest first."""
        rows = bound.execute_sql(
            "SELECT l.number, l.position, l.state, l.at, u.login, coalesce(i.sku, ''), coalesce(p.code, ''), "
            f"CASE WHEN l.serial_number = '' THEN l.scan ELSE l.serial_number END, l.message {self._from} "
            f"ORDER BY l.number DESC LIMIT {int(limit)} OFFSET {int(offset)}",
            self._values,
        )
        return [
            LineRow(number, position, state, read_moment(at), login, sku, place, text, message)
            for number, position, state, at, login, sku, place, text, message in rows.fetchall()
        ]

    def index_of(self, key: str) -> int | None:
        """How many lines stand before this one; None where it is not there."""
        one = bound.param
        there = bound.execute_sql(f"SELECT 1 {self._from} AND l.number = {one}", [*self._values, int(key)]).fetchone()
        if there is None:
            return None
        before = bound.execute_sql(f"SELECT count(*) {self._from} AND l.number > {one}", [*self._values, int(key)])
        return int(before.fetchone()[0])

    @property
    def _values(self) -> list[object]:
        return [self._draft_id, self._find] if self._find else [self._draft_id]

    @property
    def _from(self) -> str:
        one = bound.param
        function = "instr" if one == "?" else "strpos"
        found = f" AND {function}(upper(l.serial_number || l.scan), {one}) > 0" if self._find else ""
        return (
            "FROM draft_lines l JOIN users u ON u.id = l.user_id LEFT JOIN items i ON i.id = l.item_id "
            f"LEFT JOIN locations p ON p.id = l.location_id WHERE l.draft_id = {one} AND l.kind = 'serial'{found}"
        )

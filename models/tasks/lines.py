"""The lines of a draft: written with each scan, read when a draft is opened again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from models import bulk
from models.schema import DraftLine
from models.schema.base import bound, moment_value, read_moment
from models.serial_text import near_key, serial_key
from models.tasks.judge import Judged
from models.unit import Unit

COLUMNS = (
    *("draft_id", "number", "position", "kind", "state", "at", "user_id", "how", "scan", "item_id", "location_id"),
    *("serial_number", "serial_key", "near_key", "reason", "message", "serial_id"),
)


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


def write_lines(unit: Unit, draft_id: int, lines: Sequence[NewLine]) -> None:
    """Write new lines of a draft."""
    at = moment_value(unit.at)
    rows: list[tuple[Any, ...]] = [
        (draft_id, *line[:4], at, unit.actor.user_id, line.how, line.scan, line.item_id, line.location_id, *line[8:])
        for line in lines
    ]
    bulk.insert("draft_lines", COLUMNS, rows)


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


def line(draft_id: int, number: int) -> Line | None:
    """One serial's line, or None."""
    return next(iter(_read("l.number = ?", [draft_id, number], "")), None)


def same_serial(draft_id: int, item_id: int, key: str) -> DraftLine | None:
    """The line of the draft that has this serial of the item, unless it was taken out."""
    found: DraftLine | None = (
        DraftLine.select()
        .where(
            (DraftLine.draft == draft_id)
            & (DraftLine.item == item_id)
            & (DraftLine.near_key == near_key(key))
            & (DraftLine.serial_key == key)
            & (DraftLine.state != "out")
        )
        .first()
    )
    return found


def newest(draft_id: int, limit: int = 50) -> list[Line]:
    """The last serials that were taken, the newest first."""
    return _read("l.state = 'good'", [draft_id], f"ORDER BY l.number DESC LIMIT {limit}")


def problems(draft_id: int, limit: int | None = None) -> list[Line]:
    """What waits in the problems lane, in the order of the scans; with a limit the newest, the newest first."""
    order = "ORDER BY l.number" if limit is None else f"ORDER BY l.number DESC LIMIT {limit}"
    return _read("l.state = 'problem'", [draft_id], order)


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

"""The serials of a draft as a list, newest first, and how they compare with what was announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.schema.base import bound, read_moment


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

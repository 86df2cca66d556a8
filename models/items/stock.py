"""The history of an item's quantities: every change with who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.ledger import StockKind
from models.paging import Anchors
from models.schema import StockChange, bound, read_moment
from models.verbs import done

WORDS: Final = {StockKind.OPENING: "opening balance", StockKind.CREATED: "item made"}
"""The kinds of changes that are no event of a serial, in words."""


class StockChangeRow(NamedTuple):
    """One change of a quantity."""

    id: int
    at: datetime
    """UTC."""
    location: str
    """Location code."""
    units: int
    """Added; negative if taken away."""
    kind: str
    """A `models.verbs.Verb.kind` or a `models.ledger.StockKind`."""
    reason: str
    document_id: int | None
    document: str | None
    """Document number."""
    user: str | None
    """None in opening rows."""
    login_user: str | None
    """The administrator who acted for `user`; None if the user acted in person."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def why(self) -> str:
        """The kind in words, and the reason."""
        words = WORDS[StockKind(self.kind)] if self.kind in WORDS else done(self.kind)
        return f"{words}: {self.reason}" if self.reason else words

    @property
    def acted(self) -> str:
        """The user, and the login user if that was somebody else."""
        return f"{self.user} by {self.login_user}" if self.login_user else self.user or ""


class StockChanges:
    """A `paging.RowSource` of `StockChangeRow`, newest first; used only in the database thread.

    Args:
        item_id: the item.
        location_id: only changes at this place; None for all.
    """

    def __init__(self, item_id: int, location_id: int | None = None) -> None:
        self._where = f"s.item_id = {bound.param}"
        self._values: tuple[Any, ...] = (item_id,)
        if location_id is not None:
            self._where += f" AND s.location_id = {bound.param}"
            self._values = (item_id, location_id)
        self._anchors: Anchors[tuple[Any, int]] = Anchors()
        self._total = 0

    def count(self) -> int:
        """Count the changes; drops the anchors, since positions may have changed."""
        self._anchors.forget()
        sql = f"SELECT count(*) FROM stock_changes s WHERE {self._where}"
        self._total = int(bound.execute_sql(sql, self._values).fetchone()[0])
        return self._total

    def fetch(self, offset: int, limit: int) -> Sequence[StockChangeRow]:
        """Read a page of changes."""
        way = self._anchors.start(offset, limit, self._total)
        where, values = "1 = 1", ()
        if way.position is not None:
            where, values = self._behind(way.position, ">" if way.backwards else "<=")
        order = "ASC" if way.backwards else "DESC"
        rows = self._read(where, values, f"ORDER BY s.at {order}, s.id {order} LIMIT {way.limit} OFFSET {way.skip}")
        if way.backwards:
            rows.reverse()
        if rows:
            self._anchors.note(offset, rows[0][0])
            self._anchors.note(offset + len(rows) - 1, rows[-1][0])
        return [row for _, row in rows]

    def after(self, row: StockChangeRow | None, limit: int) -> Sequence[StockChangeRow]:
        """Read the changes after a row (None: from the start), by key. For reading the whole list."""
        where, values = "1 = 1", ()
        if row is not None:
            at = bound.execute_sql(f"SELECT at FROM stock_changes WHERE id = {bound.param}", (row.id,)).fetchone()[0]
            where, values = self._behind((at, row.id), "<")
        return [found for _, found in self._read(where, values, f"ORDER BY s.at DESC, s.id DESC LIMIT {limit}")]

    def index_of(self, key: str) -> int | None:
        """The position of a change in the list, or None."""
        one = bound.param
        here = bound.execute_sql(
            f"SELECT s.at, s.id FROM stock_changes s WHERE {self._where} AND s.id = {one}", (*self._values, int(key))
        ).fetchone()
        if here is None:
            return None
        where, values = self._behind((here[0], here[1]), ">")
        sql = f"SELECT count(*) FROM stock_changes s WHERE {self._where} AND {where}"
        return int(bound.execute_sql(sql, (*self._values, *values)).fetchone()[0])

    def _behind(self, position: tuple[Any, int], sign: str) -> tuple[str, tuple[Any, ...]]:
        return f"(s.at, s.id) {sign} ({bound.param}, {bound.param})", position

    def _read(self, where: str, values: tuple[Any, ...], tail: str) -> list[tuple[tuple[Any, int], StockChangeRow]]:
        rows = bound.execute_sql(
            "SELECT s.id, s.at, l.code, s.units, s.kind, s.reason, d.id, d.number, u.login, a.login "
            "FROM stock_changes s JOIN locations l ON l.id = s.location_id "
            "LEFT JOIN documents d ON d.id = s.document_id "
            "LEFT JOIN users u ON u.id = s.user_id LEFT JOIN users a ON a.id = s.login_user_id "
            f"WHERE {self._where} AND {where} {tail}",
            (*self._values, *values),
        )
        return [((row[1], row[0]), _row(*row)) for row in rows.fetchall()]


def _row(number: int, at: Any, location: str, units: int, kind: str, *rest: Any) -> StockChangeRow:
    return StockChangeRow(number, read_moment(at), location, units, StockChange.kind.known(kind), *rest)

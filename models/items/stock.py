"""The history of an item's quantities: every change with who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from models.ledger import StockKind
from models.orders import BYTEWISE, Condition, KeysetRows, Order, Sorting, blank_last, order_with, usual
from models.schema import StockChange, bound, is_sqlite, read_moment
from models.text import prefix_end, search_key, storable
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


_LOCATION: Final = "JOIN locations l ON l.id = s.location_id"
_DOCUMENT: Final = "LEFT JOIN documents d ON d.id = s.document_id"
_USER: Final = "LEFT JOIN users u ON u.id = s.user_id"

CHANGE_ORDERS: Final = (
    Order("at", "Date and Time", ("s.at", "s.id")),
    Order("location", "Location", ("upper(l.code)", "s.at", "s.id"), _LOCATION, at_once=True),
    Order("units", "Units", ("s.units", "s.at", "s.id"), at_once=True),
    Order("why", "Why", ("s.kind", "s.at", "s.id"), at_once=True),
    Order("document", "Document", (*blank_last(f"d.number{BYTEWISE}"), "s.at", "s.id"), _DOCUMENT, at_once=True),
    Order("by", "By", (*blank_last(f"upper(u.login){BYTEWISE}"), "s.at", "s.id"), _USER, at_once=True),
)
"""The orders of the changes of a quantity; the usual one is the first, newest first."""

NEWEST_CHANGE_FIRST: Final = usual(CHANGE_ORDERS, descending=True)

_SELECT: Final = Condition("s.id, s.at, l.code, s.units, s.kind, s.reason, d.id, d.number, u.login, a.login")
_JOINS: Final = (
    f"JOIN stock_changes s ON s.id = p.id {_LOCATION} {_DOCUMENT} {_USER} LEFT JOIN users a ON a.id = s.login_user_id"
)


class StockChanges:
    """A `paging.RowSource` of `StockChangeRow`; used only in the database thread.

    Args:
        item_id: the item.
        location_id: only changes at this place; None for all.
        find: finds changes whose reason or location contains it, or whose document begins with it.
        sorting: one of `CHANGE_ORDERS`; newest first unless given.
    """

    orders = CHANGE_ORDERS

    def __init__(
        self, item_id: int, location_id: int | None = None, find: str = "", sorting: Sorting = NEWEST_CHANGE_FIRST
    ) -> None:
        self._item_id, self._location_id = item_id, location_id
        self.find = storable(" ".join(find.split()))
        self.sorting = sorting
        order = order_with(CHANGE_ORDERS, sorting.code)
        self._pages = KeysetRows(Condition("stock_changes s"), "s.id", order, descending=sorting.descending)

    def sorted_by(self, sorting: Sorting) -> StockChanges:
        """The same changes in another order."""
        return StockChanges(self._item_id, self._location_id, self.find, sorting)

    def found_by(self, find: str) -> StockChanges:
        """The part of the same changes that a text finds."""
        return StockChanges(self._item_id, self._location_id, find, self.sorting)

    def count(self) -> int:
        """Count the changes."""
        return self._pages.count(self._where)

    def fetch(self, offset: int, limit: int) -> Sequence[StockChangeRow]:
        """Read a page of changes."""
        return [_row(*row) for row in self._pages.read(self._where, offset, limit, _SELECT, _JOINS)]

    def after(self, row: StockChangeRow | None, limit: int) -> Sequence[StockChangeRow]:
        """Read the changes after a row (None: from the start), by key. For reading the whole list."""
        key = None if row is None else row.key
        return [_row(*found) for found in self._pages.after(self._where, key, limit, _SELECT, _JOINS)]

    def index_of(self, key: str) -> int | None:
        """The position of a change in the list, or None."""
        return self._pages.rank(self._where, int(key))

    @property
    def _where(self) -> Condition:
        one = bound.param
        where = Condition(f"s.item_id = {one}", (self._item_id,))
        if self._location_id is not None:
            where = where.also(f"s.location_id = {one}", self._location_id)
        if not self.find:
            return where
        contains, key = "instr" if is_sqlite() else "strpos", search_key(self.find)
        return where.also(
            f"({contains}(upper(s.reason), {one}) > 0 OR s.location_id IN "
            f"(SELECT l.id FROM locations l WHERE {contains}(upper(l.code), {one}) > 0) OR s.document_id IN "
            f"(SELECT d.id FROM documents d WHERE d.number >= {one} AND d.number < {one}))",
            *(key, key, key, prefix_end(key)),
        )


def _row(number: int, at: Any, location: str, units: int, kind: str, *rest: Any) -> StockChangeRow:
    return StockChangeRow(number, read_moment(at), location, units, StockChange.kind.known(kind), *rest)

"""The list of items with their stock, page by page.

Apart from `items`, because the app opens with this list: its start loads no rules for serials and no barcode reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from models.database.bulk import sums
from models.orders import Condition, KeysetRows, Order, Sorting, order_with, usual
from models.schema import bound, summed
from models.text import fold, prefix_end, search_key, storable


class ItemRow(NamedTuple):
    """One row of the item list."""

    id: int
    sku: str
    name: str
    location: str
    """Code of the primary location."""
    track_serials: bool
    on_hand: int
    """Quantity on hand, all places together."""
    serials: int
    """Number of on-hand serials."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def without(self) -> int:
        """Units on hand without a serial; negative if there are more serials than units."""
        return self.on_hand - self.serials


_UNITS: Final = "LEFT JOIN (SELECT item_id, sum(on_hand) AS units FROM stock GROUP BY item_id) q ON q.item_id = i.id"
_ON_HAND: Final = (
    "LEFT JOIN (SELECT c.item_id, sum(c.serials) AS serials FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
    "WHERE t.on_hand GROUP BY c.item_id) r ON r.item_id = i.id"
)
_UNTRACKED: Final = "CASE WHEN i.track_serials THEN 0 ELSE 1 END"
"""Items whose serials are not tracked show no number of serials, so they come last."""

ITEM_ORDERS: Final = (
    Order("sku", "SKU", ("i.sku_key",)),
    Order("name", "Name", ("i.name_key", "i.id")),
    Order("location", "Location", ("upper(l.code)", "i.sku_key"), "JOIN locations l ON l.id = i.primary_location_id"),
    Order("on_hand", "On hand", ("coalesce(q.units, 0)", "i.sku_key"), _UNITS),
    Order("serials", "Serials on hand", (_UNTRACKED, "coalesce(r.serials, 0)", "i.sku_key"), _ON_HAND),
    Order(
        "without",
        "Without serial",
        (_UNTRACKED, "coalesce(q.units, 0) - coalesce(r.serials, 0)", "i.sku_key"),
        f"{_UNITS} {_ON_HAND}",
    ),
)
"""The orders of the list of items, the usual one first."""


class ItemSource:
    """A `paging.RowSource` of `ItemRow`; used only in the database thread.

    Args:
        find: finds items whose SKU or barcode begins with it, or whose name contains it; empty finds all.
        sorting: one of `ITEM_ORDERS`; by SKU unless given.
    """

    orders = ITEM_ORDERS

    def __init__(self, find: str = "", sorting: Sorting | None = None) -> None:
        self.find = storable(" ".join(find.split()))
        self.sorting = sorting = sorting or usual(ITEM_ORDERS)
        order = order_with(ITEM_ORDERS, sorting.code)
        self._pages = KeysetRows(Condition("items i"), "i.id", order, descending=sorting.descending)

    def sorted_by(self, sorting: Sorting) -> ItemSource:
        """The same items in another order."""
        return ItemSource(self.find, sorting)

    def found_by(self, find: str) -> ItemSource:
        """The items that another text finds, in the same order."""
        return ItemSource(find, self.sorting)

    def count(self) -> int:
        """Count the items."""
        return self._pages.count(self._condition)

    def fetch(self, offset: int, limit: int) -> Sequence[ItemRow]:
        """Read a page of items."""
        return self._rows(self._pages.read(self._condition, offset, limit, _SELECT, _JOINS))

    def after(self, row: ItemRow | None, limit: int) -> Sequence[ItemRow]:
        """Read the items after a row (None: from the start). For reading a whole list from start to end."""
        key = None if row is None else row.key
        return self._rows(self._pages.after(self._condition, key, limit, _SELECT, _JOINS))

    def index_of(self, key: str) -> int | None:
        """The position of an item in the list, or None."""
        return self._pages.rank(self._condition, int(key))

    def _rows(self, rows: Sequence[Sequence[Any]]) -> list[ItemRow]:
        ids = [row[0] for row in rows]
        on_hand, serials = _units(ids), _serials(ids)
        return [
            ItemRow(number, sku, name, place, bool(tracked), on_hand.get(number, 0), serials.get(number, 0))
            for number, sku, name, place, tracked in rows
        ]

    @property
    def _condition(self) -> Condition:
        if not self.find:
            return Condition("1 = 1")
        one, key, name = bound.param, fold(self.find), search_key(self.find)
        function = "instr" if one == "?" else "strpos"
        # SKU and barcode are searched by prefix as key ranges, so that an index can be used.
        return Condition(
            (
                f"((i.sku_key >= {one} AND i.sku_key < {one}) OR {function}(i.name_key, {one}) > 0 OR i.id IN "
                f"(SELECT b.item_id FROM item_barcodes b WHERE b.barcode >= {one} AND b.barcode < {one}))"
            ),
            (key, prefix_end(key), name, self.find, prefix_end(self.find)),
        )


_SELECT: Final = Condition("i.id, i.sku, i.name, l.code, i.track_serials")
_JOINS: Final = "JOIN items i ON i.id = p.id JOIN locations l ON l.id = i.primary_location_id"


def _units(ids: Sequence[int]) -> dict[int, int]:
    return sums(
        "stock", f"SELECT item_id, {summed('on_hand')} FROM stock WHERE item_id IN ({{}}) GROUP BY item_id", ids
    )


def _serials(ids: Sequence[int]) -> dict[int, int]:
    return sums(
        "serial_counts",
        f"SELECT c.item_id, {summed('c.serials')} FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
        "WHERE t.on_hand AND c.item_id IN ({}) GROUP BY c.item_id",
        ids,
    )

"""The list of items with their stock, page by page.

Apart from `items`, because the app opens with this list: its start loads no rules for serials and no barcode reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from models.database.bulk import placeholders
from models.schema import bound, summed, whole_number
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


class ItemSource:
    """A `paging.RowSource` of `ItemRow`, ordered by SKU; used only in the database thread.

    Args:
        find: finds items whose SKU or barcode begins with it, or whose name contains it; empty finds all.
    """

    def __init__(self, find: str = "") -> None:
        self.find = storable(" ".join(find.split()))

    def count(self) -> int:
        """Count the items."""
        where, values = self._condition()
        return int(bound.execute_sql(f"SELECT count(*) FROM items i WHERE {where}", values).fetchone()[0])

    def fetch(self, offset: int, limit: int) -> Sequence[ItemRow]:
        """Read a page of items."""
        where, values = self._condition()
        return self._rows(where, values, f"LIMIT {limit} OFFSET {offset}")

    def after(self, row: ItemRow | None, limit: int) -> Sequence[ItemRow]:
        """Read the items after a row (None: from the start), by key. For reading a whole list from start to end."""
        where, values = self._condition()
        if row is not None:
            where, values = f"{where} AND i.sku_key > {bound.param}", (*values, fold(row.sku))
        return self._rows(where, values, f"LIMIT {limit}")

    def index_of(self, key: str) -> int | None:
        """The position of an item in the list, or None."""
        where, values = self._condition()
        here = bound.execute_sql(
            f"SELECT i.sku_key FROM items i WHERE {where} AND i.id = {bound.param}", (*values, int(key))
        ).fetchone()
        if here is None:
            return None
        before = bound.execute_sql(
            f"SELECT count(*) FROM items i WHERE {where} AND i.sku_key < {bound.param}", (*values, here[0])
        )
        return int(before.fetchone()[0])

    def _rows(self, where: str, values: tuple[Any, ...], tail: str) -> list[ItemRow]:
        rows = bound.execute_sql(
            "SELECT i.id, i.sku, i.name, l.code, i.track_serials FROM items i "
            f"JOIN locations l ON l.id = i.primary_location_id WHERE {where} ORDER BY i.sku_key {tail}",
            values,
        ).fetchall()
        ids = [row[0] for row in rows]
        on_hand, serials = _units(ids), _serials(ids)
        return [
            ItemRow(number, sku, name, place, bool(tracked), on_hand.get(number, 0), serials.get(number, 0))
            for number, sku, name, place, tracked in rows
        ]

    def _condition(self) -> tuple[str, tuple[Any, ...]]:
        if not self.find:
            return "1 = 1", ()
        one, key, name = bound.param, fold(self.find), search_key(self.find)
        function = "instr" if one == "?" else "strpos"
        # SKU and barcode are searched by prefix as key ranges, so that an index can be used.
        return (
            (
                f"((i.sku_key >= {one} AND i.sku_key < {one}) OR {function}(i.name_key, {one}) > 0 OR i.id IN "
                f"(SELECT b.item_id FROM item_barcodes b WHERE b.barcode >= {one} AND b.barcode < {one}))"
            ),
            (key, prefix_end(key), name, self.find, prefix_end(self.find)),
        )


def _units(ids: Sequence[int]) -> dict[int, int]:
    return _sums(
        "stock", f"SELECT item_id, {summed('on_hand')} FROM stock WHERE item_id IN ({{}}) GROUP BY item_id", ids
    )


def _serials(ids: Sequence[int]) -> dict[int, int]:
    return _sums(
        "serial_counts",
        f"SELECT c.item_id, {summed('c.serials')} FROM serial_counts c JOIN statuses t ON t.id = c.status_id "
        "WHERE t.on_hand AND c.item_id IN ({}) GROUP BY c.item_id",
        ids,
    )


def _sums(table: str, sql: str, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    rows = bound.execute_sql(sql.format(placeholders(len(ids))), list(ids)).fetchall()
    return {row[0]: whole_number(row[1], table) for row in rows}

"""The list of items: by SKU, found by SKU, name or barcode, with what is on hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from models.items.items import create_item
from models.items.list import ItemRow, ItemSource
from models.serials.moves import transfer_serials
from models.text import fold
from tests.support.warehouse import Warehouse, put, statements

NAMES = [
    "Drill ½″",
    "drill press",
    "Ölpumpe",
    "100% cotton",
    "a_b",
    "Back\\slash",
    "It's",
    "Straße",
    "[b]bold[/b]",
    "%",
]


@pytest.fixture
def items(warehouse: Warehouse) -> list[ItemRow]:
    """Eighty items, by SKU."""
    dice = random.Random(4)
    rows = [ItemRow(warehouse.item.id, "SAW-1", "Circular saw", "MAIN", track_serials=True, on_hand=10, serials=0)]
    for number in range(80):
        sku = f"{dice.choice(['saw-', 'X', 'x 1', '%', '_', '40'])}{number}"
        name, on_hand = f"{dice.choice(NAMES)} {number}", dice.randint(0, 3)
        item = create_item(
            warehouse.boss, sku, name, location="SHOP", on_hand=on_hand, barcodes=[f"400{number:03}", f"b%{number}"]
        )
        rows.append(ItemRow(item.id, sku, name, "SHOP", track_serials=False, on_hand=on_hand, serials=0))
    return sorted(rows, key=lambda row: fold(row.sku))


def _expected(items: list[ItemRow], find: str) -> list[ItemRow]:
    text = " ".join(find.split())
    codes = {
        row.id: [f"400{number:03}", f"b%{number}"] for number, row in enumerate(sorted(items, key=lambda r: r.id)[1:])
    }
    return [
        row
        for row in items
        if fold(row.sku).startswith(fold(text))
        or text.upper() in row.name.upper()
        or any(code.startswith(text) for code in codes.get(row.id, []))
    ]


FINDS = [
    *("", "  ", "saw", " SAW-1", "x1", "X 1", "drill", "drill  press", "½", "ölpumpe", "ÖLP", "strasse", "straße"),
    *("%", "_", "100%", "a_b", "\\", "'", "[b]", "400", "400012", "b%1", "B%1", "zzz", "\U0010ffff", "40"),
]


def test_items_are_found_by_sku_name_and_barcode_and_read_to_the_end(items: list[ItemRow]) -> None:
    for find in FINDS:
        source, expected = ItemSource(find), _expected(items, find)
        assert source.count() == len(expected), find
        assert source.fetch(0, 500) == expected, find
        assert source.fetch(5, 7) == expected[5:12], find
        some = expected[:5] + expected[-5:]
        assert [source.index_of(row.key) for row in some] == [expected.index(row) for row in some], find
        strangers = [row for row in items if row not in expected][:5]
        assert [source.index_of(row.key) for row in strangers] == [None] * len(strangers), find
    for find in ("\udcff", "saw\0", "\ud800\udc00"):
        assert ItemSource(find).count() == 0
        assert list(ItemSource(find).fetch(0, 10)) == []
    source, found = ItemSource(), []
    last: ItemRow | None = None
    while page := source.after(last, 7):
        found += page
        last = page[-1]
    assert found == items


def test_serials_on_hand_are_counted_beside_the_quantity(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", "A2", "A3", "A4", location="DOCK") + warehouse.add("A5")
    put(warehouse, "sold", ids[0], customer="Bergmann AG")
    put(warehouse, "in_repair", ids[1])
    put(warehouse, "reserved", ids[2])
    transfer_serials(warehouse.boss, ids[2:], "SHELF")
    (row,) = ItemSource().fetch(0, 10)
    assert (row.on_hand, row.serials, row.without) == (10, 3, 7)


def test_a_page_takes_as_many_statements_for_many_items_as_for_one(database: Any, items: list[ItemRow]) -> None:
    counts = []
    for limit in (1, 80):
        with statements(database) as seen:
            ItemSource().fetch(0, limit)
        counts.append(len(seen))
    assert counts == [3, 3]

"""The number of statements does not grow with the number of serials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.database.bulk import BLOCK
from models.items.items import create_item
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.serials.record import find_on_item
from tests.support.warehouse import Warehouse, statements


def _counts(database: Any, act: Callable[[int], object], sizes: tuple[int, ...]) -> list[int]:
    counts = []
    for size in sizes:
        with statements(database) as seen:
            act(size)
        counts.append(len(seen))
    return counts


def test_adding_takes_as_many_statements_for_thousands_as_for_a_few(database: Any, warehouse: Warehouse) -> None:
    def act(size: int) -> None:
        warehouse.add(*(f"{size}-{number}" for number in range(size)))

    few, *more = _counts(database, act, (5, 1_000, 4_000))
    assert more == [few, few]
    assert few <= 14
    assert _counts(database, act, (1,))[0] in (few, few + 2)  # a row or two are inserted without COPY


def test_transferring_takes_as_many_statements_for_thousands_as_for_a_few(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A{number}" for number in range(4_000)))

    def act(size: int) -> None:
        transfer_serials(warehouse.boss, ids[:size], "DOCK")
        transfer_serials(warehouse.boss, ids[:size], "MAIN")

    few, *more = _counts(database, act, (5, 1_000, 4_000))
    assert more == [few, few]
    assert few <= 2 * 18


def test_a_pallet_of_many_items_takes_as_many_statements_as_one_of_one(database: Any, warehouse: Warehouse) -> None:
    ids = []
    for number in range(60):
        item = create_item(warehouse.boss, f"I{number}", "Thing", on_hand=3, track_serials=True)
        ids += add_serials(warehouse.boss, item.id, [f"{number}-{each}" for each in range(3)]).serial_ids

    def act(size: int) -> None:
        transfer_serials(warehouse.boss, ids[:size], "DOCK")
        transfer_serials(warehouse.boss, ids[:size], "MAIN")

    one, many = _counts(database, act, (9, 180))
    assert many == one


def test_finding_takes_a_statement_for_each_block(database: Any, warehouse: Warehouse) -> None:
    texts = [f"A{number}" for number in range(BLOCK + 1)]
    warehouse.add(*texts)
    assert _counts(database, lambda size: find_on_item(warehouse.item.id, "SAW-1", texts[:size]), (1, BLOCK + 1)) == [
        1,
        2,
    ]

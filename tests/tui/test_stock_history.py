"""The history of quantities, from the item form and from a place."""

from __future__ import annotations

from typing import Any

import pytest

from models.schema import Location
from models.serials.moves import transfer_serials
from models.serials.receive import ReceiptLine, receive_serials
from tests.support.app import keys, open_item, opened, resized, seen
from tests.support.record_app import lines, until
from tests.support.warehouse import Warehouse
from tui.documents.document import DocumentScreen
from tui.items.form import ItemScreen
from tui.items.history import StockHistoryScreen
from tui.locations.place import PlaceScreen
from tui.routes import PlaceRecord

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """SAW-1 with 10 at MAIN, 2 received at DOCK and one of them moved to SHOP."""
    dock = Location.get(Location.code == "DOCK").id
    receive_serials(warehouse.boss, [ReceiptLine(warehouse.item.id, text, text, dock) for text in ("R1", "R2")])
    transfer_serials(warehouse.boss, [1], "SHOP")
    return warehouse


async def test_f8_on_the_item_form_lists_every_change_newest_first(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, size=(110, 30)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "f8")
        await until(pilot, lambda: isinstance(pilot.app.screen, StockHistoryScreen))
        await seen(pilot, "SAW-1 · stock history", "change 1 of 4")
        shown = [line.split() for line in lines(pilot.app) if "boss" in line and ":" in line and "history" not in line]
        assert [(row[2], row[3], row[4]) for row in shown] == [
            ("SHOP", "+1", "transferred"),
            ("DOCK", "-1", "transferred"),
            ("DOCK", "+2", "received"),
            ("MAIN", "+10", "item"),
        ]
        await keys(pilot, "down", "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen))
        await seen(pilot, "R-000001")
        await keys(pilot, "f3", "end", "enter")
        await seen(pilot, "This change has no document.")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))


async def test_f8_on_a_place_lists_the_changes_there(database: Any, warehouse: Warehouse) -> None:
    dock = Location.get(Location.code == "DOCK").id
    async with opened(database, warehouse.boss) as pilot:
        pilot.app.run_worker(pilot.app.open(PlaceRecord(dock)))  # type: ignore[attr-defined]
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await seen(pilot, "Circular saw")
        await keys(pilot, "f8")
        await seen(pilot, "SAW-1 · stock history at DOCK", "change 1 of 2")


async def test_the_history_fits_small_terminals(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, size=(36, 20)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "f8")
        for size in ((36, 20), (60, 20), (80, 24)):
            await resized(pilot, *size)
            await seen(pilot, "+10", "T-000001")

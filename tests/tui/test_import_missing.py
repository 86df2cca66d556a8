"""Import, preview: what many rows have in common, and the keys that settle it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.check import check
from models.items.items import find_item
from models.permissions import Permission
from models.schema import ImportMade, ImportMapping, Item, Serial
from tests.support.app import keys, screen_text, seen, terminal_sends
from tests.support.importing import chooses, comes_to, goes_to_preview, importing, importing_any, imports, write_file
from tests.support.warehouse import Warehouse, person
from tui.importing.screen import ImportStep

HEADER = ("Serial", "Model", "Location", "Status", "Storage")
ROWS = (
    ("A-1", "Latitude", "Room 1", "Deployed", "1 TB"),
    ("A-2", "Latitude", "Room 1", "In Stock", "1 TB"),
    ("A-3, A-4", "Saw", "SHELF", "In Stock", "1 TB"),
    ("N/A", "SAW-1", "SHELF", "In Stock", "1 TB"),
    ("A-5", "SAW-1", "SHELF", "In Stock", "1 TB"),
)


async def test_what_is_missing_is_made_or_named_and_cells_are_split(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    async with importing_any(database, warehouse) as pilot:
        await goes_to_preview(pilot, write_file(tmp_path, *ROWS, header=HEADER))
        await seen(pilot, "5 rows · + 2 new, ? 1 warning · ! 3 errors")
        await seen(pilot, "? Not here: 2 items, 1 location, 1 status. Ctrl+X lists them, F6 makes the")
        await seen(pilot, "? Several serial numbers in a cell: 1 row. F5 makes a row of each.")
        await seen(pilot, "? Placeholders for a serial number: 1 row. F9 refuses them.")
        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "5 rows · + 1 new · ! 4 errors", "F9 takes them.")
        await keys(pilot, "ctrl+x")
        await seen(pilot, "Not here: Enter says what it is", "item · 2 rows", "status · 1 row")
        await terminal_sends(pilot, "saw\r")
        await seen(pilot, "What is Saw here?", "as it is")
        await terminal_sends(pilot, "saw-1\r")
        await seen(pilot, "item · 1 row → SAW-1")
        await terminal_sends(pilot, "depl\r")
        await seen(pilot, "What is Deployed here?")
        await terminal_sends(pilot, "lost\r")
        await seen(pilot, "status · 1 row → lost")
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "? Not here: 1 item, 1 location.")
        await keys(pilot, "f5")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(
            pilot,
            "6 rows · + 3 new · ! 3 errors",
            "? Several serial numbers in a cell: 1 row, split. F5 takes each as one.",
        )
        await keys(pilot, "f5")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "5 rows · ", "? Several serial numbers in a cell: 1 row, as one. F5 makes a row of each.")
        await keys(pilot, "f5")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "6 rows · + 3 new · ! 3 errors")
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "6 rows · + 5 new · ! 1 error", "Will be made: 1 item, 1 location.", "Room-1")
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "? Not here: 1 item, 1 location.")
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.PREVIEW)
        assert not Item.select().where(Item.sku == "Latitude").exists()
        await imports(pilot)
        await seen(pilot, "✓ 5 serials imported, document I-000001.", "Items       1 made", "Locations   1 made")
    assert find_item("Latitude").primary_location.code == "Room-1"
    assert sorted((row.kind, row.name) for row in ImportMade.select()) == [("item", "Latitude"), ("location", "Room-1")]
    assert [row.serial_number for row in Serial.select().order_by(Serial.serial_number)] == [
        "A-1", "A-2", "A-3", "A-4", "A-5",
    ]  # fmt: skip
    assert ImportMapping.get().split, "that cells are split is remembered with the header"
    assert check(database).findings == ()


async def test_the_column_of_the_item_is_left_out_with_one_key_and_hints_are_told(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.VIEW, Permission.MANAGE_SERIALS)
    path = write_file(tmp_path, *((row[0], row[1], *row[4:]) for row in ROWS), header=("Serial", "Model", "Storage"))
    async with importing(database, warehouse, clerk, size=(100, 30)) as pilot:
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "The column “Storage” is left out: its values (1 TB) are no places.")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "? Another item in 3 rows: F8 leaves that column out.")
        await keys(pilot, "f8")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "5 rows · + 4 new")
        assert "Another item" not in screen_text(pilot)
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "Model", "· left out")


async def test_who_may_not_make_items_names_them(database: Any, warehouse: Warehouse, tmp_path: Path) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.VIEW, Permission.MANAGE_SERIALS)
    path = write_file(tmp_path, ("A-1", "ROOM-1"), header=("Serial", "Location"))
    async with importing(database, warehouse, clerk, size=(40, 16)) as pilot:
        await goes_to_preview(pilot, path)
        await seen(pilot, "? 1 location not here (Ctrl+X)")
        await keys(pilot, "f6", "ctrl+x")
        await terminal_sends(pilot, "\r")
        await seen(pilot, "What is ROOM-1 here?")
        await terminal_sends(pilot, "shelf\r")
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert warehouse.where("A-1") == ("in_stock", "SHELF")

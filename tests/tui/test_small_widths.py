"""Tables on small terminals: whole columns, whole codes, and what is left out stands beneath."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from models.items.items import create_item
from models.locations import create_location
from tests.support.app import keys, open_item, opened, resized, screen_text, seen, terminal_sends
from tests.support.record_app import until
from tests.support.serials import table
from tests.support.station import scans, station
from tests.support.warehouse import Warehouse, open_warehouse
from tui.locations.place import PlaceScreen

WIDTHS = [20, 22, 28, 30, 32, 36, 38, 40, 59, 60, 80, 110, 120]


def _on_a_shelf() -> None:
    warehouse = open_warehouse()
    create_location(warehouse.boss, "MAIN-B-01", "Shelf", parent="MAIN")
    create_item(warehouse.boss, "DRL-1", "Drill", location="MAIN-B-01", on_hand=520)
    warehouse.add("0057025G", "0057026G", location="MAIN-B-01")
    create_location(warehouse.boss, "MAIN-FRONT")
    create_item(warehouse.boss, "BIT-9", "Bits", location="MAIN-FRONT", on_hand=7, track_serials=True)


CONTENTS = {"warehouse": _on_a_shelf}


def heading(pilot: Pilot[Any], word: str) -> str:
    return next(line for line in screen_text(pilot).splitlines() if word in line)


async def test_items_and_what_stands_at_a_place_are_shown_in_whole_columns(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, (WIDTHS[0], 16)) as pilot:
        for width in WIDTHS:
            await resized(pilot, width, 16)
            await seen(pilot, "SAW-1")
            titles = next(line for line in screen_text(pilot).splitlines() if line.lstrip().startswith("SKU"))
            assert "…" not in titles, width
            assert ("On hand" in titles) is (width > 28), width

        await resized(pilot, 100, 16)
        await terminal_sends(pilot, "MAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        for width in WIDTHS:
            await resized(pilot, width, 16)
            row = heading(pilot, "DRL-1")
            assert "520" in row.split(), width
            assert ("MAIN-B-01" in row) is (width >= 30), width
            assert heading(pilot, "SKU ").rstrip().endswith(("#", "On hand", "on hand")), width


async def test_the_form_and_the_grid_show_the_codes_of_places_whole_or_beneath_and_the_status_as_a_mark(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, (30, 24)) as pilot:
        await open_item(pilot, "BIT-9")
        for width in (30, 34, 36, 40):
            await resized(pilot, width, 24)
            await seen(pilot, "◆ MAIN-FRONT")
            assert heading(pilot, "◆ MAIN-FRONT").split()[2:][0] == "7", width
        await keys(pilot, "f3")

        await open_item(pilot, "SAW-1")
        await resized(pilot, 28, 16)
        await keys(pilot, "ctrl+t")
        await until(pilot, lambda: table(pilot).total == 2)
        for width in (28, 30, 32, 36, 40):
            await resized(pilot, width, 16)
            row = heading(pilot, "0057025G")
            assert "+" in row, width
            assert "MAIN-B-01" in row, width
            await seen(pilot, "In Stock")

        create_location(warehouse.boss, "NORTH-A-01-B")
        warehouse.add("0000001G", location="NORTH-A-01-B")
        await resized(pilot, 40, 16)
        await keys(pilot, "f5", "home")
        await seen(pilot, "NORTH-A-…", "NORTH-A-01-B · no warranty")
        await keys(pilot, "down")
        assert "MAIN-B-01 ·" not in screen_text(pilot)


async def test_the_lines_of_a_draft_stand_in_whole_columns(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse, size=(WIDTHS[0], 16)) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "0057027G")
        await keys(pilot, "f2")
        for width in WIDTHS:
            await resized(pilot, width, 16)
            await seen(pilot, "0057027G")
            assert ("+ good" in heading(pilot, "0057027G")) is (width >= 31), width

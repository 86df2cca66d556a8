"""Tables on small terminals: whole columns, whole codes, and what is left out stands beneath."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from models.items.items import create_item
from models.locations import create_location
from tests.support.app import keys, open_item, opened, resized, screen_text, seen, terminal_sends
from tests.support.record_app import until
from tests.support.serials import table
from tests.support.station import scans, station
from tests.support.warehouse import Warehouse
from tui.locations.place import PlaceScreen

WIDTHS = [20, 22, 28, 30, 32, 36, 38, 40, 59, 60, 80, 110, 120]


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    create_location(warehouse.boss, "MAIN-B-01", "Shelf", parent="MAIN")
    create_item(warehouse.boss, "DRL-1", "Drill", location="MAIN-B-01", on_hand=520)
    warehouse.add("0057025G", "0057026G", location="MAIN-B-01")
    return warehouse


def heading(pilot: Pilot[Any], word: str) -> str:
    return next(line for line in screen_text(pilot).splitlines() if word in line)


async def test_the_items_show_whole_headings(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, (WIDTHS[0], 16)) as pilot:
        for width in WIDTHS:
            await resized(pilot, width, 16)
            await seen(pilot, "SAW-1")
            titles = next(line for line in screen_text(pilot).splitlines() if line.lstrip().startswith("SKU"))
            assert "…" not in titles, width
            assert ("On hand" in titles) is (width > 28), width


async def test_a_place_shows_what_stands_there_in_whole_columns(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, (100, 16)) as pilot:
        await terminal_sends(pilot, "MAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        for width in WIDTHS:
            await resized(pilot, width, 16)
            row = heading(pilot, "DRL-1")
            assert "520" in row.split(), width
            assert ("MAIN-B-01" in row) is (width >= 30), width
            assert heading(pilot, "SKU ").rstrip().endswith(("#", "On hand", "on hand")), width


async def test_the_grid_shows_the_place_of_a_serial_and_its_status_at_least_as_a_mark(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, (28, 16)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "ctrl+t")
        await until(pilot, lambda: table(pilot).total == 2)
        for width in (28, 30, 32, 36, 40):
            await resized(pilot, width, 16)
            row = heading(pilot, "0057025G")
            assert "+" in row, width
            assert "MAIN-B-01" in row, width
            await seen(pilot, "In Stock")


async def test_a_place_that_is_cut_in_the_grid_stands_whole_beneath_it(database: Any, warehouse: Warehouse) -> None:
    create_location(warehouse.boss, "NORTH-A-01-B")
    warehouse.add("0000001G", location="NORTH-A-01-B")
    async with opened(database, warehouse.boss, (40, 16)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "ctrl+t")
        await seen(pilot, "NORTH-A-…", "NORTH-A-01-B · no warranty")
        await keys(pilot, "down")
        assert "MAIN-B-01 ·" not in screen_text(pilot)


async def test_on_the_form_the_codes_of_places_are_whole(database: Any, warehouse: Warehouse) -> None:
    create_location(warehouse.boss, "MAIN-FRONT")
    create_item(warehouse.boss, "BIT-9", "Bits", location="MAIN-FRONT", on_hand=7, track_serials=True)
    async with opened(database, warehouse.boss, (30, 24)) as pilot:
        await open_item(pilot, "BIT-9")
        for width in (30, 34, 36, 40):
            await resized(pilot, width, 24)
            await seen(pilot, "◆ MAIN-FRONT")
            assert heading(pilot, "◆ MAIN-FRONT").split()[2:][0] == "7", width


async def test_the_lines_of_a_draft_stand_in_whole_columns(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse, size=(WIDTHS[0], 16)) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "0057027G")
        await keys(pilot, "f2")
        for width in WIDTHS:
            await resized(pilot, width, 16)
            await seen(pilot, "0057027G")
            assert ("+ good" in heading(pilot, "0057027G")) is (width >= 31), width

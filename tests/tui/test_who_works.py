"""The list of items and the Serials tab say who is receiving or selling what at the stations."""

from __future__ import annotations

from typing import Any

from models.items.items import create_item
from models.people import revoke
from models.permissions import Permission
from models.station.task import TASKS
from tests.support.app import keys, open_item, opened, resized, screen_text, seen
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, person
from tui.items.list import ItemsTable
from tui.records.working import WorkingLine
from tui.serials.list import SerialsTable


async def test_the_list_says_what_is_done_at_the_stations_and_a_row_all_that_is_done_with_its_item(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    create_item(boss, "A-1", "First of the list")
    create_item(boss, "[red]2[/]", "Odd", track_serials=True)
    clerk = person(boss, "dock2", Permission.MANAGE_SERIALS, Permission.SELL_SERIAL)
    async with opened(database, boss) as pilot:
        assert not pilot.app.screen.query_one(WorkingLine).display
        with_rule = pilot.app.screen.query_one(ItemsTable).size.height
        receiving, selling = Station(warehouse, clerk), Station(warehouse, clerk, TASKS["sell"])
        warehouse.add("S-1", "S-2")
        receiving.scan("DOCK", "SAW-1")
        receiving.task.expect(clerk, 200)
        receiving.scan("N-1", "N-2", "[red]2[/]", "B-1")
        selling.scan("S-1")
        await keys(pilot, "f5")
        await seen(pilot, "dock2 is receiving SAW-1 at DOCK, 2 of 200, and 2 more")
        assert pilot.app.screen.query_one(ItemsTable).size.height == with_rule, "nothing jumps"
        await keys(pilot, "down", "end")
        await seen(pilot, "dock2 is receiving [red]2[/] at DOCK, 1 scanned")
        await keys(pilot, "up")
        await seen(pilot, "dock2 is receiving SAW-1 at DOCK, 2 of 200; dock2 is selling SAW-1, 1 scanned")
        await resized(pilot, 40, 16)
        await seen(pilot, "dock2: receipt SAW-1 2/200; dock2: sa…")
        receiving.scan("XXSDDONE", "XXSDDONE")
        await keys(pilot, "f5")
        await seen(pilot, "dock2 is selling SAW-1, 1 scanned")
        await resized(pilot, 80, 24)

        await open_item(pilot, "SAW-1", "ctrl+t")
        await seen(pilot, "dock2 is selling SAW-1, 1 scanned", "S-1")
        grid, rule = pilot.app.screen.query_one(SerialsTable), pilot.app.screen.query(".rule").first()
        place = grid.region
        assert not rule.display
        await keys(pilot, "ctrl+t")
        await until(pilot, lambda: rule.display, "the other tabs have no rule")
        await keys(pilot, "ctrl+t", "ctrl+t")
        await until(pilot, lambda: not rule.display, "the line has no place")
        selling.scan("S-2", "XXSDDONE", "XXSDDONE")
        await keys(pilot, "f5")
        await seen(pilot, "$ Sold")
        assert "is selling" not in screen_text(pilot)
        assert rule.display
        assert grid.region == place, "nothing jumps"
        await keys(pilot, "f3")
        await seen(pilot, "First of the list")
        assert "is selling" not in screen_text(pilot)


async def test_without_the_permission_to_look_nothing_is_said_of_it(database: Any, warehouse: Warehouse) -> None:
    viewer = person(warehouse.boss, "vera", Permission.VIEW, Permission.MANAGE_SERIALS)
    Station(warehouse).scan("DOCK", "SAW-1", "N-1")
    async with opened(database, viewer) as pilot:
        await seen(pilot, "boss is receiving SAW-1 at DOCK, 1 scanned")
        revoke(warehouse.boss, "role of vera", Permission.VIEW)
        await keys(pilot, "f5")
        await seen(pilot, "To see items and serials, vera needs the permission INV_VIEW.")
        assert "is receiving" not in screen_text(pilot)

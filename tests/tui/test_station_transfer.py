"""Transfers at the station, as somebody sees them: chosen by menu or barcode, scanned, left, gone on with."""

from __future__ import annotations

from typing import Any

import pytest

from models.permissions import Permission
from models.schema import Document
from models.serials.judging import Scan, Verdict
from models.station import drafts
from models.station.engine import ScanStation
from models.station.task import TRANSFER_TASK
from tests.support.app import keys, opened, seen
from tests.support.record_app import lines, until
from tests.support.station import band, judged, scans, screen, station
from tests.support.warehouse import Warehouse, person
from tui.items.list import ItemsScreen
from tui.station.screen import StationScreen

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("S-1", "S-2", "S-3")
    return warehouse


async def chooses(pilot: Any, task: str) -> None:
    """Choose a task in the menu."""
    await keys(pilot, "ctrl+g")
    await seen(pilot, "Menu")
    await keys(pilot, *task.lower(), "enter")  # by hand: what comes at once is a scan, and goes to the station
    await judged(pilot)


async def test_the_menu_leads_to_a_transfer_and_done_writes_it(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await chooses(pilot, "Transfer")
        await seen(pilot, "Transfer", "NOW", "Now: scan the destination.", "Any item", "Scan the destination")
        await scans(pilot, "DOCK", "S-1", "S-2")
        await seen(pilot, "Transfer to DOCK", "OK", "S-2", "SAW-1, MAIN → DOCK", "Scan a serial, or DONE")
        await keys(pilot, "f8")
        await seen(pilot, "OUT", "S-2", "can be scanned again")
        await keys(pilot, "f10")
        await seen(pilot, "DONE", "T-000001", "1 serial transferred, 1 unit of the quantity with them.")
    assert warehouse.where("S-1") == ("in_stock", "DOCK")
    assert warehouse.where("S-2") == ("in_stock", "MAIN")


async def test_only_what_the_task_has_is_offered(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        assert "F6 Many" in lines(pilot.app)[-1]
        await scans(pilot, "XXSDSHIFT")
        await seen(pilot, "Transfer")
        assert "F6 All of" in lines(pilot.app)[-1]
        await keys(pilot, "f7", "f9")
        assert pilot.app.screen is screen(pilot)
        await keys(pilot, "f1")
        await seen(pilot, "Scan the destination, then the serials of any items")
        await keys(pilot, "f3")
        await scans(pilot, "XXSDRECEIVE")
        await seen(pilot, "Receive", "scan the place")
        assert "F6 Many" in lines(pilot.app)[-1]


async def test_a_draft_that_was_begun_keeps_its_task(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "N-1", "XXSDSHIFT")
        await seen(pilot, "AGAIN?", "Transfer?", "A receipt was begun at this station, 1 scanned at DOCK.")
        assert "Problems" not in "".join(lines(pilot.app))
        await scans(pilot, "N-2", "XXSDDONE")
        await seen(pilot, "R-000001", "2 serials received")


async def test_a_transfer_that_was_left_is_offered_and_goes_on(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "XXSDSHIFT", "DOCK", "S-1", "NOBODYS")
        await keys(pilot, "f3")
        await seen(pilot, "The transfer is kept. F7 goes on with it.")
        await keys(pilot, "f7")
        await seen(pilot, "Receive", "1 open transfer", "Open transfer to DOCK, 1 scanned, 1", "Open transfers")
        await keys(pilot, "enter")
        await seen(pilot, "Transfer to DOCK", "1 scanned", "S-1", "Problems 1", "NOBODYS")
        await scans(pilot, "S-3", "XXSDDONE")
        await seen(pilot, "AGAIN?", "1 problem is waiting and will be left out: NOBODYS.")
        await keys(pilot, "f10")
        await seen(pilot, "2 serials transferred", "1 problem left out:", "NOBODYS.")
    assert Document.get().note.endswith("left out: NOBODYS")


async def test_a_transfer_at_another_station_is_taken_over_knowingly(database: Any, warehouse: Warehouse) -> None:
    told: list[Verdict] = []
    left = ScanStation(TRANSFER_TASK, "another-host/1/x")
    left.scan(warehouse.boss, [Scan(code) for code in ("DOCK", "S-1")], told.append)
    async with station(database, warehouse) as pilot:
        await seen(pilot, "open at another station")
        await keys(pilot, "enter")
        await seen(pilot, "Take over?")
        await keys(pilot, "f10")
        await seen(pilot, "Transfer to DOCK", "S-1")
        await scans(pilot, "S-2", "XXSDDONE")
        await seen(pilot, "2 serials transferred")
    assert drafts.open_drafts() == []


async def test_who_may_only_transfer_finds_the_station_set_to_it(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.VIEW, Permission.TRANSFER_SERIAL)
    async with opened(database, clerk) as pilot:
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await scans(pilot, "DOCK", "S-1", "XXSDRECEIVE")
        await seen(pilot, "Transfer to DOCK", "PROBLEM", "To receive serials, clerk1 needs the permission")
        assert "XXSDRECEIVE" in band(pilot)
        assert {label for label, _ in screen(pilot).offered} == {
            *("Task: Dispatch", "Task: Arrive", "Task: Look up"),
        }

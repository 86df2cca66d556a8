"""Receipts that were left open, handed over, taken over or discarded, as somebody at a station sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from models import clock
from models.people import revoke
from models.permissions import Permission
from models.serials.judging import Scan, Verdict
from models.station import drafts
from models.station.engine import ScanStation
from tests.support.app import keys, opened, seen
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import until
from tests.support.station import SERIALS, scans, screen, station
from tests.support.warehouse import Warehouse, person
from tui.items.list import ItemsScreen
from tui.routes import Drafts
from tui.station.list import DraftsScreen
from tui.station.parts import ProblemsLane
from tui.station.screen import StationScreen


@BOTH_ENGINES
async def test_a_draft_that_was_left_is_offered_and_goes_on(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", *SERIALS[:7])
        await keys(pilot, "f3")
        await seen(pilot, "The receipt is kept. F7 goes on with it.")
        await keys(pilot, "f7")
        await seen(pilot, "1 open receipt", "Open receipt at DOCK, 7 scanned, by")
        await keys(pilot, "enter")
        await seen(pilot, "Receive at DOCK", "7 scanned", SERIALS[6])
        await scans(pilot, SERIALS[7], "XXSDDONE")
        await seen(pilot, "8 serials received")


async def test_a_scan_beside_an_open_draft_begins_a_new_one(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f3", "f7")
        await seen(pilot, "1 open receipt")
        await scans(pilot, "SHELF", "SAW-1", "S-2", "XXSDDONE")
        await seen(pilot, "1 serial received")
        assert [row.location for row in drafts.open_drafts()] == ["DOCK"]


async def test_the_app_says_at_its_start_that_a_receipt_is_open(database: Any, warehouse: Warehouse) -> None:
    told: list[Verdict] = []
    left = ScanStation(session="another-host/1/x")
    left.scan(warehouse.boss, [Scan(code) for code in ("DOCK", "SAW-1", "S-1")], told.append)
    left.leave(warehouse.boss)
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "Open receipt at DOCK, 1 scanned, by boss", "F7: continue, hand over,")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_an_open_draft_is_handed_over_or_discarded(database: Any, warehouse: Warehouse) -> None:
    person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f3", "f7")
        await seen(pilot, "1 open receipt")
        await keys(pilot, "f4")
        await seen(pilot, "Open draft", "Hand over", "Discard")
        await keys(pilot, "f4", *"clerk1", "enter")
        await seen(pilot, "The draft is clerk1's now", "clerk1 (started by boss)")
        await keys(pilot, "f4", "f8")
        await seen(pilot, "Discard?", "1 scanned serial will be thrown away")
        await keys(pilot, "f10")
        await seen(pilot, "The draft was discarded")
        assert drafts.open_drafts() == []


@BOTH_ENGINES
async def test_a_draft_that_is_open_elsewhere_is_taken_over_knowingly_and_the_loser_keeps_his_scans_in_sight(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("OLD-1")
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1", "OLD-1")
        taken = ScanStation()
        taken.continue_draft(clerk, drafts.open_drafts()[0].id)
        await scans(pilot, "S-2", "S-3")
        await seen(pilot, "PROBLEM", "clerk1 took this draft over at", "Problems 2", "S-2", "S-3")
        listed = screen(pilot).query_one(ProblemsLane).lines
        assert sorted(line.shown for line in listed) == ["S-2", "S-3"], "that of the draft is the other station's now"
        await keys(pilot, "f3")
        await seen(pilot, "F3 again forgets 2 scans that were not taken. F4 settles them.")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        await keys(pilot, "f7")
        await seen(pilot, "open at another station")
        await keys(pilot, "enter")
        await seen(pilot, "Take over?", "Its next scan there", "will be refused")
        await keys(pilot, "f10")
        await seen(pilot, "Receive at DOCK")


async def test_a_heartbeat_tells_that_somebody_else_has_the_draft(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.station.screen.HEARTBEAT", 0.1)
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        drafts.take_over(clerk, 1, "another-host/1/x")
        await seen(pilot, "Not here any more", "clerk1 took this draft over at")


async def test_who_has_lost_the_permission_is_told_and_the_scan_stays_in_sight(
    database: Any, warehouse: Warehouse
) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse, clerk) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        revoke(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
        await scans(pilot, "S-2")
        await seen(pilot, "INV_MANAGE_SERIALS", "S-2")


async def test_the_list_of_drafts_goes_on_with_one_at_the_station_where_it_was_opened_and_at_a_new_one(
    database: Any, warehouse: Warehouse
) -> None:
    person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    for place, session in (("DOCK", None), ("SHELF", "another-host/1/x"), ("SHOP", None)):
        engine = ScanStation(session=session)
        engine.scan(warehouse.boss, [Scan(code) for code in (place, "SAW-1", f"{place}-1")], lambda _: None)
        if session is None:
            engine.leave(warehouse.boss)

    async def opens_drafts(pilot: Pilot[Any]) -> None:
        await keys(pilot, "ctrl+g", *"go dra", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DraftsScreen))
        await seen(pilot, "draft 1 of")

    async with opened(database, warehouse.boss) as pilot:
        await opens_drafts(pilot)
        await keys(pilot, *"shelf", "enter")
        await seen(pilot, "Take over?", "boss has it open at another station")
        await keys(pilot, "f3", "escape")
        await seen(pilot, "draft 1 of 3")
        await keys(pilot, *"shop", "down", "f4")
        await seen(pilot, "Open receipt at SHOP, 1 scanned")
        await keys(pilot, "f4", *"clerk1", "enter")
        await seen(pilot, "The draft is clerk1's now", "clerk1", "started by boss")
        await keys(pilot, "enter")
        await seen(pilot, "Receive at SHOP", "SHOP-1")
        await keys(pilot, "f2")  # the draft is shown, and its lines
        await seen(pilot, "1 line")
        await keys(pilot, "f3")

        await opens_drafts(pilot)
        await keys(pilot, "f4")
        await seen(pilot, "It is open at the station here.")
        await keys(pilot, "escape", "end", "enter")  # another one is begun at the station
        await seen(pilot, "Another receipt was begun at this station")
        assert isinstance(pilot.app.screen, StationScreen)
        await opens_drafts(pilot)
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await scans(pilot, "SHOP-2", "XXSDDONE")
        await seen(pilot, "2 serials received")

        await opens_drafts(pilot)
        await keys(pilot, *"dock", "enter")
        await seen(pilot, "Receive at DOCK", "DOCK-1")
        assert len([one for one in pilot.app.screen_stack if isinstance(one, StationScreen)]) == 1
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, DraftsScreen))
        await keys(pilot, "escape", *"dock", "f4", "f8", "f10")
        await seen(pilot, "The draft was discarded.")
    assert [row.location for row in drafts.open_drafts()] == ["SHELF"]


async def test_the_list_of_drafts_sees_by_itself_that_a_station_is_there_no_more(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScanStation(session="another-host/1/x")
    engine.scan(warehouse.boss, [Scan(code) for code in ("SHELF", "SAW-1", "S-1")], lambda _: None)
    monkeypatch.setattr("tui.station.list.HEARTBEAT", 0.05)
    async with opened(database, warehouse.boss) as pilot:
        pilot.app.run_worker(pilot.app.open(Drafts()), group="open")  # type: ignore[attr-defined]
        await seen(pilot, "open", "draft 1 of 1")
        later = clock.now() + drafts.ALIVE + timedelta(seconds=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        await seen(pilot, "boss      left")

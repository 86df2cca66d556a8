"""What somebody sees and does at the scan station; scans come in bursts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.config import Config
from models.database.connection import connect, disconnect
from models.errors import Busy
from models.permissions import Permission
from models.schema import bound, is_sqlite
from models.serials.judging import Scan
from models.station import drafts
from models.station.engine import ScanStation
from tests.support.app import keys, opened, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tests.support.station import SERIALS, bells, gun, judged, scans, screen, station, stored
from tests.support.warehouse import Warehouse, person
from tui.app import SerialdockApp
from tui.find.screen import FindScreen
from tui.scanning.scan_field import ScanField
from tui.serials.detail import SerialScreen
from tui.station.dialogs import ProblemDialog
from tui.station.lines import StationLinesScreen
from tui.station.parts import OpenDrafts, Tape, VerdictLine
from tui.station.screen import StationScreen


@BOTH_ENGINES
async def test_place_item_250_serials_and_done_in_one_burst(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", *SERIALS, "XXSDDONE")
        await seen(pilot, "DONE", "R-000001", "250 serials received. 250 added to the quantity.")
    assert stored() == SERIALS
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 250}


async def test_any_line_is_taken_out_of_the_list_of_lines(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1", "S-2", "S-3")
        await keys(pilot, "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationLinesScreen))
        await seen(pilot, "3 lines", "S-1", "+ good")
        await keys(pilot, "down", "f8")
        await seen(pilot, "S-2 was taken out and can be scanned again", "x out")
        await keys(pilot, "f3")
        await judged(pilot)
        assert screen(pilot).job.view.count == 2
        await scans(pilot, "S-2")
        await seen(pilot, "OK", "S-2")


async def test_the_second_f2_at_the_station_finds_anything(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("OLD-1")
    async with station(database, warehouse) as pilot:
        await keys(pilot, "f2")  # there are no lines yet
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        await keys(pilot, "f3")
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationLinesScreen))
        await keys(pilot, "f2", "O", "L", "D", "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindScreen))
        await seen(pilot, "OLD-1")
        await keys(pilot, "f3", "f3")
        await scans(pilot, "S-2")
        assert screen(pilot).job.view.count == 2


async def test_a_scan_in_the_list_of_lines_goes_to_the_station(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "SN-0001")
        await keys(pilot, "f2")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationLinesScreen))
        await scans(pilot, "SN-0002", "SN-0003")
        assert screen(pilot).job.view.count == 3
        assert pilot.app.screen is screen(pilot)
        await keys(pilot, "f2")
        await seen(pilot, "3 lines", "part of a serial")  # nothing of the scan is remembered in Find


async def test_the_screen_says_where_what_how_many_and_what_next_and_only_problems_ring(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.add("OLD-1")
    async with station(database, warehouse) as pilot:
        await seen(pilot, "SCAN THE PLACE", "Receive: scan a place, an item, then its serials.", "Scan the place")
        await scans(pilot, "DOCK")
        await seen(pilot, "Receive at DOCK", "NOW", "Scan the item")
        await scans(pilot, "SAW-1")
        await seen(pilot, "SAW-1 · Circular saw", "Scan a serial")
        await scans(pilot, *SERIALS[:3])
        await seen(pilot, "OK", SERIALS[2], "3 good", "Scan a serial, or DONE")
        assert screen(pilot).query_one(Tape).texts == [*reversed(SERIALS[:3]), "SAW-1", "DOCK"]

        # Only problems ring, and the scanner goes on.
        rung = bells(pilot, monkeypatch)
        await scans(pilot, SERIALS[1])
        await seen(pilot, "DUP", f"{SERIALS[1]} was scanned already, line 2")
        await keys(pilot, "f8")
        await judged(pilot)
        assert rung == []
        await scans(pilot, "OLD-1", "S-3")
        assert rung == [None]
        await seen(pilot, "Problems 1", "OLD-1", "OK", "S-3")
        assert pilot.app.screen is screen(pilot), "no pop-up comes by itself"
        assert screen(pilot).job.view.count == 4

        # F10 receives, and asks again where something is open.
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "AGAIN?", "1 problem is waiting")
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "R-000001", "1 problem left out", "No problems", "Scan the place")
    assert stored() == ["OLD-1", *SERIALS[:3], "S-3"]


async def test_lines_are_undone_by_key_and_by_barcode_and_the_quantity_goes_up_or_stays(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1", "S-2", "S-3")
        job, queue = screen(pilot).job, screen(pilot).queue
        assert [queue.command_of(key) for key in (job.done, job.undo, job.cancel)] == ["DONE", "UNDO", "CANCEL"]
        await keys(pilot, "f8")
        await judged(pilot)
        await seen(pilot, "OUT", "S-3", "can be scanned again")
        await scans(pilot, "XXSDUNDO", "S-3", "UNDO")
        await seen(pilot, "PROBLEM", "UNDO is the word of a command")
        assert screen(pilot).job.view.count == 2, "what is scanned is no command, however short it is"
        await keys(pilot, "f8", "f10")
        await seen(pilot, "2 serials received")
        assert stored() == ["S-1", "S-3"]
        assert warehouse.quantities() == {"MAIN": 10, "DOCK": 2}

        await scans(pilot, "MAIN", "SAW-1", "S-4")
        await keys(pilot, "f9")
        await judged(pilot)
        await seen(pilot, "Quantity stays", "quantity stays")
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "No quantity changed")
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 2}


async def test_a_problem_is_corrected_left_out_or_opened_and_a_burst_meanwhile_goes_to_the_station(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("OLD-1", "OLD-2")
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "OLD-1", "OLD-2")
        await seen(pilot, "Problems 2")
        await keys(pilot, "f4")
        await seen(pilot, "is already here: In Stock at MAIN", "Leave out", "Correct")
        await keys(pilot, *"S-77", "enter")
        await judged(pilot)
        await seen(pilot, "OK", "S-77", "Problems 1")
        await keys(pilot, "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemDialog))
        await keys(pilot, "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3")
        await keys(pilot, "f4", "f8")
        await judged(pilot)
        await seen(pilot, "No problems")
        assert screen(pilot).job.view.count == 1

        await scans(pilot, "OLD-1")
        await keys(pilot, "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemDialog))
        await scans(pilot, *SERIALS[:30])
        assert pilot.app.screen is screen(pilot)
        assert screen(pilot).query_one(Tape).texts[:30] == [*reversed(SERIALS[:30])]
        assert screen(pilot).job.view.count == 31


async def test_a_scan_without_an_end_a_hostile_one_and_one_that_meets_a_lock_are_shown_and_explained(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_sqlite()
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        await terminal_sends(pilot, "5CG8300001")
        await seen(pilot, "5CG8300001 has no end yet: press Enter to take it")
        assert screen(pilot).job.view.count == 0
        await keys(pilot, "f10")
        await seen(pilot, "stands in the scan line. Enter takes it")
        await keys(pilot, "enter")
        await judged(pilot)
        await seen(pilot, "OK", "5CG8300001")

        # What a locked database does not take is tried again by itself.
        before = screen(pilot).job.view.count
        scan, failures = ScanStation.scan, [None, None]

        def busy(*args: Any) -> None:
            if failures:
                failures.pop()
                raise Busy("Others hold the database. Nothing was written.")
            scan(*args)

        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            await terminal_sends(pilot, gun(*SERIALS[10:15]))
            await seen(pilot, "5 scans wait here and are tried again by themselves")
            await until(pilot, lambda: screen(pilot).job.view.count == before + 5)

        await scans(pilot, "[b]SN1[/b]", "SN[/]1", "[@click=app.exit]x")
        await seen(pilot, "[b]SN1[/b]", "SN[/]1", "[@click=app.exit]x")
        assert "SN1" in screen_text(pilot)


@BOTH_ENGINES
async def test_expected_units_and_an_announced_list(database: Any, warehouse: Warehouse, tmp_path: Any) -> None:
    async with station(database, warehouse) as pilot:
        await keys(pilot, "f7")
        await seen(pilot, "Scan the item first")
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f7", "4", "f10")
        await judged(pilot)
        await seen(pilot, "1 of 4", "4 expected")
        list_file = tmp_path / "list.txt"
        list_file.write_text("S-1\nS-2\nS-3\n")
        await keys(pilot, "f7", "tab", "tab")
        await terminal_sends(pilot, str(list_file))
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "1 of 3", "3 announced")
        await scans(pilot, "S-9")
        await seen(pilot, "PROBLEM", "S-9 is not on the announced list")
        await keys(pilot, "f7")
        await seen(pilot, "Missing 2:", "S-2, S-3", "Not announced 0.")


@BOTH_ENGINES
async def test_scans_wait_for_a_slow_database_and_none_is_lost(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        loop = asyncio.get_running_loop()
        held, free = asyncio.Event(), asyncio.Event()

        def hold() -> None:
            connect(database)
            with database.atomic():
                bound.execute_sql("UPDATE drafts SET note = note")
                loop.call_soon_threadsafe(held.set)
                asyncio.run_coroutine_threadsafe(free.wait(), loop).result(LIMIT)
            disconnect(database)

        holding = loop.run_in_executor(None, hold)
        await held.wait()
        await terminal_sends(pilot, gun(*SERIALS[:60]))
        assert screen(pilot).queue.waiting == 60
        await seen(pilot, "Wait: 60 scans wait", "They are saved in their order, by themselves.")
        free.set()
        await holding
        await judged(pilot)
        assert screen(pilot).job.view.count == 60
        assert screen(pilot).query_one(Tape).texts[:60] == [*reversed(SERIALS[:60])]


async def test_nothing_jumps_at_any_size(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("OLD-1")
    async with station(database, warehouse) as pilot:
        for number, size in enumerate(((120, 40), (80, 24), (40, 16), (20, 8))):
            await resized(pilot, *size)
            places = set()
            for code in ("DOCK", "SAW-1", f"S-1{number}", f"S-1{number}", "OLD-1", "XXSDHELP", "§", f"S-2{number}"):
                await scans(pilot, code)
                places.add((screen(pilot).query_one(VerdictLine).region, screen(pilot).query_one(ScanField).region))
            ((verdict, field),) = places
            assert verdict.width == size[0]
            assert field.height == 1
            assert field.bottom <= size[1]
            await seen(pilot, "OK", f"S-2{number}")


async def test_f7_before_the_list_is_there_is_not_lost_and_scans_behind_it_are_taken(
    database: Any, warehouse: Warehouse
) -> None:
    app = SerialdockApp(database, warehouse.boss, Config(theme="dock"))
    async with app.run_test(size=(80, 24)) as pilot:
        await terminal_sends(pilot, "\x1b[18~" + gun("DOCK", "SAW-1", "S-1"))
        await until(pilot, lambda: isinstance(app.screen, StationScreen))
        await judged(pilot)
        assert screen(pilot).job.view.count == 1


async def test_who_may_only_look_looks_up_and_is_told_so_of_other_tasks(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("S-1")
    ScanStation().scan(warehouse.boss, [Scan("DOCK")], lambda _: None)
    viewer = person(warehouse.boss, "viewer1", Permission.VIEW)
    async with opened(database, viewer) as pilot:
        await keys(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await scans(pilot, "S-1")
        await seen(pilot, "Look up", "FOUND", "S-1", "In Stock at MAIN")
        assert screen(pilot).offered == []
        assert screen(pilot).query_one(OpenDrafts).drafts == [], "a receipt is not offered to who may not receive"
        await scans(pilot, "XXSDRECEIVE")
        await seen(pilot, "To receive serials, viewer1 needs the permission INV_MANAGE_SERIALS")
        await keys(pilot, "f3")
        assert len(drafts.open_drafts()) == 1

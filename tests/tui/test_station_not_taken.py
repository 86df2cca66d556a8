"""Scans that are in no draft: they wait in the problems lane all the same, until somebody settles them."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from models.people import grant, revoke
from models.permissions import Actor, Permission
from models.schema import Draft, DraftLine
from models.serials.judging import Scan, Verdict
from models.spool import spools
from models.station import drafts
from models.station.engine import ScanStation
from tests.support.app import keys, opened, seen, terminal_sends
from tests.support.record_app import until
from tests.support.station import judged, scans, screen, station, stored
from tests.support.warehouse import Warehouse, person
from tui.items.list import ItemsScreen
from tui.kit.dialog import ConfirmDialog
from tui.station.dialogs import ProblemDialog

DIRTY = "SN\x1b[D-77\r"
"""An arrow key in the middle of a scan."""


@pytest.fixture
def clerk(warehouse: Warehouse) -> Actor:
    return person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)


async def opens_problem(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f4")
    await until(pilot, lambda: isinstance(pilot.app.screen, ProblemDialog), "no dialog")


async def types(pilot: Pilot[Any], text: str) -> None:
    await keys(pilot, *text, "enter")
    await judged(pilot)


DIRTY_SCANS = {
    "control keys": (DIRTY, "SN-77", "The scan contained control keys"),
    "unreadable": ("SN\ufffd1\r", "SN\ufffd1", "The scan contained characters that cannot be read"),
    "too long": ("X" * 8_300 + "\r", "X" * 20, "The scan is longer than 8,192 characters"),
}


async def test_a_dirty_scan_waits_once_with_its_sentence_until_it_is_settled(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        # Undo behind a dirty scan takes out nothing.
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await terminal_sends(pilot, DIRTY + "XXSDUNDO\r")
        await judged(pilot)
        await seen(pilot, "Nothing to undo")
        assert screen(pilot).job.view.count == 1
        await keys(pilot, "f4", "f8")

        for number, (name, (dirty, shown, why)) in enumerate(DIRTY_SCANS.items(), start=2):
            for _ in range(1 if len(dirty) > 100 else 2):
                await terminal_sends(pilot, dirty)
                await judged(pilot)
            await scans(pilot, f"S-{number}")
            await seen(pilot, "OK", "Problems 1", shown)
            await opens_problem(pilot)
            await seen(pilot, why, "Scan it again, or type its serial here.")
            await keys(pilot, "f8")
            await seen(pilot, "No problems", "OUT", "It was left out; nothing of it was taken.")
            assert screen(pilot).job.view.count == number, name

        # It is typed, or scanned again.
        await terminal_sends(pilot, DIRTY)
        await judged(pilot)
        await terminal_sends(pilot, "SN\x1b[D-78\r")
        await judged(pilot)
        await seen(pilot, "Problems 2")
        await opens_problem(pilot)
        await types(pilot, "S-5")
        await seen(pilot, "OK", "S-5", "Problems 1")
        await scans(pilot, "SN-77")
        await seen(pilot, "OK", "SN-77", "No problems")
        assert screen(pilot).job.view.count == 6


async def test_a_dirty_scan_is_seen_beside_open_receipts_and_neither_done_nor_leaving_forgets_it_silently(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f3", "f7")
        await seen(pilot, "Open receipts")
        await terminal_sends(pilot, DIRTY)
        await judged(pilot)
        await seen(pilot, "Problems 1", "SN-77")
        await opens_problem(pilot)
        await keys(pilot, "f8")
        await seen(pilot, "Open receipts", "Open receipt at DOCK")

        await keys(pilot, "enter")
        await seen(pilot, "Receive at DOCK")
        await terminal_sends(pilot, DIRTY)
        await scans(pilot, "S-2", "XXSDDONE")
        await seen(pilot, "2 serials received", "Problems 1", "Still to be settled: 1 scan that was not taken, SN-77.")
        await keys(pilot, "f3")
        await seen(pilot, "F3 again forgets 1 scan that was not taken, SN-77. F4 settles it.")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert Draft.select().where(Draft.state == "open").count() == 0


async def test_what_a_missing_permission_kept_out_is_taken_when_it_is_there_again(
    database: Any, warehouse: Warehouse, clerk: Actor
) -> None:
    async with station(database, warehouse, clerk) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        revoke(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
        await scans(pilot, "S-2", "S-3", "S-2", "S-4", "S-5", "XXSDDONE")
        await seen(pilot, "Problems 4", "INV_MANAGE_SERIALS")
        await opens_problem(pilot)
        await seen(pilot, "Take 4 again")
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "Problems 4")
        grant(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
        await scans(pilot, "S-4")
        await seen(pilot, "OK", "Problems 3")
        await opens_problem(pilot)
        await types(pilot, "S-55")
        await seen(pilot, "OK", "S-55", "Problems 2")
        await opens_problem(pilot)
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "No problems")
        await keys(pilot, "f10")
        await judged(pilot)
    assert sorted(stored()) == ["S-1", "S-2", "S-3", "S-4", "S-55"], "the newest problem was corrected"


async def test_what_another_station_kept_out_is_taken_with_its_draft(
    database: Any, warehouse: Warehouse, clerk: Actor
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1", "https://example.com/")
        await seen(pilot, "Problems 1")
        other = ScanStation(session="another-host/1/x")
        other.continue_draft(clerk, drafts.open_drafts()[0].id)
        await scans(pilot, "S-2", "S-3")
        await seen(pilot, "clerk1 took this draft over at", "Problems 2")
        await opens_problem(pilot)
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog), "nothing was asked")
        await seen(pilot, "Take over?", "clerk1 has it open at another station")
        await keys(pilot, "f3")
        await seen(pilot, "Problems 2")
        await opens_problem(pilot)
        await keys(pilot, "f10", "f10")
        await judged(pilot)
        await seen(pilot, "OK", "S-3", "Problems 1", "https://example.com/")
        await keys(pilot, "f10", "f10")
        await judged(pilot)
        await seen(pilot, "3 serials received")
    assert stored() == ["S-1", "S-2", "S-3"]


async def test_what_came_after_another_station_was_done_goes_into_a_new_receipt(
    database: Any, warehouse: Warehouse, clerk: Actor
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        other, told = ScanStation(session="another-host/1/x"), list[Verdict]()
        other.continue_draft(clerk, drafts.open_drafts()[0].id)
        other.scan(clerk, [Scan("XXSDDONE")], told.append)
        await scans(pilot, "S-2", "S-3")
        await seen(pilot, "clerk1 finished this draft at", "as R-000001", "Problems 2")
        await opens_problem(pilot)
        await keys(pilot, "f10")
        await judged(pilot)
        await scans(pilot, "DOCK", "SAW-1")
        await seen(pilot, "2 that waited for it are taken", "No problems")
        await scans(pilot, "XXSDDONE")
        await seen(pilot, "R-000002", "2 serials received")
    assert stored() == ["S-1", "S-2", "S-3"]


async def test_an_end_of_the_program_leaves_what_was_not_taken_to_the_next_start(
    database: Any, warehouse: Warehouse, clerk: Actor
) -> None:
    async def lose_the_draft(pilot: Pilot[Any], *behind: str) -> None:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        ScanStation(session="another-host/1/x").continue_draft(clerk, drafts.open_drafts()[0].id)
        await scans(pilot, *behind)
        await seen(pilot, "clerk1 took this draft over at", "Problems 2")

    async with station(database, warehouse) as pilot:
        await lose_the_draft(pilot, "S-2", "S-3", "S-2")
        await terminal_sends(pilot, DIRTY)
        await judged(pilot)
        await seen(pilot, "Problems 3")
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "2 scans of boss for SAW-1 at DOCK", "that are in no receipt", "2 scans wait since")
        await keys(pilot, "f7", "f4")
        await seen(pilot, "Scans that wait", "S-2", "S-3", "F10 begins a new receipt.")
        await keys(pilot, "f10")
        await seen(pilot, "2 taken. Enter continues the receipt.")
    assert spools() == []
    rows = DraftLine.select(DraftLine.serial_number).where(DraftLine.kind == "serial", DraftLine.state == "good")
    assert sorted(row.serial_number for row in rows) == ["S-1", "S-2", "S-3"]

    for draft in drafts.open_drafts():
        drafts.discard(clerk, draft.id)
    async with station(database, warehouse) as pilot:
        await lose_the_draft(pilot, "S-2", "S-3")
        await keys(pilot, "f3")
        await seen(pilot, "F3 again forgets 2 scans that were not taken. F4 settles them.")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert spools() == []

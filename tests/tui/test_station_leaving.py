"""Leaving the station while something is under way: scans that are not saved yet, half a scan, the end of the app."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from models.errors import Busy
from models.permissions import Actor
from models.schema import DraftLine
from models.serials.judging import Scan
from models.station.engine import ScanStation
from tests.support.app import keys, seen, terminal_sends
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tests.support.scan_hand import Hand
from tests.support.station import SERIALS, gun, judged, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.items.list import ItemsScreen
from tui.scanning.scan_field import ScanField

F3 = "\x1bOR"


class Slow:
    """Lets scans wait in the database thread until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = threading.Event()
        scan = ScanStation.scan

        def waits(task: ScanStation, actor: Actor, scans: Sequence[Scan], tell: Any) -> None:
            assert self.free.wait(LIMIT)
            scan(task, actor, scans, tell)

        monkeypatch.setattr(ScanStation, "scan", waits)


def kept() -> list[str]:
    """The good lines of the draft, in their order."""
    rows = DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good").order_by(DraftLine.number)
    return [row.serial_number for row in rows]


async def test_f3_stays_while_scans_are_not_saved_and_leaves_with_all_of_them_when_they_are(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        slow = Slow(monkeypatch)
        await terminal_sends(pilot, gun(*SERIALS[:40]) + F3)
        await seen(pilot, "40 scans are not saved yet. Wait a moment, then F3 again.")
        assert pilot.app.screen is screen(pilot)
        slow.free.set()
        await judged(pilot)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        await seen(pilot, "The receipt is kept. F7 goes on with it.")
    assert kept() == SERIALS[:40]


async def test_f3_stays_while_a_database_that_cannot_be_used_lets_scans_wait(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: Any) -> None:
        raise Busy("Others hold the database. Nothing was written.")

    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            await terminal_sends(pilot, gun("S-2", "S-3"))
            await seen(pilot, "2 scans wait here and are tried again by themselves")
            await keys(pilot, "f3")
            await seen(pilot, "2 scans are not saved yet.")
            assert pilot.app.screen is screen(pilot)
        await keys(pilot, "f5")
        await judged(pilot)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert kept() == ["S-1", "S-2", "S-3"]


@pytest.mark.parametrize("key", ["f3", "f10"])
async def test_half_a_scan_is_neither_left_nor_received_without_a_word(
    database: Any, warehouse: Warehouse, key: str
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await hand.scan("5CG83")
        hand.now += 1.0  # a hand is slower than a scanner, whose keys would be a part of the scan
        await hand.scan(f"<{key}>")
        await seen(pilot, "5CG83 stands in the scan line. Enter takes it, Esc drops it; then go on.")
        assert pilot.app.screen is screen(pilot)
        await terminal_sends(pilot, "00001\r")  # the rest of it
        await judged(pilot)
        assert screen(pilot).job.view.count == 2
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert kept() == ["S-1", "5CG8300001"]


async def test_half_a_scan_that_is_dropped_is_left_behind(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await terminal_sends(pilot, "5CG83")
        await keys(pilot, "f3", "escape")
        assert screen(pilot).query_one(ScanField).value == ""
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert kept() == ["S-1"]


async def test_scans_that_were_handed_over_are_saved_when_the_app_ends_right_behind_them(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        slow = Slow(monkeypatch)
        await terminal_sends(pilot, gun(*SERIALS[:30]))
        assert screen(pilot).queue.waiting == 30
        pilot.app.exit()
        slow.free.set()
    assert kept() == SERIALS[:30]

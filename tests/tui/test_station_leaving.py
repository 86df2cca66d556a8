"""Leaving the station while something is under way: scans that are not saved yet, half a scan, the end of the app."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from models.errors import Busy
from models.permissions import Actor
from models.schema import Draft, DraftLine
from models.serials.judging import Scan
from models.spool import Spool, SpooledScan, read_records, spools
from models.station.engine import ScanStation
from tests.support.app import keys, opened, seen, terminal_sends
from tests.support.limits import LIMIT
from tests.support.record_app import shows, until
from tests.support.scan_hand import Hand
from tests.support.station import SERIALS, bells, gun, judged, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.app import SerialdockApp
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


def spooled() -> list[SpooledScan]:
    """The scans that are in spools."""
    return [record for file in spools() for record in read_records(file)]


def kept() -> list[str]:
    """The good lines of the draft, in their order."""
    rows = DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good").order_by(DraftLine.number)
    return [row.serial_number for row in rows]


def busy(*_: Any) -> None:
    raise Busy("Others hold the database. Nothing was written.")


def full(*_: Any) -> None:
    raise OSError(28, "No space left on device")


async def test_f3_stays_while_scans_are_not_saved_and_leaves_with_all_of_them_when_they_are(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.scanning.queue.FIRST_PAUSE", LIMIT)  # a retry would take the place of what F3 says
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        with monkeypatch.context() as patched:
            slow = Slow(patched)
            await terminal_sends(pilot, gun(*SERIALS[:40]) + F3)
            await seen(pilot, "40 scans are not saved yet.")
            assert pilot.app.screen is screen(pilot)
            slow.free.set()
            await judged(pilot)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        await seen(pilot, "The receipt is kept. F7 goes on with it.")
        assert kept() == SERIALS[:40]

        # A database that cannot be used lets them wait; F5 tries again.
        await keys(pilot, "f7", "enter")
        await seen(pilot, "Receive at DOCK")
        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            await terminal_sends(pilot, gun(*SERIALS[40:42]))
            await seen(pilot, "2 scans wait here and are tried again by themselves")
            await keys(pilot, "f3")
            await seen(pilot, "2 scans are not saved yet.")
            assert pilot.app.screen is screen(pilot)
        await keys(pilot, "f5")
        await judged(pilot)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        assert kept() == SERIALS[:42]

        await keys(pilot, "f7", "enter")
        await seen(pilot, "Receive at DOCK")
        await second_f3_leaves_them_to_the_queue(pilot, monkeypatch)
    assert kept() == SERIALS[:45]


async def second_f3_leaves_them_to_the_queue(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue saves what waits, and then leaves the draft."""
    queue = screen(pilot).queue
    with monkeypatch.context() as patched:
        patched.setattr(ScanStation, "scan", busy)
        await terminal_sends(pilot, gun(*SERIALS[42:44]))
        await seen(pilot, "2 scans wait since", "2 scans wait here and are tried again by themselves")
        await keys(pilot, "f3")
        await seen(pilot, "2 scans are not saved yet. F3 again leaves: they are on the disk here")
        await terminal_sends(pilot, gun(SERIALS[44]))
        await until(pilot, lambda: queue.on_disk == 3)
        await keys(pilot, "f3")
        await seen(pilot, "3 scans are not saved yet. F3 again leaves")
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        await seen(pilot, "3 scans wait since", "3 scans of this receipt wait for the database.")
    queue.go_on()
    await until(pilot, lambda: not queue.waiting)
    await until(pilot, lambda: not shows(pilot.app, "wait since"))
    await until(pilot, lambda: not spooled())
    assert Draft.get().session is None


async def test_scans_that_are_not_saved_when_the_app_is_left_are_saved_by_the_next_one_but_done_is_not_carried_out(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            await terminal_sends(pilot, gun("S-2", "S-3"))
            pilot.app.exit()
            await until(pilot, lambda: not pilot.app.is_running)
    assert kept() == ["S-1"]
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "2 scans that waited are in the draft now. F7 goes on with it.")
        assert not shows(pilot.app, "wait since")
        assert (kept(), spooled()) == (["S-1", "S-2", "S-3"], [])

        # DONE waits behind the scans and says so, and is never carried out later.
        await keys(pilot, "f7", "enter")
        await seen(pilot, "Take over?")  # the first app ran in this process, which lives
        await keys(pilot, "f10")
        await seen(pilot, "Receive at DOCK")
        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            await terminal_sends(pilot, gun("S-4", "XXSDDONE", "S-5"))
            await seen(pilot, "2 scans wait here and are tried again by themselves. DONE waits too.")
            pilot.app.exit()
            await until(pilot, lambda: not pilot.app.is_running)
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "1 scan that waited is in the draft now.", "1 scan waits since")
        await keys(pilot, "f7", "f4")
        await seen(
            pilot, "1 scan of boss for SAW-1 at DOCK", "came after DONE, which", "F10 begins a new receipt", "S-5"
        )
        await keys(pilot, "f10")
        await seen(pilot, "1 taken. Enter continues the receipt.")
        assert not shows(pilot.app, "waits since")
    lines = [(line.draft_id, line.scan) for line in DraftLine.select().where(DraftLine.kind == "serial")]
    assert sorted(lines) == [*((1, f"S-{number}") for number in (1, 2, 3, 4)), (2, "S-5")]
    assert ([draft.state for draft in Draft.select()], spooled()) == (["open", "open"], [])


async def test_neither_database_nor_disk_refuses_further_scans_aloud_until_one_of_them_is_back(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        queue, rung = screen(pilot).queue, bells(pilot, monkeypatch)
        with monkeypatch.context() as patched:
            patched.setattr(ScanStation, "scan", busy)
            with monkeypatch.context() as disk:
                disk.setattr(Spool, "append", full)
                await terminal_sends(pilot, gun("S-2"))
                await until(pilot, lambda: queue.not_saved)
                await seen(pilot, "NOT SAVED", "1 scan is neither in the database nor on the disk of this machine")
                await until(pilot, lambda: len(rung) == 1)
                assert not shows(pilot.app, "wait since")
                await terminal_sends(pilot, gun("S-3"))
                await until(pilot, lambda: len(rung) == 2)
                assert [one.text for one in queue.not_taken.scans] == ["S-3"]
                assert queue.waiting == 1
                await keys(pilot, "f3")
                await seen(pilot, "1 scan is not saved yet. Wait a moment, then F3 again.")
            queue.go_on()
            await until(pilot, lambda: queue.on_disk == 1 and not queue.not_saved)
            await terminal_sends(pilot, gun("S-4"))
            await seen(pilot, "2 scans wait since")
        queue.go_on()
        await judged(pilot)
        await scans(pilot, "S-3")
        assert not queue.not_taken.lines
    assert kept() == ["S-1", "S-2", "S-4", "S-3"]


async def test_an_end_names_the_scans_that_neither_database_nor_disk_has(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        monkeypatch.setattr(ScanStation, "scan", busy)
        await terminal_sends(pilot, gun("S-2"))
        await until(pilot, lambda: screen(pilot).queue.on_disk == 1)
        monkeypatch.setattr(Spool, "append", full)
        await terminal_sends(pilot, gun("S-3"))
        await until(pilot, lambda: screen(pilot).queue.not_saved)
        app: SerialdockApp = pilot.app  # type: ignore[assignment]
    assert app.farewell == (
        "1 scan waits on this machine for the database. The next start of serialdock takes it up. "
        "1 scan was saved nowhere; scan it again: S-3."
    )


async def test_half_a_scan_is_neither_left_nor_received_without_a_word(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        for number, key in enumerate(("f3", "f10"), start=1):
            hand = Hand(pilot.app)  # type: ignore[arg-type]
            await hand.scan("5CG83")
            hand.now += 1.0  # a hand is slower than a scanner, whose keys would be a part of the scan
            await hand.scan(f"<{key}>")
            await seen(pilot, "5CG83 stands in the scan line. Enter takes it, Esc drops it; then go on.")
            assert pilot.app.screen is screen(pilot), key
            # The rest of it, by hand: a burst never joins text that stood there.
            await keys(pilot, *f"0000{number}", "enter")
            await judged(pilot)
            assert screen(pilot).job.view.count == 1 + number, key

        # Half a scan that is dropped is left behind.
        await terminal_sends(pilot, "5CG83")
        await keys(pilot, "f3", "escape")
        assert screen(pilot).query_one(ScanField).value == ""
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
    assert kept() == ["S-1", "5CG8300001", "5CG8300002"]


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

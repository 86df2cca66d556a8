"""The problems lane under the cursor, keys while scans wait, and that all fits on small terminals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from models.database.connection import connect, disconnect
from models.people import add_role, add_user
from models.schema import bound
from models.serials.judging import Scan, Verdict
from models.station.engine import ScanStation
from tests.support.app import at_rest, keys, resized, screen_text, seen, terminal_sends
from tests.support.burst import burst
from tests.support.record_app import until
from tests.support.station import gun, judged, scans, screen, station, stored
from tests.support.warehouse import Warehouse
from tui.kit.dialog import Dialog
from tui.station.dialogs import ProblemDialog
from tui.station.parts import ProblemsLane
from tui.station.screen import StationScreen

OLD = [f"OLD-{number:02}" for number in range(30)]
NEW = [f"OLD-{number:02}" for number in range(30, 90)]
SIZES = [(80, 24), (40, 16), (20, 8)]


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add(*OLD)
    return warehouse


def lane(pilot: Pilot[Any]) -> ProblemsLane:
    return screen(pilot).query_one(ProblemsLane)


def under_cursor(pilot: Pilot[Any]) -> tuple[str, int]:
    """The problem under the cursor, and on which row of the screen it stands."""
    chosen = lane(pilot).chosen
    assert chosen is not None
    row = next(number for number, line in enumerate(screen_text(pilot).splitlines()) if f"{chosen.shown} " in line[40:])
    return chosen.shown, row


async def begins_again(pilot: Pilot[Any]) -> None:
    """Throw the receipt away and begin another one."""
    await keys(pilot, "f12")
    await judged(pilot)
    await keys(pilot, "f12")
    await judged(pilot)
    assert not lane(pilot).lines
    await scans(pilot, "DOCK", "SAW-1")


async def test_nothing_moves_under_the_cursor_when_more_problems_come_and_f4_settles_the_one_it_opened(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        # The newest one is seen and under a cursor that nobody has moved.
        await scans(pilot, *OLD[:3])
        first = under_cursor(pilot)
        await scans(pilot, *OLD[3:20])
        assert (first[0], under_cursor(pilot)) == (OLD[2], (OLD[19], first[1]))

        for downs in (1, 7):
            await begins_again(pilot)
            await scans(pilot, *OLD[:8])
            await keys(pilot, *["down"] * downs)
            before = under_cursor(pilot)
            assert before[0] == OLD[7 - downs]
            await scans(pilot, *OLD[8:20], "SN\x1b[D-1")
            assert len(lane(pilot).lines) == 21, downs
            assert under_cursor(pilot) == before
            await keys(pilot, "f4")
            await until(pilot, lambda: isinstance(pilot.app.screen, ProblemDialog))
            await keys(pilot, "f8")
            await judged(pilot)
            assert under_cursor(pilot)[0] == OLD[6 - downs if downs < 7 else 1], "the next one comes into its place"
            await settles_dirty(pilot)

        # The problem that F4 opened is the one that is settled, whatever comes meanwhile.
        await begins_again(pilot)
        await scans(pilot, *OLD[:3])
        await keys(pilot, "down")
        await terminal_sends(pilot, gun(*OLD[3:6]) + "\x1bOS" + "\x1b[19~")  # F4, F8
        await judged(pilot)
        assert [line.shown for line in lane(pilot).lines] == [*OLD[5:1:-1], OLD[0]]


async def settles_dirty(pilot: Pilot[Any]) -> None:
    """Scan again what was dirty: it is in no draft and would stay when the receipt is thrown away."""
    await scans(pilot, "SN-1")
    assert not screen(pilot).queue.not_taken.lines


async def test_a_long_scan_moves_no_column_of_the_others_and_a_handheld_shows_what_it_can(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", *NEW[:3], NEW[1])
        await seen(pilot, "DUP")
        before = [line[:38] for line in screen_text(pilot).splitlines()[8:] if "OLD-" in line[:38]]
        await scans(pilot, "https://example.com/a-long-address")
        after = [line[:38] for line in screen_text(pilot).splitlines()[8:] if "OLD-" in line[:38]]
        assert after == before
        await seen(pilot, "https://example.com/a-long-a…  problem")

        # A handheld counts the problems that it cannot list, and cuts no serial in the verdict.
        await resized(pilot, 20, 8)
        await begins_again(pilot)
        await scans(pilot, "S-1", *OLD[:3])
        await seen(pilot, "p4", "PROBLEM", OLD[2])
        await scans(pilot, "5CG8341KA7AB-1")
        await seen(pilot, "PROBLEM", "5CG8341KA7AB-1")
        shown = [line.strip() for line in screen_text(pilot).splitlines()]
        assert shown[1:5] == ["PROBLEM", "5CG8341KA7AB-1", "has 14 characters", "where the other …"]


async def test_a_handheld_shows_which_draft_enter_continues_and_a_message_in_the_place_of_the_verdict(
    database: Any, warehouse: Warehouse
) -> None:
    for place in ("SHELF", "DOCK"):
        job, told = ScanStation(), list[Verdict]()
        job.scan(warehouse.boss, [Scan(place), Scan("SAW-1"), Scan("S-1")], told.append)
        job.leave(warehouse.boss)
    async with station(database, warehouse, size=(20, 8)) as pilot:
        await seen(pilot, "2 open receipts", "DOCK, ")
        await keys(pilot, "down")
        await seen(pilot, "SHELF, ")
        await keys(pilot, "enter")
        await until(pilot, lambda: screen(pilot).job.view.place is not None)
        place = screen(pilot).job.view.place
        assert place is not None
        assert place.code == "SHELF"

        # A message for which a handheld has no line stands in the place of the verdict.
        await resized(pilot, 40, 16)
        await terminal_sends(pilot, "SN\x1b[D-77\r")
        await judged(pilot)
        await keys(pilot, "f3")
        await seen(pilot, "F3 again forgets 1 scan that was not", "taken, SN-77. F4 settles it.")


async def test_keys_behind_scans_that_wait_come_behind_them(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await terminal_sends(pilot, gun("DOCK", "SAW-1", *NEW) + "\x1b[19~")  # F8
        await terminal_sends(pilot, gun("X-1", "X-2"))
        await terminal_sends(pilot, "\x1b[21~")  # F10
        await judged(pilot)
        await seen(pilot, "AGAIN?", "2 problems are waiting and will be left out: X-1, X-2.")
        await keys(pilot, "f12")
        await judged(pilot)
        await seen(pilot, "CANCEL once more throws the whole receipt away")
        await keys(pilot, "f10", "f10")
        await judged(pilot)
        await seen(pilot, "59 serials received", "2 problems left out: X-1, X-2.")
    assert set(NEW[:59]) < set(stored())


def fits(dialog: Dialog[Any]) -> None:
    """Every button stands whole on the screen."""
    width, height = dialog.size
    for button in dialog.query(Button):
        region = button.region
        assert region.right <= width, f"{button.label} ends at {region.right} of {width}"
        assert region.bottom <= height, f"{button.label} ends at {region.bottom} of {height}"
        assert region.width >= len(str(button.label)), f"{button.label} is cut to {region.width}"


async def test_every_answer_stands_whole_on_every_terminal(database: Any, warehouse: Warehouse) -> None:
    add_role(warehouse.boss, "a-role-with-a-long-name")
    add_user(warehouse.boss, "somebody-with-a-long-name", ["a-role-with-a-long-name"])
    told: list[Verdict] = []
    left = ScanStation(session="another-host/1/x")
    left.scan(warehouse.boss, [Scan(code) for code in ("DOCK", "SAW-1", "S-1")], told.append)

    async def looks(*pressed: str) -> None:
        await keys(pilot, *pressed)
        dialog = pilot.app.screen
        assert isinstance(dialog, Dialog)
        fits(dialog)
        dialog.say("A sentence that takes more than one line on a terminal of forty columns, or of twenty.")
        for size in SIZES:
            await resized(pilot, *size)
            fits(dialog)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))

    async with station(database, warehouse, size=SIZES[-1]) as pilot:
        await looks("enter")
        await looks("f4")
        await looks("f4", "f8")
        await looks("f4", "f4")
        await looks("f1")
        await scans(pilot, "DOCK", "SAW-1", "S-1", OLD[0])
        await looks("f4")
        await looks("f6")
        await looks("f7")
        await looks("f1")


async def test_scans_behind_the_enter_that_opens_a_draft_wait_for_a_busy_database_and_go_into_it(
    database: Any, warehouse: Warehouse
) -> None:
    job, told = ScanStation(), list[Verdict]()
    job.scan(warehouse.boss, [Scan("DOCK"), Scan("SAW-1"), Scan(NEW[0])], told.append)
    job.leave(warehouse.boss)
    async with station(database, warehouse) as pilot:
        await seen(pilot, "1 open receipt")
        loop = asyncio.get_running_loop()
        held, free = asyncio.Event(), asyncio.Event()

        def hold() -> None:
            connect(database)
            with database.atomic():
                bound.execute_sql("UPDATE drafts SET note = note")
                loop.call_soon_threadsafe(held.set)
                asyncio.run_coroutine_threadsafe(free.wait(), loop).result(30)
            disconnect(database)

        holding = loop.run_in_executor(None, hold)
        await held.wait()
        await burst(pilot.app, "\r")
        await seen(pilot, "What is scanned meanwhile is taken afterwards.")
        await burst(pilot.app, gun(NEW[1], NEW[2]))
        free.set()
        await holding
        await at_rest(pilot)
        await judged(pilot)
        assert screen(pilot).job.view.draft_id == 1
        assert screen(pilot).job.view.count == 3

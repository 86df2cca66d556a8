"""Scans and line ends that come while a station asks something: a scan answers nothing and is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from models.errors import Busy
from models.permissions import Permission
from models.schema import Draft
from models.serials.judging import Scan, Verdict
from models.station import drafts
from models.station.engine import ScanStation
from tests.support.app import keys, screen_text, seen, terminal_sends
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tests.support.station import SERIALS, gun, judged, scans, screen, station
from tests.support.warehouse import Warehouse, person
from tui.kit.choose import ChooseDialog
from tui.kit.dialog import ConfirmDialog
from tui.kit.help import ActionsDialog, HelpDialog
from tui.station.dialogs import DraftDialog, ProblemDialog
from tui.station.lines import StationLinesScreen
from tui.station.parts import Tape
from tui.station.screen import StationScreen

ELSEWHERE = "another-host/1/x"
"""A session that may live, as far as anybody here can know."""


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    person(warehouse.boss, "clerk2", Permission.MANAGE_SERIALS, Permission.VIEW)
    return warehouse


def left_open(warehouse: Warehouse, *, elsewhere: bool = False) -> int:
    """A draft of S-1 at DOCK; its id."""
    told: list[Verdict] = []
    job = ScanStation(session=ELSEWHERE)
    job.scan(warehouse.boss, [Scan(code) for code in ("DOCK", "SAW-1", "S-1")], told.append)
    draft_id = job.view.draft_id
    if not elsewhere:
        job.leave(warehouse.boss)
    assert draft_id is not None
    return draft_id


async def dialog(pilot: Pilot[Any], kind: type[Any]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), f"no {kind.__name__}")


def is_untouched(draft_id: int) -> bool:
    """Whether a draft is as it was left: open, nobody's, with one line."""
    (row,) = [row for row in drafts.open_drafts() if row.id == draft_id]
    return (row.good, row.session, row.login) in ((1, None, "boss"), (1, ELSEWHERE, "boss"))


# ----- an Enter that nobody pressed


async def cancelled(pilot: Pilot[Any]) -> None:
    """Throw away what was scanned here, and open the station again, which offers the draft that was left."""
    await keys(pilot, "f12")
    await judged(pilot)
    await keys(pilot, "f12")
    await judged(pilot)
    await keys(pilot, "f3", "f7")
    await seen(pilot, "1 open receipt")


async def test_an_end_that_nobody_pressed_continues_nobodys_draft_and_an_enter_by_hand_does(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_open(warehouse)
    async with station(database, warehouse) as pilot:
        for number, stray in enumerate(("\r", "\r\n", "   \r")):
            await seen(pilot, "1 open receipt")
            await scans(pilot, f"{stray}SHELF", "SAW-1", f"S-2{number}")
            assert is_untouched(left), repr(stray)
            assert screen(pilot).job.view.draft_id not in (None, left)
            await seen(pilot, "Receive at SHELF", "OK", f"S-2{number}")
            await scans(pilot, "XXSDDONE")
            await keys(pilot, "f3", "f7")

        # The end comes some milliseconds before the scan.
        with monkeypatch.context() as patched:
            patched.setattr("tui.scanning.screens.LONE_ENTER_WAIT", 1.0)  # enough on a busy machine too
            await seen(pilot, "1 open receipt")
            sending = asyncio.ensure_future(terminal_sends(pilot, "\r"))
            await asyncio.sleep(0.03)
            await scans(pilot, "SHELF", "SAW-1", "S-3")
            await sending
            assert is_untouched(left)
            assert screen(pilot).job.view.count == 1
        await cancelled(pilot)

        await enter_while_a_scan_is_on_its_way(pilot, left, monkeypatch)
        await cancelled(pilot)

        # What is typed behind an Enter by hand waits for what it does.
        await terminal_sends(pilot, "\r\x1b[21~")  # F10
        await seen(pilot, "1 serial received")
        assert Draft.get_by_id(left).state == "done"


async def enter_while_a_scan_is_on_its_way(pilot: Pilot[Any], left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, failures = ScanStation.scan, [None]

    def busy(*args: Any) -> None:
        if failures:
            failures.pop()
            raise Busy("Others hold the database. Nothing was written.")
        scan(*args)

    with monkeypatch.context() as patched:
        patched.setattr(ScanStation, "scan", busy)
        await terminal_sends(pilot, gun("SHELF"))
        await seen(pilot, "1 scan waits here")
        await keys(pilot, "enter")
        await seen(pilot, "A scan has begun a new receipt here. F3 leaves it; then F7 offers both.")
        await judged(pilot)
        assert is_untouched(left)
        assert screen(pilot).job.view.draft_id not in (None, left)


# ----- a burst while something is asked


async def opens_draft(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f4")
    await dialog(pilot, DraftDialog)


async def opens_discard(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f4", "f8")
    await dialog(pilot, ConfirmDialog)


async def opens_hand_over(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f4", "f4")
    await dialog(pilot, ChooseDialog)


async def opens_take_over(pilot: Pilot[Any]) -> None:
    await keys(pilot, "enter")
    await dialog(pilot, ConfirmDialog)


async def opens_menu(pilot: Pilot[Any]) -> None:
    await keys(pilot, "ctrl+g")
    await dialog(pilot, ActionsDialog)


async def opens_help(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f1")
    await dialog(pilot, HelpDialog)


ASKED = [opens_draft, opens_discard, opens_hand_over, opens_take_over, opens_menu, opens_help]


async def burst_answers_nothing(pilot: Pilot[Any], left: int, asks: Any, stray: str) -> None:
    await asks(pilot)
    await keys(pilot, *(["right"] if stray == "\x1b[C" else []))
    await scans(pilot, f"{stray.removeprefix(chr(27) + '[C')}SHELF", "SAW-1", *SERIALS[:8], SERIALS[3])
    assert isinstance(pilot.app.screen, StationScreen), (asks, stray)
    assert is_untouched(left), (asks, stray)
    assert screen(pilot).query_one(Tape).texts[1:] == [*reversed(SERIALS[:8]), "SAW-1", "SHELF"], (asks, stray)
    await seen(pilot, "DUP", "line 4")
    await cancelled(pilot)


async def paste_answers_nothing(pilot: Pilot[Any], left: int, asks: Any) -> None:
    """Nor does a dirty scan."""
    if asks is opens_draft:
        await asks(pilot)
        await terminal_sends(pilot, "SN\x1b[D-77\r")
        await judged(pilot)
        await seen(pilot, "PROBLEM", "SN-77", "The scan contained control keys", "Problems 1")
        assert is_untouched(left)
        await keys(pilot, "f4", "f8")
    await asks(pilot)
    await terminal_sends(pilot, "\x1b[200~SHELF\rSAW-1\rS-2\rS-3\x1b[201~")
    await judged(pilot)
    assert is_untouched(left), asks
    await terminal_sends(pilot, "\r")
    await judged(pilot)
    assert screen(pilot).query_one(Tape).texts[:4] == ["S-3", "S-2", "SAW-1", "SHELF"], asks
    await cancelled(pilot)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["left", "open elsewhere"])
async def test_a_burst_a_paste_and_a_dirty_scan_answer_no_question_and_arrive_whole_and_in_order(
    database: Any, warehouse: Warehouse, elsewhere: bool
) -> None:
    left = left_open(warehouse, elsewhere=elsewhere)
    async with station(database, warehouse) as pilot:
        await seen(pilot, "1 open receipt")
        for asks in ASKED:
            if (asks is opens_take_over) is not elsewhere:
                continue
            await burst_answers_nothing(pilot, left, asks, "\r")
            if asks in (opens_draft, opens_discard, opens_take_over):
                await burst_answers_nothing(pilot, left, asks, "\x1b[C")
            await paste_answers_nothing(pilot, left, asks)


async def test_enter_by_hand_answers(database: Any, warehouse: Warehouse) -> None:
    left_open(warehouse)
    async with station(database, warehouse) as pilot:

        async def answers(asks: Any, pressed: Sequence[str], then: str) -> None:
            await asks(pilot)
            await keys(pilot, *(key for one in pressed for key in (one, "wait:120")))
            await seen(pilot, then)

        async def another_draft(*, elsewhere: bool = False) -> None:
            """Leave another draft, which is the first of those that are offered."""
            await keys(pilot, "f3")
            left_open(warehouse, elsewhere=elsewhere)
            await keys(pilot, "f7")
            await seen(pilot, "open receipt")

        await seen(pilot, "1 open receipt")
        await answers(opens_help, ["enter"], "1 open receipt")
        await answers(opens_discard, ["enter"], "1 open receipt")
        await answers(opens_menu, [*"menu", "enter"], "Nothing here does that")
        await keys(pilot, "f3")
        await answers(opens_menu, [*"out", "down", "enter"], "Nothing to undo")
        await answers(opens_discard, ["right", "wait:60", "enter"], "The draft was discarded")
        await another_draft()
        await answers(opens_hand_over, [*"clerk1", "wait:60", "enter"], "The draft is clerk1's now")
        await another_draft()
        await answers(opens_hand_over, [*"clerk", "down", "enter"], "The draft is clerk2's now")
        await another_draft()
        await answers(opens_draft, ["enter"], "Receive at DOCK")
        await another_draft(elsewhere=True)
        await answers(opens_take_over, ["right", "wait:60", "enter"], "Receive at DOCK")


async def test_a_stray_end_over_the_lines_takes_none_out(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1", "S-2")
        await keys(pilot, "f2")
        await dialog(pilot, StationLinesScreen)
        await seen(pilot, "2 lines")
        await scans(pilot, "\rS-3", "S-4")
        assert pilot.app.screen is screen(pilot)
        assert screen(pilot).job.view.count == 4
        await keys(pilot, "f2")
        await dialog(pilot, StationLinesScreen)
        await seen(pilot, "4 lines")
        await keys(pilot, "enter")
        await seen(pilot, "S-4 was taken out")


async def test_a_scan_that_stalls_in_the_middle_is_not_cut_by_a_dialog(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.scanning.listener.PAUSE", LIMIT)  # the stall is shorter, also on a busy machine
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await keys(pilot, "f2")
        await dialog(pilot, StationLinesScreen)
        await terminal_sends(pilot, "5CG83")
        await keys(pilot, "wait:300")
        await scans(pilot, "00001")
        assert screen(pilot).query_one(Tape).texts[0] == "5CG8300001"


async def test_enter_on_an_unchanged_problem_scans_nothing(database: Any, warehouse: Warehouse) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", *SERIALS[:10], "LONGER-THAN-OTHERS")
        await seen(pilot, "Problems 1")
        await keys(pilot, "f4")
        await dialog(pilot, ProblemDialog)
        await keys(pilot, "enter")
        await seen(pilot, "That is what was scanned")
        await scans(pilot, "\r" + SERIALS[10], SERIALS[11])
        view = screen(pilot).job.view
        assert (view.count, view.problems) == (12, 1), screen_text(pilot)


async def test_a_letter_added_to_a_problem_corrects_it(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("SN-1", "SN-2")
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "SN-1")
        await keys(pilot, "f4")
        await dialog(pilot, ProblemDialog)
        await keys(pilot, "end", "9", "enter")
        await judged(pilot)
        await seen(pilot, "OK", "SN-19", "No problems")

"""Many serials in one go, from Add Serial and at the station: looked at before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from models.schema import Serial
from models.tasks.many import Stop
from tests.support.adding import PASTE, adding
from tests.support.app import at_rest, keys, opened, seen, terminal_sends
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, open_warehouse
from tui.dialogs.add_serial import AddSerialDialog
from tui.dialogs.many import ManyDialog
from tui.dialogs.progress import ProgressLine
from tui.screens.station import StationScreen


@pytest.fixture
def warehouse(database: Any) -> Warehouse:
    return open_warehouse()


def stored() -> list[str]:
    return [serial.serial_number for serial in Serial.select().order_by(Serial.id)]


def summary(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#summary", Static).render())


async def idle(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: not [w for w in pilot.app.workers if w.group == "many" and not w.is_finished])
    await at_rest(pilot)


async def many(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f6")
    await until(pilot, lambda: isinstance(pilot.app.screen, ManyDialog))


async def test_a_range_is_shown_before_it_is_added_and_no_quantity_changes(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("A0100")
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *"A0098..A0103")
        assert summary(pilot) == "A0098 to A0103, 6 serials, numbers of 4 digits"
        await keys(pilot, "f10")
        await seen(
            pilot, "5 new of 6", "Already here: 1", "A0100 of SAW-1 is already here", "F10 takes 5. 1 are left out"
        )
        assert stored() == ["A0100"]
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        await seen(pilot, "5 added, In Stock at MAIN. No quantity changed.")
        await keys(pilot, "f3")
        await seen(pilot, "A0098", "A0103", "10 on hand · 6 serials")
    assert stored() == ["A0100", "A0098", "A0099", "A0101", "A0102", "A0103"]
    assert warehouse.quantities() == {"MAIN": 10}


async def test_a_first_one_and_a_count(database: Any, warehouse: Warehouse) -> None:
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, "tab", *"B098", "tab", *"3")
        assert summary(pilot) == "B098 to B100, 3 serials, numbers of 3 digits"
        await keys(pilot, "f10", "f10")
        await seen(pilot, "3 added")
    assert stored() == ["B098", "B099", "B100"]


async def test_a_paste_of_thirty_lines_is_thirty_serials_and_a_hyphen_no_range(
    database: Any, warehouse: Warehouse
) -> None:
    lines = [f"AF5-{number}H" for number in range(30)]
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await terminal_sends(pilot, PASTE.format("\n".join(lines)))
        assert summary(pilot) == "AF5-0H to AF5-29H, 30 serials in 30 entries"
        await keys(pilot, "f10", "f10")
        await seen(pilot, "30 added")
    assert stored() == lines


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("A5..A1", "A5..A1 falls"),
        ("A1..B3", "only the last number may differ"),
        ("A1..A3,A2..A5", "A2 is in A2..A5 and in A1..A3"),
        ("", "Nothing was entered"),
    ],
)
async def test_what_is_no_range_is_told_and_what_was_typed_stays(
    database: Any, warehouse: Warehouse, entry: str, said: str
) -> None:
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *entry, "f10")
        await idle(pilot)
        await seen(pilot, said)
        await seen(pilot, entry)
        assert isinstance(pilot.app.screen, ManyDialog)
    assert stored() == []


async def test_a_change_after_the_preview_asks_for_another_preview(database: Any, warehouse: Warehouse) -> None:
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *"A1..A3", "f10")
        await seen(pilot, "F10 takes 3")
        await keys(pilot, *"0", "f10")
        await seen(pilot, "30 new of 30")
        assert stored() == []


async def test_long_work_is_shown_and_stopped_and_leaves_nothing(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    note = Stop.__call__

    def slow(self: Stop, done: int, total: int) -> None:
        import time

        told.append((done, total))
        time.sleep(0.3)
        note(self, done, total)

    monkeypatch.setattr(Stop, "__call__", slow)
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *"A00001..A20000")
        await pilot.press("f10")
        await until(pilot, lambda: "of 20,000" in str(pilot.app.screen.query_one(ProgressLine).render()))
        await pilot.press("f12")
        await seen(pilot, "It was stopped. Nothing was written.")
        assert isinstance(pilot.app.screen, ManyDialog)
        assert len(told) < 9
        await pilot.press("f12")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
    assert stored() == []


async def test_at_the_station_a_range_becomes_lines_of_the_draft(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("A3")
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await keys(pilot, "f6")
        await seen(pilot, "Scan the item first")
        await terminal_sends(pilot, "DOCK\rSAW-1\rA2\r")
        await seen(pilot, "OK", "A2")
        await many(pilot)
        await keys(pilot, *"A1..A5", "f10")
        await seen(pilot, "3 new of 5", "Already here: 2")
        await keys(pilot, "f10")
        await seen(pilot, "3 taken.", "4 scanned")
        await keys(pilot, "f10")
        await seen(pilot, "4 serials received")
    assert sorted(stored()) == ["A1", "A2", "A3", "A4", "A5"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [(20, 8), (40, 16), (120, 40)])
async def test_the_dialog_works_at_every_size(database: Any, warehouse: Warehouse, size: tuple[int, int]) -> None:
    async with adding(database, warehouse, size=size) as pilot:
        await many(pilot)
        await keys(pilot, *"A1..A3", "f10")
        await idle(pilot)
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
    assert stored() == ["A1", "A2", "A3"]

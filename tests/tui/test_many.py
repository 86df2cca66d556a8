"""Many serials in one go, from Add Serial and at the station: looked at before anything is written."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from models.errors import Stop
from models.items.items import create_item
from models.schema import Serial
from models.serials import ranges
from models.serials.judging import Scan
from models.station import preview as preview_module
from tests.support.adding import PASTE, adding, adding_over_the_grid
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.limits import LIMIT
from tests.support.record_app import shows, until
from tests.support.station import F10, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.kit.dialog import ProgressLine
from tui.kit.pager import MORE_BELOW
from tui.records.many import ManyDialog
from tui.scanning.areas import PlainArea
from tui.serials.add import AddSerialDialog
from tui.station.screen import StationScreen


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


class Slow:
    """Holds up a look at the serials until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.looks = 0
        look = preview_module.preview

        def slow(*args: Any, **options: Any) -> Any:
            self.looks += 1
            self.go_on.wait(LIMIT)
            return look(*args, **options)

        monkeypatch.setattr("tui.serials.add.preview", slow)


async def left(pilot: Pilot[Any]) -> None:
    """Leave the dialog, which may ask about what was entered."""
    while isinstance(pilot.app.screen, ManyDialog):
        await keys(pilot, "f3")
    await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog), "the dialog was not left")


async def test_ranges_counts_and_pastes_are_shown_before_they_are_added_and_no_quantity_changes(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("A0100")
    async with adding_over_the_grid(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *"A0098..A0103")
        assert summary(pilot) == "A0098 to A0103, 6 serials, numbers of 4 digits"
        await keys(pilot, "f10")
        await seen(
            pilot, "5 new of 6", "Already here: 1", "A0100 of SAW-1 is already here", "F10 takes 5. 1 is left out"
        )
        assert stored() == ["A0100"]
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        await seen(pilot, "5 added, In Stock at MAIN. No quantity changed.")
        await keys(pilot, "f3")
        await seen(pilot, "A0098", "A0103", "10 on hand · 6 serials")
        assert stored() == ["A0100", "A0098", "A0099", "A0101", "A0102", "A0103"]

        # A first one and a count.
        await keys(pilot, "f6")
        await many(pilot)
        await keys(pilot, "tab", *"B098", "tab", *"3")
        assert summary(pilot) == "B098 to B100, 3 serials, numbers of 3 digits"
        await keys(pilot, "f10", "f10")
        await seen(pilot, "3 added")
        assert stored()[6:] == ["B098", "B099", "B100"]

        # Thirty lines of a paste; a hyphen is no range.
        lines = [f"AF5-{number}H" for number in range(30)]
        await many(pilot)
        await terminal_sends(pilot, PASTE.format("\n".join(lines)))
        assert summary(pilot) == "AF5-0H to AF5-29H, 30 serials in 30 entries"
        await keys(pilot, "f10", "f10")
        await seen(pilot, "30 added")
        assert stored()[9:] == lines

        # The same serial in two ranges is taken once.
        await many(pilot)
        await keys(pilot, *"C1..C3,C2..C5", "f10")
        await seen(pilot, "5 new of 7", "Given twice: 2", "C2 is taken once", "2 are left out")
        await keys(pilot, "f10")
        await seen(pilot, "5 added")
    assert stored()[39:] == ["C1", "C2", "C3", "C4", "C5"]
    assert warehouse.quantities() == {"MAIN": 10}


async def test_what_is_no_range_and_no_count_is_told_and_a_change_asks_for_another_preview(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        for entry, said in (
            ("", "Nothing was entered"),
            ("A5..A1", "A5..A1 falls"),
            ("A1..B3", "only the last number may differ"),
        ):
            pilot.app.screen.query_one("#entry", PlainArea).text = ""
            await keys(pilot, *entry, "f10")
            await idle(pilot)
            await seen(pilot, said, entry)
            assert isinstance(pilot.app.screen, ManyDialog), entry
        pilot.app.screen.query_one("#entry", PlainArea).text = ""
        pilot.app.screen.query_one("#first").focus()
        await keys(pilot, *"B098", "tab")
        for typed, said in (
            ("+", "+ is no count"),
            ("-", "- is no count"),
            ("0", "1 to 100,000, not 0"),
            ("", "1 new"),
        ):
            await keys(pilot, "ctrl+u", *typed, "f10")
            await idle(pilot)
            await seen(pilot, said)
        assert stored() == []
        await left(pilot)

        # A change after the preview asks for another one.
        await many(pilot)
        await keys(pilot, *"A1..A3", "f10")
        await seen(pilot, "F10 takes 3")
        await keys(pilot, "f3", *"0", "f10")
        await seen(pilot, "30 new of 30")
        assert stored() == []
        await left(pilot)

        await keys_in_one_burst_take_nothing_that_was_not_shown(pilot, monkeypatch)
        assert stored() == []
        await left(pilot)
        await typing_during_a_look_makes_it_void(pilot, monkeypatch)
    assert len(stored()) == 30


async def keys_in_one_burst_take_nothing_that_was_not_shown(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        slow = Slow(patched)
        await many(pilot)
        await keys(pilot, *"A1..A3")
        await terminal_sends(pilot, F10 + "0" + F10 + F10)
        slow.go_on.set()
        await idle(pilot)
        await seen(pilot, "30 new of 30", "F10 takes 30")


async def typing_during_a_look_makes_it_void(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        slow = Slow(patched)
        await many(pilot)
        await keys(pilot, *"A1..A3")
        await pilot.press("f10")
        await until(pilot, lambda: slow.looks == 1)
        await pilot.press("0")
        slow.go_on.set()
        await idle(pilot)
        await seen(pilot, "A1 to A30, 30 serials")
        assert not shows(pilot.app, "new of")
        await keys(pilot, "f10")
        await idle(pilot)
        await seen(pilot, "30 new of 30", "F10 takes 30")
        assert stored() == []
        await keys(pilot, "f10")
        await seen(pilot, "30 added")


async def test_at_every_size_it_works_and_every_serial_that_is_left_out_can_be_read_by_name(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with adding(database, warehouse, size=(20, 8)) as pilot:
        for size, entry in (((20, 8), "A1..A2"), ((40, 16), "A3..A4"), ((120, 40), "A5..A6")):
            await resized(pilot, *size)
            await many(pilot)
            await keys(pilot, *entry, "f10")
            await idle(pilot)
            await keys(pilot, "f10")
            await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        assert stored() == ["A1", "A2", "A3", "A4", "A5", "A6"]

        warehouse.add(*(f"A{number:03}" for number in range(40)))
        for size in ((20, 8), (80, 24)):
            await resized(pilot, *size)
            await left_out_can_be_read_by_name(pilot)
        await a_long_list_is_read_in_the_database_thread(pilot, monkeypatch)


async def left_out_can_be_read_by_name(pilot: Pilot[Any]) -> None:
    await many(pilot)
    await terminal_sends(pilot, PASTE.format("A000..A040\n---"))
    await keys(pilot, "f10")
    await idle(pilot)
    await seen(pilot, "1 new of 42")
    box = pilot.app.screen.query_one(".box").region
    told = screen_text(pilot)
    while MORE_BELOW in screen_text(pilot):
        await keys(pilot, "pagedown")
        told += screen_text(pilot)
    assert all(f"A{number:03}" in told for number in range(40))
    await keys(pilot, "end")
    await seen(pilot, "number.")
    assert pilot.app.screen.query_one(".box").region == box
    await keys(pilot, "home")
    await seen(pilot, "1 new of 42")
    await keys(pilot, "f3")
    assert pilot.app.screen.focused is pilot.app.screen.query_one("#entry")
    assert isinstance(pilot.app.screen, ManyDialog)
    await keys(pilot, "f3", "f3")  # the first one asks about what was entered
    await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))


async def a_long_list_is_read_in_the_database_thread(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[str] = []
    parse = ranges.parse

    def noted(text: str, **options: Any) -> Any:
        if len(text) > 100_000:
            where.append(threading.current_thread().name)
        return parse(text, **options)

    monkeypatch.setattr(ranges, "parse", noted)
    await many(pilot)
    await terminal_sends(pilot, PASTE.format("\n".join(f"L{number:05}" for number in range(20_000))))
    assert summary(pilot) == "F10 counts and checks them."
    assert not pilot.app.screen.query_one("#entry", PlainArea).soft_wrap
    await keys(pilot, "f10")
    await idle(pilot)
    await seen(pilot, "20,000 new of 20,000", "L00000 to L19999, 20,000 serials in 20,000 entries")
    assert set(where) == {"database"}


@BOTH_ENGINES
async def test_long_work_is_shown_and_stopped_and_leaves_nothing(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Stop] = []
    go_on = threading.Event()
    note = Stop.__call__

    def held(self: Stop, done: int, total: int) -> None:
        told.append(self)
        assert len(told) == 1 or go_on.wait(LIMIT)
        note(self, done, total)

    monkeypatch.setattr(Stop, "__call__", held)
    async with adding(database, warehouse) as pilot:
        await many(pilot)
        await keys(pilot, *"A00001..A20000")
        await pilot.press("f10")
        await until(pilot, lambda: "of 20,000" in str(pilot.app.screen.query_one(ProgressLine).render()))
        await until(pilot, lambda: len(told) == 2)
        await pilot.press("f12")
        await until(pilot, lambda: told[1].wanted)
        go_on.set()
        await seen(pilot, "It was stopped. Nothing was written.")
        assert isinstance(pilot.app.screen, ManyDialog)
        assert len(told) == 2, "the work went on behind the step at which it was stopped"
        await keys(pilot, "f12", "f12")  # the first one asks about what was entered
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
    assert stored() == []


@BOTH_ENGINES
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


async def test_serials_that_were_looked_at_for_one_item_are_never_taken_for_another(
    database: Any, warehouse: Warehouse
) -> None:
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "A1")
        await many(pilot)
        await keys(pilot, *"B1..B3", "f10")
        await seen(pilot, "F10 takes 3")
        job = screen(pilot).job
        await pilot.app.db.run(job.scan, warehouse.boss, [Scan("DRILL")], lambda verdict: None)  # type: ignore[attr-defined]
        await keys(pilot, "f10")
        await idle(pilot)
        await seen(pilot, "The item is DRILL now, no longer SAW-1. Nothing was taken.")
        assert job.view.total == 1

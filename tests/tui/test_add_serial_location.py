"""Add Serial at a location that is not there: what was scanned is kept, and the focus stays."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from models.serials.record import find_serial, serial_detail
from tests.support.adding import SCANS, adding, intake, serial_field
from tests.support.app import at_rest, keys, screen_text, seen, terminal_sends, types
from tests.support.record_app import until
from tests.support.serials import stored, told
from tests.support.warehouse import Warehouse
from tui.records.location_field import LocationField


async def test_a_location_that_is_not_there_is_told_and_what_was_typed_stays(
    database: Any, warehouse: Warehouse
) -> None:
    async with adding(database, warehouse) as pilot:
        await keys(pilot, "tab", "end", *"X", "tab", *"note", "shift+tab", "shift+tab", *"SN-1", "enter")
        await seen(pilot, "There is no location MAINX. F4 lists them all.")
        assert pilot.app.focused is serial_field(pilot)
        assert serial_field(pilot).value == "SN-1"
        await seen(pilot, "note")
        assert stored(warehouse) == []
        await keys(pilot, "f4", *"DOCK", "enter")
        await until(pilot, lambda: "There is no location" not in screen_text(pilot), "the refusal stays")
        assert serial_field(pilot).value == "SN-1"
        await keys(pilot, "enter")
        await seen(pilot, "+ SN-1 added, In Stock at DOCK")
    assert serial_detail(find_serial("SN-1", "SAW-1")).condition_notes == "note"


def to_a_wrong_location(pilot: Pilot[Any]) -> None:
    pilot.app.screen.query_one(LocationField).code = "MAINX"


def accounted(pilot: Pilot[Any], warehouse: Warehouse) -> list[str]:
    """Everything scanned, in order of its text: added, listed, or back in the field."""
    listed = [verdict.wanted.serial for verdict in intake(pilot).problems]
    return sorted([*stored(warehouse), *listed, *filter(None, [serial_field(pilot).value])])


@pytest.mark.parametrize("end", ["\r", "\t"], ids=["CR", "TAB"])
async def test_short_codes_in_a_burst_behind_a_wrong_location_are_listed_and_f5_adds_them_at_the_right_one(
    database: Any, warehouse: Warehouse, end: str
) -> None:
    codes = [f"A{number:02}" for number in range(31)]
    async with adding(database, warehouse) as pilot:
        to_a_wrong_location(pilot)
        await terminal_sends(pilot, "".join(f"{code}{end}" for code in codes))
        await until(pilot, lambda: not intake(pilot).waiting)
        await told(pilot, "There is no location MAINX. F4 lists them all.")
        assert pilot.app.focused is serial_field(pilot)
        assert pilot.app.screen.query_one(LocationField).code == "MAINX"
        assert accounted(pilot, warehouse) == codes
        assert stored(warehouse) == []
        await keys(pilot, "f4", *"DOCK", "enter", "f5")
        await until(pilot, lambda: not intake(pilot).problems, "not all were tried again")
        if serial_field(pilot).value:
            await keys(pilot, "enter")
        await seen(pilot, "31 added")
        assert sorted(stored(warehouse)) == codes
        assert accounted(pilot, warehouse) == codes
    assert serial_detail(find_serial("A30", "SAW-1")).location == "DOCK"


async def test_a_serial_that_came_back_for_its_location_is_listed_when_a_burst_of_others_takes_its_place(
    database: Any, warehouse: Warehouse
) -> None:
    codes = [f"B{number:02}" for number in range(30)]
    async with adding(database, warehouse) as pilot:
        to_a_wrong_location(pilot)
        await keys(pilot, "tab", "tab", *"dented", "shift+tab", "shift+tab", *"A1", "enter")
        await told(pilot, "There is no location MAINX.")
        assert serial_field(pilot).value == "A1"
        await terminal_sends(pilot, "".join(f"{code}\r" for code in codes))
        await until(pilot, lambda: not intake(pilot).waiting)
        await seen(pilot, " not")
        assert pilot.app.screen.query_one(LocationField).code == "MAINX"
        assert accounted(pilot, warehouse) == ["A1", *codes]
        assert [one.wanted.notes for one in intake(pilot).problems if one.wanted.notes] == ["dented"]
        assert "A1" in [one.wanted.serial for one in intake(pilot).problems if one.wanted.notes]


async def test_a_trigger_pulled_twice_on_a_wrong_location_leaves_the_serial_in_the_field_or_on_the_list(
    database: Any, warehouse: Warehouse
) -> None:
    async with adding(database, warehouse) as pilot:
        to_a_wrong_location(pilot)
        await terminal_sends(pilot, "A1\r")
        await until(pilot, lambda: accounted(pilot, warehouse) == ["A1"])
        await terminal_sends(pilot, "A1\r")
        await until(pilot, lambda: not intake(pilot).waiting)
        assert set(accounted(pilot, warehouse)) == {"A1"}


@pytest.mark.parametrize("end", ["\r\n", "\t"], ids=["CRLF", "TAB"])
async def test_a_wrong_location_is_told_as_soon_as_it_is_typed_and_a_right_one_is_taken_quietly(
    database: Any, warehouse: Warehouse, end: str
) -> None:
    async with adding(database, warehouse, size=(40, 16)) as pilot:
        await keys(pilot, "tab", "ctrl+u")
        await types(pilot, "NOWHERE-1\r")
        await seen(pilot, "There is no location NOWHERE-1.")
        assert pilot.app.focused is serial_field(pilot)
        await keys(pilot, "tab", "ctrl+u")
        await terminal_sends(pilot, f"MAIN{end}")
        await at_rest(pilot)
        assert "There is no" not in screen_text(pilot)
        assert pilot.app.focused is serial_field(pilot)
        await keys(pilot, "tab", "ctrl+u")
        await types(pilot, "NOWHERE-1\r")
        await terminal_sends(pilot, f"{SCANS[0]}{end}{SCANS[1]}{end}")
        await seen(pilot, "2 not", f"✗ {SCANS[0]}", f"✗ {SCANS[1]}", "F5 tries")
        assert stored(warehouse) == []


async def test_enter_in_the_empty_field_says_again_what_waits(database: Any, warehouse: Warehouse) -> None:
    async with adding(database, warehouse) as pilot:
        await terminal_sends(pilot, f"{SCANS[0]}\r{SCANS[1]}\r{SCANS[0]}\r")
        await told(pilot, "F4 opens it.")
        await keys(pilot, "enter")
        await told(pilot, f"{SCANS[0]} of SAW-1 is already here", "F4 opens it.")
        await keys(pilot, "f8", "enter")
        await told(pilot, "There is no serial number.")

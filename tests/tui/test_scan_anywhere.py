"""A scan on any screen opens what it names: an item, a place, a serial."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from models.items.items import create_item, save_item
from models.locations import create_location
from models.serials.add import add_serial
from tests.support.app import at_rest, keys, opened, screen_text, seen, terminal_sends
from tests.support.burst import AT_ONCE
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import until
from tests.support.serials import serials_tab
from tests.support.warehouse import Warehouse
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.kit.choose import ChooseDialog
from tui.kit.form import NotesArea
from tui.locations.place import PlaceScreen
from tui.scanning import bursts
from tui.serials.detail import SerialScreen

GTIN = "09506000134352"
HOUR = 3600
"""Seconds in which nobody has seen what a scan opened; no machine is so slow."""


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("SN-000001", "SN-000002")
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    return warehouse


@BOTH_ENGINES
async def test_a_place_shows_what_stands_in_the_places_inside_it_too(database: Any, warehouse: Warehouse) -> None:
    create_location(warehouse.boss, "HALL")
    create_location(warehouse.boss, "HALL-1", parent="HALL")
    create_item(warehouse.boss, "BIT-9", "Bits", location="HALL-1", on_hand=7)
    warehouse.add("SN-9", location="HALL")
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "HALL\r")
        await seen(pilot, "HALL-1", "BIT-9", "7", "SAW-1")
        await keys(pilot, "down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await seen(pilot, "BIT-9")


async def opens(pilot: Pilot[Any], scan: str, kind: type[Screen[Any]]) -> None:
    """Scan something, and wait for the kind of screen that it opens."""
    await terminal_sends(pilot, scan)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), f"{scan!r} did not open a {kind.__name__}")


async def back_at_the_list(pilot: Pilot[Any], *pressed: str) -> None:
    await keys(pilot, *pressed)
    assert isinstance(pilot.app.screen, ItemsScreen), f"{pressed} did not lead back"


async def test_a_scan_opens_what_it_names_from_the_list_of_items_and_from_every_record(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await opens(pilot, "SN-000002\r\n", SerialScreen)
        await seen(pilot, "SN-000002", "In Stock")
        await back_at_the_list(pilot, "f3")
        await opens(pilot, "MAIN\t", PlaceScreen)
        await seen(pilot, "Location MAIN", "SAW-1", "10")
        await back_at_the_list(pilot, "f3")

        # No field has the focus on these.
        await opens(pilot, "SN-000001\r", SerialScreen)
        await terminal_sends(pilot, "SN-000002\r\n")
        await seen(pilot, "SN-000002")
        await opens(pilot, "MAIN\t", PlaceScreen)
        await opens(pilot, f"{GTIN}\n", ItemScreen)
        await seen(pilot, "SAW-1", "Circular saw")

        # Behind a scanned item no code, however short, goes into a field.
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1", "Circular saw")
        assert "unsaved" not in screen_text(pilot)
        await opens(pilot, "MAIN\r", PlaceScreen)
        await opens(pilot, f"{GTIN}\r", ItemScreen)
        await keys(pilot, "tab", "x")
        await seen(pilot, "Circular sawx", "unsaved")


async def test_a_scan_of_nothing_known_or_one_that_cannot_be_read_is_told_and_changes_nothing(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await opens(pilot, "SN-000001\r", SerialScreen)
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1")
        await terminal_sends(pilot, "XXSDDONE\r")
        await seen(pilot, "DONE is for a station")
        await terminal_sends(pilot, "]C1010950600013435321A\r")
        await seen(pilot, "check digit")
        assert isinstance(pilot.app.screen, SerialScreen)

        await terminal_sends(pilot, "SN-0\x1bOR00002\r")  # F3, which leaves
        await seen(pilot, "The scan contained control keys. Nothing was taken")
        await terminal_sends(pilot, "SN-0\ufffd0002\t")
        await seen(pilot, "The scan contained characters that cannot be read")
        assert isinstance(pilot.app.screen, SerialScreen)
        await terminal_sends(pilot, "SN-000002\r")
        await seen(pilot, "SN-000002")


async def test_what_was_opened_or_typed_by_hand_stays_below_what_is_scanned_there(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await opens(pilot, "MAIN\r", PlaceScreen)
        await keys(pilot, "s", "a", "enter")  # typed letters and Enter are no scan: they narrow the list
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "Enter did not open the row")
        await back_at_the_list(pilot, "f3", "f3")

        await opens(pilot, "MAIN\r", PlaceScreen)
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await terminal_sends(pilot, "SN-000001\r")
        await terminal_sends(pilot, "SN-000002\r")
        await seen(pilot, "SN-000002")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemScreen)
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, PlaceScreen)
        await back_at_the_list(pilot, "f3")

        await opens(pilot, "SN-000001\r", SerialScreen)
        first = pilot.app.screen
        first.query_one(NotesArea).text = "scratched"
        await opens(pilot, "SN-000002\rMAIN\r", PlaceScreen)
        await keys(pilot, "f3")
        assert pilot.app.screen is first
        assert first.query_one(NotesArea).text == "scratched"


async def test_a_serial_of_several_items_is_asked_about_and_the_list_of_items_is_as_it_was_before(
    database: Any, warehouse: Warehouse
) -> None:
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    add_serial(warehouse.boss, other.id, "SN-000001")
    create_item(warehouse.boss, "DRILL-1", "Drill")
    async with opened(database, warehouse.boss) as pilot:
        await opens(pilot, f"\x1d01{GTIN}21SN-000001\r", SerialScreen)  # the product code says whose it is
        await seen(pilot, "SN-000001", "SAW-1")
        await back_at_the_list(pilot, "f3")
        await opens(pilot, "SN-000001\r", ChooseDialog)
        await seen(pilot, "1  SAW-1", "2  SAW-2")
        await keys(pilot, "2", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000001", "SAW-2")
        await back_at_the_list(pilot, "f3")

        await keys(pilot, "d", "wait:120", "r")
        await seen(pilot, "1 item")
        await keys(pilot, "wait:100")
        await opens(pilot, "SN-000002\r", SerialScreen)
        await keys(pilot, "f3")
        await seen(pilot, "DRILL-1", "1 item")
        assert pilot.app.screen.query_one("#find", Input).value == "dr"
        await opens(pilot, "SN-000002\rMAIN\r", PlaceScreen)
        await keys(pilot, "f3")
        await seen(pilot, "DRILL-1", "1 item")


async def test_of_many_scans_the_last_is_shown_the_others_are_counted_and_one_step_leads_back(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "SEEN_AFTER", HOUR)
    codes = [f"SN-1{place:05}" for place in range(6)]
    warehouse.add(*codes)
    async with opened(database, warehouse.boss) as pilot:
        for end, number in (("\r", 6), ("\n", 3), ("\r\n", 4), ("\t", 3)):
            scans = codes[:number]
            await terminal_sends(pilot, "".join(f"{scan}{end}" for scan in scans))
            await at_rest(pilot)
            await seen(pilot, scans[-1], f"The last of {number} scans; the others came too fast to be shown.")
            assert isinstance(pilot.app.screen, SerialScreen), repr(end)
            await back_at_the_list(pilot, "f3", f"wait:{HOUR}000")

        # A burst that ends with nothing known.
        await terminal_sends(pilot, "SN-000001\rSN-000002\rNOSUCH-1\r")
        await seen(pilot, "SN-000002", "Nothing here has the serial NOSUCH-1", "The last of 3 scans")
        await back_at_the_list(pilot, "f3")

        # Somebody who scans and looks in turn.
        monkeypatch.setattr(bursts, "SEEN_AFTER", AT_ONCE)
        for scan in ("SN-000001", "MAIN", GTIN, "SN-000002"):
            await terminal_sends(pilot, f"{scan}\r")
        await seen(pilot, "SN-000002", "SAW-1")
        assert "too fast" not in screen_text(pilot)
        await back_at_the_list(pilot, "escape")


async def test_scans_into_the_grid_open_what_they_name_and_lead_back_to_the_grid(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    add_serial(warehouse.boss, other.id, "X-77")
    async with serials_tab(database, warehouse) as pilot:
        await opens(pilot, f"\x1d01{GTIN}21SN-000002\r", SerialScreen)
        await seen(pilot, "SN-000002", "SAW-1")
        await keys(pilot, "f3")
        await terminal_sends(pilot, "X-77\r")
        await seen(pilot, "X-77", "SAW-2")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3")
        assert pilot.app.screen.query_one("#find-serial", Input).value == ""
        await seen(pilot, "SN-000001", "SN-000002")
        await opens(pilot, f"\x1d01{GTIN}21SN-000002\r", SerialScreen)
        await keys(pilot, "f3")
        assert pilot.app.screen.query_one("#find-serial", Input).value == "", "a field shows a code without its GS"
        await opens(pilot, "X-77\rSAW-2\rMAIN\r", PlaceScreen)
        await keys(pilot, "f3")
        await seen(pilot, "SN-000001", "SN-000002")
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1")

        # What was changed meanwhile is shown.
        await keys(pilot, "escape")
        monkeypatch.setattr(bursts, "SEEN_AFTER", HOUR)
        await keys(pilot, f"wait:{HOUR}000")
        await terminal_sends(pilot, "SN-000001\rSN-000002\r")
        await seen(pilot, "SN-000002", "The last of 2 scans")
        warehouse.add("SN-000002-B")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemScreen)
        await seen(pilot, "SN-000001", "SN-000002-B")


async def test_a_scan_counts_as_seen_half_a_second_after_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    run, now = bursts.ScanRun(), 1000.0
    monkeypatch.setattr(bursts, "monotonic", lambda: now)
    for ended, words in ((0.0, ""), (0.2, "The last of 2 scans"), (0.499, "The last of 3 scans"), (0.5, "")):
        run.begin(now + ended)
        if not ended:
            run.shown()
        assert run.words.startswith(words)
        assert bool(run.words) is bool(words)

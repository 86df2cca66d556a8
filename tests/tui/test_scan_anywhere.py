"""A scan on any screen opens what it names: an item, a place, a serial."""

from __future__ import annotations

from typing import Any

import pytest
from textual.widgets import Input

from models.items.items import create_item, save_item
from models.locations import create_location
from tests.support.app import at_rest, keys, opened, screen_text, seen, terminal_sends
from tests.support.burst import AT_ONCE, NOT_YET
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


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("SN-000001", "SN-000002")
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    return warehouse


async def test_on_the_list_of_items_a_serial_opens_its_detail_and_a_place_its_stock(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000002\r\n")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000002", "In Stock")
        await keys(pilot, "f3")
        await terminal_sends(pilot, "MAIN\t")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await seen(pilot, "Location MAIN", "SAW-1", "10")


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


async def test_where_no_field_has_the_focus_a_scan_opens_what_it_names_and_does_nothing_else(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await terminal_sends(pilot, "SN-000002\r\n")
        await seen(pilot, "SN-000002")
        await terminal_sends(pilot, "MAIN\t")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await terminal_sends(pilot, f"{GTIN}\n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await seen(pilot, "SAW-1", "Circular saw")


async def test_a_product_code_with_a_serial_opens_that_serial(database: Any, warehouse: Warehouse) -> None:
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    from models.serials.add import add_serial

    add_serial(warehouse.boss, other.id, "SN-000001")
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, f"\x1d01{GTIN}21SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000001", "SAW-1")


async def test_a_serial_on_several_items_is_asked_about_by_number(database: Any, warehouse: Warehouse) -> None:
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    from models.serials.add import add_serial

    add_serial(warehouse.boss, other.id, "SN-000001")
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseDialog))
        await seen(pilot, "1  SAW-1", "2  SAW-2")
        await keys(pilot, "2", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000001", "SAW-2")


async def test_a_scan_of_nothing_known_is_told_and_changes_nothing(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1")
        await terminal_sends(pilot, "XXSDDONE\r")
        await seen(pilot, "DONE is for a station")
        await terminal_sends(pilot, "]C1010950600013435321A\r")
        await seen(pilot, "check digit")
        assert isinstance(pilot.app.screen, SerialScreen)


@pytest.mark.parametrize(("end", "number"), [("\r", 12), ("\n", 3), ("\r\n", 3), ("\t", 3)])
async def test_of_many_scans_the_last_is_shown_the_others_are_counted_and_one_step_leads_back(
    database: Any, warehouse: Warehouse, end: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "SEEN_AFTER", NOT_YET)
    scans = [f"SN-1{place:05}" for place in range(number)]
    warehouse.add(*scans)
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "".join(f"{scan}{end}" for scan in scans))
        await at_rest(pilot)
        await seen(pilot, scans[-1], f"The last of {number} scans; the others came too fast to be shown.")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_whoever_scans_and_looks_in_turn_is_back_where_it_began_with_one_step(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "SEEN_AFTER", AT_ONCE)
    async with opened(database, warehouse.boss) as pilot:
        for scan in ("SN-000001", "MAIN", GTIN, "SN-000002"):
            await terminal_sends(pilot, f"{scan}\r")
        await seen(pilot, "SN-000002", "SAW-1")
        assert "too fast" not in screen_text(pilot)
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_after_a_scan_the_list_of_items_is_as_it_was_before(database: Any, warehouse: Warehouse) -> None:
    create_item(warehouse.boss, "DRILL-1", "Drill")
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "d", "wait:120", "r")
        await seen(pilot, "1 item")
        await keys(pilot, "wait:100")
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3")
        await seen(pilot, "DRILL-1", "1 item")
        assert pilot.app.screen.query_one("#find", Input).value == "dr"
        await terminal_sends(pilot, "SN-000001\rMAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await keys(pilot, "f3")
        await seen(pilot, "DRILL-1", "1 item")


async def test_what_was_opened_by_hand_stays_below_what_is_scanned_there(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "MAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await terminal_sends(pilot, "SN-000001\r")
        await terminal_sends(pilot, "SN-000002\r")
        await seen(pilot, "SN-000002")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemScreen)
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, PlaceScreen)


async def test_behind_a_scanned_item_no_code_however_short_goes_into_a_field(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, f"{GTIN}\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1", "Circular saw")
        assert "unsaved" not in screen_text(pilot)
        await terminal_sends(pilot, "MAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await terminal_sends(pilot, f"{GTIN}\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await keys(pilot, "tab", "x")
        await seen(pilot, "Circular sawx", "unsaved")


async def test_notes_that_are_not_saved_stay_below_the_next_scan(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        first = pilot.app.screen
        first.query_one(NotesArea).text = "scratched"
        await terminal_sends(pilot, "SN-000002\rMAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await keys(pilot, "f3")
        assert pilot.app.screen is first
        assert first.query_one(NotesArea).text == "scratched"


async def test_in_a_burst_that_ends_with_nothing_known_that_is_told_and_so_is_how_many_came_before(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "SEEN_AFTER", NOT_YET)
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\rSN-000002\rNOSUCH-1\r")
        await seen(pilot, "SN-000002", "Nothing here has the serial NOSUCH-1", "The last of 3 scans")


async def test_scans_into_the_grid_lead_back_to_the_grid_which_shows_what_was_changed(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bursts, "SEEN_AFTER", NOT_YET)
    async with serials_tab(database, warehouse) as pilot:
        await terminal_sends(pilot, "SN-000001\rSN-000002\r")
        await seen(pilot, "SN-000002", "The last of 2 scans")
        warehouse.add("SN-000002-B")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemScreen)
        await seen(pilot, "SN-000001", "SN-000002-B")


async def test_hand_typed_letters_and_enter_are_no_scan(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "MAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await keys(pilot, "s", "a", "enter")  # they narrow the list
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "Enter did not open the row")
        await keys(pilot, "f3", "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_in_the_grid_a_code_of_something_else_opens_that(database: Any, warehouse: Warehouse) -> None:
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    from models.serials.add import add_serial

    add_serial(warehouse.boss, other.id, "X-77")
    async with serials_tab(database, warehouse) as pilot:
        await terminal_sends(pilot, f"\x1d01{GTIN}21SN-000002\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000002", "SAW-1")
        await keys(pilot, "f3")
        await terminal_sends(pilot, "X-77\r")
        await seen(pilot, "X-77", "SAW-2")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3")
        assert pilot.app.screen.query_one("#find-serial", Input).value == ""
        await seen(pilot, "SN-000001", "SN-000002")
        await terminal_sends(pilot, "X-77\rSAW-2\rMAIN\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlaceScreen))
        await keys(pilot, "f3")
        await seen(pilot, "SN-000001", "SN-000002")
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1")


async def test_a_dirty_or_unreadable_scan_is_refused_and_its_keys_act_on_nothing(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await terminal_sends(pilot, "SN-0\x1bOR00002\r")  # F3, which leaves
        await seen(pilot, "The scan contained control keys. Nothing was taken")
        await terminal_sends(pilot, "SN-0\ufffd0002\t")
        await seen(pilot, "The scan contained characters that cannot be read")
        assert isinstance(pilot.app.screen, SerialScreen)
        await terminal_sends(pilot, "SN-000002\r")
        await seen(pilot, "SN-000002")


async def test_a_scan_counts_as_seen_half_a_second_after_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    run, now = bursts.ScanRun(), 1000.0
    monkeypatch.setattr(bursts, "monotonic", lambda: now)
    for ended, words in ((0.0, ""), (0.2, "The last of 2 scans"), (0.499, "The last of 3 scans"), (0.5, "")):
        run.begin(now + ended)
        if not ended:
            run.shown()
        assert run.words.startswith(words)
        assert bool(run.words) is bool(words)

"""A scan into a text field of a screen opens what it names; what a person types there stays, however fast it came."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from models.items.items import create_item, save_item
from models.locations import create_location
from models.permissions import Permission
from models.schema import Item, Serial
from models.serials.add import add_serial
from models.serials.record import set_condition_notes
from tests.support.app import at_rest, keys, open_item, opened, screen_text, seen, somebody, terminal_sends
from tests.support.burst import AT_ONCE
from tests.support.record_app import until
from tests.support.scan_hand import Hand
from tests.support.serials import F3
from tests.support.warehouse import Warehouse
from tui.items.form import ItemScreen, NameInput
from tui.kit.choose import ChooseDialog
from tui.locations.place import PlaceScreen
from tui.scanning import bursts
from tui.scanning.areas import PlainArea
from tui.serials.detail import SerialScreen

GTIN = "09506000134352"
HOUR = 3600
"""Seconds in which nobody has seen what a scan opened; no machine is so slow."""


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("SN-000001", "SN-000002")
    create_item(warehouse.boss, "LAP-14", "Laptop", track_serials=True)
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    return warehouse


def name_field(pilot: Pilot[Any]) -> NameInput:
    form = next(screen for screen in pilot.app.screen_stack if isinstance(screen, ItemScreen))
    return form.query_one(NameInput)


async def test_what_is_scanned_while_the_name_has_the_focus_is_opened_and_the_name_is_as_it_was(
    database: Any, warehouse: Warehouse
) -> None:
    create_location(warehouse.boss, "HALL-1")
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        form = pilot.app.screen
        name_field(pilot).cursor_position = 3
        await terminal_sends(pilot, "SN-000002\r\n")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the serial did not open")
        await keys(pilot, "f3")
        await seen(pilot, "SAW-1 · Circular saw")
        assert "unsaved" not in screen_text(pilot)
        assert (name_field(pilot).value, name_field(pilot).cursor_position) == ("Circular saw", 3)
        assert pilot.app.focused is name_field(pilot)

        # An item, a place and a code of both kinds; a command is no name.
        for scan, opens, shows in (
            ("LAP-14", ItemScreen, "LAP-14 · Laptop"),
            ("HALL-1", PlaceScreen, "Location HALL-1"),
            (f"]C101{GTIN}21SN-000001", SerialScreen, "SN-000001"),
        ):
            await terminal_sends(pilot, f"{scan}\r")
            await until(pilot, lambda: pilot.app.screen is not form, f"{scan} did not open")
            assert isinstance(pilot.app.screen, opens), scan
            await seen(pilot, shows)
            assert name_field(pilot).value == "Circular saw", scan
            await keys(pilot, "f3")
            assert pilot.app.screen is form, scan
            assert pilot.app.focused is name_field(pilot)
        await terminal_sends(pilot, "XXSDDONE\r")
        await seen(pilot, "DONE is for a station")
        assert name_field(pilot).value == "Circular saw"

        # A stall in the middle of a scan leaves nothing of it in the name.
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await hand.scan("SN-00")
        hand.now += 1.0
        await hand.scan("0002<enter>")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the serial did not open")
        assert name_field(pilot).value == "Circular saw"


async def test_scans_behind_each_other_go_to_what_the_one_before_opened_and_the_keys_behind_them_wait_for_it(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = [f"SN-1{number:05}" for number in range(12)]
    warehouse.add(*scans)
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    add_serial(warehouse.boss, other.id, scans[0])
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await terminal_sends(pilot, "".join(f"{scan}\r\n" for scan in scans[1:]) + F3)
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ItemScreen)
        assert name_field(pilot).value == "Circular saw"

        # A serial of several items is asked about, and the keys behind it answer.
        await terminal_sends(pilot, f"{scans[0]}\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseDialog))
        await seen(pilot, "1  SAW-1", "2  SAW-2")
        await terminal_sends(pilot, F3)
        await terminal_sends(pilot, f"{scans[0]}\r2\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, scans[0], "SAW-2")
        assert name_field(pilot).value == "Circular saw"
        await keys(pilot, "f3", f"wait:{HOUR}000")

        # The database is slow.
        monkeypatch.setattr(bursts, "SEEN_AFTER", HOUR)
        slow = pilot.app.run_worker(pilot.app.db.run(time.sleep, 0.7))  # type: ignore[attr-defined]
        await terminal_sends(pilot, "SN-000001\tSN-000002\t")
        await slow.wait()
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000002", "The last of 2 scans; the other came too fast to be shown.")
        assert name_field(pilot).value == "Circular saw"


async def test_what_is_typed_or_names_nothing_stays_as_text_and_all_of_it_counts(
    database: Any, warehouse: Warehouse
) -> None:
    create_location(warehouse.boss, "HALL-1")
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        form = pilot.app.screen
        assert isinstance(form, ItemScreen)

        # Only the scan is taken out of what was typed before it.
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await hand.press("<ctrl+u>New saw", gap=0.15)
        hand.now += 0.2
        await hand.scan("SN-000002<tab>")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the serial did not open")
        await keys(pilot, "f3")
        assert name_field(pilot).value == "New saw"
        await seen(pilot, "* unsaved")

        # A code typed by hand is text even where it names something.
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await hand.press("<ctrl+u>SN-000002<tab>", gap=0.06)
        await at_rest(pilot)
        assert pilot.app.screen is form
        assert name_field(pilot).value == "SN-000002"
        assert pilot.app.focused is not name_field(pilot)

        for number, end in enumerate(("\r", "\n", "\r\n", "\t")):
            name_field(pilot).focus()
            await at_rest(pilot)
            await terminal_sends(pilot, f"\x15Better saw {number}{end}")
            assert pilot.app.screen is form, repr(end)
            assert name_field(pilot).value == f"Better saw {number}"
            assert (pilot.app.focused is name_field(pilot)) == (end == "\n"), repr(end)

        # A stalled line brings name, Tab and what is typed behind in one piece.
        name_field(pilot).focus()
        await at_rest(pilot)
        await terminal_sends(pilot, "\x15Better saw\t 4006381333931\x1b[21~")
        await seen(pilot, "Saved.")
        assert Item.get_by_id(warehouse.item.id).name == "Better saw"
        assert "4006381333931" in screen_text(pilot)

        # A location scanned into its field stays there, and moves on once.
        form.pane.location.focus()
        form.pane.location.input.select_all()
        await terminal_sends(pilot, "HALL-1\r\n")
        await at_rest(pilot)
        assert pilot.app.screen is form
        assert form.pane.location.code == "HALL-1"
        assert form.focused is form.query_one("#track_serials")

        # Barcodes scanned one after the other stand apart in their field.
        await open_item(pilot, "LAP-14")
        pilot.app.screen.query_one("#barcodes").focus()
        await terminal_sends(pilot, "5012345678900\t5901234123457\t")
        await at_rest(pilot)
        assert pilot.app.screen.query_one("#barcodes", Input).value.split() == ["5012345678900", "5901234123457"]
        assert isinstance(pilot.app.screen, ItemScreen)


async def test_who_may_not_change_the_item_can_scan_on_it_all_the_same(database: Any, warehouse: Warehouse) -> None:
    looker = somebody(warehouse.boss, "looker", Permission.VIEW)
    async with opened(database, looker) as pilot:
        await open_item(pilot, "SAW-1")
        await terminal_sends(pilot, "NOSUCH-1\r")
        await seen(pilot, "Nothing here has the serial NOSUCH-1")
        await terminal_sends(pilot, "SN-000002\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the serial did not open")


async def test_the_code_of_what_is_shown_already_opens_nothing_and_one_into_the_notes_leaves_them_as_they_were(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = Serial.get(Serial.serial_number == "SN-000001")
    set_condition_notes(warehouse.boss, serial.id, "scratched\nlid", version=serial.version)
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SAW-1\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        depth = len(pilot.app.screen_stack)
        await terminal_sends(pilot, f"{GTIN}\r")
        await seen(pilot, "SAW-1 is open here.")
        assert len(pilot.app.screen_stack) == depth
        monkeypatch.setattr(bursts, "SEEN_AFTER", AT_ONCE)
        await terminal_sends(pilot, "SN-000001\rSN-000001\r")
        await seen(pilot, "SN-000001 is open here.")
        assert "too fast" not in screen_text(pilot)
        assert len(pilot.app.screen_stack) == depth
        await terminal_sends(pilot, "MAIN\rMAIN\r")
        await seen(pilot, "MAIN is open here.")
        assert len(pilot.app.screen_stack) == depth
        await keys(pilot, "f3")

        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        first = pilot.app.screen
        notes = first.query_one(PlainArea)
        notes.focus()
        notes.cursor_location = (0, 4)
        await terminal_sends(pilot, "SN-000002\r")
        await until(pilot, lambda: pilot.app.screen is not first, "the serial did not open")
        await seen(pilot, "SN-000002")
        assert (notes.text, notes.cursor_location) == ("scratched\nlid", (0, 4))
        await keys(pilot, "f3")
        await terminal_sends(pilot, "dusty as well\r")
        assert notes.text == "scradusty as well\ntched\nlid"

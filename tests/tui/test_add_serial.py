"""What somebody sees and does in the Add Serial dialog; scans come in bursts."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.widgets import Static

from models.errors import Busy
from models.people import revoke
from models.permissions import Permission
from models.serials import add
from models.serials.record import find_serial, serial_detail
from tests.support.adding import PASTE, SCANS, adding, adding_over_the_grid, bells, serial_field
from tests.support.app import keys, resized, screen_text, seen, terminal_sends
from tests.support.burst import NOT_YET, burst
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import cursor_line, until
from tests.support.serials import F3, F4, loaded, serials_tab, stored, table, told, under_cursor
from tests.support.warehouse import Warehouse, person
from tui.records.location_field import LocationField
from tui.serials.add import AddSerialDialog
from tui.serials.detail import SerialScreen


async def test_a_typed_serial_is_in_stock_and_under_the_cursor_and_one_that_is_not_saved_is_asked_about_once(
    database: Any, warehouse: Warehouse
) -> None:
    async with adding_over_the_grid(database, warehouse) as pilot:
        await seen(pilot, "Add Serial · SAW-1", "MAIN")
        await keys(pilot, *"SN-5", "enter")
        await seen(pilot, "+ SN-5 added, In Stock at MAIN", "1 added")
        assert isinstance(pilot.app.screen, AddSerialDialog)
        assert pilot.app.focused is serial_field(pilot)
        await keys(pilot, *"SN-3", "enter")
        await seen(pilot, "2 added")
        await loaded(pilot)
        await keys(pilot, "f3")
        assert under_cursor(pilot) == "SN-3"
        assert "+ In Stock" in cursor_line(pilot.app)
        await seen(pilot, "10 on hand · 2 serials on hand · 8 without serial")

        await keys(pilot, "f6", *"SN-1", "f3")
        await seen(pilot, "SN-1 is not saved.")
        await keys(pilot, "f3")
        await until(pilot, lambda: not isinstance(pilot.app.screen, AddSerialDialog))
        assert pilot.app.focused is table(pilot)
    assert stored(warehouse) == ["SN-5", "SN-3"]
    assert warehouse.quantities() == {"MAIN": 10}


async def test_scans_and_the_lines_of_a_paste_in_one_write_are_all_saved_in_their_order(
    database: Any, warehouse: Warehouse
) -> None:
    tabs = [f"TAB-{number:05}" for number in range(30)]
    lines = [f"P-{number}" for number in range(200)]
    async with adding(database, warehouse) as pilot:
        await terminal_sends(pilot, "".join(f"{scan}\r\n" for scan in SCANS))
        await seen(pilot, "30 added")
        assert pilot.app.focused is serial_field(pilot)
        await terminal_sends(pilot, "".join(f"{scan}\t" for scan in tabs))
        await seen(pilot, "60 added")
        assert pilot.app.focused is serial_field(pilot)
        await terminal_sends(pilot, PASTE.format("\r\n".join([*lines, ""])))
        await seen(pilot, "260 added")
    assert stored(warehouse) == [*SCANS, *tabs, *lines]


async def test_nothing_is_lost_right_behind_the_key_that_opens_the_dialog_or_when_it_is_left(
    database: Any, warehouse: Warehouse
) -> None:
    many = [f"SN{number:010}" for number in range(60)]
    last = [f"LAST-{number:05}" for number in range(30)]
    async with serials_tab(database, warehouse) as pilot:
        await terminal_sends(pilot, "\x1b[17~" + "".join(f"{scan}\r" for scan in SCANS))
        await seen(pilot, "30 added")
        await terminal_sends(pilot, "".join(f"{scan}\r" for scan in many))
        await seen(pilot, "90 added", f"+ {many[-1]} added")
        await loaded(pilot)
        assert under_cursor(pilot) == many[-1]
        assert stored(warehouse) == [*SCANS, *many]

        # The dialog is left while scans are saved, one of which is there already.
        warehouse.add(last[7])
        await terminal_sends(pilot, "".join(f"{scan}\r" for scan in last) + F3)
        await until(pilot, lambda: not isinstance(pilot.app.screen, AddSerialDialog), "the dialog is still open")
        await loaded(pilot)
        await seen(pilot, "not added")
        await keys(pilot, "f6")
        await seen(pilot, f"✗ {last[7]}")
    assert stored(warehouse) == [*SCANS, *many, last[7], *last[:7], *last[8:]]


async def test_what_is_typed_is_saved_by_every_key_that_saves_and_tab_and_f4_lead_to_the_location(
    database: Any, warehouse: Warehouse
) -> None:
    async with adding(database, warehouse) as pilot:
        await keys(pilot, *"SN-1")
        await pilot.click("#save")
        await seen(pilot, "+ SN-1 added")
        await keys(pilot, *"SN-2", "f10")
        await seen(pilot, "+ SN-2 added")
        await keys(pilot, "f10")
        await seen(pilot, "There is no serial number.")

        # Escape empties the field and never leaves.
        await keys(pilot, *"SN-3", "wait:100", "escape")
        assert serial_field(pilot).value == ""
        await keys(pilot, "escape")
        await seen(pilot, "F3 leaves.")
        assert isinstance(pilot.app.screen, AddSerialDialog)

        # Tab goes on to the location, and Enter behind the condition saves.
        await keys(pilot, *"SN-4", "wait:500", "tab", "end", *["backspace"] * 4, *"dock", "tab", *"scratched", "enter")
        await seen(pilot, "+ SN-4 added, In Stock at DOCK")
        assert pilot.app.focused is serial_field(pilot)
        await keys(pilot, *"SN-5", "enter")
        await seen(pilot, "+ SN-5 added, In Stock at DOCK")

        # F4 lists the locations while nothing stands in the way.
        await keys(pilot, "f4", *"SHOP", "enter")
        await seen(pilot, "Add Serial · SAW-1", "SHOP")
        await pilot.click("#serial_number")
        await keys(pilot, *"SN-6", "enter")
        await seen(pilot, "+ SN-6 added, In Stock at SHOP")
    first, second = (serial_detail(find_serial(serial, "SAW-1")) for serial in ("SN-4", "SN-5"))
    assert (first.location, first.condition_notes) == ("DOCK", "scratched")
    assert (second.location, second.condition_notes) == ("DOCK", "")


async def test_a_typed_duplicate_says_where_the_other_one_is_and_once_it_is_edited_it_is_not_spoken_of(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.add("SN-1", location="SHELF")
    async with adding(database, warehouse) as pilot:
        rung = bells(pilot, monkeypatch)
        await keys(pilot, *"sn-1", "enter")
        await told(pilot, "SN-1 of SAW-1 is already here: In Stock at SHELF since", "F4 opens it.", "Open  F4")
        assert serial_field(pilot).value == "sn-1"
        assert len(rung) == 1
        await keys(pilot, "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3")
        assert serial_field(pilot).value == "sn-1"
        await keys(pilot, *"SN-2", "enter")
        await seen(pilot, "+ SN-2 added")
        await until(pilot, lambda: "already" not in screen_text(pilot), "the message stays")
        assert len(rung) == 1

        await keys(pilot, *"SN-1", "enter")
        await told(pilot, "SN-1 of SAW-1 is already here", "Open  F4")
        await keys(pilot, "end", "wait:60", "0")
        await until(pilot, lambda: "already" not in screen_text(pilot), "the refusal stays")
        assert "Open  F4" not in screen_text(pilot)
        await keys(pilot, "enter")
        await seen(pilot, "+ SN-10 added")
        assert "not" not in pilot.app.screen.query_one(".added-count", Static).render_line(0).text


async def test_refused_scans_in_a_burst_stand_in_a_list_and_the_others_are_saved(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.add(SCANS[3], SCANS[20])
    async with adding(database, warehouse) as pilot:
        scans = [*SCANS[:10], "BAD\N{SNOWMAN}1234", *SCANS[10:]]
        await terminal_sends(pilot, "".join(f"{scan}\r" for scan in scans))
        await seen(pilot, "28 added, 3 not", f"✗ {SCANS[3]}", "✗ BAD\N{SNOWMAN}1234", f"✗ {SCANS[20]}", "Open  F4")
        assert serial_field(pilot).value == ""
        await keys(pilot, "up")
        await seen(pilot, "of the serial number BAD")
        assert "Open  F4" not in screen_text(pilot)
        await keys(pilot, "up")
        await seen(pilot, f"{SCANS[3]} of SAW-1 is already here")
        await keys(pilot, "f8")
        await seen(pilot, "28 added, 2 not")
        assert f"✗ {SCANS[3]}" not in screen_text(pilot)
        assert stored(warehouse) == [
            *(SCANS[3], SCANS[20]),
            *(scan for scan in SCANS if scan not in {SCANS[3], SCANS[20]}),
        ]
        await keys(pilot, "f8", "f8")
        assert "✗" not in screen_text(pilot)

        # The verdict on an earlier scan does not take the place of what is said of a refused one.
        monkeypatch.setattr("tui.serials.add.SEEN_AFTER", NOT_YET)
        database_answers = threading.Event()
        pilot.app.run_worker(pilot.app.db.run(database_answers.wait))  # type: ignore[attr-defined]
        try:
            await burst(pilot.app, f"{SCANS[3]}\rBB\x01BB2\r")
            await seen(pilot, "1 not", "contained control keys")
        finally:
            database_answers.set()
        await seen(pilot, "2 not", f"✗ {SCANS[3]}", "contained control keys")
        await keys(pilot, "down")
        await seen(pilot, f"{SCANS[3]} of SAW-1 is already here")


async def test_scans_that_came_twice_dirty_hostile_or_without_an_end_are_each_told_apart(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with adding(database, warehouse) as pilot:
        # A trigger pulled twice counts once and rings no bell.
        rung = bells(pilot, monkeypatch)
        await terminal_sends(pilot, "AAAA0001\rAAAA0001\r")
        await seen(pilot, "1 added", "AAAA0001 was scanned twice; it counts once.")
        assert not rung

        await terminal_sends(pilot, SCANS[0])
        await told(pilot, f"{SCANS[0]} has no end yet: press Enter to take it. Set the scanner to send CR")
        assert stored(warehouse) == ["AAAA0001"]
        await keys(pilot, "escape")
        assert "no end yet" not in screen_text(pilot)
        await terminal_sends(pilot, SCANS[0])
        await told(pilot, "has no end yet")
        await keys(pilot, "enter")
        await seen(pilot, f"+ {SCANS[0]} added")
        assert "no end yet" not in screen_text(pilot)

        # The same code scanned again later is a duplicate that can be opened.
        await terminal_sends(pilot, "DDDD0001\rDDDD0002\rDDDD0001\r")
        await seen(pilot, "4 added, 1 not", "✗ DDDD0001", "of SAW-1 is already here")
        await terminal_sends(pilot, F4)
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await keys(pilot, "f3", "f8")

        await terminal_sends(pilot, "BBBB0001\rBB\x01BB2\rCCCC0003\r")
        await seen(pilot, "6 added, 1 not", "contained control keys")
        assert stored(warehouse) == ["AAAA0001", SCANS[0], "DDDD0001", "DDDD0002", "BBBB0001", "CCCC0003"]

        # Hostile scans are shown with all their characters.
        await terminal_sends(
            pilot, "[@click=app.quit]Q1\r" + PASTE.format("A\x1b[31mB1\nC\N{RIGHT-TO-LEFT OVERRIDE}D1\n")
        )
        await seen(pilot, "7 added, 3 not", "+ [@click=app.quit]Q1 added", "✗ A␛[31mB1", "✗ C‹U+202E›D1")


async def test_at_every_size_it_is_opened_and_says_what_was_added_the_serial_first_and_all_fits(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse, size=(20, 8)) as pilot:
        # The keys of the tab work while it has no serials.
        for size in ((20, 8), (40, 10), (40, 16), (80, 24)):
            await resized(pilot, *size)
            await keys(pilot, "f5")
            await loaded(pilot)
            assert pilot.app.focused is table(pilot), size
            await keys(pilot, "f6")
            assert isinstance(pilot.app.screen, AddSerialDialog), size
            await keys(pilot, "f3")

        await resized(pilot, 20, 8)
        await keys(pilot, "f6")
        for size, serial, said in (
            ((20, 8), "TMA00001", "+ TMA00001"),
            ((20, 8), "TMA000045678", "+ TMA000045678"),
            ((40, 16), "TMA00003", "+ TMA00003 added"),
            ((40, 16), "SN-0123456789-0123", "+ SN-0123456789-0123 added"),
            ((80, 24), "TMA00004", "+ TMA00004 added, In Stock at MAIN"),
            ((80, 24), "[/foo]", "+ [/foo] added, In Stock at MAIN"),
        ):
            await resized(pilot, *size)
            if size[0] >= 40:
                pilot.app.screen.query_one(LocationField).code = "MAIN-A-03-12"
                await seen(pilot, "MAIN-A-03-12", "F4 ▾")
                pilot.app.screen.query_one(LocationField).code = "MAIN"
            await terminal_sends(pilot, f"{serial}\r")
            await seen(pilot, said)
            assert "…" not in pilot.app.screen.query_one(".added-last", Static).render_line(0).text
            assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines())
            assert serial_field(pilot).region.height == 1
    assert len(stored(warehouse)) == 6


async def test_nothing_is_lost_when_the_app_is_left_right_behind_the_scans(database: Any, warehouse: Warehouse) -> None:
    async with adding(database, warehouse) as pilot:
        await terminal_sends(pilot, "".join(f"{scan}\r" for scan in SCANS) + F3)
        pilot.app.exit()
    assert stored(warehouse) == SCANS


async def test_who_has_lost_the_permission_meanwhile_is_refused_and_told_its_name(
    database: Any, warehouse: Warehouse
) -> None:
    clerk = person(warehouse.boss, "clara", Permission.VIEW, Permission.MANAGE_SERIALS)
    async with adding(database, warehouse, clerk) as pilot:
        revoke(warehouse.boss, "role of clara", Permission.MANAGE_SERIALS)
        await terminal_sends(pilot, "AAAA0001\rBBBB0002\r")
        await seen(pilot, "2 not", "INV_MANAGE_SERIALS", "Ask your administrator")
    assert stored(warehouse) == []


@BOTH_ENGINES
async def test_what_the_database_could_not_take_waits_and_f5_saves_it(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = add._add

    def busy(*_: Any, **__: Any) -> Any:
        raise Busy("The database is busy. Nothing was written; try again in a moment.")

    async with adding(database, warehouse) as pilot:
        monkeypatch.setattr(add, "_add", busy)
        await terminal_sends(pilot, "AAAA0001\rBBBB0002\r")
        await seen(pilot, "2 scans wait since", "2 scans wait here", "database is busy.", "F5 tries now.")
        monkeypatch.setattr(add, "_add", save)
        await keys(pilot, "f5")
        await seen(pilot, "2 added")
        assert "✗" not in screen_text(pilot)
        await until(pilot, lambda: "wait" not in screen_text(pilot))
    assert stored(warehouse) == ["AAAA0001", "BBBB0002"]

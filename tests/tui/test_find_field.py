"""The Find fields take what scanners send, and what people type."""

from __future__ import annotations

from typing import Any

from models.items.items import create_item
from models.serials.add import add_serial
from tests.support.app import keys, open_item, opened, screen_text, seen, terminal_sends, types
from tests.support.record_app import until
from tests.support.scan_hand import Hand
from tests.support.serials import listed, loaded, pane, serials_tab, table, under_cursor
from tests.support.warehouse import Warehouse, open_warehouse
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.scanning.fields import FindField
from tui.serials.detail import SerialScreen

PASTE = "\x1b[200~{}\x1b[201~"


def _three_serials() -> None:
    """SAW-1 with three serials, and another item that begins in the same way."""
    warehouse = open_warehouse()
    create_item(warehouse.boss, "SAW-11", "Large saw", track_serials=True)
    warehouse.add("SN-0001", "SN-0002", "SN-00021")


CONTENTS = {"warehouse": _three_serials}


async def test_a_scan_into_the_grid_or_its_find_opens_the_serial_and_leaves_all_as_it_was(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("XY-00033")
    async with serials_tab(database, warehouse) as pilot:
        assert pilot.app.focused is table(pilot)
        await terminal_sends(pilot, "SN-0002\t")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await keys(pilot, "f3")

        await keys(pilot, "f2")
        await terminal_sends(pilot, "SN-0002\t")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await seen(pilot, "SN-0002", "History")
        await keys(pilot, "f3")
        await terminal_sends(pilot, "SN-0001\r\n")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the next one did not open")
        await seen(pilot, "SN-0001", "History")
        await keys(pilot, "f3")

        table(pilot).focus()
        await keys(pilot, "greater_than_sign")
        for find in ("", "SN"):
            await keys(pilot, *find, *(["enter"] if find else []), "home", "down", "down")
            await loaded(pilot)
            before, row = listed(pilot), under_cursor(pilot)
            await terminal_sends(pilot, "XY-00033\r")
            await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
            await keys(pilot, "f3")
            await loaded(pilot)
            assert (listed(pilot), under_cursor(pilot)) == (before, row), find
            assert pane(pilot).listing.find.value == find
            await seen(pilot, "Sort: Status ▲")


async def test_what_is_typed_narrows_tab_moves_on_and_a_scan_is_not_taken_for_what_begins_so(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("X-77")
    other = create_item(warehouse.boss, "SAW-2", "Other saw", track_serials=True)
    add_serial(warehouse.boss, other.id, "X-7")
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f2")
        await types(pilot, "SN-0002")
        await until(pilot, lambda: table(pilot).total == 2, "typing does not narrow")
        await keys(pilot, "tab")
        assert not isinstance(pilot.app.screen, SerialScreen)
        assert pilot.app.focused is not pane(pilot).listing.find
        assert pane(pilot).listing.find.value == "SN-0002"
        await keys(pilot, "escape")
        await loaded(pilot)

        await terminal_sends(pilot, "X-7\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await seen(pilot, "SAW-2 · Other saw")
        await keys(pilot, "f3")
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await keys(pilot, "f2")
        await hand.press("X-7<enter>")
        await seen(pilot, "SAW-1 · Circular saw", "X-77")


async def test_the_list_of_items_takes_scans_pastes_and_both_ends_of_one_scan(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        assert isinstance(pilot.app.focused, FindField)
        await keys(pilot, "tab")
        assert not isinstance(pilot.app.focused, FindField)
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "f2")

        for sku, end in (("SAW-1", "\r\n"), ("SAW-11", "\t"), ("SAW-1", "\n")):
            await terminal_sends(pilot, f"{sku}{end}")
            await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), f"{sku} did not open")
            await seen(pilot, f"{sku} ·")
            await keys(pilot, "f3")
        await keys(pilot, "escape", "down")
        await terminal_sends(pilot, "SAW-11\t")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "a scan into the list did not open")
        await keys(pilot, "f3", "f2", "escape")

        await terminal_sends(pilot, "SAW-99\t\r")
        await seen(pilot, "SAW-99")
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "f2", "escape")

        await terminal_sends(pilot, PASTE.format("Large"))
        await seen(pilot, "1 item")
        assert "SAW-11" in screen_text(pilot)
        await keys(pilot, "escape")
        await terminal_sends(pilot, PASTE.format("SAW-11\r\n"))
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "the pasted scan did not open")
        await keys(pilot, "f3", "f2", "escape")

        hand = Hand(pilot.app)  # type: ignore[arg-type]
        for key in ("<enter>", "<tab>"):  # a scan behind a long word that is typed by hand
            await hand.press("circular saw blade")
            hand.now += 0.5
            await hand.scan(f"SN-0002{key}")
            await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), f"{key}: it did not open")
            await seen(pilot, "SN-0002")
            await keys(pilot, "f3")
            assert pilot.app.screen.query_one(FindField).value == "circular saw blade", key
            await keys(pilot, "escape")


async def test_enter_opens_the_item_under_the_cursor_and_a_row_of_f3_does_not_leave_the_program(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, *"saw", "enter")  # two match
        await seen(pilot, "SAW-1 · Circular saw")
        await keys(pilot, "f3", "f3")
        await seen(pilot, "Leave Serialdock?")
        await keys(pilot, "f3", "f3", "f3", "f3", "enter")  # Enter is the harmless answer, too
        assert isinstance(pilot.app.screen, ItemsScreen)
        assert pilot.app.screen.find.value == "saw"
        await terminal_sends(pilot, PASTE.format("saw\r\n"))  # perhaps a scan: a whole code, which names no item
        assert pilot.app.focused is pilot.app.screen.table
        await keys(pilot, "f3")
        await seen(pilot, "Leave Serialdock?")
        await terminal_sends(pilot, "SN-0002\r")  # a scan answers no question
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await keys(pilot, "f3", "f3", "f10")
        assert pilot.app.return_code == 0


async def test_a_scan_without_an_end_is_explained_and_waits_for_enter_but_nothing_typed_or_pasted_is_spoken_of(
    database: Any, warehouse: Warehouse
) -> None:
    said = "SN-0002 has no end yet: press Enter to open it. Set the scanner to send CR"
    async with opened(database, warehouse.boss) as pilot:
        hand = Hand(pilot.app)  # type: ignore[arg-type]
        await hand.press("SN-0002")
        await pilot.pause(1.8)
        assert "no end yet" not in screen_text(pilot)
        await keys(pilot, "escape")
        await terminal_sends(pilot, PASTE.format("SN-0002"))
        await pilot.pause(1.8)
        assert "no end yet" not in screen_text(pilot)
        await keys(pilot, "escape")

        await terminal_sends(pilot, "SN-0002")
        await seen(pilot, said)
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await keys(pilot, "f3")
        assert said not in screen_text(pilot)
        await open_item(pilot, "SAW-1")
        await keys(pilot, "ctrl+t", "f2")
        await terminal_sends(pilot, "SN-0002")
        await seen(pilot, said)
        await keys(pilot, "backspace")
        assert said not in screen_text(pilot)

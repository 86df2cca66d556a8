"""The Find fields take what scanners send, and what people type."""

from __future__ import annotations

from typing import Any

import pytest

from models.operations.items import create_item
from tests.support.app import keys, open_item, opened, screen_text, seen, terminal_sends
from tests.support.record_app import until
from tests.support.serials import pane, serials_tab, table
from tests.support.warehouse import Warehouse, open_warehouse
from tui.keyboard.find_field import FindField
from tui.screens.item import ItemScreen
from tui.screens.items import ItemsScreen
from tui.screens.serial import SerialScreen

ENDS = pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\t"], ids=["CR", "LF", "CRLF", "TAB"])
PASTE = "\x1b[200~{}\x1b[201~"


@pytest.fixture
def warehouse(database: Any) -> Warehouse:
    """SAW-1 with three serials, and another item that begins in the same way."""
    warehouse = open_warehouse()
    create_item(warehouse.boss, "SAW-11", "Large saw", track_serials=True)
    warehouse.add("SN-0001", "SN-0002", "SN-00021")
    return warehouse


@ENDS
async def test_a_scan_into_find_opens_the_serial_however_the_scanner_ends_it(
    database: Any, warehouse: Warehouse, end: str
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f2")
        await terminal_sends(pilot, f"SN-0002{end}")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        await seen(pilot, "SN-0002", "History")
        await keys(pilot, "f3")
        await terminal_sends(pilot, f"SN-0001{end}")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the next one did not open")
        await seen(pilot, "SN-0001", "History")


@ENDS
async def test_a_scan_into_the_grid_opens_the_serial_however_the_scanner_ends_it(
    database: Any, warehouse: Warehouse, end: str
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        assert pilot.app.focused is table(pilot)
        await terminal_sends(pilot, f"SN-0002{end}")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")


@ENDS
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_scans_into_the_list_of_items_open_one_after_the_other(
    database: Any, warehouse: Warehouse, end: str
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        for sku in ("SAW-1", "SAW-11", "SAW-1"):
            await terminal_sends(pilot, f"{sku}{end}")
            await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), f"{sku} did not open")
            await seen(pilot, f"{sku} ·")
            await keys(pilot, "f3")
        await keys(pilot, "escape", "down")
        await terminal_sends(pilot, f"SAW-11{end}")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "a scan into the list did not open")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_tab_after_typing_by_hand_moves_on_and_what_is_typed_narrows(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f2")
        for key in "SN-0002":
            await pilot.press("minus" if key == "-" else key, "wait:120")
        await until(pilot, lambda: table(pilot).total == 2, "typing does not narrow")
        await keys(pilot, "tab")
        assert not isinstance(pilot.app.screen, SerialScreen)
        assert pilot.app.focused is not pane(pilot).find
        assert pane(pilot).find.value == "SN-0002"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_tab_in_an_empty_find_field_moves_on(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        assert isinstance(pilot.app.focused, FindField)
        await keys(pilot, "tab")
        assert not isinstance(pilot.app.focused, FindField)
        assert isinstance(pilot.app.screen, ItemsScreen)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_two_ends_of_one_scan_open_once(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "SAW-99\t\r")
        await seen(pilot, "SAW-99")
        assert isinstance(pilot.app.screen, ItemsScreen)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_paste_with_a_line_end_opens_and_one_without_only_finds(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, PASTE.format("Large"))
        await seen(pilot, "1 item")
        assert "SAW-11" in screen_text(pilot)
        await keys(pilot, "escape")
        await terminal_sends(pilot, PASTE.format("SAW-11\r\n"))
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "the pasted scan did not open")
        await keys(pilot, "f3")
        await open_item(pilot, "SAW-1")

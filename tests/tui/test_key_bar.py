"""The keys at the bottom: which stand there in how much room, and with which words."""

from __future__ import annotations

from typing import Any

from models.people import revoke
from models.permissions import Permission
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen, somebody, terminal_sends
from tests.support.record_app import until
from tests.support.serials import loaded, serials_tab, table
from tests.support.warehouse import Warehouse, open_warehouse
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.serials.detail import SerialScreen


def _two_serials() -> None:
    open_warehouse().add("SN-000001", "SN-000002")


CONTENTS = {"warehouse": _two_serials}


def bar(pilot: Any) -> str:
    return screen_text(pilot).splitlines()[-1].strip()


Bars = dict[tuple[int, int], str]

OF_ITEMS: Bars = {
    (120, 30): "F1 Help  F2 Find  F3 Leave  F5 Refresh  F6 New item  F7 Station  F9 Import  ^G Menu",
    (80, 24): "F1 Help  F2 Find  F3 Leave  F5  F6 New item  F7 Station  F9 Import  ^G Menu",
    (40, 16): "F1  F2  F3 Leave  F7 Station  ^G Menu",
    (20, 8): "F1  F3  ^G Menu",
}
OF_SERIALS: Bars = {
    (80, 24): "F1 Help  F2 Find  F3 Back  F5 Refresh  F10 Save  ^G Menu  ⏎ Open  Space Mark",
    (40, 16): "F1  F3  F6 Add  F7 Transfer  ^G Menu",
    (20, 8): "F1  F3  ^G Menu",
}
OF_A_SERIAL: Bars = {
    (80, 24): "F1  F3 Back  F5  F6 Note  F7 Transfer  F8 Void  F9 Warranty  F10 Save  ^G Menu",
    (40, 16): "F1  F3  F6 Note  F7 Transfer  ^G Menu",
}


async def test_list_of_items_serials_and_a_serial_where_buttons_say_the_rest_if_they_have_room(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        for size, says in OF_ITEMS.items():
            await resized(pilot, *size)
            assert bar(pilot) == says
        await resized(pilot, 80, 24)
        await keys(pilot, "enter")  # in an empty Find, Enter opens the row that the sign stands at
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await keys(pilot, "ctrl+t")
        await loaded(pilot)
        await pilot.resize_terminal(40, 16)
        await seen(pilot, "F6 Add  F7 Transfer")
        await pilot.resize_terminal(80, 24)
        await seen(pilot, "⏎ Open  Space Mark")
        for size, says in OF_SERIALS.items():
            await resized(pilot, *size)
            assert bar(pilot) == says
            shown = screen_text(pilot)
            assert all(("F6" in shown, "F7" in shown)) or size == (20, 8)
        await terminal_sends(pilot, "SN-000001\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        for size, says in OF_A_SERIAL.items():
            await resized(pilot, *size)
            assert bar(pilot) == says
        await keys(pilot, "f3")
        await resized(pilot, 80, 24)

        await keys(pilot, "down", "f2", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        await seen(pilot, "SN-000002")
        await keys(pilot, "f3")

        # The way out of Add Serial says that what was added stays.
        await keys(pilot, "f6", "f1")
        await seen(pilot, "Close this; what was added stays")
        assert "without doing anything" not in screen_text(pilot)
        await keys(pilot, "f3", "f3")

        await resized(pilot, 40, 16)  # a key without its word can be clicked
        await pilot.click("KeyBar", offset=(bar(pilot).index("F3") + 2, 0))
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_who_may_not_transfer_is_not_offered_marks(database: Any, warehouse: Warehouse) -> None:
    viewer = somebody(warehouse.boss, "viewer-only", Permission.VIEW)
    async with serials_tab(database, warehouse, viewer) as pilot:
        assert "Mark" not in bar(pilot)
        await keys(pilot, "space", "shift+down")
        assert not table(pilot).marked
        await keys(pilot, "f1")
        assert "Mark this serial" not in screen_text(pilot)


async def test_marks_go_with_the_permission_that_they_are_for(database: Any, warehouse: Warehouse) -> None:
    clerk = somebody(warehouse.boss, "mover", Permission.VIEW, Permission.TRANSFER_SERIAL)
    async with serials_tab(database, warehouse, clerk) as pilot:
        await keys(pilot, "space")
        await seen(pilot, "1 marked")
        revoke(warehouse.boss, "mover", Permission.TRANSFER_SERIAL)
        await keys(pilot, "f5")
        await loaded(pilot)
        assert not table(pilot).marked
        assert "Mark" not in bar(pilot)

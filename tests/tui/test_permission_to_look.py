"""INV_VIEW taken away while the app is open: every screen says so in a sentence, shows nothing new, and goes on when
the permission is there again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.items.items import create_item
from models.people import grant, revoke
from models.permissions import Actor, Permission
from models.serials.moves import transfer_serials
from models.serials.record import find_serial
from tests.support.app import keys, opened, screen_text, seen, terminal_sends, types
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.serials import loaded, serials_tab, told
from tests.support.warehouse import Warehouse, person
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.locations.place import PlaceScreen
from tui.serials.detail import SerialScreen

REFUSED = "clara needs the permission INV_VIEW"
ROLE = "role of clara"


@pytest.fixture
def clara(warehouse: Warehouse) -> Actor:
    """Somebody who may look and manage serials."""
    warehouse.add("SN-1")
    return person(warehouse.boss, "clara", Permission.VIEW, Permission.MANAGE_SERIALS)


async def test_the_list_of_items_shows_nothing_new(database: Any, warehouse: Warehouse, clara: Actor) -> None:
    async with opened(database, clara) as pilot:
        await seen(pilot, "SAW-1")
        revoke(warehouse.boss, ROLE, Permission.VIEW)
        create_item(warehouse.boss, "SECRET-9", "Only for who may look")
        await keys(pilot, "f5")
        await seen(pilot, REFUSED)
        assert "SECRET-9" not in screen_text(pilot)
        grant(warehouse.boss, ROLE, Permission.VIEW)
        await keys(pilot, "f5")
        await seen(pilot, "SECRET-9")


async def test_nothing_is_opened(database: Any, warehouse: Warehouse, clara: Actor) -> None:
    async with opened(database, clara) as pilot:
        for how, kind in (("SAW-1\r", ItemScreen), ("SN-1\r", SerialScreen), ("MAIN\r", PlaceScreen)):
            revoke(warehouse.boss, ROLE, Permission.VIEW)
            await terminal_sends(pilot, how)
            await seen(pilot, REFUSED)
            assert isinstance(pilot.app.screen, ItemsScreen)
            grant(warehouse.boss, ROLE, Permission.VIEW)
            await keys(pilot, "escape")
            await terminal_sends(pilot, how)
            await until(pilot, lambda kind=kind: isinstance(pilot.app.screen, kind), how)  # type: ignore[misc]
            await keys(pilot, "f3")
            assert REFUSED not in screen_text(pilot)


async def test_the_serials_tab_shows_no_serial_that_came_since(
    database: Any, warehouse: Warehouse, clara: Actor
) -> None:
    async with serials_tab(database, warehouse, clara) as pilot:
        await seen(pilot, "SN-1")
        revoke(warehouse.boss, ROLE, Permission.VIEW)
        warehouse.add("SN-SECRET")
        await keys(pilot, "f5")
        await seen(pilot, REFUSED)
        assert "SN-SECRET" not in screen_text(pilot)
        grant(warehouse.boss, ROLE, Permission.VIEW)
        await keys(pilot, "f5")
        await loaded(pilot)
        await seen(pilot, "SN-SECRET")


async def test_a_serial_is_not_read_again(database: Any, warehouse: Warehouse, clara: Actor) -> None:
    async with opened(database, clara) as pilot:
        await terminal_sends(pilot, "SN-1\r")
        await seen(pilot, "IN STOCK", "MAIN")
        revoke(warehouse.boss, ROLE, Permission.VIEW)
        transfer_serials(warehouse.boss, [find_serial("SN-1", "SAW-1")], "SHOP")
        await keys(pilot, "f5")
        await seen(pilot, REFUSED)
        assert "SHOP" not in screen_text(pilot)
        grant(warehouse.boss, ROLE, Permission.VIEW)
        await keys(pilot, "f5")
        await seen(pilot, "SHOP")


async def test_nothing_is_found_exported_or_said_of_the_stations(
    database: Any, warehouse: Warehouse, clara: Actor
) -> None:
    async with opened(database, clara) as pilot:
        await terminal_sends(pilot, "MAIN\r")
        await seen(pilot, "SAW-1")
        await keys(pilot, "ctrl+w")
        await seen(pilot, "Export")
        revoke(warehouse.boss, ROLE, Permission.VIEW)
        await keys(pilot, "end", *["backspace"] * 60, *"~/x.csv", "f10")
        await told(pilot, REFUSED)
        assert not list(Path.home().glob("*.csv*"))
        await keys(pilot, "f3", "f2")
        await types(pilot, "sn-1")
        await seen(pilot, REFUSED)
        assert "In Stock" not in screen_text(pilot)
        await keys(pilot, "f3", "f3")
        Station(warehouse).scan("DOCK", "SAW-1", "N-1")
        await keys(pilot, "f5")
        await seen(pilot, REFUSED)
        assert "is receiving" not in screen_text(pilot)

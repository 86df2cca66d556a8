"""Every address leads to its screen, and what a screen returns comes back to who has opened it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.customers import add_customer
from models.errors import NotFound
from models.schema import Document, Location
from models.serials.moves import transfer_serials
from models.statuses import StatusSource
from tests.support.app import at_rest, keys, opened, terminal_sends
from tests.support.record_app import until
from tests.support.warehouse import Warehouse
from tui import navigation, routes
from tui.context import Context
from tui.customers.list import CustomersScreen
from tui.customers.record import CustomerScreen
from tui.documents.document import DocumentScreen
from tui.documents.list import DocumentsScreen
from tui.find.screen import FindScreen
from tui.importing.screen import ImportScreen
from tui.items.form import ItemScreen
from tui.items.history import StockHistoryScreen
from tui.items.list import ItemsScreen
from tui.items.new import NewItemDialog
from tui.kit.choose import ChooseDialog
from tui.kit.dialog import ConfirmDialog
from tui.kit.help import HelpDialog
from tui.locations.list import LocationsScreen
from tui.locations.place import PlaceScreen
from tui.people.list import PeopleScreen
from tui.people.record import PersonScreen
from tui.records.exporting import ExportDialog
from tui.records.location_field import NewLocationDialog
from tui.routes import Route
from tui.scanner_check.screen import ScannerCheckScreen
from tui.serials.detail import SerialScreen
from tui.station.list import DraftsScreen
from tui.station.screen import StationScreen
from tui.statuses.list import StatusesScreen

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    (serial,) = warehouse.add("SN-000001")
    transfer_serials(warehouse.boss, [serial], "SHELF")
    return warehouse


def test_every_route_has_a_screen(engine: str) -> None:
    named = {found for found in vars(routes).values() if isinstance(found, type) and issubclass(found, Route)}
    assert set(navigation._MAKERS) == named - {Route, routes.RecordRoute}


async def test_each_route_opens_its_screen_and_f3_leads_back(database: Any, warehouse: Warehouse) -> None:
    shelf, document = Location.get(Location.code == "SHELF"), Document.get(Document.kind == "transfer")
    buyer = add_customer(warehouse.boss, "Kreis GmbH")
    expected: dict[Route[Any], type[Any]] = {
        routes.Items(): ItemsScreen,
        routes.LeaveProgram(): ConfirmDialog,
        routes.NewItem(): NewItemDialog,
        routes.ItemRecord(warehouse.item.id): ItemScreen,
        routes.StockHistory(warehouse.item.id, shelf.id): StockHistoryScreen,
        routes.SerialRecord(1): SerialScreen,
        routes.DocumentRecord(document.id): DocumentScreen,
        routes.Documents(): DocumentsScreen,
        routes.Customers(): CustomersScreen,
        routes.CustomerRecord(buyer.id): CustomerScreen,
        routes.Places(): LocationsScreen,
        routes.PlaceRecord(shelf.id): PlaceScreen,
        routes.Statuses(): StatusesScreen,
        routes.NewLocation(): NewLocationDialog,
        routes.Station(): StationScreen,
        routes.Drafts(): DraftsScreen,
        routes.People(): PeopleScreen,
        routes.PersonRecord(warehouse.boss.user_id): PersonScreen,
        routes.Import("SAW-1"): ImportScreen,
        routes.ExportList(StatusSource()): ExportDialog,
        routes.ChooseOrder((("sku", "SKU"), ("name", "Name")), "sku"): ChooseDialog,
        routes.ScannerCheck(): ScannerCheckScreen,
        routes.Find(): FindScreen,
    }
    assert {type(route) for route in expected} == set(navigation._MAKERS)
    async with opened(database, warehouse.boss) as pilot:
        app: Context = pilot.app  # type: ignore[assignment]
        below = app.screen
        for route, kind in expected.items():
            opening = asyncio.create_task(app.open(route))
            await until(pilot, lambda: app.screen is not below, f"{route} did not open")
            await at_rest(pilot)
            assert type(app.screen) is kind
            assert not opening.done()
            app.screen.dismiss(None)
            await until(pilot, opening.done, f"{route} did not come back")
            assert opening.result() is None
            await at_rest(pilot)
            assert app.screen is below


async def test_what_a_screen_returns_comes_back(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        app: Context = pilot.app  # type: ignore[assignment]
        opening = asyncio.create_task(app.open(routes.NewLocation()))
        await until(pilot, lambda: isinstance(app.screen, NewLocationDialog))
        await keys(pilot, *"NEW", "f10")
        await until(pilot, opening.done)
        assert opening.result() == "NEW"


async def test_what_cannot_be_read_is_refused_and_the_keyboard_goes_on(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        app: Context = pilot.app  # type: ignore[assignment]
        with pytest.raises(NotFound):
            await app.open(routes.SerialRecord(99))
        assert isinstance(app.screen, ItemsScreen)
        await terminal_sends(pilot, "saw")
        assert app.screen.find.value == "saw"


async def test_keys_typed_behind_the_one_that_opens_a_screen_go_to_that_screen(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "\x1b[17~")  # F6
        await until(pilot, lambda: isinstance(pilot.app.screen, NewItemDialog))
        await terminal_sends(pilot, "\x1bOR")  # F3
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        await terminal_sends(pilot, "\x1b[17~ab")
        assert isinstance(pilot.app.screen, NewItemDialog)
        assert pilot.app.screen.query_one("#sku").value == "ab"  # type: ignore[attr-defined]


async def test_help_and_menu_do_not_open_upon_themselves(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "f1")
        assert isinstance(pilot.app.screen, HelpDialog)
        await keys(pilot, "f1")
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "ctrl+g", "ctrl+g")
        assert len(pilot.app.screen_stack) == 2
        await keys(pilot, "f1")
        assert isinstance(pilot.app.screen, HelpDialog)
        assert len(pilot.app.screen_stack) == 3

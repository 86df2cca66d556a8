"""Text that ends, misleads or commands other apps does nothing here: in every field of every screen it is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from models import clock
from models.config import Config
from models.documents import document
from models.items.items import save_item
from models.permissions import Actor
from models.schema import Document, User
from models.serials.columns import STATUS
from models.serials.moves import transfer_serials
from models.serials.record import add_note, set_condition_notes
from tests.support.app import at_rest, seen, terminal_sends
from tests.support.burst import burst_to_the_end, by_hand
from tests.support.hostile import HOSTILE, nothing_acts, sent_harmlessly
from tests.support.idle import idle
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.recording import IdleRecordingDriver
from tests.support.serials import loaded, table
from tests.support.tampering import behind_the_program
from tests.support.warehouse import Warehouse, put, set_warranty
from tui.app import SerialdockApp
from tui.customers.list import CustomersScreen
from tui.customers.record import CustomerScreen
from tui.documents.document import DocumentScreen
from tui.documents.list import DocumentsScreen
from tui.find.screen import FindScreen
from tui.items.conflict import ConflictDialog
from tui.items.form import ItemScreen
from tui.items.history import StockHistoryScreen
from tui.items.list import ItemsScreen
from tui.kit.dialog import ConfirmDialog
from tui.locations.list import LocationsScreen
from tui.locations.place import PlaceScreen
from tui.people.list import PeopleScreen
from tui.people.record import PersonScreen
from tui.records.verb_dialog import VerbDialog
from tui.routes import Customers, Documents, Drafts, People, Places, Route, Statuses, StockHistory
from tui.serials.add import AddSerialDialog
from tui.serials.detail import SerialScreen
from tui.station.list import DraftsScreen
from tui.station.screen import StationScreen
from tui.statuses.list import StatusesScreen

COLUMNS = {
    "users": ("login",),
    "locations": ("code", "name"),
    "customers": ("name",),
    "items": ("sku", "name"),
    "item_barcodes": ("barcode",),
    "statuses": ("label",),
    "documents": ("number", "note"),
    "serials": ("serial_number", "condition_notes", "warranty_void"),
    "serial_events": ("serial_number", "note"),
    "drafts": ("note",),
    "draft_lines": ("serial_number", "message"),
}
"""All text that people wrote, by table; the columns by which things are found stay."""

WALKS = [
    ("sqlite", ("control characters",), (20, 8)),
    ("postgresql", ("a closing tag", "an action", "what nobody sees"), (40, 16)),
    ("sqlite", ("marks, wide letters and length",), (80, 24)),
]
"""Each text once, and each size and engine; `test_plain_in_widgets` tries every widget alone."""


@pytest.fixture
def text(request: pytest.FixtureRequest) -> str:
    """The text of this walk."""
    return "".join(HOSTILE[kind] for kind in request.param)


@pytest.fixture
def warehouse(database: Any, text: str, warehouse: Warehouse) -> Warehouse:
    """SAW-1 with three serials, of which one is sold and one was moved, and the text wherever a text can stand."""
    first, second, _ = warehouse.add("SN-1", "SN-2", "SN-3")
    save_item(warehouse.boss, warehouse.item.id, barcodes=["4006381333931"])
    transfer_serials(warehouse.boss, [first], "SHOP", notes="window")
    set_condition_notes(warehouse.boss, first, "dented")
    set_warranty(warehouse.boss, first, None, clock.today(), void="opened")
    add_note(warehouse.boss, first, "looked at")
    put(warehouse, "sold", second, customer="Bergmann AG")
    station = Station(warehouse)
    station.scan("DOCK", "SAW-1", "SN-1", "SN-4")
    station.task.leave(warehouse.boss)
    with behind_the_program(database):
        one = database.param
        for table, columns in COLUMNS.items():
            for column in columns:
                key = "barcode" if table == "item_barcodes" else "id"
                fitting = text[:50] if column == "serial_number" else text
                database.execute_sql(
                    f"UPDATE {table} SET {column} = {one} || {key} WHERE {column} IS NOT NULL AND {column} <> ''",
                    (fitting,),
                )
        for number, changes in database.execute_sql("SELECT id, changes FROM serial_events").fetchall():
            if changes:
                told = {
                    name: [text if word and name in ("condition_notes", "warranty_void") else word for word in words]
                    for name, words in json.loads(changes).items()
                }
                database.execute_sql(
                    f"UPDATE serial_events SET changes = {one} WHERE id = {one}", (json.dumps(told), number)
                )
    return warehouse


class Visit:
    """A walk through all screens and dialogs."""

    def __init__(self, pilot: Pilot[Any], warehouse: Warehouse, text: str) -> None:
        self.pilot, self.warehouse, self.text = pilot, warehouse, text
        self.visited: set[type] = set()

    @property
    def screen(self) -> Any:
        """What is in front."""
        return self.pilot.app.screen

    async def presses(self, *pressed: str) -> None:
        """Press keys and look whether the text on the screen can be clicked."""
        for key in pressed:
            async with by_hand():
                await burst_to_the_end(self.pilot.app, events.Key(key, None))  # type: ignore[arg-type]
                await idle(self.pilot.app)
            self.looks()

    def looks(self) -> None:
        """Nothing on the screen became a live action, and no line is wider than the screen."""
        nothing_acts(self.pilot.app)

    async def fills(self) -> None:
        """Put the text into all fields of what is in front."""
        for field in self.screen.query(Input):
            field.value = self.text
        for area in self.screen.query(TextArea):
            area.text = self.text
        await at_rest(self.pilot)
        self.looks()

    async def comes_to(self, kind: type) -> None:
        """Wait for a screen or a dialog."""
        await until(self.pilot, lambda: isinstance(self.screen, kind), f"no {kind.__name__}")
        await at_rest(self.pilot)
        self.looks()

    async def looks_at_help_and_menu(self) -> None:
        await self.presses("f1", "f3", "ctrl+g", "f3")

    async def items(self) -> None:
        """List, Find, New item, a list of locations, New location."""
        await self.looks_at_help_and_menu()
        await self.presses("f6")
        await self.fills()
        await self.presses("f10")
        assert not isinstance(self.screen, ItemsScreen)
        self.screen.query_one("#location").focus()
        await self.presses("f4", "f6")
        await self.fills()
        await self.presses("f10", "f3", "f3")
        if isinstance(self.screen, ConfirmDialog):
            await self.presses("f8")
        while not isinstance(self.screen, ItemsScreen):
            await self.presses("f3")
            if isinstance(self.screen, ConfirmDialog):
                await self.presses("f8")
        self.screen.query_one("#find").value = self.text + " is not there"
        await at_rest(self.pilot)
        await until(self.pilot, lambda: self.screen.table.total == 0, "it was found")
        await self.presses("enter")
        await self.finds_everywhere()
        await self.presses("escape", "down", "enter")
        await self.comes_to(ItemScreen)

    async def finds_everywhere(self) -> None:
        """Find, which Enter has opened, with a text that is nowhere and one that is."""
        await self.comes_to(FindScreen)
        for text in (self.text, self.text[:3], "s"):
            self.screen.query_one("#find").value = text
            await at_rest(self.pilot)
            self.looks()
        await self.presses("f3")

    async def item(self) -> None:
        """The form, its dialogs, and somebody else who saves it."""
        await self.looks_at_help_and_menu()
        form = self.screen.form
        await self.presses("tab", "tab", "f4", "f1", "f3", "down", "up", "f3", "f6")
        await self.fills()
        await self.presses("f10", "f3")
        while not isinstance(self.screen, ItemScreen):
            await self.presses("f3")
        await self.fills()
        await self.presses("f10", "f3")
        await self.comes_to(ConfirmDialog)
        await self.presses("f3")
        self.screen.query_one("#location").code = form.location
        self.screen.query_one("#barcodes").codes = form.barcodes
        self.screen.query_one("#name").value = self.text[:100] + "mine"
        await at_rest(self.pilot)
        bump = "UPDATE items SET version = version + 1"
        await self.pilot.app.db.run(lambda: self.pilot.app.database.execute_sql(bump))  # type: ignore[attr-defined]
        await self.presses("f5", "f10")
        if isinstance(self.screen, ConflictDialog):
            await self.looks_at_help_and_menu()
            await self.presses("t")
        self.screen.query_one("#name").value = form.name
        self.screen.query_one("#track_serials").value = False
        await at_rest(self.pilot)
        await self.presses("f10")
        await self.comes_to(ConfirmDialog)
        await self.presses("f3", "f3")
        await self.comes_to(ConfirmDialog)
        await self.presses("f8")
        await self.comes_to(ItemsScreen)
        await self.presses("enter")
        await self.comes_to(ItemScreen)

    async def serials(self) -> None:
        """The tab, what it chooses from, Add Serial and Transfer."""
        await self.presses("ctrl+t")
        await loaded(self.pilot)
        await self.looks_at_help_and_menu()
        await self.presses(
            "f4", "down", "enter", "escape", "ctrl+l", "down", "enter", "escape", "ctrl+o", "f3", "ctrl+n"
        )
        await self.presses("f3", "f2")
        await self.fills()
        await loaded(self.pilot)
        await self.presses("enter")
        if isinstance(self.screen, FindScreen):  # no code can have some of these characters
            await self.presses("f3")
        await self.presses("escape", "home", "down", "f6")
        await self.comes_to(AddSerialDialog)
        await self.fills()
        await self.presses("f10")
        await seen(self.pilot, "✗ ")
        await at_rest(self.pilot)
        self.looks()
        self.screen.query_one("#location").code = ""
        self.screen.query_one("#serial_number").value = ""
        self.screen.query_one("#condition_notes").value = ""
        self.screen.query_one("#serial_number").focus()
        await at_rest(self.pilot)
        await terminal_sends(self.pilot, "SN-1\rSN-2\r")
        await seen(self.pilot, "Open  F4")
        scan = self.text.replace("\x1b", "")[:700]  # a scan is followed key by key; longer ones take their time
        await terminal_sends(self.pilot, f"{scan}\r")
        await self.presses("f4")
        while not isinstance(self.screen, AddSerialDialog):
            await self.presses("f3")
        await self.looks_at_help_and_menu()
        while isinstance(self.screen, AddSerialDialog):
            await self.presses("f3")
        await loaded(self.pilot)
        await self.presses("home")
        while table(self.pilot).cursor_record[STATUS].code == "sold":  # type: ignore[union-attr]
            await self.presses("down")
        await self.presses("space", "f7")
        await self.comes_to(VerbDialog)
        await self.fills()
        await self.presses("f10", "f4", "f3")
        while isinstance(self.screen, VerbDialog):
            await self.presses("f3")
        await self.comes_to(ItemScreen)
        await self.presses("escape")

    async def serial(self) -> None:
        """Serial Detail and its dialogs."""
        await self.presses("home", "enter")
        await self.comes_to(SerialScreen)
        await self.looks_at_help_and_menu()
        for key in ("f6", "f9", "f7"):
            await self.presses(key)
            await self.fills()
            await self.presses("f10")
            while not isinstance(self.screen, SerialScreen):
                await self.presses("f3")
        await self.fills()
        await self.presses("f10", "f5", "pagedown")
        self.screen.query_one("TabbedContent").active = "documents-tab"
        await at_rest(self.pilot)
        self.looks()
        self.screen.query_one(TextArea).text = self.text + " and more"
        await at_rest(self.pilot)
        await self.presses("f3")
        await self.comes_to(ConfirmDialog)
        await self.presses("f8")
        await self.comes_to(ItemScreen)

    async def people(self) -> None:
        """The list of people, and one of them."""
        app: Any = self.pilot.app
        app.run_worker(app.open(People()))
        await self.comes_to(PeopleScreen)
        await self.presses("enter")
        await self.comes_to(PersonScreen)
        await self.presses("end", "f3", "f3")
        await self.comes_to(ItemsScreen)

    async def lists(self) -> None:
        """The other lists, a record from each, and the station with a draft that was left."""
        app: Any = self.pilot.app
        ways: dict[Route[Any] | Screen[Any], tuple[str, ...]] = {
            Customers(): ("enter", "ctrl+t"),
            Documents(): ("end",),
            DocumentScreen(document(Document.get().id), may_void=True): ("end",),  # no document has such a number
            Places(): ("enter",),
            Statuses(): ("end",),
            StockHistory(self.warehouse.item.id): ("end",),
            Drafts(): ("enter", "f9"),
        }
        for route, pressed in ways.items():
            app.run_worker(app.open(route) if isinstance(route, Route) else app.ask(route))
            await until(self.pilot, lambda: not isinstance(self.screen, ItemsScreen), f"{route} is not opened")
            await at_rest(self.pilot)
            self.looks()
            await self.presses(*pressed)
            self.visited |= {type(screen) for screen in app.screen_stack}
            while not isinstance(self.screen, ItemsScreen):
                await self.presses("f3")
        assert self.visited == {
            *(ItemsScreen, CustomersScreen, CustomerScreen, DocumentsScreen, DocumentScreen, LocationsScreen),
            *(PlaceScreen, StatusesScreen, StockHistoryScreen, DraftsScreen, StationScreen),
        }

    async def everything(self) -> None:
        await until(self.pilot, lambda: self.screen.table.total == 1, "the list did not come")
        await self.people()
        if self.pilot.app.size.width == 40:  # `test_plain_in_widgets` has their tables and facts
            await self.lists()
        await self.items()
        await self.item()
        await self.serials()
        await self.serial()


@pytest.mark.parametrize(
    ("engine", "text", "size"),
    WALKS,
    indirect=["engine", "text"],
    ids=[f"{' and '.join(kinds)} at {size[0]}x{size[1]} on {engine}" for engine, kinds, size in WALKS],
)
async def test_a_hostile_text_in_every_field_of_every_screen_is_only_shown(
    size: tuple[int, int], text: str, database: Any, warehouse: Warehouse
) -> None:
    actor = Actor(warehouse.boss.user_id, User.get_by_id(warehouse.boss.user_id).login)
    app = SerialdockApp(database, actor, Config(theme="dock"), driver_class=IdleRecordingDriver)
    came_to_the_end = []

    async def walk(pilot: Pilot[Any]) -> None:
        await Visit(pilot, warehouse, text).everything()
        came_to_the_end.append(app.is_running)
        app.exit()

    await app.run_async(size=size, auto_pilot=walk)
    assert came_to_the_end == [True]
    assert app._exception is None
    assert sent_harmlessly(app, text)

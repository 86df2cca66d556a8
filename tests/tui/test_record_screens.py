"""The lists of customers, documents, locations, statuses and people, their records, and the menu that leads to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from models import clock
from models.customers import add_customer, customer, find_customer, set_customer
from models.errors import NotFound
from models.locations import create_location, find_location, list_places, set_location
from models.people import add_user, grant, remove_user, revoke, set_roles
from models.permissions import Permission
from models.serials.moves import Answers, move
from models.serials.void import void_document
from models.statuses import add_status, set_status, statuses
from models.verbs import MOVES
from tests.support.app import (
    at_rest,
    keys,
    open_item,
    opened,
    resized,
    screen_text,
    seen,
    somebody,
    terminal_sends,
    types,
)
from tests.support.engines import BOTH_ENGINES
from tests.support.looking import look
from tests.support.record_app import lines, until
from tests.support.serials import told
from tests.support.warehouse import Warehouse, newcomer, open_warehouse, person
from tui.app import SerialdockApp
from tui.customers.list import CustomersScreen
from tui.customers.record import CustomerScreen
from tui.documents.document import DocumentScreen
from tui.documents.list import DocumentsScreen
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.kit.link import Link
from tui.kit.list_screen import ListScreen
from tui.locations.list import LocationsScreen
from tui.locations.place import PlaceScreen
from tui.routes import Customers, Documents, Places, Route, Statuses
from tui.serials.detail import SerialScreen
from tui.station.screen import StationScreen
from tui.statuses.list import StatusesScreen


def _two_customers() -> None:
    """Two customers, of which Kreis GmbH has bought SN-1 and SN-2."""
    warehouse = open_warehouse()
    boss = warehouse.boss
    add_customer(boss, "Bergmann AG", code="B-7")
    add_customer(boss, "Kreis GmbH", code="K-1", reference="10001", notes="pays late")
    sold = warehouse.add("SN-1", "SN-2", "SN-3")[:2]
    move(boss, MOVES["sell"], sold, Answers(customer="K-1", reference="order 5", warranty="2y"))


CONTENTS = {"warehouse": _two_customers}


async def go_to(pilot: Pilot[Any], word: str) -> Any:
    """Go to another screen by the menu, and return it."""
    await keys(pilot, "ctrl+g")
    await types(pilot, f"go to {word}\r")
    return pilot.app.screen


async def show(pilot: Pilot[Any], route: Route[None]) -> Any:
    """Open a screen over what is there, and return it."""
    assert isinstance(pilot.app, SerialdockApp)
    pilot.app.run_worker(pilot.app.open(route), group="open")
    await at_rest(pilot)
    return pilot.app.screen


def kinds(pilot: Pilot[Any]) -> list[type[Any]]:
    return [type(screen) for screen in pilot.app.screen_stack]


async def listed(pilot: Pilot[Any], *rows: str) -> None:
    """Wait until the list shows rows that begin with these texts, and no others."""
    screen = pilot.app.screen
    assert isinstance(screen, ListScreen)
    await until(pilot, lambda: screen.table.total == len(rows), f"not {rows}")
    await seen(pilot, *rows)


async def test_the_menu_leads_from_screen_to_screen_and_loses_nothing(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "ctrl+g")
        await types(pilot, "go to")
        await seen(pilot, "Go to customers", "Go to statuses", "Go to the station: receive by scanning")
        assert "Go to items" not in screen_text(pilot)
        assert "Go to station" not in screen_text(pilot)
        await keys(pilot, "f3")
        assert isinstance(await go_to(pilot, "cust"), CustomersScreen)
        assert isinstance(await go_to(pilot, "docu"), DocumentsScreen)
        await go_to(pilot, "cust")  # it is open below, and nothing is lost on the way
        assert kinds(pilot) == [ItemsScreen, CustomersScreen]
        await go_to(pilot, "items")
        assert kinds(pilot) == [ItemsScreen]

        await open_item(pilot, "SAW-1")
        await types(pilot, "Best ")
        await go_to(pilot, "stat")
        assert kinds(pilot) == [ItemsScreen, ItemScreen, StationScreen]
        await keys(pilot, "f3")
        assert isinstance(await go_to(pilot, "loc"), LocationsScreen)
        await go_to(pilot, "items")  # the form has unsaved text: the list opens in front of it
        assert kinds(pilot) == [ItemsScreen, ItemScreen, LocationsScreen, ItemsScreen]
        await keys(pilot, "f3", "f3")
        assert isinstance(pilot.app.screen, ItemScreen)
        await seen(pilot, "* unsaved")


async def test_a_viewer_goes_everywhere_but_changes_nothing(database: Any, warehouse: Warehouse) -> None:
    viewer = somebody(warehouse.boss, "vera", Permission.VIEW)
    async with opened(database, viewer) as pilot:
        for word in ("customers", "documents", "locations", "statuses", "people"):
            screen = await go_to(pilot, word)
            await keys(pilot, "ctrl+g")
            shown = screen_text(pilot)
            assert "Make a" not in shown
            assert "Change" not in shown
            assert "Close this" not in shown
            await types(pilot, "go to")
            assert "Go to station" in screen_text(pilot), "to look up"
            await keys(pilot, "f3")
            assert pilot.app.screen is screen


async def test_a_customer_is_found_made_and_changed(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await show(pilot, Customers())
        await listed(pilot, "Bergmann AG", "Kreis GmbH")
        row = next(line for line in lines(pilot.app) if "Kreis" in line)
        assert row.split() == ["Kreis", "GmbH", "K-1", "2", "2"]
        await types(pilot, "100")  # the list has the focus: what is typed goes into Find
        await listed(pilot, "Kreis GmbH")
        await seen(pilot, "10001 · pays late", "customer 1 of 1")
        await types(pilot, "9")
        await seen(pilot, "No customer has 1009. Esc shows all, Enter looks everywhere.")
        await keys(pilot, "escape")
        await listed(pilot, "Bergmann AG", "Kreis GmbH")
        assert "Esc shows all" not in screen_text(pilot)

        await keys(pilot, "f6")
        await types(pilot, "Kreis gmbh")
        await keys(pilot, "f10")
        await seen(pilot, "The customer Kreis GmbH is there already.")
        await keys(pilot, "end", *["backspace"] * 10)
        await types(pilot, "Ånd & Søn\rsaw-1\r")
        await keys(pilot, "f10")
        await seen(pilot, "SAW-1 is the SKU of the item SAW-1 already.")
        await keys(pilot, "end", "x")
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, CustomerScreen), "it did not open")
        await seen(pilot, "Ånd & Søn", "none now", "This customer has no serials now.")

        await keys(pilot, "f7", "tab", "tab")
        await types(pilot, "777\rby boat\rand rail")
        await keys(pilot, "f10")
        await seen(pilot, "777", "by boat", "Saved.")
        made = customer(find_customer("Ånd & Søn").id)
        assert (made.code, made.reference, made.notes) == ("saw-1x", "777", "by boat\nand rail")


async def test_from_a_customer_one_reaches_serials_and_documents_and_comes_back(
    database: Any, warehouse: Warehouse
) -> None:
    seller = somebody(warehouse.boss, "sue", Permission.VIEW, Permission.SELL_SERIAL)
    async with opened(database, seller) as pilot:
        await show(pilot, Customers())
        await types(pilot, "kreis\r")
        await seen(pilot, "K-1", "10001", "2 now, 2 under warranty", "pays late", "serial 1 of 2")
        assert "Change" not in screen_text(pilot)
        await keys(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3", "ctrl+t")
        await seen(pilot, "S-000001", "document 1 of 1")
        await keys(pilot, "enter")
        await seen(pilot, "S-000001 · sale", "order 5")
        assert [link.words for link in pilot.app.screen.query(Link)] == ["Kreis GmbH", "MAIN"]
        pilot.app.screen.query(Link).first().focus()
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, CustomerScreen)
        await keys(pilot, "f3")
        pilot.app.screen.query(Link).last().focus()
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, PlaceScreen)
        await keys(pilot, "f3", "f3", "f3")
        await keys(pilot, "f6")  # who may sell may make a customer
        await types(pilot, "Neu AG")
        await keys(pilot, "f10")
        await seen(pilot, "none now")
        assert find_customer("neu ag")


async def test_documents_are_filtered_by_kind_and_found_by_number(database: Any, warehouse: Warehouse) -> None:
    boss = warehouse.boss
    (serial_id,) = warehouse.add("SN-9")
    sent = move(boss, MOVES["dispatch"], [serial_id], Answers(place="SHOP")).document or ""
    move(boss, MOVES["arrive"], [serial_id], Answers(transfer=sent))
    async with opened(database, boss) as pilot:
        await show(pilot, Documents())
        await listed(pilot, "A-000001", "T-000001", "S-000001")
        await keys(pilot, "f4")
        await types(pilot, "sale\r")
        await listed(pilot, "S-000001")
        await seen(pilot, "Kind: sale", "order 5")
        await keys(pilot, "f3")
        await show(pilot, Documents())  # opened again, it is filtered as it was left, and says so
        await seen(pilot, "Kind: sale", "The list is filtered as before")
        await listed(pilot, "S-000001")
        await keys(pilot, "f4")
        await types(pilot, "scrap\r")
        await seen(pilot, "There is no document of the kind scrap. Esc shows all.")
        await keys(pilot, "f9")
        await types(pilot, "today\r")
        await seen(pilot, f"There is no document of the kind scrap since {clock.today()}. Esc shows all.")
        await keys(pilot, "escape")  # shows all, of any kind and day
        await listed(pilot, "A-000001", "T-000001", "S-000001")
        await seen(pilot, "Kind: all", "Since: all")
        await types(pilot, f"{clock.today() - timedelta(days=400):%Y-%m-%d}")
        await seen(pilot, "No document has 20")
        await keys(pilot, "escape")
        await types(pilot, "t")
        await listed(pilot, "T-000001")
        await keys(pilot, "escape")
        await types(pilot, "a-1\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "it did not open")
        await seen(pilot, "A-000001 · arrival")
        links = {link.words: link for link in pilot.app.screen.query(Link)}
        assert set(links) == {"SHOP", "T-000001"}
        links["T-000001"].focus()
        await keys(pilot, "enter")
        await seen(pilot, "T-000001 · transfer")
        await keys(pilot, "f3", "f3", "escape")
        await listed(pilot, "A-000001", "T-000001", "S-000001")


async def test_a_location_is_made_changed_closed_and_opened_again(database: Any, warehouse: Warehouse) -> None:
    create_location(warehouse.boss, "MAIN-A", "Aisle", parent="MAIN")
    async with opened(database, warehouse.boss) as pilot:
        await show(pilot, Places())
        await listed(pilot, "DOCK", "MAIN", "  MAIN-A", "SHELF", "SHOP")
        await keys(pilot, "down", "f9")
        await seen(pilot, "MAIN cannot be closed: it holds 8 of SAW-1.")
        await keys(pilot, "enter")
        await seen(pilot, "Location MAIN")
        set_location(warehouse.boss, "MAIN", name="Hall 4")
        await keys(pilot, "f5")
        await seen(pilot, "Hall 4")
        await keys(pilot, "f3")
        assert "cannot be closed" not in screen_text(pilot)
        await keys(pilot, "f6")
        await types(pilot, "MAIN-B\rTools\rmain\r")
        await seen(pilot, "MAIN-B is made.", "  MAIN-B", "location 4 of 6")
        await keys(pilot, "f7", "shift+tab")
        await keys(pilot, "end", "backspace")
        await types(pilot, "C\rDrills\r")
        await keys(pilot, *["backspace"] * 4)
        await types(pilot, "SHOP")
        await keys(pilot, "f10")
        await seen(pilot, "MAIN-C is saved.", "  MAIN-C", "Drills")
        place = next(each for each in list_places() if each.code == "MAIN-C")
        assert (place.name, place.parent) == ("Drills", "SHOP")
        await keys(pilot, "f9")
        await seen(pilot, "MAIN-C is closed now and takes nothing new. F9 opens it again.", "x closed")
        await keys(pilot, "enter")
        await seen(pilot, "Location MAIN-C", "Drills, in SHOP, closed: it takes nothing new")
        await seen(pilot, "Nothing is on hand here.")
        await keys(pilot, "f3", "f9")
        await seen(pilot, "MAIN-C is open again.")
        assert not find_location("MAIN-C").closed
        await types(pilot, "drill")
        await listed(pilot, "MAIN-C")
        assert "is open again" not in screen_text(pilot)
        await keys(pilot, "f9", "f9")
        await listed(pilot, "MAIN-C")  # what was looked for stays
        await keys(pilot, "f6")
        await types(pilot, "YARD")
        await keys(pilot, "f10")
        await seen(pilot, "YARD is made.", "location 7 of 7")
        await types(pilot, "drill")
        await keys(pilot, "f7")
        await keys(pilot, "tab", *["backspace"] * 4)
        await types(pilot, "main-c")
        await keys(pilot, "f10")
        await seen(pilot, "MAIN-C is inside MAIN-C, so MAIN-C")


@BOTH_ENGINES
async def test_a_customer_a_status_and_a_location_that_somebody_changed_meanwhile_are_told_and_shown(
    database: Any, warehouse: Warehouse
) -> None:
    boss, tim = warehouse.boss, person(warehouse.boss, "tim", Permission.EDIT_ITEMS, Permission.MANAGE_USERS)
    add_status(boss, "demo", "Demo unit", colour="green", mark="d")
    async with opened(database, boss) as pilot:
        await show(pilot, Customers())
        await types(pilot, "kreis\r")
        await seen(pilot, "pays late")
        await keys(pilot, "f7", "end")
        await types(pilot, " SE")
        set_customer(tim, "K-1", code="K-2", notes="pays at once")
        await keys(pilot, "f10")
        await told(pilot, "Kreis GmbH was changed by tim at", "the code is K-2, not K-1; the note is pays at once, not")
        await keys(pilot, "f10")
        await seen(pilot, "Saved.", "Kreis GmbH SE", "K-2", "pays at once")
        await keys(pilot, "f3", "f3")

        await show(pilot, Statuses())
        await keys(pilot, "end", "f7", "end", "x")
        set_status(tim, "demo", colour="red", mark="D")
        await keys(pilot, "f10")
        await told(pilot, "Demo unit was changed by tim at", "the mark is D, not d; the colour is red, not green.")
        await keys(pilot, "f10")
        await seen(pilot, "The status demo is saved.", "D Demo unitx")
        look = statuses()[-1]
        assert (look.label, look.colour, look.mark) == ("Demo unitx", "red", "D")
        await keys(pilot, "f3")

        await show(pilot, Places())
        await listed(pilot, "DOCK", "MAIN", "SHELF", "SHOP")
        await keys(pilot, "end", "f7")
        await types(pilot, "Front shop")
        set_location(tim, "SHOP", new_code="FRONT", parent="MAIN")
        await keys(pilot, "f10")
        await told(pilot, "SHOP was changed by tim at", "the code is FRONT, not SHOP; the place around it is MAIN.")
        await keys(pilot, "f10")  # saves what was typed, and nothing of what tim did is undone
        await seen(pilot, "FRONT is saved.")
        place = next(each for each in list_places() if each.code == "FRONT")
        assert (place.name, place.parent) == ("Front shop", "MAIN")
        set_location(tim, "FRONT", name="Shop")
        await keys(pilot, "f9")
        await seen(pilot, "FRONT was changed by tim at", "the name is Shop,")
        await keys(pilot, "f9")
        await seen(pilot, "FRONT is closed now and takes nothing new.")


async def test_what_cannot_change_of_a_status_is_not_offered_and_says_why(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await show(pilot, Statuses())
        await seen(pilot, "+ In Stock", "built in")
        assert "F7" not in lines(pilot.app)[-1]
        await keys(pilot, "enter")
        await seen(pilot, "In Stock is built in and stays as it is. Make a status of your own: F6.")
        await keys(pilot, "f6")
        await types(pilot, "demo\rDemo unit\r$\r\r")
        await keys(pilot, "space", "tab", "space", "f10")
        await seen(pilot, "The mark $ is that of Sold.")
        await keys(pilot, "backspace")
        await types(pilot, "d")
        await keys(pilot, "f4")
        await types(pilot, "purple\r")
        await keys(pilot, "f10")
        await seen(pilot, "The status demo is made.", "d Demo unit", "purple", "F7 Change")
        await keys(pilot, "enter")
        await seen(pilot, "[x] can be issued", "[x] counts as part")
        await keys(pilot, "f3")

        (serial_id,) = warehouse.add("SN-9")
        move(warehouse.boss, MOVES["change-status"], [serial_id], Answers(status="demo"))
        await keys(pilot, "f7")
        await seen(pilot, "yes, stays: serials have had it", "yes, stays: quantities depend on it")
        await types(pilot, "Show piece")
        await keys(pilot, "f10")
        await seen(pilot, "The status demo is saved.", "d Show piece")
    look = statuses()[-1]
    assert (look.label, look.colour, look.mark, look.available, look.on_hand) == (
        "Show piece",
        "purple",
        "d",
        True,
        True,
    )


async def test_a_scan_on_a_list_opens_what_it_names_and_a_document_leads_to_the_one_that_voids_it(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        screen = await show(pilot, Documents())
        await terminal_sends(pilot, "K-1\r")  # the code of a customer
        await until(pilot, lambda: isinstance(pilot.app.screen, CustomerScreen), "it did not open")
        await keys(pilot, "f3")
        assert screen.find.value == ""
        await types(pilot, "s")
        await terminal_sends(pilot, "SN-000000001\r")
        await seen(pilot, "SN-000000001. Look at the label")
        assert screen.find.value == "s"
        await terminal_sends(pilot, "SN-3\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "it did not open")
        assert screen.find.value == "s"
        await keys(pilot, "f3")

        await terminal_sends(pilot, "S-000001\r")  # a scan of a document's number
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "it did not open")
        assert "Voided by" not in screen_text(pilot)
        to = void_document(warehouse.boss, "S-000001", "wrong customer").document or ""
        await keys(pilot, "shift+tab", "f5")
        await seen(pilot, "Voided by", to, "+ In Stock")
        next(link for link in pilot.app.screen.query(Link) if link.words == to).focus()
        await keys(pilot, "enter")
        await seen(pilot, f"{to} · void", "Voids")
        assert "S-000001" in [link.words for link in pilot.app.screen.query(Link)]


async def test_at_every_size_the_lists_show_what_their_rows_are(database: Any, warehouse: Warehouse) -> None:
    sizes = [(20, 8), (40, 16), (60, 20), (120, 40)]
    async with opened(database, warehouse.boss, sizes[0]) as pilot:
        for word, kind, first in (
            ("documents", DocumentsScreen, "S-000001"),
            ("locations", LocationsScreen, "DOCK"),
            ("statuses", StatusesScreen, "+ In Stock"),
            ("customers", CustomersScreen, "Bergmann"),
        ):
            assert isinstance(await go_to(pilot, word), kind)  # each list from the menu at another size
            for size in sizes:
                await resized(pilot, *size)
                await seen(pilot, first)
                assert all(len(line) <= size[0] for line in lines(pilot.app))
            sizes.append(sizes.pop(0))
        await keys(pilot, "down", "enter")
        for size in sizes:
            await resized(pilot, *size)
            await seen(pilot, "SN-1")


def test_a_customer_that_is_gone_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound, match="not there any more"):
        customer(99)


async def test_a_person_says_which_role_gives_what_and_follows_what_becomes_of_it(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    newcomer(boss, "ann")
    add_user(boss, "o'neil", ["clerk"])
    viewer = somebody(boss, "vera", Permission.VIEW)
    async with opened(database, viewer) as pilot:
        await go_to(pilot, "people")
        await listed(pilot, "ann", boss.login, "o'neil", "vera")
        await types(pilot, "clerk")
        await listed(pilot, "o'neil")
        await keys(pilot, "ctrl+y")
        assert pilot.app.clipboard == "o'neil"
        await keys(pilot, "enter")
        await seen(pilot, "may sign in", "INV_SELL_SERIAL", """serialdock user set 'o'"'"'neil' --role ROLE""")
        assert "INV_SCRAP_SERIAL" not in screen_text(pilot)
        await look(pilot)
        grant(boss, "viewer", Permission.SCRAP_SERIAL)
        set_roles(boss, "o'neil", ["clerk", "viewer"])
        await look(pilot)
        await seen(pilot, "clerk, viewer", "INV_SCRAP_SERIAL")
        texts = {str(text.id): text.has_class("-by-others") for text in pilot.app.screen.query(".person-text")}
        assert (texts["roles"], texts["INV_SCRAP_SERIAL"], texts["login"]) == (True, True, False)
        await keys(pilot, "ctrl+y", "ctrl+y")
        assert pilot.app.clipboard == "o'neil\tclerk, viewer"
        remove_user(boss, "o'neil")
        await look(pilot)
        await seen(pilot, "removed; the history keeps the name", "serialdock user add")
        assert "INV_" not in screen_text(pilot)
        revoke(boss, "vera", Permission.VIEW)
        await keys(pilot, "f5")
        await seen(pilot, "vera needs the permission INV_VIEW")
        grant(boss, "vera", Permission.VIEW)
        await keys(pilot, "f3")
        await seen(pilot, "No person has clerk.")

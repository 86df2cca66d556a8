"""All lists are ordered, left and opened alike, by key and by mouse, and remember how they were ordered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from textual.pilot import Pilot

from models.customers import add_customer, find_customer
from models.documents import find_document
from models.exporting.lists import to_export
from models.items.items import create_item
from models.locations import find_location
from models.orders import Sorting
from models.serials.add import add_serials
from models.serials.moves import Answers, move, transfer_serials
from models.station.task import TASKS
from models.verbs import MOVES
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen
from tests.support.classes import classes_below
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, newcomer, open_warehouse, stock
from tui import routes
from tui.kit.lazy_table import ORDER_SIGNS
from tui.kit.record_table import RecordTable
from tui.routes import Route
from tui.station.lines import StationLinesScreen


def _stocked() -> None:
    """Some of everything that a list shows."""
    warehouse = open_warehouse()
    boss = warehouse.boss
    for name in ("b GmbH", "A AG", "c KG"):
        add_customer(boss, name, code=name[0])
    for sku, units in (("DRL-1", 3), ("ADZ-9", 7)):
        create_item(boss, sku, sku.lower(), location="SHOP", on_hand=units, track_serials=True)
    saws = warehouse.add("SN-1", "SN-2", "SN-10", "SN-3")
    transfer_serials(boss, saws, "SHOP")
    drill = add_serials(boss, create_item(boss, "BOX-1", "Box", track_serials=True).id, ["D-1"]).serial_ids
    move(boss, MOVES["sell"], [*saws[:3], *drill], Answers(customer="A AG"))
    move(boss, MOVES["return"], saws[:1], Answers(place="SHOP"))
    stock(warehouse, "DOCK", 2)
    Station(warehouse).scan("DOCK", "SAW-1", "N-1", "N-2", "N-3")
    left = Station(warehouse)
    left.scan("SHOP", "DRL-1", "N-4")
    left.task.leave(boss)
    Station(warehouse, task=TASKS["sell"]).scan("SN-3")
    newcomer(boss, "ann")


CONTENTS = {"warehouse": _stocked}


class Place(NamedTuple):
    """Where a list is."""

    table: str
    """The class of its table."""
    route: Callable[[Warehouse], Route[Any] | Callable[[], Any]]
    """The way there: a route, or what makes the screen."""
    keys: tuple[str, ...] = ()
    """What is pressed there to come to the list."""
    opens: str = ""
    """What the screen of its first row says; empty where Enter opens no screen."""


LISTS = {
    "items": Place("ItemsTable", lambda _: routes.Items(), ("f2", "down"), "ADZ-9 · adz-9"),
    "customers": Place("CustomersTable", lambda _: routes.Customers(), (), "A AG"),
    "customer's serials": Place(
        "CustomerSerialsTable", lambda _: routes.CustomerRecord(find_customer("A AG").id), (), "History"
    ),
    "customer's documents": Place(
        "DocumentsTable", lambda _: routes.CustomerRecord(find_customer("A AG").id), ("ctrl+t",), "serial 1 of"
    ),
    "documents": Place("DocumentsTable", lambda _: routes.Documents(), (), "serial 1 of"),
    "document's serials": Place(
        "NamedSerialsTable", lambda _: routes.DocumentRecord(find_document("S-000001").id), (), "History"
    ),
    "locations": Place("LocationsTable", lambda _: routes.Places(), (), "DOCK"),
    "stock": Place("PlaceTable", lambda _: routes.PlaceRecord(find_location("SHOP").id), (), "Track Serials"),
    "stock history": Place("StockChangesTable", lambda house: routes.StockHistory(house.item.id), (), ""),
    "statuses": Place("StatusesTable", lambda _: routes.Statuses(), (), ""),
    "item's documents": Place(
        "DocumentsTable", lambda house: routes.ItemRecord(house.item.id), ("ctrl+pageup",), "serial 1 of"
    ),
    "serials": Place("SerialsTable", lambda house: routes.ItemRecord(house.item.id), ("ctrl+t",), "History"),
    "drafts": Place("DraftsTable", lambda _: routes.Drafts(), (), "has it open at another station"),
    "people": Place("PeopleTable", lambda _: routes.People(), (), "serialdock user set"),
    "lines": Place("LinesTable", lambda _: lambda: StationLinesScreen(1, lambda number: number), (), ""),
}
"""All lists, by the name under which they are remembered."""

NO_LISTS = {
    "FileList": "the folder beside a field, which keeps the focus",
    "ColumnsTable": "the columns of a file, as they stand in it",
    "ImportRowsTable": "the rows of a file, as they stand in it",
}
"""Tables that are no lists of records, and why."""


def test_every_table_is_a_list_of_this_walk_or_says_why_not() -> None:
    tables = {kind.__name__ for kind in classes_below(RecordTable)}
    assert {place.table for place in LISTS.values()} | NO_LISTS.keys() == tables
    assert FINDS.keys() == LISTS.keys() - {"items"}  # that of items is narrowed in test_exporting


async def enter(pilot: Pilot[Any], warehouse: Warehouse, place: Place) -> RecordTable[Any]:
    """Go to a list."""
    app: Any = pilot.app
    way = place.route(warehouse)
    app.run_worker(app.open(way) if isinstance(way, Route) else app.ask(way()))
    await at_rest(pilot)
    await keys(pilot, *place.keys)
    await until(pilot, lambda: in_front(pilot).total > 0, f"{place.table} has no rows")
    assert type(in_front(pilot)).__name__ == place.table
    return in_front(pilot)


def in_front(pilot: Pilot[Any]) -> RecordTable[Any]:
    table: RecordTable[Any] = pilot.app.screen.list_in_front  # type: ignore[attr-defined]
    return table


async def read(pilot: Pilot[Any], table: RecordTable[Any]) -> None:
    await at_rest(pilot)
    await until(pilot, lambda: not table.is_reloading, "the list is not read")
    await at_rest(pilot)


def listed(table: RecordTable[Any]) -> list[str]:
    return [str(table.key_at(row).value) for row in range(table.total)]


async def leave(pilot: Pilot[Any]) -> None:
    """Go back to the first screen."""
    while len(pilot.app.screen_stack) > 1:
        await keys(pilot, "f3")


async def test_all_lists_are_ordered_by_key_and_by_heading_remember_it_and_open_a_row_by_enter_and_double_click(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, size=(120, 24)) as pilot:
        for name, place in LISTS.items():
            table = await enter(pilot, warehouse, place)
            assert table.remembered == name
            assert (await pilot.app.db.run(to_export, table.source)).rows == table.total, name  # type: ignore[attr-defined]
            usual = table.ordering.now
            assert usual is not None
            codes = [order.code for order in table.ordering.orders]
            await keys(pilot, "greater_than_sign")
            await read(pilot, table)
            assert table.ordering.now == Sorting(codes[1], descending=False), name
            up = listed(table)
            await keys(pilot, "ctrl+r")
            await read(pilot, table)
            assert table.ordering.now == Sorting(codes[1], descending=True), name
            assert name == "locations" or listed(table) == up[::-1], name
            assert sorted(listed(table)) == sorted(up)
            await _click_a_heading(pilot, table, codes)
            await keys(pilot, "ctrl+o", "2", "enter")
            await read(pilot, table)
            chosen = table.ordering.now
            assert chosen.code == codes[1], name
            assert table.cursor_row == 0
            await leave(pilot)
            again = await enter(pilot, warehouse, place)
            assert again is not table
            assert again.ordering.now == chosen, name
            await keys(pilot, "less_than_sign")
            await read(pilot, again)
            if again.ordering.now != usual:
                await keys(pilot, "ctrl+r")
                await read(pilot, again)
            assert again.ordering.now == usual
            if place.opens:
                await _open_by_mouse_and_by_enter(pilot, name, again)
                await seen(pilot, place.opens)
            await leave(pilot)


async def _click_a_heading(pilot: Pilot[Any], table: RecordTable[Any], codes: list[str]) -> None:
    """A click on the heading of the last ordered column orders by it, a second one turns that round."""
    columns = [column for column in table.record_columns if (column.order or column.key) in codes[2:]]
    column = columns[-1]
    before = table.record_columns.index(column)
    left = sum(each.get_render_width(table) for each in table.ordered_columns[: before + 1]) - table.scroll_offset.x
    for descending in (False, True):
        await pilot.click(table, offset=(left + 2, table.header_height - 1))
        await read(pilot, table)
        assert table.ordering.now == Sorting(column.order or column.key, descending), type(table).__name__
        assert any(f"{ORDER_SIGNS[descending]}" in line for line in screen_text(pilot).splitlines()), column.label


async def _open_by_mouse_and_by_enter(pilot: Pilot[Any], name: str, table: RecordTable[Any]) -> None:
    """Two single clicks open nothing, a double click opens the row, and Enter the first one."""
    screen = pilot.app.screen
    row = table.header_height + 1 if table.total > 1 else table.header_height
    for _ in range(2):
        await pilot.click(table, offset=(8, row))
        await read(pilot, table)
    assert pilot.app.screen is screen, name
    assert table.cursor_row == row - table.header_height, name
    await pilot.double_click(table, offset=(8, row))
    await until(pilot, lambda: pilot.app.screen is not screen, f"{name} is not opened by mouse")
    await keys(pilot, "f3")
    await keys(pilot, "home", "enter")
    await until(pilot, lambda: pilot.app.screen is not screen, f"{name} is not opened by Enter")


FINDS = {
    "customers": "gmbh",
    "customer's serials": "sn-1",
    "customer's documents": "s-",
    "documents": "t-",
    "document's serials": "d-1",
    "locations": "sh",
    "stock": "adz",
    "stock history": "dock",
    "statuses": "sold",
    "item's documents": "s-",
    "serials": "sn-1",
    "drafts": "shop",
    "people": "viewer",
    "lines": "n-1",
}
"""What narrows a list, without emptying it."""


async def test_a_list_is_narrowed_and_says_so_when_one_comes_again(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, size=(40, 16)) as pilot:
        for name, find in FINDS.items():
            table = await enter(pilot, warehouse, LISTS[name])
            everything = table.total
            await keys(pilot, *find)
            await read(pilot, table)
            assert 0 < table.total < everything
            few = listed(table)
            await leave(pilot)
            again = await enter(pilot, warehouse, LISTS[name])
            assert listed(again) == few
            await seen(pilot, find)
            if name != "serials":  # its filters stand above the grid
                await seen(pilot, "The list is filtered as before.")
            await keys(pilot, "escape")
            await read(pilot, again)
            assert again.total == everything
            await leave(pilot)


async def test_an_order_that_no_heading_shows_is_said_in_words(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss, size=(40, 16)) as pilot:
        table = await enter(pilot, warehouse, LISTS["customers"])
        await keys(pilot, "ctrl+o", *"ref", "enter")
        await read(pilot, table)
        await seen(pilot, "by Reference ▲ · customer 1 of 3")
        await resized(pilot, 120, 24)
        await seen(pilot, "Reference▲")
        assert "by Reference" not in screen_text(pilot)


async def test_marks_stay_while_a_list_is_narrowed_and_are_copied_and_exported_with_it(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, size=(40, 16)) as pilot:
        for name, find, marked in (
            ("customers", "gmbh", "A AG"),
            ("document's serials", "sn-10", "SN-1"),
            ("stock", "adz", "ADZ-9"),
            ("documents", "t-", "B-000001"),
            ("drafts", "shop", "3\n2\n1"),
            ("people", "viewer", "ann"),
            ("lines", "n-2", "N-1"),
        ):
            table = await enter(pilot, warehouse, LISTS[name])
            await keys(pilot, "home", "space")
            await seen(pilot, "1 marked · ")
            await keys(pilot, "ctrl+u")
            assert not table.marked, name
            await keys(pilot, "home", "shift+down", "home", "space", "down", "ctrl+k")
            await read(pilot, table)
            total = table.total
            assert table.mark_count == total, name
            await keys(pilot, "home", "ctrl+u", "space", "end", "ctrl+e")
            await read(pilot, table)
            assert table.mark_count == total, name
            await keys(pilot, *find)
            await read(pilot, table)
            hidden = total - table.total
            assert 0 < hidden < total
            await keys(pilot, "ctrl+y")
            await until(pilot, lambda: marked in pilot.app.clipboard, f"{name} is not copied")  # type: ignore[misc] # noqa: B023
            assert len(pilot.app.clipboard.splitlines()) == total
            await seen(pilot, f"hides {hidden}")
            await keys(pilot, "ctrl+w")
            await seen(pilot, f"{total} marked rows; the")
            await keys(pilot, "f3", "down", "escape")
            assert not table.marked
            assert table.total == total - hidden, name
            await keys(pilot, "escape")
            await read(pilot, table)
            assert table.total == total
            await leave(pilot)

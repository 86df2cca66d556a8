"""Every list in each of its orders, both ways round: ties, blanks and mixed case, page by page, while rows come."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from models import clock, orders
from models.customers import CustomerSerials, CustomerSource, add_customer, find_customer
from models.documents import DocumentSource, EveryDocument, NamedSerials, find_document
from models.errors import BadValue
from models.items.items import create_item, save_item
from models.items.list import ITEM_ORDERS, ItemSource
from models.items.stock import StockChanges
from models.locations import PlaceSource, StockSource, close_location, create_location, find_location
from models.orders import Sorting, sorting_of
from models.paging import ListWindow, read_window
from models.people import UserSource, add_user, set_roles
from models.schema import Customer, bound
from models.serials.add import add_serials
from models.serials.columns import COLUMNS
from models.serials.grid import Selection, SerialSource
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_serial, serial_detail
from models.station.drafts import DraftSource
from models.station.lines import LineSource
from models.station.task import TASKS
from models.statuses import StatusSource
from models.text import fold, search_key, serial_key, sort_key
from models.verbs import MOVES
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, newcomer, open_warehouse, set_warranty, statements, stock


def _much_alike() -> None:
    """Items, places, customers, documents and lines whose values are often equal, blank, or differ in case only."""
    warehouse, dice = open_warehouse(), random.Random(7)
    boss, ann = warehouse.boss, newcomer(warehouse.boss, "Ann")
    assert ann
    for login, roles in (("bob", ["clerk"]), ("Bea", ["clerk", "viewer"]), ("carl", ["administrator"])):
        add_user(boss, login, roles)
    set_roles(boss, "Ann", [])
    for number, (code, name) in enumerate((("dock-2", "loading"), ("Dock-3", ""), ("a-01", "Loading"), ("A-02", ""))):
        create_location(boss, code, name, parent="SHOP" if number % 2 else None)
    close_location(boss, "A-02")
    for number in range(14):
        sku = f"{'aAbB'[number % 4]}-{number}"
        name = ("drill", "Drill", "saw", "ölpumpe")[number % 4]
        create_item(
            boss, sku, name, location=("SHOP", "dock-2")[number % 2], on_hand=number // 5, track_serials=number % 3 > 0
        )
    for number in range(12):
        add_customer(
            boss,
            f"{'aAbB'[number % 4]}{number} AG",
            code=f"{'kK'[number % 2]}{number}" if number % 3 else "",
            reference=("", "10", "x", "X")[number % 4],
        )
    drills = add_serials(boss, find_item_id("b-2"), [f"s-{number}" for number in range(6)]).serial_ids
    saws = warehouse.add(*(f"S-{number}" for number in range(14)), location="DOCK")
    for place in ("SHOP", "SHELF", "MAIN", "DOCK"):
        transfer_serials(boss, saws[:1], place)
    for place, customer in (("SHELF", "a0 AG"), ("Dock-3", "a0 AG"), ("a-01", "A1 AG")):
        there = [saw for saw in saws if serial_detail(saw).status.code == "in_stock"]
        transfer_serials(boss, [*dice.sample(there, 2), drills[-1]], place)
        move(boss, MOVES["sell"], [*there[:4], drills.pop()], Answers(customer=customer, reference="r"))
    today = clock.today()
    for saw, days in zip(saws, (0, -1, 30, 30, 400), strict=False):
        set_warranty(boss, saw, today - timedelta(500), today + timedelta(days))
    stock(warehouse, "a-01", 3)
    station = Station(warehouse)
    station.scan(
        "DOCK", "SAW-1", "N-1", "n-2", "S-3", "N-2", "B-2", "q-1", "Q-2", "SHELF", "q-9", "N-9", "N-10", "N-11"
    )
    for task, scans in (("receive", ("dock-2", "b-2", "q-7")), ("sell", ("S-5",)), ("receive", ())):
        other = Station(warehouse, task=TASKS[task])
        other.scan(*(scans or ("DOCK",)))


def find_item_id(sku: str) -> int:
    return next(row.id for row in ItemSource(sku).fetch(0, 1))


CONTENTS = {"warehouse": _much_alike}


def _blank_last(value: str | None, folded: Callable[[str], Any] = str.upper) -> tuple[bool, Any]:
    return not value, folded(value or "")


def _warranty(row: Any) -> tuple[bool, date]:
    end = row.warranty_end if row.warranty != "void" else None
    return end is None, end or date.min


DOCUMENTS: dict[str, Callable[[Any], Any]] = {
    "at": lambda row: row.id,
    "number": lambda row: row.number,
    "kind": lambda row: row.kind,
    "from": lambda row: _blank_last(row.from_location),
    "to": lambda row: _blank_last(row.to_location),
    "customer": lambda row: _blank_last(row.customer, fold),
    "serials": lambda row: row.serials,
    "by": lambda row: row.user.upper(),
}
STOCK: dict[str, Callable[[Any], Any]] = {
    "location": lambda row: (row.location, fold(row.sku)),
    "sku": lambda row: fold(row.sku),
    "name": lambda row: (search_key(row.name), fold(row.sku)),
    "on_hand": lambda row: (row.on_hand, fold(row.sku)),
    "serials": lambda row: (not (row.track_serials or row.serials), row.serials, fold(row.sku)),
}
SERIALS: dict[str, Callable[[Any], Any]] = {
    "serial": lambda row: (sort_key(serial_key(row.serial_number)), row.id),
    "sku": lambda row: fold(row.sku),
    "name": lambda row: search_key(row.item_name),
    "status": lambda row: row.status.id,
}

LISTS: dict[str, tuple[Callable[[], Any], str, dict[str, Callable[[Any], Any]]]] = {
    "items": (
        ItemSource,
        "sku",
        {
            "sku": lambda row: fold(row.sku),
            "name": lambda row: (search_key(row.name), row.id),
            "location": lambda row: row.location.upper(),
            "on_hand": lambda row: row.on_hand,
            "serials": lambda row: (not row.track_serials, row.serials),
            "without": lambda row: (not row.track_serials, row.without),
        },
    ),
    "customers": (
        CustomerSource,
        "name",
        {
            "name": lambda row: fold(row.name),
            "code": lambda row: _blank_last(row.code),
            "reference": lambda row: _blank_last(row.reference),
            "serials": lambda row: row.serials,
            "warranty": lambda row: row.under_warranty,
        },
    ),
    "customer's serials": (
        lambda: CustomerSerials(find_customer("a0 AG").id),
        "serial",
        {**SERIALS, "warranty": _warranty},
    ),
    "locations": (
        PlaceSource,
        "code",
        {
            "name": lambda row: (_blank_last(row.place.name), row.place.code.upper()),
            "parent": lambda row: (_blank_last(row.place.parent), row.place.code.upper()),
            "on_hand": lambda row: (row.on_hand, row.place.code.upper()),
            "serials": lambda row: (row.serials, row.place.code.upper()),
            "closed": lambda row: (row.place.closed, row.place.code.upper()),
        },
    ),
    "stock": (lambda: StockSource(find_location("SHOP").id), "location", STOCK),
    "documents": (EveryDocument, "at", DOCUMENTS),
    "documents of a kind": (lambda: EveryDocument("sale"), "at", DOCUMENTS),
    "item's documents": (lambda: DocumentSource(item_id=find_item_id("SAW-1")), "at", DOCUMENTS),
    "serial's documents": (lambda: DocumentSource(serial_id=find_serial("S-0", "SAW-1")), "at", DOCUMENTS),
    "document's serials": (
        lambda: NamedSerials(find_document("S-000001").id),
        "serial",
        {**SERIALS, "entered": lambda row: row.id, "location": lambda row: row.location.upper()},
    ),
    "stock history": (
        lambda: StockChanges(find_item_id("SAW-1")),
        "at",
        {
            "at": lambda row: (row.at, row.id),
            "location": lambda row: row.location.upper(),
            "units": lambda row: row.units,
            "why": lambda row: row.kind,
            "document": lambda row: _blank_last(row.document),
            "by": lambda row: _blank_last(row.user),
        },
    ),
    "lines": (
        lambda: LineSource(1),
        "line",
        {
            "line": lambda row: row.number,
            "serial": lambda row: row.serial_number.upper(),
            "state": lambda row: row.state,
            "item": lambda row: _blank_last(row.sku, fold),
            "location": lambda row: _blank_last(row.location),
            "time": lambda row: (row.at, row.number),
            "by": lambda row: row.login.upper(),
        },
    ),
    "drafts": (
        DraftSource,
        "id",
        {
            "changed": lambda look: look.row.changed_at,
            "task": lambda look: look.title,
            "location": lambda look: _blank_last(look.row.location),
            "item": lambda look: _blank_last(look.row.sku),
            "good": lambda look: look.row.good,
            "problems": lambda look: look.row.problems,
            "by": lambda look: look.row.login.upper(),
            "started": lambda look: look.row.started_at,
            "in_use": lambda look: look.in_use,
        },
    ),
    "people": (
        UserSource,
        "login",
        {
            "roles": lambda row: (_blank_last(", ".join(row.roles)), row.login.upper()),
            "permissions": lambda row: (len(row.permissions), row.login.upper()),
            "added": lambda row: (row.added_at, row.login.upper()),
        },
    ),
    "statuses": (
        StatusSource,
        "kind",
        {
            "kind": lambda look: look.id,
            "label": lambda look: look.label.casefold(),
            "code": lambda look: look.code,
            "available": lambda look: look.available,
            "on_hand": lambda look: look.on_hand,
        },
    ),
}
"""Of each list: its source, the order by which rows with equal values stand, and what a row has in each column."""


def whole(source: Any) -> list[Any]:
    return list(source.fetch(0, source.count()))


def _both_ways(make: Callable[[], Any]) -> Iterator[Any]:
    for order in make().orders:
        for descending in (False, True):
            yield make().sorted_by(Sorting(order.code, descending))


def _stands_in_each_order(name: str) -> None:
    make, base, keys = LISTS[name]
    plain = whole(make().sorted_by(Sorting(base)))
    assert {order.code for order in make().orders} == keys.keys() | {base}
    assert len(plain) > 2, name
    for source in _both_ways(make):
        code, descending = source.sorting
        expected = sorted(plain, key=keys[code]) if code in keys else plain
        found = whole(source)
        if code in keys:  # a tree that is turned round keeps each place below the one around it
            keys_of = [row.key for row in expected]
            assert [row.key for row in found] == (keys_of[::-1] if descending else keys_of), (name, source.sorting)
        assert sorted(row.key for row in found) == sorted(row.key for row in plain)
        _pages_agree(source, found)


def _pages_agree(source: Any, found: list[Any]) -> None:
    dice = random.Random(3)
    for _ in range(4):
        offset, limit, row = dice.randrange(len(found)), dice.randrange(1, 5), dice.choice(found)
        assert list(source.fetch(offset, limit)) == found[offset : offset + limit], source.sorting
        assert source.index_of(row.key) == found.index(row)
    window = read_window(source, ListWindow(keys=[found[-1].key]), size=2)
    assert (window.row, window.found) == (len(found) - 1, found[-1].key)
    if hasattr(source, "after"):
        walked, row = list[Any](), None
        while page := source.after(row, 3):
            walked += page
            row = page[-1]
        assert walked == found


def test_a_list_stands_in_the_order_of_each_column_and_turned_round(warehouse: Warehouse) -> None:
    for name in LISTS:
        _stands_in_each_order(name)


def test_a_long_list_is_read_in_groups_and_stands_in_the_same_order(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "LONG", 0)
    monkeypatch.setattr(orders, "SHORTEST", 1)
    for name in ("documents", "documents of a kind", "customers"):
        _stands_in_each_order(name)


def _plan(sql: str) -> str:
    rows = bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?")).fetchall()
    return "\n".join(row[3] for row in rows)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_page_of_a_long_list_is_read_along_an_index(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "LONG", 0)
    monkeypatch.setattr(orders, "SHORTEST", 1)
    lists: tuple[tuple[Callable[[], Any], tuple[str, ...]], ...] = (
        (lambda: EveryDocument("sale"), ("number kind", "from from", "to to", "customer customer", "by by")),
        (lambda: EveryDocument("sale"), ("serials serials",)),
        (CustomerSource, ("code code_any_case", "reference reference", "reference unreferred", "code uncoded")),
    )
    for make, indexes in lists:
        for code, index in map(str.split, indexes):
            source = make().sorted_by(Sorting(code))
            source.count()
            with statements(bound.obj) as ran:
                source.fetch(0, 1_000)
            plans = "".join(map(_plan, ran))
            table = "customers" if make is CustomerSource else "documents"
            assert f"INDEX {table}_{index}" in plans, (code, index)


def test_pages_go_on_where_they_were_while_rows_come_before_them(warehouse: Warehouse) -> None:
    for source in _both_ways(CustomerSource):
        before = whole(source)
        source.count()
        first = list(source.fetch(0, 4))
        one = add_customer(warehouse.boss, "0 first GmbH" if not source.sorting.descending else "ZZ GmbH", code="")
        assert [row.id for row in source.fetch(4, 4)] == [row.id for row in before[4:8]], source.sorting
        assert [row.id for row in first] == [row.id for row in before[:4]]
        Customer.delete().where(Customer.id == one.id).execute()


def test_what_find_leaves_is_ordered_too(warehouse: Warehouse) -> None:
    for name, text in (
        ("items", "drill"),
        ("customers", "k1"),
        ("customer's serials", "s-1"),
        ("locations", "dock"),
        ("stock", "drill"),
        ("document's serials", "b-2"),
        ("documents", "S-"),
        ("item's documents", "T-"),
        ("stock history", "dock"),
        ("lines", "n"),
        ("drafts", "dock"),
        ("people", "clerk"),
    ):
        make, _, keys = LISTS[name]
        found = make().found_by(text)
        assert 0 < found.count() < make().count(), name
        for order in found.orders:
            rows = whole(found.sorted_by(Sorting(order.code)))
            if order.code in keys:
                values = [keys[order.code](row) for row in rows]
                assert values == sorted(values), (name, order.code)


def test_the_grid_is_ordered_by_the_same_names(warehouse: Warehouse) -> None:
    source = SerialSource(Selection(warehouse.item.id, find="S"))
    for order in COLUMNS:
        turned = source.sorted_by(Sorting(order.code, descending=True))
        assert (turned.sorting, turned.selection.find) == (Sorting(order.code, descending=True), "S")
        assert [row.key for row in whole(turned)] == [row.key for row in whole(source.sorted_by(Sorting(order.code)))][
            ::-1
        ]


def test_a_command_names_an_order_by_its_column(warehouse: Warehouse) -> None:
    assert sorting_of(ITEM_ORDERS, "on_hand") == Sorting("on_hand")
    assert sorting_of(ITEM_ORDERS, " Name:DESC ") == Sorting("name", descending=True)
    for text, said in (("price", "Columns: sku, name,"), ("", "not ordered by nothing"), ("sku:up", "not :up")):
        with pytest.raises(BadValue, match=said):
            sorting_of(ITEM_ORDERS, text)
    save_item(warehouse.boss, warehouse.item.id, name="Aaa")
    assert ItemSource(sorting=Sorting("name")).fetch(0, 1)[0].sku == "SAW-1"

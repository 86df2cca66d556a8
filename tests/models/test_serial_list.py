"""The grid's list of serials equals a plain list that was filtered and sorted in memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pytest

from models import clock
from models.database import bulk
from models.errors import NotAllowed
from models.items.items import create_item, save_item
from models.ledger import SERIAL_COLUMNS
from models.paging import ListWindow, read_window
from models.schema import Customer, Item, Location, Status, bound
from models.serials import grid
from models.serials.columns import COLUMNS, CUSTOMER, LOCATION, RECEIVED, SERIAL, STATUS, WARRANTY, SerialColumn
from models.serials.grid import Selection, SerialRow, SerialSource
from models.serials.moves import Answers, move, transfer_serials
from models.statuses import StatusSource, statuses
from models.terms import Warranty, warranty_status
from models.text import serial_key, sort_key
from models.verbs import MOVES, STATUSES, StatusCode
from tests.support.cases import case
from tests.support.engines import ON_SQLITE
from tests.support.warehouse import Warehouse, open_warehouse, own_status, put, statements, together

TODAY = date(2026, 6, 15)
SERIALS = 420


class Row(NamedTuple):
    """A serial as the brute force knows it."""

    id: int
    item_id: int
    text: str
    key: str
    sort: str
    status: int
    location: int
    place: str
    customer: str | None
    """The customer that the list shows."""
    is_reserved_for: bool
    """Whether it has a customer that the list does not show."""
    warranty: Warranty
    end: date | None
    received: date

    @property
    def order(self) -> tuple[str, int]:
        return self.sort, self.id

    def sorted_by(self, order: SerialColumn[Any]) -> tuple[Any, ...]:
        if order is WARRANTY:
            dated = {Warranty.ACTIVE: 0, Warranty.EXPIRED: 1}.get(self.warranty)
            return (2, date.min, *self.order) if dated is None else (dated, self.end, *self.order)
        first: dict[SerialColumn[Any], tuple[Any, ...]] = {
            SERIAL: (),
            STATUS: (self.status,),
            LOCATION: (self.place,),
            CUSTOMER: (self.customer is None, self.customer or "", not self.is_reserved_for),
            RECEIVED: (self.received,),
        }
        return (*first[order], *self.order)


def _only(status_id: int | None, location_id: int | None = None) -> dict[SerialColumn[Any], int]:
    return {column: value for column, value in ((STATUS, status_id), (LOCATION, location_id)) if value is not None}


class Stock(NamedTuple):
    """A filled warehouse and what is in it."""

    warehouse: Warehouse
    rows: list[Row]
    removed: int
    """Id of the status that lists leave out."""

    def chosen(self, selection: Selection) -> list[int]:
        """The ids of a selection, in order."""
        text = serial_key(selection.find).lstrip("*")
        rows = [
            row
            for row in self.rows
            if row.item_id == selection.item_id
            and selection.only.get(STATUS) in (None, row.status)
            and (STATUS in selection.only or selection.removed or row.status != self.removed)
            and selection.only.get(LOCATION) in (None, row.location)
        ]
        begin = [row for row in rows if row.key.startswith(text)]
        if begin and not selection.find.strip().startswith("*"):
            rows = begin
        else:
            rows = [row for row in rows if text in row.key]
        rows.sort(key=lambda row: row.sorted_by(selection.order), reverse=selection.descending)
        return [row.id for row in rows]


def _texts(dice: random.Random) -> list[str]:
    odd = ["100%", "a_b", "back\\slash", "it's", "%", "_", "x*y", "[0-9]", "00012", "12", "012", "sn 12", "SN12A"]
    heads = ["SN-", "sn-", "AF5-", "", "B "]
    some = [f"{dice.choice(heads)}{dice.randint(0, 10 ** dice.randint(1, 5))}" for _ in range(900)]
    by_key = {serial_key(text): text for text in [*some, *odd]}
    chosen = {serial_key(text) for text in odd}
    others = sorted(by_key.keys() - chosen)
    return [by_key[key] for key in [*dice.sample(others, SERIALS - len(odd)), *sorted(chosen)]]


def _fill() -> None:
    warehouse = open_warehouse()
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    for name in ("zeta", "Alpha", "Ölmühle", "beta", "Bergmann AG"):
        Customer.create(name=name)
    assert list(bulk.reserve_ids("serials", SERIALS)) == list(range(1, SERIALS + 1))
    bulk.insert("serials", SERIAL_COLUMNS, [stored for _, stored in _serials()])
    bound.execute_sql(
        "INSERT INTO serial_counts SELECT item_id, location_id, status_id, count(*) FROM serials "
        "GROUP BY item_id, location_id, status_id"
    )


def _serials() -> Iterator[tuple[Row, tuple[Any, ...]]]:
    """The same serials at each call, as the brute force knows them and as they are stored."""
    dice = random.Random(11)
    item, other = (row.id for row in Item.select().order_by(Item.id))
    customers = list(Customer.select().order_by(Customer.id))
    places, statuses = list(Location.select().order_by(Location.id)), list(Status.select().order_by(Status.id))
    for number, text in enumerate(_texts(dice), start=1):
        status, place = dice.choice(statuses), dice.choice(places)
        buyer = dice.choice([*customers, None]) if status.code in ("sold", "reserved", "in_repair") else None
        end = dice.choice([None, TODAY + timedelta(dice.randint(-5, 5))])
        start = None if end is None else dice.choice([None, end - timedelta(dice.randint(0, 4))])
        void = dice.choice([None, None, "opened"]) if end else None
        item_id = dice.choice([item] * 5 + [other])
        received = TODAY - timedelta(dice.randint(0, 6))
        key = serial_key(text)
        first = (number, item_id, text, key, sort_key(key), status.id, place.id)
        state = warranty_status(start, end, void, TODAY)
        hidden = buyer is not None and status.code == "reserved"
        name = buyer.name if buyer and not hidden else None
        row = Row(*first, place.code, name, hidden, state, end, received)
        yield row, (*first, buyer and buyer.id, "", start, end, void, received, 1)


CONTENTS = {"stock": _fill}


@pytest.fixture
def stock(database: Any, monkeypatch: pytest.MonkeyPatch) -> Stock:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    rows = [row for row, _ in _serials()]
    return Stock(open_warehouse(), rows, Status.get(Status.code == "removed").id)


def _ids(rows: Any) -> list[int]:
    return [row.id for row in rows]


def _check(stock: Stock, selection: Selection, dice: random.Random) -> None:
    expected = stock.chosen(selection)
    source = SerialSource(selection)
    assert source.count() == len(expected), selection
    assert _ids(source.fetch(0, len(expected) + 10)) == expected, selection
    for _ in range(5):
        offset, limit = dice.randint(0, len(expected)), dice.choice([0, 1, 7, 40, 200])
        assert _ids(source.fetch(offset, limit)) == expected[offset : offset + limit], (selection, offset, limit)
    for one in dice.sample(expected, min(3, len(expected))):
        assert source.index_of(str(one)) == expected.index(one), selection
    strangers = sorted({row.id for row in stock.rows} - set(expected))
    for one in [*dice.sample(strangers, min(2, len(strangers))), 10**9]:
        assert source.index_of(str(one)) is None, selection
    _check_keys(SerialSource(selection), [str(one) for one in expected], dice)


def _check_keys(source: SerialSource, expected: list[str], dice: random.Random) -> None:
    """The keys by which rows are marked: all, and those between two rows in either direction."""
    assert sorted(source.all_keys()) == sorted(expected), source.selection
    assert source.key_at(len(expected)) is None
    assert source.keys_between("1", str(10**9)) == []
    if expected:
        first, last = sorted(dice.choices(range(len(expected)), k=2))
        between = sorted(expected[first : last + 1])
        assert sorted(source.keys_between(expected[first], expected[last])) == between, source.selection
        assert sorted(source.keys_between(expected[last], expected[first])) == between, source.selection
        assert source.keys_between(str(10**9), expected[last]) == [expected[last]] == [source.key_at(last)]
        assert source.keys_between(None, expected[last]) == [expected[last]]


def test_every_order_and_filter_gives_the_right_rows_page_by_page(stock: Stock) -> None:
    item_id = stock.warehouse.item.id
    ids: list[int | None] = [None, *(row.id for row in Status.select())]
    places: list[int | None] = [None, *(row.id for row in Location.select())]
    for order in COLUMNS:
        dice = random.Random(order.code)
        chosen = [(None, None), *dice.sample(list(product(ids, places)), 8)]
        for (status_id, location_id), descending in product(chosen, (False, True)):
            _check(stock, Selection(item_id, _only(status_id, location_id), "", order, descending), dice)


FINDS = [
    *("SN-1", "sn - 1", "1", "*1", " *1", "12", "*12", "0", "00012", "AF5-9", "b1", "B 1", "zzz", "*zzz", "  ", "*"),
    *("**5", "%", "*%", "_", "*_", "\\", "*\\", "'", "*'", "x*", "*x*y", "[", "100%", "ä", "*ä", "ß", "\U0010ffff"),
]


def test_find_gives_what_begins_so_or_else_contains_it(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = product(COLUMNS, (0, 30, grid.FEW), (False, True))
    for order, few, descending in cases:
        dice = random.Random(f"{order.code} {few} {descending}")
        with case(f"at most {few} looked through"), monkeypatch.context() as patch:
            patch.setattr(grid, "FEW", few)
            for find in dice.sample(FINDS, 7):
                status_id = dice.choice([None, None, 1, 7])
                _check(stock, Selection(stock.warehouse.item.id, _only(status_id), find, order, descending), dice)


def test_what_no_serial_can_hold_finds_nothing(stock: Stock) -> None:
    for find in ("\udcff", "1\0", "\ud800\udc00", "*\0"):
        source = SerialSource(Selection(stock.warehouse.item.id, find=find))
        assert source.count() == 0, ascii(find)
        assert list(source.fetch(0, 10)) == [], ascii(find)


def test_a_row_says_what_the_grid_shows(stock: Stock) -> None:
    by_id = {row.id: row for row in stock.rows}
    source = SerialSource(Selection(stock.warehouse.item.id))
    for row in source.fetch(0, source.count()):
        known = by_id[row.id]
        assert isinstance(row, SerialRow)
        assert (row.key, row[SERIAL], row[LOCATION]) == (str(known.id), known.text, known.place)
        assert (row[STATUS].id, row[CUSTOMER], row[WARRANTY]) == (known.status, known.customer, known.warranty)
        assert row[RECEIVED] == known.received


def test_pages_read_up_down_and_by_jumps_fit_together(stock: Stock) -> None:
    for order, descending in product(COLUMNS, (False, True)):
        selection = Selection(stock.warehouse.item.id, {}, "", order, descending)
        expected, source, size = stock.chosen(selection), SerialSource(selection), 25
        assert source.count() == len(expected), selection
        pages = range(0, len(expected), size)
        half = len(pages) // 2
        for offset in [*pages, *reversed(pages), pages[half], *pages[half:], *reversed(pages[:half])]:
            assert _ids(source.fetch(offset, size)) == expected[offset : offset + size], (selection, offset)


def test_a_list_read_to_its_end_misses_nothing(stock: Stock) -> None:
    for find, status_id in (("", None), ("*1", None), ("SN", None), ("", 7), ("zzz", None)):
        selection = Selection(stock.warehouse.item.id, _only(status_id), find)
        source, found = SerialSource(selection), []
        last: SerialRow | None = None
        while page := source.after(last, 30):
            found += _ids(page)
            last = page[-1]
        assert found == stock.chosen(selection)


def test_a_list_that_others_change_is_right_when_it_is_begun_again(stock: Stock) -> None:
    for order in COLUMNS:
        with case(order.code):
            _change_while_read(stock.warehouse, order)


def _change_while_read(warehouse: Warehouse, order: SerialColumn[Any]) -> None:
    dice = random.Random(9)
    fresh = warehouse.add(*(f"NEW-{order.code}-{number}" for number in range(60)))
    source = SerialSource(Selection(warehouse.item.id, order=order))
    source.count()
    for turn in range(6):
        source.fetch(turn * 60, 40)
        moving = dice.sample(fresh, 8)
        here = warehouse.where(f"NEW-{order.code}-{fresh.index(moving[0])}")[1]
        transfer_serials(warehouse.boss, [fresh[0]], "DOCK" if turn % 2 else "SHOP")
        warehouse.add(f"LATE-{order.code}-{turn}")
        if turn < 3:
            put(warehouse, "lost", fresh[-1 - turn])
        stale = source.fetch(turn * 40, 40)
        assert len({row.id for row in stale}) == len(stale) <= 40
        window = read_window(source, ListWindow(keys=[str(fresh[0])], below=20), 50)
        assert window.found == str(fresh[0])
        assert here
        whole = SerialSource(Selection(warehouse.item.id, order=order))
        every = _ids(whole.fetch(0, whole.count()))
        assert _ids(window.records) == every[window.first_page * 50 :][: len(window.records)]
        assert window.total == len(every) == len(set(every))


def test_a_list_is_read_while_others_write(database: Any, stock: Stock) -> None:
    warehouse = stock.warehouse

    def write(name: str) -> None:
        for number in range(15):
            ids = warehouse.add(*(f"{name}-{number}-{each}" for each in range(10)))
            transfer_serials(warehouse.boss, ids, "DOCK")

    def read(order: SerialColumn[Any]) -> None:
        source = SerialSource(Selection(warehouse.item.id, order=order))
        for _ in range(15):
            window = read_window(source, ListWindow(row=200, below=30), 50)
            assert window.records
            assert len({row.id for row in window.records}) == len(window.records)

    works = [partial(write, "X"), partial(write, "Y"), partial(read, LOCATION), partial(read, SERIAL)]
    assert together(database, works) == [None] * 4
    source = SerialSource(Selection(warehouse.item.id))
    assert source.count() == len(source.fetch(0, 10**6)) == len(stock.chosen(source.selection)) + 300


def test_a_page_takes_few_statements_however_many_customers_it_shows(database: Any, stock: Stock) -> None:
    warehouse = stock.warehouse
    ids = warehouse.add(*(f"C{number}" for number in range(80)))
    for number, each in enumerate(ids):
        put(warehouse, "sold", each, customer=f"Customer {number:02d}")
    source = SerialSource(Selection(warehouse.item.id, order=CUSTOMER))
    with statements(database) as seen:
        total = source.count()
        rows = source.fetch(0, 80)
        source.index_of(rows[40].key)
    assert len({row[CUSTOMER] for row in rows}) > 50
    assert total > 300
    assert len(seen) <= 10


def test_a_status_that_was_added_meanwhile_is_shown(stock: Stock) -> None:
    source = SerialSource(Selection(stock.warehouse.item.id))
    total = source.count()
    before = source.fetch(0, 1)[0]
    own_status(stock.warehouse, "refurbished", before.id, on_hand=True)
    assert [row[STATUS].code for row in source.fetch(0, total)].count("refurbished") == 1


def test_the_first_page_by_warranty_counts_no_more_than_its_own_rows(database: Any, stock: Stock) -> None:
    selection = Selection(stock.warehouse.item.id, order=WARRANTY)
    source, expected = SerialSource(selection), stock.chosen(selection)
    with statements(database) as seen:
        assert source.count() == len(expected)
        assert _ids(source.fetch(0, 20)) == expected[:20]
    counts = [sql for sql in seen if "count(*)" in sql and "warranty_end" in sql]
    assert len(counts) == 1, seen
    assert "LIMIT 20" in counts[0]
    assert _ids(source.fetch(0, len(expected))) == expected


def test_built_in_statuses_come_before_own_ones_that_were_there_earlier(stock: Stock) -> None:
    # An own status with a lower id, as where an administrator added it before a later version added a built-in one.
    Status.create(id=0, code="refurbished", label="Refurbished", colour="green", mark="*", available=True, on_hand=True)
    assert [look.code for look in statuses()] == [*STATUSES, "refurbished"]
    listed = StatusSource()
    assert [look.code for look in listed.fetch(0, listed.count())] == [*STATUSES, "refurbished"]

    source = SerialSource(Selection(stock.warehouse.item.id, order=STATUS, removed=True))
    total = source.count()
    first = source.fetch(0, 1)[0]
    assert first[STATUS].code == StatusCode.IN_STOCK
    move(stock.warehouse.boss, MOVES["change-status"], [first.id], Answers(status="refurbished"))
    assert source.count() == total
    assert source.fetch(total - 1, 1)[0].id == first.id
    assert source.index_of(first.key) == total - 1


def test_an_item_without_serials_has_an_empty_list(stock: Stock) -> None:
    empty = create_item(stock.warehouse.boss, "NEW", "New", track_serials=True)
    for order in COLUMNS:
        source = SerialSource(Selection(empty.id, order=order))
        assert (source.count(), list(source.fetch(0, 10)), source.index_of("1")) == (0, [], None)


def test_more_rows_than_one_transaction_takes_are_not_marked(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    source = SerialSource(Selection(stock.warehouse.item.id))
    rows = source.count()
    monkeypatch.setattr(grid, "MOST_MARKED", rows)
    assert len(source.all_keys()) == rows
    monkeypatch.setattr(grid, "MOST_MARKED", rows - 1)
    with pytest.raises(NotAllowed, match=rf"These are {rows} serials, and at most {rows - 1} are marked together"):
        source.all_keys()
    first, last = source.key_at(0), source.key_at(rows - 1)
    with pytest.raises(NotAllowed):
        source.keys_between(first, last or "")


def test_records_are_listed_while_tracking_is_off(stock: Stock) -> None:
    item = stock.warehouse.item
    save_item(stock.warehouse.boss, item.id, track_serials=False)
    assert SerialSource(Selection(item.id)).count() == len(stock.chosen(Selection(item.id)))


def test_a_beginning_that_all_serials_share_counts_none_of_them(database: Any) -> None:
    warehouse = open_warehouse()
    warehouse.add(*(f"5CG{number:03}" for number in range(40)))
    warehouse.add("5CG-DOCK", location="DOCK")
    for order, descending in product(COLUMNS, (False, True)):
        plain = SerialSource(Selection(warehouse.item.id, order=order, descending=descending))
        found = SerialSource(Selection(warehouse.item.id, find="5c", order=order, descending=descending))
        assert plain.count() == found.count() == 41
        assert found.fetch(0, 41) == plain.fetch(0, 41)
    with statements(database) as seen:
        assert SerialSource(Selection(warehouse.item.id, find="5CG")).count() == 41
    assert not [sql for sql in seen if "count(*)" in sql]
    warehouse.add("4CG")
    assert SerialSource(Selection(warehouse.item.id, find="5CG")).count() == 41


@ON_SQLITE
def test_what_stands_in_the_middle_is_looked_for_in_the_index_of_the_keys(database: Any) -> None:
    warehouse = open_warehouse()
    with statements(database) as seen:
        SerialSource(Selection(warehouse.item.id, find="*12")).count()
    (sql,) = [sql for sql in seen if "LIMIT" in sql and "serial_aliases" not in sql]
    plan = bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", (warehouse.item.id, "12")).fetchall()
    assert ["(item_id=? AND serial_key>?)" in step for *_, step in plan] == [True]

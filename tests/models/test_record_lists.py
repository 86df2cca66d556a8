"""The lists of customers, documents, locations and statuses: whole, by pages, found, and never counted row by row."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models import clock
from models.customers import CustomerSerials, CustomerSource, add_customer, customer, find_customer
from models.documents import EveryDocument, find_document
from models.items.items import create_item
from models.locations import PlaceSource, close_location, create_location
from models.paging import ListWindow, RowSource, read_window
from models.schema import Document, DocumentNumber, bound
from models.serials.add import add_serials
from models.serials.moves import Answers, move, transfer_serials
from models.statuses import add_status, statuses, was_used
from models.terms import Warranty
from models.verbs import MOVES
from tests.support.engines import ON_SQLITE
from tests.support.warehouse import Warehouse, put, set_warranty, statements


def sell(warehouse: Warehouse, to: str, *serial_ids: int) -> str:
    sold = move(warehouse.boss, MOVES["sell"], serial_ids, Answers(customer=to)).document
    assert sold is not None
    return sold


def whole(source: RowSource[Any]) -> list[Any]:
    return list(source.fetch(0, source.count()))


def pages_agree(source: RowSource[Any]) -> None:
    """Pages read in any order are parts of the whole list, and each row is found where it is."""
    dice = random.Random(5)
    expected = whole(source)
    assert source.count() == len(expected) > 10
    for _ in range(25):
        offset, limit = dice.randrange(len(expected)), dice.randrange(1, 8)
        assert list(source.fetch(offset, limit)) == expected[offset : offset + limit]
        row = dice.choice(expected)
        assert source.index_of(row.key) == expected.index(row)
    assert source.index_of("99999") is None
    window = read_window(source, ListWindow(keys=[expected[9].key]), size=4)
    assert (window.row, window.found, window.total) == (9, expected[9].key, len(expected))


def test_customers_are_listed_by_name_with_their_serials_and_warranties(warehouse: Warehouse) -> None:
    boss, today = warehouse.boss, clock.today()
    for name, code, reference in (("kreis GmbH", "K-1", "10001"), ("Älter AG", "", ""), ("Bergmann AG", "B-7", "77")):
        add_customer(boss, name, code=code, reference=reference)
    first, second, third, fourth = warehouse.add("A-1", "A-2", "A-3", "A-4")
    sell(warehouse, "K-1", first, second, third)
    move(boss, MOVES["reserve"], [fourth], Answers(customer="Bergmann AG"))
    set_warranty(boss, first, today, today)
    set_warranty(boss, second, today - timedelta(9), today - timedelta(1))
    set_warranty(boss, third, today, today, void="dropped")
    rows = whole(CustomerSource())
    assert [(row.name, row.serials, row.under_warranty) for row in rows] == [
        ("Bergmann AG", 1, 0),
        ("kreis GmbH", 3, 1),
        ("Älter AG", 0, 0),
    ]
    assert customer(rows[1].id) == rows[1]
    found = {text: [row.name for row in whole(CustomerSource(text))] for text in ("ä", "eis g", "k-", "100", "00", "x")}
    assert found == {
        "ä": ["Älter AG"],
        "eis g": ["kreis GmbH"],
        "k-": ["kreis GmbH"],
        "100": ["kreis GmbH"],
        "00": [],
        "x": [],
    }
    held = whole(CustomerSerials(rows[1].id))
    assert [(row.serial_number, row.sku, row.status.code, row.warranty) for row in held] == [
        ("A-1", "SAW-1", "sold", Warranty.ACTIVE),
        ("A-2", "SAW-1", "sold", Warranty.EXPIRED),
        ("A-3", "SAW-1", "sold", Warranty.VOID),
    ]
    assert [row.status.code for row in whole(CustomerSerials(rows[0].id))] == ["reserved"]


def test_pages_of_customers_and_of_a_customers_serials_are_parts_of_the_whole(warehouse: Warehouse) -> None:
    dice = random.Random(3)
    names = [f"{dice.choice('aBcÄ')}{number} GmbH" for number in range(30)]
    for name in names:
        add_customer(warehouse.boss, name)
    pages_agree(CustomerSource())
    pages_agree(CustomerSource("gmbh"))
    drill = create_item(warehouse.boss, "DRL-1", "Drill", track_serials=True)
    other = add_serials(warehouse.boss, drill.id, [f"A-{number}" for number in range(4, 9)]).serial_ids
    sell(warehouse, names[0], *warehouse.add(*(f"A-{number}" for number in range(12))), *other)
    pages_agree(CustomerSerials(find_customer(names[0]).id))


def test_documents_come_newest_first_by_kind_by_number_and_by_customer(warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A-{number}" for number in range(14)))
    dice = random.Random(2)
    moves = [
        transfer_serials(warehouse.boss, [serial_id], place).document
        for serial_id in ids
        for place in dice.sample(("DOCK", "SHELF", "SHOP"), 2)
    ]
    sold = [sell(warehouse, "Kreis GmbH", serial_id) for serial_id in ids[:12]]
    assert [row.number for row in whole(EveryDocument())] == [*reversed(sold), *reversed(moves)]
    for source in (
        EveryDocument(),
        EveryDocument("transfer"),
        EveryDocument("sale"),
        EveryDocument(find="T-00"),
        EveryDocument(find="s"),
    ):
        pages_agree(source)
    of_kreis = EveryDocument(customer_id=find_customer("Kreis GmbH").id)
    pages_agree(of_kreis)
    assert {row.customer for row in whole(of_kreis)} == {"Kreis GmbH"}
    found = {
        text: sorted(row.number for row in whole(EveryDocument(find=text)))
        for text in ("12", "s-12", "t 12", "S-000012", "000012", "q-1", "12x", "s-0", "٣")
    }
    assert found == {
        "12": ["S-000012", "T-000012"],
        "s-12": ["S-000012"],
        "t 12": ["T-000012"],
        "S-000012": ["S-000012"],
        "000012": ["S-000012", "T-000012"],
        "q-1": [],
        "12x": [],
        "s-0": sorted(sold),
        "٣": [],
    }
    assert [row.number for row in whole(EveryDocument("sale", find="12"))] == ["S-000012"]
    assert whole(EveryDocument("sale", find="t-12")) == []
    assert whole(EveryDocument("return")) == []
    assert [row.number for row in EveryDocument("sale").after(None, 2)] == ["S-000012", "S-000011"]


def test_documents_are_found_by_day_month_and_year(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {}
    for day in ("2025-12-31", "2026-03-01", "2026-03-31", "2026-12-01"):
        for hour in (0, 23):
            at = datetime.fromisoformat(f"{day}T{hour:02}:59:59").astimezone()
            monkeypatch.setattr(clock, "now", lambda at=at: at)
            numbers[day, hour] = sell(warehouse, "Kreis GmbH", *warehouse.add(f"{day} {hour}"))
    first, second, third, last = (
        [numbers[day, 23], numbers[day, 0]] for day in ("2025-12-31", "2026-03-01", "2026-03-31", "2026-12-01")
    )
    for text, found in {
        "2026-03-01": second,
        "2026/3/31": third,
        "2026-03": [*third, *second],
        "2026-03-": [*third, *second],
        "2026.12": last,
        "2026-": [*last, *third, *second],
        "2025-12-31": first,
        "2026-02-30": [],
        "2026-13": [],
        "9999-12-31": [],
    }.items():
        assert [row.number for row in whole(EveryDocument("sale", find=text))] == found, text
    assert [row.number for row in whole(EveryDocument(since=date(2026, 3, 31)))] == [*last, *third]
    assert whole(EveryDocument(since=date(2026, 3, 31), find="2026-03-01")) == []


def test_a_document_names_what_it_leads_to(warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A-1")
    sent = move(warehouse.boss, MOVES["dispatch"], [serial_id], Answers(place="SHOP")).document or ""
    move(warehouse.boss, MOVES["arrive"], [serial_id], Answers(transfer=sent))
    number = sell(warehouse, "Kreis GmbH", serial_id)
    sale, arrival, dispatch = whole(EveryDocument())
    assert (sale.number, sale.customer_id) == (number, find_customer("Kreis GmbH").id)
    assert (arrival.source, arrival.source_id, dispatch.id) == (sent, dispatch.id, find_document(sent).id)
    assert (dispatch.to_location_id, dispatch.source_id, dispatch.voided_by_id) == (arrival.to_location_id, None, None)


def test_where_numbers_have_gaps_the_documents_are_counted(warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A-1")
    for place in ("DOCK", "SHELF", "SHOP"):
        transfer_serials(warehouse.boss, [serial_id], place)
    Document.update(number="T-000009").where(Document.number == "T-000003").execute()
    assert EveryDocument().count() == 3, "the newest number is not the last that was given"
    DocumentNumber.update(last=9).where(DocumentNumber.kind == "transfer").execute()
    source = EveryDocument()
    assert source.count() == 9
    assert len(source.fetch(0, 9)) == 3
    assert source.count() == 3
    assert source.index_of(source.fetch(2, 1)[0].key) == 2


def test_locations_are_a_tree_with_what_is_at_each_itself(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    create_location(boss, "MAIN-A", "Aisle", parent="MAIN")
    create_location(boss, "MAIN-A-1", "Window shelf", parent="MAIN-A")
    warehouse.add("A-1", "A-2", location="MAIN-A-1")
    (sold,) = warehouse.add("A-3", location="MAIN-A-1")
    put(warehouse, "sold", sold, customer="Kreis GmbH")
    close_location(boss, "SHOP")
    source = PlaceSource()
    rows = whole(source)
    assert [(row.place.code, row.place.depth, row.on_hand, row.serials, row.place.closed) for row in rows] == [
        ("DOCK", 0, 0, 0, False),
        ("MAIN", 0, 10, 0, False),
        ("MAIN-A", 1, 0, 0, False),
        ("MAIN-A-1", 2, warehouse.quantities().get("MAIN-A-1", 0), 2, False),
        ("SHELF", 0, 0, 0, False),
        ("SHOP", 0, 0, 0, True),
    ]
    assert source.index_of(rows[3].key) == 3
    assert source.index_of("99") is None
    assert [row.place.code for row in whole(PlaceSource("window"))] == ["MAIN-A-1"]
    assert [row.place.parent for row in whole(PlaceSource("n-a"))] == ["MAIN", "MAIN-A"]


def test_a_status_of_ones_own_was_used_once_a_serial_has_had_it(warehouse: Warehouse) -> None:
    add_status(warehouse.boss, "demo", "Demo unit", colour="green", mark="d", available=True, on_hand=True)
    own = statuses()[-1]
    assert not own.is_built_in
    assert not was_used(own.id)
    (serial_id,) = warehouse.add("A-1")
    move(warehouse.boss, MOVES["change-status"], [serial_id], Answers(status="demo"))
    move(warehouse.boss, MOVES["change-status"], [serial_id], Answers(status="in_stock"))
    assert was_used(own.id)
    assert {status.code for status in statuses() if status.is_built_in} >= {"in_stock", "sold"}


def opening(source: Callable[[], RowSource[Any]]) -> list[str]:
    """The statements with which a list is opened, from its first row."""
    with statements(bound.obj) as seen:
        read_window(source(), ListWindow(below=20))
    return seen


def test_a_list_opens_with_as_many_statements_however_long_it_is(warehouse: Warehouse) -> None:
    def all_lists() -> dict[str, int]:
        kreis = find_customer("Kreis GmbH").id
        sources: dict[str, Callable[[], RowSource[Any]]] = {
            "customers": CustomerSource,
            "serials": lambda: CustomerSerials(kreis),
            "documents": EveryDocument,
            "sales": lambda: EveryDocument("sale"),
            "documents of a customer": lambda: EveryDocument(customer_id=kreis),
            "locations": PlaceSource,
        }
        return {name: len(opening(source)) for name, source in sources.items()}

    sell(warehouse, "Kreis GmbH", *warehouse.add("A-1"))
    before = all_lists()
    for number in range(5):
        sell(warehouse, "Kreis GmbH", *warehouse.add(f"B-{number}"))
        add_customer(warehouse.boss, f"Customer {number}")
        create_location(warehouse.boss, f"BIN-{number}")
    assert all_lists() == before
    assert before == {
        "customers": 3,
        "serials": 3,
        "documents": 2,
        "sales": 2,
        "documents of a customer": 2,
        "locations": 3,
    }


@ON_SQLITE
def test_no_list_walks_over_all_serials_or_documents(warehouse: Warehouse) -> None:
    sold = sell(warehouse, "Kreis GmbH", *warehouse.add("A-1", "A-2"))
    kreis, document_id = find_customer("Kreis GmbH").id, str(find_document(sold).id)
    with statements(bound.obj) as seen:
        whole(CustomerSource())
        serials = CustomerSerials(kreis)
        serials.index_of(whole(serials)[1].key)
        for source in (EveryDocument(), EveryDocument("sale"), EveryDocument(customer_id=kreis)):
            source.count()
            source.index_of(document_id)
        EveryDocument(find="12").count()
        customer(kreis)
    for sql in seen:
        plan = [row[3] for row in bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?")).fetchall()]
        walked = {step.split()[1] for step in plan if step.startswith("SCAN")}
        assert walked.isdisjoint({"serials", "s", "documents", "d"}), (sql, plan)


def test_a_warranty_is_counted_on_its_days_only(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    begin, end = date(2026, 1, 1), date(2026, 2, 1)
    (serial_id,) = warehouse.add("A-1")
    answers = Answers(customer="Kreis GmbH", warranty=f"{begin}..{end}")
    move(warehouse.boss, MOVES["sell"], [serial_id], answers)
    kreis = find_customer("Kreis GmbH").id
    for day, covered in ((begin - timedelta(1), 0), (begin, 1), (end, 1), (end + timedelta(1), 0)):
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        assert customer(kreis).under_warranty == covered
        (row,) = whole(CustomerSerials(kreis))
        assert (row.warranty is Warranty.ACTIVE) is bool(covered)

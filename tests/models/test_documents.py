"""From a document to every serial, from a serial and an item to every document."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from models import clock
from models.documents import DocumentSource, NamedSerials, document, documents_of, has_documents
from models.errors import BadValue, NotFound
from models.items.items import create_item
from models.locations import create_location
from models.paging import ListWindow, read_window
from models.permissions import Actor, Permission
from models.schema import Document, SerialEvent, bound
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.serials.record import serial_detail
from tests.support.engines import ON_SQLITE
from tests.support.warehouse import Warehouse, person, put, statements


def moves(warehouse: Warehouse, serial_ids: Sequence[int], count: int) -> list[str]:
    """Transfer some of the serials to and fro; the numbers of the documents."""
    dice = random.Random(7)
    made = []
    for _ in range(count):
        chosen = dice.sample(list(serial_ids), dice.randint(1, min(3, len(serial_ids))))
        here = {serial_detail(each).location for each in chosen}
        place = dice.choice([code for code in ("MAIN", "DOCK", "SHELF", "SHOP") if code not in here])
        made.append(transfer_serials(warehouse.boss, chosen, place).document)
    return made


def whole(source: DocumentSource | NamedSerials) -> list[Any]:
    return list(source.fetch(0, source.count()))


def test_an_items_documents_come_newest_first_with_the_number_of_its_own_serials(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    drill = create_item(boss, "DRL-1", "Drill", track_serials=True)
    mine = warehouse.add("A-1", "A-2", "A-3")
    theirs = add_serials(boss, drill.id, ["D-1"]).serial_ids
    transfer_serials(boss, mine[:1], "DOCK", notes="first")
    transfer_serials(boss, [*mine, *theirs], "SHELF", notes="all of them")
    transfer_serials(boss, theirs, "SHOP")
    rows = whole(DocumentSource(item_id=warehouse.item.id))
    assert [(row.number, row.serials, row.note) for row in rows] == [
        ("T-000002", 3, "all of them"),
        ("T-000001", 1, "first"),
    ]
    assert [row.number for row in whole(DocumentSource(item_id=drill.id))] == ["T-000003", "T-000002"]
    assert [row.serials for row in whole(DocumentSource(serial_id=mine[0]))] == [4, 1]
    newest = rows[0]
    assert (newest.kind, newest.user, newest.login_user) == ("transfer", "boss", None)
    assert (newest.from_location, newest.to_location, newest.customer) == (None, "SHELF", None)
    assert (clock.now() - newest.at).total_seconds() < 600
    assert (rows[1].from_location, rows[1].to_location) == ("MAIN", "DOCK")


def test_a_document_says_who_acted_for_whom(warehouse: Warehouse) -> None:
    clara = person(warehouse.boss, "clara", Permission.TRANSFER_SERIAL, Permission.VIEW)
    (serial_id,) = warehouse.add("A-1")
    transfer_serials(Actor(clara.user_id, "clara", warehouse.boss.user_id, "boss"), [serial_id], "DOCK")
    (row,) = whole(DocumentSource(serial_id=serial_id))
    assert (row.user, row.login_user) == ("clara", "boss")
    assert document(row.id) == row


def test_a_document_names_its_serials_of_every_item_as_they_are_now(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    drill = create_item(boss, "DRL-1", "Drill", track_serials=True)
    saws, drills = warehouse.add("A-1", "A-2"), add_serials(boss, drill.id, ["D-1"]).serial_ids
    number = transfer_serials(boss, [*saws, *drills], "DOCK").document
    put(warehouse, "sold", saws[1], customer="Bergmann AG")
    transfer_serials(boss, drills, "SHOP")
    named = whole(NamedSerials(Document.get(Document.number == number).id))
    assert [(row.serial_number, row.sku, row.item_name, row.status.code, row.location) for row in named] == [
        ("A-1", "SAW-1", "Circular saw", "in_stock", "DOCK"),
        ("A-2", "SAW-1", "Circular saw", "sold", "DOCK"),
        ("D-1", "DRL-1", "Drill", "in_stock", "SHOP"),
    ]


def test_a_document_that_is_not_there_is_refused_with_a_sentence(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound, match="not there any more"):
        document(99)
    with pytest.raises(BadValue, match=r"^There is no kind of document letter\. There are: receipt, "):
        documents_of("letter", None)
    with pytest.raises(BadValue, match=r"^'2\.3\.2026' is not a date\. Write it as 2026-03-02\.$"):
        documents_of("sale", "2.3.2026")


def test_an_item_has_documents_as_soon_as_one_of_its_serials_is_named(warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A-1")
    assert not has_documents(warehouse.item.id)
    assert whole(DocumentSource(item_id=warehouse.item.id)) == []
    transfer_serials(warehouse.boss, [serial_id], "DOCK")
    assert has_documents(warehouse.item.id)


def test_a_serial_with_two_events_of_one_document_counts_and_stands_there_once(warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A-1")
    transfer_serials(warehouse.boss, [serial_id], "DOCK")
    event = SerialEvent.get(SerialEvent.document.is_null(False))
    columns = [name for name in event.__data__ if name not in ("id", "number")]
    names = ", ".join(SerialEvent._meta.fields[name].column_name for name in columns)
    bound.execute_sql(
        f"INSERT INTO serial_events ({names}, number) SELECT {names}, number + 1 FROM serial_events "
        f"WHERE id = {bound.param}",
        (event.id,),
    )
    (row,) = whole(DocumentSource(item_id=warehouse.item.id))
    assert row.serials == 1
    assert [each.id for each in whole(NamedSerials(row.id))] == [serial_id]


def test_pages_read_in_any_order_are_the_parts_of_the_whole_list(warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A-{number}" for number in range(12)))
    moves(warehouse, ids, 60)
    dice = random.Random(11)
    event = SerialEvent.alias()
    expected = [
        row.document_id
        for row in event.select(event.document)
        .where(event.item_id == warehouse.item.id, event.document.is_null(False))
        .distinct()
        .order_by(event.document.desc())
    ]
    assert len(expected) == 60
    source = DocumentSource(item_id=warehouse.item.id)
    assert source.count() == 60
    for _ in range(40):
        offset, limit = dice.randrange(60), dice.randrange(1, 20)
        assert [row.id for row in source.fetch(offset, limit)] == expected[offset : offset + limit]
        key = dice.choice(expected)
        assert source.index_of(str(key)) == expected.index(key)
    assert source.index_of("999") is None
    create_location(warehouse.boss, "YARD")
    transfer_serials(warehouse.boss, ids, "YARD")
    named = NamedSerials(max(_documents()))
    assert named.count() == 12
    for _ in range(20):
        offset = dice.randrange(12)
        assert [row.id for row in named.fetch(offset, 5)] == sorted(ids)[offset : offset + 5]
    assert named.index_of(str(ids[3])) == 3
    window = read_window(source, ListWindow(keys=[str(expected[50])]), size=20)
    assert (window.row, window.found) == (51, str(expected[50]))


def test_a_page_takes_one_statement_whatever_is_on_it(warehouse: Warehouse) -> None:
    ids = warehouse.add("A-1", "A-2", "A-3")
    moves(warehouse, ids, 20)
    source = DocumentSource(item_id=warehouse.item.id)
    source.count()
    with statements(bound.obj) as seen:
        assert len(source.fetch(0, 20)) == 20
    assert len(seen) == 1
    named = NamedSerials(max(_documents()))
    named.fetch(0, named.count())
    with statements(bound.obj) as seen:
        named.fetch(0, 20)
    assert len(seen) == 1


@ON_SQLITE
def test_no_look_up_walks_over_all_events(warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A-1")
    moves(warehouse, [serial_id], 3)
    by_item, by_serial = DocumentSource(item_id=warehouse.item.id), DocumentSource(serial_id=serial_id)
    named = NamedSerials(max(_documents()))
    with statements(bound.obj) as seen:
        for source in (by_item, by_serial, named):
            assert source.count()
            row = source.fetch(0, 2)[0]
            source.fetch(1, 1)
            source.index_of(row.key)
        document(max(_documents()))
        has_documents(warehouse.item.id)
    for sql in seen:
        if "serial_events" in sql and not sql.startswith("EXPLAIN"):
            values = [1] * sql.count("?")
            plan = [row[3] for row in bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
            walks = [step for step in plan if step.startswith(("SCAN serial_events", "SCAN e", "SCAN n"))]
            assert not walks, (sql, plan)


def _documents() -> list[int]:
    return [row.id for row in Document.select(Document.id)]

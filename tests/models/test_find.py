"""Find: by whole texts, beginnings, last characters, parts and earlier texts; removed records are said to be so."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import peewee
import pytest

from models import find as finding
from models.customers import add_customer
from models.errors import BadValue, Cancelled, NotPermitted, Stop
from models.find import FindGroup, FindKind, Search, find
from models.items.items import create_item, save_item
from models.locations import close_location, create_location
from models.migrations import m0013_find
from models.migrations.dialect import POSTGRESQL, SQLITE
from models.permissions import Permission
from models.schema import Customer, bound, is_sqlite
from models.serials.corrections import correct, remove
from models.serials.moves import Answers, move
from models.text import LAST, fold, narrow, reversed_sql
from models.verbs import MOVES
from tests.support.warehouse import Warehouse, person, statements


def found(warehouse: Warehouse, text: str, **options: Any) -> list[tuple[str, str, str]]:
    """What is found, in order: kind, text and match."""
    return [(hit.kind, hit.text, hit.match) for group in find(warehouse.boss, text, **options) for hit in group.hits]


def test_a_serial_is_found_by_all_that_one_remembers_of_it(warehouse: Warehouse) -> None:
    create_item(warehouse.boss, "DRL-1", "Drill", track_serials=True)
    long = "AX-2024-00000000-9173"
    first, second, third, _ = warehouse.add("SN 9173", long, "9173-X", "Q9173Q")
    assert found(warehouse, "sn9173") == [("serial", "SN 9173", "exact")]
    assert found(warehouse, "ax-2024") == [("serial", long, "beginning")]
    assert found(warehouse, "-00000000-9173") == [("serial", long, "end")]
    assert found(warehouse, "-10000000-9173") == []
    assert found(warehouse, "\uff19１７３") == [
        ("serial", "9173-X", "beginning"),
        ("serial", long, "end"),
        ("serial", "SN 9173", "end"),
        ("serial", "Q9173Q", "part"),
    ]
    correct(warehouse.boss, first, "ZZ-1")
    remove(warehouse.boss, [second], "typed twice")
    for text in ("sn9173", "sn91", "n9173", "n917"):
        assert found(warehouse, text) == [("serial", "ZZ-1", "earlier")], text
    (group,) = find(warehouse.boss, "9173")
    assert [(hit.text, hit.match, hit.is_removed) for hit in group.hits] == [
        ("9173-X", "beginning", False),
        (long, "end", True),
        ("ZZ-1", "earlier", False),
        ("Q9173Q", "part", False),
    ]
    assert {(hit.item, hit.about) for hit in group.hits} == {("SAW-1", "MAIN")}
    assert third == group.hits[0].id


def test_items_locations_customers_and_documents_are_found(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    drill = create_item(boss, "DRL-1", "Hammer drill")
    save_item(boss, drill.id, barcodes=["4006381333931"])
    create_location(boss, "B-02", "Äußeres Lager 7")
    close_location(boss, "B-02")
    add_customer(boss, "Ängström AG", code="K-1001")
    add_customer(boss, "Lager\uff17 GmbH")
    (serial_id,) = warehouse.add("A1")
    move(boss, MOVES["sell"], [serial_id], Answers(customer="K-1001"))
    assert found(warehouse, "drl") == [("item", "DRL-1", "beginning")]
    assert found(warehouse, "4006381333931") == [("item", "DRL-1", "exact")]
    assert found(warehouse, "hammer d") == [("item", "DRL-1", "beginning")]
    assert found(warehouse, "mer drill") == [("item", "DRL-1", "part")]
    assert found(warehouse, "b-02") == [("location", "B-02", "exact")]
    assert found(warehouse, "a\u0308ußeres") == [("location", "B-02", "beginning")]
    assert found(warehouse, "lager7") == [
        ("customer", "Lager\uff17 GmbH", "beginning"),
        ("location", "B-02", "part"),
    ]
    for text in ("A\u0308NGSTRO\u0308M AG", "k-1001"):
        assert found(warehouse, text) == [("customer", "Ängström AG", "exact")], text
    assert found(warehouse, "ström") == [("customer", "Ängström AG", "part")]
    for text in ("s-000001", "S-1", "S1"):
        assert ("document", "S-000001", "exact") in found(warehouse, text), text
    assert ("document", "S-000001", "beginning") in found(warehouse, "S-0000")
    assert ("document", "S-000001", "end") in found(warehouse, "0001")
    assert found(warehouse, "00000001") == []
    assert find(boss, "b-02")[0].hits[0].is_closed


def test_the_best_group_comes_first_and_each_has_its_limit(warehouse: Warehouse) -> None:
    warehouse.add(*(f"SHOP-{number}" for number in range(9)))
    groups = find(warehouse.boss, "shop", most=4)
    assert [(group.kind, len(group.hits), group.has_more) for group in groups] == [
        ("location", 1, False),
        ("serial", 4, True),
    ]
    assert [hit.text for hit in groups[1].hits] == ["SHOP-0", "SHOP-1", "SHOP-2", "SHOP-3"]
    assert find(warehouse.boss, "op-", most=4)[0].has_more
    assert find(warehouse.boss, "nothing of that kind") == ()


def test_one_thing_is_the_whole_text(warehouse: Warehouse) -> None:
    def only(text: str) -> str | None:
        question = Search(warehouse.boss, text)
        question.step()
        hit = question.only()
        return hit.text if hit else None

    create_item(warehouse.boss, "DRL-1", "Drill", track_serials=True)
    first, second = warehouse.add("A-1", "A-12")
    assert (only("a-1"), only("A-"), only("shop")) == ("A-1", None, "SHOP")
    correct(warehouse.boss, first, "A-7")
    assert only("a-1") == "A-7"
    remove(warehouse.boss, [second], "typed twice")
    assert only("a-12") == "A-12"
    correct(warehouse.boss, first, "DOCK")
    assert only("dock") is None


def test_parts_are_looked_for_in_steps_and_can_be_stopped(
    warehouse: Warehouse, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_FIRST_STEP", 3)
    monkeypatch.setattr(finding, "_STEP", 4)
    warehouse.add(*(f"N{number:02d}-X-{number:02d}" for number in range(20)), "ZZ-9-ZZ")
    question, seen = Search(warehouse.boss, "-9-"), []
    while not question.is_done:
        seen.append([hit.text for group in question.step() for hit in group.hits])
    assert seen[0] == []
    assert seen[-1] == ["ZZ-9-ZZ"]
    assert len(seen) > 7
    with statements(database) as sent:
        assert len(find(warehouse.boss, "N1", most=2)[0].hits) == 2
    assert not any("OFFSET" in sql or "serial_segments" in sql for sql in sent), "parts are of no use any more"
    with statements(database) as sent:
        assert len(find(warehouse.boss, "-x-", most=2)[0].hits) == 2
    assert sum("OFFSET" in sql for sql in sent) < 3, "it reads on though the group is full"
    stop = Stop()
    stop.wanted = True
    with pytest.raises(Cancelled):
        find(warehouse.boss, "-9-", stop=stop)


def test_parts_of_names_are_those_that_each_name_has(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_FIRST_STEP", 7)
    mixed = Random(1)
    names = {fold(name): name for name in ("".join(mixed.choices("aBßé\uff11\u0130 ", k=5)).strip() for _ in range(40))}
    for name in names.values():
        add_customer(warehouse.boss, name)
    names = {row.name_key: row.name for row in Customer.select()}
    both = [one + other for one, other in pairwise(names.values())]  # the end of one and the beginning of the next
    for text in [*(name[1:4] for name in names.values()), *(name[4:-1] for name in both), "B1", "ss", "\u0131"]:
        wanted = fold(narrow(text))
        if wanted:
            groups = {group.kind: group.hits for group in find(warehouse.boss, text, most=100)}
            there = {name for name in names.values() if wanted in fold(narrow(name))}
            assert {hit.text for hit in groups.get(FindKind.CUSTOMER, ())} == there, ascii(text)


def test_queries_that_are_sent_together_have_their_own_rows(database: Any) -> None:
    one = bound.param
    queries = [
        (f"SELECT id FROM items WHERE id = {one}", (-1,)),
        (f"SELECT {one} || '; SELECT'", ("it's %s",)),
        ("SELECT 1 UNION ALL SELECT 2", ()),
    ]
    rows = [[], [("it's %s; SELECT",)], [(1,), (2,)]]
    assert bound.rows_of(queries) == rows
    with database.atomic():
        assert bound.rows_of(queries) == rows
    with pytest.raises(peewee.DatabaseError):
        bound.rows_of([*queries, ("SELECT nothing", ())])
    assert bound.rows_of(queries[1:]) == rows[1:]


def test_a_step_that_failed_is_taken_again(
    warehouse: Warehouse, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.add("AB-9-ZZ", "AB-7-ZZ")
    rows_of = database.rows_of

    def lost(queries: Any) -> Any:
        if len(queries) == 1 and "user_roles" in queries[0][0]:
            return rows_of(queries)
        raise peewee.OperationalError

    for before in range(4):  # what an index answers, names, serials, corrected ones
        question = Search(warehouse.boss, "-9-")
        for _ in range(before):
            question.step()
        with monkeypatch.context() as broken:
            broken.setattr(database, "rows_of", lost)
            with pytest.raises(peewee.OperationalError):
                question.step()
        while not question.is_done:
            hits = [hit.text for group in question.step() for hit in group.hits]
        assert hits == ["AB-9-ZZ"], before


def test_nobody_finds_anything_without_the_permission(warehouse: Warehouse) -> None:
    warehouse.add("A-1")
    nobody = person(warehouse.boss, "eve", Permission.MANAGE_SERIALS)
    for look in (lambda: find(nobody, "A-1"), lambda: Search(nobody, "A-1").step()):
        with pytest.raises(NotPermitted, match="INV_VIEW"):
            look()
    with pytest.raises(BadValue, match="nothing to find"):
        find(warehouse.boss, " \n ")


def test_any_text_can_be_looked_for(warehouse: Warehouse) -> None:
    warehouse.add("%_1", "100%")
    for text in ("'", '"; --', "_", "\x00", "\ud800", "ﬁ", "a" * 5_000, "S-", "--9", "-", "S-" + "9" * 18, "\uff11"):
        assert all(isinstance(group, FindGroup) for group in find(warehouse.boss, text)), text
    assert found(warehouse, "%") == [("serial", "%_1", "beginning"), ("serial", "100%", "end")]


def test_an_index_finds_whole_texts_beginnings_and_last_characters(warehouse: Warehouse, database: Any) -> None:
    warehouse.add(*(f"SN-{number:05d}" for number in range(3_000)))
    with statements(database) as sent:
        Search(warehouse.boss, "SN-00017").step()
    if not is_sqlite():  # a server that is far away is waited for once
        assert len(sent) == 1, sent
    looked = [sql for message in sent for sql in message.split("; ") if "serial_key" in sql]
    assert looked
    if not is_sqlite():
        bound.execute_sql("ANALYZE serials")
    for sql in looked:
        explain = "EXPLAIN QUERY PLAN" if is_sqlite() else "EXPLAIN"
        plan = bound.execute_sql(f"{explain} {sql}", ["x"] * sql.count(bound.param)).fetchall()
        told = "\n".join(str(row) for row in plan)
        assert "SCAN serials" not in told, told
        assert "Seq Scan on serials" not in told, told


def test_the_expression_is_that_of_the_index() -> None:
    assert m0013_find.LAST == LAST
    for dialect in (SQLITE, POSTGRESQL):
        for column in ("serial_key", "alias_key"):
            assert m0013_find.reversed_sql(column, dialect) == reversed_sql(column, sqlite=dialect.sqlite)

"""Transferring serials: they move, quantities move along, and every total stays."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

from models.errors import BadValue, Changed, NotAllowed, NotFound
from models.items.items import create_item, item_form, save_item
from models.schema import Document, Serial, SerialCount, SerialEvent, Stock
from models.serials.add import add_serials
from models.serials.moves import Transferred, transfer_serials
from models.serials.record import add_note, serial_detail
from tests.support.cases import each
from tests.support.warehouse import Warehouse, fingerprint, own_status, put, together


def _move(warehouse: Warehouse, ids: list[int], to: str, **more: Any) -> Transferred:
    return transfer_serials(warehouse.boss, ids, to, **more)


def _counted() -> dict[tuple[int, int, int], int]:
    """The ledger's counts, zeros left out."""
    return {(row.item_id, row.location_id, row.status_id): row.serials for row in SerialCount.select() if row.serials}


def _counts_are_right() -> bool:
    there: dict[tuple[int, int, int], int] = {}
    for row in Serial.select():
        key = (row.item_id, row.location_id, row.status_id)
        there[key] = there.get(key, 0) + 1
    return there == _counted()


def test_a_serial_moves_with_one_unit_and_the_history_says_so(warehouse: Warehouse) -> None:
    (there,) = warehouse.add("A1")
    moved = _move(warehouse, [there], " dock ", notes="for the fair")
    assert moved == Transferred("T-000001", 1, 1, "DOCK", 0)
    assert warehouse.where("A1") == ("in_stock", "DOCK")
    assert warehouse.quantities() == {"MAIN": 9, "DOCK": 1}
    detail = serial_detail(there)
    event = detail.events[-1]
    assert (event.number, event.kind, event.done, event.user) == (2, "transferred", "transferred", "boss")
    assert (event.from_location, event.to_location) == ("MAIN", "DOCK")
    assert (event.from_status, event.to_status) == ("in_stock", "in_stock")
    assert (event.document, event.note, event.changes) == ("T-000001", "for the fair", {})
    (document,) = detail.documents
    assert (document.number, document.kind, document.user) == ("T-000001", "transfer", "boss")
    assert (document.from_location, document.to_location, document.serials) == ("MAIN", "DOCK", 1)
    assert document.note == "for the fair"
    assert detail.version == 2
    assert _counts_are_right()


def test_serials_of_several_places_and_items_move_in_one_document(warehouse: Warehouse) -> None:
    drill = create_item(warehouse.boss, "DRILL", "Drill", location="SHELF", on_hand=5, track_serials=True)
    ids = warehouse.add("A1", "A2") + warehouse.add("A3", location="SHOP")
    ids += add_serials(warehouse.boss, drill.id, ["D1"]).serial_ids
    assert _move(warehouse, [*ids, ids[0]], "DOCK") == Transferred("T-000001", 4, 3, "DOCK", 1)
    assert warehouse.quantities() == {"MAIN": 8, "DOCK": 2}
    assert {place.location: place.on_hand for place in item_form(drill.id).places} == {"SHELF": 4, "DOCK": 1}
    (document,) = Document.select()
    assert (document.from_location_id, document.serials) == (None, 4)
    assert SerialEvent.select().where(SerialEvent.document == document.id).count() == 4
    assert _move(warehouse, ids[:1], "MAIN").document == "T-000002"


def test_where_a_place_shows_no_quantity_only_the_serial_moves(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", "A2", "A3", location="SHOP")
    Stock.insert(item=warehouse.item.id, location=Serial.get_by_id(ids[0]).location_id, on_hand=1).execute()
    assert _move(warehouse, ids, "DOCK") == Transferred("T-000001", 3, 1, "DOCK", 2)
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 1}


def test_the_quantity_stays_where_the_person_says_so(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", "A2")
    assert _move(warehouse, ids, "DOCK", move_quantity=False) == Transferred("T-000001", 2, 0, "DOCK", 0)
    assert warehouse.quantities() == {"MAIN": 10}


def test_a_unit_in_repair_moves_without_a_quantity(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", "A2")
    put(warehouse, "in_repair", ids[0])
    assert _move(warehouse, ids, "DOCK") == Transferred("T-000001", 2, 1, "DOCK", 0)
    assert warehouse.where("A1") == ("in_repair", "DOCK")
    assert warehouse.quantities() == {"MAIN": 9, "DOCK": 1}


@each("status", ["in_stock", "reserved", "returned", "defective"])
def test_what_is_on_hand_keeps_its_status(warehouse: Warehouse, status: str) -> None:
    (there,) = warehouse.add(f"A-{status}")
    if status == "returned":
        put(warehouse, "sold", there, customer="Bergmann AG")
    if status != "in_stock":
        put(warehouse, status, there)
    assert _move(warehouse, [there], "DOCK").units == 1
    assert warehouse.where(f"A-{status}") == (status, "DOCK")


@each(
    ("status", "sentence"),
    [
        (
            "sold",
            r"A1 is Sold to Bergmann AG since \S+, last at MAIN; it cannot be transferred\. Take it back as a ret",
        ),
        ("scrapped", r"A1 is Scrapped since \S+, last at MAIN; it cannot be transferred\. Reactivate it first"),
        ("lost", r"A1 is Lost since \S+, last at MAIN; it cannot be transferred\. Mark it found first\."),
        ("in_transit", r"A1 is In Transit to MAIN since \S+; it cannot be transferred\. Receive its transfer first\."),
    ],
)
def test_what_is_not_here_does_not_move(warehouse: Warehouse, status: str, sentence: str) -> None:
    good, bad = warehouse.add(f"A0-{status}", f"A1-{status}")
    put(warehouse, status, bad, customer="Bergmann AG" if status == "sold" else None)
    before = fingerprint()
    with pytest.raises(NotAllowed, match=sentence.replace("A1", f"A1-{status}")) as refused:
        _move(warehouse, [good, bad], "DOCK")
    assert refused.value.details["serial_id"] == bad
    assert fingerprint() == before


def test_several_that_stand_in_the_way_are_counted(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", "A2", "A3", "A4")
    put(warehouse, "lost", ids[2], ids[1], ids[3])
    with pytest.raises(NotAllowed, match=r"^A3 is Lost .*; it cannot be transferred\. Nor can 2 more\. Mark it found"):
        _move(warehouse, [ids[0], ids[2], ids[1], ids[3]], "DOCK")


def test_an_own_status_moves_where_it_counts_as_on_hand(warehouse: Warehouse) -> None:
    here, gone = warehouse.add("A1", "A2")
    own_status(warehouse, "refurbished", here, on_hand=True)
    own_status(warehouse, "donated", gone, on_hand=False)
    assert _move(warehouse, [here], "DOCK").units == 1
    with pytest.raises(NotAllowed, match="A2 is Donated at MAIN"):
        _move(warehouse, [gone], "DOCK")


def test_the_place_where_it_is_is_no_destination(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1", location="SHOP") + warehouse.add("A2", "A3", location="DOCK")
    with pytest.raises(NotAllowed, match=r"A2 is at DOCK already\. So is 1 more\. Choose another"):
        _move(warehouse, ids, "dock")
    with pytest.raises(NotFound, match="There is no location ATTIC"):
        _move(warehouse, ids, "ATTIC")
    with pytest.raises(BadValue, match="There is no serial to transfer"):
        _move(warehouse, [], "MAIN")
    with pytest.raises(NotFound, match="The serial is not there any more"):
        _move(warehouse, [ids[0], 10**9], "MAIN")
    with pytest.raises(BadValue, match="control character"):
        _move(warehouse, ids, "MAIN", notes="bell\a")
    assert Document.select().count() == 0
    assert warehouse.quantities() == {"MAIN": 10}


def test_what_somebody_changed_meanwhile_is_not_moved(warehouse: Warehouse) -> None:
    first, second = warehouse.add("A1", "A2")
    add_note(warehouse.boss, second, "dented")
    said = r"^A2 was given a note by boss at \d\d:\d\d, after you looked at it\. Look again and repeat\.$"
    with pytest.raises(Changed, match=said):
        _move(warehouse, [first, second], "DOCK", versions={first: 1, second: 1})
    assert _move(warehouse, [first, second], "DOCK", versions={first: 1, second: 2}).serials == 2
    assert _move(warehouse, [first], "SHOP", versions={second: 1}).serials == 1


def test_records_of_an_item_whose_tracking_is_off_can_still_be_moved(warehouse: Warehouse) -> None:
    ids = warehouse.add("A1")
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    assert _move(warehouse, ids, "DOCK").serials == 1


# ----- several terminals


def test_one_serial_goes_to_one_of_two_places_that_want_it(database: Any, warehouse: Warehouse) -> None:
    (there,) = warehouse.add("A1")
    works = [partial(_move, warehouse, [there], to, versions={there: 1}) for to in ("DOCK", "SHELF", "SHOP")]
    results = together(database, works)
    assert sorted(type(result).__name__ for result in results) == ["Changed", "Changed", "Transferred"]
    (winner,) = (result for result in results if isinstance(result, Transferred))
    assert warehouse.where("A1") == ("in_stock", winner.location)
    assert warehouse.quantities() == {"MAIN": 9, winner.location: 1}


def test_overlapping_sets_moved_at_several_terminals_keep_every_number(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add(*(f"A{number}" for number in range(40)))

    def carry(seed: int) -> int:
        chance, done = random.Random(seed), 0
        for _ in range(8):
            some = chance.sample(ids, chance.randint(1, 25))
            try:
                done += _move(warehouse, some, chance.choice(["MAIN", "DOCK", "SHELF", "SHOP"])).serials
            except NotAllowed:
                continue
        return done

    results = together(database, [partial(carry, seed) for seed in range(4)])
    assert [type(result) for result in results] == [int] * 4, results
    assert sum(results) > 40
    assert sum(warehouse.quantities().values()) == 10
    assert all(row.on_hand >= 0 for row in Stock.select())
    assert _counts_are_right()
    assert SerialEvent.select().count() == 40 + sum(results)
    for serial in Serial.select():
        events = list(SerialEvent.select().where(SerialEvent.serial == serial.id).order_by(SerialEvent.number))
        assert [event.number for event in events] == list(range(1, serial.version + 1))
        assert [event.to_location_id for event in events[:-1]] == [event.from_location_id for event in events[1:]]
        assert events[-1].to_location_id == serial.location_id
    numbers = sorted(row.number for row in Document.select())
    assert numbers == [f"T-{number:06d}" for number in range(1, len(numbers) + 1)]


def test_two_terminals_that_swap_two_places_both_succeed(database: Any, warehouse: Warehouse) -> None:
    here = warehouse.add(*(f"H{number}" for number in range(20)))
    there = warehouse.add(*(f"T{number}" for number in range(20)), location="DOCK")
    Stock.insert(item=warehouse.item.id, location=Serial.get_by_id(there[0]).location_id, on_hand=10).execute()

    def swap(ids: list[int], places: tuple[str, str]) -> list[int]:
        return [_move(warehouse, ids, places[turn % 2]).units for turn in range(10)]

    results = together(database, [partial(swap, here, ("DOCK", "MAIN")), partial(swap, there, ("MAIN", "DOCK"))])
    assert [len(result) for result in results] == [10, 10]
    assert sum(warehouse.quantities().values()) == 20
    assert _counts_are_right()

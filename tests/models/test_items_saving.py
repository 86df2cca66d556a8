"""Items and places: made, saved, and what happens when two people edit the same one."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from models.errors import BadValue, Changed, Duplicate, NotAllowed, NotFound, NotPermitted
from models.items.items import MOST_ON_HAND, create_item, find_item, item_form, save_item, typed_on_hand
from models.locations import close_location, create_location, list_places, reopen_location
from models.people import sign_in
from models.permissions import Permission
from models.schema import Item, Location, Serial
from tests.support.cases import each
from tests.support.warehouse import Warehouse, fingerprint, person, statements, together


def test_an_item_is_made_with_everything_that_belongs_to_it(warehouse: Warehouse) -> None:
    item = create_item(
        warehouse.boss,
        " Dr 1 ",
        " Drill  ½″ ",
        location="shelf",
        on_hand=7,
        track_serials=True,
        barcodes=[" 4006381333931", "X-1", "X-1", " "],
    )
    form = item_form(item.id)
    assert (form.sku, form.name, form.location, form.track_serials) == ("Dr 1", "Drill ½″", "SHELF", True)
    assert form.barcodes == ("4006381333931", "X-1")
    assert (form.on_hand, form.serials, form.records, form.version, form.changed_by) == (7, 0, 0, 1, "boss")
    assert find_item(" dR1").id == find_item("DR 1").id == item.id


def test_without_a_place_an_item_lives_in_the_first_open_one(database: Any) -> None:
    boss = sign_in("boss")
    close_location(boss, "MAIN")
    with pytest.raises(NotAllowed, match="Every location is closed"):
        create_item(boss, "DRILL", "Drill")
    create_location(boss, "SHELF")
    assert item_form(create_item(boss, "DRILL", "Drill").id).location == "SHELF"
    reopen_location(boss, "MAIN")
    assert item_form(create_item(boss, "SAW", "Saw").id).location == "MAIN"


@each(
    ("values", "field"),
    [
        ({"sku": " "}, "sku"),
        ({"sku": "x" * 41}, "sku"),
        ({"sku": "A\x1b"}, "sku"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"on_hand": -1}, "on_hand"),
        ({"on_hand": MOST_ON_HAND + 1}, "on_hand"),
        ({"barcodes": ["two words"]}, "barcodes"),
        ({"barcodes": ["ä"]}, "barcodes"),
    ],
)
def test_an_item_is_not_made_from_bad_values(warehouse: Warehouse, values: dict[str, Any], field: str) -> None:
    with pytest.raises(BadValue) as refused:
        create_item(warehouse.boss, **({"sku": "DRILL", "name": "Drill"} | values))
    assert refused.value.details["field"] == field
    assert Item.select().count() == 1


def test_a_typed_quantity_is_a_whole_number() -> None:
    assert [typed_on_hand(text) for text in ("", " 7 ", "1,234")] == [0, 7, 1234]
    for text in ("3 x", "-1", "1.5", "\u0663", "9" * 19):
        with pytest.raises(BadValue, match=r"^On hand is a whole number, 0 or more, not ") as refused:
            typed_on_hand(text)
        assert refused.value.details["field"] == "on_hand"


def test_a_sku_is_used_once_whatever_its_case_and_blanks(warehouse: Warehouse) -> None:
    with pytest.raises(Duplicate, match=r"The SKU SAW-1 is used: Circular saw\. Choose another\.") as refused:
        create_item(warehouse.boss, " sa w-1", "Saw")
    assert refused.value.details["item_id"] == warehouse.item.id


def test_a_barcode_belongs_to_one_item(warehouse: Warehouse) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=["B1", "B2"])
    with pytest.raises(Duplicate, match=r"The barcode B2 belongs to SAW-1, Circular saw\. Take it away there first"):
        create_item(warehouse.boss, "DRILL", "Drill", barcodes=["B2"])
    assert Item.select().count() == 1
    save_item(warehouse.boss, warehouse.item.id, barcodes=["B1"])
    drill = create_item(warehouse.boss, "DRILL", "Drill", barcodes=["B2"])
    with pytest.raises(Duplicate, match="The barcode B1 belongs to SAW-1"):
        save_item(warehouse.boss, drill.id, barcodes=["B2", "B1"])
    assert item_form(drill.id).barcodes == ("B2",)


def test_the_same_new_sku_barcode_or_place_at_two_terminals_is_a_duplicate_at_one(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    ids = [create_item(boss, f"I{number}", "Thing").id for number in range(3)]
    for works in (
        [partial(create_item, boss, "NEW", "Thing")] * 3,
        [partial(create_item, boss, f"N{number}", "Thing", barcodes=["B9"]) for number in range(3)],
        [partial(save_item, boss, item_id, barcodes=["B10"]) for item_id in ids],
        [partial(create_location, boss, code) for code in ("attic", "ATTIC", "Attic")],
    ):
        results = together(database, works)
        assert [type(result) for result in results].count(Duplicate) == 2, results


# ----- saving


def test_a_save_changes_what_is_given_and_keeps_the_rest(warehouse: Warehouse) -> None:
    save_item(warehouse.boss, warehouse.item.id, name=" Table saw ", location="SHOP", barcodes=["B1"], version=1)
    form = item_form(warehouse.item.id)
    assert (form.name, form.location, form.barcodes, form.track_serials) == ("Table saw", "SHOP", ("B1",), True)
    assert form.version == 2
    assert [(place.location, place.primary, place.on_hand) for place in form.places] == [
        ("SHOP", True, 0),
        ("MAIN", False, 10),
    ]
    save_item(warehouse.boss, warehouse.item.id, barcodes=[])
    assert item_form(warehouse.item.id).barcodes == ()


def test_a_save_that_changes_nothing_writes_nothing(warehouse: Warehouse) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=["B1", "B2"])
    before = fingerprint()
    save_item(
        warehouse.boss,
        warehouse.item.id,
        name="Circular  saw",
        location="main",
        barcodes=["B2", "B1"],
        track_serials=True,
        version=1,
    )
    assert fingerprint() == before


def test_the_second_of_two_who_edit_an_item_is_told_and_overwrites_nothing(warehouse: Warehouse) -> None:
    maria = person(warehouse.boss, "maria", Permission.EDIT_ITEMS)
    save_item(maria, warehouse.item.id, name="Table saw", version=1)
    before = fingerprint()
    with pytest.raises(
        Changed, match=r"^SAW-1 was saved by maria at \d\d:\d\d on \d{4}-\d\d-\d\d while you were editing it\. Look at"
    ) as refused:
        save_item(warehouse.boss, warehouse.item.id, name="Band saw", version=1)
    details = refused.value.details
    assert (details["by"], details["version"]) == ("maria", 2)
    assert details["at"] == item_form(warehouse.item.id).changed_at
    assert fingerprint() == before
    save_item(warehouse.boss, warehouse.item.id, name="Band saw", version=2)
    save_item(warehouse.boss, warehouse.item.id, name="Jig saw")
    assert item_form(warehouse.item.id).name == "Jig saw"


def test_of_saves_at_the_same_moment_one_is_done(database: Any, warehouse: Warehouse) -> None:
    works = [
        partial(save_item, warehouse.boss, warehouse.item.id, name=f"Saw {number}", version=1) for number in range(4)
    ]
    results = together(database, works)
    assert sorted(type(result).__name__ for result in results) == ["Changed"] * 3 + ["Item"]
    (saved,) = (result for result in results if isinstance(result, Item))
    assert (item_form(warehouse.item.id).name, saved.version) == (saved.name, 2)


def test_a_save_of_bad_values_changes_nothing(warehouse: Warehouse) -> None:
    before = fingerprint()
    for values in ({"name": " "}, {"barcodes": ["a b"]}, {"name": "Band saw", "location": "ATTIC"}):
        with pytest.raises((BadValue, NotFound)):
            save_item(warehouse.boss, warehouse.item.id, **values)
    with pytest.raises(NotFound, match="The item is not there any more"):
        save_item(warehouse.boss, 999, name="Saw")
    assert fingerprint() == before


def test_switching_tracking_keeps_stock_and_records(warehouse: Warehouse) -> None:
    warehouse.add("A1", "A2")
    before = fingerprint()
    for on in (False, True):
        save_item(warehouse.boss, warehouse.item.id, track_serials=on)
        after = fingerprint()
        assert {table for table in before if before[table] != after[table]} <= {"items"}
        form = item_form(warehouse.item.id)
        assert (form.track_serials, form.on_hand, form.serials, form.records) == (on, 10, 2, 2)
    assert Serial.select().count() == 2


def test_tracking_and_the_rest_of_an_item_need_their_own_permissions(warehouse: Warehouse) -> None:
    tracker = person(warehouse.boss, "tracker", Permission.MANAGE_SERIALS)
    editor = person(warehouse.boss, "editor", Permission.EDIT_ITEMS)
    item_id = warehouse.item.id
    save_item(tracker, item_id, track_serials=False, name="Circular saw")
    save_item(editor, item_id, track_serials=False, name="Band saw")
    with pytest.raises(NotPermitted, match="To change items, tracker needs the permission INV_EDIT_ITEMS"):
        save_item(tracker, item_id, track_serials=True, name="Jig saw")
    with pytest.raises(NotPermitted, match="To change items, tracker needs"):
        save_item(tracker, item_id, barcodes=["B1"])
    sentence = "To switch the tracking of serials, editor needs the permission INV_MANAGE_SERIALS. Ask your administrat"
    with pytest.raises(NotPermitted, match=sentence):
        save_item(editor, item_id, track_serials=True)
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)  # refused with what is lacking for what was asked
    with pytest.raises(NotPermitted, match="To switch the tracking of serials, viewer needs the permission INV_MANAGE"):
        save_item(viewer, warehouse.item.id, track_serials=False)
    with pytest.raises(NotPermitted, match="To change items, viewer needs the permission INV_EDIT_ITEMS"):
        save_item(viewer, warehouse.item.id, track_serials=False, name="Saw")
    with pytest.raises(NotPermitted, match="To track serials, editor needs the permission INV_MANAGE_SERIALS"):
        create_item(editor, "DRILL", "Drill", track_serials=True)
    form = item_form(item_id)
    assert (form.name, form.track_serials, form.version, form.barcodes) == ("Band saw", False, 3, ())


def test_the_form_takes_as_many_statements_for_many_places_as_for_one(database: Any, warehouse: Warehouse) -> None:
    def asked() -> int:
        with statements(database) as seen:
            item_form(warehouse.item.id)
        return len(seen)

    few = asked()
    for number in range(30):
        create_location(warehouse.boss, f"BIN-{number}")
        warehouse.add(f"A{number}", location=f"BIN-{number}")
    assert asked() == few <= 7


# ----- places


def test_places_nest(warehouse: Warehouse) -> None:
    for code, parent in (("A", "SHOP"), ("A-2", "a"), ("A-10", "A"), ("A-2-X", "A-2"), ("B", "SHOP"), ("AA", None)):
        create_location(warehouse.boss, code, f"Place {code}", parent=parent)
    assert [(place.code, place.parent, place.depth) for place in list_places()] == [
        ("AA", None, 0),
        ("DOCK", None, 0),
        ("MAIN", None, 0),
        ("SHELF", None, 0),
        ("SHOP", None, 0),
        ("A", "SHOP", 1),
        ("A-10", "A", 2),
        ("A-2", "A", 2),
        ("A-2-X", "A-2", 3),
        ("B", "SHOP", 1),
    ]


def test_a_place_is_made_once_whatever_its_case(warehouse: Warehouse) -> None:
    with pytest.raises(Duplicate, match="The location DOCK is there already"):
        create_location(warehouse.boss, "dock")
    with pytest.raises(NotFound, match="There is no location ATTIC"):
        create_location(warehouse.boss, "BOX", parent="ATTIC")
    for code in ("", "two words", "ß", "x" * 41, "A\a"):
        with pytest.raises(BadValue):
            create_location(warehouse.boss, code)
    with pytest.raises(BadValue):
        create_location(warehouse.boss, "BOX", "x" * 121)
    assert Location.select().count() == 4

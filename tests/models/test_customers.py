"""Customers, own statuses, places and their codes: made, changed, and refused where something stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from models.check import check
from models.customers import (
    CustomerSource,
    add_customer,
    customer,
    customers_by_key,
    customers_like,
    find_customer,
    list_customers,
    set_customer,
)
from models.errors import BadValue, Changed, Duplicate, NotAllowed, NotFound, NotPermitted, Refusal
from models.items.items import create_item, save_item
from models.locations import Place, close_location, create_location, list_places, reopen_location, set_location
from models.permissions import Actor, Permission
from models.schema import Customer
from models.serials.add import add_serials
from models.serials.moves import Answers, move
from models.statuses import add_status, set_status, statuses
from models.verbs import MOVES
from tests.support.cases import each
from tests.support.warehouse import Warehouse, person, together


def _sell(warehouse: Warehouse, serial_id: int, to: str) -> None:
    move(warehouse.boss, MOVES["sell"], [serial_id], Answers(customer=to))


# ----- customers


def test_who_may_sell_or_edit_may_make_a_customer_and_nobody_else(warehouse: Warehouse) -> None:
    for number, permission in enumerate((Permission.SELL_SERIAL, Permission.EDIT_ITEMS)):
        add_customer(person(warehouse.boss, f"maker{number}", permission), f"Customer {number}")
    others = [each for each in Permission if each not in (Permission.SELL_SERIAL, Permission.EDIT_ITEMS)]
    with pytest.raises(NotPermitted, match="To make customers, other needs the permission INV_EDIT_ITEMS"):
        add_customer(person(warehouse.boss, "other", *others), "Customer 3")
    assert [row.name for row in list_customers()] == ["Customer 0", "Customer 1"]


def test_a_customer_is_found_by_name_and_code_in_any_case_and_counts_its_serials(warehouse: Warehouse) -> None:
    made = add_customer(warehouse.boss, " Bergmann   AG ", code="K-1", reference="10001", notes="pays late")
    assert find_customer("bergmann ag").id == find_customer("k-1").id == made.id
    (serial,) = warehouse.add("A1")
    _sell(warehouse, serial, "k-1")
    assert customer(made.id).serials == 1
    set_customer(warehouse.boss, "K-1", name="Bergmann SE", code="", reference="10002")
    row = customer(made.id)
    assert (row.name, row.code, row.reference, row.notes) == ("Bergmann SE", None, "10002", "pays late")
    with pytest.raises(NotFound, match=r"There is no customer K-1\."):
        find_customer("K-1")


def test_a_customer_is_found_by_the_beginning_of_its_reference_in_any_case_and_listed_by_name_in_any(
    warehouse: Warehouse,
) -> None:
    for name, reference in (("Zoll AG", "PO-77"), ("axel", "Ärger-1"), ("Bit AG", "")):
        add_customer(warehouse.boss, name, reference=reference)
    for find, name in (("po-7", "Zoll AG"), ("PO-77", "Zoll AG"), ("Ärger", "axel")):
        assert [row.name for row in customers_like(find)] == [name], find
        assert [row.name for row in CustomerSource(find).fetch(0, 9)] == [name], find
    assert not customers_like("o-77")
    names = ["axel", "Bit AG", "Zoll AG"]
    assert [row.name for row in list_customers()] == [row.name for row in CustomerSource().fetch(0, 9)] == names


@pytest.fixture
def coded(warehouse: Warehouse) -> Warehouse:
    """The warehouse with a customer's code K1, and the item's barcodes 4006 and SAW-1."""
    add_customer(warehouse.boss, "Kreis GmbH", code="K1")
    save_item(warehouse.boss, warehouse.item.id, barcodes=["4006", "SAW-1"])  # an item's own SKU may be on its box
    return warehouse


@each(
    ("act", "said"),
    [
        (lambda boss: add_customer(boss, "kreis GMBH"), "The customer Kreis GmbH is there already"),
        (lambda boss: add_customer(boss, "New", code="k1"), "The code K1 is that of Kreis GmbH"),
        (lambda boss: add_customer(boss, "New", code="dock"), "DOCK is the code of the location DOCK already"),
        (lambda boss: add_customer(boss, "New", code="saw-1"), "SAW-1 is the SKU of the item SAW-1 already"),
        (lambda boss: add_customer(boss, "New", code="4006"), "4006 is a barcode of the item SAW-1 already"),
        (lambda boss: create_location(boss, "k1"), "K1 is the code of the customer Kreis GmbH already"),
        (lambda boss: create_location(boss, "4006"), "4006 is a barcode of the item SAW-1 already"),
        (lambda boss: set_location(boss, "DOCK", new_code="SAW-1"), "SAW-1 is the SKU of the item SAW-1 already"),
        (lambda boss: create_item(boss, "dock", "Dock"), "DOCK is the code of the location DOCK already"),
        (lambda boss: create_item(boss, "4006", "Four"), "The SKU 4006 is a barcode of SAW-1, Circular saw"),
        (lambda boss: create_item(boss, "NEW", "New", barcodes=["K1"]), "K1 is the code of the customer Kreis GmbH"),
        (
            lambda boss: create_item(boss, "NEW", "New", barcodes=["saw-1"]),
            "The barcode saw-1 is the SKU of another item, SAW-1",
        ),
    ],
)
def test_a_code_that_something_has_is_refused_both_ways(
    coded: Warehouse, act: Callable[[object], object], said: str
) -> None:
    with pytest.raises(Duplicate) as refused:
        act(coded.boss)
    assert said in refused.value.message
    assert "Choose another" in refused.value.message


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda boss: add_customer(boss, "k 1"), "The name k 1 is the code of another customer, Kreis GmbH"),
        (lambda boss: add_customer(boss, "New", code="berg"), "The code berg is the name of another customer, Berg"),
        (lambda boss: set_customer(boss, "BERG", name="K1"), "The name K1 is the code of another customer, Kreis GmbH"),
        (lambda boss: set_customer(boss, "K1", code="BERG"), "The code BERG is the name of another customer, Berg"),
    ],
)
def test_a_customer_is_not_named_as_another_ones_code(
    warehouse: Warehouse, act: Callable[[object], object], said: str
) -> None:
    add_customer(warehouse.boss, "Kreis GmbH", code="K1")
    add_customer(warehouse.boss, "Berg")
    with pytest.raises(Duplicate) as refused:
        act(warehouse.boss)
    assert refused.value.message.startswith(said)
    assert "it would mean both. Choose another" in refused.value.message
    set_customer(warehouse.boss, "Berg", code="BERG")  # its own name may be its code


def test_of_customers_of_old_databases_the_code_wins_and_check_warns(warehouse: Warehouse, database: Any) -> None:
    coded = add_customer(warehouse.boss, "Kreis GmbH", code="K1")
    assert check(database).warnings == ()
    named = Customer.create(name="k1")
    assert find_customer("K1").id == coded.id
    assert customers_by_key(["K1", "KREISGMBH", "NOBODY"]) == {
        "K1": (coded.id, "Kreis GmbH"),
        "KREISGMBH": (coded.id, "Kreis GmbH"),
    }
    report = check(database)
    assert report.good, "nothing is broken"
    (said,) = report.warnings
    assert said == (
        "The customer k1 has the code of another customer, Kreis GmbH, as its name, so that it finds Kreis GmbH. "
        "Give one of them another name or code."
    )
    set_customer(warehouse.boss, named.id, name="Klein")
    assert check(database).warnings == ()


# ----- statuses


def test_an_own_status_keeps_what_it_counts_as_once_it_was_used(warehouse: Warehouse) -> None:
    add_status(warehouse.boss, "Demo", "Demo unit", colour="green", mark="d", available=True, on_hand=True)
    set_status(warehouse.boss, "demo", on_hand=False)
    set_status(warehouse.boss, "demo", on_hand=True)
    (serial,) = warehouse.add("A1")
    move(warehouse.boss, MOVES["change-status"], [serial], Answers(status="demo"))
    move(warehouse.boss, MOVES["change-status"], [serial], Answers(status="in_stock"))
    with pytest.raises(NotAllowed, match="Demo unit has been used, so whether it is on hand cannot change"):
        set_status(warehouse.boss, "demo", on_hand=False)
    set_status(warehouse.boss, "demo", label="Demonstration", mark="D", colour="blue", on_hand=True)
    look = statuses()[-1]
    assert (look.code, look.label, look.mark, look.colour, look.on_hand) == ("demo", "Demonstration", "D", "blue", True)


@each(
    ("values", "said"),
    [
        ({"code": "in_stock"}, "The status in_stock is there already"),
        ({"code": "Two words"}, "is no status code"),
        ({"label": "in stock"}, "The label in stock is that of In Stock"),
        ({"mark": "$"}, r"The mark \$ is that of Sold"),
        ({"mark": "no"}, "The mark is one printed character"),
        ({"mark": "箱"}, "The mark is one printed character of usual width"),  # two cells
        ({"mark": "\N{COMBINING ACUTE ACCENT}"}, "The mark is one printed character"),  # none of its own
        ({"colour": "pink"}, "There is no colour pink. There are: green"),
    ],
)
def test_a_status_that_could_not_be_told_apart_is_refused(
    warehouse: Warehouse, values: dict[str, str], said: str
) -> None:
    given = {"code": "demo", "label": "Demo", "mark": "d", "colour": "green"} | values
    with pytest.raises(Refusal, match=said):
        add_status(warehouse.boss, given["code"], given["label"], colour=given["colour"], mark=given["mark"])


def test_a_built_in_status_keeps_its_label(warehouse: Warehouse) -> None:
    with pytest.raises(NotAllowed, match="Sold is built in and stays as it is"):
        set_status(warehouse.boss, "sold", label="Gone")


# ----- places


def test_a_place_closes_when_nothing_is_in_it_or_on_its_way(warehouse: Warehouse) -> None:
    boss = warehouse.boss

    def refused(said: str) -> None:
        with pytest.raises(NotAllowed, match=said):
            close_location(boss, "SHOP")

    (serial,) = warehouse.add("A1", location="SHOP")
    refused(r"SHOP cannot be closed: it holds 1 serial of SAW-1\. Transfer everything elsewhere first")
    move(boss, MOVES["transfer"], [serial], Answers(place="MAIN"))
    sent = move(boss, MOVES["dispatch"], [serial], Answers(place="SHOP")).document or ""
    refused(r"1 serial of SAW-1 is on the way to it\. Receive the transfer first")
    move(boss, MOVES["arrive"], [serial], Answers(transfer=sent))
    refused("it holds 1 of SAW-1")
    _sell(warehouse, serial, "Kreis GmbH")
    create_location(boss, "SHOP-1", parent="SHOP")
    refused("SHOP-1 inside it is open")
    close_location(boss, "SHOP-1")
    save_item(boss, warehouse.item.id, location="SHOP")
    refused("it is the primary place of SAW-1")
    save_item(boss, warehouse.item.id, location="MAIN")
    close_location(boss, "SHOP")
    assert {place.code for place in list_places() if place.closed} == {"SHOP", "SHOP-1"}


def test_a_closed_place_takes_nothing_new(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    (scrapped, other) = warehouse.add("A1", "A2", location="SHOP")
    move(boss, MOVES["scrap"], [scrapped], Answers(note="broken"))
    move(boss, MOVES["transfer"], [other], Answers(place="MAIN"))
    close_location(boss, "SHOP")
    closed = r"SHOP is closed"
    attempts: list[Callable[[], object]] = [
        lambda: add_serials(boss, warehouse.item.id, ["A3"], location="SHOP"),
        lambda: move(boss, MOVES["transfer"], [other], Answers(place="SHOP")),
        lambda: move(boss, MOVES["reactivate"], [scrapped], Answers(note="it works")),
        lambda: create_item(boss, "NEW", "New", location="SHOP"),
        lambda: save_item(boss, warehouse.item.id, location="SHOP"),
        lambda: create_location(boss, "SHOP-2", parent="SHOP"),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed, match=closed):
            attempt()
    reopen_location(boss, "SHOP")
    move(boss, MOVES["reactivate"], [scrapped], Answers(note="it works"))


def test_a_place_is_renamed_and_moved_but_not_into_itself(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    set_location(boss, "shop", name="Front shop", parent="MAIN", new_code="FRONT")
    place = next(place for place in list_places() if place.code == "FRONT")
    assert (place.name, place.parent) == ("Front shop", "MAIN")
    with pytest.raises(NotAllowed, match="FRONT is inside MAIN, so MAIN cannot be put into it"):
        set_location(boss, "MAIN", parent="FRONT")
    with pytest.raises(Duplicate, match="The location DOCK is there already"):
        set_location(boss, "FRONT", new_code="dock")
    set_location(boss, "FRONT", parent="")
    assert next(place for place in list_places() if place.code == "FRONT").parent is None


def test_a_customer_and_a_status_that_somebody_changed_meanwhile_are_told_by_whom_and_what(
    database: Any, warehouse: Warehouse
) -> None:
    boss, tim = warehouse.boss, person(warehouse.boss, "tim", Permission.EDIT_ITEMS, Permission.MANAGE_USERS)
    seen = customer(add_customer(boss, "Kreis GmbH", code="K1", notes="x" * 50).id)
    set_customer(tim, "K1", code="K2", notes="", reference="10001")
    with pytest.raises(Changed) as refused:
        set_customer(boss, seen, name="Kreis SE")
    head, _, tail = refused.value.message.partition(", after you looked at it")
    assert head.startswith("Kreis GmbH was changed by tim at ")
    assert tail == (
        f": the code is K2, not K1; the reference is 10001; the note is empty, not {'x' * 39}…. Look again and repeat."
    )
    assert set_customer(boss, customer(seen.id), name="Kreis SE").code == "K2"
    set_customer(boss, seen.id, name="Kreis SE")  # as it is
    assert customer(seen.id).version == 3

    add_status(boss, "kept", "Kept", colour="green", mark="k")
    look = statuses()[-1]
    set_status(tim, "kept", label="Put aside", available=True)
    with pytest.raises(
        Changed,
        match=r"^Kept was changed by tim at .*: the label is Put aside, not Kept; the availability is yes, not no",
    ):
        set_status(boss, look, mark="K")
    row = set_status(boss, statuses()[-1], mark="K")
    assert (row.label, row.mark, row.version) == ("Put aside", "K", 3)

    first = customer(seen.id)
    results = together(database, [partial(set_customer, boss, first, name=f"Kreis {number}") for number in range(4)])
    assert sum(isinstance(result, Changed) for result in results) == 3
    assert check(database).good


def _seen(code: str) -> Place:
    return next(place for place in list_places() if place.code == code)


@pytest.mark.parametrize(
    "act",
    [
        lambda boss, seen: set_location(boss, seen, name="Front shop"),
        close_location,
        reopen_location,
    ],
)
def test_a_place_that_somebody_changed_meanwhile_is_told_by_whom(
    warehouse: Warehouse, act: Callable[[Actor, Place], object]
) -> None:
    boss, tim = warehouse.boss, person(warehouse.boss, "tim", Permission.EDIT_ITEMS)
    seen = _seen("SHOP")
    set_location(tim, "SHOP", new_code="FRONT")
    with pytest.raises(Changed) as refused:
        act(boss, seen)
    assert refused.value.message.startswith("SHOP was changed by tim at ")
    assert refused.value.message.endswith(
        ", after you looked at it: the code is FRONT, not SHOP. Look again and repeat."
    )
    seen = _seen("FRONT")
    set_location(tim, "FRONT", name="Shop in front")
    with pytest.raises(Changed, match=r"FRONT was changed by tim at .*: the name is Shop in front\."):
        act(boss, seen)
    set_location(tim, "FRONT", name="Shop in front")  # as it is
    act(boss, _seen("FRONT"))
    with pytest.raises(NotFound, match="The location is not there any more"):
        act(boss, replace(seen, id=999))


def test_a_place_inside_a_closed_one_opens_after_it(warehouse: Warehouse) -> None:
    boss = warehouse.boss
    create_location(boss, "SHOP-1", parent="SHOP")
    create_location(boss, "SHOP-1-A", parent="SHOP-1")
    for code in ("SHOP-1-A", "SHOP-1", "SHOP"):
        close_location(boss, code)
    for code in ("SHOP-1-A", "SHOP-1"):
        with pytest.raises(NotAllowed) as refused:
            reopen_location(boss, code)
        assert refused.value.message == (
            f"{code} cannot be opened: it is inside SHOP, which is closed. Open SHOP first."
        )
    for code in ("SHOP", "SHOP-1", "SHOP-1-A"):
        reopen_location(boss, code)
    assert not [place for place in list_places() if place.closed]


def test_a_place_does_not_open_inside_one_that_is_closed_at_the_same_time(warehouse: Warehouse, database: Any) -> None:
    boss = warehouse.boss
    create_location(boss, "SHOP-1", parent="SHOP")
    close_location(boss, "SHOP-1")
    results = together(database, [lambda: close_location(boss, "SHOP"), lambda: reopen_location(boss, "SHOP-1")])
    assert [type(error) for error in results if isinstance(error, Exception)] == [NotAllowed], results


def test_a_warranty_term_that_cannot_be_read_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BadValue, match=r"'soon' is not a warranty term\. Write 90d, 24m or 2y\."):
        save_item(warehouse.boss, warehouse.item.id, warranty_term="soon")

"""What a scan means in this warehouse: codes of places and items, serials with and without a product."""

from __future__ import annotations

import pytest

from models.barcodes.reading import CommandCode
from models.customers import add_customer
from models.documents import find_document
from models.errors import BadValue, NotFound, Unreadable
from models.items.items import create_item, save_item
from models.items.rules import set_serial_rule
from models.schema import ItemBarcode, SerialEvent
from models.serials.judging import Outcome
from models.serials.moves import transfer_serials
from models.serials.receive import ReceiptLine, receive_serials
from models.station.scan import Found, find_scanned, understand
from models.text import serial_key
from tests.support.receiving import GTIN, Station, received
from tests.support.warehouse import Warehouse, fingerprint, open_warehouse

SERIAL_ALONE = "]C121X-1"
"""GS1: a serial (AI 21) and no product."""


def _with_barcodes() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN, "KIT"])


CONTENTS = {"warehouse": _with_barcodes}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


@pytest.mark.parametrize("scan", [SERIAL_ALONE, "\x1d21X-1"])
def test_a_serial_that_comes_without_its_product_belongs_to_the_item_at_hand(
    warehouse: Warehouse, station: Station, scan: str
) -> None:
    taken = station.scan("DOCK", "SAW-1", scan)[2]
    assert (taken.outcome, taken.subject) == (Outcome.OK, "X-1")
    station.one("XXSDDONE")
    assert SerialEvent.get(SerialEvent.kind == "received").scan == scan
    assert warehouse.where("X-1") == ("in_stock", "DOCK")


def test_a_serial_that_comes_before_its_product_waits_for_it(warehouse: Warehouse, station: Station) -> None:
    waiting, item = station.scan("DOCK", SERIAL_ALONE, f"]E0{GTIN[1:]}")[1:]
    assert (waiting.outcome, waiting.reason, waiting.subject) == (Outcome.PROBLEM, "no_item", "X-1")
    assert item.message.endswith("1 that waited for it is taken.")
    assert station.one("XXSDDONE").outcome is Outcome.DONE
    assert received(["X-1"]) == ["X-1"]


def test_a_serial_without_its_product_is_found(warehouse: Warehouse) -> None:
    with pytest.raises(NotFound, match="serial X-1"):
        find_scanned(SERIAL_ALONE)
    (serial_id,) = warehouse.add("X-1")
    assert [hit.serial_id for hit in find_scanned(SERIAL_ALONE).hits] == [serial_id]


def test_a_code_means_the_same_whatever_comes_with_it(warehouse: Warehouse) -> None:
    other = create_item(warehouse.boss, "kit-2", "Other kit")
    ItemBarcode.create(item=other, barcode="SAW-1")  # as an earlier version let it be
    scans = ["kit", "KIT", "KIT-2", "saw-1", "SAW-1", "dock", "DOCK"]
    together = understand(scans)
    assert together == [understand([scan])[0] for scan in scans]
    assert [one.serials for one in together[:2]] == [("kit",), ()], "the case of a barcode counts"
    assert [one.item_id == warehouse.item.id for one in together[:5]] == [False, True, False, True, False]


def test_a_serial_with_an_s_before_it_is_held_against_the_one_without(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("7700112", "S8800")
    told = station.scan("DOCK", "SAW-1", "S7700112", "S8800", "S8801")[2:]
    assert [verdict.reason for verdict in told] == ["near_duplicate", "exists", ""]
    assert "S7700112 looks like 7700112, which is on SAW-1 already." in told[0].message
    assert station.one("s7700112").message == "Kept: near duplicate was confirmed."


@pytest.mark.parametrize("first", ["5CG831K2", "S5CG831K2"])
def test_the_same_with_and_without_the_s_of_a_label_is_told(warehouse: Warehouse, station: Station, first: str) -> None:
    second = first[1:] if first.startswith("S") else f"S{first}"
    station.scan("DOCK", "SAW-1", first)
    told = station.one(second)
    assert (told.reason, f"looks like {first}, which" in told.message) == ("near_duplicate", True)
    station.one("XXSDUNDO")
    assert station.words("S-1", second, "XXSDUNDO", "XXSDDONE") == ["ok", "problem", "out", "done"]
    assert Station(warehouse).scan("DOCK", "SAW-1", second)[2].reason == "near_duplicate", "with what is in stock too"
    together = Station(warehouse).scan("DOCK", "SAW-1", f"{first}X", f"{second}X")
    assert [verdict.reason for verdict in together[2:]] == ["", "near_duplicate"]


def test_a_serial_with_an_s_before_it_is_found_as_it_is_or_without(warehouse: Warehouse) -> None:
    bare, own, without = warehouse.add("7700112", "S8800", "8800")
    assert [hit.serial_id for hit in find_scanned("S7700112").hits] == [bare]
    assert [hit.serial_id for hit in find_scanned("S8800").hits] == [own]
    assert [hit.serial_id for hit in find_scanned("8800").hits] == [without]


def test_the_code_of_a_customer_and_the_number_of_a_document_are_found_where_no_serial_has_them(
    warehouse: Warehouse,
) -> None:
    buyer = add_customer(warehouse.boss, "Kreis GmbH", code="K-1")
    first, second = warehouse.add("A-1", "K-2")
    number = transfer_serials(warehouse.boss, [first], "SHOP").document
    assert find_scanned("k-1") == Found(customer_id=buyer.id)
    assert find_scanned(number.lower()) == Found(document_id=find_document(number).id)
    add_customer(warehouse.boss, "Bergmann AG", code="K-2")
    assert [hit.serial_id for hit in find_scanned("K-2").hits] == [second]


def test_what_breaks_the_rule_of_its_item_is_received_by_no_program(warehouse: Warehouse) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, length="5")
    lines = [
        ReceiptLine(warehouse.item.id, text, serial_key(text), warehouse.item.primary_location_id)
        for text in ("12345", "123456")
    ]
    before = fingerprint()
    with pytest.raises(BadValue, match="123456 has 6 characters; this item's serials have 5"):
        receive_serials(warehouse.boss, lines)
    assert fingerprint() == before
    assert receive_serials(warehouse.boss, lines[:1]).serials == 1


def test_a_command_barcode_says_what_it_does_and_where_it_works(warehouse: Warehouse) -> None:
    said = {}
    for command in CommandCode:
        with pytest.raises(Unreadable) as refused:
            find_scanned(command.barcode)
        said[command] = refused.value.message
    assert said[CommandCode.DONE] == (
        "DONE is for a station; it writes what was scanned there. Open it, then scan the command there."
    )
    assert said[CommandCode.RECEIVE] == (
        "RECEIVE is for a station; it chooses Receive there. Open it, then scan the command there."
    )
    assert said[CommandCode.TRANSFER] == (
        "SHIFT begins Transfer. Scan it on a serial's record, in an item's Serials tab, or at a station."
    )
    assert len(set(said.values())) == len(said)

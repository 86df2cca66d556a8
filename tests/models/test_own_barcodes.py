"""An item's own barcode is no serial of it, in whatever length the product code is written, on every way in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.errors import BadValue, Stop
from models.items.items import save_item
from models.schema import Location
from models.serials.add import add_serials
from models.serials.receive import ReceiptLine, receive_list, receive_serials
from models.serials.record import find_serials
from models.station.preview import add_many, preview
from models.text import serial_key
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, open_warehouse

EAN_13, EAN_8, UPC = "4006381333931", "96385074", "036000291452"
FORMS = [
    (EAN_13, EAN_13),
    (EAN_13, f"0{EAN_13}"),
    (EAN_8, EAN_8),
    (EAN_8, EAN_8.zfill(12)),
    (EAN_8, EAN_8.zfill(14)),
    (UPC, f"0{UPC}"),
    (UPC, f"00{UPC}"),
    (f"0{EAN_13}", EAN_13),
    ("X-1", "X-1"),
]


def _with_barcodes() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[EAN_13, EAN_8, UPC, "X-1", "77"])


CONTENTS = {"warehouse": _with_barcodes}


def by_hand(warehouse: Warehouse, serial: str) -> None:
    add_serials(warehouse.boss, warehouse.item.id, ["S-1", serial])


def many(warehouse: Warehouse, serial: str) -> None:
    add_many(warehouse.boss, warehouse.item.id, ["S-1", serial], location="MAIN", progress=Stop())


def receipt(warehouse: Warehouse, serial: str) -> None:
    place = Location.get(Location.code == "DOCK").id
    lines = [ReceiptLine(warehouse.item.id, text, serial_key(text), place) for text in ("S-1", serial)]
    receive_serials(warehouse.boss, lines)


def listed(warehouse: Warehouse, serial: str) -> None:
    report = receive_list(warehouse.boss, warehouse.item.id, ["S-1", serial], location="DOCK")
    if report.refused:
        raise BadValue(report.refused[0].message)


def previewed(warehouse: Warehouse, serial: str) -> None:
    found = preview(warehouse.item.id, ["S-1", serial], Stop())
    if found.bad.count:
        raise BadValue(found.bad.sentences[0])


def ranged(warehouse: Warehouse, serial: str) -> None:
    station = Station(warehouse)
    station.scan("DOCK", "SAW-1")
    station.task.take_many(warehouse.boss, ["S-1", serial], Stop())
    from models.station import lines

    assert station.task.view.draft_id is not None
    for line in lines.problems(station.task.view.draft_id):
        raise BadValue(line.message)


@pytest.mark.parametrize("way", [by_hand, many, receipt, listed, previewed, ranged])
@pytest.mark.parametrize(("barcode", "serial"), FORMS)
def test_the_items_own_barcode_is_no_serial_however_many_digits_it_is_written_with(
    warehouse: Warehouse, barcode: str, serial: str, way: Callable[[Warehouse, str], None]
) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=[barcode])
    with pytest.raises(BadValue) as refused:
        way(warehouse, serial)
    assert refused.value.message == f"{serial} is the barcode of SAW-1 itself. Scan or type the unit's serial."
    assert find_serials("S-1") == []


@pytest.mark.parametrize("way", [by_hand, many, receipt, listed, previewed, ranged])
@pytest.mark.parametrize("serial", [f"1{EAN_13}", f"00{EAN_13}", "0077", f"{EAN_8}0", "X-01"])
def test_another_number_is_a_serial(warehouse: Warehouse, serial: str, way: Callable[[Warehouse, str], None]) -> None:
    way(warehouse, serial)

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
from models.station.drafts import discard
from models.station.preview import add_many, preview
from models.text import serial_key
from tests.support.cases import case
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


def _other(serial: str) -> str:
    """A good serial beside another one."""
    return f"S-{serial}"


def by_hand(warehouse: Warehouse, serial: str) -> None:
    add_serials(warehouse.boss, warehouse.item.id, [_other(serial), serial])


def many(warehouse: Warehouse, serial: str) -> None:
    add_many(warehouse.boss, warehouse.item.id, [_other(serial), serial], location="MAIN", progress=Stop())


def receipt(warehouse: Warehouse, serial: str) -> None:
    place = Location.get(Location.code == "DOCK").id
    lines = [ReceiptLine(warehouse.item.id, text, serial_key(text), place) for text in (_other(serial), serial)]
    receive_serials(warehouse.boss, lines)


def listed(warehouse: Warehouse, serial: str) -> None:
    report = receive_list(warehouse.boss, warehouse.item.id, [_other(serial), serial], location="DOCK")
    if report.refused:
        raise BadValue(report.refused[0].message)


def previewed(warehouse: Warehouse, serial: str) -> None:
    found = preview(warehouse.item.id, [_other(serial), serial], Stop())
    if found.bad.count:
        raise BadValue(found.bad.sentences[0])


def ranged(warehouse: Warehouse, serial: str) -> None:
    station = Station(warehouse)
    station.scan("DOCK", "SAW-1")
    station.task.take_many(warehouse.boss, [_other(serial), serial], Stop())
    from models.station import lines

    draft_id = station.task.view.draft_id
    assert draft_id is not None
    found = [line.message for line in lines.problems(draft_id)]
    discard(warehouse.boss, draft_id)
    if found:
        raise BadValue(found[0])


@pytest.mark.parametrize("way", [by_hand, many, receipt, listed, previewed, ranged])
def test_the_items_own_barcode_is_no_serial_however_many_digits_it_is_written_with(
    warehouse: Warehouse, way: Callable[[Warehouse, str], None]
) -> None:
    for barcode, serial in FORMS:
        save_item(warehouse.boss, warehouse.item.id, barcodes=[barcode])
        with case(barcode, serial), pytest.raises(BadValue) as refused:
            way(warehouse, serial)
        assert refused.value.message == f"{serial} is the barcode of SAW-1 itself. Scan or type the unit's serial."
        assert find_serials(_other(serial)) == []


@pytest.mark.parametrize("way", [by_hand, many, receipt, listed, previewed, ranged])
def test_another_number_is_a_serial(warehouse: Warehouse, way: Callable[[Warehouse, str], None]) -> None:
    for serial in (f"1{EAN_13}", f"00{EAN_13}", "0077", f"{EAN_8}0", "X-01"):
        with case(serial):
            way(warehouse, serial)

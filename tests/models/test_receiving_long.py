"""Receipts of very many serials, which are laid out before the write begins, are as any other receipt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models import clock
from models.check import check
from models.database.connection import connect, disconnect
from models.database.unit import write
from models.errors import Duplicate
from models.items.items import create_item
from models.people import add_user, sign_in
from models.schema import Document, Serial, SerialEvent
from models.serials import receive
from models.serials.receive import ReceiptLine, receive_in, receive_list, receive_serials, stage_ahead
from models.station import drafts
from models.text import serial_key, sort_key
from tests.support.engines import ON_SQLITE
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, fingerprint


@pytest.fixture(params=[1, 1_000], ids=["laid out", "as it is"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """From how many serials on a receipt is laid out first."""
    monkeypatch.setattr(receive, "MANY", request.param)
    return int(request.param)


def lines(item_id: int, place_id: int, *serials: str) -> list[ReceiptLine]:
    return [ReceiptLine(item_id, text, serial_key(text), place_id, f"(21){text}", f"of {text}") for text in serials]


def test_serials_and_events_are_the_same_whether_they_were_laid_out_or_not(
    database: Any, warehouse: Warehouse, many: int
) -> None:
    item, pump = warehouse.item, create_item(warehouse.boss, "PUMP-1", "Pump", track_serials=True)
    place = item.primary_location_id
    wanted = [*lines(item.id, place, "b 2", "A-10", "a-9"), *lines(pump.id, place, "A-9")]
    received = receive_serials(warehouse.boss, wanted, note="two pallets")
    assert (received.serials, received.units) == (4, 4)
    today = clock.today()
    for line in wanted:
        serial = Serial.get((Serial.item == line.item_id) & (Serial.serial_key == line.key))
        assert (serial.serial_number, serial.sort_key) == (line.serial_number, sort_key(line.key))
        assert (serial.status.code, serial.location_id, serial.customer_id) == ("in_stock", place, None)
        assert (serial.condition_notes, serial.warranty_end, serial.date_received) == ("", None, today)
        (event,) = SerialEvent.select().where(SerialEvent.serial == serial.id)
        assert (event.kind, event.document_id, event.user_id) == (
            *("received", received.document_id, warehouse.boss.user_id),
        )
        assert (event.note, event.scan) == (line.note, line.scan)
        assert json.loads(event.changes) == {"date_received": [None, today.isoformat()]}
    assert warehouse.quantities() == {"MAIN": 13}
    assert check(database).good


def test_a_draft_is_received_with_who_scanned_what(database: Any, warehouse: Warehouse, many: int) -> None:
    add_user(warehouse.boss, "clerk1", ["administrator"])
    other = Station(warehouse, sign_in("clerk1"))
    assert other.words("DOCK", "SAW-1", "S-2", "S-10", "S-1") == ["set", "set", "ok", "ok", "ok"]
    (row,) = drafts.open_drafts()
    station = Station(warehouse)
    station.task.continue_draft(warehouse.boss, row.id)
    assert station.words("S-3", "XXSDDONE") == ["ok", "done"]
    assert [serial.serial_number for serial in Serial.select().order_by(Serial.sort_key)] == [
        "S-1",
        "S-2",
        "S-3",
        "S-10",
    ]
    notes = {event.serial_number: event.note for event in SerialEvent.select()}
    assert notes.pop("S-3") == ""
    assert all(note.startswith("scanned by clerk1 at ") for note in notes.values())
    assert warehouse.quantities()["DOCK"] == 4
    assert check(database).good


def test_what_somebody_else_received_since_is_named_and_the_rest_goes_in(
    database: Any, warehouse: Warehouse, many: int
) -> None:
    station = Station(warehouse)
    station.words("DOCK", "SAW-1", "S-1", "S-2", "S-3")
    warehouse.add("S-2")
    asked = station.one("XXSDDONE")
    assert (asked.subject, "S-2 of SAW-1 is already here" in asked.message) == ("Changed since", True)
    assert station.words("XXSDDONE") == ["done"]
    assert Serial.select().count() == 3
    assert [document.serials for document in Document.select()] == [2]
    assert check(database).good


def test_a_list_that_is_received_twice_is_refused_by_name(database: Any, warehouse: Warehouse, many: int) -> None:
    serials = [f"S-{number}" for number in range(30)]
    assert receive_list(warehouse.boss, warehouse.item.id, serials, location="DOCK").units == 30
    before = fingerprint()
    wanted = lines(warehouse.item.id, warehouse.item.primary_location_id, *serials)
    with pytest.raises(Duplicate, match="S-0 of SAW-1 is already here"):
        receive_serials(warehouse.boss, wanted)
    assert fingerprint() == before


@ON_SQLITE  # a server's transaction makes the table itself
def test_what_was_laid_out_on_a_line_that_broke_is_received_all_the_same(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "MANY", 1)
    wanted = lines(warehouse.item.id, warehouse.item.primary_location_id, "S-1", "S-2")
    totals = stage_ahead(wanted)
    assert totals is not None
    disconnect(database)
    connect(database)
    received = write(warehouse.boss, lambda unit: receive_in(unit, wanted, {}, "", totals))
    assert received.units == Serial.select().count() == 2
    assert check(database).good

"""Receiving in bursts: commands among the scans, several receipts, and a transaction that has to be run again."""

from __future__ import annotations

from typing import Any

import peewee
import pytest

from models.check import check
from models.clock import now
from models.errors import BadValue, NotPermitted
from models.items.items import create_item, save_item
from models.people import grant, revoke
from models.permissions import Permission
from models.schema import Document, DraftLine, Serial
from models.serials.judging import Outcome
from models.station import drafts, lines
from tests.support.receiving import GTIN, Station, warehouse_database
from tests.support.warehouse import Warehouse, open_warehouse, person


@pytest.fixture
def warehouse(database: Any) -> Warehouse:
    house = open_warehouse()
    save_item(house.boss, house.item.id, barcodes=[GTIN])
    create_item(house.boss, "BIT-9", "Bits", track_serials=True)
    return house


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


def test_two_receipts_in_one_burst(warehouse: Warehouse, station: Station) -> None:
    receipt = ["DOCK", "SAW-1", "S-1", "S-1", "XXSDUNDO", "S-2", "XXSDNEXT", "BIT-9", "B-1", "XXSDHELP", "XXSDDONE"]
    again = [*receipt[:2], "S-3", "§", "XXSDDONE", "XXSDDONE", "XXSDDONE"]
    words = station.words(*receipt, *again)
    assert words[len(receipt) - 1] == "done"
    assert words[len(receipt) :] == ["set", "set", "ok", "problem", "ask", "done", "tell"]
    assert [document.serials for document in Document.select().order_by(Document.id)] == [3, 1]
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 3}
    assert check(warehouse_database()).good


def test_each_item_of_a_receipt_says_whether_its_quantity_goes_up(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "S-2")
    station.task.add_to_quantity(warehouse.boss, False)
    station.scan("BIT-9", "B-1")
    assert station.task.view.adds_quantity
    assert station.one("XXSDDONE").message == "3 serials received. 1 added to the quantity."
    assert warehouse.quantities() == {"MAIN": 10}
    assert check(warehouse_database()).good


def test_a_burst_whose_transaction_has_to_be_run_again_counts_once(
    warehouse: Warehouse, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_lines, runs = lines.write_lines, []

    def fail_once(*args: Any) -> None:
        write_lines(*args)
        runs.append(args)
        if len(runs) == 2:
            raise peewee.IntegrityError("somebody was quicker")

    monkeypatch.setattr(lines, "write_lines", fail_once)
    told = station.scan("DOCK", "S-0", "SAW-1", "S-1", "§", "S-2", "XXSDUNDO", "S-3")
    assert len(runs) > 3
    assert [(one.outcome, one.position) for one in told if one.position] == [
        (Outcome.PROBLEM, 1),
        (Outcome.OK, 2),
        (Outcome.PROBLEM, 3),
        (Outcome.OK, 4),
        (Outcome.OUT, 4),
        (Outcome.OK, 5),
    ]
    assert (station.task.view.count, station.task.view.problems) == (3, 1)
    assert DraftLine.select().where(DraftLine.kind == "serial").count() == 5
    assert station.words("XXSDDONE", "XXSDDONE") == ["ask", "done"]
    assert {row.serial_number for row in Serial.select()} == {"S-0", "S-1", "S-3"}


def test_no_other_draft_is_continued_where_one_has_begun(warehouse: Warehouse, station: Station) -> None:
    other = Station(warehouse)
    other.scan("SHELF", "BIT-9", "B-1")
    other.task.leave(warehouse.boss)
    station.scan("DOCK", "SAW-1", "S-1")
    (left,) = [row for row in drafts.open_drafts() if row.sku == "BIT-9"]
    with pytest.raises(BadValue, match="receipt was begun at this station, 1 scanned at DOCK"):
        station.task.continue_draft(warehouse.boss, left.id)
    assert {row.sku: row.is_in_use(now()) for row in drafts.open_drafts()} == {"SAW-1": True, "BIT-9": False}
    assert station.words("S-2") == ["ok"]
    station.task.leave(warehouse.boss)
    station.task.continue_draft(warehouse.boss, left.id)
    assert {row.sku: row.is_in_use(now()) for row in drafts.open_drafts()} == {"SAW-1": False, "BIT-9": True}


def test_a_scan_that_cannot_be_read_added_nothing_so_that_undo_takes_out_nothing(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    station.task.pass_over()
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    assert station.one("XXSDUNDO").subject == "S-1"


def test_a_scan_that_was_not_taken_at_all_added_nothing_either(warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    station = Station(warehouse, clerk)
    station.scan("DOCK", "SAW-1", "S-1")
    revoke(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted):
        station.one("S-2")
    grant(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    assert station.task.view.count == 1


def test_undo_after_a_draft_was_opened_again_takes_the_last_scan_with_all_its_serials(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "[)>\x1e06\x1dSX-1\x1dSX-2\x1e\x04")
    station.task.leave(warehouse.boss)
    other = Station(warehouse)
    other.task.continue_draft(warehouse.boss, 1)
    assert other.one("XXSDUNDO").message.startswith("2 serials were taken out")
    assert other.one("XXSDUNDO").subject == "S-1"
    assert other.task.view.count == 0

"""Receiving in bursts: commands among the scans, several receipts, and a transaction that has to be run again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import peewee
import pytest

from models.check import check
from models.clock import now
from models.errors import BadValue, NotPermitted, Unreachable
from models.items.items import create_item, save_item
from models.people import grant, revoke
from models.permissions import Permission
from models.schema import Document, DraftLine, Serial
from models.serials.judging import Outcome, Scan
from models.station import drafts, lines
from models.station.engine import MOST
from tests.support.receiving import GTIN, Station, warehouse_database
from tests.support.warehouse import Warehouse, open_warehouse, person


def _with_a_barcode() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)


CONTENTS = {"warehouse": _with_a_barcode}


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


# ----- more than one transaction takes


def test_a_burst_longer_than_one_transaction_takes_has_all_its_verdicts_in_order(
    warehouse: Warehouse, station: Station
) -> None:
    serials = [f"S-{number:05}" for number in range(2 * MOST + 203)]
    serials[MOST] = serials[MOST - 1]  # a duplicate of the block before
    again = [f"S-{number:05}" for number in range(50_000, 50_000 + MOST + 100)]
    scans = ["DOCK", "SAW-1", *serials, "XXSDUNDO", "XXSDDONE", "SHELF", "SAW-1", *again, "XXSDDONE"]
    told = station.scan(*scans)
    assert [verdict.scan for verdict in told] == scans
    words = Counter(str(verdict.outcome) for verdict in told)
    assert words == {"set": 4, "ok": len(serials) - 1 + len(again), "dup": 1, "out": 1, "done": 2}
    assert [verdict.position for verdict in told[2 : 2 + MOST]] == list(range(1, MOST + 1))
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": len(serials) - 2, "SHELF": len(again)}
    kept = [row.serial_number for row in Serial.select().order_by(Serial.serial_key)]
    assert kept == [*dict.fromkeys(serials[:-1]), *again]
    assert check(warehouse_database()).findings == ()


def test_of_a_long_burst_that_breaks_off_what_was_told_is_kept_and_the_rest_left_nothing(
    warehouse: Warehouse, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    serials = [f"S-{number:05}" for number in range(MOST + 100)]
    station.scan("DOCK", "SAW-1")
    write_lines, told = lines.write_lines, []

    def fails_in_the_second(*args: Any) -> None:
        write_lines(*args)
        if told:
            raise peewee.OperationalError("the line is gone")

    monkeypatch.setattr(lines, "write_lines", fails_in_the_second)
    with pytest.raises(Unreachable, match="the line is gone"):
        station.task.scan(warehouse.boss, [Scan(text) for text in serials], told.append)
    monkeypatch.undo()
    assert [verdict.scan for verdict in told] == serials[:MOST]
    assert station.task.view.count == MOST == DraftLine.select().where(DraftLine.kind == "serial").count()
    assert set(station.words(*serials[MOST:])) == {"ok"}
    assert station.one("XXSDDONE").message.startswith(f"{len(serials)} serials received.")


def test_a_draft_longer_than_one_block_of_lines_is_received_whole(
    warehouse: Warehouse, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines.pages, "__defaults__", (100,))
    station.scan("DOCK", "SAW-1", "S-0")
    serials = [f"S-{number:05}" for number in range(301)]
    assert station.task.take_many(warehouse.boss, serials, lambda done, total: None) == {Outcome.OK: 301}
    assert station.one("XXSDDONE").message.startswith("302 serials received.")
    assert Serial.select().count() == 302 == warehouse.quantities()["DOCK"]
    assert check(warehouse_database()).findings == ()


# ----- DONE asks


@pytest.mark.parametrize(
    ("between", "outcome"),
    [("SHELF", "set"), ("DOCK", "set"), ("SAW-1", "set"), ("S-2", "ok"), ("S-1", "dup"), ("XXSDHELP", "tell")],
)
def test_done_asks_again_where_anything_came_after_it_had_asked(
    warehouse: Warehouse, station: Station, between: str, outcome: str
) -> None:
    assert station.words("DOCK", "SAW-1", "S-1", "§", "XXSDDONE")[-1] == "ask"
    assert station.words(between, "XXSDDONE") == [outcome, "ask"]
    assert Document.select().count() == 0
    assert station.words("XXSDDONE") == ["done"]


# ----- a product without a serial


@pytest.mark.parametrize(
    "scan",
    [GTIN, GTIN[1:], f"]E0{GTIN[1:]}", f"]C101{GTIN}", f"]d201{GTIN}10LOT7", "[)>\x1e06\x1d1PSAW-1\x1e\x04"],
    ids=["GTIN-14", "EAN-13", "EAN-13 with its symbology", "GS1-128", "GS1 with a lot", "part number"],
)
def test_a_product_without_a_serial_is_the_item_that_serials_are_scanned_of(
    warehouse: Warehouse, station: Station, scan: str
) -> None:
    station.scan("DOCK", "BIT-9", "B-1")
    product = station.one(scan)
    assert (product.outcome, product.subject) == (Outcome.SET, "SAW-1")
    assert product.message == "The item is now SAW-1; before it was BIT-9."
    again = station.one(scan)
    assert (again.outcome, again.message) == (Outcome.SET, "This is the item already: scan a serial, or DONE.")
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    assert station.task.view.total == 1, "no unit was scanned"
    assert station.words("S-1", "XXSDDONE") == ["ok", "done"]
    assert {row.serial_number: row.item.sku for row in Serial.select()} == {"B-1": "BIT-9", "S-1": "SAW-1"}


@pytest.mark.parametrize(
    ("scan", "reason", "said"),
    [
        ("]E04006381333931", "unknown_product", "No item has the code 04006381333931. Add it to an item's barcodes"),
        ("]C10109521234543213", "unknown_product", "No item has the product code 09521234543213. Give it to its item"),
        ("]C110LOT7", "no_serial", "This code has no serial number. Scan the unit's serial."),
    ],
)
def test_a_code_without_a_serial_that_names_no_item_waits_and_is_left_out(
    warehouse: Warehouse, station: Station, scan: str, reason: str, said: str
) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    verdict = station.one(scan)
    assert (verdict.outcome, verdict.reason) == (Outcome.PROBLEM, reason)
    assert verdict.message.startswith(said)
    assert station.task.view.problems == 1
    assert station.words("S-2", "XXSDDONE", "XXSDDONE") == ["ok", "ask", "done"]
    assert {row.serial_number for row in Serial.select()} == {"S-1", "S-2"}

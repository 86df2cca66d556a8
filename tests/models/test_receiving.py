"""Receiving by scans: what each scan means, what the draft keeps, what DONE writes."""

from __future__ import annotations

import random

import pytest

from models.check import check
from models.errors import Changed, NotFound, NotPermitted
from models.items.items import create_item, save_item
from models.items.rules import item_facts
from models.people import revoke
from models.permissions import Permission
from models.schema import Document, Draft, DraftLine, Serial, SerialEvent
from models.serials.judging import Outcome
from models.serials.record import find_serial, serial_detail
from models.station import drafts
from tests.support.receiving import GTIN, SERIALS, Station, received, warehouse_database
from tests.support.warehouse import Warehouse, fingerprint, open_warehouse, person, put


def _with_a_barcode() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])


CONTENTS = {"warehouse": _with_a_barcode}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


def test_place_item_serials_and_done_make_stock_with_a_receipt(warehouse: Warehouse, station: Station) -> None:
    assert station.words("DOCK", "SAW-1", *SERIALS[:3]) == ["set", "set", "ok", "ok", "ok"]
    view = station.task.view
    assert (view.count, view.problems, view.next) == (3, 0, "scan a serial, or DONE")
    assert received(SERIALS) == []
    done = station.one("XXSDDONE")
    assert (done.outcome, done.subject) == (Outcome.DONE, "R-000001")
    assert done.message == "3 serials received. 3 added to the quantity."
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 3}
    detail = serial_detail(find_serial(SERIALS[0]))
    assert [(event.kind, event.document, event.to_location) for event in detail.events] == [
        ("received", "R-000001", "DOCK")
    ]
    assert check(warehouse_database()).good
    assert station.task.view.draft_id is None


@pytest.mark.parametrize("seed", range(4))
def test_place_item_and_serials_are_understood_in_any_order(warehouse: Warehouse, station: Station, seed: int) -> None:
    scans = ["DOCK", "SAW-1", *SERIALS[:4]]
    random.Random(seed).shuffle(scans)
    for scan in scans:
        station.one(scan)
    assert station.one("XXSDDONE").outcome is Outcome.DONE
    assert received(SERIALS) == SERIALS[:4]
    assert {warehouse.where(serial) for serial in SERIALS[:4]} == {("in_stock", "DOCK")}


def test_a_code_with_product_and_serial_says_both_and_the_code_is_kept(warehouse: Warehouse, station: Station) -> None:
    verdicts = station.scan("DOCK", f"\x1d01{GTIN}21X-1")
    assert (verdicts[1].outcome, verdicts[1].subject, verdicts[1].message) == (Outcome.OK, "X-1", "Item SAW-1.")
    station.one("XXSDDONE")
    event = SerialEvent.get(SerialEvent.kind == "received")
    assert (event.serial_number, event.scan) == ("X-1", f"\x1d01{GTIN}21X-1")


def test_another_item_switches_aloud_and_each_has_its_own_count(warehouse: Warehouse, station: Station) -> None:
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    saw = item_facts(warehouse.item.id)
    with pytest.raises(Changed, match=r"^No item is chosen now, no longer SAW-1\. "):
        station.task.require_item(saw)
    verdicts = station.scan("DOCK", "SAW-1")
    station.task.require_item(saw)
    verdicts += station.scan("S-1", "BIT-9", "S-1", "SHELF", "S-2")
    with pytest.raises(Changed, match=r"^The item is BIT-9 now, no longer SAW-1\. Nothing was taken\. "):
        station.task.require_item(saw)
    assert verdicts[3].message == "The item is now BIT-9; before it was SAW-1."
    assert verdicts[4].outcome is Outcome.OK, "two items may have the same serial"
    assert verdicts[5].message == "The place is now SHELF; before it was DOCK."
    assert (station.task.view.count, station.task.view.total) == (2, 3)
    assert station.one("XXSDDONE").message == "3 serials received. 3 added to the quantity."
    assert {(row.item.sku, row.serial_number, row.location.code) for row in Serial.select()} == {
        ("SAW-1", "S-1", "DOCK"),
        ("BIT-9", "S-1", "DOCK"),
        ("BIT-9", "S-2", "SHELF"),
    }
    assert Document.get().to_location is None


def test_a_product_code_that_is_nobodys_is_a_problem_and_never_a_serial(warehouse: Warehouse, station: Station) -> None:
    verdicts = station.scan("DOCK", "SAW-1", "]E04006381333931", "\x1d0109521234543213" + "21A")
    assert [(verdict.outcome, verdict.reason) for verdict in verdicts[2:]] == [
        (Outcome.PROBLEM, "unknown_product"),
        (Outcome.PROBLEM, "unknown_product"),
    ]
    assert station.one("XXSDDONE").subject == "Nothing to receive"


def test_the_same_again_is_a_duplicate_that_names_its_line(warehouse: Warehouse, station: Station) -> None:
    verdicts = station.scan("DOCK", "SAW-1", "S-1", "S-2", "s-1")
    assert verdicts[4].outcome is Outcome.DUPLICATE
    assert verdicts[4].message.startswith("S-1 was scanned already, line 1, ")
    assert not verdicts[4].rings
    assert station.task.view.count == 2


def test_what_is_here_sold_or_lost_waits_with_the_next_step(warehouse: Warehouse, station: Station) -> None:
    here, sold, lost = warehouse.add("H-1", "V-1", "L-1")
    put(warehouse, "sold", sold, customer="Bergmann AG")
    put(warehouse, "lost", lost)
    verdicts = station.scan("DOCK", "SAW-1", "H-1", "V-1", "L-1")[2:]
    assert [verdict.reason for verdict in verdicts] == ["exists", "sold", "lost"]
    assert "already here: In Stock at MAIN since" in verdicts[0].message
    assert "Sold to Bergmann AG" in verdicts[1].message
    assert verdicts[1].message.endswith("Take it back as a return.")
    assert verdicts[2].message.endswith("Mark it found.")
    assert [verdict.serial_id for verdict in verdicts] == [here, sold, lost]
    assert all(verdict.rings for verdict in verdicts)
    assert station.task.view.problems == 3


def test_an_odd_one_is_kept_only_by_scanning_the_same_again(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", *SERIALS[:12])
    odd = station.one("4006381333931")
    assert (odd.reason, odd.outcome) == ("shape", Outcome.PROBLEM)
    assert odd.message == "4006381333931 has 13 characters where the other 12 have 10. Scan it again to keep it."
    assert station.one(SERIALS[12]).outcome is Outcome.OK
    assert (station.task.view.count, station.task.view.problems) == (13, 1)
    kept = station.one("4006381333931")
    assert (kept.outcome, kept.number) == (Outcome.OK, odd.number)
    assert (station.task.view.count, station.task.view.problems) == (14, 0)


def test_a_look_alike_is_told(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("SN-O1")
    verdicts = station.scan("DOCK", "SAW-1", "SN-01", "SN02", "SN-02")
    assert [verdict.reason for verdict in verdicts[2:]] == ["near_duplicate", "", "near_duplicate"]
    assert "SN-01 looks like SN-O1" in verdicts[2].message


def test_undo_takes_out_what_the_last_scan_added(warehouse: Warehouse, station: Station) -> None:
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    station.scan("DOCK", "SAW-1", "S-1", "S-2", "BIT-9")
    assert station.one("XXSDUNDO").subject == "item SAW-1 again"
    assert station.one("XXSDUNDO").subject == "S-2"
    assert station.one("S-2").outcome is Outcome.OK
    assert station.one("S-1").outcome is Outcome.DUPLICATE
    assert station.one("XXSDUNDO").subject == "Nothing to undo", "the last scan was a duplicate"
    assert station.one("XXSDUNDO").subject == "S-2"
    station.scan("XXSDUNDO", "XXSDUNDO")
    assert station.one("XXSDUNDO").subject == "Place: none"
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    assert station.task.view.next == "scan the place"


def test_any_line_can_be_taken_out_and_scanned_again(warehouse: Warehouse, station: Station) -> None:
    number = station.scan("DOCK", "SAW-1", "S-1", "S-2")[2].number
    assert station.task.take_out(warehouse.boss, number).subject == "S-1"
    with pytest.raises(NotFound, match="out already"):
        station.task.take_out(warehouse.boss, number)
    assert station.words("S-1", "XXSDDONE") == ["ok", "done"]
    assert received(["S-1", "S-2"]) == ["S-1", "S-2"]


def test_a_problem_is_corrected_by_another_text(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("S-1")
    problem = station.scan("DOCK", "SAW-1", "S-1")[2]
    assert station.task.correct(warehouse.boss, problem.number, "DOCK").subject == "DOCK", "a correction is a serial"
    assert station.task.view.problems == 0
    station.one("XXSDDONE")
    assert received(["DOCK"]) == ["DOCK"]


def test_done_says_what_is_open_and_the_second_time_receives_the_rest(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("OLD")
    station.scan("DOCK", "SAW-1", "S-1", "OLD")
    station.task.expect(warehouse.boss, 3)
    asked = station.one("XXSDDONE")
    assert asked.outcome is Outcome.ASK
    assert "1 problem is waiting and will be left out: OLD." in asked.message
    assert "1 of 3: 2 missing." in asked.message
    assert station.one("S-2").outcome is Outcome.OK
    assert station.one("XXSDDONE").outcome is Outcome.ASK, "something was scanned in between"
    done = station.one("XXSDDONE")
    assert done.message == "2 serials received. 2 added to the quantity. 1 problem left out: OLD."
    assert Document.get().note == "left out: OLD"


def test_many_that_are_left_out_are_counted_and_the_first_named(warehouse: Warehouse, station: Station) -> None:
    olds = [f"OLD-{number:02}" for number in range(30)]
    warehouse.add(*olds)
    station.scan("DOCK", "SAW-1", "OLD-99", *olds)
    assert (
        "30 problems are waiting and will be left out: OLD-00, OLD-01, OLD-02 and 27 more."
        in station.one("XXSDDONE").message
    )
    assert station.one("XXSDDONE").message.endswith("30 problems left out: OLD-00, OLD-01, OLD-02 and 27 more.")
    assert Document.get().note == f"left out: {', '.join(olds[:20])} and 10 more"


def test_an_announced_list_is_compared_by_name(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1")
    assert station.task.announce(warehouse.boss, ["S-1", "S-2", "S-3"]) == 3
    stranger = station.scan("S-1", "S-9")[1]
    assert (stranger.reason, station.task.view.expected) == ("not_announced", 3)
    station.one("S-9")
    message = station.one("XXSDDONE").message
    assert "Missing: S-2, S-3." in message
    assert "Not announced: S-9." in message


def test_units_on_hand_already_change_no_quantity(warehouse: Warehouse, station: Station) -> None:
    station.scan("MAIN", "SAW-1", "S-1")
    station.task.add_to_quantity(warehouse.boss, False)
    assert station.one("XXSDDONE").message == "1 serial received. No quantity changed."
    assert warehouse.quantities() == {"MAIN": 10}


def test_what_somebody_else_received_meanwhile_is_named_and_the_rest_goes_in(
    warehouse: Warehouse, station: Station
) -> None:
    other = Station(warehouse)
    station.scan("DOCK", "SAW-1", "S-1", "S-2")
    assert other.words("DOCK", "SAW-1", "S-1", "S-1") == ["set", "set", "problem", "ok"], "kept all the same"
    other.one("XXSDDONE")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert "S-1 of SAW-1 is already here: In Stock at DOCK" in told.message
    assert station.one("XXSDDONE").message.startswith("1 serial received.")
    assert received(["S-1", "S-2"]) == ["S-1", "S-2"]
    assert warehouse.quantities()["DOCK"] == 2


def test_what_changed_between_two_dones_is_named_before_anything_is_written(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "S-2", "\u00a7")
    assert station.one("XXSDDONE").outcome is Outcome.ASK
    warehouse.add("S-1")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert received(["S-2"]) == []
    assert station.one("XXSDDONE").message.startswith("1 serial received.")
    rows = DraftLine.select(DraftLine.scan, DraftLine.state, DraftLine.reason).where(DraftLine.kind == "serial")
    assert list(rows.order_by(DraftLine.number).tuples()) == [("S-1", "out", "left_out"), ("\u00a7", "out", "left_out")]


def test_cancel_asks_once_and_nothing_becomes_stock(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    assert station.one("XXSDCANCEL").outcome is Outcome.ASK
    assert station.one("S-2").outcome is Outcome.OK
    assert station.one("XXSDCANCEL").outcome is Outcome.ASK
    station.task.expect(warehouse.boss, 5)
    assert station.words("XXSDCANCEL", "XXSDCANCEL") == ["ask", "out"], "a changed number takes the question back"
    assert Draft.get().state == "discarded"
    assert received(["S-1", "S-2"]) == []


def test_next_and_help_and_an_unknown_command(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    assert station.one("XXSDHELP").outcome is Outcome.TELL
    assert "SAW-1: 1 scanned" in station.one("XXSDNEXT").message
    assert station.task.view.next == "scan the item"
    assert station.one("XXSDFOO").reason == "unknown_command"


def test_done_needs_a_place(warehouse: Warehouse, station: Station) -> None:
    station.scan("SAW-1", "S-1")
    assert station.one("XXSDDONE").reason == "no_place"
    assert station.words("DOCK", "XXSDDONE") == ["set", "done"]
    assert warehouse.where("S-1") == ("in_stock", "DOCK")


def test_an_untracked_item_is_told(warehouse: Warehouse, station: Station) -> None:
    create_item(warehouse.boss, "BIT-9", "Bits")
    assert station.scan("DOCK", "BIT-9")[1].reason == "not_tracked"


def test_who_may_not_takes_nothing(warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    station = Station(warehouse, clerk)
    station.scan("DOCK", "SAW-1", "S-1")
    revoke(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
    before = fingerprint()
    for act in (
        lambda: station.one("S-2"),
        lambda: station.one("XXSDDONE"),
        lambda: station.task.undo(clerk),
        lambda: drafts.discard(clerk, 1),
        lambda: drafts.take_over(clerk, 1, "x"),
        lambda: drafts.hand_over(clerk, 1, "boss"),
        lambda: drafts.claim_for(clerk, 1),
    ):
        with pytest.raises(NotPermitted, match="INV_MANAGE_SERIALS"):
            act()
    assert fingerprint() == before

"""Transfers at the scan station: the destination, serials of any items, DONE; what stands in the way, by name."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest

from models.check import check
from models.customers import add_customer
from models.errors import BadValue, Changed, NotPermitted
from models.items.items import create_item, item_form, save_item
from models.locations import close_location, create_location, find_location
from models.permissions import Permission
from models.schema import Document, DraftLine, Serial, SerialEvent
from models.serials.add import add_serials
from models.serials.corrections import correct, remove
from models.serials.judging import Outcome
from models.serials.moves import transfer_serials
from models.serials.record import find_serial, serial_detail
from models.station import drafts, lines
from models.station.task import DRAFT_TASKS, RECEIVE_TASK, TRANSFER_TASK, Task
from tests.support.receiving import GTIN, Station, warehouse_database
from tests.support.warehouse import Warehouse, open_warehouse, own_status, person, put, statements, together


def _two_items() -> None:
    house = open_warehouse()
    save_item(house.boss, house.item.id, barcodes=[GTIN])
    bits = create_item(house.boss, "BIT-9", "Bits", on_hand=5, track_serials=True)
    house.add("S-1", "S-2", "S-3", "S-4", "BOTH")
    add_serials(house.boss, bits.id, ["B-1", "B-2", "BOTH"], location="SHELF")


CONTENTS = {"warehouse": _two_items}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse, task=TRANSFER_TASK)


def at(*serials: str, sku: str = "SAW-1") -> list[str]:
    """The places of serials."""
    return [serial_detail(find_serial(serial, sku)).location for serial in serials]


def all_is_well() -> bool:
    return check(warehouse_database()).good


def test_serials_of_any_items_go_to_the_destination_with_one_document(warehouse: Warehouse, station: Station) -> None:
    assert station.task.view.next == "scan the destination"
    assert station.words("DOCK", "S-1", "B-1", "S-2") == ["set", "ok", "ok", "ok"]
    assert [line.message for line in lines.newest(1)] == [
        "SAW-1, MAIN → DOCK",
        "BIT-9, SHELF → DOCK",
        "SAW-1, MAIN → DOCK",
    ]
    assert at("S-1", "S-2") == ["MAIN", "MAIN"]
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.DONE, "T-000001")
    assert (
        told.message
        == "3 serials transferred, 2 units of the quantity with them. The old place showed no quantity for 1."
    )
    assert at("S-1", "S-2") == ["DOCK", "DOCK"]
    assert at("B-1", sku="BIT-9") == ["DOCK"]
    document = Document.get()
    assert (document.kind, document.serials, document.from_location_id) == ("transfer", 3, None)
    assert document.to_location.code == "DOCK"
    assert warehouse.quantities() == {"MAIN": 8, "DOCK": 2}
    events = [event for event in SerialEvent.select() if event.document_id == document.id]
    assert {(event.kind, event.number) for event in events} == {("transferred", 2)}
    assert drafts.open_drafts() == []
    assert all_is_well()


def test_the_message_of_a_scan_says_item_and_way(station: Station) -> None:
    (place, first) = station.scan("DOCK", "s-1")
    assert (place.subject, first.subject) == ("DOCK", "S-1")
    assert first.message == "SAW-1, MAIN → DOCK"
    assert first.position == 1


def test_a_serial_before_the_destination_goes_to_the_first_one(station: Station) -> None:
    assert station.one("S-1").message == "SAW-1, from MAIN"
    told = station.one("XXSDDONE")
    assert (told.outcome, told.message) == (Outcome.PROBLEM, "Scan the destination first, then DONE.")
    assert station.words("DOCK", "S-2", "XXSDDONE") == ["set", "ok", "done"]
    assert at("S-1", "S-2") == ["DOCK", "DOCK"]


def test_what_follows_another_destination_goes_there(station: Station) -> None:
    assert station.words("DOCK", "S-1", "SHOP", "S-2", "XXSDDONE") == ["set", "ok", "set", "ok", "done"]
    assert at("S-1", "S-2") == ["DOCK", "SHOP"]
    assert Document.get().to_location_id is None
    assert all_is_well()


def test_scanned_twice_is_a_duplicate(station: Station) -> None:
    assert station.words("DOCK", "S-1", "s-1", "S-1") == ["set", "ok", "dup", "dup"]
    assert station.task.view.total == 1


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (
            "sold",
            "sold",
            r"S-1 is Sold since \S+, last at MAIN; it cannot be transferred\. Take it back as a return first\.",
        ),
        ("lost", "lost", r"S-1 is Lost since \S+, last at MAIN; it cannot be transferred\. Mark it found first\."),
        ("scrapped", "cannot", r"S-1 is Scrapped since \S+, last at MAIN; .* Reactivate it first\."),
        ("in_transit", "cannot", r"S-1 is In Transit to MAIN since \S+; .* Receive its transfer first\."),
    ],
)
def test_a_status_in_the_way_is_a_problem_with_the_next_step(
    warehouse: Warehouse, station: Station, status: str, reason: str, said: str
) -> None:
    serial_id = find_serial("S-1", "SAW-1")
    put(warehouse, status, serial_id)
    (_, told) = station.scan("DOCK", "S-1")
    assert (told.outcome, told.reason, told.serial_id) == (Outcome.PROBLEM, reason, serial_id)
    assert station.task.view.problems == 1
    assert re.fullmatch(said, told.message), told.message


@pytest.mark.parametrize("status", ["reserved", "defective", "in_repair"])
def test_what_is_here_in_another_status_moves_and_keeps_it(warehouse: Warehouse, station: Station, status: str) -> None:
    put(warehouse, status, find_serial("S-1", "SAW-1"))
    assert station.words("DOCK", "S-1", "XXSDDONE") == ["set", "ok", "done"]
    assert warehouse.where("S-1") == (status, "DOCK")


def test_an_own_status_moves_where_it_counts_as_on_hand(warehouse: Warehouse, station: Station) -> None:
    own_status(warehouse, "shown", find_serial("S-1", "SAW-1"), on_hand=True)
    own_status(warehouse, "lent", find_serial("S-2", "SAW-1"), on_hand=False)
    assert station.words("DOCK", "S-1", "S-2") == ["set", "ok", "problem"]


def test_what_is_there_already_and_what_nobody_knows_are_problems(station: Station) -> None:
    (_, there, unknown, product) = station.scan("MAIN", "S-1", "NOBODYS", GTIN)
    assert there.message == "S-1 is at MAIN already. Scan another destination, or leave it out."
    assert (there.reason, unknown.reason) == ("there", "unknown")
    assert unknown.message == "NOBODYS is no place, no item and no serial here. Check the label, or receive it."
    assert product.outcome is Outcome.SET
    assert station.task.view.problems == 2
    assert station.words("S-1", "NOBODYS") == ["problem", "problem"], "they wait once"
    assert station.task.view.problems == 2


def test_a_customer_is_named_where_none_is_asked_for(database: Any, warehouse: Warehouse, station: Station) -> None:
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    add_customer(warehouse.boss, "ACME")
    told = station.scan("DOCK", "berg", "Acme", "NOBODYS")
    assert [(one.reason, one.message) for one in told[1:3]] == [
        ("customer", "This is the customer Bergmann AG. Transfer asks for none: scan the unit's serial."),
        ("customer", "This is the customer ACME. Transfer asks for none: scan the unit's serial."),
    ]
    assert told[3].reason == "unknown"
    counts = []
    for numbers in (range(5), range(5, 40)):
        with statements(database) as seen:
            station.scan(*(f"NONE-{number}" for number in numbers))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert station.words("S-2") == ["ok"]


def test_a_problem_whose_cause_is_gone_is_taken_when_it_is_scanned_again(
    warehouse: Warehouse, station: Station
) -> None:
    assert station.words("DOCK", "NEW-1") == ["set", "problem"]
    warehouse.add("NEW-1")
    told = station.one("NEW-1")
    assert (told.outcome, told.message) == (Outcome.OK, "What stood in the way is gone.")
    assert station.task.view.problems == 0
    assert station.words("XXSDDONE") == ["done"]
    assert at("NEW-1") == ["DOCK"]


def test_a_serial_of_several_items_waits_for_its_item(station: Station) -> None:
    (_, told) = station.scan("DOCK", "BOTH")
    assert (told.reason, told.message) == (
        "no_item",
        "BOTH is a serial of BIT-9 and SAW-1. Scan its item now; it waits for that.",
    )
    item = station.one("BIT-9")
    assert item.message == "Bits 1 that waited for it is taken."
    assert station.words("XXSDDONE") == ["done"]
    assert at("BOTH", sku="BIT-9") == ["DOCK"]
    assert at("BOTH") == ["MAIN"]


def test_an_item_narrows_and_next_widens_again(station: Station) -> None:
    (_, _, own, other) = station.scan("DOCK", "SAW-1", "BOTH", "B-1")
    assert own.message == "SAW-1, MAIN → DOCK"
    assert other.message == "B-1 is a serial of BIT-9, not of SAW-1. Scan its item now; it waits for that."
    assert station.words("XXSDNEXT", "B-2") == ["set", "ok"]
    assert station.one("BIT-9").message.endswith("1 that waited for it is taken.")
    assert station.words("BOTH", "XXSDDONE") == ["ok", "done"]
    assert at("B-1", "B-2", "BOTH", sku="BIT-9") == ["DOCK"] * 3
    assert at("BOTH") == ["DOCK"]


def test_a_code_with_item_and_serial_leaves_the_item_open(station: Station) -> None:
    told = station.scan("DOCK", f"01{GTIN}21BOTH", "B-1")
    assert [one.outcome for one in told] == [Outcome.SET, Outcome.OK, Outcome.OK]
    assert station.task.view.item is None
    assert station.task.view.total == 2


def test_undo_takes_out_serials_items_and_destinations(station: Station) -> None:
    station.scan("DOCK", "BOTH", "S-1", "SAW-1", "S-2")
    assert station.task.view.total == 3
    assert station.one("XXSDUNDO").subject == "S-2"
    taken_back = station.one("XXSDUNDO")
    assert (taken_back.subject, taken_back.message) == (
        "Item: none",
        "The change of item was taken back. 1 waits for its item again.",
    )
    assert (station.task.view.total, station.task.view.problems) == (1, 1), "S-1 needs no item"
    assert station.words("XXSDUNDO", "XXSDUNDO") == ["out", "out"]
    assert station.one("XXSDUNDO").subject == "Place: none"
    assert station.words("SHOP", "S-1", "XXSDDONE") == ["set", "ok", "done"]
    assert at("S-1", "S-2") == ["SHOP", "MAIN"]


def test_what_somebody_changed_since_the_scan_moves_to_the_problems_by_name(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "S-1", "S-2", "S-3", "S-4")
    put(warehouse, "scrapped", find_serial("S-1", "SAW-1"))
    transfer_serials(warehouse.boss, [find_serial("S-2", "SAW-1")], "SHELF")
    transfer_serials(warehouse.boss, [find_serial("S-3", "SAW-1")], "DOCK")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert "S-1 is Scrapped" in told.message
    assert "S-2 is at SHELF by now. Scan it again to take it from there." in told.message
    assert "S-3 is at DOCK already." in told.message
    assert told.message.endswith("DONE once more transfers the other 1.")
    assert {line.reason for line in lines.problems(1)} == {"cannot", "changed", "there"}
    assert station.words("S-2", "XXSDDONE", "XXSDDONE") == ["ok", "ask", "done"]
    assert at("S-1", "S-2", "S-3", "S-4") == ["MAIN", "DOCK", "DOCK", "DOCK"]
    assert "left out: S-1, S-3" in Document.select().order_by(Document.id.desc()).get().note
    assert all_is_well()


def test_of_two_stations_that_are_done_at_once_one_is_told_what_the_other_did(
    database: Any, warehouse: Warehouse
) -> None:
    first, second = (Station(warehouse, task=TRANSFER_TASK) for _ in range(2))
    first.scan("DOCK", "S-1", "S-2")
    assert second.words("SHOP", "S-2", "S-3", "S-2") == ["set", "problem", "ok", "ok"], "kept all the same"
    told = together(database, [partial(one.one, "XXSDDONE") for one in (first, second)])
    assert sorted(str(one.outcome) for one in told) == ["done", "problem"]
    (problem,) = [one for one in told if one.outcome is Outcome.PROBLEM]
    assert re.match(r"S-2 is at (DOCK|SHOP) by now\. Scan it again to take it from there\.", problem.message)
    assert len(set(at("S-1", "S-2", "S-3")) - {"MAIN"}) == 1
    assert all_is_well()


def test_the_s_of_a_label_may_be_no_part_of_the_serial(station: Station) -> None:
    (_, told, own) = station.scan("DOCK", "SB-1", "S-1")
    assert (told.subject, own.subject) == ("B-1", "S-1")


def test_nothing_is_left_where_everything_changed(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "S-1")
    transfer_serials(warehouse.boss, [find_serial("S-1", "SAW-1")], "DOCK")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert told.message.endswith("Nothing else is left to transfer.")
    assert Document.select().count() == 1


def test_a_draft_is_taken_over_with_its_task_and_the_first_station_is_told(
    warehouse: Warehouse, station: Station
) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.TRANSFER_SERIAL)
    station.scan("DOCK", "S-1", "BOTH")
    assert drafts.sentence(drafts.find_draft(1)).startswith("Open transfer to DOCK, 1 scanned, 1 problem, by boss")
    other = Station(warehouse, clerk)
    other.task.continue_draft(clerk, 1)
    assert other.task.task is TRANSFER_TASK
    assert (other.task.view.total, other.task.view.problems) == (1, 1)
    with pytest.raises(Changed, match="clerk1 took this draft over"):
        station.one("S-2")
    assert other.words("SAW-1", "S-2", "XXSDDONE") == ["set", "ok", "done"]
    assert at("S-1", "S-2", "BOTH") == ["DOCK"] * 3
    events = [event.note for event in SerialEvent.select().where(SerialEvent.number == 2).order_by(SerialEvent.serial)]
    assert [note[:15] for note in events] == ["scanned by boss", "", "scanned by boss"]


def test_only_who_may_transfer_transfers(warehouse: Warehouse) -> None:
    receiver = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    station = Station(warehouse, receiver, TRANSFER_TASK)
    with pytest.raises(NotPermitted, match="transfer serials"):
        station.one("DOCK")
    Station(warehouse, task=TRANSFER_TASK).scan("DOCK", "S-1")
    with pytest.raises(NotPermitted, match="continue a draft to transfer serials"):
        Station(warehouse, receiver).task.continue_draft(receiver, 1)
    assert [row.task for row in drafts.open_drafts(["receive"])] == []
    assert [row.task for row in drafts.open_drafts()] == ["transfer"]


def test_a_command_barcode_chooses_the_task_where_nothing_was_scanned(warehouse: Warehouse) -> None:
    station = Station(warehouse)
    told = station.scan("XXSDSHIFT", "DOCK", "S-1", "XXSDSHIFT", "XXSDRECEIVE", "XXSDUNDO", "XXSDDONE")
    assert [str(one.outcome) for one in told] == ["set", "set", "ok", "tell", "ask", "out", "done"]
    assert (told[0].subject, told[0].message) == ("Transfer", "Now: scan the destination.")
    assert told[4].message == (
        "A transfer was begun at this station, 1 scanned to DOCK. Receive once more keeps it for later, CANCEL throws "
        "it away, any other scan goes on with it."
    )
    assert told[5].subject == "Nothing to undo"
    assert at("S-1") == ["DOCK"]
    assert station.words("XXSDRECEIVE", "DOCK", "SAW-1", "N-1", "XXSDDONE") == ["set", "set", "set", "ok", "done"]
    assert station.task.task is RECEIVE_TASK


def test_no_other_draft_is_continued_where_a_transfer_has_begun(warehouse: Warehouse, station: Station) -> None:
    other = Station(warehouse)
    other.scan("SHELF", "BIT-9", "B-9")
    other.task.leave(warehouse.boss)
    station.scan("DOCK", "S-1")
    with pytest.raises(BadValue, match="Another transfer was begun at this station, 1 scanned to DOCK"):
        station.task.continue_draft(warehouse.boss, 1)
    assert station.task.task is TRANSFER_TASK


def test_cancel_and_help_speak_of_the_task(station: Station) -> None:
    assert "the destination, then the serials of any items. DONE transfers them" in station.one("XXSDHELP").message
    station.scan("DOCK", "S-1")
    assert station.one("XXSDCANCEL").message == "CANCEL once more throws the whole transfer away, 1 scanned."
    assert station.one("XXSDCANCEL").message == "The transfer was thrown away."
    assert at("S-1") == ["MAIN"]
    assert station.one("XXSDDONE").subject == "Nothing to transfer"


def test_a_line_is_corrected_within_its_item(station: Station) -> None:
    station.scan("DOCK", "S-11", "S-2")
    (problem,) = lines.problems(1)
    told = station.task.correct(station.actor, problem.number, "S-1")
    assert (told.outcome, told.message) == (Outcome.OK, "SAW-1, MAIN → DOCK")
    assert station.words("XXSDDONE") == ["done"]
    assert at("S-1", "S-2") == ["DOCK", "DOCK"]


@pytest.mark.parametrize("size", [400])
def test_a_block_takes_as_many_statements_as_a_few_scans(
    database: Any, warehouse: Warehouse, station: Station, size: int
) -> None:
    warehouse.add(*(f"T-{number}" for number in range(size + 10)))
    station.scan("DOCK", "S-1")
    with statements(database) as few:
        station.scan(*(f"T-{number}" for number in range(10)))
    with statements(database) as many:
        station.scan(*(f"T-{number}" for number in range(10, size + 10)))
    assert len(many) == len(few)
    with statements(database) as done:
        station.one("XXSDDONE")
    assert Serial.select().where(Serial.location == find_location("DOCK").id).count() == size + 11
    assert DraftLine.select().where(DraftLine.state == "good").count() == 0
    assert len(done) < 60
    assert item_form(warehouse.item.id).on_hand == 10


def test_every_task_of_a_station_has_a_code_a_barcode_and_words_of_its_own() -> None:
    for words in ("code", "command"):
        assert len({getattr(task, words) for task in DRAFT_TASKS}) == len(DRAFT_TASKS)
    assert len({task.words.noun for task in DRAFT_TASKS}) == len(DRAFT_TASKS)


def test_a_closed_place_is_no_destination(warehouse: Warehouse, station: Station) -> None:
    create_location(warehouse.boss, "ATTIC")
    close_location(warehouse.boss, "ATTIC")
    (told,) = station.scan("ATTIC")
    assert (told.outcome, told.reason, told.subject) == (Outcome.PROBLEM, "closed", "ATTIC")
    assert told.message == "ATTIC is closed and takes nothing new. Choose another place, or open it again."
    assert [each.outcome for each in station.scan("DOCK", "S-1")] == [Outcome.SET, Outcome.OK]


def test_a_scan_of_an_earlier_text_moves_the_serial(warehouse: Warehouse, station: Station) -> None:
    correct(warehouse.boss, find_serial("S-1", "SAW-1"), "S-NEW")
    station.scan("DOCK", "S-1", "XXSDDONE")
    assert at("S-NEW") == ["DOCK"]


def test_a_problem_scanned_again_goes_to_the_place_that_is_current_then(warehouse: Warehouse, station: Station) -> None:
    assert station.words("MAIN", "S-1", "DOCK", "S-1", "XXSDDONE") == ["set", "problem", "set", "ok", "done"]
    assert at("S-1") == ["DOCK"]


def test_serials_that_waited_for_their_item_go_where_they_were_scanned(station: Station) -> None:
    assert station.words("DOCK", "BOTH", "SHOP", "B-1", "SAW-1") == ["set", "problem", "set", "ok", "set"]
    assert [line.message for line in lines.newest(1)] == ["BIT-9, SHELF → SHOP", "SAW-1, MAIN → DOCK"]
    assert station.words("XXSDDONE") == ["done"]
    assert at("BOTH") == ["DOCK"]
    assert at("B-1", sku="BIT-9") == ["SHOP"]


@pytest.mark.parametrize("task", [TRANSFER_TASK, RECEIVE_TASK], ids=lambda task: task.code)
def test_what_was_to_go_to_a_place_closed_since_goes_to_another_one(warehouse: Warehouse, task: Task) -> None:
    create_location(warehouse.boss, "ATTIC")
    station = Station(warehouse, task=task)
    news = "S-1" if task is TRANSFER_TASK else "N-1"
    station.scan("ATTIC", "SAW-1", news)
    close_location(warehouse.boss, "ATTIC")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert told.message.startswith(
        "ATTIC is closed and takes nothing new. Choose another place, or open it again. Then scan its serials again."
    )
    assert station.task.view.place is None
    assert station.words("SHOP", news, "XXSDDONE") == ["set", "ok", "done"]
    assert at(news) == ["SHOP"]
    assert all_is_well()


def test_scans_to_a_place_closed_since_wait_with_the_next_step(warehouse: Warehouse, station: Station) -> None:
    create_location(warehouse.boss, "ATTIC")
    station.scan("ATTIC")
    close_location(warehouse.boss, "ATTIC")
    told = station.one("S-1")
    assert (told.outcome, told.reason) == (Outcome.PROBLEM, "closed")
    assert told.message.endswith("Choose another place, or open it again. Then scan it again.")
    assert station.words("DOCK", "S-1", "XXSDDONE") == ["set", "ok", "done"]


def test_a_record_entered_by_mistake_makes_no_serial_ambiguous(warehouse: Warehouse, station: Station) -> None:
    remove(warehouse.boss, [find_serial("BOTH", "BIT-9")], "wrong item")
    assert station.words("DOCK", "BOTH", "XXSDDONE") == ["set", "ok", "done"]
    assert at("BOTH") == ["DOCK"]
    remove(warehouse.boss, [find_serial("B-1", "BIT-9")], "no such unit")
    assert station.one("B-1").reason == "cannot"


def test_two_labels_of_one_serial_are_one_unit(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "S-1")
    correct(warehouse.boss, find_serial("S-1", "SAW-1"), "X-77")
    assert station.words("X-77") == ["ok"]
    told = station.one("XXSDDONE")
    assert told.message.startswith("X-77 is S-1, which was scanned already. Leave it out.")
    assert station.words("XXSDDONE") == ["done"]
    assert at("X-77") == ["DOCK"]
    assert all_is_well()

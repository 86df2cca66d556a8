"""Every verb at the scan station: what it asks, by scans and typing; DONE, UNDO, drafts and what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import peewee
import pytest

from models import clock
from models.check import check
from models.customers import add_customer, find_customer
from models.errors import BadValue, NotFound, NotPermitted
from models.items.items import create_item, save_item
from models.permissions import Permission
from models.schema import Customer, Document, Draft, DraftAnswer, Serial, SerialEvent
from models.serials.add import add_serials
from models.serials.judging import Outcome, Scan, Verdict
from models.serials.moves import Answers, move
from models.serials.record import find_serial, serial_detail
from models.station import drafts, lines
from models.station.answers import Given, from_text, named, to_text
from models.station.groups import compare_transfer, open_transfers, transfers_to_choose
from models.station.task import DRAFT_TASKS, TASKS, First, draft_task
from models.station.waiting import left_scans, take_in
from models.verbs import MOVES, Verb
from tests.support.cases import each
from tests.support.receiving import Station, warehouse_database
from tests.support.spools import leave_behind, records
from tests.support.warehouse import Warehouse, fingerprint, open_warehouse, person, statements


def _with_serials_and_customers() -> None:
    house = open_warehouse()
    house.add("S-1", "S-2", "S-3", "S-4", "S-5")
    add_customer(house.boss, "Bergmann AG", code="BERG")
    add_customer(house.boss, "Ångström & Söhne")


CONTENTS = {"warehouse": _with_serials_and_customers}


def station_for(warehouse: Warehouse, code: str, actor: Any = None) -> Station:
    return Station(warehouse, actor, TASKS[code])


def typed(station: Station, text: str) -> Verdict:
    """Type a text and press Enter."""
    told: list[Verdict] = []
    station.task.scan(station.actor, [Scan(text, "typed")], told.append)
    return told[0]


def carry_out(warehouse: Warehouse, code: str, *serials: str, **answers: str) -> str:
    """Carry out a verb without a station; the number of its document."""
    ids = [find_serial(serial, "SAW-1") for serial in serials]
    return move(warehouse.boss, MOVES[code], ids, Answers(**answers)).document or ""


def kinds(serial: str) -> list[str]:
    detail = find_serial(serial, "SAW-1")
    return [
        event.kind for event in SerialEvent.select().where(SerialEvent.serial == detail).order_by(SerialEvent.number)
    ]


def all_is_well() -> bool:
    return check(warehouse_database()).good


# ----- sell


def test_units_are_sold_to_a_scanned_customer_with_one_document(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    assert station.task.view.next == "scan the customer, or type a name"
    told = station.scan("berg", "S-1", "S-2", "S-1", "XXSDDONE")
    assert [str(one.outcome) for one in told] == ["set", "ok", "ok", "dup", "done"]
    assert (told[0].subject, told[0].message) == ("Bergmann AG", "The customer of this sale.")
    assert told[1].message == "SAW-1, at MAIN"
    assert (told[4].subject, told[4].message) == ("S-000001", "2 serials sold, 2 units less on hand.")
    document = Document.get()
    assert (document.kind, document.serials, document.customer.name) == ("sale", 2, "Bergmann AG")
    assert warehouse.where("S-1") == ("sold", "MAIN")
    assert warehouse.quantities() == {"MAIN": 8}
    assert station.task.view.answers == {}, "the next sale is another customer's"
    assert all_is_well()


@pytest.mark.parametrize("text", ["Bergmann ag", "a\u030angström & söhne", "BERG"])
def test_a_customer_is_named_in_full_by_typing(warehouse: Warehouse, text: str) -> None:
    station = station_for(warehouse, "sell")
    told = typed(station, text)
    assert (told.outcome, told.subject) == (Outcome.SET, find_customer(text).name)
    assert DraftAnswer.get().scan == text, "as it was received, also of letters that are composed for the look-up"
    assert station.task.view.answers == {First.CUSTOMER: find_customer(text).name}


def test_a_scanned_name_is_a_customer_while_one_is_asked_for_only(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    assert station.words("Bergmann AG", "Bergmann AG") == ["set", "problem"]
    assert station.one("BERG").message == "This is the customer already."
    assert Customer.select().count() == 2, "no customer is made by a scan"


@pytest.mark.parametrize("scan", ["BERG\0", "\x1bBERG", "B\ufffdRG", "\udcff", "Ω" * 200])
def test_what_cannot_be_read_is_no_customer_and_waits(warehouse: Warehouse, scan: str) -> None:
    station = station_for(warehouse, "sell")
    assert station.words(scan, "BERG", "S-1") == ["problem", "set", "ok"]
    assert typed(station_for(warehouse, "scrap"), f"dropped {scan}").outcome in (Outcome.PROBLEM, Outcome.SET)
    assert typed(station_for(warehouse, "sell"), scan).outcome is Outcome.TELL


def test_a_name_that_nobody_has_is_said_and_a_typed_serial_stays_one(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    told = typed(station, "Bergm")
    assert (told.outcome, told.reason, told.number) == (Outcome.TELL, "no_customer", 0)
    assert told.message == "There is no customer Bergm. Choose one from the list, or make a new one."
    assert station.task.view.draft_id is None
    assert typed(station, "s-1").outcome is Outcome.OK
    assert station.one("NOBODYS").reason == "unknown"


def test_serials_that_look_like_customers_are_told_apart(warehouse: Warehouse) -> None:
    warehouse.add("BERG", "Bergmann AG")
    station = station_for(warehouse, "sell")
    assert station.words("Bergmann AG", "BERG", "BERG") == ["ok", "set", "ok"]
    assert station.task.view.total == 2


def test_reserved_units_go_to_their_customer_or_to_nobody(warehouse: Warehouse) -> None:
    carry_out(warehouse, "reserve", "S-1", customer="Bergmann AG")
    station = station_for(warehouse, "sell")
    assert station.one("S-1").message == "SAW-1, at MAIN, reserved for Bergmann AG"
    station.one("S-2")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.message) == (
        Outcome.ASK,
        "No customer was named for 1 of them. DONE once more sells the 2.",
    )
    assert station.one("XXSDUNDO").subject == "S-2"
    told = station.one("XXSDDONE")
    assert told.message == ("1 serial sold, 1 unit less on hand. S-1 goes to Bergmann AG, for whom it was reserved.")
    assert serial_detail(find_serial("S-1", "SAW-1")).customer == "Bergmann AG"

    carry_out(warehouse, "reserve", "S-3", customer="Bergmann AG")
    other = station_for(warehouse, "sell")
    typed(other, "Ångström & Söhne")
    refused = other.one("S-3")
    assert refused.reason == "customer"
    assert refused.message.endswith("Sell it to Bergmann AG, or release it first.")
    assert all_is_well()


def test_a_customer_named_later_is_that_of_all_and_undo_takes_the_answer_back(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    assert station.words("S-1", "BERG", "S-2") == ["ok", "set", "ok"]
    told = typed(station, "Ångström & Söhne")
    assert told.message == "The customer is now Ångström & Söhne; before it was Bergmann AG."
    assert station.one("XXSDUNDO").subject == "customer Bergmann AG again"
    assert station.one("XXSDUNDO").subject == "S-2"
    back = station.one("XXSDUNDO")
    assert (back.subject, back.message) == ("Customer: none", "The customer was taken back.")
    assert station.task.view.total == 1
    assert station.words("BERG", "XXSDDONE") == ["set", "done"]
    assert Document.get().customer.name == "Bergmann AG"


def test_what_somebody_reserved_since_the_scan_is_left_out_by_name(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    station.scan("BERG", "S-1", "S-2")
    carry_out(warehouse, "reserve", "S-1", customer="Ångström & Söhne")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert "Sell it to Ångström & Söhne, or release it first." in told.message
    assert station.words("XXSDDONE") == ["done"]
    assert warehouse.where("S-1")[0] == "reserved"


def test_a_sale_that_was_begun_is_taken_over_with_its_customer(warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.SELL_SERIAL)
    station = station_for(warehouse, "sell")
    station.scan("BERG", "S-1")
    assert drafts.sentence(drafts.find_draft(1)).startswith("Open sale to Bergmann AG, 1 scanned, by boss")
    other = station_for(warehouse, "transfer", clerk)
    other.task.continue_draft(clerk, 1)
    assert (other.task.task.code, other.task.view.answers) == ("sell", {First.CUSTOMER: "Bergmann AG"})
    assert other.words("S-2", "XXSDUNDO", "XXSDDONE") == ["ok", "out", "done"]
    assert Document.get().customer.name == "Bergmann AG"
    with pytest.raises(NotPermitted, match="sell serials"):
        station_for(warehouse, "sell", person(warehouse.boss, "clerk2", Permission.TRANSFER_SERIAL)).one("BERG")


def test_an_answer_whose_transaction_has_to_be_run_again_is_given_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_lines, runs = lines.write_lines, []

    def fail_once(*args: Any) -> None:
        write_lines(*args)
        runs.append(args)
        if len(runs) == 1:
            raise peewee.IntegrityError("somebody was quicker")

    monkeypatch.setattr(lines, "write_lines", fail_once)
    told = station_for(warehouse, "sell").scan("BERG", "S-1")
    assert len(runs) == 2
    assert [one.message for one in told] == ["The customer of this sale.", "SAW-1, at MAIN"]
    assert [row.shown for row in DraftAnswer.select()] == ["Bergmann AG"]


def test_a_place_is_no_answer_where_none_is_asked_for(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    told = station.one("DOCK")
    assert (told.outcome, told.message) == (
        Outcome.PROBLEM,
        "DOCK is a place, and Sell asks for none. Scan serials.",
    )
    assert station.task.view.problems == 0


@pytest.mark.parametrize("code", ["sell", "scrap"])
def test_a_block_takes_as_many_statements_as_a_few_scans(database: Any, warehouse: Warehouse, code: str) -> None:
    warehouse.add(*(f"T-{number}" for number in range(310)))
    station = station_for(warehouse, code)
    assert (station.one("BERG") if code == "sell" else typed(station, "dropped")).outcome is Outcome.SET
    with statements(database) as few:
        station.scan(*(f"T-{number}" for number in range(10)))
    with statements(database) as many:
        station.scan(*(f"T-{number}" for number in range(10, 310)))
    assert len(many) == len(few)
    with statements(database) as done:
        assert station.one("XXSDDONE").outcome is Outcome.DONE
    assert len(done) < 60


@pytest.mark.parametrize(
    ("said", "shown", "lasts"),
    [
        ("30D", "30d", lambda today: (today, today + timedelta(days=29))),
        ("None", "none", lambda _: (None, None)),
        ("2026-1-1..2026-12-31", "2026-01-01..2026-12-31", lambda _: (date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_a_sale_may_give_another_warranty_than_the_term_of_its_items(
    warehouse: Warehouse, said: str, shown: str, lasts: Callable[[date], tuple[date | None, date | None]]
) -> None:
    save_item(warehouse.boss, warehouse.item.id, warranty_term="90d")
    station = station_for(warehouse, "sell")
    assert First.WARRANTY in station.task.task.answers
    given = named(station.task.task, First.WARRANTY, said)
    assert given is not None
    with clock.set_to(clock.now()):
        told = station.task.answer(warehouse.boss, First.WARRANTY, given)
        assert (told.outcome, told.subject) == (Outcome.SET, shown)
        assert station.words("S-1", "XXSDDONE", "XXSDDONE") == ["ok", "ask", "done"]
        sold = Serial.get_by_id(find_serial("S-1"))
        assert (sold.warranty_start, sold.warranty_end) == lasts(clock.today())
        assert station.words("S-2", "XXSDDONE", "XXSDDONE") == ["ok", "ask", "done"], "the items' term again"
        assert Serial.get_by_id(find_serial("S-2")).warranty_end == clock.today() + timedelta(days=89)
    assert all_is_well()


@each("said", ["24x", "9999y", "2026-12-31..2026-01-01", "soon..late"])
def test_what_is_no_warranty_is_refused_when_it_is_said(warehouse: Warehouse, said: str) -> None:
    with pytest.raises(BadValue):
        named(TASKS["sell"], First.WARRANTY, said)
    assert First.WARRANTY not in TASKS["return"].answers


# ----- the others


def test_a_return_comes_back_at_the_scanned_place(warehouse: Warehouse) -> None:
    carry_out(warehouse, "sell", "S-1", "S-2", customer="Bergmann AG")
    station = station_for(warehouse, "return")
    assert station.words("SHOP", "S-1", "S-3") == ["set", "ok", "problem"]
    assert station.words("DOCK", "S-2", "XXSDDONE", "XXSDDONE") == ["set", "ok", "ask", "done"]
    assert [warehouse.where(serial) for serial in ("S-1", "S-2")] == [("returned", "SHOP"), ("returned", "DOCK")]
    assert warehouse.quantities() == {"MAIN": 8, "SHOP": 1, "DOCK": 1}
    document = Document.get(Document.kind == "return")
    assert (document.serials, document.customer.name, document.to_location_id) == (2, "Bergmann AG", None)
    assert all_is_well()


REASONED = [task for task in DRAFT_TASKS if task.first == (First.REASON,)]


@pytest.mark.parametrize("code", [task.code for task in REASONED])
def test_a_reason_is_typed_at_any_time_before_done(warehouse: Warehouse, code: str) -> None:
    if code == "reactivate":
        carry_out(warehouse, "scrap", "S-1", "S-2", note="broken")
    station = station_for(warehouse, code)
    assert station.task.view.next == "type the reason"
    assert station.words("S-1") == ["ok"]
    told = station.one("XXSDDONE")
    assert (told.outcome, told.message) == (Outcome.PROBLEM, "Type the reason first, then DONE.")
    said = typed(station, "lost")
    assert (said.outcome, said.subject) == (Outcome.SET, "lost"), "no command while a reason is asked for"
    assert typed(station, "S-2").outcome is Outcome.OK
    assert station.words("XXSDDONE") == ["done"]
    event = SerialEvent.select().where(SerialEvent.kind == MOVES[code].kind).get()
    assert event.note == "lost"
    assert warehouse.where("S-2")[0] in {str(status) for status in MOVES[code].after.codes}
    assert all_is_well()


def test_what_comes_back_from_repair_needs_its_result(warehouse: Warehouse) -> None:
    carry_out(warehouse, "repair", "S-1", "S-2", repairer="Fixit")
    station = station_for(warehouse, "repaired")
    assert station.words("S-1") == ["ok"]
    assert station.one("XXSDDONE").reason == "no_result"
    assert typed(station, "gold").message == ("gold is no result. Type one of: In Stock, Returned, Defective, Sold.")
    assert station.words("in stock", "DOCK", "S-2", "XXSDDONE") == ["set", "set", "ok", "done"]
    assert [warehouse.where(serial) for serial in ("S-1", "S-2")] == [("in_stock", "DOCK")] * 2, "S-1 came before it"
    assert all_is_well()


def test_a_verb_without_a_document_says_what_was_done(warehouse: Warehouse) -> None:
    carry_out(warehouse, "repair", "S-1")
    carry_out(warehouse, "defect", "S-2", note="cracked")
    station = station_for(warehouse, "restock")
    told = station.scan("S-1", "S-2", "XXSDDONE")
    assert (told[2].outcome, told[2].subject) == (Outcome.DONE, "2 restocked")
    assert told[2].message == "2 serials restocked, 1 unit more on hand."
    assert [warehouse.where(serial)[0] for serial in ("S-1", "S-2")] == ["in_stock", "in_stock"]
    draft = Draft.get()
    assert (draft.state, draft.document_id) == ("done", None)
    assert all_is_well()


@each("verb", MOVES.values())
def test_each_verb_with_a_barcode_is_a_task_chosen_by_it(warehouse: Warehouse, verb: Verb) -> None:
    if not verb.barcode:
        assert verb.code not in {task.code for task in DRAFT_TASKS}
        return
    station = Station(warehouse)
    told = station.one(f"XXSD{verb.barcode}")
    assert (told.outcome, told.subject) == (Outcome.SET, verb.title)
    assert station.task.task is draft_task(verb.code)
    task = station.task.task
    assert f"DONE {task.words.does('them')}" in station.one("XXSDHELP").message
    assert all(task.takes(first) for first in task.first)


# ----- arrive


def test_what_arrives_is_compared_with_its_transfer_by_name_and_a_short_one_stays_open(warehouse: Warehouse) -> None:
    with pytest.raises(BadValue, match=r"^No transfer is on its way\.$"):
        transfers_to_choose()
    sent = carry_out(warehouse, "dispatch", "S-1", "S-2", "S-3", place="SHOP")
    other = carry_out(warehouse, "dispatch", "S-4", place="DOCK")
    sent_now = [(row.number, row.place, row.serials) for row in transfers_to_choose()]
    assert sent_now == [(other, "DOCK", 1), (sent, "SHOP", 3)]
    station = station_for(warehouse, "arrive")
    assert station.one("XXSDDONE").subject == "Nothing to receive"
    told = station.scan(sent.lower(), "S-1", "S-4", "S-5", "NOBODYS", "\u00a7")
    assert [str(one.outcome) for one in told] == ["set", "ok", "problem", "problem", "problem", "problem"]
    assert (station.task.view.count, station.task.view.expected) == (1, 3)
    assert (told[2].reason, told[3].reason) == ("stranger", "cannot")
    assert told[2].message.endswith(f"it is not on {sent}. Receive {other}, the transfer that it is on.")
    compared = compare_transfer(1, sent)
    assert (compared.expected, compared.arrived) == (3, 1)
    assert (compared.missing.names, compared.strangers.names) == (["S-2", "S-3"], ["S-4", "S-5", "NOBODYS"])
    asked = station.one("XXSDDONE")
    assert asked.outcome is Outcome.ASK
    assert "Missing: S-2, S-3. Strangers: S-4, S-5, NOBODYS." in asked.message
    done = station.one("XXSDDONE")
    assert done.subject == "A-000001"
    assert done.message.startswith("1 serial arrived, 1 unit more on hand.")
    assert warehouse.where("S-1") == ("in_stock", "SHOP")
    assert [(row.number, row.serials) for row in open_transfers()] == [(other, 1), (sent, 2)]
    rest = station_for(warehouse, "arrive")
    assert rest.words(sent, "S-2", "S-3", "XXSDDONE") == ["set", "ok", "ok", "done"]
    assert rest.one(sent).message.startswith(f"Nothing of {sent} is on its way")
    assert all_is_well()


def test_what_is_sent_away_or_repaired_says_what_quantities_did_and_who_repairs(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "dispatch")
    told = station.scan("SHOP", "S-1", "S-2", "XXSDDONE")
    assert told[3].message == "2 serials dispatched, 2 units less on hand."
    station = station_for(warehouse, "repair")
    station.task.answer(warehouse.boss, First.REPAIRER, Given("Fixit", "Fixit"))
    station.scan("S-3")
    assert drafts.sentence(drafts.find_draft(2)).startswith("Open repair: Fixit, 1 scanned, by boss")
    assert station.one("XXSDDONE").message == "1 serial sent to repair, 1 unit less on hand."


def test_the_number_of_a_transfer_is_an_answer_to_arrive_alone(warehouse: Warehouse) -> None:
    sent = carry_out(warehouse, "dispatch", "S-1", place="SHOP")
    station = station_for(warehouse, "sell")
    told = station.one(sent)
    assert (told.outcome, told.reason) == (Outcome.PROBLEM, "unknown")
    assert station.task.view.answers == {}


def test_serials_that_look_like_a_transfer_stay_serials_and_typing_names_none(warehouse: Warehouse) -> None:
    warehouse.add("T-000099")
    sent = carry_out(warehouse, "dispatch", "T-000099", place="SHOP")
    station = station_for(warehouse, "arrive")
    assert typed(station, "T-77").message == ("There is no transfer T-77. Scan its number, or choose it from the list.")
    assert station.words("T-000099", sent, "XXSDDONE") == ["ok", "set", "done"]


# ----- many at once


def test_all_at_a_place_or_of_a_receipt_are_transferred(warehouse: Warehouse) -> None:
    bits = create_item(warehouse.boss, "BIT-9", "Bits", on_hand=5, track_serials=True)
    add_serials(warehouse.boss, bits.id, ["S-1", "B-2"], location="SHELF")
    receipt = Station(warehouse)
    receipt.scan("SHELF", "SAW-1", "R-1", "R-2", "XXSDDONE")
    carry_out(warehouse, "sell", "S-5")
    station = station_for(warehouse, "transfer")
    station.scan("DOCK", "S-2", "SAW-1")
    told = station.task.take_group(warehouse.boss, "main")
    assert (told.outcome, told.subject, told.message) == (
        Outcome.OK,
        "All of MAIN",
        "3 taken. 1 was scanned already.",
    )
    assert station.task.take_group(warehouse.boss, "R-000001").message == "2 taken."
    assert station.task.view.item is not None, "the item stays that was scanned"
    with pytest.raises(NotFound, match="NOWHERE is no place and no document here"):
        station.task.take_group(warehouse.boss, "NOWHERE")
    with pytest.raises(NotFound, match="SHOP has no serial that could be transferred"):
        station.task.take_group(warehouse.boss, "SHOP")
    assert station.task.take_group(warehouse.boss, "SHELF").message == "2 taken. 2 were scanned already."
    assert station.words("XXSDDONE") == ["done"]
    assert Document.select().where(Document.kind == "transfer").get().serials == 8
    assert warehouse.where("S-5") == ("sold", "MAIN")
    assert all_is_well()


def test_a_group_of_many_items_takes_as_many_statements_as_one_of_few_and_undo_takes_it_back(
    database: Any, warehouse: Warehouse
) -> None:
    for number in range(12):
        item = create_item(warehouse.boss, f"BIT-{number}", "Bits", on_hand=5, track_serials=True)
        place = "SHOP" if number else "SHELF"
        add_serials(warehouse.boss, item.id, [f"B-{number}-{unit}" for unit in range(3)], location=place)
    station = station_for(warehouse, "transfer")
    station.scan("DOCK", "S-1")
    with statements(database) as few:
        station.task.take_group(warehouse.boss, "SHELF")
    with statements(database) as many:
        assert station.task.take_group(warehouse.boss, "SHOP").message == "33 taken."
    assert len(many) <= len(few)
    station.task.take_group(warehouse.boss, "SHOP")
    assert station.one("XXSDUNDO").subject == "Nothing to undo", "all of it was scanned already"
    told = station.one("XXSDUNDO")
    assert (told.outcome, told.message) == (Outcome.OUT, "33 serials were taken out and can be scanned again.")
    assert station.words("XXSDUNDO", "XXSDDONE") == ["out", "done"]
    assert Document.get().serials == 1


# ----- scans that wait


def test_scans_of_a_sale_that_waited_make_a_new_sale_to_the_same_customer(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "sell")
    station.scan("BERG", "S-1")
    answers = to_text(station.task.view.given)
    station.task.leave(warehouse.boss)
    leave_behind(records(warehouse.boss, ["S-2", "S-3"], session="another-host/1/x", task="sell", answers=answers))
    (left,) = left_scans()
    taken = take_in(warehouse.boss, left)
    assert (taken.good, taken.problems) == (2, 0)
    assert taken.draft is not None
    assert drafts.sentence(taken.draft).startswith("Open sale to Bergmann AG, 2 scanned")
    assert from_text("[1") == from_text('{"x": 1}') == {}


# ----- another verb in the middle


def test_another_verb_asks_what_becomes_of_the_scanned_lines(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "transfer")
    station.scan("DOCK", "S-1")
    told = station.one("XXSDSELL")
    assert (told.outcome, told.subject) == (Outcome.ASK, "Sell?")
    assert told.message == (
        "A transfer was begun at this station, 1 scanned to DOCK. Sell once more keeps it for later, CANCEL throws it "
        "away, any other scan goes on with it."
    )
    assert station.words("S-2", "XXSDSELL", "XXSDSELL") == ["ok", "ask", "set"], "S-2 went on with the transfer"
    assert [row.task for row in drafts.open_drafts()] == ["transfer"]
    assert station.words("BERG", "S-3", "XXSDDONE") == ["set", "ok", "done"]
    assert station.words("XXSDUNDO") == ["out"]
    station.task.continue_draft(warehouse.boss, 1)
    assert station.task.view.total == 2


def test_a_draft_is_discarded_for_another_verb_and_one_without_serials_without_a_question(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "transfer")
    assert station.words("DOCK", "XXSDSELL", "S-1") == ["set", "set", "ok"]
    told = station.task.choose(warehouse.boss, draft_task("return"), keep=False)
    assert (told.outcome, told.message) == (Outcome.SET, "The sale was thrown away. Now: scan the place.")
    assert drafts.open_drafts() == []
    assert [row.state for row in Draft.select().order_by(Draft.id)] == ["discarded", "discarded"]


def test_cancel_answers_the_question_about_the_draft(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "transfer")
    assert station.words("DOCK", "S-1", "XXSDSELL") == ["set", "ok", "ask"]
    told = station.one("XXSDCANCEL")
    assert (told.outcome, told.subject) == (Outcome.SET, "Sell")
    assert told.message == "The transfer was thrown away. Now: scan the customer, or type a name."
    assert Draft.get().state == "discarded"
    assert station.words("S-1", "XXSDCANCEL", "XXSDCANCEL") == ["ok", "ask", "out"]


# ----- look up


def test_each_scan_shows_what_it_names_and_what_can_happen_to_it(warehouse: Warehouse) -> None:
    carry_out(warehouse, "sell", "S-1", customer="Bergmann AG")
    before = fingerprint()
    station = Station(warehouse)
    told = station.scan("XXSDLOOK", "S-1", "s-2", "SAW-1", "MAIN", "BERG", "NOBODYS", "XXSDDONE", "s-000001")
    words = ["set", "found", "found", "found", "found", "found", "problem", "tell", "found"]
    assert [str(one.outcome) for one in told] == words
    sold, here = told[1], told[2]
    assert re.fullmatch(
        r"SAW-1: Sold to Bergmann AG since \S+, last at MAIN\. Now: return, send to repair, note, .* Circular saw\.",
        sold.message,
    )
    assert (here.subject, here.serial_id) == ("S-2", find_serial("S-2", "SAW-1"))
    assert "Now: sell, transfer, reserve" in here.message
    assert told[3].message == "Circular saw. 9 on hand."
    assert told[4].message == "Main warehouse. 9 units on hand of 1 item, 4 with a serial."
    assert told[5].message == "Customer with 1 serial."
    assert re.fullmatch(r"Sale at \S+ on \S+ with 1 serial\.", told[8].message), told[8].message
    assert fingerprint() == before
    assert station.words("XXSDRETURN", "SHOP", "S-1", "XXSDLOOK", "XXSDLOOK", "S-1") == [
        *("set", "set", "ok", "ask", "set", "found")
    ]
    assert [row.task for row in drafts.open_drafts()] == ["return"]


def test_looking_up_needs_the_permission_to_see(warehouse: Warehouse) -> None:
    station = station_for(warehouse, "look-up", person(warehouse.boss, "clerk1", Permission.SELL_SERIAL))
    with pytest.raises(NotPermitted, match="see items and serials"):
        station.one("S-1")

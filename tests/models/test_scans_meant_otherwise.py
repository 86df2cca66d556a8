"""Scans that were hardly meant as serials: command words, product codes; and what UNDO makes current again."""

from __future__ import annotations

import pytest

from models.barcodes.reader import read
from models.barcodes.reading import Kind
from models.customers import add_customer
from models.errors import BadValue, Unreadable
from models.items.items import create_item, find_item, save_item
from models.items.rules import set_serial_rule
from models.locations import create_location
from models.serials.add import AddResult, Wanted, add_each, add_serial
from models.serials.judging import Outcome, Reason, Scan, Verdict
from models.serials.receive import receive_list
from tests.support.cases import each
from tests.support.receiving import GTIN, SERIALS, Station, received
from tests.support.warehouse import Warehouse

EAN_13, EAN_8, UPC_A, GTIN_14 = "4006381333931", "96385074", "036000291452", "10614141000415"
NAMES = {EAN_13: "EAN-13", EAN_8: "EAN-8", UPC_A: "UPC-A", GTIN_14: "GTIN-14"}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    create_item(warehouse.boss, "BIT-9", "Bits", location="DOCK", track_serials=True)
    return Station(warehouse)


def typed(station: Station, *texts: str) -> list[Verdict]:
    told: list[Verdict] = []
    station.task.scan(station.actor, [Scan(text, "typed") for text in texts], told.append)
    return told


def item(station: Station) -> str:
    return station.task.view.item.sku if station.task.view.item else "none"


def test_the_code_of_a_customer_becomes_no_unit_unless_it_is_typed(warehouse: Warehouse, station: Station) -> None:
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    _, _, good, asked, again = station.scan("DOCK", "BIT-9", "S-1", "berg", "BERG")
    assert (good.outcome, asked.outcome, asked.reason) == (Outcome.OK, Outcome.PROBLEM, Reason.CUSTOMER)
    assert asked.message == ("This is the customer Bergmann AG. Receive asks for none: scan the unit's serial.")
    assert again.outcome is Outcome.PROBLEM
    assert typed(station, "BERG")[0].outcome is Outcome.OK
    assert station.scan("XXSDDONE", "XXSDDONE")[-1].outcome is Outcome.DONE
    assert received(["S-1", "BERG", "S-2"]) == ["BERG", "S-1"]


# ----- bare command words


def test_a_bare_command_word_that_is_typed_acts_as_its_barcode_does(station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "S-2")
    told = typed(station, "undo", "HELP", " cancel", "next", "SAW-1", "done")
    assert [one.outcome for one in told] == ["out", "tell", "ask", "set", "set", "done"]
    assert received(["S-1", "S-2", "UNDO", "HELP", "CANCEL", "NEXT", "DONE"]) == ["S-1"]
    told = typed(station, "transfer", "receive", "DOCK", "SAW-1", "S-3", "CANCEL", "CANCEL")
    assert [one.outcome for one in told] == ["set", "set", "set", "set", "ok", "ask", "out"]
    assert station.task.view.draft_id is None


def test_a_bare_command_word_that_is_a_code_here_is_that_code(warehouse: Warehouse, station: Station) -> None:
    create_location(warehouse.boss, "HELP")
    create_item(warehouse.boss, "NEXT", "Next", location="DOCK", track_serials=True)
    assert [one.subject for one in typed(station, "HELP", "NEXT")] == ["HELP", "NEXT"]
    assert (station.task.view.place.code if station.task.view.place else "", item(station)) == ("HELP", "NEXT")


def test_a_bare_command_word_that_is_scanned_or_pasted_is_asked_about_and_kept_when_scanned_again(
    station: Station,
) -> None:
    station.scan("DOCK", "SAW-1")
    told = station.one("DONE")
    assert (told.outcome, told.reason) == (Outcome.PROBLEM, Reason.COMMAND_WORD)
    assert told.message == "DONE is the word of a command; typed at a station, it acts. Scan it again to keep it."
    assert station.one("DONE").outcome is Outcome.OK
    assert station.one("XXSDDONE").outcome is Outcome.DONE
    assert received(["DONE"]) == ["DONE"]


def test_a_scanned_command_word_before_its_item_is_named(station: Station) -> None:
    assert station.one("CANCEL").message.startswith("CANCEL is the word of a command; typed at a station, it acts.")


# ----- product codes


@pytest.mark.parametrize("code", NAMES)
def test_on_a_new_item_a_product_code_is_asked_about_at_the_station(station: Station, code: str) -> None:
    station.scan("DOCK", "SAW-1")
    told = station.one(code)
    assert (told.outcome, told.reason) == (Outcome.PROBLEM, Reason.PRODUCT_CODE)
    assert told.message == f"{code} looks like a product code ({NAMES[code]}): scan it again to keep it."
    assert station.one(code).outcome is Outcome.OK
    assert station.one("S-1").outcome is Outcome.OK


def test_a_product_code_that_waited_for_its_item_is_asked_about_too(station: Station) -> None:
    station.scan("DOCK", EAN_13, "SAW-1")
    assert (station.task.view.count, station.task.view.problems) == (0, 1)
    assert station.one(EAN_13).outcome is Outcome.OK


def test_a_number_is_no_product_code_where_the_item_has_such_serials_or_a_rule(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "4006381333930")  # no check digit
    assert station.one(EAN_13).outcome is Outcome.OK
    set_serial_rule(warehouse.boss, find_item("BIT-9").id, characters="digits")
    assert station.words("BIT-9", UPC_A) == ["set", "ok"]


def test_in_add_serial_a_product_code_is_refused_until_it_is_confirmed(warehouse: Warehouse) -> None:
    def add(*wanted: Wanted) -> list[AddResult]:
        told: list[AddResult] = []
        add_each(warehouse.boss, warehouse.item.id, wanted, told.append)
        return told

    first, asked, word = add(Wanted("S-1"), Wanted(EAN_13), Wanted("UNDO"))
    assert first.refusal is None
    assert isinstance(asked.refusal, BadValue)
    assert asked.refusal.message == f"{EAN_13} looks like a product code (EAN-13): scan it again to keep it."
    assert asked.refusal.details["reason"] == Reason.PRODUCT_CODE
    assert word.refusal is not None
    assert word.refusal.details["reason"] == Reason.COMMAND_WORD
    (kept,) = add(Wanted(EAN_13, confirmed=True))
    assert kept.refusal is None
    assert received([EAN_13, "UNDO"]) == [EAN_13]


def test_commands_warn_of_a_product_code_and_take_it(warehouse: Warehouse, station: Station) -> None:
    assert station.one("BIT-9").outcome is Outcome.SET
    said = add_serial(warehouse.boss, warehouse.item.id, EAN_13).warnings
    assert said == ((Reason.PRODUCT_CODE, f"{EAN_13} looks like a product code (EAN-13)."),)
    assert receive_list(warehouse.boss, find_item("BIT-9").id, [EAN_8], location="DOCK").good


def test_a_registered_product_code_is_the_product(warehouse: Warehouse, station: Station) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=[EAN_13])
    assert station.one(EAN_13).outcome is Outcome.SET


# ----- printed element strings


@each(
    "printed",
    [f"(01){GTIN}(21)SN-1(17)301231(10)L1", f"(01) {GTIN} (21) SN-1", f"(21)SN-1(01){GTIN}", f"]C1(01){GTIN}(21)SN-1"],
)
def test_element_strings_as_they_are_printed_are_gs1(printed: str) -> None:
    reading = read(printed)
    assert (reading.kind, reading.gtin, reading.serial) == (Kind.GS1, GTIN, "SN-1")


def test_printed_element_strings_are_read_as_strictly_as_others_and_other_brackets_are_text() -> None:
    with pytest.raises(Unreadable) as refused:
        read("(01)09506000134353(21)SN-1")
    assert refused.value.reason == "bad_check_digit"
    assert read("(01)09506000134352(21)A(B)C").serial == "A(B)C"
    for plain in ("(12)34", "(21)SN-1", "A(01)09506000134352", "(01)123"):
        assert (read(plain).kind, read(plain).serial) == (Kind.PLAIN, plain)
    assert read("(00)106141411234567897").kind is Kind.SSCC


# ----- UNDO of changes


def test_undo_of_a_change_of_item_says_what_is_current_again(station: Station) -> None:
    station.scan("DOCK", "BIT-9", "B-1", "SAW-1")
    told = station.one("XXSDUNDO")
    assert (told.outcome, told.subject) == (Outcome.SET, "item BIT-9 again")
    assert (told.message, item(station)) == ("The change of item was taken back.", "BIT-9")
    station.scan("SAW-1", "XXSDNEXT")
    assert (station.one("XXSDUNDO").subject, item(station)) == ("item SAW-1 again", "SAW-1")


def test_undo_of_an_item_behind_next_leaves_no_item(station: Station) -> None:
    station.scan("DOCK", "BIT-9", "B-1", "XXSDNEXT", "SAW-1")
    told = station.one("XXSDUNDO")
    assert (told.outcome, told.subject, item(station)) == (Outcome.SET, "Item: none", "none")
    assert station.one("S-1").reason == Reason.NO_ITEM


def test_undo_of_a_change_of_place_says_what_is_current_again(station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "SHELF")
    told = station.one("XXSDUNDO")
    assert (told.outcome, told.subject) == (Outcome.SET, "place DOCK again")


# ----- DONE, and products without a serial


def test_a_place_between_two_done_asks_again(station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1", EAN_13)
    assert [one.outcome for one in station.scan("XXSDDONE")] == ["ask"]
    assert station.words("SHELF", "XXSDDONE") == ["set", "ask"]
    assert station.words("SHELF", "XXSDDONE") == ["set", "ask"]
    assert station.one("XXSDDONE").outcome is Outcome.DONE


def test_a_product_code_without_a_serial_sets_its_item_and_an_unknown_one_waits(
    warehouse: Warehouse, station: Station
) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    station.scan("DOCK", "BIT-9")
    assert station.one(f"\x1d01{GTIN}").outcome is Outcome.SET
    assert item(station) == "SAW-1"
    unknown = station.one("\x1d0104006381333931")
    assert (unknown.outcome, unknown.reason) == (Outcome.PROBLEM, Reason.UNKNOWN_PRODUCT)
    assert unknown.message.endswith("The item is still SAW-1.")
    assert station.one(SERIALS[0]).outcome is Outcome.OK
    assert station.one("\x1d21SN-77").subject == "SN-77"

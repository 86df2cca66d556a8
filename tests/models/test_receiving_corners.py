"""Receiving where scans come in an awkward order, are taken back, corrected, or overtaken by what others do."""

from __future__ import annotations

import pytest

from models.check import check
from models.errors import BadValue, Changed, NotPermitted
from models.items.items import create_item, save_item
from models.items.rules import set_serial_rule
from models.permissions import Permission
from models.schema import Draft, DraftLine, Serial, SerialEvent
from models.serials.judging import Outcome
from models.serials.receive import ReceiptLine, receive_serials
from models.station import drafts, lines
from tests.support.receiving import GTIN, SERIALS, Station, warehouse_database
from tests.support.warehouse import Warehouse, open_warehouse, person, put, statements


def _with_a_barcode() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)


CONTENTS = {"warehouse": _with_a_barcode}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


def stock() -> dict[str, tuple[str, str]]:
    """Each serial's item and place."""
    return {row.serial_number: (row.item.sku, row.location.code) for row in Serial.select()}


# ----- what came before its item


def test_what_waited_for_an_item_goes_where_it_was_scanned_and_is_stored_as_the_item_wants(
    warehouse: Warehouse, station: Station
) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, strip="SN")
    station.scan("DOCK", "BIT-9", "B-1", "SHELF", "XXSDNEXT", "SN5CG1", "SN5CG1", "SAW-1")
    assert station.task.view.problems == 0
    assert station.one("5CG1").outcome is Outcome.DUPLICATE
    assert station.one("XXSDDONE").outcome is Outcome.DONE
    assert stock() == {"B-1": ("BIT-9", "DOCK"), "5CG1": ("SAW-1", "SHELF")}


def test_the_place_stays_where_serials_of_another_one_waited_for_their_item(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "S-1", "SHELF", "S-2", "MAIN", "SAW-1", "S-3")
    assert station.task.view.place is not None
    assert station.task.view.place.code == "MAIN"
    station.one("XXSDDONE")
    assert stock() == {"S-1": ("SAW-1", "DOCK"), "S-2": ("SAW-1", "SHELF"), "S-3": ("SAW-1", "MAIN")}


def test_an_item_that_is_taken_back_gives_back_what_had_waited(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "S-1", "S-2", "BIT-9")
    assert station.task.view.count == 2
    told = station.one("XXSDUNDO")
    assert told.subject == "Item: none"
    assert "2 wait for their item again" in told.message
    assert (station.task.view.count, station.task.view.problems) == (0, 2)
    station.scan("SAW-1", "S-3", "XXSDDONE")
    assert stock() == dict.fromkeys(("S-1", "S-2", "S-3"), ("SAW-1", "DOCK"))


def test_what_waited_counts_for_the_look_of_the_next_one(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", *SERIALS[:12], "SAW-1")
    assert station.one("4006381333931").reason == "shape"


def test_hundreds_that_waited_are_taken_in_as_many_statements_as_a_few(warehouse: Warehouse) -> None:
    def count(prefix: str, number: int) -> int:
        station = Station(warehouse)
        station.scan("DOCK", *(f"{prefix}{n:03}" for n in range(number)))
        with statements(warehouse_database()) as seen:
            assert station.one("SAW-1").message.startswith("Circular saw")
        assert station.task.view.count == number
        return len(seen)

    assert count("A", 5) == count("B", 300)


# ----- UNDO


def test_undo_after_a_duplicate_and_a_good_one_in_one_burst_takes_the_good_one(
    warehouse: Warehouse, station: Station
) -> None:
    assert station.scan("DOCK", "SAW-1", "S-1", "S-1", "S-2", "XXSDUNDO")[-1].subject == "S-2"
    assert station.scan("S-3", "S-1", "XXSDUNDO")[-1].subject == "Nothing to undo"


def test_undo_after_a_confirmation_takes_out_the_one_that_was_confirmed(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", *SERIALS[:12], "4006381333931", SERIALS[12], "4006381333931")
    assert station.one("XXSDUNDO").subject == "4006381333931"
    assert (station.task.view.count, station.task.view.problems) == (13, 0)
    assert station.one("XXSDUNDO").subject == SERIALS[12]


@pytest.mark.parametrize("again", ["DOCK", "SAW-1", "XXSDFOO"])
def test_undo_after_a_scan_that_changed_nothing_takes_nothing(
    warehouse: Warehouse, station: Station, again: str
) -> None:
    station.scan("DOCK", "SAW-1", "S-1", again)
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    assert station.task.view.count == 1


def test_undo_after_next_goes_back_to_the_item(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "XXSDNEXT")
    assert station.one("XXSDUNDO").subject == "item SAW-1 again"
    assert station.words("S-2", "S-1") == ["ok", "dup"]


def test_undo_takes_a_whole_scan_out_with_its_item_and_all_its_serials(warehouse: Warehouse, station: Station) -> None:
    two = "[)>\x1e06\x1dSX-1\x1dSX-2\x1e\x04"
    station.scan("DOCK", "BIT-9", "B-1", f"\x1d01{GTIN}21S-1")
    told = station.one("XXSDUNDO")
    assert (told.subject, station.task.view.item.sku if station.task.view.item else "") == ("S-1", "BIT-9")
    assert "The item is BIT-9 again" in told.message
    assert station.one(two).message == "2 serials in one code."
    assert station.one("XXSDUNDO").message.startswith("2 serials")
    assert station.task.view.count == 1
    assert station.one(two).outcome is Outcome.OK


def test_a_bad_serial_in_a_code_waits_though_the_next_one_in_it_is_taken(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1")
    told = station.one("[)>\x1e06\x1dS---\x1dSX-2\x1e\x04")
    assert (told.outcome, told.reason) == (Outcome.PROBLEM, "bad_serial")
    assert told.message.endswith("1 of the 2 in this code were taken.")
    assert (station.task.view.count, station.task.view.problems) == (1, 1)


def test_serials_that_were_taken_out_no_longer_say_what_others_look_like(
    warehouse: Warehouse, station: Station
) -> None:
    wrong = [f"40063813339{number:02}" for number in range(12)]
    station.scan("DOCK", "SAW-1", *wrong, *["XXSDUNDO"] * 12)
    assert station.words(*SERIALS[:12]) == ["ok"] * 12


# ----- problems


def test_the_same_unreadable_code_waits_once(warehouse: Warehouse, station: Station) -> None:
    for code, reason in (
        ("]E04006381333931", "unknown_product"),
        ("(01)§", "bad_char"),
        ("\x1d0109506000134351", "bad_check_digit"),
    ):
        first, again = station.scan(code, code)
        third = station.one(code)
        assert first.reason == reason
        assert {(one.outcome, one.reason, one.number) for one in (first, again, third)} == {
            (Outcome.PROBLEM, reason, first.number)
        }
    assert station.task.view.problems == 3
    assert station.one("XXSDUNDO").subject == "Nothing to undo"
    station.scan("XXSDUNDO", "\x1d0109506000134351")
    assert station.task.view.problems == 3, "it can be scanned again once it was taken out"


def test_an_unknown_command_waits_nowhere(warehouse: Warehouse, station: Station) -> None:
    told = station.scan("DOCK", "SAW-1", "S-1", "XXSDFOO", "XXSDDONE")
    assert (told[3].rings, told[3].number, told[4].outcome) == (True, 0, Outcome.DONE)


def test_a_problem_whose_cause_is_gone_is_taken_when_it_is_scanned_again(
    warehouse: Warehouse, station: Station
) -> None:
    code = "\x1d01095212345432132" + "1B-7"
    create_item(warehouse.boss, "NEW-1", "New")
    station.scan("DOCK", "SAW-1")
    set_serial_rule(warehouse.boss, warehouse.item.id, pattern="[0-9]{4}")
    station.scan("SAW-1")
    assert station.scan("12345", code)[0].reason == "rule"
    set_serial_rule(warehouse.boss, warehouse.item.id, pattern="[0-9]{5}")
    assert station.one("12345").outcome is Outcome.OK
    assert station.one("1234").reason == "rule"
    item = create_item(warehouse.boss, "NEW-2", "New", barcodes=["09521234543213"])
    assert station.one(code).reason == "not_tracked"
    assert station.task.view.problems == 2
    save_item(warehouse.boss, item.id, track_serials=True)
    assert station.one(code).outcome is Outcome.OK
    assert station.task.view.problems == 1


def test_a_warning_that_became_a_duplicate_is_not_kept(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", *SERIALS[:12], "4006381333931")
    warehouse.add("4006381333931")
    assert station.one("4006381333931").reason == "exists"
    assert station.one("XXSDDONE").outcome is Outcome.ASK
    assert station.one("XXSDDONE").outcome is Outcome.DONE


@pytest.mark.parametrize("code", ["\x00S-1", "S\udcff1", "§" * 9000, "\x1b[A"])
def test_what_no_barcode_says_is_kept_on_any_database(warehouse: Warehouse, station: Station, code: str) -> None:
    verdict = station.scan("DOCK", "SAW-1", code, "S-1")[2]
    assert verdict.outcome is Outcome.PROBLEM
    (line,) = lines.problems(station.task.view.draft_id or 0)
    assert line.number == verdict.number
    assert station.words(code, "XXSDDONE", "XXSDDONE") == ["problem", "ask", "done"]


# ----- correct


def test_a_correction_stays_with_its_item_and_its_place(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("S-1")
    problem = station.scan("DOCK", "SAW-1", "S-1", "SHELF", "BIT-9", "B-1")[2]
    told = station.task.correct(warehouse.boss, problem.number, " s-9 ")
    assert (told.outcome, told.subject) == (Outcome.OK, "s-9")
    view = station.task.view
    assert (view.item.sku if view.item else "", view.place.code if view.place else "") == ("BIT-9", "SHELF")
    station.one("XXSDDONE")
    assert stock()["s-9"] == ("SAW-1", "DOCK")
    assert SerialEvent.get(SerialEvent.serial_number == "s-9").scan is None


def test_a_correction_that_is_no_serial_changes_nothing(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("S-1")
    problem = station.scan("DOCK", "SAW-1", "S-1")[2]
    for text in ("", "   ", "§", "---", "XXSDDONE"):
        with pytest.raises(BadValue):
            station.task.correct(warehouse.boss, problem.number, text)
    assert [line.number for line in lines.problems(1)] == [problem.number]
    assert station.task.correct(warehouse.boss, problem.number, f"01{GTIN}21A").subject == f"01{GTIN}21A"


def test_a_scan_without_an_item_is_corrected_and_waits_on(warehouse: Warehouse, station: Station) -> None:
    problem = station.scan("DOCK", "S-1")[1]
    assert station.task.correct(warehouse.boss, problem.number, "S-2").reason == "no_item"
    station.scan("SAW-1", "XXSDDONE")
    assert stock() == {"S-2": ("SAW-1", "DOCK")}


# ----- what others do meanwhile


def test_a_station_that_lost_its_draft_cannot_cancel_it(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    other = Station(warehouse, clerk)
    assert station.one("XXSDCANCEL").outcome is Outcome.ASK
    other.task.continue_draft(clerk, 1)
    with pytest.raises(Changed, match="clerk1 took this draft over"):
        station.one("XXSDCANCEL")
    assert Draft.get().state == "open"
    assert other.words("S-2", "XXSDDONE") == ["ok", "done"]


def test_cancel_needs_the_permission_the_second_time_too(warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    station = Station(warehouse, clerk)
    station.scan("DOCK", "SAW-1", "S-1", "XXSDCANCEL")
    from models.people import revoke

    revoke(warehouse.boss, "role of clerk1", Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted):
        station.one("XXSDCANCEL")
    assert Draft.get().state == "open"


def test_tracking_that_is_switched_off_before_done_is_named_and_the_rest_goes_in(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "S-1", "BIT-9", "B-1", "B-2")
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject, told.rings) == (Outcome.PROBLEM, "Changed since", True)
    assert "SAW-1 does not track serials" in told.message
    assert station.task.view.problems == 1
    assert station.one("XXSDDONE").message.startswith("2 serials received.")
    assert set(stock()) == {"B-1", "B-2"}
    assert check(warehouse_database()).good


def test_a_pallet_that_somebody_else_received_meanwhile_takes_as_many_statements_as_one_unit(
    warehouse: Warehouse,
) -> None:
    item_id, dock = warehouse.item.id, 2

    def count(prefix: str, number: int) -> int:
        station = Station(warehouse)
        serials = [f"{prefix}{n:03}" for n in range(number)]
        station.scan("DOCK", "SAW-1", "KEEP" + prefix, *serials)
        receive_serials(warehouse.boss, [ReceiptLine(item_id, text, text, dock) for text in serials])
        with statements(warehouse_database()) as seen:
            told = station.one("XXSDDONE")
        assert told.subject == "Changed since"
        assert (station.task.view.count, station.task.view.problems) == (1, number)
        return len(seen)

    assert count("A", 2) == count("B", 300)


def test_a_draft_is_not_handed_to_who_may_not_receive(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    person(warehouse.boss, "guest", Permission.VIEW)
    with pytest.raises(NotPermitted, match="guest needs the permission INV_MANAGE_SERIALS"):
        drafts.hand_over(warehouse.boss, 1, "guest")
    assert station.one("S-2").outcome is Outcome.OK


def test_many_odd_ones_are_confirmed_together_in_as_many_statements_as_a_few(warehouse: Warehouse) -> None:
    warehouse.add(*SERIALS)
    for length in (12, 14):
        station = Station(warehouse)
        few = [f"{n:0{length}}" for n in range(5)]
        many = [f"{n:0{length}}" for n in range(100, 400)]
        station.scan("DOCK", "SAW-1", *few, *many)
        counts = []
        for odd in (few, many):
            with statements(warehouse_database()) as seen:
                assert set(station.words(*odd)) == {"ok"}
            counts.append(len(seen))
        assert counts[0] == counts[1]
        assert DraftLine.select().where(DraftLine.state == "problem").count() == 0
        station.task.scan(warehouse.boss, [], lambda verdict: None)
        drafts.discard(warehouse.boss, station.task.view.draft_id or 0)


def test_units_that_left_are_named_with_what_to_do(warehouse: Warehouse, station: Station) -> None:
    transit, scrapped, repair = warehouse.add("T-1", "X-1", "R-1")
    put(warehouse, "in_transit", transit)
    put(warehouse, "scrapped", scrapped)
    put(warehouse, "in_repair", repair)
    told = station.scan("DOCK", "SAW-1", "T-1", "X-1", "R-1")[2:]
    assert [one.message.rpartition(". ")[2] for one in told] == [
        "Receive its transfer.",
        "Reactivate it, or leave it out.",
        "Take it back from repair.",
    ]


def test_zeros_are_serials_that_are_scanned_once(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "0")
    assert station.one("0").outcome is Outcome.DUPLICATE
    assert station.one("00").reason == "near_duplicate"
    assert station.words("00", "XXSDDONE") == ["ok", "done"]
    assert set(stock()) == {"0", "00"}


def test_a_pallet_of_codes_with_product_and_serial_takes_as_many_statements_as_a_few(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", f"\x1d01{GTIN}21FIRST")

    def count(first: int, number: int) -> int:
        with statements(warehouse_database()) as seen:
            told = station.words(*(f"\x1d01{GTIN}21{n:05}" for n in range(first, first + number)))
        assert set(told) == {"ok"}
        return len(seen)

    assert count(100, 10) == count(10_000, 400)


def test_a_code_of_another_item_that_cannot_be_received_says_whose_serials_come_next(
    warehouse: Warehouse, station: Station
) -> None:
    create_item(warehouse.boss, "NEW-1", "New")
    told = station.scan("DOCK", "SAW-1", "NEW-1", "]E04006381333931")
    assert all(one.message.endswith("The item is still SAW-1.") for one in told[2:])

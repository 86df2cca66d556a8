"""Receiving at the scan station: the installed app at a real terminal, at a gun's speed."""

from __future__ import annotations

import signal

from tests.support.commands import Commands
from tests.support.journey import (
    ENTER,
    F7,
    F8,
    F10,
    MENU,
    Worker,
    all_is_well,
    answer,
    give,
    in_order_of_entry,
    listed,
    on_hand,
)

SERIALS = [f"5CG8341{number:04}" for number in range(200)]


def gun(*scans: str, end: str = "\r") -> str:
    """What a scanner sends."""
    return "".join(scan + end for scan in scans)


def test_place_item_two_hundred_serials_and_done_in_one_burst_without_touching_the_keyboard(stock: str) -> None:
    with Worker(stock, is_installed=True) as worker:
        worker.presses(F7)
        worker.sees("Receive", "Scan the place")
        worker.types(gun("DOCK", "LAP-14", *SERIALS, "XXSDDONE"))
        worker.sees("DONE", "R-000001", "200 serials received", "200 added to the quantity")
        worker.leaves()
    assert in_order_of_entry(stock) == SERIALS
    assert on_hand(stock, "LAP-14") == {"SHELF": 10, "DOCK": 200}
    shown = answer(stock, "serial", "show", SERIALS[0])
    assert [event["kind"] for event in shown["events"]] == ["received"]
    assert [document["number"] for document in shown["documents"]] == ["R-000001"]
    all_is_well(stock)


def test_two_hundred_units_are_sold_by_scans_alone(stock: str, commands: Commands) -> None:
    commands.good("customer", "add", "Bergmann AG", "--code", "BERG")
    commands.good("receive", "--item", "LAP-14", "--location", "DOCK", "--first", SERIALS[0], "--count", "200")
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("SCAN THE PLACE")
        worker.types(gun("XXSDSELL", "BERG", *SERIALS, "XXSDDONE"))
        worker.sees("DONE", "S-000001", "200 serials sold, 200 units less on hand.")
    shown = answer(stock, "serial", "show", SERIALS[199])
    assert (shown["status"], shown["customer"]) == ("sold", "Bergmann AG")
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
    all_is_well(stock)


def test_a_dropped_line_loses_no_scan_and_the_next_start_goes_on_where_it_was(stock: str) -> None:
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Scan the place")
        worker.types(gun("DOCK", "LAP-14", *SERIALS[:137]))
        worker.sees("137", SERIALS[136])
        worker.terminal.signal(signal.SIGKILL)
    assert listed(stock) == []
    with Worker(stock) as worker:
        worker.sees("Open receipt at DOCK, 137")
        worker.presses(F7)
        worker.sees("Open receipt at DOCK, 137")
        worker.takes_a_breath()
        worker.presses("\r")
        worker.sees("Receive at DOCK", "137", SERIALS[136])
        worker.types(gun(*SERIALS[130:], "XXSDDONE"))
        worker.sees("200 serials received")
        worker.leaves()
    assert in_order_of_entry(stock) == SERIALS
    all_is_well(stock)


def test_problems_wait_in_their_lane_while_the_gun_goes_on(stock: str, commands: Commands) -> None:
    commands.good("serial", "add", "--item", "LAP-14", SERIALS[3])
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Scan the place")
        worker.types(gun("DOCK", "LAP-14", *SERIALS[:12], SERIALS[5], "4006381333931"))
        worker.sees(
            "Problems 2", SERIALS[3], "of LAP-14 is already", "here: In Stock at SHELF since", "4006381333931", "11"
        )
        worker.sees("PROBLEM")
        worker.types(gun(SERIALS[5]))
        worker.sees("DUP", "line 6")
        worker.presses(F10)
        worker.sees("AGAIN?", "2 problems are waiting")
        worker.presses(F10)
        worker.sees("R-000001", "11 serials received", "2 problems left out")
    assert listed(stock) == sorted(SERIALS[:12])
    all_is_well(stock)


def test_undo_takes_the_last_scan_out_by_key_and_by_barcode_and_it_can_be_scanned_again(stock: str) -> None:
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Scan the place")
        worker.types(gun("DOCK", "LAP-14", "SN-1", "SN-2", "SN-3"))
        worker.sees("OK", "SN-3")
        worker.presses(F8)
        worker.sees("OUT", "SN-3", "can be scanned again")
        worker.takes_a_breath()
        worker.types(gun("XXSDUNDO"))
        worker.sees("OUT", "SN-2")
        worker.types(gun("SN-3"))
        worker.sees("OK", "SN-3")
        worker.types(gun("XXSDDONE"))
        worker.sees("2 serials received")
    assert listed(stock) == ["SN-1", "SN-3"]


def test_every_end_of_a_scan_and_a_paste_are_understood(stock: str) -> None:
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Scan the place")
        worker.types(gun("DOCK", "LAP-14") + gun(*SERIALS[:10], end="\n") + gun(*SERIALS[10:20], end="\r\n"))
        worker.types(gun(*SERIALS[20:30], end="\t"))
        worker.sees(SERIALS[29], "30")
        worker.pastes(SERIALS[30:60])
        worker.sees(SERIALS[59], "60")
        worker.types(gun("XXSDDONE"))
        worker.sees("60 serials received")
    assert in_order_of_entry(stock) == SERIALS[:60]


def test_at_a_handheld_of_20_by_8_the_verdict_the_count_and_the_scan_line_are_there(stock: str) -> None:
    with Worker(stock, columns=20, rows=8) as worker:
        worker.presses(F7)
        worker.sees("SCAN THE PLACE")
        worker.types(gun("DOCK", "LAP-14", "SN-1", "SN-2"))
        worker.sees("OK", "SN-2", "2")
        worker.types(gun("XXSDDONE"))
        worker.sees("DONE", "R-000001")
    assert listed(stock) == ["SN-1", "SN-2"]


def test_a_transfer_of_thirty_serials_in_one_burst(stock: str, commands: Commands) -> None:
    moving = SERIALS[:30]
    give(commands, *SERIALS[:40])
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Receive", "Scan the place")
        worker.takes_a_breath()
        worker.presses(MENU)
        worker.sees("Menu", "Choose what to do")
        for letter in "transfer":  # by hand: what comes at once is a scan, and goes to the station
            worker.types(letter)
            worker.takes_a_breath()
        worker.presses(ENTER)
        worker.sees("Transfer", "Scan the destination")
        worker.takes_a_breath()
        worker.types(gun("DOCK", *moving, "XXSDDONE"))
        worker.sees("DONE", "T-000001", "30 serials transferred, 10 units of the quantity with them.")
    shown = answer(stock, "serial", "show", SERIALS[29])
    assert (shown["location"], shown["status"]) == ("DOCK", "in_stock")
    assert [event["kind"] for event in shown["events"]] == ["added", "transferred"]
    assert [document["number"] for document in shown["documents"]] == ["T-000001"]
    assert answer(stock, "serial", "show", SERIALS[30])["location"] == "SHELF"
    assert on_hand(stock, "LAP-14") == {"DOCK": 10}
    assert listed(stock) == SERIALS[:40]
    all_is_well(stock)


def test_a_transfer_is_kept_when_the_line_drops_and_goes_on_by_its_barcode(stock: str, commands: Commands) -> None:
    give(commands, *SERIALS[:3])
    with Worker(stock) as worker:
        worker.presses(F7)
        worker.sees("Scan the place")
        worker.types(gun("XXSDSHIFT", "DOCK", *SERIALS[:2]))
        worker.sees("Transfer to DOCK", "OK", SERIALS[1], "LAP-14, SHELF → DOCK")
        worker.terminal.signal(signal.SIGKILL)
    (row,) = commands.rows("drafts", "list")
    assert (row["task"], row["good"], row["location"]) == ("transfer", 2, "DOCK")
    with Worker(stock) as worker:
        worker.sees("Open transfer to DOCK, 2 scanned")
        worker.presses(F7)
        worker.sees("1 open transfer")
        worker.takes_a_breath()
        worker.presses(ENTER)
        worker.sees("Transfer to DOCK", "2 scanned")
        worker.types(gun(SERIALS[2], "XXSDDONE"))
        worker.sees("3 serials transferred")
    all_is_well(stock)

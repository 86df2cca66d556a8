"""Scans at a real terminal on the screens that take typing too, with whatever the scanner sends behind them."""

from __future__ import annotations

import time

from tests.support.commands import Commands
from tests.support.fork_server import forked_program
from tests.support.journey import F3, F6, NEXT_TAB, Worker, all_is_well, give, in_order_of_entry
from tests.support.terminal import Terminal
from tui.scanning.bursts import SEEN_AFTER

ENDS = ("\r", "\n", "\r\n", "\t")


def title(worker: Worker) -> str:
    """The first line without the time of day at its end."""
    return worker.terminal.lines[0].rpartition(" · ")[0]


def test_from_the_name_of_an_item_the_last_scan_is_shown_one_step_leads_back_and_the_name_stays(
    stock: str, commands: Commands
) -> None:
    give(commands, "SN-000001", "SN-000002", "SN-000003")
    with Worker(stock) as worker:
        worker.types("LAP-14")
        worker.takes_a_breath(0.6)
        worker.presses("\r")  # by hand: a scan would give way to the next
        worker.sees("LAP-14 ·")
        before = title(worker)
        for end in ENDS:
            worker.types(f"SN-000001{end}SN-000002{end}SHELF{end}SN-000003{end}")
            worker.sees("SN-000003", "IN STOCK", "The last of 4 scans; the others came too fast to be shown.")
            worker.takes_a_breath()
            worker.presses(F3)
            worker.sees("Identification")
            assert title(worker) == before
            time.sleep(SEEN_AFTER)  # or these scans count as unseen with the next ones
    all_is_well(stock)


def test_many_scans_on_the_list_of_items_leave_the_last_one_and_one_step_leads_back(
    stock: str, commands: Commands
) -> None:
    codes = [f"SN-1{place:05}" for place in range(12)]
    give(commands, *codes)
    with Worker(stock) as worker:
        for end, number in zip(ENDS, (12, 2, 3, 4), strict=True):
            worker.types("".join(f"{code}{end}" for code in codes[:number]))
            worker.sees(codes[number - 1], "IN STOCK", f"The last of {number} scans")
            worker.takes_a_breath()
            worker.presses(F3)
            worker.sees("LAP-14", "F3 Leave")
            time.sleep(SEEN_AFTER)
    all_is_well(stock)


def test_a_scanner_without_an_end_is_explained_in_find_and_in_add_serial_and_enter_takes_the_scan(
    stock: str, commands: Commands
) -> None:
    give(commands, "SN-000001")
    with Worker(stock, columns=40, rows=16) as worker:
        worker.types("SN-000001")
        worker.sees("SN-000001 has no end yet: press Enter to open it. Set the scanner to send CR after each scan.")
        worker.presses("\r")
        worker.sees("IN STOCK")
        worker.presses(F3)
        worker.sees("Find")
        worker.opens_item("LAP-14")
        worker.presses(NEXT_TAB + F6)
        worker.sees("Add Serial")
        worker.types("SN-000002")
        worker.sees("SN-000002 has no end yet: press Enter to take it.")
        assert in_order_of_entry(stock) == ["SN-000001"]
        worker.presses("\r")
        worker.sees("+ SN-000002 added")
        worker.sees_no("no end yet")
    assert in_order_of_entry(stock) == ["SN-000001", "SN-000002"]


def test_a_scan_while_the_program_starts_opens_its_serial(stock: str, commands: Commands) -> None:
    give(commands, "SN-000001")
    for is_set_up in (False, True):
        with Terminal(forked_program("--database", stock)) as terminal:
            if is_set_up:  # keys are read from here on, and the first screen is not there yet
                terminal.wait_until(lambda terminal=terminal: terminal.bytes_received > 0)  # type: ignore[misc]
            terminal.send("SN-000001\r")
            terminal.wait_for("IN STOCK")

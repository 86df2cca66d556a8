"""Two people at two terminals on one database: each sees what the other did, and nobody loses anything."""

from __future__ import annotations

import re

from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES, ON_POSTGRESQL
from tests.support.journey import (
    CLEAR,
    END,
    ENTER,
    F3,
    F5,
    F6,
    F7,
    F10,
    TAB,
    Worker,
    all_is_well,
    answer,
    give,
    in_order_of_entry,
    listed,
    on_hand,
)


def test_what_one_terminal_adds_the_other_sees_after_f5(stock: str) -> None:
    with Worker(stock) as here, Worker(stock) as there:
        here.opens_serials("LAP-14")
        there.opens_serials("LAP-14")
        here.sees("No serials yet.")
        there.presses(F6)
        there.sees("Add Serial")
        there.types(f"SN-1{ENTER}SN-2{ENTER}{F3}")
        there.sees("row 2 of 2")
        here.presses(F5)
        here.sees("10 on hand · 2 serials on hand · 8 without serial", "SN-1", "SN-2", "of 2")

        here.presses(F6)
        here.sees("Add Serial · LAP-14")
        here.types(f"sn-2{ENTER}")
        here.sees("SN-2 of LAP-14 is already here: In Stock at SHELF")
        here.leaves()
        there.leaves()
    assert in_order_of_entry(stock) == ["SN-1", "SN-2"]
    all_is_well(stock)


@BOTH_ENGINES
def test_two_scanners_with_overlapping_boxes_add_each_serial_once(stock: str) -> None:
    first = [f"BOX-{number:04}" for number in range(1, 26)]
    second = [f"BOX-{number:04}" for number in range(16, 41)]
    with Worker(stock) as here, Worker(stock) as there:
        for worker in (here, there):
            worker.opens_serials("LAP-14")
            worker.presses(F6)
            worker.sees("Add Serial · LAP-14")
        here.types("".join(serial + ENTER for serial in first))
        there.types("".join(serial + ENTER for serial in second))
        for worker in (here, there):
            worker.terminal.wait_until(lambda: len(in_order_of_entry(stock)) == 40)
            worker.terminal.wait_until(lambda worker=worker: _answered(worker.terminal.text) == 25)  # type: ignore[misc]
    assert listed(stock) == sorted({*first, *second})
    all_is_well(stock)


def _answered(screen: str) -> int:
    """How many scans the dialog says were added or not."""
    said = re.search(r"(\d+) added(?:, (\d+) not)?\s*│", screen)
    return sum(int(count or 0) for count in said.groups()) if said else 0


@ON_POSTGRESQL
def test_of_two_who_edit_the_same_item_the_second_is_told_and_loses_nothing(stock: str) -> None:
    with Worker(stock) as here, Worker(stock) as there:
        here.opens_item("LAP-14")
        there.opens_item("LAP-14")
        there.types(f"{TAB}{END} black")
        there.sees("* unsaved")
        here.types(f"{TAB}{CLEAR}Notebook 14 inch{F10}")
        here.sees("✓ Saved.", "Notebook 14 inch")
        there.presses(F10)
        there.sees("LAP-14 was changed meanwhile", "Notebook 14 inch", "Laptop 14 inch black", "Save mine")
        there.presses(ENTER)  # the harmless answer
        there.sees("Nothing was saved; what you typed is still here.", "Laptop 14 inch black")
        there.presses(F10)
        there.sees("was changed meanwhile")
        there.presses(F10)
        there.sees("✓ Saved.", "LAP-14 · Laptop 14 inch black")
        assert answer(stock, "item", "show", "LAP-14")["name"] == "Laptop 14 inch black"
        here.presses(F5)
        here.sees("saved this item at", "Laptop 14 inch black")


def test_of_two_who_move_the_same_serial_the_second_is_told_where_it_is(stock: str, commands: Commands) -> None:
    give(commands, "SN-1")
    with Worker(stock) as here, Worker(stock) as there:
        for worker in (here, there):
            worker.opens_serials("LAP-14")
            worker.presses(ENTER)
            worker.sees("IN STOCK")
            worker.presses(F7)
            worker.sees("Transfer · SN-1")
        here.types(f"DOCK{F10}")
        here.sees("T-000001: 1 serial and 1 unit")
        there.types(f"MAIN{F10}")
        there.sees("SN-1", "DOCK", "Transfer · SN-1")
        assert answer(stock, "serial", "show", "SN-1")["location"] == "DOCK"
        there.presses(F10)
        there.sees("T-000002: 1 serial and 1 unit of the quantity moved to MAIN.")
    assert on_hand(stock, "LAP-14") == {"SHELF": 9, "MAIN": 1}
    all_is_well(stock)

"""What a warehouse worker does with serials that are there: looks, notes, moves, finds; at a real terminal."""

from __future__ import annotations

from models.people import account_name
from tests.support.commands import Commands
from tests.support.journey import (
    BY_LOCATION,
    CLEAR,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    F3,
    F4,
    F6,
    F7,
    F9,
    F10,
    HOME,
    NEXT_TAB,
    PLACES,
    REVERSE,
    SPACE,
    TAB,
    Worker,
    all_is_well,
    answer,
    give,
    on_hand,
    rows,
)


def test_enter_opens_the_whole_record_and_notes_warranty_and_remarks_are_kept(stock: str, commands: Commands) -> None:
    commands.good("serial", "add", "--item", "LAP-14", "SN-1", "--notes", "box open")
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.is_on("SN-1")
        worker.presses(ENTER)
        worker.sees("+ IN STOCK", "LAP-14 · Laptop 14 inch", "SHELF", "Laptops, shelf 3", "no warranty", "box open")
        worker.sees("History", "Documents", "added  In Stock at SHELF", account_name())

        worker.presses(TAB)
        worker.types_by_hand(f"{END}, lid scratched")
        worker.sees("Condition •", "box open, lid scratched")
        worker.presses(F10)
        worker.sees("The condition notes are saved.", "“box open, lid scratched”")
        worker.sees_no("Condition •")

        worker.presses(F9)
        worker.sees("Set warranty · SN-1", "Void because")
        worker.types_by_hand(f"..2026-13-01{F10}")
        worker.sees("The last day 2026-13-01 has no such month.")
        worker.types_by_hand(f"{CLEAR}2020-01-01..2099-12-31{ENTER}{ENTER}two years more{ENTER}")
        worker.sees("SN-1 warranty set.", "under warranty", "2020-01-01 → 2099-12-31", "two years more")

        worker.presses(F6)
        worker.sees("Note · SN-1")
        worker.types_by_hand(f"keyboard tested{ENTER}")
        worker.sees("The note is in the history.", "keyboard tested")
        worker.presses(F3)
        worker.sees("10 on hand · 1 serial", "under warranty")
        worker.leaves()
    shown = answer(stock, "serial", "show", "SN-1")
    assert shown["condition_notes"] == "box open, lid scratched"
    assert shown["warranty"]["status"] == "active"
    assert (shown["warranty"]["start"], shown["warranty"]["end"]) == ("2020-01-01", "2099-12-31")
    assert len(shown["events"]) == 4
    assert {event["user"] for event in shown["events"]} == {account_name()}
    all_is_well(stock)


def test_notes_that_are_not_saved_are_asked_about_and_a_transfer_stands_in_the_history_with_its_unit(
    stock: str, commands: Commands
) -> None:
    give(commands, "SN-1")
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(ENTER)
        worker.sees("IN STOCK")
        worker.presses(TAB)
        worker.types_by_hand(f"dented{F3}")
        worker.sees("The condition notes are changed and not saved.", "Stay", "Discard")
        worker.presses(ENTER)  # the harmless answer has the focus
        worker.sees_no("Stay")
        worker.sees("dented")
        worker.presses(F3)
        worker.sees("Stay")
        worker.presses(F10)
        worker.sees("Add Serial", "row 1 of 1")
        assert answer(stock, "serial", "show", "SN-1")["condition_notes"] == "dented"
        worker.presses(ENTER)
        worker.sees("IN STOCK")
        worker.presses(F7)
        worker.sees("Transfer · SN-1", "now at SHELF", "Destination")
        worker.types_by_hand(f"shelf{F10}")
        worker.sees("SHELF is where it is already.")
        worker.presses(CLEAR + F4)
        worker.sees("Locations", "DOCK", "MAIN")
        worker.types_by_hand(f"load{ENTER}")  # a part of the name
        worker.sees_no("Locations")
        worker.types_by_hand(f"{ENTER}van{ENTER}")
        worker.sees("T-000001: 1 serial and 1 unit of the quantity moved to DOCK.", "SHELF → DOCK", "“van”")
        worker.presses(F3)
        worker.sees("10 on hand · 1 serial", "row 1 of 1", "DOCK")
        worker.presses(PLACES)
        worker.sees("LAP-14 by location", "DOCK", "SHELF", "Together")
    shown = answer(stock, "serial", "show", "SN-1")
    assert [event["kind"] for event in shown["events"]] == ["added", "condition_noted", "transferred"]
    assert [paper["number"] for paper in shown["documents"]] == ["T-000001"]
    assert on_hand(stock, "LAP-14") == {"SHELF": 9, "DOCK": 1}
    all_is_well(stock)


def test_marked_rows_move_together_with_one_document(stock: str, commands: Commands) -> None:
    give(commands, *(f"SN-{number}" for number in range(1, 6)))
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.sees("row 1 of 5")
        worker.presses(HOME + SPACE * 2 + DOWN + SPACE)
        worker.sees("3 marked")
        worker.presses(F7)
        worker.sees(
            "Transfer · 3 serials", "SN-1 and 2 more, now at SHELF", "3 units of the quantity on hand move along."
        )
        worker.types_by_hand(f"DOCK{ENTER}window{F10}")
        worker.sees("T-000001: 3 serials and 3 units of the quantity moved to DOCK.")
        worker.sees_no("marked")
    moved = {row["serial_number"]: row["location"] for row in rows(stock, "serial", "list", "--item", "LAP-14")}
    assert moved == {"SN-1": "DOCK", "SN-2": "DOCK", "SN-3": "SHELF", "SN-4": "DOCK", "SN-5": "SHELF"}
    papers = {serial: answer(stock, "serial", "show", serial)["documents"] for serial in moved}
    assert [paper["number"] for paper in papers["SN-1"]] == ["T-000001"]
    assert papers["SN-1"] == papers["SN-2"] == papers["SN-4"]
    assert papers["SN-3"] == papers["SN-5"] == []
    assert on_hand(stock, "LAP-14") == {"SHELF": 7, "DOCK": 3}
    all_is_well(stock)


def test_keys_wait_for_the_rows_of_the_grid_and_sort_filter_and_search_it(stock: str, commands: Commands) -> None:
    give(commands, "SN-9", "SN-10", "XY-1")
    commands.good("serial", "transfer", "--item", "LAP-14", "SN-9", "--to", "DOCK")
    with Worker(stock) as worker:
        worker.types(f"LAP-14{ENTER}{NEXT_TAB}{DOWN}{ENTER}")  # ahead of the grid
        worker.sees("SN-10", "+ IN STOCK", "History")
        worker.presses(F3)
        worker.sees("row 2 of 3")
        worker.presses(HOME)
        worker.is_on("SN-9")  # natural order
        worker.presses(REVERSE + HOME)
        worker.is_on("XY-1")
        worker.presses(BY_LOCATION)
        worker.sees("Show which location")
        worker.types_by_hand(f"DOCK{ENTER}")
        worker.sees("row 1 of 1", "Location: DOCK")
        worker.presses(F4)
        worker.sees("Show which status")
        worker.types_by_hand(f"sold{ENTER}")
        worker.sees("There is none like that.")  # only what there is can be chosen
        worker.presses(F3)
        worker.sees_no("Show which status")
        worker.presses(ESCAPE)
        worker.sees("row 3 of 3")  # the cursor stays on its serial
        worker.types("sn-1")
        worker.sees("row 1 of 1", "SN-10")
        worker.presses(ENTER)
        worker.sees("IN STOCK", "History")
        worker.leaves()

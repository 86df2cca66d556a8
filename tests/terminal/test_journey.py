"""What a warehouse worker does from the first start on: the installed app at a real terminal."""

from __future__ import annotations

from models.people import account_name
from tests.support.commands import Commands
from tests.support.engines import ON_POSTGRESQL
from tests.support.journey import (
    CLEAR,
    ENTER,
    ESCAPE,
    F3,
    F4,
    F5,
    F6,
    F7,
    F9,
    F10,
    NEXT_TAB,
    SPACE,
    TAB,
    Worker,
    all_is_well,
    answer,
    give,
    in_order_of_entry,
    listed,
    on_hand,
    refused,
    rows,
)

# ----- the first day


@ON_POSTGRESQL
def test_the_first_start_on_an_empty_server_makes_the_tables_and_an_administrator(database_url: str) -> None:
    with Worker(database_url, is_installed=True) as worker:
        worker.sees("There are no items yet. F6 makes one.", account_name())
        worker.leaves()
    assert rows(database_url, "user", "list") == [{"name": account_name(), "roles": ["administrator"]}]
    all_is_well(database_url)


def test_on_a_new_database_the_first_person_makes_a_location_and_an_item_and_tracks_its_serials(
    database_url: str,
) -> None:
    with Worker(database_url, is_installed=True) as worker:
        worker.sees("There are no items yet. F6 makes one.", account_name())
        worker.presses(F6)
        worker.sees("New item", "MAIN")
        worker.types_by_hand(f"LAP-14{ENTER}Laptop 14 inch{ENTER}4006381333931{ENTER}{ENTER}")
        worker.presses(F4)
        worker.sees("Locations", "F6")
        worker.presses(F6)
        worker.sees("New location")
        worker.types_by_hand(f"SHELF-3{ENTER}Laptops, shelf 3{ENTER}MAIN{ENTER}")
        worker.sees_no("New location")
        worker.sees("SHELF-3")
        worker.types_by_hand(f"{ENTER}{CLEAR}10{F10}")
        worker.sees("LAP-14 · Laptop 14 inch", "Item Settings", "10 on hand", "SHELF-3", "4006381333931")
        worker.presses(F3)
        worker.sees("1 item")
        worker.types("lapt")
        worker.is_on("LAP-14")
        worker.presses(ENTER)
        worker.sees("Item Settings", "Saved")
        assert worker.tabs == ["Item"]

        worker.presses(TAB * 3 + SPACE)
        worker.sees("* unsaved", "Unsaved: Track Serials", "[x] on")
        assert answer(database_url, "item", "show", "LAP-14")["track_serials"] is False, "nothing happens before Save"
        worker.presses(F10)
        worker.sees("Saved. The Serials tab is there now", "Item Settings", "[x] on")
        assert worker.tabs == ["Item", "Serials", "Documents"]
        worker.presses(SPACE)
        worker.sees("[ ] off")  # the focus is where it was
        worker.presses(SPACE)
        worker.sees("[x] on")
        worker.sees_no("* unsaved")
        worker.presses(NEXT_TAB)
        worker.sees(
            "10 on hand · 0 serials on hand · 10 without serial", "No serials yet. F6 adds one, F9 imports a file"
        )
        worker.leaves()
    shown = answer(database_url, "item", "show", "LAP-14")
    assert shown["track_serials"] is True
    assert (shown["on_hand"], shown["serials"], shown["without"], shown["location"]) == (10, 0, 10, "SHELF-3")
    assert rows(database_url, "user", "list") == [{"name": account_name(), "roles": ["administrator"]}]
    all_is_well(database_url)


def test_a_barcode_scanned_into_find_opens_the_item_at_once(stock: str, commands: Commands) -> None:
    for number in (1, *range(10, 13)):
        commands.good("item", "add", f"BOX-{number:02}", f"Box number {number}")
    commands.good("item", "add", "BOX-02", "Box number 2")
    commands.good("item", "set", "LAP-14", "--barcode", "4006381333931")
    with Worker(stock) as worker:
        worker.sees("6 items")
        worker.types(f"4006381333931{ENTER}")
        worker.sees("LAP-14 · Laptop 14 inch", "Item Settings")
        worker.presses(F3)
        worker.types(f"{CLEAR}box number 1")
        worker.sees("4 items")
        worker.types(f"{CLEAR}no such thing")
        worker.sees("No item has no such thing. Esc shows all items")


# ----- adding


def test_thirty_scans_in_one_write_are_all_there_in_order_and_none_twice(stock: str) -> None:
    scans = [f"SN-{number:04}" for number in range(30, 0, -1)]
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F6)
        worker.sees("Add Serial · LAP-14", "SHELF")
        worker.types("".join(scan + ENTER for scan in scans))
        worker.sees("30 added", "+ SN-0001 added, In Stock at SHELF")
        worker.presses(F3)
        worker.sees("10 on hand · 30 serials on hand · 20 over", "row 1 of 30")
        worker.is_on("SN-0001")
        worker.leaves()
    assert in_order_of_entry(stock) == scans
    assert listed(stock) == sorted(scans)
    assert {row["status"] for row in rows(stock, "serial", "list", "--item", "LAP-14")} == {"in_stock"}
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
    all_is_well(stock)


def test_a_paste_is_serials_a_scan_with_tab_stays_in_the_field_and_a_typed_tab_moves_on(stock: str) -> None:
    lines = [f"PA-{number:04}" for number in range(30, 0, -1)]
    scans = [f"TB-{number:04}" for number in range(10, 0, -1)]
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F6)
        worker.sees("Add Serial")
        worker.pastes(lines)
        worker.sees("30 added")
        worker.types("".join(scan + TAB for scan in scans))
        worker.sees("40 added")
        worker.types_by_hand("by-hand")
        worker.takes_a_breath(0.6)
        worker.types_by_hand(f"{TAB}{CLEAR}DOCK{TAB}scratched{ENTER}")
        worker.sees("41 added", "by-hand added, In Stock at DOCK")
    assert in_order_of_entry(stock) == [*lines, *scans, "by-hand"]
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
    all_is_well(stock)
    shown = answer(stock, "serial", "show", "by-hand")
    assert (shown["location"], shown["condition_notes"]) == ("DOCK", "scratched")


def test_a_duplicate_is_told_where_it_is_since_when_and_can_be_opened(stock: str, commands: Commands) -> None:
    give(commands, "SN-1")
    since = answer(stock, "serial", "show", "SN-1")["date_received"]
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F6)
        worker.sees("Add Serial")
        worker.types(f"sn-1{ENTER}")
        worker.sees(f"SN-1 of LAP-14 is already here: In Stock at SHELF since {since}.", "F4 opens it.", "sn-1")
        worker.presses(F4)
        worker.sees("+ IN STOCK", "LAP-14 · Laptop 14 inch", "History", "added")
        worker.presses(F3)
        worker.sees("Add Serial · LAP-14", "sn-1")  # what was typed is still there
        worker.types(f"SN-2{ENTER}")  # it is selected: the next one replaces it
        worker.sees("+ SN-2 added", "1 added")
    assert listed(stock) == ["SN-1", "SN-2"]


def test_leaving_with_a_serial_that_is_not_saved_warns_once_and_the_warning_goes_with_its_cause(stock: str) -> None:
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F6)
        worker.sees("Add Serial")
        worker.types("SN-1")
        worker.takes_a_breath()
        worker.presses(F3)
        worker.sees("SN-1 is not saved. Enter saves it; F3 again drops it and leaves.")
        worker.presses(ESCAPE)
        worker.sees_no("is not saved")
        worker.takes_a_breath()
        worker.types("SN-2")
        worker.takes_a_breath()
        worker.presses(F3)
        worker.sees("SN-2 is not saved.")
        worker.takes_a_breath()
        worker.presses(ENTER)
        worker.sees("+ SN-2 added")
        worker.sees_no("is not saved")
        worker.leaves()
    assert listed(stock) == ["SN-2"]


def test_a_burst_may_come_before_the_dialog_and_of_one_with_duplicates_the_good_ones_are_added(stock: str) -> None:
    first = [f"SN-{number:04}" for number in range(30, 0, -1)]
    second = [f"SN-{number:04}" for number in (31, 5, 32, 7, 33)]
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.types(F6 + "".join(scan + ENTER for scan in first) + F3)
        worker.sees("10 on hand · 30 serials on hand · 20 over")
        assert in_order_of_entry(stock) == first
        worker.presses(F6)
        worker.sees("Add Serial")
        worker.types("".join(scan + ENTER for scan in second))
        worker.sees("3 added, 2 not", "✗ SN-0005", "✗ SN-0007")
        worker.presses(F3)
        worker.sees("2 serials were not added. F6 shows why.", "10 on hand · 33 serials on hand · 23 over")
    assert in_order_of_entry(stock) == [*first, "SN-0031", "SN-0032", "SN-0033"]


def test_f4_lists_the_locations_from_every_field_of_a_form(stock: str) -> None:
    with Worker(stock) as worker:
        worker.presses(F6)
        worker.sees("New item")
        worker.types(f"SAW-1{ENTER}Saw")
        worker.presses(F4)
        worker.sees("Locations", "Loading dock")
        worker.types(f"DOCK{ENTER}")
        worker.sees_no("Locations")
        worker.presses(F10)
        worker.sees("SAW-1 · Saw", "Primary location    DOCK")
        worker.presses(F4)
        worker.sees("Locations")
        worker.types(f"SHELF{ENTER}")
        worker.sees("Unsaved: Primary location")
        worker.presses(F10)
        worker.sees("✓ Saved.")
    assert answer(stock, "item", "show", "SAW-1")["location"] == "SHELF"


# ----- disabling


def test_disabling_warns_with_the_number_hides_the_tab_and_enabling_brings_everything_back(
    stock: str, commands: Commands
) -> None:
    give(commands, "SN-1", "SN-2", "SN-3")
    with Worker(stock) as worker:
        worker.opens_item("LAP-14")
        worker.sees("[x] on · 3 records")
        worker.presses(TAB * 4 + SPACE)  # the first leads into the fields, where nobody is behind a scan
        worker.sees("[ ] off · 3 records kept")
        worker.presses(F10)
        worker.sees("3 serial records are kept and the Serials tab is hidden.")
        worker.presses(ENTER)  # the harmless answer
        worker.sees("Nothing was saved.")
        assert worker.tabs == ["Item", "Serials", "Documents"]
        worker.presses(F10)
        worker.sees("3 serial records are kept")
        worker.presses(F10)
        worker.sees("Saved. Serials are not tracked any more; their records are kept.")
        assert worker.tabs == ["Item"]
        assert listed(stock) == ["SN-1", "SN-2", "SN-3"]
        assert answer(stock, "serial", "show", "SN-2")["location"] == "SHELF"
        assert "does not track serials" in refused(stock, "serial", "add", "--item", "LAP-14", "SN-4")

        worker.presses(SPACE + F10)
        worker.sees("Saved. The Serials tab is there now")
        assert worker.tabs == ["Item", "Serials", "Documents"]
        worker.presses(NEXT_TAB)
        worker.sees("10 on hand · 3 serials on hand · 7 without serial", "SN-1", "SN-2", "SN-3")
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
    assert [len(answer(stock, "serial", "show", serial)["events"]) for serial in ("SN-1", "SN-2")] == [1, 1]
    all_is_well(stock)


# ----- permissions


def test_who_loses_the_permission_while_the_app_is_open_is_refused_and_sees_the_buttons_go(
    stock: str, commands: Commands
) -> None:
    give(commands, "SN-1")
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.sees("Add Serial F6", "row 1 of 1")
        answer(stock, "role", "revoke", "administrator", "INV_MANAGE_SERIALS")
        worker.presses(F6)  # the screen does not know yet; the operation asks
        worker.sees("Add Serial · LAP-14")
        worker.types(f"SN-2{ENTER}")
        worker.sees("INV_MANAGE_SERIALS", "administrator", "SN-2")
        worker.presses(F3)
        worker.sees("row 1 of 1")
        worker.presses(F5)
        worker.sees_no("Add Serial", "F6 Add")
        worker.sees("Transfer F7")
        worker.presses(NEXT_TAB * 2)
        worker.sees("Stock by location")
        worker.sees_no("Track Serials", "Item Settings")
        assert worker.tabs == ["Item", "Serials", "Documents"]
        assert "INV_MANAGE_SERIALS" in refused(stock, "serial", "add", "--item", "LAP-14", "SN-2")
        assert "INV_MANAGE_SERIALS" in refused(stock, "item", "set", "LAP-14", "--no-track-serials")
        answer(stock, "role", "grant", "administrator", "INV_MANAGE_SERIALS")
        worker.presses(F5)
        worker.sees("Track Serials", "Item Settings")
    assert listed(stock) == ["SN-1"]
    all_is_well(stock)


def test_a_viewer_looks_at_everything_and_can_change_nothing(stock: str, commands: Commands) -> None:
    give(commands, "SN-1")
    commands.good("user", "add", "vera", "--role", "viewer")
    with Worker(stock, "--user", "vera") as worker:
        worker.sees("vera", "1 item")
        worker.sees_no("New item")
        worker.presses(F6)
        worker.opens_serials("LAP-14")
        worker.sees("row 1 of 1", "SN-1")
        worker.sees_no("Add Serial", "Transfer", "F6")
        worker.presses(F6 + F7)
        worker.presses(ENTER)
        worker.sees("IN STOCK", "History", "F3 Back")
        worker.sees_no("F6 Note", "F7 Transfer", "F9 Warranty", "F10 Save")
        worker.presses(F6 + F7 + F9 + F10 + F3)
        worker.sees("row 1 of 1")
        worker.presses(NEXT_TAB * 2)
        worker.sees("Read only")
        worker.sees_no("Item Settings")
        worker.types(f"x{F10}")
        worker.leaves()
    for words in (
        ("serial", "add", "--item", "LAP-14", "SN-2"),
        ("serial", "transfer", "--item", "LAP-14", "SN-1", "--to", "DOCK"),
        ("item", "set", "LAP-14", "--name", "Other"),
        ("role", "grant", "viewer", "INV_MANAGE_SERIALS"),
    ):
        assert "ask your administrator" in refused(stock, *words, "--user", "vera").lower()
    assert answer(stock, "item", "show", "LAP-14")["name"] == "Laptop 14 inch"
    all_is_well(stock)


def test_the_last_administrator_cannot_be_removed(stock: str) -> None:
    me = account_name()
    for words in (
        ("user", "set", me, "--role", "viewer"),
        ("user", "remove", me),
        ("role", "revoke", "administrator", "SYS_MANAGE_USERS"),
    ):
        assert refused(stock, *words)
    assert rows(stock, "user", "list") == [{"name": me, "roles": ["administrator"]}]

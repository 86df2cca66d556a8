"""What somebody sees and does on the Serials tab."""

from __future__ import annotations

from typing import Any

from models.permissions import Permission
from models.schema import bound
from models.serials.record import find_serial, serial_detail
from tests.support.app import keys, open_item, opened, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import cursor_line, until
from tests.support.serials import F7, listed, loaded, pane, serials_tab, table, under_cursor
from tests.support.warehouse import Warehouse, open_warehouse, person, put
from tui.find.screen import FindScreen
from tui.serials.add import AddSerialDialog
from tui.serials.detail import SerialScreen


def _five_serials() -> None:
    """SAW-1 with five serials: three in stock, one sold, one defective; and one at SHELF."""
    warehouse = open_warehouse()
    ids = warehouse.add("SN-1", "SN-2", "SN-9", "SN-10", "XY-341")
    put(warehouse, "sold", ids[1], customer="Bergmann AG")
    put(warehouse, "defective", ids[2])
    warehouse.add("SH-5", location="SHELF")


CONTENTS = {"warehouse": _five_serials}


async def test_the_head_counts_the_grid_lists_every_serial_and_buttons_and_counts_do_what_their_keys_do(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await seen(pilot, "10 on hand · 5 serials on hand · 5 without serial")
        labels = [column.label.replace("\n", " ").rstrip("▲") for column in table(pilot).record_columns]
        assert labels == ["Serial Number", "Status", "Location", "Customer", "Warranty Status", "Date Received"]
        text = screen_text(pilot)
        for word in ("Serial Number▲", "Status", "Location", "Customer", "Warranty Status", "Received"):
            assert word in text
        assert listed(pilot) == ["SH-5", "SN-1", "SN-2", "SN-9", "SN-10", "XY-341"]
        rows = {line.split()[0]: line for line in screen_text(pilot).splitlines() if "no warranty" in line}
        assert "$ Sold" in rows["SN-2"]
        assert "Bergmann AG" in rows["SN-2"]
        assert "! Defective" in rows["SN-9"]
        assert "+ In Stock" in rows["SN-1"]
        await seen(pilot, "row 1 of 6")

        await seen(pilot, "Add Serial F6", "Transfer F7")
        await pilot.click("#add-serial")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        await keys(pilot, "f3")
        await pilot.click("#transfer-serials")
        await seen(pilot, "Destination")
        await keys(pilot, "f3")

        await keys(pilot, "ctrl+n")
        await seen(pilot, "SAW-1 by location", "Together")
        rows = [line.split("│")[1].split() for line in screen_text(pilot).splitlines() if line.count("│") == 2]
        assert [row[-3:] for row in rows if row[:1] == ["MAIN"]] == [["10", "4", "6"]]
        assert [row[-4:] for row in rows if row[:1] == ["SHELF"]] == [["0", "1", "1", "over"]]
        await keys(pilot, "enter")
        await pilot.click(".serials-counts")
        await seen(pilot, "Together")
        await keys(pilot, "f3")

        # More serials than units are over; the counts in the list of locations stand in a column.
        warehouse.add(*(f"M{number}" for number in range(7)))
        table(pilot).focus()
        await keys(pilot, "f5")
        await seen(pilot, "10 on hand · 12 serials on hand · 2 over")
        await keys(pilot, "ctrl+l")
        await seen(pilot, "all    13 records", "MAIN   12 records", "SHELF   1 record ")


async def test_what_forty_columns_leave_out_is_said_and_at_every_size_a_row_with_its_mark_is_seen(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse, size=(40, 16)) as pilot:
        await seen(pilot, " no warranty · 20", "row 1 of 6")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "Customer" in screen_text(pilot))
        assert " no warranty · 20" not in screen_text(pilot)
        await pilot.resize_terminal(40, 16)
        await seen(pilot, " no warranty · 20", "row 1 of 6")
        await keys(pilot, "down", "down")
        assert under_cursor(pilot) == "SN-2"
        assert cursor_line(pilot.app).split() == ["▸SN-2", "$", "Sold", "(MAIN)"]
        await seen(pilot, "Bergmann AG · no warranty · 20", "row 3 of 6")
        await keys(pilot, "home")
        for size in ((20, 8), (30, 10), (40, 16), (60, 20), (80, 24), (120, 40), (200, 60)):
            await resized(pilot, *size)
            assert cursor_line(pilot.app).split()[:2] == ["▸SH-5", "+"]
            assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines())


async def test_what_is_looked_for_is_found_escape_takes_marks_away_before_it_and_what_happens_elsewhere_is_seen(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await terminal_sends(pilot, "sn\r")
        await loaded(pilot)
        assert listed(pilot) == ["SN-1", "SN-2", "SN-9", "SN-10"]
        assert pilot.app.focused is table(pilot)
        await keys(pilot, "f2", "ctrl+u", *"*341")
        await loaded(pilot)
        assert listed(pilot) == ["XY-341"]
        await keys(pilot, "ctrl+u", *"[/foo]")
        await seen(pilot, "No serial has [/foo] in it. Esc shows all.")
        await keys(pilot, "escape")
        await loaded(pilot)
        assert len(listed(pilot)) == 6
        table(pilot).focus()
        await keys(pilot, "x", "y")
        await loaded(pilot)
        assert listed(pilot) == ["XY-341"]
        await keys(pilot, "enter")
        await seen(pilot, "IN STOCK")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3", "escape")
        await loaded(pilot)

        await terminal_sends(pilot, "sn\r")
        await loaded(pilot)
        await keys(pilot, "space", "space")
        await seen(pilot, "2 marked")
        await keys(pilot, "escape")
        await until(pilot, lambda: "marked" not in screen_text(pilot))
        assert len(listed(pilot)) == 4
        await keys(pilot, "escape")
        await loaded(pilot)
        assert len(listed(pilot)) == 6
        await keys(pilot, "home")
        assert "marked" not in screen_text(pilot)
        # Without marks, the serial under the cursor is transferred.
        await terminal_sends(pilot, f"{F7}DOCK\r\r")
        await seen(pilot, "T-000001: 1 serial and 0 units of the quantity moved to DOCK.", "showed no quantity")
        assert warehouse.where("SH-5") == ("in_stock", "DOCK")

        await terminal_sends(pilot, "SN-10\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        put(warehouse, "defective", find_serial("SN-10", "SAW-1"))
        await keys(pilot, "f3")
        await loaded(pilot)
        assert any("SN-10" in line and "! Defective" in line for line in screen_text(pilot).splitlines())

        table(pilot).focus()
        await keys(pilot, "ctrl+t")
        warehouse.add("AAA-1")
        await keys(pilot, "ctrl+pageup")
        await seen(pilot, "AAA-1")
        assert pane(pilot).context.focused is table(pilot)
        assert serial_detail(find_serial("AAA-1", "SAW-1")).location == "MAIN"


async def test_the_grid_shows_one_status_or_one_location_and_a_filter_hides_nothing_from_a_scan(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f4")
        await seen(pilot, "Show which status", "$ Sold", "1 record")
        await keys(pilot, *"Sold", "enter")
        await loaded(pilot)
        assert listed(pilot) == ["SN-2"]
        await seen(pilot, "Status: $ Sold")
        await keys(pilot, "escape", "ctrl+l", *"SHELF", "enter")
        await loaded(pilot)
        assert listed(pilot) == ["SH-5"]
        await seen(pilot, "Location: SHELF")
        await keys(pilot, "f2", "tab", "enter")
        await seen(pilot, "Show which status")
        await keys(pilot, "f3")
        await pilot.click("#by-location")
        await seen(pilot, "Show which location", "SHELF")
        await keys(pilot, "f3", "escape")
        await loaded(pilot)

        await keys(pilot, "f4", *"Defective", "enter")
        await loaded(pilot)
        await terminal_sends(pilot, "SN-1\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        assert pilot.app.screen.detail.serial_number == "SN-1"  # type: ignore[attr-defined]
        await keys(pilot, "f3", "escape")
        await loaded(pilot)

        await keys(pilot, "f4", *"Sold", "enter")
        await loaded(pilot)
        await keys(pilot, "f6", *"NEW-1", "enter")
        await seen(pilot, "+ NEW-1 added, In Stock at MAIN")
        await loaded(pilot)
        await keys(pilot, "f3")
        await seen(pilot, "NEW-1 is added; the filter hides it. Esc shows all.")
        assert listed(pilot) == ["SN-2"]


async def test_a_double_click_opens_a_row_and_keys_and_a_click_on_a_heading_order_the_grid(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await pilot.click(table(pilot), offset=(6, 3))
        await keys(pilot)
        assert under_cursor(pilot) == "SN-1"
        await pilot.click(table(pilot), offset=(16, 3))
        await loaded(pilot)
        assert not isinstance(pilot.app.screen, SerialScreen)
        await pilot.double_click(table(pilot), offset=(6, 4))
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
        assert pilot.app.screen.detail.serial_number == "SN-2"  # type: ignore[attr-defined]
        await keys(pilot, "f3")
        await loaded(pilot)

        await keys(pilot, "ctrl+o", "2", "enter")
        await loaded(pilot)
        assert listed(pilot)[-1] == "SN-2"
        await seen(pilot, "Status▲", "Sort: Status ▲")
        await keys(pilot, "ctrl+o", "2", "enter")
        await loaded(pilot)
        assert listed(pilot)[0] == "SN-2"
        await seen(pilot, "Status▼")
        await keys(pilot, "greater_than_sign")
        await seen(pilot, "Sort: Location ▲")
        await keys(pilot, "less_than_sign", "ctrl+r")
        await seen(pilot, "Sort: Status ▼")
        await pilot.click(table(pilot), offset=(44, 1))
        await loaded(pilot)
        await seen(pilot, "Sort: Customer ▲")
        assert listed(pilot)[0] == "SN-2"


@BOTH_ENGINES
async def test_all_marked_rows_are_transferred_with_one_document(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "down", "space", "down", "down", "down", "space", "f7")
        await seen(pilot, "2 serials", "SN-1 and 1 more, now at MAIN.", "2 units of the quantity on hand move along.")
        await keys(pilot, *"SHOP", "f10")
        await seen(pilot, "T-000001: 2 serials and 2 units of the quantity moved to SHOP.")
        await loaded(pilot)
        assert "marked" not in screen_text(pilot)
    assert {warehouse.where(serial)[1] for serial in ("SN-1", "XY-341")} == {"SHOP"}
    assert warehouse.quantities() == {"MAIN": 8, "SHOP": 2}


async def test_an_empty_grid_teaches_how_to_add_a_serial(database: Any) -> None:
    async with serials_tab(database, open_warehouse()) as pilot:
        await seen(pilot, "No serials yet. F6 adds one, F9 imports a file, or just scan.")
        await keys(pilot, "enter", "space", "f7")
        await seen(pilot, "There is no serial to transfer.")
        await keys(pilot, "f2", *"SN-7", "enter")  # typed, it is looked for
        await seen(pilot, "Nothing has SN-7.")
        assert isinstance(pilot.app.screen, FindScreen)
        await keys(pilot, "f3", "escape", "tab", "tab")  # a filter has the focus, not the grid
        await terminal_sends(pilot, "SN-00001\rSN-00002\r")
        await seen(pilot, "+ SN-00002 added, In Stock at MAIN", "2 added")
        await keys(pilot, "f3")
        await loaded(pilot)
        assert listed(pilot) == ["SN-00001", "SN-00002"]
        await terminal_sends(pilot, "SN-00003\r")  # no longer empty: it may be a mistake
        await until(pilot, lambda: "SN-00003" in screen_text(pilot))
        assert not isinstance(pilot.app.screen, AddSerialDialog)


async def test_a_scan_into_an_empty_grid_adds_it_for_people_who_may(database: Any) -> None:
    warehouse = open_warehouse()
    clerk = person(warehouse.boss, "clerk", Permission.VIEW)
    async with serials_tab(database, warehouse, clerk) as pilot:
        await terminal_sends(pilot, "SN-00001\r")
        await until(pilot, lambda: "SN-00001" in screen_text(pilot))
        assert not isinstance(pilot.app.screen, AddSerialDialog)
    async with serials_tab(database, warehouse) as pilot:
        await terminal_sends(pilot, "SN-00001\r")
        await seen(pilot, "+ SN-00001 added, In Stock at MAIN")
        await keys(pilot, "f3")
        await loaded(pilot)
        assert listed(pilot) == ["SN-00001"]
        assert pane(pilot).listing.find.value == ""


async def test_who_may_neither_add_nor_transfer_sees_no_buttons_and_no_keys_for_it(
    database: Any, warehouse: Warehouse
) -> None:
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)
    async with serials_tab(database, warehouse, viewer) as pilot:
        text = screen_text(pilot)
        assert "Add" not in text
        assert "Transfer" not in text
        before = pilot.app.screen
        await keys(pilot, "f6", "f7")
        assert pilot.app.screen is before
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))


async def test_hostile_text_in_the_rows_is_shown_and_does_nothing(database: Any, warehouse: Warehouse) -> None:
    ids = warehouse.add("[/foo]", "[@click=app.quit]Q")
    put(warehouse, "sold", *ids, customer="\x1b[31m[/b]\N{RIGHT-TO-LEFT OVERRIDE}x")
    async with serials_tab(database, warehouse, size=(120, 40)) as pilot:
        await seen(pilot, "[/foo]", "[@click=app.quit]Q", "␛[31m[/b]‹U+202E›x")
        await keys(pilot, "ctrl+l", "f3", *"[/b]")
        await seen(pilot, "No serial has [/b] in it")


async def test_taking_the_permission_away_hides_the_button_at_the_next_look(
    database: Any, warehouse: Warehouse
) -> None:
    from models.people import revoke

    clerk = person(warehouse.boss, "clara", Permission.VIEW, Permission.MANAGE_SERIALS)
    async with serials_tab(database, warehouse, clerk) as pilot:
        await seen(pilot, "Add Serial F6")
        assert "Transfer" not in screen_text(pilot)
        revoke(warehouse.boss, "role of clara", Permission.MANAGE_SERIALS)
        await keys(pilot, "f5")
        await until(pilot, lambda: "Add" not in screen_text(pilot), "the button is still there")


async def test_numbers_of_seven_digits_can_be_read_in_full_beside_what_else_is_there(
    database: Any, warehouse: Warehouse
) -> None:
    one = bound.param
    bound.execute_sql(f"UPDATE stock SET on_hand = 2469134 WHERE item_id = {one}", (warehouse.item.id,))
    bound.execute_sql(f"DELETE FROM serial_counts WHERE item_id = {one}", (warehouse.item.id,))
    bound.execute_sql(f"INSERT INTO serial_counts VALUES ({one}, 1, 1, 1234567)", (warehouse.item.id,))
    async with opened(database, warehouse.boss, (40, 16)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "ctrl+t")
        for size in ((40, 16), (60, 20), (80, 24), (120, 40)):
            await resized(pilot, *size)
            await seen(pilot, "2,469,134 on hand", "1,234,567 serials on hand", "1,234,567 without serial")
            if size[0] >= 60:
                await seen(pilot, "Add Serial F6", "Transfer F7")

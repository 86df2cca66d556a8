"""What somebody sees of documents: those of an item, those of a serial, and one with all its serials."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from models.items.items import create_item, save_item
from models.permissions import Permission
from models.schema import Document
from models.serials.add import add_serials
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_serial
from models.verbs import MOVES
from tests.support.app import at_rest, keys, open_item, opened, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.record_app import lines, until
from tests.support.serials import told
from tests.support.warehouse import Warehouse, open_warehouse, person, put
from tui.documents.document import DocumentScreen
from tui.items.form import ItemScreen
from tui.records.documents import DocumentsList
from tui.serials.detail import SerialScreen


def _moved() -> None:
    """SAW-1 with SN-1, SN-2 and SN-3; T-000001 moved SN-1, T-000002 all three and a drill."""
    warehouse = open_warehouse()
    drill = create_item(warehouse.boss, "DRL-1", "Drill", track_serials=True)
    saws = warehouse.add("SN-1", "SN-2", "SN-3")
    transfer_serials(warehouse.boss, saws[:1], "SHOP", notes="window")
    drills = add_serials(warehouse.boss, drill.id, ["D-77"]).serial_ids
    transfer_serials(warehouse.boss, [*saws, *drills], "SHELF", notes="[/b]tidied")


CONTENTS = {"warehouse": _moved}


async def documents_tab(pilot: Pilot[Any]) -> None:
    await open_item(pilot, "SAW-1")
    await keys(pilot, "ctrl+pageup")
    await seen(pilot, "Number", "document 1 of")


async def test_documents_stand_newest_first_f5_shows_new_ones_and_each_leads_to_its_serials_and_they_to_it(
    database: Any, warehouse: Warehouse
) -> None:
    put(warehouse, "sold", 2, customer="Bergmann AG")
    async with opened(database, warehouse.boss) as pilot:
        await documents_tab(pilot)
        rows = [line.split() for line in lines(pilot.app) if "T-00000" in line]
        assert [(row[0].strip("▸"), row[1], row[-2], row[-1]) for row in rows] == [
            ("T-000002", "transfer", "3", "boss"),
            ("T-000001", "transfer", "1", "boss"),
        ]
        await seen(pilot, "→ SHELF", "“[/b]tidied”", "document 1 of 2")
        await keys(pilot, "down")
        await seen(pilot, "MAIN → SHOP", "“window”", "document 2 of 2")
        await keys(pilot, "up")

        table = pilot.app.screen.query_one(DocumentsList).table
        await pilot.click(table, offset=(5, 1))
        await at_rest(pilot)
        assert isinstance(pilot.app.screen, ItemScreen)
        await pilot.double_click(table, offset=(5, 1))
        await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "it did not open")
        await keys(pilot, "f3")

        await keys(pilot, "enter")
        await seen(pilot, "T-000002 · transfer", "By          boss", "To", "[/b]tidied", "serial 1 of 4")
        await seen(pilot, "SN-1", "SN-2", "SN-3", "D-77", "DRL-1", "$ Sold", "SHELF")
        await keys(pilot, "down", "down", "down", "enter")
        await seen(pilot, "DRL-1 · Drill", "History")
        await keys(pilot, "f3", "up", "up", "up", "enter")
        await seen(pilot, "SAW-1 · Circular saw", "History")
        await keys(pilot, "shift+tab", "right", "tab", "down", "enter")
        await seen(pilot, "T-000001 · transfer", "From", "MAIN", "SHOP", "serial 1 of 1")
        assert isinstance(pilot.app.screen, DocumentScreen)
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3", "f3")
        await seen(pilot, "document 1 of 2")
        assert isinstance(pilot.app.screen, ItemScreen)

        transfer_serials(warehouse.boss, [1], "MAIN")  # made meanwhile
        await keys(pilot, "f5")
        await seen(pilot, "T-000003", "document 2 of 3")

        await keys(pilot, "enter", "enter", "f7", *"DOCK", "enter", "f10")
        await seen(pilot, "T-000004")
        await keys(pilot, "f3")
        await until(pilot, lambda: "DOCK" in screen_text(pilot), "the place is the old one")
        await keys(pilot, "f3")
        await seen(pilot, "T-000004", "MAIN → DOCK")


async def test_an_item_without_tracking_keeps_the_tab_as_long_as_there_are_documents(
    database: Any, warehouse: Warehouse
) -> None:
    form = warehouse.item
    save_item(warehouse.boss, form.id, track_serials=False)
    other = create_item(warehouse.boss, "NAIL-1", "Nails", on_hand=3)
    assert other.id
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await seen(pilot, "Documents")
        assert "Serials  " not in lines(pilot.app)[1]
        await keys(pilot, "ctrl+t")
        await seen(pilot, "document 1 of 2")
        await keys(pilot, "f3", "escape")
        await open_item(pilot, "NAIL-1")
        assert "Documents" not in screen_text(pilot)


async def test_at_every_size_number_and_serials_are_seen_and_the_document_opens_and_a_serial_without_one_says_so(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("SN-9")
    async with opened(database, warehouse.boss, (20, 8)) as pilot:
        await open_item(pilot, "SAW-1")
        await keys(pilot, "ctrl+pageup")
        for size in ((20, 8), (40, 16), (60, 20), (120, 40)):
            await resized(pilot, *size)
            await until(pilot, lambda: "T-000002" in screen_text(pilot), "the documents are not there")
            row = next(line for line in lines(pilot.app) if "T-000002" in line)
            assert "3" in row.split()
            if size[0] >= 40:
                assert "transfer" in row
            await keys(pilot, "enter")
            await until(pilot, lambda: isinstance(pilot.app.screen, DocumentScreen), "it did not open")
            await until(pilot, lambda: "SN-1" in screen_text(pilot), "its serials are not there")
            assert all(len(line) <= size[0] for line in lines(pilot.app))
            await keys(pilot, "f3")

        await terminal_sends(pilot, "SN-9\r")
        await seen(pilot, "History")
        await keys(pilot, "shift+tab", "right")
        await seen(pilot, "No document names this serial yet.")


async def test_a_long_list_of_documents_is_read_by_pages_and_ends_with_the_first(
    database: Any, warehouse: Warehouse
) -> None:
    for number in range(250):
        transfer_serials(warehouse.boss, [1], ("DOCK", "SHOP")[number % 2])
    assert Document.select().count() == 252
    async with opened(database, warehouse.boss) as pilot:
        await documents_tab(pilot)
        await seen(pilot, "T-000252", "document 1 of 252")
        await keys(pilot, "end")
        await seen(pilot, "T-000001", "document 252 of 252", "“window”")


@BOTH_ENGINES
async def test_a_document_is_voided_with_f8_and_what_moved_on_since_is_named_and_stays(
    database: Any, warehouse: Warehouse
) -> None:
    saws = [find_serial(f"SN-{number}", "SAW-1") for number in (1, 2, 3)]
    move(warehouse.boss, MOVES["sell"], saws, Answers(customer="Bergmann AG"))
    move(warehouse.boss, MOVES["return"], saws[2:], Answers(place="DOCK"))
    async with opened(database, warehouse.boss) as pilot:
        await terminal_sends(pilot, "S-000001\r\x1b[19~")  # F8 right behind the scan
        await told(pilot, "2 of 3 can be voided; SN-3 moved on after S-000001: it was returned on B-000001.")
        await seen(pilot, "None  F3", "Void the other 2  F10")
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, DocumentScreen)
        await keys(pilot, "f8", "f10")
        await seen(pilot, "Void · S-000001")
        await keys(pilot, "f10")
        await told(pilot, "Void needs a reason. Type one.")
        await keys(pilot, *"wrong customer", "f10")
        await seen(pilot, "V-000001: 2 serials of S-000001 voided.", "1 serial stayed as it was.")
        await keys(pilot, "f8")
        await seen(pilot, "SN-3 moved on after S-000001", "Void B-000001", "or leave it out.")
    assert [warehouse.where(f"SN-{number}")[0] for number in (1, 2, 3)] == ["in_stock", "in_stock", "returned"]


async def test_one_voids_ones_own_documents_of_the_last_minutes_without_the_permission_and_no_others(
    database: Any, warehouse: Warehouse
) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.TRANSFER_SERIAL)
    transfer_serials(clerk, [find_serial("SN-1", "SAW-1")], "DOCK")
    mine, theirs = "T-000003", "T-000002"
    async with opened(database, clerk) as pilot:
        await terminal_sends(pilot, f"{theirs}\r")
        await seen(pilot, f"{theirs} · transfer")
        assert "F8" not in screen_text(pilot)
        await terminal_sends(pilot, f"{mine}\r")
        await seen(pilot, f"{mine} · transfer", "F8 Void")
        await keys(pilot, "f8", *"wrong saw", "f10")
        await seen(pilot, "V-000001: SN-1 of T-000003 voided.")
    assert warehouse.where("SN-1") == ("in_stock", "SHELF")

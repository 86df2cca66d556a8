"""Import: from the Serials tab and the list of items, in four steps; nothing is written before the last."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import xlsxwriter
from textual.pilot import Pilot

from models.check import check
from models.importing.columns import Field
from models.people import revoke
from models.permissions import Permission
from models.schema import Customer, Document, ImportedFile, ImportMapping, Serial
from models.serials.add import add_serials
from tests.support.app import at_rest, keys, path_seen, resized, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES, ON_POSTGRESQL
from tests.support.importing import (
    chooses,
    comes_to,
    goes_to_preview,
    importing,
    importing_any,
    importing_from_tab,
    imports,
    message,
    screen,
    write_file,
)
from tests.support.record_app import until
from tests.support.serials import F4, listed, loaded, serials_tab, under_cursor
from tests.support.warehouse import Warehouse, fingerprint, person
from tui.importing.screen import ImportStep
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen

F9, F10 = "\x1b[20~", "\x1b[21~"


@BOTH_ENGINES
async def test_a_file_is_mapped_looked_at_and_imported_and_the_grid_shows_the_last_of_it(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SHELF", "dented"), ("A-2", "NOWHERE", ""), ("A-3", "", ""))
    async with importing_from_tab(database, warehouse) as pilot:
        await seen(pilot, "Import · SAW-1", "1 File")
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "2 Columns", "list.csv", "All rows are of SAW-1. 3 of 3 columns are known by their names.")
        await seen(pilot, "→ Serial Number", "→ Location", "→ Condition Notes", "A-1, A-2, A-3")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "3 rows · + 2 new · ! 1 error", "+ New", "! Error", "No quantity changes.")
        assert "A-2" in screen_text(pilot)
        await keys(pilot, "f4")
        await seen(pilot, "! Row 3: There is no location NOWHERE.", "error 1 of 1", "All rows")
        await keys(pilot, "f10")
        await seen(pilot, "Import 2 serials; 1 row is left out")
        await keys(pilot, "f3")
        assert Serial.select().count() == 0
        await imports(pilot)
        await seen(pilot, "✓ 2 serials imported, document I-000001.", "not changed", "rejected.csv")
        await keys(pilot, "f3")
        await loaded(pilot)
        assert listed(pilot) == ["A-1", "A-3"]
        assert under_cursor(pilot) == "A-3"
        await seen(pilot, "10 on hand · 2 serials on hand · 8 without serial")
        assert (tmp_path / "list rejected.csv").read_text("utf-8-sig").splitlines()[1].startswith("A-2,NOWHERE,,")
        assert (Document.get().number, ImportedFile.get().left_out) == ("I-000001", 1)

        await others_add_meanwhile(pilot, warehouse, tmp_path)
    assert sorted(serial.serial_number for serial in Serial.select()) == ["A-1", "A-3", "B-1", "b-2"]
    assert check(database).findings == ()


async def others_add_meanwhile(pilot: Pilot[Any], warehouse: Warehouse, folder: Path) -> None:
    """Import a file again from the tab: one of its serials is added by somebody else after the preview."""
    path = write_file(folder, ("B-1", "SHELF", ""), ("B-2", "SHELF", ""), name="again.csv")
    await keys(pilot, "f9")
    await comes_to(pilot, ImportStep.FILE)
    await goes_to_preview(pilot, path)
    add_serials(warehouse.boss, warehouse.item.id, ["b-2"])
    await keys(pilot, "f10")
    await seen(pilot, "1 serial of the file was added by somebody else meanwhile.")
    await comes_to(pilot, ImportStep.PREVIEW)
    await seen(pilot, "2 rows · + 1 new · ! 1 error")
    await imports(pilot)


async def test_nothing_is_written_before_the_import_and_leaving_asks_only_while_rows_are_read(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SHELF", ""))
    workbook = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(workbook) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["Serial Number", "A-1", "A-2", "A-3"])
        sheet.set_row(2, None, None, {"hidden": True})
    before = fingerprint()
    async with serials_tab(database, warehouse) as pilot:
        # The way to the preview in two bursts.
        await terminal_sends(pilot, f"{F9}{path}")
        await keys(pilot, "wait:450")  # an Enter is no end of a scan then
        await terminal_sends(pilot, f"\r{F10}")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "1 row · + 1 new · ! 0 errors")
        assert message(pilot) == ""
        await keys(pilot, "f3", "f3", "f3")
        await seen(pilot, "1 serial of list.csv can be imported")
        await keys(pilot, "f3", "f3", "l")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "it was not left while asked")

        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await keys(pilot, "escape", "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "it was not left at once")

        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        await goes_to_preview(pilot, str(workbook))
        await seen(pilot, "2 rows", "1 hidden or filtered row of hidden.xlsx was left out.")
    assert fingerprint() == before


async def test_a_file_of_many_items_needs_a_column_that_names_them(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SAW-1"), ("A-2", "SAW-9"), header=("Serial", "Thing"))
    async with importing_any(database, warehouse) as pilot:
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "Each row names its item.", "· left out")
        await keys(pilot, "f10")
        await seen(pilot, "No column is the item. Say which one is")
        await terminal_sends(pilot, f"\x1b[B{F4}item\r")
        await seen(pilot, "→ Item")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "2 rows · + 1 new · ! 1 error")
        await imports(pilot)
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        assert [serial.serial_number for serial in Serial.select()] == ["A-1"]
        assert ImportMapping.select().count() == 1
        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "2 of 2 columns are mapped as the last time.")


async def test_bad_files_are_told_columns_are_given_to_other_fields_and_all_can_be_done_at_any_size(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.add("OLD-1")
    path = write_file(tmp_path, ("A-1", "SHELF", "B-1"), name="good.csv")
    async with importing(database, warehouse) as pilot:
        await bad_files_are_told(pilot, tmp_path)
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        assert message(pilot) == ""

        await keys(pilot, "space", "f10")
        await seen(pilot, "No column is the serial number.")
        await keys(pilot, "space")
        assert screen(pilot).columns.mapping[0] is Field.SERIAL_NUMBER
        await terminal_sends(pilot, "\x1b[B\x1b[B\r")
        await terminal_sends(pilot, "serial n\r")
        await seen(pilot, "Serial was Serial Number before; that column is left out now.")
        assert screen(pilot).columns.mapping == {1: Field.LOCATION, 2: Field.SERIAL_NUMBER}
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)

        # A scan opens what it names, and the import stays as it was.
        await terminal_sends(pilot, "OLD-1\r")
        await seen(pilot, "OLD-1", "In Stock", "History")
        await keys(pilot, "f3")
        await at_rest(pilot)
        assert pilot.app.screen is screen(pilot)
        await seen(pilot, "1 row · + 1 new")
        assert screen(pilot).step is ImportStep.PREVIEW
        await imports(pilot)
        assert [serial.serial_number for serial in Serial.select()] == ["OLD-1", "B-1"]

        await resized(pilot, 20, 8)
        await keys(pilot, "f6")
        await comes_to(pilot, ImportStep.FILE)
        await all_steps_at_any_size(pilot, tmp_path)
    assert Serial.select().count() == 3


async def bad_files_are_told(pilot: Pilot[Any], folder: Path) -> None:
    (folder / "empty.csv").write_text("")
    (folder / "header.csv").write_text("Serial,Place\n")
    (folder / "folder.csv").mkdir()
    for name, says in (
        ("empty", "is empty. Export it again"),
        ("header", "has a header and no rows"),
        ("missing", "There is no file"),
        ("folder", ""),
    ):
        await chooses(pilot, str(folder / f"{name}.csv"))
        await comes_to(pilot, ImportStep.FILE)
        assert says in message(pilot), name
        await keys(pilot, "ctrl+u")


async def all_steps_at_any_size(pilot: Pilot[Any], folder: Path) -> None:
    sizes = ((40, 16), (120, 40), (20, 8))
    header = ("Serial Number", "Location", "Condition Notes")
    await goes_to_preview(pilot, write_file(folder, ("A-1", "SHELF", ""), ("A-2", "NOWHERE", ""), header=header))
    await keys(pilot, "f4")
    for size in sizes:
        await resized(pilot, *size)
        await seen(pilot, "! Row 3: There")
        await keys(pilot, "enter")
        await seen(pilot, "Row 3", "! Error: There")
        await keys(pilot, "f3")
    await imports(pilot)
    for size in sizes:
        await resized(pilot, *size)
        await seen(pilot, "✓ 1 serial")


async def test_files_are_imported_one_after_the_other_on_the_same_screen(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    async with importing(database, warehouse) as pilot:
        # Quantities go up only where the box is ticked.
        await goes_to_preview(pilot, write_file(tmp_path, ("Q-1", "SHELF", ""), ("Q-2", "SHELF", ""), name="1.csv"))
        await keys(pilot, "f7")
        await seen(pilot, "[x]", "Each adds a unit on hand.")
        await imports(pilot)
        await seen(pilot, "2 units added")
        assert warehouse.quantities() == {"MAIN": 10, "SHELF": 2}

        # Rows without a place go to the one that is named here.
        await another_file(pilot)
        await chooses(pilot, write_file(tmp_path, ("P-1", "", ""), ("P-2", "DOCK", ""), name="2.csv"))
        await comes_to(pilot, ImportStep.COLUMNS)
        await terminal_sends(pilot, f"\tshelv{F10}")
        await seen(pilot, "There is no location shelv. F4 lists them all.")
        await terminal_sends(pilot, f"\x7f\x7flf{F10}")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
        assert [warehouse.where(serial) for serial in ("P-1", "P-2")] == [("in_stock", "SHELF"), ("in_stock", "DOCK")]

        await another_file(pilot)
        await rejected_rows_are_mended(pilot, tmp_path)
        assert warehouse.where("A-2") == ("in_stock", "DOCK")

        await another_file(pilot)
        await rejected_rows_go_elsewhere(pilot, tmp_path)
        assert Serial.select().count() == 7

        await another_file(pilot)
        await the_same_file_and_new_customers_are_told(pilot, tmp_path)
    assert (Serial.select().count(), Customer.select().count()) == (9, 1)


async def another_file(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f6")
    await comes_to(pilot, ImportStep.FILE)


async def rejected_rows_are_mended(pilot: Pilot[Any], folder: Path) -> None:
    await goes_to_preview(pilot, write_file(folder, ("A-1", "SHELF", ""), ("A-2", "NOWHERE", "")))
    await imports(pilot)
    rejected = folder / "list rejected.csv"
    rejected.write_text(rejected.read_text("utf-8-sig").replace("NOWHERE", "DOCK", 1), "utf-8")
    await another_file(pilot)
    await keys(pilot, "enter")  # the cursor is on it
    await comes_to(pilot, ImportStep.COLUMNS)
    await seen(pilot, "list rejected.csv", "· left out")
    await keys(pilot, "f10")
    await comes_to(pilot, ImportStep.PREVIEW)
    await imports(pilot)
    await seen(pilot, "✓ 1 serial imported, document I-000004.")


async def rejected_rows_go_elsewhere(pilot: Pilot[Any], folder: Path) -> None:
    """Where they cannot be written the import stands, and another file takes them."""
    stick = folder / "stick"
    stick.mkdir()
    await goes_to_preview(pilot, write_file(stick, ("R-1", "SHELF", ""), ("R-2", "NOWHERE", "")))
    shutil.rmtree(stick)
    await imports(pilot)
    await seen(pilot, "✓ 1 serial imported", "! The import stands. The rejected rows cannot be written to")
    await terminal_sends(pilot, f"{folder}/nowhere/x.csv")
    await keys(pilot, "wait:450", "enter")  # an Enter is no end of a scan then
    assert "cannot be written" in message(pilot)
    await keys(pilot, "ctrl+u")
    await terminal_sends(pilot, f"{folder}/elsewhere.csv")
    await keys(pilot, "wait:450", "enter")
    await until(pilot, (folder / "elsewhere.csv").exists)
    await seen(pilot, "F3 leaves.")
    await path_seen(pilot, folder / "elsewhere.csv")


async def the_same_file_and_new_customers_are_told(pilot: Pilot[Any], folder: Path) -> None:
    rows = (("C-1", "Sold", "Bergmann AG"), ("C-2", "In Stock", ""))
    path = write_file(folder, *rows, header=("Serial", "Status", "Customer"))
    await goes_to_preview(pilot, path)
    await seen(pilot, "1 new customer will be made: Bergmann AG.")
    await imports(pilot)
    await seen(pilot, "1 made")
    await another_file(pilot)
    await goes_to_preview(pilot, path)
    await seen(pilot, "! This file was imported before: I-000006, 2 serials, by boss at ", "+ 0 new · ! 2 errors")
    assert "No row of list.csv can be imported." in message(pilot)
    await keys(pilot, "f10")
    assert message(pilot).startswith("No row of list.csv can be imported. Mend the file")


async def test_who_may_not_manage_serials_is_offered_no_import(database: Any, warehouse: Warehouse) -> None:
    viewer = person(warehouse.boss, "viewer", Permission.VIEW)
    async with serials_tab(database, warehouse, viewer) as pilot:
        assert "Import" not in screen_text(pilot)
        await keys(pilot, "f9")
        assert isinstance(pilot.app.screen, ItemScreen)
        await keys(pilot, "f3", "f9")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_a_permission_that_is_taken_away_meanwhile_ends_the_import_in_a_sentence(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SHELF", ""))
    clerk = person(warehouse.boss, "clerk", Permission.VIEW, Permission.MANAGE_SERIALS)
    async with importing(database, warehouse, clerk) as pilot:
        await goes_to_preview(pilot, path)
        revoke(warehouse.boss, "role of clerk", Permission.MANAGE_SERIALS)
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        assert "clerk needs the permission INV_MANAGE_SERIALS" in message(pilot)
        await seen(pilot, "1 row · + 1 new")
        await keys(pilot, "f3", "f10")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert "clerk needs the permission INV_MANAGE_SERIALS" in message(pilot)
    assert Serial.select().count() == 0


@ON_POSTGRESQL
async def test_a_broken_line_keeps_the_mapping_and_reads_the_file_again(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SHELF", "B-1"))
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        await keys(pilot, "down", "down", "space", "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        backend = await screen(pilot).job.db.run(lambda: database.execute_sql("SELECT pg_backend_pid()").fetchone()[0])
        database.execute_sql("SELECT pg_terminate_backend(%s)", (backend,))
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert message(pilot).startswith("The line to the database broke, and with it what was read of the file.")
        assert screen(pilot).columns.mapping == {0: Field.SERIAL_NUMBER, 1: Field.LOCATION}
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert Serial.select().count() == 1
    assert check(database).findings == ()

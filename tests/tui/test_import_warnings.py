"""The preview marks rows with a warning, filters them and imports them without a question; the summary names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models.importing.staging import RowsShown
from models.schema import Serial
from models.serials.add import add_serials
from tests.support.app import keys, resized, screen_text, seen
from tests.support.importing import comes_to, goes_to_preview, importing, imports, message, screen, write_file
from tests.support.record_app import until
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep

ODD = "CZ-00OOO4 has 9 characters where the others of SAW-1 have 8."
ALIKE = "CZ-00OOO4 looks like CZ000004, which is on SAW-1 already."


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """The usual one, with serials of one look."""
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    return warehouse


async def another_file(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f6")
    await comes_to(pilot, ImportStep.FILE)


async def test_warnings_are_marked_counted_filtered_and_imported_without_a_question(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("CZ000098", "", ""), ("CZ-00OOO4", "", ""), ("CZ000099", "", ""), ("CZ00", "", ""))
    async with importing(database, warehouse) as pilot:
        await goes_to_preview(pilot, path)
        await seen(pilot, "4 rows · + 4 new, ? 2 warnings · ! 0 errors", "+ New", "? Warning", "Warnings only  F4")
        await keys(pilot, "f4")
        await seen(pilot, f"? Row 3: {ODD}", ALIKE, "warning 1 of 2", "All rows  F4")
        assert "CZ000098" not in screen_text(pilot)
        await keys(pilot, "enter")
        await seen(pilot, "Row 3", "? Warning: CZ-00OOO4 has 9", "It is imported all the same.")
        await keys(pilot, "f3", "f4")
        await seen(pilot, "row 2 of 4", "Warnings only  F4")  # the cursor stays on its row
        await keys(pilot, "f10")
        await until(pilot, lambda: screen(pilot).summary.is_done)
        await seen(
            pilot, "✓ 4 serials imported", "? 2 serials went in with a warning.", f"Row 3: {ODD}", "Row 5: CZ00 has 4"
        )
        assert Serial.select().count() == 24

        # Without errors and warnings F4 does nothing.
        await another_file(pilot)
        await goes_to_preview(pilot, write_file(tmp_path, ("CZ000097", "", ""), name="none.csv"))
        await seen(pilot, "1 row · + 1 new · ! 0 errors")
        assert "F4 Filter" not in screen_text(pilot)
        await keys(pilot, "f4")
        assert screen(pilot).preview.shown is RowsShown.ALL
        await imports(pilot)
        assert "warning" not in screen_text(pilot)

        # F4 goes from all rows to the errors to the warnings.
        await another_file(pilot)
        rows = (("CZ000096", "", ""), ("CZO00001", "", ""), ("CZ000095", "NOWHERE", ""))
        await goes_to_preview(pilot, write_file(tmp_path, *rows, name="both.csv"))
        await seen(pilot, "3 rows · + 2 new, ? 1 warning · ! 1 error", "row 1 of 3", "Errors only  F4")
        await keys(pilot, "f4")
        await seen(pilot, "error 1 of 1", "! Row 4: There is no location NOWHERE.", "Warnings only  F4")
        await keys(pilot, "f4")
        await seen(pilot, "warning 1 of 1", "? Row 3: CZO00001 looks like CZ000001", "All rows  F4")
        await keys(pilot, "f4")
        await seen(pilot, "row 2 of 3", "Errors only  F4")
        await imports(pilot)
        await seen(pilot, "? 1 serial went in with a warning.", "1 row left out")

        # A filter that shows nothing any more gives way to all rows.
        await another_file(pilot)
        await goes_to_preview(pilot, write_file(tmp_path, ("CZ000094", "", ""), ("CZO00002", "", ""), name="last.csv"))
        await keys(pilot, "f4")
        await seen(pilot, "warning 1 of 1")
        add_serials(warehouse.boss, warehouse.item.id, ["CZO00002"])
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        assert "added by somebody else meanwhile" in message(pilot)
        await seen(pilot, "2 rows · + 1 new · ! 1 error", "of 2", "! Error", "Errors only  F4")
        assert screen(pilot).preview.shown is RowsShown.ALL


async def test_warnings_are_seen_on_any_terminal_and_many_are_told_by_the_first_of_them(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    sizes = ((40, 16), (120, 40), (20, 8))
    path = write_file(tmp_path, ("CZ000098", "", ""), ("CZO00001", "", ""))
    async with importing(database, warehouse, size=(20, 8)) as pilot:
        await goes_to_preview(pilot, path)
        for size in sizes:
            await resized(pilot, *size)
            await seen(pilot, "? 1", "+ 2")
        await keys(pilot, "f4")
        for size in sizes:
            await resized(pilot, *size)
            await seen(pilot, "? Row 3:")
            await keys(pilot, "enter")
            await seen(pilot, "Row 3", "? Warning")
            await keys(pilot, "f3")
        await imports(pilot)
        for size in sizes:
            await resized(pilot, *size)
            await seen(pilot, "✓ 2 serials")

        await resized(pilot, 80, 24)
        await another_file(pilot)
        many = [(f"CZ{number}", "", "") for number in range(1_007)]
        await goes_to_preview(pilot, write_file(tmp_path, *many, name="many.csv"))
        await seen(pilot, "1,007 rows · + 1,007 new, ? 1,007 warnings")
        await imports(pilot)
        await seen(pilot, "? 1,007 serials went in with a warning.", "Row 6: CZ4 has 3", "… and 1,002 more.")

"""Of a workbook with several sheets one is chosen; where the first has no rows, those that have are offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from models.schema import Serial
from tests.support.app import keys, screen_text, seen, terminal_sends
from tests.support.importing import chooses, comes_to, importing, imports, message, screen
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep


def write_book(folder: Path, **sheets: list[str]) -> str:
    """A workbook of sheets with one column each; its path."""
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, texts in sheets.items():
            book.add_worksheet(name.replace("_", " ")).write_column(0, 0, texts)
    return str(path)


@pytest.mark.parametrize("cover", [[], ["Inventory"]], ids=["empty", "a title only"])
async def test_where_the_first_sheet_has_no_rows_those_that_have_are_offered(
    cover: list[str], database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_book(tmp_path, Cover=cover, May=["Serial", "A-1"], Notes=[], June=["Serial", "B-1"])
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, path)
        await seen(pilot, "First sheet has no rows. Which?", "May", "June")
        assert "Notes" not in screen_text(pilot)
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.FILE)
        assert message(pilot) == ""
        await keys(pilot, "enter")
        await seen(pilot, "no rows. Which?")
        await terminal_sends(pilot, "june\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "list.xlsx · June", "B-1")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert [serial.serial_number for serial in Serial.select()] == ["B-1"]


async def test_a_hidden_sheet_is_marked_and_not_the_first_choice(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("Old", "May"):
            book.add_worksheet(name).write_column(0, 0, ["Serial", f"{name}-1"])
        book.get_worksheet_by_name("May").activate()
        book.get_worksheet_by_name("Old").hide()
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, str(path))
        await seen(pilot, "Which sheet?", "Old  hidden", "May")
        await keys(pilot, "enter")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert screen(pilot).job.table.sheet == "May"


async def test_a_sheet_that_is_chosen_and_has_no_rows_is_told(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_book(tmp_path, May=["Serial", "A-1"], Notes=[])
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, path)
        await seen(pilot, "Which sheet?", "Notes")
        await terminal_sends(pilot, "notes\r")
        await comes_to(pilot, ImportStep.FILE)
        assert message(pilot) == "The sheet “Notes” of list.xlsx is empty. This one has rows: “May”."


@pytest.mark.parametrize("size", [(40, 16), (20, 8)], ids=str)
async def test_a_single_sheet_with_rows_is_offered_on_any_terminal(
    size: tuple[int, int], database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_book(tmp_path, Cover=[], May=["Serial", "A-1"])
    async with importing(database, warehouse, size=size) as pilot:
        await chooses(pilot, path)
        await seen(pilot, "May")
        await keys(pilot, "enter")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert screen(pilot).job.table.sheet == "May"


async def test_a_workbook_without_any_rows_is_refused(database: Any, warehouse: Warehouse, tmp_path: Path) -> None:
    path = write_book(tmp_path, Cover=[], May=["Serial"])
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.FILE)
        assert message(pilot).startswith("No sheet of list.xlsx has rows under a header.")

"""The file of an import is found by the arrows, by typing a part of its name, or by its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app import keys, screen_text, seen, terminal_sends, types
from tests.support.importing import chooses, comes_to, importing, message, screen, write_file
from tests.support.record_app import cursor_line
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep

UP, DOWN, LEFT, BACKSPACE = "\x1b[A", "\x1b[B", "\x1b[D", "\x7f"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the program was started: two folders and three files."""
    folder = tmp_path / "files"
    for name in ("2025", "2026"):
        (folder / name).mkdir(parents=True)
    for name in ("apples.csv", "march serials.csv", "serials.csv"):
        write_file(folder, ("A-1", "SHELF", ""), name=name)
    write_file(folder / "2026", ("B-1", "SHELF", ""), name="inside.csv")
    monkeypatch.chdir(folder)
    return folder


def chosen(pilot: Pilot[Any]) -> str:
    """The path of the file whose columns are shown."""
    assert screen(pilot).step is ImportStep.COLUMNS
    return str(screen(pilot).job.table.path)


async def again(pilot: Pilot[Any]) -> None:
    """Leave the columns of a file, and open the import again."""
    await keys(pilot, "f3", "f3", "f9")
    await comes_to(pilot, ImportStep.FILE)


async def test_arrows_and_enter_walk_through_folders_and_the_next_import_begins_in_that_of_the_last_file(
    database: Any, warehouse: Warehouse, folder: Path
) -> None:
    async with importing(database, warehouse) as pilot:
        text = screen_text(pilot)
        assert "../" in text
        assert "2025/" in text
        assert cursor_line(pilot.app).split()[0] == "▸2025/"
        assert f"{(folder / 'serials.csv').stat().st_size} B" in text

        # An empty folder says what would be listed.
        await keys(pilot, "enter")
        await seen(pilot, "No CSV, TSV or workbook in this folder.", "../")
        await keys(pilot, "enter")
        await seen(pilot, "apples.csv")

        # Backspace and Left go up, and the cursor is where one came from.
        await terminal_sends(pilot, f"{DOWN}\r")
        await seen(pilot, "inside.csv")
        await terminal_sends(pilot, BACKSPACE)
        await seen(pilot, "apples.csv")
        assert cursor_line(pilot.app).split()[0] == "▸2026/"
        await terminal_sends(pilot, LEFT)
        await seen(pilot, "files/")
        assert cursor_line(pilot.app).split()[0] == "▸files/"
        await terminal_sends(pilot, f"\r{UP}")
        await seen(pilot, "apples.csv")
        await keys(pilot, "enter")
        await seen(pilot, "files/")

        # Into the folders again, and a file is taken, in one burst.
        await terminal_sends(pilot, "\r")
        await seen(pilot, "apples.csv")
        await terminal_sends(pilot, f"{DOWN}\r\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert chosen(pilot) == str(folder / "2026" / "inside.csv")
        await again(pilot)
        await seen(pilot, "▸inside.csv")


async def test_typing_narrows_the_list_and_while_a_path_is_typed_its_folder_is_listed(
    database: Any, warehouse: Warehouse, folder: Path
) -> None:
    async with importing(database, warehouse) as pilot:
        await types(pilot, "ser")
        await seen(pilot, "▸serials.csv", "march serials.csv")
        assert "apples" not in screen_text(pilot)
        await terminal_sends(pilot, f"{DOWN}\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert chosen(pilot) == str(folder / "march serials.csv")
        await again(pilot)
        await types(pilot, "mar\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert chosen(pilot) == str(folder / "march serials.csv")
        await again(pilot)
        await terminal_sends(pilot, "zebra\r")
        await seen(pilot, "Nothing here has that in its name.")
        assert screen(pilot).step is ImportStep.FILE
        await keys(pilot, "ctrl+u")

        await types(pilot, "2026/")
        await seen(pilot, "inside.csv")
        await types(pilot, "ins")
        await seen(pilot, "▸inside.csv")
        await keys(pilot, "ctrl+u")
        await seen(pilot, "apples.csv")
        await types(pilot, "2026/inside.csv\r")
        await comes_to(pilot, ImportStep.COLUMNS)
        assert chosen(pilot) == str(folder / "2026" / "inside.csv")


async def test_a_pasted_path_is_taken_plain_in_quotes_and_dragged_that_of_a_folder_opens_it_and_nothing_is_refused(
    database: Any, warehouse: Warehouse, folder: Path
) -> None:
    path = folder / "march serials.csv"
    async with importing(database, warehouse) as pilot:
        for pasted in (str(path), f"'{path}'", f"file://{folder}/march%20serials.csv"):
            await chooses(pilot, pasted)
            await comes_to(pilot, ImportStep.COLUMNS)
            assert chosen(pilot) == str(path), pasted
            await again(pilot)
        await chooses(pilot, f"{folder}/2026")
        await seen(pilot, "inside.csv")
        await chooses(pilot, f"{folder}/serial")  # a beginning of a name is no path
        assert message(pilot).startswith("There is no file ")
        await seen(pilot, "▸serials.csv")

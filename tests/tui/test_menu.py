"""The menu of a screen: it fits small terminals, and a few letters find an entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.widgets import OptionList

from tests.support.app import keys, screen_text, seen, terminal_sends
from tests.support.importing import chooses, comes_to, importing
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep
from tui.kit.help import ActionsDialog


async def test_the_menu_shows_its_keys_and_cursor_and_a_few_letters_find_an_entry(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Serial,Notes\nA-1,x\n")
    async with importing(database, warehouse, size=(40, 16)) as pilot:
        await chooses(pilot, str(path))
        await comes_to(pilot, ImportStep.COLUMNS)
        await keys(pilot, "ctrl+g")
        await seen(pilot, "number or word")
        await seen(pilot, " 1  Explain what the cursor is…      F1", "12  Leave the column out, or not  Space")
        listing = pilot.app.screen.query_one("#acts", OptionList)
        await keys(pilot, "pagedown", "pagedown", "pagedown")
        assert listing.highlighted == listing.option_count - 1
        await seen(pilot, f"{listing.option_count}  Colours: daylight")
        await terminal_sends(pilot, "col")
        await seen(pilot, " 4  Choose what the column")
        dialog = pilot.app.screen
        assert isinstance(dialog, ActionsDialog)
        assert [act.label.split()[0] for act in dialog._listed] == ["Colours:", "Colours:", "Choose", "Leave"]
        await keys(pilot, "f3", "ctrl+g")
        await terminal_sends(pilot, "go loc")
        await seen(pilot, "Go to locations")
        assert "Go back" not in screen_text(pilot)

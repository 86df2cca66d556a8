"""The first screen of an empty database says what to do first, with the keys that do it."""

from __future__ import annotations

from typing import Any

from models.config import Config
from models.items.items import create_item
from models.people import sign_in
from models.permissions import Permission
from tests.support.app import at_rest, keys, opened, screen_text, seen, somebody, terminal_sends
from tui.items.list import ItemsScreen, ItemsTable


async def test_an_empty_database_names_the_first_steps_until_there_is_an_item(database: Any) -> None:
    boss = sign_in("boss")
    config = Config(theme="dock", keymap={"items.import": "f8"})
    async with opened(database, boss, config=config) as pilot:
        await seen(pilot, "Welcome. Nothing is here yet.", "There are no items yet. F6 makes one.")
        shown = [line.split(None, 1) for line in screen_text(pilot).splitlines()]
        for step in (
            ["F6", "make the first item"],
            ["F8", "import serials of your items from a file"],
            ["F7", "open the station: scan what arrives, then DONE"],
        ):
            assert step in [[part.strip() for part in line] for line in shown], step
        assert "serialdock demo" in screen_text(pilot)

        await keys(pilot, "enter", "down")  # there is no list to open anything from
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "x")
        await seen(pilot, "No item has x. Esc shows all items, Enter looks everywhere.")
        assert "Welcome" not in screen_text(pilot)
        await keys(pilot, "escape")
        await seen(pilot, "Welcome")

        await terminal_sends(pilot, "S-900\r")
        await seen(pilot, "Nothing here has the serial S-900.")
        create_item(boss, "DR-1800", "Drill")
        await keys(pilot, "f5")
        await seen(pilot, "DR-1800")
        assert "Welcome" not in screen_text(pilot)
        await keys(pilot, "y")
        await seen(pilot, "No item has y. Esc shows all items")
        await keys(pilot, "escape")
        await keys(pilot, "down")
        assert isinstance(pilot.app.focused, ItemsTable)


async def test_who_may_only_look_is_offered_nothing_else_on_a_handheld(database: Any) -> None:
    viewer = somebody(sign_in("boss"), "viewer2", Permission.VIEW)
    async with opened(database, viewer, (40, 16)) as pilot:
        await at_rest(pilot)
        shown = screen_text(pilot)
        assert "Welcome. Nothing is here yet." in shown
        assert not any(step in shown for step in ("make the first item", "import serials", "open the station", "F6"))
        assert "To look around first, leave and run serialdock demo" in " ".join(shown.split())

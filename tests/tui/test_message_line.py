"""Messages that are longer than their lines: they say so, and F1 shows all of them."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from models.config import config_file
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen
from tests.support.burst import queued
from tests.support.record_app import until
from tests.support.serials import serials_tab
from tests.support.station import bells
from tests.support.warehouse import Warehouse
from tui.app import SerialdockApp
from tui.items.list import ItemsScreen
from tui.items.new import NewItemDialog
from tui.keymap import load_settings
from tui.kit.bars import MessageLine
from tui.kit.page import Frame

LONG = (
    "SN-000001 is Sold to Amberley Lettings since 2025-01-15, last at MAIN-FRONT; it cannot be transferred. "
    "Take it back as a return first."
)


async def test_a_refusal_that_does_not_fit_ends_with_the_key_that_shows_all_of_it(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, (20, 8)) as pilot:
        for size in ((20, 8), (30, 12), (40, 16)):
            await resized(pilot, *size)
            assert isinstance(pilot.app.screen, Frame)
            pilot.app.screen.say(LONG, "problem")
            await at_rest(pilot)
            line = pilot.app.screen.query_one(MessageLine)
            assert (line.is_cut, line.size.height) == (True, 3)
            shown = [text.strip() for text in screen_text(pilot).splitlines()[-4:-1]]
            assert shown[-1].endswith(" … F1")
            words = " ".join(shown).removeprefix("✗ ").removesuffix(" … F1")
            assert LONG.startswith(words + " "), "no word is cut"
            await keys(pilot, "f1")
            read = ""
            for _ in range(12):
                read += screen_text(pilot)
                await keys(pilot, "down")
            assert all(word in read for word in LONG.split())
            await keys(pilot, "f3")


async def test_a_message_that_is_too_long_for_its_path_leaves_the_folders_out(
    database: Any, warehouse: Warehouse
) -> None:
    folders = "/".join(["var", *["warehouse"] * 20])
    said = f"The database /{folders}/stock.sqlite3 is damaged: table serials, row 7: version is x."
    async with opened(database, warehouse.boss) as pilot:
        assert isinstance(pilot.app.screen, Frame)
        pilot.app.screen.say(said, "problem")
        await seen(pilot, "The database …/stock.sqlite3 is damaged: table serials, row 7: version is x.")
        await keys(pilot, "f1")
        await seen(pilot, "/warehouse/warehouse/")


async def test_a_message_that_fits_is_whole_and_is_none_of_the_help(database: Any, warehouse: Warehouse) -> None:
    async with opened(database, warehouse.boss) as pilot:
        assert isinstance(pilot.app.screen, Frame)
        pilot.app.screen.say(LONG, "problem")
        await at_rest(pilot)
        await seen(pilot, "Take it back as a", "return first.")
        assert not pilot.app.screen.query_one(MessageLine).is_cut
        await keys(pilot, "f1")
        assert "Amberley" not in "".join(screen_text(pilot).splitlines()[:12])
        await keys(pilot, "f3")
        pilot.app.screen.say(LONG, "problem")
        await pilot.resize_terminal(20, 8)
        await seen(pilot, "… F1")
        await pilot.resize_terminal(80, 24)
        await seen(pilot, "return first.")


async def test_in_a_dialog_on_the_smallest_terminal_help_shows_the_whole_refusal(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("SN-000001")
    async with serials_tab(database, warehouse, size=(20, 8)) as pilot:
        await keys(pilot, "f7", *"NOWHERE-AT-ALL-99", "f10")
        await seen(pilot, "… F1")
        await keys(pilot, "f1")
        await seen(pilot, "NOWHERE-AT-ALL-99.", "F4 lists them all.")


async def test_help_explains_the_first_screen_and_what_a_key_does_stands_beside_the_key(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss, (20, 8)) as pilot:
        for size in ((20, 8), (40, 16), (80, 24)):
            await resized(pilot, *size)
            await keys(pilot, "f1")
            await seen(pilot, "All items.")
            read, page = "", ""
            while page != (page := screen_text(pilot)):
                read += page
                await keys(pilot, "down", "down")
            assert all(word in read for word in ("F7  ", "receive by", "scanning"))
            beside = [line for line in read.splitlines() if "and list the keys" in line and "F1" not in line]
            assert size != (40, 16) or beside[0].startswith(" " * 9 + "and list the keys")
            await keys(pilot, "f3")


async def test_keys_that_were_dropped_because_a_screen_did_not_come_are_told_and_the_next_ones_work(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        screen = pilot.app.screen
        assert isinstance(pilot.app, SerialdockApp)
        assert isinstance(screen, ItemsScreen)
        with pilot.app.keyboard.hold(0.5):
            queued(pilot.app, "xyz")
            await seen(pilot, "3 keys, typed or scanned while waiting, were dropped. Look at the screen")
        assert screen.find.value == ""
        await keys(pilot, *"SAW")
        assert screen.find.value == "SAW"

        await keys(pilot, "f6")
        dialog, rung = pilot.app.screen, bells(pilot, monkeypatch)
        assert isinstance(dialog, NewItemDialog)
        with pilot.app.keyboard.hold(0.2):
            queued(pilot.app, "S\r")
            await until(pilot, lambda: said(pilot).startswith("2 keys, typed or scanned while waiting, were dropped."))
        assert rung == [None]
        assert pilot.app.screen is dialog
        assert dialog.query_one("#sku", Input).value == ""


async def test_a_message_goes_when_what_it_said_is_no_longer_so(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("SN-1", "SN-2")
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, *"zz")
        await seen(pilot, "No item has zz")
        await keys(pilot, "backspace", "backspace", *"saw")
        assert said(pilot) == ""
        await keys(pilot, *"zz", "enter")
        assert "zz" in said(pilot)
        await keys(pilot, "f2", "end", "backspace", "backspace")
        assert said(pilot) == ""

        await keys(pilot, "enter", "f10")
        assert said(pilot).startswith("Nothing is changed")
        await keys(pilot, "end", "X")
        assert said(pilot) == ""
        await keys(pilot, "f10")
        assert said(pilot) == "Saved."
        await keys(pilot, "ctrl+t")
        assert said(pilot) == ""

        for gone in (["home", "enter", "f3"], ["f5"], ["f2", "S"], ["escape", "ctrl+r"]):
            frame = pilot.app.screen
            assert isinstance(frame, Frame)
            frame.say("It was so.", "problem")
            await keys(pilot, *gone)
            assert said(pilot) == "", gone


def said(pilot: Pilot[Any]) -> str:
    """The message of the screen in front."""
    return pilot.app.screen.query_one(MessageLine).said


async def test_the_colours_that_are_chosen_in_the_menu_are_those_of_the_next_start(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "ctrl+g", *"daylight", "enter")
        assert pilot.app.theme == "daylight"
        await until(pilot, lambda: load_settings().theme == "daylight")
        monkeypatch.setattr(pilot.app, "notify", lambda text, **_: notes.append(text))  # it goes after some seconds
        config_file().unlink()
        config_file().mkdir()
        await keys(pilot, "ctrl+g", *"s: dock", "enter")
        assert pilot.app.theme == "dock"
        await until(pilot, lambda: notes)
        assert "The colours are dock until Serialdock ends." in notes[0]

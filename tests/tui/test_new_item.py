"""What somebody sees who makes an item or a location."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from models.items.items import create_item, find_item, item_form
from models.locations import find_location
from models.people import sign_in
from models.permissions import Actor, Permission
from models.schema import Item
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen, somebody, terminal_sends, types
from tests.support.record_app import until
from tui.items.form import ItemScreen
from tui.items.list import ItemsScreen
from tui.items.new import NewItemDialog
from tui.kit.form import FormInput

F6, F10 = "\x1b[17~", "\x1b[21~"


def _drill() -> None:
    """One item."""
    create_item(sign_in("boss"), "DRILL", "Cordless drill", on_hand=4, barcodes=["4012345678901"])


CONTENTS = {"boss": _drill}


@pytest.fixture
def boss(database: Any) -> Actor:
    """The administrator."""
    return sign_in("boss")


def items() -> list[str]:
    return [item.sku for item in Item.select().order_by(Item.sku_key)]


def typed(pilot: Pilot[Any], field: str) -> str:
    return str(pilot.app.screen.query_one(f"#{field}", FormInput).value)


async def test_a_new_item_that_is_typed_is_made_and_opens_and_leaving_with_something_typed_asks_first(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await keys(pilot, "f6", "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "f6", "A", "escape")
        await seen(pilot, "What you typed is gone when you")
        await keys(pilot, "enter")
        assert isinstance(pilot.app.screen, NewItemDialog)
        assert typed(pilot, "sku") == "A"
        await keys(pilot, "f3", "f8")
        assert isinstance(pilot.app.screen, ItemsScreen)
        assert items() == ["DRILL"]

        await terminal_sends(pilot, F6)
        await types(pilot, "LAP-1\rLaptop 14 inch\r4098765432109\r5555\r\r\r12\r ")
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "the new item did not open")
        await seen(pilot, "LAP-1 · Laptop 14 inch", "Serials", "12 on hand · 0 serials on hand · 12 without serial")
        form = item_form(find_item("LAP-1").id)
        assert (form.location, form.on_hand, form.track_serials) == ("MAIN", 12, True)
        assert form.barcodes == ("4098765432109", "5555")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)
        await seen(pilot, "LAP-1", "2 items")


async def test_a_refusal_is_said_in_the_dialog_and_what_was_typed_stays(database: Any, boss: Actor) -> None:
    async with opened(database, boss) as pilot:
        await terminal_sends(pilot, F6)
        await types(pilot, "drill\rAnother one\r\r\r3 x")
        await keys(pilot, "f10")
        await seen(pilot, "On hand is a whole number, 0 or more, not 3 x.")
        assert pilot.app.focused is pilot.app.screen.query_one("#on_hand")
        await terminal_sends(pilot, "\x7f\x7f" + F10)
        await seen(pilot, "The SKU DRILL is used: Cordless drill. Choose another.")
        assert pilot.app.focused is pilot.app.screen.query_one("#sku")
        assert (typed(pilot, "sku"), typed(pilot, "name"), typed(pilot, "on_hand")) == ("drill", "Another one", "3")
        assert items() == ["DRILL"]
        await types(pilot, "drill-2\r\r4012345678901")
        await keys(pilot, "f10")
        await seen(pilot, "The barcode 4012345678901 belongs to DRILL")
        pilot.app.screen.query_one("#barcodes", FormInput).value = ""
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        assert items() == ["DRILL", "drill-2"]
        assert item_form(find_item("DRILL-2").id).on_hand == 3


async def test_who_may_not_track_serials_makes_items_without_being_offered_it(database: Any, boss: Actor) -> None:
    editor = somebody(boss, "editor", Permission.VIEW, Permission.EDIT_ITEMS)
    async with opened(database, editor) as pilot:
        await keys(pilot, "f6")
        assert "Track Serials" not in screen_text(pilot)
        await types(pilot, "SAW\rHand saw\r\r\r5\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen), "Enter behind the last field did not save")
        assert item_form(find_item("SAW").id).on_hand == 5


async def test_the_location_of_a_new_item_can_be_made_on_the_way_a_refused_one_is_said_and_buttons_take_clicks(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await terminal_sends(pilot, F6)
        await types(pilot, "SAW\rHand saw\r\r")
        await keys(pilot, "f4", "f6")
        await types(pilot, "MAIN-B\rTools\rMAIN")
        await keys(pilot, "f10")
        await seen(pilot, "New item", "MAIN-B", "Tools")
        await terminal_sends(pilot, F10)
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        assert item_form(find_item("SAW").id).location == "MAIN-B"
        assert find_location("main-b").parent.code == "MAIN"
        await keys(pilot, "f3")

        await terminal_sends(pilot, F6)
        await types(pilot, "SAW-2\rHand saw\r\r")
        await keys(pilot, "f4", "f6")
        await types(pilot, "main")
        await keys(pilot, "f10")
        await seen(pilot, "The location MAIN is there already. Choose another code.")
        await types(pilot, "main-9\r\rNOWHERE")
        await keys(pilot, "f10")
        await seen(pilot, "There is no location NOWHERE. F4 lists them all.")
        await keys(pilot, "f3", "f3")
        await seen(pilot, "What you typed is gone when you")
        await keys(pilot, "f8")
        while not isinstance(pilot.app.screen, ItemsScreen):
            await keys(pilot, "f3", "f8")

        await terminal_sends(pilot, F6)
        await types(pilot, "SAW-3\rHand saw")
        await pilot.click("#track_serials", offset=(2, 0))
        await pilot.click("#save")
        await at_rest(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        assert find_item("SAW-3").track_serials


async def test_a_new_item_can_be_made_on_a_small_terminal(database: Any, boss: Actor) -> None:
    async with opened(database, boss, (40, 16)) as pilot:
        await keys(pilot, "f6")
        for size in ((40, 16), (20, 8)):
            await resized(pilot, *size)
            for field in ("sku", "name", "barcodes", "location", "on_hand", "track_serials"):
                focused = pilot.app.screen.query_one(f"#{field}").focus()
                await at_rest(pilot)
                shown = pilot.app.focused
                assert shown is not None, focused
                assert pilot.app.screen.query_one(".fields").region.contains_region(shown.region), screen_text(pilot)
        await terminal_sends(pilot, F10)
        await until(pilot, lambda: "SKU" in screen_text(pilot))
        pilot.app.screen.query_one("#sku").focus()
        await types(pilot, "SAW\rHand saw")
        await keys(pilot, "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))

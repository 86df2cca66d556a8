"""What somebody sees and does in the item form."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import TabbedContent

from models.items.items import create_item, find_item, item_form
from models.locations import create_location
from models.people import revoke, sign_in
from models.permissions import Actor, Permission
from models.schema import Item, Stock
from models.serials.add import add_serials
from tests.support.app import (
    at_rest,
    keys,
    open_item,
    opened,
    resized,
    screen_text,
    seen,
    somebody,
    terminal_sends,
    types,
)
from tests.support.record_app import until
from tui.items.form import ItemPane, ItemScreen, NameInput, PrimaryLocation, TrackSerials
from tui.items.list import ItemsScreen
from tui.serials.tab import SerialsPane

F3, F5, F6, F10, CTRL_T = "\x1bOR", "\x1b[15~", "\x1b[17~", "\x1b[21~", "\x14"


def _laptop_and_drill() -> None:
    """A laptop: 10 on hand at MAIN-A-03, 7 serials, tracking on; and a drill."""
    boss = sign_in("boss")
    create_location(boss, "MAIN-A-03", "Laptops, shelf 3", parent="MAIN")
    laptop = create_item(boss, "LAP-14", "Laptop 14 inch", location="MAIN-A-03", on_hand=10, track_serials=True)
    add_serials(boss, laptop.id, [f"5CG8341K{number}" for number in range(7)])
    create_location(boss, "NORTH")
    create_item(boss, "DRILL", "Cordless drill", on_hand=4)


CONTENTS = {"boss": _laptop_and_drill}


@pytest.fixture
def boss(database: Any) -> Actor:
    """The administrator."""
    return sign_in("boss")


def form_of(pilot: Pilot[Any]) -> ItemScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ItemScreen), screen
    return screen


def pane(pilot: Pilot[Any]) -> ItemPane:
    return form_of(pilot).pane


def saved(sku: str) -> Item:
    return find_item(sku)


def tab_names(pilot: Pilot[Any]) -> list[str]:
    return [str(tab.label) for tab in form_of(pilot).query_one(TabbedContent).query("ContentTab").results()]


async def test_the_form_shows_what_the_item_is_the_keys_of_its_tabs_and_at_every_size_the_field_with_the_focus(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "lap-14")
        shown = screen_text(pilot)
        for text in (
            "LAP-14 · Laptop 14 inch",
            "Identification",
            "10 on hand · 7 serials on hand · 3 without serial",
            "◆ MAIN-A-03",
            "Laptops, shelf 3 · primary",
            "Item Settings",
            "[x] on · 7 records",
            "by boss",
            "Save  F10",
        ):
            assert text in shown, shown
        assert "unsaved" not in shown.lower()
        assert tab_names(pilot) == ["Item", "Serials", "Documents"]

        await pilot.click("#--content-tab-serials-tab")
        await at_rest(pilot)
        await seen(pilot, "5CG8341K0", "Space Mark")
        await pilot.click("#--content-tab-item")
        await at_rest(pilot)
        assert isinstance(form_of(pilot).focused, NameInput)

        bar = screen_text(pilot).splitlines()[-1]
        assert "F6 New location" in bar
        assert "F4" not in bar
        assert "^T Next tab" in bar
        pane(pilot).go_to("location")
        await at_rest(pilot)
        assert "F4 List" in screen_text(pilot).splitlines()[-1]
        await keys(pilot, "ctrl+pagedown")
        bar = screen_text(pilot).splitlines()[-1]
        assert "⏎ Open  Space Mark" in bar
        assert "F7 Transfer" not in bar, "its button stands above"
        assert "New location" not in bar
        await keys(pilot, "ctrl+pageup")
        assert form_of(pilot).focused is pane(pilot).query_one(PrimaryLocation).input

        for size in ((120, 40), (80, 24), (40, 16), (20, 8)):
            await resized(pilot, *size)
            for field in ("name", "barcodes", "location", "track_serials"):
                pane(pilot).go_to(field)
                await at_rest(pilot)
                focused = form_of(pilot).focused
                assert focused is not None
                page = pane(pilot).query_one(".page").region
                assert page.contains_region(focused.region), (field, screen_text(pilot))
            await keys(pilot, "space")
            assert "* unsaved" in screen_text(pilot).splitlines()[0]
            await keys(pilot, "space")


async def test_a_changed_field_is_marked_and_not_written_before_save_and_leaving_asks_where_something_is_unsaved(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        await keys(pilot, "end", "X")
        assert "DRILL · Cordless drill  * unsaved" in screen_text(pilot)
        assert "* Unsaved: Name" in screen_text(pilot)
        assert "Name             *  Cordless drillX" in screen_text(pilot)
        assert saved("DRILL").name == "Cordless drill"
        await keys(pilot, "backspace")
        assert "unsaved" not in screen_text(pilot).lower()
        await keys(pilot, "X", "backspace", "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await keys(pilot, "end")
        await keys(pilot, "!", "f10")
        await seen(pilot, "✓ Saved.", "DRILL · Cordless drill!")
        assert "unsaved" not in screen_text(pilot).lower()
        assert (saved("DRILL").name, saved("DRILL").version) == ("Cordless drill!", 2)

        await keys(pilot, "end", "X", "f3")
        await seen(pilot, "Not saved yet: Name. Save before you leave?")
        await keys(pilot, "enter")
        assert "Cordless drill!X" in screen_text(pilot)
        await keys(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, ItemScreen)
        await keys(pilot, "f3", "f8")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        assert saved("DRILL").name == "Cordless drill!"
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemScreen))
        await keys(pilot, "end", "Y", "f3", "f10")
        await until(pilot, lambda: isinstance(pilot.app.screen, ItemsScreen))
        assert saved("DRILL").name == "Cordless drill!Y"


async def test_saving_the_tick_brings_and_takes_the_serials_tab_and_one_stays_where_one_was(
    database: Any, boss: Actor
) -> None:
    create_item(boss, "NEW", "No serial yet", track_serials=True)
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        assert tab_names(pilot) == ["Item"]
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space")
        assert "[x] on" in screen_text(pilot)
        assert tab_names(pilot) == ["Item"]
        assert not saved("DRILL").track_serials
        await keys(pilot, "f10")
        await seen(pilot, "The Serials tab is there now")
        assert tab_names(pilot) == ["Item", "Serials", "Documents"]
        assert isinstance(form_of(pilot).focused, TrackSerials)
        assert not form_of(pilot).query(SerialsPane)
        assert saved("DRILL").track_serials
        assert "4 on hand · 0 serials on hand · 4 without serial" in screen_text(pilot)
        await keys(pilot, "ctrl+t")
        await seen(pilot, "No serials yet")
        await keys(pilot, "ctrl+t")
        await seen(pilot, "No document names a serial of this item yet.")
        await keys(pilot, "ctrl+t")
        assert isinstance(form_of(pilot).focused, TrackSerials)

        await open_item(pilot, "NEW")
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space", "f10")
        await seen(pilot, "Serials are not tracked any more")

        await pilot.click("#track_serials", offset=(2, 0))
        await at_rest(pilot)
        assert "* Unsaved: Track Serials" in screen_text(pilot)
        await pilot.click("#save")
        await at_rest(pilot)
        await seen(pilot, "The Serials tab is there now")


async def test_tracking_save_next_tab_and_add_in_one_burst_reach_the_dialog(database: Any, boss: Actor) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        await terminal_sends(pilot, "\t\t\t " + F10 + CTRL_T + F6 + "SN-1\r")
        await seen(pilot, "SN-1 added")
        assert item_form(saved("DRILL").id).records == 1


async def test_taking_the_tick_away_warns_with_the_count_and_keeps_the_records(database: Any, boss: Actor) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "LAP-14")
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space", "f10")
        await seen(pilot, "7 serial records are kept and the Serials tab is hidden")
        await keys(pilot, "enter")
        await seen(pilot, "Nothing was saved.", "* unsaved")
        assert saved("LAP-14").track_serials
        await keys(pilot, "f10", "f10")
        await seen(pilot, "their records are kept", "[ ] off · 7 records kept")
        assert tab_names(pilot) == ["Item"]
        assert not saved("LAP-14").track_serials
        await keys(pilot, "space", "f10", "ctrl+t")
        await seen(pilot, "5CG8341K6")
        assert item_form(saved("LAP-14").id).serials == 7

        # Saving from the Serials tab, which goes away, comes back to the item.
        await keys(pilot, "ctrl+pageup")
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space", "ctrl+t", "f10", "f10")
        await seen(pilot, "their records are kept")
        assert isinstance(form_of(pilot).focused, TrackSerials)


async def test_a_refused_save_says_why_and_leaves_everything_as_typed(database: Any, boss: Actor) -> None:
    async with opened(database, boss) as pilot:
        await open_item(pilot, "DRILL")
        pane(pilot).query_one(NameInput).value = ""
        await keys(pilot, "tab", "f10")
        await seen(pilot, "The item's name is empty. Type one.")
        assert isinstance(form_of(pilot).focused, NameInput)
        await types(pilot, "Drill")
        await keys(pilot, "tab")
        await types(pilot, "4012345678901\r4098765432109\r")
        await keys(pilot, "tab", *"NOWHERE", "f10")
        await seen(pilot, "There is no location NOWHERE. F4 lists them all.")
        assert saved("DRILL").name == "Cordless drill"
        await types(pilot, "main-a-03")
        await keys(pilot, "f10")
        await seen(pilot, "✓ Saved.")
        form = item_form(saved("DRILL").id)
        assert form.barcodes == ("4012345678901", "4098765432109")
        assert (form.name, form.location) == ("Drill", "MAIN-A-03")
        assert form.on_hand == 4
        await seen(pilot, "Laptops, shelf 3")

        # Barcodes that are scanned one after the other stand apart from those that were there.
        pane(pilot).go_to("name")
        await at_rest(pilot)
        await terminal_sends(pilot, "\t2222\r3333\r" + F10)
        await seen(pilot, "✓ Saved.")
        assert item_form(saved("DRILL").id).barcodes == ("2222", "3333", "4012345678901", "4098765432109")

        pane(pilot).go_to("location")
        await at_rest(pilot)
        await terminal_sends(pilot, F6 + "MAIN-B-01\r")
        await keys(pilot, *"Tools", "enter")
        await terminal_sends(pilot, "main\r" + F10)
        await seen(pilot, "The location MAIN-B-01 is made. Save makes it the primary location.", "Tools")
        await keys(pilot, "f10")
        await seen(pilot, "✓ Saved.")
        assert item_form(saved("DRILL").id).location == "MAIN-B-01"


async def test_without_the_permission_track_serials_is_not_there(database: Any, boss: Actor) -> None:
    editor = somebody(boss, "editor", Permission.VIEW, Permission.EDIT_ITEMS)
    async with opened(database, editor) as pilot:
        await open_item(pilot, "LAP-14")
        shown = screen_text(pilot)
        assert "Track Serials" not in shown
        assert "Item Settings" not in shown
        assert tab_names(pilot) == ["Item", "Serials", "Documents"]
        await keys(pilot, "end", "X", "f10")
        await seen(pilot, "✓ Saved.")
        assert saved("LAP-14").track_serials


async def test_a_viewer_reads_and_cannot_type(database: Any, boss: Actor) -> None:
    viewer = somebody(boss, "viewer-only", Permission.VIEW)
    async with opened(database, viewer) as pilot:
        await open_item(pilot, "LAP-14")
        await seen(pilot, "Read only: to change items you need INV_EDIT_ITEMS. Ask your administrator.")
        assert "F10" not in screen_text(pilot)
        await terminal_sends(pilot, "XXX\b\x7f\x1b[200~paste\x1b[201~\tYYY\tZZZ" + F10)
        assert "unsaved" not in screen_text(pilot)
        assert pane(pilot).values.name == "Laptop 14 inch"
        assert "F4" not in screen_text(pilot)
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ItemsScreen)


async def test_who_may_only_track_serials_switches_it_and_cannot_type_into_the_rest(database: Any, boss: Actor) -> None:
    clerk = somebody(boss, "tracker", Permission.VIEW, Permission.MANAGE_SERIALS)
    async with opened(database, clerk) as pilot:
        await open_item(pilot, "DRILL")
        await seen(pilot, "Read only but Track Serials: the rest needs INV_EDIT_ITEMS.")
        await keys(pilot, "X")
        assert "unsaved" not in screen_text(pilot)
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space", "f10")
        await seen(pilot, "The Serials tab is there now")


async def test_a_permission_taken_away_meanwhile_refuses_the_save_in_words_and_then_hides_the_option(
    database: Any, boss: Actor
) -> None:
    clerk = somebody(boss, "tracker", Permission.VIEW, Permission.MANAGE_SERIALS, Permission.EDIT_ITEMS)
    async with opened(database, clerk) as pilot:
        await open_item(pilot, "DRILL")
        pane(pilot).go_to("track_serials")
        await keys(pilot, "space")
        revoke(boss, "tracker", Permission.MANAGE_SERIALS)
        await keys(pilot, "f10")
        await seen(pilot, "tracker needs the permission", "INV_MANAGE_SERIALS. Ask your administrator")
        await keys(pilot, "f5")
        await until(pilot, lambda: "Track Serials" not in screen_text(pilot))
        assert isinstance(form_of(pilot).focused, NameInput)
        assert "unsaved" not in screen_text(pilot)
        assert not saved("DRILL").track_serials


async def test_the_stock_at_all_locations_is_seen_by_scrolling_at_most_and_hostile_text_stands_as_it_is(
    database: Any, boss: Actor
) -> None:
    item = create_item(boss, "MANY", "Everywhere", track_serials=True)
    codes = [f"BIN-{number:02}" for number in range(40)]
    for code in codes:
        place = create_location(boss, code)
        Stock.create(item=item.id, location=place.id, on_hand=1)
    create_location(boss, "[/X]", "[@click=app.bell]ring[/] \u202eevil")
    create_item(boss, "SKU[/]1", "N[/foo] [bold]\u202e", location="[/X]", barcodes=["[red]1"], track_serials=True)
    async with opened(database, boss, (120, 40)) as pilot:
        await open_item(pilot, "MANY")
        assert "BIN-24" in screen_text(pilot)
        for size in ((120, 40), (110, 20), (120, 16), (80, 24)):
            await resized(pilot, *size)
            shown: set[str] = set()
            for _ in range(40):
                shown |= {code for code in codes if code in screen_text(pilot)}
                await keys(pilot, "pagedown")
                if codes[-1] in shown:
                    break
            assert shown == set(codes), size
            for _ in range(40):
                await keys(pilot, "pageup")
                if "BIN-00" in screen_text(pilot):
                    break
            await seen(pilot, "BIN-00")

        await resized(pilot, 100, 24)
        await open_item(pilot, "SKU[/]1")
        shown = screen_text(pilot)
        for text in ("SKU[/]1 · N[/foo] [bold]‹U+202E›", "◆ [/X]", "[@click=app.bell]ring[/] ‹U+202E›evil", "[red]1"):
            assert text in shown, shown
        assert "\u202e" not in shown
        await keys(pilot, "X", "f3")
        await seen(pilot, "Leave SKU[/]1?")

"""What somebody sees who types, scans or chooses a location."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button

from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.permissions import Actor, Permission
from tests.support.app import at_rest, keys, open_item, opened, resized, screen_text, seen, somebody, terminal_sends
from tests.support.record_app import until
from tui.items.new import NewItemDialog
from tui.kit.choose import ChooseDialog
from tui.kit.dialog import Dialog
from tui.records.location_field import LocationCode, LocationField, NewLocationDialog
from tui.scanning.fields import PlainInput
from tui.themes import style_sheets

F4, F6, F10 = "\x1bOS", "\x1b[17~", "\x1b[21~"


class Ask(Dialog[None]):
    """A location, and a field after it."""

    CSS_PATH = style_sheets("records")

    def __init__(self, field: LocationField) -> None:
        super().__init__("Where?")
        self.field = field
        self.said: list[tuple[str, str]] = []

    def compose_fields(self) -> ComposeResult:
        yield self.field
        yield PlainInput(id="after")

    def on_mount(self) -> None:
        self.field.focus()

    def on_location_field_changed(self, event: LocationField.Changed) -> None:
        self.said.append(("changed", event.code))

    def on_location_field_submitted(self, event: LocationField.Submitted) -> None:
        self.said.append(("submitted", event.code))
        self.query_one("#after").focus()


def _places() -> None:
    """MAIN, MAIN-A in it, MAIN-A-03 in that, and NORTH."""
    boss = sign_in("boss")
    create_location(boss, "MAIN-A", "Aisle A", parent="MAIN")
    create_location(boss, "MAIN-A-03", "Laptops, shelf 3", parent="MAIN-A")
    create_location(boss, "NORTH", "North warehouse")


CONTENTS = {"boss": _places}


@pytest.fixture
def boss(database: Any) -> Actor:
    """The administrator."""
    return sign_in("boss")


@asynccontextmanager
async def asked(pilot: Pilot[Any], field: LocationField) -> AsyncIterator[Ask]:
    """Ask for a location, and close what asks."""
    dialog = Ask(field)
    await pilot.app.push_screen(dialog)
    await at_rest(pilot)
    yield dialog
    while pilot.app.screen is not dialog:
        await keys(pilot, "f3")
    dialog.dismiss(None)
    await at_rest(pilot)


async def test_a_code_that_is_typed_or_scanned_has_its_name_beside_it_and_a_wrong_one_is_told(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        async with asked(pilot, LocationField()) as dialog:
            await terminal_sends(pilot, "main-a-03\rxyz")
            await seen(pilot, "Laptops, shelf 3")
            assert dialog.field.code == "MAIN-A-03"
            assert dialog.query_one("#after", PlainInput).value == "xyz"
            assert dialog.said[-1] == ("changed", "MAIN-A-03")

        async with asked(pilot, LocationField("NORTH")) as dialog:
            await seen(pilot, "North warehouse")
            await terminal_sends(pilot, "MAIN\r")
            await seen(pilot, "Main warehouse")
            assert dialog.field.code == "MAIN"

        async with asked(pilot, LocationField()) as dialog:
            await keys(pilot, *"MAI")
            assert "not there" not in screen_text(pilot)
            await keys(pilot, "tab")
            await seen(pilot, "✗ not there")
            assert await dialog.field.problem() == "There is no location MAI. F4 lists them all."
            dialog.field.focus()
            await keys(pilot, "end", "N")
            await seen(pilot, "Main warehouse")
            assert "not there" not in screen_text(pilot)
            assert await dialog.field.problem() == ""

        async with asked(pilot, LocationField(exclude=frozenset({"north"}))) as dialog:
            await keys(pilot, *"north", "tab")
            await seen(pilot, "is where it is")
            assert await dialog.field.problem() == "NORTH is where it is already. F4 lists the others."
            dialog.field.focus()
            await keys(pilot, "f4")
            await seen(pilot, "Laptops, shelf 3")
            assert "North warehouse" not in screen_text(pilot)


async def test_f4_and_the_arrow_list_each_place_under_the_one_it_is_in_and_the_list_takes_what_is_typed(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        async with asked(pilot, LocationField("MAIN-A")) as dialog:
            await keys(pilot, "f4")
            shown = [line.split("│")[1].strip() for line in screen_text(pilot).splitlines() if line.count("│") == 2]
            assert [line for line in shown if line.startswith(("MAIN", "NORTH"))] == [
                "MAIN           Main warehouse",
                "MAIN-A       Aisle A",
                "MAIN-A-03  Laptops, shelf 3",
                "NORTH          North warehouse",
            ]
            await keys(pilot, "down", "enter")
            await seen(pilot, "Laptops, shelf 3")
            assert dialog.field.code == "MAIN-A-03"
            await keys(pilot, "f4", "f3")
            assert dialog.field.code == "MAIN-A-03"

        async with asked(pilot, LocationField("MAIN")) as dialog:
            await terminal_sends(pilot, F4 + "north\r" + "\rdone")
            assert dialog.field.code == "NORTH"
            assert dialog.query_one("#after", PlainInput).value == "done"

        async with asked(pilot, LocationField("MAIN")):
            await keys(pilot, "f4", "n", "wait:500", "tab")
            assert isinstance(pilot.app.screen, ChooseDialog)
            assert isinstance(pilot.app.focused, Button)

        async with asked(pilot, LocationField("MAIN")) as dialog:
            await pilot.click(".location-list")
            await at_rest(pilot)
            await until(pilot, lambda: isinstance(pilot.app.screen, ChooseDialog))
            await keys(pilot, "N", "enter")
            assert dialog.field.code == "NORTH"


async def test_a_scan_into_the_list_takes_what_it_names_or_nothing_and_f6_makes_a_location(
    database: Any, boss: Actor
) -> None:
    async with opened(database, boss) as pilot:
        async with asked(pilot, LocationField("MAIN")) as dialog:
            create_location(boss, "MAIN-A-04", parent="MAIN-A")
            await keys(pilot, "f4")
            await terminal_sends(pilot, "MAIN-A-0\t")
            await seen(pilot, "No code here is MAIN-A-0. Scan a whole one, or take a")
            await terminal_sends(pilot, "NOSUCH\t")
            await seen(pilot, "No code here is NOSUCH. It was not taken.")
            await terminal_sends(pilot, "MAIN-A-04\t")
            assert pilot.app.screen is dialog
            assert dialog.field.code == "MAIN-A-04"

        async with asked(pilot, LocationField("MAIN")) as dialog:
            await terminal_sends(pilot, F4 + F6)
            await keys(pilot, *"NORTH-1", "enter", *"Shelf", "space", "1", "enter", *"NORTH", "f10")
            await seen(pilot, "Shelf 1")
            assert dialog.field.code == "NORTH-1"

        for scan, end in (("MAIN-A", "\r\n"), ("north", "\t")):
            async with asked(pilot, LocationField("MAIN")) as dialog:
                await keys(pilot, "f4")
                await terminal_sends(pilot, f"{scan}{end}")
                assert pilot.app.screen is dialog
                assert dialog.field.code == scan.upper()


async def test_hostile_codes_and_names_stand_in_field_and_list_as_they_are(database: Any, boss: Actor) -> None:
    create_location(boss, "[/b]", "[@click=app.bell]x[/] \u202e")
    async with opened(database, boss) as pilot, asked(pilot, LocationField("[/b]")):
        await seen(pilot, "[@click=app.bell]x[/] ‹U+202E›")
        await keys(pilot, "f4")
        await seen(pilot, "[/b]")
        assert "\u202e" not in screen_text(pilot)


async def test_who_may_not_make_locations_is_not_offered_it(database: Any, boss: Actor) -> None:
    viewer = somebody(boss, "looks-only", Permission.VIEW)
    async with opened(database, viewer) as pilot, asked(pilot, LocationField("MAIN")):
        await keys(pilot, "f4")
        assert "New  F6" not in screen_text(pilot)
        await keys(pilot, "f6")
        assert isinstance(pilot.app.screen, ChooseDialog)


async def test_codes_of_nine_and_twelve_characters_are_seen_whole_on_small_terminals(
    database: Any, boss: Actor
) -> None:
    create_item(boss, "SAW-1", "Circular saw", location="MAIN-A-03", track_serials=True)
    async with opened(database, boss, (20, 8)) as pilot:
        await open_item(pilot, "SAW-1")
        for pressed in (("tab", "tab", "end"), ("ctrl+t", "f6", "tab", "end")):
            await keys(pilot, *pressed)
            for size in ((20, 8), (40, 16)):
                await resized(pilot, *size)
                assert isinstance(pilot.app.focused, LocationCode)
                assert pilot.app.focused.render_line(0).text.strip() == "MAIN-A-03", size
        for dialog in (NewItemDialog, NewLocationDialog):
            await pilot.app.push_screen(dialog())
            await at_rest(pilot)
            pilot.app.screen.query_one(LocationField).focus()
            await terminal_sends(pilot, "\x05\x15MAIN-A-03-12")
            await seen(pilot, "MAIN-A-03-12", "F4 ▾")

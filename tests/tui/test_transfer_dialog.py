"""What somebody sees and does who transfers serials, by the dialog of verbs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from models.people import revoke
from models.permissions import Actor, Permission
from models.serials.moves import transfer_serials
from models.serials.record import find_serial, serial_detail
from tests.support.app import keys, resized, screen_text, seen, terminal_sends
from tests.support.record_app import until
from tests.support.serials import F7, loaded, serials_tab, told
from tests.support.warehouse import Warehouse, person, put
from tui.records.verb_dialog import VerbDialog
from tui.scanning.fields import PlainInput
from tui.serials.detail import SerialScreen


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("SN-1", "SN-2", "SN-3")
    return warehouse


@asynccontextmanager
async def transferring(database: Any, warehouse: Warehouse, actor: Actor | None = None) -> AsyncIterator[Pilot[Any]]:
    """Run the app until the dialog is open for SN-1, from its Serial Detail."""
    async with serials_tab(database, warehouse, actor) as pilot:
        await terminal_sends(pilot, f"SN-1\r{F7}")
        await until(pilot, lambda: isinstance(pilot.app.screen, VerbDialog), "the dialog did not open")
        yield pilot


async def again(pilot: Pilot[Any]) -> None:
    """Open the dialog once more from the Serial Detail."""
    await keys(pilot, "f7")
    await until(pilot, lambda: isinstance(pilot.app.screen, VerbDialog), "the dialog did not open")


async def test_serials_move_with_one_unit_each_of_the_quantity_and_the_document_is_told(
    database: Any, warehouse: Warehouse
) -> None:
    transfer_serials(warehouse.boss, [find_serial("SN-3", "SAW-1")], "SHELF")
    async with serials_tab(database, warehouse) as pilot:
        # Serials of several places go together, and each place gives its units.
        await keys(pilot, "space", "space", "space", "f7")
        await seen(pilot, "SN-1 and 2 more: 2 at MAIN, 1 at SHELF.", "3 units of the quantity on hand move along.")
        await keys(pilot, *"DOCK", "f10")
        await seen(pilot, "3 serials and 3 units of the quantity moved to DOCK.")
        assert warehouse.quantities() == {"MAIN": 7, "DOCK": 3}

        await terminal_sends(pilot, f"SN-1\r{F7}")
        await until(pilot, lambda: isinstance(pilot.app.screen, VerbDialog), "the dialog did not open")
        await seen(pilot, "Transfer · SN-1", "SN-1, now at DOCK.", "One unit of the quantity on hand moves along.")
        await keys(pilot, *"shop", "enter", *"to the window", "enter")
        await seen(
            pilot, "T-000003: 1 serial and 1 unit of the quantity moved to SHOP.", "DOCK → SHOP", "“to the window”"
        )
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3")
        await loaded(pilot)
        await seen(pilot, "SHOP")
    assert warehouse.where("SN-1") == ("in_stock", "SHOP")
    assert warehouse.quantities() == {"MAIN": 7, "DOCK": 2, "SHOP": 1}
    event = serial_detail(find_serial("SN-1", "SAW-1")).events[-1]
    assert (event.from_location, event.to_location, event.note) == ("DOCK", "SHOP", "to the window")


async def test_a_destination_that_cannot_be_is_told_and_only_what_was_typed_is_asked_about(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        for typed, said in (
            ("", "There is no destination."),
            ("NOWHERE", "There is no location NOWHERE."),
            ("main", "MAIN is where it is already."),
            ("[/foo]", "There is no location [/foo]."),
        ):
            await keys(pilot, "ctrl+u", *typed, "f10")
            await told(pilot, said)
            assert isinstance(pilot.app.screen, VerbDialog), typed
        await keys(pilot, "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "a destination alone is asked about")

        await again(pilot)
        await keys(pilot, *"SHOP", "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))

        # A note that was typed is asked about.
        await again(pilot)
        await keys(pilot, *"shop", "enter", *"window", "f3")
        await told(pilot, "What you typed is not saved. F3 again leaves without it.")
        await keys(pilot, "s", "escape")
        assert isinstance(pilot.app.screen, VerbDialog), "something was typed since"
        assert pilot.app.screen.query_one("#note", PlainInput).value == "windows"
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, SerialScreen)
        assert warehouse.where("SN-1") == ("in_stock", "MAIN")
        assert warehouse.quantities() == {"MAIN": 10}

        # A refused destination is no longer spoken of once it is corrected.
        await again(pilot)
        await keys(pilot, *"SHOPX", "f10")
        await told(pilot, "There is no location SHOPX. F4 lists them all.")
        await keys(pilot, "tab", "x", "shift+tab")
        await told(pilot, "There is no location SHOPX.")
        await keys(pilot, "end", "backspace")
        await until(pilot, lambda: "There is no location" not in screen_text(pilot), "the refusal stays")
        await keys(pilot, "f10")
        await seen(pilot, "moved to SHOP")


async def test_destinations_are_listed_without_where_it_is_and_what_others_did_meanwhile_is_told(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, "f4")
        await seen(pilot, "DOCK", "SHELF", "SHOP")
        values = pilot.app.screen.query_one("#values", OptionList)
        assert [str(option.prompt).split()[0] for option in values.options] == ["DOCK", "SHELF", "SHOP"]
        await keys(pilot, *"SHELF", "enter", "f10")
        await seen(pilot, "moved to SHELF")

        # A second F10 means the new state.
        await again(pilot)
        transfer_serials(warehouse.boss, [find_serial("SN-1", "SAW-1")], "DOCK")
        await keys(pilot, *"SHOP", "f10")
        await told(pilot, "SN-1 was transferred to DOCK by boss at", "F10 goes on all the same", "now at DOCK.")
        assert warehouse.where("SN-1") == ("in_stock", "DOCK")
        await keys(pilot, "f10")
        await seen(pilot, "T-000003: 1 serial and 1 unit of the quantity moved to SHOP.")

        # Sold meanwhile: refused with the next thing to do, and the notes stay.
        await again(pilot)
        put(warehouse, "sold", find_serial("SN-1", "SAW-1"), customer="Bergmann AG")
        await keys(pilot, *"MAIN", "tab", *"because", "f10")
        await told(pilot, "SN-1 was sold to Bergmann AG by boss at", "Take it back as a return first.")
        await keys(pilot, "f10")
        await told(pilot, "SN-1 is Sold to Bergmann AG", "Take it back as a return first.")
        assert pilot.app.screen.query_one("#note", PlainInput).value == "because"


async def test_who_has_lost_the_permission_meanwhile_is_refused(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.TRANSFER_SERIAL)
    async with transferring(database, warehouse, clerk) as pilot:
        revoke(warehouse.boss, "role of tim", Permission.TRANSFER_SERIAL)
        await keys(pilot, *"SHOP", "f10")
        await told(pilot, "INV_TRANSFER_SERIAL")
    assert warehouse.where("SN-1") == ("in_stock", "MAIN")


async def test_where_no_transfer_can_be_nobody_is_asked_where_to_and_the_dialog_works_on_small_terminals(
    database: Any, warehouse: Warehouse
) -> None:
    put(warehouse, "sold", 1, customer="Bergmann AG")
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f7")
        await seen(pilot, "SN-1 is Sold to Bergmann AG since", "Take it back as a return first.")
        assert not isinstance(pilot.app.screen, VerbDialog)
        await keys(pilot, "enter")
        await seen(pilot, "SOLD", "F9 Warranty")
        assert "F7 Transfer" not in screen_text(pilot)
        await keys(pilot, "f7")
        assert isinstance(pilot.app.screen, SerialScreen)

        for size, serial in (((20, 8), "SN-2"), ((40, 16), "SN-3")):
            await resized(pilot, *size)
            await terminal_sends(pilot, f"{serial}\r{F7}")
            await until(pilot, lambda: isinstance(pilot.app.screen, VerbDialog), f"no dialog at {size}")
            if size[0] == 40:
                await keys(pilot, *"MAIN-A-03-12")
                await seen(pilot, "Destination ", "MAIN-A-03-12", "F4 ▾")
                await keys(pilot, "ctrl+u")
            await keys(pilot, *"SHOP")
            await seen(pilot, "SHOP", "Leave  F3")
            await keys(pilot, "f10")
            await until(
                pilot,
                lambda serial=serial: warehouse.where(serial) == ("in_stock", "SHOP"),  # type: ignore[misc]
                f"{serial} did not move",
            )
            assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines()), size

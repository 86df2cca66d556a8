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
from tests.support.app import keys, screen_text, seen, terminal_sends
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
async def transferring(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app until the dialog is open for SN-1, from its Serial Detail."""
    async with serials_tab(database, warehouse, actor, size) as pilot:
        await terminal_sends(pilot, f"SN-1\r{F7}")
        await until(pilot, lambda: isinstance(pilot.app.screen, VerbDialog), "the dialog did not open")
        yield pilot


async def test_a_serial_moves_with_one_unit_of_the_quantity_and_the_document_is_told(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        await seen(pilot, "Transfer · SN-1", "SN-1, now at MAIN.", "One unit of the quantity on hand moves along.")
        await keys(pilot, *"shop", "enter", *"to the window", "enter")
        await seen(
            pilot, "T-000001: 1 serial and 1 unit of the quantity moved to SHOP.", "MAIN → SHOP", "“to the window”"
        )
        assert isinstance(pilot.app.screen, SerialScreen)
        await keys(pilot, "f3")
        await loaded(pilot)
        await seen(pilot, "SHOP")
    assert warehouse.where("SN-1") == ("in_stock", "SHOP")
    assert warehouse.quantities() == {"MAIN": 9, "SHOP": 1}
    event = serial_detail(find_serial("SN-1", "SAW-1")).events[-1]
    assert (event.from_location, event.to_location, event.note) == ("MAIN", "SHOP", "to the window")


async def test_the_list_of_destinations_leaves_out_where_it_is(database: Any, warehouse: Warehouse) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, "f4")
        await seen(pilot, "DOCK", "SHELF", "SHOP")
        values = pilot.app.screen.query_one("#values", OptionList)
        assert [str(option.prompt).split()[0] for option in values.options] == ["DOCK", "SHELF", "SHOP"]
        await keys(pilot, *"SHELF", "enter", "f10")
        await seen(pilot, "moved to SHELF")


async def test_a_destination_that_cannot_be_is_told_and_nothing_moves(database: Any, warehouse: Warehouse) -> None:
    async with transferring(database, warehouse) as pilot:
        for typed, said in (
            ("", "There is no destination."),
            ("NOWHERE", "There is no location NOWHERE."),
            ("main", "MAIN is where it is already."),
            ("[/foo]", "There is no location [/foo]."),
        ):
            await keys(pilot, "ctrl+u", *typed, "f10")
            await told(pilot, said)
            assert isinstance(pilot.app.screen, VerbDialog)
    assert warehouse.where("SN-1") == ("in_stock", "MAIN")
    assert warehouse.quantities() == {"MAIN": 10}


async def test_a_refused_destination_is_no_longer_spoken_of_once_it_is_corrected(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, *"SHOPX", "f10")
        await told(pilot, "There is no location SHOPX. F4 lists them all.")
        await keys(pilot, "tab", "x", "shift+tab")
        await told(pilot, "There is no location SHOPX.")
        await keys(pilot, "end", "backspace")
        await until(pilot, lambda: "There is no location" not in screen_text(pilot), "the refusal stays")
        await keys(pilot, "f10")
        await seen(pilot, "moved to SHOP")


async def test_a_serial_sold_meanwhile_is_refused_with_the_next_thing_to_do_and_the_notes_stay(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        put(warehouse, "sold", find_serial("SN-1", "SAW-1"), customer="Bergmann AG")
        await keys(pilot, *"SHOP", "tab", *"because", "f10")
        await told(pilot, "SN-1 was sold to Bergmann AG by boss at", "Take it back as a return first.")
        await keys(pilot, "f10")
        await told(pilot, "SN-1 is Sold to Bergmann AG", "Take it back as a return first.")
        assert pilot.app.screen.query_one("#note", PlainInput).value == "because"


async def test_what_somebody_else_did_meanwhile_is_told_and_a_second_f10_means_the_new_state(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        transfer_serials(warehouse.boss, [find_serial("SN-1", "SAW-1")], "DOCK")
        await keys(pilot, *"SHOP", "f10")
        await told(pilot, "SN-1 was transferred to DOCK by boss at", "F10 goes on all the same", "now at DOCK.")
        assert warehouse.where("SN-1") == ("in_stock", "DOCK")
        await keys(pilot, "f10")
        await seen(pilot, "T-000002: 1 serial and 1 unit of the quantity moved to SHOP.")


async def test_who_has_lost_the_permission_meanwhile_is_refused(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.TRANSFER_SERIAL)
    async with transferring(database, warehouse, clerk) as pilot:
        revoke(warehouse.boss, "role of tim", Permission.TRANSFER_SERIAL)
        await keys(pilot, *"SHOP", "f10")
        await told(pilot, "INV_TRANSFER_SERIAL")
    assert warehouse.where("SN-1") == ("in_stock", "MAIN")


async def test_leaving_moves_nothing(database: Any, warehouse: Warehouse) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, *"SHOP", "f3")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
    assert warehouse.where("SN-1") == ("in_stock", "MAIN")


async def test_serials_of_several_places_go_together_and_each_place_gives_its_units(
    database: Any, warehouse: Warehouse
) -> None:
    transfer_serials(warehouse.boss, [find_serial("SN-3", "SAW-1")], "SHELF")
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "space", "space", "space", "f7")
        await seen(pilot, "SN-1 and 2 more: 2 at MAIN, 1 at SHELF.", "3 units of the quantity on hand move along.")
        await keys(pilot, *"DOCK", "f10")
        await seen(pilot, "3 serials and 3 units of the quantity moved to DOCK.")
    assert warehouse.quantities() == {"MAIN": 7, "DOCK": 3}


@pytest.mark.parametrize("size", [(20, 8), (40, 16)])
async def test_the_dialog_works_on_small_terminals(database: Any, warehouse: Warehouse, size: tuple[int, int]) -> None:
    async with transferring(database, warehouse, size=size) as pilot:
        if size[0] == 40:
            await keys(pilot, *"MAIN-A-03-12")
            await seen(pilot, "Destination ", "MAIN-A-03-12", "F4 ▾")
            await keys(pilot, "ctrl+u")
        await keys(pilot, *"SHOP")
        await seen(pilot, "SHOP", "Leave  F3")
        await keys(pilot, "f10")
        await until(pilot, lambda: warehouse.where("SN-1") == ("in_stock", "SHOP"), "it did not move")
        assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines())


async def test_where_no_transfer_can_be_nobody_is_asked_where_to(database: Any, warehouse: Warehouse) -> None:
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


async def test_a_note_that_was_typed_is_asked_about_before_the_dialog_is_left(
    database: Any, warehouse: Warehouse
) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, *"shop", "enter", *"window", "f3")
        await told(pilot, "What you typed is not saved. F3 again leaves without it.")
        await keys(pilot, "s", "escape")
        assert isinstance(pilot.app.screen, VerbDialog), "something was typed since"
        assert pilot.app.screen.query_one("#note", PlainInput).value == "windows"
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, SerialScreen)
    assert warehouse.where("SN-1") == ("in_stock", "MAIN")


async def test_where_nothing_but_a_destination_was_typed_one_key_leaves(database: Any, warehouse: Warehouse) -> None:
    async with transferring(database, warehouse) as pilot:
        await keys(pilot, *"shop", "f3")
        assert isinstance(pilot.app.screen, SerialScreen)

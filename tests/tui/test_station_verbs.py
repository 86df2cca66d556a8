"""Verbs at the station's screen: chosen by key, answers from lists, what becomes of a draft, and small terminals."""

from __future__ import annotations

from typing import Any

import pytest

from models.customers import add_customer, list_customers
from models.schema import Document
from models.serials.moves import Answers, move
from models.serials.record import find_serial
from models.serials.void import void_last
from models.station import drafts
from models.verbs import MOVES
from tests.support.app import at_rest, keys, seen, types
from tests.support.looking import look
from tests.support.record_app import lines, until
from tests.support.station import judged, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.serials.detail import SerialScreen
from tui.station.asking import ArrivedDialog, GroupDialog
from tui.station.screen import StationScreen

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    warehouse.add("S-1", "S-2", "S-3", "S-4")
    add_customer(warehouse.boss, "Bergmann AG", code="BERG")
    add_customer(warehouse.boss, "Bergstein")
    return warehouse


async def test_a_part_of_a_name_lists_customers_and_ctrl_t_asks_about_the_draft(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await seen(pilot, "SCAN THE PLACE", "Receive: scan a place, an item, then its serials.")
        await keys(pilot, "ctrl+t")
        await seen(pilot, "What to do", "Sell", "XXSDSELL")
        await types(pilot, "sell")
        await keys(pilot, "enter")
        await judged(pilot)
        await seen(pilot, "NOW", "Sell", "Scan the customer, or type a name")
        await types(pilot, "Steinig")
        await keys(pilot, "enter")
        await seen(pilot, "Sell: customer", "Make Steinig", "a new customer")
        await keys(pilot, "enter")
        await seen(pilot, "New customer", "Steinig", "Reference")
        await keys(pilot, "f3")
        await types(pilot, "stein")
        await keys(pilot, "enter")
        await seen(pilot, "Sell: customer", "Bergstein", "Make stein")
        await keys(pilot, "enter")
        await judged(pilot)
        await seen(pilot, "Sell to Bergstein", "Scan a serial")
        await scans(pilot, "S-1")
        await seen(pilot, "OK", "S-1", "1 good", "SAW-1, at MAIN")
        await keys(pilot, "f9")
        await seen(pilot, "Customer", "Bergstein", "Reference", "Warranty")
        await types(pilot, "warr")
        await pilot.press("enter")
        await seen(pilot, "Sell: warranty")
        await types(pilot, "2y")
        await pilot.press("enter")
        await judged(pilot)
        await seen(pilot, "NOW", "2y", "F8 Undo", "F10 Done")
        await keys(pilot, "ctrl+t")
        await types(pilot, "look")
        await keys(pilot, "enter")
        await seen(pilot, "Look up?", "1 scanned for this sale. Keep it for later, or throw it", "Go on here")
        await keys(pilot, "f3")
        await at_rest(pilot)
        await seen(pilot, "Sell to Bergstein")
        assert "AGAIN?" not in "\n".join(lines(pilot.app)), "it was answered already"
        await keys(pilot, "ctrl+t")
        await types(pilot, "look")
        await keys(pilot, "enter")
        await seen(pilot, "Look up?")
        await keys(pilot, "f10")
        await judged(pilot)
        await scans(pilot, "S-1")
        await seen(pilot, "FOUND", "S-1", "In Stock at MAIN", "Now: sell, transfer", "F4 Open")
        shown = "\n".join(lines(pilot.app))
        assert not [key for key in ("F2 ", "F8 ", "F10 ", "Problem") if key in shown]
        assert [row.answers for row in drafts.open_drafts()] == [{"customer": "Bergstein", "warranty": "2y"}]
        await keys(pilot, "f4")
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen))
    assert len(list_customers()) == 2


async def test_arrivals_are_compared_and_all_at_a_place_is_taken(database: Any, warehouse: Warehouse) -> None:
    ids = [find_serial(serial, "SAW-1") for serial in ("S-1", "S-2")]
    sent = move(warehouse.boss, MOVES["dispatch"], ids, Answers(place="SHOP")).document or ""
    async with station(database, warehouse) as pilot:
        await scans(pilot, "XXSDDELIVER")
        await keys(pilot, "f9")
        await seen(pilot, "Arrive: transfer", sent, "to SHOP, 2 on their way")
        await keys(pilot, "enter")
        await judged(pilot)
        await scans(pilot, "S-1", "S-3")
        await seen(pilot, f"Arrive of {sent}", "1 of 2", "Problems 1")
        await keys(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, ArrivedDialog))
        await seen(pilot, "1 of 2 on their way were scanned.", "Missing 1:", "S-2", "Strangers 1:", "S-3")
        await look(pilot)
        move(warehouse.boss, MOVES["arrive"], ids[1:], Answers(transfer=sent))
        await look(pilot)
        await seen(pilot, "1 of 1 on their way were scanned.", "Missing 0", "Strangers 1:", "S-3")
        await keys(pilot, "f3")
        await scans(pilot, "XXSDDONE")
        await seen(pilot, "AGAIN?", "waiting and will be left out: S-3.", "Strangers: S-3.")
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "DONE", "A-000002", "1 serial arrived")
        await scans(pilot, "XXSDSHIFT", "DOCK")
        await keys(pilot, "f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, GroupDialog))
        await scans(pilot, "MAIN")
        await seen(pilot, "Of", "MAIN")
        await keys(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await judged(pilot)
        await seen(pilot, "OK", "All of MAIN", "2 taken.", "F8 Undo")
        await keys(pilot, "f10")
        await judged(pilot)
        await seen(pilot, "DONE", "T-000002", "F8 Void")
        await keys(pilot, "f8")
        await seen(pilot, "Void T-000002", "Reason")
        await scans(pilot, "SHOP")
        await seen(pilot, "NOW", "SHOP", "F8 Undo")
        await scans(pilot, "S-3", "XXSDDONE")
        await seen(pilot, "DONE", "T-000003")
        assert warehouse.where("S-3") == ("in_stock", "SHOP")
        move(warehouse.boss, MOVES["sell"], [find_serial("S-3", "SAW-1")])
        await keys(pilot, "f8")
        await seen(pilot, "S-3 moved on after T-000003")
        void_last(warehouse.boss, [find_serial("S-3", "SAW-1")], "not sold")
        await keys(pilot, "f8")
        await seen(pilot, "Void T-000003", "Reason")
        await types(pilot, "wrong shelf")
        await pilot.press("enter")
        await seen(pilot, "OUT", "V-000002", "1 serial of T-000003 voided.", "F8 Undo")
    assert warehouse.where("S-3") == ("in_stock", "DOCK")
    assert {row.number for row in Document.select() if row.kind == "transfer"} == {
        f"T-00000{each}" for each in (1, 2, 3)
    }


@pytest.mark.parametrize("size", [(40, 16), (20, 8)])
async def test_small_terminals_say_what_to_scan_and_where_it_goes(
    database: Any, warehouse: Warehouse, size: tuple[int, int]
) -> None:
    async with station(database, warehouse, size=size) as pilot:
        await seen(pilot, "SCAN THE PLACE")
        await scans(pilot, "DOCK")
        await seen(pilot, "DOCK", "SCAN THE ITEM")
        await scans(pilot, "SAW-1", "N-1")
        await seen(pilot, "at DOCK", "OK", "N-1", "SCAN A SERIAL, OR")
        await scans(pilot, "S-1")
        shown = "\n".join(lines(pilot.app))
        assert "PROBLEM" in shown
        assert "SCAN A SERIAL" not in shown, "the problem needs the lines"
        assert screen(pilot).job.view.total == 1
        await keys(pilot, "f8", "f8")
        await scans(pilot, "S-2")
        await keys(pilot, "ctrl+t")
        await types(pilot, "sell")
        await pilot.press("enter")
        await seen(pilot, "Sell?", "1 scanned for")  # a problem alone is asked about too

"""What somebody sees and does in the dialog of a verb."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from models.customers import add_customer, find_customer
from models.database.connection import connect, disconnect
from models.items.items import create_item, save_item
from models.permissions import Permission
from models.schema import bound
from models.serials.moves import Answers, move
from models.serials.record import find_serial, serial_detail
from models.station.task import TASKS
from models.verbs import MOVES, VERBS
from tests.support.app import at_rest, keys, opened, resized, screen_text, seen, terminal_sends, types
from tests.support.burst import burst
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.serials import told
from tests.support.warehouse import Warehouse, person, put
from tui.items.list import ItemsScreen
from tui.kit.dialog import ConfirmDialog
from tui.records.actions import carry_out
from tui.records.verb_dialog import ChoiceList, VerbDialog, VerbDone
from tui.scanning.fields import PlainInput
from tui.serials.detail import SerialScreen
from tui.terminal.keys_in_order import Keyboard


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """SAW-1 with SN-0001 to SN-0004 at MAIN, and the customers Bergmann AG (C-17) and Kreis GmbH."""
    warehouse.add("SN-0001", "SN-0002", "SN-0003", "SN-0004")
    add_customer(warehouse.boss, "Bergmann AG", code="C-17")
    add_customer(warehouse.boss, "Kreis GmbH")
    return warehouse


def ids(*serials: str) -> list[int]:
    return [find_serial(serial, "SAW-1") for serial in serials]


def now(serial: str) -> Any:
    """The record as it is in the database."""
    return serial_detail(find_serial(serial, "SAW-1"))


async def ask(
    pilot: Pilot[Any], verb: str, *serials: str, asks: type[Screen[Any]] = VerbDialog
) -> list[VerbDone | None]:
    """Begin a verb on the screen that is open, and wait until something is asked; the list gets what was done."""
    done: list[VerbDone | None] = []

    async def begin() -> None:
        done.append(await carry_out(pilot.app.screen, VERBS[verb], ids(*serials)))  # type: ignore[arg-type]

    pilot.app.screen.run_worker(begin())
    await at_rest(pilot)
    if asks is not ItemsScreen:
        await until(pilot, lambda: isinstance(pilot.app.screen, asks), f"{verb} asked nothing")
    return done


async def is_done(pilot: Pilot[Any], done: list[VerbDone | None], said: str = "") -> None:
    """Wait until a verb is carried out, and see what is said of it."""
    await until(pilot, lambda: bool(done), "nothing was done")
    await at_rest(pilot)
    assert done[0] is not None
    assert said in ("", done[0].said)


@asynccontextmanager
async def asking(
    database: Any, warehouse: Warehouse, verb: str, *serials: str
) -> AsyncIterator[tuple[Pilot[Any], list[VerbDone | None]]]:
    """Run the app until a verb is asked about, on the list of items; the list gets what was done."""
    async with opened(database, warehouse.boss) as pilot:
        yield pilot, await ask(pilot, verb, *serials)


def typed(pilot: Pilot[Any], field: str) -> str:
    return pilot.app.screen.query_one(f"#{field}", PlainInput).value


async def test_a_sale_asks_for_its_answers_and_where_some_refuse_the_others_go_in_one_document(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    save_item(boss, warehouse.item.id, warranty_term="24m")
    warehouse.add("SN-0005", "SN-0006", "SN-0007", "SN-0008", "SN-0009", "SN-0010")
    put(warehouse, "sold", *ids("SN-0003"), customer="Kreis GmbH")
    move(boss, MOVES["reserve"], ids("SN-0007"), Answers(customer="Bergmann AG"))
    async with opened(database, boss) as pilot:
        done = await ask(pilot, "return", "SN-0001", "SN-0002", asks=ItemsScreen)
        await seen(pilot, "SN-0001 is In Stock at MAIN since", "Nor can 1 more.")
        assert done == [None]

        done = await ask(pilot, "sell", "SN-0001", "SN-0002")
        await seen(pilot, "Sell · 2 serials", "SN-0001 and 1 more, now at MAIN.")
        await told(pilot, "24 months, as the item says")
        await types(pilot, "c-17\r4711\r90d")
        await seen(pilot, "Bergmann AG", "90 days")
        await keys(pilot, "f10")
        await is_done(pilot, done, "S-000001: 2 serials sold.")
        sold = now("SN-0002")
        assert (sold.status.code, sold.customer, sold.documents[0].number) == ("sold", "Bergmann AG", "S-000001")

        # Some refuse at once.
        done = await ask(pilot, "sell", "SN-0005", "SN-0006", "SN-0003", asks=ConfirmDialog)
        await told(pilot, "2 of 3 can be sold; SN-0003 is Sold to Kreis GmbH since", "Take it back as a return first.")
        await seen(pilot, "None  F3", "These 2  F10")
        await keys(pilot, "f10")
        await seen(pilot, "Sell · 2 serials")
        await keys(pilot, "f10")
        await is_done(pilot, done)
        assert [now(serial).status.code for serial in ("SN-0005", "SN-0006")] == ["sold", "sold"]

        # Some refuse an answer.
        done = await ask(pilot, "sell", "SN-0007", "SN-0008")
        await types(pilot, "kreis gmbh\r")
        await keys(pilot, "f10", "f10")
        await is_done(
            pilot, done, "S-000003: SN-0008 sold."
        )  # the one that was sold, not the first that was asked about
        done = await ask(pilot, "sell", "SN-0009", "SN-0007", "SN-0010")
        await types(pilot, "kreis gmbh\rPO-7")
        await keys(pilot, "f10")
        await told(pilot, "2 of 3 can be sold; SN-0007 is Reserved", "Sell it to Bergmann AG, or release it first.")
        await keys(pilot, "enter")
        await told(pilot, "Nothing was written. F10 asks again, F3 leaves.")
        assert typed(pilot, "reference") == "PO-7"
        await keys(pilot, "f10", "f10")
        await is_done(pilot, done, "S-000004: 2 serials sold.")
    assert [now(serial).status.code for serial in ("SN-0009", "SN-0007", "SN-0010")] == ["sold", "reserved", "sold"]
    assert now("SN-0010").documents[-1].serials == 2


async def test_what_stands_in_somebodys_open_draft_is_said_before_it_is_saved(
    database: Any, warehouse: Warehouse
) -> None:
    clerk = person(warehouse.boss, "dock2", Permission.MANAGE_SERIALS, Permission.SELL_SERIAL)
    selling = Station(warehouse, clerk, TASKS["sell"])
    selling.scan("SN-0001", "SN-0003")
    async with asking(database, warehouse, "transfer", "SN-0001", "SN-0002") as (pilot, done):
        await told(pilot, "SN-0001 and 1 more, now at MAIN.", "SN-0001 is in dock2's open sale since")
        await terminal_sends(pilot, "SN-0003\r")
        await told(pilot, "SN-0003 moves too: 3 serials. SN-0003 is in dock2's open sale since", "1 more is in open")
        await terminal_sends(pilot, "DOCK\r")
        await seen(pilot, "DOCK")
        assert selling.words("XXSDDONE", "XXSDDONE")[-1] == "done"
        await keys(pilot, "f10")
        await told(pilot, "SN-0001 was sold by dock2 at", "after you looked at it. 1 more was changed too.")
        await keys(pilot, "f10")
        await told(pilot, "1 of 3 can be transferred;")
        await keys(pilot, "f10")
        await until(pilot, lambda: bool(done), "nothing was moved")
        assert [now(serial).location for serial in ("SN-0001", "SN-0002", "SN-0003")] == ["MAIN", "DOCK", "MAIN"]
        Station(warehouse, clerk, TASKS["sell"]).scan("SN-0004")
        await terminal_sends(pilot, "SN-0004\r")
        await seen(pilot, "SN-0004 is in dock2's open sale since")


async def test_who_may_void_some_only_is_offered_these(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    move(clerk, MOVES["sell"], ids("SN-0001", "SN-0003"))
    move(warehouse.boss, MOVES["sell"], ids("SN-0002"))
    serials = ("SN-0001", "SN-0002", "SN-0003")
    async with opened(database, clerk) as pilot:
        done = await ask(pilot, "void", *serials, asks=ConfirmDialog)
        await told(
            pilot,
            "2 of 3 can be voided; SN-0002 was sold on S-000002; to void that, tim needs the permission "
            "INV_VOID_SERIAL_EVENT. Ask your administrator for it.",
        )
        await keys(pilot, "f10")
        await seen(pilot, "Void · 2 serials", "Undoes: sold on S-000001.")
        await types(pilot, "wrong customer\r")
        await is_done(pilot, done, "V-000001: 2 serials voided. Undoes: sold on S-000001.")
        assert [now(serial).status.code for serial in serials] == ["in_stock", "sold", "in_stock"]
        await ask(pilot, "void", "SN-0002", asks=ItemsScreen)
        await seen(pilot, "To void what was done, tim needs the permission INV_VOID_SERIAL_EVENT.")


async def test_a_scan_is_an_answer_or_one_more_serial_and_a_customer_may_be_chosen_or_new(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("SN-0005", "SN-0006")
    put(warehouse, "sold", *ids("SN-0005"), customer="Kreis GmbH")
    async with opened(database, warehouse.boss) as pilot:
        await scans_answer_wherever_the_cursor_is(pilot)

        # F4 lists the customers, and F6 there makes one.
        done = await ask(pilot, "reserve", "SN-0003")
        await keys(pilot, "tab", "f4")
        await seen(pilot, "Bergmann AG  C-17", "Kreis GmbH")
        await keys(pilot, "f6")
        await types(pilot, "Møller & Søn\rM-1")
        await keys(pilot, "f10")
        await seen(pilot, "Reserve · SN-0003", "Møller & Søn")
        await keys(pilot, "f10")
        await is_done(pilot, done)
        assert find_customer("m-1").name == now("SN-0003").customer == "Møller & Søn"

        # An answer that is missing is asked for.
        await resized(pilot, 40, 16)
        done = await ask(pilot, "return", "SN-0005")
        await keys(pilot, "f10")
        await seen(pilot, "There is no location. Type or scan")
        await terminal_sends(pilot, "DOCK\r")
        await keys(pilot, *"does not start", "enter")
        await is_done(pilot, done, "B-000001: SN-0005 returned.")

        await resized(pilot, 80, 24)
        await ask(pilot, "sell", "SN-0006")
        await types(pilot, "Nobody yet\r")
        await seen(pilot, "✱ new")


async def scans_answer_wherever_the_cursor_is(pilot: Pilot[Any]) -> None:
    """Scans are never text, and a command barcode neither saves nor leaves and says where it works."""
    done = await ask(pilot, "sell", "SN-0001")
    await keys(pilot, "tab", "tab", "tab", *"fragile")
    await terminal_sends(pilot, "C-17\r")
    await told(pilot, "The customer is Bergmann AG now.")
    await terminal_sends(pilot, "SN-0002\r")
    await told(pilot, "SN-0002 is in too: 2 serials.", "SN-0001 and 1 more, now at MAIN.")
    await terminal_sends(pilot, "SN-0002\r")
    await told(pilot, "SN-0002 is among them already.")
    assert typed(pilot, "note") == "fragile"
    await keys(pilot, "shift+tab", "shift+tab")
    await terminal_sends(pilot, "PO-2026-77\r")
    await told(pilot, "The reference is PO-2026-77 now.")
    assert (typed(pilot, "reference"), typed(pilot, "customer")) == ("PO-2026-77", "Bergmann AG")
    await terminal_sends(pilot, "PO-2026-78\r")
    await told(pilot, "Nothing here has the serial PO-2026-78.")
    await terminal_sends(pilot, "MAIN\r")
    await told(pilot, "MAIN is no serial.")
    await keys(pilot, "f10")
    await is_done(pilot, done)
    assert now("SN-0002").customer == "Bergmann AG"
    assert now("SN-0001").events[-1].note == "fragile"

    done = await ask(pilot, "lose", "SN-0004")
    await types(pilot, "dropped")
    for command, said in (
        ("DONE", "DONE is for a station; it writes what was scanned there."),
        ("RETURN", "RETURN begins Return. Scan it on a serial's record"),
        ("LOST", "LOST has opened this already."),
    ):
        await terminal_sends(pilot, f"XXSD{command}\r")
        await told(pilot, said, "Mark lost is open here: F10 saves it, F3 leaves it.")
    assert typed(pilot, "note") == "dropped"
    assert done == []
    await keys(pilot, "f10")
    await is_done(pilot, done)
    assert now("SN-0004").status.code == "lost"


async def test_statuses_transfers_and_items_are_chosen_and_a_corrected_text_may_be_scanned(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    create_item(boss, "BIT-9", "Bits", track_serials=True, barcodes=["4006381333931"])
    warehouse.add("SN-0005", "SN-0006")
    move(boss, MOVES["sell"], ids("SN-0001"), Answers(customer="Kreis GmbH"))
    move(boss, MOVES["repair"], ids("SN-0001", "SN-0002"), Answers())
    move(boss, MOVES["dispatch"], ids("SN-0003"), Answers(place="SHOP"))
    async with opened(database, boss) as pilot:
        # Lists know which statuses and transfers can be.
        done = await ask(pilot, "repaired", "SN-0002")
        choices = pilot.app.screen.query_one("#result", ChoiceList)
        assert [str(option.prompt) for option in choices.options] == ["+ In Stock", "< Returned", "! Defective"]
        await keys(pilot, "down", "enter", "f10")
        await is_done(pilot, done)
        assert now("SN-0002").status.code == "returned"
        await ask(pilot, "repaired", "SN-0001")
        assert pilot.app.screen.query_one("#result", ChoiceList).value == "sold"
        await keys(pilot, "f3")
        done = await ask(pilot, "arrive", "SN-0003")
        await seen(pilot, "T-000001 to SHOP, 1 of them")
        await keys(pilot, "f10")
        await is_done(pilot, done)
        assert warehouse.where("SN-0003") == ("in_stock", "SHOP")

        done = await ask(pilot, "correct", "SN-0004")
        await terminal_sends(pilot, "SN-0009\r")
        assert typed(pilot, "new_serial") == "SN-0009"
        await keys(pilot, "f10")
        await is_done(pilot, done, "SN-0004 is SN-0009 now; the old text still finds it.")
        done = await ask(pilot, "change-item", "SN-0005", "SN-0006")
        await keys(pilot, "f10")
        await told(pilot, "Change item needs the other item. Name it by its SKU.")
        await terminal_sends(pilot, "4006381333931\r")
        await told(pilot, "The item is BIT-9 now.")
        assert typed(pilot, "item") == "BIT-9"
        await keys(pilot, "f10")
        await is_done(pilot, done, "2 serials moved to another item.")


async def test_the_dialog_of_a_sale_can_be_used_on_small_terminals(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "tim", Permission.VIEW, Permission.SELL_SERIAL)
    async with opened(database, clerk, (20, 8)) as pilot:
        for size, serial in (((20, 8), "SN-0001"), ((40, 16), "SN-0002")):
            await resized(pilot, *size)
            done = await ask(pilot, "sell", serial)
            await types(pilot, "Kreis GmbH\r\r24m\rfragile")
            await seen(pilot, "fragile")
            assert all(len(line) <= size[0] for line in screen_text(pilot).splitlines()), size
            await keys(pilot, "f10")
            await is_done(pilot, done)
            assert now(serial).warranty_end is not None, size


async def test_a_scan_behind_a_save_that_waits_for_the_database_is_not_dropped(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(database, warehouse, "reserve", "SN-0001") as (pilot, done):
        loop = asyncio.get_running_loop()
        held, free = asyncio.Event(), asyncio.Event()

        def hold() -> None:
            connect(database)
            with database.atomic():
                bound.execute_sql("UPDATE serials SET version = version")
                loop.call_soon_threadsafe(held.set)
                asyncio.run_coroutine_threadsafe(free.wait(), loop).result(30)
            disconnect(database)

        holding = loop.run_in_executor(None, hold)
        await held.wait()
        # Any other hold ends long before the database answers, as it does where that takes ten seconds.
        monkeypatch.setattr(Keyboard.hold.__wrapped__, "__defaults__", (0.01,))  # type: ignore[attr-defined]
        await burst(pilot.app, "\x1b[21~")
        await until(pilot, lambda: "Waiting for the database" in screen_text(pilot), "nothing waits")
        await burst(pilot.app, "SN-0002\r")
        monkeypatch.undo()
        free.set()
        await holding
        await until(pilot, lambda: isinstance(pilot.app.screen, SerialScreen), "the scan is lost")
        await seen(pilot, "SN-0002", "IN STOCK")
    assert [one.said for one in done if one] == ["SN-0001 reserved."]

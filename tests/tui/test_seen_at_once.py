"""What others write is on the screen by itself: nothing moves, and what has changed is marked for a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from models import clock
from models.customers import add_customer, find_customer, set_customer
from models.documents import find_document
from models.locations import find_location
from models.people import set_roles
from models.permissions import Permission
from models.serials.corrections import change_warranty
from models.serials.judging import Scan
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_serial, set_condition_notes
from models.station import drafts
from models.station.engine import ScanStation
from models.statuses import add_status, set_status
from models.verbs import MOVES
from tests.support.app import at_rest, keys, opened, screen_text, seen
from tests.support.looking import look
from tests.support.record_app import cursor_line, lines, until
from tests.support.serials import loaded, serials_tab, table, under_cursor
from tests.support.station import scans, station
from tests.support.warehouse import Warehouse, newcomer, person, put
from tui.find import screen as find_screen
from tui.kit import changed_rows, lazy_table
from tui.records import stock
from tui.routes import (
    CustomerRecord,
    Customers,
    DocumentRecord,
    Documents,
    Drafts,
    Find,
    People,
    PlaceRecord,
    Places,
    Route,
    SerialRecord,
    Statuses,
)
from tui.serials import detail
from tui.serials.detail import SerialScreen


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    """SAW-1 with forty serials, SN-10 to SN-49."""
    warehouse.add(*(f"SN-{number}" for number in range(10, 50)))
    return warehouse


@pytest.fixture(autouse=True)
def _marks_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let marks stay as long as the test needs to look at them."""
    marks_for(monkeypatch, 100_000)


def marks_for(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for module in (changed_rows, lazy_table, detail, find_screen, stock):
        monkeypatch.setattr(module, "CHANGED_SECONDS", seconds)


def row_of(pilot: Pilot[Any], text: str) -> str:
    """The line of the screen with a text."""
    return next(line for line in lines(pilot.app) if text in line)


async def test_the_grid_keeps_cursor_line_marks_and_find_while_others_add_change_and_remove(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, *["down"] * 20, "space", "up")  # the cursor is back on the marked row
        before = screen_text(pilot)
        assert under_cursor(pilot) == "SN-30"
        line = lines(pilot.app).index(row_of(pilot, "SN-30"))
        await look(pilot)
        assert screen_text(pilot) == before, "nothing was written"

        warehouse.add("SN-05")
        put(warehouse, "sold", find_serial("SN-31", "SAW-1"), customer="Bergmann AG")
        await look(pilot)
        assert under_cursor(pilot) == "SN-30"
        assert lines(pilot.app).index(row_of(pilot, "SN-30")) == line
        assert row_of(pilot, "SN-30").startswith("*▸")
        assert row_of(pilot, "SN-31").startswith("~ SN-31")
        assert "$ Sold" in row_of(pilot, "SN-31")
        assert "Bergmann AG" in row_of(pilot, "SN-31")
        assert row_of(pilot, "SN-29").startswith("  SN-29")
        await seen(pilot, "1 marked · row 22 of 41")
        await keys(pilot, "home")
        assert row_of(pilot, "SN-05").startswith("~▸"), "a new row is marked too"

        marks_for(monkeypatch, 0.001)
        put(warehouse, "defective", find_serial("SN-10", "SAW-1"))
        await look(pilot)
        await until(pilot, lambda: row_of(pilot, "SN-10").startswith("  SN-10"), "the mark stays")
        assert "! Defective" in row_of(pilot, "SN-10")
        assert row_of(pilot, "SN-05").startswith("~▸"), "a mark lasts as long as its own change"


async def test_a_row_that_goes_hands_the_cursor_to_its_neighbour_and_out_of_sight_the_first_line_stays(
    database: Any, warehouse: Warehouse
) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f4", *"In Stock", "enter")
        await loaded(pilot)
        await keys(pilot, *["down"] * 20)
        await look(pilot)
        line = lines(pilot.app).index(cursor_line(pilot.app))
        put(warehouse, "sold", *(find_serial(serial, "SAW-1") for serial in ("SN-11", "SN-30", "SN-31")))
        await look(pilot)
        assert under_cursor(pilot) == "SN-32"
        assert lines(pilot.app).index(cursor_line(pilot.app)) == line
        await seen(pilot, "row 20 of 37")
        assert "~" not in screen_text(pilot), "what is gone is not marked"

        table(pilot).scroll_to(y=2)  # as the wheel does
        await look(pilot)
        top = lines(pilot.app)[7]
        warehouse.add("SN-05", "SN-06")
        await look(pilot)
        assert lines(pilot.app)[7] == top
        assert under_cursor(pilot) == "SN-32"
        await keys(pilot, "end", "home")
        assert row_of(pilot, "SN-05").startswith("~▸")


async def test_the_record_shows_and_marks_what_others_do_and_keeps_what_is_typed(
    database: Any, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial_id = find_serial("SN-12", "SAW-1")
    async with opened(database, warehouse.boss) as pilot:
        app: Any = pilot.app
        app.run_worker(app.open(SerialRecord(serial_id)), group="open")
        await until(pilot, lambda: isinstance(app.screen, SerialScreen))
        app.screen.query_one("#notes").focus()
        await keys(pilot, *"mine")
        await look(pilot)
        put(warehouse, "sold", serial_id, customer="Bergmann AG")
        set_condition_notes(warehouse.boss, serial_id, "scratched")
        await look(pilot)
        await seen(pilot, "$ SOLD to Bergmann AG", "In Stock → Sold", "mine", "Condition •", "now: “scratched”")
        marked = {str(line.content).strip() for line in app.screen.query(".-by-others")}
        assert {"$ SOLD to", "Bergmann AG", "Last place"} <= marked
        assert "MAIN" not in marked
        marks_for(monkeypatch, 0.001)
        change_warranty(warehouse.boss, [serial_id], to="..2031-01-01")
        await look(pilot)
        await seen(pilot, "until 2031-01-01")
        days = (date(2031, 1, 1) - clock.today()).days
        await seen(pilot, f"ends in {days:,} days")
        tomorrow = clock.today() + timedelta(days=1)
        monkeypatch.setattr(clock, "today", lambda: tomorrow)
        marks_for(monkeypatch, 100_000)
        await look(pilot)
        await seen(pilot, f"ends in {days - 1:,} days")
        assert "warranty-days" not in {line.id for line in app.screen.query(".-by-others")}, "nobody has changed it"


async def test_the_station_lists_what_others_leave_and_says_at_once_that_its_draft_is_taken_over(
    database: Any, warehouse: Warehouse
) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse) as pilot:
        await look(pilot)
        left = ScanStation()
        left.scan(clerk, [Scan(code) for code in ("DOCK", "SAW-1", "SN-90")], lambda _: None)
        left.leave(clerk)
        await look(pilot)
        await seen(pilot, "Open receipt at DOCK, 1 scanned, by", "clerk1")
        await scans(pilot, "SHELF", "SAW-1", "SN-91")
        await look(pilot)
        await seen(pilot, "OK", "1 good")
        mine = next(row.id for row in drafts.open_drafts() if row.location == "SHELF")
        drafts.take_over(clerk, mine, "another-host/1/x")
        await look(pilot)
        await seen(pilot, "Not here any more", "clerk1 took this draft over at")


async def test_drafts_and_the_lines_of_one_show_what_other_stations_do(database: Any, warehouse: Warehouse) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS, Permission.VIEW)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "SHELF", "SAW-1", "SN-90", "SN-91")
        await keys(pilot, "f2")
        await seen(pilot, "2 lines")
        await look(pilot)
        before = screen_text(pilot)
        there = ScanStation()
        there.scan(clerk, [Scan(code) for code in ("DOCK", "SAW-1", "SN-90", "SN-90", "XXSDDONE")], lambda _: None)
        await look(pilot)
        assert "In Stock" not in before
        assert row_of(pilot, "SN-90").startswith("~")
        assert "+ In Stock" in row_of(pilot, "SN-90")
        assert row_of(pilot, "SN-91").startswith(" ▸")
        mine = next(row.id for row in drafts.open_drafts())
        drafts.take_over(clerk, mine, "another-host/1/x")
        await look(pilot)
        await seen(pilot, "2 lines", "clerk1 took this draft over at")

        pilot.app.run_worker(pilot.app.open(Drafts()), group="open")  # type: ignore[attr-defined]
        await seen(pilot, "draft 1 of 1", "open")
        await look(pilot)
        drafts.keep_alive(clerk, mine, "another-host/1/x")
        await look(pilot)
        assert "~" not in screen_text(pilot), "a sign of life changes nothing that is shown"
        there.scan(clerk, [Scan(code) for code in ("DOCK", "SAW-1", "SN-92")], lambda _: None)
        there.leave(clerk)
        await look(pilot)
        assert row_of(pilot, "at DOCK").startswith("~")
        assert row_of(pilot, "at SHELF").startswith(" ▸")
        await keys(pilot, "end", "f4")
        await seen(pilot, "Open receipt at SHELF, 2 scanned", "clerk1 has it open at another station")
        await look(pilot)
        drafts.let_go(clerk, mine, "another-host/1/x")
        await look(pilot)
        assert "has it open" not in screen_text(pilot)
        drafts.discard(clerk, mine)
        await look(pilot)
        await seen(pilot, "It was finished or discarded")
        await keys(pilot, "f3")
        await look(pilot)
        await seen(pilot, "draft 1 of 1")
        assert "SHELF" not in screen_text(pilot)


async def test_hits_of_find_are_those_of_now_and_the_cursor_stays_on_its_hit(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        app: Any = pilot.app
        app.run_worker(app.open(Find("SN-1")), group="open")
        await seen(pilot, "Serials", "SN-19")
        await keys(pilot, "down", "down")
        await look(pilot)
        hit = app.screen.under_cursor
        put(warehouse, "sold", find_serial("SN-15", "SAW-1"))
        warehouse.add("SN-1")
        await look(pilot)
        assert app.screen.under_cursor == hit
        assert row_of(pilot, "SN-15").lstrip().startswith("~ SN-15")
        assert "$ Sold" in row_of(pilot, "SN-15")
        assert row_of(pilot, "SN-16").lstrip().startswith("SN-16")


async def test_the_places_of_an_item_follow_in_their_dialog(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "ctrl+n")
        await seen(pilot, "SAW-1 by location", "Together")
        await look(pilot)
        transfer_serials(warehouse.boss, [find_serial("SN-12", "SAW-1")], "SHOP")
        await look(pilot)
        await seen(pilot, "~ SHOP", "Together")


async def test_ones_own_changes_are_not_marked(database: Any, warehouse: Warehouse) -> None:
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f6", *"SN-00", "enter", "f3")
        await loaded(pilot)
        await look(pilot)
        assert under_cursor(pilot) == "SN-00"
        assert "~" not in screen_text(pilot)


async def test_lists_and_records_of_customers_places_documents_and_statuses_follow_too(
    database: Any, warehouse: Warehouse
) -> None:
    boss = warehouse.boss
    for name in ("A AG", "B AG"):
        add_customer(boss, name)
    customer, place = find_customer("B AG").id, find_location("SHOP").id
    sold = [find_serial(f"SN-{number}", "SAW-1") for number in range(20, 25)]
    move(boss, MOVES["sell"], sold[:2], Answers(customer="B AG"))
    transfer_serials(boss, sold[3:4], "SHOP")
    sale = find_document("S-000001").id
    newcomer(boss, "ann")
    status = add_status(boss, "demo", "Demo unit", colour="green", mark="d").code
    walk: list[tuple[Route[Any], Callable[[], object], str, str]] = [
        (Customers(), lambda: set_customer(boss, customer, code="B-7"), "B AG", "B-7"),
        (
            CustomerRecord(customer),
            lambda: move(boss, MOVES["sell"], sold[2:3], Answers(customer="B AG")),
            "SN-22",
            "SAW-1",
        ),
        (Places(), lambda: transfer_serials(boss, [find_serial("SN-10", "SAW-1")], "SHELF"), "SHELF", "1"),
        (PlaceRecord(place), lambda: transfer_serials(boss, sold[4:5], "SHOP"), "SAW-1", "2"),
        (Documents(), lambda: transfer_serials(boss, sold[4:5], "SHELF"), "T-000004", "transfer"),
        (DocumentRecord(sale), lambda: move(boss, MOVES["return"], sold[:1], Answers(place="SHOP")), "SN-20", "SHOP"),
        (Statuses(), lambda: set_status(boss, status, label="Shown"), "Shown", "d"),
        (People(), lambda: set_roles(boss, "ann", ["clerk"]), "ann", "clerk"),
    ]
    async with opened(database, boss, size=(120, 24)) as pilot:
        app: Any = pilot.app
        for route, write, row, shows in walk:
            app.run_worker(app.open(route), group="open")
            await at_rest(pilot)
            await until(pilot, lambda: app.screen.list_in_front.total > 0, f"{route} has no rows")
            await look(pilot)
            await keys(pilot, "home")
            assert not [line for line in lines(app) if line.startswith("~")], route
            under = app.screen.list_in_front.cursor_record.key
            write()
            await look(pilot)
            assert row_of(pilot, row).startswith("~"), (route, screen_text(pilot))
            assert shows in row_of(pilot, row), route
            assert app.screen.list_in_front.cursor_record.key == under
            await keys(pilot, "f3")

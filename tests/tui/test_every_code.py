"""Every result of SQLite and every class of SQLSTATEs, thrown wherever a person writes and reads.

The app is alive, says what is wrong, and what was scanned or typed is saved exactly once as soon as it can be.
`tests/models/test_faults.py` throws each code at each kind of statement; here each is thrown at each place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from textual.pilot import Pilot

from models.check import check
from models.customers import add_customer, list_customers
from models.database import faults
from models.database.connection import address
from models.errors import Busy
from models.locations import list_places
from models.schema import Document, Item, Location, Serial, SerialEvent
from models.verbs import VERBS
from tests.support.adding import adding
from tests.support.app import at_rest, keys, open_item, opened, screen_text, seen, terminal_sends, types
from tests.support.burst import burst_to_the_end, by_hand
from tests.support.engines import BOTH_ENGINES
from tests.support.fault_codes import ThrownFault, each_class, forget_damage, in_turn
from tests.support.faults import FaultMaker, faults_in, sqlite_error
from tests.support.importing import comes_to, goes_to_preview, importing, imports, write_file
from tests.support.importing import screen as import_screen
from tests.support.record_app import until
from tests.support.station import F10, gun, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep
from tui.records.actions import carry_out
from tui.routes import CustomerRecord, Customers, Documents, ItemRecord, NewLocation, Places, SerialRecord, Statuses

ALWAYS: Final = 10**6
SMALL: Final = (40, 16)
EACH: Final = 3
"""Of so many dialogs or lists one meets a certain code."""
DRAWN: Final = 10
"""Of so many codes one is looked at as it is drawn; the message of each is read from its widget."""
WAITS: Final = "1 scan waits here and is tried again by itself."
F5: Final = "\x1b[15~"
FULL: Final = {"sqlite": "SQLITE_FULL", "postgresql": "53100"}
"""What fails first where the code is thrown at the rollback."""

POINTS: Final = ("write", "begin", "commit", "read", "rollback")


@pytest.fixture
def maker(database: Any) -> Iterator[FaultMaker]:
    """Makes faults."""
    with faults_in(database) as made:
        yield made


def throw(maker: FaultMaker, fault: ThrownFault, engine: str) -> str:
    """Let all statements of a kind fail until they are let alone; returns the code that is told."""
    maker.arm(fault.point, fault.code, ALWAYS)
    if fault.point != "rollback":
        return fault.shown
    maker.arm("write", FULL[engine], ALWAYS)
    return FULL[engine]


async def sends(pilot: Pilot[Any], text: str, until_then: Callable[[], object], what: object) -> None:
    """Give the app bytes and wait for what they bring about, if it can be without drawing: that takes most of the time.

    Some messages are set only behind a drawing.
    """
    async with by_hand():
        await burst_to_the_end(pilot.app, text)  # type: ignore[arg-type]
    for look in range(10):
        if until_then():
            return
        await asyncio.sleep(0.005 * look)
    await until(pilot, until_then, str(what))


def tells(front: Any, beginning: str = "", *texts: str) -> Callable[[], bool]:
    """Whether a screen or dialog says something that begins so and has these texts in it."""
    return lambda: (
        bool(said(front)) and said(front).startswith(beginning) and all(text in said(front) for text in texts)
    )


def let_alone(maker: FaultMaker, database: Any) -> None:
    """Let everything succeed again."""
    assert maker.made, "nothing failed"
    maker.disarm()
    forget_damage(database)


@BOTH_ENGINES
async def test_at_the_station_each_scan_waits_and_is_saved_once(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    thrown = list(in_turn(engine, 0, POINTS))
    refused: list[str] = []
    async with station(database, warehouse, size=SMALL) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        queue = screen(pilot).queue
        for number, fault in enumerate(thrown):
            serial = f"SN-{number:05}"
            told = throw(maker, fault, engine)
            if fault.is_refused:
                refused.append(serial)
                await sends(pilot, gun(serial), lambda: len(queue.not_taken.lines) == len(refused), fault)
                assert "refuses this" in queue.not_taken.lines[-1].message
                let_alone(maker, database)
                continue
            # The sentence about the fault before may still be there, with the same code.
            says = tells(screen(pilot), WAITS, told)
            await sends(pilot, gun(serial), lambda says=says: queue.trouble is not None and says(), fault)  # type: ignore[misc]
            assert queue.trouble is not None
            assert queue.trouble.error == told, fault
            assert fault.point == "rollback" or type(queue.trouble) is (fault.kind or Busy), fault
            if number % DRAWN == 0:
                await seen(pilot, "1 scan waits here", told)
            let_alone(maker, database)
            await sends(pilot, F5, lambda: not queue.waiting, fault)
        await terminal_sends(pilot, gun(*refused))
        await until(pilot, lambda: screen(pilot).job.view.count == len(thrown) and not queue.not_taken.lines)
        await terminal_sends(pilot, F10)
        await seen(pilot, "R-000001", f"{len(thrown)} serials received")
    assert Serial.select().count() == SerialEvent.select().count() == len(thrown)
    assert check(database).findings == ()


def shows_added(dialog: Any, many: int) -> bool:
    """Whether the dialog says that so many were added."""
    return str(dialog.query_one(".added-count").render()).startswith(f"{many} added")


def has_problems(dialog: Any, many: int) -> bool:
    """Whether so many serials were refused, by a constraint."""
    problems = dialog._intake.problems
    return len(problems) == many and all("refuses this" in problem.refusal.message for problem in problems)


@BOTH_ENGINES
async def test_in_add_serial_each_serial_waits_and_is_added_once(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    thrown = list(in_turn(engine, 1, POINTS))
    refused: list[str] = []
    async with adding(database, warehouse, size=SMALL) as pilot:
        for number, fault in enumerate(thrown):
            serial = f"SN-{number:05}"
            throw(maker, fault, engine)
            dialog = pilot.app.screen
            if fault.is_refused:
                refused.append(serial)
                await sends(pilot, gun(serial), partial(has_problems, dialog, len(refused)), fault)
                if len(refused) == 1:
                    await seen(pilot, f"✗ {serial}", "1 not")
                let_alone(maker, database)
                continue
            await sends(pilot, gun(serial), tells(dialog, WAITS), fault)
            if number % DRAWN == 0:
                await seen(pilot, "1 scan waits here")
            let_alone(maker, database)
            await sends(pilot, F5, partial(shows_added, dialog, number + 1 - len(refused)), fault)
        await terminal_sends(pilot, gun(*refused))
        await seen(pilot, f"{len(thrown)} added")
    assert Serial.select().count() == SerialEvent.select().count() == len(thrown)
    assert check(database).findings == ()


# ----- dialogs and forms

Open = Callable[[Pilot[Any], Warehouse], Any]


async def _sell(pilot: Pilot[Any], warehouse: Warehouse) -> None:
    """Sell a serial to somebody new."""
    _ask(pilot, "sell", warehouse.add("SN-SOLD"))
    await at_rest(pilot)
    await types(pilot, "Somebody new")


async def _transfer(pilot: Pilot[Any], warehouse: Warehouse) -> None:
    _ask(pilot, "transfer", warehouse.add("SN-MOVED"))
    await at_rest(pilot)
    await keys(pilot, *"shop")


def _ask(pilot: Pilot[Any], verb: str, serial_ids: list[int]) -> None:
    pilot.app.screen.run_worker(carry_out(pilot.app.screen, VERBS[verb], serial_ids))  # type: ignore[arg-type]


async def _new_item(pilot: Pilot[Any], _: Warehouse) -> None:
    await keys(pilot, "f6", *"NEW-1", "tab", *"Thing")


async def _item_form(pilot: Pilot[Any], _: Warehouse) -> None:
    await open_item(pilot, "SAW-1")
    await keys(pilot, "tab", "end", *"X")


async def _new_customer(pilot: Pilot[Any], _: Warehouse) -> None:
    await _open(pilot, Customers())
    await keys(pilot, "f6", *"Neu")


async def _customer(pilot: Pilot[Any], warehouse: Warehouse) -> None:
    await _open(pilot, CustomerRecord(add_customer(warehouse.boss, "Alt").id))
    await keys(pilot, "f7", "end", *"er")


async def _new_location(pilot: Pilot[Any], _: Warehouse) -> None:
    await _open(pilot, NewLocation())
    await keys(pilot, *"YARD")


async def _location(pilot: Pilot[Any], _: Warehouse) -> None:
    await _open(pilot, Places())
    await keys(pilot, "f7", "end", *"Ramp")


async def _open(pilot: Pilot[Any], route: Any) -> None:
    pilot.app.run_worker(pilot.app.open(route))  # type: ignore[attr-defined]
    await at_rest(pilot)


FORMS: Final[dict[str, tuple[Open, Callable[[], object]]]] = {
    "sell": (_sell, lambda: Document.select().where(Document.kind == "sale").count()),
    "transfer": (_transfer, lambda: Document.select().where(Document.kind == "transfer").count()),
    "new item": (_new_item, lambda: Item.select().where(Item.sku == "NEW-1").count()),
    "item form": (_item_form, lambda: Item.get(Item.sku == "SAW-1").version - 1),
    "new customer": (_new_customer, lambda: [row.name for row in list_customers()].count("Neu")),
    "customer": (_customer, lambda: [row.name for row in list_customers()].count("Alter")),
    "new location": (_new_location, lambda: [row.code for row in list_places()].count("YARD")),
    "location": (_location, lambda: [row.name for row in list_places()].count("Ramp")),
}
"""How each is opened and filled in, and how often it was saved."""


async def test_dialogs_and_forms_say_what_is_wrong_and_are_saved_once(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        first = pilot.app.screen
        for place, (name, (opens, saved)) in enumerate(FORMS.items()):
            await opens(pilot, warehouse)
            form = pilot.app.screen
            for fault in in_turn(engine, place):
                throw(maker, fault, engine)
                form.say("")  # type: ignore[attr-defined]
                await sends(pilot, F10, tells(form), fault)
                assert pilot.app.screen is form, (name, fault)
                assert said(form).startswith(sentence(database, fault)), (name, fault, said(form))
                let_alone(maker, database)
            assert saved() == 0, name
            await terminal_sends(pilot, F10)
            await until(pilot, lambda saved=saved: saved() == 1, f"{name} is not saved")  # type: ignore[misc]
            while pilot.app.screen is not first:
                await keys(pilot, "f3")
    assert check(database).findings == ()


def said(screen: Any) -> str:
    """The message of a screen or dialog."""
    return str(screen.query_one("MessageLine").said)


def sentence(database: Any, fault: ThrownFault) -> str:
    """What is said about a fault of SQLite."""
    understood = faults.understand(sqlite_error(fault.code))
    if faults.is_not_a_database(understood):  # what was one before is damaged
        understood = understood._replace(kind=faults.DAMAGED)
    return understood.as_error(address(database)).message


async def test_lists_and_records_say_what_cannot_be_read_and_are_read_again(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    serial_id = warehouse.add("SN-00001")[0]
    routes = (
        None,
        ItemRecord(warehouse.item.id),
        SerialRecord(serial_id),
        Customers(),
        Places(),
        Documents(),
        Statuses(),
    )
    async with opened(database, warehouse.boss) as pilot:
        for place, route in enumerate(routes):
            if route is not None:
                await _open(pilot, route)
            front = pilot.app.screen
            shown = screen_text(pilot)
            for _, code in each_class(engine)[place % EACH :: EACH]:
                maker.arm("read", code, ALWAYS)
                front.say("")  # type: ignore[attr-defined]
                await sends(pilot, F5, tells(front), code)
                assert pilot.app.screen is front
                assert said(front).startswith(sentence(database, ThrownFault("read", code, None))), (route, code)
                let_alone(maker, database)
            await terminal_sends(pilot, F5)
            for line in shown.splitlines()[1:-4]:
                assert line in screen_text(pilot)


# ----- imports


async def test_an_import_writes_nothing_until_it_can_and_then_everything_once(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str, tmp_path: Path
) -> None:
    path = write_file(tmp_path, *([f"SN-{number:05}", "DOCK", ""] for number in range(3)))
    async with importing(database, warehouse) as pilot:
        await goes_to_preview(pilot, path)
        for fault in in_turn(engine, 2):
            throw(maker, fault, engine)
            await terminal_sends(pilot, F10)
            await until(pilot, lambda: bool(maker.made) and not import_screen(pilot).is_busy, f"{fault} was not met")
            await at_rest(pilot)
            assert not import_screen(pilot).summary.is_done
            assert said(import_screen(pilot)).startswith(sentence(database, fault)), fault
            let_alone(maker, database)
            if faults.understand(sqlite_error(fault.code)).kind.drops:  # and what was read of the file with it
                await terminal_sends(pilot, F10)
                await seen(pilot, "F10 reads it again")
                await terminal_sends(pilot, F10)
                await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert Serial.select().count() == SerialEvent.select().count() == 3
    assert Location.select().count() == 4
    assert check(database).findings == ()

"""Errors of the database on every screen: the app goes on, says what is wrong, loses nothing and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models.check import check
from models.customers import add_customer, find_customer
from models.schema import Draft, DraftLine, Item, Location, Serial, SerialEvent
from models.spool import read_records, spools
from tests.support.adding import adding
from tests.support.app import at_rest, keys, open_item, opened, screen_text, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES, ON_POSTGRESQL
from tests.support.faults import FaultMaker, faults_in
from tests.support.importing import comes_to, goes_to_preview, importing, imports, write_file
from tests.support.importing import screen as import_screen
from tests.support.record_app import until
from tests.support.station import F10, gun, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.importing.screen import ImportStep
from tui.routes import CustomerRecord
from tui.scanning.queue import TRIES

ALWAYS = 10**6

WRITING = {
    "sqlite": (
        ("write", "SQLITE_FULL"),
        ("begin", "SQLITE_BUSY"),
        ("commit", "SQLITE_IOERR_FSYNC"),
        ("write", "SQLITE_READONLY"),
        ("begin", "SQLITE_PROTOCOL"),
        ("write", "SQLITE_ERROR"),
        ("commit", "SQLITE_OF_TOMORROW"),
    ),
    "postgresql": (
        ("write", "53200"),
        ("begin", "25006"),
        ("commit", "40001"),
        ("write", "42P01"),
        ("write", "42601"),
        ("commit", "ZZ999"),
    ),
}
"""A handful for each engine: statement and code. `tests/models/test_faults.py` has all of them."""


@pytest.fixture
def maker(database: Any) -> Iterator[FaultMaker]:
    """Makes faults."""
    with faults_in(database) as made:
        yield made


@BOTH_ENGINES
async def test_scans_wait_at_the_station_and_are_saved_once(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        queue = screen(pilot).queue
        for number, (point, code) in enumerate(WRITING[engine]):
            maker.arm(point, code, ALWAYS)
            await terminal_sends(pilot, gun(f"SN-{number}0001", f"SN-{number}0002"))
            await until(pilot, lambda: queue.trouble is not None and queue.waiting == 2, f"{code} is no trouble")
            assert queue.trouble is not None
            assert queue.trouble.error == code
            assert queue.trouble_since is not None
            await seen(
                pilot, "2 scans wait here and are tried again", f"{queue.trouble_since.astimezone():%H:%M:%S}", code
            )
            maker.disarm()
            await keys(pilot, "f5")
            await until(pilot, lambda: not queue.waiting, f"after {code} the scans are not saved")
            assert queue.trouble_since is None
        many = 2 * len(WRITING[engine])
        await until(pilot, lambda: screen(pilot).job.view.count == many)
        await terminal_sends(pilot, F10)
        await seen(pilot, "R-000001", f"{many} serials received")
    assert Serial.select().count() == SerialEvent.select().count() == many
    assert check(database).findings == ()


async def test_scans_behind_an_answer_or_another_task_that_waits_are_no_part_of_the_draft_before_it(
    database: Any, warehouse: Warehouse, maker: FaultMaker
) -> None:
    warehouse.add("S-1", "S-2", "S-3", "S-4")
    add_customer(warehouse.boss, "Bergmann AG")
    async with station(database, warehouse) as pilot:
        queue = screen(pilot).queue
        await scans(pilot, "XXSDSELL", "S-1")
        maker.arm("write", "SQLITE_FULL", ALWAYS)
        await terminal_sends(pilot, gun("S-2"))
        await until(pilot, lambda: queue.on_disk == 1)
        await keys(pilot, "f9")
        await seen(pilot, "Customer", "Reference")
        await pilot.press("enter")
        await seen(pilot, "Sell: customer", "Bergmann AG")
        await pilot.press("enter")
        await until(pilot, lambda: queue.commands == ["Customer Bergmann AG"])
        await seen(pilot, "Customer Bergmann AG waits")
        await terminal_sends(pilot, gun("S-3", "XXSDDONE"))
        await keys(pilot, "ctrl+t")
        await pilot.press(*"receive")
        await pilot.press("enter")
        await seen(pilot, "Receive?", "3 scanned for this sale.")
        await pilot.press("f10")
        await terminal_sends(pilot, gun("S-4"))
        await until(pilot, lambda: queue.on_disk == 3)
        records = [record for file in spools() for record in read_records(file)]
        assert [(one.text, one.task, one.after, one.ended) for one in records] == [
            ("S-2", "sell", "", 0),
            ("S-3", "sell", "Customer Bergmann AG", 0),
            ("S-4", "receive", "Receive", records[-1].number - 1),
        ]
        maker.disarm()
        await keys(pilot, "f5")
        await until(pilot, lambda: not queue.waiting)
        await seen(pilot, "Receive")
    assert Serial.select().where(Serial.customer.is_null(False)).count() == 3


async def test_a_task_that_is_chosen_while_the_first_scans_wait_throws_nothing_away(
    database: Any, warehouse: Warehouse, maker: FaultMaker
) -> None:
    async with station(database, warehouse) as pilot:
        queue = screen(pilot).queue
        maker.arm("write", "SQLITE_FULL", ALWAYS)
        await terminal_sends(pilot, gun("DOCK", "SAW-1", "SN-10001"))
        await until(pilot, lambda: queue.on_disk == 3)
        await keys(pilot, "ctrl+t")
        await pilot.press(*"sell")
        await pilot.press("enter")
        await seen(pilot, "Sell?", "Keep it for later")
        await pilot.press("f10")
        maker.disarm()
        await keys(pilot, "f5")
        await until(pilot, lambda: not queue.waiting)
        assert screen(pilot).job.task.code == "sell"
    assert [(draft.task, draft.state) for draft in Draft.select()] == [("receive", "open")]
    assert [line.scan for line in DraftLine.select().where(DraftLine.kind == "serial")] == ["SN-10001"]


async def test_what_a_constraint_refuses_is_a_problem_and_pauses_between_retries_of_the_rest_grow(
    database: Any, warehouse: Warehouse, maker: FaultMaker
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        maker.arm("write", "SQLITE_CONSTRAINT_CHECK", ALWAYS)
        await scans(pilot, "SN-10001")
        await seen(pilot, "PROBLEM", "SN-10001", "refuses this", "Problems 1")
        maker.disarm()
        await scans(pilot, "SN-10002")
        assert [line.scan for line in screen(pilot).queue.not_taken.lines] == ["SN-10001"]
        assert [line.scan for line in DraftLine.select().where(DraftLine.kind == "serial")] == ["SN-10002"]

        pauses: list[float] = []
        set_timer = pilot.app.set_timer

        def note(delay: float, callback: Any = None, **options: Any) -> Any:
            if getattr(callback, "__name__", "") == "go_on":
                pauses.append(delay)
                delay = 0.01
            return set_timer(delay, callback, **options)

        pilot.app.set_timer = note  # type: ignore[method-assign]
        maker.arm("write", "SQLITE_FULL", ALWAYS)
        await terminal_sends(pilot, gun("SN-10003"))
        await until(pilot, lambda: len(pauses) >= 8, "it is not tried again")
        maker.disarm()
        await until(pilot, lambda: not screen(pilot).queue.waiting, "it is not saved by itself")
    assert pauses[:8] == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_a_scan_that_meets_a_damaged_row_is_a_problem_and_the_others_go_on(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("SN-10001")
    database.execute_sql("DROP TRIGGER serial_events_no_update")
    database.execute_sql("UPDATE serial_events SET at = 'never'")
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        await terminal_sends(pilot, gun("SN-10002", "SN-10001", "SN-10003"))
        await until(pilot, lambda: not screen(pilot).queue.waiting, "scans wait")
        await at_rest(pilot)
        await seen(pilot, "Problems 1")
        (line,) = screen(pilot).queue.not_taken.lines
        assert line.scan == "SN-10001"
        assert "table serial_events, row 1: at is 'never'" in line.message
        assert "A report for whoever looks after Serialdock is in " in line.message
    assert [line.scan for line in DraftLine.select().where(DraftLine.state == "good", DraftLine.kind == "serial")] == [
        "SN-10002",
        "SN-10003",
    ]


@ON_POSTGRESQL
async def test_a_scan_that_the_server_can_never_store_is_a_problem_and_the_others_go_on(
    database: Any, warehouse: Warehouse
) -> None:
    database.execute_sql(
        "ALTER TABLE draft_lines ADD COLUMN narrow smallint "
        "GENERATED ALWAYS AS (length(serial_number) * CASE WHEN serial_number = 'SN-10001' THEN 10000 END) STORED"
    )
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1")
        await terminal_sends(pilot, gun("SN-10002", "SN-10001", "SN-10003"))
        for _ in range(TRIES - 1):
            await until(pilot, lambda: screen(pilot).queue.trouble is not None, "it is not tried again")
            await seen(pilot, "2 scans wait here and are tried again", "22003")
            await keys(pilot, "f5")
        await until(pilot, lambda: not screen(pilot).queue.waiting, "scans wait")
        await at_rest(pilot)
        await seen(pilot, "Problems 1")
        (line,) = screen(pilot).queue.not_taken.lines
        assert line.scan == "SN-10001"
        assert "cannot store a value of this: smallint out of range (22003). Nothing was written" in line.message
        await terminal_sends(pilot, F10)
        await seen(pilot, "2 serials received")
    assert sorted(serial.serial_number for serial in Serial.select()) == ["SN-10002", "SN-10003"]


@BOTH_ENGINES
async def test_add_serial_keeps_what_could_not_be_saved(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    async with adding(database, warehouse) as pilot:
        for number, (point, code) in enumerate(WRITING[engine]):
            maker.arm(point, code, ALWAYS)
            await terminal_sends(pilot, gun(f"SN-{number}0001"))
            await seen(pilot, "1 scan waits here and is tried again by itself")
            maker.disarm()
            await keys(pilot, "f5")
            await seen(pilot, f"{number + 1} added")
    assert Serial.select().count() == SerialEvent.select().count() == len(WRITING[engine])


async def test_every_screen_says_what_cannot_be_read_and_forms_keep_what_was_typed(
    database: Any, warehouse: Warehouse, maker: FaultMaker
) -> None:
    warehouse.add("SN-10001")
    row = add_customer(warehouse.boss, "Alt")
    async with opened(database, warehouse.boss) as pilot:
        await nothing_can_be_read(pilot, maker)

        await keys(pilot, "f6", *"NEW-1", "tab", *"Thing")
        for point, code in (("write", "SQLITE_FULL"), ("commit", "SQLITE_IOERR"), ("begin", "SQLITE_OF_TOMORROW")):
            maker.arm(point, code, ALWAYS)
            await keys(pilot, "f10")
            await seen(pilot, "The database" if code == "SQLITE_OF_TOMORROW" else "database")
            await until(pilot, lambda: bool(maker.made), f"{code} was not met")
            maker.disarm()
        await keys(pilot, "f10")
        await until(pilot, lambda: Item.select().where(Item.sku == "NEW-1").count() == 1, "it is not made")

        # What is saved and cannot be read again is said to be saved.
        await open_item(pilot, "SAW-1")
        await keys(pilot, "tab", "end", *"X")
        with read_fails_behind_a_commit(database, maker, "SQLITE_IOERR_READ"):
            await keys(pilot, "f10")
            await seen(pilot, "Saved. It cannot be read again now (SQLITE_IOERR_READ)")
        await keys(pilot, "f5")
        await seen(pilot, "This is as saved.")
        await until(pilot, lambda: "unsaved" not in screen_text(pilot), "the form seems to be unsaved")
        assert Item.get(Item.sku == "SAW-1").version == 2

        pilot.app.run_worker(pilot.app.open(CustomerRecord(row.id)))  # type: ignore[attr-defined]
        await at_rest(pilot)
        await keys(pilot, "f7", "end", *"er")
        with read_fails_behind_a_commit(database, maker, "SQLITE_BUSY"):
            await keys(pilot, "f10")
            await seen(pilot, "Saved. It cannot be read again now (SQLITE_BUSY)")
        await keys(pilot, "f5")
        await seen(pilot, "Alter")
    assert find_customer("Alter").id == row.id


@contextmanager
def read_fails_behind_a_commit(database: Any, maker: FaultMaker, code: str) -> Iterator[None]:
    committed = database.commit

    def commit_then_fail() -> None:
        committed()
        maker.arm("read", code, ALWAYS)

    database.commit = commit_then_fail
    yield
    database.commit = committed
    maker.disarm()


async def nothing_can_be_read(pilot: Pilot[Any], maker: FaultMaker) -> None:
    """Every screen says so and goes on."""
    depth = len(pilot.app.screen_stack)

    async def fails(*pressed: str) -> None:
        maker.arm("read", "SQLITE_IOERR_READ", ALWAYS)
        await keys(pilot, *pressed)
        await seen(pilot, "cannot be read")
        maker.disarm()

    for key in ("f5", "f7", "f9", "enter"):
        await fails(key)
        assert len(pilot.app.screen_stack) == depth, f"{key} opened a screen"
    await open_item(pilot, "SAW-1")
    await fails("f5")
    await keys(pilot, "ctrl+t")
    await fails("f5")
    await fails("enter")
    await keys(pilot, "f5", "enter")
    await seen(pilot, "SN-10001", "History")
    await fails("f5")
    await keys(pilot, "f1")
    await keys(pilot, "f3", "f3", "f3")
    assert len(pilot.app.screen_stack) == depth


async def test_an_import_that_fails_writes_nothing_and_can_be_repeated(
    database: Any, warehouse: Warehouse, maker: FaultMaker, tmp_path: Path
) -> None:
    path = write_file(tmp_path, *([f"SN-{number:05}", "DOCK", ""] for number in range(30)))
    async with importing(database, warehouse) as pilot:
        await goes_to_preview(pilot, path)
        for point, code in (("write", "SQLITE_FULL"), ("commit", "SQLITE_BUSY"), ("write", "SQLITE_MISUSE")):
            maker.arm(point, code, ALWAYS)
            await keys(pilot, "f10")
            await until(pilot, lambda: bool(maker.made) and not import_screen(pilot).is_busy, f"{code} was not met")
            await at_rest(pilot)
            assert not import_screen(pilot).summary.is_done
            maker.disarm()
            if code == "SQLITE_MISUSE":  # the connection was dropped, and what was read of the file with it
                await keys(pilot, "f10")
                await seen(pilot, "F10 reads it again")
                await keys(pilot, "f10")
                await comes_to(pilot, ImportStep.PREVIEW)
        await imports(pilot)
    assert Serial.select().count() == SerialEvent.select().count() == 30
    assert Location.select().count() == 4
    assert check(database).findings == ()

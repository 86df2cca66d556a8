"""Long work of an import shows itself, can be stopped, and keeps nobody from typing; waiting for others is told."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from models import ngrams
from models.database.connection import connect, disconnect
from models.importing import staging
from models.items.items import item_form
from models.schema import Serial
from tests.support.app import keys, open_item, opened, seen, terminal_sends
from tests.support.engines import BOTH_ENGINES
from tests.support.importing import chooses, comes_to, goes_to_preview, importing, message, screen, write_file
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, fingerprint
from tui.app import WAITING
from tui.importing.screen import ImportStep
from tui.items.form import ItemScreen


@contextmanager
def somebody_writes(database: Any) -> Iterator[None]:
    """Another program holds the lock of a database in a file."""
    other = sqlite3.connect(database.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def reading_halts(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Rows are staged only when the event is set, so that a test can look at the work."""
    goes_on, add = threading.Event(), staging.add

    def wait_and_add(rows: Any) -> None:
        goes_on.wait(LIMIT)
        add(rows)

    monkeypatch.setattr(staging, "add", wait_and_add)
    try:
        yield goes_on
    finally:
        goes_on.set()


@BOTH_ENGINES
async def test_reading_is_stopped_by_f12_or_the_end_of_the_program_and_nothing_is_left_of_it(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(tmp_path, *((f"A-{number:05}", "SHELF", "") for number in range(12_000)))
    before = fingerprint()
    async with importing(database, warehouse) as pilot:
        await chooses(pilot, path)
        await comes_to(pilot, ImportStep.COLUMNS)
        with reading_halts(monkeypatch) as goes_on:
            await keys(pilot, "f10")
            await seen(pilot, "F12 stops it.")
            await keys(pilot, "down", "f1")  # keys are not kept waiting
            await seen(pilot, "Each line is a column of the file")
            await keys(pilot, "f3", "f10", "f12")
            await seen(pilot, "Stopping …")
            goes_on.set()
            await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "It was stopped. Nothing is kept of it.")
        await keys(pilot, "f10")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "12,000 rows · + 12,000 new")
        await keys(pilot, "end")
        await seen(pilot, "A-11999", "row 12,000 of 12,000")

        # The program ends in the middle of reading.
        await keys(pilot, "f3")
        await comes_to(pilot, ImportStep.COLUMNS)
        with reading_halts(monkeypatch):
            await keys(pilot, "f10")
            await seen(pilot, "F12 stops it.")
            pilot.app.exit()
            await until(pilot, lambda: not pilot.app.is_running, "the program did not end")
    assert fingerprint() == before


async def test_an_import_waits_for_somebody_elses_write_says_so_and_can_be_stopped_or_left(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SEGMENT", 64), ("BLOCK", 8), ("_SLICE", 16)):
        monkeypatch.setattr(ngrams, name, value)
    warehouse.add("OLD-1")
    async with importing(database, warehouse) as pilot:
        await goes_to_preview(pilot, write_file(tmp_path, ("A-1", "SHELF", ""), name="1.csv"))
        with somebody_writes(database):
            await keys(pilot, "f10")
            await until(pilot, lambda: message(pilot) == WAITING)
            assert screen(pilot).step is ImportStep.IMPORT
            await keys(pilot, "f3")
            await seen(pilot, "The import is being written.")
            await keys(pilot, "s")
            await until(pilot, lambda: message(pilot) == "Stopping …")
        await comes_to(pilot, ImportStep.PREVIEW)
        assert message(pilot) == "It was stopped. Nothing was written."
        assert Serial.select().count() == 1
        with somebody_writes(database):
            await keys(pilot, "f10")
            await until(pilot, lambda: message(pilot) == WAITING)
        await until(pilot, lambda: screen(pilot).summary.is_done)
        await seen(pilot, "✓ 1 serial imported")
        assert message(pilot) == "F3 leaves."

        # Look-ups of the app go on while an import waits.
        await another_file(pilot)
        await goes_to_preview(pilot, write_file(tmp_path, ("B-1", "SHELF", ""), name="2.csv"))
        with somebody_writes(database):
            await keys(pilot, "f10")
            await until(pilot, lambda: message(pilot) == WAITING)
            await terminal_sends(pilot, "OLD-1\r")
            await seen(pilot, "OLD-1", "In Stock", "History")
        await keys(pilot, "f3")
        await seen(pilot, "✓ 1 serial imported")

        # The index of parts is written behind an import.
        await another_file(pilot)
        rows = [(f"C-{number:05}", "SHELF", "") for number in range(200)]
        await goes_to_preview(pilot, write_file(tmp_path, *rows, name="3.csv"))
        assert ngrams.complete() == []
        await keys(pilot, "f10")
        await until(pilot, lambda: screen(pilot).summary.is_done)
        await until(pilot, lambda: ngrams.complete() == [0, 1, 2])
        assert message(pilot) == "F3 leaves."


async def another_file(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f6")
    await comes_to(pilot, ImportStep.FILE)


async def test_a_save_that_waits_for_somebody_elses_write_says_so_until_it_is_done(
    database: Any, warehouse: Warehouse
) -> None:
    async with opened(database, warehouse.boss) as pilot:
        await open_item(pilot, "SAW-1")
        await terminal_sends(pilot, " II")
        with somebody_writes(database):
            await pilot.press("f10")
            await seen(pilot, "! Waiting for the database: somebody else is writing …")
        await seen(pilot, "✓ Saved.")
        assert isinstance(pilot.app.screen, ItemScreen)
    assert item_form(warehouse.item.id).name.endswith(" II")


@BOTH_ENGINES
def test_a_stopped_connection_takes_what_is_staged_with_it(database: Any, warehouse: Warehouse) -> None:
    staging.begin()
    assert staging.counts() == (0, 0, 0)
    disconnect(database)
    connect(database)
    with pytest.raises(Exception, match="The line to the database broke"):
        staging.counts()

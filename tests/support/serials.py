"""Helpers for the Serials tab of the small warehouse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from models.permissions import Actor
from models.serials.grid import Selection, SerialSource
from tests.support.app import at_rest, open_item, opened
from tests.support.record_app import lines, until
from tests.support.warehouse import Warehouse
from tui.serials.list import SerialsTable
from tui.serials.tab import SerialsPane

F3, F4, F6, F7 = "\x1bOR", "\x1bOS", "\x1b[17~", "\x1b[18~"
"""The bytes of these keys, for use in a burst."""


@asynccontextmanager
async def serials_tab(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and wait until the Serials tab of SAW-1 shows its rows."""
    async with opened(database, actor or warehouse.boss, size) as pilot:
        await open_item(pilot, "SAW-1", "ctrl+t")
        await loaded(pilot)
        yield pilot


def pane(pilot: Pilot[Any]) -> SerialsPane:
    """The tab, even if another screen is over it."""
    return next(found for screen in pilot.app.screen_stack for found in screen.query(SerialsPane))


def table(pilot: Pilot[Any]) -> SerialsTable:
    """The grid."""
    return pane(pilot).table


async def loaded(pilot: Pilot[Any]) -> None:
    """Wait until all scans are saved, and the grid and its counts are up to date."""
    await at_rest(pilot)
    await until(pilot, lambda: _is_up_to_date(pane(pilot)) and not _reading(pilot), "the grid still reads")
    await at_rest(pilot)


def _is_up_to_date(tab: SerialsPane) -> bool:
    """Whether nothing is being saved or waiting to be shown."""
    return not tab.intake.waiting and tab._quiet is None and not tab.table.is_reloading


def _reading(pilot: Pilot[Any]) -> set[str]:
    """Groups of the running workers, without those that wait until a screen is closed."""
    return {worker.group for worker in pilot.app.workers} - {"open"}


def listed(pilot: Pilot[Any]) -> list[str]:
    """All serial numbers of the grid in order, also those scrolled off the screen."""
    source = pane(pilot).listing.table.source
    assert isinstance(source, SerialSource)
    return [row.serial_number for row in source.fetch(0, source.count())]


def stored(warehouse: Warehouse) -> list[str]:
    """All serial numbers of the item, in the order they were added."""
    source = SerialSource(Selection(warehouse.item.id))
    rows = source.fetch(0, source.count())
    return [row.serial_number for row in sorted(rows, key=lambda row: row.id)]


async def told(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until a dialog shows each of these texts, even if broken over lines."""

    def message() -> str:
        boxed = [line.split("│")[1].strip() for line in lines(pilot.app) if line.count("│") == 2]
        return " ".join(boxed)

    for text in texts:
        await until(pilot, lambda text=text: text in message(), f"{text!r} is not said")  # type: ignore[misc]


def under_cursor(pilot: Pilot[Any]) -> str:
    """The serial number under the cursor of the grid."""
    row = table(pilot).cursor_record
    return "" if row is None else row.serial_number

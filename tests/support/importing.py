"""Helpers for the import screen, opened in the whole app, and its files."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from models.permissions import Actor
from tests.support.app import at_rest, keys, opened, terminal_sends
from tests.support.record_app import until
from tests.support.serials import serials_tab
from tests.support.warehouse import Warehouse
from tui.app import SerialdockApp
from tui.importing.screen import ImportScreen, ImportStep
from tui.routes import Import

OF_THE_SCREEN = {"list", "open", "work", "records"}
"""Groups of the workers of the import screen and its tables; other groups include one that waits until it is closed."""

HEADER = ("Serial", "Place", "Remarks")


def write_file(folder: Path, *rows: Sequence[str], header: Sequence[str] = HEADER, name: str = "list.csv") -> str:
    """Write a CSV file and return its path."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


@asynccontextmanager
async def importing(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the import of SAW-1 over the list of items."""
    async with opened(database, actor or warehouse.boss, size) as pilot:
        assert isinstance(pilot.app, SerialdockApp)
        pilot.app.run_worker(pilot.app.open(Import(warehouse.item.sku)), group="import")
        await comes_to(pilot, ImportStep.FILE)
        yield pilot


@asynccontextmanager
async def importing_from_tab(database: Any, warehouse: Warehouse) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the import with F9 on the Serials tab of SAW-1."""
    async with serials_tab(database, warehouse) as pilot:
        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        yield pilot


@asynccontextmanager
async def importing_any(database: Any, warehouse: Warehouse) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the import with F9 on the list of items."""
    async with opened(database, warehouse.boss) as pilot:
        await keys(pilot, "f9")
        await comes_to(pilot, ImportStep.FILE)
        yield pilot


def screen(pilot: Pilot[Any]) -> ImportScreen:
    """The import screen, even if another screen is over it."""
    return next(found for found in pilot.app.screen_stack if isinstance(found, ImportScreen))


async def comes_to(pilot: Pilot[Any], step: ImportStep) -> None:
    """Wait until the import is at a step and has loaded everything."""
    await until(pilot, lambda: any(isinstance(found, ImportScreen) for found in pilot.app.screen_stack), "no import")
    await until(pilot, lambda: screen(pilot).step is step and not screen(pilot).is_busy, f"not at {step.name}")
    await until(pilot, lambda: not {worker.group for worker in pilot.app.workers} & OF_THE_SCREEN, "still at work")
    await at_rest(pilot)


async def chooses(pilot: Pilot[Any], path: str) -> None:
    """Paste a path and press Enter."""
    await terminal_sends(pilot, f"\x1b[200~{path}\x1b[201~\r")


async def goes_to_preview(pilot: Pilot[Any], path: str) -> None:
    """Choose a file whose columns are recognised, and read it into the preview."""
    await chooses(pilot, path)
    await comes_to(pilot, ImportStep.COLUMNS)
    await keys(pilot, "f10")
    await comes_to(pilot, ImportStep.PREVIEW)


async def imports(pilot: Pilot[Any]) -> None:
    """Import the rows of the preview, and confirm if asked."""
    await keys(pilot, "f10")
    if pilot.app.screen is not screen(pilot):
        await keys(pilot, "f10")
    await until(pilot, lambda: screen(pilot).summary.is_done, "it was not imported")
    await at_rest(pilot)


def message(pilot: Pilot[Any]) -> str:
    """The message above the key bar of the import."""
    return str(screen(pilot).query_one("MessageLine").said)  # type: ignore[attr-defined]

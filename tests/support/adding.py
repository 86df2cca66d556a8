"""Helpers for the Add Serial dialog, over the list of items or over the grid that it belongs to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from models.items.items import find_item, item_form
from models.permissions import Actor
from tests.support.app import at_rest, keys, opened
from tests.support.record_app import until
from tests.support.serials import serials_tab
from tests.support.warehouse import Warehouse
from tui.app import SerialdockApp
from tui.scanning.scan_field import ScanField
from tui.serials.add import AddSerialDialog
from tui.serials.intake import Intake

PASTE = "\x1b[200~{}\x1b[201~"
SCANS = [f"5CG83{number:05}" for number in range(30)]


@asynccontextmanager
async def adding(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the dialog for SAW-1 over the list of items."""
    async with opened(database, actor or warehouse.boss, size) as pilot:
        app = pilot.app
        assert isinstance(app, SerialdockApp)
        form = await app.db.run(lambda: item_form(find_item("SAW-1").id))
        await app.push_screen(AddSerialDialog(form, Intake(app, form.id, form.sku)))
        await at_rest(pilot)
        yield pilot


@asynccontextmanager
async def adding_over_the_grid(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the dialog from the Serials tab of SAW-1."""
    async with serials_tab(database, warehouse, actor, size) as pilot:
        await keys(pilot, "f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        yield pilot


def serial_field(pilot: Pilot[Any]) -> ScanField:
    return pilot.app.screen.query_one(ScanField)


def intake(pilot: Pilot[Any]) -> Intake:
    """The queue of the open dialog."""
    dialog = pilot.app.screen
    assert isinstance(dialog, AddSerialDialog)
    return dialog._intake


def bells(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Record the bell: one entry per ring."""
    rung: list[None] = []
    monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(None))
    return rung

"""Helpers for the Add Serial dialog, opened in the whole app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from models.permissions import Actor
from tests.support.app import keys
from tests.support.record_app import until
from tests.support.serials import serials_tab
from tests.support.warehouse import Warehouse
from tui.scanning.scan_field import ScanField
from tui.serials.add import AddSerialDialog

PASTE = "\x1b[200~{}\x1b[201~"
SCANS = [f"5CG83{number:05}" for number in range(30)]


@asynccontextmanager
async def adding(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the dialog."""
    async with serials_tab(database, warehouse, actor, size) as pilot:
        await keys(pilot, "f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, AddSerialDialog))
        yield pilot


def serial_field(pilot: Pilot[Any]) -> ScanField:
    return pilot.app.screen.query_one(ScanField)


def bells(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Record the bell: one entry per ring."""
    rung: list[None] = []
    monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(None))
    return rung

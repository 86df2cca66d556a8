"""Helpers for the scan station, opened in the whole app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from models.permissions import Actor
from models.schema import Serial
from tests.support.app import at_rest, keys, opened, terminal_sends
from tests.support.record_app import until
from tests.support.warehouse import Warehouse
from tui.station.parts import VerdictLine
from tui.station.screen import StationScreen

SERIALS = [f"5CG83{number:05}" for number in range(250)]
F8, F10 = "\x1b[19~", "\x1b[21~"


@asynccontextmanager
async def station(
    database: Any, warehouse: Warehouse, actor: Actor | None = None, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Pilot[Any]]:
    """Run the app and open the station."""
    async with opened(database, actor or warehouse.boss, size) as pilot:
        await keys(pilot, "f7")
        await until(pilot, lambda: isinstance(pilot.app.screen, StationScreen))
        await at_rest(pilot)
        yield pilot


def gun(*scans: str, end: str = "\r") -> str:
    return "".join(scan + end for scan in scans)


def screen(pilot: Pilot[Any]) -> StationScreen:
    found = next(one for one in pilot.app.screen_stack if isinstance(one, StationScreen))
    assert isinstance(found, StationScreen)
    return found


async def judged(pilot: Pilot[Any]) -> None:
    """Wait until all scans have verdicts, and these are drawn."""

    def are_shown() -> bool:
        station = screen(pilot)  # shows verdicts that come close together with one drawing, a moment later
        return not station.queue.waiting and not station._is_waiting_to_show

    await until(pilot, are_shown, "scans wait")
    await at_rest(pilot)


async def scans(pilot: Pilot[Any], *codes: str, end: str = "\r") -> None:
    await terminal_sends(pilot, gun(*codes, end=end))
    await judged(pilot)


def bells(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Record the bell: one entry per ring."""
    rung: list[None] = []
    monkeypatch.setattr(pilot.app, "bell", lambda: rung.append(None))
    return rung


def stored() -> list[str]:
    return [serial.serial_number for serial in Serial.select().order_by(Serial.id)]


def band(pilot: Pilot[Any]) -> str:
    """The text of the verdict line."""
    return str(screen(pilot).query_one(VerdictLine).render())

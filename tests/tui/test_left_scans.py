"""Scans that an earlier process has left and that are in no draft: told, shown at the station, taken in, discarded."""

from __future__ import annotations

from typing import Any

from models.schema import Draft, DraftLine, Serial
from models.spool import spools
from tests.support.app import keys, opened, resized, screen_text, seen
from tests.support.record_app import shows, until
from tests.support.spools import leave_behind, records
from tests.support.warehouse import Warehouse

TEXTS = ["S-1", "S-2", "S-3", "S-4"]


def leave(warehouse: Warehouse, **more: Any) -> None:
    leave_behind(records(warehouse.boss, TEXTS, place="DOCK", sku="SAW-1", **more))


def good() -> list[str]:
    lines = DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good").order_by(DraftLine.number)
    return [line.serial_number for line in lines]


async def test_they_are_told_at_the_start_and_begin_a_new_receipt_when_somebody_says_so(
    database: Any, warehouse: Warehouse
) -> None:
    leave(warehouse)
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "4 scans of boss for SAW-1 at DOCK", "4 scans wait since", "F7:")
        assert Draft.select().count() == 0
        await keys(pilot, "f7")
        await seen(pilot, "Enter or F4: take them in, discard.")
        await keys(pilot, "f4")
        await seen(pilot, "Scans that wait", "S-1", "S-4", "F10 begins a new receipt.")
        await keys(pilot, "f10")
        await seen(pilot, "4 taken. Enter continues the receipt.", "Open receipt at DOCK, 4 scanned")
        assert not shows(pilot.app, "wait since")
    assert (good(), spools()) == (TEXTS, [])


async def test_f3_leaves_them_for_later_and_discarding_asks_once(database: Any, warehouse: Warehouse) -> None:
    leave(warehouse)
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "4 scans wait since")
        await keys(pilot, "f7", "f4", "f3")
        await seen(pilot, "4 scans wait since")
        await keys(pilot, "f4", "f8")
        await seen(pilot, "4 scans will be thrown away")
        await keys(pilot, "f3")
        await seen(pilot, "4 scans wait since")
        await keys(pilot, "f4", "f8", "f10")
        await seen(pilot, "4 scans were discarded.")
        assert not shows(pilot.app, "wait since")
        await until(pilot, lambda: len(spools()) == 1)  # that of this app
    assert (good(), spools()) == ([], [])


async def test_serials_of_add_serial_are_shown_too_and_those_that_are_there_are_named(
    database: Any, warehouse: Warehouse
) -> None:
    warehouse.add("S-1")
    leave(warehouse, task="add", item_id=warehouse.item.id)
    async with opened(database, warehouse.boss) as pilot:
        await seen(pilot, "4 scans of boss for SAW-1 at DOCK")
        await keys(pilot, "f7", "f4")
        await seen(pilot, "F10 adds to the item what it does not have.")
        await keys(pilot, "f10")
        await seen(pilot, "3 added. S-1 of SAW-1 is already here")
    assert sorted(serial.serial_number for serial in Serial.select()) == TEXTS
    assert spools() == []


async def test_the_title_bar_says_how_many_wait_at_every_size(database: Any, warehouse: Warehouse) -> None:
    leave(warehouse)
    async with opened(database, warehouse.boss) as pilot:
        for size, words in (
            ((80, 24), "4 scans wait since"),
            ((40, 16), "4 scans wait since"),
            ((20, 8), "4 wait"),
        ):
            await resized(pilot, *size)
            await until(pilot, lambda words=words: words in screen_text(pilot).splitlines()[0])  # type: ignore[misc]
            title = screen_text(pilot).splitlines()[0]
            assert len(title.strip()) <= size[0]
            assert "Serial" in title

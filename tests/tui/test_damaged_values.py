"""A value of a wrong type in a row that a screen shows: the screen says so, and the app goes on."""

from __future__ import annotations

from typing import Any

from models.schema import Document
from models.serials.moves import transfer_serials
from tests.support.app import at_rest, keys, opened, screen_text, seen
from tests.support.receiving import Station as Scans
from tests.support.record_app import until
from tests.support.tampering import behind_the_program
from tests.support.warehouse import Warehouse
from tui.routes import (
    DocumentRecord,
    Documents,
    ItemRecord,
    PlaceRecord,
    Places,
    Route,
    SerialRecord,
    Station,
    Statuses,
    StockHistory,
)

BYTES = b"\xff\x00"

SHOWN: list[tuple[str, str, object, Route[Any]]] = [
    ("items", "version", BYTES, ItemRecord(1)),
    ("stock", "on_hand", BYTES, ItemRecord(1)),
    ("locations", "name", BYTES, ItemRecord(1)),
    ("serials", "version", BYTES, SerialRecord(1)),
    ("serial_events", "number", BYTES, SerialRecord(1)),
    ("documents", "serials", BYTES, DocumentRecord(1)),
    ("items", "name", BYTES, DocumentRecord(1)),
    ("items", "name", BYTES, PlaceRecord(1)),
    ("stock_changes", "units", BYTES, StockHistory(1)),
    ("items", "sku", BYTES, Station()),
    ("stock", "on_hand", "many", PlaceRecord(1)),
    ("stock", "on_hand", "many", Places()),
    ("serial_counts", "serials", "many", Places()),
    ("documents", "kind", "Foo", DocumentRecord(1)),
    ("documents", "kind", "Foo", Documents()),
    ("serial_events", "kind", "Foo", SerialRecord(1)),
    ("stock_changes", "kind", "Foo", StockHistory(1)),
    ("statuses", "colour", "Foo", Statuses()),
    ("statuses", "code", "Foo", SerialRecord(1)),
    ("items", "warranty_unit", "Foo", ItemRecord(1)),
    ("drafts", "state", "Foo", Station()),
    ("role_permissions", "permission", "Foo", Places()),
]
"""Table and column, what is wrong in it, and a screen that shows it."""


async def test_every_screen_names_the_row_and_the_app_goes_on(database: Any, warehouse: Warehouse) -> None:
    transfer_serials(warehouse.boss, warehouse.add("SN-1"), "DOCK")
    assert Document.get_by_id(1)
    station = Scans(warehouse)
    station.scan("DOCK", "SAW-1", "SN-7")
    station.task.leave(warehouse.boss)
    with behind_the_program(database):
        async with opened(database, warehouse.boss) as pilot:
            app = pilot.app
            below = len(app.screen_stack)
            for table, column, wrong, route in SHOWN:
                before = database.execute_sql(f"SELECT rowid, {column} FROM {table} LIMIT 1").fetchone()
                database.execute_sql(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (wrong, before[0]))
                app.run_worker(app.open(route), exit_on_error=True)
                await at_rest(pilot)
                named = f"is damaged: table {table}, row {before[0]}: {column} is "
                await until(pilot, lambda named=named: named in " ".join(screen_text(pilot).split()), named)  # type: ignore[misc]
                database.execute_sql(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", before[::-1])
                while len(app.screen_stack) > below:
                    await keys(pilot, "f3")
            app.run_worker(app.open(SerialRecord(1)))
            await seen(pilot, "SN-1", "DOCK")

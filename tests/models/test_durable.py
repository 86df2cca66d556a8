"""What changes serials or quantities waits for the disk; a scan of a draft does not: it is one fsync each on SQLite."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.errors import Duplicate
from models.importing import staging
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.table import open_table
from models.items.items import create_item
from models.schema import bound
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.serials.receive import ReceiptLine, receive_list, receive_serials
from models.serials.record import add_note, set_condition_notes
from models.text import serial_key
from tests.support.engines import ON_SQLITE
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, set_warranty

pytestmark = ON_SQLITE


@contextmanager
def traced(database: Any) -> Iterator[list[str]]:
    """All statements of the connection as SQLite runs them, those of `executemany` too."""
    seen: list[str] = []
    database.connection().set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        database.connection().set_trace_callback(None)


def commits(statements: list[str]) -> list[tuple[bool, bool]]:
    """For each commit: whether serials or quantities change, and whether it waits for the disk."""
    found: list[tuple[bool, bool]] = []
    is_full = changes = False
    for statement in statements:
        words = statement.lower()
        if words.startswith("pragma synchronous"):
            is_full = words.endswith("full")
        elif words.startswith("begin immediate"):
            changes = False
        elif words.startswith(("insert into serial_events", "insert into stock", 'update "stock"', "update stock")):
            changes = True
        elif words.startswith("commit"):
            found.append((changes, is_full))
    return found


def _import(warehouse: Warehouse, folder: Path) -> None:
    with (folder / "list.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Serial Number"], ["I-1"]])
    with open_table(str(folder / "list.csv")) as table:
        mapping = mapping_for(table.header)
        staged = stage(warehouse.boss, table, mapping, item="SAW-1", progress=lambda done, total: None)
    import_staged(warehouse.boss, staged.source, progress=lambda done, total: None)
    staging.end()


def _receipt(warehouse: Warehouse) -> None:
    line = ReceiptLine(warehouse.item.id, "R-1", serial_key("R-1"), warehouse.item.primary_location_id)
    receive_serials(warehouse.boss, [line])


WRITES: dict[str, Callable[[Warehouse, Path], object]] = {
    "adding": lambda house, _: add_serials(house.boss, house.item.id, ["N-1"]),
    "receiving": lambda house, _: _receipt(house),
    "receiving a list": lambda house, _: receive_list(house.boss, house.item.id, ["L-1", "L-2"], location="DOCK"),
    "importing": _import,
    "transferring": lambda house, _: transfer_serials(house.boss, house.add("T-1"), "SHOP"),
    "a note": lambda house, _: add_note(house.boss, house.add("T-1")[0], "seen"),
    "condition notes": lambda house, _: set_condition_notes(house.boss, house.add("T-1")[0], "dented"),
    "a warranty": lambda house, _: set_warranty(house.boss, house.add("T-1")[0], None, date(2030, 1, 1)),
    "a new item's stock": lambda house, _: create_item(house.boss, "NEW", "New", on_hand=3),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_changes_serials_or_quantities_waits_for_the_disk(
    name: str, warehouse: Warehouse, database: Any, tmp_path: Path
) -> None:
    with traced(database) as seen:
        WRITES[name](warehouse, tmp_path)
    found = commits(seen)
    assert (True, True) in found
    assert (True, False) not in found
    assert bound.execute_sql("PRAGMA synchronous").fetchone() == (1,)


def test_scans_do_not_wait_for_the_disk_and_done_does(warehouse: Warehouse, database: Any) -> None:
    station = Station(warehouse)
    with traced(database) as seen:
        station.scan("DOCK", "SAW-1")
        for number in range(3):
            station.scan(f"S-{number}")
    assert len(commits(seen)) >= 4
    assert set(commits(seen)) == {(False, False)}
    with traced(database) as seen:
        assert station.words("XXSDDONE") == ["done"]
    assert commits(seen)[-1] == (True, True)
    assert (True, False) not in commits(seen)
    assert bound.execute_sql("PRAGMA synchronous").fetchone() == (1,)


def test_a_refused_write_leaves_the_usual_setting_behind(warehouse: Warehouse, database: Any) -> None:
    warehouse.add("N-1")
    with pytest.raises(Duplicate):
        warehouse.add("N-1")
    assert bound.execute_sql("PRAGMA synchronous").fetchone() == (1,)

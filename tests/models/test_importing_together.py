"""Imports while others work: nobody waits for a file to be read, nothing is doubled, nothing is left half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from models.check import check
from models.database.connection import call, connect, disconnect
from models.errors import Changed, Unreachable
from models.importing import imports, staging
from models.importing.columns import Field
from models.importing.imports import Imported, import_staged, stage
from models.importing.table import open_table
from models.items.items import create_item
from models.schema import Document, Serial, SerialEvent, bound
from models.serials.add import add_serials
from tests.support.engines import ON_POSTGRESQL, ON_SQLITE
from tests.support.limits import LIMIT
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, fingerprint, together

MAPPING = {0: Field.SERIAL_NUMBER, 1: Field.ITEM}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def warehouse(database: Any, warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    connect(database)
    staging.end()


def numbered(folder: Path, first: int, last: int) -> str:
    """A file with serials of these numbers; its path."""
    path = folder / f"{first}-{last}.csv"
    rows = "".join(f"SN-{number},SAW-1\n" for number in range(first, last + 1))
    path.write_text(f"Serial,Item\n{rows}", "utf-8")
    return str(path)


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def read(warehouse: Warehouse, path: str) -> Any:
    """Stage a file."""
    with open_table(path) as table:
        return stage(warehouse.boss, table, MAPPING, progress=quiet)


def test_while_a_file_is_read_and_looked_at_others_write_at_once(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    trouble: list[Exception] = []

    def add(serial: str) -> None:
        try:
            bound.execute_sql("PRAGMA busy_timeout = 0") if bound.param == "?" else None
            warehouse.add(serial)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            trouble.append(error)
        finally:
            disconnect(database)

    def at_another_terminal(serial: str) -> None:
        def work() -> None:
            connect(database)
            add(serial)

        thread = Thread(target=work, daemon=True)
        thread.start()
        thread.join(LIMIT)
        assert not thread.is_alive()

    told: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append(done)
        at_another_terminal(f"WHILE-{len(told)}")

    with open_table(numbered(tmp_path, 1, 5_200)) as table:
        staged = stage(warehouse.boss, table, MAPPING, progress=progress)
    at_another_terminal("PREVIEW")
    assert trouble == []
    assert told == [0, 5_000, 5_200]
    assert import_staged(warehouse.boss, staged.source, progress=quiet).serials == 5_200
    assert Serial.select().count() == 5_204
    assert check(database).good


def test_overlapping_imports_at_once_double_nothing_and_write_no_part(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    paths = [numbered(tmp_path, first, first + 999) for first in (1, 501, 1_001)]

    def importing(path: str) -> Any:
        def work() -> Imported:
            return import_staged(warehouse.boss, read(warehouse, path).source, progress=quiet)

        return work

    results = together(database, [importing(path) for path in paths])
    done = [result for result in results if isinstance(result, Imported)]
    refused = [result for result in results if not isinstance(result, Imported)]
    assert all(isinstance(result, Changed) or not done for result in refused), results
    assert done
    assert Serial.select().count() == sum(result.serials for result in done)
    assert SerialEvent.select().count() == Serial.select().count()
    assert check(database).good


@ON_POSTGRESQL
def test_on_a_server_scans_and_small_receipts_are_saved_while_an_import_is_written_and_not_yet_committed(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_item(warehouse.boss, "PUMP-1", "Pump", track_serials=True)
    told: list[str] = []

    def at_another_terminal() -> None:
        monkeypatch.setattr("models.database.connection.LOCK_SECONDS", 2.0)
        there = Station(warehouse)
        told.extend(there.words("MAIN", "PUMP-1", "P-1", "XXSDDONE"))
        told.extend(there.words("MAIN", "SAW-1", "W-1", "XXSDDONE"))  # the file's own item and place
        add_serials(warehouse.boss, other.id, ["P-2"])

    def progress(done: int, total: int) -> None:
        if not done or done < total:
            return
        assert together(database, [at_another_terminal]) == [None]
        assert SerialEvent.select().count() == 5_200 + 3, "the import sees all three, and its own rows"

    staged = read(warehouse, numbered(tmp_path, 1, 5_200))
    assert import_staged(warehouse.boss, staged.source, progress=progress).serials == 5_200
    assert told == ["set", "set", "ok", "done"] * 2
    assert Serial.select().count() == 5_203
    assert check(database).good


KILLED = """
import os, sys
from models.database.connection import connect, open_database
from models.people import sign_in
from models.importing.imports import mapping_for
from models.serials.add import add_serials
from models.importing.imports import import_staged, stage
from models.importing.table import open_table
from tests.support.engines import ON_POSTGRESQL, ON_SQLITE
connect(open_database(sys.argv[1]))
boss = sign_in("boss")
def die(done, total):
    if done:
        os.kill(os.getpid(), 9)
with open_table(sys.argv[2]) as table:
    staged = stage(boss, table, mapping_for(table.header), progress=die if sys.argv[3] == "reading" else print)
import_staged(boss, staged.source, progress=die)
"""


@pytest.mark.parametrize("moment", ["reading", "writing"])
def test_a_killed_import_leaves_nothing_and_a_second_attempt_works(
    database: Any, migrated_url: str, warehouse: Warehouse, tmp_path: Path, moment: str
) -> None:
    before = fingerprint()
    path = numbered(tmp_path, 1, 5_100)
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, migrated_url, path, moment],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert fingerprint() == before
    assert import_staged(warehouse.boss, read(warehouse, path).source, progress=quiet).serials == 5_100
    assert check(database).good


@ON_SQLITE
def test_a_full_disk_leaves_nothing_and_says_so(database: Any, warehouse: Warehouse, tmp_path: Path) -> None:
    before = fingerprint()
    source = read(warehouse, numbered(tmp_path, 1, 5_100)).source
    pages = bound.execute_sql("PRAGMA page_count").fetchone()[0]
    bound.execute_sql(f"PRAGMA max_page_count = {pages + 20}").fetchall()
    with pytest.raises(Unreachable, match=r"is full\. Nothing was written; make room, then try again"):
        call(database, import_staged, warehouse.boss, source, progress=quiet)
    bound.execute_sql("PRAGMA max_page_count = 1073741823").fetchall()
    assert fingerprint() == before
    assert import_staged(warehouse.boss, source, progress=quiet).serials == 5_100
    assert [paper.number for paper in Document.select()] == ["I-000001"]


def test_rows_go_in_by_their_keys_whatever_the_order_of_the_file(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "falling.csv"
    rows = "".join(f"SN-{number:02},{item}\n" for number in range(40, 10, -1) for item in ("SAW-2", "SAW-1"))
    path.write_text(f"Serial,Item\n{rows}", "utf-8")
    create_item(warehouse.boss, "SAW-2", "Saw", track_serials=True)
    assert import_staged(warehouse.boss, read(warehouse, str(path)).source, progress=quiet).serials == 60
    in_order = Serial.select(Serial.item, Serial.serial_key).order_by(Serial.id).tuples()
    assert list(in_order) == sorted(in_order)
    assert check(database).good


@ON_POSTGRESQL
def test_the_server_knows_the_rows_of_a_long_file_when_the_import_is_done(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MANY", 600)
    import_staged(warehouse.boss, read(warehouse, numbered(tmp_path, 1, 600)).source, progress=quiet)
    known = bound.execute_sql(
        "SELECT relname, reltuples FROM pg_class WHERE relname IN ('serials', 'serial_events')"
    ).fetchall()
    assert sorted(known) == [("serial_events", 600), ("serials", 600)]


@ON_SQLITE
def test_an_import_gives_the_memory_back_that_it_took(database: Any, warehouse: Warehouse, tmp_path: Path) -> None:
    before = bound.execute_sql("PRAGMA cache_size").fetchone()
    staged = read(warehouse, numbered(tmp_path, 1, 20))
    during: list[object] = []
    import_staged(
        warehouse.boss,
        staged.source,
        progress=lambda *_: during.append(bound.execute_sql("PRAGMA cache_size").fetchone()),
    )
    assert bound.execute_sql("PRAGMA cache_size").fetchone() == before != during[-1]

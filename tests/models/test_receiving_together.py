"""Receiving where several do it at once, where processes die, and on a database of an older version."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models import migrations
from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.permissions import Actor
from models.schema import Document, DraftLine, Serial, SerialEvent
from models.serials.judging import Scan, Verdict
from models.serials.receive import receive_list
from models.serials.record import find_serials
from models.station.engine import ScanStation
from models.text import sort_key
from tests.support.limits import LIMIT
from tests.support.warehouse import Warehouse, fingerprint


@pytest.fixture
def empty(database_url: str) -> Iterator[Any]:
    """A connected database without tables."""
    opened = open_database(database_url)
    connect(opened)
    yield opened
    disconnect(opened)


def at_once(database: Any, *acts: Callable[[], object]) -> None:
    """Do several things in a thread each, each with a connection of its own."""
    ready = threading.Barrier(len(acts))
    errors: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        connect(database)
        try:
            ready.wait(LIMIT)
            act()
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            errors.append(error)
        finally:
            disconnect(database)

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    if errors:
        raise errors[0]


def test_three_stations_with_overlapping_batches_make_no_duplicate_and_no_partial_receipt(
    database: Any, warehouse: Warehouse
) -> None:
    actor: Actor = warehouse.boss
    reports: list[str | None] = []

    def receive(first: int) -> Callable[[], None]:
        def act() -> None:
            serials = [f"S-{number:02}" for number in range(first, first + 10)]
            report = receive_list(actor, warehouse.item.id, serials, location="DOCK")
            reports.append(report.document)

        return act

    at_once(database, receive(1), receive(6), receive(11))
    done = [report for report in reports if report]
    assert 1 <= len(done) <= 2, "6–15 overlaps both others"
    assert Serial.select().count() == 10 * len(done) == warehouse.quantities()["DOCK"]
    assert [document.serials for document in Document.select()] == [10] * len(done)
    assert check(database).good


def test_two_stations_scan_and_finish_at_once(database: Any, warehouse: Warehouse) -> None:
    def station(first: int) -> Callable[[], None]:
        def act() -> None:
            told: list[Verdict] = []
            task = ScanStation()
            serials = [f"S-{number:03}" for number in range(first, first + 40)]
            for scan in ["DOCK", "SAW-1", *serials, "XXSDDONE", "XXSDDONE"]:
                task.scan(warehouse.boss, [Scan(scan)], told.append)

        return act

    at_once(database, station(0), station(20))
    assert Serial.select().count() == 60
    assert warehouse.quantities()["DOCK"] == 60
    assert SerialEvent.select().count() == 60
    assert check(database).good


KILLED = """
import os, sys
from models.database.connection import connect, open_database
from models.people import sign_in
from models.text import sort_key
from models.station.engine import ScanStation
from models.serials.judging import Scan
from models import ledger
connect(open_database(sys.argv[1]))
boss = sign_in("boss")
task = ScanStation()
told = []
for scan in ["DOCK", "SAW-1", *(f"S-{number:02}" for number in range(30))]:
    task.scan(boss, [Scan(scan)], told.append)
print(len(told), flush=True)
if sys.argv[2] == "in DONE":
    write = ledger.add_stocks
    ledger.add_stocks = lambda *_, **__: os.kill(os.getpid(), 9)
    task.done(boss)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("moment", ["scanning", "in DONE"])
def test_a_killed_station_keeps_every_scan_it_has_told_and_writes_nothing_half(
    database: Any, migrated_url: str, warehouse: Warehouse, moment: str
) -> None:
    before = {table: rows for table, rows in fingerprint().items() if not table.startswith("draft")}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, migrated_url, moment],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert ran.stdout.strip() == "32"
    after = {table: rows for table, rows in fingerprint().items() if not table.startswith("draft")}
    assert after == before
    assert DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good").count() == 30
    task = ScanStation()
    told: list[Verdict] = []
    task.continue_draft(warehouse.boss, 1)
    task.scan(warehouse.boss, [Scan("S-05"), Scan("XXSDDONE")], told.append)
    assert [str(verdict.outcome) for verdict in told] == ["dup", "done"]
    assert Serial.select().count() == 30
    assert check(database).good


def test_a_database_of_the_first_version_keeps_every_serial_and_event(
    empty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", ("m0001_serials",))
    monkeypatch.setattr(migrations, "CURRENT", 1)
    migrations.migrate(empty)
    connect(empty)
    one = empty.param
    moment = "2026-03-02 08:00:00.000000+00:00"
    empty.execute_sql(f"INSERT INTO users (login, active, created_at) VALUES ('old', {one}, {one})", (True, moment))
    empty.execute_sql("INSERT INTO user_roles VALUES (1, 1)")
    empty.execute_sql(
        "INSERT INTO items (sku, sku_key, name, name_key, primary_location_id, track_serials, version, changed_at, "
        f"changed_by_id) VALUES ('DR-1', 'DR-1', 'Drill', 'DRILL', 1, {one}, 1, {one}, 1)",
        (True, moment),
    )
    for number in (1, 2):
        text = f"SN-O{number}"
        empty.execute_sql(
            "INSERT INTO serials (item_id, serial_number, serial_key, sort_key, status_id, location_id, "
            f"condition_notes, date_received, version) VALUES (1, {one}, {one}, {one}, 1, 1, '', '2026-03-02', 1)",
            (text, text, sort_key(text)),
        )
        empty.execute_sql(
            "INSERT INTO serial_events (serial_id, number, kind, at, user_id, item_id, serial_number, to_status_id, "
            f"to_location_id, changes, note) VALUES ({one}, 1, 'added', {one}, 1, 1, {one}, 1, 1, "
            """'{"date_received":[null,"2026-03-02"]}', '')""",
            (number, moment, text),
        )
    empty.execute_sql("INSERT INTO serial_counts VALUES (1, 1, 1, 2)")
    before = empty.execute_sql("SELECT id, serial_number, kind, number FROM serial_events ORDER BY id").fetchall()
    monkeypatch.undo()
    assert migrations.migrate(empty) == list(migrations.MIGRATIONS[1:])
    after = empty.execute_sql("SELECT id, serial_number, kind, number FROM serial_events ORDER BY id").fetchall()
    assert list(after) == list(before)
    assert [row.scan for row in SerialEvent.select()] == [None, None]
    assert len(find_serials("SN-O1")) == 1
    report = check(empty)
    assert [str(finding) for finding in report.findings] == []

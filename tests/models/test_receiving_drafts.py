"""Drafts of receipts: left, taken over, handed over; and batches of scans."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from models import clock
from models.errors import BadValue, Changed, NotFound
from models.items.items import save_item
from models.permissions import Permission
from models.schema import Document, DraftLine, SerialEvent
from models.serials.judging import Outcome
from models.station import drafts, lines
from models.station.drafts import new_session
from models.station.engine import ScanStation
from models.station.preview import preview
from tests.support.receiving import GTIN, SERIALS, Station, warehouse_database
from tests.support.warehouse import Warehouse, fingerprint, open_warehouse, person, statements


def _with_a_barcode() -> None:
    warehouse = open_warehouse()
    save_item(warehouse.boss, warehouse.item.id, barcodes=[GTIN])


CONTENTS = {"warehouse": _with_a_barcode}


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


# ----- drafts


def test_a_draft_goes_on_where_it_was_left(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("5CG8300OLD")
    station.scan("DOCK", "SAW-1", *SERIALS[:12], "5CG8300OLD")
    station.task.expect(warehouse.boss, 20)
    before = station.task.view
    (row,) = drafts.open_drafts()
    assert drafts.sentence(row).startswith("Open receipt at DOCK, 12 of 20, 1 problem, by boss, ")
    other = Station(warehouse)
    other.task.continue_draft(warehouse.boss, row.id)
    after = other.task.view
    assert (after.place, after.count, after.expected, after.problems) == (
        before.place,
        before.count,
        before.expected,
        before.problems,
    )
    assert other.one(SERIALS[3]).outcome is Outcome.DUPLICATE
    assert other.one("4006381333931").reason == "shape", "the look of what was scanned is remembered"
    assert [line.serial_number for line in lines.newest(row.id, 2)] == [SERIALS[11], SERIALS[10]]


def test_who_loses_a_draft_is_told_by_whom_and_nothing_of_the_scan_is_written(
    warehouse: Warehouse, station: Station
) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    other = Station(warehouse, clerk)
    (row,) = drafts.open_drafts()
    other.task.continue_draft(clerk, row.id)
    count = DraftLine.select().count()
    with pytest.raises(Changed, match="clerk1 took this draft over at"):
        station.one("S-2")
    assert DraftLine.select().count() == count
    assert other.words("S-2", "XXSDDONE") == ["ok", "done"]
    event = SerialEvent.get(SerialEvent.serial_number == "S-1", SerialEvent.kind == "received")
    assert event.user.login == "clerk1"
    assert event.note.startswith("scanned by boss at ")
    assert Document.get().note.startswith("started by boss at ")
    assert "taken over by clerk1 at" in Document.get().note
    with pytest.raises(Changed, match=r"clerk1 finished this draft at .* as R-000001"):
        station.one("S-3")


def test_a_draft_handed_over_or_taken_by_command_is_free(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "S-1")
    person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    (row,) = drafts.open_drafts()
    drafts.hand_over(warehouse.boss, row.id, "clerk1")
    with pytest.raises(Changed, match="was handed to clerk1"):
        station.one("S-2")
    assert drafts.find_draft(row.id).login == "clerk1"
    with pytest.raises(NotFound, match="no user nobody"):
        drafts.hand_over(warehouse.boss, row.id, "nobody")


def test_a_draft_is_in_use_for_ninety_seconds_after_its_station_was_last_seen(
    warehouse: Warehouse, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun)
    station.scan("DOCK", "SAW-1", "S-1")
    (row,) = drafts.open_drafts()
    assert row.is_in_use(begun + timedelta(seconds=90))
    assert not row.is_in_use(begun + timedelta(seconds=90.001))
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(seconds=60))
    drafts.keep_alive(warehouse.boss, row.id, station.task.session)
    (row,) = drafts.open_drafts()
    assert row.changed_at == begun, "a sign of life is no work on it"
    assert row.is_in_use(begun + timedelta(seconds=150))
    assert not row.is_in_use(begun + timedelta(seconds=150.001))


def test_a_draft_whose_station_has_ended_on_this_host_is_not_in_use(warehouse: Warehouse) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    session = new_session()
    for pid, is_in_use in ((os.getpid(), True), (ended.pid, False)):
        station = Station(warehouse)
        station.task = ScanStation(session=session.replace(f"/{os.getpid()}/", f"/{pid}/{pid}"))
        station.scan("DOCK")
        (row,) = [row for row in drafts.open_drafts() if row.session == station.task.session]
        assert row.is_in_use(clock.now()) is is_in_use
    far = Station(warehouse)
    far.task = ScanStation(session=f"another-host/{ended.pid}/1")
    far.scan("DOCK")
    (row,) = [row for row in drafts.open_drafts() if row.session == far.task.session]
    assert row.is_in_use(clock.now()), "only its own host can tell whether it has ended"


def test_serials_in_ranges_are_taken_as_they_are_all_or_none(warehouse: Warehouse, station: Station) -> None:
    with pytest.raises(BadValue, match="Scan the item first"):
        station.task.take_many(warehouse.boss, ["A1"], lambda done, total: None)
    station.scan("DOCK", "SAW-1", "A3")
    outcomes = station.task.take_many(warehouse.boss, [f"A{n}" for n in range(1, 6)], lambda done, total: None)
    assert outcomes == {Outcome.OK: 4, Outcome.DUPLICATE: 1}

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = fingerprint()
    with pytest.raises(KeyboardInterrupt):
        station.task.take_many(warehouse.boss, ["B1"], stop)
    assert fingerprint() == before
    assert station.task.view.count == 5


def test_many_that_look_odd_are_told_in_the_preview_and_taken_then(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", *SERIALS[:12])
    odd = [f"Z{number:03}" for number in range(5)]
    found = preview(warehouse.item.id, odd, lambda done, total: None, draft_id=station.task.view.draft_id)
    assert (found.warned.count, found.new) == (5, odd)
    assert "has 4 characters where the other 12 have 10" in found.warned.sentences[0]
    assert station.task.take_many(warehouse.boss, odd, lambda done, total: None) == {Outcome.OK: 5}


# ----- batches


def test_the_number_of_statements_does_not_grow_with_the_scans(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1")

    def count(scans: list[str]) -> int:
        with statements(warehouse_database()) as seen:
            station.scan(*scans)
        return len(seen)

    assert count([f"A{number:04}" for number in range(10)]) == count([f"B{number:04}" for number in range(400)])


def test_the_number_of_statements_of_done_does_not_grow_with_the_lines(warehouse: Warehouse) -> None:
    def count(prefix: str, number: int) -> int:
        station = Station(warehouse)
        station.scan("DOCK", "SAW-1", *(f"{prefix}{n:04}" for n in range(number)))
        with statements(warehouse_database()) as seen:
            assert station.one("XXSDDONE").outcome is Outcome.DONE
        return len(seen)

    assert count("A", 10) == count("B", 400)


def test_a_preview_at_a_station_tells_which_serials_nobody_announced(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1")
    station.task.announce(warehouse.boss, ["S-1", "S-2"])
    station.scan("S-1")
    draft_id = station.task.view.draft_id
    found = preview(warehouse.item.id, ["S-1", "S-2", "T-3"], lambda done, total: None, draft_id=draft_id)
    assert found.new == ["S-2", "T-3"]
    assert found.there.sentences == ["S-1 was scanned already, line 1."]
    assert found.warned.sentences == ["T-3 is not on the announced list."]

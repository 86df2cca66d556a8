"""UNDO of a range, a list or a group takes all of it out; the scans around it stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from models.schema import DraftLine
from models.serials.judging import Outcome
from models.station.engine import STEP
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, statements


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    made = Station(warehouse)
    made.scan("DOCK", "SAW-1", "S-1")
    return made


def take(station: Station, texts: Sequence[str]) -> Counter[Outcome]:
    return station.task.take_many(station.actor, texts, lambda *_: None)


def numbered(first: int, last: int) -> list[str]:
    return [f"N-{number:05}" for number in range(first, last + 1)]


def test_a_range_goes_out_whole_and_comes_back_whole(warehouse: Warehouse, station: Station) -> None:
    warehouse.add("N-00003", "N-00005")
    assert take(station, numbered(1, 6)) == {Outcome.OK: 4, Outcome.PROBLEM: 2}
    told = station.one("XXSDUNDO")
    assert (told.outcome, told.subject) == (Outcome.OUT, "N-00001 and 5 more")
    assert told.message == "6 serials were taken out and can be scanned again."
    assert (station.task.view.count, station.task.view.problems) == (1, 0)
    assert take(station, numbered(1, 6)) == {Outcome.OK: 4, Outcome.PROBLEM: 2}
    station.scan("S-2")
    assert [station.one("XXSDUNDO").subject for _ in range(3)] == ["S-2", "N-00001 and 5 more", "S-1"]
    assert station.task.view.total == 0


def test_two_ranges_go_out_one_after_the_other_also_at_another_station(warehouse: Warehouse, station: Station) -> None:
    take(station, numbered(1, 3))
    take(station, numbered(4, 5))
    station.task.leave(warehouse.boss)
    other = Station(warehouse)
    other.task.continue_draft(warehouse.boss, 1)
    subjects = [other.one("XXSDUNDO").subject for _ in range(3)]
    assert subjects == ["N-00004 and 1 more", "N-00001 and 2 more", "S-1"]


def test_what_was_taken_out_of_a_range_by_hand_stays_out_and_the_rest_follows(station: Station) -> None:
    take(station, numbered(1, 5))
    (third,) = DraftLine.select().where(DraftLine.serial_number == "N-00003")
    station.task.take_out(station.actor, third.number)
    assert station.one("XXSDUNDO").message == "4 serials were taken out and can be scanned again."
    assert station.task.view.count == 1


def test_a_range_that_ends_with_a_serial_that_is_there_is_undone_and_one_that_adds_none_is_nothing(
    station: Station,
) -> None:
    assert take(station, ["N-1", "S-1"]) == {Outcome.OK: 1, Outcome.DUPLICATE: 1}
    assert take(station, ["N-1", "S-1"]) == {Outcome.DUPLICATE: 2}
    assert [station.one("XXSDUNDO").subject for _ in range(3)] == ["Nothing to undo", "N-1", "S-1"]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_long_range_is_undone_in_few_statements(database: Any, station: Station) -> None:
    counts = []
    for size in (20, STEP + 500):
        take(station, numbered(1, size))
        with statements(database) as seen:
            assert station.one("XXSDUNDO").message.startswith(f"{size:,} serials")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert station.task.view.count == 1

"""A page of an ordered list is reached over as few rows as possible, and it is the right page."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.paging import KEEP_ANCHORS, Anchors, Start
from tests.support.record_sources import SqliteRows, make_serials, serial


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    file = tmp_path_factory.mktemp("anchors") / "serials.sqlite3"
    make_serials(file, 1000)
    with closing(sqlite3.connect(file)) as connection:
        yield connection


def test_the_first_and_the_last_page_are_reached_without_walking() -> None:
    anchors = Anchors[str]()
    assert anchors.ways(0, 50, 1000) == [Start(None, backwards=False, skip=0, limit=50)]
    assert anchors.ways(950, 50, 1000) == [Start(None, backwards=True, skip=0, limit=50)]


def test_the_next_page_and_the_one_before_begin_at_a_row_that_was_seen() -> None:
    anchors = Anchors[str]()
    anchors.note(400, "D")
    anchors.note(449, "E")
    assert anchors.start(450, 50, 1000) == Start("E", backwards=False, skip=1, limit=50)
    assert anchors.start(350, 50, 1000) == Start("D", backwards=True, skip=0, limit=50)
    assert anchors.ways(350, 50, 1000) == [anchors.start(350, 50, 1000)]


def test_the_last_page_goes_on_behind_the_one_before_it_and_the_first_one_ends_before_the_next() -> None:
    anchors = Anchors[str]()
    anchors.note(949, "D")
    assert anchors.ways(950, 50, 1000) == [Start("D", backwards=False, skip=1, limit=50)]  # rows may have come behind
    anchors.note(50, "E")
    assert anchors.ways(0, 50, 1000) == [Start("E", backwards=True, skip=0, limit=50)]


def test_a_page_around_a_row_that_was_looked_for_is_read_from_there_in_both_directions() -> None:
    anchors = Anchors[str]()
    anchors.note(420, "D")
    before, after = anchors.ways(400, 50, 1000)
    assert before == Start("D", backwards=True, skip=0, limit=20)
    assert after == Start("D", backwards=False, skip=0, limit=30)


def test_a_jump_walks_from_the_nearest_end() -> None:
    assert Anchors[str]().ways(700, 50, 1000) == [Start(None, backwards=True, skip=250, limit=50)]


def test_a_page_over_the_end_of_the_list_is_cut_and_one_behind_it_is_not_read() -> None:
    assert Anchors[str]().start(980, 50, 1000).limit == 20
    assert Anchors[str]().start(1000, 50, 1000).limit == 0
    assert [way.limit for way in Anchors[str]().ways(980, 50, 1000)] == [20]
    assert Anchors[str]().ways(1000, 50, 1000) == []


def test_only_so_many_rows_are_remembered_and_none_of_a_list_that_changed() -> None:
    anchors = Anchors[int]()
    for row in range(10_000, 10_000 + KEEP_ANCHORS + 1):
        anchors.note(row, row)
    assert [way.skip for way in anchors.ways(9990, 11, 1_000_000)] == [0]
    assert [way.skip for way in anchors.ways(9989, 11, 1_000_000)] == [1]
    anchors.forget()
    assert [way.position for way in anchors.ways(10_050, 10, 1_000_000)] == [None]


@given(offsets=st.lists(st.integers(0, 999), min_size=1, max_size=12), limit=st.integers(1, 60))
def test_every_way_to_a_page_leads_to_the_same_rows(rows: sqlite3.Connection, offsets: list[int], limit: int) -> None:
    source = SqliteRows(lambda: rows)
    assert source.count() == 1000
    for number, offset in enumerate(offsets):
        if number % 3 == 0:
            assert source.index_of(serial(offset)) == offset
        keys = [record.key for record in source.fetch(offset, limit)]
        assert keys == [serial(number) for number in range(offset, min(1000, offset + limit))]


def test_paging_through_a_list_walks_over_no_more_than_one_row_a_page(rows: sqlite3.Connection) -> None:
    source = SqliteRows(lambda: rows)
    source.count()
    for offset in (*range(0, 1000, 100), *range(900, 0, -100)):
        source.fetch(offset, 100)
    assert max(source.skipped) <= 1


def test_the_pages_of_a_filter_are_those_of_the_filter(tmp_path: Path) -> None:
    make_serials(tmp_path / "serials.sqlite3", 100)
    with closing(sqlite3.connect(tmp_path / "serials.sqlite3")) as connection:
        source = SqliteRows(lambda: connection, "Sold")
        assert source.count() == 25
        assert [record.key for record in source.fetch(20, 10)] == [serial(number) for number in range(81, 100, 4)]

"""Which pages of a long list are read, kept and dropped, and how a list begins while others change it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.paging import ListWindow, PageOutcome, Pages, Record, Request, read_window, records_of
from tests.support.record_sources import MadeUpRows, serial


def begun(source: MadeUpRows, place: ListWindow = ListWindow(), size: int = 10, keep: int = 5) -> Pages[Record]:  # noqa: B008
    pages = Pages[Record](size, keep)
    pages.begin(read_window(source, place, size))
    return pages


def read_all(pages: Pages[Record], source: MadeUpRows) -> list[int]:
    """Read what is wanted until nothing is, and tell which pages that were."""
    read = []
    while (request := pages.next_request()) is not None:
        read.append(request.page)
        assert pages.arrived(request, source.fetch(request.offset, request.limit)) is PageOutcome.STORED
        assert len(read) < 50
    return read


def test_a_list_begins_with_the_page_of_its_first_row() -> None:
    source = MadeUpRows(95)
    window = read_window(source, ListWindow(below=4), 10)
    assert (window.total, window.row, window.found, window.first_page) == (95, 0, None, 0)
    assert [record.key for record in window.records] == [serial(number) for number in range(10)]
    assert source.fetched == [0]


def test_a_list_begins_around_the_record_that_was_under_the_cursor_on_all_its_pages_of_the_screen() -> None:
    window = read_window(MadeUpRows(1000), ListWindow(keys=(serial(508),), above=3, below=20), 10)
    assert (window.row, window.found, window.first_page, len(window.records)) == (508, serial(508), 50, 30)
    above = read_window(MadeUpRows(1000), ListWindow(keys=(serial(500),), above=3, below=2), 10)
    assert (above.first_page, len(above.records)) == (49, 20)


def test_the_next_record_is_taken_where_the_first_is_not_in_the_list_and_the_row_where_none_is() -> None:
    even = MadeUpRows(100, step=2)
    assert read_window(even, ListWindow(row=7, keys=(serial(51), serial(60))), 10).row == 30
    nowhere = read_window(even, ListWindow(row=7, keys=(serial(51), serial(53))), 10)
    assert (nowhere.row, nowhere.found) == (7, None)


def test_a_list_that_is_now_shorter_begins_on_its_last_row() -> None:
    window = read_window(MadeUpRows(25), ListWindow(row=900, below=4), 10)
    assert (window.row, window.first_page, len(window.records)) == (24, 2, 5)


def test_an_empty_list_is_asked_for_nothing_but_its_length() -> None:
    source = MadeUpRows(0)
    window = read_window(source, ListWindow(row=9, keys=(serial(1),), above=2, below=7), 10)
    assert (window.total, window.row, window.found, list(window.records)) == (0, 0, None, [])
    assert source.fetched == []


class ChangingRows(MadeUpRows):
    """A list from which somebody takes rows after it was counted."""

    def __init__(self, total: int, *later: int) -> None:
        super().__init__(total)
        self.later = list(later)

    def fetch(self, offset: int, limit: int) -> Sequence[Record]:
        if self.later:
            self.total = self.later.pop(0)
        return super().fetch(offset, limit)


def test_a_list_that_shrinks_while_it_is_read_is_read_again() -> None:
    window = read_window(ChangingRows(100, 93), ListWindow(row=99), 10)
    assert (window.total, window.row, len(window.records)) == (93, 92, 3)


def test_a_list_that_never_stops_shrinking_is_taken_as_it_was_read_last() -> None:
    window = read_window(ChangingRows(100, 97, 95, 92, 91), ListWindow(row=99), 10)
    assert (window.total, window.row, len(window.records)) == (92, 91, 2)


class MovingRows(MadeUpRows):
    """A list whose rows have moved by the time they are fetched, a few times."""

    moves = 1

    def index_of(self, key: str) -> int | None:
        index = super().index_of(key)
        if index is None or not self.moves:
            return index
        self.moves -= 1
        return index + 3


def test_rows_that_moved_between_finding_and_reading_are_found_again() -> None:
    source = MovingRows(100)
    window = read_window(source, ListWindow(keys=(serial(40),)), 10)
    assert (window.row, window.found) == (40, serial(40))
    source.moves = 99
    assert read_window(source, ListWindow(keys=(serial(40),)), 10).found is None


def test_nothing_is_read_while_the_screen_stays_on_pages_that_are_here() -> None:
    source = MadeUpRows(1000)
    pages = begun(source, ListWindow(below=3))
    pages.look_at(range(4), 0)
    assert pages.next_request() is None
    assert pages.peek(3) == Record(serial(3), (serial(3), "Defective", "BIN-3"))
    assert pages.peek(10) is None
    assert pages.peek(-1) is None


def test_the_page_ahead_is_read_in_time_downwards_and_upwards() -> None:
    source = MadeUpRows(1000)
    pages = begun(source, ListWindow(row=55))
    pages.look_at(range(51, 55), 52)
    assert read_all(pages, source) == []
    pages.look_at(range(52, 56), 52)
    assert read_all(pages, source) == [6]
    pages.look_at(range(51, 55), 52)
    assert read_all(pages, source) == [4]


def test_the_page_of_the_cursor_comes_first_then_the_screen_then_the_one_ahead() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    pages.look_at(range(505, 535), 525)
    assert read_all(pages, source) == [52, 50, 51, 53]


def test_what_has_left_the_screen_is_never_asked_for() -> None:
    source = MadeUpRows(100_000)
    pages = begun(source)
    for row in range(100, 90_000, 100):
        pages.look_at(range(row, row + 4), row)
    assert read_all(pages, source) == [8990]


def test_only_so_many_pages_are_kept_and_the_one_looked_at_longest_ago_goes() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    for row in range(0, 200, 2):
        pages.look_at(range(row, row + 4), row)
        read_all(pages, source)
    assert len(pages) == 5
    assert pages.peek(0) is None
    assert pages.peek(198) is not None


def test_a_screen_larger_than_all_pages_kept_is_filled_all_the_same() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    pages.look_at(range(100, 200), 150)
    assert sorted(read_all(pages, source)) == list(range(10, 21))
    assert all(pages.peek(row) for row in range(100, 200))


def test_the_record_under_the_cursor_stays_here_when_somebody_scrolls_far_away() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    for row in range(0, 900, 5):
        pages.look_at(range(row, row + 4), 3)
        read_all(pages, source)
    assert pages.peek(3) is not None


def test_a_page_of_a_list_that_began_again_meanwhile_is_of_no_use() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    pages.look_at(range(500, 504), 500)
    request = pages.next_request()
    assert request is not None
    pages.begin(read_window(source, ListWindow(row=500), 10))
    assert pages.arrived(request, source.fetch(request.offset, request.limit)) is PageOutcome.STALE


def test_a_page_with_too_few_rows_tells_that_the_list_has_shrunk() -> None:
    source = MadeUpRows(1000)
    pages = begun(source)
    pages.look_at(range(500, 504), 500)
    request = pages.next_request()
    assert request == Request(1, 50, 500, 10)
    assert pages.arrived(request, source.fetch(500, 9)) is PageOutcome.SHORT
    assert pages.peek(500) is None


def test_rows_that_were_added_at_the_end_wait_for_the_list_to_begin_again() -> None:
    source = MadeUpRows(15)
    pages = begun(source)
    pages.look_at(range(9, 13), 10)
    source.total = 30
    request = pages.next_request()
    assert request == Request(1, 1, 10, 5)
    assert pages.arrived(request, source.fetch(10, 10)) is PageOutcome.STORED
    assert (pages.peek(14) is None, pages.peek(15)) == (False, None)
    assert pages.find(serial(15)) is None


def test_a_source_that_failed_is_asked_again_when_the_screen_moves() -> None:
    pages = begun(MadeUpRows(1000))
    pages.look_at(range(500, 504), 500)
    pages.stall()
    pages.look_at(range(500, 504), 500)
    assert pages.next_request() is None
    pages.look_at(range(500, 504), 501)
    assert pages.next_request() is not None


def test_a_record_is_found_by_its_key_among_those_that_are_here() -> None:
    pages = begun(MadeUpRows(1000), ListWindow(row=42))
    assert pages.find(serial(47)) == 47
    assert pages.find(serial(50)) is None


@pytest.mark.parametrize("total", [0, 1])
def test_the_shortest_lists_want_nothing_more(total: int) -> None:
    pages = begun(MadeUpRows(total))
    pages.look_at(range(24), 0)
    assert pages.next_request() is None
    assert (pages.peek(0) is None) == (total == 0)


@pytest.mark.parametrize("count", [3, 600])
def test_records_are_picked_in_the_order_of_the_list_few_one_by_one_and_many_page_by_page(count: int) -> None:
    source = MadeUpRows(1_000)
    wanted = [serial(number) for number in range(900, 900 - count, -1)]
    found = records_of(source, [*wanted, serial(5_000)])
    assert [record.key for record in found] == wanted[::-1]
    assert len(source.fetched) == (3 if count == 3 else 5)

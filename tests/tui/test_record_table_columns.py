"""What a long list shows at which width, and that a change of columns or size loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.record_app import COLUMNS, RecordApp, column, cursor_line, lines, settled, shown, shows, strips
from tests.support.record_sources import MadeUpRows, SqliteRows, make_serials, serial
from tests.support.recording import RecordingDriver, data_sent_by
from tui.terminal.database_thread import DatabaseThread
from tui.text import cell

NARROW = (column(0, "serial", "Serial", 11, grow=1), column(1, "status", "Status", 8))


async def test_columns_are_replaced_and_rows_cursor_and_marks_stay() -> None:
    app = RecordApp(MadeUpRows(100_000))
    async with shown(app) as pilot:
        app.table.reload(cursor_key=serial(70_000))
        await settled(pilot)
        await pilot.press("space")
        said, line = list(app.said), lines(app).index(cursor_line(app))
        app.table.set_columns(NARROW)
        await pilot.pause()
        assert not shows(app, "Location")
        assert serial(70_001) in cursor_line(app)
        assert lines(app).index(cursor_line(app)) == line
        assert lines(app)[line - 1].startswith("*  SN000070000")
        assert app.said == said
        await pilot.press("enter", "end")
        await settled(pilot)
        assert ("selected", 70_001, serial(70_001)) in app.said
        assert serial(99_999) in cursor_line(app)
        app.table.set_columns(COLUMNS)
        await settled(pilot)
        assert lines(app)[0].endswith("Location")
        assert serial(99_999) in cursor_line(app)


async def test_a_column_takes_the_room_that_is_left_over_and_gives_it_back() -> None:
    app = RecordApp(MadeUpRows(1000), NARROW)
    async with shown(app, (40, 6)) as pilot:
        assert lines(app)[0] == f"   Serial{' ' * 20}Status"
        assert app.table.virtual_size.width == 38
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        assert lines(app)[0] == f"   Serial{' ' * 40}Status"
        await pilot.resize_terminal(20, 6)
        await pilot.pause()
        assert lines(app)[0].startswith("   Serial       St")
        assert serial(0) in cursor_line(app)


async def test_numbers_and_their_heading_stand_on_the_right() -> None:
    app = RecordApp(MadeUpRows(2), [COLUMNS[0], column(2, "place", "Place", 9, justify="right")])
    async with shown(app, (40, 3)):
        assert [line[17:] for line in lines(app)[:2]] == ["      Place", "      BIN-0"]


async def test_a_heading_wider_than_its_column_takes_two_lines_and_all_stand_on_the_lower_one() -> None:
    app = RecordApp(MadeUpRows(1000), [column(0, "serial", "Serial", 11), column(1, "warranty", "Warranty Status", 9)])
    async with shown(app, (40, 6)) as pilot:
        assert lines(app)[:3] == [
            "                Warranty",
            "   Serial       Status",
            " ▸ SN000000000  In Stock",
        ]
        assert app.table.virtual_size.height == 1002
        await pilot.press("end")
        await settled(pilot)
        assert lines(app)[-1] == cursor_line(app)
        app.table.set_columns(NARROW)
        await pilot.pause()
        assert lines(app)[0].split() == ["Serial", "Status"]
        assert lines(app)[-1] == cursor_line(app)


async def test_a_screen_that_becomes_smaller_keeps_the_cursor_on_it() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app, (60, 20)) as pilot:
        app.table.move_cursor(row=17)
        for size in [(40, 10), (20, 4), (60, 20), (20, 8)]:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert serial(17) in cursor_line(app)


async def test_the_cursor_is_seen_on_a_screen_of_two_lines_and_none_breaks_it() -> None:
    app = RecordApp(MadeUpRows(1000), NARROW[:1])
    async with shown(app, (20, 2)) as pilot:
        await pilot.press("down", "pagedown", "end", "home", "down")
        await settled(pilot)
        assert serial(1) in cursor_line(app)
        await pilot.resize_terminal(20, 1)
        await pilot.press("down", "pagedown", "end", "pageup", "home", "enter")
        await settled(pilot)
        assert app.said[-1] == ("selected", 0, serial(0))


async def test_rows_and_columns_are_changed_by_reload_and_set_columns_alone() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app):
        table = app.table
        for change in (
            lambda: table.add_row(cell("x")),
            lambda: table.add_column("x"),
            lambda: table.update_cell(serial(1), "status", cell("x")),
            lambda: table.sort("serial"),
            table.clear,
        ):
            with pytest.raises(NotImplementedError, match="change by reload and set_columns"):
                change()
        with pytest.raises(NotImplementedError, match="cannot be walked"):
            list(table.rows)
        assert table.get_cell(serial(1), "status").plain == "Sold"
        assert [text.plain for text in table.get_row_at(2)] == ["", serial(2), "In Transit", "BIN-2"]
        assert table.get_row_index(serial(7)) == 7


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("grid") / "serials.sqlite3"
    make_serials(path, 200_000)
    return path


class Shop:
    """A SQLite file, open in the thread of the database."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.connection: sqlite3.Connection | None = None

    def open(self) -> None:
        self.connection = sqlite3.connect(self.file)

    def close(self) -> None:
        assert self.connection is not None
        self.connection.close()

    def serials(self, status: str | None = None) -> SqliteRows:
        return SqliteRows(self._connected, status)

    def _connected(self) -> sqlite3.Connection:
        assert self.connection is not None
        return self.connection


@pytest.fixture
def shop(file: Path) -> Shop:
    return Shop(file)


async def test_two_hundred_thousand_serials_of_a_real_file_are_paged_filtered_and_found(shop: Shop) -> None:
    source = shop.serials()
    app = RecordApp(source, db=DatabaseThread(shop.open, shop.close))
    async with shown(app) as pilot:
        assert app.table.total == 200_000
        for _ in range(40):
            await pilot.press("pagedown")
        await settled(pilot)
        assert serial(600) in cursor_line(app)
        assert max(source.skipped) <= 1
        await pilot.press("end")
        await settled(pilot)
        assert serial(199_999) in cursor_line(app)
        app.table.reload(cursor_key=serial(123_457))
        await settled(pilot)
        assert serial(123_457) in cursor_line(app)
        app.table.reload(shop.serials("Sold"))
        await settled(pilot)
        assert app.table.total == 50_000
        assert serial(123_457) in cursor_line(app)
        app.table.reload(cursor_key=serial(123_458))
        await settled(pilot)
        assert app.said[-1] == ("not listed", serial(123_458))
        assert serial(123_457) in cursor_line(app)
        app.table.reload(shop.serials(), keep_cursor=False)
        await settled(pilot)
        assert serial(0) in cursor_line(app)


async def test_moving_the_cursor_draws_two_rows_and_a_reload_without_news_draws_none() -> None:
    app = RecordApp(MadeUpRows(100_000))
    sent: list[str] = []

    async def look(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        app.table.reload(cursor_key=serial(50_000))
        await settled(pilot)
        for work in (app.table.action_cursor_down, app.table.action_cursor_down, app.table.reload):
            assert isinstance(app._driver, RecordingDriver)
            app._driver.sent.clear()
            work()
            await settled(pilot)
            await asyncio.sleep(0.1)
            sent.append(data_sent_by(app))
        app.exit()

    await app.run_async(size=(80, 24), auto_pilot=look)
    await app.db.close()
    assert [number for number in range(49_950, 50_050) if serial(number) in sent[1]] == [50_001, 50_002]
    assert app.loads == [100_000] * 3
    assert sent[2] == ""


async def test_a_walk_through_a_long_list_draws_with_few_styles() -> None:
    """Textual keeps what it knows of 16,384 styles; one for each cell of a long list would fill that with 10 MB."""
    app = RecordApp(MadeUpRows(100_000))
    styles = set()
    async with shown(app, (80, 24)) as pilot:
        for _ in range(20):
            await pilot.press("pagedown")
            await settled(pilot)
            styles |= {segment.style for strip in strips(app) for segment in strip}
    assert len(styles) < 40


async def test_rows_drawn_long_ago_are_forgotten() -> None:
    app = RecordApp(MadeUpRows(2000))
    async with shown(app, (80, 24)) as pilot:
        for _ in range(60):
            await pilot.press("pagedown")
        await settled(pilot)
        assert len(app.table._row_render_cache) < 400

"""What somebody sees and does in a long list whose rows stay in the database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.events import MouseScrollDown
from textual.worker import WorkerFailed, WorkerState

from models.errors import Unreachable
from models.paging import Record
from tests.support.record_app import (
    COLUMNS,
    RecordApp,
    column,
    cursor_line,
    lines,
    settled,
    shown,
    shows,
    until,
)
from tests.support.record_sources import MadeUpRows, serial


async def test_the_first_rows_stand_under_their_headings_with_the_cursor_sign_on_the_first() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app, (60, 5)):
        assert lines(app) == [
            "   Serial Number   Status        Location",
            " ▸ SN000000000     In Stock      BIN-0",
            "   SN000000001     Sold          BIN-1",
            "   SN000000002     In Transit    BIN-2",
            "   SN000000003     Defective     BIN-3",
        ]
        assert app.said == [("highlighted", 0, serial(0))]
        assert app.loads == [1000]


async def test_home_and_end_go_to_the_first_and_the_last_row() -> None:
    app = RecordApp(MadeUpRows(123_456))
    async with shown(app) as pilot:
        await pilot.press("end")
        await settled(pilot)
        assert serial(123_455) in cursor_line(app)
        assert app.said[-1] == ("highlighted", 123_455, serial(123_455))
        await pilot.press("down")
        assert app.table.cursor_row == 123_455
        await pilot.press("home")
        await settled(pilot)
        assert serial(0) in cursor_line(app)
        await pilot.press("ctrl+end", "pageup", "ctrl+home", "pagedown")
        await settled(pilot)
        assert app.table.cursor_row == 15


async def test_enter_and_a_double_click_open_the_row_under_the_cursor() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        await pilot.press("down", "enter")
        assert app.said[1:] == [("highlighted", 1, serial(1)), ("selected", 1, serial(1))]
        app.said.clear()
        await pilot.click(app.table, offset=(10, 6))
        await pilot.pause()
        assert app.said == [("highlighted", 5, serial(5))]
        await pilot.click(app.table, offset=(14, 6))
        await pilot.double_click(app.table, offset=(10, 9))
        await pilot.pause()
        assert app.said[1:] == [("highlighted", 8, serial(8)), ("selected", 8, serial(8))]


async def test_a_click_on_a_heading_names_its_column_and_one_beside_them_nothing() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        await pilot.click(app.table, offset=(22, 0))
        await pilot.click(app.table, offset=(1, 0))
        await pilot.click(app.table, offset=(55, 0))
        await pilot.pause()
        assert app.said[1:] == [("heading", "status")]


async def test_the_wheel_scrolls_and_leaves_the_cursor_where_it_is() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        for _ in range(10):
            await pilot._post_mouse_events([MouseScrollDown], app.table)
        await settled(pilot)
        assert app.table.cursor_row == 0
        assert not shows(app, serial(0))
        assert shows(app, serial(20))
        assert app.said == [("highlighted", 0, serial(0))]


async def test_rows_that_are_not_there_yet_show_so_and_are_announced_when_they_come() -> None:
    source = MadeUpRows(1_000_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        source.answers.clear()
        source.fetched.clear()
        app.said.clear()
        for row in range(10_000, 600_001, 10_000):
            app.table.move_cursor(row=row)
        await pilot.press("enter")
        assert "…" in cursor_line(app)
        assert app.said == []
        source.answers.set()
        await settled(pilot)
        assert serial(600_000) in cursor_line(app)
        assert app.said == [("highlighted", 600_000, serial(600_000)), ("selected", 600_000, serial(600_000))]
        assert len(source.fetched) <= 3


async def test_keys_are_taken_while_rows_are_being_read() -> None:
    source = MadeUpRows(1_000_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        source.answers.clear()
        await pilot.press("end", "up", "up", "pageup", "down")
        assert app.table.cursor_row == 999_983
        assert shows(app, "…")
        source.answers.set()
        await settled(pilot)
        assert serial(999_983) in cursor_line(app)


async def test_an_empty_list_takes_every_key_and_fills_when_it_is_reloaded() -> None:
    source = MadeUpRows(0)
    app = RecordApp(source)
    async with shown(app) as pilot:
        await pilot.press("down", "enter", "pagedown", "end", "home", "pageup", "space", "shift+down", "left", "right")
        await pilot.click(app.table, offset=(10, 5))
        await pilot.hover(app.table, offset=(10, 5))
        app.table.reload(cursor_key=serial(3))
        await settled(pilot)
        assert app.said == [("not listed", serial(3))]
        assert lines(app)[0].split() == ["Serial", "Number", "Status", "Location"]
        assert "".join(lines(app)[1:]) == ""
        source.total = 3
        app.table.reload()
        await settled(pilot)
        assert serial(0) in cursor_line(app)
        assert shows(app, serial(2))
        assert app.said[1:] == [("highlighted", 0, serial(0))]
        source.total = 0
        app.table.reload()
        await settled(pilot)
        assert not shows(app, "SN")
        await pilot.press("enter", "down")
        assert (app.table.cursor_row, app.table.cursor_record) == (0, None)
        assert app.said[2:] == []


async def test_a_table_without_a_list_waits_for_one() -> None:
    app = RecordApp(None)
    async with shown(app) as pilot:
        await pilot.press("down", "end", "enter")
        with pytest.raises(ValueError, match="name a source"):
            app.table.reload()
        app.table.reload(MadeUpRows(10))
        await settled(pilot)
        assert serial(0) in cursor_line(app)


async def test_a_reload_keeps_the_record_under_the_cursor_and_its_line() -> None:
    app = RecordApp(MadeUpRows(10_000, step=2))
    async with shown(app) as pilot:
        app.table.move_cursor(row=5000)
        await settled(pilot)
        await pilot.press("up", "up", "up")
        before = lines(app).index(cursor_line(app))
        app.table.reload(MadeUpRows(20_000))
        await settled(pilot)
        assert serial(9994) in cursor_line(app)
        assert app.table.cursor_row == 9994
        assert lines(app).index(cursor_line(app)) == before
        assert not shows(app, "…")
        assert app.said[-1] == ("highlighted", 9994, serial(9994))


async def test_a_reload_while_somebody_has_scrolled_away_does_not_bring_them_back() -> None:
    app = RecordApp(MadeUpRows(10_000))
    async with shown(app) as pilot:
        app.table.scroll_to(y=5000)
        await settled(pilot)
        app.table.reload()
        await settled(pilot)
        assert shows(app, serial(5003))
        assert app.table.cursor_row == 0


async def test_a_move_during_a_reload_is_not_lost() -> None:
    source = MadeUpRows(10_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        await pilot.press(*["down"] * 5)
        source.answers.clear()
        app.table.reload()
        await pilot.press("down", "down")
        source.answers.set()
        await settled(pilot)
        assert serial(7) in cursor_line(app)


async def test_a_table_that_is_removed_while_it_is_read_again_ends_who_waits_for_it_and_not_the_app() -> None:
    source = MadeUpRows(1000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        source.answers.clear()
        source.fetched.clear()
        waiting = app.run_worker(app.table.follow())
        await until(pilot, lambda: app.table._is_reading, "it is not read")
        await app.table.remove()
        await until(pilot, lambda: waiting.is_finished, "who waits for it waits for ever")
        source.answers.set()
        assert waiting.state is WorkerState.CANCELLED


async def test_a_new_filter_begins_at_the_top() -> None:
    app = RecordApp(MadeUpRows(10_000))
    async with shown(app) as pilot:
        await pilot.press("end")
        await settled(pilot)
        app.table.reload(MadeUpRows(5000, step=2), keep_cursor=False)
        await settled(pilot)
        assert serial(0) in cursor_line(app)
        assert lines(app)[1] == cursor_line(app)
        assert app.said[-1] == ("highlighted", 0, serial(0))
        assert app.loads == [10_000, 5000]


async def test_the_last_of_many_filters_is_shown_and_those_before_it_are_not_all_read() -> None:
    app = RecordApp(MadeUpRows(10_000))
    async with shown(app) as pilot:
        sources = [MadeUpRows(100 + number) for number in range(8)]
        sources[0].answers.clear()
        for source in sources:
            app.table.reload(source, keep_cursor=False)
            await pilot.pause()
        assert app.table.is_reloading
        assert app.table.total == 10_000
        sources[0].answers.set()
        await settled(pilot)
        assert app.table.total == 107
        assert app.loads == [10_000, 107]
        assert [bool(source.fetched) for source in sources] == [True, *[False] * 6, True]


async def test_a_reload_can_go_to_the_record_that_was_just_added() -> None:
    source = MadeUpRows(10_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        source.total = 10_001
        app.table.reload(cursor_key=serial(10_000))
        app.table.reload()
        await settled(pilot)
        assert serial(10_000) in cursor_line(app)
        app.table.reload(cursor_key=serial(77_777))
        await settled(pilot)
        assert serial(10_000) in cursor_line(app)
        assert app.said[-1] == ("not listed", serial(77_777))


async def test_a_jump_goes_to_a_record_anywhere_in_the_list() -> None:
    app = RecordApp(MadeUpRows(1_000_000))
    async with shown(app) as pilot:
        app.table.reload(cursor_key=serial(765_432))
        await settled(pilot)
        assert serial(765_432) in cursor_line(app)
        assert 4 < lines(app).index(cursor_line(app)) < 12
        top = app.table.scroll_offset.y
        app.table.reload(cursor_key=serial(765_435))
        await settled(pilot)
        assert serial(765_435) in cursor_line(app)
        assert app.table.scroll_offset.y == top
        assert app.said[-1] == ("highlighted", 765_435, serial(765_435))


async def test_a_list_that_became_shorter_keeps_the_cursor_on_its_last_row() -> None:
    source = MadeUpRows(5000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        await pilot.press("end")
        await settled(pilot)
        source.total = 4700
        app.table.reload()
        await settled(pilot)
        assert serial(4699) in cursor_line(app)
        assert lines(app)[-1] == cursor_line(app)
        source.total = 4100
        app.table.move_cursor(row=4350)
        await settled(pilot)
        assert app.table.total == 4100
        assert serial(4099) in cursor_line(app)
        source.total = 6000
        app.table.reload()
        await settled(pilot)
        await pilot.press("down")
        assert serial(4100) in cursor_line(app)
        await pilot.press("end")
        await settled(pilot)
        assert serial(5999) in cursor_line(app)


async def test_a_lost_connection_is_told_once_and_rows_come_when_it_is_back() -> None:
    source = MadeUpRows(100_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        app.said.clear()
        source.trouble = Unreachable("The server does not answer.")
        app.table.move_cursor(row=50_000)
        await settled(pilot)
        for _ in range(5):
            app.screen.refresh(repaint=True)
            await settled(pilot)
        assert app.said == [("failed", "The server does not answer.")]
        assert "…" in cursor_line(app)
        source.trouble = None
        await pilot.press("down")
        await settled(pilot)
        assert serial(50_001) in cursor_line(app)
        assert app.said[-1] == ("highlighted", 50_001, serial(50_001))


async def test_a_list_that_cannot_be_read_leaves_the_old_rows_and_can_be_tried_again() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        other = MadeUpRows(500, step=2)
        other.trouble = Unreachable("The server does not answer.")
        app.table.reload(other, keep_cursor=False)
        await settled(pilot)
        assert app.said[-1] == ("failed", "The server does not answer.")
        await pilot.press("end")
        await settled(pilot)
        assert serial(999) in cursor_line(app)
        other.trouble = None
        app.table.reload()
        await settled(pilot)
        assert app.table.total == 500


async def test_an_error_that_nobody_expected_is_not_swallowed() -> None:
    class Broken(MadeUpRows):
        def fetch(self, offset: int, limit: int) -> Sequence[Record]:
            raise ZeroDivisionError(f"{offset}, {limit}")

    app = RecordApp(Broken(10))
    with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
        async with app.run_test() as pilot:
            await until(pilot, lambda: not app.is_running)
    await app.db.close()


async def test_ten_million_rows_answer_as_quickly_as_ten() -> None:
    app = RecordApp(MadeUpRows(10_000_000))
    async with shown(app) as pilot:
        await pilot.press("end")
        await settled(pilot)
        assert serial(9_999_999) in cursor_line(app)
        app.table.reload(cursor_key=serial(4_567_890))
        await settled(pilot)
        assert serial(4_567_890) in cursor_line(app)
        assert app.table.row_count == 10_000_000
        assert len(app.table._pages) <= 12


@pytest.mark.parametrize(
    "text", ["[/foo]", "[@click=app.quit]x[/]", "\x1b[2J\x1b]0;t\x07", "\u202eabc", "a\nb", "", "日本語" * 20]
)
async def test_no_data_can_do_anything_but_be_seen(text: str) -> None:
    source = MadeUpRows(30)
    source.values = lambda _: (text, text)
    app = RecordApp(source)
    async with shown(app) as pilot:
        await pilot.press("down", "space", "enter")
        assert app.said[-1] == ("selected", 2, serial(2))
        assert not any(character < " " or character == "\u202e" for line in lines(app) for character in line)
        assert [line[1:14] for line in lines(app)[1:4]] == ["  SN000000000", "  SN000000001", "▸ SN000000002"]


async def test_a_cell_that_would_be_read_as_markup_is_refused_at_once() -> None:
    broken = [*COLUMNS, column(0, "x", "X", 5)]
    object.__setattr__(broken[-1], "cell", lambda record: record.key)
    app = RecordApp(MadeUpRows(3), broken)
    with pytest.raises(TypeError, match="column 'x' must be Text, not str"):
        async with app.run_test() as pilot:
            await until(pilot, lambda: not app.is_running)
    await app.db.close()

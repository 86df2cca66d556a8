"""Marking rows of a long list: by Space, by Shift with an arrow, by a click into the gutter."""

from __future__ import annotations

from tests.support.record_app import RecordApp, cursor_line, lines, settled, shown
from tests.support.record_sources import MadeUpRows, serial


async def test_space_marks_a_row_and_goes_on_to_the_next() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app, (60, 5)) as pilot:
        await pilot.press("space", "down", "space")
        assert [line[:14] for line in lines(app)[1:]] == [
            "*  SN000000000",
            "   SN000000001",
            "*  SN000000002",
            " ▸ SN000000003",
        ]
        await settled(pilot)
        assert app.table.marked == {serial(0), serial(2)}
        assert app.said[-2:] == [("marked", serial(0), serial(2)), ("highlighted", 3, serial(3))]
        await pilot.press("up", "space")
        assert app.table.marked == {serial(0)}
        assert lines(app)[3].startswith("   SN000000002")


async def test_the_last_row_can_be_marked_and_shows_mark_and_cursor() -> None:
    app = RecordApp(MadeUpRows(3))
    async with shown(app) as pilot:
        await pilot.press("end", "space")
        assert cursor_line(app).startswith("*▸ SN000000002")


async def test_marks_stay_with_their_records_through_paging_filter_and_another_order() -> None:
    app = RecordApp(MadeUpRows(100_000))
    async with shown(app) as pilot:
        await pilot.press("down", "space", "space", "end")
        await settled(pilot)
        await pilot.press("space", "pageup")
        for _ in range(30):
            app.table.move_cursor(row=app.table.cursor_row - 1000)
            await settled(pilot)
        marked = {serial(1), serial(2), serial(99_999)}
        assert app.table.marked == marked
        app.table.reload(MadeUpRows(50_000, step=2), keep_cursor=False)
        await settled(pilot)
        assert [line[:14] for line in lines(app)[1:4]] == [" ▸ SN000000000", "*  SN000000002", "   SN000000004"]
        assert app.table.marked == marked
        app.table.reload(MadeUpRows(100_000), keep_cursor=False)
        await settled(pilot)
        assert [line[0] for line in lines(app)[1:5]] == [" ", "*", "*", " "]
        app.table.action_unmark()
        await settled(pilot)
        assert app.table.marked == frozenset()
        assert not any(line.startswith("*") for line in lines(app))
        assert app.said[-1] == ("marked",)


async def test_shift_and_an_arrow_mark_a_range_and_take_it_back() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        await pilot.press("down", "space", "up", "up", "shift+down", "shift+down", "shift+down")
        assert app.table.marked == {serial(number) for number in range(4)}
        await pilot.press("shift+up", "shift+up", "shift+up")
        assert app.table.marked == {serial(0), serial(1)}
        assert cursor_line(app).startswith("*▸ SN000000000")
        await pilot.press("shift+up")
        assert app.table.cursor_row == 0


async def test_a_range_can_cross_its_beginning_and_a_new_one_begins_elsewhere() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        app.table.move_cursor(row=10)
        await pilot.press("shift+down", "shift+up", "shift+up")
        assert app.table.marked == {serial(9), serial(10)}
        await pilot.press("down", "down", "down", "shift+down")
        assert app.table.marked == {serial(9), serial(10), serial(12), serial(13)}


async def test_a_click_into_the_gutter_marks_a_row_and_leaves_the_cursor() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app) as pilot:
        await pilot.click(app.table, offset=(0, 4))
        await pilot.click(app.table, offset=(1, 6))
        assert app.table.marked == {serial(3), serial(5)}
        assert app.table.cursor_row == 0
        await pilot.click(app.table, offset=(1, 6))
        assert app.table.marked == {serial(3)}
        assert not [said for said in app.said if said[0] == "selected"]


async def test_a_row_that_is_not_there_yet_cannot_be_marked() -> None:
    source = MadeUpRows(1_000_000)
    app = RecordApp(source)
    async with shown(app) as pilot:
        source.answers.clear()
        await pilot.press("end", "space", "shift+up")
        await pilot.click(app.table, offset=(0, 4))
        assert app.table.cursor_row == 999_999
        assert app.table.marked == frozenset()
        source.answers.set()


async def test_a_table_without_marking_ignores_its_keys_and_clicks() -> None:
    app = RecordApp(MadeUpRows(1000), marking=False)
    async with shown(app) as pilot:
        await pilot.press("space", "shift+down")
        await pilot.click(app.table, offset=(0, 4))
        assert app.table.marked == frozenset()
        assert app.table.cursor_row == 3


async def test_a_mark_is_seen_when_the_table_is_scrolled_sideways() -> None:
    app = RecordApp(MadeUpRows(1000))
    async with shown(app, (30, 6)) as pilot:
        await pilot.press("space", "right", "right", "right")
        await pilot.pause()
        assert app.table.scroll_offset.x == 3
        assert [line[:9] for line in lines(app)[:4]] == ["  rial Nu", "* 0000000", " ▸0000000", "  0000000"]

"""Keys that come before the rows that they are meant for."""

from __future__ import annotations

import pytest

from tests.support.record_app import RecordApp, cursor_line, settled, shown
from tests.support.record_sources import MadeUpRows, serial


@pytest.mark.parametrize(
    ("keys", "number"), [(["down", "down", "down"], 6), (["up"], 0), (["end"], 9998), (["end", "home"], 0)]
)
async def test_keys_typed_before_a_new_filter_has_its_rows_are_meant_for_these(keys: list[str], number: int) -> None:
    source, filtered = MadeUpRows(10_000), MadeUpRows(5000, step=2)
    app = RecordApp(source)
    async with shown(app) as pilot:
        await pilot.press("down", "down")
        filtered.answers.clear()
        app.table.reload(MadeUpRows(7000), keep_cursor=False)
        await pilot.press("down")
        app.table.reload(filtered, keep_cursor=False)
        await pilot.press(*keys)
        app.table.reload()
        filtered.answers.set()
        await settled(pilot)
        assert serial(number) in cursor_line(app)


async def test_enter_before_a_new_filter_has_its_rows_opens_one_of_these() -> None:
    app, filtered = RecordApp(MadeUpRows(10_000)), MadeUpRows(5000, step=2)
    async with shown(app) as pilot:
        filtered.answers.clear()
        app.table.reload(filtered, keep_cursor=False)
        await pilot.press("down", "down", "enter")
        filtered.answers.set()
        await settled(pilot)
        assert [said for said in app.said if said[0] == "selected"] == [("selected", 2, serial(4))]


async def test_space_before_a_new_order_has_its_rows_marks_rows_of_these() -> None:
    app, ordered = RecordApp(MadeUpRows(10_000)), MadeUpRows(5000, step=2)
    async with shown(app) as pilot:
        await pilot.press("down", "down", "down")
        ordered.answers.clear()
        app.table.reload(ordered, keep_cursor=False)
        await pilot.press("space", "down", "space", "shift+down")
        assert not app.table.marked
        ordered.answers.set()
        await settled(pilot)
        assert app.table.marked == {serial(0), serial(4)}
        assert serial(6) in cursor_line(app)


async def test_space_while_the_same_list_is_read_again_marks_at_once() -> None:
    app, again = RecordApp(MadeUpRows(10_000)), MadeUpRows(10_000)
    async with shown(app) as pilot:
        await pilot.press("down")
        again.answers.clear()
        app.table.reload(again)
        await pilot.press("space")
        assert app.table.marked == {serial(1)}
        again.answers.set()
        await settled(pilot)
        assert app.table.marked == {serial(1)}

"""An app with only a RecordTable, and helpers to wait for it and read the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import DataTable

from models.paging import Record, RowSource
from tests.support.idle import draw_now, drawn, idle
from tests.support.limits import LIMIT
from tests.support.read_once import read_once
from tests.support.recording import RecordingDriver
from tui.kit.lazy_table import RecordColumn
from tui.kit.record_table import RecordTable
from tui.terminal.database_thread import DatabaseThread
from tui.text import cell

LONGEST_PAUSE = 0.04
"""Seconds between two looks at a condition: most are true at once, others need seconds."""


def column(index: int, key: str, label: str, width: int, **options: Any) -> RecordColumn[Record]:
    """A column that shows one of a record's values."""
    return RecordColumn(key, label, width, lambda record: cell(record.cells[index]), **options)


COLUMNS = (
    column(0, "serial", "Serial Number", 14),
    column(1, "status", "Status", 12),
    column(2, "place", "Location", 10),
)


class RecordApp(App[None]):
    """Shows a list and records the messages of its table."""

    def __init__(
        self,
        source: RowSource[Record] | None,
        columns: Sequence[RecordColumn[Record]] = COLUMNS,
        db: DatabaseThread | None = None,
        **options: Any,
    ) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.db = db or DatabaseThread(lambda: None, lambda: None)
        self.table = RecordTable(columns, source, run=self.db.run, **options)
        self.said: list[tuple[Any, ...]] = []
        """Messages of the table about rows, headings, marks and failures."""
        self.loads: list[int] = []
        """Lengths of the lists that were loaded."""

    def compose(self) -> ComposeResult:
        yield self.table

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self.said.append(("highlighted", event.cursor_row, event.row_key.value))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        self.said.append(("selected", event.cursor_row, event.row_key.value))

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        self.said.append(("heading", event.column_key.value))

    def on_record_table_loaded(self, event: RecordTable.Loaded) -> None:
        self.loads.append(event.total)

    def on_record_table_failed(self, event: RecordTable.Failed) -> None:
        self.said.append(("failed", event.error.message))

    def on_record_table_not_listed(self, event: RecordTable.NotListed) -> None:
        self.said.append(("not listed", event.key))

    def on_record_table_marks_changed(self, event: RecordTable.MarksChanged) -> None:
        self.said.append(("marked", *sorted(event.marked)))


@asynccontextmanager
async def shown(app: RecordApp, size: tuple[int, int] = (60, 16)) -> AsyncIterator[Pilot[Any]]:
    """Run an app, wait for its first rows, and end its database thread afterwards."""
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot
        draw_now(app)
    assert await app.db.close()


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until the table has read its rows and the screen shows them."""
    await until(pilot, lambda: not pilot.app.workers, "the table still reads")
    await idle(pilot.app)


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "it did not happen") -> None:
    """Wait until a condition is true; fail with `what` and the screen's text."""
    end, pause = time.monotonic() + LIMIT, 0.005
    await drawn(pilot.app)
    while not condition():
        assert time.monotonic() < end, "\n".join([what, *lines(pilot.app)])
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
        await drawn(pilot.app)


def lines(app: App[Any]) -> list[str]:
    """The screen as plain text."""
    draw_now(app)
    return list(read_once(app.screen, _lines))


def strips(app: App[Any]) -> list[Strip]:
    """The screen's lines with their styles."""
    draw_now(app)
    return app.screen._compositor.render_strips()


def _lines(screen: Screen[Any]) -> list[str]:
    return ["".join(segment.text for segment in strip).rstrip() for strip in screen._compositor.render_strips()]


def shows(app: App[Any], text: str) -> bool:
    """Whether a text is on the screen, in one line."""
    return any(text in line for line in lines(app))


def cursor_line(app: App[Any]) -> str:
    """The only line with the cursor sign."""
    found = [line for line in lines(app) if line[1:2] == "▸"]
    assert len(found) == 1, "\n".join(lines(app))
    return found[0]

"""What is measured of the grid, in a process of its own: `python -m tests.benchmarks.grid_probe WHAT ARGUMENT`.

Times are taken until the rows have been written to the terminal. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Container
from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from models.paging import Record, RowSource
from tests.support.record_sources import MadeUpRows, SqliteRows, serial
from tests.support.recording import RecordingDriver
from tui.kit.lazy_table import RecordColumn
from tui.kit.record_table import RecordTable
from tui.terminal.database_thread import DatabaseThread
from tui.text import cell

SCREEN = (80, 24)
ROUNDS = 9


def _column(index: int, label: str, width: int) -> RecordColumn[Record]:
    return RecordColumn(label.lower(), label, width, lambda record: cell(record.cells[index]))


COLUMNS = [_column(0, "Serial", 14), _column(1, "Status", 12), _column(2, "Location", 10)]


class Bench(App[None]):
    """A screen onto which tables are put and taken away again."""

    def __init__(self) -> None:
        super().__init__(driver_class=RecordingDriver)
        self.db = DatabaseThread(lambda: None, lambda: None)
        self.place = Container()

    def compose(self) -> ComposeResult:
        yield self.place

    def ours(self, source: RowSource[Record]) -> RecordTable[Record]:
        """Our table."""
        return RecordTable(COLUMNS, source, run=self.db.run)

    async def time(self, work: Callable[[], object], text: str) -> float:
        """Seconds from the beginning of some work until a text is written to the terminal."""
        await self.workers.wait_for_complete()
        await asyncio.sleep(0.02)
        assert isinstance(self._driver, RecordingDriver)
        sent = self._driver.sent
        sent.clear()
        begun = perf_counter()
        work()
        seen = 0
        while True:
            while seen < len(sent):
                if text in sent[seen]:
                    return perf_counter() - begun
                seen += 1
            if perf_counter() - begun > 60:
                raise TimeoutError(f"{text} was never drawn")
            await asyncio.sleep(0)


def fill(stock: DataTable[Any], total: int) -> None:
    """Put that many rows into Textual's own table."""
    for column in COLUMNS:
        stock.add_column(column.label, key=column.key, width=column.width)
    for record in MadeUpRows(total).fetch(0, total):
        stock.add_row(*map(cell, record.cells), key=record.key)


async def first_rows(app: Bench, source: RowSource[Record]) -> float:
    """Seconds from putting a table onto the screen until its rows are drawn."""
    ours = app.ours(source)
    taken = await app.time(lambda: app.place.mount(ours), serial(10))
    await ours.remove()
    return taken


async def stock_first_rows(app: Bench, total: int) -> float:
    """The same with Textual's own table, which is filled first."""
    stock = DataTable[Any](cursor_type="row")

    def show() -> None:
        app.place.mount(stock)
        app.call_later(fill, stock, total)

    taken = await app.time(show, serial(10))
    await stock.remove()
    return taken


async def keys(app: Bench, source: RowSource[Record], total: int) -> dict[str, float]:
    """Seconds for each movement until the row it leads to is drawn, and for one repaint."""
    ours = app.ours(source)
    await app.time(lambda: app.place.mount(ours), serial(10))

    async def go(action: Callable[[], object], row: int) -> float:
        return await app.time(action, serial(row))

    async def paged(row: int) -> float:
        await go(lambda: ours.move_cursor(row=row), row)
        return await go(ours.action_page_down, row + 22)

    async def ended() -> float:
        await go(ours.action_scroll_top, 0)
        ours.reload(keep_cursor=False)  # forgets the last page, which has to be read each time
        return await go(ours.action_scroll_bottom, total - 1)

    async def jumped(row: int) -> float:
        return await go(lambda: ours.reload(cursor_key=serial(row)), row)

    async def moved(row: int) -> float:
        return await go(ours.action_cursor_down, row)

    found = {
        "repaint": median([await go(ours.notify_style_update, 0) for _ in range(ROUNDS)]),
        "Down": median([await moved(row) for row in range(1, ROUNDS + 1)]),
        "PgDn": median([await paged(total * step // (ROUNDS + 2) + 50) for step in range(ROUNDS)]),
        "End": median([await ended() for _ in range(ROUNDS)]),
        "jump to a serial": median([await jumped(total * step // (ROUNDS + 2)) for step in range(1, ROUNDS)]),
    }
    await ours.remove()
    return found


async def _speed(sources: dict[str, tuple[int, Callable[[], RowSource[Record]]]], stock_rows: int) -> dict[str, Any]:
    """Measure all lists in turns, so that what else the machine does falls on all of them."""
    app = Bench()
    found: dict[str, Any] = {"first": {}, "keys": {}, "stock": 0.0}

    async def measure(_: Pilot[Any]) -> None:
        app.place.styles.height = "1fr"
        taken: dict[str, list[float]] = {name: [] for name in sources}
        for _round in range(ROUNDS + 1):
            for name, (_total, make) in sources.items():
                taken[name].append(await first_rows(app, make()))
        found["first"] = {name: median(times[1:]) for name, times in taken.items()}
        for name, (total, make) in sources.items():
            found["keys"][name] = await keys(app, make(), total)
        found["stock"] = median([await stock_first_rows(app, stock_rows) for _ in range(3)])
        app.exit()

    await app.run_async(size=SCREEN, auto_pilot=measure)
    await app.db.close()
    return found


def speed(files: Iterable[str], made_up: Iterable[int], stock_rows: int) -> dict[str, Any]:
    """First rows and keys of lists in SQLite files and of made-up ones, and first rows of Textual's own table."""
    sources: dict[str, tuple[int, Callable[[], RowSource[Record]]]] = {}
    connections = []
    for file in files:
        connection = sqlite3.connect(file, check_same_thread=False)  # used by the app's one thread, closed here
        connections.append(connection)
        total = connection.execute("SELECT count(*) FROM serial").fetchone()[0]
        sources[f"SQLite {total}"] = (total, partial(_rows_of, connection))
    for total in made_up:
        sources[f"synthetic {total}"] = (total, partial(MadeUpRows, total))
    found = asyncio.run(_speed(sources, stock_rows))
    for connection in connections:
        connection.close()
    return found


def _rows_of(connection: sqlite3.Connection) -> SqliteRows:
    return SqliteRows(lambda: connection)


def walk(kind: str, total: int) -> dict[str, int]:
    """Show one app, go through its list, and tell what memory this process has taken."""
    app = Bench()
    ours = app.ours(MadeUpRows(total))

    async def go(_: Pilot[Any]) -> None:
        app.place.styles.height = "1fr"
        if kind == "hello":
            await app.time(lambda: app.place.mount(Static("Hello, world!")), "Hello")
        elif kind == "stock":
            await stock_first_rows(app, total)
        else:
            await app.time(lambda: app.place.mount(ours), serial(10))
            gc.freeze()
            for row in [*range(0, min(total, 5000), 23), *range(0, total, max(1, total // 50)), total - 1]:
                if row != ours.cursor_row:
                    await app.time(partial(ours.move_cursor, row=row), serial(row))
        app.exit()

    async def run() -> None:
        await app.run_async(size=SCREEN, auto_pilot=go)
        await app.db.close()

    asyncio.run(run())
    return memory()


def memory() -> dict[str, int]:
    """Bytes this process has in memory now and at its peak."""
    status = Path("/proc/self/status")
    if not status.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return {"now": peak, "peak": peak}
    fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return {"now": int(fields["VmRSS"].split()[0]) * 1024, "peak": int(fields["VmHWM"].split()[0]) * 1024}


if __name__ == "__main__":
    probes: dict[str, Callable[..., dict[str, Any]]] = {"speed": speed, "walk": walk}
    print(json.dumps(probes[sys.argv[1]](**json.loads(sys.argv[2]))))

"""The grid: a list of 1,000, a million and ten million rows, its first rows, its keys, its memory.

Baselines of the same run: our own table at 1,000 rows, one repaint of the screen, Textual's hello world and
Textual's own DataTable at 10,000 rows.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from textual.app import App, ComposeResult
from textual.containers import Container
from textual.widgets import DataTable, Static

from models.lookups.paging import Record, RowSource
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.record_sources import MadeUpRows, SqliteRows, make_serials, serial
from tui.database_thread import DatabaseThread
from tui.text import cell
from tui.widgets.record_columns import RecordColumn
from tui.widgets.record_table import RecordTable

SCREEN = (80, 24)
ROUNDS = 7
STOCK_ROWS = 10_000
FRAME = 1 / 60
"""Seconds; Textual draws no more often."""


def _column(index: int, label: str, width: int) -> RecordColumn[Record]:
    return RecordColumn(label.lower(), label, width, lambda record: cell(record.cells[index]))


COLUMNS = [_column(0, "Serial", 14), _column(1, "Status", 12), _column(2, "Location", 10)]


class Bench(App[None]):
    """A screen onto which tables are put and taken away again."""

    def __init__(self) -> None:
        super().__init__()
        self.db = DatabaseThread(lambda: None, lambda: None)

    def compose(self) -> ComposeResult:
        yield Container()

    def records(self, source: RowSource[Record]) -> RecordTable[Record]:
        """A table of ours."""
        return RecordTable(COLUMNS, source, run=self.db.run)

    def stock(self) -> DataTable[Any]:
        """Textual's table."""
        return DataTable(cursor_type="row")

    def fill(self, stock: DataTable[Any], total: int) -> None:
        """Put that many rows into Textual's table."""
        for column in COLUMNS:
            stock.add_column(column.label, key=column.key, width=column.width)
        for record in MadeUpRows(total).fetch(0, total):
            stock.add_row(*map(cell, record.cells), key=record.key)

    async def painted(self) -> None:
        """Wait until what has changed is on the screen."""
        done = asyncio.Event()
        self.screen.refresh()
        self.screen.call_after_refresh(done.set)
        await done.wait()

    async def filled(self, found: RecordTable[Record]) -> None:
        """Wait until every row on the screen is there."""
        while found.cursor_record is None or self.workers:
            await asyncio.sleep(0)
        await self.painted()


async def _timed(work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        await work()
        taken.append(perf_counter() - begun)
    return median(taken)


async def _first_rows(app: Bench, make: Callable[[], RowSource[Record]]) -> float:
    """Seconds from putting a table onto the screen until its rows are drawn."""
    place = app.query_one(Container)

    async def show() -> float:
        begun = perf_counter()
        ours = app.records(make())
        await place.mount(ours)
        await app.filled(ours)
        taken = perf_counter() - begun
        await ours.remove()
        return taken

    await show()
    return median([await show() for _ in range(ROUNDS)])


async def _stock_first_rows(app: Bench) -> float:
    place = app.query_one(Container)

    async def show() -> float:
        begun = perf_counter()
        stock = app.stock()
        await place.mount(stock)
        app.fill(stock, STOCK_ROWS)
        await app.painted()
        taken = perf_counter() - begun
        await stock.remove()
        return taken

    return median([await show() for _ in range(3)])


async def _keys(app: Bench, source: RowSource[Record], total: int) -> dict[str, float]:
    """Seconds for each movement, from the key until the rows it leads to are drawn."""
    ours = app.records(source)
    await app.query_one(Container).mount(ours)
    await app.filled(ours)

    async def press(action: Callable[[], object]) -> None:
        action()
        await app.filled(ours)

    step = 0

    async def jump() -> None:
        nonlocal step
        step += 1
        ours.jump_to(serial(total * step // (ROUNDS + 2)))
        await app.filled(ours)

    async def there_and_back(there: Callable[[], object], back: Callable[[], object]) -> float:
        taken = []
        for _ in range(ROUNDS):
            await press(back)
            begun = perf_counter()
            await press(there)
            taken.append(perf_counter() - begun)
        return median(taken)

    found = {
        "repaint": await _timed(app.painted),
        "Down": await _timed(lambda: press(ours.action_cursor_down)),
        "PgDn": await _timed(lambda: press(ours.action_page_down)),
        "End": await there_and_back(ours.action_scroll_bottom, ours.action_scroll_top),
        "jump to a serial": await _timed(jump),
    }
    await ours.remove()
    return found


async def _measure(sizes: dict[str, tuple[int, str, Callable[[], RowSource[Record]]]], app: Bench) -> list[Figure]:
    figures = []
    async with app.run_test(size=SCREEN):
        app.query_one(Container).styles.height = "1fr"
        base: dict[str, float] = {}
        for size, (total, engine, make) in sizes.items():
            first = await _first_rows(app, make)
            base.setdefault(engine, first)
            baseline = None if base[engine] is first else Measure(base[engine], "s", "ours at 1,000 rows")
            goal = None if baseline is None else Goal(1.5)
            figures.append(Figure("grid: first rows", size, engine, Measure(first, "s"), baseline, goal))
            keys = await _keys(app, make(), total)
            repaint = Measure(keys.pop("repaint"), "s", "one repaint")
            late = Goal(repaint.value + 2 * FRAME, unit="s")
            figures += [
                Figure(f"grid: {key}", size, engine, Measure(taken, "s"), repaint, late) for key, taken in keys.items()
            ]
        stock = await _stock_first_rows(app)
        figures.append(
            Figure(
                "grid: first rows",
                f"{STOCK_ROWS:,} rows",
                "synthetic",
                Measure(await _first_rows(app, lambda: MadeUpRows(STOCK_ROWS)), "s"),
                Measure(stock, "s", "stock DataTable"),
            )
        )
    await app.db.close()
    return figures


def _speed(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        sizes: dict[str, tuple[int, str, Callable[[], RowSource[Record]]]] = {}
        connections: list[sqlite3.Connection] = []
        for total in (1000, 100_000) if quick else (1000, 1_000_000):
            file = Path(folder, f"{total}.sqlite3")
            make_serials(file, total)
            connection = sqlite3.connect(file, check_same_thread=False)  # used by the app's one thread, closed here
            connections.append(connection)
            sizes[f"{total:,} rows"] = (total, "SQLite", lambda connection=connection: SqliteRows(lambda: connection))
        for total in (1000, 1_000_000, 10_000_000):
            sizes[f"{total:,} rows, made up"] = (total, "synthetic", lambda total=total: MadeUpRows(total))
        figures = asyncio.run(_measure(sizes, Bench()))
        for connection in connections:
            connection.close()
    return [figure._replace(size=figure.size.removesuffix(", made up")) for figure in figures]


def _probe(kind: str, total: int) -> None:
    """Run one app in this process, walk through its list, and print what memory the process took."""

    class Probe(Bench):
        def compose(self) -> ComposeResult:
            if kind == "hello":
                yield Static("Hello, world!")
            elif kind == "ours":
                yield self.records(MadeUpRows(total))
            else:
                yield self.stock()

        def on_mount(self) -> None:
            if kind == "stock":
                self.fill(self.query_one(DataTable), total)

    async def walk() -> None:
        app = Probe()
        async with app.run_test(size=SCREEN) as pilot:
            if kind == "ours":
                ours = app.query_one(RecordTable)
                for row in [*range(0, 5000, 23), *range(0, total, max(1, total // 50)), total - 1]:
                    ours.move_cursor(row=row)
                    await app.filled(ours)
            await pilot.pause()
        await app.db.close()

    asyncio.run(walk())
    print(json.dumps(memory()))


def memory() -> dict[str, int]:
    """Bytes this process has in memory now and at its peak."""
    status = Path("/proc/self/status")
    if not status.exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return {"now": peak, "peak": peak}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return {"now": int(fields["VmRSS"].split()[0]) * 1024, "peak": int(fields["VmHWM"].split()[0]) * 1024}


def _memory_of(kind: str, total: int = 0) -> dict[str, int]:
    """Memory of a fresh process that runs one app."""
    command = [sys.executable, "-m", __name__ if __name__ != "__main__" else "tests.benchmarks.grid", kind, str(total)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _memory(quick: bool) -> list[Figure]:
    hello = Measure(_memory_of("hello")["peak"], "B", "hello world")
    stock = Measure(_memory_of("stock", STOCK_ROWS)["peak"], "B", "stock DataTable at 10,000")
    figures = []
    for total in (10_000_000,) if quick else (1000, 1_000_000, 10_000_000):
        ours = _memory_of("ours", total)
        size = f"{total:,} rows"
        peak = Measure(ours["peak"], "B")
        figures += [
            Figure("grid: peak memory of the process", size, "synthetic", peak, hello, Goal(1.4)),
            Figure("grid: memory of the process after a walk", size, "synthetic", Measure(ours["now"], "B"), stock),
            Figure("grid: peak memory of the process", size, "synthetic", peak, None, Goal(50e6, unit="B")),
        ]
    return figures


def rows(quick: bool) -> list[Figure]:
    """Measure the grid.

    Args:
        quick: Whether to leave out what takes longest.
    """
    return [*_speed(quick), *_memory(quick)]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _probe(sys.argv[1], int(sys.argv[2]))
    else:
        print(table(rows(quick="--quick" in sys.argv)))

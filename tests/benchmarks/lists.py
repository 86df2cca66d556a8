"""A long list of an item's serials as people use it: filtered, ordered by each column, searched; on both engines.

Baselines of the same run: one repaint of the screen for the grid, the bare statement for a search.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from textual.pilot import Pilot

from models.database.connection import connect, disconnect, open_database
from models.find import Search, find
from models.items.items import find_item
from models.ledger import status_ids
from models.people import sign_in
from models.schema import bound
from models.serials.columns import COLUMNS, STATUS
from models.serials.grid import Selection, SerialSource
from models.serials.record import find_serials
from models.text import prefix_end
from tests.benchmarks.figures import Figure, Goal, Measure, seconds
from tests.benchmarks.grid import FRAME
from tests.benchmarks.grid_probe import SCREEN, Bench
from tui.serials.list import SerialsTable
from tui.terminal.database_thread import DatabaseThread

PLACES = 20
_ROUNDS = 5
_PAGE = 200
_FIND = Goal(5e-3, unit="s")
_PART = Goal(0.1, unit="s")
_OF_PARTS = ("last characters", "in the middle")
"""Searches of the grid that begin with `*`, which finds any part."""
_DAY = date(2023, 7, 1)


def place(number: int) -> str:
    """The code of one of `PLACES`."""
    return f"BAY-{number:02}"


def write_file(path: Path, sku: str, count: int) -> None:
    """A CSV file of new serials as another program writes one: all statuses and places mixed, dates rising."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Serial Number,Item,Location,Status,Customer,Warranty End,Date Received\n")
        for number in range(count):
            mixed = number * 7_919 % 1_000_003
            status, customer = ("In Stock", "Returned", "Defective", "In Stock")[mixed % 4], ""
            if mixed % 10 == 0:
                status, customer = "Sold", f"Customer {mixed % 2_000:04}"
            received = _DAY + timedelta(days=number * 900 // count)
            end = (received + timedelta(days=730)).isoformat() if mixed % 2 else ""
            file.write(f"M{number:07},{sku},{place(mixed % PLACES)},{status},{customer},{end},{received}\n")


def measure(name: str, url: str, sku: str, size: str) -> list[Figure]:
    """Figures of the list of an item that `write_file` filled, in the database that is open."""
    item_id = find_item(sku).id
    return [*_grid(name, url, sku, size), *_find(name, item_id, size)]


def _grid(name: str, url: str, sku: str, size: str) -> Iterator[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.lists", url, sku],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
        env={**os.environ, "TEXTUAL_FPS": "1000", "TEXTUAL_ANIMATIONS": "none"},  # as `grid` does
    )
    found: dict[str, float] = json.loads(done.stdout)
    repaint = Measure(found.pop("repaint"), "s", "one repaint")
    goal = Goal(repaint.value + 2 * FRAME, unit="s")
    for work, taken in found.items():
        yield Figure(f"grid: {work}", size, name, Measure(taken, "s"), repaint, goal)


def _find(name: str, item_id: int, size: str) -> Iterator[Figure]:
    one, inside = bound.param, "instr" if bound.param == "?" else "strpos"

    def bare(condition: str, *values: Any) -> Callable[[], object]:
        sql = f"SELECT id, serial_number FROM serials WHERE {condition} LIMIT {_PAGE}"
        return lambda: bound.execute_sql(sql, values).fetchall()

    def grid(text: str) -> Callable[[], object]:
        def read() -> None:
            source = SerialSource(Selection(item_id, find=text))
            assert source.fetch(0, min(_PAGE, source.count()))

        return read

    one_item, key = f"item_id = {one}", "M0012345"
    begins, contains = f"serial_key >= {one} AND serial_key < {one}", f"{inside}(serial_key, {one}) > 0"
    for work, ours, baseline in (
        ("exact, all items", lambda: find_serials(key), bare(f"serial_key = {one}", key)),
        ("exact, in the grid", grid(key), bare(f"{one_item} AND serial_key = {one}", item_id, key)),
        (
            "prefix, in the grid",
            grid("M00123"),
            bare(f"{one_item} AND {begins}", item_id, "M00123", prefix_end("M00123")),
        ),
        ("prefix that all share", grid("M"), bare(f"{one_item} AND {begins}", item_id, "M", prefix_end("M"))),
        ("last characters", grid("*012345"), bare(f"{one_item} AND {contains}", item_id, "012345")),
        ("in the middle", grid("*0123"), bare(f"{one_item} AND {contains}", item_id, "0123")),
    ):
        base = Measure(seconds(baseline), "s", "bare SQL")
        goal = _PART if work in _OF_PARTS else _FIND
        yield Figure(f"find: {work}", size, name, Measure(seconds(ours), "s"), base, goal)
    yield from _anywhere(name, size)


def _anywhere(name: str, size: str) -> Iterator[Figure]:
    """The Find of all screens: its first step, which asks everything that an index answers, and all steps."""
    me = sign_in()

    def first(text: str) -> Callable[[], object]:
        return lambda: Search(me, text).step()

    for work, text in (
        ("exact", "M0012345"),
        ("beginning", "M00123"),
        ("last characters", "012345"),
        ("a document", "I-000001"),
        ("a customer", "Customer 0120"),
        ("nothing", "Q-Q"),
    ):
        assert work == "nothing" or first(text)(), text
        yield Figure(f"find anywhere: {work}", size, name, Measure(seconds(first(text)), "s"), None, _FIND)
    for work, text in (("any part, many", "0123"), ("any part, none", "Q-Q")):
        taken = seconds(lambda t=text: find(me, t))  # type: ignore[misc]
        yield Figure(f"find anywhere: {work}", size, name, Measure(taken, "s"), None, _PART)


async def _probe(url: str, sku: str) -> dict[str, float]:
    database = open_database(url)
    app = Bench()
    app.db = DatabaseThread(lambda: connect(database), lambda: disconnect(database))
    found: dict[str, float] = {}

    def first(selection: Selection) -> str:
        source = SerialSource(selection)
        source.count()
        return source.fetch(10, 1)[0].serial_number

    async def at_rest() -> None:
        await asyncio.sleep(0.05)
        await app.workers.wait_for_complete()
        await asyncio.sleep(0.05)

    async def drawn(table: SerialsTable, selection: Selection) -> float:
        """Seconds from a choice until its rows are drawn, seen from the other end of the list."""
        table.reload(SerialSource(Selection(selection.item_id)), keep_cursor=False)
        await at_rest()
        table.action_scroll_bottom()
        await at_rest()
        text = await app.db.run(first, selection)
        return await app.time(lambda: table.reload(SerialSource(selection), keep_cursor=False), text)

    async def go(_: Pilot[Any]) -> None:
        app.place.styles.height = "1fr"
        item_id, sold = await app.db.run(lambda: (find_item(sku).id, status_ids()["sold"]))
        table = SerialsTable(app.db.run)
        table.remembered = ""  # the app of the benchmark has nothing to remember an order in
        await app.place.mount(table)
        await app.time(lambda: table.reload(SerialSource(Selection(item_id))), "M0000010")
        found["repaint"] = median([await app.time(table.notify_style_update, "M0000010") for _ in range(_ROUNDS)])
        wanted = {"filter by status": Selection(item_id, {STATUS: sold})}
        wanted |= {f"sort by {order.code.replace('_', ' ')}": Selection(item_id, order=order) for order in COLUMNS}
        for work, selection in wanted.items():
            found[work] = median([await drawn(table, selection) for _ in range(_ROUNDS)])
        app.exit()

    await app.run_async(size=SCREEN, auto_pilot=go)
    await app.db.close()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_probe(*sys.argv[1:]))))

"""Make the pictures of the README and of docs: the real app on a demo warehouse, driven by keys.

    python docs/pictures.py

writes `docs/pictures/*.svg`. The demo is the same at every run but for its dates, which end today.
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.config import Config
from models.database.connection import call, disconnect, open_database
from models.demo import load_demo
from models.people import act_for, sign_in
from models.schema import bound
from models.serials.judging import Scan
from models.station.engine import ScanStation
from models.station.task import TASKS
from tui.app import SerialdockApp

FOLDER = Path(__file__).resolve().parent / "pictures"

OPEN_LAPTOP = ("type:LAP-14-I7", "enter")

IN_STOCK = (*OPEN_LAPTOP, "ctrl+t", *["down"] * 12, "enter")
"""The record of a laptop that can be sold."""

STATION = (
    *(
        key
        for text in ("MAIN-A-03", "LAP-14-I7", *(f"5CG8341KA{digit}" for digit in "23456"))
        for key in (f"type:{text}", "enter")
    ),
    *("type:4006381333931", "enter", "type:5CG8341KA7", "enter", "type:5CG8341KA8", "enter"),
)
"""A receipt with one scan of the wrong code."""

LIST = ("Serial", "Location", "Condition", "Received")
"""The header of a supplier's list."""


def write_list(folder: Path) -> None:
    """A list of forty laptops, of which three cannot be imported as they are."""
    rows = [[f"5CG8352M{number:02}", "MAIN-A-03", "", "2026-03-02"] for number in range(40)]
    rows[5][1], rows[18][0], rows[31][3] = "MAIN-A-33", "5CG8352M02", "32.3.2026"
    with (folder / "march.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([LIST, *rows])


DRAFTS = (
    ("front1", "sell", ("Bergmann AG",), 3),
    ("dock1", "transfer", ("NORTH-A-01",), 12),
    ("dock2", "receive", ("MAIN-DOCK", "LAP-14-I7", *(f"5CG8361K{digit:02}" for digit in range(24))), 0),
)
"""Open drafts, the oldest first: who, the task, what is scanned, and how many units that are in stock."""


def scan_drafts() -> None:
    """Scan the drafts; the first one is left."""
    boss = sign_in()
    rows = bound.execute_sql(
        "SELECT s.serial_number FROM serials s JOIN statuses t ON t.id = s.status_id WHERE t.code = 'in_stock' "
        "ORDER BY s.id"
    )
    units = [text for (text,) in rows.fetchall()]
    for login, task, scans, count in DRAFTS:
        station, actor = ScanStation(TASKS[task]), act_for(boss, login)
        station.scan(actor, [Scan(text, "typed") for text in (*scans, *units[:count])], lambda _: None)
        del units[:count]
        if login == DRAFTS[0][0]:
            station.leave(actor)


PICTURES: dict[str, tuple[tuple[int, int], str, Sequence[str]]] = {
    "items": ((80, 24), "dock", ()),
    "find": ((80, 24), "dock", ("f2", "f2", "type:be")),
    "item": ((80, 24), "dock", OPEN_LAPTOP),
    "serials": ((80, 24), "dock", (*OPEN_LAPTOP, "ctrl+t")),
    "add-serial": ((80, 24), "dock", (*OPEN_LAPTOP, "ctrl+t", "f6", "type:5CG8341KZ9", "enter")),
    "serial": ((80, 24), "dock", IN_STOCK),
    "sell": ((80, 24), "dock", (*IN_STOCK, "1", "type:Bergm")),
    "marked": ((80, 24), "dock", (*OPEN_LAPTOP, "ctrl+t", *["down"] * 12, "space", *["down"] * 3, "ctrl+e", "ctrl+x")),
    "import": (
        (80, 24),
        "dock",
        (*OPEN_LAPTOP, "ctrl+t", "f9", "type:march.csv", "enter", "f10", *["down"] * 5),
    ),
    "station": ((80, 24), "dock", ("f7", *STATION)),
    "drafts": ((80, 24), "dock", ("ctrl+g", "type:go to drafts", "enter")),
    "people": ((80, 24), "dock", ("ctrl+g", "type:go to people", "enter")),
    "station-handheld": ((40, 16), "daylight", ("f7", *STATION)),
    "handheld": ((40, 16), "daylight", (*OPEN_LAPTOP, "ctrl+t")),
}
"""Name → size, theme, keys (`type:` gives a text letter by letter)."""


async def picture(url: str, size: tuple[int, int], theme: str, keys: Sequence[str]) -> str:
    """The screen after some keys, as SVG that needs no font from elsewhere."""
    database = open_database(url)
    actor = call(database, sign_in)
    disconnect(database)
    app = SerialdockApp(database, actor, Config(theme=theme))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        for key in keys:
            await pilot.press(*(key.removeprefix("type:") if key.startswith("type:") else [key]))
            await app.keyboard.at_rest()
            await pilot.pause(0.4)
        svg = app.export_screenshot()
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    return re.sub(r"font-family:\s*[^;]+;", "font-family: ui-monospace, 'DejaVu Sans Mono', monospace;", svg)


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, (size, theme, keys) in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            write_list(Path(folder))
            os.chdir(folder)
            url = f"{folder}/demo.sqlite3"
            database = open_database(url)
            load_demo(database, 5_000)
            if name == "drafts":
                call(database, scan_drafts)
            disconnect(database)
            (FOLDER / f"{name}.svg").write_text(asyncio.run(picture(url, size, theme, keys)), "utf-8")
        print(name)


if __name__ == "__main__":
    main()

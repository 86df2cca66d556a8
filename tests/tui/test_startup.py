from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.database.connection import call, disconnect, open_database
from models.demo import load_demo
from models.items.items import create_item
from models.people import sign_in
from models.spool import ROOM, Spool, folder
from tests.support.app import keys, screen_text, seen
from tests.support.terminal import Terminal, python_app
from tui.app import SerialdockApp
from tui.navigation import first_rows

STATEMENTS = 12
"""To know schema, database and person, see what waits at stations, count the items and read a page of them."""

PROGRAM = """
import json, os, sys
from tui.startup import prepare_environment
problem = prepare_environment()
before = [name for name in ("textual", "rich") if name in sys.modules]
from textual import constants
print(json.dumps([problem, before, constants.DISABLE_KITTY_KEY, constants.TEXTUAL_ANIMATIONS, "COLUMNS" in os.environ]))
"""


def run(**changes: str) -> list[object]:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env={**os.environ, **changes}
    )
    answer: list[object] = json.loads(result.stdout)
    return answer


def test_the_environment_is_set_before_textual_reads_it() -> None:
    problem, before, is_kitty_off, animations, has_fixed_size = run(COLUMNS="40", TEXTUAL_DISABLE_KITTY_KEY="0")
    assert before == []
    assert is_kitty_off is True
    assert animations == "none"
    assert has_fixed_size is False
    assert "needs a terminal" in str(problem)


def test_a_user_who_wants_animations_gets_them() -> None:
    assert run(TEXTUAL_ANIMATIONS="full")[3] == "full"


LATER = (
    "argparse", "barcode", "csv", "psycopg", "xlsxwriter", "python_calamine", "tui.cli.parser",
    "tui.items.new", "tui.items.form", "tui.serials.detail", "tui.serials.add", "tui.station.screen",
    "tui.importing.screen", "tui.documents.document", "tui.scanner_check.screen",
    "tui.kit.help", "tui.kit.dialog", "tui.kit.form", "tui.scanning.scan_field", "textual.widgets._text_area",
    "models.demo", "models.importing", "models.station.receive", "models.migrations.m0001_serials",
    "models.ledger", "models.barcodes.reader", "models.items.rules", "models.serials.judging", "models.station.lines",
)  # fmt: skip
"""What the first screen can do without, and is loaded where it is first used."""


@pytest.fixture
def start(tmp_path: Path) -> dict[str, Any]:
    """What a start on an existing database took until its first rows, beside a colleague and after a killed process."""
    file, report = tmp_path / "stock.sqlite3", tmp_path / "report.json"
    database = open_database(str(file))
    try:
        call(database, load_demo, database, 20)
    finally:
        disconnect(database)
    colleague, killed = Spool.open(), folder() / "1-killed.scans"
    killed.write_bytes(bytes(ROOM))
    try:
        with Terminal(python_app("started", report), env={"SERIALDOCK_DATABASE": str(file)}) as terminal:
            terminal.wait_for(" items")
            terminal.wait_until(report.exists)
            terminal.wait_for_rest()
        assert [colleague.file.exists(), killed.exists()] == [True, False]
    finally:
        colleague.close()
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def test_the_first_rows_wait_for_nothing_that_they_do_not_need(start: dict[str, Any]) -> None:
    early = [name for name in start["modules"] if any(name == late or name.startswith(f"{late}.") for late in LATER)]
    assert early == []
    assert start["parsed"] == {"kit": 1}, "the style sheets of other screens wait for them, and none is parsed twice"
    assert len(start["statements"]) <= STATEMENTS, "\n".join(start["statements"])


async def test_the_first_drawing_has_the_rows_that_were_read_before_it(database: Any) -> None:
    boss = sign_in("boss")
    create_item(boss, "DR-1800", "Drill")
    app = SerialdockApp(database, boss, rows=first_rows())
    create_item(boss, "DR-2000", "Drill")
    async with app.run_test(size=(80, 24)) as pilot:
        assert "DR-1800" in (shown := screen_text(pilot))
        assert "1 item" in shown
        await keys(pilot, "f5")
        await seen(pilot, "2 items", "DR-2000")


LATER_THAN_THE_FORM = (
    "tui.importing.work", "tui.documents.document", "tui.importing.screen", "tui.locations.place", "tui.serials.detail",
    "tui.scanner_check.screen", "tui.station.screen", "models.importing", "models.station.receive",
)  # fmt: skip
"""The other screens, which the navigation loads when they are first opened, and what they alone need."""


def test_the_item_form_loads_no_other_screen() -> None:
    program = (
        "import sys\n"
        "import tui.app, tui.items.list, tui.items.form\n"
        f"print([name for name in {LATER_THAN_THE_FORM!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"

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
from tests.support.terminal import Terminal, python_app

STATEMENTS = 11
"""To know the schema and the person, see what waits at stations, count the items and read a page of them."""

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
    "argparse", "ssl", "_hashlib", "_ssl",
    "barcode", "csv", "psycopg", "tomllib", "textual.widgets._text_area", "tui.cli.parser",
    "tui.dialogs.choose", "tui.dialogs.new_item", "tui.dialogs.saving",
    "tui.screens.item", "tui.screens.serial", "tui.station.screen", "tui.screens.scanner_check",
    "models.demo", "models.ledger", "models.station.scan", "models.serials.record",
    "models.migrations.m0001_serials", "models.serials.add",
)  # fmt: skip
"""What the first screen can do without, and is loaded where it is first used."""


@pytest.fixture
def start(tmp_path: Path) -> dict[str, Any]:
    """What a start of the program on an existing database took until its first rows."""
    file, report = tmp_path / "stock.sqlite3", tmp_path / "report.json"
    database = open_database(str(file))
    try:
        call(database, load_demo, database, 20)
    finally:
        disconnect(database)
    with Terminal(python_app("started", report), env={"SERIALDOCK_DATABASE": str(file)}) as terminal:
        terminal.wait_for(" items")
        terminal.wait_until(report.exists)
        terminal.wait_for_rest()
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def test_the_first_rows_wait_for_nothing_that_they_do_not_need(start: dict[str, Any]) -> None:
    early = [name for name in start["modules"] if any(name == late or name.startswith(f"{late}.") for late in LATER)]
    assert early == []
    assert start["parsed"] == {"serialdock": 1}, "the style sheets of other screens wait for them"
    assert len(start["statements"]) <= STATEMENTS, "\n".join(start["statements"])


def test_checksums_and_later_imports_are_as_ever_where_openssl_was_left_out() -> None:
    program = (
        "import sys\n"
        "from tui.memory import leave_out_openssl\n"
        "leave_out_openssl()\n"
        "import asyncio, hashlib\n"
        "before = sorted({'ssl', '_ssl', '_hashlib'} & sys.modules.keys())\n"
        "import ssl\n"
        "print(before, hashlib.sha256(b'SN-1').hexdigest()[:8], hashlib.algorithms_guaranteed <= set(dir(hashlib)),"
        " ssl.create_default_context().check_hostname, asyncio.run(asyncio.sleep(0, 'runs')))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["[]", "13289933", "True", "True", "runs"]
    assert said.stderr == ""


LATER_THAN_THE_FORM = (
    "tui.importing", "tui.screens.document", "tui.screens.import_serials", "tui.screens.place", "tui.screens.serial",
    "tui.screens.scanner_check", "tui.station.screen", "models.exchange", "models.station.receive",
)  # fmt: skip
"""The other screens, which the navigation loads when they are first opened, and what they alone need."""


def test_the_item_form_loads_no_other_screen() -> None:
    program = (
        "import sys\n"
        "import tui.app, tui.screens.items, tui.screens.item\n"
        f"print([name for name in {LATER_THAN_THE_FORM!r} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"

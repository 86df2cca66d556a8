"""What shall come, asked at the station: a number, a pasted list, a file; and how what has come compares with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.adding import PASTE
from tests.support.app import keys, resized, screen_text, seen, terminal_sends
from tests.support.record_app import until
from tests.support.station import judged, scans, screen, station
from tests.support.warehouse import Warehouse
from tui.scanning.areas import PlainArea
from tui.scanning.fields import PlainInput
from tui.station.dialogs import ExpectedDialog


async def expected(pilot: Pilot[Any]) -> None:
    await keys(pilot, "f7")
    await until(pilot, lambda: isinstance(pilot.app.screen, ExpectedDialog))


def listed(pilot: Pilot[Any]) -> str:
    return pilot.app.screen.query_one("#list", PlainArea).text


NO_NUMBERS = [
    ("+", "+ is no number of units. Give a whole number above zero."),
    ("-", "- is no number of units. Give a whole number above zero."),
    ("0", "The expected number is 1 to 10,000,000, not 0."),
    ("99999999", "The expected number is 1 to 10,000,000, not 99,999,999."),
]


async def left(pilot: Pilot[Any]) -> None:
    """Leave the dialog without what was typed."""
    while isinstance(pilot.app.screen, ExpectedDialog):
        await keys(pilot, "f3")
    assert pilot.app.screen is screen(pilot)


async def test_numbers_lines_and_files_that_cannot_be_are_told_and_what_was_typed_stays(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a message that is longer than its lines is cut, so the name is a short one
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        await expected(pilot)
        for typed, said in NO_NUMBERS:
            await keys(pilot, "ctrl+u", *typed, "f10")
            await seen(pilot, said)
            assert isinstance(pilot.app.screen, ExpectedDialog), typed
            assert pilot.app.screen.focused is pilot.app.screen.query_one("#units")
        await left(pilot)

        # A group separator in a paste ends no line.
        await expected(pilot)
        await keys(pilot, "tab")
        await terminal_sends(pilot, PASTE.format("A1\r\nB\x1dC\x1eD"))
        assert pilot.app.screen.query_one("#list", PlainArea).document.lines == ["A1", "B\x1dC\x1eD"]
        await keys(pilot, "f10")
        await seen(pilot, "Line 2: Character 2 of the serial number")
        await left(pilot)

        await expected(pilot)
        await keys(pilot, "tab", "tab")
        await terminal_sends(pilot, pipe.name)
        await keys(pilot, "f10")
        await seen(pilot, "pipe is a device or a pipe")
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#file")
        await keys(pilot, "f3")
        await scans(pilot, "S-3")
        assert screen(pilot).job.view.count == 2
        await keys(pilot, "f8")
        await judged(pilot)

        # A bad line is named, and the pasted list stays.
        await expected(pilot)
        await keys(pilot, "tab")
        await terminal_sends(pilot, PASTE.format("S-1\n\n---\nS-2"))
        await keys(pilot, "f10")
        await seen(pilot, "Line 3: --- has no letter or digit")
        assert listed(pilot) == "S-1\n\n---\nS-2"
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#list")
        await keys(pilot, "up", "end", "backspace", "backspace", "backspace", "f10")
        await judged(pilot)
        await seen(pilot, "2 announced", "1 of 2")


async def test_a_list_is_scanned_typed_or_read_from_a_file_and_taken_away_again_at_every_size(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbfS-1\r\n\r\nS-2\r\nS-2")
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S-1")
        # Tab behind a typed line leaves the list, and a number that was typed by hand stays.
        await expected(pilot)
        await keys(pilot, "2", "0", "0", "enter", "S", "wait:500", "tab")
        assert listed(pilot) == "S"
        assert pilot.app.screen.query_one("#units", PlainInput).value == "200"
        assert pilot.app.screen.focused is pilot.app.screen.query_one("#file")
        await left(pilot)

        # Enter behind the file's name saves.
        await expected(pilot)
        await keys(pilot, "tab", "tab")
        await terminal_sends(pilot, str(tmp_path / "list.txt"))
        await keys(pilot, "wait:450", "enter")  # later than the end of a scan
        await judged(pilot)
        await seen(pilot, "2 announced", "1 repeated line left out", "1 of 2")
        await expected(pilot)
        await keys(pilot, "f9", "f10")
        await judged(pilot)
        assert screen(pilot).job.view.announced == 0

        await scans_stand_in_the_list(pilot)
        await resized(pilot, 20, 8)
        await expected(pilot)
        await keys(pilot, "f9", "f10")
        await judged(pilot)
        await a_list_is_taken_away(pilot)


async def scans_stand_in_the_list(pilot: Pilot[Any]) -> None:
    """One a line, wherever the cursor is."""
    await expected(pilot)
    for tabs, end in enumerate(("\t", "\r\n", "\n", "\r", "\t")):
        pilot.app.screen.query_one("#list", PlainArea).text = ""
        pilot.app.screen.query_one("#units").focus()
        await keys(pilot, *["tab"] * tabs)
        if tabs == 2:  # a path may be scanned too, so from there the list is gone back to
            await keys(pilot, "shift+tab")
        await terminal_sends(pilot, f"S-{tabs}00001{end}S-{tabs}00002{end}")
        assert isinstance(pilot.app.screen, ExpectedDialog)
        assert listed(pilot) == f"S-{tabs}00001\nS-{tabs}00002\n", tabs
        assert pilot.app.screen.query_one("#units", PlainInput).value == ""
    await keys(pilot, "f10")
    await judged(pilot)
    await seen(pilot, "2 announced")


async def a_list_is_taken_away(pilot: Pilot[Any]) -> None:
    for size in ((20, 8), (40, 16), (80, 24)):
        await resized(pilot, *size)
        await expected(pilot)
        assert "F9" not in screen_text(pilot), size
        await keys(pilot, "f9", "tab")
        await terminal_sends(pilot, PASTE.format("S-1\nS-2\nS-3"))
        await keys(pilot, "f10")
        await judged(pilot)
        assert screen(pilot).job.view.announced == 3, size
        await expected(pilot)
        await keys(pilot, "f9")
        await seen(pilot, "3 announced")
        await keys(pilot, "f3")
        assert isinstance(pilot.app.screen, ExpectedDialog), size
        await keys(pilot, "f9", "f10")
        await judged(pilot)
        view = screen(pilot).job.view
        assert (view.announced, view.expected, view.count) == (0, None, 1), size


async def test_every_missing_serial_can_be_read_by_name_and_the_count_is_true(
    database: Any, warehouse: Warehouse
) -> None:
    async with station(database, warehouse) as pilot:
        await scans(pilot, "DOCK", "SAW-1", "S0000")
        screen(pilot).job.announce(warehouse.boss, [f"S{number:04}" for number in range(1_500)])
        await expected(pilot)
        await seen(pilot, "Expected 1,500, 1 received.", "Missing 1,499:", "S0001, S0002")
        await keys(pilot, "tab", "tab", "tab", "end")
        await seen(pilot, "S1499", "Not announced 0.")

"""A huge file is looked at whole before its columns are shown: how far that is can be seen, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models.importing.files import CHUNK, OpenedFile
from tests.support.app import keys, screen_text, seen, terminal_sends
from tests.support.importing import chooses, comes_to, importing, message, screen, write_file
from tests.support.limits import LIMIT
from tests.support.record_app import until
from tests.support.warehouse import Warehouse, fingerprint
from tui.importing.screen import ImportStep

F10, F12 = "\x1b[21~", "\x1b[24~"


@contextmanager
def looking_halts(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """All but the beginning of a file is read only when the event is set, so that a test can look at the work."""
    goes_on, read_at = threading.Event(), OpenedFile.read_at

    def wait_and_read(self: OpenedFile, offset: int, count: int) -> bytes:
        if offset > CHUNK:
            goes_on.wait(LIMIT)
        return read_at(self, offset, count)

    monkeypatch.setattr(OpenedFile, "read_at", wait_and_read)
    try:
        yield goes_on
    finally:
        goes_on.set()


def large_file(folder: Path) -> str:
    """A file of several blocks of bytes."""
    return write_file(folder, *((f"A-{number:05}", "SHELF", "x" * 50) for number in range(20_000)), name="large.csv")


@pytest.mark.parametrize("size", [(80, 24), (40, 16)], ids=str)
async def test_looking_at_a_file_shows_how_far_it_is_and_is_stopped_by_f12(
    size: tuple[int, int], database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large_file(tmp_path)
    before = fingerprint()
    async with importing(database, warehouse, size=size) as pilot:
        with looking_halts(monkeypatch) as goes_on:
            await chooses(pilot, path)
            await seen(pilot, "Looking at all of the file", "kB of 1.3 MB", "F12 Stop")
            await keys(pilot, "f10", "enter", "f1")  # keys are not kept waiting, and nothing begins a second time
            await seen(pilot, "Choose the file: CSV, TSV")
            await keys(pilot, "f3", "f12")
            await until(pilot, lambda: message(pilot) == "Stopping …")
            goes_on.set()
            await comes_to(pilot, ImportStep.FILE)
        assert message(pilot) == "It was stopped. Enter looks at the file again."
        assert "of 1.3 MB" not in screen_text(pilot)
        assert screen(pilot).job.opened is None
        await keys(pilot, "enter")
        await comes_to(pilot, ImportStep.COLUMNS)
        await seen(pilot, "A-00000", "large.csv")
    assert fingerprint() == before


async def test_f3_stops_the_look_at_a_file_and_then_leaves(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large_file(tmp_path)
    async with importing(database, warehouse) as pilot:
        with looking_halts(monkeypatch) as goes_on:
            await chooses(pilot, path)
            await seen(pilot, "Looking at all of the file. F12 stops it.")
            await keys(pilot, "f3")
            await until(pilot, lambda: message(pilot) == "Stopping …")
            goes_on.set()
            await comes_to(pilot, ImportStep.FILE)
        await keys(pilot, "f3")
        await seen(pilot, "Serials")
        assert pilot.app.screen is not None
        await until(pilot, lambda: not any(type(one).__name__ == "ImportScreen" for one in pilot.app.screen_stack))


async def test_the_program_ends_in_the_middle_of_the_look_at_a_file(
    database: Any, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = large_file(tmp_path)
    before = fingerprint()
    async with importing(database, warehouse) as pilot:
        with looking_halts(monkeypatch):
            await chooses(pilot, path)
            await seen(pilot, "Looking at all of the file. F12 stops it.")
    assert fingerprint() == before


async def test_keys_behind_a_file_that_opens_at_once_belong_to_its_columns(
    database: Any, warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ("A-1", "SHELF", ""))
    async with importing(database, warehouse) as pilot:
        await terminal_sends(pilot, str(path))
        await keys(pilot, "wait:450")  # an Enter is no end of a scan then
        await terminal_sends(pilot, f"\r{F10}")
        await comes_to(pilot, ImportStep.PREVIEW)
        await seen(pilot, "1 row · + 1 new")

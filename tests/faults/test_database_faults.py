"""The program itself while its database cannot be used: it goes on, says so, and saves what waits once it can."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.journey import F7, Worker, all_is_well

DONE = "XXSDDONE\r"


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A database with the tracked item LAP-14 and the location DOCK."""
    file = tmp_path / "stock.sqlite3"
    commands = Commands(str(file), capsys)
    commands.good("location", "add", "DOCK")
    commands.good("item", "add", "LAP-14", "Laptop 14 inch", "--track-serials")
    return file


def _at_the_station(worker: Worker, *serials: str) -> None:
    worker.presses(F7)
    worker.sees("Scan")
    worker.takes_a_breath()
    worker.types("DOCK\r")
    worker.types("LAP-14\r")
    for serial in serials:
        worker.types(f"{serial}\r")
        worker.sees("OK", serial)


def _serials(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT serial_number FROM serials ORDER BY serial_key")]


def _is_saved_and_done(worker: Worker, file: Path, *serials: str) -> None:
    """Everything that waits is saved by itself; DONE writes it once."""
    worker.sees("OK", serials[-1])
    worker.sees_no("here and")
    worker.types(DONE)
    worker.sees("R-000001", f"{len(serials)} serials received")
    worker.leaves()
    assert _serials(file) == sorted(serials)
    all_is_well(str(file))


def test_scans_wait_while_the_disk_is_full(file: Path) -> None:
    with Worker(str(file)) as worker:
        _at_the_station(worker, "SN-00001")
        pid, (_, most) = worker.terminal.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (Path(f"{file}-wal").stat().st_size, most))
        for number in range(2, 5):
            worker.types(f"SN-{number:05}\r")
        worker.sees("scans wait here and are tried again", "(SQLITE_")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        worker.presses("\x1b[15~")  # F5
        worker.takes_a_breath()
        _is_saved_and_done(worker, file, *(f"SN-{number:05}" for number in range(1, 5)))


def test_scans_wait_while_the_file_is_away_and_go_into_a_restored_backup(file: Path, tmp_path: Path) -> None:
    with Worker(str(file)) as worker:
        _at_the_station(worker, "SN-00001")
        away = tmp_path / "away.sqlite3"
        file.rename(away)
        worker.types("SN-00002\r")
        worker.sees("1 scan waits here", "was removed while")
        away.rename(file)
        worker.sees("OK", "SN-00002")
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(away)) as backup:
            source.backup(backup)
        away.replace(file)
        worker.types("SN-00003\r")
        _is_saved_and_done(worker, file, "SN-00001", "SN-00002", "SN-00003")

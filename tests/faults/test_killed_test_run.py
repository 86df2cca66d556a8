"""A run of the tests leaves no server behind, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTEST = (sys.executable, "-m", "pytest")

TEST = """
import pathlib, time

def test_that_hangs(postgres):
    note = pathlib.Path({note!r})
    note.with_suffix(".new").write_text(str(postgres.socket))
    note.with_suffix(".new").rename(note)
    time.sleep(600)
"""


def _wait_until(what: str, limit: float, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, f"{what} not within {limit:.0f} seconds"
        time.sleep(0.05)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_killed_run_takes_its_server_and_its_folder_with_it(tmp_path: Path, workers: int) -> None:
    note, output = tmp_path / "socket", tmp_path / "output"
    (tmp_path / "test_hangs.py").write_text(TEST.format(note=str(note)))
    command = [*PYTEST, "-c", "pyproject.toml", "-p", "tests.conftest", "-n", str(workers)]
    with output.open("wb") as file:
        run = subprocess.Popen(
            [*command, f"--basetemp={tmp_path / 'base'}", str(tmp_path / "test_hangs.py")],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until("the start of the server", 90, lambda: note.exists() or run.poll() is not None)
        assert note.exists(), output.read_text()
    finally:
        run.kill()
        run.wait()
    home = Path(note.read_text()).parent
    _wait_until("the end of the server", 30, lambda: not home.exists())


@pytest.mark.parametrize("workers", [0, 1])
def test_a_run_without_any_server_program_ends_with_one_sentence(tmp_path: Path, workers: int) -> None:
    run = subprocess.run(
        [*PYTEST, "-n", str(workers), f"--basetemp={tmp_path / 'base'}", "tests/models/test_harness.py"],
        cwd=ROOT,
        env=os.environ | {"PG_BIN": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"PG_BIN is {tmp_path}, which holds no initdb and postgres." in run.stderr
    assert "Traceback" not in run.stdout + run.stderr

"""The installed program in a real pseudo-terminal of 80×24: start, memory, bytes for what people do all day.

The baseline of start and memory is Textual's hello world in the same run, round by round. Beside the time on the
clock stands the processor's, which other work on the machine stretches less. Both run from bytecode, as installed
programs do.
"""

from __future__ import annotations

import sys
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from models.database.connection import disconnect, open_database
from models.demo import load_demo
from models.demo.catalogue import BEST_SELLER
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.terminal import Terminal, python_app

PROGRAM = Path(sysconfig.get_path("scripts")) / "serialdock"
SIZE = "80×24"
QUIET = 0.6
"""Seconds without a byte after which a screen is taken as finished."""
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
"""Makes the program choose the colours of the terminal itself, as it does over SSH."""


class _Start(NamedTuple):
    """What one start took."""

    seconds: float
    """Until its sign was on the screen."""
    processor: float
    """Seconds of processor time until then, of all its threads."""
    memory: float
    """Bytes, when it had come to rest."""


def _started(argv: list[str | Path], sign: str, settings: dict[str, str], bytecode: Path) -> _Start:
    env = {"PYTHONDONTWRITEBYTECODE": None, "PYTHONPYCACHEPREFIX": str(bytecode)}
    begun = perf_counter()
    with Terminal(argv, env={**SSH, **env, **settings}) as terminal:
        terminal.wait_for(sign)
        seconds = perf_counter() - begun
        process = Path(f"/proc/{terminal.pid}")
        nanoseconds = sum(int(thread.read_text("ascii").split()[0]) for thread in process.glob("task/*/schedstat"))
        terminal.wait_for_rest()
        status = (process / "status").read_text("ascii")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return _Start(seconds, nanoseconds / 1e9, int(resident.split()[1]) * 1024)


def _start(database: Path, rounds: int, bytecode: Path) -> list[Figure]:
    # As at a shared terminal, the database stands in the settings: without options there is no command line to read.
    programs: list[tuple[list[str | Path], str, dict[str, str]]] = [
        ([PROGRAM], "items", {"SERIALDOCK_DATABASE": str(database)}),
        (python_app("hello"), "hello, world", {}),
    ]
    for argv, sign, settings in programs:  # writes the bytecode
        _started(argv, sign, settings, bytecode)
    # In turn, so that both see the same machine.
    taken = [[_started(*program, bytecode) for program in programs] for _ in range(rounds)]
    ours, hello = (_Start(*map(median, zip(*column, strict=True))) for column in zip(*taken, strict=True))

    def figure(work: str, measure: float, baseline: float, unit: str, goal: Goal) -> Figure:
        return Figure(
            work, "5,000 serials", "SQLite", Measure(measure, unit), Measure(baseline, unit, "hello world"), goal
        )

    return [
        figure("start to first rows", ours.seconds, hello.seconds, "s", Goal(1.6)),
        figure("start to first rows, processor", ours.processor, hello.processor, "s", Goal(1.6)),
        figure("memory of the process", ours.memory, hello.memory, "B", Goal(48e6, unit="B")),
    ]


def _peak_of_a_shift(folder: Path, serials: int, bytecode: Path) -> Figure:
    """Peak memory of the program when an item of a large warehouse is scanned and its grid walked and ordered."""
    database = folder / "large.sqlite3"
    opened = open_database(str(database))
    load_demo(opened, serials)
    disconnect(opened)
    env = {**SSH, "PYTHONDONTWRITEBYTECODE": None, "PYTHONPYCACHEPREFIX": str(bytecode)}
    for _ in range(2):  # the first writes the bytecode
        with Terminal([PROGRAM, "--database", database], env=env) as terminal:
            terminal.wait_for("items")
            terminal.wait_for_rest(QUIET)
            terminal.send(f"{BEST_SELLER}\r")
            terminal.wait_for("Identification")
            terminal.send("\x14")
            terminal.wait_for("Warranty Status")
            terminal.wait_for_rest(QUIET)
            for key in (*["\x1b[6~"] * 5, "\x1b[F", "\x1b[H", *">" * 6, "\x1b[F", "\x1bOQ", "*7"):
                terminal.send(key)
                terminal.wait_for_rest(QUIET)
            status = Path(f"/proc/{terminal.pid}/status").read_text("ascii")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
    size = f"{serials:,} serials"
    return Figure(
        "peak memory of a walk through a grid", size, "SQLite", Measure(peak, "B"), None, Goal(64e6, unit="B")
    )


def _traffic(database: Path, theme: str, env: dict[str, str]) -> list[Figure]:
    found: list[Figure] = []
    with Terminal([PROGRAM, "--database", database], env=env) as terminal:
        terminal.wait_for("items")
        terminal.wait_for_rest(QUIET)

        def bytes_of(work: str, keys: str, sign: str | Callable[[str], bool], goal: float | None = None) -> None:
            before = terminal.bytes_received
            terminal.send(keys)
            terminal.wait_for(sign)
            terminal.wait_for_rest(QUIET)
            sent = Measure(terminal.bytes_received - before, "B")
            found.append(Figure(f"bytes: {work}", SIZE, theme, sent, None, Goal(goal, unit="B") if goal else None))

        bytes_of("first letter of a search", "L", "Find   L")
        bytes_of("search for an item", "AP-14-I7", "1 item")
        bytes_of("open an item", "\r", "Identification")
        bytes_of("tab switch", "\x14", "Warranty Status", 12e3)
        bytes_of("cursor down", "\x1b[B", "row 2 of", 600)
        bytes_of("page down", "\x1b[6~", lambda text: "row 2 of" not in text)
        bytes_of("dialog opens", "\x1b[17~", "Condition", 10e3)
        bytes_of("one typed character", "5", "5", 600)
        bytes_of("a serial scanned, saved and shown in the grid", f"CG-{theme[:4].upper()}\r", "1 added")
        bytes_of("dialog closes", "\x1bOR", "row", 10e3)
    return found


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: fewer rounds.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "demo.sqlite3"
        opened = open_database(str(database))
        load_demo(opened, 5_000)
        disconnect(opened)
        bytecode = Path(folder) / "bytecode"
        found = _start(database, 3 if quick else 25, bytecode)
        found.append(_peak_of_a_shift(Path(folder), 20_000 if quick else 1_000_000, bytecode))
        found += _traffic(database, "ansi (SSH)", dict(SSH))
        return found + _traffic(database, "dock", {})


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

"""The scan station of the installed program in a real pseudo-terminal of 80×24: its speed, and what it sends.

A scanner types each scan in one read, as a coalescing line delivers it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from models.database.connection import disconnect, open_database
from models.demo import load_demo
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.benchmarks.terminal import PROGRAM, SIZE, SSH
from tests.support.terminal import Terminal

F7 = "\x1b[18~"
ITEM, PLACE = "LAP-14-I7", "MAIN-A-03"

_RATE = Goal(400, at_most=False, unit="/s")
_SAME = Goal(1.05)


def _station(terminal: Terminal) -> None:
    terminal.wait_for("items")
    terminal.send(F7)
    terminal.wait_for("Scan the place")
    terminal.send(f"{PLACE}\r{ITEM}\r")
    terminal.wait_for("Scan a serial")
    terminal.wait_for_rest(0.6)


def _ticks(terminal: Terminal, prefix: str, count: int) -> int:
    """Processor time of scans that come one after the other, in ticks of the kernel."""
    before = terminal.processor_ticks
    for number in range(count):
        terminal.send(f"{prefix}{number:05}\r")
        terminal.wait_for(f"OK  {prefix}{number:05}", 120)
    return terminal.processor_ticks - before


def _spool(database: Path, count: int) -> Figure:
    """What the spool costs while the database answers: scans with it, beside scans where no file can be made."""
    with tempfile.TemporaryDirectory() as folder:
        blocked = Path(folder) / "file"
        blocked.touch()
        spent = {True: 0, False: 0}
        for turn in range(3):
            for is_there in (True, False):
                state = {} if is_there else {"XDG_STATE_HOME": str(blocked)}
                with Terminal([PROGRAM, "--database", database], env={**SSH, **state}) as terminal:
                    _station(terminal)
                    spent[is_there] += _ticks(terminal, f"5CG{7 if is_there else 6}{turn}", count)
        ours, without = (Measure(spent[is_there], "ticks") for is_there in (True, False))
        return Figure("processor time of a scan with the spool", f"{count:,} scans", "SQLite", ours, without, _SAME)


def _speed(database: Path, count: int) -> list[Figure]:
    with Terminal([PROGRAM, "--database", database], env=dict(SSH)) as terminal:
        _station(terminal)
        serials = [f"5CG9{number:06}" for number in range(count)]
        begun = perf_counter()
        terminal.send("".join(f"{serial}\r" for serial in serials))
        terminal.wait_for(lambda text: f" {count:,} good" in text, 120)
        taken = perf_counter() - begun
        rate = Measure(count / taken, "/s")
        found = [Figure("scans in one burst, judged and drafted", f"{count:,} scans", "SQLite", rate, None, _RATE)]
        times, traffic = [], []
        for number in range(20):
            terminal.wait_for_rest(0.3)
            before = terminal.bytes_received
            serial = f"5CG8{number * 7919 % 1_000_000:06}"
            begun = perf_counter()
            terminal.send(f"{serial}\r")
            terminal.wait_for(f"OK  {serial}")
            times.append(perf_counter() - begun)
            terminal.wait_for_rest(0.3)
            traffic.append(terminal.bytes_received - before)
        found.append(Figure("from Enter to the verdict on the screen", SIZE, "SQLite", Measure(median(times), "s")))
        sent = Measure(median(traffic), "B")
        found.append(Figure("bytes: a scan at the station", SIZE, "ansi (SSH)", sent, None, Goal(600, unit="B")))
        return found


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: a shorter burst.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "demo.sqlite3"
        opened = open_database(str(database))
        load_demo(opened, 5_000)
        disconnect(opened)
        return [*_speed(database, 400 if quick else 2_000), _spool(database, 50 if quick else 200)]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

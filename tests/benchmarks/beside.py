"""A station that goes on scanning while another terminal imports a million rows, on both engines.

Both are processes of their own. The baseline is the same station with nothing beside it, in the same run. What is
measured is a scan judged and its draft committed, of another item than the file's, while the file's rows are written
and then the index of their n-grams.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from threading import Event, Thread
from time import perf_counter, sleep

from models.database.connection import call
from models.errors import Busy
from models.importing import staging
from models.items.items import create_item
from models.locations import create_location
from models.ngrams import Indexing
from models.people import sign_in
from models.permissions import Actor
from models.schema import bound
from models.serials.judging import Scan, Verdict
from models.station.engine import ScanStation
from tests.benchmarks import lists
from tests.benchmarks.bulk import import_file
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table

IMPORTED = "IMPORTED"
"""The SKU of the file's item."""
_ALONE = "nothing beside"
_PAUSE = 0.02
"""Seconds between two scans."""
_FLAT = Goal(200e6, unit="B")
_UNNOTICED = Goal(0.1, unit="s")
"""What a person takes for at once."""
_PATIENCE = Goal(10.0, unit="s")
"""`LOCK_SECONDS`: after that a scan is told to wait, and is tried again."""


class _Station:
    """Somebody who scans."""

    def __init__(self, actor: Actor, sku: str) -> None:
        self._actor, self._task, self._number = actor, ScanStation(), 0
        self._told: list[Verdict] = []
        self._task.scan(actor, [Scan("MAIN"), Scan(sku)], self._told.append)

    def scans(self, enough: Callable[[int], bool]) -> list[float]:
        """Seconds of each scan, one after the other until there are enough; a busy database is asked again."""
        taken: list[float] = []
        while not enough(len(taken)):
            self._number += 1
            begun = perf_counter()
            while True:
                try:
                    call(bound.obj, self._task.scan, self._actor, [Scan(f"5CG9{self._number:06}")], self._told.append)
                    break
                except Busy:
                    continue
            taken.append(perf_counter() - begun)
            sleep(_PAUSE)
        assert all(verdict.outcome == "ok" for verdict in self._told[2:])
        return taken


def _measure(name: str, url: str, count: int, rounds: int) -> Iterator[Figure]:
    size = f"{count:,} rows"
    with migrated(url):
        actor = sign_in()
        create_item(actor, "SCANNED", "Scanned", track_serials=True)
        create_item(actor, IMPORTED, "Imported", track_serials=True)
        for number in range(lists.PLACES):
            create_location(actor, lists.place(number))
        station = _Station(actor, "SCANNED")
        alone = station.scans(lambda done: done == rounds)
        beside, found = _import_beside(url, count, station)
        ours, base = (Measure(median(times), "s", what) for times, what in ((beside, ""), (alone, _ALONE)))
        yield Figure("a scan beside an import, median", size, name, ours, base, _UNNOTICED)
        ours, base = (Measure(max(times), "s", what) for times, what in ((beside, ""), (alone, _ALONE)))
        goal = _PATIENCE if name == "SQLite" else _UNNOTICED
        yield Figure("a scan beside an import, longest", size, name, ours, base, goal)
        yield Figure("import: how long the write takes", size, name, Measure(found["seconds"], "s"))
        yield Figure("import: the index of n-grams afterwards", size, name, Measure(found["index"], "s"))
        yield Figure("import: peak memory of the process", size, name, Measure(found["peak"], "B"), None, _FLAT)
        yield from lists.measure(name, url, IMPORTED, size)


def _import_beside(url: str, count: int, station: _Station) -> tuple[list[float], dict[str, float]]:
    """Seconds of each scan while another process writes a file, and what that process says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "imported.csv"
        lists.write_file(path, IMPORTED, count)
        argv = [sys.executable, "-m", "tests.benchmarks.beside", "--import", url, str(path)]
        # As servers do, and that of the tests does not: else nobody knows yet that the last rows can be seen by all.
        env = {**os.environ, "PGOPTIONS": "-c synchronous_commit=on"}
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=env) as other:
            said = iter(other.stdout or ())
            assert next(said).strip() == "writing"
            written, last = Event(), list[str]()

            def listen() -> None:
                last.extend(said)
                written.set()

            Thread(target=listen, daemon=True).start()
            beside = station.scans(lambda _: written.is_set())
        assert other.returncode == 0
        return beside, json.loads(last[0])


def _import(url: str, path: str) -> None:
    """What the other terminal does; says when it writes, and then how long that took and its peak of memory."""
    with migrated(url):
        actor = sign_in()
        _, seconds = import_file(actor, Path(path), lambda: print("writing", flush=True))
        staging.end()
        begun, indexing = perf_counter(), Indexing(actor)
        while indexing.step():
            sleep(0.001)  # as between two calls of the import's thread
        taken = perf_counter() - begun
        assert not indexing.left
    # Not getrusage: a new process begins there with what its parent had.
    status = Path("/proc/self/status").read_text("ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"seconds": seconds, "index": taken, "peak": int(peak.split()[1]) * 1024}))


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: a shorter file.
    """
    count, rounds = (50_000, 100) if quick else (1_000_000, 500)
    with both() as engines:
        return [figure for name, url in engines for figure in _measure(name, url, count, rounds)]


if __name__ == "__main__":
    if "--import" in sys.argv:
        _import(*sys.argv[-2:])
    else:
        print(table(rows(quick="--quick" in sys.argv)))

"""The grid: a list of 1,000, a million and ten million rows, its first rows, its keys, its memory.

Baselines of the same run: our own table at 1,000 rows, one repaint of the screen, Textual's hello world and
Textual's own DataTable at 10,000 rows. Keys are promised to be no more than two frames behind a repaint.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.record_sources import make_serials

STOCK_ROWS = 10_000
FRAME = 1 / 60
"""Seconds; Textual draws no more often by itself."""


def _probe(what: str, **argument: Any) -> dict[str, Any]:
    """Measure something in a fresh process.

    Textual's limit of frames a second is lifted there: it would round every time to a multiple of a frame.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.grid_probe", what, json.dumps(argument)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
        env={**os.environ, "TEXTUAL_FPS": "1000", "TEXTUAL_ANIMATIONS": "none"},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _speed(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for total in (1000, 100_000) if quick else (1000, 1_000_000):
            files.append(str(Path(folder, f"{total}.sqlite3")))
            make_serials(Path(files[-1]), total)
        found = _probe("speed", files=files, made_up=[1000, 1_000_000, 10_000_000], stock_rows=STOCK_ROWS)
    figures = []
    for name, first in found["first"].items():
        engine, total = name.split()
        size, base = f"{int(total):,} rows", found["first"][f"{engine} 1000"]
        baseline = Measure(base, "s", "ours at 1,000 rows") if total != "1000" else None
        figures.append(
            Figure("grid: first rows", size, engine, Measure(first, "s"), baseline, Goal(1.5) if baseline else None)
        )
        keys = found["keys"][name]
        repaint = Measure(keys.pop("repaint"), "s", "one repaint")
        goal = Goal(repaint.value + 2 * FRAME, unit="s")
        figures += [
            Figure(f"grid: {key}", size, engine, Measure(took, "s"), repaint, goal) for key, took in keys.items()
        ]
    stock = Measure(found["stock"], "s", f"stock DataTable at {STOCK_ROWS:,}")
    ours = Measure(found["first"]["synthetic 10000000"], "s")
    figures.append(Figure("grid: first rows", "10,000,000 rows", "synthetic", ours, stock))
    return figures


def _memory(quick: bool) -> list[Figure]:
    hello = Measure(_probe("walk", kind="hello", total=1)["peak"], "B", "hello world")
    stock = Measure(_probe("walk", kind="stock", total=STOCK_ROWS)["peak"], "B", f"stock DataTable at {STOCK_ROWS:,}")
    figures = []
    for total in (10_000_000,) if quick else (1000, 1_000_000, 10_000_000):
        found = _probe("walk", kind="ours", total=total)
        size, peak, work = f"{total:,} rows", Measure(found["peak"], "B"), "grid: peak memory of the process"
        figures += [
            Figure(work, size, "synthetic", peak, hello, Goal(1.4)),
            Figure(work, size, "synthetic", peak, stock, Goal(64e6, unit="B")),
        ]
    return figures


def rows(quick: bool) -> list[Figure]:
    """Measure the grid.

    Args:
        quick: Whether to leave out what takes longest.
    """
    return [*_speed(quick), *_memory(quick)]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

"""All benchmarks, or named parts: `python -m tests.benchmarks [PART …] [--quick] [--json FILE]` prints one table."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    beside,
    bulk,
    checking,
    exporting,
    finding,
    grid,
    life,
    orders,
    receive,
    station,
    terminal,
    together,
    workbooks,
)
from tests.benchmarks.figures import Figure, table, to_json

PARTS: Final[dict[str, Callable[[bool], Iterable[Figure]]]] = {
    "grid": grid.rows,
    "terminal": terminal.rows,
    "station": station.rows,
    "receive": receive.rows,
    "bulk": bulk.rows,
    "beside": beside.rows,
    "finding": finding.rows,
    "together": together.rows,
    "workbooks": workbooks.rows,
    "orders": orders.rows,
    "checking": checking.rows,
    "exporting": exporting.rows,
    "verbs": life.rows,
    "lives": life.random_lives,
}
"""The parts in their order in the table."""


def main() -> None:
    """Measure, print, and write the numbers for another program."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all if none is named)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller lists")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers in base units")
    given = parser.parse_args()
    if unknown := sorted(set(given.parts) - set(PARTS)):
        parser.error(f"there is no part {unknown[0]}; the parts are {', '.join(PARTS)}")
    figures = [row for name, rows in PARTS.items() if name in (given.parts or PARTS) for row in rows(given.quick)]
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    print(table(figures))
    if given.json:
        given.json.write_text(to_json(figures), "utf-8")


if __name__ == "__main__":
    main()

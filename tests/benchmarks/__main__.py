"""All benchmarks: `python -m tests.benchmarks [--quick] [--json FILE]` prints one table."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from tests.benchmarks import beside, bulk, checking, exporting, grid, life, receive, station, terminal, workbooks
from tests.benchmarks.figures import table, to_json


def main() -> None:
    """Measure, print, and write the numbers for another program."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller lists")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers in base units")
    given = parser.parse_args()
    figures = [
        *grid.rows(given.quick),
        *terminal.rows(given.quick),
        *station.rows(given.quick),
        *receive.rows(given.quick),
        *bulk.rows(given.quick),
        *beside.rows(given.quick),
        *workbooks.rows(given.quick),
        *checking.rows(given.quick),
        *exporting.rows(given.quick),
        *life.rows(given.quick),
    ]
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    print(table(figures))
    if given.json:
        given.json.write_text(to_json(figures), "utf-8")


if __name__ == "__main__":
    main()

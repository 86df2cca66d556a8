"""Exporting a million serials of an item, on both engines: rows a second in each format, and memory.

The baseline is the driver's own way: the same columns in the same order in one SELECT, each row written by `csv` as it
comes, with nothing converted, guarded or checked. Both are processes of their own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from models.exporting.formats import ExportFormat
from models.importing import staging
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from tests.benchmarks.bulk import import_file
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.benchmarks.lists import PLACES, place, write_file

_SHARE = Goal(0.3, at_most=False)
_MEMORY = Goal(100e6, unit="B")

_OURS = """
from tui.cli.main import main
code = main(["--database", sys.argv[1], "--json", "export", "serials", "--item", "EXPORTED", "--to", sys.argv[2]])
assert code == 0
"""

_BARE = """
import csv
sql = (
    "SELECT s.serial_number, i.sku, t.label, l.code, c.name, s.date_received, s.condition_notes, s.warranty_start, "
    "s.warranty_end, s.warranty_void FROM serials s JOIN items i ON i.id = s.item_id JOIN statuses t ON "
    "t.id = s.status_id JOIN locations l ON l.id = s.location_id LEFT JOIN customers c ON c.id = s.customer_id "
    "WHERE i.sku = 'EXPORTED' ORDER BY s.item_id, s.sort_key, s.id"
)
if not sys.argv[1].startswith("postgres"):
    import sqlite3
    rows = sqlite3.connect(sys.argv[1].removeprefix("sqlite:///")).execute(sql)
else:
    import psycopg
    cursor = psycopg.connect(sys.argv[1]).cursor("rows")
    cursor.itersize = 2000
    rows = cursor.execute(sql)
with open(sys.argv[2], "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows(rows)
"""

_RUN = """
import contextlib, io, json, sys, time
begun = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
{work}
taken = time.perf_counter() - begun
with open("/proc/self/status") as status:
    peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024
print(json.dumps([taken, peak]))
"""


def _run(work: str, url: str, path: Path) -> tuple[float, float]:
    """Seconds and peak memory of a process that writes a file."""
    program = _RUN.format(work="\n".join(f"    {line}" for line in work.strip().splitlines()))
    run = subprocess.run([sys.executable, "-c", program, url, str(path)], capture_output=True, text=True, check=True)
    path.unlink()
    taken, peak = json.loads(run.stdout)
    return taken, peak


def _measure(name: str, url: str, count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        with migrated(url):
            actor = sign_in()
            item = create_item(actor, "EXPORTED", "Exported", track_serials=True)
            for number in range(PLACES):
                create_location(actor, place(number))
            write_file(Path(folder, "list.csv"), item.sku, count)
            import_file(actor, Path(folder, "list.csv"))
            staging.end()
        bare, _ = _run(_BARE, url, Path(folder, "bare.csv"))
        size, baseline = f"{count:,} rows", Measure(count / bare, "/s", "raw SELECT to CSV")
        for form in ExportFormat:
            taken, peak = _run(_OURS, url, Path(folder, f"ours{form.suffix}"))
            goal = _SHARE if form is ExportFormat.CSV else None
            yield Figure(f"export: {form}", size, name, Measure(count / taken, "/s"), baseline, goal)
            yield Figure(f"export: {form}, peak memory", size, name, Measure(peak, "B"), None, _MEMORY)


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: fewer serials.
    """
    count = 50_000 if quick else 1_000_000
    with both() as engines:
        return [figure for name, url in engines for figure in _measure(name, url, count)]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

"""`serialdock check` of a million serials, on both engines: how long it takes and how much memory its process needs.

The serials come from an imported file, a tenth of them were transferred. The check is a process of its own, with
nothing imported but what the command imports.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from models.importing import staging
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.schema import Serial
from models.serials.moves import transfer_serials
from tests.benchmarks.bulk import import_file, write_file
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table

_SECONDS = Goal(60.0, unit="s")
_MEMORY = Goal(200e6, unit="B")

_PROGRAM = """
import contextlib, io, json, sys, time
from tui.cli.main import main
begun, out = time.perf_counter(), io.StringIO()
with contextlib.redirect_stdout(out):
    code = main(["--database", sys.argv[1], "--json", "check"])
taken = time.perf_counter() - begun
with open("/proc/self/status") as status:  # ru_maxrss would begin with the peak of the process that started this one
    peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024
print(json.dumps({"code": code, "seconds": taken, "bytes": peak, "said": out.getvalue()}))
"""


def _checked(url: str) -> tuple[float, float]:
    """Seconds and peak memory of a check that finds nothing."""
    run = subprocess.run([sys.executable, "-c", _PROGRAM, url], capture_output=True, text=True, check=True)
    told = json.loads(run.stdout)
    assert told["code"] == 0, told["said"]
    return told["seconds"], told["bytes"]


def _measure(name: str, url: str, count: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        with migrated(url):
            actor = sign_in()
            item = create_item(actor, "CHECKED", "Checked", track_serials=True)
            create_location(actor, "DOCK")
            import_file(actor, write_file(folder, item.sku, "C", count))
            staging.end()
            ids = [row[0] for row in Serial.select(Serial.id).limit(count // 10).tuples()]
            for start in range(0, len(ids), 5_000):
                transfer_serials(actor, ids[start : start + 5_000], "DOCK")
        seconds, memory = _checked(url)
    size = f"{count:,} serials"
    yield Figure("check: how long it takes", size, name, Measure(seconds, "s"), None, _SECONDS)
    yield Figure("check: peak memory of the process", size, name, Measure(memory, "B"), None, _MEMORY)


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

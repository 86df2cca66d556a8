"""Workbooks: how long a sheet takes to read and how much memory, and whether broken files are ever more than refused.

The baseline of reading is python-calamine, which is compiled and keeps the whole sheet; each is a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.mutations import troubles

_MEMORY = Goal(150e6, unit="B")
_NONE = Goal(0, unit="files")

_READ = """
import json, sys, time
if sys.argv[2] == "ours":
    from models.importing.table import open_table
    with open_table(sys.argv[1]) as table:
        count = sum(1 for _ in table.rows())
else:
    from python_calamine import CalamineWorkbook
    count = len(CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()) - 1
with open("/proc/self/status") as status:
    peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) * 1024
print(json.dumps({"rows": count, "seconds": time.process_time(), "bytes": peak}))
"""


def write_sheet(path: Path, count: int) -> None:
    """A workbook of nine columns: texts of which some repeat, dates, and numbers."""
    with xlsxwriter.Workbook(path, {"constant_memory": False, "tmpdir": path.parent}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Serial Number", "Item", "Location", "Status", "Condition Notes", "Date Received",
                               "Warranty Start", "Warranty End", "Customer"])  # fmt: skip
        for row in range(1, count + 1):
            texts = (f"SN-{row:08}", f"LAP-{row % 7}", f"A-{row % 40:02}", "in stock", "ok" if row % 5 else "dented")
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text)
            for column in range(5, 8):
                sheet.write_number(row, column, 45_000 + row % 700, day)
            sheet.write_number(row, 8, row % 1000)


def _read(path: Path, reader: str, count: int) -> dict[str, float]:
    run = subprocess.run([sys.executable, "-c", _READ, str(path), reader], capture_output=True, text=True, check=True)
    said: dict[str, float] = json.loads(run.stdout)
    assert said["rows"] == count, said
    return said


def _reading(folder: Path, count: int) -> Iterator[Figure]:
    path = folder / "a.xlsx"
    write_sheet(path, count)
    ours, theirs = _read(path, "ours", count), _read(path, "calamine", count)
    size = f"{count:,} rows"
    calamine = Measure(theirs["seconds"], "s", "python-calamine")
    yield Figure("XLSX: processor time of reading it", size, "–", Measure(ours["seconds"], "s"), calamine)
    yield Figure(
        "XLSX: peak memory of reading it",
        size,
        "–",
        Measure(ours["bytes"], "B"),
        Measure(theirs["bytes"], "B", "python-calamine"),
        _MEMORY,
    )


def _broken(folder: Path, count: int) -> Iterator[Figure]:
    found = troubles(range(count), folder, ("xlsx", "ods", "csv"))
    found += troubles(range(count // 10), folder, ("xls", "xlsb"))
    for wrong in found:
        print(wrong, file=sys.stderr)
    yield Figure(
        "broken files: neither read nor refused",
        f"{count + count // 10:,} files",
        "–",
        Measure(len(found), "files"),
        None,
        _NONE,
    )


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: fewer rows and files.
    """
    with tempfile.TemporaryDirectory() as folder:
        return [
            *_reading(Path(folder), 20_000 if quick else 1_000_000),
            *_broken(Path(folder), 200 if quick else 2_000),
        ]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

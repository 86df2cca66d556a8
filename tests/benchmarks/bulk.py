"""Many serials at once, on both engines: a file imported, serials added and transferred.

The baseline of a load is the driver's own way, `executemany` or COPY, with rows that are there already, into the same
tables with their indexes, constraints and triggers, in the same run. It checks nothing and reads no file.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from models import clock, ledger
from models.database import bulk
from models.digests import digested
from models.importing import staging
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.table import open_table
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.permissions import Actor
from models.schema import Item, bound, moment_value
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from models.text import serial_key, sort_key
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.warehouse import statements

_HALF = Goal(0.5, at_most=False)
_RATE = Goal(5_000, at_most=False, unit="/s")
_ROUNDS = 3


def _quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def _bare(actor: Actor, item: Item, prefix: str, count: int) -> float:
    """Seconds of the driver for rows that are ready."""
    today, at = clock.today().isoformat(), moment_value(clock.now())
    status, place = ledger.status_ids()["in_stock"], item.primary_location_id
    changes = ledger.changes_text(ledger.NOTHING_NOTED, ("", None, None, None, clock.today()))
    texts = [f"{prefix}{number:07}" for number in range(count)]
    ids = bulk.reserve_ids("serials", count)
    serials = [
        (number, item.id, text, key := serial_key(text), sort_key(key), status, place, None, "")
        + (None, None, None, today, 1)
        for number, text in zip(ids, texts, strict=True)
    ]
    events = [
        (number, 1, "imported", at, actor.user_id, None, None, item.id, text, None, status, None, place, None, None)
        + (changes, "", None, 0, None, "")
        for number, text in zip(ids, texts, strict=True)
    ]
    events = digested(events)
    begun = perf_counter()
    with bound.obj.atomic():
        bulk.insert("serials", ledger.SERIAL_COLUMNS, serials)
        bulk.insert("serial_events", ledger.EVENT_COLUMNS, events)
    return perf_counter() - begun


def write_file(folder: str | Path, sku: str, prefix: str, count: int) -> Path:
    """A CSV file of new serials."""
    path = Path(folder) / f"{prefix}.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Serial Number,Item,Location,Status,Date Received\n")
        file.writelines(f"{prefix}{number:07},{sku},MAIN,In Stock,2026-01-02\n" for number in range(count))
    return path


def import_file(actor: Actor, path: Path, writing: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Seconds until a file is read and judged, and seconds of writing it.

    Args:
        writing: is called when the rows begin to be written.
    """
    begun = perf_counter()
    with open_table(str(path)) as file:
        staged = stage(actor, file, mapping_for(file.header), progress=_quiet)
    assert not staged.problem, staged.problem
    read = perf_counter() - begun
    writing()
    begun = perf_counter()
    import_staged(actor, staged.source, progress=_quiet)
    return read, perf_counter() - begun


def _loads(name: str, actor: Actor, count: int) -> Iterator[Figure]:
    bare: list[float] = []
    files: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(_ROUNDS):  # an item each, alternating, so that both fill indexes of the same size
            ours = create_item(actor, f"LOAD-{count}-{turn}", "Load", track_serials=True)
            theirs = create_item(actor, f"BARE-{count}-{turn}", "Load", track_serials=True)
            path = write_file(folder, ours.sku, f"L{count}-{turn}-", count)
            files.append(import_file(actor, path))
            bare.append(_bare(actor, theirs, f"B{count}-{turn}-", count))
    way = "executemany" if name == "SQLite" else "COPY"
    baseline = Measure(count / median(bare), "/s", f"bare {way}")
    writing = median(write for _, write in files)
    whole = median(read + write for read, write in files)
    size = f"{count:,} rows"
    yield Figure("import: staged rows written", size, name, Measure(count / writing, "/s"), baseline, _HALF)
    yield Figure("import: file read, judged, written", size, name, Measure(count / whole, "/s"), baseline, _HALF)
    yield Figure("import: how long the write takes", size, name, Measure(writing, "s"))


def _rate(work: Callable[[], object], count: int) -> float:
    begun = perf_counter()
    work()
    return count / (perf_counter() - begun)


def _verbs(name: str, database: Any, actor: Actor) -> Iterator[Figure]:
    item = create_item(actor, "VERBS", "Verbs", track_serials=True)
    create_location(actor, "BENCH-DOCK")
    adds, moves = [], []
    for turn in range(_ROUNDS):
        texts = [f"V{turn}-{number:05}" for number in range(1_000)]
        made: list[int] = []
        adds.append(_rate(lambda t=texts, m=made: m.extend(add_serials(actor, item.id, t).serial_ids), 1_000))  # type: ignore[misc]
        moves.append(_rate(lambda m=made: transfer_serials(actor, m, "BENCH-DOCK"), 1_000))  # type: ignore[misc]
    yield Figure("add through the operation", "1,000", name, Measure(median(adds), "/s"), None, _RATE)
    yield Figure("transfer through the operation", "1,000", name, Measure(median(moves), "/s"), None, _RATE)
    for work in ("add", "transfer", "import"):
        few, many = (_statements(database, actor, item, work, count) for count in (10, 1_000))
        baseline = Measure(few, "", "for 10")
        yield Figure(f"statements: {work}", "1,000", name, Measure(many, ""), baseline, Goal(1.0))


def _statements(database: Any, actor: Actor, item: Item, work: str, count: int) -> int:
    texts = [f"ST-{work}-{count}-{number}" for number in range(count)]
    if work == "import":
        with tempfile.TemporaryDirectory() as folder, statements(database) as seen:
            import_file(actor, write_file(folder, item.sku, f"ST-{count}-", count))
        return len(seen)
    if work == "add":
        with statements(database) as seen:
            add_serials(actor, item.id, texts)
        return len(seen)
    ids = add_serials(actor, item.id, texts).serial_ids
    with statements(database) as seen:
        transfer_serials(actor, ids, "BENCH-DOCK")
    return len(seen)


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: a shorter file.
    """
    found: list[Figure] = []
    with both() as engines:
        for name, url in engines:
            with migrated(url) as database:
                actor = sign_in()
                found += _loads(name, actor, 20_000 if quick else 200_000)
                found += _verbs(name, database, actor)
                staging.end()
    return found


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

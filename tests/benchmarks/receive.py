"""The station without a screen: a scan judged and drafted, receipts of many serials, on both engines.

The baseline of a scan is two bare Peewee inserts, committed, in the same run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from statistics import median
from time import perf_counter
from unittest.mock import patch

from models.customers import add_customer
from models.database import unit
from models.database.same_file import SameFile
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from models.permissions import Actor
from models.schema import Draft, DraftLine, Item, bound
from models.serials.judging import Scan, Verdict
from models.serials.receive import ReceiptLine, receive_serials
from models.settings import database_id
from models.station.engine import ScanStation
from models.station.task import TASKS
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tests.support.warehouse import statements

_SCAN = Goal(4.0)
_GUARD = Goal(1.05)
_RATE = Goal(5_000, at_most=False, unit="/s")


def _two_inserts(boss: Actor, item: Item, draft: Draft, rounds: int) -> float:
    """Seconds of two bare inserts in a transaction of their own."""
    taken: list[float] = []
    for number in range(rounds):
        begun = perf_counter()
        with bound.obj.atomic():
            for part in (0, 1):
                text = f"BASE-{number:06}-{part}"
                DraftLine.create(
                    draft=draft.id,
                    number=1_000_000 + 2 * number + part,
                    kind="serial",
                    state="out",
                    at=draft.started_at,
                    user=boss.user_id,
                    how="scanned",
                    scan=text,
                    item=item.id,
                    serial_number=text,
                )
        taken.append(perf_counter() - begun)
    return median(taken)


def _scans(boss: Actor, task: ScanStation, texts: Iterable[str]) -> float:
    """Seconds of one scan, judged and committed alone."""
    taken: list[float] = []
    told: list[Verdict] = []
    for text in texts:
        begun = perf_counter()
        task.scan(boss, [Scan(text)], told.append)
        taken.append(perf_counter() - begun)
    assert all(verdict.outcome == "ok" for verdict in told)
    return median(taken)


@contextmanager
def _unguarded() -> Iterator[None]:
    """Without the question whether the database is still the one that was opened: its file, or its id on a server."""
    with (
        patch.object(SameFile, "is_moved", lambda _: False),
        patch.object(unit, "ID_OF", f"SELECT '{database_id()}'"),
    ):
        yield


def _guarded(boss: Actor, rounds: int) -> tuple[float, float]:
    """Seconds of one scan with that question and without it, in turn; in a draft of their own."""
    task = ScanStation()
    task.scan(boss, [Scan("MAIN"), Scan("BENCH-1")], lambda _: None)
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * rounds):
        with _unguarded() if number % 2 else nullcontext():
            taken[number % 2].append(_scans(boss, task, [f"5CG8{number:06}"]))
    return median(taken[0]), median(taken[1])


def _moves(boss: Actor, *serials: Sequence[str]) -> Iterator[tuple[str, float]]:
    """For some tasks that move serials, seconds of one scan, judged and committed alone; each has its own serials."""
    add_customer(boss, "Bench AG", code="BENCH-C")
    create_location(boss, "BENCH-DOCK")
    for (code, first), moved in zip((("sell", "BENCH-C"), ("transfer", "BENCH-DOCK")), serials, strict=True):
        task = ScanStation(TASKS[code])
        task.scan(boss, [Scan(first)], lambda _: None)
        yield code, _scans(boss, task, moved)


def _receipt(boss: Actor, item: Item, prefix: str, count: int) -> float:
    lines = [
        ReceiptLine(item.id, text, text, item.primary_location_id)
        for text in (f"{prefix}{number:07}" for number in range(count))
    ]
    begun = perf_counter()
    receive_serials(boss, lines)
    return count / (perf_counter() - begun)


def _measure(name: str, url: str, quick: bool) -> Iterator[Figure]:
    with migrated(url) as database:
        boss = sign_in()
        item = create_item(boss, "BENCH-1", "Bench", track_serials=True)
        told: list[Verdict] = []
        task = ScanStation()
        task.scan(boss, [Scan("MAIN"), Scan("BENCH-1")], told.append)
        rounds = 200 if quick else 1_000
        baseline = _two_inserts(boss, item, Draft.get(), rounds)
        ours = _scans(boss, task, (f"5CG9{number:06}" for number in range(rounds)))
        inserts = Measure(baseline, "s", "two inserts")
        yield Figure("one scan judged and its draft committed", "1 scan", name, Measure(ours, "s"), inserts, _SCAN)
        asked, unasked = _guarded(boss, rounds)
        without = Measure(unasked, "s", "without it")
        yield Figure("one scan, asking for the same database", "1 scan", name, Measure(asked, "s"), without, _GUARD)
        for count in (1_000, 10_000):
            rates = [_receipt(boss, item, f"R{count}-{turn}-", count) for turn in range(3)]
            yield Figure("receive through the operation", f"{count:,}", name, Measure(median(rates), "/s"), None, _RATE)
        received = [[f"R1000-{turn}-{number:07}" for number in range(rounds)] for turn in (0, 1)]
        for code, taken in _moves(boss, *received):
            work = f"one scan of a {TASKS[code].words.noun} judged and its draft committed"
            yield Figure(work, "1 scan", name, Measure(taken, "s"), inserts, _SCAN)
        counts = []
        for count in (10, 1_000):
            with statements(database) as seen:
                _receipt(boss, item, f"S{count}-", count)
            counts.append(len(seen))
        few, many = counts
        yield Figure("statements of a receipt", "1,000", name, Measure(many, ""), Measure(few, "", "for 10"), Goal(1.0))
        begun = perf_counter()
        task.scan(boss, [Scan("XXSDDONE")], told.append)
        yield Figure("DONE", f"{rounds:,} lines", name, Measure(perf_counter() - begun, "s"))


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: fewer rounds.
    """
    with both() as engines:
        return [figure for name, url in engines for figure in _measure(name, url, quick)]


if __name__ == "__main__":
    print(table(rows(quick="--quick" in sys.argv)))

"""Fifty terminals on one database: what it costs to look whether others have written, at rest and while one scans.

The terminals are a process of their own, with a thread and a connection for each, which does what the watcher of a
screen does (`tui.kit.watcher`). On SQLite the time is that of the threads in the look itself. On PostgreSQL the time of
the database is that of the statements, planned and executed, as the server counts it (`pg_stat_statements`). A row of
its own shows the time of the processors in the server's processes, as the kernel counts it, beside that of `SELECT 1`:
most of it is spent to wake the process up and to send the answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from threading import Barrier, Event, Thread
from time import monotonic, perf_counter, sleep, thread_time
from typing import Any, TypeVar

from models.changes import change_mark
from models.database.connection import call, connect, disconnect, is_sqlite_url_of, open_database
from models.items.items import create_item
from models.people import sign_in
from models.permissions import Actor, looking
from models.schema import Item, bound, is_sqlite
from models.serials.add import add_serials
from models.serials.grid import Selection, SerialSource
from models.serials.judging import Scan, Verdict
from models.station.engine import ScanStation
from tests.benchmarks.engines import both, migrated
from tests.benchmarks.figures import Figure, Goal, Measure, table
from tui.kit.watcher import LOOK_EVERY, SHARE

T = TypeVar("T")

TERMINALS = 50
_WORK = ("looking", "reading", "bare")
_SHOWN = 50
"""Rows that a terminal reads again."""
_PAUSE = 0.2
"""Seconds between two scans."""
_CHEAP = Goal(0.1e-3, unit="s")
_UNNOTICED = Goal(0.1, unit="s")


class _Terminal:
    """One that shows the serials of an item."""

    def __init__(self, database: Any, actor: Actor, item_id: int) -> None:
        self._database, self._actor = database, actor
        self._source = SerialSource(Selection(item_id))
        self._now: Callable[[], float] = thread_time
        self.spent = Counter[str]()
        """Seconds of the database by what it did."""

    def follow(self, begin: Barrier, seconds: float, place: float) -> None:
        """Look, and read again what has changed.

        Args:
            begin: passed when all are connected.
            seconds: how long.
            place: what part of `LOOK_EVERY` passes before the first look, so that not all look at once.
        """
        connect(self._database)
        if not is_sqlite_url_of(self._database):
            session = self._database.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
            counted = Path(f"/proc/{session}/schedstat")
            self._now = lambda: int(counted.read_text().split()[0]) / 1e9
        self._timed("reading", self._source.after, None, _SHOWN)
        seen, not_before = self._timed("looking", change_mark, self._database), 0.0
        begin.wait()
        self.spent.clear()
        end = monotonic() + seconds
        sleep(place * LOOK_EVERY)
        for turn in count():
            next_look = monotonic() + LOOK_EVERY
            if turn % 2:  # the first of two wakes the session up
                self._timed("bare", self._database.connection().execute, "SELECT 1")
            mark = self._timed("looking", change_mark, self._database)
            if not turn % 2:
                self._timed("bare", self._database.connection().execute, "SELECT 1")
            if mark != seen and monotonic() >= not_before:
                seen, begun = mark, monotonic()
                self._timed("reading", looking, self._actor, self._source.after, None, _SHOWN)
                not_before = monotonic() + SHARE * (monotonic() - begun)
            if next_look > end:
                break
            sleep(max(0.0, next_look - monotonic()))
        disconnect(self._database)

    def _timed(self, what: str, function: Callable[..., T], *args: Any) -> T:
        def run() -> T:
            before = self._now()
            found = function(*args)
            self.spent[what] += self._now() - before
            return found

        return call(self._database, run)


def _follow(url: str, seconds: float) -> None:
    """What the process of the terminals does; it says when they look, and then what that took."""
    database = open_database(url)
    connect(database)
    actor, item = sign_in(), Item.get(Item.sku == "SHOWN")
    disconnect(database)
    terminals = [_Terminal(database, actor, item.id) for _ in range(TERMINALS)]
    begin = Barrier(TERMINALS + 1)
    threads = [
        Thread(target=terminal.follow, args=(begin, seconds, place / TERMINALS))
        for place, terminal in enumerate(terminals)
    ]
    for thread in threads:
        thread.start()
    begin.wait()
    print("looking", flush=True)
    for thread in threads:
        thread.join()
    print(json.dumps({what: sum(one.spent[what] for one in terminals) / TERMINALS / seconds for what in _WORK}))


@contextmanager
def _terminals(url: str, seconds: float) -> Iterator[tuple[Event, dict[str, float]]]:
    """Fifty terminals; tells when they have ended, and then what a second of one has cost."""
    argv = [sys.executable, "-m", "tests.benchmarks.together", "--terminals", url, str(seconds)]
    ended, found = Event(), dict[str, float]()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as other:
        said = iter(other.stdout or ())
        assert next(said).strip() == "looking"

        def listen() -> None:
            found.update(json.loads(next(said)))
            ended.set()

        listener = Thread(target=listen, daemon=True)
        listener.start()
        yield ended, found
        listener.join()
    assert other.returncode == 0


def _scans(actor: Actor, station: ScanStation, prefix: str, is_enough: Callable[[int], bool]) -> float:
    """Seconds of one scan, of scans with a pause between them."""
    taken: list[float] = []
    told: list[Verdict] = []
    while not is_enough(len(taken)):
        begun = perf_counter()
        call(bound.obj, station.scan, actor, [Scan(f"{prefix}{len(taken):06}")], told.append)
        taken.append(perf_counter() - begun)
        sleep(_PAUSE)
    assert all(verdict.outcome == "ok" for verdict in told), told
    return median(taken)


def _looked(work: str, name: str, found: dict[str, float], counted: float | None) -> Iterator[Figure]:
    size = f"{TERMINALS} terminals"
    ours, bare = Measure(found["looking"], "s"), Measure(found["bare"], "s", "SELECT 1")
    if counted is None:
        yield Figure(work, size, name, ours, bare, _CHEAP)
    else:
        yield Figure(work, size, name, Measure(counted, "s"), None, _CHEAP)
        yield Figure(f"{work}, processors of the server", size, name, ours, bare)


def _statements(seconds: float) -> float | None:
    """Seconds of the database a second of one terminal that the looks have taken since this was last asked."""
    if is_sqlite():
        return None
    bound.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    spent = "sum(total_plan_time + total_exec_time)"
    looks = "query LIKE 'SELECT pg_current_snapshot()%%'"
    taken = bound.execute_sql(f"SELECT {spent} FROM pg_stat_statements WHERE {looks}").fetchone()[0]
    bound.execute_sql("SELECT pg_stat_statements_reset()")
    return float(taken or 0) / 1000 / TERMINALS / seconds


def _measure(name: str, url: str, seconds: float) -> Iterator[Figure]:
    size = f"{TERMINALS} terminals"
    with migrated(url):
        actor = sign_in()
        shown = create_item(actor, "SHOWN", "Shown", track_serials=True)
        add_serials(actor, shown.id, [f"S-{number:05}" for number in range(5_000)])
        create_item(actor, "SCANNED", "Scanned", track_serials=True)
        station = ScanStation()
        station.scan(actor, [Scan("MAIN"), Scan("SCANNED")], lambda _: None)
        alone = _scans(actor, station, "5CG8", lambda done: done == 20)
        _statements(seconds)
        with _terminals(url, seconds) as (_, at_rest):
            pass
        work = "a second of looking whether others have written"
        yield from _looked(work, name, at_rest, _statements(seconds))
        with _terminals(url, seconds) as (ended, meanwhile):
            scan = _scans(actor, station, "5CG9", lambda _: ended.is_set())
        yield from _looked(f"{work}, one scans", name, meanwhile, _statements(seconds))
        yield Figure("a second of reading again, one scans", size, name, Measure(meanwhile["reading"], "s"))
        ours, base = Measure(scan, "s"), Measure(alone, "s", "nobody looks")
        yield Figure("a scan beside those who look", size, name, ours, base, _UNNOTICED)


def rows(quick: bool) -> list[Figure]:
    """Measure.

    Args:
        quick: for a shorter time.
    """
    with both() as engines:
        return [row for name, url in engines for row in _measure(name, url, 5.0 if quick else 30.0)]


if __name__ == "__main__":
    if "--terminals" in sys.argv:
        _follow(sys.argv[-2], float(sys.argv[-1]))
    else:
        print(table(rows(quick="--quick" in sys.argv)))

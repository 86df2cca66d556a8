"""The queue of scans, without an app: what is in order stays in order, whatever fails in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from models.errors import DatabaseTrouble, NotFound, SerialdockError, UnstorableValue
from models.spool import Spool, SpooledScan, read_records, spools
from tests.support.limits import LIMIT
from tui.scanning.queue import FIRST_PAUSE, LOOK_EVERY, MOST, TRIES, ScanQueue
from tui.terminal.database_thread import DatabaseThread
from tui.terminal.spool_thread import SpoolThread


class Context:
    """A database thread and an event loop, as the app has them; timers are told when their time has come."""

    actor = "clerk"

    def __init__(self) -> None:
        self.db = DatabaseThread(lambda: None, lambda: None)
        self.timers: list[tuple[float, Callable[[], object]]] = []
        self.spool = SpoolThread(lambda: None)
        self._workers: set[asyncio.Task[Any]] = set()

    def run_worker(self, work: Coroutine[Any, Any, Any], **_: Any) -> None:
        self._workers.add(asyncio.ensure_future(work))

    def set_timer(self, seconds: float, act: Callable[[], object]) -> None:
        self.timers.append((seconds, act))

    def ring(self) -> None:
        """Call those back that wait for a retry."""
        self._call_back(lambda seconds: seconds != LOOK_EVERY)

    def _call_back(self, is_due: Callable[[float], bool]) -> None:
        due = [act for seconds, act in self.timers if is_due(seconds)]
        self.timers = [one for one in self.timers if not is_due(one[0])]
        for act in due:
            act()

    def look(self) -> None:
        """Let the queue look twice whether its first scan still waits."""
        for _ in range(2):
            self._call_back(lambda seconds: seconds == LOOK_EVERY)


class Queue(ScanQueue[str, str]):
    """Takes texts; `fails` says what happens instead."""

    def __init__(self, context: Any) -> None:
        super().__init__(context)
        self.runs: list[list[str]] = []
        self.fails: Callable[[str], None] = lambda _: None
        self.verdicts: list[str] = []
        self.listen(self._note)
        self._told = asyncio.Event()
        self.began, self.free = threading.Event(), threading.Event()
        self.free.set()

    def _note(self, verdicts: Sequence[str]) -> None:
        self.verdicts += verdicts
        self._told.set()

    async def begins(self, scan: str) -> None:
        """Take a scan, and stand still in the middle of it until it is free."""
        self.began.clear()
        self.free.clear()
        self.put(scan)
        assert await asyncio.to_thread(self.began.wait, LIMIT)

    def take(self, actor: Any, scans: Sequence[str], tell: Callable[[str], None]) -> None:
        self.began.set()
        assert self.free.wait(LIMIT)
        self.runs.append(list(scans))
        for scan in scans:
            self.fails(scan)
            tell(f"{scan} by {actor}")

    def record(self, one: str, entry: Any, after: str) -> SpooledScan:
        at = entry.at.isoformat()
        return SpooledScan(
            "d" * 32, "host/1/x", entry.number, "receive", one, "scanned", at, 1, entry.actor, after=after
        )

    def command_of(self, one: Any) -> str | None:
        return one if one == "DONE" else super().command_of(one)

    def refused(self, one: Any, refusal: SerialdockError) -> str:
        return f"{one}: {refusal.message}"

    async def rests(self) -> list[str]:
        async with asyncio.timeout(LIMIT):
            while self.waiting and self.trouble is None:
                self._told.clear()
                await self._told.wait()
            await self._context.db.run(lambda: None)
        return self.verdicts


@asynccontextmanager
async def queue() -> AsyncIterator[tuple[Queue, Context]]:
    context = Context()
    made = Queue(context)
    yield made, context
    await context.db.close()
    await context.spool.finish()


def put(one: Queue, *scans: str) -> None:
    for scan in scans:
        one.put(scan)


async def test_what_arrives_while_one_is_saved_goes_together_and_in_order() -> None:
    async with queue() as (one, _):
        await one.begins("a")
        put(one, "b", "c", "d")
        one.free.set()
        assert await one.rests() == [f"{scan} by clerk" for scan in "abcd"]
        assert one.runs == [["a"], ["b", "c", "d"]]


async def test_a_key_waits_behind_the_scans_before_it() -> None:
    async with queue() as (one, _):
        await one.begins("a")
        put(one, "b")
        one.put(lambda actor: f"undo by {actor}")
        put(one, "c")
        one.free.set()
        assert await one.rests() == ["a by clerk", "b by clerk", "undo by clerk", "c by clerk"]
        assert one.runs == [["a"], ["b"], ["c"]]


async def test_very_many_go_in_parts() -> None:
    async with queue() as (one, _):
        await one.begins("first")
        put(one, *(str(number) for number in range(MOST + 3)))
        one.free.set()
        assert len(await one.rests()) == MOST + 4
        assert [len(run) for run in one.runs] == [1, MOST, 3]


async def test_trouble_keeps_what_is_not_saved_at_the_head_before_what_came_later() -> None:
    async with queue() as (one, context):

        def busy(scan: str) -> None:
            if scan == "c":
                raise DatabaseTrouble("The database is busy.")

        one.fails = busy
        await one.begins("a")
        put(one, "b", "c", "d")
        one.free.set()
        assert await one.rests() == ["a by clerk", "b by clerk"]
        assert one.trouble is not None
        put(one, "e")
        assert one.waiting == 3
        assert [seconds for seconds, _ in context.timers if seconds != LOOK_EVERY] == [FIRST_PAUSE]
        one.fails = lambda _: None
        context.ring()
        assert await one.rests() == [f"{scan} by clerk" for scan in "abcde"]
        assert one.trouble is None


async def test_nothing_overtakes_a_run_that_has_failed() -> None:
    async with queue() as (one, context):
        one.fails = lambda _: (_ for _ in ()).throw(DatabaseTrouble("The database is busy."))
        await one.begins("a")
        put(one, "b")  # is asked for already while the first one fails
        one.free.set()
        assert await one.rests() == []
        assert one.runs == [["a"]]
        one.fails = lambda _: None
        context.ring()
        assert await one.rests() == ["a by clerk", "b by clerk"]


async def test_a_refusal_is_the_verdict_of_those_without_one_and_the_next_go_on() -> None:
    async with queue() as (one, _):

        def refuses(scan: str) -> None:
            if scan == "b":
                raise NotFound("Gone.")

        one.fails = refuses
        await one.begins("a")
        put(one, "b", "c")
        one.put(lambda _: "key")
        put(one, "d")
        one.free.set()
        assert await one.rests() == ["a by clerk", "b: Gone.", "c: Gone.", "key", "d by clerk"]


async def test_what_can_never_be_stored_is_refused_alone_and_holds_nothing_behind_it() -> None:
    async with queue() as (one, context):

        def cannot_store(scan: str) -> None:
            if scan in ("c", "DONE"):
                raise UnstorableValue(f"{scan} is too large.")

        one.fails = cannot_store
        await one.begins("a")
        put(one, "b", "c", "d")
        one.free.set()
        for _ in range(TRIES - 1):  # it may be the database's own fault, and pass
            assert await one.rests() == ["a by clerk", "b by clerk"]
            context.ring()
        said = ["a by clerk", "b by clerk", "c: c is too large.", "d by clerk"]
        assert await one.rests() == said
        assert one.trouble_since is None
        assert one.runs == [["a"], ["b", "c", "d"], *[["c"]] * TRIES, ["d"]]
        one.put(lambda _: cannot_store("DONE") or "never")
        for _ in range(TRIES - 1):
            assert await one.rests() == said
            context.ring()
        assert (await one.rests())[4].endswith(": DONE is too large.")
        await one.begins("e")
        put(one, "f", "g")
        one.free.set()
        assert (await one.rests())[5:] == [f"{scan} by clerk" for scan in "efg"]
        assert one.runs[-1] == ["f", "g"]


async def test_what_cannot_be_stored_for_a_moment_is_not_refused() -> None:
    async with queue() as (one, context):
        one.fails = lambda _: (_ for _ in ()).throw(UnstorableValue("It is too large."))
        put(one, "a", "b")
        assert await one.rests() == []
        one.fails = lambda _: None
        context.ring()
        assert await one.rests() == ["a by clerk", "b by clerk"]


async def test_what_was_handed_over_is_saved_when_the_thread_is_closed_right_behind_it() -> None:
    async with queue() as (one, context):
        put(one, "a", "b", "c")
        await asyncio.sleep(0)
        await context.db.close()
        assert [scan for run in one.runs for scan in run] == ["a", "b", "c"]


# ----- what waits is on the disk


def on_disk() -> list[str]:
    """The texts in the spools, in their order."""
    return [record.text for file in spools() for record in read_records(file)]


def is_busy(_: str) -> None:
    raise DatabaseTrouble("The database is busy.")


async def until(met: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT):
        while not met():  # noqa: ASYNC110 - nothing tells about the state of the disk
            await asyncio.sleep(0.001)


async def test_while_the_database_answers_nothing_is_written() -> None:
    async with queue() as (one, context):
        for scan in "abc":
            put(one, scan)
            assert await one.rests()
            context.look()
        assert (one.on_disk, context.spool.file) == (0, None)


async def test_a_scan_without_an_answer_is_on_the_disk_before_it_counts_as_waiting() -> None:
    async with queue() as (one, context):
        shown: list[tuple[int, list[str]]] = []
        one.listen(lambda _: shown.append((one.on_disk, on_disk())))
        await one.begins("a")
        put(one, "b")
        assert (one.waiting, one.on_disk, on_disk()) == (2, 0, [])
        context.look()
        await until(lambda: one.on_disk == 2)
        put(one, "c")  # comes while others wait
        await until(lambda: one.on_disk == 3)
        assert context.spool.waiting == 3
        one.free.set()
        assert len(await one.rests()) == 3
        await until(lambda: not on_disk())
        assert (one.on_disk, context.spool.waiting) == (0, 0)
        assert all(count <= len(texts) for count, texts in shown)
        assert [texts for _, texts in shown][:2] == [["a", "b"], ["a", "b", "c"]]


async def test_trouble_is_written_at_once_and_each_scan_only_once() -> None:
    async with queue() as (one, context):
        one.fails = is_busy
        put(one, "a", "b")
        await until(lambda: one.trouble)
        await until(lambda: one.on_disk == 2)
        for _ in range(3):
            context.ring()
            await until(lambda: one.trouble)
        assert on_disk() == ["a", "b"]
        one.fails = lambda _: None
        context.ring()
        assert await one.rests() == ["a by clerk", "b by clerk"]
        await until(lambda: not on_disk())


async def test_what_is_scanned_while_the_disk_is_slow_is_written_next() -> None:
    async with queue() as (one, context):
        one.fails = is_busy
        write, slow = context.spool.write, asyncio.Event()

        async def waits(records: Sequence[SpooledScan]) -> None:
            await slow.wait()
            await write(records)

        context.spool.write = waits  # type: ignore[method-assign]
        put(one, "a")
        await until(lambda: one.trouble)
        put(one, "b", "c")
        await asyncio.sleep(0)
        assert one.on_disk == 0
        slow.set()
        await until(lambda: one.on_disk == 3)
        assert on_disk() == ["a", "b", "c"]


async def test_a_verdict_that_comes_while_its_scan_is_written_leaves_nothing_behind() -> None:
    async with queue() as (one, context):
        write, slow = context.spool.write, asyncio.Event()

        async def waits(records: Sequence[SpooledScan]) -> None:
            await slow.wait()
            await write(records)

        context.spool.write = waits  # type: ignore[method-assign]
        await one.begins("a")
        context.look()
        one.free.set()
        assert await one.rests() == ["a by clerk"]
        slow.set()
        await until(lambda: context.spool.file and not on_disk())
        assert (one.on_disk, context.spool.waiting) == (0, 0)


async def test_commands_are_not_written_and_those_behind_them_are_marked() -> None:
    async with queue() as (one, context):
        one.fails = is_busy
        put(one, "a", "DONE", "b")
        one.put(lambda _: "key")
        put(one, "c")
        await until(lambda: one.on_disk == 3)
        assert one.commands == ["DONE"]
        assert [(record.text, record.after) for file in spools() for record in read_records(file)] == [
            ("a", ""),
            ("b", "DONE"),
            ("c", "DONE"),
        ]
        one.fails = lambda _: None
        context.ring()
        assert len(await one.rests()) == 5
        await until(lambda: not on_disk())
        one.fails = is_busy
        put(one, "d")
        await until(lambda: one.on_disk == 1)
        assert [record.after for file in spools() for record in read_records(file)] == [""]


async def test_where_the_disk_is_full_too_scans_are_refused_until_something_has_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    async with queue() as (one, context):
        one.fails = is_busy
        with monkeypatch.context() as patched:
            patched.setattr(Spool, "append", full)
            put(one, "a")
            await until(lambda: one.not_saved)
            put(one, "b")
            for _ in range(4):  # each retry leads to one more at most
                context.ring()
                await until(lambda: one.trouble)
            assert len([seconds for seconds, _ in context.timers if seconds != LOOK_EVERY]) <= 2
            assert one.verdicts == [f"b: NOT SAVED. {one.not_saved}"]
            assert one.not_saved.startswith(
                "1 scan is neither in the database nor on the disk of this machine: No space"
            )
        context.ring()
        # The retry in the database fails on its own thread, before or after the disk has the scan.
        await until(lambda: one.on_disk == 1 and one.trouble is not None)
        assert not one.not_saved
        put(one, "c")
        one.fails = lambda _: None
        context.ring()
        assert (await one.rests())[1:] == ["a by clerk", "c by clerk"]


async def test_the_end_writes_what_has_no_verdict_and_leaves_out_what_was_saved_just_now() -> None:
    async with queue() as (one, context):

        def stops(scan: str) -> None:
            if scan == "b":
                one.began.clear()
                one.free.clear()
                assert one.free.wait(LIMIT)

        one.fails = stops
        await one.begins("a")
        put(one, "b", "c")
        one.free.set()
        await until(lambda: not one.free.is_set() and one.verdicts == ["a by clerk"])
        context.spool.keep_now()
        context.spool.keep_now()
        assert on_disk() == ["b", "c"]
        assert context.spool.remaining == 2
        one.free.set()
        assert len(await one.rests()) == 3
        assert context.spool.remaining == 0


async def test_very_many_scans_may_wait() -> None:
    async with queue() as (one, context):
        one.fails = is_busy
        put(one, *map(str, range(20_000)))
        await until(lambda: one.on_disk == 20_000)
        put(one, "last")
        await until(lambda: one.on_disk == 20_001)
        assert on_disk()[-2:] == ["19999", "last"]
        one.fails = lambda _: None
        context.ring()
        assert len(await one.rests()) == 20_001

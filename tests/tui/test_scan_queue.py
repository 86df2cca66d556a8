"""The queue of scans, without an app: what is in order stays in order, whatever fails in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from models.errors import DatabaseTrouble, NotFound, SerialdockError
from tests.support.limits import LIMIT
from tui.scanning.queue import MOST, RETRY, ScanQueue
from tui.terminal.database_thread import DatabaseThread


class Context:
    """A database thread and an event loop, as the app has them; timers are told when their time has come."""

    actor = "clerk"

    def __init__(self) -> None:
        self.db = DatabaseThread(lambda: None, lambda: None)
        self.timers: list[tuple[float, Callable[[], object]]] = []
        self._workers: set[asyncio.Task[Any]] = set()

    def run_worker(self, work: Coroutine[Any, Any, Any], **_: Any) -> None:
        self._workers.add(asyncio.ensure_future(work))

    def set_timer(self, seconds: float, act: Callable[[], object]) -> None:
        self.timers.append((seconds, act))

    def ring(self) -> None:
        timers, self.timers = self.timers, []
        for _, act in timers:
            act()


class Queue(ScanQueue[str, str]):
    """Takes texts; `fails` says what happens instead."""

    keeps_trying = True

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

    def refused(self, one: Any, refusal: SerialdockError) -> str:
        return f"{one}: {refusal.message}"

    async def rests(self) -> list[str]:
        async with asyncio.timeout(LIMIT):
            while self.waiting and self.trouble is None:
                self._told.clear()
                await self._told.wait()
            await self._context.db.run(lambda: None)
        return self.verdicts


class Answering(Queue):
    """Gives each a verdict when the database cannot be used."""

    keeps_trying = False


@asynccontextmanager
async def queue(kind: type[Queue] = Queue) -> AsyncIterator[tuple[Queue, Context]]:
    context = Context()
    made = kind(context)
    yield made, context
    await context.db.close()


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
        assert [seconds for seconds, _ in context.timers] == [RETRY]
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


async def test_one_that_does_not_keep_trying_gives_a_verdict_on_trouble_too() -> None:
    async with queue(Answering) as (one, context):
        one.fails = lambda _: (_ for _ in ()).throw(DatabaseTrouble("The database is busy."))
        put(one, "a", "b")
        assert await one.rests() == ["a: The database is busy.", "b: The database is busy."]
        assert context.timers == []
        one.fails = lambda _: None
        put(one, "c")
        assert (await one.rests())[-1] == "c by clerk"


async def test_what_was_handed_over_is_saved_when_the_thread_is_closed_right_behind_it() -> None:
    async with queue() as (one, context):
        put(one, "a", "b", "c")
        await asyncio.sleep(0)
        await context.db.close()
        assert [scan for run in one.runs for scan in run] == ["a", "b", "c"]

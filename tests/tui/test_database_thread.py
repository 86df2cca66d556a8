from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.limits import LIMIT
from tui.terminal.database_thread import DatabaseThread, DatabaseThreadClosedError


class Connection:
    """Stands where the models' database stands, and notes in which thread it is used."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.threads: set[int] = set()
        self.refuses = False

    def note(self, event: str) -> str:
        self.events.append(event)
        self.threads.add(threading.get_ident())
        return event

    def open(self) -> None:
        if self.refuses:
            raise ConnectionError("no server")
        self.note("open")

    def close(self) -> None:
        self.note("close")


@pytest.fixture
def connection() -> Connection:
    return Connection()


@pytest.fixture
async def db(connection: Connection) -> Any:
    thread = DatabaseThread(connection.open, connection.close)
    yield thread
    assert await thread.close()


async def test_everything_happens_in_one_other_thread_and_in_order(connection: Connection, db: DatabaseThread) -> None:
    results = await asyncio.gather(*(db.run(connection.note, str(n)) for n in range(50)))
    await db.close()
    numbers = [str(n) for n in range(50)]
    assert results == numbers
    assert connection.events == ["open", *numbers, "close"]
    assert len(connection.threads) == 1
    assert threading.get_ident() not in connection.threads


async def test_results_arrive_in_the_order_of_the_questions(db: DatabaseThread) -> None:
    arrived: list[int] = []

    async def ask(number: int) -> None:
        arrived.append(await db.run(lambda: number))

    await asyncio.gather(*(ask(n) for n in range(100)))
    assert arrived == list(range(100))


async def test_a_real_sqlite_connection_lives_and_dies_in_its_thread() -> None:
    held: list[sqlite3.Connection] = []
    db = DatabaseThread(
        lambda: held.append(sqlite3.connect(":memory:")), lambda: held.pop().close()
    )  # sqlite3 refuses another thread
    assert await db.run(lambda: held[0].execute("select 41 + 1").fetchone()) == (42,)
    assert await db.close()
    assert held == []


async def test_the_error_of_a_question_goes_to_who_asked_it(db: DatabaseThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await db.run(lambda: 1 // 0)
    assert await db.run(lambda: "next") == "next"


async def test_while_the_server_is_away_each_question_says_so_and_then_it_works_again(
    connection: Connection, db: DatabaseThread
) -> None:
    connection.refuses = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await db.run(connection.note, "x")
    connection.refuses = False
    assert await db.run(connection.note, "y") == "y"
    assert connection.events == ["open", "y"]


async def test_a_lost_connection_can_be_replaced(connection: Connection, db: DatabaseThread) -> None:
    await db.run(connection.note, "before")
    await db.reopen()
    await db.run(connection.note, "after")
    assert connection.events == ["open", "before", "close", "open", "after"]


def gate() -> tuple[threading.Event, threading.Event, Callable[[], str]]:
    began, may_end = threading.Event(), threading.Event()

    def wait_at_gate() -> str:
        began.set()
        may_end.wait(LIMIT)
        return "done"

    return began, may_end, wait_at_gate


async def until(event: threading.Event) -> None:
    deadline = time.monotonic() + LIMIT
    while not event.is_set():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


async def test_a_cancelled_question_loses_its_answer_but_not_its_place(
    connection: Connection, db: DatabaseThread
) -> None:
    began, may_end, wait_at_gate = gate()
    running = asyncio.create_task(db.run(wait_at_gate))
    await until(began)
    waiting = asyncio.create_task(db.run(connection.note, "never begun"))
    written = asyncio.create_task(db.write(connection.note, "written"))
    await asyncio.sleep(0)
    for task in (running, waiting, written):
        task.cancel()
    results = await asyncio.gather(running, waiting, written, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] * 3
    may_end.set()
    assert await db.run(connection.note, "last") == "last"
    assert connection.events == ["open", "written", "last"]


async def test_a_write_that_fails_after_its_asker_left_is_reported(db: DatabaseThread) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
    began, may_end, wait_at_gate = gate()
    running = asyncio.create_task(db.run(wait_at_gate))
    await until(began)
    failing = asyncio.create_task(db.write(lambda: 1 // 0))
    await asyncio.sleep(0)
    failing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await failing
    may_end.set()
    await running
    await db.run(lambda: None)
    assert [type(context["exception"]) for context in reported] == [ZeroDivisionError]


async def test_closing_lets_waiting_writes_finish_and_refuses_new_ones(
    connection: Connection, db: DatabaseThread
) -> None:
    began, may_end, wait_at_gate = gate()
    running = asyncio.create_task(db.run(wait_at_gate))
    await until(began)
    written = asyncio.create_task(db.write(connection.note, "written"))
    await asyncio.sleep(0)
    assert not await db.close(timeout=0.01)
    with pytest.raises(DatabaseThreadClosedError):
        await db.run(connection.note, "too late")
    may_end.set()
    assert await db.close()
    assert (await running, await written) == ("done", "written")
    assert connection.events == ["open", "written", "close"]


async def test_a_thread_never_used_closes_without_opening_anything(connection: Connection) -> None:
    db = DatabaseThread(connection.open, connection.close)
    assert await db.close()
    assert connection.events == []


async def test_an_error_while_closing_is_told_to_who_closes() -> None:
    def refuse() -> None:
        raise OSError("disk gone")

    db = DatabaseThread(lambda: None, refuse)
    await db.run(lambda: None)
    with pytest.raises(OSError, match="disk gone"):
        await db.close()


async def test_two_threads_work_side_by_side(db: DatabaseThread) -> None:
    began, may_end, wait_at_gate = gate()
    long_work = DatabaseThread(lambda: None, lambda: None, name="import")
    importing = asyncio.create_task(long_work.run(wait_at_gate))
    await until(began)
    assert await db.run(lambda: "at once") == "at once"
    may_end.set()
    assert await importing == "done"
    assert await long_work.close()

"""The database thread: one thread with one connection, so that the event loop never waits for a query.

A connection is opened, used and closed only in its thread. Functions run one at a time in the order of submission,
and their results come back in that order.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from models.changes import change_mark
from models.database.connection import call, connect, disconnect, is_waiting
from models.errors import DatabaseTrouble
from models.permissions import Actor, looking, permissions_of
from tui.lifeline import report_trouble

P = ParamSpec("P")
T = TypeVar("T")

WAITING: Final = "Waiting for the database: somebody else is writing …"
"""Message while a write waits for another one to finish."""

WAITING_TOLD_AFTER: Final = 1.0
"""Seconds of waiting before the message is shown."""

WAITING_LOOK: Final = 0.05
"""Seconds between two checks whether a write is waiting."""


class DatabaseThreadClosedError(RuntimeError):
    """A function was submitted after `close`."""


class DatabaseThread:
    """A thread with one connection.

    The screens share one thread for short work. Long work (an import, a check of the whole database) gets a thread
    and a connection of its own, so that look-ups do not queue behind it.

    ```python
    db = DatabaseThread(database.connect, database.close)
    rows = await db.run(find_serials, item_id, prefix)
    document = await db.write(add_serial, item_id, serial)
    await db.close()
    ```
    """

    def __init__(
        self,
        open_connection: Callable[[], object],
        close_connection: Callable[[], object],
        *,
        name: str = "database",
    ) -> None:
        """Make the thread; it starts with the first submitted function.

        Args:
            open_connection: Called in the thread before the first function; after an error, again before the next one.
            close_connection: Called in the thread, only after a connection was opened.
            name: The thread's name in reports.
        """
        self.name: Final = name
        """The thread's name in reports."""
        self._open_connection = open_connection
        self._close_connection = close_connection
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closing = False
        self._handed_over = self._done = 0
        self.writes = 0
        """Number of writes submitted so far."""
        self._thread: threading.Thread | None = None
        self._ended: Future[None] = Future()

    @property
    def is_idle(self) -> bool:
        """Whether no function runs or waits."""
        return self._handed_over == self._done

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read in the thread and return its result.

        When the waiting task is cancelled, a running function continues and its result is dropped; one that has not
        begun is skipped. That suits reads, where a newer look-up replaces an older one.

        Args:
            function: Anything that uses the connection. It must not touch widgets.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Returns:
            What the function returned.

        Raises:
            DatabaseThreadClosedError: The thread has been closed.
            Exception: What the function, or opening the connection, raised.
        """
        return await asyncio.wrap_future(self._hand_over(function, *args, **kwargs))

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a write in the thread; once submitted it is carried out, even when the waiting task is cancelled.

        An error after such a cancellation goes to the event loop's exception handler.

        Args:
            function: As for `run`.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Returns:
            What the function returned.

        Raises:
            DatabaseThreadClosedError: The thread has been closed.
            Exception: What the function, or opening the connection, raised.
        """
        self.writes += 1
        result = asyncio.wrap_future(self._hand_over(function, *args, **kwargs))
        try:
            return await asyncio.shield(result)
        except asyncio.CancelledError:
            result.add_done_callback(partial(_report_lost_error, function))
            raise

    async def reopen(self) -> None:
        """Close the connection and open a new one, behind the functions already queued: for a lost server.

        Raises:
            Exception: What opening the connection raised; the next function tries again.
        """
        await asyncio.wrap_future(self._enqueue(_Job(_nothing, reopen=True)))

    async def close(self, timeout: float = 5.0) -> bool:  # noqa: ASYNC109 - the thread, not a task, is waited for
        """Finish the queued functions, close the connection and end the thread.

        It is a daemon thread, so a query that hangs cannot keep the process alive.

        Args:
            timeout: Seconds to wait.

        Returns:
            True when the thread has ended, False when a function is still running.

        Raises:
            Exception: What closing the connection raised.
        """
        with self._lock:
            if not self._closing:
                self._closing = True
                self._jobs.put(None)
            if self._thread is None:
                return True
        ended = asyncio.wrap_future(self._ended)
        done, _ = await asyncio.wait({ended}, timeout=timeout)
        for closing in done:
            closing.result()
        return bool(done)

    def _hand_over(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        job = _Job(partial(function, *args, **kwargs))
        self._enqueue(job)
        return job.future  # type: ignore[return-value]  # the job's function is the one that returns T

    def _enqueue(self, job: _Job) -> Future[object]:
        with self._lock:
            if self._closing:
                raise DatabaseThreadClosedError(f"the {self.name} thread is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
                self._thread.start()
            self._handed_over += 1
            self._jobs.put(job)
        return job.future

    def _work(self) -> None:
        is_open = False
        while (job := self._jobs.get()) is not None:
            if not job.future.set_running_or_notify_cancel():
                self._done += 1
                continue
            try:
                if is_open and job.reopen:
                    is_open = False
                    self._close_connection()
                if not is_open:
                    self._open_connection()
                    is_open = True
                result = job.function()
            except BaseException as error:  # noqa: BLE001 - outermost frame of the thread: the asker gets it
                self._done += 1  # before the asker goes on, who may look at `is_idle`
                job.future.set_exception(error)
                del error
            else:
                self._done += 1
                job.future.set_result(result)
                del result
            del job  # with the result and the error above: none of them may live on while the queue is empty
        try:
            if is_open:
                self._close_connection()
        except BaseException as error:  # noqa: BLE001 - outermost frame of the thread: `close` raises it
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)


class Calls(DatabaseThread):
    """One person's database thread: it checks the permission to look, reconnects, and translates driver errors."""

    def __init__(
        self, database: Any, actor: Actor, say_waiting: Callable[[str], None], *, name: str = "database"
    ) -> None:
        """Make the thread.

        Args:
            database: opened and migrated.
            actor: the person whose permission to look is checked.
            say_waiting: gets `WAITING` when a write waits longer than `WAITING_TOLD_AFTER`; an empty text afterwards.
            name: as for `DatabaseThread`.
        """
        super().__init__(lambda: _reported(connect, database), lambda: disconnect(database), name=name)
        self._database, self._actor, self._say_waiting = database, actor, say_waiting

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, if the person may look; see `DatabaseThread.run`."""
        allowed = partial(looking, self._actor, function)
        return await super().run(partial(_reported, call, self._database, allowed), *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call an operation, which checks its permission itself; see `DatabaseThread.write`."""
        watching = asyncio.create_task(self._watch())
        try:
            asked: Callable[P, T] = partial(call, self._database, function)
            return await super().write(partial(_reported, asked), *args, **kwargs)
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        """Show the message while this thread waits for the write lock of an SQLite file."""
        await asyncio.sleep(WAITING_TOLD_AFTER)
        is_told = False
        try:
            while True:
                if is_waiting(self.name) is not is_told:
                    is_told = not is_told
                    self._say_waiting(WAITING if is_told else "")
                await asyncio.sleep(WAITING_LOOK)
        finally:
            if is_told:
                self._say_waiting("")

    async def change_mark(self) -> str:
        """Whether others have written: see `models.changes`. It tells nothing of the data and needs no permission.

        Raises:
            DatabaseTrouble
        """
        return await super().run(partial(_reported, call, self._database, change_mark, self._database))

    async def permissions(self) -> frozenset[str]:
        """The person's permissions, read now."""
        return await super().run(partial(_reported, call, self._database, permissions_of, self._actor.user_id))


def _reported(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of the database; trouble that needs a report gets one, in this thread."""
    try:
        return function(*args, **kwargs)
    except DatabaseTrouble as trouble:
        report_trouble(trouble)
        raise


class _Job:
    """A function queued for the thread."""

    __slots__ = ("function", "future", "reopen")

    def __init__(self, function: Callable[[], object], *, reopen: bool = False) -> None:
        self.function = function
        self.future: Future[object] = Future()
        self.reopen = reopen


def _nothing() -> None:
    """The function of a job that only reopens the connection."""


def _report_lost_error(function: Callable[..., object], result: asyncio.Future[T]) -> None:
    if not result.cancelled() and (error := result.exception()) is not None:
        result.get_loop().call_exception_handler(
            {"message": f"{function!r} failed after nobody waited for it any more", "exception": error}
        )

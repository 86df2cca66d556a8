"""The queue of scans for the database, in the order of scanning.

A scan goes to the database thread at once, and is saved there even when dialog, screen and app close. Scans that
arrive while a transaction commits are batched into the next one; an action such as Undo waits for the scans before it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Final, Generic, TypeAlias, TypeVar

from models.errors import DatabaseTrouble, SerialdockError
from models.permissions import Actor
from tui.context import Context

S = TypeVar("S")
"""A scan."""
V = TypeVar("V")
"""A verdict."""

MOST: Final = 500
"""Most scans in one transaction, so that look-ups do not wait long behind a paste of thousands."""

RETRY: Final = 2.0
"""Seconds between retries of scans that could not be saved."""

Act: TypeAlias = Callable[[Actor], V]
"""An action other than a scan that takes its turn in the queue, such as Undo."""

Listener: TypeAlias = Callable[[Sequence[V]], None]
"""Called with verdicts in the order of the scans, once their transaction is committed."""


class ScanQueue(ABC, Generic[S, V]):
    """A queue of scans `S` with verdicts `V`; subclasses say how scans are saved."""

    keeps_trying: ClassVar[bool]
    """Whether scans stay at the head and are retried when the database is unusable; else each gets a verdict."""

    def __init__(self, context: Context) -> None:
        """Make an empty queue.

        Args:
            context: the app, whose database thread saves the scans.
        """
        self._context = context
        self._arrived: deque[S | Act[V]] = deque()
        self._is_asked = False
        self._held_by: object = None
        self._listeners: list[Listener[V]] = []
        self._runs = 0
        self.waiting = 0
        """Number of scans and actions without a verdict."""
        self.trouble: DatabaseTrouble | None = None
        """Why scans wait for a retry; None when they do not."""

    @abstractmethod
    def take(self, actor: Actor, scans: Sequence[S], tell: Callable[[V], None]) -> None:
        """Save scans, in the database thread; call `tell` with the verdict of each one when it is saved."""

    @abstractmethod
    def refused(self, one: S | Act[V], refusal: SerialdockError) -> V:
        """The verdict on a scan or action that failed as a whole."""

    def listen(self, listener: Listener[V]) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Listener[V]) -> None:
        """Remove a listener."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def put(self, one: S | Act[V]) -> None:
        """Append a scan or an action."""
        self.waiting += 1
        self._arrived.append(one)
        if self.trouble is None:
            self._ask()

    def go_on(self) -> None:
        """Retry scans that could not be saved."""
        if self.trouble is not None:
            self.trouble, self._held_by = None, None
            self._ask()

    def told(self, verdicts: Sequence[V]) -> None:
        """Call the listeners with verdicts; an empty list says that the state of waiting scans changed."""
        for listener in list(self._listeners):
            listener(verdicts)

    def _ask(self) -> None:
        # The database thread clears the flag before it takes scans, so a scan added while it is set is in that batch.
        if self._arrived and not self._is_asked:
            self._is_asked = True
            self._context.run_worker(self._save(), group="scans", name="save scans")

    async def _save(self) -> None:
        run: list[S | Act[V]] = []
        verdicts: list[V] = []

        def work() -> None:
            # Runs again when the connection was lost before anything was written; `run` is filled only the first time.
            if not run:
                self._is_asked = False
                run.extend(self._next_run(run))
            self._carry_out(run, verdicts)

        try:
            await self._context.db.write(work)
        except SerialdockError as refusal:
            self._settle(run, verdicts, refusal)
        self._runs += 1
        self.waiting -= len(verdicts)
        if verdicts:
            self.told(verdicts)
        if self.trouble is None:
            self._ask()
        elif self._held_by is run:
            self._context.set_timer(RETRY, self.go_on)
            self.told([])

    def _next_run(self, run: object) -> Iterable[S | Act[V]]:
        """Take the scans at the head, or the one action there; nothing while a failed run waits to be settled."""
        if self._held_by is not None and self._held_by is not run:
            return
        count = 0
        while self._arrived and count < MOST:
            is_act = callable(self._arrived[0])
            if is_act and count:
                return
            yield self._arrived.popleft()
            if is_act:
                return
            count += 1

    def _carry_out(self, run: Sequence[S | Act[V]], verdicts: list[V]) -> None:
        """Do what has no verdict yet. If that fails, later runs wait until `_settle`."""
        rest = run[len(verdicts) :]
        if not rest:
            return
        self._held_by = run
        first = rest[0]
        if callable(first):
            verdicts.append(first(self._context.actor))
        else:
            self.take(self._context.actor, [one for one in rest if not callable(one)], verdicts.append)
        self._held_by = None

    def _settle(self, run: list[S | Act[V]], verdicts: list[V], refusal: SerialdockError) -> None:
        """Settle a failed run: put it back at the head for a retry, or give each of its scans a verdict."""
        waits = self.keeps_trying and isinstance(refusal, DatabaseTrouble)
        if not run:  # it failed before `work` began, as when no connection could be opened
            self._is_asked = False
            if not waits:
                run.extend(self._next_run(run))
        if waits and isinstance(refusal, DatabaseTrouble):
            self.trouble, self._held_by = refusal, run
            self._arrived.extendleft(reversed(run[len(verdicts) :]))
            return
        verdicts += [self.refused(one, refusal) for one in run[len(verdicts) :]]
        self._held_by = None

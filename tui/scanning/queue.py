"""Scans on their way into the database, in the order in which they came.

A scan is handed to the database thread at once, and is saved there even when dialog, screen and app close. While one
transaction commits, what arrives meanwhile is gathered for the next; a key such as Undo waits behind the scans that
came before it.
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
"""Scans in one go, so that look-ups do not wait long behind a paste of thousands."""

RETRY: Final = 2.0
"""Seconds after which scans that could not be saved are tried again."""

Act: TypeAlias = Callable[[Actor], V]
"""Something else to do in its turn, such as Undo."""

Listener: TypeAlias = Callable[[Sequence[V]], None]
"""Is told verdicts in the order of the scans, as soon as they are in the database."""


class ScanQueue(ABC, Generic[S, V]):
    """Feeds one taker of scans, whatever they and their verdicts are."""

    keeps_trying: ClassVar[bool]
    """What becomes of scans when the database cannot be used: True keeps them at the head and tries again by itself,
    False gives each a verdict."""

    def __init__(self, context: Context) -> None:
        """Make it; it does nothing until something is put in.

        Args:
            context: the app, whose database thread saves.
        """
        self._context = context
        self._arrived: deque[S | Act[V]] = deque()
        self._is_asked = False
        self._held_by: object = None
        self._listeners: list[Listener[V]] = []
        self._runs = 0
        self.waiting = 0
        """How many scans and keys have no verdict yet."""
        self.trouble: DatabaseTrouble | None = None
        """Why scans wait; they are tried again by themselves."""

    @abstractmethod
    def take(self, actor: Actor, scans: Sequence[S], tell: Callable[[V], None]) -> None:
        """Take scans, in the database thread; `tell` is given the verdict of each when it is saved."""

    @abstractmethod
    def refused(self, one: S | Act[V], refusal: SerialdockError) -> V:
        """The verdict on one that could not be taken at all."""

    def listen(self, listener: Listener[V]) -> None:
        """Tell verdicts to somebody from now on."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Listener[V]) -> None:
        """Tell this one no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def put(self, one: S | Act[V]) -> None:
        """Do one more behind the others."""
        self.waiting += 1
        self._arrived.append(one)
        if self.trouble is None:
            self._ask()

    def go_on(self) -> None:
        """Try again what could not be saved."""
        if self.trouble is not None:
            self.trouble, self._held_by = None, None
            self._ask()

    def told(self, verdicts: Sequence[V]) -> None:
        """Tell verdicts; without any, that something changed about those that wait."""
        for listener in list(self._listeners):
            listener(verdicts)

    def _ask(self) -> None:
        # The flag falls before the database thread takes what has arrived, so whoever sees it set is in that take.
        if self._arrived and not self._is_asked:
            self._is_asked = True
            self._context.run_worker(self._save(), group="scans", name="save scans")

    async def _save(self) -> None:
        run: list[S | Act[V]] = []
        verdicts: list[V] = []

        def work() -> None:
            # Runs a second time when the connection was lost before anything was written.
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
        """Take the scans at the head, or the one other thing there; nothing where another run has failed."""
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
        """Do what has no verdict yet. Where that fails, those behind it wait until it is settled."""
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
        """Decide what becomes of a run that failed: it waits at the head, or each of it gets a verdict."""
        waits = self.keeps_trying and isinstance(refusal, DatabaseTrouble)
        if not run:  # it has not even begun
            self._is_asked = False
            if not waits:
                run.extend(self._next_run(run))
        if waits and isinstance(refusal, DatabaseTrouble):
            self.trouble, self._held_by = refusal, run
            self._arrived.extendleft(reversed(run[len(verdicts) :]))
            return
        verdicts += [self.refused(one, refusal) for one in run[len(verdicts) :]]
        self._held_by = None

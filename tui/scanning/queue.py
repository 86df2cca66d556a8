"""The queue of scans for the database, in the order of scanning.

A scan goes to the database thread at once, and is saved there even when dialog, screen and app close. Scans that
arrive while a transaction commits are batched into the next one; an action such as Undo waits for the scans before it.
A scan that the database does not answer within a moment is written to the spool on the disk before it counts as one
that waits; see `models.spool`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, Generic, TypeAlias, TypeVar

from textual.timer import Timer

from models import clock
from models.errors import DamagedRow, DatabaseTrouble, NotSaved, SerialdockError, UnstorableValue
from models.permissions import Actor
from models.spool import SpooledScan
from tui.context import Context

S = TypeVar("S")
"""A scan."""
V = TypeVar("V")
"""A verdict."""

MOST: Final = 500
"""Most scans in one transaction, so that look-ups do not wait long behind a paste of thousands."""

FIRST_PAUSE: Final = 1.0
"""Seconds until the first retry of scans that could not be saved; each further pause is twice as long."""

LONGEST_PAUSE: Final = 30.0
"""Longest pause between two retries, in seconds."""

TRIES: Final = 3
"""Attempts at a scan alone: one that the database cannot store is refused then, so that the others do not wait."""

RETRY: Final = 2.0
"""Seconds between retries of writing to the disk."""

MOST_WRITTEN: Final = 2_000
"""Most scans that are written to the disk at once."""

LOOK_EVERY: Final = 0.15
"""Seconds between two looks whether the first scan still has no verdict: after one to two of them it counts as waiting,
and it and the others are written to the disk."""

QueuedAction: TypeAlias = Callable[[Actor], V]
"""An action other than a scan that takes its turn in the queue, such as Undo."""

TellsVerdicts: TypeAlias = Callable[[Sequence[V]], None]
"""Called with verdicts in the order of the scans, once their transaction is committed."""


@dataclass(slots=True, eq=False)
class QueuedScan(Generic[S, V]):
    """A scan or an action without a verdict."""

    one: S | QueuedAction[V]
    number: int
    """1, 2, 3 … in the queue."""
    at: datetime
    actor: Actor
    command: str | None
    """For what is never written to the disk: the command that has to be given again if the app ends, such as DONE, or
    an empty text. None for a scan that is written."""
    after: QueuedScan[S, V] | None
    """The last command before it, if that has no verdict yet."""
    is_on_disk: bool = False
    is_settled: bool = False


class ScanQueue(ABC, Generic[S, V]):
    """A queue of scans `S` with verdicts `V`; subclasses say how scans are saved."""

    def __init__(self, context: Context) -> None:
        """Make an empty queue.

        Args:
            context: the app, whose database thread saves the scans.
        """
        self._context = context
        self._arrived: deque[S | QueuedAction[V]] = deque()
        self._is_asked = False
        self._held_by: object = None
        self._listeners: list[TellsVerdicts[V]] = []
        self._runs = 0
        self.trouble: DatabaseTrouble | None = None
        """Why scans wait for a retry; None when they do not."""
        self.trouble_since: datetime | None = None
        """Since when no scan could be saved; None when they can."""
        self._pause = FIRST_PAUSE
        self._retry: Timer | None = None
        self._singly = 0
        """Number of the next scans that are tried one at a time, as one of them made a run fail."""
        self._tried: tuple[S | QueuedAction[V] | None, int] = (None, 0)
        """The scan at the head, and how often the database could not store it."""

        self._open: deque[QueuedScan[S, V]] = deque()
        self._last_number = 0
        self._commands: deque[QueuedScan[S, V]] = deque()
        self._fresh: deque[QueuedScan[S, V]] = deque()
        """Scans that are not on the disk, in their order; settled ones among them are skipped."""
        self._first_seen: QueuedScan[S, V] | None = None
        self._is_watching = False
        self.is_behind = False
        """Whether scans wait and are therefore written to the disk."""
        self._is_keeping_again = False
        self._writing = asyncio.Lock()
        self._saved: Sequence[V] = ()
        """The verdicts of the run in the database thread so far, for the end of the app: those are saved."""
        self.on_disk = 0
        """Number of scans that are on the disk and not in the database."""
        self.not_saved = ""
        """Why scans can neither be saved in the database nor on the disk now; empty when they can."""

    @abstractmethod
    def take(self, actor: Actor, scans: Sequence[S], tell: Callable[[V], None]) -> None:
        """Save scans, in the database thread; call `tell` with the verdict of each one when it is saved."""

    @abstractmethod
    def refused(self, one: S | QueuedAction[V], refusal: SerialdockError) -> V:
        """The verdict on a scan or action that failed as a whole."""

    @abstractmethod
    def record(self, one: S, entry: QueuedScan[S, V], after: str) -> SpooledScan:
        """The scan as it is written to the disk; callable from any thread.

        Args:
            after: the command before it that was not carried out; empty for none.
        """

    def numbered(self, one: S, number: int) -> S:
        """The scan with its number in the queue, if the database stores that."""
        return one

    def command_of(self, one: S | QueuedAction[V]) -> str | None:
        """As `QueuedScan.command`."""
        return "" if callable(one) else None

    @property
    def waiting(self) -> int:
        """Number of scans and actions without a verdict."""
        return len(self._open)

    @property
    def commands(self) -> list[str]:
        """The commands that wait, such as DONE, in their order."""
        return [entry.command or "" for entry in self._commands]

    @property
    def last_command(self) -> QueuedScan[S, V] | None:
        """The last command that waits."""
        return self._commands[-1] if self._commands else None

    @property
    def since(self) -> datetime:
        """When the first scan that waits was made."""
        return self._open[0].at if self._open else clock.now()

    def listen(self, listener: TellsVerdicts[V]) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def stop_listening(self, listener: TellsVerdicts[V]) -> None:
        """Remove a listener."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def put(self, one: S | QueuedAction[V]) -> None:
        """Append a scan or an action; a scan is refused while neither database nor disk can take it."""
        if self.not_saved and not callable(one):
            self.told([self.refused(one, NotSaved(f"NOT SAVED. {self.not_saved}"))])
            return
        self._last_number += 1
        if not callable(one):
            one = self.numbered(one, self._last_number)
        self._enter(one)
        self._arrived.append(one)
        if self.trouble is None:
            self._ask()

    def go_on(self) -> None:
        """Retry scans that could not be saved, at once."""
        if self._retry is not None:
            self._retry.stop()
            self._retry = None
        if self.trouble is not None:
            self.trouble, self._held_by = None, None
            self._ask()
        if self.not_saved:
            self._keep_soon()

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
        run: list[S | QueuedAction[V]] = []
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
        self._take_out(verdicts)
        if self.trouble is not None and self._held_by is run:
            self.is_behind = True
            self._retry = self._context.set_timer(self._pause, self.go_on)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            if verdicts:
                self.told(verdicts)
            await self._write_fresh()  # before the screen says that they wait
            self.told([])
            return
        if verdicts:
            self.told(verdicts)
        if self.trouble is None:
            self._ask()

    def _next_run(self, run: object) -> Iterable[S | QueuedAction[V]]:
        """Take the scans at the head, or the one action there; nothing while a failed run waits to be settled."""
        if self._held_by is not None and self._held_by is not run:
            return
        count, most = 0, 1 if self._singly else MOST
        while self._arrived and count < most:
            is_act = callable(self._arrived[0])
            if is_act and count:
                return
            yield self._arrived.popleft()
            if is_act:
                return
            count += 1

    def _carry_out(self, run: Sequence[S | QueuedAction[V]], verdicts: list[V]) -> None:
        """Do what has no verdict yet. If that fails, later runs wait until `_settle`."""
        rest = run[len(verdicts) :]
        if not rest:
            return
        self._held_by, self._saved = run, verdicts
        first = rest[0]
        if callable(first):
            verdicts.append(first(self._context.actor))
        else:
            self.take(self._context.actor, [one for one in rest if not callable(one)], verdicts.append)
        self._held_by, self.trouble_since, self._pause = None, None, FIRST_PAUSE

    def _settle(self, run: list[S | QueuedAction[V]], verdicts: list[V], refusal: SerialdockError) -> None:
        """Settle a failed run: put it back at the head for a retry, or give each of its scans a verdict."""
        self._saved = ()
        if not run:  # it failed before `work` began, as when no connection could be opened
            self._is_asked = False
            if not self._waits(refusal):
                run.extend(self._next_run(run))
        rest = run[len(verdicts) :]
        if isinstance(refusal, DamagedRow | UnstorableValue) and len(rest) > 1:  # to find out which of them meets it
            self._held_by, self._singly = None, len(rest)
            self._arrived.extendleft(reversed(rest))
            return
        if isinstance(refusal, DatabaseTrouble) and self._waits(refusal, *rest[:1]):
            self.trouble, self._held_by = refusal, run
            self.trouble_since = self.trouble_since or clock.now()
            self._arrived.extendleft(reversed(rest))
            return
        self._held_by, self.trouble_since, self._pause = None, None, FIRST_PAUSE  # the database answers
        verdicts += [self.refused(one, refusal) for one in rest]

    def _waits(self, refusal: SerialdockError, *first: S | QueuedAction[V]) -> bool:
        """Whether what failed is tried again later.

        Args:
            first: the scan at the head, if it is alone.
        """
        if not (isinstance(refusal, UnstorableValue) and first):
            return isinstance(refusal, DatabaseTrouble) and refusal.passes
        before, tries = self._tried
        self._tried = (first[0], tries + 1 if before is first[0] else 1)
        return self._tried[1] < TRIES

    # ----- what waits is on the disk

    def unsaved(self) -> list[SpooledScan]:
        """The scans without a verdict that are not on the disk, in their order; callable from any thread."""
        rest = set(map(id, self._remaining()))
        return [
            self.record(entry.one, entry, _before(entry))
            for entry in list(self._fresh)
            if id(entry) in rest and not (entry.is_on_disk or callable(entry.one))
        ]

    def remaining(self) -> int:
        """The number of scans without a verdict; callable from any thread."""
        return sum(entry.command is None for entry in self._remaining())

    def _remaining(self) -> list[QueuedScan[S, V]]:
        # In this order: the thread of the app empties `_saved` before it takes anything out of `_open`.
        waiting = list(self._open)
        return waiting[len(self._saved) :]

    def _enter(self, one: S | QueuedAction[V]) -> None:
        """Note what has no verdict yet, and look after a moment whether it has one."""
        command = self.command_of(one)
        after = self._commands[-1] if self._commands else None
        entry = QueuedScan(one, self._last_number, clock.now(), self._context.actor, command, after)
        if command:
            self._commands.append(entry)
        self._open.append(entry)
        if command is None:
            self._fresh.append(entry)
            self._context.spool.watch(self)
        if self.is_behind:
            self._keep_soon()
        elif not self._is_watching:
            self._is_watching = True
            self._first_seen = entry
            self._context.set_timer(LOOK_EVERY, self._look)

    def _look(self) -> None:
        """Write all that wait to the disk, if the first of them has waited since the last look."""
        self._is_watching = False
        if not self._open or self.is_behind:
            return
        if self._open[0] is self._first_seen:
            self.is_behind = True
            self._keep_soon()
            return
        self._is_watching = True
        self._first_seen = self._open[0]
        self._context.set_timer(LOOK_EVERY, self._look)

    def _keep_soon(self) -> None:
        if not self._writing.locked():
            self._context.run_worker(self._write_fresh(), group="spool", name="keep scans")

    async def _write_fresh(self) -> None:
        """Write the scans that are not on the disk, and those that arrive meanwhile; say so if that fails."""
        async with self._writing:
            try:
                while fresh := list(islice((entry for entry in self._fresh if not entry.is_settled), MOST_WRITTEN)):
                    await self._context.spool.write(
                        [self.record(entry.one, entry, _before(entry)) for entry in fresh if not callable(entry.one)]
                    )
                    self._are_on_disk(fresh)
            except OSError as error:
                self._cannot_be_written(error)

    def _are_on_disk(self, entries: Sequence[QueuedScan[S, V]]) -> None:
        for entry in entries:
            entry.is_on_disk = True
        self._prune()
        self.on_disk += len(entries)
        late = [entry for entry in entries if entry.is_settled]  # the verdict came while they were written
        if late:
            self.on_disk -= len(late)
            self._context.spool.took(len(late))
        self.not_saved = ""
        self.told([])

    def _prune(self) -> None:
        """Forget the first scans that need not be written any more."""
        while self._fresh and (self._fresh[0].is_settled or self._fresh[0].is_on_disk):
            self._fresh.popleft()

    def _cannot_be_written(self, error: OSError) -> None:
        count = sum(not entry.is_settled for entry in self._fresh)
        if not count:
            return
        scans = "1 scan is" if count == 1 else f"{count:,} scans are"
        why = error.strerror or str(error)
        self.not_saved = (
            f"{scans} neither in the database nor on the disk of this machine: {why}. Stop scanning until this is gone."
        )
        if not self._is_keeping_again:
            self._is_keeping_again = True
            self._context.set_timer(RETRY, self._keep_again)
        self.told([])

    def _keep_again(self) -> None:
        self._is_keeping_again = False
        if self.not_saved:
            self._keep_soon()

    def _take_out(self, verdicts: Sequence[V]) -> None:
        """Note that the first scans and actions have these verdicts."""
        self._saved = ()
        self._singly = max(0, self._singly - len(verdicts))
        entries = [self._open.popleft() for _ in verdicts]
        for entry in entries:
            entry.is_settled = True
        if entries:  # the database answers again
            self.not_saved = ""
        self._prune()
        count = sum(entry.is_on_disk for entry in entries)
        if count:
            self.on_disk -= count
            self._context.spool.took(count)
        while self._commands and self._commands[0].is_settled:
            self._commands.popleft()
        if not self._open:
            self.is_behind = False
            self._context.spool.let_go(self)


def _before(entry: QueuedScan[S, V]) -> str:
    """The last command before a scan that has no verdict; empty for none."""
    after = entry.after
    return (after.command or "") if after is not None and not after.is_settled else ""


def waiting_words(queue: ScanQueue[Any, Any]) -> str:
    """The sentence about what waits for a retry: the scans on the disk, and the commands behind them."""
    count, commands = queue.on_disk, list(dict.fromkeys(queue.commands))
    also = f" {' and '.join(commands)} wait{'s' if len(commands) == 1 else ''} too." if commands else ""
    if count == 1:
        return f"1 scan waits here and is tried again by itself.{also}"
    if count:
        return f"{count:,} scans wait here and are tried again by themselves.{also}"
    return f"What was done here is tried again by itself.{also}"

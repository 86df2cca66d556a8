"""The app's spool: scans that wait are written to the disk in a thread of its own, and the rest when the app ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from models.spool import Spool, SpooledScan
from tui.terminal.database_thread import DatabaseThread


class Waits(Protocol):
    """A queue with scans that have no verdict yet."""

    @property
    def since(self) -> datetime:
        """When the first of them was made."""

    def unsaved(self) -> list[SpooledScan]:
        """Those that are not on the disk, in their order; callable from any thread."""

    def remaining(self) -> int:
        """The number of those scans; callable from any thread."""


class SpoolThread:
    """Writes scans to the spool of this process and counts them. All but `keep_now` runs in the thread of the app.

    The thread is its own, so that neither the screen nor the database waits for a slow disk.
    """

    def __init__(self, changed: Callable[[], object]) -> None:
        """Make the thread; `open` makes the file.

        Args:
            changed: called when the number of scans that wait has changed.
        """
        self._changed = changed
        self.database = ""
        """Id of the database; see `models.settings.database_id`."""
        self.waiting = 0
        """Number of scans on the disk that have no verdict yet."""
        self._in_file = 0
        """As `waiting`, with those that are being written."""
        self._spool: Spool | None = None
        self._thread: Final = DatabaseThread(_nothing, _nothing, name="spool")
        self._queues: dict[int, Waits] = {}
        self._kept_now: set[tuple[str, int]] = set()
        self._clearing: set[asyncio.Task[None]] = set()
        self._is_finished = False
        self.lost: list[SpooledScan] = []
        """Scans that neither the database nor the disk has at the end of the app."""

    @property
    def file(self) -> Path | None:
        """The file of this process, if it was made."""
        return self._spool.file if self._spool is not None else None

    @property
    def since(self) -> datetime | None:
        """When the first scan that waits was made; None if none waits."""
        return min((queue.since for queue in self._queues.values()), default=None) if self.waiting else None

    async def open(self, database: str) -> None:
        """Make the file while there is room on the disk.

        Args:
            database: the id of the database.

        Raises:
            OSError: it cannot be made now; `write` tries again.
        """
        self.database = database
        await self._thread.write(self._opened)

    def watch(self, queue: Waits) -> None:
        """Keep the scans of this queue if the app ends."""
        self._queues[id(queue)] = queue

    def let_go(self, queue: Waits) -> None:
        """Forget a queue that has nothing more to keep."""
        self._queues.pop(id(queue), None)

    async def write(self, records: Sequence[SpooledScan]) -> None:
        """Write scans that wait; they are on the disk when this returns.

        Raises:
            OSError: none of them is.
        """
        # Counted before, so that the file is not rewound meanwhile because another queue has nothing more in it.
        self._in_file += len(records)
        try:
            await self._thread.write(self._append, records)
        except OSError:
            self._in_file -= len(records)
            raise
        self.waiting += len(records)
        self._changed()

    def took(self, count: int) -> None:
        """Note that scans on the disk have their verdict; the file is rewound when none is left in it."""
        self.waiting -= count
        self._in_file -= count
        if not self._in_file:
            clearing = asyncio.ensure_future(self._clear())
            self._clearing.add(clearing)
            clearing.add_done_callback(self._clearing.discard)
        self._changed()

    @property
    def remaining(self) -> int:
        """Number of scans without a verdict, on the disk or not; callable from any thread."""
        return sum(queue.remaining() for queue in list(self._queues.values()))

    def keep_now(self) -> None:
        """Write everything that has no verdict and is not on the disk; for the end of the app, from any thread.

        Raises:
            OSError: they cannot be written.
        """
        if fresh := self._not_on_disk():
            self._append(fresh)
            self._kept_now.update((record.session, record.number) for record in fresh)

    def _not_on_disk(self) -> list[SpooledScan]:
        rest = [record for queue in list(self._queues.values()) for record in queue.unsaved()]
        return [record for record in rest if (record.session, record.number) not in self._kept_now]

    async def finish(self) -> None:
        """End the thread, keep what has no verdict, and close the file, which goes if it is empty."""
        await self._thread.close(timeout=1.0)
        if self._is_finished:
            return
        self._is_finished = True
        try:
            self.keep_now()
            if not self.remaining and self._spool is not None:
                self._spool.rewind()
        except OSError:
            self.lost = self._not_on_disk()
        if self._spool is not None:
            self._spool.close()

    # ----- in the thread of the spool

    def _opened(self) -> Spool:
        if self._spool is None:
            self._spool = Spool.open()
        return self._spool

    def _append(self, records: Sequence[SpooledScan]) -> None:
        self._opened().append(records)

    async def _clear(self) -> None:
        with suppress(OSError):  # what stays in the file was taken, which the next start finds out
            await self._thread.write(self._rewind)

    def _rewind(self) -> None:
        if self._spool is not None and not self._in_file:
            self._spool.rewind()


def _nothing() -> None:
    """A spool has no connection to open or close."""

"""The watcher: notices what other terminals write, and a new day, and has the screen in front show it."""

from __future__ import annotations

import asyncio
from datetime import date
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from models import clock
from models.errors import SerialdockError
from tui.terminal.database_thread import Calls, DatabaseThreadClosedError

LOOK_EVERY: Final = 0.7
"""Seconds between two looks whether somebody has written: with reading and drawing, it is seen within a second."""

SHARE: Final = 20
"""A screen is read again only after this many times as long as the last reading took, so that a long list costs at most
a twentieth of the time of the database thread."""

PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds until the next look after one, two … looks in a row that met trouble."""


@runtime_checkable
class Watched(Protocol):
    """A screen or a dialog that shows data."""

    FOLLOWS: bool
    """Whether it is read again while it is in front."""
    seen_at: Any
    """The `Moment` at which it was read last; None for a new one."""

    async def follow(self, *, marks: bool) -> None:
        """Show what others have written, or what a new day changes; see `tui.kit.page.Frame.follow`."""


class Moment(NamedTuple):
    """What a screen was read at."""

    mark: str
    """See `models.changes.change_mark`; taken before it was read."""
    day: date
    writes: int
    """How much this terminal had written."""


class Watcher:
    """Looks every `LOOK_EVERY` seconds whether others have written; one for each app.

    It looks only while a screen that shows data is in front and the database thread has nothing to do, so that it
    stands in nobody's way. It never says anything: of trouble the person's next action reports.
    """

    def __init__(self, app: Any, db: Calls) -> None:
        """Make the watcher; `begin` starts it.

        Args:
            app: whose screen in front is read again.
            db: its database thread.
        """
        self._app, self._db = app, db
        self._looking: asyncio.Task[str] | None = None
        self._is_reading = False
        self._moments: tuple[Moment, ...] = (Moment("", clock.today(), 0),)
        """Of the last two looks."""
        self._not_before = 0.0
        self._troubles = 0
        """Looks in a row that met trouble."""

    def begin(self) -> None:
        """Start to look; call it when the first screen is drawn."""
        self._app.set_interval(LOOK_EVERY, self.look)

    def look(self) -> None:
        """Look now, unless that would be in the way."""
        if self._looking is None and not self._is_reading and self._db.is_idle and monotonic() >= self._not_before:
            screen = self._app.screen
            if isinstance(screen, Watched) and screen.FOLLOWS and self._app.screen.is_mounted:
                self._looking = asyncio.create_task(self._db.change_mark())
                self._looking.add_done_callback(self._looked)

    def _looked(self, looking: asyncio.Task[str]) -> None:
        self._looking = None
        error = None if looking.cancelled() else looking.exception()
        if looking.cancelled() or isinstance(error, DatabaseThreadClosedError):
            return  # the app ends
        if isinstance(error, SerialdockError):
            self._pause()
            return
        if isinstance(error, Exception):
            self._app._handle_exception(error)  # a defect ends the app, as in a worker
            return
        self._moments = (*self._moments[-1:], Moment(looking.result(), clock.today(), self._db.writes))
        screen, now = self._app.screen, self._moments[-1]
        if not (isinstance(screen, Watched) and screen.FOLLOWS):
            return
        # A new screen was read before it was opened: perhaps before the last look, but not before the one before.
        seen, screen.seen_at = screen.seen_at or self._moments[0], now
        if (seen.mark, seen.day) == (now.mark, now.day):
            self._troubles = 0
            return
        if not all(widget.is_mounted for widget in self._app.screen.walk_children(with_self=True)):
            screen.seen_at = seen  # it has just been opened, and not all that it would show the changes in is there
            return
        self._is_reading = True
        # What the person's own writes have changed is not marked, and one cannot be told from the other here.
        is_of_others = seen.mark != now.mark and seen.writes == now.writes
        self._app.screen.run_worker(self._read(screen, seen, marks=is_of_others), group="follow")

    async def _read(self, screen: Watched, seen: Moment, *, marks: bool) -> None:
        """Have a screen read what it shows again.

        Args:
            screen: the one in front.
            seen: what it showed until now; after trouble it is read again.
            marks: whether to mark what has changed.
        """
        begin = monotonic()
        try:
            await screen.follow(marks=marks)
        except SerialdockError:
            # Nobody has asked for anything: what is there stays, and the person's next action says what is wrong.
            screen.seen_at = seen
            self._pause()
        else:
            self._troubles = 0
            self._not_before = monotonic() + SHARE * (monotonic() - begin)
        finally:
            self._is_reading = False

    def _pause(self) -> None:
        self._not_before = monotonic() + PAUSES[min(self._troubles, len(PAUSES) - 1)]
        self._troubles += 1

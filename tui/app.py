"""The application: wires database thread, navigation and first screen, and opens the database."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from textual import on, work
from textual.events import Ready, Unmount
from textual.screen import Screen
from textual.worker import WorkerFailed

from models import clock
from models.clock import clock_time, day
from models.config import Config
from models.database.connection import address, call, disconnect, is_sqlite_url_of, open_database
from models.errors import DatabaseTrouble, Refusal, SerialdockError
from models.items.list import ItemRow
from models.migrations import migrate
from models.paging import Window
from models.people import act_for, sign_in
from models.permissions import Actor, Permission, looking
from models.settings import database_id
from models.station.task import STATION_TASKS
from tui import navigation
from tui.keymap import load_settings
from tui.kit.app import TerminalApp, run_app
from tui.kit.bars import MessageLine, Offered
from tui.kit.page import Frame
from tui.kit.watcher import Watcher
from tui.routes import Items, Route, ScannerCheck
from tui.scanning.queue import RETRY
from tui.terminal.database_thread import WAITING, Calls, DatabaseThreadClosedError
from tui.terminal.spool_thread import SpoolThread
from tui.text import visible

if TYPE_CHECKING:
    from models.station.left import WaitingScans
    from tui.kit.help import ActionsDialog, HelpDialog

Result = TypeVar("Result")


MOST_NAMED: Final = 50
"""Most scans that are named when the app ends without having saved them."""


class SerialdockApp(TerminalApp):
    """One person at one terminal on one database."""

    def __init__(
        self,
        database: Any,
        actor: Actor,
        config: Config | None = None,
        *,
        rows: Window[ItemRow] | None = None,
        **options: Any,
    ) -> None:
        """Make the app.

        Args:
            database: an opened, migrated database.
            actor: the person at the terminal.
            config: the person's settings.
            rows: the first rows of the first screen, if they were read already.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(config, **options)
        self.database = database
        self.actor = actor
        self._first_rows = rows
        self.permissions: frozenset[str] = frozenset()
        """The person's permissions, as last read; every operation checks its own again."""
        self.knows_permissions = False
        """Whether the permissions were read; a key pressed before that must wait for them and not be refused."""
        self.spool = SpoolThread(self._tell_scans)
        """Keeps scans on the disk while the database does not answer."""
        self.left_scans: Sequence[WaitingScans] = ()
        """Scans that an earlier process has left, about which a person has to decide."""
        self.scan_news = ""
        """The message about the scans that were taken up by themselves; empty once the station was opened."""
        self.db = Calls(database, actor, self.say_waiting)
        """The database thread for everything that the person waits for."""
        self.last_folder: str | None = None
        """The folder of the last chosen file."""
        self._watcher = Watcher(self, self.db)

    @property
    def place(self) -> str:
        """Database and person, for the right corner of the title bar."""
        name = address(self.database)
        short = Path(name).stem if is_sqlite_url_of(self.database) else name.partition("?")[0].rpartition("/")[2]
        return f"{short} · {self.actor.shown}"

    def may(self, permission: Permission) -> bool:
        """Whether the person had the permission when it was last read; for showing and hiding only."""
        return permission in self.permissions

    async def read_permissions(self) -> None:
        """Read the person's permissions again."""
        self.permissions = await self.db.permissions()
        self.knows_permissions = True

    def say_waiting(self, text: str) -> None:
        """Show in front that a write waits for another one; an empty text removes that message."""
        # Removed from all screens, since another one may have come in front meanwhile.
        lines = [line for screen in self.screen_stack for line in screen.query(MessageLine)]
        for line in lines[-1:] if text else lines:
            if text or line.said == WAITING:
                line.say(text, "warning")

    def first_screen(self) -> Screen[Any]:
        """The list of items."""
        rows, self._first_rows = self._first_rows, None  # a list that is opened later reads its own
        return navigation.first_screen(rows)

    # ----- opening: see `Context`

    async def open(self, route: Route[Result]) -> Result | None:
        """Open the screen of a route and wait until it is left."""
        return await navigation.open(self, route)

    async def open_scanned(self, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None) -> str:
        """Open what a scan names."""
        return await navigation.open_scanned(self, below, *scans, closed=closed)

    async def show_scanned(
        self, below: Screen[Any], route: Route[Any], closed: Callable[[], object] | None = None
    ) -> None:
        """Open the screen of a scan."""
        await navigation.show_scanned(self, below, route, closed)

    def help_on(self, screen: Screen[Any]) -> HelpDialog | None:
        """Make the help on a screen."""
        return navigation.help_on(screen)

    def menu_of(self, screen: Screen[Any], more: Sequence[Offered]) -> ActionsDialog | None:
        """Make the menu of a screen."""
        return navigation.menu_of(screen, more)

    def more_offered(self, screen: Screen[Any]) -> Sequence[Offered]:
        """Offer on every full screen the way to the others, and the scanner check."""
        if not isinstance(screen, Frame):
            return []
        offered = [
            Offered(f"Go to {name}", f"app.go_to({name!r})")
            for name, route in navigation.GO_TO.items()
            if not screen.name_if_shown(route) and (name != "station" or self._offers_station(screen))
        ]
        if not screen.name_if_shown(ScannerCheck()):
            offered.append(Offered("Scanner check", "app.scanner_check"))
        return offered

    def _offers_station(self, screen: Frame[Any]) -> bool:
        """Whether the menu leads to the station; on the list of items its own key does."""
        may = not self.knows_permissions or any(self.may(task.permission) for task in STATION_TASKS)
        return may and not screen.name_if_shown(Items())

    @work(exclusive=True, group="go to")
    async def action_go_to(self, name: str) -> None:
        """Go to another screen of the menu.

        Args:
            name: its name there, see `navigation.GO_TO`.
        """
        said = await navigation.go_to(self, navigation.GO_TO[name])
        if said:
            self.tell(str(said), "done")

    @work(exclusive=True, group="scanner check")
    async def action_scanner_check(self) -> None:
        """Open the scanner check."""
        await self.open(ScannerCheck())

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) else error
        if isinstance(error, WorkerFailed) and isinstance(cause, SerialdockError):
            # A refusal or trouble that the worker's screen has no place of its own for.
            self.tell(cause.message, "problem")
        # The database thread closes when the app ends; a worker that calls it afterwards needs no answer.
        elif not isinstance(cause, DatabaseThreadClosedError):
            super()._handle_exception(error)

    # ----- scans that wait

    @on(Ready)
    def _begin_to_watch(self) -> None:
        self._watcher.begin()

    @on(Ready)  # the first screen is drawn
    @work(group="spool")
    async def _begin_to_keep(self) -> None:
        """Make the spool, and take up what an earlier process has left."""
        while True:  # without the id of the database, nothing tells whose scans are on the disk
            try:
                await self.spool.open(await self.db.write(database_id))
            except DatabaseTrouble:
                await asyncio.sleep(RETRY)
            except OSError as error:  # the program works without a spool, so this ends nothing
                why = error.strerror or error
                self.tell(f"While the database is away, no scan can be kept on this machine: {why}.", "warning")
                break
            else:
                break
        await self.take_up_scans()

    async def take_up_scans(self) -> None:
        """Take what an earlier process has left into its drafts, and note what a person has to decide about."""
        while True:
            try:
                taken = await navigation.take_up_scans(self)
            except DatabaseTrouble:  # the scans are on the disk; nobody need be told before the database answers
                await asyncio.sleep(RETRY)
            except Refusal as refusal:
                self.tell(refusal.message, "warning")
                return
            else:
                break
        self.left_scans, count = (taken.left, taken.taken) if taken is not None else ((), 0)
        self._tell_scans()
        if count:
            scans = "1 scan that waited is" if count == 1 else f"{count:,} scans that waited are"
            self.scan_news = f"{scans} in the draft now. F7 goes on with it."
        if self.left_words:
            self.tell(self.left_words, "warning" if self.left_scans else "done")

    @property
    def left_words(self) -> str:
        """The sentence about scans that an earlier process has left, or that were taken up; empty if there are none."""
        if not self.left_scans:
            return self.scan_news
        more = f" And {len(self.left_scans) - 1} more." if len(self.left_scans) > 1 else ""
        taken = f"{self.scan_news} " if self.scan_news else ""
        return f"{taken}{self.left_scans[0].sentence}.{more} F7: take them, show, discard."

    def _tell_scans(self) -> None:
        """Show in the title bars how many scans wait, and since when."""
        # Both kinds look the same to a person: scans that are not in the database yet.
        count = self.spool.waiting + sum(len(group.records) for group in self.left_scans)
        moments = [self.spool.since, *(group.since for group in self.left_scans)]
        since = min((moment for moment in moments if moment is not None), default=None)
        if since is None:  # nothing waits, or what was written just now has its verdict already
            self.tell_waiting(())
            return
        when = f"{since.astimezone():%H:%M}" if day(since) == day(clock.now()) else clock_time(since)
        scans, wait = ("1 scan", "waits") if count == 1 else (f"{count:,} scans", "wait")
        # From long to short, for the width of the title bar.
        self.tell_waiting((f"{scans} {wait} since {when}", f"{count:,} {wait} since {when}", f"{count:,} {wait}"))

    def keep(self) -> None:
        """Write the scans without a verdict to the disk."""
        with suppress(OSError):  # the line has said NOT SAVED, or the process is ended before it could
            self.spool.keep_now()

    @property
    def farewell(self) -> str:
        """The message at the end: how many scans wait for the next start, and those that could not be kept."""
        lost = [record.text.strip() for record in self.spool.lost]
        count = self.spool.remaining - len(lost)
        said = ""
        if count:
            scans, they = ("1 scan waits", "it") if count == 1 else (f"{count:,} scans wait", "them")
            said = f"{scans} on this machine for the database. The next start of serialdock takes {they} up. "
        if lost:
            scans, they = ("1 scan was", "it") if len(lost) == 1 else (f"{len(lost):,} scans were", "them")
            more = f" and {len(lost) - MOST_NAMED:,} more" if len(lost) > MOST_NAMED else ""
            said += f"{scans} saved nowhere; scan {they} again: {', '.join(lost[:MOST_NAMED])}{more}."
        return said.rstrip()

    @on(Unmount)
    async def _finish(self) -> None:
        """Let the database thread finish its queue, and keep what it could not take."""
        # At an end by force the process has little time, and all scans are on the disk.
        await self.db.close(timeout=0.5 if self.return_code else 5.0)
        await self.spool.finish()


def run(url: str, *, user: str | None = None) -> NoReturn:
    """Run the app on a database, then end the process.

    Args:
        url: the database; it is migrated first.
        user: login to act as, with that user's permissions; for administrators only.

    Raises:
        SerialdockError: the database cannot be used, or the person is not allowed to.
        SystemExit: with the program's exit code.
    """
    config = load_settings()
    database = open_database(url)
    # Before the app takes the terminal, so that notes and refusals stay in the shell.
    migrate(database, lambda note: print(f"serialdock: {visible(note)}", file=sys.stderr), is_asked=False)
    try:
        actor = call(database, sign_in)
        if user is not None:
            actor = call(database, act_for, actor, user)
        rows = None
        with suppress(SerialdockError):  # the screen reads them again, and says why it cannot
            rows = call(database, looking, actor, navigation.first_rows)
    finally:
        disconnect(database)  # the database thread opens its own: a connection belongs to one thread
    app = SerialdockApp(database, actor, config, rows=rows)

    # What is imported stays to the end. A full collection would fall just before the first rows and look at all of it.
    gc.freeze()
    run_app(app)

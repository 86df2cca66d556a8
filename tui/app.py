"""The application: wires database thread, navigation and first screen, and opens the database."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from textual import on, work
from textual.events import Unmount
from textual.screen import Screen

from models.config import Config
from models.database.connection import address, call, disconnect, is_sqlite_url_of, open_database
from models.migrations import migrate
from models.people import act_for, sign_in
from models.permissions import Actor, Permission
from tui import navigation
from tui.kit.app import TerminalApp, load_settings, run_app
from tui.kit.bars import MessageLine
from tui.kit.help import Offered
from tui.kit.page import Frame
from tui.routes import Route, ScannerCheck
from tui.terminal.database_thread import WAITING, Calls, DatabaseThreadClosedError

Result = TypeVar("Result")


def nothing() -> None:
    """Do nothing."""


class SerialdockApp(TerminalApp):
    """One person at one terminal on one database."""

    def __init__(self, database: Any, actor: Actor, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            database: an opened, migrated database.
            actor: the person at the terminal.
            config: the person's settings.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(config, **options)
        self.database = database
        self.actor = actor
        self.permissions: frozenset[str] = frozenset()
        """The person's permissions, as last read; every operation checks its own again."""
        self.knows_permissions = False
        """Whether the permissions were read; a key pressed before that must wait for them and not be refused."""
        self.db = Calls(database, actor, self.say_waiting)
        """The database thread for everything that the person waits for."""
        self.last_folder: str | None = None
        """The folder of the last chosen file."""
        self.after_first_rows: Callable[[], None] = nothing
        """Called once, when the first screen has loaded its rows."""

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
        return navigation.first_screen()

    # ----- opening: see `Context`

    async def open(self, route: Route[Result]) -> Result | None:
        """Open the screen of a route and wait until it is left."""
        return await navigation.open(self, route)

    async def open_scanned(self, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None) -> str:
        """Open what a scan names."""
        return await navigation.open_scanned(self, below, *scans, closed=closed)

    async def open_first(self, below: Screen[Any], scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first known text names."""
        return await navigation.open_first(self, below, scans, found)

    async def show_scanned(
        self, below: Screen[Any], route: Route[Any], closed: Callable[[], object] | None = None
    ) -> None:
        """Open the screen of a scan."""
        await navigation.show_scanned(self, below, route, closed)

    def more_offered(self, screen: Screen[Any]) -> Sequence[Offered]:
        """Offer the scanner check on every full screen except its own."""
        is_offered = isinstance(screen, Frame) and not screen.name_if_shown(ScannerCheck())
        return [Offered("Scanner check", "app.scanner_check")] if is_offered else []

    @work(exclusive=True, group="scanner check")
    async def action_scanner_check(self) -> None:
        """Open the scanner check."""
        await self.open(ScannerCheck())

    def _handle_exception(self, error: Exception) -> None:
        # The database thread closes when the app ends; a worker that calls it afterwards needs no answer.
        if not isinstance(getattr(error, "error", error), DatabaseThreadClosedError):
            super()._handle_exception(error)

    @on(Unmount)
    async def _finish(self) -> None:
        """Let the database thread finish its queue."""
        await self.db.close()

    def rows_are_here(self) -> None:
        """Run `after_first_rows` once; the first screen calls this whenever it has read its list."""
        act, self.after_first_rows = self.after_first_rows, nothing
        act()


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
    migrate(database)
    try:
        actor = call(database, sign_in)
        if user is not None:
            actor = call(database, act_for, actor, user)
    finally:
        disconnect(database)
    app = SerialdockApp(database, actor, config)

    # Modules and widgets loaded by then stay alive: freezing them spares the garbage collector repeated scans.
    app.after_first_rows = gc.freeze
    run_app(app)

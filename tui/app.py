"""The application: wiring of database thread, keyboard, colours and first screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

from textual import on
from textual.events import Unmount
from textual.screen import Screen

from models.config import Config
from models.database.connection import address, call, connect, disconnect, is_sqlite_url_of, is_waiting
from models.permissions import Actor, Permission, looking, permissions_of
from tui.database_thread import DatabaseThread, DatabaseThreadClosedError
from tui.memory import SWEPT_AFTER, settle, sweep
from tui.terminal_app import TerminalApp, load_settings, run_app
from tui.widgets.message_line import MessageLine

P = ParamSpec("P")
T = TypeVar("T")


WAITING: Final = "Waiting for the database: somebody else is writing …"
"""What is said while a write waits for another."""

WAITING_TOLD_AFTER: Final = 1.0
"""Seconds of waiting until it is said."""

WAITING_LOOK: Final = 0.05
"""Seconds between two looks whether the waiting is over."""


def nothing() -> None:
    """Do nothing."""


class SerialdockApp(TerminalApp):
    """One person at one terminal on one database."""

    def __init__(self, database: Any, actor: Actor, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            database: an opened, migrated database.
            actor: who is at the terminal.
            config: what the person has set.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(config, **options)
        self.database = database
        self.actor = actor
        self.permissions: frozenset[str] = frozenset()
        """What the person may do, as last read; the operations ask again."""
        self.knows_permissions = False
        """Whether they were read at all; a key that comes before must not be lost to that."""
        self.db = Calls(database, actor, self.say_waiting)
        """The thread of the database, for what a person waits for."""
        self.last_folder: str | None = None
        """Where a file was chosen last."""
        self.after_first_rows: Callable[[], None] = nothing
        """Called once, when the first screen has its rows."""

    @property
    def place(self) -> str:
        """Database and person, for the corner of a screen."""
        name = address(self.database)
        short = Path(name).stem if is_sqlite_url_of(self.database) else name.partition("?")[0].rpartition("/")[2]
        return f"{short} · {self.actor.shown}"

    def may(self, permission: Permission) -> bool:
        """Whether the person held the permission when it was last read; for showing and hiding."""
        return permission in self.permissions

    async def read_permissions(self) -> None:
        """Read anew what the person may do."""
        self.permissions = await self.db.permissions()
        self.knows_permissions = True

    def say_waiting(self, text: str) -> None:
        """Say on the screen in front that a write waits for somebody else's; an empty text takes that away."""
        lines = [line for screen in self.screen_stack for line in screen.query(MessageLine)]
        for line in lines[-1:] if text else lines:
            if text or line.said == WAITING:
                line.say(text, "warning")

    def first_screen(self) -> Screen[Any]:
        """The list of items."""
        from tui.screens.items import ItemsScreen  # noqa: PLC0415 - the screens need the app's name

        return ItemsScreen()

    def _handle_exception(self, error: Exception) -> None:
        # The database is closed when the app goes; a worker that asks it then has nobody left to answer to.
        if not isinstance(getattr(error, "error", error), DatabaseThreadClosedError):
            super()._handle_exception(error)

    @on(Unmount)
    async def _finish(self) -> None:
        """Let the database thread finish what it was given."""
        await self.db.close()

    async def action_scanner_check(self) -> None:
        """Open the scanner check, unless it is open."""
        from tui.screens.scanner_check import ScannerCheckScreen  # noqa: PLC0415 - seldom used

        if not isinstance(self.screen, ScannerCheckScreen):
            await self.push_screen(ScannerCheckScreen())

    def rows_are_here(self) -> None:
        """Do what waits for the first rows; called by the first screen whenever it has read its list."""
        act, self.after_first_rows = self.after_first_rows, nothing
        act()


class Calls(DatabaseThread):
    """The database thread of one person: calls have a working connection, and trouble comes back in sentences."""

    def __init__(
        self, database: Any, actor: Actor, say_waiting: Callable[[str], None], *, name: str = "database"
    ) -> None:
        """Make the thread.

        Args:
            database: opened and migrated.
            actor: in whose name it reads.
            say_waiting: is given what to say when a write has waited a second for somebody else's; then an empty text.
            name: as for `DatabaseThread`.
        """
        super().__init__(lambda: connect(database), lambda: disconnect(database), name=name)
        self._database, self._actor, self._say_waiting = database, actor, say_waiting

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look something up, if the person may; see `DatabaseThread.run`."""
        allowed = partial(looking, self._actor, function)
        return await super().run(partial(call, self._database, allowed), *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call an operation, which asks for its permission itself; see `DatabaseThread.write`."""
        watching = asyncio.create_task(self._watch())
        try:
            return await super().write(partial(call, self._database, function), *args, **kwargs)
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        """Say it while this thread waits for the write lock of a database in a file."""
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

    async def permissions(self) -> frozenset[str]:
        """What the person may do now."""
        return await super().run(partial(call, self._database, permissions_of, self._actor.user_id))


def run(url: str, *, user: str | None = None) -> NoReturn:
    """Open the app on a database and end the process when the person has left.

    Args:
        url: the database; it is migrated first.
        user: act with this user's permissions; only for administrators.

    Raises:
        SerialdockError: the database cannot be used, or the person may not.
        SystemExit: with the program's exit code.
    """
    from models.database.connection import open_database  # noqa: PLC0415
    from models.migrations import migrate  # noqa: PLC0415
    from models.people import act_for, sign_in  # noqa: PLC0415

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

    def tidy() -> None:
        settle()
        app.set_timer(SWEPT_AFTER, sweep)

    app.after_first_rows = tidy
    run_app(app)

"""The application: wiring of database thread, keyboard, colours and first screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NoReturn, ParamSpec, TypeVar

from textual import on
from textual.events import Unmount
from textual.screen import Screen

from models.config import Config
from models.database import address, call, connect, disconnect, is_sqlite_url_of
from models.permissions import Actor, Permission, looking, permissions_of
from tui.database_thread import DatabaseThread, DatabaseThreadClosedError
from tui.memory import settle
from tui.terminal_app import TerminalApp, load_settings, run_app

P = ParamSpec("P")
T = TypeVar("T")


class SerialdockApp(TerminalApp):
    """One person at one terminal on one database."""

    STYLES_BEHIND: ClassVar[tuple[str, ...]] = ("parts", "item", "serials", "documents", "station")

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
        self.db = Calls(database, actor)
        """The thread of the database, for what a person waits for."""
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

    def __init__(self, database: Any, actor: Actor) -> None:
        """Make the thread.

        Args:
            database: opened and migrated.
            actor: in whose name it reads.
        """
        super().__init__(lambda: connect(database), lambda: disconnect(database))
        self._database, self._actor = database, actor

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look something up, if the person may; see `DatabaseThread.run`."""
        allowed = partial(looking, self._actor, function)
        return await super().run(partial(call, self._database, allowed), *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call an operation, which asks for its permission itself; see `DatabaseThread.write`."""
        return await super().write(partial(call, self._database, function), *args, **kwargs)

    async def permissions(self) -> frozenset[str]:
        """What the person may do now."""
        return await super().run(partial(call, self._database, permissions_of, self._actor.user_id))


def nothing() -> None:
    """Do nothing."""


def run(url: str, *, user: str | None = None) -> NoReturn:
    """Open the app on a database and end the process when the person has left.

    Args:
        url: the database; it is migrated first.
        user: act with this user's permissions; only for administrators.

    Raises:
        SerialdockError: the database cannot be used, or the person may not.
        SystemExit: with the program's exit code.
    """
    from models.database import open_database  # noqa: PLC0415
    from models.migrations import migrate  # noqa: PLC0415
    from models.operations.people import act_for, sign_in  # noqa: PLC0415

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
    app.after_first_rows = settle
    run_app(app)

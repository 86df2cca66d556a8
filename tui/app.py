"""The application: wiring of database thread, keyboard, colours and first screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import Any, ClassVar, NoReturn, ParamSpec, TypeVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.events import Unmount

from models.config import Config, config_file
from models.database import address, call, connect, disconnect, is_sqlite_url_of
from models.errors import BadValue
from models.permissions import Actor, Permission, looking, permissions_of
from tui.database_thread import DatabaseThread
from tui.frugal import FrugalDisplay
from tui.keyboard.bytes import TerminalDriver
from tui.keyboard.ordered import KeysDropped, OrderedKeys
from tui.lifeline import Lifeline, crash_message, write_crash_report
from tui.memory import settle
from tui.themes import THEMES, default_theme

P = ParamSpec("P")
T = TypeVar("T")


class SerialdockApp(FrugalDisplay[int], OrderedKeys[int], inherit_bindings=False):
    """One person at one terminal on one database."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path("styles/serialdock.tcss"),
        Path("styles/item.tcss"),
        Path("styles/serials.tcss"),
    ]
    TITLE = "Serialdock"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "nothing", show=False),
    ]

    def __init__(self, database: Any, actor: Actor, config: Config | None = None, **options: Any) -> None:
        """Make the app.

        Args:
            database: an opened, migrated database.
            actor: who is at the terminal.
            config: what the person has set.
            **options: for Textual's App, such as `driver_class`.
        """
        super().__init__(**{"driver_class": TerminalDriver, **options})
        self.database = database
        self.actor = actor
        self.config = config or Config()
        self.permissions: frozenset[str] = frozenset()
        """What the person may do, as last read; the operations ask again."""
        self.db = Calls(database, actor)
        """The thread of the database, for what a person waits for."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.config.theme or default_theme()
        self.after_first_rows: Callable[[], None] = nothing
        """Called once, when the first screen has its rows."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return {"rule": "#808080", "quiet": "#808080", "field": "#303030", "field-focus": "#404040"}

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

    async def on_mount(self) -> None:
        """Set the keys and open the list of items."""
        self.set_keymap(dict(self.config.keymap))
        from tui.screens.items import ItemsScreen  # noqa: PLC0415 - the screens need the app's name

        await self.push_screen(ItemsScreen())

    @on(Unmount)
    async def _finish(self) -> None:
        """Let the database thread finish what it was given."""
        await self.db.close()

    def rows_are_here(self) -> None:
        """Do what waits for the first rows; called by the first screen whenever it has read its list."""
        act, self.after_first_rows = self.after_first_rows, nothing
        act()

    def action_colours(self, theme: str) -> None:
        """Change the colours until the app is left; `theme` in config.toml keeps them."""
        self.theme = theme

    def on_keys_dropped(self, event: KeysDropped) -> None:
        """Say that keys were thrown away because a screen did not come in time."""
        from tui.screens.frame import Frame  # noqa: PLC0415

        if isinstance(self.screen, Frame):
            self.screen.say(
                f"{event.count} keys typed while waiting were dropped. Look at the screen, then go on.", "problem"
            )

    def _handle_exception(self, error: Exception) -> None:
        # A worker that comes back while the app closes finds its widgets gone; that is no defect.
        cause = getattr(error, "error", error)
        if self.is_running or not isinstance(cause, NoMatches):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave a calm sentence and a report instead of a traceback; called by Textual for a defect."""
        if not self._exit_renderables:
            report = write_crash_report(self._exception)
            self._exit_renderables.append(Text(crash_message(report)))
        self._close_messages_no_wait()

    def action_nothing(self) -> None:
        """Swallow a key that scanners send."""


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


def _check(config: Config) -> None:
    names = [theme.name for theme in THEMES]
    if config.theme is not None and config.theme not in names:
        raise BadValue(f"In {config_file()}, theme is {config.theme!r}. There are: {', '.join(names)}.")
    if config.keymap:
        from tui.keyboard.named import check_keymap  # noqa: PLC0415 - loads every screen

        check_keymap(config.keymap, config_file())


def run(url: str, *, user: str | None = None) -> NoReturn:
    """Open the app on a database and end the process when the person has left.

    Args:
        url: the database; it is migrated first.
        user: act with this user's permissions; only for administrators.

    Raises:
        SerialdockError: the database cannot be used, or the person may not.
        SystemExit: with the program's exit code.
    """
    from models.config import load_config  # noqa: PLC0415
    from models.database import open_database  # noqa: PLC0415
    from models.migrations import migrate  # noqa: PLC0415
    from models.operations.people import act_for, sign_in  # noqa: PLC0415

    config = load_config()
    _check(config)
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
    lifeline = Lifeline()
    with lifeline.guard(app):
        app.run(mouse=config.mouse)
    lifeline.leave(app.return_code or 0)

"""What screens, dialogs and widgets need of the app, so that none of them has to import it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal, Protocol, TypeVar

from textual.await_complete import AwaitComplete
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import AwaitMount
from textual.worker import Worker

from models.config import Config
from models.permissions import Actor, Permission
from tui.routes import Route
from tui.terminal.database_thread import Calls
from tui.terminal.keys_in_order import Keyboard

Result = TypeVar("Result")

Kind = Literal["note", "done", "warning", "problem"]
"""How much a message matters; each has a mark, so that colour is not needed."""


class Context(Protocol):
    """One person at one terminal on one database."""

    actor: Actor
    """Who is at the terminal."""
    config: Config
    database: Any
    db: Calls
    """The database thread."""
    knows_permissions: bool
    """Whether the permissions were read; a key that comes before must not be lost to that."""
    last_folder: str | None
    """Where a file was chosen last."""

    @property
    def keyboard(self) -> Keyboard:
        """The queue of keys."""

    @property
    def place(self) -> str:
        """Database and person, for the corner of a screen."""

    @property
    def screen(self) -> Screen[Any]:
        """The screen or dialog in front."""

    @property
    def size(self) -> Size:
        """Of the terminal."""

    # ----- the person

    def may(self, permission: Permission) -> bool:
        """Whether the person held the permission when it was last read; for showing and hiding."""

    async def read_permissions(self) -> None:
        """Read again what the person may do."""

    # ----- opening

    async def open(self, route: Route[Result]) -> Result | None:
        """Open what a route names, and wait until the person has left it; for workers, outside of a hold.

        Raises:
            SerialdockError: it cannot be read, or the person may not.
        """

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Open a new dialog, and wait for what it returns; None where it was left. For workers.

        Keys that were typed before it is there wait for it. A worker that reads something first does so in a hold of
        its own and calls this right after it.
        """

    async def open_scanned(self, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None) -> str:
        """Open what a scan names; call it in a hold. Where several serials have the text, the person is asked which.

        Args:
            below: the screen on which it was scanned.
            *scans: the scan; or several texts, one of which it is: the first that names something.
            closed: is called when the person comes back from a serial.

        Returns:
            The text that was it.

        Raises:
            SerialdockError: nothing is named, or it cannot be understood; of several texts the first.
        """

    async def open_first(self, below: Screen[Any], scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first of some texts names that names anything; call it in a hold.

        Args:
            below: the screen on which they were typed or scanned.
            scans: the texts.
            found: is told which of them it is, before that is opened.

        Returns:
            Whether one of them names something, or is a command, which is never anything else.
        """

    async def show_scanned(
        self, below: Screen[Any], route: Route[Any], closed: Callable[[], object] | None = None
    ) -> None:
        """Open the screen of what was scanned, without waiting until it is left; call it in a hold.

        It takes the place of what the scan before it has opened, so that one step back leads to where the scanning
        began. What a person opened by hand stays below.

        Args:
            below: the screen on which it was scanned.
            route: what to open.
            closed: is called when the person comes back.

        Raises:
            SerialdockError
        """

    def push_screen(
        self, screen: Screen[Result], callback: Callable[[Result | None], None] | None = None
    ) -> AwaitMount:
        """Put a screen in front; `ask` waits for its result."""

    def switch_screen(self, screen: Screen[Any]) -> AwaitComplete:
        """Put a screen in the place of the one in front."""

    # ----- saying

    def tell(self, text: str, kind: Kind = "note") -> None:
        """Show a message on the uppermost whole screen, whatever dialog stands before it."""

    def say_waiting(self, text: str) -> None:
        """Say in front that a write waits for somebody else's; an empty text takes that away."""

    def notify(
        self, message: str, *, severity: Literal["information", "warning", "error"] = ..., markup: bool = ...
    ) -> None:
        """Show a message that goes away by itself."""

    def redraw(self) -> None:
        """Write the whole screen again, for a terminal that shows something else than it should."""

    def rows_are_here(self) -> None:
        """Note that the first screen has read its list."""

    # ----- work that outlives a screen

    def run_worker(
        self, work: Coroutine[Any, Any, Result], name: str | None = "", group: str = "default"
    ) -> Worker[Result]:
        """Run something in the background."""

    def set_timer(self, delay: float, callback: Callable[[], object] | None = None) -> Timer:
        """Call something later."""

    def set_interval(self, interval: float, callback: Callable[[], object] | None = None) -> Timer:
        """Call something again and again."""

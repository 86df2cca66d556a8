"""The `Context` protocol: what screens, dialogs and widgets need of the app, so that none has to import it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from textual.await_complete import AwaitComplete
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import AwaitMount
from textual.worker import Worker

from models.config import Config
from models.orders import Sorting
from models.permissions import Actor, Permission
from tui.routes import Route
from tui.terminal.database_thread import Calls
from tui.terminal.keys_in_order import Keyboard
from tui.terminal.spool_thread import SpoolThread

if TYPE_CHECKING:
    from models.station.left import WaitingScans

Result = TypeVar("Result")

Kind = Literal["note", "done", "warning", "problem"]
"""Severity of a message; each has a mark, so that colour is not needed."""


@dataclass(slots=True)
class RememberedList:
    """The order, Find text and filters of a kind of list, remembered for the session."""

    sorting: Sorting | None = None
    """The chosen order; None for the usual one."""
    find: str = ""
    """The text in Find."""
    find_of: object = None
    """The record whose list it narrows; None for a list that is of no record."""
    filters: Any = None
    """Its other filters, as the list keeps them; None for none."""


class Context(Protocol):
    """The app as its parts see it: one person at one terminal on one database."""

    actor: Actor
    """The person at the terminal."""
    config: Config
    database: Any
    db: Calls
    """The database thread."""
    spool: SpoolThread
    """Keeps scans on the disk while the database does not answer."""
    left_scans: Sequence[WaitingScans]
    """Scans that an earlier process has left, about which a person has to decide."""
    knows_permissions: bool
    """Whether the permissions were read; a key pressed before that must wait for them and not be refused."""
    last_folder: str | None
    """The folder of the last chosen file."""

    @property
    def keyboard(self) -> Keyboard:
        """The key queue."""

    @property
    def place(self) -> str:
        """Database and person, for the right corner of the title bar."""

    scan_news: str
    """The message about left scans that were taken up by themselves; empty once the station was opened."""

    def remembered(self, name: str) -> RememberedList:
        """The remembered order and filters of a kind of list; changes of the result are remembered too.

        Args:
            name: of the kind, such as `customers`.
        """

    @property
    def left_words(self) -> str:
        """The sentence about `left_scans` and `scan_news`; empty if there are none."""

    @property
    def screen(self) -> Screen[Any]:
        """The screen or dialog in front."""

    @property
    def screen_stack(self) -> Sequence[Screen[Any]]:
        """All open screens and dialogs, the one in front last."""

    @property
    def size(self) -> Size:
        """Size of the terminal, in cells."""

    # ----- the person

    def may(self, permission: Permission) -> bool:
        """Whether the person had the permission when it was last read; for showing and hiding only."""

    async def read_permissions(self) -> None:
        """Read the person's permissions again."""

    async def take_up_scans(self) -> None:
        """Read again which scans an earlier process has left, after some were settled."""

    # ----- opening

    async def open(self, route: Route[Result]) -> Result | None:
        """Open the screen of a route and wait until it is left; for workers, outside any hold.

        Raises:
            SerialdockError: its data cannot be read, or the person is not allowed to.
        """

    async def ask(self, dialog: Screen[Result]) -> Result | None:
        """Open a new dialog and wait for its result; None when it was left. For workers.

        Keys typed before it is open wait for it. A worker that reads something first does so in its own hold and calls
        this directly after it.
        """

    async def open_scanned(self, below: Screen[Any], *scans: str, closed: Callable[[], object] | None = None) -> str:
        """Open what a scan names; call it in a hold. If several serials have the text, the person is asked which.

        Args:
            below: the screen on which it was scanned.
            *scans: the possible texts of the scan; the first known one is opened.
            closed: called when the person comes back from a serial or a location.

        Returns:
            The text that was opened.

        Raises:
            SerialdockError: no text is known or understood: the refusal of the first one, or of a command barcode.
        """

    async def show_scanned(
        self, below: Screen[Any], route: Route[Any], closed: Callable[[], object] | None = None
    ) -> None:
        """Open the screen of a scan without waiting until it is left; call it in a hold.

        It replaces the screen that the previous scan opened, so that one step back leads to where the scanning began.
        A screen that a person opened by hand stays below.

        Args:
            below: the screen on which it was scanned.
            route: the route to open.
            closed: called when the person comes back.

        Raises:
            SerialdockError
        """

    def push_screen(
        self, screen: Screen[Result], callback: Callable[[Result | None], None] | None = None
    ) -> AwaitMount:
        """Open a screen in front; `ask` also waits for its result."""

    def switch_screen(self, screen: Screen[Any]) -> AwaitComplete:
        """Replace the screen in front."""

    # ----- messages and drawing

    def tell(self, text: str, kind: Kind = "note") -> None:
        """Show a message on the topmost full screen, behind any dialog."""

    def say_waiting(self, text: str) -> None:
        """Show in front that a write waits for another one; an empty text removes that message."""

    def notify(
        self, message: str, *, severity: Literal["information", "warning", "error"] = ..., markup: bool = ...
    ) -> None:
        """Show a message that disappears by itself."""

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the clipboard of the terminal (OSC 52), which may ignore it."""

    def redraw(self) -> None:
        """Rewrite the whole screen, for a terminal whose content is wrong."""

    # ----- workers and timers that outlive a screen

    def run_worker(
        self, work: Coroutine[Any, Any, Result], name: str | None = "", group: str = "default"
    ) -> Worker[Result]:
        """Run a coroutine in a worker of the app."""

    def set_timer(self, delay: float, callback: Callable[[], object] | None = None) -> Timer:
        """Call back once after `delay` seconds."""

    def set_interval(self, interval: float, callback: Callable[[], object] | None = None) -> Timer:
        """Call back every `interval` seconds."""

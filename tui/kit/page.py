"""The base class of screens: title bar, message line, key bar, help, menu, and access to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from models.errors import SerialdockError
from tui.context import Context, Kind
from tui.kit.bars import FIRST, KeyBar, MessageLine, TitleBar
from tui.routes import Route
from tui.scanning.fields import TakesText, WaitsForEnd
from tui.scanning.listener import Heard, KeyAdded, KeyTarget, Listener, Refused, Scanned, UsedUp, nothing
from tui.scanning.screens import Passed, ScanRun

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result")


class Frame(Screen[Result]):
    """A full screen; subclasses compose the body between title and message line."""

    TITLE_TEXT: ClassVar[str] = ""
    """The initial title; `tell_title` changes it."""

    HELP: ClassVar[str] = ""
    """Help text for F1 when the focused widget has none."""

    KEYS_FIRST: ClassVar[tuple[str, ...]] = FIRST
    """Actions whose keys stay in the key bar when few fit."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (30, "-narrow"),
        (60, "-normal"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (20, "-tall")]

    CATCHES: bool = True
    """Whether scans are opened here; False for a screen with a scan line of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", "Help", id="screen.help", tooltip="Explain what the cursor is on, and list the keys"),
        Binding("f3", "leave", "Back", id="screen.leave", tooltip="Go back to where you came from"),
        Binding("escape", "leave", "Back", id="screen.escape", tooltip="Go back to where you came from", show=False),
        Binding(
            "ctrl+g",
            "app.actions",
            "Menu",
            id="screen.actions",
            tooltip="List everything that can be done here, by number",
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener = Listener(KeyTarget.SCREEN, nothing)
        self.closed: Callable[[], object] = nothing
        """Called when the person leaves this screen."""
        self.is_of_scan = False
        """Whether a scan opened this screen."""
        self.scan_run = ScanRun()
        """Counts unseen scans; passed on to a screen that a scan opens."""

    @property
    def context(self) -> Context:
        """The app, as the part of it that screens need."""
        return cast("Context", self.app)

    @property
    def gives_way(self) -> bool:
        """Whether the screen of the next scan may replace this one without losing anything."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go back.

        Args:
            result: as for every screen.
        """
        self.closed()
        return super().dismiss(result)

    def name_if_shown(self, route: Route[Any]) -> str:
        """The name of what a route leads to, if this screen shows it; else an empty text."""
        return ""

    @contextmanager
    def scan_refusals_shown(self) -> Iterator[None]:
        """Catch a refusal, and show it with the sentence about unseen scans."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(self.scan_run.told(refusal.message), "problem")
            self.scan_run.shown()

    def on_key(self, event: events.Key) -> None:
        """Collect scans while no text field has the focus."""
        if not self.CATCHES or isinstance(self.focused, TakesText):
            return
        heard = self._listener.take(event.key, event.character, event.time)
        if isinstance(heard, KeyAdded | UsedUp | Scanned | Refused):
            event.stop()
            event.prevent_default()
            self._hear(heard)

    def on_paste(self, event: events.Paste) -> None:
        """Take a one-line paste outside of text fields as a scan; some terminals send scans that way."""
        if not self.CATCHES or isinstance(self.focused, TakesText):
            return
        heard = list(self._listener.paste(event.text, event.time))
        if len(heard) == 1:
            event.stop()
            self._hear(heard[0])

    def _hear(self, heard: Heard[None]) -> None:
        if isinstance(heard, Scanned):
            self.open_scan(heard.span.ended, *(part.text for part in heard.parts))
        elif isinstance(heard, Refused):
            self.say(heard.reason.sentence, "problem")

    @work(exclusive=True, group="scan")
    async def open_scan(self, ended: float, *scans: str) -> None:
        """Open what a scan names, or show why it cannot be opened.

        Args:
            ended: when its line end was read, in seconds.
            *scans: the whole text, then the tails of it that follow a pause and may be the scan alone.
        """
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            self.scan_run.begin(ended)
            await self.context.open_scanned(self, *scans)

    async def open_first(self, ended: float, scans: Sequence[str], found: Callable[[str], object]) -> bool:
        """Open what the first known text names; call it in a hold.

        Args:
            ended: when the line end was read, in seconds.
            scans: possible texts of the scan, tried in order.
            found: called with the known text before its screen opens.

        Returns:
            Whether one of the texts is known.
        """
        self.scan_run.begin(ended)
        return await self.context.open_first(self, scans, found)

    @property
    def taker_of_scans(self) -> Callable[[Passed], object] | None:
        """Called with scans while help or the menu is in front of this screen; None leaves scans to those dialogs."""
        return None

    @property
    def offered(self) -> Sequence[tuple[str, str]]:
        """Menu entries without a key: pairs of label and action of this screen."""
        return ()

    @property
    def keys_first(self) -> tuple[str, ...]:
        """The current `KEYS_FIRST`."""
        return self.KEYS_FIRST

    def compose(self) -> ComposeResult:
        """Title bar, body, rule, message line, key bar."""
        self._know_size()
        yield TitleBar(self.TITLE_TEXT, self.context.place)
        yield from self.compose_body()
        yield Static(classes="rule")
        yield MessageLine()
        yield KeyBar()

    def _know_size(self) -> None:
        """Set the breakpoint classes before there are widgets, so that each widget is styled only once.

        Textual sets them at the first resize, after everything was styled without them.
        """
        width, height = self.app.size
        for size, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(*self._get_breakpoint_classes(size, breakpoints), update=False)

    def compose_body(self) -> ComposeResult:
        """The body, between title and message line."""
        yield from ()

    def tell_title(self, title: str) -> None:
        """Change the title. It may contain any characters."""
        self.query_one(TitleBar).tell(title)

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message in the message line. `text` may contain any characters."""
        self.query_one(MessageLine).say(text, kind)

    @on(WaitsForEnd.Unfinished)
    def _tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        event.stop()
        self.query_one(MessageLine).tell_unfinished(event)

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Catch a refusal and show it in the message line."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read from the database; the result is dropped when a newer worker replaces this one.

        Raises:
            SerialdockError
        """
        return await self.context.db.run(function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the database; once submitted, it is carried out even if this screen closes.

        Raises:
            SerialdockError
        """
        return await self.context.db.write(function, *args, **kwargs)

    def renew_keys(self) -> None:
        """Update the key bar after the available actions have changed."""
        self.query_one(KeyBar).renew()

    def action_leave(self) -> None:
        """Go back to the screen before."""
        self.dismiss()

"""The base class of screens: title bar, message line, key bar, help, menu, and access to the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, ParamSpec, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from models.errors import SerialdockError
from tui.context import Kind
from tui.kit.bars import FIRST, KeyBar, MessageLine, TitleBar
from tui.scanning.fields import WaitsForEnd
from tui.scanning.screens import CatchesScans, Passed

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result")


class Frame(CatchesScans[Result]):
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

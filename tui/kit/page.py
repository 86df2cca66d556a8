"""What all screens have: a title, a message line, the keys, help, the menu of actions, and the way to the database."""

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
    """A whole screen; subclasses say what stands between title and message line."""

    TITLE_TEXT: ClassVar[str] = ""
    """The title until `tell_title` says another."""

    HELP: ClassVar[str] = ""
    """What F1 says where the focused widget has no help of its own."""

    KEYS_FIRST: ClassVar[tuple[str, ...]] = FIRST
    """Actions whose keys stay in the key bar where few fit."""

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
        """Takes what is scanned while help or the menu stands before this screen; None leaves scans to them."""
        return None

    @property
    def offered(self) -> Sequence[tuple[str, str]]:
        """What the menu offers here besides what keys do: a line and the action of this screen behind it."""
        return ()

    @property
    def keys_first(self) -> tuple[str, ...]:
        """The present `KEYS_FIRST`."""
        return self.KEYS_FIRST

    def compose(self) -> ComposeResult:
        """Title, body, rule, message, keys."""
        self._know_size()
        yield TitleBar(self.TITLE_TEXT, self.context.place)
        yield from self.compose_body()
        yield Static(classes="rule")
        yield MessageLine()
        yield KeyBar()

    def _know_size(self) -> None:
        """Set the classes of the breakpoints before there are widgets, so that all of them are styled once.

        Textual sets them at the first resize, when everything has been styled without them.
        """
        width, height = self.app.size
        for size, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(*self._get_breakpoint_classes(size, breakpoints), update=False)

    def compose_body(self) -> ComposeResult:
        """What stands between title and message line."""
        yield from ()

    def tell_title(self, title: str) -> None:
        """Change the title; any text."""
        self.query_one(TitleBar).tell(title)

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message above the keys; any text."""
        self.query_one(MessageLine).say(text, kind)

    @on(WaitsForEnd.Unfinished)
    def _tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        event.stop()
        self.query_one(MessageLine).tell_unfinished(event)

    @contextmanager
    def refusals_shown(self) -> Iterator[None]:
        """Show a refusal in the message line instead of passing it on."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(refusal.message, "problem")

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read from the database; when this worker is replaced by a newer one, the result is dropped.

        Raises:
            SerialdockError
        """
        return await self.context.db.run(function, *args, **kwargs)

    async def write(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write to the database; once handed over it is done, whatever becomes of this screen.

        Raises:
            SerialdockError
        """
        return await self.context.db.write(function, *args, **kwargs)

    def renew_keys(self) -> None:
        """Draw the key bar again after something changed what can be done."""
        self.query_one(KeyBar).renew()

    def action_leave(self) -> None:
        """Go back to the screen before."""
        self.dismiss()

"""A text that leads to another record, by Enter or by a click."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from textual import events, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui.kit.page import Frame
from tui.routes import Route
from tui.text import plain


class Link(Static, can_focus=True):
    """A link on a screen; the screen says what stands in the way of opening it."""

    HELP = "This leads to another record: Enter or a click opens it, F3 comes back. Tab goes to the next one."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "follow", "Open", id="link.open", tooltip="Open what this names"),
    ]

    def __init__(self, text: str, route: Route[Any], *, classes: str = "") -> None:
        """Make the link.

        Args:
            text: any text.
            route: what it opens.
            classes: CSS classes.
        """
        super().__init__(plain(text), classes=classes)
        self.words = text
        """Its text."""
        self.route = route
        """What it opens."""

    def lead(self, text: str, route: Route[Any]) -> None:
        """Lead to something else.

        Args:
            text: any text.
            route: what it opens.
        """
        self.words, self.route = text, route
        self.update(plain(text))

    def on_click(self, event: events.Click) -> None:
        """Open it."""
        event.stop()
        self.action_follow()

    @work(exclusive=True, group="open")
    async def action_follow(self) -> None:
        """Open what the text names."""
        frame = cast("Frame[Any]", self.screen)
        with frame.refusals_shown():
            await frame.context.open(self.route)

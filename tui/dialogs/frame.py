"""What all dialogs have: a box with a title, fields, a message line and buttons; F3 leaves without doing anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, ParamSpec, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.css.scalar import Scalar, Unit
from textual.screen import ModalScreen
from textual.widgets import Button

from tui.context import Context, Kind
from tui.scanning.fields import WaitsForEnd
from tui.scanning.screens import PassesScans
from tui.text import plain
from tui.widgets.message_line import MessageLine

P = ParamSpec("P")
T = TypeVar("T")
Result = TypeVar("Result")

TINY: Final = 30
"""Cells below which nothing has a blank to spare."""

NARROW: Final = 60
"""Cells below which the box takes the whole width."""

LOW: Final = 12
"""Rows below which a message has a row less."""

MOST_SAID: Final = 3
"""Rows of a message."""


class Dialog(ModalScreen[Result], PassesScans[Result]):
    """A box over the screen. Subclasses compose the fields and buttons; `dismiss(result)` closes it."""

    STYLE_SHEETS: ClassVar[tuple[str, ...]] = ("dialogs", "lists")
    """The style sheets that it brings, by name; see `tui.terminal_app.style_sheets`."""
    HELP: ClassVar[str] = ""
    """What F1 says where the focused widget has no help of its own."""

    WIDTH: ClassVar[int] = 62
    """Cells, where the terminal has them."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (TINY, "-narrow"), (NARROW, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LOW, "-low"), (20, "-tall")]

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", "Help", id="dialog.help", tooltip="Explain what the cursor is on, and list the keys"),
        Binding("f3", "leave", "Leave", id="dialog.leave", tooltip="Close this without doing anything"),
        Binding(
            "ctrl+g",
            "app.actions",
            "Menu",
            id="dialog.actions",
            tooltip="List everything that can be done here, by number",
        ),
        Binding(
            "escape", "leave", "Leave", id="dialog.escape", tooltip="Close this without doing anything", show=False
        ),
        Binding("f12", "leave", "Cancel", id="dialog.cancel", tooltip="Close this without doing anything", show=False),
    ]

    _is_warned = False
    """Whether the person was told what leaving loses, and has typed nothing since."""

    def __init__(self, title: str) -> None:
        """Make the box.

        Args:
            title: any text.
        """
        super().__init__()
        self.heading = title
        """The title, as given."""

    @property
    def context(self) -> Context:
        """The app, as far as dialogs need it."""
        return cast("Context", self.app)

    def compose(self) -> ComposeResult:
        """The box; its fields scroll where the terminal is too low for them."""
        with Vertical(classes="box") as box:
            box.border_title = plain(self.heading)
            box.styles.width = self.WIDTH
            with VerticalScroll(classes="fields", can_focus=False):
                yield from self.compose_fields()
            yield MessageLine()
            yield from self.compose_buttons()
        yield from self.compose_gun()

    def on_resize(self) -> None:
        """Keep frame, message and buttons on the screen; the fields scroll in what is left, to the focused one.

        Buttons that do not fit beside each other stand below each other.
        """
        self.fit()

    def fit(self) -> None:
        """Give the fields the rows that frame, message and buttons leave them."""
        width, height = self.size
        is_narrow = width < NARROW
        room = width if is_narrow else min(self.WIDTH, width) - 4
        line = self.query_one(MessageLine)
        said = _fixed(line.styles.height) or line.get_content_height(self.size, self.size, room)
        rows = height - (1 if is_narrow else 2) - min(max(1, said), MOST_SAID if height >= LOW else MOST_SAID - 1)
        button_rows = 1
        for row in self.query(".buttons"):
            buttons = [one for one in row.query_children(Button) if one.display]
            blanks = 0 if width < TINY else 1  # beside a label, and between buttons, as the style sheets have it
            is_stacked = sum(_width_of(one, blanks) for one in buttons) + blanks * (len(buttons) - 1) > room
            row.set_class(is_stacked, "-stacked")
            button_rows = len(buttons) if is_stacked else 1
        self.query_one(".fields").styles.max_height = max(2, rows - button_rows)
        self.call_after_refresh(self._scroll_to_focused)

    def _scroll_to_focused(self) -> None:
        if self.focused is not None:
            self.focused.scroll_visible(animate=False)

    def compose_fields(self) -> ComposeResult:
        """What is asked."""
        yield from ()

    def compose_buttons(self) -> ComposeResult:
        """What can be answered."""
        yield from ()

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message under the fields; any text."""
        self.query_one(MessageLine).say(text, kind)
        self.fit()

    @on(WaitsForEnd.Unfinished)
    def _tell_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        event.stop()
        self.query_one(MessageLine).tell_unfinished(event)
        self.fit()

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read from the database.

        Raises:
            SerialdockError
        """
        return await self.context.db.run(function, *args, **kwargs)

    def key_down(self) -> None:
        """Scroll the fields, where nothing in them uses the key."""
        self.query_one(".fields").scroll_down(animate=False)

    def key_up(self) -> None:
        """Scroll the fields back."""
        self.query_one(".fields").scroll_up(animate=False)

    def key_pagedown(self) -> None:
        """Scroll the fields by a page."""
        self.query_one(".fields").scroll_page_down(animate=False)

    def key_pageup(self) -> None:
        """Scroll the fields back by a page."""
        self.query_one(".fields").scroll_page_up(animate=False)

    def has_unsaved(self) -> bool:
        """Whether something was typed here that leaving loses, and that is much work to type again."""
        return False

    def action_leave(self) -> None:
        """Close without a result; ask for a second time where something typed would be lost."""
        if self.has_unsaved() and not self._is_warned:
            self._is_warned = True
            self.say("What you typed is not saved. F3 again leaves without it.", "warning")
        else:
            self.dismiss(None)

    def on_input_changed(self) -> None:
        """Warn again before what is typed now is left."""
        self._is_warned = False

    def on_text_area_changed(self) -> None:
        """Warn again before what is typed now is left."""
        self._is_warned = False


def _fixed(given: Scalar | None) -> int:
    """A width or height in cells; 0 where it is given in another way."""
    return int(given.value) if given is not None and given.unit is Unit.CELLS else 0


def _width_of(one: Button, blanks: int) -> int:
    """Cells of a button with so many blanks on either side of its label, however it stands now."""
    return _fixed(one.styles.inline.width) or max(8, Content(str(one.label)).cell_length + 2 * blanks)


def tighten(dialog: Dialog[Result], blanks: int = 0) -> None:
    """Make a dialog's buttons as wide as their labels, so that more of them fit beside each other.

    Args:
        blanks: on either side of a label.
    """
    for one in dialog.query(Button):
        one.styles.line_pad = blanks  # a style sheet refuses 0
        one.styles.padding = one.styles.min_width = 0
        one.styles.width = len(str(one.label)) + 2 * blanks
    dialog.fit()

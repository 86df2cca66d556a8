"""The dialog of an edit conflict: two people changed one item, and one of them is asked whose version to keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Button, Static

from tui.kit.dialog import Dialog
from tui.kit.form import CHANGED, button
from tui.scanning.screens import LONE_ENTER_WAIT
from tui.text import plain

NARROW = 60
"""Terminal width below which the buttons have short labels."""

Side = Literal["mine", "theirs"]
"""The version that is kept."""


class FieldDifference(NamedTuple):
    """A field that either person changed; its texts are not escaped yet."""

    label: str
    theirs: str
    """The saved value."""
    yours: str
    """The edited value."""
    by_them: bool
    """Whether they changed it."""
    by_you: bool
    """Whether you changed it."""


class ConflictDialog(Dialog[Side | None]):
    """Edit conflict: returns whose version to keep; None goes on editing.

    The harmless answer has the focus: a stray Enter neither saves nor discards anything.
    """

    HELP = (
        "A star stands where a value was changed. Saving yours writes the fields that you changed and leaves the rest "
        "as they saved them. Taking theirs gives up what you typed. F3 goes back to the form; nothing is lost."
    )
    WIDTH = 72
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('mine')", "Save mine", id="conflict.mine", tooltip="Save your changes over theirs"),
        Binding("t", "theirs", "Take theirs", id="conflict.theirs", tooltip="Give up your changes"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, what: str, by: str, when: str, differences: Sequence[FieldDifference]) -> None:
        """Make the dialog.

        Args:
            what: name of the record that both edited, such as a SKU; any text.
            by: login of the person who saved it; any text.
            when: local date and time, as text.
            differences: the fields that either changed.
        """
        super().__init__(f"{what} was changed meanwhile")
        self._by = by
        self._when = when
        self._differences = list(differences)

    def compose_fields(self) -> ComposeResult:
        """The person and time of the other save, and each field with both values."""
        yield Static(plain(f"{self._by} saved it at {self._when}, while you were editing it."), classes="question")
        for difference in self._differences:
            with VerticalGroup(classes="difference"):
                yield Static(plain(difference.label), classes="heading")
                yield from _side("theirs", difference.theirs, changed=difference.by_them)
                yield from _side("yours", difference.yours, changed=difference.by_you)

    def compose_buttons(self) -> ComposeResult:
        """The harmless answer first."""
        with HorizontalGroup(classes="buttons"):
            is_narrow = self.app.size.width < NARROW
            yield button("Back" if is_narrow else "Edit on", "stay", key="F3", primary=True)
            yield button("Mine" if is_narrow else "Save mine", "mine", key="F10")
            yield button("Theirs" if is_narrow else "Take theirs", "theirs", key="T")

    def on_mount(self) -> None:
        """Focus the harmless answer."""
        self.query_one("#stay").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id in ("mine", "theirs"):
            self.action_give("mine" if event.button.id == "mine" else "theirs")
        else:
            self.action_leave()

    def action_give(self, side: Side) -> None:
        """Close the dialog with an answer."""
        self.dismiss(side)

    @work(exclusive=True, group="theirs")
    async def action_theirs(self) -> None:
        """Take theirs, unless the key was the first character of a scan."""
        keyboard = self.context.keyboard
        with keyboard.hold():
            # T is a letter, and may be the first one of a serial that is scanned while this is open.
            is_scan = await keyboard.text_follows(LONE_ENTER_WAIT)
        if not is_scan and self.is_current:
            self.action_give("theirs")


def _side(whose: str, text: str, *, changed: bool) -> ComposeResult:
    with HorizontalGroup(classes="row"):
        yield Static(whose, classes="whose")
        yield Static(CHANGED if changed else "", classes="changed")
        yield Static(plain(text), classes="value")

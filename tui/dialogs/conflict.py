"""Somebody else saved the same item meanwhile: theirs beside yours, and nothing is lost before you choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalGroup
from textual.widgets import Button, Static

from tui.kit.dialog import Dialog
from tui.kit.form import CHANGED
from tui.text import plain
from tui.widgets.buttons import button

NARROW = 60
"""Columns below which the answers are written short."""

Side = Literal["mine", "theirs"]
"""What was chosen."""


class Difference(NamedTuple):
    """One field that they or you changed; all texts as they are."""

    label: str
    theirs: str
    """As it is saved now."""
    yours: str
    """As it was typed."""
    by_them: bool
    """Whether they changed it."""
    by_you: bool
    """Whether you changed it."""


class ConflictDialog(Dialog[Side | None]):
    """Returns whose values shall be; None goes on editing.

    The harmless answer has the focus: a stray Enter neither saves nor throws away.
    """

    STYLE_SHEETS = ("fields",)
    HELP = (
        "A star stands where a value was changed. Saving yours writes the fields that you changed and leaves the rest "
        "as they saved them. Taking theirs gives up what you typed. F3 goes back to the form; nothing is lost."
    )
    WIDTH = 72
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "give('mine')", "Save mine", id="conflict.mine", tooltip="Save your changes over theirs"),
        Binding("t", "give('theirs')", "Take theirs", id="conflict.theirs", tooltip="Give up your changes"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, what: str, by: str, when: str, differences: Sequence[Difference]) -> None:
        """Make the dialog.

        Args:
            what: what both edited, such as the SKU; any text.
            by: who saved it; any text.
            when: date and time as people read them.
            differences: the fields that either changed.
        """
        super().__init__(f"{what} was changed meanwhile")
        self._by = by
        self._when = when
        self._differences = list(differences)

    def compose_fields(self) -> ComposeResult:
        """Who and when, and each field with both values."""
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
        """Give the harmless answer the focus."""
        self.query_one("#stay").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id in ("mine", "theirs"):
            self.action_give("mine" if event.button.id == "mine" else "theirs")
        else:
            self.action_leave()

    def action_give(self, side: Side) -> None:
        """Return an answer."""
        self.dismiss(side)


def _side(whose: str, text: str, *, changed: bool) -> ComposeResult:
    with HorizontalGroup(classes="row"):
        yield Static(whose, classes="whose")
        yield Static(CHANGED if changed else "", classes="changed")
        yield Static(plain(text), classes="value")

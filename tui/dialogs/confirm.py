"""A question with two or three answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.widgets import Button, Static

from tui.kit.dialog import Dialog
from tui.text import plain
from tui.widgets.buttons import button


class Answer(NamedTuple):
    """One answer."""

    name: str
    """What the dialog returns."""
    label: str
    key: str
    """A function key that gives it; a letter might be part of a scan."""


class ConfirmDialog(Dialog[str | None]):
    """Asks and returns the name of the chosen answer; None where it was left.

    The first answer is the one that loses nothing: it has the focus, so that a stray Enter does no harm.
    """

    HELP = "Left and Right choose an answer, Enter gives it. Each answer also has the key that stands beside it."

    def __init__(self, title: str, question: str, answers: Sequence[Answer]) -> None:
        """Make the question.

        Args:
            title: any text.
            question: any text; whole sentences that say what will happen.
            answers: the harmless one first.
        """
        super().__init__(title)
        self._question, self._answers = question, list(answers)

    def compose_fields(self) -> ComposeResult:
        """The question."""
        yield Static(plain(self._question, lines=True), classes="question")

    def compose_buttons(self) -> ComposeResult:
        """The answers."""
        with HorizontalGroup(classes="buttons"):
            for answer in self._answers:
                yield button(answer.label, answer.name, key=answer.key.upper(), primary=answer is self._answers[0])

    def on_mount(self) -> None:
        """Give the harmless answer the focus and bind the keys."""
        for answer in self._answers:
            self._bindings.bind(answer.key, f"give({answer.name!r})", answer.label, show=False)
        for key, action in (("left", "app.focus_previous"), ("right", "app.focus_next")):
            self._bindings.bind(key, action, show=False)
        self.query_one(f"#{self._answers[0].name}", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the pressed answer."""
        event.stop()
        self.dismiss(event.button.id)

    def action_give(self, name: str) -> None:
        """Return an answer by its key."""
        self.dismiss(name)


__all__ = ["Answer", "ConfirmDialog"]

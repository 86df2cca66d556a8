"""F1: what the cursor is on, and the keys of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui.dialogs.frame import TINY, Dialog
from tui.text import plain
from tui.widgets.buttons import button
from tui.widgets.key_bar import key_name
from tui.widgets.message_line import MessageLine

_KEY: Final = 7
"""Cells of a key's name."""


def help_for(screen: Screen[Any]) -> str:
    """The help of the focused widget, else of the nearest thing around it that has one.

    A message that is too long for its lines goes before it in full.
    """
    said = [f"{line.said}\n\n" for line in screen.query(MessageLine) if line.is_cut]
    return "".join([*said, _help_of(screen)])


def _help_of(screen: Screen[Any]) -> str:
    for node in (screen.focused or screen).ancestors_with_self:
        text = getattr(node, "help_text", "") or getattr(node, "HELP", "")
        if text:
            return str(text)
    return "Here you choose with the arrow keys and Enter."


class HelpDialog(Dialog[None]):
    """Shows help until any of the leaving keys is pressed."""

    WIDTH = 70

    def __init__(self, text: str, bindings: Sequence[Binding]) -> None:
        """Make it.

        Args:
            text: what the focused thing is for.
            bindings: the keys of the screen.
        """
        super().__init__("Help")
        self._text, self._keys = text, list(bindings)

    def compose_fields(self) -> ComposeResult:
        """The explanation and a table of keys."""
        yield Static(plain(self._text, lines=True), classes="question")
        yield Static(id="keys")

    def compose_buttons(self) -> ComposeResult:
        """One way out."""
        yield button("Close", "close", key="F3", primary=True)

    def on_mount(self) -> None:
        """Let Enter close it too."""
        self.query_one("#close").focus()

    def on_resize(self) -> None:
        """Lay the keys out for another width."""
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        """A key on the left, what it does beside it; on the smallest terminals beneath it too."""
        keys = self.query_one("#keys", Static)
        room = keys.content_size.width
        lines: list[Content] = []
        for binding in self._keys:
            said, name = Content(binding.tooltip or binding.description), key_name(binding.key)
            if room < TINY:
                lines.append(Content.assemble((name, "bold $accent"), "  ", said))
                continue
            first, *rest = said.wrap(room - _KEY - 2)
            lines.append(Content.assemble((name.rjust(_KEY), "bold $accent"), "  ", first))
            lines += [Content(" " * (_KEY + 2)) + line for line in rest]
        keys.update(Content("\n").join(lines))

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)

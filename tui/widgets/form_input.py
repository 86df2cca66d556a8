"""A text field of a form, which may be looked at by people who may not change it."""

from __future__ import annotations

from textual.reactive import var

from tui.keyboard.plain_input import PlainInput


class FormInput(PlainInput):
    """A PlainInput that can be made read-only without losing the focus or its text."""

    read_only: var[bool] = var(False, toggle_class="-read-only")
    """Whether typing, pasting and deleting leave the text as it is."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Change a part of the text, as every editing key does; nothing where the field is read-only.

        Args:
            text: What comes in.
            start: From this character on.
            end: Up to before this one.
        """
        if not self.read_only:
            super().replace(text, start, end)

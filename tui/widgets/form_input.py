"""A text field of a form, which may be looked at by people who may not change it."""

from __future__ import annotations

from textual.reactive import var

from tui.scanning.fields import InputState, OpensScans, PlainInput


class FormInput(OpensScans[InputState], PlainInput):
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

    @property
    def is_closed(self) -> bool:
        """Whether the text can only be looked at."""
        return self.read_only

    async def end_line(self, key: str) -> None:
        """Submit behind Enter, go to the next field behind TAB; a line feed does nothing in a form."""
        if key == "enter":
            await self.action_submit()
        elif key == "tab":
            self.screen.focus_next()

"""A field for all barcodes of an item, between blanks: scan one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.widgets.form_input import FormInput


class BarcodesInput(FormInput):
    """The codes stand between blanks; no code has one inside.

    Enter behind a code, and whatever else a scanner sends there, stays in the field, ready for the next code. Enter
    behind a blank goes on as in any field.
    """

    TAKES_SCANS = True
    HELP = (
        "The codes printed on the item's box, with a blank between two. Scan one after the other; "
        "to take one away delete it. A scan of one of them finds the item."
    )

    def __init__(self, codes: Sequence[str] = (), **options: Any) -> None:
        """Make the field.

        Args:
            codes: what it begins with.
            **options: as for Textual's Input.
        """
        super().__init__(" ".join(codes), select_on_focus=False, **options)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, each once, in their order."""
        return tuple(dict.fromkeys(self.value.split()))

    @codes.setter
    def codes(self, codes: Sequence[str]) -> None:
        if tuple(codes) != self.codes:
            self.value = " ".join(codes)

    def on_focus(self) -> None:
        """Stand behind the last code, so that a scan does not grow together with it."""
        self._make_room()

    def on_blur(self) -> None:
        """Take the blank away again."""
        self.value = self.value.rstrip()

    async def action_submit(self) -> None:
        """Stay for the next code, or go on."""
        if self.read_only or not self._make_room():
            await super().action_submit()

    async def end_scan(self, key: str) -> None:
        """Stay for the next code."""
        await self.action_submit()

    def _make_room(self) -> bool:
        """Put a blank behind the last code; False where there is one, or no code."""
        if self.read_only or not self.value or self.value[-1].isspace():
            return False
        self.value += " "
        self.cursor_position = len(self.value)
        return True

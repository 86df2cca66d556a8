"""A text field of a form, which may be looked at by people who may not change it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.reactive import var

from tui.keyboard.plain_input import PlainInput
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER, SEPARATORS, is_burst


class FormInput(PlainInput):
    """A PlainInput that can be made read-only without losing the focus or its text.

    A scan into a field that takes none leaves its text as it was and opens what the scan names, as it does where no
    field has the focus.
    """

    TAKES_SCANS: ClassVar[bool] = True
    """Whether a scan is meant for the field: a barcode or a location, but not a name."""

    read_only: var[bool] = var(False, toggle_class="-read-only")
    """Whether typing, pasting and deleting leave the text as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input.
        """
        super().__init__(*args, **kwargs)
        self._before = ""
        self._run = ""
        self._times: list[float] = []
        self._last_time = NEVER

    def replace(self, text: str, start: int, end: int) -> None:
        """Change a part of the text, as every editing key does; nothing where the field is read-only.

        Args:
            text: What comes in.
            start: From this character on.
            end: Up to before this one.
        """
        if not self.read_only:
            super().replace(text, start, end)

    async def _on_key(self, event: events.Key) -> None:
        if self.TAKES_SCANS and not self.read_only:
            return
        in_burst, self._last_time = event.time - self._last_time <= HAND_GAP, event.time
        character = SEPARATORS.get(event.key) or (event.character if event.is_printable else None)
        if event.key in LINE_ENDS and len(self._run) > 1 and is_burst(self._times, event.time):
            event.stop()
            event.prevent_default()
            scan, self._run = self._run, ""
            if not self.read_only:
                self.value = self._before
                self.action_end()
            self._open(scan)
        elif character is None:
            self._run = ""
        else:
            if not (in_burst and self._run):
                self._before, self._run = self.value, ""
                self._times.clear()
            self._run += character
            self._times.append(event.time)

    def _open(self, scan: str) -> None:
        from tui.screens.frame import Frame  # noqa: PLC0415 - the screens import this module

        if isinstance(self.screen, Frame):
            self.screen.open_scan(scan)

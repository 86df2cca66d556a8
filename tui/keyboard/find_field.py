"""The field that finds: typing narrows a list, and a scan opens what it names however the scanner ends it."""

from __future__ import annotations

from typing import Any

from textual import events

from tui.keyboard.plain_input import PlainInput
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER, SEPARATORS, is_burst


class FindField(PlainInput):
    """A field for a part of a text. `Changed` narrows, `Submitted` opens.

    Enter submits, and so do the ends of scanners: CR, LF, CRLF, and TAB behind a burst; TAB after typing moves the
    focus on. A paste that ends with a line end submits too, since some terminals send a scan so.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input. Focus does not select the text unless said so: `begin` gives the focus
                in the middle of a scan.
        """
        kwargs.setdefault("select_on_focus", False)
        super().__init__(*args, **kwargs)
        self._times: list[float] = []
        self._last_key = ""
        self._last_time = NEVER

    def begin(self, event: events.Key) -> None:
        """Take the focus and begin anew with a character that was typed or scanned elsewhere on the screen."""
        self._times = [event.time]
        self._last_key, self._last_time = event.key, event.time
        self.value = event.character or ""
        self.screen.set_focus(self)
        self.action_end()

    async def _on_key(self, event: events.Key) -> None:
        last_key, in_burst = self._last_key, event.time - self._last_time <= HAND_GAP
        self._last_key, self._last_time = event.key, event.time
        if event.key in LINE_ENDS:
            is_one_more = in_burst and last_key in LINE_ENDS
            if event.key == "tab" and not (is_one_more or (self.value and is_burst(self._times, event.time))):
                return  # to the next field
            event.stop()
            event.prevent_default()
            if not is_one_more:
                await self.action_submit()
        elif in_burst and event.key in SEPARATORS:
            event.stop()
            event.prevent_default()
            self.put(SEPARATORS[event.key])
        elif event.is_printable:
            is_anew = not self.value or len(self.selected_text) == len(self.value)
            if is_anew and not in_burst:
                self._times.clear()
            self._times.append(event.time)

    async def action_submit(self) -> None:
        """Open what was found."""
        self._times.clear()
        await super().action_submit()

    async def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        event.stop()
        event.prevent_default()
        lines = event.text.splitlines()
        self.put(" ".join(lines))
        if lines and event.text[-1] in "\r\n":
            await self.action_submit()

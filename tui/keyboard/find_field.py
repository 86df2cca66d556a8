"""The field that finds: typing narrows a list, and a scan opens what it names however the scanner ends it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual import events

from tui.keyboard.waits_for_end import WaitsForEnd
from tui.scanning.bursts import HAND_GAP, LINE_ENDS, NEVER, SCANNER_LENGTH, SEPARATORS
from tui.scanning.listener import Burst

_LEAST: Final = 2
"""Characters from which on a TAB behind a burst is its end."""


class FindField(WaitsForEnd):
    """A field for a part of a text. `Changed` narrows, `Submitted` opens.

    Enter submits, and so do the ends of scanners: CR, LF, CRLF, and TAB behind a burst; TAB after typing moves the
    focus on. A paste that ends with a line end submits too, since some terminals send a scan so.
    """

    TAKES: ClassVar[str] = "open"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for Textual's Input.
            **kwargs: As for Textual's Input. Focus does not select the text unless said so: `begin` gives the focus
                in the middle of a scan.
        """
        self._burst: Burst[str] = Burst(lambda: self.value)
        self.ended = NEVER
        """When the last end of a line was read, in seconds."""
        self.scans: tuple[str, ...] = ()
        """What of the text that was submitted last a scanner may have sent, the longest first."""
        self.before: dict[str, str] = {}
        """What stood here before each of these scans."""
        kwargs.setdefault("select_on_focus", False)
        super().__init__(*args, **kwargs)

    @property
    def is_unfinished_scan(self) -> bool:
        """Does a text stand here that came too fast to be typed, and whose end has not come?"""
        return bool(self.value) and self._burst.is_unfinished(SCANNER_LENGTH)

    def begin(self, event: events.Key) -> None:
        """Take the focus and begin anew with a character that was typed or scanned elsewhere on the screen."""
        self._burst.clear()
        self._burst.follow(event)
        self.value = event.character or ""
        self.screen.set_focus(self)
        self.action_end()

    async def _on_key(self, event: events.Key) -> None:
        if event.key in LINE_ENDS:
            is_one_more = self._burst.is_empty and event.time - self.ended <= HAND_GAP
            scans = self._burst.parts(event.time, _LEAST) if self.value else []
            if event.key == "tab" and not (is_one_more or scans):
                self._burst.clear()
                return  # to the next field
            event.stop()
            event.prevent_default()
            self.ended = event.time
            if not is_one_more:
                self.scans = tuple(part.text for part in scans)
                self.before = {part.text: part.before for part in scans}
                await self.action_submit()
        elif self._burst.follow(event) and event.key in SEPARATORS:
            event.stop()
            event.prevent_default()
            self.put(SEPARATORS[event.key])

    async def action_submit(self) -> None:
        """Open what was found."""
        self._burst.clear()
        await super().action_submit()

    async def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        event.stop()
        event.prevent_default()
        self._burst.clear()
        self.scans = ()
        lines = event.text.splitlines()
        self.put(" ".join(lines))
        if lines and event.text[-1] in "\r\n":
            await self.action_submit()

"""A text field on a screen: a scan that names something known is opened, and no part of the text."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, cast

from textual import events, work

from tui.context import Context
from tui.keyboard.burst import Burst, Part
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER, SCANNER_LENGTH, SEPARATORS
from tui.screens.scans import CatchesScans

if TYPE_CHECKING:
    from textual.widget import Widget

else:

    class Widget:
        """Not Textual's, which would take the styles from the first base class alone."""


State = TypeVar("State")

_LEAST: Final = 2
"""Characters from which on a scan is one in a field that it is meant for."""


class OpensScans(Widget, Generic[State]):
    """A field for free text. Put it before the field's own class.

    What came at a scanner's pace is looked up at its end, and the keys behind it wait. Where it names something, the
    field gets back what it had before and that is opened. Else it was typed, over a line that stalled: it stays, and
    the end does what it does in the field. In a dialog, which asks for something, a scan is the field's.
    """

    TAKES_SCANS: ClassVar[bool] = False
    """Whether a scan is meant for the field, on a screen too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make a field.

        Args:
            *args: As for the field.
            **kwargs: As for the field.
        """
        super().__init__(*args, **kwargs)
        self._burst: Burst[State] = Burst(self.remember)
        self._returned = NEVER

    def remember(self) -> State:
        """The text and where the cursor is."""
        raise NotImplementedError

    def restore(self, state: State) -> None:
        """Put the text and the cursor back."""
        raise NotImplementedError

    async def end_line(self, key: str) -> None:
        """Do what the end of a line does in this field.

        Args:
            key: one of `LINE_ENDS`.
        """
        raise NotImplementedError

    async def end_scan(self, key: str) -> None:
        """Do what the end of a scan does that is the field's; a line feed is as good as Enter.

        Args:
            key: one of `LINE_ENDS`.
        """
        await self.end_line("enter" if key == "ctrl+j" else key)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be typed here, so that whatever a scanner sends is meant for the screen."""
        return False

    @property
    def _opener(self) -> CatchesScans[Any] | None:
        """The screen that opens scans; None where they are the field's."""
        screen = self.screen
        if isinstance(screen, CatchesScans) and screen.CATCHES and (self.is_closed or not self.TAKES_SCANS):
            return screen
        return None

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in LINE_ENDS:
            if self._burst.follow(event) and event.key in SEPARATORS:
                _use_up(event)
            return
        opener = self._opener
        parts = self._burst.parts(event.time, SCANNER_LENGTH if opener and not self.is_closed else _LEAST)
        is_line_feed_of_crlf = event.key == "ctrl+j" and event.time - self._returned <= HAND_GAP
        self._burst.clear()
        if parts or is_line_feed_of_crlf:
            _use_up(event)
        if not parts:
            return
        self._returned = event.time if event.key == "enter" else NEVER
        if opener is None:
            await self.end_scan(event.key)
        elif self.is_closed:
            opener.open_scan(event.time, *(part.text for part in parts))
        else:
            held = ExitStack()
            held.enter_context(cast("Context", self.app).keyboard.hold())
            self._open_or_keep(parts, event, held)

    def on_paste(self, _: events.Paste) -> None:
        """What is pasted is no part of a scan."""
        self._burst.clear()

    @work(group="scan")
    async def _open_or_keep(self, parts: list[Part[State]], end: events.Key, held: ExitStack) -> None:
        def found(text: str) -> None:
            self.restore(next(part.before for part in parts if part.text == text))

        with held:
            screen = cast("CatchesScans[Any]", self.screen)
            screen.scan_run.begin(end.time)
            if not await screen.context.open_first(screen, [part.text for part in parts], found):
                await self.end_line(end.key)


def _use_up(event: events.Key) -> None:
    event.stop()
    event.prevent_default()

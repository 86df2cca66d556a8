"""A scan on any screen: what it names is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final, TypeVar, cast

from textual import events, work
from textual.await_complete import AwaitComplete
from textual.screen import Screen

from models.errors import SerialdockError
from tui.context import Context, Kind
from tui.keyboard.burst import Burst, nothing
from tui.keyboard.scanner_keys import HAND_GAP, LINE_ENDS, NEVER
from tui.keyboard.takes_text import TakesText
from tui.routes import Route
from tui.screens.scan_run import ScanRun

Result = TypeVar("Result")

_LEAST: Final = 2
"""Characters from which on keys at a scanner's pace are a scan, where there is no field for text."""


class CatchesScans(Screen[Result]):
    """A screen on which a scan is understood wherever the focus is; fields that take text see to it themselves.

    Keys that come at a scanner's pace are gathered; their end opens what they name. A single key does what it does.
    """

    CATCHES: ClassVar[bool] = True
    """Whether scans are gathered; a screen with a scan line of its own has no need."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._caught: Burst[None] = Burst(nothing)
        self._caught_end = NEVER
        self.closed: Callable[[], object] = nothing
        """Called when the person goes back from here."""
        self.is_of_scan = False
        """Whether a scan has opened this screen, and not a hand."""
        self.scan_run = ScanRun()
        """Counts scans that nobody could look at; a screen that is opened by a scan goes on with it."""

    @property
    def context(self) -> Context:
        """The app, as far as screens need it."""
        return cast("Context", self.app)

    @property
    def gives_way(self) -> bool:
        """Whether nothing is lost here when the screen of another scan takes the place of this one."""
        return False

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go back.

        Args:
            result: as for every screen.
        """
        self.closed()
        return super().dismiss(result)

    def name_if_shown(self, route: Route[Any]) -> str:
        """What to call the thing that a route leads to, if it is what this screen shows; else an empty text."""
        return ""

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message; any text."""
        raise NotImplementedError

    @contextmanager
    def scan_refusals_shown(self) -> Iterator[None]:
        """Show why a scan is refused, and what was passed over before it, instead of passing the refusal on."""
        try:
            yield
        except SerialdockError as refusal:
            self.say(self.scan_run.told(refusal.message), "problem")
            self.scan_run.shown()

    def _catch(self, event: events.Key) -> None:
        """Gather a key that nothing nearer to the focus has used."""
        if event.key in LINE_ENDS:
            parts = self._caught.parts(event.time, _LEAST)
            is_one_more = event.time - self._caught_end <= HAND_GAP and self._caught.is_empty
            self._caught.clear()
            if parts:
                self._caught_end = event.time
                self.open_scan(event.time, *(part.text for part in parts))
            if parts or is_one_more:
                event.stop()
                event.prevent_default()
        elif event.character == " " and self._caught.is_empty:  # no scan begins with a blank
            return
        elif self._caught.follow(event):
            event.stop()
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Gather scans while no field has the focus."""
        if self.CATCHES and not isinstance(self.focused, TakesText):
            self._catch(event)

    def on_paste(self, event: events.Paste) -> None:
        """Take a paste outside of fields as a scan; some terminals send scans so."""
        lines = [line for line in event.text.splitlines() if line.strip()]
        if self.CATCHES and len(lines) == 1 and not isinstance(self.focused, TakesText):
            event.stop()
            self.open_scan(event.time, lines[0])

    @work(exclusive=True, group="scan")
    async def open_scan(self, ended: float, *scans: str) -> None:
        """Open what a scan names, or say why not.

        Args:
            ended: when its end was read, in seconds.
            *scans: what came; and ends of it that may be the scan, where the rest came with a pause before it.
        """
        with self.context.keyboard.hold(), self.scan_refusals_shown():
            self.scan_run.begin(ended)
            await self.context.open_scanned(self, *scans)

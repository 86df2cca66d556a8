"""What a screen hears while no text field has the focus. Apart from `screens`: the first screen needs no scan line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, TypeVar

from textual import events
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tui.context import Kind
from tui.scanning.bursts import UNFINISHED_AFTER
from tui.scanning.fields import SET_END, SHOWN, HeardScan, TakesText, WaitsForEnd, leave
from tui.scanning.listener import Heard, KeyAdded, KeyTarget, Listener, Refused, Scanned, UsedUp, nothing
from tui.text import clip

Result = TypeVar("Result")


class ListensEverywhere(Screen[Result]):
    """A screen that hears scans while no text field has the focus; single keys stay commands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener = Listener(KeyTarget.SCREEN, nothing)
        self._heard_at = 0.0
        self._quiet: Timer | None = None

    @property
    def listens(self) -> bool:
        """Whether keys are collected here."""
        return not isinstance(self.focused, TakesText)

    def say(self, text: str, kind: Kind = "note") -> None:
        """Show a message. `text` may contain any characters."""
        raise NotImplementedError

    def take_scans(self, scans: Sequence[HeardScan]) -> None:
        """Act on scans, in order; see `TakesScans`."""
        raise NotImplementedError

    def refuse_scan(self, refused: Refused[Any], field: Widget) -> None:
        """Say aloud why a scan was refused; see `TakesScans`."""
        raise NotImplementedError

    def hear_unfinished(self, event: WaitsForEnd.Unfinished) -> None:
        """Say aloud that a scan has no end, or withdraw that."""
        raise NotImplementedError

    def follow_scan(self, key: str, time: float) -> None:
        """Note a scan in a field; see `FollowsScans`."""
        self._listener.follow_scan(key, time)

    def on_key(self, event: events.Key) -> None:
        """Collect scans while no text field has the focus."""
        if not self.listens:
            return
        heard = self._listener.take(event.key, event.character, event.time)
        if isinstance(heard, KeyAdded | UsedUp | Scanned | Refused):
            event.stop()
            event.prevent_default()
            self._heard_at = monotonic()
            if self._quiet is None:
                self._quiet = self.set_timer(UNFINISHED_AFTER, self._look_for_end)
            self._hear(heard)

    def on_paste(self, event: events.Paste) -> None:
        """Take the lines of a paste outside of text fields as scans; some terminals send scans that way."""
        if self.listens:
            event.stop()
            self._take_paste(event)

    def _take_paste(self, event: events.Paste) -> None:
        scans = []
        for heard in self._listener.paste(event.text, event.time):
            if isinstance(heard, Scanned):
                scans.append(HeardScan((heard.text,), heard.span, self, leave, "pasted"))
            elif isinstance(heard, Refused):
                self.refuse_scan(heard, self)
        if scans:
            self.take_scans(scans)

    @property
    def taker_of_scans(self) -> Callable[[Any], object]:
        """Called with scans while help or the menu is in front of this screen."""
        return self.take_forwarded

    def take_forwarded(self, event: Any) -> None:
        """Act on a scan that came while help or the menu was in front; what was typed there is nothing."""
        if isinstance(event, events.Paste):
            self._take_paste(event)
        elif (reason := getattr(event, "reason", None)) is not None:
            self.refuse_scan(Refused(event.text, reason, event.span, in_burst=True), self)
        elif getattr(event, "in_burst", False):
            self.take_scans([HeardScan((event.text,), event.span, self, leave)])

    def _hear(self, heard: Heard[None]) -> None:
        if isinstance(heard, Scanned):
            self.take_scans([HeardScan(tuple(part.text for part in heard.parts), heard.span, self, leave)])
        elif isinstance(heard, Refused):
            self.refuse_scan(heard, self)

    def _look_for_end(self) -> None:
        self._quiet = None
        quiet = monotonic() - self._heard_at
        if quiet < UNFINISHED_AFTER:
            self._quiet = self.set_timer(UNFINISHED_AFTER - quiet, self._look_for_end)
        elif (unfinished := self._listener.unfinished(quiet)) is not None:
            self._listener.clear()
            named = f"{clip(unfinished.text, SHOWN)} came without the end of a scan, and was not taken. {SET_END}"
            said = unfinished.reason.sentence if unfinished.reason is not None else named
            self.hear_unfinished(WaitsForEnd.Unfinished(self, said))

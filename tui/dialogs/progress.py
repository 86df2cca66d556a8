"""How far long work is: a bar, the count, the rate, the time left."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from textual.content import Content
from textual.widget import Widget

from models.station.preview import Stop
from tui.sizes import size_in_words

EVERY: Final = 0.2
"""Seconds between two drawings."""

_BAR: Final = 24
_LEAST: Final = 8
_PARTS: Final = " ▏▎▍▌▋▊▉█"


class ProgressLine(Widget):
    """One line; it draws itself while there is something to tell."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._stop: Stop | None = None
        self._began, self._before = 0.0, 0
        self._worded: Callable[[int], str] = _number

    def on_mount(self) -> None:
        """Draw again from time to time."""
        self.set_interval(EVERY, self._draw)

    def follow(self, stop: Stop | None, *, sizes: bool = False) -> None:
        """Show how far a work is.

        Args:
            stop: of the work; None shows nothing.
            sizes: whether it counts bytes.
        """
        self._stop, self._began = stop, monotonic()
        self._before = stop.done if stop is not None else 0
        self._worded = size_in_words if sizes else _number
        self.set_class(stop is not None, "-follows")
        self.refresh()

    def _draw(self) -> None:
        if self._stop is not None:
            self.refresh()

    def render(self) -> Content:
        """Bar, count, rate, time left."""
        if self._stop is None or not self._stop.total:
            return Content("")
        done, total = self._stop.done, self._stop.total
        seconds = max(monotonic() - self._began, 0.001)
        rate = (done - self._before) / seconds
        count = f" {self._worded(done)} of {self._worded(total)}"
        left = f" · {_time(round((total - done) / rate))} left" if rate else ""
        left = " · finishing …" if done >= total else left
        pace = f" · {self._worded(round(rate))}/s" if rate else ""
        room = self.content_size.width
        said = next(
            (words for words in (count + pace + left, count + left, count) if len(words) + _LEAST <= room),
            f" {done * 100 // total} %",
        )
        width = min(_BAR, room - len(said))
        return Content(f"{_bar(done, total, width)}{said}" if width > 0 else said.strip())


def _number(count: int) -> str:
    return f"{count:,}"


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"


def _bar(done: int, total: int, width: int) -> str:
    full, part = divmod(min(width * 8, done * width * 8 // total), 8)
    return ("█" * full + (_PARTS[part] if part else "")).ljust(width, "·")

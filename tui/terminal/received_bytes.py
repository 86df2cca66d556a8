"""Recent raw bytes with timestamps, for the scanner check."""

from __future__ import annotations

import re
from collections import deque
from itertools import chain, repeat
from typing import Final

from models.barcodes.scanner_check import Arrival
from tui.terminal.scanner_keys import LINE_ENDS, Span

KEPT: Final = 32_768
"""Bytes kept: enough for several of the longest scans."""

LEAD: Final = 0.2
"""Seconds before a line's first key in which bytes of uncounted keys still belong to the line."""

_PAUSE: Final = 2.0
"""Seconds without a byte after which a new transmission begins."""

_LINE_END: Final = re.compile(rb"[\r\n]")
_PASTE: Final = b"\x1b[200~"


class Wire:
    """Recent bytes with their times of reading, in seconds on the monotonic clock."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._size = 0

    @property
    def last_time(self) -> float:
        """Time of the last byte; 0 before the first."""
        return self._pieces[-1][0] if self._pieces else 0.0

    def feed(self, time: float, data: bytes) -> None:
        """Add what was read, and drop the oldest bytes beyond `KEPT`."""
        self._pieces.append((time, data))
        self._size += len(data)
        while self._size > KEPT and len(self._pieces) > 1:
            self._size -= len(self._pieces.popleft()[1])

    def line(self, span: Span) -> Arrival | None:
        """The bytes of a finished line; None when they are no longer kept, or for a paste."""
        end = LINE_ENDS.get(span.end)
        pieces = [piece for piece in self._pieces if piece[0] >= span.began - LEAD]
        until = sum(len(data) for time, data in pieces if time <= span.ended)
        data, times = _flat(pieces)
        if end is None or (at := data.rfind(end, 0, until)) < 0:
            return None
        start = max(_behind(data, b"\r", at), _behind(data, b"\n", at), _behind(data, end, at))
        start = _after_pause(times, start, at)
        if end == b"\r" and data[at + 1 : at + 2] == b"\n":
            end = b"\r\n"
        if start == at:
            return Arrival(b"", end, 0.0)
        return Arrival(data[start:at], end, times[at] - times[start])

    def unfinished(self) -> Arrival | None:
        """The bytes since the last line end or long pause; None when there are none, or for a paste."""
        data, times = _flat(self._pieces)
        start = max((match.end() for match in _LINE_END.finditer(data)), default=0)
        start = _after_pause(times, start, len(data))
        data = data[start:]
        if not data or _PASTE in data:
            return None
        return Arrival(data, b"", times[-1] - times[start])


def _flat(pieces: deque[tuple[float, bytes]] | list[tuple[float, bytes]]) -> tuple[bytes, list[float]]:
    """All bytes, and the time of each."""
    data = b"".join(piece for _, piece in pieces)
    return data, list(chain.from_iterable(repeat(time, len(piece)) for time, piece in pieces))


def _after_pause(times: list[float], start: int, end: int) -> int:
    """Index after the last long pause between `start` and `end`; `start` when there is none."""
    return max((at for at in range(start + 1, end) if times[at] - times[at - 1] > _PAUSE), default=start)


def _behind(data: bytes, end: bytes, at: int) -> int:
    """Index after the last `end` before `at`; 0 when there is none."""
    return data.rfind(end, 0, at) + 1

"""Parser from decoded text to keys, pastes and mouse clicks.

Textual's own parser types parts of an unknown or split escape sequence as text, takes a paste behind an ESC for typed
keys, turns Alt and a digit into a currency sign, and waits for ever for the end of a paste. This one follows the
grammar of ECMA-48; an unknown sequence becomes one key named `unknown`, which nothing is bound to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

from textual import constants, events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

PASTE_LIMIT: Final = 1.0
"""Seconds without input after which a paste ends, its end marker presumed lost."""

MAX_PASTE: Final = 1_000_000
"""Characters of a paste that are buffered before they are posted."""

UNKNOWN: Final = "unknown"
"""Key name of an unknown escape sequence."""

_SEQUENCE_LIMIT: Final = 1.0
"""Seconds to wait for the rest of a split sequence: a radio link may stall that long."""

_KEYPAD: Final = {
    f"\x1bO{key}": typed for key, typed in zip("pqrstuvwxyjklmnoX IM", "0123456789*+,-./= \t\r", strict=True)
}
"""What the keys of a numeric keypad in application mode type (VT100, xterm)."""

_PASTE_START: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
_SEQUENCE: Final = re.compile(
    r"\x1b(?:"
    r"\[\[[A-E]"  # F1 to F5 on the Linux console
    r"|\[\d+\$"  # Shift and a key, in rxvt
    r"|\[M.{3}"  # a click, from terminals without SGR mouse reports
    r"|\[(?![\[M])[0-?]{0,40}[ -/]{0,4}[@-~]"
    r"|O[\d;]{0,10}[@-~]"
    r"|O "  # Space on the keypad in application mode
    r"|[^\x1b\[O]"
    r")",
    re.DOTALL,
)
_UNFINISHED: Final = re.compile(r"\x1b(?:\[\[|\[M.{0,2}|\[[0-?]{0,40}[ -/]{0,4}|O[\d;]{0,10})?", re.DOTALL)
_MODE_REPORT: Final = re.compile(r"\x1b\[\?2026;([1-9]\d*)\$y")


class KeyParser:
    """Parses a terminal's input stream in pieces of any size."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Start between two keys.

        Args:
            clock: Seconds; tests pass their own.
        """
        self._clock = clock
        self._names = XTermParser()
        self._buffer = ""
        self._is_pasting = False
        self._follows_return = False
        self._deadline: float | None = None

    @property
    def wait(self) -> float | None:
        """Seconds until `tick` has something to do; None when only input can change anything."""
        return None if self._deadline is None else max(0.0, self._deadline - self._clock())

    def feed(self, text: str) -> list[Message]:
        """Parse more input.

        Args:
            text: Decoded text, one or more characters.

        Returns:
            The events that are complete.
        """
        self._buffer += text
        events_ = list(self._read())
        if not self._buffer and not self._is_pasting:
            self._deadline = None
        else:
            self._deadline = self._clock() + self._patience()
        return events_

    def tick(self) -> list[Message]:
        """Stop waiting for the rest of a sequence or paste when its time is over.

        Returns:
            The paste as far as it came, Escape for a lone ESC, or `unknown` for an incomplete sequence.
        """
        if self._deadline is None or self._clock() < self._deadline:
            return []
        rest, self._buffer, self._deadline = self._buffer, "", None
        if self._is_pasting:
            self._is_pasting = False
            return [events.Paste(rest)] if rest else []
        return [events.Key("escape", "\x1b") if rest == "\x1b" else events.Key(UNKNOWN, None)]

    def _patience(self) -> float:
        if self._is_pasting:
            return PASTE_LIMIT
        return constants.ESCAPE_DELAY if self._buffer == "\x1b" else _SEQUENCE_LIMIT

    def _read(self) -> Iterator[Message]:
        position = 0
        while position < len(self._buffer):
            if self._is_pasting:
                position = 0
                yield from self._read_paste()
                if self._is_pasting:
                    return
            elif self._buffer[position] != "\x1b":
                yield from self._read_character(self._buffer[position])
                position += 1
            elif (match := _SEQUENCE.match(self._buffer, position)) is not None:
                position = match.end()
                if match.group() == _PASTE_START:
                    self._is_pasting = True
                    self._buffer = self._buffer[position:]
                    position = 0
                else:
                    yield from self._read_sequence(match.group())
            else:
                match = _UNFINISHED.match(self._buffer, position)
                assert match is not None, "an ESC alone is unfinished"
                if match.end() == len(self._buffer):
                    break
                position = match.end()
                yield events.Key("escape", "\x1b") if match.group() == "\x1b" else events.Key(UNKNOWN, None)
        self._buffer = self._buffer[position:]

    def _read_paste(self) -> Iterator[Message]:
        text, end, rest = self._buffer.partition(_PASTE_END)
        if end:
            self._is_pasting = False
            self._buffer = rest
            self._follows_return = False
        elif len(text) > MAX_PASTE:
            # Keep the tail: it may be the first half of a split end marker.
            text, self._buffer = text[: -len(_PASTE_END)], text[-len(_PASTE_END) :]
        else:
            return
        if text:
            yield events.Paste(text)

    def _read_character(self, character: str) -> Iterator[Message]:
        is_half_of_crlf = character == "\n" and self._follows_return  # CRLF is one Enter, also split over two reads
        self._follows_return = character == "\r"
        if not is_half_of_crlf:
            yield from self._names._sequence_to_key_events(character)

    def _read_sequence(self, sequence: str) -> Iterator[Message]:
        self._follows_return = False
        if (typed := _KEYPAD.get(sequence)) is not None:
            yield from self._names._sequence_to_key_events(typed)
        elif sequence.startswith(("\x1b[<", "\x1b[M")):
            click = self._names.parse_mouse_code(sequence)
            if click is not None:
                yield click
        elif sequence in {"\x1b[I", "\x1b[O", _PASTE_END}:
            return  # focus reports, and the end marker of a paste that timed out
        elif _MODE_REPORT.fullmatch(sequence):
            yield messages.TerminalSupportsSynchronizedOutput()
        elif sequence.startswith("\x1b[?"):
            return  # any other report of the terminal
        elif isinstance(keys := ANSI_SEQUENCES_KEYS.get(sequence), tuple) and Keys.Ignore not in keys:
            yield from (events.Key(key.value, None) for key in keys)
        elif len(sequence) == 2:  # ESC and one character: Alt and that key
            for key in self._names._sequence_to_key_events(sequence[1]):
                yield events.Key(f"alt+{key.key}", None)
        else:  # also keys that Textual knows and ignores: inside a scan, none may vanish without a word
            yield events.Key(UNKNOWN, None)

"""The terminal driver: turns the terminal's bytes into events and writes what the app draws.

Differences from Textual's Linux driver:

- a byte that is not UTF-8 becomes U+FFFD instead of ending the app (Textualize/textual#6456);
- keys, pastes and clicks are parsed by `KeyParser`;
- a closed terminal is noticed at once, instead of being read for ever;
- only clicks and the wheel are reported, never mouse motion or the focus of the terminal window: each report and the
  repaint it causes cost bytes on a radio link;
- the terminal's size is read when it is posted, so that after several changes in a row the last one counts;
- the output can be abandoned when the link stalls, so that the app can still end;
- after an abnormal end the input is thrown away until it is quiet, so that a shell behind the app gets no scans.
"""

from __future__ import annotations

import os
import queue
import select
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from tui.terminal.key_parser import KeyParser

_READ_SIZE: Final = 16_384
_MOST_READS: Final = 16
_CLOSE_CHECK: Final = 0.05
_LOOK: Final = 0.05

QUIET: Final = 1.0
"""Seconds without input after which no more of a burst is expected."""

LONGEST_DISCARD: Final = 5.0
"""Longest time in seconds for which input is thrown away."""

_UNUSED_MODES: Final = frozenset({"\x1b[?1004h", "\x1b[?1004l", "\x1b[<u"})
"""Window focus reports on and off, and the end of kitty's keyboard protocol, which is never started."""

_POINTER_SHAPE: Final = "\x1b]22;"

_TERMINALS_WITHOUT_QUERIES: Final = ("linux", "vt")
"""Values of TERM whose terminals print the queries of newer ones instead of ignoring them."""


class TerminalDriver(LinuxDriver):
    """Connects an app to its terminal; pass it to the app as `driver_class`.

    `App.run(mouse=False)` leaves the mouse to the terminal altogether.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tap: Callable[[float, bytes], None] | None = None
        """Called with all input before it is parsed: the time of reading (seconds, monotonic clock) and the bytes.
        It runs in the app's thread but outside its context, where no timer or worker can be started."""
        self._is_abandoned = False
        self._holds_input = False
        self._attrs_held: list[Any] | None = None
        """The terminal's modes from before the app, while they are not restored yet."""
        self._read_at = 0.0
        self._wake_reader, self._wake_writer = os.pipe()

    @property
    def is_abandoned(self) -> bool:
        """Whether the output was abandoned."""
        return self._is_abandoned

    def abandon(self) -> None:
        """Discard all output from now on, which frees an app that is blocked on a stalled link.

        Callable from any thread.
        """
        self._is_abandoned = True
        # Textual's writer queue is bounded: emptying it releases an app that is blocked in `put`.
        if self._writer_thread is not None:
            with suppress(queue.Empty):
                while True:
                    self._writer_thread._queue.get_nowait()

    def write(self, data: str) -> None:
        """Send text to the terminal, except after `abandon`, unused modes and pointer shapes.

        Args:
            data: Text and escape sequences.
        """
        if not (self._is_abandoned or data in _UNUSED_MODES or data.startswith(_POINTER_SHAPE)):
            super().write(data)

    @property
    def has_terminal(self) -> bool:
        """Whether the terminal is still there."""
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return False
        return True

    def hold_input(self) -> None:
        """Leave the terminal's modes as they are when the app ends, until `restore_terminal`. For any thread."""
        self._holds_input = True

    def restore_terminal(self) -> None:
        """After an abnormal end, throw the input away until it has been quiet, then restore the terminal's modes.

        A burst goes on after the app has ended: the rest of it would be echoed, and run by the shell behind the app.
        """
        if not self._holds_input:
            return
        begun = monotonic()
        while monotonic() - max(begun, self._read_at) < QUIET and monotonic() - begun < LONGEST_DISCARD:
            try:
                if select.select([self.fileno], [], [], _LOOK)[0]:
                    if not os.read(self.fileno, _READ_SIZE):
                        break
                    self._read_at = monotonic()
            except OSError:  # the terminal is gone
                break
        with suppress(termios.error):
            termios.tcflush(self.fileno, termios.TCIFLUSH)
            if (before := self._attrs_held or self.attrs_before) is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, before)

    def stop_application_mode(self) -> None:
        """Restore the terminal; after an abnormal end its modes only later, since they switch the echo on."""
        if self._holds_input:
            self._attrs_held, self.attrs_before = self.attrs_before, None
        super().stop_application_mode()

    def close(self) -> None:
        """Wait until the output is sent, unless it is abandoned."""
        writer = self._writer_thread
        if writer is not None:
            if not self._is_abandoned:
                writer._queue.put(None)
            while writer.is_alive() and not self._is_abandoned:
                writer.join(_CLOSE_CHECK)

    def start_application_mode(self) -> None:
        """Set the terminal up, and post its size whenever it changes."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # Textual reads the size in the handler: when one signal interrupts another, the older size is posted last.
        signal.signal(signal.SIGWINCH, lambda *_: self._loop.call_soon_threadsafe(self._tell_size))
        self._tell_size()

    def _tell_size(self) -> None:
        size = Size(*self._get_terminal_size())
        self._app.post_message(Resize(size, size))

    def disable_input(self) -> None:
        """Stop reading; a byte in the pipe wakes the input thread out of its `select`."""
        os.write(self._wake_writer, b"\0")
        super().disable_input()
        os.read(self._wake_reader, _READ_SIZE)

    def run_input_thread(self) -> None:
        """Read until the app ends or the terminal is closed."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        parser = KeyParser()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = {key.fd for key, _ in selector.select(parser.wait)}
                if self.fileno in ready:
                    for time, data in self._read():
                        if not data:
                            os.kill(os.getpid(), signal.SIGHUP)  # end as after a hang-up: the terminal is closed
                            return
                        if self.tap is not None:
                            self._loop.call_soon_threadsafe(self.tap, time, data)
                        if text := decode(data):
                            self._pass_on(parser.feed(text), time)
                self._pass_on(parser.tick(), monotonic())

    def send_message(self, message: Message) -> None:
        """Post a message to the app. Callable from the input thread.

        Args:
            message: A message.
        """
        self._loop.call_soon_threadsafe(self._app.post_message, message)

    def _pass_on(self, messages: list[Message], time: float) -> None:
        """Post messages to the app, stamped with the time at which they were read."""
        for message in messages:
            message.time = time
            self.process_message(message)

    def _read(self) -> list[tuple[float, bytes]]:
        """Read all that the terminal has sent, in pieces with their times; an empty last piece means a closed terminal.

        Everything is read before anything is parsed, so that a busy app does not make a scan look slow.
        """
        pieces: list[tuple[float, bytes]] = []
        while len(pieces) < _MOST_READS:
            try:
                data = os.read(self.fileno, _READ_SIZE)
            except OSError:
                data = b""
            self._read_at = monotonic()
            pieces.append((self._read_at, data))
            if not data or not select.select([self.fileno], [], [], 0)[0]:
                break
        return pieces

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000h")  # clicks and the wheel
            self.write("\x1b[?1006h")  # SGR coordinates, which have no limit of 223 columns
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l")
            self.write("\x1b[?1000l")
            self.flush()

    def _query_in_band_window_resize(self) -> None:
        """Send no query: SIGWINCH reports size changes, over SSH too."""

    def _request_terminal_sync_mode_support(self) -> None:
        if not os.environ.get("TERM", "").startswith(_TERMINALS_WITHOUT_QUERIES):
            super()._request_terminal_sync_mode_support()

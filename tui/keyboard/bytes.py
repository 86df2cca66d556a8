"""The driver: bytes from the terminal to events, and what the app draws back to the terminal.

Different from Textual's own Linux driver:

- a byte that is not UTF-8 becomes U+FFFD instead of ending the app (Textualize/textual#6456);
- keys, pastes and clicks are read by `KeyParser`;
- a terminal that is gone is noticed at once, instead of being read for ever;
- only clicks and the wheel are reported, never the mouse's motion, and the focus of the terminal window not at all:
  each report and each repaint it causes costs bytes on a radio link;
- the output can be given up when the link stalls, so that the app can still end.
"""

from __future__ import annotations

import os
import queue
import selectors
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Any, Final

from textual.drivers.linux_driver import LinuxDriver

from tui.keyboard.key_parser import KeyParser

_READ_SIZE: Final = 16_384
_CLOSE_CHECK: Final = 0.05

_FOCUS_REPORTS: Final = frozenset({"\x1b[?1004h", "\x1b[?1004l"})
_POINTER_SHAPE: Final = "\x1b]22;"

_TERMINALS_WITHOUT_QUERIES: Final = ("linux", "vt")
"""These print the queries of newer terminals instead of ignoring them."""


class TerminalDriver(LinuxDriver):
    """Connects an app to its terminal; give it to the app as `driver_class`.

    `App.run(mouse=False)` leaves the mouse to the terminal altogether.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_abandoned = False
        self._wake_reader, self._wake_writer = os.pipe()

    @property
    def is_abandoned(self) -> bool:
        """Has the output been given up?"""
        return self._is_abandoned

    def abandon(self) -> None:
        """Throw away all output from now on. Callable from any thread.

        An app that draws to a stalled link waits for it; this frees it.
        """
        self._is_abandoned = True
        if self._writer_thread is not None:
            with suppress(queue.Empty):
                while True:
                    self._writer_thread._queue.get_nowait()

    def write(self, data: str) -> None:
        """Send text to the terminal, unless it would only cost bytes.

        Args:
            data: Text and escape sequences.
        """
        if not (self._is_abandoned or data in _FOCUS_REPORTS or data.startswith(_POINTER_SHAPE)):
            super().write(data)

    def close(self) -> None:
        """Wait for the output to be sent, unless it is given up."""
        writer = self._writer_thread
        if writer is not None:
            if not self._is_abandoned:
                writer._queue.put(None)
            while writer.is_alive() and not self._is_abandoned:
                writer.join(_CLOSE_CHECK)

    def disable_input(self) -> None:
        """Stop reading."""
        os.write(self._wake_writer, b"\0")
        super().disable_input()
        os.read(self._wake_reader, _READ_SIZE)

    def run_input_thread(self) -> None:
        """Read until the app ends or the terminal is gone."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        parser = KeyParser()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = {key.fd for key, _ in selector.select(parser.wait)}
                if self.fileno in ready:
                    data = self._read()
                    if not data:
                        os.kill(os.getpid(), signal.SIGHUP)
                        return
                    if text := decode(data):
                        for event in parser.feed(text):
                            self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        """What the terminal sent, or nothing when it is gone."""
        try:
            return os.read(self.fileno, _READ_SIZE)
        except OSError:
            return b""

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000h")  # clicks and the wheel
            self.write("\x1b[?1006h")  # in a form that has no limit of 223 columns
            self.flush()

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1006l")
            self.write("\x1b[?1000l")
            self.flush()

    def _query_in_band_window_resize(self) -> None:
        """Ask nothing: SIGWINCH tells the size, also over SSH."""

    def _request_terminal_sync_mode_support(self) -> None:
        if not os.environ.get("TERM", "").startswith(_TERMINALS_WITHOUT_QUERIES):
            super()._request_terminal_sync_mode_support()

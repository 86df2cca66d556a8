"""Starts a command in an 80x24 terminal, waits for its list of items, leaves with F3 and F10, demands exit code 0.

python first_screen.py COMMAND [ARGUMENT...]
"""

from __future__ import annotations

import os
import re
import select
import sys
import time

import ptyprocess
import pyte

ROWS, COLUMNS = 24, 80
START_LIMIT = 60.0
"""Seconds until the first screen; a second or two is usual."""
LEAVE_LIMIT = 30.0
"""Seconds from a key to what it does."""
LEAVE, CONFIRM = b"\x1bOR", b"\x1b[21~"
"""F3, and F10 for the question that it opens on the list of items."""


class Terminal:
    """A program in a pseudo-terminal, and what its screen shows."""

    def __init__(self, command: list[str]) -> None:
        environ = os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.process = ptyprocess.PtyProcess.spawn(command, env=environ, dimensions=(ROWS, COLUMNS))
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)

    def read(self, limit: float) -> bool:
        """Show what arrives within `limit` seconds; False once the program has ended."""
        if select.select([self.process.fd], [], [], limit)[0]:
            try:
                self._stream.feed(self.process.read(65536))
            except EOFError:
                return False
        return True

    def shows(self, pattern: str, limit: float) -> bool:
        """Whether the screen shows a text of this pattern within `limit` seconds."""
        deadline = time.monotonic() + limit
        while not re.search(pattern, self.text()):
            if not self.read(0.2) or time.monotonic() > deadline:
                return False
        return True

    def ends(self, limit: float) -> bool:
        """Whether the program ends within `limit` seconds."""
        deadline = time.monotonic() + limit
        while self.read(0.2):
            if time.monotonic() > deadline:
                return False
        return True

    def text(self) -> str:
        """The screen's lines."""
        return "\n".join(line.rstrip() for line in self.screen.display).strip("\n")


def main(command: list[str]) -> str | None:
    """Run the command.

    Returns:
        What went wrong, None if nothing did.
    """
    terminal = Terminal(command)
    try:
        if not terminal.shows(r"\d+ items", START_LIMIT):
            return f"no list of items within {START_LIMIT:.0f} seconds, but:\n{terminal.text()}"
        first = terminal.text()
        terminal.process.write(LEAVE)
        if not terminal.shows(r"Leave Serialdock\?", LEAVE_LIMIT):
            return f"F3 did not ask within {LEAVE_LIMIT:.0f} seconds whether to leave; it shows:\n{terminal.text()}"
        terminal.process.write(CONFIRM)
        if not terminal.ends(LEAVE_LIMIT):
            return f"F10 did not end it within {LEAVE_LIMIT:.0f} seconds; it shows:\n{terminal.text()}"
        code = terminal.process.wait()
        print(first)
        return None if code == 0 else f"{command[0]} ended with exit code {code} and left:\n{terminal.text()}"
    finally:
        terminal.process.close(force=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

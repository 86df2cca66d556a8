"""A warehouse worker at a real terminal: types and clicks in the app, and reads its screen.

with Worker(url) as worker:
    worker.opens_item("LAP-14")
    worker.presses(NEXT_TAB)
    worker.sees("10 on hand")
    worker.leaves()
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from models.database.connection import call, connect, disconnect, open_database
from models.items.items import find_item
from models.people import sign_in
from models.schema import Serial
from models.serials.add import add_serials
from tests.support.burst import HAND
from tests.support.commands import Commands, Ran, in_this_process, program
from tests.support.fork_server import forked_program
from tests.support.terminal import Terminal

ENTER, TAB, SPACE, ESCAPE, BACKSPACE = "\r", "\t", " ", "\x1b", "\x7f"
UP, DOWN, HOME, END, PAGE_DOWN = "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[6~"
BACK_TAB = "\x1b[Z"
F1, F2, F3, F4 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"
F5, F6, F7, F8, F9, F10 = "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~", "\x1b[21~"
CLEAR, MENU, NEXT_TAB = "\x15", "\x07", "\x14"
"""Ctrl+U, Ctrl+G and Ctrl+T."""
PLACES, REVERSE, BY_LOCATION = "\x0e", "\x12", "\x0c"
"""Ctrl+N, Ctrl+R and Ctrl+L."""


class Worker:
    """A person at a terminal that runs the app."""

    def __init__(
        self,
        url: str,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        is_installed: bool = False,
    ) -> None:
        """Start the app; entering the block waits for the list of items.

        Args:
            url: the database.
            *words: further words of the command line.
            columns: width of the terminal.
            rows: height of the terminal.
            env: changes to the environment; None removes a variable.
            is_installed: start the installed command, not a fork; for what is about the start or the end of a process.
        """
        line = ("--database", url, *words)
        start = [program(), *line] if is_installed else forked_program(*line)
        self.terminal = Terminal(start, columns=columns, rows=rows, env={"COLORTERM": None, **(env or {})})
        self.keys = 0
        """Keys pressed so far, see `presses` and `types_by_hand`."""

    def __enter__(self) -> Self:
        try:
            self.sees("Find")
        except BaseException:
            self.terminal.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.terminal.kill()

    # ----- actions

    def types(self, text: str) -> None:
        """Type a text at once, faster than by hand."""
        self.terminal.send(text)

    def presses(self, keys: str) -> None:
        """Press keys, one directly behind the other."""
        self.keys += len(_keys_of(keys))
        self.terminal.send(keys)

    def scans(self, *texts: str, end: str = ENTER) -> None:
        """Send what a scanner sends, one scan directly behind the other."""
        self.terminal.send("".join(text + end for text in texts))

    def types_by_hand(self, text: str) -> None:
        """Type a text key by key, each when the one before is on the screen, so that it cannot be taken for a scan."""
        for key in _keys_of(text):
            self.keys += 1
            shown = self.terminal.bytes_received
            self.terminal.send(key)
            self.terminal.wait_for_bytes(shown, 1.0)  # or it is a key that changes nothing on the screen
            time.sleep(HAND)

    def pastes(self, lines: Iterable[str]) -> None:
        """Paste lines as a bracketed paste."""
        self.terminal.send("\x1b[200~" + "".join(f"{line}\r" for line in lines) + "\x1b[201~")

    def takes_a_breath(self, seconds: float = 0.15) -> None:
        """Wait until the screen is quiet, so that the next key does not count as part of a burst."""
        self.terminal.wait_for_rest(seconds)

    def opens_item(self, sku: str) -> None:
        """Find an item in the list and open its form."""
        self.types(f"{CLEAR}{sku}{ENTER}")
        self.sees(f"{sku} ·")

    def opens_serials(self, sku: str) -> None:
        """Open an item's Serials tab."""
        self.opens_item(sku)
        self.presses(NEXT_TAB)
        self.sees("Serial Number")

    def clicks(self, text: str, times: int = 1, *, line: int | None = None, beside: str = "") -> None:
        """Click on a text, in a line counted from 0 or else in the last line that has it and `beside`."""
        self.sees(text, beside)
        self.takes_a_breath(0.2)  # a screen that is opening may still change its layout
        lines = self.terminal.lines
        row = line if line is not None else max(n for n, shown in enumerate(lines) if text in shown and beside in shown)
        self.clicks_at(lines[row].index(text) + len(text) // 2, row, times)

    def clicks_at(self, column: int, row: int, times: int = 1) -> None:
        """Click on a cell; column and row count from 0."""
        for _ in range(times):
            self.terminal.send(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def leaves(self) -> None:
        """Go back until the app ends; it must exit with 0 and restore the terminal."""
        for _ in range(8):
            if not self.terminal.is_alive:
                break
            self.terminal.send(F10 if "Leave Serialdock?" in self.terminal.text else F3)
            self.terminal.wait_for_rest(0.15)
        code = self.terminal.wait_for_exit()
        assert code == 0, "\n".join([f"it ended with {code} and left:", *self.terminal.lines, *_crash_reports()])
        assert self.terminal.echoes()

    # ----- the screen

    @property
    def tabs(self) -> list[str]:
        """The tabs of the item form."""
        return self.terminal.lines[1].split()

    def sees(self, *texts: str) -> str:
        """Wait until all these texts are on the screen together, even if broken over lines; return its text."""
        return self.terminal.wait_for(_All(texts))

    def sees_no(self, *texts: str) -> None:
        """Wait until none of these texts is on the screen."""
        self.terminal.wait_for(_None(texts))

    def cursor_line(self) -> str:
        """The line with the cursor sign, or an empty string."""
        return next((line for line in self.terminal.lines if "▸" in line), "")

    def is_on(self, text: str) -> None:
        """Wait until the cursor of the list is on a line with this text."""
        self.terminal.wait_until(lambda: text in self.cursor_line())


def _keys_of(text: str) -> list[str]:
    """What a terminal sends for each key of a text."""
    return re.findall(r"\x1b\[[0-9;]*[~A-Z]|\x1bO.|.", text, re.DOTALL)


def _crash_reports() -> list[str]:
    """What the app wrote for its maintainers, if it ended by a defect."""
    return [report.read_text(encoding="utf-8") for report in Path(os.environ["XDG_STATE_HOME"]).rglob("crash-*.txt")]


class _All:
    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def __call__(self, screen: str) -> bool:
        flowing = in_one_line(screen)
        return all(text in screen or text in flowing for text in self.texts)

    def __repr__(self) -> str:
        return " and ".join(map(repr, self.texts))


class _None(_All):
    def __call__(self, screen: str) -> bool:
        return not any(text in screen for text in self.texts)

    def __repr__(self) -> str:
        return "neither " + " nor ".join(map(repr, self.texts))


def in_one_line(screen: str) -> str:
    """The screen's words in one line; where a dialog covers it, only the dialog's, so that its sentences are whole."""
    pieces = (line.split("│") for line in screen.splitlines())
    return re.sub(r"\s+", " ", " ".join(line[len(line) // 2] if len(line) % 2 else line[-1] for line in pieces))


def answer(url: str, *words: str) -> dict[str, Any]:
    """Run a command that must succeed, and return its JSON object."""
    ran = in_this_process(*words, "--database", url, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.object


def rows(url: str, *words: str) -> list[dict[str, Any]]:
    """Run a list command that must succeed, and return its JSON rows."""
    ran = in_this_process(*words, "--database", url, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.rows


def refused(url: str, *words: str) -> str:
    """Run a command that must be refused, and return the message."""
    ran: Ran = in_this_process(*words, "--database", url, "--json")
    assert ran.code == 1, ran
    return str(ran.object["message"])


def on_hand(url: str, sku: str) -> dict[str, int]:
    """Units on hand by location, without empty locations."""
    places = answer(url, "item", "show", sku)["places"]
    return {place["location"]: place["on_hand"] for place in places if place["on_hand"]}


def in_order_of_entry(url: str) -> list[str]:
    """All serial numbers, in the order of entry into the database."""
    database = open_database(url)
    connect(database)
    try:
        return [serial.serial_number for serial in Serial.select(Serial.serial_number).order_by(Serial.id)]
    finally:
        disconnect(database)


def give(commands: Commands, *serials: str) -> None:
    """Add serials to LAP-14."""
    database = open_database(commands.url)
    try:
        call(database, lambda: add_serials(sign_in(), find_item("LAP-14").id, serials))
    finally:
        disconnect(database)


def listed(url: str) -> list[str]:
    """The serial numbers of LAP-14, as `serial list` prints them."""
    return [row["serial_number"] for row in rows(url, "serial", "list", "--item", "LAP-14")]


def all_is_well(url: str) -> None:
    """Assert that `check` finds no problem."""
    assert answer(url, "check")["ok"] is True

"""A command in a real pseudo-terminal, and the screen that a person would see.

with Terminal([sys.executable, "-m", "tui.cli.main", "demo"], columns=80, rows=24) as terminal:
    terminal.wait_for("Items")
    terminal.send("drill\\r")
    terminal.wait_for(lambda screen: "10 on hand" in screen)
    assert terminal.wait_for_exit() == 0
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyte
from ptyprocess import PtyProcess  # type: ignore[import-untyped]

from tests.support.fork_server import Forked, ForkedProcess
from tests.support.limits import LIMIT

PROJECT: Final = Path(__file__).parents[2]
"""The project's folder, the default working directory of commands."""

APPS: Final = Path(__file__).parent / "apps"
"""Small apps for tests to drive."""

_CHECK: Final = 0.02
_CHECK_OF_LIFE: Final = 0.1
_UNKNOWN_TO_PYTE: Final = b"\x1b[?2026$p"
"""A terminal query that pyte would print as text."""


class TextScreen(pyte.Screen):
    """A screen that keeps its text alone: colours are half of the work, and no test reads them here."""

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        """Leave the colours out."""


class Terminal:
    """A process in its own pseudo-terminal: a thread reads what it sends, and whoever asks for the screen draws it."""

    def __init__(
        self,
        program: Sequence[str | Path] | Forked,
        *,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        columns: int = 80,
        rows: int = 24,
        ignores_hang_up: bool = False,
    ) -> None:
        """Start a program.

        Args:
            program: A command and its arguments, or what to run as a fork.
            env: Changes to the environment; None removes a variable.
            cwd: The working directory; the project's folder by default.
            columns: Width in cells.
            rows: Height in cells.
            ignores_hang_up: Start it with SIGHUP ignored, as nohup does.
        """
        changed = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        environment = {name: value for name, value in changed.items() if value is not None}
        folder = str(cwd or PROJECT)
        self._screen = TextScreen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._received = bytearray()
        self._drawn = 0
        self._is_reading = True
        self._is_closed = False
        self._wake_reader, self._wake_writer = os.pipe()
        self._process: Any
        if isinstance(program, Forked):
            self._process = ForkedProcess(
                program, environment, folder, (rows, columns), ignores_hang_up=ignores_hang_up
            )
        else:
            with warnings.catch_warnings():
                # Python warns of a fork in a process with threads; this child only starts the command.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._process = PtyProcess.spawn(
                    [str(argument) for argument in program],
                    cwd=folder,
                    env=environment,
                    dimensions=(rows, columns),
                    preexec_fn=_ignore_hang_up if ignores_hang_up else None,
                )
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process ID."""
        return int(self._process.pid)

    @property
    def lines(self) -> list[str]:
        """The screen's rows, without trailing blanks."""
        with self._changed:
            self._draw()
            return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen's rows, joined by line ends."""
        return "\n".join(self.lines)

    @property
    def received(self) -> bytes:
        """All bytes the process has sent."""
        with self._changed:
            return bytes(self._received)

    @property
    def bytes_received(self) -> int:
        """Number of bytes the process has sent."""
        with self._changed:
            return len(self._received)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        with self._changed:
            self._draw()
            return self._screen.cursor.x, self._screen.cursor.y

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return bool(self._process.isalive())

    @property
    def is_stopped(self) -> bool:
        """Whether the process is stopped, as by Ctrl+Z (Linux)."""
        return self._state()[0] == "T"

    @property
    def processor_ticks(self) -> int:
        """CPU time of the process in kernel ticks (Linux)."""
        fields = self._state()
        return int(fields[11]) + int(fields[12])

    def _state(self) -> list[str]:
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()

    def echoes(self) -> bool:
        """Whether the terminal echoes input, as in a shell; an app that ends properly switches this on again."""
        return bool(termios.tcgetattr(self._process.fd)[3] & termios.ECHO)

    def send(self, data: str | bytes) -> None:
        """Type something, in one write."""
        rest = data.encode() if isinstance(data, str) else data
        while rest:
            rest = rest[os.write(self._process.fd, rest) :]

    def wait_for(self, wanted: str | Callable[[str], bool], timeout: float = LIMIT) -> str:
        """Wait until the screen shows a text, or meets a condition.

        Args:
            wanted: The text, or a function of the screen's text.
            timeout: Seconds.

        Returns:
            The screen's text.

        Raises:
            AssertionError: It did not in time, or the process ended before; the message shows the screen.
        """
        deadline = time.monotonic() + timeout
        seen = -1
        while True:
            is_alive = self.is_alive
            if self.bytes_received > seen:
                seen, text = self.bytes_received, self.text
                if wanted in text if isinstance(wanted, str) else wanted(text):
                    return text
            if not is_alive:
                self._reader.join(1)
                if self.bytes_received == seen:
                    self._fail(f"the process ended (exit code {self.exit_code}) without showing {wanted!r}")
            elif time.monotonic() > deadline:
                self._fail(f"{wanted!r} was not shown within {timeout} seconds")
            else:
                self.wait_for_bytes(seen, _CHECK_OF_LIFE)

    def wait_for_bytes(self, seen: int, timeout: float) -> bool:
        """Wait until the process has sent more than a number of bytes; False if it has not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._received) > seen, timeout)

    def wait_until(self, condition: Callable[[], bool], timeout: float = LIMIT) -> None:
        """Wait for something outside the screen, for example in a file.

        Raises:
            AssertionError: The condition was not true in time.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                self._fail(f"{condition!r} was not true within {timeout} seconds")
            time.sleep(_CHECK)

    def wait_for_rest(self, quiet: float = 0.25, timeout: float = LIMIT) -> str:
        """Wait until the process has sent nothing and has waited itself for `quiet` seconds.

        For screens without a text to wait for. A process that is kept from the processor by others is not at rest.

        Returns:
            The screen's text.
        """
        deadline = time.monotonic() + timeout
        count, since = self.bytes_received, time.monotonic()
        while time.monotonic() - since < quiet:
            if self.wait_for_bytes(count, _CHECK) or self._wants_to_run():
                count, since = self.bytes_received, time.monotonic()
            if time.monotonic() > deadline:
                self._fail(f"the screen did not come to rest within {timeout} seconds")
        return self.text

    def _wants_to_run(self) -> bool:
        """Whether one of its threads is running or waits for a processor or a disk (Linux)."""
        with suppress(OSError):  # the process has ended
            for thread in Path(f"/proc/{self.pid}/task").iterdir():
                with suppress(OSError):  # the thread has ended
                    if (thread / "stat").read_text().rpartition(")")[2].split()[0] in "RD":
                        return True
        return False

    def wait_for_exit(self, timeout: float = LIMIT) -> int:
        """Wait for the end of the process.

        Returns:
            Its exit code, or the negative number of the signal that killed it.

        Raises:
            AssertionError: It is still running.
        """
        deadline = time.monotonic() + timeout
        while self.is_alive:
            if time.monotonic() > deadline:
                self._fail(f"the process did not end within {timeout} seconds")
            time.sleep(_CHECK)
        if self._is_reading:
            self._reader.join(1)
        code = self.exit_code
        assert code is not None
        return code

    @property
    def exit_code(self) -> int | None:
        """The exit code, the negative number of the signal that killed it, or None while it runs."""
        if self._process.exitstatus is not None:
            return int(self._process.exitstatus)
        return None if self._process.signalstatus is None else -int(self._process.signalstatus)

    def resize(self, columns: int, rows: int) -> None:
        """Resize the terminal."""
        with self._changed:
            self._draw()
            self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self._process.kill(number)

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self._is_closed:
            return
        self._is_closed = True
        self._wake()
        self._reader.join()
        self._process.fileobj.close()
        self._process.closed = True
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def stall(self) -> None:
        """Stop reading, like a link that hangs: the output fills the buffers and then blocks the process."""
        self._is_reading = False
        self._wake()

    def go_on(self) -> None:
        """Resume reading."""
        self._is_reading = True
        self._wake()

    def kill(self) -> None:
        """End the process by force and close the terminal."""
        if self.is_alive:
            self._process.kill(signal.SIGKILL)
        self.hang_up()
        deadline = time.monotonic() + LIMIT
        while self.is_alive and time.monotonic() < deadline:
            time.sleep(_CHECK)

    def _wake(self) -> None:
        os.write(self._wake_writer, b"\0")

    def _read(self) -> None:
        fd = self._process.fd
        while not self._is_closed:
            ready, _, _ = select.select([self._wake_reader, *([fd] if self._is_reading else [])], [], [])
            if self._wake_reader in ready:
                os.read(self._wake_reader, 64)
            elif not self._take(fd):
                return

    def _take(self, fd: int) -> bool:
        """Read output; False if the process has closed the terminal."""
        try:
            data = os.read(fd, 65_536)
        except OSError:
            return False
        with self._changed:
            self._received += data
            self._changed.notify_all()
        return bool(data)

    def _draw(self) -> None:
        """Bring the screen up to date."""
        new, self._drawn = self._received[self._drawn :], len(self._received)
        if new:
            self._stream.feed(bytes(new).replace(_UNKNOWN_TO_PYTE, b""))

    def _fail(self, what: str) -> None:
        width = self._screen.columns
        rows = "\n".join(f"│{line:<{width}}│" for line in self.lines)
        edge = "─" * width
        tail = self.received[-300:]
        raise AssertionError(f"{what}\n┌{edge}┐\n{rows}\n└{edge}┘\nlast bytes: {tail!r}")


def python_app(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command line of one of the small apps in `APPS`.

    Args:
        name: Its file's name without `.py`.
        *arguments: For the app.

    Returns:
        A command line for `Terminal`.
    """
    return [sys.executable, "-m", f"tests.support.apps.{name}", *arguments]


def _ignore_hang_up() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

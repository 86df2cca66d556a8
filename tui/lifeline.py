"""Ends the app within bounded time on a signal or a lost terminal, whatever the app is doing; writes crash reports.

| what happens | what the app does | gone within | exit code |
|---|---|---|---|
| the terminal is gone (also with SIGHUP inherited as ignored) | ends at once | 0.5 s | 129 |
| SIGHUP, while the terminal is there | as SIGTERM | 2 s + 5 s | 129 |
| SIGTERM | ends, throws input away, restores the terminal | 2 s + 5 s | 143 |
| SIGINT from outside (Ctrl+C is a key here) | as SIGTERM | 2 s + 5 s | 130 |
| another signal that would end it (SIGQUIT, SIGXCPU …) | as SIGTERM | 2 s + 5 s | 128 + its number |
| a defect in the app | writes a report, then as SIGTERM | 5 s after the app | 1 |

After these ends a scanner may go on, with a shell behind the app: the input is read and thrown away until it has been
quiet for a second, for five seconds at most, before the terminal echoes again.

A stalled link blocks the event loop in the writer's queue, where asyncio's signal handlers never run. So the handlers
here only wake a thread. The thread asks the app to end, abandons its output when that takes too long, and finally ends
the process.

```python
app = SerialdockApp(driver_class=TerminalDriver)
lifeline = Lifeline()
with lifeline.guard(app):
    app.run(mouse=config.mouse)
lifeline.leave(app.return_code or 0)
```

Each scan is saved when it is made; what the database has not taken is written to the disk at once (`keep`). For
defects, in the app:

```python
def _fatal_error(self) -> None:
    if not self._exit_renderables:
        report = write_crash_report(self._exception)
        self._exit_renderables.append(Text(crash_message(report)))
    self._driver.hold_input()
    self._close_messages_no_wait()
```
"""

from __future__ import annotations

import os
import platform
import re
import signal
import stat
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from platformdirs import user_state_path

from models.config import make_private_folder
from models.database.address import hide_passwords
from models.errors import DatabaseTrouble
from tui.text import visible

if TYPE_CHECKING:
    from textual.app import App

HANG_UP_LIMIT: Final = 0.35
"""Seconds until the process is ended by force after its terminal was lost."""

LIMIT: Final = 1.8
"""Seconds until the process is ended by force after another signal; before that, input is thrown away."""

KEEP_LIMIT: Final = 0.1
"""Seconds in which what came last is written to the disk before the process is ended by force."""

QUIET_LIMIT: Final = 6.0
"""Seconds for throwing input away, and for what is left to do, after which the process is ended by force all the same.
The driver stops after five."""

PATIENCE: Final = 0.8
"""Seconds for the app to end before its output is abandoned."""

KEPT_REPORTS: Final = 20
"""Number of crash reports kept; older ones are deleted."""

_HEADING: Final = "Serialdock crash report"
"""How a crash report begins, which tells it from another program's."""

_REPORT_NAME: Final = re.compile(r"crash-[0-9]{8}-[0-9]{6}-[0-9]+(-[0-9]+)?\.txt")

_SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in (
        *("SIGHUP", "SIGTERM", "SIGINT", "SIGQUIT", "SIGXCPU", "SIGPWR", "SIGALRM", "SIGVTALRM", "SIGPROF"),
        *("SIGUSR1", "SIGUSR2"),
    )
    if hasattr(signal, name)
)
"""Signals that end a process and can be caught; of the others that do, each is a defect of a library (SIGSEGV …)."""
_ASK_AGAIN: Final = 0.02


class Lifeline:
    """Handles signals during one run of an app."""

    def __init__(self, keep: Callable[[], object] = int) -> None:
        """Make it.

        Args:
            keep: writes to the disk what is in memory only; called in a thread of its own when the process is about to
                end, and again just before it is ended by force.
        """
        self._signal: signal.Signals | None = None
        self._app: App[Any] | None = None
        self._keep = keep
        self._has_ended = threading.Event()
        self._handler: Callable[[int, FrameType | None], None] | None = None

    @property
    def exit_code(self) -> int | None:
        """128 plus the number of the signal that ended the app; None when it ended by itself."""
        return None if self._signal is None else 128 + self._signal

    @contextmanager
    def guard(self, app: App[Any]) -> Iterator[None]:
        """Handle signals while an app runs. Call it in the main thread, around `app.run()`.

        Args:
            app: The app, with `TerminalDriver` as its driver class.

        Yields:
            Nothing.
        """
        self._app = app
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        threading.Thread(target=self._watch, args=(reader,), name="lifeline", daemon=True).start()

        def tell(signum: int, _frame: FrameType | None) -> None:
            with suppress(BlockingIOError):
                os.write(writer, bytes([signum]))

        self._handler = tell
        before = {signum: signal.signal(signum, tell) for signum in _SIGNALS}
        # A Python handler runs only in the main thread, which may be blocked; the wakeup fd is written to at once.
        fd_before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            self._has_ended.set()
            self._ask_driver("restore_terminal")
            signal.set_wakeup_fd(fd_before)
            for signum, handler in before.items():
                signal.signal(signum, handler if handler is not None else signal.SIG_DFL)
            os.close(writer)

    def say(self, text: str) -> None:
        """Print a sentence behind the app, unless the terminal is gone."""
        if text and self._has_terminal and not self._is_abandoned():
            with suppress(OSError):
                print(visible(text), file=sys.stderr, flush=True)

    def leave(self, return_code: int = 0) -> NoReturn:
        """End the process.

        Args:
            return_code: The app's exit code; a signal's code takes precedence.
        """
        code = return_code if self.exit_code is None else self.exit_code
        if self._is_abandoned():
            # A thread may still be blocked in a write; sys.exit would wait for it.
            os._exit(code)
        sys.exit(code)

    def _watch(self, reader: int) -> None:
        """Wait for a signal, then make sure that the process ends in time."""
        while self._signal is None:
            numbers = os.read(reader, 64)
            if not numbers:
                os.close(reader)
                return
            ours = (number for number in _SIGNALS if signal.getsignal(number) is self._handler)
            self._signal = next((number for number in ours if number in numbers), None)
        began = time.monotonic()
        has_asked = False
        self._ask_driver("hold_input")
        self._begin_to_keep()
        while not self._has_ended.is_set():
            elapsed = time.monotonic() - began
            is_gone = self._signal == signal.SIGHUP and not self._has_terminal
            if elapsed >= (HANG_UP_LIMIT if is_gone else LIMIT):
                break
            if is_gone or elapsed > PATIENCE:
                self._ask_driver("abandon")
            has_asked = has_asked or self._ask_to_end()
            time.sleep(_ASK_AGAIN)
        else:
            time.sleep(QUIET_LIMIT)  # the main thread ends the process before that
        self._begin_to_keep().join(KEEP_LIMIT)
        self._ask_driver("restore_terminal")
        os._exit(128 + self._signal)

    def _begin_to_keep(self) -> threading.Thread:
        """Start to write what is in memory only; a disk that hangs must not keep the process from ending."""
        thread = threading.Thread(target=self._keep, name="keep", daemon=True)
        thread.start()
        return thread

    def _ask_to_end(self) -> bool:
        app = self._app
        loop = None if app is None else app._loop
        if app is None or loop is None:
            return False
        try:
            loop.call_soon_threadsafe(partial(app.exit, return_code=self.exit_code or 0))
        except RuntimeError:  # the loop has just been closed
            return False
        return True

    def _ask_driver(self, action: str) -> None:
        """Call a method of the driver, if the app has one and it knows this."""
        driver = self._app and self._app._driver
        if act := getattr(driver, action, None):
            act()

    @property
    def _has_terminal(self) -> bool:
        return bool(getattr(self._app and self._app._driver, "has_terminal", False))

    def _is_abandoned(self) -> bool:
        return bool(getattr(self._app and self._app._driver, "is_abandoned", False))


def crash_message(report: Path | None) -> str:
    """Make the message for an app that has stopped because of a defect.

    Args:
        report: The crash report, if it could be written.

    Returns:
        A few lines for the terminal.
    """
    where = (
        f"A report for whoever looks after it is in\n{visible(str(report))}"
        if report
        else "No report could be written."
    )
    return (
        "Serialdock has stopped because of a defect in it, not because of anything you did.\n"
        f"Everything that was saved is safe. {where}\n"
        "Start it again to go on."
    )


def write_crash_report(error: BaseException | None) -> Path | None:
    """Write a crash report for the maintainers: the traceback and the versions, no values of variables.

    Args:
        error: The exception; Textual's WorkerFailed is unwrapped.

    Returns:
        The file, in the platform's state folder, else in its temporary one; None if neither is writable.
    """
    inner = getattr(error, "error", None)
    text = _report_text(inner if isinstance(inner, BaseException) else error)
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"

    for folder in (user_state_path("serialdock"), Path(tempfile.gettempdir())):
        try:
            make_private_folder(folder)
            path = _new_file(folder, name)
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        with suppress(OSError):
            for old in _own_reports(folder)[:-KEPT_REPORTS]:
                old.unlink(missing_ok=True)
        return path
    return None


def _new_file(folder: Path, name: str) -> Path:
    """A new file; a number tells reports of the same second apart."""
    for number in count():
        path = folder / f"{name}{f'-{number}' if number else ''}.txt"
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
            break
    return path


_reports: dict[str, Path | None] = {}


def report_trouble(trouble: DatabaseTrouble) -> None:
    """Write a report at once about trouble that points at damage or at a defect, and name it in the message.

    One report a process and code: a retry would write the same again.
    """
    if not trouble.needs_report or "report" in trouble.details:
        return
    if trouble.error not in _reports:
        _reports[trouble.error] = write_crash_report(trouble)
    report = _reports[trouble.error]
    if report is not None:
        trouble.add(f"A report for whoever looks after Serialdock is in {visible(str(report))}.", report=str(report))


def _own_reports(folder: Path) -> list[Path]:
    """The crash reports of this account in a folder that others may use too, the oldest first."""
    return sorted(filter(_is_own_report, folder.glob("crash-*-*.txt")))


def _is_own_report(path: Path) -> bool:
    if not _REPORT_NAME.fullmatch(path.name):
        return False
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
            return False
        with path.open("rb") as report:
            return report.read(len(_HEADING)) == _HEADING.encode()
    except OSError:
        return False


def _report_text(error: BaseException | None) -> str:
    from importlib import metadata  # noqa: PLC0415 - 13 ms of a start, for reports only

    def version(distribution: str) -> str:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return "unknown"

    versions = [f"{name} {version(name)}" for name in ("serialdock", "textual", "peewee")]
    settings = [f"{name}={os.environ.get(name, '')}" for name in ("TERM", "LANG", "LC_ALL", "TMUX")]
    trace = "no exception" if error is None else "".join(traceback.format_exception(error))
    lines = [
        f"{_HEADING}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Python {platform.python_version()} on {platform.platform()}; {', '.join(versions)}",
        " ".join(settings),
        "",
        trace,
    ]
    return visible(hide_passwords("\n".join(lines)), lines=True)

"""Starts apps as forks of a process that has imported them already, for a quarter of the CPU time of a real start.

Journeys that are not about the start use it, with `forked` for `Terminal`. A fork has a process ID, a session, a
terminal, an environment and a working directory of its own, as a real start has. What it cannot test is what a start
imports, and settings that Textual and Python read at their import: a changed environment needs a real start.

The server is a child of the process that asks for forks, and ends with it. It is single-threaded, so a fork is safe.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from tests.support.limits import LIMIT
from tui.startup import prepare_environment

_LARGEST_REQUEST: Final = 1 << 18

_PACKAGES: Final = ("models", "tui", "tests.support.apps")
"""What the server imports, with all that it needs."""

_STREAMS: Final = (("stdin", "r", "strict"), ("stdout", "w", "strict"), ("stderr", "w", "backslashreplace"))
"""Python's streams of a terminal."""


class Forked(NamedTuple):
    """A program for a `Terminal` to start as a fork."""

    function: str
    """`module:function`; it is called without arguments and returns the exit code, or ends the process itself."""
    argv: tuple[str, ...]
    """`sys.argv`."""


def forked(name: str, *arguments: str | Path) -> Forked:
    """One of the small apps of `tests.support.apps`.

    Args:
        name: its module.
        *arguments: for the app.
    """
    return Forked(f"tests.support.apps.{name}:main", (name, *map(str, arguments)))


def forked_program(*words: str) -> Forked:
    """The program itself.

    Args:
        *words: of its command line.
    """
    return Forked("tui.cli.main:main", ("serialdock", *words))


class ForkedProcess:
    """A fork in a pseudo-terminal of its own; has the part of `ptyprocess.PtyProcess` that `Terminal` needs."""

    def __init__(
        self, program: Forked, env: Mapping[str, str], cwd: str, dimensions: tuple[int, int], *, ignores_hang_up: bool
    ) -> None:
        """Start it.

        Args:
            program: what to run.
            env: the whole environment.
            cwd: the working directory.
            dimensions: rows and columns of the terminal.
            ignores_hang_up: start it with SIGHUP ignored.
        """
        self.fd, terminal = pty.openpty()
        self.fileobj = open(self.fd, "rb", buffering=0)  # noqa: SIM115, PTH123 - closed by who started it
        self.setwinsize(*dimensions)
        self._news, news = os.pipe()
        request = [program.function, program.argv, dict(env), cwd, ignores_hang_up]
        try:
            _server().ask(json.dumps(request).encode(), terminal, news)
        finally:
            os.close(terminal)
            os.close(news)
        self.exitstatus: int | None = None
        self.signalstatus: int | None = None
        self._told = b""
        while self._told.count(b"\n") < 1:
            self._read(LIMIT)
        self.pid = int(self._told.splitlines()[0])

    def isalive(self) -> bool:
        """Whether it is running."""
        while self._is_running() and select.select([self._news], [], [], 0)[0]:
            self._read(0)
            if self._told.count(b"\n") == 2:
                code = os.waitstatus_to_exitcode(int(self._told.splitlines()[1]))
                self.exitstatus, self.signalstatus = (code, None) if code >= 0 else (None, -code)
                os.close(self._news)
        return self._is_running()

    def _is_running(self) -> bool:
        return self.exitstatus is None and self.signalstatus is None

    def _read(self, limit: float) -> None:
        assert select.select([self._news], [], [], limit)[0], "the fork server does not answer"
        data = os.read(self._news, 64)
        assert data, "the fork server has ended"
        self._told += data

    def kill(self, number: signal.Signals) -> None:
        """Send a signal."""
        if self.isalive():
            os.kill(self.pid, number)

    def setwinsize(self, rows: int, columns: int) -> None:
        """Resize the terminal."""
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class _Server:
    """The server as its parent sees it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST_REQUEST)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C at the terminal must end only the tests
                cwd=Path(__file__).parents[2],
            )
        self._socket = ours
        self._turn = threading.Lock()
        atexit.register(self._end)

    def ask(self, request: bytes, *descriptors: int) -> None:
        with self._turn:
            socket.send_fds(self._socket, [request], list(descriptors))

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def _server() -> _Server:
    return _Server()


# ----- in the server


def _serve(requests: socket.socket) -> Callable[[], Any]:
    """Fork until nobody can ask any more; returns in each fork what it is to do."""
    running: dict[int, int] = {}
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([requests.fileno(), reader], [], [])
        if reader in ready:
            os.read(reader, 4096)
            _tell_of_the_ended(running)
        if requests.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(requests, _LARGEST_REQUEST, 2)
            if not request:
                sys.exit()
            terminal, news = descriptors
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                return _prepared(terminal, *json.loads(request))
            running[pid] = news
            os.write(news, b"%d\n" % pid)
            os.close(terminal)


def _tell_of_the_ended(running: dict[int, int]) -> None:
    for pid in list(running):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            news = running.pop(pid)
            try:
                os.write(news, b"%d\n" % status)
            except BrokenPipeError:
                pass  # whoever started it does not care any more
            finally:
                os.close(news)


def _prepared(
    terminal: int, function: str, argv: list[str], env: dict[str, str], cwd: str, ignores_hang_up: bool
) -> Callable[[], Any]:
    """Make this fork what a start of the program at a terminal would be."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(terminal, descriptor)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    if ignores_hang_up:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = argv
    for descriptor, (name, mode, errors) in enumerate(_STREAMS):
        stream = open(descriptor, mode, 1, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    module, _, name = function.partition(":")
    return getattr(sys.modules[module], name)  # type: ignore[no-any-return]


def _import_everything() -> None:
    prepare_environment()
    for name in _PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(module.name)


def _main() -> NoReturn:
    _import_everything()
    from tests.support.parsed_styles import parse_all_styles, parse_styles_once  # Textual, so not before

    parse_styles_once()
    parse_all_styles()
    gc.collect()
    gc.freeze()
    _run(_serve(socket.socket(fileno=int(sys.argv[1]))))


def _run(function: Callable[[], Any]) -> NoReturn:
    """Run the program in this fork, and end as Python does, without freeing everything that was imported."""
    codes = [1]
    atexit.register(_leave, codes)  # the first one that is registered runs last
    try:
        sys.exit(function())
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            codes[0] = ending.code or 0
        raise


def _leave(codes: list[int]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(codes[0])


if __name__ == "__main__":
    _main()

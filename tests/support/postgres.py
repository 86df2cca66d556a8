"""A throw-away PostgreSQL server for one test run, and the databases of its tests.

The server is the child of a keeper, `postgres_keeper.py`. The keeper's standard input is a pipe that only the
test process holds: it closes when `stop` is called, and also when the test process is killed. The keeper then
ends the server and removes its folder. So every normal stop also tests the cleanup after a crash.
"""

from __future__ import annotations

import itertools
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

from tests.support import postgres_keeper
from tests.support.postgres_keeper import PostgresUnavailableError, Programs

ANSWER_LIMIT = postgres_keeper.START_LIMIT + 30.0
"""Longest wait in seconds for the keeper's first line."""

STOP_LIMIT = 20.0
"""Longest wait in seconds for the keeper to end the server and remove its folder."""


class PostgresServer:
    """A running server, started here, or elsewhere and only used here.

    Args:
        socket: The folder of the server's Unix socket.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._keeper: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._kept: Any = None

    @classmethod
    def start(cls, *settings: str) -> Self:
        """Start a server that ends no later than this process.

        Args:
            *settings: of the server, each `name=value`, besides the usual ones.

        Raises:
            PostgresUnavailableError: It could not be started.
        """
        programs = Programs.find(os.environ)
        # The caller's PGHOST and the like, and its language, must not affect the server.
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", postgres_keeper.__file__, programs.bin, *programs.trees, "--", *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C at the terminal must end only the tests
            env=environ,
        )
        said = _first_line(keeper, ANSWER_LIMIT)
        if not said.startswith("ready "):
            _end(keeper)
            raise PostgresUnavailableError(f"The PostgreSQL server for the tests did not start: {said}")
        server = cls(Path(said.removeprefix("ready ")))
        server._keeper = keeper
        return server

    def stop(self) -> None:
        """End the server if it was started here, and wait until its folder is removed."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        if self._keeper is not None:
            _end(self._keeper)
            self._keeper = None

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.socket))}"

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Any]:
        """A psycopg connection in autocommit mode."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    @property
    def _administration(self) -> Any:
        """A connection for making and dropping databases, kept: two new ones for each test cost a fifth of that."""
        import psycopg

        if self._kept is None or self._kept.closed:
            self._kept = psycopg.connect(self.url("postgres"), autocommit=True)
        return self._kept

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of a template that nobody is connected to.

        Returns:
            The URL of the new database.
        """
        session = self._administration
        # Faster than copying through the write-ahead log, and the only way before PostgreSQL 15.
        how = "STRATEGY file_copy" if session.info.server_version >= 150_000 else ""
        session.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')
        return self.url(name)

    @contextmanager
    def database(self, prefix: str, template: str = "template0") -> Iterator[str]:
        """A database that is dropped afterwards.

        Args:
            prefix: Makes its name unique to this process.
            template: The database to copy; an empty one by default.

        Yields:
            Its URL.
        """
        name = f"{prefix}_{next(self._numbers)}"
        yield self.create(name, template)
        self._administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def template(self, name: str, fill: Callable[[str], None], template: str = "template0") -> str:
        """Make a template database for others to be copied from.

        Args:
            name: Its name.
            fill: Takes its URL, fills it, and leaves no connection open.
            template: The template of the template.

        Returns:
            `name`.
        """
        fill(self.create(name, template))
        return name


def _first_line(keeper: subprocess.Popen[bytes], limit: float) -> str:
    """The keeper's first line, or the reason why there is none."""
    output = _pipe(keeper.stdout)
    ready, _, _ = select.select([output], [], [], limit)
    if not ready:
        return f"no answer within {limit:.0f} seconds."
    return output.readline().decode(errors="replace").strip() or "its keeper ended without a word."


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Let the keeper clean up; kill it if it takes too long."""
    _pipe(keeper.stdin).close()
    try:
        keeper.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait()
        raise
    finally:
        _pipe(keeper.stdout).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream

"""A throw-away PostgreSQL server for one run of the tests, and one database of it after the other.

The server is the child of a keeper, `postgres_keeper.py`. The keeper's standard input is a pipe that only the
test process holds: it closes when `stop` is called and just as well when the test process is killed. Then the
keeper ends the server and removes its folder, so every ordinary stop proves the way that a crash takes.
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
"""Seconds to wait for the keeper's line."""

STOP_LIMIT = 20.0
"""Seconds the keeper may take to end the server and remove its folder."""


class PostgresServer:
    """A running server, or one that was started elsewhere and is only spoken to here.

    Args:
        socket: The folder of the server's Unix socket.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._keeper: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    @classmethod
    def start(cls) -> Self:
        """Start a server that ends with this process at the latest.

        Raises:
            PostgresUnavailableError: It could not be started.
        """
        programs = Programs.find(os.environ)
        # Neither the caller's PGHOST and the like nor its language may reach the server.
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", postgres_keeper.__file__, programs.bin, *programs.trees],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl+C at the terminal is for the tests alone
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
        """End the server, if it was started here, and wait until its folder is gone."""
        if self._keeper is not None:
            _end(self._keeper)
            self._keeper = None

    def url(self, database: str) -> str:
        """The address of a database of this server."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self.socket))}"

    @contextmanager
    def session(self, database: str = "postgres") -> Iterator[Any]:
        """A psycopg connection that commits every statement by itself."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of another one, to which nobody may be connected.

        Returns:
            The new database's address.
        """
        with self.session() as session:
            # Faster than copying through the log, and the only way before PostgreSQL 15.
            how = "STRATEGY file_copy" if session.info.server_version >= 150_000 else ""
            session.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {how}')
        return self.url(name)

    @contextmanager
    def database(self, prefix: str, template: str = "template0") -> Iterator[str]:
        """A database that is gone afterwards.

        Args:
            prefix: Makes its name this process's own.
            template: The database to copy; an empty one unless told.

        Yields:
            Its address.
        """
        name = f"{prefix}_{next(self._numbers)}"
        yield self.create(name, template)
        with self.session() as session:
            session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def template(self, name: str, fill: Callable[[str], None], template: str = "template0") -> str:
        """Make a database for others to be copied from.

        Args:
            name: Its name.
            fill: Gets its address, makes what the copies shall have, and leaves no connection open.
            template: The database that it is copied from itself.

        Returns:
            `name`.
        """
        fill(self.create(name, template))
        return name


def _first_line(keeper: subprocess.Popen[bytes], limit: float) -> str:
    """The keeper's first line, or why there is none."""
    output = _pipe(keeper.stdout)
    ready, _, _ = select.select([output], [], [], limit)
    if not ready:
        return f"no answer within {limit:.0f} seconds."
    return output.readline().decode(errors="replace").strip() or "its keeper ended without a word."


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """Let the keeper tidy up; kill it when it does not."""
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

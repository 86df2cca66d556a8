"""A connection pooler in transaction mode for tests: no transaction gets the session of the one before.

Poolers in use give a client the same session again while nobody else wants it, which hides what depends on that. This
one never does, so that it shows at once.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

POOLER: Final = "pooler"
"""Name of the program in the sessions of the server."""

_PORT: Final = 5432
"""Names the socket file in its folder."""

_PROTOCOL: Final = 3 << 16

_TRACKED: Final = {"user", "database", "application_name", "client_encoding"}
"""Parameters of a connect that a pooler takes; it refuses others, as they would be settings of a session."""

_FAKE_PID: Final = 2**31 - 1
"""What clients are told for the number of their session: no server has one so high."""


class _Pooler:
    """Takes clients of one server on a socket of its own.

    Args:
        server: the folder of the server's socket.
        folder: an empty one for its own socket.
    """

    def __init__(self, server: Path, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{_PORT}"))
        self._listener.listen()
        self._lock = threading.Lock()
        self._free: dict[str, list[_Session]] = {}
        """Sessions of each database that no transaction has."""
        self._clients = Counter[str]()
        threading.Thread(target=self._accept, name="pooler", daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), name="pooled", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Answer one client until it leaves."""
        with client, client.makefile("rb") as sent, suppress(OSError, EOFError):
            size, protocol = struct.unpack("!ii", _exactly(sent, 8))
            if protocol != _PROTOCOL:  # a request to cancel
                return
            words = _exactly(sent, size - 8).decode().split("\0")
            given = dict(zip(words[0::2], words[1::2], strict=False))
            if strange := sorted(given.keys() - _TRACKED - {""}):
                client.sendall(_refusal(f"unsupported startup parameter: {strange[0]}"))
                return
            with self._counted(given["database"]):
                self._serve_database(client, sent, given["database"])

    def _serve_database(self, client: socket.socket, sent: BinaryIO, database: str) -> None:
        last = self._take(database, None)
        self._give(last)
        told = struct.pack("!ii", _FAKE_PID, 0)
        client.sendall(_message(b"R", b"\0\0\0\0") + last.welcome + _message(b"K", told) + _message(b"Z", b"I"))
        while (kind := sent.read(1)) not in (b"", b"X"):
            last = self._transaction(client, sent, kind, self._take(database, last))

    @contextmanager
    def _counted(self, database: str) -> Iterator[None]:
        """Count the clients of a database; its sessions end with the last one."""
        with self._lock:
            self._clients[database] += 1
        try:
            yield
        finally:
            with self._lock:
                self._clients[database] -= 1
                if not self._clients[database]:
                    for session in self._free.pop(database, []):
                        session.connection.sendall(_message(b"X", b""))
                        session.connection.close()

    def _transaction(self, client: socket.socket, sent: BinaryIO, kind: bytes, session: _Session) -> _Session:
        """Carry a client's messages to a session and its answers back, to the end of the transaction."""
        try:
            while True:
                session.connection.sendall(_message(kind, _body(sent)))
                if kind in b"QSFcf" and session.answer(client) == b"I":
                    break
                kind = _exactly(sent, 1)
        except BaseException:
            session.connection.close()  # which rolls back
            raise
        self._give(session)
        return session

    def _take(self, database: str, last: _Session | None) -> _Session:
        """A free session, never the last one; a new one if there is none."""
        with self._lock:
            others = [session for session in self._free.get(database, []) if session is not last]
            if others:
                self._free[database].remove(others[0])
                return others[0]
        return _Session(self._server, database)

    def _give(self, session: _Session) -> None:
        with self._lock:
            self._free.setdefault(session.database, []).append(session)


@dataclass(eq=False)
class _Session:
    """A session of the server."""

    server: Path
    database: str
    welcome: bytes = b""
    """What the server says of its settings."""
    connection: socket.socket = field(init=False)
    _received: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(str(self.server / f".s.PGSQL.{_PORT}"))
        self._received = self.connection.makefile("rb")
        # The encoding is that of the clients, as with poolers in use: all ask for the same one.
        words = ("user", "postgres", "database", self.database, "application_name", POOLER, "client_encoding", "UTF8")
        start = struct.pack("!i", _PROTOCOL) + "\0".join((*words, "", "")).encode()
        self.connection.sendall(struct.pack("!i", len(start) + 4) + start)
        while (kind := _exactly(self._received, 1)) != b"Z":
            body = _body(self._received)
            if kind == b"E":
                raise OSError(body)
            if kind == b"S":
                self.welcome += _message(kind, body)
        _body(self._received)

    def answer(self, client: socket.socket) -> bytes:
        """Give a client the answer to its message; returns the state of the transaction, empty if COPY wants rows."""
        answer = b""
        while True:
            kind = _exactly(self._received, 1)
            body = _body(self._received)
            answer += _message(kind, body)
            if kind in b"ZG" or len(answer) > 100_000:
                client.sendall(answer)
                answer = b""
            if kind in b"ZG":
                return body if kind == b"Z" else b""


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _body(received: BinaryIO) -> bytes:
    """The rest of a message whose first byte was read."""
    (size,) = struct.unpack("!i", _exactly(received, 4))
    return _exactly(received, size - 4)


def _exactly(received: BinaryIO, size: int) -> bytes:
    """Read so many bytes.

    Raises:
        EOFError: the other side has left.
    """
    read = received.read(size)
    if len(read) < size:
        raise EOFError
    return read


def _refusal(text: str) -> bytes:
    fields = (("S", "FATAL"), ("C", "08P01"), ("M", text))
    return _message(b"E", b"".join(f"{key}{value}\0".encode() for key, value in fields) + b"\0")


@contextmanager
def pooled(server: Path) -> Iterator[Callable[[str], str]]:
    """A pooler before a server, in a process of its own: in this one it would wait for whatever runs.

    Args:
        server: the folder of the server's socket.

    Yields:
        What makes the URL through the pooler of the server's URL of a database.
    """
    with tempfile.TemporaryDirectory(prefix="pool-", dir="/tmp") as folder:  # a socket's path is short
        command = [sys.executable, "-I", "-S", __file__, str(server), folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield lambda url: url.replace(quote(str(server)), quote(folder))
            process.stdin.close()


if __name__ == "__main__":
    _Pooler(Path(sys.argv[1]), Path(sys.argv[2]))
    print("ready", flush=True)
    sys.stdin.read()  # to its end

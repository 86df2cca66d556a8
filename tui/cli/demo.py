"""`serialdock demo`: a sample warehouse, deleted afterwards unless a database is named."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from models.database.connection import call, connect, disconnect, open_database
from models.demo import load_demo
from tui.cli.output import MalformedError, Output
from tui.cli.parser import Invocation, Opens, argument, command, number

_REMOVE_SCRIPT: Final = 'trap "" HUP INT TERM QUIT; cat >/dev/null; rm -rf -- "$1"'
"""Shell script that deletes a folder at the end of its standard input. Only the program holds the other end, so this
happens when the program ends, even if it was killed."""

_REMOVE_TIMEOUT: Final = 10.0
"""Longest wait in seconds for the deletion before the program ends without it."""


@command(
    "demo",
    summary="open the app on a believable warehouse",
    arguments=(argument("--serials", metavar="N", type=number, default=5_000, help="how many serials (else 5000)"),),
    examples=("serialdock demo", "serialdock demo --serials 1000000 --database big.sqlite3"),
    opens=Opens.NOTHING,
    note=(
        "The database is thrown away at the end. With --database an empty one is filled and kept; "
        "with --json as well, it is only filled and the app stays closed."
    ),
)
def demo(invocation: Invocation, *, serials: int) -> None:
    """Fill a database with that many serials and open the app on it; with `--json` the app is not opened.

    Raises:
        SystemExit: the app was left.
    """
    out, url, user = invocation.out, invocation.database, invocation.user
    if url is None:
        if out.json:
            raise MalformedError("demo --json fills the database named by --database. Name one.")
        invocation.require_terminal()  # before the filling, which takes some seconds
        with throwaway_folder("serialdock-demo-") as folder:
            file = folder / "demo.sqlite3"
            file.touch(mode=0o600)  # as everything in this folder; SQLite makes the files beside it like it
            url = str(file)
            _fill(out, url, serials)
            invocation.open_app(url, user)
    if not out.json:
        invocation.require_terminal()
    _fill(out, url, serials)
    if not out.json:
        invocation.open_app(url, user)


def _fill(out: Output, url: str, serials: int) -> None:
    database = open_database(url)
    try:
        connect(database)
        summary = call(database, load_demo, database, serials, progress=out.progress())
    finally:
        disconnect(database)
    if out.json:
        made = ("items", "locations", "customers", "users", "serials", "events", "documents")
        out.one({name: getattr(summary, name) for name in made}, ())


@contextmanager
def throwaway_folder(prefix: str = "serialdock-") -> Iterator[Path]:
    """Make a temporary folder that is deleted even if this process is killed.

    A small child process deletes it once this process has left the block or died.

    Args:
        prefix: of the folder's name.

    Yields:
        The folder, accessible only to its owner.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    remover = subprocess.Popen(
        ["/bin/sh", "-c", _REMOVE_SCRIPT, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that Ctrl+C and a closed terminal do not end it too
        cwd="/",
    )
    try:
        yield folder
    finally:
        assert remover.stdin is not None
        remover.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            remover.wait(_REMOVE_TIMEOUT)

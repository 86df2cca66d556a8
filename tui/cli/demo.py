"""`serialdock demo`: a warehouse to look around in, thrown away afterwards or kept."""

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

_REMOVE: Final = 'trap "" HUP INT TERM QUIT; cat >/dev/null; rm -rf -- "$1"'
"""Waits for the end of its standard input, which only the program holds: it ends with the program, killed or not."""

_PATIENCE: Final = 10.0
"""Seconds that removing may take before the program goes on to its end without it."""


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
    """Fill a database with so many serials and open the app on it; with JSON the app stays closed.

    Raises:
        SystemExit: the person has left the app.
    """
    out, url, user = invocation.out, invocation.database, invocation.user
    if url is None:
        if out.json:
            raise MalformedError("demo --json fills the database named by --database. Name one.")
        invocation.require_terminal()
        with throwaway_folder("serialdock-demo-") as folder:
            url = str(folder / "demo.sqlite3")
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
    """Make a folder for files that nobody wants afterwards.

    A small process removes it once this one has let go of it, by leaving the block or by dying.

    Args:
        prefix: what the folder's name begins with.

    Yields:
        The folder, which only its owner may enter.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    remover = subprocess.Popen(
        ["/bin/sh", "-c", _REMOVE, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # the terminal's signals are for the program alone
        cwd="/",
    )
    try:
        yield folder
    finally:
        assert remover.stdin is not None
        remover.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            remover.wait(_PATIENCE)

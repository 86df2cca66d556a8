"""`serialdock` alone and `serialdock demo`: the app on the person's database, or on a warehouse to look around in."""

from __future__ import annotations

import sys
from collections.abc import Callable

from models.database import call, connect, disconnect, open_database
from models.errors import Refusal
from tui.cli.command import MalformedError
from tui.cli.output import Output
from tui.cli.session import prepare_for
from tui.cli.throwaway import throwaway_folder


def open_app(url: str, user: str | None) -> int:
    """Open the app and return when the person has left.

    Raises:
        Refusal: the terminal is none or cannot be used, or the person may not.
        DatabaseTrouble: the database cannot be used.
    """
    _require_terminal()
    prepare_for(url)
    from tui.app import run  # noqa: PLC0415 - Textual is for the app alone

    return run(url, user=user)


def demo(out: Output, *, url: str | None, user: str | None, serials: int) -> int:
    """Fill a database and open the app on it.

    Args:
        out: with JSON the app stays closed.
        url: an empty database, which is kept; None is a throw-away one.
        user: with whose permissions the app is used.
        serials: how many.

    Returns:
        The exit code of the app.
    """
    if url is None:
        if out.json:
            raise MalformedError("demo --json fills the database named by --database. Name one.")
        _require_terminal()
        with throwaway_folder("serialdock-demo-") as folder:
            url = str(folder / "demo.sqlite3")
            _fill(out, url, serials)
            return open_app(url, user)
    if not out.json:
        _require_terminal()
    _fill(out, url, serials)
    return 0 if out.json else open_app(url, user)


def _fill(out: Output, url: str, serials: int) -> None:
    prepare_for(url)
    from models.demo import load_demo  # noqa: PLC0415 - Peewee comes after the engine is known

    database = open_database(url)
    try:
        connect(database)
        summary = call(database, load_demo, database, serials, progress=None if out.json else _progress())
    finally:
        disconnect(database)
    if out.json:
        made = ("items", "locations", "customers", "users", "serials", "events", "documents")
        out.one({name: getattr(summary, name) for name in made}, ())


def _progress() -> Callable[[str, int, int], None] | None:
    """Shows how far it is on a line that goes away again; None where no person looks."""
    if not sys.stderr.isatty():
        return None
    shown = ""

    def show(what: str, done: int, total: int) -> None:
        nonlocal shown
        line = f"{what} {100 * done // max(total, 1)} %"
        if line != shown:
            print(f"\r{line}", end=" " * max(0, len(shown) - len(line)), file=sys.stderr, flush=True)
            shown = line
        if done >= total:
            print("\r" + " " * len(line) + "\r", end="", file=sys.stderr, flush=True)
            shown = ""

    return show


def _require_terminal() -> None:
    from tui.startup import prepare_environment  # noqa: PLC0415

    if problem := prepare_environment():
        raise Refusal(f"{problem} For commands see serialdock --help.")

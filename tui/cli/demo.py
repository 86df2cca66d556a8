"""`serialdock` alone and `serialdock demo`: the app on the person's database, or on a warehouse to look around in."""

from __future__ import annotations

from typing import NoReturn

from models.database.connection import call, connect, disconnect, open_database
from models.errors import Refusal
from tui.cli.command import GOOD, MalformedError
from tui.cli.output import Output
from tui.cli.session import prepare_for
from tui.memory import leave_out_openssl, make_haste


def open_app(url: str, user: str | None) -> NoReturn:
    """Open the app; the program ends with it.

    Raises:
        SystemExit: the person has left.
        Refusal: the terminal is none or cannot be used, or the person may not.
        DatabaseTrouble: the database cannot be used.
    """
    require_terminal()
    make_haste()
    prepare_for(url)
    from tui.app import run  # noqa: PLC0415 - Textual is for the app alone

    run(url, user=user)


def demo(out: Output, *, url: str | None, user: str | None, serials: int) -> int:
    """Fill a database and open the app on it.

    Args:
        out: with JSON the app stays closed.
        url: an empty database, which is kept; None is a throw-away one.
        user: with whose permissions the app is used.
        serials: how many.

    Returns:
        The exit code, where the app stayed closed.

    Raises:
        SystemExit: the person has left the app.
    """
    if url is None:
        if out.json:
            raise MalformedError("demo --json fills the database named by --database. Name one.")
        require_terminal()
        from tui.cli.throwaway import throwaway_folder  # noqa: PLC0415 - the app alone makes no folder

        with throwaway_folder("serialdock-demo-") as folder:
            url = str(folder / "demo.sqlite3")
            _fill(out, url, serials)
            open_app(url, user)
    if not out.json:
        require_terminal()
    _fill(out, url, serials)
    if not out.json:
        open_app(url, user)
    return GOOD


def _fill(out: Output, url: str, serials: int) -> None:
    prepare_for(url)
    from models.demo import load_demo  # noqa: PLC0415 - Peewee comes after the engine is known

    database = open_database(url)
    try:
        connect(database)
        summary = call(database, load_demo, database, serials, progress=out.progress())
    finally:
        disconnect(database)
    if out.json:
        made = ("items", "locations", "customers", "users", "serials", "events", "documents")
        out.one({name: getattr(summary, name) for name in made}, ())


def require_terminal() -> None:
    """Prepare the terminal and this process for an app.

    Raises:
        Refusal: it is none, or cannot be used.
    """
    from tui.startup import prepare_environment  # noqa: PLC0415

    if problem := prepare_environment():
        raise Refusal(f"{problem} For commands see serialdock --help.")
    leave_out_openssl()

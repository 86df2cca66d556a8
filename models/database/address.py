"""Parsing database addresses. Imports no Peewee, so that a process can choose the drivers to load first."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from models.errors import WrongAddress

_KEYWORDS = re.compile(r"(host|hostaddr|port|dbname|user|password|passfile|service)\s*=")
"""Start of libpq's keyword/value form of an address; taken as a path it would create a file named after a password."""

_PORTS = re.compile(r"[^:]*(:[0-9]*)?(,[^:]*(:[0-9]*)?)*|\[.*")


def is_sqlite_url(url: str) -> bool:
    """Whether this URL or bare path names an SQLite file."""
    return "://" not in url or url.startswith("sqlite:")


def sqlite_path(url: str) -> Path:
    """The file named by a `sqlite:///…` URL or a bare path.

    Raises:
        WrongAddress: no file is named, or it is an in-memory database, which threads cannot share.
    """
    path = url
    if url.startswith("sqlite:"):
        if not url.startswith("sqlite:///"):
            raise WrongAddress(f"{url} is no database address. Write sqlite:///path/to/file or just the path.")
        path = url.removeprefix("sqlite:///")
        if "?" in path or "#" in path:
            raise WrongAddress(f"{url} has options, which SQLite addresses do not take. Give the path alone.")
        path = unquote(path)
    elif _KEYWORDS.match(url):
        raise WrongAddress("That is no path of a database file. Write a server's address as postgresql://…")
    if not path.strip() or path == ":memory:" or "\0" in path:
        raise WrongAddress(f"{url or 'An empty text'} names no file. Give the path of a database file.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise WrongAddress(f"{path} begins with a person whom this machine does not know. Write it out.") from error


def without_password(url: str) -> str:
    """A URL without its password, wherever libpq accepts one, and also where a password is misplaced."""
    head, found, rest = url.partition("://")
    if not found:
        return url
    authority, slash, tail = rest.partition("/")
    user, at, host = authority.rpartition("@")  # libpq ends the user part at an @ before the first slash
    shown = user.partition(":")[0]
    slash_in_password = not at and "@" in tail and not _PORTS.fullmatch(authority.partition("?")[0])
    if slash_in_password or "?" in shown:
        return f"{head}://…"
    place, _, query = f"{host}{slash}{tail}".partition("?")
    kept = "&".join(part for part in query.split("&") if "password" not in unquote(part.partition("=")[0]).lower())
    return f"{head}://{shown}{at}{place}{'?' if kept else ''}{kept}"


def leave_out_postgres_driver() -> None:
    """Import Peewee without psycopg, which it would import if installed: saves 150 ms and 10 MB when using SQLite.

    Call it before anything else imports Peewee, and only in a process that opens nothing but SQLite.
    """
    if "peewee" in sys.modules or "psycopg" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules
    modules["psycopg"] = None  # makes `import psycopg` raise ImportError
    try:
        import peewee  # noqa: F401, PLC0415 - imported for its effect, while the driver is hidden
    finally:
        del modules["psycopg"]

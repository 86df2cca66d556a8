"""Parsing database addresses. Imports no Peewee, so that a process can choose the drivers to load first."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from models.errors import WrongAddress

_NO_PATH = re.compile(
    # libpq's keyword/value form, in any order; taken as a path it would create a file named after a password.
    r"(^|\s)(host|hostaddr|port|dbname|user|password|passfile|service|sslmode|options|requirepeer|target_session_attrs)"
    r"\s*=|(password|passwd|pwd)\s*="
    # A scheme without its slashes: postgresql:me:secret@db/stock, file:stock.db.
    r"|^\s*(postgres|psql|pgsql|pg|mysql|mariadb|mssql|oracle|mongodb|jdbc|odbc|https?|file)[\w+.-]*:"
    # No scheme at all: me:secret@db/stock, me@db:5432/stock; or half of one: postgres//me:secret@db/stock.
    r"|^[^/@]*:.*@|^[^/@]*@[^/]*:[0-9]*(/|$)|^[^/]*[/\\]{2}.*:.*@",
    re.IGNORECASE | re.DOTALL,
)
"""Texts that are addresses of servers, some of them torn or mistyped, and no paths of files."""

_PORTS = re.compile(r"[^:]*(:[0-9]*)?(,[^:]*(:[0-9]*)?)*|\[.*")

_SECRET_NAME = re.compile(r"passw|pwd|secret|scram_", re.IGNORECASE)
"""Parts of the names of query parameters whose values must not be shown."""

_IN_TEXT = re.compile(
    r"(?P<url>\b[a-z][a-z0-9+.-]*://[^\s'\"]+)"
    r"|(?P<scheme>\b(postgres|psql|pgsql|mysql|mariadb|jdbc)[\w+.-]*:)(?!//)[^\s'\"]*@"
    r"|(?P<name>(password|passwd|pwd|secret)\s*=\s*)('(\\.|[^'\\])*'|\"[^\"]*\"|[^\s&'\"]+)",
    re.IGNORECASE,
)
"""Passwords in the middle of a text: in a URL, behind a scheme without slashes, as keyword and value."""


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
            shown = without_password(url)
            raise WrongAddress(f"{shown} is no database address. Write sqlite:///path/to/file or just the path.")
        path = url.removeprefix("sqlite:///")
        if "?" in path or "#" in path:
            shown = without_password(url)
            raise WrongAddress(f"{shown} has options, which SQLite addresses do not take. Give the path alone.")
        path = unquote(path)
    if _NO_PATH.search(path):
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
        return hide_passwords(url)
    head = hide_passwords(head)
    authority, slash, tail = rest.partition("/")
    user, at, host = authority.rpartition("@")  # libpq ends the user part at an @ before the first slash
    shown = user.partition(":")[0]
    if _is_torn(authority, tail) or "?" in shown:
        return f"{head}://…"
    place, _, query = f"{host}{slash}{tail}".partition("?")
    kept = "&".join(part for part in query.split("&") if not _SECRET_NAME.search(unquote(part.partition("=")[0])))
    shown = f"{head}://{shown}{at}{place}{'?' if kept else ''}{kept}"
    return f"{head}://…" if _SECRET_NAME.search(place) and "=" in place else shown


def _is_torn(authority: str, tail: str) -> bool:
    """Whether a slash seems to tear a password apart, or the password stands in the place of a port."""
    path, _, _ = tail.partition("?")
    front, _, _ = authority.partition("?")
    return ("@" in path and ":" in front) or ("@" not in authority and not _PORTS.fullmatch(front))


def is_misread(url: str) -> bool:
    """Whether libpq would take a part of the password in this URL for a host, a port or a name, and show it.

    So it does with `@`, `/` and `?` in a password that are not percent-encoded.
    """
    authority, _, tail = url.partition("://")[2].partition("/")
    user, _, host = authority.rpartition("@")
    return "@" in user or "?" in user or _is_torn(authority, tail) or not _PORTS.fullmatch(host.partition("?")[0])


def hide_passwords(text: str) -> str:
    """A text, such as an error message or a crash report, without the passwords of addresses in it."""

    def hidden(found: re.Match[str]) -> str:
        if found["url"]:
            return without_password(found["url"])
        return f"{found['scheme'] or found['name']}…"

    return _IN_TEXT.sub(hidden, text)


def leave_out_postgres_driver() -> None:
    """Import Peewee without psycopg, which it would import if installed: saves 150 ms and 10 MB when using SQLite.

    Call it before anything else imports Peewee, and only in a process that opens nothing but SQLite.
    """
    if "peewee" in sys.modules or "psycopg" in sys.modules:
        return
    modules: dict[str, Any] = sys.modules
    # Peewee imports each driver that is installed at its own top and has no setting for that. None in the place of a
    # module makes the import raise ImportError, which Peewee expects; the entry is gone before anybody else could ask.
    modules["psycopg"] = None
    try:
        import peewee  # noqa: F401, PLC0415 - imported for its effect, while the driver is hidden
    finally:
        del modules["psycopg"]

"""Finding damage: every page, row and value of an SQLite file is read, and unreadable ones are reported.

It uses its own connection without Peewee, so that one unreadable row does not end the whole check. The other parts of
the check run only if every value can be read and has the type of its column.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from models.check.findings import Findings
from models.database.connection import LOCK_SECONDS
from models.database.damage import (
    ERRORS,
    MOST,
    ROW_RULES,
    BadRow,
    bad_rows,
    found,
    strange_days,
    strange_words,
)
from models.schema import TABLES, SerialEvent, Table, columns_of

_NO_DAMAGE: Final = ("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")

_FIRST_PAGES: Final = 1 << 20
"""Bytes that are searched for the name of one of our tables if the file has no valid header."""

_HEADER: Final = b"SQLite format 3\0"
_OUR_TABLE: Final = b"serialdock_versions"
"""Name of a table that each of our databases has, near its beginning."""

_TREE: Final = re.compile(r"\b[Tt]ree (\d+)")
_OF_CONSTRAINTS: Final = ("CHECK constraint", "NULL value in", "non-unique entry", "row ", "wrong # of entries")
"""Prefixes of SQLite's messages about rows that can be read: violated constraints and wrong indexes."""


def find(path: Path, findings: Findings, progress: Callable[[int, int], None]) -> bool:
    """Look for damage.

    Returns:
        Whether everything could be read, so that the rows can be compared.
    """
    beginning = _beginning(path)
    if not beginning.startswith(_HEADER):
        if _OUR_TABLE not in beginning:
            return True  # empty, or some other file; opening it says so
        findings.add("file_damaged", f"{found('its header is destroyed')} Restore a copy.")
        return False
    with closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA query_only = 1")
            roots = dict(connection.execute("SELECT rootpage, name FROM sqlite_master WHERE rootpage > 0").fetchall())
        except ERRORS as error:
            if str(getattr(error, "sqlite_errorname", "")).startswith(_NO_DAMAGE):
                return True  # no damage; opening it says what it is
            findings.add("file_damaged", found(f"its list of tables cannot be read ({error})"))
            return False
        is_whole = _check_pages(connection, roots, findings)
        tables = [table for table in TABLES if table._meta.table_name in roots.values()]
        for number, table in enumerate(tables):
            progress(number, len(tables))
            is_whole &= _check_rows(connection, table, findings)
        for table, rule in ROW_RULES:  # they read whole tables
            if is_whole and table in tables:
                _tell_all(rule(connection.execute), findings)
        progress(len(tables), len(tables))
        return is_whole


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FIRST_PAGES)
    except OSError:
        return b""  # opening the database says why


def _check_pages(connection: sqlite3.Connection, roots: dict[int, str], findings: Findings) -> bool:
    """SQLite's own check of pages, indexes and constraints."""
    is_whole = True
    try:
        for (line,) in connection.execute("PRAGMA integrity_check"):
            if line == "ok":
                continue
            for part in str(line).splitlines():
                findings.add("file_damaged", f"SQLite finds damage in the file: {_with_name(part, roots)}.")
                is_whole &= part.startswith(_OF_CONSTRAINTS)
    except ERRORS as error:
        findings.add("file_damaged", f"SQLite cannot check the file to its end: {error}.")
        return False
    return is_whole


def _with_name(line: str, roots: dict[int, str]) -> str:
    """Replace the root page by which SQLite names a table with the table's name."""
    tree = _TREE.search(line)
    name = roots.get(int(tree[1])) if tree else None
    return f"{line} (of {name})" if name else line


def _check_rows(connection: sqlite3.Connection, table: type[Table], findings: Findings) -> bool:
    """Read every value of a table."""
    name = table._meta.table_name
    try:
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
    except ERRORS as error:
        findings.add("row_damaged", found(f"table {name} cannot be read ({error})"))
        return False
    columns = {name: field for name, field in columns_of(table).items() if name in there}
    # Faults in the changes of an event are reported with its serial.
    rows = bad_rows(connection, table, columns, read=list(columns), json_too=table is not SerialEvent)
    return _tell_all(islice(rows, MOST), findings)


def _tell_all(rows: Iterable[BadRow], findings: Findings) -> bool:
    """Report bad rows; returns whether all of them can still be compared, since only a word in them is wrong."""
    can_be_compared = True
    for row in rows:
        findings.add("row_damaged", found(row.where))
        can_be_compared &= row.is_word
    return can_be_compared


def find_on_server(database: Any, findings: Findings) -> bool:
    """As `find`, for a server, which protects pages and most values itself."""
    return _tell_all([*strange_days(database), *strange_words(database)], findings)

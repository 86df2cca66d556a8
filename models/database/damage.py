"""Damage of a database: which values are invalid, where they are, and the messages about them.

`find_damage` finds the first damaged row. It reads the whole database, so it runs only after an error that damage would
explain. `models.check.damage` reports all damage, with the same rules and messages.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import peewee

from models.database.address import without_password
from models.errors import Damaged, DamagedRow
from models.schema import TABLES, MomentField, Table, WordField, columns_of

_JSON: Final = (("serial_events", "changes"), ("import_mappings", "columns"))
"""Text columns that hold JSON, by table."""

ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""Errors of the driver on a damaged file; the second if a name in SQLite's message cannot be decoded."""

MOST: Final = 100
"""Maximum number of bad rows that are listed for a table; a longer list helps nobody."""

_UNKNOWN: Final = object()


class BadRow(NamedTuple):
    """A row that cannot be read, or that has an invalid value."""

    table: str
    key: object
    """SQLite's number of the row, or its primary key; None if the rest of the table cannot be read."""
    what: str
    error: Exception | None = None
    """Why it cannot be read."""
    is_word: bool = False
    """Whether it can be read and only has a word that its column does not allow."""

    @property
    def where(self) -> str:
        """The table, the row and the fault."""
        return f"table {self.table}, {self.what if self.key is None else f'row {self.key}: {self.what}'}"


ReadRows = Callable[[str], Iterable[Sequence[Any]]]
"""Reads the rows of a query, on either engine."""

RowRule = Callable[[ReadRows], Iterator[BadRow]]

ROW_RULES: Final[list[tuple[type[Table], RowRule]]] = []
"""Rules of small tables: rows that must exist, and values that are allowed only in certain rows."""


def row_rule(table: type[Table]) -> Callable[[RowRule], RowRule]:
    """Register a rule; for the module that defines the words of a table."""

    def add(rule: RowRule) -> RowRule:
        ROW_RULES.append((table, rule))
        return rule

    return add


class NotedDamage:
    """The damage found in a database. As long as it is there, this process does not write to the database."""

    def __init__(self, what_is_there: Callable[[], object]) -> None:
        """Begin without damage.

        Args:
            what_is_there: identifies the database that the address names now.
        """
        self._what_is_there = what_is_there
        self._damage: Damaged | None = None
        self._where: object = _UNKNOWN

    def note(self, damage: Damaged, where: object = _UNKNOWN) -> None:
        """Remember damage.

        Args:
            damage: raised from now on.
            where: the database that the address named at that time; if omitted, the next check looks it up.
        """
        self._damage, self._where = damage, where

    def require_none(self) -> None:
        """Raise the damage, unless the address names another database now.

        Raises:
            Damaged
        """
        if self._damage is None:
            return
        there = self._what_is_there()
        if self._where is _UNKNOWN:
            self._where = there
        elif there != self._where:
            self._damage = None
            return
        raise type(self._damage)(self._damage.message, **self._damage.details)


def find_damage(database: Any, undecodable: str = "", table: str = "") -> Damaged | None:
    """The first damage of a database; None if everything can be read, or if that cannot be checked now.

    Args:
        database: an open one.
        undecodable: the column whose text is not valid UTF-8, if the driver named one.
        table: name of the table to check first, if it is known.
    """
    name = without_password(str(database.database))
    try:
        if not isinstance(database, peewee.SqliteDatabase):
            row = next(_rows_on_server(database, table), None)
        else:
            path = Path(str(database.database)).absolute()
            # A connection of its own: the program's may be in a transaction, or broken.
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
                if (fault := _in_file(connection, name)) is not None:
                    return fault
                row = next(_rows_in_file(connection, undecodable, table), None)
                if row is not None and row.error is not None and hasattr(row.error, "sqlite_errorname"):
                    raise row.error
    except sqlite3.DatabaseError as error:
        code = str(getattr(error, "sqlite_errorname", ""))
        return damaged(name, str(error), code) if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) else None
    except UnicodeDecodeError:  # in SQLite's own message, which quotes the file
        return damaged(name, "its structure", "SQLITE_CORRUPT")
    except (peewee.PeeweeException, OSError):
        return None
    return None if row is None else _damaged_row(name, row)


def damaged(name: str, text: str, code: str) -> Damaged:
    """The trouble about a database whose structure is corrupt."""
    return Damaged(
        f"The database {name} is damaged: {text} ({code}). Nothing more is written to it. Restore a backup.", error=code
    )


def found(where: str) -> str:
    """The message of `check` about damage."""
    return f"The database is damaged: {where}."


def _damaged_row(name: str, row: BadRow) -> DamagedRow:
    return DamagedRow(
        f"The database {name} is damaged: {row.where}. Other rows can be used; restore a backup, or have the row "
        "mended. serialdock check lists what is wrong.",
        error="row",
        table=row.table,
        row=row.key,
    )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


# ----- SQLite


def _in_file(connection: sqlite3.Connection, name: str) -> Damaged | None:
    """Damage of the file's structure."""
    if _first_fault(connection, "PRAGMA quick_check(1)") is None:
        return None
    # Table by table, to name the one that is damaged.
    for table in (table._meta.table_name for table in TABLES):
        if (fault := _first_fault(connection, f"PRAGMA quick_check({table})")) is not None:
            return damaged(name, f"table {table}, {fault}", "SQLITE_CORRUPT")
    return damaged(name, "its structure", "SQLITE_CORRUPT")


def _first_fault(connection: sqlite3.Connection, pragma: str) -> str | None:
    try:
        found = str(connection.execute(pragma).fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_CORRUPT"):
            raise
        return str(error)
    return None if found == "ok" else found.splitlines()[-1]


# ----- SQLite: its rows

_MOMENT: Final = (
    "typeof({0}) = 'text' AND substr({0}, 20) GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]+00:00' "
    "AND substr({0}, 1, 19) = coalesce(datetime(substr({0}, 1, 19), '+0 days'), '')"
)
_DATE: Final = "typeof({0}) = 'text' AND length({0}) = 10 AND {0} = coalesce(date({0}, '+0 days'), '')"

_LOWEST: Final = -(2**63)


def _rows_in_file(connection: sqlite3.Connection, undecodable: str, first: str) -> Iterator[BadRow]:
    for table in _beginning_with(first):
        read = [name for name in columns_of(table) if name == undecodable]
        yield from bad_rows(connection, table, columns_of(table), read=read)
        for of, rule in ROW_RULES:
            if of is table:
                yield from rule(connection.execute)
    for child, key, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield BadRow(child, key, f"it refers to a row of {parent} that does not exist")


def _beginning_with(first: str) -> list[type[Table]]:
    """All tables, with that of this name first."""
    return sorted(TABLES, key=lambda table: table._meta.table_name != first)


def bad_rows(
    connection: sqlite3.Connection,
    table: type[Table],
    columns: Mapping[str, peewee.Field],
    *,
    read: Sequence[str],
    json_too: bool = True,
) -> Iterator[BadRow]:
    """The rows of a table that cannot be read, or that have a value of another type than its column.

    Args:
        connection: to a file that may be damaged.
        table: a table whose definition can be read.
        columns: the columns that it has in the file.
        read: the columns whose values are read, too, which finds text that cannot be decoded.
        json_too: whether JSON columns are checked, too.
    """
    of = table._meta.table_name
    connection.create_function("is_json", 1, _is_json, deterministic=True)
    conditions = [(name, _valid(field, json_too=json_too)) for name, field in columns.items()]
    # Words come last: a row in which only a word is wrong can still be read.
    conditions += [(name, f"({name} IS NULL OR {name} IN ({field.listed}))") for name, field in _of_words(columns)]
    cases = " ".join(f"WHEN NOT {condition} THEN '{name}'" for name, condition in conditions)
    sql = f"SELECT {', '.join(('rowid', f'CASE {cases} END', *read))} FROM {of} WHERE rowid > ? ORDER BY rowid"
    last: int | None = _LOWEST
    while last is not None:
        try:
            for row in connection.execute(sql, (last,)):
                if row[0] <= last:  # a damaged page may lead back: this would never end
                    yield BadRow(of, None, f"after row {last}: its rows are not in order")
                    return
                last = row[0]
                if row[1] is not None:
                    shown, is_text = _value(connection, of, row[1], last)
                    is_word = is_text and isinstance(columns[row[1]], WordField)
                    yield BadRow(of, last, f"{row[1]} is {shown}", is_word=is_word)
        except ERRORS as error:
            last, why = _row_after(connection, of, columns, last, error)
            yield BadRow(of, last, why, error)
        else:
            return


def _valid(field: peewee.Field, *, json_too: bool) -> str:
    """SQL that is true for a value that a column may have."""
    name = field.column_name
    kind = field.rel_field if isinstance(field, peewee.ForeignKeyField) else field
    if isinstance(kind, MomentField):
        condition = _MOMENT.format(name)
    elif isinstance(kind, peewee.DateField):
        condition = _DATE.format(name)
    elif isinstance(kind, peewee.BooleanField):
        condition = f"typeof({name}) = 'integer' AND {name} IN (0, 1)"
    elif isinstance(kind, peewee.BlobField):
        condition = f"typeof({name}) = 'blob'"
    elif isinstance(kind, peewee.TextField):
        is_json = json_too and (field.model._meta.table_name, name) in _JSON
        condition = f"typeof({name}) = 'text'{f' AND is_json({name})' if is_json else ''}"
    else:
        condition = f"typeof({name}) = 'integer'"
    return f"({name} IS NULL OR ({condition}))" if field.null else f"({condition})"


def _of_words(columns: Mapping[str, peewee.Field]) -> Iterator[tuple[str, WordField]]:
    """The columns whose values come from a fixed set of words."""
    for name, field in columns.items():
        if isinstance(field, WordField) and field.words:
            yield name, field


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _value(connection: sqlite3.Connection, table: str, column: str, row: int) -> tuple[str, bool]:
    """A value for display, and whether it is text."""
    try:
        (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
    except ERRORS as reason:
        return f"not to be read ({_first_words(reason)})", False
    return _shown(value), isinstance(value, str)


def _row_after(
    connection: sqlite3.Connection, table: str, columns: Iterable[str], last: int, error: Exception
) -> tuple[int | None, str]:
    """The row that cannot be read, and why; without a row number if no later row can be found either."""
    start = "the first row" if last == _LOWEST else f"the rows after {last}"
    try:
        after = connection.execute(f"SELECT rowid FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT 1", (last,))
        row = after.fetchone()
    except ERRORS:
        row = None
    if row is None or row[0] <= last:
        return None, f"{start} cannot be read ({error})"
    for column in columns:
        try:
            connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", row).fetchone()
        except ERRORS as reason:
            return row[0], f"{column} cannot be read ({_first_words(reason)})"
    return row[0], f"it cannot be read ({_first_words(error)})"


def _first_words(error: Exception) -> str:
    """The message of an error without the text that cannot be decoded."""
    return str(error).partition(" with text")[0]


# ----- PostgreSQL


def _rows_on_server(database: Any, first: str) -> Iterator[BadRow]:
    # The cheap ones first, that of the table in which the error occurred before all: one row is enough.
    yield from strange_words(database, [table for table in TABLES if table._meta.table_name == first])
    yield from strange_days(database)
    for of, name in _JSON:
        key = _key_of(next(table for table in TABLES if table._meta.table_name == of))
        for row, text in database.execute_sql(f"SELECT {key}, {name} FROM {of} WHERE {name} IS NOT NULL"):
            if not _is_json(text):
                yield BadRow(of, row, f"{name} is {_shown(text)}")
    yield from strange_words(database)


def strange_days(database: Any) -> Iterator[BadRow]:
    """Rows with a time or date outside the range of Python; the server prevents all other invalid values."""
    for table in TABLES:
        of = table._meta.table_name
        of_time = [
            name for name, column in columns_of(table).items() if isinstance(column, MomentField | peewee.DateField)
        ]
        if not of_time:
            continue
        # A day less at both ends: a time zone may move a moment over them.
        strange = {name: f"{name} NOT BETWEEN '0001-01-02' AND '9999-12-30'" for name in of_time}
        cases = " ".join(f"WHEN {condition} THEN '{name} is ' || {name}::text" for name, condition in strange.items())
        sql = f"SELECT {_key_of(table)}, CASE {cases} END FROM {of} WHERE {' OR '.join(strange.values())} LIMIT {MOST}"
        for row, what in database.execute_sql(sql).fetchall():
            yield BadRow(of, row, what)


def strange_words(database: Any, tables: Sequence[type[Table]] = TABLES) -> Iterator[BadRow]:
    """Rows with a word that the column does not allow."""
    for table in tables:
        of = table._meta.table_name
        for name, field in _of_words(columns_of(table)):
            sql = f"SELECT {_key_of(table)}, {name} FROM {of} WHERE {name} NOT IN ({field.listed}) LIMIT {MOST}"
            for row, word in database.execute_sql(sql).fetchall():
                yield BadRow(of, row, f"{name} is {_shown(word)}", is_word=True)
    for table, rule in ROW_RULES:
        if table in tables:
            yield from rule(lambda sql: database.execute_sql(sql).fetchall())


def _key_of(table: type[Table]) -> str:
    key: Any = table._meta.primary_key
    return "ctid" if isinstance(key, peewee.CompositeKey) else str(key.column_name)

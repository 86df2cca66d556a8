"""Definitions of tables, constraints, indexes, triggers, functions and rules, whole, against those of the migrations.

The migrations run once more: on SQLite in memory, on PostgreSQL in temporary tables that are rolled back. The engine
itself then says how both look, so that a trigger that is kept by name but emptied, or a weakened condition, is found.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import peewee

from models.database.faults import understand
from models.migrations import make_tables
from models.migrations.dialect import POSTGRESQL, SQLITE
from models.schema import is_sqlite

_BLANKS: Final = re.compile(r"\s+")


class Key(NamedTuple):
    """The object that a definition describes."""

    kind: str
    """table, column, constraint, index, trigger, rule or policy."""
    table: str
    name: str
    """The same as the table's for a table."""


Definitions = Mapping[Key, str]
"""The engine's text for each object."""

ExpectedDefinitions = Mapping[Key, tuple[str, ...]]
"""The texts that the engine may have for each object: as the migrations make it, and as a restored backup has it."""

GUARDS: Final = ("constraint", "trigger", "rule", "policy", "unique index")
"""Kinds that affect what can be written. An additional one is a finding; an additional index is not."""


_NOT_HERE: Final = ("42501", "25006")
"""SQLSTATEs if no temporary table can be created: insufficient privilege, or a read-only server."""


class NotComparableError(Exception):
    """The temporary tables for the comparison cannot be created; the message is the server's."""


def expected(database: Any) -> ExpectedDefinitions:
    """The definitions that the migrations make, as this database's engine shows them. Not inside a transaction.

    Raises:
        NotComparableError
    """
    if is_sqlite():
        scratch = peewee.SqliteDatabase(":memory:")
        with scratch.connection_context():
            make_tables(scratch, SQLITE)
            return {key: (text,) for key, text in _read_sqlite(scratch).items()}
    try:
        with _undone(database):
            database.execute_sql("SET LOCAL search_path TO pg_temp")
            make_tables(_Scratch(database), POSTGRESQL)
            made = _read_postgresql(database, _SCRATCH)
            _make_as_restored(database, made)
            restored = _read_postgresql(database, _SCRATCH)
            return {key: tuple(dict.fromkeys((text, restored[key]))) for key, text in made.items()}
    except peewee.DatabaseError as error:
        if understand(error).code not in _NOT_HERE:
            raise
        raise NotComparableError(str(error).strip().partition("\n")[0]) from error


def found(database: Any) -> Definitions:
    """The definitions of the open database."""
    return (
        _read_sqlite(database)
        if is_sqlite()
        else _read_postgresql(database, "quote_ident(current_schema())::regnamespace")
    )


def differences(wanted: ExpectedDefinitions, here: Definitions, reported: Container[Key]) -> Iterator[tuple[Key, str]]:
    """Missing, different and additional objects: the key of each and the rest of a sentence.

    Args:
        reported: keys that another comparison has reported already.
    """
    tables = {key.table for key in wanted}
    for key, definitions in wanted.items():
        whole = Key("table", key.table, key.table)
        # A table with a fault is reported in words, and with a missing table all that is on it.
        is_reported = key in reported or (whole in reported and key.kind in ("table", "column", "constraint"))
        if is_reported or whole not in here:
            continue
        if key not in here:
            yield key, "is missing"
        elif here[key] not in definitions:
            yield key, f"is not as the migrations make it: {_cut(here[key])} instead of {_cut(definitions[0])}"
    for key, definition in here.items():
        kind = "unique index" if key.kind == "index" and " UNIQUE " in definition.upper() else key.kind
        if key.table in tables and key not in wanted and kind in GUARDS:
            yield key, f"was not made by the migrations: {_cut(definition)}"


def _cut(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"


# ----- SQLite


def _read_sqlite(database: Any) -> Definitions:
    rows = database.execute_sql("SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {
        Key(kind, table, name): _BLANKS.sub(" ", sql)
        for kind, table, name, sql in rows
        if not name.startswith("sqlite_")
    }


# ----- PostgreSQL

_SCRATCH: Final = "pg_my_temp_schema()"
"""The schema of this session's temporary tables."""


@contextmanager
def _undone(database: Any) -> Iterator[None]:
    """A transaction that is always rolled back."""
    with database.atomic() as transaction:
        try:
            yield
        finally:
            transaction.rollback()


class _Scratch:
    """Runs the migrations' statements in the temporary schema, where PostgreSQL looks for tables but not functions."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.param = database.param

    def execute_sql(self, sql: str, *values: Any) -> Any:
        """Run a statement; a trigger's function is named with the schema."""
        return self._database.execute_sql(sql.replace("EXECUTE FUNCTION ", "EXECUTE FUNCTION pg_temp."), *values)


def _make_as_restored(database: Any, made: Definitions) -> None:
    """Make each condition anew from its own definition, as `pg_restore` does.

    PostgreSQL stores a condition as it was parsed, and shows it with other parentheses when that text is parsed again.
    """
    for key, shown in made.items():
        text = shown.replace("%", "%%")  # which the driver takes for a parameter
        if key.kind == "constraint" and text.startswith("CHECK "):
            database.execute_sql(
                f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}, ADD CONSTRAINT {key.name} {text}"
            )
        elif key.kind == "index" and " WHERE " in text:
            database.execute_sql(f"DROP INDEX {key.name}")
            database.execute_sql(text)


_QUERIES: Final[Mapping[str, str]] = {
    "table": """SELECT c.relname, c.relname, concat_ws(' ', nullif(c.relkind::text, 'r'), 'table',
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' END, CASE WHEN c.relrowsecurity THEN 'row security' END,
        (SELECT string_agg(i.inhparent::regclass::text, ' ') FROM pg_inherits i WHERE i.inhrelid = c.oid))
        FROM pg_class c WHERE c.relnamespace = {here} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')""",
    "column": """SELECT c.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), l.collname,
        CASE WHEN a.attnotnull THEN 'NOT NULL' END, nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
        pg_get_expr(d.adbin, d.adrelid))
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = {here} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """SELECT c.relname, k.conname, concat_ws(' ', pg_get_constraintdef(k.oid),
        CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A'))
        THEN '(switched off)' END)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = {here} AND k.contype IN ('p', 'u', 'f', 'c', 'x', 't')""",
    "index": """SELECT c.relname, i.relname, concat_ws(' ', pg_get_indexdef(i.oid),
        CASE WHEN NOT (x.indisvalid AND x.indisready) THEN '(not valid)' END)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
        WHERE c.relnamespace = {here}
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))""",
    "trigger": """SELECT c.relname, t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid),
        CASE WHEN t.tgenabled NOT IN ('O', 'A') THEN '(switched off)' END, pg_get_functiondef(t.tgfoid))
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = {here} AND NOT t.tgisinternal""",
    "rule": """SELECT c.relname, r.rulename, pg_get_ruledef(r.oid)
        FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace = {here} AND c.relkind = 'r'""",
    "policy": """SELECT c.relname, p.polname, concat_ws(' ', p.polcmd::text, pg_get_expr(p.polqual, p.polrelid),
        pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = {here}""",
}
"""Table, name and definition of each kind in a schema."""


def _read_postgresql(database: Any, here: str) -> Definitions:
    database.execute_sql("SET LOCAL quote_all_identifiers = off")  # which a role may have switched on
    schemas = database.execute_sql(f"SELECT quote_ident(nspname) FROM pg_namespace WHERE oid = {here}").fetchall()
    names = [name for (name,) in schemas] + ["pg_temp"]
    found: dict[Key, str] = {}
    for kind, query in _QUERIES.items():
        for table, name, text in database.execute_sql(query.format(here=here)).fetchall():
            found[Key(kind, table, name)] = _without_schema(_BLANKS.sub(" ", text), names)
    return found


def _without_schema(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(f"{name}.", "")
    return text

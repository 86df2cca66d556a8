"""Checks of the schema: tables and indexes in words, then all definitions whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import peewee

from models.check.definitions import ExpectedDefinitions, Key, differences
from models.check.definitions import found as definitions_of
from models.check.findings import Findings
from models.migrations import make_tables
from models.migrations.dialect import SQLITE
from models.schema import is_sqlite

_CHECK = re.compile(r"\bCHECK\s*\(", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint."""

    columns: tuple[str, ...]
    """Columns it uses, in alphabetical order."""
    text: str | None = None
    """As declared; None on PostgreSQL, which stores it rewritten."""


@dataclass(slots=True)
class ExpectedTable:
    """A table with its columns and constraints."""

    columns: dict[str, bool] = field(default_factory=dict)
    """Name → whether it is NOT NULL."""
    unique: set[tuple[str, ...]] = field(default_factory=set)
    """Columns of each unique constraint, including the primary key."""
    foreign: set[tuple[str, str]] = field(default_factory=set)
    """Column and referenced table of each foreign key."""
    checks: list[Check] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Index:
    """A named index."""

    table: str
    unique: bool
    columns: tuple[str, ...]
    """Column names; an empty string for an expression."""
    partial: bool
    text: str | None = None
    """As declared; None on PostgreSQL."""


@dataclass(slots=True)
class Structure:
    """All tables and indexes of a database."""

    tables: dict[str, ExpectedTable] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)


def expected() -> Structure:
    """The schema that the migrations create, read from an in-memory SQLite database."""
    scratch = peewee.SqliteDatabase(":memory:")
    scratch.connect()
    try:
        make_tables(scratch, SQLITE)
        return read_sqlite(scratch)
    finally:
        scratch.close()


def compare(database: Any, whole: ExpectedDefinitions | None, findings: Findings) -> bool:
    """Report missing and different tables, columns and indexes.

    Args:
        whole: the definitions that the migrations make; None if they could not be made here.

    Returns:
        Whether all tables and columns exist, so that the rows can be read.
    """
    wanted = expected()
    found = read(database)
    readable = True
    reported: set[Key] = set()
    for name, table in wanted.tables.items():
        if name not in found.tables:
            readable = False
            findings.add("table_missing", f"The table {name} is missing.")
            continue
        lacks, has_all = _compare_table(name, table, found.tables[name])
        readable &= has_all
        for code, message in lacks:
            findings.add(code, message)
        if lacks:
            reported.add(Key("table", name, name))
    for name, index in wanted.indexes.items():
        if _compare_index(name, index, found.indexes.get(name), findings):
            reported.add(Key("index", index.table, name))
    if whole is not None:
        # In words first: the definitions of the engine are long, and so only for what the words do not tell.
        for key, difference in differences(whole, definitions_of(database), reported):
            findings.add(*_finding(key, difference))
        _compare_session(database, findings)
    return readable


def _finding(key: Key, difference: str) -> tuple[str, str]:
    """The code and message of a difference."""
    of = "" if key.kind == "table" else f" on {key.table}"
    if key.kind == "trigger" and not difference.startswith("was not made"):
        if difference == "is missing" or not is_sqlite():
            return (
                "trigger_missing",
                f"The trigger {key.name} is not in force: rows of {key.table} can be changed or removed.",
            )
        return "trigger_differs", f"The trigger {key.name}{of} is not as the migrations make it."
    if difference == "is missing":
        return f"{key.kind}_missing", f"The {key.kind} {key.name}{of} is missing."
    code = "unknown" if difference.startswith("was not made") else "differs"
    return f"{key.kind}_{code}", f"The {key.kind} {key.name}{of} {difference}."


def _compare_session(database: Any, findings: Findings) -> None:
    """A setting of the database or role that switches all triggers off on PostgreSQL."""
    if is_sqlite():
        return
    (role,) = database.execute_sql("SHOW session_replication_role").fetchone()
    if role != "origin":
        findings.add(
            "triggers_off",
            f"The setting session_replication_role is {role}, which switches triggers and foreign keys off.",
        )


def _compare_table(name: str, wanted: ExpectedTable, found: ExpectedTable) -> tuple[list[tuple[str, str]], bool]:
    """Codes and messages of a table's missing parts, and whether it has all columns."""
    missing = [column for column in wanted.columns if column not in found.columns]
    lacks = [("column_missing", f"The table {name} has no column {column}.") for column in missing]
    lacks += [
        ("not_null_missing", f"The column {name}.{column} may be left empty.")
        for column, needed in wanted.columns.items()
        if needed and column in found.columns and not found.columns[column]
    ]
    lacks += [
        ("unique_missing", f"The table {name} has no unique constraint on {', '.join(columns)}.")
        for columns in sorted(wanted.unique - found.unique)
    ]
    lacks += [
        ("foreign_key_missing", f"The column {name}.{column} has no foreign key to {other}.")
        for column, other in sorted(wanted.foreign - found.foreign)
    ]
    # PostgreSQL rewrites conditions, so only their columns can be compared there.
    left = list(found.checks)
    for check in wanted.checks:
        same = next((each for each in left if each == check or each == Check(check.columns)), None)
        if same is None:
            lacks.append(("check_missing", f"The table {name} has no constraint {check.text}."))
        else:
            left.remove(same)
    return lacks, not missing


def _compare_index(name: str, wanted: Index, found: Index | None, findings: Findings) -> bool:
    """Report a difference; returns whether there is one."""
    if found is None:
        findings.add("index_missing", f"The index {name} on {wanted.table} is missing.")
        return True
    declared = replace(wanted, text=None) if found.text is None else wanted
    if found == declared:
        return False
    findings.add("index_differs", f"The index {name} on {wanted.table} is not as the migrations make it.")
    return True


def compare_references(database: Any, findings: Findings) -> None:
    """Run SQLite's check for broken foreign keys."""
    for table, row, parent, _ in database.execute_sql("PRAGMA foreign_key_check"):
        findings.add(
            "reference_broken",
            f"The row {row} of {table} refers to a row of {parent} that does not exist.",
        )


def read(database: Any) -> Structure:
    """The schema of the open database, or of another one on the same engine."""
    return read_sqlite(database) if is_sqlite() else _read_postgresql(database)


# ----- SQLite


def read_sqlite(database: Any) -> Structure:
    """The schema of an SQLite database."""
    structure = Structure()
    rows = database.execute_sql("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for kind, name, table, sql in rows:
        if name.startswith("sqlite_"):
            continue
        text = _BLANKS.sub(" ", sql)
        if kind == "table":
            structure.tables[name] = _sqlite_table(database, name, text)
        elif kind == "index":
            structure.indexes[name] = _sqlite_index(database, name, table, text)
    return structure


def _sqlite_table(database: Any, name: str, text: str) -> ExpectedTable:
    table = ExpectedTable()
    key: dict[int, str] = {}
    for _, column, _, needed, _, place in database.execute_sql(f"PRAGMA table_info('{name}')").fetchall():
        table.columns[column] = bool(needed)
        if place:
            key[place] = column
    table.unique.add(tuple(key[place] for place in sorted(key)))
    for _, index, unique, origin, _ in database.execute_sql(f"PRAGMA index_list('{name}')").fetchall():
        if unique and origin != "c":  # "c" is an index from CREATE INDEX, read by `_sqlite_index`
            columns = database.execute_sql(f"PRAGMA index_info('{index}')").fetchall()
            table.unique.add(tuple(column for _, _, column in columns))
    for row in database.execute_sql(f"PRAGMA foreign_key_list('{name}')").fetchall():
        table.foreign.add((row[3], row[2]))
    table.checks = [_sqlite_check(text, match.end(), table.columns) for match in _CHECK.finditer(text)]
    return table


def _sqlite_check(text: str, start: int, columns: Iterable[str]) -> Check:
    """The CHECK constraint whose parenthesis opens just before `start`."""
    end, depth = start, 1  # conditions have parentheses of their own; no pattern finds the one that closes
    while depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    condition = text[start : end - 1]
    return Check(tuple(sorted(set(_WORD.findall(condition)) & set(columns))), f"CHECK ({condition})")


def _sqlite_index(database: Any, name: str, table: str, text: str) -> Index:
    rows = database.execute_sql(f"PRAGMA index_xinfo('{name}')").fetchall()
    columns = tuple(column or "" for _, _, column, _, _, key in rows if key)
    unique, partial = database.execute_sql(
        f"SELECT \"unique\", partial FROM pragma_index_list('{table}') WHERE name = ?", (name,)
    ).fetchone()
    return Index(table, bool(unique), columns, bool(partial), text)


# ----- PostgreSQL

_HERE = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"

_COLUMNS = f"""
    SELECT c.relname, a.attname, a.attnotnull FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = {_HERE} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"""

_CONSTRAINTS = f"""
    SELECT c.relname, k.contype::text, f.relname,
        ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE k.connamespace = {_HERE} AND k.contype IN ('p', 'u', 'f', 'c') AND k.convalidated
        AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled NOT IN ('O', 'A'))"""
"""Constraints in force: validated against all rows, and with their internal triggers enabled."""

_INDEXES = f"""
    SELECT i.relname, c.relname, x.indisunique, x.indpred IS NOT NULL,
        ARRAY(SELECT coalesce(a.attname::text, '')
            FROM unnest(string_to_array(x.indkey::text, ' ')::int[]) WITH ORDINALITY AS u (number, place)
            LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.number ORDER BY u.place)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE i.relnamespace = {_HERE} AND x.indisvalid AND x.indisready"""


def _read_postgresql(database: Any) -> Structure:
    structure = Structure()
    for name, column, needed in database.execute_sql(_COLUMNS).fetchall():
        structure.tables.setdefault(name, ExpectedTable()).columns[column] = needed
    for name, kind, other, columns in database.execute_sql(_CONSTRAINTS).fetchall():
        table = structure.tables[name]
        if kind in "pu":
            table.unique.add(tuple(columns))
        elif kind == "f":
            table.foreign.add((columns[0], other))
        else:
            table.checks.append(Check(tuple(sorted(columns))))
    for name, table_name, unique, partial, columns in database.execute_sql(_INDEXES).fetchall():
        structure.indexes[name] = Index(table_name, unique, tuple(columns), partial)
    return structure

"""The tables that the program works with are those that the migrations make, and the migrations stand alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
import pytest

from models.check.structure import Check, ExpectedTable, Structure, read
from models.migrations import MIGRATIONS
from models.migrations.m0002_drafts import NEAR
from models.schema import TABLES, is_sqlite
from models.text import near_sql
from tests.support.cases import each

ROOT = Path(__file__).parents[2]

# ----- differences on purpose: what the migrations make and `models.schema` does not declare

TABLES_WITHOUT_A_CLASS = {
    "serialdock_versions",  # the migrations' own
    "work_units",  # written and read with two statements of `unit`
}

CHECKS = {
    "settings": ["name <> ''"],
    "users": ["login <> ''"],
    "roles": ["name <> ''"],
    "locations": ["code <> ''", "parent_id <> id"],
    "customers": ["name <> ''", "code <> ''"],
    "items": [
        *("sku <> ''", "version > 0"),
        *("warranty_amount > 0", "warranty_unit IN ('days', 'months', 'years')"),
    ],
    "item_barcodes": ["barcode <> ''"],
    "serial_rules": ["shortest BETWEEN 1 AND longest AND longest <= 64"],
    "stock": ["on_hand >= 0"],
    "statuses": ["length(mark) = 1"],
    "serials": [
        "length(serial_number) BETWEEN 1 AND 64",
        "serial_key <> ''",
        "sort_key <> ''",
        "version > 0",
        "warranty_end >= warranty_start",
    ],
    "serial_events": ["number > 0"],
    "serial_aliases": ["alias_key <> ''"],
    "serial_counts": ["serials >= 0"],
    "stock_changes": ["units <> 0", "kind <> ''", "user_id IS NOT NULL OR kind = 'opening'"],
    "drafts": ["state IN ('open', 'done', 'discarded')"],
    "draft_people": ["number > 0"],
    "draft_items": ["expected > 0"],
    "draft_answers": ["number > 0", "ask <> ''"],
    "draft_lines": ["number > 0", "kind IN ('serial', 'item', 'place')", "state IN ('good', 'problem', 'out')"],
    "import_made": ["name <> ''"],
    "imported_files": ["size >= 0", "length(sha256) = 64", "left_out >= 0"],
}
"""Conditions: the classes only read and write, the database guards."""

INDEXES = {
    # Guards that Peewee cannot declare: of an expression, or of some rows.
    *("locations_code_any_case", "customers_code_any_case", "draft_lines_good"),
    # For speed.
    *("items_name", "item_barcodes_item", "item_barcodes_any_case", "stock_location", "imported_files_sha256"),
    *("serials_key", "serials_order", "serials_status", "serials_location", "serials_received", "serials_customer"),
    *("serials_guarantee", "serials_near", "serial_events_item", "serial_events_document", "serial_counts_location"),
    *("drafts_open", "draft_lines_near", "draft_lines_problems"),
    *("serial_aliases_key", "documents_source", "documents_kind", "documents_customer", "documents_at"),
    *("documents_from", "documents_to", "documents_by", "documents_serials", "serials_covered"),
    *("customers_uncoded", "customers_reference", "customers_unreferred"),
    *("serials_of_customer", "serials_end", "serial_aliases_end"),
    *("stock_changes_item", "stock_changes_place", "stock_changes_document"),
}
"""Peewee's index for each foreign key is not made: the program asks by other columns, and each index costs writes."""

NO_FOREIGN_KEY = {
    "serial_events": {"item_id", "from_status_id", "from_location_id", "from_customer_id"},
}
"""What an event came from was the end of the one before, which was looked up when that was written."""

TYPES_OF_SQLITE = {"TIMESTAMPTZ": "TEXT", "BIGINT": "INTEGER", "BOOLEAN": "INTEGER"}
"""SQLite has no moments; whole numbers and truth values are all INTEGER in what Peewee declares there."""


@contextmanager
def _made_by_peewee(database: Any) -> Iterator[Any]:
    """A connection to a database, or a schema, with the tables that the classes declare."""
    if is_sqlite():
        made = peewee.SqliteDatabase(":memory:")
        with made.connection_context(), made.bind_ctx(TABLES):
            made.create_tables(TABLES, safe=False)
            yield made
        return
    database.execute_sql("CREATE SCHEMA declared")
    database.execute_sql("SET search_path TO declared")
    try:
        database.create_tables(TABLES, safe=False)
        yield database
    finally:
        database.execute_sql("SET search_path TO public")


def _types(database: Any) -> dict[tuple[str, str], str]:
    """The type of each column, by (table, column)."""
    if is_sqlite():
        names = [row[0] for row in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            (name, row[1]): str(row[2]).upper()
            for name in names
            for row in database.execute_sql(f"PRAGMA table_info('{name}')").fetchall()
        }
        return {column: TYPES_OF_SQLITE.get(kind, kind) for column, kind in found.items()}
    rows = database.execute_sql(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r' "
        "AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
    )
    return {(table, column): kind for table, column, kind in rows.fetchall()}


@pytest.fixture
def structures(database: Any) -> tuple[Structure, Structure]:
    """What the migrations make, and what the classes declare."""
    migrated = read(database)
    with _made_by_peewee(database) as made:
        return migrated, read(made)


def _unique(structure: Structure, name: str) -> set[tuple[str, ...]]:
    """Columns of which no two rows have the same values, be it by a constraint or by an index."""
    indexes = structure.indexes.values()
    return structure.tables[name].unique | {
        index.columns
        for index in indexes
        if index.table == name and index.unique and not index.partial and "" not in index.columns
    }


def _other_indexes(structure: Structure) -> set[str]:
    return {
        name for name, index in structure.indexes.items() if not index.unique or index.partial or "" in index.columns
    }


def _check(table: ExpectedTable, condition: str) -> Check:
    columns = tuple(sorted(set(re.findall(r"\w+", condition)) & set(table.columns)))
    return Check(columns, f"CHECK ({condition})" if is_sqlite() else None)


def test_the_tables_are_the_same(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    assert set(declared.tables) == {table._meta.table_name for table in TABLES}
    assert set(migrated.tables) - set(declared.tables) == TABLES_WITHOUT_A_CLASS
    assert set(declared.tables) <= set(migrated.tables)


def test_the_columns_are_the_same_and_may_be_empty_alike(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    for name, table in declared.tables.items():
        there = migrated.tables[name].columns
        assert set(there) == set(table.columns), name
        key = {column for columns in _unique(migrated, name) & _keys(name) for column in columns}
        assert {column: needed for column, needed in there.items() if column not in key} == {
            column: needed for column, needed in table.columns.items() if column not in key
        }, name


def _keys(name: str) -> set[tuple[str, ...]]:
    """The primary key, which SQLite need not be told to be there."""
    (meta,) = (table._meta for table in TABLES if table._meta.table_name == name)
    fields = meta.get_primary_keys()
    return {tuple(field.column_name for field in fields)}


def test_the_columns_have_the_same_types(database: Any) -> None:
    migrated = _types(database)
    with _made_by_peewee(database) as made:
        declared = _types(made)
    names = {table._meta.table_name for table in TABLES}
    assert {column: kind for column, kind in migrated.items() if column[0] in names} == {
        column: kind for column, kind in declared.items() if column[0] in names
    }


def test_the_same_columns_are_unique(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    for name in declared.tables:
        assert _unique(migrated, name) == _unique(declared, name), name


def test_the_same_columns_refer_to_other_tables(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    for name, table in declared.tables.items():
        assert migrated.tables[name].foreign == {
            (column, other) for column, other in table.foreign if column not in NO_FOREIGN_KEY.get(name, ())
        }, name


def test_the_migrations_make_the_conditions_that_are_listed_here(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    for name, table in declared.tables.items():
        assert table.checks == [], name
        there = migrated.tables[name]
        listed = [_check(there, condition) for condition in CHECKS.get(name, ())]
        assert sorted(there.checks, key=repr) == sorted(listed, key=repr), name


def test_the_migrations_make_the_indexes_that_are_listed_here(structures: tuple[Structure, Structure]) -> None:
    migrated, declared = structures
    assert {
        name for name in _other_indexes(migrated) if migrated.indexes[name].table not in TABLES_WITHOUT_A_CLASS
    } == (INDEXES)
    foreign_keys = {
        f"{table._meta.table_name}_{field.column_name}"
        for table in TABLES
        for field in table._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField)
    }
    assert _other_indexes(declared) <= foreign_keys


def test_look_alikes_are_looked_up_by_the_expression_of_their_index() -> None:
    assert near_sql() == NEAR


# ----- migrations are frozen


def _imports(path: Path) -> set[str]:
    """Every module that a file imports, and every name that it imports from one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in ("models", "tui")}


FOLDER = ROOT / "models" / "migrations"
DIALECT = "models.migrations.dialect"


def test_each_migration_in_the_folder_is_run() -> None:
    assert sorted(path.stem for path in FOLDER.glob("m[0-9]*.py")) == list(MIGRATIONS)


@each("name", MIGRATIONS)
def test_a_migration_imports_nothing_that_can_change(name: str) -> None:
    imported = _ours(_imports(FOLDER / f"{name}.py"))
    assert {module for module in imported if module != DIALECT and not module.startswith(f"{DIALECT}.")} == set()
    assert imported
    assert _ours(_imports(FOLDER / "dialect.py")) == set()


def test_nothing_live_imports_a_migration() -> None:
    files = [path for folder in ("models", "tui") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    numbered = re.compile(r"models\.migrations\.m\d")
    importing = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if any(numbered.match(name) for name in _imports(path)) or numbered.search(path.read_text("utf-8"))
    }
    assert importing == set()

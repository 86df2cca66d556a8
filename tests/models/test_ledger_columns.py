"""No column of the ledger is forgotten where serials are written: staging tables are made from the schema."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from models import ledger, ledger_bulk
from models.importing import staging
from models.schema import Serial, SerialEvent, bound, columns_of, is_sqlite

ROOT = Path(__file__).parents[2]

IDENTITY = {"id", "item_id", "serial_number", "serial_key", "sort_key"}
"""Of these an event says item and text as they are after it; the keys are made of the text."""

MOVED = {"status_id": "to_status_id", "location_id": "to_location_id", "customer_id": "to_customer_id"}
"""Columns of an event that say where a serial is."""


def test_a_column_of_a_serial_is_staged_or_has_a_value_of_its_own() -> None:
    columns, staged = set(columns_of(Serial)), set(ledger_bulk.COLUMNS)
    given = set(ledger_bulk.SERIAL_VALUES)
    assert columns == given | (columns & staged)
    assert given.isdisjoint(staged)


def test_a_column_of_an_event_is_staged_or_has_a_value_of_its_own() -> None:
    columns, given = set(columns_of(SerialEvent)) - {"id"}, set(ledger_bulk.EVENT_VALUES)
    assert columns == given | set(ledger_bulk.EVENT_STAGED)
    assert given.isdisjoint(ledger_bulk.EVENT_STAGED)


def test_a_file_says_each_staged_column_or_there_is_a_value_for_it() -> None:
    assert set(ledger_bulk.COLUMNS) == set(staging.LEDGER_COLUMNS) | set(staging.NOT_STAGED)
    assert set(staging.NOT_STAGED).isdisjoint(staging.LEDGER_COLUMNS)


def test_the_history_tells_every_column_of_a_serial() -> None:
    assert set(columns_of(Serial)) == IDENTITY | set(MOVED) | set(ledger.NOTED) | {"version"}
    assert set(MOVED.values()) < set(columns_of(SerialEvent))
    assert tuple(ledger.State._fields) == tuple(
        name for name in ledger.SERIAL_COLUMNS if name not in ("serial_key", "sort_key")
    )
    nothing = {name: column.default for name, column in columns_of(Serial).items() if name in ledger.NOTED}
    assert tuple(nothing) == ledger.NOTED
    assert tuple(nothing.values()) == ledger.NOTHING_NOTED


def _columns(table: str) -> dict[str, tuple[str, bool]]:
    """Type and whether a value is needed, of each column of a table of this connection."""
    if is_sqlite():
        rows = bound.execute_sql(f"PRAGMA table_info({table})").fetchall()
        return {name: (kind.lower().replace("integer", "int"), bool(needed)) for _, name, kind, needed, *_ in rows}
    rows = bound.execute_sql(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(' ' || c.collname, ''), a.attnotnull "
        "FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0",
        (table,),
    ).fetchall()
    return {name: (kind, needed) for name, kind, needed in rows}


def test_staging_tables_have_the_types_of_the_ledger(database: Any) -> None:
    ledger_bulk.begin()
    staged, serials, events = _columns(ledger_bulk.TABLE), _columns("serials"), _columns("serial_events")
    assert {name: staged[name] for name in ledger_bulk.SERIAL_STAGED} == {
        name: serials[name] for name in ledger_bulk.SERIAL_STAGED
    }
    assert {name: staged[name] for name in ledger_bulk.EVENT_STAGED} == {
        name: events[name] for name in ledger_bulk.EVENT_STAGED
    }
    staging.begin()
    rows = _columns(staging.TABLE)
    for name in staging.LEDGER_COLUMNS:
        assert rows[name][0] == {**events, **serials, "customer": serials["serial_number"]}[name][0], name


PROGRAM = """
import peewee
from models.schema import Serial, SerialEvent, bound
Serial._meta.add_field("grade", peewee.TextField(default=""))
SerialEvent._meta.add_field("station", peewee.IntegerField(null=True))
from models import ledger, ledger_bulk
from models.importing import staging
bound.initialize(peewee.SqliteDatabase(":memory:"))
print("grade" in ledger.SERIAL_COLUMNS, "station" in ledger.EVENT_COLUMNS)
for columns in ledger_bulk.COLUMNS, staging.COLUMNS:
    print("grade" in columns, "station" in columns)
print(ledger_bulk.definition("grade"), "|", ledger_bulk.definition("station"))
"""


def test_columns_that_come_to_the_schema_are_staged_and_written() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.stderr, run.stdout.splitlines()) == (
        "",
        ["True True", "True True", "True True", "grade text NOT NULL | station int"],
    )

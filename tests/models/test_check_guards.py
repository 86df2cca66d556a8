"""`check` on guards: constraints, indexes and triggers that are gone, changed or switched off are found and named."""

from __future__ import annotations

from typing import Any

import pytest

from models.database.connection import connect, disconnect
from models.people import sign_in
from models.permissions import Actor
from tests.support import engines
from tests.support.made_once import made_anew
from tests.support.tampering import found_in, tamper, three_laptops

_SHELF = "(SELECT id FROM locations WHERE code = 'SHELF')"


CONTENTS = {"actor": three_laptops}


@pytest.fixture
def actor(database: Any) -> Actor:
    """The administrator of a database with three serials."""
    assert database
    return sign_in()


def _rebuilt(table: str, columns: str) -> list[str]:
    return [f"ALTER TABLE {table} RENAME TO {table}_before", f"CREATE TABLE {table} ({columns})"]


ON_BOTH: dict[str, tuple[list[str], dict[str, str]]] = {
    "an index is gone": (
        ["DROP INDEX serials_status"],
        {"index_missing": "The index serials_status on serials is missing."},
    ),
    "an index has other columns": (
        ["DROP INDEX serials_status", "CREATE INDEX serials_status ON serials (item_id, status_id)"],
        {"index_differs": "The index serials_status on serials is not as the migrations make it."},
    ),
    "an index covers only some rows": (
        ["DROP INDEX items_name", "CREATE INDEX items_name ON items (name_key, id) WHERE track_serials"],
        {"index_differs": "The index items_name on items is not as the migrations make it."},
    ),
    "a unique index is not unique": (
        [
            "DROP INDEX locations_code_any_case",
            "CREATE INDEX locations_code_any_case ON locations (upper(code))",
        ],
        {"index_differs": "The index locations_code_any_case on locations is not as the migrations make it."},
    ),
    "a table is gone": (
        ["DROP TABLE item_barcodes"],
        {
            "table_missing": "The table item_barcodes is missing.",
            "index_missing": "The index item_barcodes_item on item_barcodes is missing.",
        },
    ),
    "a column is gone": (
        ["ALTER TABLE documents DROP COLUMN note"],
        {"column_missing": "The table documents has no column note."},
    ),
    "a table is rebuilt without its guards": (
        _rebuilt("item_barcodes", "barcode text, item_id integer"),
        {
            "unique_missing": "The table item_barcodes has no unique constraint on barcode.",
            "not_null_missing": "The column item_barcodes.item_id may be left empty.",
            "foreign_key_missing": "The column item_barcodes.item_id has no foreign key to items.",
            "check_missing": "The table item_barcodes has no constraint CHECK (barcode <> '').",
            "index_differs": "The index item_barcodes_item on item_barcodes is not as the migrations make it.",
        },
    ),
}


@pytest.mark.parametrize("what", ON_BOTH)
def test_a_guard_that_is_gone_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, expected = ON_BOTH[what]
    for statement in statements:
        database.execute_sql(statement)
    found = found_in(database)
    assert set(found) == set(expected)
    for code, message in expected.items():
        assert message in found[code], found[code]


ON_POSTGRESQL: dict[str, tuple[list[str], str, str]] = {
    "a check constraint is gone": (
        ["ALTER TABLE stock DROP CONSTRAINT stock_on_hand_check"],
        "check_missing",
        "The table stock has no constraint CHECK (on_hand >= 0).",
    ),
    "a unique constraint is gone": (
        ["ALTER TABLE serials DROP CONSTRAINT serials_item_key"],
        "unique_missing",
        "The table serials has no unique constraint on item_id, serial_key.",
    ),
    "a foreign key is gone": (
        ["ALTER TABLE serial_events DROP CONSTRAINT serial_events_serial_id_fkey"],
        "foreign_key_missing",
        "The column serial_events.serial_id has no foreign key to serials.",
    ),
    "a foreign key is not asked any more": (
        ["ALTER TABLE serials DISABLE TRIGGER ALL"],
        "foreign_key_missing",
        "The column serials.item_id has no foreign key to items.",
    ),
    "a column may be left empty": (
        ["ALTER TABLE serials ALTER COLUMN location_id DROP NOT NULL"],
        "not_null_missing",
        "The column serials.location_id may be left empty.",
    ),
    "a trigger is gone": (
        ["DROP TRIGGER serial_events_no_truncate ON serial_events"],
        "trigger_missing",
        "The trigger serial_events_no_truncate is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger is switched off": (
        ["ALTER TABLE serial_events DISABLE TRIGGER serial_events_no_update"],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger does nothing": (
        [
            (
                "CREATE OR REPLACE FUNCTION serial_events_refuse() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NULL; END'"
            )
        ],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger is kept by name and never fires": (
        [
            "DROP TRIGGER serial_events_no_update ON serial_events",
            (
                "CREATE TRIGGER serial_events_no_update BEFORE UPDATE OR DELETE ON serial_events "
                "FOR EACH ROW WHEN (false) EXECUTE FUNCTION serial_events_refuse()"
            ),
        ],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger refuses updates only": (
        [
            "DROP TRIGGER stock_changes_no_update ON stock_changes",
            (
                "CREATE TRIGGER stock_changes_no_update BEFORE UPDATE ON stock_changes "
                "FOR EACH ROW EXECUTE FUNCTION stock_changes_refuse()"
            ),
        ],
        "trigger_missing",
        "The trigger stock_changes_no_update is not in force: rows of stock_changes can be changed or removed.",
    ),
    "a function refuses never": (
        [
            (
                "CREATE OR REPLACE FUNCTION serial_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF false THEN RAISE EXCEPTION 'serial_events can only be added to' USING ERRCODE = '23514'; END IF; "
                "RETURN NEW; END $$"
            )
        ],
        "trigger_missing",
        "The trigger serial_events_no_truncate is not in force: rows of serial_events can be changed or removed.",
    ),
    "a trigger fires for replicas only": (
        ["ALTER TABLE serial_events ENABLE REPLICA TRIGGER serial_events_no_update"],
        "trigger_missing",
        "The trigger serial_events_no_update is not in force: rows of serial_events can be changed or removed.",
    ),
    "a rule swallows updates": (
        ["CREATE RULE nothing AS ON UPDATE TO stock DO INSTEAD NOTHING"],
        "rule_unknown",
        (
            "The rule nothing on stock was not made by the migrations: "
            "CREATE RULE nothing AS ON UPDATE TO stock DO INSTEAD NOTHING;."
        ),
    ),
    "a trigger that we did not make": (
        [
            "CREATE FUNCTION eve() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.units = 0; RETURN NEW; END'",
            "CREATE TRIGGER eve BEFORE INSERT ON serial_events FOR EACH ROW EXECUTE FUNCTION eve()",
        ],
        "trigger_unknown",
        (
            "The trigger eve on serial_events was not made by the migrations: "
            "CREATE TRIGGER eve BEFORE INSERT ON serial_events FOR EACH ROW EXECUTE FUNCTION eve() "
            "CREATE OR REPLACE FUNCTION eve() RETURNS trigger LANGUAGE plpgsql AS $function$BEGIN "
            "NEW.units = 0; RETURN NEW; EN…."
        ),
    ),
    "a check constraint asks for less": (
        [
            "ALTER TABLE stock DROP CONSTRAINT stock_on_hand_check",
            "ALTER TABLE stock ADD CONSTRAINT stock_on_hand_check CHECK (on_hand >= -1000)",
        ],
        "constraint_differs",
        (
            "The constraint stock_on_hand_check on stock is not as the migrations make it: "
            "CHECK ((on_hand >= '-1000'::integer)) instead of CHECK ((on_hand >= 0))."
        ),
    ),
    "a check constraint that we did not make": (
        ["ALTER TABLE stock ADD CONSTRAINT eve CHECK (on_hand < 1000)"],
        "constraint_unknown",
        "The constraint eve on stock was not made by the migrations: CHECK ((on_hand < 1000)).",
    ),
    "a column has another type": (
        ["ALTER TABLE documents ALTER COLUMN note TYPE varchar(300)"],
        "column_differs",
        (
            "The column note on documents is not as the migrations make it: character varying(300) default NOT NULL "
            "instead of text default NOT NULL."
        ),
    ),
    "an index is of another expression": (
        [
            "DROP INDEX locations_code_any_case",
            "CREATE UNIQUE INDEX locations_code_any_case ON locations (lower(code))",
        ],
        "index_differs",
        (
            "The index locations_code_any_case on locations is not as the migrations make it: "
            "CREATE UNIQUE INDEX locations_code_any_case ON locations USING btree (lower(code)) "
            "instead of CREATE UNIQUE INDEX locations_code_any_case ON locations USING btree (upper(code))."
        ),
    ),
    "rows are hidden": (
        ["ALTER TABLE documents ENABLE ROW LEVEL SECURITY"],
        "table_differs",
        "The table documents is not as the migrations make it: table row security instead of table.",
    ),
    "a table that a crash empties": (
        ["ALTER TABLE draft_announced SET UNLOGGED"],
        "table_differs",
        "The table draft_announced is not as the migrations make it: table unlogged instead of table.",
    ),
    "all triggers are off": (
        ["SET session_replication_role = replica"],
        "triggers_off",
        "The setting session_replication_role is replica, which switches triggers and foreign keys off.",
    ),
}


@engines.ON_POSTGRESQL
@pytest.mark.parametrize("what", ON_POSTGRESQL)
def test_a_guard_that_is_gone_from_postgresql_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    statements, code, message = ON_POSTGRESQL[what]
    for statement in statements:
        database.execute_sql(statement)
    found = found_in(database)
    assert set(found) == {code}
    assert message in found[code], found[code]


@engines.ON_POSTGRESQL
def test_a_restored_backup_is_whole_though_the_server_shows_its_conditions_in_another_way(
    database: Any, actor: Actor
) -> None:
    # As `pg_restore` makes them: from the text that the server shows for them.
    conditions = database.execute_sql(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
    ).fetchall()
    for table, name, text in conditions:
        database.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {text}")
    indexes = database.execute_sql(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = current_schema() AND strpos(indexdef, ' WHERE ') > 0"
    ).fetchall()
    for name, text in indexes:
        database.execute_sql(f"DROP INDEX {name}")
        database.execute_sql(text)
    assert "serial_rules_length" in {name for _, name, _ in conditions}
    assert indexes
    with made_anew():
        assert found_in(database) == {}


ON_SQLITE: dict[str, tuple[str, str, str, str, str]] = {
    "a check constraint is gone": (
        *("stock", " CHECK (on_hand >= 0)", ""),
        *("check_missing", "The table stock has no constraint CHECK (on_hand >= 0)."),
    ),
    "a check constraint asks for something else": (
        *("serials", "CHECK (warranty_end >= warranty_start)", "CHECK (warranty_end > warranty_start)"),
        *("check_missing", "The table serials has no constraint CHECK (warranty_end >= warranty_start)."),
    ),
    "a foreign key is gone": (
        *("serial_events", "serial_id bigint NOT NULL REFERENCES serials", "serial_id bigint NOT NULL"),
        *("foreign_key_missing", "The column serial_events.serial_id has no foreign key to serials."),
    ),
    "a column has another type": (
        *("documents", "note text NOT NULL", "note integer NOT NULL"),
        *("table_differs", "The table documents is not as the migrations make it: CREATE TABLE documents ("),
    ),
    "a column may be left empty": (
        *("serials", "location_id integer NOT NULL", "location_id integer"),
        *("not_null_missing", "The column serials.location_id may be left empty."),
    ),
}


@engines.ON_SQLITE
@pytest.mark.parametrize("what", ON_SQLITE)
def test_a_guard_that_is_gone_from_sqlite_is_found_and_named(database: Any, actor: Actor, what: str) -> None:
    table, before, after, code, message = ON_SQLITE[what]
    database.execute_sql("PRAGMA writable_schema = 1")
    changed = database.execute_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND instr(sql, ?)",
        (before, after, table, before),
    )
    assert changed.rowcount == 1
    disconnect(database)
    connect(database)
    found = found_in(database)
    assert set(found) == {code}
    assert found[code][0].startswith(message)


@engines.ON_SQLITE
@pytest.mark.parametrize("trigger", ["serial_events_no_update", "serial_events_no_delete", "serial_events_no_replace"])
def test_a_trigger_that_is_gone_or_does_nothing_is_found_on_sqlite(database: Any, trigger: str) -> None:
    database.execute_sql(f"DROP TRIGGER {trigger}")
    gone = f"The trigger {trigger} is not in force: rows of serial_events can be changed or removed."
    assert found_in(database) == {"trigger_missing": [gone]}
    database.execute_sql(f"CREATE TRIGGER {trigger} BEFORE UPDATE ON serial_events BEGIN SELECT 1; END")
    other = f"The trigger {trigger} on serial_events is not as the migrations make it."
    assert found_in(database) == {"trigger_differs": [other]}


@engines.ON_SQLITE
def test_a_trigger_that_is_kept_by_name_and_never_fires_is_found_on_sqlite(database: Any) -> None:
    (text,) = database.execute_sql("SELECT sql FROM sqlite_master WHERE name = 'stock_changes_no_update'").fetchone()
    database.execute_sql("DROP TRIGGER stock_changes_no_update")
    database.execute_sql(text.replace(" BEGIN ", " WHEN 0 BEGIN "))
    other = "The trigger stock_changes_no_update on stock_changes is not as the migrations make it."
    assert found_in(database) == {"trigger_differs": [other]}


@engines.ON_SQLITE
def test_a_trigger_that_we_did_not_make_is_found_on_sqlite(database: Any) -> None:
    made = "CREATE TRIGGER eve AFTER INSERT ON stock_changes BEGIN UPDATE stock SET on_hand = 0; END"
    database.execute_sql(made)
    other = f"The trigger eve on stock_changes was not made by the migrations: {made}."
    assert found_in(database) == {"trigger_unknown": [other]}


@engines.ON_POSTGRESQL
def test_a_check_that_cannot_make_temporary_tables_says_so(database: Any, actor: Actor) -> None:
    database.execute_sql("CREATE ROLE looks NOLOGIN")
    try:
        database.execute_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looks")
        database.execute_sql(f"REVOKE TEMPORARY ON DATABASE {_name(database)} FROM PUBLIC")
        database.execute_sql("SET ROLE looks")
        with made_anew():
            found = found_in(database)
    finally:
        database.execute_sql("RESET ROLE")
        database.execute_sql("DROP OWNED BY looks")
        database.execute_sql("DROP ROLE looks")
    assert set(found) == {"definitions_unknown"}
    assert found["definitions_unknown"][0].startswith(
        "Conditions, triggers and functions were not compared whole, as this account may not make temporary tables here"
    )


def _name(database: Any) -> str:
    return str(database.execute_sql("SELECT quote_ident(current_database())").fetchone()[0])


@engines.ON_SQLITE
def test_a_row_that_refers_to_nothing_is_found_on_sqlite(database: Any, actor: Actor) -> None:
    tamper(database, "DELETE FROM serials WHERE serial_number = 'SN-2'")
    found = found_in(database)
    assert set(found) == {"event_orphan", "count_wrong", "reference_broken"}
    assert found["event_orphan"] == ["There are events of a serial with the id 2, but no such serial."]
    assert found["reference_broken"] == ["The row 2 of serial_events refers to a row of serials that does not exist."]


@engines.ON_POSTGRESQL
def test_events_without_their_serial_are_found_on_postgresql(database: Any, actor: Actor) -> None:
    database.execute_sql("ALTER TABLE serial_events DROP CONSTRAINT serial_events_serial_id_fkey")
    database.execute_sql("DELETE FROM serials WHERE serial_number = 'SN-2'")
    found = found_in(database)
    assert set(found) == {"event_orphan", "count_wrong", "foreign_key_missing"}
    assert found["event_orphan"] == ["There are events of a serial with the id 2, but no such serial."]


@engines.ON_SQLITE
def test_a_quantity_below_zero_is_found_on_sqlite(database: Any, actor: Actor) -> None:
    tamper(database, f"UPDATE stock SET on_hand = -2 WHERE location_id = {_SHELF}")
    found = found_in(database)
    assert found["stock_negative"] == ["The quantity of LAP at SHELF is -2."]
    # SQLite itself sees the broken constraint as well.
    assert set(found) <= {"stock_negative", "stock_sum", "file_damaged"}


@engines.ON_POSTGRESQL
def test_a_quantity_below_zero_is_found_on_postgresql(database: Any, actor: Actor) -> None:
    database.execute_sql("ALTER TABLE stock DROP CONSTRAINT stock_on_hand_check")
    database.execute_sql(f"UPDATE stock SET on_hand = -2 WHERE location_id = {_SHELF}")
    found = found_in(database)
    assert found["stock_negative"] == ["The quantity of LAP at SHELF is -2."]
    assert set(found) == {"stock_negative", "stock_sum", "check_missing"}


@engines.ON_POSTGRESQL
def test_a_moment_that_python_does_not_have_is_damage_on_postgresql(database: Any, actor: Actor) -> None:
    tamper(database, "UPDATE serial_events SET at = 'infinity' WHERE id = 3")
    (finding,) = found_in(database)["row_damaged"]
    assert "table serial_events, row 3: at is " in finding

"""The first schema: people, items, places, stock, documents, statuses, serials and their events."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect, append_only

TABLES = """
CREATE TABLE users (
    id {key}, login text NOT NULL UNIQUE CHECK (login <> ''), active boolean NOT NULL, created_at {moment} NOT NULL);
CREATE TABLE roles (
    id {key}, name text NOT NULL UNIQUE CHECK (name <> ''));
CREATE TABLE role_permissions (
    role_id integer NOT NULL REFERENCES roles, permission text NOT NULL, PRIMARY KEY (role_id, permission));
CREATE TABLE user_roles (
    user_id integer NOT NULL REFERENCES users, role_id integer NOT NULL REFERENCES roles,
    PRIMARY KEY (user_id, role_id));

CREATE TABLE locations (
    id {key}, code {bytewise} NOT NULL UNIQUE CHECK (code <> ''), name text NOT NULL,
    parent_id integer REFERENCES locations CHECK (parent_id <> id));
CREATE UNIQUE INDEX locations_code_any_case ON locations (upper(code));
CREATE TABLE customers (
    id {key}, name {bytewise} NOT NULL UNIQUE CHECK (name <> ''));
CREATE TABLE items (
    id {key}, sku text NOT NULL UNIQUE CHECK (sku <> ''), sku_key {bytewise} NOT NULL UNIQUE, name text NOT NULL,
    name_key {bytewise} NOT NULL, primary_location_id integer NOT NULL REFERENCES locations,
    track_serials boolean NOT NULL, version integer NOT NULL CHECK (version > 0),
    changed_at {moment} NOT NULL, changed_by_id integer NOT NULL REFERENCES users);
CREATE INDEX items_name ON items (name_key, id);
CREATE TABLE item_barcodes (
    barcode {bytewise} PRIMARY KEY CHECK (barcode <> ''), item_id integer NOT NULL REFERENCES items);
CREATE INDEX item_barcodes_item ON item_barcodes (item_id);
CREATE TABLE stock (
    item_id integer NOT NULL REFERENCES items, location_id integer NOT NULL REFERENCES locations,
    on_hand bigint NOT NULL CHECK (on_hand >= 0), PRIMARY KEY (item_id, location_id));

CREATE TABLE documents (
    id {big_key}, kind text NOT NULL, number text NOT NULL UNIQUE, at {moment} NOT NULL,
    user_id integer NOT NULL REFERENCES users, login_user_id integer REFERENCES users,
    from_location_id integer REFERENCES locations, to_location_id integer REFERENCES locations,
    customer_id integer REFERENCES customers, serials integer NOT NULL, note text NOT NULL);
CREATE TABLE document_numbers (
    kind text PRIMARY KEY, last bigint NOT NULL);

CREATE TABLE statuses (
    id {key}, code text NOT NULL UNIQUE, label text NOT NULL UNIQUE, colour text NOT NULL,
    mark text NOT NULL CHECK (length(mark) = 1), available boolean NOT NULL, on_hand boolean NOT NULL);
CREATE TABLE serials (
    id {big_key}, item_id integer NOT NULL REFERENCES items,
    serial_number text NOT NULL CHECK (length(serial_number) BETWEEN 1 AND 64),
    serial_key {bytewise} NOT NULL CHECK (serial_key <> ''), sort_key {bytewise} NOT NULL CHECK (sort_key <> ''),
    status_id integer NOT NULL REFERENCES statuses, location_id integer NOT NULL REFERENCES locations,
    customer_id integer REFERENCES customers, condition_notes text NOT NULL,
    warranty_start date, warranty_end date, warranty_void text, date_received date NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    CONSTRAINT serials_item_key UNIQUE (item_id, serial_key),
    CONSTRAINT serials_warranty CHECK (warranty_end >= warranty_start));
CREATE INDEX serials_key ON serials (serial_key);
CREATE INDEX serials_order ON serials (item_id, sort_key, id);
CREATE INDEX serials_status ON serials (item_id, status_id, sort_key, id);
CREATE INDEX serials_location ON serials (item_id, location_id, sort_key, id);
CREATE INDEX serials_received ON serials (item_id, date_received, sort_key, id);
CREATE INDEX serials_customer ON serials (item_id, customer_id, sort_key, id) WHERE customer_id IS NOT NULL;
CREATE INDEX serials_guarantee ON serials (item_id, warranty_end, sort_key, id, warranty_start)
    WHERE warranty_end IS NOT NULL AND warranty_void IS NULL;
CREATE TABLE serial_events (
    id {big_key}, serial_id bigint NOT NULL REFERENCES serials, number integer NOT NULL CHECK (number > 0),
    kind text NOT NULL, at {moment} NOT NULL, user_id integer NOT NULL REFERENCES users,
    login_user_id integer REFERENCES users, document_id bigint REFERENCES documents,
    item_id integer NOT NULL, serial_number text NOT NULL,
    from_status_id integer, to_status_id integer NOT NULL REFERENCES statuses,
    from_location_id integer, to_location_id integer NOT NULL REFERENCES locations,
    from_customer_id integer, to_customer_id integer REFERENCES customers,
    changes text, note text NOT NULL,
    CONSTRAINT serial_events_order UNIQUE (serial_id, number));
CREATE INDEX serial_events_document ON serial_events (document_id) WHERE document_id IS NOT NULL;
CREATE TABLE serial_counts (
    item_id integer NOT NULL REFERENCES items, location_id integer NOT NULL REFERENCES locations,
    status_id integer NOT NULL REFERENCES statuses, serials bigint NOT NULL CHECK (serials >= 0),
    PRIMARY KEY (item_id, location_id, status_id));

CREATE TABLE work_units (
    token text PRIMARY KEY, at {moment} NOT NULL);
CREATE INDEX work_units_at ON work_units (at)
"""

STATUSES = (
    ("in_stock", "In Stock", "green", "+", True, True),
    ("reserved", "Reserved", "blue", "R", False, True),
    ("returned", "Returned", "orange", "<", False, True),
    ("defective", "Defective", "red", "!", False, True),
    ("in_repair", "In Repair", "yellow", "~", False, False),
    ("in_transit", "In Transit", "purple", ">", False, False),
    ("sold", "Sold", "gray", "$", False, False),
    ("lost", "Lost", "dark red", "?", False, False),
    ("scrapped", "Scrapped", "dim", "x", False, False),
)
"""code, label, colour, mark, available, on hand."""

ROLES = (
    (
        "administrator",
        (
            *("INV_VIEW", "INV_EDIT_ITEMS", "INV_MANAGE_SERIALS", "INV_TRANSFER_SERIAL", "INV_SELL_SERIAL"),
            *("INV_COUNT_SERIALS", "INV_CORRECT_SERIAL", "INV_VOID_SERIAL_EVENT", "INV_SCRAP_SERIAL"),
            "SYS_MANAGE_USERS",
        ),
    ),
    (
        "clerk",
        ("INV_VIEW", "INV_MANAGE_SERIALS", "INV_TRANSFER_SERIAL", "INV_SELL_SERIAL", "INV_COUNT_SERIALS"),
    ),
    ("viewer", ("INV_VIEW",)),
)
"""Name and permissions."""


def up(database: Any, dialect: Dialect) -> None:
    """Make the tables, the built-in statuses, the first roles and the first location."""
    names = {name: getattr(dialect, name) for name in ("key", "big_key", "moment", "bytewise")}
    for statement in TABLES.format(**names).split(";"):
        database.execute_sql(statement)
    append_only(database, "serial_events", unique=(("id",), ("serial_id", "number")), sqlite=dialect.sqlite)
    one = database.param
    for status in STATUSES:
        database.execute_sql(
            f"INSERT INTO statuses (code, label, colour, mark, available, on_hand) VALUES ({', '.join([one] * 6)})",
            status,
        )
    for name, permissions in ROLES:
        database.execute_sql(f"INSERT INTO roles (name) VALUES ({one})", (name,))
        role = database.execute_sql(f"SELECT id FROM roles WHERE name = {one}", (name,)).fetchone()[0]
        for permission in permissions:
            database.execute_sql(f"INSERT INTO role_permissions VALUES ({one}, {one})", (role, permission))
    database.execute_sql(f"INSERT INTO locations (code, name) VALUES ({one}, {one})", ("MAIN", "Main warehouse"))

"""A history of quantities, the units of serial events, and digests that show a row that was changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.migrations.dialect import Dialect, append_only, row_digest, seal_people

TABLES = """
CREATE TABLE stock_changes (
    id {big_key}, at {moment} NOT NULL, user_id integer REFERENCES users, login_user_id integer REFERENCES users,
    item_id integer NOT NULL REFERENCES items, location_id integer NOT NULL REFERENCES locations,
    units bigint NOT NULL CHECK (units <> 0), kind text NOT NULL CHECK (kind <> ''), reason text NOT NULL,
    document_id bigint REFERENCES documents, digest {blob} NOT NULL,
    CONSTRAINT stock_changes_user CHECK (user_id IS NOT NULL OR kind = 'opening'));
CREATE INDEX stock_changes_item ON stock_changes (item_id, at, id);
CREATE INDEX stock_changes_place ON stock_changes (item_id, location_id, at, id);
CREATE INDEX stock_changes_document ON stock_changes (document_id) WHERE document_id IS NOT NULL;
ALTER TABLE serial_events ADD COLUMN units integer;
ALTER TABLE serial_events ADD COLUMN digest {blob};
ALTER TABLE documents ADD COLUMN digest {blob};
ALTER TABLE users ADD COLUMN digest {blob};
ALTER TABLE roles ADD COLUMN digest {blob}
"""


def up(database: Any, dialect: Dialect) -> None:
    """Add table and columns; each quantity of today becomes an opening row.

    Events and documents that are there already keep NULL: nobody knows any more what they did to quantities, and a
    digest made now would vouch for rows that nobody has checked.
    """
    blob = "blob" if dialect.sqlite else "bytea"
    for statement in TABLES.format(big_key=dialect.big_key, moment=dialect.moment, blob=blob).split(";"):
        database.execute_sql(statement)
    append_only(database, "stock_changes", unique=(("id",),), sqlite=dialect.sqlite)
    now = datetime.now(UTC)
    at = now.isoformat(" ", "microseconds")
    one = database.param
    quantities = "SELECT item_id, location_id, on_hand FROM stock WHERE on_hand <> 0 ORDER BY item_id, location_id"
    for item, location, units in database.execute_sql(quantities).fetchall():
        row = (at, None, None, item, location, units, "opening", "", None)
        database.execute_sql(
            "INSERT INTO stock_changes (at, user_id, login_user_id, item_id, location_id, units, kind, reason, "
            f"document_id, digest) VALUES ({', '.join([one] * 10)})",
            (at if dialect.sqlite else now, *row[1:], row_digest(row)),
        )
    seal_people(database)

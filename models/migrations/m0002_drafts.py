"""Drafts of tasks, rules for an item's serials, the raw scan beside an event, and an index for look-alikes."""

from __future__ import annotations

from typing import Any

from models.migrations.dialect import Dialect

NEAR = "ltrim(replace(replace(replace(serial_key, '-', ''), 'O', '0'), 'I', '1'), '0')"
"""What look-alikes share, made from a folded key: O is 0, I is 1, hyphens and leading zeros do not count."""

TABLES = """
ALTER TABLE serial_events ADD COLUMN scan text;
CREATE INDEX serials_near ON serials (item_id, ({near})) WHERE {near} <> serial_key;
CREATE INDEX serial_events_item ON serial_events (item_id, document_id, serial_id) WHERE document_id IS NOT NULL;
DROP INDEX serial_events_document;
CREATE INDEX serial_events_document ON serial_events (document_id, serial_id) WHERE document_id IS NOT NULL;
CREATE INDEX stock_location ON stock (location_id, item_id);
CREATE INDEX serial_counts_location ON serial_counts (location_id, item_id, status_id, serials);

CREATE TABLE serial_rules (
    item_id integer PRIMARY KEY REFERENCES items, pattern text NOT NULL, shortest integer NOT NULL,
    longest integer NOT NULL, characters text NOT NULL, expects text NOT NULL, strip text NOT NULL,
    CONSTRAINT serial_rules_length CHECK (shortest BETWEEN 1 AND longest AND longest <= 64));

CREATE TABLE drafts (
    id {big_key}, task text NOT NULL, state text NOT NULL CHECK (state IN ('open', 'done', 'discarded')),
    started_by_id integer NOT NULL REFERENCES users, started_at {moment} NOT NULL,
    user_id integer NOT NULL REFERENCES users, session text, changed_at {moment} NOT NULL, seen_at {moment} NOT NULL,
    location_id integer REFERENCES locations, item_id integer REFERENCES items,
    note text NOT NULL, document_id bigint REFERENCES documents);
CREATE INDEX drafts_open ON drafts (changed_at) WHERE state = 'open';
CREATE TABLE draft_people (
    draft_id bigint NOT NULL REFERENCES drafts, number integer NOT NULL CHECK (number > 0),
    user_id integer NOT NULL REFERENCES users, login_user_id integer REFERENCES users, at {moment} NOT NULL,
    PRIMARY KEY (draft_id, number));
CREATE TABLE draft_items (
    draft_id bigint NOT NULL REFERENCES drafts, item_id integer NOT NULL REFERENCES items,
    expected integer CHECK (expected > 0), adds_quantity boolean NOT NULL, PRIMARY KEY (draft_id, item_id));
CREATE TABLE draft_announced (
    draft_id bigint NOT NULL REFERENCES drafts, item_id integer NOT NULL REFERENCES items,
    serial_key {bytewise} NOT NULL, serial_number text NOT NULL, PRIMARY KEY (draft_id, item_id, serial_key));
CREATE TABLE draft_lines (
    id {big_key}, draft_id bigint NOT NULL REFERENCES drafts, number integer NOT NULL CHECK (number > 0),
    position integer, kind text NOT NULL CHECK (kind IN ('serial', 'item', 'place')),
    state text NOT NULL CHECK (state IN ('good', 'problem', 'out')), at {moment} NOT NULL,
    user_id integer NOT NULL REFERENCES users, how text NOT NULL, scan text NOT NULL,
    item_id integer REFERENCES items, location_id integer REFERENCES locations, serial_number text NOT NULL,
    serial_key {bytewise}, near_key {bytewise}, reason text NOT NULL, message text NOT NULL,
    serial_id bigint REFERENCES serials, CONSTRAINT draft_lines_order UNIQUE (draft_id, number));
CREATE UNIQUE INDEX draft_lines_good ON draft_lines (draft_id, item_id, serial_key)
    WHERE kind = 'serial' AND state = 'good';
CREATE INDEX draft_lines_near ON draft_lines (draft_id, near_key) WHERE near_key IS NOT NULL;
CREATE INDEX draft_lines_problems ON draft_lines (draft_id, number) WHERE state = 'problem'
"""


def up(database: Any, dialect: Dialect) -> None:
    """Add the tables, the column and the index."""
    names = {name: getattr(dialect, name) for name in ("big_key", "moment", "bytewise")}
    for statement in TABLES.format(near=NEAR, **names).split(";"):
        database.execute_sql(statement)

"""Tables and columns for all verbs of serials: Removed, voids, references, warranty terms, earlier texts, codes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from models.migrations.dialect import Dialect

TABLES = """
ALTER TABLE locations ADD COLUMN closed boolean NOT NULL DEFAULT {no};
ALTER TABLE customers ADD COLUMN code text CHECK (code <> '');
ALTER TABLE customers ADD COLUMN reference text NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN notes text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX customers_code_any_case ON customers (upper(code)) WHERE code IS NOT NULL;
ALTER TABLE items ADD COLUMN warranty_amount integer CHECK (warranty_amount > 0);
ALTER TABLE items ADD COLUMN warranty_unit text CHECK (warranty_unit IN ('days', 'months', 'years'));
ALTER TABLE documents ADD COLUMN reference text NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN repairer text NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN source_document_id bigint REFERENCES documents;
CREATE INDEX documents_source ON documents (source_document_id) WHERE source_document_id IS NOT NULL;
CREATE INDEX documents_kind ON documents (kind, id);
ALTER TABLE serial_events ADD COLUMN voids_id bigint REFERENCES serial_events;
ALTER TABLE serial_events ADD COLUMN reference text NOT NULL DEFAULT '';
CREATE TABLE serial_aliases (
    serial_id bigint NOT NULL REFERENCES serials, alias_key {bytewise} NOT NULL CHECK (alias_key <> ''),
    serial_number text NOT NULL, PRIMARY KEY (serial_id, alias_key));
CREATE INDEX serial_aliases_key ON serial_aliases (alias_key);
CREATE TABLE import_made (
    document_id bigint NOT NULL REFERENCES documents, kind text NOT NULL, name text NOT NULL CHECK (name <> ''),
    PRIMARY KEY (document_id, kind, name))
"""

REMOVED = ("removed", "Removed", "dim", "-", False, False)
"""code, label, colour, mark, available, on hand."""


def up(database: Any, dialect: Dialect) -> list[str]:
    """Add them; a code that two things have is kept by the elder, and the younger one gets " (2)".

    Returns:
        A sentence for each code that was changed.
    """
    no = "0" if dialect.sqlite else "false"
    for statement in TABLES.format(no=no, bytewise=dialect.bytewise).split(";"):
        database.execute_sql(statement)
    _add_removed(database)
    one = database.param
    database.execute_sql(f"INSERT INTO settings (name, value) VALUES ({one}, {one})", ("undo_minutes", "15"))
    return list(_without_doubles(database))


def _add_removed(database: Any) -> None:
    """Add the status; one of an administrator's own that has its code or its label makes room for it."""
    one = database.param
    for column, taken in (("code", REMOVED[0]), ("label", REMOVED[1])):
        known = {row[0] for row in database.execute_sql(f"SELECT {column} FROM statuses").fetchall()}
        if taken in known:
            values = (_free(str(taken), known), taken)
            database.execute_sql(f"UPDATE statuses SET {column} = {one} WHERE {column} = {one}", values)
    database.execute_sql(
        f"INSERT INTO statuses (code, label, colour, mark, available, on_hand) VALUES ({', '.join([one] * 6)})", REMOVED
    )


def _without_doubles(database: Any) -> Iterator[str]:
    """Rename the doubles among codes of locations, SKUs and barcodes; yields a sentence for each.

    Nothing says when a code was made, except that an item needs a location and a barcode needs an item. An item's
    barcode may be its own SKU.
    """
    one = database.param
    codes: dict[str, int | None] = {}  # folded code → the item whose SKU it is
    locations = "SELECT code FROM locations ORDER BY id"
    codes.update((_fold(code), None) for (code,) in database.execute_sql(locations).fetchall())
    skus = database.execute_sql("SELECT id, sku FROM items ORDER BY id").fetchall()
    codes |= {_fold(sku): item for item, sku in skus if _fold(sku) not in codes}
    for item, sku in skus:
        if codes[_fold(sku)] != item:
            new = _free(sku, codes)
            codes[_fold(new)] = item
            database.execute_sql(
                f"UPDATE items SET sku = {one}, sku_key = {one} WHERE id = {one}", (new, _fold(new), item)
            )
            yield f"The item {sku} is {new} now: a location has that code."
    barcodes = database.execute_sql("SELECT barcode, item_id FROM item_barcodes ORDER BY item_id, barcode").fetchall()
    exact = {barcode for barcode, _ in barcodes}
    for barcode, item in barcodes:
        owner = codes.get(_fold(barcode), item)
        if owner != item:
            new = _free(barcode, codes.keys() | exact)
            exact.add(new)
            database.execute_sql(f"UPDATE item_barcodes SET barcode = {one} WHERE barcode = {one}", (new, barcode))
            yield f"The barcode {barcode} is {new} now: a location or another item has that code."


def _free(taken: str, known: Any) -> str:
    number = 2
    while f"{taken} ({number})" in known or _fold(f"{taken} ({number})") in known:
        number += 1
    return f"{taken} ({number})"


def _fold(code: str) -> str:
    return unicodedata.normalize("NFC", "".join(unicodedata.normalize("NFC", code).split()).upper())

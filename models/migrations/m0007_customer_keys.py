"""Customers are unique by their folded name, names are stored in one Unicode form, barcodes are found in any case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from models.migrations.dialect import Dialect, seal_people

_BLANKS = re.compile(r"\s+")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _folded(text: str) -> str:
    return _composed(_BLANKS.sub("", _composed(text)).upper())


def up(database: Any, dialect: Dialect) -> list[str]:
    """Add the keys and bring stored names into the form NFC; of two that became equal, the younger gets " (2)".

    Returns:
        A sentence for each record that has another name now.
    """
    database.execute_sql(f"ALTER TABLE customers ADD COLUMN name_key {dialect.bytewise} NOT NULL DEFAULT ''")
    notes = [*_customers(database), *_items(database), *_accounts(database)]
    database.execute_sql("CREATE UNIQUE INDEX customers_key ON customers (name_key)")
    database.execute_sql("CREATE INDEX item_barcodes_any_case ON item_barcodes (upper(barcode))")
    return notes


def _customers(database: Any) -> Iterator[str]:
    rows = _rows(database, "SELECT id, name FROM customers ORDER BY id")
    for row, old, name, key in _told_apart(rows, 120, _folded):
        _change(database, "customers", row, {"name": name, "name_key": key})
        if name != _composed(old):
            yield f"The customer {old} is {name} now: an older one has the same name but for case and blanks."


def _items(database: Any) -> Iterator[str]:
    for row, old, sku, key in _told_apart(_rows(database, "SELECT id, sku FROM items ORDER BY id"), 40, _folded):
        if (sku, key) != (old, _BLANKS.sub("", old).upper()):
            _change(database, "items", row, {"sku": sku, "sku_key": key})
        if sku != _composed(old):
            yield f"The item {old} is {sku} now: an older one has the same SKU, stored as other characters."
    for row, name, key in _rows(database, "SELECT id, name, name_key FROM items"):
        new = _composed(name)
        if (name, key) != (new, _composed(new.upper())):
            _change(database, "items", row, {"name": new, "name_key": _composed(new.upper())})
    for row, name in _rows(database, "SELECT id, name FROM locations"):
        if name != _composed(name):
            _change(database, "locations", row, {"name": _composed(name)})


def _accounts(database: Any) -> Iterator[str]:
    for table, column, what in (("users", "login", "user"), ("roles", "name", "role")):
        rows = _rows(database, f"SELECT id, {column} FROM {table} ORDER BY id")
        for row, old, name, _ in _told_apart(rows, 64, _composed):
            if name != old:
                _change(database, table, row, {column: name})
            if name != _composed(old):
                yield f"The {what} {old} is {name} now: an older one has the same name, stored as other characters."
    seal_people(database)


def _rows(database: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(database.execute_sql(sql).fetchall())


def _change(database: Any, table: str, row: int, values: dict[str, str]) -> None:
    one = database.param
    columns = ", ".join(f"{column} = {one}" for column in values)
    database.execute_sql(f"UPDATE {table} SET {columns} WHERE id = {one}", (*values.values(), row))


def _told_apart(
    rows: Iterable[tuple[Any, ...]], longest: int, key_of: Callable[[str], str]
) -> list[tuple[int, str, str, str]]:
    """For each (id, name), the oldest first: id, old name, new name, new key; all new keys are different."""
    old = [(row, name, _composed(name)) for row, name in rows]
    taken = {key_of(name) for _, _, name in old}
    seen: set[str] = set()
    told = []
    for row, before, name in old:
        key, number = key_of(name), 2
        if key in seen:
            new = name
            while key in taken:
                end = f" ({number})"
                new = name[: longest - len(end)] + end
                key, number = key_of(new), number + 1
            name = new  # noqa: PLW2901 - the name that is free
            taken.add(key)
        seen.add(key)
        told.append((row, before, name, key))
    return told

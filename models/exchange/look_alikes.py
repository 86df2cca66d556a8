"""Good rows of a file whose serial could be another one misread, found by set: on the item already, or in a row before.

The rule is the station's, see `models.text.near_key`: O and 0, I and 1, hyphens, leading zeros, and an S in
front that a label adds or leaves out.
"""

from __future__ import annotations

from typing import Final

from models.migrations.m0002_drafts import NEAR
from models.schema.base import bound, is_sqlite

_GOOD: Final = "state = 0"
"""As `staging.NEW`, which needs this module."""

_NONE: Final = "CAST(NULL AS bigint)"


def _near(alias: str) -> str:
    return NEAR.replace("serial_key", f"{alias}.serial_key")


def _without_s(table: str) -> str:
    """Rows whose folded key begins with an S, and what is behind it."""
    return (
        f"(SELECT row, item_id, substr(serial_key, 2) AS rest FROM {table} "
        f"WHERE {_GOOD} AND serial_key > 'S' AND serial_key < 'T')"
    )


def prepare(table: str) -> None:
    """Make the index that the look-up of rows needs.

    Args:
        table: the staged rows.
    """
    bound.execute_sql(f"CREATE INDEX import_rows_near ON {table} (item_id, ({NEAR}), row) WHERE {_GOOD}")


def find(table: str, into: str, *, against_items: bool) -> None:
    """Make a table of the rows that look like another serial: `row`, and `serial_id` or `first`, which is a row.

    Args:
        table: the staged rows, each of a serial of its own among the good ones, none of which its item has.
        into: the new table.
        against_items: whether serials of the items are looked at too.
    """
    ways = [*_ways_to_serials(table), *_ways_to_rows(table)] if against_items else _ways_to_rows(table)
    bound.execute_sql(
        f"CREATE TEMPORARY TABLE {into} AS SELECT row, min(serial_id) AS serial_id, min(first) AS first "
        f"FROM ({' UNION ALL '.join(ways)}) AS found GROUP BY row"
    )
    bound.execute_sql(f"CREATE INDEX {into}_row ON {into} (row)")


def _ways_to_serials(table: str) -> tuple[str, ...]:
    """To a serial that is its own look-alike key, to one that is not, to one with an S in front, to one without."""
    # The cross joins make the staged rows the outer loop: they are looked up, not the item's million others.
    there = f"SELECT r.row AS row, s.id AS serial_id, {_NONE} AS first FROM {table} r CROSS JOIN serials s"
    good = f"r.{_GOOD} AND s.item_id = r.item_id"
    near, its = _near("r"), _near("s")
    # SQLite, which knows nothing of how many there are, would read all serials of the item for each row.
    by_near = " INDEXED BY serials_near" if is_sqlite() else ""
    rest = f"SELECT r.row, s.id, {_NONE} FROM {_without_s(table)} r CROSS JOIN serials s"
    return (
        f"{there} WHERE {good} AND s.serial_key = {near} AND {near} <> r.serial_key",
        f"{there}{by_near} WHERE {good} AND {its} = {near} AND {its} <> s.serial_key AND s.serial_key <> r.serial_key",
        f"{there} WHERE {good} AND s.serial_key = 'S' || r.serial_key",
        f"{rest} WHERE s.item_id = r.item_id AND s.serial_key = r.rest",
    )


def _ways_to_rows(table: str) -> tuple[str, ...]:
    """From all but the first of the rows that share a look-alike key to the first; from the later one of a pair with
    and without an S to the earlier.
    """
    groups = (
        f"SELECT item_id, {NEAR} AS near, min(row) AS first FROM {table} WHERE {_GOOD} "
        f"GROUP BY item_id, {NEAR} HAVING count(*) > 1"
    )
    same = f"r.item_id = g.item_id AND {_near('r')} = g.near"
    alike = f"SELECT r.row AS row, {_NONE} AS serial_id, g.first AS first FROM ({groups}) g JOIN {table} r ON {same}"
    later, earlier = (f"CASE WHEN r.row {sign} p.row THEN r.row ELSE p.row END" for sign in "><")
    pair = f"SELECT {later}, {_NONE}, {earlier} FROM {_without_s(table)} r CROSS JOIN {table} p"
    return (
        f"{alike} WHERE r.{_GOOD} AND r.row > g.first",
        f"{pair} WHERE p.{_GOOD} AND p.item_id = r.item_id AND p.serial_key = r.rest",
    )


def say(table: str, found: str) -> None:
    """Write what is said of each row that was found into its column `alike`.

    Args:
        table: the staged rows.
        found: what `find` made.
    """
    said = (
        f"{table}.serial_number || ' looks like ' || coalesce("
        "(SELECT s.serial_number || ', which is on ' || i.sku || ' already.' "
        "FROM serials s JOIN items i ON i.id = s.item_id WHERE s.id = f.serial_id), "
        f"(SELECT o.serial_number || ' in row ' || o.row || '.' FROM {table} o WHERE o.row = f.first))"
    )
    bound.execute_sql(
        f"UPDATE {table} SET alike = (SELECT {said} FROM {found} f WHERE f.row = {table}.row) "
        f"WHERE {_GOOD} AND row IN (SELECT row FROM {found})"
    )

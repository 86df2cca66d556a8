"""Triggers that keep history: a table whose rows can be added and never changed or removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def append_only(database: Any, table: str, *, unique: Sequence[tuple[str, ...]], sqlite: bool) -> None:
    """Let the database itself refuse to change or remove rows of `table`.

    Args:
        unique: the columns of its primary key and of each other unique constraint.
    """
    if sqlite:
        for verb in ("UPDATE", "DELETE"):
            database.execute_sql(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
            )
        # INSERT OR REPLACE removes the row in its way without asking the trigger on DELETE.
        same = (" AND ".join(f"{column} = NEW.{column}" for column in columns) for columns in unique)
        in_the_way = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {condition})" for condition in same)
        database.execute_sql(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {in_the_way} "
            f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
        )
        return
    # With this error code the refusal arrives as an integrity error, as on SQLite.
    database.execute_sql(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} can only be added to' USING ERRCODE = '23514'; END $$"
    )
    database.execute_sql(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )
    database.execute_sql(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def missing(database: Any, table: str, *, sqlite: bool) -> list[str]:
    """Names of the triggers of an append-only `table` that are not in force."""
    if sqlite:
        wanted = {f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"}
        rows = database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,))
    else:
        wanted = {f"{table}_no_update", f"{table}_no_truncate"}
        rows = database.execute_sql(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = %s::regclass "
            "AND t.tgenabled IN ('O', 'A') AND position('RAISE EXCEPTION' IN p.prosrc) > 0",
            (table,),
        )
    return sorted(wanted - {row[0] for row in rows.fetchall()})

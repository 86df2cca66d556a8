"""The least-privilege role of PostgreSQL: rights for all that the app does, and none to change history or tables."""

from __future__ import annotations

import json
from typing import Any, Final

from models.errors import NotAllowed, NotFound
from models.schema import APPEND_ONLY, TABLES, Document, ImportedFile, ImportMade, Table, columns_of

GRANTED_ROLES: Final = "granted_roles"
"""Setting with the roles, a JSON list; they are granted anew after each migration."""

VERSIONS: Final = "serialdock_versions"
"""Table of applied migrations, which the role may only read."""

WORK_UNITS: Final = "work_units"
"""Table that has no model; see `models.database.unit`."""

ONLY_ADDED: Final[tuple[type[Table], ...]] = (*APPEND_ONLY, Document, ImportedFile, ImportMade)
"""History: tables whose rows the app never changes, and the role cannot."""

_READ_AND_ADD: Final = "SELECT, INSERT"
_ALL_ROWS: Final = "SELECT, INSERT, UPDATE, DELETE"


def grant(database: Any, role: str) -> None:
    """Give a role the rights of the app, and remember it for later migrations; call it in a transaction of the owner.

    Raises:
        NotFound: no such role.
        NotAllowed: this account does not own the tables, or no grant can limit the role.
    """
    refuse_unlimited(database, role)
    _give(database, role)
    roles = sorted({*granted(database), role})
    database.execute_sql("DELETE FROM settings WHERE name = %s", (GRANTED_ROLES,))
    database.execute_sql("INSERT INTO settings (name, value) VALUES (%s, %s)", (GRANTED_ROLES, json.dumps(roles)))


def grant_anew(database: Any) -> None:
    """Grant again to all remembered roles, as a migration may have made tables; a role that is gone is left out."""
    for role in granted(database):
        if _one(database, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):  # else no migration could run any more
            _give(database, role)


def granted(database: Any) -> list[str]:
    """The remembered roles; none before the migration that makes the settings."""
    if not _one(database, "SELECT to_regclass('settings') IS NOT NULL"):
        return []
    found = _one(database, "SELECT value FROM settings WHERE name = %s", GRANTED_ROLES)
    return [str(role) for role in json.loads(found)] if found else []


def owner(database: Any) -> str | None:
    """The role that owns the tables, unless this session may act as it; None also if there are no tables."""
    found = _one(
        database,
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s) "
        "AND NOT pg_has_role(current_user, relowner, 'USAGE')",
        VERSIONS,
    )
    return None if found is None else str(found)


def refuse_unlimited(database: Any, role: str) -> None:
    """Refuse a role that could do more than it is granted, whatever that is.

    Raises:
        NotFound: no such role.
        NotAllowed
    """
    if not _one(database, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        raise NotFound(f"The server has no role {role}. Make it first: CREATE ROLE {_quoted(role)} LOGIN PASSWORD '…'")
    if theirs := owner(database):
        raise NotAllowed(f"The tables belong to {theirs}, who alone can grant rights to them. Run this as {theirs}.")
    above = _one(
        database,
        "SELECT CASE WHEN r.rolsuper THEN 'is a superuser' ELSE 'may act as the owner of the tables' END "
        "FROM pg_roles r, pg_class c WHERE r.rolname = %s AND c.oid = to_regclass(%s) "
        "AND (r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER'))",
        *(role, VERSIONS),
    )
    if above:
        raise NotAllowed(f"The role {role} {above}, so that no grant limits it. Name another role.")
    schema = str(_one(database, "SELECT current_schema()"))
    if _one(database, "SELECT has_schema_privilege(%s, %s, 'CREATE')", role, schema):
        raise NotAllowed(
            f"The role {role} may make tables in the schema {schema}. Take that away first: "
            f"REVOKE CREATE ON SCHEMA {_quoted(schema)} FROM PUBLIC, {_quoted(role)}"
        )


def _give(database: Any, role: str) -> None:
    name = _quoted(role)
    _give_surroundings(database, role)
    for table in TABLES:
        _give_table(database, table._meta.table_name, name, _READ_AND_ADD if table in ONLY_ADDED else _ALL_ROWS)
        if "id" in columns_of(table):
            sequence = _one(database, "SELECT pg_get_serial_sequence(%s, 'id')", table._meta.table_name)
            if sequence is not None:
                database.execute_sql(f"GRANT USAGE ON SEQUENCE {sequence} TO {name}")
    _give_table(database, WORK_UNITS, name, _ALL_ROWS)
    _give_table(database, VERSIONS, name, "SELECT")
    if int(str(_one(database, "SELECT current_setting('server_version_num')"))) >= 170_000:
        # Statistics after an import; without them the first page of a long list takes a second.
        database.execute_sql(f"GRANT MAINTAIN ON serials, serial_events TO {name}")
    for table in ONLY_ADDED:
        held = table._meta.table_name
        for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
            if _one(database, "SELECT has_table_privilege(%s, %s, %s)", role, held, right):
                raise NotAllowed(
                    f"The role {role} holds {right} on {held} through PUBLIC or another role. Take that away first: "
                    f"REVOKE {right} ON {held} FROM PUBLIC"
                )


def _give_table(database: Any, table: str, role: str, rights: str) -> None:
    database.execute_sql(f"REVOKE ALL ON {table} FROM {role}")  # rights of an earlier version may have been more
    database.execute_sql(f"GRANT {rights} ON {table} TO {role}")


def _give_surroundings(database: Any, role: str) -> None:
    """Connecting, temporary tables and the schema; usually everybody has these rights already."""
    here, schema = (str(_one(database, f"SELECT current_{what}()")) for what in ("database", "schema"))
    for right, function, kind, thing in (
        ("CONNECT", "has_database_privilege", "DATABASE", here),
        ("TEMPORARY", "has_database_privilege", "DATABASE", here),
        ("USAGE", "has_schema_privilege", "SCHEMA", schema),
    ):
        if _one(database, f"SELECT {function}(%s, %s, %s)", role, thing, right):
            continue
        statement = f"GRANT {right} ON {kind} {_quoted(thing)} TO {_quoted(role)}"
        if not _one(database, f"SELECT {function}(current_user, %s, %s)", thing, f"{right} WITH GRANT OPTION"):
            raise NotAllowed(f"This account cannot grant all that {role} needs. The owner has to run: {statement}")
        database.execute_sql(statement)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _one(database: Any, sql: str, *values: object) -> Any:
    found = database.execute_sql(sql, values or None).fetchone()
    return None if found is None else found[0]

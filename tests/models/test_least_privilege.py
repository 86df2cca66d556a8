"""A PostgreSQL role that `serialdock migrate --grant` made able to do what the app does, and nothing more."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from models import migrations
from models.database.connection import connect, disconnect, open_database
from models.migrations import CURRENT, MIGRATIONS, grants, migrate
from models.migrations.grants import ONLY_ADDED, VERSIONS, WORK_UNITS
from models.people import sign_in
from models.permissions import Actor
from models.schema import APPEND_ONLY, TABLES
from models.serials.receive import MANY
from models.station import drafts
from models.station.task import TRANSFER_TASK
from tests.support.commands import Commands
from tests.support.engines import ON_POSTGRESQL
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse

pytestmark = ON_POSTGRESQL

_numbers = itertools.count(1)


@pytest.fixture
def role(postgres: Any, worker_id: str, database_url: str) -> Iterator[str]:
    """A role of the server that owns nothing; its name needs quotes."""
    name = f"Stock app {worker_id} {os.getpid()} {next(_numbers)}"
    with postgres.session() as session:
        session.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    with postgres.session(_name_of(database_url)) as session:
        session.execute(f'DROP OWNED BY "{name}"')
        session.execute(f'DROP ROLE "{name}"')


def _name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _as_role(url: str, role: str) -> str:
    return url.replace("//postgres@", f"//{role.replace(' ', '%20')}@")


@pytest.fixture
def owner(database_url: str, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands of the owner."""
    return Commands(database_url, capsys)


@pytest.fixture
def app(owner: Commands, role: str, database_url: str, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands of the role, which was granted its rights."""
    granted = owner.object("migrate", "--grant", role)
    assert granted == {"migrations": list(MIGRATIONS), "version": CURRENT, "granted": role}
    return Commands(_as_role(database_url, role), capsys)


def test_the_role_does_everything_that_the_app_does(app: Commands, tmp_path: Path) -> None:
    app.good("location", "add", "DOCK", "Loading dock")
    app.good("item", "add", "SAW-1", "Saw", "--on-hand", "3", "--track-serials")
    app.good("item", "set", "SAW-1", "--name", "Circular saw", "--barcode", "4006381333931")
    app.good("item", "set", "SAW-1", "--serial-length", "1-20")
    app.good("serial", "add", "--item", "SAW-1", "A1", "--notes", "new")
    app.good("serial", "transfer", "--item", "SAW-1", "--to", "DOCK", "A1")
    app.good("receive", "--item", "SAW-1", "--location", "DOCK", "--range", f"B{1:05}..B{MANY + 5:05}")
    (tmp_path / "list.csv").write_text("Serial Number,Status,Customer\nC1,Sold,Bergmann AG\nC2,In Stock,\n")
    imported = app.object("import", str(tmp_path / "list.csv"), "--item", "SAW-1", "--add-quantity")
    assert imported["imported"] == 2
    app.good("user", "add", "jana", "--role", "clerk")
    app.good("user", "set", "jana", "--role", "viewer")
    app.good("user", "remove", "jana")
    app.good("role", "add", "auditor")
    app.good("role", "grant", "auditor", "INV_VIEW")
    app.good("role", "revoke", "auditor", "INV_VIEW")
    app.good("setting", "new-people", "viewers")
    assert len(app.rows("serial", "list", "--item", "SAW-1")) == MANY + 5 + 3
    _lives(app)
    for words in (
        ("item", "list"),
        ("serial", "show", "C1"),
        ("drafts", "list"),
        ("setting", "list"),
        ("role", "list"),
    ):
        app.good(*words)
    assert app.object("check")["ok"]
    assert app.object("migrate")["migrations"] == []


def _lives(app: Commands) -> None:
    """Every verb, places, customers and statuses, with what undoes them."""
    of = ("--item", "SAW-1")
    app.good("customer", "add", "Kreis GmbH", "--code", "KREIS")
    app.good("customer", "set", "KREIS", "--notes", "pays late")
    app.good("location", "add", "SHOP")
    app.good("location", "set", "SHOP", "--name", "Shop")
    app.good("status", "add", "demo", "Demo unit", "--colour", "green", "--mark", "d", "--on-hand")
    app.good("status", "set", "demo", "--label", "Demo")
    app.good("item", "add", "SAW-2", "Other saw", "--track-serials")
    sold = app.object("sell", *of, "B00001", "B00002", "--customer", "KREIS")["document"]
    app.good("return", *of, "B00001", "--location", "DOCK")
    app.good("repair", *of, "B00001")
    app.good("repaired", *of, "B00001", "--result", "in_stock", "--location", "DOCK")
    sent = app.object("dispatch", *of, "B00001", "--to", "SHOP")["document"]
    app.good("arrive", *of, "B00001", "--transfer", sent)
    for verb, *more in (
        ("reserve", "--customer", "KREIS"),
        ("release",),
        ("lose",),
        ("found", "--location", "DOCK"),
        ("scrap",),
        ("reactivate",),
        ("restock",),
        ("defect",),
        ("change-status", "--status", "demo"),
    ):
        app.good(verb, *of, "B00001", *more, "--note", "why")
    app.good("change-item", *of, "B00004", "--to-item", "SAW-2")
    app.good("correct", *of, "B00003", "B00003X")
    app.good("warranty", *of, "B00005", "--set", "24m")
    app.good("remove", *of, "B00005", "--note", "typed twice")
    app.good("void", *of, "B00003X", "--note", "not so")
    app.good("document", "void", sold, "--note", "not so", "--skip-errors")
    app.good("location", "set", "SHOP", "--parent", "DOCK")
    app.good("location", "close", "SHOP")
    app.good("location", "open", "SHOP")


def test_the_role_works_at_a_station(app: Commands) -> None:
    for words in (("location", "add", "DOCK"), ("item", "add", "SAW-1", "Saw", "--track-serials")):
        app.good(*words)
    app.good("user", "add", "jana", "--role", "clerk")
    _opened(app.url, lambda database: _work_at_a_station())


def _work_at_a_station() -> None:
    actor = sign_in()
    first = Station(Warehouse(actor, None), actor)  # type: ignore[arg-type]
    said = first.words("DOCK", "SAW-1", "S1", "S2", "S2", "XXSDUNDO")
    assert said == ["set", "set", "ok", "ok", "dup", "out"]
    assert first.words("S3", "XXSDDONE")[-1] == "done"
    _draft(actor)
    moved = Station(Warehouse(actor, None), actor, TRANSFER_TASK)  # type: ignore[arg-type]
    assert moved.words("MAIN", "S1", "XXSDDONE")[-1] == "done"


def _draft(actor: Actor) -> None:
    """Start a draft, hand it over, take it back and discard it."""
    left = Station(Warehouse(actor, None), actor)  # type: ignore[arg-type]
    left.scan("DOCK", "SAW-1", "T1")
    (draft,) = drafts.open_drafts()
    drafts.hand_over(actor, draft.id, "jana")
    drafts.take_over(actor, draft.id, "another station")
    drafts.discard(actor, draft.id)


FORBIDDEN = [
    *(
        statement.format(table=table._meta.table_name)
        for table in APPEND_ONLY
        for statement in (
            "UPDATE {table} SET id = id",
            "DELETE FROM {table}",
            "TRUNCATE {table} CASCADE",
            "ALTER TABLE {table} DISABLE TRIGGER ALL",
            "DROP TRIGGER {table}_no_update ON {table}",
            "DROP TABLE {table} CASCADE",
            "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
            "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
            "ALTER FUNCTION {table}_refuse() RENAME TO mine",
        )
    ),
    "UPDATE documents SET customer_id = NULL",
    *(f"DELETE FROM {table._meta.table_name}" for table in ONLY_ADDED),
    "CREATE TABLE mine (id integer)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "ALTER TABLE serials DROP COLUMN version",
    "TRUNCATE serials CASCADE",
    f"UPDATE {VERSIONS} SET version = 1",
    f"INSERT INTO {VERSIONS} VALUES (99, 'mine', now())",
    f"DELETE FROM {VERSIONS}",
    "SET ROLE postgres",
]


def test_the_role_cannot_touch_history_triggers_or_tables(app: Commands) -> None:
    app.good("item", "add", "SAW-1", "Saw", "--track-serials")
    app.good("serial", "add", "--item", "SAW-1", "A1")
    with psycopg.connect(app.url, autocommit=True) as session:
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
        assert session.execute("SELECT count(*) FROM serial_events").fetchone() == (1,)
        session.execute("CREATE TEMPORARY TABLE mine (id integer)")


def test_every_table_is_granted_and_every_guarded_one_is_append_only(app: Commands) -> None:
    with psycopg.connect(app.url) as session:
        there = {name for (name,) in session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        guarded = {
            name
            for (name,) in session.execute(
                "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal AND t.tgname = c.relname || '_no_update'"
            )
        }
        assert there == {table._meta.table_name for table in TABLES} | {VERSIONS, WORK_UNITS}
        assert guarded == {table._meta.table_name for table in APPEND_ONLY}
        for name in sorted(there):
            held = {
                right
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
                if session.execute("SELECT has_table_privilege(%s, %s)", (name, right)).fetchone() == (True,)
            }
            reads = {"SELECT"} if name == VERSIONS else {"SELECT", "INSERT"}
            history = {table._meta.table_name for table in ONLY_ADDED} | {VERSIONS}
            assert held == (reads if name in history else reads | {"UPDATE", "DELETE"}), name


def test_the_role_says_that_the_owner_has_to_migrate(
    app: Commands, owner: Commands, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = (*MIGRATIONS, MIGRATIONS[-1])
    monkeypatch.setattr(migrations, "MIGRATIONS", newer)
    monkeypatch.setattr(migrations, "CURRENT", CURRENT + 1)
    for words in (("item", "list"), ("migrate",), ("item", "add", "X", "Y")):
        ran = app("--json", *words)
        assert (ran.code, ran.object["error"]) == (3, "database_not_ready")
        assert (
            f"has schema version {CURRENT}; this program needs {CURRENT + 1}, and the role {role} may not change its "
            "tables. Their owner, postgres, has to run serialdock migrate."
        ) in ran.object["message"]


def test_a_later_migration_grants_anew(
    owner: Commands, role: str, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "MIGRATIONS", MIGRATIONS[:-1])
        earlier.setattr(migrations, "CURRENT", CURRENT - 1)
        made_later = ("serial_segments", "serial_ngrams")
        there = tuple(table for table in grants.TABLES if table._meta.table_name not in made_later)
        earlier.setattr(grants, "TABLES", there)
        _opened(database_url, migrate)
        _opened(database_url, lambda database: migrations.grant(database, role))
        _opened(
            database_url, lambda database: database.execute_sql(f'REVOKE ALL ON items, serial_events FROM "{role}"')
        )
    assert owner.object("migrate")["migrations"] == [MIGRATIONS[-1]]
    app = Commands(_as_role(database_url, role), capsys)
    app.good("item", "list")
    _opened(database_url, lambda database: database.execute_sql(f'REVOKE ALL ON items FROM "{role}"'))
    assert app("item", "list").code == 3
    assert owner.object("migrate")["migrations"] == []
    app.good("item", "list")
    (value,) = (row["value"] for row in app.rows("setting", "list") if row["name"] == "granted-roles")
    assert json.loads(value) == [role]
    with psycopg.connect(app.url) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("DELETE FROM serial_events")


def _opened(url: str, act: Callable[[Any], object]) -> None:
    database = open_database(url)
    connect(database)
    try:
        act(database)
    finally:
        disconnect(database)


def test_a_role_that_no_grant_limits_is_refused(app: Commands, owner: Commands, role: str, database_url: str) -> None:
    assert "The server has no role nobody here." in owner.refused("migrate", "--grant", "nobody here")["message"]
    assert "is a superuser, so that no grant limits it" in owner.refused("migrate", "--grant", "postgres")["message"]
    assert "The tables belong to postgres" in app.refused("migrate", "--grant", role)["message"]
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"')
        said = owner.refused("migrate", "--grant", role)["message"]
        assert "may make tables in the schema public. Take that away first: REVOKE CREATE ON SCHEMA" in said
        session.execute(f'REVOKE CREATE ON SCHEMA public FROM "{role}"')
        session.execute("GRANT DELETE ON serial_events TO PUBLIC")
        said = owner.refused("migrate", "--grant", role)["message"]
        assert "holds DELETE on serial_events through PUBLIC" in said
        session.execute("REVOKE DELETE ON serial_events FROM PUBLIC")
    owner.good("migrate", "--grant", role)


def test_the_owner_of_the_tables_need_not_be_a_user(
    app: Commands, owner: Commands, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.good("item", "list")
    monkeypatch.setattr("models.people.account_name", lambda: "dba")
    owner.good("migrate", "--grant", role)
    assert owner.refused("item", "list")["error"] == "not_permitted"


def test_the_role_needs_no_right_of_the_default_kind(
    owner: Commands, role: str, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = _name_of(database_url)
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        session.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    owner.good("migrate", "--grant", role)
    Commands(_as_role(database_url, role), capsys).good("item", "add", "SAW-1", "Saw")

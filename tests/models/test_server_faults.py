"""Servers that cannot be used for a while, or not at all: each is trouble with a sentence, and ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from models import clock
from models.check import check
from models.database.connection import call, connect, disconnect, open_database, snapshot
from models.errors import Damaged, DatabaseTrouble, NotReady, Replaced, Unreachable, WrongEncoding
from models.migrations import CURRENT, migrate
from models.schema import Location, Serial, SerialEvent, bound
from models.serials.add import add_serial
from tests.support.engines import ON_POSTGRESQL
from tests.support.warehouse import Warehouse

pytestmark = ON_POSTGRESQL


@pytest.fixture
def administrator(database: Any, postgres: Any) -> Iterator[Any]:
    """Another session of the same database."""
    name = database.execute_sql("SELECT current_database()").fetchone()[0]
    with postgres.session(name) as session:
        yield session


def add(database: Any, warehouse: Warehouse, serial: str) -> None:
    call(database, add_serial, warehouse.boss, warehouse.item.id, serial)


@contextmanager
def fails(database: Any, warehouse: Warehouse, kind: type[DatabaseTrouble], *codes: str) -> Iterator[None]:
    """While the block has done its harm, writes and reads are trouble; they succeed again afterwards."""
    add(database, warehouse, "BEFORE")
    yield
    for function in (add_serial, Location.select().count):
        with pytest.raises(kind) as trouble:
            call(database, function, *((warehouse.boss, warehouse.item.id, "S1") if function is add_serial else ()))
        assert trouble.value.error in codes


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused_at_once(
    engine: str, postgres: Any, worker_id: str, encoding: str
) -> None:
    name = f"{encoding.lower()}_{worker_id}"
    with postgres.session() as session:
        session.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        try:
            database = open_database(postgres.url(name))
            with pytest.raises(WrongEncoding, match=f"texts in {encoding}, .* ENCODING 'UTF8' TEMPLATE"):
                connect(database)
            assert database.is_closed()
        finally:
            session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_encoding_that_the_address_names_does_not_matter(migrated_url: str, warehouse: Warehouse) -> None:
    database = open_database(f"{migrated_url}&client_encoding=LATIN1")
    connect(database)
    try:
        Location.create(code="ŁÓDŹ-1", name="倉庫")
        assert [row.name for row in Location.select().where(Location.code == "ŁÓDŹ-1")] == ["倉庫"]
    finally:
        disconnect(database)


def test_the_time_zone_of_the_server_does_not_matter(database: Any, warehouse: Warehouse, administrator: Any) -> None:
    def moments() -> list[datetime]:
        return [event.at for event in SerialEvent.select().order_by(SerialEvent.id)]

    add(database, warehouse, "BEFORE")
    (before,) = moments()
    administrator.execute(f"ALTER DATABASE \"{administrator.info.dbname}\" SET TimeZone = 'Asia/Kathmandu'")
    disconnect(database)
    add(database, warehouse, "AFTER")
    first, second = moments()
    assert (first, first.tzinfo, second.tzinfo) == (before, UTC, UTC)
    assert before <= second <= clock.now()
    assert check(database).findings == ()


def test_settings_hold_for_a_transaction_alone(database: Any) -> None:
    def settings(run: Callable[[str], Any]) -> list[str]:
        names = ("jit", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        return [run(f"SHOW {name}").fetchone()[0] for name in names]

    assert settings(database.execute_sql) == ["off", "1min", "10s", "0"]
    with database.atomic():
        assert settings(database.connection().execute) == ["off", "1min", "10s", "10min"]
    with snapshot(database):
        assert settings(database.connection().execute) == ["off", "1min", "10s", "10min"]
        assert database.execute_sql("SHOW transaction_isolation").fetchone() == ("repeatable read",)
        assert database.execute_sql("SHOW transaction_read_only").fetchone() == ("on",)
    assert settings(database.connection().execute)[1:] == ["0", "0", "0"]


def test_a_server_that_was_read_only_is_written_to_on_a_new_connection(
    database: Any, warehouse: Warehouse, administrator: Any
) -> None:
    name = administrator.info.dbname
    administrator.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    disconnect(database)
    for _ in range(2):
        with pytest.raises(Unreachable, match="is read-only now") as trouble:
            add(database, warehouse, "S1")
        assert trouble.value.error == "25006"
        assert call(database, Location.select().count) == 4, "it can be read meanwhile"
    administrator.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    with pytest.raises(Unreachable, match="is read-only now"):
        add(database, warehouse, "S1")  # on the connection that read meanwhile
    add(database, warehouse, "S1")
    assert Serial.select().count() == 1


def test_a_schema_that_is_gone_is_waited_for(database: Any, warehouse: Warehouse, administrator: Any) -> None:
    with fails(database, warehouse, DatabaseTrouble, "42P01", "3F000"):
        administrator.execute("ALTER SCHEMA public RENAME TO away")
    administrator.execute("ALTER SCHEMA away RENAME TO public")
    add(database, warehouse, "S1")


def test_tables_that_are_gone_are_waited_for(database: Any, warehouse: Warehouse, administrator: Any) -> None:
    with fails(database, warehouse, NotReady, "42P01"):
        administrator.execute("CREATE SCHEMA away")
        for table in ("locations", "serials", "work_units"):
            administrator.execute(f"ALTER TABLE {table} SET SCHEMA away")
    for table in ("locations", "serials", "work_units"):
        administrator.execute(f"ALTER TABLE away.{table} SET SCHEMA public")
    add(database, warehouse, "S1")


def test_an_emptied_schema_is_not_taken_for_a_new_database_unless_somebody_says_so(
    database: Any, warehouse: Warehouse, administrator: Any
) -> None:
    assert migrate(database, is_asked=False) == []  # this account has used it
    administrator.execute("ALTER SCHEMA public RENAME TO away; CREATE SCHEMA public")
    disconnect(database)
    for _ in range(2):
        with pytest.raises(NotReady, match=r"is empty, and had tables .* wait for it, .* run serialdock migrate"):
            migrate(database, is_asked=False)
    assert not database.get_tables()
    administrator.execute("DROP SCHEMA public; ALTER SCHEMA away RENAME TO public")
    assert migrate(database, is_asked=False) == []
    assert call(database, Location.select().count) == 4
    administrator.execute("ALTER SCHEMA public RENAME TO away; CREATE SCHEMA public")
    assert len(migrate(database)) == CURRENT


def test_another_database_in_the_place_of_the_one_that_was_used_is_not_written_to(
    database: Any, warehouse: Warehouse, administrator: Any, migrated_url: str
) -> None:
    add(database, warehouse, "BEFORE")
    administrator.execute("ALTER SCHEMA public RENAME TO away; CREATE SCHEMA public")
    other = open_database(migrated_url)
    assert len(migrate(other, is_asked=False)) == CURRENT, "an account that has never used it makes its tables"
    disconnect(other)
    bound.initialize(database)
    for _ in range(2):  # on the open connection, and on a new one
        with pytest.raises(Replaced, match=r"was replaced by another one\. Put the right one back") as trouble:
            add(database, warehouse, "S1")
        assert trouble.value.error == "REPLACED"
        disconnect(database)
    assert administrator.execute("SELECT count(*) FROM serials").fetchone() == (0,)
    administrator.execute("DROP SCHEMA public CASCADE; ALTER SCHEMA away RENAME TO public")
    add(database, warehouse, "S1")
    assert Serial.select().count() == 2


def test_tables_that_are_still_empty_are_waited_for(database: Any, warehouse: Warehouse, administrator: Any) -> None:
    add(database, warehouse, "BEFORE")
    administrator.execute("CREATE TABLE kept AS TABLE settings; DELETE FROM settings")
    for _ in range(2):
        with pytest.raises(NotReady, match=r"are empty\. A backup may be about to be restored; wait for it"):
            add(database, warehouse, "S1")
        disconnect(database)
    administrator.execute("INSERT INTO settings SELECT * FROM kept; DROP TABLE kept")
    add(database, warehouse, "S1")


def test_an_empty_database_that_nobody_has_used_is_made_at_the_first_start(
    engine: str, postgres: Any, worker_id: str
) -> None:
    with postgres.database(f"first_{worker_id}") as url:
        made = open_database(url)
        assert len(migrate(made, is_asked=False)) == CURRENT
        disconnect(made)


def test_constraints_that_a_restore_has_not_made_yet_are_waited_for(
    database: Any, warehouse: Warehouse, administrator: Any
) -> None:
    administrator.execute("ALTER TABLE work_units DROP CONSTRAINT work_units_pkey")
    with pytest.raises(NotReady, match=r"A backup may be about to be restored; wait for it") as trouble:
        add(database, warehouse, "S1")
    assert trouble.value.error == "42P10"
    administrator.execute("ALTER TABLE work_units ADD PRIMARY KEY (token)")
    add(database, warehouse, "S1")


def test_a_damaged_database_is_written_to_once_it_is_restored(
    database: Any, warehouse: Warehouse, administrator: Any
) -> None:
    database.note_damage(Damaged("The database is damaged.", error="XX001"))
    for _ in range(2):
        with pytest.raises(Damaged, match="is damaged"):
            add(database, warehouse, "S1")
        assert call(database, Location.select().count) == 4, "it can be read"
    administrator.execute("CREATE TABLE restored (LIKE work_units INCLUDING ALL)")
    administrator.execute("DROP TABLE work_units")
    administrator.execute("ALTER TABLE restored RENAME TO work_units")
    add(database, warehouse, "S1")

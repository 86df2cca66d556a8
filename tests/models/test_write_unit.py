"""One unit of work: wholly or not at all, and once, whatever happens to the line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import peewee
import pytest

from models import clock, ledger
from models.check import check
from models.database import unit
from models.database.connection import call, connect, open_database
from models.database.unit import Unit, write
from models.errors import Busy, Changed, Constrained, Unreachable
from models.ledger import NewSerial
from models.locations import create_location
from models.permissions import Actor
from models.schema import Location, Serial, SerialCount, bound, moment_value
from models.serials.add import add_serial
from models.serials.record import set_condition_notes
from models.verbs import VERBS
from tests.support.engines import ON_POSTGRESQL
from tests.support.limits import LIMIT
from tests.support.warehouse import Warehouse, events, fingerprint, open_warehouse, together

Kill = Callable[[], None]


@pytest.fixture
def kill(database: Any, postgres: Any) -> Kill:
    """Cuts this thread's line to the server."""

    def cut() -> None:
        pid = database.connection().info.backend_pid
        with postgres.session() as session:
            session.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    return cut


def _name(database: Any) -> str:
    return str(database.execute_sql("SELECT current_database()").fetchone()[0])


# ----- wholly or not at all


def test_an_error_leaves_nothing_behind(warehouse: Warehouse) -> None:
    before = fingerprint()

    def work(_: Unit) -> None:
        Location.create(code="HALF")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(warehouse.boss, work)
    assert fingerprint() == before
    assert not bound.obj.in_transaction()


def test_what_a_constraint_refuses_is_checked_once_more_and_then_raised(warehouse: Warehouse) -> None:
    runs: list[int] = []

    def work(_: Unit) -> None:
        runs.append(1)
        Location.create(code="MAIN")

    with pytest.raises(Constrained, match=r"refuses this, as there is the same already: .* Nothing was written"):
        write(warehouse.boss, work)
    assert len(runs) == 2


def test_units_do_not_nest(warehouse: Warehouse) -> None:
    with pytest.raises(RuntimeError, match="a transaction of its own"):
        write(warehouse.boss, lambda _: create_location(warehouse.boss, "INNER"))
    assert not Location.select().where(Location.code == "INNER").exists()


def test_ids_of_units_are_kept_for_a_day(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bound.param
    for token, age in (("young", timedelta(hours=23)), ("old", timedelta(hours=25))):
        bound.execute_sql(
            f"INSERT INTO work_units (token, at) VALUES ({one}, {one})", (token, moment_value(clock.now() - age))
        )
    monkeypatch.setattr(unit, "_next_sweep", 0.0)
    create_location(warehouse.boss, "NEXT")
    tokens = {row[0] for row in bound.execute_sql("SELECT token FROM work_units").fetchall()}
    assert "young" in tokens
    assert "old" not in tokens


# ----- once


def test_a_unit_that_is_run_again_counts_its_serials_and_units_once(database: Any, warehouse: Warehouse) -> None:
    place, runs = Location.get(Location.code == "SHELF").id, []

    def work(unit: Unit) -> None:
        runs.append(1)
        ledger.add(unit, warehouse.item.id, [NewSerial("A1", place), NewSerial("A2", place)])
        ledger.add_stocks(unit, {(warehouse.item.id, place): 2}, "added")
        if len(runs) == 1:
            raise peewee.IntegrityError("somebody was quicker")

    write(warehouse.boss, work)
    assert len(runs) == 2
    assert [row.serials for row in SerialCount.select()] == [2]
    assert warehouse.quantities() == {"MAIN": 10, "SHELF": 2}
    assert check(database).findings == ()


@ON_POSTGRESQL
def test_serials_of_a_unit_whose_line_was_lost_are_counted_once(
    database: Any, warehouse: Warehouse, kill: Kill
) -> None:
    ids, runs = warehouse.add("A1", "A2", "A3"), []
    sold = ledger.status_ids()["sold"]

    def work(unit: Unit) -> None:
        runs.append(1)
        ledger.change(unit, ledger.lock(ids), VERBS["sell"], status_id=sold)
        if len(runs) == 1:
            kill()
            bound.execute_sql("SELECT 1")

    write(warehouse.boss, work)
    assert len(runs) == 2
    assert {row.status_id: row.serials for row in SerialCount.select() if row.serials} == {sold: 3}
    assert check(database).findings == ()


@ON_POSTGRESQL
def test_a_line_that_is_lost_before_the_work_begins_does_no_harm(warehouse: Warehouse, kill: Kill) -> None:
    kill()
    add_serial(warehouse.boss, warehouse.item.id, "A1")
    assert events() == Serial.select().count() == 1


@ON_POSTGRESQL
def test_a_line_that_is_lost_in_the_middle_of_the_work_does_no_harm(warehouse: Warehouse, kill: Kill) -> None:
    runs: list[int] = []

    def work(_: Unit) -> str:
        runs.append(1)
        Location.create(code="ONCE")
        if len(runs) == 1:
            kill()
        return str(Location.get(Location.code == "ONCE").code)

    assert write(warehouse.boss, work) == "ONCE"
    assert len(runs) == 2
    assert Location.select().where(Location.code == "ONCE").count() == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("arrived", [True, False])
def test_a_line_that_is_lost_at_the_commit_leaves_the_work_done_once(
    database: Any, warehouse: Warehouse, kill: Kill, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    commit, runs = database.commit, []

    def cut() -> None:
        monkeypatch.setattr(database, "commit", commit)
        if arrived:
            commit()
        kill()
        database.execute_sql("SELECT 1")

    def work(_: Unit) -> str:
        runs.append(1)
        return str(Location.create(code="ONCE", name=f"run {len(runs)}").name)

    monkeypatch.setattr(database, "commit", cut)
    assert write(warehouse.boss, work) == ("run 1" if arrived else "run 2")
    assert len(runs) == (1 if arrived else 2)
    assert [row.name for row in Location.select().where(Location.code == "ONCE")] == [f"run {len(runs)}"]


@ON_POSTGRESQL
def test_a_server_that_is_gone_for_a_moment_at_the_commit_is_waited_for(
    database: Any, warehouse: Warehouse, kill: Kill, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, name = database.commit, _name(database)
    back = threading.Event()

    def open_again() -> None:
        time.sleep(0.7)
        with postgres.session() as session:
            session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        back.set()

    def cut() -> None:
        monkeypatch.setattr(database, "commit", commit)
        commit()
        with postgres.session() as session:
            session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        threading.Thread(target=open_again, daemon=True).start()
        kill()
        database.execute_sql("SELECT 1")

    monkeypatch.setattr(database, "commit", cut)
    create_location(warehouse.boss, "ONCE")
    assert back.is_set()
    assert Location.select().where(Location.code == "ONCE").count() == 1


@ON_POSTGRESQL
@pytest.mark.parametrize("at_commit", [True, False])
def test_a_server_that_stays_away_is_reported_with_what_is_known(
    database: Any, warehouse: Warehouse, kill: Kill, postgres: Any, monkeypatch: pytest.MonkeyPatch, at_commit: bool
) -> None:
    name = _name(database)
    monkeypatch.setattr(unit, "PATIENCE", 0.5)

    def cut() -> None:
        with postgres.session() as session:
            session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        kill()
        database.execute_sql("SELECT 1")

    if at_commit:
        monkeypatch.setattr(database, "commit", cut)
        work = partial(create_location, warehouse.boss, "LOST")
    else:
        work = partial(write, warehouse.boss, lambda _: cut())
    with pytest.raises(Unreachable) as refused:
        call(database, work)
    assert "cannot be reached" in refused.value.message
    known = "look whether the change is there before you make it again." if at_commit else "Nothing was written; try"
    assert known in refused.value.message


@ON_POSTGRESQL
def test_a_line_that_breaks_again_and_again_is_given_up(warehouse: Warehouse, kill: Kill) -> None:
    runs: list[int] = []

    def work(_: Unit) -> None:
        runs.append(1)
        Location.create(code="NEVER")
        kill()
        bound.execute_sql("SELECT 1")

    with pytest.raises(Unreachable, match=r"keeps breaking\. Nothing was written; try again in a moment\."):
        call(bound.obj, write, warehouse.boss, work)
    assert len(runs) == unit.TRIES
    connect(bound.obj)
    assert not Location.select().where(Location.code == "NEVER").exists()


@ON_POSTGRESQL
def test_two_units_that_wait_for_each_other_are_both_done(database: Any, warehouse: Warehouse) -> None:
    both = threading.Barrier(2)
    first_run: set[str] = set()

    def work(order: tuple[str, str], _: Unit) -> None:
        for code in order:
            bound.execute_sql("SELECT 1 FROM locations WHERE code = %s FOR UPDATE", (code,))
            if code not in first_run and code == order[0]:
                first_run.add(code)
                both.wait(LIMIT)

    ways = (("DOCK", "SHOP"), ("SHOP", "DOCK"))
    assert together(database, [partial(write, warehouse.boss, partial(work, way)) for way in ways]) == [None, None]


# ----- reads, and what stands in the way


@ON_POSTGRESQL
def test_a_read_on_a_lost_line_is_done_again(database: Any, warehouse: Warehouse, kill: Kill) -> None:
    runs: list[int] = []

    def read() -> int:
        runs.append(1)
        if len(runs) == 1:
            kill()
        return int(Location.select().count())

    assert call(database, read) == 4
    assert len(runs) == 2


@ON_POSTGRESQL
def test_a_function_that_has_written_is_not_done_again(database: Any, warehouse: Warehouse, kill: Kill) -> None:
    runs: list[int] = []

    def write_then_read() -> int:
        runs.append(1)
        create_location(warehouse.boss, "NEW")
        kill()
        return int(Location.select().count())

    with pytest.raises(Unreachable):
        call(database, write_then_read)
    assert len(runs) == 1
    assert call(database, Location.select().count) == 5


@ON_POSTGRESQL
def test_a_read_is_done_again_only_once(database: Any, warehouse: Warehouse, kill: Kill) -> None:
    runs: list[int] = []

    def read() -> None:
        runs.append(1)
        kill()
        bound.execute_sql("SELECT 1")

    with pytest.raises(Unreachable, match="cannot be reached"):
        call(database, read)
    assert len(runs) == 2


def _hold(database: Any, serial_id: int, held: threading.Event, done: threading.Event) -> None:
    with database.atomic():  # on SQLite this holds the whole file
        Serial.update(condition_notes="held").where(Serial.id == serial_id).execute()
        held.set()
        assert done.wait(LIMIT)


def _impatient(url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("models.database.connection.LOCK_SECONDS", 0.3)
    monkeypatch.setattr("models.database.connection.STATEMENT_SECONDS", 0.5)
    return open_database(url)


def test_somebody_who_holds_a_lock_too_long_makes_the_database_busy(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = _impatient(migrated_url, monkeypatch)
    connect(database)
    warehouse = open_warehouse()
    (serial_id,) = warehouse.add("A1")
    held, done = threading.Event(), threading.Event()

    def change() -> Any:
        assert held.wait(LIMIT)
        try:
            return call(database, set_condition_notes, warehouse.boss, serial_id, "mine")
        finally:
            done.set()

    _, refused = together(database, [partial(_hold, database, serial_id, held, done), change])
    assert isinstance(refused, Busy), refused
    assert refused.message.endswith("is busy with somebody else's work. Nothing was written; try again in a moment.")
    assert events() == 1
    database.close()


@ON_POSTGRESQL
def test_a_statement_that_takes_too_long_is_ended(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = _impatient(migrated_url, monkeypatch)
    with pytest.raises(Busy, match="took too long to answer"):
        call(database, database.execute_sql, "SELECT pg_sleep(10)")
    assert call(database, database.execute_sql, "SELECT 1").fetchone() == (1,)
    database.close()


def test_many_changes_at_once_are_all_there(database: Any, warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A1")
    actors: list[Actor] = [warehouse.boss] * 6

    def change(number: int, actor: Actor) -> None:
        for turn in range(5):
            set_condition_notes(actor, serial_id, f"note {turn} of {number}")

    assert together(database, [partial(change, *each) for each in enumerate(actors)]) == [None] * 6
    assert Serial.get().version == events() == 31


def test_of_two_changes_of_what_both_looked_at_one_is_told_about_the_other(database: Any, warehouse: Warehouse) -> None:
    (serial_id,) = warehouse.add("A1")
    change = [
        partial(set_condition_notes, warehouse.boss, serial_id, f"note {number}", version=1) for number in range(4)
    ]
    results = together(database, change)
    refused = [result for result in results if isinstance(result, Changed)]
    assert len(refused) == 3
    assert results.count(None) == 1
    assert refused[0].message.startswith("A1 was given other condition notes by boss at ")
    assert refused[0].details["by"] == "boss"
    assert events() == 2

"""Every error of a database is a refusal, a second run or trouble, wherever it comes; nothing is lost or doubled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from models.check import check
from models.database import faults
from models.database.connection import call, disconnect
from models.database.unit import TRIES
from models.errors import Busy, Constrained, Damaged, Replaced, SerialdockError, Unreachable
from models.schema import Location, Serial, SerialEvent
from models.serials.add import add_serial
from tests.support.fault_codes import MORE_OF_SQLITE, SQLITE, cases, forget_damage
from tests.support.faults import FaultMaker, faults_in, sqlite_error
from tests.support.warehouse import Warehouse


@pytest.fixture
def maker(database: Any) -> Iterator[FaultMaker]:
    """Makes faults."""
    with faults_in(database) as made:
        yield made


def _outcome(database: Any, function: Any, *args: Any) -> SerialdockError | None:
    """How a call ended; any other error than ours ends the test."""
    try:
        call(database, function, *args)
    except SerialdockError as error:
        assert not database.in_transaction(), "the transaction is still open"
        return error
    return None


def _expect(outcome: SerialdockError | None, kind: type[SerialdockError], code: str) -> None:
    assert type(outcome) is kind, (code, outcome)
    shown = "MemoryError" if code == "SQLITE_NOMEM" else code
    assert outcome.details["error"] == shown
    assert outcome.exit_code == (1 if kind is Constrained else 3)
    # Those whose next step the code does not change keep their sentences.
    assert kind in (Busy, Unreachable, Replaced) or f"({shown})" in outcome.message, outcome.message


@pytest.mark.parametrize("point", ["begin", "write", "commit"])
def test_a_write_that_fails_leaves_nothing_and_succeeds_when_tried_again(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str, point: str
) -> None:
    all_of_them = cases(engine)
    for number, (kind, code) in enumerate(all_of_them):
        serial = f"S{number}"
        maker.arm(point, code, TRIES)
        outcome = _outcome(database, add_serial, warehouse.boss, warehouse.item.id, serial)
        assert maker.made, f"{point} did not fail"
        maker.disarm()
        _expect(outcome, kind or Busy, code)
        assert call(database, Serial.select().count) == number
        if kind is Damaged:
            refused = _outcome(database, add_serial, warehouse.boss, warehouse.item.id, serial)
            _expect(refused, Damaged, code)
            forget_damage(database)
        assert _outcome(database, add_serial, warehouse.boss, warehouse.item.id, serial) is None
    assert Serial.select().count() == SerialEvent.select().count() == len(all_of_them)
    assert check(database).findings == ()


@pytest.mark.parametrize("point", ["begin", "write", "commit"])
def test_what_fails_once_by_a_race_is_run_again(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str, point: str
) -> None:
    races = [code for kind, code in cases(engine) if kind in (None, Constrained)]
    for number, code in enumerate(races):
        maker.arm(point, code)
        assert _outcome(database, add_serial, warehouse.boss, warehouse.item.id, f"S{number}") is None, code
        assert maker.made == [point]
        maker.disarm()
    assert Serial.select().count() == SerialEvent.select().count() == len(races)


def test_a_read_that_fails_says_why_and_succeeds_when_tried_again(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    for kind, code in cases(engine):
        maker.arm("read", code, 2)
        _expect(_outcome(database, Location.select().count), kind or Busy, code)
        maker.disarm()
        assert _outcome(database, Location.select().count) is None
        forget_damage(database)


def test_a_connection_that_cannot_be_opened_says_why_and_is_opened_later(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    for kind, code in cases(engine):
        disconnect(database)
        maker.arm("connect", code, 2)
        _expect(_outcome(database, Location.select().count), kind or Busy, code)
        maker.disarm()
        assert _outcome(database, Location.select().count) is None
        forget_damage(database)


def test_a_rollback_that_fails_hides_nothing(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    first, kind = ("SQLITE_FULL", Unreachable) if engine == "sqlite" else ("53100", Unreachable)
    codes = [code for _, code in cases(engine)][::3]
    for number, code in enumerate(codes):
        maker.arm("write", "SQLITE_IOERR_WRITE" if number % 2 and engine == "sqlite" else first)
        maker.arm("rollback", code)
        outcome = _outcome(database, add_serial, warehouse.boss, warehouse.item.id, f"S{number}")
        assert type(outcome) is kind, (code, outcome)
        assert "full" in outcome.message or "cannot be written" in outcome.message
        maker.disarm()
        assert _outcome(database, add_serial, warehouse.boss, warehouse.item.id, f"S{number}") is None
    assert Serial.select().count() == SerialEvent.select().count() == len(codes)


def test_a_refusal_whose_rollback_fails_stays_a_refusal(
    database: Any, warehouse: Warehouse, maker: FaultMaker, engine: str
) -> None:
    warehouse.add("S1")
    maker.arm("rollback", "SQLITE_IOERR" if engine == "sqlite" else "XX000", TRIES)
    outcome = _outcome(database, add_serial, warehouse.boss, warehouse.item.id, "S1")
    assert outcome is not None
    assert outcome.code == "duplicate"
    maker.disarm()
    assert _outcome(database, add_serial, warehouse.boss, warehouse.item.id, "S2") is None


def test_every_result_that_the_driver_has_a_name_for_is_understood() -> None:
    more = {f"SQLITE_{name}": kind for kind, names in MORE_OF_SQLITE.items() for name in names.split()}
    kinds = more | {code: kind or Busy for kind, codes in SQLITE.items() for code in codes}
    kinds["SQLITE_NOTADB"] = Unreachable  # damage is only what was a database before
    for code, kind in kinds.items():
        assert type(faults.understand(sqlite_error(code)).as_error("x.db")) is kind, code
    extended = {name for name in dir(sqlite3) if name.startswith("SQLITE_") and getattr(sqlite3, name) > 255}
    assert extended - {"SQLITE_OK_LOAD_PERMANENTLY"} <= kinds.keys()


def test_an_error_that_the_driver_has_no_name_for_is_known_by_its_number() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR | 99 << 8, "unknown"
    fault = faults.understand(error)
    assert fault.code == f"SQLITE_IOERR_{sqlite3.SQLITE_IOERR | 99 << 8}"
    assert type(fault.as_error("x.db")) is Unreachable

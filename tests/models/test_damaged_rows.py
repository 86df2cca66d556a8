"""A value that no Serialdock writes is named, table and row, wherever it is read; the rest can be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pytest

from models.database.address import sqlite_path
from models.database.connection import call
from models.documents import document
from models.errors import DamagedRow, Duplicate, SerialdockError
from models.items.items import item_form
from models.locations import create_location, find_location
from models.schema import Document, DraftLine, bound
from models.serials.add import add_serial
from models.serials.moves import Answers, move, transfer_serials
from models.serials.record import find_on_item, history, serial_detail
from models.station import drafts, expected, lines
from models.station.engine import ScanStation
from models.station.groups import compare_transfer
from models.station.task import TASKS
from models.statuses import add_status, statuses
from models.verbs import MOVES
from tests.support.engines import ON_POSTGRESQL, ON_SQLITE
from tests.support.receiving import Station
from tests.support.tampering import behind_the_program
from tests.support.warehouse import Warehouse

TO_SHOP = Answers(place="SHOP")

Look = Callable[[Warehouse, int], Any]


def _record(_: Warehouse, serial_id: int) -> Any:
    return serial_detail(serial_id), history(serial_id)


def _form(warehouse: Warehouse, _: int) -> Any:
    return item_form(warehouse.item.id)


def _document(_: Warehouse, __: int) -> Any:
    return document(Document.get().id)


def _damage(database: Any, sql: str) -> None:
    with behind_the_program(database):
        bound.execute_sql(sql)


def _expect(database: Any, look: Look, warehouse: Warehouse, serial_id: int, where: str) -> None:
    with pytest.raises(DamagedRow, match=where) as refused:
        call(database, look, warehouse, serial_id)
    assert refused.value.exit_code == 3
    assert refused.value.error == "row"
    with suppress(DamagedRow):  # raised by what reads the row; what does not can go on
        call(database, add_serial, warehouse.boss, warehouse.item.id, "NEXT")
    assert call(database, create_location, warehouse.boss, "NEW").code == "NEW"


@ON_SQLITE
@pytest.mark.parametrize(
    ("sql", "look", "where"),
    [
        (
            "UPDATE serial_events SET at = 'soon' WHERE id = 2",
            _record,
            "table serial_events, row 2: at is 'soon'",
        ),
        (
            "UPDATE serial_events SET at = 12 WHERE id = 1",
            _record,
            "table serial_events, row 1: at is '12'",
        ),
        ("UPDATE serial_events SET changes = '{' WHERE id = 1", _record, "table serial_events, row 1: changes is '{'"),
        ("UPDATE serials SET warranty_end = 'x'", _record, "table serials, row 1: warranty_end is 'x'"),
        (
            "UPDATE serials SET date_received = '2026-02-31'",
            _record,
            "serials, row 1: date_received is '2026-02-31'",
        ),
        ("UPDATE serials SET warranty_end = 20260101", _record, "table serials, row 1: warranty_end is"),
        (
            "UPDATE serials SET condition_notes = CAST(x'ff' AS text)",
            _record,
            "row 1: condition_notes cannot be read",
        ),
        (
            "UPDATE serials SET status_id = 99",
            _record,
            "row 1: it refers to a row of statuses",
        ),
        ("UPDATE documents SET at = 'never'", _document, "table documents, row 1: at is"),
        ("UPDATE items SET changed_at = '2026-13-01'", _form, "table items, row 1: changed_at is"),
        ("DELETE FROM locations WHERE code = 'MAIN'", _form, "it refers to a row of locations that does not exist"),
    ],
)
def test_a_value_that_is_none_is_named(database: Any, warehouse: Warehouse, sql: str, look: Look, where: str) -> None:
    (serial_id,) = warehouse.add("S1", location="DOCK")
    transfer_serials(warehouse.boss, [serial_id], "SHELF")
    _damage(database, sql)
    _expect(database, look, warehouse, serial_id, where)


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("sql", "look", "where"),
    [
        ("UPDATE serial_events SET at = 'infinity'", _record, "table serial_events, row 1: at is infinity"),
        ("UPDATE serial_events SET changes = '{'", _record, "table serial_events, row 1: changes is '{'"),
        (
            "UPDATE serials SET warranty_end = '12345-01-01'",
            _record,
            "row 1: warranty_end is 12345-01-01",
        ),
        ("UPDATE documents SET at = '-infinity'", _document, "table documents, row 1: at is"),
    ],
)
def test_a_value_that_python_does_not_have_is_named(
    database: Any, warehouse: Warehouse, sql: str, look: Look, where: str
) -> None:
    (serial_id,) = warehouse.add("S1", location="DOCK")
    transfer_serials(warehouse.boss, [serial_id], "SHELF")
    _damage(database, sql)
    _expect(database, look, warehouse, serial_id, where)


@ON_SQLITE
def test_an_error_that_is_kept_does_not_keep_the_state_of_its_moment(
    database: Any, warehouse: Warehouse, migrated_url: str
) -> None:
    """A cursor that was not read to its end holds SQLite's connection there, and an error holds its frames."""
    kept: list[SerialdockError] = []
    for number, read in enumerate(
        (statuses, partial(add_status, warehouse.boss, "x", "SOLD", colour="blue", mark="#"))
    ):
        if read is statuses:
            _damage(database, "UPDATE statuses SET colour = 'Foo' WHERE code = 'in_stock'")
        with pytest.raises(SerialdockError) as refused:
            call(database, read)
        kept.append(refused.value)
        with closing(sqlite3.connect(sqlite_path(migrated_url), isolation_level=None)) as other:
            other.execute("UPDATE statuses SET colour = 'green' WHERE code = 'in_stock'")
            other.execute("UPDATE locations SET name = ? WHERE code = 'DOCK'", (f"Ramp {number}",))
        assert call(database, find_location, "DOCK").name == f"Ramp {number}"
        assert call(database, create_location, warehouse.boss, f"NEW{number}")
    assert [type(error) for error in kept] == [DamagedRow, Duplicate]


@ON_SQLITE
def test_a_wrong_kind_of_a_draft_line_is_named_by_all_that_read_it(database: Any, warehouse: Warehouse) -> None:
    warehouse.add("S-1", "S-2", "S-3", "S-4")
    sent = move(warehouse.boss, MOVES["dispatch"], find_on_item(warehouse.item.id, "SAW-1", ["S-4"]), TO_SHOP)
    mine, other = Station(warehouse, task=TASKS["transfer"]), Station(warehouse, task=TASKS["sell"])
    mine.scan("SHOP", "S-1", "S-2", "NONE", "DOCK")
    draft_id = mine.task.view.draft_id or 0
    line = DraftLine.get(DraftLine.serial_number == "S-2")
    _damage(database, f"UPDATE draft_lines SET kind = 'Foo' WHERE id = {line.id}")
    resumed = ScanStation(TASKS["transfer"])
    for read in (
        lambda: lines.newest(draft_id),
        lambda: lines.every(draft_id),
        lambda: lines.line(draft_id, line.number),
        lambda: lines.LineSource(draft_id).count(),
        lambda: compare_transfer(draft_id, sent.document or ""),
        lambda: expected.compare(draft_id, warehouse.item.id),
        lambda: mine.one("S-2"),  # scanned again here
        lambda: other.one("S-2"),  # and by somebody else
        lambda: mine.one("XXSDDONE"),
        drafts.open_drafts,
        lambda: resumed.continue_draft(warehouse.boss, draft_id),
    ):
        with pytest.raises(DamagedRow, match=f"table draft_lines, row {line.id}: kind is 'Foo'"):
            call(database, read)
    assert call(database, lines.problems, draft_id) != []  # that line is none of these
    place = DraftLine.select().where(DraftLine.kind == "place").order_by(DraftLine.id).first()
    _damage(database, f"UPDATE draft_lines SET kind = 'serial' WHERE id = {line.id}")
    _damage(database, f"UPDATE draft_lines SET kind = 'Foo' WHERE id = {place.id}")
    with pytest.raises(DamagedRow, match=f"table draft_lines, row {place.id}: kind is 'Foo'"):
        call(database, mine.one, "XXSDUNDO")  # of the second place, which gives the first one back


def test_a_defect_of_the_program_is_not_taken_for_damage(database: Any, warehouse: Warehouse) -> None:
    def defect() -> None:
        raise KeyError("of the program")

    with pytest.raises(KeyError, match="of the program"):
        call(database, defect)

"""Every change of a quantity is a row with who, when and why, written with the quantity; and what events did to it."""

from __future__ import annotations

from typing import Any

import peewee
import pytest

from models import ledger
from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.table import open_table
from models.items.items import create_item
from models.items.stock import StockChanges
from models.locations import create_location
from models.migrations import MIGRATIONS, migrate
from models.people import act_for, add_user, sign_in
from models.schema import Document, Location, Serial, SerialEvent, StockChange
from models.serials import receive
from models.serials.moves import transfer_serials
from models.serials.receive import ReceiptLine, receive_serials
from models.text import serial_key
from tests.support.warehouse import Warehouse


def _changes() -> list[tuple[str, int, str, str | None]]:
    """Location, units, kind and document of each change, oldest first."""
    return [
        (row.location.code, row.units, row.kind, row.document.number if row.document else None)
        for row in StockChange.select().order_by(StockChange.id)
    ]


def _units() -> dict[str, int | None]:
    """Units of the last event of each serial."""
    return {event.serial_number: event.units for event in SerialEvent.select().order_by(SerialEvent.number)}


def _receive(warehouse: Warehouse, *serials: str, **options: Any) -> None:
    dock = Location.get(Location.code == "DOCK").id
    lines = [ReceiptLine(warehouse.item.id, text, serial_key(text), dock) for text in serials]
    receive_serials(warehouse.boss, lines, **options)


def test_an_item_that_is_made_with_a_quantity_has_one_change(warehouse: Warehouse) -> None:
    assert _changes() == [("MAIN", 10, "created", None)]
    row = StockChange.get()
    assert (row.user.login, row.login_user, row.reason) == ("boss", None, "")


def test_adding_by_hand_changes_no_quantity(warehouse: Warehouse) -> None:
    warehouse.add("A1", "A2")
    assert _changes() == [("MAIN", 10, "created", None)]
    assert _units() == {"A1": 0, "A2": 0}


@pytest.mark.parametrize("many", [1, 5_000], ids=["inserted", "staged"])
def test_a_receipt_adds_one_for_each_serial(
    database: Any, warehouse: Warehouse, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "MANY", many)
    _receive(warehouse, "R1", "R2", "R3")
    _receive(warehouse, "K1", adds_quantity=False)
    assert _changes() == [("MAIN", 10, "created", None), ("DOCK", 3, "received", "R-000001")]
    assert _units() == {"R1": 1, "R2": 1, "R3": 1, "K1": 0}
    assert check(database).findings == ()


def test_a_transfer_takes_along_what_the_old_place_has(database: Any, warehouse: Warehouse) -> None:
    _receive(warehouse, "R1", "R2")
    ids = [serial.id for serial in Serial.select().order_by(Serial.id)]
    ids += warehouse.add("A1", location="DOCK")
    transfer_serials(warehouse.boss, ids, "SHOP")
    assert _changes()[2:] == [("DOCK", -2, "transferred", "T-000001"), ("SHOP", 2, "transferred", "T-000001")]
    assert _units() == {"R1": 1, "R2": 1, "A1": 0}
    transfer_serials(warehouse.boss, ids[:1], "DOCK", move_quantity=False)
    assert len(_changes()) == 4
    assert _units()["R1"] == 0
    assert check(database).findings == ()


def test_no_quantity_is_taken_that_is_not_there(warehouse: Warehouse) -> None:
    item, main = warehouse.item.id, warehouse.item.primary_location_id
    dock = Location.get(Location.code == "DOCK").id
    moves = [
        ledger.StockMove((item, dock), None),
        ledger.StockMove((item, main), (item, dock)),
        ledger.StockMove((item, dock), None),
        ledger.StockMove(None, (item, dock)),
    ]
    units = ledger.units_of(moves)
    assert units == [0, 1, -1, 1]
    assert ledger.amounts_of(moves, units) == {(item, main): -1, (item, dock): 1}


@pytest.mark.parametrize("adds", [True, False])
def test_an_import_adds_one_for_each_serial_on_hand_if_asked(
    database: Any, warehouse: Warehouse, tmp_path: Any, adds: bool
) -> None:
    path = tmp_path / "units.csv"
    path.write_text("Serial Number,Item,Location,Status\nI1,SAW-1,DOCK,In Stock\nI2,SAW-1,DOCK,Scrapped\n")
    with open_table(str(path)) as file:
        staged = stage(warehouse.boss, file, mapping_for(file.header), progress=lambda done, total: None)
    import_staged(warehouse.boss, staged.source, adds_quantity=adds, progress=lambda done, total: None)
    assert _changes()[1:] == ([("DOCK", 1, "imported", "I-000001")] if adds else [])
    assert _units() == {"I1": int(adds), "I2": 0}
    assert check(database).findings == ()


def test_a_change_can_only_be_added(database: Any, warehouse: Warehouse) -> None:
    for statement in ("UPDATE stock_changes SET units = 1", "DELETE FROM stock_changes"):
        with pytest.raises(peewee.IntegrityError, match="stock_changes can only be added to"):
            database.execute_sql(statement)


def test_an_administrator_who_acts_for_somebody_is_in_the_change(warehouse: Warehouse) -> None:
    add_user(warehouse.boss, "ann", ["administrator"])
    create_item(act_for(warehouse.boss, "ann"), "X", "X", on_hand=1)
    row = StockChange.select().order_by(StockChange.id.desc()).get()
    assert (row.user.login, row.login_user.login) == ("ann", "boss")
    assert StockChanges(row.item_id).after(None, 1)[0].acted == "ann by boss"


def test_the_history_is_read_newest_first_in_pages(warehouse: Warehouse) -> None:
    for number in range(7):
        _receive(warehouse, f"R{number}")
    source = StockChanges(warehouse.item.id)
    assert source.count() == 8
    everything = list(source.fetch(0, 20))
    assert [row.document for row in everything] == [*(f"R-00000{number}" for number in range(7, 0, -1)), None]
    assert [row.why for row in everything[-2:]] == ["received", "item made"]
    assert [list(source.fetch(start, 3)) for start in (0, 3, 6)] == [everything[:3], everything[3:6], everything[6:]]
    assert [list(source.fetch(start, 3)) for start in (5, 1)] == [everything[5:], everything[1:4]]
    assert [source.index_of(row.key) for row in everything] == list(range(8))
    assert source.index_of("9999") is None
    assert [row for start in (None, *everything) for row in source.after(start, 1)] == everything
    dock = StockChanges(warehouse.item.id, Location.get(Location.code == "DOCK").id)
    assert (dock.count(), list(dock.fetch(0, 20))) == (7, everything[:-1])


def test_the_migration_makes_opening_rows_and_leaves_older_events_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of the version before: without the table, with a quantity and an event."""
    database = open_database(database_url, create=True)
    number = MIGRATIONS.index("m0006_stock_changes")
    try:
        with monkeypatch.context() as older:
            older.setattr("models.migrations.MIGRATIONS", MIGRATIONS[:number])
            older.setattr("models.migrations.CURRENT", number)
            migrate(database)
        at = "2026-01-02 03:04:05.000000+00:00"
        for statement in (
            f"INSERT INTO users (login, active, created_at) VALUES ('boss', TRUE, '{at}')",
            (
                "INSERT INTO user_roles (user_id, role_id) "
                "SELECT u.id, r.id FROM users u, roles r WHERE r.name = 'administrator'"
            ),
            (
                "INSERT INTO items (sku, sku_key, name, name_key, primary_location_id, track_serials, version, "
                f"changed_at, changed_by_id) SELECT 'LAP', 'LAP', 'Laptop', 'LAPTOP', l.id, TRUE, 1, '{at}', u.id "
                "FROM locations l, users u"
            ),
            "INSERT INTO stock (item_id, location_id, on_hand) SELECT id, primary_location_id, 7 FROM items",
            (
                "INSERT INTO documents (kind, number, at, user_id, to_location_id, serials, note) "
                f"SELECT 'receipt', 'R-000001', '{at}', u.id, l.id, 1, '' FROM users u, locations l"
            ),
            "INSERT INTO document_numbers (kind, last) VALUES ('receipt', 1)",
            (
                "INSERT INTO serials (item_id, serial_number, serial_key, sort_key, status_id, location_id, "
                "condition_notes, date_received, version) SELECT i.id, 'A1', 'A1', 'A011', t.id, "
                "i.primary_location_id, '', '2026-01-02', 1 FROM items i, statuses t WHERE t.code = 'in_stock'"
            ),
            (
                "INSERT INTO serial_events (serial_id, number, kind, at, user_id, document_id, item_id, "
                "serial_number, to_status_id, to_location_id, changes, note) SELECT s.id, 1, 'received', d.at, "
                "d.user_id, d.id, s.item_id, s.serial_number, s.status_id, s.location_id, "
                "'{\"date_received\":[null,\"2026-01-02\"]}', '' FROM serials s, documents d"
            ),
            (
                "INSERT INTO serial_counts (item_id, location_id, status_id, serials) "
                "SELECT item_id, location_id, status_id, 1 FROM serials"
            ),
        ):
            database.execute_sql(statement)
        assert "m0006_stock_changes" in migrate(database)
        (row,) = StockChange.select()
        assert (row.units, row.kind, row.user, row.document, row.location.code) == (7, "opening", None, None, "MAIN")
        event = SerialEvent.get()
        assert (event.units, event.digest, Document.get().digest) == (None, None, None)
        assert check(database).findings == ()
        boss = sign_in("boss")
        create_location(boss, "DOCK")
        transfer_serials(boss, [event.serial_id], "DOCK")
        assert check(database).findings == ()
    finally:
        connect(database)
        disconnect(database)

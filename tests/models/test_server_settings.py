"""A role, a database or a server of PostgreSQL with other settings than usual: nothing is read or written otherwise."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from models import clock
from models.check import check
from models.customers import CustomerSource, add_customer
from models.database.connection import call, connect, disconnect, open_database
from models.documents import EveryDocument, find_document
from models.errors import Stop
from models.exporting import lists
from models.exporting.export import export_file
from models.importing import staging
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.table import open_table
from models.items.stock import StockChanges
from models.migrations import migrate
from models.orders import Sorting
from models.schema import bound
from models.serials.moves import Answers, move
from models.serials.record import find_serial, serial_detail
from models.verbs import MOVES
from tests.support.engines import ON_POSTGRESQL, make_unusual
from tests.support.importing import write_file
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse, open_warehouse

pytestmark = ON_POSTGRESQL

SCHEMA = "Our warehouse"

AT = datetime(2026, 3, 4, 22, 45, tzinfo=UTC)
"""On another day in Kathmandu."""


def test_dates_and_texts_are_the_same_whatever_the_settings_of_a_role(
    database_url: str, postgres: Any, tmp_path: Path
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with postgres.session(name) as session:
        session.execute(f'CREATE SCHEMA "{SCHEMA}"')
        session.execute(f'ALTER ROLE postgres IN DATABASE "{name}" SET search_path = "{SCHEMA}", public')
        make_unusual(session, name)
    database = open_database(database_url)
    migrate(database)
    connect(database)
    try:
        assert database.connection().info.parameter_status("DateStyle") == "German, DMY"
        with database.atomic():
            assert bound.execute_sql("SHOW transaction_isolation").fetchone() == ("read committed",)
        with clock.set_to(AT):
            _live_a_little(open_warehouse(), tmp_path)
        assert call(database, check, database).findings == ()
        schemas = bound.execute_sql("SELECT schemaname FROM pg_tables WHERE tablename = 'serials'").fetchall()
        assert schemas == [(SCHEMA,)]
    finally:
        disconnect(database)


def _live_a_little(warehouse: Warehouse, folder: Path) -> None:
    """Scan, import, sell, export and read what comes of it."""
    today = clock.today()
    add_customer(warehouse.boss, "Müller\\Söhne AG")
    many = [f"B-{number}" for number in range(40)]
    done = Station(warehouse).scan("DOCK", "SAW-1", r"A\1", "A'2", "XXSDDONE")[-1]
    warehouse.add(*many)
    assert find_document(done.document).at == AT
    path = write_file(
        folder, ("U\\3", "2025-12-01", "2027-02-03"), header=("Serial", "Date Received", "Warranty End"), name="in.csv"
    )
    try:
        with open_table(path) as table:
            staged = stage(warehouse.boss, table, mapping_for(table.header), item="SAW-1", progress=Stop())
        assert staged.problem == ""
        import_staged(warehouse.boss, staged.source, progress=Stop())
    finally:
        staging.end()
    serial = find_serial("U\\3", "SAW-1")
    move(warehouse.boss, MOVES["sell"], [serial], Answers(customer="müller\\söhne ag", warranty="12m"))
    record = serial_detail(serial)
    assert (record.date_received, record.warranty_end) == (date(2025, 12, 1), date(today.year + 1, 3, today.day - 1))
    assert [event.at for event in record.events] == [AT, AT]
    changes = StockChanges(warehouse.item.id)
    assert AT in {row.at for row in changes.fetch(0, changes.count())}
    assert EveryDocument(since=today).count() == 3
    assert EveryDocument(find=f"{today:%Y-%m}").count() == 3
    (buyer,) = CustomerSource(sorting=Sorting("warranty")).fetch(0, 9)
    assert (buyer.name, buyer.serials, buyer.under_warranty) == ("Müller\\Söhne AG", 1, 1)
    out = folder / "out.csv"
    export_file(warehouse.boss, lambda: lists.every_serial(None, {}), str(out), progress=Stop())
    rows = {row["Serial Number"]: row for row in csv.DictReader(io.StringIO(out.read_text("utf-8-sig"), newline=""))}
    assert rows.keys() == {"A\\1", "A'2", "U\\3", *many}
    assert rows["U\\3"]["Date Received"] == "2025-12-01"

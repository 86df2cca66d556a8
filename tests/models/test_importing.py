"""Serials from a file: judged row by row before anything is written, then written wholly or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from models import clock
from models.check import check
from models.documents import find_document
from models.errors import BadValue, Cancelled, Changed, NotFound, NotPermitted
from models.importing import staging
from models.importing.columns import Field
from models.importing.imports import Imported, Staged, import_staged, mapping_for, remember_mapping, stage
from models.importing.staging import ImportRowSource, RowsShown
from models.importing.table import open_table
from models.items.items import create_item
from models.items.rules import set_serial_rule
from models.permissions import Permission
from models.schema import Customer, ImportedFile, ImportMade, ItemBarcode, Serial, SerialEvent
from models.serials.record import find_serial, serial_detail
from models.serials.void import void_document
from tests.support.cases import each
from tests.support.warehouse import Warehouse, events, fingerprint, person, statements


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    staging.end()


def write_file(folder: Path, header: Sequence[str], *rows: Sequence[str], name: str = "list.csv") -> str:
    """A CSV file; its path."""
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def stage_file(warehouse: Warehouse, path: str, **options: Any) -> Staged:
    """Stage a file as its header is understood."""
    with open_table(path) as table:
        return stage(options.pop("actor", warehouse.boss), table, mapping_for(table.header), progress=quiet, **options)


def import_rows(warehouse: Warehouse, staged: Staged, **options: Any) -> Imported:
    """Import what is staged."""
    return import_staged(options.pop("actor", warehouse.boss), staged.source, progress=quiet, **options)


def reasons() -> dict[int, str]:
    """Why rows are refused, by their numbers."""
    return {one.row: one.reason for one in staging.rejected()}


def test_rows_become_serials_with_an_event_each_and_one_document_while_the_quantity_stays(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    path = write_file(
        tmp_path,
        ["Serial Number", "Item", "Location", "Condition Notes", "Warranty Start", "Warranty End", "Date Received"],
        ["00123", "SAW-1", "dock", "scratched", "2025-01-01", "2027-01-01", "2024-05-06"],
        ["A-2", "saw-1", "", "", "", "", ""],
    )
    staged = stage_file(warehouse, path)
    assert (staged.counts.rows, staged.counts.new, staged.problem) == (2, 2, "")
    imported = import_rows(warehouse, staged)
    assert (imported.document, imported.serials, imported.left_out, imported.units) == ("I-000001", 2, 0, 0)
    first = serial_detail(find_serial("00123", "SAW-1"))
    assert (first.serial_number, first.status.code, first.location) == ("00123", "in_stock", "DOCK")
    assert first.condition_notes == "scratched"
    assert (first.warranty_start, first.warranty_end) == (date(2025, 1, 1), date(2027, 1, 1))
    assert first.date_received == date(2024, 5, 6)
    assert [paper.number for paper in first.documents] == ["I-000001"]
    second = serial_detail(find_serial("A-2", "SAW-1"))
    assert (second.location, second.date_received) == ("MAIN", clock.today())
    assert [event.kind for event in SerialEvent.select().order_by(SerialEvent.id)] == ["imported", "imported"]
    assert warehouse.quantities() == {"MAIN": 10}
    file = ImportedFile.get()
    assert (file.name, file.size, file.left_out) == ("list.csv", Path(path).stat().st_size, 0)
    assert check(database).findings == ()


def test_quantities_go_up_where_the_person_asks_and_only_for_units_on_hand(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    path = write_file(
        tmp_path,
        ["serial", "item", "location", "status", "customer"],
        ["S-1", "SAW-1", "DOCK", "In Stock", ""],
        ["S-2", "SAW-1", "DOCK", "defective", ""],
        ["S-3", "SAW-1", "DOCK", "SOLD", "Bergmann AG"],
        ["S-4", "SAW-1", "SHELF", "Lost", ""],
    )
    imported = import_rows(warehouse, stage_file(warehouse, path), adds_quantity=True)
    assert (imported.serials, imported.units, imported.customers) == (4, 2, 1)
    assert warehouse.quantities() == {"MAIN": 10, "DOCK": 2}
    sold = serial_detail(find_serial("S-3", "SAW-1"))
    assert (sold.status.code, sold.customer) == ("sold", "Bergmann AG")
    assert check(database).findings == ()


@pytest.fixture
def ruled(warehouse: Warehouse) -> Warehouse:
    """The warehouse with an item that tracks no serials, and a barcode and a rule of the other item."""
    create_item(warehouse.boss, "LAMP", "Lamp")
    ItemBarcode.create(barcode="4006381333931", item=warehouse.item.id)
    set_serial_rule(warehouse.boss, warehouse.item.id, length="4-20")
    return warehouse


@each(
    ("row", "reason"),
    [
        ({"serial": ""}, "There is no serial number."),
        ({"serial": "1.23E+14"}, "1.23E+14 is what a spreadsheet makes of a long number"),
        ({"serial": "a\tb"}, "control character 0x09"),
        ({"serial": "x" * 65}, "64 is the most"),
        ({"serial": "XXSDDONE"}, "is a command barcode"),
        ({"item": "NOPE"}, "There is no item NOPE. Correct it, or make the item first."),
        ({"item": ""}, "No item is named. Fill its cell."),
        ({"item": "LAMP"}, "LAMP does not track serials."),
        ({"location": "NOWHERE"}, "There is no location NOWHERE."),
        ({"status": "Broken"}, "There is no status Broken. There are: In Stock, Reserved,"),
        ({"status": "In Transit"}, "No serial is imported as In Transit."),
        ({"status": "Sold"}, "It is Sold, and no customer is named."),
        ({"customer": "Bergmann AG"}, "It is In Stock and has a customer, Bergmann AG."),
        ({"warranty start": "2025-01-01"}, "The warranty has a start and no end."),
        (
            {"warranty start": "2025-01-02", "warranty end": "2025-01-01"},
            "The warranty would end on 2025-01-01, before it starts on 2025-01-02.",
        ),
        ({"warranty end": "31/02/2025"}, "The warranty end: 31/02/2025 is a day that does not exist."),
        ({"date received": "soon"}, "The date received: soon is no date."),
        ({"date received": (date.today() + timedelta(days=2)).isoformat()}, "is still to come"),  # noqa: DTZ011
        ({"serial": "4006381333931"}, "4006381333931 is the barcode of SAW-1 itself."),
        ({"serial": "SAW"}, "SAW has 3 characters; this item's serials have 4 to 20"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason(
    ruled: Warehouse, tmp_path: Path, row: dict[str, str], reason: str
) -> None:
    header = ["serial", "item", "location", "status", "customer", "warranty start", "warranty end", "date received"]
    good = {"serial": "GOOD-1", "item": "SAW-1"}
    path = write_file(tmp_path, header, [(good | row).get(name, "") for name in header])
    before = fingerprint()
    staged = stage_file(ruled, path)
    assert staged.counts.errors == 1
    assert reason in reasons()[2]
    assert staged.problem.startswith("Row 2 of list.csv: ")
    with pytest.raises(BadValue, match=r"No row of list\.csv can be imported"):
        import_rows(ruled, staged)
    assert fingerprint() == before


def test_every_reason_of_a_row_is_told(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write_file(tmp_path, ["serial", "item", "location", "status"], ["", "NOPE", "NOWHERE", "Broken"])
    stage_file(warehouse, path)
    told = reasons()[2]
    assert all(name in told for name in ("There is no serial number", "NOPE", "NOWHERE", "Broken"))


def test_a_row_with_too_many_cells_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write_file(tmp_path, ["serial", "item"], ["A-1", "SAW-1"], ["A-2", "SAW-1", "surplus"])
    staged = stage_file(warehouse, path)
    assert staged.counts.new == 1
    assert "The row has 3 cells and the header 2." in reasons()[3]


def test_the_second_of_two_equal_serials_names_the_row_of_the_first(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [["A-1", "SAW-1"], ["a -1", "SAW-1"], ["A-1", "DRILL"], ["A-1", "SAW-1"]]
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    path = write_file(tmp_path, ["serial", "item"], *rows)
    staged = stage_file(warehouse, path)
    assert reasons() == {
        3: "a -1 is in row 2 already. Leave one of them out.",
        5: "A-1 is in row 2 already. Leave one of them out.",
    }
    assert import_rows(warehouse, staged).serials == 2


def test_a_serial_that_is_there_is_never_changed_and_says_where_it_is(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add("A-1", location="SHOP")
    path = write_file(
        tmp_path, ["serial", "item", "location", "notes"], ["A-1", "SAW-1", "DOCK", "new"], ["A-2", "SAW-1", "DOCK", ""]
    )
    before = serial_detail(find_serial("A-1", "SAW-1"))
    staged = stage_file(warehouse, path)
    assert reasons()[2].startswith("A-1 of SAW-1 is already here: In Stock at SHOP since ")
    assert import_rows(warehouse, staged).serials == 1
    assert serial_detail(find_serial("A-1", "SAW-1")) == before


def test_all_rows_may_be_of_one_item_at_one_place(warehouse: Warehouse, tmp_path: Path) -> None:
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    path = write_file(tmp_path, ["serial", "item"], ["A-1", ""], ["A-2", "SAW-1"], ["A-3", "DRILL"])
    staged = stage_file(warehouse, path, item="saw-1", location="shop")
    assert reasons() == {4: "The row is of DRILL, and this import of SAW-1. Import it from the list of items."}
    import_rows(warehouse, staged)
    assert warehouse.where("A-1") == warehouse.where("A-2") == ("in_stock", "SHOP")


def test_an_item_or_place_that_is_not_there_is_refused_before_the_file_is_read(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ["serial"], ["A-1"])
    with pytest.raises(NotFound, match="NOPE"):
        stage_file(warehouse, path, item="NOPE")
    with pytest.raises(NotFound, match="NOWHERE"):
        stage_file(warehouse, path, item="SAW-1", location="NOWHERE")
    with pytest.raises(BadValue, match="No column is the item"):
        stage_file(warehouse, path)


def test_the_same_file_again_is_noticed(warehouse: Warehouse, tmp_path: Path) -> None:
    path = write_file(tmp_path, ["serial", "item"], ["A-1", "SAW-1"])
    first = stage_file(warehouse, path)
    assert first.before == ()
    import_rows(warehouse, first)
    (again,) = stage_file(warehouse, path).before
    assert (again.document, again.login, again.serials) == ("I-000001", "boss", 1)


def test_a_mapping_is_remembered_for_its_header(warehouse: Warehouse) -> None:
    header = ["Nr", "What", "Serial Number"]
    assert mapping_for(header)[2] is Field.SERIAL_NUMBER
    mapping = {0: Field.SERIAL_NUMBER, 1: Field.ITEM}
    remember_mapping(warehouse.boss, header, mapping)
    assert mapping_for(header) == mapping
    assert mapping_for(["NR", "what", "serial number"]) == mapping
    remember_mapping(warehouse.boss, header, mapping_for(["a", "b", "Serial Number"]))
    assert mapping_for(header)[2] is Field.SERIAL_NUMBER


def test_stopping_leaves_nothing_and_a_second_attempt_works(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [[f"A-{number}", "SAW-1"] for number in range(30)]
    path = write_file(tmp_path, ["serial", "item"], *rows)

    def stop(done: int, total: int) -> None:
        if done:
            raise Cancelled("It was stopped. Nothing was written.")

    before = fingerprint()
    with open_table(path) as table, pytest.raises(Cancelled):
        stage(warehouse.boss, table, mapping_for(table.header), progress=stop)
    staged = stage_file(warehouse, path)
    with pytest.raises(Cancelled):
        import_staged(warehouse.boss, staged.source, progress=stop)
    assert fingerprint() == before
    assert import_rows(warehouse, staged).serials == 30


def test_who_may_not_import_is_refused_and_nothing_is_written(warehouse: Warehouse, tmp_path: Path) -> None:
    viewer = person(warehouse.boss, "viewer1", Permission.VIEW)
    path = write_file(tmp_path, ["serial", "item"], ["A-1", "SAW-1"])
    with pytest.raises(NotPermitted, match="To import serials, viewer1 needs the permission INV_MANAGE_SERIALS"):
        stage_file(warehouse, path, actor=viewer)
    staged = stage_file(warehouse, path)
    before = fingerprint()
    with pytest.raises(NotPermitted):
        import_rows(warehouse, staged, actor=viewer)
    with pytest.raises(NotPermitted):
        remember_mapping(viewer, ["a"], {0: Field.SERIAL_NUMBER})
    assert fingerprint() == before


def test_new_customers_need_the_permission_to_make_them(warehouse: Warehouse, tmp_path: Path) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.VIEW, Permission.MANAGE_SERIALS)
    path = write_file(tmp_path, ["serial", "item", "status", "customer"], ["A-1", "SAW-1", "Sold", "New Ltd"])
    staged = stage_file(warehouse, path, actor=clerk)
    assert staged.customers == ("New Ltd",)
    before = fingerprint()
    with pytest.raises(NotPermitted, match="To make the customer New Ltd of this file, clerk1 needs"):
        import_rows(warehouse, staged, actor=clerk)
    assert fingerprint() == before
    Customer.create(name="New Ltd")
    assert import_rows(warehouse, staged, actor=clerk).customers == 0
    assert serial_detail(find_serial("A-1", "SAW-1")).customer == "New Ltd"


def test_a_serial_that_somebody_else_adds_meanwhile_is_named_and_nothing_is_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = write_file(tmp_path, ["serial", "item"], ["A-1", "SAW-1"], ["A-2", "SAW-1"])
    staged = stage_file(warehouse, path)
    warehouse.add("a-2")
    seen = events()
    with pytest.raises(
        Changed, match=r"1 serial of the file was added by somebody else meanwhile\. Nothing was written"
    ):
        import_rows(warehouse, staged)
    assert events() == seen
    assert reasons()[3].startswith("a-2 of SAW-1 is already here")
    assert import_rows(warehouse, staged).serials == 1


def test_staged_rows_are_gone_with_their_connection(warehouse: Warehouse, tmp_path: Path, database: Any) -> None:
    staged = stage_file(warehouse, write_file(tmp_path, ["serial", "item"], ["A-1", "SAW-1"]))
    database.close()
    database.connect()
    with pytest.raises(Changed, match="Import it again"):
        import_rows(warehouse, staged)
    with pytest.raises(Changed):
        ImportRowSource({}).count()


def test_the_preview_pages_through_all_rows_or_the_wrong_ones(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [[f"A-{number}" if number % 3 else "", "SAW-1", "DOCK"] for number in range(100)]
    path = write_file(tmp_path, ["serial", "item", "location"], *rows, ["B-1", "NOPE", "GONE"])
    stage_file(warehouse, path)
    mapping = {0: Field.SERIAL_NUMBER, 1: Field.ITEM, 2: Field.LOCATION}
    every, wrong = ImportRowSource(mapping), ImportRowSource(mapping, RowsShown.ERRORS)
    assert (every.count(), wrong.count()) == (101, 35)
    row = every.fetch(1, 1)[0]
    assert (row.row, row.is_new, *map(row.values.get, mapping.values())) == (3, True, "A-1", "SAW-1", "DOCK")
    last = wrong.fetch(34, 10)[0]
    assert (last.row, last.is_new, last[Field.ITEM], last[Field.LOCATION]) == (102, False, "NOPE", "GONE")
    assert every.index_of("102") == 100
    assert wrong.index_of("102") == 34
    assert wrong.index_of("3") is None


def test_a_long_file_takes_as_many_statements_as_a_short_one(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    counts = []
    for number in (10, 600):
        rows = [[f"N{number}-{place}", "SAW-1", "DOCK"] for place in range(number)]
        path = write_file(tmp_path, ["serial", "item", "location"], *rows, name=f"{number}.csv")
        with statements(database) as seen:
            import_rows(warehouse, stage_file(warehouse, path))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert Serial.select().count() == 610
    assert check(database).findings == ()


def test_a_voided_import_comes_back_with_the_same_file_and_what_it_made_is_named(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    rows = [["A-1", "SAW-1", "Sold", "Kreis GmbH"], ["A-2", "SAW-1", "", ""], ["A-3", "SAW-1", "", ""]]
    path = write_file(tmp_path, ["Serial Number", "Item", "Status", "Customer"], *rows)
    before = warehouse.quantities()
    first = import_rows(warehouse, stage_file(warehouse, path), adds_quantity=True)
    made_by_it = [("item", "SAW-1"), ("location", "DOCK"), ("location", "MAIN")]
    ImportMade.insert_many(
        [{"document": find_document(first.document), "kind": kind, "name": name} for kind, name in made_by_it]
    ).execute()
    undone = void_document(warehouse.boss, first.document, "wrong file")
    assert undone.said == (
        "What the import made besides stays: the item SAW-1; the locations DOCK, MAIN; the customer Kreis GmbH.",
    )
    assert warehouse.quantities() == before
    ids = [find_serial(text) for text, *_ in rows]
    assert {serial_detail(serial_id).status.code for serial_id in ids} == {"removed"}
    staged = stage_file(warehouse, path)
    assert (staged.counts.new, staged.problem, staged.customers) == (3, "", ())
    again = import_rows(warehouse, staged, adds_quantity=True)
    assert (again.serials, again.units, again.customers) == (3, 2, 0)
    assert [find_serial(text) for text, *_ in rows] == ids
    assert [event.kind for event in serial_detail(ids[1]).events] == ["imported", "voided", "imported"]
    assert serial_detail(ids[0]).customer == "Kreis GmbH"
    assert check(database).findings == ()

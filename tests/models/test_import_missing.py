"""What a file names and nobody has made yet: listed once, made with the import, or standing for something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.check import check
from models.errors import BadValue, Changed, Duplicate, NotAllowed, NotFound, NotPermitted
from models.importing import imports, staging
from models.importing.choices import Choices
from models.importing.columns import Field, parse_values
from models.importing.imports import MissingRecord, Staged, import_staged, mapping_for, stage
from models.importing.staging import ImportRowSource
from models.importing.table import open_table
from models.items.items import create_item, find_item
from models.locations import close_location, create_location, find_location
from models.people import sign_in
from models.permissions import Permission
from models.schema import ImportMade, Item, Location
from models.serials.add import add_serials
from models.serials.record import find_serial, serial_detail
from models.serials.void import void_document
from tests.support.cases import each
from tests.support.importing import write_file
from tests.support.warehouse import Warehouse, fingerprint, person

HEADER = ("Serial", "Item", "Location", "Status")
MAKE = Choices(make=frozenset({"items", "locations"}))
ROWS = (
    ("A-1", "SAW-1", "DOCK", ""),
    ("A-2", "Latitude 7490", "Room 101", ""),
    ("A-3", "latitude 7490", "Büro", "Deployed"),
    ("A-4", "Latitude  7490", "", ""),
    ("A-5", "XPS", "room 101", ""),
)


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    staging.end()


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def stage_rows(warehouse: Warehouse, folder: Path, *rows: tuple[str, ...], **options: Any) -> Staged:
    """Stage rows of HEADER."""
    with open_table(write_file(folder, *rows, header=HEADER)) as table:
        actor = options.pop("actor", warehouse.boss)
        return stage(actor, table, mapping_for(table.header), progress=quiet, **options)


def test_what_is_missing_is_listed_once_with_its_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    staged = stage_rows(warehouse, tmp_path, *ROWS)
    assert staged.missing == (
        MissingRecord("item", "Latitude 7490", 3),
        MissingRecord("item", "XPS", 1),
        MissingRecord("location", "Room 101", 2),
        MissingRecord("location", "Büro", 1),
        MissingRecord("status", "Deployed", 1),
    )
    assert staged.counts.new == 1


def test_it_is_made_in_the_transaction_of_the_import_and_named_when_that_is_voided(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    before = fingerprint()
    values = parse_values(["status:deployed=In Stock"])
    staged = stage_rows(warehouse, tmp_path, *ROWS, choices=MAKE, values=values)
    assert staged.missing == (
        MissingRecord("item", "Latitude 7490", 3, is_made=True, code="Latitude 7490"),
        MissingRecord("item", "XPS", 1, is_made=True, code="XPS"),
        MissingRecord("location", "Room 101", 3, is_made=True, code="Room-101"),
        MissingRecord("location", "Büro", 1, is_made=True, code="Buro"),
    )
    rows = ImportRowSource({0: Field.SERIAL_NUMBER, 1: Field.ITEM, 2: Field.LOCATION}).fetch(0, 9)
    assert [(row[Field.ITEM], row[Field.LOCATION]) for row in rows] == [
        ("SAW-1", "DOCK"), ("Latitude 7490", "Room-101"), ("Latitude 7490", "Buro"), ("Latitude 7490", "Room-101"),
        ("XPS", "Room-101"),
    ]  # fmt: skip
    assert fingerprint() == before
    imported = import_staged(warehouse.boss, staged.source, adds_quantity=True, progress=quiet)
    assert (imported.serials, imported.items, imported.locations, imported.units) == (5, 2, 2, 5)
    item = find_item("Latitude 7490")
    assert (item.name, item.track_serials, item.primary_location.code) == ("Latitude 7490", True, "Room-101")
    assert find_location("ROOM-101").name == "Room 101"
    assert serial_detail(find_serial("A-4", "Latitude 7490")).location == "Room-101"
    assert check(database).findings == ()
    said = void_document(warehouse.boss, imported.document, "wrong file").said
    assert said == ("What the import made besides stays: the items Latitude 7490, XPS; the locations Buro, Room-101.",)
    again = stage_rows(warehouse, tmp_path, *ROWS, values=values)
    assert (again.missing, again.counts.new) == ((), 5), "the names of locations are known now"


def test_a_record_that_no_good_row_needs_is_not_made(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [("", "NEW-1", "NEW-PLACE", ""), ("A-1", "SAW-1", "", ""), ("A-2", "NEW-2", "", "Broken")]
    staged = stage_rows(warehouse, tmp_path, *rows, choices=MAKE)
    imported = import_staged(warehouse.boss, staged.source, progress=quiet)
    assert (imported.serials, imported.items, imported.locations) == (1, 0, 0)
    assert not Item.select().where(Item.sku.startswith("NEW")).exists()


def test_an_item_is_made_at_the_first_open_location_where_its_row_names_none(database: Any, tmp_path: Path) -> None:
    boss = sign_in("boss")
    close_location(boss, "MAIN")
    with open_table(write_file(tmp_path, ("N-1", "NEW-1", "", ""), header=HEADER)) as table:
        mapping = mapping_for(table.header)
        assert "Every location is closed." in stage(boss, table, mapping, choices=MAKE, progress=quiet).problem
        create_location(boss, "SHELF")
        staged = stage(boss, table, mapping, choices=MAKE, progress=quiet)
    import_staged(boss, staged.source, progress=quiet)
    staging.end()
    assert find_item("NEW-1").primary_location.code == serial_detail(find_serial("N-1")).location == "SHELF"


def test_an_item_is_not_made_at_the_closed_location_where_its_unit_was_last_seen(database: Any, tmp_path: Path) -> None:
    boss = sign_in("boss")
    close_location(boss, "MAIN")
    with open_table(write_file(tmp_path, ("N-1", "NEW-1", "MAIN", "Lost"), header=HEADER)) as table:
        mapping = mapping_for(table.header)
        staged = stage(boss, table, mapping, choices=MAKE, progress=quiet)
        with pytest.raises(NotAllowed, match="Every location is closed"):
            import_staged(boss, staged.source, progress=quiet)
        create_location(boss, "SHELF")
        staged = stage(boss, table, mapping, choices=MAKE, progress=quiet)
    import_staged(boss, staged.source, progress=quiet)
    staging.end()
    assert find_item("NEW-1").primary_location.code == "SHELF"
    assert serial_detail(find_serial("N-1")).location == "MAIN"


def test_what_cannot_be_made_says_why(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = [
        ("A-1", "SAW-1", "本社", ""),
        ("A-2", "X" * 41, "", ""),
        ("A-3", "dock", "", ""),
        ("A-4", "SAW-1", "saw-1", ""),
    ]
    staged = stage_rows(warehouse, tmp_path, *rows, choices=MAKE)
    assert staged.counts.new == 0
    told = {record.name: record.why_not for record in staged.missing}
    assert "may have letters A-Z" in told["本社"]
    assert "40 is the most" in told["X" * 41]
    assert told["dock"] == "dock is the code of the location DOCK already."
    assert told["saw-1"] == "saw-1 is the SKU of the item SAW-1 already."


def test_a_code_that_the_file_gives_to_an_item_and_a_location_is_refused_and_nothing_is_made(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    staged = stage_rows(warehouse, tmp_path, ("A-1", "BOTH", "BOTH", ""), choices=MAKE)
    before = fingerprint()
    with pytest.raises(Duplicate, match="BOTH is the code of the location BOTH already"):
        import_staged(warehouse.boss, staged.source, progress=quiet)
    assert fingerprint() == before


def test_making_needs_the_permission_to_make_items(warehouse: Warehouse, tmp_path: Path) -> None:
    clerk = person(warehouse.boss, "clerk1", Permission.VIEW, Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted, match="To make the items and locations of a file, clerk1 needs"):
        stage_rows(warehouse, tmp_path, *ROWS, choices=MAKE, actor=clerk)
    staged = stage_rows(warehouse, tmp_path, *ROWS, choices=MAKE)
    before = fingerprint()
    with pytest.raises(NotPermitted, match="To make the location Room-101 of this file"):
        import_staged(clerk, staged.source, progress=quiet)
    assert fingerprint() == before


def test_what_somebody_else_makes_meanwhile_is_used(
    warehouse: Warehouse, tmp_path: Path, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = stage_rows(
        warehouse, tmp_path, *ROWS[1:3], ROWS[4], choices=MAKE, values=parse_values(["status:Deployed=sold"])
    )
    assert staged.counts.new == 2
    create_item(warehouse.boss, "LATITUDE 7490", "Theirs", track_serials=True)
    settle = imports.refer_to_existing

    def late() -> int:
        refused = settle()
        if (
            not Location.select().where(Location.code == "ROOM-101").exists()
        ):  # between the last look and the transaction
            create_location(warehouse.boss, "ROOM-101", "Theirs")
        return refused

    monkeypatch.setattr(imports, "refer_to_existing", late)
    imported = import_staged(warehouse.boss, staged.source, progress=quiet)
    assert (imported.serials, imported.items, imported.locations) == (2, 1, 0)
    assert serial_detail(find_serial("A-2", "LATITUDE 7490")).location == "ROOM-101"
    assert [row.name for row in ImportMade.select()] == ["XPS"]
    assert check(database).findings == ()


def test_an_item_that_somebody_else_makes_meanwhile_may_refuse_the_rows(warehouse: Warehouse, tmp_path: Path) -> None:
    staged = stage_rows(warehouse, tmp_path, ("A-1", "XPS", "", ""), ("A-2", "LAMP", "", ""), choices=MAKE)
    xps = create_item(warehouse.boss, "XPS", "Theirs", track_serials=True)
    create_item(warehouse.boss, "LAMP", "Theirs")
    add_serials(warehouse.boss, xps.id, ["A-1"])
    with pytest.raises(Changed, match="2 serials of the file were added by somebody else meanwhile"):
        import_staged(warehouse.boss, staged.source, progress=quiet)
    reasons = {one.row: one.reason for one in staging.rejected()}
    assert reasons[2].startswith("A-1 of XPS is already here")
    assert reasons[3].startswith("LAMP does not track serials.")


def test_texts_stand_for_what_is_there(warehouse: Warehouse, tmp_path: Path) -> None:
    values = parse_values(
        ["item:latitude 7490=saw-1", "item:XPS=SAW-1", "location:room 101=DOCK", "status:Deployed=Lost"]
    )
    values[Field.LOCATION]["BÜRO"] = "SHOP"
    staged = stage_rows(warehouse, tmp_path, *ROWS, values=values)
    assert (staged.missing, staged.counts.new) == ((), 5)
    import_staged(warehouse.boss, staged.source, progress=quiet)
    assert warehouse.where("A-3") == ("lost", "SHOP")
    assert warehouse.where("A-5") == ("in_stock", "DOCK")


@each(
    ("pair", "error", "sentence"),
    [
        ("item:A=NOPE", NotFound, "There is no item NOPE."),
        ("location:A=NOPE", NotFound, "There is no location NOPE."),
        ("status:A=NOPE", NotFound, "There is no status NOPE. There are: In Stock"),
        ("customer:A=NOPE", NotFound, "There is no customer NOPE."),
        ("A=B", BadValue, "Write FIELD:TEXT=NAME"),
        ("note:A=B", BadValue, "FIELD is one of item, location, status, customer"),
        ("item:A", BadValue, "Write FIELD:TEXT=NAME"),
    ],
)
def test_a_text_stands_for_nothing_that_is_not_there(
    warehouse: Warehouse, tmp_path: Path, pair: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        stage_rows(warehouse, tmp_path, ROWS[0], values=parse_values([pair]))

"""Rows of a file that could be misread, or look unlike their item's others, are told and imported all the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from models.check import check
from models.database import bulk
from models.importing import rows as import_rows
from models.importing import staging
from models.importing.columns import Field
from models.importing.imports import Staged, import_staged, mapping_for, stage
from models.importing.staging import ImportRowSource, RowsShown
from models.importing.table import open_table
from models.items.items import create_item
from models.items.rules import item_facts, set_serial_rule
from models.schema import Item, ItemBarcode, Serial
from models.serials.judging import judge
from models.text import clean_serial, serial_key
from tests.support.cases import each
from tests.support.hostile import HOSTILE
from tests.support.importing import write_file
from tests.support.warehouse import Warehouse, statements


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Iterator[Warehouse]:
    """The usual one; what a test has staged is dropped."""
    yield warehouse
    staging.end()


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def stage_rows(warehouse: Warehouse, folder: Path, *rows: Sequence[str]) -> Staged:
    """Stage rows of serial and item; of SAW-1 where they name none."""
    path = write_file(folder, *((*row, "SAW-1")[:2] for row in rows), header=("serial", "item"))
    with open_table(path) as table:
        return stage(warehouse.boss, table, mapping_for(table.header), progress=quiet)


def serials(*texts: str) -> list[tuple[str]]:
    return [(text,) for text in texts]


def said() -> dict[int, str]:
    """What is said of rows that can be imported, by their numbers."""
    return {one.row: one.text for one in staging.warned()}


@pytest.mark.parametrize(
    ("there", "given"),
    [
        ("ABO1", "AB01"),
        ("AB01", "ABO1"),
        ("AB-I", "AB1"),
        ("AB11", "ABI1"),
        ("A-B-2", "AB2"),
        ("AB2", "AB-2"),
        ("00B2", "B2"),
        ("B2", "00b2"),
        ("S4711", "4711"),
        ("4711", "s4711"),
        ("O'2%s{0}", "0'2%s{0}"),
    ],
)
def test_a_serial_like_one_that_the_item_has_is_told_and_imported_all_the_same(
    warehouse: Warehouse, tmp_path: Path, database: Any, there: str, given: str
) -> None:
    warehouse.add(there)
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    staged = stage_rows(warehouse, tmp_path, (given,), (given, "DRILL"), ("other",))
    assert (staged.counts.new, staged.counts.warned, staged.counts.errors, staged.problem) == (3, 1, 0, "")
    assert said() == {2: f"{given} looks like {there}, which is on SAW-1 already."}
    imported = import_staged(warehouse.boss, staged.source, progress=quiet)
    assert (imported.serials, imported.warned, imported.left_out) == (3, 1, 0)
    assert Serial.select().where(Serial.item == warehouse.item.id).count() == 3
    assert check(database).findings == ()


def test_of_rows_that_look_alike_the_later_ones_name_the_first_and_equal_ones_stay_errors(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    rows = [("A-1",), ("B-7",), ("AI",), ("a1",), ("A1", "DRILL"), ("a-1",), ("SB-7",), ("B7", "NOPE")]
    staged = stage_rows(warehouse, tmp_path, *rows)
    assert said() == {
        4: "AI looks like A-1 in row 2.",
        5: "a1 looks like A-1 in row 2.",
        8: "SB-7 looks like B-7 in row 3.",
    }
    assert [one.row for one in staging.rejected()] == [7, 9]
    assert staged.counts == (8, 6, 3)


def test_what_the_item_has_is_named_before_another_row(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add("A-1")
    stage_rows(warehouse, tmp_path, *serials("A1", "AI"))
    assert said() == {
        2: "A1 looks like A-1, which is on SAW-1 already.",
        3: "AI looks like A-1, which is on SAW-1 already.",
    }


def test_a_serial_unlike_the_items_others_is_told(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    stage_rows(warehouse, tmp_path, *serials("CZ000077", "CZ00078", "XX000079", "CZ00/080", "12345678"))
    assert said() == {
        3: "CZ00078 has 7 characters where the others of SAW-1 have 8.",
        4: "XX000079 does not begin with CZ as the others of SAW-1 do.",
        5: "CZ00/080 is not letters and digits only as the others of SAW-1 are.",
        6: "12345678 does not begin with CZ as the others of SAW-1 do.",
    }


def test_the_looks_of_a_new_item_are_learned_from_the_rows_before(warehouse: Warehouse, tmp_path: Path) -> None:
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    first = [f"00{number}07" for number in range(10, 20)]
    mixed = [(f"{'D' * number}7", "DRILL") for number in range(1, 12)]
    stage_rows(warehouse, tmp_path, *serials(*first, "1235", "1236", "002007", "A02107"), *mixed)
    assert said() == {
        12: "1235 has 4 characters where the others of SAW-1 have 6.",
        13: "1236 has 4 characters where the others of SAW-1 have 6.",
        15: "A02107 is not digits only as the others of SAW-1 are.",
    }


def test_both_warnings_stand_in_one_row(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    staged = stage_rows(warehouse, tmp_path, *serials("CZ-00OOO4", "CZ000099"))
    (one,) = staging.warned()
    assert one.odd == "CZ-00OOO4 has 9 characters where the others of SAW-1 have 8."
    assert one.alike == "CZ-00OOO4 looks like CZ000004, which is on SAW-1 already."
    assert one.text == f"{one.odd} {one.alike}"
    assert staged.counts == (2, 2, 1)


def test_a_rule_that_somebody_set_refuses_and_what_is_learned_only_warns(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    set_serial_rule(warehouse.boss, warehouse.item.id, length="4-8")
    staged = stage_rows(warehouse, tmp_path, *serials("CZ1", "CZ12345"))
    assert [one.row for one in staging.rejected()] == [2]
    assert list(said()) == [3]
    assert staged.counts == (2, 1, 1)


def test_rows_in_error_have_no_warning(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    path = write_file(
        tmp_path, ("CZO00001", "NOWHERE"), ("CZ000002", ""), ("CZ00", "NOWHERE"), header=("serial", "place")
    )
    with open_table(path) as table:
        staged = stage(warehouse.boss, table, mapping_for(table.header), item="SAW-1", progress=quiet)
    assert staged.counts == (3, 0, 0)
    assert [row.warning for row in ImportRowSource({0: Field.SERIAL_NUMBER}).fetch(0, 9)] == ["", "", ""]


def test_the_list_shows_rows_with_a_warning_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    stage_rows(warehouse, tmp_path, ("A-1",), ("",), ("A1",), ("B-1",), ("B1",), ("X", "NOPE"))
    mapping = {0: Field.SERIAL_NUMBER, 1: Field.ITEM}
    every, odd, wrong = (
        ImportRowSource(mapping, shown) for shown in (RowsShown.ALL, RowsShown.WARNINGS, RowsShown.ERRORS)
    )
    assert [source.count() for source in (every, odd, wrong)] == [6, 2, 2]
    assert [(row.row, row.is_new, row.reason) for row in odd.fetch(0, 9)] == [(4, True, ""), (6, True, "")]
    assert odd.fetch(1, 1)[0].warning == "B1 looks like B-1 in row 5."
    assert odd.index_of("6") == 1
    assert odd.index_of("2") is None


def test_a_file_and_the_station_find_the_same_look_alikes(warehouse: Warehouse, tmp_path: Path) -> None:
    dice = random.Random(4711)

    def some(count: int) -> list[str]:
        texts = ("".join(dice.choices("0O1I-S 2", k=dice.randint(1, 5))) + "A" for _ in range(count))
        return [clean_serial(text) for text in {serial_key(text): text for text in texts}.values()]

    for turn in range(4):
        sku = f"DICE-{turn}"
        item = create_item(warehouse.boss, sku, "Dice", track_serials=True)
        there = stage_rows(warehouse, tmp_path, *((text, sku) for text in some(9)))  # too few to learn looks from
        import_staged(warehouse.boss, there.source, progress=quiet)
        have = {serial.serial_key for serial in Serial.select().where(Serial.item == item.id)}
        texts = [text for text in some(60) if serial_key(text) not in have]
        stage_rows(warehouse, tmp_path, *((text, sku) for text in texts))
        found = {one.row for one in staging.warned() if one.alike}
        verdicts = list(enumerate(judge(item_facts(item.id), texts), 2))
        near, odd = ({row for row, one in verdicts if one.reason == reason} for reason in ("near_duplicate", "shape"))
        assert near
        assert near <= found <= near | odd  # the station stops at the first thing that it has to say


@pytest.fixture
def scanned(warehouse: Warehouse) -> Warehouse:
    """The warehouse with the serial A-1 and an item whose barcode is its SKU."""
    warehouse.add("A-1")
    ItemBarcode.create(barcode="SAW-1", item=warehouse.item.id)
    return warehouse


@each("text", HOSTILE.values())
def test_a_hostile_sku_in_a_warning_is_only_text(scanned: Warehouse, tmp_path: Path, text: str) -> None:
    Item.update(sku=text, sku_key=text).where(Item.id == scanned.item.id).execute()
    stage_rows(scanned, tmp_path, *serials("A1"))
    assert said() == {2: f"A1 looks like A-1, which is on {text} already."}


def test_warnings_take_as_many_statements_for_many_rows_and_items_as_for_few(
    warehouse: Warehouse, tmp_path: Path, database: Any
) -> None:
    counts = []
    for number, items in ((10, 2), (600, 60)):
        skus = [f"N{number}-{place}" for place in range(items)]
        for sku in skus:
            create_item(warehouse.boss, sku, sku, track_serials=True)
        for letter in "O0":
            rows = [(f"{letter}{place}-X", skus[place % items]) for place in range(number)]
            with statements(database) as seen:
                staged = stage_rows(warehouse, tmp_path, *rows)
            counts.append(len(seen))
            assert staged.counts.errors == 0
            import_staged(warehouse.boss, staged.source, progress=quiet)
        assert staged.counts.warned == number
    assert len(set(counts)) == 1
    assert check(database).findings == ()


def test_more_items_than_are_remembered_are_learned_again(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "_FORGET", 1)
    monkeypatch.setattr(bulk.blocks, "__defaults__", (2,))
    create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    warehouse.add(*(f"CZ{number:06}" for number in range(20)))
    rows = [("CZ1",), ("CZ000099",), ("D", "DRILL"), ("DD", "DRILL"), ("CZ2",), ("DDD", "DRILL"), ("CZ3",)]
    stage_rows(warehouse, tmp_path, *rows)
    assert list(said()) == [2, 6, 8]

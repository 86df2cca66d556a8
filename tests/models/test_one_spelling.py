"""One spelling of each name: composed letters, customers in any case, codes that mean one thing only."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models.errors import BadValue, Duplicate
from models.importing import staging
from models.importing.imports import import_staged, mapping_for, stage
from models.importing.table import open_table
from models.items.items import create_item, find_item, save_item
from models.items.list import ItemSource
from models.locations import create_location, list_places
from models.migrations import MIGRATIONS
from models.migrations.dialect import POSTGRESQL, SQLITE
from models.people import add_role, add_user, list_roles, list_users, set_roles, sign_in
from models.schema import Customer, Item, bound, is_sqlite
from models.serials.add import add_serials
from models.serials.record import serial_detail
from models.text import clean_note, fold
from tests.support.warehouse import Warehouse, together

ONE, TWO = "\u00c4", "A\u0308"
"""Ä as one character, and as a letter and a mark."""

COLUMN = "m0007_customer_keys"


def quiet(done: int, total: int) -> None:
    """Take no notice of progress."""


def import_rows(warehouse: Warehouse, folder: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Import rows of the usual item, all of them good."""
    path = folder / "list.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    with open_table(str(path)) as table:
        staged = stage(
            warehouse.boss, table, mapping_for(table.header), item="SAW-1", progress=lambda done, total: None
        )
    assert staged.counts.new == len(rows)
    import_staged(warehouse.boss, staged.source, progress=lambda done, total: None)
    staging.end()


def test_an_item_is_one_however_its_letters_are_composed(warehouse: Warehouse) -> None:
    item = create_item(warehouse.boss, f"{TWO}1", f"{TWO}hre {ONE}")
    assert (item.sku, item.name) == (f"{ONE}1", f"{ONE}hre {ONE}")
    with pytest.raises(Duplicate):
        create_item(warehouse.boss, f"{ONE}1", "again")
    assert find_item(f"{TWO.lower()}1").id == find_item(f"{ONE}1").id == item.id
    for find in (f"{TWO}1", f"{ONE}1", f"{TWO}hre", f"hre {TWO.lower()}"):
        assert [row.sku for row in ItemSource(find).fetch(0, 9)] == [f"{ONE}1"], find
    save_item(warehouse.boss, item.id, name=f"Gro{TWO.lower()}")
    assert Item.get_by_id(item.id).name == f"Gro{ONE.lower()}"


def test_people_places_and_notes_are_stored_in_one_form(warehouse: Warehouse) -> None:
    add_role(warehouse.boss, f"r{TWO}")
    add_user(warehouse.boss, f"j{TWO}ger", [f"r{ONE}"])
    assert sign_in(f"j{ONE}ger") == sign_in(f"j{TWO}ger")
    with pytest.raises(Duplicate):
        add_user(warehouse.boss, f"j{ONE}ger")
    set_roles(warehouse.boss, f"j{TWO}ger", [f"r{TWO}"])
    assert f"j{ONE}ger" in [user.login for user in list_users()]
    assert f"r{ONE}" in [role.name for role in list_roles()]
    create_location(warehouse.boss, "L-1", f"L{TWO}ger")
    assert f"L{ONE}ger" in [place.name for place in list_places()]
    serial_id = add_serials(warehouse.boss, warehouse.item.id, ["N1"], notes=f"Kr{TWO}tzer\n{TWO}").serial_ids[0]
    assert serial_detail(serial_id).condition_notes == f"Kr{ONE}tzer\n{ONE}"
    assert clean_note(TWO) == ONE


def test_customers_of_a_file_are_one_in_any_case(warehouse: Warehouse, tmp_path: Path) -> None:
    header = ["Serial Number", "Status", "Customer"]
    names = ["ACME", "Acme", " acme ", f"{TWO} AG", f"{ONE} ag"]
    import_rows(warehouse, tmp_path, header, [[f"S{at}", "Sold", name] for at, name in enumerate(names)])
    assert [row.name for row in Customer.select().order_by(Customer.id)] == ["ACME", f"{ONE} AG"]
    import_rows(warehouse, tmp_path, header, [["T1", "Sold", "aCmE"], ["T2", "Sold", "Other"]])
    assert [row.name for row in Customer.select().order_by(Customer.id)] == ["ACME", f"{ONE} AG", "Other"]
    assert warehouse.where("T1") == ("sold", "MAIN")
    assert bound.execute_sql("SELECT count(*) FROM serials WHERE customer_id IS NULL").fetchone()[0] == 0


def test_a_customer_is_unique_by_its_folded_name(database: Any) -> None:
    Customer.create(name="Bergmann AG")
    with pytest.raises(Exception, match=r"(?i)unique"):
        Customer.create(name="BERGMANN ag")


def test_the_migration_keeps_what_became_equal_and_names_it(database: Any) -> None:
    one = bound.param
    for index in ("customers_key", "customers_uncoded", "customers_reference", "customers_unreferred"):
        bound.execute_sql(f"DROP INDEX {index}")
    bound.execute_sql("ALTER TABLE customers DROP COLUMN name_key")
    bound.execute_sql("DROP INDEX item_barcodes_any_case")
    for name in ("ACME", "Other", "Acme", "acme (2)", "a c m e", f"{TWO} AG", "x" * 120, "X" * 120):
        bound.execute_sql(f"INSERT INTO customers (name) VALUES ({one})", (name,))
    boss = sign_in("boss")
    for sku in (f"{ONE}1", f"{TWO}1", f"{TWO}2"):
        names, moment = (sku, sku.upper(), f"Name {TWO}", f"NAME {TWO}"), "2026-03-02 08:15:00+00:00"
        bound.execute_sql(
            "INSERT INTO items (sku, sku_key, name, name_key, primary_location_id, track_serials, version, changed_at, "
            f"changed_by_id) VALUES ({', '.join([one] * 9)})",
            (*names, 1, False, 1, moment, boss.user_id),
        )
    bound.execute_sql(f"UPDATE locations SET name = {one}", (f"L{TWO}ger",))
    bound.execute_sql(f"UPDATE roles SET name = {one} WHERE name = 'clerk'", (f"kl{TWO}rk",))

    module = importlib.import_module(f"models.migrations.{COLUMN}")
    notes = module.up(database, SQLITE if is_sqlite() else POSTGRESQL)

    names = [row.name for row in Customer.select().order_by(Customer.id)]
    assert names == [
        *("ACME", "Other", "Acme (3)", "acme (2)", "a c m e (4)", f"{ONE} AG"),
        *("x" * 120, "X" * 116 + " (2)"),
    ]
    assert [row.name_key for row in Customer.select().order_by(Customer.id)] == [fold(name) for name in names]
    assert [(row.sku, row.sku_key, row.name) for row in Item.select().order_by(Item.id)] == [
        (f"{ONE}1", f"{ONE}1", f"Name {ONE}"),
        (f"{ONE}1 (2)", f"{ONE}1(2)", f"Name {ONE}"),
        (f"{ONE}2", f"{ONE}2", f"Name {ONE}"),
    ]
    assert [row.sku for row in ItemSource(f"name {ONE}").fetch(0, 9)] == [f"{ONE}1", f"{ONE}1 (2)", f"{ONE}2"]
    assert f"kl{ONE}rk" in [role.name for role in list_roles()]
    assert [note.partition(" now")[0] for note in notes] == [
        "The customer Acme is Acme (3)",
        "The customer a c m e is a c m e (4)",
        f"The customer {'X' * 120} is {'X' * 116} (2)",
        f"The item {TWO}1 is {ONE}1 (2)",
    ]
    assert COLUMN in MIGRATIONS


def test_a_barcode_is_not_another_items_sku(warehouse: Warehouse) -> None:
    create_item(warehouse.boss, "LAP", "Laptop", barcodes=["4006381333931"])
    own = create_item(warehouse.boss, "SELF", "Its SKU is its barcode", barcodes=["self"])
    save_item(warehouse.boss, own.id, barcodes=["self", "SELF"])
    printer = create_item(warehouse.boss, "PRN", "Printer", barcodes=["Prn-Box"])
    for code in ("LAP", "lap"):
        with pytest.raises(Duplicate, match=f"The barcode {code} is the SKU of another item, LAP, Laptop"):
            save_item(warehouse.boss, printer.id, barcodes=[code])
        with pytest.raises(Duplicate, match=f"The barcode {code} is the SKU of another item, LAP, Laptop"):
            create_item(warehouse.boss, "NEW", "New", barcodes=[code])
    for sku in ("PRN-BOX", "prn-box", "prn - box"):
        with pytest.raises(Duplicate, match=f"The SKU {sku} is a barcode of PRN, Printer: a scan of"):
            create_item(warehouse.boss, sku, "Box")
    assert not Item.select().where(Item.sku.in_(["NEW", "PRN-BOX", "prn-box"])).exists()
    with pytest.raises(BadValue):
        save_item(warehouse.boss, printer.id, barcodes=["two words"])


def test_of_a_barcode_and_a_sku_made_at_the_same_moment_one_is_refused(database: Any, warehouse: Warehouse) -> None:
    for number in range(3):
        code = f"CODE-{number}"
        made = together(
            database,
            [
                lambda code=code: create_item(warehouse.boss, code, "By SKU"),
                lambda code=code: save_item(warehouse.boss, warehouse.item.id, barcodes=[code]),
            ],
        )
        assert [type(one) for one in made].count(Duplicate) == 1, made

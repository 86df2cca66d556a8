"""Without the permission an operation is refused, with it alone it is done."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

import models
from models import locations, people, permissions
from models.database import unit
from models.errors import NotPermitted
from models.importing import imports
from models.importing.columns import Field
from models.importing.imports import Staged
from models.importing.table import FileTable, open_table
from models.items import items, rules
from models.permissions import Actor, Permission
from models.serials import add, moves, receive, record
from models.station import drafts, preview
from tests.support.warehouse import Warehouse, fingerprint, person

P = Permission


class Deed(NamedTuple):
    """A public operation, called so that nothing but the permission stands in its way."""

    operation: Callable[..., Any]
    permissions: tuple[Permission, ...]
    act: Callable[[Actor, Warehouse], Any]


SERIAL = 1
"""The id of the warehouse's only serial."""

COLUMNS: Mapping[int, Field] = {0: Field.SERIAL_NUMBER, 1: Field.ITEM}


@contextmanager
def a_file() -> Iterator[FileTable]:
    """A file of one new serial."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text("Serial,Item\nN,SAW-1\n", "utf-8")
        with open_table(str(path)) as table:
            yield table


def stage(who: Actor, _: Warehouse) -> Staged:
    """Read and judge the file."""
    with a_file() as table:
        return imports.stage(who, table, COLUMNS, progress=lambda done, total: None)


def import_staged(who: Actor, here: Warehouse) -> object:
    """Import what somebody who may has read."""
    source = stage(here.boss, here).source
    return imports.import_staged(who, source, progress=lambda done, total: None)


DEEDS = {
    "add many serials": Deed(
        preview.add_many,
        (P.MANAGE_SERIALS,),
        lambda who, here: preview.add_many(
            who, here.item.id, ["N"], location="SHELF", progress=lambda done, total: None
        ),
    ),
    "add serials": Deed(
        add.add_serials, (P.MANAGE_SERIALS,), lambda who, here: add.add_serials(who, here.item.id, ["N"])
    ),
    "add a serial": Deed(add.add_serial, (P.MANAGE_SERIALS,), lambda who, here: add.add_serial(who, here.item.id, "N")),
    "receive serials": Deed(
        receive.receive_serials,
        (P.MANAGE_SERIALS,),
        lambda who, here: receive.receive_serials(
            who, [receive.ReceiptLine(here.item.id, "N", "N", here.item.primary_location_id)]
        ),
    ),
    "receive a list": Deed(
        receive.receive_list,
        (P.MANAGE_SERIALS,),
        lambda who, here: receive.receive_list(who, here.item.id, ["N"], location="DOCK"),
    ),
    "read a file": Deed(imports.stage, (P.MANAGE_SERIALS,), stage),
    "import a file": Deed(imports.import_staged, (P.MANAGE_SERIALS,), import_staged),
    "remember columns": Deed(
        imports.remember_mapping,
        (P.MANAGE_SERIALS,),
        lambda who, _: imports.remember_mapping(who, ["Nr", "Was"], COLUMNS),
    ),
    "set a rule": Deed(
        rules.set_serial_rule,
        (P.EDIT_ITEMS,),
        lambda who, here: rules.set_serial_rule(who, here.item.id, length="5"),
    ),
    "set notes": Deed(
        record.set_condition_notes,
        (P.MANAGE_SERIALS,),
        lambda who, _: record.set_condition_notes(who, SERIAL, "dented"),
    ),
    "write a note": Deed(record.add_note, (P.MANAGE_SERIALS,), lambda who, _: record.add_note(who, SERIAL, "seen")),
    "set a warranty": Deed(
        record.set_warranty,
        (P.MANAGE_SERIALS,),
        lambda who, _: record.set_warranty(who, SERIAL, None, None, note="x"),
    ),
    "transfer": Deed(
        moves.transfer_serials, (P.TRANSFER_SERIAL,), lambda who, _: moves.transfer_serials(who, [SERIAL], "DOCK")
    ),
    "make an item": Deed(items.create_item, (P.EDIT_ITEMS,), lambda who, _: items.create_item(who, "NEW", "New")),
    "make a tracked item": Deed(
        items.create_item,
        (P.EDIT_ITEMS, P.MANAGE_SERIALS),
        lambda who, _: items.create_item(who, "NEW", "New", track_serials=True),
    ),
    "rename an item": Deed(
        items.save_item, (P.EDIT_ITEMS,), lambda who, here: items.save_item(who, here.item.id, name="Saw")
    ),
    "move an item": Deed(
        items.save_item, (P.EDIT_ITEMS,), lambda who, here: items.save_item(who, here.item.id, location="DOCK")
    ),
    "set barcodes": Deed(
        items.save_item, (P.EDIT_ITEMS,), lambda who, here: items.save_item(who, here.item.id, barcodes=["B1"])
    ),
    "switch tracking": Deed(
        items.save_item, (P.MANAGE_SERIALS,), lambda who, here: items.save_item(who, here.item.id, track_serials=False)
    ),
    "make a place": Deed(
        locations.create_location, (P.EDIT_ITEMS,), lambda who, _: locations.create_location(who, "ATTIC")
    ),
    "add a user": Deed(people.add_user, (P.MANAGE_USERS,), lambda who, _: people.add_user(who, "new")),
    "set roles": Deed(people.set_roles, (P.MANAGE_USERS,), lambda who, _: people.set_roles(who, "clerk", ["viewer"])),
    "remove a user": Deed(people.remove_user, (P.MANAGE_USERS,), lambda who, _: people.remove_user(who, "clerk")),
    "add a role": Deed(people.add_role, (P.MANAGE_USERS,), lambda who, _: people.add_role(who, "driver")),
    "grant": Deed(people.grant, (P.MANAGE_USERS,), lambda who, _: people.grant(who, "viewer", "INV_EDIT_ITEMS")),
    "revoke": Deed(people.revoke, (P.MANAGE_USERS,), lambda who, _: people.revoke(who, "viewer", "INV_VIEW")),
    "act for somebody": Deed(people.act_for, (P.MANAGE_USERS,), lambda who, _: people.act_for(who, "clerk")),
}

FOR_EVERYBODY = {people.sign_in, people.account_name}
"""No permission is needed for these."""

OF_OTHERS = {
    add.add_each,
    *(unit.write, permissions.require, permissions.may, permissions.looking),
}
"""Parts of operations, which go through another one, and the way to look, which `test_looking` tries."""

OF_STATIONS = {
    *(drafts.claim_for, drafts.discard, drafts.hand_over, drafts.keep_alive, drafts.let_go),
    *(drafts.require_for, drafts.take_over),
}
"""What may be done with a draft depends on its task; `test_receiving_drafts` tries it."""


WRITES_NOTHING = {people.act_for, imports.stage}
"""What is staged is of one connection and no part of the database."""


@pytest.fixture
def warehouse(warehouse: Warehouse) -> Warehouse:
    assert warehouse.add("A1") == [SERIAL]
    record.set_warranty(warehouse.boss, SERIAL, None, date(2030, 1, 1))
    people.add_user(warehouse.boss, "clerk", ["clerk"])
    return warehouse


def test_every_operation_is_tried_here() -> None:
    folder = Path(models.__path__[0])
    public = set()
    for file in folder.rglob("[a-z]*.py"):
        module = import_module(".".join(("models", *file.relative_to(folder).with_suffix("").parts)))
        public |= {
            function
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")
            if next(iter(inspect.signature(function).parameters), "") == "actor"
        }
    here = {deed.operation for deed in DEEDS.values()}
    assert public - here - OF_OTHERS - OF_STATIONS == set()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_all_permissions_but_the_one_needed_are_not_enough(warehouse: Warehouse, deed: Deed) -> None:
    for needed in deed.permissions:
        others = [permission for permission in Permission if permission != needed]
        almost = person(warehouse.boss, f"almost-{needed}", *others)
        before = fingerprint()
        with pytest.raises(NotPermitted) as refused:
            deed.act(almost, warehouse)
        assert refused.value.details == {"permission": str(needed)}
        assert refused.value.message.startswith("To ")
        assert refused.value.message.endswith(
            f", {almost.login} needs the permission {needed}. Ask your administrator for it."
        )
        assert fingerprint() == before


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_the_permission_needed_is_enough(warehouse: Warehouse, deed: Deed) -> None:
    holder = person(warehouse.boss, "holder", *deed.permissions)
    before = fingerprint()
    deed.act(holder, warehouse)
    assert (fingerprint() != before) == (deed.operation not in WRITES_NOTHING)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_a_removed_user_does_nothing_more(warehouse: Warehouse, deed: Deed) -> None:
    gone = person(warehouse.boss, "gone", *Permission)
    people.remove_user(warehouse.boss, "gone")
    before = fingerprint()
    with pytest.raises(NotPermitted):
        deed.act(gone, warehouse)
    assert fingerprint() == before

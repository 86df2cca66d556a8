"""Without the permission an operation is refused, with it alone it is done."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

import models
from models import customers, find, locations, people, permissions, settings, statuses
from models.database import unit
from models.errors import NotPermitted, Stop
from models.exporting import export, lists, paper
from models.importing import imports
from models.importing.columns import Field
from models.importing.imports import Staged
from models.importing.table import FileTable, open_table
from models.items import items, rules
from models.items.items import create_item
from models.permissions import Actor, Permission
from models.schema import is_sqlite
from models.serials import add, corrections, moves, perform, possible, receive, record, void
from models.settings import NewPeople
from models.station import drafts, preview, waiting, working
from models.station.look_up import look_up
from models.verbs import MOVES, VERBS, Ask, StatusCode, Verb
from tests.support.warehouse import Warehouse, fingerprint, open_warehouse, person, set_warranty

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


def export_serials(who: Actor, _: Warehouse) -> object:
    """Write the serials to a file."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "serials.csv")
        return export.export_file(who, lambda: lists.every_serial(None, {}), path, progress=Stop())


def print_receipt(who: Actor, _: Warehouse) -> object:
    """Write the receipt of the warehouse as a PDF."""
    with TemporaryDirectory() as folder:
        return paper.print_pdf(who, "R-000001", str(Path(folder) / "receipt.pdf"), progress=Stop())


def _move(verb: Verb, who: Actor, _: Warehouse) -> object:
    """A move of the warehouse's serial, which is in stock."""
    values = {Ask.PLACE: {"place": "DOCK"}, Ask.STATUS: {"status": "kept"}}
    asked = [given for ask, given in values.items() if ask in verb.asks]
    return moves.move(who, verb, [SERIAL], moves.Answers(note="because", **(asked[0] if asked else {})))


DEEDS: dict[str, Deed] = {
    "add many serials": Deed(
        preview.add_many,
        (P.MANAGE_SERIALS,),
        lambda who, here: preview.add_many(
            who, here.item.id, ["N"], location="DOCK", progress=lambda done, total: None
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
    "see who works on what": Deed(working.working, (P.VIEW,), lambda who, _: working.working(who)),
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
    "write notes": Deed(record.add_notes, (P.MANAGE_SERIALS,), lambda who, _: record.add_notes(who, [SERIAL], "seen")),
    "any verb": Deed(
        perform.perform,
        (P.CORRECT_SERIAL,),
        lambda who, _: perform.perform(who, VERBS["correct"], [SERIAL], moves.Answers(new_serial="A2")),
    ),
    "what a verb asks": Deed(
        perform.form_of, (P.SCRAP_SERIAL,), lambda who, _: perform.form_of(who, VERBS["scrap"], [SERIAL])
    ),
    "transfer": Deed(
        moves.transfer_serials, (P.TRANSFER_SERIAL,), lambda who, _: moves.transfer_serials(who, [SERIAL], "DOCK")
    ),
    **{
        f"move: {code}": Deed(moves.move, (verb.permission,), partial(_move, verb))
        for code, verb in MOVES.items()
        if StatusCode.IN_STOCK in verb.before.codes  # `test_life` tries the others
    },
    "correct": Deed(corrections.correct, (P.CORRECT_SERIAL,), lambda who, _: corrections.correct(who, SERIAL, "A2")),
    "correct_many": Deed(
        corrections.correct_many,
        (P.CORRECT_SERIAL,),
        lambda who, _: corrections.correct_many(who, [(SERIAL, "A2")]),
    ),
    "change the item": Deed(
        corrections.change_item,
        (P.CORRECT_SERIAL,),
        lambda who, _: corrections.change_item(who, [SERIAL], "OTHER"),
    ),
    "remove": Deed(corrections.remove, (P.CORRECT_SERIAL,), lambda who, _: corrections.remove(who, [SERIAL], "twice")),
    "change a warranty": Deed(
        corrections.change_warranty,
        (P.MANAGE_SERIALS,),
        lambda who, _: corrections.change_warranty(who, [SERIAL], to="24m"),
    ),
    "void an event": Deed(void.void_last, (P.VOID_SERIAL_EVENT,), lambda who, _: void.void_last(who, [SERIAL], "oops")),
    "void a document": Deed(
        void.void_document, (P.VOID_SERIAL_EVENT,), lambda who, _: void.void_document(who, "R-000001", "oops")
    ),
    "change a customer": Deed(
        customers.set_customer, (P.EDIT_ITEMS,), lambda who, _: customers.set_customer(who, "Kreis GmbH", code="K1")
    ),
    "make a status": Deed(
        statuses.add_status,
        (P.MANAGE_USERS,),
        lambda who, _: statuses.add_status(who, "new", "New", colour="green", mark="n"),
    ),
    "change a status": Deed(
        statuses.set_status, (P.MANAGE_USERS,), lambda who, _: statuses.set_status(who, "kept", label="Stays")
    ),
    "change a place": Deed(
        locations.set_location, (P.EDIT_ITEMS,), lambda who, _: locations.set_location(who, "SHOP", name="Shop")
    ),
    "close a place": Deed(
        locations.close_location, (P.EDIT_ITEMS,), lambda who, _: locations.close_location(who, "SHOP")
    ),
    "open a place": Deed(
        locations.reopen_location, (P.EDIT_ITEMS,), lambda who, _: locations.reopen_location(who, "SHELF")
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
    "decide about new accounts": Deed(
        settings.set_new_people,
        (P.MANAGE_USERS,),
        lambda who, _: settings.set_new_people(who, NewPeople.REFUSED if is_sqlite() else NewPeople.VIEWERS),
    ),
    "decide how long undo lasts": Deed(
        settings.set_undo_minutes, (P.MANAGE_USERS,), lambda who, _: settings.set_undo_minutes(who, 30)
    ),
    "find anything": Deed(find.find, (P.VIEW,), lambda who, _: find.find(who, "A1")),
    "see who works": Deed(working.working, (P.VIEW,), lambda who, _: working.working(who)),
    "export a list": Deed(export.export_file, (P.VIEW,), export_serials),
    "print a document": Deed(paper.print_pdf, (P.VIEW,), print_receipt),
    "act for somebody": Deed(people.act_for, (P.MANAGE_USERS,), lambda who, _: people.act_for(who, "clerk")),
}

FOR_EVERYBODY = {people.sign_in, people.account_name}
"""No permission is needed for these."""

OF_OTHERS = {
    *(add.add_each, possible.possible, possible.possible_for, void.voidable),
    *(void.may_void_document, void.lacking, void.require_some, void.not_theirs, perform.refused_before),
    customers.add_customer,  # two permissions, either of which is enough; `test_customers` tries them
    perform.require_verb,
    *(unit.write, permissions.require, permissions.may, permissions.permissions_held, permissions.looking),
    permissions.rights_queries,
    look_up,  # tells what a scan names, to whoever may look
}
"""Parts of operations, which go through another one, and the way to look, which `test_looking` tries."""

OF_STATIONS = {
    *(drafts.claim_for, drafts.discard, drafts.hand_over, drafts.keep_alive, drafts.let_go),
    *(drafts.require_for, drafts.take_over),
}
"""What may be done with a draft depends on its task; `test_receiving_drafts` tries it."""

OF_WAITING_SCANS = {waiting.take_in, waiting.take_up, waiting.discard}
"""The same; `test_waiting_scans` tries it."""


WRITES_NOTHING = {
    working.working,
    *(people.act_for, imports.stage, perform.form_of),
    *(find.find, export.export_file, paper.print_pdf, working.working),
}
"""What is staged is of one connection and no part of the database; the others read it."""


def _something_for_each() -> None:
    """What the operations are about."""
    warehouse = open_warehouse()
    assert warehouse.add("A1") == [SERIAL]
    set_warranty(warehouse.boss, SERIAL, None, date(2030, 1, 1))
    people.add_user(warehouse.boss, "clerk", ["clerk"])
    create_item(warehouse.boss, "OTHER", "Other", track_serials=True)
    place = warehouse.item.primary_location_id
    receive.receive_serials(warehouse.boss, [receive.ReceiptLine(warehouse.item.id, "R1", "R1", place)])
    customers.add_customer(warehouse.boss, "Kreis GmbH")
    statuses.add_status(warehouse.boss, "kept", "Kept", colour="green", mark="k", on_hand=True)
    locations.close_location(warehouse.boss, "SHELF")


CONTENTS = {"warehouse": _something_for_each}


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
    assert public - here - OF_OTHERS - OF_STATIONS - OF_WAITING_SCANS == set()


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_all_permissions_of_a_removed_user_and_all_but_the_one_needed_are_not_enough_and_that_one_is(
    warehouse: Warehouse, deed: Deed
) -> None:
    gone = person(warehouse.boss, "gone", *Permission)
    people.remove_user(warehouse.boss, "gone")
    before = fingerprint()
    with pytest.raises(NotPermitted):
        deed.act(gone, warehouse)
    assert fingerprint() == before
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
    holder = person(warehouse.boss, "holder", *deed.permissions)
    before = fingerprint()
    deed.act(holder, warehouse)
    assert (fingerprint() != before) == (deed.operation not in WRITES_NOTHING)

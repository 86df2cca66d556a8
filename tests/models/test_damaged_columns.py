"""A value that no Serialdock writes is damage that is named, in any column of any table; it never leaves the models.

Of another type than its column, or a word that is none of the column's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import peewee
import pytest

from models import ngrams, people
from models.check import check, damage
from models.check.findings import Findings
from models.customers import CustomerSerials, CustomerSource, add_customer, list_customers
from models.database.connection import call
from models.database.damage import find_damage
from models.database.types_read import is_mistyped
from models.documents import DocumentSource, EveryDocument, NamedSerials, document
from models.errors import DamagedRow, Refusal, SerialdockError
from models.importing import imports
from models.importing.columns import header_key
from models.items.items import item_form, save_item
from models.items.list import ItemSource
from models.items.rules import item_facts, set_serial_rule
from models.items.stock import StockChanges
from models.locations import PlaceSource, list_places, place
from models.paging import ListWindow, RowSource, read_window
from models.permissions import Actor, permissions_of
from models.schema import (
    TABLES,
    Document,
    DraftAnswer,
    ImportedFile,
    ImportMade,
    ImportMapping,
    ScanMark,
    SerialNgram,
    SerialSegment,
    WordField,
    bound,
    columns_of,
    is_sqlite,
)
from models.serials.corrections import change_item, correct
from models.serials.grid import Selection, SerialSource, count_removed, holdings
from models.serials.moves import Answers, move
from models.serials.possible import possible
from models.serials.receive import ReceiptLine, receive_serials
from models.serials.record import (
    NamedText,
    documents_of,
    find_many,
    find_serials,
    history,
    serial_detail,
    serial_numbers,
)
from models.serials.void import void_document, void_last
from models.settings import database_id, list_settings
from models.station.drafts import of_session, open_drafts, taken_of
from models.station.engine import ScanStation
from models.station.lines import LineSource
from models.station.preview import preview
from models.station.record import whole_draft
from models.statuses import StatusSource, statuses
from models.verbs import VERBS
from tests.support.engines import ON_SQLITE
from tests.support.receiving import Station
from tests.support.tampering import behind_the_program
from tests.support.warehouse import Warehouse, set_warranty, statements

ONLY_IN_CONDITIONS: Final = {
    *("user_roles", "imported_files", "import_made", "serial_segments"),
}
"""Tables of which these reads return no value; a damaged one there hides what belongs to it."""

SHA: Final = "a" * 64
WRONG: Final = "wrong!"


class Here(NamedTuple):
    """What the reads look for."""

    boss: Actor
    item: int
    draft: int
    session: str


def _page(source: RowSource[Any]) -> Any:
    return read_window(source, ListWindow(keys=("1",), below=50))


def _resumed(session: str) -> Any:
    station = ScanStation(session=session)
    return station.resume(), station.view


READS: dict[str, Callable[[Any], Any]] = {
    "serial": lambda at: (serial_detail(1), history(1), documents_of(1)),
    "find": lambda at: (find_serials("SN-1"), serial_numbers([1, 2, 3]), find_many([NamedText("SN-1")])),
    "grid": lambda at: (_page(SerialSource(Selection(at.item))), count_removed(at.item), holdings([1, 2, 3])),
    "parts": lambda at: list(ngrams.ranges_with("N-")),
    "form": lambda at: item_form(at.item),
    "items": lambda at: _page(ItemSource()),
    "facts": lambda at: item_facts(at.item),
    "stock": lambda at: _page(StockChanges(at.item)),
    "documents": lambda at: (
        _page(DocumentSource(item_id=at.item)),
        EveryDocument().after(None, 50),
    ),
    "all documents": lambda at: _page(EveryDocument()),
    "sales": lambda at: _page(EveryDocument("sale")),
    "document": lambda at: (document(1), _page(NamedSerials(1))),
    "places": lambda at: (_page(PlaceSource()), list_places(), [place(row.id) for row in list_places()]),
    "customers": lambda at: (list_customers(), _page(CustomerSource()), _page(CustomerSerials(1))),
    "people": lambda at: (people.list_users(), people.list_roles(), permissions_of(1)),
    "statuses": lambda at: (statuses(), _page(StatusSource())),
    "settings": lambda at: (list_settings(), database_id()),
    "drafts": lambda at: (open_drafts(), whole_draft(at.draft)),
    "lines": lambda at: _page(LineSource(at.draft)),
    "resumed": lambda at: _resumed(at.session),
    "sessions": lambda at: (taken_of(at.session), of_session(at.session)),
    "imports": lambda at: (imports.imported_before(SHA), imports.mapping_for(["Serial"])),
    "preview": lambda at: preview(at.item, ["SN-1", "SN-9"], lambda _, __: None, draft_id=at.draft),
}


TRIED: Final[dict[str, Callable[[Any], Any]]] = {
    "void": lambda at: void_last(at.boss, [2], "by mistake", dry_run=True),
    "void document": lambda at: void_document(at.boss, "B-000001", "by mistake", dry_run=True),
    "void import": lambda at: void_document(at.boss, "I-000001", "by mistake", dry_run=True),
    "change item": lambda at: change_item(at.boss, [2], "SAW-2", dry_run=True),
    "sell": lambda at: move(at.boss, VERBS["sell"], [2], Answers(customer="ACME"), dry_run=True),
    "can be done": lambda at: possible(at.boss, 2),
    "permissions": lambda at: permissions_of(at.boss.user_id),
    "station": lambda at: open_drafts(["receive"]),
}
"""What commands and dialogs do before they write."""


@pytest.fixture
def here(database: Any, warehouse: Warehouse) -> Here:
    """A row in every table, the first of which the reads look at."""
    boss, item = warehouse.boss, warehouse.item
    ids = warehouse.add("SN-1", "SN-2", "SN-3", location="DOCK")
    set_serial_rule(boss, item.id, length="2-10")
    save_item(boss, item.id, barcodes=["4006381333931"], warranty_term="2y")
    add_customer(boss, "ACME", code="A1")
    set_warranty(boss, ids[0], date(2026, 1, 1), date(2027, 1, 1))
    correct(boss, ids[0], "SN-1A")
    move(boss, VERBS["sell"], ids[:1], Answers(customer="ACME"))
    move(boss, VERBS["return"], ids[:1], Answers(place="DOCK"))
    station = Station(warehouse)
    station.scan("DOCK", item.sku, "SN-7", "SN-1", "SN-8")
    station.task.announce(boss, ["SN-7", "SN-9"])
    draft = station.task.view.draft_id
    assert draft is not None
    receive_serials(boss, [ReceiptLine(item.id, "SN-4", "SN-4", item.primary_location_id)])
    for table in ("documents", "document_numbers"):  # as an import leaves them
        bound.execute_sql(f"UPDATE {table} SET kind = 'import' WHERE kind = 'receipt'")
    bound.execute_sql("UPDATE documents SET number = 'I-000001' WHERE kind = 'import'")
    document = Document.get(Document.kind == "import")
    at = {"at": document.at, "user": document.user_id}
    ImportedFile.create(document=document, name="a.csv", size=1, sha256=SHA, left_out=0)
    ImportMade.create(document=document, kind="customer", name="ACME")
    ImportMapping.create(header_key=header_key(["Serial"]), columns='{"0": "serial_number"}', dates="dmy", **at)
    DraftAnswer.create(draft=draft, number=99, ask="reason", value="dented", shown="dented", scan="", **at)
    ScanMark.create(session=station.task.session, taken=3)
    SerialSegment.create(segment=0, complete=True)
    SerialNgram.create(id=256 + (ord("N") << 8 | ord("-")), blocks=b"\x01" * 256)
    assert all(table.select().exists() for table in TABLES)
    return Here(boss, item.id, draft, station.task.session)


def _wrong(column: peewee.Field) -> Any:
    of = column.rel_field if isinstance(column, peewee.ForeignKeyField) else column
    if isinstance(of, peewee.TextField):
        return WRONG.encode()
    return WRONG


def _columns() -> Iterator[tuple[str, str, Any]]:
    """Each column of each table, and a value of a wrong type for it."""
    for table in TABLES:
        for name, column in columns_of(table).items():
            of = column.rel_field if isinstance(column, peewee.ForeignKeyField) else column
            is_text = isinstance(of, peewee.TextField)
            if is_text or not column.primary_key:  # others are SQLite's own number of the row, which takes nothing else
                yield table._meta.table_name, name, b"\xff" + WRONG.encode() if is_text else WRONG


def _outcome(database: Any, read: Callable[[Here], Any], here: Here) -> Any:
    """What a read returns, or the sentence with which it ends; any other error ends the test."""
    try:
        return call(database, read, here)
    except SerialdockError as error:
        return error


def _tables_read(database: Any, read: Callable[[Here], Any], here: Here) -> set[str]:
    """The tables that the statements of a read name; what is in others cannot come out of it."""
    with statements(database) as seen:
        assert not is_mistyped(call(database, read, here))
    words = set(re.findall(r"\w+", " ".join(seen)))
    return words & {table._meta.table_name for table in TABLES}


@ON_SQLITE
def test_a_value_of_a_wrong_type_in_any_column_leaves_the_models_only_as_a_sentence(database: Any, here: Here) -> None:
    tables_of = {name: _tables_read(database, read, here) for name, read in READS.items()}
    named = set()
    with behind_the_program(database):
        for table, column, wrong in _columns():
            row, before = bound.execute_sql(f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 1").fetchone()
            change = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
            bound.execute_sql(change, (wrong, row))
            for name in (name for name, tables in tables_of.items() if table in tables):
                found = _outcome(database, READS[name], here)
                if isinstance(found, DamagedRow):
                    assert f"is damaged: table {table}, row {row}: {column} " in found.message
                    named.add(table)
                else:  # without the row, or the refusal of what belongs to it
                    assert isinstance(found, Refusal) or WRONG not in repr(found), f"{table}.{column} in {name}"
            bound.execute_sql(change, (before, row))
    assert not any(is_mistyped(call(database, read, here)) for read in READS.values())
    assert {table._meta.table_name for table in TABLES} - named == ONLY_IN_CONDITIONS


def _differs(database: Any, here: Here, good: dict[str, Any]) -> Iterator[str]:
    """The reads that neither return what they did before, nor say what is damaged."""
    for name, read in (READS | TRIED).items():
        found = _outcome(database, read, here)
        if not isinstance(found, DamagedRow) and _told(found) != _told(good[name]):
            yield name


def _told(outcome: Any) -> Any:
    return outcome.message if isinstance(outcome, SerialdockError) else outcome


FREE: Final = {
    *(
        "login",
        "name",
        "name_key",
        "code",
        "reference",
        "notes",
        "sku",
        "sku_key",
        "barcode",
        "pattern",
        "strip",
        "label",
    ),
    *("number", "note", "repairer", "mark", "serial_number", "serial_key", "sort_key", "alias_key", "near_key"),
    *(
        "scan",
        "condition_notes",
        "warranty_void",
        "changes",
        "session",
        "value",
        "shown",
        "message",
        "sha256",
        "header_key",
    ),
    *("columns", "encoding", "reason"),
}
"""Text columns that may hold many texts. The reason of a problem is one: an unknown one confirms nothing, and is shown
by its message alone."""


def test_every_text_column_is_one_of_words_or_of_free_text() -> None:
    for table in TABLES:
        for name, column in columns_of(table).items():
            if isinstance(column, WordField):
                assert column.words or column.form, f"{table}.{name}: no module gives it its words"
            elif isinstance(column, peewee.TextField):
                assert name in FREE, f"{table}.{name}: a WordField, or free text?"


def _words() -> Iterator[tuple[str, str, str, str]]:
    """Each column that has one of a fixed set of words: table, column, which rows, and a word that is none of them."""
    for table in TABLES:
        for name, column in columns_of(table).items():
            if isinstance(column, WordField):
                yield table._meta.table_name, name, "1 = 1", "Foo"
    yield "statuses", "code", "code = 'in_stock'", "foo"
    yield "settings", "value", "name = 'new_people'", "Foo"
    yield "settings", "value", "name = 'undo_minutes'", "Foo"


def test_a_wrong_word_in_any_column_of_words_is_named_by_every_reader_and_by_the_check(
    database: Any, here: Here, engine: str
) -> None:
    _without_conditions(database)
    good = {name: _outcome(database, read, here) for name, read in (READS | TRIED).items()}
    row = "rowid" if engine == "sqlite" else "ctid"
    with behind_the_program(database):
        for table, column, where, word in _words():
            for order in ("ASC", "DESC") if engine == "sqlite" else ("ASC",):
                at, before = bound.execute_sql(
                    f"SELECT {row}, {column} FROM {table} WHERE {where} ORDER BY {row} {order} LIMIT 1"
                ).fetchone()
                change = f"UPDATE {table} SET {column} = {bound.param} WHERE "
                bound.execute_sql(f"{change}{row} = {bound.param}", (word, at))
                assert list(_differs(database, here, good)) == [], (table, column)
                wrong = "no row has the code in_stock" if word == "foo" else f"row .*: {column} is 'Foo'"
                named = re.compile(f"The database is damaged: table {table}, {wrong}")
                assert any(named.match(line) for line in _checked(database)), (table, column)
                bound.execute_sql(f"{change}{column} = {bound.param}", (before, word))
    assert list(_differs(database, here, good)) == []


def _checked(database: Any) -> list[str]:
    """What the check says of damage."""
    findings = Findings()
    if is_sqlite():
        assert damage.find(Path(database.database), findings, lambda *_: None), "the rows cannot be compared"
    else:
        assert damage.find_on_server(database, findings), "the rows cannot be compared"
    return [finding.message for finding in findings.all()]


def test_a_check_goes_on_where_only_words_are_wrong(database: Any, here: Here) -> None:
    with behind_the_program(database):
        for table, column in (
            *(
                ("serial_events", "kind"),
                ("stock_changes", "kind"),
                ("documents", "kind"),
                ("document_numbers", "kind"),
            ),
            *(("statuses", "colour"), ("role_permissions", "permission"), ("import_made", "kind"), ("drafts", "task")),
        ):
            one = "ctid" if not is_sqlite() else "rowid"
            bound.execute_sql(f"UPDATE {table} SET {column} = 'Foo' WHERE {one} = (SELECT min({one}) FROM {table})")
    report = check(database)
    told = Counter(finding.code for finding in report.findings)
    assert report.documents == Document.select(Document.id).count()
    assert told["row_damaged"] == 8
    assert told.keys() > {"row_damaged", "history_move", "stock_kind", "document_kind", "status_differs"}


def _without_conditions(database: Any) -> None:
    """Remove the conditions of a server's tables, which keep some words out; SQLite's are off behind the program."""
    if is_sqlite():
        return
    rows = database.execute_sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = "
        "current_schema()::regnamespace"
    )
    for table, name in rows.fetchall():
        database.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@ON_SQLITE
def test_a_damaged_number_is_named_by_everything_that_adds_it_up(database: Any, here: Here) -> None:
    good = {name: _outcome(database, read, here) for name, read in (READS | TRIED).items()}
    _nullable(database, "stock", "on_hand")
    _nullable(database, "serial_counts", "serials")
    with behind_the_program(database):
        for table, column in (("stock", "on_hand"), ("serial_counts", "serials"), ("draft_items", "expected")):
            row, before = bound.execute_sql(f"SELECT rowid, {column} FROM {table} LIMIT 1").fetchone()
            change = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
            for wrong in ("many", b"12", 2.5, *([None] if table != "draft_items" else [])):
                bound.execute_sql(change, (wrong, row))
                assert list(_differs(database, here, good)) == [], (table, wrong)
                named = find_damage(database)
                assert named is not None
                assert f"table {table}, row {row}: {column} is {wrong!r}" in named.message
            bound.execute_sql(change, (before, row))


@ON_SQLITE
@pytest.mark.parametrize("table", ["stock", "serial_counts"])
def test_nothing_is_added_to_a_damaged_number(database: Any, here: Here, table: str) -> None:
    column = "on_hand" if table == "stock" else "serials"
    with behind_the_program(database):
        bound.execute_sql(f"UPDATE {table} SET {column} = 'many'")
        with pytest.raises(DamagedRow, match=f"table {table}, row [0-9]+: {column} is 'many'"):
            call(database, receive_serials, here.boss, [ReceiptLine(here.item, "NEW", "NEW", 2)])
        assert bound.execute_sql(f"SELECT DISTINCT {column} FROM {table}").fetchall() == [("many",)]


def test_of_several_damaged_rows_the_one_is_named_that_was_read(database: Any, here: Here) -> None:
    with behind_the_program(database):
        bound.execute_sql(
            "UPDATE role_permissions SET permission = 'Foo' WHERE role_id <> 1 AND permission = 'INV_VIEW'"
        )
        bound.execute_sql("UPDATE serial_events SET kind = 'Foo' WHERE serial_id = 1")
        with pytest.raises(DamagedRow, match="table serial_events, row"):
            call(database, history, 1)
        if is_sqlite():
            bound.execute_sql("UPDATE stock SET on_hand = 'many'")
            with pytest.raises(DamagedRow, match="table stock, row"):
                call(database, _page, ItemSource())


def test_numbers_of_documents_do_not_begin_again_where_their_row_is_damaged(database: Any, here: Here) -> None:
    bound.execute_sql("UPDATE document_numbers SET kind = 'Foo' WHERE kind = 'sale'")
    with pytest.raises(DamagedRow, match=r"table document_numbers, row .*: kind is 'Foo'"):
        call(database, move, here.boss, VERBS["sell"], [2], Answers(customer="ACME"))


def _nullable(database: Any, table: str, column: str) -> None:
    """Let a column be empty, as a damaged page can make it."""
    database.execute_sql("PRAGMA writable_schema = 1")
    database.execute_sql(
        f"UPDATE sqlite_master SET sql = replace(sql, '{column} bigint NOT NULL', '{column} bigint') WHERE name = ?",
        (table,),
    )
    database.execute_sql("PRAGMA writable_schema = RESET")

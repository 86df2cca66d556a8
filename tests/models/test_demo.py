"""The demo warehouse: believable, exact in its numbers, true in its histories, and the same again."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import clock, demo
from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.database.unit import together
from models.demo import DemoSummary, load_demo
from models.demo.catalogue import ARTICLES, BEST_SELLER, STYLES, allot, check_digit
from models.errors import BadValue, NotAllowed
from models.items.items import create_item, find_item, item_form
from models.locations import list_places
from models.people import account_name, list_users, sign_in
from models.permissions import ADMINISTRATOR
from models.schema import (
    Document,
    Item,
    ItemBarcode,
    Location,
    Serial,
    SerialEvent,
    Status,
    bound,
    is_sqlite,
    read_date,
)
from models.serials.record import find_serial, find_serials, serial_detail
from models.terms import Warranty, warranty_status
from models.text import clean_serial, serial_key
from models.verbs import BY_KIND, STATUSES, DocumentKind
from tests.support.cases import each
from tests.support.engines import ON_SQLITE


def _dump(path: Path, serials: int, seed: str) -> list[Any]:
    database = open_database(str(path))
    connect(database)
    try:
        load_demo(database, serials, seed=seed)
        columns = (
            "serial_id, number, kind, at, user_id, login_user_id, document_id, item_id, serial_number, to_status_id"
        )
        rows: list[Any] = []
        for query in (
            "SELECT * FROM serials ORDER BY id",
            f"SELECT {columns}, to_location_id, to_customer_id, changes, note FROM serial_events ORDER BY id",
            "SELECT * FROM documents ORDER BY id",
            "SELECT * FROM stock ORDER BY item_id, location_id",
        ):
            rows += database.execute_sql(query).fetchall()
        return rows
    finally:
        disconnect(database)


VERB_MODULES = {
    "models.customers": {"add_customer"},
    "models.database.bulk": {"blocks", "large_page_cache"},
    "models.database.unit": {"together", "write"},
    "models.documents": {"NamedSerials", "find_document"},
    "models.importing": {"staging"},
    "models.importing.columns": {"Field", "recognise"},
    "models.importing.imports": {"import_staged", "stage"},
    "models.importing.table": {"open_table"},
    "models.items.items": {"create_item"},
    "models.locations": {"create_location"},
    "models.people": {"add_role", "add_user", "grant", "list_roles", "list_users", "sign_in"},
    "models.serials.add": {"add_serials"},
    "models.serials.corrections": {"change_item", "change_warranty", "correct", "remove"},
    "models.serials.moves": {"Answers", "move"},
    "models.serials.receive": {"ReceiptLine", "receive_serials"},
    "models.serials.record": {"add_note", "set_condition_notes"},
    "models.serials.void": {"void_document", "void_last"},
    "models.statuses": {"add_status"},
}
"""What the demo may use of the modules that can write: the operations that people call, and what only reads."""

HARMLESS = {"models.clock", "models.errors", "models.migrations", "models.permissions", "models.schema", "models.text"}
HARMLESS |= {"models.verbs", "models"}


def test_the_demo_lives_by_the_verbs_alone() -> None:
    for path in Path(demo.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not str(node.module).startswith("models.demo"):
                names = {alias.name for alias in node.names}
                if str(node.module).startswith("models") and node.module not in HARMLESS:
                    assert names <= VERB_MODULES.get(str(node.module), set()), f"{path.name}: {node.module}"
                assert node.module != "models" or names <= {"clock"}, path.name
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute):
                writes = {"create", "insert", "insert_many", "update", "delete", "save", "executemany"}
                assert called.attr not in writes, f"{path.name}: line {node.lineno}"
            if isinstance(called, ast.Attribute) and called.attr == "execute_sql":
                (sql,) = node.args
                assert isinstance(sql, ast.Constant), path.name
                assert str(sql.value).split()[0] in ("PRAGMA", "ANALYZE"), path.name


FEWER = 1_200
"""Serials of the demo on PostgreSQL, where the usual number takes three times as long as on SQLite."""

_summaries: dict[bool, DemoSummary] = {}
"""What the usual demo of a worker says of itself, by whether it is on SQLite."""


def _load() -> None:
    _summaries[is_sqlite()] = load_demo(bound.obj) if is_sqlite() else load_demo(bound.obj, FEWER)


CONTENTS = {"summary": _load}


@pytest.fixture
def summary(database: Any) -> DemoSummary:
    """The usual demo, with which the database was copied."""
    assert database
    return _summaries[is_sqlite()]


def test_the_demo_has_five_thousand_serials_in_every_status_and_nothing_wrong(
    database: Any, summary: DemoSummary
) -> None:
    serials = 5_000 if is_sqlite() else FEWER
    report = check(database)
    assert report.findings == ()
    assert (report.serials, report.events, report.documents) == (serials, summary.events, summary.documents)
    assert Serial.select().count() == serials
    assert SerialEvent.select().count() == summary.events
    codes = Counter(row.status.code for row in Serial.select(Serial, Status).join(Status))
    assert set(codes) == {*STATUSES, "showroom"}
    assert {row.kind for row in SerialEvent.select(SerialEvent.kind).distinct()} == set(BY_KIND)
    assert {row.kind for row in Document.select(Document.kind).distinct()} == set(DocumentKind)
    _every_item_and_place_is_used(summary)
    form = item_form(find_item("LAP-14-I7").id)
    assert (form.name, form.on_hand, form.serials, form.without) == ('Laptop 14" i7 16 GB', 10, 7, 3)
    assert form.records > 7
    assert 0.22 * serials <= item_form(find_item(BEST_SELLER).id).records <= 0.26 * serials
    today = clock.today()
    states = Counter(
        warranty_status(read_date(row.warranty_start), read_date(row.warranty_end), row.warranty_void, today)
        for row in Serial.select()
    )
    assert set(states) == set(Warranty)
    assert states[Warranty.EXPIRED] > serials / 100


def _every_item_and_place_is_used(summary: DemoSummary) -> None:
    assert summary.items == Item.select().count() == len(ARTICLES) >= 60
    with_serials = {row.item_id for row in Serial.select(Serial.item).distinct()}
    assert with_serials == {item.id for item in Item.select().where(Item.track_serials)}
    for item in Item.select():
        form = item_form(item.id)
        assert form.on_hand > 0
        assert all(place.without >= 0 for place in form.places)
        assert item.track_serials or form.records == 0
    assert any(item_form(item.id).without == 0 for item in Item.select().where(Item.track_serials))
    depths = Counter(place.depth for place in list_places())
    assert set(depths) == {0, 1, 2}
    assert summary.locations == sum(depths.values())


@pytest.mark.usefixtures("summary")
def test_the_history_of_the_demo_is_told_in_the_order_of_time() -> None:
    shared = next(row for row in Serial.select() if len(find_serials(row.serial_number)) > 1)
    assert shared.serial_number.startswith("SN-")  # two makers began at the same number
    assert find_serial(shared.serial_number, shared.item.sku) == shared.id
    for prefix, kind in {"R": "receipt", "S": "sale", "B": "return", "T": "transfer"}.items():
        papers = list(Document.select().where(Document.kind == kind).order_by(Document.number))
        assert [paper.number for paper in papers] == [f"{prefix}-{number:06d}" for number in range(1, len(papers) + 1)]
        moments = [paper.at for paper in papers]
        assert moments == sorted(moments)
    every = list(Document.select().order_by(Document.id))
    assert [paper.at for paper in every] == sorted(paper.at for paper in every)
    before: dict[int, Any] = {}
    for event in SerialEvent.select().order_by(SerialEvent.serial, SerialEvent.number):
        assert event.at < clock.now()
        assert event.number == 1 or event.at > before[event.serial_id]
        before[event.serial_id] = event.at
    sent, came = _transfer_that_came_short()
    assert 0 < came < sent
    for number, kind in ((1, "sold"), (1, "returned"), (2, "voided")):
        assert SerialEvent.select().where(SerialEvent.kind == kind).count() >= number
    sold = SerialEvent.select().where(SerialEvent.kind == "sold").order_by(SerialEvent.id).first()
    detail = serial_detail(sold.serial_id)
    sale = next(document for document in detail.documents if document.kind == "sale")
    assert sale.customer is not None
    assert next(event.to_customer for event in detail.events if event.kind == "sold") == sale.customer
    assert next(event.document for event in detail.events if event.kind == "sold") == sale.number


def _transfer_that_came_short() -> tuple[int, int]:
    """The serials of a transfer of which some have not arrived, and how many have."""
    for arrival in Document.select().where(Document.kind == "arrival"):
        sent = Document.get_by_id(arrival.source_document_id).serials
        if sent > arrival.serials:
            return sent, arrival.serials
    return 0, 0


@pytest.mark.usefixtures("summary")
def test_barcodes_of_the_demo_end_in_their_check_digit() -> None:
    codes = [row.barcode for row in ItemBarcode.select()]
    assert len(codes) > len(ARTICLES)
    for code in codes:
        assert len(code) in (13, 14)
        assert check_digit(code[:-1]) == int(code[-1])


def test_the_check_digit_is_that_of_a_printed_code() -> None:
    assert check_digit("629104150021") == 3  # the example of GS1's own page on check digits


@each("style", STYLES)
def test_serials_of_a_style_are_clean_and_never_the_same(style: str) -> None:
    numbers = (*range(1, 3_000), 29_790, 29_791, 923_520, 923_521, 923_522, 9_999_999, 10_000_000)
    texts = [STYLES[style](number, week) for number, week in zip(numbers, ["601", "952"] * len(numbers), strict=False)]
    assert len({serial_key(text) for text in texts}) == len(numbers)
    assert all(clean_serial(text) == text for text in texts)


def test_whoever_makes_the_demo_is_its_administrator_and_others_have_their_roles(summary: DemoSummary) -> None:
    roles = {user.login: user.roles for user in list_users()}
    assert roles[account_name()] == (ADMINISTRATOR,)
    assert roles["dock1"] == ("dock",)
    assert roles["office1"] == ("viewer",)
    assert len(roles) == summary.users


@pytest.mark.parametrize("serials", [0, 1, 2, 20, 400])
@ON_SQLITE
def test_the_demo_has_exactly_as_many_serials_as_wanted(database: Any, serials: int) -> None:
    summary = load_demo(database, serials)
    assert summary.serials == Serial.select().count() == serials
    report = check(database)
    assert (report.findings, report.serials) == ((), serials)


@each("total", [0, 1, 7, 4_999, 5_000, 5_001, 20_000, 1_000_000, 10_000_000])
def test_the_items_parts_make_up_the_whole(total: int) -> None:
    parts = allot(total)
    assert sum(parts) == total
    assert min(parts) >= 0
    assert all(number == 0 for number, article in zip(parts, ARTICLES, strict=True) if not article.style)


def test_most_of_a_million_serials_are_the_best_sellers() -> None:
    assert max(allot(1_000_000)) > 500_000


def test_the_same_seed_makes_the_same_demo_and_another_one_another(tmp_path: Path) -> None:
    first = _dump(tmp_path / "a.sqlite3", 100, "one")
    assert _dump(tmp_path / "b.sqlite3", 100, "one") == first
    assert _dump(tmp_path / "c.sqlite3", 100, "two") != first


def test_a_database_in_use_is_not_turned_into_a_demo(database: Any) -> None:
    create_item(sign_in(), "MINE", "My own item")
    with pytest.raises(NotAllowed, match="in use"):
        load_demo(database, 10)
    assert [item.sku for item in Item.select()] == ["MINE"]


def test_fewer_than_no_serials_are_refused(database: Any) -> None:
    with pytest.raises(BadValue, match="-1"):
        load_demo(database, -1)


@ON_SQLITE
def test_a_load_that_is_stopped_leaves_nothing(database: Any) -> None:
    class StoppedError(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        assert 0 < done <= total == 200
        if done > 100:
            raise StoppedError

    with pytest.raises(StoppedError):
        load_demo(database, 200, progress=stop)
    assert (Item.select().count(), Serial.select().count(), Location.select().count()) == (0, 0, 1)
    told: list[tuple[str, int, int]] = []
    note: Callable[[str, int, int], None] = lambda *step: told.append(step)  # noqa: E731
    load_demo(database, 100, progress=note)
    assert Serial.select().count() == 100
    steps = [done for _, done, _ in told]
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert len(steps) > 10


def test_operations_belong_together_only_inside_a_unit(database: Any) -> None:
    with pytest.raises(RuntimeError, match="only while one runs"), together():
        pass

"""A database made by every earlier schema gets what the verbs need; nothing that was there is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from models import migrations
from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.items.items import item_form
from models.migrations import CURRENT, MIGRATIONS, migrate
from models.migrations.dialect import seal_people
from models.people import sign_in
from models.schema import Item, Serial, StockChange, is_sqlite
from models.serials.moves import Answers, move
from models.serials.record import find_serial, serial_detail
from models.serials.void import void_last
from models.settings import setting
from models.station.drafts import open_drafts
from models.station.record import whole_draft
from models.verbs import MOVES

BEFORE = MIGRATIONS.index("m0008_verbs")


@pytest.fixture
def old(database_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A database of an earlier schema with an item, a sold serial, and codes that several things have."""
    opened = open_database(database_url)
    connect(opened)
    with monkeypatch.context() as earlier:
        earlier.setattr(migrations, "MIGRATIONS", MIGRATIONS[: request.param])
        earlier.setattr(migrations, "CURRENT", request.param)
        if request.param < MIGRATIONS.index("m0004_settings") + 1:  # then there were no roles of PostgreSQL to remember
            earlier.setattr(migrations.grants, "grant_anew", lambda _: None)
        migrate(opened)
    _fill(opened)
    if "digest" in {column.name for column in opened.get_columns("users")}:
        seal_people(opened)
    yield opened
    disconnect(opened)


def _fill(database: Any) -> None:
    at = datetime(2025, 3, 1, 9, tzinfo=UTC)
    moment = at.isoformat(" ", "microseconds") if is_sqlite() else at
    one = database.param

    def add(table: str, **values: Any) -> None:
        marks = ", ".join([one] * len(values))
        database.execute_sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))

    add("users", login="ann", active=True, created_at=moment)
    database.execute_sql(
        "INSERT INTO user_roles (user_id, role_id) SELECT 1, id FROM roles WHERE name = 'administrator'"
    )
    add("locations", code="SAW-1", name="")
    customer = {"name": "Bergmann AG"}
    if "name_key" in {column.name for column in database.get_columns("customers")}:
        customer["name_key"] = "BERGMANNAG"
    add("customers", **customer)
    for sku in ("saw-1", "DRILL"):
        add(
            "items",
            sku=sku,
            sku_key=sku.upper(),
            name=sku,
            name_key=sku.upper(),
            primary_location_id=1,
            track_serials=True,
            version=1,
            changed_at=moment,
            changed_by_id=1,
        )
    for barcode, item in (("Drill", 1), ("DRILL", 2), ("MAIN", 2), ("4006", 2)):
        add("item_barcodes", barcode=barcode, item_id=item)
    statuses = dict(database.execute_sql("SELECT code, id FROM statuses").fetchall())
    add(
        "serials",
        item_id=1,
        serial_number="A1",
        serial_key="A1",
        sort_key="A011",
        status_id=statuses["sold"],
        location_id=1,
        customer_id=1,
        condition_notes="",
        date_received="2025-03-01",
        version=2,
    )
    add("serial_counts", item_id=1, location_id=1, status_id=statuses["sold"], serials=1)
    event = {"serial_id": 1, "at": moment, "user_id": 1, "item_id": 1, "serial_number": "A1", "note": ""}
    came = '{"date_received":[null,"2025-03-01"]}'
    first = {"to_status_id": statuses["in_stock"], "to_location_id": 1, "changes": came}
    add("serial_events", **event, **first, number=1, kind="added")
    add(
        "serial_events",
        **event,
        number=2,
        kind="sold",
        from_status_id=statuses["in_stock"],
        to_status_id=statuses["sold"],
        from_location_id=1,
        to_location_id=1,
        to_customer_id=1,
    )
    tables = set(database.get_tables())
    if "stock_changes" not in tables:  # then the history of quantities begins with the migration
        add("stock", item_id=2, location_id=1, on_hand=3)
    if "drafts" in tables:
        _begin_draft(add, moment)


def _begin_draft(add: Callable[..., None], moment: Any) -> None:
    """An open receipt with one scanned serial."""
    who = {"started_by_id": 1, "started_at": moment, "user_id": 1, "changed_at": moment, "seen_at": moment}
    add("drafts", task="receive", state="open", location_id=1, item_id=2, note="", **who)
    add("draft_people", draft_id=1, number=1, user_id=1, at=moment)
    add("draft_items", draft_id=1, item_id=2, adds_quantity=True)
    add(
        "draft_lines",
        draft_id=1,
        number=1,
        position=1,
        kind="serial",
        state="good",
        at=moment,
        user_id=1,
        how="scanned",
        scan="D1",
        item_id=2,
        location_id=1,
        serial_number="D1",
        serial_key="D1",
        near_key="D1",
        reason="",
        message="",
    )


@pytest.mark.parametrize("old", range(1, BEFORE + 1), indirect=True, ids=MIGRATIONS[:BEFORE])
def test_a_database_of_an_earlier_schema_lives_on(old: Any) -> None:
    told: list[str] = []
    had_drafts, had_history = ("drafts" in old.get_tables(), "stock_changes" in old.get_tables())
    assert migrate(old, told.append)[-1] == MIGRATIONS[-1]
    assert [sentence for sentence in told if "location" in sentence or "barcode" in sentence] == [
        "The item saw-1 is saw-1 (2) now: a location has that code.",
        "The barcode Drill is Drill (2) now: a location or another item has that code.",
        "The barcode MAIN is MAIN (2) now: a location or another item has that code.",
    ]
    assert migrations.version(old) == CURRENT
    assert setting("undo_minutes") == "15"
    ann = sign_in("ann")
    detail = serial_detail(find_serial("A1", "saw-1 (2)"))
    assert (detail.status.code, detail.customer) == ("sold", "Bergmann AG")
    assert {event.units for event in detail.events} == {None}
    undone = void_last(ann, [detail.id], "wrong unit")
    assert (undone.units, undone.said) == (
        0,
        ("What one of them did to the quantity was not recorded then; the quantity stays as it is.", "Undoes: sold."),
    )
    move(ann, MOVES["sell"], [detail.id], Answers(customer="bergmann ag"))
    assert Serial.get().customer_id == 1
    drill = Item.get(Item.sku == "DRILL")
    history = [(row.kind, row.units) for row in StockChange.select().where(StockChange.item == drill.id)]
    assert history == ([] if had_history else [("opening", 3)])
    assert item_form(drill.id).on_hand == (0 if had_history else 3)
    scanned = [[line.serial_number for line in whole_draft(draft.id).lines] for draft in open_drafts(["receive"])]
    assert scanned == ([["D1"]] if had_drafts else [])
    assert check(old).findings == ()

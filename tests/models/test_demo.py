"""The demo warehouse: believable, exact in its numbers, true in its histories, and the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models import clock
from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.demo import load_demo
from models.demo.catalogue import ARTICLES, BEST_SELLER, STYLES, allot, check_digit
from models.errors import BadValue, NotAllowed
from models.items.items import create_item, find_item, item_form
from models.ledger import Warranty, warranty_status
from models.locations import list_places
from models.people import account_name, list_users, sign_in
from models.permissions import ADMINISTRATOR
from models.schema import Document, Item, ItemBarcode, Location, Serial, SerialEvent, Status, read_date
from models.serials.record import find_serial, find_serials, serial_detail
from models.text import clean_serial, serial_key
from models.verbs import BY_KIND, STATUSES
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


def test_the_demo_has_five_thousand_serials_in_every_status_and_nothing_wrong(database: Any) -> None:
    summary = load_demo(database)
    report = check(database)
    assert report.findings == ()
    assert (report.serials, report.events, report.documents) == (5_000, summary.events, summary.documents)
    assert Serial.select().count() == 5_000
    assert SerialEvent.select().count() == summary.events
    codes = Counter(row.status.code for row in Serial.select(Serial, Status).join(Status))
    assert set(codes) == set(STATUSES)
    assert min(codes.values()) >= 5
    assert {row.kind for row in SerialEvent.select(SerialEvent.kind).distinct()} == set(BY_KIND) - {"imported"}


def test_every_item_and_every_place_of_the_demo_is_used(database: Any) -> None:
    summary = load_demo(database)
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


def test_the_laptop_of_the_demo_has_ten_on_hand_seven_serials_and_three_without(database: Any) -> None:
    load_demo(database)
    form = item_form(find_item("LAP-14-I7").id)
    assert form.name == 'Laptop 14" i7 16 GB'
    assert (form.on_hand, form.serials, form.without) == (10, 7, 3)
    assert form.records > 7


def test_the_best_seller_has_a_quarter_of_the_serials(database: Any) -> None:
    load_demo(database)
    assert 1_100 <= item_form(find_item(BEST_SELLER).id).records <= 1_300


def test_warranties_of_the_demo_are_in_every_state(database: Any) -> None:
    load_demo(database)
    today = clock.today()
    states = Counter(
        warranty_status(read_date(row.warranty_start), read_date(row.warranty_end), row.warranty_void, today)
        for row in Serial.select()
    )
    assert set(states) == set(Warranty)
    assert states[Warranty.EXPIRED] > 50


def test_documents_of_the_demo_are_numbered_in_the_order_of_time_without_a_gap(database: Any) -> None:
    load_demo(database, 1_500)
    for prefix, kind in {"R": "receipt", "S": "sale", "B": "return", "T": "transfer"}.items():
        papers = list(Document.select().where(Document.kind == kind).order_by(Document.number))
        assert [paper.number for paper in papers] == [f"{prefix}-{number:06d}" for number in range(1, len(papers) + 1)]
        moments = [paper.at for paper in papers]
        assert moments == sorted(moments)
    every = list(Document.select().order_by(Document.id))
    assert [paper.at for paper in every] == sorted(paper.at for paper in every)


def test_nothing_in_the_demo_happened_later_than_now_or_before_what_it_follows(database: Any) -> None:
    load_demo(database, 1_000)
    before: dict[int, Any] = {}
    for event in SerialEvent.select().order_by(SerialEvent.serial, SerialEvent.number):
        assert event.at < clock.now()
        assert event.number == 1 or event.at > before[event.serial_id]
        before[event.serial_id] = event.at


def test_a_sale_of_the_demo_shows_its_document_and_its_customer(database: Any) -> None:
    load_demo(database, 1_000)
    sold = Serial.get(Serial.status == Status.get(Status.code == "sold"))
    detail = serial_detail(sold.id)
    sale = [document for document in detail.documents if document.kind == "sale"][-1]
    assert detail.customer is not None
    assert detail.customer == sale.customer
    assert [event.document for event in detail.events if event.kind == "sold"][-1] == sale.number


def test_two_makers_of_the_demo_began_at_the_same_number(database: Any) -> None:
    load_demo(database, 2_000)
    shared = next(row for row in Serial.select() if len(find_serials(row.serial_number)) > 1)
    assert shared.serial_number.startswith("SN-")
    assert find_serial(shared.serial_number, shared.item.sku) == shared.id


def test_barcodes_of_the_demo_end_in_their_check_digit(database: Any) -> None:
    load_demo(database, 0)
    codes = [row.barcode for row in ItemBarcode.select()]
    assert len(codes) > len(ARTICLES)
    for code in codes:
        assert len(code) in (13, 14)
        assert check_digit(code[:-1]) == int(code[-1])


def test_the_check_digit_is_that_of_a_printed_code() -> None:
    assert check_digit("629104150021") == 3  # the example of GS1's own page on check digits


@pytest.mark.parametrize("style", STYLES)
def test_serials_of_a_style_are_clean_and_never_the_same(style: str) -> None:
    numbers = (*range(1, 3_000), 29_790, 29_791, 923_520, 923_521, 923_522, 9_999_999, 10_000_000)
    texts = [STYLES[style](number, week) for number, week in zip(numbers, ["601", "952"] * len(numbers), strict=False)]
    assert len({serial_key(text) for text in texts}) == len(numbers)
    assert all(clean_serial(text) == text for text in texts)


def test_whoever_makes_the_demo_is_its_administrator_and_others_have_their_roles(database: Any) -> None:
    summary = load_demo(database, 0)
    roles = {user.login: user.roles for user in list_users()}
    assert roles[account_name()] == (ADMINISTRATOR,)
    assert roles["dock1"] == ("dock",)
    assert roles["office1"] == ("viewer",)
    assert len(roles) == summary.users


@pytest.mark.parametrize("serials", [0, 1, 2, 20_000])
@ON_SQLITE
def test_the_demo_has_exactly_as_many_serials_as_wanted(database: Any, serials: int) -> None:
    summary = load_demo(database, serials)
    assert summary.serials == Serial.select().count() == serials
    report = check(database)
    assert (report.findings, report.serials) == ((), serials)


@pytest.mark.parametrize("total", [0, 1, 7, 4_999, 5_000, 5_001, 20_000, 1_000_000, 10_000_000])
def test_the_items_parts_make_up_the_whole(total: int) -> None:
    parts = allot(total)
    assert sum(parts) == total
    assert min(parts) >= 0
    assert all(number == 0 for number, article in zip(parts, ARTICLES, strict=True) if not article.style)


def test_most_of_a_million_serials_are_the_best_sellers() -> None:
    assert max(allot(1_000_000)) > 500_000


def test_the_same_seed_makes_the_same_demo_and_another_one_another(tmp_path: Path) -> None:
    first = _dump(tmp_path / "a.sqlite3", 300, "one")
    assert _dump(tmp_path / "b.sqlite3", 300, "one") == first
    assert _dump(tmp_path / "c.sqlite3", 300, "two") != first


def test_a_database_in_use_is_not_turned_into_a_demo(database: Any) -> None:
    create_item(sign_in(), "MINE", "My own item")
    with pytest.raises(NotAllowed, match="in use"):
        load_demo(database, 10)
    assert [item.sku for item in Item.select()] == ["MINE"]


def test_fewer_than_no_serials_are_refused(database: Any) -> None:
    with pytest.raises(BadValue, match="-1"):
        load_demo(database, -1)


@pytest.mark.parametrize("phase", ["Planning", "Loading"])
def test_a_load_that_is_stopped_leaves_nothing(database: Any, phase: str) -> None:
    class StoppedError(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        assert 0 < done <= total == 6_000
        if what == phase:
            raise StoppedError

    with pytest.raises(StoppedError):
        load_demo(database, 6_000, progress=stop)
    assert (Item.select().count(), Serial.select().count(), Location.select().count()) == (0, 0, 1)
    load_demo(database, 10)
    assert Serial.select().count() == 10


def test_progress_is_told_for_both_tellings_up_to_the_end(database: Any) -> None:
    told: list[tuple[str, int, int]] = []
    note: Callable[[str, int, int], None] = lambda *step: told.append(step)  # noqa: E731
    load_demo(database, 12_000, progress=note)
    for phase in ("Planning", "Loading"):
        steps = [done for what, done, total in told if what == phase]
        assert steps == sorted(steps)
        assert steps[-1] == 12_000
        assert len(steps) >= 2

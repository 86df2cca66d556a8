"""Adding serials by hand: In Stock at once, all or none, and a duplicate is told where the other one is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from models import clock
from models.database import bulk
from models.errors import BadValue, Duplicate, NotFound, NotTracked
from models.items.items import create_item, item_form, save_item
from models.schema import Serial, SerialCount, SerialEvent, Status
from models.serials.add import Added, AddResult, Wanted, add_each, add_serial, add_serials
from models.serials.moves import transfer_serials
from models.serials.record import serial_detail
from tests.support.cases import each
from tests.support.warehouse import Warehouse, events, fingerprint, put, together


def test_a_serial_is_in_stock_at_the_items_primary_location(warehouse: Warehouse) -> None:
    before = datetime.now(UTC)
    added = add_serial(warehouse.boss, warehouse.item.id, " 00123-a ", notes="scratched ")
    detail = serial_detail(added.serial_ids[0])
    assert (added.serial_numbers, added.location) == (["00123-a"], "MAIN")
    assert (detail.serial_number, detail.status.label, detail.location) == ("00123-a", "In Stock", "MAIN")
    assert (detail.condition_notes, detail.date_received, detail.customer) == ("scratched", clock.today(), None)
    (event,) = detail.events
    assert (event.number, event.kind, event.user, event.login_user) == (1, "added", "boss", None)
    assert (event.from_status, event.to_status) == (None, "in_stock")
    assert (event.from_location, event.to_location) == (None, "MAIN")
    assert event.changes == {
        "condition_notes": ["", "scratched"],
        "date_received": [None, clock.today().isoformat()],
    }
    assert before <= event.at <= datetime.now(UTC)
    assert event.at.utcoffset() == before.utcoffset()
    assert detail.documents == []


def test_a_place_may_be_named_whatever_its_case(warehouse: Warehouse) -> None:
    assert add_serial(warehouse.boss, warehouse.item.id, "A1", location=" shelf ").location == "SHELF"
    assert add_serial(warehouse.boss, warehouse.item.id, "A2", location="").location == "MAIN"
    with pytest.raises(NotFound, match=r"There is no location ATTIC\.$") as refused:
        add_serial(warehouse.boss, warehouse.item.id, "A3", location="ATTIC")
    assert refused.value.details["command"] == "serialdock location list"
    with pytest.raises(NotFound, match="No location is named"):
        add_serial(warehouse.boss, warehouse.item.id, "A3", location=" ")
    for unheard in ("\udcff", "SHELF\0", "ß"):
        with pytest.raises(NotFound):
            add_serial(warehouse.boss, warehouse.item.id, "A3", location=unheard)


def test_no_quantity_changes(warehouse: Warehouse) -> None:
    warehouse.add(*(f"A{number}" for number in range(12)))
    warehouse.add("B1", location="SHELF")
    form = item_form(warehouse.item.id)
    assert (form.on_hand, form.serials, form.without) == (10, 13, -3)
    assert [(place.location, place.on_hand, place.serials, place.without) for place in form.places] == [
        ("MAIN", 10, 12, -2),
        ("SHELF", 0, 1, -1),
    ]
    assert sum(row.serials for row in SerialCount.select()) == Serial.select().count() == events() == 13


def test_serials_are_added_in_the_order_given_and_keep_every_digit(warehouse: Warehouse) -> None:
    numbers = ["9" * 53, "9" * 52 + "8", "00123", "123", "x" * 64, "SN-10", "SN-9", "1e5", "1E+5"]
    added = add_serials(warehouse.boss, warehouse.item.id, numbers)
    assert added.serial_numbers == numbers
    assert [serial_detail(serial_id).serial_number for serial_id in added.serial_ids] == numbers


def test_more_than_one_block_is_added_wholly(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk.blocks, "__defaults__", (100,))
    numbers = [f"N-{number}" for number in range(210, 0, -1)]
    ids = warehouse.add(*numbers)
    stored = dict(Serial.select(Serial.id, Serial.serial_number).tuples().execute())
    assert [stored[serial_id] for serial_id in ids] == numbers
    assert events() == len(numbers)


@pytest.fixture
def there(warehouse: Warehouse) -> int:
    """The id of SN-7a, at SHELF."""
    (serial_id,) = warehouse.add("SN-7a", location="SHELF")
    return serial_id


@each("again", ["SN-7a", "sn-7A", " SN-7a ", "SN -7a", "s n - 7 a"])
def test_a_duplicate_is_told_where_the_other_one_is_and_since_when(
    warehouse: Warehouse, there: int, again: str
) -> None:
    before = fingerprint()
    with pytest.raises(Duplicate) as refused:
        add_serials(warehouse.boss, warehouse.item.id, ["NEW", again])
    today = clock.now().astimezone().date().isoformat()
    assert refused.value.message == (
        f"SN-7a of SAW-1 is already here: In Stock at SHELF since {today}. Leave it out, or open it."
    )
    assert refused.value.details["serial_id"] == there
    assert fingerprint() == before


@each(
    ("status", "customer", "phrase"),
    [
        ("sold", "Bergmann AG", "Sold to Bergmann AG since {}, last at SHELF"),
        ("lost", None, "Lost since {}, last at SHELF"),
        ("scrapped", None, "Scrapped since {}, last at SHELF"),
        ("in_transit", None, "In Transit to SHELF since {}"),
        ("defective", None, "Defective at SHELF since {}"),
    ],
)
def test_a_duplicate_is_told_the_others_status(
    warehouse: Warehouse, status: str, customer: str | None, phrase: str
) -> None:
    (there,) = warehouse.add(f"A-{status}", location="SHELF")
    put(warehouse, status, there, customer=customer)
    with pytest.raises(Duplicate) as refused:
        warehouse.add(f"A-{status}")
    assert phrase.format(clock.now().astimezone().date().isoformat()) in refused.value.message


def test_since_when_is_the_day_of_the_status_and_not_of_a_later_note(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (3, 4, 5):
        monkeypatch.setattr(clock, "now", partial(datetime, 2026, 3, day, 12, tzinfo=UTC))
        if day == 3:
            (there,) = warehouse.add("A1")
        elif day == 4:
            put(warehouse, "defective", there)
        else:
            transfer_serials(warehouse.boss, [there], "SHOP")
    with pytest.raises(Duplicate, match="Defective at SHOP since 2026-03-04"):
        warehouse.add("A1")


def test_of_several_duplicates_the_first_given_is_named(warehouse: Warehouse) -> None:
    warehouse.add("A1", "A2", "A3")
    with pytest.raises(
        Duplicate, match=r"^A3 of SAW-1 is already here: .*\. Leave it out, or open it\. So are 2 more\.$"
    ):
        warehouse.add("NEW", "a3", "A2", "A1")
    assert events() == 3


def test_a_serial_given_twice_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(Duplicate, match=r"a 1 is given twice\. Give each serial once\."):
        warehouse.add("A1", "B1", "a 1")
    assert events() == 0


def test_two_items_may_carry_the_same_serial(warehouse: Warehouse) -> None:
    other = create_item(warehouse.boss, "DRILL-1", "Drill", track_serials=True)
    warehouse.add("0001")
    add_serial(warehouse.boss, other.id, "0001")
    assert Serial.select().where(Serial.serial_key == "0001").count() == 2


def test_one_bad_serial_stops_all(warehouse: Warehouse) -> None:
    for wrong in ("---", "", "x" * 65, "A\x1d1"):
        with pytest.raises(BadValue):
            warehouse.add("GOOD", wrong)
    with pytest.raises(BadValue):
        add_serial(warehouse.boss, warehouse.item.id, "GOOD", notes="bell\a")
    assert events() == 0


def test_nothing_to_add_is_said(warehouse: Warehouse) -> None:
    with pytest.raises(BadValue, match="There is no serial number"):
        add_serials(warehouse.boss, warehouse.item.id, [])


def test_an_item_without_tracking_takes_no_serials(warehouse: Warehouse) -> None:
    (there,) = warehouse.add("A1")
    save_item(warehouse.boss, warehouse.item.id, track_serials=False)
    with pytest.raises(NotTracked, match=r"SAW-1 does not track serials\. Check Track Serials in its Item Settings"):
        warehouse.add("A2")
    assert serial_detail(there).tracked is False
    save_item(warehouse.boss, warehouse.item.id, track_serials=True)
    with pytest.raises(Duplicate):
        warehouse.add("A1")
    with pytest.raises(NotFound, match="The item is not there any more"):
        add_serial(warehouse.boss, 999, "A1")


def test_two_terminals_that_add_the_same_serial_make_one(database: Any, warehouse: Warehouse) -> None:
    for turn in range(5):
        results = together(database, [partial(warehouse.add, f"T{turn}")] * 4)
        refused = [result for result in results if not isinstance(result, list)]
        assert [type(each) for each in refused] == [Duplicate] * 3
        assert all(each.message.startswith(f"T{turn} of SAW-1 is already here: In Stock at MAIN") for each in refused)
    assert Serial.select().count() == events() == 5


def test_overlapping_batches_at_several_terminals_leave_no_half_batch(database: Any, warehouse: Warehouse) -> None:
    batches = [range(1, 11), range(6, 16), range(11, 21), range(20, 0, -1)]
    for turn in range(4):
        works = [partial(warehouse.add, *(f"{turn}-{number}" for number in batch)) for batch in batches]
        results = together(database, works)
        written = [set(batch) for batch, result in zip(batches, results, strict=True) if isinstance(result, list)]
        assert {type(result) for result in results} <= {list, Duplicate}
        there = {row.serial_number for row in Serial.select().where(Serial.serial_key.startswith(f"{turn}-"))}
        assert written
        assert there == {f"{turn}-{number}" for batch in written for number in batch}
        assert len(there) == sum(map(len, written))
    assert Serial.select().count() == events()


def test_the_date_received_is_that_of_the_place_where_the_program_runs(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 2, 28))
    (there,) = warehouse.add("A1")
    assert serial_detail(there).date_received == date(2026, 2, 28)


def test_scans_are_added_one_by_one_and_a_bad_one_stops_no_other(warehouse: Warehouse) -> None:
    warehouse.add("A3")
    told: list[AddResult] = []
    scans = [Wanted("A1"), Wanted("A2"), Wanted("a1"), Wanted("A3"), Wanted("--"), Wanted("A4", "SHOP", "new")]
    add_each(warehouse.boss, warehouse.item.id, scans, told.append)
    assert [verdict.wanted for verdict in told] == scans
    assert [type(verdict.refusal).__name__ for verdict in told] == [
        *("NoneType", "NoneType", "Duplicate", "Duplicate", "BadValue", "NoneType")
    ]
    assert told[-1].location == "SHOP"
    assert Serial.select().count() == 4


def test_every_event_says_the_state_of_its_serial(warehouse: Warehouse) -> None:
    warehouse.add("A1", "A2", location="DOCK")
    in_stock = Status.get(Status.code == "in_stock").id
    for event in SerialEvent.select():
        serial = Serial.get_by_id(event.serial_id)
        assert (event.item_id, event.serial_number) == (serial.item_id, serial.serial_number)
        assert event.to_status_id == serial.status_id == in_stock
        assert event.to_location_id == serial.location_id
        assert serial.version == event.number == 1


def test_what_was_added_is_told(warehouse: Warehouse) -> None:
    added = add_serials(warehouse.boss, warehouse.item.id, ["A1"])
    assert added == Added([added.serial_ids[0]], ["A1"], "MAIN")

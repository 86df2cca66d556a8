"""Notes, warranties and the history that says everything."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from models import clock
from models.errors import Ambiguous, BadValue, Changed, NotAllowed, NotFound, SerialdockError
from models.items.items import create_item, save_item
from models.ledger import NOTED
from models.people import act_for, add_user
from models.schema import Serial
from models.serials.add import add_serial
from models.serials.corrections import change_warranty
from models.serials.moves import transfer_serials
from models.serials.record import (
    SerialDetail,
    add_note,
    find_on_item,
    find_serial,
    find_serials,
    history,
    serial_detail,
    set_condition_notes,
)
from models.terms import Warranty, warranty_status
from tests.support.cases import each
from tests.support.warehouse import Warehouse, events, fingerprint, put, set_warranty

TODAY = date(2026, 6, 15)


@pytest.fixture
def warehouse(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    return warehouse


@pytest.fixture
def serial(warehouse: Warehouse) -> int:
    return warehouse.add("A1")[0]


# ----- notes


def test_condition_notes_are_replaced_and_the_history_keeps_the_old_ones(warehouse: Warehouse, serial: int) -> None:
    set_condition_notes(warehouse.boss, serial, " dented\r\nlid ", version=1)
    set_condition_notes(warehouse.boss, serial, "", version=2)
    detail = serial_detail(serial)
    assert detail.condition_notes == ""
    assert [(event.kind, event.changes) for event in detail.events[1:]] == [
        ("condition_noted", {"condition_notes": ["", "dented\nlid"]}),
        ("condition_noted", {"condition_notes": ["dented\nlid", ""]}),
    ]
    assert {(event.from_status, event.to_status) for event in detail.events[1:]} == {("in_stock", "in_stock")}
    assert {(event.from_location, event.to_location) for event in detail.events[1:]} == {("MAIN", "MAIN")}


def test_the_same_notes_again_are_no_event(warehouse: Warehouse, serial: int) -> None:
    set_condition_notes(warehouse.boss, serial, "dented")
    set_condition_notes(warehouse.boss, serial, " dented ")
    assert events() == serial_detail(serial).version == 2


def test_a_remark_stands_in_the_history_and_changes_nothing(warehouse: Warehouse, serial: int) -> None:
    add_note(warehouse.boss, serial, " asked the maker ")
    detail = serial_detail(serial)
    assert (detail.events[-1].kind, detail.events[-1].note, detail.events[-1].changes) == (
        "noted",
        "asked the maker",
        {},
    )
    assert (detail.version, detail.condition_notes) == (2, "")


@each(
    "write",
    [
        lambda boss, serial: set_condition_notes(boss, serial, "x" * 2_001),
        lambda boss, serial: set_condition_notes(boss, serial, "bell\a"),
        lambda boss, serial: set_condition_notes(boss, serial, "late", version=7),
        lambda boss, serial: set_condition_notes(boss, 10**9, "nobody"),
        lambda boss, serial: add_note(boss, serial, "  "),
        lambda boss, serial: add_note(boss, serial, "x" * 2_001),
        lambda boss, serial: add_note(boss, 10**9, "nobody"),
        lambda boss, serial: change_warranty(boss, [serial], to="2026-06-15.."),
        lambda boss, serial: set_warranty(boss, serial, TODAY, TODAY - timedelta(1)),
        lambda boss, serial: set_warranty(boss, serial, None, None, void="opened"),
        lambda boss, serial: change_warranty(boss, [serial], void=" "),
        lambda boss, serial: set_warranty(boss, serial, None, TODAY, void="x" * 201),
        lambda boss, serial: set_warranty(boss, serial, None, TODAY, note="x" * 2_001),
        lambda boss, serial: change_warranty(boss, [serial], to="2y", versions={serial: 7}),
        lambda boss, serial: set_warranty(boss, 10**9, None, TODAY),
    ],
)
def test_a_refusal_writes_nothing(warehouse: Warehouse, serial: int, write: Callable[[Any, int], None]) -> None:
    before = fingerprint()
    with pytest.raises((BadValue, Changed, NotAllowed, NotFound)):
        write(warehouse.boss, serial)
    assert fingerprint() == before


# ----- warranty


def test_a_warranty_is_set_voided_and_taken_away(warehouse: Warehouse, serial: int) -> None:
    start, end = date(2026, 1, 1), date(2026, 12, 31)
    states = []
    for values, void in (((start, end), None), ((start, end), "opened by customer"), ((start, end), None)):
        set_warranty(warehouse.boss, serial, *values, void=void, note="card 17")
        detail = serial_detail(serial)
        states.append((detail.warranty, detail.days_left, detail.warranty_void))
        assert (detail.warranty_start, detail.warranty_end) == (start, end)
    set_warranty(warehouse.boss, serial, None, None)
    states.append((serial_detail(serial).warranty, serial_detail(serial).days_left, None))
    assert states == [
        (Warranty.ACTIVE, 199, None),
        (Warranty.VOID, None, "opened by customer"),
        (Warranty.ACTIVE, 199, None),
        (Warranty.NONE, None, None),
    ]
    changes = [(event.done, event.changes, event.note) for event in history(serial)[1:]]
    dates = {"warranty_start": [None, "2026-01-01"], "warranty_end": [None, "2026-12-31"]}
    assert changes == [
        ("warranty set", dates, "card 17"),
        ("warranty set", {"warranty_void": [None, "opened by customer"]}, "card 17"),
        ("warranty set", {"warranty_void": ["opened by customer", None]}, "card 17"),
        ("warranty set", {column: values[::-1] for column, values in dates.items()}, ""),
    ]


@each(
    ("start", "end", "void", "state"),
    [
        (None, None, None, "none"),
        (None, None, "opened", "none"),
        (None, TODAY, None, "active"),
        (None, TODAY - timedelta(1), None, "expired"),
        (TODAY, TODAY, None, "active"),
        (TODAY + timedelta(1), TODAY + timedelta(9), None, "none"),
        (TODAY - timedelta(9), TODAY + timedelta(9), "opened", "void"),
        (TODAY - timedelta(9), TODAY - timedelta(1), "opened", "void"),
    ],
)
def test_a_warranty_is_read_against_the_day(start: date | None, end: date | None, void: str | None, state: str) -> None:
    assert warranty_status(start, end, void, TODAY) == state


# ----- the whole history


def test_the_state_is_what_the_events_add_up_to(warehouse: Warehouse) -> None:
    dice = random.Random(7)
    ids = warehouse.add(*(f"R{number}" for number in range(12)))
    places = ("MAIN", "DOCK", "SHELF", "SHOP")
    acts: list[Callable[[int], object]] = [
        lambda one: add_note(warehouse.boss, one, "seen"),
        lambda one: set_condition_notes(warehouse.boss, one, dice.choice(["", "dented", "mended"])),
        lambda one: transfer_serials(warehouse.boss, [one], dice.choice(places)),
        lambda one: set_warranty(warehouse.boss, one, None, TODAY + timedelta(dice.randint(-9, 9))),
        lambda one: set_warranty(warehouse.boss, one, None, TODAY, void=dice.choice([None, "opened"])),
        lambda one: put(warehouse, "reserved", one),
        lambda one: put(warehouse, "sold", one, customer=dice.choice(["Bergmann AG", "Ölmühle"])),
        lambda one: put(warehouse, "returned", one),
        lambda one: put(warehouse, "lost", one),
        lambda one: put(warehouse, "scrapped", one),
    ]
    refused = 0
    for _ in range(250):
        before = events()
        try:
            dice.choice(acts)(dice.choice(ids))
        except SerialdockError:
            refused += 1
            assert events() == before
        else:
            assert events() - before in (0, 1)
    assert 20 < refused < 200
    for one in ids:
        detail = serial_detail(one)
        assert _fold(detail) == (detail.status.code, detail.location, detail.customer, _noted(one))
        assert [event.number for event in detail.events] == list(range(1, detail.version + 1))
        assert [event.at for event in detail.events] == sorted(event.at for event in detail.events)


def _noted(serial_id: int) -> dict[str, str | None]:
    row = Serial.get_by_id(serial_id)
    values = {column: getattr(row, column) for column in NOTED}
    return {column: value.isoformat() if isinstance(value, date) else value for column, value in values.items()}


def _fold(detail: SerialDetail) -> tuple[str | None, str | None, str | None, dict[str, Any]]:
    status = place = customer = None
    noted: dict[str, Any] = dict.fromkeys(NOTED) | {"condition_notes": ""}
    for event in detail.events:
        assert (event.from_status, event.from_location, event.from_customer) == (status, place, customer)
        status, place, customer = event.to_status, event.to_location, event.to_customer
        for column, (before, after) in event.changes.items():
            assert noted[column] == before
            noted[column] = after
    return status, place, customer, noted


def test_the_history_names_who_sat_at_the_terminal(warehouse: Warehouse, serial: int) -> None:
    add_user(warehouse.boss, "maria", ["clerk"])
    actor = act_for(warehouse.boss, "maria")
    transfer_serials(actor, [serial], "DOCK")
    event = history(serial)[-1]
    assert (event.user, event.login_user, event.document) == ("maria", "boss", "T-000001")
    (document,) = serial_detail(serial).documents
    assert (document.user, document.to_location, document.at) == ("maria", "DOCK", event.at)
    assert event.at.tzinfo is UTC


# ----- finding one


def test_a_serial_is_found_by_its_text_and_its_item(warehouse: Warehouse, serial: int) -> None:
    assert find_serial(" a 1") == find_serial("a1", " saw-1 ") == serial
    with pytest.raises(NotFound, match=r"No item has the serial Z9\. Check the number, or add it to its item\."):
        find_serial("Z9 ")
    with pytest.raises(NotFound, match=r"SAW-1 has no serial Z9\."):
        find_serial("Z9", "SAW-1")
    with pytest.raises(NotFound, match=r"There is no item HAMMER\.$") as refused:
        find_serial("A1", "HAMMER")
    assert refused.value.details["command"] == "serialdock item list"
    for nothing in ("", "  ", "A1\0", "\udcff", "Ä1", "%", "A_"):
        with pytest.raises(NotFound):
            find_serial(nothing)


def test_a_serial_of_several_items_asks_for_the_item(warehouse: Warehouse, serial: int) -> None:
    drill = create_item(warehouse.boss, "DRILL", "Drill", track_serials=True)
    other = add_serial(warehouse.boss, drill.id, "a 1").serial_ids[0]
    save_item(warehouse.boss, drill.id, track_serials=False)
    assert find_serials("A1") == [(other, "DRILL"), (serial, "SAW-1")]
    with pytest.raises(Ambiguous, match=r"A1 is on several items: DRILL, SAW-1\. Say which with --item\.") as refused:
        find_serial("A1")
    assert refused.value.details["items"] == ["DRILL", "SAW-1"]
    assert find_serial("A1", "DRILL") == other
    assert serial_detail(other).tracked is False


def test_many_serials_of_one_item_are_found_in_the_order_given(warehouse: Warehouse) -> None:
    texts = [f"N{number}" for number in range(5_200)]
    ids = warehouse.add(*texts)
    assert find_on_item(warehouse.item.id, "SAW-1", texts[::-1]) == ids[::-1]
    with pytest.raises(NotFound, match="SAW-1 has no serial M1"):
        find_on_item(warehouse.item.id, "SAW-1", ["N1", "M1", "M2"])
    with pytest.raises(NotFound, match="The serial is not there any more"):
        serial_detail(10**9)

"""Receiving where the rule that is set for an item's serials is there, or changes before DONE."""

from __future__ import annotations

import pytest

from models.items.items import create_item
from models.items.rules import set_serial_rule
from models.serials.judging import Outcome
from tests.support.receiving import Station, received, warehouse_database
from tests.support.warehouse import Warehouse, statements


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    return Station(warehouse)


def test_a_rule_that_is_set_before_done_names_what_breaks_it_and_the_rest_goes_in(
    warehouse: Warehouse, station: Station
) -> None:
    create_item(warehouse.boss, "BIT-9", "Bits", track_serials=True)
    station.scan("DOCK", "SAW-1", "12345", "123456", "BIT-9", "123456")
    set_serial_rule(warehouse.boss, warehouse.item.id, length="5")
    told = station.one("XXSDDONE")
    assert (told.outcome, told.subject) == (Outcome.PROBLEM, "Changed since")
    assert "123456 has 6 characters; this item's serials have 5." in told.message
    assert (station.task.view.total, station.task.view.problems) == (2, 1)
    assert station.one("XXSDDONE").message.endswith("1 problem left out: 123456.")
    assert received(["12345", "123456"]) == ["12345", "123456"]


def test_what_somebody_received_and_what_breaks_a_rule_are_both_named(warehouse: Warehouse, station: Station) -> None:
    station.scan("DOCK", "SAW-1", "12345", "123456", "1234567")
    warehouse.add("123456")
    set_serial_rule(warehouse.boss, warehouse.item.id, length="5-6")
    message = station.one("XXSDDONE").message
    assert "123456 of SAW-1 is already here" in message
    assert "1234567 has 7 characters; this item's serials have 5 to 6." in message
    assert station.one("XXSDDONE").message.startswith("1 serial received.")


def test_a_rule_on_a_pallet_takes_as_many_statements_as_on_one_unit(warehouse: Warehouse) -> None:
    def count(prefix: str, number: int) -> int:
        set_serial_rule(warehouse.boss, warehouse.item.id, length="")
        station = Station(warehouse)
        station.scan("DOCK", "SAW-1", *(f"{prefix}{n:04}" for n in range(number)))
        set_serial_rule(warehouse.boss, warehouse.item.id, length="3")
        with statements(warehouse_database()) as seen:
            assert station.one("XXSDDONE").subject == "Changed since"
        return len(seen)

    assert count("A", 2) == count("B", 300)


def test_what_labels_print_before_a_serial_is_taken_off_an_announced_list_too(
    warehouse: Warehouse, station: Station
) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, strip="SN")
    station.scan("DOCK", "SAW-1")
    assert station.task.announce(warehouse.boss, ["SN12", "13", " SN14 "]) == 3
    assert station.words("12", "SN13", "SN14", "XXSDDONE") == ["ok", "ok", "ok", "done"]
    assert received(["12", "13", "14"]) == ["12", "13", "14"]

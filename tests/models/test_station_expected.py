"""The list of serials that was announced for an item: checked, compared by name, taken away."""

from __future__ import annotations

import pytest

from models.errors import BadValue
from models.items.items import save_item
from models.items.rules import set_serial_rule
from models.schema import Draft, DraftAnnounced
from models.station import expected
from tests.support.cases import each
from tests.support.receiving import Station
from tests.support.warehouse import Warehouse


@pytest.fixture
def station(warehouse: Warehouse) -> Station:
    found = Station(warehouse)
    found.scan("DOCK", "SAW-1")
    return found


def announced() -> list[str]:
    return [row.serial_number for row in DraftAnnounced.select().order_by(DraftAnnounced.serial_key)]


def compared(station: Station, limit: int = 1_000) -> tuple[tuple[int, list[str]], tuple[int, list[str]]]:
    view = station.task.view
    assert view.draft_id is not None
    assert view.item is not None
    missing, unannounced = expected.compare(view.draft_id, view.item.id, limit)
    return tuple(missing), tuple(unannounced)  # type: ignore[return-value]


def test_blank_lines_do_not_count_and_a_serial_given_twice_counts_once(warehouse: Warehouse, station: Station) -> None:
    assert station.task.announce(warehouse.boss, ["S-1", "", " S-2 ", " \t", "s-1"]) == 2
    assert (station.task.view.announced, station.task.view.expected) == (2, 2)
    assert announced() == ["S-1", "S-2"]


@each(
    ("lines", "said"),
    [
        (["S-1", "", "---"], "Line 3: --- has no letter or digit, so it is no serial number."),
        (["S-1", "A\x1dB"], "Line 2: Character 2 of the serial number A\\x1dB is the control character 0x1d"),
        (["XXSDDONE"], "Line 1: XXSDDONE is a command barcode"),
        (["S-1", "X1..X3"], "Line 2: X1..X3 is a range, and a line of a list is one serial."),
        (["A" * 65], "Line 1: The serial number AAAAAAAAAAAAAAAAAAAA… has 65 characters"),
        (["S-1", "04006381333931"], "Line 2: 04006381333931 is the barcode of SAW-1 itself."),
    ],
)
def test_a_line_that_can_be_no_serial_is_named_and_the_old_list_stays(
    warehouse: Warehouse, station: Station, lines: list[str], said: str
) -> None:
    save_item(warehouse.boss, warehouse.item.id, barcodes=["4006381333931"])
    station.scan("SAW-1")
    station.task.announce(warehouse.boss, ["OLD"])
    with pytest.raises(BadValue) as refused:
        station.task.announce(warehouse.boss, lines)
    assert refused.value.message.startswith(said)
    assert announced() == ["OLD"]


def test_a_typed_number_of_units_is_a_whole_number() -> None:
    assert [expected.typed_units(text) for text in ("", "12")] == [None, 12]
    for text in ("+", "-1", "1.5"):
        with pytest.raises(BadValue, match=r" is no number of units\. Give a whole number above zero\.$") as refused:
            expected.typed_units(text)
        assert refused.value.details["field"] == "units"


def test_how_many_other_lines_are_wrong_is_told(warehouse: Warehouse, station: Station) -> None:
    for wrong, said in ((1, "Line 2: ---"), (2, "Line 2 and 1 more: ---"), (1_001, "Line 2 and 1,000 more: ---")):
        with pytest.raises(BadValue) as refused:
            station.task.announce(warehouse.boss, ["S-1", *["---"] * wrong])
        assert refused.value.message.startswith(said)


def test_a_serial_that_breaks_the_items_rule_may_be_announced_since_the_rule_may_be_wrong(
    warehouse: Warehouse, station: Station
) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, length="3")
    station.scan("SAW-1")
    assert station.task.announce(warehouse.boss, ["S-1", "LONGER"]) == 2


def test_a_list_has_a_most(warehouse: Warehouse, station: Station) -> None:
    with pytest.raises(BadValue, match="The list has 100,001 serials; 100,000 in one go is the most"):
        station.task.announce(warehouse.boss, [f"S{number}" for number in range(100_001)])


def test_a_list_is_taken_away_and_what_nobody_had_announced_can_be_taken(
    warehouse: Warehouse, station: Station
) -> None:
    station.task.announce(warehouse.boss, ["S-1", "S-2"])
    assert station.words("S-1", "T-9") == ["ok", "problem"]
    assert station.task.announce(warehouse.boss, [""]) == 0
    assert announced() == []
    view = station.task.view
    assert (view.announced, view.expected, view.problems) == (0, None, 1)
    assert station.words("T-9", "T-8", "XXSDDONE") == ["ok", "ok", "done"]


def test_no_list_taken_away_begins_no_draft(warehouse: Warehouse) -> None:
    station = Station(warehouse)
    station.scan("SAW-1")
    before = (station.task.view, Draft.select().count())
    assert station.task.announce(warehouse.boss, []) == 0
    assert (station.task.view, Draft.select().count()) == before


def test_counts_are_true_however_few_are_named(warehouse: Warehouse, station: Station) -> None:
    station.task.announce(warehouse.boss, [f"S{number:04}" for number in range(1_200)])
    station.task.take_many(warehouse.boss, [f"S{number:04}" for number in range(5)], lambda done, total: None)
    station.task.take_many(warehouse.boss, [f"T{number:04}" for number in range(1_300)], lambda done, total: None)
    missing, unannounced = compared(station, 3)
    assert missing == (1_195, ["S0005", "S0006", "S0007"])
    assert unannounced == (1_300, ["T0000", "T0001", "T0002"])

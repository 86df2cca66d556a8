"""Rules for the serials of an item: set by somebody, then held against every serial that is to be added."""

from __future__ import annotations

import pytest

from models.errors import BadValue
from models.items.rules import Rule, rule_of, set_serial_rule
from models.permissions import Permission
from models.schema import Serial
from models.serials.add import add_serial
from models.serials.judging import Scan, Verdict
from models.station.engine import ScanStation
from tests.support.cases import each
from tests.support.warehouse import Warehouse, person


def test_a_rule_is_set_part_by_part_and_taken_away(warehouse: Warehouse) -> None:
    boss, item_id = warehouse.boss, warehouse.item.id
    set_serial_rule(boss, item_id, pattern="5CG[0-9A-Z]+", length="10")
    set_serial_rule(boss, item_id, characters="alphanumeric", strip="S")
    assert rule_of(item_id) == Rule("5CG[0-9A-Z]+", 10, 10, "alphanumeric", "", "S")
    set_serial_rule(boss, item_id, pattern="", length="", characters="any", strip="")
    assert rule_of(item_id) is None


def test_what_breaks_the_rule_is_refused_by_hand_and_waits_at_the_station(warehouse: Warehouse) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, length="5-6", characters="digits", strip="S")
    with pytest.raises(BadValue, match="1234 has 4 characters; this item's serials have 5 to 6"):
        add_serial(warehouse.boss, warehouse.item.id, "1234")
    told: list[Verdict] = []
    scans = [Scan(code) for code in ("DOCK", "SAW-1", "S12345", "ABCDE", "123456", "XXSDDONE", "XXSDDONE")]
    ScanStation().scan(warehouse.boss, scans, told.append)
    assert [(str(one.outcome), one.reason) for one in told[2:5]] == [("ok", ""), ("problem", "rule"), ("ok", "")]
    assert sorted(row.serial_number for row in Serial.select()) == ["12345", "123456"]


def test_a_kind_is_checked_by_its_check_digit(warehouse: Warehouse) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, expects="imei")
    told: list[Verdict] = []
    scans = [Scan(code) for code in ("DOCK", "SAW-1", "490154203237519", "490154203237518")]
    ScanStation().scan(warehouse.boss, scans, told.append)
    assert [(str(one.outcome), one.reason) for one in told[2:]] == [("problem", "bad_check_digit"), ("ok", "")]


@each(
    ("part", "value", "said"),
    [
        ("pattern", "5CG[", "is no regular expression"),
        ("pattern", "(a+)+", "repeats a group"),
        ("pattern", r"(a)\1", "looks around or back"),
        ("pattern", "(?=a)a", "looks around or back"),
        ("pattern", "a*b*c*d*", "more than 3 repeats"),
        ("pattern", r"\\*" * 4, "more than 3 repeats"),
        ("pattern", r"(a|aa\\)*", "repeats a group"),
        ("pattern", r"(a)\\\1", "looks around or back"),
        ("pattern", "(|a)" * 25, "too many alternatives"),
        ("pattern", "(a|b)" * 6 + "a*b*c*", "too many alternatives"),
        ("pattern", "a" * 101, "has 101 characters"),
        ("length", "0", "1 to 64 characters"),
        ("length", "10-5", "1 to 64 characters"),
        ("length", "65", "1 to 64 characters"),
        ("length", "ten", "1 to 64 characters"),
        ("characters", "runes", "There is no characters runes"),
        ("expects", "isbn", "There is no kind isbn"),
        ("strip", "123456789", "at most 8"),
    ],
)
def test_a_rule_that_is_none_is_refused(warehouse: Warehouse, part: str, value: str, said: str) -> None:
    with pytest.raises(BadValue) as refused:
        set_serial_rule(warehouse.boss, warehouse.item.id, **{part: value})
    assert said in refused.value.message
    assert rule_of(warehouse.item.id) is None


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("imei", "490154203237518", ["490154203237519", "ABC-1", "09506000134352"]),
        ("mac", "00:1A:2B:3C:4D:5E", ["00:1A:2B:3C:4D:5G", "001A2B"]),
        ("vin", "1M8GDM9AXKP042788", ["1M8GDM9AXKP042789", "1M8GDM9AXKP04278"]),
    ],
)
def test_what_is_another_number_than_expected_is_refused_by_hand_and_waits_at_the_station(
    warehouse: Warehouse, kind: str, right: str, wrong: list[str]
) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, expects=kind)
    for serial in wrong:
        with pytest.raises(BadValue, match=f"{serial} is not an? .*, as this item's serials are"):
            add_serial(warehouse.boss, warehouse.item.id, serial)
    told: list[Verdict] = []
    ScanStation().scan(warehouse.boss, [Scan(code) for code in ("DOCK", "SAW-1", *wrong, right)], told.append)
    assert [str(one.outcome) for one in told[2:]] == [*["problem"] * len(wrong), "ok"]
    assert add_serial(warehouse.boss, warehouse.item.id, right).serial_numbers == [right]


@each(
    "pattern",
    [
        "(5CG|CND)[0-9A-Z]{7}",
        "S[0-9]+|[0-9]+",
        "(?:AB|CD|EF)?[0-9]{5,8}",
        "[)*+]x{3}",
        r"\(?[0-9]{3}\)",
        r"[\]*]+a",
        "AB|CD|EF|GH|IJ|KL|MN",
    ],
)
def test_ordinary_patterns_are_taken(warehouse: Warehouse, pattern: str) -> None:
    assert set_serial_rule(warehouse.boss, warehouse.item.id, pattern=pattern).pattern == pattern


def test_no_pattern_that_is_taken_can_hold_up_the_gun(warehouse: Warehouse) -> None:
    set_serial_rule(warehouse.boss, warehouse.item.id, pattern="[A-Z]*[A-Z]*[A-Z]*1")
    rule = rule_of(warehouse.item.id)
    assert rule is not None
    assert rule.broken_by("A" * 64), "an exponential match would not end"


def test_rules_are_for_who_may_change_items(warehouse: Warehouse) -> None:
    from models.errors import NotPermitted

    clerk = person(warehouse.boss, "clerk1", Permission.MANAGE_SERIALS)
    with pytest.raises(NotPermitted, match="INV_EDIT_ITEMS"):
        set_serial_rule(clerk, warehouse.item.id, length="5")

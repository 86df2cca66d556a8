"""Many serials in one entry: ranges, a first one and a count, lists; and the looks they are held against."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadValue, Cancelled, Duplicate, NotPermitted, Stop
from models.items.rules import Looks, Rule
from models.permissions import Permission
from models.schema import Serial, SerialEvent
from models.serials import ranges
from models.serials.record import find_serials
from models.station.preview import add_many, preview
from tests.support.cases import each
from tests.support.warehouse import Warehouse, fingerprint, person


def go_on(done: int, total: int) -> None:
    """Never stop."""


@each(
    ("text", "first", "last", "count"),
    [
        ("1..5", "1", "5", 5),
        ("11..30", "11", "30", 20),
        ("A0098..A0103", "A0098", "A0103", 6),
        ("SN-9..SN-11", "SN-9", "SN-11", 3),
        ("X1-07-B .. X1-12-B", "X1-07-B", "X1-12-B", 6),
        ("AF5-69H", "AF5-69H", "AF5-69H", 1),
        ("9..9", "9", "9", 1),
        ("99999999999999999999..100000000000000000001", "99999999999999999999", "100000000000000000001", 3),
    ],
)
def test_a_range_says_first_last_and_count(text: str, first: str, last: str, count: int) -> None:
    entry = ranges.parse(text, expected=count)
    serials = entry.serials()
    assert (serials[0], serials[-1], len(serials), entry.count) == (first, last, count, count)


def test_several_runs_keep_their_order() -> None:
    entry = ranges.parse("B2..B4\nAF5-69H; 7, C09..C11")
    assert entry.serials() == ["B2", "B3", "B4", "AF5-69H", "7", "C09", "C10", "C11"]
    assert entry.runs[-1].said == "C09 to C11, 3 serials, numbers of 2 digits"


def test_a_first_one_and_a_count() -> None:
    assert list(ranges.counted("A0098", 3).serials()) == ["A0098", "A0099", "A0100"]
    assert list(ranges.counted("A98", 3).serials()) == ["A98", "A99", "A100"]
    assert list(ranges.counted("ABC", 1).serials()) == ["ABC"]
    assert [ranges.typed_count(text) for text in ("", "0", "12")] == [1, 0, 12]
    for text in ("+", "-1", "1.5", "\u00b2"):
        with pytest.raises(BadValue, match=r" is no count\. Give a whole number above zero\.$"):
            ranges.typed_count(text)


@each(
    ("text", "expected", "said"),
    [
        ("5..1", None, "5..1 falls: 5 is more than 1"),
        ("A1..B5", None, "only the last number may differ between A1 and B5"),
        ("A1..", None, "A1.. has no end"),
        ("..A5", None, "..A5 has no start"),
        ("A..B", None, "A has no number that could count up"),
        ("1..5\n4..8", None, "4 is in 4..8 and in 1..5"),
        ("A1\na1", None, "a1 is in a1 and in A1"),
        ("1..5", 6, "Too few: 1 to 5, 5 serials make 5, and 6 are expected"),
        ("1..5", 4, "Too many"),
        ("1..2000000", None, "1..2000000 makes 2,000,000 serials; 100,000 in one go is the most"),
        ("1..60000\nA1..A60000", None, "The entry makes 120,000 serials; 100,000 in one go is the most"),
        ("A099..A1000", None, "099 has 3 digits and 1000 has 4"),
        (" \n ", None, "Nothing was entered"),
    ],
)
def test_what_is_no_range_is_refused_by_name(text: str, expected: int | None, said: str) -> None:
    with pytest.raises(BadValue) as refused:
        ranges.parse(text, expected=expected)
    assert said in refused.value.message


@given(st.from_regex(r"[A-Z-]{0,4}", fullmatch=True), st.integers(0, 10**6), st.integers(1, 300), st.integers(0, 9))
def test_a_range_from_any_start_has_as_many_different_serials_as_it_says(
    before: str, start: int, count: int, width: int
) -> None:
    first = f"{before}{start:0{width}d}"
    if f"{start:0{width}d}".startswith("0") and count > 1 and len(str(start + count - 1)) > len(f"{start:0{width}d}"):
        with pytest.raises(BadValue, match="more digits than"):
            ranges.counted(first, count)
        return
    run = ranges.counted(first, count)
    serials = list(run.serials())
    assert len(set(serials)) == count
    assert (serials[0], serials[-1]) == (first, run.last)
    assert ranges.parse(f"{run.first}..{run.last}").serials() == serials


# ----- looks


def test_looks_are_learned_from_ten_on() -> None:
    assert Looks.of(["AB123"] * 9).shape.odd("X") == ""
    shape = Looks.of([f"AB{number:04}" for number in range(12)]).shape
    assert shape.odd("AB99999") == "AB99999 has 7 characters where the other 12 have 6"
    assert shape.odd("XY0001") == "XY0001 does not begin with AB as the other 12 do"
    assert shape.odd("AB-001") == "AB-001 is not letters and digits only as the other 12 are"
    assert shape.odd("AB0042") == ""


def test_a_few_odd_ones_do_not_spoil_the_length() -> None:
    assert Looks.of([*(f"{number:05}" for number in range(60)), "1"]).shape.length == 5
    assert Looks.of([*(f"{number:05}" for number in range(10)), "1"]).shape.length == 0


def test_a_rule_says_what_is_wrong() -> None:
    rule = Rule(pattern="5CG[0-9A-Z]+", shortest=10, longest=10, characters="alphanumeric", strip="S")
    assert rule.broken_by("5CG123") == "5CG123 has 6 characters; this item's serials have 10"
    assert rule.broken_by("5XG1234567") == "5XG1234567 does not fit this item's pattern 5CG[0-9A-Z]+"
    assert rule.broken_by("5CG-234567") == "5CG-234567 is not letters and digits only, as this item's serials are"
    assert rule.stripped("S5CG1234567") == "5CG1234567"


# ----- many by hand


def test_a_preview_names_what_is_there_what_is_bad_and_what_is_odd(warehouse: Warehouse) -> None:
    warehouse.add("A0005", *(f"A1{number:03}" for number in range(12)))
    found = preview(warehouse.item.id, ["A0004", "A0005", "A0006", "A6", "A0006", "---"], go_on)
    assert found.new == ["A0004", "A0006", "A6"]
    assert (found.there.count, found.twice.count, found.bad.count, found.warned.count) == (1, 1, 1, 1)
    assert "A0005 of SAW-1 is already here: In Stock at MAIN" in found.there.sentences[0]
    assert (found.first, found.last, found.count) == ("A0004", "---", 6)


def test_many_are_added_wholly_without_any_quantity(warehouse: Warehouse) -> None:
    serials = ranges.parse("A00001..A06000").serials()
    assert add_many(warehouse.boss, warehouse.item.id, serials, location="DOCK", progress=go_on) == 6_000
    assert Serial.select().count() == SerialEvent.select().count() == 6_000
    assert warehouse.quantities() == {"MAIN": 10}
    with pytest.raises(Duplicate, match="A06000 of SAW-1 is already here"):
        add_many(warehouse.boss, warehouse.item.id, ["B1", "A06000"], location="DOCK", progress=go_on)
    assert find_serials("B1") == []


def test_stopped_in_the_middle_nothing_is_left_behind(warehouse: Warehouse) -> None:
    before = fingerprint()
    stop = Stop()

    def progress(done: int, total: int) -> None:
        stop.wanted = done > 0
        stop(done, total)

    serials = ranges.parse("A00001..A06000").serials()
    with pytest.raises(Cancelled, match="Nothing was written"):
        add_many(warehouse.boss, warehouse.item.id, serials, location="DOCK", progress=progress)
    assert fingerprint() == before
    with pytest.raises(Cancelled):
        preview(warehouse.item.id, serials, progress)


def test_who_may_not_adds_none(warehouse: Warehouse) -> None:
    viewer = person(warehouse.boss, "viewer1", Permission.VIEW)
    with pytest.raises(NotPermitted):
        add_many(viewer, warehouse.item.id, ["A1"], location="DOCK", progress=go_on)

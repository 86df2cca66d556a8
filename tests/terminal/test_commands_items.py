"""`serialdock item …` and `serialdock location …`."""

from __future__ import annotations

import pytest

from models.items.items import create_item
from models.people import sign_in
from models.serials.add import add_serials
from tests.support.cases import each
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES


def _hammers() -> None:
    me = sign_in()
    item = create_item(me, "HT-1", "Hammer", on_hand=10, track_serials=True)
    for serial in ("SN-1", "SN-2"):
        add_serials(me, item.id, [serial])


CONTENTS = {"hammer": _hammers}


@pytest.fixture
def hammer(commands: Commands) -> Commands:
    """A database with one tracked item, ten on hand and two serials."""
    return commands


def test_an_item_is_added_as_its_options_say(commands: Commands) -> None:
    commands.good("location", "add", "DOCK-1", "Dock")
    made = commands.object("item", "add", "HT-1", "Hammer  2 kg", "--location", "dock-1", "--on-hand", "10")
    assert made == {
        "sku": "HT-1",
        "name": "Hammer 2 kg",
        "location": "DOCK-1",
        "on_hand": 10,
        "track_serials": False,
        "serials": 0,
        "without": 10,
        "barcodes": [],
        "serial_rule": None,
        "warranty_term": None,
        "removed": 0,
        "places": [{"location": "DOCK-1", "name": "Dock", "primary": True, "on_hand": 10, "serials": 0, "without": 10}],
    }
    assert commands.object("item", "show", "ht-1") == made


@each(
    ("words", "error", "said"),
    [
        (("HT-2", "Saw", "--on-hand", "-5"), "bad_value", "0 to 1,000,000,000, not -5"),
        (("HT-2", "Saw", "--on-hand", "1000000001"), "bad_value", "not 1,000,000,001"),
        (("HT-2", ""), "bad_value", "The item's name is empty"),
        (("HT-2", "\x1b[31mSaw"), "bad_value", "control character"),
        (("HT-2", "Saw", "--location", "NOWHERE"), "not_found", "NOWHERE. See serialdock location list."),
        (("ht-1", "Saw"), "duplicate", "The SKU HT-1 is used: Hammer"),
    ],
)
def test_an_item_that_cannot_be_is_refused(hammer: Commands, words: tuple[str, ...], error: str, said: str) -> None:
    refusal = hammer.refused("item", "add", *words)
    assert refusal["error"] == error
    assert said in refusal["message"]
    assert set(refusal) == {"error", "message"}
    assert [row["sku"] for row in hammer.rows("item", "list")] == ["HT-1"]


@each("number", ["abc", "1.5", "", "1e3", "1_000", "٣", "9" * 30])
def test_a_quantity_that_is_no_number_is_a_malformed_command_line(commands: Commands, number: str) -> None:
    ran = commands("item", "add", "HT-1", "Hammer", "--on-hand", number)
    assert (ran.code, ran.out) == (2, "")
    assert "is not a whole number" in ran.err
    assert commands.rows("item", "list") == []


def test_only_what_is_named_changes(hammer: Commands) -> None:
    hammer.good("location", "add", "DOCK-1")
    before = hammer.object("item", "show", "HT-1")
    assert hammer.object("item", "set", "HT-1", "--name", "Big hammer") == before | {"name": "Big hammer"}
    moved = hammer.object("item", "set", "HT-1", "--location", "DOCK-1")
    assert (moved["location"], moved["name"], moved["on_hand"]) == ("DOCK-1", "Big hammer", 10)
    assert [(place["location"], place["primary"]) for place in moved["places"]] == [("DOCK-1", True), ("MAIN", False)]


def test_barcodes_given_replace_those_the_item_has(hammer: Commands) -> None:
    codes = ("--barcode", "4006381333931", "--barcode", "ABC")
    assert hammer.object("item", "set", "HT-1", *codes)["barcodes"] == ["4006381333931", "ABC"]
    assert hammer.object("item", "set", "HT-1", "--name", "Saw")["barcodes"] == ["4006381333931", "ABC"]
    assert hammer.object("item", "set", "HT-1", "--barcode", "DEF")["barcodes"] == ["DEF"]
    assert hammer.object("item", "set", "HT-1", "--barcode", "")["barcodes"] == []


def test_ending_the_tracking_says_how_many_records_stay(hammer: Commands) -> None:
    ran = hammer("item", "set", "HT-1", "--no-track-serials", "--json")
    assert (ran.code, ran.object["track_serials"], ran.object["on_hand"]) == (0, False, 10)
    assert ran.err.startswith("serialdock: HT-1 does not track serials any more. 2 serial records kept")
    assert hammer("item", "set", "HT-1", "--no-track-serials").err == ""
    assert len(hammer.rows("serial", "list", "--item", "HT-1")) == 2
    again = hammer.object("item", "set", "HT-1", "--track-serials")
    assert (again["track_serials"], again["serials"], again["without"]) == (True, 2, 8)


def test_a_change_of_nothing_is_a_malformed_command_line(hammer: Commands) -> None:
    ran = hammer("item", "set", "HT-1")
    assert (ran.code, ran.out) == (2, "")
    assert "item set changes nothing without an option" in ran.err


@BOTH_ENGINES
def test_items_are_listed_by_sku_with_their_stock(hammer: Commands) -> None:
    hammer.good("item", "add", "AB-1", "Saw", "--on-hand", "3")
    assert hammer.rows("item", "list") == [
        {
            "sku": sku,
            "name": name,
            "location": "MAIN",
            "on_hand": on_hand,
            "track_serials": tracked,
            "serials": serials,
            "without": on_hand - serials,
        }
        for sku, name, on_hand, tracked, serials in (("AB-1", "Saw", 3, False, 0), ("HT-1", "Hammer", 10, True, 2))
    ]
    assert hammer.good("item", "list").out == (
        "SKU   On hand  Serials on hand  Without serial  Location  Name\n"
        "AB-1        3                                   MAIN      Saw\n"
        "HT-1       10                2               8  MAIN      Hammer\n"
    )


def test_an_item_is_shown_to_people_with_its_places(hammer: Commands) -> None:
    hammer.good("location", "add", "DOCK-1", "Dock")
    hammer.good("serial", "transfer", "--item", "HT-1", "SN-1", "--to", "DOCK-1")
    assert hammer.good("item", "show", "HT-1").out == (
        "SKU               HT-1\n"
        "Name              Hammer\n"
        "Primary location  MAIN, Main warehouse\n"
        "Barcodes          –\n"
        "Track Serials     yes\n"
        "Stock             10 on hand · 2 serials on hand · 8 without serial\n"
        "\n"
        "Location  On hand  Serials on hand  Without serial  Name\n"
        "MAIN            9                1               8  Main warehouse\n"
        "DOCK-1          1                1               0  Dock\n"
    )


def test_more_serials_than_units_are_told_as_over(commands: Commands) -> None:
    commands.good("item", "add", "HT-2", "Chisel", "--on-hand", "1", "--track-serials")
    for serial in ("SN-1", "SN-2"):
        commands.good("serial", "add", "--item", "HT-2", serial)
    shown = commands.good("item", "show", "HT-2").out
    assert "Stock             1 on hand · 2 serials on hand · 1 over\n" in shown
    assert "MAIN            1                2          1 over  Main warehouse\n" in shown
    assert "HT-2        1                2          1 over  MAIN      Chisel\n" in commands.good("item", "list").out


def test_an_item_that_is_not_there_is_named(commands: Commands) -> None:
    refusal = commands.refused("item", "show", "HT-9")
    assert refusal == {"error": "not_found", "message": "There is no item HT-9. See serialdock item list."}


@BOTH_ENGINES
def test_locations_are_listed_below_the_one_that_they_are_in(commands: Commands) -> None:
    assert commands.object("location", "add", "A-01", "Aisle 1", "--parent", "main") == {
        "code": "A-01",
        "name": "Aisle 1",
        "parent": "MAIN",
        "closed": False,
    }
    commands.good("location", "add", "YARD")
    commands.good("location", "add", "A-01-3", "Shelf", "--parent", "A-01")
    assert commands.rows("location", "list") == [
        {"code": "MAIN", "name": "Main warehouse", "parent": None, "closed": False},
        {"code": "A-01", "name": "Aisle 1", "parent": "MAIN", "closed": False},
        {"code": "A-01-3", "name": "Shelf", "parent": "A-01", "closed": False},
        {"code": "YARD", "name": "", "parent": None, "closed": False},
    ]
    assert commands.good("location", "list").out == (
        "Location    Name\nMAIN        Main warehouse\n  A-01      Aisle 1\n    A-01-3  Shelf\nYARD\n"
    )


def test_a_location_that_cannot_be_is_refused(commands: Commands) -> None:
    assert commands.refused("location", "add", "main")["error"] == "duplicate"
    assert commands.refused("location", "add", "A 1")["error"] == "bad_value"
    assert commands.refused("location", "add", "A-1", "--parent", "B-1")["error"] == "not_found"


def test_a_rule_for_serials_is_set_shown_and_taken_away(commands: Commands) -> None:
    commands.good("item", "add", "HT-1", "Hammer", "--track-serials")
    assert commands.object("item", "show", "HT-1")["serial_rule"] is None
    said = commands.object("item", "set", "HT-1", "--serial-length", "10-12", "--serial-pattern", "5CG.*")
    assert said["serial_rule"] == {
        "pattern": "5CG.*",
        "shortest": 10,
        "longest": 12,
        "characters": None,
        "kind": None,
        "strip": None,
    }
    assert "10 to 12 characters, pattern 5CG.*" in commands.good("item", "show", "HT-1").out
    assert commands.refused("item", "set", "HT-1", "--serial-pattern", "(a+)+")["error"] == "bad_value"
    assert commands("item", "set", "HT-1", "--serial-length", "5", "--name", "Saw").code == 2
    said = commands.object("item", "set", "HT-1", "--serial-length", "", "--serial-pattern", "")
    assert said["serial_rule"] is None


def test_lists_and_exports_stand_in_the_order_of_a_column(hammer: Commands) -> None:
    hammer.good("location", "add", "A-1", "bin")
    hammer.good("item", "add", "AA-1", "Zange", "--on-hand", "3")
    hammer.good("customer", "add", "b AG")
    hammer.good("customer", "add", "A AG", "--code", "Z")
    hammer.good("sell", "--item", "HT-1", "SN-2", "--customer", "b AG")

    def first(*words: str) -> object:
        return next(iter(hammer.rows(*words)[0].values()))

    assert (first("item", "list", "--sort", "on_hand:desc"), first("item", "list")) == ("HT-1", "AA-1")
    assert first("export", "items", "--sort", "name:desc", "--format", "jsonl") == "AA-1"
    assert (first("customer", "list", "--sort", "code"), first("customer", "list", "--sort", "serials")) == (
        "A AG",
    ) * 2
    assert first("export", "customers", "--sort", "name:desc", "--format", "jsonl") == "b AG"
    assert first("location", "list", "--sort", "code:desc") == "MAIN"
    assert first("export", "locations", "--sort", "on_hand:desc", "--format", "jsonl") == "MAIN"
    of_hammer = ("--item", "HT-1", "--sort", "status:desc")
    assert first("serial", "list", *of_hammer) == first("export", "serials", *of_hammer, "--format", "jsonl") == "SN-2"
    assert first("document", "list", "--sort", "kind") == "S-000001"
    assert hammer.rows("item", "history", "HT-1", "--sort", "units")[0]["units"] == -1
    refused = hammer("item", "list", "--sort", "price")
    assert (refused.code, "Columns: sku, name, location," in refused.err) == (2, True)

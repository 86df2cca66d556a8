"""The commands of a serial's life: what they take, what they answer, and how they refuse."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models.items.items import create_item, find_item
from models.serials.receive import receive_list
from tests.support.cases import each
from tests.support.commands import Commands
from tests.support.warehouse import laptops


def _received() -> None:
    me = laptops()
    create_item(me, "LAP-15", "Laptop 15 inch", location="SHELF", track_serials=True)
    for sku, serials in (("LAP-14", [f"A-{number}" for number in range(1, 10)]), ("LAP-15", ["A-1"])):
        receive_list(me, find_item(sku).id, serials, location="SHELF")


CONTENTS = {"shop": _received}


@pytest.fixture
def shop(commands: Commands) -> Commands:
    """LAP-14 with A-1 to A-9 and LAP-15 with A-1, all received at SHELF."""
    return commands


def _status(commands: Commands, serial: str) -> str:
    return str(commands.object("serial", "show", "--item", "LAP-14", serial)["status"])


def test_a_move_answers_with_its_document_and_counts(shop: Commands) -> None:
    sold = shop.object("sell", "--item", "LAP-14", "A-1", "A-2", "--customer", "Kreis GmbH", "--warranty", "24m")
    assert sold == {"document": "S-000001", "moved": 2, "units": 2, "refused": []}
    assert shop.object("reserve", "A-3", "--customer", "kreis gmbh", "--reference", "4711")["document"] is None
    events = shop.object("serial", "show", "A-3")["events"]
    assert (events[-1]["kind"], events[-1]["units"], events[-1]["reference"]) == ("reserved", 0, "4711")
    (customer,) = shop.rows("customer", "list")
    assert (customer["name"], customer["serials"]) == ("Kreis GmbH", 3)


def test_one_refused_serial_refuses_all_unless_errors_are_skipped(shop: Commands) -> None:
    shop.good("sell", "--item", "LAP-14", "A-1")
    words = ("sell", "--item", "LAP-14", "A-1", "A-2", "A-99")
    ran = shop(*words, "--json")
    assert ran.code == 1
    assert ran.object == {
        "error": "not_found",
        "message": "LAP-14 has no serial A-99. Check the number, or add it first.",
        "document": None,
        "moved": 0,
        "units": 0,
        "refused": [
            {
                "serial_number": "A-99",
                "reason": "not_found",
                "message": "LAP-14 has no serial A-99. Check the number, or add it first.",
            }
        ],
    }
    assert _status(shop, "A-2") == "in_stock"
    dry = shop.object(*words, "--skip-errors", "--dry-run")
    assert (dry["document"], dry["moved"]) == (None, 1)
    assert _status(shop, "A-2") == "in_stock"
    done = shop.object(*words, "--skip-errors")
    assert (done["document"], done["moved"], done["units"]) == ("S-000002", 1, 1)
    assert [(one["serial_number"], one["reason"]) for one in done["refused"]] == [
        ("A-99", "not_found"),
        ("A-1", "status"),
    ]
    assert shop(*words, "--skip-errors").code == 1  # nothing is left that can be sold


def test_a_list_names_items_where_texts_are_not_unique(shop: Commands, tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text("A-1\nA-2\n", "utf-8")
    said = shop.refused("defect", "--from", str(source), "--note", "broken")
    assert (said["error"], said["refused"][0]["serial_number"]) == ("ambiguous", "A-1")
    source.write_text("lap-14,A-1\nLAP-15, A-1\n\nA-2\n", "utf-8")
    assert shop.object("defective", "--from", str(source), "--note", "broken")["moved"] == 3
    assert shop.object("serial", "show", "--item", "LAP-15", "A-1")["status"] == "defective"


def test_a_list_is_a_table_or_a_workbook_too_and_a_line_of_several_values_is_named(
    shop: Commands, tmp_path: Path
) -> None:
    words = ("defect", "--note", "broken", "--from")
    source = tmp_path / "list.csv"
    source.write_text("Item,S/N\nLAP-14,A-1\nLAP-99,A-1\n,A-99\nLAP-15,A-1 \n", "utf-8")
    refused = shop.refused(*words, str(source))
    assert refused["error"] == "bad_value"
    assert [(one["serial_number"], one["reason"]) for one in refused["refused"]] == [
        ("A-1", "item"),
        ("A-99", "not_found"),
    ]
    assert refused["message"].startswith("A-1 is of the item LAP-99 in the list, and there is no such item.")
    other = shop.refused(*words, str(source), "--item", "lap-14")
    assert "--item says lap-14" in other["message"]
    source.write_text("A-1,A-2\n", "utf-8")
    assert "several values" in shop.refused(*words, str(source))["message"]
    shop.good("serial", "add", "--item", "LAP-14", "C,1")
    source.write_text("C,1\nA-2\n", "utf-8")
    assert shop.object(*words, str(source))["moved"] == 2  # a serial that is there may have a comma
    book: Any = openpyxl.Workbook()
    for row in (("Artikelnummer", "Seriennummer"), ("LAP-14", "A-1"), ("LAP-15", "A-1")):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert shop.object(*words, str(tmp_path / "list.xlsx"))["moved"] == 2


def test_a_transfer_is_sent_and_arrives_by_name_or_as_a_whole(shop: Commands) -> None:
    sent = shop.object("dispatch", "--item", "LAP-14", "A-1", "A-2", "A-3", "--to", "DOCK")["document"]
    assert shop("arrive", "--transfer", sent).code == 2
    assert shop.refused("arrive", "--transfer", sent, "A-4")["refused"][0]["reason"] == "status"
    shop.good("arrive", "--transfer", sent, "--item", "LAP-14", "A-1")
    assert shop.object("arrive", "--transfer", sent, "--all") == {
        "document": "A-000002",
        "moved": 2,
        "units": 2,
        "refused": [],
    }
    assert shop.refused("arrive", "--transfer", sent, "--all")["error"] == "not_found"
    assert shop.object("document", "show", "A-000002")["source"] == sent


def test_a_document_or_the_last_event_is_voided(shop: Commands) -> None:
    shop.good("sell", "--item", "LAP-14", "A-1", "A-2", "--customer", "Kreis GmbH")
    shop.good("return", "--item", "LAP-14", "A-1", "--location", "DOCK")
    said = shop.refused("void", "S-000001", "--note", "wrong customer")
    assert [one["reason"] for one in said["refused"]] == ["moved_on"]
    assert shop.object("void", "--item", "LAP-14", "A-1", "--note", "it stays with them")["document"] == "V-000001"
    assert shop.object("document", "void", "s-000001", "--note", "wrong customer")["moved"] == 2
    (sale,) = shop.rows("document", "list", "--kind", "sale")
    assert sale["voided_by"] == "V-000002"
    assert shop("void", "S-000001", "A-1", "--note", "which one").code == 2
    assert shop.refused("void", "A-99", "--note", "no such unit")["error"] == "not_found"
    assert shop.object("void", "A-2", "--note", "not received")["moved"] == 1
    assert shop("void", "--note", "nothing").code == 2


def test_a_serial_says_what_can_be_done_with_it(shop: Commands) -> None:
    shop.good("sell", "--item", "LAP-14", "A-1")
    assert shop.object("serial", "show", "--item", "LAP-14", "A-1")["can"] == [
        *("return", "repair", "note", "warranty", "correct", "void")
    ]


def test_a_corrected_and_a_removed_serial_are_found_and_listed_as_such(shop: Commands) -> None:
    shop.good("correct", "--item", "LAP-14", "A-9", "B-9")
    assert shop.object("serial", "show", "A-9")["serial_number"] == "B-9"
    shop.good("remove", "A-8", "--note", "typed twice")
    listed = [row["serial_number"] for row in shop.rows("serial", "list", "--item", "LAP-14")]
    assert listed == [*(f"A-{number}" for number in range(1, 8)), "B-9"]
    assert len(shop.rows("serial", "list", "--item", "LAP-14", "--removed")) == 9
    assert shop.object("item", "show", "LAP-14")["removed"] == 1


def test_a_list_of_corrections_is_carried_out_together(
    shop: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "corrections.csv"
    words = ("correct", "--from", str(source))
    source.write_text("A-2,A-3\nA-3,A-2\nLAP-15,A-1,B-1\n\n A-4 , C-4 \n", "utf-8")
    assert shop.object(*words, "--dry-run")["moved"] == 4
    assert (
        "4 serials: would be corrected; no quantity changes. Nothing was written." in shop.good(*words, "--dry-run").out
    )
    assert shop.object(*words, "--note", "mixed up") == {"document": None, "moved": 4, "units": 0, "refused": []}
    shown = shop.object("serial", "show", "--item", "LAP-14", "A-2")
    assert (shown["earlier_texts"], shown["events"][-1]["note"]) == (["A-3"], "mixed up")
    assert shop.object("serial", "show", "A-4")["serial_number"] == "C-4"
    source.write_text("SKU;Alte Seriennummer;Neue Nummer;Grund\nLAP-14;A-5;A-6;x\nLAP-14;NONE;N;y\n;A-7;;z\n", "utf-8")
    note = f"serialdock: Of {source} only the serials are read, not Grund.\n".replace(str(tmp_path) + "/", "")
    ran = shop("--json", *words)
    assert (ran.code, ran.object["error"]) == (1, "not_found")
    assert ran.err.startswith(note)
    ran = shop("--json", *words, "--skip-errors")
    assert (ran.code, ran.object["error"]) == (1, "not_allowed")
    assert [(one["serial_number"], one["reason"], one["message"]) for one in ran.object["refused"]] == [
        ("NONE", "not_found", "LAP-14 has no serial NONE. Check the number, or add it first."),
        ("A-7", "no_serial", "A-7, z has no new serial number. Fill it in, or take the line out."),
        ("A-5", "exists", ran.object["refused"][2]["message"]),
    ]
    assert "LAP-14 has A-6 already: In Stock at SHELF since" in ran.object["message"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Serial Number,New\nA-5,N/A\nA-6,A-5\n")))
    ran = shop("correct", "--item", "LAP-14", "--from", "-")
    assert (ran.code, ran.out) == (0, "2 serials: corrected; no quantity changes.\n")
    assert ran.err == "serialdock: N/A stands for a serial number that nobody knows.\n"


def test_one_correction_that_is_refused_says_which_serial(shop: Commands) -> None:
    for words, code, reason, said in (
        (("A-1", "B"), "ambiguous", "ambiguous", "A-1 is on several items: LAP-14, LAP-15. Say which with --item."),
        (("A-99", "B"), "not_found", "not_found", "No item has the serial A-99. Check the number, or add it first."),
        (("A-2", "A-2"), "not_allowed", "there", "A-2 is its text already. Give another one."),
        (("A-2", "__"), "bad_value", "unfit", "__ has no letter or digit, so it is no serial number. Scan or "),
    ):
        refused = shop.refused("correct", *words)
        (one,) = refused["refused"]
        assert (refused["error"], one["reason"], one["serial_number"]) == (code, reason, words[0])
        assert one["message"] == refused["message"]
        assert refused["message"].startswith(said)


def test_the_record_says_which_text_and_item_a_serial_had_before(shop: Commands) -> None:
    assert shop.object("correct", "--item", "LAP-14", "A-9", "B-9", "--dry-run")["moved"] == 1
    assert "A-9 would be B-9. Nothing was written." in shop.good("correct", "A-9", "B-9", "--dry-run").out
    shop.good("correct", "A-9", "--note", "misread", "B-9")
    shop.good("change-item", "B-9", "--to-item", "LAP-15")
    shown = shop.object("serial", "show", "B-9")
    assert (shown["earlier_texts"], shown["earlier_items"]) == (["A-9"], ["LAP-14"])
    assert [(event["item"], event["serial_number"]) for event in shown["events"]] == [
        ("LAP-14", "A-9"),
        ("LAP-14", "B-9"),
        ("LAP-15", "B-9"),
    ]
    lines = [" ".join(line.split()) for line in shop.good("serial", "show", "B-9").out.splitlines()]
    assert "Earlier text A-9" in lines
    assert "Was on LAP-14" in lines
    assert any(line.endswith(" corrected serial number A-9 → B-9; misread") for line in lines)
    assert any(line.endswith(" moved to another item item LAP-14 → LAP-15") for line in lines)


def test_a_warranty_is_extended_by_a_term(shop: Commands) -> None:
    shop.good("warranty", "--item", "LAP-14", "A-1", "A-2", "--set", "2026-01-01..2026-12-31")
    shop.good("warranty", "--item", "LAP-14", "A-1", "--extend", "12m")
    shop.good("warranty", "--item", "LAP-14", "A-1", "--extend", "+10d")
    assert shop.object("serial", "show", "--item", "LAP-14", "A-1")["warranty"]["end"] == "2028-01-10"
    words = ("warranty", "--item", "LAP-14", "A-2", "A-3", "--extend", "1y")
    said = shop.refused(*words)
    assert said["refused"] == [
        {
            "serial_number": "A-3",
            "reason": "warranty",
            "message": "A-3 has no warranty that could be extended. Give it one first, or leave it out.",
        }
    ]
    assert shop.object(*words, "--skip-errors")["moved"] == 1
    assert shop.refused("warranty", "A-2", "--item", "LAP-14", "--extend", "soon")["error"] == "bad_value"


@each(
    "words",
    [
        ("sell",),
        ("sell", "A-1", "--from", "list.txt"),
        ("defect", "A-1"),
        ("transfer", "A-1"),
        ("repaired", "A-1"),
        ("warranty", "A-1"),
        ("warranty", "A-1", "--none", "--set", "1y"),
        ("warranty", "A-1", "--extend", "1y", "--set", "1y"),
        ("arrive", "A-1", "--transfer", "T-000001", "--all"),
        ("correct",),
        ("correct", "A-2"),
        ("correct", "A-2", "B-2", "--from", "list.txt"),
        ("correct", "--from=list.txt", "A-2"),
        ("correct", "A-2", "--note", "--from", "B-2"),
    ],
)
def test_a_command_line_that_leaves_something_open_is_malformed(shop: Commands, words: tuple[str, ...]) -> None:
    assert shop(*words).code == 2

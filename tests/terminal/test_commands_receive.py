"""`serialdock receive` and `serialdock drafts …`."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from models.database.connection import call, disconnect, open_database
from models.errors import Changed
from models.items.items import create_item, find_item
from models.locations import create_location
from models.people import sign_in
from models.serials.add import add_serials
from models.serials.judging import Scan, Verdict
from models.station.engine import ScanStation
from tests.support.cases import each
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES

RECEIVE = ("receive", "--item", "HT-1", "--location", "DOCK-1")


def _hammer_and_dock() -> None:
    me = sign_in()
    create_item(me, "HT-1", "Hammer", on_hand=1, track_serials=True)
    create_location(me, "DOCK-1", "Dock")


CONTENTS = {"dock": _hammer_and_dock}


@pytest.fixture
def dock(commands: Commands) -> Commands:
    """A tracked item with one unit on hand, and a dock."""
    return commands


def serials(dock: Commands) -> list[str]:
    return [row["serial_number"] for row in dock.rows("serial", "list", "--item", "HT-1")]


def on_hand(dock: Commands) -> dict[str, int]:
    return {place["location"]: place["on_hand"] for place in dock.object("item", "show", "HT-1")["places"]}


@BOTH_ENGINES
def test_a_range_is_received_with_a_receipt_and_the_quantity_goes_up(dock: Commands) -> None:
    said = dock.object(*RECEIVE, "--range", "A0098..A0103", "--expected", "6")
    assert (said["document"], said["received"], said["refused"], said["units_added"]) == ("R-000001", 6, 0, 6)
    assert [row["verdict"] for row in said["serials"]] == ["ok"] * 6
    assert serials(dock) == ["A0098", "A0099", "A0100", "A0101", "A0102", "A0103"]
    assert on_hand(dock) == {"MAIN": 1, "DOCK-1": 6}
    shown = dock.object("serial", "show", "A0099")
    assert [(event["kind"], event["document"]) for event in shown["events"]] == [("received", "R-000001")]


def test_a_range_in_a_file_is_refused_and_named_with_its_line(dock: Commands, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("S-1\nX1..X3\n")
    said = dock.refused(*RECEIVE, "--from", str(tmp_path / "list.txt"))
    assert said["message"].startswith("X1..X3 is a range, and a line of a list is one serial.")
    assert [(row["line"], row["reason"]) for row in said["serials"]] == [(1, None), (2, "range")]
    assert serials(dock) == []


def test_units_that_are_on_hand_already_only_get_their_numbers(dock: Commands) -> None:
    dock.good(*RECEIVE, "--first", "B98", "--count", "4", "--no-quantity")
    assert serials(dock) == ["B98", "B99", "B100", "B101"]
    assert on_hand(dock) == {"MAIN": 1, "DOCK-1": 0}


def test_one_refused_serial_keeps_all_from_being_written_unless_errors_are_skipped(dock: Commands) -> None:
    dock.good(*RECEIVE, "--range", "A1..A3")
    refused = dock.refused(*RECEIVE, "--range", "A3..A5")
    assert refused["error"] == "duplicate"
    assert "A3 of HT-1 is already here: In Stock at DOCK-1" in refused["message"]
    assert [row["verdict"] for row in refused["serials"]] == ["refused", "ok", "ok"]
    assert (refused["document"], refused["received"]) == (None, 0)
    assert serials(dock) == ["A1", "A2", "A3"]
    said = dock.object(*RECEIVE, "--range", "A3..A5", "--skip-errors")
    assert (said["document"], said["received"], said["refused"]) == ("R-000002", 2, 1)
    assert serials(dock) == ["A1", "A2", "A3", "A4", "A5"]


def test_a_list_is_taken_as_it_is_and_a_serial_given_twice_is_named(
    dock: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes(b"\xef\xbb\xbf00123\r\n\r\n AF5-69H \n]C1010950600013435221X\n00123\n")
    refused = dock.refused(*RECEIVE, "--from", str(file))
    assert refused["message"] == "00123 is given twice, in line 1 and in line 5. Nothing was written."
    assert [row["line"] for row in refused["serials"]] == [1, 3, 4, 5]
    file.write_bytes(b"00123\n AF5-69H \n]C1010950600013435221X\n")
    dock.good(*RECEIVE, "--from", str(file))
    assert serials(dock) == ["00123", "AF5-69H", "]C1010950600013435221X"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"N-1\nN-2\n")))
    assert dock.object(*RECEIVE, "--from", "-")["received"] == 2


def test_a_heading_is_no_unit_and_several_values_in_a_line_are_none_either(dock: Commands, tmp_path: Path) -> None:
    file, pipe = tmp_path / "list.csv", tmp_path / "pipe"
    file.write_text('Serial Number;Artikel;Preis\n"A-1";HT-1;3\nA-2;Hammer;3\nA-3,A-4;;3\nA-5;SAW-1;3\n;HT-1;3\n')
    ran = dock("--json", *RECEIVE, "--from", str(file), "--skip-errors")
    assert "Of list.csv only the serials are read, not Preis." in ran.err
    assert [(row["line"], row["serial_number"], row["verdict"], row["reason"]) for row in ran.object["serials"]] == [
        (2, "A-1", "ok", None),
        (3, "A-2", "ok", None),
        (4, "A-3,A-4", "refused", "several"),
        (5, "A-5", "refused", "item"),
        (6, "HT-1, 3", "refused", "no_serial"),
    ]
    file.write_text("ht-1,B-1\nB-2\nB-3,B-4\n")
    refused = dock.refused(*RECEIVE, "--from", str(file))
    assert refused["message"].startswith("B-3,B-4 has several values, and a line of a list is one serial.")
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"ht-1,B-1\nB-2\n",))
    writer.start()
    dock.good(*RECEIVE, "--from", str(pipe))
    writer.join()
    assert serials(dock) == ["A-1", "A-2", "B-1", "B-2"]
    file.write_bytes("C-1\n회색\n".encode("cp949"))
    assert dock.refused(*RECEIVE, "--from", str(file))["message"].endswith(" Choose with --encoding NAME.")
    file.write_bytes("Serial Number;Notes\nC-1;회색\nN/A;\n".encode("cp949"))
    row, doubted = dock("--json", *RECEIVE, "--from", str(file), "--encoding", "cp949").object["serials"]
    assert (row["serial_number"], doubted["verdict"], doubted["reason"]) == ("C-1", "warning", "placeholder")


def test_a_dry_run_says_everything_and_writes_nothing(dock: Commands) -> None:
    said = dock.object(*RECEIVE, "--range", "A1..A3", "--dry-run")
    assert (said["document"], said["received"], [row["verdict"] for row in said["serials"]]) == (None, 0, ["ok"] * 3)
    assert (said["dry_run"], said["good"]) == (True, 3)
    for more, quantity in ((), "3 would be added to the quantity"), (("--no-quantity",), "no quantity would change"):
        out = dock.good(*RECEIVE, "--range", "A1..A3", "--dry-run", *more).out
        assert out == f"Would receive 3 serials of HT-1 at DOCK-1; {quantity}. Nothing was written.\n"
    assert serials(dock) == []
    dock.good("serial", "add", "--item", "HT-1", "A2")
    assert dock(*RECEIVE, "--range", "A1..A3", "--dry-run").code == 1
    assert serials(dock) == ["A2"]


def test_a_warning_is_told_and_refuses_nothing(dock: Commands) -> None:
    dock.good(*RECEIVE, "--range", "A100..A130")
    said = dock.object(*RECEIVE, "--first", "4006381333931", "--count", "1")
    (row,) = said["serials"]
    assert (row["verdict"], row["reason"]) == ("warning", "shape")
    assert row["message"] == "4006381333931 has 13 characters where the other 31 have 4."
    assert said["received"] == 1


def test_another_number_than_expected_is_refused_with_both(dock: Commands) -> None:
    refused = dock.refused(*RECEIVE, "--range", "A1..A3", "--expected", "5")
    assert refused["message"] == "Too few: 3 can be received and 5 are expected. Nothing was written."
    assert serials(dock) == []
    said = dock.object(*RECEIVE, "--range", "A1..A3", "--expected", "2", "--skip-errors")
    assert (said["received"], said["mismatch"]) == (3, "Too many: 3 can be received and 2 are expected.")
    assert dock.good(*RECEIVE, "--range", "B1..B3", "--expected", "4", "--skip-errors").out.splitlines() == [
        "Received 3 serials of HT-1 at DOCK-1, document R-000002; 3 added to the quantity.",
        "Too few: 3 can be received and 4 are expected.",
    ]


def test_a_list_of_which_nothing_can_be_received_is_refused_even_if_errors_are_skipped(dock: Commands) -> None:
    dock.good(*RECEIVE, "--range", "A1..A2")
    refused = dock.refused(*RECEIVE, "--range", "A1..A2", "--skip-errors")
    assert (refused["error"], refused["good"], refused["refused"]) == ("duplicate", 0, 2)
    assert refused["message"].endswith(" 1 more cannot be received. Nothing was written.")


def test_each_serial_with_something_to_say_has_a_line_the_refused_ones_first(dock: Commands, tmp_path: Path) -> None:
    dock.good("serial", "add", "--item", "HT-1", "--location", "DOCK-1", "X-9")
    file = tmp_path / "list.txt"
    file.write_text("O-1\n01\n\nO-1\nX-9\n")
    here = "X-9 of HT-1 is already here: In Stock at DOCK-1"
    ran = dock(*RECEIVE, "--from", str(file))
    assert (ran.code, ran.out) == (1, "")
    problem, twice, exists, warning = ran.err.splitlines()
    said = "O-1 is given twice, in line 1 and in line 4. 1 more cannot be received. Nothing was written."
    assert problem == f"serialdock: {said}"
    assert twice == "serialdock: refused, line 4: O-1 is given twice, in line 1 and in line 4."
    assert exists.startswith(f"serialdock: refused, line 5: {here}")
    assert warning == "serialdock: warning, line 2: 01 looks like O-1, which is here already."
    received, twice, exists, warning = dock.good(*RECEIVE, "--from", str(file), "--skip-errors").out.splitlines()
    assert received.startswith("Received 2 serials of HT-1 at DOCK-1, document R-000001")
    assert exists.startswith(f"refused, line 5: {here}")
    single = dock(*RECEIVE, "--first", "X-9", "--count", "1").err
    assert single.startswith(f"serialdock: {here}")
    assert single.count("\n") == 1


def test_a_long_list_of_refusals_is_cut_for_people_and_whole_for_programs(dock: Commands) -> None:
    dock.good(*RECEIVE, "--range", "A001..A100")
    lines = dock(*RECEIVE, "--range", "A001..A100").err.splitlines()
    assert len(lines) == 1 + 20 + 1
    assert lines[1].startswith("serialdock: refused: A001 of HT-1 is already here")
    assert lines[-1] == "serialdock: … and 80 more; --json lists all."
    rows = dock.refused(*RECEIVE, "--range", "A001..A100")["serials"]
    assert [row["serial_number"] for row in rows] == [f"A{number:03}" for number in range(1, 101)]
    assert {row["reason"] for row in rows} == {"exists"}


def test_nothing_of_a_line_is_taken_away_in_silence(dock: Commands, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_bytes("A1\rA2\n\x1dB1\n\u00a0B2\nB3\u2028B4\nB5\x85\n".encode())
    rows = dock.refused(*RECEIVE, "--from", str(file))["serials"]
    assert [(row["serial_number"], row["verdict"]) for row in rows] == [
        ("A1", "ok"),
        ("A2", "ok"),
        ("\x1dB1", "refused"),
        ("\u00a0B2", "refused"),
        ("B3\u2028B4", "refused"),
        ("B5\x85", "refused"),
    ]
    ran = dock(*RECEIVE, "--from", str(file))
    assert "\x1d" not in ran.err
    assert "line 3: Character 1 of the serial number \\x1dB1 is the control character 0x1d" in ran.err


@each(
    ("content", "said"),
    [
        (b"", "has no serial in it"),
        (b"A-10001\0B\n", "is no table that can be read"),
        (b'A1\n"B\n', "a quote is opened there and never closed"),
        (b"Location\nA1\n", "none of its columns is the serial number: Location."),
        (None, "There is no file"),
    ],
)
def test_a_bad_file_gets_one_clear_sentence(dock: Commands, tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "list.txt"
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_bytes(content)
    assert said in dock.refused(*RECEIVE, "--from", str(file))["message"]
    assert "is a folder. Choose a file in it." in dock.refused(*RECEIVE, "--from", str(tmp_path))["message"]


def test_a_list_that_is_too_long_is_refused_before_anything_is_looked_up(dock: Commands, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("A\n" * 100_001)
    said = f"{file.name} has more than 100,000 serials; 100,000 in one go is the most. "
    assert dock.refused(*RECEIVE, "--from", str(file))["message"] == f"{said}Enter them in parts."
    with file.open("wb") as large:
        large.truncate(64 * 1024 * 1024 + 1)
    assert "has more than 64 MB" in dock.refused(*RECEIVE, "--from", str(file))["message"]


def test_a_program_started_without_standard_input_is_told_so(dock: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    said = "standard input has no serial in it. Give one serial a line."
    assert dock.refused(*RECEIVE, "--from", "-")["message"] == said


@each(
    "words",
    [
        (),
        ("--from", ""),
        ("--range", "A1..A2", "--from", "x"),
        ("--first", "A1"),
        ("--count", "3"),
        ("--range", "A1..A2", "--expected", "0"),
    ],
)
def test_the_serials_are_named_in_exactly_one_way(dock: Commands, words: tuple[str, ...]) -> None:
    assert dock(*RECEIVE, *words).code == 2


@each(
    ("words", "said"),
    [
        (("--range", "A5..A1"), "A5..A1 falls"),
        (("--range", "A1..B5"), "only the last number may differ"),
        (("--range", "A01..A100"), "has 2 digits and 100 has 3"),
        (("--range", "A1..A5", "--range", "A3..A9"), "A3 is in A3..A9 and in A1..A5"),
        (("--range", "ABC..ABD"), "has no number that could count up"),
        (("--first", "A98", "--count", "0"), "The count is 1 to"),
        (("--first", "A098", "--count", "1000"), "more digits than A098"),
    ],
)
def test_a_range_that_is_none_is_refused_by_name(dock: Commands, words: tuple[str, ...], said: str) -> None:
    assert said in dock.refused(*RECEIVE, *words)["message"]


def test_who_may_not_is_refused_and_nothing_changes(dock: Commands) -> None:
    dock.good("user", "add", "jana", "--role", "viewer")
    refused = dock.refused("--user", "jana", *RECEIVE, "--range", "A1..A3")
    assert refused["error"] == "not_permitted"
    assert "INV_MANAGE_SERIALS" in refused["message"]
    assert serials(dock) == []


# ----- drafts


@pytest.fixture
def left(dock: Commands) -> Commands:
    """A receipt that was left: two good serials of three expected, one problem."""
    database = open_database(dock.url)

    def scan() -> None:
        told: list[Verdict] = []
        station, boss = ScanStation(), sign_in()
        add_serials(boss, find_item("HT-1").id, ["OLD-1"])
        station.scan(boss, [Scan(text) for text in ("DOCK-1", "HT-1", "SN-1", "SN-2", "OLD-1")], told.append)
        station.expect(boss, 3)

    call(database, scan)
    disconnect(database)
    return dock


@BOTH_ENGINES
def test_open_drafts_are_listed_and_shown_with_all_their_lines(left: Commands) -> None:
    (row,) = left.rows("drafts", "list")
    assert (row["task"], row["location"], row["item"]) == ("receive", "DOCK-1", "HT-1")
    assert (row["good"], row["problems"], row["expected"], row["in_use"]) == (2, 1, 3, True)
    assert row["items"] == [{"item": "HT-1", "good": 2, "expected": 3}]
    (exported,) = left.rows("export", "drafts", "--sort", "problems:desc")
    assert exported == {name: row[name] for name in exported.keys() - {"answers"}} | {"answers": ""}
    assert left.rows("drafts", "list", "--sort", "by") == [row]
    shown = left.object("drafts", "show", str(row["id"]))
    assert [(line["serial_number"], line["state"]) for line in shown["lines"]] == [
        ("SN-1", "good"),
        ("SN-2", "good"),
        ("OLD-1", "problem"),
    ]
    assert "is already here" in shown["lines"][2]["message"]
    assert "2 of 3" in left.good("drafts", "list").out
    assert "OLD-1" in left.good("drafts", "show", str(row["id"])).out


@BOTH_ENGINES
def test_a_draft_is_taken_over_and_handed_over_and_discarded(left: Commands) -> None:
    left.good("user", "add", "jana", "--role", "clerk")
    (row,) = left.rows("drafts", "list")
    number = str(row["id"])
    taken = left.object("--user", "jana", "drafts", "take-over", number)
    assert (taken["user"], taken["started_by"], taken["in_use"]) == ("jana", row["user"], False)
    assert [person["user"] for person in left.object("drafts", "show", number)["people"]] == [row["user"], "jana"]
    assert left.object("drafts", "hand-over", number, "--to", row["user"])["user"] == row["user"]
    assert left.refused("drafts", "hand-over", number, "--to", "nobody")["error"] == "not_found"
    assert left.object("drafts", "discard", number)["state"] == "discarded"
    assert left.rows("drafts", "list") == []
    assert left.refused("drafts", "show", number)["error"] == "not_found"
    assert serials(left) == ["OLD-1"]


def test_a_draft_is_shown_with_what_is_missing_was_not_announced_and_was_taken_out(dock: Commands) -> None:
    announced = [f"SN-{number:04}" for number in range(1, 1_501)]
    database = open_database(dock.url)

    def scan() -> None:
        told: list[Verdict] = []
        station, boss = ScanStation(), sign_in()
        station.scan(boss, [Scan("DOCK-1"), Scan("HT-1")], told.append)
        station.announce(boss, announced)
        station.scan(boss, [Scan(text) for text in ("SN-0001", "XX-1", "XX-1", "SN-0002")], told.append)
        station.undo(boss)

    call(database, scan)
    disconnect(database)
    (row,) = dock.rows("drafts", "list")
    shown = dock.object("drafts", "show", str(row["id"]))
    (item,) = shown["items"]
    assert (item["item"], item["expected"], item["adds_quantity"]) == ("HT-1", 1_500, True)
    assert item["missing"] == announced[1:]
    assert item["not_announced"] == ["XX-1"]
    assert [(line["serial_number"], line["state"]) for line in shown["lines"]][-1] == ("SN-0002", "out")
    out = dock.good("drafts", "show", str(row["id"])).out
    assert "HT-1: 1500 expected, adds to the quantity" in out
    assert f"  missing: {', '.join(announced[1:21])} and 1,479 more\n" in out
    assert "  not announced: XX-1\n" in out


def test_a_station_is_told_at_its_next_scan_that_its_draft_was_taken_over(dock: Commands) -> None:
    dock.good("user", "add", "jana", "--role", "clerk")
    station = ScanStation()

    def scan(*texts: str) -> None:
        told: list[Verdict] = []
        database = open_database(dock.url)
        try:
            call(database, lambda: station.scan(sign_in(), [Scan(text) for text in texts], told.append))
        finally:
            disconnect(database)

    scan("DOCK-1", "HT-1", "SN-1")
    (row,) = dock.rows("drafts", "list")
    out = dock.good("--user", "jana", "drafts", "take-over", str(row["id"])).out
    assert f"Draft {row['id']} is jana's now. F7 on the list of items continues it." in out
    assert f"{row['user']}'s station will be told at its next scan." in out
    with pytest.raises(Changed, match="jana"):
        scan("SN-2")
    assert [line["serial_number"] for line in dock.object("drafts", "show", str(row["id"]))["lines"]] == ["SN-1"]


def test_drafts_need_their_permissions(left: Commands) -> None:
    left.good("user", "add", "jana", "--role", "viewer")
    assert len(left.rows("--user", "jana", "drafts", "list")) == 1
    for verb in ("discard", "take-over"):
        assert left.refused("--user", "jana", "drafts", verb, "1")["error"] == "not_permitted"
    left.good("role", "add", "blind")
    left.good("user", "set", "jana", "--role", "blind")
    assert left.refused("--user", "jana", "drafts", "list")["error"] == "not_permitted"

"""`serialdock import` and `serialdock import-template`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from models.importing.imports import import_staged
from models.items.items import create_item
from models.locations import create_location
from models.people import sign_in
from tests.support.commands import Commands, in_this_process, installed
from tests.support.engines import BOTH_ENGINES, ON_POSTGRESQL


def _hammer_and_dock() -> None:
    me = sign_in()
    create_item(me, "HT-1", "Hammer", on_hand=2, track_serials=True)
    create_location(me, "DOCK-1", "Dock")


CONTENTS = {"dock": _hammer_and_dock}


@pytest.fixture
def dock(commands: Commands) -> Commands:
    """A tracked item with two units on hand, and a dock."""
    return commands


def serials(dock: Commands) -> list[str]:
    return [row["serial_number"] for row in dock.rows("serial", "list", "--item", "HT-1")]


def on_hand(dock: Commands) -> dict[str, int]:
    return {place["location"]: place["on_hand"] for place in dock.object("item", "show", "HT-1")["places"]}


def write(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_bytes(text.encode(encoding))
    return str(path)


@BOTH_ENGINES
def test_a_file_is_imported_with_a_document_and_no_quantity_changes(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial No.,SKU,Location\n00123,HT-1,DOCK-1\nSN-2,ht-1,\n")
    said = dock.object("import", file)
    assert (said["document"], said["rows"], said["imported"], said["refused"]) == ("I-000001", 2, 2, 0)
    assert (said["units_added"], said["rejected_file"], said["errors"], said["imported_before"]) == (0, None, [], [])
    assert (said["file"], said["size"], len(said["sha256"])) == ("list.csv", 53, 64)
    assert serials(dock) == ["00123", "SN-2"]
    assert on_hand(dock) == {"MAIN": 2, "DOCK-1": 0}
    shown = dock.object("serial", "show", "00123")
    assert [(event["kind"], event["document"]) for event in shown["events"]] == [("imported", "I-000001")]
    assert [paper["kind"] for paper in shown["documents"]] == ["import"]
    assert dock("check").code == 0


def test_one_item_and_place_for_all_rows_and_a_quantity_that_goes_up(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial Number\nA-1\nA-2\n")
    out = dock.good("import", file, "--item", "HT-1", "--location", "DOCK-1", "--add-quantity").out
    assert out == "Imported 2 serials from list.csv, document I-000001; 2 added to the quantity.\n"
    assert on_hand(dock) == {"MAIN": 2, "DOCK-1": 2}


def with_a_hidden_row(path: Path) -> str:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["Serial Number", "A-1", "A-2", "A-3"])
        sheet.set_row(2, None, None, {"hidden": True})
    return str(path)


def test_hidden_rows_are_left_out_aloud_and_taken_when_asked(dock: Commands, tmp_path: Path) -> None:
    words = ("import", with_a_hidden_row(tmp_path / "list.xlsx"), "--item", "HT-1")
    ran = dock(*words, "--dry-run")
    assert ran.code == 0
    assert ran.out == "Would import 2 serials from list.xlsx. Nothing was written.\n"
    assert "1 hidden or filtered row of list.xlsx was left out. --hidden include takes them too." in ran.err
    said = json.loads(dock(*words, "--dry-run", "--json").out)
    assert (said["rows"], said["hidden"]) == (2, 1)
    said = dock.object(*words, "--hidden", "include")
    assert (said["imported"], said["hidden"]) == (3, 0)
    assert serials(dock) == ["A-1", "A-2", "A-3"]


def test_how_a_file_is_read_is_asked_for_once_and_remembered(dock: Commands, tmp_path: Path) -> None:
    text = "Stock list;;\n\nNr;Zustand;Came\nA-1;정상 작동;03/04/2021\n"
    file = str(tmp_path / "one.csv")
    Path(file).write_bytes(text.encode("cp949"))
    words = ["import", file, "--item", "HT-1", "--map", "Nr=serial_number", "--map", "Came=date_received"]
    said = dock.refused(*words)["message"]
    assert "line 4 is “A-1;정상 작동;03/04/…” in cp949 (Korean)" in said
    assert said.endswith(" Choose with --encoding NAME.")
    words += ["--encoding", "CP949"]
    said = dock.refused(*words)["message"]
    assert said.startswith(
        "The dates in the column Came can be read in two ways: 03/04/2021 in row 4 is 2021-04-03 with"
    )
    assert said.endswith(" Choose with --dates dmy|mdy.")
    words += ["--dates", "mdy"]
    assert dock(*words).code == 0
    Path(file).write_bytes(text.replace("A-1", "A-2").encode("cp949"))
    ran = dock("import", file, "--item", "HT-1")
    assert "The header is in row 3. The row above it is left out." in ran.err
    assert dock.object("serial", "show", "A-2")["date_received"] == "2021-03-04"
    assert dock.object("serial", "show", "A-2")["condition_notes"] == "정상 작동"


def test_the_header_row_is_chosen_or_none(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "A1-0001\nA1-0002\n")
    ran = dock("import", file, "--item", "HT-1", "--dry-run")
    assert "Would import 2 serials" in ran.out
    assert "so there is no header" in ran.err
    file = write(tmp_path / "two.csv", "Ref,Serial\nOld,x\nB-1,y\n")
    words = ("import", file, "--item", "HT-1", "--map", "A=serial_number")
    assert "There is no text in row 9" in dock.refused(*words, "--header-row", "9")["message"]
    assert dock.object(*words, "--header-row", "2", "--dry-run")["rows"] == 1
    assert dock.object(*words, "--map", "B=", "--header-row", "none", "--dry-run")["rows"] == 3
    said = dock.refused("import", write(tmp_path / "b.csv", "Foo,Bar\nx,y\n"))["message"]
    assert said == (
        "No column is the serial number. The file has A “Foo”, B “Bar”. Say which one is. "
        "Choose with --map A=serial_number."
    )
    for wrong, message in {
        ("--header-row", "0"): "'0' is neither a row, counted from 1, nor none",
        ("--encoding", "klingon"): "'klingon' is no encoding; some are cp1252",
        ("--dates", "ydm"): "invalid choice: 'ydm'",
    }.items():
        ran = dock(*words, *wrong)
        assert ran.code == 2
        assert message in ran.err


def test_a_mapping_is_given_once_and_remembered(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "one.csv", "Nr;What;Where\nA-1;HT-1;DOCK-1\n")
    refused = dock.refused("import", file)
    assert "No column is the serial number" in refused["message"]
    dock.good("import", file, "--map", "Nr=serial_number", "--map", "2=item", "--map", "C=location")
    dock.good("import", write(tmp_path / "two.csv", "nr;what;where\nA-2;HT-1;DOCK-1\n"))
    assert serials(dock) == ["A-1", "A-2"]


def test_one_wrong_row_keeps_all_from_being_written_unless_errors_are_skipped(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial,Item\nA-1,HT-1\n1.23E+14,HT-1\nA-1,HT-1\nA-3,NOPE\n")
    refused = dock.refused("import", file)
    assert refused["error"] == "bad_value"
    assert refused["message"].startswith("Row 3 of list.csv: 1.23E+14 is what a spreadsheet makes of a long number")
    assert refused["message"].endswith("2 more cannot be imported. Nothing was written.")
    assert [row["row"] for row in refused["errors"]] == [3, 4, 5]
    assert serials(dock) == []
    assert list(tmp_path.glob("*rejected*")) == []
    said = dock.object("import", file, "--skip-errors")
    assert (said["imported"], said["refused"]) == (1, 3)
    with Path(said["rejected_file"]).open(encoding="utf-8-sig", newline="") as rejects:
        rows = list(csv.reader(rejects))
    assert rows[0] == ["Serial", "Item", "Reason"]
    assert [row[:2] for row in rows[1:]] == [["1.23E+14", "HT-1"], ["A-1", "HT-1"], ["A-3", "NOPE"]]
    assert rows[3][2] == "There is no item NOPE. Correct it, or make the item first."


def test_rejected_rows_are_mended_and_imported_again(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial,Item\nA-1,HT-1\nA-2,NOPE\n")
    rejected = Path(dock.object("import", file, "--skip-errors")["rejected_file"])
    text = rejected.read_text("utf-8-sig")
    rejected.write_text(text.replace("NOPE,", "HT-1,"), "utf-8-sig")
    assert dock.object("import", str(rejected))["imported"] == 1
    assert serials(dock) == ["A-1", "A-2"]


def test_a_dry_run_says_everything_and_writes_nothing(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial,Item,Status,Customer\nA-1,HT-1,Sold,Bergmann AG\n")
    out = dock.good("import", file, "--dry-run").out
    assert out == "Would import 1 serial from list.csv. Nothing was written.\nWould make 1 customer: Bergmann AG.\n"
    said = dock.object("import", file, "--dry-run")
    assert (said["dry_run"], said["document"], said["good"], said["imported"]) == (True, None, 1, 0)
    assert serials(dock) == []
    assert dock.object("import", file)["customers_added"] == 1


def test_what_is_missing_is_listed_before_the_rows_and_made_when_asked(dock: Commands, tmp_path: Path) -> None:
    rows = "".join(f"A-{number},NB-{number % 2},Room 1,Deployed\n" for number in range(30))
    file = write(tmp_path / "list.csv", f"Serial,Model,Location,Status\nB-1,HT-1,,In Stock\n{rows}")
    words = ("import", file, "--map", "Status=status")
    said = dock(*words).err.splitlines()
    unknown = (
        "serialdock: Unknown {noun}: {many}, in 30 rows. --make {noun} makes them. "
        "--map-value {kind}:TEXT=NAME says what one is here."
    )
    assert said[1:8] == [
        unknown.format(noun="items", many="2", kind="item"),
        "serialdock:   NB-0: 15 rows",
        "serialdock:   NB-1: 15 rows",
        unknown.format(noun="locations", many="1", kind="location"),
        "serialdock:   Room 1: 30 rows",
        "serialdock: Unknown statuses: 1, in 30 rows. --map-value status:TEXT=NAME says what one is here.",
        "serialdock:   Deployed: 30 rows",
    ]
    assert said[8].startswith("serialdock: row 3: There is no item NB-0.")
    words += ("--make", "items,locations", "--map-value", "status:deployed=In Stock")
    assert dock.good(*words, "--dry-run").out.splitlines()[1:] == [
        "Would make 2 items: NB-0, NB-1.",
        "Would make 1 location: Room-1.",
    ]
    done = dock.object(*words)
    assert (done["imported"], done["items_added"], done["locations_added"]) == (31, 2, 1)
    told = {"kind": "location", "name": "Room 1", "rows": 30, "made": True, "code": "Room-1", "message": None}
    assert done["missing"][-1] == told
    assert dock("import", file, "--make", "customers").code == 2
    assert dock("check").code == 0


def test_a_column_whose_values_do_not_fit_is_left_out_aloud(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", 'Serial,SKU,Storage\n"A-1, A-2",Saw,256 GB\nN/A,Saw,1 TB\n')
    ran = dock("import", file, "--item", "HT-1")
    told = ran.err.splitlines()
    assert told[0] == (
        "serialdock: The column “Storage” is left out: its values (256 GB, 1 TB) are no places. "
        "--map “Storage=location” takes it all the same."
    )
    assert told[2:5] == [
        "serialdock: 2 rows of another item than --item names: --map COLUMN=ignore leaves the column out.",
        "serialdock: 1 row with a placeholder for a serial number: --refuse-placeholders refuses them.",
        "serialdock: 1 row with several serial numbers in a cell: --split makes a row of each, --no-split one row.",
    ]
    words = ("import", file, "--item", "HT-1", "--map", "SKU=ignore", "--map", "C=ignore", "--split")
    said = dock.object(*words, "--refuse-placeholders", "--skip-errors", "--dry-run")
    assert (said["good"], said["refused"]) == (2, 1)
    assert said["remedies"] == [{"reason": "placeholder", "rows": 1}]
    assert dock.object(*words)["warnings"][0]["reason"] == "placeholder"
    assert serials(dock) == ["A-1", "A-2", "N/A"]


def test_what_the_command_line_can_do_about_dates_cells_and_encodings_is_named(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", 'Serial,Date Received\n"A,1",13/04/2021\nA-2,04/13/2021\nA-3,05/06/2021\n')
    words = ("import", file, "--item", "HT-1")
    ran = dock(*words, "--split")
    assert ran.code == 1
    assert (
        "serialdock: 4 rows with dates of a column that has them in several orders: --dates dmy, mdy or ymd says which "
        "order it is." in ran.err.splitlines()
    )
    ran = dock("--json", *words, "--dates", "dmy", "--no-split", "--skip-errors")
    assert (ran.code, ran.object["imported"], ran.object["remedies"]) == (0, 2, [])
    assert [(one["serial_number"], one["reason"]) for one in ran.object["warnings"]] == [("A,1", "several")]
    assert serials(dock) == ["A,1", "A-3"]
    again = write(tmp_path / "again.csv", 'Serial,Date Received\n"B,1",13/04/2021\n')
    assert dock.object("import", again, "--item", "HT-1")["imported"] == 1, "--no-split is remembered"
    assert dock("--json", "import", again, "--item", "HT-1", "--split", "--dry-run").object["rows"] == 2
    book: Any = openpyxl.Workbook()
    for row in (("Serial",), ("C-1",)):
        book.active.append(row)
    book.save(tmp_path / "book.xlsx")
    said = (
        "serialdock: book.xlsx is a workbook, which has no encoding to choose; the one that was chosen has no effect.\n"
    )
    for words in (
        ("import", "--dry-run", str(tmp_path / "book.xlsx")),
        ("receive", "--location", "DOCK-1", "--from", str(tmp_path / "book.xlsx")),
    ):
        ran = dock(*words, "--item", "HT-1", "--encoding", "cp949")
        assert (ran.code, ran.err) == (0, said)


def test_warnings_are_told_with_their_rows_and_refuse_nothing(dock: Commands, tmp_path: Path) -> None:
    dock.good(
        "import", write(tmp_path / "old.csv", "SN\n" + "".join(f"CZ{n:04}\n" for n in range(20))), "--item", "HT-1"
    )
    texts = ["CZ-0OO7", "CZ7", "CZ0099", *(f"X{number}" for number in range(10, 14)), "CZ00O0"]
    file = write(tmp_path / "new.csv", "SN\n" + "".join(f"{text}\n" for text in texts))
    alike = "CZ-0OO7 looks like CZ0007, which is on HT-1 already."
    told = [
        "7 rows have a warning; warnings refuse nothing.",
        f"warning, row 2: CZ-0OO7 has 7 characters where the others of HT-1 have 6. {alike}",
        "warning, row 3: CZ7 has 3 characters where the others of HT-1 have 6.",
        *(f"warning, row {n - 5}: X{n} has 3 characters where the others of HT-1 have 6." for n in range(10, 14)),
        "warning, row 9: CZ00O0 looks like CZ0000, which is on HT-1 already.",
    ]
    tried = dock.good("import", file, "--item", "HT-1", "--dry-run").out.splitlines()
    assert tried[1:] == [*told[:6], "… and 2 more; --all-warnings lists them."]
    said = dock.object("import", file, "--item", "HT-1", "--dry-run")
    assert (said["good"], said["warned"], said["refused"], said["errors"]) == (8, 7, 0, [])
    kinds = [(one["row"], one["serial_number"], one["reason"]) for one in said["warnings"]]
    assert kinds[:3] == [(2, "CZ-0OO7", "shape"), (2, "CZ-0OO7", "near_duplicate"), (3, "CZ7", "shape")]
    assert len(kinds) == 8
    assert said["warnings"][1]["message"] == alike
    assert dock.good("import", file, "--item", "HT-1", "--all-warnings").out.splitlines()[1:] == told
    assert len(serials(dock)) == 28
    again = dock("import", write(tmp_path / "two.csv", "SN\nCZ0001\nC-Z0099\n"), "--item", "HT-1")
    assert again.code == 1
    assert "serialdock: 1 row has a warning; warnings refuse nothing." in again.err.splitlines()


def test_the_same_file_again_is_told(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial,Item\nA-1,HT-1\n")
    dock.good("import", file)
    ran = dock("import", file)
    assert ran.code == 1
    first, second = ran.err.splitlines()
    assert first.startswith("serialdock: The same file was imported before: I-000001, 1 serial, by ")
    assert second.startswith("serialdock: Row 2 of list.csv: A-1 of HT-1 is already here: In Stock at MAIN since ")


def test_earlier_imports_of_a_file_are_counted_in_words(dock: Commands, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Serial\nA-1\n")
    for number, more in enumerate(("", "", ", and 1 time before that", ", and 2 times before that")):
        dock.good("item", "add", f"NEW-{number}", "New", "--track-serials")
        said = dock("import", file, "--item", f"NEW-{number}").err
        assert ("imported before" in said) == (number > 0)
        assert said.rstrip().endswith(f"{more}.") or not number
        assert ("before that" in said) == bool(more)


def test_what_is_no_file_of_serials_is_refused_in_one_sentence(dock: Commands, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, content in (("empty.csv", b""), ("header.csv", b"Serial,Item\n"), ("nul.csv", b"Serial\n\0\0\0\n")):
        (tmp_path / name).write_bytes(content)
    for name in ("missing.csv", "folder", "empty.csv", "header.csv", "nul.csv"):
        ran = dock("import", str(tmp_path / name), "--item", "HT-1")
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), ran
        assert name in ran.err
    assert serials(dock) == []


def test_a_workbook_whose_first_sheet_is_empty_names_the_sheets_and_the_option(dock: Commands, tmp_path: Path) -> None:
    file = str(tmp_path / "list.xlsx")
    with xlsxwriter.Workbook(file) as book:
        for name, texts in {"Cover": [], "May": ["SN", "A-1"], "June": ["SN", "A-2"]}.items():
            book.add_worksheet(name).write_column(0, 0, texts)
    refused = dock.refused("import", file, "--item", "HT-1")
    says = "The sheet “Cover” of list.xlsx is empty. These have rows: “May”, “June”. Choose with --sheet."
    assert (refused["error"], refused["message"]) == ("bad_value", says)
    dock.good("import", file, "--item", "HT-1", "--sheet", "June")
    assert serials(dock) == ["A-2"]


def test_without_the_permission_nothing_is_imported(dock: Commands, tmp_path: Path) -> None:
    dock.good("user", "add", "jana")
    file = write(tmp_path / "list.csv", "Serial,Item\nA-1,HT-1\n")
    refused = dock.refused("--user", "jana", "import", file)
    assert refused["error"] == "not_permitted"
    assert "INV_MANAGE_SERIALS" in refused["message"]
    assert serials(dock) == []


def test_the_template_is_filled_in_and_imported(dock: Commands, tmp_path: Path) -> None:
    template = tmp_path / "serials.csv"
    assert in_this_process("import-template", str(template)).code == 0
    again = in_this_process("import-template", str(template))
    assert again.code == 1
    assert "is there already" in again.err
    lines = template.read_text("utf-8-sig").splitlines()
    template.write_text("\n".join([lines[0], "A-1,HT-1,DOCK-1,,,,,,"]), "utf-8-sig")
    assert dock.object("import", str(template))["imported"] == 1


@BOTH_ENGINES
def test_the_installed_command_imports_a_long_file(dock: Commands, tmp_path: Path) -> None:
    rows = "".join(f"SN{number:06d},HT-1\n" for number in range(10_200))
    file = write(tmp_path / "long.csv", f"Serial,Item\n{rows}")
    ran = installed("import", file, "--database", dock.url)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Imported 10,200 serials from long.csv, document I-000001; no quantity changed.\n"
    assert dock("check").code == 0


# ----- what fails after the commit


def test_rejected_rows_that_cannot_be_written_to_a_file_are_printed(dock: Commands, tmp_path: Path) -> None:
    name = "x" * 247  # with " rejected" behind it a file system refuses the name
    file = write(tmp_path / f"{name}.csv", 'Serial No.,SKU\nA-1,HT-1\nA-2,NONE\nA-3,"=NO,NE"\n')
    ran = dock("import", file, "--skip-errors", "--json")
    assert ran.code == 0
    assert (ran.object["document"], ran.object["imported"], ran.object["rejected_file"]) == ("I-000001", 1, None)
    warning, *rows = ran.err.splitlines()
    assert warning.startswith("serialdock: The import is done. The rejected rows cannot be written to ")
    assert warning.endswith("File name too long. The rows that were left out follow.")
    header, first, second = csv.reader(rows)
    assert header == ["Serial No.", "SKU", "Reason"]
    assert first[:2] == ["A-2", "NONE"]
    assert first[2].startswith("There is no item NONE.")
    assert second[:2] == ["A-3", "'=NO,NE"]
    assert serials(dock) == ["A-1"]


@ON_POSTGRESQL
def test_a_line_that_breaks_after_the_commit_leaves_the_import_done(
    dock: Commands, tmp_path: Path, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "list.csv", "Serial No.,SKU,Notes\nA-1,HT-1,a\nA-2,NONE,b\n")

    def import_and_cut(*args: Any, **named: Any) -> Any:
        imported = import_staged(*args, **named)
        name = dock.url.partition("@/")[2].partition("?")[0]
        with postgres.session() as session:
            session.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
        return imported

    monkeypatch.setattr("tui.cli.importing.import_staged", import_and_cut)
    ran = dock(
        "import", file, "--skip-errors", "--map", "3=condition_notes", "--map", "1=serial_number", "--map", "2=item"
    )
    assert ran.code == 0
    assert ran.out.startswith("Imported 1 serial from list.csv, document I-000001; no quantity changed.\n")
    assert "row 3: There is no item NONE." in ran.out
    warning, *rows = ran.err.splitlines()
    assert warning.startswith("serialdock: The import is done. The line to the database broke")
    assert [row[:3] for row in csv.reader(rows)] == [["Serial No.", "SKU", "Notes"], ["A-2", "NONE", "b"]]
    assert serials(dock) == ["A-1"]

"""Importing a file at a real terminal: the installed app."""

from __future__ import annotations

import csv
import signal
from collections.abc import Iterable
from pathlib import Path

from tests.support.commands import Commands
from tests.support.engines import ON_POSTGRESQL
from tests.support.journey import (
    DOWN,
    END,
    ENTER,
    F3,
    F4,
    F6,
    F9,
    F10,
    Worker,
    all_is_well,
    answer,
    in_order_of_entry,
    listed,
    on_hand,
)

F12 = "\x1b[24~"
SERIALS = [f"5CG8341{number:04}" for number in range(1, 6)]


def write_file(folder: Path, header: list[str], lines: Iterable[list[str]], name: str = "march list.csv") -> Path:
    """A CSV file of its own folder."""
    (folder / "files").mkdir(exist_ok=True)
    path = folder / "files" / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])
    return path


def big_file(folder: Path, count: int = 60_000) -> Path:
    """A file that takes a while, or with few rows the same one cut short."""
    return write_file(folder, ["Serial"], ([f"BIG-{number:06}"] for number in range(count)), "big.csv")


def pastes_path(worker: Worker, path: Path) -> None:
    """Paste a path as a terminal marks it, and take it."""
    worker.sees("1 File", "in ")
    worker.types(f"\x1b[200~{path}\x1b[201~")
    worker.types(ENTER)
    worker.sees("column", path.name)
    worker.takes_a_breath()


def test_a_list_with_an_error_is_imported_and_what_was_left_out_is_mended_and_imported_too(
    stock: str, tmp_path: Path
) -> None:
    lines = [[serial, "DOCK", "new"] for serial in SERIALS]
    lines[2][1] = "RAMP"
    path = write_file(tmp_path, ["Etikett", "Lagerort", "Bemerkung"], lines)
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.sees("F9 imports a file")
        worker.presses(F9)
        pastes_path(worker, path)
        worker.sees("2 of 3 columns are known by their names", "· left out", SERIALS[0])
        worker.presses(F10)
        worker.sees("No column is the serial number. Say which one is.")
        worker.presses(F4)
        worker.sees("What is Etikett?")
        worker.types_by_hand(f"serial{ENTER}")
        worker.sees("→ Serial Number")
        worker.presses(F10)
        worker.sees("3 Preview", "5 rows · + 4 new · ! 1 error")
        worker.presses(F4)
        worker.sees("Row 4: There is no location RAMP. Correct it, or make the location first.", "error 1 of 1")
        worker.presses(F10)
        worker.sees("Import 4 serials; 1 row is left out")
        worker.presses(F10)
        worker.sees("✓ 4 serials imported, document I-000001.", "1 row left out", "rejected.csv")
        rejected = path.with_name("march list rejected.csv")
        rejected.write_text(rejected.read_text("utf-8-sig").replace("RAMP", "SHELF", 1), "utf-8")
        worker.presses(F6)
        worker.sees("1 File", "▸march list rejected.csv")
        worker.presses(ENTER)
        worker.sees("✓ File", "3 of 4 columns are mapped as the last time")
        worker.presses(F10)
        worker.sees("1 row · + 1 new · ! 0 errors")
        worker.presses(F10)
        worker.sees("✓ 1 serial imported, document I-000002.")
        worker.presses(F3)
        worker.sees("row 3 of 5", "10 on hand · 5 serials on hand · 5 without serial")
        worker.is_on(SERIALS[2])
        worker.leaves()
    assert listed(stock) == SERIALS
    assert on_hand(stock, "LAP-14") == {"SHELF": 10}
    shown = answer(stock, "serial", "show", SERIALS[2])
    assert [event["kind"] for event in shown["events"]] == ["imported"]
    all_is_well(stock)


def test_odd_serials_are_marked_looked_at_and_imported_all_the_same(stock: str, tmp_path: Path) -> None:
    first = write_file(tmp_path, ["Serial"], ([f"5CG834{number:04}"] for number in range(20)))
    answer(stock, "import", str(first), "--item", "LAP-14")
    path = write_file(tmp_path, ["Serial"], [["5CG8340100"], ["5CG-83400O7"], ["5CG8340101"]], "april.csv")
    with Worker(stock, columns=40, rows=16) as worker:
        worker.opens_item("LAP-14")
        worker.presses("\x14" + F9)
        pastes_path(worker, path)
        worker.presses(F10)
        worker.sees("+ 3 new, ? 1 warning · ! 0 errors", "? Warning")
        worker.presses(F4)
        worker.is_on("5CG-83400O7")
        worker.sees("? Row 3: 5CG-83400O7 has 11", "looks like", "5CG8340007, which is on LAP-14 already.")
        worker.presses(F10)
        worker.sees("✓ 3 serials imported", "? 1 serial went in with a warning.")
    assert len(listed(stock)) == 23
    all_is_well(stock)


def test_killed_while_reading_nothing_is_left_and_a_second_attempt_works(stock: str, tmp_path: Path) -> None:
    path = big_file(tmp_path)
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F9)
        pastes_path(worker, path)
        worker.presses(F10)
        worker.sees("F12 stops it.")
        worker.terminal.signal(signal.SIGKILL)
        worker.terminal.wait_for_exit()
    assert listed(stock) == []
    path = big_file(tmp_path, 2_000)
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F9)
        pastes_path(worker, path)
        worker.presses(F10)
        worker.sees("2,000 rows · + 2,000 new")
        worker.presses(F10)
        worker.sees("✓ 2,000 serials imported, document I-000001.")
        worker.presses(F3)
        worker.sees("row 2,000 of 2,000")
    assert answer(stock, "item", "show", "LAP-14")["serials"] == 2_000
    all_is_well(stock)


@ON_POSTGRESQL  # `test_importing_together` kills imports on both
def test_killed_while_the_rows_are_written_nothing_is_left_and_a_second_attempt_works(
    stock: str, tmp_path: Path
) -> None:
    path = big_file(tmp_path)
    with Worker(stock) as worker:
        worker.opens_serials("LAP-14")
        worker.presses(F9)
        pastes_path(worker, path)
        worker.presses(F10)
        worker.sees("+ 60,000 new")
        worker.presses(F10)
        worker.sees("4 Import", "of 60,000")
        worker.terminal.signal(signal.SIGKILL)
        worker.terminal.wait_for_exit()
    assert listed(stock) == []
    all_is_well(stock)
    assert answer(stock, "import", str(big_file(tmp_path, 2_000)), "--item", "LAP-14")["document"] == "I-000001"
    assert answer(stock, "item", "show", "LAP-14")["serials"] == 2_000
    all_is_well(stock)


def test_reading_and_importing_are_stopped_by_a_key_and_then_done(stock: str, tmp_path: Path) -> None:
    path = big_file(tmp_path)
    with Worker(stock, columns=40, rows=16) as worker:
        worker.opens_item("LAP-14")
        worker.presses("\x14" + F9)
        pastes_path(worker, path)
        worker.presses(F10)
        worker.sees("F12 stops it.")
        worker.presses(F12)
        worker.sees("It was stopped. Nothing is kept of it.")
        worker.takes_a_breath()
        worker.presses(F10)
        worker.sees("+ 60,000 new")
        worker.presses(END)
        worker.is_on("BIG-059999")
        worker.presses(F10)
        worker.sees("4 Import", "F12 stops it.")
        worker.presses(F12)
        worker.sees("3 Preview", "It was stopped. Nothing was written.")
        assert listed(stock) == []
        worker.presses(F10)
        worker.sees("60,000 serials imported")
    assert answer(stock, "item", "show", "LAP-14")["serials"] == 60_000


def test_from_the_list_of_items_rows_of_several_items_go_in_while_another_terminal_scans(
    stock: str, commands: Commands, tmp_path: Path
) -> None:
    commands.good("item", "add", "DRILL", "Cordless drill", "--location", "DOCK", "--track-serials")
    lines = [[f"A-{number}", "LAP-14"] for number in range(3)] + [[f"D-{number}", "DRILL"] for number in range(3)]
    path = write_file(tmp_path, ["SN", "SKU"], lines)
    with Worker(stock) as worker, Worker(stock) as other:
        worker.presses(F9)
        pastes_path(worker, path)
        worker.sees("Each row names its item.")
        worker.presses(F10)
        worker.sees("6 rows · + 6 new")
        other.opens_serials("LAP-14")
        other.presses(F6)
        other.sees("Add Serial · LAP-14")
        other.types(f"A-1{ENTER}")
        other.sees("A-1 added")
        worker.presses(F10)
        worker.sees("1 serial of the file was added by somebody else meanwhile.", "+ 5 new · ! 1 error")
        worker.presses(DOWN)
        worker.presses(F10)
        worker.sees("Import 5 serials; 1 row is left out")
        worker.presses(F10)
        worker.sees("✓ 5 serials imported")
    assert sorted(in_order_of_entry(stock)) == ["A-0", "A-1", "A-2", "D-0", "D-1", "D-2"]
    all_is_well(stock)

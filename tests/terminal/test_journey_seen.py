"""Two terminals: one sells by scans, the other sees it, finds a unit, and takes the customer's serials elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Commands, in_this_process
from tests.support.engines import BOTH_ENGINES
from tests.support.journey import CLEAR, ENTER, F2, F7, F10, TAB, Worker, all_is_well, answer

EXPORT = "\x17"
"""Ctrl+W."""

SERIALS = [f"5CG8341K{number}" for number in ("A7", "A8", "B1", "B2", "C5", "D9")]
SOLD = ["5CG8341KB1", "5CG8341KC5", "5CG8341KA7"]


@pytest.fixture
def fresh(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a second database, which is empty."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
    return str(request.getfixturevalue("database_url"))


@BOTH_ENGINES
def test_one_sells_by_scans_and_the_other_sees_it_finds_a_unit_and_exports_what_its_customer_has(
    stock: str, commands: Commands, fresh: str, tmp_path: Path
) -> None:
    commands.good("customer", "add", "Bergmann AG", "--code", "BERG")
    commands.good("item", "set", "LAP-14", "--warranty-term", "24m")
    delivery = tmp_path / "delivery.txt"
    delivery.write_text("\n".join(SERIALS))
    commands.good("receive", "--item", "LAP-14", "--location", "SHELF", "--from", str(delivery))
    file = Path.home() / "b.csv"
    with Worker(stock) as station, Worker(stock) as office:
        station.presses(F7)
        station.sees("Scan the place")
        station.scans("XXSDSELL", "BERG", *SOLD)
        station.sees("3 good", SOLD[-1])
        office.sees("is selling LAP-14 to Bergmann AG, 3 scanned")  # without a key
        office.opens_serials("LAP-14")
        office.sees("is selling LAP-14 to Bergmann AG, 3 scanned", "16 on hand · 6 serials on hand")
        station.scans("XXSDDONE")
        station.sees("DONE", "S-000001", "3 serials sold")
        office.sees("13 on hand · 3 serials on hand", "$ Sold")
        office.terminal.wait_until(lambda: office.terminal.text.count("$ Sold") == len(SOLD))
        office.sees_no("is selling")

        office.presses(F2)
        office.sees("Find")
        office.presses(F2)
        office.sees("serial, item, location, customer, document")
        office.types_by_hand("1kc5")
        office.sees(SOLD[1])
        office.presses(ENTER)
        office.sees("SOLD to Bergmann AG", "S-000001")
        office.types_by_hand(f"{TAB}{TAB}")  # from the notes to the first link
        office.sees("⏎ Open")
        office.types_by_hand(ENTER)
        office.sees("3 now, 3 under warranty", "serial 1 of 3")
        office.presses(EXPORT)
        office.sees("Export")
        office.types_by_hand(f"{CLEAR}~/b.csv")
        office.presses(F10)
        office.sees("b.csv, 3 rows.")
        office.leaves()
        station.leaves()
    all_is_well(stock)

    again = file.with_name("again.csv")
    export = ("export", "serials", "--customer", "Bergmann AG", "--to", str(again))
    for words in (("migrate",), ("import", str(file), "--make", "items,locations"), export):
        ran = in_this_process("--database", fresh, *words)
        assert ran.code == 0, ran
    assert again.read_bytes() == file.read_bytes()
    shown = answer(fresh, "serial", "show", SOLD[1])
    assert (shown["status"], shown["customer"]) == ("sold", "Bergmann AG")
    all_is_well(fresh)

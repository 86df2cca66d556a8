"""docs/commands.md lists the fields of every command's JSON."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from docs.tables import COMMANDS_PAGE
from models.database.connection import call, disconnect, open_database
from models.people import sign_in
from models.serials.judging import Scan
from models.station.engine import ScanStation
from tests.support.cases import agree
from tests.support.commands import Commands
from tests.support.spools import leave_behind, records
from tui.cli.main import all_commands

IMPORTING = COMMANDS_PAGE.with_name("importing.md").read_text("utf-8")


def documented() -> dict[str, set[str]]:
    """The fields that the page lists for each command, those of nested objects among them."""
    page = COMMANDS_PAGE.read_text("utf-8")
    found: dict[str, set[str]] = {}
    for line in page[page.index("| command | fields |") :].splitlines()[2:]:
        if not line.startswith("|"):
            break
        commands, said = line.strip("| ").split(" | ")
        fields = set(re.findall("`([a-z0-9_]+)`", said)) - {"null"}
        for other in re.findall("those of `([a-z -]+)`", said):
            fields |= found[other]
        found |= dict.fromkeys(re.findall("`([a-z -]+)`", commands), fields)
    found["import"] = set(re.findall("`([a-z0-9_]+)`", IMPORTING[IMPORTING.index("| field |") :].partition("\n\n")[0]))
    return {command: fields - {"null"} for command, fields in found.items()}


def fields_of(data: Any) -> Iterator[str]:
    """The names of an object and of those in it; the changes of an event are named by columns, not by fields."""
    if isinstance(data, Mapping):
        yield from data
        for name, value in data.items():
            if name != "changes":
                yield from fields_of(value)
    elif isinstance(data, list):
        for one in data:
            yield from fields_of(one)


def leave_a_draft(url: str) -> None:
    """Scan one of two expected serials at the station, and leave."""
    database = open_database(url)

    def scan() -> None:
        station, user = ScanStation(), sign_in()
        station.scan(user, [Scan(text) for text in ("SHELF", "LAP-14", "D-1")], lambda _: None)
        station.expect(user, 2)

    call(database, scan)
    disconnect(database)


LEFT_BEFORE = ("drafts replay", "drafts discard-waiting")
"""Commands that print what became of scans that were left behind."""


def leave_scans(url: str) -> None:
    """Leave scans behind as the end of a process does."""
    database = open_database(url)
    call(database, lambda: leave_behind(records(sign_in(), ["D-2", "D-3"], place="SHELF", sku="LAP-14")))
    disconnect(database)


def damage(file: Path) -> None:
    """Give a check something to find."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP INDEX serials_status")


WORKING = """
location add BENCH
location list
item add CABLE Cable
item add LAP-15 Laptop --track-serials
item set CABLE --serial-length 6-8
item show CABLE
item history LAP-14
item list
receive --item LAP-14 --location SHELF --range AB-100..AB-120
serial add --item LAP-14 ODD-SERIAL-1
serial list --item LAP-14
serial transfer --item LAP-14 AB-100 --to DOCK
serial show AB-100
location set BENCH --name Workbench
location close BENCH
find BENCH
location open BENCH
item set LAP-14 --warranty-term 24m
customer add Kreis
customer set Kreis --code K1
customer show k1
customer list
status add kept Kept --colour green --mark k --available --on-hand
status set kept --label Stays
status list
reserve --item LAP-14 AB-100 NONE --customer K1 --reference 4711 --skip-errors
release --item LAP-14 AB-100 NONE --skip-errors
sell --item LAP-14 AB-100 AB-101 NONE --customer K1 --skip-errors
return --item LAP-14 AB-100 NONE --location DOCK --skip-errors
restock --item LAP-14 AB-100 NONE --skip-errors
defect --item LAP-14 AB-102 NONE --note broken --skip-errors
repair --item LAP-14 AB-102 NONE --skip-errors
repaired --item LAP-14 AB-102 NONE --result in_stock --skip-errors
transfer --item LAP-14 AB-102 NONE --to DOCK --skip-errors
dispatch --item LAP-14 AB-102 NONE --to SHELF --skip-errors
arrive --transfer T-000003 AB-102 NONE --skip-errors
lose --item LAP-14 AB-103 NONE --note gone --skip-errors
found --item LAP-14 AB-103 NONE --location DOCK --skip-errors
scrap --item LAP-14 AB-103 NONE --note broken --skip-errors
reactivate --item LAP-14 AB-103 NONE --note works --skip-errors
change-status --item LAP-14 AB-104 NONE --status kept --skip-errors
correct --item LAP-14 AB-104 AB-140
correct --item LAP-14 --from corrections.csv --skip-errors
change-item --item LAP-14 AB-105 NONE --to-item LAP-15 --skip-errors
remove --item LAP-14 AB-106 NONE --note twice --skip-errors
warranty --item LAP-14 AB-107 NONE --set 1y --skip-errors
find AB-106
find LAP-14
find DOCK
find MAIN
find K1
find S-1
void --item LAP-14 AB-106 NONE --note oops --skip-errors
document list --kind sale
document show S-000001
document print S-000001
document print S-000001 --pdf sale.pdf
document void S-000001 --note wrong --skip-errors
user add jana --role clerk
user set jana --role clerk --role viewer
user list
export users
export users --to users.csv
role add auditor
role grant auditor INV_VIEW
role revoke auditor INV_VIEW
role list
export serials
export serials --to serials.csv
export items
export items --to items.csv
export locations
export locations --to locations.csv
export customers
export customers --to customers.csv
export documents
export documents --to documents.csv
export document S-000001
export document S-000001 --to document.csv
export history AB-100
export history AB-100 --to history.csv
drafts list
drafts replay
drafts discard-waiting
drafts show 1
drafts hand-over 1 --to jana
drafts take-over 1
export drafts
export drafts --to drafts.csv
drafts discard 1
user remove jana
import list.csv --skip-errors
import-template empty.csv
command-sheet page.svg
demo --database demo.sqlite3 --serials 20
setting new-people refused
setting undo-minutes 30
setting list
completion bash
migrate
"""
"""Every command that prints JSON with --json, in an order in which all of them succeed."""

EMPTY = {
    "item add": {"pattern", "shortest", "longest", "characters", "kind", "strip"},  # a new item has no rule
    "serial add": {"serials", "task"},  # a serial that was added by hand has no documents, and is in no draft
    "serial show": {"task"},  # the one that is shown is in no draft
}
"""Fields of objects that a command never prints, because nothing can be there yet."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # what the JSON looks like does not depend on it
def test_the_docs_list_every_field_of_every_command(
    stock: str, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corrections.csv").write_text("AB-140,AB-141\nNONE,AB-142\n", "utf-8")
    (tmp_path / "list.csv").write_text("Serial,Item\nAB-10I,LAP-14\nZZ-1,NOPE\n", "utf-8")
    leave_a_draft(stock)
    expected = documented()
    printed: dict[str, set[str]] = {name: set() for name in expected}
    for line in WORKING.strip().splitlines():
        if line in LEFT_BEFORE:
            leave_scans(stock)
        name = max((name for name in expected if f"{line} ".startswith(f"{name} ")), key=len)
        for row in commands.rows(*line.split()):
            printed[name].update(fields_of(row))
    damage(tmp_path / "stock.sqlite3")
    for name, words in {"check": ["check"], "import": ["import", "list.csv"]}.items():
        ran = commands("--json", *words)
        assert ran.code == 1
        printed[name].update(set(fields_of(ran.object)) - {"error"})  # every refusal has an error
    named = [name for name, fields in printed.items() if fields]
    agree("WORKING of tests/terminal/test_commands_json.py", named, [name for name, said in expected.items() if said])
    assert {name: fields | EMPTY.get(name, set()) for name, fields in printed.items()} == expected


def test_the_docs_list_the_json_of_all_commands_but_those_that_print_none_or_always() -> None:
    names = {command.name for command in all_commands()}
    agree("the table of fields in docs/commands.md", documented(), names - {"decode", "scanner-check"})

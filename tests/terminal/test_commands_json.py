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
from tests.support.commands import Commands
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
        for other in re.findall("those of `([a-z ]+)`", said):
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


def damage(file: Path) -> None:
    """Give a check something to find."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP INDEX serials_status")


WORKING = """
location add BENCH
location list
item add CABLE Cable
item set CABLE --serial-length 6-8
item show CABLE
item list
receive --item LAP-14 --location SHELF --range AB-100..AB-120
serial add --item LAP-14 ODD-SERIAL-1
serial list --item LAP-14
serial transfer --item LAP-14 AB-100 --to DOCK
serial show AB-100
user add jana --role clerk
user set jana --role clerk --role viewer
user list
role add auditor
role grant auditor INV_VIEW
role revoke auditor INV_VIEW
role list
drafts list
drafts show 1
drafts hand-over 1 --to jana
drafts take-over 1
drafts discard 1
user remove jana
import list.csv --skip-errors
import-template empty.csv
command-sheet page.svg
demo --database demo.sqlite3 --serials 20
migrate
"""
"""Every command that prints JSON with --json, in an order in which all of them succeed."""

EMPTY = {
    "item add": {"pattern", "shortest", "longest", "characters", "kind", "strip"},  # a new item has no rule
    "serial add": {"serials"},  # a serial that was added by hand has no documents
}
"""Fields of objects that a command never prints, because nothing can be there yet."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # what the JSON looks like does not depend on it
def test_the_docs_list_every_field_of_every_command(
    stock: str, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("Serial,Item\nAB-10I,LAP-14\nZZ-1,NOPE\n", "utf-8")
    leave_a_draft(stock)
    expected = documented()
    printed: dict[str, set[str]] = {name: set() for name in expected}
    for line in WORKING.strip().splitlines():
        name = max((name for name in expected if f"{line} ".startswith(f"{name} ")), key=len)
        for row in commands.rows(*line.split()):
            printed[name].update(fields_of(row))
    damage(tmp_path / "stock.sqlite3")
    for name, words in {"check": ["check"], "import": ["import", "list.csv"]}.items():
        ran = commands("--json", *words)
        assert ran.code == 1
        printed[name].update(set(fields_of(ran.object)) - {"error"})  # every refusal has an error
    assert {name: fields | EMPTY.get(name, set()) for name, fields in printed.items()} == expected


def test_the_docs_list_the_json_of_all_commands_but_those_that_print_none_or_always() -> None:
    names = {command.name for command in all_commands()}
    assert names - set(documented()) == {"decode", "scanner-check"}
    assert set(documented()) <= names

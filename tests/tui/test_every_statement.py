"""Every statement that the program sends to a PostgreSQL server, through a pooler that never gives a session twice.

Commands, the station and screens do their work there as without it, and the server's own log tells that nothing of a
session outlives its transaction, except the temporary tables of an import, in the session that it has to itself.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from textual.pilot import Pilot

from models.check import check
from models.database.connection import connect, disconnect, open_database
from models.people import account_name, sign_in
from models.schema import Customer, Document, Item, Location, Serial, bound
from models.serials import receive
from models.station import drafts
from models.station.task import STATION_TASKS
from tests.support.app import at_rest, keys, opened, seen
from tests.support.commands import Commands
from tests.support.engines import ON_POSTGRESQL, make_unusual
from tests.support.importing import chooses, comes_to, goes_to_preview, imports, message, write_file
from tests.support.pooler import POOLER, pooled
from tests.support.receiving import Station
from tests.support.record_app import until
from tests.support.statement_log import StatementLog, outliving
from tests.support.warehouse import Warehouse
from tui import routes
from tui.app import SerialdockApp
from tui.cli.main import all_commands
from tui.context import Context
from tui.importing.screen import ImportStep

pytestmark = ON_POSTGRESQL

IMPORT = "import"
"""Name of the program in the sessions that an import has to itself."""

WITHOUT_DATABASE = {"import-template", "decode", "scanner-check", "command-sheet", "completion"}

COMMANDS = """
    migrate
    demo --serials 3
    item add TOOL Tool --track-serials --on-hand 3
    item add SPARE Spare --track-serials
    item set TOOL --barcode 4006381333931
    item show TOOL
    item list
    location add D-1 Dock
    location add D-2 Shelf --parent D-1
    location set D-2 --name 'The shelf'
    location close D-2
    location open D-2
    location list
    customer add 'Nordkai AG' --code K-1
    customer set K-1 --reference 10001
    customer show K-1
    customer list
    status add fixed Fixed --colour green --mark f --available --on-hand
    status set fixed --label 'As new'
    status list
    user add jana --role administrator
    user set jana --role clerk
    user list
    user remove jana
    role add auditor
    role grant auditor INV_VIEW
    role revoke auditor INV_VIEW
    role list
    setting new-people refused
    setting undo-minutes 30
    setting list
    receive --item TOOL --location D-1 --first A01 --count 30
    serial add --item TOOL B-1
    serial list --item TOOL --status in_stock --find A
    serial show --item TOOL A01
    serial transfer --item TOOL A01 --to D-2
    item history TOOL
    reserve --item TOOL A02 --customer K-1
    release --item TOOL A02
    sell --item TOOL A02 A03 --customer K-1
    return --item TOOL A02 --location D-1
    restock --item TOOL A02
    defect --item TOOL A04 --note scratched
    repair --item TOOL A04
    repaired --item TOOL A04 --result in_stock --location D-1
    transfer --item TOOL A04 --to D-2
    dispatch --item TOOL A05 --to D-2
    arrive --transfer {dispatch} --all
    lose --item TOOL A06 --note gone
    found --item TOOL A06 --location D-1
    scrap --item TOOL A07 --note broken
    reactivate --item TOOL A07 --note mistake
    change-status --item TOOL A08 --status fixed
    correct --item TOOL A09 A99
    change-item --item TOOL A10 --to-item SPARE
    remove --item TOOL A11 --note mistake
    warranty --item TOOL A12 --set 36m
    void --item TOOL A12 --note mistake
    document list
    document show {sell}
    document print {sell}
    document void {sell} --skip-errors --note mistake
    find a99
    find ordka
    import {file} --make items,locations
    export serials --to {folder}/serials.csv
    export items --to {folder}/items.xlsx
    export locations --to {folder}/locations.csv
    export customers --to {folder}/customers.jsonl
    export documents --to {folder}/documents.csv
    export drafts --to {folder}/drafts.csv
    export users --to {folder}/users.csv
    export document {receive} --to {folder}/receipt.csv
    export history --item TOOL A01 --to {folder}/history.txt
    check
"""
"""All that read or write the database. `{sell}` is the document that `sell` made."""

OF_DRAFTS = """
    drafts list
    drafts show {draft}
    drafts hand-over {draft} --to {me}
    drafts take-over {draft}
    drafts discard {draft}
    drafts replay
    drafts discard-waiting
"""


@pytest.fixture
def pooler(postgres: Any) -> Iterator[Callable[[str], str]]:
    """Makes the URL through a pooler of that of a database."""
    with pooled(postgres.socket) as through:
        yield through


@pytest.fixture
def administrator(postgres: Any) -> Iterator[Any]:
    with postgres.session() as session:
        yield session


async def test_what_the_program_does_leaves_nothing_behind(
    database_url: str,
    pooler: Callable[[str], str],
    postgres: Any,
    administrator: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(database_url)["dbname"])
    make_unusual(administrator, name)  # nothing that is sent depends on the settings of a session either
    log = StatementLog(administrator, postgres.socket.parent / "log", name)
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", f"{database_url}&application_name={IMPORT}")
    monkeypatch.setattr(receive, "MANY", 10)
    commands = Commands(pooler(database_url), capsys)
    path = write_file(tmp_path, ("F-1", "TOOL", "D-1"), ("F-2", "NEW", "D-9"), header=("Serial", "Item", "Location"))
    run(commands, COMMANDS, {"file": path, "folder": str(tmp_path)})
    database = open_database(pooler(database_url))
    connect(database)
    try:
        warehouse = Warehouse(sign_in(), Item.get(Item.sku == "TOOL"))
        scan_with_every_task(warehouse)
        (draft,) = drafts.open_drafts()
        run(commands, OF_DRAFTS, {"draft": str(draft.id), "me": account_name()})
        bound.initialize(database)
        async with opened(database, warehouse.boss) as pilot:
            await open_every_screen(pilot, warehouse)
            await import_a_file(pilot, warehouse, tmp_path)
        assert check(database).findings == ()
    finally:
        disconnect(database)
    messages = log.messages()
    assert outliving(messages, keeps=IMPORT) == []
    assert any("a temporary table" in what for what in outliving(messages)), "an import has some"
    by_program = Counter(one.program for one in messages)
    assert by_program.keys() == {POOLER, IMPORT}
    assert by_program[POOLER] > 1_000
    assert len({one.session for one in messages if one.program == POOLER}) > 1


def run(commands: Commands, lines: str, words: dict[str, str]) -> None:
    """Run commands, each of which must succeed."""
    for line in lines.strip().splitlines():
        given = [word.format(**words) for word in shlex.split(line)]
        ran = commands("--json", *given)
        assert ran.code == 0, (line, ran)
        if "document" in (rows := ran.rows or [{}])[0]:
            words[given[0]] = str(rows[0]["document"])


def scan_with_every_task(warehouse: Warehouse) -> None:
    """Scan, undo, finish and cancel with each task, and leave a draft open."""
    for task in STATION_TASKS:
        station = Station(warehouse, task=task)
        station.scan("D-1", "TOOL", "K-1", "A13")
        station.scan("A14", "XXSDUNDO")
        station.scan("XXSDDONE")
        station.scan("XXSDCANCEL", "XXSDCANCEL")
    station = Station(warehouse)
    assert station.words("D-1", "TOOL", *(f"N-{number}" for number in range(12)), "XXSDDONE", "XXSDDONE")[-1] == "done"
    station.scan("D-1", "TOOL", "N-12")


async def open_every_screen(pilot: Pilot[Any], warehouse: Warehouse) -> None:
    """Open each screen on the list of items, refresh it and close it."""
    app: Context = pilot.app  # type: ignore[assignment]
    below = app.screen
    serial, place = Serial.get(Serial.item == warehouse.item), Location.get(Location.code == "D-1")
    customer, document = Customer.get(Customer.code == "K-1"), Document.get(Document.kind == "sale")
    given = (warehouse.item.id, serial.id, place.id, customer.id, document.id)
    for route in (
        *(routes.Items(), routes.Documents(), routes.Customers(), routes.Places(), routes.Statuses(), routes.Find()),
        *(routes.ItemRecord(given[0]), routes.SerialRecord(given[1]), routes.PlaceRecord(given[2])),
        *(routes.CustomerRecord(given[3]), routes.DocumentRecord(given[4]), routes.StockHistory(given[0], given[2])),
        *(routes.Station(), routes.NewItem(), routes.NewLocation()),
    ):
        opening = asyncio.create_task(app.open(route))
        await until(pilot, lambda: app.screen is not below, f"{route} did not open")
        await at_rest(pilot)
        await keys(pilot, "f5")
        app.screen.dismiss(None)
        await until(pilot, opening.done, f"{route} did not come back")
        await at_rest(pilot)


async def import_a_file(pilot: Pilot[Any], warehouse: Warehouse, folder: Path) -> None:
    """Import a file on its screen."""
    app: SerialdockApp = pilot.app  # type: ignore[assignment]
    path = write_file(folder, ("I-1", "D-1", "dented"), ("I-2", "NOWHERE", ""), ("I-3", "", ""), name="screen.csv")
    app.run_worker(app.open(routes.Import(warehouse.item.sku)), group="import")
    await comes_to(pilot, ImportStep.FILE)
    await goes_to_preview(pilot, path)
    await imports(pilot)
    await seen(pilot, "2 serials imported")
    await keys(pilot, "f3")


def test_every_command_that_reads_or_writes_the_database_is_run(engine: str) -> None:
    run_here = {line.strip() for line in f"{COMMANDS}{OF_DRAFTS}".splitlines()}
    names = {command.name for command in all_commands()} - WITHOUT_DATABASE
    assert {name for name in names if not any(f"{line} ".startswith(f"{name} ") for line in run_here)} == set()


BAD = {
    "SET statement_timeout = 1": "a setting of the session",
    "SELECT set_config('jit', 'off', false)": "a setting of the session",
    "SET LOCAL jit = off": "a local setting outside of a transaction",
    "RESET ALL": "it changes the session",
    "DISCARD TEMP": "it changes the session",
    "DO $$BEGIN SET jit = off; END$$": "it changes the session",
    "LISTEN changes": "a subscription",
    "NOTIFY changes, 'SET'": "a subscription",
    "PREPARE one AS SELECT 1": "a prepared statement",
    "EXECUTE one": "a prepared statement",
    "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 1; COMMIT": "a cursor that is held",
    "SELECT pg_advisory_lock(1)": "a lock of the session",
    "SELECT pg_try_advisory_lock_shared(1)": "a lock of the session",
    "CREATE TEMPORARY TABLE a (b int)": "a temporary table",
    "BEGIN; CREATE TEMP TABLE c (b int); COMMIT": "a temporary table",
    "SELECT 1": "no time-out",
}
GOOD = (
    "SET LOCAL statement_timeout = 1000; SELECT 'SET; LISTEN a' AS \"PREPARE; a\" -- SET x",
    "BEGIN; SET LOCAL statement_timeout = 1000; SELECT pg_advisory_xact_lock(1)",
    "SELECT 1",
    "CREATE TEMPORARY TABLE d (e int) ON COMMIT DROP",
    "COMMIT",
    "BEGIN; SET LOCAL statement_timeout = 1000; CREATE TEMPORARY TABLE f (g int)",
    "ROLLBACK TO nothing",
    "ROLLBACK",
    "VACUUM settings",
)


def test_what_outlives_a_transaction_is_found(migrated_url: str, postgres: Any, administrator: Any) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(migrated_url)["dbname"])
    log = StatementLog(administrator, postgres.socket.parent / "log", name)

    def sent(*statements: str, **options: Any) -> list[str]:
        before = len(log.messages())
        with psycopg.connect(migrated_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as session:
            for statement in statements:
                with suppress(psycopg.Error):
                    session.execute(statement, **options)
        return outliving(log.messages()[before:])

    for statement, what in BAD.items():
        assert any(said.startswith(what) for said in sent(statement)), statement
    assert sent(*GOOD) == []
    with psycopg.connect(migrated_url, autocommit=True) as session:
        session.execute("SELECT %s::int", (1,), prepare=True)
    assert outliving(log.messages()[-1:])[0].startswith("the extended protocol (execute _pg3_0)")


async def test_an_import_through_a_pooler_says_what_it_needs(
    database_url: str,
    migrated_url: str,
    pooler: Callable[[str], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    commands = Commands(pooler(migrated_url), capsys)
    commands.good("item", "add", "TOOL", "Tool", "--track-serials")
    path = write_file(tmp_path, *((f"I-{number}", "", "") for number in range(300)))
    file = ("import", path, "--item", "TOOL")

    def refused() -> str:
        ran = commands("--json", *file)
        assert (ran.code, ran.object["error"]) == (3, "database_address"), ran
        return str(ran.object["message"])

    assert re.fullmatch(
        r"An import needs a session of its own on the server, and postgresql://\S+ is a pooler, .* Nothing was "
        r"written\. Name the server itself, .* in SERIALDOCK_IMPORT_DATABASE\.",
        refused(),
    )
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", "stock.sqlite3")
    assert refused().startswith("SERIALDOCK_IMPORT_DATABASE is stock.sqlite3. Name the PostgreSQL server there")
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", database_url)
    assert "which is another database than" in refused()
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", commands.url)
    assert "gave the import another session of the server half-way" in refused()
    database = open_database(commands.url)
    connect(database)
    try:
        assert Serial.select().count() == 0
        async with opened(database, sign_in()) as pilot:
            app: SerialdockApp = pilot.app  # type: ignore[assignment]
            app.run_worker(app.open(routes.Import("TOOL")), group="import")
            await comes_to(pilot, ImportStep.FILE)
            await chooses(pilot, path)
            await comes_to(pilot, ImportStep.COLUMNS)
            await keys(pilot, "f10")
            await until(pilot, lambda: "another session of the server" in message(pilot), "it does not say so")
    finally:
        disconnect(database)
    monkeypatch.setenv("SERIALDOCK_IMPORT_DATABASE", migrated_url)
    assert commands.object(*file)["imported"] == 300

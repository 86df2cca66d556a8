"""Every command while its database fails: exit code 3 with one sentence, nothing written, never a crash report."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from models.database.connection import connect, disconnect, open_database
from models.errors import Constrained
from models.locations import create_location
from models.permissions import Actor, Permission
from models.serials.judging import Scan
from models.station.engine import ScanStation
from tests.support.cases import agree
from tests.support.commands import Commands, Ran
from tests.support.engines import BOTH_ENGINES, ON_SQLITE
from tests.support.fault_codes import cases, in_turn
from tests.support.faults import FaultMaker, put_into
from tests.support.tampering import three_laptops
from tests.support.warehouse import fingerprint
from tui.cli.main import all_commands
from tui.text import visible

ALWAYS: Final = 10**6


@pytest.fixture
def boss(database: object) -> Actor:
    """The administrator of a database with three laptops."""
    return three_laptops()


@pytest.fixture
def commands(migrated_url: str, boss: Actor, capsys: pytest.CaptureFixture[str]) -> Commands:
    """Commands on that database."""
    return Commands(migrated_url, capsys)


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> FaultMaker:
    """Makes faults in the databases of commands."""
    made = FaultMaker()

    def open_faulty(url: str, *, create: bool = True) -> Any:
        database = open_database(url, create=create)
        put_into(database, made)
        return database

    monkeypatch.setattr("tui.cli.session.open_database", open_faulty)
    return made


def fails(ran: Ran, what: object) -> None:
    """The command says in one sentence that its database cannot be used, behind the rows that it has read by then."""
    assert ran.code == 3, (what, ran)
    trouble = ran.rows[-1]
    assert trouble["error"].startswith("database"), (what, ran)
    (line,) = ran.err.splitlines()
    assert line == f"serialdock: {visible(trouble['message'])}", (what, ran)


READ: Final = ("item", "list")
WRITE: Final = ("serial", "transfer", "--item", "LAP", "SN-2", "--to", "DOCK")


@BOTH_ENGINES
def test_each_code_at_a_command_that_reads_and_at_one_that_writes(
    commands: Commands, maker: FaultMaker, engine: str
) -> None:
    for place, (words, points) in enumerate(
        ((READ, ("read", "connect")), (WRITE, ("write", "begin", "commit", "read")))
    ):
        for fault in in_turn(engine, place, points, cases):
            maker.arm(fault.point, fault.code, ALWAYS)
            ran = commands("--json", *words)
            assert maker.made == [fault.point] * len(maker.made)
            maker.disarm()
            if fault.kind is Constrained:
                assert (ran.code, ran.object["error"]) == (1, "constraint"), (fault, ran)
            else:
                fails(ran, fault)
    assert commands.good(*WRITE)
    assert commands.good("check")


WRITING: Final = {
    "item add": "BAG Bag",
    "item set": "LAP --name Notebook",
    "location add": "YARD",
    "location set": "DOCK --name Ramp",
    "location close": "EMPTY",
    "location open": "EMPTY",
    "serial add": "--item LAP SN-9",
    "serial transfer": "--item LAP SN-2 --to DOCK",
    "reserve": "SN-2",
    "release": "R-1",
    "sell": "SN-2 --customer Kreis",
    "return": "S-1 --location DOCK",
    "restock": "B-1",
    "defect": "SN-2 --note dented",
    "repair": "D-1",
    "repaired": "P-1 --result in_stock",
    "transfer": "SN-2 --to DOCK",
    "dispatch": "SN-2 --to DOCK",
    "arrive": "T-1 --transfer T-000002",
    "lose": "SN-2 --note gone",
    "found": "L-1 --location DOCK",
    "scrap": "D-1 --note broken",
    "reactivate": "X-1 --note mended",
    "change-status": "SN-2 --status mine",
    "correct": "SN-2 SN-22",
    "change-item": "SN-2 --to-item BOX",
    "remove": "SN-2 --note mistake",
    "warranty": "SN-2 --set 2y",
    "void": "--item LAP SN-1 --note mistake",
    "document void": "T-000001 --note mistake",
    "customer add": "Neu",
    "customer set": "Kreis --name Kreis2",
    "status add": "shown Shown --colour blue --mark #",
    "status set": "mine --label Mine2",
    "user add": "ann",
    "user set": "eve --role clerk",
    "user remove": "eve",
    "role add": "packer",
    "role grant": "clerk INV_EDIT_ITEMS",
    "role revoke": "clerk INV_VIEW",
    "receive": "--item LAP --location DOCK --range N-1..N-3",
    "drafts discard": "1",
    "drafts take-over": "1",
    "drafts hand-over": "1 --to dora",
    "import": "{folder}/list.csv --item LAP --location DOCK",
    "setting new-people": "refused",
    "setting undo-minutes": "30",
}
"""What each command that writes is given, to succeed."""

READING: Final = {
    "find": "SN-1",
    "item show": "LAP",
    "item list": "",
    "item history": "LAP",
    "location list": "",
    "serial list": "--item LAP",
    "serial show": "SN-1",
    "document list": "",
    "document show": "T-000001",
    "customer show": "Kreis",
    "customer list": "",
    "status list": "",
    "user list": "",
    "role list": "",
    "drafts list": "",
    "drafts show": "1",
    "drafts replay": "",
    "drafts discard-waiting": "",
    "export serials": "--to -",
    "export items": "--to -",
    "export locations": "--to -",
    "export customers": "--to -",
    "export drafts": "--to -",
    "export users": "--to -",
    "export documents": "--to -",
    "export document": "T-000001 --to -",
    "export history": "--item LAP SN-1 --to -",
    "document print": "T-000001",
    "command-sheet": "{folder}/sheet.svg --locations --customers --force",
    "check": "",
    "migrate": "",
    "setting list": "",
}

WITHOUT: Final = {"decode", "scanner-check", "completion", "import-template", "demo"}
"""Commands that open no database, or the app."""


@pytest.fixture
def life(boss: Actor, commands: Commands, tmp_path: Path) -> None:
    """Serials in each status, an open draft, and what else the commands need."""
    create_location(boss, "EMPTY")
    station = ScanStation()
    station.scan(boss, [Scan("DOCK"), Scan("LAP"), Scan("NEW-1")], lambda _: None)
    station.leave(boss)
    names = ("R-1", "S-1", "B-1", "D-1", "P-1", "T-1", "L-1", "X-1")
    for words in (
        "user add dora --role clerk",
        "item add BOX Box --track-serials --location DOCK",
        "customer add Kreis",
        "status add mine Mine --colour blue --mark M",
        *(f"serial add --item LAP {name}" for name in names),
        "reserve R-1",
        "sell S-1 B-1 --customer Kreis",
        "return B-1 --location DOCK",
        "defect D-1 P-1 --note dented",
        "repair P-1",
        "dispatch T-1 --to DOCK",
        "lose L-1 --note gone",
        "scrap X-1 --note broken",
    ):
        commands.good(*words.split())
    (tmp_path / "list.csv").write_text("Serial Number\nI-1\nI-2\n")


def _stored(commands: Commands) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the database."""
    database = open_database(commands.url)
    connect(database)
    try:
        return fingerprint()
    finally:
        disconnect(database)


@ON_SQLITE
def test_every_command_at_its_last_read_its_last_write_and_its_commit(
    commands: Commands, maker: FaultMaker, life: None, tmp_path: Path
) -> None:
    names = [command.name for command in all_commands()]
    agree("WRITING or READING of tests/terminal/test_commands_every_code.py", {*WRITING, *READING, *WITHOUT}, names)
    commands("location", "set", "DOCK", "--name", "")  # what a process does once, such as sweeping, is behind it
    maker.disarm()
    before = _stored(commands)
    for name, given in (WRITING | READING).items():
        words = ("--json", *name.split(), *given.format(folder=tmp_path).split())
        if name in WRITING:
            maker.arm("commit", "SQLITE_FULL", ALWAYS)
            fails(commands(*words), name)
        else:
            assert commands(*words).code == 0, name
        met = maker.met.copy()
        for point in ("read", "write") if name in WRITING else ("read",):
            maker.disarm()
            maker.arm(point, "SQLITE_IOERR", ALWAYS, after=met[point] - 1)
            fails(commands(*words), (name, point))
            assert maker.made, (name, point)
        maker.disarm()
    assert _stored(commands) == before


NOT_LOOKING: Final = {"drafts replay", "drafts discard-waiting", "migrate"}
"""Commands of `READING` that show nothing of the stock, but what became of this machine's scans, or of tables."""


@ON_SQLITE
def test_no_command_shows_anything_of_the_stock_without_the_permission_to_look(
    commands: Commands, life: None, tmp_path: Path
) -> None:
    commands.good("role", "add", "blind")
    for permission in set(Permission) - {Permission.VIEW, Permission.MANAGE_USERS}:
        commands.good("role", "grant", "blind", permission)
    commands.good("user", "add", "vera", "--role", "blind")
    for name in READING.keys() - NOT_LOOKING:
        words = READING[name].format(folder=tmp_path).split()
        assert commands(*name.split(), *words).code == 0, name
        refused = commands("--user", "vera", "--json", *name.split(), *words)
        assert (refused.code, refused.object["error"]) == (1, "not_permitted"), name
        assert "needs the permission INV_VIEW" in refused.err, name

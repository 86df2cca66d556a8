"""`serialdock drafts …` about scans that a program has left on this machine when it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from models.database.connection import call, disconnect, open_database
from models.items.items import create_item
from models.locations import create_location
from models.people import account_name, add_role, grant, set_roles, sign_in
from models.permissions import Permission
from models.schema import Draft, DraftLine
from models.serials.judging import Scan
from models.spool import left_behind, spools
from models.station.engine import ScanStation
from tests.support.commands import Commands
from tests.support.spools import leave_behind, records


def on(commands: Commands, work: Callable[[], Any]) -> Any:
    """Do something on the database of the commands."""
    database = open_database(commands.url)
    try:
        return call(database, work)
    finally:
        disconnect(database)


@pytest.fixture
def stocked(commands: Commands) -> Commands:
    def stock() -> None:
        boss = sign_in()
        create_location(boss, "DOCK")
        create_item(boss, "SAW-1", "Saw", track_serials=True)

    commands.good("migrate")
    on(commands, stock)
    return commands


def leave(commands: Commands, *texts: str, **more: Any) -> None:
    on(commands, lambda: leave_behind(records(sign_in(), texts, place="DOCK", sku="SAW-1", **more)))


def leave_a_draft_with_scans(commands: Commands) -> int:
    """A draft with one serial, and two scans of its session that were left."""

    def work() -> int:
        job, me = ScanStation(), sign_in()
        job.scan(me, [Scan(text, "scanned", number) for number, text in enumerate(("DOCK", "SAW-1", "S-1"), 1)], _no)
        leave_behind(records(me, ["S-2", "S-3"], 4, session=job.session, draft_id=job.view.draft_id))
        return job.view.draft_id or 0

    return int(on(commands, work))


def _no(_: object) -> None:
    """Take no verdict."""


def good(commands: Commands) -> list[str]:
    lines = DraftLine.select().where(DraftLine.kind == "serial", DraftLine.state == "good").order_by(DraftLine.id)
    return on(commands, lambda: [line.serial_number for line in lines])  # type: ignore[no-any-return]


def test_the_list_counts_those_of_a_draft_and_those_that_are_in_none(stocked: Commands) -> None:
    draft = leave_a_draft_with_scans(stocked)
    leave(stocked, "S-8", "S-9")
    rows = stocked.rows("drafts", "list")
    assert [(row["id"], row["good"], row["waiting"], row["item"]) for row in rows] == [
        (draft, 1, 2, "SAW-1"),
        (None, 0, 2, "SAW-1"),
    ]
    text = stocked.good("drafts", "list").out
    assert "Waiting" in text
    assert "in no draft" in text


def test_a_replay_saves_all_of_them_and_says_where(stocked: Commands) -> None:
    draft = leave_a_draft_with_scans(stocked)
    leave(stocked, "S-8", "S-9")
    first, second = stocked.rows("drafts", "replay")
    assert (first["good"], first["message"]) == (2, "In the open draft now.")
    assert (second["good"], second["problems"], second["scans"]) == (2, 0, 2)
    assert second["draft"] not in (None, draft)
    assert good(stocked) == ["S-1", "S-2", "S-3", "S-8", "S-9"]
    assert stocked.rows("drafts", "replay") == []
    assert stocked.good("drafts", "list").out.count("\n") == 3
    assert spools() == []


def test_the_scans_of_a_program_that_runs_are_left_to_it(stocked: Commands) -> None:
    leave(stocked, "S-8")
    (file,) = spools()
    with left_behind(file):
        assert stocked.rows("drafts", "replay") == []
        assert stocked.rows("drafts", "discard-waiting") == []
        assert [row["waiting"] for row in stocked.rows("drafts", "list")] == [1]
    assert len(stocked.rows("drafts", "replay")) == 1


def test_what_is_discarded_is_named_and_gone(stocked: Commands) -> None:
    leave(stocked, "S-8", "S-9")
    (row,) = stocked.rows("drafts", "discard-waiting")
    assert (row["scans"], row["good"], row["user"]) == (2, 0, account_name())
    assert spools() == []
    assert stocked.rows("drafts", "discard-waiting") == []
    assert good(stocked) == []


def test_without_the_permission_both_are_refused_and_nothing_is_lost(stocked: Commands) -> None:
    leave(stocked, "S-8")

    def demote() -> None:
        boss = sign_in()
        set_roles(boss, sign_in("other").login, ["administrator"])
        add_role(boss, "looker")
        grant(boss, "looker", Permission.VIEW)
        set_roles(boss, boss.login, ["looker"])

    on(stocked, demote)
    for words in ("replay", "discard-waiting"):
        ran = stocked("--json", "drafts", words)
        assert ran.code == 1
        assert ran.rows[0]["error"] == "not_permitted"
    assert len(spools()) == 1
    assert on(stocked, Draft.select().count) == 0


def test_serials_that_cannot_be_added_stay_and_are_named(stocked: Commands) -> None:
    def work() -> None:
        left = records(sign_in(), ["S-8", "S-9"], task="add", item_id=1, sku="SAW-1")
        leave_behind([left[0], replace(left[1], place="NOWHERE")])

    on(stocked, work)
    ran = stocked("--json", "drafts", "replay")
    assert ran.code == 1
    (row,) = ran.rows
    assert (row["good"], row["problems"], row["draft"]) == (1, 1, None)
    assert "NOWHERE" in row["message"]
    assert [row["waiting"] for row in stocked.rows("drafts", "list")] == [1]

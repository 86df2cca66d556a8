"""`serialdock check` of damaged files and by people who may not; `serialdock item history`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from models.items.items import create_item
from models.locations import create_location
from models.people import account_name, sign_in
from models.serials.add import add_serials
from models.serials.moves import transfer_serials
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES


def _hammers_and_a_transfer() -> None:
    me = sign_in()
    create_location(me, "DOCK")
    item = create_item(me, "HT-1", "Hammer", on_hand=10, track_serials=True)
    first, _ = (add_serials(me, item.id, [serial]).serial_ids[0] for serial in ("SN-1", "SN-2"))
    transfer_serials(me, [first], "DOCK")


CONTENTS = {"hammer": _hammers_and_a_transfer}


@pytest.fixture
def hammer(commands: Commands) -> Commands:
    """A database with one tracked item, ten on hand, two serials and a transfer."""
    return commands


@BOTH_ENGINES
def test_the_history_of_an_item_says_who_when_and_why(hammer: Commands) -> None:
    rows = hammer.rows("item", "history", "ht-1")
    assert [(row["location"], row["units"], row["kind"], row["document"]) for row in rows] == [
        ("DOCK", 1, "transferred", "T-000001"),
        ("MAIN", -1, "transferred", "T-000001"),
        ("MAIN", 10, "created", None),
    ]
    assert {row["user"] for row in rows} == {account_name()}
    assert [row["units"] for row in hammer.rows("item", "history", "HT-1", "--location", "dock")] == [1]
    assert hammer.refused("item", "history", "HT-1", "--location", "NOWHERE")["error"] == "not_found"
    said = hammer.good("item", "history", "HT-1").out
    assert "transferred" in said
    assert "+10" in said
    assert "item made" in said


@BOTH_ENGINES
def test_a_removed_user_cannot_check_and_is_not_told_what_there_is(hammer: Commands) -> None:
    me = account_name()
    hammer.good("user", "add", "boss", "--role", "administrator")
    hammer.good("user", "remove", me)
    assert hammer.refused("check")["error"] == "not_permitted"


def test_a_viewer_is_not_told_that_an_item_is_not_there(hammer: Commands) -> None:
    hammer.good("user", "add", "eve")
    for words in (
        ("serial", "add", "--item", "NOPE", "SN-9"),
        ("serial", "transfer", "--item", "NOPE", "SN-9", "--to", "DOCK"),
        ("receive", "--item", "NOPE", "--location", "DOCK", "--range", "A-1..A-3"),
        ("item", "set", "NOPE", "--name", "X"),
        ("item", "set", "NOPE", "--track-serials"),
        ("item", "set", "NOPE", "--serial-length", "8"),
    ):
        assert hammer.refused("--user", "eve", *words)["error"] == "not_permitted", words


def test_a_damaged_file_is_named_with_table_and_row_and_exit_code_1(hammer: Commands) -> None:
    path = Path(hammer.url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER serial_events_no_update")
        file.execute("UPDATE serial_events SET note = CAST(x'ff' AS text) WHERE id = 2")
        file.commit()
    ran = hammer("check", "--json")
    assert (ran.code, ran.err) == (1, "")
    (finding,) = ran.object["findings"]
    assert finding["code"] == "row_damaged"
    assert finding["message"].startswith("The database is damaged: table serial_events, row 2: note cannot be read")

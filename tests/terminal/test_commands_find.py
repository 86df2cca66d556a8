"""`serialdock find`: what it prints, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import ngrams
from models.customers import add_customer
from models.database.connection import call, disconnect, open_database
from models.items.items import create_item, find_item
from models.people import add_role, add_user, sign_in
from models.serials.add import add_serials
from models.serials.corrections import correct, remove
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES


def _things() -> None:
    me = sign_in()
    create_item(me, "HT-1", "Hammer drill", track_serials=True)
    first, second, *_ = add_serials(me, find_item("HT-1").id, ["SN-1", "SN-2", "SN-31", "Q31X"]).serial_ids
    correct(me, first, "ZZ-9")
    remove(me, [second], "typed twice")
    add_customer(me, "Hammer GmbH", code="K-1")
    add_role(me, "nothing")
    add_user(me, "eve", ["nothing"])


CONTENTS = {"things": _things}


@pytest.fixture
def things(commands: Commands) -> Commands:
    """A corrected serial, a removed one, two others, an item and a customer."""
    return commands


@BOTH_ENGINES
def test_find_prints_one_object_a_hit_the_best_first(things: Commands) -> None:
    assert things.rows("find", "sn-1") == [{"kind": "serial", "text": "ZZ-9", "item": "HT-1", "match": "earlier"}]
    assert things.rows("find", "SN-2") == [
        {"kind": "serial", "text": "SN-2", "item": "HT-1", "match": "exact", "removed": True}
    ]
    assert things.rows("find", "31") == [
        {"kind": "serial", "text": "SN-31", "item": "HT-1", "match": "end"},
        {"kind": "serial", "text": "Q31X", "item": "HT-1", "match": "part"},
    ]
    assert things.rows("find", "hammer") == [
        {"kind": "item", "text": "HT-1", "name": "Hammer drill", "match": "beginning"},
        {"kind": "customer", "text": "Hammer GmbH", "code": "K-1", "match": "beginning"},
    ]
    table = things.good("find", "SN-2").out
    assert [line.split() for line in table.splitlines()] == [
        ["What", "Text", "Item", "About", "Status", "Match"],
        ["serial", "SN-2", "HT-1", "MAIN", "-", "Removed", "exact"],
    ]


@BOTH_ENGINES
def test_find_says_that_there_is_more_or_nothing(things: Commands) -> None:
    more = things("find", "3", "--limit", "1", "--json")
    assert (more.code, len(more.rows)) == (0, 1)
    assert "There are more of the kind serial" in more.err
    nothing = things("find", "nothing", "--json")
    assert (nothing.code, nothing.out) == (1, "")
    assert nothing.err == "serialdock: Nothing is found for nothing. Try a shorter part of it.\n"
    assert things.refused("find", " ")["error"] == "bad_value"
    assert things.refused("find", "SN-31", "--user", "eve")["error"] == "not_permitted"


def test_commands_write_the_index_of_parts_behind_their_work(
    things: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks() -> list[int]:
        database = open_database(things.url)
        try:
            return call(database, ngrams.missing)
        finally:
            disconnect(database)

    for name, value in (("SEGMENT", 64), ("BLOCK", 8), ("_SLICE", 16)):
        monkeypatch.setattr(ngrams, name, value)
    path = tmp_path / "list.csv"
    path.write_text("Serial\n" + "".join(f"N{number:04}-9\n" for number in range(300)), "utf-8")
    monkeypatch.setattr("tui.cli.importing.SEGMENT", 300)
    assert things.object("import", str(path), "--item", "HT-1", "--location", "MAIN")["imported"] == 300
    assert lacks() == [2, 3]
    assert things.rows("find", "0299-") == [{"kind": "serial", "text": "N0299-9", "item": "HT-1", "match": "part"}]
    assert things.object("migrate")["migrations"] == []
    assert lacks() == []

"""Commands on a new database: the whole story, four people at once, databases that cannot be used."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from models.migrations import CURRENT
from models.people import account_name
from tests.support.cases import each
from tests.support.commands import Ran, in_this_process, installed
from tests.support.engines import BOTH_ENGINES


def run(url: str, *words: str) -> Ran:
    return in_this_process(*words, "--database", url)


def answer(url: str, *words: str) -> dict[str, Any]:
    ran = run(url, *words, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.object


@BOTH_ENGINES
def test_a_new_item_gets_serials_which_move_and_are_told_about(database_url: str) -> None:
    me = account_name()
    added = answer(
        database_url, "item", "add", "DR-1800", "Cordless drill", "--on-hand", "10", "--track-serials"
    )  # the first command makes the tables, too
    assert (added["on_hand"], added["serials"], added["without"]) == (10, 0, 10)

    for serial in ("SN-9", "SN-10"):
        row = answer(database_url, "serial", "add", "--item", "dr-1800", serial, "--notes", "box open")
        assert (row["status"], row["location"], row["item"]) == ("in_stock", "MAIN", "DR-1800")
    again = run(database_url, "serial", "add", "--item", "DR-1800", "sn-9", "--json")
    assert (again.code, again.object["error"]) == (1, "duplicate")
    assert "SN-9 of DR-1800 is already here: In Stock at MAIN since " in again.object["message"]

    answer(database_url, "location", "add", "DOCK-1", "Dock", "--parent", "MAIN")
    moved = answer(
        database_url, *("serial", "transfer", "--item", "DR-1800", "SN-9", "--to", "DOCK-1", "--notes", "to the van")
    )
    assert moved == {
        "document": "T-000001",
        "location": "DOCK-1",
        "serials": ["SN-9"],
        "units_moved": 1,
        "without_quantity": 0,
    }

    rows = run(database_url, "serial", "list", "--item", "DR-1800", "--json").rows
    assert [(row["serial_number"], row["location"]) for row in rows] == [("SN-9", "DOCK-1"), ("SN-10", "MAIN")]

    shown = answer(database_url, "serial", "show", "SN-9")
    assert [(event["kind"], event["user"]) for event in shown["events"]] == [("added", me), ("transferred", me)]
    assert [document["number"] for document in shown["documents"]] == ["T-000001"]

    item = answer(database_url, "item", "show", "DR-1800")
    assert {place["location"]: place["on_hand"] for place in item["places"]} == {"MAIN": 9, "DOCK-1": 1}
    assert answer(database_url, "check")["ok"] is True


@BOTH_ENGINES
def test_who_loses_a_permission_is_refused_at_once(migrated_url: str) -> None:
    answer(migrated_url, "item", "add", "HT-1", "Hammer", "--track-serials")
    answer(migrated_url, "role", "revoke", "administrator", "INV_MANAGE_SERIALS")
    refused = run(migrated_url, "serial", "add", "--item", "HT-1", "SN-1", "--json")
    assert (refused.code, refused.object["error"]) == (1, "not_permitted")
    assert "INV_MANAGE_SERIALS" in refused.object["message"]
    assert refused.err == f"serialdock: {refused.object['message']}\n"
    answer(migrated_url, "role", "grant", "administrator", "INV_MANAGE_SERIALS")
    answer(migrated_url, "serial", "add", "--item", "HT-1", "SN-1")


@BOTH_ENGINES
def test_four_that_start_together_on_a_new_database_all_succeed(database_url: str) -> None:
    codes = [f"A-{number}" for number in range(4)]
    where = ("--json", "--database", database_url)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda code: installed("location", "add", code, *where), codes))
    assert [(ran.code, ran.err) for ran in answers] == [(0, "")] * 4
    assert [ran.object["code"] for ran in answers] == codes
    assert run(database_url, "user", "list", "--json").rows == [{"name": account_name(), "roles": ["administrator"]}]


@BOTH_ENGINES
def test_the_same_serial_from_four_terminals_is_added_once(migrated_url: str) -> None:
    answer(migrated_url, "item", "add", "HT-1", "Hammer", "--track-serials")
    with ThreadPoolExecutor(4) as pool:
        words = ("serial", "add", "--item", "HT-1", "SN-1", "--json", "--database", migrated_url)
        answers = list(pool.map(lambda _: installed(*words), range(4)))
    assert sorted(ran.code for ran in answers) == [0, 1, 1, 1]
    assert {ran.object["error"] for ran in answers if ran.code} == {"duplicate"}


@each(
    ("url", "code", "said"),
    [
        ("postgresql://127.0.0.1:1/stock?connect_timeout=3", "database_unreachable", "cannot be reached"),
        ("mysql://host/stock", "database_address", "mysql://host/stock is no database address"),
        ("sqlite://stock.db", "database_address", "sqlite:///"),
        ("", "database_address", "names no file"),
        ("/no/such/folder/stock.sqlite3", "database_unreachable", "/no/such/folder does not exist"),
        ("/", "database_unreachable", "is a folder"),
        ("/etc/passwd", "database_unreachable", "/etc/passwd"),
    ],
)
def test_a_database_that_cannot_be_used_gets_one_sentence_and_exit_code_3(url: str, code: str, said: str) -> None:
    ran = run(url, "item", "list", "--json")
    assert (ran.code, ran.object["error"]) == (3, code)
    assert said in ran.object["message"]
    assert ran.err == f"serialdock: {ran.object['message']}\n"


def test_a_password_in_the_address_is_never_shown() -> None:
    for url in (
        "postgresql://jana:s3cret@127.0.0.1:1/stock",
        "mysql://jana:s3cret@host/stock",
        " host=127.0.0.1 password=s3cret",
        "postgresql:jana:s3cret@host/stock",
        "jana:s3cret@host/stock",
        "postgresql://jana:12/s3cret@host/stock",
        "postgresql://jana:x@s3cret/stock@127.0.0.1:1",
        "postgresql://127.0.0.1:1/stock?password=s3cret",
    ):
        ran = run(url, "item", "list", "--json")
        assert ran.code == 3
        assert "s3cret" not in ran.out + ran.err, url


def test_a_password_in_a_wrong_command_line_is_not_printed() -> None:
    for given in ("postgresql://jana:s3cret@host/stock", "password=s3cret", "postgresql:jana:s3cret@host/stock"):
        ran = run("unused.db", "item", "list", given)
        assert ran.code == 2
        assert "unrecognized arguments: p" in ran.err
        assert "s3cret" not in ran.err


@BOTH_ENGINES
def test_a_database_of_a_newer_program_is_refused_politely(migrated_url: str) -> None:
    from models.database.connection import connect, disconnect, open_database

    opened = open_database(migrated_url)
    connect(opened)
    one = opened.param
    opened.execute_sql(
        f"INSERT INTO serialdock_versions VALUES ({one}, 'later', '2030-01-01 00:00:00+00:00')",
        (CURRENT + 1,),
    )
    disconnect(opened)
    for words in (("item", "list"), ("check",), ("migrate",)):
        ran = run(migrated_url, *words, "--json")
        assert (ran.code, ran.object["error"]) == (3, "database_too_new")
        assert "newer Serialdock" in ran.object["message"]


def test_check_makes_no_database_where_there_is_none(database_url: str, tmp_path: Path) -> None:
    ran = run(database_url, "check", "--json")
    assert (ran.code, ran.object["error"]) == (3, "database_unreachable")
    assert not list(tmp_path.glob("stock*"))


@BOTH_ENGINES
def test_check_does_not_migrate(database_url: str, tmp_path: Path, engine: str) -> None:
    if engine == "sqlite":
        (tmp_path / "stock.sqlite3").touch()
    ran = run(database_url, "check", "--json")
    assert (ran.code, ran.object["error"]) == (3, "database_not_ready")


def test_the_database_can_be_named_by_the_environment_the_settings_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed() -> list[str]:
        ran = in_this_process("location", "list", "--json")
        assert ran.code == 0, ran
        return [row["code"] for row in ran.rows]

    assert in_this_process("location", "add", "DEFAULT").code == 0
    assert listed() == ["DEFAULT", "MAIN"]
    assert list((tmp_path / ".home").rglob("stock.sqlite3"))

    settings = tmp_path / ".home" / "config" / "serialdock" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"database = {json.dumps(str(tmp_path / 'settings.db'))}\n")
    assert installed("migrate").code == 0
    assert listed() == ["MAIN"]
    with monkeypatch.context() as environment:
        environment.setenv("SERIALDOCK_DATABASE", str(tmp_path / "env.db"))
        assert in_this_process("location", "add", "ENV").code == 0
        assert listed() == ["ENV", "MAIN"]
    settings.write_text("database = [")
    ran = in_this_process("item", "list", "--json")
    assert (ran.code, ran.object["error"]) == (1, "bad_value")

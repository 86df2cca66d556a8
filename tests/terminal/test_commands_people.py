"""`serialdock user …`, `serialdock role …`, permissions and `--user`."""

from __future__ import annotations

import pytest

from models.people import account_name
from tests.support.commands import Commands
from tests.support.engines import BOTH_ENGINES

VIEWING = [
    ("item", "list"),
    ("item", "show", "HT-1"),
    ("serial", "list", "--item", "HT-1"),
    ("serial", "show", "SN-1"),
    ("location", "list"),
    ("user", "list"),
    ("role", "list"),
]


@pytest.fixture
def staffed(commands: Commands) -> Commands:
    """An item with a serial, a clerk, a viewer and somebody without any permission."""
    commands.good("item", "add", "HT-1", "Hammer", "--track-serials")
    commands.good("serial", "add", "--item", "HT-1", "SN-1")
    commands.good("location", "add", "DOCK-1")
    commands.good("role", "add", "nothing")
    for name, role in (("clara", "clerk"), ("victor", "viewer"), ("nobody2", "nothing")):
        commands.good("user", "add", name, "--role", role)
    return commands


@BOTH_ENGINES
def test_users_come_go_and_change_their_roles(commands: Commands) -> None:
    me = account_name()
    assert commands.object("user", "add", "jana") == {"name": "jana", "roles": ["viewer"]}
    assert commands.object("user", "set", "jana", "--role", "clerk", "--role", "viewer") == {
        "name": "jana",
        "roles": ["clerk", "viewer"],
    }
    assert commands.rows("user", "list") == sorted(
        [{"name": me, "roles": ["administrator"]}, {"name": "jana", "roles": ["clerk", "viewer"]}],
        key=lambda row: str(row["name"]),
    )
    assert commands.object("user", "remove", "jana") == {"name": "jana", "roles": []}
    assert [row["name"] for row in commands.rows("user", "list")] == [me]
    assert commands.refused("user", "remove", "jana")["error"] == "not_found"
    assert commands.object("user", "add", "jana", "--role", "clerk")["roles"] == ["clerk"]


def test_the_last_administrator_stays(commands: Commands) -> None:
    me = account_name()
    for words in (
        ("user", "remove", me),
        ("user", "set", me, "--role", "viewer"),
        ("role", "revoke", "administrator", "SYS_MANAGE_USERS"),
    ):
        assert commands.refused(*words)["error"] == "last_administrator"
    assert commands.rows("user", "list") == [{"name": me, "roles": ["administrator"]}]


def test_roles_get_and_lose_permissions(commands: Commands) -> None:
    assert commands.object("role", "add", "auditor") == {"name": "auditor", "permissions": []}
    assert commands.object("role", "grant", "auditor", "INV_VIEW")["permissions"] == ["INV_VIEW"]
    assert commands.object("role", "grant", "auditor", "INV_VIEW")["permissions"] == ["INV_VIEW"]
    roles = {row["name"]: row["permissions"] for row in commands.rows("role", "list")}
    assert roles["auditor"] == roles["viewer"] == ["INV_VIEW"]
    assert set(roles) == {"administrator", "auditor", "clerk", "viewer"}
    assert commands.object("role", "revoke", "auditor", "INV_VIEW")["permissions"] == []
    assert commands.refused("role", "grant", "auditor", "INV_NOTHING")["error"] == "not_found"
    assert commands.refused("role", "grant", "boss", "INV_VIEW")["error"] == "not_found"
    assert commands.refused("role", "add", "auditor")["error"] == "duplicate"


def test_people_read_roles_in_a_table_that_wide_letters_do_not_shift(commands: Commands) -> None:
    commands.good("role", "add", "監査")
    lines = commands.good("role", "list").out.splitlines()
    assert lines[0] == "Role           Permissions"
    assert lines[-1] == "監査           –"
    assert lines[-2] == "viewer         INV_VIEW"


@BOTH_ENGINES
def test_an_administrator_acts_for_another_and_the_history_names_both(staffed: Commands) -> None:
    added = staffed.object("serial", "add", "--item", "HT-1", "SN-2", "--user", "clara")
    assert [(event["user"], event["login_user"]) for event in added["events"]] == [("clara", account_name())]
    assert f"clara (by {account_name()})" in staffed.good("serial", "show", "SN-2").out
    moved = staffed.object("--user", "clara", "serial", "transfer", "--item", "HT-1", "SN-2", "--to", "DOCK-1")
    assert moved["location"] == "DOCK-1"


def test_only_an_administrator_acts_for_another(staffed: Commands) -> None:
    staffed.good("user", "set", "clara", "--role", "administrator")
    staffed.good("user", "set", account_name(), "--role", "clerk")
    refusal = staffed.refused("item", "list", "--user", "victor")
    assert refusal["error"] == "not_permitted"
    assert "SYS_MANAGE_USERS" in refusal["message"]


def test_acting_for_somebody_who_is_not_there_is_refused(staffed: Commands) -> None:
    assert staffed.refused("item", "list", "--user", "ghost")["error"] == "not_found"
    assert staffed.refused("check", "--user", "ghost")["error"] == "not_found"


@pytest.mark.parametrize(
    ("words", "permission"),
    [
        (("item", "add", "HT-2", "Saw"), "INV_EDIT_ITEMS"),
        (("item", "set", "HT-1", "--name", "Saw"), "INV_EDIT_ITEMS"),
        (("item", "set", "HT-1", "--no-track-serials"), "INV_MANAGE_SERIALS"),
        (("location", "add", "DOCK-2"), "INV_EDIT_ITEMS"),
        (("serial", "add", "--item", "HT-1", "SN-2"), "INV_MANAGE_SERIALS"),
        (("serial", "transfer", "--item", "HT-1", "SN-1", "--to", "DOCK-1"), "INV_TRANSFER_SERIAL"),
        (("user", "add", "eve"), "SYS_MANAGE_USERS"),
        (("user", "set", "clara", "--role", "viewer"), "SYS_MANAGE_USERS"),
        (("user", "remove", "clara"), "SYS_MANAGE_USERS"),
        (("role", "add", "boss"), "SYS_MANAGE_USERS"),
        (("role", "grant", "clerk", "INV_VIEW"), "SYS_MANAGE_USERS"),
        (("role", "revoke", "clerk", "INV_VIEW"), "SYS_MANAGE_USERS"),
    ],
)
def test_a_viewer_changes_nothing(staffed: Commands, words: tuple[str, ...], permission: str) -> None:
    refusal = staffed.refused(*words, "--user", "victor")
    assert refusal["error"] == "not_permitted"
    assert f"victor needs the permission {permission}" in refusal["message"]


def test_a_viewer_sees_everything_and_who_may_not_view_sees_nothing(staffed: Commands) -> None:
    for words in VIEWING:
        staffed.good(*words, "--user", "victor")
        refusal = staffed.refused(*words, "--user", "nobody2")
        assert refusal["error"] == "not_permitted"
        assert "nobody2 needs the permission INV_VIEW" in refusal["message"]


def test_tracking_can_be_switched_by_who_manages_serials_and_nothing_else_of_the_item(staffed: Commands) -> None:
    assert staffed.object("item", "set", "HT-1", "--track-serials", "--user", "clara")["track_serials"] is True
    assert staffed.refused("item", "set", "HT-1", "--name", "Saw", "--user", "clara")["error"] == "not_permitted"
    assert staffed.refused("item", "add", "HT-2", "Saw", "--track-serials", "--user", "clara")["error"] == (
        "not_permitted"
    )


def test_who_was_removed_is_not_let_in_again(staffed: Commands) -> None:
    staffed.good("user", "set", "clara", "--role", "administrator")
    staffed.good("user", "remove", account_name(), "--user", "clara")
    refusal = staffed.refused("item", "list")
    assert refusal["error"] == "not_permitted"
    assert f"The user {account_name()} was removed" in refusal["message"]

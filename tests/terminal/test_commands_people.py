"""`serialdock user …`, `serialdock role …`, permissions and `--user`."""

from __future__ import annotations

import pytest

from models.items.items import create_item
from models.locations import create_location
from models.people import account_name, add_role, add_user, sign_in
from models.serials.add import add_serials
from tests.support.cases import each
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


def _staff() -> None:
    me = sign_in()
    add_serials(me, create_item(me, "HT-1", "Hammer", track_serials=True).id, ["SN-1"])
    create_location(me, "DOCK-1")
    add_role(me, "nothing")
    for name, role in (("clara", "clerk"), ("victor", "viewer"), ("nobody2", "nothing")):
        add_user(me, name, [role])


CONTENTS = {"staffed": _staff}


@pytest.fixture
def staffed(commands: Commands) -> Commands:
    """An item with a serial, a clerk, a viewer and somebody without any permission."""
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
    turned = "--sort", "roles:desc"
    assert [row["name"] for row in commands.rows("user", "list", *turned)] == ["jana", me]
    exported = commands.rows("export", "users", *turned)
    assert [(row["name"], row["roles"]) for row in exported] == [("jana", "clerk, viewer"), (me, "administrator")]
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


@each(
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


@BOTH_ENGINES
def test_what_becomes_of_new_people_is_a_setting(commands: Commands, engine: str) -> None:
    usual = "viewers" if engine == "sqlite" else "refused"
    listed = {row["name"]: row["value"] for row in commands.rows("setting", "list")}
    assert listed["new-people"] == usual
    assert len(listed["database-id"]) == 32
    for policy in ("refused", "viewers", "refused"):
        assert commands.object("setting", "new-people", policy) == {"name": "new-people", "value": policy}
        assert {"name": "new-people", "value": policy} in commands.rows("setting", "list")
    assert "is refused; serialdock user add lets it in" in commands.good("setting", "new-people", "refused").out
    assert commands("setting", "new-people", "everybody").code == 2
    commands.good("user", "add", "jana", "--role", "clerk")
    refused = commands.refused("setting", "new-people", "viewers", "--user", "jana")
    assert (refused["error"], "SYS_MANAGE_USERS" in refused["message"]) == ("not_permitted", True)


def test_how_long_people_may_void_their_own_documents_is_a_setting(commands: Commands) -> None:
    commands.good("item", "add", "LAP-14", "Laptop", "--track-serials")
    commands.good("user", "add", "jana", "--role", "clerk")
    jana = ("--user", "jana")
    commands.good("receive", "--item", "LAP-14", "--location", "MAIN", "--range", "A-1..A-2", *jana)
    assert "INV_VOID" in commands.good("setting", "undo-minutes", "0").out
    assert commands.refused("void", "R-000001", "--note", "mine", *jana)["error"] == "not_permitted"
    assert commands.object("setting", "undo-minutes", "20") == {"name": "undo-minutes", "value": "20"}
    assert commands.object("void", "R-000001", "--note", "mine", *jana)["moved"] == 2
    assert commands.refused("setting", "undo-minutes", "20000")["error"] == "bad_value"
    assert "SYS_MANAGE_USERS" in commands.refused("setting", "undo-minutes", "5", *jana)["message"]


def test_an_account_that_nobody_added_is_refused_with_exit_code_1(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.good("setting", "new-people", "refused")
    monkeypatch.setattr("models.people.account_name", lambda: "stranger")
    refused = commands.refused("item", "list")
    assert refused["error"] == "not_permitted"
    assert "to add it with: serialdock user add stranger" in refused["message"]


def test_a_file_has_no_roles_to_grant_to(commands: Commands) -> None:
    refused = commands.refused("migrate", "--grant", "stock_app")
    assert refused["error"] == "not_allowed"
    assert "Roles are granted on PostgreSQL. Who can write an SQLite file can do everything" in refused["message"]

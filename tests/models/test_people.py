"""Who works here: signing in, roles, and the administrator who is always left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from models import people
from models.database.connection import call
from models.errors import BadValue, DamagedRow, Duplicate, LastAdministrator, NotFound, NotPermitted
from models.people import (
    account_name,
    act_for,
    add_role,
    add_user,
    grant,
    list_roles,
    list_users,
    remove_user,
    revoke,
    set_roles,
    sign_in,
)
from models.permissions import Actor, Permission, may, permissions_of, require
from models.schema import SerialEvent, Setting, User
from models.serials.record import add_note
from models.settings import NewPeople, new_people, set_new_people
from tests.support.warehouse import fingerprint, newcomer, open_warehouse, person, together


def _roles(login: str) -> tuple[str, ...]:
    return next(row.roles for row in list_users() if row.login == login)


def test_the_first_person_is_the_administrator_and_the_next_one_looks_on(database: Any) -> None:
    first = sign_in("anna")
    set_new_people(first, NewPeople.VIEWERS)
    second = sign_in("bert")
    assert (_roles("anna"), _roles("bert")) == (("administrator",), ("viewer",))
    assert permissions_of(first.user_id) == set(Permission)
    assert permissions_of(second.user_id) == {Permission.VIEW}
    assert sign_in("anna") == first
    assert User.select().count() == 2


def test_the_account_behind_the_process_signs_in_whatever_the_environment_says(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert sign_in().login == account_name() != "somebody-else"


def test_an_account_without_a_name_is_known_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 3_999_999_999)
    assert account_name() == "uid-3999999999"


def test_of_people_who_sign_in_at_once_one_is_the_administrator(database: Any) -> None:
    _settings_say(NewPeople.VIEWERS)
    actors = together(database, [partial(sign_in, f"person{number}") for number in range(6)])
    assert [type(actor) for actor in actors] == [Actor] * 6
    assert sorted(_roles(actor.login) for actor in actors) == [("administrator",)] + [("viewer",)] * 5


def _settings_say(policy: NewPeople) -> None:
    """Decide about new people before anybody is there."""
    Setting.update(value=str(policy)).where(Setting.name == "new_people").execute()


def test_of_people_who_sign_in_at_once_one_is_let_in_where_new_people_are_refused(database: Any) -> None:
    _settings_say(NewPeople.REFUSED)
    actors = together(database, [partial(sign_in, f"person{number}") for number in range(4)])
    (first,) = [actor for actor in actors if isinstance(actor, Actor)]
    assert [type(actor) for actor in actors].count(NotPermitted) == 3
    assert _roles(first.login) == ("administrator",)
    assert User.select().count() == 1


def test_an_account_that_nobody_added_is_told_whom_to_ask(database: Any) -> None:
    boss = sign_in("boss")
    set_new_people(boss, NewPeople.REFUSED)
    with pytest.raises(NotPermitted) as refused:
        sign_in("anna")
    assert refused.value.message == (
        "The account anna is not a user of this database. Ask an administrator (boss) to add it with: "
        "serialdock user add anna"
    )
    assert User.select().count() == 1
    for login in ("zoe", "kim", "lee"):
        add_user(boss, login, ["administrator"])
    with pytest.raises(NotPermitted, match=r"Ask an administrator \(boss, kim, lee, …\) to add it"):
        sign_in("anna")
    add_user(boss, "anna", ["clerk"])
    assert sign_in("anna").login == "anna"


def test_users_who_are_there_stay_when_new_people_are_refused(database: Any) -> None:
    boss = sign_in("boss")
    set_new_people(boss, NewPeople.VIEWERS)
    anna = sign_in("anna")
    set_new_people(boss, NewPeople.REFUSED)
    assert sign_in("anna") == anna
    with pytest.raises(NotPermitted, match=r"To change settings of the database, anna needs .* SYS_MANAGE_USERS"):
        set_new_people(anna, NewPeople.VIEWERS)
    assert new_people() is NewPeople.REFUSED


def test_a_setting_that_is_unknown_or_gone_lets_nobody_in(database: Any) -> None:
    sign_in("boss")
    Setting.update(value="everybody").where(Setting.name == "new_people").execute()
    with pytest.raises(DamagedRow, match="table settings, row new_people: value is 'everybody'"):
        call(database, sign_in, "anna")
    Setting.delete().where(Setting.name == "new_people").execute()
    with pytest.raises(DamagedRow, match="table settings, no row has the name new_people"):
        call(database, sign_in, "anna")
    assert User.select().count() == 1


def test_the_same_account_may_sign_in_at_several_terminals_at_once(database: Any) -> None:
    actors = together(database, [partial(sign_in, "anna")] * 6)
    assert actors == [actors[0]] * 6
    assert User.select().count() == 1


def test_a_removed_person_does_not_come_in_again_until_taken_back(database: Any) -> None:
    boss = sign_in("boss")
    anna = newcomer(boss, "anna")
    set_roles(boss, "anna", ["clerk"])
    remove_user(boss, "anna")
    with pytest.raises(NotPermitted, match=r"The user anna was removed from this database\. Ask your administrator"):
        sign_in("anna")
    assert permissions_of(anna.user_id) == frozenset()
    assert [row.login for row in list_users()] == ["boss"]
    for again in (partial(remove_user, boss, "anna"), partial(set_roles, boss, "anna", ["clerk"])):
        with pytest.raises(NotFound, match="There is no user anna"):
            again()
    add_user(boss, "anna")
    assert sign_in("anna") == anna
    assert _roles("anna") == ("viewer",)


def test_users_are_added_with_their_roles(database: Any) -> None:
    boss = sign_in("boss")
    add_user(boss, " maria ", ["viewer", "clerk", "clerk"])
    assert _roles("maria") == ("clerk", "viewer")
    with pytest.raises(Duplicate, match="The user maria is there already"):
        add_user(boss, "maria")
    with pytest.raises(NotFound, match=r"There is no role chief\. There are: administrator, clerk, viewer\."):
        add_user(boss, "carl", ["chief"])
    for wrong in ("", "  ", "two words", "x" * 65, "bell\a"):
        with pytest.raises(BadValue):
            add_user(boss, wrong)
    assert [row.login for row in list_users()] == ["boss", "maria"]


def test_the_same_user_or_role_added_at_two_terminals_is_a_duplicate_at_one(database: Any) -> None:
    boss = sign_in("boss")
    for add in (partial(add_user, boss, "maria"), partial(add_role, boss, "driver")):
        results = together(database, [add] * 4)
        assert sorted(type(result).__name__ for result in results)[:3] == ["Duplicate"] * 3


def test_roles_are_made_and_hold_permissions(database: Any) -> None:
    boss = sign_in("boss")
    add_role(boss, "driver")
    with pytest.raises(Duplicate, match="The role driver is there already"):
        add_role(boss, "driver")
    for _ in range(2):
        grant(boss, "driver", "INV_TRANSFER_SERIAL")
    set_roles(boss, "boss", ["administrator", "driver"])
    carl = add_user(boss, "carl", ["driver"])
    assert permissions_of(carl.id) == {"INV_TRANSFER_SERIAL"}
    for _ in range(2):
        revoke(boss, "driver", "INV_TRANSFER_SERIAL")
    assert permissions_of(carl.id) == frozenset()
    assert {role.name: len(role.permissions) for role in list_roles()} == {
        "administrator": 10,
        "clerk": 5,
        "driver": 0,
        "viewer": 1,
    }
    with pytest.raises(NotFound, match=r"There is no permission INV_FLY\. There are: INV_VIEW, "):
        grant(boss, "driver", "INV_FLY")
    with pytest.raises(NotFound, match="There is no role pilot"):
        revoke(boss, "pilot", "INV_VIEW")


def test_what_no_database_can_store_names_nobody(database: Any) -> None:
    boss = sign_in("boss")
    for name in ("\udcff", "boss\0", "\ud800"):
        with pytest.raises(NotFound):
            remove_user(boss, name)
        with pytest.raises(NotFound):
            grant(boss, name, "INV_VIEW")
        with pytest.raises(NotFound):
            act_for(boss, name)


# ----- the last administrator


@pytest.mark.parametrize(
    "leave",
    [
        lambda boss: remove_user(boss, "boss"),
        lambda boss: set_roles(boss, "boss", ["clerk"]),
        lambda boss: set_roles(boss, "boss", []),
        lambda boss: revoke(boss, "administrator", "SYS_MANAGE_USERS"),
    ],
    ids=["removed", "another role", "no role", "the role's permission taken"],
)
def test_the_last_administrator_stays(database: Any, leave: Callable[[Actor], None]) -> None:
    boss = sign_in("boss")
    add_user(boss, "removed", ["administrator"])
    remove_user(boss, "removed")
    add_user(boss, "clerk", ["clerk"])
    add_role(boss, "held by nobody")
    grant(boss, "held by nobody", "SYS_MANAGE_USERS")
    before = fingerprint()
    with pytest.raises(LastAdministrator, match=r"last administrator|nobody could manage users"):
        leave(boss)
    assert fingerprint() == before
    add_user(boss, "second", ["held by nobody"])
    leave(boss)
    assert not may(boss, Permission.MANAGE_USERS)


def test_two_administrators_who_remove_each_other_at_once_are_one_afterwards(database: Any) -> None:
    boss = sign_in("boss")
    for turn in range(5):
        anna, bert = (newcomer(boss, f"{name}{turn}") for name in ("anna", "bert"))
        set_roles(boss, anna.login, ["administrator"])
        set_roles(boss, bert.login, ["administrator"])
        set_roles(anna, boss.login, ["clerk"])
        results = together(database, [partial(remove_user, anna, bert.login), partial(remove_user, bert, anna.login)])
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotPermitted"]
        (boss,) = (actor for actor in (anna, bert) if may(actor, Permission.MANAGE_USERS))


# ----- acting for somebody


def test_an_administrator_acts_with_the_permissions_of_another_and_events_name_both(database: Any) -> None:
    warehouse = open_warehouse()
    (serial_id,) = warehouse.add("A1")
    maria = add_user(warehouse.boss, "maria", ["clerk"])
    actor = act_for(warehouse.boss, "maria")
    assert actor.shown == "maria (by boss)"
    add_note(actor, serial_id, "looks new")
    event = SerialEvent.select().order_by(SerialEvent.id.desc()).get()
    assert (event.user_id, event.login_user_id) == (maria.id, warehouse.boss.user_id)
    with pytest.raises(NotPermitted, match="To manage users, maria needs the permission SYS_MANAGE_USERS"):
        require(actor, Permission.MANAGE_USERS, "manage users")


def test_nobody_else_acts_for_somebody(database: Any) -> None:
    boss = sign_in("boss")
    clerk = person(boss, "clerk", Permission.MANAGE_SERIALS)
    assert act_for(clerk, "clerk") == clerk
    with pytest.raises(NotPermitted, match="To act as boss, clerk needs the permission SYS_MANAGE_USERS"):
        act_for(clerk, "boss")
    with pytest.raises(NotFound):
        act_for(boss, "nobody")


def test_a_stand_in_ends_with_the_administrators_own_permission(database: Any) -> None:
    boss = sign_in("boss")
    other = person(boss, "other", Permission.MANAGE_USERS)
    actor = act_for(other, "boss")
    assert may(actor, Permission.EDIT_ITEMS)
    set_roles(boss, "other", ["clerk"])
    assert not may(actor, Permission.EDIT_ITEMS)
    with pytest.raises(NotPermitted, match="To act for boss, other needs the permission SYS_MANAGE_USERS"):
        require(actor, Permission.EDIT_ITEMS, "make items")


def test_taking_a_permission_away_works_at_once(database: Any) -> None:
    boss = sign_in("boss")
    clerk = person(boss, "clerk", Permission.MANAGE_SERIALS)
    assert may(clerk, Permission.MANAGE_SERIALS)
    revoke(boss, "role of clerk", "INV_MANAGE_SERIALS")
    assert not may(clerk, Permission.MANAGE_SERIALS)


def test_a_user_says_which_role_gives_what_and_is_known_after_removal(database: Any) -> None:
    boss = sign_in("boss")
    jana = add_user(boss, "jana", ["clerk", "viewer"])
    row = people.person(jana.id)
    assert (row.key, row.login, row.roles, row.active) == (str(jana.id), "jana", ("clerk", "viewer"), True)
    assert row.permissions == tuple(sorted(permissions_of(jana.id)))
    assert row.given_by("INV_VIEW") == ("clerk", "viewer")
    assert row.given_by("INV_SELL_SERIAL") == ("clerk",)
    assert row.given_by("SYS_MANAGE_USERS") == ()
    source = people.UserSource("VIEWER")
    assert [found.login for found in source.fetch(0, source.count())] == ["jana"]
    remove_user(boss, "jana")
    assert source.count() == 0
    gone = people.person(jana.id)
    assert (gone.login, gone.roles, gone.permissions, gone.active) == ("jana", (), (), False)
    with pytest.raises(NotFound, match="There is no such user"):
        people.person(jana.id + 1)

"""People: sign-in, users, roles and permissions."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from models import clock
from models.database.unit import Unit, write
from models.errors import BadValue, Duplicate, LastAdministrator, NotFound, NotPermitted
from models.orders import MemoryRows, Order
from models.permissions import ADMINISTRATOR, VIEWER, Actor, Permission, require, seal_role, seal_user
from models.schema import Role, RolePermission, User, UserRole, bound, is_sqlite
from models.settings import NewPeople, new_people
from models.text import clean_line, composed, readable, search_key, storable

_PEOPLE_LOCK = 0x5E41A1D1
"""Number of the PostgreSQL advisory lock that serialises changes of users and roles."""


def account_name() -> str:
    """The account name of this process's user id. Environment variables are not used: anybody can set them."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid-{uid}"


def sign_in(login: str | None = None) -> Actor:
    """Find the user of an account, or create it at the first sign-in.

    The first user of a database becomes administrator; what becomes of later ones, `settings.new_people` says.

    Args:
        login: account name; None means the account that runs this process.

    Raises:
        NotPermitted: the user was removed, or nobody added it and new people are refused.
    """
    login = composed(login or account_name())
    user = User.get_or_none(User.login == login)
    if user is None:
        # No unit: that one needs an actor. Two first sign-ins at once must not both find a database without users.
        with bound.obj.atomic():
            _lock_people()
            user = User.get_or_none(User.login == login)  # again, under the lock
            if user is None:
                role = VIEWER if User.select().exists() else ADMINISTRATOR
                if role == VIEWER:
                    _refuse_new(login)
                user = User.create(login=login, active=True, created_at=clock.now())
                UserRole.create(user=user, role=Role.get(Role.name == role))
                seal_user(user.id)
    if not user.active:
        raise NotPermitted(f"The user {login} was removed from this database. Ask your administrator.", permission="")
    return Actor(user.id, login)


def _refuse_new(login: str) -> None:
    if new_people() is NewPeople.VIEWERS:
        return
    known = administrators()
    names = f" ({', '.join(known[:3])}{', …' if len(known) > 3 else ''})" if known else ""
    raise NotPermitted(
        f"The account {login} is not a user of this database. Ask an administrator{names} to add it with: "
        f"serialdock user add {login}",
        permission="",
    )


def administrators() -> list[str]:
    """Logins of the active users who may manage users, sorted."""
    found = _administrators().select(User.login).distinct().order_by(User.login)
    return [user.login for user in found]


def act_for(administrator: Actor, login: str) -> Actor:
    """Let an administrator act with another user's permissions; events record both.

    Raises:
        NotPermitted: the actor may not manage users.
        NotFound: no such user.
    """
    if storable(login) == administrator.login:
        return administrator
    require(administrator, Permission.MANAGE_USERS, f"act as {login}")
    user = _user(login)
    return Actor(user.id, user.login, administrator.user_id, administrator.login)


def add_user(actor: Actor, login: str, roles: Sequence[str] = ()) -> User:
    """Add a user, or restore a removed one.

    Args:
        roles: role names; empty means the viewer role.

    Raises:
        NotPermitted, BadValue
        NotFound: no such role.
        Duplicate: the user already exists.
    """
    login = clean_line(login, "user's name", longest=64, field="login")
    if " " in login:
        raise BadValue(f"The user's name '{readable(login)}' has a blank. Type the account's name.", field="login")

    def work(_: Unit) -> User:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "add users")
        found = [_role(name) for name in roles or (VIEWER,)]
        user = User.get_or_none(User.login == login)
        if user is not None and user.active:
            raise Duplicate(f"The user {login} is there already. Change the roles with: serialdock user set {login}")
        if user is None:
            user = User.create(login=login, active=True, created_at=clock.now())
        user.active = True
        user.save(only=[User.active])
        _give_roles(user, found)
        return user

    return write(actor, work)


def set_roles(actor: Actor, login: str, roles: Sequence[str]) -> User:
    """Replace the roles of a user.

    Raises:
        NotPermitted, NotFound
        LastAdministrator: nobody could manage users afterwards.
    """

    def work(_: Unit) -> User:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "change users")
        user = _user(login)
        _give_roles(user, [_role(name) for name in roles])
        # Afterwards: whether anybody is left can be seen in the rows; a refusal rolls all of it back.
        _keep_an_administrator(f"{login} is the last administrator. Give somebody else that role first.")
        return user

    return write(actor, work)


def remove_user(actor: Actor, login: str) -> None:
    """Remove a user's access; the user row is kept for the history.

    Raises:
        NotPermitted, NotFound
        LastAdministrator: nobody could manage users afterwards.
    """

    def work(_: Unit) -> None:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "remove users")
        user = _user(login)
        UserRole.delete().where(UserRole.user == user).execute()
        user.active = False
        user.save(only=[User.active])
        seal_user(user.id)
        _keep_an_administrator(
            f"{login} is the last administrator and cannot be removed. Give somebody else that role."
        )

    write(actor, work)


def add_role(actor: Actor, name: str) -> Role:
    """Add a role without permissions.

    Raises:
        NotPermitted, BadValue, Duplicate
    """
    name = clean_line(name, "role's name", longest=64, field="role")

    def work(_: Unit) -> Role:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "add roles")
        if Role.get_or_none(Role.name == name):
            raise Duplicate(
                f"The role {name} is there already. Grant it permissions with: serialdock role grant {name}"
            )
        role = Role.create(name=name)
        seal_role(role.id)
        return role

    return write(actor, work)


def grant(actor: Actor, role: str, permission: str) -> None:
    """Grant a permission to a role; no error if the role already has it.

    Raises:
        NotPermitted
        NotFound: no such role or permission.
    """

    def work(_: Unit) -> None:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "grant permissions")
        held, right = _role(role), _permission(permission)
        RolePermission.insert(role=held, permission=right).on_conflict_ignore().execute()
        seal_role(held.id)

    write(actor, work)


def revoke(actor: Actor, role: str, permission: str) -> None:
    """Revoke a permission from a role; no error if the role does not have it.

    Raises:
        NotPermitted
        NotFound: no such role or permission.
        LastAdministrator: nobody could manage users afterwards.
    """

    def work(_: Unit) -> None:
        _lock_people()
        require(actor, Permission.MANAGE_USERS, "revoke permissions")
        held, right = _role(role), _permission(permission)
        RolePermission.delete().where(RolePermission.role == held, RolePermission.permission == right).execute()
        seal_role(held.id)
        _keep_an_administrator(
            f"Without {right} in the role {role} nobody could manage users. Grant it to another held role first."
        )

    write(actor, work)


def _user(login: str) -> User:
    user = User.get_or_none(User.login == storable(login), User.active)
    if user is None:
        raise NotFound(f"There is no user {login}. See serialdock user list, or add one: serialdock user add {login}")
    return user


def _role(name: str) -> Role:
    role = Role.get_or_none(Role.name == storable(name))
    if role is None:
        known = ", ".join(row.name for row in Role.select().order_by(Role.name))
        raise NotFound(f"There is no role {name}. There are: {known}.")
    return role


def _permission(name: str) -> str:
    if name not in set(Permission):
        raise NotFound(f"There is no permission {name}. There are: {', '.join(Permission)}.")
    return name


def _give_roles(user: User, roles: Sequence[Role]) -> None:
    UserRole.delete().where(UserRole.user == user).execute()
    for role in {role.id: role for role in roles}.values():
        UserRole.create(user=user, role=role)
    seal_user(user.id)


def _lock_people() -> None:
    """Serialise changes of users and roles, so that two administrators cannot remove each other at the same time."""
    if not is_sqlite():  # SQLite has one writer at a time anyway
        bound.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_PEOPLE_LOCK,))


def _keep_an_administrator(refusal: str) -> None:
    if not _administrators().exists():
        raise LastAdministrator(refusal)


def _administrators() -> Any:
    return (
        User.select()
        .join(UserRole, on=(UserRole.user == User.id))
        .join(RolePermission, on=(RolePermission.role == UserRole.role))
        .where(User.active, RolePermission.permission == str(Permission.MANAGE_USERS))
    )


class RoleRow(NamedTuple):
    """A role with its permissions."""

    name: str
    permissions: tuple[str, ...]


class UserRow(NamedTuple):
    """A user with the roles held."""

    id: int
    login: str
    held: tuple[RoleRow, ...]
    """By name."""
    added_at: datetime
    """Time when the user was added, or signed in first."""
    active: bool = True
    """False after removal."""

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of the roles."""
        return tuple(role.name for role in self.held)

    @property
    def permissions(self) -> tuple[str, ...]:
        """All permissions that the roles give, sorted."""
        return tuple(sorted({permission for role in self.held for permission in role.permissions}))

    def given_by(self, permission: str) -> tuple[str, ...]:
        """The names of the user's roles that give a permission."""
        return tuple(role.name for role in self.held if permission in role.permissions)


def list_users() -> list[UserRow]:
    """All active users, by login."""
    return _users(User.active)


def person(user_id: int) -> UserRow:
    """One user, a removed one too.

    Raises:
        NotFound
    """
    found = _users(User.id == user_id)
    if not found:
        raise NotFound("There is no such user. Go back to the list.", command="serialdock user list")
    return found[0]


def _users(which: Any) -> list[UserRow]:
    users = list(User.select().where(which).order_by(User.login))
    held: dict[int, list[RoleRow]] = {user.id: [] for user in users}
    found = UserRole.select(User.id, Role.name).join(User).switch(UserRole).join(Role).where(which).order_by(Role.name)
    pairs = list(found.tuples().execute())
    # Read last: roles are made, but never taken away, so that each role of a pair is among them.
    roles = {role.name: role for role in list_roles()}
    for user_id, name in pairs:
        if user_id in held:  # else somebody was added just now
            held[user_id].append(roles[name])
    return [UserRow(user.id, user.login, tuple(held[user.id]), user.created_at, user.active) for user in users]


_USER_KEYS: Final[Mapping[str, Callable[[UserRow], Any]]] = {
    "login": lambda row: row.login.upper(),
    "roles": lambda row: (not row.held, ", ".join(row.roles).upper()),
    "permissions": lambda row: len(row.permissions),
    "added": lambda row: row.added_at,
}
"""Sort keys of users by order."""

USER_ORDERS: Final = (
    Order("login", "User"),
    Order("roles", "Roles"),
    Order("permissions", "Permissions"),
    Order("added", "Added"),
)
"""The orders of the list of users, the usual one first."""


class UserSource(MemoryRows[UserRow]):
    """The list of active users, found by a part of login or roles."""

    orders = USER_ORDERS

    def read(self) -> list[UserRow]:
        """Read the users whom the text finds, in their order."""
        key, by = search_key(self.find), _USER_KEYS[self.sorting.code]
        found = [row for row in list_users() if key in search_key(f"{row.login} {', '.join(row.roles)}")]
        return sorted(found, key=lambda row: (by(row), row.login.upper(), row.id), reverse=self.sorting.descending)


def list_roles() -> list[RoleRow]:
    """All roles with their permissions, by name."""
    held: dict[str, list[str]] = {role.name: [] for role in Role.select().order_by(Role.name)}
    pairs = RolePermission.select(Role.name, RolePermission.permission).join(Role).order_by(RolePermission.permission)
    for name, permission in pairs.tuples().execute():
        held.setdefault(name, []).append(permission)  # a role that was made between the two statements
    return [RoleRow(name, tuple(permissions)) for name, permissions in held.items()]

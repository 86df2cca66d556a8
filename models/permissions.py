"""Permissions, and the check that every operation makes first.

Permissions are read from the database at each check, so that revoking one takes effect at once on every terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, ParamSpec, TypeVar

from models.digests import digest
from models.errors import NotPermitted
from models.schema import Query, Role, RolePermission, User, UserRole, bound

P = ParamSpec("P")
T = TypeVar("T")


class Permission(StrEnum):
    """A permission that a role can hold; the values are a public interface."""

    VIEW = "INV_VIEW"
    """See items, stock and serials."""
    EDIT_ITEMS = "INV_EDIT_ITEMS"
    """Create and change items, locations and customers."""
    MANAGE_SERIALS = "INV_MANAGE_SERIALS"
    """Track, add, receive and import serials; change notes, warranty and status."""
    TRANSFER_SERIAL = "INV_TRANSFER_SERIAL"
    SELL_SERIAL = "INV_SELL_SERIAL"
    """Sell, return, reserve."""
    COUNT_SERIALS = "INV_COUNT_SERIALS"
    CORRECT_SERIAL = "INV_CORRECT_SERIAL"
    VOID_SERIAL_EVENT = "INV_VOID_SERIAL_EVENT"
    SCRAP_SERIAL = "INV_SCRAP_SERIAL"
    MANAGE_USERS = "SYS_MANAGE_USERS"
    """Manage users and roles; a user who holds it is an administrator."""


RolePermission.permission.words = frozenset(map(str, Permission))

ADMINISTRATOR, CLERK, VIEWER = "administrator", "clerk", "viewer"
"""The roles of a new database, created by the first migration."""


class Actor(NamedTuple):
    """The user in whose name an operation runs."""

    user_id: int
    login: str
    """Login of the user whose permissions count."""
    login_user_id: int | None = None
    """The administrator at the terminal, when acting on behalf of `user_id`; else None."""
    login_user: str | None = None

    @property
    def shown(self) -> str:
        """The name shown in the corner of a screen."""
        return f"{self.login} (by {self.login_user})" if self.login_user else self.login


def permissions_of(user_id: int) -> frozenset[str]:
    """All permissions of the user's roles at this moment; none for an inactive user.

    Raises:
        WrongValueError: a row is damaged. A permission that nobody knows may have been the one that is asked for.
    """
    return _known(bound.execute_sql(*_held(user_id)).fetchall())


def _held(user_id: int) -> Query:
    """The query of `permissions_of`; by hand, since every operation asks this first."""
    sql = (
        "SELECT p.permission FROM user_roles r JOIN role_permissions p ON p.role_id = r.role_id "
        f"JOIN users u ON u.id = r.user_id WHERE r.user_id = {bound.param} AND u.active"
    )
    return sql, (user_id,)


def _known(rows: Iterable[Sequence[Any]]) -> frozenset[str]:
    return frozenset(RolePermission.permission.known(permission) for (permission,) in rows)


def permissions_held(actor: Actor) -> frozenset[str]:
    """All permissions that the actor holds now; none where an administrator acting for them is no longer one."""
    return permissions_of(actor.user_id) if _may_stand_in(actor) else frozenset()


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission now, and an administrator acting for them is still one."""
    return permission in permissions_held(actor)


def require(actor: Actor, permission: Permission, to_do: str) -> None:
    """Refuse an operation that the actor may not do.

    Args:
        to_do: the operation as messages name it after "To", such as "transfer serials".

    Raises:
        NotPermitted
    """
    require_in(bound.rows_of(rights_queries(actor)), actor, permission, to_do)


def rights_queries(actor: Actor) -> list[Query]:
    """The queries of `require`, for an operation that sends them together with its own; `require_in` takes the rows."""
    return [_held(user_id) for user_id in (actor.user_id, actor.login_user_id) if user_id is not None]


def require_in(found: Sequence[Iterable[Sequence[Any]]], actor: Actor, permission: Permission, to_do: str) -> None:
    """Refuse an operation that the actor may not do, by rows that were read together with those of the operation.

    Args:
        found: the rows of each of `rights_queries`.
        to_do: as for `require`.

    Raises:
        NotPermitted
    """
    held = [_known(rows) for rows in found]
    if permission not in held[0]:
        raise NotPermitted(
            f"To {to_do}, {actor.login} needs the permission {permission}. Ask your administrator for it.",
            permission=str(permission),
        )
    if actor.login_user_id is not None and Permission.MANAGE_USERS not in held[-1]:
        raise NotPermitted(
            f"To act for {actor.login}, {actor.login_user} needs the permission {Permission.MANAGE_USERS}. "
            "Ask your administrator for it.",
            permission=str(Permission.MANAGE_USERS),
        )


def _may_stand_in(actor: Actor) -> bool:
    """Whether the user at the terminal is the actor, or is still an administrator."""
    return actor.login_user_id is None or Permission.MANAGE_USERS in permissions_of(actor.login_user_id)


def looking(actor: Actor, look_up: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a look-up after checking the VIEW permission; every screen reads through this.

    Args:
        look_up: a function that only reads, or one that combines several of them.

    Raises:
        NotPermitted
    """
    require(actor, Permission.VIEW, "see items and serials")
    return look_up(*args, **kwargs)


# ----- digests, by which `check` finds a right that nobody granted


def role_digest(role_id: int) -> bytes:
    """The digest of a role with its permissions as they are stored, unknown words too."""
    held = bound.execute_sql(f"SELECT permission FROM role_permissions WHERE role_id = {bound.param}", (role_id,))
    return digest((Role.get_by_id(role_id).name, *sorted(permission for (permission,) in held.fetchall())))


def user_digest(user_id: int) -> bytes:
    """The digest of a user with the names of the roles."""
    user = User.get_by_id(user_id)
    held = UserRole.select(Role.name).join(Role).where(UserRole.user == user_id).tuples().execute()
    # As a number: SQLite has no truth values, and the digest was made by migrations too.
    return digest((user.login, int(user.active), user.created_at, *sorted(name for (name,) in held)))


def seal_role(role_id: int) -> None:
    """Store the digest of a role; each change of its permissions ends with this, in the same transaction.

    Raises:
        ValueError: a row of the role is damaged, which the new digest would hide.
    """
    list(RolePermission.select(RolePermission.permission).where(RolePermission.role == role_id))  # raises if damaged
    Role.update(digest=role_digest(role_id)).where(Role.id == role_id).execute()


def seal_user(user_id: int) -> None:
    """Store the digest of a user; each change of the user or the user's roles ends with this."""
    User.update(digest=user_digest(user_id)).where(User.id == user_id).execute()

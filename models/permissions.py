"""Permissions, and the check that every operation makes first.

Permissions are read from the database at each check, so that revoking one takes effect at once on every terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, ParamSpec, TypeVar

from models.errors import NotPermitted
from models.schema import RolePermission, User, UserRole

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
    """All permissions of the user's roles at this moment; none for an inactive user."""
    found = (
        RolePermission.select(RolePermission.permission)
        .join(UserRole, on=(UserRole.role == RolePermission.role))
        .join(User, on=(User.id == UserRole.user))
        .where(UserRole.user == user_id, User.active)
        .tuples()
        .execute()
    )
    return frozenset(permission for (permission,) in found)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission now, and an administrator acting for them is still one."""
    return _may_stand_in(actor) and permission in permissions_of(actor.user_id)


def require(actor: Actor, permission: Permission, to_do: str) -> None:
    """Refuse an operation that the actor may not do.

    Args:
        to_do: the operation as messages name it after "To", such as "transfer serials".

    Raises:
        NotPermitted
    """
    if permission not in permissions_of(actor.user_id):
        raise NotPermitted(
            f"To {to_do}, {actor.login} needs the permission {permission}. Ask your administrator for it.",
            permission=str(permission),
        )
    if not _may_stand_in(actor):
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

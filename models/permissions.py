"""Who may do what: the permissions, and the one question every operation asks before it does anything.

Permissions are read from the database at each question, so that taking one away works at once, on every terminal.
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
    """What a role can hold; the names are public."""

    VIEW = "INV_VIEW"
    """See items, stock and serials."""
    EDIT_ITEMS = "INV_EDIT_ITEMS"
    """Make and change items, places and customers."""
    MANAGE_SERIALS = "INV_MANAGE_SERIALS"
    """Track serials, add, receive and import them, notes, warranty, change of status."""
    TRANSFER_SERIAL = "INV_TRANSFER_SERIAL"
    SELL_SERIAL = "INV_SELL_SERIAL"
    """Sell, return, reserve."""
    COUNT_SERIALS = "INV_COUNT_SERIALS"
    CORRECT_SERIAL = "INV_CORRECT_SERIAL"
    VOID_SERIAL_EVENT = "INV_VOID_SERIAL_EVENT"
    SCRAP_SERIAL = "INV_SCRAP_SERIAL"
    MANAGE_USERS = "SYS_MANAGE_USERS"
    """Users and roles; who holds it is an administrator."""


ADMINISTRATOR, CLERK, VIEWER = "administrator", "clerk", "viewer"
"""The roles of a new database; the first migration makes them."""


class Actor(NamedTuple):
    """In whose name something is done."""

    user_id: int
    login: str
    """Whose permissions count."""
    login_user_id: int | None = None
    """Who sits at the terminal, where that is an administrator acting for `user_id`."""
    login_user: str | None = None

    @property
    def shown(self) -> str:
        """The name for the corner of a screen."""
        return f"{self.login} (by {self.login_user})" if self.login_user else self.login


def permissions_of(user_id: int) -> frozenset[str]:
    """All permissions that the user's roles hold now; none for a removed user."""
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
    """Whether the actor holds the permission now; for an administrator's stand-in both must hold theirs."""
    return _may_stand_in(actor) and permission in permissions_of(actor.user_id)


def require(actor: Actor, permission: Permission, to_do: str) -> None:
    """Refuse what the actor may not do.

    Args:
        to_do: what it is, as it stands after "To", such as "transfer serials".

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
    """Whether whoever sits at the terminal is the actor, or is still an administrator."""
    return actor.login_user_id is None or Permission.MANAGE_USERS in permissions_of(actor.login_user_id)


def looking(actor: Actor, look_up: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Look something up for somebody; every screen reads so.

    Args:
        look_up: a function that only reads, or one that puts some of them together.

    Raises:
        NotPermitted
    """
    require(actor, Permission.VIEW, "see items and serials")
    return look_up(*args, **kwargs)

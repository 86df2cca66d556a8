"""Users and roles, as lists."""

from __future__ import annotations

from dataclasses import dataclass

from models.schema import Role, RolePermission, User, UserRole


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user and the roles held."""

    login: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role and what it may do."""

    name: str
    permissions: tuple[str, ...]


def list_users() -> list[UserRow]:
    """All users that were not removed, by name."""
    held: dict[str, list[str]] = {user.login: [] for user in User.select().where(User.active).order_by(User.login)}
    pairs = UserRole.select(User.login, Role.name).join(User).switch(UserRole).join(Role).order_by(Role.name)
    for login, role in pairs.tuples().execute():
        if login in held:
            held[login].append(role)
    return [UserRow(login, tuple(roles)) for login, roles in held.items()]


def list_roles() -> list[RoleRow]:
    """All roles, by name, with their permissions."""
    held: dict[str, list[str]] = {role.name: [] for role in Role.select().order_by(Role.name)}
    pairs = RolePermission.select(Role.name, RolePermission.permission).join(Role).order_by(RolePermission.permission)
    for name, permission in pairs.tuples().execute():
        held[name].append(permission)
    return [RoleRow(name, tuple(permissions)) for name, permissions in held.items()]

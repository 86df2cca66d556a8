"""Who may do what: users hold roles, roles hold permissions."""

from __future__ import annotations

import peewee

from models.schema.base import MomentField, Table


class User(Table):
    """A person, known by the account behind the process."""

    id = peewee.AutoField()
    login = peewee.TextField(unique=True)
    """The account's name on the host."""
    active = peewee.BooleanField(default=True)
    """False after removal; the row stays because events name it."""
    created_at = MomentField()

    class Meta:
        table_name = "users"


class Role(Table):
    """A named set of permissions."""

    id = peewee.AutoField()
    name = peewee.TextField(unique=True)

    class Meta:
        table_name = "roles"


class RolePermission(Table):
    """One permission held by a role."""

    role = peewee.ForeignKeyField(Role, backref="permissions")
    permission = peewee.TextField()

    class Meta:
        table_name = "role_permissions"
        primary_key = peewee.CompositeKey("role", "permission")


class UserRole(Table):
    """One role held by a user."""

    user = peewee.ForeignKeyField(User, backref="roles")
    role = peewee.ForeignKeyField(Role)

    class Meta:
        table_name = "user_roles"
        primary_key = peewee.CompositeKey("user", "role")

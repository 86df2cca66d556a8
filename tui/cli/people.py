"""`serialdock user …` and `serialdock role …`: users with their roles, roles with their permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from models import people
from models.orders import Sorting
from models.people import USER_ORDERS, RoleRow, UserSource, list_roles, list_users
from tui.cli.output import OutputColumn
from tui.cli.parser import Opens, argument, command
from tui.cli.session import Session, sort_argument

ROLE: Final = argument("role", metavar="ROLE", help="a role's name")
PERMISSION: Final = argument("permission", metavar="PERMISSION", help="such as INV_MANAGE_SERIALS; see role list")


@command(
    "user add",
    summary="let somebody in",
    arguments=(
        argument("name", metavar="NAME", help="the account's name on this host"),
        argument(
            "--role",
            metavar="ROLE",
            dest="roles",
            action="append",
            default=[],
            help="a role; again for more (else viewer)",
        ),
    ),
    examples=("serialdock user add jana --role clerk",),
    opens=Opens.MADE,
)
def add_user(session: Session, *, name: str, roles: list[str]) -> None:
    """Add a user and print it."""
    user = session.run(people.add_user, session.actor, name, roles)
    _print_user(session, user.login)


@command(
    "user set",
    summary="give a user these roles instead of those held",
    arguments=(
        argument("name", metavar="NAME", help="the user"),
        argument("--role", metavar="ROLE", dest="roles", action="append", required=True, help="a role; again for more"),
    ),
    examples=("serialdock user set jana --role clerk --role auditor",),
)
def set_user(session: Session, *, name: str, roles: list[str]) -> None:
    """Replace the roles of a user and print the user."""
    user = session.run(people.set_roles, session.actor, name, roles)
    _print_user(session, user.login)


@command(
    "user list",
    summary="list all users with their roles",
    arguments=(sort_argument(USER_ORDERS),),
)
def list_all_users(session: Session, *, sort: Sorting | None) -> None:
    """Print all users."""
    columns = (OutputColumn("User", lambda user: user.login), OutputColumn("Roles", lambda user: ", ".join(user.roles)))
    pages = session.ordered(UserSource(sorting=sort))
    session.out.many(pages, lambda user: _user_data(user.login, user.roles), columns)


@command(
    "user remove",
    summary="take a user's access away; history keeps the name",
    arguments=(argument("name", metavar="NAME", help="the user"),),
)
def remove_user(session: Session, *, name: str) -> None:
    """Remove a user's access."""
    session.run(people.remove_user, session.actor, name)
    session.out.one(_user_data(name, ()), [f"{name} has no access any more."])


@command(
    "role add",
    summary="make a role without permissions",
    arguments=(ROLE,),
    examples=("serialdock role add auditor",),
    opens=Opens.MADE,
)
def add_role(session: Session, *, role: str) -> None:
    """Make a role and print it."""
    made = session.run(people.add_role, session.actor, role)
    _print_role(session, made.name)


@command(
    "role list",
    summary="list all roles with their permissions",
)
def list_all_roles(session: Session) -> None:
    """Print all roles."""
    columns = (
        OutputColumn("Role", lambda role: role.name),
        OutputColumn("Permissions", lambda role: _named(role.permissions)),
    )
    session.out.many([session.look(people.list_roles)], _role_data, columns)


@command(
    "role grant",
    summary="let a role hold a permission",
    arguments=(ROLE, PERMISSION),
    examples=("serialdock role grant auditor INV_VIEW",),
    opens=Opens.MADE,
)
def grant(session: Session, *, role: str, permission: str) -> None:
    """Grant a permission to a role and print the role."""
    session.run(people.grant, session.actor, role, permission)
    _print_role(session, role)


@command(
    "role revoke",
    summary="take a permission from a role",
    arguments=(ROLE, PERMISSION),
    examples=("serialdock role revoke clerk INV_MANAGE_SERIALS",),
    opens=Opens.MADE,
)
def revoke(session: Session, *, role: str, permission: str) -> None:
    """Revoke a permission of a role and print the role."""
    session.run(people.revoke, session.actor, role, permission)
    _print_role(session, role)


def _print_user(session: Session, login: str) -> None:
    found = (row.roles for row in session.run(list_users) if row.login == login)
    roles = next(found, ())  # somebody else may have removed the user already
    session.out.one(_user_data(login, roles), [f"{login}: {_named(roles)}"])


def _print_role(session: Session, name: str) -> None:
    role = next(row for row in session.run(list_roles) if row.name == name)
    session.out.one(_role_data(role), [f"{role.name}: {_named(role.permissions)}"])


def _user_data(login: str, roles: Sequence[str]) -> dict[str, Any]:
    return {"name": login, "roles": list(roles)}


def _role_data(role: RoleRow) -> dict[str, Any]:
    return {"name": role.name, "permissions": list(role.permissions)}


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "–"

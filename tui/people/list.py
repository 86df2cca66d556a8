"""The list of people with their roles."""

from __future__ import annotations

from models.clock import clock_time, day
from models.people import UserRow, UserSource
from models.text import counted
from tui.kit.lazy_table import RecordColumn, fitting
from tui.kit.list_screen import ListScreen
from tui.kit.record_table import RecordTable
from tui.routes import People, PersonRecord
from tui.text import cell

_DOT = "·"
"""Shown for zero."""


def _number(row: UserRow) -> str:
    return f"{len(row.permissions)}" if row.permissions else _DOT


LOGIN = RecordColumn[UserRow]("login", "User", 16, lambda row: cell(row.login), grow=1)
ROLES = RecordColumn[UserRow]("roles", "Roles", 24, lambda row: cell(", ".join(row.roles)), grow=2)
PERMISSIONS = RecordColumn[UserRow]("permissions", "Permissions", 12, lambda row: cell(_number(row)), justify="right")
ADDED = RecordColumn[UserRow]("added", "Added", 11, lambda row: cell(day(row.added_at)))

COLUMNS = (
    [LOGIN, ROLES, PERMISSIONS, ADDED],
    [
        RecordColumn[UserRow]("login", "User", 14, LOGIN.cell, grow=1),
        RecordColumn[UserRow]("roles", "Roles", 17, ROLES.cell, grow=1),
    ],
    [RecordColumn[UserRow]("login", "User", 10, LOGIN.cell, grow=1)],
)
"""Column sets, widest first; the first that fits is shown."""


class PeopleTable(RecordTable[UserRow]):
    """The table of people, by login."""

    EXPORTS = True

    HELP = (
        "Those who may sign in, by their accounts. Permissions is how many the roles of a person give together. Enter "
        "opens a person; F2 or just typing goes to Find."
    )


class PeopleScreen(ListScreen[UserRow]):
    """The list of people."""

    TITLE_TEXT = "People"
    ROUTE = People()
    HELP = (
        "Everybody who may sign in, with roles. Type a part of a name or of a role to narrow the list. Enter opens a "
        "person with the permissions that the roles give; the commands by which an administrator changes people stand "
        "there too."
    )
    LIST = "people"
    NOUN = "person"
    FINDS = "name or role"
    EMPTY = "There are no people."

    def make_table(self) -> PeopleTable:
        """The table of all people."""
        columns = fitting(COLUMNS, self.app.size.width)
        return PeopleTable(columns, self.source(self.memory.find), run=self.context.db.run)

    def source(self, find: str) -> UserSource:
        """The people that a text finds."""
        return UserSource(find)

    def fit_columns(self) -> None:
        """Show the columns that fit."""
        self.table.set_columns(fitting(COLUMNS, self.size.width))

    def route(self, row: UserRow) -> PersonRecord:
        """The person's record."""
        return PersonRecord(row.id)

    def left_out(self, row: UserRow) -> str:
        """Roles, number of permissions and time, as far as no column shows them."""
        shown = {column.key for column in self.table.record_columns}
        told = (
            ("roles", ", ".join(row.roles) or "no role"),
            ("permissions", counted(len(row.permissions), "permission")),
            ("added", f"added {clock_time(row.added_at)}"),
        )
        return " · ".join(text for key, text in told if key not in shown)

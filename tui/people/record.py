"""The record of one person: roles, the permissions that these give, and the commands that change them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, VerticalScroll
from textual.widgets import Static

from models.people import UserRow, person
from models.permissions import Permission
from tui.kit.changed_lines import changes_marked
from tui.kit.page import Frame
from tui.routes import PersonRecord, Route
from tui.text import moment, plain
from tui.themes import style_sheets

_FACTS: Final[Mapping[str, str]] = {"login": "User", "roles": "Roles", "access": "Access", "added": "Added"}
"""Labels of the facts of a person."""

_COMMANDS: Final[Mapping[str, str]] = {"set": "Change roles", "remove": "Remove", "add": "Let in again"}
"""Labels of the commands by which an administrator changes a person, by their second word."""


class PersonFacts(VerticalScroll):
    """The facts of a person; the arrows scroll them."""

    HELP = (
        "The roles of the person, and each permission that they give together with the roles that give it. The arrows "
        "scroll. An administrator changes people with the commands below."
    )

    def compose(self) -> ComposeResult:
        """A line each; those without a text are hidden."""
        for name, label in _FACTS.items():
            yield from self._line(name, label, "fact")
        yield Static("Permissions, with the roles", classes="person-heading", id="permissions")
        for permission in Permission:  # also those that the person does not have now: a role may give them later
            yield from self._line(permission, permission, "permission")
        yield Static("By command, for an administrator", classes="person-heading")
        for name, label in _COMMANDS.items():
            yield from self._line(name, label, "command")

    def _line(self, name: str, label: str, kind: str) -> ComposeResult:
        with HorizontalGroup(classes=f"person-line {kind}-line", id=f"{name}-line"):
            yield Static(label, classes="label")
            yield Static("", id=name, classes="person-text", markup=False)

    def tell(self, row: UserRow) -> None:
        """Show a person."""
        for name, text in _texts(row):
            self.query_one(f"#{name}", Static).update(plain(text))
            self.query_one(f"#{name}-line").set_class(not text, "hidden")
        self.query_one("#permissions").set_class(not row.permissions, "hidden")


def _texts(row: UserRow) -> Iterator[tuple[str, str]]:
    """The name and the text of each line; an empty text hides it."""
    yield "login", row.login
    yield "roles", ", ".join(row.roles) or "none"
    yield "access", "may sign in" if row.active else "removed; the history keeps the name"
    yield "added", moment(row.added_at)
    for permission in Permission:
        yield permission, ", ".join(row.given_by(permission))
    called = shlex.quote(row.login)  # the lines are copied into a shell
    yield "set", f"serialdock user set {called} --role ROLE" if row.active else ""
    yield "remove", f"serialdock user remove {called}" if row.active else ""
    yield "add", "" if row.active else f"serialdock user add {called} --role ROLE"


class PersonScreen(Frame[None]):
    """One person."""

    FOLLOWS = True
    FORGETS = True
    CSS_PATH = style_sheets("people")
    HELP = (
        "One person: the roles, and the permissions that they give. An administrator changes them with the commands "
        "that stand below. F3 goes back."
    )
    KEYS_FIRST: ClassVar[tuple[str, ...]] = ("leave", "actions", "help", "refresh")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "refresh", "Refresh", id="person.refresh", tooltip="Read the person again"),
    ]

    def __init__(self, row: UserRow) -> None:
        """Make the screen.

        Args:
            row: the person, just read.
        """
        super().__init__()
        self.person = row
        """The person as shown."""

    @property
    def gives_way(self) -> bool:
        """Always true: nothing is typed here."""
        return True

    def name_if_shown(self, route: Route[Any]) -> str:
        """The login if the route leads to this person, else an empty string."""
        return self.person.login if route == PersonRecord(self.person.id) else ""

    def compose_body(self) -> ComposeResult:
        """The facts."""
        yield PersonFacts()

    def on_mount(self) -> None:
        """Show the person; the arrows scroll."""
        self._show()
        self.query_one(PersonFacts).focus()

    def on_screen_resume(self) -> None:
        """Read the person again when this screen is in front again."""
        if self.is_mounted:
            self._refresh()

    def line_to_copy(self) -> list[str]:
        """The login, and the roles."""
        return [self.person.login, ", ".join(self.person.roles)]

    def _show(self) -> None:
        self.tell_title(self.person.login)
        self.query_one(PersonFacts).tell(self.person)

    def action_refresh(self) -> None:
        """Read the person again and redraw the whole screen."""
        self.say("")
        self.context.redraw()
        self._refresh()

    async def follow(self, *, marks: bool) -> None:
        """Show the person as it is now."""
        self.person = await self.read(person, self.person.id)
        with changes_marked(self, ".person-text", marks=marks):
            self._show()

    @work(exclusive=True, group="refresh")
    async def _refresh(self) -> None:
        with self.refusals_shown():
            await self.context.read_permissions()
            await self.follow(marks=False)
            self.renew_keys()

"""A command's session: opens the database, migrates it, signs the user in."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from models.database.connection import (
    call,
    connect,
    disconnect,
    open_database,
    snapshot,
    translated,
    units_committed,
)
from models.errors import BadValue, DatabaseTrouble, NotPermitted
from models.migrations import migrate, require_made
from models.ngrams import Indexing
from models.orders import DESCENDING, NamedOrder, Sorting, sorting_of
from models.paging import Keyed, RowSource
from models.people import act_for, sign_in
from models.permissions import Actor, Permission, looking, require
from tui.cli.output import Output
from tui.cli.parser import Argument, Opens, argument

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K", bound=Keyed)


PAGE: Final = 1_000
"""Rows of a list that are read at once."""


def sort_argument(orders: Sequence[NamedOrder]) -> Argument:
    """The option that orders a list by one of its columns; its value is a `Sorting`, or None."""

    def sorting(value: str) -> Sorting:
        try:
            return sorting_of(orders, value)
        except BadValue as refusal:  # a column that is none is a malformed command line, with its exit code
            raise ArgumentTypeError(refusal.message) from None

    columns = ", ".join(order.code for order in orders)
    return argument(
        "--sort", metavar="COLUMN", type=sorting, help=f"order by {columns}; COLUMN:{DESCENDING} turns it round"
    )


class PagedList(Protocol[R]):
    """A list that is read page by page."""

    def after(self, last: R | None, limit: int) -> Sequence[R]:
        """The rows behind one; the first ones for None, none at the end."""


class Session:
    """One command's work on an open database."""

    def __init__(self, database: Any, out: Output) -> None:
        self.database = database
        self.out = out
        self.migrations: list[str] = []
        """The migrations that ran when the database was opened."""
        self.notes: list[str] = []
        """Sentences about data that these migrations had to change."""
        self._actor: Actor | None = None

    @property
    def login(self) -> str | None:
        """The user for whom the command runs; None if nobody is signed in."""
        return self._actor.login if self._actor else None

    @property
    def actor(self) -> Actor:
        """The user for whom the command runs."""
        assert self._actor is not None, "the command opens the database as it is, so nobody is signed in"
        return self._actor

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a function of `models` on a working connection.

        Raises:
            SerialdockError
        """
        return call(self.database, function, *args, **kwargs)

    def index(self, *, most: int | None = None) -> None:
        """Write what the index of n-grams lacks.

        Args:
            most: segments that are written, else all.

        Raises:
            SerialdockError
        """
        show = self.out.progress() or (lambda what, done, total: None)
        indexing, whole = Indexing(self.actor, most=most), 0
        while self.run(indexing.step):
            whole = max(whole, indexing.left)
            show("Indexing", whole - indexing.left, whole + 1)
        show("Indexing", 1, 1)  # takes the line away

    def look(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a look-up of `models`, if the person may look.

        Raises:
            SerialdockError
        """
        return self.run(lambda: looking(self.actor, function, *args, **kwargs))

    def find(
        self, permission: Permission, to_do: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run the look-up of an operation whose permission is asked first, so that nobody else learns what there is.

        Args:
            permission: what the operation needs.
            to_do: as for `models.permissions.require`.

        Raises:
            SerialdockError
        """
        self.run(require, self.actor, permission, to_do)
        return self.run(function, *args, **kwargs)

    def pages(self, source: PagedList[R]) -> Iterator[Sequence[R]]:
        """A list page by page, each read after the last row of the one before, so that one page is in memory."""
        last = None
        while page := self.look(source.after, last, PAGE):  # by the last row: what comes meanwhile shifts no page
            yield page
            last = page[-1]

    def ordered(self, source: RowSource[K]) -> Iterator[Sequence[K]]:
        """A list in its order, page by page, all of it as it was at one moment.

        Raises:
            SerialdockError
        """
        # Counted and read at different moments, a list to which others add would lack as many rows at its end.
        connect(self.database)
        with translated(self.database), snapshot(self.database):
            total = self.look(source.count)
            for start in range(0, total, PAGE):
                yield self.look(source.fetch, start, PAGE)

    def sign_in(self, user: str | None) -> None:
        """Sign in the account of this process; an administrator may act for another user."""
        actor = self.run(sign_in)
        self._actor = actor if user is None else self.run(act_for, actor, user)


@contextmanager
def opened(url: str, user: str | None, out: Output, opens: Opens = Opens.MIGRATED) -> Iterator[Session]:
    """Open a database for a command, and close it afterwards.

    Args:
        url: as for `models.database.connection.open_database`.
        user: act with this user's permissions; None for the account of this process.
        out: the command's output.
        opens: whether the database is made and migrated first, or left to the command as it is.

    Raises:
        DatabaseTrouble: the database cannot be used.
        NotPermitted: the person was removed, or may not act for `user`.
    """
    # A mistyped path must make no new database, so only what may be the first write makes one.
    database = open_database(url, create=opens in (Opens.MADE, Opens.OWNED))
    session = Session(database, out)
    try:
        if opens is not Opens.AS_IT_IS:
            connect(database)
            if opens is Opens.MIGRATED:
                require_made(database)
            session.migrations = migrate(database, session.notes.append, is_asked=opens is Opens.OWNED)
        if opens is not Opens.AS_IT_IS or user is not None:
            # The owner of the tables need be no user of the program.
            with suppress(NotPermitted) if opens is Opens.OWNED and user is None else nullcontext():
                session.sign_in(user)
        before = units_committed()
        try:
            yield session
        except DatabaseTrouble as trouble:
            if units_committed() == before:  # nothing was changed: the command can be repeated as it is
                raise
            said = f"{trouble.what} What the command had changed before that is saved; look before you repeat it."
            raise type(trouble)(said, **trouble.details) from trouble
    finally:
        disconnect(database)

"""One import of a person: the open file, and what is staged of it, on a thread and a connection of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from models.errors import SerialdockError
from models.importing import staging
from models.importing.columns import Field, recognise
from models.importing.imports import (
    Imported,
    Staged,
    import_staged,
    last_imported,
    look,
    mapping_for,
    remember_mapping,
    stage,
    write_rejects,
)
from models.importing.table import FileTable, open_table
from models.station.preview import Stop
from tui.context import Context
from tui.terminal.database_thread import Calls

EXAMPLES: Final = 3
"""Values that are shown of a column."""

_LOOKED_THROUGH: Final = 200
"""Rows that examples are taken from."""

_TURN: Final = 0.0005
"""Seconds for which one thread may keep the interpreter from another while rows are read."""

_ENDS_IN: Final = 2.0
"""Seconds that the screen waits at most for the thread when it is left."""


class Opened(NamedTuple):
    """A file whose columns can be looked at."""

    table: FileTable
    mapping: dict[int, Field]
    """What each column is taken for."""
    is_remembered: bool
    """Whether somebody has mapped such a header before."""
    examples: list[list[str]]
    """The first different values of each column."""


class ImportWork:
    """Everything here runs on the import's own thread, so that look-ups and scans of other screens go on meanwhile."""

    def __init__(self, context: Context) -> None:
        self.db = Calls(context.database, context.actor, context.say_waiting, name="import")
        """The thread; what is staged can be read on it alone."""
        self._actor = context.actor
        self.opened: Opened | None = None
        """The file that was chosen last."""
        self.staged: Staged | None = None
        """What was read of it."""
        self.stop: Stop | None = None
        """Of the long work that is being done."""

    @property
    def table(self) -> FileTable:
        """The file."""
        assert self.opened is not None, "a file is chosen first"
        return self.opened.table

    async def open(self, path: str, sheet: str | None) -> Opened:
        """Open a file in place of the one before.

        `stop` shows how many bytes are looked through.

        Raises:
            SerialdockError: it cannot be read, or was stopped; the one before stays.
        """
        self.stop = Stop()
        try:
            with _often_interrupted():
                return await self.db.write(self._open, path, sheet, self.stop)
        finally:
            self.stop = None

    def _open(self, path: str, sheet: str | None, progress: Stop) -> Opened:
        table = open_table(path, sheet=sheet, progress=progress)
        try:
            mapping = mapping_for(table.header)
            opened = Opened(table, mapping, mapping != recognise(table.header), _examples(table))
        except BaseException:
            table.close()
            raise
        if self.opened is not None:
            self.opened.table.close()
        self.opened, self.staged = opened, None
        return opened

    async def stage(self, mapping: Mapping[int, Field], *, item: str | None, location: str | None) -> Staged:
        """Read and judge all rows; `stop` shows how far that is.

        Raises:
            SerialdockError: nothing is staged.
        """
        self.staged, self.stop = None, Stop()
        try:
            with _often_interrupted():
                self.staged = await self.db.write(
                    stage, self._actor, self.table, mapping, item=item, location=location, progress=self.stop
                )
        finally:
            self.stop = None
        return self.staged

    async def look(self) -> Staged:
        """Look again at what is staged.

        Raises:
            Changed: it is gone with a broken connection.
        """
        assert self.staged is not None, "rows are staged first"
        source, self.staged = self.staged.source, None
        self.staged = await self.db.run(look, source)
        return self.staged

    async def take(self, *, adds_quantity: bool) -> tuple[Imported, int | None]:
        """Import the good rows; `stop` shows how far that is.

        Returns:
            What was done, and the last serial.

        Raises:
            SerialdockError: nothing was written.
        """
        assert self.staged is not None, "rows are staged first"
        self.stop = Stop()
        try:
            with _often_interrupted():
                imported = await self.db.write(
                    import_staged, self._actor, self.staged.source, adds_quantity=adds_quantity, progress=self.stop
                )
        finally:
            self.stop = None
        last = None
        with suppress(SerialdockError):  # the import stands, whatever breaks behind it
            last = await self.db.run(last_imported)
        return imported, last

    async def remember(self, mapping: Mapping[int, Field]) -> None:
        """Keep the mapping for the next file with this header; without it, that one is mapped by hand again."""
        with suppress(SerialdockError):
            await self.db.write(remember_mapping, self._actor, self.table.header, mapping)

    async def warned(self, limit: int) -> list[staging.Warned]:
        """The first of the rows that have a warning; none where they are gone."""
        with suppress(SerialdockError):
            return await self.db.run(lambda: list(staging.warned(limit)))
        return []

    async def write_rejects(self, path: str | None = None) -> str | None:
        """Write the rows that were left out to a file; its path.

        Raises:
            SerialdockError: it cannot be written.
        """
        return await self.db.write(write_rejects, self.table, path)

    async def close(self) -> None:
        """Stop what is being done and close the connection, with which all that is staged goes."""
        if self.stop is not None:
            self.stop.wanted = True
        if await self.db.close(_ENDS_IN) and self.opened is not None:
            self.opened.table.close()


@contextmanager
def _often_interrupted() -> Iterator[None]:
    """Let the thread of the screen have its turn ten times as often: a key takes many, and rows are read in Python."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _examples(table: FileTable) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in table.header]
    for number, row in enumerate(table.rows()):
        if number == _LOOKED_THROUGH:
            break
        for values, cell in zip(found, row.cells, strict=False):
            if cell and len(values) < EXAMPLES and cell not in values:
                values.append(cell)
    return found

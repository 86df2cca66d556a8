"""The work of one import: the open file and its staged rows, on their own thread and database connection."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final, NamedTuple

from models.errors import Changed, SerialdockError, Stop
from models.importing import staging
from models.importing.choices import NOTHING_CHOSEN, Choices
from models.importing.columns import Field, Hint
from models.importing.imports import (
    Imported,
    Staged,
    import_staged,
    last_imported,
    proposed,
    remember_mapping,
    remembered,
    stage,
    staged_state,
    stored_mapping,
    write_rejects,
)
from models.importing.table import FileTable, open_table
from models.ngrams import Indexing
from tui.context import Context
from tui.terminal.database_thread import Calls, DatabaseThreadClosedError

EXAMPLES: Final = 3
"""Number of example values per column."""

_ROWS_SEARCHED: Final = 200
"""Number of rows searched for examples."""

_SWITCH_INTERVAL: Final = 0.0005
"""Interpreter switch interval in seconds while rows are read; see `_switching_often`."""

_CLOSE_TIMEOUT: Final = 2.0
"""Longest wait in seconds for the thread when the screen is closed."""


class Opened(NamedTuple):
    """An open file with the mapping of its columns."""

    table: FileTable
    mapping: dict[int, Field]
    """The field of each mapped column, by index."""
    is_remembered: bool
    """Whether the mapping comes from an earlier file with this header."""
    examples: list[list[str]]
    """The first different values of each column."""
    hints: Sequence[Hint] = ()
    """Decisions between columns, and columns left out because of their values."""


class ImportWork:
    """The steps of an import, run on its own thread, so that look-ups and scans elsewhere are not delayed."""

    def __init__(self, context: Context) -> None:
        self.db = Calls(context.database, context.actor, context.say_waiting, name="import")
        """The thread; staged rows belong to its connection and can only be read there."""
        self._actor = context.actor
        self.opened: Opened | None = None
        """The last chosen file."""
        self.choices = NOTHING_CHOSEN
        """The choices about that file."""
        self.values: dict[Field, dict[str, str]] = {}
        """Meanings of texts of the file, by folded text; see `parse_values`."""
        self.staged: Staged | None = None
        """Its staged rows; None before they are read."""
        self.stop: Stop | None = None
        """Progress of the current long work, and the way to stop it; None if there is none."""

    @property
    def table(self) -> FileTable:
        """The open file."""
        assert self.opened is not None, "a file is chosen first"
        return self.opened.table

    async def open(self, path: str, sheet: str | None, choices: Choices = NOTHING_CHOSEN) -> Opened:
        """Open a file in place of the previous one.

        `stop` counts the bytes examined; the choices become those of this import.

        Raises:
            SerialdockError: it cannot be read, or was stopped; the previous file stays open.
        """
        self.stop = Stop()
        try:
            with _switching_often():
                return await self.db.write(self._open, path, sheet, choices, self.stop)
        finally:
            self.stop = None

    def _open(self, path: str, sheet: str | None, choices: Choices, progress: Stop) -> Opened:
        table = open_table(path, sheet=sheet, choices=choices, recall=remembered, progress=progress)
        try:
            opened = _with_mapping(table)
        except BaseException:  # nobody else knows of the file yet, so nobody else would close it
            table.close()
            raise
        if self.opened is not None:
            self.opened.table.close()
        self.opened, self.staged, self.choices, self.values = opened, None, choices, {}
        return opened

    async def take_header(self, number: int) -> Opened:
        """Take another row of the open file as its header, or none: `NO_HEADER`.

        Raises:
            SerialdockError: the row has no text, or the file was changed; the header stays.
        """
        self.opened = await self.db.write(self._take_header, number)
        self.staged, self.choices = None, replace(self.choices, header_row=number)
        return self.opened

    def _take_header(self, number: int) -> Opened:
        self.table.take_header(number, remembered)
        return _with_mapping(self.table)

    async def stage(self, mapping: Mapping[int, Field], *, item: str | None, location: str | None) -> Staged:
        """Read, check and stage all rows; `stop` shows the progress.

        Raises:
            SerialdockError: nothing is staged.
        """
        self.staged, self.stop = None, Stop()  # the temporary table is made anew, whatever comes of it
        try:
            with _switching_often():
                self.staged = await self.db.write(
                    stage,
                    self._actor,
                    self.table,
                    mapping,
                    item=item,
                    location=location,
                    choices=self.choices,
                    values=self.values,
                    progress=self.stop,
                )
        finally:
            self.stop = None
        return self.staged

    async def look(self) -> Staged:
        """Read the current counts of the staged rows, after a refused import.

        Raises:
            Changed: they were lost with a broken connection.
        """
        assert self.staged is not None, "rows are staged first"
        source, self.staged = self.staged.source, None  # if the look fails, there is nothing to import
        self.staged = await self.db.run(staged_state, source)
        return self.staged

    async def take(self, *, adds_quantity: bool) -> tuple[Imported, int | None]:
        """Import the good rows; `stop` shows the progress.

        Returns:
            The result, and the id of the last imported serial; None if that cannot be read.

        Raises:
            SerialdockError: nothing was written.
        """
        assert self.staged is not None, "rows are staged first"
        self.stop = Stop()
        try:
            with _switching_often():
                imported = await self.db.write(
                    import_staged, self._actor, self.staged.source, adds_quantity=adds_quantity, progress=self.stop
                )
        finally:
            self.stop = None
        last = None
        with suppress(SerialdockError):  # the import is committed, so a failure here must not hide it
            last = await self.db.run(last_imported)
        return imported, last

    async def index(self) -> None:
        """Write the index of n-grams for what was imported; what is left when the screen closes, Find writes."""
        indexing = Indexing(self._actor)
        with suppress(SerialdockError, DatabaseThreadClosedError), _switching_often():
            while await self.db.write(indexing.step):
                pass

    async def remember(self, mapping: Mapping[int, Field]) -> None:
        """Store mapping and choices for the next file with this header; a failure only means choosing them again."""
        with suppress(SerialdockError):
            usual = (await self.db.run(proposed, self.table)).mapping
            await self.db.write(remember_mapping, self._actor, self.table.header, mapping, self.choices, usual=usual)

    async def warned(self, limit: int) -> list[staging.Warned]:
        """The first staged rows with a warning; empty if they cannot be read."""
        with suppress(SerialdockError):
            return await self.db.run(lambda: list(staging.warned(limit)))
        return []

    async def write_rejects(self, path: str | None = None) -> str | None:
        """Write the rows that were left out to a file and return its path.

        Raises:
            SerialdockError: it cannot be written.
        """
        try:
            return await self.db.write(write_rejects, self.table, path)
        except Changed as lost:
            raise Changed(
                "The rows that were left out were lost with the line to the database. Import the file again: the same "
                "rows are left out."
            ) from lost

    async def close(self) -> None:
        """Stop the current work and close the connection, which drops the staged rows."""
        if self.stop is not None:
            self.stop.wanted = True
        # A thread that is still busy reads the file; it is closed with the process then.
        if await self.db.close(_CLOSE_TIMEOUT) and self.opened is not None:
            self.opened.table.close()


_intervals: list[float] = []
"""The interval before, once for each that has it changed: the index may be written while another file is chosen."""


@contextmanager
def _switching_often() -> Iterator[None]:
    """Switch threads ten times as often while rows are read in Python: handling a key takes many turns."""
    _intervals.append(_intervals[0] if _intervals else sys.getswitchinterval())
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        usual = _intervals.pop()
        if not _intervals:
            sys.setswitchinterval(usual)


def _with_mapping(table: FileTable) -> Opened:
    usual, stored = proposed(table), stored_mapping(table.header)
    if stored is None:
        return Opened(table, usual.mapping, False, _examples(table), usual.hints)
    return Opened(table, stored, stored != usual.mapping, _examples(table))


def _examples(table: FileTable) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in table.header]
    for number, row in enumerate(table.rows()):
        if number == _ROWS_SEARCHED:
            break
        for values, cell in zip(found, row.cells, strict=False):
            if cell and len(values) < EXAMPLES and cell not in values:
                values.append(cell)
    return found
